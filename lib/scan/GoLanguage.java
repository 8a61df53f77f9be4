package lib.scan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

/**
 * Knows go.mod, go.work and the tools of Go.
 *
 * <p>Each module is a component with commands of its own: {@code ./...} never reaches into another module, in a workspace neither.
 */
final class GoLanguage implements Language {
    private static final Set<String> OWN = Set.of("go", "gofmt");
    private static final String TESTS = "_test.go";

    @Override
    public List<String> looksFor() {
        return List.of("go.mod", "go.work");
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, GoModule> workspaceOf = new HashMap<>();
        Set<String> files = new LinkedHashSet<>();
        List<GoModule> works = new ArrayList<>();
        for (String file : project.named("go.work")) {
            GoModule work = GoModule.read(project, file);
            works.add(work);
            for (GoModule.Value use : work.uses()) {
                Optional<String> member = Project.resolve(work.folder(), use.text()).map(f -> Project.join(f, "go.mod"));
                if (member.isPresent() && project.exists(member.get())) {
                    files.add(member.get());
                    workspaceOf.put(member.get(), work);
                } else {
                    project.report(Finding.warning("missing-member", file + " uses " + use.text() + ", where no go.mod is",
                            "remove the line or add the module", new Evidence(file, use.line(), "go-work")));
                }
            }
        }
        files.addAll(project.named("go.mod"));
        Map<String, GoModule> modules = new HashMap<>();
        files.forEach(f -> modules.put(f, GoModule.read(project, f)));
        Map<String, Sources> sources = sources(project, modules.keySet());
        Map<String, String> folderOf = new HashMap<>();
        files.forEach(f -> folderOf.putIfAbsent(modules.get(f).module().text(), Project.folderOf(f)));
        List<Component> components = new ArrayList<>();
        works.stream().filter(w -> workspaceOf.values().stream().anyMatch(x -> x == w)).filter(w -> !files.contains(Project.join(w.folder(), "go.mod")))
                .forEach(w -> components.add(root(project, w)));
        for (String file : files) {
            Sources own = sources.get(Project.folderOf(file));
            // A go.mod above no Go file only keeps ./... of the module around it out of the folder; a site's go.mod lists Hugo modules.
            boolean barrier = own.files.isEmpty() && (files.size() > 1 || hugo(project, Project.folderOf(file)));
            if (!barrier && !own.onlyTools(project)) {
                components.add(component(project, modules.get(file), workspaceOf, folderOf, own));
            }
        }
        return components;
    }

    /** The folder of a go.work that is no module itself: what is there concerns every member, and has no command. */
    private static Component root(Project project, GoModule work) {
        Component.Builder c = Component.at(work.folder(), "go").workspace(new Workspace(work.folder(), "go", "", false)).notAPackage();
        c.runtime(runtime(project, work, work));
        c.packageManager(new PackageManager("go-modules", "", Evidence.of(work.file(), "go-work"),
                project.first(work.folder(), "go.work.sum").map(List::of).orElse(List.of(work.file()))));
        return c.build();
    }

    private Component component(Project project, GoModule module, Map<String, GoModule> workspaceOf, Map<String, String> folderOf, Sources sources) {
        GoModule work = workspaceOf.get(module.file());
        String folder = module.folder();
        Component.Builder c = Component.at(folder, "go");
        c.name(Shell.isPrintable(module.module().text()) ? module.module().text() : "");
        c.runtime(runtime(project, module, work));
        List<String> locks = new ArrayList<>();
        project.first(folder, "go.sum").ifPresent(locks::add);
        if (work != null) {
            c.workspace(new Workspace(work.folder(), "go", "", false));
            project.first(work.folder(), "go.work.sum").ifPresent(locks::add);
        }
        c.packageManager(new PackageManager("go-modules", "", new Evidence(module.file(), module.module().line(), "go-module"),
                locks.isEmpty() ? List.of(module.file()) : locks));
        module.requires().forEach(c::dependency);
        module.tools().forEach(c::dependency);
        SystemPackages.ofGo(module.requires()).forEach(c::systemPackage);
        links(c, module, workspaceOf, folderOf);
        boolean vendored = project.exists(Project.join(folder, "vendor/modules.txt"));
        if (module.hasRequirements() && project.exists(Project.join(folder, "go.sum")) && !vendored) {
            c.command(CommandKind.INSTALL, Command.certain("go mod download", Evidence.of(Project.join(folder, "go.sum"), "lock-file")));
        }
        new GoCommands(project, folder, module, sources).add(c);
        return c.build();
    }

