package lib.scan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

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
