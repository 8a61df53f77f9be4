import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import support.Checkout;
import support.Golden;

/**
 * Every folder of {@code tests/examples}: its project in, the goldens of {@code expected/pipeline_generator/VARIANT} out.
 *
 * <p>The variant {@code default} is all platforms without further options. More stand in {@code variants.txt}, a line each:
 * {@code NAME OPTIONS}.
 */
class ExamplesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TestFactory
    Stream<DynamicNode> examples() throws IOException {
        List<DynamicNode> nodes = new ArrayList<>();
        for (Path example : Examples.all()) {
            List<DynamicTest> variants = new ArrayList<>();
            for (Map.Entry<String, List<String>> variant : Examples.variants(example).entrySet()) {
                variants.add(DynamicTest.dynamicTest(variant.getKey(), () -> check(example, variant.getKey(), variant.getValue())));
            }
            nodes.add(DynamicContainer.dynamicContainer(example.getFileName().toString(), variants));
        }
        return nodes.stream();
    }

    private void check(Path example, String variant, List<String> options) throws IOException {
        Path output = Files.createTempDirectory("example");
        Path project = example.resolve("project");
        Map<String, String> before = Golden.read(project);
        List<String> args = new ArrayList<>(List.of("project", "--output", output.toString(), "--json"));
        args.addAll(options);

        Cli first = Cli.pipeline(example, args.toArray(String[]::new));
        assertTrue(first.exit() == 0 || first.exit() == 3, first::all);
        Map<String, String> files = new TreeMap<>(Golden.read(output));
        files.keySet().removeIf(f -> f.startsWith(".pipeline/"));
        files.put("report.json", stable(first.out()));
        Golden.check(example.resolve("expected/pipeline_generator").resolve(variant), files);

        assertEquals(before, Golden.read(project), "the project was changed");
        if (first.exit() == 0) {
            Cli second = Cli.pipeline(example, args.toArray(String[]::new));
            assertEquals(0, second.exit(), second::all);
            JSON.readTree(second.out()).path("files").forEach(f -> assertEquals("unchanged", f.path("action").asText(), f::toString));
            assertFalse(files.keySet().equals(java.util.Set.of("report.json")), "nothing was generated");
        }
    }

    /** Without what differs from run to run. */
    private static String stable(String report) throws IOException {
        JsonNode json = JSON.readTree(report);
        ((ObjectNode) json).remove("timings");
        ((ObjectNode) json).remove("version");
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    }

    /** The folders of examples, and the ways in which each is run. */
    static final class Examples {
        private Examples() {}

        static List<Path> all() throws IOException {
            try (Stream<Path> folders = Files.list(Checkout.root().resolve("tests/examples"))) {
                return folders.filter(f -> Files.isDirectory(f.resolve("project"))).sorted().toList();
            }
        }

        static Map<String, List<String>> variants(Path example) throws IOException {
            Map<String, List<String>> variants = new LinkedHashMap<>();
            variants.put("default", List.of("--platform", "all"));
            Path file = example.resolve("variants.txt");
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    List<String> words = List.of(line.strip().split("\\s+"));
                    variants.put(words.get(0), words.subList(1, words.size()));
                }
            }
            return variants;
        }
    }
}
