package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the targets of Makefiles, justfiles, Taskfiles and mise tasks. Knows no language's tools. */
final class Tasks {
    /** A rule without pattern and without an assignment: {@code test lint: build}. */
    private static final Pattern MAKE_RULE = Pattern.compile("^([A-Za-z0-9][A-Za-z0-9_./ -]*?)\\s*::?(?![=:])\\s*([^=#;]*)(?:[;#].*)?$");
    private static final Pattern MAKE_CONDITION = Pattern.compile("\\s*(ifeq|ifneq|ifdef|ifndef|else|endif)\\b.*");
    private static final Pattern JUST_RULE = Pattern.compile("^@?([A-Za-z_][A-Za-z0-9_-]*)((?:\\s+[^:=]+)?)\\s*:(?!=)\\s*([^#]*)(?:#.*)?$");

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
        return tasks;
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
