package lib.write;

//SOURCES ScaffolderOptions.java

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lib.plan.Catalogue;
import lib.plan.Catalogue.Module;
import lib.plan.Catalogue.Source;
import lib.plan.Catalogue.Variable;
import lib.plan.Infrastructure;
import lib.plan.Infrastructure.Cloud;
import lib.plan.Infrastructure.EnvironmentPlan;
import lib.plan.Infrastructure.Root;
import lib.render.Rendering;

/** The JSON report of the scaffolder, and what it tells of its catalogue. */
public final class TerraformReport extends GeneratorReport {
    public static final String SCHEMA = "terraform-report/1";

    public TerraformReport(String version) {
        super(SCHEMA, "terraform_scaffolder", version);
    }

    public void plan(Infrastructure plan) {
        ObjectNode node = json.putObject("plan").put("name", plan.request().name()).put("engine", plan.request().engine().id()).put("layout", plan.request().layout().id());
        ArrayNode clouds = node.putArray("clouds");
        for (Cloud cloud : plan.clouds()) {
            ObjectNode of = clouds.addObject().put("provider", cloud.catalogue().provider().id()).put("region", cloud.region()).put("stateStore", cloud.store());
            ArrayNode modules = of.putArray("modules");
            cloud.modules().forEach(m -> modules.add(m.id()));
            ArrayNode environments = of.putArray("environments");
            for (EnvironmentPlan environment : cloud.environments()) {
                ObjectNode one = environments.addObject().put("name", environment.environment().name()).put("profile", environment.environment().profile()).put("cidr", environment.cidr());
                ArrayNode roots = one.putArray("roots");
                for (Root root : environment.roots()) {
                    ArrayNode fill = roots.addObject().put("folder", root.folder()).put("requiredVersion", ">= " + plan.request().features().floor(root.used())).putArray("toFillIn");
                    root.variables().stream().filter(v -> !v.isSet() && v.defaultValue() == null).forEach(v -> fill.add(v.name()));
                }
            }
        }
    }

    /** What the engine said of the tree, as its own JSON. */
    /** What somebody must set up once for the CI of the tree. */
    public void settings(List<Rendering.Setting> settings) {
        ArrayNode list = json.putArray("settings");
        settings.forEach(s -> list.addObject().put("kind", s.kind()).put("name", s.name()).put("how", s.how()));
    }

    public void verdict(ObjectNode verdict) {
        json.set("verify", verdict);
    }

    /** {@code --list-modules --json}. */
    public static String list(List<Catalogue> catalogues) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode modules = json.putArray("modules");
        for (Catalogue catalogue : catalogues) {
            for (Module module : catalogue.modules()) {
                ObjectNode one = modules.addObject().put("name", module.id()).put("provider", catalogue.provider().id());
                ArrayNode aliases = one.putArray("aliases");
                aliases(catalogue, module).forEach(aliases::add);
                ArrayNode requires = one.putArray("requires");
                requires(module).forEach(requires::add);
            }
        }
        return json.toPrettyString() + "\n";
    }

    /** {@code --list-modules} for people. */
    public static String table(List<Catalogue> catalogues) {
        StringBuilder text = new StringBuilder();
        for (Catalogue catalogue : catalogues) {
            text.append(text.isEmpty() ? "" : "\n").append(catalogue.provider().id()).append(" (without --modules: ").append(String.join(", ", catalogue.defaults())).append(")\n");
            for (Module module : catalogue.modules()) {
                Set<String> requires = requires(module);
                text.append(String.format("  %-14s %s%s%s%n", module.id(), module.title(), also(aliases(catalogue, module)), requires.isEmpty() ? "" : "; takes from " + String.join(", ", requires)));
            }
        }
        return text.toString();
    }

    private static String also(Set<String> aliases) {
        return aliases.isEmpty() ? "" : " (also " + String.join(", ", aliases) + ")";
    }

    /** {@code --explain MODULE}. */
    public static String explain(Catalogue catalogue, Module module) {
        StringBuilder text = new StringBuilder();
        text.append(catalogue.provider().id()).append('/').append(module.id()).append(": ").append(module.title()).append(also(aliases(catalogue, module))).append('\n');
        text.append("  ").append(module.summary()).append("\n\n  inputs\n");
        module.variables().forEach(v -> text.append(String.format("    %-32s %s; %s%n", v.name(), v.description(), source(v))));
        if (!module.outputs().isEmpty()) {
            text.append("\n  outputs\n");
            module.outputs().forEach(o -> text.append(String.format("    %-32s %s%n", o.name(), o.description())));
        }
        text.append("\n  costs a month, roughly (").append(catalogue.priced().date()).append(", ").append(catalogue.priced().currency()).append("): dev ").append(module.cost().get("dev")).append(", staging ")
                .append(module.cost().get("staging")).append(", production ").append(module.cost().get("production")).append(module.costBasis().isEmpty() ? "" : "; " + module.costBasis()).append('\n');
        if (!module.permissions().isEmpty()) {
            text.append("\n  apply needs ").append(String.join(", ", module.permissions())).append('\n');
        }
        return text.toString();
    }

    private static String source(Variable variable) {
        if (variable.source() instanceof Source.From from) {
            return "from " + from.edges().stream().map(e -> e.module() + "." + e.output()).collect(Collectors.joining(" or ")) + (variable.optional() ? ", where it is there" : ", else you say it");
        } else if (variable.source() instanceof Source.Collect collect) {
            return "from whichever of " + String.join(", ", collect.edges().keySet()) + " are there";
        } else if (variable.source() instanceof Source.Profile profile) {
            List<String> values = new ArrayList<>();
            profile.values().forEach((name, value) -> values.add(name + " " + value));
            return String.join(", ", values) + ": " + profile.reason();
        } else if (variable.source() instanceof Source.Input) {
            return variable.isRequired() ? "you say it" : "you may say it";
        }
        return variable.source() instanceof Source.Common ? "given by the environment" : "default " + variable.defaultValue().replaceAll("\\s+", " ");
    }

    private static Set<String> aliases(Catalogue catalogue, Module module) {
        Set<String> aliases = new LinkedHashSet<>();
        catalogue.names().forEach((name, id) -> {
            if (id.equals(module.id()) && !name.equals(id)) {
                aliases.add(name);
            }
        });
        return aliases;
    }

    /** Modules whose outputs it takes, or else somebody must say what these would be. */
    private static Set<String> requires(Module module) {
        Set<String> requires = new TreeSet<>();
        module.variables().stream().filter(v -> v.source() instanceof Source.From && !v.optional()).forEach(v -> requires.add(Catalogue.edges(v).get(0).module()));
        return requires;
    }
}
