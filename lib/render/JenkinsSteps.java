package lib.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lib.plan.Job.ServiceContainer;
import lib.plan.Job;
import lib.plan.Pins;
import lib.plan.Step.ContainerImage;
import lib.plan.Step.Release;
import lib.plan.Step;
import lib.render.Rendering.CiPlatform.Context;
import lib.render.Jenkins.Notes;
import lib.render.JenkinsStage.Agent;
import lib.render.JenkinsStage.Text;
import lib.render.Rendering.Parity;
import lib.scan.Finding;
import lib.scan.Component.Output;
import lib.scan.Command.Shell;

/** Turns one job into a stage: where it runs, what it runs beside, its steps, what it keeps. */
final class JenkinsSteps {
    /** The job's own check-out, and what it would leave empty: as whoever may read this repository. */
    private static final String SUBMODULES = "checkout scmGit(branches: scm.branches, userRemoteConfigs: scm.userRemoteConfigs,"
            + " extensions: scm.extensions + [submodule(parentCredentials: true, recursiveSubmodules: true)]) // " + Step.Submodules.WHY;
    private final Job job;
    private final Context context;
    private final Notes notes;
    private final ContainerSetup setup;
    private final JenkinsDelivery delivery;
    private final boolean root;

    JenkinsSteps(Job job, Context context, Notes notes) {
        this.job = job;
        this.context = context;
        this.notes = notes;
        this.setup = new ContainerSetup(job, context, "", false);
        this.delivery = new JenkinsDelivery(job, context, notes);
        this.root = needsRoot();
    }

    /** @param when conditions, Groovy */
    JenkinsStage stage(String name, List<String> when) {
        JenkinsStage inner = work(name);
        boolean hasServices = !job.services().isEmpty() && !isOnDaemon();
        JenkinsStage outer = job.matrix() == null && job.each().isEmpty() && !hasServices ? inner : new JenkinsStage(name);
        if (outer != inner) {
            if (hasServices) {
                services(outer, inner);
            }
            outer.stage(inner);
        }
        if (!job.each().isEmpty()) {
            outer.axis("PACKAGE", job.each().stream().map(Job.Each::path).toList());
        }
        if (job.matrix() != null) {
            matrix(outer);
        }
        when.forEach(outer::when);
        outer.option("timeout(time: " + job.timeoutMinutes() + ", unit: 'MINUTES')");
        return outer;
    }

    private JenkinsStage work(String name) {
        JenkinsStage stage = new JenkinsStage(name).step(JenkinsStage.Step.code(job.hasSubmodules() ? SUBMODULES : "checkout scm"));
        boolean isBare = delivery.isOnAgent();
        stage.agent(isBare ? Agent.NODE : new Agent(image(), Text.of(args()), false));
        if (!isBare) {
            environment(stage);
        }
        delivery.prepare(stage);
        List<String> odd = new ArrayList<>();
        job.environment().forEach((key, value) -> {
            if (key.matches("[A-Za-z_]\\w*")) {
                stage.env(key, Text.of(value));
            } else {
                odd.add(GroovyFormat.string(key + "=" + value));
            }
        });
        setup.before().forEach(l -> stage.step(JenkinsStage.Step.sh(l.title(), l.run())));
        boolean isSetUp = false;
        for (Step step : job.steps()) {
            if (!isSetUp && !(step instanceof Step.Run run && run.title().equals("Install dependencies")) && !(step instanceof Step.SystemPackages) && !(step instanceof Step.UseTool)) {
                isSetUp = true;
                setup.after().forEach(l -> stage.step(JenkinsStage.Step.sh(l.title(), l.run())));
            }
            step(step, stage);
        }
        setup.missing().forEach(t -> notes.finding(Finding.warning("tool-without-installer", "nothing installs " + t + " in job " + job.id() + " on Jenkins",
                "install it in the image or on the agent")));
        if (!odd.isEmpty()) {
            // Names that Groovy would read as code.
            stage.wrap("withEnv([" + String.join(", ", odd) + "])");
        }
        if (root && !isBare) {
            stage.cleanup("sh 'chown -R \"$(stat -c %u:%g \"$WORKSPACE_TMP\")\" .'");
        }
        stage.cleanup("deleteDir()");
        return stage;
    }

