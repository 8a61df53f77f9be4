package lib.scan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Finding.Evidence;
import lib.scan.PythonRequirements.Requirement;

/**
 * What the manifests of one folder declare: {@code pyproject.toml}, {@code setup.cfg}, {@code setup.py}, {@code Pipfile}, requirements
 * files. Knows each way to get dependencies as a {@link Source}; chooses no manager and no command.
 */
final class PythonManifest {

    enum Kind { RUNTIME, EXTRA, GROUP, FILE, ENVIRONMENT }

    /**
     * A set of dependencies that can be installed by its name.
     *
     * @param byDefault its manager's plain install brings it
     * @param whole for a file: it also installs the project, or builds upon another file
     */
    record Source(Kind kind, String name, boolean byDefault, boolean whole, Map<String, Requirement> requirements) {
        boolean has(String dependency) {
            Requirement found = requirements.get(dependency);
            return found != null && found.direct();
        }
    }

    private static final Pattern SETUP_CALL = Pattern.compile("(?m)^\\s*(?:\\w+\\.)?setup\\(");
    private static final Pattern SETUP_IMPORT = Pattern.compile("(?m)^\\s*(?:from|import)\\s+(?:setuptools|distutils|skbuild|numpy\\.distutils)");
    private static final int MAX_SETUP = 200_000;
    private static final int MAX_LIST_LINES = 500;
    private static final int MAX_KEYS = 200;
    private final Project project;
    final String folder;
    /** Null where there is none, or it is broken. */
    final Document pyproject;
    final Document pipfile;
    final Document hatch;
    final Ini setupCfg;
    final String setupPy;
    private final String name;
    final List<Source> sources = new ArrayList<>();
    final List<String> requirementFiles;
    /** Folders of the project that this one installs from their path. */
    final Set<String> localPaths = new LinkedHashSet<>();

    private PythonManifest(Project project, String folder) {
        this.project = project;
        this.folder = folder;
        pyproject = toml(at("pyproject.toml"));
        pipfile = toml(at("Pipfile"));
        hatch = toml(at("hatch.toml"));
        setupCfg = project.ini(at("setup.cfg")).orElse(null);
        String setup = project.text(at("setup.py")).orElse("");
        // A module may have that name too.
        setupPy = SETUP_CALL.matcher(setup).find() && SETUP_IMPORT.matcher(setup).find()
                ? setup.substring(0, Math.min(setup.length(), MAX_SETUP)) : "";
        requirementFiles = PythonRequirements.files(project, folder);
        name = readName();
    }

    static PythonManifest read(Project project, String folder) {
        PythonManifest manifest = new PythonManifest(project, folder);
        manifest.standard();
        manifest.poetry();
        manifest.otherTables();
        manifest.setuptools();
        manifest.pipfile();
        manifest.environments();
        for (String file : manifest.requirementFiles) {
            PythonRequirements.File read = PythonRequirements.read(project, file);
            manifest.localPaths.addAll(read.local());
            manifest.sources.add(new Source(Kind.FILE, file, false, read.whole(), read.requirements()));
        }
        manifest.localPaths.remove(folder);
        return manifest;
    }

    String at(String name) {
        return Project.join(folder, name);
    }

    boolean has(String... path) {
        return pyproject != null && pyproject.has(path);
    }

    String text(String... path) {
        return pyproject == null ? "" : pyproject.text(path);
    }

    List<String> texts(String... path) {
        return pyproject == null ? List.of() : pyproject.texts(path);
    }

    /** A pyproject.toml that only configures tools is no manifest. */
    boolean isProject() {
        return has("project") || has("tool", "poetry") || has("build-system") || has("dependency-groups") || has("tool", "pdm", "dev-dependencies")
                || has("tool", "uv", "dev-dependencies") || hatchEnvironments().size() > 0 || !setupPy.isEmpty() || hasSetupCfg() || pipfile != null;
    }

    private boolean hasSetupCfg() {
        return setupCfg != null && (setupCfg.has("metadata") || setupCfg.has("options"));
    }

    /** Can it be installed as a package? */
    boolean isPackage() {
        if (text("tool", "poetry", "package-mode").equals("false") || text("tool", "uv", "package").equals("false")
                || text("tool", "pdm", "distribution").equals("false")) {
            return false;
        }
        boolean named = has("project") || has("tool", "poetry", "name");
        return has("build-system") && named || !setupPy.isEmpty() || hasSetupCfg() && setupCfg.has("metadata");
    }

