package lib.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lib.plan.Job;
import lib.plan.Pins;
import lib.plan.Step;
import lib.plan.Step.ContainerImage;
import lib.plan.Step.Release;
import lib.render.CiPlatform.Context;
import lib.render.CircleCi.Notes;
import lib.render.Rendering.Parity;

/** The steps that scan, build images, publish and deploy, and the contexts that these rely on. */
final class CircleCiDelivery {
    /** Hands the pushed image to the jobs that deploy it. */
    private static final String IMAGE_FILE = "image.env";
    private static final String TAG = "${CIRCLE_TAG:-$CIRCLE_SHA1}";
    private static final String REPOSITORY = "$CIRCLE_PROJECT_USERNAME/$CIRCLE_PROJECT_REPONAME";
    private final Job job;
    private final Context context;
    private final Notes notes;

    CircleCiDelivery(Job job, Context context, Notes notes) {
        this.job = job;
        this.context = context;
        this.notes = notes;
    }

    /** The image of a job that needs another than that of a toolchain. */
    Optional<String> image() {
        if (job.steps().stream().anyMatch(Step.ScanSource.class::isInstance)) {
            return Optional.of(pin("trivy").image());
        }
        boolean isDeployment = job.steps().stream().anyMatch(s -> s instanceof Step.Deploy || s instanceof Step.DetectDrift);
        return isDeployment ? Optional.of(pin("circleci-base").image()) : Optional.empty();
    }

    /** The context whose secrets and variables the job gets, or empty. */
    static String context(Job job) {
        boolean pushes = job.steps().stream().anyMatch(s -> s instanceof Step.Image image && image.push());
        return pushes ? "registry" : job.steps().stream().anyMatch(Step.DetectDrift.class::isInstance) ? "drift" : job.target();
    }

    List<CircleCiJob.Step> steps(Step step) {
        if (step instanceof Step.ScanSource) {
            return List.of(CircleCiJob.Step.run("Scan dependencies, secrets and configuration", DeliveryScripts.scanSource()).comment("What nobody can fix yet would only block."));
        }
        if (step instanceof Step.Image image) {
            return image(image.image(), image.push());
        }
        if (step instanceof Step.Publish publish) {
            return publish(publish);
        }
        if (step instanceof Step.Deploy deploy) {
            return deploy(deploy.release());
        }
        if (step instanceof Step.DetectDrift drift) {
            return drift(drift);
        }
        throw new IllegalStateException("no rendering of " + step);
    }

    // --- images ---

    private List<CircleCiJob.Step> image(ContainerImage image, boolean push) {
        List<CircleCiJob.Step> list = new ArrayList<>();
        if (push) {
            list.add(run("Create a builder", DeliveryScripts.builder(context.pins())).comment("The daemon's own can't attach an SBOM or provenance."));
        }
        if (!image.testTarget().isEmpty()) {
            list.add(run("Run the image's tests", DeliveryScripts.build(image, image.testTarget(), "")).patience("20m"));
        }
        list.add(run("Build", DeliveryScripts.build(image, image.target(), "--load --tag " + DeliveryScripts.LOCAL)).patience("20m"));
        list.add(run("Scan the image", DeliveryScripts.scanImage(context.pins())).comment("Fails on critical vulnerabilities that have a fix."));
        image.arguments().forEach(a -> notes.setting("variable", a, "in the project's environment variables: a build argument of " + image.dockerfile() + " without a default"));
        if (push) {
            push(image, list);
        }
        return list;
    }

