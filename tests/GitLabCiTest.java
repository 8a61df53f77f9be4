import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lib.plan.Job;
import lib.plan.Job.ChangeFilter;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.Job.When;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.Step;
import lib.plan.Versions;
import lib.render.CiPlatforms;
import lib.render.Rendering.CiPlatform;
import lib.render.Rendering;
import lib.render.Templates;
import lib.scan.Component.Output;
import lib.scan.Component.Publication;
import lib.scan.Finding.Evidence;
import lib.scan.ProjectFacts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plan becomes on GitLab. That the whole file is valid is for the judges to say, see {@code JudgesTest}. */
class GitLabCiTest {
    private static final YAMLMapper YAML = new YAMLMapper(new YAMLFactory());
    private static final Evidence EVIDENCE = Evidence.of("package.json", "test");

    // --- pipelines ---

    @Test
    void oneProjectWithoutReleasesNeedsNoRules() throws IOException {
        JsonNode file = render(job("lint", Stage.LINT).step(run("npm run lint")), job("test", Stage.TEST).step(run("npm test")),
                job("build", Stage.BUILD).needs(List.of("lint", "test")).step(run("npm run build")));
        assertEquals("[lint, test, build]", texts(file.path("stages")).toString());
        assertFalse(file.path("workflow").toString().contains("CI_COMMIT_TAG"));
        Stream.of("lint", "test", "build").forEach(name -> assertTrue(file.path(name).path("rules").isMissingNode(), name));
        assertTrue(file.path("lint").path("needs").isMissingNode());
        assertEquals("[]", file.path("test").path("needs").toString(), "tests don't wait for lint");
        assertEquals("[lint, test]", texts(file.path("build").path("needs")).toString());
    }

    @Test
    void whatAJobForTagsNeedsRunsOnTagsToo() throws IOException {
        JsonNode file = render(job("test", Stage.TEST).step(run("npm test")), job("security", Stage.SECURITY).step(new Step.ScanSource()),
                job("publish-npm", Stage.PUBLISH).when(When.TAG).needs(List.of("test")).noCache().target("npm", false)
                        .step(new Step.Publish(new Publication("npm", "demo", EVIDENCE), "node", "npm", ".", "")));
        assertTrue(file.path("test").path("rules").isMissingNode(), "the test is in every pipeline");
        assertEquals("$CI_COMMIT_TAG == null", file.at("/security/rules/0/if").asText());
        assertEquals("$CI_COMMIT_TAG", file.at("/publish-npm/rules/0/if").asText());
        assertEquals("npm:registry.npmjs.org", file.at("/publish-npm/id_tokens/NPM_ID_TOKEN/aud").asText());
        assertTrue(file.at("/publish-npm/cache").isMissingNode(), "what is published is built from scratch");
        assertEquals("false", file.at("/publish-npm/interruptible").asText());
    }

    @Test
    void aNightlyMatrixIsAJobOfTheSchedule() throws IOException {
        JsonNode file = render(job("test", Stage.TEST).matrix(new Job.Matrix("node", List.of("22", "26"), List.of("22", "24", "26"))).step(run("npm test")));
        assertEquals("node:$NODE_VERSION-trixie", file.at("/test/image").asText());
        assertEquals("[22, 26]", texts(file.at("/test/parallel/matrix/0/NODE_VERSION")).toString());
        assertEquals("$CI_PIPELINE_SOURCE != \"schedule\"", file.at("/test/rules/0/if").asText());
        assertEquals("test", file.at("/test:nightly/extends").asText());
        assertEquals("[22, 24, 26]", texts(file.at("/test:nightly/parallel/matrix/0/NODE_VERSION")).toString());
    }

    /** {@code $JAVA_VERSION_1} would be another variable. */
    @Test
    void theVersionInAnImageEndsWhereItsNameEnds() throws IOException {
        Toolchain sbt = new Toolchain("java", "21", "", false, "", "sbt", "", false, List.of("build.sbt"), ".", List.of());
        JsonNode file = render(Job.of("test", "Test", Stage.TEST).toolchain(sbt).matrix(new Job.Matrix("java", List.of("17", "25"), List.of("17", "25"))).step(run("sbt test")));
        assertEquals("sbtscala/scala-sbt:eclipse-temurin-${JAVA_VERSION}_1.x", file.at("/test/image").asText());
    }

