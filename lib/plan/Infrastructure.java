package lib.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import lib.cli.Failure;
import lib.plan.Catalogue.Module;
import lib.plan.Catalogue.Validation;
import lib.scan.Finding;

/**
 * A tree of infrastructure as code, planned: which modules, and which roots call them with which arguments. Expressions are texts of HCL;
 * how files are named and laid out is not said here.
 */
public record Infrastructure(Request request, List<Cloud> clouds, List<Finding> findings) {
    /** The oldest version of the engine that reads all of it. */
    public EngineVersion floor() {
        Set<Feature> used = new TreeSet<>();
        clouds.forEach(c -> c.roots().forEach(r -> used.addAll(r.used())));
        return request.features().floor(used);
    }

    /**
     * What somebody asked for, checked as far as it can be without a catalogue.
     *
     * @param regions by cloud, where another than the cloud's own default is wanted
     * @param store name of the place where states are kept, or empty
     * @param removed modules that were here before, by environment or for all; their resources live on
     * @param imports what exists already
     * @param ci who runs the pipeline, as modules know it: whose tokens its roles trust
     */
    public record Request(String name, List<Environment> environments, Map<String, String> regions, Map<String, String> tags, List<String> existingCidrs, Layout layout,
            Engine engine, EngineVersion target, String store, List<String> removed, List<Import> imports, String ci) {
        public Features features() {
            return new Features(engine, target);
        }
    }

    /** @param profile whose sizes it has: {@code dev}, {@code staging}, {@code production}; @param cidr asked for, or empty */
    public record Environment(String name, String profile, String cidr) {}

    /** @param address within a root: {@code module.vpc.aws_vpc.this} */
    public record Import(String environment, String address, String id) {}

    public enum Layout {
        ENVIRONMENT, COMPONENT;

        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public enum Engine {
        TERRAFORM, TOFU;

        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        public String title() {
            return this == TERRAFORM ? "Terraform" : "OpenTofu";
        }
    }

    public record EngineVersion(int major, int minor) implements Comparable<EngineVersion> {
        /** The lowest that is written for: {@code import} blocks. */
        public static final EngineVersion LOWEST = new EngineVersion(1, 5);

        public static EngineVersion of(String text) {
            if (!text.matches("\\d{1,3}\\.\\d{1,3}(\\.\\d{1,4})?")) {
                throw Failure.usage("not a version of an engine: '" + text + "'", "give one such as 1.11");
            }
            String[] parts = text.split("\\.");
            return new EngineVersion(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        }

        @Override
        public int compareTo(EngineVersion other) {
            return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
        }

        @Override
        public String toString() {
            return major + "." + minor;
        }
    }

    /** What an engine can do from some version on. @param terraform null where that engine can't at all */
    public enum Feature {
        IMPORT_BLOCKS("import-blocks", "1.5", "1.6", "import blocks"),
        MOCK_TESTS("mock-tests", "1.7", "1.7", "tests without an account, by mock_provider"),
        REMOVED_BLOCKS("removed-blocks", "1.7", "1.7", "removed blocks"),
        CROSS_VALIDATION("cross-validation", "1.9", "1.9", "validations that look at other variables"),
        S3_LOCKFILE("s3-lockfile", "1.10", "1.10", "locks in S3 itself, without DynamoDB"),
        WRITE_ONLY("write-only", "1.11", "1.11", "arguments that are never in the state"),
        DYNAMIC_PREVENT_DESTROY("dynamic-prevent-destroy", null, "1.12", "prevent_destroy by a variable");

        public final String id;
        public final String about;
        private final String terraform;
        private final String tofu;

        Feature(String id, String terraform, String tofu, String about) {
            this.id = id;
            this.terraform = terraform;
            this.tofu = tofu;
            this.about = about;
        }

        public static List<String> ids() {
            return Arrays.stream(values()).map(f -> f.id).toList();
        }

        public static Feature of(String id) {
            return Arrays.stream(values()).filter(f -> f.id.equals(id)).findFirst()
                    .orElseThrow(() -> Failure.cannotProceed("unknown feature of an engine: " + id, "known: " + String.join(", ", ids())));
        }

        /** Null where the engine can't. */
        public EngineVersion since(Engine engine) {
            String since = engine == Engine.TERRAFORM ? terraform : tofu;
            return since == null ? null : EngineVersion.of(since);
        }
    }

    /** @param target the oldest version that must be able to read the files; null: whatever the files need */
    public record Features(Engine engine, EngineVersion target) {
        public boolean has(Feature feature) {
            EngineVersion since = feature.since(engine);
            return since != null && (target == null || since.compareTo(target) <= 0);
        }

        /** {@code writeOnly} for templates. */
        public boolean has(String id) {
            return id.isEmpty() || has(Feature.of(id));
        }

        /** The lowest version that reads what uses these. */
        public EngineVersion floor(Set<Feature> used) {
            EngineVersion floor = engine == Engine.TOFU ? EngineVersion.of("1.6") : EngineVersion.LOWEST;
            for (Feature feature : used) {
                EngineVersion since = feature.since(engine);
                floor = since != null && since.compareTo(floor) > 0 ? since : floor;
            }
            return floor;
        }
    }

    /** @param modules in the order of the catalogue; @param bootstrap makes the place where the others keep their state */
    public record Cloud(Catalogue catalogue, String region, String store, List<Module> modules, Root bootstrap, List<EnvironmentPlan> environments, Map<String, Set<Feature>> used) {
        /** Every root, the bootstrap first, then in the order in which they are applied. */
        public List<Root> roots() {
            List<Root> roots = new ArrayList<>();
            if (bootstrap != null) {
                roots.add(bootstrap);
            }
            environments.forEach(e -> roots.addAll(e.roots()));
            return roots;
        }

        public Set<Feature> used(String module) {
            return used.getOrDefault(module, Set.of());
        }
    }

    public record EnvironmentPlan(Environment environment, String cidr, List<Root> roots) {}

    /**
     * A folder in which the engine is run.
     *
     * @param component its only module in the layout by components, else empty
     * @param remotes roots whose outputs it reads, by component
     */
    public record Root(String folder, Environment environment, String component, String cidr, List<Call> calls, List<RootVariable> variables, List<RootOutput> outputs,
            List<Remote> remotes, List<String> removed, List<Moved> moved, List<Import> imports, Set<Feature> used) {
        public List<String> aliases() {
            Set<String> aliases = new TreeSet<>();
            calls.forEach(c -> aliases.addAll(c.module().aliasesNeeded()));
            return List.copyOf(aliases);
        }

        /** Components that must be applied before. */
        public Set<String> needs() {
            Set<String> needs = new LinkedHashSet<>();
            remotes.forEach(r -> needs.add(r.component()));
            return needs;
        }
    }

    public record Call(Module module, List<Argument> arguments) {}

    /** @param producers modules whose outputs it takes, for diagrams */
    public record Argument(String name, String expression, List<String> producers) {}

    public record Moved(String from, String to) {}

    /**
     * @param value what stands in the file of values; meaningless unless {@code isSet}
     * @param isSet whether it has a value; otherwise somebody must fill it in
     * @param example an expression for tests
     */
    public record RootVariable(String name, String module, String type, String description, List<Validation> validations, Object value, boolean isSet, String reason,
            String example, String defaultValue, boolean sensitive, boolean ephemeral) {}

    public record RootOutput(String name, String module, String output, String description, boolean sensitive) {}

    /** @param outputs those that are read, with an expression that tests take for each */
    public record Remote(String component, Map<String, Object> outputs) {}
}