    String name() {
        return name;
    }

    private String readName() {
        return List.of(text("project", "name"), text("tool", "poetry", "name"), setupCfg == null ? "" : setupCfg.text("metadata", "name"),
                PythonRequirements.setupText(setupPy, "name")).stream().filter(n -> !n.isEmpty()).findFirst().orElse("");
    }

    List<String> classifiers() {
        List<String> all = new ArrayList<>(texts("project", "classifiers"));
        all.addAll(texts("tool", "poetry", "classifiers"));
        if (setupCfg != null) {
            all.addAll(setupCfg.lines("metadata", "classifiers"));
            all.addAll(setupCfg.lines("metadata", "classifier"));
        }
        all.addAll(PythonRequirements.setupList(setupPy, "classifiers"));
        return all;
    }

    /** The file that makes it what it is, for evidence. */
    String mainFile() {
        return project.first(folder, "pyproject.toml", "setup.cfg", "setup.py", "Pipfile").filter(f -> isProject())
                .orElse(requirementFiles.isEmpty() ? at("pyproject.toml") : requirementFiles.get(0));
    }

    /** The place where the dependency is declared, whichever source has it. */
    Optional<Evidence> declared(String dependency) {
        return sources.stream().filter(s -> s.has(dependency)).map(s -> s.requirements().get(dependency).evidence()).findFirst();
    }

    /** All names with their place; what the manifests' main list says comes first. */
    Map<String, Requirement> dependencies() {
        Map<String, Requirement> all = new LinkedHashMap<>();
        sources.forEach(s -> s.requirements().forEach(all::putIfAbsent));
        return all;
    }

    // --- sources ---

    private void standard() {
        add(Kind.RUNTIME, "", true, texts("project", "dependencies"), "project", "dependencies");
        if (pyproject == null) {
            return;
        }
        for (String extra : some("project", "optional-dependencies")) {
            add(Kind.EXTRA, extra, false, extra(extra, new LinkedHashSet<>()), "project", "optional-dependencies", extra);
        }
        for (String group : some("dependency-groups")) {
            boolean byDefault = has("tool", "uv", "default-groups")
                    ? texts("tool", "uv", "default-groups").contains(group) || text("tool", "uv", "default-groups").equals("all")
                    : group.equals("dev");
            add(Kind.GROUP, group, byDefault, group(group, new LinkedHashSet<>()), "dependency-groups", group);
        }
        for (String name : pyproject.keys("tool", "uv", "sources")) {
            resolve(text("tool", "uv", "sources", name, "path"));
        }
    }

    /** The keys of a table, as many as a person would write. */
    private List<String> some(String... path) {
        return pyproject.keys(path).stream().limit(MAX_KEYS).toList();
    }

    /** An extra may name further extras of its own package: {@code all = ["thing[cli,test]"]}. */
    private List<String> extra(String name, Set<String> seen) {
        List<String> all = new ArrayList<>();
        if (!seen.add(name) || seen.size() > MAX_KEYS) {
            return all;
        }
        texts("project", "optional-dependencies", name).forEach(line -> all.addAll(ownExtras(line, seen)));
        return all;
    }

    /** The line, or what the extras stand for where it names the project itself. */
    private List<String> ownExtras(String line, Set<String> seen) {
        Optional<Requirement> parsed = PythonRequirements.parse(line, null);
        if (parsed.isEmpty() || !parsed.get().name().equals(PythonRequirements.normal(name()))) {
            return List.of(line);
        }
        List<String> all = new ArrayList<>();
        some("project", "optional-dependencies").stream().filter(k -> parsed.get().extras().contains(PythonRequirements.normal(k)))
                .forEach(k -> all.addAll(extra(k, seen)));
        return all;
    }

    private List<String> group(String name, Set<String> seen) {
        List<String> all = new ArrayList<>();
        if (!seen.add(name) || seen.size() > MAX_KEYS) {
            return all;
        }
        for (JsonNode entry : pyproject.at("dependency-groups", name)) {
            if (entry.isTextual()) {
                all.addAll(ownExtras(entry.asText(), new LinkedHashSet<>()));
            } else if (entry.has("include-group")) {
                all.addAll(group(entry.get("include-group").asText(), seen));
            }
        }
        return all;
    }

