package lib.render;

import java.util.Optional;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import lib.plan.Versions;
import lib.plan.Job;
import lib.plan.Pins;
import lib.plan.Step;
import lib.plan.Step.ContainerImage;
import lib.plan.Step.Release;
import lib.scan.Command.Shell;

/**
 * The shell of scans, images, packages and deployments: the same commands wherever they run.
 *
 * <p>Knows the tools and the variables that the commands read: {@code IMAGE} (a name without a tag), {@code DIGEST}, {@code SMOKE_URL},
 * {@code CLUSTER}, {@code SERVICE}, {@code REGION}, {@code RESOURCE_GROUP} and the registries' own. Knows no CI platform: where a
 * platform has its own way, it is not asked for here.
 */
public final class DeliveryScripts {
    static final String CURL = "curl --fail --silent --show-error --location";

    private DeliveryScripts() {}

    // --- scans ---

    /** What nobody can fix yet would only block. */
    public static String scanSource() {
        return "trivy filesystem --scanners vuln,secret --severity HIGH,CRITICAL --ignore-unfixed --exit-code 1 --no-progress .";
    }

    /** By Trivy's own image: the daemon has what was built. @param local a shell word: the image's name before it has one in a registry */
    static String scanImage(Pins pins, String local) {
        return "docker run --rm --volume /var/run/docker.sock:/var/run/docker.sock " + pin(pins, "trivy").image()
                + " \\\n  image --scanners vuln --severity CRITICAL --ignore-unfixed --exit-code 1 --no-progress " + local;
    }

    // --- images ---

    static String build(ContainerImage image, String target, String options) {
        boolean isUsual = image.dockerfile().equals(image.context().equals(".") ? "Dockerfile" : image.context() + "/Dockerfile");
        String arguments = image.arguments().stream().map(a -> " --build-arg " + Shell.word(a)).collect(Collectors.joining());
        return "docker buildx build" + (isUsual ? "" : " --file " + Shell.word(image.dockerfile())) + (target.isEmpty() ? "" : " --target " + Shell.word(target))
                + arguments + (options.isEmpty() ? "" : " " + options) + " " + Shell.word(image.context());
    }

    /** A builder of its own: the daemon's can't attach an SBOM or provenance. */
    static String builder(Pins pins) {
        return "docker buildx create --use --driver docker-container --driver-opt image=" + pin(pins, "buildkit").image();
    }

    /** @param tag a shell expression; the digest goes to the file {@code image-metadata.json} */
    static String push(ContainerImage image, String tag) {
        return build(image, image.target(), "--push --sbom=true --provenance=mode=max --metadata-file image-metadata.json \\\n  --tag \"$IMAGE:" + tag + "\"");
    }

    /** Prints it. */
    static String digest() {
        return "jq --raw-output '.\"containerimage.digest\"' image-metadata.json";
    }

    static String logIn(String user, String password) {
        return "printf '%s' \"$" + password + "\" | docker login --username \"$" + user + "\" --password-stdin \"${IMAGE%%/*}\"";
    }

    // --- programs that no image has beside the others, checked against the sums that their makers publish ---

    static String kubectl(Pins pins, String sudo) {
        String url = "https://dl.k8s.io/release/v" + pin(pins, "kubectl").version() + "/bin/linux/amd64/kubectl";
        return CURL + " --remote-name-all --output-dir /tmp \\\n  " + url + " " + url + ".sha256\n"
                + "echo \"$(cat /tmp/kubectl.sha256)  /tmp/kubectl\" | sha256sum --check\n" + sudo + "install /tmp/kubectl /usr/local/bin/\n";
    }

    static String helm(Pins pins, String sudo) {
        String archive = "helm-v" + pin(pins, "helm").version() + "-linux-amd64.tar.gz";
        return CURL + " --remote-name-all --output-dir /tmp \\\n  https://get.helm.sh/" + archive + " https://get.helm.sh/" + archive + ".sha256sum\n"
                + "(cd /tmp && sha256sum --check " + archive + ".sha256sum)\n"
                + sudo + "tar -xzf /tmp/" + archive + " -C /usr/local/bin --strip-components 1 linux-amd64/helm\n";
    }

