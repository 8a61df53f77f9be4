package lib.scan;

//DEPS org.eclipse.jgit:org.eclipse.jgit:7.8.1.202611041320-r
//DEPS org.slf4j:slf4j-nop:2.0.20

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import lib.scan.Command.Shell;
import lib.scan.Finding.Evidence;
import org.eclipse.jgit.ignore.IgnoreNode;

/**
 * The paths of a folder's files, from one walk, by folder, name and ending. Knows what git ignores; reads nothing but {@code .gitignore}.
 *
 * <p>Made for hundreds of thousands of files: one look at the disk for each of them, and no question is answered by going through all.
 * Paths are relative to the root, with forward slashes; the root is {@code .}.
 */
final class FileTree {
    static final Comparator<String> SHALLOW_FIRST =
            Comparator.<String>comparingInt(FileTree::depth).thenComparing(Comparator.naturalOrder());

    private final String[] paths;
    private final Map<String, List<String>> namesByFolder = new HashMap<>();
    private final Map<String, String[]> byExtension = new HashMap<>();
    private final Map<String, List<String>> byName = new HashMap<>();
    private final Set<String> folders;

    private FileTree(String[] paths, Map<String, List<String>> names) {
        this.paths = paths;
        namesByFolder.putAll(names);
        Map<String, List<String>> extensions = new HashMap<>();
        for (String path : paths) {
            extensions.computeIfAbsent(extension(path), e -> new ArrayList<>()).add(path);
        }
        extensions.forEach((extension, list) -> byExtension.put(extension, list.toArray(String[]::new)));
        for (String folder : names.keySet()) {
            for (String parent = folder; !parent.equals(".") && namesByFolder.putIfAbsent(Project.folderOf(parent), List.of()) == null; ) {
                parent = Project.folderOf(parent);
            }
        }
        folders = Collections.unmodifiableSet(new TreeSet<>(namesByFolder.keySet()));
    }

    /**
     * Walks the folder. Links are not followed into folders.
     *
     * @param never names of folders that are not entered
     * @param onlyInside leave out links that lead out of the folder or to folders
     * @throws IOException if the folder itself can't be listed
     */
    static FileTree walk(Path root, Set<String> never, boolean onlyInside, Consumer<Finding> findings) throws IOException {
        Files.newDirectoryStream(root).close();
        Walk walk = new Walk(root, never, onlyInside);
        List<String> paths = walk.enter(root, "", null);
        walk.findings().forEach(findings);
        return new FileTree(paths.toArray(String[]::new), walk.names);
    }

    // --- questions ---

    boolean exists(String file) {
        List<String> names = namesByFolder.get(Project.folderOf(file));
        return names != null && Collections.binarySearch(names, Project.nameOf(file)) >= 0;
    }

    boolean isFolder(String folder) {
        return namesByFolder.containsKey(folder);
    }

    /** Folders that hold at least one file, directly or below, in the order of their paths. */
    Set<String> folders() {
        return folders;
    }

    /** Names of the files directly in the folder. */
    List<String> in(String folder) {
        return namesByFolder.getOrDefault(folder, List.of());
    }

    /** The files in and below the folder, in the order of their paths. */
    Set<String> under(String folder) {
        return range(paths, folder);
    }

    /** All files of exactly this name, shallowest first. */
    List<String> named(String name) {
        return byName.computeIfAbsent(name, n -> {
            List<String> found = new ArrayList<>();
            for (String path : byExtension.getOrDefault(extension(n), new String[0])) {
                if (path.endsWith(n) && (path.length() == n.length() || path.charAt(path.length() - n.length() - 1) == '/')) {
                    found.add(path);
                }
            }
            found.sort(SHALLOW_FIRST);
            return Collections.unmodifiableList(found);
        });
    }

    /** The files in and below the folder whose path ends so, in the order of their paths. */
    List<String> ending(String folder, String suffix) {
        boolean isIndexed = suffix.lastIndexOf('.') > suffix.lastIndexOf('/');
        Set<String> candidates = range(isIndexed ? byExtension.getOrDefault(extension(suffix), new String[0]) : paths, folder);
        List<String> found = new ArrayList<>();
        for (String path : candidates) {
            if (path.endsWith(suffix)) {
                found.add(path);
            }
        }
        return found;
    }