    private void poetry() {
        if (!has("tool", "poetry")) {
            return;
        }
        table(Kind.RUNTIME, "", true, "tool", "poetry", "dependencies");
        table(Kind.GROUP, "dev", true, "tool", "poetry", "dev-dependencies");
        for (String group : pyproject.keys("tool", "poetry", "group")) {
            boolean optional = text("tool", "poetry", "group", group, "optional").equals("true");
            table(Kind.GROUP, group, !optional, "tool", "poetry", "group", group, "dependencies");
        }
        for (String extra : pyproject.keys("tool", "poetry", "extras")) {
            add(Kind.EXTRA, extra, false, texts("tool", "poetry", "extras", extra), "tool", "poetry", "extras", extra);
        }
    }

    private void otherTables() {
        if (pyproject == null) {
            return;
        }
        for (String group : pyproject.keys("tool", "pdm", "dev-dependencies")) {
            add(Kind.GROUP, group, true, texts("tool", "pdm", "dev-dependencies", group), "tool", "pdm", "dev-dependencies", group);
        }
        add(Kind.GROUP, "dev", true, texts("tool", "uv", "dev-dependencies"), "tool", "uv", "dev-dependencies");
    }

    private void setuptools() {
        if (setupCfg != null) {
            lines(Kind.RUNTIME, "", setupCfg.lines("options", "install_requires"), at("setup.cfg"), setupCfg.line("options", "install_requires"));
            for (String extra : setupCfg.keys("options.extras_require")) {
                lines(Kind.EXTRA, extra, setupCfg.lines("options.extras_require", extra), at("setup.cfg"),
                        setupCfg.line("options.extras_require", extra));
            }
        }
        int line = project.lineOf(at("setup.py"), "install_requires");
        lines(Kind.RUNTIME, "", PythonRequirements.setupList(setupPy, "install_requires"), at("setup.py"), line);
        PythonRequirements.setupLists(setupPy, "extras_require").forEach((extra, list) ->
                lines(Kind.EXTRA, extra, list, at("setup.py"), project.lineOf(at("setup.py"), "extras_require")));
    }

    private void pipfile() {
        if (pipfile == null) {
            return;
        }
        for (String category : pipfile.keys()) {
            if (!List.of("source", "requires", "scripts", "pipenv").contains(category)) {
                Kind kind = category.equals("packages") ? Kind.RUNTIME : Kind.GROUP;
                table(pipfile, kind, category.equals("packages") ? "" : category, category.endsWith("packages"), category);
            }
        }
    }

    List<String> hatchEnvironments() {
        return hatch != null && hatch.has("envs") ? hatch.keys("envs") : pyproject == null ? List.of() : pyproject.keys("tool", "hatch", "envs");
    }

    /** The value of a Hatch environment, from {@code hatch.toml} or {@code pyproject.toml}. */
    JsonNode hatchEnvironment(String name) {
        return hatch != null && hatch.has("envs") ? hatch.at("envs", name) : pyproject.at("tool", "hatch", "envs", name);
    }

    Evidence hatchEvidence(String name) {
        return hatch != null && hatch.has("envs") ? hatch.evidence("hatch-environment", "envs", name)
                : pyproject.evidence("hatch-environment", "tool", "hatch", "envs", name);
    }

    private void environments() {
        for (String name : hatchEnvironments()) {
            JsonNode environment = hatchEnvironment(name);
            List<String> lines = new ArrayList<>();
            // Every environment builds upon the default one, unless it is detached.
            if (!environment.path("detached").asBoolean() && hatchEnvironments().contains("default")) {
                hatchEnvironment("default").path("dependencies").forEach(d -> lines.add(d.asText()));
            }
            for (String key : List.of("dependencies", "extra-dependencies")) {
                environment.path(key).forEach(d -> lines.add(d.asText()));
            }
            environment.path("features").forEach(f -> lines.addAll(extra(f.asText(), new LinkedHashSet<>())));
            environment.path("dependency-groups").forEach(g -> lines.addAll(group(g.asText(), new LinkedHashSet<>())));
            lines(Kind.ENVIRONMENT, name, lines, hatchEvidence(name).file(), hatchEvidence(name).line());
        }
    }

    private void add(Kind kind, String name, boolean byDefault, List<String> lines, String... path) {
        if (pyproject != null && pyproject.has(path)) {
            sources.add(new Source(kind, name, byDefault, false, parsed(lines, pyproject.file(), pyproject.line(path))));
        }
    }

