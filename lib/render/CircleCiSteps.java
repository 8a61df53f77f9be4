package lib.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lib.plan.Job;
import lib.plan.Job.ServiceContainer;
import lib.plan.Step;
import lib.plan.Toolchain;
import lib.render.CiPlatform.Context;
import lib.render.CircleCi.Notes;
import lib.render.CircleCiJob.Image;
import lib.render.Rendering.Parity;
import lib.scan.Finding;
import lib.scan.Output;
import lib.scan.Shell;

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
        if (job.docker()) {
            return new CircleCiJob(job.id(), "", List.of(), machine(), pushesNothing(), "medium", parameters, environment, steps);
        }
        List<Image> images = new ArrayList<>();
        if (job.matrix() != null) {
            parameters.add(parameter());
        }
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
        if (step instanceof Step.SystemPackages || step instanceof Step.UseTool) {
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
        List<String> paths = globs;
        if (globs.size() > 1 && isTests || globs.stream().anyMatch(g -> g.matches(".*[*?\\[{].*"))) {
            String words = globs.stream().map(CircleCiSteps::glob).collect(Collectors.joining(" "));
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