    /** @param folder where it is put, as it stands between double quotes */
    static String cosign(Pins pins, String folder) {
        Pins.ToolPin cosign = pin(pins, "cosign");
        return CURL + " --output \"" + folder + "/cosign\" \\\n  " + cosign.url() + "\necho \"" + cosign.sha256() + "  " + folder + "/cosign\" | sha256sum --check\n"
                + "chmod +x \"" + folder + "/cosign\"\n";
    }

    // --- packages, by the token that each registry's own client reads ---

    /** Names of the secrets that {@link #publish} reads. */
    static List<String> tokens(Step.Publish publish) {
        return switch (publish.publication().registry()) {
            case "npm" -> List.of("NPM_TOKEN");
            case "jsr" -> List.of("JSR_TOKEN");
            case "pypi" -> List.of("TWINE_PASSWORD");
            case "crates" -> List.of("CARGO_REGISTRY_TOKEN");
            case "nuget" -> List.of("NUGET_API_KEY");
            case "rubygems" -> List.of("GEM_HOST_API_KEY");
            case "maven-central" -> isSbt(publish) ? List.of("SONATYPE_USERNAME", "SONATYPE_PASSWORD", "PGP_SECRET", "PGP_PASSPHRASE") : List.of("MAVEN_CENTRAL_USERNAME", "MAVEN_CENTRAL_PASSWORD", "MAVEN_GPG_KEY", "MAVEN_GPG_PASSPHRASE");
            case "helm-oci" -> List.of("REGISTRY_USERNAME", "REGISTRY_PASSWORD");
            default -> List.of("GITHUB_TOKEN");
        };
    }

    /** @param tag the variable that holds the version tag; @param repository a shell expression for {@code OWNER/NAME} */
    static String publish(Step.Publish publish, Pins pins, String tag, String repository) {
        boolean isGradle = publish.manager().equals("gradle");
        return switch (publish.publication().registry()) {
            case "npm" -> "printf '//registry.npmjs.org/:_authToken=%s\\n' \"$NPM_TOKEN\" > ~/.npmrc\n" + npmPublish(publish, "") + "\n";
            case "jsr" -> (publish.ecosystem().equals("deno") ? "deno publish" : "npx jsr publish") + " --token \"$JSR_TOKEN\"\n";
            case "pypi" -> "pip install twine==" + pin(pins, "twine").version() + "\nTWINE_USERNAME=__token__ twine upload --non-interactive " + packed(publish, "dist") + "/*\n";
            case "crates" -> "# cargo uploads the sources, and builds them once more to prove that they are complete\n" + cargoPublish() + "\n";
            case "nuget" -> (publish.isPacked() ? "" : "dotnet pack --configuration Release --output artifacts\n") + nugetPush(publish) + "\n";
            case "rubygems" -> publish.isPacked() ? "gem push " + packed(publish, ".") + "/*.gem\n" : "gem build --strict --output package.gem\ngem push package.gem\n";
            case "maven-central" -> isSbt(publish) ? sbt(publish, tag) : !isGradle ? build(publish) + "\n" : """
                    export ORG_GRADLE_PROJECT_mavenCentralUsername="$MAVEN_CENTRAL_USERNAME" ORG_GRADLE_PROJECT_mavenCentralPassword="$MAVEN_CENTRAL_PASSWORD"
                    export ORG_GRADLE_PROJECT_signingInMemoryKey="$MAVEN_GPG_KEY" ORG_GRADLE_PROJECT_signingInMemoryKeyPassword="$MAVEN_GPG_PASSPHRASE"
                    """ + build(publish) + "\n";
            case "helm-oci" -> """
                    printf '%s' "$REGISTRY_PASSWORD" | helm registry login "${CHARTS%%/*}" --username "$REGISTRY_USERNAME" --password-stdin
                    helm package . --destination package
                    helm push package/*.tgz "oci://$CHARTS"
                    """;
            default -> isGoReleaser(publish) ? goReleaser(pins) : "jq --null-input --arg tag \"$" + tag + "\" '{tag_name: $tag, generate_release_notes: true}' \\\n  | " + CURL
                    + " --header \"Authorization: Bearer $GITHUB_TOKEN\" --data @- \\\n    \"https://api.github.com/repos/" + repository + "/releases\"\n";
        };
    }

