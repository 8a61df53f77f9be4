package lib.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.Job;
import lib.plan.Step;
import lib.render.Rendering.CiPlatform.Context;
import lib.render.GitHubJob.WorkflowStep;
import lib.render.Rendering.Setting;
import lib.scan.Component.Output;

/** The steps of one job: check out, set up, run, keep. */
final class GitHubSteps {
    private final Job job;
    private final Context context;
    private final List<Setting> settings;
    private final GitHubDelivery delivery;

    /** @param job null for a job that no plan has; @param settings filled with what the steps rely on */
    GitHubSteps(Job job, Context context, List<Setting> settings) {
        this.job = job;
        this.context = context;
        this.settings = settings;
        this.delivery = new GitHubDelivery(this, settings);
    }

    List<WorkflowStep> steps() {
        List<WorkflowStep> steps = new ArrayList<>();
        boolean isHistoryRead = job.steps().stream().anyMatch(s -> s instanceof Step.Publish publish && DeliveryScripts.readsHistory(publish));
        WorkflowStep checkout = checkout();
        if (job.hasSubmodules()) {
            checkout.with("submodules", "recursive", Step.Submodules.WHY);
        }
        steps.add(isHistoryRead ? checkout.with("fetch-depth", "0", "the version or the notes of a release are made from the history") : checkout);
        GitHubSetup setup = new GitHubSetup(job, this);
        // First: some set-up actions install the dependencies, which are built against these.
        job.steps().stream().filter(Step.SystemPackages.class::isInstance).forEach(s -> steps.add(packages((Step.SystemPackages) s)));
        for (Toolchain toolchain : job.toolchains()) {
            steps.addAll(setup.toolchain(toolchain));
        }
        for (Step step : job.steps()) {
            steps.addAll(step(step, setup));
        }
        return steps;
    }

    WorkflowStep checkout() {
        return action("Check out", "actions/checkout").with("persist-credentials", "false");
    }

    /** A step that uses a pinned action. */
    WorkflowStep action(String name, String action) {
        var pin = context.pins().action(action).orElseThrow(() -> new IllegalStateException("no pin for " + action));
        return new WorkflowStep(name).uses(pin.uses(), pin.version());
    }

    private List<WorkflowStep> step(Step step, GitHubSetup setup) {
        if (step instanceof Step.Run run) {
            return setup.isDoneBySetup(run) ? List.of() : List.of(run(run));
        }
        if (step instanceof Step.SystemPackages || step instanceof Step.Submodules) {
            return List.of();
        }
        if (step instanceof Step.UseTool tool) {
            return setup.tool(tool);
        }
        if (step instanceof Step.Report report) {
            return report(report);
        }
        if (step instanceof Step.Upload upload) {
            return List.of(upload(upload.artifact(), upload.globs(), upload.keepDays(), ""));
        }
        if (step instanceof Step.Download download) {
            return List.of(action("Download " + download.artifact(), "actions/download-artifact").with("name", download.artifact()).with("path", folder(download.folder())));
        }
        if (step instanceof Step.ScanSource) {
            return delivery.scanSource();
        }
        if (step instanceof Step.Image image) {
            return delivery.image(image.image(), image.push());
        }
        if (step instanceof Step.Publish publish) {
            return delivery.publish(publish);
        }
        if (step instanceof Step.Deploy deploy) {
            return delivery.deploy(deploy.release());
        }
        if (step instanceof Step.DetectDrift drift) {
            return delivery.detectDrift(drift);
        }
        if (step instanceof Step.PreviewChange preview) {
            return delivery.preview(preview);
        }
        throw new IllegalStateException("no rendering of " + step);
    }

    private static WorkflowStep packages(Step.SystemPackages packages) {
        return new WorkflowStep("Install system packages")
                .run("sudo apt-get update\nsudo apt-get install --yes --no-install-recommends " + String.join(" ", packages.names()) + "\n");
    }

