package lib.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.cli.Console;
import lib.cli.Failure;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.EngineVersion;
import lib.plan.Job.Stage;
import lib.render.Rendering.GeneratedFile;
import lib.run.RunResult.JobResult;
import lib.run.RunResult.Status;
import lib.run.RunResult.StepResult;

/**
 * Has the engine judge a rendered tree in a scratch copy: format, initialisation, validation, tests, the backend's arguments, and the guard
 * against destruction, tried on plans that it must block and let pass.
 *
 * <p>Talks to no cloud: roots are initialised without their backend, tests use mocks, and where a backend's arguments are looked at, the
 * engine gets no credentials. What could not be checked is in the result as skipped, with its reason.
 */
public final class EngineRun {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MINUTES = 15;
    private static final int TAIL = 40;
    /** An engine with a large provider takes 0.6 GB. */
    private static final int AT_ONCE = Math.max(1, Math.min(2, Runtime.getRuntime().availableProcessors()));
    /** What the engine says when it has no such provider, as opposed to a mistake in the files. */
    private static final List<String> UNAVAILABLE = List.of("Failed to query available provider packages", "Failed to install provider", "Could not retrieve the list of available versions",
            "Failed to resolve provider packages", "registry service is unreachable");
    /** What a backend says of arguments that it doesn't have, lacks, or can't take. */
    private static final List<String> WRONG_BACKEND = List.of("Unsupported argument", "Missing required argument", "Invalid Value", "Missing Required Value", "Unsupported backend type",
            "Invalid backend configuration argument", "Incorrect attribute value type", "Argument or block definition required", "Missing Configuration Value");

    private final Engine engine;
    private final Path providerCache;
    private final Console console;
    private final Set<Process> running = ConcurrentHashMap.newKeySet();
    private final Map<String, Provider> providers = new ConcurrentHashMap<>();
    private final AtomicInteger done = new AtomicInteger();
    private String program;
    private String version = "";
    private Path scratch;
    private int total;

    /** @param providerCache a folder with providers, as the engine's plugin cache and its mirrors are laid out; null: as the engine is configured */
    public EngineRun(Engine engine, Path providerCache, Console console) {
        this.engine = engine;
        this.providerCache = providerCache;
        this.console = console;
    }

    /** @param isReal a program for the provider's own interface; a stub knows names and types only, and no values */
    public record Provider(String source, String version, boolean isReal) {
        @Override
        public String toString() {
            return source + " " + version + (isReal ? "" : " (a stub of its schema: names and types, not values)");
        }
    }

    /** What the engine said. */
    public record Verdict(RunResult result, Engine engine, String version, List<Provider> providers) {
        public boolean isRed() {
            return result.count(Status.FAILED) > 0;
        }

        /** Nothing is wrong, and nothing is left unchecked. */
        public boolean isGreen() {
            return !isRed() && result.count(Status.SKIPPED) == 0;
        }

        /** Each with its reason. */
        public List<String> unchecked() {
            return result.jobs().stream().filter(j -> j.status() == Status.SKIPPED).map(j -> j.title() + ": " + j.reason()).toList();
        }

        public String line() {
            String with = providers.isEmpty() ? "" : " with " + providers.stream().map(Provider::toString).collect(Collectors.joining(", "));
            return (isRed() ? "red" : isGreen() ? "green" : "incomplete") + ": " + result.summary().replace("job", "check") + ", by " + engine.title() + (version.isEmpty() ? "" : " " + version) + with;
        }

        public ObjectNode json() {
            ObjectNode json = JSON.createObjectNode().put("verdict", isRed() ? "red" : isGreen() ? "green" : "incomplete").put("engine", engine.id()).put("version", version);
            ArrayNode used = json.putArray("providers");
            providers.forEach(p -> used.addObject().put("source", p.source()).put("version", p.version()).put("kind", p.isReal() ? "real" : "stub"));
            ArrayNode open = json.putArray("unchecked");
            unchecked().forEach(open::add);
            json.setAll(result.json());
            json.set("checks", json.remove("jobs"));
            json.remove("untracked");
            return json;
        }
    }

