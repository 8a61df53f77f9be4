package lib.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lib.plan.Job.ServiceContainer;
import lib.plan.Job.Toolchain;
import lib.plan.Job;
import lib.plan.Pins;
import lib.plan.Step.ContainerImage;
import lib.plan.Step.Release;
import lib.plan.Step;
import lib.render.Rendering.CiPlatform.Context;
import lib.render.CircleCi.Notes;
import lib.render.CircleCiJob.Image;
import lib.render.Rendering.Parity;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Finding;

/** The steps of one job: check out, set up, run, keep. */
final class CircleCiSteps {
    /** Where jobs leave files for each other. */
    static final String WORKSPACE = "/tmp/workspace";
    /** How the folder of the package is written in the jobs that are there for many. */
    static final String PACKAGE = "<< parameters.package >>";
    private static final String INSTALL = "Install dependencies";
    /** Longer keys than the platform takes come from many lock files, and odd names can't stand in its templates: these are hashed together. */
    private static final int KEY_LENGTH = 90;

    private final Job job;
    private final Context context;
    private final Notes notes;
    private final ContainerSetup setup;
    private final CircleCiDelivery delivery;
    private final List<CircleCiJob.Step> steps = new ArrayList<>();
    private int shared;

    CircleCiSteps(Job job, Context context, Notes notes) {
        this.job = job;
        this.context = context;
        this.notes = notes;
        this.setup = new ContainerSetup(job, context, "circleci", job.docker());
        this.delivery = new CircleCiDelivery(job, context, notes);
    }

    CircleCiJob job() {
        collect();
        Map<String, String> environment = new LinkedHashMap<>();
        List<String> parameters = new ArrayList<>();
        if (!job.each().isEmpty()) {
            parameters.add("package");
            environment.put("PACKAGE", PACKAGE);
        }
        job.environment().forEach((key, value) -> environment.put(key, CircleCiJob.Step.text(value)));
        setup.environment().forEach(environment::put);
        if (ContainerSetup.isRolledForward(job)) {
            notes.parity(new Parity("tests on several runtimes of .NET", "the SDK's image has one runtime: tests for an older one run on it, by DOTNET_ROLL_FORWARD"));
        }
        if (job.matrix() != null) {
            parameters.add(parameter());
        }
        if (job.docker()) {
            return new CircleCiJob(job.id(), "", List.of(), machine(), pushesNothing(), "medium", parameters, environment, steps);
        }
        List<Image> images = new ArrayList<>();
        images.add(new Image(job.matrix() == null ? image() : matrixImage(), Map.of()));
        job.services().forEach(s -> images.add(service(s)));
        return new CircleCiJob(job.id(), "", images, "", false, job.toolchains().isEmpty() ? "small" : "medium", parameters, environment, steps);
    }

    /** How many of the first steps set the job up; the others are its work. */
    int shared() {
        return shared;
    }

    // --- where it runs ---

    private String image() {
        return delivery.image().orElseGet(setup::image);
    }

    private String machine() {
        return DeliveryScripts.pin(context.pins(), "circleci-machine").image();
    }

    private boolean pushesNothing() {
        return job.steps().stream().anyMatch(s -> s instanceof Step.Image image && !image.push());
    }

    /** The values of a matrix: tags of one image, or whole images where their names differ. */
    Map<String, List<String>> matrix(List<String> versions) {
        return Map.of(parameter(), job.docker() ? versions : setup.images(versions).stream().map(i -> isOneRepository() ? tag(i) : i).toList());
    }

    private String parameter() {
        return job.docker() || isOneRepository() ? job.matrix().runtime() + "-version" : "image";
    }

    private String matrixImage() {
        return isOneRepository() ? repository(setup.images(job.matrix().nightly()).get(0)) + ":<< parameters." + parameter() + " >>" : "<< parameters.image >>";
    }

    private boolean isOneRepository() {
        return setup.images(job.matrix().nightly()).stream().map(CircleCiSteps::repository).distinct().count() == 1;
    }

    private static String repository(String image) {
        return image.substring(0, image.lastIndexOf(':'));
    }

    private static String tag(String image) {
        return image.substring(image.lastIndexOf(':') + 1);
    }

