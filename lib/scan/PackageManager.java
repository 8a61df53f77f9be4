package lib.scan;

import java.util.List;

/**
 * What installs a component's dependencies.
 *
 * @param id one of the ids of the README: {@code npm}, {@code yarn-berry}, {@code uv}, {@code maven}, …
 * @param version as the project pins it, or empty
 * @param lockFiles paths from the project's root of what a cache is keyed on: lock files, else manifests
 */
public record PackageManager(String id, String version, Evidence evidence, List<String> lockFiles) {

    public PackageManager {
        lockFiles = List.copyOf(lockFiles);
    }
}
