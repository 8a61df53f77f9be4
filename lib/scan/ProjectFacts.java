package lib.scan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.scan.Finding.Evidence;

/**
 * All that the scan learned of a project; the result of {@link Scan}.
 *
 * @param packages paths of the project's own packages; the root only when it is a package itself
 * @param monorepo two or more packages of the project's own
 * @param manifests folders with plain Kubernetes manifests or a kustomization
 * @param terraform folders that are Terraform root modules or modules
 * @param submodules folders that are repositories of their own, which a plain check-out leaves empty
 * @param existingCi CI configuration that is there already
 * @param sharedFiles by the root of a workspace: its own configuration there, which concerns every member
 * @param licence SPDX id where the licence file is one of the well-known ones, else empty
 * @param defaultBranch as the git metadata says, or empty
 * @param remote host of the git remote {@code origin}, or empty
 */
public record ProjectFacts(
        String name, List<Component> components, boolean monorepo, List<String> packages, List<Dockerfile> dockerfiles, List<Chart> helmCharts,
        List<Manifests> manifests, List<TerraformFolder> terraform, List<Submodule> submodules, List<ExistingCi> existingCi, List<Documented> documented, Map<String, List<String>> sharedFiles, String licence,
        String defaultBranch, String remote) {

    /**
     * @param stages names of its build stages, in order
     * @param arguments build arguments without a default
     * @param built what it copies that a checkout doesn't hold: a build outside of it must have made it
     */
    public record Dockerfile(String path, List<String> stages, List<String> arguments, List<String> built, Evidence evidence) {}

    /** @param path folder of Chart.yaml */
    public record Chart(String path, String name, String version, Evidence evidence) {}

    /** @param kind {@code kustomize} or {@code kubernetes} */
    public record Manifests(String path, String kind, Evidence evidence) {}

    /**
     * @param hasState it names a backend: a root module that is applied, not a module that others call
     * @param cloud {@code aws}, {@code gcp} or {@code azure} where it uses the provider of exactly one, else empty
     * @param guard a script that judges plans before they are applied, here or above; empty where there is none
     */
    public record TerraformFolder(String path, boolean hasState, String cloud, String guard, Evidence evidence) {}

    public record Submodule(String path, String url, Evidence evidence) {}

    /** @param platform {@code github-actions}, {@code gitlab-ci}, {@code jenkins}, {@code circleci}, or another's name */
    public record ExistingCi(String platform, String file) {}

    /** A command in a code block of README or CONTRIBUTING: a hint, never proof. */
    public record Documented(String command, Evidence evidence) {}

    public Optional<Component> component(String path, String ecosystem) {
        return components.stream().filter(c -> c.path().equals(path) && c.ecosystem().equals(ecosystem)).findFirst();
    }

    /** The same facts; where git doesn't tell the default branch, as in a detached checkout, with the one known from before. */
    public ProjectFacts withDefaultBranch(String known) {
        return !defaultBranch.isEmpty() || known.isEmpty() ? this : new ProjectFacts(name, components, monorepo, packages, dockerfiles, helmCharts, manifests, terraform, submodules,
                existingCi, documented, sharedFiles, licence, known, remote);
    }
}
