package lib.plan;

//FILES data/terraform/=../../data/terraform/protected.yaml
//FILES data/terraform/=../../data/terraform/aws.yaml data/terraform/=../../data/terraform/gcp.yaml

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lib.cli.Failure;
import lib.scan.Document;
import lib.scan.Hcl;

/**
 * What one cloud's modules are: their variables, outputs, and how they are joined. Knows the data files below {@code data/terraform} and
 * what may stand in them; knows no template.
 *
 * @param values what a schema can't see: which literals an argument takes
 * @param commons what roots hand to every module that asks, by name, as an expression
 * @param relaxed rules of scanners that smaller environments don't keep on purpose
 */
public record Catalogue(Provider provider, Prices priced, List<String> defaults, List<Value> values, Map<String, String> commons, List<Relaxed> relaxed, List<Module> modules) {

    /** @param version constraint, or empty for a provider that is part of the engine; @param variables of every root of this cloud, such as its account or project */
    public record Provider(String id, String title, String source, String version, String defaultRegion, List<String> regions, List<Variable> variables) {
        /** The name that resources of this cloud begin with, and that {@code required_providers} gives it. */
        public String local() {
            return source.substring(source.lastIndexOf('/') + 1);
        }
    }

    public record Prices(String date, String currency, String source) {}

    /** @param attribute {@code google_sql_database_instance.settings.tier}; @param oneOf or else {@code pattern} */
    public record Value(String attribute, List<String> oneOf, String pattern, String source) {
        public boolean allows(String text) {
            return oneOf.isEmpty() ? text.matches(pattern) : oneOf.contains(text);
        }
    }

    /** @param check a rule's id; @param modules that meet it by their environment's size; @param profiles that don't keep it, which production never is */
    public record Relaxed(String check, List<String> modules, List<String> profiles, String reason) {}

    /** @param formerly ids that it had; @param aliasesNeeded the configuration of the provider that it runs by, where it isn't the root's own; @param features of the engine that its template uses where it may, by id of {@link Infrastructure.Feature} */
    public record Module(String id, String capability, String title, List<String> aliases, List<String> formerly, String summary, List<String> aliasesNeeded, List<String> features,
            List<Variable> variables, List<Output> outputs, List<Limit> limits, Map<String, BigDecimal> cost, String costBasis, List<String> permissions, String diagram) {
        public Optional<Output> output(String name) {
            return outputs.stream().filter(o -> o.name().equals(name)).findFirst();
        }
    }

    /** Where a variable's value comes from. */
    public sealed interface Source {
        /** The root gives it. */
        record Common(String name) implements Source {}

        /** Of the first of these outputs whose module is there. */
        record From(List<Edge> edges) implements Source {}

        /** A map of the outputs of whichever of these modules are there. */
        record Collect(Map<String, Edge> edges) implements Source {}

        /** By environment. */
        record Profile(Map<String, Object> values, String reason) implements Source {}

        /** A person must say it. */
        record Input() implements Source {}

        /** The module's own; no root knows of it. */
        record Default() implements Source {}
    }

    /** {@code kms.key_arn}. */
    public record Edge(String module, String output) {}

    /**
     * @param example an expression, for tests; null where there is none
     * @param defaultValue an expression, or null where the variable is required
     * @param feature without which the variable is left out, or empty
     */
    public record Variable(String name, String type, String description, Source source, String example, String defaultValue, boolean optional, boolean sensitive,
            boolean ephemeral, boolean nullable, String feature, List<Validation> validations) {
        public boolean isRequired() {
            return defaultValue == null;
        }
    }

    /** @param bad an expression that the condition refuses */
    public record Validation(String condition, String message, String bad) {}

    public record Output(String name, String type, String description, String value, boolean sensitive, boolean expose) {}

    /** How long a name may be: {@code affix} is what the template adds to it. */
    public record Limit(String resource, String attribute, int max, String affix) {}

    public static final List<String> CLOUDS = List.of("aws", "gcp", "azure");

