///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Writes the CI/CD configuration that a senior engineer would, from what a project's own files say.
//CDS
//COMPILE_OPTIONS -encoding UTF-8
//JAVA_OPTIONS -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -Xlog:all=error:stderr
//SOURCES lib/cli/CommonOptions.java lib/scan/Languages.java lib/plan/PipelinePlanner.java lib/render/Templates.java lib/render/CiPlatforms.java lib/verify/Checks.java lib/write/WritePlan.java lib/write/PipelineReport.java lib/run/LocalRun.java lib/run/RunResult.java

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import lib.cli.CommandLines;
import lib.cli.CommonOptions;
import lib.cli.Console;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.PipelinePlanner;
import lib.plan.Versions;
import lib.render.Rendering.CiPlatform;
import lib.render.CiPlatforms;
import lib.render.Rendering;
import lib.render.Templates;
import lib.run.LocalRun;
import lib.run.RunResult;
import lib.scan.Document;
import lib.scan.Finding;
import lib.scan.Finding.Severity;
import lib.scan.Languages;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import lib.verify.Checks;
import lib.write.FactsJson;
import lib.write.GeneratorOptions;
import lib.write.Manifest;
import lib.write.PipelineReport;
import lib.write.Report;
import lib.write.WritePlan;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "pipeline_generator", mixinStandardHelpOptions = true, version = "pipeline_generator " + PipelineGenerator.VERSION,
        subcommands = picocli.AutoComplete.GenerateCompletion.class, sortOptions = false,
        customSynopsis = {
            "jbang pipeline_generator.java ./app                 # for its own platform, else GitHub Actions",
            "       jbang pipeline_generator.java ./app --platform gitlab-ci --diff",
            "       jbang pipeline_generator.java ./app --platform all --output /tmp/ci",
            "       jbang pipeline_generator.java ./app --stages lint,test --json --dry-run | jq .facts",
            "       jbang pipeline_generator.java ./app --run           # runs the pipeline's jobs here, now"},
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

    @Option(names = "--run", description = {"Run the jobs here, each in a clean copy of the project, instead of writing files: this executes the project's commands.",
            "Of a matrix the entry that is installed runs; a job that lacks something here is skipped and says what."})
    boolean run;

    @Mixin
    CommonOptions common;

    private final Path cwd;
    private final Console console;
    private final PipelineReport report = new PipelineReport(VERSION);
    private final List<Finding> findings = new ArrayList<>();

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
        return CommandLines.run(new CommandLine(tool), console, args, tool::generate, failure -> tool.report.failure(failure, tool.findings, tool.common.json, console),
                Exit.OK, Exit.PROBLEMS, Exit.USAGE, Exit.CANNOT_PROCEED, Exit.BUG, Exit.INTERRUPTED);
    }

    /** scan → plan → render → verify → write. */
    private Exit generate() throws IOException {
        console.configure(common.noColor, common.quiet, common.verbose);
        common.validate();
        if (run && (common.dryRun || common.diff || common.check || common.force)) {
            throw Failure.usage("--run executes the jobs and writes no configuration: it goes with neither --dry-run, --diff, --check nor --force", "leave one of them out");
        }
        report.target(target.toString());
        Project project = report.timed("scan", this::open);
        Path root = common.output == null ? project.root() : cwd.resolve(common.output);
        Manifest manifest = Manifest.read(root, Manifest.PIPELINE);
        GeneratorOptions options = GeneratorOptions.of(platforms, stages, extras, deployTo, manifest);
        Pins pins = pinFile == null ? Pins.shipped() : Pins.of(cwd.resolve(pinFile), pinFile.toString());

        ProjectFacts facts = report.timed("scan", () -> Scan.scan(project)).withDefaultBranch(options.defaultBranch());
        report.facts(facts);
        findings.addAll(project.findings());
        requireSomething(project, facts);

        Versions versions = Versions.shipped();
        PipelinePlan plan = report.timed("plan", () -> PipelinePlanner.plan(facts, options.plan(), versions, pins));
        report.plan(plan);
        findings.addAll(plan.findings());
        findings.addAll(ageOf(pins));

        Templates templates = new Templates(common.templates == null ? null : cwd.resolve(common.templates));
        CiPlatform.Context context = new CiPlatform.Context(templates, pins, versions, facts, new CiPlatform.RenderOptions(options.has("dependency-updates"), "pipeline_generator from the project's own files"));
        List<Rendering> renderings = new ArrayList<>();
        for (CiPlatform platform : options.platforms(facts, this::explain)) {
            renderings.add(report.timed("render", () -> platform.render(plan, context)));
        }
        report.renderings(renderings);
        renderings.forEach(r -> findings.addAll(r.findings()));

        findings.addAll(report.timed("verify", () -> Checks.check(renderings, plan, facts, project, pins)));
        if (findings.stream().anyMatch(f -> f.severity() == Severity.ERROR)) {
            return finish(Exit.PROBLEMS, renderings);
        }
        if (run) {
            return runHere(plan, project, options.platforms(facts, i -> { }).get(0));
        }
        WritePlan.Generation generation = new WritePlan.Generation("pipeline_generator " + VERSION, options.settings(), FactsJson.driving(facts),
                renderings.stream().collect(Collectors.toMap(Rendering::platform, Rendering::files)));
        WritePlan written = report.timed("write", () -> report.settle(WritePlan.of(root, manifest, generation, common.force), common, console, root, findings,
                merged -> Document.problem(merged.path(), merged.content()).map(Document.Problem::message)));
        if (common.check) {
            boolean isBroken = findings.stream().anyMatch(f -> f.rule().equals("broken-manifest"));
            return finish(written.isUpToDate() && !isBroken ? Exit.OK : Exit.PROBLEMS, List.of());
        }
        return finish(written.isConflicted() ? Exit.CANNOT_PROCEED : Exit.OK, written.isUpToDate() ? List.of() : renderings);
    }

    /** The pipeline, here, now. */
    private Exit runHere(PipelinePlan plan, Project project, CiPlatform platform) throws IOException {
        Path kept = common.output == null ? null : Files.createDirectories(cwd.resolve(common.output));
        RunResult result = report.timed("run", () -> new LocalRun(plan, project, platform.shell(), console).run());
        report.run(result.json());
        Path folder = kept == null ? Files.createTempDirectory("pipeline-result-") : kept;
        Files.writeString(folder.resolve("junit.xml"), result.junit());
        Files.writeString(folder.resolve("run.json"), result.json().toPrettyString() + "\n");
        console.say("results in " + folder.resolve("junit.xml") + " and run.json");
        for (RunResult.JobResult job : result.jobs()) {
            if (job.status() == RunResult.Status.SKIPPED) {
                findings.add(Finding.warning("job-skipped", job.title() + ": " + job.reason(), ""));
            } else if (job.status() == RunResult.Status.FAILED) {
                findings.add(Finding.error("job-failed", job.title() + ": " + job.reason(), ""));
            }
        }
        if (result.isEmpty()) {
            findings.add(Finding.warning("nothing-tested", result.jobs().isEmpty() ? "no job would start on a change" : "no job that tests could run here", "read why above; other machines may have what is missing"));
        }
        return finish(result.count(RunResult.Status.FAILED) > 0 ? Exit.PROBLEMS : result.isEmpty() ? Exit.CANNOT_PROCEED : Exit.OK, List.of());
    }

    /** @param renderings whose settings the user should see now */
    private Exit finish(Exit exit, List<Rendering> renderings) {
        report.findings(findings);
        Report.show(findings, console);
        if (!common.json && !common.diff) {
            renderings.forEach(this::checklist);
        }
        if (common.json) {
            console.product(report.toString());
        }
        return exit;
    }

    /** What somebody must set up outside of the files, with the names that these use. */
    private void checklist(Rendering rendering) {
        if (!rendering.settings().isEmpty()) {
            console.say("to set up once for " + rendering.platform() + ":");
            rendering.settings().forEach(s -> console.say("  [ ] " + s.kind() + " " + s.name() + ": " + s.how()));
        }
    }

    private void explain(CiPlatforms.Inferred inferred) {
        findings.add(Finding.info("inferred-platform", inferred.platform() + ": " + inferred.reason(), "choose another with --platform"));
        console.say("platform " + inferred.platform() + ": " + inferred.reason());
    }

    private Project open() throws IOException {
        Path folder = cwd.resolve(target);
        if (!Files.exists(folder)) {
            // Without a locale, what is not ASCII was lost on the way from the shell.
            boolean isGarbled = folder.toString().matches("(?s).*[?\uFFFD].*") && !System.getProperty("sun.jnu.encoding", "UTF-8").equalsIgnoreCase("UTF-8");
            throw Failure.cannotProceed("no such folder: " + target, isGarbled ? "run this again with LC_ALL=C.UTF-8" : "give the folder of the project");
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

    private void requireSomething(Project project, ProjectFacts facts) {
        if (facts.components().isEmpty()) {
            Report.show(findings, console);
            String looked = String.join(", ", Languages.looksFor());
            throw Failure.cannotProceed(project.files().isEmpty() ? target + " is empty" : "nothing recognised in " + target, "looked for " + looked);
        }
    }

    private static List<Finding> ageOf(Pins pins) {
        long days = ChronoUnit.DAYS.between(pins.asOf(), LocalDate.now());
        return days <= OLD_PINS_DAYS ? List.of() : List.of(Finding.warning("old-pins", "the pins of actions and tools are of " + pins.asOf() + ", more than "
                + OLD_PINS_DAYS + " days ago", "update this tool, or give newer ones with --pins"));
    }
}
