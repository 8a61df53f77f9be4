import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lib.scan.Command;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import lib.scan.Component.Tool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

/** C, C++, Zig, Swift, Dart and Haskell. */
class NativeLanguagesTest {
    @TempDir
    Path dir;
    private Project project;

    private ProjectFacts scan(String... pathAndContent) throws IOException {
        project = Project.open(Tree.of(dir, pathAndContent));
        return Scan.scan(project);
    }

    private Component root(String ecosystem, String... pathAndContent) throws IOException {
        ProjectFacts facts = scan(pathAndContent);
        return facts.component(".", ecosystem).orElseThrow(() -> new AssertionError(facts.components().toString()));
    }

    private static List<String> runs(Component c, CommandKind kind) {
        return c.proven(kind).stream().map(Command::run).toList();
    }

    private boolean finds(String rule) {
        return project.findings().stream().anyMatch(f -> f.rule().equals(rule));
    }

    // --- CMake ---

    @Test
    void testsOfCmakeBuildWhatTheyRun() throws IOException {
        Component c = root("c", "CMakeLists.txt", "cmake_minimum_required(VERSION 3.16)\nproject(a C)\nenable_testing()\nadd_test(NAME t COMMAND a)\n", "a.c", "");
        assertEquals(List.of("cmake -S . -B build", "cmake --build build --parallel 4", "ctest --test-dir build --output-on-failure"), runs(c, CommandKind.TEST));
        assertEquals(List.of("cmake -S . -B build", "cmake --build build --parallel 4"), runs(c, CommandKind.BUILD));
        assertEquals("CMakeLists.txt:4", c.commands(CommandKind.TEST).get(2).evidence().place());
    }

    @Test
    void aSwitchForTestsThatIsOffIsTurnedOn() throws IOException {
        String lists = "project(a CXX)\noption(A_BUILD_TESTS \"\" OFF)\nif(A_BUILD_TESTS OR A_ALL)\n  enable_testing()\n  add_subdirectory(tests)\nendif()\n";
        Component c = root("cpp", "CMakeLists.txt", lists, "a.cpp", "", "tests/CMakeLists.txt", "add_test(t t)\n");
        assertEquals("cmake -S . -B build -DA_BUILD_TESTS=ON", runs(c, CommandKind.TEST).get(0));
        Component on = root("cpp", "CMakeLists.txt", lists.replace("OFF", "ON"));
        assertEquals("cmake -S . -B build", runs(on, CommandKind.TEST).get(0));
    }

    @Test
    void buildTestingIsOnOnlyWithCtest() throws IOException {
        String lists = "project(a C)\nif(BUILD_TESTING)\n  add_test(t t)\nendif()\n";
        assertEquals("cmake -S . -B build -DBUILD_TESTING=ON", runs(root("c", "CMakeLists.txt", lists, "a.c", ""), CommandKind.TEST).get(0));
        assertEquals("cmake -S . -B build", runs(root("c", "CMakeLists.txt", "include(CTest)\n" + lists), CommandKind.TEST).get(0));
    }

    @Test
    void testsThatOnlyAFolderBelowEnablesAreCalledThere() throws IOException {
        Component c = root("c", "CMakeLists.txt", "project(a C)\nadd_subdirectory(tests)\n", "a.c", "", "tests/CMakeLists.txt", "enable_testing()\nadd_test(t t)\n");
        assertEquals("ctest --test-dir build/tests --output-on-failure", runs(c, CommandKind.TEST).get(2));
    }

    @Test
    void testsOfWhatWasBroughtAlongAreNotOurs() throws IOException {
        Component c = root("c", "CMakeLists.txt", "project(a C)\nadd_subdirectory(third_party/x)\n", "a.c", "", "third_party/x/CMakeLists.txt", "enable_testing()\nadd_test(t t)\n");
        assertEquals(List.of(), runs(c, CommandKind.TEST));
    }

    @Test
    void requiredLibrariesNameSystemPackages() throws IOException {
        Component c = root("cpp", "CMakeLists.txt", "project(a CXX)\nfind_package(OpenSSL REQUIRED)\nfind_package(PNG)\nif(WIN32)\nfind_package(CURL REQUIRED)\nelse()\n"
                + "find_package(ZLIB 1.2 REQUIRED)\nendif()\n", "a.cpp", "");
        assertEquals(List.of("libssl-dev", "zlib1g-dev"), List.copyOf(c.systemPackages().keySet()));
    }

