package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Publication;
import lib.scan.Component.Runtime;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/**
 * .NET: solutions with their projects, and projects without a solution.
 *
 * <p>A solution is one unit: its root has the commands, its projects are members. Projects of tests and benchmarks are members too, for
 * what they depend on, but no packages.
 */
final class DotnetLanguage implements Language {
    private static final Pattern SOLUTION_ENTRY = Pattern.compile("^Project\\(\"[^\"]*\"\\)\\s*=\\s*\"[^\"]*\",\\s*\"([^\"]+\\.\\w+proj)\"");
    private static final Pattern PROJECT_FILE = Pattern.compile(".*\\.(?:cs|fs|vb)proj");

    /**
     * What one call of dotnet builds.
     *
     * @param target file name in the folder that dotnet has to be told; empty where it finds it by itself
     * @param evidence the solution or project file
     */
    record Unit(String folder, String name, String target, List<DotnetProject> projects, Evidence evidence) {

        List<DotnetProject> tests() {
            return projects.stream().filter(DotnetProject::isTest).toList();
        }
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, DotnetProject> all = new TreeMap<>();
        project.under(".", ".csproj", ".fsproj", ".vbproj").stream().filter(f -> !f.contains("/templates/") && !f.contains("/content/"))
                .forEach(f -> DotnetProject.read(project, f).ifPresent(p -> all.put(f, p)));
        List<Component> components = new ArrayList<>();
        Set<String> taken = new LinkedHashSet<>();
        for (Unit unit : solutions(project, all)) {
            if (unit.projects.stream().allMatch(p -> taken.contains(p.file))) {
                continue;
            }
            unit.projects.forEach(p -> taken.add(p.file));
            components.addAll(components(project, unit, all));
        }
        if (components.isEmpty()) {
            for (DotnetProject lone : all.values()) {
                if (!lone.isTraversal() && (lone.isTest() || !Project.isAside(lone.folder))) {
                    components.addAll(components(project, lone(project, lone), all));
                }
            }
        }
        return components;
    }

    @Override
    public List<String> looksFor() {
        return List.of("*.sln", "*.slnx", "*.csproj", "*.fsproj", "*.vbproj");
    }

    // --- units ---

    private static Unit lone(Project project, DotnetProject lone) {
        boolean alone = project.in(lone.folder).stream().filter(n -> n.matches(".*\\.\\w*proj")).count() == 1;
        return new Unit(lone.folder, lone.name(), alone ? "" : Project.nameOf(lone.file), List.of(lone), Evidence.of(lone.file, "project-file"));
    }

    /** The outer before the inner; of several in one folder, one. */
    private static List<Unit> solutions(Project project, Map<String, DotnetProject> all) {
        Map<String, List<String>> byFolder = new LinkedHashMap<>();
        List<String> files = new ArrayList<>(project.ending(".sln"));
        files.addAll(project.ending(".slnx"));
        files.sort(java.util.Comparator.<String>comparingLong(f -> f.chars().filter(c -> c == '/').count()).thenComparing(java.util.Comparator.naturalOrder()));
        files.forEach(f -> byFolder.computeIfAbsent(Project.folderOf(f), k -> new ArrayList<>()).add(f));
        List<Unit> units = new ArrayList<>();
        byFolder.forEach((folder, list) -> unit(project, folder, list, all).ifPresent(units::add));
        return units;
    }

