package lib.plan;

//SOURCES Catalogue.java Infrastructure.java InfrastructureProposal.java

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import lib.cli.Failure;
import lib.plan.Catalogue.Edge;
import lib.plan.Catalogue.Limit;
import lib.plan.Catalogue.Module;
import lib.plan.Catalogue.Source;
import lib.plan.Catalogue.Validation;
import lib.plan.Catalogue.Variable;
import lib.plan.Infrastructure.Argument;
import lib.plan.Infrastructure.Call;
import lib.plan.Infrastructure.Cloud;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.Environment;
import lib.plan.Infrastructure.EnvironmentPlan;
import lib.plan.Infrastructure.Feature;
import lib.plan.Infrastructure.Features;
import lib.plan.Infrastructure.Layout;
import lib.plan.Infrastructure.Moved;
import lib.plan.Infrastructure.Remote;
import lib.plan.Infrastructure.Request;
import lib.plan.Infrastructure.Root;
import lib.plan.Infrastructure.RootOutput;
import lib.plan.Infrastructure.RootVariable;
import lib.scan.Finding;
import lib.scan.Hcl;

/**
 * Plans trees of infrastructure: joins modules by their edges, gives every variable its one source, every environment its addresses, and
 * every file the version that it needs. Pure. Also the JBang index of this kind of plan.
 */
public final class InfrastructurePlanner {
    /** The module that keeps the states of all environments is called by the bootstrap only. */
    private static final String STATE = "state";
    private final Request request;
    private final Features features;
    private final List<Finding> findings = new ArrayList<>();

    private InfrastructurePlanner(Request request) {
        this.request = request;
        this.features = request.features();
    }

    /** One cloud's part of what is asked for. @param modules by id; @param before modules that were here by an older name */
    public record Choice(Catalogue catalogue, List<String> modules, Set<String> before) {}

    public static Infrastructure plan(Request request, List<Choice> choices) {
        return new InfrastructurePlanner(request).plan(choices);
    }

    private Infrastructure plan(List<Choice> choices) {
        List<String> tooLong = new ArrayList<>();
        choices.forEach(c -> tooLong(c, tooLong));
        if (!tooLong.isEmpty()) {
            throw Failure.usage("the name " + request.name() + " is too long\n  " + String.join("\n  ", tooLong), "give a shorter --name");
        }
        Map<String, Cidr> blocks = Cidr.plan(request, choices.stream().map(c -> c.catalogue().provider().id()).toList());
        List<Cloud> clouds = new ArrayList<>();
        choices.forEach(c -> clouds.add(cloud(c, blocks)));
        return new Infrastructure(request, List.copyOf(clouds), List.copyOf(findings));
    }

    private void tooLong(Choice choice, List<String> tooLong) {
        for (Module module : modules(choice)) {
            for (Limit limit : module.limits()) {
                for (Environment environment : request.environments()) {
                    String name = request.name() + "-" + environment.name() + limit.affix();
                    if (name.length() > limit.max()) {
                        tooLong.add(limit.resource() + "." + limit.attribute() + " of module " + module.id() + " would be " + name + ": " + name.length() + " characters, and "
                                + limit.max() + " are allowed");
                    }
                }
            }
        }
    }

    private static List<Module> modules(Choice choice) {
        return choice.catalogue().modules().stream().filter(m -> choice.modules().contains(m.id()) && !m.capability().equals(STATE)).toList();
    }

    private Cloud cloud(Choice choice, Map<String, Cidr> blocks) {
        Catalogue catalogue = choice.catalogue();
        List<Module> modules = modules(choice);
        Optional<Module> state = catalogue.modules().stream().filter(m -> m.capability().equals(STATE)).findFirst();
        Map<String, Set<Feature>> used = new LinkedHashMap<>();
        catalogue.modules().forEach(m -> used.put(m.id(), used(m)));
        List<EnvironmentPlan> environments = new ArrayList<>();
        for (Environment environment : request.environments()) {
            String cidr = blocks.get(catalogue.provider().id() + "/" + environment.name()).toString();
            environments.add(new EnvironmentPlan(environment, cidr, new RootPlanner(choice, modules, environment, cidr, used).roots()));
        }
        Root bootstrap = state.map(s -> new RootPlanner(choice, List.of(s), new Environment("bootstrap", "production", ""), "", used).bootstrap(s)).orElse(null);
        List<Module> written = catalogue.modules().stream().filter(m -> modules.contains(m) || state.filter(m::equals).isPresent()).toList();
        String region = request.regions().getOrDefault(catalogue.provider().id(), catalogue.provider().defaultRegion());
        return new Cloud(catalogue, region, store(catalogue), written, bootstrap, List.copyOf(environments), used);
    }

