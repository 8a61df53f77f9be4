package lib.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lib.plan.CheckJobs.Packed;
import lib.plan.Job.Grant;
import lib.plan.Job.Stage;
import lib.plan.Job.When;
import lib.plan.PipelinePlan.PlanOptions;
import lib.plan.Step.ContainerImage;
import lib.plan.Step.Release;
import lib.scan.Command.CommandKind;
import lib.scan.Component.Publication;
import lib.scan.Component;
import lib.scan.Finding;
import lib.scan.Project;
import lib.scan.ProjectFacts.Dockerfile;
import lib.scan.ProjectFacts.TerraformFolder;
import lib.scan.ProjectFacts;

/** Plans what comes after the checks: the scan, images, publishing, deployments. Each only with evidence, the last only when asked for. */
final class DeliveryJobs {
    /** Helm keeps a record of each revision under the release's name, with more behind it. */
    private static final int MAX_LABEL = 53;

    private final ProjectFacts facts;
    private final PlanOptions options;
    private final Versions versions;
    private final Pins pins;
    private final List<Job> before;
    private final Map<String, Packed> packed;
    /** What must have passed before anything leaves the pipeline: the scan is one of them, on tags as on branches. */
    private final List<String> checks;
    private final List<Job> jobs = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    /** @param before the jobs that must pass before anything is published @param packed what they pack for registries */
    DeliveryJobs(ProjectFacts facts, PlanOptions options, Versions versions, Pins pins, List<Job> before, Map<String, Packed> packed) {
        this.packed = packed;
        this.facts = facts;
        this.options = options;
        this.versions = versions;
        this.pins = pins;
        this.before = before;
        this.checks = new ArrayList<>(before.stream().map(Job::id).toList());
    }

    List<Finding> findings() {
        return findings;
    }

    List<Job> plan() {
        if (options.has(Stage.SECURITY) && !facts.components().isEmpty()) {
            jobs.add(Job.of("security", "Scan for vulnerabilities and secrets", Stage.SECURITY).timeoutMinutes(10).step(new Step.ScanSource()).build());
            checks.add("security");
        }
        if (options.scheduledSecurity()) {
            jobs.add(Job.of("scheduled-scan", "Scan for newly known vulnerabilities", Stage.SECURITY).when(When.SCHEDULE).timeoutMinutes(10)
                    .step(new Step.ScanSource()).build());
        }
        if (options.has(Stage.PACKAGE)) {
            images();
        }
        if (options.has(Stage.PUBLISH)) {
            publications();
        }
        if (options.has(Stage.DEPLOY)) {
            deployments();
        }
        drift();
        return jobs;
    }

    /** A night's look at whether the infrastructure is still what its code says: only of what has a state to compare with. */
    private void drift() {
        Set<String> taken = new LinkedHashSet<>();
        for (TerraformFolder root : facts.terraform()) {
            if (root.hasState() && options.has(Stage.DEPLOY)) {
                String suffix = root.path().equals(".") ? "" : "-" + Units.unique(Units.slug(root.path()), taken);
                Job.Builder job = Job.of("drift" + suffix, "Look for drift in " + root.path(), Stage.DEPLOY).when(When.SCHEDULE).timeoutMinutes(20).noCache()
                        .grant(Grant.WRITE_ISSUES).step(new Step.DetectDrift(root.path(), options.deployTo().isEmpty() ? root.cloud() : options.deployTo(), "drift", engine(root)));
                toolchain(root.path(), job);
                if (!root.cloud().isEmpty()) {
                    job.grant(Grant.IDENTITY);
                }
                jobs.add(job.build());
            }
        }
    }

    /** What the folder is written for: a state that a newer one wrote can't be read by the older any more. */
    private Step.Engine engine(TerraformFolder root) {
        return facts.component(root.path(), "terraform").map(c -> RuntimeChoice.of(c, versions)).map(c -> new Step.Engine(c.runtime(), c.version(), root.guard()))
                .orElseGet(() -> new Step.Engine("terraform", versions.runtime("terraform").map(r -> r.defaultLine()).orElse(""), root.guard()));
    }

    private void toolchain(String folder, Job.Builder job) {
        facts.component(folder, "terraform").ifPresent(c -> job.toolchain(CheckJobs.toolchain(c, RuntimeChoice.of(c, versions), folder)));
    }

