package lib.render;

//FILES templates/pipeline/github-actions/=../../templates/pipeline/github-actions/workflow.ftl
//FILES templates/pipeline/github-actions/.github/workflows/=../../templates/pipeline/github-actions/.github/workflows/ci.yml.ftl
//FILES templates/pipeline/github-actions/.github/workflows/=../../templates/pipeline/github-actions/.github/workflows/release.yml.ftl
//FILES templates/pipeline/github-actions/.github/workflows/=../../templates/pipeline/github-actions/.github/workflows/scheduled.yml.ftl
//FILES templates/pipeline/github-actions/.github/=../../templates/pipeline/github-actions/.github/dependabot.yml.ftl
//FILES templates/pipeline/=../../templates/pipeline/renovate.json.ftl

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lib.plan.Job.ChangeFilter;
import lib.plan.Job.ServiceContainer;
import lib.plan.Job.When;
import lib.plan.Job;
import lib.plan.PipelinePlan;
import lib.plan.Step;
import lib.render.Rendering.CiPlatform;
import lib.render.GitHubJob.Permission;
import lib.render.GitHubJob.WorkflowStep;
import lib.render.Rendering.GeneratedFile;
import lib.render.Rendering.Parity;
import lib.render.Rendering.Setting;
import lib.scan.Command.Shell;
import lib.scan.Component;
import lib.scan.Component.Output;
import lib.scan.Project;
import lib.scan.ProjectFacts;

/** Knows how GitHub Actions says what a plan means. The steps of a job are {@link GitHubSteps}' business. */
final class GitHubActions implements CiPlatform {
    private static final String CI = ".github/workflows/ci.yml";
    static final String RUNNER = "ubuntu-24.04";

    @Override
    public String id() {
        return "github-actions";
    }

    /** Without {@code shell:} a runner calls {@code bash -e}. */
    @Override
    public StepShell shell() {
        return new StepShell(List.of("bash", "-e"), Map.of("CI", "true", "GITHUB_ACTIONS", "true", "GITHUB_WORKSPACE", StepShell.WORKSPACE));
    }

    @Override
    public Rendering render(PipelinePlan plan, Context context) {
        Set<Setting> settings = new LinkedHashSet<>();
        List<Parity> parity = new ArrayList<>();
        List<GeneratedFile> files = new ArrayList<>();
        Renderer renderer = new Renderer(plan, context, new ArrayList<>());
        boolean isReleased = plan.jobs().stream().anyMatch(j -> j.when() == When.TAG || j.when() == When.DEFAULT_BRANCH_AND_TAG);
        List<Job> jobs = plan.jobs().stream().filter(j -> j.when() != When.TAG && j.when() != When.SCHEDULE).toList();
        if (!jobs.isEmpty()) {
            files.add(renderer.file(CI, renderer.ci(jobs), Map.of("nightly", plan.isNightly(), "released", isReleased)));
            if (jobs.size() > 1) {
                settings.add(new Setting("branch-protection", "CI ok", "require this one check for the branch " + plan.defaultBranch()));
            }
        }
        if (isReleased) {
            files.add(renderer.file(".github/workflows/release.yml", renderer.release(!jobs.isEmpty()), Map.of()));
        }
        List<Job> scheduled = plan.jobs().stream().filter(j -> j.when() == When.SCHEDULE).toList();
        if (!scheduled.isEmpty()) {
            files.add(renderer.file(".github/workflows/scheduled.yml", scheduled.stream().map(renderer::job).toList(), Map.of()));
        }
        if (context.options().dependencyUpdates()) {
            files.add(DependencyUpdates.dependabot(context));
        }
        if (plan.jobs().stream().flatMap(j -> j.steps().stream()).anyMatch(s -> s instanceof Step.Report report && report.kind() == Output.Kind.JUNIT)) {
            parity.add(new Parity("a page of test results", "a summary of the run, annotations, and the JUnit files as an artifact"));
        }
        if (plan.jobs().stream().flatMap(j -> j.steps().stream()).anyMatch(s -> s instanceof Step.Report report && report.kind() != Output.Kind.JUNIT)) {
            parity.add(new Parity("coverage in the view of a change", "the coverage files as an artifact"));
        }
        settings.addAll(renderer.settings());
        return new Rendering(id(), files, parity, List.copyOf(settings), List.of());
    }

