package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Versions that {@code .tool-versions} (asdf) and {@code mise.toml} pin, in the component's folder or above it. */
public final class VersionFiles {

    /** @param file the path from the root that pins it */
    public record Pin(String version, String file, Evidence evidence) {}

    private VersionFiles() {}

    /** Nearest first, up to the root. @param keys as in the files: {@code nodejs}, {@code node} */
    public static Optional<Pin> find(Project project, String folder, String... keys) {
        for (String at : upwards(folder)) {
            String asdf = Project.join(at, ".tool-versions");
            List<String> lines = project.lines(asdf);
            for (int i = 0; i < lines.size(); i++) {
                String[] words = lines.get(i).strip().split("\\s+");
                if (words.length > 1 && List.of(keys).contains(words[0])) {
                    return Optional.of(new Pin(words[1], asdf, new Evidence(asdf, i + 1, "tool-versions")));
                }
            }
            for (String name : List.of("mise.toml", ".mise.toml")) {
                String file = Project.join(at, name);
                Optional<Document> mise = project.exists(file) ? project.toml(file) : Optional.empty();
                for (String key : keys) {
                    String version = mise.map(d -> d.texts("tools", key).stream().findFirst().orElse(d.text("tools", key, "version"))).orElse("");
                    if (!version.isEmpty()) {
                        return Optional.of(new Pin(version, file, mise.get().evidence("mise", "tools", key)));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The first line that says something of the nearest such file, from the folder up to the root. */
    public static Optional<Pin> line(Project project, String folder, String name, String rule) {
        for (String at : upwards(folder)) {
            String file = Project.join(at, name);
            List<String> lines = project.lines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                if (!line.isEmpty() && !line.startsWith("#")) {
                    return Optional.of(new Pin(line, file, new Evidence(file, i + 1, rule)));
                }
            }
        }
        return Optional.empty();
    }

    /** The folder and its parents, up to {@code .}. */
    public static List<String> upwards(String folder) {
        List<String> folders = new ArrayList<>();
        for (String at = folder; ; at = Project.folderOf(at)) {
            folders.add(at);
            if (at.equals(".")) {
                return folders;
            }
        }
    }
}
