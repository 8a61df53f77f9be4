package lib.scan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.Publication;
import lib.scan.Component.Tool;
import lib.scan.Finding.Evidence;
import lib.scan.PythonCalls.Call;
import lib.scan.PythonCalls.Use;
import lib.scan.PythonManifest.Kind;
import lib.scan.PythonTasks.Way;

/**
 * Chooses how a Python component is checked, tested and built: the project's own way first, then its tools by configuration and
 * dependency, then what the ecosystem itself brings. Says what each choice needs, so that the install brings it.
 */
final class PythonCommands {
    private static final List<String> LINT = List.of("lint:check", "lint-check", "lint_check", "check-lint", "lint-ci", "ci-lint", "lint",
            "lints", "linters", "linting",
            "lint-all", "lint_all", "style", "check-style", "style-check", "codestyle", "quality", "code-quality", "check", "checks",
                    "check-all", "static", "static-analysis",
            "flake8", "ruff", "pylint", "pre-commit", "precommit", "qa");
    private static final List<String> FORMAT = List.of("format:check", "format-check", "format_check", "check-format", "check_format",
            "fmt-check", "fmt:check", "check-fmt",
            "check-formatting", "formatting-check", "black-check", "check-black", "format", "fmt", "black");
    private static final List<String> TYPECHECK = List.of("typecheck", "type-check", "type_check", "type:check", "types", "typing",
            "types-check", "types:check", "check-types",
            "check_types", "check-typing", "mypy", "pyright", "basedpyright", "ty", "check");
    private static final List<String> TEST = List.of("test:ci", "test-ci", "test_ci", "ci-test", "ci-tests", "tests-ci", "ci", "test", "tests",
            "unittest", "unittests", "unit-test",
            "unit-tests", "test-unit", "tests-unit", "test_unit", "test:unit", "unit", "pytest", "run-tests", "run_tests", "runtests", "check",
                    "test-cov", "test_cov", "testcov",
            "test-coverage");
    /** What measures the tests, for where nothing else runs them. */
    private static final List<String> COVERAGE = List.of("coverage", "cov");
    /** What a name says of the part of a larger project that it is for. */
    private static final Pattern PART = Pattern.compile("(?i)^(py|python|backend|server|api)[-:_.]|[-:_.](py|python|backend|server)$");
    private static final List<String> BUILD = List.of("build", "dist", "build-dist", "package");
    private static final Set<String> INTERPRETERS = Set.of("python", "python3", "django-admin", "manage.py", "./manage.py", "unittest");

    private final Project project;
    private final PythonManifest manifest;
    private final PythonManager manager;
    private final PythonTools tools;
    private final PythonTests tests;
    private final List<Way> own;
    private final List<Way> sessions;
    private final Component.Builder builder;
    private final boolean servesMembers;
    /** Tools that the chosen commands call in the component's environment. */
    private final Set<String> wanted = new LinkedHashSet<>();
    private boolean onlySessions = true;

    PythonCommands(Project project, PythonManifest manifest, PythonManager manager, PythonTools tools, PythonTests tests, List<Way> own,
            List<Way> sessions,
            Component.Builder builder, boolean servesMembers) {
        this.project = project;
        this.manifest = manifest;
        this.manager = manager;
        this.tools = tools;
        this.tests = tests;
        this.own = own;
        this.sessions = sessions;
        this.builder = builder;
        this.servesMembers = servesMembers;
    }

    /** Adds the commands to the builder. @return the tools that the install must bring */
    Set<String> choose() {
        checks();
        if (tests.exist()) {
            test();
        }
        build();
        tools.migration(builder, wanted);
        return wanted;
    }

    /** Do tox or nox, which install by themselves, run all tests and checks? */
    boolean needsNoInstall() {
        return onlySessions && wanted.isEmpty() && builder.has(CommandKind.TEST);
    }

    // --- checks ---

