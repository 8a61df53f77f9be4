package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
        files = project.under(manifest.folder).stream().filter(f -> FILE.matcher(Project.nameOf(f)).matches())
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