    /** Other modules of the project that stand in for a requirement: by a replacement, or in the same workspace. */
    private static void links(Component.Builder c, GoModule module, Map<String, GoModule> workspaceOf, Map<String, String> folderOf) {
        GoModule work = workspaceOf.get(module.file());
        new TreeMap<>(module.requires()).keySet().stream().filter(folderOf::containsKey).forEach(name -> {
            String folder = folderOf.get(name);
            boolean replaced = Project.resolve(module.folder(), module.replaces().getOrDefault(name, "/")).filter(folder::equals).isPresent();
            if (!folder.equals(module.folder()) && (replaced || work != null && work == workspaceOf.get(Project.join(folder, "go.mod")))) {
                c.dependsOn(folder);
            }
        });
    }

    // --- the version ---

    private static Runtime runtime(Project project, GoModule module, GoModule work) {
        String folder = module.folder();
        String least = GoModule.version(module.go().text());
        String range = least.isEmpty() ? "" : ">=" + least;
        Evidence goLine = new Evidence(module.file(), module.go().line(), "go-directive");
        Optional<VersionFiles.Pin> pin = VersionFiles.line(project, folder, ".go-version", "go-version")
                .or(() -> VersionFiles.find(project, folder, "golang", "go")).filter(p -> !GoModule.version(p.version()).isEmpty());
        if (pin.isPresent()) {
            if (isOlder(GoModule.version(pin.get().version()), least)) {
                project.report(Finding.warning("version-contradiction", pin.get().file() + " pins Go " + pin.get().version() + ", but " + module.file()
                        + " needs " + least + " or newer", "let both say the same", pin.get().evidence(), goLine));
            }
            return new Runtime("go", GoModule.version(pin.get().version()), range, pin.get().file(), pin.get().evidence());
        }
        for (GoModule file : work == null ? List.of(module) : List.of(work, module)) {
            String toolchain = GoModule.version(file.toolchain().text());
            if (!toolchain.isEmpty()) {
                return new Runtime("go", toolchain, range, file.file(), new Evidence(file.file(), file.toolchain().line(), "go-toolchain"));
            }
        }
        return new Runtime("go", "", range, least.isEmpty() ? "" : module.file(), goLine);
    }

    private static boolean isOlder(String version, String least) {
        String[] a = version.split("\\.");
        String[] b = least.replaceFirst("(rc|beta).*", "").split("\\.");
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            int x = number(a[i]);
            int y = number(b[i]);
            if (x != y) {
                return x < y;
            }
        }
        return false;
    }

    private static int number(String text) {
        return text.matches("\\d{1,4}") ? Integer.parseInt(text) : 0;
    }

    private static boolean hugo(Project project, String folder) {
        return project.first(folder, "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config/_default/hugo.toml", "config/_default/hugo.yaml",
                "config.toml", "theme.toml").isPresent();
    }

    // --- what is in a module ---

    /** The Go files of one module, without those of modules below it, of vendored code and of test data. */
    record Sources(String root, List<String> files) {
        boolean hasTests() {
            return files.stream().anyMatch(f -> f.endsWith(TESTS));
        }

        /** Only a list of programs that the developers install: nothing to build and nothing to test. */
        boolean onlyTools(Project project) {
            return !files.isEmpty() && files.stream().allMatch(f -> project.text(f).map(t -> t.matches("(?s).*(//go:build|// \\+build) tools\\b.*")).orElse(false));
        }

        /** The first file that is a program; looked for only where programs usually are, so that no large project is read through. */
        Optional<String> program(Project project) {
            Set<String> known = new HashSet<>();
            for (String file : files) {
                String folder = Project.folderOf(file);
                boolean usual = file.endsWith("/main.go") || !file.contains("/") || (folder + "/").contains("cmd/") || folder.equals(root);
                if (!file.endsWith(TESTS) && usual && !known.contains(folder) && known.size() < 200) {
                    Optional<String> clause = project.text(file).flatMap(Sources::packageClause);
                    if (clause.isPresent() && clause.get().equals("main")) {
                        return Optional.of(file);
                    }
                    // All files of a folder are of one package; one that is ignored tells nothing.
                    clause.ifPresent(c -> known.add(folder));
                }
            }
            return Optional.empty();
        }

        /** The name in the first line outside of comments that is a package clause; empty for a file that the go command ignores. */
        private static Optional<String> packageClause(String text) {
            boolean comment = false;
            for (String line : text.lines().limit(2_000).toList()) {
                String code = line.strip();
                if (code.startsWith("//go:build ignore")) {
                    return Optional.empty();
                }
                if (comment) {
                    comment = !code.contains("*/");
                } else if (code.startsWith("/*")) {
                    comment = !code.contains("*/");
                } else if (code.startsWith("package ")) {
                    return Optional.of(code.substring(8).strip().split("[\\s/;]")[0]);
                }
            }
            return Optional.empty();
        }
    }

    /** One pass over all files: each belongs to the nearest module above it. */
    private static Map<String, Sources> sources(Project project, Set<String> modules) {
        Map<String, Sources> found = new HashMap<>();
        modules.forEach(m -> found.put(Project.folderOf(m), new Sources(Project.folderOf(m), new ArrayList<>())));
        Set<String> boundaries = new LinkedHashSet<>();
        project.namedAnywhere("go.mod").forEach(m -> boundaries.add(Project.folderOf(m)));
        Map<String, String> owner = new HashMap<>();
        for (String file : project.under(".", ".go")) {
            String folder = Project.folderOf(file);
            String module = owner.computeIfAbsent(folder, f -> ownerOf(f, boundaries));
            if (found.containsKey(module)) {
                found.get(module).files.add(file);
            }
        }
        return found;
    }

    /** The nearest module, or an empty text where the go command would not look: vendor, testdata, names with _ or a dot before. */
    private static String ownerOf(String folder, Set<String> boundaries) {
        for (String at : VersionFiles.upwards(folder)) {
            if (boundaries.contains(at)) {
                return at;
            }
            String name = Project.nameOf(at);
            if (name.equals("vendor") || name.equals("testdata") || name.startsWith("_") || name.startsWith(".") && name.length() > 1) {
                return "";
            }
        }
        return "";
    }
}

