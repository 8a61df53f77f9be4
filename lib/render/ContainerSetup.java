package lib.render;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.plan.Job;
import lib.plan.Pins;
import lib.plan.Job.Stage;
import lib.plan.Step;
import lib.plan.Job.Toolchain;
import lib.plan.Versions.RuntimeVersions;
import lib.render.Rendering.CiPlatform.Context;
import lib.scan.Command.Shell;

/**
 * What a job that runs in a container needs: the image of its toolchain, the commands that bring what the image lacks, and which folders are
 * worth a cache.
 *
 * <p>Knows the languages' own images (root, mostly Debian) and those that a CI platform makes of them (Ubuntu, a user who may use sudo).
 * Knows nothing of the platform's files.
 */
final class ContainerSetup {
    /** Has compilers, make, git and curl. */
    private static final String DEBIAN = "buildpack-deps:trixie";
    private static final Set<String> APT = Set.of("git", "make", "gcc", "g++", "autoconf", "automake", "libtool", "cmake", "ninja-build", "valgrind", "clang", "clang-format",
            "clang-tidy", "cppcheck", "pkg-config", "doxygen", "lcov", "jq", "shellcheck", "ccache", "gettext", "graphviz", "hlint", "patch", "unzip");
    private static final Set<String> IN_BUILDPACK = Set.of("git", "make", "gcc", "g++", "autoconf", "automake", "libtool", "patch", "unzip", "pkg-config");
    /** Tools whose own image has the runtime too and takes its place. */
    private static final Map<String, String> WITH_RUNTIME = Map.of("chart-testing", "helm", "helm-unittest", "helm", "swiftlint", "swift");
    private static final Map<String, String> GO_TOOLS = Map.of("gofumpt", "mvdan.cc/gofumpt", "goimports", "golang.org/x/tools/cmd/goimports", "staticcheck",
            "honnef.co/go/tools/cmd/staticcheck", "gotestsum", "gotest.tools/gotestsum", "govulncheck", "golang.org/x/vuln/cmd/govulncheck", "kind", "sigs.k8s.io/kind");
    /** Releases that come with a file of sums: the archive, the sums, both of that version. */
    private static final Map<String, String> RELEASES = Map.of(
            "golangci-lint", "golangci/golangci-lint v{v} golangci-lint-{v}-linux-amd64.tar.gz golangci-lint-{v}-checksums.txt",
            "tflint", "terraform-linters/tflint v{v} tflint_linux_amd64.zip checksums.txt",
            "task", "go-task/task v{v} task_linux_amd64.tar.gz task_checksums.txt",
            "hadolint", "hadolint/hadolint v{v} hadolint-linux-x86_64 hadolint-linux-x86_64.sha256",
            "kind", "kubernetes-sigs/kind v{v} kind-linux-amd64 kind-linux-amd64.sha256sum",
            "goreleaser", "goreleaser/goreleaser v{v} goreleaser_Linux_x86_64.tar.gz checksums.txt");
    /** PHP extensions that the official image lacks, with the Debian packages that they are compiled against. */
    private static final Map<String, String> PHP_COMPILED = Map.ofEntries(Map.entry("intl", "libicu-dev"), Map.entry("zip", "libzip-dev"), Map.entry("gd", "libpng-dev libjpeg-dev"),
            Map.entry("pgsql", "libpq-dev"), Map.entry("pdo_pgsql", "libpq-dev"), Map.entry("mysqli", ""), Map.entry("pdo_mysql", ""), Map.entry("soap", "libxml2-dev"),
            Map.entry("xsl", "libxslt1-dev"), Map.entry("gmp", "libgmp-dev"), Map.entry("bz2", "libbz2-dev"), Map.entry("ldap", "libldap-dev"), Map.entry("tidy", "libtidy-dev"),
            Map.entry("ffi", "libffi-dev"), Map.entry("bcmath", ""), Map.entry("sockets", ""), Map.entry("pcntl", ""), Map.entry("exif", ""), Map.entry("calendar", ""),
            Map.entry("gettext", ""), Map.entry("shmop", ""));
    private static final Set<String> PHP_PECL = Set.of("redis", "xdebug", "pcov", "apcu", "mongodb", "igbinary", "msgpack", "ds", "protobuf", "grpc", "swoole", "memcached", "imagick");
    /** The platform's image of PHP was compiled without these. */
    private static final Set<String> PHP_ADDED = Set.of("xsl", "gmp", "bz2", "ldap", "tidy", "ffi", "gettext", "shmop");

