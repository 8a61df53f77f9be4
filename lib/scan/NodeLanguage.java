package lib.scan;

//DEPS org.semver4j:semver4j:6.0.0

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Runtime;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.NodeWorkspaces.Group;
import lib.scan.Project.VersionFiles;
import org.semver4j.Semver;

/**
 * JavaScript and TypeScript by package.json, whether Node.js or Bun runs it. Knows which manifests are packages of the project;
 * what each holds is read by the classes whose names begin with Node.
 */
final class NodeLanguage implements Language {
    /** Manifests of other ecosystems: beside one, a package.json that only holds helpers for commits and releases is no package. */
    private static final List<String> OTHERS = List.of("go.mod", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "pyproject.toml", "setup.py",
            "requirements.txt", "composer.json", "Gemfile", "mix.exs", "pubspec.yaml", "Package.swift", "CMakeLists.txt", "build.sbt", "deno.json", "deno.jsonc",
            "Chart.yaml", "stack.yaml");
    private static final Map<CommandKind, List<String>> NX_TARGETS = Map.of(CommandKind.LINT, List.of("lint"), CommandKind.TYPECHECK, List.of("typecheck", "type-check"),
            CommandKind.TEST, List.of("test"), CommandKind.BUILD, List.of("build"));

    @Override
    public List<String> looksFor() {
        return List.of("package.json");
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, NodePackage> all = new TreeMap<>();
        project.namedAnywhere("package.json").stream().filter(f -> !f.contains("/fixtures/") && !f.contains("/__fixtures__/"))
                .forEach(f -> NodePackage.read(project, f).filter(p -> !p.isMarker() || !p.name().isEmpty()).ifPresent(p -> all.put(p.folder(), p)));
        NodeWorkspaces workspaces = NodeWorkspaces.of(project, all);
        Map<String, NodeManager> managers = new HashMap<>();
        Map<String, NodeScripts> scripts = new HashMap<>();
        List<Component> components = new ArrayList<>();
        for (NodePackage each : all.values()) {
            Optional<Group> around = workspaces.around(each.folder());
            if (around.isPresent()) {
                NodePackage root = all.get(around.get().root());
                NodeManager manager = managers.computeIfAbsent(root.folder(), f -> NodeManager.of(project, root));
                scripts.put(each.folder(), new NodeScripts(project, each, manager, root, List.of()));
            }
        }
        for (NodePackage each : all.values()) {
            Optional<Group> around = workspaces.around(each.folder());
            Optional<Group> rooted = workspaces.rootedAt(each.folder());
            if (around.isEmpty() && rooted.isEmpty() && !isPackage(project, each, all)) {
                continue;
            }
            NodePackage root = around.map(g -> all.get(g.root())).orElse(each);
            NodeManager manager = managers.computeIfAbsent(root.folder(), f -> NodeManager.of(project, root));
            List<NodeScripts> members = rooted.map(g -> g.members().stream().filter(scripts::containsKey).map(scripts::get).toList()).orElse(List.of());
            NodeScripts own = scripts.computeIfAbsent(each.folder(), f -> new NodeScripts(project, each, manager, root, members));
            Component component = component(project, each, root, manager, own, around, rooted, members);
            if (around.isPresent() || rooted.isPresent() || !isHelper(project, component, each)) {
                components.add(component);
            }
        }
        for (String folder : all.keySet()) {
            workspaces.rootedAt(folder).ifPresent(g -> components.addAll(projects(project, g, all, managers.get(folder))));
        }
        return components;
    }

    private static Component component(Project project, NodePackage of, NodePackage root, NodeManager manager, NodeScripts scripts, Optional<Group> around,
            Optional<Group> rooted, List<NodeScripts> members) {
        Component.Builder component = Component.at(of.folder(), "node").name(of.name()).packageManager(manager.facts())
                .runtime(NodeRuntime.of(project, of, root, manager));
        of.dependencies().keySet().forEach(d -> component.dependency(d, of.dependency(d)));
        // The root's install serves the members.
        if (around.isEmpty() && (rooted.isPresent() || !of.dependencies().isEmpty())) {
            component.command(CommandKind.INSTALL, manager.install(project, of));
        }
        NodeCommands commands = new NodeCommands(project, of, manager, scripts);
        // What shows the others or tries them from outside needs them built, and is no check of a change by itself.
        if (around.isEmpty() || !NodeWorkspaces.isForReaders(of.folder())) {
            commands.addTo(component);
            new NodeConfigured(project, of, manager, commands, component).addMissing(rooted.orElse(null), members);
        }
        new NodeShipping(project, of, manager, commands, component).add();
        rooted.ifPresent(g -> {
            component.workspace(new Workspace(g.root(), kind(manager), g.orchestrator(), false));
            if (!isPackage(project, of)) {
                component.notAPackage();
            }
        });
        around.ifPresent(g -> {
            component.workspace(new Workspace(g.root(), kind(manager), g.orchestrator(), false));
            if (NodeWorkspaces.isForReaders(of.folder())) {
                component.notAPackage();
            }
            NodeWorkspaces.needs(of, g).forEach(component::dependsOn);
        });
        return component.build();
    }

    private static String kind(NodeManager manager) {
        return manager.id().equals("yarn-berry") ? "yarn" : manager.id();
    }

