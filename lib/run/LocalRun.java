package lib.run;

//SOURCES JobRun.java

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import lib.cli.Console;
import lib.plan.Job.Stage;
import lib.plan.Job.Toolchain;
import lib.plan.Job.When;
import lib.plan.Job;
import lib.plan.PipelinePlan;
import lib.plan.VersionRange;
import lib.render.CiPlatforms.CiPlatform.StepShell;
import lib.run.LocalRun.RunResult.JobResult;
import lib.run.LocalRun.RunResult.Status;
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

    /** What a change would start: jobs for tags and schedules are not run. */
    public RunResult run() throws IOException {
        Path work = Files.createTempDirectory("pipeline-run-");
        try {
            List<Job> waiting = new ArrayList<>(plan.jobs().stream().filter(j -> j.when() == When.CHANGE || j.when() == When.PROPOSAL).toList());
            while (!waiting.isEmpty()) {
                Job next = waiting.stream().filter(j -> j.needs().stream().allMatch(n -> isOver(n, waiting))).findFirst().orElse(waiting.get(0));
                waiting.remove(next);
                runJob(next, work);
            }
        } finally {
            JobRun.delete(work);
        }
        RunResult result = new RunResult(List.copyOf(results.values()));
        console.say("");
        console.say(result.summary());
        return result;
    }

    private static boolean isOver(String id, List<Job> waiting) {
        return waiting.stream().noneMatch(j -> j.id().equals(id));
    }

    private void runJob(Job job, Path work) throws IOException {
        List<String> broken = job.needs().stream().filter(n -> results.values().stream().anyMatch(r -> r.id().equals(n) && r.status() == Status.FAILED)).toList();
        for (String folder : job.each().isEmpty() ? List.of("") : job.each().stream().map(Job.Each::path).toList()) {
            String title = job.title() + (folder.isEmpty() ? "" : " (" + folder + ")");
            JobResult result = broken.isEmpty() ? new JobRun(job, folder, title, project, shell, installed, console, work).run()
                    : RunResult.skipped(job, title, "needs " + String.join(", ", broken) + ", which failed");
            console.say(mark(result.status()) + " " + title + (result.reason().isEmpty() ? "" : ": " + result.reason()) + seconds(result));
            results.put(job.id() + " " + folder, result);
        }
    }

    private String mark(Status status) {
        return switch (status) {
            case PASSED -> console.paint("32", "✓");
            case FAILED -> console.paint("31", "✗");
            case SKIPPED -> console.paint("33", "-");
        };
    }

    private static String seconds(JobResult result) {
        return result.status() == Status.SKIPPED ? "" : String.format(java.util.Locale.ROOT, "  %.1f s", result.seconds());
    }

    /** What came of a local run, for people, as JSON, and as JUnit XML. */
    public record RunResult(List<JobResult> jobs) {
        public enum Status { PASSED, FAILED, SKIPPED }

        /** @param output the last lines that it printed */
        public record StepResult(String title, String command, Status status, double seconds, String output) {}

        /** @param reason why it was skipped or failed, or empty; @param runtimes with the versions that it ran on */
        public record JobResult(String id, String title, Stage stage, Status status, String reason, List<String> runtimes, List<StepResult> steps, double seconds) {}

        static JobResult skipped(Job job, String title, String reason) {
            return new JobResult(job.id(), title, job.stage(), Status.SKIPPED, reason, List.of(), List.of(), 0);
        }

        public long count(Status status) {
            return jobs.stream().filter(j -> j.status() == status).count();
        }

        /** Did any job of the stage really run? */
        public boolean hasRun(Stage stage) {
            return jobs.stream().anyMatch(j -> j.stage() == stage && j.status() != Status.SKIPPED);
        }

        public boolean has(Stage stage) {
            return jobs.stream().anyMatch(j -> j.stage() == stage);
        }

        String summary() {
            return count(Status.PASSED) + " jobs passed, " + count(Status.FAILED) + " failed, " + count(Status.SKIPPED) + " skipped";
        }

        public ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("passed", count(Status.PASSED)).put("failed", count(Status.FAILED)).put("skipped", count(Status.SKIPPED));
            ArrayNode list = json.putArray("jobs");
            for (JobResult job : jobs) {
                ObjectNode view = list.addObject().put("id", job.id()).put("title", job.title()).put("stage", job.stage().id()).put("status", job.status().name().toLowerCase(java.util.Locale.ROOT))
                        .put("reason", job.reason()).put("seconds", rounded(job.seconds()));
                ArrayNode runtimes = view.putArray("runtimes");
                job.runtimes().forEach(runtimes::add);
                ArrayNode steps = view.putArray("steps");
                job.steps().forEach(s -> steps.addObject().put("title", s.title()).put("run", s.command()).put("status", s.status().name().toLowerCase(java.util.Locale.ROOT))
                        .put("seconds", rounded(s.seconds())).put("output", s.status() == Status.FAILED ? s.output() : ""));
            }
            return json;
        }

        /** One suite for each job, one case for each step. */
        public String junit() {
            StringWriter text = new StringWriter();
            try {
                XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
                xml.writeStartDocument("UTF-8", "1.0");
                xml.writeStartElement("testsuites");
                for (JobResult job : jobs) {
                    xml.writeStartElement("testsuite");
                    xml.writeAttribute("name", job.title());
                    xml.writeAttribute("tests", String.valueOf(Math.max(1, job.steps().size())));
                    xml.writeAttribute("failures", String.valueOf(job.steps().stream().filter(s -> s.status() == Status.FAILED).count()));
                    xml.writeAttribute("skipped", job.status() == Status.SKIPPED ? "1" : "0");
                    xml.writeAttribute("time", String.valueOf(rounded(job.seconds())));
                    if (job.status() == Status.SKIPPED) {
                        element(xml, job.title(), job.title(), 0, "skipped", job.reason(), "");
                    }
                    for (StepResult step : job.steps()) {
                        element(xml, job.title(), step.title(), step.seconds(), step.status() == Status.FAILED ? "failure" : "", step.command(), step.output());
                    }
                    xml.writeEndElement();
                }
                xml.writeEndElement();
                xml.writeEndDocument();
            } catch (XMLStreamException e) {
                throw new IllegalStateException(e);
            }
            return text + "\n";
        }

        private static void element(XMLStreamWriter xml, String job, String name, double seconds, String outcome, String message, String output) throws XMLStreamException {
            xml.writeStartElement("testcase");
            xml.writeAttribute("classname", clean(job));
            xml.writeAttribute("name", clean(name));
            xml.writeAttribute("time", String.valueOf(rounded(seconds)));
            if (!outcome.isEmpty()) {
                xml.writeStartElement(outcome);
                xml.writeAttribute("message", clean(message));
                xml.writeCharacters(clean(output));
                xml.writeEndElement();
            }
            xml.writeEndElement();
        }

        /** XML 1.0 has no place for most control characters. */
        private static String clean(String text) {
            return text.replaceAll("[^\\u0009\\u000A\\u000D\\u0020-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]", "\uFFFD");
        }

        private static double rounded(double seconds) {
            return Math.round(seconds * 1000) / 1000.0;
        }
    }
}

