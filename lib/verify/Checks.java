package lib.verify;

//SOURCES CommandsProven.java

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.plan.Job.Toolchain;
import lib.plan.Job;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.Step;
import lib.render.Rendering.GeneratedFile;
import lib.render.Rendering;
import lib.scan.Component;
import lib.scan.Document;
import lib.scan.Finding.Evidence;
import lib.scan.Finding;
import lib.scan.Project;
import lib.scan.ProjectFacts;

/** The list of the checks, and the JBang index of this package. To add one: a class that implements {@link Check}, and its name here, twice. */
public final class Checks {
    private static final List<Check> ALL = List.of(new ParsesBack(), new CommandsProven(), new FilesExist(), new ForbiddenText(), new GitHubRules(), new GitLabRules(), new CircleCiRules(), new JenkinsRules());

    private Checks() {}

    public static List<Finding> check(List<Rendering> renderings, PipelinePlan plan, ProjectFacts facts, Project project, Pins pins) {
        Check.Subject subject = new Check.Subject(plan, facts.components(), project, pins);
        List<Finding> findings = new ArrayList<>();
        for (Rendering rendering : renderings) {
            ALL.forEach(check -> findings.addAll(check.check(rendering, subject)));
        }
        return findings.stream().distinct().toList();
    }
}

/** Judges rendered files before anything is written. A finding of severity error keeps them from being written. */
interface Check {
    List<Finding> check(Rendering rendering, Subject subject);

    /** What the files are judged against. */
    record Subject(PipelinePlan plan, List<Component> components, Project project, Pins pins) {}
}

/** Every YAML and JSON file parses back, has no key twice, and holds something. */
final class ParsesBack implements Check {
    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : rendering.files()) {
            if (file.path().matches(".*\\.(ya?ml|json)")) {
                Document.problem(file.path(), file.content()).ifPresent(p -> findings.add(Finding.error("unparsable-output",
                        file.path() + " would not parse: " + p.message(), "report this with the project's manifests", new Evidence(file.path(), p.line(), "parses-back"))));
            }
            if (file.content().isBlank() || !file.content().endsWith("\n") || file.content().contains("\r")) {
                findings.add(Finding.error("unparsable-output", file.path() + " would be empty or end without a line break", "", Evidence.of(file.path(), "parses-back")));
            }
        }
        return findings;
    }
}

/** What no platform's file may hold, whoever wrote it: swallowed failures, floating versions, scripts piped into a shell, placeholders, secrets in words. */
final class ForbiddenText implements Check {
    private static final Map<String, Pattern> RULES = new LinkedHashMap<>();

    static {
        RULES.put("swallowed-failure", Pattern.compile("\\|\\|\\s*(true|:|exit 0)\\s*(\"|'|$)|continue-on-error: true|allow_failure: true\\s*$"));
        RULES.put("floating-version", Pattern.compile("(image|uses|docker):? \\S+(:latest|@(main|master|volatile))\\b|^\\s+\\S+/\\S+@(volatile|dev:\\S+)"));
        RULES.put("unverified-script", Pattern.compile("(curl|wget)\\b[^|\\n]*\\|\\s*(sudo )?(ba|z|da)?sh\\b"));
        RULES.put("placeholder", Pattern.compile("(?i)echo .*(add your|your deploy|todo|placeholder|deploying\\.\\.\\.)"));
        RULES.put("password-on-command-line", Pattern.compile("docker login [^\\n]*(-p |--password )"));
        RULES.put("debug-trace", Pattern.compile("CI_DEBUG_TRACE|ACTIONS_STEP_DEBUG|ACTIONS_ALLOW_UNSECURE_COMMANDS"));
    }

    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : rendering.files()) {
            int number = 0;
            for (String line : file.content().lines().toList()) {
                number++;
                for (Map.Entry<String, Pattern> rule : RULES.entrySet()) {
                    if (rule.getValue().matcher(line).find()) {
                        findings.add(Finding.error(rule.getKey(), "must not be generated: " + line.strip(), "report this with the project's manifests",
                                new Evidence(file.path(), number, rule.getKey())));
                    }
                }
            }
        }
        return findings;
    }
}