    private WorkflowStep run(Step.Run run) {
        WorkflowStep step = new WorkflowStep(run.title()).run(run.command()).folder(folder(run.folder()));
        for (Map.Entry<String, String> variable : run.environment().entrySet()) {
            step.env(variable.getKey(), GitHubJob.text(variable.getValue()));
        }
        return step;
    }

    private List<WorkflowStep> report(Step.Report report) {
        if (report.kind() != Output.Kind.JUNIT) {
            return List.of(upload(artifact("coverage"), report.globs(), 7, "${{ !cancelled() }}"));
        }
        WorkflowStep summary = action("Show test results", "mikepenz/action-junit-report").condition("${{ !cancelled() }}")
                .with("report_paths", String.join("\n", report.globs().stream().map(this::folder).toList())).with("annotate_only", "true", "needs no permission to write checks")
                .with("detailed_summary", "true");
        return List.of(summary, upload(artifact("test-results"), report.globs(), 7, "${{ !cancelled() }}"));
    }

    /** Unique in the run: a matrix uploads one for each of its runs. */
    private String artifact(String base) {
        StringBuilder name = new StringBuilder(base);
        if (!job.id().equals("test")) {
            name.append('-').append(job.id());
        }
        if (job.matrix() != null) {
            name.append("-${{ matrix.").append(job.matrix().runtime()).append(" }}");
        }
        if (!job.each().isEmpty()) {
            name.append("-${{ strategy.job-index }}");
        }
        return name.toString();
    }

    private WorkflowStep upload(String artifact, List<String> globs, int days, String condition) {
        WorkflowStep step = action("Keep " + artifact.replaceAll("-?\\$\\{\\{.*", "").replace('-', ' '), "actions/upload-artifact").condition(condition).with("name", artifact)
                .with("path", String.join("\n", globs.stream().map(this::folder).toList())).with("retention-days", String.valueOf(days));
        boolean isHidden = globs.stream().anyMatch(g -> g.startsWith(".") || g.contains("/."));
        return isHidden ? step.with("include-hidden-files", "true") : step;
    }

    /** The folder of each package stands in the matrix. */
    String folder(String path) {
        return GitHubJob.text(path).replace(Job.EACH, "${{ matrix.package }}");
    }

    Job job() {
        return job;
    }

    Context context() {
        return context;
    }

    List<Setting> settings() {
        return settings;
    }
}

/** Knows which action sets up which toolchain, and how each is cached. */
final class GitHubSetup {
    private final Job job;
    private final GitHubSteps steps;
    private boolean bundlerInstalls;

    GitHubSetup(Job job, GitHubSteps steps) {
        this.job = job;
        this.steps = steps;
    }

    /** Some actions install the dependencies themselves, from their cache. */
    boolean isDoneBySetup(Step.Run run) {
        return bundlerInstalls && run.command().equals("bundle install");
    }

    List<WorkflowStep> toolchain(Toolchain t) {
        return switch (t.runtime()) {
            case "node" -> node(t);
            case "bun" -> List.of(bun(version(action("Set up Bun", "oven-sh/setup-bun"), t, "bun-version", "bun-version-file")));
            case "deno" -> List.of(cached(version(action("Set up Deno", "denoland/setup-deno"), t, "deno-version", "deno-version-file"), "cache", "true", t));
            case "python" -> python(t);
            case "go" -> List.of(go(t));
            case "java" -> java(t);
            case "rust" -> rust(t);
            case "ruby" -> List.of(ruby(t));
            case "php" -> php(t);
            case "dotnet" -> List.of(dotnet(t));
            case "elixir" -> List.of(elixir(t));
            case "dart" -> List.of(version(action("Set up Dart", "dart-lang/setup-dart"), t, "sdk", ""));
            case "flutter" -> List.of(cached(version(action("Set up Flutter", "subosito/flutter-action"), t, "flutter-version", "flutter-version-file"), "cache", "true", t));
            case "ghc" -> haskell(t);
            case "zig" -> List.of(version(action("Set up Zig", "mlugg/setup-zig"), t, "version", ""));
            case "swift" -> List.of(version(action("Set up Swift", "swift-actions/setup-swift"), t, "swift-version", ""));
            case "terraform" -> List.of(version(action("Set up Terraform", "hashicorp/setup-terraform"), t, "terraform_version", "terraform_version_file")
                    .with("terraform_wrapper", "false", "the wrapper hides exit codes"));
            case "tofu" -> List.of(version(action("Set up OpenTofu", "opentofu/setup-opentofu"), t, "tofu_version", "tofu_version_file").with("tofu_wrapper", "false"));
            case "helm" -> List.of(action("Set up Helm", "azure/setup-helm").with("version", "v" + (t.version().matches("\\d+\\.\\d+\\.\\d+") ? t.version() : toolVersion("helm", ""))));
            default -> List.of();
        };
    }