    private void step(Step step, JenkinsStage stage) {
        if (step instanceof Step.Run run) {
            stage.step(run(run));
        } else if (step instanceof Step.Report report) {
            report(report, stage);
        } else if (step instanceof Step.Upload upload) {
            stage.step(JenkinsStage.Step.code("archiveArtifacts artifacts: " + patterns(upload.globs()) + ", fingerprint: true"));
            if (notes.isDownloaded(upload.artifact())) {
                stage.step(JenkinsStage.Step.code("stash name: " + GroovyFormat.string(upload.artifact()) + ", includes: " + patterns(upload.globs())));
            }
        } else if (step instanceof Step.Download download) {
            stage.step(JenkinsStage.Step.code("unstash " + GroovyFormat.string(download.artifact())));
        } else if (!(step instanceof Step.SystemPackages) && !(step instanceof Step.UseTool) && !(step instanceof Step.Submodules)) {
            delivery.step(step, stage);
        }
    }

    private static JenkinsStage.Step run(Step.Run run) {
        JenkinsStage.Step step = JenkinsStage.Step.sh(run.title(), run.command());
        if (!run.environment().isEmpty()) {
            String variables = new TreeMap<>(run.environment()).entrySet().stream().map(e -> GroovyFormat.string(e.getKey() + "=" + e.getValue())).collect(Collectors.joining(", "));
            step = JenkinsStage.Step.in(List.of("withEnv([" + variables + "])"), List.of(step));
        }
        return inFolder(run.folder(), step);
    }

    static JenkinsStage.Step inFolder(String path, JenkinsStage.Step step) {
        return path.equals(".") ? step : JenkinsStage.Step.in(List.of("dir(" + folder(path) + ")"), List.of(step));
    }

    private static String folder(String path) {
        if (!path.startsWith(Job.EACH)) {
            return GroovyFormat.string(path);
        }
        String rest = path.substring(Job.EACH.length());
        return "env.PACKAGE" + (rest.isEmpty() ? "" : " + " + GroovyFormat.string(rest));
    }

    // --- where it runs ---

    private boolean isOnDaemon() {
        return job.docker() && !job.toolchains().isEmpty();
    }

    /** Images run as the agent's own user; only root may install into them, and into Python's own folders. */
    private boolean needsRoot() {
        boolean isPip = job.toolchains().stream().anyMatch(t -> t.runtime().equals("python")) && !setup.image().contains("astral-sh/uv");
        return isOnDaemon() || isPip || delivery.needsRoot() || setup.before().stream().anyMatch(ContainerSetup.Line::asRoot)
                || setup.after().stream().anyMatch(ContainerSetup.Line::asRoot);
    }

    private Text image() {
        if (delivery.image().isPresent()) {
            return Text.of(delivery.image().get());
        }
        if (job.matrix() == null) {
            return Text.of(setup.image());
        }
        return matrixImage() == null ? Text.code("\"${IMAGE}\"") : Text.code("\"" + matrixImage() + "\"");
    }

    /** The image with a variable for the version; null where the versions' images differ in more. */
    private String matrixImage() {
        Set<String> names = job.matrix().nightly().stream().map(v -> setup.images(List.of(v)).get(0)
                .replaceFirst("(?<![0-9.])" + Pattern.quote(v) + "(?![0-9.])", "\\${" + axis() + "}")).collect(Collectors.toSet());
        return names.size() == 1 && names.iterator().next().contains("$") ? names.iterator().next() : null;
    }

    private String axis() {
        return job.matrix().runtime().toUpperCase(Locale.ROOT).replace('-', '_') + "_VERSION";
    }

    private void matrix(JenkinsStage stage) {
        boolean isPlain = matrixImage() != null;
        String axis = isPlain ? axis() : "IMAGE";
        List<String> all = isPlain ? job.matrix().nightly() : setup.images(job.matrix().nightly());
        List<String> usual = isPlain ? job.matrix().always() : setup.images(job.matrix().always());
        stage.axis(axis, all);
        if (usual.size() < all.size()) {
            stage.when("anyOf {");
            stage.when("    triggeredBy 'TimerTrigger'");
            stage.when("    expression { env." + axis + " in [" + usual.stream().map(GroovyFormat::string).collect(Collectors.joining(", ")) + "] }");
            stage.when("}");
            stage.comment("All versions at night; a change is checked on the lowest and the highest only.");
        }
    }

