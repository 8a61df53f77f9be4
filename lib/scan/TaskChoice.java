package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

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
