package lib.render;

import java.util.ArrayList;
import java.util.List;
import lib.plan.Step;
import lib.plan.Step.ContainerImage;
import lib.plan.Step.Release;
import lib.render.GitHubJob.WorkflowStep;
import lib.render.Rendering.Setting;
import lib.scan.Command.Shell;

/** The steps that scan, build images, publish and deploy, and the settings that these rely on. */
final class GitHubDelivery {
    private static final String IMAGE = "${{ steps.name.outputs.image }}";
    /** Only this repository's jobs of this environment may take the role. */
    private static final String AWS_TRUST = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", "
            + "\"Principal\": {\"Federated\": \"arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com\"}, \"Condition\": {\"StringEquals\": "
            + "{\"token.actions.githubusercontent.com:aud\": \"sts.amazonaws.com\", \"token.actions.githubusercontent.com:sub\": \"repo:OWNER/NAME:environment:%s\"}}}]}";
    private final GitHubSteps steps;
    private final List<Setting> settings;

    /** @param settings filled with what somebody must set up outside of the files */
    GitHubDelivery(GitHubSteps steps, List<Setting> settings) {
        this.steps = steps;
        this.settings = settings;
    }

    // --- scan ---

    List<WorkflowStep> scanSource() {
        return List.of(trivy("Scan dependencies and secrets").with("scan-type", "fs").with("scanners", "vuln,secret")
                .with("severity", "HIGH,CRITICAL").with("ignore-unfixed", "true", "what nobody can fix yet would only block").with("exit-code", "1"));
    }

    private WorkflowStep trivy(String name) {
        return steps.action(name, "aquasecurity/trivy-action").with("version", "v" + version("trivy"));
    }

    // --- images ---

    List<WorkflowStep> image(ContainerImage image, boolean push) {
        List<WorkflowStep> list = new ArrayList<>();
        list.add(steps.action("Set up Docker Buildx", "docker/setup-buildx-action"));
        if (!image.testTarget().isEmpty()) {
            list.add(build("Run the image's tests", image).with("target", image.testTarget()));
        }
        WorkflowStep build = build("Build", image).with("load", "true").with("tags", "local:scan");
        list.add(push ? build : build.with("cache-from", "type=gha").with("cache-to", "type=gha,mode=max"));
        list.add(trivy("Fail on critical vulnerabilities that have a fix").with("scan-type", "image").with("image-ref", "local:scan").with("scanners", "vuln")
                .with("severity", "CRITICAL").with("ignore-unfixed", "true").with("exit-code", "1"));
        if (push) {
            push(image, list);
        }
        return list;
    }

    private void push(ContainerImage image, List<WorkflowStep> list) {
        String suffix = image.name().isEmpty() ? "" : "/" + image.name();
        list.add(new WorkflowStep("Name the image").id("name").comment("registries take lower case only")
                .run("echo \"image=ghcr.io/${GITHUB_REPOSITORY,,}" + suffix + "\" >> \"$GITHUB_OUTPUT\""));
        list.add(steps.action("Log in to the registry", "docker/login-action").with("registry", "ghcr.io").with("username", "${{ github.actor }}")
                .with("password", "${{ github.token }}"));
        list.add(steps.action("Choose tags", "docker/metadata-action").id("meta").with("images", IMAGE)
                .with("tags", "type=sha,format=long\ntype=semver,pattern={{version}}\ntype=ref,event=branch\n"));
        list.add(build("Push", image).id("push").with("push", "true").with("tags", "${{ steps.meta.outputs.tags }}").with("labels", "${{ steps.meta.outputs.labels }}")
                .with("sbom", "true").with("provenance", "mode=max"));
        list.add(steps.action("Set up Cosign", "sigstore/cosign-installer"));
        list.add(new WorkflowStep("Sign by the job's identity").env("IMAGE", IMAGE).env("DIGEST", "${{ steps.push.outputs.digest }}")
                .run("cosign sign --yes \"$IMAGE@$DIGEST\""));
        list.add(steps.action("Attest the build", "actions/attest").with("subject-name", IMAGE)
                .with("subject-digest", "${{ steps.push.outputs.digest }}").with("push-to-registry", "true"));
    }

