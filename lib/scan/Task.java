package lib.scan;

import java.util.List;

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
