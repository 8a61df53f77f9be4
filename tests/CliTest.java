import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.cli.Failure.Exit;
import lib.plan.Job.Stage;
import lib.render.CiPlatforms;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import support.Golden;
import support.Machine;
import support.Tree;

/** What a user meets who typed something wrong, or whose project or disk is not as it should be: message, hint, exit code. */
class CliTest {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final String[] GO = {"go.mod", "module example.com/a\n\ngo 1.25\n", "a.go", "package a\n", "a_test.go", "package a\n"};

    @TempDir
    Path dir;

    @BeforeEach
    void project() {
        Tree.of(dir.resolve("app"), GO);
    }

    private Cli run(String... args) {
        return Cli.pipeline(dir, args);
    }

    /** Exit code, message and hint; nothing on standard output, and nothing written. */
    private void refused(int exit, String error, String hint, String... args) throws IOException {
        Map<String, String> before = Golden.read(dir);
        Cli cli = run(args);
        assertEquals(exit, cli.exit(), cli::all);
        assertTrue(cli.err().contains("error: " + error), cli::all);
        assertTrue(cli.err().contains("  hint: " + hint), cli::all);
        assertEquals("", cli.out());
        assertFalse(cli.err().contains("\tat "), cli::all);
        assertEquals(before, Golden.read(dir));
    }

    // --- the project ---

    @Test
    void noSuchFolder() throws IOException {
        refused(3, "no such folder: nowhere", "give the folder of the project", "nowhere");
    }

    @Test
    void aFileInsteadOfAFolder() throws IOException {
        refused(3, "app/go.mod is a file, not a folder", "give the folder of the project", "app/go.mod");
    }

    @Test
    void anEmptyFolder() throws IOException {
        Files.createDirectory(dir.resolve("empty"));
        refused(3, "empty is empty", "looked for package.json, ", "empty");
    }

    @Test
    void nothingRecognisedSaysWhatWasLookedFor() throws IOException {
        Tree.of(dir.resolve("letters"), "notes.txt", "dear all\n");
        refused(3, "nothing recognised in letters", "looked for ", "letters");
        assertTrue(run("letters").err().lines().filter(l -> l.startsWith("  hint: looked for ")).allMatch(l -> Stream.of("package.json", "pyproject.toml", "go.mod",
                "pom.xml", "build.gradle.kts", "Cargo.toml", "*.csproj", "Gemfile", "composer.json", "mix.exs", "CMakeLists.txt", "*.tf", "Chart.yaml").allMatch(l::contains)));
    }

    /** A folder that even its owner may not read. */
    @Test
    void anUnreadableFolder() throws Exception {
        Path closed = Tree.of(dir.resolve("closed"), GO);
        assumeTrue(closed.toFile().setReadable(false), "rights of folders cannot be changed here");
        Cli cli = process(List.of(), "closed");
        assertEquals(new Cli(3, "", "error: closed cannot be read\n  hint: check its permissions\n"), cli, cli::all);
    }

    @Test
    void anUnreadableFolderInsideIsAFinding() throws Exception {
        Path closed = Tree.of(dir.resolve("app/closed"), "go.mod", "module example.com/b\n");
        assumeTrue(closed.toFile().setReadable(false), "rights of folders cannot be changed here");
        Cli cli = process(List.of(), "app", "--dry-run");
        assertEquals(0, cli.exit(), cli::all);
        assertTrue(cli.err().contains("warning: closed: closed cannot be read [unreadable-folder]\n  hint: check its permissions"), cli::all);
        assertTrue(closed.toFile().setReadable(true)); // so that it can be cleaned up
    }

