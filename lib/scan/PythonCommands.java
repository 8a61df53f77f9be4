package lib.scan;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import lib.scan.PythonCalls.Call;
import lib.scan.PythonCalls.Use;
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
            "test-coverage", "coverage", "cov");
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
        Optional<Way> test = way(TEST, tested.and(this::isKnown));
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
        Optional<Way> loose = session.or(() -> way(TEST, tested));
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
        return (call.manager().equals(manager.id) || Set.of("", "uv", "uvx", "pipx").contains(call.manager()))
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
