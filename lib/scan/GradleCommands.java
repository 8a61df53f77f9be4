package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a Gradle build is called with: the tasks that its plugins bring. Knows plugins and tasks; reads no script itself. */
final class GradleCommands {
    /**
     * A plugin whose tasks judge sources.
     *
     * @param needs what a script has to say so that the tasks have something to go by; empty where the plugin has a standard of its own
     */
    private record Check(String plugin, String tasks, String needs) {}

    private static final List<Check> CHECKS = List.of(
            new Check("com.diffplug.spotless", "spotlessCheck", "spotless\\b|SpotlessExtension"),
            new Check("org.jlleitschuh.gradle.ktlint", "ktlintCheck", ""),
            new Check("org.jmailen.kotlinter", "lintKotlin", ""),
            new Check("com.ncorti.ktfmt.gradle", "ktfmtCheck", ""),
            new Check("io.spring.javaformat", "checkFormat", ""),
            new Check("com.github.sherter.google-java-format", "verifyGoogleJavaFormat", ""),
            new Check("io.gitlab.arturbosch.detekt", "detekt", ""),
            new Check("dev.detekt", "detekt", ""),
            new Check("checkstyle", "checkstyleMain checkstyleTest", "configFile|configDirectory"),
            new Check("pmd", "pmdMain pmdTest", "ruleSet"),
            new Check("com.github.spotbugs", "spotbugsMain", ""),
            new Check("org.jetbrains.kotlinx.binary-compatibility-validator", "apiCheck", ""));
    private static final String OTHER_TESTS = ".*/src/(?:integration-?[tT]est|intTest|functional-?[tT]est|it|acceptance-?[tT]est|componentTest|e2eTest)/.*";

    private final Project project;
    private final GradleBuild.Unit unit;
    private final Map<String, Evidence> plugins;
    private final String gradle;
    private final TaskChoice tasks;

    GradleCommands(Project project, GradleBuild.Unit unit, Map<String, Evidence> plugins) {
        this.project = project;
        this.unit = unit;
        this.plugins = plugins;
        this.gradle = unit.wrapper().command("gradle");
        this.tasks = new TaskChoice(project, unit.folder(), Set.of("gradle", "java"));
    }

    void addTo(Component.Builder component) {
        unit.wrapper().prepare(project, component, "gradle", unit.manifest());
        checks(component);
        Evidence evidence = unit.wrapper().evidence(unit.manifest());
        Optional<String> test = JvmLanguage.firstTest(project, unit.folder());
        Optional<String> app = androidApp();
        plugins.entrySet().stream().filter(p -> p.getKey().matches("com\\.android\\.(application|library)")).findFirst().ifPresent(p -> project.report(
                Finding.info("android-sdk", "the build needs an Android SDK on the runner", "use a runner or image that has one", p.getValue())));
        if (app.isPresent()) {
            android(component, Evidence.of(app.get(), "android-app"), test.isPresent());
        } else {
            if (test.isPresent() && !tasks.add(component, CommandKind.TEST, r -> r.calls(gradle + " test") || r.calls(gradle + " check"))) {
                component.command(CommandKind.TEST, Command.certain(gradle + " " + testTask(), evidence));
            }
            component.command(CommandKind.BUILD, Command.certain(gradle + " build" + (test.isPresent() || !component.has(CommandKind.LINT) ? " -x check" : ""),
                    evidence));
        }
        String below = unit.members().isEmpty() ? "" : "**/";
        if (test.isPresent()) {
            component.output(Output.Kind.JUNIT, below + "build/test-results/**/TEST-*.xml", evidence);
            if (unit.all().stream().anyMatch(s -> s.says("jacocoTestReport")) && unit.all().stream().anyMatch(s -> s.says("finalizedBy"))
                    && unit.all().stream().anyMatch(s -> s.says("xml\\.(?:required|enabled)"))) {
                component.output(Output.Kind.JACOCO, below + "build/reports/jacoco/test/jacocoTestReport.xml", evidence);
            }
        }
        component.output(Output.Kind.BUILD, below + (app.isPresent() ? "build/outputs/apk/**/*.apk" : "build/libs/*.jar"), evidence);
    }

    /** Test suites beside the unit tests hang on {@code check} only, as do all tests of a multiplatform project. */
    private String testTask() {
        boolean more = plugins.containsKey("org.jetbrains.kotlin.multiplatform") || plugins.containsKey("jvm-test-suite")
                || project.under(unit.folder()).stream().anyMatch(f -> ("/" + f).matches(OTHER_TESTS) && JvmLanguage.isSource(f));
        return more ? "check" : "test";
    }

    /** The manifest of an app that can be started; apps that only test or show a library don't make its build one for Android. */
    private Optional<String> androidApp() {
        if (plugins.keySet().stream().noneMatch(p -> p.startsWith("com.android."))) {
            return Optional.empty();
        }
        return project.under(unit.folder()).stream().filter(f -> f.endsWith("/AndroidManifest.xml") && f.contains("src/main/"))
                .filter(f -> !f.matches("(?i).*(?:test|sample|example|demo|benchmark|playground).*"))
                .filter(f -> project.text(f).orElse("").contains("android.intent.action.MAIN")).findFirst();
    }

    private void android(Component.Builder component, Evidence evidence, boolean hasTests) {
        boolean flavours = unit.all().stream().anyMatch(s -> s.says("productFlavors|flavorDimensions"));
        boolean plain = plugins.keySet().stream().noneMatch(p -> p.equals("org.jetbrains.kotlin.jvm") || p.equals("java-library") || p.equals("java"));
        component.command(CommandKind.LINT, Command.likely(gradle + " lint", evidence));
        if (hasTests) {
            component.command(CommandKind.TEST, Command.certain(gradle + (plain && !flavours ? " testDebugUnitTest" : " test"), evidence));
        }
        component.command(CommandKind.BUILD, Command.certain(gradle + " assembleDebug", evidence));
    }

    private void checks(Component.Builder component) {
        if (tasks.add(component, CommandKind.LINT, r -> r.calls(gradle))) {
            return;
        }
        Map<String, Evidence> found = new LinkedHashMap<>();
        List<String> guesses = new ArrayList<>();
        for (Check check : CHECKS) {
            Evidence evidence = plugins.get(check.plugin);
            if (evidence == null) {
                continue;
            }
            boolean set = check.needs.isEmpty() || unit.all().stream().anyMatch(s -> s.says(check.needs))
                    || project.isFolder(Project.join(unit.folder(), "config/" + check.plugin));
            found.putIfAbsent(check.tasks, evidence);
            if (!set) {
                guesses.add(check.tasks);
            }
        }
        found.forEach((task, evidence) -> component.command(CommandKind.LINT, new Command(gradle + " " + task, evidence,
                guesses.contains(task) ? Confidence.GUESS : Confidence.LIKELY)));
    }
}