/** The commands of one Go module, from its task file, its linter's configuration, and the go command itself. */
final class GoCommands {
    private static final Pattern VERSION = Pattern.compile("v?(\\d+\\.\\d+\\.\\d+)");
    private static final String LAST_OF_V1 = "1.64.8";
    private static final String GOTESTSUM = "gotest.tools/gotestsum";

    private final Project project;
    private final String folder;
    private final GoModule module;
    private final GoLanguage.Sources sources;
    private final TaskChoice tasks;
    private final Optional<String> linterConfig;

    GoCommands(Project project, String folder, GoModule module, GoLanguage.Sources sources) {
        this.project = project;
        this.folder = folder;
        this.module = module;
        this.sources = sources;
        linterConfig = VersionFiles.upwards(folder).stream()
                .flatMap(f -> project.first(f, ".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json").stream()).findFirst();
        tasks = new TaskChoice(project, folder, Set.of("go", "gofmt")).bring("gotestsum", () -> pinned("gotestsum"))
                .bring("staticcheck", () -> pinned("staticcheck")).bring("gofumpt", () -> pinned("gofumpt")).bring("goimports");
        if (linterConfig.isPresent()) {
            tasks.bring("golangci-lint", this::linterVersion);
        }
    }

    void add(Component.Builder c) {
        lint(c);
        format(c);
        if (sources.hasTests()) {
            test(c);
        }
        build(c);
        release(c);
    }

    private void test(Component.Builder c) {
        Evidence evidence = Evidence.of(sources.files().stream().filter(f -> f.endsWith("_test.go")).findFirst().orElse(module.file()), "go-tests");
        boolean own = tasks.add(c, CommandKind.TEST, r -> r.calls("go test") || r.calls("gotestsum") || r.calls("go tool gotestsum"));
        if (!own && module.tools().containsKey(GOTESTSUM)) {
            c.command(CommandKind.TEST, Command.certain("go tool gotestsum --junitfile junit.xml -- -race ./...", module.tools().get(GOTESTSUM)));
            c.output(Output.Kind.JUNIT, "junit.xml", module.tools().get(GOTESTSUM));
        } else if (!own) {
            c.command(CommandKind.TEST, Command.certain("go test -race ./...", evidence));
        } else {
            reports(c);
        }
        integration(c);
    }

    /** What a target of its own writes: {@code gotestsum --junitfile x.xml}. */
    private void reports(Component.Builder c) {
        for (Task task : project.tasks(folder)) {
            for (List<String> command : Recipe.of(project, task).commands()) {
                int at = command.indexOf("--junitfile");
                String name = at > 0 && at + 1 < command.size() ? command.get(at + 1)
                        : command.stream().filter(w -> w.startsWith("--junitfile=")).map(w -> w.substring(12)).findFirst().orElse("");
                if (task.name().startsWith("test") && Shell.isPrintable(name)) {
                    c.output(Output.Kind.JUNIT, name, task.evidence());
                    return;
                }
            }
        }
    }