    private void push(ContainerImage image, List<CircleCiJob.Step> list) {
        notes.setting("variable", "IMAGE", "in the context registry: name of the image without a tag, as ghcr.io/OWNER/NAME");
        notes.setting("secret", "REGISTRY_USERNAME", "in the context registry");
        notes.setting("secret", "REGISTRY_PASSWORD", "in the context registry: a token that may push this image only");
        notes.setting("trust-policy", "sigstore", "nothing to set up: the public Fulcio trusts the tokens of CircleCI's cloud");
        if (!image.name().isEmpty()) {
            list.add(run("Name the image", "echo \"export IMAGE='$IMAGE/" + image.name() + "'\" >> \"$BASH_ENV\""));
        }
        list.add(run("Log in to the registry", DeliveryScripts.logIn("REGISTRY_USERNAME", "REGISTRY_PASSWORD")));
        list.add(run("Push", DeliveryScripts.push(image, TAG)).patience("20m"));
        list.add(run("Sign the image", DeliveryScripts.cosign(context.pins(), "/tmp") + DeliveryScripts.digest() + "\n"
                + "SIGSTORE_ID_TOKEN=$(circleci run oidc get --claims '{\"aud\": \"sigstore\"}')\nexport SIGSTORE_ID_TOKEN\n/tmp/cosign sign --yes \"$IMAGE@$DIGEST\"\n"
                + "mkdir -p " + CircleCiSteps.WORKSPACE + "\nprintf 'export IMAGE=%q DIGEST=%q\\n' \"$IMAGE\" \"$DIGEST\" > " + CircleCiSteps.WORKSPACE + "/" + IMAGE_FILE + "\n").comment("By the job's own identity: there is no key to keep."));
        if (notes.isDeployed(job.id())) {
            list.add(CircleCiJob.Step.of("persist_to_workspace").with("root", CircleCiSteps.WORKSPACE).with("paths", List.of(IMAGE_FILE)));
        }
    }

    // --- packages ---

    private List<CircleCiJob.Step> publish(Step.Publish publish) {
        String registry = publish.publication().registry();
        List<CircleCiJob.Step> list = new ArrayList<>();
        switch (registry) {
            case "npm" -> {
                trust(publish, "npmjs.com");
                notes.parity(new Parity("provenance of npm packages", "npm makes it for GitHub and GitLab only; the trusted publisher remains"));
                String version = job.toolchains().isEmpty() ? "" : job.toolchains().get(0).version();
                if (!version.matches("v?(2[4-9]|[3-9]\\d)(\\..*)?")) {
                    list.add(run("Update npm", "sudo npm install --global npm@11").comment("Trusted publishing needs 11.5.1 or later."));
                }
                list.add(run("Publish", "NPM_ID_TOKEN=$(circleci run oidc get --claims '{\"aud\": \"npm:registry.npmjs.org\"}')\nexport NPM_ID_TOKEN\nnpm publish --access public\n")
                        .in(publish.folder()));
            }
            case "pypi" -> {
                trust(publish, "PyPI");
                list.add(run("Publish", "pip install twine==" + pin("twine").version() + "\ntwine upload --non-interactive dist/*\n").in(publish.folder())
                        .comment("Twine exchanges the job's identity for a token of PyPI by itself."));
            }
            default -> {
                DeliveryScripts.tokens(publish).forEach(t -> notes.setting("secret", t, "in the context " + job.target() + ": " + (registry.equals("maven-central")
                        ? "as the project's build reads it" : "a token that may publish this package only")));
                if (registry.equals("helm-oci")) {
                    notes.setting("variable", "CHARTS", "in the context " + job.target() + ": registry and path of the charts, as ghcr.io/OWNER/charts");
                }
                list.add(run("Publish", DeliveryScripts.publish(publish, context.pins(), "CIRCLE_TAG", REPOSITORY)).in(publish.folder()));
            }
        }
        return list;
    }

    private void trust(Step.Publish publish, String where) {
        notes.setting("trust-policy", job.target(), "add this project as a trusted publisher of " + publish.publication().name() + " on " + where
                + ", with the ids of the organization, the project, its pipeline definition and the context " + job.target());
    }

    // --- deployments ---

