package lib.scan;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.PatternSyntaxException;

/**
 * A root manifest of Cargo with the packages that its commands serve: a workspace, or one package alone.
 *
 * <p>Knows Cargo's rules of membership and inheritance; not which commands follow.
 *
 * @param root the folder of the root manifest
 * @param packages manifests of the packages by folder, the root's own first where it is one
 */
record CargoWorkspace(Project project, String root, Document manifest, Map<String, Document> packages) {
    private static final String FILE = "Cargo.toml";

    boolean isWorkspace() {
        return manifest.has("workspace");
    }

    /** A root without a package of its own. */
    boolean isVirtual() {
        return !manifest.has("package");
    }

    /** All roots of the project, shallowest first. */
    static List<CargoWorkspace> in(Project project) {
        Map<String, Document> manifests = new LinkedHashMap<>();
        // Manifests aside are read only when a workspace asks for them.
        project.named(FILE).forEach(f -> project.toml(f).ifPresent(d -> manifests.put(Project.folderOf(f), d)));
        List<CargoWorkspace> roots = new ArrayList<>();
        Set<String> taken = new LinkedHashSet<>();
        manifests.forEach((folder, manifest) -> {
            if (manifest.has("workspace") && !taken.contains(folder)) {
                CargoWorkspace workspace = new CargoWorkspace(project, folder, manifest, members(project, folder, manifest));
                taken.addAll(workspace.packages.keySet());
                roots.add(workspace);
            }
        });
        manifests.forEach((folder, manifest) -> {
            if (manifest.has("package") && !manifest.has("workspace") && !taken.contains(folder)) {
                roots.add(new CargoWorkspace(project, folder, manifest, Map.of(folder, manifest)));
            }
        });
        return roots;
    }

    private static Map<String, Document> members(Project project, String root, Document manifest) {
        Map<String, Document> members = new TreeMap<>();
        Deque<String> open = new ArrayDeque<>();
        if (manifest.has("package")) {
            open.add(root);
        }
        List<PathMatcher> excluded = globs(project, manifest, "exclude");
        for (String pattern : manifest.texts("workspace", "members")) {
            List<String> found = matching(project, root, pattern);
            if (found.isEmpty() && !pattern.contains("*")) {
                project.report(Finding.warning("missing-member", manifest.file() + " names the member " + pattern + ", which is not there",
                        "remove the member or add its Cargo.toml", manifest.evidence("cargo-workspace", "workspace", "members")));
            }
            open.addAll(found);
        }
        Map<String, Document> result = new LinkedHashMap<>();
        while (!open.isEmpty()) {
            String folder = open.poll();
            String relative = folder.equals(root) ? "" : root.equals(".") ? folder : folder.substring(root.length() + 1);
            boolean out = excluded.stream().anyMatch(m -> !relative.isEmpty() && m.matches(Path.of(relative)));
            Optional<Document> member = members.containsKey(folder) || out ? Optional.empty() : project.toml(Project.join(folder, FILE));
            if (member.isPresent() && member.get().has("package") && (folder.equals(root) || !member.get().has("workspace"))) {
                members.put(folder, member.get());
                // A path dependency below the root is a member too, named or not.
                localPaths(member.get(), folder).values().stream().filter(p -> Project.isInside(p, root)).forEach(open::add);
            }
        }
        if (members.containsKey(root)) {
            result.put(root, members.get(root));
        }
        result.putAll(members);
        return result;
    }

    private static List<String> matching(Project project, String root, String pattern) {
        if (!pattern.contains("*") && !pattern.contains("?") && !pattern.contains("[")) {
            return Project.resolve(root, pattern).filter(f -> project.exists(Project.join(f, FILE))).map(List::of).orElse(List.of());
        }
        Optional<PathMatcher> glob = glob(pattern);
        List<String> found = new ArrayList<>();
        for (String file : project.namedAnywhere(FILE)) {
            String folder = Project.folderOf(file);
            boolean below = Project.isInside(folder, root) && !folder.equals(root);
            if (below && glob.isPresent() && glob.get().matches(Path.of(root.equals(".") ? folder : folder.substring(root.length() + 1)))) {
                found.add(folder);
            }
        }
        return found;
    }

