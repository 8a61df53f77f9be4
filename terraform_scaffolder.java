///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Writes Terraform or OpenTofu for AWS, GCP and Azure that passes its own tests as written and is safe to run in production.
//CDS
//COMPILE_OPTIONS -encoding UTF-8
//JAVA_OPTIONS -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -Xlog:all=error:stderr
//SOURCES lib/cli/CommonOptions.java lib/scan/Languages.java lib/plan/InfrastructurePlanner.java lib/render/Templates.java lib/render/TerraformModules.java lib/write/WritePlan.java lib/run/EngineRun.java lib/run/RunResult.java

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.*;
import lib.cli.*;
import lib.cli.Failure.Exit;
import lib.plan.*;
import lib.plan.Infrastructure.*;
import lib.render.*;
import lib.write.*;
import picocli.CommandLine;
import picocli.CommandLine.*;

@Command(name = "terraform_scaffolder", mixinStandardHelpOptions = true, version = "terraform_scaffolder " + TerraformScaffolder.VERSION)
class TerraformScaffolder {
    static final String VERSION = "1.0.0";
    @Parameters(index = "0", paramLabel = "TARGET") Path target;
    @Option(names = "--provider", split = ",") List<String> providers = List.of();
    @Option(names = "--modules", split = ",") List<String> modules = List.of();
    @Option(names = "--env", split = ",") List<String> environments = List.of("dev", "staging", "production");
    @Option(names = "--name") String name = "shop";
    @Option(names = "--layout") Layout layout = Layout.ENVIRONMENT;
    @Option(names = "--engine") Engine engine = Engine.TERRAFORM;
    @Option(names = "--target-version") String targetVersion;
    @Mixin CommonOptions common;
    private final Path cwd;
    private final Console console;

    TerraformScaffolder(Path cwd, Console console) {
        this.cwd = cwd;
        this.console = console;
    }

    public static void main(String[] args) {
        System.exit(run(System.in, System.out, System.err, Path.of("").toAbsolutePath(), args));
    }

    static int run(InputStream in, PrintStream out, PrintStream err, Path cwd, String... args) {
        Console console = new Console(out, err);
        TerraformScaffolder tool = new TerraformScaffolder(cwd, console);
        return CommandLines.run(new CommandLine(tool), console, args, tool::scaffold, f -> { }, Exit.OK, Exit.PROBLEMS, Exit.USAGE, Exit.CANNOT_PROCEED, Exit.BUG, Exit.INTERRUPTED);
    }

    private Exit scaffold() {
        console.configure(common.noColor, common.quiet, common.verbose);
        List<InfrastructurePlanner.Choice> choices = new ArrayList<>();
        for (String p : providers) {
            Catalogue c = Catalogue.shipped(p).orElseThrow(() -> Failure.usage("no catalogue for " + p, ""));
            Map<String, String> names = c.names();
            List<String> ids = modules.contains("all") ? c.modules().stream().map(Catalogue.Module::id).toList()
                    : CommandLines.Names.check("module", modules.isEmpty() ? c.defaults() : modules, names.keySet()).stream().map(names::get).toList();
            choices.add(new InfrastructurePlanner.Choice(c, ids, Set.of()));
        }
        List<Environment> envs = environments.stream().map(e -> new Environment(e, e, "")).toList();
        Request request = new Request(name, envs, Map.of(), new TreeMap<>(Map.of("team", "platform", "cost-center", "shared")), List.of(), layout, engine,
                targetVersion == null ? null : EngineVersion.of(targetVersion), "", List.of(), List.of());
        Infrastructure plan = InfrastructurePlanner.plan(request, choices);
        Map<String, List<Rendering.GeneratedFile>> files = new TreeMap<>();
        TerraformModules.Parts parts = new TerraformModules.Parts(common.templates == null ? null : cwd.resolve(common.templates));
        for (Cloud cloud : plan.clouds()) {
            List<Rendering.GeneratedFile> of = new ArrayList<>();
            cloud.modules().forEach(m -> of.addAll(new TerraformModules(parts, cloud, request.features()).files(m)));
            cloud.roots().forEach(r -> of.addAll(new TerraformRoots(parts, request, cloud, Set.of()).files(r)));
            files.put(cloud.catalogue().provider().id(), of);
        }
        Path root = common.output == null ? cwd.resolve(target) : cwd.resolve(common.output);
        Manifest manifest = Manifest.read(root, new Manifest.Kind(".scaffold/manifest.json", "scaffold-manifest/1", ""));
        WritePlan written = WritePlan.of(root, manifest, new WritePlan.Generation("terraform_scaffolder " + VERSION, Map.of(), Map.of(), files), common.force);
        if (!written.isConflicted()) {
            FileSink.chosen(common, console, root).write(written);
        }
        console.say(written.changes().size() + " files");
        return written.isConflicted() ? Exit.CANNOT_PROCEED : Exit.OK;
    }
}
