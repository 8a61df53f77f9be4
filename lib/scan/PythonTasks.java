package lib.scan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.scan.PythonCalls.Call;

/**
 * The project's own ways to check, test and build it: targets of task files, scripts of managers, script files, sessions of tox and nox,
 * each with the calls that it makes in the end. Knows what a way does, not whether it is the one to take.
 */
final class PythonTasks {

    /**
     * @param runner {@code make}, {@code just}, {@code task}, {@code mise}, {@code script}, {@code hatch}, {@code pdm}, {@code pipenv}, {@code poe},
     *               {@code taskipy}, {@code tox}, {@code nox}
     * @param lines what it runs, as written
     * @param environment the Hatch environment that it lives in, else empty
     */
    record Way(String runner, String name, String run, List<String> lines, List<Call> calls, String environment, Evidence evidence) {}

    private static final Pattern SESSION = Pattern.compile("(?m)^@(?:nox\\.)?session\\b");
    private static final Pattern FUNCTION = Pattern.compile("(?m)^(?:async )?def (\\w+)\\(");
    private static final Pattern SESSION_NAME = Pattern.compile("\\bname=[\"']([\\w.-]+)[\"']");
    private static final Pattern TOP_LEVEL = Pattern.compile("(?m)^[^\\s#)]");
    private static final Pattern VERSION = Pattern.compile("[\"'](3\\.\\d{1,2})[\"']");
    private static final int MAX_SOURCE = 200_000;
    private static final Pattern SESSION_RUN = Pattern.compile("session\\.run(?:_always)?\\(([^)]*)\\)");
    private static final Pattern LITERAL = Pattern.compile("\"([^\"\\n]*)\"|'([^'\\n]*)'");
    private static final Pattern CONDITION = Pattern.compile("^(!?[\\w.{},!-]+):\\s+(\\S.*)$");
    private static final Pattern VARIABLE = Pattern.compile("(?m)^(?:export +)?([A-Za-z_]\\w*) *[:?]?= *[\"']?([^\"'#\\n]*)");
    private static final Pattern CHANGE = Pattern.compile("\\bcd\\s+([\\w./-]+)");
    private static final int MAX_DEPTH = 4;
    private static final int MAX_TASKS = 300;

    private final Project project;
    private final PythonManifest manifest;
    private final List<Task> tasks;
    private final Map<String, Map<String, String>> variablesOf = new HashMap<>();

    PythonTasks(Project project, PythonManifest manifest) {
        this.project = project;
        this.manifest = manifest;
        List<Task> all = project.tasks(manifest.folder);
        tasks = all.subList(0, Math.min(all.size(), MAX_TASKS));
    }

    /** Task files first, since they are what people type; then managers' scripts, then script files. */
    List<Way> own() {
        List<Way> ways = new ArrayList<>();
        for (Task task : tasks) {
            if (Shell.isPrintable(task.name())) {
                List<String> lines = new ArrayList<>(task.recipe());
                task.needs().forEach(n -> lines.add(0, task.runner() + " " + n));
                ways.add(way(task.runner(), task.name(), task.run(), lines, "", task.evidence()));
            }
        }
        hatch(ways);
        table(ways, "pdm", "pdm run ", "tool", "pdm", "scripts");
        table(ways, "poe", "poe ", "tool", "poe", "tasks");
        table(ways, "taskipy", "task ", "tool", "taskipy", "tasks");
        if (manifest.pipfile != null) {
            for (String name : manifest.pipfile.keys("scripts")) {
                add(ways, "pipenv", "pipenv run ", name, manifest.pipfile.texts("scripts", name),
                        manifest.pipfile.evidence("pipfile-script", "scripts", name));
            }
        }
        scripts(ways);
        return ways;
    }

    private void hatch(List<Way> ways) {
        for (String environment : manifest.hatchEnvironments()) {
            JsonNode scripts = manifest.hatchEnvironment(environment).path("scripts");
            for (Map.Entry<String, JsonNode> script : scripts.properties()) {
                List<String> lines = new ArrayList<>();
                unfold(scripts, script.getKey(), lines, 0);
                String name = environment.equals("default") ? script.getKey() : environment + ":" + script.getKey();
                if (Shell.isPrintable(name)) {
                    ways.add(way("hatch", script.getKey(), "hatch run " + Shell.word(name), lines, environment, manifest.hatchEvidence(environment)));
                }
            }
        }
    }

