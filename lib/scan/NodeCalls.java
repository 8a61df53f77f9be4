package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

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
