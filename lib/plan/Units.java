package lib.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lib.plan.Versions.Line;
import lib.plan.Versions.RuntimeVersions;
import lib.scan.Command.CommandKind;
import lib.scan.Command;
import lib.scan.Component.Runtime;
import lib.scan.Component;
import lib.scan.Finding;
import lib.scan.Project.VersionFiles;
import lib.scan.ProjectFacts;

/**
 * What of a project is checked by commands of its own, and which paths concern it.
 *
 * <p>Members of a workspace that is built as one (Cargo, Maven, Gradle, …) belong to the unit of its root.
 */
final class Units {

    /**
     * @param suffix tells its jobs from those of other units: empty for an only unit
     * @param commands what its jobs run; what a workspace's root only hands on to its members is left to the members
     * @param builds components that must be built before this one can be checked, in that order
     */
    record Unit(Component component, String suffix, Map<CommandKind, List<Command>> commands, List<Component> builds, Job.ChangeFilter filter) {
        List<Command> commands(CommandKind kind) {
            return commands.getOrDefault(kind, List.of());
        }

        String title(String what) {
            return suffix.isEmpty() ? what : what + " (" + label() + ")";
        }

        String label() {
            return component.path().equals(".") ? component.ecosystem() : component.path();
        }
    }

    /** Workspaces whose members import what another member's build has made; elsewhere the compiler looks at sources. */
    private static final Set<String> BUILT_FIRST = Set.of("npm", "yarn", "pnpm", "bun");
    /** A unit that needs more folders than these is concerned by nearly every change: it gets no filter. */
    private static final int MAX_PATHS = 60;
    private static final int MAX_MEMBERS = 60;
    private static final Map<String, String> RECURSIVE = Map.of("npm", "npm run %s --workspaces --if-present", "pnpm", "pnpm --recursive --if-present run %s",
            "bun", "bun run --filter '*' %s");

    private final List<Component> components;
    private final Map<String, List<String>> shared;
    private final Map<String, List<Component>> byPath = new HashMap<>();
    private final Map<String, List<Component>> membersOf = new HashMap<>();
    private final List<Unit> units = new ArrayList<>();

    private Units(List<Component> components, Map<String, List<String>> shared) {
        this.components = components;
        this.shared = shared;
        for (Component component : components) {
            byPath.computeIfAbsent(component.path(), p -> new ArrayList<>()).add(component);
            if (component.isWorkspaceMember()) {
                membersOf.computeIfAbsent(component.workspace().root() + " " + component.ecosystem(), k -> new ArrayList<>()).add(component);
            }
        }
    }

    static List<Unit> of(ProjectFacts facts) {
        Units units = new Units(facts.components(), facts.sharedFiles());
        units.collect();
        return units.units;
    }