    /** Is the root of a workspace a package too? It is published, or has sources of its own. */
    private static boolean isPackage(Project project, NodePackage root) {
        return root.isPublishable() || List.of("src", "lib", "app", "pages").stream().map(f -> Project.join(root.folder(), f))
                .anyMatch(f -> project.isFolder(f) && project.under(f).stream().anyMatch(x -> x.matches(".*\\.[cm]?[jt]sx?|.*\\.(vue|svelte|astro)")));
    }

    /** A manifest outside workspaces: a package of the project, or only something that lies about? */
    private static boolean isPackage(Project project, NodePackage of, Map<String, NodePackage> all) {
        if (isAside(of.folder()) || of.isMarker()) {
            return false;
        }
        if (isLocked(project, of.folder()) || of.folder().equals(".")) {
            return true;
        }
        // Below another package that is installed by a lock file, what has none of its own is installed by nobody.
        return VersionFiles.upwards(Project.folderOf(of.folder())).stream()
                .noneMatch(f -> all.containsKey(f) && isLocked(project, f) || project.first(f, "deno.json", "deno.jsonc").isPresent());
    }

    /** As {@link Project#isAside}, and {@code runtime-tests} or {@code form-examples} that no workspace names. */
    static boolean isAside(String folder) {
        return Project.isAside(folder) || folder.matches("(.*/)?[^/]+[-_](tests?|e2e|examples?|fixtures|benchmarks?|samples?|demos?|docs|website)(/.*)?");
    }

    private static boolean isLocked(Project project, String folder) {
        return project.first(folder, "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb").isPresent();
    }

    /** Hooks and release tools of a project in another language: nothing to check, test or build by npm. */
    private static boolean isHelper(Project project, Component component, NodePackage of) {
        boolean idle = List.of(CommandKind.values()).stream().allMatch(k -> k == CommandKind.INSTALL || component.proven(k).isEmpty());
        return idle && of.own().isEmpty() && OTHERS.stream().anyMatch(o -> project.exists(Project.join(of.folder(), o)));
    }

    /** Members of an Nx workspace that have a project.json and no manifest of their own: Nx runs their targets. */
    private static List<Component> projects(Project project, Group group, Map<String, NodePackage> all, NodeManager manager) {
        List<Component> components = new ArrayList<>();
        NodePackage root = all.get(group.root());
        for (String member : group.members()) {
            Optional<Document> config = all.containsKey(member) ? Optional.empty() : project.json(Project.join(member, "project.json"));
            if (config.isEmpty()) {
                continue;
            }
            String name = config.get().has("name") ? config.get().text("name") : Project.nameOf(member);
            Component.Builder component = Component.at(member, "node").name(name).packageManager(manager.facts())
                    .runtime(NodeRuntime.of(project, root, root, manager)).workspace(new Workspace(group.root(), kind(manager), "nx", false));
            for (CommandKind kind : root.installs("nx") ? CommandKind.values() : new CommandKind[0]) {
                NX_TARGETS.getOrDefault(kind, List.of()).stream().filter(t -> config.get().has("targets", t)).findFirst().ifPresent(t -> component.command(kind,
                        Command.certain(manager.exec("nx run " + Shell.word(name + ":" + t)), config.get().evidence("nx-target", "targets", t))));
            }
            if (NodeWorkspaces.isForReaders(member)) {
                component.notAPackage();
            }
            config.get().texts("implicitDependencies").forEach(d -> group.members().stream().filter(m -> Project.nameOf(m).equals(d)).forEach(component::dependsOn));
            components.add(component.build());
        }
        return components;
    }
}

/**
 * The workspaces of a project: npm, yarn, pnpm, bun, Lerna, Nx. Knows which folders are members and who needs whom; knows
 * nothing of commands.
 */
final class NodeWorkspaces {
    /** Fixtures are packages for tests to read; what lies below folders of examples is for readers, not built with the project. */
    private static final Set<String> FIXTURES = Set.of("fixtures", "__fixtures__", "fixture", "testdata", "test-data", "snapshots", "node_modules");
    private static final Set<String> FOR_READERS = Set.of("examples", "example", "samples", "sample", "demos", "playground", "playgrounds", "templates",
            "sandbox", "sandboxes", "starters", "benchmarks");

    /**
     * One workspace.
     *
     * @param members folders of its members, without the root
     * @param orchestrator {@code turbo}, {@code nx}, {@code lerna} or empty
     * @param named its members by the names of their packages
     */
    record Group(String root, String orchestrator, Set<String> members, Map<String, NodePackage> named) {}

    private final Map<String, Group> byRoot = new TreeMap<>();
    private final Map<String, Group> byMember = new TreeMap<>();

    private NodeWorkspaces() {}