    /** Renders the workflows of one plan, and collects the settings that they rely on. */
    private record Renderer(PipelinePlan plan, Context context, List<Setting> settings) {

        GeneratedFile file(String path, List<GitHubJob> jobs, Map<String, Object> more) {
            Map<String, Object> model = new LinkedHashMap<>(more);
            model.put("branch", plan.defaultBranch());
            model.put("author", context.options().author());
            model.put("jobs", jobs);
            model.put("block", new YamlFormat.Block());
            return GeneratedFile.of(path, context.templates().fill("pipeline/github-actions/" + path, YamlFormat.INSTANCE, model));
        }

        List<GitHubJob> ci(List<Job> jobs) {
            List<GitHubJob> views = new ArrayList<>();
            if (!plan.filters().isEmpty()) {
                views.add(changes(plan, jobs, context));
            }
            jobs.forEach(job -> views.add(job(job)));
            if (views.size() > 1) {
                Set<String> later = jobs.stream().filter(j -> j.when() != When.CHANGE && j.when() != When.PROPOSAL).map(Job::id).collect(Collectors.toSet());
                views.add(gate(views.stream().map(GitHubJob::id).filter(id -> !later.contains(id)).toList()));
            }
            return views;
        }

        /** What a version tag starts: the whole of CI on that commit, and when it passed, the jobs that publish. */
        List<GitHubJob> release(boolean hasCi) {
            List<GitHubJob> views = new ArrayList<>();
            if (hasCi) {
                views.add(GitHubJob.calling("ci", "CI", "./" + CI));
            }
            for (Job job : plan.jobs()) {
                if (job.when() == When.TAG || job.when() == When.DEFAULT_BRANCH_AND_TAG) {
                    List<String> after = new ArrayList<>(hasCi ? List.of("ci") : List.of());
                    job.needs().stream().filter(id -> plan.job(id).filter(j -> j.when() == When.TAG).isPresent()).forEach(after::add);
                    views.add(job(job).onTag(after));
                }
            }
            return views;
        }

        GitHubJob job(Job job) {
            List<String> needs = new ArrayList<>();
            if (job.filter() != null || job.each().stream().anyMatch(e -> e.filter() != null)) {
                needs.add("changes");
            }
            needs.addAll(job.needs());
            Map<String, String> matrix = new LinkedHashMap<>();
            if (!job.each().isEmpty()) {
                matrix.put("package", "${{ fromJSON(needs.changes.outputs." + output(job) + ") }}");
            }
            if (job.matrix() != null) {
                matrix.put(job.matrix().runtime(), versions(job.matrix()));
            }
            String name = GitHubJob.text(job.title()) + matrix.keySet().stream().map(k -> "${{ matrix." + k + " }}").collect(Collectors.joining(", ", matrix.isEmpty() ? "" : " (", matrix.isEmpty() ? "" : ")"));
            return new GitHubJob(job.id(), name, needs, condition(job, plan), RUNNER, job.timeoutMinutes(), permissions(job), job.access(), matrix,
                    services(job), texts(job.environment()), outputs(job), "", new GitHubSteps(job, context, settings).steps(), "");
        }

        /** The image and its digest, for the jobs that deploy it. */
        private static Map<String, String> outputs(Job job) {
            boolean pushes = job.steps().stream().anyMatch(s -> s instanceof Step.Image image && image.push());
            Map<String, String> outputs = new LinkedHashMap<>();
            if (pushes) {
                outputs.put("image", "${{ steps.name.outputs.image }}");
                outputs.put("digest", "${{ steps.push.outputs.digest }}");
            }
            return outputs;
        }
    }

    private static String condition(Job job, PipelinePlan plan) {
        List<String> conditions = new ArrayList<>();
        if (job.when() == When.DEFAULT_BRANCH || job.when() == When.DEFAULT_BRANCH_AND_TAG) {
            conditions.add("github.event_name == 'push' && github.ref_name == github.event.repository.default_branch");
        }
        if (job.when() == When.PROPOSAL) {
            conditions.add("github.event_name == 'pull_request'");
        }
        if (job.needsOwnBranch()) {
            conditions.add("github.event.pull_request.head.repo.full_name == github.repository");
        }
        if (job.filter() != null) {
            conditions.add("needs.changes.outputs." + job.filter().id() + " == 'true'");
        }
        if (!job.each().isEmpty()) {
            conditions.add("needs.changes.outputs." + output(job) + " != '[]'");
        }
        return String.join(" && ", conditions);
    }

