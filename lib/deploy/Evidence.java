package lib.deploy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lib.deploy.Journal.Entry;
import lib.deploy.Journal.Sample;
import lib.plan.Rollout;

/**
 * What would be lost by a rollback, as a folder: the plan, the events, the counts, whatever the target can tell, and the draft of a post-mortem.
 * To gather evidence never keeps a rollback from happening.
 */
final class Evidence {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Path folder;
    private final String detail;

    private Evidence(Path folder, String detail) {
        this.folder = folder;
        this.detail = detail;
    }

    static Evidence open(Path parent, Entry entry, String detail) {
        Path folder = parent.resolve(entry.id());
        Evidence evidence = new Evidence(folder, detail);
        evidence.attempt(() -> {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("plan.json"), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(entry.plan()) + "\n");
            StringBuilder counts = new StringBuilder("step,seconds,baseline_requests,baseline_errors,canary_requests,canary_errors\n");
            for (Sample s : entry.samples()) {
                counts.append(s.step() + 1).append(',').append(s.seconds()).append(',').append(s.stableRequests()).append(',').append(s.stableErrors()).append(',').append(s.canaryRequests()).append(',')
                        .append(s.canaryErrors()).append('\n');
            }
            Files.writeString(folder.resolve("counts.csv"), counts.toString());
            evidence.write(entry);
        });
        return evidence;
    }

    Path folder() {
        return folder;
    }

    void gather(Target target, Rollout plan, Entry entry) {
        attempt(() -> target.evidence(plan, folder));
        attempt(() -> write(entry));
    }

    void finish(Entry entry) {
        attempt(() -> write(entry));
    }

    private void write(Entry entry) throws IOException {
        Files.writeString(folder.resolve("events.txt"), String.join("\n", entry.events()) + "\n");
        Files.writeString(folder.resolve("post-mortem.md"), postMortem(entry));
    }

    private String postMortem(Entry entry) throws IOException {
        Rollout plan = entry.plan();
        List<String> files;
        try (var list = Files.list(folder)) {
            files = list.map(f -> f.getFileName().toString()).sorted().toList();
        }
        return "# Post-mortem (draft): " + plan.app() + " " + plan.from() + " -> " + plan.to() + "\n\n"
                + "| | |\n|---|---|\n| rollout | " + entry.id() + " |\n| by | " + entry.by() + " |\n| why | " + entry.why() + " |\n| started | " + entry.startedAt() + " |\n| ended | " + entry.endedAt()
                + " |\n| strategy | " + plan.strategy().id() + " on " + plan.target() + (plan.router().isEmpty() ? "" : ", traffic by " + plan.router()) + " |\n\n"
                + "## What happened\n\n" + (entry.cause().isEmpty() ? "(not known yet)" : entry.cause()) + (detail.isEmpty() ? "" : "\n\n```text\n" + detail.replace("```", "'''") + "\n```") + "\n\n"
                + "Verdict: " + (entry.verdict().isEmpty() ? "none; it did not get that far" : entry.verdict()) + "\n\n"
                + "## Impact\n\n" + impact(entry) + "\n\n## Timeline (UTC)\n\n" + String.join("\n", entry.events().stream().map(e -> "- " + e.replace("\n", " ")).toList())
                + "\n\n## Root cause\n\n(to be filled in)\n\n## What went well, what did not\n\n(to be filled in)\n\n## Actions\n\n| action | owner | until |\n|---|---|---|\n| | | |\n\n"
                + "## Runbook: if it happens again\n\n1. Look: `deployment_manager.java status TARGET`\n2. Back at once: `deployment_manager.java abort TARGET`\n3. No new attempts meanwhile: `deployment_manager.java freeze TARGET --reason '…'`\n\n"
                + "Evidence beside this file: " + String.join(", ", files) + "\n";
    }

    private static String impact(Entry entry) {
        long requests = entry.samples().stream().mapToLong(Sample::canaryRequests).sum();
        long errors = entry.samples().stream().mapToLong(Sample::canaryErrors).sum();
        return entry.samples().isEmpty() ? "No request was counted on the new version." : errors + " of " + requests + " requests that the new version had failed.";
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private void attempt(Attempt attempt) {
        try {
            attempt.run();
        } catch (IOException | RuntimeException e) {
            try {
                Files.createDirectories(folder);
                Files.writeString(folder.resolve("missing.txt"), e.getClass().getSimpleName() + ": " + e.getMessage() + "\n", java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
            } catch (IOException alsoThat) {
                // A full disk must not keep traffic from coming back; the journal has the events.
                return;
            }
        }
    }
}
