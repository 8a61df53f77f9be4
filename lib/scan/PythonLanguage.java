package lib.scan;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;
import lib.scan.PythonCalls.Use;
import lib.scan.PythonManifest.Kind;
import lib.scan.PythonManifest.Source;
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

/**
 * What installs a Python component, and how: which lock file rules, which groups, extras and files bring the tools that its commands call.
 * Knows pip, pipenv, Poetry, PDM, uv and Hatch; chooses no command but the install.
 */
final class PythonManager {
    private static final Pattern POETRY_MADE = Pattern.compile("@generated by Poetry (\\d+(?:\\.\\d+)+)");
    /** Tasks whose recipe shows how the project itself installs. */
    private static final Pattern INSTALL_TASK = Pattern.compile("(?i)"
            + "(install|init|setup|bootstrap|dev|develop|deps|dependencies|requirements|sync|env)([-_:](all|dev|develop|deps|test|tests|ci))?"
            + "|(dev|ci|test)[-_:](install|setup|deps|env)");
    private static final Set<String> BESIDE = Set.of("pre-commit", "prek", "uv", "just", "task", "mise", "ruff", "hatch", "poetry", "pdm", "pipenv");
    private static final List<String> PREFERRED = List.of("dev", "test", "tests", "testing", "develop", "development", "ci", "lint", "all");

    final String id;
    /** What stands before a program that lives in the managed environment; empty for pip. */
    final String prefix;
    private final Project project;
    private final PythonManifest manifest;
    private final String lock;
    private final String version;
    private final Evidence evidence;
    private final Set<Source> installed = new LinkedHashSet<>();
    /** What a cache of downloads is keyed on. */
    private final Set<String> keys = new LinkedHashSet<>();

    private PythonManager(Project project, PythonManifest manifest, String id, String version, Evidence evidence, String lock) {
        this.project = project;
        this.manifest = manifest;
        this.id = id;
        this.lock = lock;
        this.version = version;
        this.evidence = evidence;
        prefix = id.equals("pip") || id.equals("hatch") ? "" : id + " run ";
    }

    /** What the install brings; to be asked after it is known. */
    Set<Source> installed() {
        return installed;
    }

    /** To be asked after the install is known. */
    PackageManager facts() {
        List<String> files = lock.isEmpty() ? new ArrayList<>(keys) : List.of(lock);
        return new PackageManager(id, version, evidence, files.isEmpty() ? List.of(manifest.mainFile()) : files);
    }

    /**
     * A lock file decides; without one, the tables of the manifest; then requirements.
     *
     * @param root folder of the workspace whose lock file serves this component, or its own
     */
    static PythonManager of(Project project, PythonManifest manifest, String root) {
        Map<String, String> locks = new LinkedHashMap<>();
        locks.put("uv", Project.join(root, "uv.lock"));
        locks.put("poetry", manifest.at("poetry.lock"));
        locks.put("pdm", manifest.at("pdm.lock"));
        locks.put("pipenv", manifest.at("Pipfile.lock"));
        locks.values().removeIf(f -> !project.exists(f));
        // A lock file without the manifest that it locks is a leftover.
        locks.keySet().removeIf(l -> !project.exists(manifest.at(l.equals("pipenv") ? "Pipfile" : "pyproject.toml")));
        String table = table(project, manifest);
        String id = locks.containsKey(table) ? table : locks.keySet().stream().findFirst().orElse(table);
        if (locks.size() > 1) {
            project.report(Finding.warning("two-lock-files",
                    "lock files of " + String.join(" and ", locks.keySet()) + " lie side by side; " + id + " is taken",
                    "remove those that nobody updates", locks.values().stream().map(f -> Evidence.of(f, "lock-file")).toArray(Evidence[]::new)));
        }
        String lock = locks.getOrDefault(id, "");
        if (id.equals("pipenv") && project.exists(manifest.at("requirements.txt"))) {
            project.report(Finding.info("two-manifests", "Pipfile and requirements.txt both list dependencies; Pipfile is taken",
                    "generate requirements.txt from the Pipfile, or remove it", Evidence.of(manifest.at("Pipfile"), "pipfile"),
                    Evidence.of(manifest.at("requirements.txt"), "requirements")));
        }
        Evidence evidence = lock.isEmpty() ? Evidence.of(id.equals("pipenv") ? manifest.at("Pipfile") : manifest.mainFile(), "manifest")
                : Evidence.of(lock, "lock-file");
        return new PythonManager(project, manifest, id, version(project, manifest, id, lock), evidence, lock);
    }

