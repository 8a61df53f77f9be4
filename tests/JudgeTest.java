import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import lib.judge.CounterDifferences;
import lib.judge.CountsFile;
import lib.judge.Judge;
import lib.judge.Judge.Counts;
import lib.judge.Judge.Interval;
import lib.judge.Judge.Outcome;
import lib.judge.Judge.Thresholds;
import lib.judge.Judges;
import lib.judge.Latency;
import lib.judge.Power;
import lib.judge.Replay;
import lib.judge.Verdict;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Judges of rollouts: known figures, no verdict without data, and recorded counts. What they claim of chance is simulated in JudgeSimulationTest. */
class JudgeTest {
    private static final Thresholds STANDARD = Thresholds.of(3);

    private static Verdict end(String judge, long baselineRequests, long baselineErrors, long canaryRequests, long canaryErrors) {
        return Judges.of(judge).orElseThrow().judge(List.of(new Interval(0, 600, new Counts(baselineRequests, baselineErrors), new Counts(canaryRequests, canaryErrors))), 0, true, STANDARD);
    }

    // --- verdicts ---

    @Test
    void aVerdictSaysWhatItRestsOn() {
        Verdict verdict = end("exact", 43_900, 9, 2_310, 14);
        assertEquals("canary 14 of 2,310 vs baseline 9 of 43,900: ratio 29.6 [11.9, 77.4], p < 1e-6, P(rollback of a good release) ≤ 1 %", verdict.line());
        assertEquals(Outcome.FAIL, verdict.outcome());
    }

    /** The p-values by summing the binomial's terms in whole numbers. */
    @ParameterizedTest
    @CsvSource({"1000,10,1000,20,0.58476", "19000,190,1000,30,0.029389", "900,0,100,3,0.00601", "500,5,500,0,1"})
    void theTestIsTheExactConditionalOne(long baselineRequests, long baselineErrors, long canaryRequests, long canaryErrors, double p) {
        assertEquals(p, end("exact", baselineRequests, baselineErrors, canaryRequests, canaryErrors).p(), 1e-5);
    }

    @ParameterizedTest
    @CsvSource({"exact", "sequential", "naive"})
    void withoutDataNothingPasses(String judge) {
        for (Verdict verdict : List.of(end(judge, 0, 0, 0, 0), end(judge, 1000, 10, 0, 0), end(judge, 0, 0, 1000, 0))) {
            assertEquals(Outcome.INCONCLUSIVE, verdict.outcome());
            assertTrue(verdict.reason().contains("nothing can be said"), verdict::reason);
            assertFalse(verdict.line().contains("NaN"), verdict::line);
        }
    }

    @ParameterizedTest
    @CsvSource({"exact,5000,50,5000,52,PASS", "exact,5000,50,5000,300,FAIL", "sequential,5000,50,5000,52,PASS", "sequential,5000,50,5000,300,FAIL", "naive,100,1,100,3,FAIL",
            "naive,100,1,100,2,PASS", "exact,95,0,5,0,INCONCLUSIVE", "sequential,95,0,5,0,INCONCLUSIVE", "exact,100,1,100,3,INCONCLUSIVE"})
    void eachJudgeDecides(String judge, long baselineRequests, long baselineErrors, long canaryRequests, long canaryErrors, Outcome outcome) {
        Verdict verdict = end(judge, baselineRequests, baselineErrors, canaryRequests, canaryErrors);
        assertEquals(outcome, verdict.outcome(), verdict::reason);
    }

    @Test
    void tooLittleIsSaidWithWhatLacks() {
        Verdict verdict = end("exact", 1_900, 2, 100, 0);
        assertEquals(Outcome.INCONCLUSIVE, verdict.outcome());
        assertTrue(verdict.reason().matches("too few requests to see 10 times an error rate of 0\\.\\d+ %: needs about [\\d,]+ more requests to the new version, about [\\d.]+ (min|s|h) at this rate"), verdict::reason);
        long more = verdict.needRequests();
        assertTrue(more > 100, () -> more + " requests");
        long enough = (100 + more) * 11 / 10;
        assertEquals(Outcome.PASS, end("exact", enough * 19, enough * 19 * 2 / 1_900, enough, 0).outcome(), "with about what lacked it can be told");
    }

