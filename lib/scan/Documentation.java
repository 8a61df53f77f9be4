package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Commands that people are told to run: those in code blocks and code spans of README, CONTRIBUTING and their like.
 *
 * <p>A hint for choosing, never proof, and never copied into a pipeline: the text is anybody's.
 */
final class Documentation {
    private static final List<String> FILES = List.of("README.md", "CONTRIBUTING.md", "README.rst", "README", "DEVELOPMENT.md", "DEVELOPING.md", "HACKING.md",
            "BUILDING.md", "INSTALL.md", "AGENTS.md", "CLAUDE.md", "docs/CONTRIBUTING.md", "docs/contributing.md", "docs/development.md",
            "docs/DEVELOPMENT.md", ".github/CONTRIBUTING.md", ".github/PULL_REQUEST_TEMPLATE.md", ".github/pull_request_template.md");

    private Documentation() {}

    /** In the order of the files and their lines. */
    static List<ProjectFacts.Documented> in(Project project, String folder) {
        List<ProjectFacts.Documented> found = new ArrayList<>();
        for (String name : FILES) {
            String file = Project.join(folder, name);
            boolean fenced = false;
            int number = 0;
            for (String line : project.lines(file)) {
                number++;
                String text = line.strip();
                if (text.startsWith("```") || text.startsWith("~~~")) {
                    fenced = !fenced;
                } else if (fenced || line.startsWith("    ") || line.startsWith("\t")) {
                    add(found, text, file, number);
                } else if (text.length() < 2_000) {
                    String[] parts = text.split("`");
                    for (int i = 1; i < parts.length; i += 2) {
                        add(found, parts[i], file, number);
                    }
                }
            }
        }
        return found;
    }

    /**
     * Where a command that begins with these words is documented, for the folder or for the whole project. One word alone is the name of
     * a program, not a command.
     */
    static Optional<Evidence> says(Project project, String folder, String words) {
        for (String at : folder.equals(".") ? List.of(".") : List.of(folder, ".")) {
            Optional<Evidence> place = project.documented(at).stream().filter(d -> (d.command() + " ").startsWith(words + " "))
                    .filter(d -> words.contains(" ") || d.command().length() > words.length()).findFirst()
                    .map(ProjectFacts.Documented::evidence);
            if (place.isPresent()) {
                return place;
            }
        }
        return Optional.empty();
    }

    private static void add(List<ProjectFacts.Documented> found, String text, String file, int line) {
        String command = text.replaceFirst("^[$>#%]\\s+", "").strip();
        if (command.length() > 1 && command.length() < 300 && Shell.isPrintable(command)) {
            found.add(new ProjectFacts.Documented(command, new Evidence(file, line, "documented")));
        }
    }
}
