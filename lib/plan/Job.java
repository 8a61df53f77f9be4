package lib.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One job of a pipeline, in words that every platform has.
 *
 * @param id unique, of lower-case letters, digits and dashes
 * @param needs ids of jobs that must have succeeded
 * @param filter the job runs on a proposed change only when this one applies; null: always
 * @param each when not empty the job runs once for each of these packages, and {@link #EACH} stands for the package's folder
 * @param matrix runs of the same job on several versions of a runtime, or null
 * @param environment variables of all its steps
 * @param grants what the job may do besides reading the code
 * @param target the environment that it deploys to, or empty; a job with one is never cancelled and runs alone
 * @param approval a person must agree before it starts
 * @param docker its steps need a Docker daemon
 * @param cache whether caches may be used: never in jobs that publish
 */
public record Job(
        String id, String title, Stage stage, When when, List<String> needs, ChangeFilter filter, List<Each> each, List<Toolchain> toolchains,
        Matrix matrix, List<ServiceContainer> services, Map<String, String> environment, List<Step> steps, int timeoutMinutes,
        Set<Grant> grants, String target, boolean approval, boolean docker, boolean cache) {

    /** Stands for the folder of the package in a job with {@link #each}; no path of a file or folder can hold it. */
    public static final String EACH = "\0{package}";

    /** On which events a job runs. */
    public enum When {
        /** Proposed changes and the default branch; version tags too, where a job for tags needs it. */
        CHANGE,
        /** Proposed changes only. */
        PROPOSAL,
        DEFAULT_BRANCH,
        /** The default branch, and version tags. */
        DEFAULT_BRANCH_AND_TAG,
        /** Version tags. */
        TAG,
        SCHEDULE
    }

    public enum Grant {
        WRITE_PACKAGES, IDENTITY, WRITE_ATTESTATIONS, WRITE_SECURITY_EVENTS, WRITE_RELEASES, WRITE_ISSUES
    }

    /** @param path folder of the package; @param filter of its own */
    public record Each(String path, ChangeFilter filter) {}

    /**
     * @param runtime whose versions these are
     * @param always on every change: the lowest and the highest
     * @param nightly all that are supported and allowed; equal to {@code always} where there are no more
     */
    public record Matrix(String runtime, List<String> always, List<String> nightly) {}

    /** @param health a command inside the container that exits 0 when it is ready; empty where there is none */
    public record ServiceContainer(String name, String image, int port, Map<String, String> environment, String health) {}

    /**
     * Which paths concern a unit: its own, those of what it depends on, and what concerns all.
     *
     * @param id unique, of lower-case letters, digits and underscores
     * @param paths folders or files from the root; a folder stands for all below it
     */
    public record ChangeFilter(String id, List<String> paths) {}

    public boolean deploys() {
        return !target.isEmpty();
    }

    /** The same job with one more step, before all others. */
    public Job after(Step first) {
        List<Step> all = new ArrayList<>(List.of(first));
        all.addAll(steps);
        return new Job(id, title, stage, when, needs, filter, each, toolchains, matrix, services, environment, List.copyOf(all), timeoutMinutes, grants, target, approval, docker, cache);
    }

    public boolean hasSubmodules() {
        return steps.stream().anyMatch(Step.Submodules.class::isInstance);
    }

    /** The environment whose credentials it gets: the one that it deploys to, looks at for drift or plans for; empty for none. */
    public String access() {
        return steps.stream().map(s -> s instanceof Step.DetectDrift drift ? drift.environment() : s instanceof Step.PreviewChange preview ? preview.environment() : null)
                .filter(java.util.Objects::nonNull).findFirst().orElse(target);
    }

    /** A proposal from elsewhere gets no identity that is worth something: such a job is only for branches of the project itself. */
    public boolean needsOwnBranch() {
        return when == When.PROPOSAL && grants.contains(Grant.IDENTITY);
    }

    public static Builder of(String id, String title, Stage stage) {
        return new Builder(id, title, stage);
    }

    /** Collects a job; every call returns the builder. */
    public static final class Builder {
        private final String id;
        private String title;
        private final Stage stage;
        private When when = When.CHANGE;
        private final List<String> needs = new ArrayList<>();
        private ChangeFilter filter;
        private final List<Each> each = new ArrayList<>();
        private final List<Toolchain> toolchains = new ArrayList<>();
        private Matrix matrix;
        private final List<ServiceContainer> services = new ArrayList<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private final List<Step> steps = new ArrayList<>();
        private int timeoutMinutes = 15;
        private final Set<Grant> grants = EnumSet.noneOf(Grant.class);
        private String target = "";
        private boolean approval;
        private boolean docker;
        private boolean cache = true;

        private Builder(String id, String title, Stage stage) {
            this.id = id;
            this.title = title;
            this.stage = stage;
        }

        public Builder title(String value) {
            title = value;
            return this;
        }

        public Builder when(When value) {
            when = value;
            return this;
        }

        public Builder needs(List<String> ids) {
            needs.addAll(ids);
            return this;
        }

        public Builder filter(ChangeFilter value) {
            filter = value;
            return this;
        }

        public Builder each(List<Each> value) {
            each.addAll(value);
            return this;
        }

        public Builder toolchain(Toolchain value) {
            toolchains.add(value);
            return this;
        }

        public Builder matrix(Matrix value) {
            matrix = value;
            return this;
        }

        public Builder service(ServiceContainer value) {
            services.add(value);
            return this;
        }

        public Builder environment(Map<String, String> value) {
            environment.putAll(value);
            return this;
        }

        public Builder step(Step value) {
            steps.add(value);
            return this;
        }

        public Builder timeoutMinutes(int value) {
            timeoutMinutes = value;
            return this;
        }

        public Builder grant(Grant... values) {
            grants.addAll(List.of(values));
            return this;
        }

        public Builder target(String environmentName, boolean needsApproval) {
            target = environmentName;
            approval = needsApproval;
            return this;
        }

        public Builder docker(boolean value) {
            docker = value;
            return this;
        }

        public Builder noCache() {
            cache = false;
            return this;
        }

        public String id() {
            return id;
        }

        public Job build() {
            return new Job(id, title, stage, when, List.copyOf(needs), filter, List.copyOf(each), List.copyOf(toolchains), matrix,
                    List.copyOf(services), new LinkedHashMap<>(environment), List.copyOf(steps), timeoutMinutes, grants, target, approval,
                    docker, cache);
        }
    }

    /** The stages of a pipeline, in their order; what {@code --stages} selects from. */
    public enum Stage {
        LINT, TEST, BUILD, SECURITY, PACKAGE, PUBLISH, DEPLOY;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static List<String> ids() {
            return Arrays.stream(values()).map(Stage::id).toList();
        }

        public static Stage of(String id) {
            return valueOf(id.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * A language runtime with its package manager, as a job needs it.
     *
     * @param runtime {@code node}, {@code python}, {@code java}, … as in {@link lib.scan.Component.Runtime}
     * @param version what to install: exact or a line such as {@code 24}; in a job with a matrix, the value outside of it (the highest)
     * @param range what the project declares, in its own syntax; empty where it pins a version or says nothing
     * @param pinned whether the project itself names the version
     * @param versionFile from the root, where the project pins the version in a file that set-up steps read; else empty
     * @param manager package manager id
     * @param managerVersion exact or empty
     * @param managerDeclared whether the manifest itself names that version, in the field that set-up steps read
     * @param lockFiles from the root: what the cache is keyed on; none means no cache
     * @param folder of the component, from the root, or {@link Job#EACH}
     * @param extensions what is needed beside the runtime itself: PHP's {@code intl}, lines of .NET that tests run on
     */
    public record Toolchain(String runtime, String version, String range, boolean pinned, String versionFile, String manager, String managerVersion, boolean managerDeclared,
                            List<String> lockFiles, String folder, List<String> extensions) {}
}
