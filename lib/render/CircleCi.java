package lib.render;

//FILES templates/pipeline/circleci/=../../templates/pipeline/circleci/config.ftl
//FILES templates/pipeline/circleci/.circleci/=../../templates/pipeline/circleci/.circleci/config.yml.ftl
//FILES templates/pipeline/circleci/.circleci/=../../templates/pipeline/circleci/.circleci/continue-config.yml.ftl

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lib.plan.Job.ChangeFilter;
import lib.plan.Job.When;
import lib.plan.Job;
import lib.plan.PipelinePlan;
import lib.plan.Step;
import lib.render.Rendering.CiPlatform;
import lib.render.CircleCiJob.Command;
import lib.render.CircleCiJob.Executor;
import lib.render.CircleCiJob.Invocation;
import lib.render.CircleCiJob.Workflow;
import lib.render.Rendering.GeneratedFile;
import lib.render.Rendering.Parity;
import lib.render.Rendering.Setting;
import lib.scan.Command.Shell;
import lib.scan.Finding;

/** Knows how CircleCI says what a plan means. The steps of a job are {@link CircleCiSteps}' business. */
final class CircleCi implements CiPlatform {
    private static final String CONFIG = ".circleci/config.yml";
    private static final String CONTINUED = ".circleci/continue-config.yml";
    /** The platform takes no more parameters for a pipeline that goes on. */
    private static final int MOST_PARAMETERS = 100;
    private static final int LINE = 120;

    @Override
    public String id() {
        return "circleci";
    }

    @Override
    public StepShell shell() {
        return new StepShell(List.of("bash", "-eo", "pipefail"), Map.of("CI", "true", "CIRCLECI", "true"));
    }

    @Override
    public Rendering render(PipelinePlan plan, Context context) {
        return new Renderer(plan, context, new Notes(plan)).render();
    }

    /** Collects what the files rely on while they are rendered. */
    static final class Notes {
        private final PipelinePlan plan;
        private final Set<Setting> settings = new LinkedHashSet<>();
        private final Set<Parity> parity = new LinkedHashSet<>();
        private final Set<Finding> findings = new LinkedHashSet<>();
        private final Set<String> orbs = new LinkedHashSet<>();

        Notes(PipelinePlan plan) {
            this.plan = plan;
        }

        void setting(String kind, String name, String how) {
            settings.add(new Setting(kind, name, how));
        }

        void parity(Parity value) {
            parity.add(value);
        }

        void finding(Finding value) {
            findings.add(value);
        }

        void orb(String name) {
            orbs.add(name);
        }

        /** Does a later job want these files? */
        boolean isDownloaded(String artifact) {
            return plan.jobs().stream().flatMap(j -> j.steps().stream()).anyMatch(s -> s instanceof Step.Download d && d.artifact().equals(artifact));
        }

        boolean isDeployed(String imageJob) {
            return plan.jobs().stream().flatMap(j -> j.steps().stream()).anyMatch(s -> s instanceof Step.Deploy d && d.release().imageJob().equals(imageJob));
        }
    }

    private record Renderer(PipelinePlan plan, Context context, Notes notes) {

        Rendering render() {
            List<CircleCiJob> jobs = new ArrayList<>();
            Map<String, CircleCiSteps> builders = new LinkedHashMap<>();
            for (Job job : plan.jobs()) {
                builders.put(job.id(), new CircleCiSteps(job, context, notes));
                jobs.add(builders.get(job.id()).job());
            }
            List<Workflow> workflows = workflows(builders);
            boolean hasGate = workflows.stream().flatMap(w -> w.jobs().stream()).anyMatch(i -> i.job().equals("ci-ok"));
            boolean hasStart = workflows.stream().flatMap(w -> w.jobs().stream()).anyMatch(i -> i.job().equals("start"));
            List<Command> commands = commands(jobs, builders);
            commands.addAll(steps(jobs, commands));
            List<Executor> executors = executors(jobs);
            if (hasStart) {
                jobs.add(0, marker("start"));
            }
            if (hasGate) {
                jobs.add(marker("ci-ok"));
                notes.setting("branch-protection", "ci/circleci: ci/ci-ok", "require this one status for the branch " + plan.defaultBranch());
            }
            describe();
            Map<String, Object> model = new LinkedHashMap<>();
            model.put("orbs", orbs(notes.orbs));
            model.put("executors", executors);
            model.put("commands", commands);
            model.put("jobs", jobs);
            model.put("workflows", workflows);
            model.put("anchors", anchors(workflows));
            List<GeneratedFile> files = new ArrayList<>();
            if (isDynamic()) {
                files.add(file(CONFIG, setup()));
                model.put("parameters", plan.filters().stream().map(ChangeFilter::id).toList());
                files.add(file(CONTINUED, model));
            } else {
                model.put("setup", false);
                files.add(file(CONFIG, model));
            }
            return new Rendering("circleci", files, List.copyOf(notes.parity), List.copyOf(notes.settings), List.copyOf(notes.findings));
        }

