package lib.scan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Runtime;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

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

/**
 * Which JDK a build runs on, from what is written down about it. Knows the version files and how JDK versions are written; knows
 * no build tool's files.
 *
 * <p>Three kinds of evidence, in this order: a version file pins the JDK; a toolchain says which JDK compiles and tests, so that it is
 * the one to install when the build tool itself can run on it; a source level is only the oldest that will do.
 */
final class JdkVersion {
    private static final Pattern NUMBER = Pattern.compile("(?:^|[-_])(\\d+(?:\\.\\d+){0,2})");
    private static final Pattern GRAAL = Pattern.compile("java(\\d+)|\\.r(\\d+)-");
    private static final Pattern LEVEL = Pattern.compile("(?:1[._])?(\\d{1,2})(?:\\.\\d+)*");

    private JdkVersion() {}

    /** A version of the JDK that something asks for. */
    record Level(int major, Evidence evidence) {

        static Optional<Level> highest(Collection<Level> levels) {
            return levels.stream().max(Comparator.comparingInt(Level::major));
        }
    }

    /** Lowest and first too high version; 0 where there is no such bound. */
    record Bounds(int from, int below) {
        static final Bounds NONE = new Bounds(0, 0);

        Bounds and(Bounds other) {
            return new Bounds(Math.max(from, other.from), below == 0 || other.below == 0 ? below + other.below : Math.min(below, other.below));
        }

        boolean allows(int major) {
            return major >= from && (below == 0 || major < below);
        }

        String range() {
            String low = from > 0 ? ">=" + from : "";
            return below == 0 ? low : (low + " <" + below).strip();
        }
    }

    /**
     * The JDK of a component.
     *
     * @param toolchain null where the project names none
     * @param level null where the project names none
     * @param tool what the build tool and its plugins can run on
     * @param fallback where to point at when nothing tells the JDK
     */
    static Runtime of(Project project, String folder, Level toolchain, Level level, Bounds tool, Evidence fallback) {
        Optional<Runtime> pinned = pinned(project, folder);
        Level asked = toolchain != null ? toolchain : level;
        if (pinned.isPresent()) {
            int major = major(pinned.get().version());
            if (level != null && toolchain == null && major < level.major) {
                project.report(Finding.warning("jdk-contradiction", pinned.get().evidence().file() + " pins JDK " + pinned.get().version()
                        + ", but the build compiles for Java " + level.major, "raise the pin or lower the level",
                        pinned.get().evidence(), level.evidence));
            } else if (!tool.allows(major)) {
                project.report(Finding.warning("jdk-contradiction", pinned.get().evidence().file() + " pins JDK " + pinned.get().version()
                        + ", but the build tool runs on " + tool.range(), "pin another JDK or another version of the build tool",
                        pinned.get().evidence(), fallback));
            }
            return pinned.get();
        }
        if (toolchain != null && tool.allows(toolchain.major)) {
            return new Runtime("java", String.valueOf(toolchain.major), "", "", toolchain.evidence);
        }
        Bounds bounds = level == null || toolchain != null ? tool : tool.and(compiles(level.major));
        if (bounds.below > 0 && bounds.from >= bounds.below) {
            project.report(Finding.warning("jdk-contradiction", "the project asks for Java " + bounds.from + ", but its build tool runs on no JDK from "
                    + bounds.below + " on", "raise the version of the build tool, or let a toolchain compile", asked == null ? fallback : asked.evidence,
                    fallback));
            bounds = tool;
        }
        return new Runtime("java", "", bounds.range(), "", asked == null ? fallback : asked.evidence);
    }

    /** The JDKs whose compiler still takes this source level. */
    static Bounds compiles(int level) {
        return new Bounds(level, level >= 8 ? 0 : level == 7 ? 20 : level == 6 ? 12 : 9);
    }

    /** The pin of a version file, nearest first. Only some of these files can be read by platforms' set-up steps. */
    static Optional<Runtime> pinned(Project project, String folder) {
        Optional<VersionFiles.Pin> file = VersionFiles.line(project, folder, ".java-version", "java-version").filter(p -> !plain(p.version()).isEmpty());
        if (file.isEmpty()) {
            file = sdkman(project, folder);
        }
        boolean readable = file.isPresent();
        if (file.isEmpty()) {
            file = VersionFiles.find(project, folder, "java").filter(p -> !plain(p.version()).isEmpty());
            readable = file.isPresent() && file.get().file().endsWith(".tool-versions");
        }
        String versionFile = readable ? file.get().file() : "";
        return file.map(p -> new Runtime("java", plain(p.version()), "", versionFile, p.evidence()));
    }