    /** Tests behind a build tag run only where the project has a target for them, and the tag is one of its own. */
    private void integration(Component.Builder c) {
        tasks.add(c, CommandKind.TEST, List.of("test-integration", "test:integration", "integration-test", "integration-tests", "integration"),
                r -> r.commands().stream().anyMatch(w -> w.get(0).equals("go") && w.contains("test") && tag(w).filter(this::isTagOfTests).isPresent()));
    }

    private static Optional<String> tag(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            Matcher m = Pattern.compile("--?tags=(\\w+)").matcher(words.get(i));
            if (m.matches()) {
                return Optional.of(m.group(1));
            }
            if (words.get(i).matches("--?tags") && i + 1 < words.size()) {
                return Optional.of(words.get(i + 1));
            }
        }
        return Optional.empty();
    }

    private boolean isTagOfTests(String tag) {
        return sources.files().stream().filter(f -> f.endsWith("_test.go")).limit(2_000)
                .anyMatch(f -> project.text(f).map(t -> t.startsWith("//go:build " + tag) || t.contains("\n//go:build " + tag)).orElse(false));
    }

    private void lint(Component.Builder c) {
        boolean own = tasks.add(c, CommandKind.LINT, r -> r.calls("golangci-lint run") || r.calls("go tool golangci-lint")
                || r.commands().stream().anyMatch(w -> w.get(0).equals("go") && w.stream().anyMatch(x -> x.contains("/golangci-lint")))
                || linterConfig.isEmpty() && (r.calls("go vet") || r.calls("staticcheck") || r.calls("go run")));
        if (own || linterConfig.isEmpty()) {
            return;
        }
        Evidence config = Evidence.of(linterConfig.get(), "golangci-config");
        Optional<String> tool = module.tools().keySet().stream().filter(t -> t.contains("/golangci-lint")).findFirst();
        if (tool.isPresent()) {
            c.command(CommandKind.LINT, Command.certain("go tool golangci-lint run", module.tools().get(tool.get())));
        } else {
            c.tool(new Tool("golangci-lint", linterVersion(), config));
            c.command(CommandKind.LINT, Command.likely("golangci-lint run", config));
        }
    }

    /** {@code golangci-lint run} reports the formatters of its own configuration too, so that nothing is added to them. */
    private void format(Component.Builder c) {
        boolean own = tasks.add(c, CommandKind.FORMAT, r -> r.calls("gofmt") || r.calls("go fmt") || r.calls("gofumpt") || r.calls("goimports")
                || r.calls("golangci-lint fmt"));
        boolean linted = c.has(CommandKind.LINT) && linterConfig.flatMap(project::text)
                .map(t -> t.contains("gofmt") || t.contains("gofumpt") || t.contains("formatters:")).orElse(false);
        boolean inLint = project.task(folder, "lint").map(t -> Recipe.of(project, t)).filter(r -> r.calls("gofmt")).isPresent();
        if (own || linted || inLint) {
            return;
        }
        tasks.anyCalls("gofmt").or(() -> tasks.anyCalls("go fmt")).or(() -> Documentation.says(project, folder, "gofmt"))
                .or(() -> Documentation.says(project, folder, "go fmt"))
                .ifPresent(e -> c.command(CommandKind.FORMAT, Command.likely("test -z \"$(go fmt ./... | tee /dev/stderr)\"", e)));
    }

    private void build(Component.Builder c) {
        Optional<String> program = sources.program(project);
        boolean own = program.isPresent() && tasks.add(c, CommandKind.BUILD, List.of("build", "compile"), this::isOneBuild);
        if (own || sources.files().stream().allMatch(f -> f.endsWith("_test.go"))) {
            return;
        }
        Evidence evidence = program.map(f -> Evidence.of(f, "go-main")).orElse(new Evidence(module.file(), module.module().line(), "go-module"));
        c.command(CommandKind.BUILD, Command.certain("go build ./...", evidence));
    }

    /** A target that builds for many systems at once belongs into a release, not into each change. */
    private boolean isOneBuild(Recipe recipe) {
        long builds = recipe.commands().stream().filter(w -> w.get(0).equals("go") && w.contains("build")).count();
        return builds == 1 || builds == 0 && recipe.calls("go install");
    }

    private void release(Component.Builder c) {
        project.first(folder, ".goreleaser.yaml", ".goreleaser.yml", ".goreleaser/config.yaml").ifPresent(file -> {
            String name = project.yaml(file).map(d -> d.text("project_name")).orElse("");
            c.publication(new Publication("github-releases", name.isEmpty() ? Project.nameOf(module.module().text()) : name, Evidence.of(file, "goreleaser-config")));
        });
    }

    // --- versions of tools ---

    /** As the project pins it. A configuration of the first format is understood by the first generation only, of which this is the last. */
    private String linterVersion() {
        String pinned = pinned("golangci-lint");
        if (!pinned.isEmpty()) {
            return pinned;
        }
        String file = linterConfig.orElse("");
        Optional<Document> config = file.endsWith(".toml") ? project.toml(file) : file.endsWith(".json") ? project.json(file) : project.yaml(file);
        return config.map(d -> d.text("version").equals("2") ? "" : LAST_OF_V1).orElse("");
    }

    private String pinned(String program) {
        Optional<VersionFiles.Pin> pin = VersionFiles.find(project, folder, program, "aqua:golangci/" + program);
        if (pin.isPresent() && VERSION.matcher(pin.get().version()).matches()) {
            return pin.get().version().replace("v", "");
        }
        String variable = program.toUpperCase(java.util.Locale.ROOT).replace('-', '_') + "_VERSION";
        for (String name : List.of("Makefile", "makefile", "GNUmakefile")) {
            for (String line : project.lines(Project.join(folder, name))) {
                if (line.length() < 500 && line.matches("\\s*(export\\s+)?" + variable + "\\s*[:?]?=.*")) {
                    Matcher m = VERSION.matcher(line.substring(line.indexOf('=') + 1).strip());
                    return m.matches() ? m.group(1) : "";
                }
            }
        }
        return "";
    }

}

