package lib.scan;

//FILES data/=../../data/services.yaml

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What {@code data/services.yaml} says. Knows no project. */
record ServiceCatalog(List<String> containers, List<String> sqlite, List<Kind> kinds) {

    /** One service; the file explains the fields. */
    record Kind(String name, List<String> images, int port, boolean isSql, List<String> clients, List<String> embedded, Pattern mentions, Pattern variables,
            List<String> schemes, String scheme, Map<String, String> roles, Map<String, String> defaults, Map<String, String> settings) {

        /** Of a repository such as {@code docker.io/library/postgres} the last part. */
        boolean isImage(String repository) {
            return images.contains(Project.nameOf(repository).toLowerCase(java.util.Locale.ROOT));
        }

        boolean hasScheme(String url) {
            String scheme = url.replaceFirst("://.*$", "").replaceFirst("\\+.*$", "");
            return url.contains("://") && schemes.contains(scheme);
        }
    }

    private static ServiceCatalog loaded;

    static synchronized ServiceCatalog load() {
        if (loaded == null) {
            try (InputStream in = ServiceCatalog.class.getResourceAsStream("/data/services.yaml")) {
                loaded = parse(Parsers.YamlReader.parseAll("services.yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8)).get(0));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Parsers.Malformed e) {
                throw new IllegalStateException("data/services.yaml: " + e.getMessage(), e);
            }
        }
        return loaded;
    }

    private static ServiceCatalog parse(Document file) {
        List<Kind> kinds = new ArrayList<>();
        for (String name : file.keys("services")) {
            kinds.add(new Kind(name, file.texts("services", name, "images"), Integer.parseInt(file.text("services", name, "port")),
                    file.at("services", name, "sql").asBoolean(), file.texts("services", name, "clients"), file.texts("services", name, "embedded"),
                    Pattern.compile(file.text("services", name, "mentions"), Pattern.MULTILINE), Pattern.compile(file.text("services", name, "variables")),
                    file.texts("services", name, "schemes"), file.text("services", name, "scheme"), map(file, name, "roles"), map(file, name, "defaults"),
                    map(file, name, "settings")));
        }
        return new ServiceCatalog(file.texts("containers"), file.texts("sqlite"), List.copyOf(kinds));
    }

    private static Map<String, String> map(Document file, String name, String key) {
        Map<String, String> map = new LinkedHashMap<>();
        file.keys("services", name, key).forEach(k -> map.put(k, file.text("services", name, key, k)));
        return map;
    }

    /** The dependency that one of the names stands for: as it is, with extras or a version behind it, or below a module path; {@code *} ends a prefix. */
    static Optional<String> find(Iterable<String> dependencies, List<String> names) {
        for (String dependency : dependencies) {
            String plain = dependency.replaceFirst("[\\[ <>=~!;].*$", "");
            for (String name : names) {
                boolean prefix = name.endsWith("*");
                if (plain.equals(name) || prefix && plain.startsWith(name.substring(0, name.length() - 1))
                        || name.contains(".") && name.contains("/") && plain.startsWith(name + "/")) {
                    return Optional.of(dependency);
                }
            }
        }
        return Optional.empty();
    }
}