    /** Where the commands run: what is packed lies at the root, everything else in the package's folder. */
    static String folder(Step.Publish publish) {
        return publish.isPacked() ? "." : publish.folder();
    }

    /** Trusted publishing needs npm 11.5.1, which Node.js brings from 24 on. */
    static boolean hasOldNpm(Job job) {
        return job.toolchains().stream().noneMatch(t -> t.runtime().equals("node") && t.version().matches("v?(2[4-9]|[3-9]\\d)(\\..*)?"));
    }

    /** The folder of what is packed, a word of the shell. @param otherwise where nothing was packed before */
    static String packed(Step.Publish publish, String otherwise) {
        return Shell.word(publish.isPacked() ? publish.packed() : otherwise);
    }

    /** @param options with a space behind them, or empty */
    static String npmPublish(Step.Publish publish, String options) {
        return "npm publish " + options + "--access public" + (publish.isPacked() ? " ./" + packed(publish, ".") + "/*.tgz" : "");
    }

    static String nugetPush(Step.Publish publish) {
        return "dotnet nuget push " + Shell.word((publish.isPacked() ? publish.packed() : "artifacts") + "/*.nupkg") + " --api-key \"$NUGET_API_KEY\" --source https://api.nuget.org/v3/index.json --skip-duplicate";
    }

    static String cargoPublish() {
        return "cargo publish";
    }

    /** The project's own build packs, signs and uploads. */
    static String build(Step.Publish publish) {
        return publish.publication().command() + (publish.manager().equals("gradle") ? " --no-configuration-cache" : "");
    }

    static boolean isSbt(Step.Publish publish) {
        return publish.manager().equals("sbt");
    }

    /** By the task that a plugin of the build brings. @param tag the variable that holds the version tag, or empty where the plugin knows the platform's own */
    static String sbt(Step.Publish publish, String tag) {
        String command = publish.publication().command();
        // This plugin takes the key from the variable itself; the others want it in the keyring.
        boolean imports = !command.endsWith(" ci-release");
        boolean isKnown = List.of("", "CI_COMMIT_TAG", "CIRCLE_TAG").contains(tag);
        return (imports ? "printf '%s' \"$PGP_SECRET\" | base64 --decode | gpg --batch --import\n" : "")
                + (isKnown ? "" : "export CI_COMMIT_TAG=\"$" + tag + "\" # by which the plugin tells a release from a snapshot\n") + command + "\n";
    }

    /** The version comes from the tags, or the notes from what lies between them. */
    static boolean readsHistory(Step.Publish publish) {
        return isGoReleaser(publish) || isSbt(publish);
    }

    static boolean isGoReleaser(Step.Publish publish) {
        return publish.publication().evidence().rule().equals("goreleaser-config");
    }

    /** What Go downloads is checked against its checksum database. */
    private static String goReleaser(Pins pins) {
        return "go run " + pin(pins, "goreleaser").packages().get("go") + "@v" + pin(pins, "goreleaser").version() + " release --clean\n";
    }

    // --- deployments ---

    /** Does the release answer? */
    static String smoke() {
        return CURL + " --output /dev/null --max-time 10 \\\n  --retry 10 --retry-delay 5 --retry-all-errors \"$SMOKE_URL\"";
    }

