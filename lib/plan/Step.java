package lib.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lib.scan.Finding.Evidence;
import lib.scan.Component.Output;
import lib.scan.Component.Publication;

/** What a job does, one after the other, once the code is checked out and its toolchains are set up. */
public sealed interface Step {

    /**
     * A shell command.
     *
     * @param title short, for people: {@code Run tests}
     * @param folder from the project's root, or {@link Job#EACH} in a job that runs once for each package
     * @param evidence why this command: shown in the report and, where it helps, as a comment
     */
    record Run(String title, String command, String folder, Map<String, String> environment, Evidence evidence) implements Step {
        public Run {
            environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        }
    }

    /** Brings the repositories inside of this one, which a plain check-out leaves as empty folders. */
    record Submodules() implements Step {
        /** For whoever reads the files. */
        public static final String WHY = "builds and tests may read them, and a plain check-out leaves their folders empty";
    }

    /** Debian packages that a dependency needs to be built. */
    record SystemPackages(List<String> names) implements Step {}

    /** A program that the commands after it call. @param version exact, from the project or our pins */
    record UseTool(String name, String version) implements Step {}

    /** Test or coverage results, shown in the platform's own way, also when a command before failed. @param globs from the root */
    record Report(Output.Kind kind, List<String> globs) implements Step {}

    /** Keeps files for later jobs and for people. @param globs from the root */
    record Upload(String artifact, List<String> globs, int keepDays) implements Step {}

    /** Brings what an earlier job kept. */
    record Download(String artifact, String folder) implements Step {}

    /** Known vulnerabilities in dependencies, secrets in files, unsafe configuration. Fails on what can be fixed. */
    record ScanSource() implements Step {}

    /** Builds a container image, tests and scans it; pushes it by digest, with SBOM, provenance and signature, where the job may. */
    record Image(ContainerImage image, boolean push) implements Step {}

    /**
     * Publishes a package where the project shows that it is published.
     *
     * @param packed folder, from the root, of the files that an earlier job packed and that are published as they are; empty where the
     *               registry's client packs by itself
     */
    record Publish(Publication publication, String ecosystem, String manager, String folder, String packed) implements Step {
        public boolean isPacked() {
            return !packed.isEmpty();
        }
    }

    /** Brings a release to an environment, checks it, and goes back when the check fails. */
    record Deploy(Release release) implements Step {}

    /**
     * Compares the infrastructure with its code: drift and pending change are two different outcomes.
     *
     * @param environment that its credentials belong to; these read and don't write
     */
    record DetectDrift(String folder, String cloud, String environment, Engine engine) implements Step {
        /** Who the job is there. */
        public Release place() {
            return new Release(Release.Kind.TERRAFORM, folder, "", cloud, environment, "", engine);
        }
    }

    /**
     * Plans what a proposed change would do to the infrastructure, shows it, and asks the guard. Applies nothing.
     *
     * @param folders root modules, in the order in which they need each other
     * @param environment that its credentials belong to; these read and don't write
     */
    record PreviewChange(List<String> folders, String cloud, String environment, Engine engine) implements Step {
        public Release place(String folder) {
            return new Release(Release.Kind.TERRAFORM, folder, "", cloud, environment, "", engine);
        }
    }

    /**
     * @param name suffix of the image's name in the registry, empty for the project's only image
     * @param context folder that the build sees
     * @param target stage to build, empty for the last
     * @param testTarget a stage named for tests, built first; empty where there is none
     * @param arguments build arguments without a default in the Dockerfile
     */
    record ContainerImage(String name, String dockerfile, String context, String target, String testTarget, List<String> arguments) {}

    /**
     * @param kind how it is brought there
     * @param path of the chart, kustomization, manifests or root module; empty for a bare image
     * @param cloud {@code aws}, {@code gcp}, {@code azure}, or empty where a kubeconfig is given as a secret
     * @param environment {@code staging} or {@code production}
     * @param imageJob id of the job that pushed the image, or empty
     * @param engine what applies the root module; null for the other kinds
     */
    record Release(Kind kind, String path, String name, String cloud, String environment, String imageJob, Engine engine) {
        public enum Kind { HELM, KUSTOMIZE, MANIFESTS, TERRAFORM, CONTAINER_SERVICE }
    }

    /**
     * The program that plans and applies infrastructure as code.
     *
     * @param program {@code terraform} or {@code tofu}
     * @param version a line or an exact one: it writes the state, which an older one can't read any more
     * @param guard a script, from the project's root, that judges a plan before it is applied; empty where there is none
     */
    record Engine(String program, String version, String guard) {}
}
