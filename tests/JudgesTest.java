import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import support.Checkout;

/** The judges themselves: what each accepts and refuses, before anything is believed that they say of our output. */
class JudgesTest {
    record Result(int code, List<String> lines) {
        @Override
        public String toString() {
            return "exit code " + code + "\n" + String.join("\n", lines);
        }
    }

    @TestFactory
    Stream<DynamicTest> acceptTheGoodSamplesAndRefuseEachBreakage() throws Exception {
        assumeTrue(canRun("python3"), "python3 is not installed");
        return check("kinds").lines().stream().map(line -> line.substring(0, line.indexOf(':')))
                .map(kind -> DynamicTest.dynamicTest(kind, () -> canaries(kind)));
    }

    private void canaries(String kind) throws Exception {
        Result result = check("canaries", kind);
        assertTrue(result.code() == 0 || result.code() == 3, result::toString);
        assertTrue(result.lines().get(result.lines().size() - 1).matches("\\d+ passed, 0 failed, \\d+ skipped"), result::toString);
        List<String> skipped = result.lines().stream().filter(line -> line.contains(": skip ")).toList();
        assumeTrue(skipped.isEmpty(), () -> String.join("; ", skipped) + " (tests/tools/install installs it)");
    }

    @Test
    void sayWhatIsWrongWithTheirUse() throws Exception {
        assumeTrue(canRun("python3"), "python3 is not installed");
        Result unknown = check("jenkinsfile", "x");
        assertEquals(2, unknown.code());
        assertTrue(unknown.lines().get(0).contains("error: "), unknown::toString);
        assertEquals(new Result(2, List.of("error: no such file: no-such-file.yml")), check("yaml", "no-such-file.yml"));
        assertEquals(2, check().code());
    }

    /** Validators that are not there must never look like validators that found nothing. */
    @Test
    void areNoPassWhereTheyAreNotInstalled() throws Exception {
        assumeTrue(canRun("python3"), "python3 is not installed");
        Path sample = Checkout.root().resolve("tests/tools/canaries/jenkins/bad-brace.Jenkinsfile");
        Result result = check("./no-such-folder", "jenkins", sample.toString());
        assertEquals(3, result.code(), result::toString);
        assertTrue(result.lines().contains("jenkinsfile-judge: skip jenkinsfile-judge not installed"), result::toString);
    }

    private static Result check(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("python3", Checkout.root().resolve("tests/tools/check").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        List<String> lines = new String(process.getInputStream().readAllBytes()).lines().toList();
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), "does not end");
        return new Result(process.exitValue(), lines);
    }

    private static boolean canRun(String tool) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(folder -> Path.of(folder, tool).toFile().canExecute());
    }
}