    @Test
    void aDisasterStopsBeforeTheStepIsOver() {
        List<Interval> all = List.of(new Interval(0, 10, new Counts(950, 1), new Counts(50, 30)));
        Verdict verdict = Judges.of("exact").orElseThrow().judge(all, 0, false, STANDARD);
        assertEquals(Outcome.FAIL, verdict.outcome());
        assertTrue(verdict.reason().startsWith("stopped at once: 30 errors"), verdict::reason);
        List<Interval> sameForBoth = List.of(new Interval(0, 10, new Counts(950, 570), new Counts(50, 30)));
        assertNotEquals(Outcome.FAIL, Judges.of("exact").orElseThrow().judge(sameForBoth, 0, false, STANDARD).outcome(), "what befalls both is not the release's fault");
    }

    @Test
    void theSequentialJudgeStopsEarlyAndTheExactOneWaits() {
        List<Interval> all = List.of(new Interval(0, 10, new Counts(1000, 3), new Counts(1000, 40)));
        assertEquals(Outcome.FAIL, Judges.of("sequential").orElseThrow().judge(all, 0, false, STANDARD).outcome());
        Thresholds noHardStop = STANDARD.withHardStop(1_000_000, 14.4);
        assertNotEquals(Outcome.FAIL, Judges.of("exact").orElseThrow().judge(all, 0, false, noHardStop).outcome());
        assertEquals(Outcome.FAIL, Judges.of("exact").orElseThrow().judge(all, 0, true, noHardStop).outcome());
    }

    @Test
    void eachStepIsJudgedOnItsOwn() {
        Interval bad = new Interval(0, 600, new Counts(19_000, 19), new Counts(1_000, 0));
        Interval now = new Interval(1, 600, new Counts(7_500, 8), new Counts(2_500, 30));
        assertEquals(Outcome.FAIL, Judges.of("exact").orElseThrow().judge(List.of(bad, now), 1, true, STANDARD).outcome());
    }

    @Test
    void thresholdsThatMakeNoSenseAreTold() {
        assertEquals(List.of(), STANDARD.problems());
        assertEquals(2, STANDARD.with(0.5, 0.9).problems().size(), () -> STANDARD.with(0.5, 0.9).problems().toString());
        assertEquals(1, STANDARD.withObjective(1).problems().size());
    }

    // --- whatever is counted ---

    @Property(tries = 1000)
    void anyCountsHaveAVerdictWithoutNonsense(@ForAll @LongRange(max = 100_000_000) long baselineRequests, @ForAll @DoubleRange(max = 1) double baselineRate,
            @ForAll @LongRange(max = 100_000_000) long canaryRequests, @ForAll @DoubleRange(max = 1) double canaryRate) {
        long baselineErrors = (long) (baselineRequests * baselineRate);
        long canaryErrors = (long) (canaryRequests * canaryRate);
        for (Judge judge : Judges.ALL) {
            Verdict verdict = end(judge.id(), baselineRequests, baselineErrors, canaryRequests, canaryErrors);
            assertTrue(verdict.p() >= 0 && verdict.p() <= 1, verdict::line);
            assertFalse(verdict.line().contains("NaN") || verdict.reason().contains("NaN"), verdict::line);
            assertTrue(Double.isNaN(verdict.ratio()) || verdict.low() <= verdict.ratio() && verdict.ratio() <= verdict.high() || Double.isNaN(verdict.low()), verdict::line);
            assertTrue(canaryRequests > 0 && baselineRequests > 0 || verdict.outcome() == Outcome.INCONCLUSIVE, verdict::line);
        }
    }

    @Property(tries = 300)
    void moreErrorsNeverLookBetter(@ForAll @LongRange(min = 1, max = 1_000_000) long baselineRequests, @ForAll @LongRange(min = 2, max = 1_000_000) long canaryRequests, @ForAll long seed) {
        Random random = new Random(seed);
        long baselineErrors = (long) (baselineRequests * random.nextDouble() * 0.1);
        long canaryErrors = (long) (canaryRequests * random.nextDouble() * 0.5);
        double p = end("exact", baselineRequests, baselineErrors, canaryRequests, canaryErrors).p();
        assertTrue(end("exact", baselineRequests, baselineErrors, canaryRequests, canaryErrors + 1).p() <= p + 1e-12);
    }

