package lib.scan;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Publication;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/** Knows Cargo.toml, Cargo.lock and rust-toolchain files. The root of a workspace has the commands of all its members. */
final class RustLanguage implements Language {
    private static final Set<String> PROTOC = Set.of("protobuf-src", "protoc-bin-vendored", "protox");
    /** A crate that links to a system library, and the one beside which it builds that library itself. */
    private static final Map<String, String> BUNDLED = Map.of("openssl-sys", "openssl-src", "pq-sys", "pq-src", "mysqlclient-sys", "mysqlclient-src",
            "zmq-sys", "zeromq-src");
    /** Build dependencies that a crate has only when it builds the library itself. */
    private static final Map<String, String> COMPILES = Map.of("libsqlite3-sys", "cc", "libdbus-sys", "cc", "sdl2-sys", "cmake");

    @Override
    public List<String> looksFor() {
        return List.of("Cargo.toml");
    }

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        for (CargoWorkspace workspace : CargoWorkspace.in(project)) {
            Optional<Runtime> runtime = toolchain(project, workspace);
            if (workspace.isVirtual() && !workspace.packages().isEmpty()) {
                components.add(root(project, workspace, runtime));
            }
            workspace.packages().forEach((folder, manifest) -> components.add(member(project, workspace, folder, manifest, runtime)));
        }
        return components;
    }

    /** The component of a root without a package: it has no name, and the commands. */
    private static Component root(Project project, CargoWorkspace workspace, Optional<Runtime> toolchain) {
        Component.Builder c = Component.at(workspace.root(), "rust").workspace(new Workspace(workspace.root(), "cargo", "", true));
        c.runtime(toolchain.orElseGet(() -> runtime(workspace, workspace.manifest())));
        common(project, workspace, c);
        workspace.packages().values().forEach(m -> workspace.dependencies(m).forEach(c::dependency));
        return withCommands(project, workspace, c).notAPackage().build();
    }

    private static Component member(Project project, CargoWorkspace workspace, String folder, Document manifest, Optional<Runtime> toolchain) {
        Component.Builder c = Component.at(folder, "rust");
        String name = manifest.text("package", "name");
        c.name(Shell.isPrintable(name) ? name : "");
        c.runtime(toolchain.orElseGet(() -> runtime(workspace, manifest)));
        common(project, workspace, c);
        workspace.dependencies(manifest).forEach(c::dependency);
        if (workspace.isWorkspace()) {
            c.workspace(new Workspace(workspace.root(), "cargo", "", true));
            workspace.links(folder, manifest).forEach(c::dependsOn);
        }
        publication(workspace, manifest, name).ifPresent(c::publication);
        return folder.equals(workspace.root()) ? withCommands(project, workspace, c).build() : c.build();
    }

    private static void common(Project project, CargoWorkspace workspace, Component.Builder c) {
        String lock = Project.join(workspace.root(), "Cargo.lock");
        c.packageManager(new PackageManager("cargo", "", new Evidence(workspace.manifest().file(), 0, "cargo-manifest"),
                List.of(project.exists(lock) ? lock : workspace.manifest().file())));
    }

    private static Component.Builder withCommands(Project project, CargoWorkspace workspace, Component.Builder c) {
        new RustCommands(project, workspace).add(c);
        systemPackages(project, workspace).forEach(c::systemPackage);
        return c;
    }

    // --- the version ---

    /** What rustup would take: the nearest toolchain file, or what asdf and mise pin. */
    private static Optional<Runtime> toolchain(Project project, CargoWorkspace workspace) {
        String least = least(workspace, workspace.manifest()).map(Runtime::range).orElse("");
        for (String folder : VersionFiles.upwards(workspace.root())) {
            for (String name : List.of("rust-toolchain.toml", "rust-toolchain")) {
                String file = Project.join(folder, name);
                String text = project.text(file).orElse("");
                boolean plain = name.equals("rust-toolchain") && !text.contains("[toolchain]");
                Optional<Document> toml = project.exists(file) && !plain ? project.toml(file) : Optional.empty();
                String channel = plain ? text.strip() : toml.map(d -> d.text("toolchain", "channel")).orElse("");
                if (channel.matches("\\d+\\.\\d+(\\.\\d+)?|stable|beta|nightly(-\\d{4}-\\d{2}-\\d{2})?")) {
                    Evidence evidence = toml.map(d -> d.evidence("rust-toolchain", "toolchain", "channel")).orElse(new Evidence(file, 1, "rust-toolchain"));
                    // "stable" moves with time: it is no pin.
                    return Optional.of(new Runtime("rust", channel.equals("stable") ? "" : channel, least, file, evidence));
                }
            }
        }
        return VersionFiles.find(project, workspace.root(), "rust").filter(p -> p.version().matches("\\d+\\.\\d+(\\.\\d+)?"))
                .map(p -> new Runtime("rust", p.version(), least, p.file(), p.evidence()));
    }

    private static Runtime runtime(CargoWorkspace workspace, Document manifest) {
        return least(workspace, manifest).orElse(new Runtime("rust", "", "", "", new Evidence(manifest.file(), 0, "cargo-manifest")));
    }

    /** The least version that compiles it: the package's own, else the highest that a package of the workspace asks for. */
    private static Optional<Runtime> least(CargoWorkspace workspace, Document manifest) {
        List<Document> asked = new ArrayList<>();
        if (manifest.has("package", "rust-version") && !workspace.packageText(manifest, "rust-version").isEmpty()) {
            asked.add(manifest);
        } else if (manifest == workspace.manifest()) {
            asked.addAll(workspace.packages().values());
        }
        Optional<Runtime> highest = Optional.empty();
        int[] best = {-1, -1, -1};
        for (Document each : asked) {
            String version = workspace.packageText(each, "rust-version");
            if (version.matches("\\d{1,3}(\\.\\d{1,4}){1,2}")) {
                int[] number = java.util.Arrays.copyOf(java.util.Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray(), 3);
                if (java.util.Arrays.compare(number, best) > 0) {
                    best = number;
                    boolean own = !each.text("package", "rust-version").isEmpty();
                    Evidence evidence = own ? each.evidence("rust-version", "package", "rust-version")
                            : workspace.manifest().evidence("rust-version", "workspace", "package", "rust-version");
                    highest = Optional.of(new Runtime("rust", "", ">=" + version, "", evidence));
                }
            }
        }
        return highest;
    }

    // --- what else the manifests say ---

    /** crates.io asks for a description and a licence; a package with {@code publish = false} is not meant for it. */
    private static Optional<Publication> publication(CargoWorkspace workspace, Document manifest, String name) {
        boolean inherited = manifest.at("package", "publish", "workspace").asBoolean();
        var publish = inherited ? workspace.manifest().at("workspace", "package", "publish") : manifest.at("package", "publish");
        boolean meant = publish.isMissingNode() || publish.isBoolean() && publish.asBoolean() || publish.isArray() && publish.toString().contains("\"crates-io\"");
        boolean ready = !workspace.packageText(manifest, "description").isEmpty() && !workspace.packageText(manifest, "repository").isEmpty()
                && (!workspace.packageText(manifest, "license").isEmpty() || !workspace.packageText(manifest, "license-file").isEmpty());
        return meant && ready && name.matches("[A-Za-z0-9_-]{1,64}")
                ? Optional.of(new Publication("crates", name, manifest.evidence("cargo-package", "package", "description"))) : Optional.empty();
    }

    /** From the lock file all crates count, else those that the packages name themselves. */
    private static Map<String, Evidence> systemPackages(Project project, CargoWorkspace workspace) {
        String lock = Project.join(workspace.root(), "Cargo.lock");
        Map<String, List<String>> crates = workspace.locked();
        Map<String, Evidence> places = new TreeMap<>();
        if (crates.isEmpty()) {
            workspace.packages().values().forEach(m -> places.putAll(workspace.dependencies(m)));
        } else {
            new TreeSet<>(crates.keySet()).forEach(c -> places.put(c, Evidence.of(lock, "cargo-lock")));
        }
        Map<String, Evidence> packages = new TreeMap<>();
        places.forEach((crate, evidence) -> {
            List<String> needs = crates.getOrDefault(crate, List.of());
            boolean bundled = places.containsKey(BUNDLED.getOrDefault(crate, "-")) || needs.contains(COMPILES.getOrDefault(crate, "-"))
                    || crate.matches("prost-build|tonic-build") && PROTOC.stream().anyMatch(places::containsKey)
                    || crate.equals("cmake") && users(crates, "cmake").stream().allMatch("aws-lc-sys"::equals);
            if (!bundled) {
                SystemPackages.ofCrate(crate).forEach(p -> packages.putIfAbsent(p, evidence));
            }
        });
        return packages;
    }

    private static List<String> users(Map<String, List<String>> crates, String of) {
        return crates.entrySet().stream().filter(e -> e.getValue().contains(of)).map(Map.Entry::getKey).toList();
    }
}

