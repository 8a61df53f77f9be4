package lib.write;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import lib.scan.Finding;
import lib.scan.Finding.Severity;
import lib.scan.ProjectFacts;

/** The JSON report of the pipeline generator. */
public final class PipelineReport {
    public static final String SCHEMA = "pipeline-report/1";
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    public PipelineReport(String version, String target) {
        json.put("schema", SCHEMA).put("tool", "pipeline_generator").put("version", version).put("status", "success").put("target", target);
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

    public ObjectNode json() {
        return json;
    }

    @Override
    public String toString() {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