    private WorkflowStep build(String name, ContainerImage image) {
        WorkflowStep step = steps.action(name, "docker/build-push-action").with("context", steps.folder(image.context()));
        return image.dockerfile().equals("Dockerfile") && image.context().equals(".") ? step : step.with("file", steps.folder(image.dockerfile()));
    }

    // --- packages ---

    List<WorkflowStep> publish(Step.Publish publish) {
        String folder = steps.folder(DeliveryScripts.folder(publish));
        return switch (publish.publication().registry()) {
            case "npm" -> {
                trust("npm", "add this repository's release.yml as a trusted publisher of " + publish.publication().name() + " on npmjs.com");
                WorkflowStep step = new WorkflowStep("Publish").run(DeliveryScripts.npmPublish(publish, "--provenance ")).folder(folder);
                yield !DeliveryScripts.hasOldNpm(steps.job()) ? List.of(step) : List.of(new WorkflowStep("Update npm").comment("trusted publishing needs 11.5.1 or later")
                        .run("npm install --global npm@" + version("npm")), step);
            }
            case "pypi" -> {
                trust("pypi", "add this repository's release.yml as a trusted publisher of " + publish.publication().name() + " on PyPI");
                yield List.of(steps.action("Publish", "pypa/gh-action-pypi-publish").with("packages-dir", publish.isPacked() ? steps.folder(publish.packed()) : folder.equals(".") ? "dist" : folder + "/dist"));
            }
            case "crates" -> {
                trust("crates", "add this repository's release.yml as a trusted publisher of " + publish.publication().name() + " on crates.io");
                yield List.of(steps.action("Get a short-lived token", "rust-lang/crates-io-auth-action").id("auth"),
                        new WorkflowStep("Publish").env("CARGO_REGISTRY_TOKEN", "${{ steps.auth.outputs.token }}").run(DeliveryScripts.cargoPublish()).folder(folder)
                                .comment("cargo uploads the sources, and builds them once more to prove that they are complete"));
            }
            case "nuget" -> {
                trust("nuget", "add a trusted publishing policy for this repository's release.yml on nuget.org");
                settings.add(new Setting("variable", "NUGET_USER", "the nuget.org account that owns the package"));
                List<WorkflowStep> list = new ArrayList<>();
                if (!publish.isPacked()) {
                    list.add(new WorkflowStep("Pack").run("dotnet pack --configuration Release --output artifacts").folder(folder));
                }
                list.add(steps.action("Get a short-lived key", "NuGet/login").id("login").with("user", "${{ vars.NUGET_USER }}"));
                list.add(new WorkflowStep("Publish").env("NUGET_API_KEY", "${{ steps.login.outputs.NUGET_API_KEY }}").run(DeliveryScripts.nugetPush(publish)).folder(folder));
                yield list;
            }
            case "rubygems" -> {
                trust("rubygems", "add this repository's release.yml as a trusted publisher of " + publish.publication().name() + " on rubygems.org");
                yield List.of(steps.action("Get short-lived credentials", "rubygems/configure-rubygems-credentials"),
                        new WorkflowStep("Publish").run(DeliveryScripts.publish(publish, steps.context().pins(), "GITHUB_REF_NAME", "$GITHUB_REPOSITORY").strip()).folder(folder));
            }
            case "maven-central" -> mavenCentral(publish);
            case "helm-oci" -> List.of(new WorkflowStep("Publish").env("TOKEN", "${{ github.token }}").run("""
                    printf '%s' "$TOKEN" | helm registry login ghcr.io --username "$GITHUB_ACTOR" --password-stdin
                    helm package . --destination package
                    helm push package/*.tgz "oci://ghcr.io/${GITHUB_REPOSITORY,,}"
                    """).folder(folder));
            default -> publish.publication().evidence().rule().equals("goreleaser-config") ? goreleaser() : release();
        };
    }