/** The commands at the root of a Cargo workspace, for all its members: from its task file, its tools' configuration, and cargo itself. */
final class RustCommands {
    private static final Set<String> BUILT_IN = Set.of("test", "build", "fmt", "clippy", "run", "check", "doc", "bench", "fetch", "metadata", "clean",
            "install", "tree", "rustc", "rustdoc", "package", "publish", "update", "generate-lockfile", "version", "t", "b", "c", "r", "d", "nextest");
    private static final Pattern TESTS = Pattern.compile("#\\[\\s*(\\w+\\s*::\\s*)*test\\b|#\\[(rstest|test_case|wasm_bindgen_test|quickcheck)\\b|(proptest|quickcheck)!|//[/!] ```");
    private static final Pattern CLIPPY = Pattern.compile("#!?\\[(deny|warn|forbid|allow|expect)\\([^)]{0,200}\\bclippy::");
    /** rustfmt knows these in its nightly only, and a stable one formats otherwise. */
    private static final Pattern NIGHTLY = Pattern.compile("(?m)^[ \\t]*(unstable_features|imports_granularity|group_imports|wrap_comments|format_code_in_doc_comments"
            + "|normalize_comments|format_strings|blank_lines_upper_bound|reorder_impl_items|brace_style|control_brace_style|indent_style|imports_layout"
            + "|condense_wildcard_suffixes|overflow_delimited_expr|struct_field_align_threshold|enum_discrim_align_threshold|normalize_doc_attributes"
            + "|format_macro_matchers|where_single_line|fn_single_line|hex_literal_case|comment_width|error_on_line_overflow|ignore|version)\\s*=");

