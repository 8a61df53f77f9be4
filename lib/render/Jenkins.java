package lib.render;

//FILES templates/pipeline/jenkins/=../../templates/pipeline/jenkins/Jenkinsfile.ftl

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lib.plan.Job;
import lib.plan.Job.ChangeFilter;
import lib.plan.Job.When;
import lib.plan.PipelinePlan;
import lib.plan.Job.Stage;
import lib.plan.Step;
import lib.render.Rendering.CiPlatform;
import lib.render.Rendering.GeneratedFile;
import lib.render.JenkinsStage.Agent;
import lib.render.Rendering.Parity;
import lib.render.Rendering.Setting;
import lib.scan.Finding;
import lib.scan.Command.Shell;

/** Knows how a declarative Jenkinsfile says what a plan means. The inside of a stage is {@link JenkinsSteps}' business. */
final class Jenkins implements CiPlatform {
    static final String FILE = "Jenkinsfile";
    private static final String LABEL = "docker";
    private static final int LINE = 125;

    @Override
    public String id() {
        return "jenkins";
    }

    /** Each script is a shell of its own. */
    @Override
    public StepShell shell() {
        return new StepShell(List.of("sh", "-xe"), Map.of("CI", "true"));
    }

    @Override
    public Rendering render(PipelinePlan plan, Context context) {
        return new Renderer(plan, context, new Notes(plan)).render();
    }

    /** Collects what the file relies on while it is rendered. */
    static final class Notes {
        private final PipelinePlan plan;
        private final Set<Setting> settings = new LinkedHashSet<>();
        private final Set<Parity> parity = new LinkedHashSet<>();
        private final Set<Finding> findings = new LinkedHashSet<>();
        private final TreeSet<String> plugins = new TreeSet<>(List.of("workflow-aggregator", "workflow-multibranch", "git", "docker-workflow", "timestamper"));

        Notes(PipelinePlan plan) {
            this.plan = plan;
        }

        void setting(String kind, String name, String how) {
            settings.add(new Setting(kind, name, how));
            if (kind.equals("credential")) {
                plugin("credentials-binding");
            }
        }

        void parity(Parity value) {
            parity.add(value);
        }

        void finding(Finding value) {
            findings.add(value);
        }

        void plugin(String name) {
            plugins.add(name);
        }

        /** The project's name as containers and resources may be called. */
        String slug() {
            String slug = plan.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
            return slug.isEmpty() ? "project" : slug.length() > 40 ? slug.substring(0, 40).replaceAll("-+$", "") : slug;
        }

        /** Does a later job want these files? */
        boolean isDownloaded(String artifact) {
            return plan.jobs().stream().flatMap(j -> j.steps().stream()).anyMatch(s -> s instanceof Step.Download d && d.artifact().equals(artifact));
        }

        /** What the image of that job is called, where it is not the only one. */
        String imageName(String imageJob) {
            return plan.job(imageJob).stream().flatMap(j -> j.steps().stream()).filter(Step.Image.class::isInstance).map(s -> ((Step.Image) s).image().name())
                    .findFirst().orElse("");
        }
    }

    private record Renderer(PipelinePlan plan, Context context, Notes notes) {

        Rendering render() {
            List<JenkinsStage> stages = new ArrayList<>();
            if (!plan.filters().isEmpty()) {
                stages.add(changes());
            }
            Set<String> taken = new LinkedHashSet<>();
            levels().forEach((level, jobs) -> stages.addAll(level(jobs, taken)));
            List<JenkinsStage.Function> functions = functions(stages);
            describe();
            Map<String, Object> model = new LinkedHashMap<>();
            model.put("label", LABEL);
            model.put("options", options());
            model.put("triggers", isScheduled() ? List.of("cron(env.BRANCH_NAME == " + branch() + " ? 'H 3 * * *' : '')") : List.of());
            model.put("stages", stages);
            model.put("concerns", !plan.filters().isEmpty());
            model.put("functions", functions);
            model.put("header", header());
            model.put("block", new GroovyFormat.Block());
            GeneratedFile file = GeneratedFile.of(FILE, context.templates().fill("pipeline/jenkins/" + FILE, GroovyFormat.INSTANCE, model));
            return new Rendering("jenkins", List.of(file), List.copyOf(notes.parity), List.copyOf(notes.settings), List.copyOf(notes.findings));
        }

        /** What whoever reads the file, or sets it up, must know. */
        private List<String> header() {
            List<String> lines = new ArrayList<>();
            StringBuilder line = new StringBuilder("// For a multibranch pipeline, with the plugins");
            for (String plugin : notes.plugins) {
                boolean isLast = plugin.equals(notes.plugins.last());
                if (line.length() + plugin.length() > LINE) {
                    lines.add(line.toString());
                    line = new StringBuilder("//");
                }
                line.append(' ').append(plugin).append(isLast ? "." : ",");
            }
            lines.add(line.toString());
            lines.add("// Agents with the label " + LABEL + " have Docker, which their user may use. That user has no home in an image: HOME is a folder of");
            lines.add("// the agent, where downloads stay for the next build. Where something must be installed first, the container runs as root.");
            return lines;
        }

