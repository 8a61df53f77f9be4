package lib.scan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Tool;
import lib.scan.Finding.Evidence;

/**
 * A named target of the project's own task file.
 *
 * @param runner {@code make}, {@code just}, {@code task}, {@code mise}
 * @param path folder of the task file
 * @param recipe the lines it runs, as written
 * @param needs targets that run before it
 */
public record Task(String runner, String path, String name, List<String> recipe, List<String> needs, Evidence evidence) {

    /** The command that runs it, in its folder. */
    public String run() {
        return runner.equals("mise") ? "mise run " + Shell.word(name) : runner + " " + Shell.word(name);
    }

    /** Does a line of the recipe call one of these programs? {@code go test} matches the words in this order. */
    public boolean calls(String words) {
        String wanted = " " + words + " ";
        return recipe.stream().anyMatch(line -> (" " + line.replaceAll("[@;&|(){}\"'$\\t]+", " ").replaceAll(" +", " ") + " ").contains(wanted));
    }
}

/** Reads the targets of Makefiles, justfiles, Taskfiles and mise tasks. Knows no language's tools. */
final class Tasks {
    /** A rule without pattern and without an assignment: {@code test lint: build}. */
    private static final Pattern MAKE_RULE = Pattern.compile("^([A-Za-z0-9][A-Za-z0-9_./ -]*?)\\s*::?(?![=:])\\s*([^=#;]*)(?:[;#].*)?$");
    private static final Pattern MAKE_CONDITION = Pattern.compile("\\s*(ifeq|ifneq|ifdef|ifndef|else|endif)\\b.*");
    private static final Pattern JUST_RULE = Pattern.compile("^@?([A-Za-z_][A-Za-z0-9_-]*)((?:\\s+[^:=]+)?)\\s*:(?!=)\\s*([^#]*)(?:#.*)?$");

    /** More than anybody writes: who looks for a task goes through all of them, and through those that each needs. */
    private static final int MOST = 1_000;

    private Tasks() {}

    static List<Task> in(Project project, String folder) {
        List<Task> tasks = new ArrayList<>();
        for (String name : List.of("GNUmakefile", "makefile", "Makefile")) {
            if (project.exists(Project.join(folder, name))) {
                tasks.addAll(make(project, folder, Project.join(folder, name)));
                break;
            }
        }
        for (String name : List.of("justfile", "Justfile", ".justfile")) {
            if (project.exists(Project.join(folder, name))) {
                tasks.addAll(just(project, folder, Project.join(folder, name)));
                break;
            }
        }
        for (String name : List.of("Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml")) {
            if (project.exists(Project.join(folder, name))) {
                project.yaml(Project.join(folder, name)).ifPresent(d -> tasks.addAll(taskfile(d, folder)));
                break;
            }
        }
        for (String name : List.of("mise.toml", ".mise.toml")) {
            if (project.exists(Project.join(folder, name))) {
                project.toml(Project.join(folder, name)).ifPresent(d -> tasks.addAll(mise(d, folder)));
            }
        }
        return tasks.size() > MOST ? tasks.subList(0, MOST) : tasks;
    }