    private static Optional<Unit> unit(Project project, String folder, List<String> solutions, Map<String, DotnetProject> all) {
        Map<String, List<String>> entries = new LinkedHashMap<>();
        solutions.forEach(s -> entries.put(s, entries(project, s)));
        // A solution with projects that only an IDE builds (databases, installers, C++) fails in dotnet.
        Optional<String> chosen = solutions.stream().filter(s -> entries.get(s).stream().anyMatch(all::containsKey))
                .max(java.util.Comparator.<String>comparingInt(s -> entries.get(s).stream().allMatch(e -> PROJECT_FILE.matcher(e).matches() || e.endsWith(".dcproj")) ? 1 : 0)
                        .thenComparingInt(s -> isNamed(s, folder.equals(".") ? project.name() : Project.nameOf(folder)) ? 1 : 0)
                        .thenComparingInt(s -> entries.get(s).size()).thenComparing(java.util.Comparator.reverseOrder()));
        if (chosen.isEmpty()) {
            return Optional.empty();
        }
        List<DotnetProject> projects = entries.get(chosen.get()).stream().distinct().filter(all::containsKey).map(all::get).toList();
        if (solutions.size() > 1) {
            project.report(Finding.info("several-solutions", folder.equals(".") ? "several solutions at the root: " + Project.nameOf(chosen.get()) + " is built"
                    : "several solutions in " + folder + ": " + Project.nameOf(chosen.get()) + " is built", "", solutions.stream()
                    .map(s -> Evidence.of(s, "solution")).toArray(Evidence[]::new)));
        }
        Evidence evidence = Evidence.of(chosen.get(), "solution");
        String name = Project.nameOf(chosen.get()).replaceFirst("\\.slnx?$", "");
        List<String> beside = project.in(folder).stream().filter(n -> n.matches(".*\\.\\w*proj")).toList();
        // A traversal project is how a project says itself what is built, and in which order.
        Optional<String> traversal = beside.stream().filter(n -> Optional.ofNullable(all.get(Project.join(folder, n))).map(DotnetProject::isTraversal).orElse(false)).findFirst();
        if (traversal.isPresent()) {
            return Optional.of(new Unit(folder, name, traversal.get(), projects, Evidence.of(Project.join(folder, traversal.get()), "traversal-project")));
        }
        boolean found = solutions.size() == 1 && (beside.isEmpty() || beside.size() == 1 && beside.get(0).startsWith(name + "."));
        return Optional.of(new Unit(folder, name, found ? "" : Project.nameOf(chosen.get()), projects, evidence));
    }

    private static boolean isNamed(String solution, String folder) {
        String name = Project.nameOf(solution).replaceFirst("\\.slnx?$", "").toLowerCase(java.util.Locale.ROOT);
        return folder.toLowerCase(java.util.Locale.ROOT).matches("(?:.*[^a-z0-9])?" + Pattern.quote(name));
    }

    private static List<String> entries(Project project, String solution) {
        List<String> paths = new ArrayList<>();
        if (solution.endsWith(".slnx")) {
            project.xml(solution).ifPresent(x -> x.descendants("Project").forEach(p -> paths.add(p.attribute("Path"))));
        } else {
            for (String line : project.lines(solution)) {
                Matcher m = SOLUTION_ENTRY.matcher(line.strip());
                if (m.find()) {
                    paths.add(m.group(1));
                }
            }
        }
        return paths.stream().flatMap(p -> Project.resolve(Project.folderOf(solution), p).stream()).toList();
    }

    // --- components ---

    private static List<Component> components(Project project, Unit unit, Map<String, DotnetProject> all) {
        List<Component> components = new ArrayList<>();
        boolean isSolution = unit.evidence.file().matches(".*\\.(slnx?|proj)") || unit.projects.size() != 1 || !unit.projects.get(0).folder.equals(unit.folder);
        Workspace workspace = isSolution && unit.projects.size() > 1 ? new Workspace(unit.folder, "dotnet", "", true) : null;
        Runtime runtime = runtime(project, unit);
        Map<String, String> folders = new LinkedHashMap<>();
        all.values().forEach(p -> folders.put(p.file, p.folder));
        Set<String> done = new LinkedHashSet<>();
        List<DotnetProject> projects = new ArrayList<>(unit.projects);
        projects.sort(java.util.Comparator.comparing(p -> p.file));
        if (projects.stream().noneMatch(p -> p.folder.equals(unit.folder))) {
            Component.Builder root = Component.at(unit.folder, "dotnet").name(unit.name).notAPackage();
            components.add(finish(project, unit, root, runtime, workspace));
            done.add(unit.folder);
        }
        Map<String, List<DotnetProject>> byFolder = new LinkedHashMap<>();
        projects.forEach(p -> byFolder.computeIfAbsent(p.folder, f -> new ArrayList<>()).add(p));
        for (DotnetProject each : projects) {
            // Two projects may share a folder: their facts are one component's then.
            if (!done.add(each.folder)) {
                continue;
            }
            Component.Builder component = Component.at(each.folder, "dotnet").name(each.name());
            List<DotnetProject> here = byFolder.get(each.folder);
            here.forEach(p -> p.packages().forEach(component::dependency));
            here.forEach(p -> p.projectReferences().stream().map(folders::get).filter(f -> f != null && !f.equals(each.folder)).forEach(component::dependsOn));
            if (here.stream().allMatch(p -> p.isTest() || p.uses("benchmarkdotnet")) || !each.folder.equals(unit.folder) && Project.isAside(each.folder)) {
                component.notAPackage();
            } else if (each.isPacked() && !each.isTest()) {
                String id = each.property("PackageId");
                component.publication(new Publication("nuget", id.isEmpty() ? each.name() : id, Evidence.of(each.file, "package-properties")));
            }
            if (each.folder.equals(unit.folder)) {
                components.add(0, finish(project, unit, component, runtime, workspace));
            } else {
                components.add(component.runtime(runtime).workspace(workspace).packageManager(new PackageManager("nuget", "",
                        Evidence.of(each.file, "project-file"), List.of(each.file))).build());
            }
        }
        return components;
    }

