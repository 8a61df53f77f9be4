package lib.scan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

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

/** What a CMake project says of its languages, its tests and the libraries it needs, and the commands that follow. */
final class CMakeProject {
    private static final Pattern TEST_OPTION = Pattern.compile("(?i)([A-Z0-9_]{1,60}_)?(BUILD|ENABLE|WITH|RUN|UNIT)?_?TEST(S|ING)?");
    private static final Pattern OTHER_TEST = Pattern.compile("(?i).*(COVER|FUZZ|BENCH|INSTALL|MEM|LEAK|VALGRIND|PERF|STRESS|E2E|INTEGRATION|CUDA|GPU|FORMAT|HIP|PYTHON|EXAMPLE"
            + "|COMPILE_TIME|SYSTEM|SANITI|NIGHTLY|NETWORK|ONLINE|LONG|EXTRA|DISABLE|SKIP|NO_TEST|WITHOUT|MSVC|WIN|APPLE|ANDROID|SPEED|WASM).*");
    private static final Set<String> REGISTERS = Set.of("add_test", "gtest_discover_tests", "gtest_add_tests", "catch_discover_tests", "doctest_discover_tests",
            "parseandaddcatchtests", "ecm_add_test", "ecm_add_tests", "add_cmocka_test", "boost_test", "discover_tests");
    private static final Set<String> FRAMEWORKS = Set.of("gtest", "gmock", "googletest", "catch2", "doctest", "cmocka", "check", "cppunit", "cpputest", "criterion");
    private static final Pattern ELSEWHERE = Pattern.compile("(WIN32|MSVC|APPLE|ANDROID|IOS|EMSCRIPTEN|MINGW|CYGWIN|XCODE|CMAKE_CROSSCOMPILING)\\b.*");

    private final Project project;
    private final String folder;
    private final CMakeFiles files;
    private final Map<String, String> options;
    private final Set<String> assigned = new HashSet<>();
    private final Map<String, Evidence> testSwitches;

    private CMakeProject(Project project, String folder) {
        this.project = project;
        this.folder = folder;
        files = CMakeFiles.read(project, folder);
        options = files.options();
        files.all("set").forEach(s -> assigned.add(s.first()));
        testSwitches = testSwitches();
    }

    /** Empty where the CMakeLists.txt opens no project. */
    static Optional<CMakeProject> read(Project project, String folder) {
        CMakeProject cmake = new CMakeProject(project, folder);
        return cmake.opening().isPresent() ? Optional.of(cmake) : Optional.empty();
    }

    private Optional<CMakeFiles.Statement> opening() {
        return files.first(s -> s.name().equals("project"));
    }

    String name() {
        return opening().map(CMakeFiles.Statement::first).filter(n -> n.matches("[A-Za-z0-9_.+-]{1,100}")).orElse("");
    }

    /** Upper case, as in the project statement; empty stands for C and C++. */
    Set<String> languages() {
        Set<String> languages = new TreeSet<>();
        files.all("project", "enable_language").forEach(s -> s.arguments().stream().filter(Set.of("C", "CXX", "Swift", "CUDA", "OBJC", "OBJCXX", "Fortran",
                "ASM", "HIP", "CSharp", "Java")::contains).forEach(a -> languages.add(a.toUpperCase(java.util.Locale.ROOT))));
        return languages;
    }

    boolean hasTests() {
        return test().isPresent();
    }

    private Optional<CMakeFiles.Statement> test() {
        return files.first(s -> REGISTERS.contains(s.name()) && s.guards().stream().noneMatch(g -> ELSEWHERE.matcher(g).matches()));
    }

    /** Made for a board or a console: no machine of a pipeline can build it without a kit that is not named here. */
    Optional<Evidence> needsKit() {
        return files.first(s -> s.name().equals("include") && s.first().matches(".*(IDF_PATH|pico_sdk_import|PICO_SDK|ZEPHYR|VITASDK|DEVKITPRO|NX_TOOLCHAIN).*")
                || s.name().equals("find_package") && s.first().matches("Zephyr|pico_sdk|CUDA|CUDAToolkit|HIP") && s.has("REQUIRED") && applies(s)
                || s.name().equals("project") && (s.has("CUDA") || s.has("HIP"))).map(CMakeFiles.Statement::evidence);
    }

    // --- commands ---

    void add(Component.Builder c, TaskChoice tasks) {
        Evidence root = Evidence.of(Project.join(folder, "CMakeLists.txt"), "cmake-project");
        boolean taken = project.isFolder(Project.join(folder, "build")) || project.exists(Project.join(folder, "build"));
        String tree = taken ? "cmake-build" : "build";
        String old = oldPolicies() ? " -DCMAKE_POLICY_VERSION_MINIMUM=3.5" : "";
        String packages = packageManager(c);
        Command build = Command.certain("cmake --build " + tree + " --parallel 4", root);
        if (hasTests() && !tasks.add(c, CommandKind.TEST, r -> r.calls("ctest") || r.calls("cmake"))) {
            StringBuilder switches = new StringBuilder();
            testSwitches.keySet().forEach(o -> switches.append(" -D").append(o).append("=ON"));
            c.command(CommandKind.TEST, Command.certain("cmake -S . -B " + tree + switches + packages + old,
                    testSwitches.values().stream().findFirst().orElse(root)));
            c.command(CommandKind.TEST, build);
            c.command(CommandKind.TEST, Command.certain("ctest --test-dir " + Shell.word(tree + testFolder()) + " --output-on-failure", test().get().evidence()));
        }
        if (!tasks.add(c, CommandKind.BUILD, List.of("build"), r -> r.calls("cmake"))) {
            c.command(CommandKind.BUILD, Command.certain("cmake -S . -B " + tree + packages + old, root));
            c.command(CommandKind.BUILD, build);
        }
        c.tool(new Tool("cmake", "", root));
        systemPackages().forEach(c::systemPackage);
    }

