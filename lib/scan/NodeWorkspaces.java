package lib.scan;

//DEPS org.semver4j:semver4j:6.0.0

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.PatternSyntaxException;
import org.semver4j.Semver;

/**
 * The workspaces of a project: npm, yarn, pnpm, bun, Lerna, Nx. Knows which folders are members and who needs whom; knows
 * nothing of commands.
 */
final class NodeWorkspaces {
    /** Fixtures are packages for tests to read; what lies below folders of examples is for readers, not built with the project. */
    private static final Set<String> FIXTURES = Set.of("fixtures", "__fixtures__", "fixture", "testdata", "test-data", "snapshots", "node_modules");
    private static final Set<String> FOR_READERS = Set.of("examples", "example", "samples", "sample", "demos", "playground", "playgrounds", "templates",
            "sandbox", "sandboxes", "starters", "benchmarks");

    /**
     * One workspace.
     *
     * @param members folders of its members, without the root
     * @param orchestrator {@code turbo}, {@code nx}, {@code lerna} or empty
     * @param named its members by the names of their packages
     */
    record Group(String root, String orchestrator, Set<String> members, Map<String, NodePackage> named) {}

    private final Map<String, Group> byRoot = new TreeMap<>();
    private final Map<String, Group> byMember = new TreeMap<>();

    private NodeWorkspaces() {}

    /** @param packages by folder: all that there are, also those in folders of tests and examples */
    static NodeWorkspaces of(Project project, Map<String, NodePackage> packages) {
        NodeWorkspaces workspaces = new NodeWorkspaces();
        List<String> roots = new ArrayList<>(packages.keySet());
        // Deepest first, so that a member of a nested workspace belongs to that one.
        roots.sort(Comparator.comparingInt((String f) -> -f.length()).thenComparing(Comparator.naturalOrder()));
        for (String root : roots) {
            if (Project.isAside(root)) {
                continue;
            }
            Set<String> members = select(project, root, patterns(project, packages.get(root)), packages.keySet());
            members.removeAll(workspaces.byMember.keySet());
            if (project.exists(Project.join(root, "nx.json"))) {
                project.under(root).stream().filter(f -> Project.nameOf(f).equals("project.json")).map(Project::folderOf)
                        .filter(f -> !f.equals(root) && !packages.containsKey(f) && !isFixture(f)).forEach(members::add);
            }
            members = ownOnes(root, members);
            if (members.isEmpty()) {
                continue;
            }
            Map<String, NodePackage> named = new HashMap<>();
            members.stream().map(packages::get).filter(p -> p != null && !p.name().isEmpty()).forEach(p -> named.put(p.name(), p));
            Group group = new Group(root, orchestrator(project, packages.get(root)), members, named);
            workspaces.byRoot.put(root, group);
            members.forEach(m -> workspaces.byMember.put(m, group));
        }
        return workspaces;
    }

    Optional<Group> rootedAt(String folder) {
        return Optional.ofNullable(byRoot.get(folder));
    }

    /** The workspace that the folder is a member of. */
    Optional<Group> around(String folder) {
        return Optional.ofNullable(byMember.get(folder));
    }

    /** Folders of the members that the package needs, by name and a version that resolves inside the workspace. */
    static List<String> needs(NodePackage of, Group group) {
        return of.dependencies().entrySet().stream().filter(d -> group.named().containsKey(d.getKey()))
                .filter(d -> resolvesTo(d.getValue(), group.named().get(d.getKey()).manifest().text("version")))
                .map(d -> group.named().get(d.getKey()).folder()).filter(f -> !f.equals(of.folder())).sorted().toList();
    }

    private static boolean resolvesTo(String wanted, String version) {
        if (wanted.startsWith("workspace:") || wanted.startsWith("file:") || wanted.startsWith("link:") || wanted.startsWith("portal:")
                || wanted.isEmpty() || wanted.equals("*") || wanted.equals("latest") || version.isEmpty()) {
            return true;
        }
        try {
            Semver parsed = Semver.parse(version);
            return parsed == null || parsed.satisfies(wanted);
        } catch (RuntimeException e) {
            // npm:other@1, git+https://…: not a range, and so not the member.
            return false;
        }
    }