    // --- monorepos ---

    @Test
    void aFilterBecomesChangesOfMergeRequestsOnly() throws IOException {
        ChangeFilter filter = new ChangeFilter("web", List.of("libs/geo", "package-lock.json", "web"));
        JsonNode file = render(job("test-web", Stage.TEST).filter(filter).step(run("npm test")), job("build", Stage.BUILD).needs(List.of("test-web")).step(run("npm run build")));
        assertEquals("[libs/geo/**/*, libs/geo, package-lock.json, web/**/*, web, .gitlab-ci.yml]", texts(file.at("/test-web/rules/0/changes")).toString());
        assertTrue(file.at("/test-web/rules/1/changes").isMissingNode(), "the default branch is checked as a whole");
        assertEquals("true", file.at("/build/needs/0/optional").asText(), "it may not be in the pipeline");
    }

    @Test
    void oneJobForEachPackage() throws IOException {
        Toolchain go = new Toolchain("go", "1.26", "", false, "", "go-modules", "", false, List.of(Job.EACH + "/go.sum"), Job.EACH, List.of());
        JsonNode file = render(Job.of("packages", "Check", Stage.TEST).toolchain(go).each(List.of(each("ansi"), each("exp/term"), each("we$HOME"))).step(
                new Step.Run("Test", "go test ./...", Job.EACH, Map.of(), EVIDENCE)));
        assertEquals("[cd \"$PACKAGE\", go test ./...]", texts(file.at("/.packages/script")).toString());
        assertEquals("ansi", file.at("/packages:ansi/variables/PACKAGE").asText());
        assertEquals("[ansi/go.sum]", texts(file.at("/.packages/cache/key/files")).toString());
        assertEquals("[exp/term/go.sum]", texts(file.path("packages:exp/term").at("/cache/key/files")).toString());
        assertEquals("we$$HOME", file.path("packages:we$HOME").at("/variables/PACKAGE").asText(), "a variable's value is not filled in");
        assertEquals("we?HOME/**/*", file.path("packages:we$HOME").at("/rules/0/changes/0").asText());
    }