    /** Storage accounts have letters and digits only, and few of them. */
    private String store(Catalogue catalogue) {
        if (!request.store().isEmpty()) {
            return request.store();
        }
        String name = request.name() + "-tfstate";
        String short1 = name.replace("-", "");
        return !catalogue.provider().id().equals("azure") ? name : short1.length() <= 24 ? short1 : short1.substring(0, 24);
    }

    private Set<Feature> used(Module module) {
        Set<Feature> used = EnumSet.noneOf(Feature.class);
        module.features().stream().map(Feature::of).filter(features::has).forEach(used::add);
        module.variables().stream().filter(v -> !v.feature().isEmpty() && features.has(v.feature())).forEach(v -> used.add(Feature.of(v.feature())));
        if (module.variables().stream().flatMap(v -> v.validations().stream().filter(c -> looksAround(v, c))).findAny().isPresent() && features.has(Feature.CROSS_VALIDATION)) {
            used.add(Feature.CROSS_VALIDATION);
        }
        if (features.has(Feature.MOCK_TESTS)) {
            used.add(Feature.MOCK_TESTS);
        }
        if (request.engine() == Engine.TOFU && features.has(Feature.DYNAMIC_PREVENT_DESTROY)) {
            used.add(Feature.DYNAMIC_PREVENT_DESTROY);
        }
        return used;
    }

    /** The validations that the target's engine reads. */
    public static List<Validation> validations(Variable variable, Features features) {
        return variable.validations().stream().filter(v -> features.has(Feature.CROSS_VALIDATION) || !looksAround(variable, v)).toList();
    }

    private static boolean looksAround(Variable variable, Validation validation) {
        return variables(validation.condition()).stream().anyMatch(name -> !name.equals(variable.name()));
    }

    private static Set<String> variables(String expression) {
        Set<String> names = new LinkedHashSet<>();
        Hcl.expression(expression).body().attribute("value").ifPresent(a -> a.value().references().stream()
                .filter(r -> r.parts().size() > 1 && r.parts().get(0).equals("var")).forEach(r -> names.add(r.parts().get(1))));
        return names;
    }

    /** Plans the roots of one environment. */
    private final class RootPlanner {
        private final Choice choice;
        private final List<Module> modules;
        private final Environment environment;
        private final String cidr;
        private final Map<String, Set<Feature>> used;

        RootPlanner(Choice choice, List<Module> modules, Environment environment, String cidr, Map<String, Set<Feature>> used) {
            this.choice = choice;
            this.modules = modules;
            this.environment = environment;
            this.cidr = cidr;
            this.used = used;
        }

        Root bootstrap(Module state) {
            return root("bootstrap", "", List.of(state), Map.of());
        }

        List<Root> roots() {
            String folder = "environments/" + environment.name();
            if (request.layout() == Layout.ENVIRONMENT) {
                return List.of(root(folder, "", modules, Map.of()));
            }
            List<Root> roots = new ArrayList<>();
            Map<String, Set<String>> before = new LinkedHashMap<>();
            for (Module module : inOrder(before)) {
                roots.add(root(folder + "/" + module.id(), module.id(), List.of(module), before));
            }
            return withOutputs(roots);
        }

        /** Those that are needed before those that need them; what would go round in a circle is left out where it may be. @param before filled in */
        private List<Module> inOrder(Map<String, Set<String>> before) {
            modules.forEach(m -> before.put(m.id(), new LinkedHashSet<>()));
            for (boolean isNeeded : new boolean[] {true, false}) {
                for (Module module : modules) {
                    for (Variable variable : module.variables()) {
                        boolean mayLack = variable.optional() || variable.source() instanceof Source.Collect;
                        if (mayLack == isNeeded) {
                            continue;
                        }
                        for (Edge edge : producers(variable)) {
                            if (!reaches(before, edge.module(), module.id())) {
                                before.get(module.id()).add(edge.module());
                            }
                        }
                    }
                }
            }
            List<Module> order = new ArrayList<>();
            while (order.size() < modules.size()) {
                modules.stream().filter(m -> !order.contains(m) && order.stream().map(Module::id).toList().containsAll(before.get(m.id()))).findFirst().ifPresent(order::add);
            }
            return order;
        }

        private static boolean reaches(Map<String, Set<String>> before, String from, String to) {
            return from.equals(to) || before.get(from).stream().anyMatch(next -> reaches(before, next, to));
        }