    private final Project project;
    private final CargoWorkspace workspace;
    private final String root;
    private final TaskChoice tasks;
    private final Evidence manifest;
    private final String scope;
    private final String locked;

    RustCommands(Project project, CargoWorkspace workspace) {
        this.project = project;
        this.workspace = workspace;
        root = workspace.root();
        tasks = new TaskChoice(project, root, Set.of("cargo", "rustc", "rustfmt", "rustup"));
        manifest = new Evidence(workspace.manifest().file(), 0, "cargo-manifest");
        // Who names default members doesn't want cargo to take all of them: some need another target.
        scope = workspace.isWorkspace() && !workspace.manifest().has("workspace", "default-members") && workspace.packages().size() > 1 ? " --workspace" : "";
        locked = project.exists(Project.join(root, "Cargo.lock")) ? " --locked" : "";
    }

    void add(Component.Builder c) {
        boolean foreign = target(c);
        format(c);
        lint(c);
        test(c, foreign);
        build(c);
    }

    /** Code for another machine by default: its target has to be there, and its tests can't run here. */
    private boolean target(Component.Builder c) {
        Optional<Document> config = project.first(root, ".cargo/config.toml", ".cargo/config").flatMap(project::toml);
        String target = config.map(d -> d.text("build", "target")).orElse("");
        if (!target.matches("[a-z0-9_]+(-[a-z0-9_.]+){1,3}") || target.matches("x86_64-unknown-linux-(gnu|musl)")) {
            return false;
        }
        Evidence evidence = config.get().evidence("cargo-target", "build", "target");
        c.command(CommandKind.INSTALL, Command.certain("rustup target add " + Shell.word(target), evidence));
        project.report(Finding.info("foreign-target", "cargo builds for " + target + ": tests can't run on the machine that builds", "", evidence));
        return true;
    }

