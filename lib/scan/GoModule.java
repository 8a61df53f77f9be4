package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A go.mod or go.work, read by its directives. Knows the grammar of the file, which the two share; not what follows from it.
 *
 * @param requires direct requirements, by module path
 * @param replaces local folders that stand in for a module, by module path
 * @param uses folders of a go.work
 * @param tools packages of {@code tool} directives
 */
record GoModule(String file, Value module, Value go, Value toolchain, Map<String, Evidence> requires, Map<String, String> replaces,
                List<Value> uses, Map<String, Evidence> tools, boolean hasRequirements) {

    /** Empty text and line 0 where the directive is absent. */
    record Value(String text, int line) {}

    private static final Value NONE = new Value("", 0);

    static GoModule read(Project project, String file) {
        Map<String, Value> single = new LinkedHashMap<>();
        Map<String, Evidence> requires = new LinkedHashMap<>();
        Map<String, String> replaces = new LinkedHashMap<>();
        List<Value> uses = new ArrayList<>();
        Map<String, Evidence> tools = new LinkedHashMap<>();
        boolean any = false;
        String block = "";
        int number = 0;
        for (String raw : project.lines(file)) {
            number++;
            int comment = raw.indexOf("//");
            String line = (comment < 0 ? raw : raw.substring(0, comment)).strip();
            boolean indirect = comment >= 0 && raw.substring(comment).startsWith("// indirect");
            if (line.isEmpty()) {
                continue;
            }
            if (line.equals(")")) {
                block = "";
                continue;
            }
            String[] words = line.replace("\"", "").split("\\s+");
            if (words.length == 2 && words[1].equals("(")) {
                block = words[0];
                continue;
            }
            String directive = block.isEmpty() ? words[0] : block;
            int from = block.isEmpty() ? 1 : 0;
            if (words.length <= from) {
                continue;
            }
            String first = words[from];
            switch (directive) {
                case "module", "go", "toolchain" -> single.putIfAbsent(directive, new Value(first, number));
                case "require" -> {
                    any = true;
                    if (!indirect) {
                        requires.putIfAbsent(first, new Evidence(file, number, "go-require"));
                    }
                }
                case "replace" -> {
                    String target = words[words.length - 1];
                    String local = words.length > 1 && words[words.length - 2].equals("=>") ? target : "";
                    if (local.startsWith("./") || local.startsWith("../") || local.equals(".") || local.equals("..")) {
                        replaces.putIfAbsent(first, local);
                    }
                }
                case "use" -> uses.add(new Value(first, number));
                case "tool" -> tools.putIfAbsent(first, new Evidence(file, number, "go-tool"));
                default -> { }
            }
        }
        return new GoModule(file, single.getOrDefault("module", NONE), single.getOrDefault("go", NONE), single.getOrDefault("toolchain", NONE),
                requires, replaces, uses, tools, any);
    }

    String folder() {
        return Project.folderOf(file);
    }

    /** The version of a directive without {@code go}, or an empty text where it is none. */
    static String version(String text) {
        String version = text.startsWith("go") ? text.substring(2) : text;
        return version.matches("\\d{1,3}(\\.\\d{1,4}){0,2}((rc|beta)\\d{1,3})?") ? version : "";
    }
}
