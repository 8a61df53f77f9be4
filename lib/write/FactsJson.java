package lib.write;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import lib.scan.Command;
import lib.scan.CommandKind;
import lib.scan.Component;
import lib.scan.Evidence;
import lib.scan.Finding;
import lib.scan.ProjectFacts;

/** Facts and findings as the JSON of the report; its shape is what agents rely on. */
public final class FactsJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private FactsJson() {}

    public static ObjectNode of(ProjectFacts facts) {
        ObjectNode json = JSON.objectNode();
        ArrayNode components = json.putArray("components");
        facts.components().forEach(c -> components.add(component(c)));
        json.put("monorepo", facts.monorepo());
        texts(json, "packages", facts.packages());
        facts.dockerfiles().forEach(d -> texts(json.withArray("dockerfiles").addObject().put("path", d.path()), "stages", d.stages()));
        facts.helmCharts().forEach(c -> json.withArray("helmCharts").addObject().put("path", c.path()).put("name", c.name()).put("version", c.version()));
        facts.manifests().forEach(m -> json.withArray("manifests").addObject().put("path", m.path()).put("kind", m.kind()));
        facts.terraform().forEach(t -> json.withArray("terraform").addObject().put("path", t.path()));
        facts.existingCi().forEach(c -> json.withArray("existingCi").addObject().put("platform", c.platform()).put("file", c.file()));
        List.of("dockerfiles", "helmCharts", "manifests", "terraform", "existingCi").forEach(json::withArray);
        json.put("licence", facts.licence()).put("defaultBranch", facts.defaultBranch()).put("remote", facts.remote());
        return json;
    }

    public static ObjectNode of(Finding finding) {
        ObjectNode json = JSON.objectNode().put("severity", finding.severity().id()).put("rule", finding.rule()).put("message", finding.message())
                .put("hint", finding.hint());
        if (!finding.evidence().isEmpty()) {
            json.set("evidence", place(finding.evidence().get(0)));
        }
        if (finding.evidence().size() > 1) {
            ArrayNode more = json.putArray("alsoAt");
            finding.evidence().stream().skip(1).forEach(e -> more.add(place(e)));
        }
        return json;
    }

    private static ObjectNode component(Component c) {
        ObjectNode json = JSON.objectNode().put("path", c.path()).put("ecosystem", c.ecosystem());
        if (!c.name().isEmpty()) {
            json.put("name", c.name());
        }
        if (c.packageManager() != null) {
            json.put("packageManager", c.packageManager().id()).put("packageManagerVersion", c.packageManager().version());
            texts(json, "lockFiles", c.packageManager().lockFiles());
        }
        if (c.runtime() != null) {
            ObjectNode runtime = json.putObject("runtime").put("name", c.runtime().name()).put("version", c.runtime().version())
                    .put("range", c.runtime().range());
            runtime.set("evidence", evidence(c.runtime().evidence()));
        }
        ObjectNode commands = json.putObject("commands");
        for (CommandKind kind : CommandKind.values()) {
            ArrayNode list = commands.putArray(kind.id());
            c.commands(kind).forEach(each -> list.add(command(each)));
        }
        if (c.migration() != null) {
            json.set("migration", command(c.migration()));
        }
        ArrayNode services = json.putArray("services");
        c.services().forEach(s -> services.addObject().put("name", s.name()).put("image", s.image()).set("evidence", evidence(s.evidence())));
        ArrayNode tools = json.putArray("tools");
        c.tools().forEach(t -> tools.addObject().put("name", t.name()).put("version", t.version()).set("evidence", evidence(t.evidence())));
        ArrayNode system = json.putArray("systemPackages");
        c.systemPackages().forEach((name, e) -> system.addObject().put("name", name).set("evidence", evidence(e)));
        ArrayNode outputs = json.putArray("outputs");
        c.outputs().forEach(o -> outputs.addObject().put("kind", o.kind().id()).put("path", o.path()).set("evidence", evidence(o.evidence())));
        ObjectNode environment = json.putObject("environment");
        for (Map.Entry<String, String> variable : c.environment().entrySet()) {
            environment.put(variable.getKey(), variable.getValue());
        }
        texts(json, "dependsOn", c.dependsOn());
        texts(json, "supports", c.supported());
        ArrayNode publications = json.putArray("publications");
        c.publications().forEach(p -> publications.addObject().put("registry", p.registry()).put("name", p.name()).set("evidence", evidence(p.evidence())));
        if (c.workspace() != null) {
            json.putObject("workspace").put("root", c.workspace().root()).put("kind", c.workspace().kind())
                    .put("orchestrator", c.workspace().orchestrator());
        }
        return json;
    }

    private static ObjectNode command(Command command) {
        ObjectNode json = JSON.objectNode().put("run", command.run());
        json.set("evidence", evidence(command.evidence()));
        return json.put("confidence", command.confidence().id());
    }

    private static ObjectNode evidence(Evidence evidence) {
        return place(evidence).put("rule", evidence.rule());
    }

    private static ObjectNode place(Evidence evidence) {
        return JSON.objectNode().put("file", evidence.file()).put("line", evidence.line());
    }

    static void texts(ObjectNode json, String key, List<String> values) {
        ArrayNode array = json.putArray(key);
        values.forEach(array::add);
    }
}