    private String args() {
        List<String> args = new ArrayList<>();
        if (delivery.image().isPresent() || setup.image().matches("(hashicorp/|ghcr\\.io/opentofu/|alpine/|quay\\.io/helmpack/|helmunittest/|ghcr\\.io/gohugoio/).*")) {
            args.add("--entrypoint=");
        }
        if (root) {
            args.add("--user root");
            ContainerSetup.Cache cache = setup.cache();
            if (cache != null) {
                cache.paths().stream().map(p -> p.replaceFirst("^~/", "/root/")).filter(p -> p.startsWith("/"))
                        .forEach(p -> args.add("--volume " + notes.slug() + "-" + p.replaceFirst("^/root/", "").replaceAll("[^A-Za-z0-9]+", "-").replaceAll("^-", "") + ":" + p));
            }
        }
        if (isOnDaemon()) {
            args.add("--network host --volume /var/run/docker.sock:/var/run/docker.sock");
        }
        return String.join(" ", args);
    }

    private void environment(JenkinsStage stage) {
        if (isOnDaemon()) {
            stage.env("TESTCONTAINERS_HOST_OVERRIDE", Text.of("localhost"));
        }
        if (root) {
            // Git refuses to work in a folder of another user, which the workspace is for root.
            stage.env("GIT_CONFIG_COUNT", Text.of("1"));
            stage.env("GIT_CONFIG_KEY_0", Text.of("safe.directory"));
            stage.env("GIT_CONFIG_VALUE_0", Text.of("*"));
        } else {
            // The agent's user has no home in the image. This one stays on the agent, with the downloads of the package managers; what is
            // published is built without them.
            String home = job.cache() ? "${WORKSPACE_TMP}" : "${WORKSPACE_TMP}/${BUILD_NUMBER}";
            stage.env("HOME", Text.code("\"" + home + "\""));
            if (!job.cache()) {
                stage.step(JenkinsStage.Step.sh("Make a home", "mkdir -p \"$HOME\""));
                stage.cleanup("dir(env.HOME) { deleteDir() }");
            }
            if (job.toolchains().stream().anyMatch(t -> t.runtime().equals("java"))) {
                stage.env("JAVA_TOOL_OPTIONS", Text.code("\"-Duser.home=" + home + "\""));
            }
            if (job.toolchains().stream().anyMatch(t -> t.runtime().equals("go"))) {
                stage.env("GOMODCACHE", Text.code("\"" + home + "/go-mod\""));
            }
        }
        setup.environment().forEach((key, value) -> stage.env(key, Text.of(value)));
        if (ContainerSetup.isRolledForward(job)) {
            notes.parity(new Parity("tests on several runtimes of .NET", "the SDK's image has one runtime: tests for an older one run on it, by DOTNET_ROLL_FORWARD"));
        }
    }

    // --- services ---

    /** They and the job share one network, so that each is at localhost, as on a developer's machine. */
    private void services(JenkinsStage outer, JenkinsStage inner) {
        StringBuilder script = new StringBuilder();
        List<String> names = new ArrayList<>();
        for (ServiceContainer service : job.services()) {
            String name = names.isEmpty() ? "\"$SERVICES\"" : "\"$SERVICES-" + service.name() + "\"";
            script.append("docker run --detach --name ").append(name).append(names.isEmpty() ? "" : " --network \"container:$SERVICES\"");
            new TreeMap<>(service.environment()).forEach((key, value) -> script.append(" \\\n  --env ").append(Shell.word(key + "=" + value.replace("{host}", "localhost"))));
            script.append(service.environment().isEmpty() ? " " : " \\\n  ").append(Shell.word(service.image())).append('\n');
            names.add(name);
        }
        boolean hasHealth = job.services().stream().anyMatch(s -> !s.health().isEmpty());
        script.append(hasHealth ? "ready() {\n  for _ in $(seq 60); do\n    if docker exec \"$1\" sh -c \"$2\"; then return; fi\n    sleep 2\n  done\n  return 1\n}\n" : "");
        for (int i = 0; i < names.size(); i++) {
            String health = job.services().get(i).health();
            script.append(health.isEmpty() ? "" : "ready " + names.get(i) + " " + Shell.word(health) + "\n");
        }
        outer.agent(Agent.NODE).env("SERVICES", Text.code("\"" + notes.slug() + "-" + job.id() + "-${BUILD_NUMBER}-${EXECUTOR_NUMBER}\""));
        outer.stage(new JenkinsStage("Start services").step(JenkinsStage.Step.sh("Start " + job.services().stream().map(ServiceContainer::name).collect(Collectors.joining(" and ")), script.toString())));
        outer.cleanup("sh 'docker rm --force --volumes " + String.join(" ", names).replace("'", "\\'") + "'");
        Agent own = inner.getAgent();
        inner.agent(new Agent(own.image(), Text.code("\"" + (own.args().text().isEmpty() ? "" : own.args().text() + " ") + "--network container:${env.SERVICES}\""), true));
    }

