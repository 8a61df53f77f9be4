///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Writes Terraform or OpenTofu for AWS, GCP and Azure that passes its own tests as written and is safe to run in production.
//CDS
//COMPILE_OPTIONS -encoding UTF-8
//JAVA_OPTIONS -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -Xlog:all=error:stderr
//SOURCES lib/cli/CommonOptions.java lib/scan/Languages.java lib/plan/InfrastructurePlanner.java lib/render/Templates.java lib/render/TerraformModules.java
//SOURCES lib/verify/TerraformChecks.java lib/write/WritePlan.java lib/write/TerraformReport.java lib/plan/Job.java lib/plan/Step.java lib/run/EngineRun.java lib/run/RunResult.java

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import lib.cli.CommandLines;
import lib.cli.CommandLines.Names;
import lib.cli.CommonOptions;
import lib.cli.Console;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.plan.Catalogue;
import lib.plan.Infrastructure;
import lib.plan.InfrastructurePlanner;
import lib.plan.InfrastructureProposal;
import lib.render.Rendering;
import lib.render.TerraformModules.Parts;
import lib.render.TerraformTree;
import lib.scan.Finding;
import lib.scan.Finding.Evidence;
import lib.scan.Finding.Severity;
import lib.scan.Hcl;
import lib.scan.Project;
import lib.scan.Scan;
import lib.verify.TerraformChecks;
import lib.write.DiskSink;
import lib.write.FileSink;
import lib.write.Manifest;
import lib.write.PlannedWrite;
import lib.write.Report;
import lib.write.ScaffolderOptions;
import lib.write.TerraformReport;
import lib.write.WritePlan;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "terraform_scaffolder", mixinStandardHelpOptions = true, version = "terraform_scaffolder " + TerraformScaffolder.VERSION,
        subcommands = picocli.AutoComplete.GenerateCompletion.class, sortOptions = false,
        customSynopsis = {
            "jbang terraform_scaffolder.java infra --provider aws           # a small useful set for dev, staging and production",
            "       jbang terraform_scaffolder.java infra --provider gcp --modules network,gke,sql --env production --name shop",
            "       jbang terraform_scaffolder.java infra --add queue --diff    # what one more module would change",
            "       jbang terraform_scaffolder.java --list-modules --provider azure",
            "       jbang terraform_scaffolder.java infra --config infra.yaml --check"},
        description = "%nWrites Terraform or OpenTofu that passes its own tests as written: modules, an environment each for dev, staging and production,"
                + " and the place where their states are kept. Nothing is applied.%n",
        exitCodeListHeading = "%nExit codes:%n")
class TerraformScaffolder {
    static final String VERSION = "1.0.0";

    @Parameters(index = "0", arity = "0..1", paramLabel = "TARGET", description = "The folder of the tree.")
    Path target;

    @Mixin
    ScaffolderOptions options;

    @Option(names = "--list-modules", description = "Print the modules, of all clouds or those of --provider.")
    boolean listModules;

    @Option(names = "--explain", paramLabel = "MODULE", description = "Print what a module is, takes, gives and costs.")
    String explain;

    @Mixin
    CommonOptions common;

    private final InputStream in;
    private final Path cwd;
    private final Console console;
    private final TerraformReport report = new TerraformReport(VERSION);
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Catalogue> catalogues = new LinkedHashMap<>();
    private final Function<String, Optional<Catalogue>> shipped;

    TerraformScaffolder(Function<String, Optional<Catalogue>> shipped, InputStream in, Path cwd, Console console) {
        this.shipped = shipped;
        this.in = in;
        this.cwd = cwd;
        this.console = console;
    }

    public static void main(String[] args) {
        System.exit(run(Catalogue::shipped, System.in, System.out, System.err, Path.of("").toAbsolutePath(), args));
    }

    /** The whole tool, for {@code main} and for tests. */
    static int run(Function<String, Optional<Catalogue>> catalogues, InputStream in, PrintStream out, PrintStream err, Path cwd, String... args) {
        Console console = new Console(out, err);
        TerraformScaffolder tool = new TerraformScaffolder(catalogues, in, cwd, console);
        return CommandLines.run(new CommandLine(tool), console, args, tool::scaffold, tool::reportFailure,
                Exit.OK, Exit.PROBLEMS, Exit.USAGE, Exit.CANNOT_PROCEED, Exit.BUG, Exit.INTERRUPTED);
    }