    private static String table(Project project, PythonManifest manifest) {
        String backend = manifest.text("build-system", "build-backend");
        if (manifest.has("tool", "poetry", "dependencies") || manifest.has("tool", "poetry", "name") || manifest.has("tool", "poetry", "group")) {
            return "poetry";
        }
        if (manifest.has("tool", "pdm", "dev-dependencies") || manifest.has("tool", "pdm", "scripts") || project.exists(manifest.at("pdm.toml"))) {
            return "pdm";
        }
        if (manifest.pipfile != null) {
            return "pipenv";
        }
        if (manifest.hatchEnvironments().stream()
                .anyMatch(e -> List.of("scripts", "dependencies", "extra-dependencies", "features").stream()
                .anyMatch(k -> manifest.hatchEnvironment(e).has(k)))) {
            return "hatch";
        }
        boolean uv = manifest.has("tool", "uv") || backend.equals("uv_build") || project.exists(manifest.at("uv.toml"))
                || project.tasks(manifest.folder).stream().anyMatch(t -> t.calls("uv sync") || t.calls("uv run"));
        return uv && manifest.has("project") ? "uv" : "pip";
    }

    private static String version(Project project, PythonManifest manifest, String id, String lock) {
        if (id.equals("uv")) {
            String required = manifest.text("tool", "uv", "required-version").replaceFirst("^==\\s*", "");
            return required.matches("\\d+(\\.\\d+)+") ? required : "";
        }
        if (id.equals("poetry") && !lock.isEmpty()) {
            Matcher made = POETRY_MADE.matcher(project.lines(lock).stream().findFirst().orElse(""));
            return made.find() ? made.group(1) : "";
        }
        return "";
    }

    /** A command that calls a program of the component's environment. */
    String run(String command, String environment) {
        return id.equals("hatch") ? "hatch run " + (environment.isEmpty() || environment.equals("default") ? "" : Shell.word(environment + ":"))
                + command : prefix + command;
    }

    /** Is the tool among what the component declares? */
    boolean declares(String tool) {
        return provider(tool).isPresent();
    }

    /** Where a dependency that brings the tool stands. */
    Optional<Evidence> declaredAt(String tool) {
        return provider(tool).map(s -> bringers(tool).stream().filter(s::has).map(d -> s.requirements().get(d).evidence()).findFirst().orElse(null));
    }

    /** For Hatch: the environment in which it is; else the first source. */
    Optional<Source> provider(String tool) {
        Comparator<Source> order = Comparator.comparing((Source s) -> !isDefault(s))
                .thenComparing(s -> s.kind() != (id.equals("hatch") ? Kind.ENVIRONMENT : s.kind()));
        return manifest.sources.stream().filter(s -> usable(s) && brings(s, tool)).min(order);
    }

    /** Does the manager's plain install bring it? */
    private boolean isDefault(Source source) {
        return switch (id) {
            case "pip" -> source.kind() == Kind.RUNTIME;
            case "pdm" -> source.kind() == Kind.RUNTIME || source.kind() == Kind.GROUP;
            case "poetry" -> source.kind() == Kind.RUNTIME
                    || source.kind() == Kind.GROUP && !manifest.text("tool", "poetry", "group", source.name(), "optional").equals("true");
            default -> source.byDefault();
        };
    }

    private boolean usable(Source source) {
        return switch (source.kind()) {
            case ENVIRONMENT -> id.equals("hatch");
            case FILE -> id.equals("pip") && project.text(source.name()).filter(t -> !t.contains("${")).isPresent();
            case GROUP -> !id.equals("hatch");
            case RUNTIME, EXTRA -> true;
        };
    }

    private static boolean brings(Source source, String tool) {
        return bringers(tool).stream().anyMatch(source::has) || source.requirements().values().stream().anyMatch(r -> switch (tool) {
            case "pytest" -> r.direct() && r.name().startsWith("pytest-");
            case "flake8" -> r.direct() && r.name().startsWith("flake8-");
            default -> false;
        });
    }

