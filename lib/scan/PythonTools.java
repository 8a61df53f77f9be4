package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import lib.scan.PythonCalls.Call;
import lib.scan.PythonCalls.Use;
import lib.scan.PythonManifest.Kind;
import lib.scan.PythonTasks.Way;

/** Tools that a component configures and declares, and how they are called when no task of the project does it. */
final class PythonTools {
    /** Headers that a dependency without wheels is compiled against, by Debian's names. */
    private static final Map<String, List<String>> SYSTEM = Map.ofEntries(
            Map.entry("psycopg2", List.of("libpq-dev")), Map.entry("mysqlclient", List.of("default-libmysqlclient-dev", "pkg-config")),
            Map.entry("pycairo", List.of("libcairo2-dev", "pkg-config")), Map.entry("python-ldap", List.of("libldap2-dev", "libsasl2-dev")),
            Map.entry("xmlsec", List.of("libxmlsec1-dev", "pkg-config")), Map.entry("pygraphviz", List.of("graphviz", "libgraphviz-dev")),
            Map.entry("pygobject", List.of("libcairo2-dev", "libgirepository1.0-dev", "pkg-config")), Map.entry("pycups", List.of("libcups2-dev")),
            Map.entry("dbus-python", List.of("libdbus-1-dev", "libglib2.0-dev", "pkg-config")), Map.entry("python-magic", List.of("libmagic1")),
            Map.entry("pyodbc", List.of("unixodbc-dev")), Map.entry("gssapi", List.of("libkrb5-dev")),
                    Map.entry("pyaudio", List.of("portaudio19-dev")),
            Map.entry("cairosvg", List.of("libcairo2")), Map.entry("weasyprint", List.of("libpango-1.0-0", "libpangoft2-1.0-0")),
                    Map.entry("pylibmc", List.of("libmemcached-dev")),
            Map.entry("pyzbar", List.of("libzbar0")), Map.entry("pytesseract", List.of("tesseract-ocr")));
    private static final List<String> TYPECHECKERS = List.of("mypy", "pyright", "basedpyright", "ty", "pyrefly");

    private final Project project;
    private final PythonManifest manifest;
    private final PythonManager manager;
    private final List<String> folders;
    private final List<Call> shown = new ArrayList<>();
    private final Document hooks;
    private final Set<String> hooked = new LinkedHashSet<>();
    private boolean hooksFit;
    private boolean hooksNeedEnvironment;

    /**
     * @param configurations folders whose configuration files hold for the component, its own first
     * @param runsHooks may this component be the one that runs the repository's pre-commit hooks?
     */
    PythonTools(Project project, PythonManifest manifest, PythonManager manager, List<String> configurations, boolean runsHooks, List<Way> ways) {
        this.project = project;
        this.manifest = manifest;
        this.manager = manager;
        folders = configurations;
        ways.forEach(w -> shown.addAll(w.calls()));
        Optional<String> file = configurations.stream()
                .flatMap(f -> project.first(f, ".pre-commit-config.yaml", ".pre-commit-config.yml").stream()).findFirst()
                .or(() -> project.first(".", ".pre-commit-config.yaml"));
        hooks = file.flatMap(project::yaml).orElse(null);
        hooksFit = runsHooks && hooks != null;
        if (hooks != null) {
            readHooks();
        }
    }

    private void readHooks() {
        hooks.at("repos").forEach(repository -> repository.path("hooks").forEach(hook -> {
            String id = hook.path("id").asText();
            String entry = hook.path("entry").asText();
            List<Call> calls = PythonCalls.of(List.of(entry.isEmpty() ? id : entry), Map.of());
            calls.forEach(c -> hooked.add(c.tool()));
            hooked.add(id.startsWith("ruff") ? "ruff" : id.startsWith("pyright") ? "pyright" : id);
            if (repository.path("repo").asText().equals("local")
                    && !Set.of("python", "python_venv", "pygrep", "fail", "node", "docker_image", "golang", "rust", "ruby")
                    .contains(hook.path("language").asText())) {
                // Such a hook runs what the machine has: other toolchains' programs are not there in a job for Python.
                hooksFit &= calls.stream().noneMatch(c -> c.use() == Use.FOREIGN || Set.of("bash", "sh").contains(c.tool()));
                hooksNeedEnvironment |= calls.stream().anyMatch(c -> !c.wrapped());
            }
        }));
    }