    private void checks() {
        Optional<Way> lint = knownFirst(LINT, w -> does(w, Use.LINT, Use.FORMAT) && !does(w, Use.TEST, Use.BUILD, Use.DOCS))
                .or(() -> own.stream().filter(w -> w.name().matches("(?i)(.+[-_:])?lint([-_:].+)?") && isClean(w)
                        && does(w, Use.LINT, Use.FORMAT) && !does(w, Use.TEST, Use.BUILD)).findFirst());
        Optional<Way> format = lint.filter(w -> does(w, Use.FORMAT)).isPresent() ? Optional.empty()
                : knownFirst(FORMAT, w -> does(w, Use.FORMAT) && !does(w, Use.LINT, Use.TEST));
        Optional<Way> types = knownFirst(TYPECHECK, w -> does(w, Use.TYPECHECK) && !does(w, Use.LINT, Use.TEST));
        format.ifPresent(w -> add(CommandKind.FORMAT, w));
        lint.ifPresent(w -> add(CommandKind.LINT, w));
        boolean hooks = lint.isEmpty() && tools.hooks(builder, wanted);
        if (lint.isEmpty() && !hooks) {
            Optional<Way> session = session(w -> does(w, Use.LINT) && !does(w, Use.TEST) && nothingDeclared(w, Use.LINT));
            session.ifPresent(w -> add(CommandKind.LINT, w));
            if (session.isEmpty()) {
                tools.linters(builder, wanted, format.isPresent());
            }
        }
        // One command that lints and checks types is both; a pipeline runs the same text once.
        if (lint.filter(w -> does(w, Use.TYPECHECK)).isPresent()) {
            add(CommandKind.TYPECHECK, lint.get());
        } else if (types.isPresent()) {
            add(CommandKind.TYPECHECK, types.get());
        } else if (!tools.typecheckers(builder, wanted)) {
            session(w -> does(w, Use.TYPECHECK) && !does(w, Use.TEST, Use.LINT) && nothingDeclared(w, Use.TYPECHECK))
                    .ifPresent(w -> add(CommandKind.TYPECHECK, w));
        }
    }

    /** A session is worth its own environment only for tools that the component's environment lacks. */
    private boolean nothingDeclared(Way way, Use use) {
        return way.calls().stream().filter(c -> c.use() == use).noneMatch(c -> manager.declares(c.tool()) || tools.covers(c.tool()));
    }

    // --- test ---

    private void test() {
        Predicate<Way> tested = w -> !picksPython(w) && (List.of("ci", "check").contains(w.name())
                ? does(w, Use.TEST) && !does(w, Use.LINT, Use.FORMAT, Use.TYPECHECK, Use.BUILD) : does(w, Use.TEST) || runsOwnFile(w));
        // Beside a recipe for the tests, even one that can't be used here, that for coverage is another thing, and often an old one.
        boolean hasTests = own.stream().anyMatch(w -> TEST.contains(w.name()) && does(w, Use.TEST));
        Optional<Way> test = way(TEST, tested.and(this::isKnown)).or(() -> hasTests ? Optional.empty() : way(COVERAGE, tested.and(this::isKnown)));
        if (test.isPresent()) {
            add(CommandKind.TEST, test.get());
            tests.outputs(builder, test.get().lines());
            return;
        }
        if (manager.declares("pytest")) {
            tests.outputs(builder, List.of());
            wanted.add("pytest");
            onlySessions = false;
            String environment = manager.provider("pytest").map(s -> s.name()).orElse("");
            Evidence evidence = tests.configuration().or(() -> manager.declaredAt("pytest")).orElse(tests.evidence());
            builder.command(CommandKind.TEST,
                    Command.certain(manager.run(tests.needsModule() || manager.id.equals("pip") ? "python -m pytest" : "pytest", environment),
                    evidence));
            return;
        }
        Optional<Way> session = session(w -> does(w, Use.TEST) && !w.name().matches("(?i).*(bench|doc|release|lint|downstream).*"));
        Optional<Way> loose = session.or(() -> way(TEST, tested)).or(() -> way(COVERAGE, tested));
        tests.outputs(builder, loose.map(Way::lines).orElse(List.of()));
        if (loose.isPresent()) {
            add(CommandKind.TEST, loose.get());
        } else if (manager.id.equals("hatch")) {
            builder.command(CommandKind.TEST, Command.likely("hatch test", tests.evidence()));
        } else {
            onlySessions = false;
            tests.withoutRunner(builder, manager, tools.manage(), wanted);
        }
    }

    private static boolean picksPython(Way way) {
        return way.lines().stream().anyMatch(l -> l.matches(".*(--python[ =]|\\s-p\\s+3|python3\\.\\d).*"));
    }

