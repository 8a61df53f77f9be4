package lib.scan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a task runs in the end: its own lines and those of the tasks it needs or calls, make's variables put in.
 *
 * <p>Knows how recipes are written; not what their programs are for. What it can't work out stands as {@link #UNKNOWN} in a word, so
 * that a recipe is never taken for simpler than it is.
 */
public final class Recipe {
    /** Stands in a word for what only a run would tell: the output of a command, a variable without a value. */
    public static final char UNKNOWN = '\u0001';

    private static final int MAX_TEXT = 20_000;
    private static final Pattern ASSIGNMENT = Pattern.compile("^(?:export\\s+|override\\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\\s*(\\+|\\?|:{1,3})?=\\s*(.*)$");
    private static final Pattern VARIABLE = Pattern.compile("\\$[({]([A-Za-z_][A-Za-z0-9_.-]*)[)}]");
    /** Functions that only talk, or only change variables. */
    private static final Pattern SILENT = Pattern.compile("(info|warning|eval)\\s");
    /** {@code $(foreach x,list,what is done with each)}. */
    private static final Pattern EACH = Pattern.compile("(?s)\\$[({]foreach\\s+\\w+,[^,]{0,2000},(.*)");
    private static final Map<String, String> BUILT_IN = Map.of("MAKE", "make", "CC", "cc", "CXX", "c++", "AR", "ar", "RM", "rm -f",
            "CURDIR", ".", "SHELL", "sh", "AS", "as", "LD", "ld");
    /** Words of the shell that stand before a command. */
    private static final Set<String> BEFORE = Set.of("if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec", "command",
            "env", "sudo", "nice", "nohup");
    private static final Set<String> WRITES = Set.of("--fix", "-fix", "--write", "--in-place", "-w", "-i", "--allow-dirty", "--bless", "--inplace");

    private final Project project;
    private final List<List<String>> commands = new ArrayList<>();
    private final Set<String> made = new HashSet<>();
    private final Set<String> seen = new HashSet<>();

    private Recipe(Project project) {
        this.project = project;
    }

    public static Recipe of(Project project, Task task) {
        Recipe recipe = new Recipe(project);
        recipe.add(task);
        return recipe;
    }

    /** Each simple command as its words: the program first, without assignments before it and without redirections. */
    public List<List<String>> commands() {
        return commands;
    }

    /** Is there a command that begins with these words, flags and the path of its program not counted? */
    public boolean calls(String words) {
        List<String> wanted = List.of(words.split(" "));
        return commands.stream().anyMatch(c -> {
            List<String> plain = new ArrayList<>(c.stream().filter(w -> !w.startsWith("-") && !w.startsWith("+")).toList());
            if (!plain.isEmpty()) {
                plain.set(0, Project.nameOf(plain.get(0)));
            }
            return plain.size() >= wanted.size() && plain.subList(0, wanted.size()).equals(wanted);
        });
    }

    /** Does it change sources, as {@code --fix} and {@code gofmt -w} do? Then it is no check. */
    public boolean writes() {
        return commands.stream().anyMatch(c -> c.stream().skip(1).anyMatch(WRITES::contains));
    }

    /** Programs by name; a path stands for a script, which is left out where the project has it or the task file itself makes it. */
    public Set<String> programs() {
        Set<String> programs = new LinkedHashSet<>();
        for (List<String> command : commands) {
            String program = command.get(0);
            boolean own = program.contains("/") && (project.exists(clean(program)) || made.contains(clean(program)) || installs());
            if (!own) {
                programs.add(program);
            }
        }
        return programs;
    }

    /** Does it fetch programs of its own? Then one that it calls by a path is what it fetched. */
    private boolean installs() {
        return commands.stream().anyMatch(c -> c.get(0).equals("curl") || c.get(0).equals("wget") || c.get(0).equals("go") && c.contains("install")
                || Project.nameOf(c.get(0)).contains("install") && project.exists(clean(c.get(0))));
    }

    // --- following tasks ---