    /**
     * Sees to it that a tool is there for commands of the kind: the install brings what is declared. What is not comes beside the
     * environment if it looks only at files or makes environments itself; else into it, which pip lets do.
     */
    void bring(CommandKind kind, String tool, Evidence from, Component.Builder builder, Set<String> wanted) {
        String distribution = bringers(tool).get(0);
        if (declares(tool)) {
            wanted.add(tool);
        } else if (tool.equals("tox") || tool.equals("nox")) {
            // Their plain environment is of the Python that runs them: from a tool's own environment it would not be the job's.
            if (!id.equals("uv")) {
                builder.command(CommandKind.INSTALL, Command.certain("python -m pip install " + tool, from));
            }
        } else if (id.equals("pip") && !BESIDE.contains(tool) || tool.equals("build")) {
            builder.command(kind, Command.certain("python -m pip install " + Shell.word(distribution), from));
        } else {
            builder.tool(new Tool(distribution, "", from));
        }
    }

    /** Is it usual that it is no dependency of the project? */
    static boolean bringsItself(String tool) {
        return BESIDE.contains(tool) || List.of("tox", "nox", "build").contains(tool);
    }

    /** Distributions that bring the program. */
    static List<String> bringers(String tool) {
        return switch (tool) {
            case "pytest" -> List.of("pytest", "pytest-django", "pytest-cov", "pytest-asyncio");
            case "flake8" -> List.of("flake8", "wemake-python-styleguide");
            case "pylint" -> List.of("pylint", "pylint-django");
            case "coverage" -> List.of("coverage", "pytest-cov");
            case "poe" -> List.of("poethepoet");
            case "pre-commit" -> List.of("pre-commit", "pre-commit-uv");
            case "tox" -> List.of("tox", "tox-uv", "tox-uv-bare");
            default -> List.of(PythonRequirements.normal(tool));
        };
    }

    // --- install ---

    /**
     * The install commands that bring the wanted tools.
     *
     * @param wanted tools that the chosen commands call, less those that nothing declares
     * @param shared the workspace's root serves its members
     */
    List<Command> install(Set<String> wanted, List<Way> ways, PythonTasks tasks, boolean shared) {
        Optional<Way> shown = ways.stream().filter(w -> INSTALL_TASK.matcher(w.name()).matches())
                .filter(w -> w.calls().stream().anyMatch(c -> c.use() == Use.INSTALL && c.tool().equals(id))).findFirst();
        List<String> words = shown.flatMap(w -> w.calls().stream().filter(c -> c.use() == Use.INSTALL && c.tool().equals(id)).findFirst())
                .map(PythonCalls.Call::words).orElse(List.of());
        Evidence from = shown.map(Way::evidence).orElse(evidence);
        Set<Source> needed = cover(wanted, wanted.contains("pytest") ? tox(tasks) : Set.of());
        installed.addAll(needed);
        manifest.sources.stream().filter(s -> usable(s) && (isDefault(s) || s.kind() == Kind.ENVIRONMENT
                || s.kind() == Kind.EXTRA && words.contains("--all-extras")
                || s.kind() == Kind.GROUP && words.contains("--all-groups"))).forEach(installed::add);
        return switch (id) {
            case "uv" -> List.of(Command.certain("uv sync" + (lock.isEmpty() ? "" : " --locked") + (shared ? " --all-packages" : "")
                    + flags(needed, words, " --group ", " --extra ", "--all-extras", "--all-groups"), from));
            case "poetry" -> List.of(Command.certain("poetry install --no-interaction"
                    + flags(needed, words, " --with ", " --extras ", "--all-extras", "--all-groups"), from));
            case "pdm" -> List.of(Command.certain("pdm install" + (lock.isEmpty() ? "" : " --check")
                    + flags(needed, words, " -G ", " -G ", "-G:all", ""), from));
            case "pipenv" -> List.of(Command.certain("pipenv install --dev" + (lock.isEmpty() ? "" : " --deploy"), from));
            case "hatch" -> List.of();
            default -> pip(wanted, needed);
        };
    }

    private static String flags(Set<Source> needed, List<String> shown, String group, String extra, String allExtras, String allGroups) {
        StringBuilder flags = new StringBuilder();
        boolean everyExtra = shown.contains(allExtras);
        boolean everyGroup = !allGroups.isEmpty() && shown.contains(allGroups);
        flags.append(everyExtra ? " " + allExtras : "").append(everyGroup ? " " + allGroups : "");
        for (Source source : needed) {
            if (source.kind() == Kind.GROUP && !everyGroup) {
                flags.append(group).append(Shell.word(source.name()));
            } else if (source.kind() == Kind.EXTRA && !everyExtra) {
                flags.append(extra).append(Shell.word(source.name()));
            }
        }
        return flags.toString();
    }