    private static final String GO_BIN = "\"$(go env GOPATH)/bin/\"";

    /** One command and its title. @param asRoot it writes where only root may */
    record Line(String title, String run, boolean asRoot) {}

    /**
     * @param perJob it holds what was built, which differs between the jobs that share a lock file; and is full only at the end of a job
     * @param paths below {@code ~}, absolute, or from the project's root
     */
    record Cache(String name, List<String> paths, boolean perJob) {}

    private final Job job;
    private final Context context;
    private final String platform;
    private final boolean own;
    private final List<Line> lines = new ArrayList<>();
    private final List<Line> late = new ArrayList<>();
    private final List<String> debian = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private Cache cache;
    /** How many of {@link #lines} and {@link #debian} the job's tools have no part in. */
    private int ownLines;
    private int ownPackages;

    /** @param platform whose own images are preferred, as the data of versions names it, or empty; @param machine it is no container but a machine of that platform */
    ContainerSetup(Job job, Context context, String platform, boolean machine) {
        this.job = job;
        this.context = context;
        this.platform = platform;
        this.own = machine || !platform.isEmpty() && isServedByPlatform();
        collect();
    }

    /** Has the image an ordinary user who may use sudo? */
    boolean hasSudo() {
        return own;
    }

    /** What must run before the dependencies are installed. */
    List<Line> before() {
        return all(debian, lines);
    }

    /** Of {@link #before()} what jobs of one toolchain have in common, whatever tools they use. */
    List<Line> ofToolchain() {
        return all(debian.subList(0, ownPackages), lines.subList(0, ownLines));
    }

    /** The others of {@link #before()}. */
    List<Line> ofTools() {
        return all(debian.subList(ownPackages, debian.size()).stream().filter(p -> !debian.subList(0, ownPackages).contains(p)).toList(), lines.subList(ownLines, lines.size()));
    }

    private List<Line> all(List<String> packages, List<Line> commands) {
        List<Line> all = new ArrayList<>(commands);
        List<String> lacking = packages.stream().distinct().filter(p -> !(IN_BUILDPACK.contains(p) && (own || isBuildpack(image())))).toList();
        if (!lacking.isEmpty()) {
            all.add(0, packages(lacking));
        }
        return all;
    }

    /** The image of an SDK has one runtime: tests for another run on that one, or would not start. */
    static boolean isRolledForward(Job job) {
        return (job.stage() == Stage.TEST || !job.each().isEmpty()) && job.toolchains().stream().anyMatch(t -> t.runtime().equals("dotnet") && !t.extensions().isEmpty());
    }

    /** What needs the dependencies. */
    List<Line> after() {
        return List.copyOf(late);
    }