/** Knows which runtimes and programs this machine has, and which of them fits what a job needs. Installs nothing. */
final class Installed {
    private static final Pattern VERSION = Pattern.compile("\\d+(?:\\.\\d+)+");
    private static final Map<String, List<String>> ASK = Map.ofEntries(
            Map.entry("node", List.of("node", "--version")), Map.entry("bun", List.of("bun", "--version")), Map.entry("deno", List.of("deno", "--version")),
            Map.entry("go", List.of("go", "version")), Map.entry("rust", List.of("rustc", "--version")), Map.entry("ruby", List.of("ruby", "--version")),
            Map.entry("php", List.of("php", "--version")), Map.entry("dotnet", List.of("dotnet", "--version")), Map.entry("elixir", List.of("elixir", "--version")),
            Map.entry("dart", List.of("dart", "--version")), Map.entry("flutter", List.of("flutter", "--version")), Map.entry("ghc", List.of("ghc", "--numeric-version")),
            Map.entry("zig", List.of("zig", "version")), Map.entry("swift", List.of("swift", "--version")), Map.entry("terraform", List.of("terraform", "version")),
            Map.entry("tofu", List.of("tofu", "version")), Map.entry("helm", List.of("helm", "version", "--short")), Map.entry("hugo", List.of("hugo", "version")));
    /** Compilers of the system, without a version that a project asks for. */
    private static final List<String> UNVERSIONED = List.of("c", "cpp", "docker", "mkdocs", "antora", "");

    private final Map<String, List<Runtime>> found = new LinkedHashMap<>();

    /** @param environment what makes a job use this one and no other */
    record Runtime(String name, String version, Map<String, String> environment) {}

