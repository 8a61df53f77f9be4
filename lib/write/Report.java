package lib.write;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import lib.cli.CommonOptions;
import lib.cli.Console;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.scan.Finding.Evidence;
import lib.scan.Finding.Severity;
import lib.scan.Finding;

/** What the JSON reports of all tools have in common: {@code status}, {@code target}, {@code findings}, files and times. */
public abstract class Report {
    /** More files than anybody reads the names of. */
    private static final int MANY = 20;
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

    /** Every file but the manifest, in the order of paths; a hash is of the bytes that the file holds after the run, or would hold. */
    public void files(WritePlan plan) {
        ArrayNode files = json.putArray("files");
        plan.files().forEach(file -> files.addObject().put("path", file.path()).put("action", file.action().id()).put("sha256", Manifest.sha256(file.bytes())));
    }

    /** Tells of a failure too, so that its reader needs no second way. */
    public void failure(Failure failure, List<Finding> findings) {
        String rule = failure.exit == Exit.USAGE ? "wrong-usage" : failure.exit == Exit.BUG ? "bug" : "cannot-proceed";
        findings.add(Finding.error(rule, failure.getMessage(), failure.hint));
        findings(findings);
    }

    /**
     * Writes, shows or compares, as the options ask for, and tells of it. What holds hand edits too is judged once more before it is written.
     *
     * @param problem why a merged file is not valid
     */
    public WritePlan settle(WritePlan whole, CommonOptions options, Console console, Path root, List<Finding> findings, Function<PlannedWrite, Optional<String>> problem) {
        WritePlan plan = whole;
        for (PlannedWrite merged : whole.merged()) {
            Optional<String> reason = problem.apply(merged);
            plan = reason.isEmpty() ? plan : plan.reject(merged.path(), reason.get());
        }
        files(plan);
        findings.addAll(options.check ? plan.drift() : plan.findings());
        FileSink sink = FileSink.chosen(options, console, root);
        boolean isReal = sink instanceof DiskSink;
        if (!isReal || !plan.isConflicted()) {
            sink.write(plan);
        }
        if (isReal && !plan.isConflicted()) {
            boolean isMany = plan.changes().size() > MANY;
            plan.changes().forEach(w -> {
                if (isMany) {
                    console.detail(w.line());
                } else {
                    console.say(w.line());
                }
            });
            if (plan.isUpToDate() || isMany) {
                console.say(isMany ? plan.changes().size() + " of " + plan.files().size() + " files written" : "up to date");
            }
        }
        return plan;
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