    /** Groups and extras that tox installs for its tests, if they bring what a plain install doesn't. */
    private Set<Source> tox(PythonTasks tasks) {
        Set<Source> named = new LinkedHashSet<>();
        for (Source source : manifest.sources) {
            boolean listed = source.kind() == Kind.EXTRA && tasks.toxBrings("extras").contains(source.name())
                    || source.kind() == Kind.GROUP && tasks.toxBrings("dependency_groups").contains(source.name());
            boolean more = source.requirements().keySet().stream()
                    .anyMatch(r -> manifest.sources.stream().noneMatch(s -> isDefault(s) && s.requirements().containsKey(r)));
            if (listed && more && Shell.isPrintable(source.name())) {
                named.add(source);
            }
        }
        // With pip the extras of a package and a file with the tools are two ways to one end: not both.
        return id.equals("pip") && named.stream().noneMatch(s -> brings(s, "pytest")) ? Set.of() : named;
    }

    /** The fewest sources that bring all tools: what comes anyway, then what brings most. */
    private Set<Source> cover(Set<String> wanted, Set<Source> first) {
        Set<Source> chosen = new LinkedHashSet<>(first);
        Set<String> open = new LinkedHashSet<>(wanted);
        manifest.sources.stream().filter(s -> usable(s) && (isDefault(s) || first.contains(s))).forEach(s -> open.removeIf(t -> brings(s, t)));
        while (!open.isEmpty()) {
            Optional<Source> best = manifest.sources.stream().filter(s -> usable(s) && Shell.isPrintable(s.name().isEmpty() ? "." : s.name()))
                    .filter(s -> open.stream().anyMatch(t -> brings(s, t)))
                    .max(Comparator.comparingLong((Source s) -> open.stream().filter(t -> brings(s, t)).count()).thenComparingInt(this::liking));
            if (best.isEmpty()) {
                break;
            }
            chosen.add(best.get());
            open.removeIf(t -> brings(best.get(), t));
        }
        return chosen;
    }

    private int liking(Source source) {
        String name = Project.nameOf(source.name()).replaceFirst("\\.(txt|in|lock)$", "").replaceFirst("(?i)[-_.]?requirements[-_.]?", "");
        int kind = source.kind() == Kind.FILE ? 200 : source.kind() == Kind.EXTRA ? 100 : 0;
        int named = PREFERRED.indexOf(name);
        return kind + (name.isEmpty() ? 15 : named < 0 ? name.contains("doc") ? -50 : 0 : 20 - named);
    }

    private List<Command> pip(Set<String> wanted, Set<Source> needed) {
        List<Command> commands = new ArrayList<>();
        String requirements = manifest.at("requirements.txt");
        List<Source> files = needed.stream().filter(s -> s.kind() == Kind.FILE).sorted(Comparator.comparing(s -> !s.name().equals(requirements)))
                .toList();
        boolean whole = files.stream().anyMatch(Source::whole);
        boolean named = files.stream().anyMatch(s -> s.name().equals(requirements));
        // A package brings its own dependencies; an application has its requirements beside the tools' ones.
        if (project.exists(requirements) && !named && !whole && !manifest.isPackage()) {
            commands.add(file(requirements));
        } else if (files.isEmpty() && !manifest.isPackage() && !manifest.has("project")) {
            manifest.requirementFiles.stream().filter(f -> !f.contains("doc"))
                    .min(Comparator.comparing((String f) -> !Project.nameOf(f).matches("(base|common|main|prod|production)\\.(txt|in)"))
                    .thenComparing(Comparator.naturalOrder())).filter(f -> commands.isEmpty()).ifPresent(f -> commands.add(file(f)));
        }
        files.forEach(s -> commands.add(file(s.name())));
        List<String> extras = needed.stream().filter(s -> s.kind() == Kind.EXTRA).map(Source::name).toList();
        List<Source> groups = needed.stream().filter(s -> s.kind() == Kind.GROUP).toList();
        boolean itself = files.stream().anyMatch(s -> PythonRequirements.read(project, s.name()).local().contains(manifest.folder));
        boolean bare = commands.isEmpty() && manifest.has("project") && manifest.has("project", "dependencies");
        if (!extras.isEmpty() || !itself && (manifest.isPackage() || bare) && (!wanted.isEmpty() || commands.isEmpty())) {
            String what = extras.isEmpty() ? "." : ".[" + String.join(",", extras) + "]";
            commands.add(Command.certain("python -m pip install -e " + Shell.word(what), Evidence.of(manifest.mainFile(), "package")));
        }
        if (!groups.isEmpty()) {
            StringBuilder names = new StringBuilder();
            groups.forEach(g -> names.append(" --group ").append(Shell.word(g.name())));
            Evidence place = manifest.pyproject.evidence("dependency-groups", "dependency-groups");
            // Dependency groups need pip 25.1; what comes with a Python may be older.
            commands.add(0, Command.certain("python -m pip install --upgrade pip", place));
            commands.add(Command.certain("python -m pip install" + names, place));
        }
        commands.forEach(c -> keys.add(c.evidence().file()));
        manifest.sources.stream().filter(s -> s.kind() == Kind.FILE && keys.contains(s.name())).forEach(installed::add);
        return commands;
    }