    // --- what is kept ---

    private void report(Step.Report report, JenkinsStage stage) {
        switch (report.kind()) {
            case JUNIT -> {
                notes.plugin("junit");
                stage.always("junit testResults: " + patterns(report.globs()) + ", allowEmptyResults: true");
            }
            case COBERTURA, JACOCO -> {
                notes.plugin("coverage");
                stage.always("recordCoverage tools: [[parser: '" + report.kind().name() + "', pattern: " + patterns(report.globs()) + "]]");
            }
            default -> stage.always("archiveArtifacts artifacts: " + patterns(report.globs()) + ", allowEmptyArchive: true");
        }
        if (report.kind() == Output.Kind.LCOV) {
            notes.parity(new Parity("lcov reports", "kept as artifacts"));
        }
    }

    /** Patterns take files only: what has neither wildcard nor extension is a folder. */
    private static String patterns(List<String> globs) {
        String all = globs.stream().map(g -> g.matches("(.*/)?(?!\\.)[^/]*(\\.[A-Za-z0-9]{1,8}|[*?][^/]*)") ? g : g + "/**").collect(Collectors.joining(","));
        if (!all.contains(Job.EACH)) {
            return GroovyFormat.string(all);
        }
        return List.of(all.split(Pattern.quote(Job.EACH), -1)).stream().map(part -> part.isEmpty() ? "" : GroovyFormat.string(part)).collect(Collectors.joining(" + env.PACKAGE + "))
                .replaceFirst("^ \\+ ", "").replaceFirst(" \\+ $", "");
    }
}

/** The steps that scan, build images, publish and deploy, and the credentials that these rely on. */
final class JenkinsDelivery {
    private static final String LOCAL = "\"$LOCAL_IMAGE\"";
    private final Job job;
    private final Context context;
    private final Notes notes;

    JenkinsDelivery(Job job, Context context, Notes notes) {
        this.job = job;
        this.context = context;
        this.notes = notes;
    }

    // --- where the stage runs ---

    /** On the agent itself, with its Docker. */
    boolean isOnAgent() {
        return job.steps().stream().anyMatch(Step.Image.class::isInstance);
    }

    /** The image of a stage that needs another than that of a toolchain. */
    Optional<String> image() {
        if (job.steps().stream().anyMatch(Step.ScanSource.class::isInstance)) {
            return Optional.of(pin("trivy").image());
        }
        Optional<Step.Engine> engine = drift().map(Step.DetectDrift::engine).or(() -> release().map(Release::engine));
        if (engine.isPresent()) {
            return DeliveryScripts.engineImage(context.versions(), engine.get());
        }
        return release().map(r -> switch (r.cloud()) {
            case "gcp" -> pin("gcp-cli").image();
            case "azure" -> pin("azure-cli").image();
            default -> pin("kubectl").image();
        });
    }

    /** Those images lack a tool that has to be installed. */
    boolean needsRoot() {
        return drift().isPresent() || release().filter(r -> r.engine() != null && !r.engine().guard().isEmpty() || DeliveryScripts.isCluster(r) && List.of("gcp", "azure").contains(r.cloud())).isPresent();
    }