    private List<WorkflowStep> mavenCentral(Step.Publish publish) {
        if (DeliveryScripts.isSbt(publish)) {
            WorkflowStep step = new WorkflowStep("Publish").folder(steps.folder(publish.folder()));
            for (String secret : DeliveryScripts.tokens(publish)) {
                settings.add(new Setting("secret", secret, "in the environment maven-central; " + (secret.equals("PGP_SECRET")
                        ? "the signing key, as gpg --armor --export-secret-keys KEY | base64 --wrap 0 prints it" : "Maven Central has no trusted publishing")));
                step.env(secret, "${{ secrets." + secret + " }}");
            }
            return List.of(step.run(DeliveryScripts.sbt(publish, "").strip()));
        }
        for (String secret : List.of("MAVEN_CENTRAL_USERNAME", "MAVEN_CENTRAL_PASSWORD", "MAVEN_GPG_PRIVATE_KEY", "MAVEN_GPG_PASSPHRASE")) {
            settings.add(new Setting("secret", secret, "in the environment maven-central; Maven Central has no trusted publishing"));
        }
        boolean isGradle = publish.manager().equals("gradle");
        WorkflowStep step = new WorkflowStep("Publish").folder(steps.folder(publish.folder()));
        return List.of(isGradle
                ? step.env("ORG_GRADLE_PROJECT_mavenCentralUsername", "${{ secrets.MAVEN_CENTRAL_USERNAME }}")
                        .env("ORG_GRADLE_PROJECT_mavenCentralPassword", "${{ secrets.MAVEN_CENTRAL_PASSWORD }}")
                        .env("ORG_GRADLE_PROJECT_signingInMemoryKey", "${{ secrets.MAVEN_GPG_PRIVATE_KEY }}")
                        .env("ORG_GRADLE_PROJECT_signingInMemoryKeyPassword", "${{ secrets.MAVEN_GPG_PASSPHRASE }}").run(DeliveryScripts.build(publish))
                : step.env("MAVEN_CENTRAL_USERNAME", "${{ secrets.MAVEN_CENTRAL_USERNAME }}").env("MAVEN_CENTRAL_PASSWORD", "${{ secrets.MAVEN_CENTRAL_PASSWORD }}")
                        .env("MAVEN_GPG_KEY", "${{ secrets.MAVEN_GPG_PRIVATE_KEY }}").env("MAVEN_GPG_PASSPHRASE", "${{ secrets.MAVEN_GPG_PASSPHRASE }}")
                        .run(DeliveryScripts.build(publish)));
    }

    private List<WorkflowStep> goreleaser() {
        return List.of(steps.action("Release", "goreleaser/goreleaser-action").with("version", "v" + version("goreleaser")).with("args", "release --clean")
                .env("GITHUB_TOKEN", "${{ github.token }}"));
    }

    private List<WorkflowStep> release() {
        return List.of(new WorkflowStep("Create the release").env("GH_TOKEN", "${{ github.token }}")
                .run("gh release create \"$GITHUB_REF_NAME\" --verify-tag --generate-notes"));
    }

    private void trust(String environment, String how) {
        settings.add(new Setting("environment", environment, "create it, and limit it to version tags"));
        settings.add(new Setting("trust-policy", environment, how));
    }

    // --- drift ---

    /** Three outcomes: as written, a change that nobody applied yet, or drift: only the last opens an issue, and closes it when it is gone. */
    List<WorkflowStep> detectDrift(Step.DetectDrift drift) {
        settings.add(new Setting("environment", drift.environment(), "credentials that may read, not write"));
        List<WorkflowStep> list = new ArrayList<>(logIn(drift.place()));
        list.add(new WorkflowStep("Compare state, code and reality").id("compare").folder(steps.folder(drift.folder())).run(DRIFT.replace("terraform ", drift.engine().program() + " ")));
        list.add(new WorkflowStep("Open or close the issue").env("GH_TOKEN", "${{ github.token }}").env("GH_REPO", "${{ github.repository }}")
                .env("FOLDER", steps.folder(drift.folder())).env("DRIFTED", "${{ steps.compare.outputs.drifted }}").run(ISSUE));
        return list;
    }

