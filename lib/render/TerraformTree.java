package lib.render;

//FILES templates/terraform/=../../templates/terraform/tree.ftl

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import lib.plan.Catalogue.Module;
import lib.plan.Catalogue.Relaxed;
import lib.plan.Catalogue.Source;
import lib.plan.Catalogue.Variable;
import lib.plan.Infrastructure;
import lib.plan.Infrastructure.Call;
import lib.plan.Infrastructure.Cloud;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.EnvironmentPlan;
import lib.plan.Infrastructure.Feature;
import lib.plan.Infrastructure.Features;
import lib.plan.Infrastructure.Layout;
import lib.plan.Infrastructure.Request;
import lib.plan.Infrastructure.Root;
import lib.render.Rendering.GeneratedFile;
import lib.render.TerraformModules.Parts;
import lib.scan.Hcl;

/** The whole tree of each cloud: its modules, its roots, and what stands at the top: what people run and read. */
public final class TerraformTree {
    private final Request request;
    private final Cloud cloud;
    private final Features features;
    private final Parts parts;
    private final boolean isTofu;

    private TerraformTree(Request request, Cloud cloud, Parts parts) {
        this.request = request;
        this.cloud = cloud;
        this.features = request.features();
        this.parts = parts;
        this.isTofu = request.engine() == Engine.TOFU && features.has(Feature.DYNAMIC_PREVENT_DESTROY);
    }

    /** One rendering for each cloud; beside others it has a folder of its own. */
    public static List<Rendering> render(Infrastructure plan, Parts parts) {
        List<Rendering> all = new ArrayList<>();
        for (Cloud cloud : plan.clouds()) {
            String prefix = prefix(plan, cloud);
            List<GeneratedFile> files = new TerraformTree(plan.request(), cloud, parts).files().stream()
                    .map(f -> new GeneratedFile(prefix + f.path(), f.content(), f.executable())).toList();
            all.add(new Rendering(cloud.catalogue().provider().id(), files, List.of(), List.of(), List.of()));
        }
        return all;
    }

    private static String prefix(Infrastructure plan, Cloud cloud) {
        return plan.clouds().size() > 1 ? cloud.catalogue().provider().id() + "/" : "";
    }

    /** What somebody must say before a plan can be made, by the file where it belongs. */
    public static Map<String, List<String>> fillIns(Infrastructure plan) {
        Map<String, List<String>> fillIns = new TreeMap<>();
        for (Cloud cloud : plan.clouds()) {
            fillIns(cloud).forEach((file, names) -> fillIns.put(prefix(plan, cloud) + file, names));
        }
        return fillIns;
    }

    private static Map<String, List<String>> fillIns(Cloud cloud) {
        Map<String, List<String>> fillIns = new LinkedHashMap<>();
        for (Root root : cloud.roots()) {
            List<String> names = root.variables().stream().filter(v -> !v.isSet() && v.defaultValue() == null).map(Infrastructure.RootVariable::name).toList();
            if (!names.isEmpty()) {
                fillIns.put(root.folder() + "/terraform.tfvars", names);
            }
        }
        return fillIns;
    }

    private List<GeneratedFile> files() {
        List<GeneratedFile> files = new ArrayList<>();
        TerraformModules modules = new TerraformModules(parts, cloud, features);
        cloud.modules().forEach(m -> files.addAll(modules.files(m)));
        List<Map<String, String>> protectedResources = protectedResources(files);
        Set<String> protecting = new LinkedHashSet<>();
        protectedResources.forEach(p -> protecting.add(p.get("module")));
        TerraformRoots roots = new TerraformRoots(parts, request, cloud, protecting, List.copyOf(files));
        cloud.roots().forEach(r -> files.addAll(roots.files(r)));
        if (cloud.bootstrap() != null) {
            files.add(GeneratedFile.of("bootstrap/backend.tf.after", roots.backend(cloud.bootstrap())));
        }
        files.add(TerraformRoots.guard(parts, cloud.catalogue().protectedTypes()));
        parts.fill("terraform/tree", model(protectedResources)).files().forEach((path, text) -> files.add(new GeneratedFile(path, text, path.startsWith("scripts/"))));
        return files;
    }

    /** What the modules keep from being destroyed: read from their files, so that scripts name what is really there. */
    private static List<Map<String, String>> protectedResources(List<GeneratedFile> files) {
        List<Map<String, String>> all = new ArrayList<>();
        for (GeneratedFile file : files) {
            boolean isModule = file.path().startsWith("modules/") && !file.path().startsWith("modules/state/") && (file.path().endsWith(".tf") || file.path().endsWith(".tofu"));
            if (!isModule) {
                continue;
            }
            for (Hcl.Block resource : Hcl.parse(file.content()).body().blocks("resource")) {
                boolean isProtected = resource.blocks("lifecycle").stream().anyMatch(l -> l.attribute("prevent_destroy").isPresent());
                if (isProtected) {
                    all.add(Map.of("module", file.path().split("/")[1], "type", resource.labels().get(0), "name", resource.labels().get(1)));
                }
            }
        }
        return all;
    }

