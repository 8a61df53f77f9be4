package lib.scan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One package.json as it is written. Knows its fields; judges nothing.
 *
 * @param name as declared, or empty
 * @param section where the scripts stand: {@code scripts}, or {@code tasks} of a deno.json, which is read by {@link DenoLanguage}
 * @param scripts name to text, in the file's order
 * @param dependencies name to what the manifest asks for, of all four lists
 */
record NodePackage(String folder, Document manifest, String name, String section, Map<String, String> scripts, Map<String, String> dependencies) {
    /** Nobody writes a longer script; a longer one is there to be slow to read. */
    private static final int MAX_TEXT = 10_000;
    private static final List<String> LISTS = List.of("dependencies", "devDependencies", "optionalDependencies", "peerDependencies");

    static Optional<NodePackage> read(Project project, String file) {
        Optional<Document> parsed = project.json(file);
        if (parsed.isEmpty() || !parsed.get().root().isObject()) {
            return Optional.empty();
        }
        Document manifest = parsed.get();
        Map<String, String> scripts = new LinkedHashMap<>();
        for (String name : manifest.keys("scripts")) {
            String text = manifest.text("scripts", name);
            if (!text.isEmpty()) {
                text = text.equals("wireit") ? wireit(manifest, name) : text;
                scripts.put(name, text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text);
            }
        }
        Map<String, String> dependencies = new LinkedHashMap<>();
        for (String list : LISTS) {
            manifest.keys(list).forEach(d -> dependencies.putIfAbsent(d, manifest.text(list, d)));
        }
        return Optional.of(new NodePackage(Project.folderOf(file), manifest, manifest.text("name"), "scripts", scripts, dependencies));
    }

    /** Wireit moves a script's command into a section of its own and adds the scripts that it needs. */
    private static String wireit(Document manifest, String name) {
        List<String> parts = new ArrayList<>();
        for (JsonNode need : manifest.at("wireit", name, "dependencies")) {
            String script = need.isTextual() ? need.asText() : need.path("script").asText("");
            if (!script.isEmpty() && !script.contains(":") && !script.contains("#")) {
                parts.add("npm run " + script);
            }
        }
        if (manifest.has("wireit", name, "command")) {
            parts.add(manifest.text("wireit", name, "command"));
        }
        return String.join(" && ", parts);
    }

    String file() {
        return manifest.file();
    }

    boolean has(String dependency) {
        return dependencies.containsKey(dependency);
    }

    /** As {@link #has}, but for what is only expected of others ({@code peerDependencies}) and may not be there. */
    boolean installs(String dependency) {
        return LISTS.subList(0, 3).stream().anyMatch(l -> manifest.has(l, dependency));
    }

    boolean hasAny(String... names) {
        return List.of(names).stream().anyMatch(this::has);
    }

    boolean isPrivate() {
        return manifest.at("private").asBoolean();
    }

    record Engine(String name, String version) {}

    /** {@code devEngines}: one engine of that kind or a list of them. */
    List<Engine> engines(String kind) {
        JsonNode node = manifest.at("devEngines", kind);
        List<Engine> engines = new ArrayList<>();
        for (JsonNode each : node.isArray() ? node : List.of(node)) {
            engines.add(new Engine(each.path("name").asText("").strip(), each.path("version").asText("").strip()));
        }
        return engines;
    }

    Evidence script(String name) {
        return manifest.evidence(section.equals("tasks") ? "deno-task" : "npm-script", section, name);
    }

    Evidence dependency(String name) {
        String list = LISTS.stream().filter(l -> manifest.has(l, name)).findFirst().orElse("dependencies");
        return manifest.evidence("npm-dependency", list, name);
    }

    /** What npm would hand to others: files or an entry point that the manifest names. */
    boolean isPublishable() {
        return !isPrivate() && !name.isEmpty() && manifest.has("version")
                && (manifest.has("publishConfig") || manifest.has("files") || manifest.has("exports") || manifest.has("bin") || manifest.has("main")
                        || manifest.has("module"));
    }

    /** Only says how files beside it are read ({@code "type": "commonjs"}), or where a part of a package is: no package. */
    boolean isMarker() {
        return scripts.isEmpty() && dependencies.isEmpty() && !manifest.has("workspaces") && (name.isEmpty() || !manifest.has("version"));
    }

    /** Names of dependencies that are those of the runtime, for what the package does rather than how it is made. */
    Set<String> own() {
        return Set.copyOf(manifest.keys("dependencies"));
    }
}
