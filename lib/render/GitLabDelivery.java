package lib.render;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lib.plan.Job.ServiceContainer;
import lib.plan.Pins;
import lib.plan.Step.ContainerImage;
import lib.plan.Step.Release;
import lib.plan.Step;
import lib.render.CiPlatforms.CiPlatform.Context;
import lib.render.GitLabCi.Notes;
import lib.render.GitLabJob.Draft;
import lib.render.GitLabJob.Image;
import lib.render.GitLabJob.Line;
import lib.render.GitLabJob.Service;
import lib.render.GitLabJob.Setup;
import lib.scan.Command.Shell;

/** The scripts that scan, build images, publish and deploy, and the settings that these rely on. */
final class GitLabDelivery {
    static final Map<String, String> DOCKER = docker();
    private static final String CURL = "curl --fail --silent --show-error --location";
    private final Context context;
    private final Notes notes;

    GitLabDelivery(Context context, Notes notes) {
        this.context = context;
        this.notes = notes;
    }

    private static Map<String, String> docker() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("DOCKER_HOST", "tcp://docker:2376");
        variables.put("DOCKER_TLS_CERTDIR", "/certs");
        variables.put("DOCKER_TLS_VERIFY", "1");
        variables.put("DOCKER_CERT_PATH", "/certs/client");
        return variables;
    }

    // --- scan ---

    void scanSource(Draft job) {
        job.setup = Setup.of("trivy", new Image(pin("trivy").image(), true));
        job.add("trivy filesystem --scanners vuln,secret --severity HIGH,CRITICAL --ignore-unfixed --no-progress --exit-code 1 .",
                "what nobody can fix yet would only block");
    }

    // --- images ---

    /** A Docker daemon beside the job, reached by TLS. */
    Service daemon() {
        notes.setting("runner", "docker", "jobs with Docker need a runner with the Docker executor, privileged = true and volumes = [\"/certs/client\", \"/cache\"]; GitLab.com's have it");
        return new Service(pin("docker-dind").image(), "docker", List.of(), Map.of());
    }

    void image(Draft job, ContainerImage image, boolean push) {
        notes.setting("registry", "Container registry", "Settings > General > Visibility: enable it for the project");
        Pins.ToolPin trivy = pin("trivy");
        job.setup = new Setup("docker", new Image(pin("docker").image(), false), List.of(daemon()), DOCKER, Map.of(), null, List.of(
                Line.of("printf '%s' \"$CI_REGISTRY_PASSWORD\" | docker login --username \"$CI_REGISTRY_USER\" --password-stdin \"$CI_REGISTRY\""),
                new Line("docker context create tls && docker buildx create --use tls", "the builder takes the daemon's address and certificates from a context only"),
                Line.of("wget -q -O /tmp/trivy.tar.gz " + trivy.url()),
                Line.of("echo \"" + trivy.sha256() + "  /tmp/trivy.tar.gz\" | sha256sum -c"),
                Line.of("tar -xzf /tmp/trivy.tar.gz -C /usr/local/bin trivy")), List.of());
        job.variables.put("IMAGE", "$CI_REGISTRY_IMAGE" + (image.name().isEmpty() ? "" : "/" + image.name()));
        String cached = push ? "" : " --cache-from type=registry,ref=\"$IMAGE:buildcache\"";
        if (!image.testTarget().isEmpty()) {
            job.add(build(image, " --target " + Shell.word(image.testTarget()) + cached));
        }
        String target = image.target().isEmpty() ? "" : " --target " + Shell.word(image.target());
        job.add(build(image, target + cached + " --output type=docker,dest=/tmp/image.tar"));
        job.add("trivy image --input /tmp/image.tar --scanners vuln --severity CRITICAL --ignore-unfixed --no-progress --exit-code 1");
        for (String argument : image.arguments()) {
            notes.setting("variable", argument, "a build argument of " + image.dockerfile() + " that has no default");
        }
        if (push) {
            push(job, image, target);
        }
    }

    private void push(Draft job, ContainerImage image, String target) {
        job.idTokens.put("SIGSTORE_ID_TOKEN", "sigstore");
        notes.setting("trust-policy", "sigstore", "the public Fulcio trusts the tokens of GitLab.com; a GitLab of your own needs a Fulcio of its own");
        job.add(GitLabSetup.download(pin("cosign"), true));
        job.add(build(image, target + " --push --sbom=true --provenance=mode=max --metadata-file /tmp/metadata.json"
                + " --cache-to type=registry,ref=\"$IMAGE:buildcache\",mode=max --tag \"$IMAGE:${CI_COMMIT_TAG:-$CI_COMMIT_SHA}\""));
        job.add("digest=$(sed -n 's/.*\"containerimage.digest\"[^s]*\\(sha256:[0-9a-f]*\\).*/\\1/p' /tmp/metadata.json)");
        job.add("cosign sign --yes \"$IMAGE@$digest\"", "by the job's own identity");
        job.add("printf 'RELEASE_IMAGE=%s\\nRELEASE_DIGEST=%s\\n' \"$IMAGE\" \"$digest\" > image.env", "for the jobs that deploy it");
        job.dotenv = "image.env";
    }

    private static String build(ContainerImage image, String options) {
        boolean isUsual = image.dockerfile().equals(image.context().equals(".") ? "Dockerfile" : image.context() + "/Dockerfile");
        String arguments = image.arguments().stream().map(a -> " --build-arg " + Shell.word(a)).collect(Collectors.joining());
        return "docker buildx build" + (isUsual ? "" : " --file " + Shell.word(image.dockerfile())) + arguments + options + " " + Shell.word(image.context());
    }

    // --- packages ---

    void publish(Draft job, Step.Publish publish) {
        String name = publish.publication().name();
        job.enter(publish.folder());
        switch (publish.publication().registry()) {
            case "npm" -> {
                trust("npm", "add this project's .gitlab-ci.yml as a trusted publisher of " + name + " on npmjs.com, with the environment npm");
                job.idTokens.put("NPM_ID_TOKEN", "npm:registry.npmjs.org");
                job.idTokens.put("SIGSTORE_ID_TOKEN", "sigstore");
                if (publish.manager().equals("bun")) {
                    var node = context.versions().runtime("node").orElseThrow();
                    job.setup = Setup.of("node", new Image(node.image(node.defaultLine()).orElseThrow(), false));
                    job.script.add(0, new Line("npm install --global bun@" + pin("bun").version(), "only npm publishes by the job's identity, and Bun's image is without it"));
                }
                job.add("npm install --global npm@" + pin("npm").version(), "trusted publishing needs 11.5.1 or later");
                job.add("npm publish --provenance --access public");
            }
            case "pypi" -> {
                trust("pypi", "add this project's .gitlab-ci.yml as a trusted publisher of " + name + " on PyPI, with the environment pypi");
                job.idTokens.put("PYPI_ID_TOKEN", "pypi");
                boolean isUv = publish.manager().equals("uv");
                String twine = "twine==" + pin("twine").version();
                if (!isUv) {
                    job.add("pip install " + twine);
                }
                job.add((isUv ? "uvx " + twine : "twine") + " upload --non-interactive dist/*", "exchanges the job's token for one of PyPI");
            }
            case "crates" -> {
                trust("crates", "add this project's .gitlab-ci.yml as a trusted publisher of " + name + " on crates.io, with the environment crates");
                job.idTokens.put("CRATES_IO_ID_TOKEN", "crates.io");
                job.add(CURL + " --header 'Content-Type: application/json' --data \"{\\\"jwt\\\": \\\"$CRATES_IO_ID_TOKEN\\\"}\" https://crates.io/api/v1/trusted_publishing/tokens > /tmp/token.json",
                        "exchanges the job's token for one of crates.io");
                job.add("CARGO_REGISTRY_TOKEN=$(cut -d '\"' -f 4 /tmp/token.json)");
                job.add("export CARGO_REGISTRY_TOKEN");
                job.add("cargo publish --locked");
            }
            case "nuget" -> {
                secret("NUGET_API_KEY", "nuget");
                job.add("dotnet pack --configuration Release --output artifacts");
                job.add("dotnet nuget push 'artifacts/*.nupkg' --api-key \"$NUGET_API_KEY\" --source https://api.nuget.org/v3/index.json --skip-duplicate");
            }
            case "rubygems" -> {
                secret("GEM_HOST_API_KEY", "rubygems");
                job.add("gem build --strict --output package.gem");
                job.add("gem push package.gem");
            }
            case "maven-central" -> mavenCentral(job, publish);
            case "helm-oci" -> {
                job.add("printf '%s' \"$CI_REGISTRY_PASSWORD\" | helm registry login --username \"$CI_REGISTRY_USER\" --password-stdin \"$CI_REGISTRY\"");
                job.add("helm package . --destination package");
                job.add("helm push package/*.tgz \"oci://$CI_REGISTRY_IMAGE\"");
            }
            case "jsr" -> {
                secret("JSR_TOKEN", "jsr");
                job.add("deno publish --token \"$JSR_TOKEN\"");
            }
            case "packagist" -> {
                notes.parity("publishing to Packagist", "nothing to run: Packagist reads the tag as soon as its hook is called");
                notes.setting("webhook", "packagist", "Settings > Integrations > Packagist: user, token and server of " + name);
                job.script.clear();
            }
            default -> release(job);
        }
    }

    private void mavenCentral(Draft job, Step.Publish publish) {
        boolean isGradle = publish.manager().equals("gradle");
        Map<String, String> names = new LinkedHashMap<>();
        names.put("MAVEN_CENTRAL_USERNAME", isGradle ? "ORG_GRADLE_PROJECT_mavenCentralUsername" : "");
        names.put("MAVEN_CENTRAL_PASSWORD", isGradle ? "ORG_GRADLE_PROJECT_mavenCentralPassword" : "");
        names.put("MAVEN_GPG_KEY", isGradle ? "ORG_GRADLE_PROJECT_signingInMemoryKey" : "");
        names.put("MAVEN_GPG_PASSPHRASE", isGradle ? "ORG_GRADLE_PROJECT_signingInMemoryKeyPassword" : "");
        names.forEach((secret, name) -> {
            secret(secret, "maven-central");
            if (!name.isEmpty()) {
                job.variables.put(name, "$" + secret);
            }
        });
        job.add(isGradle ? "./gradlew publish --no-configuration-cache" : "mvn -B -ntp -DskipTests deploy");
    }

    /** GitLab makes the release itself, once the script of the job has passed; its image brings the client. */
    private void release(Draft job) {
        job.setup = Setup.of("release", new Image(pin("glab").image(), true));
        job.script.clear();
        job.add("echo \"Release $CI_COMMIT_TAG\"");
        job.release = true;
    }

    // --- deployments ---

    void deploy(Draft job, Release release) {
        notes.setting("environment", release.environment(), release.environment().equals("production")
                ? "protect it, and name those who may deploy: they start the job by hand, which is the approval" : "made by the first deployment");
        boolean isCluster = release.kind() == Release.Kind.HELM || release.kind() == Release.Kind.KUSTOMIZE || release.kind() == Release.Kind.MANIFESTS;
        cloud(job, release, isCluster);
        switch (release.kind()) {
            case HELM -> helm(job, release);
            case KUSTOMIZE -> kubectl(job, release, "kubectl apply --kustomize " + Shell.word(release.path()));
            case MANIFESTS -> kubectl(job, release, "kubectl apply --recursive --filename " + Shell.word(release.path()));
            case TERRAFORM -> {
                job.enter(release.path());
                job.add("terraform init -input=false");
                job.add("terraform plan -input=false -out=tfplan");
                job.add("terraform apply -input=false tfplan", "exactly what was planned");
            }
            case CONTAINER_SERVICE -> containerService(job, release);
        }
    }

    /** What the job runs in, and who it is there. */
    private void cloud(Draft job, Release release, boolean isCluster) {
        boolean isTerraform = release.kind() == Release.Kind.TERRAFORM;
        String image = isTerraform ? terraformImage() : !release.cloud().isEmpty() ? pin(release.cloud() + "-cli").image()
                : pin(release.kind() == Release.Kind.HELM ? "helm" : "kubectl").image();
        Draft common = new Draft();
        switch (release.cloud()) {
            case "aws" -> aws(common, release, isCluster);
            case "gcp" -> gcp(common, release, isCluster, isTerraform);
            case "azure" -> azure(common, release, isCluster, isTerraform);
            default -> {
                if (isCluster) {
                    agent(common, release);
                }
            }
        }
        job.setup = new Setup(isTerraform ? "terraform" : "deploy", new Image(image, true), List.of(), common.variables, common.idTokens, null, List.copyOf(common.script), List.of());
    }

    /** GitLab's agent in the cluster: no credentials are stored, and the job's own KUBECONFIG knows the agents that the project may use. */
    private void agent(Draft common, Release release) {
        variable(release, "KUBE_CONTEXT", "path/to/the/agent's/project:name-of-the-agent, of GitLab's agent for Kubernetes in the cluster");
        if (release.kind() == Release.Kind.HELM) {
            common.variables.put("HELM_KUBECONTEXT", "$KUBE_CONTEXT");
            common.add("apk add --no-cache curl");
        } else {
            common.add("kubectl config use-context \"$KUBE_CONTEXT\"");
        }
    }

    private void aws(Draft job, Release release, boolean isCluster) {
        variable(release, "AWS_ROLE_ARN", "the role that this environment may take by OIDC");
        variable(release, "AWS_REGION", "the region");
        trust("AWS", "an OIDC provider for this GitLab's address, which is the audience too, and a role whose trust policy wants sub project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH");
        job.idTokens.put("AWS_ID_TOKEN", "$CI_SERVER_URL");
        job.variables.put("AWS_WEB_IDENTITY_TOKEN_FILE", "/tmp/aws-token");
        job.variables.put("AWS_ROLE_SESSION_NAME", "gitlab-$CI_JOB_ID");
        job.add("printf '%s' \"$AWS_ID_TOKEN\" > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"");
        if (isCluster) {
            variable(release, "CLUSTER", "the name of the cluster");
            clients(job, release);
            job.add("aws eks update-kubeconfig --name \"$CLUSTER\"");
        }
    }

    private void gcp(Draft job, Release release, boolean isCluster, boolean isTerraform) {
        variable(release, "GCP_WORKLOAD_IDENTITY_PROVIDER", "projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER, whose issuer is this GitLab");
        variable(release, "GCP_SERVICE_ACCOUNT", "the service account that deploys");
        job.idTokens.put("GCP_ID_TOKEN", "https://iam.googleapis.com/$GCP_WORKLOAD_IDENTITY_PROVIDER");
        job.variables.put("GOOGLE_APPLICATION_CREDENTIALS", "/tmp/credentials.json");
        job.add("printf '%s' \"$GCP_ID_TOKEN\" > /tmp/gcp-token");
        job.add("""
                cat > "$GOOGLE_APPLICATION_CREDENTIALS" <<EOF
                {"type": "external_account", "audience": "//iam.googleapis.com/$GCP_WORKLOAD_IDENTITY_PROVIDER",
                 "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": "https://sts.googleapis.com/v1/token",
                 "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/$GCP_SERVICE_ACCOUNT:generateAccessToken",
                 "credential_source": {"file": "/tmp/gcp-token"}}
                EOF""");
        if (!isTerraform) {
            job.add("gcloud auth login --cred-file=\"$GOOGLE_APPLICATION_CREDENTIALS\" --quiet");
        }
        if (isCluster) {
            variable(release, "CLUSTER", "the name of the cluster");
            variable(release, "CLUSTER_LOCATION", "its region or zone");
            variable(release, "GCP_PROJECT", "its project");
            clients(job, release);
            job.add("gcloud container clusters get-credentials \"$CLUSTER\" --location \"$CLUSTER_LOCATION\" --project \"$GCP_PROJECT\"");
        }
    }

    private void azure(Draft job, Release release, boolean isCluster, boolean isTerraform) {
        variable(release, "AZURE_CLIENT_ID", "the application with a federated credential for this project");
        variable(release, "AZURE_TENANT_ID", "the tenant");
        variable(release, "AZURE_SUBSCRIPTION_ID", "the subscription");
        job.idTokens.put("AZURE_ID_TOKEN", "api://AzureADTokenExchange");
        if (isTerraform) {
            Map.of("ARM_USE_OIDC", "true", "ARM_OIDC_TOKEN", "$AZURE_ID_TOKEN", "ARM_CLIENT_ID", "$AZURE_CLIENT_ID", "ARM_TENANT_ID", "$AZURE_TENANT_ID",
                    "ARM_SUBSCRIPTION_ID", "$AZURE_SUBSCRIPTION_ID").entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(e -> job.variables.put(e.getKey(), e.getValue()));
            return;
        }
        job.add("az login --service-principal --username \"$AZURE_CLIENT_ID\" --tenant \"$AZURE_TENANT_ID\" --federated-token \"$AZURE_ID_TOKEN\" --output none");
        job.add("az account set --subscription \"$AZURE_SUBSCRIPTION_ID\"");
        if (isCluster) {
            variable(release, "CLUSTER", "the name of the cluster");
            variable(release, "RESOURCE_GROUP", "its resource group");
            clients(job, release);
            job.add("az aks get-credentials --name \"$CLUSTER\" --resource-group \"$RESOURCE_GROUP\"");
        }
    }

    /** What the images of the clouds' own tools lack, pinned and checked. */
    private void clients(Draft job, Release release) {
        if (release.cloud().equals("aws")) {
            job.add("yum install --assumeyes gzip tar");
        }
        String kubectl = "https://dl.k8s.io/release/v" + pin("kubectl").version() + "/bin/linux/amd64/kubectl";
        job.add(CURL + " --remote-name-all " + kubectl + " " + kubectl + ".sha256");
        job.add("echo \"$(cat kubectl.sha256)  kubectl\" | sha256sum --check && install kubectl /usr/local/bin/ && rm kubectl kubectl.sha256");
        if (release.kind() == Release.Kind.HELM) {
            String archive = "helm-v" + pin("helm").version() + "-linux-amd64.tar.gz";
            job.add(CURL + " --remote-name-all https://get.helm.sh/" + archive + " https://get.helm.sh/" + archive + ".sha256sum");
            job.add("sha256sum --check " + archive + ".sha256sum && tar -xzf " + archive + " -C /usr/local/bin --strip-components 1 linux-amd64/helm && rm helm-v*");
        }
    }

    private void helm(Draft job, Release release) {
        String name = Shell.word(release.name());
        // A tag with a digest is one reference: the digest decides, the tag is for people.
        String image = release.imageJob().isEmpty() ? "" : " --set-string \"image.repository=$RELEASE_IMAGE\" --set-string \"image.tag=$CI_COMMIT_SHA@$RELEASE_DIGEST\"";
        job.add("helm upgrade --install " + name + " " + Shell.word(release.path()) + " --namespace " + name + " --create-namespace --rollback-on-failure --wait --timeout 10m" + image);
        job.add("roll_back() { helm rollback " + name + " --namespace " + name + " --wait --timeout 10m; }");
        smoke(job, release);
    }

    private void kubectl(Draft job, Release release, String apply) {
        job.add("roll_back() { kubectl rollout undo deployments && kubectl rollout status deployments --timeout 10m; }");
        job.add(apply);
        if (!release.imageJob().isEmpty()) {
            job.add("kubectl set image deployments --all \"*=$RELEASE_IMAGE@$RELEASE_DIGEST\"");
        }
        job.add("kubectl rollout status deployments --timeout 10m || { roll_back; exit 1; }");
        smoke(job, release);
    }

    private void smoke(Draft job, Release release) {
        variable(release, "SMOKE_URL", "an address that answers 2xx when the release is well");
        job.add(CURL + " --retry 10 --retry-delay 5 --retry-all-errors --max-time 10 --output /dev/null \"$SMOKE_URL\" || { roll_back; exit 1; }");
    }

    private void containerService(Draft job, Release release) {
        variable(release, "SERVICE", "the name of the container service");
        String image = "\"$RELEASE_IMAGE@$RELEASE_DIGEST\"";
        switch (release.cloud()) {
            case "aws" -> {
                variable(release, "CLUSTER", "the ECS cluster");
                job.add("yum install --assumeyes jq");
                job.add("previous=$(aws ecs describe-services --cluster \"$CLUSTER\" --services \"$SERVICE\" --query 'services[0].taskDefinition' --output text)");
                job.add("aws ecs describe-task-definition --task-definition \"$previous\" --query taskDefinition > task.json");
                job.add("""
                        jq --arg image "$RELEASE_IMAGE@$RELEASE_DIGEST" '.containerDefinitions[0].image = $image
                          | del(.taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy)' task.json > next.json""");
                job.add("next=$(aws ecs register-task-definition --cli-input-json file://next.json --query taskDefinition.taskDefinitionArn --output text)");
                job.add("""
                        release() {
                          aws ecs update-service --cluster "$CLUSTER" --service "$SERVICE" --task-definition "$1" > /dev/null &&
                            aws ecs wait services-stable --cluster "$CLUSTER" --services "$SERVICE"
                        }
                        roll_back() { release "$previous"; }""");
                job.add("release \"$next\" || { roll_back; exit 1; }");
            }
            case "gcp" -> {
                variable(release, "REGION", "the region of the service");
                variable(release, "GCP_PROJECT", "its project");
                String where = " --region \"$REGION\" --project \"$GCP_PROJECT\"";
                job.add("previous=$(gcloud run services describe \"$SERVICE\"" + where + " --format 'value(status.latestReadyRevisionName)')");
                job.add("roll_back() { gcloud run services update-traffic \"$SERVICE\"" + where + " --to-revisions \"$previous=100\" --quiet; }");
                job.add("gcloud run deploy \"$SERVICE\" --image " + image + where + " --quiet");
            }
            default -> {
                variable(release, "RESOURCE_GROUP", "the resource group of the service");
                String which = " --name \"$SERVICE\" --resource-group \"$RESOURCE_GROUP\"";
                job.add("previous=$(az containerapp show" + which + " --query 'properties.template.containers[0].image' --output tsv)");
                job.add("roll_back() { az containerapp update" + which + " --image \"$previous\"; }");
                job.add("az containerapp update" + which + " --image " + image);
            }
        }
        smoke(job, release);
    }

    /** Somebody changed the infrastructure: the job fails. The code is ahead of it: the job warns. */
    void drift(Draft job, Step.DetectDrift drift) {
        cloud(job, new Release(Release.Kind.TERRAFORM, drift.folder(), "", drift.cloud(), "drift", ""), false);
        job.environment = new GitLabJob.Environment("drift", "access", false);
        notes.setting("environment", "drift", "variables with credentials that may read, not write");
        job.add("apk add --no-cache jq");
        job.enter(drift.folder());
        job.add("terraform init -input=false");
        job.add("terraform plan -input=false -refresh-only -out=drift.tfplan");
        job.add("terraform show -json drift.tfplan > drift.json");
        job.add("jq --raw-output '.resource_drift[]?.address' drift.json");
        job.add("jq --exit-status '[.resource_drift[]?] | length == 0' drift.json", "drift fails the job; not judged by the exit code of that plan, which is 2 without drift too");
        job.add("terraform plan -input=false -detailed-exitcode", "2: the code asks for changes that nobody applied yet, which only warns");
        job.warningExits.add(2);
    }

    private String terraformImage() {
        return context.versions().runtime("terraform").flatMap(r -> r.image(r.defaultLine())).orElseGet(() -> pin("terraform").image());
    }

    // --- parts ---

    private void secret(String name, String environment) {
        notes.setting("secret", name, "a masked and protected variable of the environment " + environment);
    }

    private void trust(String name, String how) {
        notes.setting("trust-policy", name, how);
    }

    private void variable(Release release, String name, String how) {
        notes.variable(release.environment(), name, how);
    }

    private Pins.ToolPin pin(String tool) {
        return context.pins().tool(tool).orElseThrow(() -> new IllegalStateException("no pin for " + tool));
    }
}