        /** The outputs that others of these read are outputs of the roots as well. */
        private List<Root> withOutputs(List<Root> roots) {
            List<Root> all = new ArrayList<>();
            for (Root root : roots) {
                Map<String, RootOutput> outputs = new LinkedHashMap<>();
                root.outputs().forEach(o -> outputs.put(o.name(), o));
                for (Root reader : roots) {
                    reader.remotes().stream().filter(r -> r.component().equals(root.component())).flatMap(r -> r.outputs().keySet().stream())
                            .forEach(name -> outputs.computeIfAbsent(name, n -> output(root.calls().get(0).module(), n.substring(root.component().length() + 1))));
                }
                all.add(new Root(root.folder(), root.environment(), root.component(), root.cidr(), root.calls(), root.variables(), List.copyOf(outputs.values()), root.remotes(),
                        root.removed(), root.moved(), root.imports(), root.used()));
            }
            return all;
        }

        private RootOutput output(Module module, String name) {
            Catalogue.Output output = module.output(name).orElseThrow();
            return new RootOutput(outputName(module.id(), name), module.id(), name, output.description(), output.sensitive());
        }

        private static String outputName(String module, String output) {
            return identifier(module) + "_" + output;
        }

        private static String identifier(String module) {
            return module.replace('-', '_');
        }

        private Root root(String folder, String component, List<Module> called, Map<String, Set<String>> before) {
            Map<String, RootVariable> variables = new LinkedHashMap<>();
            Map<String, Map<String, Object>> remotes = new LinkedHashMap<>();
            List<Call> calls = new ArrayList<>();
            Set<Feature> features = EnumSet.noneOf(Feature.class);
            for (Variable variable : choice.catalogue().provider().variables()) {
                variables.put(variable.name(), rootVariable("", variable, variable.name(), List.of(variable.name())));
            }
            for (Module module : called) {
                features.addAll(used.get(module.id()));
                List<Argument> arguments = new ArrayList<>();
                for (Variable variable : module.variables()) {
                    if (InfrastructurePlanner.this.features.has(variable.feature())) {
                        argument(module, variable, called, before, variables, remotes).ifPresent(arguments::add);
                    }
                }
                calls.add(new Call(module, List.copyOf(arguments)));
            }
            List<RootOutput> outputs = new ArrayList<>();
            called.forEach(m -> m.outputs().stream().filter(Catalogue.Output::expose).forEach(o -> outputs.add(output(m, o.name()))));
            boolean isBootstrap = folder.equals("bootstrap");
            if (!isBootstrap && choice.catalogue().provider().id().equals("aws") && InfrastructurePlanner.this.features.has(Feature.S3_LOCKFILE)) {
                features.add(Feature.S3_LOCKFILE);
            }
            List<String> removed = isBootstrap ? List.of() : request.removed().stream().filter(r -> called.stream().noneMatch(m -> m.id().equals(r))).toList();
            if (!removed.isEmpty()) {
                features.add(Feature.REMOVED_BLOCKS);
            }
            List<Infrastructure.Import> imports = request.imports().stream().filter(i -> i.environment().equals(environment.name()))
                    .filter(i -> called.stream().anyMatch(m -> i.address().startsWith("module." + m.id() + "."))).toList();
            if (!imports.isEmpty()) {
                features.add(Feature.IMPORT_BLOCKS);
            }
            List<Remote> read = new ArrayList<>();
            remotes.forEach((name, taken) -> read.add(new Remote(name, taken)));
            return new Root(folder, environment, component, cidr, List.copyOf(calls), List.copyOf(variables.values()), List.copyOf(outputs), read, removed, moved(called), imports, features);
        }

        private List<Moved> moved(List<Module> called) {
            List<Moved> moved = new ArrayList<>();
            called.forEach(m -> m.formerly().stream().filter(choice.before()::contains).forEach(old -> moved.add(new Moved("module." + old, "module." + m.id()))));
            return moved;
        }

        private List<Edge> producers(Variable variable) {
            return Catalogue.edges(variable).stream().filter(e -> modules.stream().anyMatch(m -> m.id().equals(e.module()))).toList();
        }