    /** @param packages by folder: all that there are, also those in folders of tests and examples */
    static NodeWorkspaces of(Project project, Map<String, NodePackage> packages) {
        NodeWorkspaces workspaces = new NodeWorkspaces();
        List<String> roots = new ArrayList<>(packages.keySet());
        // Deepest first, so that a member of a nested workspace belongs to that one.
        roots.sort(Comparator.comparingInt((String f) -> -f.length()).thenComparing(Comparator.naturalOrder()));
        for (String root : roots) {
            if (Project.isAside(root)) {
                continue;
            }
            Set<String> members = select(project, root, patterns(project, packages.get(root)), packages.keySet());
            members.removeAll(workspaces.byMember.keySet());
            if (project.exists(Project.join(root, "nx.json"))) {
                project.under(root).stream().filter(f -> Project.nameOf(f).equals("project.json")).map(Project::folderOf)
                        .filter(f -> !f.equals(root) && !packages.containsKey(f) && !isFixture(f)).forEach(members::add);
            }
            members = ownOnes(root, members);
            if (members.isEmpty()) {
                continue;
            }
            Map<String, NodePackage> named = new HashMap<>();
            members.stream().map(packages::get).filter(p -> p != null && !p.name().isEmpty()).forEach(p -> named.put(p.name(), p));
            Group group = new Group(root, orchestrator(project, packages.get(root)), members, named);
            workspaces.byRoot.put(root, group);
            members.forEach(m -> workspaces.byMember.put(m, group));
        }
        return workspaces;
    }

    Optional<Group> rootedAt(String folder) {
        return Optional.ofNullable(byRoot.get(folder));
    }

    /** The workspace that the folder is a member of. */
    Optional<Group> around(String folder) {
        return Optional.ofNullable(byMember.get(folder));
    }

    /** Folders of the members that the package needs, by name and a version that resolves inside the workspace. */
    static List<String> needs(NodePackage of, Group group) {
        return of.dependencies().entrySet().stream().filter(d -> group.named().containsKey(d.getKey()))
                .filter(d -> resolvesTo(d.getValue(), group.named().get(d.getKey()).manifest().text("version")))
                .map(d -> group.named().get(d.getKey()).folder()).filter(f -> !f.equals(of.folder())).sorted().toList();
    }

    private static boolean resolvesTo(String wanted, String version) {
        if (wanted.startsWith("workspace:") || wanted.startsWith("file:") || wanted.startsWith("link:") || wanted.startsWith("portal:")
                || wanted.isEmpty() || wanted.equals("*") || wanted.equals("latest") || version.isEmpty()) {
            return true;
        }
        try {
            Semver parsed = Semver.parse(version);
            return parsed == null || parsed.satisfies(wanted);
        } catch (RuntimeException e) {
            // npm:other@1, git+https://…: not a range, and so not the member.
            return false;
        }
    }

    private static List<String> patterns(Project project, NodePackage root) {
        String pnpm = Project.join(root.folder(), "pnpm-workspace.yaml");
        if (project.exists(pnpm)) {
            // pnpm does not read the field in package.json.
            return project.yaml(pnpm).map(d -> d.texts("packages")).orElse(List.of());
        }
        List<String> patterns = new ArrayList<>(root.manifest().texts("workspaces"));
        patterns.addAll(root.manifest().texts("workspaces", "packages"));
        String lerna = Project.join(root.folder(), "lerna.json");
        if (patterns.isEmpty() && project.exists(lerna)) {
            project.json(lerna).ifPresent(d -> patterns.addAll(d.texts("packages")));
        }
        return patterns;
    }

    private static String orchestrator(Project project, NodePackage root) {
        if (project.first(root.folder(), "turbo.json", "turbo.jsonc").isPresent()) {
            return "turbo";
        }
        if (project.exists(Project.join(root.folder(), "nx.json")) && root.has("nx")) {
            return "nx";
        }
        return project.exists(Project.join(root.folder(), "lerna.json")) && root.has("lerna") ? "lerna" : "";
    }

    /** A pattern of a workspace; with {@code not} it takes members away. */
    private record Pattern(boolean not, List<PathMatcher> forms) {
        boolean matches(Path path) {
            return forms.stream().anyMatch(f -> f.matches(path));
        }
    }

    /** The folders below the root that the patterns of a workspace mean. */
    static Set<String> select(Project project, String root, List<String> patterns, Set<String> folders) {
        List<Pattern> compiled = new ArrayList<>();
        patterns.forEach(p -> compile(project, root, p).ifPresent(compiled::add));
        Set<String> selected = new TreeSet<>();
        folders.stream().filter(f -> !compiled.isEmpty() && !f.equals(root) && Project.isInside(f, root) && matches(root, f, compiled)).forEach(selected::add);
        return selected;
    }

    private static boolean matches(String root, String folder, List<Pattern> patterns) {
        Path path = Path.of(root.equals(".") ? folder : folder.substring(root.length() + 1));
        // As the tools have it, an exclusion holds wherever it stands.
        return !isFixture(folder) && patterns.stream().anyMatch(p -> !p.not && p.matches(path)) && patterns.stream().noneMatch(p -> p.not && p.matches(path));
    }