    // --- languages ---

    private List<WorkflowStep> node(Toolchain t) {
        List<WorkflowStep> list = new ArrayList<>();
        boolean isBerry = t.manager().equals("yarn-berry");
        if (t.manager().equals("pnpm")) {
            // Before setup-node, whose cache asks pnpm where its store is. Without a version the action reads packageManager of package.json.
            WorkflowStep pnpm = action("Set up pnpm", "pnpm/action-setup");
            String version = t.managerVersion().isEmpty() ? steps.context().versions().runtime("pnpm").map(r -> r.defaultLine()).orElse("10") : t.managerVersion();
            list.add(t.managerDeclared() ? t.folder().equals(".") || t.lockFiles().stream().allMatch(f -> !f.contains("/")) ? pnpm
                    : pnpm.with("package_json_file", steps.folder(t.folder()) + "/package.json") : pnpm.with("version", GitHubJob.text(version)));
        }
        if (isBerry) {
            // Before setup-node, whose cache asks Yarn; with the runner's own Node.js, since newer ones bring no Corepack.
            list.add(new WorkflowStep("Enable Corepack").run("sudo corepack enable").comment("it brings the Yarn that package.json names"));
        }
        WorkflowStep node = version(action("Set up Node.js", "actions/setup-node"), t, "node-version", "node-version-file");
        boolean isCached = job.cache() && !t.lockFiles().isEmpty() && List.of("npm", "pnpm", "yarn", "yarn-berry").contains(t.manager());
        if (isCached) {
            node.with("cache", isBerry ? "yarn" : t.manager());
            if (!t.lockFiles().get(0).matches("[^/]*")) {
                node.with("cache-dependency-path", steps.folder(t.lockFiles().get(0)));
            }
        } else {
            node.with("package-manager-cache", "false", job.cache() ? "there is no lock file to key it on" : "what is published is built from scratch");
        }
        list.add(node);
        if (t.manager().equals("bun")) {
            list.add(bun(action("Set up Bun", "oven-sh/setup-bun").with("bun-version", toolVersion("bun", t.managerVersion()))));
        }
        return list;
    }

    private WorkflowStep bun(WorkflowStep step) {
        return job.cache() ? step : step.with("no-cache", "true", "what is published is built from scratch");
    }

    private List<WorkflowStep> python(Toolchain t) {
        List<WorkflowStep> list = new ArrayList<>();
        if (t.manager().equals("uv")) {
            WorkflowStep uv = action("Set up uv", "astral-sh/setup-uv").with("version", toolVersion("uv", t.managerVersion()));
            if (!t.version().isEmpty() && t.versionFile().isEmpty()) {
                uv.with("python-version", value(t));
            }
            list.add(uv.with("enable-cache", String.valueOf(job.cache() && !t.lockFiles().isEmpty())));
            return list;
        }
        boolean hasTool = List.of("poetry", "pdm", "pipenv", "hatch").contains(t.manager());
        WorkflowStep python = version(action("Set up Python", "actions/setup-python"), t, "python-version", "python-version-file");
        if (hasTool) {
            // Before setup-python, whose cache asks the manager where it keeps environments.
            list.add(new WorkflowStep("Install " + t.manager()).run("pipx install " + t.manager() + "==" + toolVersion(t.manager(), t.managerVersion())));
        }
        if (job.cache() && !t.lockFiles().isEmpty() && List.of("pip", "pipenv", "poetry").contains(t.manager())) {
            python.with("cache", t.manager());
            if (t.lockFiles().size() > 1 || !t.lockFiles().get(0).matches("requirements.txt|Pipfile.lock|poetry.lock")) {
                python.with("cache-dependency-path", String.join("\n", t.lockFiles().stream().map(steps::folder).toList()));
            }
        }
        list.add(python);
        return list;
    }