    // --- manifests that don't parse ---

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "package.json   | {\\n  \"name\": \"web\",\\n  \"scripts\": {\\n                    | 4",
        "package.json   | {\\n  \"name\": \"web\"\\n  \"version\": \"1\"\\n}               | 3",
        "pyproject.toml | [project]\\nname = \"x\\n                                         | 2",
        "pom.xml        | <project>\\n  <artifactId>a</artifact>\\n</project>             | 2",
        "pubspec.yaml   | name: a\\n  version: 1\\n                                        | 2",
        "composer.json  | {\\n  \"require\": [\\n}                                        | 3"})
    void aBrokenManifestIsNamedWithLineAndReasonAndTheOthersAreServed(String file, String content, int line) throws IOException {
        Tree.of(dir.resolve("app/web"), file, content.replace("\\n", "\n"));
        Cli cli = run("app", "--json");
        assertEquals(0, cli.exit(), cli::all);
        JsonNode report = JSON.readTree(cli.out());
        assertEquals("warning", report.path("status").asText());
        JsonNode finding = finding(report, "broken-manifest");
        assertEquals("web/" + file, finding.at("/evidence/file").asText());
        assertEquals(line, finding.at("/evidence/line").asInt(), finding::toString);
        assertTrue(finding.path("message").asText().matches("web/" + Pattern.quote(file) + " cannot be parsed: [^\\[]{8,}"), finding::toString);
        assertTrue(cli.err().contains("warning: web/" + file + ":" + line + ": web/" + file + " cannot be parsed: "), cli::all);
        assertEquals("go", report.at("/facts/components/0/ecosystem").asText());
        assertTrue(Files.exists(dir.resolve("app/.github/workflows/ci.yml")));

        Cli check = run("app", "--check");
        assertEquals(1, check.exit(), check::all);
    }

    @Test
    void aBrokenManifestAloneCannotBeServed() throws IOException {
        Tree.of(dir.resolve("only"), "package.json", "{\n  \"name\": \"x\",\n");
        refused(3, "nothing recognised in only", "looked for package.json", "only");
        assertTrue(run("only").err().startsWith("warning: package.json:3: package.json cannot be parsed: "), run("only")::all);
        JsonNode report = JSON.readTree(run("only", "--json").out());
        assertEquals("error", report.path("status").asText());
        assertEquals(3, finding(report, "broken-manifest").at("/evidence/line").asInt());
    }

    // --- the command line ---

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--platform githb-actions           | unknown platform 'githb-actions'             | did you mean 'github-actions'? known: github-actions, ",
        "--platform github                  | unknown platform 'github'                    | did you mean 'github-actions'? known: ",
        "--platform gitlab-ci,travis        | unknown platform 'travis'                    | known: github-actions, ",
        "--stages tset                      | unknown stage 'tset'                         | did you mean 'test'? known: lint, test, build, security, package, publish, deploy",
        "--stages lint,biuld,x              | unknown stage 'biuld', 'x'                   | did you mean 'build'? known: ",
        "--with dependency-update           | unknown extra 'dependency-update'            | did you mean 'dependency-updates'? known: ",
        "--stages deploy --deploy-to asure  | unknown cloud 'asure'                        | did you mean 'azure'? known: aws, gcp, azure",
        "--deploy-to aws                    | --deploy-to has no effect without the stage deploy | add --stages lint,test,build,security,package,publish,deploy",
        "--jsn                              | Unknown option: '--jsn'                      | did you mean --json? See --help",
        "--dry_run                          | Unknown option: '--dry_run'                  | did you mean --dry-run? See --help",
        "--platform                         | Missing required parameter for option '--platform' (NAME) | see --help",
        "extra                              | Unmatched argument at index 1: 'extra'       | see --help",
        "--dry-run --diff                   | --dry-run and --diff both say                | give one of them",
        "--check --force                    | --check changes nothing                      | leave one of them out",
        "--check --diff                     | --check changes nothing                      | leave one of them out",
        "--run --dry-run                    | --run executes the jobs                      | leave one of them out",
        "--run --check                      | --run executes the jobs                      | leave one of them out"})
    void wrongUsage(String args, String error, String hint) throws IOException {
        refused(2, error, hint, Stream.concat(Stream.of("app"), Stream.of(args.strip().split(" "))).toArray(String[]::new));
    }

    @Test
    void theProjectMustBeNamed() throws IOException {
        refused(2, "Missing required parameter: 'PROJECT'", "see --help");
    }

    @Test
    void quietAndVerboseContradictEachOther() {
        Cli cli = run("app", "--quiet", "--verbose");
        assertEquals(new Cli(2, "", "error: --quiet and --verbose contradict each other\n"), cli, cli::all);
    }

    @Test
    void filesThatTheUserNamesMustBeThere() throws IOException {
        refused(3, "cannot read the pins in pins.yaml: no such file", "give a file of the shape of data/pins.yaml", "app", "--pins", "pins.yaml");
        refused(3, "no such folder of templates: ", "give the folder that mirrors templates/", "app", "--templates", "mine");
    }

    // --- where nothing can be written ---

    @Test
    void aFileIsInTheWayOfTheOutput() throws IOException {
        Tree.of(dir, "occupied", "x");
        for (String output : List.of("occupied", "occupied/below")) {
            refused(3, "", "free that path, or write elsewhere with --output DIR", "app", "--output", output);
            assertTrue(run("app", "--output", output).err().contains("occupied is a file, not a folder"), run("app", "--output", output)::all);
        }
    }

    @Test
    void theOutputCannotBeWritten() throws Exception {
        Path closed = Files.createDirectory(dir.resolve("closed"));
        assumeTrue(closed.toFile().setWritable(false), "rights of folders cannot be changed here");
        Cli cli = process(List.of(), "app", "--output", "closed");
        assertEquals(3, cli.exit(), cli::all);
        assertTrue(cli.err().contains("error: cannot write ") && cli.err().contains("  hint: "), cli::all);
        assertEquals(Map.of(), Golden.read(closed));
    }

    /** The kernel refuses what is over a limit as it refuses what finds no room. */
    @Test
    void theDiskIsFull() throws Exception {
        assumeTrue(Machine.find("bash") != null, "bash is not installed");
        Map<String, String> before = Golden.read(dir);
        Cli cli = process(List.of("bash", "-c", "ulimit -f 1 && exec \"$@\"", "limited"), "app");
        assertEquals(3, cli.exit(), cli::all);
        assertTrue(cli.err().contains("error: cannot write ") && cli.err().contains("  hint: "), cli::all);
        assertEquals(before, Golden.read(dir), "something stayed");
    }

    // --- the report ---

    @ParameterizedTest
    @ValueSource(strings = {"nowhere", "app/go.mod", "app --platform x", "app --dry-run --diff", "app --pins nowhere.yaml", "app --output app/go.mod"})
    void aFailureIsAReportToo(String args) throws IOException {
        List<String> words = new ArrayList<>(List.of(args.split(" ")));
        Cli plain = run(words.toArray(String[]::new));
        words.add("--json");
        Cli json = run(words.toArray(String[]::new));
        assertEquals(plain.exit(), json.exit());
        assertEquals(plain.err(), json.err());
        JsonNode report = JSON.readTree(json.out());
        assertEquals("pipeline-report/1", report.path("schema").asText());
        assertEquals("error", report.path("status").asText());
        assertEquals(words.get(0), report.path("target").asText("").isEmpty() ? words.get(0) : report.path("target").asText());
        JsonNode finding = finding(report, json.exit() == 2 ? "wrong-usage" : "cannot-proceed");
        assertTrue(plain.err().startsWith("error: " + finding.path("message").asText()), plain::all);
        assertTrue(plain.err().contains("hint: " + finding.path("hint").asText()), plain::all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--dry-run", "--diff", "--check", "--verbose", "--quiet", "--platform all", "--output elsewhere"})
    void jsonIsOneDocumentAndNothingElse(String options) throws IOException {
        List<String> args = new ArrayList<>(List.of("app", "--json"));
        Stream.of(options.split(" ")).filter(o -> !o.isEmpty()).forEach(args::add);
        Cli cli = run(args.toArray(String[]::new));
        JsonNode report = JSON.readTree(cli.out());
        assertEquals(options.equals("--check") ? 1 : 0, cli.exit(), cli::all);
        assertEquals("app", report.path("target").asText());
        assertTrue(cli.out().endsWith("}\n"));
    }

    @Test
    void withoutJsonOnlyTheProductIsOnStandardOutput() {
        assertEquals("", run("app").out());
        assertTrue(run("app", "--output", "new", "--dry-run").out().startsWith("==> .github/workflows/ci.yml (create) <==\n"));
        assertTrue(run("app", "--output", "new", "--diff").out().startsWith("diff --git "));
        assertEquals("", run("app", "--quiet").err());
    }

    // --- help ---

    @Test
    void helpOpensWithCommandsAndTellsEveryExitCode() {
        Cli help = run("--help");
        assertEquals(0, help.exit());
        assertTrue(help.out().startsWith("Usage: jbang pipeline_generator.java ./app "), help.out());
        Map<String, String> codes = exitCodes(help.out());
        for (Exit exit : List.of(Exit.OK, Exit.PROBLEMS, Exit.USAGE, Exit.CANNOT_PROCEED, Exit.BUG, Exit.INTERRUPTED)) {
            assertEquals(exit.meaning, codes.get(String.valueOf(exit.code)));
        }
        Stream.concat(Stage.ids().stream(), CiPlatforms.ids().stream()).forEach(id -> assertTrue(help.out().contains(id), id));
        assertTrue(help.out().replaceAll("\\s+", " ").contains("Nothing of the project is executed unless --run is given."), help.out());
        assertTrue(help.out().lines().allMatch(l -> l.length() <= 110), help.out());
    }

    /** Code and meaning of the list at the end of the help, with wrapped lines joined. */
    static Map<String, String> exitCodes(String help) {
        Map<String, String> codes = new TreeMap<>();
        Matcher line = Pattern.compile("(?m)^ +(\\d+) +(\\S.*(?:\\n {8,}\\S.*)*)$").matcher(help.substring(help.indexOf("Exit codes:")));
        while (line.find()) {
            codes.put(line.group(1), line.group(2).replaceAll("\\s+", " "));
        }
        return codes;
    }

    @Test
    void versionIsOneLine() {
        assertEquals(new Cli(0, "pipeline_generator " + PipelineGenerator.VERSION + "\n", ""), run("--version"));
    }

    @Test
    void completionWorksInBash() throws Exception {
        assumeTrue(Machine.find("bash") != null, "bash is not installed");
        Cli completion = run("generate-completion");
        assertEquals(0, completion.exit(), completion::all);
        Path script = Files.writeString(dir.resolve("completion.sh"), completion.out());
        String complete = "source " + script + "; COMP_WORDS=(pipeline_generator --pl); COMP_CWORD=1; _complete_pipeline_generator; printf '%s\\n' \"${COMPREPLY[@]}\"";
        assertEquals(List.of("--platform"), output(List.of("bash", "--norc", "-c", complete), Map.of()).out().lines().map(String::strip).toList());
    }

    // --- colour ---

    @Test
    void colourIsForTerminalsOnly() throws Exception {
        assumeTrue(Machine.find("script") != null, "script, which gives a process a terminal, is not installed");
        String red = "\u001B[31;1merror:\u001B[0m";
        Map<String, String> terminal = Map.of("TERM", "xterm");
        assertTrue(atTerminal(terminal, "nowhere").out().contains(red), atTerminal(terminal, "nowhere")::all);
        assertFalse(atTerminal(terminal, "nowhere", "--no-color").out().contains("\u001B["));
        assertFalse(atTerminal(Map.of("TERM", "xterm", "NO_COLOR", "1"), "nowhere").out().contains("\u001B["));
        assertFalse(process(List.of(), "nowhere").all().contains("\u001B["));
    }

    @Test
    void eachStreamHasItsOwnColours() throws Exception {
        assumeTrue(Machine.find("script") != null, "script, which gives a process a terminal, is not installed");
        String red = "\u001B[31;1merror:\u001B[0m";
        Path file = dir.resolve("stream.txt");
        Map<String, String> terminal = Map.of("TERM", "xterm");
        output(List.of("script", "-qec", line("nowhere") + " 2> " + file, "/dev/null"), terminal);
        assertTrue(Files.readString(file).startsWith("error:"), Files.readString(file));
        String shown = output(List.of("script", "-qec", line("nowhere") + " > " + file, "/dev/null"), terminal).out();
        assertTrue(shown.contains(red), shown);
        assertTrue(output(List.of("script", "-qec", line("nowhere") + " > /dev/null < /dev/null", "/dev/null"), terminal).out().contains(red));
        output(List.of("script", "-qec", line("nowhere") + " 2> " + file, "/dev/null"), Map.of("TERM", "xterm", "CLICOLOR_FORCE", "1"));
        assertTrue(Files.readString(file).startsWith(red), Files.readString(file));
        assertFalse(atTerminal(Map.of("TERM", "dumb"), "nowhere").out().contains("\u001B["));
    }

    private static String line(String... args) {
        return String.join(" ", java(args).stream().map(w -> "'" + w.replace("'", "'\\''") + "'").toList());
    }

    private Cli atTerminal(Map<String, String> environment, String... args) throws Exception {
        return output(List.of("script", "-qec", line(args), "/dev/null"), environment);
    }

    // --- real processes ---

    /** The tool in a process of its own, without the right of an administrator to read and write everything. */
    private Cli process(List<String> before, String... args) throws Exception {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            assumeTrue(Machine.find("setpriv") != null, "this user may read and write everything, and setpriv is not installed to give that up");
            command.addAll(List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"));
        }
        command.addAll(before);
        command.addAll(java(args));
        return output(command, Map.of());
    }

    private static List<String> java(String... args) {
        // Without a file for monitoring tools, which would be over the limit of theDiskIsFull().
        List<String> java = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "-XX:-UsePerfData", "-cp", System.getProperty("java.class.path"), "PipelineGenerator"));
        java.addAll(List.of(args));
        return java;
    }

    private Cli output(List<String> command, Map<String, String> environment) throws Exception {
        Path err = Files.createTempFile("err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile()).redirectError(err.toFile());
        List.of("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE").forEach(builder.environment()::remove);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), "does not end");
        Cli cli = new Cli(process.exitValue(), out, Files.readString(err));
        Files.delete(err);
        return cli;
    }

    private static JsonNode finding(JsonNode report, String rule) {
        for (JsonNode finding : report.path("findings")) {
            if (finding.path("rule").asText().equals(rule)) {
                return finding;
            }
        }
        throw new AssertionError("no finding " + rule + " in " + report.path("findings").toPrettyString());
    }
}