    private void add(Task task) {
        if (!seen.add(task.runner() + " " + task.path() + " " + task.name()) || seen.size() > 100) {
            return;
        }
        boolean make = task.runner().equals("make");
        Map<String, String> known = Map.of();
        if (make) {
            Makefile file = project.makefile(task.evidence().file());
            known = file.variables();
            made.addAll(file.targets());
        }
        for (String need : task.needs()) {
            for (String name : expand(need, known).split("\\s+")) {
                call(task, name);
            }
        }
        for (String line : task.recipe()) {
            String text = line.substring(0, Math.min(line.length(), MAX_TEXT)).replaceFirst("^[@+-]+\\s*", "");
            shell(make ? expand(text, known) : text.replaceAll("\\{\\{[^}]{0,200}}}", String.valueOf(UNKNOWN)), task, 0);
        }
    }

    private void call(Task from, String name) {
        project.tasks(from.path()).stream().filter(t -> t.runner().equals(from.runner()) && t.name().equals(name)).findFirst().ifPresent(this::add);
    }

    /** What all targets of a makefile have in common. @param targets what its rules make */
    record Makefile(Map<String, String> variables, Set<String> targets) {
        static Makefile of(List<String> lines) {
            Map<String, String> variables = Recipe.variables(lines);
            return new Makefile(variables, Recipe.targets(lines, variables));
        }
    }