    private void lines(Kind kind, String name, List<String> lines, String file, int line) {
        if (!lines.isEmpty()) {
            sources.add(new Source(kind, name, kind == Kind.RUNTIME, false, parsed(lines, file, line)));
        }
    }

    private Map<String, Requirement> parsed(List<String> lines, String file, int from) {
        Map<String, Requirement> all = new LinkedHashMap<>();
        List<String> text = project.lines(file);
        int at = Math.max(0, from - 1);
        for (String line : lines) {
            // The list begins at a known line and keeps its order: the next line that has the text is its place.
            int end = Math.min(text.size(), at + MAX_LIST_LINES);
            int found = at;
            while (found < end && !text.get(found).contains(line)) {
                found++;
            }
            Evidence evidence = new Evidence(file, found < end ? found + 1 : from, "dependency");
            at = found < end ? found : at;
            PythonRequirements.parse(line, evidence).ifPresent(r -> all.putIfAbsent(r.name(), r));
        }
        return all;
    }

    private void table(Kind kind, String name, boolean byDefault, String... path) {
        table(pyproject, kind, name, byDefault, path);
    }

    private void table(Document document, Kind kind, String name, boolean byDefault, String... path) {
        Map<String, Requirement> all = new LinkedHashMap<>();
        document.at(path).properties().forEach(entry -> {
            String[] at = Stream.concat(Stream.of(path), Stream.of(entry.getKey())).toArray(String[]::new);
            Set<String> extras = new LinkedHashSet<>();
            entry.getValue().path("extras").forEach(e -> extras.add(PythonRequirements.normal(e.asText())));
            resolve(entry.getValue().path("path").asText());
            if (!entry.getKey().equals("python")) {
                String normal = PythonRequirements.normal(entry.getKey());
                all.put(normal, new Requirement(normal, extras, true, document.evidence("dependency", at)));
            }
        });
        if (document.has(path)) {
            sources.add(new Source(kind, name, byDefault, false, all));
        }
    }

    private void resolve(String path) {
        if (!path.isEmpty()) {
            Project.resolve(folder, path).filter(project::isFolder).ifPresent(localPaths::add);
        }
    }

    private Document toml(String file) {
        return project.exists(file) ? project.toml(file).orElse(null) : null;
    }
}

/** The test files of a Python component: whether there are any, which runner they are written for, which reports they write. */
final class PythonTests {
    private static final Pattern FILE = Pattern.compile("(test_.*|.*_test|tests)\\.py");
    private static final Pattern PYTEST = Pattern.compile("(?m)^\\s*(?:import pytest|from pytest)\\b|@pytest\\.|^(?:async )?def test_");
    private static final Pattern JUNIT = Pattern.compile("--junit-?xml[= ]([\\w./-]+)");
    private static final Pattern COVERAGE = Pattern.compile("--cov-report[= ][\"']?xml(?::([\\w./-]+))?|\\bcoverage xml(?:\\s+-o\\s+([\\w./-]+))?");
    private static final int MAX_READ = 60;

    private final Project project;
    private final PythonManifest manifest;
    private final Optional<Evidence> configuration;
    private final List<String> files;

    /** @param nested folders below that are components of their own */
    PythonTests(Project project, PythonManifest manifest, Optional<Evidence> configuration, Set<String> nested) {
        this.project = project;
        this.manifest = manifest;
        this.configuration = configuration;
        files = project.under(manifest.folder, ".py").stream().filter(f -> FILE.matcher(Project.nameOf(f)).matches())
                .filter(f -> !isNested(f, nested) && !isData(f)).toList();
    }

    private boolean isNested(String file, Set<String> nested) {
        for (String at = Project.folderOf(file); !at.equals(manifest.folder) && !at.equals("."); at = Project.folderOf(at)) {
            if (nested.contains(at)) {
                return true;
            }
        }
        return false;
    }

    /** A test file that other tests read, or that an example or a template holds, is no test of the component. */
    private boolean isData(String file) {
        String below = manifest.folder.equals(".") ? file : file.substring(manifest.folder.length() + 1);
        return below.matches("(.*/)?(fixtures|examples?|templates?|docs|vendor|_vendor|testdata|data|\\{\\{.*)/.*");
    }

    boolean exist() {
        return !files.isEmpty();
    }

    Evidence evidence() {
        return Evidence.of(files.get(0), "test-files");
    }

    /** Where pytest is configured. */
    Optional<Evidence> configuration() {
        return configuration;
    }