    /**
     * @param trees the rendered files of each cloud
     * @param floor the oldest version of the engine that the files are for
     * @param guarded by cloud, a type of resource that the guard must keep
     */
    public Verdict run(Map<String, List<GeneratedFile>> trees, EngineVersion floor, Map<String, String> guarded) throws IOException {
        String missing = missing(floor);
        if (!missing.isEmpty()) {
            JobResult all = new JobResult("engine", "format, init, validate, test", Stage.TEST, Status.SKIPPED, missing, List.of(), List.of(), List.of(), 0);
            return new Verdict(new RunResult(List.of(all), List.of()), engine, version, List.of());
        }
        // Resolved, since the engine compares paths of modules by their text.
        scratch = Files.createTempDirectory("terraform-verify-").toRealPath();
        Thread cleaning = new Thread(this::cleanUp);
        Runtime.getRuntime().addShutdownHook(cleaning);
        try {
            List<Check> checks = new ArrayList<>();
            for (Map.Entry<String, List<GeneratedFile>> tree : trees.entrySet()) {
                for (GeneratedFile file : tree.getValue()) {
                    Path path = scratch.resolve(file.path());
                    Files.createDirectories(path.getParent());
                    Files.writeString(path, file.content());
                }
                checks.addAll(checks(tree.getValue(), guarded.getOrDefault(tree.getKey(), "")));
            }
            checks.add(0, new Check("format", "format", () -> List.of(step("fmt", scratch, List.of(program, "fmt", "-check", "-diff", "-recursive"), Map.of()))));
            total = checks.size();
            console.say("checking with " + engine.title() + " " + version + ", in a scratch copy: " + total + " checks");
            List<JobResult> results = parallel(checks);
            List<Provider> used = providers.values().stream().sorted(Comparator.comparing(Provider::source).thenComparing(Provider::version)).toList();
            return new Verdict(new RunResult(results, List.of()), engine, version, used);
        } finally {
            Runtime.getRuntime().removeShutdownHook(cleaning);
            cleanUp();
        }
    }

    // --- what is checked ---

    private interface Steps {
        List<StepResult> run() throws IOException;
    }

    private record Check(String id, String title, Steps steps) {}

    private List<Check> checks(List<GeneratedFile> files, String guarded) {
        Set<String> folders = new TreeSet<>();
        Set<String> tested = new TreeSet<>();
        Set<String> backends = new TreeSet<>();
        String guard = "";
        for (GeneratedFile file : files) {
            String path = file.path();
            String folder = path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : ".";
            if (path.endsWith(".tf") || path.endsWith(".tofu")) {
                folders.add(folder);
            }
            if (path.endsWith(".tftest.hcl") || path.endsWith(".tofutest.hcl")) {
                tested.add(folder.replaceFirst("(^|/)tests$", ""));
            }
            if (path.endsWith("/backend.tf") || path.endsWith("/backend.tofu")) {
                backends.add(folder);
            }
            if (path.endsWith("scripts/destroy-guard")) {
                guard = path;
            }
        }
        List<Check> checks = new ArrayList<>();
        for (String folder : folders) {
            checks.add(new Check(folder, folder, () -> folder(folder, tested.contains(folder))));
        }
        for (String folder : backends) {
            checks.add(new Check(folder + "/backend", "backend of " + folder, () -> backend(folder)));
        }
        if (!guard.isEmpty() && !guarded.isEmpty()) { // without a type to keep there is nothing that it could block
            String script = guard;
            checks.add(new Check(script, "the guard against destruction, " + script, () -> guard(script, guarded)));
        }
        return checks;
    }

    private List<StepResult> folder(String folder, boolean hasTests) throws IOException {
        Path at = scratch.resolve(folder);
        List<StepResult> steps = new ArrayList<>();
        StepResult init = step("init", at, List.of(program, "init", "-backend=false", "-input=false", "-no-color"), Map.of());
        if (init.status() == Status.FAILED && UNAVAILABLE.stream().anyMatch(flat(init.output())::contains)) {
            throw new Unchecked("the engine has no such provider here: " + provider(init.output()));
        }
        steps.add(init);
        if (init.status() == Status.PASSED) {
            remember(at);
            steps.add(step("validate", at, List.of(program, "validate", "-no-color"), Map.of()));
            if (hasTests) {
                StepResult test = step("test", at, List.of(program, "test", "-no-color"), Map.of());
                // OpenTofu ends with 0 when it can't take down what a test made, and leaves this file.
                boolean isLeft = Files.exists(at.resolve("errored_test.tfstate"));
                steps.add(!isLeft ? test : new StepResult(test.title(), test.command(), Status.FAILED, "a test left resources behind", test.seconds(), test.output()));
            }
        }
        return steps;
    }

