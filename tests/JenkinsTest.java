import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

/** What Jenkins gets, as text; {@link JenkinsExecutionTest} runs it. */
class JenkinsTest {
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
    void holdsNoExecutorOnTheWhole() throws IOException {
        String file = file();
        assertTrue(file.contains("pipeline {\n    agent none\n    options {\n"), file);
        for (String option : List.of("buildDiscarder(", "parallelsAlwaysFailFast()", "skipDefaultCheckout()", "timestamps()", "timeout(time: ",
                "disableConcurrentBuilds(abortPrevious: env.CHANGE_ID != null)")) {
            assertTrue(section(file, "options", 4).contains(option), option);
        }
        assertFalse(file.contains("\"\"\""), "what a shell reads stands in single quotes");
    }

    @Test
    void whatNeedsNothingOfEachOtherRunsSideBySide() throws IOException {
        String file = file();
        String checks = section(file, "stage('Checks')", 8);
        assertTrue(checks.contains("parallel {") && checks.contains("stage('Lint')") && checks.contains("stage('Scan for vulnerabilities and secrets')"), checks);
        assertTrue(file.indexOf("stage('Checks')") < file.indexOf("stage('Test')") && file.indexOf("stage('Test')") < file.indexOf("stage('Build')"), file);
    }

    @Test
    void aMatrixIsWiderAtNight() throws IOException {
        String test = section(file(), "stage('Test')", 8);
        assertTrue(test.contains("name 'NODE_VERSION'\n                        values '22', '24', '26'\n"), test);
        assertTrue(test.contains("triggeredBy 'TimerTrigger'") && test.contains("expression { env.NODE_VERSION in ['22', '26'] }"), test);
        assertTrue(test.contains("image \"node:${NODE_VERSION}-trixie\""), test);
        assertTrue(file().contains("cron(env.BRANCH_NAME == 'main' ? 'H 3 * * *' : '')"));
    }

    @Test
    void anImageRunsAsTheAgentsUserUnlessSomethingMustBeInstalled() throws IOException {
        assertTrue(section(file(), "stage('Lint')", 16).contains("HOME = \"${WORKSPACE_TMP}\""), "a user without a home gets one");
        assertFalse(file().contains("--user root"));
        Files.delete(project.resolve("package-lock.json"));
        Tree.of(project, "pnpm-lock.yaml", "lockfileVersion: '9.0'\n", "package.json", String.format(NODE, ", \"packageManager\": \"pnpm@10.19.0\""));
        String lint = section(file(), "stage('Lint')", 16);
        assertTrue(lint.contains("args '--user root --volume shop-"), lint);
        assertTrue(lint.contains("sh 'chown -R \"$(stat -c %u:%g \"$WORKSPACE_TMP\")\" .'\n                            deleteDir()"), lint);
    }

    @Test
    void servicesShareANetworkWithTheTests() throws IOException {
        Tree.of(project, "package.json", String.format(NODE, ", \"dependencies\": {\"pg\": \"8.0.0\"}"), ".env.test", "DATABASE_URL=postgres://app:secret@localhost:5432/shop_test\n",
                "db.test.js", "import pg from 'pg'; new pg.Pool({connectionString: process.env.DATABASE_URL});\n");
        String test = section(file(), "stage('Test')", 8);
        assertTrue(test.contains("docker run --detach --name \"$SERVICES\""), test);
        assertTrue(test.contains("reuseNode true\n                                args \"--network container:${env.SERVICES}\""), test);
        assertTrue(test.contains("ready \"$SERVICES\" 'pg_isready"), test);
        assertTrue(test.contains("cleanup {\n                        sh 'docker rm --force --volumes \"$SERVICES\"'"), test);
        assertTrue(test.contains("DATABASE_URL = 'postgres://"), test);
    }

    @Test
    void secretsAreBoundWhereTheyAreUsedAndNeverInterpolated() throws IOException {
        Tree.of(project, "package.json", String.format(NODE, ", \"publishConfig\": {\"access\": \"public\"}, \"repository\": \"acme/shop\", \"files\": [\"dist\"]"));
        String file = file();
        String publish = section(file, "stage('Publish to npm')", 8);
        assertTrue(publish.contains("tag 'v*'"), publish);
        assertTrue(publish.contains("withCredentials([string(credentialsId: 'npm-token', variable: 'NPM_TOKEN')]) {"), publish);
        assertEquals(1, file.split("withCredentials", -1).length - 1, file);
        assertFalse(publish.contains("HOME = \"${WORKSPACE_TMP}\""), "what is published is built without what other builds left");
    }

