package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Knows projects of C and C++: by CMake, else Meson, else Autotools, else a Makefile.
 *
 * <p>A build file that another ecosystem's tool drives (an app's runner, an extension of a script language) is no component.
 */
final class NativeLanguage implements Language {
    private static final Pattern C = Pattern.compile(".*\\.c");
    private static final Pattern HEADER = Pattern.compile(".*\\.(h|inl|inc)");
    private static final Pattern CPP = Pattern.compile(".*\\.(cc|cpp|cxx|c\\+\\+|hpp|hh|hxx|ipp|cppm|ixx)");
    private static final Pattern OTHERS = Pattern.compile(".*\\.(swift|rs|go|py|dart|kt|java|js|jsx|ts|tsx|cs|rb|php|ex|hs|vala|zig|scala|ml|f90)");
    private static final List<String> MANIFESTS = List.of("pubspec.yaml", "Package.swift", "build.gradle", "build.gradle.kts", "package.json", "Cargo.toml",
            "go.mod", "pyproject.toml", "setup.py", "composer.json", "Gemfile", "mix.exs", "pom.xml", "stack.yaml", "DESCRIPTION", "build.zig", "rebar.config");
    private static final Pattern COMPILER = Pattern.compile("\\$[({](CC|CXX|LD|CPP)[)}]|\\b(gcc|g\\+\\+|clang|clang\\+\\+|cc)\\b|\\.o\\b");

    /** Programs that configure asks for by a macro. */
    private static final Map<String, String> MACROS = Map.of("A[CM]_PROG_LEX", "flex", "AC_PROG_YACC", "bison", "AM_GNU_GETTEXT", "gettext", "AM_PATH_PYTHON", "python3");

    /** The ways to build, strongest first, with the file that shows each. */
    private enum Way {
        CMAKE("CMakeLists.txt"), MESON("meson.build"), AUTOTOOLS("configure.ac"), MAKE("Makefile");

        final String file;

        Way(String file) {
            this.file = file;
        }
    }

    @Override
    public List<String> looksFor() {
        return List.of("CMakeLists.txt", "meson.build", "configure.ac", "Makefile with C or C++ sources");
    }

    @Override
    public List<Component> detect(Project project) {
        Set<String> folders = new LinkedHashSet<>();
        for (Way way : Way.values()) {
            project.named(way.file).forEach(f -> folders.add(Project.folderOf(f)));
        }
        List<Component> components = new ArrayList<>();
        List<String> taken = new ArrayList<>();
        for (String folder : folders.stream().sorted(java.util.Comparator.comparingInt((String f) -> f.equals(".") ? 0 : f.split("/").length)
                .thenComparing(f -> f)).toList()) {
            if (taken.stream().noneMatch(t -> Project.isInside(folder, t))) {
                component(project, folder).ifPresent(c -> {
                    components.add(c);
                    taken.add(folder);
                });
            }
        }
        return components;
    }

