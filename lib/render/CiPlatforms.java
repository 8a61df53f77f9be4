package lib.render;

//SOURCES GeneratedFile.java Templates.java YamlFormat.java Rendering.java CiPlatform.java
//SOURCES GitHubActions.java GitHubJob.java GitHubSteps.java GitHubSetup.java

import java.util.List;

/**
 * The list of the CI platforms, and the JBang index of this package.
 *
 * <p>To add one: a class that implements {@link CiPlatform}, with its templates in a {@code //FILES} line beside it, its name in a
 * {@code //SOURCES} line above and in the list below. The goldens appear by {@code ./jbang test --update}.
 */
public final class CiPlatforms {
    private CiPlatforms() {}

    public static List<CiPlatform> all() {
        return List.of(new GitHubActions());
    }

    public static List<String> ids() {
        return all().stream().map(CiPlatform::id).toList();
    }
}