    /** CMake 4 refuses projects that ask for less than 3.5, unless it is told what to assume. */
    private boolean oldPolicies() {
        return files.first(s -> s.name().equals("cmake_minimum_required")).map(s -> s.arguments().size() > 1 ? s.arguments().get(1) : "")
                .filter(v -> v.matches("2\\..*|3\\.[0-4](\\..*)?") && !v.contains("...")).isPresent();
    }

    /** Switches that are off unless told otherwise and without which no test is built. */
    private Map<String, Evidence> testSwitches() {
        Map<String, Evidence> switches = new TreeMap<>();
        boolean ctest = files.first(s -> s.name().equals("include") && s.first().equals("CTest")).isPresent();
        for (CMakeFiles.Statement s : files.all("if", "elseif")) {
            String name = s.arguments().stream().filter(a -> TEST_OPTION.matcher(a).matches() && !OTHER_TEST.matcher(a).matches()).findFirst().orElse("");
            boolean positive = !name.isEmpty() && (s.arguments().indexOf(name) == 0 || !s.arguments().get(s.arguments().indexOf(name) - 1).equals("NOT"));
            boolean known = options.containsKey(name);
            boolean set = !known && assigned.contains(name);
            boolean off = known ? CMakeFiles.isOff(options.get(name)) : !set && !(name.equals("BUILD_TESTING") && ctest);
            if (positive && off && name.matches("[A-Za-z0-9_]+") && !s.has("STREQUAL") && !s.has("MATCHES") && !s.has("TARGET")) {
                switches.computeIfAbsent(name, n -> declared(n).orElse(s.evidence()));
            }
        }
        boolean needed = files.all("cmake_dependent_option").stream().anyMatch(s -> TEST_OPTION.matcher(s.first()).matches()
                && s.arguments().size() > 3 && List.of(s.arguments().get(3).split("[; ]")).contains("BUILD_TESTING"));
        if (needed && !ctest && !options.containsKey("BUILD_TESTING")) {
            files.first(s -> s.name().equals("cmake_dependent_option")).ifPresent(s -> switches.putIfAbsent("BUILD_TESTING", s.evidence()));
        }
        return switches;
    }

    private Optional<Evidence> declared(String option) {
        return files.first(s -> (s.name().equals("option") || s.name().equals("set") || s.name().equals("cmake_dependent_option")) && s.first().equals(option))
                .map(CMakeFiles.Statement::evidence);
    }

    /** ctest sees the tests of the folder that enables them; where only a folder below does, it has to be called there. */
    private String testFolder() {
        List<String> enabling = files.all("enable_testing", "include").stream().filter(s -> s.name().equals("enable_testing") || s.first().equals("CTest"))
                .map(s -> s.evidence().file()).filter(f -> f.endsWith("CMakeLists.txt")).map(Project::folderOf).distinct().toList();
        boolean elsewhere = files.all("enable_testing", "include").stream().anyMatch(s -> (s.name().equals("enable_testing") || s.first().equals("CTest"))
                && !s.evidence().file().endsWith("CMakeLists.txt"));
        if (enabling.isEmpty() || elsewhere || enabling.contains(folder)) {
            return "";
        }
        String shallowest = enabling.stream().min(java.util.Comparator.comparingInt(String::length)).get();
        return "/" + (folder.equals(".") ? shallowest : shallowest.substring(Math.min(shallowest.length(), folder.length() + 1)));
    }

    // --- libraries ---

    /** The argument by which a package manager's libraries are found; the command that installs them goes to the component. */
    private String packageManager(Component.Builder c) {
        String conan = Project.join(folder, "conanfile.txt");
        if (project.exists(conan) && project.text(conan).orElse("").contains("CMakeToolchain")) {
            Evidence evidence = Evidence.of(conan, "conanfile");
            c.tool(new Tool("conan", "", evidence));
            c.command(CommandKind.INSTALL, Command.certain("conan profile detect --exist-ok", evidence));
            c.command(CommandKind.INSTALL, Command.certain("conan install . --output-folder=conan --build=missing", evidence));
            return " -DCMAKE_TOOLCHAIN_FILE=conan/conan_toolchain.cmake -DCMAKE_BUILD_TYPE=Release";
        }
        Optional<Document> vcpkg = project.exists(Project.join(folder, "vcpkg.json")) ? project.json(Project.join(folder, "vcpkg.json")) : Optional.empty();
        boolean used = vcpkg.isPresent() && !vcpkg.get().at("dependencies").isEmpty()
                && (vcpkg.get().has("builtin-baseline") || project.exists(Project.join(folder, "vcpkg-configuration.json")));
        if (used) {
            c.tool(new Tool("vcpkg", vcpkg.get().text("builtin-baseline"), vcpkg.get().evidence("vcpkg-manifest", "dependencies")));
            return " -DCMAKE_TOOLCHAIN_FILE=\"$VCPKG_ROOT/scripts/buildsystems/vcpkg.cmake\"";
        }
        return "";
    }