    // --- power ---

    @Test
    void whatALadderCatchesGrowsWithTrafficAndWithTheRegression() {
        List<Power.Step> ladder = List.of(new Power.Step(5, 600), new Power.Step(25, 600), new Power.Step(50, 900));
        double before = 0;
        for (double rps : new double[] {0.1, 1, 5, 50, 500}) {
            double caught = Power.forecast(ladder, rps, 0.001, 3, STANDARD).caught();
            assertTrue(caught >= before, rps + ": " + caught);
            assertTrue(Power.forecast(ladder, rps, 0.001, 10, STANDARD).caught() >= caught);
            before = caught;
        }
        assertTrue(before > 0.99, "at 500 requests/s three times the errors are seen: " + before);
        assertTrue(Power.forecast(ladder, 50, 0.001, 1, STANDARD).caught() <= 0.01, "a good release is left alone");
        Power.Forecast ten = Power.forecast(ladder, 50, 0.01, 10, STANDARD);
        assertEquals(50 * 600 * 0.05 * 0.09, ten.badRequests(), 5, "ten times is caught at the end of the first step");
    }

    // --- counters ---

    @Test
    void countersThatRestartAppearOrVanishAreCountedRight() {
        CounterDifferences counter = new CounterDifferences();
        assertEquals(0, counter.add(Map.of("a", 100.0, "b", 50.0)), "where it began");
        assertEquals(15, counter.add(Map.of("a", 110.0, "b", 55.0)));
        assertEquals(7, counter.add(Map.of("a", 2.0, "b", 60.0)), "a began again");
        assertEquals(9, counter.add(Map.of("b", 65.0, "c", 4.0)), "c is new, and a is gone");
        assertEquals(3, counter.add(Map.of("a", 5.0, "b", 65.0, "c", Double.NaN)), "a is back from 2");
    }

    // --- latency ---

    @Test
    void timesAreComparedByRanks() {
        Random random = new Random(1);
        double[] baseline = random.doubles(2000).map(r -> 10 + 10 * r).toArray();
        double[] same = random.doubles(500).map(r -> 10 + 10 * r).toArray();
        double[] slower = Arrays.stream(same).map(t -> t * 1.5).toArray();
        double[] hardly = Arrays.stream(same).map(t -> t * 1.02).toArray();
        assertEquals(Outcome.PASS, Latency.judge(baseline, same, 0.001).outcome());
        assertEquals(Outcome.FAIL, Latency.judge(baseline, slower, 0.001).outcome());
        assertEquals(Outcome.PASS, Latency.judge(baseline, hardly, 0.001).outcome(), "what nobody feels is no reason");
        assertEquals(Outcome.INCONCLUSIVE, Latency.judge(baseline, new double[] {9, 9, 9}, 0.001).outcome());
        Latency.Result ties = Latency.judge(Map.of(0.1, 500L), Map.of(0.1, 500L), 0.001);
        assertEquals(Outcome.PASS, ties.outcome());
        assertEquals(0.5, ties.slower(), 1e-12);
    }

    // --- recorded counts ---

    private static final String TABLE = """
            # a canary at 5 %, then at 25 %
            step,seconds,baseline_requests,baseline_errors,canary_requests,canary_errors
            1,60,28500,285,1500,15
            1,60,28500,280,1500,12
            2,60,22500,225,7500,80

            2,60,22500,225,7500,600
            """;

    @Test
    void recordedCountsAreReplayedWithOneLineAnInterval() throws Exception {
        Replay.Result result = Replay.run(Judges.of("exact").orElseThrow(), CountsFile.parse("counts.csv", TABLE), Thresholds.of(3));
        assertEquals(4, result.lines().size());
        assertEquals(List.of(false, true, false, true), result.lines().stream().map(Replay.Line::decides).toList());
        assertEquals(Outcome.FAIL, result.outcome());
        assertTrue(result.lines().get(1).text().startsWith("  2  step 1  pass         canary 27 of 3,000 vs baseline 565 of 57,000: ratio 0.91 ["), result.lines().get(1).text());
    }

