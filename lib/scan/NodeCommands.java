package lib.scan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import lib.scan.NodeScripts.Effect;
import lib.scan.NodeTools.Act;

/**
 * Chooses among a package's scripts the commands that a pipeline runs. Goes by what a script does first and by its name
 * second: a {@code test} that only lints is a lint command, a {@code format} that writes files is none.
 */
final class NodeCommands {
    private static final List<String> FORMAT = names("format:check fmt:check check:format check:fmt format:ci fmt:ci prettier:check check:prettier prettier:ci lint:prettier:ci"
            + " lint:format lint:prettier lint:fmt test:format test:prettier format:verify verify:format format:diff prettier:diff style:check check:style format:test ci:format"
            + " formatcheck biome:format formatting:check check:formatting code:format:check format fmt prettier formatting style");
    private static final List<String> LINT = names("lint:ci ci:lint lint:check check:lint lint eslint lint:all lint:code lint:src test:lint lint:test test:eslint eslint:check eslint:ci"
            + " biome:check biome:ci biome code:lint lint:js lint:ts lint:eslint oxlint tslint xo standard linter quality check ci:check check:all");
    private static final List<String> TYPECHECK = names("typecheck:ci typecheck type:check check:types check:type types:check typecheck:all ts:check check:ts tsc:check check:tsc typescript:check"
            + " ci:typecheck ts:typecheck lint:types lint:type lint:tsc lint:ts test:typecheck typings:check compile:check build:check tsc types check:typescript svelte:check vue:tsc"
            + " flow flow:check astro:check check");
    private static final List<String> TYPE_TESTS = names("test:types test:type types:test type:tests type:test test:tsd tsd test:typings test:ts test:dts dtslint test:dtslint tstyche");
    private static final List<String> TEST = names("test:ci ci:test test unit:ci test:unit unit unit:test unit:tests tests test:run run:tests test:node jest vitest mocha ava test:jest test:vitest"
            + " test:mocha test:js test:lib test:src test:once test:coverage test:cov coverage cov test:all spec specs");
    private static final List<String> BUILD = names("build:ci ci:build build build:prod build:production build:all build:lib build:dist build:release prod:build compile dist bundle build:js build:app");
    /** What a developer runs by hand. */
    private static final Pattern BY_HAND = Pattern.compile(".*\\b(fix|write|watch|staged|debug|dev|update|updates|outdated|changed|affected|open|ui|inspect|report|local|browserslist)\\b.*");
    /** Checks of the network, of the moment, or of what a build has made: no part of linting a change. */
    private static final Pattern NO_LINT = Pattern.compile(".*\\b(links?|urls?|coverage|size|bundle|release|version|versions|env|audit|security|vulnerabilities|build|dist|package|exports|publish|pack|health"
            + "|engine|node|commit|commits|pr|perf|e2e|test|tests|unit)\\b.*");

    private static final Set<String> LINTERS = Set.of("eslint", "biome", "oxlint", "tslint", "stylelint", "standard", "xo", "deno", "ultracite", "semistandard", "ts-standard");

    private record Choice(CommandKind kind, String script, Effect effect) {}

    private final Project project;
    private final NodePackage of;
    private final NodeManager manager;
    private final NodeScripts scripts;
    private final List<Choice> choices = new ArrayList<>();
    private final Map<String, String> plain = new HashMap<>();
    private final Map<String, List<String>> byPlain = new HashMap<>();