    /** The platform's own image of a service where the project names none; all answer on the job's localhost. */
    private Image service(ServiceContainer service) {
        Map<String, String> environment = new TreeMap<>();
        service.environment().forEach((key, value) -> environment.put(key, CircleCiJob.Step.text(value.replace("{host}", "localhost"))));
        String image = context.versions().service(service.name()).filter(d -> d.image().equals(service.image()))
                .map(d -> d.images().getOrDefault("circleci", d.image())).orElse(service.image());
        return new Image(CircleCiJob.Step.text(image), environment);
    }

    // --- what it does ---

    private void collect() {
        steps.add(CircleCiJob.Step.of("checkout"));
        if (job.hasSubmodules()) {
            steps.add(CircleCiJob.Step.run("Fetch submodules", "git submodule update --init --recursive").comment("Builds and tests may read them, and the check-out leaves their folders empty."));
        }
        if (job.docker() && !job.toolchains().isEmpty()) {
            machineToolchain(job.toolchains().get(0));
        }
        setup.before().forEach(l -> steps.add(CircleCiJob.Step.run(l.title(), l.run())));
        setup.missing().forEach(t -> notes.finding(Finding.warning("tool-without-installer", "nothing installs " + t + " in job " + job.id() + " on CircleCI",
                "add a step that does")));
        List<Step.Run> installs = job.steps().stream().filter(s -> s instanceof Step.Run run && run.title().equals(INSTALL)).map(s -> (Step.Run) s).toList();
        ContainerSetup.Cache cache = setup.cache() == null || installs.isEmpty() && !setup.cache().perJob() ? null : setup.cache();
        String key = cache == null ? "" : restore(cache);
        installs.forEach(run -> steps.add(run(run)));
        if (cache != null && !cache.perJob()) {
            steps.add(save(cache, key));
        }
        shared = steps.size();
        setup.after().forEach(l -> steps.add(CircleCiJob.Step.run(l.title(), l.run())));
        waitForServices();
        for (Step step : job.steps()) {
            if (!(step instanceof Step.Run run && run.title().equals(INSTALL)) && !(step instanceof Step.Report) && !(step instanceof Step.Upload)) {
                steps.addAll(step(step));
            }
        }
        if (cache != null && cache.perJob()) {
            steps.add(save(cache, key));
        }
        job.steps().stream().filter(s -> s instanceof Step.Report || s instanceof Step.Upload).forEach(s -> steps.addAll(keep(s)));
    }

    private List<CircleCiJob.Step> step(Step step) {
        if (step instanceof Step.Run run) {
            return List.of(run(run));
        }
        if (step instanceof Step.SystemPackages || step instanceof Step.UseTool || step instanceof Step.Submodules) {
            return List.of();
        }
        if (step instanceof Step.Download) {
            return List.of(CircleCiJob.Step.of("attach_workspace").with("at", "."));
        }
        return delivery.steps(step);
    }

    private CircleCiJob.Step run(Step.Run run) {
        return CircleCiJob.Step.run(run.title(), run.command()).in(folder(run.folder())).env(new TreeMap<>(run.environment()));
    }

    /** In a value of the configuration, where expressions are meant. */
    static String folder(String path) {
        return CircleCiJob.Step.text(path).replace(Job.EACH, PACKAGE);
    }