    /** On a change the lowest and the highest, at night all. */
    private static String versions(Job.Matrix matrix) {
        if (matrix.nightly().size() <= matrix.always().size()) {
            return json(matrix.always());
        }
        return "${{ fromJSON(github.event_name == 'schedule' && '" + json(matrix.nightly()) + "' || '" + json(matrix.always()) + "') }}";
    }

    private static String json(List<String> versions) {
        return versions.stream().map(v -> "\"" + v + "\"").collect(Collectors.joining(", ", "[", "]"));
    }

    private static List<Permission> permissions(Job job) {
        List<Permission> permissions = new ArrayList<>();
        permissions.add(new Permission("contents", job.grants().contains(Job.Grant.WRITE_RELEASES) ? "write" : "read",
                job.grants().contains(Job.Grant.WRITE_RELEASES) ? "create the release" : "check out the code"));
        for (Job.Grant grant : job.grants()) {
            switch (grant) {
                case WRITE_PACKAGES -> permissions.add(new Permission("packages", "write", "push to the registry"));
                case IDENTITY -> permissions.add(new Permission("id-token", "write", "prove the job's identity instead of a stored secret"));
                case WRITE_ATTESTATIONS -> permissions.add(new Permission("attestations", "write", "attest where the artifact came from"));
                case WRITE_SECURITY_EVENTS -> permissions.add(new Permission("security-events", "write", "show findings in the Security tab"));
                case WRITE_ISSUES -> permissions.add(new Permission("issues", "write", "open and close the issue"));
                case WRITE_RELEASES -> { }
            }
        }
        return permissions;
    }

    private static List<Map<String, Object>> services(Job job) {
        List<Map<String, Object>> services = new ArrayList<>();
        for (ServiceContainer service : job.services()) {
            Map<String, Object> view = new LinkedHashMap<>();
            view.put("name", service.name());
            view.put("image", GitHubJob.text(service.image()));
            view.put("environment", texts(service.environment()));
            view.put("ports", service.port() + ":" + service.port());
            view.put("health", service.health().isEmpty() ? "" : "--health-cmd " + dockerWord(service.health()) + " --health-interval 5s --health-timeout 5s --health-retries 20");
            services.add(view);
        }
        return services;
    }

    private static Map<String, String> texts(Map<String, String> values) {
        Map<String, String> texts = new LinkedHashMap<>();
        values.forEach((key, value) -> texts.put(key, GitHubJob.text(value)));
        return texts;
    }