/** What the plan names is there: lock files that caches are keyed on, version files, Dockerfiles, folders, jobs that others need, artifacts. */
final class FilesExist implements Check {
    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        PipelinePlan plan = subject.plan();
        Set<String> ids = new HashSet<>();
        Set<String> kept = new HashSet<>();
        for (Job job : plan.jobs()) {
            if (!ids.add(job.id())) {
                findings.add(missing("two jobs are called " + job.id(), ""));
            }
            job.steps().stream().filter(Step.Upload.class::isInstance).forEach(s -> kept.add(((Step.Upload) s).artifact()));
        }
        for (Job job : plan.jobs()) {
            job.needs().stream().filter(n -> !ids.contains(n)).forEach(n -> findings.add(missing("job " + job.id() + " needs " + n + ", which is not planned", "")));
            for (String folder : job.each().isEmpty() ? List.of("") : job.each().stream().map(Job.Each::path).toList()) {
                files(job).map(f -> f.replace(Job.EACH, folder)).filter(f -> !f.isEmpty() && !subject.project().exists(f))
                        .forEach(f -> findings.add(missing("job " + job.id() + " names the file " + f + ", which is not there", f)));
                folders(job).map(f -> f.replace(Job.EACH, folder)).filter(f -> !subject.project().isFolder(f))
                        .forEach(f -> findings.add(missing("job " + job.id() + " works in the folder " + f + ", which is not there", f)));
            }
            job.steps().stream().filter(Step.Download.class::isInstance).map(s -> ((Step.Download) s).artifact()).filter(a -> !kept.contains(a))
                    .forEach(a -> findings.add(missing("job " + job.id() + " downloads " + a + ", which no job keeps", "")));
        }
        return findings;
    }

    private static Stream<String> files(Job job) {
        Stream<String> ofToolchains = job.toolchains().stream().flatMap(t -> Stream.concat(t.lockFiles().stream(), Stream.of(t.versionFile())));
        Stream<String> ofSteps = job.steps().stream().filter(Step.Image.class::isInstance).map(s -> ((Step.Image) s).image().dockerfile());
        return Stream.concat(ofToolchains, ofSteps);
    }

    private static Stream<String> folders(Job job) {
        Stream<String> ofSteps = job.steps().stream().flatMap(s -> s instanceof Step.Run run ? Stream.of(run.folder())
                : s instanceof Step.Image image ? Stream.of(image.image().context()) : s instanceof Step.Publish publish ? Stream.of(publish.folder()) : Stream.empty());
        return Stream.concat(job.toolchains().stream().map(Toolchain::folder), ofSteps);
    }

    private static Finding missing(String message, String file) {
        return Finding.error("missing-reference", message, "report this with the project's manifests",
                Evidence.of(file.isEmpty() ? Project.join(".", ".") : file, "files-exist"));
    }
}