    boolean covers(String tool) {
        return hooksFit && hooked.contains(tool);
    }

    /** Adds the run of all hooks. @return true if there is one */
    boolean hooks(Component.Builder builder, Set<String> wanted) {
        if (!hooksFit) {
            return false;
        }
        Evidence evidence = Evidence.of(hooks.file(), "pre-commit");
        String tool = manager.declares("prek") && !manager.declares("pre-commit") ? "prek" : "pre-commit";
        String run = tool + " run --all-files";
        manager.bring(CommandKind.LINT, tool, evidence, builder, wanted);
        String environment = manager.provider(tool).map(s -> s.name()).orElse("");
        builder.command(CommandKind.LINT,
                Command.certain(manager.declares(tool) ? manager.run(run, environment) : hooksNeedEnvironment ? manager.prefix + run
                : run, evidence));
        return true;
    }

    // --- linters and type checkers ---

    void linters(Component.Builder builder, Set<String> wanted, boolean formatIsThere) {
        boolean ruff = configured("ruff").isPresent() || manager.declares("ruff");
        boolean formats = manifest.has("tool", "ruff", "format") || folders.stream()
                .flatMap(f -> project.first(f, "ruff.toml", ".ruff.toml").stream())
                .anyMatch(f -> project.toml(f).filter(d -> d.has("format")).isPresent()) || shown.stream()
                        .anyMatch(c -> c.tool().equals("ruff") && c.words().contains("format"));
        if (!formatIsThere) {
            tool(builder, wanted, CommandKind.FORMAT, "black", "black --check .", !ruff);
            tool(builder, wanted, CommandKind.FORMAT, "isort", "isort --check-only .", !ruff);
            if (formats && ruff) {
                tool(builder, wanted, CommandKind.FORMAT, "ruff", "ruff format --check .", true);
            }
        }
        tool(builder, wanted, CommandKind.LINT, "ruff", "ruff check .", true);
        for (String tool : List.of("flake8", "pylint")) {
            if (configured(tool).isPresent() || manager.declares(tool)) {
                tool(builder, wanted, CommandKind.LINT, tool, tool + " " + arguments(tool, sources(tool.equals("flake8"))), tool.equals("flake8")
                        && !ruff);
            }
        }
    }

    /** @return true if one is there, or the hooks have one */
    boolean typecheckers(Component.Builder builder, Set<String> wanted) {
        boolean any = false;
        for (String tool : TYPECHECKERS) {
            if (builder.has(CommandKind.LINT) && covers(tool)) {
                any = true;
                continue;
            }
            if (configured(tool).isEmpty() && !manager.declares(tool)) {
                continue;
            }
            String given = switch (tool) {
                case "mypy" -> lists("mypy", "files", "packages", "modules") ? "" : arguments("mypy", sources(false));
                case "ty", "pyrefly" -> arguments(tool, "check");
                default -> lists("pyright", "include") ? "" : arguments(tool, "");
            };
            tool(builder, wanted, CommandKind.TYPECHECK, tool, (tool + " " + given).strip(), false);
            any |= configured(tool).isPresent() && manager.declares(tool);
        }
        return any;
    }

    /** @param alone its configuration is proof enough without a dependency, since it needs nothing of the project's environment */
    private void tool(Component.Builder builder, Set<String> wanted, CommandKind kind, String tool, String run, boolean alone) {
        Optional<Evidence> configuration = configured(tool);
        boolean declared = manager.declares(tool);
        String environment = manager.provider(tool).map(s -> s.name()).orElse("");
        if (configuration.isPresent() && declared) {
            wanted.add(tool);
            builder.command(kind, Command.likely(manager.run(run, environment), configuration.get()));
        } else if (configuration.isPresent() && alone) {
            builder.tool(new Tool(tool, "", configuration.get()));
            builder.command(kind, Command.likely(run, configuration.get()));
        } else if (declared && manager.declaredAt(tool).isPresent()) {
            builder.command(kind, Command.guess(manager.run(run, environment), manager.declaredAt(tool).get()));
        }
    }

