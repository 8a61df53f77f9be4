package lib.deploy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lib.plan.Rollout;
import lib.plan.RolloutPlanner.Planned;
import lib.plan.RolloutPlanner;
import lib.scan.Finding.Severity;
import lib.scan.Finding;

/** One deployment on its way through the stages: each method is one of them, and needs those before it. */
public final class Deployment {
    private final DeployOptions options;
    private final Release release;
    private final List<Finding> findings = new ArrayList<>();
    private Rollout plan;

    private Deployment(DeployOptions options, Release release) {
        this.options = options;
        this.release = release;
        findings.addAll(release.config().problems());
        findings.addAll(release.findings());
    }

    /** Reads the folder and its configuration. */
    public static Deployment scan(DeployOptions options, Path cwd, String subject) {
        return new Deployment(options, options.release(cwd, subject));
    }

    /** From the manifests alone. */
    public void plan() {
        if (release.workload() == null && options.targetOf(release).equals("kubernetes") && !"feature-flag".equals(options.strategy)) {
            throw lib.cli.Failure.cannotProceed("nothing to deploy in " + release.folder().getFileName() + ": no Deployment, StatefulSet or DaemonSet, and no deployment.yaml with a section local",
                    "name the manifests with --manifests, --chart or --kustomize");
        }
        Planned planned = RolloutPlanner.plan(options.request(release, null));
        plan = planned.rollout();
        findings.addAll(planned.findings());
    }

    /** @return whether nothing speaks against it */
    public boolean preflight() {
        findings.addAll(Preflight.check(release, plan));
        return findings.stream().noneMatch(f -> f.severity() == Severity.ERROR);
    }

    public boolean isConfigured() {
        return release.config().problems().isEmpty();
    }

    public List<Finding> findings() {
        return findings;
    }

    public ObjectNode forecast() {
        return new Forecast(plan, options.traffic).json(Preflight.unchecked(release));
    }

    public String timeline() {
        return new Forecast(plan, options.traffic).text(Preflight.unchecked(release));
    }
}
