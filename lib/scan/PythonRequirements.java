package lib.scan;

import java.util.ArrayList;
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

/** Reads requirement lines (PEP 508) and requirements files as pip does. Knows nothing of managers and commands. */
final class PythonRequirements {
    private static final Pattern NAME = Pattern.compile("^([A-Za-z0-9][A-Za-z0-9._-]*)\\s*(?:\\[([^\\]]*)\\])?");
    private static final Pattern EGG = Pattern.compile("[#&]egg=([A-Za-z0-9._-]+)");
    private static final Pattern FILE = Pattern.compile("(?i)(?:.+[-_.])?requirements(?:[-_.].+)?\\.(?:txt|in|lock)");
    private static final Pattern INCLUDE = Pattern.compile("^(?:-r|--requirement)[ =]?\\s*(\\S+)");
    private static final Pattern EDITABLE = Pattern.compile("^(?:-e|--editable)[ =]?\\s*(\\S+)|^(\\.{1,2}(?:/\\S*|\\[\\S*)?)$");

    /** @param direct false where a lock tool wrote it only because something else needs it */
    record Requirement(String name, Set<String> extras, boolean direct, Evidence evidence) {}

    /**
     * @param whole it installs the project itself or builds upon another file, so that it stands alone
     * @param local paths of folders of the project that it installs
     */
    record File(String path, Map<String, Requirement> requirements, boolean whole, boolean pinned, List<String> local) {}

    private PythonRequirements() {}

    /** As the index writes it (PEP 503). */
    static String normal(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_.]+", "-");
    }

    static Optional<Requirement> parse(String line, Evidence evidence) {
        Matcher name = NAME.matcher(line.strip());
        if (!name.find()) {
            return Optional.empty();
        }
        Set<String> extras = new LinkedHashSet<>();
        if (name.group(2) != null) {
            List.of(name.group(2).split(",")).forEach(e -> extras.add(normal(e.strip())));
        }
        return Optional.of(new Requirement(normal(name.group(1)), extras, true, evidence));
    }

    /** The requirements files of a folder, compiled ones before what they were compiled from. */
    static List<String> files(Project project, String folder) {
        Set<String> found = new TreeSet<>();
        for (String name : project.in(folder)) {
            if (FILE.matcher(name).matches()) {
                found.add(Project.join(folder, name));
            }
        }
        for (String below : List.of("requirements", "reqs", "tests", "test")) {
            String at = Project.join(folder, below);
            boolean all = below.startsWith("req");
            project.in(at).stream().filter(n -> all ? n.endsWith(".txt") || n.endsWith(".in") : n.equals("requirements.txt"))
                    .forEach(n -> found.add(Project.join(at, n)));
        }
        List<String> files = new ArrayList<>(found);
        files.removeIf(f -> f.endsWith(".in") && found.contains(f.substring(0, f.length() - 3) + ".txt"));
        files.removeIf(f -> Project.nameOf(f).contains("constraints"));
        return files;
    }

    static File read(Project project, String file) {
        Map<String, Requirement> all = new LinkedHashMap<>();
        List<String> local = new ArrayList<>();
        boolean[] whole = new boolean[1];
        collect(project, file, all, local, whole, new LinkedHashSet<>());
        boolean pinned = project.lines(file).stream().anyMatch(l -> l.contains("--hash="));
        return new File(file, all, whole[0], pinned, local);
    }

    private static void collect(Project project, String file, Map<String, Requirement> into, List<String> local, boolean[] whole, Set<String> seen) {
        if (!seen.add(file) || seen.size() > 50) {
            return;
        }
        String folder = Project.folderOf(file);
        List<String> lines = project.lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).replaceFirst("(^|\\s)#.*$", "").strip();
            Matcher include = INCLUDE.matcher(line);
            Matcher editable = EDITABLE.matcher(line);
            Evidence evidence = new Evidence(file, i + 1, "requirements");
            if (include.find()) {
                whole[0] = true;
                Project.resolve(folder, include.group(1)).ifPresent(f -> collect(project, f, into, local, whole, seen));
            } else if (editable.find() && EGG.matcher(line).results().findAny().isEmpty()) {
                whole[0] = true;
                String path = editable.group(1) == null ? editable.group(2) : editable.group(1);
                // pip resolves such a path against the folder that it runs in, the root of the component as a rule.
                Project.resolve(folder.endsWith("requirements") ? Project.folderOf(folder) : folder, path.replaceFirst("\\[.*$", ""))
                        .ifPresent(local::add);
            } else if (EGG.matcher(line).find()) {
                Matcher egg = EGG.matcher(line);
                egg.find();
                into.putIfAbsent(normal(egg.group(1)), new Requirement(normal(egg.group(1)), Set.of(), true, evidence));
            } else if (!line.startsWith("-")) {
                boolean direct = isDirect(lines, i);
                parse(line, evidence).ifPresent(r -> into.putIfAbsent(r.name(), new Requirement(r.name(), r.extras(), direct, evidence)));
            }
        }
    }

    /** pip-compile and uv write below each pin what asked for it; {@code -r base.in} or the manifest is the project itself. */
    private static boolean isDirect(List<String> lines, int at) {
        StringBuilder via = new StringBuilder();
        for (int i = at; i < lines.size() && (i == at || lines.get(i).strip().startsWith("#") || lines.get(i).strip().startsWith("--hash")); i++) {
            via.append(lines.get(i).strip()).append(' ');
        }
        int start = via.indexOf("# via");
        return start < 0 || via.substring(start).matches(".*(-r |\\.in\\b|\\(pyproject\\.toml|\\(setup\\.|:dev|:default).*");
    }

    /** The quoted texts of a list or tuple that a {@code setup.py} gives under the key; nothing in it is run. */
    static List<String> setupList(String source, String key) {
        Matcher start = Pattern.compile("\\b" + key + "[\"']?\\s*[=:]\\s*[\\[(]").matcher(source);
        return start.find() ? quoted(balanced(source, start.end() - 1)) : List.of();
    }

    /** The lists of a dict such as {@code extras_require}, by key. */
    static Map<String, List<String>> setupLists(String source, String key) {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        Matcher start = Pattern.compile("\\b" + key + "\\s*=\\s*\\{").matcher(source);
        if (start.find()) {
            String dict = balanced(source, start.end() - 1);
            Matcher entry = Pattern.compile("[\"']([\\w.:<>=' -]+?)[\"']\\s*:\\s*[\\[(]").matcher(dict);
            while (entry.find()) {
                lists.put(entry.group(1), quoted(balanced(dict, entry.end() - 1)));
            }
        }
        return lists;
    }

    static String setupText(String source, String key) {
        Matcher value = Pattern.compile("\\b" + key + "\\s*=\\s*[\"']([^\"'\\n]+)[\"']").matcher(source);
        return value.find() ? value.group(1).strip() : "";
    }

    private static String balanced(String source, int open) {
        int depth = 0;
        for (int i = open; i < source.length(); i++) {
            char c = source.charAt(i);
            depth += "[({".indexOf(c) >= 0 ? 1 : "])}".indexOf(c) >= 0 ? -1 : 0;
            if (depth == 0) {
                return source.substring(open, i);
            }
        }
        return "";
    }

    private static List<String> quoted(String source) {
        List<String> texts = new ArrayList<>();
        for (String line : source.lines().toList()) {
            Matcher text = Pattern.compile("\"([^\"]*)\"|'([^']*)'").matcher(line.replaceFirst("^\\s*#.*$", ""));
            while (text.find()) {
                texts.add(text.group(1) == null ? text.group(2) : text.group(1));
            }
        }
        return texts;
    }
}
