package lib.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import lib.cli.Failure;
import lib.deploy.Engine.Result;
import lib.deploy.Journal.Phase;
import lib.judge.CountsFile;
import lib.judge.Judge;
import lib.judge.Judge.Counts;
import lib.judge.Judge.Interval;
import lib.judge.Judge.Thresholds;
import lib.judge.Judges;
import lib.judge.Replay;
import lib.judge.Verdict;
import lib.plan.Rollout;
import lib.plan.Rollout.Action;
import lib.plan.Rollout.Judging;
import lib.plan.Rollout.Strategy;
import lib.plan.RolloutPlanner;
import lib.plan.RolloutPlanner.Facts;
import lib.plan.RolloutPlanner.Request;
import lib.plan.RolloutPlanner.Rung;
import lib.scan.Finding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The engine on a world in memory, that lives on when the process dies: it is cut off at every point there is, and whoever comes next must bring
 * the rollout to its end, or the world back to what it was. No time passes but in {@link World}.
 */
class RolloutEngineTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    /** As if by {@code kill -9}. */
    private static final class Killed extends RuntimeException {}

    /** What there is outside of the process: workloads, a route, requests, a journal, a clock. */
    private static final class World implements Target, Router, Metrics, Pace {
        private final Map<String, Journal.Versioned> texts = new TreeMap<>();
        private Optional<Lock.Held> held = Optional.empty();
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");
        private Instant interruption = Instant.MAX;
        private String stable = "v1";
        private String beside = "";
        private double share;
        private int writes;
        private double seconds;
        /** Of the old version and of the new one: requests and errors. The old one has served for a while. */
        private final long[] counted = {100_000, 1_000, 0, 0};
        private double errorsOfNew = 0.01;
        private boolean isSilent;
        private int faults;

        /** What users and operators see. */
        String state() {
            return stable + (beside.isEmpty() ? "" : " beside " + beside) + " at " + share;
        }

        private void mayFail() {
            if (faults > 0) {
                faults--;
                throw new Passing("429", null);
            }
        }

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public void sleep(Duration time) {
            now = now.plus(time);
            double part = time.toMillis() / 1000.0 * 200;
            double ofNew = beside.isEmpty() ? stable.equals("v2") ? 1 : 0 : share / 100;
            counted[0] += Math.round(part * (1 - ofNew));
            counted[2] += Math.round(part * ofNew);
            counted[1] = Math.round(counted[0] * 0.01);
            counted[3] = Math.round(counted[2] * errorsOfNew);
        }

        @Override
        public boolean isInterrupted() {
            return !now.isBefore(interruption);
        }

        @Override
        public String id() {
            return "world";
        }

        @Override
        public Observation observe() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Finding> preflight(Rollout plan, Observation seen) {
            return List.of();
        }

        @Override
        public ObjectNode snapshot(Rollout plan) {
            mayFail();
            return JSON.createObjectNode().put("stable", stable);
        }

        @Override
        public void begin(Action action, Rollout plan, JsonNode snapshot) {
            mayFail();
            switch (action.kind()) {
                case START, SCALE -> beside = plan.to();
                case PROMOTE -> stable = plan.to();
                case RETIRE -> beside = "";
                default -> throw new IllegalArgumentException(action.says());
            }
        }

        @Override
        public Progress progress(Action action, Rollout plan, JsonNode snapshot) {
            mayFail();
            return new Progress.Done("");
        }

        @Override
        public List<String> preview(Rollout plan) {
            return List.of();
        }

        @Override
        public void undo(Rollout plan, JsonNode snapshot) {
            mayFail();
            stable = snapshot.path("stable").asText();
            beside = "";
        }

        @Override
        public Progress undone(Rollout plan, JsonNode snapshot) {
            return stable.equals(snapshot.path("stable").asText()) ? new Progress.Done("") : new Progress.Waiting("not yet");
        }

        @Override
        public List<Revision> revisions() {
            return List.of();
        }

        @Override
        public void evidence(Rollout plan, Path folder) throws IOException {
            Files.writeString(folder.resolve("logs.txt"), "it was like this\n");
        }

        @Override
        public Router router(String id, Rollout plan) {
            return this;
        }

        @Override
        public Metrics metrics(Rollout plan) {
            return this;
        }

        @Override
        public double share() {
            return share;
        }

        @Override
        public void set(double percent) {
            mayFail();
            share = percent;
        }

        @Override
        public Optional<String> pending(double percent) {
            return share == percent ? Optional.empty() : Optional.of("at " + share);
        }

        @Override
        public void settle() {
            share = 0;
        }

        @Override
        public JsonNode snapshot() {
            return DoubleNode.valueOf(share);
        }

        @Override
        public void restore(JsonNode snapshot) {
            mayFail();
            share = snapshot.asDouble();
        }

        @Override
        public Optional<String> unrestored(JsonNode snapshot) {
            return pending(snapshot.asDouble());
        }

        @Override
        public String name() {
            return "counters";
        }

        @Override
        public Reading read() {
            return isSilent ? Reading.none(0, "no series") : new Reading(Duration.between(Instant.EPOCH, now).toMillis() / 1000.0, new Counter(counted[0], counted[1]), new Counter(counted[2], counted[3]), "");
        }

        @Override
        public Journal.Store journal() {
            return new Journal.Store() {
                @Override
                public Optional<Journal.Versioned> read(String key) {
                    return Optional.ofNullable(texts.get(key));
                }

                @Override
                public String swap(String key, String expected, String text) {
                    if (!expected.equals(texts.containsKey(key) ? texts.get(key).version() : "")) {
                        throw new Journal.Moved(key);
                    }
                    texts.put(key, new Journal.Versioned(String.valueOf(++writes), text));
                    return String.valueOf(writes);
                }
            };
        }

        @Override
        public Lock.Store lock() {
            return new Lock.Store() {
                @Override
                public Optional<Lock.Held> read() {
                    return held;
                }

                @Override
                public String swap(String expected, Lock.Lease lease) {
                    if (!expected.equals(held.map(Lock.Held::version).orElse(""))) {
                        throw new Journal.Moved("lock");
                    }
                    held = lease == null ? Optional.empty() : Optional.of(new Lock.Held(String.valueOf(++writes), lease));
                    return held.map(Lock.Held::version).orElse("");
                }
            };
        }

        @Override
        public void close() {}
    }

    // --- a rollout ---

    private static Rollout plan(Strategy strategy, boolean hasGate) {
        List<Rung> ladder = List.of(new Rung(5, 600, false), new Rung(25, 600, hasGate), new Rung(50, 900, false), new Rung(100, 0, false));
        return RolloutPlanner.plan(new Request("shop", strategy, "world", strategy == Strategy.ROLLING ? "" : "split", true, "v1", "v2", 4, ladder, 300, 60, Judging.standard(60), List.of(), List.of(),
                Facts.NONE)).rollout();
    }

    private Engine engine(World world, Engine.Faults faults) {
        Lock lock = new Lock(world.lock(), world, "ann");
        lock.acquire();
        Engine.Listener silent = text -> {};
        return new Engine(new Engine.Parts(world, new Journal(world.journal()), lock, world, RolloutEngineTest::judge, new Outside(dir, Map.of(), List.of(), p -> {}), silent, faults, 120, dir.resolve("evidence")));
    }

    private static Watch.Opinion judge(List<Journal.Sample> all, int step, boolean isOver, Rollout plan) {
        List<Interval> intervals = all.stream().map(s -> new Interval(s.step(), s.seconds(), new Counts(s.stableRequests(), s.stableErrors()), new Counts(s.canaryRequests(), s.canaryErrors()))).toList();
        Verdict verdict = Judges.of(plan.judging().judge()).orElseThrow().judge(intervals, step, isOver, Thresholds.of(3).withLooks(2));
        return new Watch.Opinion(Watch.Outcome.valueOf(verdict.outcome().name()), verdict.line());
    }

    private Result run(World world, Strategy strategy) {
        return engine(world, point -> {}).start(plan(strategy, false), "r1", "ann", "because");
    }

    @ParameterizedTest
    @EnumSource(value = Strategy.class, names = {"CANARY", "BLUE_GREEN", "ROLLING"})
    void aGoodReleaseIsTheStableOneInTheEnd(Strategy strategy) {
        World world = new World();
        Result result = run(world, strategy);
        assertEquals(Phase.SUCCEEDED, result.phase(), result::says);
        assertEquals("v2 at 0.0", world.state());
        assertEquals(List.of("succeeded"), new Journal(world.journal()).history().stream().map(Journal.Past::outcome).toList());
    }

    @ParameterizedTest
    @EnumSource(value = Strategy.class, names = {"CANARY", "BLUE_GREEN"})
    void aBadReleaseGoesBackWithTheEvidenceKept(Strategy strategy) throws Exception {
        World world = new World();
        world.errorsOfNew = 0.2;
        Result result = run(world, strategy);
        assertEquals(Phase.ROLLED_BACK, result.phase(), result::says);
        assertEquals("v1 at 0.0", world.state());
        try (Stream<Path> files = Files.list(result.evidence())) {
            assertEquals(List.of("counts.csv", "events.txt", "logs.txt", "plan.json", "post-mortem.md"), files.map(f -> f.getFileName().toString()).sorted().toList());
        }
        List<Interval> counts = CountsFile.parse("counts.csv", Files.readString(result.evidence().resolve("counts.csv")));
        assertEquals(Judge.Outcome.FAIL, Replay.run(Judges.of("exact").orElseThrow(), counts, Thresholds.of(3)).outcome(), "what is kept says again why");
        assertTrue(Files.readString(result.evidence().resolve("post-mortem.md")).contains("canary "));
    }

    @Test
    void withoutDataNothingIsPromoted() {
        World world = new World();
        world.isSilent = true;
        Result result = run(world, Strategy.CANARY);
        assertEquals(Phase.ROLLED_BACK, result.phase());
        assertEquals("inconclusive when the time was up", result.says());
        assertEquals("v1 at 0.0", world.state());
    }

    @Test
    void faultsThatPassAreWaitedOut() {
        World world = new World();
        world.faults = 7;
        assertEquals(Phase.SUCCEEDED, run(world, Strategy.CANARY).phase());
        assertEquals(0, world.faults);
    }

    @Test
    void aGateWaitsForAPerson() {
        World world = new World();
        Result waiting = engine(world, point -> {}).start(plan(Strategy.CANARY, true), "r1", "ann", "");
        assertEquals(Phase.WAITING, waiting.phase());
        assertEquals("v1 beside v2 at 25.0", world.state());
        assertEquals(Phase.WAITING, engine(world, point -> {}).resume().phase(), "who resumes is no person that promotes");
        assertEquals(Phase.SUCCEEDED, engine(world, point -> {}).promote("bob").phase());
        assertEquals("v2 at 0.0", world.state());
    }

    // --- cut off ---

    private interface Beginning {
        Result of(Engine engine);
    }

    /** Runs until the fault point with this number. @return whether there is one */
    private boolean isKilledAt(int number, World world, Beginning beginning) {
        int[] passed = {0};
        try {
            beginning.of(engine(world, point -> {
                if (passed[0]++ == number) {
                    throw new Killed();
                }
            }));
            return false;
        } catch (Killed e) {
            return true;
        }
    }

    @ParameterizedTest
    @EnumSource(value = Strategy.class, names = {"CANARY", "BLUE_GREEN", "ROLLING"})
    void killedAnywhereItIsBroughtToItsEndOrBack(Strategy strategy) {
        Beginning start = engine -> engine.start(plan(strategy, false), "r1", "ann", "");
        int points = 0;
        for (World world = new World(); isKilledAt(points, world, start); world = new World()) {
            assertEquals(Phase.SUCCEEDED, engine(world, point -> {}).resume().phase(), "at point " + points);
            assertEquals("v2 at 0.0", world.state(), "at point " + points);

            World other = new World();
            assertTrue(isKilledAt(points, other, start));
            assertEquals(Phase.ROLLED_BACK, engine(other, point -> {}).abort("not now").phase(), "at point " + points);
            assertEquals("v1 at 0.0", other.state(), "at point " + points);
            points++;
        }
        assertEquals(3 * plan(strategy, false).actions().size(), points, "every action is cut off before, after, and once it is journaled");
    }

    @Test
    void killedOnTheWayBackItStillGoesBack() {
        for (int number = 0;; number++) {
            World world = new World();
            world.errorsOfNew = 0.2;
            if (!isKilledAt(number, world, engine -> engine.start(plan(Strategy.CANARY, false), "r1", "ann", ""))) {
                assertTrue(number > 8, "there are points on the way back");
                return;
            }
            assertEquals(Phase.ROLLED_BACK, engine(world, point -> {}).resume().phase(), "at point " + number);
            assertEquals("v1 at 0.0", world.state(), "at point " + number);
        }
    }

    @Test
    void whoInterruptsGetsASafeStateAndMayGoOn() {
        for (int after : new int[] {1, 300, 700, 1500}) {
            World world = new World();
            world.interruption = world.now.plusSeconds(after);
            Result result = run(world, Strategy.CANARY);
            assertEquals(Phase.INTERRUPTED, result.phase(), "after " + after + " s");
            assertEquals(0, world.share, "after " + after + " s");
            world.interruption = Instant.MAX;
            assertEquals(Phase.SUCCEEDED, engine(world, point -> {}).resume().phase(), "after " + after + " s");
            assertEquals("v2 at 0.0", world.state());
        }
    }

    // --- one at a time ---

    @Test
    void twoOperatorsAtOnceAreOneTooMany() {
        World world = new World();
        assertEquals("", new Lock(world.lock(), world, "ann").acquire());
        Lock bob = new Lock(world.lock(), world, "bob");
        assertTrue(assertThrows(Failure.class, bob::acquire).getMessage().startsWith("another rollout is in progress: ann"));
        world.now = world.now.plusSeconds(Lock.SECONDS - 1);
        assertThrows(Failure.class, bob::acquire, "not before it has expired");
        world.now = world.now.plusSeconds(1);
        assertTrue(bob.acquire().startsWith("took over the lock of ann"));
    }

    @Test
    void whoSleptThroughItsLeaseTouchesNothingMore() {
        World world = new World();
        Lock ann = new Lock(world.lock(), world, "ann");
        ann.acquire();
        world.now = world.now.plusSeconds(Lock.SECONDS);
        new Lock(world.lock(), world, "bob").acquire();
        assertThrows(Lock.Lost.class, ann::renew);
        ann.release();
        assertEquals("bob", world.held.orElseThrow().lease().holder(), "what was taken over is not released");
    }

    @Test
    void filesAreSwappedOnlyByWhoReadThemLast() {
        FileStore store = new FileStore(dir.resolve("store"));
        String first = store.swap("current", "", "one");
        assertThrows(Journal.Moved.class, () -> store.swap("current", "", "two"));
        String second = new FileStore(dir.resolve("store")).swap("current", first, "two");
        assertEquals(new Journal.Versioned(second, "two"), store.read("current").orElseThrow());
        store.swap("current", second, null);
        assertTrue(store.read("current").isEmpty());
        List<String> lease = new ArrayList<>();
        Lock.Lease written = new Lock.Lease("ann", Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2026-01-01T00:00:10Z"), 60, 2);
        lease.add(store.lock().swap("", written));
        assertEquals(new Lock.Held(lease.get(0), written), store.lock().read().orElseThrow());
    }
}