    private Map<String, Evidence> systemPackages() {
        Map<String, Evidence> packages = new TreeMap<>();
        boolean managed = project.first(folder, "conanfile.txt", "vcpkg.json").isPresent();
        for (CMakeFiles.Statement s : managed ? List.<CMakeFiles.Statement>of() : files.all("find_package")) {
            boolean framework = FRAMEWORKS.contains(s.first().toLowerCase(java.util.Locale.ROOT)) && hasTests() && !fetched(s.first());
            boolean itself = s.first().equalsIgnoreCase(name());
            if (!itself && applies(s) && (s.has("REQUIRED") || framework)) {
                SystemPackages.ofCmake(s.first()).forEach(p -> packages.putIfAbsent(p, s.evidence()));
            }
        }
        for (CMakeFiles.Statement s : managed ? List.<CMakeFiles.Statement>of() : files.all("pkg_check_modules", "pkg_search_module")) {
            if (applies(s) && s.has("REQUIRED")) {
                packages.putIfAbsent("pkg-config", s.evidence());
                s.arguments().stream().skip(1).map(a -> a.split("[<>=]")[0]).filter(a -> !a.isEmpty())
                        .forEach(a -> SystemPackages.ofPkgConfig(a).forEach(p -> packages.putIfAbsent(p, s.evidence())));
            }
        }
        return packages;
    }

    /** Downloaded by the build itself. */
    private boolean fetched(String name) {
        return files.first(s -> List.of("fetchcontent_declare", "externalproject_add", "cpmaddpackage").contains(s.name())
                && s.arguments().stream().anyMatch(a -> a.toLowerCase(java.util.Locale.ROOT).contains(name.toLowerCase(java.util.Locale.ROOT)))).isPresent();
    }

    /** Not under a condition that doesn't hold in this build: another system, or an option that stays off. */
    private boolean applies(CMakeFiles.Statement s) {
        Set<String> on = testSwitches.keySet();
        List<String> against = new ArrayList<>();
        for (String guard : s.guards()) {
            String name = guard.split(" ")[0];
            if (ELSEWHERE.matcher(guard).matches() || options.containsKey(name) && CMakeFiles.isOff(options.get(name)) && !on.contains(name)) {
                against.add(guard);
            }
        }
        return against.isEmpty();
    }
}

/**
 * The statements of a CMake project: its CMakeLists.txt and what that includes or adds from the project itself.
 *
 * <p>Knows the grammar of the files and the conditions around a statement; evaluates nothing.
 */
final class CMakeFiles {
    private static final int MAX_FILES = 300;
    private static final int MAX_GUARDS = 50;
    private static final Set<String> BROUGHT = Set.of("third_party", "third-party", "thirdparty", "3rdparty", "vendor", "external", "extern", "externals", "deps",
            "subprojects", "submodules", "_deps");

    /**
     * @param name in lower case
     * @param guards conditions of the {@code if}s around it; one that must not hold begins with {@code NOT}
     */
    record Statement(String name, List<String> arguments, List<String> guards, Evidence evidence) {
        String first() {
            return arguments.isEmpty() ? "" : arguments.get(0);
        }

        boolean has(String argument) {
            return arguments.contains(argument);
        }
    }

    private final List<Statement> statements = new ArrayList<>();

    private CMakeFiles() {}

    static CMakeFiles read(Project project, String folder) {
        CMakeFiles files = new CMakeFiles();
        Set<String> seen = new LinkedHashSet<>();
        Deque<Map.Entry<String, List<String>>> open = new ArrayDeque<>();
        open.add(Map.entry(Project.join(folder, "CMakeLists.txt"), List.of()));
        while (!open.isEmpty() && seen.size() < MAX_FILES) {
            Map.Entry<String, List<String>> next = open.poll();
            String file = next.getKey();
            if (!project.exists(file) || !seen.add(file)) {
                continue;
            }
            for (Statement statement : parse(project, file, next.getValue())) {
                files.statements.add(statement);
                files.follow(project, folder, file, statement).forEach(f -> open.add(Map.entry(f, statement.guards())));
            }
        }
        return files;
    }

    List<Statement> all(String... names) {
        Set<String> wanted = Set.of(names);
        return statements.stream().filter(s -> wanted.contains(s.name())).toList();
    }

    Optional<Statement> first(Predicate<Statement> test) {
        return statements.stream().filter(test).findFirst();
    }

