import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Command;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Command.Confidence;
import lib.scan.Component.Output;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class DenoLanguageTest {
    @TempDir
    Path dir;

    private ProjectFacts scan(String... files) throws IOException {
        return Scan.scan(Project.open(Tree.of(dir, files)));
    }

    private Component deno(String... files) throws IOException {
        return scan(files).component(".", "deno").orElseThrow();
    }

    private static List<String> runs(Component component, CommandKind kind) {
        return component.proven(kind).stream().map(Command::run).toList();
    }

    @Test
    void tasksComeFirstAndConfigurationProvesDenosOwnTools() throws IOException {
        Component component = deno("deno.jsonc", """
                {
                  // the registry's name
                  "name": "@a/b", "version": "1.0.0", "exports": "./mod.ts",
                  "tasks": { "test": "deno test --allow-read --junit-path=./junit.xml", "check:types": { "command": "deno check mod.ts" } },
                  "fmt": {}, "lint": {},
                  "imports": { "redis": "npm:redis@^5", "@std/path": "jsr:@std/path@1" },
                }
                """, "mod.ts", "");
        assertEquals(List.of("deno task test"), runs(component, CommandKind.TEST));
        assertEquals(List.of("deno task check:types"), runs(component, CommandKind.TYPECHECK));
        assertEquals(List.of("deno fmt --check"), runs(component, CommandKind.FORMAT));
        assertEquals(List.of("deno lint"), runs(component, CommandKind.LINT));
        assertEquals("junit.xml", component.outputs().stream().filter(o -> o.kind() == Output.Kind.JUNIT).findFirst().orElseThrow().path());
        assertEquals("jsr", component.publications().get(0).registry());
        assertTrue(component.dependencies().keySet().containsAll(List.of("redis", "@std/path")));
        assertEquals("deno", component.runtime().name());
    }

    @Test
    void withoutProofTheFormatterAndLinterAreGuesses() throws IOException {
        Component component = deno("deno.json", "{\"tasks\": {\"start\": \"deno run main.ts\"}}", "main_test.ts", "Deno.test(() => {});");
        assertEquals(Confidence.GUESS, component.commands(CommandKind.LINT).get(0).confidence());
        assertEquals(List.of("deno test --allow-all"), runs(component, CommandKind.TEST));
        Component documented = deno("deno.json", "{\"tasks\": {\"start\": \"deno run main.ts\"}}", "CONTRIBUTING.md", "```sh\ndeno lint\n```\n");
        assertEquals(List.of("deno lint"), runs(documented, CommandKind.LINT));
        assertEquals(Confidence.LIKELY, documented.commands(CommandKind.LINT).get(0).confidence());
    }

    @Test
    void aLockFileIsInstalledFrozenUnlessItIsSwitchedOff() throws IOException {
        assertEquals(List.of("deno install --frozen"), runs(deno("deno.json", "{\"tasks\": {\"test\": \"deno test\"}}", "deno.lock", "{}"), CommandKind.INSTALL));
        assertEquals(List.of(), runs(deno("deno.json", "{\"lock\": false, \"tasks\": {\"test\": \"deno test\"}}", "deno.lock", "{}"), CommandKind.INSTALL));
    }

    @Test
    void theRootsTestsServeTheMembersOfAWorkspace() throws IOException {
        ProjectFacts facts = scan("deno.json", "{\"workspace\": [\"./packages/*\"], \"tasks\": {\"test\": \"deno test -A\"}}", "deno.lock", "{}",
                "packages/a/deno.json", "{\"name\": \"@x/a\", \"version\": \"1.0.0\", \"exports\": \"./mod.ts\"}",
                "packages/b/deno.json", "{\"name\": \"@x/b\", \"imports\": {\"@x/a\": \"jsr:@x/a@^1\"}, \"tasks\": {\"test\": \"deno test\"}}");
        assertEquals(List.of("packages/a", "packages/b"), facts.packages());
        Component b = facts.component("packages/b", "deno").orElseThrow();
        assertEquals(List.of(), b.proven());
        assertTrue(b.workspace().oneUnit());
        assertEquals(List.of("packages/a"), b.dependsOn());
    }

    @Test
    void besideAPackageJsonItMustDoSomething() throws IOException {
        String manifest = "{\"name\": \"x\", \"scripts\": {\"test\": \"node --test\"}}";
        assertTrue(scan("package.json", manifest, "deno.json", "{\"name\": \"@x/x\", \"version\": \"1.0.0\", \"exports\": \"./a.ts\"}").component(".", "deno").isEmpty());
        assertTrue(scan("package.json", manifest, "deno.json", "{\"tasks\": {\"test\": \"deno test\"}}").component(".", "deno").isPresent());
    }

    @Test
    void thePinIsRead() throws IOException {
        Component component = deno("deno.json", "{\"tasks\": {\"test\": \"deno test\"}}", ".dvmrc", "v2.5.0\n");
        assertEquals("2.5.0", component.runtime().version());
        assertEquals(".dvmrc", component.runtime().versionFile());
    }
}
