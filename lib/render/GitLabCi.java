package lib.render;

//FILES templates/pipeline/gitlab-ci/=../../templates/pipeline/gitlab-ci/.gitlab-ci.yml.ftl

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lib.plan.Job.ChangeFilter;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.Job;
import lib.plan.PipelinePlan;
import lib.plan.Step;
import lib.render.Rendering.CiPlatform;
import lib.render.GitLabJob.Draft;
import lib.render.GitLabJob.Environment;
import lib.render.GitLabJob.Need;
import lib.render.GitLabJob.Rule;
import lib.render.GitLabJob.Service;
import lib.render.GitLabJob.Setup;
import lib.render.Rendering.GeneratedFile;
import lib.render.Rendering.Parity;
import lib.render.Rendering.Setting;
import lib.scan.Finding;
import lib.scan.Project;

/** Knows how GitLab CI/CD says what a plan means: pipelines and their rules, stages, jobs, and what several jobs have in common. */
final class GitLabCi implements CiPlatform {
    private static final String FILE = ".gitlab-ci.yml";
    private static final int TIMEOUT = 20;
    /** What GitLab takes in one job. */
    private static final int MOST_NEEDS = 50;
    private static final int READABLE_NEEDS = 12;
    private static final int MOST_CHANGES = 50;
    private static final Set<String> RESERVED = Set.of("image", "services", "stages", "types", "before_script", "after_script", "variables", "cache", "include", "spec",
            "true", "false", "nil", "default", "workflow", "pages");

    /** Of a proposal from a fork neither the fork's project nor this one's runner has the identity. */
    private static final String OWN_BRANCH = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID";

    /** What starts a pipeline. */
    private enum Event {
        PROPOSAL("$CI_PIPELINE_SOURCE == \"merge_request_event\"", "$CI_PIPELINE_SOURCE != \"merge_request_event\""),
        BRANCH("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", "$CI_COMMIT_BRANCH == null"),
        TAG("$CI_COMMIT_TAG", "$CI_COMMIT_TAG == null"),
        SCHEDULE("$CI_PIPELINE_SOURCE == \"schedule\"", "$CI_PIPELINE_SOURCE != \"schedule\"");

        final String condition;
        final String otherwise;

        Event(String condition, String otherwise) {
            this.condition = condition;
            this.otherwise = otherwise;
        }
    }

    /** What a reader of the report must know of the rendering. */
    record Notes(Set<Parity> parity, Set<Setting> settings, Map<Setting, Set<String>> scoped, Set<Finding> findings) {
        Notes() {
            this(new LinkedHashSet<>(), new LinkedHashSet<>(), new LinkedHashMap<>(), new LinkedHashSet<>());
        }

        void parity(String feature, String replacement) {
            parity.add(new Parity(feature, replacement));
        }

        void setting(String kind, String name, String how) {
            settings.add(new Setting(kind, name, how));
        }

        /** A variable that each environment has with a value of its own. */
        void variable(String environment, String name, String how) {
            scoped.computeIfAbsent(new Setting("variable", name, how), s -> new LinkedHashSet<>()).add(environment);
        }

        List<Setting> all() {
            List<Setting> all = new ArrayList<>(settings);
            scoped.forEach((setting, environments) -> all.add(new Setting("variable", setting.name(),
                    "scoped to the environment" + (environments.size() > 1 ? "s " : " ") + String.join(" and ", environments) + ": " + setting.how())));
            return all;
        }
    }

    @Override
    public String id() {
        return "gitlab-ci";
    }

    /** What the runner's helper writes around the script of a job where the image has bash. */
    @Override
    public StepShell shell() {
        return new StepShell(List.of("bash", "-eo", "pipefail"), Map.of("CI", "true", "GITLAB_CI", "true", "CI_PROJECT_DIR", StepShell.WORKSPACE));
    }

    @Override
    public Rendering render(PipelinePlan plan, Context context) {
        Notes notes = new Notes();
        List<GeneratedFile> files = new ArrayList<>();
        if (!plan.jobs().isEmpty()) {
            files.add(new Renderer(plan, context, notes).file());
        }
        if (context.options().dependencyUpdates()) {
            files.add(DependencyUpdates.renovate(context));
        }
        return new Rendering(id(), files, List.copyOf(notes.parity()), notes.all(), List.copyOf(notes.findings()));
    }

