package lib.plan;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lib.plan.Job.Stage;
import lib.scan.Finding;

/**
 * The neutral plan of a pipeline: what every platform's files are rendered from.
 *
 * @param filters the change filters that jobs name; empty where the project is one unit
 * @param findings what the planner left out and what would enable it, and what it warns of
 */
public record PipelinePlan(String name, String defaultBranch, List<Job> jobs, List<Job.ChangeFilter> filters, List<Finding> findings) {

    public Optional<Job> job(String id) {
        return jobs.stream().filter(j -> j.id().equals(id)).findFirst();
    }

    public List<Job> jobs(Stage stage) {
        return jobs.stream().filter(j -> j.stage() == stage).toList();
    }

    /** Does any job have more runs at night than on a change? */
    public boolean isNightly() {
        return jobs.stream().anyMatch(j -> j.matrix() != null && j.matrix().nightly().size() > j.matrix().always().size());
    }

    /**
     * What a user asked for.
     *
     * @param stages selected ones
     * @param stagesGiven whether the user named them: only then is a stage without evidence worth a warning
     * @param deployTo {@code aws}, {@code gcp}, {@code azure}, or empty
     * @param scheduledSecurity a scheduled scan was asked for
     */
    public record PlanOptions(Set<Stage> stages, boolean stagesGiven, String deployTo, boolean scheduledSecurity) {

        /** Everything but the deployment, which is planned only when asked for. */
        public static PlanOptions defaults() {
            return new PlanOptions(EnumSet.complementOf(EnumSet.of(Stage.DEPLOY)), false, "", false);
        }

        public boolean has(Stage stage) {
            return stages.contains(stage);
        }
    }
}