    /** A Hatch script may begin with another script's name. */
    private static void unfold(JsonNode scripts, String name, List<String> lines, int depth) {
        List<String> own = new ArrayList<>();
        JsonNode value = scripts.path(name);
        if (value.isArray()) {
            value.forEach(v -> own.add(v.asText()));
        } else {
            own.add(value.asText());
        }
        for (String line : own) {
            String first = line.strip().split("\\s+")[0].replaceFirst("^-", "");
            if (depth < MAX_DEPTH && scripts.has(first) && !first.equals(name)) {
                unfold(scripts, first, lines, depth + 1);
            } else {
                lines.add(line.replaceAll("\\{args:?([^}]*)\\}", "$1"));
            }
        }
    }

    /** Tasks of a table: a text, a list of other tasks, or a map that has one of them. */
    private void table(List<Way> ways, String runner, String prefix, String... path) {
        if (manifest.pyproject == null) {
            return;
        }
        for (String name : manifest.pyproject.keys(path).stream().limit(MAX_TASKS).toList()) {
            JsonNode value = manifest.pyproject.at(path).path(name);
            List<String> lines = new ArrayList<>();
            for (JsonNode part : value.isObject()
                    ? List.of(value.path("cmd"), value.path("shell"), value.path("script"), value.path("composite"), value.path("sequence"))
                    : List.of(value)) {
                if (part.isArray() && (value.isArray() || part != value.path("cmd"))) {
                    part.forEach(p -> lines.add(p.isTextual() && manifest.pyproject.has(path) && manifest.pyproject.at(path).has(p.asText())
                            ? prefix + p.asText()
                            : p.isObject() ? p.path("cmd").asText(p.path("shell").asText()) : p.asText()));
                } else if (part.isArray()) {
                    StringBuilder line = new StringBuilder();
                    part.forEach(p -> line.append(p.asText()).append(' '));
                    lines.add(line.toString());
                } else if (part.isValueNode()) {
                    lines.add(part.asText());
                }
            }
            String[] at = Stream.concat(Stream.of(path), Stream.of(name)).toArray(String[]::new);
            if (!name.startsWith("_")) {
                add(ways, runner, prefix, name, lines, manifest.pyproject.evidence(runner + "-script", at));
            }
        }
    }

    private void add(List<Way> ways, String runner, String prefix, String name, List<String> lines, Evidence evidence) {
        if (Shell.isPrintable(name)) {
            List<String> plain = lines.stream().map(l -> l.replaceAll("\\{args:?([^}]*)\\}", "$1")).toList();
            ways.add(way(runner, name, prefix + Shell.word(name), plain, "", evidence));
        }
    }

    private void scripts(List<Way> ways) {
        for (String below : List.of("scripts", "script", "bin", "ci", "")) {
            String at = below.isEmpty() ? manifest.folder : manifest.at(below);
            for (String file : project.in(at)) {
                String path = Project.join(at, file);
                boolean shell = file.endsWith(".sh") || file.endsWith(".bash");
                if (!Shell.isPrintable(file) || !shell
                        && (file.contains(".") || below.isEmpty() || !project.text(path)
                        .orElse("").matches("(?s)#!\\s*\\S*(bin/env\\s+)?\\S*sh\\b.*"))) {
                    continue;
                }
                String relative = below.isEmpty() ? file : below + "/" + file;
                // By the interpreter it works whether or not git kept the executable bit.
                String run = shell || !project.isExecutable(path) ? "bash " + Shell.word(relative) : Shell.word("./" + relative);
                ways.add(way("script", file.replaceFirst("\\.(sh|bash)$", ""), run, project.lines(path), "", Evidence.of(path, "script")));
            }
        }
    }

    private Way way(String runner, String name, String run, List<String> lines, String environment, Evidence evidence) {
        List<Call> calls = new ArrayList<>();
        follow(lines, variables(evidence.file()), calls, new LinkedHashSet<>(Set.of(runner + " " + name)), 0);
        return new Way(runner, name, run, List.copyOf(lines), List.copyOf(calls), environment, evidence);
    }

