package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Java and Kotlin, by Maven or Gradle. Decides the language by the sources, and which build leads where a folder has both.
 *
 * <p>What the two builds have in common is here: wrappers, sources, tests.
 */
final class JvmLanguage implements Language {
    private static final Set<String> SOURCES = Set.of("java", "kt", "scala", "groovy", "clj", "cljc");
    private static final Pattern MAIN = Pattern.compile("(?:^|/)src/(?:main|[a-z]*Main)/");
    private static final Pattern TEST = Pattern.compile("(?:^|/)(?:src/(?:[^/]*[tT]est[^/]*|it)|tests?)/");

    @Override
    public List<Component> detect(Project project) {
        List<Component> maven = new MavenBuild(project).components();
        List<Component> gradle = new GradleBuild(project).components();
        List<Component> components = new ArrayList<>();
        Set<String> dropped = new LinkedHashSet<>();
        for (Component m : maven) {
            for (Component g : gradle) {
                if (isRoot(m) && isRoot(g) && m.path().equals(g.path())) {
                    choose(project, m, g).ifPresent(c -> dropped.add(c.packageManager().id() + " " + c.path()));
                }
            }
        }
        List.of(maven, gradle).forEach(list -> list.stream().filter(c -> !dropped.contains(c.packageManager().id() + " " + unit(c)))
                .forEach(components::add));
        return components;
    }

    /** Clojure projects keep a pom.xml for publishing; it builds them only where a plugin of it knows Clojure. */
    static boolean isMavenForClojure(Project project, String folder) {
        String pom = project.text(Project.join(folder, "pom.xml")).orElse("");
        return pom.contains("clojure-maven-plugin") || pom.contains("<artifactId>pom.contrib</artifactId>");
    }

    @Override
    public List<String> looksFor() {
        return List.of("pom.xml", "settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts");
    }

    private static boolean isRoot(Component c) {
        return !c.isWorkspaceMember();
    }

    private static String unit(Component c) {
        return c.workspace() == null ? c.path() : c.workspace().root();
    }

    /** Two builds of one folder: the one with a wrapper is the one that is used; both are kept only when both have one. */
    private static Optional<Component> choose(Project project, Component maven, Component gradle) {
        boolean m = maven.packageManager().evidence().rule().equals("wrapper");
        boolean g = gradle.packageManager().evidence().rule().equals("wrapper");
        Component dropped = m && g ? null : g ? maven : gradle;
        Component kept = dropped == maven ? gradle : maven;
        project.report(Finding.info("two-build-tools", (maven.path().equals(".") ? "The project" : maven.path()) + " can be built by Maven and by Gradle; "
                + (dropped == null ? "both have a wrapper, Maven leads" : kept.packageManager().id() + " is taken: "
                + (m || g ? "it has a wrapper" : "neither has a wrapper")),
                "remove the build that is no longer used", maven.packageManager().evidence(), gradle.packageManager().evidence()));
        return Optional.ofNullable(dropped);
    }

    // --- sources ---

    /** The language of most sources below the folder; tests decide where the others don't. */
    static String ecosystem(Project project, String folder, String otherwise) {
        Map<String, Integer> main = new LinkedHashMap<>();
        Map<String, Integer> tests = new LinkedHashMap<>();
        for (String file : project.under(folder)) {
            String extension = file.substring(file.lastIndexOf('.') + 1);
            if (SOURCES.contains(extension) && !file.endsWith("module-info.java") && !file.endsWith("package-info.java")) {
                String language = extension.equals("kt") ? "kotlin" : extension.equals("scala") ? "scala" : extension.startsWith("clj") ? "clojure" : "java";
                (isTest(file) ? tests : main).merge(language, 1, Integer::sum);
            }
        }
        List<String> best = leading(main);
        if (best.size() > 1) {
            tests.keySet().retainAll(best);
        }
        if (best.size() != 1 && !tests.isEmpty()) {
            best = leading(tests);
        }
        return best.isEmpty() ? otherwise : best.get(0);
    }

    private static List<String> leading(Map<String, Integer> counts) {
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        return counts.entrySet().stream().filter(e -> e.getValue() == most).map(Map.Entry::getKey).sorted().toList();
    }

