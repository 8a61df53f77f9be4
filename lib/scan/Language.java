package lib.scan;

import java.util.List;

/**
 * Recognises the components of one ecosystem. Knows its files; knows nothing of CI platforms.
 *
 * <p>An implementation has no state, reads through {@link Project} only, and never runs anything. It reports what a user must
 * know (contradictions, what is missing) by {@link Project#report}. An empty list means that the project has nothing of it.
 */
public interface Language {

    /** One component for each package with a manifest of its own, workspace members included. */
    List<Component> detect(Project project);

    /** The files it looks for, to tell a user whose project was not recognised. */
    List<String> looksFor();
}
