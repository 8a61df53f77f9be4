package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What dotnet is called with for a solution or a project. Knows what Linux can build and run of it. */
final class DotnetCommands {
    private final Project project;
    private final DotnetLanguage.Unit unit;
    private final String target;

    DotnetCommands(Project project, DotnetLanguage.Unit unit) {
        this.project = project;
        this.unit = unit;
        this.target = unit.target().isEmpty() ? "" : " " + Shell.word(unit.target());
    }

    void addTo(Component.Builder root) {
        if (!Shell.isPrintable(unit.name() + unit.target())) {
            project.report(Finding.warning("unprintable-name", "a solution or project has a control character in its name", "rename it", unit.evidence()));
            return;
        }
        TaskChoice tasks = new TaskChoice(project, unit.folder(), Set.of("dotnet"));
        boolean windows = windows();
        install(root);
        lint(root, tasks);
        if (!unit.tests().isEmpty() && !tasks.add(root, CommandKind.TEST, r -> r.calls("dotnet test"))) {
            tests(windows).forEach(c -> root.command(CommandKind.TEST, c));
        }
        boolean onlyTests = unit.projects().stream().allMatch(DotnetProject::isTest);
        if (!onlyTests && !tasks.add(root, CommandKind.BUILD, r -> r.calls("dotnet build") || r.calls("dotnet publish"))) {
            root.command(CommandKind.BUILD, command("dotnet build" + target + " -c Release --no-restore", windows));
        }
        if (!onlyTests) {
            boolean packs = unit.projects().stream().anyMatch(p -> p.property("GeneratePackageOnBuild").equalsIgnoreCase("true"));
            root.output(Output.Kind.BUILD, packs ? "**/bin/Release/*.nupkg" : "**/bin/Release/**", unit.evidence());
        }
    }

    private Command command(String run, boolean windows) {
        return windows ? Command.guess(run, unit.evidence()) : Command.certain(run, unit.evidence());
    }

    /** Is there something that only Windows builds, so that no command for all of it can work on Linux? */
    private boolean windows() {
        Optional<DotnetProject> windows = unit.projects().stream().filter(DotnetProject::isWindowsOnly).findFirst();
        windows.ifPresent(p -> project.report(Finding.warning("windows-only", p.file + " can be built on Windows only; no command is taken for the whole",
                "move it to the SDK format and a portable target framework, or build it on a Windows runner", Evidence.of(p.file, "target-framework"))));
        Optional<DotnetProject> workload = unit.projects().stream().filter(DotnetProject::needsWorkload).findFirst();
        workload.ifPresent(p -> project.report(Finding.warning("dotnet-workload", p.file + " needs a workload beside the SDK; no command is taken for the whole",
                "dotnet workload restore", Evidence.of(p.file, "target-framework"))));
        return windows.isPresent() || workload.isPresent();
    }

    private void install(Component.Builder root) {
        tools().ifPresent(file -> root.command(CommandKind.INSTALL, Command.certain("dotnet tool restore", Evidence.of(file, "dotnet-tools"))));
        boolean locked = unit.projects().stream().allMatch(p -> project.first(p.folder, "packages.lock.json").isPresent());
        root.command(CommandKind.INSTALL, Command.certain("dotnet restore" + target + (locked ? " --locked-mode" : ""), unit.evidence()));
    }

    private Optional<String> tools() {
        return project.first(unit.folder(), ".config/dotnet-tools.json", "dotnet-tools.json");
    }

    private void lint(Component.Builder root, TaskChoice tasks) {
        if (tasks.add(root, CommandKind.LINT, r -> r.calls("dotnet")) | tasks.add(root, CommandKind.FORMAT, r -> r.calls("dotnet"))) {
            return;
        }
        Optional<Document> manifest = tools().flatMap(project::json);
        if (manifest.isPresent() && manifest.get().has("tools", "csharpier")) {
            // The option became a command of its own in version 1.
            boolean old = JdkVersion.numbers(manifest.get().text("tools", "csharpier", "version"))[0] == 0;
            root.command(CommandKind.LINT, Command.likely(old ? "dotnet csharpier --check ." : "dotnet csharpier check .",
                    manifest.get().evidence("dotnet-tools", "tools", "csharpier")));
        }
        for (String name : List.of("fantomas", "fantomas-tool")) {
            if (manifest.isPresent() && manifest.get().has("tools", name)) {
                root.command(CommandKind.LINT, Command.likely("dotnet fantomas --check .", manifest.get().evidence("dotnet-tools", "tools", name)));
            }
        }
        if (!root.has(CommandKind.LINT)) {
            String run = "dotnet format" + target + " --verify-no-changes --no-restore";
            Optional<Evidence> documented = Documentation.says(project, unit.folder(), "dotnet format");
            boolean single = unit.target().isEmpty() || unit.target().matches(".*\\.slnx?");
            if (documented.isPresent() && single) {
                root.command(CommandKind.LINT, Command.likely(run, documented.get()));
            } else if (project.exists(Project.join(unit.folder(), ".editorconfig"))) {
                root.command(CommandKind.LINT, Command.guess(run, Evidence.of(Project.join(unit.folder(), ".editorconfig"), "editorconfig")));
            }
        }
    }

    /**
     * One call for the whole where that works. Where dotnet has to be told a file anyway, a lone test project is told; where some tests are
     * for .NET Framework too, each project is called with its newest portable framework.
     */
    private List<Command> tests(boolean windows) {
        List<DotnetProject> tests = unit.tests();
        boolean framework = tests.stream().anyMatch(t -> t.targetsFramework() || t.portable().isEmpty() && !t.frameworks().isEmpty());
        List<Command> commands = new ArrayList<>();
        if (!framework && (unit.target().isEmpty() || tests.size() > 1)) {
            commands.add(command("dotnet test" + option(false) + target + " -c Release --no-restore", windows));
            return commands;
        }
        for (DotnetProject test : tests) {
            if (test.uses("benchmarkdotnet") && tests.size() > 1) {
                continue;
            }
            if (test.portable().isEmpty() && !test.frameworks().isEmpty()) {
                project.report(Finding.warning("windows-only", "the tests of " + test.file + " run on Windows only", "add a portable target framework such as net8.0, or run "
                        + "them on a Windows runner", Evidence.of(test.file, "target-framework")));
                continue;
            }
            String path = unit.folder().equals(".") ? test.file : test.file.substring(Math.min(test.file.length(), unit.folder().length() + 1));
            if (!Project.isInside(test.file, unit.folder()) || !Shell.isPrintable(path)) {
                continue;
            }
            if (test.targetsFramework()) {
                project.report(Finding.info("dotnet-framework", "the tests of " + test.file + " are run for " + test.portable().get() + " only: Linux can't run .NET Framework",
                        "run the others on a Windows runner", Evidence.of(test.file, "target-framework")));
            }
            commands.add(Command.certain("dotnet test" + option(true) + " " + Shell.word(path) + " -c Release" + (windows ? "" : " --no-restore")
                    + (test.targetsFramework() ? " -f " + Shell.word(test.portable().get()) : ""), Evidence.of(test.file, "test-project")));
        }
        return commands;
    }

    /** The test runner of the new platform takes the file by an option. */
    private String option(boolean isProject) {
        Optional<Document> global = project.exists("global.json") ? project.json("global.json") : Optional.empty();
        boolean platform = global.map(d -> d.text("test", "runner").equals("Microsoft.Testing.Platform")).orElse(false);
        return platform && (isProject || !target.isEmpty()) ? isProject || !unit.target().matches(".*\\.slnx?") ? " --project" : " --solution" : "";
    }
}
