package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a Meson project says of its languages, its tests and the libraries it needs, and the commands that follow. */
final class MesonProject {
    private static final Pattern PROJECT = Pattern.compile("^[ \\t]*project[ \\t]*\\(\\s*'([^']{1,100})'\\s*(,\\s*\\[?\\s*(?:'\\w{1,20}'\\s*,?\\s*){0,10})?");
    private static final Pattern TEST = Pattern.compile("^\\s*(test|gtest|benchmark)\\s*\\(");
    private static final Pattern DEPENDENCY = Pattern.compile("\\bdependency\\s*\\(\\s*'([^']{1,80})'([^)]{0,300})");
    private static final Pattern OPTION = Pattern.compile("option\\s*\\(\\s*'([A-Za-z0-9_-]{1,60})'([^)]{0,500})\\)");
    private static final Pattern VALUE = Pattern.compile("value\\s*:\\s*'?(\\w+)'?");

    private final Project project;
    private final String folder;
    private final String root;
    private final List<String> files;

    private MesonProject(Project project, String folder) {
        this.project = project;
        this.folder = folder;
        root = Project.join(folder, "meson.build");
        files = project.under(folder).stream().filter(f -> f.equals(root) || f.endsWith("/meson.build")).filter(f -> !f.contains("subprojects/")).limit(300).toList();
    }

    static Optional<MesonProject> read(Project project, String folder) {
        MesonProject meson = new MesonProject(project, folder);
        return meson.opening().isPresent() ? Optional.of(meson) : Optional.empty();
    }

    private Optional<Matcher> opening() {
        Matcher m = Pattern.compile(PROJECT.pattern(), Pattern.MULTILINE).matcher(project.text(root).orElse(""));
        return m.find() ? Optional.of(m) : Optional.empty();
    }

    String name() {
        return opening().map(m -> m.group(1)).filter(Shell::isPrintable).orElse("");
    }

    /** As the project statement names them. */
    Set<String> languages() {
        Set<String> languages = new TreeSet<>();
        Matcher m = Pattern.compile("'(\\w+)'").matcher(opening().map(x -> x.group(2) == null ? "" : x.group(2)).orElse(""));
        while (m.find()) {
            languages.add(m.group(1));
        }
        return languages;
    }

    boolean hasTests() {
        return test().isPresent();
    }

    private Optional<Evidence> test() {
        for (String file : files) {
            int number = 0;
            for (String line : project.lines(file)) {
                number++;
                if (line.length() < 1_000 && TEST.matcher(line).find()) {
                    return Optional.of(new Evidence(file, number, "meson-test"));
                }
            }
        }
        return Optional.empty();
    }

    void add(Component.Builder c, TaskChoice tasks) {
        Evidence evidence = Evidence.of(root, "meson-project");
        String tree = project.isFolder(Project.join(folder, "build")) || project.exists(Project.join(folder, "build")) ? "builddir" : "build";
        Command build = Command.certain("meson compile -C " + tree, evidence);
        if (hasTests() && !tasks.add(c, CommandKind.TEST, r -> r.calls("meson test") || r.calls("ninja") || r.calls("meson"))) {
            c.command(CommandKind.TEST, Command.certain("meson setup " + tree + testOption(), evidence));
            c.command(CommandKind.TEST, build);
            c.command(CommandKind.TEST, Command.certain("meson test -C " + tree + " --print-errorlogs", test().get()));
            c.output(Output.Kind.JUNIT, tree + "/meson-logs/testlog.junit.xml", evidence);
        }
        if (!tasks.add(c, CommandKind.BUILD, List.of("build"), r -> r.calls("meson"))) {
            c.command(CommandKind.BUILD, Command.certain("meson setup " + tree, evidence));
            c.command(CommandKind.BUILD, build);
        }
        c.tool(new Tool("meson", "", evidence)).tool(new Tool("ninja-build", "", evidence));
        systemPackages().forEach(c::systemPackage);
    }

    /** The switch for the tests where it is off by default, as the options file declares it. */
    private String testOption() {
        for (String file : List.of("meson.options", "meson_options.txt")) {
            Matcher m = OPTION.matcher(project.text(Project.join(folder, file)).orElse(""));
            while (m.find()) {
                Matcher value = VALUE.matcher(m.group(2));
                boolean found = value.find();
                if (m.group(1).matches("(build|enable|unit)?[_-]?tests?(ing)?") && found && value.group(1).equals("false")) {
                    return " -D" + m.group(1) + "=true";
                }
                if (m.group(1).matches("(build|enable|unit)?[_-]?tests?(ing)?") && found && value.group(1).equals("disabled")) {
                    return " -D" + m.group(1) + "=enabled";
                }
            }
        }
        return "";
    }

    /** A dependency with a wrap file is built along when the system hasn't it. */
    private Map<String, Evidence> systemPackages() {
        Map<String, Evidence> packages = new TreeMap<>();
        List<String> files = new ArrayList<>(this.files);
        for (String file : files) {
            Matcher m = DEPENDENCY.matcher(project.text(file).orElse(""));
            while (m.find()) {
                boolean optional = m.group(2).matches("(?s).*required\\s*:\\s*(false|get_option|\\w+_opt).*");
                boolean wrapped = project.exists(Project.join(folder, "subprojects/" + m.group(1) + ".wrap"));
                if (!optional && !wrapped) {
                    Evidence evidence = new Evidence(file, project.lineOf(file, "'" + m.group(1) + "'"), "meson-dependency");
                    List<String> found = SystemPackages.ofPkgConfig(m.group(1));
                    (found.isEmpty() ? SystemPackages.ofCmake(m.group(1)) : found).forEach(p -> packages.putIfAbsent(p, evidence));
                    packages.putIfAbsent("pkg-config", evidence);
                }
            }
        }
        return packages;
    }
}
