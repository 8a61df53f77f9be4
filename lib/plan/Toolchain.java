package lib.plan;

import java.util.List;

/**
 * A language runtime with its package manager, as a job needs it.
 *
 * @param runtime {@code node}, {@code python}, {@code java}, … as in {@link lib.scan.Runtime}
 * @param version what to install: exact or a line such as {@code 24}; in a job with a matrix, the value outside of it (the highest)
 * @param range what the project declares, in its own syntax; empty where it pins a version or says nothing
 * @param pinned whether the project itself names the version
 * @param versionFile from the root, where the project pins the version in a file that set-up steps read; else empty
 * @param manager package manager id
 * @param managerVersion exact or empty
 * @param managerDeclared whether the manifest itself names that version, in the field that set-up steps read
 * @param lockFiles from the root: what the cache is keyed on; none means no cache
 * @param folder of the component, from the root, or {@link Job#EACH}
 * @param extensions parts of the runtime that the project names, such as PHP's {@code intl}
 */
public record Toolchain(String runtime, String version, String range, boolean pinned, String versionFile, String manager, String managerVersion, boolean managerDeclared,
                        List<String> lockFiles, String folder, List<String> extensions) {}