    private Command file(String path) {
        String relative = manifest.folder.equals(".") ? path : path.substring(manifest.folder.length() + 1);
        return Command.certain("python -m pip install -r " + Shell.word(relative), Evidence.of(path, "requirements"));
    }
}

/** Reads requirement lines (PEP 508) and requirements files as pip does. Knows nothing of managers and commands. */
final class PythonRequirements {
    private static final Pattern NAME = Pattern.compile("^([A-Za-z0-9][A-Za-z0-9._-]*)\\s*(?:\\[([^\\]]*)\\])?");
    private static final Pattern EGG = Pattern.compile("[#&]egg=([A-Za-z0-9._-]+)");
    private static final Pattern FILE = Pattern.compile("(?i)(?:.+[-_.])?requirements(?:[-_.].+)?\\.(?:txt|in|lock)");
    private static final Pattern INCLUDE = Pattern.compile("^(?:-r|--requirement)[ =]?\\s*(\\S+)");
    private static final Pattern EDITABLE = Pattern.compile("^(?:-e|--editable)[ =]?\\s*(\\S+)|^(\\.{1,2}(?:/\\S*|\\[\\S*)?)$");

    /** @param direct false where a lock tool wrote it only because something else needs it */
    record Requirement(String name, Set<String> extras, boolean direct, Evidence evidence) {}

    /**
     * @param whole it installs the project itself or builds upon another file, so that it stands alone
     * @param local paths of folders of the project that it installs
     */
    record File(String path, Map<String, Requirement> requirements, boolean whole, boolean pinned, List<String> local) {}

    private PythonRequirements() {}

