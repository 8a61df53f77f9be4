import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import support.Tree;

/** What CircleCI gets: the parts of a configuration, as its own reader would see them. */
class CircleCiTest {
    private static final String NODE = """
            {"name": "shop", "version": "1.0.0", "engines": {"node": ">=22"}, "scripts": {"lint": "eslint .", "test": "node --test", "build": "tsc"},
             "devDependencies": {"eslint": "9.0.0", "typescript": "5.9.0"}%s}
            """;
    private static final String LOCK = "{\"name\": \"shop\", \"lockfileVersion\": 3, \"packages\": {}}";

    @TempDir
    Path temp;
    private Path project;

    @BeforeEach
    void node() {
        project = Tree.of(temp.resolve("shop"), "package.json", String.format(NODE, ""), "package-lock.json", LOCK, "index.test.js", "");
    }

    @Test
    void jobsOfOneToolchainShareImageAndSetUp() throws IOException {
        Map<String, Object> config = config("config.yml");
        assertEquals("node", at(config, "jobs", "lint", "executor"));
        assertTrue(at(config, "executors", "node", "docker").toString().matches("\\[\\{image=cimg/node:24\\.\\d+\\.\\d+\\}\\]"));
        assertEquals("set-up", steps(config, "lint").get(0));
        List<?> setUp = (List<?>) at(config, "commands", "set-up", "steps");
        assertEquals("checkout", setUp.get(0));
        assertTrue(setUp.get(1).toString().contains("npm-v1-{{ arch }}-{{ checksum \"package-lock.json\" }}"), setUp::toString);
        assertTrue(setUp.get(2).toString().contains("npm ci"), setUp::toString);
        assertTrue(setUp.get(3).toString().contains("save_cache"), setUp::toString);
    }

    @Test
    void aMatrixIsAParameterAndIsWiderAtNight() throws IOException {
        Map<String, Object> config = config("config.yml");
        assertEquals("string", at(config, "jobs", "test", "parameters", "node-version", "type"));
        assertEquals("[{image=cimg/node:<< parameters.node-version >>}]", at(config, "jobs", "test", "docker").toString());
        List<?> usual = (List<?>) at(invocation(config, "ci", "test"), "matrix", "parameters", "node-version");
        List<?> nightly = (List<?>) at(invocation(config, "nightly", "test"), "matrix", "parameters", "node-version");
        assertEquals(2, usual.size());
        assertTrue(nightly.size() > 2 && nightly.containsAll(usual), nightly::toString);
        assertEquals("pipeline.trigger.type != \"schedule\"", at(config, "workflows", "ci", "when"));
        assertEquals("pipeline.trigger.type == \"schedule\"", at(config, "workflows", "nightly", "when"));
    }

    @Test
    void oneJobStandsForAllInBranchProtection() throws IOException {
        Map<String, Object> config = config("config.yml");
        assertEquals("no-op", at(config, "jobs", "ci-ok", "type"));
        assertEquals(List.of("lint", "test", "build", "security"), invocation(config, "ci", "ci-ok").get("requires"));
        assertEquals(List.of("lint", "test"), invocation(config, "ci", "build").get("requires"));
    }

    @Test
    void servicesAreContainersBesideTheJobThatIsMadeToWaitForThem() throws IOException {
        Tree.of(project, "package.json", String.format(NODE, ", \"dependencies\": {\"pg\": \"8.0.0\"}"), ".env.test", "DATABASE_URL=postgres://app:secret@localhost:5432/shop_test\n",
                "db.test.js", "import pg from 'pg'; new pg.Pool({connectionString: process.env.DATABASE_URL});\n");
        Map<String, Object> config = config("config.yml");
        List<?> images = (List<?>) at(config, "jobs", "test", "docker");
        assertEquals(2, images.size(), images::toString);
        assertTrue(images.get(1).toString().contains("postgres"), images::toString);
        List<?> steps = steps(config, "test");
        assertTrue(steps.stream().anyMatch(s -> s.toString().contains("dockerize -timeout 2m -wait tcp://localhost:5432")), steps::toString);
        assertFalse(at(config, "jobs", "lint").toString().contains("postgres"));
    }

    @Test
    void aReleaseRunsOnTagsOnlyAndSoDoesAllThatItNeeds() throws IOException {
        Tree.of(project, "package.json", String.format(NODE, ", \"publishConfig\": {\"access\": \"public\"}, \"repository\": \"acme/shop\", \"files\": [\"dist\"]"));
        Map<String, Object> config = config("config.yml");
        Map<?, ?> publish = invocation(config, "ci", "publish-npm");
        assertEquals("{branches={ignore=/.*/}, tags={only=/^v.*/}}", publish.get("filters").toString());
        assertEquals("npm", publish.get("context"));
        for (Object needed : (List<?>) publish.get("requires")) {
            assertEquals("{tags={only=/^v.*/}}", invocation(config, "ci", needed.toString()).get("filters").toString(), needed::toString);
            assertFalse(invocation(config, "ci", needed.toString()).containsKey("context"), "secrets only where something is published");
        }
        String script = at(config, "jobs", "publish-npm").toString();
        assertTrue(script.contains("npm:registry.npmjs.org") && !script.contains("NPM_TOKEN"), script);
        assertFalse(script.contains("restore_cache"), "what is published is built from scratch");
    }