    /** (scan →) plan → render → verify → write. */
    private Exit scaffold() throws IOException {
        console.configure(common.noColor, common.quiet, common.verbose);
        common.validate();
        if (listModules || explain != null) {
            return tell();
        }
        if (target == null) {
            throw Failure.usage("a folder is missing", "give the folder of the tree, such as infra");
        }
        report.target(target.toString());
        Path root = cwd.resolve(common.output == null ? target : common.output).normalize();
        Manifest manifest = Manifest.read(root, Manifest.SCAFFOLD);
        requireOwn(root, manifest);
        if (!options.namesProvider(cwd, manifest) && !isAccepted(report.timed("scan", this::proposal))) {
            return Exit.USAGE;
        }
        ScaffolderOptions.Resolved resolved = options.resolve(cwd, root, manifest, this::catalogue);
        findings.addAll(resolved.findings());

        Infrastructure plan = report.timed("plan", () -> InfrastructurePlanner.plan(resolved.request(), resolved.choices()));
        report.plan(plan);
        findings.addAll(plan.findings());

        Parts parts = new Parts(common.templates == null ? null : cwd.resolve(common.templates));
        List<Rendering> renderings = report.timed("render", () -> TerraformTree.render(plan, parts));

        findings.addAll(report.timed("verify", () -> TerraformChecks.check(plan, renderings)));
        if (findings.stream().anyMatch(f -> f.severity() == Severity.ERROR)) {
            return finish(Exit.PROBLEMS, plan, false);
        }
        Map<String, List<Rendering.GeneratedFile>> files = new TreeMap<>();
        renderings.forEach(r -> files.put(r.platform(), r.files()));
        resolved.settings().put("environments", ScaffolderOptions.environments(plan));
        WritePlan.Generation generation = new WritePlan.Generation("terraform_scaffolder " + VERSION, resolved.settings(), Map.of(), files);
        WritePlan written = report.timed("write", () -> write(root, WritePlan.of(root, manifest, generation, common.force)));
        if (common.check) {
            return finish(written.isUpToDate() ? Exit.OK : Exit.PROBLEMS, plan, false);
        }
        return finish(written.isConflicted() ? Exit.CANNOT_PROCEED : Exit.OK, plan, !written.isConflicted() && !written.isUpToDate());
    }

    private WritePlan write(Path root, WritePlan whole) {
        WritePlan plan = whole;
        for (PlannedWrite merged : whole.merged()) {
            List<Hcl.Problem> problems = merged.path().matches(".*\\.(tf|tofu|tfvars|hcl)") ? Hcl.parse(merged.content()).problems() : List.of();
            plan = problems.isEmpty() ? plan : plan.reject(merged.path(), "line " + problems.get(0).line() + ": " + problems.get(0).message());
        }
        report.files(plan);
        findings.addAll(common.check ? plan.drift() : plan.findings());
        FileSink sink = FileSink.chosen(common, console, root);
        boolean isReal = sink instanceof DiskSink;
        if (!isReal || !plan.isConflicted()) {
            sink.write(plan);
        }
        if (isReal && !plan.isConflicted()) {
            plan.changes().forEach(w -> console.detail(w.line()));
            console.say(plan.isUpToDate() ? "up to date" : plan.changes().size() + " of " + plan.files().size() + " files written below " + root.getFileName());
        }
        return plan;
    }

    /** @param isNew whether there is something for a person to do now */
    private Exit finish(Exit exit, Infrastructure plan, boolean isNew) {
        report.findings(findings);
        Report.show(findings, console);
        if (isNew && !common.json && !common.diff && !common.dryRun) {
            TerraformTree.fillIns(plan).forEach((file, variables) -> console.say("to fill in: " + file + ": " + String.join(", ", variables)));
            console.say("next: README.md has the order of commands, from an empty account on");
        }
        if (common.json) {
            console.product(report.toString());
        }
        return exit;
    }

