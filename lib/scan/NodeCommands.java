package lib.scan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.Publication;
import lib.scan.Component.Tool;
import lib.scan.Finding.Evidence;
import lib.scan.NodeCalls.Call;
import lib.scan.NodeScripts.Effect;
import lib.scan.NodeTools.Act;

/**
 * Chooses among a package's scripts the commands that a pipeline runs. Goes by what a script does first and by its name
 * second: a {@code test} that only lints is a lint command, a {@code format} that writes files is none.
 */
final class NodeCommands {
    private static final Set<String> LINTERS = Set.of("eslint", "biome", "oxlint", "tslint", "stylelint", "standard", "xo", "deno", "ultracite", "semistandard",
            "ts-standard");
    private static final Set<String> COMPILERS = Set.of("tsc", "vue-tsc", "tsgo", "ttsc");

    private record Choice(CommandKind kind, String script, Effect effect) {}

    private final Project project;
    private final NodePackage of;
    private final NodeManager manager;
    private final NodeScripts scripts;
    private final List<Choice> choices = new ArrayList<>();
    private final NodeNames names;

    NodeCommands(Project project, NodePackage of, NodeManager manager, NodeScripts scripts) {
        this.project = project;
        this.of = of;
        this.manager = manager;
        this.scripts = scripts;
        this.names = new NodeNames(scripts.names());
    }

    /** Adds the commands of the scripts to the component, and reports what is wrong with them. */
    void addTo(Component.Builder component) {
        test();
        build();
        typecheck();
        lint();
        format();
        for (Choice choice : choices) {
            component.command(choice.kind(), command(choice));
        }
        // A site's build may call a program that npm brings only if it is asked to.
        choices.stream().filter(c -> c.effect().calls().stream().anyMatch(call -> call.tool().equals("hugo")) && !DocsLanguage.bringsHugo(of.manifest())).findFirst()
                .ifPresent(c -> component.tool(DocsLanguage.hugo(project, of.folder(), of.script(c.script()))));
    }

    /** What one of the chosen scripts does already needs no command of its own. */
    boolean does(Act act) {
        return choices.stream().anyMatch(c -> c.effect().does(act));
    }

    List<NodeCalls.Call> calls(CommandKind kind) {
        return choices.stream().filter(c -> c.kind() == kind).flatMap(c -> c.effect().calls().stream()).toList();
    }

    Optional<Evidence> evidence(CommandKind kind) {
        return choices.stream().filter(c -> c.kind() == kind).findFirst().map(c -> of.script(c.script()));
    }

    // --- one kind after the other; tests first, since what is called test may be something else ---

    private void test() {
        List<String> usable = names.ordered(NodeNames.TEST).stream().filter(this::mayTest).toList();
        for (String script : usable) {
            Effect e = scripts.effect(script);
            if (!e.doesAny(Act.TEST, Act.E2E, Act.CUSTOM) && e.doesAny(Act.LINT, Act.FORMAT, Act.TYPECHECK)) {
                // "test": "eslint ." is a lint command by what it does.
                choose(e.does(Act.LINT) ? CommandKind.LINT : e.does(Act.TYPECHECK) ? CommandKind.TYPECHECK : CommandKind.FORMAT, script);
                continue;
            }
            if (isForBrowsers(e) || e.does(Act.TEST) && !ends(script, usable)) {
                continue;
            }
            narrow(script).forEach(s -> choose(CommandKind.TEST, s));
            // One that can't run is reported, and the next one is tried.
            if (e.broken().isEmpty()) {
                return;
            }
        }
        // Tests in browsers only where there is nothing else; a member of a workspace that holds them tests the others together.
        if (!scripts.isMember() && choices.stream().noneMatch(c -> c.kind() == CommandKind.TEST)) {
            first(NodeNames.BROWSER_TESTS, s -> scripts.effect(s).does(Act.E2E)).ifPresent(s -> choose(CommandKind.TEST, s));
        }
    }

    private boolean mayTest(String script) {
        Effect e = scripts.effect(script);
        // What nobody knows counts as a test by its name: node test.js, make test-all.
        boolean known = e.doesAny(Act.TEST, Act.E2E, Act.LINT, Act.FORMAT, Act.TYPECHECK) || !names.plain(script).matches("coverage|cov");
        boolean builds = e.isOnly(Act.BUILD) && names.ordered(NodeNames.BUILD).stream().anyMatch(e.reached()::contains);
        return known && !builds && !isIdle(e) && !scripts.isPlaceholder(script) && !e.does(Act.PUBLISH) && !e.isOnly(Act.SERVE);
    }

    private static boolean isForBrowsers(Effect effect) {
        return effect.does(Act.E2E) && effect.isOnly(Act.E2E, Act.SERVE, Act.BUILD) && !effect.does(Act.CUSTOM);
    }

    /** What watches does not end, and its runner can be called without it; what writes snapshots is taken only if nothing else is there. */
    private boolean ends(String script, List<String> usable) {
        Effect e = scripts.effect(script);
        boolean other = usable.stream().map(scripts::effect).anyMatch(o -> o.does(Act.TEST) && !o.doesAny(Act.SERVE, Act.FIX));
        return !e.does(Act.SERVE) && !(e.does(Act.FIX) && other);
    }

    /** Hands on to members of which none has such a script. */
    private static boolean isIdle(Effect effect) {
        return effect.fansOut() && effect.acts().isEmpty();
    }