        private GeneratedFile file(String path, Map<String, Object> model) {
            model.put("branch", plan.defaultBranch());
            model.put("block", new YamlFormat.Block());
            return GeneratedFile.of(path, context.templates().fill("pipeline/circleci/" + path, YamlFormat.INSTANCE, model));
        }

        private static CircleCiJob marker(String id) {
            return new CircleCiJob(id, "", List.of(), "", false, "", List.of(), Map.of(), List.of());
        }

        private Map<String, String> orbs(Set<String> names) {
            Map<String, String> orbs = new TreeMap<>();
            for (String name : names) {
                orbs.put(name, "circleci/" + name + "@" + context.pins().orb("circleci/" + name).orElseThrow(() -> new IllegalStateException("no pin for the orb " + name)));
            }
            return orbs;
        }

        // --- what several jobs have in common ---

        /** Jobs that run in the same image name it once. */
        private List<Executor> executors(List<CircleCiJob> jobs) {
            Map<String, List<CircleCiJob>> alike = new LinkedHashMap<>();
            jobs.stream().filter(j -> j.docker().size() == 1 && !j.docker().get(0).name().contains("<<")).forEach(j -> alike.computeIfAbsent(j.docker().get(0).name(), n -> new ArrayList<>()).add(j));
            List<Executor> executors = new ArrayList<>();
            Set<String> taken = new LinkedHashSet<>();
            for (Map.Entry<String, List<CircleCiJob>> entry : alike.entrySet()) {
                if (entry.getValue().size() < 2) {
                    continue;
                }
                String image = entry.getKey().replaceFirst("@.*", "").replaceFirst(":[^/]*$", "");
                String base = plan.job(entry.getValue().get(0).id()).filter(j -> !j.toolchains().isEmpty()).map(j -> j.toolchains().get(0).runtime())
                        .orElse(image.substring(image.lastIndexOf('/') + 1));
                String name = unique(base.replaceAll("[^A-Za-z0-9]+", "-"), taken);
                executors.add(new Executor(name, entry.getValue().get(0).docker().get(0), entry.getValue().get(0).resourceClass()));
                entry.getValue().forEach(j -> jobs.set(jobs.indexOf(j), new CircleCiJob(j.id(), name, List.of(), "", false, "", j.parameters(), j.environment(), j.steps())));
            }
            return executors;
        }

        /** What jobs begin with alike is written once. */
        private List<Command> commands(List<CircleCiJob> jobs, Map<String, CircleCiSteps> builders) {
            Map<List<CircleCiJob.Step>, List<CircleCiJob>> alike = new LinkedHashMap<>();
            for (CircleCiJob job : jobs) {
                int length = builders.get(job.id()).shared();
                if (length > 2 && job.parameters().stream().noneMatch("package"::equals)) {
                    alike.computeIfAbsent(job.steps().subList(0, length), s -> new ArrayList<>()).add(job);
                }
            }
            List<Command> commands = new ArrayList<>();
            Set<String> taken = new LinkedHashSet<>();
            alike.values().removeIf(g -> g.size() < 2);
            alike.forEach((steps, group) -> {
                if (steps.stream().anyMatch(s -> s.getParameters().toString().contains("<< parameters") || s.getEnvironment().toString().contains("<< parameters"))) {
                    return;
                }
                String suffix = group.get(0).id().replaceFirst("^(lint|test|build)-?", "");
                String name = unique(alike.size() == 1 || suffix.isEmpty() ? "set-up" : "set-up-" + suffix, taken);
                commands.add(new Command(name, "Check out, and install what the project needs", steps));
                for (CircleCiJob job : group) {
                    List<CircleCiJob.Step> rest = new ArrayList<>(List.of(CircleCiJob.Step.of(name)));
                    rest.addAll(job.steps().subList(steps.size(), job.steps().size()));
                    jobs.set(jobs.indexOf(job), job.with(rest));
                }
            });
            return commands;
        }