    private void format(Component.Builder c) {
        if (tasks.add(c, CommandKind.FORMAT, r -> r.calls("cargo fmt") && isPlain(r))) {
            return;
        }
        Optional<String> config = project.first(root, "rustfmt.toml", ".rustfmt.toml");
        Evidence evidence = config.map(f -> Evidence.of(f, "rustfmt-config")).or(() -> component("rustfmt")).or(() -> documented("cargo fmt"))
                .or(() -> tasks.anyCalls("cargo fmt")).orElse(manifest);
        boolean nightly = config.flatMap(project::text).map(t -> NIGHTLY.matcher(t).find()).orElse(false) && !isNightly();
        if (nightly) {
            project.report(Finding.info("nightly-rustfmt", config.get() + " has options that only the nightly rustfmt knows: the format is not checked",
                    "add a task that checks the format, such as `cargo +nightly fmt --all --check`", evidence));
        }
        String run = "cargo fmt --all --check";
        c.command(CommandKind.FORMAT, evidence == manifest || nightly ? Command.guess(run, evidence) : Command.likely(run, evidence));
    }

    private void lint(Component.Builder c) {
        if (tasks.add(c, CommandKind.LINT, r -> r.calls("cargo clippy") && isPlain(r))) {
            return;
        }
        Optional<Evidence> evidence = project.first(root, "clippy.toml", ".clippy.toml").map(f -> Evidence.of(f, "clippy-config")).or(() -> component("clippy"))
                .or(this::lintTable).or(this::lintAttribute).or(() -> documented("cargo clippy")).or(() -> tasks.anyCalls("cargo clippy"));
        String run = "cargo clippy" + scope + " --all-targets" + features("cargo clippy") + locked + " -- -D warnings";
        evidence.ifPresent(e -> c.command(CommandKind.LINT, Command.likely(run, e)));
    }

    private void test(Component.Builder c, boolean foreign) {
        boolean own = tasks.add(c, CommandKind.TEST, r -> (r.calls("cargo test") || r.calls("cargo nextest run")) && isPlain(r));
        if (own) {
            project.tasks(root).stream().filter(t -> t.name().startsWith("test") && t.calls("cargo nextest")).findFirst()
                    .ifPresent(t -> c.tool(new Tool("cargo-nextest", "", t.evidence())));
            return;
        }
        Optional<Evidence> tests = tests();
        if (tests.isEmpty()) {
            return;
        }
        Optional<String> nextest = project.first(root, ".config/nextest.toml");
        if (nextest.isPresent() && !foreign) {
            nextest(c, nextest.get());
            return;
        }
        String run = "cargo test" + scope + features("cargo test") + locked;
        c.command(CommandKind.TEST, foreign ? Command.guess(run, tests.get()) : Command.certain(run, tests.get()));
    }

    private void nextest(Component.Builder c, String file) {
        Evidence evidence = Evidence.of(file, "nextest-config");
        Optional<Document> config = project.toml(file);
        String junit = config.map(d -> d.text("profile", "ci", "junit", "path")).orElse("");
        boolean ci = config.map(d -> d.has("profile", "ci")).orElse(false);
        c.tool(new Tool("cargo-nextest", "", evidence));
        c.command(CommandKind.TEST, Command.likely("cargo nextest run" + scope + features("cargo nextest run") + locked + (ci ? " --profile ci" : ""), evidence));
        if (Shell.isPrintable(junit)) {
            c.output(Output.Kind.JUNIT, "target/nextest/ci/" + junit, evidence);
        }
    }

    private void build(Component.Builder c) {
        if (tasks.add(c, CommandKind.BUILD, List.of("build"), r -> r.calls("cargo build") && isPlain(r) && r.commands().stream().filter(w -> w.contains("build")).count() == 1)) {
            return;
        }
        List<String> programs = programs();
        c.command(CommandKind.BUILD, Command.certain("cargo build" + scope + (programs.isEmpty() ? "" : " --release") + locked, manifest));
        programs.stream().limit(10).forEach(p -> c.output(Output.Kind.BUILD, "target/release/" + p, manifest));
    }