/**
 * A go.mod or go.work, read by its directives. Knows the grammar of the file, which the two share; not what follows from it.
 *
 * @param requires direct requirements, by module path
 * @param replaces local folders that stand in for a module, by module path
 * @param uses folders of a go.work
 * @param tools packages of {@code tool} directives
 */
record GoModule(String file, Value module, Value go, Value toolchain, Map<String, Evidence> requires, Map<String, String> replaces,
                List<Value> uses, Map<String, Evidence> tools, boolean hasRequirements) {

    /** Empty text and line 0 where the directive is absent. */
    record Value(String text, int line) {}

    private static final Value NONE = new Value("", 0);

    static GoModule read(Project project, String file) {
        Map<String, Value> single = new LinkedHashMap<>();
        Map<String, Evidence> requires = new LinkedHashMap<>();
        Map<String, String> replaces = new LinkedHashMap<>();
        List<Value> uses = new ArrayList<>();
        Map<String, Evidence> tools = new LinkedHashMap<>();
        boolean any = false;
        String block = "";
        int number = 0;
        for (String raw : project.lines(file)) {
            number++;
            int comment = raw.indexOf("//");
            String line = (comment < 0 ? raw : raw.substring(0, comment)).strip();
            boolean indirect = comment >= 0 && raw.substring(comment).startsWith("// indirect");
            if (line.isEmpty()) {
                continue;
            }
            if (line.equals(")")) {
                block = "";
                continue;
            }
            String[] words = line.replace("\"", "").split("\\s+");
            if (words.length == 2 && words[1].equals("(")) {
                block = words[0];
                continue;
            }
            String directive = block.isEmpty() ? words[0] : block;
            int from = block.isEmpty() ? 1 : 0;
            if (words.length <= from) {
                continue;
            }
            String first = words[from];
            switch (directive) {
                case "module", "go", "toolchain" -> single.putIfAbsent(directive, new Value(first, number));
                case "require" -> {
                    any = true;
                    if (!indirect) {
                        requires.putIfAbsent(first, new Evidence(file, number, "go-require"));
                    }
                }
                case "replace" -> {
                    String target = words[words.length - 1];
                    String local = words.length > 1 && words[words.length - 2].equals("=>") ? target : "";
                    if (local.startsWith("./") || local.startsWith("../") || local.equals(".") || local.equals("..")) {
                        replaces.putIfAbsent(first, local);
                    }
                }
                case "use" -> uses.add(new Value(first, number));
                case "tool" -> tools.putIfAbsent(first, new Evidence(file, number, "go-tool"));
                default -> { }
            }
        }
        return new GoModule(file, single.getOrDefault("module", NONE), single.getOrDefault("go", NONE), single.getOrDefault("toolchain", NONE),
                requires, replaces, uses, tools, any);
    }

    String folder() {
        return Project.folderOf(file);
    }

    /** The version of a directive without {@code go}, or an empty text where it is none. */
    static String version(String text) {
        String version = text.startsWith("go") ? text.substring(2) : text;
        return version.matches("\\d{1,3}(\\.\\d{1,4}){0,2}((rc|beta)\\d{1,3})?") ? version : "";
    }
}
