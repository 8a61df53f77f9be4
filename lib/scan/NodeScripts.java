package lib.scan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import lib.scan.Command.Shell;
import lib.scan.NodeCalls.Call;
import lib.scan.NodeCalls.Reference;
import lib.scan.NodeTools.Act;

/**
 * What each script of a package does, with all that it calls: other scripts, and for a workspace's root those of its members.
 * Knows nothing of names that scripts usually have; {@link NodeCommands} chooses.
 */
final class NodeScripts {

    /**
     * All that running a script leads to.
     *
     * @param reached scripts of the same package, itself included
     * @param parts scripts that its own text calls, each by its plain name, where the text does nothing else; else empty
     * @param broken why it can't work: a script or a program that is not there
     * @param fansOut it only hands on to scripts of the workspace's members
     * @param calls of the package itself, not those of members
     * @param affected it looks for what a change touched, and so needs the history
     */
    record Effect(Set<Act> acts, Set<String> tools, Set<String> reached, List<String> parts, List<String> broken, boolean affected, boolean fansOut,
            List<Call> calls) {
        boolean does(Act act) {
            return acts.contains(act);
        }

        boolean doesAny(Act... any) {
            return List.of(any).stream().anyMatch(acts::contains);
        }

        /** Nothing but these, set-up and calls of unknown purpose aside. */
        boolean isOnly(Act... only) {
            return doesAny(only) && acts.stream().allMatch(a -> a == Act.CUSTOM || a == Act.SETUP || List.of(only).contains(a));
        }

        /** Nothing that is known: {@code node test.js}, {@code make test}. */
        boolean isUnknown() {
            return !acts.isEmpty() && acts.stream().allMatch(a -> a == Act.CUSTOM || a == Act.SETUP);
        }
    }

    /** What only joins, prepares or wraps others and does nothing of its own. */
    private static final Set<String> PLUMBING = Set.of("""
            run-s run-p npm-run-all npm-run-all2 concurrently conc turbo nx lerna wsrun echo exit true : cd sleep rm rimraf mkdir mkdirp cp mv shx env
            cross-env cross-env-shell dotenv dotenvx env-cmd export set nyc c8 time xvfb-run [ test del-cli cpy copyfiles wait-on
            """.strip().split("\\s+"));
    private static final int MAX_CHAIN = 50;
    private static final int MAX_READS = 5_000;
    private static final int MAX_KEY = 2_000;

    private final Project project;
    private final NodePackage of;
    private final NodeManager manager;
    private final NodePackage root;
    private final Collection<NodeScripts> members;
    private final Map<String, Effect> known = new HashMap<>();
    private int reads;

    /**
     * @param root the workspace's root: its programs can be called in members too; may be the package itself
     * @param members of the workspace of which the package is the root
     */
    NodeScripts(Project project, NodePackage of, NodeManager manager, NodePackage root, Collection<NodeScripts> members) {
        this.project = project;
        this.of = of;
        this.manager = manager;
        this.root = root;
        this.members = members;
    }

    boolean isMember() {
        return root != of;
    }

    Set<String> names() {
        return of.scripts().keySet();
    }

    Effect effect(String script) {
        return effect(script, List.of(), new HashSet<>());
    }

    private Effect effect(String script, List<String> args, Set<String> open) {
        String key = script + " " + String.join(" ", args);
        Effect effect = known.get(key);
        if (effect != null) {
            return effect;
        }
        // Arguments that are handed on make ever new texts of a cycle: a script may call itself with one word more.
        if (open.size() > MAX_CHAIN || ++reads > MAX_READS || key.length() > MAX_KEY || !open.add(key)) {
            return new Effect(Set.of(), Set.of(), Set.of(script), List.of(), List.of(), false, false, List.of());
        }
        StringBuilder text = new StringBuilder(of.scripts().get(script));
        args.forEach(a -> text.append(' ').append(Shell.word(a)));
        effect = read(script, text.toString(), open);
        open.remove(key);
        known.put(key, effect);
        return effect;
    }

    private Effect read(String script, String text, Set<String> open) {
        Set<Act> acts = EnumSet.noneOf(Act.class);
        Set<String> tools = new LinkedHashSet<>();
        Set<String> reached = new LinkedHashSet<>(Set.of(script));
        List<String> broken = new ArrayList<>();
        NodeCalls own = NodeCalls.of(text, names());
        List<Call> calls = new ArrayList<>(own.calls);
        boolean affected = false;
        boolean plain = true;
        boolean fansOut = !own.references.isEmpty();
        for (Call call : own.calls) {
            Set<Act> does = NodeTools.acts(call, project, of.folder());
            if (!PLUMBING.contains(call.tool())) {
                acts.addAll(does);
                tools.add(call.tool());
            }
            plain &= PLUMBING.contains(call.tool());
            fansOut &= PLUMBING.contains(call.tool());
            missing(call).ifPresent(broken::add);
        }
        List<String> parts = new ArrayList<>();
        List<Reference> references = new ArrayList<>(own.references);
        for (String hook : hooks(script)) {
            references.add(new Reference(hook, List.of(), false));
            plain = false;
        }
        for (Reference reference : references) {
            affected |= reference.affected();
            List<Effect> effects = follow(reference, open, broken);
            for (Effect each : effects) {
                acts.addAll(each.acts());
                tools.addAll(each.tools());
                affected |= each.affected();
                fansOut &= reference.members() || each.fansOut();
                if (!reference.members()) {
                    calls.addAll(each.calls());
                    reached.addAll(each.reached());
                    broken.addAll(each.broken());
                }
            }
            plain &= !reference.members() && reference.args().isEmpty();
            parts.add(reference.script());
        }
        return new Effect(acts, tools, reached, plain ? parts : List.of(), broken.stream().distinct().toList(), affected, fansOut, calls);
    }