    @Test
    void peopleApproveOutsideOfAnExecutor() throws IOException {
        Tree.of(project, "Dockerfile", "FROM node:24\nCOPY . .\n", "chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "chart/values.yaml", "image: {}\n",
                "chart/templates/deployment.yaml", "kind: Deployment\n");
        String file = file("--stages", "lint,test,build,package,deploy");
        String approval = section(file, "stage('Approve production')", 8);
        assertFalse(approval.contains("agent"), approval);
        assertTrue(approval.contains("input message: 'Deploy to production?', submitter: 'production'") && approval.contains("timeout(time: 3, unit: 'DAYS')"), approval);
        String production = section(file, "stage('Deploy to production')", 8);
        assertTrue(production.contains("lock(resource: 'shop-production')") && production.contains("branch 'main'"), production);
        assertTrue(production.contains("file(credentialsId: 'production-kubeconfig', variable: 'KUBECONFIG')"), production);
        assertFalse(file.contains("disableConcurrentBuilds"), "a build that waits for people must not keep others waiting");
    }

    /** Read back as Groovy reads single quotes, each is the text that it was. */
    @Test
    void hostileNamesStayText() throws IOException {
        String name = "a'b\"c$e${f}'''g";
        monorepo(name, "b");
        String file = file();
        String literal = file.lines().filter(l -> l.strip().startsWith("values ")).findFirst().orElseThrow().strip().replaceFirst("^values ", "");
        assertTrue(literal.contains("'a\\'b\"c$e${f}\\'\\'\\'g'"), literal);
        assertFalse(file.lines().filter(l -> l.contains("unchanged ")).anyMatch(l -> l.contains("'''")), "it would end the script");
    }

    @Test
    void everyPluginIsNamed() throws IOException {
        String head = file().lines().takeWhile(l -> l.startsWith("//")).collect(Collectors.joining(" ")).replace(" //", "");
        for (String plugin : List.of("docker-workflow", "git", "timestamper", "workflow-aggregator", "workflow-multibranch")) {
            assertTrue(head.contains(plugin), head);
        }
        String report = Cli.pipeline(temp, "shop", "--platform", "jenkins", "--dry-run", "--json").out();
        assertTrue(report.contains("\"kind\":\"plugin\"") || report.contains("\"kind\" : \"plugin\""), report);
    }

    /** By templates of a user's own, which are judged like ours. */
    @Test
    void aFileThatBreaksARuleIsNotWritten() {
        String good = "pipeline {\n    agent none\n    options { timeout(time: 1) }\n";
        Map<String, String> broken = Map.of("agents-per-stage", good.replace("none", "any"), "timeout", good.replace("timeout(time: 1)", ""),
                "single-quoted-scripts", good + "    sh \"echo ${TOKEN}\"\n", "pinned-images", good + "    image 'node'\n");
        broken.forEach((rule, file) -> {
            Tree.of(temp.resolve("templates"), "pipeline/jenkins/Jenkinsfile.ftl", file + "}\n");
            Cli cli = Cli.pipeline(temp, "shop", "--platform", "jenkins", "--templates", "templates", "--output", "broken");
            assertEquals(1, cli.exit(), cli::all);
            assertTrue(cli.err().contains("[" + rule + "]"), cli::all);
            assertFalse(Files.exists(temp.resolve("broken/Jenkinsfile")));
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

    private String file(String... options) throws IOException {
        Path out = Files.createTempDirectory(temp, "out");
        List<String> args = new ArrayList<>(List.of("shop", "--platform", "jenkins", "--output", out.toString()));
        args.addAll(List.of(options));
        Cli cli = Cli.pipeline(temp, args.toArray(String[]::new));
        assertEquals(0, cli.exit(), cli::all);
        return Files.readString(out.resolve("Jenkinsfile"));
    }

    /** From its name to the brace that closes it, by their indent. */
    private static String section(String file, String name, int indent) {
        String pad = " ".repeat(indent);
        int start = file.indexOf("\n" + pad + name + " {\n");
        assertTrue(start >= 0, () -> name + " is not in\n" + file);
        return file.substring(start, file.indexOf("\n" + pad + "}\n", start));
    }
}