    /** Names of the executables. */
    private List<String> programs() {
        List<String> names = new ArrayList<>();
        workspace.packages().forEach((folder, member) -> {
            if (Project.isAside(folder) || member.text("package", "name").equals("xtask")) {
                return;
            }
            String name = member.text("package", "name");
            if (project.exists(Project.join(folder, "src/main.rs"))) {
                names.add(name);
            }
            member.at("bin").forEach(b -> names.add(b.path("name").asText("")));
            String bin = Project.join(folder, "src/bin");
            for (String file : project.under(bin)) {
                String rest = file.substring(bin.length() + 1);
                if (!rest.contains("/") && rest.endsWith(".rs") || rest.matches("[^/]+/main\\.rs")) {
                    names.add(rest.replaceFirst("(\\.rs|/main\\.rs)$", ""));
                }
            }
        });
        return names.stream().filter(n -> n.matches("[A-Za-z0-9_-]{1,64}")).distinct().toList();
    }

    // --- evidence ---

    /** A recipe that calls a cargo command which cargo itself doesn't have, or another toolchain, can't run everywhere. */
    private boolean isPlain(Recipe recipe) {
        Set<String> aliases = Set.copyOf(project.first(root, ".cargo/config.toml", ".cargo/config").flatMap(project::toml).map(d -> d.keys("alias")).orElse(List.of()));
        return recipe.commands().stream().filter(w -> w.get(0).equals("cargo")).allMatch(w -> {
            String verb = w.stream().skip(1).filter(x -> !x.startsWith("-")).findFirst().orElse("");
            return BUILT_IN.contains(verb) || aliases.contains(verb);
        });
    }

    private boolean isNightly() {
        return VersionFiles.line(project, root, "rust-toolchain", "rust-toolchain").map(p -> p.version().startsWith("nightly")).orElse(false)
                || toolchainFile().map(d -> d.text("toolchain", "channel").startsWith("nightly")).orElse(false);
    }

    private Optional<Document> toolchainFile() {
        return VersionFiles.upwards(root).stream().flatMap(f -> project.first(f, "rust-toolchain.toml").stream()).findFirst().flatMap(project::toml);
    }

    private Optional<Evidence> component(String name) {
        return toolchainFile().filter(d -> d.texts("toolchain", "components").contains(name))
                .map(d -> d.evidence("rust-toolchain", "toolchain", "components"));
    }

    private Optional<Evidence> documented(String words) {
        return Documentation.says(project, root, words);
    }

    private Optional<Evidence> lintTable() {
        if (workspace.manifest().has("workspace", "lints", "clippy")) {
            return Optional.of(workspace.manifest().evidence("cargo-lints", "workspace", "lints", "clippy"));
        }
        return workspace.packages().values().stream().filter(m -> m.has("lints", "clippy")).findFirst().map(m -> m.evidence("cargo-lints", "lints", "clippy"));
    }

    /** A lint of clippy's that the code allows or demands: who writes that runs it. */
    private Optional<Evidence> lintAttribute() {
        for (String file : sources().limit(300).toList()) {
            int number = 0;
            for (String line : project.lines(file)) {
                number++;
                if (line.length() < 500 && CLIPPY.matcher(line).find()) {
                    return Optional.of(new Evidence(file, number, "clippy-attribute"));
                }
            }
        }
        return Optional.empty();
    }

    private Stream<String> sources() {
        return workspace.packages().keySet().stream().flatMap(f -> project.under(f).stream()).filter(f -> f.endsWith(".rs")).distinct();
    }

    /** Documented flags that choose how the whole is built. */
    private String features(String words) {
        boolean all = documented(words + " --all-features").isPresent() || documented(words + " --workspace --all-features").isPresent()
                || documented(words + " --all --all-features").isPresent() || documented(words + " --all-targets --all-features").isPresent()
                || documented(words + " --all-features --workspace").isPresent();
        return all ? " --all-features" : "";
    }

    /** The first file with a test; a folder of integration tests spares reading. */
    private Optional<Evidence> tests() {
        for (String folder : workspace.packages().keySet()) {
            Optional<String> file = project.under(Project.join(folder, "tests")).stream().filter(f -> f.endsWith(".rs")).findFirst();
            if (file.isPresent()) {
                return file.map(f -> Evidence.of(f, "cargo-tests"));
            }
        }
        return sources().limit(500).filter(f -> project.text(f).map(t -> TESTS.matcher(t).find()).orElse(false)).findFirst().map(f -> Evidence.of(f, "cargo-tests"));
    }
}

