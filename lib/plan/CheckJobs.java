package lib.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import lib.plan.Job.Each;
import lib.plan.Job.ServiceContainer;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.PipelinePlan.PlanOptions;
import lib.plan.Units.Unit;
import lib.scan.Command.CommandKind;
import lib.scan.Command;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Publication;
import lib.scan.Component.Service;
import lib.scan.Component.Tool;
import lib.scan.Component;
import lib.scan.Finding;
import lib.scan.Project;
import lib.scan.ProjectFacts;

/** Plans the jobs that check and build: lint beside test, then build; one job for each package where many packages are checked alike. */
final class CheckJobs {
    private static final String INSTALL = "Install dependencies";
    private static final int KEEP_DAYS = 7;
    /** Folder for packages, which no project has: what is packed must not get into a package itself. */
    private static final String PACKED = ".packages/";
    /** Platforms run at most some 250 variants of a job. */
    private static final int MAX_EACH = 200;
    private final ProjectFacts facts;
    private final PlanOptions options;
    private final Versions versions;
    private final Pins pins;
    private final List<Job> jobs = new ArrayList<>();
    private final Map<String, Packed> packed = new LinkedHashMap<>();
    private final Set<Finding> findings = new java.util.LinkedHashSet<>();

    CheckJobs(ProjectFacts facts, PlanOptions options, Versions versions, Pins pins) {
        this.facts = facts;
        this.options = options;
        this.versions = versions;
        this.pins = pins;
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    List<Job> plan(List<Unit> units) {
        Map<Object, List<Unit>> alike = new LinkedHashMap<>();
        for (Unit unit : units) {
            alike.computeIfAbsent(shape(unit), s -> new ArrayList<>()).add(unit);
        }
        int number = 0;
        for (List<Unit> group : alike.values()) {
            if (group.size() > 1) {
                for (int from = 0; from < group.size(); from += MAX_EACH) {
                    addGroup(group.subList(from, Math.min(group.size(), from + MAX_EACH)), ++number);
                }
            } else {
                addUnit(group.get(0));
            }
        }
        return jobs;
    }

    // --- one unit: lint, test, build ---

    private void addUnit(Unit unit) {
        RuntimeChoice choice = RuntimeChoice.of(unit.component(), versions);
        findings.addAll(choice.findings());
        List<String> before = new ArrayList<>();
        Job.Builder lint = job(unit, "lint", "Lint", Stage.LINT, 10, choice);
        if (options.has(Stage.LINT) && addCommands(lint, unit, CommandKind.FORMAT, CommandKind.LINT, CommandKind.TYPECHECK)) {
            before.add(add(lint));
        }
        Job.Builder test = job(unit, "test", "Test", Stage.TEST, 20, choice).matrix(choice.matrix());
        withServices(test, unit.component());
        if (options.has(Stage.TEST) && addCommands(test, unit, CommandKind.TEST)) {
            reports(test, unit.component(), unit.component().path());
            before.add(add(test));
        }
        Job.Builder build = job(unit, "build", "Build", Stage.BUILD, 20, choice).needs(before);
        boolean builds = options.has(Stage.BUILD) && addCommands(build, unit, CommandKind.BUILD);
        if (builds) {
            upload(build, unit);
        }
        boolean packs = options.has(Stage.BUILD) && options.has(Stage.PUBLISH) && pack(build, unit, builds);
        if (packs && !builds) {
            build.title(unit.title("Pack"));
        }
        if (builds || packs) {
            add(build);
        }
    }

    // --- packages: what was built and tested is what is published ---

    /** The packed files of a component for one registry. @param artifact that {@code job} keeps them as @param folder of the files, from the root */
    record Packed(String job, String artifact, String folder) {}

    /** By the component's path and the registry; what is not here is packed by the registry's own client. */
    Map<String, Packed> packed() {
        return packed;
    }

    static String packedKey(Component component, String registry) {
        return component.path() + " " + registry;
    }

    /** @return whether the job makes a package */
    private boolean pack(Job.Builder job, Unit unit, boolean builds) {
        String suffix = unit.suffix().isEmpty() ? "" : "-" + unit.suffix();
        boolean packs = false;
        for (Component component : facts.components()) {
            for (Publication publication : isServedBy(component, unit) ? component.publications() : List.<Publication>of()) {
                String dist = Project.join(component.path(), "dist");
                if (publication.registry().equals("pypi")) {
                    // The build itself makes these packages.
                    if (builds && component == unit.component() && component.outputs().stream().anyMatch(o -> o.kind() == Output.Kind.BUILD && o.path().startsWith("dist/"))) {
                        packed.put(packedKey(component, "pypi"), new Packed(job.id(), "build" + suffix, dist));
                        packs = true;
                    }
                    continue;
                }
                String folder = PACKED + publication.registry() + suffix;
                Optional<String> command = packing(publication.registry(), component, "../".repeat(component.path().equals(".") ? 0 : component.path().split("/").length) + folder);
                if (command.isPresent()) {
                    if (!builds && !packs) {
                        prepare(job, unit.component(), List.of(), unit.component().path());
                    }
                    job.step(new Step.Run("Pack", command.get(), component.path(), Map.of(), publication.evidence()));
                    if (packed.values().stream().noneMatch(p -> p.folder().equals(folder))) {
                        job.step(new Step.Upload("package" + suffix, List.of(folder + "/*"), KEEP_DAYS));
                    }
                    packed.put(packedKey(component, publication.registry()), new Packed(job.id(), "package" + suffix, folder));
                    packs = true;
                }
            }
        }
        if (packs) {
            // What a cache holds may have been put there by a job that ran less trusted code.
            job.noCache();
        }
        return packs;
    }

    /** A member without commands of its own belongs to the unit of its root. */
    private static boolean isServedBy(Component component, Unit unit) {
        Component own = unit.component();
        return component == own || component.isWorkspaceMember() && component.workspace().root().equals(own.path()) && component.ecosystem().equals(own.ecosystem())
                && component.proven().stream().findAny().isEmpty();
    }

    /** The command that makes the very file that the registry will have. Cargo, Maven, Gradle and sbt pack, and build, whenever they publish. */
    private static Optional<String> packing(String registry, Component component, String folder) {
        String manager = component.packageManager() == null ? "" : component.packageManager().id();
        String into = "mkdir -p " + folder + "\n";
        return Optional.ofNullable(switch (registry) {
            // Each manager writes versions of other packages of the workspace in its own way.
            case "npm" -> into + switch (manager) {
                case "pnpm" -> "pnpm pack --pack-destination " + folder + "\n";
                case "yarn-berry" -> "yarn pack --out " + folder + "/package.tgz\n";
                case "bun" -> "bun pm pack --destination " + folder + "\n";
                default -> "npm pack --pack-destination " + folder + "\n";
            };
            case "rubygems" -> into + "gem build --strict --output " + folder + "/package.gem\n";
            case "nuget" -> "dotnet pack --configuration Release --output " + folder;
            default -> null;
        });
    }

    private Job.Builder job(Unit unit, String what, String title, Stage stage, int minutes, RuntimeChoice choice) {
        Component component = unit.component();
        String id = unit.suffix().isEmpty() ? what : what + "-" + unit.suffix();
        return Job.of(id, unit.title(title), stage).timeoutMinutes(minutes).filter(unit.filter()).docker(stage == Stage.TEST && usesDocker(component))
                .toolchain(toolchain(component, choice, component.path()));
    }

    private String add(Job.Builder builder) {
        Job job = builder.build();
        jobs.add(job);
        return job.id();
    }

    /** @return whether the unit has any command of these kinds */
    private boolean addCommands(Job.Builder job, Unit unit, CommandKind... kinds) {
        if (List.of(kinds).stream().allMatch(k -> unit.commands(k).isEmpty())) {
            return false;
        }
        List<Command> called = new ArrayList<>();
        Set<String> done = new java.util.HashSet<>();
        for (CommandKind kind : kinds) {
            called.addAll(unit.commands(kind));
        }
        prepare(job, unit.component(), called, unit.component().path());
        for (Component needed : unit.builds()) {
            needed.proven(CommandKind.BUILD).forEach(c -> job.step(run("Build " + needed.path(), c, needed.path())));
        }
        for (CommandKind kind : kinds) {
            // Without a service there is no database that the tests would find migrated.
            if (kind == CommandKind.TEST && unit.component().migration() != null && !unit.component().services().isEmpty()) {
                job.step(run("Migrate the database", unit.component().migration(), unit.component().path()));
            }
            // One command may serve two purposes (a lint script that checks types too): it runs once.
            List<Command> fresh = unit.commands(kind).stream().filter(c -> done.add(c.run())).toList();
            steps(kind, fresh, unit.component().path()).forEach(job::step);
        }
        return true;
    }

    // --- many packages that are checked alike ---

    private void addGroup(List<Unit> group, int number) {
        Unit first = group.get(0);
        Component component = first.component();
        RuntimeChoice choice = RuntimeChoice.of(component, versions);
        findings.addAll(choice.findings());
        String id = number == 1 ? "packages" : "packages-" + number;
        Job.Builder job = Job.of(id, "Check", Stage.TEST).timeoutMinutes(20).docker(isSelected(CommandKind.TEST) && usesDocker(component))
                .each(group.stream().map(u -> new Each(u.component().path(), u.filter())).toList())
                .toolchain(toolchain(component, choice, Job.EACH));
        List<Command> called = selected(first);
        if (called.isEmpty()) {
            return;
        }
        withServices(job, component);
        prepare(job, component, called, Job.EACH);
        for (CommandKind kind : CommandKind.values()) {
            if (isSelected(kind)) {
                steps(kind, first.commands(kind), Job.EACH).forEach(job::step);
            }
        }
        reports(job, component, Job.EACH);
        add(job);
    }

    private List<Command> selected(Unit unit) {
        List<Command> commands = new ArrayList<>();
        for (CommandKind kind : CommandKind.values()) {
            if (isSelected(kind)) {
                commands.addAll(unit.commands(kind));
            }
        }
        return commands;
    }

    private boolean isSelected(CommandKind kind) {
        return switch (kind) {
            case INSTALL -> false;
            case FORMAT, LINT, TYPECHECK -> options.has(Stage.LINT);
            case TEST -> options.has(Stage.TEST);
            case BUILD -> options.has(Stage.BUILD);
        };
    }

    /** Equal for units whose jobs differ in nothing but the folder. A unit that is the root, or that others must be built for, is alone. */
    private Object shape(Unit unit) {
        Component c = unit.component();
        if (unit.filter() == null || !unit.builds().isEmpty() || c.migration() != null) {
            return unit;
        }
        Map<CommandKind, List<String>> commands = new LinkedHashMap<>();
        unit.commands().forEach((kind, list) -> commands.put(kind, list.stream().map(Command::run).toList()));
        List<String> install = c.proven(CommandKind.INSTALL).stream().map(Command::run).toList();
        RuntimeChoice choice = RuntimeChoice.of(c, versions);
        String version = choice.versionFile().isEmpty() ? choice.version() : inside(choice.versionFile(), c.path());
        List<String> lockFiles = c.packageManager() == null ? List.of() : c.packageManager().lockFiles().stream().map(f -> inside(f, c.path())).toList();
        return List.of(c.ecosystem(), c.packageManager() == null ? "" : c.packageManager().id(), commands, install, choice.runtime(), version,
                lockFiles, c.services(), c.environment(), c.tools().stream().map(Tool::name).toList(), c.systemPackages().keySet(),
                c.outputs().stream().map(Output::path).toList(), c.workspace() == null ? "" : c.workspace().root());
    }

    // --- parts ---

    static Toolchain toolchain(Component c, RuntimeChoice choice, String folder) {
        PackageManager manager = c.packageManager();
        List<String> lockFiles = manager == null ? List.of() : manager.lockFiles();
        List<String> extensions = choice.runtime().equals("dotnet") ? otherRuntimes(c, choice)
                : c.dependencies().keySet().stream().filter(d -> d.startsWith("ext-")).map(d -> d.substring(4)).sorted().toList();
        boolean isEach = folder.equals(Job.EACH);
        return new Toolchain(choice.runtime(), choice.version(), c.runtime() == null ? "" : c.runtime().range(), c.runtime() != null && c.runtime().isPinned(), isEach ? inside(choice.versionFile(), c.path()) : choice.versionFile(),
                manager == null ? "" : manager.id(), manager == null ? "" : manager.version(), manager != null && manager.evidence().rule().equals("package-manager-field"),
                isEach ? lockFiles.stream().map(f -> inside(f, c.path())).toList() : lockFiles, folder, extensions);
    }

    /** One SDK builds for all frameworks, but it brings one of the runtimes that their tests run on. */
    private static List<String> otherRuntimes(Component c, RuntimeChoice choice) {
        return c.supported().stream().filter(line -> !choice.version().equals(line) && !choice.version().startsWith(line + ".")).toList();
    }

    /** A file of the package as a file of each package. */
    private static String inside(String file, String folder) {
        return !file.isEmpty() && !folder.equals(".") && Project.isInside(file, folder) ? Job.EACH + file.substring(folder.length()) : file;
    }

    private void prepare(Job.Builder job, Component component, List<Command> called, String folder) {
        if (!component.systemPackages().isEmpty()) {
            job.step(new Step.SystemPackages(List.copyOf(new TreeSet<>(component.systemPackages().keySet()))));
        }
        boolean isTest = called.stream().anyMatch(component.commands(CommandKind.TEST)::contains);
        Set<String> usable = new HashSet<>();
        for (Tool tool : component.tools()) {
            boolean isCalled = called.stream().anyMatch(c -> needs(c, tool));
            boolean callsAny = component.proven().stream().anyMatch(c -> needs(c, tool));
            boolean isForTests = List.of("playwright", "kind").contains(tool.name());
            boolean isWanted = isForTests ? isTest && tool.name().equals("kind") : isCalled || !callsAny;
            if (isWanted && usable.add(tool.name())) {
                job.step(new Step.UseTool(tool.name(), tool.version().isEmpty() ? pins.tool(tool.name()).map(Pins.ToolPin::version).orElse("") : tool.version()));
            }
        }
        if (isTest && component.tools().stream().anyMatch(t -> t.name().equals("kind"))) {
            job.docker(true);
        }
        Component installer = installer(component);
        String where = installer == component ? folder : installer.path();
        installer.proven(CommandKind.INSTALL).forEach(c -> job.step(run(c.run().matches("(cp|chmod|mkdir|touch|php) .*") ? "Prepare" : INSTALL, c, where)));
        component.tools().stream().filter(t -> t.name().equals("playwright") && isTest)
                .forEach(t -> job.step(new Step.Run("Install browsers", browsers(component), folder, Map.of(), t.evidence())));
    }

    /** A member without an installation of its own is installed by the root of its workspace. */
    private Component installer(Component component) {
        boolean isOwn = !component.isWorkspaceMember() || !component.proven(CommandKind.INSTALL).isEmpty();
        return isOwn ? component : facts.components().stream()
                .filter(c -> c.path().equals(component.workspace().root()) && c.ecosystem().equals(component.ecosystem())).findFirst().orElse(component);
    }

    /** Playwright brings its browsers itself, in the version that it was tested with. */
    private static String browsers(Component component) {
        String runner = switch (component.packageManager() == null ? "" : component.packageManager().id()) {
            case "npm" -> "npx --no-install ";
            case "pnpm" -> "pnpm exec ";
            case "yarn", "yarn-berry" -> "yarn ";
            case "bun" -> "bunx ";
            case "uv" -> "uv run ";
            case "poetry" -> "poetry run ";
            case "pdm" -> "pdm run ";
            case "pipenv" -> "pipenv run ";
            default -> "";
        };
        return runner + "playwright install --with-deps";
    }

    private static boolean calls(Command command, Tool tool) {
        return calls(command.run(), tool.name()) || command.evidence().equals(tool.evidence());
    }

    /** By the words of the command, or because the tool was found in the very task that the command starts. */
    private static boolean needs(Command command, Tool tool) {
        return calls(command.run(), tool.name()) || command.evidence().equals(tool.evidence());
    }

    private static boolean calls(String run, String tool) {
        String program = tool.equals("chart-testing") ? "ct" : tool;
        return (" " + run.replaceAll("[;&|()]+", " ") + " ").contains(" " + program + " ");
    }

    private static List<Step> steps(CommandKind kind, List<Command> commands, String folder) {
        String title = switch (kind) {
            case INSTALL -> INSTALL;
            case FORMAT -> "Check formatting";
            case LINT -> "Lint";
            case TYPECHECK -> "Check types";
            case TEST -> "Test";
            case BUILD -> "Build";
        };
        List<Step> steps = new ArrayList<>();
        for (Command command : commands) {
            steps.add(run(commands.size() == 1 ? title : title + ": " + shortened(command.run()), command, folder));
        }
        return steps;
    }

    private static String shortened(String run) {
        String line = run.lines().findFirst().orElse("");
        return line.length() > 50 ? line.substring(0, 47) + "..." : line;
    }

    private static Step run(String title, Command command, String folder) {
        return new Step.Run(title, command.run(), folder, Map.of(), command.evidence());
    }

    private void withServices(Job.Builder job, Component component) {
        for (Service service : component.services()) {
            versions.service(service.name()).ifPresent(d -> {
                boolean isOwn = !service.image().isEmpty();
                Map<String, String> environment = new LinkedHashMap<>(d.environment("localhost"));
                environment.putAll(service.environment());
                job.service(new ServiceContainer(service.name(), isOwn ? service.image() : d.image(), d.port(), environment,
                        isOwn ? d.health(service.image()) : d.health()));
            });
        }
        job.environment(component.environment());
    }

    private static void reports(Job.Builder job, Component component, String folder) {
        for (Output.Kind kind : Output.Kind.values()) {
            List<String> globs = component.outputs().stream().filter(o -> o.kind() == kind && kind != Output.Kind.BUILD)
                    .map(o -> Project.join(folder, o.path())).toList();
            if (!globs.isEmpty()) {
                job.step(new Step.Report(kind, globs));
            }
        }
    }

    private static void upload(Job.Builder job, Unit unit) {
        List<String> globs = unit.component().outputs().stream().filter(o -> o.kind() == Output.Kind.BUILD)
                .map(o -> Project.join(unit.component().path(), o.path())).toList();
        if (!globs.isEmpty()) {
            job.step(new Step.Upload(unit.suffix().isEmpty() ? "build" : "build-" + unit.suffix(), globs, KEEP_DAYS));
        }
    }

    /** Testcontainers start their services themselves and ask for nothing but a Docker daemon. */
    private static boolean usesDocker(Component component) {
        return component.dependencies().keySet().stream().anyMatch(d -> d.toLowerCase(java.util.Locale.ROOT).contains("testcontainers"));
    }
}
