package lib.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.plan.Job;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.Step;
import lib.render.Rendering.CiPlatform.Context;
import lib.render.GitLabCi.Notes;
import lib.render.GitLabJob.Cache;
import lib.render.GitLabJob.Draft;
import lib.render.GitLabJob.Draft;
import lib.render.GitLabJob.Image;
import lib.render.GitLabJob.Line;
import lib.render.GitLabJob.Setup;
import lib.scan.Finding;

/**
 * The image, the first commands and the cache of a job. What each language needs is {@link ContainerSetup}'s business.
 *
 * <p>GitLab caches only what lies inside the project, where formatters and linters that are told to look at everything find it too. So
 * each cache lies where the tools of its language don't look, or holds nothing that they would read.
 */
final class GitLabSetup {
    private static final String HERE = "$CI_PROJECT_DIR/";
    /** Two is what the platform takes. */
    private static final int KEY_FILES = 2;
    /** Linters whose image has the runtime too, or needs none. */
    private static final Map<String, String> LINTERS = Map.of("golangci-lint", "go", "hadolint", "docker", "hugo", "hugo");
    /** Images that start a program of their own instead of a shell. */
    private static final Pattern PROGRAM = Pattern.compile("(hashicorp/terraform|ghcr\\.io/(opentofu|terraform-linters|gohugoio|realm)|alpine/helm|quay\\.io/helmpack|helmunittest/|hadolint/|golangci/).*");

    private final Job job;
    private final Context context;
    private final Notes notes;
    private final ContainerSetup container;
    private final Optional<Step.UseTool> linter;
    private final Map<String, String> variables = new LinkedHashMap<>();
    private final List<Line> before = new ArrayList<>();
    private final List<Line> after = new ArrayList<>();
    private final List<String> paths = new ArrayList<>();
    private String prefix = "";

    GitLabSetup(Job job, Context context, Notes notes) {
        this.job = job;
        this.context = context;
        this.notes = notes;
        this.container = new ContainerSetup(job, context, "", false);
        String runtime = toolchain().map(Toolchain::runtime).orElse("");
        this.linter = tools().filter(t -> runtime.equals(LINTERS.get(t.name())) && isWanted(t.name())).findFirst()
                .filter(t -> context.pins().tool(t.name()).filter(p -> !p.image().isEmpty()).isPresent());
    }

    /** What jobs of one toolchain have in common; its image is that of the version outside of a matrix. */
    Setup setup() {
        Toolchain t = toolchain().orElse(null);
        if (t == null) {
            return Setup.of(job.id(), image(container.image()));
        }
        if (!t.runtime().equals("rust")) {
            container.ofToolchain().stream().filter(l -> !isConditional(l)).forEach(l -> before.addAll(lines(l)));
        }
        if (job.cache() && !t.lockFiles().isEmpty()) {
            cache(t);
        }
        Cache cache = paths.isEmpty() ? null : new Cache(prefix, keyFiles(t, job.each().isEmpty() ? "" : job.each().get(0).path()), List.copyOf(paths));
        return new Setup(t.runtime(), image(container.image()), List.of(), variables, Map.of(), cache, List.copyOf(before), List.copyOf(after));
    }

    /** A linter that no command names is for the job that lints. */
    private boolean isWanted(String tool) {
        return job.stage() == Stage.LINT || !job.each().isEmpty() || commands().anyMatch(c -> calls(c, tool));
    }

    /** What only some versions of a matrix need is no part of what all jobs have in common. */
    private static boolean isConditional(ContainerSetup.Line line) {
        return line.run().startsWith("command -v ");
    }

    // --- images ---

    private static Image image(String name) {
        return new Image(name, PROGRAM.matcher(name).matches());
    }