/**
 * A root manifest of Cargo with the packages that its commands serve: a workspace, or one package alone.
 *
 * <p>Knows Cargo's rules of membership and inheritance; not which commands follow.
 *
 * @param root the folder of the root manifest
 * @param packages manifests of the packages by folder, the root's own first where it is one
 */
record CargoWorkspace(Project project, String root, Document manifest, Map<String, Document> packages) {
    private static final String FILE = "Cargo.toml";

    boolean isWorkspace() {
        return manifest.has("workspace");
    }

    /** A root without a package of its own. */
    boolean isVirtual() {
        return !manifest.has("package");
    }

    /** All roots of the project, shallowest first. */
    static List<CargoWorkspace> in(Project project) {
        Map<String, Document> manifests = new LinkedHashMap<>();
        // Manifests aside are read only when a workspace asks for them.
        project.named(FILE).forEach(f -> project.toml(f).ifPresent(d -> manifests.put(Project.folderOf(f), d)));
        List<CargoWorkspace> roots = new ArrayList<>();
        Set<String> taken = new LinkedHashSet<>();
        manifests.forEach((folder, manifest) -> {
            if (manifest.has("workspace") && !taken.contains(folder)) {
                CargoWorkspace workspace = new CargoWorkspace(project, folder, manifest, members(project, folder, manifest));
                taken.addAll(workspace.packages.keySet());
                roots.add(workspace);
            }
        });
        manifests.forEach((folder, manifest) -> {
            if (manifest.has("package") && !manifest.has("workspace") && !taken.contains(folder)) {
                roots.add(new CargoWorkspace(project, folder, manifest, Map.of(folder, manifest)));
            }
        });
        return roots;
    }

    private static Map<String, Document> members(Project project, String root, Document manifest) {
        Map<String, Document> members = new TreeMap<>();
        Deque<String> open = new ArrayDeque<>();
        if (manifest.has("package")) {
            open.add(root);
        }
        List<PathMatcher> excluded = globs(project, manifest, "exclude");
        for (String pattern : manifest.texts("workspace", "members")) {
            List<String> found = matching(project, root, pattern);
            if (found.isEmpty() && !pattern.contains("*")) {
                project.report(Finding.warning("missing-member", manifest.file() + " names the member " + pattern + ", which is not there",
                        "remove the member or add its Cargo.toml", manifest.evidence("cargo-workspace", "workspace", "members")));
            }
            open.addAll(found);
        }
        Map<String, Document> result = new LinkedHashMap<>();
        while (!open.isEmpty()) {
            String folder = open.poll();
            String relative = folder.equals(root) ? "" : root.equals(".") ? folder : folder.substring(root.length() + 1);
            boolean out = excluded.stream().anyMatch(m -> !relative.isEmpty() && m.matches(Path.of(relative)));
            Optional<Document> member = members.containsKey(folder) || out ? Optional.empty() : project.toml(Project.join(folder, FILE));
            if (member.isPresent() && member.get().has("package") && (folder.equals(root) || !member.get().has("workspace"))) {
                members.put(folder, member.get());
                // A path dependency below the root is a member too, named or not.
                localPaths(member.get(), folder).values().stream().filter(p -> Project.isInside(p, root)).forEach(open::add);
            }
        }
        if (members.containsKey(root)) {
            result.put(root, members.get(root));
        }
        result.putAll(members);
        return result;
    }

    private static List<String> matching(Project project, String root, String pattern) {
        if (!pattern.contains("*") && !pattern.contains("?") && !pattern.contains("[")) {
            return Project.resolve(root, pattern).filter(f -> project.exists(Project.join(f, FILE))).map(List::of).orElse(List.of());
        }
        Optional<PathMatcher> glob = glob(pattern);
        List<String> found = new ArrayList<>();
        for (String file : project.namedAnywhere(FILE)) {
            String folder = Project.folderOf(file);
            boolean below = Project.isInside(folder, root) && !folder.equals(root);
            if (below && glob.isPresent() && glob.get().matches(Path.of(root.equals(".") ? folder : folder.substring(root.length() + 1)))) {
                found.add(folder);
            }
        }
        return found;
    }

    private static List<PathMatcher> globs(Project project, Document manifest, String key) {
        List<PathMatcher> globs = new ArrayList<>();
        for (String pattern : manifest.texts("workspace", key)) {
            glob(pattern).ifPresent(globs::add);
            glob(pattern + "/**").ifPresent(globs::add);
        }
        return globs;
    }