    /** {@code packages/**} means the folder itself too, and {@code **}{@code /x} also no folder before it. */
    private static Optional<Pattern> compile(Project project, String root, String pattern) {
        boolean not = pattern.startsWith("!");
        String clean = pattern.substring(not ? 1 : 0).replace('\\', '/').replaceAll("^(\\./)+", "").replaceAll("(/package\\.json)?/*$", "");
        Set<String> forms = new TreeSet<>(List.of(clean, clean.replace("/**/", "/")));
        if (clean.endsWith("/**")) {
            forms.add(clean.substring(0, clean.length() - 3));
        }
        if (clean.startsWith("**/")) {
            forms.add(clean.substring(3));
        }
        try {
            return Optional.of(new Pattern(not, forms.stream().map(f -> FileSystems.getDefault().getPathMatcher("glob:" + f)).toList()));
        } catch (PatternSyntaxException e) {
            project.report(Finding.warning("workspace-pattern", "the workspace pattern " + pattern + " cannot be read: " + e.getDescription(),
                    "fix the pattern", Evidence.of(Project.join(root, "package.json"), "workspaces")));
            return Optional.empty();
        }
    }

    /** A member that shows or measures the others, or tries them from outside: none of the packages that the project is about. */
    static boolean isForReaders(String folder) {
        return List.of(folder.split("/")).stream().anyMatch(p -> FOR_READERS.contains(p) || p.equals("e2e"));
    }

    private static boolean isFixture(String folder) {
        return List.of(folder.split("/")).stream().anyMatch(FIXTURES::contains);
    }

    /** Leaves out what is for readers, unless the workspace holds nothing else. */
    private static Set<String> ownOnes(String root, Set<String> members) {
        Set<String> own = new TreeSet<>();
        for (String member : members) {
            String[] parts = (root.equals(".") ? member : member.substring(root.length() + 1)).split("/");
            boolean below = false;
            for (int i = 0; i < parts.length - 1; i++) {
                below |= FOR_READERS.contains(parts[i]);
            }
            if (!below) {
                own.add(member);
            }
        }
        return own.isEmpty() ? members : own;
    }
}

/**
 * One package.json as it is written. Knows its fields; judges nothing.
 *
 * @param name as declared, or empty
 * @param section where the scripts stand: {@code scripts}, or {@code tasks} of a deno.json, which is read by {@link DenoLanguage}
 * @param scripts name to text, in the file's order
 * @param dependencies name to what the manifest asks for, of all four lists
 */
record NodePackage(String folder, Document manifest, String name, String section, Map<String, String> scripts, Map<String, String> dependencies) {
    /** Nobody writes a longer script; a longer one is there to be slow to read. */
    private static final int MAX_TEXT = 10_000;
    private static final List<String> LISTS = List.of("dependencies", "devDependencies", "optionalDependencies", "peerDependencies");

    static Optional<NodePackage> read(Project project, String file) {
        Optional<Document> parsed = project.json(file);
        if (parsed.isEmpty() || !parsed.get().root().isObject()) {
            return Optional.empty();
        }
        Document manifest = parsed.get();
        Map<String, String> scripts = new LinkedHashMap<>();
        for (String name : manifest.keys("scripts")) {
            String text = manifest.text("scripts", name);
            if (!text.isEmpty()) {
                text = text.equals("wireit") ? wireit(manifest, name) : text;
                scripts.put(name, text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text);
            }
        }
        Map<String, String> dependencies = new LinkedHashMap<>();
        for (String list : LISTS) {
            manifest.keys(list).forEach(d -> dependencies.putIfAbsent(d, manifest.text(list, d)));
        }
        return Optional.of(new NodePackage(Project.folderOf(file), manifest, manifest.text("name"), "scripts", scripts, dependencies));
    }

    /** Wireit moves a script's command into a section of its own and adds the scripts that it needs. */
    private static String wireit(Document manifest, String name) {
        List<String> parts = new ArrayList<>();
        for (JsonNode need : manifest.at("wireit", name, "dependencies")) {
            String script = need.isTextual() ? need.asText() : need.path("script").asText("");
            if (!script.isEmpty() && !script.contains(":") && !script.contains("#")) {
                parts.add("npm run " + script);
            }
        }
        if (manifest.has("wireit", name, "command")) {
            parts.add(manifest.text("wireit", name, "command"));
        }
        return String.join(" && ", parts);
    }

    String file() {
        return manifest.file();
    }

    boolean has(String dependency) {
        return dependencies.containsKey(dependency);
    }

    /** As {@link #has}, but for what is only expected of others ({@code peerDependencies}) and may not be there. */
    boolean installs(String dependency) {
        return LISTS.subList(0, 3).stream().anyMatch(l -> manifest.has(l, dependency));
    }

    boolean hasAny(String... names) {
        return List.of(names).stream().anyMatch(this::has);
    }

    boolean isPrivate() {
        return manifest.at("private").asBoolean();
    }

    record Engine(String name, String version) {}

    /** {@code devEngines}: one engine of that kind or a list of them. */
    List<Engine> engines(String kind) {
        JsonNode node = manifest.at("devEngines", kind);
        List<Engine> engines = new ArrayList<>();
        for (JsonNode each : node.isArray() ? node : List.of(node)) {
            engines.add(new Engine(each.path("name").asText("").strip(), each.path("version").asText("").strip()));
        }
        return engines;
    }

    Evidence script(String name) {
        return manifest.evidence(section.equals("tasks") ? "deno-task" : "npm-script", section, name);
    }

    Evidence dependency(String name) {
        String list = LISTS.stream().filter(l -> manifest.has(l, name)).findFirst().orElse("dependencies");
        return manifest.evidence("npm-dependency", list, name);
    }