    @Test
    void moreNeedsThanGitLabTakesAreLeftToTheStages() throws IOException {
        List<Job.Each> many = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            many.add(each("p" + i));
        }
        JsonNode file = render(job("packages", Stage.TEST).each(many).step(run("npm test")), job("build", Stage.BUILD).needs(List.of("packages")).step(run("npm run build")));
        assertTrue(file.at("/build/needs").isMissingNode());
        assertEquals("[]", file.at("/build/dependencies").toString(), "what those jobs keep is not wanted here");
    }

    // --- set-up ---

    @Test
    void oneJobFillsTheCacheThatOthersPull() throws IOException {
        JsonNode file = render(job("lint", Stage.LINT).step(run("npm run lint")), job("test", Stage.TEST).step(run("npm test")));
        assertEquals(".node", file.at("/lint/extends").asText());
        assertEquals("[package-lock.json]", texts(file.at("/.node/cache/key/files")).toString());
        assertEquals("$CI_PROJECT_DIR/.npm", file.at("/.node/variables/npm_config_cache").asText());
        assertEquals("pull", file.at("/lint/cache/policy").asText());
        assertTrue(file.at("/test/cache/policy").isMissingNode());
    }

    /** Formatters read whatever lies in the project. */
    @Test
    void cachesLieWhereNoFormatterLooks() throws IOException {
        JsonNode pnpm = render(Job.of("test", "Test", Stage.TEST).toolchain(new Toolchain("node", "24", "", false, "", "pnpm", "10.19.0", false, List.of("pnpm-lock.yaml"), ".", List.of())).step(run("pnpm test")));
        assertEquals("[node_modules/.pnpm-store/]", texts(pnpm.at("/test/cache/paths")).toString());
        assertEquals("[npm install --global pnpm@10.19.0]", texts(pnpm.at("/test/before_script")).toString());
        JsonNode go = render(Job.of("test", "Test", Stage.TEST).toolchain(new Toolchain("go", "1.26", "", false, "", "go-modules", "", false, List.of("go.sum"), ".", List.of())).step(run("go test ./...")));
        assertFalse(go.at("/test/variables/GOMODCACHE").asText().startsWith("$CI_PROJECT_DIR/"));
    }

    @Test
    void aLinterWithItsRuntimeTakesThePlaceOfTheImage() throws IOException {
        Toolchain go = new Toolchain("go", "1.26", "", false, "", "go-modules", "", false, List.of("go.sum"), ".", List.of());
        JsonNode file = render(Job.of("lint", "Lint", Stage.LINT).toolchain(go).step(new Step.UseTool("golangci-lint", "")).step(run("golangci-lint run")),
                Job.of("test", "Test", Stage.TEST).toolchain(go).step(run("go test ./...")));
        assertTrue(file.at("/lint/image/name").asText().matches("golangci/golangci-lint:v2\\.\\d+\\.\\d+"));
        assertEquals("[\"\"]", file.at("/lint/image/entrypoint").toString());
        assertEquals("golang:1.26-trixie", file.at("/.go/image").asText());
    }

    @Test
    void noImageIsTakenByAMovingName() throws IOException {
        JsonNode file = render(job("test", Stage.TEST).step(run("npm test")), job("security", Stage.SECURITY).step(new Step.ScanSource()), image(true));
        List<String> images = new ArrayList<>();
        file.findValues("image").forEach(i -> images.add(i.isTextual() ? i.asText() : i.path("name").asText()));
        assertFalse(images.isEmpty());
        images.forEach(i -> assertTrue(i.matches(".+:[\\w.-]*\\d[\\w.-]*") && !i.endsWith(":latest"), i));
    }

    // --- scripts ---

    @Test
    void oneShellRunsTheWholeScript() throws IOException {
        JsonNode file = render(job("test", Stage.TEST).step(in("web", "npm ci")).step(in("web", "npm test")).step(in(".", "cd docs && make html"))
                .step(new Step.Run("Check", "make check", ".", Map.of("LEVEL", "a b"), EVIDENCE)));
        assertEquals("[cd web, npm ci, npm test, cd \"$CI_PROJECT_DIR\", (cd docs && make html), LEVEL='a b' make check]", texts(file.at("/test/script")).toString());
    }

    @Test
    void reportsOfTestsAreKeptAlsoWhenTheyFail() throws IOException {
        JsonNode file = render(job("test", Stage.TEST).step(run("pytest --cov=src")).step(new Step.Report(Output.Kind.JUNIT, List.of("junit.xml")))
                .step(new Step.Report(Output.Kind.COBERTURA, List.of("coverage.xml"))));
        assertEquals("always", file.at("/test/artifacts/when").asText());
        assertEquals("junit.xml", file.at("/test/artifacts/reports/junit/0").asText());
        assertEquals("cobertura", file.at("/test/artifacts/reports/coverage_report/coverage_format").asText());
        assertTrue(file.at("/test/coverage").asText().startsWith("/TOTAL"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"${{ secrets.X }}", "$[[ inputs.x ]]", "a: b", "- x", "#x", "'\"", "%{x}", "{{x}}", "\ud83d\ude80", "*a", "&a", "!x", "x #y", "null", "1.0", "@x", "`x`", "|", "> y",
            "\\", "tab\there", "line\nbreak", " lead", "trail ", "a, [b], {c}", "$HOME $$", "::", "?"})
    void whateverTheProjectSaysStaysOneValue(String hostile) throws IOException {
        JsonNode file = render(job("test", Stage.TEST).environment(Map.of("VALUE", hostile)).step(run("echo x" + hostile)).step(new Step.Upload("dist", List.of(hostile), 7)));
        assertEquals(hostile.replace("$", "$$"), file.at("/test/variables/VALUE").asText());
        assertEquals("echo x" + hostile.stripTrailing(), file.at("/test/script/0").asText());
        assertEquals(hostile.replace('$', '?'), file.at("/test/artifacts/paths/0").asText());
    }

    @Test
    void longCommandsAreFoldedAndReadBackAsTheyWere() throws IOException {
        String command = "make " + "TARGET=a-rather-long-name  ".repeat(30).strip() + " " + "x".repeat(200) + " end";
        assertEquals(command, render(job("test", Stage.TEST).step(run(command))).at("/test/script/0").asText());
    }

    // --- services ---

    @Test
    void aServiceAnswersAtItsAlias() throws IOException {
        JsonNode file = render(job("test", Stage.TEST).service(new Job.ServiceContainer("postgres", "postgres:17-alpine", 5432, Map.of("POSTGRES_PASSWORD", "pa$s"), "pg_isready"))
                .service(new Job.ServiceContainer("redis", "redis:8.2-alpine", 6379, Map.of(), "redis-cli ping"))
                .environment(Map.of("DATABASE_URL", "postgresql://app:x@localhost:5433/app?host=localhost", "DB_HOST", "127.0.0.1", "CACHE", "redis://localhost/1", "SPRING_URL", "jdbc:postgresql://localhost:5432/app",
                        "BASE_URL", "http://localhost:3000", "DSN", "host=localhost port=5432 user=app", "BROKERS", "localhost:6379,localhost:6379", "HOST", "localhost")).step(run("npm test")));
        JsonNode variables = file.at("/test/variables");
        assertEquals("postgresql://app:x@postgres:5432/app?host=postgres", variables.path("DATABASE_URL").asText());
        assertEquals("postgres", variables.path("DB_HOST").asText());
        assertEquals("redis://redis/1", variables.path("CACHE").asText());
        assertEquals("jdbc:postgresql://postgres:5432/app", variables.path("SPRING_URL").asText());
        assertEquals("http://localhost:3000", variables.path("BASE_URL").asText(), "that is where the program itself listens");
        assertEquals("host=postgres port=5432 user=app", variables.path("DSN").asText());
        assertEquals("redis:6379,redis:6379", variables.path("BROKERS").asText());
        assertEquals("localhost", variables.path("HOST").asText());
        assertEquals("pa$$s", file.at("/test/services/0/variables/POSTGRES_PASSWORD").asText());
        assertFalse(file.at("/test/script").toString().contains("socat"));
    }

    @Test
    void aServiceThatNoVariableNamesIsForwardedToLocalhost() throws IOException {
        JsonNode file = render(job("test", Stage.TEST).service(new Job.ServiceContainer("redis", "redis:8.2-alpine", 6379, Map.of(), "")).step(run("npm test")));
        assertTrue(texts(file.at("/test/script")).contains("socat TCP-LISTEN:6379,fork,reuseaddr TCP:redis:6379 &"));
    }

    @Test
    void testcontainersGetADaemonWithTls() throws IOException {
        JsonNode file = render(job("test", Stage.TEST).docker(true).step(run("npm test")), job("build", Stage.BUILD).docker(true).step(run("npm run build")));
        assertEquals("docker", file.at("/test/services/0/alias").asText());
        assertEquals("tcp://docker:2376", file.at("/test/variables/DOCKER_HOST").asText());
        assertEquals("1", file.at("/test/variables/DOCKER_TLS_VERIFY").asText());
        assertEquals("docker", file.at("/test/variables/TESTCONTAINERS_HOST_OVERRIDE").asText());
        assertTrue(file.at("/build/services").isMissingNode());
    }

    // --- delivery ---

    @Test
    void anImageIsScannedBeforeItIsPushedAndDeployedByItsDigest() throws IOException {
        Step.Release release = new Step.Release(Step.Release.Kind.HELM, "chart", "shop", "", "production", "publish-image", null);
        JsonNode file = render(image(true), Job.of("deploy-production", "Deploy", Stage.DEPLOY).when(When.DEFAULT_BRANCH).needs(List.of("publish-image"))
                .target("production", true).noCache().step(new Step.Deploy(release)));
        List<String> script = texts(file.at("/publish-image/script"));
        int scan = index(script, "trivy image");
        int push = index(script, "--push");
        assertTrue(0 <= scan && scan < push && push < index(script, "cosign sign"), script::toString);
        assertEquals("image.env", file.at("/publish-image/artifacts/reports/dotenv").asText());
        JsonNode deploy = file.path("deploy-production");
        assertEquals("manual", deploy.at("/rules/0/when").asText());
        assertEquals("production", deploy.path("resource_group").asText());
        assertEquals("production", deploy.at("/environment/name").asText());
        assertEquals("false", deploy.path("interruptible").asText());
        assertTrue(deploy.path("script").toString().contains("@$DIGEST"));
        assertTrue(deploy.path("script").toString().contains("--rollback-on-failure"));
    }

    @Test
    void driftFailsAndWhatIsNotAppliedYetWarns() throws IOException {
        JsonNode file = render(Job.of("drift", "Drift", Stage.DEPLOY).when(When.SCHEDULE).step(new Step.DetectDrift("infra", "aws", "drift", new Step.Engine("terraform", "1.15", ""))));
        assertEquals(2, file.at("/drift/allow_failure/exit_codes/0").asInt());
        assertEquals("$CI_SERVER_URL", file.at("/drift/id_tokens/AWS_ID_TOKEN/aud").asText());
    }

    @Test
    void settingsNameTheEnvironmentsOfAVariableOnce() {
        Rendering rendering = rendering(deploy("staging"), deploy("production"));
        List<String> contexts = rendering.settings().stream().filter(s -> s.name().equals("KUBE_CONTEXT")).map(Rendering.Setting::how).toList();
        assertEquals(1, contexts.size());
        assertTrue(contexts.get(0).startsWith("scoped to the environments staging and production: "), contexts.get(0));
    }

    // --- parts ---

    private static Job.Builder deploy(String environment) {
        return Job.of("deploy-" + environment, "Deploy", Stage.DEPLOY).when(When.DEFAULT_BRANCH).target(environment, false).noCache()
                .step(new Step.Deploy(new Step.Release(Step.Release.Kind.KUSTOMIZE, "deploy", "shop", "", environment, "", null)));
    }

    private static Job.Builder image(boolean push) {
        return Job.of("publish-image", "Image", Stage.PACKAGE).when(When.DEFAULT_BRANCH_AND_TAG).docker(true).noCache()
                .step(new Step.Image(new Step.ContainerImage("", "Dockerfile", ".", "", "", List.of()), push));
    }

    private static Job.Builder job(String id, Stage stage) {
        return Job.of(id, id, stage).toolchain(new Toolchain("node", "24", "", false, "", "npm", "", false, List.of("package-lock.json"), ".", List.of()));
    }

    private static Step run(String command) {
        return in(".", command);
    }

    private static Step in(String folder, String command) {
        return new Step.Run("Run", command, folder, Map.of(), EVIDENCE);
    }

    private static Job.Each each(String path) {
        return new Job.Each(path, new ChangeFilter(path.replaceAll("\\W", "_"), List.of(path)));
    }

    private static int index(List<String> script, String part) {
        return script.stream().filter(l -> l.contains(part)).map(script::indexOf).findFirst().orElse(-1);
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(n -> texts.add(n.asText()));
        return texts;
    }

    private static JsonNode render(Job.Builder... jobs) throws IOException {
        Rendering rendering = rendering(jobs);
        assertEquals(".gitlab-ci.yml", rendering.files().get(0).path());
        return YAML.readTree(rendering.files().get(0).content());
    }

    private static Rendering rendering(Job.Builder... builders) {
        List<Job> jobs = Stream.of(builders).map(Job.Builder::build).toList();
        LinkedHashSet<ChangeFilter> filters = new LinkedHashSet<>();
        jobs.forEach(j -> {
            if (j.filter() != null) {
                filters.add(j.filter());
            }
            j.each().forEach(e -> filters.add(e.filter()));
        });
        ProjectFacts facts = new ProjectFacts("demo", List.of(), false, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), Map.of(), "", "main", "");
        CiPlatform gitlab = CiPlatforms.all().stream().filter(p -> p.id().equals("gitlab-ci")).findFirst().orElseThrow();
        return gitlab.render(new PipelinePlan("demo", "main", jobs, List.copyOf(filters), List.of()),
                new CiPlatform.Context(new Templates(null), Pins.shipped(), Versions.shipped(), facts, new CiPlatform.RenderOptions(false, "a test")));
    }
}
