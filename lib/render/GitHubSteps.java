package lib.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lib.plan.Job;
import lib.plan.Step;
import lib.plan.Toolchain;
import lib.render.CiPlatform.Context;
import lib.render.GitHubJob.WorkflowStep;
import lib.render.Rendering.Setting;
import lib.scan.Output;

/** The steps of one job: check out, set up, run, keep. */
final class GitHubSteps {
    private final Job job;
    private final Context context;
    private final GitHubDelivery delivery;

    /** @param job null for a job that no plan has; @param settings filled with what the steps rely on */
    GitHubSteps(Job job, Context context, List<Setting> settings) {
        this.job = job;
        this.context = context;
        this.delivery = new GitHubDelivery(this, settings);
    }

    List<WorkflowStep> steps() {
        List<WorkflowStep> steps = new ArrayList<>();
        steps.add(checkout());
        GitHubSetup setup = new GitHubSetup(job, this);
        // First: some set-up actions install the dependencies, which are built against these.
        job.steps().stream().filter(Step.SystemPackages.class::isInstance).forEach(s -> steps.add(packages((Step.SystemPackages) s)));
        for (Toolchain toolchain : job.toolchains()) {
            steps.addAll(setup.toolchain(toolchain));
        }
        for (Step step : job.steps()) {
            steps.addAll(step(step, setup));
        }
        return steps;
    }

    WorkflowStep checkout() {
        return action("Check out", "actions/checkout").with("persist-credentials", "false");
    }

    /** A step that uses a pinned action. */
    WorkflowStep action(String name, String action) {
        var pin = context.pins().action(action).orElseThrow(() -> new IllegalStateException("no pin for " + action));
        return new WorkflowStep(name).uses(pin.uses(), pin.version());
    }

    private List<WorkflowStep> step(Step step, GitHubSetup setup) {
        if (step instanceof Step.Run run) {
            return setup.isDoneBySetup(run) ? List.of() : List.of(run(run));
        }
        if (step instanceof Step.SystemPackages) {
            return List.of();
        }
        if (step instanceof Step.UseTool tool) {
            return setup.tool(tool);
        }
        if (step instanceof Step.Report report) {
            return report(report);
        }
        if (step instanceof Step.Upload upload) {
            return List.of(upload(upload.artifact(), upload.globs(), upload.keepDays(), ""));
        }
        if (step instanceof Step.Download download) {
            return List.of(action("Download " + download.artifact(), "actions/download-artifact").with("name", download.artifact()).with("path", download.folder()));
        }
        if (step instanceof Step.ScanSource) {
            return delivery.scanSource();
        }
        if (step instanceof Step.Image image) {
            return delivery.image(image.image(), image.push());
        }
        if (step instanceof Step.Publish publish) {
            return delivery.publish(publish);
        }
        if (step instanceof Step.Deploy deploy) {
            return delivery.deploy(deploy.release());
        }
        if (step instanceof Step.DetectDrift drift) {
            return delivery.detectDrift(drift);
        }
        throw new IllegalStateException("no rendering of " + step);
    }

    private static WorkflowStep packages(Step.SystemPackages packages) {
        return new WorkflowStep("Install system packages")
                .run("sudo apt-get update\nsudo apt-get install --yes --no-install-recommends " + String.join(" ", packages.names()) + "\n");
    }

    private WorkflowStep run(Step.Run run) {
        WorkflowStep step = new WorkflowStep(run.title()).run(run.command()).folder(folder(run.folder()));
        for (Map.Entry<String, String> variable : run.environment().entrySet()) {
            step.env(variable.getKey(), variable.getValue());
        }
        return step;
    }

    private List<WorkflowStep> report(Step.Report report) {
        if (report.kind() != Output.Kind.JUNIT) {
            return List.of(upload(artifact("coverage"), report.globs(), 7, "${{ !cancelled() }}"));
        }
        WorkflowStep summary = action("Show test results", "mikepenz/action-junit-report").condition("${{ !cancelled() }}")
                .with("report_paths", String.join("\n", report.globs().stream().map(this::folder).toList())).with("annotate_only", "true", "needs no permission to write checks")
                .with("detailed_summary", "true");
        return List.of(summary, upload(artifact("test-results"), report.globs(), 7, "${{ !cancelled() }}"));
    }

    /** Unique in the run: a matrix uploads one for each of its runs. */
    private String artifact(String base) {
        StringBuilder name = new StringBuilder(base);
        if (!job.id().equals("test")) {
            name.append('-').append(job.id());
        }
        if (job.matrix() != null) {
            name.append("-${{ matrix.").append(job.matrix().runtime()).append(" }}");
        }
        if (!job.each().isEmpty()) {
            name.append("-${{ strategy.job-index }}");
        }
        return name.toString();
    }

    private WorkflowStep upload(String artifact, List<String> globs, int days, String condition) {
        WorkflowStep step = action("Keep " + artifact.replaceAll("-?\\$\\{\\{.*", "").replace('-', ' '), "actions/upload-artifact").condition(condition).with("name", artifact)
                .with("path", String.join("\n", globs.stream().map(this::folder).toList())).with("retention-days", String.valueOf(days));
        boolean isHidden = globs.stream().anyMatch(g -> g.startsWith(".") || g.contains("/."));
        return isHidden ? step.with("include-hidden-files", "true") : step;
    }

    /** The folder of each package stands in the matrix. */
    String folder(String path) {
        return path.replace(Job.EACH, "${{ matrix.package }}");
    }

    Context context() {
        return context;
    }
}
