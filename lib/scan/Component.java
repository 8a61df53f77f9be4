package lib.scan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lib.scan.Command.CommandKind;
import lib.scan.Finding.Evidence;

/**
 * What is known of one package of one ecosystem. A folder with two ecosystems is two components with one path.
 *
 * @param path from the project's root with forward slashes; {@code .} for the root
 * @param ecosystem one of the ids of the README
 * @param name the package's own name, or empty
 * @param packageManager null where the ecosystem has none
 * @param runtime null where nothing tells it
 * @param commands run in {@code path}; a workspace member that its root's commands serve has none
 * @param migration brings the database of the tests to its schema, or null
 * @param dependencies names as the manifest writes them, each with its place; what services and tools are recognised by
 * @param environment variables that the project reads (from {@code .env.example}, compose or configuration) with harmless values
 * @param dependsOn paths of components of this project that this one needs
 * @param supported versions of the runtime that the project says it tests itself against (tox, classifiers), oldest first
 * @param workspace null outside workspaces
 * @param isPackage false for a root that only gathers its members, and for members that are tests, samples or benchmarks:
 *                  they have commands or dependencies, but are none of the project's own packages
 */
public record Component(
        String path, String ecosystem, String name, PackageManager packageManager, Runtime runtime,
        Map<CommandKind, List<Command>> commands, Command migration, List<Service> services, List<Tool> tools,
        Map<String, Evidence> systemPackages, List<Output> outputs, Map<String, Evidence> dependencies, Map<String, String> environment,
        List<String> dependsOn, List<String> supported, List<Publication> publications, Workspace workspace,
        boolean isPackage) {

    public static Builder at(String path, String ecosystem) {
        return new Builder(path, ecosystem);
    }

    public List<Command> commands(CommandKind kind) {
        return commands.getOrDefault(kind, List.of());
    }

    public List<Command> proven(CommandKind kind) {
        return commands(kind).stream().filter(Command::isProven).toList();
    }

    /** All commands that may reach a pipeline, in the order of their kinds. */
    public List<Command> proven() {
        return commands.values().stream().flatMap(List::stream).filter(Command::isProven).toList();
    }

    public boolean isWorkspaceMember() {
        return workspace != null && !workspace.root().equals(path);
    }

    /** A builder that holds what this component holds. */
    public Builder but() {
        Builder b = new Builder(path, ecosystem);
        b.name = name;
        b.packageManager = packageManager;
        b.runtime = runtime;
        commands.forEach((kind, list) -> b.commands.put(kind, new ArrayList<>(list)));
        b.migration = migration;
        b.services.addAll(services);
        b.tools.addAll(tools);
        b.systemPackages.putAll(systemPackages);
        b.outputs.addAll(outputs);
        b.dependencies.putAll(dependencies);
        b.environment.putAll(environment);
        b.dependsOn.addAll(dependsOn);
        b.supported.addAll(supported);
        b.publications.addAll(publications);
        b.workspace = workspace;
        b.isPackage = isPackage;
        return b;
    }

    /** Collects a component; every call returns the builder. */
    public static final class Builder {
        private final String path;
        private final String ecosystem;
        private String name = "";
        private PackageManager packageManager;
        private Runtime runtime;
        private final Map<CommandKind, List<Command>> commands = new EnumMap<>(CommandKind.class);
        private Command migration;
        private final List<Service> services = new ArrayList<>();
        private final List<Tool> tools = new ArrayList<>();
        private final Map<String, Evidence> systemPackages = new LinkedHashMap<>();
        private final List<Output> outputs = new ArrayList<>();
        private final Map<String, Evidence> dependencies = new LinkedHashMap<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private final List<String> dependsOn = new ArrayList<>();
        private final List<String> supported = new ArrayList<>();
        private final List<Publication> publications = new ArrayList<>();
        private Workspace workspace;
        private boolean isPackage = true;

        private Builder(String path, String ecosystem) {
            this.path = path;
            this.ecosystem = ecosystem;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder packageManager(PackageManager value) {
            packageManager = value;
            return this;
        }

        public Builder runtime(Runtime value) {
            runtime = value;
            return this;
        }

        /** Adds a command; the same text is not added twice. */
        public Builder command(CommandKind kind, Command command) {
            List<Command> list = commands.computeIfAbsent(kind, k -> new ArrayList<>());
            if (list.stream().noneMatch(c -> c.run().equals(command.run()))) {
                list.add(command);
            }
            return this;
        }

        public Builder commands(CommandKind kind, List<Command> list) {
            list.forEach(c -> command(kind, c));
            return this;
        }

        public boolean has(CommandKind kind) {
            return commands.containsKey(kind);
        }

        public Builder migration(Command value) {
            migration = value;
            return this;
        }

        public Builder service(Service value) {
            services.add(value);
            return this;
        }

        public Builder tool(Tool value) {
            // Two tasks may need the same one: each keeps its own, so that a job has what its task calls and no more.
            if (tools.stream().noneMatch(t -> t.name().equals(value.name()) && t.evidence().equals(value.evidence()))) {
                tools.add(value);
            }
            return this;
        }

        public Builder systemPackage(String value, Evidence evidence) {
            systemPackages.putIfAbsent(value, evidence);
            return this;
        }

        public Builder output(Output.Kind kind, String glob, Evidence evidence) {
            outputs.add(new Output(kind, glob, evidence));
            return this;
        }

        public Builder dependency(String value, Evidence evidence) {
            dependencies.putIfAbsent(value, evidence);
            return this;
        }

        public boolean dependsOnPackage(String value) {
            return dependencies.containsKey(value);
        }

        public Builder environment(String variable, String value) {
            environment.putIfAbsent(variable, value);
            return this;
        }

        public Builder dependsOn(String componentPath) {
            if (!dependsOn.contains(componentPath)) {
                dependsOn.add(componentPath);
            }
            return this;
        }

        public Builder supports(String version) {
            if (!supported.contains(version)) {
                supported.add(version);
            }
            return this;
        }

        public Builder publication(Publication value) {
            publications.add(value);
            return this;
        }

        public Builder workspace(Workspace value) {
            workspace = value;
            return this;
        }

        /** It is none of the project's own packages: see {@link Component#isPackage()}. */
        public Builder notAPackage() {
            isPackage = false;
            return this;
        }

        public Component build() {
            Map<CommandKind, List<Command>> frozen = new EnumMap<>(CommandKind.class);
            commands.forEach((kind, list) -> frozen.put(kind, List.copyOf(list)));
            return new Component(path, ecosystem, name, packageManager, runtime, frozen, migration, List.copyOf(services),
                    List.copyOf(tools), new LinkedHashMap<>(systemPackages), List.copyOf(outputs), new LinkedHashMap<>(dependencies),
                    new LinkedHashMap<>(environment), List.copyOf(dependsOn), List.copyOf(supported), List.copyOf(publications), workspace,
                    isPackage);
        }
    }

    /**
     * What installs a component's dependencies.
     *
     * @param id one of the ids of the README: {@code npm}, {@code yarn-berry}, {@code uv}, {@code maven}, …
     * @param version as the project pins it, or empty
     * @param lockFiles paths from the project's root of what a cache is keyed on: lock files, else manifests
     */
    public record PackageManager(String id, String version, Evidence evidence, List<String> lockFiles) {

        public PackageManager {
            lockFiles = List.copyOf(lockFiles);
        }
    }

    /**
     * The language runtime of a component.
     *
     * @param name {@code node}, {@code bun}, {@code deno}, {@code python}, {@code go}, {@code java}, {@code rust}, {@code dotnet}, {@code ruby},
     *             {@code php}, {@code elixir}, {@code swift}, {@code dart}, {@code flutter}, {@code ghc}, {@code terraform}, {@code zig}
     * @param version exact or partial version that the project pins ({@code 22.14.0}, {@code 3.12}), or empty
     * @param range the range that the project declares ({@code >=20}, {@code ^8.2}), in its own syntax, or empty; of Java:
     *              bounds that all hold, with a space between, in whole versions of the JDK: {@code >=11 <18}
     * @param versionFile path from the root of the file that a CI platform's set-up step can read itself, or empty
     */
    public record Runtime(String name, String version, String range, String versionFile, Evidence evidence) {

        public boolean isPinned() {
            return !version.isEmpty();
        }
    }

    /**
     * A service that the component's tests talk to.
     *
     * @param name one of the service ids of the README
     * @param image as the project's compose file says, or empty: the planner then takes its default
     * @param environment variables of the service's own container: account, database, settings; what the job needs to find the service is
     *                    in {@link Component#environment()}, and says the same
     */
    public record Service(String name, String image, Map<String, String> environment, Evidence evidence) {

        public Service {
            environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));     // in an order that is the same for every run
        }
    }

    /**
     * A program that a command of the component calls and that neither its runtime nor its install step brings:
     * {@code golangci-lint}, {@code pre-commit}, {@code tflint}.
     *
     * @param version as the project pins it, or empty
     */
    public record Tool(String name, String version, Evidence evidence) {}

    /**
     * A file or folder that the project's own commands write and that a pipeline keeps or shows.
     *
     * @param kind what it is
     * @param path glob from the component's folder
     */
    public record Output(Kind kind, String path, Evidence evidence) {

        public enum Kind {
            /** JUnit XML of a test run. */
            JUNIT,
            /** Cobertura XML. */
            COBERTURA,
            /** lcov tracefile. */
            LCOV,
            /** JaCoCo XML. */
            JACOCO,
            /** What a build makes. */
            BUILD;

            public String id() {
                return name().toLowerCase(java.util.Locale.ROOT);
            }
        }
    }

    /**
     * The workspace that a component is the root or a member of.
     *
     * @param root path of the folder whose lock file and install command serve all members
     * @param kind {@code npm}, {@code pnpm}, {@code yarn}, {@code bun}, {@code deno}, {@code cargo}, {@code go}, {@code gradle}, {@code maven},
     *             {@code uv}, {@code dotnet}, {@code sbt}, {@code lein}, {@code mix}, {@code pub}, {@code cabal}, {@code stack}, {@code helm}
     * @param orchestrator {@code turbo}, {@code nx}, {@code lerna} where one runs the members' tasks in the order of their graph, else empty
     * @param oneUnit true where the root's commands build and test all members together, as Cargo, Gradle and Maven do
     */
    public record Workspace(String root, String kind, String orchestrator, boolean oneUnit) {}

    /**
     * Where the project shows that a component is published.
     *
     * @param registry {@code npm}, {@code jsr}, {@code pypi}, {@code crates}, {@code maven-central}, {@code nuget}, {@code rubygems}, {@code packagist},
     *                 {@code helm-oci}, {@code github-releases}
     * @param name the package's name there
     * @param command by which the project's own build publishes, as {@code sbt ci-release}; empty where the registry's usual client does it
     */
    public record Publication(String registry, String name, String command, Evidence evidence) {
        public Publication(String registry, String name, Evidence evidence) {
            this(registry, name, "", evidence);
        }
    }
}
