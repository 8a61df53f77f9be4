package lib.plan;

import java.util.EnumSet;
import java.util.Set;

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
