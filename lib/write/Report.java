package lib.write;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import lib.cli.Console;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.scan.Finding.Evidence;
import lib.scan.Finding.Severity;
import lib.scan.Finding;

/** What the JSON reports of all tools have in common: {@code status}, {@code target}, {@code findings} and times. */
public abstract class Report {
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    protected final ObjectNode json = JsonNodeFactory.instance.objectNode();

    protected Report(String schema, String tool, String version) {
        json.put("schema", schema).put("tool", tool).put("version", version).put("status", "success");
    }

    /** As the user named it. */
    public void target(String target) {
        json.put("target", target);
    }

    public void findings(List<Finding> findings) {
        Severity worst = findings.stream().map(Finding::severity).min(Severity::compareTo).orElse(Severity.INFO);
        json.put("status", worst == Severity.INFO ? "success" : worst.id());
        ArrayNode list = json.putArray("findings");
        findings.forEach(f -> list.add(of(f)));
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

    /** Tells of a failure too, where a report is wanted, so that its reader needs no second way. */
    public void failure(Failure failure, List<Finding> findings, boolean isWanted, Console console) {
        if (!isWanted) {
            return;
        }
        String rule = failure.exit == Exit.USAGE ? "wrong-usage" : failure.exit == Exit.BUG ? "bug" : "cannot-proceed";
        findings.add(Finding.error(rule, failure.getMessage(), failure.hint));
        findings(findings);
        console.product(toString());
    }

    /** The same findings for people: places first, the rule last, notes only where somebody asked for them. */
    public static void show(List<Finding> findings, Console console) {
        for (Finding finding : findings) {
            String places = finding.evidence().stream().map(Evidence::place).collect(Collectors.joining(", "));
            String[] lines = finding.message().split("\n", 2);
            String text = (places.isEmpty() ? "" : places + ": ") + lines[0] + " [" + finding.rule() + "]" + (lines.length > 1 ? "\n" + lines[1] : "");
            switch (finding.severity()) {
                case ERROR -> console.error(text, finding.hint());
                case WARNING -> console.warning(text, finding.hint());
                case INFO -> {
                    if (console.isVerbose()) {
                        console.note(text, finding.hint());
                    }
                }
            }
        }
    }

    private static ObjectNode of(Finding finding) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("severity", finding.severity().id()).put("rule", finding.rule()).put("message", finding.message())
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

    static ObjectNode place(Evidence evidence) {
        return JsonNodeFactory.instance.objectNode().put("file", evidence.file()).put("line", evidence.line());
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