    private static Map<String, String> variables(List<String> lines) {
        Map<String, String> found = new HashMap<>(BUILT_IN);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("\t") || line.length() > 1_000) {
                continue;
            }
            Matcher assignment = ASSIGNMENT.matcher(line);
            if (assignment.matches()) {
                StringBuilder joined = new StringBuilder(assignment.group(3).replaceFirst("\\s+#.*$", "").strip());
                while (joined.length() > 0 && joined.length() < MAX_TEXT && joined.charAt(joined.length() - 1) == '\\' && i + 1 < lines.size()) {
                    joined.setCharAt(joined.length() - 1, ' ');
                    joined.append(lines.get(++i).strip());
                }
                String value = joined.toString().replaceAll("\\s+", " ").strip();
                String name = assignment.group(1);
                found.put(name, "+".equals(assignment.group(2)) ? found.getOrDefault(name, "") + " " + value : value);
            }
        }
        return found;
    }

    private static Set<String> targets(List<String> lines, Map<String, String> variables) {
        Set<String> targets = new HashSet<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (!line.startsWith("\t") && colon > 0 && line.length() < 1_000) {
                for (String target : expand(line.substring(0, colon), variables).split("\\s+")) {
                    targets.add(clean(target));
                }
            }
        }
        return targets;
    }

    /** Puts in variables; a function such as {@code $(shell …)} becomes {@link #UNKNOWN}; {@code $$} becomes the shell's {@code $}. */
    private static String expand(String text, Map<String, String> values) {
        String result = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
        for (int depth = 0; depth < 8 && result.contains("$"); depth++) {
            Matcher m = VARIABLE.matcher(result);
            StringBuilder out = new StringBuilder();
            boolean changed = false;
            while (m.find() && out.length() < MAX_TEXT) {
                String value = values.get(m.group(1));
                boolean escaped = m.start() > 0 && result.charAt(m.start() - 1) == '$';
                m.appendReplacement(out, Matcher.quoteReplacement(escaped ? m.group() : value == null ? String.valueOf(UNKNOWN) : value));
                changed |= !escaped;
            }
            m.appendTail(out);
            result = out.length() > MAX_TEXT ? out.substring(0, MAX_TEXT) : out.toString();
            if (!changed) {
                break;
            }
        }
        return functions(result);
    }

    private static String functions(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '$' || i + 1 == text.length()) {
                out.append(c);
            } else if (text.charAt(i + 1) == '$') {
                out.append('$');
                i++;
            } else if (text.charAt(i + 1) == '(' || text.charAt(i + 1) == '{') {
                int end = close(text, i + 1);
                Matcher each = EACH.matcher(text.substring(i, end));
                if (each.matches()) {
                    out.append(functions(each.group(1)));
                    i = end;
                    continue;
                }
                out.append(SILENT.matcher(text.substring(i + 2, Math.min(end, i + 12))).lookingAt() ? "" : UNKNOWN);
                i = end;
            } else {
                out.append(UNKNOWN);
                i++;
            }
        }
        return out.toString();
    }

    /** The place of the bracket that closes the one at the place, or the end. */
    private static int close(String text, int open) {
        char left = text.charAt(open);
        char right = left == '(' ? ')' : left == '{' ? '}' : left;
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            if (text.charAt(i) == right && (left != right || i > open)) {
                if (--depth <= 0) {
                    return i;
                }
            } else if (text.charAt(i) == left) {
                depth++;
            }
        }
        return text.length() - 1;
    }

    // --- the shell's words ---

    private void shell(String text, Task task, int depth) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
            if (c == '\\' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
                inWord = true;
            } else if (c == '\'' && !quoted) {
                int end = text.indexOf('\'', i + 1);
                end = end < 0 ? text.length() - 1 : end;
                word.append(text, Math.min(i + 1, end), end);
                inWord = true;
                i = end;
            } else if (c == '"') {
                quoted = !quoted;
                inWord = true;
            } else if (c == '`' || c == '$' && next == '(') {
                int end = close(text, c == '`' ? i : i + 1);
                if (depth < 5 && end > i + 1) {
                    shell(text.substring(c == '`' ? i + 1 : i + 2, end), task, depth + 1);
                }
                word.append(UNKNOWN);
                inWord = true;
                i = end;
            } else if (c == '$') {
                word.append(UNKNOWN);
                inWord = true;
            } else if (quoted) {
                word.append(c);
            } else if (c == '&' && (next == '>' || i > 0 && text.charAt(i - 1) == '>')) {
                word.append(c);
            } else if (";|&()\n".indexOf(c) >= 0) {
                end(words, word, inWord);
                command(words, task);
                inWord = false;
            } else if (Character.isWhitespace(c)) {
                end(words, word, inWord);
                inWord = false;
            } else if (c == '#' && !inWord) {
                int end = text.indexOf('\n', i);
                i = end < 0 ? text.length() : end - 1;
            } else {
                word.append(c);
                inWord = true;
            }
        }
        end(words, word, inWord);
        command(words, task);
    }

    private static void end(List<String> words, StringBuilder word, boolean inWord) {
        if (inWord) {
            words.add(word.toString());
        }
        word.setLength(0);
    }

    private void command(List<String> words, Task task) {
        List<String> command = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.matches("\\d?(>>?|<)&?")) {
                i++;
            } else if (!word.matches("(?s)(\\d|&)?[<>].*") && !(command.isEmpty() && (BEFORE.contains(word) || word.matches("(?s)[A-Za-z_]\\w*=.*") || word.matches("[@-]")))) {
                command.add(command.isEmpty() ? word.replaceFirst("^@", "") : word);
            }
        }
        words.clear();
        if (command.isEmpty() || Set.of("for", "fi", "done", "}", "esac").contains(command.get(0))) {
            return;
        }
        String program = command.get(0);
        if (program.equals("make") || program.equals(task.runner())) {
            Optional<String> folder = command.contains("-C") && command.indexOf("-C") + 1 < command.size()
                    ? Project.resolve(task.path(), command.get(command.indexOf("-C") + 1).replace(String.valueOf(UNKNOWN), "")) : Optional.of(task.path());
            List<String> targets = command.stream().skip(1).filter(w -> !w.startsWith("-") && !w.contains("=")).toList();
            folder.ifPresent(f -> project.tasks(f).stream().filter(t -> targets.contains(t.name())).forEach(this::add));
        }
        if (commands.size() < 500) {
            commands.add(List.copyOf(command));
        }
    }

    private static String clean(String path) {
        return path.startsWith("./") ? path.substring(2) : path;
    }
}
