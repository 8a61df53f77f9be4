package lib.render;

import java.util.List;
import java.util.Map;
import lib.plan.PipelinePlan;
import lib.plan.Pins;
import lib.plan.Versions;
import lib.scan.ProjectFacts;

/** Renders the neutral plan as one platform's own files. Decides nothing that the plan should have decided. */
public interface CiPlatform {

    /** {@code github-actions}, {@code gitlab-ci}, {@code jenkins}, {@code circleci}. */
    String id();

    Rendering render(PipelinePlan plan, Context context);

    /** @param facts for files that speak of the project itself, such as dependency updates; jobs come from the plan alone */
    record Context(Templates templates, Pins pins, Versions versions, ProjectFacts facts, RenderOptions options) {}

    /** @param dependencyUpdates a configuration for automatic dependency updates was asked for */
    record RenderOptions(boolean dependencyUpdates) {}

    /** How the platform runs the script of a step, for who runs a plan elsewhere. @param command gets the script's file as its last word */
    record StepShell(List<String> command, Map<String, String> environment) {}

    /** The shell and the variables that every step finds. */
    default StepShell shell() {
        return new StepShell(List.of("bash", "-eo", "pipefail"), Map.of("CI", "true"));
    }
}