    /** Renders one plan. */
    private static final class Renderer {
        private final PipelinePlan plan;
        private final Context context;
        private final Notes notes;
        private final Map<String, Set<Event>> events = new LinkedHashMap<>();
        private final List<GitLabJob> jobs = new ArrayList<>();

        Renderer(PipelinePlan plan, Context context, Notes notes) {
            this.plan = plan;
            this.context = context;
            this.notes = notes;
        }

        GeneratedFile file() {
            chooseEvents();
            plan.jobs().forEach(this::add);
            List<GitLabJob> all = withBases();
            Map<String, Object> model = new LinkedHashMap<>();
            model.put("stages", java.util.Arrays.stream(Stage.values()).filter(s -> plan.jobs().stream().anyMatch(j -> j.stage() == s)).map(Stage::id).toList());
            model.put("tags", pipelineHas(Event.TAG));
            model.put("scheduled", pipelineHas(Event.SCHEDULE));
            model.put("minutes", TIMEOUT);
            model.put("jobs", all);
            model.put("block", new YamlFormat.Block());
            settings();
            return GeneratedFile.of(FILE, context.templates().fill("pipeline/gitlab-ci/" + FILE, YamlFormat.INSTANCE, model));
        }

        private void settings() {
            notes.setting("branch-protection", "Pipelines must succeed", "Settings > Merge requests > Merge checks; and protect the branch " + plan.defaultBranch());
            notes.parity("one job to require in branch protection", "the merge check “Pipelines must succeed” requires them all");
            if (pipelineHas(Event.SCHEDULE)) {
                notes.setting("schedule", "nightly", "Build > Pipeline schedules: 17 3 * * * on the branch " + plan.defaultBranch());
                notes.parity("a schedule in the file", "a pipeline schedule of the project");
            }
            if (plan.jobs().stream().anyMatch(j -> !j.services().isEmpty())) {
                notes.parity("a health command for a service", "the runner waits until the service's port answers");
            }
        }

        // --- when jobs run ---

        /** A job runs wherever one that needs it runs. */
        private void chooseEvents() {
            for (Job job : plan.jobs()) {
                events.put(job.id(), switch (job.when()) {
                    case CHANGE -> EnumSet.of(Event.PROPOSAL, Event.BRANCH);
                    case PROPOSAL -> EnumSet.of(Event.PROPOSAL);
                    case DEFAULT_BRANCH -> EnumSet.of(Event.BRANCH);
                    case DEFAULT_BRANCH_AND_TAG -> EnumSet.of(Event.BRANCH, Event.TAG);
                    case TAG -> EnumSet.of(Event.TAG);
                    case SCHEDULE -> EnumSet.of(Event.SCHEDULE);
                });
            }
            boolean isChanged = true;
            while (isChanged) {
                isChanged = false;
                for (Job job : plan.jobs()) {
                    for (String need : job.needs()) {
                        isChanged |= events.getOrDefault(need, EnumSet.noneOf(Event.class)).addAll(events.get(job.id()));
                    }
                }
            }
        }

        private boolean pipelineHas(Event event) {
            return event == Event.PROPOSAL || event == Event.BRANCH || events.values().stream().anyMatch(e -> e.contains(event)) || event == Event.SCHEDULE && plan.isNightly();
        }

        /** None where the job is in every pipeline. */
        private List<Rule> rules(Set<Event> wanted, ChangeFilter filter, boolean approval) {
            List<String> changes = filter == null ? List.of() : changes(filter);
            Set<Event> others = EnumSet.noneOf(Event.class);
            java.util.Arrays.stream(Event.values()).filter(e -> pipelineHas(e) && !wanted.contains(e)).forEach(others::add);
            boolean isPlain = !approval && (changes.isEmpty() || !wanted.contains(Event.PROPOSAL));
            if (isPlain && others.isEmpty()) {
                return List.of();
            }
            if (isPlain && wanted.size() > 1) {
                return List.of(new Rule(others.stream().map(e -> e.otherwise).collect(Collectors.joining(" && ")), List.of(), ""));
            }
            List<Rule> rules = new ArrayList<>();
            for (Event event : wanted) {
                // A schedule runs on a branch too.
                boolean isOther = event == Event.BRANCH && others.contains(Event.SCHEDULE);
                String condition = event.condition + (isOther ? " && " + Event.SCHEDULE.otherwise : "");
                rules.add(new Rule(condition, event == Event.PROPOSAL ? changes : List.of(), approval ? "manual" : ""));
            }
            return rules;
        }

