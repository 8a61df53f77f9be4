package lib.scan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The statements of a CMake project: its CMakeLists.txt and what that includes or adds from the project itself.
 *
 * <p>Knows the grammar of the files and the conditions around a statement; evaluates nothing.
 */
final class CMakeFiles {
    private static final int MAX_FILES = 300;
    private static final int MAX_GUARDS = 50;
    private static final Set<String> BROUGHT = Set.of("third_party", "third-party", "thirdparty", "3rdparty", "vendor", "external", "extern", "externals", "deps",
            "subprojects", "submodules", "_deps");

    /**
     * @param name in lower case
     * @param guards conditions of the {@code if}s around it; one that must not hold begins with {@code NOT}
     */
    record Statement(String name, List<String> arguments, List<String> guards, Evidence evidence) {
        String first() {
            return arguments.isEmpty() ? "" : arguments.get(0);
        }

        boolean has(String argument) {
            return arguments.contains(argument);
        }
    }

    private final List<Statement> statements = new ArrayList<>();

    private CMakeFiles() {}

    static CMakeFiles read(Project project, String folder) {
        CMakeFiles files = new CMakeFiles();
        Set<String> seen = new LinkedHashSet<>();
        Deque<Map.Entry<String, List<String>>> open = new ArrayDeque<>();
        open.add(Map.entry(Project.join(folder, "CMakeLists.txt"), List.of()));
        while (!open.isEmpty() && seen.size() < MAX_FILES) {
            Map.Entry<String, List<String>> next = open.poll();
            String file = next.getKey();
            if (!project.exists(file) || !seen.add(file)) {
                continue;
            }
            for (Statement statement : parse(project, file, next.getValue())) {
                files.statements.add(statement);
                files.follow(project, folder, file, statement).forEach(f -> open.add(Map.entry(f, statement.guards())));
            }
        }
        return files;
    }

    List<Statement> all(String... names) {
        Set<String> wanted = Set.of(names);
        return statements.stream().filter(s -> wanted.contains(s.name())).toList();
    }

    Optional<Statement> first(Predicate<Statement> test) {
        return statements.stream().filter(test).findFirst();
    }

    /** Files of the project itself that the statement brings in; what was brought from elsewhere is left out. */
    private List<String> follow(Project project, String root, String file, Statement statement) {
        String folder = Project.folderOf(file);
        String path = statement.first().replace("${CMAKE_CURRENT_SOURCE_DIR}/", "").replace("${CMAKE_CURRENT_LIST_DIR}/", "");
        String fromRoot = path.replace("${CMAKE_SOURCE_DIR}/", "").replace("${PROJECT_SOURCE_DIR}/", "");
        String base = fromRoot.equals(path) ? folder : root;
        if (fromRoot.isEmpty() || fromRoot.contains("$") || fromRoot.indexOf('\0') >= 0) {
            return List.of();
        }
        Optional<String> target = Optional.empty();
        if (statement.name().equals("add_subdirectory") || statement.name().equals("subdirs")) {
            target = Project.resolve(base, fromRoot).map(f -> Project.join(f, "CMakeLists.txt"));
        } else if (statement.name().equals("include")) {
            target = Project.resolve(base, fromRoot.endsWith(".cmake") ? fromRoot : "cmake/" + fromRoot + ".cmake").filter(project::exists)
                    .or(() -> Project.resolve(root, "cmake/" + Project.nameOf(fromRoot) + (fromRoot.endsWith(".cmake") ? "" : ".cmake")));
        }
        return target.filter(t -> List.of(t.split("/")).stream().noneMatch(p -> BROUGHT.contains(p.toLowerCase(Locale.ROOT)))).map(List::of).orElse(List.of());
    }

    // --- options ---