    private List<Effect> follow(Reference reference, Set<String> open, List<String> broken) {
        if (reference.members()) {
            List<Effect> effects = new ArrayList<>();
            members.stream().filter(m -> m.names().contains(reference.script())).forEach(m -> effects.add(m.effect(reference.script())));
            // In a workspace whose members have no such script it does nothing; elsewhere (npm --prefix client) its name must do.
            if (effects.isEmpty() && (members.isEmpty() || reference.inferable())) {
                Set<Act> guessed = EnumSet.of(NodeTools.actOfName(reference.script()));
                effects.add(new Effect(guessed, Set.of(), Set.of(), List.of(), List.of(), false, false, List.of()));
            }
            return effects;
        }
        if (names().contains(reference.script())) {
            Effect effect = effect(reference.script(), reference.args(), open);
            String text = of.scripts().get(reference.script()).strip();
            if (!text.endsWith(" --") || reference.args().isEmpty()) {
                return List.of(effect);
            }
            // "with-env": "dotenv -e .env --" runs what is given to it.
            return List.of(effect, read(reference.script(), String.join(" ", reference.args().stream().map(Shell::word).toList()), open));
        }
        if (!Set.of("start", "restart", "stop", "install").contains(reference.script())) {
            broken.add("calls the script " + reference.script() + ", which is not there");
        }
        return List.of();
    }

    /** Scripts that the manager runs before and after by their name alone; Yarn berry has given that up. */
    private List<String> hooks(String script) {
        boolean runsThem = !manager.id().equals("yarn-berry") && !manager.id().equals("deno");
        return runsThem ? List.of("pre" + script, "post" + script).stream().filter(names()::contains).toList() : List.of();
    }

    /** Only says something: {@code echo "Error: no test specified" && exit 1}. */
    boolean isPlaceholder(String script) {
        NodeCalls calls = NodeCalls.of(of.scripts().get(script), names());
        return calls.references.isEmpty() && calls.calls.stream().allMatch(c -> Set.of("echo", "exit", "true", ":").contains(c.tool()));
    }

    private Optional<String> missing(Call call) {
        if (call.fetched() || manager.id().equals("deno") || !NodeTools.isCertain(call.tool())) {
            return Optional.empty();
        }
        List<String> packages = NodeTools.packagesOf(call.tool());
        boolean there = packages.stream().anyMatch(p -> of.has(p) || root.has(p) || manager.installs(project, p))
                || of.name().equals(call.tool()) || members.stream().anyMatch(m -> packages.stream().anyMatch(p -> m.of.has(p) || m.of.name().equals(p)));
        return there ? Optional.empty() : Optional.of("calls " + call.tool() + ", but no dependency brings it");
    }
}

/**
 * What the text of a package.json script calls: programs, and other scripts. Sees through {@code cross-env}, {@code npx},
 * {@code run-s}, {@code concurrently}, {@code pnpm -r}, {@code turbo run} and the like.
 *
 * <p>A reader of shell text, not a shell: where it can't tell it leaves a call out.
 */
final class NodeCalls {
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*", Pattern.DOTALL);
    private static final int MAX_DEPTH = 40;
    /** Commands of the managers themselves, that no script of the same name can shadow. */
    private static final Set<String> BUILT_IN = Set.of("install", "i", "ci", "add", "remove", "rm", "publish", "pack", "audit", "link", "version", "init",
            "create", "outdated", "update", "up", "why", "list", "ls", "prune", "rebuild", "config", "cache", "dedupe", "set", "plugin", "import", "store",
            "patch", "licenses", "deploy", "stage", "constraints", "info", "view", "login", "pm", "upgrade", "changeset");

    /** A program with its arguments. @param fetched called by npx or dlx, which fetch what is not installed */
    record Call(String tool, List<String> args, boolean fetched) {
        boolean has(String... options) {
            return args.stream().anyMatch(a -> List.of(options).stream().anyMatch(o -> a.equals(o) || o.startsWith("--") && a.startsWith(o + "=")));
        }

        String first() {
            return args.stream().filter(a -> !a.startsWith("-")).findFirst().orElse("");
        }
    }

    /**
     * Another script.
     *
     * @param args what is added to its text
     * @param members it is run in members of the workspace
     * @param affected only in those that a change touched
     * @param inferable Nx makes targets out of configuration: one may be there that no manifest names
     */
    record Reference(String script, List<String> args, boolean members, boolean affected, boolean inferable) {
        Reference(String script, List<String> args, boolean members) {
            this(script, args, members, false, false);
        }
    }

    final List<Call> calls = new ArrayList<>();
    final List<Reference> references = new ArrayList<>();
    private final Set<String> scripts;

    private NodeCalls(Set<String> scripts) {
        this.scripts = scripts;
    }

    /** @param scripts names of the scripts beside it: {@code yarn x} may be a script or a program */
    static NodeCalls of(String text, Set<String> scripts) {
        NodeCalls calls = new NodeCalls(scripts);
        calls.read(text, 0);
        return calls;
    }