        /** A script of several lines that several stages have is written once. */
        private static List<JenkinsStage.Function> functions(List<JenkinsStage> stages) {
            Map<JenkinsStage.Step, Integer> counts = new LinkedHashMap<>();
            stages.forEach(s -> s.replace(step -> {
                counts.merge(step, 1, Integer::sum);
                return step;
            }));
            Set<String> taken = new LinkedHashSet<>();
            List<JenkinsStage.Function> functions = new ArrayList<>();
            counts.forEach((step, count) -> {
                if (count > 1 && step.isLong()) {
                    StringBuilder name = new StringBuilder();
                    for (String word : step.label().toLowerCase(Locale.ROOT).split("[^a-z0-9]+")) {
                        name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
                    }
                    // A single word is the name of a step of Jenkins often enough: build, input.
                    String base = step.label().contains(" ") ? name.toString() : name + "It";
                    functions.add(new JenkinsStage.Function(unique(base, taken).replace(" ", ""), step));
                }
            });
            stages.forEach(s -> s.replace(step -> functions.stream().filter(f -> f.step().equals(step)).findFirst()
                    .map(f -> JenkinsStage.Step.code(f.name() + "()")).orElse(step)));
            return functions;
        }

        private String branch() {
            return GroovyFormat.string(plan.defaultBranch());
        }

        // --- stages ---

        /** What needs nothing first, then what needs only that, and so on. */
        private Map<Integer, List<Job>> levels() {
            Map<String, Integer> levels = new LinkedHashMap<>();
            Map<Integer, List<Job>> jobs = new TreeMap<>();
            for (Job job : plan.jobs()) {
                int level = job.needs().stream().mapToInt(n -> levels.getOrDefault(n, 0) + 1).max().orElse(0);
                levels.put(job.id(), level);
                jobs.computeIfAbsent(level, l -> new ArrayList<>()).add(job);
            }
            return jobs;
        }

        /** Side by side what can be; a matrix can't be inside of that, and comes after. */
        private List<JenkinsStage> level(List<Job> jobs, Set<String> taken) {
            List<JenkinsStage> single = new ArrayList<>();
            List<JenkinsStage> matrices = new ArrayList<>();
            List<JenkinsStage> approvals = new ArrayList<>();
            for (Job job : jobs) {
                if (job.approval()) {
                    approvals.add(approval(job));
                }
                JenkinsStage stage = new JenkinsSteps(job, context, notes).stage(unique(title(job), taken), when(job));
                (stage.isMatrix() ? matrices : single).add(stage);
            }
            List<JenkinsStage> stages = new ArrayList<>(approvals);
            if (single.size() > 1) {
                stages.add(new JenkinsStage(unique(groupName(jobs), taken)).parallel(single));
            } else {
                stages.addAll(single);
            }
            stages.addAll(matrices);
            return stages;
        }

        /** Of several packages that go to one registry each names its folder. */
        private String title(Job job) {
            boolean isShared = plan.jobs().stream().filter(j -> j.title().equals(job.title())).count() > 1;
            String folder = job.steps().stream().filter(Step.Publish.class::isInstance).map(s -> ((Step.Publish) s).folder()).findFirst().orElse("");
            return isShared && !folder.isEmpty() ? job.title() + " (" + folder + ")" : job.title();
        }

        private static String groupName(List<Job> jobs) {
            boolean isDelivery = jobs.stream().allMatch(j -> j.stage().compareTo(Stage.PACKAGE) >= 0);
            boolean isOne = jobs.stream().map(Job::stage).distinct().count() == 1;
            return !isOne ? isDelivery ? "Delivery" : "Checks" : switch (jobs.get(0).stage()) {
                case BUILD -> "Builds";
                case PACKAGE -> "Images";
                case PUBLISH -> "Packages";
                case DEPLOY -> "Deployments";
                default -> "Checks";
            };
        }

        private static String unique(String base, Set<String> taken) {
            String name = base;
            for (int n = 2; !taken.add(name); n++) {
                name = base + " " + n;
            }
            return name;
        }

        /** No executor is held while people think; a build that is overtaken by a newer one is not deployed any more. */
        private JenkinsStage approval(Job job) {
            notes.setting("group", job.target(), "who may approve: members of this group, or name others as submitter");
            notes.plugin("pipeline-milestone-step");
            JenkinsStage stage = new JenkinsStage("Approve " + job.target());
            when(job).forEach(stage::when);
            return stage.option("timeout(time: 3, unit: 'DAYS')")
                    .step(JenkinsStage.Step.code("input message: " + GroovyFormat.string("Deploy to " + job.target() + "?") + ", submitter: " + GroovyFormat.string(job.target())))
                    .step(JenkinsStage.Step.code("milestone ordinal: 1"));
        }

