package lib.render;

//SOURCES YamlFormat.java
//SOURCES GitHubActions.java GitHubJob.java GitHubSteps.java GitHubDelivery.java
//SOURCES GitLabCi.java GitLabJob.java GitLabSetup.java GitLabDelivery.java
//SOURCES Jenkins.java JenkinsStage.java JenkinsSteps.java
//SOURCES CircleCi.java CircleCiJob.java CircleCiSteps.java ContainerSetup.java DeliveryScripts.java

import java.util.List;
import lib.render.Rendering.CiPlatform;
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
}