    private WorkflowStep go(Toolchain t) {
        WorkflowStep go = action("Set up Go", "actions/setup-go");
        version(go, t, "go-version", "go-version-file");
        if (!job.cache() || t.lockFiles().isEmpty()) {
            return go.with("cache", "false", job.cache() ? "there is no go.sum to key it on" : "what is published is built from scratch");
        }
        return t.lockFiles().equals(List.of("go.sum")) ? go : go.with("cache-dependency-path", String.join("\n", t.lockFiles().stream().map(steps::folder).toList()));
    }

    private List<WorkflowStep> java(Toolchain t) {
        List<WorkflowStep> list = new ArrayList<>();
        WorkflowStep java = action("Set up Java", "actions/setup-java").with("distribution", "temurin");
        version(java, t, "java-version", "java-version-file");
        if (job.cache() && List.of("maven", "sbt").contains(t.manager())) {
            java.with("cache", t.manager());
        }
        list.add(java);
        switch (t.manager()) {
            case "gradle" -> {
                WorkflowStep gradle = action("Set up Gradle", "gradle/actions/setup-gradle");
                list.add(job.cache() ? gradle : gradle.with("cache-disabled", "true", "what is published is built from scratch"));
            }
            case "sbt" -> list.add(action("Set up sbt", "sbt/setup-sbt"));
            case "lein" -> list.add(action("Set up Leiningen", "DeLaGuardo/setup-clojure").with("lein", toolVersion("leiningen", t.managerVersion())));
            case "clojure", "deps" -> list.add(action("Set up Clojure", "DeLaGuardo/setup-clojure").with("cli", toolVersion("clojure", t.managerVersion())));
            default -> { }
        }
        return list;
    }

    private List<WorkflowStep> rust(Toolchain t) {
        List<WorkflowStep> list = new ArrayList<>();
        String install = "rustup toolchain install --profile minimal --component clippy --component rustfmt --no-self-update";
        list.add(t.versionFile().isEmpty()
                ? new WorkflowStep("Set up Rust").env("RUSTUP_TOOLCHAIN", value(t)).run(install + " \"$RUSTUP_TOOLCHAIN\"\nrustup default \"$RUSTUP_TOOLCHAIN\"\n")
                : new WorkflowStep("Set up Rust").run("rustup toolchain install").comment("the version that " + t.versionFile() + " names").folder(steps.folder(t.folder())));
        if (job.cache()) {
            WorkflowStep cache = action("Cache dependencies", "Swatinem/rust-cache");
            list.add(t.folder().equals(".") ? cache : cache.with("workspaces", steps.folder(t.folder())));
        }
        return list;
    }

    private WorkflowStep ruby(Toolchain t) {
        WorkflowStep ruby = version(action("Set up Ruby", "ruby/setup-ruby"), t, "ruby-version", "");
        if (!t.folder().equals(".")) {
            ruby.with("working-directory", steps.folder(t.folder()));
        }
        bundlerInstalls = job.cache();
        return ruby.with("bundler-cache", String.valueOf(job.cache()), job.cache() ? "installs the gems, from the cache where it can" : "what is published is built from scratch");
    }