    NodeCommands(Project project, NodePackage of, NodeManager manager, NodeScripts scripts) {
        this.project = project;
        this.of = of;
        this.manager = manager;
        this.scripts = scripts;
        for (String script : scripts.names()) {
            plain.put(script, plainOf(script));
            byPlain.computeIfAbsent(plain(script), n -> new ArrayList<>()).add(script);
        }
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
        List<String> usable = ordered(TEST).stream().filter(this::mayTest).toList();
        for (String script : usable) {
            Effect e = scripts.effect(script);
            if (!e.doesAny(Act.TEST, Act.E2E, Act.CUSTOM) && e.doesAny(Act.LINT, Act.FORMAT, Act.TYPECHECK)) {
                // "test": "eslint ." is a lint command by what it does.
                choose(e.does(Act.LINT) ? CommandKind.LINT : e.does(Act.TYPECHECK) ? CommandKind.TYPECHECK : CommandKind.FORMAT, script);
                continue;
            }
            if (e.isOnly(Act.E2E, Act.SERVE, Act.BUILD) && !e.does(Act.CUSTOM)) {
                continue;
            }
            boolean other = usable.stream().anyMatch(o -> !o.equals(script) && scripts.effect(o).does(Act.TEST) && !scripts.effect(o).doesAny(Act.SERVE, Act.FIX));
            if (e.doesAny(Act.SERVE, Act.FIX) && e.does(Act.TEST) && other) {
                continue;
            }
            narrow(script, Act.TEST).forEach(s -> choose(CommandKind.TEST, s));
            // One that can't run is reported, and the next one is tried.
            if (e.broken().isEmpty()) {
                return;
            }
        }
        if (choices.stream().anyMatch(c -> c.kind() == CommandKind.TEST)) {
            return;
        }
        // Tests in browsers only where there is nothing else.
        ordered(names("test:ci test test:e2e e2e test:browser test:all e2e:ci test:e2e:ci")).stream().filter(s -> scripts.effect(s).does(Act.E2E)).findFirst()
                .ifPresent(s -> choose(CommandKind.TEST, s));
    }

    private boolean mayTest(String script) {
        Effect e = scripts.effect(script);
        // What nobody knows counts as a test by its name: node test.js, make test-all.
        boolean known = e.doesAny(Act.TEST, Act.E2E, Act.LINT, Act.FORMAT, Act.TYPECHECK) || !plain(script).matches("coverage|cov");
        return known && !scripts.isPlaceholder(script) && !e.does(Act.PUBLISH) && !e.isOnly(Act.SERVE) && !(e.isOnly(Act.BUILD) && BUILD.stream().anyMatch(b -> e.reached().contains(b)));
    }

    /**
     * The parts of a script that do what is asked for, where it only joins others and some do something else: lint, types and
     * browsers have steps of their own. One part that tests takes its place; several leave it whole, unless one needs browsers.
     */
    private List<String> narrow(String script, Act wanted) {
        Effect whole = scripts.effect(script);
        List<String> parts = whole.parts();
        if (parts.size() < 2 || !parts.stream().allMatch(scripts.names()::contains)) {
            return List.of(script);
        }
        List<String> wantedParts = parts.stream().filter(p -> scripts.effect(p).does(wanted)
                || scripts.effect(p).does(Act.CUSTOM) && !scripts.effect(p).doesAny(Act.LINT, Act.FORMAT, Act.TYPECHECK, Act.E2E, Act.SERVE)).toList();
        boolean browsers = wanted == Act.TEST && parts.stream().anyMatch(p -> scripts.effect(p).isOnly(Act.E2E, Act.BUILD, Act.SERVE) && scripts.effect(p).does(Act.E2E));
        boolean mixed = parts.stream().anyMatch(p -> !wantedParts.contains(p) && scripts.effect(p).doesAny(Act.LINT, Act.FORMAT, Act.TYPECHECK));
        return wantedParts.size() == 1 && mixed || browsers && !wantedParts.isEmpty() ? wantedParts : List.of(script);
    }

    private void build() {
        for (String script : ordered(BUILD)) {
            Effect e = scripts.effect(script);
            if (scripts.isPlaceholder(script) || e.doesAny(Act.PUBLISH) || e.isOnly(Act.SERVE) || e.isOnly(Act.TYPECHECK) || e.does(Act.SERVE) && !e.does(Act.BUILD)) {
                continue;
            }
            choose(CommandKind.BUILD, e.does(Act.MIGRATE) ? withoutDatabase(script, e) : script);
            return;
        }
    }