    // --- parts ---

    private static int depth(String path) {
        int depth = 0;
        for (int at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
            depth++;
        }
        return depth;
    }

    private static String extension(String path) {
        int dot = path.lastIndexOf('.');
        return dot > path.lastIndexOf('/') ? path.substring(dot + 1) : "";
    }

    private static Set<String> range(String[] sorted, String folder) {
        // '0' is the character after '/'.
        return folder.equals(".") ? new Range(sorted, 0, sorted.length) : new Range(sorted, position(sorted, folder + "/"), position(sorted, folder + "0"));
    }

    private static int position(String[] sorted, String path) {
        int at = Arrays.binarySearch(sorted, path);
        return at < 0 ? -at - 1 : at;
    }

    /** Some of the paths that lie beside each other. */
    private static final class Range extends AbstractSet<String> {
        private final String[] sorted;
        private final int from;
        private final int to;

        Range(String[] sorted, int from, int to) {
            this.sorted = sorted;
            this.from = from;
            this.to = to;
        }

        @Override
        public int size() {
            return to - from;
        }

        @Override
        public boolean contains(Object path) {
            return path instanceof String && Arrays.binarySearch(sorted, from, to, path) >= 0;
        }

        @Override
        public Iterator<String> iterator() {
            return Collections.unmodifiableList(Arrays.asList(sorted).subList(from, to)).iterator();
        }

        @Override
        public Spliterator<String> spliterator() {
            return Arrays.spliterator(sorted, from, to);
        }
    }

    // --- the walk ---

    /** What the .gitignore of a folder says of what lies below it. @param start of the path from that folder, in one from the root */
    private record Rules(IgnoreNode node, int start, Rules above) {

        /** The nearest .gitignore that has a word on the path decides, as in git. */
        static boolean ignore(Rules nearest, String path, boolean isFolder) {
            for (Rules rules = nearest; rules != null; rules = rules.above) {
                Boolean ignored = rules.node.checkIgnored(path.substring(rules.start), isFolder);
                if (ignored != null) {
                    return ignored;
                }
            }
            return false;
        }
    }

    /** @param key what it is sorted by: then the paths that a walk finds one after the other are in order */
    private record Entry(String key, Path path, BasicFileAttributes attributes) {
        @Override
        public int hashCode() {
            return key.hashCode();
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        boolean isFolder() {
            return attributes.isDirectory();
        }
    }

    private static final class Walk {
        /** Of fewer folders side by side it is not worth to bring in other threads. */
        private static final int MANY = 8;
        private final Path root;
        private final Set<String> never;
        private final boolean onlyInside;
        private final List<Finding> findings = Collections.synchronizedList(new ArrayList<>());
        private final Set<String> unreadable = Collections.synchronizedSet(new TreeSet<>());
        private final Set<String> unprintable = Collections.synchronizedSet(new TreeSet<>());
        final Map<String, List<String>> names = new ConcurrentHashMap<>();

        Walk(Path root, Set<String> never, boolean onlyInside) {
            this.root = root;
            this.never = never;
            this.onlyInside = onlyInside;
        }

        /** @param prefix of the paths below it: empty, or the folder's path with a slash; @return the files' paths in order */
        List<String> enter(Path folder, String prefix, Rules above) {
            List<Entry> entries = list(folder, prefix);
            Rules rules = rules(entries, prefix, above);
            entries.removeIf(e -> !isKept(e, prefix, rules));
            Map<Entry, List<String>> below = below(entries, prefix, rules);
            List<String> own = new ArrayList<>();
            List<String> paths = new ArrayList<>();
            for (Entry entry : entries) {
                if (entry.isFolder()) {
                    paths.addAll(below.get(entry));
                } else {
                    own.add(entry.key);
                    paths.add(prefix + entry.key);
                }
            }
            if (!own.isEmpty()) {
                names.put(prefix.isEmpty() ? "." : prefix.substring(0, prefix.length() - 1), Collections.unmodifiableList(own));
            }
            return paths;
        }

