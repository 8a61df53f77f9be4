package lib.write;

//SOURCES FactsJson.java GeneratorOptions.java

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import lib.plan.PipelinePlan;
import lib.render.Rendering;
import lib.scan.ProjectFacts;

/** The JSON report of the pipeline generator. */
public final class PipelineReport extends GeneratorReport {
    public static final String SCHEMA = "pipeline-report/1";

    public PipelineReport(String version) {
        super(SCHEMA, "pipeline_generator", version);
    }

    public void facts(ProjectFacts facts) {
        json.set("facts", FactsJson.of(facts));
    }

    /** What came of {@code --run}, as its own JSON. */
    public void run(ObjectNode result) {
        json.set("run", result);
    }

    public void plan(PipelinePlan plan) {
        json.set("plan", PlanJson.of(plan));
    }

    /** Parity and settings of each platform; its files come with {@link #files}. */
    public void renderings(List<Rendering> renderings) {
        ArrayNode platforms = json.putArray("platforms");
        for (Rendering rendering : renderings) {
            ObjectNode platform = platforms.addObject().put("platform", rendering.platform());
            ArrayNode parity = platform.putArray("parity");
            rendering.parity().forEach(p -> parity.addObject().put("feature", p.feature()).put("replacement", p.replacement()));
            ArrayNode settings = platform.putArray("settings");
            rendering.settings().forEach(s -> settings.addObject().put("kind", s.kind()).put("name", s.name()).put("how", s.how()));
        }
    }
}
