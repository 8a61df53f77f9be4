package lib.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import lib.scan.Command;
import lib.scan.CommandKind;
import lib.scan.Component;
import lib.scan.PackageManager;
import lib.scan.Project;

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

    private final List<Component> components;
    private final List<Unit> units = new ArrayList<>();

    private Units(List<Component> components) {
        this.components = components;
    }

    static List<Unit> of(List<Component> components) {
        Units units = new Units(components);
        units.collect();
        return units.units;
    }

    private void collect() {
        List<Component> own = new ArrayList<>();
        for (Component component : components) {
            boolean isSecondTool = own.stream().anyMatch(o -> o.path().equals(component.path()) && o.ecosystem().equals(component.ecosystem()));
            if (!isSecondTool && !commandsOf(component).isEmpty()) {
                own.add(component);
            }
        }
        Set<String> taken = new LinkedHashSet<>();
        for (Component component : own) {
            String suffix = own.size() == 1 ? "" : suffix(component, own, taken);
            List<Component> builds = builds(component);
            units.add(new Unit(component, suffix, commandsOf(component), builds, filter(component, suffix, own)));
        }
    }

    /** All proven commands but the installation; of a workspace's root without those that only call its members' own. */
    private Map<CommandKind, List<Command>> commandsOf(Component component) {
        Map<CommandKind, List<Command>> commands = new LinkedHashMap<>();
        for (CommandKind kind : CommandKind.values()) {
            List<Command> proven = component.proven(kind).stream().filter(c -> !(c.fansOut() && membersHave(component, kind))).toList();
            if (kind != CommandKind.INSTALL && !proven.isEmpty()) {
                commands.put(kind, proven);
            }
        }
        return commands;
    }

    private boolean membersHave(Component root, CommandKind kind) {
        return members(root).stream().anyMatch(m -> !m.proven(kind).isEmpty());
    }

    private List<Component> members(Component root) {
        return root.workspace() == null ? List.of() : components.stream()
                .filter(c -> c.isWorkspaceMember() && c.workspace().root().equals(root.path()) && c.ecosystem().equals(root.ecosystem())).toList();
    }

    /** What it needs of its own workspace, deepest first: only where a build step of theirs makes what it imports. */
    private List<Component> builds(Component component) {
        List<Component> order = new ArrayList<>();
        if (component.isWorkspaceMember() && BUILT_FIRST.contains(component.workspace().kind())) {
            addBuilds(component, order, new LinkedHashSet<>(Set.of(component.path())));
        }
        return order;
    }

    private void addBuilds(Component component, List<Component> order, Set<String> seen) {
        for (Component needed : components) {
            boolean isSibling = needed.isWorkspaceMember() && needed.ecosystem().equals(component.ecosystem());
            if (isSibling && component.dependsOn().contains(needed.path()) && seen.add(needed.path())) {
                addBuilds(needed, order, seen);
                if (!needed.proven(CommandKind.BUILD).isEmpty()) {
                    order.add(needed);
                }
            }
        }
    }

    private static String suffix(Component component, List<Component> own, Set<String> taken) {
        boolean shared = own.stream().filter(o -> o.path().equals(component.path())).count() > 1;
        String base = component.path().equals(".") ? component.ecosystem() : component.path() + (shared ? "-" + component.ecosystem() : "");
        String slug = slug(base);
        String unique = slug;
        for (int n = 2; !taken.add(unique); n++) {
            unique = slug + "-" + n;
        }
        return unique;
    }

    /** Lower-case letters, digits and single dashes. */
    static String slug(String text) {
        String slug = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        return slug.isEmpty() ? "unit" : slug.length() > 60 ? slug.substring(0, 60) : slug;
    }

    /** Its own folder, what it depends on, and what its workspace shares; none for a unit that is the whole project. */
    private Job.ChangeFilter filter(Component component, String suffix, List<Component> own) {
        if (component.path().equals(".") || own.size() < 2) {
            return null;
        }
        Set<String> paths = new TreeSet<>();
        addPaths(component, paths);
        if (component.workspace() != null) {
            String root = component.workspace().root();
            components.stream().filter(c -> c.path().equals(root) && c.ecosystem().equals(component.ecosystem()))
                    .forEach(c -> shared(c, paths));
        }
        paths.removeIf(p -> paths.stream().anyMatch(other -> !other.equals(p) && Project.isInside(p, other)));
        return new Job.ChangeFilter(suffix.replace('-', '_'), List.copyOf(paths));
    }

    private void addPaths(Component component, Set<String> paths) {
        if (!paths.add(component.path())) {
            return;
        }
        components.stream().filter(c -> component.dependsOn().contains(c.path()) && !c.path().equals(".")).forEach(c -> addPaths(c, paths));
    }

    /** Lock file and manifest of the workspace's root concern every member. */
    private static void shared(Component root, Set<String> paths) {
        PackageManager manager = root.packageManager();
        if (manager != null) {
            paths.addAll(manager.lockFiles());
            if (!manager.evidence().file().isEmpty()) {
                paths.add(manager.evidence().file());
            }
        }
    }
}