    private void read(String text, int depth) {
        if (depth < MAX_DEPTH) {
            NodeWords.split(text).forEach(words -> command(words, depth + 1));
        }
    }

    private void command(List<String> all, int depth) {
        List<String> words = all;
        while (!words.isEmpty() && ASSIGNMENT.matcher(words.get(0)).matches()) {
            words = rest(words);
        }
        if (words.isEmpty() || depth > MAX_DEPTH) {
            return;
        }
        String head = words.get(0).replaceFirst("^(\\.{1,2}/)*node_modules/\\.bin/", "");
        List<String> args = rest(words);
        if (head.contains(" ")) {
            read(head, depth + 1);
            return;
        }
        switch (head) {
            case "cross-env", "cross-env-shell", "env" -> {
                calls.add(new Call(head, args, false));
                command(args, depth + 1);
            }
            case "dotenv", "dotenvx", "env-cmd", "time", "exec", "command", "nice", "xvfb-run", "timeout", "sudo", "infisical", "doppler", "op" ->
                    wrapper(head, args, depth + 1);
            case "c8", "nyc" -> {
                calls.add(new Call(head, args, false));
                int at = firstProgram(args);
                command(at < 0 ? List.of("?") : args.subList(at, args.size()), depth + 1);
            }
            case "npx", "pnpx", "bunx" -> fetched(args, depth + 1);
            case "npm" -> npm(args, depth + 1);
            case "pnpm" -> pnpm(args, depth + 1);
            case "yarn", "yarnpkg" -> yarn(args, depth + 1);
            case "bun" -> bun(args, depth + 1);
            case "deno" -> deno(args);
            case "node", "tsx", "ts-node" -> node(head, args, depth + 1);
            case "run-s", "run-p", "npm-run-all", "npm-run-all2" -> {
                calls.add(new Call(head, args, false));
                args.stream().filter(a -> !a.startsWith("-")).forEach(a -> refer(NodeWords.split(a).stream().findFirst().orElse(List.of("")), false));
            }
            case "concurrently", "conc" -> {
                calls.add(new Call(head, args, false));
                args.stream().filter(a -> a.contains(" ") || a.matches("(npm|yarn|pnpm|bun):.+")).forEach(a -> {
                    if (a.matches("(npm|yarn|pnpm|bun):.+")) {
                        refer(List.of(a.substring(a.indexOf(':') + 1)), false);
                    } else {
                        read(a, depth + 1);
                    }
                });
            }
            case "firebase" -> {
                // firebase emulators:exec "npm test" runs tests, any other firebase ships something.
                if (args.contains("emulators:exec")) {
                    args.stream().filter(a -> a.contains(" ")).forEach(a -> read(a, depth + 1));
                } else {
                    calls.add(new Call(head, args, false));
                }
            }
            case "turbo", "nx", "lerna", "wsrun" -> orchestrator(head, args, depth + 1);
            default -> calls.add(new Call(head, args, false));
        }
    }

    /** {@code dotenv -e .env -- next build}: what follows the two dashes, else the first word that is no option. */
    private void wrapper(String head, List<String> args, int depth) {
        calls.add(new Call(head, List.of(), false));
        int dashes = args.indexOf("--");
        int at = dashes >= 0 ? dashes + 1 : firstProgram(args);
        // A program that is not known is one all the same.
        command(at < 0 ? List.of("?") : args.subList(at, args.size()), depth + 1);
    }

