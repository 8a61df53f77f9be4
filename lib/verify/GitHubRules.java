package lib.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.plan.Pins;
import lib.render.GeneratedFile;
import lib.render.Rendering;
import lib.scan.Document;
import lib.scan.Evidence;
import lib.scan.Finding;

/** The security rules of workflows: pins, permissions, no expressions in scripts, no dangerous triggers, limits. */
final class GitHubRules implements Check {
    private static final Pattern USES = Pattern.compile("uses: (\\S+)@([0-9a-f]{40}) # (\\S+)");

    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : rendering.files()) {
            if (file.path().startsWith(".github/workflows/")) {
                pins(file, subject.pins(), findings);
                Document.parse(file.path(), file.content()).ifPresent(d -> workflow(d, findings));
            }
        }
        return findings;
    }

    private static void pins(GeneratedFile file, Pins pins, List<Finding> findings) {
        int number = 0;
        for (String line : file.content().lines().toList()) {
            number++;
            if (!line.strip().replaceFirst("^- ", "").startsWith("uses:") || line.contains("uses: ./")) {
                continue;
            }
            Matcher uses = USES.matcher(line);
            boolean isPinned = uses.find() && pins.action(uses.group(1)).filter(p -> p.sha().equals(uses.group(2)) && p.version().equals(uses.group(3))).isPresent();
            if (!isPinned) {
                findings.add(Finding.error("pinned-actions", "an action is not pinned as the pin file says: " + line.strip(), "", new Evidence(file.path(), number, "pinned-actions")));
            }
        }
    }

    private static void workflow(Document workflow, List<Finding> findings) {
        if (!workflow.has("permissions") || !workflow.keys("permissions").isEmpty()) {
            findings.add(broken(workflow, "least-privilege", "a workflow grants nothing to all its jobs alike", "permissions"));
        }
        for (String trigger : List.of("pull_request_target", "workflow_run")) {
            if (workflow.has("on", trigger)) {
                findings.add(broken(workflow, "dangerous-trigger", "the trigger " + trigger + " runs with secrets on code of strangers", "on", trigger));
            }
        }
        if (!workflow.has("concurrency")) {
            findings.add(broken(workflow, "concurrency", "a workflow has a concurrency group", "name"));
        }
        for (String job : workflow.keys("jobs")) {
            job(workflow, job, findings);
        }
    }

    private static void job(Document workflow, String job, List<Finding> findings) {
        if (!workflow.has("jobs", job, "uses") && !workflow.has("jobs", job, "timeout-minutes")) {
            findings.add(broken(workflow, "timeout", "a job has a timeout", "jobs", job));
        }
        if (!workflow.has("jobs", job, "permissions")) {
            findings.add(broken(workflow, "least-privilege", "a job says what it may do", "jobs", job));
        }
        int steps = workflow.at("jobs", job, "steps").size();
        for (int i = 0; i < steps; i++) {
            String step = String.valueOf(i);
            String run = workflow.text("jobs", job, "steps", step, "run");
            if (run.contains("${{")) {
                findings.add(broken(workflow, "template-injection", "an expression in a script would be pasted into it unquoted", "jobs", job, "steps", step, "run"));
            }
            boolean isCheckout = workflow.text("jobs", job, "steps", step, "uses").startsWith("actions/checkout@");
            if (isCheckout && !workflow.text("jobs", job, "steps", step, "with", "persist-credentials").equals("false")) {
                findings.add(broken(workflow, "persisted-credentials", "the checkout leaves its token in the folder", "jobs", job, "steps", step));
            }
        }
    }

    private static Finding broken(Document workflow, String rule, String message, String... path) {
        return Finding.error(rule, message, "", workflow.evidence(rule, path));
    }
}