    private boolean runsOwnFile(Way way) {
        return way.calls().stream().anyMatch(c -> (INTERPRETERS.contains(c.tool()) ? c.words().stream() : java.util.stream.Stream.of(c.tool()))
                .anyMatch(w -> w.endsWith(".py") && !w.endsWith("setup.py") && Project.resolve(manifest.folder, w)
                        .filter(project::exists).isPresent()));
    }

    // --- build ---

    private void build() {
        Optional<Way> build = knownFirst(BUILD, w -> does(w, Use.BUILD) && !does(w, Use.TEST) && List.of("", "default", "build")
                .contains(w.environment()));
        Optional<Evidence> published = tools.published(own);
        if (build.isPresent()) {
            add(CommandKind.BUILD, build.get());
        } else if (published.isPresent()) {
            String run = manager.id.equals("pip") || manager.id.equals("pipenv") ? "python -m build"
                    : manager.id + " build" + (servesMembers ? " --all-packages" : "");
            if (run.startsWith("python")) {
                want(CommandKind.BUILD, "build", published.get());
            }
            builder.command(CommandKind.BUILD, Command.likely(run, published.get()));
        }
        if (builder.has(CommandKind.BUILD)) {
            builder.output(Output.Kind.BUILD, "dist/*", published.orElse(Evidence.of(manifest.mainFile(), "package")));
        }
        published.ifPresent(e -> builder.publication(new Publication("pypi", manifest.name(), e)));
    }

    // --- ways ---