    /** The calls of the lines and of what they call in the project: other targets, scripts. */
    private void follow(List<String> lines, Map<String, String> variables, List<Call> into, Set<String> seen, int depth) {
        List<String> folders = new ArrayList<>(List.of(manifest.folder));
        lines.forEach(l -> CHANGE.matcher(l).results().forEach(m -> Project.resolve(manifest.folder, m.group(1)).ifPresent(folders::add)));
        for (Call call : PythonCalls.of(lines, variables)) {
            into.add(call);
            if (depth >= MAX_DEPTH || into.size() > 500) {
                continue;
            }
            List<String> words = call.words().stream().filter(w -> !w.startsWith("-")).toList();
            if (Set.of("make", "just", "task").contains(call.tool())) {
                for (String name : words) {
                    tasks.stream().filter(t -> t.runner().equals(call.tool()) && t.name().equals(name) && seen.add(t.runner() + " " + name))
                            .findFirst().ifPresent(t -> {
                        List<String> inner = new ArrayList<>(t.recipe());
                        t.needs().forEach(n -> inner.add(0, t.runner() + " " + n));
                        follow(inner, variables(t.evidence().file()), into, seen, depth + 1);
                    });
                }
                continue;
            }
            String called = Set.of("bash", "sh", "source", ".").contains(call.tool()) ? words.isEmpty() ? "" : words.get(0) : call.tool();
            for (String folder : folders) {
                Optional<String> script = called.contains("/") || called.endsWith(".sh") ? Project.resolve(folder, called)
                        .filter(project::exists) : Optional.empty();
                if (script.isPresent() && !called.endsWith(".py") && seen.add(script.get())) {
                    follow(project.lines(script.get()), Map.of(), into, seen, depth + 1);
                }
            }
        }
    }

    /** Plain assignments at the left edge of a task file. */
    private Map<String, String> variables(String file) {
        return variablesOf.computeIfAbsent(file, this::readVariables);
    }

    private Map<String, String> readVariables(String file) {
        Map<String, String> variables = new HashMap<>();
        String text = file.endsWith("akefile") || file.endsWith("ustfile") ? project.text(file).orElse("") : "";
        Matcher assignment = VARIABLE.matcher(text.substring(0, Math.min(text.length(), MAX_SOURCE)));
        while (assignment.find()) {
            variables.putIfAbsent(assignment.group(1), assignment.group(2).strip());
        }
        return variables;
    }

    // --- tox and nox ---

    /** Environments that install what they need by themselves. */
    List<Way> sessions() {
        List<Way> ways = new ArrayList<>();
        Ini ini = toxIni();
        if (ini != null) {
            for (String section : ini.sections()) {
                String name = section.equals("testenv") ? "py" : section.startsWith("testenv:") ? section.substring(8) : "";
                for (String each : braces(name)) {
                    List<String> lines = new ArrayList<>();
                    PythonCalls.joined(ini.lines(section, "commands")).forEach(l -> {
                        Matcher condition = CONDITION.matcher(l);
                        boolean holds = !condition.matches() || List.of(each.split("-")).contains(condition.group(1));
                        lines.add(!holds ? "" : condition.matches() ? condition.group(2) : l);
                    });
                    session(ways, "tox run -e ", "", each, lines, new Evidence(toxFile(), ini.line(section, "commands"), "tox-environment"));
                }
            }
        }
        Document toml = toxToml();
        String[] root = toml != null && toml.file().endsWith("pyproject.toml") ? new String[] {"tool", "tox"} : new String[0];
        if (toml != null) {
            JsonNode tox = toml.at(root);
            session(ways, "tox run -e ", "", "py", commands(tox.path("env_run_base")), toml.evidence("tox-environment", path(root, "env_run_base")));
            tox.path("env").fieldNames().forEachRemaining(n ->
                    session(ways, "tox run -e ", "", n, commands(tox.path("env").path(n)), toml.evidence("tox-environment", path(root, "env", n))));
        }
        nox(ways);
        return ways;
    }

    private void nox(List<Way> ways) {
        String file = manifest.at("noxfile.py");
        String whole = project.text(file).orElse("");
        String source = whole.substring(0, Math.min(whole.length(), MAX_SOURCE));
        Matcher decorator = SESSION.matcher(source);
        while (decorator.find()) {
            Matcher function = FUNCTION.matcher(source).region(decorator.end(), source.length());
            if (!function.find()) {
                return;
            }
            String options = source.substring(decorator.end(), function.start());
            Matcher name = SESSION_NAME.matcher(options);
            // A session with a list of Pythons would look for all of them; a pipeline's job has one.
            String force = options.contains("python=") ? " --force-python python3" : "";
            Matcher next = TOP_LEVEL.matcher(source).useAnchoringBounds(false).region(function.end(), source.length());
            String body = source.substring(function.end(), next.find() ? next.start() : source.length());
            session(ways, "nox -s ", force, name.find() ? name.group(1) : function.group(1), SESSION_RUN.matcher(body).results()
                    .map(r -> literals(r.group(1))).toList(),
                    new Evidence(file, (int) source.substring(0, function.start()).lines().count() + 1, "nox-session"));
        }
    }