    private int firstProgram(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            String word = args.get(i);
            if (NodeTools.isKnown(word) || Set.of("npm", "pnpm", "yarn", "bun", "npx", "node", "tsx").contains(word)) {
                return i;
            }
        }
        return -1;
    }

    private void fetched(List<String> args, int depth) {
        List<String> words = new ArrayList<>(args);
        boolean named = false;
        while (!words.isEmpty() && words.get(0).startsWith("-")) {
            String option = words.remove(0);
            named |= option.matches("-p|--package(=.*)?");
            if (option.matches("-p|--package") && !words.isEmpty()) {
                words.remove(0);
            }
        }
        if (words.isEmpty()) {
            return;
        }
        String tool = words.get(0).replaceFirst("(?<=.)@[^/@]*$", "");
        int before = calls.size();
        List<String> clean = new ArrayList<>(words);
        clean.set(0, tool);
        command(clean, depth + 1);
        // The package to fetch is named: its program comes with it.
        for (int i = before; i < calls.size() && (named || i == before); i++) {
            calls.set(i, new Call(calls.get(i).tool(), calls.get(i).args(), true));
        }
    }

    private void npm(List<String> args, int depth) {
        NodeWords options = NodeWords.of(args, Set.of("--prefix", "-w", "--workspace", "-C", "--loglevel"));
        boolean members = options.has("--workspaces", "-ws", "--ws", "--workspace", "-w", "--prefix", "-C");
        String command = options.word(0);
        switch (command) {
            case "run", "run-script", "rum" -> refer(options.from(1), members);
            case "test", "t", "tst" -> refer(named("test", options.from(1)), members);
            case "start", "stop", "restart" -> refer(named(command, options.from(1)), members);
            case "exec", "x" -> fetched(options.from(1), depth + 1);
            default -> calls.add(new Call("npm", options.words, false));
        }
    }

    private void pnpm(List<String> args, int depth) {
        NodeWords options = NodeWords.of(args, Set.of("--filter", "-F", "-C", "--dir", "--workspace-concurrency", "--filter-prod"));
        boolean members = options.has("-r", "--recursive", "--filter", "-F", "-C", "--dir", "--filter-prod");
        String command = options.word(0);
        switch (command) {
            case "run", "run-script" -> refer(options.from(1), members);
            case "test", "t" -> refer(named("test", options.from(1)), members);
            case "exec" -> command(options.from(1), depth + 1);
            case "dlx" -> fetched(options.from(1), depth + 1);
            default -> scriptOrProgram("pnpm", options.words, members, depth + 1);
        }
    }

    private void yarn(List<String> args, int depth) {
        NodeWords options = NodeWords.of(args, Set.of("--cwd"));
        boolean members = options.has("--cwd");
        switch (options.word(0)) {
            case "" -> calls.add(new Call("yarn", List.of("install"), false));
            case "run" -> scriptOrProgram("yarn", options.from(1), members, depth + 1);
            case "workspaces" -> {
                int at = Math.max(options.words.indexOf("run"), options.words.indexOf("exec"));
                if (at > 0 && options.words.get(at).equals("run")) {
                    refer(options.from(at + 1), true);
                } else if (at > 0) {
                    command(options.from(at + 1), depth + 1);
                }
            }
            case "workspace" -> refer(options.from(options.word(2).equals("run") ? 3 : 2), true);
            case "dlx" -> fetched(options.from(1), depth + 1);
            case "exec" -> command(options.from(1), depth + 1);
            default -> scriptOrProgram("yarn", options.words, members, depth + 1);
        }
    }

    private void bun(List<String> args, int depth) {
        NodeWords options = NodeWords.of(args, Set.of("--filter", "--cwd", "-F", "--shell", "--env-file"));
        boolean members = options.has("--filter", "-F", "--cwd");
        switch (options.word(0)) {
            case "run" -> {
                NodeWords inner = NodeWords.of(options.from(1), Set.of("--filter", "--cwd", "-F", "--shell", "--env-file"));
                scriptOrProgram("bun", inner.words, members || inner.has("--filter", "-F", "--cwd"), depth + 1);
            }
            case "test", "build" -> calls.add(new Call("bun " + options.word(0), options.from(1), false));
            case "x" -> fetched(options.from(1), depth + 1);
            default -> scriptOrProgram("bun", options.words, members, depth + 1);
        }
        if (options.has("--watch", "--hot")) {
            calls.add(new Call("nodemon", List.of(), true));
        }
    }

    private void deno(List<String> args) {
        if (!args.isEmpty() && args.get(0).equals("task")) {
            NodeWords options = NodeWords.of(args.subList(1, args.size()), Set.of("--cwd", "-c", "--config", "--filter", "-f"));
            refer(options.words, options.has("--cwd", "-r", "--recursive", "--filter", "-f"));
        } else {
            calls.add(new Call("deno", args, false));
        }
        if (args.contains("--watch")) {
            calls.add(new Call("nodemon", List.of(), true));
        }
    }

    /** {@code yarn x}: a script, else a program of a dependency; a file that Bun runs. */
    private void scriptOrProgram(String manager, List<String> words, boolean members, int depth) {
        if (words.isEmpty()) {
            return;
        }
        String name = words.get(0);
        if (members || scripts.contains(name) || name.startsWith("/") && name.endsWith("/") && name.length() > 2) {
            refer(words, members);
        } else if (BUILT_IN.contains(name) || manager.equals("bun") && (name.contains("/") || name.matches(".+\\.(ts|js|tsx|mjs|mts|cjs)"))) {
            calls.add(new Call(manager, words, false));
        } else {
            command(words, depth + 1);
        }
    }

    private void node(String head, List<String> args, int depth) {
        int run = args.indexOf("--run");
        if (run >= 0) {
            refer(args.subList(run + 1, args.size()), false);
            return;
        }
        for (int i = 0; i < args.size(); i++) {
            // node node_modules/.bin/x, node --inspect ./node_modules/x/bin/x.js
            java.util.regex.Matcher bin = Pattern.compile("^(?:\\./)?node_modules/(?:\\.bin/([^/]+)|((?:@[^/]+/)?[^/]+)/.*)$").matcher(args.get(i));
            if (bin.matches()) {
                List<String> words = new ArrayList<>(List.of(bin.group(1) != null ? bin.group(1) : Project.nameOf(bin.group(2))));
                words.addAll(args.subList(i + 1, args.size()));
                command(words, depth + 1);
                return;
            }
        }
        calls.add(new Call(head, args, false));
        // node scripts/env.js mocha test: a script of the project that prepares and then starts another program.
        if (args.size() > 1 && args.get(0).matches(".+\\.[cm]?[jt]s") && NodeTools.isKnown(args.get(1))) {
            command(args.subList(1, args.size()), depth + 1);
        }
    }

    private void orchestrator(String head, List<String> args, int depth) {
        calls.add(new Call(head, args, false));
        int dashes = args.indexOf("--");
        List<String> before = dashes < 0 ? args : args.subList(0, dashes);
        List<String> after = dashes < 0 ? List.of() : args.subList(dashes + 1, args.size());
        NodeWords options = NodeWords.of(before, Set.of("--filter", "-F", "-p", "--projects", "--exclude", "--scope", "--ignore", "-t", "--target", "--targets",
                "--concurrency", "--parallel", "-c", "--configuration", "--base", "--head", "--since", "--cache-dir", "--output-logs"));
        String command = options.word(0);
        boolean affected = command.startsWith("affected") || options.has("--affected", "--since");
        if (head.equals("lerna") && command.equals("exec")) {
            int at = firstProgram(before);
            // lerna exec -- yarn test: in the members, so that their scripts are meant.
            List<String> words = dashes >= 0 ? after : at < 0 ? List.of() : before.subList(at, before.size());
            NodeCalls inner = new NodeCalls(Set.of());
            inner.command(words, depth + 1);
            inner.calls.forEach(c -> references.add(new Reference(c.tool(), List.of(), true)));
            inner.references.forEach(r -> references.add(new Reference(r.script(), List.of(), true)));
            return;
        }
        List<String> targets = new ArrayList<>(options.values("-t", "--target", "--targets"));
        if (head.equals("nx")) {
            if (targets.isEmpty() && command.equals("run")) {
                targets.add(options.word(1).replaceFirst("^[^:]*:", ""));
            } else if (command.startsWith("affected:")) {
                targets.add(command.substring("affected:".length()));
            } else if (targets.isEmpty() && !Set.of("run-many", "affected", "format:check", "format:write", "format", "graph", "reset", "migrate", "sync",
                    "sync:check", "release", "report", "watch", "exec", "connect", "").contains(command)) {
                targets.add(command);
            }
        } else if (head.equals("turbo")) {
            (command.equals("run") ? options.from(1) : command.equals("watch") ? List.of("dev") : options.words).stream()
                    .filter(t -> !t.startsWith("-")).forEach(targets::add);
        } else if (command.equals("run")) {
            targets.add(options.word(1));
        }
        targets.stream().filter(t -> !t.isEmpty()).forEach(t -> references.add(new Reference(t.replaceFirst("^.*#", ""), after, true, affected, head.equals("nx"))));
    }

    /** A script by name; {@code lint:*} and {@code /^lint/} mean all of that form. */
    private void refer(List<String> words, boolean members) {
        NodeWords options = NodeWords.of(words, Set.of());
        String name = options.word(0);
        if (name.isEmpty()) {
            return;
        }
        List<String> args = words.subList(words.indexOf(name) + 1, words.size()).stream().filter(a -> !a.equals("--")).toList();
        if (!members && (name.contains("*") || name.matches("/.+/"))) {
            String form = name.startsWith("/") ? ".*(" + name.substring(1, name.length() - 1) + ").*"
                    : "\\Q" + name.replace("**", "*").replace("*", "\\E[^:]+\\Q") + "\\E";
            try {
                scripts.stream().filter(s -> s.matches(form)).forEach(s -> references.add(new Reference(s, List.of(), false)));
            } catch (java.util.regex.PatternSyntaxException e) {
                // A pattern of another dialect: what it means is not known.
            }
            return;
        }
        references.add(new Reference(name, args, members));
    }

    private static List<String> named(String script, List<String> args) {
        List<String> words = new ArrayList<>(List.of(script));
        words.addAll(args);
        return words;
    }

    private static List<String> rest(List<String> words) {
        return words.subList(1, words.size());
    }
}