        private Map<Entry, List<String>> below(List<Entry> entries, String prefix, Rules rules) {
            List<Entry> folders = entries.stream().filter(Entry::isFolder).toList();
            if (folders.size() >= MANY) {
                return folders.parallelStream().collect(Collectors.toConcurrentMap(Function.identity(), f -> enter(f.path, prefix + f.key, rules)));
            }
            Map<Entry, List<String>> below = new HashMap<>();
            // No stream here: folders may lie in each other by the thousand, and the stack is finite.
            for (Entry folder : folders) {
                below.put(folder, enter(folder.path, prefix + folder.key, rules));
            }
            return below;
        }

        private boolean isKept(Entry entry, String prefix, Rules rules) {
            String path = prefix + entry.key;
            if (entry.isFolder()) {
                String name = entry.key.substring(0, entry.key.length() - 1);
                return !never.contains(name) && !Rules.ignore(rules, path.substring(0, path.length() - 1), true) && isReadable(name, prefix);
            }
            boolean isFile = entry.attributes.isRegularFile() || entry.attributes.isSymbolicLink() && (!onlyInside || leadsToFileInside(entry.path));
            return isFile && !Rules.ignore(rules, path, false) && isReadable(entry.key, prefix);
        }

        private List<Entry> list(Path folder, String prefix) {
            List<Entry> entries = new ArrayList<>();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
                for (Path path : stream) {
                    String name = path.getFileName().toString();
                    try {
                        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                        entries.add(new Entry(attributes.isDirectory() ? name + "/" : name, path, attributes));
                    } catch (IOException e) {
                        report(prefix + name);
                    }
                }
            } catch (IOException | DirectoryIteratorException e) {
                report(prefix.isEmpty() ? "." : prefix.substring(0, prefix.length() - 1));
            }
            entries.sort(Comparator.comparing(Entry::key));
            return entries;
        }

        private static Rules rules(List<Entry> entries, String prefix, Rules above) {
            for (Entry entry : entries) {
                if (entry.key.equals(".gitignore") && entry.attributes.isRegularFile()) {
                    IgnoreNode node = new IgnoreNode();
                    try (InputStream in = Files.newInputStream(entry.path)) {
                        node.parse(in);
                        return new Rules(node, prefix.length(), above);
                    } catch (IOException e) {
                        return above;   // An unreadable .gitignore ignores nothing.
                    }
                }
            }
            return above;
        }

        /** A name that is not of this process's character set can't be turned back into a path; with a line break in it no tool works well. */
        private boolean isReadable(String name, String prefix) {
            if (name.indexOf('\uFFFD') >= 0) {
                unreadable.add(prefix + name);
                return false;
            }
            if (!Shell.isPrintable(name)) {
                unprintable.add(prefix + name);
                return false;
            }
            return true;
        }

        private boolean leadsToFileInside(Path link) {
            try {
                Path real = link.toRealPath();
                return real.startsWith(root) && Files.isRegularFile(real);
            } catch (IOException e) {
                return false;
            }
        }

        private void report(String path) {
            findings.add(Finding.warning("unreadable-folder", path + " cannot be read", "check its permissions", Evidence.of(path, "walk")));
        }

        /** What could not be read, in the order of its paths. */
        List<Finding> findings() {
            List<Finding> all = new ArrayList<>(findings);
            all.sort(Comparator.comparing(Finding::message));
            if (!unreadable.isEmpty()) {
                // Without a locale that set is ASCII, and the project may be fine. Said once, since there are none or many.
                boolean isLocale = !"UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding", "UTF-8"));
                String first = unreadable.iterator().next();
                all.add(Finding.warning("unreadable-name", first + " and whatever else has a name that is no " + (isLocale ? "ASCII" : "UTF-8") + " is left out",
                        isLocale ? "run this again with LC_ALL=C.UTF-8" : "rename it", Evidence.of(first, "walk")));
            }
            if (!unprintable.isEmpty()) {
                String first = unprintable.iterator().next();
                String shown = first.codePoints().mapToObj(c -> Shell.isPrintable(Character.toString(c)) ? Character.toString(c) : "?").collect(Collectors.joining());
                all.add(Finding.warning("unprintable-name", shown + " and whatever else has a line break or another control character in its name is left out", "rename it",
                        Evidence.of(shown, "walk")));
            }
            return all;
        }
    }
}