    /**
     * The parts of a test that do test, where it only joins others and some do something else: lint, types and browsers have
     * steps of their own. One part takes its place; several leave it whole, unless another needs browsers.
     */
    private List<String> narrow(String script) {
        List<String> parts = scripts.effect(script).parts();
        if (parts.size() < 2 || !scripts.names().containsAll(parts)) {
            return List.of(script);
        }
        List<String> tests = parts.stream().filter(p -> isTest(scripts.effect(p))).toList();
        boolean needsBrowsers = parts.stream().anyMatch(p -> isForBrowsers(scripts.effect(p)));
        boolean checksToo = parts.stream().anyMatch(p -> !tests.contains(p) && scripts.effect(p).doesAny(Act.LINT, Act.FORMAT, Act.TYPECHECK));
        return tests.size() == 1 && checksToo || needsBrowsers && !tests.isEmpty() ? tests : List.of(script);
    }

    private static boolean isTest(Effect e) {
        return e.does(Act.TEST) || e.does(Act.CUSTOM) && !e.doesAny(Act.LINT, Act.FORMAT, Act.TYPECHECK, Act.E2E, Act.SERVE);
    }

    private void build() {
        Optional<String> build = first(NodeNames.BUILD, s -> {
            Effect e = scripts.effect(s);
            boolean serves = e.does(Act.SERVE) && !e.does(Act.BUILD);
            return !serves && !isIdle(e) && !scripts.isPlaceholder(s) && !e.does(Act.PUBLISH) && !e.isOnly(Act.TYPECHECK);
        });
        build.ifPresent(s -> choose(CommandKind.BUILD, scripts.effect(s).does(Act.MIGRATE) ? withoutDatabase(s) : s));
    }

    /** A build that migrates a database first: another script that makes the same build with all that it needs is better on CI. */
    private String withoutDatabase(String script) {
        List<String> parts = scripts.effect(script).parts().stream().filter(p -> scripts.names().contains(p) && scripts.effect(p).does(Act.BUILD)).toList();
        Predicate<String> isOther = s -> !s.equals(script) && !parts.contains(s) && names.plain(s).startsWith("build");
        return scripts.names().stream().filter(isOther).filter(s -> !scripts.effect(s).doesAny(Act.MIGRATE, Act.PUBLISH))
                .filter(s -> !parts.isEmpty() && scripts.effect(s).reached().containsAll(parts)).findFirst().orElse(script);
    }

    private void typecheck() {
        Predicate<String> free = s -> !isChosen(s) && !scripts.effect(s).doesAny(Act.TEST, Act.E2E, Act.PUBLISH, Act.SERVE, Act.LINT);
        first(NodeNames.TYPECHECK, free.and(this::checksTypes)).ifPresent(s -> choose(CommandKind.TYPECHECK, s));
        first(NodeNames.TYPE_TESTS, free.and(s -> scripts.effect(s).does(Act.TYPECHECK) && isNotWithin(s, CommandKind.TYPECHECK)))
                .ifPresent(s -> choose(CommandKind.TYPECHECK, s));
    }

    private boolean checksTypes(String script) {
        Effect e = scripts.effect(script);
        String name = names.plain(script);
        if (e.does(Act.TYPECHECK) || e.isUnknown()) {
            return e.does(Act.TYPECHECK) || name.matches(".*(typecheck|type:check|check:types|types:check).*");
        }
        // "types": "tsc -b" compiles to check; a plain "tsc" is a developer's shorthand, and one that says where to write is a build.
        boolean compiles = e.does(Act.BUILD) && e.tools().stream().anyMatch(COMPILERS::contains);
        return compiles && !name.equals("tsc") && e.calls().stream().noneMatch(c -> c.has("--declaration", "--emitDeclarationOnly", "--outDir", "-d"));
    }

    private void lint() {
        Predicate<String> onlyChecks = s -> lints(s) && !scripts.effect(s).does(Act.FIX);
        if (choices.stream().noneMatch(c -> c.kind() == CommandKind.LINT)) {
            first(NodeNames.LINT, onlyChecks).or(() -> first(NodeNames.LINT, this::lints))
                    .or(() -> otherwiseNamed(s -> onlyChecks.test(s) && scripts.effect(s).tools().stream().anyMatch(LINTERS::contains)))
                    .ifPresent(s -> choose(CommandKind.LINT, s));
        }
        for (String script : scripts.names()) {
            Effect e = scripts.effect(script);
            boolean worthIt = onlyChecks.test(script) && e.does(Act.LINT) && bringsTool(e) || e.isUnknown() && isOwnProgram(e);
            if (worthIt && names.isFurtherCheck(script) && e.broken().isEmpty() && isNotWithin(script, null)) {
                choose(CommandKind.LINT, script);
            }
        }
    }

    private boolean lints(String script) {
        Effect e = scripts.effect(script);
        String name = names.plain(script);
        boolean named = name.matches("(.*:)?(es)?lint(:.*)?");
        boolean byName = named && !scripts.isPlaceholder(script) && (e.isUnknown() || e.isOnly(Act.FORMAT) && !names.is(script, NodeNames.FORMAT));
        boolean more = e.doesAny(Act.TEST, Act.BUILD) && !name.startsWith("lint") && !name.endsWith("lint");
        return (e.does(Act.LINT) || byName) && !more && !e.doesAny(Act.PUBLISH, Act.SERVE, Act.E2E) && !isChosen(script);
    }

    private void format() {
        if (choices.stream().anyMatch(c -> c.kind() != CommandKind.TEST && c.effect().does(Act.FORMAT) && !c.effect().does(Act.FIX))) {
            return;
        }
        Predicate<String> checks = s -> {
            Effect e = scripts.effect(s);
            return e.does(Act.FORMAT) && !e.doesAny(Act.FIX, Act.PUBLISH, Act.TEST, Act.BUILD, Act.SERVE) && !isChosen(s);
        };
        first(NodeNames.FORMAT, checks).or(() -> otherwiseNamed(checks.and(s -> scripts.effect(s).isOnly(Act.FORMAT))))
                .ifPresent(s -> choose(CommandKind.FORMAT, s));
    }

    // --- what helps to choose ---