    @Test
    void aRunnerOfAnAppIsNoComponent() throws IOException {
        ProjectFacts facts = scan("pubspec.yaml", "name: app\ndependencies:\n  flutter:\n    sdk: flutter\n", "windows/CMakeLists.txt", "project(app CXX)\n", "windows/main.cpp", "");
        assertEquals(List.of("dart"), facts.components().stream().map(Component::ecosystem).toList());
    }

    @Test
    void aMinimumThatCmake4RefusesIsRaised() throws IOException {
        Component c = root("c", "CMakeLists.txt", "cmake_minimum_required(VERSION 2.8)\nproject(a C)\n", "a.c", "");
        assertEquals("cmake -S . -B build -DCMAKE_POLICY_VERSION_MINIMUM=3.5", runs(c, CommandKind.BUILD).get(0));
    }

    @Test
    void aKitThatIsNotThereIsAFinding() throws IOException {
        Component c = root("c", "CMakeLists.txt", "include(pico_sdk_import.cmake)\nproject(a C)\n", "a.c", "");
        assertEquals(List.of(), runs(c, CommandKind.BUILD));
        assertTrue(finds("needs-kit"));
    }

    @Test
    @Timeout(10)
    void strangeCmakeFilesEnd() throws IOException {
        Component c = root("c", "CMakeLists.txt", "project(a C)\nadd_subdirectory(.)\ninclude(CMakeLists.txt)\n#[[ ((( \n]] if(\"\nx(" + "(".repeat(100_000), "a.c", "");
        assertEquals(2, runs(c, CommandKind.BUILD).size());
    }

    @Test
    @Timeout(20)
    void hugeFilesEnd() throws IOException {
        String spaces = "\n".repeat(500_000);
        scan("CMakeLists.txt", "project(a C)\n" + "if(A_TEST)\n".repeat(100_000) + "find_package(Z REQUIRED)\n".repeat(2_000), "a.c", "",
                "Package.swift", "// swift-tools-version: 6.0\n" + spaces, "Sources/a.swift", spaces, "meson.build", spaces, "Cargo.toml",
                "[package]\nname = \"a\"\n", "src/lib.rs", spaces, "rustfmt.toml", spaces, "justfile", "test:\n    " + "{".repeat(500_000) + "\n", "b/Cargo.toml",
                "[workspace]\nmembers = [\"" + "**/".repeat(30) + "\"]\n", "b/c/d/e/f/g/h/i/j/k/l/m/Cargo.toml", "[package]\nname = \"c\"\n", "a.cabal", spaces, "build.zig",
                spaces, "x.zig", "");
        assertTrue(project.files().size() > 5);
    }

    // --- the other ways of C and C++ ---

    @Test
    void mesonTurnsItsTestsOnAndKeepsItsReport() throws IOException {
        Component c = root("c", "meson.build", "project('a', 'c')\ndependency('zlib')\ndependency('libcurl', required: false)\nif get_option('tests')\n  test('t', exe)\nendif\n",
                "meson_options.txt", "option('tests', type: 'boolean', value: false)\n", "a.c", "");
        assertEquals(List.of("meson setup build -Dtests=true", "meson compile -C build", "meson test -C build --print-errorlogs"), runs(c, CommandKind.TEST));
        assertEquals(List.of("pkg-config", "zlib1g-dev"), List.copyOf(c.systemPackages().keySet()));
        assertEquals("build/meson-logs/testlog.junit.xml", c.outputs().get(0).path());
    }

    @Test
    void autotoolsPrepareConfigureAndCheck() throws IOException {
        Component c = root("c", "configure.ac", "AC_INIT([a], [1])\nAC_PROG_YACC\n", "Makefile.am", "TESTS = t\n", "a.c", "");
        assertEquals(List.of("autoreconf -fi", "./configure", "make check"), runs(c, CommandKind.TEST));
        assertEquals(List.of("bison"), List.copyOf(c.systemPackages().keySet()));
    }

    @Test
    void aMakefileThatCompilesIsAProject() throws IOException {
        Component c = root("c", "Makefile", "all: a\na: a.o\n\t$(CC) -o $@ $^ -lz\ntest: a\n\t./a\n", "a.c", "");
        assertEquals(List.of("make test"), runs(c, CommandKind.TEST));
        assertEquals(List.of("make"), runs(c, CommandKind.BUILD));
        assertEquals(List.of("zlib1g-dev"), List.copyOf(c.systemPackages().keySet()));
        assertEquals(List.of("gcc", "make"), c.tools().stream().map(Tool::name).toList());
    }

