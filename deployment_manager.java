///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Plans and forecasts the rollout of a new version without touching anything, and judges it by recorded counts.
//CDS
//COMPILE_OPTIONS -encoding UTF-8
//JAVA_OPTIONS -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -Xlog:all=error:stderr
//SOURCES lib/cli/CommonOptions.java lib/scan/Manifests.java lib/plan/RolloutPlanner.java lib/judge/Judges.java lib/write/DeploymentReport.java lib/deploy/Targets.java

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lib.cli.CommandLines;
import lib.cli.CommonOptions;
import lib.cli.Console;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.deploy.DeployOptions;
import lib.deploy.Deployment;
import lib.deploy.Recorded;
import lib.scan.Finding;
import lib.write.DeploymentReport;
import lib.write.Report;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "deployment_manager", mixinStandardHelpOptions = true, version = "deployment_manager " + DeploymentManager.VERSION,
        subcommands = picocli.AutoComplete.GenerateCompletion.class, sortOptions = false,
        customSynopsis = {
            "jbang deployment_manager.java ./app --strategy canary --dry-run   # the timeline, from the manifests",
            "       jbang deployment_manager.java ./app --dry-run --json | jq .plan.steps",
            "       jbang deployment_manager.java judge --counts counts.csv            # the verdict, from recorded counts"},
        description = "%nPlans and forecasts the rollout of a new version without touching anything, and judges it by recorded counts.%n%nExecuting a rollout is to come: until then the other verbs say so and end with 3, as does --report.%n",
        exitCodeListHeading = "%nExit codes:%n")
class DeploymentManager {
    static final String VERSION = "1.0.0";

    @Mixin
    DeployOptions options;

    @Mixin
    CommonOptions common;

    private final Path cwd;
    private final Console console;
    private final DeploymentReport report = new DeploymentReport(VERSION);
    private final List<Finding> findings = new ArrayList<>();

    DeploymentManager(Path cwd, Console console) {
        this.cwd = cwd;
        this.console = console;
    }

    public static void main(String[] args) {
        System.exit(run(System.in, System.out, System.err, Path.of("").toAbsolutePath(), args));
    }

    /** The whole tool, for {@code main} and for tests. */
    static int run(InputStream in, PrintStream out, PrintStream err, Path cwd, String... args) {
        Console console = new Console(out, err);
        DeploymentManager tool = new DeploymentManager(cwd, console);
        CommandLine line = new CommandLine(tool);
        DeployOptions.describe(line.getCommandSpec());
        return CommandLines.run(line, console, args, tool::manage, failure -> tool.report.failure(failure, tool.findings, tool.common.json, console),
                Exit.OK, Exit.PROBLEMS, Exit.USAGE, Exit.CANNOT_PROCEED, Exit.BUG, Exit.ROLLED_BACK, Exit.ROLLBACK_FAILED, Exit.TRANSIENT, Exit.INTERRUPTED);
    }

    private Exit manage() {
        console.configure(common.noColor, common.quiet, common.verbose);
        common.validate();
        DeployOptions.Order order = options.order();
        options.validate(order);
        report.target(order.subject());
        if (order.verb().equals("judge")) {
            return judge();
        }
        if (!order.verb().equals("deploy") || !common.dryRun || options.report != null) {
            throw Failure.cannotProceed("this version plans, forecasts and judges recorded counts only", "give --dry-run, without --report");
        }
        Deployment deployment = report.timed("scan", () -> Deployment.scan(options, cwd, order.subject()));
        if (!deployment.isConfigured()) {
            return finish(deployment.findings(), Exit.CANNOT_PROCEED);
        }
        report.timed("plan", () -> {
            deployment.plan();
            return null;
        });
        report.part("plan", deployment.forecast());
        boolean isReady = report.timed("preflight", deployment::preflight);
        if (!common.json) {
            console.product(deployment.timeline());
        }
        return finish(deployment.findings(), isReady ? Exit.OK : Exit.CANNOT_PROCEED);
    }

    /** Recorded counts: 0 when the release passes, 1 when it fails or nothing can be told. */
    private Exit judge() {
        Recorded verdict = report.timed("judge", () -> Recorded.judge(options, cwd));
        report.part("verdict", verdict.json());
        if (!common.json) {
            console.product(verdict.text());
        }
        return finish(verdict.findings(), verdict.isPassed() ? Exit.OK : Exit.PROBLEMS);
    }

    private Exit finish(List<Finding> found, Exit exit) {
        findings.addAll(found);
        report.findings(findings);
        Report.show(findings, console);
        if (common.json) {
            console.product(report.toString());
        }
        return exit;
    }
}