    /** Other than the toolchain's own, or null. */
    Image ownImage() {
        if (job.matrix() != null && toolchain().isPresent()) {
            return patterned().orElse(new Image("$IMAGE", image(container.image()).clearsEntrypoint()));
        }
        return linter.flatMap(t -> context.pins().tool(t.name()).map(p -> image(p.image().replace(p.version(), version(t))))).orElse(null);
    }

    private String version(Step.UseTool tool) {
        return ContainerSetup.exact(context.pins(), tool.name(), tool.version());
    }

    /** One name for all versions of a matrix, with a variable in the place of the version; none where the names differ in more. */
    private Optional<Image> patterned() {
        List<String> versions = job.matrix().nightly();
        List<String> images = container.images(versions);
        Set<String> names = new java.util.LinkedHashSet<>();
        for (int i = 0; i < versions.size(); i++) {
            names.add(images.get(i).replaceFirst("(?<![0-9.])" + Pattern.quote(versions.get(i)) + "(?![0-9.])", "\\${" + variable() + "}"));
        }
        // Without braces where the name ends of itself.
        return names.size() == 1 ? Optional.of(image(names.iterator().next().replaceAll("\\{(\\w+)\\}(?!\\w)", "$1"))) : Optional.empty();
    }

    /** The values of a matrix: versions, or whole images. */
    Map<String, List<String>> matrix(List<String> versions) {
        return patterned().isPresent() ? Map.of(variable(), versions) : Map.of("IMAGE", container.images(versions));
    }

    private String variable() {
        return job.matrix().runtime().toUpperCase(Locale.ROOT).replace('-', '_') + "_VERSION";
    }

    // --- commands ---

    /** What this job needs beyond what all jobs of its toolchain do. */
    void ofJob(Draft draft) {
        Toolchain t = toolchain().orElse(null);
        if (t != null && t.runtime().equals("rust")) {
            rust(t, draft);
        }
        if (t != null && t.manager().equals("uv") && job.matrix() != null) {
            draft.variables.put("UV_PYTHON", "$" + variable());
        }
        if (ContainerSetup.isRolledForward(job)) {
            notes.parity("tests on several runtimes of .NET", "the SDK's image has one runtime: tests for an older one run on it, by DOTNET_ROLL_FORWARD");
        }
        container.environment().forEach((name, value) -> {
            if (!name.equals("BUNDLE_PATH")) {
                draft.variables.put(name, value);
            }
        });
        container.ofToolchain().stream().filter(GitLabSetup::isConditional).forEach(l -> draft.add(lines(l)));
        boolean wantsCluster = wantsCluster();
        for (ContainerSetup.Line line : container.ofTools()) {
            String tool = line.title().replaceFirst("^Install ", "");
            boolean isInImage = linter.filter(l -> l.name().equals(tool)).isPresent();
            boolean isUnused = tool.equals("kind") && !wantsCluster || LINTERS.containsKey(tool) && !isWanted(tool);
            if (!isInImage && !isUnused) {
                draft.add(lines(line));
            }
        }
        if (wantsCluster) {
            cluster(draft);
        }
        container.missing().forEach(tool -> notes.findings().add(Finding.warning("tool-without-installer", "nothing installs " + tool + " in job " + job.id() + " on GitLab",
                "install it in a step before, or in the image")));
    }

    /** What can be brought only when the dependencies are there. */
    void afterRun(Step.Run run, Draft draft) {
        if (run.title().equals("Install dependencies")) {
            container.after().forEach(l -> draft.add(lines(l)));
        }
    }

    /** Components belong to a toolchain, which a file in the project's folder may choose. */
    private void rust(Toolchain t, Draft draft) {
        container.ofToolchain().stream().filter(l -> !l.run().startsWith("rustup component")).forEach(l -> draft.add(lines(l)));
        List<String> parts = new ArrayList<>();
        if (commands().anyMatch(c -> c.contains("clippy"))) {
            parts.add("clippy");
        }
        if (commands().anyMatch(c -> c.contains("cargo fmt") || c.contains("rustfmt"))) {
            parts.add("rustfmt");
        }
        if (!parts.isEmpty()) {
            draft.enter(t.versionFile().isEmpty() ? "." : t.folder());
            draft.add("rustup component add " + String.join(" ", parts));
        }
    }