    @Test
    void aTargetThatIsPassedOnIsCalledWhereItIs() throws IOException {
        Component c = root("c", "Makefile", "SUBDIRS = src\ndefault: all\n.DEFAULT:\n\tfor d in $(SUBDIRS); do $(MAKE) -C $$d $@; done\n", "src/Makefile",
                "all: a.o\n\t$(CC) a.o\ntest: all\n\t./a.out\n", "src/a.c", "");
        assertEquals(List.of("make -C src test"), runs(c, CommandKind.TEST));
    }

    @Test
    void aMakefileOfAnotherEcosystemIsNone() throws IOException {
        ProjectFacts facts = scan("go.mod", "module a\n", "a.go", "package a\n", "Makefile", "test:\n\tgo test\n", "x.c", "", "y.c", "");
        assertEquals(List.of("go"), facts.components().stream().map(Component::ecosystem).toList());
    }

    @Test
    void aFormatIsCheckedByTheProjectsOwnTarget() throws IOException {
        Component c = root("c", "Makefile", "all: a.o\n\tcc a.o\ncheck-format:\n\tclang-format --dry-run --Werror a.c\nformat:\n\tclang-format -i a.c\n", "a.c", "");
        assertEquals(List.of("make check-format"), runs(c, CommandKind.FORMAT));
    }

    // --- Zig, Swift ---

    @Test
    void zigTestsNeedTheStep() throws IOException {
        Component c = root("zig", "build.zig", "const t = b.step(\"test\", \"Run\");\n", "build.zig.zon", ".{ .name = .a,\n .minimum_zig_version = \"0.14.0\" }\n", "src/a.zig", "");
        assertEquals(List.of("zig build test"), runs(c, CommandKind.TEST));
        assertEquals(">=0.14.0", c.runtime().range());
        assertEquals("0.14.0", c.runtime().version());
        assertEquals(List.of(), runs(root("zig", "build.zig", "// nothing\n"), CommandKind.TEST));
    }

    @Test
    void swiftTakesTheLeastToolsVersion() throws IOException {
        Component c = root("swift", "Package.swift", "// swift-tools-version: 6.1\nlet package = Package(name: \"A\", targets: [.testTarget(name: \"ATests\")])\n",
                "Package@swift-5.9.swift", "// swift-tools-version:5.9\n", "Sources/A/a.swift", "import Foundation\n");
        assertEquals(">=5.9", c.runtime().range());
        assertEquals(List.of("swift test"), runs(c, CommandKind.TEST));
    }

    @Test
    void appleFrameworksNeedAMac() throws IOException {
        Component c = root("swift", "Package.swift", "// swift-tools-version: 6.0\nlet package = Package(name: \"A\")\n", "Sources/A/a.swift", "import UIKit\n");
        assertEquals(List.of(), runs(c, CommandKind.BUILD));
        assertTrue(finds("needs-mac"));
        Component guarded = root("swift", "Sources/A/a.swift", "#if canImport(UIKit)\nimport UIKit\n#endif\n");
        assertEquals(List.of("swift build"), runs(guarded, CommandKind.BUILD));
    }

    @Test
    void aManifestForSwiftsUsersIsNoSwiftPackage() throws IOException {
        ProjectFacts facts = scan("Package.swift", "// swift-tools-version: 5.9\n", "CMakeLists.txt", "project(a C)\n", "a.c", "", "b.c", "");
        assertEquals(List.of("c"), facts.components().stream().map(Component::ecosystem).toList());
    }

    @Test
    void anXcodeProjectAloneIsAFinding() throws IOException {
        scan("App.xcodeproj/project.pbxproj", "// !$*UTF8*$!\n", "App/a.swift", "import UIKit\n");
        assertTrue(finds("needs-mac"));
    }

    // --- Dart ---

    @Test
    void dartTestsNeedTheirFramework() throws IOException {
        String pubspec = "name: a\nenvironment:\n  sdk: ^3.5.0\n";
        assertEquals(List.of(), runs(root("dart", "pubspec.yaml", pubspec, "test/a_test.dart", ""), CommandKind.TEST));
        Component c = root("dart", "pubspec.yaml", pubspec + "dev_dependencies:\n  test: any\n", "pubspec.lock", "packages: {}\n", "analysis_options.yaml", "linter: {}\n");
        assertEquals(List.of("dart test"), runs(c, CommandKind.TEST));
        assertEquals(List.of("dart pub get --enforce-lockfile"), runs(c, CommandKind.INSTALL));
        assertEquals(List.of("dart analyze"), runs(c, CommandKind.LINT));
        assertEquals("^3.5.0", c.runtime().range());
    }