    private void collect() {
        List<Component> own = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Component component : components) {
            // Of two build tools of one language in one folder the first counts.
            boolean isServed = component.isWorkspaceMember() && isLarge(component.workspace().root(), component.ecosystem());
            if (!isServed && !commandsOf(component).isEmpty() && seen.add(component.path() + " " + component.ecosystem())) {
                own.add(component);
            }
        }
        Map<String, Long> perPath = own.stream().collect(Collectors.groupingBy(Component::path, Collectors.counting()));
        Set<String> taken = new HashSet<>();
        for (Component component : own) {
            String suffix = own.size() == 1 ? "" : suffix(component, perPath.get(component.path()) > 1, taken);
            units.add(new Unit(component, suffix, commandsOf(component), builds(component), own.size() < 2 ? null : filter(component, suffix)));
        }
    }

    /** Nobody reads a pipeline with hundreds of jobs, nor does any platform run one: the root runs the scripts of all members in their order. */
    private boolean isLarge(String root, String ecosystem) {
        List<Component> members = membersOf.getOrDefault(root + " " + ecosystem, List.of());
        return members.size() > MAX_MEMBERS && RECURSIVE.containsKey(members.get(0).workspace().kind());
    }

    /** All proven commands but the installation; of a workspace's root without those that only call its members' own. */
    private Map<CommandKind, List<Command>> commandsOf(Component component) {
        Map<CommandKind, List<Command>> commands = new LinkedHashMap<>();
        for (CommandKind kind : CommandKind.values()) {
            boolean isLarge = isLarge(component.path(), component.ecosystem());
            List<Command> proven = component.proven(kind).stream().filter(c -> isLarge || !(c.fansOut() && membersHave(component, kind))).toList();
            if (isLarge && proven.isEmpty()) {
                proven = recursive(component, kind);
            }
            if (kind != CommandKind.INSTALL && !proven.isEmpty()) {
                commands.put(kind, proven);
            }
        }
        return commands;
    }

    /** The manager's own way to run a script in every member that has it, dependencies first. */
    private List<Command> recursive(Component root, CommandKind kind) {
        List<Component> members = membersOf.get(root.path() + " " + root.ecosystem());
        Optional<Command> first = members.stream().flatMap(m -> m.proven(kind).stream()).filter(c -> c.run().matches("(npm|pnpm|bun) (run )?[\\w:-]+")).findFirst();
        return first.map(c -> new Command(RECURSIVE.get(members.get(0).workspace().kind()).formatted(c.run().replaceFirst("^\\w+ (run )?", "")), c.evidence(), c.confidence()))
                .map(List::of).orElse(List.of());
    }

    private boolean membersHave(Component root, CommandKind kind) {
        return membersOf.getOrDefault(root.path() + " " + root.ecosystem(), List.of()).stream().anyMatch(m -> !m.proven(kind).isEmpty());
    }

    /** What it needs of its own workspace, deepest first: only where a build step of theirs makes what it imports. */
    private List<Component> builds(Component component) {
        if (!component.isWorkspaceMember() || !BUILT_FIRST.contains(component.workspace().kind())) {
            return List.of();
        }
        return needed(component).stream()
                .filter(c -> c.isWorkspaceMember() && c.ecosystem().equals(component.ecosystem()) && !c.proven(CommandKind.BUILD).isEmpty()).toList();
    }

    /** All that it depends on, directly or not, deepest first; itself not. Cycles are cut. */
    private List<Component> needed(Component start) {
        List<Component> order = new ArrayList<>();
        Set<Component> seen = new HashSet<>(Set.of(start));
        Deque<Component> path = new ArrayDeque<>(List.of(start));
        Deque<Iterator<Component>> open = new ArrayDeque<>(List.of(direct(start).iterator()));
        while (!open.isEmpty()) {
            if (open.peek().hasNext()) {
                Component next = open.peek().next();
                if (seen.add(next)) {
                    path.push(next);
                    open.push(direct(next).iterator());
                }
            } else {
                open.pop();
                Component done = path.pop();
                if (done != start) {
                    order.add(done);
                }
            }
        }
        return order;
    }

    private List<Component> direct(Component component) {
        return component.dependsOn().stream().flatMap(p -> byPath.getOrDefault(p, List.of()).stream()).toList();
    }

    private static String suffix(Component component, boolean shared, Set<String> taken) {
        String base = component.path().equals(".") ? component.ecosystem() : component.path() + (shared ? "-" + component.ecosystem() : "");
        return unique(slug(base), taken);
    }

    /** The name, with a number where it is taken: different paths may have one slug. */
    static String unique(String name, Set<String> taken) {
        String unique = name;
        for (int n = 2; !taken.add(unique); n++) {
            unique = name + "-" + n;
        }
        return unique;
    }

    /** Lower-case letters, digits and single dashes. */
    static String slug(String text) {
        String slug = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        return slug.isEmpty() ? "unit" : slug.length() > 60 ? slug.substring(0, 60) : slug;
    }

    /** Its own folder, what it depends on, and what its workspace shares; none for a unit that is the whole project. */
    private Job.ChangeFilter filter(Component component, String suffix) {
        if (component.path().equals(".")) {
            return null;
        }
        Set<String> paths = new TreeSet<>(Set.of(component.path()));
        needed(component).stream().map(Component::path).filter(p -> !p.equals(".")).forEach(paths::add);
        if (component.workspace() != null) {
            paths.addAll(shared.getOrDefault(component.workspace().root(), List.of()));
            byPath.getOrDefault(component.workspace().root(), List.of()).stream().filter(c -> c.ecosystem().equals(component.ecosystem()) && c.packageManager() != null)
                    .forEach(c -> paths.addAll(c.packageManager().lockFiles()));
        }
        List<String> outermost = paths.stream().filter(p -> VersionFiles.upwards(p).stream().skip(1).noneMatch(paths::contains)).toList();
        return outermost.size() > MAX_PATHS ? null : new Job.ChangeFilter(suffix.replace('-', '_'), outermost);
    }
}