    private static Optional<VersionFiles.Pin> sdkman(Project project, String folder) {
        for (String at : VersionFiles.upwards(folder)) {
            String file = Project.join(at, ".sdkmanrc");
            List<String> lines = project.lines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                if (line.startsWith("java=") && !plain(line.substring(5)).isEmpty()) {
                    return Optional.of(new VersionFiles.Pin(line.substring(5).strip(), file, new Evidence(file, i + 1, "sdkmanrc")));
                }
            }
        }
        return Optional.empty();
    }

    /** {@code temurin-21.0.5+11.0.LTS} as {@code 21.0.5}, {@code 1.8} as {@code 8}; empty where no version stands. */
    static String plain(String text) {
        Matcher graal = GRAAL.matcher(text);
        if (graal.find()) {
            return graal.group(1) == null ? graal.group(2) : graal.group(1);
        }
        Matcher number = NUMBER.matcher(text.strip());
        if (!number.find()) {
            return "";
        }
        String version = number.group(1);
        return version.startsWith("1.") ? version.split("\\.")[1] : version;
    }

    /** {@code 17}, {@code 1.8}, {@code VERSION_1_8} or {@code 21.0.5} as a whole number; 0 where it is none. */
    static int major(String text) {
        Matcher level = LEVEL.matcher(text.strip().replaceFirst("^(?:JavaVersion\\.)?(?:VERSION_|JvmTarget\\.JVM_|JVM_)", ""));
        return level.matches() ? Integer.parseInt(level.group(1)) : 0;
    }

    /** The first interval of a Maven version range: {@code [17,)}, {@code [11,18)}; a plain version is a lower bound. */
    static Bounds mavenRange(String text) {
        Matcher interval = Pattern.compile("([\\[(])\\s*([\\d.]*)\\s*(,?)\\s*([\\d.]*)\\s*([\\])]).*").matcher(text.strip());
        if (!interval.matches()) {
            return new Bounds(major(text), 0);
        }
        int low = major(interval.group(2));
        if (interval.group(3).isEmpty()) {
            return new Bounds(low, low + 1);
        }
        int high = major(interval.group(4));
        // «,17]» lets 17.0 in only, «,17.999» and «,18)» all of 17: whole versions can say no more than «below 18».
        boolean openAtWhole = interval.group(5).equals(")") && !interval.group(4).matches("\\d+\\.\\d*[1-9]\\d*.*");
        return new Bounds(low, high == 0 ? 0 : openAtWhole ? high : high + 1);
    }

    /** The JDKs that this version of Gradle itself runs on (its compatibility matrix); unknown versions are not bounded. */
    static Bounds gradle(String version) {
        int[] v = numbers(version);
        if (v[0] == 0) {
            return Bounds.NONE;
        }
        int newest = 0;
        for (int[] row : GRADLE) {
            if (v[0] > row[0] || v[0] == row[0] && v[1] >= row[1]) {
                newest = row[2];
            }
        }
        // What came after the last row of the table may run on more than is known here.
        int[] last = GRADLE[GRADLE.length - 1];
        boolean known = v[0] < last[0] || v[0] == last[0] && v[1] <= last[1];
        return new Bounds(v[0] >= 9 ? 17 : 8, known && newest > 0 ? newest + 1 : 0);
    }

    /** First version of Gradle (major, minor) that runs on the JDK in the third place. */
    private static final int[][] GRADLE = {{2, 0, 8}, {4, 3, 9}, {4, 7, 10}, {5, 0, 11}, {5, 4, 12}, {6, 0, 13}, {6, 3, 14}, {6, 7, 15}, {7, 0, 16},
            {7, 3, 17}, {7, 5, 18}, {7, 6, 19}, {8, 3, 20}, {8, 5, 21}, {8, 8, 22}, {8, 10, 23}, {8, 14, 24}, {9, 1, 25}, {9, 4, 26}};

    /** The JDKs that this version of the Scala compiler runs on, of the long-term lines; unknown versions are not bounded. */
    static Bounds scala(String version) {
        int[] v = numbers(version);
        if (v[0] == 2 && v[1] == 13) {
            return new Bounds(8, v[2] >= 17 ? 0 : v[2] >= 11 ? 25 : v[2] >= 6 ? 21 : 17);
        }
        if (v[0] == 2 && v[1] == 12) {
            return new Bounds(8, v[2] >= 21 ? 0 : v[2] >= 18 ? 25 : v[2] >= 15 ? 21 : 17);
        }
        if (v[0] == 3 && v[1] <= 3) {
            return new Bounds(8, v[1] < 3 ? 21 : v[2] >= 6 ? 0 : v[2] >= 1 ? 25 : 21);
        }
        if (v[0] == 3) {
            return new Bounds(v[1] >= 8 ? 17 : 8, v[1] >= 8 || v[1] == 7 && v[2] >= 1 ? 0 : 25);
        }
        return v[0] == 2 ? new Bounds(8, 12) : Bounds.NONE;
    }

    /** The JDKs that sbt runs on: before 1.6 it needs what Java 18 took away, before 1.9 its own Scala can't read classes of Java 21. */
    static Bounds sbt(String version) {
        int[] v = numbers(version);
        if (v[0] == 0) {
            return Bounds.NONE;
        }
        return v[0] >= 2 ? new Bounds(17, 0) : new Bounds(8, v[1] < 6 ? 18 : v[1] < 9 ? 21 : 0);
    }

    /** Major, minor and patch of a version; 0 for what is not there. */
    static int[] numbers(String version) {
        Matcher m = Pattern.compile("^v?(\\d{1,4})(?:\\.(\\d{1,4}))?(?:\\.(\\d{1,4}))?").matcher(version);
        int[] numbers = new int[3];
        if (m.find()) {
            for (int i = 0; i < 3; i++) {
                numbers[i] = m.group(i + 1) == null ? 0 : Integer.parseInt(m.group(i + 1));
            }
        }
        return numbers;
    }
}
