package lib.scan;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import lib.scan.PythonTasks.Way;

/**
 * Knows which folders are Python components, and puts each together: {@link PythonManifest} reads, {@link PythonManager} installs,
 * {@link PythonRuntime} dates, {@link PythonCommands} chooses.
 */
final class PythonLanguage implements Language {
    private static final List<String> MANIFESTS = List.of("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "requirements.txt");
    /** Folders of helper scripts: their requirements are not a program of their own. */
    private static final Set<String> HELPERS = Set.of("scripts", "script", "tools", "tool", "hack", "ci", "requirements", "utils", "devtools",
            "packaging", "release");
    private static final List<String> OTHERS = List.of("go.mod", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "composer.json",
            "Gemfile", "mix.exs", "Package.swift",
            "pubspec.yaml", "CMakeLists.txt", "build.sbt");

    @Override
    public List<String> looksFor() {
        return MANIFESTS;
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, String> roots = new LinkedHashMap<>();
        Map<String, PythonManifest> manifests = new LinkedHashMap<>();
        for (String folder : candidates(project, roots)) {
            PythonManifest manifest = PythonManifest.read(project, folder);
            if (manifest.isProject() || isRequirementsProject(project, manifest)) {
                manifests.put(folder, manifest);
            }
        }
        Map<String, String> names = new LinkedHashMap<>();
        manifests.forEach((folder, m) -> names.put(PythonRequirements.normal(m.name()), folder));
        List<Component> components = new ArrayList<>();
        for (PythonManifest manifest : manifests.values()) {
            String root = roots.getOrDefault(manifest.folder, manifest.folder);
            if (!isVirtualRoot(manifest, manifests, roots)) {
                components.add(component(project, manifest, root, manifests, roots, names));
            }
        }
        return components;
    }

    // --- where ---

    /** Folders with a manifest, and members of workspaces wherever they lie. @param roots member to root, filled in */
    private static Set<String> candidates(Project project, Map<String, String> roots) {
        Set<String> folders = new TreeSet<>();
        for (String name : MANIFESTS) {
            project.named(name).forEach(f -> folders.add(Project.folderOf(f)));
        }
        // Stubs for tools that read requirements, and what a template turns into a project.
        folders.removeIf(f -> f.contains("{{") || List.of(f.split("/")).contains("requirements"));
        if (!PythonRequirements.files(project, ".").isEmpty()) {
            folders.add(".");
        }
        for (String folder : List.copyOf(folders)) {
            String file = Project.join(folder, "pyproject.toml");
            Document pyproject = project.exists(file) ? project.toml(file).orElse(null) : null;
            if (pyproject == null || !pyproject.has("tool", "uv", "workspace")) {
                continue;
            }
            roots.put(folder, folder);
            List<PathMatcher> members = globs(pyproject.texts("tool", "uv", "workspace", "members"));
            List<PathMatcher> excluded = globs(pyproject.texts("tool", "uv", "workspace", "exclude"));
            for (String member : project.folders()) {
                if (member.equals(folder) || !Project.isInside(member, folder) || !project.exists(Project.join(member, "pyproject.toml"))) {
                    continue;
                }
                Path relative = Path.of(folder.equals(".") ? member : member.substring(folder.length() + 1));
                if (members.stream().anyMatch(m -> m.matches(relative)) && excluded.stream().noneMatch(m -> m.matches(relative))) {
                    roots.put(member, folder);
                    folders.add(member);
                }
            }
        }
        return folders;
    }

    private static List<PathMatcher> globs(List<String> patterns) {
        List<PathMatcher> matchers = new ArrayList<>();
        for (String pattern : patterns) {
            try {
                matchers.add(FileSystems.getDefault().getPathMatcher("glob:" + pattern.replaceFirst("^\\./", "").replaceFirst("/$", "")));
            } catch (RuntimeException e) {
                // A pattern that is none matches nothing, as in uv.
            }
        }
        return matchers;
    }

    /** A folder that has requirements files only: a program if Python code lies there, and not a helper beside another ecosystem's code. */
    private static boolean isRequirementsProject(Project project, PythonManifest manifest) {
        if (manifest.requirementFiles.isEmpty() || List.of(manifest.folder.split("/")).stream().anyMatch(HELPERS::contains)) {
            return false;
        }
        List<String> code = project.matching(manifest.folder, "**/*.py").stream().filter(f -> !Project.isAside(Project.folderOf(f))).toList();
        if (OTHERS.stream().noneMatch(o -> project.exists(manifest.at(o)))) {
            return !code.isEmpty();
        }
        return code.stream().anyMatch(f -> Project.folderOf(f).equals(manifest.folder) || project.exists(Project.folderOf(f) + "/__init__.py"));
    }

    /** A workspace root that is no project itself, and whose members bring what they are tested with. */
    private static boolean isVirtualRoot(PythonManifest manifest, Map<String, PythonManifest> manifests, Map<String, String> roots) {
        return manifest.has("tool", "uv", "workspace") && !manifest.has("project")
                && manifests.keySet().stream().filter(f -> isMember(f, manifest.folder, roots)).allMatch(f -> standsAlone(manifests.get(f)));
    }

    private static boolean isMember(String folder, String root, Map<String, String> roots) {
        return !folder.equals(root) && root.equals(roots.get(folder));
    }

    /** Does a workspace member declare its own test tool? Else the root's commands test it. */
    private static boolean standsAlone(PythonManifest manifest) {
        return manifest.sources.stream().anyMatch(s -> s.kind() != PythonManifest.Kind.RUNTIME && s.has("pytest")) || manifest.has("tool", "pytest");
    }

    // --- what ---

    private static Component component(Project project, PythonManifest manifest, String root, Map<String, PythonManifest> manifests, Map<String,
            String> roots,
            Map<String, String> names) {
        String folder = manifest.folder;
        PythonManager manager = PythonManager.of(project, manifest, root);
        PythonTasks tasks = new PythonTasks(project, manifest);
        List<Way> own = tasks.own();
        List<Way> sessions = tasks.sessions();
        List<String> configurations = new ArrayList<>(new LinkedHashSet<>(List.of(folder, root)));
        boolean firstOfAll = folder.equals(".") || folder.equals(manifests.keySet().iterator().next())
                && OTHERS.stream().noneMatch(project::exists) && !project.exists("package.json");
        List<Way> all = new ArrayList<>(own);
        all.addAll(sessions);
        PythonTools tools = new PythonTools(project, manifest, manager, configurations, firstOfAll, all);
        boolean serves = manifests.keySet().stream().anyMatch(f -> isMember(f, folder, roots) && !standsAlone(manifests.get(f)));
        boolean served = !root.equals(folder) && !standsAlone(manifest) && manifests.containsKey(root);
        Set<String> nested = new HashSet<>(manifests.keySet());
        nested.removeIf(f -> f.equals(folder) || serves && isMember(f, folder, roots));
        PythonTests tests = new PythonTests(project, manifest, tools.configured("pytest"), nested);

        Component.Builder builder = Component.at(folder, "python").name(Shell.isPrintable(manifest.name()) ? manifest.name() : "")
                .runtime(PythonRuntime.of(project, manifest));
        PythonRuntime.supported(manifest, tasks.environments()).forEach(builder::supports);
        if (!served) {
            PythonCommands commands = new PythonCommands(project, manifest, manager, tools, tests, own, sessions, builder, serves);
            Set<String> wanted = commands.choose();
            if (!commands.needsNoInstall()) {
                builder.commands(CommandKind.INSTALL, manager.install(wanted, own, tasks, serves));
            }
        }
        builder.packageManager(manager.facts());
        tools.dependencies(builder);
        if (!root.equals(folder) || roots.containsKey(folder)) {
            builder.workspace(new Workspace(root, "uv", "", serves || served));
        }
        manifest.localPaths.stream().filter(manifests::containsKey).forEach(builder::dependsOn);
        if (manifest.pyproject != null) {
            manifest.pyproject.keys("tool", "uv", "sources").stream()
                    .filter(n -> manifest.text("tool", "uv", "sources", n, "workspace").equals("true"))
                    .map(n -> names.get(PythonRequirements.normal(n))).filter(f -> f != null && !f.equals(folder)).forEach(builder::dependsOn);
        }
        if (manifest.has("tool", "uv", "workspace") && !manifest.has("project")) {
            builder.notAPackage();
        }
        return builder.build();
    }
}