    /** Files of the project itself that the statement brings in; what was brought from elsewhere is left out. */
    private List<String> follow(Project project, String root, String file, Statement statement) {
        String folder = Project.folderOf(file);
        String path = statement.first().replace("${CMAKE_CURRENT_SOURCE_DIR}/", "").replace("${CMAKE_CURRENT_LIST_DIR}/", "");
        String fromRoot = path.replace("${CMAKE_SOURCE_DIR}/", "").replace("${PROJECT_SOURCE_DIR}/", "");
        String base = fromRoot.equals(path) ? folder : root;
        if (fromRoot.isEmpty() || fromRoot.contains("$") || fromRoot.indexOf('\0') >= 0) {
            return List.of();
        }
        Optional<String> target = Optional.empty();
        if (statement.name().equals("add_subdirectory") || statement.name().equals("subdirs")) {
            target = Project.resolve(base, fromRoot).map(f -> Project.join(f, "CMakeLists.txt"));
        } else if (statement.name().equals("include")) {
            target = Project.resolve(base, fromRoot.endsWith(".cmake") ? fromRoot : "cmake/" + fromRoot + ".cmake").filter(project::exists)
                    .or(() -> Project.resolve(root, "cmake/" + Project.nameOf(fromRoot) + (fromRoot.endsWith(".cmake") ? "" : ".cmake")));
        }
        return target.filter(t -> List.of(t.split("/")).stream().noneMatch(p -> BROUGHT.contains(p.toLowerCase(Locale.ROOT)))).map(List::of).orElse(List.of());
    }

    // --- options ---

    /** Defaults of the options and cached variables that can be set from the command line, in upper case; other values as they are. */
    Map<String, String> options() {
        Map<String, String> options = new HashMap<>();
        for (Statement s : all("option", "cmake_dependent_option")) {
            options.putIfAbsent(s.first(), s.arguments().size() > 2 ? s.arguments().get(2).toUpperCase(Locale.ROOT) : "OFF");
        }
        for (Statement s : all("set")) {
            if (s.has("CACHE") && s.has("BOOL") && s.arguments().size() > 1) {
                options.putIfAbsent(s.first(), s.arguments().get(1).toUpperCase(Locale.ROOT));
            }
        }
        return options;
    }

    static boolean isOff(String value) {
        return Set.of("OFF", "FALSE", "NO", "N", "0", "").contains(value);
    }

    // --- parsing ---

    private static List<Statement> parse(Project project, String file, List<String> outer) {
        String text = project.text(file).orElse("");
        List<Statement> found = new ArrayList<>();
        List<String> guards = new ArrayList<>(outer);
        int line = 1;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '\n') {
                line++;
                i++;
            } else if (c == '#') {
                int end = comment(text, i);
                line += newlines(text, i, end);
                i = end;
            } else if (Character.isLetter(c) || c == '_') {
                int end = i;
                while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
                    end++;
                }
                String name = text.substring(i, end).toLowerCase(Locale.ROOT);
                int open = end;
                while (open < text.length() && (text.charAt(open) == ' ' || text.charAt(open) == '\t')) {
                    open++;
                }
                if (open < text.length() && text.charAt(open) == '(') {
                    List<String> arguments = new ArrayList<>();
                    int close = arguments(text, open + 1, arguments);
                    guard(name, arguments, guards, outer.size());
                    found.add(new Statement(name, arguments, List.copyOf(guards.subList(0, Math.min(guards.size(), MAX_GUARDS))), new Evidence(file, line, "cmake")));
                    line += newlines(text, i, close);
                    i = close;
                } else {
                    i = end;
                }
            } else {
                i++;
            }
        }
        return found;
    }

    private static void guard(String name, List<String> arguments, List<String> guards, int floor) {
        String condition = String.join(" ", arguments);
        switch (name) {
            // Nested deeper than anybody reads, an if counts for nothing but its end.
            case "if" -> guards.add(guards.size() < MAX_GUARDS ? condition : "");
            case "else", "elseif" -> {
                if (guards.size() > floor && guards.size() <= MAX_GUARDS) {
                    String last = guards.remove(guards.size() - 1);
                    guards.add(name.equals("elseif") ? condition : last.startsWith("NOT ") ? last.substring(4) : "NOT " + last);
                }
            }
            case "endif" -> {
                if (guards.size() > floor) {
                    guards.remove(guards.size() - 1);
                }
            }
            default -> { }
        }
    }

    /** Reads up to the closing bracket. @return the place after it */
    private static int arguments(String text, int from, List<String> arguments) {
        int depth = 1;
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        int i = from;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '"') {
                int end = i + 1;
                while (end < text.length() && text.charAt(end) != '"') {
                    end += text.charAt(end) == '\\' ? 2 : 1;
                }
                word.append(text, Math.min(i + 1, text.length()), Math.min(end, text.length()));
                quoted = true;
                i = end + 1;
            } else if (c == '#') {
                i = comment(text, i);
            } else if (c == '(' || c == ')' || Character.isWhitespace(c)) {
                if (word.length() > 0 || quoted) {
                    arguments.add(word.toString());
                    word.setLength(0);
                    quoted = false;
                }
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                i++;
                if (depth == 0) {
                    return i;
                }
            } else {
                word.append(c);
                i++;
            }
        }
        return text.length();
    }

    private static int comment(String text, int from) {
        String end = text.startsWith("#[[", from) ? "]]" : "\n";
        int at = text.indexOf(end, from);
        return at < 0 ? text.length() : end.equals("\n") ? at : at + 2;
    }

    private static int newlines(String text, int from, int to) {
        return (int) text.substring(from, Math.min(to, text.length())).chars().filter(c -> c == '\n').count();
    }
}

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