    /** As the index writes it (PEP 503). */
    static String normal(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_.]+", "-");
    }

    static Optional<Requirement> parse(String line, Evidence evidence) {
        Matcher name = NAME.matcher(line.strip());
        if (!name.find()) {
            return Optional.empty();
        }
        Set<String> extras = new LinkedHashSet<>();
        if (name.group(2) != null) {
            List.of(name.group(2).split(",")).forEach(e -> extras.add(normal(e.strip())));
        }
        return Optional.of(new Requirement(normal(name.group(1)), extras, true, evidence));
    }

    /** The requirements files of a folder, compiled ones before what they were compiled from. */
    static List<String> files(Project project, String folder) {
        Set<String> found = new TreeSet<>();
        for (String name : project.in(folder)) {
            if (FILE.matcher(name).matches()) {
                found.add(Project.join(folder, name));
            }
        }
        for (String below : List.of("requirements", "reqs", "tests", "test")) {
            String at = Project.join(folder, below);
            boolean all = below.startsWith("req");
            project.in(at).stream().filter(n -> all ? n.endsWith(".txt") || n.endsWith(".in") : n.equals("requirements.txt"))
                    .forEach(n -> found.add(Project.join(at, n)));
        }
        List<String> files = new ArrayList<>(found);
        files.removeIf(f -> f.endsWith(".in") && found.contains(f.substring(0, f.length() - 3) + ".txt"));
        files.removeIf(f -> Project.nameOf(f).contains("constraints"));
        return files;
    }

    static File read(Project project, String file) {
        Map<String, Requirement> all = new LinkedHashMap<>();
        List<String> local = new ArrayList<>();
        boolean[] whole = new boolean[1];
        collect(project, file, all, local, whole, new LinkedHashSet<>());
        boolean pinned = project.lines(file).stream().anyMatch(l -> l.contains("--hash="));
        return new File(file, all, whole[0], pinned, local);
    }

    private static void collect(Project project, String file, Map<String, Requirement> into, List<String> local, boolean[] whole, Set<String> seen) {
        if (!seen.add(file) || seen.size() > 50) {
            return;
        }
        String folder = Project.folderOf(file);
        List<String> lines = project.lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).replaceFirst("(^|\\s)#.*$", "").strip();
            Matcher include = INCLUDE.matcher(line);
            Matcher editable = EDITABLE.matcher(line);
            Evidence evidence = new Evidence(file, i + 1, "requirements");
            if (include.find()) {
                whole[0] = true;
                Project.resolve(folder, include.group(1)).ifPresent(f -> collect(project, f, into, local, whole, seen));
            } else if (editable.find() && EGG.matcher(line).results().findAny().isEmpty()) {
                whole[0] = true;
                String path = editable.group(1) == null ? editable.group(2) : editable.group(1);
                // pip resolves such a path against the folder that it runs in, the root of the component as a rule.
                Project.resolve(folder.endsWith("requirements") ? Project.folderOf(folder) : folder, path.replaceFirst("\\[.*$", ""))
                        .ifPresent(local::add);
            } else if (EGG.matcher(line).find()) {
                Matcher egg = EGG.matcher(line);
                egg.find();
                into.putIfAbsent(normal(egg.group(1)), new Requirement(normal(egg.group(1)), Set.of(), true, evidence));
            } else if (!line.startsWith("-")) {
                boolean direct = isDirect(lines, i);
                parse(line, evidence).ifPresent(r -> into.putIfAbsent(r.name(), new Requirement(r.name(), r.extras(), direct, evidence)));
            }
        }
    }

    /** pip-compile and uv write below each pin what asked for it; {@code -r base.in} or the manifest is the project itself. */
    private static boolean isDirect(List<String> lines, int at) {
        StringBuilder via = new StringBuilder();
        for (int i = at; i < lines.size() && (i == at || lines.get(i).strip().startsWith("#") || lines.get(i).strip().startsWith("--hash")); i++) {
            via.append(lines.get(i).strip()).append(' ');
        }
        int start = via.indexOf("# via");
        return start < 0 || via.substring(start).matches(".*(-r |\\.in\\b|\\(pyproject\\.toml|\\(setup\\.|:dev|:default).*");
    }

    /** The quoted texts of a list or tuple that a {@code setup.py} gives under the key; nothing in it is run. */
    static List<String> setupList(String source, String key) {
        Matcher start = Pattern.compile("\\b" + key + "[\"']?\\s*[=:]\\s*[\\[(]").matcher(source);
        return start.find() ? quoted(balanced(source, start.end() - 1)) : List.of();
    }

    /** The lists of a dict such as {@code extras_require}, by key. */
    static Map<String, List<String>> setupLists(String source, String key) {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        Matcher start = Pattern.compile("\\b" + key + "\\s*=\\s*\\{").matcher(source);
        if (start.find()) {
            String dict = balanced(source, start.end() - 1);
            Matcher entry = Pattern.compile("[\"']([\\w.:<>=' -]+?)[\"']\\s*:\\s*[\\[(]").matcher(dict);
            while (entry.find()) {
                lists.put(entry.group(1), quoted(balanced(dict, entry.end() - 1)));
            }
        }
        return lists;
    }

    static String setupText(String source, String key) {
        Matcher value = Pattern.compile("\\b" + key + "\\s*=\\s*[\"']([^\"'\\n]+)[\"']").matcher(source);
        return value.find() ? value.group(1).strip() : "";
    }

    private static String balanced(String source, int open) {
        int depth = 0;
        for (int i = open; i < source.length(); i++) {
            char c = source.charAt(i);
            depth += "[({".indexOf(c) >= 0 ? 1 : "])}".indexOf(c) >= 0 ? -1 : 0;
            if (depth == 0) {
                return source.substring(open, i);
            }
        }
        return "";
    }

    private static List<String> quoted(String source) {
        List<String> texts = new ArrayList<>();
        for (String line : source.lines().toList()) {
            Matcher text = Pattern.compile("\"([^\"]*)\"|'([^']*)'").matcher(line.replaceFirst("^\\s*#.*$", ""));
            while (text.find()) {
                texts.add(text.group(1) == null ? text.group(2) : text.group(1));
            }
        }
        return texts;
    }
}

/**
 * Which Python a component runs on: what pins it, what range it declares, what it says it supports.
 *
 * <p>Compares by PEP 440 as far as versions of Python itself go ({@code 3.12}, {@code 3.12.4}); Poetry's {@code ^} and {@code ~} too.
 */
