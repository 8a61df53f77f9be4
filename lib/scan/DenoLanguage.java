package lib.scan;

import java.util.ArrayList;
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
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/**
 * Deno by deno.json. Tasks are read as scripts of package.json are; formatter, linter and test runner are Deno's own, so that
 * configuration or test files are proof enough that they are used.
 */
final class DenoLanguage implements Language {
    private static final Pattern TEST = Pattern.compile("(.*/)?([^/]+[._])?test\\.[cm]?[jt]sx?|(.*/)?__tests__/[^/]+\\.[cm]?[jt]sx?");
    private static final Pattern PACKAGE = Pattern.compile("(npm|jsr):/?((?:@[^/@]+/)?[^/@]+).*");

    @Override
    public List<String> looksFor() {
        return List.of("deno.json", "deno.jsonc");
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, NodePackage> all = new TreeMap<>();
        for (String name : List.of("deno.jsonc", "deno.json")) {
            project.namedAnywhere(name).stream().filter(f -> !f.contains("/fixtures/")).forEach(f -> read(project, f).ifPresent(p -> all.put(p.folder(), p)));
        }
        Map<String, String> rootOf = members(project, all);
        List<Component> components = new ArrayList<>();
        Map<String, Component> roots = new LinkedHashMap<>();
        for (NodePackage each : all.values()) {
            if (!rootOf.containsKey(each.folder()) && !rootOf.containsValue(each.folder()) && !isPackage(project, each, all)) {
                continue;
            }
            NodePackage root = all.get(rootOf.getOrDefault(each.folder(), each.folder()));
            // A root comes before its members: its folder is shorter.
            Component known = roots.get(root.folder());
            boolean served = known != null && known.commands().containsKey(CommandKind.TEST);
            Component component = component(project, each, root, rootOf, served, all);
            roots.put(each.folder(), component);
            components.add(component);
        }
        return components;
    }

    private static Optional<NodePackage> read(Project project, String file) {
        return project.json(file).filter(d -> d.root().isObject()).map(manifest -> {
            Map<String, String> tasks = new LinkedHashMap<>();
            for (String task : manifest.keys("tasks")) {
                List<String> parts = new ArrayList<>();
                manifest.texts("tasks", task, "dependencies").forEach(d -> parts.add("deno task " + Shell.word(d)));
                String text = manifest.text("tasks", task) + manifest.text("tasks", task, "command");
                if (!text.isEmpty()) {
                    parts.add(text);
                }
                tasks.put(task, String.join(" && ", parts));
            }
            Map<String, String> imports = new LinkedHashMap<>();
            manifest.keys("imports").forEach(i -> imports.put(i, manifest.text("imports", i)));
            return new NodePackage(Project.folderOf(file), manifest, manifest.text("name"), "tasks", tasks, imports);
        });
    }

    /** Member to root. */
    private static Map<String, String> members(Project project, Map<String, NodePackage> all) {
        Map<String, String> rootOf = new TreeMap<>();
        for (NodePackage root : all.values()) {
            List<String> patterns = new ArrayList<>(root.manifest().texts("workspace"));
            patterns.addAll(root.manifest().texts("workspace", "members"));
            if (!patterns.isEmpty() && !Project.isAside(root.folder())) {
                NodeWorkspaces.select(project, root.folder(), patterns, all.keySet()).forEach(m -> rootOf.putIfAbsent(m, root.folder()));
            }
        }
        return rootOf;
    }

    /** Beside a package.json a deno.json may only configure an editor or a registry; below another one it may only map imports. */
    private static boolean isPackage(Project project, NodePackage of, Map<String, NodePackage> all) {
        boolean lock = project.exists(Project.join(of.folder(), "deno.lock"));
        if (NodeLanguage.isAside(of.folder())) {
            return false;
        }
        boolean node = project.exists(Project.join(of.folder(), "package.json"));
        boolean below = !of.folder().equals(".") && VersionFiles.upwards(Project.folderOf(of.folder())).stream()
                .anyMatch(f -> all.containsKey(f) || project.exists(Project.join(f, "package.json")));
        boolean works = !of.scripts().isEmpty() || lock;
        boolean says = List.of("fmt", "lint", "test", "exports").stream().anyMatch(of.manifest()::has);
        return works || !node && !below && (says || hasTests(project, of.folder()));
    }