    private static Optional<Component> component(Project project, String folder) {
        for (Way way : Way.values()) {
            if (project.exists(Project.join(folder, way.file))) {
                Optional<Component> found = switch (way) {
                    case CMAKE -> CMakeProject.read(project, folder).flatMap(p -> cmake(project, folder, p));
                    case MESON -> MesonProject.read(project, folder).flatMap(p -> meson(project, folder, p));
                    case AUTOTOOLS -> autotools(project, folder);
                    case MAKE -> make(project, folder);
                };
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    // --- is it one of ours? ---

    /** Numbers of files; a header may be of either language. */
    private record Sources(long c, long cpp, long headers, long others) {
        String ecosystem() {
            return cpp > 0 && cpp * 4 >= c || c == 0 && cpp == 0 ? "cpp" : "c";
        }

        long own() {
            return c + cpp + headers;
        }
    }

    private static Sources sources(Project project, String folder) {
        long c = 0;
        long cpp = 0;
        long headers = 0;
        long others = 0;
        for (String file : project.under(folder)) {
            String name = file.toLowerCase(Locale.ROOT);
            if (Project.isAside(Project.folderOf(file))) {
                continue;
            }
            c += C.matcher(name).matches() ? 1 : 0;
            headers += HEADER.matcher(name).matches() ? 1 : 0;
            cpp += CPP.matcher(name).matches() ? 1 : 0;
            others += OTHERS.matcher(name).matches() ? 1 : 0;
        }
        return new Sources(c, cpp, headers, others);
    }

    /** Is a manifest of another ecosystem in the folder, or above it? */
    private static boolean isBeside(Project project, String folder) {
        return project.first(folder, MANIFESTS.toArray(String[]::new)).isPresent();
    }

    private static boolean isBelow(Project project, String folder) {
        return VersionFiles.upwards(folder).stream().skip(1).anyMatch(f -> isBeside(project, f));
    }

    private static boolean isOwn(Project project, String folder, Sources sources, boolean tests) {
        if (sources.own() == 0) {
            return false;
        }
        boolean drivenByApp = VersionFiles.upwards(folder).stream().skip(1)
                .anyMatch(f -> project.first(f, "pubspec.yaml", "build.gradle", "build.gradle.kts", "Cargo.toml").isPresent());
        if (isBelow(project, folder)) {
            return tests && !drivenByApp;
        }
        return !isBeside(project, folder) || sources.own() > sources.others();
    }

    // --- the ways ---

    private static Component.Builder begin(String folder, String ecosystem, String name, String manager, String file, List<String> keys) {
        Evidence evidence = Evidence.of(file, manager + "-project");
        Component.Builder c = Component.at(folder, ecosystem).name(name);
        c.packageManager(new PackageManager(manager, "", evidence, keys));
        c.tool(new Tool(ecosystem.equals("cpp") ? "g++" : "gcc", "", evidence));
        return c;
    }

    private static Optional<Component> cmake(Project project, String folder, CMakeProject cmake) {
        Set<String> languages = cmake.languages();
        Sources sources = sources(project, folder);
        boolean foreign = languages.contains("SWIFT") || languages.contains("CSHARP") || languages.contains("JAVA")
                || !languages.isEmpty() && !languages.contains("C") && !languages.contains("CXX") && !languages.contains("OBJC");
        if (foreign || !isOwn(project, folder, sources, cmake.hasTests())) {
            return Optional.empty();
        }
        String file = Project.join(folder, "CMakeLists.txt");
        String ecosystem = languages.equals(Set.of("C")) ? "c" : languages.contains("CXX") && !languages.contains("C") ? "cpp" : sources.ecosystem();
        List<String> locks = project.first(folder, "conan.lock", "conanfile.txt", "conanfile.py", "vcpkg.json").map(List::of).orElse(List.of(file));
        Component.Builder c = begin(folder, ecosystem, cmake.name(), "cmake", file, locks);
        if (cmake.needsKit().isPresent()) {
            project.report(Finding.warning("needs-kit", file + " builds with a kit that a pipeline can't be given from the project's files",
                    "run the build in an image that has the kit", cmake.needsKit().get()));
            return Optional.of(c.build());
        }
        TaskChoice tasks = tasks(project, folder, Set.of("cmake", "ctest", "ninja"));
        cmake.add(c, tasks);
        checks(project, folder, c, tasks);
        return Optional.of(c.build());
    }

    private static Optional<Component> meson(Project project, String folder, MesonProject meson) {
        Sources sources = sources(project, folder);
        boolean named = meson.languages().contains("c") || meson.languages().contains("cpp");
        if (!named || !isOwn(project, folder, sources, meson.hasTests()) || sources.others() > 4 * sources.own()) {
            return Optional.empty();
        }
        String file = Project.join(folder, "meson.build");
        Component.Builder c = begin(folder, meson.languages().contains("cpp") ? sources.ecosystem() : "c", meson.name(), "meson", file, List.of(file));
        TaskChoice tasks = tasks(project, folder, Set.of("meson", "ninja"));
        meson.add(c, tasks);
        checks(project, folder, c, tasks);
        return Optional.of(c.build());
    }

    private static Optional<Component> autotools(Project project, String folder) {
        Sources sources = sources(project, folder);
        String file = Project.join(folder, "configure.ac");
        List<String> automake = project.under(folder).stream().filter(f -> Project.nameOf(f).equals("Makefile.am")).toList();
        Optional<String> tests = automake.stream().filter(f -> project.lines(f).stream().anyMatch(l -> l.matches("\\s*(TESTS|check_PROGRAMS|check_SCRIPTS)\\s*\\+?=.*|check-local:.*"))).findFirst();
        if (!isOwn(project, folder, sources, tests.isPresent()) || isBelow(project, folder) && isBeside(project, folder)) {
            return Optional.empty();
        }
        Evidence evidence = Evidence.of(file, "autotools-project");
        Component.Builder c = begin(folder, sources.ecosystem(), "", "make", file, List.of(file));
        List<Command> prepare = new ArrayList<>();
        Optional<String> script = project.first(folder, "autogen.sh", "bootstrap", "bootstrap.sh", "buildconf");
        if (!project.exists(Project.join(folder, "configure"))) {
            script.ifPresentOrElse(s -> prepare.add(Command.certain("NOCONFIGURE=1 " + (project.isExecutable(s) ? "./" : "sh ./") + Project.nameOf(s),
                    Evidence.of(s, "autogen-script"))), () -> prepare.add(Command.certain("autoreconf -fi", evidence)));
            List.of("autoconf", "automake", "libtool").forEach(t -> c.tool(new Tool(t, "", evidence)));
        }
        prepare.add(Command.certain("./configure", evidence));
        c.tool(new Tool("make", "", evidence));
        tests.ifPresent(t -> {
            c.commands(CommandKind.TEST, prepare);
            c.command(CommandKind.TEST, Command.certain("make check", Evidence.of(t, "automake-tests")));
        });
        c.commands(CommandKind.BUILD, prepare).command(CommandKind.BUILD, Command.certain("make", evidence));
        Matcher m = Pattern.compile("PKG_CHECK_MODULES\\s*\\(\\s*\\[?\\w+\\]?\\s*,\\s*\\[?([^\\])]{1,300})").matcher(project.text(file).orElse(""));
        Map<String, Evidence> packages = new TreeMap<>();
        while (m.find()) {
            packages.put("pkg-config", evidence);
            for (String module : m.group(1).split("[\\s,]+")) {
                SystemPackages.ofPkgConfig(module).forEach(p -> packages.put(p, evidence));
            }
        }
        MACROS.forEach((macro, name) -> {
            if (project.text(file).map(t -> Pattern.compile(macro).matcher(t).find()).orElse(false)) {
                packages.putIfAbsent(name, evidence);
            }
        });
        packages.forEach(c::systemPackage);
        checks(project, folder, c, tasks(project, folder, Set.of()));
        return Optional.of(c.build());
    }

    private static Optional<Component> make(Project project, String folder) {
        String file = Project.join(folder, "Makefile");
        boolean compiles = project.text(file).map(t -> COMPILER.matcher(t).find() || t.contains("$(MAKE)")).orElse(false);
        if (isBeside(project, folder) || isBelow(project, folder) || !compiles) {
            return Optional.empty();
        }
        Sources sources = sources(project, folder);
        if (sources.own() <= sources.others()) {
            return Optional.empty();
        }
        Component.Builder c = begin(folder, sources.ecosystem(), "", "make", file, List.of(file));
        Evidence evidence = Evidence.of(file, "makefile");
        c.tool(new Tool("make", "", evidence));
        project.tasks(folder).stream().filter(t -> t.runner().equals("make") && Set.of("test", "check", "tests").contains(t.name()))
                .sorted(java.util.Comparator.comparing(t -> List.of("test", "check", "tests").indexOf(t.name()))).filter(t -> isRunnable(project, t)).findFirst()
                .ifPresent(t -> c.command(CommandKind.TEST, Command.certain(t.run(), t.evidence())));
        if (!c.has(CommandKind.TEST)) {
            passedOn(project, folder, file).ifPresent(t -> c.command(CommandKind.TEST,
                    Command.certain("make -C " + Shell.word(Project.nameOf(t.path())) + " " + Shell.word(t.name()), t.evidence())));
        }
        Optional<Task> build = project.task(folder, "all").or(() -> project.task(folder, "build"));
        boolean first = build.isPresent() && project.tasks(folder).stream().findFirst().equals(build);
        c.command(CommandKind.BUILD, build.filter(b -> !first && !b.name().equals("all")).map(b -> Command.certain(b.run(), b.evidence()))
                .orElse(Command.certain("make", build.map(Task::evidence).orElse(evidence))));
        libraries(project, file).forEach(c::systemPackage);
        checks(project, folder, c, tasks(project, folder, Set.of()));
        return Optional.of(c.build());
    }

    /** A target of a Makefile that compiles may run what it built; a container engine or a board it can't have. */
    private static boolean isRunnable(Project project, Task task) {
        Recipe recipe = Recipe.of(project, task);
        Set<String> outside = Set.of("docker", "docker-compose", "podman", "vagrant", "ssh", "adb", "qemu-system-arm", "xcodebuild", "avrdude", "dfu-util");
        return !task.recipe().isEmpty() && recipe.programs().stream().noneMatch(outside::contains)
                || task.recipe().isEmpty() && !task.needs().isEmpty() && recipe.programs().stream().noneMatch(outside::contains);
    }

    /** A Makefile may pass every target that it hasn't itself on to the Makefiles of folders below that it names. */
    private static Optional<Task> passedOn(Project project, String folder, String file) {
        String text = project.text(file).orElse("");
        Matcher m = Pattern.compile("(?m)^\\.DEFAULT:[^\\n]{0,200}\\n\\t[^\\n]{0,200}\\$\\(MAKE\\)[^\\n]{0,200}\\$@").matcher(text);
        if (!m.find()) {
            return Optional.empty();
        }
        return project.named("Makefile").stream().map(Project::folderOf).filter(f -> !f.equals(folder) && Project.folderOf(f).equals(folder))
                .filter(f -> Pattern.compile("(?m)[= ]" + Pattern.quote(Project.nameOf(f)) + "(\\s|$)").matcher(text).find())
                .flatMap(f -> project.task(f, "test").stream()).filter(t -> t.runner().equals("make")).findFirst();
    }

    private static Map<String, Evidence> libraries(Project project, String file) {
        Map<String, Evidence> packages = new TreeMap<>();
        int number = 0;
        for (String line : project.lines(file)) {
            number++;
            Evidence evidence = new Evidence(file, number, "linked-library");
            Matcher linked = Pattern.compile("(?:^|\\s|=)-l([A-Za-z0-9_+.-]{1,40})").matcher(line.length() > 2_000 ? "" : line);
            while (linked.find()) {
                SystemPackages.ofLibrary(linked.group(1)).forEach(p -> packages.putIfAbsent(p, evidence));
            }
            Matcher queried = Pattern.compile("pkg-config\\s+(?:--[\\w-]+\\s+)+([A-Za-z0-9_.+-]{1,40})").matcher(line.length() > 2_000 ? "" : line);
            while (queried.find()) {
                packages.putIfAbsent("pkg-config", evidence);
                SystemPackages.ofPkgConfig(queried.group(1)).forEach(p -> packages.putIfAbsent(p, evidence));
            }
        }
        return packages;
    }

    // --- checks that the project has a task or a script for ---

    private static TaskChoice tasks(Project project, String folder, Set<String> own) {
        Set<String> all = new LinkedHashSet<>(own);
        all.addAll(Set.of("cc", "c++", "gcc", "g++", "ar"));
        return new TaskChoice(project, folder, all).bring("clang-format").bring("clang-tidy").bring("cppcheck");
    }

    private static void checks(Project project, String folder, Component.Builder c, TaskChoice tasks) {
        tasks.add(c, CommandKind.LINT, List.of("lint", "cppcheck", "clang-tidy", "tidy", "check-lint"), r -> r.calls("clang-tidy") || r.calls("cppcheck"));
        if (tasks.add(c, CommandKind.FORMAT, r -> r.programs().contains("clang-format"))) {
            return;
        }
        for (String at : List.of("scripts", "script", "tools", "ci", "utils", ".")) {
            Optional<String> script = project.first(Project.join(folder, at).replaceFirst("^(.+)/\\.$", "$1"), "check-format.sh", "check_format.sh", "clang-format-check.sh",
                    "check-clang-format.sh", "check_clang_format.sh");
            if (script.isPresent() && project.isExecutable(script.get())) {
                Evidence evidence = Evidence.of(script.get(), "format-script");
                String path = folder.equals(".") ? script.get() : script.get().substring(folder.length() + 1);
                c.command(CommandKind.FORMAT, Command.certain("./" + path, evidence)).tool(new Tool("clang-format", "", evidence));
                return;
            }
        }
    }
}