    private List<WorkflowStep> php(Toolchain t) {
        List<WorkflowStep> list = new ArrayList<>();
        WorkflowStep php = version(action("Set up PHP", "shivammathur/setup-php"), t, "php-version", "php-version-file");
        if (!t.extensions().isEmpty()) {
            php.with("extensions", GitHubJob.text(String.join(", ", t.extensions())));
        }
        list.add(php.with("coverage", "none").with("tools", "composer:v2"));
        if (job.cache() && !t.lockFiles().isEmpty()) {
            list.add(action("Cache Composer's downloads", "actions/cache").with("path", "~/.cache/composer")
                    .with("key", "composer-" + hash(t)).with("restore-keys", "composer-"));
        }
        return list;
    }

    private WorkflowStep dotnet(Toolchain t) {
        WorkflowStep dotnet = version(action("Set up .NET", "actions/setup-dotnet"), t, "dotnet-version", "global-json-file");
        if (!t.extensions().isEmpty() && (job.stage() == Stage.TEST || !job.each().isEmpty())) {
            // Both inputs count. The action takes lines only for a list.
            boolean isFile = dotnet.getInputs().stream().anyMatch(i -> i.key().equals("global-json-file"));
            List<String> lines = new ArrayList<>(t.extensions());
            if (isFile) {
                dotnet.with("dotnet-version", String.join("\n", lines));
            } else {
                lines.add(0, value(t));
                dotnet = action("Set up .NET", "actions/setup-dotnet").with("dotnet-version", String.join("\n", lines));
            }
        }
        boolean hasLock = t.lockFiles().stream().anyMatch(f -> f.endsWith("packages.lock.json"));
        return job.cache() && hasLock ? dotnet.with("cache", "true").with("cache-dependency-path", String.join("\n", t.lockFiles().stream().map(steps::folder).toList())) : dotnet;
    }

    private WorkflowStep elixir(Toolchain t) {
        WorkflowStep beam = action("Set up Elixir", "erlef/setup-beam");
        if (t.versionFile().endsWith(".tool-versions")) {
            return beam.with("version-file", steps.folder(t.versionFile())).with("version-type", "strict");
        }
        String otp = "27";
        return beam.with("elixir-version", value(t)).with("otp-version", otp);
    }

    private List<WorkflowStep> haskell(Toolchain t) {
        WorkflowStep ghc = version(action("Set up Haskell", "haskell-actions/setup"), t, "ghc-version", "");
        if (t.manager().equals("stack")) {
            ghc.with("enable-stack", "true");
        }
        return List.of(ghc);
    }

    // --- tools ---

    List<WorkflowStep> tool(Step.UseTool tool) {
        String version = toolVersion(tool.name(), tool.version());
        return switch (tool.name()) {
            case "golangci-lint" -> List.of(golangci(ContainerSetup.exact(steps.context().pins(), tool.name(), version)));
            case "tflint" -> List.of(action("Set up TFLint", "terraform-linters/setup-tflint").with("tflint_version", "v" + version));
            case "just" -> List.of(action("Set up just", "extractions/setup-just").with("just-version", version));
            case "task" -> List.of(action("Set up Task", "go-task/setup-task").with("version", version));
            case "helm" -> List.of(action("Set up Helm", "azure/setup-helm").with("version", "v" + version));
            case "chart-testing" -> List.of(action("Set up chart-testing", "helm/chart-testing-action").with("version", version));
            case "uv" -> List.of(action("Set up uv", "astral-sh/setup-uv").with("version", version));
            case "python", "python3" -> python(plain("python"));
            case "go", "deno", "bun", "node", "ruby" -> toolchain(plain(tool.name()));
            case "cargo", "rust" -> rust(plain("rust"));
            case "mise" -> List.of(action("Set up mise", "jdx/mise-action"));
            // On the runner already.
            case "cmake", "make", "g++", "gcc", "git", "jq", "chrome", "docker", "kubectl" -> List.of();
            case "kind" -> List.of(new WorkflowStep("Create a cluster").run("kind create cluster --wait 2m"));
            case "ninja-build", "ninja" -> apt("ninja-build");
            case "valgrind", "meson", "clang-format", "pkg-config", "autoconf", "automake", "libtool" -> apt(tool.name());
            default -> install(tool.name(), version);
        };
    }