    /** The exit code of a refresh-only plan is not to be trusted (2 without any change): its JSON is. */
    private static final String DRIFT = """
            terraform init -input=false
            terraform plan -refresh-only -input=false -out=refresh.tfplan
            terraform plan -input=false -out=change.tfplan
            drifted=$(terraform show -json refresh.tfplan | jq '[.resource_drift[]?] | length')
            pending=$(terraform show -json change.tfplan | jq '[.resource_changes[]? | select(.change.actions | inside(["no-op", "read"]) | not)] | length')
            echo "$drifted resources drifted, $pending changes are not applied yet" >> "$GITHUB_STEP_SUMMARY"
            echo "drifted=$drifted" >> "$GITHUB_OUTPUT"
            """;
    private static final String ISSUE = """
            export TITLE="Terraform drift in $FOLDER"
            number=$(gh issue list --state open --limit 200 --json number,title --jq 'map(select(.title == env.TITLE))[0].number // empty')
            if [ "$DRIFTED" -eq 0 ]; then
              if [ -n "$number" ]; then gh issue close "$number" --comment "The infrastructure is what its code says again."; fi
              exit 0
            fi
            if [ -z "$number" ]; then gh issue create --title "$TITLE" --body "$DRIFTED resources are not what the code says: $GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"; fi
            exit 1
            """;

    // --- proposals ---

    /** The plan of each root module in the summary of the run, then what the guard says of it; the guard's word decides. */
    List<WorkflowStep> preview(Step.PreviewChange preview) {
        settings.add(new Setting("environment", preview.environment(), "credentials that may read, not write; any branch of this repository may use it"));
        List<WorkflowStep> list = new ArrayList<>(logIn(preview.place(preview.folders().get(0))));
        for (int i = 0; i < preview.folders().size(); i++) {
            String folder = preview.folders().get(i);
            WorkflowStep step = new WorkflowStep("Plan " + folder).folder(steps.folder(folder)).run(DeliveryScripts.terraformPreview(preview.engine())
                    + SUMMARY.formatted(Shell.word("## Plan of " + folder)) + DeliveryScripts.guard(preview.place(folder)) + " 2>&1 | tee -a \"$GITHUB_STEP_SUMMARY\"\n");
            // The others are of interest too, where one can't be planned before another is applied.
            list.add(i == 0 ? step : step.condition("${{ !cancelled() }}"));
        }
        return list;
    }

    /** A summary takes a megabyte. What is sensitive the engine doesn't print. */
    private static final String SUMMARY = """
            {
              echo %s
              echo '~~~~~'
              head -c 900000 plan.txt
              echo '~~~~~'
            } >> "$GITHUB_STEP_SUMMARY"
            set -o pipefail # the guard's word, not tee's
            """;

    // --- deployments ---

    List<WorkflowStep> deploy(Release release) {
        settings.add(new Setting("environment", release.environment(), release.environment().equals("production") ? "create it with required reviewers: that is the approval" : "create it"));
        List<WorkflowStep> list = new ArrayList<>(logIn(release));
        switch (release.kind()) {
            case HELM -> helm(release, list);
            case KUSTOMIZE, MANIFESTS -> kubectl(release, list);
            case TERRAFORM -> terraform(release, list);
            case CONTAINER_SERVICE -> containerService(release, list);
        }
        if (release.kind() != Release.Kind.TERRAFORM) {
            settings.add(new Setting("variable", "SMOKE_URL", "in the environment " + release.environment() + ": an address that answers 2xx when the release is well"));
        }
        return list;
    }