/** Knows build.zig and build.zig.zon. */
final class ZigLanguage implements Language {
    private static final Pattern STEP = Pattern.compile("\\.step\\(\\s*\"([A-Za-z0-9_-]{1,40})\"");
    private static final Pattern ZON = Pattern.compile("\\.(minimum_zig_version|name)\\s*=\\s*(?:\"([^\"]{1,60})\"|\\.([A-Za-z0-9_]{1,60}))");

    @Override
    public List<String> looksFor() {
        return List.of("build.zig");
    }

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        for (String file : project.named("build.zig")) {
            String folder = Project.folderOf(file);
            boolean own = project.under(folder).stream().anyMatch(f -> f.endsWith(".zig") && !f.equals(file));
            boolean nested = components.stream().anyMatch(c -> Project.isInside(folder, c.path()));
            // Many libraries of C carry a build.zig beside their own build: it builds them for Zig's users, not for their developers.
            if (own && !nested) {
                components.add(component(project, folder, file));
            }
        }
        return components;
    }

    private static Component component(Project project, String folder, String file) {
        Component.Builder c = Component.at(folder, "zig");
        Evidence evidence = Evidence.of(file, "zig-build");
        String zon = Project.join(folder, "build.zig.zon");
        value(project, zon, "name").ifPresent(v -> c.name(v.text));
        c.runtime(runtime(project, folder, zon, evidence));
        c.packageManager(new PackageManager("zig", "", evidence, List.of(project.exists(zon) ? zon : file)));
        TaskChoice tasks = new TaskChoice(project, folder, Set.of("zig"));
        Optional<Evidence> test = step(project, file, "test");
        if (test.isPresent() && !tasks.add(c, CommandKind.TEST, r -> r.calls("zig build"))) {
            c.command(CommandKind.TEST, Command.certain("zig build test", test.get()));
        }
        if (!tasks.add(c, CommandKind.BUILD, List.of("build"), r -> r.calls("zig build"))) {
            c.command(CommandKind.BUILD, Command.certain("zig build", evidence));
        }
        if (!tasks.add(c, CommandKind.FORMAT, r -> r.calls("zig fmt"))) {
            Documentation.says(project, folder, "zig fmt").or(() -> tasks.anyCalls("zig fmt"))
                    .ifPresent(e -> c.command(CommandKind.FORMAT, Command.likely("zig fmt --check .", e)));
        }
        return c.build();
    }

    private static Runtime runtime(Project project, String folder, String zon, Evidence evidence) {
        Optional<Value> least = value(project, zon, "minimum_zig_version").filter(v -> v.text.matches("\\d+\\.\\d+(\\.\\d+)?(-dev[.\\w+]*)?"));
        String range = least.map(v -> ">=" + v.text).orElse("");
        Optional<VersionFiles.Pin> pin = VersionFiles.line(project, folder, ".zig-version", "zig-version")
                .or(() -> VersionFiles.line(project, folder, ".zigversion", "zig-version")).or(() -> VersionFiles.find(project, folder, "zig"))
                .filter(p -> p.version().matches("\\d+\\.\\d+(\\.\\d+)?(-dev[.\\w+]*)?"));
        if (pin.isPresent()) {
            return new Runtime("zig", pin.get().version(), range, pin.get().file(), pin.get().evidence());
        }
        // A release of Zig rarely compiles what was written for the one before: the least version is the one to take.
        return new Runtime("zig", least.map(Value::text).orElse(""), range, least.isPresent() ? zon : "", least.map(v -> new Evidence(zon, v.line, "zig-minimum")).orElse(evidence));
    }

    private record Value(String text, int line) {}

    private static Optional<Value> value(Project project, String zon, String key) {
        int number = 0;
        for (String line : project.lines(zon)) {
            number++;
            Matcher m = ZON.matcher(line.length() < 1_000 ? line : "");
            if (!line.strip().startsWith("//") && m.find() && m.group(1).equals(key)) {
                return Optional.of(new Value(m.group(2) == null ? m.group(3) : m.group(2), number));
            }
        }
        return Optional.empty();
    }

    private static Optional<Evidence> step(Project project, String file, String name) {
        String text = project.text(file).orElse("");
        Matcher m = STEP.matcher(text);
        while (m.find()) {
            if (m.group(1).equals(name)) {
                return Optional.of(new Evidence(file, (int) text.substring(0, m.start()).chars().filter(c -> c == '\n').count() + 1, "zig-step"));
            }
        }
        return Optional.empty();
    }
}