    private static Component finish(Project project, Unit unit, Component.Builder root, Runtime runtime, Workspace workspace) {
        root.runtime(runtime).workspace(workspace);
        Set<String> locks = new TreeSet<>();
        Set<String> manifests = new TreeSet<>();
        for (DotnetProject each : unit.projects) {
            project.first(each.folder, "packages.lock.json").ifPresent(locks::add);
            manifests.add(each.file);
        }
        List<DotnetProject> tests = unit.tests();
        (tests.isEmpty() ? unit.projects : tests).forEach(t -> t.runtimes().keySet().forEach(root::supports));
        project.first(unit.folder, "Directory.Packages.props").ifPresent(manifests::add);
        project.first(unit.folder, "paket.lock").ifPresent(locks::add);
        root.packageManager(new PackageManager("nuget", "", unit.evidence, List.copyOf(locks.isEmpty() ? manifests : locks)));
        new DotnetCommands(project, unit).addTo(root);
        return root.build();
    }

    /** global.json pins the SDK; else the newest framework that a project targets says which SDK is the oldest that will do. */
    private static Runtime runtime(Project project, Unit unit) {
        for (String at : VersionFiles.upwards(unit.folder)) {
            String file = Project.join(at, "global.json");
            Optional<Document> global = project.exists(file) ? project.json(file) : Optional.empty();
            String version = global.map(d -> d.text("sdk", "version")).orElse("");
            if (!version.isEmpty()) {
                return new Runtime("dotnet", version, "", file, global.get().evidence("global-json", "sdk", "version"));
            }
        }
        Optional<VersionFiles.Pin> pin = VersionFiles.find(project, unit.folder, "dotnet", "dotnet-core");
        if (pin.isPresent()) {
            return new Runtime("dotnet", pin.get().version(), "", "", pin.get().evidence());
        }
        Map<String, Evidence> runtimes = new LinkedHashMap<>();
        unit.projects.forEach(p -> p.runtimes().forEach(runtimes::putIfAbsent));
        return runtimes.entrySet().stream().max(java.util.Comparator.comparingInt(e -> JdkVersion.numbers(e.getKey())[0] * 100 + JdkVersion.numbers(e.getKey())[1]))
                .map(e -> new Runtime("dotnet", e.getKey(), "", "", e.getValue())).orElse(new Runtime("dotnet", "", "", "", unit.evidence));
    }
}

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

/** One project file of MSBuild (C#, F#, Visual Basic) with the Directory.Build.props above it. Knows the files, not what to do with them. */
final class DotnetProject {
    private static final Pattern PROPERTY = Pattern.compile("\\$\\(([A-Za-z_][\\w.]*)\\)");
    private static final Pattern MODERN = Pattern.compile("(?:net|netcoreapp)(\\d{1,2}\\.\\d+)(?:-.*)?");
    private static final Pattern FRAMEWORK = Pattern.compile("net[1-4]\\d{1,2}");
    private static final Set<String> TEST_PACKAGES = Set.of("microsoft.net.test.sdk", "xunit", "xunit.v3", "nunit", "mstest", "mstest.testframework",
            "tunit", "expecto", "fixie");

