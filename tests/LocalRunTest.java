import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import lib.cli.Console;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.Job;
import lib.plan.PipelinePlan;
import lib.plan.Step;
import lib.render.CiPlatforms;
import lib.run.LocalRun;
import lib.run.RunResult.JobResult;
import lib.run.RunResult.Status;
import lib.run.RunResult;
import lib.scan.Finding.Evidence;
import lib.scan.Project;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import support.Golden;
import support.Machine;
import support.Tree;

/** Running a pipeline here: what is run and in which order, what is skipped and why, and what is left behind: nothing. */
class LocalRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    // --- plans made by hand: a shell is all that their steps need ---

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private static Job.Builder job(String id, Stage stage, String... commands) {
        Job.Builder job = Job.of(id, "The " + id, stage).timeoutMinutes(5);
        for (String command : commands) {
            job.step(new Step.Run("Step " + command.lines().findFirst().orElse(""), command, ".", Map.of(), Evidence.of("x", "test")));
        }
        return job;
    }

    private RunResult run(Job... jobs) throws IOException {
        return run("github-actions", jobs);
    }

    private RunResult run(String platform, Job... jobs) throws IOException {
        if (!Files.exists(dir.resolve("app"))) {
            Tree.of(dir.resolve("app"), "a.txt", "text\n");
        }
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
        var shell = CiPlatforms.all().stream().filter(p -> p.id().equals(platform)).findFirst().orElseThrow().shell();
        return new LocalRun(new PipelinePlan("app", "main", List.of(jobs), List.of(), List.of()), Project.open(dir.resolve("app")), shell, new Console(err, err)).run();
    }

    private static JobResult only(RunResult result) {
        assertEquals(1, result.jobs().size());
        return result.jobs().get(0);
    }

    /** Its name is known to whatever it starts. */
    private static void assertDeleted(Path nameOfTheFolder) throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), Files.readString(nameOfTheFolder).strip());
        assertTrue(folder.getFileName().toString().startsWith("pipeline-run-"), folder::toString);
        assertFalse(Files.exists(folder), folder + " was left behind");
    }

    @Test
    void jobsRunInTheOrderOfTheirNeeds() throws IOException {
        RunResult result = run(job("build", Stage.BUILD, "true").needs(List.of("lint", "test")).build(), job("test", Stage.TEST, "true").needs(List.of("lint")).build(),
                job("lint", Stage.LINT, "true").build());
        assertEquals(List.of("lint", "test", "build"), result.jobs().stream().map(JobResult::id).toList());
        assertEquals(3, result.count(Status.PASSED));
    }

    @Test
    void whatNeedsAFailedJobIsSkippedAllTheWayDown() throws IOException {
        RunResult result = run(job("test", Stage.TEST, "echo before", "exit 7", "echo never").build(), job("build", Stage.BUILD, "true").needs(List.of("test")).build(),
                job("pack", Stage.BUILD, "true").needs(List.of("build")).build(), job("other", Stage.LINT, "true").build());
        assertEquals(List.of(Status.FAILED, Status.SKIPPED, Status.SKIPPED, Status.PASSED), result.jobs().stream().map(JobResult::status).toList());
        assertEquals("step 'Step exit 7' failed with exit code 7: exit 7", result.jobs().get(0).reason());
        assertEquals(2, result.jobs().get(0).steps().size());
        assertEquals("needs The test, which did not pass", result.jobs().get(1).reason());
        assertEquals("needs The build, which did not pass", result.jobs().get(2).reason());
    }

    @Test
    void stepsFindTheEnvironmentOfThePlatform() throws IOException {
        assertEquals(Status.PASSED, only(run("github-actions", job("test", Stage.TEST, "test \"$CI\" = true && test \"$GITHUB_ACTIONS\" = true && test \"$GITHUB_WORKSPACE\" = \"$PWD\"",
                "test -z \"$GITLAB_CI\" && test \"$OF_THE_JOB\" = '{x} $y'").environment(Map.of("OF_THE_JOB", "{x} $y")).build())).status());
        assertEquals(Status.PASSED, only(run("gitlab-ci", job("test", Stage.TEST, "test \"$GITLAB_CI\" = true && test \"$CI_PROJECT_DIR\" = \"$PWD\"").build())).status());
        assertEquals(Status.PASSED, only(run("circleci", job("test", Stage.TEST, "test \"$CIRCLECI\" = true").build())).status());
    }

    @Test
    void theFirstFailingLineEndsAStep() throws IOException {
        assertEquals(Status.FAILED, only(run(job("test", Stage.TEST, "false\ntrue").build())).status());
        assertEquals(Status.FAILED, only(run("gitlab-ci", job("test", Stage.TEST, "false | cat\ntrue").build())).status());
    }

    @Test
    void outputIsLiveAndHarmless() throws IOException {
        JobResult job = only(run(job("test", Stage.TEST, "printf 'a\\033[31mred\\033[0m\\033]0;title\\007\\000 ]]> <&\\xff\\n'; head -c 20000 /dev/zero | tr '\\0' y; exit 1").build()));
        String text = said.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("│ ared"), text);
        assertFalse(text.contains("\u001B"), text);
        assertTrue(text.lines().allMatch(l -> l.length() < 9000), "a line without an end is cut");
        assertTrue(job.steps().get(0).output().contains("yyyy"));
    }

    @Test
    void resultsAreWellFormedWhateverIsPrinted() throws Exception {
        RunResult result = run(job("te]]>st\u0007", Stage.TEST, "printf '\\033]0;x\\007 ]]> </failure> & \\x01\\n'; exit 1").build(), job("lint", Stage.LINT, "true").build(),
                job("image", Stage.PACKAGE).step(new Step.UseTool("no-such-tool", "1")).step(new Step.Run("x", "no-such-tool", ".", Map.of(), Evidence.of("x", "x"))).build());
        Document xml = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new java.io.ByteArrayInputStream(result.junit().getBytes(StandardCharsets.UTF_8)));
        assertEquals(3, xml.getElementsByTagName("testsuite").getLength());
        Element failure = (Element) xml.getElementsByTagName("failure").item(0);
        assertTrue(failure.getTextContent().contains("]]> </failure> &"), failure.getTextContent());
        assertEquals("needs no-such-tool: not installed", ((Element) xml.getElementsByTagName("skipped").item(0)).getAttribute("message"));
        assertEquals("failed", JSON.readTree(result.json().toString()).at("/jobs/0/status").asText());
    }

    @Test
    void aJobIsStoppedWhenItsTimeIsOver() throws IOException {
        long start = System.nanoTime();
        JobResult job = only(run(job("test", Stage.TEST, "sleep 300 & sleep 300").timeoutMinutes(0).build()));
        assertEquals("step 'Step sleep 300 & sleep 300' was stopped after 0 minutes, the timeout of the job: sleep 300 & sleep 300", job.reason());
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(30));
    }

    @Test
    void whatAStepLeavesRunningServesTheJobAndEndsWithIt() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "processes are found by /proc");
        Path pid = dir.resolve("pid");
        JobResult job = only(run(job("test", Stage.TEST, "sleep 301 & echo $! > " + pid, "kill -0 $(cat " + pid + ")").build()));
        assertEquals(Status.PASSED, job.status(), job::reason);
        assertEnded(pid);
    }

    @Test
    void interruptedItEndsWhatRunsAndDeletesItsFiles() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Path pid = dir.resolve("pid");
        Thread thread = new Thread(() -> {
            try {
                run(job("test", Stage.TEST, "echo $PIPELINE_GENERATOR_RUN > " + dir.resolve("name") + "; echo $$ > " + pid + ".new; mv " + pid + ".new " + pid + "; sleep 302").build());
            } catch (IOException | RuntimeException e) {
                thrown.set(e);
            }
        });
        thread.start();
        waitFor(pid);
        thread.interrupt();
        thread.join(20_000);
        assertEquals(Exit.INTERRUPTED, ((Failure) thrown.get()).exit);
        assertEnded(pid);
        assertDeleted(dir.resolve("name"));
    }

    /** Ended, though nobody may have asked for its exit code yet. */
    private static void assertEnded(Path pid) throws IOException, InterruptedException {
        long number = Long.parseLong(Files.readString(pid).strip());
        Path stat = Path.of("/proc/" + number + "/stat");
        for (int i = 0; i < 50; i++) {
            boolean isZombie = Files.exists(stat) && Files.readString(stat).contains(") Z ");
            if (isZombie || ProcessHandle.of(number).map(p -> !p.isAlive()).orElse(true)) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("process " + number + " still runs");
    }

    private static void waitFor(Path file) throws InterruptedException {
        for (int i = 0; i < 300 && !Files.exists(file); i++) {
            Thread.sleep(100);
        }
        assertTrue(Files.exists(file), file + " did not appear");
    }

    private static Toolchain toolchain(String runtime, String version, String range, boolean pinned) {
        return new Toolchain(runtime, version, range, pinned, "", "", "", false, List.of(), ".", List.of());
    }

    @Test
    void skipsSayWhatIsMissing() throws IOException {
        Job.ServiceContainer postgres = new Job.ServiceContainer("postgres", "postgres:18", 1, Map.of(), "");
        RunResult result = run(job("a", Stage.TEST, "true").service(postgres).environment(Map.of("PIPELINE_TEST_URL", "postgres://u:p@localhost:1/db")).build(),
                job("b", Stage.TEST, "true").toolchain(toolchain("zig", "0.99", "", true)).build(),
                job("c", Stage.TEST, "no-such-tool --x").build(),
                job("d", Stage.TEST, "true").step(new Step.SystemPackages(List.of("no-such-package"))).build());
        assertEquals("needs postgres: PIPELINE_TEST_URL is not set and nothing listens on localhost:1", result.jobs().get(0).reason());
        assertEquals("zig 0.99 not installed", result.jobs().get(1).reason().replaceFirst(": found .*", ""));
        assertEquals("needs no-such-tool: not installed", result.jobs().get(2).reason());
        if (Machine.find("dpkg-query") != null) {
            assertEquals("needs the system package no-such-package", result.jobs().get(3).reason());
        }
        assertTrue(result.isEmpty());
    }

    @Test
    void ofAMatrixTheEntryThatIsInstalledRuns() throws IOException {
        String java = String.valueOf(Runtime.version().feature());
        JobResult job = only(run(job("test", Stage.TEST, "\"$JAVA_HOME/bin/java\" -version").toolchain(toolchain("java", "99", "8", false))
                .matrix(new Job.Matrix("java", List.of(java, "99"), List.of(java, "99"))).build()));
        assertEquals(Status.PASSED, job.status(), job::reason);
        assertTrue(job.runtimes().get(0).startsWith("java " + java), job.runtimes()::toString);
        assertEquals(List.of("of the matrix (java " + java + ", 99) the entry " + java), job.notes());
        JobResult none = only(run(job("test", Stage.TEST, "true").toolchain(toolchain("java", "99", "8", false)).matrix(new Job.Matrix("java", List.of("98"), List.of("98", "99"))).build()));
        assertTrue(none.reason().startsWith("java 98, 99 not installed: found "), none.reason());
        JobResult between = only(run(job("test", Stage.TEST, "true").toolchain(toolchain("java", "99", ">=8", false)).matrix(new Job.Matrix("java", List.of("8", "99"), List.of("8", "99"))).build()));
        assertEquals(Status.PASSED, between.status(), between::reason);
        assertTrue(between.notes().get(0).startsWith("java 8, 99 not installed: "), between.notes()::toString);
        JobResult pinned = only(run(job("test", Stage.TEST, "true").toolchain(toolchain("java", "99", "", true)).build()));
        assertTrue(pinned.reason().startsWith("java 99 not installed: found "), pinned.reason());
        JobResult other = only(run(job("test", Stage.TEST, "true").toolchain(toolchain("java", "99", "8", false)).build()));
        assertTrue(other.notes().get(0).matches("java 99 not installed: [0-9.]+ is within what the project declares \\(8\\)"), other.notes()::toString);
    }

    @Test
    void imagesAreBuiltWhereADockerDaemonAnswers() throws IOException {
        JobResult job = only(run(job("image", Stage.PACKAGE).docker(true).step(new Step.Image(new Step.ContainerImage("", "Dockerfile", ".", "", "", List.of()), false)).build()));
        assertTrue(job.reason().startsWith("needs docker: ") || job.steps().get(0).command().equals("docker build --file Dockerfile ."), job::toString);
    }

    @Test
    void testsThatDoWithoutDockerNeedNone() throws IOException {
        String test = "import org.testcontainers.junit.jupiter.Testcontainers;\n@Testcontainers%s\nclass ATest {}\n";
        Path file = Tree.of(dir.resolve("app"), "src/test/java/ATest.java", test.formatted("")).resolve("src/test/java/ATest.java");
        Job job = job("test", Stage.TEST, "true").docker(true).build();
        assumeTrue(only(run(job)).status() == Status.SKIPPED, "a docker daemon answers");
        assertTrue(only(run(job)).reason().startsWith("needs docker: "));
        Files.writeString(file, test.formatted("(disabledWithoutDocker = true)"));
        JobResult result = only(run(job));
        assertEquals(Status.PASSED, result.status());
        assertTrue(result.notes().get(0).endsWith("; the project's own tests leave out what needs it"), result.notes()::toString);
    }

    // --- the copy ---

    private void git(Path folder, String... arguments) throws IOException {
        assumeTrue(Machine.find("git") != null, "git is not installed");
        List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString(), "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"));
        command.addAll(List.of(arguments));
        try {
            assertEquals(0, new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void theCopyHasWhatACheckoutHas() throws IOException {
        Path app = Tree.of(dir.resolve("app"), ".gitignore", "*.log\n", "kept.log", "in spite of it\n", "a b.txt", "x\n", "node_modules/x/index.js", "x\n");
        git(app, "init", "-q");
        git(app, "add", "-f", ".gitignore", "kept.log", "a b.txt");
        git(app, "commit", "-qm", "first");
        git(app, "tag", "v1.2.3");
        git(app, "remote", "add", "origin", "https://user:secret@example.org/a.git");
        Tree.of(app, "a b.txt", "changed\n", "ignored.log", "x\n", "new.txt", "nobody added it\n");
        List<Path> before = files(app);
        RunResult result = run(job("test", Stage.TEST, "test -f kept.log && test ! -e ignored.log && test ! -e new.txt && test ! -e node_modules", "grep -q changed 'a b.txt'",
                "test \"$(git describe --tags)\" = v1.2.3", "git diff --quiet", "test \"$(git remote get-url origin)\" = https://example.org/a.git",
                "! git push origin HEAD:main", "touch written-here").build());
        assertEquals("", only(result).reason());
        assertEquals(List.of("new.txt", "node_modules/x/index.js"), result.untracked());
        assertEquals(before, files(app));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.sorted().toList();
        }
    }

    @Test
    void withoutARepositoryTheCopyHasWhatGitWouldNotIgnore() throws IOException {
        Path app = Tree.of(dir.resolve("app"), ".gitignore", "*.log\n", "x.log", "x\n", "a/b.txt", "x\n", "node_modules/x.js", "x\n");
        Map<String, String> before = Golden.read(app);
        assertEquals("", only(run(job("test", Stage.TEST, "test -f a/b.txt && test ! -e x.log && test ! -e node_modules", "touch written-here; rm -r a").build())).reason());
        assertEquals(before, Golden.read(app));
    }

    // --- the whole tool ---

    /** A project that leaves a trace wherever anything of it is executed, and has no dependencies. */
    private Path traced(String test) {
        String touch = "node -e \\\"require('fs').writeFileSync('" + dir.resolve("trace") + "', '')\\\"";
        return Tree.of(dir.resolve("made"), "package.json", """
                {"name": "made", "version": "1.0.0", "private": true, "scripts": {"preinstall": "%s", "prepare": "%s", "test": "node test.js"}}
                """.formatted(touch, touch), "test.js", "require('fs').writeFileSync('" + dir.resolve("trace") + "', '');\n" + test, "index.js", "");
    }

    private static void needs(String... programs) {
        for (String program : programs) {
            assumeTrue(Machine.find(program) != null, program + " is not installed");
        }
    }

    @Test
    void nothingIsExecutedWithoutBeingAsked() {
        traced("");
        assertTrue(Cli.pipeline(dir, "made", "--dry-run").out().contains("npm test"));
        for (String[] args : new String[][] {{"made", "--dry-run"}, {"made", "--diff"}, {"made", "--json", "--output", "out"}, {"made", "--platform", "all"}, {"made", "--check"}, {"made", "--run", "--check"}}) {
            Cli cli = Cli.pipeline(dir, args);
            assertFalse(Files.exists(dir.resolve("trace")), cli::all);
        }
    }

    @Test
    void aGreenRun() throws IOException {
        needs("node", "npm", "bash");
        Map<String, String> before = Golden.read(traced("console.log('tested')"));
        Cli cli = Cli.pipeline(dir, "made", "--run", "--stages", "test", "--json", "--output", "results");
        assertEquals(0, cli.exit(), cli::all);
        assertTrue(Files.exists(dir.resolve("trace")), cli::all);
        assertTrue(cli.err().contains("│ tested"), cli::all);
        JsonNode report = JSON.readTree(cli.out());
        assertEquals("success", report.at("/status").asText(), cli::all);
        assertEquals("passed", report.at("/run/jobs/0/status").asText());
        assertTrue(report.at("/run/jobs/0/runtimes/0").asText().startsWith("node "), cli::all);
        assertTrue(report.at("/timings/run").asDouble() > 0);
        assertEquals(1, JSON.readTree(dir.resolve("results/run.json").toFile()).at("/passed").asInt());
        assertTrue(Files.readString(dir.resolve("results/junit.xml")).contains("<testsuite "));
        assertEquals(before, Golden.read(dir.resolve("made")));
    }

    @Test
    void aRedRunNamesJobStepAndCommand() throws IOException {
        needs("node", "npm", "bash");
        traced("console.log('broken'); process.exit(4)");
        Cli cli = Cli.pipeline(dir, "made", "--run", "--stages", "test", "--json", "--output", "results");
        assertEquals(1, cli.exit(), cli::all);
        JsonNode report = JSON.readTree(cli.out());
        assertEquals("error", report.at("/status").asText());
        assertTrue(cli.err().contains("error: Test: step 'Test' failed with exit code 4: npm test [job-failed]"), cli::all);
        assertTrue(report.at("/run/jobs/0/steps/0/output").asText().contains("broken"), cli::all);
    }

    @Test
    void whenNothingCouldBeTestedTheExitSaysSo() throws IOException {
        Tree.of(dir.resolve("other"), "go.mod", "module example.com/a\n\ngo 1.21\n", "a.go", "package a\n", "a_test.go", "package a\n", "Dockerfile", "FROM scratch\n");
        Tree.of(dir.resolve("zig"), "build.zig", "pub fn build(b: *std.Build) void { _ = b.step(\"test\", \"t\"); }\n", "build.zig.zon", ".{ .name = .a, .version = \"0.1.0\", .minimum_zig_version = \"0.15.1\" }\n",
                "src/main.zig", "test \"a\" {}\n");
        assumeTrue(Machine.find("zig") == null, "zig is installed");
        Cli cli = Cli.pipeline(dir, "zig", "--run", "--stages", "test", "--json");
        assertEquals(3, cli.exit(), cli::all);
        assertEquals("warning", JSON.readTree(cli.out()).at("/status").asText());
        assertTrue(cli.err().contains("not installed [job-skipped]"), cli::all);
    }

    @Test
    void aSkippedJobIsAWarning() throws IOException {
        needs("node", "npm", "bash");
        assumeTrue(Machine.find("docker") == null || run(job("d", Stage.TEST, "docker version").build()).count(Status.FAILED) == 1, "a docker daemon answers");
        Tree.of(traced(""), "Dockerfile", "FROM scratch\n");
        Cli cli = Cli.pipeline(dir, "made", "--run", "--stages", "test,package", "--json");
        assertEquals(0, cli.exit(), cli::all);
        assertEquals("warning", JSON.readTree(cli.out()).at("/status").asText());
        assertTrue(cli.err().contains("needs docker: "), cli::all);
    }

    @Test
    void controlCEndsARunOfTheTool() throws Exception {
        needs("node", "npm", "bash");
        String pid = dir.resolve("pid").toString();
        traced("const fs = require('fs'); fs.writeFileSync('" + dir.resolve("name") + "', process.env.PIPELINE_GENERATOR_RUN); fs.writeFileSync('" + pid + ".new', '' + process.pid); fs.renameSync('" + pid + ".new', '" + pid + "'); setTimeout(() => {}, 303000)");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process tool = new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), "PipelineGenerator", "made", "--run", "--stages", "test").directory(dir.toFile())
                .redirectErrorStream(true).redirectOutput(dir.resolve("log").toFile()).start();
        waitFor(dir.resolve("pid"));
        new ProcessBuilder("kill", "-INT", String.valueOf(tool.pid())).start().waitFor();
        assertTrue(tool.waitFor(30, TimeUnit.SECONDS));
        assertEquals(130, tool.exitValue(), () -> "see " + dir.resolve("log"));
        assertEnded(dir.resolve("pid"));
        assertDeleted(dir.resolve("name"));
    }
}