    boolean wantsCluster() {
        return tools().anyMatch(t -> t.name().equals("kind")) && commands().anyMatch(c -> calls(c, "kind") || c.startsWith("ct install"));
    }

    boolean wantsDocker() {
        return wantsCluster() || tools().anyMatch(t -> t.name().equals("docker"));
    }

    /** In the daemon beside the job, which is reached by its name. */
    private static void cluster(Draft draft) {
        draft.add("""
                kind create cluster --wait 2m --config - <<EOF
                kind: Cluster
                apiVersion: kind.x-k8s.io/v1alpha4
                networking:
                  apiServerAddress: 0.0.0.0
                kubeadmConfigPatches:
                  - |
                    kind: ClusterConfiguration
                    apiServer:
                      certSANs: [docker, localhost, 127.0.0.1]
                EOF""");
        draft.add("sed -i 's/0\\.0\\.0\\.0/docker/' ~/.kube/config");
    }

    private static List<Line> lines(ContainerSetup.Line line) {
        return lines(line.run());
    }

    /** Each command as a line of its own. */
    static List<Line> lines(String run) {
        return Stream.of(run.replaceAll("\\\\\\n\\s*", "").split("\\n")).filter(l -> !l.isBlank()).map(Line::of).toList();
    }

    // --- caches ---

    private void cache(Toolchain t) {
        if (t.lockFiles().size() > KEY_FILES) {
            notes.parity("a cache key of more than two files", "the key is made of the first two; what changed in the others is downloaded");
        }
        String eachJob = "$CI_JOB_NAME_SLUG";
        switch (t.manager()) {
            case "npm" -> cache("npm", "npm_config_cache", ".npm", ".npm/");
            // Up to version 10 it reads npm's variables, since 11 only its own.
            case "pnpm" -> cache("pnpm", before.stream().anyMatch(l -> l.text().matches(".* pnpm@([1-9]|10)(\\..*)?")) ? "npm_config_store_dir" : "pnpm_config_store_dir",
                    "node_modules/.pnpm-store", "node_modules/.pnpm-store/");
            case "yarn" -> cache("yarn", "YARN_CACHE_FOLDER", ".yarn-cache", ".yarn-cache/");
            case "yarn-berry" -> cache("yarn", "YARN_GLOBAL_FOLDER", ".yarn-global", ".yarn-global/cache/");
            case "bun" -> cache("bun", "BUN_INSTALL_CACHE_DIR", "node_modules/.bun-cache", "node_modules/.bun-cache/");
            case "deno" -> cache("deno", "DENO_DIR", "node_modules/.deno", "node_modules/.deno/");
            case "pip", "pipenv", "hatch" -> cache("pip", "PIP_CACHE_DIR", ".cache/pip", ".cache/pip/");
            case "pdm" -> cache("pdm", "PDM_CACHE_DIR", ".cache/pdm", ".cache/pdm/");
            case "poetry" -> {
                cache("poetry", "POETRY_CACHE_DIR", ".cache/poetry", ".cache/poetry/artifacts/", ".cache/poetry/cache/");
                variables.put("POETRY_VIRTUALENVS_PATH", "/tmp/virtualenvs");
            }
            case "uv" -> {
                cache("uv", "UV_CACHE_DIR", ".cache/uv", ".cache/uv/");
                after.add(new Line("uv cache prune --ci", "what can be downloaded again as quickly is not worth a place in the cache"));
            }
            case "go-modules" -> goCache();
            case "maven" -> {
                cache("maven", "", "", ".m2/");
                variables.put("MAVEN_OPTS", "-Dmaven.repo.local=" + HERE + ".m2/repository");
                if (commands().anyMatch(c -> c.contains("mvnw"))) {
                    variables.put("MAVEN_USER_HOME", HERE + ".m2");
                }
            }
            case "gradle" -> cache("gradle", "GRADLE_USER_HOME", ".gradle", ".gradle/caches/", ".gradle/wrapper/");
            case "sbt" -> cache("sbt", "COURSIER_CACHE", ".cache/coursier", ".cache/coursier/");
            case "cargo" -> cache(eachJob, "CARGO_HOME", ".cache/cargo", ".cache/cargo/registry/index/", ".cache/cargo/registry/cache/", ".cache/cargo/git/db/", in(t, "target/"));
            case "bundler" -> cache("gems", "BUNDLE_PATH", "vendor/ruby", "vendor/ruby/");
            case "composer" -> cache("composer", "COMPOSER_CACHE_DIR", ".cache/composer", ".cache/composer/");
            case "nuget" -> cache("nuget", "NUGET_PACKAGES", ".nuget/packages", ".nuget/packages/");
            case "mix" -> cache(eachJob, "", "", in(t, "deps/"), in(t, "_build/"));
            case "pub" -> cache("pub", "PUB_CACHE", ".pub-cache", ".pub-cache/");
            case "swiftpm" -> cache(eachJob, "", "", in(t, ".build/"));
            case "stack" -> cache(eachJob, "STACK_ROOT", ".stack", ".stack/", in(t, ".stack-work/"));
            case "cabal" -> cache(eachJob, "CABAL_DIR", ".cabal", ".cabal/packages/", ".cabal/store/");
            case "terraform" -> {
                cache("providers", "TF_PLUGIN_CACHE_DIR", ".terraform-plugins", ".terraform-plugins/");
                before.add(Line.of("mkdir -p \"$TF_PLUGIN_CACHE_DIR\""));
            }
            default -> { }
        }
    }