/** The security rules of workflows: pins, permissions, no expressions in scripts, no dangerous triggers, limits. */
final class GitHubRules implements Check {
    private static final Pattern USES = Pattern.compile("uses: (\\S+)@([0-9a-f]{40}) # (\\S+)");

    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : rendering.files()) {
            if (file.path().startsWith(".github/workflows/")) {
                pins(file, subject.pins(), findings);
                Document.parse(file.path(), file.content()).ifPresent(d -> workflow(d, findings));
            }
        }
        return findings;
    }

    private static void pins(GeneratedFile file, Pins pins, List<Finding> findings) {
        int number = 0;
        for (String line : file.content().lines().toList()) {
            number++;
            if (!line.strip().replaceFirst("^- ", "").startsWith("uses:") || line.contains("uses: ./")) {
                continue;
            }
            Matcher uses = USES.matcher(line);
            boolean isPinned = uses.find() && pins.action(uses.group(1)).filter(p -> p.sha().equals(uses.group(2)) && p.version().equals(uses.group(3))).isPresent();
            if (!isPinned) {
                findings.add(Finding.error("pinned-actions", "an action is not pinned as the pin file says: " + line.strip(), "", new Evidence(file.path(), number, "pinned-actions")));
            }
        }
    }

    private static void workflow(Document workflow, List<Finding> findings) {
        if (!workflow.has("permissions") || !workflow.keys("permissions").isEmpty()) {
            findings.add(broken(workflow, "least-privilege", "a workflow grants nothing to all its jobs alike", "permissions"));
        }
        for (String trigger : List.of("pull_request_target", "workflow_run")) {
            // A trigger mostly stands without a value.
            if (workflow.keys("on").contains(trigger) || workflow.texts("on").contains(trigger)) {
                findings.add(broken(workflow, "dangerous-trigger", "the trigger " + trigger + " runs with secrets on code of strangers", "on", trigger));
            }
        }
        if (!workflow.has("concurrency")) {
            findings.add(broken(workflow, "concurrency", "a workflow has a concurrency group", "name"));
        }
        for (String job : workflow.keys("jobs")) {
            job(workflow, job, findings);
        }
    }

    private static void job(Document workflow, String job, List<Finding> findings) {
        if (!workflow.has("jobs", job, "uses") && !workflow.has("jobs", job, "timeout-minutes")) {
            findings.add(broken(workflow, "timeout", "a job has a timeout", "jobs", job));
        }
        if (!workflow.has("jobs", job, "permissions")) {
            findings.add(broken(workflow, "least-privilege", "a job says what it may do", "jobs", job));
        }
        boolean isTrusted = workflow.keys("jobs", job, "permissions").stream().anyMatch(p -> workflow.text("jobs", job, "permissions", p).equals("write"));
        // A name of the project's may say the same and is text.
        boolean readsSecrets = workflow.at("jobs", job).findValues("env").stream().flatMap(env -> env.properties().stream())
                .anyMatch(v -> v.getValue().asText().matches("\\$\\{\\{ *secrets\\..*"));
        if (readsSecrets && !workflow.has("jobs", job, "environment")) {
            findings.add(broken(workflow, "secrets-by-environment", "a job reads secrets, and no environment says which runs may", "jobs", job));
        }
        for (String service : workflow.keys("jobs", job, "services")) {
            if (!Images.isPinned(workflow.text("jobs", job, "services", service, "image"))) {
                findings.add(broken(workflow, "pinned-images", "an image has no tag, or one that moves", "jobs", job, "services", service));
            }
        }
        int steps = workflow.at("jobs", job, "steps").size();
        for (int i = 0; i < steps; i++) {
            String step = String.valueOf(i);
            String run = workflow.text("jobs", job, "steps", step, "run");
            if (run.contains("${{")) {
                findings.add(broken(workflow, "template-injection", "an expression in a script would be pasted into it unquoted", "jobs", job, "steps", step, "run"));
            }
            if (isTrusted && isCached(workflow, job, step)) {
                findings.add(broken(workflow, "cache-poisoning", "a job that may write takes files from a cache, which less trusted code has filled", "jobs", job, "steps", step));
            }
            boolean isCheckout = workflow.text("jobs", job, "steps", step, "uses").startsWith("actions/checkout@");
            if (isCheckout && !workflow.text("jobs", job, "steps", step, "with", "persist-credentials").equals("false")) {
                findings.add(broken(workflow, "persisted-credentials", "the checkout leaves its token in the folder", "jobs", job, "steps", step));
            }
        }
    }

    /** As each action names it: its own input, or that it is there at all. */
    private static boolean isCached(Document workflow, String job, String step) {
        String uses = workflow.text("jobs", job, "steps", step, "uses").replaceFirst("@.*", "");
        if (uses.matches("actions/cache|Swatinem/rust-cache")) {
            return true;
        }
        return List.of("cache", "cache-from", "cache-to", "enable-cache", "bundler-cache").stream()
                .map(input -> workflow.text("jobs", job, "steps", step, "with", input)).anyMatch(value -> !value.isEmpty() && !value.equals("false"));
    }

    private static Finding broken(Document workflow, String rule, String message, String... path) {
        return Finding.error(rule, message, "", workflow.evidence(rule, path));
    }
}