    private Optional<Release> release() {
        return job.steps().stream().filter(Step.Deploy.class::isInstance).map(s -> ((Step.Deploy) s).release()).findFirst();
    }

    private Optional<Step.DetectDrift> drift() {
        return job.steps().stream().filter(Step.DetectDrift.class::isInstance).map(Step.DetectDrift.class::cast).findFirst();
    }

    /** What the stage has beside its steps. */
    void prepare(JenkinsStage stage) {
        release().ifPresent(r -> {
            notes.plugin("lockable-resources");
            stage.option("lock(resource: '" + notes.slug() + "-" + r.environment() + "')");
        });
        if (!isOnAgent()) {
            return;
        }
        stage.env("LOCAL_IMAGE", Text.code("\"" + notes.slug() + "-" + job.id() + ":${BUILD_NUMBER}-${EXECUTOR_NUMBER}\""));
        stage.cleanup("sh(script: 'docker image rm \"$LOCAL_IMAGE\"', returnStatus: true)");
        if (job.steps().stream().anyMatch(s -> s instanceof Step.Image i && i.push())) {
            // Log-in and builder of this stage are no other's.
            stage.env("DOCKER_CONFIG", Text.code("\"${WORKSPACE_TMP}/docker\""));
            stage.cleanup("sh(script: 'docker buildx rm', returnStatus: true)");
            stage.cleanup("dir(env.DOCKER_CONFIG) { deleteDir() }");
        }
    }

    void step(Step step, JenkinsStage stage) {
        if (step instanceof Step.ScanSource) {
            stage.step(sh("Scan", DeliveryScripts.scanSource()));
        } else if (step instanceof Step.Image image) {
            image(image.image(), image.push(), stage);
        } else if (step instanceof Step.Publish publish) {
            publish(publish, stage);
        } else if (step instanceof Step.Deploy deploy) {
            deploy(deploy.release(), stage);
        } else if (step instanceof Step.DetectDrift drift) {
            drift(drift, stage);
        } else {
            throw new IllegalStateException("no rendering of " + step);
        }
    }

    // --- images ---

    private void image(ContainerImage image, boolean push, JenkinsStage stage) {
        image.arguments().forEach(a -> notes.setting("variable", a, "an environment variable of the agents: a build argument of " + image.dockerfile() + " without a default"));
        if (push) {
            stage.step(sh("Create a builder", DeliveryScripts.builder(context.pins())));
        }
        if (!image.testTarget().isEmpty()) {
            stage.step(sh("Run the image's tests", DeliveryScripts.build(image, image.testTarget(), "")));
        }
        stage.step(sh("Build", DeliveryScripts.build(image, image.target(), "--load --tag " + LOCAL)));
        stage.step(sh("Scan the image", DeliveryScripts.scanImage(context.pins(), LOCAL)));
        if (push) {
            push(image, stage);
        }
    }

    private void push(ContainerImage image, JenkinsStage stage) {
        String named = named(image.name());
        notes.setting("credential", "registry", "username with password: may push the image");
        notes.setting("credential", "cosign-key", "secret file: the private key of cosign generate-key-pair");
        notes.setting("credential", "cosign-password", "secret text: its password");
        notes.parity(new Parity("signatures by the job's identity", "by a key: the public Fulcio knows no Jenkins"));
        notes.parity(new Parity("attestations of the platform", "SBOM, provenance and signature are kept beside the image in the registry"));
        List<String> bindings = new ArrayList<>();
        bindings.add("usernamePassword(credentialsId: 'registry', usernameVariable: 'REGISTRY_USERNAME', passwordVariable: 'REGISTRY_PASSWORD')");
        bindings.add("file(credentialsId: 'cosign-key', variable: 'COSIGN_KEY')");
        bindings.add("string(credentialsId: 'cosign-password', variable: 'COSIGN_PASSWORD')");
        image(bindings);
        stage.step(script("env.TAG = env.TAG_NAME ?: sh(label: 'Read the commit', returnStdout: true, script: 'git rev-parse HEAD').trim()"));
        stage.step(JenkinsStage.Step.in(credentials(bindings), List.of(
                sh("Push", named + DeliveryScripts.logIn("REGISTRY_USERNAME", "REGISTRY_PASSWORD") + "\n" + DeliveryScripts.push(image, "$TAG") + "\n"),
                script("env." + digest(job.id()) + " = sh(label: 'Read the digest', returnStdout: true, script: " + GroovyFormat.string(DeliveryScripts.digest()) + ").trim()"),
                sh("Sign the image", named + DeliveryScripts.cosign(context.pins(), "$WORKSPACE_TMP") + "\"$WORKSPACE_TMP/cosign\" sign --yes --key \"$COSIGN_KEY\" \"$IMAGE@$" + digest(job.id()) + "\"\n"))));
    }