    private void choose(CommandKind kind, String script) {
        if (!Shell.isPrintable(script) || script.startsWith("-")) {
            project.report(Finding.warning("script-name", "a script of " + of.file() + " has a name that cannot stand in a command and is left out",
                    "rename it", of.script(script)));
            return;
        }
        choices.add(new Choice(kind, script, scripts.effect(script)));
    }

    private boolean isChosen(String script) {
        return choices.stream().anyMatch(c -> c.script().equals(script));
    }

    /** Does none of the chosen (of that kind, or of any) call it, nor the other way round? */
    private boolean isNotWithin(String script, CommandKind kind) {
        return choices.stream().filter(c -> kind == null || c.kind() == kind)
                .noneMatch(c -> c.effect().reached().contains(script) || scripts.effect(script).reached().contains(c.script()));
    }

    /** A second lint command is worth its time only if it calls a program that the chosen ones don't. */
    private boolean bringsTool(Effect effect) {
        Set<String> chosen = new LinkedHashSet<>();
        choices.forEach(c -> chosen.addAll(c.effect().tools()));
        return effect.tools().stream().anyMatch(t -> !chosen.contains(t));
    }

    /** A program of a dependency ({@code i18n-check} of {@code @lingual/i18n-check}) or a file of the package that its runtime runs. */
    private boolean isOwnProgram(Effect effect) {
        return !effect.calls().isEmpty() && effect.calls().stream().allMatch(c -> switch (c.tool()) {
            case "node", "tsx", "ts-node", "bun" -> isFile(c.first()) && !c.has("--watch");
            case "deno" -> c.first().equals("run") && c.args().stream().anyMatch(this::isFile);
            default -> !NodeTools.isKnown(c.tool())
                    && of.dependencies().keySet().stream().anyMatch(d -> !d.startsWith("@types/") && Project.nameOf(d).equals(c.tool()));
        });
    }

    private boolean isFile(String path) {
        return !path.startsWith("-") && path.contains(".") && Project.resolve(of.folder(), path).filter(project::exists).isPresent();
    }

    /** By what it does alone, where no name says it: {@code "test:code": "eslint ."}. */
    private Optional<String> otherwiseNamed(Predicate<String> test) {
        return scripts.names().stream().filter(s -> !names.isHook(s) && !names.isByHand(s)).filter(test).findFirst();
    }

    private Optional<String> first(List<String> order, Predicate<String> test) {
        return names.ordered(order).stream().filter(test).findFirst();
    }

    // --- how it is run ---

    private Command command(Choice choice) {
        Evidence evidence = of.script(choice.script());
        String run = manager.run(choice.script()) + onCi(choice);
        if (!choice.effect().broken().isEmpty()) {
            choice.effect().broken().forEach(why -> project.report(Finding.warning("broken-script", "the script " + choice.script() + " " + why,
                    "add what it calls to devDependencies, or remove the script; until then no pipeline runs it", evidence,
                    of.manifest().evidence("npm-dependency", of.manifest().has("devDependencies") ? "devDependencies" : "dependencies"))));
            return Command.guess(run, evidence);
        }
        if (choice.effect().affected()) {
            Optional<String> all = runMany(of.scripts().get(choice.script()));
            if (all.isPresent()) {
                return Command.likely(all.get(), evidence).thatFansOut();
            }
        }
        if (choice.effect().does(Act.FIX) && choice.kind() != CommandKind.BUILD) {
            project.report(Finding.info("script-changes-files", "the script " + choice.script() + " changes files as it checks them",
                    "add a script that only checks", evidence));
        }
        return choice.effect().fansOut() ? Command.certain(run, evidence).thatFansOut() : Command.certain(run, evidence);
    }

    /** Angular's Karma runner opens a browser and waits for changes unless it is told not to. */
    private String onCi(Choice choice) {
        String text = of.scripts().get(choice.script()).strip();
        if (choice.kind() != CommandKind.TEST || !text.matches("ng test( [^&|;]*)?") || !of.has("karma")) {
            return "";
        }
        String args = (text.contains("--watch") || text.contains("--no-watch") ? "" : " --watch=false")
                + (text.contains("--browsers") ? "" : " --browsers=ChromeHeadless");
        return args.isEmpty() ? "" : (manager.id().equals("npm") ? " --" : "") + args;
    }

    /** {@code nx affected} needs the history and a base, which a pipeline's checkout may not have: the same targets of all projects. */
    private Optional<String> runMany(String text) {
        List<List<String>> commands = NodeWords.split(text);
        List<String> call = commands.size() == 1 ? commands.get(0) : List.of();
        if (call.size() < 3 || !call.get(0).equals("nx") || !call.get(1).equals("affected")) {
            return Optional.empty();
        }
        List<String> words = call.subList(2, call.size()).stream().filter(w -> !w.matches("--(base|head|files)=.*"))
                .map(w -> w.matches("-[A-Za-z0-9_@%+=:,./-]*") ? w : Shell.word(w)).toList();
        return Optional.of(manager.exec("nx run-many " + String.join(" ", words)));
    }
}

/**
 * Commands that no script of the package has, but that its configuration shows: a tool that is configured and a dependency, a task
 * of an orchestrator, a target of a Makefile. Such a command is likely, or a guess where nothing shows that it is kept green.
 */