    private static List<Task> make(Project project, String folder, String file) {
        List<Task> tasks = new ArrayList<>();
        List<String> lines = project.lines(file);
        List<String> names = List.of();
        List<String> needs = List.of();
        List<String> recipe = new ArrayList<>();
        int at = 0;
        for (int i = 0; i <= lines.size(); i++) {
            int first = i;
            String line = i < lines.size() ? lines.get(i) : "end:";
            if (line.endsWith("\\")) {
                StringBuilder joined = new StringBuilder(line);
                while (joined.charAt(joined.length() - 1) == '\\' && i + 1 < lines.size()) {
                    joined.setCharAt(joined.length() - 1, ' ');
                    joined.append(lines.get(++i).strip());
                }
                line = joined.toString();
            }
            if (line.startsWith("\t")) {
                recipe.add(line.strip());
                continue;
            }
            // Of lines without a tab only these leave a rule open: a variable, a pattern or a rule named by a variable ends it.
            if (line.isBlank() || line.stripLeading().startsWith("#") || MAKE_CONDITION.matcher(line).matches()) {
                continue;
            }
            for (String name : names) {
                tasks.add(new Task("make", folder, name, List.copyOf(recipe), needs, new Evidence(file, at, "make-target")));
            }
            Matcher rule = MAKE_RULE.matcher(shortOnly(line).stripLeading());
            boolean opens = first < lines.size() && rule.matches();
            names = opens ? words(rule.group(1)).stream().filter(n -> !n.startsWith(".")).toList() : List.of();
            needs = opens ? words(rule.group(2)) : List.of();
            recipe = new ArrayList<>();
            at = first + 1;
        }
        return tasks;
    }

    private static List<Task> just(Project project, String folder, String file) {
        List<Task> tasks = new ArrayList<>();
        List<String> lines = project.lines(file);
        for (int i = 0; i < lines.size(); i++) {
            Matcher rule = JUST_RULE.matcher(shortOnly(lines.get(i)));
            // A parameter without a default must be given on the command line: such a recipe can't be called as it is.
            if (!rule.matches() || words(rule.group(2)).stream().anyMatch(p -> !p.contains("=") && !p.startsWith("*"))) {
                continue;
            }
            List<String> recipe = new ArrayList<>();
            for (int j = i + 1; j < lines.size() && (lines.get(j).isBlank() || Character.isWhitespace(lines.get(j).charAt(0))); j++) {
                if (!lines.get(j).isBlank()) {
                    recipe.add(lines.get(j).strip());
                }
            }
            tasks.add(new Task("just", folder, rule.group(1), recipe, words(rule.group(3)), new Evidence(file, i + 1, "just-recipe")));
        }
        return tasks;
    }

    private static List<Task> taskfile(Document file, String folder) {
        List<Task> tasks = new ArrayList<>();
        for (String name : file.keys("tasks")) {
            List<String> recipe = new ArrayList<>(file.texts("tasks", name));
            recipe.addAll(file.texts("tasks", name, "cmds"));
            recipe.addAll(file.texts("tasks", name, "cmd"));
            file.at("tasks", name, "cmds").forEach(c -> Optional.ofNullable(c.get("cmd")).ifPresent(x -> recipe.add(x.asText())));
            List<String> needs = new ArrayList<>(file.texts("tasks", name, "deps"));
            for (String list : List.of("deps", "cmds")) {
                file.at("tasks", name, list).forEach(c -> Optional.ofNullable(c.get("task")).ifPresent(x -> needs.add(x.asText())));
            }
            if (!file.at("tasks", name, "internal").asBoolean()) {
                tasks.add(new Task("task", folder, name, recipe, needs, file.evidence("taskfile-task", "tasks", name)));
            }
        }
        return tasks;
    }

    private static List<Task> mise(Document file, String folder) {
        List<Task> tasks = new ArrayList<>();
        for (String name : file.keys("tasks")) {
            List<String> recipe = new ArrayList<>(file.texts("tasks", name));
            recipe.addAll(file.texts("tasks", name, "run"));
            tasks.add(new Task("mise", folder, name, recipe, file.texts("tasks", name, "depends"), file.evidence("mise-task", "tasks", name)));
        }
        return tasks;
    }

    /** The patterns take quadratic time on a long line, and no header of a rule is that long. */
    private static String shortOnly(String line) {
        return line.length() > 2_000 ? "" : line;
    }

    private static List<String> words(String text) {
        return text == null || text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }
}

/**
 * Chooses the target of a project's own task file that serves a purpose: named for it, and proven by what it runs.
 *
 * <p>A target that calls a program which no runner has and nothing here brings is not chosen: it would fail at the first run.
 */
