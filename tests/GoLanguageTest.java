import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Command;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import lib.scan.Component.Tool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class GoLanguageTest {
    private static final String MOD = "module example.com/app\n\ngo 1.24.1\n";
    private static final String TEST = "package app\n";

    @TempDir
    Path dir;
    private Project project;

    private ProjectFacts scan(String... pathAndContent) throws IOException {
        project = Project.open(Tree.of(dir, pathAndContent));
        return Scan.scan(project);
    }

    private Component only(String... pathAndContent) throws IOException {
        List<Component> components = scan(pathAndContent).components().stream().filter(c -> c.ecosystem().equals("go")).toList();
        assertEquals(1, components.size(), components::toString);
        return components.get(0);
    }

    private static List<String> runs(Component c, CommandKind kind) {
        return c.proven(kind).stream().map(Command::run).toList();
    }

    @Test
    void theGoLineIsTheLeastVersionAndNoPin() throws IOException {
        Component c = only("go.mod", MOD, "a.go", "package app\n");
        assertEquals("", c.runtime().version());
        assertEquals(">=1.24.1", c.runtime().range());
        assertEquals("go.mod:3", c.runtime().evidence().place());
    }

    @Test
    void theToolchainLineWinsOverTheGoLine() throws IOException {
        Component c = only("go.mod", MOD + "toolchain go1.25.3\n", "a.go", "package app\n");
        assertEquals("1.25.3", c.runtime().version());
        assertEquals(">=1.24.1", c.runtime().range());
        assertEquals("go.mod", c.runtime().versionFile());
    }

    @Test
    void aPinOlderThanTheModuleAllowsIsAContradiction() throws IOException {
        Component c = only("go.mod", MOD, ".go-version", "1.23.0\n", "a.go", "package app\n");
        assertEquals("1.23.0", c.runtime().version());
        assertTrue(project.findings().stream().anyMatch(f -> f.rule().equals("version-contradiction") && f.evidence().size() == 2));
    }

    @Test
    void withoutDependenciesNothingIsInstalled() throws IOException {
        assertEquals(List.of(), runs(only("go.mod", MOD, "a.go", "package app\n"), CommandKind.INSTALL));
    }

    @Test
    void vendoredDependenciesAreNotDownloaded() throws IOException {
        String mod = MOD + "require github.com/lib/pq v1.10.9\n";
        assertEquals(List.of("go mod download"), runs(only("go.mod", mod, "go.sum", "x\n", "a.go", "package app\n"), CommandKind.INSTALL));
        assertEquals(List.of(), runs(only("go.mod", mod, "go.sum", "x\n", "vendor/modules.txt", "\n"), CommandKind.INSTALL));
    }

    @Test
    void onlyDirectRequirementsAreDependencies() throws IOException {
        Component c = only("go.mod", MOD + "require (\n\ta.org/b v1.0.0\n\tc.org/d v1.0.0 // indirect\n)\n", "a.go", "package app\n");
        assertEquals(List.of("a.org/b"), List.copyOf(c.dependencies().keySet()));
        assertEquals(5, c.dependencies().get("a.org/b").line());
    }

    @Test
    void testsNeedTestFiles() throws IOException {
        assertEquals(List.of(), runs(only("go.mod", MOD, "a.go", "package app\n"), CommandKind.TEST));
        assertEquals(List.of("go test -race ./..."), runs(only("a_test.go", TEST), CommandKind.TEST));
    }

    @Test
    void testsOfVendoredCodeAndOfTestDataAreNotOurs() throws IOException {
        Component c = only("go.mod", MOD, "a.go", "package app\n", "vendor/x/x_test.go", TEST, "testdata/y_test.go", TEST, "_old/z_test.go", TEST);
        assertEquals(List.of(), runs(c, CommandKind.TEST));
    }

    @Test
    void aTargetThatNeedsNothingElseIsTaken() throws IOException {
        Component c = only("go.mod", MOD, "a_test.go", TEST, "Makefile", "test:\n\tgo clean -testcache && $(MAKE) unit\nunit:\n\tgo test ./...\n");
        assertEquals(List.of("make test"), runs(c, CommandKind.TEST));
    }

    @Test
    void aTargetThatNeedsAnUnknownProgramIsNot() throws IOException {
        Component c = only("go.mod", MOD, "a_test.go", TEST, "Makefile", "test: up\n\tgo test ./...\nup:\n\tdocker compose up -d\n");
        assertEquals(List.of("go test -race ./..."), runs(c, CommandKind.TEST));
    }

    @Test
    void aTaskOfOneCommandIsRunWithoutItsRunner() throws IOException {
        Component c = only("go.mod", MOD, "a_test.go", TEST, "Taskfile.yml", "version: '3'\ntasks:\n  test:\n    cmds:\n      - go test -count=1 ./...\n");
        assertEquals(List.of("go test -count=1 ./..."), runs(c, CommandKind.TEST));
        assertEquals(List.of(), c.tools());
    }

    @Test
    void golangciNeedsItsConfiguration() throws IOException {
        assertEquals(List.of(), runs(only("go.mod", MOD, "a.go", "package app\n"), CommandKind.LINT));
        Component c = only(".golangci.yml", "version: \"2\"\n");
        assertEquals(List.of("golangci-lint run"), runs(c, CommandKind.LINT));
        assertEquals("", c.tools().get(0).version());
    }

    @Test
    void anOldConfigurationGetsAnOldLinter() throws IOException {
        assertEquals(List.of("1.64.8"), only("go.mod", MOD, "a.go", "package app\n", ".golangci.yml", "linters: {}\n").tools().stream().map(Tool::version).toList());
    }

    @Test
    void theVersionOfTheLinterIsReadFromTheMakefile() throws IOException {
        Component c = only("go.mod", MOD, "a.go", "package app\n", ".golangci.yml", "version: \"2\"\n", "Makefile",
                "GOLANGCI_LINT_VERSION ?= v2.5.0\nlint:\n\tgolangci-lint run\n");
        assertEquals(List.of("make lint"), runs(c, CommandKind.LINT));
        assertEquals("2.5.0", c.tools().get(0).version());
    }

    @Test
    void aTargetThatRepairsIsNoCheck() throws IOException {
        Component c = only("go.mod", MOD, "a.go", "package app\n", ".golangci.yml", "version: \"2\"\n", "Makefile", "lint:\n\tgolangci-lint run --fix\nfmt:\n\tgofmt -w .\n");
        assertEquals(List.of("golangci-lint run"), runs(c, CommandKind.LINT));
        assertEquals(List.of("test -z \"$(go fmt ./... | tee /dev/stderr)\""), runs(c, CommandKind.FORMAT));
    }

    @Test
    void aTargetThatBuildsForManySystemsIsLeftToReleases() throws IOException {
        String main = "package main\n\nfunc main() {}\n";
        Component many = only("go.mod", MOD, "main.go", main, "Makefile", "build: a b\na:\n\tGOOS=linux go build\nb:\n\tGOOS=darwin go build\n");
        assertEquals(List.of("go build ./..."), runs(many, CommandKind.BUILD));
        Component one = only("Makefile", "build:\n\tgo build -o bin/app .\n");
        assertEquals(List.of("make build"), runs(one, CommandKind.BUILD));
    }

    @Test
    void membersOfAWorkspaceHaveTheirOwnCommands() throws IOException {
        ProjectFacts facts = scan("go.work", "go 1.25\n\nuse (\n\t./a\n\t./examples/b\n\t./gone\n)\n", "a/go.mod", "module x.org/a\n\ngo 1.25\n", "a/a.go",
                "package a\n", "examples/b/go.mod", "module x.org/b\n\ngo 1.25\n\nrequire x.org/a v0.0.0\n", "examples/b/b_test.go", "package b\n");
        assertEquals(List.of("a", "examples/b"), facts.packages());
        Component b = facts.component("examples/b", "go").orElseThrow();
        assertEquals(List.of("go test -race ./..."), runs(b, CommandKind.TEST));
        assertEquals(List.of("a"), b.dependsOn());
        assertTrue(project.findings().stream().anyMatch(f -> f.rule().equals("missing-member") && f.message().contains("./gone")));
    }

    @Test
    void modulesWithoutAWorkspaceAreComponentsEach() throws IOException {
        ProjectFacts facts = scan("a/go.mod", MOD, "a/a.go", "package a\n", "b/go.mod", MOD, "b/b_test.go", "package b\n", "examples/c/go.mod", MOD, "examples/c/c.go",
                "package c\n");
        assertEquals(List.of("a", "b"), facts.packages());
        assertTrue(facts.monorepo());
    }

    @Test
    void aModuleWithoutGoFilesIsABarrierAndAListOfToolsIsNoPackage() throws IOException {
        ProjectFacts facts = scan("go.mod", MOD, "a.go", "package app\n", "web/go.mod", "module web\n", "tools/go.mod", "module tools\n", "tools/tools.go",
                "//go:build tools\n\npackage tools\n");
        assertEquals(List.of("."), facts.components().stream().filter(c -> c.ecosystem().equals("go")).map(Component::path).toList());
    }

    @Test
    void testsBehindATagRunByTheProjectsOwnTarget() throws IOException {
        String make = "test:\n\tgo test ./...\nintegration-test:\n\tgo test -tags integration ./...\n";
        Component c = only("go.mod", MOD, "a_test.go", "//go:build integration\n\npackage app\n", "Makefile", make);
        assertEquals(List.of("make test", "make integration-test"), runs(c, CommandKind.TEST));
    }

    @Test
    void whatLinksToCNamesItsPackages() throws IOException {
        Component c = only("go.mod", MOD + "require github.com/google/gopacket v1.1.19\n", "a.go", "package app\n");
        assertEquals(List.of("libpcap-dev"), List.copyOf(c.systemPackages().keySet()));
    }

    @Test
    void aReleaserShowsWhereItIsPublished() throws IOException {
        Component c = only("go.mod", MOD, "main.go", "package main\n", ".goreleaser.yaml", "version: 2\n");
        assertEquals("github-releases", c.publications().get(0).registry());
    }

    @Test
    void brokenFilesAreServedAllTheSame() throws IOException {
        Component c = only("go.mod", "module\ngo\nrequire (\n\u0000\n)))\nuse\ngo not-a-version\nreplace a =>\n", "a.go", "package app\n");
        assertEquals("", c.runtime().range());
        assertEquals(List.of("go build ./..."), runs(c, CommandKind.BUILD));
    }
}