    private static List<String> patterns(Project project, NodePackage root) {
        String pnpm = Project.join(root.folder(), "pnpm-workspace.yaml");
        if (project.exists(pnpm)) {
            // pnpm does not read the field in package.json.
            return project.yaml(pnpm).map(d -> d.texts("packages")).orElse(List.of());
        }
        List<String> patterns = new ArrayList<>(root.manifest().texts("workspaces"));
        patterns.addAll(root.manifest().texts("workspaces", "packages"));
        String lerna = Project.join(root.folder(), "lerna.json");
        if (patterns.isEmpty() && project.exists(lerna)) {
            project.json(lerna).ifPresent(d -> patterns.addAll(d.texts("packages")));
        }
        return patterns;
    }

    private static String orchestrator(Project project, NodePackage root) {
        if (project.first(root.folder(), "turbo.json", "turbo.jsonc").isPresent()) {
            return "turbo";
        }
        if (project.exists(Project.join(root.folder(), "nx.json")) && root.has("nx")) {
            return "nx";
        }
        return project.exists(Project.join(root.folder(), "lerna.json")) && root.has("lerna") ? "lerna" : "";
    }

    /** A pattern of a workspace; with {@code not} it takes members away. */
    private record Pattern(boolean not, List<PathMatcher> forms) {
        boolean matches(Path path) {
            return forms.stream().anyMatch(f -> f.matches(path));
        }
    }

    /** The folders below the root that the patterns of a workspace mean. */
    static Set<String> select(Project project, String root, List<String> patterns, Set<String> folders) {
        List<Pattern> compiled = new ArrayList<>();
        patterns.forEach(p -> compile(project, root, p).ifPresent(compiled::add));
        Set<String> selected = new TreeSet<>();
        folders.stream().filter(f -> !compiled.isEmpty() && !f.equals(root) && Project.isInside(f, root) && matches(root, f, compiled)).forEach(selected::add);
        return selected;
    }

    private static boolean matches(String root, String folder, List<Pattern> patterns) {
        Path path = Path.of(root.equals(".") ? folder : folder.substring(root.length() + 1));
        // As the tools have it, an exclusion holds wherever it stands.
        return !isFixture(folder) && patterns.stream().anyMatch(p -> !p.not && p.matches(path)) && patterns.stream().noneMatch(p -> p.not && p.matches(path));
    }

    /** {@code packages/**} means the folder itself too, and {@code **}{@code /x} also no folder before it. */
    private static Optional<Pattern> compile(Project project, String root, String pattern) {
        boolean not = pattern.startsWith("!");
        String clean = pattern.substring(not ? 1 : 0).replace('\\', '/').replaceAll("^(\\./)+", "").replaceAll("(/package\\.json)?/*$", "");
        Set<String> forms = new TreeSet<>(List.of(clean, clean.replace("/**/", "/")));
        if (clean.endsWith("/**")) {
            forms.add(clean.substring(0, clean.length() - 3));
        }
        if (clean.startsWith("**/")) {
            forms.add(clean.substring(3));
        }
        try {
            return Optional.of(new Pattern(not, forms.stream().map(f -> FileSystems.getDefault().getPathMatcher("glob:" + f)).toList()));
        } catch (PatternSyntaxException e) {
            project.report(Finding.warning("workspace-pattern", "the workspace pattern " + pattern + " cannot be read: " + e.getDescription(),
                    "fix the pattern", Evidence.of(Project.join(root, "package.json"), "workspaces")));
            return Optional.empty();
        }
    }

    /** A member that shows or measures the others, or tries them from outside: none of the packages that the project is about. */
    static boolean isForReaders(String folder) {
        return List.of(folder.split("/")).stream().anyMatch(p -> FOR_READERS.contains(p) || p.equals("e2e"));
    }

    private static boolean isFixture(String folder) {
        return List.of(folder.split("/")).stream().anyMatch(FIXTURES::contains);
    }

    /** Leaves out what is for readers, unless the workspace holds nothing else. */
    private static Set<String> ownOnes(String root, Set<String> members) {
        Set<String> own = new TreeSet<>();
        for (String member : members) {
            String[] parts = (root.equals(".") ? member : member.substring(root.length() + 1)).split("/");
            boolean below = false;
            for (int i = 0; i < parts.length - 1; i++) {
                below |= FOR_READERS.contains(parts[i]);
            }
            if (!below) {
                own.add(member);
            }
        }
        return own.isEmpty() ? members : own;
    }
}