    /** Empty for what is no glob, and for one whose stars would take all day on a long path. */
    private static Optional<PathMatcher> glob(String pattern) {
        if (pattern.length() > 200 || pattern.chars().filter(c -> c == '*').count() > 6) {
            return Optional.empty();
        }
        try {
            return Optional.of(FileSystems.getDefault().getPathMatcher("glob:" + pattern.replaceFirst("^\\./", "").replaceFirst("/+$", "")));
        } catch (PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    // --- dependencies ---

    /** Folders of path dependencies, by the name that the manifest gives them. */
    private static Map<String, String> localPaths(Document manifest, String folder) {
        Map<String, String> paths = new LinkedHashMap<>();
        for (List<String> table : tables(manifest)) {
            for (String name : manifest.keys(table.toArray(String[]::new))) {
                String path = manifest.text(at(table, name, "path"));
                Project.resolve(folder, path).filter(p -> !path.isEmpty()).ifPresent(p -> paths.put(name, p));
            }
        }
        return paths;
    }

    private static List<List<String>> tables(Document manifest) {
        List<List<String>> tables = new ArrayList<>();
        List<String> kinds = List.of("dependencies", "dev-dependencies", "build-dependencies");
        kinds.forEach(k -> tables.add(List.of(k)));
        manifest.keys("target").forEach(t -> kinds.forEach(k -> tables.add(List.of("target", t, k))));
        tables.add(List.of("workspace", "dependencies"));
        return tables;
    }

    private static String[] at(List<String> table, String... more) {
        List<String> path = new ArrayList<>(table);
        path.addAll(List.of(more));
        return path.toArray(String[]::new);
    }

    /** Names of the crates that a package asks for, with their places. */
    Map<String, Evidence> dependencies(Document member) {
        Map<String, Evidence> found = new LinkedHashMap<>();
        for (List<String> table : tables(member)) {
            if (table.get(0).equals("workspace")) {
                continue;
            }
            for (String name : member.keys(table.toArray(String[]::new))) {
                String renamed = member.text(at(table, name, "package"));
                found.putIfAbsent(renamed.isEmpty() ? name : renamed, member.evidence("cargo-dependency", at(table, name)));
            }
        }
        return found;
    }

    /** Folders of the packages of this workspace that a package is built from. Its tests alone may need its users: that would be a circle. */
    List<String> links(String folder, Document member) {
        Set<String> links = new LinkedHashSet<>();
        Map<String, String> local = localPaths(member, folder);
        Map<String, String> shared = localPaths(manifest, root);
        for (List<String> table : tables(member)) {
            if (table.contains("dev-dependencies")) {
                continue;
            }
            for (String name : member.keys(table.toArray(String[]::new))) {
                boolean inherited = member.at(at(table, name, "workspace")).asBoolean();
                Optional.ofNullable((inherited ? shared : local).get(name)).ifPresent(links::add);
            }
        }
        links.remove(folder);
        return links.stream().filter(packages::containsKey).sorted().toList();
    }

    /** A value of the package's table, inherited from the workspace where it says so. */
    String packageText(Document member, String key) {
        boolean inherited = member.at("package", key, "workspace").asBoolean();
        return inherited ? manifest.text("workspace", "package", key) : member.text("package", key);
    }

    // --- the lock file ---

    /** Names of the locked crates with what each needs itself; empty without a lock file. */
    Map<String, List<String>> locked() {
        Map<String, List<String>> crates = new HashMap<>();
        String name = "";
        boolean needs = false;
        for (String line : project.lines(Project.join(root, "Cargo.lock"))) {
            String text = line.strip();
            if (text.startsWith("name = \"")) {
                name = text.substring(8, Math.max(8, text.length() - 1));
                crates.putIfAbsent(name, new ArrayList<>());
            } else if (text.startsWith("dependencies = [")) {
                needs = true;
            } else if (text.equals("]")) {
                needs = false;
            } else if (needs && text.startsWith("\"") && crates.containsKey(name)) {
                crates.get(name).add(text.replaceAll("[\",]", "").split(" ")[0]);
            }
        }
        return crates;
    }
}