/**
 * The Debian packages that a native dependency needs to be built, by the name it has in the build files of C, Rust, Go and Haskell.
 *
 * <p>Knows names only; whether a dependency is there, and is not vendored, is for its language to say. An unknown name yields nothing.
 */
final class SystemPackages {
    private static final String OPENGL = "libgl1-mesa-dev xorg-dev";

    /** Names of CMake's {@code find_package}, in lower case. */
    private static final Map<String, String> CMAKE = table("""
            openssl=libssl-dev zlib=zlib1g-dev curl=libcurl4-openssl-dev boost=libboost-all-dev sqlite3=libsqlite3-dev unofficial-sqlite3=libsqlite3-dev
            libxml2=libxml2-dev png=libpng-dev jpeg=libjpeg-dev tiff=libtiff-dev freetype=libfreetype-dev fontconfig=libfontconfig1-dev
            sdl2=libsdl2-dev sdl2_image=libsdl2-image-dev sdl2_ttf=libsdl2-ttf-dev sdl2_mixer=libsdl2-mixer-dev glfw3=libglfw3-dev glew=libglew-dev
            opengl=libgl1-mesa-dev glm=libglm-dev x11=libx11-dev vulkan=libvulkan-dev qt5=qtbase5-dev qt6=qt6-base-dev
            protobuf=protobuf-compiler,libprotobuf-dev grpc=libgrpc++-dev,protobuf-compiler-grpc gtest=libgtest-dev,libgmock-dev gmock=libgmock-dev
            googletest=libgtest-dev,libgmock-dev benchmark=libbenchmark-dev catch2=catch2 doctest=doctest-dev cmocka=libcmocka-dev check=check
            cppunit=libcppunit-dev cpputest=cpputest criterion=libcriterion-dev fmt=libfmt-dev spdlog=libspdlog-dev nlohmann_json=nlohmann-json3-dev
            eigen3=libeigen3-dev opencv=libopencv-dev bzip2=libbz2-dev liblzma=liblzma-dev zstd=libzstd-dev lz4=liblz4-dev brotli=libbrotli-dev
            postgresql=libpq-dev mysql=default-libmysqlclient-dev hiredis=libhiredis-dev libevent=libevent-dev libuv=libuv1-dev
            yaml-cpp=libyaml-cpp-dev rapidjson=rapidjson-dev tbb=libtbb-dev mpi=libopenmpi-dev blas=libopenblas-dev lapack=liblapack-dev
            hdf5=libhdf5-dev alsa=libasound2-dev pkgconfig=pkg-config flex=flex bison=bison llvm=llvm-dev clang=libclang-dev gettext=gettext
            lua=liblua5.4-dev readline=libreadline-dev curses=libncurses-dev asio=libasio-dev cxxopts=libcxxopts-dev cli11=libcli11-dev
            pugixml=libpugixml-dev tinyxml2=libtinyxml2-dev pcre2=libpcre2-dev gflags=libgflags-dev glog=libgoogle-glog-dev absl=libabsl-dev
            re2=libre2-dev snappy=libsnappy-dev gsl=libgsl-dev fftw3=libfftw3-dev jsoncpp=libjsoncpp-dev expat=libexpat1-dev perl=perl
            libusb=libusb-1.0-0-dev bluez=libbluetooth-dev ffmpeg=libavcodec-dev,libavformat-dev,libavutil-dev,libswscale-dev
            libarchive=libarchive-dev icu=libicu-dev gmp=libgmp-dev mpfr=libmpfr-dev libsodium=libsodium-dev sodium=libsodium-dev zeromq=libzmq3-dev
            cppzmq=cppzmq-dev libgit2=libgit2-dev libssh2=libssh2-1-dev systemd=libsystemd-dev udev=libudev-dev dbus1=libdbus-1-dev
            """);