    /** What npm would hand to others: files or an entry point that the manifest names. */
    boolean isPublishable() {
        return !isPrivate() && !name.isEmpty() && manifest.has("version")
                && (manifest.has("publishConfig") || manifest.has("files") || manifest.has("exports") || manifest.has("bin") || manifest.has("main")
                        || manifest.has("module"));
    }

    /** Only says how files beside it are read ({@code "type": "commonjs"}), or where a part of a package is: no package. */
    boolean isMarker() {
        return scripts.isEmpty() && dependencies.isEmpty() && !manifest.has("workspaces") && (name.isEmpty() || !manifest.has("version"));
    }

    /** Names of dependencies that are those of the runtime, for what the package does rather than how it is made. */
    Set<String> own() {
        return Set.copyOf(manifest.keys("dependencies"));
    }
}

/**
 * The package manager of a package or of a whole workspace: which, which version, how it installs, runs scripts and calls
 * programs. Knows lock files and the fields that name a manager; knows no scripts' meaning. Corepack is never assumed.
 *
 * @param id {@code npm}, {@code yarn}, {@code yarn-berry}, {@code pnpm}, {@code bun}; {@code deno}, which {@link DenoLanguage} makes
 * @param locked is there a lock file that the manager reads?
 */
record NodeManager(String id, PackageManager facts, boolean locked, Evidence evidence) {
    /** Lock file to manager, in the order that decides where nothing else does: package-lock.json is the one made by accident. */
    private static final Map<String, String> LOCKS = new LinkedHashMap<>();
    private static final Pattern NAMED = Pattern.compile("(npm|yarn|pnpm|bun)@v?([0-9][^+]*)(?:\\+.*)?");
    private static final Pattern YARN_PATH = Pattern.compile("yarn-?[pP]ath\"?:?\\s+\"?\\S*?yarn-(\\d[0-9.]*\\d)");
    /** Scripts of these names would not be run: {@code pnpm ci} and {@code yarn check} are commands of the manager itself. */
    private static final Set<String> PNPM_OWN = Set.of("test", "start", "stop");
    private static final Set<String> YARN_OWN = Set.of("""
            add audit autoclean bin cache check config constraints create dedupe dlx exec explain generate-lock-entry global help import info init install
            licenses link list login logout node npm outdated owner pack patch plugin policies publish rebuild remove search set stage tag team unlink unplug
            up upgrade version versions why workspace workspaces
            """.strip().split("\\s+"));

    static {
        LOCKS.put("pnpm-lock.yaml", "pnpm");
        LOCKS.put("bun.lock", "bun");
        LOCKS.put("bun.lockb", "bun");
        LOCKS.put("yarn.lock", "yarn");
        LOCKS.put("npm-shrinkwrap.json", "npm");
        LOCKS.put("package-lock.json", "npm");
    }

    /** What names a manager, with its version where it has one. */
    private record Named(String id, String version, Evidence evidence) {}

    static NodeManager of(Project project, NodePackage of) {
        Map<String, String> locks = new LinkedHashMap<>();
        LOCKS.forEach((file, id) -> project.first(of.folder(), file).ifPresent(path -> locks.putIfAbsent(id, path)));
        Optional<Named> declared = declared(of);
        Optional<Named> hint = declared.or(() -> hint(project, of));
        String chosen = locks.size() == 1 ? locks.keySet().iterator().next()
                : locks.isEmpty() ? hint.map(Named::id).orElse("npm")
                : hint.map(Named::id).filter(locks::containsKey).orElseGet(() -> locks.keySet().iterator().next());
        contradictions(project, of, locks, declared, chosen);
        String lock = locks.get(chosen);
        Evidence evidence = lock != null ? Evidence.of(lock, "lock-file") : hint.map(Named::evidence).orElse(Evidence.of(of.file(), "manifest"));
        boolean berry = chosen.equals("yarn") && isBerry(project, of, lock, declared);
        String id = berry ? "yarn-berry" : chosen;
        Named version = version(project, of, id, lock, declared);
        // What pins the version says more than the lock file, which is listed anyway. Without a lock file there is nothing to key a cache on.
        Evidence place = version.evidence() != null ? version.evidence() : evidence;
        PackageManager facts = new PackageManager(id, version.version(), place, lock != null ? List.of(lock) : List.of());
        return new NodeManager(id, facts, lock != null, evidence);
    }

    /** The commands that install what the package needs; reports what a user should know of a missing lock file. */
    Command install(Project project, NodePackage of) {
        if (!locked) {
            reportMissingLock(project, of);
        }
        reportTokens(project, of);
        return Command.certain(switch (id) {
            case "pnpm" -> locked ? "pnpm install --frozen-lockfile" : "pnpm install --no-frozen-lockfile";
            case "yarn" -> locked ? "yarn install --frozen-lockfile" : "yarn install";
            // Berry refuses on CI to write a lock file, unless told to.
            case "yarn-berry" -> locked ? "yarn install --immutable" : "yarn install --no-immutable";
            case "bun" -> locked ? "bun install --frozen-lockfile" : "bun install";
            default -> locked ? "npm ci" : "npm install";
        }, evidence);
    }

