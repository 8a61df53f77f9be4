package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The version catalogs of a Gradle build ({@code gradle/libs.versions.toml}): which names stand for which libraries, plugins and versions. */
final class GradleCatalog {
    private final Map<String, Document> catalogs = new LinkedHashMap<>();

    static GradleCatalog of(Project project, String folder) {
        GradleCatalog catalog = new GradleCatalog();
        String gradle = Project.join(folder, "gradle");
        for (String name : project.in(gradle)) {
            if (name.endsWith(".versions.toml")) {
                project.toml(Project.join(gradle, name)).ifPresent(d -> catalog.catalogs.put(name.substring(0, name.indexOf('.')), d));
            }
        }
        return catalog;
    }

    List<String> files() {
        return catalogs.values().stream().map(Document::file).toList();
    }

    /** The id that {@code libs.plugins.<accessor>} stands for. */
    Optional<String> plugin(String catalog, String accessor) {
        Document d = catalogs.get(catalog);
        return key(d, "plugins", accessor).map(k -> {
            String id = d.text("plugins", k, "id");
            return (id.isEmpty() ? d.text("plugins", k) : id).split(":")[0];
        }).filter(id -> !id.isEmpty());
    }

    /** What {@code libs.<accessor>} or {@code libs.bundles.<accessor>} stands for, as {@code group:artifact}. */
    List<String> libraries(String catalog, String accessor) {
        Document d = catalogs.get(catalog);
        if (d == null) {
            return List.of();
        }
        if (accessor.startsWith("bundles.")) {
            List<String> names = new ArrayList<>();
            key(d, "bundles", accessor.substring(8)).ifPresent(k -> d.texts("bundles", k).forEach(l -> library(d, l).ifPresent(names::add)));
            return names;
        }
        return key(d, "libraries", accessor).flatMap(k -> library(d, k)).map(List::of).orElse(List.of());
    }

    private static Optional<String> library(Document d, String key) {
        String module = d.text("libraries", key, "module");
        if (module.isEmpty()) {
            String group = d.text("libraries", key, "group");
            module = group.isEmpty() ? d.text("libraries", key) : group + ":" + d.text("libraries", key, "name");
        }
        String[] parts = module.split(":");
        return parts.length < 2 ? Optional.empty() : Optional.of(parts[0] + ":" + parts[1]);
    }

    /** The version that {@code libs.versions.<accessor>} stands for. */
    Optional<String> version(String catalog, String accessor) {
        Document d = catalogs.get(catalog);
        return key(d, "versions", accessor).map(k -> {
            for (String part : List.of("strictly", "require", "prefer")) {
                if (!d.text("versions", k, part).isEmpty()) {
                    return d.text("versions", k, part);
                }
            }
            return d.text("versions", k);
        }).filter(v -> !v.isEmpty());
    }

    /** The version of the plugin with this id, in any catalog; a plugin may also be there as the library that brings it. */
    Optional<String> pluginVersion(String idOrModule) {
        for (Document d : catalogs.values()) {
            for (String table : List.of("plugins", "libraries")) {
                for (String key : d.keys(table)) {
                    String name = table.equals("plugins") ? d.text(table, key, "id") : library(d, key).orElse("");
                    if (name.equals(idOrModule)) {
                        String reference = d.text(table, key, "version", "ref");
                        String version = reference.isEmpty() ? d.text(table, key, "version") : d.text("versions", reference);
                        return Optional.of(version).filter(v -> !v.isEmpty());
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Gradle writes dots where a catalog's keys have dashes, underscores or dots. */
    private static Optional<String> key(Document d, String table, String accessor) {
        return d == null ? Optional.empty() : d.keys(table).stream().filter(k -> accessor(k).equals(accessor)
                || accessor.startsWith(accessor(k) + ".get") || accessor.equals(accessor(k) + ".asProvider")).findFirst();
    }

    private static String accessor(String key) {
        return key.replace('-', '.').replace('_', '.');
    }
}