    private List<WorkflowStep> logIn(Release release) {
        boolean isCluster = release.kind() == Release.Kind.HELM || release.kind() == Release.Kind.KUSTOMIZE || release.kind() == Release.Kind.MANIFESTS;
        List<WorkflowStep> list = new ArrayList<>();
        switch (release.cloud()) {
            case "aws" -> {
                variable(release, "AWS_ROLE_ARN", "the role that this environment may take by OIDC");
                variable(release, "AWS_REGION", "the region");
                list.add(steps.action("Log in to AWS", "aws-actions/configure-aws-credentials").with("role-to-assume", "${{ vars.AWS_ROLE_ARN }}").with("aws-region", "${{ vars.AWS_REGION }}"));
                if (isCluster) {
                    variable(release, "CLUSTER", "the name of the cluster");
                    list.add(new WorkflowStep("Choose the cluster").env("CLUSTER", "${{ vars.CLUSTER }}").run("aws eks update-kubeconfig --name \"$CLUSTER\""));
                }
                settings.add(new Setting("trust-policy", "AWS_ROLE_ARN", AWS_TRUST.formatted(release.environment())));
            }
            case "gcp" -> {
                variable(release, "GCP_WORKLOAD_IDENTITY_PROVIDER", "projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER");
                variable(release, "GCP_SERVICE_ACCOUNT", "the service account that deploys");
                list.add(steps.action("Log in to Google Cloud", "google-github-actions/auth").with("workload_identity_provider", "${{ vars.GCP_WORKLOAD_IDENTITY_PROVIDER }}")
                        .with("service_account", "${{ vars.GCP_SERVICE_ACCOUNT }}"));
                if (isCluster) {
                    variable(release, "CLUSTER", "the name of the cluster");
                    variable(release, "CLUSTER_LOCATION", "its region or zone");
                    list.add(new WorkflowStep("Choose the cluster").env("CLUSTER", "${{ vars.CLUSTER }}").env("LOCATION", "${{ vars.CLUSTER_LOCATION }}").run("""
                            gcloud components install gke-gcloud-auth-plugin --quiet
                            gcloud container clusters get-credentials "$CLUSTER" --location "$LOCATION"
                            """));
                }
            }
            case "azure" -> {
                variable(release, "AZURE_CLIENT_ID", "the application with a federated credential for this environment");
                variable(release, "AZURE_TENANT_ID", "the tenant");
                variable(release, "AZURE_SUBSCRIPTION_ID", "the subscription");
                list.add(steps.action("Log in to Azure", "azure/login").with("client-id", "${{ vars.AZURE_CLIENT_ID }}").with("tenant-id", "${{ vars.AZURE_TENANT_ID }}")
                        .with("subscription-id", "${{ vars.AZURE_SUBSCRIPTION_ID }}"));
                if (isCluster) {
                    variable(release, "CLUSTER", "the name of the cluster");
                    variable(release, "RESOURCE_GROUP", "its resource group");
                    list.add(new WorkflowStep("Choose the cluster").env("CLUSTER", "${{ vars.CLUSTER }}").env("RESOURCE_GROUP", "${{ vars.RESOURCE_GROUP }}")
                            .run("az aks get-credentials --name \"$CLUSTER\" --resource-group \"$RESOURCE_GROUP\""));
                }
            }
            default -> {
                if (isCluster) {
                    settings.add(new Setting("secret", "KUBECONFIG", "in the environment " + release.environment() + ": credentials that may deploy to its namespace only"));
                    list.add(new WorkflowStep("Choose the cluster").env("KUBECONFIG_CONTENT", "${{ secrets.KUBECONFIG }}").run("""
                            install -m 600 /dev/null "$RUNNER_TEMP/kubeconfig"
                            printf '%s' "$KUBECONFIG_CONTENT" > "$RUNNER_TEMP/kubeconfig"
                            echo "KUBECONFIG=$RUNNER_TEMP/kubeconfig" >> "$GITHUB_ENV"
                            """));
                }
            }
        }
        return list;
    }

