package lib.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lib.cli.Console;
import lib.plan.Job.ServiceContainer;
import lib.plan.Job;
import lib.plan.Step;
import lib.plan.Job.Toolchain;
import lib.render.CiPlatforms.CiPlatform.StepShell;
import lib.run.Installed.Choice;
import lib.run.LocalRun.RunResult.JobResult;
import lib.run.LocalRun.RunResult.Status;
import lib.run.LocalRun.RunResult.StepResult;
import lib.run.LocalRun.RunResult;
import lib.scan.Project;

/** Runs one job in a copy of its own, step by step, or says what it lacks. */
final class JobRun {
    /** Come from PyPI, as the set-up steps of the platforms install them; here into a folder of this run. */
    private static final Set<String> FROM_PYPI = Set.of("pre-commit", "tox", "nox", "poetry", "pdm", "pipenv", "hatch", "uv", "meson", "ninja", "ruff", "mkdocs", "build");
    private static final Set<String> FROM_NPM = Set.of("pnpm", "yarn", "bun");
    private static final int TAIL = 60;

    private final Job job;
    private final String folder;
    private final String title;
    private final Project project;
    private final StepShell shell;
    private final Installed installed;
    private final Console console;
    private final Path work;
    private final Map<String, String> environment = new LinkedHashMap<>(System.getenv());
    private final List<String> runtimes = new ArrayList<>();
    private final List<StepResult> steps = new ArrayList<>();

    /** @param folder of the package, in a job that runs once for each */
    JobRun(Job job, String folder, String title, Project project, StepShell shell, Installed installed, Console console, Path work) {
        this.job = job;
        this.folder = folder;
        this.title = title;
        this.project = project;
        this.shell = shell;
        this.installed = installed;
        this.console = console;
        this.work = work;
    }

    JobResult run() throws IOException {
        long start = System.nanoTime();
        Optional<String> lack = prepare();
        if (lack.isPresent()) {
            return RunResult.skipped(job, title, lack.get());
        }
        console.say("");
        console.say(title + (runtimes.isEmpty() ? "" : "  (" + String.join(", ", runtimes) + ")"));
        Path copy = Files.createTempDirectory(work, "job-");
        copyProject(copy);
        String reason = "";
        for (Step step : job.steps()) {
            if (!(step instanceof Step.Run run)) {
                continue;
            }
            StepResult result = execute(run, copy);
            steps.add(result);
            console.say("  " + (result.status() == Status.PASSED ? console.paint("32", "✓") : console.paint("31", "✗")) + " " + run.title()
                    + String.format(java.util.Locale.ROOT, "  %.1f s", result.seconds()));
            if (result.status() == Status.FAILED) {
                reason = run.title() + " failed: " + run.command().lines().findFirst().orElse("");
                break;
            }
        }
        delete(copy);
        return new JobResult(job.id(), title, job.stage(), reason.isEmpty() ? Status.PASSED : Status.FAILED, reason, runtimes, steps, (System.nanoTime() - start) / 1e9);
    }

    // --- what it needs ---

    /** @return what is missing, if anything */
    private Optional<String> prepare() throws IOException {
        environment.putAll(shell.environment());
        job.environment().forEach((name, value) -> environment.putIfAbsent(name, value));
        if (job.docker()) {
            return Optional.of("needs docker");
        }
        if (job.steps().stream().noneMatch(Step.Run.class::isInstance)) {
            return Optional.of(job.steps().stream().anyMatch(Step.ScanSource.class::isInstance) ? "needs trivy in a container" : "has nothing to run here");
        }
        for (Toolchain toolchain : job.toolchains()) {
            Choice choice = installed.choose(toolchain, job.matrix());
            if (choice.runtime() == null) {
                return Optional.of(choice.missing());
            }
            use(choice.runtime());
        }
        for (ServiceContainer service : job.services()) {
            if (!isReachable(service)) {
                return Optional.of("needs " + service.name() + ": " + variableOf(service).map(v -> v + " is not set").orElse("nothing listens on localhost:" + service.port()));
            }
        }
        Optional<String> lack = systemPackages();
        return lack.isPresent() ? lack : programs();
    }

    private void use(Installed.Runtime runtime) throws IOException {
        if (!runtime.version().isEmpty()) {
            runtimes.add(runtime.name() + " " + runtime.version());
        }
        environment.putAll(runtime.environment());
        if (runtime.environment().containsKey("JAVA_HOME")) {
            before(Path.of(runtime.environment().get("JAVA_HOME"), "bin"));
        }
        if (runtime.name().equals("python")) {
            Path venv = work.resolve("python-" + job.id() + "-" + folder.hashCode());
            quietly(List.of(runtime.environment().get("PYTHON"), "-m", "venv", venv.toString()));
            before(venv.resolve("bin"));
            environment.put("VIRTUAL_ENV", venv.toString());
            environment.remove("PYTHON");
        }
    }

    private void before(Path bin) {
        environment.merge("PATH", bin.toString(), (path, own) -> own + ":" + path);
    }