    @Test
    void countersAndJsonAreRecordedCountsToo() throws Exception {
        String counters = "baseline_requests_total,baseline_errors_total,canary_requests_total,canary_errors_total\n100,1,10,0\n300,3,30,1\n400,3,5,0\n";
        List<Interval> expected = List.of(new Interval(0, 0, new Counts(200, 2), new Counts(20, 1)), new Interval(0, 0, new Counts(100, 0), new Counts(5, 0)));
        assertEquals(expected, CountsFile.parse("counts", counters));
        String json = "{\"baseline\": {\"requests\": 200, \"errors\": 2}, \"canary\": {\"requests\": 20, \"errors\": 1}}\n"
                + "{\"baseline_requests\": 100, \"baseline_errors\": 0, \"canary_requests\": 5, \"canary_errors\": 0}\n";
        assertEquals(expected, CountsFile.parse("counts", json));
    }

    @Test
    void theToolJudgesRecordedCounts(@TempDir Path dir) throws Exception {
        Files.writeString(dir.resolve("counts.csv"), TABLE);
        Cli text = Cli.deployment(dir, "judge", "--counts", "counts.csv");
        assertEquals(1, text.exit(), text::all);
        assertEquals(5, text.out().lines().count(), text::all);
        assertTrue(text.out().contains("\nfail: "), text::all);
        Cli json = Cli.deployment(dir, "judge", "--counts", "counts.csv", "--judge", "sequential", "--json");
        JsonNode report = new ObjectMapper().readTree(json.out());
        assertEquals("fail", report.at("/verdict/outcome").asText(), json::all);
        assertEquals("error", report.path("status").asText(), "an exit of 1 is no success");
        assertEquals("worse-release", report.at("/findings/0/rule").asText());
        assertEquals(4, report.at("/verdict/intervals").size(), json::all);
        Files.writeString(dir.resolve("good.csv"), TABLE.replaceAll("(?m)^2,.*$", ""));
        assertEquals(0, Cli.deployment(dir, "judge", "--counts", "good.csv").exit());
        Cli missing = Cli.deployment(dir, "judge", "--counts", "none.csv");
        assertTrue(missing.exit() == 3 && missing.err().contains("there is no file none.csv") && missing.err().contains("hint:"), missing::all);
        Files.writeString(dir.resolve("bad.csv"), "a,b\n");
        Cli bad = Cli.deployment(dir, "judge", "--counts", "bad.csv");
        assertTrue(bad.exit() == 3 && bad.err().contains("bad.csv:1 names no column"), bad::all);
        assertEquals(2, Cli.deployment(dir, "judge", "--counts", "good.csv", "--judge", "exakt").exit());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"a,b|counts:1 names no column baseline_requests", "{|counts:1 is no JSON", "{\"canary_requests\": 1}|counts:1 has no baseline_requests",
            "# nothing|counts has no interval", "baseline_requests,baseline_errors,canary_requests,canary_errors;1,2|counts:2 has 2 cells",
            "baseline_requests,baseline_errors,canary_requests,canary_errors;1,2,3,x|counts:2 has 'x' as canary_errors",
            "baseline_requests,baseline_errors,canary_requests,canary_errors;1,2,3,4|counts:2 has 2 baseline_errors of 1 baseline_requests",
            "baseline_requests,baseline_errors,canary_requests,canary_errors;1,0,3,-1|counts:2 has '-1' as canary_errors"})
    void whatIsWrongInAFileIsSaidWithItsLine(String text, String message) {
        CountsFile.Malformed e = assertThrows(CountsFile.Malformed.class, () -> CountsFile.parse("counts", text.replace(';', '\n')));
        assertTrue(e.getMessage().startsWith(message), e::getMessage);
        assertFalse(e.hint.isEmpty());
    }

    @Test
    void whatIsJournaledBetweenTwoRunsGivesTheSameVerdict() {
        List<Interval> all = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < 30; i++) {
            all.add(new Interval(i / 10, 10, new Counts(900, random.nextInt(12)), new Counts(100, random.nextInt(3))));
        }
        for (Judge judge : Judges.ALL) {
            assertEquals(judge.judge(all, 2, true, STANDARD), judge.judge(List.copyOf(all), 2, true, STANDARD));
        }
    }
}