/**
 * Words of shell text: splits a script into simple commands, and tells a program's options from its words. Knows no program.
 */
final class NodeWords {
    final List<String> options = new ArrayList<>();
    final List<String> words = new ArrayList<>();
    private final List<String[]> values = new ArrayList<>();

    /** @param withValue options whose value is the next word */
    static NodeWords of(List<String> args, Set<String> withValue) {
        NodeWords o = new NodeWords();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            boolean early = o.words.isEmpty() || !withValue.isEmpty();
            if (early && arg.startsWith("-") && !arg.equals("--")) {
                String name = arg.contains("=") ? arg.substring(0, arg.indexOf('=')) : arg;
                o.options.add(name);
                if (withValue.contains(name)) {
                    String value = arg.contains("=") ? arg.substring(name.length() + 1) : i + 1 < args.size() ? args.get(++i) : "";
                    o.values.add(new String[] {name, value});
                    // nx run-many -t lint test: the option takes all words up to the next option.
                    while (name.equals("-t") && i + 1 < args.size() && !args.get(i + 1).startsWith("-")) {
                        o.values.add(new String[] {name, args.get(++i)});
                    }
                } else if (!o.words.isEmpty()) {
                    o.words.add(arg);
                }
            } else if (arg.equals("--") && o.words.isEmpty()) {
                o.words.addAll(args.subList(i + 1, args.size()));
                break;
            } else {
                o.words.add(arg);
            }
        }
        return o;
    }

    boolean has(String... names) {
        return options.stream().anyMatch(List.of(names)::contains);
    }

    String word(int at) {
        return at < words.size() ? words.get(at) : "";
    }

    List<String> from(int at) {
        return at < words.size() ? words.subList(at, words.size()) : List.of();
    }

    List<String> values(String... names) {
        return values.stream().filter(v -> List.of(names).contains(v[0])).flatMap(v -> List.of(v[1].split("[,\\s]+")).stream())
                .filter(v -> !v.isEmpty()).toList();
    }

    /** The simple commands of a line of shell, as words. Redirections are dropped. */
    static List<List<String>> split(String text) {
        List<List<String>> commands = new ArrayList<>();
        List<String> words = new ArrayList<>();
        StringBuilder word = null;
        char quote = 0;
        boolean redirect = false;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (quote != 0 && i < text.length()) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c == '\\' && quote == '"' && i + 1 < text.length() ? text.charAt(++i) : c);
                }
                continue;
            }
            // In 2>&1 the ampersand ends nothing.
            boolean ends = "&|;\n()".indexOf(c) >= 0 && !(c == '&' && redirect && word == null);
            if (ends || Character.isWhitespace(c) || c == '>' || c == '<') {
                if (word != null && !redirect && !(c == '>' && word.toString().matches("[012&]"))) {
                    words.add(word.toString());
                }
                redirect = redirect && word == null && !ends || c == '>' || c == '<';
                word = null;
                if (ends && !words.isEmpty()) {
                    commands.add(words);
                    words = new ArrayList<>();
                }
                continue;
            }
            word = word == null ? new StringBuilder() : word;
            if (c == '"' || c == '\'') {
                quote = c;
            } else {
                word.append(c == '\\' && i + 1 < text.length() ? text.charAt(++i) : c);
            }
        }
        return commands;
    }
}