/**
 * Where a job finds its services on a platform that gives each a host name of its own instead of a port of {@code localhost}.
 *
 * <p>Knows how addresses are written in variables. A local address that is not clearly one of the job's services stays as it is: it is
 * where the program under test itself listens.
 */
final class ServiceHosts {
    private static final Pattern LOCAL = Pattern.compile("(?<![\\w.-])(?:localhost|127\\.0\\.0\\.1)(?![\\w.-])(?::(\\d{1,5}))?");
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][\\w+]*)(?::[A-Za-z]\\w*)*://(?:[^\\s/]*@)?(?:[^\\s/]*,)?$");
    /** {@code host=localhost port=5432} and {@code Server=localhost;Port=5432}. */
    private static final Pattern HOST_KEY = Pattern.compile("(?i)\\b(?:host|server|data source|address)\\s*=\\s*(?:tcp:)?$");
    private static final Pattern PORT_KEY = Pattern.compile("(?i)\\bport\\s*=\\s*(\\d{1,5})");
    private static final List<String> DATABASES = List.of("postgres", "mysql", "mariadb", "mongo", "clickhouse");
    /** Schemes of its addresses, and beginnings of the words in names of its variables. */
    private static final Map<String, List<String>> NAMES = Map.ofEntries(
            Map.entry("postgres", List.of("postgres", "postgresql", "postgis", "pgsql", "psql", "pg")),
            Map.entry("mysql", List.of("mysql", "mysql2", "mariadb")),
            Map.entry("mariadb", List.of("mariadb", "mysql", "mysql2")),
            Map.entry("redis", List.of("redis", "rediss")),
            Map.entry("mongo", List.of("mongo", "mongodb")),
            Map.entry("rabbitmq", List.of("amqp", "amqps", "rabbitmq", "rabbit")),
            Map.entry("kafka", List.of("kafka")),
            Map.entry("elasticsearch", List.of("elasticsearch", "elastic", "es")),
            Map.entry("memcached", List.of("memcached", "memcache")),
            Map.entry("minio", List.of("minio", "s3")),
            Map.entry("nats", List.of("nats")),
            Map.entry("clickhouse", List.of("clickhouse", "ch")));

    private ServiceHosts() {}

    /** The variables, with the name of each service where they name this machine. */
    static Map<String, String> inEnvironment(Map<String, String> environment, List<ServiceContainer> services) {
        Map<String, String> rewritten = new LinkedHashMap<>();
        environment.forEach((key, value) -> rewritten.put(key, inValue(key, value, services)));
        return rewritten;
    }

    private static String inValue(String key, String value, List<ServiceContainer> services) {
        Matcher local = LOCAL.matcher(value);
        StringBuilder text = new StringBuilder();
        while (local.find()) {
            String before = value.substring(0, local.start());
            String port = local.group(1) == null ? "" : local.group(1);
            Optional<ServiceContainer> service = byScheme(before, services).or(() -> byPort(port, services))
                    .or(() -> port.isEmpty() && isHostOf(before, local.end() == value.length()) ? byPort(portIn(value), services).or(() -> byKey(key, services)) : Optional.empty());
            String host = service.map(s -> s.name() + (port.isEmpty() ? "" : ":" + s.port())).orElse(local.group());
            local.appendReplacement(text, Matcher.quoteReplacement(host));
        }
        return local.appendTail(text).toString();
    }

    /** {@code postgres://user@}, {@code jdbc:mysql://}, {@code redis://a,}: whatever port a compose file may have published it on. */
    private static Optional<ServiceContainer> byScheme(String before, List<ServiceContainer> services) {
        Matcher scheme = SCHEME.matcher(before);
        if (!scheme.find()) {
            return Optional.empty();
        }
        String address = before.substring(scheme.start()).toLowerCase(Locale.ROOT);
        List<String> words = List.of(address.substring(0, address.indexOf("://")).split("[:+]"));
        return services.stream().filter(s -> names(s).stream().anyMatch(words::contains)).findFirst();
    }

    private static Optional<ServiceContainer> byPort(String port, List<ServiceContainer> services) {
        return services.stream().filter(s -> String.valueOf(s.port()).equals(port)).findFirst();
    }

    /** Is the local name the whole value, or that of a host in a list of keys and values? */
    private static boolean isHostOf(String before, boolean isLast) {
        return before.isBlank() && isLast || HOST_KEY.matcher(before).find();
    }

    private static String portIn(String value) {
        Matcher port = PORT_KEY.matcher(value);
        return port.find() ? port.group(1) : "";
    }

    /** {@code REDIS_HOST}, {@code PGHOST}, and {@code DB_HOST} where there is one database. */
    private static Optional<ServiceContainer> byKey(String key, List<ServiceContainer> services) {
        List<String> words = List.of(key.toLowerCase(Locale.ROOT).split("[^a-z0-9]+"));
        Optional<ServiceContainer> named = services.stream()
                .filter(s -> names(s).stream().anyMatch(n -> words.contains(n) || words.contains(n + "host"))).findFirst();
        boolean isDatabase = words.stream().anyMatch(w -> w.matches("db|database|sql|datasource|connectionstrings?"));
        List<ServiceContainer> databases = services.stream().filter(s -> DATABASES.contains(s.name())).toList();
        return named.or(() -> isDatabase && databases.size() == 1 ? Optional.of(databases.get(0)) : Optional.empty());
    }

    private static List<String> names(ServiceContainer service) {
        return NAMES.getOrDefault(service.name(), List.of(service.name()));
    }
}