    // --- images ---

    private void images() {
        List<Dockerfile> shipped = shipped();
        Set<String> taken = new LinkedHashSet<>();
        for (Dockerfile dockerfile : shipped) {
            String name = shipped.size() == 1 ? "" : Units.unique(Units.slug(imageName(dockerfile)), taken);
            ContainerImage image = new ContainerImage(name, dockerfile.path(), context(dockerfile), "",
                    dockerfile.stages().stream().filter(s -> s.matches("tests?")).findFirst().orElse(""), dockerfile.arguments());
            String suffix = name.isEmpty() ? "" : "-" + name;
            String title = name.isEmpty() ? "" : " (" + name + ")";
            Job.Builder built = Job.of("image" + suffix, "Build the image" + title, Stage.PACKAGE).when(When.PROPOSAL).timeoutMinutes(30).docker(true);
            Job.Builder pushed = Job.of("publish-image" + suffix, "Build and push the image" + title, Stage.PACKAGE).when(When.DEFAULT_BRANCH_AND_TAG).needs(checks)
                    .timeoutMinutes(30).docker(true).noCache().grant(Grant.WRITE_PACKAGES, Grant.IDENTITY, Grant.WRITE_ATTESTATIONS);
            if (!dockerfile.built().isEmpty()) {
                Optional<Job> maker = before.stream().filter(j -> kept(j).isPresent() && dockerfile.built().stream().allMatch(b -> makes(j, context(dockerfile), b))).findFirst();
                if (maker.isEmpty()) {
                    findings.add(Finding.warning("image-without-its-files", dockerfile.path() + " copies " + String.join(", ", dockerfile.built())
                            + ", which is not in the project and which no planned job makes: its image is left out",
                            "build it in a stage of the Dockerfile, or let the project's build write it there", dockerfile.evidence()));
                    continue;
                }
                Step.Download download = new Step.Download(kept(maker.get()).get().artifact(), folderOf(kept(maker.get()).get()));
                built.needs(List.of(maker.get().id())).step(download);
                pushed.step(download);
            }
            jobs.add(built.step(new Step.Image(image, false)).build());
            jobs.add(pushed.step(new Step.Image(image, true)).build());
        }
    }

    private static Optional<Step.Upload> kept(Job job) {
        return job.steps().stream().filter(Step.Upload.class::isInstance).map(Step.Upload.class::cast).findFirst();
    }

    /** Does the job keep files of the folder that this one lies in? */
    private static boolean makes(Job job, String context, String file) {
        String path = Project.join(context, file);
        return kept(job).get().globs().stream().anyMatch(g -> Project.isInside(path, plain(g)) || Project.isInside(plain(g), plain(path)));
    }

    /** The folder that an artifact's paths start from: what they all lie in, up to the first wildcard. */
    private static String folderOf(Step.Upload upload) {
        List<String> folders = upload.globs().stream().map(DeliveryJobs::plain).toList();
        return folders.stream().filter(f -> folders.stream().allMatch(other -> Project.isInside(other, f))).findFirst().orElse(".");
    }

    private static String plain(String glob) {
        int wildcard = glob.replaceAll("[*?{\\[].*", "").lastIndexOf('/');
        boolean hasWildcard = !glob.equals(glob.replaceAll("[*?{\\[].*", ""));
        return hasWildcard ? wildcard < 0 ? "." : glob.substring(0, wildcard) : glob;
    }

    /** The one at the root and those beside a component of their own; else whatever there is. Those for development or tests are not shipped. */
    private List<Dockerfile> shipped() {
        List<Dockerfile> all = facts.dockerfiles().stream()
                .filter(d -> !Project.nameOf(d.path()).matches("(?i).*(dev|devel|development|test|tests|ci|local|debug|base)(\\.dockerfile)?$")).toList();
        Set<String> folders = new LinkedHashSet<>(List.of("."));
        facts.components().forEach(c -> folders.add(c.path()));
        List<Dockerfile> placed = all.stream().filter(d -> folders.contains(Project.folderOf(d.path())) && Project.nameOf(d.path()).equals("Dockerfile")).toList();
        return placed.isEmpty() ? all : placed;
    }

