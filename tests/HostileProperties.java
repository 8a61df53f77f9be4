import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import lib.plan.Job.Stage;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.PipelinePlan.PlanOptions;
import lib.plan.PipelinePlanner;
import lib.plan.Versions;
import lib.render.CiPlatforms;
import lib.render.Rendering.CiPlatform;
import lib.render.Rendering;
import lib.render.Templates;
import lib.scan.Finding.Severity;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import lib.verify.Checks;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import support.Containment;
import support.Hostile;
import support.Hostile.Tree;
import support.ScriptRun;

/**
 * More than ten thousand projects that want to break the tool or the pipelines it writes: none makes it crash or hang, nothing of one is
 * more than a value in what is written, and those whose files are right by their formats are served.
 *
 * <p>The seed is fixed, so that the same projects are made in each run; another finds others.
 */
class HostileProperties {
    private static final String SEED = "20261127";
    /** Of the time of a processor, since a machine may be busy with others; who takes far longer by the clock is stuck. */
    private static final long MOST_SECONDS = 10;
    private static final int STUCK_SECONDS = 180;
    private static final int LEAST = 10_000;
    private static final int BATCH = 50;
    private static final int CHOICES = 70;
    private static final int SCRIPTS_OF_BATCH = 12;
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final ThreadLocal<Templates> TEMPLATES = ThreadLocal.withInitial(() -> new Templates(null));

    private static final AtomicInteger PROJECTS = new AtomicInteger();
    private static final AtomicInteger VALID = new AtomicInteger();
    private static final AtomicInteger SERVED = new AtomicInteger();
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Set<String> RUN = new HashSet<>();
    private static final Path ROOT = root();

    /** @param wrong what must not be, or empty; @param scripts with hostile words in them */
    private record Outcome(String wrong, boolean isServed, List<String> scripts) {
        static Outcome of(String wrong) {
            return new Outcome(wrong, false, List.of());
        }
    }

    /** How a project is used: generated from in memory, or given to the command line. */
    private interface Use {
        Outcome of(Path folder, Tree tree) throws IOException;
    }

    /** Numbers that batches of projects are made of. */
    @Provide
    Arbitrary<Long> batches() {
        return Arbitraries.longs().withDistribution(RandomDistribution.uniform());
    }

    private static List<List<Integer>> choices(long number) {
        Random random = new Random(number);
        return Stream.generate(() -> random.ints(CHOICES, 0, 1_000_000).boxed().toList()).limit(BATCH).toList();
    }

    @Property(tries = 172, seed = SEED, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE, generation = GenerationMode.RANDOMIZED, afterFailure = AfterFailureMode.PREVIOUS_SEED)
    void nothingOfAProjectIsMoreThanAValue(@ForAll("batches") long batch) throws Exception {
        List<String> scripts = new ArrayList<>();
        for (Outcome outcome : all(choices(batch), Hostile::valid, HostileProperties::generate)) {
            scripts.addAll(outcome.scripts);
        }
        List<String> fresh = scripts.stream().filter(RUN::add).limit(SCRIPTS_OF_BATCH).toList();
        Path folder = ROOT.resolve("bash-" + NUMBER.incrementAndGet());
        List<String> called = ScriptRun.marked(folder, fresh, Hostile.CANARY);
        delete(folder);
        assertEquals(List.of(), called, () -> String.join("\n---\n", fresh));
    }

    @Property(tries = 20, seed = SEED, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE, generation = GenerationMode.RANDOMIZED, afterFailure = AfterFailureMode.PREVIOUS_SEED)
    void brokenFilesNeitherStopNorDelayIt(@ForAll("batches") long batch) throws Exception {
        all(choices(batch), Hostile::broken, HostileProperties::generate);
    }

    @Property(tries = 8, seed = SEED, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE, generation = GenerationMode.RANDOMIZED, afterFailure = AfterFailureMode.PREVIOUS_SEED)
    void theCommandLineAlwaysAnswers(@ForAll("batches") long batch) throws Exception {
        all(choices(batch).subList(0, 25), Hostile::valid, HostileProperties::call);
        all(choices(batch).subList(25, 50), Hostile::broken, HostileProperties::call);
    }

    @AfterContainer
    static void sayHowMany() throws IOException {
        delete(ROOT);
        System.out.println(PROJECTS + " hostile projects; of " + VALID + " valid ones " + SERVED + " served; " + RUN.size() + " scripts read by bash or alike");
        assertTrue(PROJECTS.get() >= LEAST, () -> "only " + PROJECTS + " projects");
        assertTrue(SERVED.get() >= 0.9 * VALID.get(), () -> "only " + SERVED + " of " + VALID + " served");
    }

    // --- a batch ---