final class NodeConfigured {
    private static final Set<String> PROGRAMS = Set.of("npm", "npx", "yarn", "pnpm", "bun", "node", "node_modules/.bin/jest", "node_modules/.bin/mocha",
            "node_modules/.bin/eslint", "node_modules/.bin/tsc", "./node_modules/.bin/jest", "./node_modules/.bin/mocha", "./node_modules/.bin/eslint",
            "./node_modules/.bin/tsc");
    /** Kind, then the names that its task may have. */
    private static final String[][] TASKS = {{"LINT", "lint"}, {"TYPECHECK", "typecheck", "type-check", "check-types", "tsc"}, {"TEST", "test"}, {"BUILD", "build"},
            {"FORMAT", "format:check"}};
    private static final String[] PRETTIER_FILES = {".prettierrc", ".prettierrc.json", ".prettierrc.json5", ".prettierrc.yml", ".prettierrc.yaml", ".prettierrc.js",
            ".prettierrc.cjs", ".prettierrc.mjs", ".prettierrc.toml", "prettier.config.js", "prettier.config.cjs", "prettier.config.mjs", "prettier.config.ts"};

    private final Project project;
    private final NodePackage of;
    private final NodeManager manager;
    private final NodeCommands chosen;
    private final Component.Builder component;

    NodeConfigured(Project project, NodePackage of, NodeManager manager, NodeCommands chosen, Component.Builder component) {
        this.project = project;
        this.of = of;
        this.manager = manager;
        this.chosen = chosen;
        this.component = component;
    }

    /** @param group the workspace that this package is the root of, or null; @param members its members' scripts */
    void addMissing(NodeWorkspaces.Group group, List<NodeScripts> members) {
        tasks();
        if (group != null) {
            orchestrated(group, members);
        }
        if (isMissing(CommandKind.LINT, Act.LINT)) {
            lint();
        }
        if (isMissing(CommandKind.FORMAT, Act.FORMAT)) {
            format();
        }
        if (isMissing(CommandKind.TYPECHECK, Act.TYPECHECK)) {
            typecheck();
        }
        if (isMissing(CommandKind.TEST, Act.TEST) && group == null) {
            test();
        }
    }

    private boolean isMissing(CommandKind kind, Act act) {
        return !component.has(kind) && !chosen.does(act);
    }

    /** Targets of a Makefile or its like that call Node's tools. */
    private void tasks() {
        TaskChoice choice = new TaskChoice(project, of.folder(), PROGRAMS);
        for (CommandKind kind : List.of(CommandKind.FORMAT, CommandKind.LINT, CommandKind.TEST, CommandKind.BUILD)) {
            if (isMissing(kind, Act.valueOf(kind.name()))) {
                choice.add(component, kind, r -> r.commands().stream().anyMatch(c -> PROGRAMS.contains(c.get(0)) && !c.contains("install") && !c.contains("ci")));
            }
        }
    }

    /** Turborepo and Nx run a task in all members that have it, also where no script of the root says so. */
    private void orchestrated(NodeWorkspaces.Group group, List<NodeScripts> members) {
        Set<String> tasks = new TreeSet<>();
        members.forEach(m -> m.names().stream().filter(n -> !m.isPlaceholder(n)).forEach(tasks::add));
        String file;
        if (group.orchestrator().equals("turbo")) {
            file = project.first(group.root(), "turbo.json", "turbo.jsonc").orElseThrow();
            Document turbo = project.json(file).orElse(null);
            Set<String> declared = new TreeSet<>();
            for (String key : turbo == null ? List.<String>of() : List.of("tasks", "pipeline")) {
                declared.addAll(turbo.keys(key));
            }
            tasks.retainAll(declared);
        } else if (group.orchestrator().equals("nx")) {
            file = Project.join(group.root(), "nx.json");
            group.members().forEach(m -> project.json(Project.join(m, "project.json")).ifPresent(d -> tasks.addAll(d.keys("targets"))));
            // Among the targets there are executors too: @nx/js:tsc.
            project.json(file).ifPresent(d -> tasks.addAll(d.keys("targetDefaults").stream().filter(t -> !t.matches(".*[@/:].*")).toList()));
        } else {
            return;
        }
        String run = group.orchestrator().equals("turbo") ? "turbo run " : "nx run-many -t ";
        Document turbo = group.orchestrator().equals("turbo") ? project.json(file).orElse(null) : null;
        for (String[] each : TASKS) {
            CommandKind kind = CommandKind.valueOf(each[0]);
            for (int i = 1; i < each.length && isMissing(kind, Act.valueOf(each[0])); i++) {
                if (tasks.contains(each[i])) {
                    Evidence evidence = turbo == null ? new Evidence(file, project.lineOf(file, "\"" + each[i] + "\""), "nx-target")
                            : turbo.evidence("turbo-task", turbo.has("tasks") ? "tasks" : "pipeline", each[i]);
                    component.command(kind, Command.likely(manager.exec(run + each[i]), evidence).thatFansOut());
                }
            }
        }
    }

    private void lint() {
        Optional<String> flat = project.first(of.folder(), "eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts", "eslint.config.mts");
        Optional<String> legacy = project.first(of.folder(), ".eslintrc", ".eslintrc.js", ".eslintrc.cjs", ".eslintrc.json", ".eslintrc.yml", ".eslintrc.yaml");
        Optional<String> biome = project.first(of.folder(), "biome.json", "biome.jsonc");
        if (of.has("eslint") && (flat.isPresent() || legacy.isPresent() || of.manifest().has("eslintConfig"))) {
            // From version 9 on ESLint does not read the old form, so that such a configuration is a remainder.
            boolean reads = flat.isPresent() || NodeRuntime.meets("8", of.dependencies().get("eslint"));
            Evidence evidence = Evidence.of(flat.or(() -> legacy).orElse(of.file()), "eslint-configuration");
            component.command(CommandKind.LINT, shown(reads, "eslint .", evidence));
        } else if (of.has("@biomejs/biome") && biome.isPresent()) {
            component.command(CommandKind.LINT, Command.likely(manager.exec("biome ci ."), Evidence.of(biome.get(), "biome-configuration")));
        } else if (of.has("oxlint") && project.first(of.folder(), ".oxlintrc.json", "oxlintrc.json", "oxlint.config.ts").isPresent()) {
            component.command(CommandKind.LINT, Command.likely(manager.exec("oxlint"), of.dependency("oxlint")));
        }
    }

