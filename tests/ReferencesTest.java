import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.cli.Failure.Exit;
import lib.plan.Job.Stage;
import lib.render.CiPlatforms;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import support.Checkout;
import support.Golden;
import support.JavaSource;
import support.Machine;
import support.Paper;
import support.Paper.Block;
import support.Tree;

/**
 * What the papers say is so: every fenced block is cut from real output or run, tables are those of the code, and paths lead somewhere.
 *
 * <p>The word after a block's language says how it is checked; {@code ./jbang test References --update} refreshes what is generated.
 * <ul>
 *   <li>{@code yaml excerpt PROJECT OPTIONS | FILE > a > b}: the part of a generated file; {@code report /pointer} and {@code stderr} are files too
 *   <li>{@code java source FILE > a}: a part of a file of this project
 *   <li>{@code sh checked}: every line is run, or at least names what there is; a comment {@code # exit 1} says how it ends
 *   <li>{@code text layout}: the first word of each line is a path of this project
 *   <li>{@code mermaid stages} names every stage of a pipeline, {@code mermaid packages} every package of {@code lib}
 * </ul>
 */
class ReferencesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REFRESH = "; ./jbang test References --update refreshes it, and you read what it wrote";
    private static final Map<String, Cli> RUNS = new HashMap<>();

    @TempDir
    Path dir;

    // --- fenced blocks ---

    @TestFactory
    Stream<DynamicTest> everyBlockIsGeneratedOrChecked() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Paper paper : Paper.all()) {
            for (Block block : paper.blocks()) {
                tests.add(DynamicTest.dynamicTest(paper.name() + ":" + block.line() + " " + block.info(), () -> check(paper, block)));
            }
        }
        return tests.stream();
    }

    private void check(Paper paper, Block block) throws Exception {
        String[] words = block.info().split(" ", 3);
        String rest = words.length > 2 ? words[2] : "";
        switch (words.length > 1 ? words[1] : "") {
            case "excerpt" -> same(paper, block, excerpt(rest));
            case "source" -> {
                List<String> path = List.of(rest.split(" > "));
                same(paper, block, Paper.part(Files.readString(Checkout.root().resolve(path.get(0))), path.subList(1, path.size())));
            }
            case "checked" -> commands(block);
            case "layout" -> block.body().lines().map(l -> l.strip().split("  +")[0]).flatMap(l -> Stream.of(l.split(" · "))).forEach(p -> assertTrue(
                    Files.exists(Checkout.root().resolve(p)), p + " is not there"));
            case "stages" -> Stage.ids().forEach(s -> assertTrue(block.body().contains(s), s + " is missing"));
            case "packages" -> {
                try (Stream<Path> stages = Files.list(Checkout.root().resolve("lib"))) {
                    stages.map(s -> s.getFileName().toString()).filter(s -> !s.equals("cli")).forEach(s -> assertTrue(block.body().contains(s), s + " is missing"));
                }
            }
            default -> fail("nothing checks this block: say how after its language, as the class doc of ReferencesTest lists it");
        }
    }

    private static void same(Paper paper, Block block, String wanted) throws IOException {
        String should = paper.differs(block, wanted);
        assertTrue(should.isEmpty(), () -> paper.name() + ":" + block.line() + " is out of date" + REFRESH + ". It should hold\n" + should);
    }

    private String excerpt(String rest) throws IOException {
        String[] commandAndPart = rest.split(" \\| ", 2);
        List<String> path = List.of(commandAndPart[1].split(" > "));
        String file = path.get(0);
        Cli run = RUNS.computeIfAbsent(commandAndPart[0] + (file.startsWith("report") ? " --json" : ""), this::generate);
        if (file.equals("stderr")) {
            return run.err();
        }
        if (file.startsWith("report ")) {
            JsonNode node = JSON.readTree(run.out()).at(file.substring("report ".length()));
            assertTrue(!node.isMissingNode(), () -> file + " is not in " + run.out());
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node);
        }
        Map<String, String> files = printed(run.out());
        assertTrue(files.containsKey(file), () -> file + " is not generated; these are: " + files.keySet() + "\n" + run.all());
        return Paper.part(files.get(file), path.subList(1, path.size()));
    }

    private Cli generate(String command) {
        List<String> args = new ArrayList<>(List.of(command.split(" ")));
        args.set(0, args.get(0) + "/project");
        args.addAll(List.of("--output", dir.resolve("new").toString(), "--dry-run"));
        Cli run = Cli.pipeline(Checkout.root(), args.toArray(String[]::new));
        assertEquals(0, run.exit(), run::all);
        return run;
    }

    /** The files of a dry run. */
    private static Map<String, String> printed(String out) {
        Map<String, String> files = new TreeMap<>();
        Matcher file = Pattern.compile("(?s)(?:^|\\n)==> (\\S+) \\(create\\) <==\\n(.*?)(?=\\n==> \\S+ \\(create\\) <==\\n|\\z)").matcher(out);
        while (file.find()) {
            files.put(file.group(1), file.group(2));
        }
        return files;
    }

    // --- commands ---

    /** Runs a block from top to bottom, in a folder with a project {@code app} and with the examples that it names. */
    private void commands(Block block) throws Exception {
        Path cwd = Files.createDirectory(dir.resolve("block" + block.line() + "-" + System.nanoTime()));
        copy(Checkout.root().resolve("tests/examples/go-module/project"), cwd.resolve("app"));
        Tree.of(cwd.resolve("app"), "Dockerfile", "FROM scratch\n");
        for (String line : block.body().lines().map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).toList()) {
            command(cwd, line);
        }
    }

    private void command(Path cwd, String line) throws Exception {
        Matcher expected = Pattern.compile("# .*\\bexit (\\d+)").matcher(line);
        int exit = expected.find() ? Integer.parseInt(expected.group(1)) : 0;
        String command = line.replaceFirst("\\s+#.*$", "");
        Matcher tool = Pattern.compile("(?:(?:\\./)?jbang (?:pipeline_generator\\.java|pipeline-generator(?:@\\S+)?)|pipeline_generator) ?(.*)").matcher(command);
        Matcher deployment = Pattern.compile("(?:\\./)?jbang deployment_manager\\.java (.*)").matcher(command);
        if (tool.matches()) {
            tool(cwd, tool.group(1), exit, Cli::pipeline);
        } else if (deployment.matches()) {
            tool(cwd, deployment.group(1), exit, Cli::deployment);
        } else if (command.startsWith("./jbang test")) {
            List<String> names = words(command.substring("./jbang test".length()).replace("--update", ""));
            assertTrue(names.stream().allMatch(n -> testNames().stream().anyMatch(t -> t.matches(".*" + n + ".*Test\\.java"))),
                    "no test is called so: " + line);
        } else if (command.startsWith("tests/tools/")) {
            assertTrue(Files.isExecutable(Checkout.root().resolve(command.split(" ")[0])), "not there: " + line);
        } else {
            assertTrue(command.matches("(\\./)?jbang (trust add|app install|catalog add|--fresh pipeline-generator@) ?\\S.*|git clone \\S+( \\S+)?|cd \\S+|source <\\(pipeline_generator generate-completion\\)"),
                    "nothing checks this line: " + line);
        }
    }

    private static List<String> testNames() {
        return List.of(Checkout.root().resolve("tests").toFile().list());
    }

    private void tool(Path cwd, String rest, int exit, BiFunction<Path, String[], Cli> runs) throws Exception {
        String[] pipe = rest.split(" \\| ", 2);
        String[] redirected = pipe[0].split(" > ", 2);
        List<String> args = words(redirected[0]);
        assumeTrue(!args.contains("--run") || Machine.find("go") != null, "go is not installed, which a documented command runs");
        for (String arg : args) {
            if (arg.startsWith("tests/") && !Files.exists(cwd.resolve(arg))) {
                copy(Checkout.root().resolve(arg), cwd.resolve(arg));
            }
        }
        Cli run = runs.apply(cwd, args.toArray(String[]::new));
        assertEquals(exit, run.exit(), () -> rest + "\n" + run.all());
        if (redirected.length > 1) {
            Files.writeString(cwd.resolve(redirected[1].strip()), run.out());
        }
        if (pipe.length > 1) {
            assumeTrue(Machine.find("jq") != null, "jq is not installed, which a documented command uses");
            assertEquals("jq", words(pipe[1]).get(0));
            Process jq = new ProcessBuilder(words(pipe[1])).redirectErrorStream(true).start();
            jq.getOutputStream().write(run.out().getBytes());
            jq.getOutputStream().close();
            String out = new String(jq.getInputStream().readAllBytes());
            assertTrue(jq.waitFor(1, TimeUnit.MINUTES) && jq.exitValue() == 0 && !out.isBlank() && !out.strip().equals("null"), () -> pipe[1] + " said: " + out);
        }
    }

    /** As a shell would split them; quotes are single or double. */
    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)").matcher(command);
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group(3));
        }
        return words;
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.isRegularFile(from)) {
            Files.createDirectories(to.getParent());
            Files.copy(from, to);
            return;
        }
        for (String file : Golden.read(from).keySet()) {
            Files.createDirectories(to.resolve(file).getParent());
            Files.copy(from.resolve(file), to.resolve(file));
        }
    }

    // --- tables of the README ---

    @Test
    void theReadmeListsTheOptionsThatThereAre() throws IOException {
        StringBuilder table = new StringBuilder("| option | what it does |\n| --- | --- |\n");
        for (OptionSpec option : new CommandLine(new PipelineGenerator(dir, null)).getCommandSpec().options()) {
            String names = String.join("`, `", option.names());
            table.append("| `").append(names).append(option.arity().max() == 0 || option.paramLabel().isEmpty() ? "" : " " + option.paramLabel()).append("` | ")
                    .append(String.join(" ", option.description())).append(" |\n");
        }
        generated("options", table.toString());
    }

    @Test
    void theReadmeListsTheExitCodesThatThereAre() throws IOException {
        Map<String, String> ofHelp = CliTest.exitCodes(Cli.pipeline(dir, "--help").out());
        StringBuilder table = new StringBuilder("| code | meaning |\n| --- | --- |\n");
        for (Exit exit : Exit.values()) {
            if (ofHelp.containsKey(String.valueOf(exit.code))) {
                assertEquals(exit.meaning, ofHelp.get(String.valueOf(exit.code)));
                table.append("| ").append(exit.code).append(" | ").append(exit.meaning).append(" |\n");
            }
        }
        generated("exit codes", table.toString());
        List<List<String>> ofSkill = Paper.of(Checkout.root().resolve("SKILL.md")).table("Exit codes");
        assertEquals(ofHelp.keySet(), ofSkill.stream().map(row -> row.get(0)).collect(Collectors.toSet()), "the skill says what to do at each exit code");
    }

    /** Whatever has an example is listed, and nothing else: what is not tried is not claimed. */
    @Test
    void theReadmeListsTheEcosystemsAndManagersThatHaveAnExample() throws IOException {
        Map<String, Set<String>> managers = new TreeMap<>();
        Set<String> services = new TreeSet<>();
        for (Path example : ExamplesTest.Examples.all()) {
            Cli run = Cli.pipeline(example, "project", "--json", "--dry-run", "--output", dir.resolve("none").toString());
            for (JsonNode component : JSON.readTree(run.out()).at("/facts/components")) {
                Set<String> ids = managers.computeIfAbsent(component.path("ecosystem").asText(), e -> new TreeSet<>());
                if (component.has("packageManager")) {
                    ids.add(component.path("packageManager").asText());
                }
                component.path("services").forEach(s -> services.add(s.path("name").asText()));
            }
        }
        StringBuilder table = new StringBuilder("| ecosystem | package managers |\n| --- | --- |\n");
        managers.forEach((ecosystem, ids) -> table.append("| ").append(ecosystem).append(" | ").append(ids.isEmpty() ? "–" : String.join(", ", ids)).append(" |\n"));
        generated("ecosystems", table + "\nServices: " + String.join(", ", services) + ".\n\nPlatforms: " + String.join(", ", CiPlatforms.ids()) + ".\n");
    }

    private static void generated(String name, String wanted) throws IOException {
        String should = Paper.of(Checkout.root().resolve("README.md")).differs(name, wanted);
        assertTrue(should.isEmpty(), () -> "the part '" + name + "' of README.md is out of date" + REFRESH + ". It should be\n" + should);
    }

    // --- the guide and the skill ---

    @Test
    void theGuideGivesAReasonForEveryRuleThatOurOutputIsHeldTo() throws IOException {
        Set<String> rules = new TreeSet<>();
        Pattern id = Pattern.compile("(?:Finding\\.error\\(|RULES\\.put\\(|\\bbroken\\(\\w+, |\\bmissing\\()\\s*\"([a-z][a-z-]+)\"");
        for (Path file : Golden.read(Checkout.root().resolve("lib/verify")).keySet().stream().map(f -> Checkout.root().resolve("lib/verify").resolve(f)).toList()) {
            Matcher rule = id.matcher(JavaSource.withoutComments(Files.readString(file)));
            while (rule.find()) {
                rules.add(rule.group(1));
            }
        }
        List<List<String>> table = Paper.of(Checkout.root().resolve("references/cicd_pipeline_guide.md")).table("Rules that every generated file keeps");
        assertEquals(rules, new TreeSet<>(table.stream().map(row -> row.get(0)).toList()), "the rules of lib/verify are those of the table in the guide");
        assertTrue(table.stream().allMatch(row -> row.size() == 3 && row.get(2).length() > 20), "each has a reason");
    }

    @Test
    void theSkillHasValidFrontMatter() throws IOException {
        Matcher front = Pattern.compile("(?s)\\A---\\n(.*?)\\n---\\n(.*)").matcher(Files.readString(Checkout.root().resolve("SKILL.md")));
        assertTrue(front.matches());
        JsonNode fields = new com.fasterxml.jackson.dataformat.yaml.YAMLMapper().readTree(front.group(1));
        assertTrue(fields.path("name").asText().matches("[a-z0-9]+(-[a-z0-9]+)*") && fields.path("name").asText().length() <= 64);
        String description = fields.path("description").asText();
        assertTrue(!description.isBlank() && description.length() <= 1024 && !description.contains("<") && description.contains("Use "), "what it does, and when to use it");
        Set<String> keys = new TreeSet<>();
        fields.fieldNames().forEachRemaining(keys::add);
        assertTrue(Set.of("name", "description", "license", "compatibility", "metadata", "allowed-tools").containsAll(keys), keys::toString);
        assertTrue(front.group(2).lines().count() < 500, "an agent reads all of it");
    }

    /** A path such as {@code findings[].rule} leads somewhere in at least one real report. */
    @Test
    void theSkillExplainsFieldsThatReportsHave() throws IOException {
        List<JsonNode> reports = new ArrayList<>();
        for (String command : List.of("node-nextjs-docker --platform all --stages lint,test,build,security,package,publish,deploy --deploy-to aws", "node-contradictions",
                "monorepo-pnpm-turbo", "go-service-redis", "docker-only --run")) {
            List<String> args = new ArrayList<>(List.of(command.split(" ")));
            args.set(0, "tests/examples/" + args.get(0) + "/project");
            args.addAll(List.of("--json", "--output", dir.resolve("new").toString()));
            reports.add(JSON.readTree(Cli.pipeline(Checkout.root(), args.toArray(String[]::new)).out()));
        }
        List<String> unknown = new ArrayList<>();
        for (List<String> row : Paper.of(Checkout.root().resolve("SKILL.md")).table("Read the report")) {
            for (String path : row.get(0).split(", ")) {
                if (reports.stream().noneMatch(r -> leads(r, List.of(path.split("\\."))))) {
                    unknown.add(path);
                }
            }
        }
        assertEquals(List.of(), unknown, "no report has these fields");
    }

    private static boolean leads(JsonNode node, List<String> path) {
        if (path.isEmpty()) {
            return true;
        }
        String name = path.get(0).replace("[]", "");
        List<String> rest = path.subList(1, path.size());
        if (!node.has(name)) {
            return false;
        }
        if (!path.get(0).endsWith("[]")) {
            return leads(node.get(name), rest);
        }
        for (JsonNode each : node.get(name)) {
            if (leads(each, rest)) {
                return true;
            }
        }
        return false;
    }

    // --- all papers ---

    @Test
    void pathsAndLinksLeadSomewhere() throws IOException {
        List<String> wrong = new ArrayList<>();
        Pattern link = Pattern.compile("\\]\\(([^)\\s]+)\\)");
        Pattern code = Pattern.compile("`((?:lib|templates|tests|data|references|\\.ci)/[^` ]*|[A-Z]+\\.md|jbang-catalog\\.json)`");
        for (Paper paper : Paper.all()) {
            Matcher found = link.matcher(paper.prose());
            while (found.find()) {
                String target = found.group(1);
                if (!target.matches("https?:.*")) {
                    String[] parts = target.split("#", 2);
                    Path file = parts[0].isEmpty() ? paper.file : paper.file.resolveSibling(parts[0]).normalize();
                    if (!Files.exists(file) || parts.length > 1 && !anchors(Files.readString(file)).contains(parts[1])) {
                        wrong.add(paper.name() + " links to " + target);
                    }
                }
            }
            Matcher path = code.matcher(paper.prose());
            while (path.find()) {
                // Capitals and angle brackets stand for what the reader puts there.
                boolean isPattern = path.group(1).matches(".*([<*{]|\\bX|NAME).*");
                if (!isPattern && !Files.exists(Checkout.root().resolve(path.group(1).replaceFirst(":\\d+$", "")))) {
                    wrong.add(paper.name() + " speaks of " + path.group(1));
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static Set<String> anchors(String text) {
        Set<String> anchors = new LinkedHashSet<>();
        Matcher heading = Pattern.compile("(?m)^#+ (.*)$").matcher(text);
        while (heading.find()) {
            anchors.add(heading.group(1).toLowerCase(java.util.Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'));
        }
        return anchors;
    }

    @Test
    void papersAreWellFormed() throws Exception {
        assumeTrue(Machine.find("python3") != null, "python3 is not installed");
        List<String> command = new ArrayList<>(List.of("python3", Checkout.root().resolve("tests/tools/check").toString(), "markdown"));
        for (Paper paper : Paper.all()) {
            command.add(paper.file.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(2, TimeUnit.MINUTES), "does not end");
        assumeTrue(process.exitValue() != 3, () -> said.strip() + " (tests/tools/install installs it)");
        assertEquals(0, process.exitValue(), said);
    }
}