    final String file;
    final String folder;
    final Xml xml;
    /** nearest first */
    private final List<Xml> above = new ArrayList<>();
    private final Map<String, Evidence> packages = new LinkedHashMap<>();

    private DotnetProject(String file, Xml xml) {
        this.file = file;
        this.folder = Project.folderOf(file);
        this.xml = xml;
    }

    static Optional<DotnetProject> read(Project project, String file) {
        return project.xml(file).filter(x -> x.name().equals("Project")).map(xml -> {
            DotnetProject read = new DotnetProject(file, xml);
            read.references(xml, file);
            for (String at : VersionFiles.upwards(read.folder)) {
                String props = Project.join(at, "Directory.Build.props");
                Optional<Xml> found = project.exists(props) ? project.xml(props) : Optional.empty();
                if (found.isPresent()) {
                    read.above.add(found.get());
                    read.references(found.get(), props);
                    // MSBuild reads the nearest only; that one has to import those above it.
                    if (found.get().descendants("Import").stream().noneMatch(i -> i.attribute("Project").contains("Directory.Build.props"))) {
                        break;
                    }
                }
            }
            VersionFiles.upwards(read.folder).stream().map(at -> Project.join(at, "Directory.Packages.props")).filter(project::exists).findFirst()
                    .flatMap(project::xml).ifPresent(read.above::add);
            for (String line : project.lines(Project.join(read.folder, "paket.references"))) {
                if (line.matches("[\\w.-]+(\\s.*)?")) {
                    read.packages.putIfAbsent(line.split("\\s")[0], Evidence.of(Project.join(read.folder, "paket.references"), "package-reference"));
                }
            }
            return read;
        });
    }

    private void references(Xml from, String at) {
        for (Xml reference : from.descendants("PackageReference")) {
            String name = reference.attribute("Include");
            if (!name.isEmpty()) {
                packages.putIfAbsent(name, new Evidence(at, reference.line(), "package-reference"));
            }
        }
    }

    String name() {
        String name = Project.nameOf(file);
        return name.substring(0, name.lastIndexOf('.'));
    }

    Map<String, Evidence> packages() {
        return packages;
    }

    boolean uses(String prefix) {
        return packages.keySet().stream().anyMatch(p -> p.toLowerCase(java.util.Locale.ROOT).startsWith(prefix));
    }

    /** The property's first value, of the project or of what is above it; references are resolved; empty where there is none. */
    String property(String name) {
        return resolve(raw(name).map(Xml::text).orElse(""), 0);
    }

    private Optional<Xml> raw(String name) {
        List<Xml> places = new ArrayList<>(List.of(xml));
        places.addAll(above);
        return places.stream().flatMap(x -> x.children("PropertyGroup").stream()).flatMap(g -> g.children(name).stream()).findFirst();
    }

    private String resolve(String text, int depth) {
        if (depth > 5 || !text.contains("$(")) {
            return text.strip();
        }
        return resolve(PROPERTY.matcher(text).replaceAll(m -> Matcher.quoteReplacement(m.group(1).matches("AssemblyName|MSBuildProjectName") && raw(m.group(1)).isEmpty()
                ? name() : raw(m.group(1)).map(Xml::text).orElse(""))), depth + 1);
    }

    /** Target frameworks, with the line that names them. Those under a condition for Windows are left out: pipelines run on Linux. */
    Map<String, Evidence> frameworks() {
        Map<String, Evidence> found = new LinkedHashMap<>();
        List<Xml> places = new ArrayList<>(List.of(xml));
        places.addAll(above);
        for (Xml place : places) {
            for (Xml group : place.children("PropertyGroup")) {
                for (Xml property : group.children()) {
                    boolean frameworks = property.name().matches("TargetFrameworks?");
                    if (frameworks && !onWindows(group.attribute("Condition")) && !onWindows(property.attribute("Condition"))) {
                        Evidence evidence = place == xml ? new Evidence(file, property.line(), "target-framework") : Evidence.of(file, "target-framework");
                        for (String framework : resolve(property.text().replaceAll("\\$\\(TargetFrameworks?\\)", ""), 0).split("[;\\s]+")) {
                            if (!framework.isBlank() && found.size() < 20) {
                                found.putIfAbsent(framework, evidence);
                            }
                        }
                    }
                }
            }
            if (!found.isEmpty()) {
                return found;
            }
        }
        return found;
    }

