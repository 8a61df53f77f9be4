package lib.run;

//SOURCES Installed.java JobRun.java RunResult.java

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lib.cli.Console;
import lib.plan.Job;
import lib.plan.Job.When;
import lib.plan.PipelinePlan;
import lib.render.CiPlatform.StepShell;
import lib.run.RunResult.JobResult;
import lib.run.RunResult.Status;
import lib.scan.Project;

/**
 * Executes a plan's jobs on this machine, each in a clean copy of the project, in the order of their needs.
 *
 * <p>Together with {@link JobRun} the only code that runs what a project says. It is called for {@code --run} and nothing else.
 */
public final class LocalRun {
    private final PipelinePlan plan;
    private final Project project;
    private final StepShell shell;
    private final Console console;
    private final Installed installed = new Installed();
    private final Map<String, JobResult> results = new LinkedHashMap<>();

    public LocalRun(PipelinePlan plan, Project project, StepShell shell, Console console) {
        this.plan = plan;
        this.project = project;
        this.shell = shell;
        this.console = console;
    }

    /** What a change would start: jobs for tags and schedules are not run. */
    public RunResult run() throws IOException {
        Path work = Files.createTempDirectory("pipeline-run-");
        try {
            List<Job> waiting = new ArrayList<>(plan.jobs().stream().filter(j -> j.when() == When.CHANGE || j.when() == When.PROPOSAL).toList());
            while (!waiting.isEmpty()) {
                Job next = waiting.stream().filter(j -> j.needs().stream().allMatch(n -> isOver(n, waiting))).findFirst().orElse(waiting.get(0));
                waiting.remove(next);
                runJob(next, work);
            }
        } finally {
            JobRun.delete(work);
        }
        RunResult result = new RunResult(List.copyOf(results.values()));
        console.say("");
        console.say(result.summary());
        return result;
    }

    private static boolean isOver(String id, List<Job> waiting) {
        return waiting.stream().noneMatch(j -> j.id().equals(id));
    }

    private void runJob(Job job, Path work) throws IOException {
        List<String> broken = job.needs().stream().filter(n -> results.values().stream().anyMatch(r -> r.id().equals(n) && r.status() == Status.FAILED)).toList();
        for (String folder : job.each().isEmpty() ? List.of("") : job.each().stream().map(Job.Each::path).toList()) {
            String title = job.title() + (folder.isEmpty() ? "" : " (" + folder + ")");
            JobResult result = broken.isEmpty() ? new JobRun(job, folder, title, project, shell, installed, console, work).run()
                    : RunResult.skipped(job, title, "needs " + String.join(", ", broken) + ", which failed");
            console.say(mark(result.status()) + " " + title + (result.reason().isEmpty() ? "" : ": " + result.reason()) + seconds(result));
            results.put(job.id() + " " + folder, result);
        }
    }

    private String mark(Status status) {
        return switch (status) {
            case PASSED -> console.paint("32", "✓");
            case FAILED -> console.paint("31", "✗");
            case SKIPPED -> console.paint("33", "-");
        };
    }

    private static String seconds(JobResult result) {
        return result.status() == Status.SKIPPED ? "" : String.format(java.util.Locale.ROOT, "  %.1f s", result.seconds());
    }
}