/** What the well-known programs of the JavaScript world do, and which packages bring them. Knows no scripts. */
final class NodeTools {

    /** What a call is for. {@code FIX} changes sources; {@code SERVE} does not end by itself. */
    enum Act { FORMAT, FIX, LINT, TYPECHECK, TEST, E2E, BUILD, SERVE, PUBLISH, MIGRATE, SETUP, CUSTOM }

    /** {@code tool=package|package}: the packages that bring a program, where its own name is not the package's; {@code !}: see {@link #isCertain}. */
    private static final String TABLE = """
            LINT !eslint eslint_d=eslint_d !tslint !stylelint !oxlint !xo !standard semistandard ts-standard !markdownlint=markdownlint-cli !markdownlint-cli2
            LINT textlint remark=remark-cli !cspell !knip depcheck madge sherif syncpack manypkg=@manypkg/cli ls-lint=@ls-lint/ls-lint
            LINT htmlhint jscpd depcruise=dependency-cruiser solhint editorconfig-checker lockfile-lint secretlint npmPkgJsonLint=npm-package-json-lint dpdm skott
            LINT ember-template-lint spectral=@stoplight/spectral-cli redocly=@redocly/cli alex license-checker
            TYPECHECK !svelte-check !vue-tsc !tsd !tstyche dtslint glint=@glint/core|@glint/ember-tsc flow=flow-bin pyright attest
            TEST !jest=jest|jest-cli !vitest !mocha !ava !tap=tap|@tapjs/core !tape !borp !jasmine !uvu qunit=qunit|qunitjs lab=@hapi/lab poku cucumber-js=@cucumber/cucumber
            TEST hardhat zunit web-test-runner=@web/test-runner wtr=@web/test-runner ts-mocha mochapack testem alsatian vscode-test=@vscode/test-cli jasmine-ts !karma
            E2E !playwright=@playwright/test|playwright|playwright-core|@playwright/experimental-ct-react !cypress wdio=@wdio/cli nightwatch testcafe detox codeceptjs
            E2E protractor test-storybook=@storybook/test-runner backstop=backstopjs chromatic percy=@percy/cli lhci=@lhci/cli start-server-and-test start-test=start-server-and-test
            BUILD !webpack=webpack|webpack-cli !rollup !tsup !tsdown esbuild !parcel=parcel|parcel-bundler|@parcel/core microbundle !unbuild pkgroll bunchee !tsc=typescript
            BUILD ttsc=ttypescript tsgo=@typescript/native-preview !swc=@swc/cli !babel=@babel/cli|babel-cli rspack=@rspack/cli rslib=@rslib/core rsbuild=@rsbuild/core
            BUILD ncc=@vercel/ncc !gulp=gulp|gulp-cli grunt=grunt|grunt-cli docusaurus=@docusaurus/core eleventy=@11ty/eleventy gatsby preconstruct=@preconstruct/cli father dumi
            BUILD wp-scripts=@wordpress/scripts obuild mkdist ng-packagr ngc=@angular/compiler-cli electron-builder electron-forge=@electron-forge/cli sass=sass|node-sass
            BUILD tailwindcss=@tailwindcss/cli|tailwindcss postcss=postcss-cli browserify metro api-extractor=@microsoft/api-extractor typedoc vitepress vuepress zshy node-gyp
            SERVE nodemon serve http-server live-server ts-node-dev browser-sync json-server tsc-watch
            PUBLISH semantic-release release-it np gh-pages vercel netlify firebase=firebase-tools serverless sls=serverless cdk=aws-cdk sst changeset=@changesets/cli auto
            PUBLISH vsce=@vscode/vsce|vsce clasp=@google/clasp jsr bumpp heroku fly flyctl aws gcloud az kubectl helm eas=eas-cli fastlane standard-version release-please
            MIGRATE !prisma !drizzle-kit !knex typeorm sequelize=sequelize-cli sequelize-cli node-pg-migrate db-migrate dbmate mikro-orm=@mikro-orm/cli
            SETUP docker docker-compose podman husky lefthook simple-git-hooks patch-package
            CUSTOM !rimraf !cross-env cross-env-shell=cross-env !concurrently !run-s=npm-run-all|npm-run-all2 !run-p=npm-run-all|npm-run-all2 !npm-run-all=npm-run-all|npm-run-all2
            CUSTOM dotenv=dotenv-cli|dotenv dotenvx=@dotenvx/dotenvx env-cmd copyfiles cpy=cpy-cli cpx shx mkdirp !nyc !c8 !ts-node !tsx !turbo !nx !lerna wait-on !next !nuxt=nuxt|nuxi
            CUSTOM nuxi=nuxi|nuxt !vite=vite|rolldown-vite|vite-plus !astro !ng=@angular/cli !nest=@nestjs/cli remix=@remix-run/dev react-router=@react-router/dev !react-scripts
            CUSTOM craco=@craco/craco vue-cli-service=@vue/cli-service expo svelte-kit=@sveltejs/kit !prettier !biome=@biomejs/biome|ultracite !oxfmt !dprint ultracite wrangler
            CUSTOM storybook=storybook|@storybook/cli size-limit !publint !attw=@arethetypeswrong/cli es-check commitlint=@commitlint/cli|commitlint lint-staged ncu=npm-check-updates cz=commitizen
            """;
    private static final Map<String, Act> ACTS = new HashMap<>();
    private static final Map<String, List<String>> PACKAGES = new HashMap<>();
    private static final Set<String> CERTAIN = new HashSet<>();