final class PythonRuntime {
    /** {@code 3.12}, {@code 3.12.4}; asdf's and pyenv's names of other implementations are no versions of CPython. */
    private static final Pattern VERSION = Pattern.compile("^(?:cpython[-@]|python[-@]?)?(3(?:\\.\\d+){0,2})(?:t|-dev)?$");
    private static final Pattern CLAUSE = Pattern.compile("(===|==|~=|!=|<=|>=|<|>|\\^|~)?\\s*v?(\\d+(?:\\.\\d+)*)((?:\\.\\*)?)[a-z0-9]*");
    private static final Pattern CLASSIFIER = Pattern.compile("^Programming Language :: Python :: (3\\.\\d+)$");
    private static final Pattern BASE_IMAGE = Pattern.compile(
            "(?i)^FROM\\s+(?:--platform=\\S+\\s+)?(?:docker\\.io/)?(?:library/)?python:(3\\.\\d+(?:\\.\\d+)?)(?:[-@\\s].*)?$");
    private static final Pattern TOX_FACTOR = Pattern.compile("(?<![a-z0-9])py(?:thon)?3?[.]?\\{([0-9,. -]+)\\}|(?<![a-z0-9])py(3)(?:\\.)?(\\d{1,2})(?![0-9])");

    private PythonRuntime() {}

    private record Found(String value, String file, Evidence evidence) {}

    /** Null where nothing tells it. */
    static Runtime of(Project project, PythonManifest manifest) {
        Optional<Found> pin = pin(project, manifest);
        Optional<Found> range = range(project, manifest);
        if (pin.isEmpty() && range.isEmpty()) {
            return baseImage(project, manifest).orElse(null);
        }
        if (pin.isPresent() && range.isPresent() && !allows(range.get().value, pin.get().value)) {
            project.report(Finding.warning("python-version-conflict",
                    pin.get().file + " pins Python " + pin.get().value + ", which " + range.get().file + " excludes (" + range.get().value + ")",
                    "change one of the two", pin.get().evidence, range.get().evidence));
        }
        // What actions/setup-python reads: .python-version, .tool-versions, Pipfile and pyproject.toml.
        String readable = pin.or(() -> range).map(Found::file)
                .filter(f -> List.of(".python-version", ".tool-versions", "Pipfile", "pyproject.toml").contains(Project.nameOf(f))).orElse("");
        return new Runtime("python", pin.map(Found::value).orElse(""), range.map(Found::value).orElse(""), readable, pin
                .or(() -> range).get().evidence);
    }