/** Whether a name of an image says which version it is. */
final class Images {
    private Images() {}

    static boolean isPinned(String image) {
        return image.contains("@sha256:") || image.substring(image.lastIndexOf('/') + 1).matches("[^:]+:(?!latest$).+");
    }
}

/** The security rules of GitLab's configurations: one pipeline for a change, pinned images, limits, deployments alone and uncancelled. */
final class GitLabRules implements Check {
    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : rendering.files()) {
            if (file.path().equals(".gitlab-ci.yml")) {
                Document.parse(file.path(), file.content()).ifPresent(d -> configuration(d, findings));
            }
        }
        return findings;
    }

    private static void configuration(Document config, List<Finding> findings) {
        if (config.at("workflow", "rules").size() == 0) {
            findings.add(broken(config, "double-pipeline", "a change would get a pipeline of its branch and one of its merge request", "stages"));
        }
        if (!config.has("default", "timeout")) {
            findings.add(broken(config, "timeout", "nothing ends a job that hangs", "stages"));
        }
        for (String job : config.keys()) {
            if (config.at(job).isObject() && !List.of("workflow", "default", "variables").contains(job)) {
                job(config, job, findings);
            }
        }
    }

    private static void job(Document config, String job, List<Finding> findings) {
        image(config, findings, job, "image");
        for (int i = 0; i < config.at(job, "services").size(); i++) {
            image(config, findings, job, "services", String.valueOf(i));
        }
        if (config.has(job, "only") || config.has(job, "except")) {
            findings.add(broken(config, "double-pipeline", "only and except don't know of the rules of the workflow", job));
        }
        if (config.has(job, "artifacts") && !config.has(job, "artifacts", "expire_in")) {
            findings.add(broken(config, "expiring-artifacts", "artifacts are kept for good", job, "artifacts"));
        }
        boolean deploys = config.has(job, "environment") && !config.has(job, "environment", "action");
        if (deploys && !config.text(job, "interruptible").equals("false")) {
            findings.add(broken(config, "concurrency", "a deployment can be cancelled in the middle", job, "environment"));
        }
        if (deploys && !config.has(job, "resource_group")) {
            findings.add(broken(config, "concurrency", "two deployments to one environment can run at once", job, "environment"));
        }
        if (config.has(job, "cache") && config.has(job, "environment")) {
            findings.add(broken(config, "cache-poisoning", "a job that has secrets takes files from a cache, which less trusted code has filled", job, "cache"));
        }
    }

    /** A variable stands for the versions of a matrix. */
    private static void image(Document config, List<Finding> findings, String... path) {
        boolean isNamed = config.at(path).isObject();
        String image = isNamed ? config.at(path).path("name").asText() : config.text(path);
        if (!image.isEmpty() && !image.contains("$") && !Images.isPinned(image)) {
            findings.add(broken(config, "pinned-images", "an image has no tag, or one that moves: " + image, path));
        }
    }

    private static Finding broken(Document config, String rule, String message, String... path) {
        return Finding.error(rule, message, "", config.evidence(rule, path));
    }
}

