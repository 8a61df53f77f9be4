package lib.write;

//SOURCES FactsJson.java GeneratorOptions.java

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lib.plan.PipelinePlan;
import lib.render.Rendering;
import lib.scan.Finding.Severity;
import lib.scan.Finding;
import lib.scan.ProjectFacts;

/** The JSON report of the pipeline generator. */
public final class PipelineReport {
    public static final String SCHEMA = "pipeline-report/1";
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    public PipelineReport(String version) {
        json.put("schema", SCHEMA).put("tool", "pipeline_generator").put("version", version).put("status", "success");
    }

    /** As the user named it. */
    public void target(String target) {
        json.put("target", target);
    }

    public void findings(List<Finding> findings) {
        Severity worst = findings.stream().map(Finding::severity).min(Severity::compareTo).orElse(Severity.INFO);
        json.put("status", worst == Severity.INFO ? "success" : worst.id());
        var list = json.putArray("findings");
        findings.forEach(f -> list.add(FactsJson.of(f)));
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

    /** Does the work and adds its time, in seconds, to that of the stage. */
    public <T, E extends Exception> T timed(String stage, Work<T, E> work) throws E {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            seconds.merge(stage, (System.nanoTime() - start) / 1e9, Double::sum);
        }
    }

    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        T get() throws E;
    }

    /** Every file but the manifest, in the order of paths. */
    public void files(WritePlan plan) {
        json.set("files", FactsJson.of(plan));
    }

    public ObjectNode json() {
        return json;
    }

    @Override
    public String toString() {
        ObjectNode timings = json.putObject("timings");
        seconds.forEach((stage, time) -> timings.put(stage, Math.round(time * 1000) / 1000.0));
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

/** The JBang index of the last stage: reports, and the only code that writes files. */
final class Writes {
    private Writes() {}
}