    @Test
    void productionWaitsForAnApprovalAndTakesTheImageThatWasPushed() throws IOException {
        Tree.of(project, "Dockerfile", "FROM node:24\nCOPY . .\n", "chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "chart/values.yaml", "image: {}\n",
                "chart/templates/deployment.yaml", "kind: Deployment\n");
        Map<String, Object> config = config("config.yml", "--stages", "lint,test,build,package,deploy", "--deploy-to", "aws");
        Map<?, ?> approval = invocation(config, "ci", "approve-production");
        assertEquals("approval", approval.get("type"));
        assertTrue(((List<?>) approval.get("requires")).contains("deploy-staging"), approval::toString);
        Map<?, ?> production = invocation(config, "ci", "deploy-production");
        assertEquals(List.of("approve-production"), production.get("requires"));
        assertEquals("production", production.get("context"));
        assertEquals("<< pipeline.project.slug >>/production", production.get("serial-group"));
        assertEquals("{branches={only=main}}", production.get("filters").toString());
        String push = at(config, "jobs", "publish-image").toString();
        assertTrue(push.contains("persist_to_workspace") && push.contains("cosign sign --yes \"$IMAGE@$DIGEST\""), push);
        String deploy = at(config, "jobs", "deploy-production").toString() + config.get("commands");
        assertTrue(deploy.contains("attach_workspace={at=/tmp/workspace}") && deploy.contains("image.tag=$CIRCLE_SHA1@$DIGEST") && deploy.contains("helm rollback shop"), deploy);
        assertTrue(config.get("orbs").toString().matches("\\{aws-cli=circleci/aws-cli@\\d+\\.\\d+\\.\\d+\\}"));
    }

    @Test
    void testsThatStartContainersRunOnAMachine() throws IOException {
        Tree.of(project, "package.json", String.format(NODE, ", \"dependencies\": {\"testcontainers\": \"11.0.0\"}"));
        Map<String, Object> config = config("config.yml");
        assertTrue(at(config, "jobs", "test", "machine", "image").toString().matches("ubuntu-2404:\\d{4}\\.\\d{2}\\.\\d"));
        assertTrue(at(config, "jobs", "test").toString().contains("node/install={node-version=<< parameters.node-version >>}"));
        assertEquals("string", at(config, "jobs", "test", "parameters", "node-version", "type"));
        assertTrue(config.get("orbs").toString().contains("circleci/node@"));
    }

    @Test
    void aMonorepoChecksWhatAChangeConcerns() throws Exception {
        monorepo("web", "api");
        Map<String, Object> setup = config("config.yml");
        assertEquals(true, setup.get("setup"));
        Map<String, Object> config = config("continue-config.yml");
        assertEquals("{web={type=boolean, default=true}, api={type=boolean, default=true}}".length(), config.get("parameters").toString().length());
        assertEquals("pipeline.parameters.web", invocation(config, "ci", "packages-web").get("filters"));
        assertEquals("web", invocation(config, "ci", "packages-web").get("package"));
        assertEquals("<< parameters.package >>", at(config, "jobs", "packages", "environment", "PACKAGE"));
        assertTrue(((List<?>) invocation(config, "ci", "ci-ok").get("requires")).containsAll(List.of("packages-web", "packages-api", "security")));
    }

    /** The script is run as it stands, in a repository with a default branch and a change on top of it. */
    @Test
    void theComparisonFindsTheChangedParts() throws Exception {
        monorepo("web", "api");
        String script = at(((Map<?, ?>) ((Map<?, ?>) steps(config("config.yml"), "changes").get(1)).get("run")), "command").toString();
        String functions = script.substring(0, script.indexOf("jq "));
        String compare = functions + "echo \"web $(affected web)\"; echo \"api $(affected api)\"\n";
        run("git init -q -b main && git config user.email a@b.c && git config user.name a && git add -A && git commit -qm one && git update-ref refs/remotes/origin/main HEAD", "");
        run("git checkout -q -b feature && echo 1 >> web/index.test.js && git commit -qam two", "");
        assertEquals("web true\napi false\n", run(compare, "feature"));
        assertEquals("web true\napi true\n", run(compare, "main"), "the default branch checks all");
        assertEquals("web true\napi true\n", run(compare, ""), "a tag checks all");
        run("git update-ref -d refs/remotes/origin/main", "");
        assertEquals("web true\napi true\n", run(compare, "feature"), "without a base to compare with all is checked");
    }

