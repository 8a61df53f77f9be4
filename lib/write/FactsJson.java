package lib.write;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import lib.plan.Job;
import lib.plan.PipelinePlan;
import lib.plan.Step;
import lib.scan.Command.CommandKind;
import lib.scan.Command;
import lib.scan.Component.Service;
import lib.scan.Component;
import lib.scan.Finding.Evidence;
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
        facts.submodules().forEach(s -> json.withArray("submodules").addObject().put("path", s.path()).put("url", s.url()));
        facts.existingCi().forEach(c -> json.withArray("existingCi").addObject().put("platform", c.platform()).put("file", c.file()));
        List.of("dockerfiles", "helmCharts", "manifests", "terraform", "existingCi").forEach(json::withArray);
        json.put("licence", facts.licence()).put("defaultBranch", facts.defaultBranch()).put("remote", facts.remote());
        return json;
    }

    /**
     * The facts that drive what is generated, a short text each, for the manifest: {@code --check} names the one that changed. What our
     * own files cause (the existing CI configuration) is left out, else the first run would be a change.
     */
    public static SortedMap<String, Manifest.Fact> driving(ProjectFacts facts) {
        SortedMap<String, Manifest.Fact> all = new TreeMap<>();
        facts.components().forEach(c -> driving(all, c, "component " + c.path() + " " + c.ecosystem() + " "));
        facts.dockerfiles().forEach(d -> all.put("dockerfile " + d.path(), Manifest.Fact.of(String.join(", ", d.stages()), d.evidence())));
        facts.helmCharts().forEach(c -> all.put("helm chart " + c.path(), Manifest.Fact.of(c.name(), c.evidence())));
        facts.manifests().forEach(m -> all.put("manifests " + m.path(), Manifest.Fact.of(m.kind(), m.evidence())));
        facts.terraform().forEach(t -> all.put("terraform " + t.path(), Manifest.Fact.of("found", t.evidence())));
        all.put("default branch", new Manifest.Fact(facts.defaultBranch(), ""));
        return all;
    }

    private static void driving(Map<String, Manifest.Fact> all, Component c, String prefix) {
        if (c.packageManager() != null) {
            String version = c.packageManager().version().isEmpty() ? "" : " " + c.packageManager().version();
            all.put(prefix + "manager", Manifest.Fact.of(c.packageManager().id() + version, c.packageManager().evidence()));
        }
        if (c.runtime() != null) {
            String text = String.join(" ", List.of(c.runtime().name(), c.runtime().version(), c.runtime().range())).strip().replaceAll(" +", " ");
            all.put(prefix + "runtime", Manifest.Fact.of(text, c.runtime().evidence()));
        }
        for (CommandKind kind : CommandKind.values()) {
            List<Command> proven = c.proven(kind);
            if (!proven.isEmpty()) {
                String text = String.join(" && ", proven.stream().map(Command::run).toList());
                all.put(prefix + kind.id(), Manifest.Fact.of(text, proven.get(0).evidence()));
            }
        }
        c.services().forEach(s -> all.put(prefix + "service " + s.name(), Manifest.Fact.of(s.image().isEmpty() ? "found" : s.image(), s.evidence())));
        c.tools().forEach(t -> all.put(prefix + "tool " + t.name(), Manifest.Fact.of(t.version().isEmpty() ? "found" : t.version(), t.evidence())));
        c.systemPackages().forEach((name, evidence) -> all.put(prefix + "system package " + name, Manifest.Fact.of("found", evidence)));
        c.outputs().forEach(o -> all.put(prefix + o.kind().id() + " output " + o.path(), Manifest.Fact.of("found", o.evidence())));
        c.publications().forEach(p -> all.put(prefix + "publication " + p.registry(), Manifest.Fact.of(p.name(), p.evidence())));
        if (!c.supported().isEmpty()) {
            all.put(prefix + "supported versions", new Manifest.Fact(String.join(", ", c.supported()), ""));
        }
        if (!c.dependsOn().isEmpty()) {
            all.put(prefix + "depends on", new Manifest.Fact(String.join(", ", c.dependsOn()), ""));
        }
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
        for (Service s : c.services()) {
            ObjectNode service = services.addObject().put("name", s.name()).put("image", s.image());
            s.environment().forEach(service.putObject("environment")::put);
            service.set("evidence", evidence(s.evidence()));
        }
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
        c.publications().forEach(p -> {
            ObjectNode publication = publications.addObject().put("registry", p.registry()).put("name", p.name());
            if (!p.command().isEmpty()) {
                publication.put("command", p.command());
            }
            publication.set("evidence", evidence(p.evidence()));
        });
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
        return Report.place(evidence).put("rule", evidence.rule());
    }

    static void texts(ObjectNode json, String key, List<String> values) {
        ArrayNode array = json.putArray(key);
        values.forEach(array::add);
    }
}

/** The plan as the JSON of the report. */
final class PlanJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private PlanJson() {}

    static ObjectNode of(PipelinePlan plan) {
        ObjectNode json = JSON.objectNode().put("defaultBranch", plan.defaultBranch());
        ArrayNode jobs = json.putArray("jobs");
        plan.jobs().forEach(job -> jobs.add(job(job)));
        return json;
    }

    private static ObjectNode job(Job job) {
        ObjectNode json = JSON.objectNode().put("id", job.id()).put("title", job.title()).put("stage", job.stage().id())
                .put("when", job.when().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
        FactsJson.texts(json, "needs", job.needs());
        if (job.filter() != null) {
            FactsJson.texts(json, "paths", job.filter().paths());
        }
        if (!job.each().isEmpty()) {
            FactsJson.texts(json, "packages", job.each().stream().map(Job.Each::path).toList());
        }
        if (job.matrix() != null) {
            ObjectNode matrix = json.putObject("matrix").put("runtime", job.matrix().runtime());
            FactsJson.texts(matrix, "always", job.matrix().always());
            FactsJson.texts(matrix, "nightly", job.matrix().nightly());
        }
        FactsJson.texts(json, "services", job.services().stream().map(Job.ServiceContainer::image).toList());
        if (job.deploys()) {
            json.put("environment", job.target()).put("approval", job.approval());
        }
        ArrayNode steps = json.putArray("steps");
        job.steps().forEach(step -> steps.add(step(step)));
        return json;
    }

    private static ObjectNode step(Step step) {
        if (step instanceof Step.Run run) {
            ObjectNode json = JSON.objectNode().put("title", run.title()).put("run", run.command()).put("folder", run.folder().replace(Job.EACH, "{package}"));
            json.putObject("evidence").put("file", run.evidence().file()).put("line", run.evidence().line()).put("rule", run.evidence().rule());
            return json;
        }
        return JSON.objectNode().put("does", step.getClass().getSimpleName());
    }
}