        /** A folder stands for all below it. More than GitLab takes are left out: then the job always runs. */
        private List<String> changes(ChangeFilter filter) {
            Set<String> folders = new TreeSet<>();
            Set<String> files = new TreeSet<>();
            for (Job job : plan.jobs()) {
                job.toolchains().forEach(t -> {
                    folders.add(t.folder());
                    files.addAll(t.lockFiles());
                });
                job.each().forEach(e -> folders.add(e.path()));
            }
            List<String> patterns = new ArrayList<>();
            for (String path : filter.paths()) {
                String literal = path.replaceAll("[$*?\\[\\]{}\\\\]", "?");
                boolean isFolder = folders.contains(path) || context.facts().packages().contains(path);
                boolean isFile = files.contains(path) || !isFolder && Project.nameOf(path).matches("(?i).+\\.(json|toml|ya?ml|lock|lockb|xml|gradle|kts|mod|sum|work|sln|props|txt|cfg)|[a-z]+file");
                if (!isFile) {
                    patterns.add(literal + "/**/*");
                }
                if (!isFolder) {
                    patterns.add(literal);
                }
            }
            patterns.add(FILE);
            return patterns.size() > MOST_CHANGES ? List.of() : patterns;
        }

        // --- jobs ---

        private void add(Job job) {
            GitLabSetup setup = new GitLabSetup(job, context, notes);
            Setup base = setup.setup();
            Draft draft = draft(job, setup, base);
            List<Rule> rules = job.each().isEmpty() ? rules(events.get(job.id()), job.filter(), job.approval()) : List.of();
            if (job.needsOwnBranch()) {
                rules = rules.stream().map(r -> new Rule(r.condition() + " && " + OWN_BRANCH, r.changes(), r.when())).toList();
            }
            List<Need> needs = needs(job);
            Environment environment = job.deploys() ? new Environment(job.target(), "", true) : draft.environment;
            GitLabJob view = new GitLabJob(name(job), "", List.of(), job.stage().id(), draft.setup == null ? base : draft.setup, draft.image,
                    List.copyOf(draft.services), draft.variables, draft.idTokens, rules, needs, needs == null ? downloads(job) : null, job.matrix() == null ? Map.of() : setup.matrix(job.matrix().always()),
                    List.of(), "", List.copyOf(draft.script), draft.artifacts(), draft.coverage, environment, job.deploys(), List.copyOf(draft.warningExits),
                    draft.release, job.timeoutMinutes());
            if (view.script().isEmpty()) {
                return;
            }
            jobs.add(view);
            job.each().forEach(e -> jobs.add(view.forPackage(name(job, e), e.path(), rules(events.get(job.id()), e.filter(), false), keyFiles(job, e, base))));
            if (job.matrix() != null && job.matrix().nightly().size() > job.matrix().always().size()) {
                jobs.add(view.again(view.name() + ":nightly", "all versions; a change is checked on the lowest and the highest only",
                        List.of(new Rule(Event.SCHEDULE.condition, List.of(), "")), setup.matrix(job.matrix().nightly())));
            }
        }