        private Optional<Argument> argument(Module module, Variable variable, List<Module> called, Map<String, Set<String>> before, Map<String, RootVariable> variables,
                Map<String, Map<String, Object>> remotes) {
            String name = identifier(module.id()) + "_" + variable.name();
            if (variable.source() instanceof Source.Default) {
                return Optional.empty();
            }
            if (variable.source() instanceof Source.Common common) {
                return Optional.of(new Argument(variable.name(), common(module, variable, common), List.of()));
            }
            if (variable.source() instanceof Source.Collect collect) {
                Map<String, String> taken = new LinkedHashMap<>();
                List<String> from = new ArrayList<>();
                collect.edges().forEach((key, edge) -> taken(module, edge, element(variable), called, before, remotes).ifPresent(expression -> {
                    taken.put(key, expression);
                    from.add(edge.module());
                }));
                if (taken.isEmpty() && !variable.isRequired()) {
                    // What needs this module itself is made after it: somebody says it here once it is there.
                    boolean isLater = !producers(variable).isEmpty();
                    if (isLater) {
                        variables.put(name, rootVariable(module.id(), variable, name, module.variables().stream().map(Variable::name).toList()));
                    }
                    return isLater ? Optional.of(new Argument(variable.name(), "var." + name, List.of())) : Optional.empty();
                }
                StringBuilder map = new StringBuilder(taken.isEmpty() ? "{" : "{\n");
                taken.forEach((key, expression) -> map.append(key).append(" = ").append(expression).append('\n'));
                return Optional.of(new Argument(variable.name(), map.append('}').toString(), from));
            }
            if (variable.source() instanceof Source.From from) {
                for (Edge edge : from.edges()) {
                    Optional<String> expression = taken(module, edge, constant(variable.example()), called, before, remotes);
                    if (expression.isPresent()) {
                        return Optional.of(new Argument(variable.name(), expression.get(), List.of(edge.module())));
                    }
                }
                if (variable.optional()) {
                    return Optional.empty();
                }
            }
            variables.put(name, rootVariable(module.id(), variable, name, module.variables().stream().map(Variable::name).toList()));
            return Optional.of(new Argument(variable.name(), "var." + name, List.of()));
        }

        /** The output as an expression, where its module is here. @param example of what it is, for tests of a root that reads it from another's state */
        private Optional<String> taken(Module reader, Edge edge, Object example, List<Module> called, Map<String, Set<String>> before, Map<String, Map<String, Object>> remotes) {
            if (called.stream().anyMatch(m -> m.id().equals(edge.module()))) {
                return Optional.of("module." + edge.module() + "." + edge.output());
            }
            if (!before.getOrDefault(reader.id(), Set.of()).contains(edge.module())) {
                return Optional.empty();
            }
            String output = outputName(edge.module(), edge.output());
            remotes.computeIfAbsent(edge.module(), m -> new LinkedHashMap<>()).put(output, example);
            return Optional.of("data.terraform_remote_state." + edge.module() + ".outputs." + output);
        }

        private String common(Module module, Variable variable, Source.Common common) {
            String expression = choice.catalogue().commons().get(common.name());
            if (expression != null) {
                return expression;
            }
            return switch (common.name()) {
                case "name", "tags" -> "local." + common.name();
                case "environment", "region", "cidr" -> "var." + common.name();
                case "services" -> services();
                case "permissions" -> permissions();
                case "ciPlatform" -> "\"" + request.ci() + "\"";
                default -> throw Failure.cannotProceed("no root knows the common value " + common.name() + ", which the variable " + variable.name() + " of module " + module.id()
                        + " asks for", "the catalogue has name, tags, environment, region, cidr, services, permissions, ciPlatform and its own under commons:");
            };
        }

        /** Those whose permissions the modules of this environment name; identities are granted by themselves. */
        private String services() {
            return modules.stream().flatMap(m -> m.permissions().stream()).map(p -> p.substring(0, Math.max(0, p.indexOf(':')))).filter(s -> !s.isEmpty() && !s.equals("iam")).distinct().sorted()
                    .collect(Collectors.joining("\", \"", "[\"", "\"]")).replace("[\"\"]", "[]");
        }

        /** All that the modules of this environment name, as they name it. */
        private String permissions() {
            return modules.stream().flatMap(m -> m.permissions().stream()).distinct().sorted().map(p -> '"' + p + '"').collect(Collectors.joining(", ", "[", "]"));
        }

        private static Object constant(String expression) {
            return expression == null ? null : Hcl.expression(expression).body().attribute("value").filter(a -> a.value().isConstant()).map(a -> a.value().constant()).orElse(null);
        }

        private static Object element(Variable variable) {
            return constant(variable.example()) instanceof Map<?, ?> map && !map.isEmpty() ? map.values().iterator().next() : null;
        }

        /** @param siblings names of the variables that conditions may speak of */
        private RootVariable rootVariable(String module, Variable variable, String name, Collection<String> siblings) {
            List<Validation> validations = new ArrayList<>();
            for (Validation validation : variable.validations()) {
                boolean isOwn = variables(validation.condition()).stream().allMatch(variable.name()::equals);
                if (isOwn) {
                    validations.add(new Validation(renamed(validation.condition(), variable.name(), name), validation.message(), validation.bad()));
                }
            }
            Source.Profile profile = variable.source() instanceof Source.Profile p ? p : null;
            return new RootVariable(name, module, variable.type(), variable.description(), validations, profile == null ? null : profile.values().get(environment.profile()), profile != null,
                    profile == null ? "" : profile.reason(), variable.example(), profile != null ? null : variable.defaultValue(), variable.sensitive(), variable.ephemeral());
        }

