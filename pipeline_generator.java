///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Writes the CI/CD configuration that a senior engineer would, from what a project's own files say.
//CDS
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -Xlog:all=error:stderr
//SOURCES lib/cli/CommonOptions.java lib/scan/Languages.java lib/plan/Plans.java lib/render/CiPlatforms.java lib/verify/Checks.java lib/write/Writes.java

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import lib.cli.CommonOptions;
import lib.cli.Console;
import lib.cli.Exit;
import lib.cli.Failure;
import lib.cli.Names;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.PipelinePlanner;
import lib.plan.PlanOptions;
import lib.plan.Stage;
import lib.plan.Versions;
import lib.render.CiPlatform;
import lib.render.CiPlatforms;
import lib.render.GeneratedFile;
import lib.render.Rendering;
import lib.render.Templates;
import lib.scan.Finding;
import lib.scan.Finding.Severity;
import lib.scan.Languages;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import lib.verify.Checks;
import lib.write.PipelineReport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "pipeline_generator", mixinStandardHelpOptions = true, version = "pipeline_generator " + PipelineGenerator.VERSION,
        subcommands = picocli.AutoComplete.GenerateCompletion.class, sortOptions = false,
        customSynopsis = {
            "jbang pipeline_generator.java ./app                          # the platform that the project uses, else GitHub Actions",
            "       jbang pipeline_generator.java ./app --platform gitlab-ci --diff",
            "       jbang pipeline_generator.java ./app --platform all --output /tmp/ci",
            "       jbang pipeline_generator.java ./app --stages lint,test --json --dry-run | jq .facts",
            "       jbang pipeline_generator.java ./app --run                    # runs the pipeline's jobs here, now"},
        description = "%nReads a project and writes the CI/CD configuration that a senior engineer would. Nothing of the project is executed"
                + " unless --run is given.%n",
        exitCodeListHeading = "%nExit codes:%n")
class PipelineGenerator {
    static final String VERSION = "1.0.0";
    private static final int OLD_PINS_DAYS = 180;

    @Parameters(index = "0", paramLabel = "PROJECT", description = "The folder of the project.")
    Path target;

    @Option(names = "--platform", split = ",", paramLabel = "NAME", description = "github-actions, gitlab-ci, jenkins, circleci; several with commas, or all.")
    List<String> platforms = List.of();

    @Option(names = "--stages", split = ",", paramLabel = "STAGE",
            description = "lint, test, build, security, package, publish, deploy; without it all but deploy, each where the project gives evidence.")
    List<String> stages = List.of();

    @Option(names = "--with", split = ",", paramLabel = "EXTRA", description = "dependency-updates, scheduled-security.")
    List<String> extras = List.of();

    @Option(names = "--deploy-to", paramLabel = "CLOUD", description = "aws, gcp or azure: where the stage deploy goes, logged in by OIDC.")
    String deployTo = "";

    @Option(names = "--pins", paramLabel = "FILE", description = "Pins of actions, orbs and tools, instead of the built-in data/pins.yaml.")
    Path pinFile;

    @Mixin
    CommonOptions common;

    private final Path cwd;
    private final Console console;

    PipelineGenerator(Path cwd, Console console) {
        this.cwd = cwd;
        this.console = console;
    }

    public static void main(String[] args) {
        System.exit(run(System.in, System.out, System.err, Path.of("").toAbsolutePath(), args));
    }

    /** The whole tool, for {@code main} and for tests. */
    static int run(InputStream in, PrintStream out, PrintStream err, Path cwd, String... args) {
        Console console = new Console(out, err);
        PipelineGenerator tool = new PipelineGenerator(cwd, console);
        return lib.cli.CommandLines.run(new CommandLine(tool), console, args, tool::generate,
                Exit.OK, Exit.PROBLEMS, Exit.USAGE, Exit.CANNOT_PROCEED, Exit.BUG, Exit.INTERRUPTED);
    }

    /** scan → plan → render → verify → write. */
    private Exit generate() throws IOException {
        console.configure(common.noColor, common.quiet, common.verbose);
        common.validate();
        PlanOptions options = options();
        Pins pins = pinFile == null ? Pins.shipped() : Pins.of(cwd.resolve(pinFile), pinFile.toString());
        PipelineReport report = new PipelineReport(VERSION, target.toString());

        Project project = report.timed("scan", () -> open());
        ProjectFacts facts = report.timed("scan", () -> Scan.scan(project));
        report.facts(facts);
        List<Finding> findings = new ArrayList<>(project.findings());
        requireSomething(project, facts, findings, report);

        Versions versions = Versions.shipped();
        PipelinePlan plan = report.timed("plan", () -> PipelinePlanner.plan(facts, options, versions, pins));
        findings.addAll(plan.findings());
        findings.addAll(ageOf(pins));
        report.plan(plan);

        CiPlatform.Context context = new CiPlatform.Context(new Templates(common.templates == null ? null : cwd.resolve(common.templates)), pins, versions, facts,
                new CiPlatform.RenderOptions(extras.contains("dependency-updates")));
        List<Rendering> renderings = new ArrayList<>();
        for (CiPlatform platform : platforms(facts, findings)) {
            renderings.add(report.timed("render", () -> platform.render(plan, context)));
        }
        report.renderings(renderings);

        findings.addAll(report.timed("verify", () -> Checks.check(renderings, plan, facts, project, pins)));
        if (findings.stream().anyMatch(f -> f.severity() == Severity.ERROR)) {
            return finish(report, findings, Exit.PROBLEMS);
        }
        return write(report, findings, renderings);
    }