    /** Names of pkg-config, as meson's {@code dependency}, {@code pkg_check_modules}, {@code PKG_CHECK_MODULES} and cgo use them. */
    private static final Map<String, String> PKG_CONFIG = table("""
            openssl=libssl-dev libssl=libssl-dev libcrypto=libssl-dev zlib=zlib1g-dev libcurl=libcurl4-openssl-dev sqlite3=libsqlite3-dev
            libxml-2.0=libxml2-dev libxslt=libxslt1-dev libpng=libpng-dev libjpeg=libjpeg-dev libtiff-4=libtiff-dev freetype2=libfreetype-dev
            fontconfig=libfontconfig1-dev sdl2=libsdl2-dev glfw3=libglfw3-dev glew=libglew-dev gl=libgl1-mesa-dev egl=libegl1-mesa-dev
            x11=libx11-dev xcb=libxcb1-dev xrandr=libxrandr-dev xkbcommon=libxkbcommon-dev wayland-client=libwayland-dev
            wayland-server=libwayland-dev wayland-protocols=wayland-protocols pixman-1=libpixman-1-dev libdrm=libdrm-dev libinput=libinput-dev
            vulkan=libvulkan-dev gtk+-3.0=libgtk-3-dev gtk4=libgtk-4-dev glib-2.0=libglib2.0-dev gio-2.0=libglib2.0-dev gobject-2.0=libglib2.0-dev
            gmodule-2.0=libglib2.0-dev cairo=libcairo2-dev pango=libpango1.0-dev pangocairo=libpango1.0-dev gdk-pixbuf-2.0=libgdk-pixbuf-2.0-dev
            librsvg-2.0=librsvg2-dev libsoup-3.0=libsoup-3.0-dev webkit2gtk-4.1=libwebkit2gtk-4.1-dev json-glib-1.0=libjson-glib-dev
            protobuf=protobuf-compiler,libprotobuf-dev gtest=libgtest-dev,libgmock-dev gmock=libgmock-dev benchmark=libbenchmark-dev catch2=catch2
            catch2-with-main=catch2 cmocka=libcmocka-dev check=check cppunit=libcppunit-dev criterion=libcriterion-dev fmt=libfmt-dev
            spdlog=libspdlog-dev nlohmann_json=nlohmann-json3-dev eigen3=libeigen3-dev opencv4=libopencv-dev bzip2=libbz2-dev liblzma=liblzma-dev
            libzstd=libzstd-dev liblz4=liblz4-dev libbrotlidec=libbrotli-dev libpq=libpq-dev mysqlclient=default-libmysqlclient-dev
            hiredis=libhiredis-dev libevent=libevent-dev libuv=libuv1-dev yaml-0.1=libyaml-dev yaml-cpp=libyaml-cpp-dev tbb=libtbb-dev
            alsa=libasound2-dev libpulse=libpulse-dev portaudio-2.0=portaudio19-dev jack=libjack-dev sndfile=libsndfile1-dev ogg=libogg-dev
            vorbis=libvorbis-dev flac=libflac-dev opus=libopus-dev libavcodec=libavcodec-dev libavformat=libavformat-dev libavutil=libavutil-dev
            libswscale=libswscale-dev libswresample=libswresample-dev gstreamer-1.0=libgstreamer1.0-dev lua=liblua5.4-dev lua5.4=liblua5.4-dev
            lua5.1=liblua5.1-0-dev luajit=libluajit-5.1-dev readline=libreadline-dev ncurses=libncurses-dev ncursesw=libncurses-dev
            libpcre2-8=libpcre2-dev libpcre=libpcre3-dev libsystemd=libsystemd-dev libudev=libudev-dev dbus-1=libdbus-1-dev
            libusb-1.0=libusb-1.0-0-dev libzmq=libzmq3-dev fuse3=libfuse3-dev fuse=libfuse-dev libseccomp=libseccomp-dev libcap=libcap-dev
            libsodium=libsodium-dev gnutls=libgnutls28-dev nettle=nettle-dev libgcrypt=libgcrypt20-dev gpgme=libgpgme-dev json-c=libjson-c-dev
            jansson=libjansson-dev libarchive=libarchive-dev libgit2=libgit2-dev libssh2=libssh2-1-dev libssh=libssh-dev expat=libexpat1-dev
            icu-uc=libicu-dev icu-i18n=libicu-dev gmp=libgmp-dev mpfr=libmpfr-dev gsl=libgsl-dev fftw3=libfftw3-dev vips=libvips-dev
            libnotify=libnotify-dev libpcap=libpcap-dev mount=libmount-dev blkid=libblkid-dev uuid=uuid-dev libelf=libelf-dev libbpf=libbpf-dev
            libnl-3.0=libnl-3-dev libnl-genl-3.0=libnl-genl-3-dev polkit-gobject-1=libpolkit-gobject-1-dev gobject-introspection-1.0=libgirepository1.0-dev
            libselinux=libselinux1-dev libwebp=libwebp-dev harfbuzz=libharfbuzz-dev fribidi=libfribidi-dev tss2-esys=libtss2-dev
            """);

    /** Rust crates that link to a library of the system. */
    private static final Map<String, String> CRATES = table("""
            openssl-sys=pkg-config,libssl-dev pq-sys=libpq-dev mysqlclient-sys=pkg-config,default-libmysqlclient-dev libsqlite3-sys=libsqlite3-dev
            alsa-sys=pkg-config,libasound2-dev libudev-sys=pkg-config,libudev-dev libdbus-sys=pkg-config,libdbus-1-dev glib-sys=pkg-config,libglib2.0-dev
            gtk-sys=pkg-config,libgtk-3-dev gtk4-sys=pkg-config,libgtk-4-dev libadwaita-sys=libadwaita-1-dev cairo-sys-rs=pkg-config,libcairo2-dev
            pango-sys=pkg-config,libpango1.0-dev gdk-pixbuf-sys=pkg-config,libgdk-pixbuf-2.0-dev webkit2gtk-sys=libwebkit2gtk-4.1-dev
            soup3-sys=libsoup-3.0-dev javascriptcore-rs-sys=libjavascriptcoregtk-4.1-dev gstreamer-sys=libgstreamer1.0-dev,libgstreamer-plugins-base1.0-dev
            prost-build=protobuf-compiler tonic-build=protobuf-compiler clang-sys=libclang-dev librocksdb-sys=libclang-dev cmake=cmake nasm-rs=nasm
            yeslogic-fontconfig-sys=pkg-config,libfontconfig1-dev freetype-sys=pkg-config libpulse-sys=libpulse-dev jack-sys=libjack-dev
            sdl2-sys=libsdl2-dev zmq-sys=libzmq3-dev libgssapi-sys=libkrb5-dev pcap=libpcap-dev libseccomp-sys=libseccomp-dev
            libsystemd-sys=pkg-config,libsystemd-dev tss-esapi-sys=pkg-config,libtss2-dev ffmpeg-sys-next=libavcodec-dev,libavdevice-dev,libavfilter-dev,libavformat-dev,libavutil-dev,libswscale-dev
            x11=pkg-config,libx11-dev hidapi=pkg-config,libudev-dev rdkafka-sys=zlib1g-dev libpam-sys=libpam0g-dev pam-sys=libpam0g-dev
            selinux-sys=libselinux1-dev libfuse-sys=libfuse3-dev gpgme-sys=libgpgme-dev opencv=libopencv-dev xkbcommon-sys=libxkbcommon-dev
            libvips=libvips-dev magick_rust=libmagickwand-dev leptonica-sys=libleptonica-dev tesseract-sys=libtesseract-dev
            """);