    private void format() {
        Optional<String> prettier = project.first(of.folder(), PRETTIER_FILES);
        boolean configured = prettier.isPresent() || of.manifest().has("prettier");
        if (of.has("prettier") && configured) {
            // That the whole tree is formatted is shown by nothing but a hook that formats each commit.
            boolean enforced = of.manifest().at("lint-staged").toString().contains("prettier");
            Evidence file = prettier.map(p -> Evidence.of(p, "prettier-configuration")).orElse(of.dependency("prettier"));
            component.command(CommandKind.FORMAT, shown(enforced, "prettier --check .", enforced ? of.manifest().evidence("lint-staged", "lint-staged") : file));
        }
    }

    private void typecheck() {
        String tsconfig = Project.join(of.folder(), "tsconfig.json");
        if (!of.has("typescript") || !project.exists(tsconfig) || chosen.calls(CommandKind.BUILD).stream().anyMatch(c -> c.tool().matches("tsc|vue-tsc|ng|next"))) {
            return;
        }
        // noEmit says that the compiler is there to check; without it the project may never have been checked as a whole.
        boolean checks = project.json(tsconfig).map(d -> d.at("compilerOptions", "noEmit").asBoolean()).orElse(false);
        component.command(CommandKind.TYPECHECK, shown(checks, "tsc --noEmit", Evidence.of(tsconfig, "tsconfig")));
    }

    /** Likely where the project shows that it keeps it green, else a guess. */
    private Command shown(boolean isShown, String call, Evidence evidence) {
        return isShown ? Command.likely(manager.exec(call), evidence) : Command.guess(manager.exec(call), evidence);
    }

    private void test() {
        List<String> tests = new ArrayList<>();
        for (String file : project.under(of.folder())) {
            if (file.matches("(.*/)?[^/]+[._-](test|spec)\\.[cm]?[jt]sx?|(.*/)?(test|tests|__tests__)/[^/]+\\.[cm]?[jt]sx?") && !file.contains("/fixtures/")) {
                tests.add(file);
                if (tests.size() > 50) {
                    break;
                }
            }
        }
        if (tests.isEmpty()) {
            return;
        }
        for (String[] tool : new String[][] {{"vitest", "vitest run"}, {"jest", "jest"}, {"mocha", "mocha"}, {"ava", "ava"}}) {
            if (of.has(tool[0])) {
                component.command(CommandKind.TEST, Command.likely(manager.exec(tool[1]), of.dependency(tool[0])));
                return;
            }
        }
        if (tests.stream().anyMatch(t -> project.text(t).map(x -> x.contains("bun:test")).orElse(false))) {
            component.command(CommandKind.TEST, Command.likely("bun test", Evidence.of(tests.get(0), "test-file")));
        } else if (tests.stream().anyMatch(t -> t.matches(".*\\.[cm]?js") && project.text(t).map(x -> x.contains("node:test")).orElse(false))) {
            component.command(CommandKind.TEST, Command.likely("node --test", Evidence.of(tests.get(0), "test-file")));
        }
    }
}

/** The names that scripts usually have for a purpose, best first. Knows nothing of what a script of that name really does. */
final class NodeNames {
    static final List<String> FORMAT = names("""
            format:check fmt:check check:format check:fmt format:ci fmt:ci prettier:check check:prettier prettier:ci lint:prettier:ci lint:format
            lint:prettier lint:fmt test:format test:prettier format:verify verify:format format:diff prettier:diff style:check check:style format:test
            ci:format formatcheck biome:format formatting:check check:formatting code:format:check format fmt prettier formatting style
            """);
    static final List<String> LINT = names("""
            lint:ci ci:lint lint:check check:lint lint eslint lint:all lint:code lint:src test:lint lint:test test:eslint eslint:check eslint:ci
            biome:check biome:ci biome code:lint lint:js lint:ts lint:eslint oxlint tslint xo standard linter quality check ci:check check:all
            """);
    static final List<String> TYPECHECK = names("""
            typecheck:ci typecheck type:check check:types check:type types:check typecheck:all ts:check check:ts tsc:check check:tsc typescript:check
            ci:typecheck ts:typecheck lint:types lint:type lint:tsc lint:ts test:typecheck typings:check compile:check build:check tsc types
            check:typescript svelte:check vue:tsc flow flow:check astro:check check
            """);
    /** Tests of the types that a package gives to others. */
    static final List<String> TYPE_TESTS = names("""
            test:types test:type types:test type:tests type:test test:tsd tsd test:typings test:typescript test:ts test:dts dtslint test:dtslint tstyche
            """);
    static final List<String> TEST = names("""
            test:ci ci:test test unit:ci test:unit unit unit:test unit:tests tests test:run run:tests test:node jest vitest mocha ava test:jest
            test:vitest test:mocha test:js test:lib test:src test:once test:coverage test:cov coverage cov test:all spec specs
            """);
    static final List<String> BROWSER_TESTS = names("test:ci test test:e2e e2e test:browser test:all e2e:ci test:e2e:ci");
    static final List<String> BUILD = names("""
            build:ci ci:build build build:prod build:production build:all build:lib build:dist build:release prod:build compile dist bundle build:js build:app
            """);

    private static final Pattern BY_HAND = Pattern.compile(
            ".*\\b(fix|write|watch|staged|debug|dev|update|updates|outdated|changed|affected|open|ui|inspect|report|local|browserslist)\\b.*");
    private static final Pattern NO_CHECK = Pattern.compile(".*\\b(links?|urls?|coverage|size|bundle|release|versions?|env|audit|security|vulnerabilities|build"
            + "|dist|package|exports|publish|pack|health|engine|node|commits?|pr|perf|e2e|tests?|unit)\\b.*");