final class TaskChoice {
    private static final Map<CommandKind, List<String>> NAMES = Map.of(
            CommandKind.TEST, List.of("test-ci", "test:ci", "ci-test", "test", "tests", "test-unit", "test:unit", "unit-test", "unit-tests", "unittest",
                    "test_unit", "unit", "check"),
            CommandKind.LINT, List.of("lint-ci", "lint", "lint-check", "lint:check", "check-lint", "lint-go", "golangci-lint", "golangci", "clippy",
                    "lint-rust", "vet", "analyze"),
            CommandKind.FORMAT, List.of("fmt-check", "fmt:check", "fmt.check", "fmtcheck", "check-fmt", "check:fmt", "checkfmt", "format-check",
                    "format:check", "format.check", "format_check", "check-format", "check:format", "check_format", "check-formatting", "lint-fmt",
                    "lint-format", "verify-fmt", "verify-format", "gofmt-check", "clang-format-check", "fmt", "format"),
            CommandKind.BUILD, List.of("build", "compile", "all"));

    /** What every Linux runner and the usual build images have. */
    private static final Set<String> EVERYWHERE = Set.of("echo", "printf", "true", "false", "test", "[", "[[", "cd", "pushd", "popd", "mkdir", "rmdir",
            "rm", "cp", "mv", "ln", "touch", "cat", "sed", "awk", "grep", "egrep", "fgrep", "find", "xargs", "sort", "uniq", "head", "tail", "tr",
            "cut", "wc", "tee", "diff", "cmp", "chmod", "export", "unset", "set", "sh", "bash", "exit", "read", "sleep", "wait", "kill", "trap",
            "date", "uname", "which", "type", "git", "tar", "gzip", "curl", "make", "install", "basename", "dirname", "pwd", "mktemp", "id", "expr",
            "seq", "sha256sum", "nproc", "stat", "ls", "realpath", "readlink", ".", "source", ":", "time", "local", "return", "break", "continue",
            "shift", "eval", "tput", "clear", "hostname", "whoami");

    private final Project project;
    private final String folder;
    /** Programs of the ecosystem, which its runtime brings. */
    private final Set<String> own;
    /** Programs beyond it that the pipeline can bring, with the version that the project asks for, or an empty text. */
    private final Map<String, Supplier<String>> bringable = new LinkedHashMap<>();

    TaskChoice(Project project, String folder, Set<String> own) {
        this.project = project;
        this.folder = folder;
        this.own = own;
    }

    TaskChoice bring(String program) {
        return bring(program, () -> "");
    }

    /** @param version asked only when the program is called */
    TaskChoice bring(String program, Supplier<String> version) {
        bringable.put(program, version);
        return this;
    }

    /** Adds the command of the first such task, and the tools that it calls. @return whether there is one */
    boolean add(Component.Builder builder, CommandKind kind, Predicate<Recipe> proves) {
        return add(builder, kind, NAMES.get(kind), proves);
    }

    boolean add(Component.Builder builder, CommandKind kind, List<String> names, Predicate<Recipe> proves) {
        Optional<Task> task = find(kind, names, proves);
        task.ifPresent(t -> builder.command(kind, command(builder, t)));
        return task.isPresent();
    }

