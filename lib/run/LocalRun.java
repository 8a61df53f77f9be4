package lib.run;

//SOURCES JobRun.java

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lib.cli.Console;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.Job.When;
import lib.plan.Job;
import lib.plan.PipelinePlan;
import lib.plan.VersionRange;
import lib.render.Rendering.CiPlatform.StepShell;
import lib.run.RunResult.JobResult;
import lib.run.RunResult.Status;
import lib.run.RunResult.StepResult;
import lib.scan.Project;

/**
 * Executes a plan's jobs on this machine, each in a clean copy of the project, in the order of their needs.
 *
 * <p>Together with {@link JobRun} the only code that runs what a project says. It is called for {@code --run} and nothing else.
 */
public final class LocalRun {
    private final PipelinePlan plan;
    private final Project project;
    private final StepShell shell;
    private final Console console;
    private final Installed installed = new Installed();
    private final Map<String, JobResult> results = new LinkedHashMap<>();

    public LocalRun(PipelinePlan plan, Project project, StepShell shell, Console console) {
        this.plan = plan;
        this.project = project;
        this.shell = shell;
        this.console = console;
    }

    /**
     * What a change would start: jobs for tags and schedules are not run.
     *
     * @throws Failure when somebody interrupts it; then nothing of it is left
     */
    public RunResult run() throws IOException {
        List<Job> waiting = new ArrayList<>(plan.jobs().stream().filter(j -> j.when() == When.CHANGE || j.when() == When.PROPOSAL).toList());
        List<String> untracked;
        try (Workspace work = new Workspace(project)) {
            untracked = work.untracked();
            announce(waiting, untracked);
            while (!waiting.isEmpty()) {
                Job next = waiting.stream().filter(j -> j.needs().stream().allMatch(n -> isOver(n, waiting))).findFirst().orElse(waiting.get(0));
                waiting.remove(next);
                runJob(next, work);
            }
        } catch (Workspace.Interrupted e) {
            throw new Failure(Exit.INTERRUPTED, "interrupted; what ran was stopped, and its files are deleted", "");
        }
        RunResult result = new RunResult(List.copyOf(results.values()), untracked);
        tree(result);
        return result;
    }

    private void announce(List<Job> jobs, List<String> untracked) {
        console.say(jobs.isEmpty() ? "no job of the pipeline would start on a change" : "running here, each job in a clean copy of the project:");
        jobs.forEach(j -> console.say("  " + j.title() + (j.each().isEmpty() ? "" : " (" + j.each().size() + " packages)") + (j.needs().isEmpty() ? "" : ", after " + titles(j.needs()))));
        if (!untracked.isEmpty()) {
            console.say("left out, since git does not track them: " + String.join(", ", untracked.subList(0, Math.min(5, untracked.size())))
                    + (untracked.size() > 5 ? " and " + (untracked.size() - 5) + " more" : ""));
        }
    }

    private String titles(List<String> ids) {
        return ids.stream().map(id -> plan.job(id).map(Job::title).orElse(id)).collect(Collectors.joining(", "));
    }

    private static boolean isOver(String id, List<Job> waiting) {
        return waiting.stream().noneMatch(j -> j.id().equals(id));
    }

    private void runJob(Job job, Workspace work) throws IOException {
        List<String> broken = job.needs().stream().filter(n -> results.values().stream().anyMatch(r -> r.id().equals(n) && (r.status() == Status.FAILED || r.isBlocked()))).toList();
        for (String folder : job.each().isEmpty() ? List.of("") : job.each().stream().map(Job.Each::path).toList()) {
            String title = job.title() + (folder.isEmpty() ? "" : " (" + folder + ")");
            JobResult result = broken.isEmpty() ? new JobRun(job, folder, title, shell, installed, console, work).run() : JobResult.blocked(job, title, titles(broken));
            results.put(job.id() + " " + folder, result);
            if (result.status() == Status.SKIPPED) {
                console.say("");
                console.say(line(result));
            }
        }
    }