    /** Goes back and fails where one of the commands does, or where the release does not answer in the end. */
    static String checked(List<String> commands, String back) {
        List<String> all = new ArrayList<>(commands);
        all.add(smoke());
        String condition = all.size() == 1 ? all.get(0) : all.stream().map(c -> c.replace("\n", "\n  ")).collect(Collectors.joining(" \\\n  && ", "{ ", "; }"));
        return "if ! " + condition + "; then\n" + back.strip().indent(2) + "  exit 1\nfi\n";
    }

    /**
     * A tag with a digest is one reference: the digest decides, the tag is for people.
     *
     * @param tag a shell expression, or empty where the chart's own image is deployed
     */
    static String helmUpgrade(Release release, String tag) {
        String name = Shell.word(release.name());
        String image = tag.isEmpty() ? "" : " \\\n  --set-string \"image.repository=$IMAGE\" --set-string \"image.tag=" + tag + "@$DIGEST\"";
        return "helm upgrade --install " + name + " " + Shell.word(release.path()) + " --namespace " + name
                + " --create-namespace \\\n  --rollback-on-failure --wait --timeout 10m" + image + "\n";
    }

    static String helmRollback(Release release) {
        String name = Shell.word(release.name());
        return "helm rollback " + name + " --namespace " + name + " --wait --timeout 10m\n";
    }

    static String apply(Release release) {
        return (release.kind() == Release.Kind.KUSTOMIZE ? "kubectl apply --kustomize " : "kubectl apply --recursive --filename ") + Shell.word(release.path()) + "\n"
                + (release.imageJob().isEmpty() ? "" : "kubectl set image deployments --all \"*=$IMAGE@$DIGEST\"\n");
    }

    static String rolloutStatus() {
        return "kubectl rollout status deployments --timeout 10m\n";
    }

    static String rolloutUndo() {
        return "kubectl rollout undo deployments\n" + rolloutStatus();
    }

    /** A plan that is kept, and that the project's own guard has seen where it has one. */
    static String terraformPlan(Release release) {
        String program = release.engine().program();
        String plan = program + " init -input=false\n" + program + " plan -input=false -out=tfplan\n";
        String guard = release.engine().guard();
        if (guard.isEmpty()) {
            return plan;
        }
        return plan + program + " show -json tfplan > tfplan.json\n" + guard(release) + "\n";
    }

    /** Only planned: into {@code tfplan}, {@code plan.txt} for people and {@code tfplan.json} for the guard. Two at once wait for each other. */
    static String terraformPreview(Step.Engine engine) {
        String program = engine.program();
        return program + " init -input=false\n" + program + " plan -input=false -lock-timeout=5m -out=tfplan\n" + program + " show -no-color tfplan > plan.txt\n"
                + program + " show -json tfplan > tfplan.json\n";
    }

    /** From the folder of the root module. */
    static String guard(Release release) {
        String guard = release.engine().guard();
        String up = release.path().equals(".") ? "" : "../".repeat(release.path().split("/").length);
        String root = guard.substring(0, guard.length() - "scripts/destroy-guard".length());
        return "python3 " + Shell.word(up + guard) + " tfplan.json " + Shell.word(up + root + "destroy-approval.yaml");
    }

    static String terraformApply(Release release) {
        return release.engine().program() + " apply -input=false tfplan\n";
    }

    /** The image of what applies the root module. */
    static Optional<String> engineImage(Versions versions, Step.Engine engine) {
        return versions.runtime(engine.program()).flatMap(r -> r.image(engine.version().isEmpty() ? r.defaultLine() : engine.version()));
    }

    /** Somebody changed the infrastructure: that is drift, and fails. The exit code of a refresh-only plan does not tell, its JSON does. */
    static String drift(Step.Engine engine) {
        return """
                terraform init -input=false
                terraform plan -input=false -refresh-only -out=drift.tfplan
                terraform show -json drift.tfplan > drift.json
                jq --exit-status '.resource_drift // [] | map(.address) | if . == [] then true else error("drift: " + join(", ")) end' drift.json
                """.replace("terraform ", engine.program() + " ");
    }