    private static List<Outcome> all(List<List<Integer>> batch, Function<List<Integer>, Tree> maker, Use use) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(Math.min(4, Runtime.getRuntime().availableProcessors()), task -> {
            Thread thread = new Thread(task, "hostile");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<Outcome>> futures = batch.stream().map(choices -> pool.submit(() -> one(maker.apply(choices), use))).toList();
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < batch.size(); i++) {
                Outcome outcome = await(futures.get(i));
                outcomes.add(outcome);
                PROJECTS.incrementAndGet();
                if (!outcome.wrong.isEmpty()) {
                    throw new AssertionError(outcome.wrong + "\n" + maker.apply(smallest(batch.get(i), c -> !one(maker.apply(c), use).wrong.isEmpty())));
                }
            }
            return outcomes;
        } finally {
            pool.shutdownNow();
        }
    }

    private static Outcome await(Future<Outcome> future) throws Exception {
        try {
            return future.get(STUCK_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            StringBuilder where = new StringBuilder("hangs");
            Thread.getAllStackTraces().forEach((thread, trace) -> {
                if (thread.getName().equals("hostile")) {
                    Stream.of(trace).filter(f -> f.getClassName().startsWith("lib.")).limit(8).forEach(f -> where.append("\n    ").append(f));
                }
            });
            return Outcome.of(where.toString());
        }
    }

    /** The same failure with as many choices as possible being the tame one. */
    private static List<Integer> smallest(List<Integer> choices, Predicate<List<Integer>> fails) {
        List<Integer> smallest = new ArrayList<>(choices);
        for (int i = choices.size() - 1; i >= 0; i--) {
            int before = smallest.set(i, 0);
            if (!fails.test(smallest)) {
                smallest.set(i, before);
            }
        }
        return smallest;
    }

    private static Outcome one(Tree tree, Use use) {
        Path folder = ROOT.resolve("project-" + NUMBER.incrementAndGet());
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        try {
            tree.write(folder);
            Outcome outcome = use.of(folder, tree);
            long seconds = TimeUnit.NANOSECONDS.toSeconds(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start);
            return seconds < MOST_SECONDS ? outcome : Outcome.of("took " + seconds + " s");
        } catch (Exception | StackOverflowError | OutOfMemoryError e) {
            StringBuilder where = new StringBuilder(e.toString());
            Stream.of(e.getStackTrace()).filter(f -> f.getClassName().startsWith("lib.")).limit(8).forEach(f -> where.append("\n    ").append(f));
            return Outcome.of(where.toString());
        } finally {
            delete(folder);
        }
    }

    // --- one project ---

    /** scan → plan → render → verify, in memory, for all platforms and with all that can be asked for. */
    private static Outcome generate(Path folder, Tree tree) throws IOException {
        Project project = Project.open(folder);
        ProjectFacts facts = Scan.scan(project);
        String cloud = List.of("", "aws", "gcp", "azure").get(tree.files().size() % 4);
        PipelinePlan plan = PipelinePlanner.plan(facts, new PlanOptions(EnumSet.allOf(Stage.class), false, cloud, true), Versions.shipped(), Pins.shipped());
        CiPlatform.Context context = new CiPlatform.Context(TEMPLATES.get(), Pins.shipped(), Versions.shipped(), facts, new CiPlatform.RenderOptions(true, "the project's own files"));
        List<Rendering> renderings = CiPlatforms.all().stream().map(p -> p.render(plan, context)).toList();
        boolean isClean = Checks.check(renderings, plan, facts, project, Pins.shipped()).stream().noneMatch(f -> f.severity() == Severity.ERROR);
        boolean isServed = isClean && !facts.components().isEmpty() && renderings.stream().anyMatch(r -> !r.files().isEmpty());
        if (tree.valid()) {
            VALID.incrementAndGet();
            SERVED.addAndGet(isServed ? 1 : 0);
        }
        Containment.Verdict verdict = Containment.of(renderings.stream().flatMap(r -> r.files().stream()).toList(), tree.values());
        return new Outcome(String.join("\n", verdict.wrong()), isServed, verdict.scripts());
    }

    /** As a user calls it: one JSON document on standard output, and never a bug of ours. */
    private static Outcome call(Path folder, Tree tree) {
        Cli cli = Cli.pipeline(folder, ".", "--platform", "all", "--with", "dependency-updates", "--json", "--dry-run", "--no-color");
        if (!Set.of(0, 1, 3).contains(cli.exit())) {
            return Outcome.of(cli.all());
        }
        try {
            JsonNode report = JSON.readTree(cli.out());
            if (!report.path("schema").asText().startsWith("pipeline-report/") || cli.exit() == 3 && report.path("findings").isEmpty()) {
                return Outcome.of("no report\n" + cli.all());
            }
        } catch (IOException e) {
            return Outcome.of(e + "\n" + cli.all());
        }
        boolean isPrintable = cli.err().chars().allMatch(c -> c == '\n' || c == '\t' || c >= 0x20 && c != 0x7F && (c < 0x80 || c > 0x9F));
        return Outcome.of(isPrintable ? "" : "a terminal would act on\n" + cli.err());
    }

    // --- the disk ---

    /** In memory where the machine has such a folder. */
    private static Path root() {
        try {
            Path memory = Path.of("/dev/shm");
            return Files.isWritable(memory) ? Files.createTempDirectory(memory, "hostile-") : Files.createTempDirectory("hostile-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Links are not followed. */
    private static void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