    /** Defaults of the options and cached variables that can be set from the command line, in upper case; other values as they are. */
    Map<String, String> options() {
        Map<String, String> options = new HashMap<>();
        for (Statement s : all("option", "cmake_dependent_option")) {
            options.putIfAbsent(s.first(), s.arguments().size() > 2 ? s.arguments().get(2).toUpperCase(Locale.ROOT) : "OFF");
        }
        for (Statement s : all("set")) {
            if (s.has("CACHE") && s.has("BOOL") && s.arguments().size() > 1) {
                options.putIfAbsent(s.first(), s.arguments().get(1).toUpperCase(Locale.ROOT));
            }
        }
        return options;
    }

    static boolean isOff(String value) {
        return Set.of("OFF", "FALSE", "NO", "N", "0", "").contains(value);
    }

    // --- parsing ---

    private static List<Statement> parse(Project project, String file, List<String> outer) {
        String text = project.text(file).orElse("");
        List<Statement> found = new ArrayList<>();
        List<String> guards = new ArrayList<>(outer);
        int line = 1;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '\n') {
                line++;
                i++;
            } else if (c == '#') {
                int end = comment(text, i);
                line += newlines(text, i, end);
                i = end;
            } else if (Character.isLetter(c) || c == '_') {
                int end = i;
                while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
                    end++;
                }
                String name = text.substring(i, end).toLowerCase(Locale.ROOT);
                int open = end;
                while (open < text.length() && (text.charAt(open) == ' ' || text.charAt(open) == '\t')) {
                    open++;
                }
                if (open < text.length() && text.charAt(open) == '(') {
                    List<String> arguments = new ArrayList<>();
                    int close = arguments(text, open + 1, arguments);
                    guard(name, arguments, guards, outer.size());
                    found.add(new Statement(name, arguments, List.copyOf(guards.subList(0, Math.min(guards.size(), MAX_GUARDS))), new Evidence(file, line, "cmake")));
                    line += newlines(text, i, close);
                    i = close;
                } else {
                    i = end;
                }
            } else {
                i++;
            }
        }
        return found;
    }

    private static void guard(String name, List<String> arguments, List<String> guards, int floor) {
        String condition = String.join(" ", arguments);
        switch (name) {
            // Nested deeper than anybody reads, an if counts for nothing but its end.
            case "if" -> guards.add(guards.size() < MAX_GUARDS ? condition : "");
            case "else", "elseif" -> {
                if (guards.size() > floor && guards.size() <= MAX_GUARDS) {
                    String last = guards.remove(guards.size() - 1);
                    guards.add(name.equals("elseif") ? condition : last.startsWith("NOT ") ? last.substring(4) : "NOT " + last);
                }
            }
            case "endif" -> {
                if (guards.size() > floor) {
                    guards.remove(guards.size() - 1);
                }
            }
            default -> { }
        }
    }

    /** Reads up to the closing bracket. @return the place after it */
    private static int arguments(String text, int from, List<String> arguments) {
        int depth = 1;
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        int i = from;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '"') {
                int end = i + 1;
                while (end < text.length() && text.charAt(end) != '"') {
                    end += text.charAt(end) == '\\' ? 2 : 1;
                }
                word.append(text, Math.min(i + 1, text.length()), Math.min(end, text.length()));
                quoted = true;
                i = end + 1;
            } else if (c == '#') {
                i = comment(text, i);
            } else if (c == '(' || c == ')' || Character.isWhitespace(c)) {
                if (word.length() > 0 || quoted) {
                    arguments.add(word.toString());
                    word.setLength(0);
                    quoted = false;
                }
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                i++;
                if (depth == 0) {
                    return i;
                }
            } else {
                word.append(c);
                i++;
            }
        }
        return text.length();
    }

    private static int comment(String text, int from) {
        String end = text.startsWith("#[[", from) ? "]]" : "\n";
        int at = text.indexOf(end, from);
        return at < 0 ? text.length() : end.equals("\n") ? at : at + 2;
    }

    private static int newlines(String text, int from, int to) {
        return (int) text.substring(from, Math.min(to, text.length())).chars().filter(c -> c == '\n').count();
    }
}