    /** A backend judges its arguments only when it is really initialised. Without credentials it gets no further than that. */
    private List<StepResult> backend(String folder) throws IOException {
        Path copy = Files.createTempDirectory(scratch, "backend-");
        for (String name : List.of("backend.tf", "backend.tofu")) {
            Path file = scratch.resolve(folder).resolve(name);
            if (Files.exists(file)) {
                Files.copy(file, copy.resolve(name));
            }
        }
        Map<String, String> bare = new LinkedHashMap<>();
        System.getenv().keySet().stream().filter(k -> !Set.of("PATH", "TMPDIR", "TEMP", "SYSTEMROOT").contains(k)).forEach(k -> bare.put(k, null));
        bare.putAll(Map.of("HOME", copy.toString(), "AWS_EC2_METADATA_DISABLED", "true", "AWS_MAX_ATTEMPTS", "1",
                // A file that isn't there: otherwise the library would ask the machine's metadata, again and again.
                "GOOGLE_APPLICATION_CREDENTIALS", copy.resolve("none.json").toString(), "TF_IN_AUTOMATION", "1", "CHECKPOINT_DISABLE", "1", "ARM_USE_MSI", "false"));
        StepResult init = step("init", copy, List.of(program, "init", "-input=false", "-no-color"), bare);
        String said = flat(init.output());
        boolean isWrong = WRONG_BACKEND.stream().anyMatch(said::contains);
        return List.of(new StepResult("arguments", init.command(), isWrong ? Status.FAILED : Status.PASSED, isWrong ? init.reason() : "", init.seconds(), init.output()));
    }

    /** It must block, let an approved one pass, and refuse what is no plan. */
    private List<StepResult> guard(String script, String type) throws IOException {
        String python = Stream.of("python3", "python").filter(p -> !Programs.answer(List.of(p, "--version")).isEmpty()).findFirst().orElse("");
        if (python.isEmpty()) {
            throw new Unchecked("python3 is not installed, which the script needs");
        }
        Path at = Files.createTempDirectory(scratch, "guard-");
        String address = "module.data." + type + ".this";
        ObjectNode plan = JSON.createObjectNode().put("format_version", "1.2");
        plan.putObject("planned_values");
        ObjectNode change = plan.putArray("resource_changes").addObject().put("address", address).put("mode", "managed").put("type", type);
        change.putObject("change").putArray("actions").add("delete").add("create");
        Files.writeString(at.resolve("plan.json"), plan.toString());
        Files.writeString(at.resolve("none.json"), "{\"format_version\": \"1.2\", \"planned_values\": {}}");
        Files.writeString(at.resolve("broken.json"), "no plan");
        Files.writeString(at.resolve("approval.yaml"), "approvals:\n  - address: " + address + "\n    reason: moved\n");
        Files.writeString(at.resolve("expired.yaml"), "approvals:\n  - address: " + address + "\n    reason: moved\n    expires: 2020-01-01\n");
        String guard = scratch.resolve(script).toString();
        List<StepResult> steps = new ArrayList<>();
        steps.add(expect(1, "blocks a replacement", at, List.of(python, guard, "plan.json")));
        steps.add(expect(0, "lets an approved one pass", at, List.of(python, guard, "plan.json", "approval.yaml")));
        steps.add(expect(1, "ignores an approval that expired", at, List.of(python, guard, "plan.json", "expired.yaml")));
        steps.add(expect(0, "lets a harmless plan pass", at, List.of(python, guard, "none.json")));
        steps.add(expect(3, "refuses what is no plan", at, List.of(python, guard, "broken.json")));
        return steps;
    }

    // --- how ---

    /** Why something could not be checked. */
    private static final class Unchecked extends IOException {
        private static final long serialVersionUID = 1;

        Unchecked(String reason) {
            super(reason);
        }
    }