        private Draft draft(Job job, GitLabSetup setup, Setup base) {
            Draft draft = new Draft();
            GitLabDelivery delivery = new GitLabDelivery(context, notes);
            draft.image = setup.ownImage();
            services(job, draft);
            if (job.hasSubmodules()) {
                draft.variables.put("GIT_SUBMODULE_STRATEGY", "recursive");
            }
            boolean buildsImages = job.steps().stream().anyMatch(Step.Image.class::isInstance);
            // What is only checked or built asks for no daemon.
            boolean wantsDaemon = job.docker() && job.stage() == Stage.TEST || setup.wantsDocker();
            if (wantsDaemon && !buildsImages) {
                draft.services.add(delivery.daemon());
                draft.variables.putAll(GitLabDelivery.DOCKER);
                draft.variables.put("TESTCONTAINERS_HOST_OVERRIDE", "docker");
            }
            
            setup.ofJob(draft);
            for (Step step : job.steps()) {
                if (step instanceof Step.Run run) {
                    draft.run(run);
                    setup.afterRun(run, draft);
                } else if (step instanceof Step.Report report) {
                    draft.report(report, notes);
                } else if (step instanceof Step.Upload upload) {
                    upload.globs().stream().map(Draft::path).forEach(draft.paths::add);
                    draft.keepDays = upload.keepDays();
                } else if (step instanceof Step.ScanSource) {
                    delivery.scanSource(draft);
                } else if (step instanceof Step.Image image) {
                    delivery.image(draft, image.image(), image.push());
                } else if (step instanceof Step.Publish publish) {
                    delivery.publish(draft, publish);
                } else if (step instanceof Step.Deploy deploy) {
                    delivery.deploy(draft, deploy.release());
                } else if (step instanceof Step.DetectDrift drift) {
                    delivery.drift(draft, drift);
                } else if (step instanceof Step.PreviewChange preview) {
                    delivery.preview(draft, preview);
                }
            }
            return draft;
        }

        private void services(Job job, Draft draft) {
            for (Job.ServiceContainer service : job.services()) {
                Map<String, String> variables = escaped(ServiceHosts.inEnvironment(service.environment(), List.of(service)));
                // A name with a dot is no variable of a shell or of GitLab; the one image that wants such takes them as arguments.
                List<String> dotted = variables.keySet().stream().filter(k -> k.contains(".")).toList();
                List<String> command = new ArrayList<>(dotted.isEmpty() ? List.of() : List.of(service.name()));
                dotted.forEach(k -> command.add("-E" + k + "=" + variables.remove(k)));
                variables.put("HEALTHCHECK_TCP_PORT", String.valueOf(service.port()));
                draft.services.add(new Service(service.image(), service.name(), command, variables));
            }
            Map<String, String> environment = ServiceHosts.inEnvironment(job.environment(), job.services());
            draft.variables.putAll(escaped(environment));
            List<Job.ServiceContainer> unnamed = job.services().stream()
                    .filter(s -> environment.values().stream().noneMatch(v -> Pattern.compile("\\b" + Pattern.quote(s.name()) + "\\b").matcher(v).find())).toList();
            if (!unnamed.isEmpty()) {
                draft.add("apt-get update && apt-get install --yes --no-install-recommends socat", "no variable says where to look, so that they are looked for at localhost");
                unnamed.forEach(s -> draft.add("socat TCP-LISTEN:" + s.port() + ",fork,reuseaddr TCP:" + s.name() + ":" + s.port() + " &"));
                notes.parity("services at localhost", "their ports are forwarded where no variable tells the tests of another host");
            }
        }

        /** GitLab fills in what looks like a variable. */
        private static Map<String, String> escaped(Map<String, String> environment) {
            Map<String, String> escaped = new TreeMap<>();
            environment.forEach((key, value) -> escaped.put(key, value.replace("$", "$$")));
            return escaped;
        }

        private static String name(Job job) {
            String name = RESERVED.contains(job.id()) ? job.stage().id() + "-" + job.id() : job.id();
            return job.each().isEmpty() ? name : "." + name;
        }

        private static String name(Job job, Job.Each each) {
            return job.id() + ":" + each.path();
        }

        /** Each package's own lock files, where they are not those that the base names. */
        private static List<String> keyFiles(Job job, Job.Each each, Setup base) {
            if (base.cache() == null) {
                return List.of();
            }
            List<String> own = GitLabSetup.keyFiles(job.toolchains().get(0), each.path());
            return own.equals(base.cache().files()) ? List.of() : own;
        }