    /** Null where nothing is worth it, or the job may not use one. */
    Cache cache() {
        return job.cache() ? cache : null;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Tools that nothing here can bring. */
    List<String> missing() {
        return missing;
    }

    // --- images ---

    String image() {
        return image(toolchain().map(Toolchain::version).orElse(""));
    }

    List<String> images(List<String> versions) {
        return versions.stream().map(this::image).toList();
    }

    private String image(String version) {
        Toolchain t = toolchain().orElse(null);
        String fallback = own ? base() : DEBIAN;
        if (t == null) {
            return fallback;
        }
        Optional<String> ofTool = tools().filter(tool -> t.runtime().equals(WITH_RUNTIME.get(tool.name()))).min(Comparator.comparing(Step.UseTool::name))
                .flatMap(tool -> context.pins().tool(tool.name())).map(Pins.ToolPin::image).filter(i -> !i.isEmpty());
        if (ofTool.isPresent()) {
            return ofTool.get();
        }
        String name = imageOf(t);
        RuntimeVersions runtime = context.versions().runtime(name).orElse(null);
        if (runtime == null) {
            return context.pins().tool(t.runtime()).map(Pins.ToolPin::image).filter(i -> !i.isEmpty()).orElse(fallback);
        }
        String known = name.equals(t.runtime()) ? known(runtime, version) : runtime.defaultLine();
        return own ? runtime.platformImage(platform, known).orElse(fallback)
                : buildTool(t).flatMap(tool -> runtime.toolImage(tool, known)).filter(i -> !t.manager().equals("uv") || i.contains(":" + version("uv", t.managerVersion()) + "-"))
                        .or(() -> runtime.image(known)).orElse(fallback);
    }

    /** Zig has no image of its own and comes from PyPI; what makes a documentation site is a program in some language. */
    private static String imageOf(Toolchain t) {
        return switch (t.runtime()) {
            case "zig", "mkdocs" -> "python";
            case "antora" -> "node";
            default -> t.runtime();
        };
    }

    private String base() {
        return context.pins().tool(platform + "-base").map(Pins.ToolPin::image).orElse(DEBIAN);
    }

    private static String known(RuntimeVersions runtime, String version) {
        String plain = version.startsWith("v") ? version.substring(1) : version;
        return plain.matches("\\d[\\w.+-]*") ? plain : runtime.defaultLine();
    }

    /** One family for all versions of a matrix: their commands differ. */
    private boolean isServedByPlatform() {
        Toolchain t = toolchain().orElse(null);
        if (t == null) {
            return true;
        }
        RuntimeVersions runtime = context.versions().runtime(imageOf(t)).orElse(null);
        if (runtime == null || tools().anyMatch(tool -> t.runtime().equals(WITH_RUNTIME.get(tool.name())) || tool.name().equals("chrome") && job.stage() == Stage.TEST)) {
            return false;
        }
        Stream<String> versions = !imageOf(t).equals(t.runtime()) ? Stream.of(runtime.defaultLine())
                : Stream.concat(Stream.of(t.version()), job.matrix() == null ? Stream.of() : job.matrix().nightly().stream()).map(v -> known(runtime, v));
        // Its Gradle runs on Java 17 and later only, and of Clojure's tools it has none.
        boolean isOld = t.runtime().equals("java") && t.version().matches("(8|11|1\\.8)(\\..*)?");
        String tool = buildTool(t).orElse("");
        boolean hasTool = tool.isEmpty() || tool.equals("uv") || List.of("maven", "sbt").contains(tool) || tool.equals("gradle") && !isOld;
        return hasTool && versions.allMatch(v -> runtime.platformImage(platform, v).isPresent());
    }

    /** The build tool that must be in the image; a wrapper brings its own. */
    private Optional<String> buildTool(Toolchain t) {
        String program = switch (t.manager()) {
            case "maven" -> "mvn";
            case "gradle", "sbt", "lein", "uv" -> t.manager();
            case "clojure", "deps", "tools-deps" -> "clojure";
            default -> "";
        };
        boolean isCalled = commands().anyMatch(c -> calls(c, program) || program.equals("clojure") && calls(c, "clj"));
        return program.isEmpty() || !isCalled ? Optional.empty() : Optional.of(program.equals("mvn") ? "maven" : program);
    }

    private static boolean isBuildpack(String image) {
        return image.matches("(buildpack-deps|node|python|ruby|rust|gcc|golang|elixir|haskell):(?!.*(slim|alpine)).*");
    }

    private static boolean isAlpine(String image) {
        return image.matches("(hashicorp/terraform|ghcr\\.io/opentofu|alpine/|aquasec/|quay\\.io/helmpack|helmunittest/|ghcr\\.io/gohugoio).*");
    }

    // --- what is added to them ---

    private void collect() {
        job.steps().stream().filter(Step.SystemPackages.class::isInstance).forEach(s -> debian.addAll(((Step.SystemPackages) s).names()));
        for (Toolchain t : job.toolchains()) {
            if (t == job.toolchains().get(0)) {
                language(t);
            } else {
                second(t);
            }
        }
        ownLines = lines.size();
        ownPackages = debian.size();
        tools().forEach(this::tool);
    }

    private void language(Toolchain t) {
        switch (t.runtime()) {
            case "node", "bun", "deno" -> javascript(t);
            case "python" -> python(t);
            case "go" -> cached("go", true, own ? "~/go/pkg/mod" : "/go/pkg/mod", "~/.cache/go-build");
            case "java" -> java(t);
            case "rust" -> rust(t);
            case "ruby" -> {
                environment.put("BUNDLE_PATH", "vendor/bundle");
                cached("gems", false, in(t, "vendor/bundle"));
            }
            case "php" -> php(t);
            case "dotnet" -> {
                cached("nuget", false, "~/.nuget/packages");
                if (isRolledForward(job)) {
                    environment.put("DOTNET_ROLL_FORWARD", "Major");
                }
            }
            case "elixir" -> {
                add("Install Hex and Rebar", "mix local.hex --force\nmix local.rebar --force\n", false);
                cached("mix", true, in(t, "deps"), in(t, "_build"));
            }
            case "dart", "flutter" -> cached("pub", false, "~/.pub-cache");
            case "swift" -> cached("swift", true, in(t, ".build"));
            case "ghc" -> {
                if (t.manager().equals("stack")) {
                    cached("stack", true, "~/.stack", in(t, ".stack-work"));
                } else {
                    cached("cabal", true, "~/.cabal/packages", "~/.cabal/store", "~/.cache/cabal/packages", "~/.local/state/cabal/store");
                }
            }
            case "zig" -> {
                String version = t.version().isEmpty() ? context.pins().tool("ziglang").map(Pins.ToolPin::version).orElse("") : t.version();
                add("Install Zig from its package on PyPI", "pip install " + pinned("ziglang", version) + "\n" + sudo("ln -s \"$(python -c 'import os, ziglang; print(os.path.dirname(ziglang.__file__))')/zig\" /usr/local/bin/zig") + "\n", true);
            }
            default -> { }
        }
    }

    private void javascript(Toolchain t) {
        String version = t.managerVersion().replaceFirst("\\+.*", "");
        switch (t.manager()) {
            case "npm" -> {
                if (version.matches("\\d+\\.\\d+\\.\\d+")) {
                    npm("npm", version);
                }
                cached("npm", false, "~/.npm");
            }
            case "pnpm" -> {
                npm("pnpm", version.isEmpty() ? context.versions().runtime("pnpm").flatMap(r -> r.line(r.defaultLine())).map(l -> l.more().getOrDefault("patch", "")).orElse("") : version);
                cached("pnpm", false, "~/.local/share/pnpm/store");
            }
            case "yarn" -> {
                if (!own && !isYarnIn(t)) {
                    // Where it is there already, npm refuses to write over it.
                    add("Install yarn", "command -v yarn || npm install --global yarn@" + (version.isEmpty() ? "1.22.22" : Shell.word(version)) + "\n", true);
                }
                cached("yarn", false, "~/.cache/yarn");
            }
            case "yarn-berry" -> {
                add("Enable Corepack", sudo("npm install --global corepack@" + version("corepack", "")) + "\n" + sudo("corepack enable") + "\n", true);
                cached("yarn", false, "~/.yarn/berry/cache");
            }
            case "bun" -> {
                if (t.runtime().equals("node")) {
                    npm("bun", version("bun", version));
                }
                cached("bun", false, "~/.bun/install/cache");
            }
            case "deno" -> cached("deno", false, "~/.cache/deno");
            default -> { }
        }
    }

    /** Since Node.js 26 its image has none. */
    private boolean isYarnIn(Toolchain t) {
        return Stream.concat(Stream.of(t.version()), job.matrix() == null ? Stream.of() : job.matrix().nightly().stream()).allMatch(v -> v.matches("v?(1\\d|2[0-5])(\\..*)?"));
    }

    private void npm(String name, String version) {
        add("Install " + name, sudo("npm install --global " + name + (version.isEmpty() ? "" : "@" + Shell.word(version))) + "\n", true);
    }

    private void python(Toolchain t) {
        String manager = t.manager();
        boolean isInImage = manager.equals("uv") && image().contains("astral-sh/uv");
        if (List.of("poetry", "pdm", "pipenv", "hatch", "uv").contains(manager) && !isInImage) {
            add("Install " + manager, "pip install " + pinned(manager, version(manager, t.managerVersion())) + "\n", !own);
        }
        switch (manager) {
            case "uv" -> cached("uv", false, "~/.cache/uv");
            case "poetry" -> cached("poetry", false, "~/.cache/pypoetry");
            case "pdm" -> cached("pdm", false, "~/.cache/pdm");
            default -> cached("pip", false, "~/.cache/pip");
        }
    }

    private void java(Toolchain t) {
        switch (t.manager()) {
            case "maven" -> cached("maven", true, "~/.m2/repository", "~/.m2/wrapper");
            case "gradle" -> cached("gradle", true, "~/.gradle/caches", "~/.gradle/wrapper");
            case "sbt" -> cached("sbt", true, "~/.cache/coursier", "~/.sbt", "~/.ivy2/cache");
            case "lein", "clojure", "deps", "tools-deps" -> cached("clojure", false, "~/.m2/repository", "~/.gitlibs");
            default -> { }
        }
    }

    private void rust(Toolchain t) {
        List<String> parts = new ArrayList<>();
        if (commands().anyMatch(c -> c.contains("clippy"))) {
            parts.add("clippy");
        }
        if (commands().anyMatch(c -> c.contains("cargo fmt") || c.contains("rustfmt"))) {
            parts.add("rustfmt");
        }
        boolean isNamed = t.version().isEmpty() || t.version().matches("\\d[\\w.+-]*");
        if (!isNamed) {
            add("Set up Rust " + t.version(), "rustup default " + Shell.word(t.version()) + "\n", false);
        }
        if (!parts.isEmpty() && t.versionFile().isEmpty()) {
            add("Add " + String.join(" and ", parts), "rustup component add " + String.join(" ", parts) + "\n", false);
        }
        String home = own ? "~/.cargo" : "/usr/local/cargo";
        cached("cargo", true, home + "/registry", in(t, "target"));
    }

    private void php(Toolchain t) {
        cached("composer", false, "~/.cache/composer");
        List<String> pecl = t.extensions().stream().filter(PHP_PECL::contains).toList();
        if (own) {
            List<String> added = t.extensions().stream().filter(e -> PHP_PECL.contains(e) || PHP_ADDED.contains(e)).toList();
            if (!added.isEmpty()) {
                add("Install extensions", "sudo -E install-php-extensions " + String.join(" ", added) + "\n", true);
            }
            return;
        }
        List<String> compiled = t.extensions().stream().filter(PHP_COMPILED::containsKey).toList();
        Set<String> packages = new LinkedHashSet<>(List.of("git", "unzip"));
        compiled.forEach(e -> packages.addAll(List.of(PHP_COMPILED.get(e).split(" "))));
        packages.remove("");
        debian.addAll(packages);
        if (!compiled.isEmpty()) {
            add("Compile extensions", "docker-php-ext-install " + String.join(" ", compiled) + "\n", true);
        }
        if (!pecl.isEmpty()) {
            add("Install extensions", "pecl install " + String.join(" ", pecl) + "\ndocker-php-ext-enable " + String.join(" ", pecl) + "\n", true);
        }
        String from = "https://getcomposer.org/download/" + version("composer", "") + "/composer.phar";
        add("Install Composer", DeliveryScripts.CURL + " --remote-name-all --output-dir /tmp \\\n  " + from + " " + from + ".sha256sum\n"
                + "(cd /tmp && sha256sum --check composer.phar.sha256sum)\ninstall /tmp/composer.phar /usr/local/bin/composer\n", true);
    }

    /** One image has one toolchain; the distribution's packages bring the others. */
    private void second(Toolchain t) {
        switch (t.runtime()) {
            case "node" -> debian.addAll(List.of("nodejs", "npm"));
            case "python" -> debian.addAll(List.of("python3", "python3-pip", "python3-venv"));
            case "java" -> debian.add("default-jdk-headless");
            case "ruby" -> debian.add("ruby-full");
            case "go" -> debian.add("golang");
            case "php" -> debian.addAll(List.of("php-cli", "composer"));
            case "rust" -> debian.add("cargo");
            default -> missing.add(t.runtime());
        }
    }

    // --- tools ---

    private void tool(Step.UseTool tool) {
        String name = tool.name();
        String runtime = toolchain().map(Toolchain::runtime).orElse("");
        String version = exact(name, tool.version());
        Pins.ToolPin pin = context.pins().tool(name).orElse(null);
        String goPath = pin != null && pin.packages().containsKey("go") ? pin.packages().get("go") : GO_TOOLS.getOrDefault(name, "");
        if (runtime.equals(WITH_RUNTIME.get(name)) && !image().contains(name)) {
            plugin(name, version);
        } else if (runtime.equals(WITH_RUNTIME.get(name)) || name.equals(runtime) || Set.of("docker", "xcode", "vcpkg", "antora").contains(name)
                || name.startsWith("python") && runtime.equals("python")) {
            return;
        } else if (isBrowser(name) && job.stage() != Stage.TEST) {
            return;
        } else if (name.equals("playwright")) {
            late.add(new Line("Install browsers", playwright() + " install --with-deps\n", true));
        } else if (name.equals("chrome")) {
            debian.add("chromium");
            environment.put("CHROME_BIN", "/usr/bin/chromium");
        } else if (APT.contains(name) || name.equals("ninja")) {
            debian.add(name.equals("ninja") ? "ninja-build" : name);
        } else if (RELEASES.containsKey(name) && !version.isEmpty()) {
            release(name, version);
        } else if (runtime.equals("go") && !goPath.isEmpty() && !version.isEmpty()) {
            add("Install " + name, "go install " + goPath + "@v" + version + "\n", false);
        } else if (pin != null && !pin.url().isEmpty()) {
            download(name, pin.url(), pin.sha256());
        } else if (runtime.equals("node") && Set.of("bun", "pnpm", "yarn").contains(name)) {
            npm(name, version);
        } else if (pin != null && pin.packages().containsKey("pipx")) {
            pip(pin.packages().get("pipx"), version);
        } else if (name.equals("helm")) {
            add("Install helm", DeliveryScripts.helm(context.pins(), own ? "sudo " : ""), true);
        } else if (Set.of("python", "python3").contains(name)) {
            debian.addAll(List.of("python3", "python3-venv"));
        } else if (Set.of("go", "cargo", "deno").contains(name)) {
            debian.add(name.equals("go") ? "golang" : name);
        } else {
            missing.add(name);
        }
    }

    /** Only tests open one. */
    private static boolean isBrowser(String tool) {
        return tool.equals("playwright") || tool.equals("chrome");
    }

    private void plugin(String name, String version) {
        if (name.equals("helm-unittest")) {
            add("Install " + name, "helm plugin install https://github.com/helm-unittest/helm-unittest --version v" + version + "\n", false);
        } else {
            missing.add(name);
        }
    }

    private String playwright() {
        return switch (toolchain().map(Toolchain::manager).orElse("")) {
            case "pnpm" -> "pnpm exec playwright";
            case "yarn", "yarn-berry" -> "yarn playwright";
            case "bun" -> "bunx playwright";
            case "npm", "deno" -> "npx playwright";
            case "uv" -> "uv run playwright";
            case "poetry" -> "poetry run playwright";
            default -> "playwright";
        };
    }

    private void pip(String name, String version) {
        boolean isPython = toolchain().map(Toolchain::runtime).orElse("").equals("python");
        if (isPython && !image().contains("astral-sh/uv")) {
            add("Install " + name, "pip install " + pinned(name, version) + "\n", !own);
            return;
        }
        if (isPython) {
            add("Install " + name, "UV_TOOL_BIN_DIR=/usr/local/bin uv tool install " + pinned(name, version) + "\n", true);
            return;
        }
        debian.add("pipx");
        add("Install " + name, sudo("env PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/usr/local/bin pipx install " + pinned(name, version)) + "\n", true);
    }

    private void release(String name, String version) {
        boolean isGo = toolchain().filter(t -> t.runtime().equals("go")).isPresent();
        String get = isAlpine(image()) ? "wget -q -P /tmp" : DeliveryScripts.CURL + " --remote-name-all --output-dir /tmp";
        add("Install " + name, releaseDownload(name, version, get) + unpack(name, "/tmp/" + releaseFile(name, version), isGo ? GO_BIN : ""), !isGo);
    }

    /** A release of a program that needs nothing but Go's folder of programs, by its maker's own sums. */
    static String goRelease(String name, String version) {
        return releaseDownload(name, version, DeliveryScripts.CURL + " --remote-name-all --output-dir /tmp") + unpackInto(name, "/tmp/" + releaseFile(name, version), GO_BIN);
    }

    private static String releaseFile(String name, String version) {
        return RELEASES.get(name).replace("{v}", version).split(" ")[2];
    }

    private static String releaseDownload(String name, String version, String get) {
        String[] parts = RELEASES.get(name).replace("{v}", version).split(" ");
        return "from=https://github.com/" + parts[0] + "/releases/download/" + parts[1] + "\n" + get + " \\\n  \"$from/" + parts[2] + "\" \"$from/" + parts[3] + "\"\n"
                + "(cd /tmp && grep '" + parts[2] + "$' " + parts[3] + " | sha256sum -c)\n";
    }

    private static String unpackInto(String name, String file, String folder) {
        return "tar -xf " + file + " -C /tmp\ninstall \"$(find /tmp -type f -path '*/" + name + "*' -name " + name + ")\" " + folder + "\n";
    }

    private void download(String name, String url, String sha256) {
        String file = "/tmp/" + url.substring(url.lastIndexOf('/') + 1);
        String get = isAlpine(image()) ? "wget -q -O " + file + " \\\n  " + url : DeliveryScripts.CURL + " --output " + file + " \\\n  " + url;
        add("Install " + name, get + "\necho \"" + sha256 + "  " + file + "\" | sha256sum -c\n" + unpack(name, file, ""), true);
    }

    /** @param folder that every user may write to and whose programs are found, or empty */
    private String unpack(String name, String file, String folder) {
        if (!folder.isEmpty()) {
            return unpackInto(name, file, folder);
        }
        if (file.endsWith(".zip")) {
            return sudo("unzip -q -d /usr/local/bin " + file) + "\n";
        }
        if (!file.matches(".*\\.(tar\\.gz|tgz|tar\\.xz)")) {
            return sudo("install " + file + " /usr/local/bin/" + name) + "\n";
        }
        return "mkdir /tmp/" + name + " && tar -xf " + file + " -C /tmp/" + name + "\n" + sudo("install \"$(find /tmp/" + name + " -type f -name " + name + ")\" /usr/local/bin/") + "\n";
    }

    // --- parts ---

    private Line packages(List<String> names) {
        String all = names.stream().map(Shell::word).collect(Collectors.joining(" "));
        return new Line("Install system packages", isAlpine(image()) ? "apk add --no-cache " + all.replace("ninja-build", "ninja") + "\n"
                : sudo("apt-get update") + "\n" + sudo("apt-get install --yes --no-install-recommends " + all) + "\n", true);
    }

    private String sudo(String command) {
        return own ? "sudo " + command : command;
    }

    private void add(String title, String run, boolean asRoot) {
        lines.add(new Line(title, run, asRoot));
    }

    private void cached(String name, boolean perJob, String... paths) {
        boolean isKeyed = toolchain().filter(t -> !t.lockFiles().isEmpty()).isPresent();
        // A home of another user: nothing of it is found in another family's images.
        cache = isKeyed ? new Cache(own ? name : "root-" + name, List.of(paths), perJob) : null;
    }

    private Optional<Toolchain> toolchain() {
        return job.toolchains().stream().findFirst();
    }

    private Stream<Step.UseTool> tools() {
        return job.steps().stream().filter(Step.UseTool.class::isInstance).map(Step.UseTool.class::cast);
    }

    private Stream<String> commands() {
        return job.steps().stream().flatMap(s -> s instanceof Step.Run run ? Stream.of(run.command()) : s instanceof Step.Publish publish ? Stream.of(publish.publication().command()) : Stream.empty());
    }

    private static boolean calls(String command, String program) {
        return (" " + command.replaceAll("[;&|()\\n]+", " ") + " ").contains(" " + program + " ");
    }

    private static String in(Toolchain t, String path) {
        return t.folder().equals(".") ? path : t.folder() + "/" + path;
    }

    private static String pinned(String name, String version) {
        return version.isEmpty() ? name : name + "==" + Shell.word(version);
    }

    private String version(String tool, String own) {
        return own.isEmpty() ? context.pins().tool(tool).map(Pins.ToolPin::version).orElse("") : own;
    }

    private String exact(String tool, String own) {
        return exact(context.pins(), tool, own);
    }

    /** A project that names a line only ({@code 2}) gets our pin of that line. */
    static String exact(Pins pins, String tool, String own) {
        String pinned = pins.tool(tool).map(Pins.ToolPin::version).orElse("");
        String plain = own.startsWith("v") ? own.substring(1) : own;
        boolean isLine = plain.isEmpty() || pinned.equals(plain) || pinned.startsWith(plain + ".");
        return isLine ? pinned : tool.equals("golangci-lint") && plain.equals("1") ? "1.64.8" : plain;
    }
}