    /** The virtual machine has no image of the toolchain; the platform's orbs and Ubuntu's packages bring it. */
    private void machineToolchain(Toolchain t) {
        String version = job.matrix() == null ? t.version() : "<< parameters." + parameter() + " >>";
        switch (t.runtime()) {
            case "node" -> {
                notes.orb("node");
                steps.add(CircleCiJob.Step.of("node/install").withExpression("node-version", version.isEmpty() ? "lts" : version));
            }
            case "go" -> {
                notes.orb("go");
                String exact = context.versions().runtime("go").flatMap(r -> r.line(t.version())).map(l -> l.more().getOrDefault("circleci", t.version())).orElse(t.version());
                steps.add(CircleCiJob.Step.of("go/install").withExpression("version", job.matrix() == null ? exact : version));
            }
            case "java" -> steps.add(CircleCiJob.Step.run("Install Java", "sudo apt-get update\nsudo apt-get install --yes --no-install-recommends \"openjdk-$JAVA-jdk-headless\""
                    + (t.manager().equals("maven") ? " maven" : "") + "\nhome=/usr/lib/jvm/java-$JAVA-openjdk-amd64\necho \"export JAVA_HOME=$home PATH=$home/bin:$PATH\" >> \"$BASH_ENV\"\n").envExpression("JAVA", job.matrix() == null ? version.replaceFirst("^(1\\.)?(\\d+).*", "$2") : version));
            case "python" -> steps.add(CircleCiJob.Step.run("Install Python", "pyenv install --skip-existing \"$PYTHON\"\npyenv global \"$PYTHON\"\n").envExpression("PYTHON", version));
            case "dotnet" -> steps.add(CircleCiJob.Step.run("Install .NET", "sudo apt-get update\nsudo apt-get install --yes --no-install-recommends \"dotnet-sdk-$DOTNET\"\n")
                    .envExpression("DOTNET", job.matrix() == null ? version.replaceFirst("^(\\d+\\.\\d+).*", "$1") : version));
            case "rust" -> steps.add(CircleCiJob.Step.run("Install Rust", "sudo apt-get update\nsudo apt-get install --yes --no-install-recommends rustup\nrustup default \"$RUST\"\n").envExpression("RUST", version));
            default -> notes.finding(Finding.warning("tool-without-installer", "nothing installs " + t.runtime() + " on the virtual machine of job " + job.id(),
                    "add a step that does"));
        }
        notes.parity(new Parity("containers that tests start themselves", "the job runs on a virtual machine, since their ports can't be reached from a container"));
    }

    // --- caches ---

    private String restore(ContainerSetup.Cache cache) {
        List<String> files = job.toolchains().get(0).lockFiles();
        String sum = files.stream().map(f -> "{{ checksum \"" + folder(f) + "\" }}").collect(Collectors.joining("-"));
        boolean isPlain = files.stream().allMatch(f -> f.replace(Job.EACH, "").matches("[A-Za-z0-9_./@ -]+"));
        if (!isPlain || sum.length() > KEY_LENGTH) {
            String names = files.stream().map(f -> f.startsWith(Job.EACH) ? "\"$PACKAGE\"" + Shell.word(f.substring(Job.EACH.length())) : Shell.word(f)).collect(Collectors.joining(" \\\n  "));
            steps.add(CircleCiJob.Step.run("Sum up the lock files", "cat -- \\\n  " + names + " > /tmp/lock-files\n"));
            sum = "{{ checksum \"/tmp/lock-files\" }}";
        }
        String prefix = cache.name() + "-v1-{{ arch }}-" + (cache.perJob() ? "{{ .Environment.CIRCLE_JOB }}-" : "");
        steps.add(CircleCiJob.Step.of("restore_cache").withExpressions("keys", List.of(prefix + sum, prefix)));
        return prefix + sum;
    }

    private CircleCiJob.Step save(ContainerSetup.Cache cache, String key) {
        return CircleCiJob.Step.of("save_cache").withExpression("key", key).withExpressions("paths", cache.paths().stream().map(CircleCiSteps::folder).toList());
    }

    // --- services ---

    /** They start together with the job, and the first to be ready is often the job. */
    private void waitForServices() {
        if (job.services().isEmpty() || job.docker()) {
            return;
        }
        String script = setup.hasSudo()
                ? "dockerize -timeout 2m" + job.services().stream().map(s -> " -wait tcp://localhost:" + s.port()).collect(Collectors.joining()) + "\n"
                : job.services().stream().map(s -> "timeout 120 bash -c 'until : < /dev/tcp/localhost/" + s.port() + "; do sleep 1; done'\n").collect(Collectors.joining());
        steps.add(CircleCiJob.Step.run("Wait for " + job.services().stream().map(ServiceContainer::name).collect(Collectors.joining(" and ")), script));
    }

    // --- what is kept ---