    private List<CircleCiJob.Step> deploy(Release release) {
        boolean isCluster = DeliveryScripts.isCluster(release);
        List<CircleCiJob.Step> list = new ArrayList<>();
        if (!release.imageJob().isEmpty()) {
            list.add(CircleCiJob.Step.of("attach_workspace").with("at", CircleCiSteps.WORKSPACE));
            list.add(run("Take the image that was tested", "cat " + CircleCiSteps.WORKSPACE + "/" + IMAGE_FILE + " >> \"$BASH_ENV\""));
        }
        logIn(release, list);
        if (isCluster) {
            list.add(run("Install " + (release.kind() == Release.Kind.HELM ? "kubectl and Helm" : "kubectl"), DeliveryScripts.kubectl(context.pins(), "sudo ")
                    + (release.kind() == Release.Kind.HELM ? DeliveryScripts.helm(context.pins(), "sudo ") : "")));
            cluster(release, list);
        }
        switch (release.kind()) {
            case HELM -> {
                list.add(run("Deploy", DeliveryScripts.helmUpgrade(release, release.imageJob().isEmpty() ? "" : "$CIRCLE_SHA1")).patience("15m"));
                list.add(smoke(release, DeliveryScripts.helmRollback(release)));
            }
            case KUSTOMIZE, MANIFESTS -> {
                list.add(run("Deploy", DeliveryScripts.apply(release) + orBack("kubectl rollout status deployments --timeout 10m", DeliveryScripts.rolloutUndo())).patience("15m"));
                list.add(smoke(release, DeliveryScripts.rolloutUndo()));
            }
            case TERRAFORM -> {
                terraform(list);
                list.add(run("Plan", DeliveryScripts.terraformPlan()).in(release.path()));
                list.add(run("Apply exactly what was planned", DeliveryScripts.terraformApply()).in(release.path()).patience("30m"));
            }
            case CONTAINER_SERVICE -> containerService(release, list);
        }
        return list;
    }

    private static String orBack(String command, String back) {
        return "if ! " + command + "; then\n" + back.indent(2) + "  exit 1\nfi\n";
    }

    private CircleCiJob.Step smoke(Release release, String back) {
        variable(release, "SMOKE_URL", "an address that answers 2xx when the release is well");
        return run("Check, and roll back where it fails", DeliveryScripts.smoke(back)).patience("15m");
    }

    private void containerService(Release release, List<CircleCiJob.Step> list) {
        variable(release, "SERVICE", "the name of the container service");
        switch (release.cloud()) {
            case "aws" -> variable(release, "CLUSTER", "the ECS cluster");
            case "gcp" -> variable(release, "REGION", "the region of the service");
            default -> variable(release, "RESOURCE_GROUP", "the resource group of the service");
        }
        variable(release, "SMOKE_URL", "an address that answers 2xx when the release is well");
        DeliveryScripts.ServiceChange change = DeliveryScripts.containerService(release.cloud());
        list.add(run("Deploy, check, and roll back where it fails", change.remember() + change.update() + DeliveryScripts.smoke(change.back())).patience("30m"));
    }

    private List<CircleCiJob.Step> drift(Step.DetectDrift drift) {
        List<CircleCiJob.Step> list = new ArrayList<>();
        logIn(new Release(Release.Kind.TERRAFORM, drift.folder(), "", drift.cloud(), "drift", ""), list);
        terraform(list);
        list.add(run("Look for drift", DeliveryScripts.drift()).in(drift.folder()).comment("Somebody changed the infrastructure: that fails."));
        list.add(run("Look for pending changes", DeliveryScripts.pendingChanges()).in(drift.folder()));
        return list;
    }

    private void terraform(List<CircleCiJob.Step> list) {
        notes.orb("terraform");
        String version = context.versions().runtime("terraform").flatMap(r -> r.line(r.defaultLine())).map(l -> l.more().getOrDefault("patch", l.name())).orElse("latest");
        list.add(CircleCiJob.Step.of("terraform/install").with("terraform_version", version));
    }

    // --- clouds, by the job's identity ---

