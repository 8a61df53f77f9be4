package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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