    /** A report tells of a failure too, so that its reader needs no second way. */
    private void reportFailure(Failure failure) {
        if (common.json) {
            findings.add(Finding.error(failure.exit == Exit.USAGE ? "wrong-usage" : failure.exit == Exit.BUG ? "bug" : "cannot-proceed", failure.getMessage(), failure.hint));
            report.findings(findings);
            console.product(report.toString());
        }
    }

    // --- the catalogue ---

    private Exit tell() {
        List<String> clouds = options.providers.isEmpty() || options.providers.contains("all") ? Catalogue.CLOUDS : Names.check("provider", options.providers, Catalogue.CLOUDS);
        List<Catalogue> all = clouds.stream().filter(c -> !options.providers.isEmpty() || shipped.apply(c).isPresent()).map(this::catalogue).toList();
        if (listModules) {
            console.product(common.json ? TerraformReport.list(all) : TerraformReport.table(all));
            return Exit.OK;
        }
        Set<String> known = new TreeSet<>();
        all.forEach(c -> known.addAll(c.names().keySet()));
        String name = Names.check("module", List.of(explain), known).get(0);
        List<String> texts = new ArrayList<>();
        all.forEach(c -> c.module(c.names().getOrDefault(name, "")).ifPresent(m -> texts.add(TerraformReport.explain(c, m))));
        console.product(String.join("\n", texts));
        return Exit.OK;
    }

    private Catalogue catalogue(String cloud) {
        return catalogues.computeIfAbsent(cloud, c -> shipped.apply(c).orElseThrow(() -> Failure.cannotProceed("this version has no modules for " + c, "choose another provider")));
    }

    // --- what is there ---

    /** Terraform that is not this tool's is never touched. */
    private void requireOwn(Path root, Manifest manifest) throws IOException {
        if (manifest.origin().raw() != null || !Files.isDirectory(root)) {
            return;
        }
        Project there = Project.open(root);
        List<String> foreign = new ArrayList<>(there.ending(".tf"));
        foreign.addAll(there.ending(".tofu"));
        if (!foreign.isEmpty()) {
            throw Failure.cannotProceed("there is Terraform in " + (common.output == null ? target : common.output) + " that this tool did not write: " + foreign.get(0)
                    + (foreign.size() > 1 ? " and " + (foreign.size() - 1) + " more" : "") + "; nothing was touched",
                    "write into an empty folder, and take over what exists with --import inventory.json");
        }
    }

    private InfrastructureProposal proposal() throws IOException {
        Path folder = cwd.resolve(target);
        Path looked = Files.isDirectory(folder) ? folder : cwd;
        return InfrastructureProposal.of(Scan.scan(Project.open(looked)));
    }

    /** Nothing is guessed silently: a person says yes, or gets the command to say so. */
    private boolean isAccepted(InfrastructureProposal proposal) throws IOException {
        String cloud = proposal.cloud().isEmpty() ? Catalogue.CLOUDS.get(0) : proposal.cloud();
        Map<String, String> names = catalogue(cloud).names();
        List<String> modules = proposal.needs().isEmpty() ? catalogue(cloud).defaults() : proposal.needs().stream().map(n -> names.get(n.capability())).filter(m -> m != null).distinct().toList();
        String command = "terraform_scaffolder " + target + " --provider " + cloud + " --modules " + String.join(",", modules);
        console.say("proposed, from what the project is:");
        console.say("  provider " + cloud + ": " + (proposal.reasons().isEmpty() ? "nothing names a cloud; gcp and azure have the same modules" : String.join("; ", proposal.reasons())));
        proposal.needs().forEach(n -> console.say("  " + names.get(n.capability()) + ": " + n.reason()));
        if (proposal.needs().isEmpty()) {
            console.say("  " + String.join(", ", modules) + ": nothing in the project asks for more than the small set");
        }
        console.say("  " + command);
        if (console.isTerminal()) {
            console.say("write this? [y/N]");
            String answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            if (answer != null && answer.strip().equalsIgnoreCase("y")) {
                options.providers = List.of(cloud);
                options.modules = options.modules.isEmpty() ? modules : options.modules;
                return true;
            }
        }
        findings.add(Finding.error("provider-missing", "no provider is given", command, Evidence.of(target.toString(), "proposal")));
        report.findings(findings);
        console.error("no provider is given, and none is assumed", command);
        if (common.json) {
            console.product(report.toString());
        }
        return false;
    }
}