    /** All of it once more, without the output between. */
    private void tree(RunResult result) {
        console.say("");
        for (JobResult job : result.jobs()) {
            console.say(line(job));
            for (int i = 0; i < job.steps().size(); i++) {
                StepResult step = job.steps().get(i);
                console.say((i < job.steps().size() - 1 ? "  ├ " : "  └ ") + mark(step.status()) + " " + step.title() + "  " + seconds(step.seconds()));
            }
        }
        console.say(result.summary());
    }

    private String line(JobResult job) {
        String runtimes = job.runtimes().isEmpty() ? "" : "  (" + String.join(", ", job.runtimes()) + ")";
        String reason = job.reason().isEmpty() ? "" : ": " + job.reason().lines().findFirst().orElse("");
        return mark(job.status()) + " " + job.title() + (job.status() == Status.SKIPPED ? reason : "  " + seconds(job.seconds()) + runtimes + reason);
    }

    private String mark(Status status) {
        return switch (status) {
            case PASSED -> console.paint("32", "✓");
            case FAILED -> console.paint("31", "✗");
            case SKIPPED -> console.paint("33", "-");
        };
    }

    static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.1f s", seconds);
    }
}

/** Knows which runtimes and programs this machine has, and which of them fits what a job needs. Installs nothing. */
final class Installed {
    private static final Pattern VERSION = Pattern.compile("\\d+(?:\\.\\d+)+");
    private static final Map<String, List<String>> ASK = Map.ofEntries(
            Map.entry("node", List.of("node", "--version")), Map.entry("python", List.of("python3", "--version")), Map.entry("bun", List.of("bun", "--version")), Map.entry("deno", List.of("deno", "--version")),
            Map.entry("go", List.of("go", "version")), Map.entry("rust", List.of("rustc", "--version")), Map.entry("ruby", List.of("ruby", "--version")),
            Map.entry("php", List.of("php", "--version")), Map.entry("dotnet", List.of("dotnet", "--version")), Map.entry("elixir", List.of("elixir", "--short-version")),
            Map.entry("dart", List.of("dart", "--version")), Map.entry("flutter", List.of("flutter", "--version")), Map.entry("ghc", List.of("ghc", "--numeric-version")),
            Map.entry("zig", List.of("zig", "version")), Map.entry("swift", List.of("swift", "--version")), Map.entry("terraform", List.of("terraform", "version")),
            Map.entry("tofu", List.of("tofu", "version")), Map.entry("helm", List.of("helm", "version", "--short")), Map.entry("hugo", List.of("hugo", "version")));
    /** Where version managers and systems keep more of them, from the home folder; the star is the version. */
    private static final Map<String, List<String>> KEPT = Map.of(
            "node", List.of(".nvm/versions/node/*/bin", ".local/share/fnm/node-versions/*/installation/bin", ".volta/tools/image/node/*/bin", ".nodenv/versions/*/bin",
                    ".asdf/installs/nodejs/*/bin", ".local/share/mise/installs/node/*/bin"),
            "python", List.of(".pyenv/versions/*/bin", ".local/share/uv/python/*/bin", ".asdf/installs/python/*/bin", ".local/share/mise/installs/python/*/bin"),
            "ruby", List.of(".rbenv/versions/*/bin", ".rubies/*/bin", ".asdf/installs/ruby/*/bin", ".local/share/mise/installs/ruby/*/bin"),
            "go", List.of("sdk/*/bin", ".goenv/versions/*/bin", ".asdf/installs/golang/*/go/bin", ".local/share/mise/installs/go/*/bin"),
            "java", List.of("/usr/lib/jvm/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home", ".sdkman/candidates/java/*", ".asdf/installs/java/*", ".local/share/mise/installs/java/*"));
    /** Compilers of the system, without a version that a project asks for. */
    private static final List<String> UNVERSIONED = List.of("c", "cpp", "docker", "mkdocs", "antora", "");

