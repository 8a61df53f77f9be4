package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One project.clj of Leiningen. Knows the file, not what is to be done with it. */
final class LeinProject {
    final String file;
    final String folder;
    /** lein-sub runs its tasks in all members */
    final boolean goesThrough;
    private final Project project;
    private final List<?> form;

    private LeinProject(Project project, String file, List<?> form) {
        this.project = project;
        this.file = file;
        this.folder = Project.folderOf(file);
        this.form = form;
        this.goesThrough = plugins().containsKey("lein-sub") && !sub().isEmpty();
    }

    static Optional<LeinProject> read(Project project, String file) {
        return project.text(file).flatMap(text -> Edn.parse(text).stream().filter(f -> f instanceof List<?> list && list.size() > 2
                && list.get(0).toString().equals("defproject")).findFirst()).map(f -> new LeinProject(project, file, Edn.list(f)));
    }

    /** {@code group/artifact}; a lone name is group and artifact at once. */
    String name() {
        return form.get(1).toString();
    }

    Object get(String key) {
        return Edn.get(form, key);
    }

    /** Values of the key at the top and in profiles, the top's first. */
    private List<Object> everywhere(String key) {
        List<Object> found = new ArrayList<>(Edn.list(get(key)));
        Edn.map(get(":profiles")).values().forEach(p -> found.addAll(Edn.list(Edn.get(p, key))));
        return found;
    }

    /** Names of plugins, with their places. */
    Map<String, Evidence> plugins() {
        return coordinates(":plugins", "lein-plugin");
    }

    Map<String, Evidence> dependencies() {
        return coordinates(":dependencies", "lein-dependency");
    }

    private Map<String, Evidence> coordinates(String key, String rule) {
        Map<String, Evidence> found = new LinkedHashMap<>();
        for (Object each : everywhere(key)) {
            if (each instanceof List<?> coordinate && !coordinate.isEmpty()) {
                String name = coordinate.get(0).toString();
                found.putIfAbsent(name, evidence(name, rule));
            }
        }
        return found;
    }

    /** Aliases with the words that they stand for. */
    Map<String, List<String>> aliases() {
        Map<String, List<String>> found = new LinkedHashMap<>();
        List<Object> maps = new ArrayList<>(List.of(Edn.map(get(":aliases"))));
        Edn.map(get(":profiles")).values().forEach(p -> maps.add(Edn.map(Edn.get(p, ":aliases"))));
        maps.forEach(m -> Edn.map(m).forEach((name, words) -> {
            if (name instanceof String alias) {
                found.putIfAbsent(alias, words instanceof List<?> list ? list.stream().map(Object::toString).toList() : List.of(words.toString()));
            }
        }));
        return found;
    }

    /** Folders, from the project's root, that lein-sub goes through. */
    List<String> sub() {
        return Edn.list(get(":sub")).stream().flatMap(s -> Project.resolve(folder, s.toString()).stream()).toList();
    }

    boolean hasTests() {
        List<String> paths = new ArrayList<>();
        everywhere(":test-paths").forEach(p -> paths.add(p.toString()));
        if (paths.isEmpty()) {
            paths.add("test");
        }
        return paths.stream().flatMap(p -> Project.resolve(folder, p).stream()).anyMatch(p -> project.under(p).stream().anyMatch(f -> f.matches(".*\\.cljc?")));
    }

    boolean hasSources() {
        return project.under(Project.join(folder, "src")).stream().anyMatch(f -> f.matches(".*\\.clj[cs]?"));
    }

    /** Levels of Java that it compiles Java sources for. */
    List<JdkVersion.Level> levels() {
        List<JdkVersion.Level> levels = new ArrayList<>();
        List<Object> options = everywhere(":javac-options");
        Set<String> names = new LinkedHashSet<>(List.of("-target", "-source", "--release"));
        for (int i = 0; i + 1 < options.size(); i++) {
            int major = names.contains(options.get(i).toString()) ? JdkVersion.major(options.get(i + 1).toString()) : 0;
            if (major > 0) {
                levels.add(new JdkVersion.Level(major, evidence(":javac-options", "javac-options")));
            }
        }
        return levels;
    }

    Evidence evidence(String text, String rule) {
        return new Evidence(file, project.lineOf(file, text), rule);
    }
}