    private static Optional<Found> pin(Project project, PythonManifest manifest) {
        List<Optional<VersionFiles.Pin>> files = List.of(
                VersionFiles.line(project, manifest.folder, ".python-version", "python-version"),
                VersionFiles.find(project, manifest.folder, "python"),
                VersionFiles.line(project, manifest.folder, "runtime.txt", "runtime-txt"));
        for (Optional<VersionFiles.Pin> file : files) {
            Matcher version = VERSION.matcher(file.map(VersionFiles.Pin::version).orElse(""));
            if (version.matches()) {
                return Optional.of(new Found(version.group(1), file.get().file(), file.get().evidence()));
            }
        }
        if (manifest.pipfile != null) {
            for (String key : List.of("python_full_version", "python_version")) {
                Matcher version = VERSION.matcher(manifest.pipfile.text("requires", key));
                if (version.matches()) {
                    return Optional.of(new Found(version.group(1), manifest.pipfile.file(),
                            manifest.pipfile.evidence("pipfile-requires", "requires", key)));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Found> range(Project project, PythonManifest manifest) {
        for (String[] path : List.of(new String[] {"project", "requires-python"}, new String[] {"tool", "poetry", "dependencies", "python"})) {
            String range = manifest.text(path);
            if (!range.isEmpty() && !range.equals("*")) {
                return Optional.of(new Found(range, manifest.pyproject.file(), manifest.pyproject.evidence("requires-python", path)));
            }
        }
        if (manifest.setupCfg != null && !manifest.setupCfg.text("options", "python_requires").isEmpty()) {
            String file = manifest.at("setup.cfg");
            return Optional.of(new Found(manifest.setupCfg.text("options", "python_requires"), file,
                    new Evidence(file, manifest.setupCfg.line("options", "python_requires"), "python-requires")));
        }
        String range = PythonRequirements.setupText(manifest.setupPy, "python_requires");
        String file = manifest.at("setup.py");
        return range.isEmpty() ? Optional.empty()
                : Optional.of(new Found(range, file, new Evidence(file, project.lineOf(file, "python_requires"), "python-requires")));
    }

    /** An application that declares nothing still says in its Dockerfile what it runs on. */
    private static Optional<Runtime> baseImage(Project project, PythonManifest manifest) {
        String file = manifest.at("Dockerfile");
        List<String> lines = project.lines(file);
        for (int i = 0; i < lines.size(); i++) {
            Matcher from = BASE_IMAGE.matcher(lines.get(i).strip());
            if (from.matches()) {
                return Optional.of(new Runtime("python", from.group(1), "", "", new Evidence(file, i + 1, "base-image")));
            }
        }
        return Optional.empty();
    }

    /** Minor versions of the classifiers and of tox's list, oldest first. */
    static List<String> supported(PythonManifest manifest, String toxEnvironments) {
        TreeSet<Integer> minors = new TreeSet<>();
        for (String classifier : manifest.classifiers()) {
            Matcher version = CLASSIFIER.matcher(classifier.strip());
            if (version.matches()) {
                minors.add(Integer.parseInt(version.group(1).substring(2)));
            }
        }
        Matcher factor = TOX_FACTOR.matcher(toxEnvironments);
        while (factor.find()) {
            if (factor.group(1) == null) {
                minors.add(Integer.parseInt(factor.group(3)));
                continue;
            }
            for (String part : factor.group(1).split(",")) {
                String digits = part.strip().replaceFirst("^3\\.?", "");
                if (digits.matches("\\d{1,2}")) {
                    minors.add(Integer.parseInt(digits));
                }
            }
        }
        minors.removeIf(m -> m < 5 || m > 40);
        return minors.stream().map(m -> "3." + m).toList();
    }

    /** Does the range hold for some release of the version? {@code 3.12} stands for all of its patches. Unknown syntax excludes nothing. */
    static boolean allows(String range, String version) {
        for (String alternative : range.split("\\|\\|?")) {
            if (clauses(alternative).stream().allMatch(c -> holds(c[0], c[1], c[2], numbers(version)))) {
                return true;
            }
        }
        return false;
    }

    private static List<String[]> clauses(String text) {
        List<String[]> clauses = new ArrayList<>();
        Matcher clause = CLAUSE.matcher(text);
        while (clause.find()) {
            clauses.add(new String[] {clause.group(1) == null ? "" : clause.group(1), clause.group(2), clause.group(3)});
        }
        return clauses;
    }

    private static boolean holds(String operator, String wanted, String star, List<Integer> version) {
        List<Integer> bound = numbers(wanted);
        boolean prefix = !star.isEmpty() || operator.isEmpty();
        return switch (operator) {
            case ">=" -> compare(version, bound, 999) >= 0;
            case ">" -> compare(version, bound, 999) > 0;
            case "<=" -> compare(version, bound, 0) <= 0;
            case "<" -> compare(version, bound, 0) < 0;
            case "!=" -> prefix ? !startsWith(version, bound) : !version.equals(bound);
            case "~=" -> compare(version, bound, 999) >= 0 && startsWith(version, bound.subList(0, Math.max(1, bound.size() - 1)));
            case "^" -> compare(version, bound, 999) >= 0 && startsWith(version, bound.subList(0, 1));
            case "~" -> compare(version, bound, 999) >= 0 && startsWith(version, bound.subList(0, Math.min(2, bound.size())));
            default -> startsWith(version, bound) || !prefix && version.size() < bound.size() && startsWith(bound, version);
        };
    }

    private static boolean startsWith(List<Integer> version, List<Integer> prefix) {
        for (int i = 0; i < Math.min(version.size(), prefix.size()); i++) {
            if (!version.get(i).equals(prefix.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** @param missing what stands for the parts that the version leaves open */
    private static int compare(List<Integer> version, List<Integer> bound, int missing) {
        for (int i = 0; i < Math.max(version.size(), bound.size()); i++) {
            int left = i < version.size() ? version.get(i) : version.size() >= 3 ? 0 : missing;
            int right = i < bound.size() ? bound.get(i) : 0;
            if (left != right) {
                return Integer.compare(left, right);
            }
        }
        return 0;
    }

    private static List<Integer> numbers(String version) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : version.split("\\.")) {
            numbers.add(part.length() > 6 ? 999_999 : Integer.parseInt(part));
        }
        return numbers;
    }
}