    /** Go modules that call C libraries; those that bring the library's source are left out. */
    private static final Map<String, String> GO = table("""
            github.com/gotk3/gotk3=libgtk-3-dev github.com/diamondburned/gotk4/pkg=libgtk-4-dev,libgirepository1.0-dev
            github.com/veandco/go-sdl2=libsdl2-dev,libsdl2-image-dev,libsdl2-ttf-dev,libsdl2-mixer-dev fyne.io/fyne/v2=GL
            github.com/go-gl/glfw/v3.3/glfw=GL github.com/go-gl/glfw/v3.4/glfw=GL github.com/hajimehoshi/ebiten/v2=GL,libasound2-dev
            github.com/hajimehoshi/oto/v2=libasound2-dev github.com/ebitengine/oto/v3=libasound2-dev github.com/gopxl/beep/v2=libasound2-dev
            github.com/faiface/beep=libasound2-dev gioui.org=libwayland-dev,libx11-dev,libx11-xcb-dev,libxkbcommon-x11-dev,libgles2-mesa-dev,libegl1-mesa-dev,libxcursor-dev,libvulkan-dev
            github.com/h2non/bimg=libvips-dev github.com/davidbyttow/govips/v2=libvips-dev github.com/libgit2/git2go/v34=libgit2-dev
            github.com/google/gopacket=libpcap-dev github.com/gopacket/gopacket=libpcap-dev github.com/pebbe/zmq4=libzmq3-dev
            github.com/proglottis/gpgme=libgpgme-dev github.com/gordonklaus/portaudio=portaudio19-dev github.com/getlantern/systray=libayatana-appindicator3-dev
            github.com/webview/webview_go=libgtk-3-dev,libwebkit2gtk-4.1-dev gocv.io/x/gocv=libopencv-dev github.com/linxGnu/grocksdb=librocksdb-dev
            github.com/seccomp/libseccomp-golang=libseccomp-dev gopkg.in/gographics/imagick.v3=libmagickwand-dev github.com/otiai10/gosseract/v2=libtesseract-dev,libleptonica-dev
            """);

    private SystemPackages() {}

    static List<String> ofCmake(String name) {
        return list(CMAKE.get(name.toLowerCase(Locale.ROOT)));
    }

    static List<String> ofPkgConfig(String name) {
        return list(PKG_CONFIG.get(name));
    }

    static List<String> ofCrate(String name) {
        return list(CRATES.get(name));
    }

    static Map<String, Evidence> ofGo(Map<String, Evidence> modules) {
        Map<String, Evidence> packages = new TreeMap<>();
        modules.forEach((module, evidence) -> list(GO.get(module)).forEach(p -> packages.putIfAbsent(p, evidence)));
        return packages;
    }

    /** A library by the name that Haskell's {@code extra-libraries} and {@code -l} give it. */
    static List<String> ofLibrary(String name) {
        Optional<List<String>> asModule = List.of(name, "lib" + name).stream().map(SystemPackages::ofPkgConfig).filter(l -> !l.isEmpty()).findFirst();
        return asModule.orElse(switch (name) {
            case "z" -> List.of("zlib1g-dev");
            case "pq" -> List.of("libpq-dev");
            case "ssl", "crypto" -> List.of("libssl-dev");
            case "curl" -> List.of("libcurl4-openssl-dev");
            case "bz2" -> List.of("libbz2-dev");
            case "lzma" -> List.of("liblzma-dev");
            default -> List.of();
        });
    }

    private static List<String> list(String packages) {
        return packages == null ? List.of() : List.of(packages.replace("GL", OPENGL.replace(' ', ',')).split(","));
    }

    private static Map<String, String> table(String text) {
        Map<String, String> table = new LinkedHashMap<>();
        for (String entry : text.strip().split("\\s+")) {
            int cut = entry.indexOf('=');
            table.put(entry.substring(0, cut), entry.substring(cut + 1));
        }
        return table;
    }
}
