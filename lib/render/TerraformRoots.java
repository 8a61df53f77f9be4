package lib.render;

//FILES templates/terraform/=../../templates/terraform/environment.ftl
//FILES templates/terraform/scripts/=../../templates/terraform/scripts/destroy-guard.ftl

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import lib.cli.Failure;
import lib.plan.Infrastructure.Call;
import lib.plan.Infrastructure.Cloud;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.Feature;
import lib.plan.Infrastructure.Features;
import lib.plan.Infrastructure.Remote;
import lib.plan.Infrastructure.Request;
import lib.plan.Infrastructure.Root;
import lib.plan.Infrastructure.RootVariable;
import lib.render.Rendering.GeneratedFile;
import lib.render.TerraformModules.Parts;
import lib.scan.Hcl;

/** The folders in which the engine is run: environments, their components, and the bootstrap. Decides nothing that the plan should have decided. */
public final class TerraformRoots {
    private static final List<String> COMMON = List.of("name", "environment", "region", "cidr", "tags", "prevent_destroy");
    /** What a reader of a state needs of the backend's arguments; the others are about writing. */
    private static final Set<String> WRITING = Set.of("encrypt", "use_lockfile", "dynamodb_table");
    private final Parts parts;
    private final Request request;
    private final Cloud cloud;
    private final Features features;
    /** Ids of modules with a resource that is kept from being destroyed. */
    private final Set<String> protecting;
    /** The resources of each module, by its id. */
    private final Map<String, String> code = new HashMap<>();

    /** @param modules their files, as they are rendered */
    public TerraformRoots(Parts parts, Request request, Cloud cloud, Set<String> protecting, List<GeneratedFile> modules) {
        this.parts = parts;
        this.request = request;
        this.cloud = cloud;
        this.features = request.features();
        this.protecting = protecting;
        modules.stream().filter(f -> f.path().matches("modules/[^/]+/[^/]+\\.(tf|tofu)")).forEach(f -> code.merge(f.path().split("/")[1], f.content(), String::concat));
    }

    /** The guard of CI and Makefile. @param types of resources that hold data */
    public static GeneratedFile guard(Parts parts, Collection<String> types) {
        Map.Entry<String, String> file = parts.fill("terraform/scripts/destroy-guard", Map.of("protected", types)).files().entrySet().iterator().next();
        return new GeneratedFile(file.getKey(), file.getValue(), true);
    }

    public List<GeneratedFile> files(Root root) {
        boolean isBootstrap = root.folder().equals("bootstrap");
        boolean isTofu = features.engine() == Engine.TOFU && features.has(Feature.DYNAMIC_PREVENT_DESTROY);
        Map<String, String> own = own(root, isBootstrap);
        Map<String, Object> model = model(root, root.component());
        model.put("calls", calls(root, isTofu));
        model.put("variables", root.variables().stream().map(TerraformRoots::variable).toList());
        model.put("values", values(root, isBootstrap));
        model.put("outputs", root.outputs());
        model.put("remotes", root.remotes().stream().map(r -> remote(root, r)).toList());
        model.put("moved", root.moved());
        model.put("removed", root.removed());
        model.put("imports", root.imports());
        model.put("floor", features.floor(root.used()).toString());
        model.put("labels", cloud.catalogue().provider().id().equals("gcp"));
        model.put("mocks", TerraformModules.mocks(own.getOrDefault("mocks", ""), root.calls().stream().map(c -> code.getOrDefault(c.module().id(), "")).collect(Collectors.joining("\n"))));
        model.put("fillIns", fillIns(root, isTofu && !isBootstrap));
        model.put("hasTests", features.has(Feature.MOCK_TESTS));
        model.put("test", isBootstrap ? "bootstrap" : "environment");
        model.put("isTofu", isTofu);
        model.put("isBootstrap", isBootstrap);
        model.put("used", COMMON);
        Map<String, String> files = new LinkedHashMap<>(parts.fill("terraform/environment", model).files());
        own.forEach((path, text) -> files.put(path, text));
        files.remove("mocks");
        Set<String> used = used(files);
        model.put("used", COMMON.stream().filter(used::contains).toList());
        Map<String, String> again = parts.fill("terraform/environment", model).files();
        for (String path : List.of("variables.tf", "terraform.tfvars")) {
            if (!own.containsKey(path)) {
                files.put(path, again.get(path));
            }
        }
        List<GeneratedFile> all = new ArrayList<>();
        files.forEach((path, text) -> {
            if (!text.isBlank()) {
                all.add(GeneratedFile.of(root.folder() + "/" + path, text));
            }
        });
        return all;
    }

    /** What the cloud's own template gives to this root, by the path in its folder. */
    private Map<String, String> own(Root root, boolean isBootstrap) {
        Map<String, String> own = new LinkedHashMap<>();
        parts.fill("terraform/" + cloud.catalogue().provider().id() + "/root", model(root, root.component())).files().forEach((path, text) -> {
            boolean isOfBootstrap = path.startsWith("bootstrap/");
            if (isOfBootstrap && isBootstrap) {
                own.put(path.substring("bootstrap/".length()), text);
            } else if (!isOfBootstrap && !(isBootstrap && path.equals("backend.tf"))) {
                own.putIfAbsent(path, text);
            }
        });
        return own;
    }