    /** The list of tox's environments as written, and the versions that a noxfile names. */
    String environments() {
        Ini ini = toxIni();
        String list = ini == null ? "" : ini.text(ini.has("tox:tox") ? "tox:tox" : "tox", "envlist") + " " + ini.text("tox", "env_list");
        Document toml = toxToml();
        String nox = project.text(manifest.at("noxfile.py")).orElse("");
        StringBuilder pythons = new StringBuilder(list);
        VERSION.matcher(nox.substring(0, Math.min(nox.length(), MAX_SOURCE))).results().forEach(m -> pythons.append(" py").append(m.group(1)));
        return pythons + (toml == null ? ""
                : String.join(" ", toml.texts("env_list")) + " " + String.join(" ", toml.texts("tool", "tox", "env_list")));
    }

    /** Extras or dependency groups that tox's own test environment installs, whatever its factors. */
    List<String> toxBrings(String key) {
        Ini ini = toxIni();
        List<String> names = new ArrayList<>();
        if (ini != null) {
            ini.lines("testenv", key).stream().filter(l -> !l.matches(".*:(\\s.*)?")).forEach(l -> names.addAll(List.of(l.split("[,\\s]+"))));
        }
        Document toml = toxToml();
        if (toml != null) {
            names.addAll(toml.texts("env_run_base", key));
            names.addAll(toml.texts("tool", "tox", "env_run_base", key));
        }
        names.removeIf(n -> !n.matches("[A-Za-z0-9][\\w.-]*"));
        return names;
    }

    private String toxFile() {
        return project.exists(manifest.at("tox.ini")) ? manifest.at("tox.ini") : manifest.at("setup.cfg");
    }

    private Ini toxIni() {
        Ini ini = project.ini(toxFile()).orElse(null);
        if (ini == null && !manifest.text("tool", "tox", "legacy_tox_ini").isEmpty()) {
            return Ini.parse(manifest.text("tool", "tox", "legacy_tox_ini"));
        }
        return ini;
    }

    private Document toxToml() {
        return project.exists(manifest.at("tox.toml")) ? project.toml(manifest.at("tox.toml")).orElse(null) : manifest.has("tool", "tox")
                ? manifest.pyproject : null;
    }

    private static List<String> commands(JsonNode environment) {
        List<String> lines = new ArrayList<>();
        environment.path("commands").forEach(command -> {
            StringBuilder line = new StringBuilder();
            command.forEach(word -> line.append(word.isTextual() ? word.asText() + " " : ""));
            lines.add(line.toString().strip());
        });
        return lines;
    }

    private void session(List<Way> ways, String prefix, String suffix, String name, List<String> lines, Evidence evidence) {
        List<String> plain = lines.stream().limit(MAX_TASKS)
                .map(l -> l.replaceAll("\\{posargs:?([^}]*)\\}", "$1").replaceAll("\\{\\{?env:[^}:]*:?([^}]*)\\}", "$1"))
                .filter(l -> !l.isBlank()).toList();
        if (ways.size() < MAX_TASKS && name.matches("[A-Za-z0-9][\\w.-]*") && !plain.isEmpty()) {
            ways.add(way(prefix.substring(0, 3), name, prefix + name + suffix, plain, "", evidence));
        }
    }

    private static String literals(String arguments) {
        StringBuilder line = new StringBuilder();
        LITERAL.matcher(arguments).results().forEach(m -> line.append(m.group(1) == null ? m.group(2) : m.group(1)).append(' '));
        return line.toString().strip();
    }

    /** {@code lint-{ruff,mypy}} as two names. */
    private static List<String> braces(String name) {
        if (name.length() > 200) {
            return List.of();
        }
        int open = name.indexOf('{');
        int close = name.indexOf('}', open);
        if (open < 0 || close < 0) {
            return List.of(name);
        }
        List<String> names = new ArrayList<>();
        for (String part : name.substring(open + 1, close).split(",")) {
            if (names.size() < 20) {
                names.addAll(braces(name.substring(0, open) + part.strip() + name.substring(close + 1)));
            }
        }
        return names;
    }

    private static String[] path(String[] root, String... more) {
        return Stream.concat(Stream.of(root), Stream.of(more)).toArray(String[]::new);
    }
}