    /** A build that migrates a database first: another script that makes the same build with all that it needs is better on CI. */
    private String withoutDatabase(String script, Effect effect) {
        List<String> parts = effect.parts().stream().filter(p -> scripts.names().contains(p) && scripts.effect(p).does(Act.BUILD)).toList();
        return scripts.names().stream().filter(s -> !s.equals(script) && plain(s).matches("build\\b.*") && !parts.contains(s))
                .filter(s -> !scripts.effect(s).doesAny(Act.MIGRATE, Act.PUBLISH) && !parts.isEmpty() && scripts.effect(s).reached().containsAll(parts)).findFirst().orElse(script);
    }

    private void typecheck() {
        first(TYPECHECK, s -> {
            Effect e = scripts.effect(s);
            boolean compiles = e.does(Act.BUILD) && e.tools().stream().anyMatch(t -> t.matches("tsc|vue-tsc|tsgo|ttsc"));
            return (e.does(Act.TYPECHECK) || compiles && !plain(s).equals("tsc") && !e.calls().stream().anyMatch(c -> c.has("--declaration", "--emitDeclarationOnly", "--outDir", "-d"))
                    || e.isUnknown() && plain(s).matches(".*(typecheck|type:check|check:types|types:check).*"))
                    && !e.doesAny(Act.TEST, Act.E2E, Act.PUBLISH, Act.SERVE, Act.LINT) && !(plain(s).equals("tsc") && e.isOnly(Act.BUILD));
        }).ifPresent(s -> choose(CommandKind.TYPECHECK, s));
        first(TYPE_TESTS, s -> scripts.effect(s).does(Act.TYPECHECK) && !scripts.effect(s).doesAny(Act.E2E, Act.SERVE, Act.PUBLISH, Act.LINT) && !scripts.effect(s).does(Act.TEST) && !isChosen(s)
                && isNotWithin(s, CommandKind.TYPECHECK)).ifPresent(s -> choose(CommandKind.TYPECHECK, s));
    }

    private void lint() {
        Predicate<String> lints = s -> {
            Effect e = scripts.effect(s);
            boolean named = plain(s).matches("(.*:)?(es)?lint(:.*)?") && !scripts.isPlaceholder(s) && (e.isUnknown() || e.isOnly(Act.FORMAT) && !FORMAT.contains(plain(s)));
            return (e.does(Act.LINT) || named) && !e.doesAny(Act.PUBLISH, Act.SERVE, Act.E2E) && (!e.doesAny(Act.TEST, Act.BUILD) || plain(s).startsWith("lint") || plain(s).endsWith("lint")) && !isChosen(s);
        };
        if (choices.stream().noneMatch(c -> c.kind() == CommandKind.LINT)) {
            Predicate<String> checks = s -> !scripts.effect(s).does(Act.FIX);
            first(LINT, lints.and(checks)).or(() -> first(LINT, lints)).or(() -> otherwiseNamed(lints.and(checks).and(s -> scripts.effect(s).tools().stream().anyMatch(LINTERS::contains))))
                    .ifPresent(s -> choose(CommandKind.LINT, s));
        }
        for (String script : scripts.names()) {
            String name = plain(script);
            Effect e = scripts.effect(script);
            boolean check = name.matches("(lint|check)(:.+)|.+:lint") && !BY_HAND.matcher(name).matches() && !NO_LINT.matcher(name).matches() && !FORMAT.contains(name) && !TYPECHECK.contains(name);
            boolean known = e.does(Act.LINT) && lints.test(script) && !e.does(Act.FIX) && bringsTool(e);
            boolean own = e.isUnknown() && isOwnProgram(e);
            if (check && (known || own) && e.broken().isEmpty() && isNotWithin(script, null)) {
                choose(CommandKind.LINT, script);
            }
        }
    }

