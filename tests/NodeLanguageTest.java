import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Command;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Command.Confidence;
import lib.scan.Finding;
import lib.scan.Component.Output;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Component.Publication;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class NodeLanguageTest {
    private static final String NPM_LOCK = "{\"lockfileVersion\": 3, \"packages\": {}}";

    @TempDir
    Path dir;
    private Project project;

    private ProjectFacts scan(String... files) throws IOException {
        project = Project.open(Tree.of(dir, files));
        return Scan.scan(project);
    }

    private Component node(String... files) throws IOException {
        return scan(files).component(".", "node").orElseThrow();
    }

    /** A package with an npm lock file, these scripts ({@code name=text} each) and these dependencies. */
    private Component scripts(List<String> scripts, String... dependencies) throws IOException {
        return node("package.json", manifest("\"name\": \"x\"", scripts, dependencies), "package-lock.json", NPM_LOCK);
    }

    private static String manifest(String head, List<String> scripts, String... dependencies) {
        String lines = String.join(",\n", scripts.stream().map(s -> "    " + quote(s.substring(0, s.indexOf('='))) + ": " + quote(s.substring(s.indexOf('=') + 1))).toList());
        String needs = String.join(", ", List.of(dependencies).stream().map(d -> quote(d) + ": \"*\"").toList());
        return "{\n  " + head + ",\n  \"scripts\": {\n" + lines + "\n  },\n  \"devDependencies\": {" + needs + "}\n}\n";
    }

    private static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static List<String> runs(Component component, CommandKind kind) {
        return component.proven(kind).stream().map(Command::run).toList();
    }

    private Finding finding(String rule) {
        return project.findings().stream().filter(f -> f.rule().equals(rule)).findFirst().orElseThrow(() -> new AssertionError("no " + rule + " in " + project.findings()));
    }

    private boolean isReported(String rule) {
        return project.findings().stream().anyMatch(f -> f.rule().equals(rule));
    }

    // --- package managers ---

    @Test
    void aLockFileNamesTheManagerAndIsInstalledFrozen() throws IOException {
        Component npm = scripts(List.of("test=node --test"), "a");
        assertEquals("npm", npm.packageManager().id());
        assertEquals(List.of("npm ci"), runs(npm, CommandKind.INSTALL));
        assertEquals(List.of("package-lock.json"), npm.packageManager().lockFiles());
    }

    @Test
    void withoutALockFileNothingIsFrozenAndTheUserIsTold() throws IOException {
        Component npm = node("package.json", manifest("\"name\": \"x\"", List.of("test=node --test"), "a"));
        assertEquals(List.of("npm install"), runs(npm, CommandKind.INSTALL));
        assertEquals(List.of(), npm.packageManager().lockFiles());
        assertEquals(Finding.Severity.WARNING, finding("no-lock-file").severity());
    }

    @Test
    void aLockFileThatIsLeftOutOnPurposeIsNoWarning() throws IOException {
        node("package.json", manifest("\"name\": \"x\"", List.of("test=node --test"), "a"), ".npmrc", "fund=false\npackage-lock = false\n");
        assertEquals(Finding.Severity.INFO, finding("no-lock-file").severity());
        assertEquals(2, finding("no-lock-file").evidence().get(0).line());
    }

    @Test
    void yarnIsToldApartByItsLockFile() throws IOException {
        String manifest = manifest("\"name\": \"x\"", List.of("check=node check.js", "test=node --test"), "a");
        Component classic = node("package.json", manifest, "yarn.lock", "# yarn lockfile v1\n");
        assertEquals("yarn", classic.packageManager().id());
        assertEquals(List.of("yarn install --frozen-lockfile"), runs(classic, CommandKind.INSTALL));
        Component berry = node("package.json", manifest, "yarn.lock", "__metadata:\n  version: 8\n");
        assertEquals("yarn-berry", berry.packageManager().id());
        assertEquals("4", berry.packageManager().version());
        assertEquals(List.of("yarn install --immutable"), runs(berry, CommandKind.INSTALL));
    }

    @Test
    void theVersionOfPnpmComesFromTheFieldElseFromTheLockFile() throws IOException {
        String lock = "lockfileVersion: '9.0'\n";
        Component pinned = node("package.json", manifest("\"packageManager\": \"pnpm@10.19.0+sha512.abc\"", List.of("lint=eslint ."), "eslint"), "pnpm-lock.yaml", lock);
        assertEquals("10.19.0", pinned.packageManager().version());
        assertEquals("package-manager-field", pinned.packageManager().evidence().rule());
        assertEquals(List.of("pnpm run lint"), runs(pinned, CommandKind.LINT));
        Component ranged = node("package.json", manifest("\"engines\": {\"pnpm\": \"^9.1.0\"}", List.of("test=node --test"), "a"), "pnpm-lock.yaml", lock);
        assertEquals("9", ranged.packageManager().version());
        Component old = node("package.json", manifest("\"name\": \"x\"", List.of("test=node --test"), "a"), "pnpm-lock.yaml", "lockfileVersion: 5.4\n");
        assertEquals("7", old.packageManager().version());
        assertEquals(List.of("pnpm test"), runs(old, CommandKind.TEST));
    }

    @Test
    void bunIsTheRuntimeUnlessTheProjectAsksForNode() throws IOException {
        Component bun = node("package.json", manifest("\"packageManager\": \"bun@1.2.22\"", List.of("test=bun test"), "a"), "bun.lock", "{}");
        assertEquals("bun", bun.packageManager().id());
        assertEquals("bun", bun.runtime().name());
        assertEquals("1.2.22", bun.runtime().version());
        assertEquals(List.of("bun run test"), runs(bun, CommandKind.TEST));
        Component node = node("package.json", manifest("\"engines\": {\"node\": \">=22\"}", List.of("test=vitest run"), "vitest"), "bun.lock", "{}");
        assertEquals("node", node.runtime().name());
    }

    @Test
    void theLockFileWinsOverTheFieldAndBothPlacesAreReported() throws IOException {
        Component component = node("package.json", manifest("\"packageManager\": \"pnpm@10.0.0\"", List.of("test=node --test"), "a"), "package-lock.json", NPM_LOCK);
        assertEquals("npm", component.packageManager().id());
        assertEquals(List.of("package.json:2", "package-lock.json"), finding("package-manager-mismatch").evidence().stream().map(e -> e.place()).toList());
    }

    @Test
    void ofTwoLockFilesTheFieldDecides() throws IOException {
        Component component = node("package.json", manifest("\"packageManager\": \"npm@11.0.0\"", List.of("test=node --test"), "a"), "package-lock.json", NPM_LOCK,
                "pnpm-lock.yaml", "lockfileVersion: '9.0'\n");
        assertEquals("npm", component.packageManager().id());
        assertEquals(2, finding("two-lock-files").evidence().size());
    }

    @Test
    void anIgnoredLockFileIsNone() throws IOException {
        assertEquals(List.of("npm install"), runs(node("package.json", manifest("\"name\": \"x\"", List.of("test=node --test"), "a"), "package-lock.json", NPM_LOCK,
                ".gitignore", "package-lock.json\n"), CommandKind.INSTALL));
    }

    // --- the version of Node.js ---

    @Test
    void anExactPinComesBeforeTheRange() throws IOException {
        Component component = node("package.json", manifest("\"engines\": {\"node\": \">=20\"}", List.of("test=node --test"), "a"), ".nvmrc", "v22.14.0\n");
        assertEquals("22.14.0", component.runtime().version());
        assertEquals(">=20", component.runtime().range());
        assertEquals(".nvmrc", component.runtime().versionFile());
        assertFalse(isReported("runtime-contradiction"));
    }

    @Test
    void codeNamesAreNumbersAndMovingNamesAreNone() throws IOException {
        String manifest = manifest("\"name\": \"x\"", List.of("test=node --test"), "a");
        assertEquals("20", node("package.json", manifest, ".nvmrc", "lts/iron\n").runtime().version());
        Component moving = node("package.json", manifest, ".nvmrc", "lts/*\n");
        assertEquals("", moving.runtime().version());
        assertEquals(".nvmrc", moving.runtime().versionFile());
    }

    @Test
    void aPinOutsideTheRangeIsAContradictionWithBothPlaces() throws IOException {
        node("package.json", manifest("\"engines\": {\"node\": \">=22\"}", List.of("test=node --test"), "a"), ".nvmrc", "20\n");
        assertEquals(List.of(".nvmrc:1", "package.json:2"), finding("runtime-contradiction").evidence().stream().map(e -> e.place()).toList());
    }

    @Test
    void aPartialPinMeetsARangeThatBeginsWithinIt() throws IOException {
        node("package.json", manifest("\"engines\": {\"node\": \"^20.11.0 || >=22\"}", List.of("test=node --test"), "a"), ".nvmrc", "20\n");
        assertFalse(isReported("runtime-contradiction"));
    }

    @Test
    void voltaAndDevEnginesPin() throws IOException {
        assertEquals("22.1.0", node("package.json", manifest("\"volta\": {\"node\": \"22.1.0\"}", List.of("test=node --test"), "a")).runtime().version());
        Component dev = node("package.json", manifest("\"devEngines\": {\"runtime\": [{\"name\": \"node\", \"version\": \"24.11.0\"}]}", List.of("test=node --test"), "a"));
        assertEquals("24.11.0", dev.runtime().version());
        assertEquals("package.json", dev.runtime().versionFile());
    }

    // --- scripts ---

    @Test
    void aPlaceholderIsNoTest() throws IOException {
        assertEquals(List.of(), runs(scripts(List.of("test=echo \"Error: no test specified\" && exit 1")), CommandKind.TEST));
    }

    @Test
    void aTestThatOnlyLintsIsALintCommand() throws IOException {
        Component component = scripts(List.of("test=npm run lint:md && npm run words", "lint:md=markdownlint .", "words=textlint docs"), "markdownlint-cli", "textlint");
        assertEquals(List.of("npm test"), runs(component, CommandKind.LINT));
        assertEquals(List.of(), runs(component, CommandKind.TEST));
    }

    @Test
    void aTestThatJoinsLintAndUnitIsNarrowedToTheUnitTests() throws IOException {
        Component component = scripts(List.of("lint=eslint .", "unit=borp", "types=tsd", "test:types=tstyche", "test=npm run lint && npm run unit && npm run test:types"),
                "eslint", "borp", "tsd", "tstyche");
        assertEquals(List.of("npm run unit"), runs(component, CommandKind.TEST));
        assertEquals(List.of("npm run lint"), runs(component, CommandKind.LINT));
    }

    @Test
    void severalTestsUnderOneNameStayTogether() throws IOException {
        Component component = scripts(List.of("test=run-s test:*", "test:unit=vitest run", "test:node=node --test", "lint=eslint ."), "vitest", "npm-run-all", "eslint");
        assertEquals(List.of("npm test"), runs(component, CommandKind.TEST));
    }

    @Test
    void testsInBrowsersRunOnlyWhereThereAreNoOthers() throws IOException {
        Component both = scripts(List.of("test=npm run test:unit && npm run test:e2e", "test:unit=jest", "test:e2e=playwright test"), "jest", "@playwright/test");
        assertEquals(List.of("npm run test:unit"), runs(both, CommandKind.TEST));
        assertTrue(both.tools().isEmpty());
        Component only = scripts(List.of("test:e2e=playwright test"), "@playwright/test");
        assertEquals(List.of("npm run test:e2e"), runs(only, CommandKind.TEST));
        assertEquals("playwright", only.tools().get(0).name());
    }

    @Test
    void watchingIsNoTestOnCi() throws IOException {
        assertEquals(List.of("npm run test:run"), runs(scripts(List.of("test=vitest --watch", "test:run=vitest run"), "vitest"), CommandKind.TEST));
        assertEquals(List.of("npm test"), runs(scripts(List.of("test=vitest"), "vitest"), CommandKind.TEST));
        assertEquals(List.of("npx --no-install jest"), runs(node("package.json", manifest("\"name\": \"x\"", List.of("test=jest --watch"), "jest"), "package-lock.json", NPM_LOCK, "a.test.js", ""),
                CommandKind.TEST));
    }

    @Test
    void angularsTestsEndAndNeedABrowser() throws IOException {
        Component component = scripts(List.of("test=ng test", "build=ng build"), "@angular/cli", "karma");
        assertEquals(List.of("npm test -- --watch=false --browsers=ChromeHeadless"), runs(component, CommandKind.TEST));
        assertEquals("chrome", component.tools().get(0).name());
    }

    @Test
    void aFormatterThatWritesIsNoCheck() throws IOException {
        Component component = scripts(List.of("format=prettier --write .", "fmt:check=prettier --check ."), "prettier");
        assertEquals(List.of("npm run fmt:check"), runs(component, CommandKind.FORMAT));
        assertEquals(List.of(), runs(scripts(List.of("format=prettier --write ."), "prettier"), CommandKind.FORMAT));
        assertEquals(List.of("npm run format"), runs(scripts(List.of("format=prettier --check ."), "prettier"), CommandKind.FORMAT));
    }

    @Test
    void argumentsThatAreHandedOnChangeWhatAScriptDoes() throws IOException {
        Component component = node("package.json", manifest("\"packageManager\": \"yarn@4.9.4\"", List.of("pretty=prettier .", "lint:prettier=yarn pretty --write", "lint:prettier:ci=yarn pretty --check"),
                "prettier"), "yarn.lock", "__metadata:\n  version: 8\n");
        assertEquals(List.of("yarn lint:prettier:ci"), runs(component, CommandKind.FORMAT));
    }

    @Test
    void moreLintScriptsAreAddedOnlyIfLintDoesNotCallThem() throws IOException {
        Component component = scripts(List.of("lint=concurrently \"npm:lint:js\"", "lint:js=eslint .", "lint:css=stylelint src", "lint:fix=eslint --fix .", "check:deps=knip", "check:links=node links.js"),
                "eslint", "stylelint", "concurrently", "knip");
        assertEquals(List.of("npm run lint", "npm run lint:css", "npm run check:deps"), runs(component, CommandKind.LINT));
    }

    @Test
    void aScriptIsFoundByWhatItDoesWhereItsNameSaysNothing() throws IOException {
        Component component = scripts(List.of("test:code=eslint --max-warnings=0 .", "fix:code=eslint --fix .", "test=vitest run"), "eslint", "vitest");
        assertEquals(List.of("npm run test:code"), runs(component, CommandKind.LINT));
    }

    @Test
    void compilerIsACheckOrABuild() throws IOException {
        Component check = scripts(List.of("tsc=tsc --noEmit", "build=tsc"), "typescript");
        assertEquals(List.of("npm run tsc"), runs(check, CommandKind.TYPECHECK));
        assertEquals(List.of("npm run build"), runs(check, CommandKind.BUILD));
        Component tests = scripts(List.of("type-tests=tsc -p tsconfig.test.json --noEmit", "build=tsup"), "typescript", "tsup");
        assertEquals(List.of("npm run type-tests"), runs(tests, CommandKind.TYPECHECK));
    }

    @Test
    void whatPublishesIsNoBuild() throws IOException {
        assertEquals(List.of(), runs(scripts(List.of("build=tsc && npm publish", "release=semantic-release"), "typescript"), CommandKind.BUILD));
    }

    @Test
    void aBuildThatNeedsNoDatabaseIsPreferred() throws IOException {
        Component component = scripts(List.of("build=run-s db:migrate build:next", "build-local=run-p db:memory build:next --race", "build:next=next build", "db:migrate=drizzle-kit migrate",
                "db:memory=pglite-server -m 100"), "next", "drizzle-kit", "npm-run-all");
        assertEquals(List.of("npm run build-local"), runs(component, CommandKind.BUILD));
        assertEquals("npm run db:migrate", component.migration().run());
    }

    @Test
    void aScriptThatCallsWhatIsNotThereReachesNoPipeline() throws IOException {
        Component component = scripts(List.of("lint=eslint .", "test=npm run unit && npm run integration", "unit=node --test"), "prettier");
        assertEquals(Confidence.GUESS, component.commands(CommandKind.LINT).get(0).confidence());
        assertEquals(List.of(), runs(component, CommandKind.LINT));
        assertEquals(List.of("npm run unit"), runs(component, CommandKind.TEST));
        List<String> messages = project.findings().stream().filter(f -> f.rule().equals("broken-script")).map(Finding::message).toList();
        assertTrue(messages.toString().contains("eslint, but no dependency brings it"), messages.toString());
        assertTrue(messages.toString().contains("integration, which is not there"), messages.toString());
        assertEquals(2, finding("broken-script").evidence().size());
    }

    @Test
    void whatNpxFetchesOrTheLockFileHoistsIsThere() throws IOException {
        Component fetched = scripts(List.of("lint=npx --yes sherif@latest && npx eslint@9 ."));
        assertEquals(List.of("npm run lint"), runs(fetched, CommandKind.LINT));
        Component hoisted = node("package.json", manifest("\"name\": \"x\"", List.of("lint=eslint ."), "some-config"), "package-lock.json", "{\"packages\": {\"node_modules/eslint\": {}}}");
        assertEquals(List.of("npm run lint"), runs(hoisted, CommandKind.LINT));
    }

    @Test
    void configurationAndDependencyAreLikely() throws IOException {
        Component component = node("package.json", manifest("\"name\": \"x\"", List.of("start=node ."), "eslint", "typescript", "vitest"), "package-lock.json", NPM_LOCK, "eslint.config.js", "",
                "tsconfig.json", "{\"compilerOptions\": {\"noEmit\": true}}", "test/a.test.js", "");
        assertEquals(List.of("npx --no-install eslint ."), runs(component, CommandKind.LINT));
        assertEquals(List.of("npx --no-install tsc --noEmit"), runs(component, CommandKind.TYPECHECK));
        assertEquals(List.of("npx --no-install vitest run"), runs(component, CommandKind.TEST));
        assertEquals(Confidence.LIKELY, component.commands(CommandKind.TEST).get(0).confidence());
    }

    @Test
    void aScriptNameIsQuotedAndAControlCharacterRefused() throws IOException {
        Component odd = scripts(List.of("lint:$(id)=eslint .", "test=node --test"), "eslint");
        assertEquals(List.of("npm run 'lint:'\\$'(id)'"), runs(odd, CommandKind.LINT));
        Component broken = node("package.json", "{\"scripts\": {\"lint:a\\nb\": \"eslint .\"}, \"devDependencies\": {\"eslint\": \"*\"}}");
        assertEquals(List.of(), runs(broken, CommandKind.LINT));
        assertTrue(isReported("script-name"));
    }

    @Test
    void cyclesOfScriptsEnd() throws IOException {
        assertEquals(List.of("npm test"), runs(scripts(List.of("test=npm run a && mocha", "a=npm run b", "b=npm run a"), "mocha"), CommandKind.TEST));
    }

    // --- reports, results, registries ---

    @Test
    void reportsAreThoseThatTheProjectWritesAlready() throws IOException {
        assertTrue(scripts(List.of("test=vitest run"), "vitest").outputs().isEmpty());
        Component vitest = node("package.json", manifest("\"name\": \"x\"", List.of("test=vitest run --coverage"), "vitest"), "vitest.config.ts",
                "export default { test: { reporters: ['default', 'junit'], outputFile: { junit: './reports/junit.xml' }, coverage: { reporter: ['text', 'lcov'] } } }");
        assertEquals(List.of(Output.Kind.JUNIT, Output.Kind.LCOV), vitest.outputs().stream().map(Output::kind).toList());
        assertEquals("reports/junit.xml", vitest.outputs().get(0).path());
        Component nyc = scripts(List.of("test=nyc --reporter=lcovonly npm run unit", "unit=mocha"), "nyc", "mocha");
        assertEquals("coverage/lcov.info", nyc.outputs().get(0).path());
    }

    @Test
    void aPackageWithFilesIsPublishedAndAnApplicationIsNot() throws IOException {
        Component library = node("package.json", manifest("\"name\": \"@a/b\", \"version\": \"1.0.0\", \"files\": [\"dist\"], \"main\": \"dist/index.js\"", List.of("build=tsc"), "typescript"),
                "package-lock.json", NPM_LOCK);
        assertEquals(List.of(new Publication("npm", "@a/b", library.publications().get(0).evidence())), library.publications());
        assertEquals("dist", library.outputs().get(0).path());
        assertTrue(node("package.json", manifest("\"name\": \"app\", \"version\": \"1.0.0\"", List.of("build=next build"), "next")).publications().isEmpty());
        assertTrue(node("package.json", manifest("\"name\": \"b\", \"version\": \"1.0.0\", \"private\": true, \"files\": [\"x\"]", List.of("build=tsc"), "typescript")).publications().isEmpty());
    }

    // --- what is a package ---

    @Test
    void markersFixturesAndHelpersAreNoComponents() throws IOException {
        ProjectFacts facts = scan("package.json", manifest("\"name\": \"x\"", List.of("test=node --test"), "a"), "package-lock.json", NPM_LOCK, "src/cjs/package.json", "{\"type\": \"commonjs\"}",
                "test/fixtures/a/package.json", "{\"name\": \"a\", \"version\": \"1.0.0\", \"dependencies\": {\"b\": \"1\"}}", "tools/gen/package.json", "{\"name\": \"gen\", \"scripts\": {\"test\": \"node x\"}}",
                "api-tests/package.json", "{\"name\": \"t\", \"scripts\": {\"test\": \"node x\"}}");
        assertEquals(List.of("."), facts.packages());
        assertFalse(facts.monorepo());
        ProjectFacts go = scan("go.mod", "module m\n\ngo 1.24\n", "package.json", "{\"private\": true, \"devDependencies\": {\"husky\": \"9\", \"@commitlint/cli\": \"19\"}}");
        assertTrue(go.component(".", "node").isEmpty());
    }

    @Test
    void aFrontEndWithItsOwnLockFileIsAComponent() throws IOException {
        ProjectFacts facts = scan("go.mod", "module m\n\ngo 1.24\n", "main.go", "package main\n", "web/package.json", manifest("\"name\": \"web\"", List.of("build=vite build"), "vite"),
                "web/package-lock.json", NPM_LOCK);
        Component web = facts.component("web", "node").orElseThrow();
        assertEquals(List.of("web/package-lock.json"), web.packageManager().lockFiles());
        assertTrue(facts.monorepo());
    }

    @Test
    void aBrokenManifestIsReportedAndNothingElseIsLost() throws IOException {
        ProjectFacts facts = scan("a/package.json", "{\"name\": ", "b/package.json", manifest("\"name\": \"b\"", List.of("test=node --test"), "x"));
        assertTrue(isReported("broken-manifest"));
        assertEquals(List.of("b"), facts.packages());
    }

    // --- workspaces ---

    @Test
    void membersHaveTheirOwnScriptsAndTheRootsInstallServesThem() throws IOException {
        ProjectFacts facts = scan("package.json", manifest("\"private\": true", List.of("build=turbo run build", "lint=turbo run lint"), "turbo"), "pnpm-workspace.yaml",
                "packages:\n  - packages/**\n  - '!packages/**/old'\n", "pnpm-lock.yaml", "lockfileVersion: '9.0'\n", "turbo.json", "{\"tasks\": {\"build\": {}, \"lint\": {}}}",
                "packages/a/package.json", "{\"name\": \"@x/a\", \"version\": \"1.2.0\", \"scripts\": {\"build\": \"tsc\"}, \"devDependencies\": {\"typescript\": \"5\"}}",
                "packages/b/package.json", "{\"name\": \"@x/b\", \"scripts\": {\"build\": \"tsc\", \"test\": \"node --test\"}, \"dependencies\": {\"@x/a\": \"workspace:^\"}}",
                "packages/a/old/package.json", "{\"name\": \"old\", \"version\": \"1.0.0\"}");
        assertEquals(List.of("packages/a", "packages/b"), facts.packages());
        assertTrue(facts.monorepo());
        Component root = facts.component(".", "node").orElseThrow();
        Component b = facts.component("packages/b", "node").orElseThrow();
        assertEquals(List.of("pnpm install --frozen-lockfile"), runs(root, CommandKind.INSTALL));
        assertEquals(List.of(), runs(b, CommandKind.INSTALL));
        assertEquals(List.of("pnpm test"), runs(b, CommandKind.TEST));
        assertEquals(List.of("packages/a"), b.dependsOn());
        assertEquals("pnpm", b.workspace().kind());
        assertEquals("turbo", b.workspace().orchestrator());
        assertTrue(root.commands(CommandKind.BUILD).get(0).fansOut());
        assertEquals(List.of(), runs(root, CommandKind.LINT), "no member has the script");
    }

    @Test
    void aMemberNeedsAnotherOnlyIfItsVersionResolvesInside() throws IOException {
        ProjectFacts facts = scan("package.json", "{\"private\": true, \"workspaces\": {\"packages\": [\"./libs/*/\"]}}", "yarn.lock", "# yarn lockfile v1\n",
                "libs/a/package.json", "{\"name\": \"a\", \"version\": \"2.0.0\"}", "libs/b/package.json", "{\"name\": \"b\", \"dependencies\": {\"a\": \"^1.0.0\"}}",
                "libs/c/package.json", "{\"name\": \"c\", \"dependencies\": {\"a\": \"^2.0.0\"}}");
        assertEquals(List.of(), facts.component("libs/b", "node").orElseThrow().dependsOn());
        assertEquals(List.of("libs/a"), facts.component("libs/c", "node").orElseThrow().dependsOn());
    }

    @Test
    void aRootWithSourcesIsAPackageToo() throws IOException {
        ProjectFacts facts = scan("package.json", manifest("\"name\": \"lib\", \"version\": \"1.0.0\", \"exports\": \"./src/index.js\", \"workspaces\": [\"examples/*\", \"plugins/*\"]",
                List.of("test=node --test")), "package-lock.json", NPM_LOCK, "src/index.js", "", "plugins/p/package.json", "{\"name\": \"p\", \"version\": \"1.0.0\"}",
                "examples/e/package.json", "{\"name\": \"e\", \"version\": \"1.0.0\"}");
        assertEquals(List.of(".", "plugins/p"), facts.packages());
    }

    @Test
    void nxRunsTheTargetsOfProjectsWithoutAManifest() throws IOException {
        ProjectFacts facts = scan("package.json", manifest("\"private\": true", List.of(), "nx"), "package-lock.json", NPM_LOCK, "nx.json", "{\"targetDefaults\": {\"test\": {}}}",
                "apps/api/project.json", "{\"name\": \"api\", \"targets\": {\"test\": {}, \"build\": {}}}", "apps/api/main.ts", "");
        assertEquals(List.of("npx --no-install nx run api:test"), runs(facts.component("apps/api", "node").orElseThrow(), CommandKind.TEST));
        Component root = facts.component(".", "node").orElseThrow();
        assertEquals(List.of("npx --no-install nx run-many -t test"), runs(root, CommandKind.TEST));
        assertEquals(List.of("apps/api"), facts.packages());
    }

    @Test
    void nxAffectedNeedsTheHistoryAndBecomesRunMany() throws IOException {
        ProjectFacts facts = scan("package.json", manifest("\"private\": true", List.of("test=nx affected --target=test --exclude=examples/**"), "nx"), "pnpm-workspace.yaml", "packages: [libs/*]\n",
                "pnpm-lock.yaml", "lockfileVersion: '9.0'\n", "nx.json", "{}", "libs/a/package.json", "{\"name\": \"a\", \"scripts\": {\"test\": \"node --test\"}}");
        assertEquals(List.of("pnpm exec nx run-many --target=test '--exclude=examples/**'"), runs(facts.component(".", "node").orElseThrow(), CommandKind.TEST));
    }
}