    private void logIn(Release release, List<CircleCiJob.Step> list) {
        boolean isTerraform = release.kind() == Release.Kind.TERRAFORM;
        switch (release.cloud()) {
            case "aws" -> {
                notes.orb("aws-cli");
                variable(release, "AWS_ROLE_ARN", "the role that this context may take by OIDC");
                variable(release, "AWS_REGION", "the region");
                notes.setting("trust-policy", "AWS", "an identity provider https://oidc.circleci.com/org/ORGANIZATION_ID, and a role that trusts this project and the branch that deploys");
                list.add(CircleCiJob.Step.of("aws-cli/setup").with("role_arn", "$AWS_ROLE_ARN").with("region", "$AWS_REGION"));
            }
            case "gcp" -> {
                notes.orb("gcp-cli");
                for (String name : List.of("GOOGLE_PROJECT_ID", "GOOGLE_PROJECT_NUMBER", "OIDC_WIP_ID", "OIDC_WIP_PROVIDER_ID", "OIDC_SERVICE_ACCOUNT_EMAIL")) {
                    variable(release, name, "as the orb gcp-cli reads it");
                }
                notes.setting("trust-policy", "Google Cloud", "a workload identity pool with the issuer https://oidc.circleci.com/org/ORGANIZATION_ID, limited to this project");
                CircleCiJob.Step setup = CircleCiJob.Step.of("gcp-cli/setup").with("use_oidc", "true");
                list.add(DeliveryScripts.isCluster(release) ? setup.with("components", "gke-gcloud-auth-plugin") : setup);
            }
            case "azure" -> azure(release, list, isTerraform);
            default -> { }
        }
    }

    private void azure(Release release, List<CircleCiJob.Step> list, boolean isTerraform) {
        variable(release, "AZURE_CLIENT_ID", "the application with a federated credential for this project");
        variable(release, "AZURE_TENANT_ID", "the tenant");
        variable(release, "AZURE_SUBSCRIPTION_ID", "the subscription");
        notes.setting("trust-policy", "Azure", "a federated credential with the issuer https://oidc.circleci.com/org/ORGANIZATION_ID and the organization's id as audience");
        if (isTerraform) {
            list.add(run("Log in to Azure", """
                    {
                      echo "export ARM_USE_OIDC=true ARM_OIDC_TOKEN=$CIRCLE_OIDC_TOKEN_V2"
                      echo "export ARM_CLIENT_ID=$AZURE_CLIENT_ID ARM_TENANT_ID=$AZURE_TENANT_ID ARM_SUBSCRIPTION_ID=$AZURE_SUBSCRIPTION_ID"
                    } >> "$BASH_ENV"
                    """));
            return;
        }
        notes.orb("azure-cli");
        list.add(CircleCiJob.Step.of("azure-cli/install"));
        list.add(run("Log in to Azure", """
                az login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" --federated-token "$CIRCLE_OIDC_TOKEN_V2" --output none
                az account set --subscription "$AZURE_SUBSCRIPTION_ID"
                """));
    }

    private void cluster(Release release, List<CircleCiJob.Step> list) {
        if (release.cloud().isEmpty()) {
            notes.setting("secret", "KUBECONFIG_DATA", "in the context " + release.environment() + ": base64 of a kubeconfig whose account may deploy to its namespace only");
            list.add(run("Choose the cluster", "install -m 600 -D /dev/null ~/.kube/config\nprintf '%s' \"$KUBECONFIG_DATA\" | base64 --decode > ~/.kube/config\n"));
            return;
        }
        variable(release, "CLUSTER", "the name of the cluster");
        if (release.cloud().equals("gcp")) {
            variable(release, "CLUSTER_LOCATION", "its region or zone");
        }
        if (release.cloud().equals("azure")) {
            variable(release, "RESOURCE_GROUP", "its resource group");
        }
        list.add(run("Choose the cluster", DeliveryScripts.chooseCluster(release.cloud())));
    }

    // --- parts ---

    private static CircleCiJob.Step run(String name, String script) {
        return CircleCiJob.Step.run(name, script);
    }

    private void variable(Release release, String name, String how) {
        notes.setting("variable", name, "in the context " + release.environment() + ": " + how);
    }

    private Pins.ToolPin pin(String tool) {
        return DeliveryScripts.pin(context.pins(), tool);
    }
}