    /** The code asks for what nobody applied: no drift, and nothing that fails. */
    static String pendingChanges(Step.Engine engine) {
        return """
                status=0
                terraform plan -input=false -detailed-exitcode || status=$?
                case "$status" in
                  0) echo "nothing is pending" ;;
                  2) echo "the code asks for changes that nobody applied yet: no drift" ;;
                  *) exit "$status" ;;
                esac
                """.replace("terraform ", engine.program() + " ");
    }

    /**
     * A new version of a container service.
     *
     * @param prepare sets {@code PREVIOUS}, and makes what the update needs
     * @param update commands that bring {@code $IMAGE@$DIGEST} there and wait
     * @param back returns to {@code $PREVIOUS}
     */
    record ServiceChange(String prepare, List<String> update, String back) {}

    static ServiceChange containerService(String cloud) {
        return switch (cloud) {
            case "aws" -> {
                String to = "aws ecs update-service --cluster \"$CLUSTER\" --service \"$SERVICE\" --task-definition \"$%s\" > /dev/null";
                String stable = "aws ecs wait services-stable --cluster \"$CLUSTER\" --services \"$SERVICE\"";
                yield new ServiceChange("""
                        PREVIOUS=$(aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" --query 'services[0].taskDefinition' --output text)
                        aws ecs describe-task-definition --task-definition "$PREVIOUS" --query taskDefinition > task.json
                        jq --arg image "$IMAGE@$DIGEST" '.containerDefinitions[0].image = $image' task.json \\
                          | jq 'del(.taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy)' > next.json
                        NEXT=$(aws ecs register-task-definition --cli-input-json file://next.json --query taskDefinition.taskDefinitionArn --output text)
                        """, List.of(String.format(to, "NEXT"), stable), String.format(to, "PREVIOUS") + "\n" + stable + "\n");
            }
            case "gcp" -> new ServiceChange("PREVIOUS=$(gcloud run services describe \"$SERVICE\" --region \"$REGION\" --format 'value(status.latestReadyRevisionName)')\n",
                    List.of("gcloud run deploy \"$SERVICE\" --image \"$IMAGE@$DIGEST\" --region \"$REGION\" --quiet"),
                    "gcloud run services update-traffic \"$SERVICE\" --region \"$REGION\" --to-revisions \"$PREVIOUS=100\" --quiet\n");
            default -> {
                String service = " --name \"$SERVICE\" --resource-group \"$RESOURCE_GROUP\"";
                yield new ServiceChange("PREVIOUS=$(az containerapp show" + service + " --query 'properties.template.containers[0].image' --output tsv)\n",
                        List.of("az containerapp update" + service + " --image \"$IMAGE@$DIGEST\""), "az containerapp update" + service + " --image \"$PREVIOUS\"\n");
            }
        };
    }

    /** Makes {@code kubectl} and {@code helm} speak to the cluster, once the job is logged in to the cloud. */
    static String chooseCluster(String cloud) {
        return switch (cloud) {
            case "aws" -> "aws eks update-kubeconfig --name \"$CLUSTER\"\n";
            case "gcp" -> "gcloud container clusters get-credentials \"$CLUSTER\" --location \"$CLUSTER_LOCATION\"\n";
            default -> "az aks get-credentials --name \"$CLUSTER\" --resource-group \"$RESOURCE_GROUP\"\n";
        };
    }

    static boolean isCluster(Release release) {
        return release.kind() == Release.Kind.HELM || release.kind() == Release.Kind.KUSTOMIZE || release.kind() == Release.Kind.MANIFESTS;
    }

    static Pins.ToolPin pin(Pins pins, String tool) {
        return pins.tool(tool).orElseThrow(() -> new IllegalStateException("no pin for " + tool));
    }
}