    /** An application that is not installed is found by its tests only when the current folder is on the path, as {@code python -m} puts it. */
    boolean needsModule() {
        boolean pathIsSet = manifest.has("tool", "pytest", "ini_options", "pythonpath") || ini("pythonpath").length() > 0;
        return !manifest.isPackage() && !pathIsSet && !project.exists(manifest.at("conftest.py"));
    }

    private boolean forPytest() {
        return configuration.isPresent() || files.stream().limit(MAX_READ).anyMatch(f -> PYTEST.matcher(project.text(f).orElse("")).find())
                || project.any(manifest.folder, "**/conftest.py");
    }

    /** Tests for which no runner is declared: Django's, the standard library's, or pytest that nobody wrote down. */
    void withoutRunner(Component.Builder builder, PythonManager manager, Optional<String> manage, Set<String> wanted) {
        if (manage.isPresent()) {
            wanted.add("django");
            builder.command(CommandKind.TEST,
                    Command.certain(inFolder(manifest, manage.get(), manager.run("python manage.py test", "")), Evidence.of(manage.get(), "django")));
        } else if (!forPytest() && !manager.declares("django")) {
            builder.command(CommandKind.TEST, Command.likely(manager.run(unittest(), ""), evidence()));
        } else if (manager.id.equals("pip")) {
            project.report(Finding.warning("undeclared-tool",
                    "the tests are written for pytest, which no manifest of " + manifest.folder + " declares",
                    "add pytest to the development dependencies", evidence()));
            manager.bring(CommandKind.TEST, "pytest", evidence(), builder, wanted);
            builder.command(CommandKind.TEST, Command.likely("python -m pytest", configuration.orElse(evidence())));
        } else if (manager.id.equals("uv")) {
            builder.command(CommandKind.TEST, Command.likely("uv run --with pytest pytest", configuration.orElse(evidence())));
        } else {
            builder.command(CommandKind.TEST, Command.guess(manager.run("pytest", ""), configuration.orElse(evidence())));
        }
    }

    private String unittest() {
        for (String folder : List.of("tests", "test")) {
            // Discovery from the top enters packages only.
            if (project.isFolder(manifest.at(folder)) && !project.exists(manifest.at(folder + "/__init__.py"))) {
                return "python -m unittest discover -s " + folder;
            }
        }
        return "python -m unittest discover";
    }

    /** Python's manage.py finds its tests from its own folder. */
    static String inFolder(PythonManifest manifest, String file, String command) {
        String folder = Project.folderOf(file);
        if (folder.equals(manifest.folder)) {
            return command;
        }
        return "cd " + Shell.word(manifest.folder.equals(".") ? folder : folder.substring(manifest.folder.length() + 1)) + " && " + command;
    }

    /** Reports that the configuration or the chosen recipe already writes. */
    void outputs(Component.Builder builder, List<String> recipe) {
        List<String> texts = new ArrayList<>(recipe);
        texts.add(String.join(" ", manifest.texts("tool", "pytest", "ini_options", "addopts")));
        texts.add(String.join(" ", manifest.texts("tool", "pytest", "addopts")));
        texts.add(ini("addopts"));
        for (String text : texts) {
            Matcher junit = JUNIT.matcher(text);
            if (junit.find()) {
                builder.output(Output.Kind.JUNIT, junit.group(1), configuration.orElse(evidence()));
            }
            Matcher coverage = COVERAGE.matcher(text);
            if (coverage.find()) {
                String path = coverage.group(1) != null ? coverage.group(1) : coverage.group(2) != null ? coverage.group(2) : coverageFile();
                builder.output(Output.Kind.COBERTURA, path, configuration.orElse(evidence()));
            }
        }
    }

    private String coverageFile() {
        String pyproject = manifest.text("tool", "coverage", "xml", "output");
        String rc = project.ini(manifest.at(".coveragerc")).map(i -> i.text("xml", "output")).orElse("");
        String set = pyproject.isEmpty() ? rc : pyproject;
        return set.matches("[\\w./-]+") ? set : "coverage.xml";
    }

    private String ini(String key) {
        for (String[] place : List.of(new String[] {"pytest.ini", "pytest"}, new String[] {"tox.ini", "pytest"},
                new String[] {"setup.cfg", "tool:pytest"})) {
            String value = project.ini(manifest.at(place[0])).map(i -> i.text(place[1], key)).orElse("");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }
}