    /** Runs a script of the package, in its folder. */
    String run(String script) {
        String word = Shell.word(script);
        return switch (id) {
            case "pnpm" -> PNPM_OWN.contains(script) ? "pnpm " + word : "pnpm run " + word;
            case "yarn", "yarn-berry" -> YARN_OWN.contains(script) ? "yarn run " + word : "yarn " + word;
            case "bun" -> "bun run " + word;
            case "deno" -> "deno task " + word;
            default -> script.equals("test") ? "npm test" : "npm run " + word;
        };
    }

    /** Calls a program that a dependency brings; never fetches one. */
    String exec(String command) {
        return switch (id) {
            case "pnpm" -> "pnpm exec " + command;
            case "yarn", "yarn-berry" -> "yarn " + command;
            case "bun" -> "bunx --no-install " + command;
            default -> "npx --no-install " + command;
        };
    }

    /** Is a package part of what the lock file holds, though no manifest asks for it? Hoisted programs can be called too. */
    boolean installs(Project project, String name) {
        if (!locked) {
            return false;
        }
        String lock = facts.lockFiles().get(0);
        return project.text(lock).map(text -> switch (id) {
            case "npm" -> text.contains("\"node_modules/" + name + "\"") || text.contains("\n    \"" + name + "\": {");
            case "pnpm" -> text.contains("\n  " + name + "@") || text.contains("\n  '" + name + "@") || text.contains("\n  /" + name + "@");
            default -> text.contains("\n" + name + "@") || text.contains("\n\"" + name + "@") || text.contains("\"" + name + "\"");
        // A binary or oversized lock file can't be looked into.
        }).orElse(true) || lock.endsWith(".lockb");
    }

    private static Optional<Named> declared(NodePackage of) {
        Document manifest = of.manifest();
        Matcher named = NAMED.matcher(manifest.text("packageManager"));
        if (named.matches()) {
            return Optional.of(new Named(named.group(1), named.group(2), manifest.evidence("package-manager-field", "packageManager")));
        }
        return of.engines("packageManager").stream().filter(e -> LOCKS.containsValue(e.name())).findFirst()
                .map(e -> new Named(e.name(), e.version(), manifest.evidence("dev-engines", "devEngines", "packageManager")));
    }