    @Test
    void aFlutterAppIsBuiltForTheWeb() throws IOException {
        Component c = root("dart", "pubspec.yaml", "name: a\nenvironment:\n  flutter: '>=3.20.0'\ndependencies:\n  flutter:\n    sdk: flutter\n", ".fvmrc", "{\"flutter\": \"3.29.0\"}\n",
                "lib/main.dart", "", "web/index.html", "", "android/build.gradle", "");
        assertEquals(List.of("flutter build web"), runs(c, CommandKind.BUILD));
        assertEquals("3.29.0", c.runtime().version());
        assertEquals("flutter", c.runtime().name());
    }

    @Test
    void membersOfAPubWorkspaceAreInstalledByItsRoot() throws IOException {
        ProjectFacts facts = scan("pubspec.yaml", "name: root\nworkspace:\n  - packages/*\n", "packages/a/pubspec.yaml", "name: a\nresolution: workspace\n", "packages/b/pubspec.yaml",
                "name: b\nresolution: workspace\ndependencies:\n  a: any\n");
        assertEquals(List.of("dart pub get"), runs(facts.component(".", "dart").orElseThrow(), CommandKind.INSTALL));
        Component b = facts.component("packages/b", "dart").orElseThrow();
        assertEquals(List.of(), runs(b, CommandKind.INSTALL));
        assertEquals(List.of("packages/a"), b.dependsOn());
        assertEquals(".", b.workspace().root());
    }

    @Test
    void generatedPartsThatAreMissingAreGenerated() throws IOException {
        Component c = root("dart", "pubspec.yaml", "name: a\ndev_dependencies:\n  build_runner: any\n", "lib/a.dart", "part 'a.g.dart';\n");
        assertEquals("dart run build_runner build --delete-conflicting-outputs", runs(c, CommandKind.INSTALL).get(1));
        assertEquals(1, runs(root("dart", "lib/a.g.dart", ""), CommandKind.INSTALL).size());
    }

    // --- Haskell ---

    private static final String CABAL = "name: a\ntested-with: GHC ==9.6.7 || ==9.8.4\n             || ==9.10.2\nlibrary\n  build-depends: base\n  extra-libraries: pq\ntest-suite t\n  build-depends: base, a\n";

    @Test
    void cabalTestsOnTheCompilersItNames() throws IOException {
        Component c = root("haskell", "a.cabal", CABAL, "stack.yaml", "resolver: lts-22.0\n");
        assertEquals("cabal", c.packageManager().id());
        assertEquals(List.of("9.6", "9.8", "9.10"), c.supported());
        assertEquals(List.of("cabal update", "cabal build --enable-tests --only-dependencies"), runs(c, CommandKind.INSTALL));
        assertEquals(List.of("cabal test --enable-tests"), runs(c, CommandKind.TEST));
        assertEquals(List.of("libpq-dev"), List.copyOf(c.systemPackages().keySet()));
    }

    @Test
    void stackWhereOnlyStackPins() throws IOException {
        Component c = root("haskell", "package.yaml", "name: a\ndependencies: [base]\ntests:\n  t: {}\n", "stack.yaml", "resolver: lts-22.43\n", "src/A.hs", "");
        assertEquals("stack", c.packageManager().id());
        assertEquals("9.6", c.runtime().version());
        assertEquals(List.of("stack test"), runs(c, CommandKind.TEST));
    }

    @Test
    void packagesOfOneProjectAreBuiltByItsRoot() throws IOException {
        ProjectFacts facts = scan("cabal.project", "packages: a b\n", "a/a.cabal", "name: a\nlibrary\n", "b/b.cabal", "name: b\nlibrary\n  build-depends: a\ntest-suite t\n");
        assertEquals(List.of("a", "b"), facts.packages());
        Component root = facts.component(".", "haskell").orElseThrow();
        assertEquals(List.of("cabal test all --enable-tests"), runs(root, CommandKind.TEST));
        Component b = facts.component("b", "haskell").orElseThrow();
        assertEquals(List.of("a"), b.dependsOn());
        assertTrue(b.workspace().oneUnit());
        assertFalse(b.commands().containsKey(CommandKind.TEST));
    }

    @Test
    void aPackageYamlOfSomethingElseIsNone() throws IOException {
        assertEquals(Optional.empty(), scan("package.yaml", "name: a\nlibrary: x\n").component(".", "haskell"));
    }
}
