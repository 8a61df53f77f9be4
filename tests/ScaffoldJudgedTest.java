import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
    /** Rules on public access, encryption, wildcards of IAM and logging: no reason is good enough. */
    private static final java.util.Set<String> NEVER_SKIPPED = java.util.Set.of("CKV_AWS_18", "CKV_AWS_19", "CKV_AWS_20", "CKV_AWS_34", "CKV_AWS_37", "CKV_AWS_38", "CKV_AWS_39", "CKV_AWS_53",
            "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "CKV_AWS_58", "CKV_AWS_62", "CKV_AWS_63", "CKV_AWS_66", "CKV_AWS_86", "CKV_AWS_91", "CKV_AWS_130", "CKV_AWS_145", "CKV_AWS_158", "CKV_AWS_174",
            "CKV_AWS_338", "CKV_AWS_355", "CKV_AWS_378", "CKV2_AWS_6", "CKV2_AWS_11", "CKV2_AWS_31", "CKV2_AWS_39");

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> allModulesTogether() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String cloud : Catalogue.CLOUDS) {
            Catalogue.shipped(cloud).ifPresent(c -> {
                tests.add(DynamicTest.dynamicTest(cloud + ": the engine passes format, init, validate, test and the guard", () -> engine(cloud)));
                tests.add(DynamicTest.dynamicTest(cloud + ": checkov and tflint find nothing in any environment", () -> scanners(cloud)));
                if (!c.relaxed().isEmpty()) {
                    tests.add(DynamicTest.dynamicTest(cloud + ": production keeps what smaller environments don't", () -> productionKeepsAll(cloud)));
                }
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
        scanned(cloud, "scanners");
        List<String> skips = skips(folder.resolve(cloud + "-scanners/modules"));
        assertTrue(skips.stream().allMatch(s -> s.matches("CKV2?_\\w+:\\S.{20,}")), "each skip has its reason");
        assertTrue(skips.size() <= 15, () -> skips.size() + " skips are more than a reviewer reads");
        assertEquals(List.of(), skips.stream().filter(s -> NEVER_SKIPPED.contains(s.substring(0, s.indexOf(':')))).toList());
    }

    /** What smaller environments leave out stands in their tree's .checkov.yaml; production leaves out nothing. */
    private void productionKeepsAll(String cloud) throws Exception {
        Path tree = scanned(cloud, "production", "--env", "production");
        assertFalse(Files.readString(tree.resolve(".checkov.yaml")).contains("skip-check"));
    }

    private Path scanned(String cloud, String name, String... more) throws Exception {
        Path tree = folder.resolve(cloud + "-" + name);
        Cli cli = scaffold(tree.getFileName().toString(), cloud, more);
        assertEquals(0, cli.exit(), cli::err);
        Path answer = folder.resolve(cloud + "-" + name + ".json");
        Process process = new ProcessBuilder("python3", Checkout.root().resolve("tests/tools/check").toString(), "--json", "terraform", tree.toString())
                .redirectOutput(answer.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.waitFor();
        for (JsonNode judge : new ObjectMapper().readTree(answer.toFile()).path("judges")) {
            assumeTrue(!judge.path("status").asText().equals("skip"), () -> judge.path("reason").asText() + " (tests/tools/install installs it)");
            assertEquals("pass", judge.path("status").asText(), () -> judge.path("judge").asText() + ": " + judge.path("said").asText());
        }
        return tree;
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