    private final Map<String, List<Runtime>> found = new LinkedHashMap<>();

    /** @param program that answered, by its path or name; @param bin the folder that goes before all others on the path, or null where it is on it already */
    record Runtime(String name, String version, String program, Path bin) {}

    /** The runtime for a toolchain, or why there is none. @param note where it is an entry of a matrix, or not the version of the pipeline */
    record Choice(Runtime runtime, String missing, String note) {}

    Choice choose(Toolchain toolchain, Job.Matrix matrix) {
        String name = toolchain.runtime();
        if (UNVERSIONED.contains(name)) {
            return new Choice(new Runtime(name, "", name, null), "", "");
        }
        List<Runtime> candidates = found.computeIfAbsent(name, Installed::look);
        if (candidates.isEmpty()) {
            return new Choice(null, (name + " " + toolchain.version()).strip() + " not installed", "");
        }
        List<String> entries = matrix != null && matrix.runtime().equals(name) ? matrix.nightly() : List.of();
        Optional<Runtime> entry = candidates.stream().filter(c -> entries.stream().anyMatch(v -> isLine(c.version(), v))).findFirst();
        if (entry.isPresent()) {
            return new Choice(entry.get(), "", "of the matrix (" + name + " " + String.join(", ", entries) + ") the entry "
                    + entries.stream().filter(v -> isLine(entry.get().version(), v)).findFirst().orElse(""));
        }
        String planned = name + " " + (entries.isEmpty() ? toolchain.version() : String.join(", ", entries));
        Optional<Runtime> line = candidates.stream().filter(c -> entries.isEmpty() && isLine(c.version(), toolchain.version())).findFirst();
        Optional<Runtime> fits = line.or(() -> candidates.stream().filter(c -> fetchesItself(toolchain) || (entries.isEmpty() || isBetween(c.version(), entries)) && allows(toolchain, c)).findFirst());
        String versions = candidates.stream().map(Runtime::version).distinct().collect(Collectors.joining(", "));
        return fits.map(r -> new Choice(r, "", line.isPresent() ? "" : planned + " not installed: " + r.version() + within(toolchain)))
                .orElse(new Choice(null, planned + " not installed: found " + versions, ""));
    }

    /** A matrix stands for what lies between its ends too; below and above them nothing is promised. */
    private static boolean isBetween(String installed, List<String> entries) {
        List<int[]> ends = entries.stream().map(Installed::line).sorted(java.util.Arrays::compare).toList();
        int[] own = line(installed);
        return java.util.Arrays.compare(ends.get(0), own) < 0 && java.util.Arrays.compare(own, ends.get(ends.size() - 1)) < 0;
    }

    private static int[] line(String version) {
        return Pattern.compile("\\d+").matcher(version).results().limit(2).mapToInt(m -> Integer.parseInt(m.group())).toArray();
    }

    private static String within(Toolchain toolchain) {
        return fetchesItself(toolchain) ? " fetches what the project asks for" : " is within what the project declares" + (toolchain.range().isEmpty() ? "" : " (" + toolchain.range() + ")");
    }

    /** Of the same line: patches are taken as equal, and for those whose lines are whole numbers, such as Node, the minors too. */
    private static boolean isLine(String installed, String wanted) {
        String[] have = installed.split("\\.");
        String[] want = wanted.replaceFirst("^v", "").replaceFirst("\\.[xX*].*$", "").split("\\.");
        boolean isMinorALine = have[0].length() == 1 && have[0].charAt(0) < '5';
        return want[0].equals(have[0]) && (!isMinorALine || want.length < 2 || have.length > 1 && want[1].equals(have[1]));
    }