    private void format() {
        if (choices.stream().anyMatch(c -> c.kind() != CommandKind.TEST && c.effect().does(Act.FORMAT) && !c.effect().does(Act.FIX))) {
            return;
        }
        Predicate<String> checks = s -> {
            Effect e = scripts.effect(s);
            return e.does(Act.FORMAT) && !e.doesAny(Act.FIX, Act.PUBLISH, Act.TEST, Act.BUILD, Act.SERVE) && !isChosen(s);
        };
        first(FORMAT, checks).or(() -> otherwiseNamed(checks.and(s -> scripts.effect(s).isOnly(Act.FORMAT)))).ifPresent(s -> choose(CommandKind.FORMAT, s));
    }

    // --- what helps to choose ---

    private void choose(CommandKind kind, String script) {
        if (!Shell.isPrintable(script)) {
            project.report(Finding.warning("script-name", "a script of " + of.file() + " has a control character in its name and is left out", "rename it", of.script(script)));
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

    /** A program of a dependency ({@code i18n-check} of {@code @lingual/i18n-check}) or a file of the package that Node runs. */
    private boolean isOwnProgram(Effect effect) {
        return !effect.calls().isEmpty() && effect.calls().stream().allMatch(c -> of.dependencies().keySet().stream().anyMatch(d -> !d.startsWith("@types/") && Project.nameOf(d).equals(c.tool()))
                && !NodeTools.isKnown(c.tool()) || Set.of("node", "tsx", "ts-node", "bun").contains(c.tool()) && isFile(c.first()) && !c.has("--watch")
                || c.tool().equals("deno") && c.first().equals("run") && c.args().stream().anyMatch(this::isFile));
    }

    private boolean isFile(String path) {
        return !path.startsWith("-") && path.contains(".") && Project.resolve(of.folder(), path).filter(project::exists).isPresent();
    }

    /** By what it does alone, where no name says it: {@code "test:code": "eslint ."}. Hooks run by themselves. */
    private Optional<String> otherwiseNamed(Predicate<String> test) {
        return scripts.names().stream().filter(s -> !plain(s).matches("(pre|post).*") && !BY_HAND.matcher(plain(s)).matches()).filter(test).findFirst();
    }

    private Optional<String> first(List<String> order, Predicate<String> test) {
        return ordered(order).stream().filter(test).findFirst();
    }

    /** The scripts that have one of these names, in the order of the names. */
    private List<String> ordered(List<String> order) {
        return order.stream().distinct().flatMap(name -> byPlain.getOrDefault(name, List.of()).stream()).toList();
    }

    private String plain(String script) {
        return plain.get(script);
    }

    /** {@code type-check}, {@code typeCheck} and {@code type_check} are one name. */
    private static String plainOf(String script) {
        return script.replaceAll("(?<=[a-z])(?=[A-Z])", ":").replaceAll("[-_./]+", ":").toLowerCase(Locale.ROOT);
    }

    private static List<String> names(String text) {
        return List.of(text.split(" +"));
    }

    private Command command(Choice choice) {
        Evidence evidence = of.script(choice.script());
        String run = manager.run(choice.script());
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
        if (choice.effect().does(Act.FIX)) {
            project.report(Finding.info("script-changes-files", "the script " + choice.script() + " changes files as it checks them", "add a script that only checks", evidence));
        }
        return choice.effect().fansOut() ? Command.certain(run, evidence).thatFansOut() : Command.certain(run, evidence);
    }

    /** {@code nx affected} needs the history and a base, which a pipeline's checkout may not have: the same targets of all projects. */
    private Optional<String> runMany(String text) {
        List<List<String>> commands = NodeWords.split(text);
        if (commands.size() != 1 || commands.get(0).size() < 3 || !commands.get(0).get(0).equals("nx") || !commands.get(0).get(1).equals("affected")) {
            return Optional.empty();
        }
        List<String> words = commands.get(0).subList(2, commands.get(0).size()).stream().filter(w -> !w.matches("--(base|head|files)=.*"))
                .map(w -> w.matches("-[A-Za-z0-9_@%+=:,./-]*") ? w : Shell.word(w)).toList();
        return Optional.of(manager.exec("nx run-many " + String.join(" ", words)));
    }
}