    private Map<String, Object> model(List<Map<String, String>> protectedResources) {
        Map<String, Object> model = new LinkedHashMap<>();
        boolean isComponents = request.layout() == Layout.COMPONENT;
        model.put("name", request.name());
        model.put("engine", request.engine().id());
        model.put("engineTitle", request.engine().title());
        model.put("tofu", isTofu);
        model.put("provider", cloud.catalogue().provider());
        model.put("priced", cloud.catalogue().priced());
        model.put("region", cloud.region());
        model.put("store", cloud.store());
        model.put("bootstrap", cloud.bootstrap() != null);
        model.put("isComponents", isComponents);
        model.put("modules", cloud.modules());
        model.put("protected", protectedResources);
        Map<String, Set<String>> needs = new LinkedHashMap<>();
        if (isComponents) {
            cloud.environments().get(0).roots().forEach(r -> needs.put(r.component(), r.needs()));
        }
        model.put("order", needs.keySet());
        model.put("needs", needs);
        model.put("environments", cloud.environments().stream().map(this::environment).toList());
        model.put("floor", floor(cloud.roots()));
        model.put("sizes", sizes());
        List<Module> called = cloud.modules().stream().filter(m -> cloud.environments().get(0).roots().stream().anyMatch(r -> r.calls().stream().anyMatch(c -> c.module().equals(m)))).toList();
        model.put("costs", called.stream().map(m -> Map.of("module", m.id(), "basis", m.costBasis(),
                "values", cloud.environments().stream().map(e -> m.cost().get(e.environment().profile()).toPlainString()).toList())).toList());
        model.put("relaxed", relaxed(called));
        model.put("totals", cloud.environments().stream().map(TerraformTree::cost).toList());
        model.put("diagrams", cloud.environments().stream().map(TerraformTree::diagram).toList());
        model.put("fillIns", fillIns(cloud));
        return model;
    }

    /** The scanners' rules that an environment of this tree doesn't keep on purpose, with the names of those that don't. */
    private List<Map<String, String>> relaxed(List<Module> called) {
        List<Map<String, String>> all = new ArrayList<>();
        for (Relaxed each : cloud.catalogue().relaxed()) {
            List<String> environments = cloud.environments().stream().map(EnvironmentPlan::environment).filter(e -> each.profiles().contains(e.profile())).map(e -> e.name()).toList();
            if (!environments.isEmpty() && called.stream().anyMatch(m -> each.modules().contains(m.id()))) {
                all.add(Map.of("check", each.check(), "environments", String.join(", ", environments), "reason", each.reason()));
            }
        }
        return all;
    }

    private String floor(Collection<Root> roots) {
        Set<Feature> used = new TreeSet<>();
        roots.forEach(r -> used.addAll(r.used()));
        return features.floor(used).toString();
    }

    private Map<String, String> environment(EnvironmentPlan plan) {
        return Map.of("name", plan.environment().name(), "profile", plan.environment().profile(), "cidr", plan.cidr(), "floor", floor(plan.roots()));
    }

    private List<Map<String, Object>> sizes() {
        List<Map<String, Object>> sizes = new ArrayList<>();
        for (Root root : cloud.environments().get(0).roots()) {
            for (Call call : root.calls()) {
                for (Variable variable : call.module().variables()) {
                    if (variable.source() instanceof Source.Profile profile && features.has(variable.feature())) {
                        sizes.add(Map.of("module", call.module().id(), "name", variable.name(), "reason", profile.reason(),
                                "values", cloud.environments().stream().map(e -> HclFormat.literal(profile.values().get(e.environment().profile()))).toList()));
                    }
                }
            }
        }
        return sizes;
    }

    private static String cost(EnvironmentPlan plan) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Root root : plan.roots()) {
            for (Call call : root.calls()) {
                sum = sum.add(call.module().cost().get(plan.environment().profile()));
            }
        }
        return sum.toPlainString();
    }

    private static Map<String, Object> diagram(EnvironmentPlan plan) {
        List<Map<String, String>> nodes = new ArrayList<>();
        List<Map<String, String>> edges = new ArrayList<>();
        for (Root root : plan.roots()) {
            for (Call call : root.calls()) {
                String label = call.module().diagram().isEmpty() ? call.module().title() : call.module().diagram();
                nodes.add(Map.of("id", node(call.module().id()), "label", label.replace('"', '\'')));
                Set<String> producers = new LinkedHashSet<>();
                call.arguments().forEach(a -> producers.addAll(a.producers()));
                producers.forEach(p -> edges.add(Map.of("from", node(p), "to", node(call.module().id()))));
            }
        }
        return Map.of("name", plan.environment().name(), "id", node("env-" + plan.environment().name()), "profile", plan.environment().profile(), "cidr", plan.cidr(), "cost", cost(plan),
                "nodes", nodes, "edges", edges);
    }

    /** Mermaid takes some words, as end, for its own. */
    private static String node(String id) {
        return "n_" + id.replace('-', '_');
    }
}