    private static List<PathMatcher> globs(Project project, Document manifest, String key) {
        List<PathMatcher> globs = new ArrayList<>();
        for (String pattern : manifest.texts("workspace", key)) {
            glob(pattern).ifPresent(globs::add);
            glob(pattern + "/**").ifPresent(globs::add);
        }
        return globs;
    }

    /** Empty for what is no glob, and for one whose stars would take all day on a long path. */
    private static Optional<PathMatcher> glob(String pattern) {
        if (pattern.length() > 200 || pattern.chars().filter(c -> c == '*').count() > 6) {
            return Optional.empty();
        }
        try {
            return Optional.of(FileSystems.getDefault().getPathMatcher("glob:" + pattern.replaceFirst("^\\./", "").replaceFirst("/+$", "")));
        } catch (PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    // --- dependencies ---

    /** Folders of path dependencies, by the name that the manifest gives them. */
    private static Map<String, String> localPaths(Document manifest, String folder) {
        Map<String, String> paths = new LinkedHashMap<>();
        for (List<String> table : tables(manifest)) {
            for (String name : manifest.keys(table.toArray(String[]::new))) {
                String path = manifest.text(at(table, name, "path"));
                Project.resolve(folder, path).filter(p -> !path.isEmpty()).ifPresent(p -> paths.put(name, p));
            }
        }
        return paths;
    }

    private static List<List<String>> tables(Document manifest) {
        List<List<String>> tables = new ArrayList<>();
        List<String> kinds = List.of("dependencies", "dev-dependencies", "build-dependencies");
        kinds.forEach(k -> tables.add(List.of(k)));
        manifest.keys("target").forEach(t -> kinds.forEach(k -> tables.add(List.of("target", t, k))));
        tables.add(List.of("workspace", "dependencies"));
        return tables;
    }

    private static String[] at(List<String> table, String... more) {
        List<String> path = new ArrayList<>(table);
        path.addAll(List.of(more));
        return path.toArray(String[]::new);
    }

    /** Names of the crates that a package asks for, with their places. */
    Map<String, Evidence> dependencies(Document member) {
        Map<String, Evidence> found = new LinkedHashMap<>();
        for (List<String> table : tables(member)) {
            if (table.get(0).equals("workspace")) {
                continue;
            }
            for (String name : member.keys(table.toArray(String[]::new))) {
                String renamed = member.text(at(table, name, "package"));
                found.putIfAbsent(renamed.isEmpty() ? name : renamed, member.evidence("cargo-dependency", at(table, name)));
            }
        }
        return found;
    }

    /** Folders of the packages of this workspace that a package is built from. Its tests alone may need its users: that would be a circle. */
    List<String> links(String folder, Document member) {
        Set<String> links = new LinkedHashSet<>();
        Map<String, String> local = localPaths(member, folder);
        Map<String, String> shared = localPaths(manifest, root);
        for (List<String> table : tables(member)) {
            if (table.contains("dev-dependencies")) {
                continue;
            }
            for (String name : member.keys(table.toArray(String[]::new))) {
                boolean inherited = member.at(at(table, name, "workspace")).asBoolean();
                Optional.ofNullable((inherited ? shared : local).get(name)).ifPresent(links::add);
            }
        }
        links.remove(folder);
        return links.stream().filter(packages::containsKey).sorted().toList();
    }

    /** A value of the package's table, inherited from the workspace where it says so. */
    String packageText(Document member, String key) {
        boolean inherited = member.at("package", key, "workspace").asBoolean();
        return inherited ? manifest.text("workspace", "package", key) : member.text("package", key);
    }

    // --- the lock file ---

    /** Names of the locked crates with what each needs itself; empty without a lock file. */
    Map<String, List<String>> locked() {
        Map<String, List<String>> crates = new HashMap<>();
        String name = "";
        boolean needs = false;
        for (String line : project.lines(Project.join(root, "Cargo.lock"))) {
            String text = line.strip();
            if (text.startsWith("name = \"")) {
                name = text.substring(8, Math.max(8, text.length() - 1));
                crates.putIfAbsent(name, new ArrayList<>());
            } else if (text.startsWith("dependencies = [")) {
                needs = true;
            } else if (text.equals("]")) {
                needs = false;
            } else if (needs && text.startsWith("\"") && crates.containsKey(name)) {
                crates.get(name).add(text.replaceAll("[\",]", "").split(" ")[0]);
            }
        }
        return crates;
    }
}