    private void image(List<String> bindings) {
        bindings.add("string(credentialsId: 'image', variable: 'IMAGE')");
        notes.setting("credential", "image", "secret text: name of the image without a tag, as registry.example.com/team/name");
    }

    /** One of several images has a name of its own behind the common one. */
    private static String named(String image) {
        return image.isEmpty() ? "" : "IMAGE=$IMAGE/" + image + "\n";
    }

    /** The variable by which later stages know what was pushed. */
    private static String digest(String imageJob) {
        return "DIGEST" + imageJob.replaceFirst("^publish-image", "").toUpperCase(Locale.ROOT).replace('-', '_');
    }

    // --- packages ---

    private void publish(Step.Publish publish, JenkinsStage stage) {
        String registry = publish.publication().registry();
        List<String> bindings = new ArrayList<>();
        for (String token : DeliveryScripts.tokens(publish)) {
            String id = id(registry.equals("maven-central") || token.startsWith("REGISTRY_") ? token : registry + "-token");
            bindings.add("string(credentialsId: '" + id + "', variable: '" + token + "')");
            notes.setting("credential", id, "secret text: " + (registry.equals("maven-central") ? "as the project's build reads it" : "a token that may publish this package only"));
        }
        if (registry.equals("helm-oci")) {
            bindings.add("string(credentialsId: 'charts', variable: 'CHARTS')");
            notes.setting("credential", "charts", "secret text: registry and path of the charts, as registry.example.com/team/charts");
        }
        notes.parity(new Parity("trusted publishing", "registries know no Jenkins: a token of each, in its credentials"));
        if (DeliveryScripts.tokens(publish).contains("GITHUB_TOKEN") && !DeliveryScripts.isGoReleaser(publish)) {
            bindings.add("string(credentialsId: 'repository', variable: 'REPOSITORY')");
            notes.setting("credential", "repository", "secret text: OWNER/NAME of the repository on GitHub");
        }
        stage.step(with(bindings, JenkinsSteps.inFolder(DeliveryScripts.folder(publish), sh("Publish", DeliveryScripts.publish(publish, context.pins(), "TAG_NAME", "$REPOSITORY")))));
    }

    // --- deployments ---

    private void deploy(Release release, JenkinsStage stage) {
        List<String> bindings = new ArrayList<>();
        List<JenkinsStage.Step> steps = new ArrayList<>();
        String image = "";
        if (!release.imageJob().isEmpty()) {
            image(bindings);
            String digest = digest(release.imageJob());
            image = named(notes.imageName(release.imageJob())) + (digest.equals("DIGEST") ? "" : "DIGEST=$" + digest + "\n");
        }
        logIn(release, bindings, steps);
        if (DeliveryScripts.isCluster(release)) {
            cluster(release, bindings, steps);
        }
        switch (release.kind()) {
            case HELM -> {
                steps.add(sh("Deploy", image + DeliveryScripts.helmUpgrade(release, release.imageJob().isEmpty() ? "" : "$TAG")));
                smokeUrl(release, bindings);
                steps.add(sh("Check, and roll back where it fails", DeliveryScripts.checked(List.of(), DeliveryScripts.helmRollback(release))));
            }
            case KUSTOMIZE, MANIFESTS -> {
                smokeUrl(release, bindings);
                steps.add(sh("Deploy, check, and roll back where it fails", image + DeliveryScripts.apply(release)
                        + DeliveryScripts.checked(List.of(DeliveryScripts.rolloutStatus().strip()), DeliveryScripts.rolloutUndo())));
            }
            case TERRAFORM -> {
                if (!release.engine().guard().isEmpty()) {
                    stage.step(sh("Install Python", "apk add --no-cache python3"));
                }
                steps.add(JenkinsSteps.inFolder(release.path(), sh("Plan", DeliveryScripts.terraformPlan(release))));
                steps.add(JenkinsSteps.inFolder(release.path(), sh("Apply exactly what was planned", DeliveryScripts.terraformApply(release))));
            }
            case CONTAINER_SERVICE -> containerService(release, image, bindings, steps);
        }
        stage.step(JenkinsStage.Step.in(credentials(bindings), steps));
    }

