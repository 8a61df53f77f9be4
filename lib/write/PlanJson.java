package lib.write;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import lib.plan.Job;
import lib.plan.PipelinePlan;
import lib.plan.Step;

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
            ObjectNode json = JSON.objectNode().put("title", run.title()).put("run", run.command()).put("folder", run.folder());
            json.putObject("evidence").put("file", run.evidence().file()).put("line", run.evidence().line()).put("rule", run.evidence().rule());
            return json;
        }
        return JSON.objectNode().put("does", step.getClass().getSimpleName());
    }
}
