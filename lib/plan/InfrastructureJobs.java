package lib.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lib.plan.Infrastructure.Cloud;
import lib.plan.Infrastructure.EnvironmentPlan;
import lib.plan.Infrastructure.Feature;
import lib.plan.Infrastructure.Root;
import lib.plan.Job.Grant;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.Job.When;
import lib.plan.Step.Release;
import lib.scan.Finding.Evidence;

/**
 * The pipeline of a tree of infrastructure: everything is checked on a change, and a proposed one is planned for every environment by a role
 * that only reads; after that one environment is applied after the other, each plan past the guard, those but the first behind an approval;
 * and every night somebody looks for drift.
 */
public final class InfrastructureJobs {
    private static final String GUARD = "scripts/destroy-guard";
    private final Infrastructure infrastructure;
    private final String engineVersion;
    private final List<Job> jobs = new ArrayList<>();

    private InfrastructureJobs(Infrastructure infrastructure, Versions versions) {
        this.infrastructure = infrastructure;
        // The newest that is known: what it has to be at least is said by the files themselves.
        this.engineVersion = versions.runtime(program()).map(r -> r.defaultLine()).orElse("");
    }

    public static PipelinePlan plan(Infrastructure infrastructure, Versions versions, String defaultBranch) {
        InfrastructureJobs planner = new InfrastructureJobs(infrastructure, versions);
        infrastructure.clouds().forEach(planner::cloud);
        return new PipelinePlan("Infrastructure", defaultBranch, List.copyOf(planner.jobs), List.of(), List.of());
    }

    private String program() {
        return infrastructure.request().engine().id();
    }

    private void cloud(Cloud cloud) {
        String id = cloud.catalogue().provider().id();
        boolean isOnly = infrastructure.clouds().size() == 1;
        String tree = isOnly ? "." : id;
        String suffix = isOnly ? "" : "-" + id;
        String check = "check" + suffix;
        String title = isOnly ? "" : " (" + cloud.catalogue().provider().title() + ")";
        Job.Builder checks = Job.of(check, "Check" + title, Stage.TEST).timeoutMinutes(30).toolchain(toolchain(tree))
                .step(new Step.Run("Format", program() + " fmt -check -recursive", tree, Map.of(), evidence(tree)));
        String each = "for folder in $(find . -name '*.tf' -not -path '*/.terraform/*' -exec dirname {} + | sort -u); do\n  %s\ndone";
        checks.step(new Step.Run("Validate", each.formatted(program() + " -chdir=\"$folder\" init -backend=false -input=false && " + program() + " -chdir=\"$folder\" validate || exit 1"), tree, Map.of(), evidence(tree)));
        if (infrastructure.request().features().has(Feature.MOCK_TESTS)) {
            checks.step(new Step.Run("Test, without an account", each.formatted("if [ -d \"$folder/tests\" ]; then " + program() + " -chdir=\"$folder\" test || exit 1; fi"), tree, Map.of(), evidence(tree)));
        }
        jobs.add(checks.build());
        cloud.environments().forEach(e -> preview(id, e, suffix, check, tree));
        String before = check;
        for (EnvironmentPlan environment : cloud.environments()) {
            before = apply(cloud, environment, suffix, before, tree);
        }
        for (EnvironmentPlan environment : cloud.environments()) {
            environment.roots().forEach(r -> drift(id, r, suffix, tree));
        }
    }

    private void preview(String provider, EnvironmentPlan environment, String suffix, String check, String tree) {
        String name = environment.environment().name() + suffix;
        List<String> folders = environment.roots().stream().map(r -> path(tree, r.folder())).toList();
        jobs.add(Job.of("plan-" + name, "Plan " + name, Stage.DEPLOY).when(When.PROPOSAL).needs(List.of(check)).timeoutMinutes(30).noCache().grant(Grant.IDENTITY).toolchain(toolchain(tree))
                .step(new Step.PreviewChange(folders, provider, reader(name), engine(tree))).build());
    }

    /** The environment of a role that reads: the module of identities trusts it under the same name. */
    private static String reader(String environment) {
        return environment + "-plan";
    }

    /** The roots of an environment in the order of what they read of each other; yields the job to wait for before the next environment. */
    private String apply(Cloud cloud, EnvironmentPlan environment, String suffix, String before, String tree) {
        String name = environment.environment().name() + suffix;
        // A mistake in what people try out is caught there; what others depend on wants somebody's word.
        boolean needsApproval = environment != cloud.environments().get(0) || environment.environment().profile().equals("production");
        Map<String, String> ids = new LinkedHashMap<>();
        for (Root root : environment.roots()) {
            String id = "apply-" + name + (root.component().isEmpty() ? "" : "-" + root.component());
            List<String> needs = new ArrayList<>(root.needs().stream().map(ids::get).filter(java.util.Objects::nonNull).toList());
            if (needs.isEmpty()) {
                needs.add(before);
            }
            String folder = path(tree, root.folder());
            Release release = new Release(Release.Kind.TERRAFORM, folder, root.folder(), cloud.catalogue().provider().id(), name, "", engine(tree));
            jobs.add(Job.of(id, "Apply " + name + (root.component().isEmpty() ? "" : ", " + root.component()), Stage.DEPLOY).when(When.DEFAULT_BRANCH).needs(needs).timeoutMinutes(60).noCache()
                    .target(name, needsApproval).grant(Grant.IDENTITY).toolchain(toolchain(folder)).step(new Step.Deploy(release)).build());
            ids.put(root.component(), id);
        }
        return ids.values().stream().reduce((first, last) -> last).orElse(before);
    }

    private void drift(String provider, Root root, String suffix, String tree) {
        String folder = path(tree, root.folder());
        String id = "drift-" + root.environment().name() + suffix + (root.component().isEmpty() ? "" : "-" + root.component());
        jobs.add(Job.of(id, "Look for drift in " + folder, Stage.DEPLOY).when(When.SCHEDULE).timeoutMinutes(20).noCache().grant(Grant.WRITE_ISSUES, Grant.IDENTITY)
                .toolchain(toolchain(folder)).step(new Step.DetectDrift(folder, provider, reader(root.environment().name() + suffix), engine(tree))).build());
    }

    private static String path(String tree, String folder) {
        return tree.equals(".") ? folder : tree + "/" + folder;
    }

    private Step.Engine engine(String tree) {
        return new Step.Engine(program(), engineVersion, path(tree, GUARD));
    }

    private Toolchain toolchain(String folder) {
        return new Toolchain(program(), engineVersion, "", false, "", "terraform", "", false, List.of(), folder, List.of());
    }

    private static Evidence evidence(String tree) {
        return Evidence.of(path(tree, "README.md"), "infrastructure");
    }
}
