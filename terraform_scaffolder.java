///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Writes Terraform or OpenTofu for AWS and Google Cloud that passes its own tests as written and is safe to run in production.
//CDS
//COMPILE_OPTIONS -encoding UTF-8
//JAVA_OPTIONS -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -Xlog:all=error:stderr
//SOURCES lib/cli/CommonOptions.java lib/scan/Languages.java lib/plan/InfrastructurePlanner.java lib/render/Templates.java lib/render/TerraformModules.java
//SOURCES lib/verify/TerraformChecks.java lib/write/WritePlan.java lib/write/TerraformReport.java lib/plan/Job.java lib/plan/Step.java lib/run/EngineRun.java lib/run/RunResult.java
//SOURCES lib/plan/PipelinePlan.java lib/plan/Pins.java lib/plan/Versions.java lib/plan/InfrastructureJobs.java lib/render/TerraformCi.java

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
import lib.render.Rendering.GeneratedFile;
import lib.render.Rendering;
import lib.render.Templates;
import lib.render.TerraformCi;
import lib.render.TerraformModules.Parts;
import lib.render.TerraformTree;
import lib.run.EngineRun;
import lib.run.RunResult;
import lib.scan.Finding.Severity;
import lib.scan.Finding;
import lib.scan.Hcl;
import lib.scan.Project;
import lib.scan.Scan;
import lib.verify.TerraformChecks;
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
            "       jbang terraform_scaffolder.java --list-modules --provider gcp",
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

    @Option(names = "--verify", description = "Let the engine judge the whole tree in a scratch copy first; write it only if nothing is wrong or left unchecked.")
    boolean verify;

    @Option(names = "--provider-cache", paramLabel = "DIR", description = "With --verify: a folder with providers, so that no network is needed.")
    Path providerCache;

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
        return CommandLines.run(new CommandLine(tool), console, args, tool::scaffold, failure -> tool.report.failure(failure, tool.findings, tool.common.json, console),
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
        ScaffolderOptions.requireOwn(root, manifest, String.valueOf(common.output == null ? target : common.output));
        if (!options.namesProvider(cwd, manifest)) {
            accept();
        }
        ScaffolderOptions.Resolved resolved = options.resolve(cwd, root, manifest, this::catalogue);
        findings.addAll(resolved.findings());

        Infrastructure plan = report.timed("plan", () -> InfrastructurePlanner.plan(resolved.request(), resolved.choices()));
        report.plan(plan);
        findings.addAll(plan.findings());

        Path overrides = common.templates == null ? null : cwd.resolve(common.templates);
        List<Rendering> renderings = report.timed("render", () -> TerraformTree.render(plan, new Parts(overrides)));

        findings.addAll(report.timed("verify", () -> TerraformChecks.check(plan, renderings)));
        if (findings.stream().anyMatch(f -> f.severity() == Severity.ERROR)) {
            return finish(Exit.PROBLEMS, plan, false);
        }
        Map<String, List<GeneratedFile>> files = new TreeMap<>();
        renderings.forEach(r -> files.put(r.platform(), r.files()));
        if (!resolved.ci().equals(ScaffolderOptions.NO_CI)) {
            Rendering ci = report.timed("render", () -> TerraformCi.render(plan, resolved.ci(), new Templates(overrides)));
            report.settings(ci.settings());
            files.put(ci.platform(), ci.files());
        }
        Exit refused = verify ? judged(plan, files) : null;
        if (refused != null) {
            return finish(refused, plan, false);
        }
        resolved.settings().put("environments", ScaffolderOptions.environments(plan));
        WritePlan.Generation generation = new WritePlan.Generation("terraform_scaffolder " + VERSION, resolved.settings(), Map.of(), files);
        WritePlan written = report.timed("write", () -> report.settle(WritePlan.of(root, manifest, generation, common.force), common, console, root, findings,
                TerraformScaffolder::problem));
        if (common.check) {
            return finish(written.isUpToDate() ? Exit.OK : Exit.PROBLEMS, plan, false);
        }
        return finish(written.isConflicted() ? Exit.CANNOT_PROCEED : Exit.OK, plan, !written.isConflicted() && !written.isUpToDate());
    }

    /** What the engine says of all of it in a scratch copy; null where it has nothing against it. */
    private Exit judged(Infrastructure plan, Map<String, List<GeneratedFile>> files) throws IOException {
        Map<String, String> guarded = new TreeMap<>();
        plan.clouds().forEach(c -> c.catalogue().protectedTypes().stream().findFirst().ifPresent(type -> guarded.put(c.catalogue().provider().id(), type)));
        Path cache = providerCache == null ? null : cwd.resolve(providerCache);
        EngineRun.Verdict verdict = report.timed("engine", () -> new EngineRun(plan.request().engine(), cache, console).run(files, plan.floor(), guarded));
        report.verdict(verdict.json());
        Path junit = Files.writeString(Files.createTempDirectory("terraform-verdict-").resolve("junit.xml"), verdict.result().junit());
        console.say(verdict.line() + "; details in " + junit);
        verdict.result().jobs().stream().filter(j -> j.status() == RunResult.Status.FAILED).forEach(j -> findings.add(Finding.error("engine-refuses", j.title() + ": " + j.reason(), "see " + junit)));
        verdict.unchecked().forEach(text -> findings.add(Finding.error("not-checked", text, "install what is missing, or write without --verify")));
        return verdict.isRed() ? Exit.PROBLEMS : verdict.isGreen() ? null : Exit.CANNOT_PROCEED;
    }

    /** What the engine would not read, of a file that holds hand edits too. */
    private static Optional<String> problem(PlannedWrite merged) {
        boolean isHcl = merged.path().matches(".*\\.(tf|tofu|tfvars|hcl)");
        return isHcl ? Hcl.parse(merged.content()).problems().stream().findFirst().map(p -> "line " + p.line() + ": " + p.message()) : Optional.empty();
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

    /** Nothing is guessed silently: a person says yes, or gets the command to say so. */
    private void accept() throws IOException {
        Path folder = Files.isDirectory(cwd.resolve(target)) ? cwd.resolve(target) : cwd;
        InfrastructureProposal proposal = report.timed("scan", () -> InfrastructureProposal.of(Scan.scan(Project.open(folder))));
        Catalogue catalogue = catalogue(proposal.cloud().isEmpty() ? Catalogue.CLOUDS.get(0) : proposal.cloud());
        List<String> modules = proposal.modules(catalogue);
        String command = "terraform_scaffolder " + target + " --provider " + catalogue.provider().id() + " --modules " + String.join(",", modules);
        proposal.lines(catalogue).forEach(console::say);
        if (console.isTerminal()) {
            console.say("write this? [y/N]");
            String answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            if (answer != null && answer.strip().equalsIgnoreCase("y")) {
                options.providers = List.of(catalogue.provider().id());
                options.modules = options.modules.isEmpty() ? modules : options.modules;
                return;
            }
        }
        throw Failure.usage("no provider is given, and none is assumed", command);
    }
}