    /** What the project itself gives the tool where it calls it, else the fallback. */
    private String arguments(String tool, String fallback) {
        return shown.stream().filter(c -> c.tool().equals(tool) && (c.use() == Use.LINT || c.use() == Use.TYPECHECK)).map(Call::plainWords)
                .filter(w -> !w.isEmpty()).findFirst().orElse(fallback);
    }

    /** {@code src}, or the packages at the top. A bare {@code .} would take in virtual environments with flake8. */
    private String sources(boolean withTests) {
        List<String> found = new ArrayList<>();
        if (project.isFolder(manifest.at("src")) && project.any(manifest.at("src"), "**/*.py")) {
            found.add("src");
        } else {
            String prefix = manifest.folder.equals(".") ? "" : manifest.folder + "/";
            for (String file : project.under(manifest.folder)) {
                String[] parts = file.endsWith("/__init__.py") ? file.substring(prefix.length()).split("/") : new String[0];
                if (parts.length == 2 && !Project.isAside(parts[0]) && Shell.isPrintable(parts[0])) {
                    found.add(Shell.word(parts[0]));
                }
            }
        }
        if (withTests && project.isFolder(manifest.at("tests"))) {
            found.add("tests");
        }
        return found.isEmpty() ? "." : String.join(" ", found);
    }

    Optional<Evidence> configured(String tool) {
        for (String folder : folders) {
            Optional<Document> pyproject = project.exists(Project.join(folder, "pyproject.toml"))
                    ? project.toml(Project.join(folder, "pyproject.toml")) : Optional.empty();
            if (pyproject.filter(d -> d.has("tool", tool)).isPresent()) {
                int line = pyproject.get().line("tool", tool);
                return Optional.of(new Evidence(pyproject.get().file(), line > 0 ? line
                        : project.lineOf(pyproject.get().file(), "[tool." + tool), tool + "-configuration"));
            }
            Optional<String> file = switch (tool) {
                case "ruff" -> project.first(folder, "ruff.toml", ".ruff.toml");
                case "flake8" -> project.first(folder, ".flake8");
                case "pylint" -> project.first(folder, ".pylintrc", "pylintrc");
                case "isort" -> project.first(folder, ".isort.cfg");
                case "mypy" -> project.first(folder, "mypy.ini", ".mypy.ini");
                case "pyright", "basedpyright" -> project.first(folder, "pyrightconfig.json");
                case "ty", "pyrefly" -> project.first(folder, tool + ".toml");
                case "pytest" -> project.first(folder, "pytest.ini", ".pytest.ini", "pytest.toml");
                default -> Optional.empty();
            };
            if (file.isPresent()) {
                return Optional.of(Evidence.of(file.get(), tool + "-configuration"));
            }
            for (String name : List.of("setup.cfg", "tox.ini")) {
                Optional<Ini> ini = project.ini(Project.join(folder, name));
                String section = tool.equals("pytest") && name.equals("setup.cfg") ? "tool:pytest" : tool;
                if (ini.filter(i -> i.has(section)).isPresent()) {
                    return Optional.of(new Evidence(Project.join(folder, name), project.lineOf(Project.join(folder, name), "[" + section + "]"),
                            tool + "-configuration"));
                }
            }
        }
        return Optional.empty();
    }

    /** Does the tool's configuration itself say what to look at? */
    private boolean lists(String tool, String... keys) {
        for (String key : keys) {
            boolean ini = List.of("setup.cfg", "mypy.ini", ".mypy.ini").stream()
                    .anyMatch(f -> project.ini(manifest.at(f)).filter(i -> !i.text(tool, key).isEmpty()).isPresent());
            if (manifest.has("tool", tool, key) || ini) {
                return true;
            }
        }
        return false;
    }

    // --- Django, alembic, publication, system packages ---