    private final Map<String, String> plain = new HashMap<>();
    private final Map<String, List<String>> byPlain = new HashMap<>();

    NodeNames(Set<String> scripts) {
        for (String script : scripts) {
            String name = plainOf(script);
            plain.put(script, name);
            byPlain.computeIfAbsent(name, n -> new ArrayList<>()).add(script);
        }
    }

    /** The scripts that have one of these names, in the order of the names. */
    List<String> ordered(List<String> names) {
        return names.stream().flatMap(name -> byPlain.getOrDefault(name, List.of()).stream()).toList();
    }

    /** The name with colons for whatever divides its words. */
    String plain(String script) {
        return plain.get(script);
    }

    boolean is(String script, List<String> names) {
        return names.contains(plain(script));
    }

    /** What a developer runs by hand. */
    boolean isByHand(String script) {
        return BY_HAND.matcher(plain(script)).matches();
    }

    /** Run by the manager before or after another script. */
    boolean isHook(String script) {
        return plain(script).matches("(pre|post).*");
    }

    /** One of several checks by its name; not of the network, of the moment, or of what a build has made. */
    boolean isFurtherCheck(String script) {
        return plain(script).matches("(lint|check):.+|.+:lint") && !isByHand(script) && !NO_CHECK.matcher(plain(script)).matches()
                && !is(script, FORMAT) && !is(script, TYPECHECK);
    }

    /** {@code type-check}, {@code typeCheck} and {@code type_check} are one name. */
    private static String plainOf(String script) {
        return script.replaceAll("(?<=[a-z])(?=[A-Z])", ":").replaceAll("[-_./]+", ":").toLowerCase(Locale.ROOT);
    }

    private static List<String> names(String text) {
        return List.of(text.strip().split("\\s+"));
    }
}

/** What a package leaves behind and needs around it: reports, build results, registries, migrations, system packages. */
final class NodeShipping {
    /** What native modules are built against. */
    private static final Map<String, String> SYSTEM = table("""
            canvas=libcairo2-dev,libpango1.0-dev,libjpeg-dev,libgif-dev,librsvg2-dev pg-native=libpq-dev libpq=libpq-dev kerberos=libkrb5-dev
            keytar=libsecret-1-dev usb=libudev-dev speaker=libasound2-dev odbc=unixodbc-dev fluent-ffmpeg=ffmpeg gm=graphicsmagick
            """);
    /** Where a build's result goes if nothing says otherwise. */
    private static final Map<String, String> RESULTS = table("""
            next=.next nuxt=.output nuxi=.output vite=dist tsup=dist tsdown=dist unbuild=dist webpack=dist parcel=dist astro=dist ng=dist nest=dist
            react-scripts=build craco=build docusaurus=build gatsby=public remix=build react-router=build vue-cli-service=dist rsbuild=dist rslib=dist
            ncc=dist eleventy=_site
            """);
    /** Scripts that bring a database to its schema; what asks questions or makes migrations is for developers. */
    private static final List<String> MIGRATIONS = List.of("db:migrate:deploy", "migrate:deploy", "prisma:migrate:deploy", "db:deploy", "db:migrate", "db-migrate",
            "migrate:latest", "db:migrations:run", "migration:run", "migrations:run", "typeorm:migration:run", "migration:up", "migrate:up", "migrate");
    private static final String[] MIGRATORS = {"prisma", "drizzle-kit", "drizzle-orm", "knex", "sequelize", "typeorm", "node-pg-migrate", "db-migrate", "@mikro-orm/core",
            "@mikro-orm/cli", "kysely", "umzug", "@adonisjs/lucid", "postgrator", "migrate-mongo", "graphile-migrate", "pg"};
    private static final String[] VITEST_FILES = {"vitest.config.ts", "vitest.config.mts", "vitest.config.js", "vitest.config.mjs", "vite.config.ts",
            "vite.config.mts", "vite.config.js"};
    private static final Pattern VITEST_JUNIT = Pattern.compile("outputFile\\s*:\\s*(?:\\{[^}]*junit['\"]?\\s*:\\s*)?['\"]([^'\"]+\\.xml)['\"]");

    private final Project project;
    private final NodePackage of;
    private final NodeManager manager;
    private final NodeCommands chosen;
    private final Component.Builder component;

    NodeShipping(Project project, NodePackage of, NodeManager manager, NodeCommands chosen, Component.Builder component) {
        this.project = project;
        this.of = of;
        this.manager = manager;
        this.chosen = chosen;
        this.component = component;
    }

    void add() {
        reports();
        results();
        publication();
        migration();
        SYSTEM.forEach((dependency, packages) -> {
            if (of.installs(dependency)) {
                List.of(packages.split(",")).forEach(p -> component.systemPackage(p, of.dependency(dependency)));
            }
        });
        tools();
    }

    // --- reports that the tests write already ---

    private void reports() {
        List<Call> calls = chosen.calls(CommandKind.TEST);
        Evidence script = chosen.evidence(CommandKind.TEST).orElse(Evidence.of(of.file(), "manifest"));
        for (Call call : calls) {
            switch (call.tool()) {
                case "vitest" -> vitest(call, script);
                case "jest" -> jest(call, script);
                case "nyc", "c8" -> coverage(call, script);
                case "bun test" -> option(call, "--reporter-outfile").ifPresent(f -> component.output(Output.Kind.JUNIT, f, script));
                default -> {
                    // node --test --test-reporter=junit --test-reporter-destination=junit.xml; mocha --reporter xunit
                    if (call.args().stream().anyMatch(a -> a.contains("junit"))) {
                        option(call, "--test-reporter-destination").or(() -> option(call, "--outputFile")).filter(f -> f.endsWith(".xml"))
                                .ifPresent(f -> component.output(Output.Kind.JUNIT, f, script));
                    }
                }
            }
        }
    }