    private Map<String, Object> model(Root root, String component) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("name", request.name());
        model.put("environment", root.environment().name());
        model.put("profile", root.environment().profile());
        model.put("region", cloud.region());
        model.put("store", cloud.store());
        model.put("aliases", root.aliases());
        model.put("tags", request.tags());
        model.put("layout", request.layout().id());
        model.put("provider", cloud.catalogue().provider());
        model.put("features", TerraformModules.features(features));
        model.put("tofu", features.engine() == Engine.TOFU);
        if (!component.isEmpty()) {
            model.put("component", component);
        }
        return model;
    }

    private List<Map<String, Object>> calls(Root root, boolean isTofu) {
        List<Map<String, Object>> calls = new ArrayList<>();
        for (Call call : root.calls()) {
            String up = "../".repeat(root.folder().split("/").length);
            calls.add(Map.of("id", call.module().id(), "source", up + "modules/" + call.module().id(), "aliases", call.module().aliasesNeeded(), "arguments", call.arguments(),
                    "protects", isTofu && protecting.contains(call.module().id())));
        }
        return calls;
    }

    private static Map<String, Object> variable(RootVariable variable) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("name", variable.name());
        model.put("description", variable.description());
        model.put("type", variable.type());
        model.put("defaultValue", variable.defaultValue());
        model.put("validations", variable.validations());
        model.put("sensitive", variable.sensitive());
        model.put("ephemeral", variable.ephemeral());
        model.put("set", variable.isSet());
        model.put("value", variable.isSet() ? HclFormat.literal(variable.value()) : "");
        model.put("reason", variable.reason());
        model.put("example", variable.example() == null ? "…" : variable.example().strip());
        return model;
    }

    private Map<String, String> values(Root root, boolean isBootstrap) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", HclFormat.literal(request.name()));
        values.put("environment", HclFormat.literal(root.environment().name()));
        values.put("region", HclFormat.literal(cloud.region()));
        values.put("tags", HclFormat.literal(request.tags()));
        if (!isBootstrap) {
            values.put("cidr", HclFormat.literal(root.cidr()));
        }
        if (root.environment().profile().equals("dev")) {
            values.put("prevent_destroy", "false");
        }
        return values;
    }

    /** What tests set because nothing else does. */
    private static List<Map<String, String>> fillIns(Root root, boolean isEncrypted) {
        List<Map<String, String>> fillIns = new ArrayList<>();
        root.variables().stream().filter(v -> !v.isSet() && v.example() != null).forEach(v -> fillIns.add(Map.of("name", v.name(), "example", v.example())));
        if (isEncrypted) {
            fillIns.add(Map.of("name", "state_passphrase", "example", "\"only for this test, no secret\""));
        }
        return fillIns;
    }

    /** Another root's state, at the place that its own backend file names. */
    private Map<String, Object> remote(Root reader, Remote remote) {
        Map<String, Object> of = model(reader, remote.component());
        String backend = backend(of);
        Hcl.Block block = Hcl.parse(backend).body().blocks("terraform").stream().flatMap(t -> t.blocks("backend").stream()).findFirst()
                .orElseThrow(() -> Failure.cannotProceed("the backend file of " + cloud.catalogue().provider().id() + " has no backend", "see templates/terraform/*/root.ftl"));
        Map<String, Object> config = new LinkedHashMap<>();
        block.attributes().stream().filter(a -> !WRITING.contains(a.name())).forEach(a -> config.put(a.name(), a.value().constant()));
        return Map.of("component", remote.component(), "backend", block.labels().get(0), "config", HclFormat.literal(config), "examples", HclFormat.literal(remote.outputs()));
    }

    /** Where a root's state is kept. */
    String backend(Root root) {
        return backend(model(root, root.component()));
    }

    private String backend(Map<String, Object> model) {
        return parts.fill("terraform/" + cloud.catalogue().provider().id() + "/root", model).files().getOrDefault("backend.tf", "");
    }

    /** The variables that the files look at. */
    private static Set<String> used(Map<String, String> files) {
        Set<String> used = new LinkedHashSet<>();
        files.forEach((path, text) -> {
            if (path.endsWith(".tf") && !path.equals("variables.tf")) {
                references(Hcl.parse(text).body()).stream().filter(r -> r.parts().size() > 1 && r.parts().get(0).equals("var")).forEach(r -> used.add(r.parts().get(1)));
            }
        });
        return used;
    }

    static List<Hcl.Reference> references(Hcl.Block block) {
        List<Hcl.Reference> references = new ArrayList<>();
        block.attributes().forEach(a -> references.addAll(a.value().references()));
        block.blocks().forEach(b -> references.addAll(references(b)));
        return references;
    }
}