    @Test
    void namesOfAProjectCannotBecomeExpressions() throws IOException {
        monorepo("a<< pipeline.id >>", "b");
        assertEquals("a\\<< pipeline.id >>", invocation(config("continue-config.yml"), "ci", "packages-a-pipeline-id").get("package"));
        assertFalse(text("config.yml").contains("<< pipeline.id"), "the comparison splits it in quotes");
    }

    @Test
    void whatThePlatformLacksAndNeedsIsSaid() {
        String report = Cli.pipeline(temp, "shop", "--platform", "circleci", "--dry-run", "--json").out();
        assertTrue(report.contains("timeout of a job") && report.contains("schedules in the file"), report);
        assertTrue(report.contains("Auto-cancel redundant workflows") && report.contains("ci/circleci: ci/ci-ok"), report);
    }

    /** By templates of a user's own, which are judged like ours. */
    @Test
    void aConfigurationThatBreaksARuleIsNotWritten() throws IOException {
        String job = "jobs:\n  a:\n    docker: [{image: cimg/base:2026.03}]\n    steps: [checkout]\n";
        Map<String, String> broken = Map.of(
                "pinned-orbs", "orbs: {node: circleci/node@7}\n" + job,
                "pinned-images", job.replace(":2026.03", ""),
                "template-injection", job.replace("[checkout]", "[{run: {name: a, command: 'echo << pipeline.git.branch >>'}}]"),
                "restricted-contexts", job + "workflows:\n  ci:\n    jobs:\n      - a: {context: production}\n");
        broken.forEach((rule, config) -> {
            Tree.of(temp.resolve("templates"), "pipeline/circleci/.circleci/config.yml.ftl", "version: 2.1\n" + config);
            Cli cli = Cli.pipeline(temp, "shop", "--platform", "circleci", "--templates", "templates", "--output", "broken");
            assertEquals(1, cli.exit(), cli::all);
            assertTrue(cli.err().contains("[" + rule + "]"), cli::all);
            assertFalse(Files.exists(temp.resolve("broken/.circleci/config.yml")));
        });
    }

    // --- helpers ---

    private void monorepo(String... packages) throws IOException {
        Files.delete(project.resolve("package.json"));
        Files.delete(project.resolve("package-lock.json"));
        for (String name : packages) {
            Tree.of(project, name + "/package.json", "{\"name\": \"" + name.charAt(0) + "\", \"scripts\": {\"test\": \"node --test\"}}", name + "/package-lock.json", LOCK,
                    name + "/index.test.js", "\n");
        }
    }

    private Map<String, Object> config(String file, String... options) throws IOException {
        return new Yaml().load(text(file, options));
    }

    private String text(String file, String... options) throws IOException {
        Path out = Files.createTempDirectory(temp, "out");
        List<String> args = new ArrayList<>(List.of("shop", "--platform", "circleci", "--output", out.toString()));
        args.addAll(List.of(options));
        Cli cli = Cli.pipeline(temp, args.toArray(String[]::new));
        assertEquals(0, cli.exit(), cli::all);
        return Files.readString(out.resolve(".circleci").resolve(file));
    }

    private static Object at(Map<?, ?> map, String... path) {
        Object value = map;
        for (String key : path) {
            Object parent = value;
            assertTrue(parent instanceof Map<?, ?> m && m.containsKey(key), () -> key + " is not in " + parent);
            value = ((Map<?, ?>) parent).get(key);
        }
        return value;
    }

    private static List<?> steps(Map<String, Object> config, String job) {
        return (List<?>) at(config, "jobs", job, "steps");
    }

    /** A job as the workflow calls it; without anything to say of it, an empty map. */
    private static Map<?, ?> invocation(Map<String, Object> config, String workflow, String label) {
        for (Object entry : (List<?>) at(config, "workflows", workflow, "jobs")) {
            if (entry.equals(label)) {
                return Map.of();
            }
            if (entry instanceof Map<?, ?> map) {
                Map<?, ?> body = (Map<?, ?>) map.values().iterator().next();
                Object name = body.containsKey("name") ? body.get("name") : map.keySet().iterator().next();
                if (name.equals(label)) {
                    return body;
                }
            }
        }
        throw new AssertionError(label + " is not in the workflow " + workflow + ": " + at(config, "workflows", workflow));
    }

    private String run(String script, String branch) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", "-eo", "pipefail", "-c", script).directory(project.toFile()).redirectErrorStream(true);
        builder.environment().put("CIRCLE_BRANCH", branch);
        builder.environment().put("DEFAULT_BRANCH", "main");
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), out);
        return out.replaceAll("(?m)^fatal: .*\\n", "");
    }
}
