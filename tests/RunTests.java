//JAVA 17+
//DESCRIPTION Runs the tests: all, or those whose name contains NAME; --update rewrites the goldens
//MAIN RunTests
//COMPILE_OPTIONS -encoding UTF-8
//JAVA_OPTIONS -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
//DEPS org.junit.jupiter:junit-jupiter:5.14.4
//DEPS org.junit.platform:junit-platform-launcher:1.14.4
//DEPS net.jqwik:jqwik:1.9.3
//SOURCES ../pipeline_generator.java ../terraform_scaffolder.java ../deployment_manager.java *Test.java *Properties.java Cli.java support/*.java

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What the alias {@code test} runs. Ends with the line {@code N passed, N failed, N skipped}; every skip is named with its reason. */
class RunTests {
    public static void main(String[] args) throws Exception {
        List<String> names = new ArrayList<>(List.of(args));
        boolean update = names.remove("--update");
        if (update && System.getenv("CI") != null) {
            System.err.println("error: --update is refused where CI is set: a golden is rewritten by somebody who reads the difference");
            System.exit(2);
        }
        System.setProperty("update", String.valueOf(update));
        Path classes = Path.of(RunTests.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request().selectors(selectClasspathRoots(Set.of(classes)))
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "false").filters(byName(names)).build();
        Tally tally = new Tally();
        LauncherFactory.create().execute(request, tally);
        System.exit(tally.close() ? 0 : 1);
    }

    private static org.junit.platform.engine.discovery.ClassNameFilter byName(List<String> names) {
        String pattern = names.isEmpty() ? ".*(Test|Properties)" : ".*(" + String.join("|", names.stream().map(java.util.regex.Pattern::quote).toList()) + ").*";
        return org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns(pattern);
    }

    /** Counts tests, says at once what failed, and at the end what was skipped and why. */
    private static final class Tally implements TestExecutionListener {
        private TestPlan plan;
        private int passed;
        private int failed;
        private final List<String> skipped = new ArrayList<>();

        @Override
        public void testPlanExecutionStarted(TestPlan testPlan) {
            plan = testPlan;
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            skipped.add(name(test) + ": " + reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            Throwable thrown = result.getThrowable().orElse(null);
            switch (result.getStatus()) {
                case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
                case ABORTED -> skipped.add(name(test) + ": " + (thrown == null ? "" : thrown.getMessage()));
                case FAILED -> {
                    failed++;
                    StringWriter trace = new StringWriter();
                    if (thrown != null) {
                        thrown.printStackTrace(new PrintWriter(trace));
                    }
                    System.out.println("FAILED " + name(test) + "\n" + trace.toString().lines().filter(Tally::isOurs).limit(40)
                            .reduce("", (a, b) -> a + "    " + b + "\n"));
                }
            }
            if (test.getParentId().map(p -> plan.getTestIdentifier(p).getParentId().isEmpty()).orElse(false)) {
                System.out.println(test.getDisplayName() + " done: " + passed + " passed, " + failed + " failed so far");
            }
        }

        private static boolean isOurs(String line) {
            return !line.startsWith("\tat org.junit") && !line.startsWith("\tat java.base") && !line.startsWith("\tat net.jqwik.engine");
        }

        private String name(TestIdentifier test) {
            String parent = test.getParentId().map(p -> plan.getTestIdentifier(p).getDisplayName() + " > ").orElse("");
            return parent + test.getDisplayName();
        }

        /** @return true when tests ran and none failed */
        boolean close() {
            skipped.forEach(s -> System.out.println("SKIPPED " + s));
            System.out.println(passed + " passed, " + failed + " failed, " + skipped.size() + " skipped");
            return failed == 0 && passed > 0;
        }
    }
}