    private Optional<Task> find(CommandKind kind, List<String> names, Predicate<Recipe> proves) {
        for (String name : names) {
            for (Task task : project.tasks(folder)) {
                if (task.name().equals(name)) {
                    Recipe recipe = Recipe.of(project, task);
                    boolean check = kind != CommandKind.FORMAT && kind != CommandKind.LINT || !recipe.writes();
                    if (check && proves.test(recipe) && missing(recipe).isEmpty()) {
                        return Optional.of(task);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Is there any task, of whatever name, that runs these words? */
    Optional<Evidence> anyCalls(String words) {
        return project.tasks(folder).stream().filter(t -> Recipe.of(project, t).calls(words)).map(Task::evidence).findFirst();
    }

    private List<String> missing(Recipe recipe) {
        return recipe.programs().stream().filter(p -> !EVERYWHERE.contains(p) && !own.contains(p) && !bringable.containsKey(p)).toList();
    }

    private Command command(Component.Builder builder, Task task) {
        Recipe recipe = Recipe.of(project, task);
        for (String program : recipe.programs()) {
            if (bringable.containsKey(program)) {
                builder.tool(new Tool(program, bringable.get(program).get(), task.evidence()));
            }
        }
        if (!task.runner().equals("make")) {
            Optional<String> plain = plain(recipe, task);
            if (plain.isPresent()) {
                return Command.certain(plain.get(), task.evidence());
            }
            builder.tool(new Tool(task.runner(), "", task.evidence()));
        }
        return Command.certain(task.run(), task.evidence());
    }

    /** One line that calls one known program needs no task runner on the machine that runs it. */
    private Optional<String> plain(Recipe recipe, Task task) {
        if (recipe.commands().size() != 1 || task.recipe().size() != 1 || task.recipe().get(0).matches("(?s)([@-]*\\w+=.*|.*[<>|&;$`*?~{}\\[\\]].*)")) {
            return Optional.empty();
        }
        List<String> words = recipe.commands().get(0);
        boolean known = (own.contains(words.get(0)) || bringable.containsKey(words.get(0))) && words.stream().allMatch(w -> w.indexOf(Recipe.UNKNOWN) < 0 && Shell.isPrintable(w));
        List<String> quoted = new ArrayList<>();
        words.forEach(w -> quoted.add(w.startsWith("-") && Shell.isPrintable(w) && w.matches("[A-Za-z0-9_@%+=:,./-]+") ? w : Shell.word(w)));
        return known ? Optional.of(String.join(" ", quoted)) : Optional.empty();
    }
}

/** The text of a build script (Groovy, Kotlin, Scala) without its comments, which still knows its lines. Knows no build tool. */
final class ScriptText {
    /** A script that people wrote is far shorter; what comes after is not read. */
    private static final int MAX_LENGTH = 300_000;

    final String file;
    final String code;
    private final List<Integer> starts = new ArrayList<>();

    ScriptText(String file, String text) {
        this.file = file;
        this.code = withoutComments(text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) : text);
        for (int at = 0; at >= 0; at = code.indexOf('\n', at) < 0 ? -1 : code.indexOf('\n', at) + 1) {
            starts.add(at);
        }
    }

    Evidence evidence(int offset, String rule) {
        int line = Collections.binarySearch(starts, offset);
        return new Evidence(file, line >= 0 ? line + 1 : -line - 1, rule);
    }

    /** The line around the offset. */
    String lineAt(int offset) {
        int from = code.lastIndexOf('\n', offset) + 1;
        int to = code.indexOf('\n', offset);
        return code.substring(from, to < 0 ? code.length() : to);
    }

    /** Comments become blanks, so that lines stay where they are. Strings are kept: a URL has slashes too. */
    private static String withoutComments(String text) {
        StringBuilder out = new StringBuilder(text);
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (text.startsWith("//", i) || text.startsWith("/*", i)) {
                int end = c == '/' && text.charAt(i + 1) == '/' ? text.indexOf('\n', i) : text.indexOf("*/", i + 2) + 2;
                end = end < i + 2 ? text.length() : end;
                for (; i < end; i++) {
                    if (text.charAt(i) != '\n') {
                        out.setCharAt(i, ' ');
                    }
                }
            } else if (c == '"' || c == '\'') {
                String quote = text.startsWith(String.valueOf(c).repeat(3), i) ? String.valueOf(c).repeat(3) : String.valueOf(c);
                i += quote.length();
                while (i < text.length() && !text.startsWith(quote, i) && (quote.length() == 3 || text.charAt(i) != '\n')) {
                    i += text.charAt(i) == '\\' ? 2 : 1;
                }
                i += quote.length();
            } else {
                i++;
            }
        }
        return out.toString();
    }
}
