package lib.plan;

//SOURCES Step.java Job.java PipelinePlan.java
//SOURCES Versions.java Pins.java VersionRange.java
//SOURCES Units.java CheckJobs.java DeliveryJobs.java

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.PipelinePlan.PlanOptions;
import lib.plan.Units.Unit;
import lib.scan.Finding;
import lib.scan.ProjectFacts;

/** The second stage: facts and options in, a neutral plan out. Pure: the same input gives the same plan. */
public final class PipelinePlanner {
    private final ProjectFacts facts;
    private final PlanOptions options;
    private final Versions versions;
    private final Pins pins;

    private PipelinePlanner(ProjectFacts facts, PlanOptions options, Versions versions, Pins pins) {
        this.facts = facts;
        this.options = options;
        this.versions = versions;
        this.pins = pins;
    }

    public static PipelinePlan plan(ProjectFacts facts, PlanOptions options, Versions versions, Pins pins) {
        return new PipelinePlanner(facts, options, versions, pins).plan();
    }

    private PipelinePlan plan() {
        List<Unit> units = Units.of(facts);
        CheckJobs checks = new CheckJobs(facts, options, versions, pins);
        List<Job> jobs = new ArrayList<>(checks.plan(units));
        List<Finding> findings = new ArrayList<>(checks.findings());
        DeliveryJobs delivery = new DeliveryJobs(facts, options, versions, pins, List.copyOf(jobs), checks.packed());
        jobs.addAll(delivery.plan());
        findings.addAll(delivery.findings());
        if (!facts.submodules().isEmpty()) {
            // A scan looks at what is the project's own.
            jobs.replaceAll(j -> j.steps().stream().anyMatch(s -> s instanceof Step.Run || s instanceof Step.Image) ? j.after(new Step.Submodules()) : j);
        }
        Set<Job.ChangeFilter> filters = new LinkedHashSet<>();
        for (Job job : jobs) {
            if (job.filter() != null) {
                filters.add(job.filter());
            }
            job.each().forEach(e -> filters.add(e.filter()));
        }
        filters.remove(null);
        findings.addAll(missing(jobs));
        String branch = facts.defaultBranch().isEmpty() ? "main" : facts.defaultBranch();
        return new PipelinePlan(facts.name(), branch, List.copyOf(jobs), List.copyOf(filters), findings);
    }

    /** A stage without evidence is left out, and the user learns what would bring it in. */
    private List<Finding> missing(List<Job> jobs) {
        List<Finding> findings = new ArrayList<>();
        for (Stage stage : options.stages()) {
            boolean planned = jobs.stream().anyMatch(j -> j.stage() == stage || !j.each().isEmpty() && stage.compareTo(Stage.BUILD) <= 0);
            if (!planned) {
                String message = "no " + stage.id() + " stage: the project shows nothing for it";
                findings.add(options.stagesGiven() ? Finding.warning("stage-without-evidence", message, enabler(stage))
                        : Finding.info("stage-without-evidence", message, enabler(stage)));
            }
        }
        return findings;
    }

    private static String enabler(Stage stage) {
        return switch (stage) {
            case LINT -> "add a lint script or task, or a linter as a dependency together with its configuration";
            case TEST -> "add a test script or task, or tests in the ecosystem's own layout";
            case BUILD -> "add a build script or task";
            case SECURITY -> "add a manifest with dependencies";
            case PACKAGE -> "add a Dockerfile";
            case PUBLISH -> "show where the package goes, e.g. publishConfig in package.json";
            case DEPLOY -> "add a Helm chart, a kustomization, Kubernetes manifests or Terraform, or a Dockerfile and --deploy-to";
        };
    }
}

/** The JBang index of the second stage: neutral records and the planners that fill them. No platform's word in this package. */
final class Plans {
    private Plans() {}
}