    private static Optional<Named> hint(Project project, NodePackage of) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put(".yarnrc.yml", "yarn");
        files.put("pnpm-workspace.yaml", "pnpm");
        files.put(".pnpmfile.cjs", "pnpm");
        files.put("bunfig.toml", "bun");
        files.put(".yarnrc", "yarn");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Optional<String> path = project.first(of.folder(), file.getKey());
            if (path.isPresent()) {
                return Optional.of(new Named(file.getValue(), "", Evidence.of(path.get(), "manager-configuration")));
            }
        }
        for (String id : List.of("pnpm", "bun", "yarn")) {
            for (String section : List.of("engines", "volta")) {
                if (of.manifest().has(section, id)) {
                    return Optional.of(new Named(id, "", of.manifest().evidence(section, section, id)));
                }
            }
            for (Map.Entry<String, String> script : of.scripts().entrySet()) {
                if (script.getValue().matches("(?s)(.*[&|;]\\s*)?" + id + "x?\\s+[a-z].*")) {
                    return Optional.of(new Named(id, "", of.script(script.getKey())));
                }
            }
        }
        return Optional.empty();
    }

    private static void contradictions(Project project, NodePackage of, Map<String, String> locks, Optional<Named> declared, String chosen) {
        if (locks.size() > 1) {
            String why = declared.filter(d -> d.id().equals(chosen)).map(d -> ", as " + d.evidence().place() + " says").orElse("");
            project.report(Finding.warning("two-lock-files",
                    "there are lock files of " + String.join(" and ", locks.keySet()) + " side by side; " + chosen + " is taken" + why,
                    "delete the lock file of the package manager that the project does not use",
                    locks.values().stream().map(l -> Evidence.of(l, "lock-file")).toArray(Evidence[]::new)));
        }
        if (locks.size() == 1 && declared.isPresent() && !declared.get().id().equals(chosen)) {
            String other = declared.get().id();
            project.report(Finding.warning("package-manager-mismatch",
                    of.file() + " names " + other + ", but the only lock file is " + locks.get(chosen) + "; " + chosen + " is taken",
                    "commit the lock file of " + other + " or name " + chosen, declared.get().evidence(), Evidence.of(locks.get(chosen), "lock-file")));
        }
    }

    private static boolean isBerry(Project project, NodePackage of, String lock, Optional<Named> declared) {
        String text = lock == null ? "" : project.text(lock).orElse("");
        if (text.contains("__metadata:")) {
            return true;
        }
        if (text.contains("# yarn lockfile v1")) {
            return false;
        }
        return declared.filter(d -> d.id().equals("yarn")).map(d -> !d.version().matches("[\\^~>=v ]*1(\\..*)?")).orElse(false)
                || project.exists(Project.join(of.folder(), ".yarnrc.yml"));
    }

    private static Named version(Project project, NodePackage of, String id, String lock, Optional<Named> declared) {
        String name = id.equals("yarn-berry") ? "yarn" : id;
        if (declared.isPresent() && declared.get().id().equals(name) && declared.get().version().matches("[0-9].*")) {
            return declared.get();
        }
        if (of.manifest().text("volta", name).matches("[0-9].*")) {
            return new Named(id, of.manifest().text("volta", name), of.manifest().evidence("volta", "volta", name));
        }
        Optional<VersionFiles.Pin> pin = VersionFiles.find(project, of.folder(), name)
                .or(() -> name.equals("bun") ? VersionFiles.line(project, of.folder(), ".bun-version", "bun-version") : Optional.empty());
        if (pin.isPresent() && pin.get().version().matches("v?[0-9].*")) {
            return new Named(id, pin.get().version().replaceFirst("^v", ""), pin.get().evidence());
        }
        for (String file : List.of(".yarnrc.yml", ".yarnrc")) {
            String path = Project.join(of.folder(), file);
            Matcher release = YARN_PATH.matcher(name.equals("yarn") ? project.text(path).orElse("") : "");
            if (release.find()) {
                return new Named(id, release.group(1), new Evidence(path, project.lineOf(path, release.group()), "yarn-path"));
            }
        }
        return new Named(id, lock == null ? "" : NodeManager.ofLock(project, of, id, lock), null);
    }

    /** The major version that wrote the lock file; of several that could have, the newest that the project's own range lets pass. */
    private static String ofLock(Project project, NodePackage of, String id, String lock) {
        String text = project.text(lock).orElse("");
        Matcher format = Pattern.compile(id.equals("pnpm") ? "(?m)^lockfileVersion: '?\"?([0-9.]+)" : "__metadata:\\s+version: (\\d+)").matcher(text);
        if (!id.equals("pnpm") && !id.equals("yarn-berry") || !format.find()) {
            return "";
        }
        if (id.equals("yarn-berry")) {
            int version = Integer.parseInt(format.group(1).length() > 6 ? "0" : format.group(1));
            return version >= 7 ? "4" : version >= 5 ? "3" : "2";
        }
        String range = of.manifest().text("engines", "pnpm");
        return switch (format.group(1)) {
            case "5.3" -> "6";
            case "5.4" -> "7";
            case "6.0", "6.1" -> "8";
            // 9, 10 and 11 write the same format. 11 no longer reads settings in package.json.
            case "9.0" -> List.of("10", "9", "11").stream().filter(v -> range.isEmpty() || NodeRuntime.meets(v, range)).findFirst().orElse("10");
            default -> "";
        };
    }

    private static void reportTokens(Project project, NodePackage of) {
        String npmrc = Project.join(of.folder(), ".npmrc");
        int number = 0;
        for (String line : project.lines(npmrc)) {
            number++;
            Matcher variable = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\??}").matcher(line);
            if (!line.strip().matches("[#;].*") && variable.find()) {
                project.report(Finding.info("registry-token", npmrc + " reads " + variable.group(1)
                        + " from the environment: the installation may need it as a secret", "", new Evidence(npmrc, number, "npmrc")));
            }
        }
    }

    private void reportMissingLock(Project project, NodePackage of) {
        String npmrc = Project.join(of.folder(), ".npmrc");
        List<String> settings = new ArrayList<>(project.lines(npmrc));
        for (int i = 0; i < settings.size(); i++) {
            if (settings.get(i).replace(" ", "").matches("(package-)?lock(file)?=false")) {
                project.report(Finding.info("no-lock-file", "the project keeps no lock file on purpose:"
                        + " each install takes the newest versions that package.json allows", "", new Evidence(npmrc, i + 1, "npmrc")));
                return;
            }
        }
        project.report(Finding.warning("no-lock-file", of.file() + " has no lock file beside it: each install may take other versions", "run `"
                + (id.equals("yarn-berry") ? "yarn" : id) + " install` and commit the lock file", Evidence.of(of.file(), "manifest")));
    }
}

/**
 * The runtime of a package: Node.js or Bun, the version that is pinned and the range that is declared. Exact pin files come
 * before the range of {@code engines}; what contradicts is reported with both places.
 */
final class NodeRuntime {
    /** Of the long-term versions, in alphabetic order from Node.js 4 on, each two higher than the one before. */
    private static final List<String> CODE_NAMES = List.of("argon", "boron", "carbon", "dubnium", "erbium", "fermium", "gallium", "hydrogen", "iron", "jod", "krypton");
    private static final Pattern VERSION = Pattern.compile("\\d{1,4}(\\.(\\d{1,5}|x|\\*)){0,2}(-[0-9A-Za-z.-]+)?");

    private NodeRuntime() {}

