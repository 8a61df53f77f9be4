import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import support.Checkout;

/** The outside validators on every file that every example generates, in each of its variants. All files of a kind go to a judge at once. */
class OutputJudgedTest {

    @TestFactory
    Stream<DynamicTest> everyJudgeAcceptsAllThatIsGenerated() throws Exception {
        Map<String, List<Path>> byKind = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Checkout.root().resolve("tests/examples"))) {
            files.filter(f -> f.toString().contains("/expected/pipeline_generator/") && Files.isRegularFile(f))
                    .forEach(f -> kind(f).ifPresent(k -> {
                        byKind.computeIfAbsent(k, x -> new ArrayList<>()).add(f);
                        if (!k.equals("jenkins")) {
                            byKind.computeIfAbsent("format", x -> new ArrayList<>()).add(f);
                        }
                    }));
        }
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest("there is something to judge on each platform",
                () -> assertTrue(byKind.keySet().containsAll(List.of("github", "gitlab", "circleci", "jenkins", "dependabot", "renovate")), byKind.keySet()::toString)));
        for (Map.Entry<String, List<Path>> kind : byKind.entrySet()) {
            JsonNode judges = judge(kind.getKey(), kind.getValue());
            for (JsonNode judge : judges.path("judges")) {
                tests.add(DynamicTest.dynamicTest(kind.getKey() + ": " + judge.path("judge").asText() + " on " + kind.getValue().size() + " files", () -> accept(judge)));
            }
        }
        return tests.stream();
    }

    private static void accept(JsonNode judge) {
        assumeTrue(!judge.path("status").asText().equals("skip"), () -> judge.path("reason").asText() + " (tests/tools/install installs it)");
        assertEquals("pass", judge.path("status").asText(), () -> judge.path("said").asText());
    }

    private static java.util.Optional<String> kind(Path file) {
        String path = file.toString().replace(File.separatorChar, '/');
        String kind = path.contains("/.github/workflows/") ? "github" : path.endsWith("/.gitlab-ci.yml") ? "gitlab" : path.contains("/.circleci/") ? "circleci"
                : path.endsWith("/Jenkinsfile") ? "jenkins" : path.endsWith("/dependabot.yml") ? "dependabot" : path.endsWith("/renovate.json") ? "renovate" : "";
        return kind.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(kind);
    }

    private static JsonNode judge(String kind, List<Path> files) throws Exception {
        List<String> command = new ArrayList<>(List.of("python3", Checkout.root().resolve("tests/tools/check").toString(), "--json", kind));
        files.forEach(f -> command.add(f.toString()));
        Path answer = Files.createTempFile("judges", ".json");
        Process process = new ProcessBuilder(command).redirectOutput(answer.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        if (!process.waitFor(15, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            fail("the judges of " + kind + " do not end");
        }
        JsonNode json = new ObjectMapper().readTree(answer.toFile());
        assertTrue(json.path("judges").size() > 0, () -> "no judge spoke of " + kind);
        return json;
    }
}