    private WorkflowStep golangci(String version) {
        if (version.startsWith("1.")) {
            return new WorkflowStep("Install golangci-lint").comment("the action knows the second generation only, which can't read this configuration")
                    .run("mkdir -p \"$(go env GOPATH)/bin\"\n" + ContainerSetup.goRelease("golangci-lint", version) + "echo \"$(go env GOPATH)/bin\" >> \"$GITHUB_PATH\"\n");
        }
        return action("Set up golangci-lint", "golangci/golangci-lint-action").with("version", "v" + version).with("install-only", "true");
    }

    /** A runtime beside the job's own, in the version that projects take which say nothing. */
    private Toolchain plain(String runtime) {
        return new Toolchain(runtime, steps.context().versions().runtime(runtime).map(r -> r.defaultLine()).orElse(""), "", false, "", "", "", false, List.of(), ".", List.of());
    }

    /** Where the pins say that it comes from; what they don't know is for the runner to have. */
    private List<WorkflowStep> install(String name, String version) {
        var packages = steps.context().pins().tool(name).map(p -> p.packages()).orElse(java.util.Map.of());
        WorkflowStep step = new WorkflowStep("Install " + name);
        if (packages.containsKey("pipx")) {
            return List.of(step.run("pipx install " + packages.get("pipx") + "==" + version));
        }
        if (packages.containsKey("go")) {
            return List.of(step.run("go install " + packages.get("go") + "@v" + version + "\necho \"$(go env GOPATH)/bin\" >> \"$GITHUB_PATH\"\n"));
        }
        if (packages.containsKey("cargo")) {
            return List.of(step.run("cargo install --locked " + packages.get("cargo") + "@" + version));
        }
        steps.settings().add(new Setting("runner", name, "the jobs call it, and no pinned source of it is known: a runner must have it"));
        return List.of();
    }

    private static List<WorkflowStep> apt(String name) {
        return List.of(new WorkflowStep("Install " + name).run("sudo apt-get update\nsudo apt-get install --yes --no-install-recommends " + name + "\n"));
    }

    // --- parts ---

    private WorkflowStep action(String name, String action) {
        return steps.action(name, action);
    }

    /** The project's own file where the action can read it, the matrix where there is one, else the version. */
    private WorkflowStep version(WorkflowStep step, Toolchain t, String versionInput, String fileInput) {
        boolean isFile = !t.versionFile().isEmpty() && !fileInput.isEmpty() && job.matrix() == null;
        if (isFile) {
            return step.with(fileInput, steps.folder(t.versionFile()));
        }
        return t.version().isEmpty() ? step : step.with(versionInput, value(t));
    }

    private String value(Toolchain t) {
        return job.matrix() != null && job.matrix().runtime().equals(t.runtime()) ? "${{ matrix." + t.runtime() + " }}" : GitHubJob.text(t.version());
    }

    private WorkflowStep cached(WorkflowStep step, String input, String value, Toolchain t) {
        return job.cache() && !t.lockFiles().isEmpty() ? step.with(input, value) : step;
    }

    private String hash(Toolchain t) {
        return "${{ hashFiles(" + String.join(", ", t.lockFiles().stream().map(GitHubSetup::inExpression).toList()) + ") }}";
    }

    /** A path as a text of an expression, in which another expression can't stand. */
    private static String inExpression(String path) {
        String quoted = path.replace("'", "''");
        return path.startsWith(Job.EACH) ? "format('{0}" + quoted.substring(Job.EACH.length()).replace("{", "{{").replace("}", "}}") + "', matrix.package)" : "'" + quoted + "'";
    }

    private String toolVersion(String tool, String own) {
        return own.isEmpty() ? steps.context().pins().tool(tool).map(p -> p.version()).orElse("") : GitHubJob.text(own);
    }
}