    private void vitest(Call call, Evidence script) {
        Optional<String> config = vitestConfig();
        String text = config.map(this::head).orElse("");
        boolean junit = call.args().stream().anyMatch(a -> a.contains("junit"));
        Optional<String> onLine = option(call, "--outputFile").or(() -> option(call, "--outputFile.junit")).filter(f -> junit);
        Matcher inFile = VITEST_JUNIT.matcher(text);
        if (onLine.isPresent()) {
            component.output(Output.Kind.JUNIT, onLine.get(), script);
        } else if (text.contains("junit") && inFile.find()) {
            component.output(Output.Kind.JUNIT, clean(inFile.group(1)),
                    new Evidence(config.get(), project.lineOf(config.get(), inFile.group(1)), "vitest-configuration"));
        }
        if (call.has("--coverage", "--coverage.enabled") || text.matches("(?s).*coverage\\s*:\\s*\\{[^}]*enabled\\s*:\\s*true.*")) {
            Matcher reporters = Pattern.compile("(?s)coverage\\s*:\\s*\\{.*?reporter\\s*:\\s*(\\[[^\\]]*\\]|'[^']*'|\"[^\"]*\")").matcher(text);
            String names = (reporters.find() ? reporters.group(1) : "")
                    + String.join(" ", call.args().stream().filter(a -> a.contains("coverage.reporter")).toList());
            coverageFiles(names, "coverage", config.map(c -> Evidence.of(c, "vitest-configuration")).orElse(script));
        }
    }

    private void jest(Call call, Evidence script) {
        Optional<String> config = project.first(of.folder(), "jest.config.js", "jest.config.ts", "jest.config.mjs", "jest.config.cjs", "jest.config.json");
        String text = config.map(this::head).orElse("") + of.manifest().at("jest");
        if (of.has("jest-junit") && (text.contains("jest-junit") || call.args().stream().anyMatch(a -> a.contains("jest-junit")))) {
            Matcher folder = Pattern.compile("outputDirectory['\"]?\\s*:\\s*['\"]([^'\"]+)").matcher(text);
            Matcher name = Pattern.compile("outputName['\"]?\\s*:\\s*['\"]([^'\"]+)").matcher(text);
            String own = of.manifest().text("jest-junit", "outputDirectory");
            String directory = !own.isEmpty() ? own : folder.find() ? folder.group(1) : ".";
            String ownName = of.manifest().text("jest-junit", "outputName");
            String file = !ownName.isEmpty() ? ownName : name.find() ? name.group(1) : "junit.xml";
            component.output(Output.Kind.JUNIT, Project.join(clean(directory), file),
                    config.map(c -> Evidence.of(c, "jest-configuration")).orElse(of.dependency("jest-junit")));
        }
        if (call.has("--coverage") || text.matches("(?s).*collectCoverage['\"]?\\s*:\\s*true.*")) {
            Matcher reporters = Pattern.compile("(?s)coverageReporters['\"]?\\s*:\\s*(\\[[^\\]]*\\])").matcher(text);
            coverageFiles(reporters.find() ? reporters.group(1) : "lcov", "coverage", script);
        }
    }

    private void coverage(Call call, Evidence script) {
        String names = String.join(" ", call.args()).replaceAll("(?s)\\s(npm|yarn|pnpm|mocha|node|tap|ava|jest)\\s.*", "");
        Optional<String> config = project.first(of.folder(), ".nycrc", ".nycrc.json", ".c8rc.json", ".c8rc");
        if (!names.contains("report") || names.contains("check-coverage") && !names.contains("--reporter")) {
            names = config.flatMap(project::text).filter(t -> t.contains("reporter")).orElse(of.manifest().at(call.tool()).path("reporter").toString());
        }
        coverageFiles(names, "coverage", config.map(c -> Evidence.of(c, "coverage-configuration")).orElse(script));
    }

    private void coverageFiles(String names, String folder, Evidence evidence) {
        if (names.contains("lcov")) {
            component.output(Output.Kind.LCOV, folder + "/lcov.info", evidence);
        }
        if (names.contains("cobertura")) {
            component.output(Output.Kind.COBERTURA, folder + "/cobertura-coverage.xml", evidence);
        }
    }

    private static Optional<String> option(Call call, String name) {
        for (int i = 0; i < call.args().size(); i++) {
            String arg = call.args().get(i);
            if (arg.startsWith(name + "=")) {
                return Optional.of(clean(arg.substring(name.length() + 1)));
            }
            if (arg.equals(name) && i + 1 < call.args().size()) {
                return Optional.of(clean(call.args().get(i + 1)));
            }
        }
        return Optional.empty();
    }

    private static String clean(String path) {
        return path.replaceFirst("^(\\./)+", "").replaceFirst("^<rootDir>/", "");
    }

    // --- what a build makes ---

    private void results() {
        for (Call call : chosen.calls(CommandKind.BUILD)) {
            if (!NodeTools.acts(call, project, of.folder()).contains(NodeTools.Act.BUILD)) {
                continue;
            }
            Optional<String> told = option(call, "--outDir").or(() -> option(call, "--out-dir")).or(() -> option(call, "--outdir"));
            String folder = told.orElseGet(() -> call.tool().equals("tsc") ? outDir() : RESULTS.getOrDefault(call.tool(), ""));
            if (!folder.isEmpty() && !clean(folder).startsWith("..") && Shell.isPrintable(folder)) {
                component.output(Output.Kind.BUILD, clean(folder), chosen.evidence(CommandKind.BUILD).orElseThrow());
                return;
            }
        }
        // An entry point that is not in the tree is made by the build.
        for (String field : List.of("main", "module", "types")) {
            String entry = clean(of.manifest().text(field));
            if (component.has(CommandKind.BUILD) && entry.indexOf('/') > 0 && !project.exists(Project.join(of.folder(), entry)) && !entry.contains("..")
                    && !project.isFolder(Project.join(of.folder(), entry.substring(0, entry.indexOf('/'))))) {
                component.output(Output.Kind.BUILD, entry.substring(0, entry.indexOf('/')), of.manifest().evidence("entry-point", field));
                return;
            }
        }
    }