    static {
        for (String line : TABLE.lines().toList()) {
            List<String> words = List.of(line.split(" +"));
            for (String word : words.subList(1, words.size())) {
                String[] sides = word.split("=");
                String tool = sides[0].replace("!", "");
                ACTS.put(tool, Act.valueOf(words.get(0)));
                PACKAGES.put(tool, List.of(sides[sides.length - 1].replace("!", "").split("\\|")));
                if (word.startsWith("!")) {
                    CERTAIN.add(tool);
                }
            }
        }
    }

    private NodeTools() {}

    static boolean isKnown(String tool) {
        return ACTS.containsKey(tool);
    }

    /** Is it known for sure which packages bring it, so that their absence tells that the call fails? */
    static boolean isCertain(String tool) {
        return CERTAIN.contains(tool);
    }

    static List<String> packagesOf(String tool) {
        return PACKAGES.getOrDefault(tool, List.of(tool));
    }

    /** @param project and folder: whether {@code tsc} writes anything stands in tsconfig.json */
    static Set<Act> acts(Call call, Project project, String folder) {
        String sub = call.first();
        boolean fix = call.has("--fix", "--write", "--apply", "--apply-unsafe", "--fix-dry-run") || call.has("-w") && !call.tool().startsWith("tsc");
        boolean watch = call.has("--watch", "--watchAll", "-w", "watch", "--ui") && !fix;
        switch (call.tool()) {
            case "prettier" -> {
                return EnumSet.of(call.has("--write", "-w") ? Act.FIX : call.has("--check", "-c", "-l", "--list-different") ? Act.FORMAT : Act.CUSTOM);
            }
            case "biome" -> {
                EnumSet<Act> acts = switch (sub) {
                    case "check", "ci" -> EnumSet.of(Act.LINT, Act.FORMAT);
                    case "lint" -> EnumSet.of(Act.LINT);
                    case "format" -> EnumSet.of(Act.FORMAT);
                    default -> EnumSet.of(Act.CUSTOM);
                };
                return fix ? EnumSet.of(Act.FIX) : acts;
            }
            case "ultracite" -> {
                if (!sub.equals("check") && !sub.equals("lint")) {
                    return EnumSet.of(Act.FIX);
                }
                return call.has("--type-check") ? EnumSet.of(Act.LINT, Act.FORMAT, Act.TYPECHECK) : EnumSet.of(Act.LINT, Act.FORMAT);
            }
            case "oxfmt" -> {
                return EnumSet.of(call.has("--check", "--list-different") ? Act.FORMAT : Act.FIX);
            }
            case "dprint" -> {
                return EnumSet.of(sub.equals("check") ? Act.FORMAT : Act.FIX);
            }
            case "oxlint" -> {
                return fix ? EnumSet.of(Act.LINT, Act.FIX) : call.has("--type-check") ? EnumSet.of(Act.LINT, Act.TYPECHECK) : EnumSet.of(Act.LINT);
            }
            case "deno" -> {
                return EnumSet.of(switch (sub) {
                    case "fmt" -> call.has("--check") ? Act.FORMAT : Act.FIX;
                    case "lint" -> call.has("--fix") ? Act.FIX : Act.LINT;
                    case "check" -> Act.TYPECHECK;
                    case "test" -> Act.TEST;
                    case "publish" -> Act.PUBLISH;
                    default -> Act.CUSTOM;
                });
            }
            case "tsc", "ttsc", "tsgo", "vue-tsc" -> {
                return EnumSet.of(watch ? Act.SERVE : call.tool().equals("vue-tsc") && !call.has("--declaration", "--emitDeclarationOnly")
                        || checksOnly(call, project, folder) ? Act.TYPECHECK : Act.BUILD);
            }
            case "vitest" -> {
                if (sub.equals("bench")) {
                    return EnumSet.of(Act.CUSTOM);
                }
                return watch || sub.equals("dev") ? EnumSet.of(Act.TEST, Act.SERVE) : call.has("-u", "--update") ? EnumSet.of(Act.TEST, Act.FIX)
                        : call.has("--typecheck.only") ? EnumSet.of(Act.TYPECHECK) : call.has("--typecheck") ? EnumSet.of(Act.TEST, Act.TYPECHECK) : EnumSet.of(Act.TEST);
            }
            case "node", "tsx", "ts-node" -> {
                return call.has("--watch", "watch") ? EnumSet.of(Act.SERVE) : call.has("--test") ? EnumSet.of(Act.TEST) : EnumSet.of(Act.CUSTOM);
            }
            case "bun test" -> {
                return EnumSet.of(Act.TEST);
            }
            case "bun build" -> {
                return EnumSet.of(Act.BUILD);
            }
            case "npm", "pnpm", "yarn", "bun" -> {
                return EnumSet.of(sub.equals("publish") || sub.equals("version") || sub.equals("deploy") ? Act.PUBLISH : Act.CUSTOM);
            }
            case "next", "nuxt", "nuxi", "astro", "vite", "ng", "nest", "remix", "react-router", "react-scripts", "craco", "vue-cli-service", "expo", "storybook", "turbo",
                    "nx", "electron-vite", "vinxi", "ember", "aegir", "umi", "max", "modern", "rslib", "rsbuild", "wrangler", "gatsby", "docusaurus", "vitepress", "vuepress",
                    "parcel", "wp-scripts", "eleventy", "tsup", "tsdown", "rollup", "webpack", "esbuild", "swc", "babel" -> {
                return EnumSet.of(framework(call, sub, watch));
            }
            case "gulp", "grunt" -> {
                return EnumSet.of(sub.isEmpty() ? Act.CUSTOM : actOfName(sub));
            }
            case "git" -> {
                return EnumSet.of(sub.equals("push") || sub.equals("tag") ? Act.PUBLISH : Act.CUSTOM);
            }
            case "drizzle-kit", "prisma" -> {
                return EnumSet.of(sub.equals("migrate") || sub.equals("push") || sub.equals("db") ? Act.MIGRATE : Act.CUSTOM);
            }
            default -> {
                Act act = ACTS.getOrDefault(call.tool(), Act.CUSTOM);
                if (fix && act != Act.PUBLISH) {
                    return act == Act.LINT ? EnumSet.of(Act.LINT, Act.FIX) : EnumSet.of(Act.FIX);
                }
                if (act == Act.TEST && call.has("-u", "--updateSnapshot", "--update-snapshots", "--update")) {
                    return EnumSet.of(Act.TEST, Act.FIX);
                }
                return watch && (act == Act.TEST || act == Act.BUILD) ? EnumSet.of(act, Act.SERVE) : EnumSet.of(act);
            }
        }
    }

