package lib.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lib.plan.Job;
import lib.plan.Step;
import lib.scan.Command.Shell;

/**
 * A job as {@code .gitlab-ci.yml} has it; what the template prints. Empty means that the key is left out.
 *
 * @param bases hidden jobs that it extends
 * @param setup image, cache and commands before the script; null where a base has them
 * @param image other than that of the base, or null
 * @param needs null: it waits for all earlier stages; an empty list: for nothing
 * @param dependencies whose artifacts a job without needs gets; null: of all before it
 * @param cacheFiles what the key of the cache is made of, where a base has the rest
 * @param cachePolicy {@code pull} where another job fills the cache
 * @param warningExits exit codes of the script that are shown and stop nothing
 * @param release it makes the release of the tag
 */
public record GitLabJob(
        String name, String comment, List<String> bases, String stage, Setup setup, Image image, List<Service> services, Map<String, String> variables,
        Map<String, String> idTokens, List<Rule> rules, List<Need> needs, List<String> dependencies,
        Map<String, List<String>> matrix, List<String> cacheFiles, String cachePolicy,
        List<Line> script, Artifacts artifacts, String coverage, Environment environment, boolean protectedFromCancel,
        List<Integer> warningExits, boolean release, int minutes) {

    /** @param comment above the command, or empty */
    public record Line(String text, String comment) {
        static Line of(String text) {
            return new Line(text, "");
        }
    }

    /** @param clearsEntrypoint the image starts a program of its own instead of a shell */
    public record Image(String name, boolean clearsEntrypoint) {}

    /** @param command in place of that of the image, or empty */
    public record Service(String image, String alias, List<String> command, Map<String, String> variables) {}

    /** @param changes paths of which one must have changed, or empty; @param when empty: as usual */
    public record Rule(String condition, List<String> changes, String when) {}

    /** @param optional it is not in every pipeline that this job is in; @param skipsArtifacts what it keeps is not wanted here */
    public record Need(String job, boolean optional, boolean skipsArtifacts) {}

    public record Cache(String prefix, List<String> files, List<String> paths) {}

    /** What jobs of one kind have in common. @param name of the hidden job, should several need it */
    public record Setup(String name, Image image, List<Service> services, Map<String, String> variables, Map<String, String> idTokens, Cache cache,
                        List<Line> before, List<Line> after) {

        static Setup of(String name, Image image) {
            return new Setup(name, image, List.of(), Map.of(), Map.of(), null, List.of(), List.of());
        }

        /** Without what a job may have otherwise and still extend the same base. */
        Setup common() {
            return new Setup(name, null, services, variables, idTokens, cache == null ? null : new Cache(cache.prefix(), List.of(), cache.paths()), before, after);
        }
    }

    /** @param always also when the job failed; @param dotenv file with variables for later jobs */
    public record Artifacts(boolean always, int keepDays, List<String> paths, List<String> junit, String coverageFormat, String coverageFile, List<String> terraform, String dotenv) {}

    /** @param action what the job does there other than deploying, or empty; @param exclusive no two jobs there at once */
    public record Environment(String name, String action, boolean exclusive) {}

    /** Nothing but a name: for jobs that others extend, or that change little of what they extend. */
    private static GitLabJob bare(String name, String comment, List<String> bases, Setup setup, Map<String, String> variables, List<Rule> rules,
                                  Map<String, List<String>> matrix, List<String> cacheFiles) {
        return new GitLabJob(name, comment, bases, "", setup, null, List.of(), variables, Map.of(), rules, null, null, matrix, cacheFiles, "", List.of(), null, "",
                null, false, List.of(), false, 0);
    }

    static GitLabJob hidden(String name, Setup setup) {
        return bare(name, "", List.of(), setup, Map.of(), List.of(), Map.of(), List.of());
    }

    /** Can they stand in one line? */
    public boolean hasPlainNeeds() {
        boolean isShort = needs != null && needs.stream().mapToInt(n -> n.job().length() + 2).sum() < 68;
        return isShort && !needs.isEmpty() && needs.stream().allMatch(n -> !n.optional() && !n.skipsArtifacts() && n.job().matches("[a-z0-9-]+"));
    }

    /** Leaves to the base what it has. */
    GitLabJob extending(GitLabJob base) {
        Image own = image != null || setup.image().equals(base.setup.image()) ? image : setup.image();
        List<String> files = setup.cache == null || setup.cache.equals(base.setup.cache) ? List.of() : setup.cache.files();
        return new GitLabJob(name, comment, List.of(base.name), stage, null, own, services, variables, idTokens, rules, needs, dependencies, matrix, files, cachePolicy,
                script, artifacts, coverage, environment, protectedFromCancel, warningExits, release, minutes);
    }

    GitLabJob pulling() {
        return new GitLabJob(name, comment, bases, stage, setup, image, services, variables, idTokens, rules, needs, dependencies, matrix, cacheFiles, "pull", script, artifacts,
                coverage, environment, protectedFromCancel, warningExits, release, minutes);
    }

    /** The same job under other rules and with other versions. */
    GitLabJob again(String otherName, String why, List<Rule> otherRules, Map<String, List<String>> otherMatrix) {
        return bare(otherName, why, List.of(name), null, Map.of(), otherRules, otherMatrix, List.of());
    }

    /** One package of a job that is there for many. */
    GitLabJob forPackage(String packageName, String folder, List<Rule> itsRules, List<String> itsCacheFiles) {
        return bare(packageName, "", List.of(name), null, Map.of("PACKAGE", folder.replace("$", "$$")), itsRules, Map.of(), itsCacheFiles);
    }

    /** Collects what the steps of a job come to. */
    static final class Draft {
        /** Whatever would act on the commands after it too, since one shell runs the whole script. */
        private static final Pattern LASTING = Pattern.compile("(?m)(?:^|[;&|({]\\s*)(?:cd|pushd|popd|exit|exec|set|trap|export|unset|source|\\.)(?:\\s|$)");
        private static final Pattern COMPOUND = Pattern.compile("[;&|<>(){}\\n`]|^(?:if|for|while|case|!)\\s");

        final List<Service> services = new ArrayList<>();
        final Map<String, String> variables = new LinkedHashMap<>();
        final Map<String, String> idTokens = new LinkedHashMap<>();
        final List<Line> script = new ArrayList<>();
        final List<String> junit = new ArrayList<>();
        final List<String> paths = new ArrayList<>();
        /** Counts of a plan's changes. */
        final List<String> terraform = new ArrayList<>();
        final List<Integer> warningExits = new ArrayList<>();
        /** In place of that of the toolchain, or null. */
        Setup setup;
        Image image;
        Environment environment;
        String coverageFormat = "";
        String coverageFile = "";
        String coverage = "";
        String dotenv = "";
        boolean release;
        int keepDays = 7;
        private String folder = ".";

        void add(String command) {
            script.add(Line.of(command));
        }

        void add(List<Line> lines) {
            script.addAll(lines);
        }

        void add(String command, String comment) {
            script.add(new Line(command, comment));
        }

        /** One shell runs all lines: where it stands is followed. */
        void enter(String path) {
            if (path.equals(folder)) {
                return;
            }
            String word = path.startsWith(Job.EACH) ? "\"$PACKAGE\"" + (path.equals(Job.EACH) ? "" : Shell.word(path.substring(Job.EACH.length()))) : Shell.word(path);
            add(path.equals(".") ? "cd \"$CI_PROJECT_DIR\"" : folder.equals(".") ? "cd " + word : "cd \"$CI_PROJECT_DIR\"/" + word);
            folder = path;
        }

        void run(Step.Run run) {
            enter(run.folder());
            String command = run.command().strip();
            String assignments = new TreeMap<>(run.environment()).entrySet().stream().map(e -> e.getKey() + "=" + Shell.word(e.getValue())).collect(Collectors.joining(" "));
            boolean isSimple = !COMPOUND.matcher(command).find() && !LASTING.matcher(command).find();
            if (!assignments.isEmpty() && isSimple) {
                add(assignments + " " + command);
            } else if (!assignments.isEmpty()) {
                add("(\nexport " + assignments + "\n" + command + "\n)");
            } else if (LASTING.matcher(command).find() && !command.matches("(?s)\\([^()]*\\)")) {
                add(command.contains("\n") ? "(\n" + command + "\n)" : "(" + command + ")");
            } else {
                add(command);
            }
            coverage(command);
        }

        /** How these tools print the total; what merge requests show. */
        private void coverage(String command) {
            String pattern = "";
            if (command.matches("(?s).*\\bpytest\\b.*--cov\\b.*")) {
                pattern = "/TOTAL.*? (\\d+(?:\\.\\d+)?%)$/";
            } else if (command.matches("(?s).*\\bgo test\\b.*-cover.*")) {
                pattern = "/coverage: \\d+(?:\\.\\d+)?% of statements/";
            } else if (command.matches("(?s).*\\b(jest|vitest)\\b.*--coverage.*")) {
                pattern = "/All files[^|]*\\|[^|]*\\s+([\\d.]+)/";
            }
            coverage = coverage.isEmpty() ? pattern : coverage;
        }

        void report(Step.Report report, GitLabCi.Notes notes) {
            List<String> globs = report.globs().stream().map(Draft::path).toList();
            switch (report.kind()) {
                case JUNIT -> junit.addAll(globs);
                case COBERTURA, JACOCO -> {
                    if (coverageFile.isEmpty()) {
                        coverageFormat = report.kind().id();
                        coverageFile = globs.get(0);
                    }
                }
                case LCOV -> {
                    paths.addAll(globs);
                    notes.parity("lcov reports", "kept as an artifact: merge requests show Cobertura and JaCoCo only");
                }
                case BUILD -> paths.addAll(globs);
            }
        }

        /** Variables are filled in here, and a name of the project's must not be taken for one. */
        static String path(String glob) {
            String plain = glob.replace('$', '?');
            return plain.replace(Job.EACH, "$PACKAGE");
        }

        Artifacts artifacts() {
            boolean hasReports = !junit.isEmpty() || !coverageFile.isEmpty() || !terraform.isEmpty();
            return !hasReports && paths.isEmpty() && dotenv.isEmpty() ? null
                    : new Artifacts(hasReports, keepDays, List.copyOf(paths), List.copyOf(junit), coverageFormat, coverageFile, List.copyOf(terraform), dotenv);
        }
    }
}