    private List<JobResult> parallel(List<Check> checks) throws IOException {
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<JobResult>> futures = checks.stream().map(c -> pool.submit(() -> one(c))).toList();
            List<JobResult> results = new ArrayList<>();
            for (Future<JobResult> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Exit.INTERRUPTED, "interrupted; what ran was stopped, and its files are deleted", "");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private JobResult one(Check check) throws IOException {
        long start = System.nanoTime();
        JobResult result;
        try {
            List<StepResult> steps = check.steps().run();
            StepResult bad = steps.stream().filter(s -> s.status() == Status.FAILED).findFirst().orElse(null);
            result = new JobResult(check.id(), check.title(), Stage.TEST, bad == null ? Status.PASSED : Status.FAILED, bad == null ? "" : bad.title() + ": " + bad.reason(),
                    List.of(), List.of(), steps, since(start));
        } catch (Unchecked e) {
            result = new JobResult(check.id(), check.title(), Stage.TEST, Status.SKIPPED, e.getMessage(), List.of(), List.of(), List.of(), since(start));
        }
        String mark = switch (result.status()) {
            case PASSED -> console.paint("32", "✓");
            case FAILED -> console.paint("31", "✗");
            case SKIPPED -> console.paint("33", "-");
        };
        console.say(String.format(Locale.ROOT, "[%d/%d] %s %s  %.1f s%s", done.incrementAndGet(), total, mark, result.title(), result.seconds(), result.reason().isEmpty() ? "" : "  " + result.reason()));
        result.steps().stream().filter(s -> s.status() == Status.FAILED).forEach(s -> console.say(s.output().indent(4).stripTrailing()));
        return result;
    }

    private StepResult expect(int code, String title, Path at, List<String> command) throws IOException {
        Ran ran = execute(at, command, Map.of());
        boolean isRight = ran.code() == code;
        return new StepResult(title, String.join(" ", command), isRight ? Status.PASSED : Status.FAILED, isRight ? "" : "exit code " + ran.code() + " instead of " + code, ran.seconds(), ran.tail());
    }

    private StepResult step(String title, Path at, List<String> command, Map<String, String> environment) throws IOException {
        Ran ran = execute(at, command, environment);
        List<String> shown = new ArrayList<>(command);
        shown.set(0, engine.id());
        return new StepResult(title, String.join(" ", shown), ran.code() == 0 ? Status.PASSED : Status.FAILED, ran.code() == 0 ? "" : firstError(ran.output()), ran.seconds(), ran.tail());
    }

    private record Ran(int code, String output, double seconds) {
        String tail() {
            List<String> lines = output.lines().toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
        }
    }

    /** @param environment on top of this process's; null removes */
    private Ran execute(Path at, List<String> command, Map<String, String> environment) throws IOException {
        long start = System.nanoTime();
        Path output = Files.createTempFile(scratch, "output-", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).directory(at.toFile()).redirectErrorStream(true).redirectOutput(output.toFile()).redirectInput(Programs.devNull());
        Map<String, String> variables = builder.environment();
        variables.putAll(Map.of("TF_IN_AUTOMATION", "1", "TF_INPUT", "0", "CHECKPOINT_DISABLE", "1", "NO_COLOR", "1"));
        variables.remove("TF_DATA_DIR");
        variables.remove("TF_WORKSPACE");
        variables.keySet().removeIf(k -> k.startsWith("TF_VAR_") || k.startsWith("TF_CLI_ARGS"));
        if (providerCache != null) {
            variables.put("TF_CLI_CONFIG_FILE", mirror().toString());
            variables.remove("TF_PLUGIN_CACHE_DIR");
            if (hasStubs()) {
                variables.put("TF_DISABLE_PLUGIN_TLS", "1");
            }
        } else if (!variables.containsKey("TF_PLUGIN_CACHE_DIR") && !variables.containsKey("TF_CLI_CONFIG_FILE")) {
            // Each folder is initialised on its own: without a cache each would fetch the same providers.
            variables.put("TF_PLUGIN_CACHE_DIR", Files.createDirectories(scratch.resolve("plugins")).toString());
            variables.put("TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE", "1");
        }
        environment.forEach((name, value) -> {
            if (value == null) {
                variables.remove(name);
            } else {
                variables.put(name, value);
            }
        });
        Process process = builder.start();
        running.add(process);
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                stop(process);
                return new Ran(-1, "Error: stopped after " + MINUTES + " minutes", since(start));
            }
            return new Ran(process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8), since(start));
        } catch (InterruptedException e) {
            stop(process);
            Thread.currentThread().interrupt();
            return new Ran(-1, "Error: interrupted", since(start));
        } finally {
            running.remove(process);
            Files.deleteIfExists(output);
        }
    }

    private static void stop(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private synchronized Path mirror() throws IOException {
        Path file = scratch.resolve("mirror.tfrc");
        if (!Files.exists(file)) {
            String path = providerCache.toAbsolutePath().toString().replace("\\", "\\\\").replace("\"", "\\\"").replace("${", "$${").replace("%{", "%%{");
            Files.writeString(file, "provider_installation {\n  filesystem_mirror {\n    path = \"" + path + "\"\n  }\n}\ndisable_checkpoint = true\n");
        }
        return file;
    }

    private boolean hasStubs() throws IOException {
        try (Stream<Path> all = Files.walk(providerCache, 7)) {
            return all.filter(p -> p.getFileName().toString().startsWith("terraform-provider-")).filter(Files::isRegularFile).anyMatch(p -> !isReal(p));
        }
    }

    /** Nothing where the engine is there and new enough. */
    private String missing(EngineVersion floor) {
        program = engine.id();
        String answer = Programs.answer(List.of(program, "version", "-json"));
        if (answer.isEmpty()) {
            return engine.title() + " is not installed: no program " + program + " on the PATH";
        }
        try {
            // Warnings about its configuration may stand before the document.
            JsonNode said = JSON.readTree(answer.substring(Math.max(0, answer.indexOf('{'))));
            version = said.path("terraform_version").asText();
        } catch (IOException e) {
            return program + " version -json says something else than its version";
        }
        if (EngineVersion.of(version.replaceFirst("^(\\d+\\.\\d+).*$", "$1")).compareTo(floor) < 0) {
            return engine.title() + " " + version + " is older than these files need: " + floor;
        }
        return providerCache != null && !Files.isDirectory(providerCache) ? "no such folder of providers: " + providerCache : "";
    }

    /** Which providers it was: a stub is a script, a real one a program. */
    private void remember(Path at) throws IOException {
        Path folder = at.resolve(".terraform/providers");
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder, 7, java.nio.file.FileVisitOption.FOLLOW_LINKS)) {
            all.filter(p -> p.getFileName().toString().startsWith("terraform-provider-") && Files.isRegularFile(p)).forEach(p -> {
                Path place = folder.relativize(p);
                Provider provider = new Provider(place.getName(1) + "/" + place.getName(2), place.getName(3).toString(), isReal(p));
                providers.put(provider.source() + " " + provider.version(), provider);
            });
        }
    }

    private static boolean isReal(Path program) {
        try (InputStream in = Files.newInputStream(program)) {
            byte[] begin = in.readNBytes(2);
            return !(begin.length == 2 && begin[0] == '#' && begin[1] == '!');
        } catch (IOException e) {
            return true;
        }
    }

    /** The engine wraps its messages and frames them. */
    private static String flat(String output) {
        return output.replaceAll("[│╷╵\\s]+", " ");
    }

    private static String firstError(String output) {
        return output.lines().map(l -> l.replaceFirst("^[│╷╵ ]+", "")).filter(l -> l.startsWith("Error:")).map(l -> l.substring("Error:".length()).strip()).findFirst()
                .orElse(output.lines().filter(l -> !l.isBlank()).findFirst().orElse("it said nothing"));
    }

    private static String provider(String output) {
        String said = flat(output);
        return said.replaceFirst("^.*?(?:for|provider|of) ([\\w.-]+/[\\w-]+(?:/[\\w-]+)?)[:,]? .*$", "$1").lines().findFirst().filter(l -> l.length() < 100).orElse("run init to see which");
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private void cleanUp() {
        running.forEach(EngineRun::stop);
        try (Stream<Path> all = Files.walk(scratch)) {
            all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
        } catch (IOException e) {
            // The system deletes what is left in its folder for temporary files.
        }
    }
}