    private List<CircleCiJob.Step> keep(Step step) {
        List<String> globs = step instanceof Step.Report report ? report.globs() : ((Step.Upload) step).globs();
        boolean isReport = step instanceof Step.Report;
        boolean isTests = step instanceof Step.Report report && report.kind() == Output.Kind.JUNIT;
        String name = isTests ? "test-results" : isReport ? "coverage" : ((Step.Upload) step).artifact();
        List<CircleCiJob.Step> kept = new ArrayList<>();
        List<String> paths = globs.stream().map(g -> isTests ? resultsFolder(g) : g.replaceFirst("/[*]{1,2}$", "")).distinct().toList();
        if (paths.stream().anyMatch(CircleCiSteps::isPattern)) {
            String words = paths.stream().map(CircleCiSteps::glob).collect(Collectors.joining(" "));
            CircleCiJob.Step collect = CircleCiJob.Step.run("Collect " + name.replace('-', ' '), "shopt -s globstar nullglob\nmkdir -p /tmp/" + name + "\nfor file in " + words
                    + "; do\n  cp --recursive --parents -- \"$file\" /tmp/" + name + "\ndone\n");
            kept.add(isReport ? collect.always() : collect);
            paths = List.of("/tmp/" + name);
        }
        for (String path : paths) {
            if (isTests) {
                kept.add(CircleCiJob.Step.of("store_test_results").withExpression("path", folder(path)));
            }
            CircleCiJob.Step artifact = CircleCiJob.Step.of("store_artifacts").withExpression("path", folder(path));
            kept.add(path.startsWith("/tmp/") ? artifact.with("destination", name) : artifact);
        }
        if (!isReport && notes.isDownloaded(name)) {
            kept.add(CircleCiJob.Step.of("persist_to_workspace").with("root", ".").with("paths", globs));
        }
        return kept;
    }

    private static boolean isPattern(String path) {
        return path.matches(".*[*?].*");
    }

    /** The platform looks for XML below a folder by itself: the last one before a wildcard, where there is one. */
    private static String resultsFolder(String glob) {
        if (!isPattern(glob)) {
            return glob;
        }
        String folder = glob.replaceFirst("(^|/)[^/]*[*?].*$", "");
        return folder.isEmpty() || folder.equals(Job.EACH) ? glob : folder;
    }

    /** The shell expands the wildcards and nothing else. */
    private static String glob(String glob) {
        StringBuilder words = new StringBuilder();
        String rest = glob;
        if (rest.startsWith(Job.EACH)) {
            words.append("\"$PACKAGE\"");
            rest = rest.substring(Job.EACH.length());
        }
        for (String part : rest.split("(?=[*?])|(?<=[*?])")) {
            words.append(part.matches("[*?]") ? part : part.isEmpty() ? "" : Shell.word(part));
        }
        return words.toString();
    }
}