/** The security rules of CircleCI's configurations: pinned orbs and images, no values in the text of scripts, contexts only where it is said when. */
final class CircleCiRules implements Check {
    private static final Pattern ORB = Pattern.compile("(circleci/[\\w-]+)@(\\d+\\.\\d+\\.\\d+)");
    /** A backslash before it makes it text. */
    private static final Pattern EXPRESSION = Pattern.compile("(?<!\\\\)<<(?!<)\\s*(pipeline|parameters|matrix)\\b");

    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : rendering.files()) {
            if (file.path().startsWith(".circleci/")) {
                Document.parse(file.path(), file.content()).ifPresent(d -> configuration(d, subject.pins(), findings));
            }
        }
        return findings;
    }

    private static void configuration(Document config, Pins pins, List<Finding> findings) {
        for (String orb : config.keys("orbs")) {
            Matcher named = ORB.matcher(config.text("orbs", orb));
            if (!named.matches() || !pins.orb(named.group(1)).equals(Optional.of(named.group(2)))) {
                findings.add(broken(config, "pinned-orbs", "an orb is not pinned as the pin file says: " + config.text("orbs", orb), "orbs", orb));
            }
        }
        for (String kind : List.of("executors", "jobs")) {
            for (String name : config.keys(kind)) {
                for (int i = 0; i < config.at(kind, name, "docker").size(); i++) {
                    image(config, config.text(kind, name, "docker", String.valueOf(i), "image"), findings, kind, name);
                }
            }
        }
        for (String kind : List.of("commands", "jobs")) {
            for (String name : config.keys(kind)) {
                for (int i = 0; i < config.at(kind, name, "steps").size(); i++) {
                    if (EXPRESSION.matcher(config.text(kind, name, "steps", String.valueOf(i), "run", "command")).find()) {
                        findings.add(broken(config, "template-injection", "an expression in a script would be pasted into it unquoted", kind, name, "steps", String.valueOf(i)));
                    }
                }
            }
        }
        for (String workflow : config.keys("workflows")) {
            contexts(config, workflow, findings);
        }
    }

    private static void image(Document config, String image, List<Finding> findings, String... path) {
        if (!image.contains("<<") && !Images.isPinned(image)) {
            findings.add(broken(config, "pinned-images", "an image has no tag, or one that moves: " + image, path));
        }
    }

    /** Secrets must not be there for what any branch starts. */
    private static void contexts(Document config, String workflow, List<Finding> findings) {
        boolean isConditional = config.text("workflows", workflow, "when").contains("== \"schedule\"");
        for (int i = 0; i < config.at("workflows", workflow, "jobs").size(); i++) {
            for (String job : config.keys("workflows", workflow, "jobs", String.valueOf(i))) {
                boolean hasContext = config.has("workflows", workflow, "jobs", String.valueOf(i), job, "context");
                if (hasContext && !isConditional && !config.has("workflows", workflow, "jobs", String.valueOf(i), job, "filters")) {
                    findings.add(broken(config, "restricted-contexts", "job " + job + " has a context on every branch", "workflows", workflow, "jobs", String.valueOf(i)));
                }
            }
        }
    }

    private static Finding broken(Document config, String rule, String message, String... path) {
        return Finding.error(rule, message, "", config.evidence(rule, path));
    }
}

/** The security rules of Jenkinsfiles: scripts in single quotes, pinned images, no executor for the whole, limits. */
final class JenkinsRules implements Check {
    private static final Pattern INTERPOLATED = Pattern.compile("\\b(sh|bat|pwsh)\\s*\\(?\\s*\"|\\bscript: *\"");
    private static final Pattern IMAGE = Pattern.compile("^\\s+image (['\"])(.*)\\1$");

    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : rendering.files()) {
            if (file.path().equals("Jenkinsfile")) {
                file(file, findings);
            }
        }
        return findings;
    }

    private static void file(GeneratedFile file, List<Finding> findings) {
        if (!file.content().contains("\n    agent none\n")) {
            findings.add(broken(file, "agents-per-stage", 1, "an executor would be held for the whole build"));
        }
        if (!file.content().contains("timeout(time: ")) {
            findings.add(broken(file, "timeout", 1, "nothing ends a build that hangs"));
        }
        int number = 0;
        for (String line : file.content().lines().toList()) {
            number++;
            if (INTERPOLATED.matcher(line).find()) {
                findings.add(broken(file, "single-quoted-scripts", number, "Groovy would paste values into the script, secrets too: " + line.strip()));
            }
            Matcher image = IMAGE.matcher(line);
            if (image.matches() && !image.group(2).equals("${IMAGE}") && !image.group(2).replaceFirst(".*/", "").matches(".*:(?!latest$).+")) {
                findings.add(broken(file, "pinned-images", number, "an image has no tag, or one that moves: " + line.strip()));
            }
        }
    }

    private static Finding broken(GeneratedFile file, String rule, int line, String message) {
        return Finding.error(rule, message, "", new Evidence(file.path(), line, rule));
    }
}