    /** A framework's own program, by its sub-command. */
    private static Act framework(Call call, String sub, boolean watch) {
        if (watch) {
            return Act.SERVE;
        }
        return switch (sub) {
            case "build", "generate", "export", "vite:build", "build-storybook" -> Act.BUILD;
            case "lint", "lint:check" -> Act.LINT;
            case "check", "typecheck", "type-check", "prepare-types" -> Act.TYPECHECK;
            case "format:check" -> Act.FORMAT;
            case "format:write", "format" -> Act.FIX;
            case "test", "test:unit", "test-unit-js" -> Act.TEST;
            case "e2e", "test:e2e" -> Act.E2E;
            case "dev", "start", "serve", "preview", "develop" -> Act.SERVE;
            case "deploy", "publish" -> call.has("--dry-run") ? Act.BUILD : Act.PUBLISH;
            case "" -> List.of("next", "vite", "nuxt", "nuxi", "astro", "parcel", "wrangler").contains(call.tool()) ? Act.SERVE : ACTS.getOrDefault(call.tool(), Act.CUSTOM);
            default -> ACTS.getOrDefault(call.tool(), Act.CUSTOM);
        };
    }

    private static final Pattern TYPE_TESTS = Pattern.compile("(?i).*(test|types?|check|spec|lint|noemit|dts).*");

    private static boolean checksOnly(Call call, Project project, String folder) {
        if (call.has("--noEmit", "-noEmit", "--noemit")) {
            return true;
        }
        if (call.has("--outDir", "--outFile", "--emitDeclarationOnly", "--declaration", "-d")) {
            return false;
        }
        String config = "tsconfig.json";
        for (int i = 0; i + 1 < call.args().size(); i++) {
            if (call.args().get(i).matches("-p|--project|-b|--build") && !call.args().get(i + 1).startsWith("-")) {
                config = call.args().get(i + 1);
            }
        }
        String named = config;
        return Project.resolve(folder, config).map(c -> project.isFolder(c) && !project.exists(c) ? Project.join(c, "tsconfig.json") : c)
                .filter(project::exists).flatMap(project::json)
                .map(d -> d.has("compilerOptions", "noEmit") ? d.at("compilerOptions", "noEmit").asBoolean() : !named.equals("tsconfig.json")
                        && !d.has("compilerOptions", "outDir") && TYPE_TESTS.matcher(Project.nameOf(named).replace("tsconfig", "")).matches())
                .orElse(false);
    }

    /** What a target of that name does in a workspace whose tools infer their targets from configuration. */
    static Act actOfName(String name) {
        String n = name.toLowerCase(java.util.Locale.ROOT);
        if (n.contains("e2e")) {
            return Act.E2E;
        }
        if (n.contains("lint")) {
            return Act.LINT;
        }
        if (n.contains("type") || n.endsWith("tsc")) {
            return Act.TYPECHECK;
        }
        if (n.contains("test") || n.equals("unit")) {
            return Act.TEST;
        }
        if (n.contains("build") || n.equals("compile")) {
            return Act.BUILD;
        }
        return n.contains("format") && n.contains("check") ? Act.FORMAT : n.equals("dev") || n.equals("start") || n.equals("serve") ? Act.SERVE : Act.CUSTOM;
    }
}