        /** A script that several jobs have is written once. */
        private static List<Command> steps(List<CircleCiJob> jobs, List<Command> others) {
            Map<CircleCiJob.Step, Integer> counts = new LinkedHashMap<>();
            jobs.forEach(j -> j.steps().stream().distinct().filter(CircleCiJob.Step::isLong).forEach(s -> counts.merge(s, 1, Integer::sum)));
            Set<String> taken = new LinkedHashSet<>(others.stream().map(Command::name).toList());
            Map<CircleCiJob.Step, String> names = new LinkedHashMap<>();
            counts.forEach((step, count) -> {
                if (count > 1) {
                    names.put(step, unique(step.getName().toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", ""), taken));
                }
            });
            for (int i = 0; i < jobs.size(); i++) {
                CircleCiJob job = jobs.get(i);
                jobs.set(i, job.with(job.steps().stream().map(s -> names.containsKey(s) ? CircleCiJob.Step.of(names.get(s)) : s).toList()));
            }
            List<Command> commands = new ArrayList<>();
            names.forEach((step, name) -> commands.add(new Command(name, step.getComment().isEmpty() ? step.getName() : step.getComment(), List.of(step.withoutComment()))));
            return commands;
        }

        private static String unique(String base, Set<String> taken) {
            String name = base;
            for (int n = 2; !taken.add(name); n++) {
                name = base + "-" + n;
            }
            return name;
        }

        // --- workflows ---

        private List<Workflow> workflows(Map<String, CircleCiSteps> builders) {
            List<Job> nightly = plan.jobs().stream().filter(j -> j.when() == When.SCHEDULE || isMoreAtNight(j)).toList();
            List<Job> usual = plan.jobs().stream().filter(j -> j.when() != When.SCHEDULE).toList();
            List<Workflow> workflows = new ArrayList<>();
            if (!usual.isEmpty()) {
                workflows.add(new Workflow("ci", "", nightly.isEmpty() ? "" : "pipeline.trigger.type != \"schedule\"", ci(usual, builders)));
            }
            if (!nightly.isEmpty()) {
                List<Invocation> jobs = nightly.stream().map(j -> isMoreAtNight(j) ? Invocation.of(j.id()).matrix(builders.get(j.id()).matrix(j.matrix().nightly())) : Invocation.of(j.id())
                        .delivering(CircleCiDelivery.context(j), "")).toList();
                String why = nightly.stream().anyMatch(Renderer::isMoreAtNight) ? "All versions; a change is checked on the lowest and the highest only." : "";
                workflows.add(new Workflow("nightly", why, "pipeline.trigger.type == \"schedule\"", jobs));
                notes.setting("schedule", "nightly", "add a schedule trigger for the branch " + plan.defaultBranch() + " in the project's settings: the configuration can't hold it");
            }
            return workflows;
        }

        /** Filters that several jobs have get a name where they stand first. */
        private static Map<String, String> anchors(List<Workflow> workflows) {
            Map<String, Integer> counts = new LinkedHashMap<>();
            workflows.forEach(w -> w.jobs().stream().map(Invocation::place).filter(p -> !p.isEmpty()).forEach(p -> counts.merge(p, 1, Integer::sum)));
            Map<String, String> anchors = new LinkedHashMap<>();
            counts.forEach((place, count) -> {
                if (count > 1) {
                    anchors.put(place, place);
                }
            });
            return anchors;
        }

        private static boolean isMoreAtNight(Job job) {
            return job.matrix() != null && job.matrix().nightly().size() > job.matrix().always().size();
        }

        private List<Invocation> ci(List<Job> jobs, Map<String, CircleCiSteps> builders) {
            List<Invocation> invocations = new ArrayList<>();
            Map<String, List<String>> labels = new LinkedHashMap<>();
            for (Job job : jobs) {
                List<String> needs = job.needs().stream().flatMap(n -> labels.getOrDefault(n, List.of()).stream()).toList();
                if (job.approval()) {
                    invocations.add(placed(Invocation.of("approve-" + job.target()), job).approving().requires(needs));
                    needs = List.of("approve-" + job.target());
                }
                List<Invocation> own = invocations(job, needs, builders.get(job.id()));
                invocations.addAll(own);
                labels.put(job.id(), own.stream().map(Invocation::label).toList());
            }
            List<Job> checks = jobs.stream().filter(j -> j.when() == When.CHANGE || j.when() == When.PROPOSAL).toList();
            if (checks.size() > 1 || checks.stream().anyMatch(j -> !j.each().isEmpty())) {
                gate(invocations, checks, labels);
            }
            return invocations;
        }

        /** A job whose requirements are all filtered out would be so too: one of them always runs. */
        private void gate(List<Invocation> invocations, List<Job> checks, Map<String, List<String>> labels) {
            List<String> required = new ArrayList<>(checks.stream().flatMap(j -> labels.get(j.id()).stream()).toList());
            if (isDynamic() && checks.stream().noneMatch(j -> j.when() == When.CHANGE && filters(j).isEmpty())) {
                invocations.add(0, Invocation.of("start"));
                required.add(0, "start");
            }
            invocations.add(Invocation.of("ci-ok").requires(required));
        }

        private List<Invocation> invocations(Job job, List<String> needs, CircleCiSteps builder) {
            Invocation invocation = placed(Invocation.of(job.id()).requires(needs), job)
                    .delivering(CircleCiDelivery.context(job), job.deploys() && job.steps().stream().anyMatch(Step.Deploy.class::isInstance) ? "<< pipeline.project.slug >>/" + job.target() : "");
            if (!CircleCiDelivery.context(job).isEmpty()) {
                notes.setting("context", CircleCiDelivery.context(job), "create it in the organization, and restrict it to this project" + (job.when() == When.TAG ? ""
                        : " by the expression pipeline.git.branch == " + quoted(plan.defaultBranch()) + (job.when() == When.DEFAULT_BRANCH_AND_TAG ? " or pipeline.git.tag starts-with \"v\"" : "")));
            }
            if (job.matrix() != null) {
                invocation = invocation.matrix(builder.matrix(job.matrix().always()));
            }
            if (job.each().isEmpty()) {
                return List.of(invocation);
            }
            List<Invocation> each = new ArrayList<>();
            Set<String> taken = new LinkedHashSet<>();
            for (Job.Each item : job.each()) {
                String name = unique(job.id() + "-" + item.path().toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", ""), taken);
                String filter = isDynamic() && item.filter() != null ? expression(job, item.filter()) : "";
                each.add(invocation.named(name, Map.of("package", CircleCiJob.Step.text(item.path())), filter));
            }
            return each;
        }

        /** On which branches and tags a job runs; a job that others need for a tag runs on tags too. */
        private Invocation placed(Invocation invocation, Job job) {
            if (isDynamic() && job.filter() != null) {
                return invocation.filtered(expression(job, job.filter()), "", false);
            }
            return switch (job.when()) {
                case CHANGE -> invocation.filtered("", "", isTagged());
                case PROPOSAL -> invocation.filtered("", "other", false);
                case DEFAULT_BRANCH -> invocation.filtered("", "only", false);
                case DEFAULT_BRANCH_AND_TAG -> invocation.filtered("", "only", true);
                case TAG -> invocation.filtered("", "none", true);
                case SCHEDULE -> invocation;
            };
        }

        private String expression(Job job, ChangeFilter filter) {
            String concerns = "pipeline.parameters." + filter.id();
            String branch = "pipeline.git.branch == " + quoted(plan.defaultBranch());
            return switch (job.when()) {
                case PROPOSAL -> concerns + " and pipeline.git.branch != " + quoted(plan.defaultBranch());
                case DEFAULT_BRANCH -> concerns + " and " + branch;
                case DEFAULT_BRANCH_AND_TAG -> concerns + " and (" + branch + " or pipeline.git.tag starts-with \"v\")";
                case TAG -> concerns + " and pipeline.git.tag starts-with \"v\"";
                default -> concerns;
            };
        }

        private static String quoted(String text) {
            return "\"" + CircleCiJob.Step.text(text.replace("\\", "\\\\").replace("\"", "\\\"")) + "\"";
        }

        private boolean isTagged() {
            return plan.jobs().stream().anyMatch(j -> j.when() == When.TAG || j.when() == When.DEFAULT_BRANCH_AND_TAG);
        }

        private static List<ChangeFilter> filters(Job job) {
            List<ChangeFilter> filters = new ArrayList<>(job.each().stream().map(Job.Each::filter).toList());
            filters.add(job.filter());
            filters.removeIf(f -> f == null);
            return filters;
        }

        // --- the setup of a project with many parts ---

        private boolean isDynamic() {
            return !plan.filters().isEmpty() && plan.filters().size() <= MOST_PARAMETERS;
        }

        private Map<String, Object> setup() {
            notes.setting("project-setting", "dynamic configuration", "enable setup workflows in the project's advanced settings, where it was made before December 2023");
            CircleCiJob.Step compare = CircleCiJob.Step.run("Compare with the branch " + plan.defaultBranch(), script()).env(Map.of("DEFAULT_BRANCH", plan.defaultBranch()));
            CircleCiJob.Step go = CircleCiJob.Step.of("continuation/continue").with("configuration_path", CONTINUED).with("parameters", "/tmp/parameters.json");
            String image = DeliveryScripts.pin(context.pins(), "circleci-base").image();
            CircleCiJob job = new CircleCiJob("changes", "", List.of(new CircleCiJob.Image(image, Map.of())), "", false, "small", List.of(), Map.of(),
                    List.of(CircleCiJob.Step.of("checkout"), compare, go));
            Map<String, Object> model = new LinkedHashMap<>();
            model.put("setup", true);
            model.put("orbs", orbs(Set.of("continuation")));
            model.put("executors", List.of());
            model.put("commands", List.of());
            model.put("jobs", List.of(job));
            model.put("anchors", Map.of());
            model.put("workflows", List.of(new Workflow("setup", "", "", List.of(Invocation.of("changes").filtered("", "", isTagged())))));
            return model;
        }

        /** Plain git: what the default branch has and what a change has on top of it are compared in their common ancestor. */
        private String script() {
            StringBuilder script = new StringBuilder("# The default branch, tags and schedules check all.\n");
            script.append("affected() {\n  if [ -n \"$CIRCLE_BRANCH\" ] && [ \"$CIRCLE_BRANCH\" != \"$DEFAULT_BRANCH\" ] \\\n"
                    + "    && git --literal-pathspecs diff --quiet \"origin/$DEFAULT_BRANCH...HEAD\" -- .circleci \"$@\"; then\n    echo false\n  else\n    echo true\n  fi\n}\n");
            script.append("jq --null-input '$ARGS.named'");
            for (ChangeFilter filter : plan.filters()) {
                script.append(" \\\n  --argjson ").append(filter.id()).append(" \"$(affected").append(wrapped(filter.paths())).append(")\"");
            }
            return script.append(" > /tmp/parameters.json\n").toString();
        }

        private static String wrapped(List<String> paths) {
            StringBuilder words = new StringBuilder();
            int column = 40;
            for (String word : paths.stream().map(Shell::word).toList()) {
                boolean fits = column + word.length() < LINE;
                words.append(fits ? " " : " \\\n    ").append(word);
                column = (fits ? column : 4) + word.length() + 1;
            }
            return words.toString();
        }

        // --- what the platform says otherwise ---

        private void describe() {
            notes.parity(new Parity("timeout of a job", "the platform's own limit, and no_output_timeout where a step may be silent for more than ten minutes"));
            notes.parity(new Parity("cancelling superseded runs", "a setting of the project"));
            notes.setting("project-setting", "Auto-cancel redundant workflows", "enable it in the project's advanced settings; the default branch is spared");
            if (plan.jobs().stream().anyMatch(j -> j.when() == When.PROPOSAL)) {
                notes.parity(new Parity("jobs for proposed changes only", "every branch but the default one"));
            }
            if (plan.jobs().stream().flatMap(j -> j.steps().stream()).anyMatch(Step.Upload.class::isInstance)) {
                notes.parity(new Parity("how long artifacts are kept", "a setting of the plan: Usage Controls"));
            }
            if (plan.jobs().stream().flatMap(j -> j.steps().stream()).anyMatch(s -> s instanceof Step.Image i && i.push())) {
                notes.parity(new Parity("attestations of the platform", "SBOM, provenance and signature are kept beside the image in the registry"));
            }
            if (plan.isNightly() || plan.jobs().stream().anyMatch(j -> j.when() == When.SCHEDULE)) {
                notes.parity(new Parity("schedules in the file", "a schedule trigger in the project's settings starts the workflow nightly"));
            }
            if (!plan.filters().isEmpty() && !isDynamic()) {
                notes.parity(new Parity("checking only what a change concerns", "everything is checked: a pipeline takes " + MOST_PARAMETERS + " parameters at most"));
            }
        }
    }
}