    private Exit write(PipelineReport report, List<Finding> findings, List<Rendering> renderings) {
        for (Rendering rendering : renderings) {
            for (GeneratedFile file : rendering.files()) {
                if (!common.json) {
                    console.product("# " + file.path() + "\n" + file.content());
                }
            }
        }
        return finish(report, findings, Exit.OK);
    }

    private Exit finish(PipelineReport report, List<Finding> findings, Exit exit) {
        report.findings(findings);
        findings.forEach(f -> show(f));
        if (common.json) {
            console.product(report.toString());
        }
        return exit;
    }

    private void show(Finding finding) {
        String places = finding.evidence().stream().map(e -> e.place()).collect(Collectors.joining(", "));
        String text = (places.isEmpty() ? "" : places + ": ") + finding.message() + " [" + finding.rule() + "]";
        switch (finding.severity()) {
            case ERROR -> console.error(text, finding.hint());
            case WARNING -> console.warning(text, finding.hint());
            case INFO -> {
                if (console.isVerbose()) {
                    console.note(text, finding.hint());
                }
            }
        }
    }

    private PlanOptions options() {
        Names.check("extra", extras, List.of("dependency-updates", "scheduled-security"));
        if (!deployTo.isEmpty()) {
            Names.check("cloud", List.of(deployTo), List.of("aws", "gcp", "azure"));
        }
        Set<Stage> chosen = Names.check("stage", stages, Stage.ids()).stream().map(Stage::of).collect(Collectors.toCollection(() -> EnumSet.noneOf(Stage.class)));
        if (!deployTo.isEmpty() && !stages.isEmpty() && !chosen.contains(Stage.DEPLOY)) {
            throw Failure.usage("--deploy-to has no effect without the stage deploy", "add deploy to --stages");
        }
        boolean scheduled = extras.contains("scheduled-security");
        return chosen.isEmpty() ? new PlanOptions(PlanOptions.defaults().stages(), false, deployTo, scheduled) : new PlanOptions(chosen, true, deployTo, scheduled);
    }

    private Project open() throws IOException {
        Path folder = cwd.resolve(target);
        if (!Files.exists(folder)) {
            throw Failure.cannotProceed("no such folder: " + target, "give the folder of the project");
        }
        if (!Files.isDirectory(folder)) {
            throw Failure.cannotProceed(target + " is a file, not a folder", "give the folder of the project");
        }
        try {
            return Project.open(folder);
        } catch (AccessDeniedException e) {
            throw Failure.cannotProceed(target + " cannot be read", "check its permissions");
        }
    }

    private void requireSomething(Project project, ProjectFacts facts, List<Finding> findings, PipelineReport report) {
        if (facts.components().isEmpty()) {
            String looked = Languages.all().stream().flatMap(l -> l.looksFor().stream()).distinct().collect(Collectors.joining(", "));
            findings.forEach(this::show);
            throw Failure.cannotProceed(project.files().isEmpty() ? target + " is empty" : "nothing recognised in " + target, "looked for " + looked);
        }
    }

    private List<Finding> ageOf(Pins pins) {
        long days = ChronoUnit.DAYS.between(pins.asOf(), LocalDate.now());
        return days <= OLD_PINS_DAYS ? List.of() : List.of(Finding.warning("old-pins", "the pins of actions and tools are of " + pins.asOf() + ", more than "
                + OLD_PINS_DAYS + " days ago", "update this tool, or give newer ones with --pins"));
    }

    private List<CiPlatform> platforms(ProjectFacts facts, List<Finding> findings) {
        List<String> names = platforms.contains("all") ? CiPlatforms.ids() : Names.check("platform", platforms, CiPlatforms.ids());
        if (names.isEmpty()) {
            CiPlatforms.Inferred inferred = CiPlatforms.infer(facts);
            findings.add(Finding.info("inferred-platform", inferred.platform() + ": " + inferred.reason(), "choose another with --platform"));
            console.say("platform " + inferred.platform() + ": " + inferred.reason());
            names = List.of(inferred.platform());
        }
        List<String> chosen = names;
        return CiPlatforms.all().stream().filter(p -> chosen.contains(p.id())).toList();
    }
}