/**
 * Which version of its runtime a component runs on, and on which others it is tested.
 *
 * @param version exact, or a line; empty where the runtime has no versions of its own here
 * @param versionFile the project's file that pins it, or empty
 * @param matrix null where one version is all there is to test
 */
record RuntimeChoice(String runtime, String version, String versionFile, Job.Matrix matrix, List<Finding> findings) {
    private static final Pattern MINIMUM = Pattern.compile(">=\\s*(\\d+\\.\\d+(?:\\.\\d+)?)");


    /** A pin is kept, whatever its age. Without one: what the declared range allows of the lines that are still supported. */
    static RuntimeChoice of(Component component, Versions versions) {
        Runtime runtime = component.runtime();
        String name = runtime == null ? usualRuntime(component.ecosystem()) : runtime.name();
        RuntimeVersions known = versions.runtime(name).orElse(null);
        List<Finding> findings = new ArrayList<>();
        if (runtime != null && runtime.isPinned()) {
            if (known != null && known.hasEnded(runtime.version())) {
                findings.add(Finding.warning("end-of-life-runtime", name + " " + runtime.version() + " gets no security fixes any more",
                        "move to " + name + " " + known.defaultLine(), runtime.evidence()));
            }
            return new RuntimeChoice(name, runtime.version(), runtime.versionFile(), null, findings);
        }
        if (known == null) {
            return new RuntimeChoice(name, "", runtime == null ? "" : runtime.versionFile(), null, findings);
        }
        List<String> lines = allowed(component, known);
        if (lines.isEmpty()) {
            String nearest = newestAllowed(component, known);
            findings.add(Finding.warning("end-of-life-runtime", "no supported " + name + " fits the declared range " + runtime.range()
                    + (nearest.isEmpty() ? "" : "; " + nearest + " is used"), "widen the range", runtime.evidence()));
            return new RuntimeChoice(name, nearest.isEmpty() ? known.defaultLine() : nearest, "", null, findings);
        }
        String least = known.lines().size() == 1 && runtime != null ? leastOf(runtime.range()) : "";
        if (!least.isEmpty() && !known.lines().get(0).contains(least)) {
            // Only the newest is maintained, but the project promises an older one: that promise is tested too.
            List<String> both = List.of(least, lines.get(0));
            return new RuntimeChoice(name, lines.get(0), "", new Job.Matrix(name, both, both), findings);
        }
        boolean ranged = runtime != null && !runtime.range().isEmpty() || !component.supported().isEmpty();
        String main = lines.contains(known.defaultLine()) ? known.defaultLine() : lines.get(lines.size() - 1);
        if (!ranged || lines.size() == 1) {
            return new RuntimeChoice(name, main, "", null, findings);
        }
        Set<String> ends = new LinkedHashSet<>(List.of(lines.get(0), lines.get(lines.size() - 1)));
        return new RuntimeChoice(name, main, "", new Job.Matrix(name, List.copyOf(ends), lines), findings);
    }

    /** The version of a range that is nothing but a minimum. */
    private static String leastOf(String range) {
        Matcher minimum = MINIMUM.matcher(range.strip());
        return minimum.matches() ? minimum.group(1) : "";
    }

    private static List<String> allowed(Component component, RuntimeVersions known) {
        Runtime runtime = component.runtime();
        VersionRange range = VersionRange.parse(known.name(), runtime == null ? "" : runtime.range());
        List<String> lines = known.supported().stream().map(Line::name).filter(range::allows).toList();
        List<String> tested = lines.stream().filter(component.supported()::contains).toList();
        return tested.isEmpty() ? lines : tested;
    }

    private static String newestAllowed(Component component, RuntimeVersions known) {
        VersionRange range = VersionRange.parse(known.name(), component.runtime() == null ? "" : component.runtime().range());
        return known.lines().stream().map(Line::name).filter(range::allows).reduce("", (a, b) -> b);
    }

    /** The runtime of an ecosystem whose project says nothing of it. */
    private static String usualRuntime(String ecosystem) {
        return switch (ecosystem) {
            case "kotlin", "scala", "clojure" -> "java";
            case "haskell" -> "ghc";
            default -> ecosystem;
        };
    }
}