    /** Django's manage.py, the shallowest of the component's own; empty where Django is no dependency. */
    Optional<String> manage() {
        if (!manager.declares("django")) {
            return Optional.empty();
        }
        String prefix = manifest.folder.equals(".") ? "" : manifest.folder + "/";
        return project.named("manage.py").stream().filter(f -> f.startsWith(prefix) && f.substring(prefix.length()).split("/").length <= 2)
                .findFirst();
    }

    void migration(Component.Builder builder, Set<String> wanted) {
        Optional<String> manage = manage();
        String alembic = manifest.at("alembic.ini");
        if (manage.isPresent()) {
            wanted.add("django");
            builder.migration(Command.likely(PythonTests.inFolder(manifest, manage.get(), manager.run("python manage.py migrate", "")),
                    Evidence.of(manage.get(), "django")));
        } else if (project.exists(alembic) && manager.declares("alembic")) {
            wanted.add("alembic");
            builder.migration(Command.likely(manager.run("alembic upgrade head", manager.provider("alembic").map(s -> s.name()).orElse("")),
                    Evidence.of(alembic, "alembic")));
        }
    }

    /** Where the project shows that the package goes to PyPI: an upload in a task, a README that says how to install it, classifiers. */
    Optional<Evidence> published(List<Way> ways) {
        String name = manifest.name();
        boolean isPrivate = manifest.classifiers().stream().anyMatch(c -> c.startsWith("Private ::"));
        boolean described = manifest.has("project", "classifiers") && !manifest.text("tool", "uv", "package").equals("false");
        if (!manifest.isPackage() && !described || !Shell.isPrintable(name) || isPrivate) {
            return Optional.empty();
        }
        Optional<Evidence> upload = ways.stream()
                .filter(w -> w.calls().stream().anyMatch(c -> c.use() == Use.PUBLISH && !c.tool().equals("git") && !c.tool().equals("mkdocs")))
                .map(Way::evidence).findFirst();
        if (upload.isPresent()) {
            return upload;
        }
        String normal = Pattern.quote(name).replace("-", "\\E[-_.]\\Q");
        Pattern shown = Pattern.compile("(?i)(pypi\\.(python\\.)?org/(project|pypi|p)/|pypi/(v|pyversions|dm|l)/|badge\\.fury\\.io/py/|pepy\\.tech/\\S*/"
                + "|pip install (-U |--upgrade )?[\"'`]?|uv add |uv tool install |pipx install |poetry add )" + normal + "(?![\\w-])");
        for (String readme : List.of("README.md", "README.rst", "README.txt", "README")) {
            List<String> lines = project.lines(manifest.at(readme));
            for (int i = 0; i < Math.min(lines.size(), 2_000); i++) {
                if (lines.get(i).length() < 2_000 && shown.matcher(lines.get(i)).find()) {
                    return Optional.of(new Evidence(manifest.at(readme), i + 1, "pypi-readme"));
                }
            }
        }
        return manifest.classifiers().stream()
                .filter(c -> c.startsWith("Development Status ::") || c.startsWith("License ::") || c.startsWith("Intended Audience ::")).findFirst()
                .map(c -> new Evidence(manifest.mainFile(), project.lineOf(manifest.mainFile(), c), "pypi-classifiers"));
    }

    void dependencies(Component.Builder builder) {
        manifest.dependencies().forEach((name, requirement) -> {
            if (!Shell.isPrintable(name)) {
                return;
            }
            builder.dependency(name, requirement.evidence());
            // Headers only for what a job does install, not for the machine that builds the documentation.
            if (manager.installed().stream().noneMatch(s -> s.requirements().containsKey(name))) {
                return;
            }
            SYSTEM.getOrDefault(name, List.of()).forEach(p -> builder.systemPackage(p, requirement.evidence()));
            if (name.equals("psycopg") && !requirement.extras().contains("binary")) {
                builder.systemPackage(requirement.extras().contains("c") ? "libpq-dev" : "libpq5", requirement.evidence());
            }
        });
    }

    boolean hasTestToolOfItsOwn() {
        return manifest.sources.stream().anyMatch(s -> s.kind() != Kind.RUNTIME && s.has("pytest")) || configured("pytest")
                .filter(e -> Project.folderOf(e.file()).equals(manifest.folder)).isPresent();
    }
}