    private static boolean onWindows(String condition) {
        return condition.matches("(?i).*==\\s*'?Windows(_NT)?\\b.*|.*IsOSPlatform\\(.?Windows.*") && !condition.contains("!");
    }

    /** Versions of .NET that it runs on, such as {@code 8.0}. */
    Map<String, Evidence> runtimes() {
        Map<String, Evidence> found = new LinkedHashMap<>();
        frameworks().forEach((framework, evidence) -> {
            Matcher m = MODERN.matcher(framework);
            if (m.matches()) {
                found.putIfAbsent(m.group(1), evidence);
            }
        });
        return found;
    }

    /** The newest framework that runs on Linux, or empty: {@code net8.0} of {@code net48;net8.0;net8.0-windows}. */
    Optional<String> portable() {
        return frameworks().keySet().stream().filter(f -> MODERN.matcher(f).matches() && !f.contains("-"))
                .max(java.util.Comparator.comparingInt(f -> JdkVersion.numbers(f.replaceFirst("^[a-z]+", ""))[0] * 100 + JdkVersion.numbers(f.replaceFirst("^[a-z]+", ""))[1]));
    }

    /** Some of its frameworks are .NET Framework, whose programs Linux can't run. */
    boolean targetsFramework() {
        return frameworks().keySet().stream().anyMatch(f -> FRAMEWORK.matcher(f).matches());
    }

    /** It can't even be built elsewhere: the format of before .NET Core, or only Windows targets. */
    boolean isWindowsOnly() {
        boolean sdk = !xml.attribute("Sdk").isEmpty() || !xml.children("Sdk").isEmpty() || xml.children("Import").stream().anyMatch(i -> !i.attribute("Sdk").isEmpty());
        Set<String> frameworks = frameworks().keySet();
        return !sdk || !frameworks.isEmpty() && frameworks.stream().allMatch(f -> f.contains("-windows"));
    }

    /** Targets that need a workload beside the SDK: phones and such. */
    boolean needsWorkload() {
        return frameworks().keySet().stream().anyMatch(f -> f.matches(".*-(android|ios|maccatalyst|tvos|macos|tizen).*"));
    }

    boolean isTest() {
        String said = property("IsTestProject");
        if (!said.isEmpty()) {
            return said.equalsIgnoreCase("true");
        }
        return xml.attribute("Sdk").startsWith("MSTest.Sdk") || packages.keySet().stream().anyMatch(p -> TEST_PACKAGES.contains(p.toLowerCase(java.util.Locale.ROOT)));
    }

    boolean isTraversal() {
        return xml.attribute("Sdk").startsWith("Microsoft.Build.Traversal");
    }

    /** It says of itself, or all projects say, how it is packed. */
    boolean isPacked() {
        boolean described = List.of("PackageId", "GeneratePackageOnBuild", "PackageLicenseExpression", "PackageProjectUrl", "PackageTags").stream()
                .anyMatch(p -> !property(p).isEmpty() && !property(p).equalsIgnoreCase("false"));
        return described && !property("IsPackable").equalsIgnoreCase("false") && !property("IsPublishable").equalsIgnoreCase("false");
    }

    /** Paths of the project files that it refers to. */
    Set<String> projectReferences() {
        Set<String> found = new LinkedHashSet<>();
        for (Xml reference : xml.descendants("ProjectReference")) {
            String include = resolve(reference.attribute("Include"), 0);
            if (!include.isEmpty() && !include.contains("*")) {
                Project.resolve(folder, include).ifPresent(found::add);
            }
        }
        return found;
    }
}