    /** A source file below a folder such as {@code src/test}, {@code src/integrationTest}, {@code src/jvmTest}. */
    static boolean isTest(String file) {
        return !MAIN.matcher(file).find() && TEST.matcher(file).find();
    }

    static boolean isSource(String file) {
        return SOURCES.contains(file.substring(file.lastIndexOf('.') + 1));
    }

    /** Sources that are the folder's own: below {@code src}, or beside the manifest. */
    static boolean hasSources(Project project, String folder) {
        String src = Project.join(folder, "src");
        return project.under(src).stream().anyMatch(JvmLanguage::isSource)
                || project.in(folder).stream().anyMatch(n -> isSource(n) && !n.endsWith(".gradle"));
    }

    static Optional<String> firstSource(Project project, String folder) {
        return project.under(folder).stream().filter(JvmLanguage::isSource).findFirst();
    }

    static Optional<String> firstTest(Project project, String folder) {
        return project.under(folder).stream().filter(f -> isSource(f) && isTest(f)).findFirst();
    }

    /** A manifest that is material of another build's sources or tests, and starts no build of its own. */
    static boolean isResource(Project project, String file) {
        String folder = Project.folderOf(file);
        int src = ("/" + folder + "/").indexOf("/src/");
        if (src < 0) {
            return false;
        }
        String above = src == 0 ? "." : folder.substring(0, src - 1);
        return VersionFiles.upwards(above).stream().anyMatch(f -> project.first(f, "pom.xml", "build.gradle", "build.gradle.kts", "build.sbt",
                "project.clj", "deps.edn").isPresent());
    }

    // --- wrappers ---

    /**
     * The script that brings the right version of the build tool.
     *
     * @param script path from the root; empty where there is none that works
     * @param version of the build tool, as its properties say, or empty
     * @param path how the script is called from the component's folder
     */
    record Wrapper(String script, String properties, String version, String path) {
        private static final Pattern VERSION = Pattern.compile("(?:apache-maven|gradle|maven-mvnd)-(\\d[\\w.-]*?)(?:-bin|-all)?\\.zip");

        /** The nearest, from the folder upwards: a wrapper works for all folders below it. */
        static Wrapper find(Project project, String folder, String name, String properties) {
            String up = "./";
            for (String at : VersionFiles.upwards(folder)) {
                String script = Project.join(at, name);
                String file = Project.join(at, properties);
                if (project.exists(script) && project.exists(file)) {
                    String text = project.text(file).orElse("");
                    Matcher version = VERSION.matcher(text);
                    return new Wrapper(script, file, version.find() ? version.group(1) : "", up + name);
                }
                up = up.equals("./") ? "../" : up + "../";
            }
            return new Wrapper("", "", "", "");
        }

        boolean isThere() {
            return !script.isEmpty();
        }

        /** The wrapper's version, else the one that a version file pins for an installed tool. */
        String version(Project project, String folder, String tool) {
            return version.isEmpty() ? VersionFiles.find(project, folder, tool).map(VersionFiles.Pin::version).orElse("") : version;
        }

        String command(String installed) {
            return isThere() ? path : installed;
        }

        Evidence evidence(String manifest) {
            return isThere() ? Evidence.of(properties, "wrapper") : Evidence.of(manifest, "manifest");
        }

        /** Git keeps the executable bit, unless the wrapper was committed on a system without one: then it is made executable. */
        void prepare(Project project, Component.Builder component, String tool, String manifest) {
            if (properties.isEmpty()) {
                project.report(Finding.info("no-wrapper", "there is no wrapper: whatever " + tool + " the runner has is called",
                        tool.equals("mvn") ? "mvn wrapper:wrapper" : "gradle wrapper", Evidence.of(manifest, "manifest")));
            }
            if (isThere() && !project.isExecutable(script)) {
                Evidence evidence = Evidence.of(script, "wrapper-not-executable");
                component.command(CommandKind.INSTALL, Command.certain("chmod +x " + path.replaceFirst("^\\./", ""), evidence));
                project.report(Finding.info("wrapper-not-executable", script + " is not executable; the pipeline makes it so first",
                        "git update-index --chmod=+x " + Shell.word(script), evidence));
            }
        }
    }
}
