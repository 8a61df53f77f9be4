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