    /** Of its own accord Go gets the version that go.mod names, and rustup that of rust-toolchain. */
    private static boolean fetchesItself(Toolchain toolchain) {
        return toolchain.runtime().equals("go") || toolchain.versionFile().contains("rust-toolchain") && has("rustup", System.getenv("PATH"));
    }

    /** One version was planned out of many that would do; or it lies between the ends of a matrix. */
    private static boolean allows(Toolchain toolchain, Runtime runtime) {
        return !toolchain.pinned() && VersionRange.parse(toolchain.runtime(), toolchain.range()).allows(runtime.version());
    }

    private static List<Runtime> look(String name) {
        if (name.equals("java")) {
            return javas();
        }
        List<Runtime> list = new ArrayList<>();
        if (ASK.containsKey(name)) {
            ask(ASK.get(name)).ifPresent(v -> list.add(new Runtime(name, v, ASK.get(name).get(0), null)));
        }
        if (name.equals("python")) {
            for (int minor = 20; minor >= 8; minor--) {
                String program = "python3." + minor;
                ask(List.of(program, "--version")).ifPresent(v -> list.add(new Runtime(name, v, program, null)));
            }
        }
        for (Path bin : kept(name)) {
            String program = bin.resolve(ASK.get(name).get(0)).toString();
            List<String> question = new ArrayList<>(ASK.get(name));
            question.set(0, program);
            ask(question).ifPresent(v -> list.add(new Runtime(name, v, program, bin)));
        }
        return list;
    }

    /** Folders of programs that version managers keep for the user, newest name first. */
    private static List<Path> kept(String name) {
        List<Path> folders = new ArrayList<>();
        for (String place : KEPT.getOrDefault(name, List.of())) {
            String[] parts = place.split("/\\*", 2);
            Path base = parts[0].startsWith("/") ? Path.of(parts[0]) : Path.of(System.getProperty("user.home"), parts[0]);
            try (DirectoryStream<Path> versions = Files.newDirectoryStream(base, Files::isDirectory)) {
                List<Path> sorted = new ArrayList<>();
                versions.forEach(sorted::add);
                sorted.sort(java.util.Comparator.comparing((Path p) -> p.getFileName().toString().replaceAll("\\d+", "0000$0").replaceAll("0*(\\d{5})", "$1")).reversed());
                sorted.forEach(v -> folders.add(parts[1].isEmpty() ? v : v.resolve(parts[1].substring(1))));
            } catch (IOException e) {
                // Nobody uses that manager here.
            }
        }
        return folders;
    }

    /** The one of JAVA_HOME first, then that of the path, then what lies where systems and managers put them. */
    private static List<Runtime> javas() {
        List<Path> homes = new ArrayList<>();
        if (System.getenv("JAVA_HOME") != null) {
            homes.add(Path.of(System.getenv("JAVA_HOME")));
        }
        homes.add(Path.of(System.getProperty("java.home")));
        homes.addAll(kept("java"));
        List<Runtime> list = new ArrayList<>();
        for (Path home : homes) {
            release(home).ifPresent(v -> list.add(new Runtime("java", v, home.resolve("bin/java").toString(), home.resolve("bin"))));
        }
        return list;
    }

    private static Optional<String> release(Path home) {
        try {
            boolean isJdk = Files.isExecutable(home.resolve("bin/javac"));
            return isJdk ? Files.readAllLines(home.resolve("release")).stream().filter(l -> l.startsWith("JAVA_VERSION="))
                    .map(l -> l.replaceAll("JAVA_VERSION=|\"", "").replaceFirst("^1\\.", "")).findFirst() : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The first version in what the program answers; nothing when it is not there. */
    static Optional<String> ask(List<String> command) {
        Matcher version = VERSION.matcher(Programs.answer(command));
        return version.find() ? Optional.of(version.group()) : Optional.empty();
    }

    /** Is there a program of that name in one of these folders? */
    static boolean has(String program, String searchPath) {
        for (String folder : searchPath.split(":")) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program)) && !Files.isDirectory(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }
}