    private void variable(Release release, String name, String how) {
        settings.add(new Setting("variable", name, "in the environment " + release.environment() + ": " + how));
    }

    private void helm(Release release, List<WorkflowStep> list) {
        list.add(steps.action("Set up Helm", "azure/setup-helm").with("version", "v" + version("helm")));
        list.add(withImage(new WorkflowStep("Deploy"), release).run(DeliveryScripts.helmUpgrade(release, release.imageJob().isEmpty() ? "" : "sha-$GITHUB_SHA")));
        list.add(smoke());
        list.add(new WorkflowStep("Roll back").condition("${{ failure() && steps.smoke.outcome == 'failure' }}").run(DeliveryScripts.helmRollback(release).strip()));
    }

    private void kubectl(Release release, List<WorkflowStep> list) {
        list.add(withImage(new WorkflowStep("Deploy"), release).run(DeliveryScripts.apply(release) + DeliveryScripts.rolloutStatus()).id("deploy"));
        list.add(smoke());
        list.add(new WorkflowStep("Roll back").condition("${{ failure() && (steps.deploy.outcome == 'failure' || steps.smoke.outcome == 'failure') }}")
                .run(DeliveryScripts.rolloutUndo()));
    }

    private void terraform(Release release, List<WorkflowStep> list) {
        list.add(new WorkflowStep("Plan").run(DeliveryScripts.terraformPlan(release)).folder(steps.folder(release.path())));
        list.add(new WorkflowStep("Apply exactly what was planned").run(DeliveryScripts.terraformApply(release).strip()).folder(steps.folder(release.path())));
    }

    private void containerService(Release release, List<WorkflowStep> list) {
        variable(release, "SERVICE", "the name of the container service");
        if (release.cloud().equals("aws")) {
            variable(release, "CLUSTER", "the ECS cluster");
        }
        DeliveryScripts.ServiceChange change = DeliveryScripts.containerService(release.cloud());
        list.add(cloudNames(withImage(new WorkflowStep("Deploy"), release), release).id("deploy")
                .run(change.prepare() + "echo \"previous=$PREVIOUS\" >> \"$GITHUB_OUTPUT\"\n" + String.join("\n", change.update()) + "\n"));
        list.add(smoke());
        list.add(cloudNames(new WorkflowStep("Roll back"), release).condition("${{ failure() && steps.deploy.outputs.previous != '' }}")
                .env("PREVIOUS", "${{ steps.deploy.outputs.previous }}").run(change.back()));
    }

    private WorkflowStep cloudNames(WorkflowStep step, Release release) {
        step.env("SERVICE", "${{ vars.SERVICE }}");
        switch (release.cloud()) {
            case "aws" -> step.env("CLUSTER", "${{ vars.CLUSTER }}");
            case "gcp" -> {
                variable(release, "REGION", "the region of the service");
                step.env("REGION", "${{ vars.REGION }}");
            }
            default -> {
                variable(release, "RESOURCE_GROUP", "the resource group of the service");
                step.env("RESOURCE_GROUP", "${{ vars.RESOURCE_GROUP }}");
            }
        }
        return step;
    }

    private static WorkflowStep withImage(WorkflowStep step, Release release) {
        return release.imageJob().isEmpty() ? step : step.env("IMAGE", "${{ needs." + release.imageJob() + ".outputs.image }}")
                .env("DIGEST", "${{ needs." + release.imageJob() + ".outputs.digest }}");
    }

    private static WorkflowStep smoke() {
        return new WorkflowStep("Smoke check").id("smoke").env("SMOKE_URL", "${{ vars.SMOKE_URL }}")
                .run(DeliveryScripts.smoke());
    }

    private String version(String tool) {
        return steps.context().pins().tool(tool).map(p -> p.version()).orElseThrow(() -> new IllegalStateException("no pin for " + tool));
    }
}