    /** gofmt reads every folder, one with the sources of modules too. So these are unpacked beside the project, and what was downloaded is cached. */
    private void goCache() {
        cache("go", "GOCACHE", ".cache/go-build", ".cache/go-build/", ".cache/go-mod/");
        variables.put("GOMODCACHE", "${CI_PROJECT_DIR}.modules");
        before.add(new Line("mkdir -p .cache/go-mod \"$GOMODCACHE\"", "modules are unpacked beside the project, where gofmt does not find them; their archives are cached"));
        before.add(Line.of("ln -sfn \"$CI_PROJECT_DIR/.cache/go-mod\" \"$GOMODCACHE/cache\""));
    }

    private void cache(String keyPrefix, String variable, String folder, String... cachedPaths) {
        prefix = keyPrefix;
        if (!variable.isEmpty()) {
            variables.put(variable, HERE + folder);
        }
        paths.addAll(List.of(cachedPaths));
    }

    /** @param each the package that the job runs for, or empty */
    static List<String> keyFiles(Toolchain t, String each) {
        return t.lockFiles().stream().map(f -> f.replace(Job.EACH, each)).limit(KEY_FILES).toList();
    }

    // --- parts ---

    private static String in(Toolchain t, String path) {
        return t.folder().equals(".") ? path : t.folder().equals(Job.EACH) ? "$PACKAGE/" + path : Draft.path(t.folder()) + "/" + path;
    }

    private Optional<Toolchain> toolchain() {
        return job.toolchains().stream().findFirst();
    }

    private Stream<Step.UseTool> tools() {
        return job.steps().stream().filter(Step.UseTool.class::isInstance).map(Step.UseTool.class::cast);
    }

    private Stream<String> commands() {
        return job.steps().stream().filter(Step.Run.class::isInstance).map(s -> ((Step.Run) s).command());
    }

    private static boolean calls(String command, String program) {
        return (" " + command.replaceAll("[;&|()\\n]+", " ") + " ").contains(" " + program + " ");
    }
}
