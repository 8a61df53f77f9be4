import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lib.plan.Catalogue;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import support.Checkout;
import support.Machine;

/**
 * The catalogue of each cloud, judged from outside: all modules together by the engine, with the real provider where this machine has it and
 * with its schema elsewhere; and by checkov and tflint in all environments.
 */
class ScaffoldJudgedTest {
    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> allModulesTogether() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String cloud : Catalogue.CLOUDS) {
            Catalogue.shipped(cloud).ifPresent(c -> {
                tests.add(DynamicTest.dynamicTest(cloud + ": the engine passes format, init, validate, test and the guard", () -> engine(cloud)));
                tests.add(DynamicTest.dynamicTest(cloud + ": checkov and tflint find nothing in any environment", () -> scanners(cloud)));
            });
        }
        assertTrue(tests.size() >= 2, "there is a catalogue to judge");
        return tests.stream();
    }

    private Cli scaffold(String name, String cloud, String... more) {
        List<String> args = new ArrayList<>(List.of(name, "--provider", cloud, "--modules", "all", "--name", "shop", "--team", "platform", "--cost-center", "1001"));
        args.addAll(List.of(more));
        return Cli.scaffold(Catalogue::shipped, folder, args.toArray(String[]::new));
    }

    private void engine(String cloud) throws IOException {
        assumeTrue(Machine.has("terraform"), "terraform is not installed");
        Path mirror = validators().resolve("providers/mirror");
        assumeTrue(Files.isDirectory(mirror), "no providers (tests/tools/install provider-schemas)");
        Cli cli = scaffold(cloud + "-engine", cloud, "--env", "production", "--verify", "--provider-cache", mirror.toString(), "--json");
        assertEquals(0, cli.exit(), cli::err);
        JsonNode verdict = new ObjectMapper().readTree(cli.out()).path("verify");
        assertEquals("green", verdict.path("verdict").asText(), cli::err);
        assertTrue(verdict.path("passed").asInt() > Catalogue.shipped(cloud).orElseThrow().modules().size(), verdict::toPrettyString);
        assertEquals(0, verdict.path("skipped").asInt(), verdict::toPrettyString);
        assertTrue(Files.exists(folder.resolve(cloud + "-engine/modules")), "what is green is written");
    }

    private void scanners(String cloud) throws Exception {
        Cli cli = scaffold(cloud + "-scanners", cloud);
        assertEquals(0, cli.exit(), cli::err);
        Path answer = folder.resolve(cloud + ".json");
        Process process = new ProcessBuilder("python3", Checkout.root().resolve("tests/tools/check").toString(), "--json", "terraform", folder.resolve(cloud + "-scanners").toString())
                .redirectOutput(answer.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.waitFor();
        for (JsonNode judge : new ObjectMapper().readTree(answer.toFile()).path("judges")) {
            assumeTrue(!judge.path("status").asText().equals("skip"), () -> judge.path("reason").asText() + " (tests/tools/install installs it)");
            assertEquals("pass", judge.path("status").asText(), () -> judge.path("judge").asText() + ": " + judge.path("said").asText());
        }
        assertTrue(skips(folder.resolve(cloud + "-scanners/modules")).stream().allMatch(s -> s.matches("CKV2?_\\w+:\\S.{20,}")), "each skip has its reason");
    }

    private static List<String> skips(Path modules) throws IOException {
        List<String> skips = new ArrayList<>();
        try (Stream<Path> files = Files.walk(modules)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".tf")).toList()) {
                Files.readAllLines(file).stream().filter(l -> l.contains("#checkov:skip=")).forEach(l -> skips.add(l.substring(l.indexOf('=') + 1)));
            }
        }
        return skips;
    }

    private static Path validators() {
        String set = System.getenv("VALIDATORS_DIR");
        String cache = System.getenv("XDG_CACHE_HOME");
        return set != null ? Path.of(set) : Path.of(cache == null ? System.getProperty("user.home") + "/.cache" : cache, "devops-toolkit/validators");
    }
}