    private static String imageName(Dockerfile dockerfile) {
        String folder = Project.folderOf(dockerfile.path());
        String own = Project.nameOf(dockerfile.path()).replaceFirst("(?i)\\.?dockerfile\\.?", "");
        return own.isEmpty() ? folder.equals(".") ? "app" : Project.nameOf(folder) : own;
    }

    /** The folder of a component beside it; else the project, as files in {@code docker/} are written for. */
    private String context(Dockerfile dockerfile) {
        String folder = Project.folderOf(dockerfile.path());
        return facts.components().stream().anyMatch(c -> c.path().equals(folder)) ? folder : ".";
    }

    // --- packages ---

    /** Registries whose clients build what they publish: what a job built before is of no use to them. */
    private static final Set<String> BUILT_AGAIN = Set.of("crates", "maven-central", "github-releases", "packagist", "helm-oci");

    private void publications() {
        Map<String, String> ids = ids();
        for (Component component : facts.components()) {
            for (Publication publication : component.publications()) {
                String registry = publication.registry();
                Packed made = packed.get(CheckJobs.packedKey(component, registry));
                RuntimeChoice choice = RuntimeChoice.of(component, versions);
                List<String> needs = new ArrayList<>(checks);
                needs.addAll(earlier(component, registry, ids));
                Job.Builder job = Job.of(ids.get(CheckJobs.packedKey(component, registry)), isOnly(registry, ids) ? "Publish to " + title(registry) : "Publish " + publication.name() + " to " + title(registry), Stage.PUBLISH).when(When.TAG).needs(needs).timeoutMinutes(20)
                        .noCache().toolchain(CheckJobs.toolchain(component, choice, component.path())).target(registry, false)
                        .grant(registry.equals("github-releases") ? Grant.WRITE_RELEASES : Grant.IDENTITY);
                if (made != null) {
                    job.step(new Step.Download(made.artifact(), made.folder()));
                } else {
                    component.proven(CommandKind.INSTALL).forEach(c -> job.step(new Step.Run("Install dependencies", c.run(), component.path(), Map.of(), c.evidence())));
                    if (!BUILT_AGAIN.contains(registry)) {
                        component.proven(CommandKind.BUILD).forEach(c -> job.step(new Step.Run("Build", c.run(), component.path(), Map.of(), c.evidence())));
                    }
                }
                String manager = component.packageManager() == null ? "" : component.packageManager().id();
                jobs.add(job.step(new Step.Publish(publication, component.ecosystem(), manager, component.path(), made == null ? "" : made.folder())).build());
            }
        }
    }

    /** Of the jobs that publish, by component and registry. */
    private Map<String, String> ids() {
        Map<String, String> ids = new LinkedHashMap<>();
        Set<String> taken = new LinkedHashSet<>();
        for (Component component : facts.components()) {
            for (Publication publication : component.publications()) {
                String id = "publish-" + publication.registry();
                if (!taken.add(id)) {
                    id = Units.unique(id + "-" + Units.slug(component.path().equals(".") ? component.ecosystem() : component.path()), taken);
                }
                ids.put(CheckJobs.packedKey(component, publication.registry()), id);
            }
        }
        return ids;
    }

    private static boolean isOnly(String registry, Map<String, String> ids) {
        return ids.keySet().stream().filter(k -> k.endsWith(" " + registry)).count() == 1;
    }

    /** A registry takes a package only when it has what the package depends on: those are published first. */
    private List<String> earlier(Component component, String registry, Map<String, String> ids) {
        Map<String, Component> byPath = new LinkedHashMap<>();
        facts.components().stream().filter(c -> c.ecosystem().equals(component.ecosystem())).forEach(c -> byPath.putIfAbsent(c.path(), c));
        List<String> order = new ArrayList<>(byPath.values().stream().sorted(java.util.Comparator.comparing(Component::path)).map(Component::path).toList());
        Set<String> reached = reached(component, byPath);
        return order.stream().filter(p -> !p.equals(component.path()) && reached.contains(p) && ids.containsKey(p + " " + registry))
                // Tests may go in a circle, which no order serves: of two that need each other the first by name is first.
                .filter(p -> !reached(byPath.get(p), byPath).contains(component.path()) || p.compareTo(component.path()) < 0)
                .map(p -> ids.get(p + " " + registry)).toList();
    }