    /** The one that comes with the tool; empty for a cloud that it has no data of. */
    public static Optional<Catalogue> shipped(String cloud) {
        return resource("data/terraform/" + cloud + ".yaml").map(text -> of("data/terraform/" + cloud + ".yaml", text));
    }

    public static Optional<String> resource(String path) {
        try (InputStream in = Catalogue.class.getClassLoader().getResourceAsStream(path)) {
            return in == null ? Optional.empty() : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws Failure that lists every wrong entry with its line */
    public static Catalogue of(String file, String text) {
        try {
            return new Reader(Document.ofYaml(file, text)).read();
        } catch (Document.Broken e) {
            throw Failure.cannotProceed(file + ":" + e.line + ": " + e.getMessage(), "correct the file");
        }
    }

    /** The types of resources of this cloud that hold what can't be made again. */
    public Set<String> protectedTypes() {
        String file = "data/terraform/protected.yaml";
        try {
            return new TreeSet<>(Document.ofYaml(file, resource(file).orElseThrow()).texts(provider.id()));
        } catch (Document.Broken e) {
            throw Failure.cannotProceed(file + ":" + e.line + ": " + e.getMessage(), "correct the file");
        }
    }

    public Optional<Module> module(String id) {
        return modules.stream().filter(m -> m.id().equals(id)).findFirst();
    }

    /** Every name of a module: ids before aliases before capabilities. */
    public Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        modules.forEach(m -> names.put(m.id(), m.id()));
        modules.forEach(m -> m.aliases().forEach(a -> names.putIfAbsent(a, m.id())));
        modules.forEach(m -> names.putIfAbsent(m.capability(), m.id()));
        return names;
    }

    /** Reads a data file strictly: an unknown key is an error, not a thing that is silently without effect. */
    private static final class Reader {
        private static final Set<String> CAPABILITIES = Set.of("state", "network", "kubernetes", "serverless", "container", "storage", "database", "queue", "cdn", "dns",
                "secrets", "identity", "monitoring", "budget", "keys");
        private static final List<String> PROFILES = List.of("dev", "staging", "production");
        private final Document data;
        private final List<String> wrong = new ArrayList<>();

        Reader(Document data) {
            this.data = data;
        }

        Catalogue read() {
            known(Set.of("provider", "priced", "defaults", "values", "commons", "relaxed", "modules"));
            known(Set.of("id", "title", "source", "version", "defaultRegion", "regions", "variables"), "provider");
            Provider provider = new Provider(need("provider", "id"), need("provider", "title"), need("provider", "source"), data.text("provider", "version"),
                    need("provider", "defaultRegion"), data.texts("provider", "regions"), variables("provider", "variables"));
            if (!provider.regions().contains(provider.defaultRegion())) {
                wrong("the default region is not in the list", "provider", "defaultRegion");
            }
            List<Value> values = new ArrayList<>();
            for (int i = 0; i < data.at("values").size(); i++) {
                String at = String.valueOf(i);
                known(Set.of("attribute", "pattern", "oneOf", "source"), "values", at);
                values.add(new Value(need("values", at, "attribute"), data.texts("values", at, "oneOf"), data.text("values", at, "pattern"), need("values", at, "source")));
            }
            Map<String, String> commons = new LinkedHashMap<>();
            data.keys("commons").forEach(key -> commons.put(key, data.text("commons", key)));
            List<Relaxed> relaxed = new ArrayList<>();
            for (int i = 0; i < data.at("relaxed").size(); i++) {
                relaxed.add(relaxed("relaxed", String.valueOf(i)));
            }
            List<Module> modules = new ArrayList<>();
            for (int i = 0; i < data.at("modules").size(); i++) {
                modules.add(module("modules", String.valueOf(i)));
            }
            Catalogue catalogue = new Catalogue(provider, new Prices(data.text("priced", "date"), data.text("priced", "currency"), data.text("priced", "source")),
                    data.texts("defaults"), List.copyOf(values), commons, List.copyOf(relaxed), List.copyOf(modules));
            references(catalogue);
            if (!wrong.isEmpty()) {
                throw Failure.cannotProceed("wrong entries in the catalogue\n  " + String.join("\n  ", wrong), "correct them, see CONTRIBUTING.md, \"Add a module\"");
            }
            return catalogue;
        }

        private Relaxed relaxed(String... at) {
            known(Set.of("check", "modules", "profiles", "reason"), at);
            List<String> profiles = data.texts(with(at, "profiles"));
            if (profiles.isEmpty() || profiles.contains("production") || !PROFILES.containsAll(profiles)) {
                wrong("a rule is relaxed for dev or staging", with(at, "profiles"));
            }
            return new Relaxed(need(with(at, "check")), data.texts(with(at, "modules")), profiles, need(with(at, "reason")));
        }

        private Module module(String... at) {
            known(Set.of("id", "capability", "title", "aliases", "formerly", "summary", "aliasesNeeded", "features", "variables", "outputs", "limits", "cost", "permissions", "diagram"), at);
            String capability = need(with(at, "capability"));
            if (!CAPABILITIES.contains(capability)) {
                wrong("unknown capability " + capability, with(at, "capability"));
            }
            List<Output> outputs = new ArrayList<>();
            for (int i = 0; i < data.at(with(at, "outputs")).size(); i++) {
                String[] path = with(at, "outputs", String.valueOf(i));
                known(Set.of("name", "type", "description", "value", "expose", "sensitive"), path);
                outputs.add(new Output(need(with(path, "name")), data.text(with(path, "type")), need(with(path, "description")), expression(with(path, "value")),
                        flag(with(path, "sensitive")), flag(with(path, "expose"))));
            }
            List<Limit> limits = new ArrayList<>();
            for (int i = 0; i < data.at(with(at, "limits")).size(); i++) {
                String[] path = with(at, "limits", String.valueOf(i));
                known(Set.of("resource", "attribute", "max", "affix"), path);
                limits.add(new Limit(need(with(path, "resource")), need(with(path, "attribute")), (int) number(with(path, "max")).doubleValue(), data.text(with(path, "affix"))));
            }
            if (data.texts(with(at, "aliasesNeeded")).size() > 1) {
                wrong("a module runs by one configuration of the provider: with more it could not be validated alone", with(at, "aliasesNeeded"));
            }
            Map<String, BigDecimal> cost = new LinkedHashMap<>();
            known(Set.of("dev", "staging", "production", "basis"), with(at, "cost"));
            PROFILES.forEach(p -> cost.put(p, number(with(at, "cost", p))));
            return new Module(need(with(at, "id")), capability, need(with(at, "title")), data.texts(with(at, "aliases")), data.texts(with(at, "formerly")), need(with(at, "summary")),
                    data.texts(with(at, "aliasesNeeded")), data.texts(with(at, "features")), variables(with(at, "variables")), List.copyOf(outputs), List.copyOf(limits), cost,
                    data.text(with(at, "cost", "basis")), data.texts(with(at, "permissions")), data.text(with(at, "diagram", "node")));
        }

        private List<Variable> variables(String... at) {
            List<Variable> variables = new ArrayList<>();
            Set<String> names = new LinkedHashSet<>();
            for (int i = 0; i < data.at(at).size(); i++) {
                Variable variable = variable(with(at, String.valueOf(i)));
                if (!names.add(variable.name())) {
                    wrong("a variable of this name is there already", with(at, String.valueOf(i), "name"));
                }
                variables.add(variable);
            }
            return List.copyOf(variables);
        }

        private Variable variable(String... at) {
            known(Set.of("name", "type", "description", "common", "from", "collect", "profile", "reason", "input", "default", "example", "optional", "sensitive", "ephemeral",
                    "nullable", "feature", "validations"), at);
            List<Validation> validations = new ArrayList<>();
            for (int i = 0; i < data.at(with(at, "validations")).size(); i++) {
                String[] path = with(at, "validations", String.valueOf(i));
                known(Set.of("condition", "message", "bad"), path);
                String message = need(with(path, "message"));
                if (!message.matches("(?s)\\p{Lu}.*[.?]")) {
                    wrong("a message is a sentence: it begins with a capital letter and ends with a full stop", with(path, "message"));
                }
                validations.add(new Validation(expression(with(path, "condition")), message, expression(with(path, "bad"))));
            }
            Source source = source(at);
            String given = data.has(with(at, "default")) ? expression(with(at, "default")) : data.at(with(at, "default")).isNull() ? "null" : null;
            boolean isOptional = flag(with(at, "optional"));
            if (isOptional && given == null && source instanceof Source.From) {
                wrong("what is optional has a default, for where the argument is left out", at);
            }
            String example = data.has(with(at, "example")) ? expression(with(at, "example")) : null;
            if (example == null && given == null && !(source instanceof Source.Profile)) {
                wrong("a variable without a default has an example, which tests are fed with", at);
            }
            return new Variable(need(with(at, "name")), need(with(at, "type")), need(with(at, "description")), source, example, given, isOptional,
                    flag(with(at, "sensitive")), flag(with(at, "ephemeral")), !data.text(with(at, "nullable")).equals("false"), data.text(with(at, "feature")), List.copyOf(validations));
        }

        private Source source(String... at) {
            List<Source> sources = new ArrayList<>();
            if (data.has(with(at, "common"))) {
                sources.add(new Source.Common(data.text(with(at, "common"))));
            }
            if (data.has(with(at, "from"))) {
                sources.add(new Source.From(data.texts(with(at, "from")).stream().map(text -> edge(text, with(at, "from"))).toList()));
            }
            if (data.has(with(at, "collect"))) {
                Map<String, Edge> edges = new LinkedHashMap<>();
                data.keys(with(at, "collect")).forEach(key -> edges.put(key, edge(data.text(with(at, "collect", key)), with(at, "collect", key))));
                sources.add(new Source.Collect(edges));
            }
            if (data.has(with(at, "profile"))) {
                Map<String, Object> values = new LinkedHashMap<>();
                known(Set.copyOf(PROFILES), with(at, "profile"));
                for (String profile : PROFILES) {
                    if (data.at(with(at, "profile", profile)).isMissingNode()) {
                        wrong("a value for " + profile + " is missing", with(at, "profile"));
                    }
                    values.put(profile, value(data.at(with(at, "profile", profile)), data.text(with(at, "type"))));
                }
                sources.add(new Source.Profile(values, need(with(at, "reason"))));
            }
            if (flag(with(at, "input"))) {
                sources.add(new Source.Input());
            }
            if (sources.isEmpty() && !data.at(with(at, "default")).isMissingNode()) {
                sources.add(new Source.Default());
            }
            if (sources.size() != 1) {
                wrong("a variable has exactly one of common, from, collect, profile, input, default", at);
            }
            return sources.isEmpty() ? new Source.Default() : sources.get(0);
        }

        private Edge edge(String text, String... at) {
            int dot = text.indexOf('.');
            if (dot < 0) {
                wrong("an edge is MODULE.OUTPUT, not " + text, at);
                return new Edge(text, "");
            }
            return new Edge(text.substring(0, dot), text.substring(dot + 1));
        }

        /** Edges lead to outputs that there are; aliases mean one module. */
        private void references(Catalogue catalogue) {
            Map<String, String> aliases = new LinkedHashMap<>();
            for (int i = 0; i < catalogue.modules().size(); i++) {
                Module module = catalogue.modules().get(i);
                String[] at = {"modules", String.valueOf(i)};
                for (String alias : module.aliases()) {
                    String other = aliases.putIfAbsent(alias, module.id());
                    if (other != null && !other.equals(module.id()) || !alias.equals(module.id()) && catalogue.module(alias).isPresent()) {
                        wrong("the alias " + alias + " is another module's name too", with(at, "aliases"));
                    }
                }
                for (int v = 0; v < module.variables().size(); v++) {
                    String[] place = with(at, "variables", String.valueOf(v));
                    edges(module.variables().get(v)).forEach(e -> {
                        boolean isThere = catalogue.module(e.module()).flatMap(m -> m.output(e.output())).isPresent();
                        if (!isThere) {
                            wrong("there is no output " + e.module() + "." + e.output(), place);
                        }
                    });
                }
            }
            for (int i = 0; i < catalogue.relaxed().size(); i++) {
                String place = String.valueOf(i);
                catalogue.relaxed().get(i).modules().stream().filter(m -> catalogue.module(m).isEmpty()).forEach(m -> wrong("there is no module " + m, "relaxed", place, "modules"));
            }
            for (String each : catalogue.defaults()) {
                if (catalogue.module(each).isEmpty()) {
                    wrong("there is no module " + each, "defaults");
                }
            }
        }

        /** YAML's text as what the type asks for. */
        private static Object value(JsonNode node, String type) {
            if (node.isArray()) {
                List<Object> list = new ArrayList<>();
                node.forEach(each -> list.add(value(each, type.startsWith("list(") || type.startsWith("set(") ? type.substring(type.indexOf('(') + 1, type.length() - 1) : "")));
                return list;
            }
            if (node.isObject()) {
                Map<String, Object> map = new LinkedHashMap<>();
                String inner = type.startsWith("map(") ? type.substring(4, type.length() - 1) : "";
                node.properties().forEach(e -> map.put(e.getKey(), value(e.getValue(), inner)));
                return map;
            }
            String text = node.asText();
            if (node.isNull() || type.equals("string")) {
                return node.isNull() ? null : text;
            }
            boolean isNumber = text.matches("-?\\d+(\\.\\d+)?") && !type.equals("bool");
            return isNumber ? new BigDecimal(text) : text.equals("true") || text.equals("false") ? Boolean.valueOf(text) : text.equals("null") || text.equals("~") ? null : text;
        }

        private String expression(String... at) {
            String text = need(at);
            List<Hcl.Problem> problems = Hcl.expression(text).problems();
            if (!text.isEmpty() && !problems.isEmpty()) {
                wrong("not an expression of HCL (" + problems.get(0).message() + "): " + text, at);
            }
            return text;
        }

        private BigDecimal number(String... at) {
            String text = need(at);
            if (!text.matches("\\d+(\\.\\d+)?")) {
                wrong("a number is expected, not '" + text + "'", at);
                return BigDecimal.ZERO;
            }
            return new BigDecimal(text);
        }

        private boolean flag(String... at) {
            String text = data.text(at);
            if (!Set.of("", "true", "false").contains(text)) {
                wrong("true or false is expected, not '" + text + "'", at);
            }
            return text.equals("true");
        }

        private String need(String... at) {
            String text = data.text(at);
            if (text.isEmpty()) {
                wrong(at[at.length - 1] + " is missing", at);
            }
            return text;
        }

        private void known(Set<String> keys, String... at) {
            for (String key : data.keys(at)) {
                if (!keys.contains(key)) {
                    wrong("unknown key " + key + ", known: " + keys.stream().sorted().collect(Collectors.joining(", ")), with(at, key));
                }
            }
        }

        private void wrong(String message, String... at) {
            wrong.add(data.evidence("catalogue", at).place() + ": " + message);
        }

        private static String[] with(String[] path, String... more) {
            List<String> all = new ArrayList<>(List.of(path));
            all.addAll(List.of(more));
            return all.toArray(String[]::new);
        }
    }

    /** Those that a variable may take its value by. */
    public static List<Edge> edges(Variable variable) {
        return variable.source() instanceof Source.From from ? from.edges()
                : variable.source() instanceof Source.Collect collect ? List.copyOf(collect.edges().values()) : List.of();
    }
}