    private static Component component(Project project, NodePackage of, NodePackage root, Map<String, String> rootOf, boolean served, Map<String, NodePackage> all) {
        String lock = Project.join(root.folder(), "deno.lock");
        boolean locked = project.exists(lock) && !root.manifest().text("lock").equals("false");
        Evidence evidence = locked ? Evidence.of(lock, "lock-file") : Evidence.of(root.file(), "manifest");
        Runtime runtime = runtime(project, of);
        PackageManager facts = new PackageManager("deno", runtime.version(), evidence, locked ? List.of(lock) : List.of());
        NodeManager manager = new NodeManager("deno", facts, locked, evidence);
        Component.Builder component = Component.at(of.folder(), "deno").name(of.name()).packageManager(facts).runtime(runtime);
        dependencies(of, component);
        boolean isMember = rootOf.containsKey(of.folder());
        boolean isRoot = rootOf.containsValue(of.folder());
        if (!isMember && locked) {
            component.command(CommandKind.INSTALL, Command.certain("deno install --frozen", evidence));
        }
        if (!served) {
            commands(project, of, manager, component, isMember);
        }
        if (isMember || isRoot) {
            component.workspace(new Workspace(root.folder(), "deno", "", served || component.has(CommandKind.TEST) && isRoot));
        }
        if (isMember) {
            needs(of, root, rootOf, all).forEach(component::dependsOn);
        } else if (isRoot && !of.manifest().has("exports")) {
            component.notAPackage();
        }
        Document manifest = of.manifest();
        if (!of.name().isEmpty() && manifest.has("version") && manifest.has("exports")) {
            component.publication(new Publication("jsr", of.name(), manifest.evidence("jsr", "exports")));
        }
        return component.build();
    }

    private static void commands(Project project, NodePackage of, NodeManager manager, Component.Builder component, boolean isMember) {
        NodeCommands chosen = new NodeCommands(project, of, manager, new NodeScripts(project, of, manager, of, List.of()));
        chosen.addTo(component);
        for (NodeCalls.Call call : chosen.calls(CommandKind.TEST)) {
            call.args().stream().filter(a -> a.startsWith("--junit-path=")).map(a -> a.substring("--junit-path=".length()).replaceFirst("^\\./", ""))
                    .forEach(path -> component.output(Output.Kind.JUNIT, path, chosen.evidence(CommandKind.TEST).orElseThrow()));
        }
        if (isMember) {
            return;
        }
        own(project, of, component, chosen, CommandKind.FORMAT, NodeTools.Act.FORMAT, "fmt", "deno fmt --check");
        own(project, of, component, chosen, CommandKind.LINT, NodeTools.Act.LINT, "lint", "deno lint");
        if (!component.has(CommandKind.TEST) && hasTests(project, of.folder())) {
            // Tests that read a file or the network fail without the permission, and which ones they need is not known.
            component.command(CommandKind.TEST, Command.likely("deno test --allow-all", Evidence.of(of.file(), "test-file")));
        }
    }

    /** Deno's own formatter and linter: proven by their configuration or by a task that calls them, else by what people are told to run. */
    private static void own(Project project, NodePackage of, Component.Builder component, NodeCommands chosen, CommandKind kind, NodeTools.Act act,
            String section, String run) {
        if (chosen.does(act)) {
            return;
        }
        Optional<String> task = of.scripts().entrySet().stream().filter(t -> t.getValue().contains("deno " + section)).map(Map.Entry::getKey).findFirst();
        Optional<Evidence> documented = Documentation.says(project, of.folder(), "deno " + section);
        if (of.manifest().has(section)) {
            component.command(kind, Command.certain(run, of.manifest().evidence("deno-configuration", section)));
        } else if (task.isPresent()) {
            component.command(kind, Command.certain(run, of.script(task.get())));
        } else if (documented.isPresent()) {
            component.command(kind, Command.likely(run, documented.get()));
        } else {
            component.command(kind, Command.guess(run, Evidence.of(of.file(), "manifest")));
        }
    }

    private static boolean hasTests(Project project, String folder) {
        return project.under(folder).stream().anyMatch(f -> TEST.matcher(f).matches());
    }

    private static Runtime runtime(Project project, NodePackage of) {
        Optional<VersionFiles.Pin> pin = VersionFiles.line(project, of.folder(), ".dvmrc", "dvmrc")
                .or(() -> VersionFiles.line(project, of.folder(), ".deno-version", "deno-version")).or(() -> VersionFiles.find(project, of.folder(), "deno"));
        String version = pin.map(p -> p.version().replaceFirst("^v", "")).filter(v -> v.matches("\\d[0-9A-Za-z.+-]*")).orElse("");
        Evidence evidence = pin.map(VersionFiles.Pin::evidence).orElse(Evidence.of(of.file(), "manifest"));
        return new Runtime("deno", version, "", pin.map(VersionFiles.Pin::file).orElse(""), evidence);
    }

    /** By the names of the registries: {@code npm:redis@^5} is {@code redis}. */
    private static void dependencies(NodePackage of, Component.Builder component) {
        of.dependencies().forEach((alias, specifier) -> {
            Matcher named = PACKAGE.matcher(specifier);
            component.dependency(named.matches() ? named.group(2) : alias, of.manifest().evidence("deno-import", "imports", alias));
        });
    }

    private static Set<String> needs(NodePackage of, NodePackage root, Map<String, String> rootOf, Map<String, NodePackage> all) {
        Set<String> needs = new LinkedHashSet<>();
        rootOf.keySet().stream().filter(m -> rootOf.get(m).equals(root.folder()) && !m.equals(of.folder())).forEach(m -> {
            String name = all.get(m).name();
            if (!name.isEmpty() && of.dependencies().values().stream().anyMatch(s -> s.matches("(jsr:/?)?" + Pattern.quote(name) + "([@/].*)?"))) {
                needs.add(m);
            }
        });
        return needs;
    }
}