    /** Paths of all that it depends on, directly or not. */
    private static Set<String> reached(Component start, Map<String, Component> byPath) {
        Set<String> reached = new LinkedHashSet<>();
        java.util.Deque<String> open = new java.util.ArrayDeque<>(start.dependsOn());
        while (!open.isEmpty()) {
            String next = open.pop();
            if (reached.add(next) && byPath.containsKey(next)) {
                open.addAll(byPath.get(next).dependsOn());
            }
        }
        return reached;
    }

    private static String title(String registry) {
        return switch (registry) {
            case "npm" -> "npm";
            case "pypi" -> "PyPI";
            case "crates" -> "crates.io";
            case "maven-central" -> "Maven Central";
            case "nuget" -> "NuGet";
            case "rubygems" -> "RubyGems";
            case "packagist" -> "Packagist";
            case "helm-oci" -> "the Helm registry";
            default -> "the releases page";
        };
    }

    // --- deployments: staging, then production behind an approval, with the same digest ---

    private void deployments() {
        List<String> published = jobs.stream().filter(j -> j.stage() == Stage.PACKAGE && j.when() == When.DEFAULT_BRANCH_AND_TAG).map(Job::id).toList();
        String imageJob = published.isEmpty() ? "" : published.get(0);
        List<Release> releases = releases(imageJob);
        String before = "";
        for (Release release : releases) {
            List<String> needs = new ArrayList<>(imageJob.isEmpty() ? checks : List.of(imageJob));
            if (!before.isEmpty()) {
                needs.add(before);
            }
            boolean isProduction = release.environment().equals("production");
            Job.Builder job = Job.of("deploy-" + release.environment(), "Deploy to " + release.environment(), Stage.DEPLOY).when(When.DEFAULT_BRANCH)
                    .needs(needs).timeoutMinutes(30).noCache().target(release.environment(), isProduction).step(new Step.Deploy(release));
            if (release.engine() != null) {
                toolchain(release.path(), job);
            }
            if (!release.cloud().isEmpty()) {
                job.grant(Grant.IDENTITY);
            }
            jobs.add(job.build());
            before = "deploy-" + release.environment();
        }
    }

    private List<Release> releases(String imageJob) {
        List<Release> releases = new ArrayList<>();
        for (String environment : List.of("staging", "production")) {
            Release release = release(environment, imageJob);
            if (release != null) {
                releases.add(release);
            }
        }
        return releases;
    }

    /** A name as a cluster takes it for a namespace, and Helm for a release. */
    private static String label(String name) {
        String slug = Units.slug(name);
        return slug.length() > MAX_LABEL ? slug.substring(0, MAX_LABEL).replaceAll("-+$", "") : slug;
    }

    private Release release(String environment, String imageJob) {
        String cloud = options.deployTo();
        if (!facts.helmCharts().isEmpty()) {
            var chart = facts.helmCharts().get(0);
            return new Release(Release.Kind.HELM, chart.path(), label(chart.name()), cloud, environment, imageJob, null);
        }
        var manifests = facts.manifests();
        for (String kind : List.of("kustomize", "kubernetes")) {
            var all = manifests.stream().filter(m -> m.kind().equals(kind)).toList();
            var own = all.stream().filter(m -> m.path().endsWith(environment) || m.path().endsWith(environment.substring(0, 4))).findFirst()
                    .or(() -> all.stream().findFirst());
            if (own.isPresent()) {
                return new Release(kind.equals("kustomize") ? Release.Kind.KUSTOMIZE : Release.Kind.MANIFESTS, own.get().path(), label(facts.name()), cloud,
                        environment, imageJob, null);
            }
        }
        List<TerraformFolder> roots = facts.terraform().stream().filter(TerraformFolder::hasState).toList();
        Optional<TerraformFolder> root = roots.stream().filter(r -> r.path().endsWith(environment) || r.path().endsWith(environment.substring(0, 4))).findFirst()
                .or(() -> roots.size() == 1 && environment.equals("production") ? Optional.of(roots.get(0)) : Optional.empty());
        if (root.isPresent()) {
            return new Release(Release.Kind.TERRAFORM, root.get().path(), facts.name(), cloud.isEmpty() ? root.get().cloud() : cloud, environment, "", engine(root.get()));
        }
        return imageJob.isEmpty() || cloud.isEmpty() ? null : new Release(Release.Kind.CONTAINER_SERVICE, "", facts.name(), cloud, environment, imageJob, null);
    }
}
