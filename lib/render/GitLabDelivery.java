package lib.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.plan.Job.ServiceContainer;
import lib.plan.Pins;
import lib.plan.Step;
import lib.plan.Step.ContainerImage;
import lib.plan.Step.Release;
import lib.render.Rendering.CiPlatform.Context;
import lib.render.GitLabCi.Notes;
import lib.render.GitLabJob.Draft;
import lib.render.GitLabJob.Environment;
import lib.render.GitLabJob.Image;
import lib.render.GitLabJob.Line;
import lib.render.GitLabJob.Service;
import lib.render.GitLabJob.Setup;

/** How GitLab runs {@link DeliveryScripts}: by which image, as whom, and with which settings outside of the file. */
final class GitLabDelivery {
    static final Map<String, String> DOCKER = docker();
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
        job.add(DeliveryScripts.scanSource(), "what nobody can fix yet would only block");
    }

    // --- images ---

    /** A Docker daemon beside the job, reached by TLS. */
    Service daemon() {
        notes.setting("runner", "docker", "jobs with Docker need a runner with the Docker executor, privileged = true and volumes = [\"/certs/client\", \"/cache\"]; GitLab.com's have it");
        return new Service(pin("docker-dind").image(), "docker", List.of(), Map.of());
    }

    void image(Draft job, ContainerImage image, boolean push) {
        notes.setting("registry", "Container registry", "Settings > General > Visibility: enable it for the project");
        image.arguments().forEach(a -> notes.setting("variable", a, "a build argument of " + image.dockerfile() + " that has no default"));
        Pins.ToolPin trivy = pin("trivy");
        job.setup = new Setup("docker", new Image(pin("docker").image(), false), List.of(daemon()), DOCKER, Map.of(), null, List.of(
                Line.of("apk add --no-cache curl jq"),
                Line.of("printf '%s' \"$CI_REGISTRY_PASSWORD\" | docker login --username \"$CI_REGISTRY_USER\" --password-stdin \"$CI_REGISTRY\""),
                new Line("docker context create tls", "a builder takes the daemon's address and certificates from a context only"),
                Line.of(DeliveryScripts.builder(context.pins()) + " tls"),
                Line.of(DeliveryScripts.CURL + " --output /tmp/trivy.tar.gz " + trivy.url()),
                Line.of("echo \"" + trivy.sha256() + "  /tmp/trivy.tar.gz\" | sha256sum -c"),
                Line.of("tar -xzf /tmp/trivy.tar.gz -C /usr/local/bin trivy")), List.of());
        job.variables.put("IMAGE", "$CI_REGISTRY_IMAGE" + (image.name().isEmpty() ? "" : "/" + image.name()));
        // What is published is built from scratch; it leaves a cache for what is only proposed.
        String cached = push ? "" : "--cache-from type=registry,ref=\"$IMAGE:buildcache\"";
        if (!image.testTarget().isEmpty()) {
            job.add(DeliveryScripts.build(image, image.testTarget(), cached));
        }
        job.add(DeliveryScripts.build(image, image.target(), (cached + " --output type=docker,dest=/tmp/image.tar").strip()));
        job.add("trivy image --input /tmp/image.tar --scanners vuln --severity CRITICAL --ignore-unfixed --no-progress --exit-code 1");
        if (push) {
            push(job, image);
        }
    }

    private void push(Draft job, ContainerImage image) {
        job.idTokens.put("SIGSTORE_ID_TOKEN", "sigstore");
        notes.setting("trust-policy", "sigstore", "the public Fulcio trusts the tokens of GitLab.com; a GitLab of your own needs a Fulcio of its own");
        job.add(DeliveryScripts.build(image, image.target(), "--push --sbom=true --provenance=mode=max --metadata-file image-metadata.json"
                + " --cache-to type=registry,ref=\"$IMAGE:buildcache\",mode=max --tag \"$IMAGE:${CI_COMMIT_TAG:-$CI_COMMIT_SHA}\""));
        job.add("DIGEST=$(" + DeliveryScripts.digest() + ")");
        job.add(GitLabSetup.lines(DeliveryScripts.cosign(context.pins(), "/usr/local/bin")));
        job.add("cosign sign --yes \"$IMAGE@$DIGEST\"", "by the job's own identity");
        job.add("printf 'IMAGE=%s\\nDIGEST=%s\\n' \"$IMAGE\" \"$DIGEST\" > image.env", "for the jobs that deploy it");
        job.dotenv = "image.env";
    }

    // --- packages ---

    void publish(Draft job, Step.Publish publish) {
        String name = publish.publication().name();
        job.enter(DeliveryScripts.folder(publish));
        switch (publish.publication().registry()) {
            case "npm" -> {
                trust("npm", name, "npmjs.com");
                job.idTokens.put("NPM_ID_TOKEN", "npm:registry.npmjs.org");
                job.idTokens.put("SIGSTORE_ID_TOKEN", "sigstore");
                if (publish.manager().equals("bun")) {
                    var node = context.versions().runtime("node").orElseThrow();
                    job.setup = Setup.of("node", new Image(node.image(node.defaultLine()).orElseThrow(), false));
                    job.script.add(0, new Line("npm install --global bun@" + pin("bun").version(), "only npm publishes by the job's identity, and Bun's image is without it"));
                }
                job.add("npm install --global npm@" + pin("npm").version(), "trusted publishing needs 11.5.1 or later");
                job.add(DeliveryScripts.npmPublish(publish, "--provenance "));
            }
            case "pypi" -> {
                trust("pypi", name, "PyPI");
                job.idTokens.put("PYPI_ID_TOKEN", "pypi");
                boolean isUv = publish.manager().equals("uv");
                String twine = "twine==" + pin("twine").version();
                if (!isUv) {
                    job.add("pip install " + twine);
                }
                job.add((isUv ? "uvx " + twine : "twine") + " upload --non-interactive " + DeliveryScripts.packed(publish, "dist") + "/*", "exchanges the job's token for one of PyPI");
            }
            case "crates" -> {
                trust("crates", name, "crates.io");
                job.idTokens.put("CRATES_IO_ID_TOKEN", "crates.io");
                job.add(DeliveryScripts.CURL + " --header 'Content-Type: application/json' --data \"{\\\"jwt\\\": \\\"$CRATES_IO_ID_TOKEN\\\"}\""
                        + " https://crates.io/api/v1/trusted_publishing/tokens > /tmp/token.json", "exchanges the job's token for one of crates.io");
                job.add("CARGO_REGISTRY_TOKEN=$(cut -d '\"' -f 4 /tmp/token.json)");
                job.add("export CARGO_REGISTRY_TOKEN");
                job.add(DeliveryScripts.cargoPublish(), "cargo uploads the sources, and builds them once more to prove that they are complete");
            }
            case "helm-oci" -> {
                job.add("printf '%s' \"$CI_REGISTRY_PASSWORD\" | helm registry login --username \"$CI_REGISTRY_USER\" --password-stdin \"$CI_REGISTRY\"");
                job.add("helm package . --destination package");
                job.add("helm push package/*.tgz \"oci://$CI_REGISTRY_IMAGE\"");
            }
            case "packagist" -> {
                notes.parity("publishing to Packagist", "nothing to run: Packagist reads the tag as soon as its hook is called");
                notes.setting("webhook", "packagist", "Settings > Integrations > Packagist: user, token and server of " + name);
                job.script.clear();
            }
            case "github-releases" -> release(job, publish);
            default -> {
                if (DeliveryScripts.readsHistory(publish)) {
                    job.variables.put("GIT_DEPTH", "0");
                }
                DeliveryScripts.tokens(publish).forEach(token -> notes.setting("secret", token, "a masked and protected variable of the environment " + publish.publication().registry()));
                job.add(GitLabSetup.lines(DeliveryScripts.publish(publish, context.pins(), "CI_COMMIT_TAG", "$CI_PROJECT_PATH")));
            }
        }
    }

    private void release(Draft job, Step.Publish publish) {
        job.script.clear();
        if (publish.publication().evidence().rule().equals("goreleaser-config")) {
            job.setup = Setup.of("goreleaser", new Image(pin("goreleaser").image(), true));
            job.variables.put("GIT_DEPTH", "0");
            notes.setting("secret", "GITLAB_TOKEN", "a masked and protected variable: a project access token with the scope api");
            job.add("goreleaser release --clean", "its notes are made of the whole history");
            return;
        }
        // GitLab makes the release itself, once the script has passed; the image brings its client.
        job.setup = Setup.of("release", new Image(pin("glab").image(), true));
        job.add("echo \"Release $CI_COMMIT_TAG\"");
        job.release = true;
    }

    // --- deployments ---

    void deploy(Draft job, Release release) {
        notes.setting("environment", release.environment(), release.environment().equals("production")
                ? "protect it, and name those who may deploy: they start the job by hand, which is the approval" : "made by the first deployment");
        cloud(job, release);
        switch (release.kind()) {
            case HELM -> {
                job.add(GitLabSetup.lines(DeliveryScripts.helmUpgrade(release, release.imageJob().isEmpty() ? "" : "$CI_COMMIT_SHA")));
                checked(job, release, List.of(), DeliveryScripts.helmRollback(release));
            }
            case KUSTOMIZE, MANIFESTS -> {
                job.add(GitLabSetup.lines(DeliveryScripts.apply(release)));
                checked(job, release, List.of(DeliveryScripts.rolloutStatus().strip()), DeliveryScripts.rolloutUndo());
            }
            case TERRAFORM -> {
                if (!release.engine().guard().isEmpty()) {
                    job.add("apk add --no-cache python3");
                }
                job.enter(release.path());
                job.add(GitLabSetup.lines(DeliveryScripts.terraformPlan(release)));
                job.add(DeliveryScripts.terraformApply(release).strip(), "exactly what was planned");
            }
            case CONTAINER_SERVICE -> containerService(job, release);
        }
    }

    private void checked(Draft job, Release release, List<String> commands, String back) {
        variable(release, "SMOKE_URL", "an address that answers 2xx when the release is well");
        job.add(DeliveryScripts.checked(commands, back).strip());
    }

    /** What the job runs in, and who it is there: the same for all environments. */
    private void cloud(Draft job, Release release) {
        boolean isTerraform = release.kind() == Release.Kind.TERRAFORM;
        String image = isTerraform ? DeliveryScripts.engineImage(context.versions(), release.engine()).orElseThrow() : !release.cloud().isEmpty() ? pin(release.cloud() + "-cli").image()
                : pin(release.kind() == Release.Kind.HELM ? "helm" : "kubectl").image();
        Draft common = new Draft();
        switch (release.cloud()) {
            case "aws" -> aws(common, release);
            case "gcp" -> gcp(common, release, isTerraform);
            case "azure" -> azure(common, release, isTerraform);
            default -> {
                if (DeliveryScripts.isCluster(release)) {
                    agent(common, release);
                }
            }
        }
        if (!release.cloud().isEmpty() && DeliveryScripts.isCluster(release)) {
            cluster(common, release);
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

    private void aws(Draft common, Release release) {
        variable(release, "AWS_ROLE_ARN", "the role that this environment may take by OIDC");
        variable(release, "AWS_REGION", "the region");
        notes.setting("trust-policy", "AWS", "an OIDC provider for this GitLab's address, which is the audience too, and a role whose trust policy wants sub project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH");
        common.idTokens.put("AWS_ID_TOKEN", "$CI_SERVER_URL");
        common.variables.put("AWS_WEB_IDENTITY_TOKEN_FILE", "/tmp/aws-token");
        common.variables.put("AWS_ROLE_SESSION_NAME", "gitlab-$CI_JOB_ID");
        common.add("printf '%s' \"$AWS_ID_TOKEN\" > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"");
    }

    private void gcp(Draft common, Release release, boolean isTerraform) {
        variable(release, "GCP_WORKLOAD_IDENTITY_PROVIDER", "projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER, whose issuer is this GitLab");
        variable(release, "GCP_SERVICE_ACCOUNT", "the service account that deploys");
        common.idTokens.put("GCP_ID_TOKEN", "https://iam.googleapis.com/$GCP_WORKLOAD_IDENTITY_PROVIDER");
        common.variables.put("GOOGLE_APPLICATION_CREDENTIALS", "/tmp/credentials.json");
        common.add("printf '%s' \"$GCP_ID_TOKEN\" > /tmp/gcp-token");
        common.add("""
                cat > "$GOOGLE_APPLICATION_CREDENTIALS" <<EOF
                {"type": "external_account", "audience": "//iam.googleapis.com/$GCP_WORKLOAD_IDENTITY_PROVIDER",
                 "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": "https://sts.googleapis.com/v1/token",
                 "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/$GCP_SERVICE_ACCOUNT:generateAccessToken",
                 "credential_source": {"file": "/tmp/gcp-token"}}
                EOF""");
        if (!isTerraform) {
            variable(release, "CLOUDSDK_CORE_PROJECT", "the project, for gcloud");
            common.add("gcloud auth login --cred-file=\"$GOOGLE_APPLICATION_CREDENTIALS\" --quiet");
        }
    }

    private void azure(Draft common, Release release, boolean isTerraform) {
        variable(release, "AZURE_CLIENT_ID", "the application with a federated credential for this project");
        variable(release, "AZURE_TENANT_ID", "the tenant");
        variable(release, "AZURE_SUBSCRIPTION_ID", "the subscription");
        common.idTokens.put("AZURE_ID_TOKEN", "api://AzureADTokenExchange");
        if (isTerraform) {
            common.variables.put("ARM_USE_OIDC", "true");
            common.variables.put("ARM_OIDC_TOKEN", "$AZURE_ID_TOKEN");
            List.of("CLIENT_ID", "TENANT_ID", "SUBSCRIPTION_ID").forEach(n -> common.variables.put("ARM_" + n, "$AZURE_" + n));
            return;
        }
        common.add("az login --service-principal --username \"$AZURE_CLIENT_ID\" --tenant \"$AZURE_TENANT_ID\" --federated-token \"$AZURE_ID_TOKEN\" --output none");
        common.add("az account set --subscription \"$AZURE_SUBSCRIPTION_ID\"");
    }

    /** What the images of the clouds' own tools lack. */
    private void cluster(Draft common, Release release) {
        variable(release, "CLUSTER", "the name of the cluster");
        switch (release.cloud()) {
            case "aws" -> common.add("yum install --assumeyes gzip tar");
            case "gcp" -> variable(release, "CLUSTER_LOCATION", "its region or zone");
            default -> variable(release, "RESOURCE_GROUP", "its resource group");
        }
        common.add(GitLabSetup.lines(DeliveryScripts.kubectl(context.pins(), "")));
        if (release.kind() == Release.Kind.HELM) {
            common.add(GitLabSetup.lines(DeliveryScripts.helm(context.pins(), "")));
        }
        common.add(DeliveryScripts.chooseCluster(release.cloud()).strip());
    }

    private void containerService(Draft job, Release release) {
        variable(release, "SERVICE", "the name of the container service");
        switch (release.cloud()) {
            case "aws" -> {
                variable(release, "CLUSTER", "the ECS cluster");
                job.add("yum install --assumeyes jq");
            }
            case "gcp" -> variable(release, "REGION", "the region of the service");
            default -> variable(release, "RESOURCE_GROUP", "the resource group of the service");
        }
        DeliveryScripts.ServiceChange change = DeliveryScripts.containerService(release.cloud());
        job.add(GitLabSetup.lines(change.prepare()));
        checked(job, release, change.update(), change.back());
    }

    /** Somebody changed the infrastructure: the job fails. The code is ahead of it: the job warns. */
    void drift(Draft job, Step.DetectDrift drift) {
        cloud(job, drift.place());
        job.environment = new Environment(drift.environment(), "access", false);
        notes.setting("environment", drift.environment(), "variables with credentials that may read, not write");
        job.add("apk add --no-cache jq");
        job.enter(drift.folder());
        job.add(GitLabSetup.lines(DeliveryScripts.drift(drift.engine())));
        job.add(drift.engine().program() + " plan -input=false -detailed-exitcode", "2: the code asks for changes that nobody applied yet, which only warns");
        job.warningExits.add(2);
    }

    /** What each root module would become: counted beside the merge request, in full in the job's log and artifacts; the guard's word decides. */
    void preview(Draft job, Step.PreviewChange preview) {
        cloud(job, preview.place(preview.folders().get(0)));
        job.environment = new Environment(preview.environment(), "access", false);
        notes.setting("environment", preview.environment(), "variables with credentials that may read, not write");
        job.add("apk add --no-cache jq python3");
        for (String folder : preview.folders()) {
            job.enter(folder);
            job.add(GitLabSetup.lines(DeliveryScripts.terraformPreview(preview.engine())));
            job.add("cat plan.txt");
            job.add(COUNTS + " tfplan.json > plan-counts.json", "what is created, changed and deleted, for the merge request");
            job.add(DeliveryScripts.guard(preview.place(folder)));
            job.paths.add(Draft.path(folder + "/plan.txt"));
            job.terraform.add(Draft.path(folder + "/plan-counts.json"));
        }
    }

    private static final String COUNTS = "jq '[.resource_changes[]?.change.actions[]] | {create: map(select(. == \"create\")) | length, update: map(select(. == \"update\")) | length, "
            + "delete: map(select(. == \"delete\")) | length}'";

    // --- parts ---

    private void trust(String environment, String name, String registry) {
        notes.setting("trust-policy", environment, "add this project's .gitlab-ci.yml as a trusted publisher of " + name + " on " + registry + ", with the environment " + environment);
    }

    private void variable(Release release, String name, String how) {
        notes.variable(release.environment(), name, how);
    }

    private Pins.ToolPin pin(String tool) {
        return DeliveryScripts.pin(context.pins(), tool);
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
