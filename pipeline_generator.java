///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Writes the CI/CD configuration that a senior engineer would, from what a project's own files say.
//CDS
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -Xlog:all=error:stderr
//SOURCES lib/cli/CommonOptions.java lib/scan/Languages.java lib/plan/Plans.java lib/render/CiPlatforms.java lib/write/Writes.java

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import lib.cli.CommonOptions;
import lib.cli.Console;
import lib.cli.Exit;
import lib.cli.Failure;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import lib.write.PipelineReport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "pipeline_generator", mixinStandardHelpOptions = true, version = PipelineGenerator.VERSION)
class PipelineGenerator {
    static final String VERSION = "1.0.0";

    @Parameters(index = "0", paramLabel = "PROJECT", description = "The folder of the project.")
    Path target;

    @Mixin
    CommonOptions common;

    public static void main(String[] args) {
        System.exit(run(System.in, System.out, System.err, Path.of("").toAbsolutePath(), args));
    }

    static CommonOptions common(PipelineGenerator t) { return t.common; }

    static int run(InputStream in, PrintStream out, PrintStream err, Path cwd, String... args) {
        Console console = new Console(out, err);
        PipelineGenerator tool = new PipelineGenerator();
        CommandLine line = new CommandLine(tool).setOut(console.outWriter()).setErr(console.errWriter());
        try {
            line.parseArgs(args);
            Path folder = cwd.resolve(tool.target);
            if (!Files.isDirectory(folder)) {
                throw Failure.cannotProceed("no such folder: " + tool.target, "give the folder of the project");
            }
            Project project = Project.open(folder);
            ProjectFacts facts = Scan.scan(project);
            PipelineReport report = new PipelineReport(VERSION, tool.target.toString());
            report.facts(facts);
            report.findings(project.findings());
            if (!common(tool).json) {
                var context = new lib.render.CiPlatform.Context(new lib.render.Templates(null), lib.plan.Pins.shipped(), lib.plan.Versions.shipped(), new lib.render.CiPlatform.RenderOptions(false));
                var plan = lib.plan.PipelinePlanner.plan(facts, lib.plan.PlanOptions.defaults(), context.versions(), context.pins());
                for (var f : lib.render.CiPlatforms.all().get(0).render(plan, context).files()) console.product(f.content());
                plan.findings().forEach(f -> console.note(f.message(), f.hint()));
                return 0;
            }
            console.product(report.toString());
            return Exit.OK.code;
        } catch (Failure e) {
            console.error(e.getMessage(), e.hint);
            return e.exit.code;
        } catch (IOException e) {
            console.error(e.toString(), "");
            return Exit.CANNOT_PROCEED.code;
        }
    }
}
