package lib.render;

//SOURCES YamlFormat.java
//SOURCES GitHubActions.java GitHubJob.java GitHubSteps.java GitHubDelivery.java
//SOURCES GitLabCi.java GitLabJob.java GitLabSetup.java GitLabDelivery.java
//SOURCES Jenkins.java JenkinsStage.java JenkinsSteps.java
//SOURCES CircleCi.java CircleCiJob.java CircleCiSteps.java ContainerSetup.java DeliveryScripts.java

import java.util.List;
import java.util.Map;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.Versions;
import lib.render.Rendering.GeneratedFile;
import lib.scan.ProjectFacts;

/**
 * The list of the CI platforms, and the JBang index of this package.
 *
 * <p>To add one: a class that implements {@link CiPlatform}, with its templates in a {@code //FILES} line beside it, its name in a
 * {@code //SOURCES} line above and in the list below. The goldens appear by {@code ./jbang test --update}.
 */
public final class CiPlatforms {
    private CiPlatforms() {}

    public static List<CiPlatform> all() {
        return List.of(new GitHubActions(), new GitLabCi(), new Jenkins(), new CircleCi());
    }

    public static List<String> ids() {
        return all().stream().map(CiPlatform::id).toList();
    }

    /** @param reason for people: why this platform */
    public record Inferred(String platform, String reason) {}

    /** What the project uses already, else what hosts it, else GitHub Actions. */
    public static Inferred infer(ProjectFacts facts) {
        for (ProjectFacts.ExistingCi existing : facts.existingCi()) {
            if (ids().contains(existing.platform())) {
                return new Inferred(existing.platform(), "the project has " + existing.file());
            }
        }
        if (facts.remote().contains("gitlab") && ids().contains("gitlab-ci")) {
            return new Inferred("gitlab-ci", "the git remote is " + facts.remote());
        }
        return new Inferred("github-actions", facts.remote().isEmpty() ? "nothing in the project names another" : "the git remote is " + facts.remote());
    }

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
        record StepShell(List<String> command, Map<String, String> environment) {
            /** Stands for the folder that the code is checked out to. */
            public static final String WORKSPACE = "{workspace}";
        }

        /** The shell and the variables that every step finds. */
        default StepShell shell() {
            return new StepShell(List.of("bash", "-eo", "pipefail"), Map.of("CI", "true"));
        }
    }
}