    private String outDir() {
        return project.first(of.folder(), "tsconfig.build.json", "tsconfig.json").flatMap(project::json)
                .map(d -> d.text("compilerOptions", "outDir").replaceAll("/+$", "")).orElse("");
    }

    // --- where it goes ---

    private void publication() {
        Document manifest = of.manifest();
        String jsr = Project.join(of.folder(), "jsr.json");
        if (project.exists(jsr)) {
            project.json(jsr).filter(d -> d.has("name") && d.has("version"))
                    .ifPresent(d -> component.publication(new Publication("jsr", d.text("name"), d.evidence("jsr", "name"))));
        }
        boolean framework = of.hasAny("next", "nuxt", "@angular/core", "react-scripts", "expo", "electron");
        boolean application = framework && !manifest.has("publishConfig") && !manifest.has("exports");
        // Extensions of an editor go to its own market.
        if (application || manifest.has("engines", "vscode") || !of.isPublishable() || !of.name().matches("(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*")) {
            return;
        }
        for (String field : List.of("publishConfig", "files", "exports", "bin")) {
            if (manifest.has(field)) {
                component.publication(new Publication("npm", of.name(), manifest.evidence("npm-package", field)));
                return;
            }
        }
        for (String script : List.of("prepublishOnly", "prepack", "release", "prepublish")) {
            if (of.scripts().containsKey(script)) {
                component.publication(new Publication("npm", of.name(), of.script(script)));
                return;
            }
        }
    }

    private void migration() {
        for (String script : MIGRATIONS) {
            String text = of.scripts().getOrDefault(script, "");
            if (!text.isEmpty() && !text.contains("migrate dev") && !text.contains("create") && of.hasAny(MIGRATORS)) {
                component.migration(Command.certain(manager.run(script), of.script(script)));
                return;
            }
        }
        Optional<String> prisma = project.first(of.folder(), "prisma/schema.prisma", "schema.prisma");
        if (of.has("prisma") && prisma.isPresent() && project.isFolder(Project.join(Project.folderOf(prisma.get()), "migrations"))) {
            component.migration(Command.likely(manager.exec("prisma migrate deploy"), Evidence.of(prisma.get(), "prisma-schema")));
            return;
        }
        String[][] tools = {{"drizzle-kit", "drizzle.config.", "drizzle-kit migrate"}, {"knex", "knexfile.", "knex migrate:latest"},
                {"sequelize-cli", ".sequelizerc", "sequelize-cli db:migrate"}};
        for (String[] tool : tools) {
            Optional<String> config = project.in(of.folder()).stream().filter(f -> f.startsWith(tool[1])).findFirst();
            if (of.has(tool[0]) && config.isPresent()) {
                component.migration(Command.likely(manager.exec(tool[2]), Evidence.of(Project.join(of.folder(), config.get()), "migration-configuration")));
                return;
            }
        }
    }

    private boolean opensChrome(Call call) {
        return Set.of("karma", "wtr", "web-test-runner").contains(call.tool()) || call.tool().equals("ng") && call.first().equals("test") && of.has("karma");
    }

    private boolean browserIsOn() {
        return vitestConfig().map(this::head).filter(t -> t.matches("(?s).*\\bbrowser\\s*:\\s*\\{[^}]*\\benabled\\s*:\\s*true.*")).isPresent();
    }

    /** Configuration is program text, looked at by patterns: its beginning is enough. */
    private String head(String file) {
        return project.text(file).map(t -> t.length() > 50_000 ? t.substring(0, 50_000) : t).orElse("");
    }

    private Optional<String> vitestConfig() {
        return project.first(of.folder(), VITEST_FILES);
    }

    private void tools() {
        List<Call> calls = List.of(CommandKind.values()).stream().flatMap(k -> chosen.calls(k).stream()).toList();
        Evidence evidence = chosen.evidence(CommandKind.TEST).or(() -> chosen.evidence(CommandKind.BUILD)).orElse(Evidence.of(of.file(), "manifest"));
        Optional<String> playwright = List.of("@playwright/test", "playwright", "@vitest/browser-playwright").stream().filter(of::has).findFirst();
        boolean vitestBrowser = playwright.isPresent() && of.hasAny("@vitest/browser", "@vitest/browser-playwright")
                && calls.stream().anyMatch(c -> c.tool().equals("vitest") && (c.has("--browser", "--browser.enabled") || browserIsOn()));
        if (vitestBrowser || calls.stream().anyMatch(c -> c.tool().equals("playwright"))) {
            component.tool(new Tool("playwright", "", playwright.map(of::dependency).orElse(evidence)));
        }
        if (calls.stream().anyMatch(this::opensChrome)) {
            component.tool(new Tool("chrome", "", evidence));
        }
        for (String tool : List.of("bun", "deno", "pnpm", "yarn", "docker", "python", "python3", "go", "cargo")) {
            boolean called = calls.stream().anyMatch(c -> c.tool().equals(tool) || c.tool().startsWith(tool + " ") || c.tool().equals(tool + "-compose"));
            if (called && !manager.id().startsWith(tool)) {
                component.tool(new Tool(tool, "", evidence));
            }
        }
    }

    private static Map<String, String> table(String text) {
        Map<String, String> table = new TreeMap<>();
        for (String entry : text.strip().split("\\s+")) {
            table.put(entry.substring(0, entry.indexOf('=')), entry.substring(entry.indexOf('=') + 1));
        }
        return table;
    }
}