    private void smokeUrl(Release release, List<String> bindings) {
        value(release, "SMOKE_URL", "an address that answers 2xx when the release is well", bindings);
    }

    private void containerService(Release release, String image, List<String> bindings, List<JenkinsStage.Step> steps) {
        value(release, "SERVICE", "the name of the container service", bindings);
        switch (release.cloud()) {
            case "aws" -> value(release, "CLUSTER", "the ECS cluster", bindings);
            case "gcp" -> value(release, "REGION", "the region of the service", bindings);
            default -> value(release, "RESOURCE_GROUP", "the resource group of the service", bindings);
        }
        smokeUrl(release, bindings);
        DeliveryScripts.ServiceChange change = DeliveryScripts.containerService(release.cloud());
        steps.add(sh("Deploy, check, and roll back where it fails", image + change.prepare() + DeliveryScripts.checked(change.update(), change.back())));
    }

    private void drift(Step.DetectDrift drift, JenkinsStage stage) {
        List<String> bindings = new ArrayList<>();
        List<JenkinsStage.Step> steps = new ArrayList<>();
        logIn(drift.place(), bindings, steps);
        steps.add(JenkinsSteps.inFolder(drift.folder(), sh("Look for drift", DeliveryScripts.drift(drift.engine()))));
        steps.add(JenkinsSteps.inFolder(drift.folder(), sh("Look for pending changes", DeliveryScripts.pendingChanges(drift.engine()))));
        stage.step(sh("Install jq", "apk add --no-cache jq"));
        if (bindings.isEmpty()) {
            steps.forEach(stage::step);
        } else {
            stage.step(JenkinsStage.Step.in(credentials(bindings), steps));
        }
    }

    // --- clouds, by the build's identity ---

    private void logIn(Release release, List<String> bindings, List<JenkinsStage.Step> steps) {
        boolean isTerraform = release.kind() == Release.Kind.TERRAFORM;
        String token = release.environment() + "-identity";
        if (!release.cloud().isEmpty()) {
            notes.plugin("oidc-provider");
        }
        switch (release.cloud()) {
            case "aws" -> {
                identity(token, "OpenID Connect id token as file, audience sts.amazonaws.com", "AWS");
                bindings.add("file(credentialsId: '" + token + "', variable: 'AWS_WEB_IDENTITY_TOKEN_FILE')");
                value(release, "AWS_ROLE_ARN", "the role that trusts the token", bindings);
                value(release, "AWS_DEFAULT_REGION", "the region", bindings);
            }
            case "gcp" -> {
                identity(token, "OpenID Connect id token as file, with the workload identity provider as audience", "Google Cloud");
                bindings.add("file(credentialsId: '" + token + "', variable: 'ID_TOKEN_FILE')");
                value(release, "GCP_WORKLOAD_IDENTITY_PROVIDER", "projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER", bindings);
                value(release, "GCP_SERVICE_ACCOUNT", "the service account that deploys", bindings);
                gcp(release, bindings, steps, isTerraform);
            }
            case "azure" -> {
                identity(token, "OpenID Connect id token, audience api://AzureADTokenExchange", "Azure");
                bindings.add("string(credentialsId: '" + token + "', variable: 'ARM_OIDC_TOKEN')");
                value(release, "ARM_CLIENT_ID", "the application with a federated credential for the token", bindings);
                value(release, "ARM_TENANT_ID", "the tenant", bindings);
                value(release, "ARM_SUBSCRIPTION_ID", "the subscription", bindings);
                steps.add(isTerraform ? script("env.ARM_USE_OIDC = 'true'") : sh("Log in to Azure", """
                        az login --service-principal --username "$ARM_CLIENT_ID" --tenant "$ARM_TENANT_ID" --federated-token "$ARM_OIDC_TOKEN" --output none
                        az account set --subscription "$ARM_SUBSCRIPTION_ID"
                        """));
            }
            default -> { }
        }
    }