/** The steps that scan, build images, publish and deploy, and the contexts that these rely on. */
final class CircleCiDelivery {
    private static final String LOCAL = "local:scan";
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
        return pushes ? "registry" : job.access();
    }

    List<CircleCiJob.Step> steps(Step step) {
        if (step instanceof Step.ScanSource) {
            return List.of(CircleCiJob.Step.run("Scan dependencies and secrets", DeliveryScripts.scanSource()).comment("What nobody can fix yet would only block."));
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
        list.add(run("Build", DeliveryScripts.build(image, image.target(), "--load --tag " + LOCAL)).patience("20m"));
        list.add(run("Scan the image", DeliveryScripts.scanImage(context.pins(), LOCAL)).comment("Fails on critical vulnerabilities that have a fix."));
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
        list.add(run("Sign the image", DeliveryScripts.cosign(context.pins(), "/tmp") + "DIGEST=$(" + DeliveryScripts.digest() + ")\n"
                + "SIGSTORE_ID_TOKEN=$(circleci run oidc get --claims '{\"aud\": \"sigstore\"}')\nexport SIGSTORE_ID_TOKEN\n/tmp/cosign sign --yes \"$IMAGE@$DIGEST\"\n").comment("By the job's own identity: there is no key to keep."));
        if (notes.isDeployed(job.id())) {
            list.add(run("Hand over the image", "mkdir -p " + CircleCiSteps.WORKSPACE + "\nDIGEST=$(" + DeliveryScripts.digest() + ")\n"
                    + "printf 'export IMAGE=%q DIGEST=%q\\n' \"$IMAGE\" \"$DIGEST\" > " + CircleCiSteps.WORKSPACE + "/" + IMAGE_FILE + "\n"));
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
                if (DeliveryScripts.hasOldNpm(job)) {
                    list.add(run("Update npm", "sudo npm install --global npm@" + pin("npm").version()).comment("Trusted publishing needs 11.5.1 or later."));
                }
                list.add(run("Publish", "NPM_ID_TOKEN=$(circleci run oidc get --claims '{\"aud\": \"npm:registry.npmjs.org\"}')\nexport NPM_ID_TOKEN\n" + DeliveryScripts.npmPublish(publish, "") + "\n")
                        .in(CircleCiSteps.folder(DeliveryScripts.folder(publish))));
            }
            case "pypi" -> {
                trust(publish, "PyPI");
                list.add(run("Publish", "pip install twine==" + pin("twine").version() + "\ntwine upload --non-interactive " + DeliveryScripts.packed(publish, "dist") + "/*\n").in(CircleCiSteps.folder(DeliveryScripts.folder(publish)))
                        .comment("Twine exchanges the job's identity for a token of PyPI by itself."));
            }
            default -> {
                DeliveryScripts.tokens(publish).forEach(t -> notes.setting("secret", t, "in the context " + job.target() + ": " + (registry.equals("maven-central")
                        ? "as the project's build reads it" : "a token that may publish this package only")));
                if (registry.equals("helm-oci")) {
                    notes.setting("variable", "CHARTS", "in the context " + job.target() + ": registry and path of the charts, as ghcr.io/OWNER/charts");
                }
                list.add(run("Publish", DeliveryScripts.publish(publish, context.pins(), "CIRCLE_TAG", REPOSITORY)).in(CircleCiSteps.folder(DeliveryScripts.folder(publish))));
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
                smokeUrl(release);
                list.add(run("Check, and roll back where it fails", DeliveryScripts.checked(List.of(), DeliveryScripts.helmRollback(release))).patience("15m"));
            }
            case KUSTOMIZE, MANIFESTS -> {
                smokeUrl(release);
                list.add(run("Deploy, check, and roll back where it fails", DeliveryScripts.apply(release)
                        + DeliveryScripts.checked(List.of(DeliveryScripts.rolloutStatus().strip()), DeliveryScripts.rolloutUndo())).patience("15m"));
            }
            case TERRAFORM -> {
                terraform(release.engine(), list);
                if (!release.engine().guard().isEmpty()) {
                    list.add(run("Install Python", "sudo apt-get update && sudo apt-get install --yes --no-install-recommends python3").comment("The guard of the plan is written in it."));
                }
                list.add(run("Plan", DeliveryScripts.terraformPlan(release)).in(CircleCiSteps.folder(release.path())));
                list.add(run("Apply exactly what was planned", DeliveryScripts.terraformApply(release)).in(CircleCiSteps.folder(release.path())).patience("30m"));
            }
            case CONTAINER_SERVICE -> containerService(release, list);
        }
        return list;
    }

    private void smokeUrl(Release release) {
        variable(release, "SMOKE_URL", "an address that answers 2xx when the release is well");
    }

    private void containerService(Release release, List<CircleCiJob.Step> list) {
        variable(release, "SERVICE", "the name of the container service");
        switch (release.cloud()) {
            case "aws" -> variable(release, "CLUSTER", "the ECS cluster");
            case "gcp" -> variable(release, "REGION", "the region of the service");
            default -> variable(release, "RESOURCE_GROUP", "the resource group of the service");
        }
        smokeUrl(release);
        DeliveryScripts.ServiceChange change = DeliveryScripts.containerService(release.cloud());
        list.add(run("Deploy, check, and roll back where it fails", change.prepare() + DeliveryScripts.checked(change.update(), change.back())).patience("30m"));
    }

    private List<CircleCiJob.Step> drift(Step.DetectDrift drift) {
        List<CircleCiJob.Step> list = new ArrayList<>();
        logIn(drift.place(), list);
        terraform(drift.engine(), list);
        list.add(run("Look for drift", DeliveryScripts.drift(drift.engine())).in(CircleCiSteps.folder(drift.folder())).comment("Somebody changed the infrastructure: that fails."));
        list.add(run("Look for pending changes", DeliveryScripts.pendingChanges(drift.engine())).in(CircleCiSteps.folder(drift.folder())));
        return list;
    }

    private void terraform(Step.Engine engine, List<CircleCiJob.Step> list) {
        notes.orb("terraform");
        String version = context.versions().runtime("terraform").flatMap(r -> r.line(engine.version())).filter(l -> l.name().equals(engine.version())).map(l -> l.more().getOrDefault("patch", l.name())).orElse(engine.version());
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
