package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