    private void identity(String id, String how, String cloud) {
        notes.setting("credential", id, how);
        notes.setting("trust-policy", cloud, "an identity provider whose issuer is this Jenkins, limited to this job");
    }

    private void gcp(Release release, List<String> bindings, List<JenkinsStage.Step> steps, boolean isTerraform) {
        steps.add(sh("Log in to Google Cloud", """
                cat > "$WORKSPACE_TMP/gcp.json" <<EOF
                {"type": "external_account", "audience": "//iam.googleapis.com/$GCP_WORKLOAD_IDENTITY_PROVIDER",
                 "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": "https://sts.googleapis.com/v1/token",
                 "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/$GCP_SERVICE_ACCOUNT:generateAccessToken",
                 "credential_source": {"file": "$ID_TOKEN_FILE"}}
                EOF
                """ + (isTerraform ? "" : "gcloud auth login --cred-file=\"$WORKSPACE_TMP/gcp.json\" --quiet\ngcloud config set project \"$GCP_PROJECT\"\n")));
        if (isTerraform) {
            steps.add(script("env.GOOGLE_APPLICATION_CREDENTIALS = \"${env.WORKSPACE_TMP}/gcp.json\""));
        } else {
            value(release, "GCP_PROJECT", "the project", bindings);
        }
    }

    private void cluster(Release release, List<String> bindings, List<JenkinsStage.Step> steps) {
        if (release.cloud().isEmpty()) {
            String id = release.environment() + "-kubeconfig";
            bindings.add("file(credentialsId: '" + id + "', variable: 'KUBECONFIG')");
            notes.setting("credential", id, "secret file: a kubeconfig whose account may deploy to its namespace only");
            return;
        }
        if (!release.cloud().equals("aws")) {
            steps.add(sh("Install kubectl and Helm", DeliveryScripts.kubectl(context.pins(), "") + (release.kind() == Release.Kind.HELM ? DeliveryScripts.helm(context.pins(), "") : "")));
        }
        value(release, "CLUSTER", "the name of the cluster", bindings);
        if (release.cloud().equals("gcp")) {
            value(release, "CLUSTER_LOCATION", "its region or zone", bindings);
        }
        if (release.cloud().equals("azure")) {
            value(release, "RESOURCE_GROUP", "its resource group", bindings);
        }
        steps.add(sh("Choose the cluster", DeliveryScripts.chooseCluster(release.cloud())));
    }

    // --- parts ---

    /** A value of an environment: in the credentials too, since they are what a folder or a job has of its own. */
    private void value(Release release, String name, String how, List<String> bindings) {
        String id = release.environment() + "-" + id(name);
        String binding = "string(credentialsId: '" + id + "', variable: '" + name + "')";
        if (!bindings.contains(binding)) {
            bindings.add(binding);
        }
        notes.setting("credential", id, "secret text: " + how);
    }

    private static String id(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static JenkinsStage.Step script(String code) {
        return JenkinsStage.Step.in(List.of("script"), List.of(JenkinsStage.Step.code(code)));
    }

    private static JenkinsStage.Step with(List<String> bindings, JenkinsStage.Step step) {
        return JenkinsStage.Step.in(credentials(bindings), List.of(step));
    }

    private static List<String> credentials(List<String> bindings) {
        if (bindings.size() == 1) {
            return List.of("withCredentials([" + bindings.get(0) + "])");
        }
        List<String> lines = new ArrayList<>(List.of("withCredentials(["));
        for (int i = 0; i < bindings.size(); i++) {
            lines.add("    " + bindings.get(i) + (i < bindings.size() - 1 ? "," : ""));
        }
        lines.add("])");
        return lines;
    }

    private static JenkinsStage.Step sh(String label, String script) {
        return JenkinsStage.Step.sh(label, script);
    }

    private Pins.ToolPin pin(String tool) {
        return DeliveryScripts.pin(context.pins(), tool);
    }
}