    /** The runtime for a toolchain, or why there is none. */
    record Choice(Runtime runtime, String missing) {}

    Choice choose(Toolchain toolchain, Job.Matrix matrix) {
        if (UNVERSIONED.contains(toolchain.runtime())) {
            return new Choice(new Runtime(toolchain.runtime(), "", Map.of()), "");
        }
        List<Runtime> candidates = found.computeIfAbsent(toolchain.runtime(), Installed::look);
        if (candidates.isEmpty()) {
            return new Choice(null, toolchain.runtime() + (toolchain.version().isEmpty() ? "" : " " + toolchain.version()) + " not installed");
        }
        boolean hasMatrix = matrix != null && matrix.runtime().equals(toolchain.runtime());
        Optional<Runtime> fits = candidates.stream().filter(c -> hasMatrix && isOneOf(c, matrix.nightly())).findFirst()
                .or(() -> candidates.stream().filter(c -> isLine(c.version(), toolchain.version())).findFirst())
                .or(() -> candidates.stream().filter(c -> !toolchain.pinned() && allows(toolchain, c)).findFirst());
        String versions = candidates.stream().map(Runtime::version).distinct().collect(Collectors.joining(", "));
        return fits.map(r -> new Choice(r, "")).orElse(new Choice(null,
                toolchain.runtime() + " " + (toolchain.range().isEmpty() ? toolchain.version() : toolchain.range()) + " not installed: found " + versions));
    }

    private static boolean isOneOf(Runtime runtime, List<String> versions) {
        return versions.stream().anyMatch(v -> isLine(runtime.version(), v));
    }

    /** 20.20.2 is of the line 20 and of the pin 20.11.0's line: patches are taken as equal. */
    private static boolean isLine(String installed, String wanted) {
        String[] have = installed.split("\\.");
        String[] want = wanted.replaceFirst("^v", "").split("\\.");
        int compared = want.length > 2 ? 2 : want.length;
        if (wanted.isEmpty() || have.length < compared) {
            return false;
        }
        for (int i = 0; i < compared; i++) {
            if (!want[i].equals(have[i]) && !(i == 1 && want.length > 2 && !isMinorALine(installed))) {
                return false;
            }
        }
        return true;
    }

    /** Languages whose second number is a release of its own start with a small first one: Python 3.12, Go 1.26, Ruby 3.4. */
    private static boolean isMinorALine(String version) {
        return Integer.parseInt(version.split("\\.")[0]) < 5;
    }

    private static boolean allows(Toolchain toolchain, Runtime runtime) {
        // Go fetches what go.mod asks for; the others must be what the project declares.
        return toolchain.runtime().equals("go") || VersionRange.parse(toolchain.runtime(), toolchain.range()).allows(runtime.version());
    }

    private static List<Runtime> look(String name) {
        return switch (name) {
            case "python" -> pythons();
            case "java" -> javas();
            default -> ASK.containsKey(name) ? ask(ASK.get(name)).map(v -> List.of(new Runtime(name, v, Map.of()))).orElse(List.of()) : List.of();
        };
    }

    private static List<Runtime> pythons() {
        List<Runtime> list = new ArrayList<>();
        for (String program : List.of("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3.9")) {
            ask(List.of(program, "--version")).ifPresent(v -> list.add(new Runtime("python", v, Map.of("PYTHON", program))));
        }
        return list;
    }

    /** The one of JAVA_HOME or of the PATH first, then what lies where Linux distributions put them. */
    private static List<Runtime> javas() {
        List<Runtime> list = new ArrayList<>();
        List<Path> homes = new ArrayList<>();
        if (System.getenv("JAVA_HOME") != null) {
            homes.add(Path.of(System.getenv("JAVA_HOME")));
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(Path.of("/usr/lib/jvm"))) {
            folders.forEach(homes::add);
        } catch (IOException e) {
            // No such folder: only JAVA_HOME and the PATH count.
        }
        homes.add(Path.of(System.getProperty("java.home")));
        for (Path home : homes) {
            release(home).ifPresent(v -> list.add(new Runtime("java", v, Map.of("JAVA_HOME", home.toString()))));
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
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(ProcessBuilder.Redirect.from(devNull())).start();
            String answer = new String(process.getInputStream().readAllBytes());
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            Matcher version = VERSION.matcher(answer);
            return process.exitValue() == 0 && version.find() ? Optional.of(version.group()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    static java.io.File devNull() {
        return new java.io.File("/dev/null");
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
