import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import lib.scan.Project;
import lib.scan.Recipe;
import lib.scan.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class RecipeTest {
    @TempDir
    Path dir;

    private Project project;

    private Recipe make(String target, String... lines) throws IOException {
        project = Project.open(Tree.of(dir, "Makefile", String.join("\n", lines) + "\n"));
        return Recipe.of(project, project.task(".", target).orElseThrow());
    }

    @Test
    void variablesAndNeedsAreFollowed() throws IOException {
        Recipe recipe = make("test", "GO ?= go", "FLAGS := -race \\", "\t-count=1", "test: vet", "\t@$(GO) test $(FLAGS) ./...", "vet:", "\t$(GO) vet ./...");
        assertEquals(List.of(List.of("go", "vet", "./..."), List.of("go", "test", "-race", "-count=1", "./...")), recipe.commands());
        assertTrue(recipe.calls("go test"));
        assertFalse(recipe.calls("go build"));
    }

    @Test
    void callsOfMakeItselfAreFollowed() throws IOException {
        Recipe recipe = make("test", "test:", "\tgo clean -testcache && $(MAKE) test-all", "test-all:", "\tgo test ./...");
        assertTrue(recipe.calls("go test"));
        assertEquals(Set.of("go", "make"), recipe.programs());
    }

    @Test
    void aCommandInsideASubstitutionIsSeen() throws IOException {
        Recipe recipe = make("lint", "lint:", "\ttest -z \"$$(gofmt -l .)\" || (echo unformatted; exit 1)");
        assertEquals(Set.of("gofmt", "test", "echo", "exit"), recipe.programs());
    }

    @Test
    void assignmentsKeywordsAndRedirectionsAreNoPrograms() throws IOException {
        Recipe recipe = make("test", "test:", "\tCGO_ENABLED=0 go test ./... > out.txt 2>&1", "\tif [ -f x ]; then cat x; fi", "\tfor d in a b; do ls $$d; done");
        assertEquals(Set.of("go", "[", "cat", "ls"), recipe.programs());
    }

    @Test
    void aToolThatTheMakefileMakesIsProvided() throws IOException {
        Recipe recipe = make("lint", "BIN ?= $(shell pwd)/bin", "LINTER = $(BIN)/golangci-lint", "lint: $(LINTER)", "\t$(LINTER) run", "$(LINTER):",
                "\tGOBIN=$(BIN) go install example.org/golangci-lint@v1");
        assertEquals(Set.of(), recipe.programs());
    }

    @Test
    void anUnknownProgramIsNotTakenForNothing() throws IOException {
        assertFalse(make("test", "test:", "\t$(RUNNER) test ./...").programs().contains("test"));
    }

    @Test
    void aVariableEndsTheRuleAboveIt() throws IOException {
        Project p = Project.open(Tree.of(dir, "Makefile", "test:\n\tgo test\nSRC = a \\\n\tb.go\n.c.o:\n\tcc -c $<\n"));
        Task test = p.task(".", "test").orElseThrow();
        assertEquals(List.of("go test"), test.recipe());
    }

    @Test
    void tasksThatNeedEachOtherEnd() throws IOException {
        assertEquals(Set.of("make"), make("a", "a: b", "\t$(MAKE) b", "b: a", "\t$(MAKE) a").programs());
    }

    @Test
    @Timeout(10)
    void growingVariablesAndLongLinesEnd() throws IOException {
        StringBuilder text = new StringBuilder("V0 = xxxxxxxxxx\n");
        for (int i = 1; i < 40; i++) {
            text.append("V").append(i).append(" = $(V").append(i - 1).append(")$(V").append(i - 1).append(")\n");
        }
        text.append("test:\n\tgo test $(V39)\nlong").append(" ".repeat(1_000_000)).append("\nmore: \\\n").append("x\\\n".repeat(300_000));
        Project p = Project.open(Tree.of(dir, "Makefile", text.toString()));
        assertTrue(Recipe.of(p, p.task(".", "test").orElseThrow()).calls("go test"));
    }

    @Test
    void tasksOfTheOtherRunners() throws IOException {
        Project p = Project.open(Tree.of(dir,
                "justfile", "check: fmt\n    cargo test --all\nfmt:\n    cargo fmt --check\n",
                "Taskfile.yml", "version: '3'\ntasks:\n  ci:\n    cmds:\n      - task: unit\n  unit:\n    cmds: [go test ./...]\n"));
        assertTrue(Recipe.of(p, p.task(".", "check").orElseThrow()).calls("cargo fmt"));
        assertTrue(Recipe.of(p, p.task(".", "ci").orElseThrow()).calls("go test"));
    }
}