        /** The condition with another name of the variable. */
        private static String renamed(String condition, String from, String to) {
            return from.equals(to) ? condition : condition.replaceAll("\\bvar\\." + java.util.regex.Pattern.quote(from) + "(?![\\w-])", "var." + to);
        }
    }
}

/** A block of IPv4 addresses. */
record Cidr(long first, int bits) {
    private static final int ENVIRONMENT_BITS = 16;
    private static final int RESERVED_BITS = 12;
    private static final List<String> ORDER = List.of("dev", "staging", "production");

    static Cidr of(String text) {
        java.util.regex.Matcher m = java.util.regex.Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})").matcher(text.strip());
        if (m.matches()) {
            long address = 0;
            boolean isValid = Integer.parseInt(m.group(5)) <= 32;
            for (int i = 1; i <= 4; i++) {
                isValid &= Integer.parseInt(m.group(i)) < 256;
                address = address << 8 | Integer.parseInt(m.group(i));
            }
            int bits = Integer.parseInt(m.group(5));
            if (isValid && address % (1L << 32 - bits) == 0) {
                return new Cidr(address, bits);
            }
            if (isValid) {
                throw Failure.usage("'" + text + "' is no network: it has bits beyond its prefix", "did you mean " + new Cidr(address - address % (1L << 32 - bits), bits) + "?");
            }
        }
        throw Failure.usage("'" + text + "' is no block of IPv4 addresses", "give one such as 10.20.0.0/16");
    }

    long size() {
        return 1L << 32 - bits;
    }

    boolean overlaps(Cidr other) {
        return first < other.first + other.size() && other.first < first + size();
    }

    @Override
    public String toString() {
        return (first >> 24) + "." + (first >> 16 & 255) + "." + (first >> 8 & 255) + "." + (first & 255) + "/" + bits;
    }

    /**
     * A /16 for each environment and cloud, by {@code cloud/environment}. Each is the first free one of a /12 of its own, so that what is
     * added later (a peer, a second region) still has addresses beside it. An environment's place does not depend on which others there are.
     */
    static Map<String, Cidr> plan(Request request, List<String> clouds) {
        Map<String, Cidr> taken = new LinkedHashMap<>();
        request.existingCidrs().forEach(text -> taken.put("the existing " + text, of(text)));
        Map<String, Cidr> plan = new LinkedHashMap<>();
        for (String cloud : clouds) {
            for (Environment environment : request.environments()) {
                if (!environment.cidr().isEmpty()) {
                    Cidr asked = of(environment.cidr());
                    for (Map.Entry<String, Cidr> other : taken.entrySet()) {
                        if (asked.overlaps(other.getValue())) {
                            throw Failure.usage("the addresses of " + environment.name() + ", " + asked + ", overlap with " + other.getKey() + " (" + other.getValue() + ")",
                                    "give another block, or none and one is planned");
                        }
                    }
                    plan.put(cloud + "/" + environment.name(), asked);
                    taken.put(cloud + "/" + environment.name(), asked);
                }
            }
        }
        for (String cloud : clouds) {
            int next = ORDER.size();
            for (Environment environment : request.environments()) {
                int place = ORDER.indexOf(environment.name());
                place = place < 0 ? next++ : place;
                String key = cloud + "/" + environment.name();
                if (!plan.containsKey(key)) {
                    Cidr free = free(Catalogue.CLOUDS.indexOf(cloud) * 5 + place, taken.values());
                    plan.put(key, free);
                    taken.put(key, free);
                }
            }
        }
        return plan;
    }

    private static Cidr free(int place, Collection<Cidr> taken) {
        for (int i = 0; i < 16; i++) {
            long reserved = 10L << 24 | (long) ((place + i) % 16) << 32 - RESERVED_BITS;
            for (int j = 0; j < 1 << ENVIRONMENT_BITS - RESERVED_BITS; j++) {
                Cidr candidate = new Cidr(reserved + ((long) j << 32 - ENVIRONMENT_BITS), ENVIRONMENT_BITS);
                if (taken.stream().noneMatch(candidate::overlaps)) {
                    return candidate;
                }
            }
        }
        throw Failure.usage("no free /16 is left in 10.0.0.0/8 beside the existing networks", "give each environment its cidr in the file of --config");
    }
}
