package lib.scan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lib.scan.NodeWorkspaces.Group;

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
            for (CommandKind kind : CommandKind.values()) {
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