    /** Set by the user, or listening here. */
    private boolean isReachable(ServiceContainer service) {
        if (variableOf(service).map(v -> System.getenv(v) != null).orElse(false)) {
            return true;
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("localhost", service.port()), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<String> variableOf(ServiceContainer service) {
        return job.environment().entrySet().stream().filter(e -> e.getValue().contains(":" + service.port()) || e.getValue().startsWith(service.name()))
                .map(Map.Entry::getKey).findFirst();
    }

    private Optional<String> systemPackages() {
        for (Step step : job.steps()) {
            if (step instanceof Step.SystemPackages packages && Installed.has("dpkg-query", environment.get("PATH"))) {
                for (String name : packages.names()) {
                    if (Installed.ask(List.of("dpkg-query", "--show", "--showformat", "${Version} 1.0", name)).isEmpty()) {
                        return Optional.of("needs the system package " + name);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The first word of each command is a program here, or one that this run can bring. */
    private Optional<String> programs() throws IOException {
        for (Step step : job.steps()) {
            if (step instanceof Step.UseTool tool) {
                bring(tool.name(), tool.version());
            }
        }
        for (Step step : job.steps()) {
            if (step instanceof Step.Run run) {
                String program = run.command().strip().split("\\s+")[0];
                boolean isPlain = program.matches("[A-Za-z][A-Za-z0-9_.+-]*") && !Set.of("cd", "set", "export", "test", "if", "for").contains(program);
                if (isPlain && !Installed.has(program, environment.get("PATH"))) {
                    bring(program, job.toolchains().stream().filter(t -> t.manager().startsWith(program)).map(Toolchain::managerVersion).findFirst().orElse(""));
                    boolean isInstalledByAStep = job.steps().stream().anyMatch(s -> s instanceof Step.Run other && other != run && other.title().startsWith("Install"));
                    if (!Installed.has(program, environment.get("PATH")) && !isInstalledByAStep) {
                        return Optional.of("needs " + program + ": not installed");
                    }
                }
            }
        }
        return Optional.empty();
    }

    private void bring(String program, String version) throws IOException {
        if (Installed.has(program, environment.get("PATH"))) {
            return;
        }
        Path tools = work.resolve("tools-" + program);
        if (FROM_PYPI.contains(program)) {
            console.say("installing " + program + " for this run");
            quietly(List.of("python3", "-m", "venv", tools.toString()));
            quietly(List.of(tools.resolve("bin/pip").toString(), "install", "--quiet", program + (version.isEmpty() ? "" : "==" + version)));
            // Behind the job's own environment, whose python must stay the first.
            environment.merge("PATH", tools.resolve("bin").toString(), (path, own) -> path + ":" + own);
        } else if (FROM_NPM.contains(program)) {
            console.say("installing " + program + " for this run");
            String name = program.equals("yarn") && !version.isEmpty() && !version.startsWith("1") ? "@yarnpkg/cli-dist" : program;
            quietly(List.of("npm", "install", "--silent", "--global", "--prefix", tools.toString(), name + (version.isEmpty() ? "" : "@" + version)));
            before(tools.resolve("bin"));
        }
    }

    private void quietly(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(Installed.devNull()).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        try {
            builder.start().waitFor(10, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // --- running ---

    private StepResult execute(Step.Run run, Path copy) throws IOException {
        long start = System.nanoTime();
        Path script = Files.createTempFile(work, "step-", ".sh");
        Files.writeString(script, run.command() + "\n");
        List<String> command = new ArrayList<>(shell.command());
        command.add(script.toString());
        ProcessBuilder builder = new ProcessBuilder(command).directory(copy.resolve(run.folder().replace(Job.EACH, folder)).normalize().toFile()).redirectErrorStream(true)
                .redirectInput(Installed.devNull());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().putAll(run.environment());
        Process process = builder.start();
        Deque<String> tail = new ArrayDeque<>();
        Thread reader = new Thread(() -> follow(process, tail));
        reader.start();
        boolean inTime = await(process);
        join(reader);
        boolean passed = inTime && process.exitValue() == 0;
        String output = String.join("\n", tail) + (inTime ? "" : "\nstopped after " + job.timeoutMinutes() + " minutes, the timeout of the job");
        return new StepResult(run.title(), run.command(), passed ? Status.PASSED : Status.FAILED, (System.nanoTime() - start) / 1e9, output);
    }

    private void follow(Process process, Deque<String> tail) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                console.say("  " + console.paint("2", "│ ") + line.replaceAll("\u001B\\[[0-9;?]*[A-Za-z]", ""));
                tail.addLast(line);
                if (tail.size() > TAIL) {
                    tail.removeFirst();
                }
            }
        } catch (IOException e) {
            // The process was stopped.
        }
    }

    private boolean await(Process process) {
        try {
            boolean inTime = process.waitFor(job.timeoutMinutes(), TimeUnit.MINUTES);
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            if (!inTime) {
                process.destroyForcibly().waitFor();
            }
            return inTime;
        } catch (InterruptedException e) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // --- the copy ---

    /** What a checkout would have: not what git ignores; the repository itself, since builds ask it for versions. */
    private void copyProject(Path copy) throws IOException {
        for (String file : project.checkoutFiles()) {
            Path target = copy.resolve(file);
            Files.createDirectories(target.getParent());
            Files.copy(project.root().resolve(file), target, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
        }
        Path git = project.root().resolve(".git");
        if (Files.isDirectory(git)) {
            copyTree(git, copy.resolve(".git"));
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(dir)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)), LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Build tools leave folders without write permission behind; what can't be deleted stays in the system's temporary folder. */
    static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    file.toFile().delete();
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, IOException e) {
                    dir.toFile().delete();
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // Left for the system to clean.
        }
    }
}