    private static String dockerWord(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String output(Job job) {
        return job.id().replace('-', '_');
    }

    // --- the jobs around the plan's own ---

    /** Plain git instead of somebody's action; a job that is skipped by its condition counts as passed, unlike one that a path filter keeps waiting. */
    private static GitHubJob changes(PipelinePlan plan, List<Job> jobs, Context context) {
        StringBuilder script = new StringBuilder();
        script.append("# Only a pull request has a base to compare with; everything else checks all.\n");
        script.append("affected() {\n  [ \"$GITHUB_EVENT_NAME\" != pull_request ] || ! git --literal-pathspecs diff --quiet \"$BASE...HEAD\" -- \"$@\"\n}\n");
        Map<String, String> outputs = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        for (ChangeFilter filter : jobs.stream().map(Job::filter).filter(f -> f != null).distinct().toList()) {
            lines.add("if affected " + words(filter) + "; then echo " + filter.id() + "=true; else echo " + filter.id() + "=false; fi");
            outputs.put(filter.id(), "${{ steps.compare.outputs." + filter.id() + " }}");
        }
        for (Job job : jobs.stream().filter(j -> !j.each().isEmpty()).toList()) {
            lines.add("packages=()");
            job.each().forEach(e -> lines.add("if affected " + words(e.filter()) + "; then packages+=(" + Shell.word(e.path()) + "); fi"));
            lines.add("echo \"" + output(job) + "=$(jq --null-input --compact-output '$ARGS.positional' --args \"${packages[@]}\")\"");
            outputs.put(output(job), "${{ steps.compare.outputs." + output(job) + " }}");
        }
        script.append("{\n");
        lines.forEach(line -> script.append("  ").append(line).append('\n'));
        script.append("} >> \"$GITHUB_OUTPUT\"\n");
        WorkflowStep compare = new WorkflowStep("Compare with the base branch").id("compare").env("BASE", "${{ github.event.pull_request.base.sha }}").run(script.toString());
        WorkflowStep checkout = new GitHubSteps(null, context, new ArrayList<>()).checkout().with("fetch-depth", "0", "the common ancestor must be there");
        return new GitHubJob("changes", "Find what changed", List.of(), "", RUNNER, 5, List.of(new Permission("contents", "read", "check out the code")), "",
                Map.of(), List.of(), Map.of(), outputs, "", List.of(checkout, compare), "");
    }

    private static String words(ChangeFilter filter) {
        return filter.paths().stream().map(Shell::word).collect(Collectors.joining(" ")) + " " + CI;
    }

    /** One name to require in the branch's protection, whatever jobs there are and whichever of them were not needed. */
    private static GitHubJob gate(List<String> jobs) {
        WorkflowStep step = new WorkflowStep("Fail unless every job passed or was not needed").env("RESULTS", "${{ join(needs.*.result, ' ') }}").run("""
                for result in $RESULTS; do
                  case "$result" in
                    success | skipped) ;;
                    *) echo "a job ended with: $result"; exit 1 ;;
                  esac
                done
                """);
        return new GitHubJob("ci-ok", "CI ok", jobs, "${{ always() }}", RUNNER, 5, List.of(), "", Map.of(), List.of(),
                Map.of(), Map.of(), "the one check to require in branch protection", List.of(step), "");
    }
}

/** Configuration of the services that propose dependency updates: Dependabot on GitHub, Renovate elsewhere. */
final class DependencyUpdates {
    private DependencyUpdates() {}

    /** One entry of dependabot.yml. */
    public record Update(String ecosystem, List<String> directories) {}

    static GeneratedFile dependabot(CiPlatform.Context context) {
        ProjectFacts facts = context.facts();
        Map<String, Set<String>> folders = new TreeMap<>();
        folders.put("github-actions", new TreeSet<>(Set.of("/")));
        for (Component component : facts.components()) {
            String ecosystem = ecosystem(component);
            boolean isCovered = component.isWorkspaceMember() && !List.of("go-modules").contains(component.packageManager() == null ? "" : component.packageManager().id());
            if (!ecosystem.isEmpty() && !isCovered) {
                folders.computeIfAbsent(ecosystem, e -> new TreeSet<>()).add(folder(component.path()));
            }
        }
        facts.dockerfiles().forEach(d -> folders.computeIfAbsent("docker", e -> new TreeSet<>()).add(folder(Project.folderOf(d.path()))));
        List<Update> updates = new ArrayList<>();
        folders.forEach((ecosystem, set) -> updates.add(new Update(ecosystem, List.copyOf(set))));
        return GeneratedFile.of(".github/dependabot.yml",
                context.templates().fill("pipeline/github-actions/.github/dependabot.yml", YamlFormat.INSTANCE, Map.of("updates", updates)));
    }

    static GeneratedFile renovate(CiPlatform.Context context) {
        return GeneratedFile.of("renovate.json", context.templates().fill("pipeline/renovate.json", YamlFormat.INSTANCE, Map.of()));
    }

    private static String folder(String path) {
        return path.equals(".") ? "/" : "/" + path;
    }

    private static String ecosystem(Component component) {
        String manager = component.packageManager() == null ? component.ecosystem() : component.packageManager().id();
        return switch (manager) {
            case "npm", "yarn", "yarn-berry", "pnpm" -> "npm";
            case "bun" -> "bun";
            case "pip", "pipenv", "poetry", "pdm", "hatch" -> "pip";
            case "uv" -> "uv";
            case "go-modules" -> "gomod";
            case "maven" -> "maven";
            case "gradle" -> "gradle";
            case "sbt" -> "sbt";
            case "cargo" -> "cargo";
            case "nuget" -> "nuget";
            case "bundler" -> "bundler";
            case "composer" -> "composer";
            case "mix" -> "mix";
            case "pub" -> "pub";
            case "swiftpm" -> "swift";
            case "terraform" -> "terraform";
            case "helm" -> "helm";
            default -> "";
        };
    }
}