        private List<String> when(Job job) {
            List<String> when = new ArrayList<>();
            boolean isDelivery = job.when() == When.DEFAULT_BRANCH || job.when() == When.DEFAULT_BRANCH_AND_TAG;
            switch (job.when()) {
                case PROPOSAL -> when.add("changeRequest()");
                case DEFAULT_BRANCH -> when.add("branch " + branch());
                case DEFAULT_BRANCH_AND_TAG -> when.addAll(List.of("anyOf {", "    branch " + branch(), "    tag 'v*'", "}"));
                case TAG -> when.add("tag 'v*'");
                case SCHEDULE -> when.add("triggeredBy 'TimerTrigger'");
                case CHANGE -> { }
            }
            if (isDelivery && isScheduled()) {
                when.add("not { triggeredBy 'TimerTrigger' }");
            }
            if (job.filter() != null) {
                when.add("expression { concerns(" + GroovyFormat.string(job.filter().id()) + ") }");
            }
            if (job.each().stream().anyMatch(e -> e.filter() != null)) {
                when.add("expression { concerns(env.PACKAGE) }");
            }
            return when;
        }

        private boolean isScheduled() {
            return plan.isNightly() || plan.jobs().stream().anyMatch(j -> j.when() == When.SCHEDULE);
        }

        // --- what a change concerns ---

        /** Plain git; what is not compared, for want of a base or because it is no change request, counts as changed. */
        private JenkinsStage changes() {
            StringBuilder script = new StringBuilder("unchanged() {\n  name=$1\n  shift\n"
                    + "  if git --literal-pathspecs diff --quiet \"origin/$CHANGE_TARGET...HEAD\" -- " + FILE + " \"$@\"; then echo \"$name\"; fi\n}\n");
            Map<ChangeFilter, String> names = new LinkedHashMap<>();
            plan.jobs().forEach(j -> j.each().stream().filter(e -> e.filter() != null).forEach(e -> names.put(e.filter(), e.path())));
            plan.filters().forEach(f -> names.putIfAbsent(f, f.id()));
            for (Map.Entry<ChangeFilter, String> entry : names.entrySet()) {
                script.append("unchanged ").append(Shell.word(entry.getValue())).append(' ')
                        .append(entry.getKey().paths().stream().map(Shell::word).collect(Collectors.joining(" "))).append('\n');
            }
            String code = "env.UNCHANGED = sh(label: 'Compare with the target branch', returnStdout: true, script: " + GroovyFormat.block(script.toString(), 24) + ")";
            return new JenkinsStage("Changes").when("changeRequest()").agent(Agent.NODE).option("timeout(time: 5, unit: 'MINUTES')")
                    .step(JenkinsStage.Step.code("checkout scm")).step(JenkinsStage.Step.in(List.of("script"), List.of(JenkinsStage.Step.code(code))));
        }

        // --- the whole ---

        private List<String> options() {
            List<String> options = new ArrayList<>();
            options.add("buildDiscarder(logRotator(numToKeepStr: '50', artifactDaysToKeepStr: '7'))");
            if (plan.jobs().stream().noneMatch(Job::approval)) {
                options.add("disableConcurrentBuilds(abortPrevious: env.CHANGE_ID != null) // a newer push makes a change request's build obsolete");
                options.add("timeout(time: " + minutes() + ", unit: 'MINUTES')");
            }
            options.add("parallelsAlwaysFailFast()");
            options.add("skipDefaultCheckout()");
            options.add("timestamps()");
            return options;
        }

        /** As long as all stages may take one after the other, in whole half hours, with time to wait for agents. */
        private int minutes() {
            int sum = levels().values().stream().mapToInt(jobs -> jobs.stream().mapToInt(Job::timeoutMinutes).max().orElse(0)).sum() + 15;
            return (sum + 29) / 30 * 30;
        }

        private void describe() {
            notes.setting("job", plan.name(), "a multibranch pipeline that discovers branches, tags and change requests, these merged with their target branch");
            notes.setting("agent", LABEL, "agents with this label, where Docker with buildx runs and the agent's user may use it");
            notes.setting("branch-protection", "continuous-integration/jenkins/pr-merge", "require this one status for the branch " + plan.defaultBranch());
            if (plan.jobs().stream().anyMatch(j -> j.when() == When.TAG || j.when() == When.DEFAULT_BRANCH_AND_TAG)) {
                notes.plugin("basic-branch-build-strategies");
                notes.setting("job", "build strategies", "add Tags and Regular branches and Change requests: tags are not built by themselves");
            }
            notes.plugins.forEach(p -> notes.setting("plugin", p, "install it"));
            notes.parity(new Parity("caches keyed on lock files", "the package managers' downloads stay in a folder of the agent or in a Docker volume"));
            if (plan.jobs().stream().anyMatch(j -> j.matrix() != null)) {
                notes.parity(new Parity("a matrix beside other jobs", "its stage comes after them: a matrix can't stand in parallel"));
            }
            if (plan.jobs().stream().anyMatch(Job::approval)) {
                notes.parity(new Parity("cancelling superseded runs", "only before the approval, by a milestone: a build that waits for people must not keep the next one from running"));
            }
        }
    }
}