        /** Null where all earlier stages say the same shorter, and where GitLab would refuse so many. */
        private List<Need> needs(Job job) {
            List<Need> needs = new ArrayList<>();
            Set<String> downloads = job.steps().stream().filter(Step.Download.class::isInstance).map(s -> ((Step.Download) s).artifact()).collect(Collectors.toSet());
            for (String id : job.needs()) {
                Job needed = plan.job(id).orElse(null);
                if (needed == null) {
                    continue;
                }
                boolean isProposed = events.get(job.id()).contains(Event.PROPOSAL);
                boolean isUnwanted = needed.steps().stream().anyMatch(s -> s instanceof Step.Upload upload && !downloads.contains(upload.artifact()));
                if (needed.each().isEmpty()) {
                    needs.add(new Need(name(needed), isProposed && needed.filter() != null, isUnwanted));
                } else {
                    needed.each().forEach(e -> needs.add(new Need(name(needed, e), isProposed && e.filter() != null, isUnwanted)));
                }
            }
            return needs.size() > MOST_NEEDS || needs.size() > READABLE_NEEDS && isAllBefore(job) ? null : needs;
        }

        /** Are there no other checks in the stages before? That it waits for a scan too does no harm. */
        private boolean isAllBefore(Job job) {
            return plan.jobs().stream().filter(j -> j.stage().compareTo(job.stage()) < 0 && j.stage() != Stage.SECURITY && j.when() != Job.When.PROPOSAL)
                    .allMatch(j -> job.needs().contains(j.id())) && job.needs().stream().allMatch(id -> plan.job(id).filter(j -> j.stage().compareTo(job.stage()) < 0).isPresent());
        }

        /** The jobs of whose artifacts this one has use. */
        private List<String> downloads(Job job) {
            Set<String> wanted = job.steps().stream().filter(Step.Download.class::isInstance).map(s -> ((Step.Download) s).artifact()).collect(Collectors.toSet());
            return plan.jobs().stream().filter(j -> j.steps().stream().anyMatch(s -> s instanceof Step.Upload upload && wanted.contains(upload.artifact()))).map(Renderer::name).toList();
        }

        // --- what several jobs have in common ---

        /** The hidden jobs first, each before those that extend it. */
        private List<GitLabJob> withBases() {
            Map<Setup, GitLabJob> setups = new LinkedHashMap<>();
            Map<Setup, List<GitLabJob>> alike = jobs.stream().filter(j -> j.setup() != null).collect(Collectors.groupingBy(j -> j.setup().common(), LinkedHashMap::new, Collectors.toList()));
            Set<String> names = new TreeSet<>(jobs.stream().map(GitLabJob::name).toList());
            alike.forEach((setup, users) -> {
                if (users.size() > 1 && !setup.equals(Setup.of(setup.name(), null))) {
                    String name = "." + setup.name();
                    for (int n = 2; !names.add(name); n++) {
                        name = "." + setup.name() + "-" + n;
                    }
                    setups.put(setup, GitLabJob.hidden(name, users.get(0).setup()));
                }
            });
            List<GitLabJob> all = new ArrayList<>(setups.values());
            for (GitLabJob job : jobs) {
                GitLabJob base = job.setup() == null ? null : setups.get(job.setup().common());
                GitLabJob view = base == null ? job : job.extending(base);
                boolean isCached = base != null && base.setup().cache() != null;
                all.add(isCached && pulls(job, alike.get(job.setup().common())) ? view.pulling() : view);
            }
            return all;
        }

        /** One job that runs in every pipeline fills the cache: a test, since tests need all dependencies. */
        private static boolean pulls(GitLabJob job, List<GitLabJob> users) {
            boolean isPerJob = job.setup().cache().prefix().contains("$CI_JOB_NAME");
            GitLabJob filler = users.stream().filter(u -> u.rules().stream().allMatch(r -> r.changes().isEmpty())).filter(u -> u.stage().equals(Stage.TEST.id())).findFirst().orElse(null);
            boolean isSame = filler != null && filler.setup().cache().equals(job.setup().cache());
            return !isPerJob && isSame && !filler.name().startsWith(".") && filler != job;
        }
    }
}