    /** @param root the workspace's root, whose pins and range hold for its members; null where there is none */
    static Runtime of(Project project, NodePackage of, NodePackage root, NodeManager manager) {
        List<VersionFiles.Pin> pins = pins(project, of, root);
        // A member says what its users need; what installs and builds it is the root's to say.
        NodePackage ranged = root != null && root.manifest().has("engines", "node") ? root : of;
        String range = ranged.manifest().text("engines", "node");
        if (range.isEmpty()) {
            range = devEngine(of).filter(p -> !VERSION.matcher(p.version()).matches()).map(VersionFiles.Pin::version).orElse("");
        }
        if (manager.id().equals("bun") && pins.isEmpty() && range.isEmpty()) {
            return bun(project, of, manager);
        }
        report(project, pins, range, ranged);
        Optional<VersionFiles.Pin> exact = pins.stream().filter(p -> VERSION.matcher(p.version()).matches()).findFirst();
        VersionFiles.Pin file = exact.or(() -> pins.stream().findFirst()).orElse(null);
        Evidence declared = range.isEmpty() ? Evidence.of(of.file(), "manifest") : ranged.manifest().evidence("engines", "engines", "node");
        Evidence evidence = file != null ? file.evidence() : declared;
        return new Runtime("node", exact.map(p -> p.version().replaceAll("\\.[x*].*$", "")).orElse(""), range, file == null ? "" : file.file(), evidence);
    }

    /** Is there a version of this (partial) number in the range? {@code 20} meets {@code >=20.11}. */
    static boolean meets(String version, String range) {
        String[] parts = version.replaceAll("\\.[x*].*$", "").split("\\.");
        Semver low = Semver.coerce(version);
        if (low == null) {
            return true;
        }
        try {
            return low.satisfies(range) || parts.length < 3
                    && Semver.parse(parts[0] + "." + (parts.length > 1 ? parts[1] : "9999") + ".9999").satisfies(range);
        } catch (RuntimeException e) {
            // A range in a dialect of its own says nothing that could be contradicted.
            return true;
        }
    }

    private static List<VersionFiles.Pin> pins(Project project, NodePackage of, NodePackage root) {
        List<VersionFiles.Pin> pins = new ArrayList<>();
        VersionFiles.line(project, of.folder(), ".nvmrc", "nvmrc").ifPresent(pins::add);
        VersionFiles.line(project, of.folder(), ".node-version", "node-version").ifPresent(pins::add);
        VersionFiles.find(project, of.folder(), "nodejs", "node").ifPresent(pins::add);
        for (NodePackage each : root == null || root == of ? List.of(of) : List.of(of, root)) {
            if (each.manifest().has("volta", "node")) {
                pins.add(new VersionFiles.Pin(each.manifest().text("volta", "node"), each.file(), each.manifest().evidence("volta", "volta", "node")));
            }
            devEngine(each).filter(p -> VERSION.matcher(p.version()).matches()).ifPresent(pins::add);
        }
        return pins.stream().map(p -> new VersionFiles.Pin(plain(p.version()), p.file(), p.evidence())).toList();
    }

    private static Optional<VersionFiles.Pin> devEngine(NodePackage of) {
        return of.engines("runtime").stream().filter(e -> e.name().equals("node") && !e.version().isEmpty()).findFirst()
                .map(e -> new VersionFiles.Pin(e.version(), of.file(), of.manifest().evidence("dev-engines", "devEngines", "runtime")));
    }

    /** {@code v20.11} and {@code lts/iron} as numbers; {@code lts/*} and {@code node} stay what they are. */
    private static String plain(String version) {
        String text = version.strip().replaceFirst("\\s+#.*$", "").replaceFirst("^v(?=\\d)", "");
        int name = text.startsWith("lts/") ? CODE_NAMES.indexOf(text.substring(4).toLowerCase(Locale.ROOT)) : -1;
        return name < 0 ? text : String.valueOf(4 + 2 * name);
    }

    private static void report(Project project, List<VersionFiles.Pin> pins, String range, NodePackage ranged) {
        List<VersionFiles.Pin> exact = pins.stream().filter(p -> VERSION.matcher(p.version()).matches()).toList();
        for (VersionFiles.Pin pin : exact) {
            if (!range.isEmpty() && !meets(pin.version(), range)) {
                project.report(Finding.warning("runtime-contradiction",
                        pin.file() + " pins Node.js " + pin.version() + ", but " + ranged.file() + " asks for " + range, "pin a version that the range allows, or change the range", pin.evidence(), ranged.manifest().evidence("engines", "engines", "node")));
            }
            VersionFiles.Pin first = exact.get(0);
            if (!same(first.version(), pin.version())) {
                project.report(Finding.warning("runtime-contradiction",
                        first.file() + " pins Node.js " + first.version() + " and " + pin.file() + " pins " + pin.version() + "; the first is taken", "pin one version, in one place", first.evidence(), pin.evidence()));
            }
        }
    }

    private static boolean same(String one, String other) {
        String a = one.replaceAll("\\.[x*].*$", "") + ".";
        String b = other.replaceAll("\\.[x*].*$", "") + ".";
        return a.startsWith(b) || b.startsWith(a);
    }

    private static Runtime bun(Project project, NodePackage of, NodeManager manager) {
        String version = manager.facts().version();
        Optional<String> pin = VersionFiles.line(project, of.folder(), ".bun-version", "bun-version").or(() -> VersionFiles.find(project, of.folder(), "bun"))
                .map(VersionFiles.Pin::file);
        String file = of.manifest().text("packageManager").startsWith("bun@") ? of.file() : pin.orElse("");
        boolean ranged = of.manifest().has("engines", "bun");
        return new Runtime("bun", version, of.manifest().text("engines", "bun"), file,
                ranged ? of.manifest().evidence("engines", "engines", "bun") : version.isEmpty() ? manager.evidence() : manager.facts().evidence());
    }
}