    /** The way with the first of the names that is there, clean and does what is asked. */
    private Optional<Way> way(List<String> names, Predicate<Way> does) {
        for (boolean bare : new boolean[] {false, true}) {
            for (String name : names) {
                Optional<Way> found = own.stream().filter(w -> (bare ? PART.matcher(w.name()).replaceAll("") : w.name()).equalsIgnoreCase(name))
                        .filter(w -> isClean(w) && does.test(w)).findFirst();
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Way> knownFirst(List<String> names, Predicate<Way> does) {
        return way(names, does.and(this::isKnown)).or(() -> way(names, does));
    }

    /** Is all that it calls declared, configured or brought along? A recipe that nobody runs any more calls what is long gone. */
    private boolean isKnown(Way way) {
        return way.calls().stream().filter(c -> c.use().ordinal() <= Use.DOCS.ordinal()).allMatch(c ->
                c.isolated() || manager.declares(c.tool()) || INTERPRETERS.contains(c.tool()) || c.tool().equals(manager.id) || c.tool()
                        .equals("build")
                || tools.configured(c.tool()).isPresent() || tools.covers(c.tool()) || sessions.stream().anyMatch(s -> s.runner().equals(c.tool())));
    }

    private Optional<Way> session(Predicate<Way> does) {
        return sessions.stream().filter(w -> isClean(w) && does.test(w)).findFirst();
    }

    /** Can a pipeline run it, and does it fail where something is wrong? */
    private boolean isClean(Way way) {
        return !does(way, Use.REWRITE, Use.PUBLISH, Use.FOREIGN, Use.OWN_VENV) && way.calls().stream().allMatch(this::isServed);
    }

    /** A call through a manager that this component doesn't use, or of tox without its configuration, is left over from the past. */
    private boolean isServed(Call call) {
        boolean installsForAnother = call.use() == Use.INSTALL && Set.of("uv", "poetry", "pdm", "pipenv", "hatch").contains(call.tool()) && !call.tool().equals(manager.id);
        return !installsForAnother && (call.manager().equals(manager.id) || Set.of("", "uv", "uvx", "pipx").contains(call.manager()))
                && (!Set.of("tox", "nox").contains(call.tool()) || sessions.stream().anyMatch(s -> s.runner().equals(call.tool())));
    }

    static boolean does(Way way, Use... uses) {
        return way.calls().stream().anyMatch(c -> List.of(uses).contains(c.use()));
    }

    private void add(CommandKind kind, Way way) {
        List<Call> inEnvironment = way.calls().stream().filter(c -> !c.isolated() && c.use().ordinal() <= Use.DOCS.ordinal()).toList();
        boolean standsAlone = Set.of("tox", "nox", "hatch").contains(way.runner());
        onlySessions &= standsAlone;
        if (Set.of("just", "task", "mise", "tox", "nox").contains(way.runner())) {
            want(kind, way.runner(), way.evidence());
        } else if (way.runner().equals("poe") || way.runner().equals("taskipy")) {
            want(kind, way.runner(), way.evidence());
        }
        for (Call call : standsAlone ? List.<Call>of() : inEnvironment) {
            if (!INTERPRETERS.contains(call.tool()) && !call.tool().equals(manager.id)) {
                want(kind, call.tool(), way.evidence());
            }
        }
        way.calls().stream().map(c -> c.manager().equals("uvx") ? "uv" : c.manager())
                .filter(m -> !m.isEmpty() && !m.equals(manager.id) && !standsAlone)
                .forEach(m -> builder.tool(new Tool(m, "", way.evidence())));
        boolean bare = inEnvironment.stream().anyMatch(c -> !c.wrapped() && !c.tool().equals(manager.id));
        builder.command(kind, Command.certain(run(way, bare), way.evidence()));
    }

    /** A recipe that calls its tools by name needs the managed environment around it. */
    private String run(Way way, boolean bare) {
        if (Set.of("tox", "nox").contains(way.runner())) {
            return manager.declares(way.runner()) ? manager.run(way.run(), "") : manager.id.equals("uv")
                    ? "uv run --with " + way.runner() + " " + way.run() : way.run();
        }
        if (Set.of("hatch", "pdm", "pipenv").contains(way.runner()) || !bare && !Set.of("poe", "taskipy").contains(way.runner())) {
            return way.run();
        }
        if (!manager.id.equals("hatch")) {
            return manager.prefix + way.run();
        }
        // Hatch needs to be told the environment, and has one for each purpose: the recipe's own line says more than its name.
        Call first = way.calls().stream().filter(c -> c.use().ordinal() <= Use.DOCS.ordinal()).findFirst().orElseThrow();
        String environment = manager.provider(first.tool()).map(s -> s.name()).orElse("");
        boolean plain = way.calls().size() == 1 && !first.plainWords().isEmpty();
        return manager.run(plain ? first.tool() + " " + first.plainWords() : way.run(), environment);
    }

    private void want(CommandKind kind, String tool, Evidence evidence) {
        if (!manager.declares(tool) && !PythonManager.bringsItself(tool)) {
            project.report(Finding.warning("undeclared-tool", evidence.place() + " calls " + tool + ", which no manifest declares",
                    "add " + tool + " to the development dependencies", evidence, Evidence.of(manifest.mainFile(), "manifest")));
        }
        manager.bring(kind, tool, evidence, builder, wanted);
    }
}

/**
 * Reads the lines of recipes and scripts as calls of programs, and knows what each program of the Python world is for.
 *
 * <p>It reads, it does not interpret: what it can't tell apart becomes {@link Use#OTHER}. Knows no project and chooses nothing.
 */
final class PythonCalls {

    /** What a call does, as far as a pipeline cares. */
    enum Use {
        FORMAT, LINT, TYPECHECK, TEST, BUILD, DOCS, INSTALL, OTHER,
        /** Changes sources, so that it passes where a check would fail. */
        REWRITE,
        /** Publishes, deploys, tags. */
        PUBLISH,
        /** Belongs to another toolchain, or wants a desktop, a daemon or a password. */
        FOREIGN,
        /** Lives in a virtual environment that the recipe makes or expects itself. */
        OWN_VENV
    }

    /**
     * @param tool name of the distribution that brings it as a rule: {@code pytest}, {@code ruff}, {@code build}
     * @param words its arguments
     * @param wrapped run through a manager ({@code uv run}) that finds it by itself
     * @param isolated the call brings the tool along: {@code uvx}, {@code uv run --group}
     */
    record Call(String tool, List<String> words, Use use, boolean wrapped, boolean isolated, String manager) {
        /** The arguments as they may stand in a command of ours: all plain, or none. */
        String plainWords() {
            return words.stream().allMatch(w -> PLAIN.matcher(w).matches()) ? String.join(" ", words) : "";
        }
    }

    private static final Pattern WITH_VALUE = Pattern.compile("-p|-e|-c|--(python|group|only-group|no-group|extra|with|with-requirements|with-editable"
            + "|from|package|directory|project|env-file|spec)");
    private static final int MAX_LINE = 5_000;
    private static final int MAX_EXPANSIONS = 300;
    private static final int MAX_CALLS = 500;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");
    private static final Pattern ASSIGNMENT = Pattern.compile("^(?:export\\s+)?([A-Za-z_]\\w*)=(?:\"([^\"`]*)\"|'([^']*)'|([^\\s\"'`]*))$");
    private static final Pattern VARIABLE = Pattern.compile(
            "\\$\\{\\{?\\s*([A-Za-z_]\\w*)\\s*\\}?\\}|\\$\\(([A-Za-z_]\\w*)\\)|\\$([A-Za-z_]\\w*)|\\{\\{\\s*([A-Za-z_]\\w*)\\s*\\}\\}");
    private static final Set<String> KEYWORDS = Set.of("fi", "done", "for", "case", "esac", "set", "export", "echo", "printf",
            "cd", "exit", "true", "false", "test", "[", "[[", "{", "}", "return", "local", "function", "unset", "trap", "shift", "read", "pushd",
                    "popd", "mkdir", "rm", "cp", "mv", "touch", "cat");
    /** Words that stand before a command and run it. */
    private static final Set<String> LEADS = Set.of("time", "exec", "env", "!", "if", "elif", "while", "until", "then", "else", "do", "command",
            "xvfb-run");
    private static final Set<String> LINTERS = Set.of("flake8", "pylint", "pydocstyle", "pycodestyle", "pyflakes", "bandit", "codespell",
            "prospector", "interrogate",
            "vulture", "doc8", "djlint", "curlylint", "yamllint", "deptry", "check-manifest", "semgrep", "refurb", "lint-imports", "typos",
                    "pyroma", "flakeheaven", "sqlfluff", "slotscheck", "pymarkdown");
    private static final Set<String> TYPECHECKERS = Set.of("mypy", "dmypy", "pyright", "basedpyright", "ty", "pyrefly", "pytype", "pyre", "zuban");
    private static final Set<String> TESTERS = Set.of("pytest", "py.test", "unittest", "nose2", "trial", "zope-testrunner", "stestr", "behave",
            "nox", "tox", "ward", "green");
    private static final Set<String> FOREIGN = Set.of("docker", "docker-compose", "podman", "npm", "npx", "yarn", "pnpm", "bun", "bunx", "node",
            "cargo", "go", "mvn", "gradle", "./gradlew",
            "terraform", "kubectl", "helm", "bundle", "gem", "vagrant", "ssh", "scp", "rsync", "open", "xdg-open", "sudo", "apt", "apt-get",
                    "brew", "watch", "ptw", "pytest-watch", "entr",
            "heroku", "gcloud", "aws", "az", "conda", "mamba", "micromamba", "watchmedo", "watchfiles", "sphinx-autobuild", "psql", "createdb",
                    "systemctl", "cmake", "dotnet", "php", "deno");
    private static final Map<String,
            String> PACKAGES = Map.of("py.test", "pytest", "lint-imports", "import-linter", "dmypy", "mypy", "sphinx-build", "sphinx",
            "pymarkdown", "pymarkdownlnt");

    private PythonCalls() {}

    /** The calls of all lines, in order. Assignments in the lines and in {@code variables} are put in. */
    static List<Call> of(List<String> lines, Map<String, String> variables) {
        Map<String, String> known = new HashMap<>(variables);
        List<Call> calls = new ArrayList<>();
        int[] budget = {MAX_EXPANSIONS};
        int branches = 0;
        for (String line : joined(lines)) {
            branches += line.startsWith("if ") ? 1 : line.equals("fi") && branches > 0 ? -1 : 0;
            Matcher assignment = ASSIGNMENT.matcher(line.strip());
            if (assignment.matches()) {
                String value = java.util.stream.IntStream.rangeClosed(2, 4).mapToObj(assignment::group).filter(java.util.Objects::nonNull)
                        .findFirst().orElse("");
                // "If there is a virtual environment, call its programs": in a pipeline there is none.
                if (branches == 0 || !value.contains("bin/")) {
                    known.put(assignment.group(1), value);
                }
                continue;
            }
            for (String piece : expanded(line.substring(0, Math.min(line.length(), MAX_LINE)), known, budget).split("&&|\\|\\||[;|()]")) {
                Call call = calls.size() < MAX_CALLS ? call(piece.strip()) : null;
                if (call != null) {
                    calls.add(call);
                }
            }
        }
        return calls;
    }

    /** Lines that end with a backslash go on with the next; comments are dropped. */
    static List<String> joined(List<String> lines) {
        List<String> all = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        for (String line : lines) {
            String stripped = line.strip();
            if (stripped.startsWith("#")) {
                continue;
            }
            if (stripped.endsWith("\\")) {
                open.append(stripped, 0, stripped.length() - 1).append(' ');
            } else {
                all.add(open + stripped);
                open.setLength(0);
            }
        }
        all.add(open.toString());
        return all;
    }

    /** @param budget how many more variables may be put in: those that contain one another could go on for ever */
    private static String expanded(String line, Map<String, String> known, int[] budget) {
        Matcher variable = VARIABLE.matcher(line);
        StringBuilder text = new StringBuilder();
        while (variable.find()) {
            String name = java.util.stream.IntStream.rangeClosed(1, 4).mapToObj(variable::group).filter(java.util.Objects::nonNull).findFirst()
                    .orElse("");
            String value = known.containsKey(name) ? --budget[0] > 0 && known.get(name).length() < MAX_LINE
                    ? expanded(known.get(name), known, budget) : ""
                    : name.equals("MAKE") ? "make" : name.matches("(?i)python3?|py") ? "python" : name.matches("(?i).*venv.*") ? "venv" : "";
            variable.appendReplacement(text, Matcher.quoteReplacement(text.length() + value.length() > MAX_LINE ? "" : value));
        }
        return variable.appendTail(text).toString();
    }

    private static Call call(String piece) {
        List<String> words = new ArrayList<>(List.of(piece.replaceFirst("^[@+-]+", "")
                .replaceAll("\\s\\d?>+\\s*\\S+|\\s2>&1", "").strip().split("\\s+")));
        boolean wrapped = false;
        boolean isolated = false;
        boolean ownVenv = false;
        String manager = "";
        for (int guard = 0; guard < 8 && !words.isEmpty(); guard++) {
            String word = words.get(0).replaceAll("^[\"']|[\"']$", "");
            String next = words.size() > 1 ? words.get(1) : "";
            if (word.isEmpty() || word.matches("[A-Za-z_]\\w*=.*") || LEADS.contains(word)) {
                words.remove(0);
            } else if (word.matches(".*(venv|env|\\.tox)/(bin|Scripts)/[\\w.-]+") || (word.equals(".") || word.equals("source")) && next
                    .contains("activate")) {
                ownVenv = true;
                words.set(0, word.substring(word.lastIndexOf('/') + 1));
            } else if (next.equals("run") && Set.of("poetry", "pdm", "pipenv", "rye", "hatch", "uv").contains(word) || word.equals("uvx") || word
                    .equals("pipx") && next.equals("run")
                    || word.equals("uv") && next.equals("tool") && words.size() > 2 && words.get(2).equals("run")) {
                wrapped = true;
                manager = word;
                words.subList(0, word.equals("uvx") ? 1 : next.equals("tool") ? 3 : 2).clear();
                isolated |= !word.equals("poetry") && !word.equals("pdm") && !word.equals("pipenv") && !next.equals("run") || word.equals("pipx");
                isolated |= options(words);
                if (word.equals("hatch") && !words.isEmpty()) {
                    words.set(0, words.get(0).replaceFirst("^[+\\w.-]+:(?=.)", ""));
                }
            } else if (word.matches("(.*/)?(python|python3|python3?\\.\\d+|pypy3?|py)") && module(words) > 0) {
                words.subList(0, module(words)).clear();
            } else if (word.equals("coverage") && next.equals("run")) {
                int module = words.indexOf("-m");
                if (module < 0) {
                    return new Call("coverage", rest(words, 2), Use.TEST, wrapped, isolated, manager);
                }
                words.subList(0, module + 1).clear();
            } else {
                break;
            }
        }
        if (words.isEmpty() || KEYWORDS.contains(words.get(0)) || words.get(0).startsWith("-")) {
            return null;
        }
        String tool = words.get(0).replaceAll("^[\"']|[\"']$", "");
        List<String> arguments = rest(words, 1);
        Use use = ownVenv ? Use.OWN_VENV : use(tool, arguments);
        return new Call(PACKAGES.getOrDefault(tool, tool), arguments, use, wrapped, isolated, manager);
    }

    /** Where the name of the module stands that Python is told to run by {@code -m}, behind options of its own; 0 if it runs a file. */
    private static int module(List<String> words) {
        for (int i = 1; i < words.size() && words.get(i).startsWith("-"); i++) {
            if (words.get(i).matches("-[bBdEiIOPqsSuv]*m")) {
                return i + 1 < words.size() ? i + 1 : 0;
            }
            i += words.get(i).matches("-[WX]") ? 1 : 0;
        }
        return 0;
    }

    /** Drops the options of {@code uv run}; true when they bring groups or packages along. */
    private static boolean options(List<String> words) {
        boolean brings = false;
        while (!words.isEmpty() && words.get(0).startsWith("-")) {
            String option = words.remove(0);
            if (option.equals("--")) {
                break;
            }
            brings |= option.matches("--(group|only-group|extra|with|with-requirements|from|all-extras|all-groups|dev)(=.*)?");
            if (WITH_VALUE.matcher(option).matches() && !words.isEmpty()) {
                words.remove(0);
            }
        }
        return brings;
    }

    private static List<String> rest(List<String> words, int from) {
        return List.copyOf(words.subList(Math.min(from, words.size()), words.size()));
    }

    private static Use use(String tool, List<String> words) {
        String first = words.stream().filter(w -> !w.startsWith("-")).findFirst().orElse("");
        Set<String> all = Set.copyOf(words);
        switch (tool) {
            case "ruff":
                if (first.equals("format")) {
                    return all.contains("--check") || all.contains("--diff") ? Use.FORMAT : Use.REWRITE;
                }
                return all.contains("--fix") && !all.contains("--exit-non-zero-on-fix") ? Use.REWRITE : Use.LINT;
            case "black", "isort", "yapf", "autopep8", "docformatter", "djhtml", "autoflake", "blacken-docs", "mdformat", "pyproject-fmt",
                    "usort", "ssort":
                return all.contains("--check") || all.contains("--check-only") || all.contains("--diff") || all.contains("-c") || all
                        .contains("-d") ? Use.FORMAT : Use.REWRITE;
            case "pyupgrade", "unify", "add-trailing-comma", "pycln":
                return Use.REWRITE;
            case "pre-commit", "prek":
                return first.equals("run") ? Use.LINT : Use.OTHER;
            case "uv", "poetry", "pdm", "hatch", "flit", "maturin", "pipenv", "pip", "pip3":
                return switch (first) {
                    case "build", "wheel" -> tool.startsWith("pip") ? Use.INSTALL : Use.BUILD;
                    case "publish" -> Use.PUBLISH;
                    case "test" -> Use.TEST;
                    case "fmt" -> all.contains("--check") ? Use.LINT : Use.REWRITE;
                    case "install", "sync", "lock", "update", "add", "pip", "develop" -> Use.INSTALL;
                    default -> Use.OTHER;
                };
            case "python", "python3":
                return first.endsWith("manage.py") && words.contains("test") || first.matches("(.*/)?run_?tests?\\.py") ? Use.TEST
                        : first.equals("setup.py") ? words.contains("upload") ? Use.PUBLISH
                        : words.contains("sdist") || words.contains("bdist_wheel") ? Use.BUILD : Use.INSTALL : Use.OTHER;
            case "django-admin", "django", "./manage.py", "manage.py":
                return first.equals("test") ? Use.TEST : Use.OTHER;
            case "build":
                return Use.BUILD;
            case "twine":
                return first.equals("upload") ? Use.PUBLISH : Use.OTHER;
            case "git":
                return Set.of("push", "commit", "tag").contains(first) ? Use.PUBLISH : Use.OTHER;
            case "venv", "virtualenv":
                return Use.OWN_VENV;
            case "mkdocs":
                return first.equals("build") ? Use.DOCS : first.equals("gh-deploy") ? Use.PUBLISH : Use.FOREIGN;
            case "sphinx-build":
                return Use.DOCS;
            default:
                return LINTERS.contains(tool) ? Use.LINT : TYPECHECKERS.contains(tool) ? Use.TYPECHECK : TESTERS.contains(tool) ? Use.TEST
                        : FOREIGN.contains(tool) ? Use.FOREIGN : Use.OTHER;
        }
    }
}

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
