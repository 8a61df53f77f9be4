import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import lib.judge.Judge;
import lib.judge.Judge.Counts;
import lib.judge.Judge.Interval;
import lib.judge.Judge.Outcome;
import lib.judge.Judge.Thresholds;
import lib.judge.Judges;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.PoissonDistribution;
import org.junit.jupiter.api.Test;
import support.Checkout;
import support.Paper;

/**
 * What the judges claim of chance, tried on simulated rollouts through the default ladder: 5 % and 25 % for 10 minutes each, 50 % for 15. Errors
 * are independent of each other, as the judges assume. Fixed seeds; {@code --update} writes the table into the guide.
 */
class JudgeSimulationTest {
    private static final int ROLLOUTS = 10_000;
    private static final double[][] LADDER = {{0.05, 600}, {0.25, 600}, {0.50, 900}};
    private static final double[] RATES = {0.0001, 0.001, 0.01};
    private static final double[] TRAFFIC = {1, 5, 50};
    private static final double[] REGRESSIONS = {1, 2, 3, 5, 10};
    /** Looks in each step of the sequential judge and of the hard stop: the more often one looks, the more a false claim would show. */
    private static final int LOOKS = 5;
    /** A rate of 1 % is refuted when so many more of the rollouts were rolled back that chance would do it once in ten thousand times. */
    private static final long MOST_FALSE = BinomialDistribution.of(ROLLOUTS, 0.01).inverseSurvivalProbability(1e-4);

    private final Map<Double, int[]> tables = new HashMap<>();

    @Test
    void goodReleasesAreLeftAloneAndBadOnesAreCaught() throws IOException {
        StringBuilder table = new StringBuilder("| errors of the old version | requests/s | judge | good: rolled back | good: promoted | allowed limit, 2 ×: rolled back | 3 × caught | 5 × caught | 10 × caught |\n"
                + "| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        List<String> wrong = new ArrayList<>();
        for (double rate : RATES) {
            for (double traffic : TRAFFIC) {
                for (Judge judge : Judges.ALL) {
                    Map<Double, Map<Outcome, Integer>> cell = new TreeMap<>();
                    for (double regression : REGRESSIONS) {
                        cell.put(regression, rollouts(judge, rate, traffic, regression));
                    }
                    table.append(row(judge, rate, traffic, cell));
                    judged(judge, rate, traffic, cell, wrong);
                }
            }
        }
        assertTrue(wrong.isEmpty(), () -> String.join("\n", wrong) + "\n" + table);
        String should = Paper.of(Checkout.root().resolve("references/deployment_strategies.md")).differs("judges", table.toString());
        assertTrue(should.isEmpty(), () -> "the table in references/deployment_strategies.md is out of date; ./jbang test JudgeSimulation --update writes it:\n" + should);
    }

    private static void judged(Judge judge, double rate, double traffic, Map<Double, Map<Outcome, Integer>> cell, List<String> wrong) {
        if (judge.id().equals("naive")) {
            return;    // Its figures stand in the table to show why.
        }
        for (double good : new double[] {1, 2}) {
            if (share(cell, good, Outcome.FAIL) * ROLLOUTS > MOST_FALSE) {
                wrong.add(judge.id() + " at " + rate + ", " + traffic + "/s rolls back releases of ratio " + good + ": " + share(cell, good, Outcome.FAIL));
            }
        }
        if (rate == 0.01 && traffic == 50) {
            require(share(cell, 1, Outcome.PASS) >= 0.95, judge.id() + " promotes good releases", wrong);
            require(share(cell, 3, Outcome.FAIL) >= 0.95, judge.id() + " catches three times the errors: " + share(cell, 3, Outcome.FAIL), wrong);
            require(share(cell, 10, Outcome.FAIL) == 1, judge.id() + " catches ten times the errors, always", wrong);
        }
    }

    private static void require(boolean isSo, String claim, List<String> wrong) {
        if (!isSo) {
            wrong.add("not so: " + claim);
        }
    }

    private static double share(Map<Double, Map<Outcome, Integer>> cell, double regression, Outcome outcome) {
        return (double) cell.get(regression).getOrDefault(outcome, 0) / ROLLOUTS;
    }

    private static String row(Judge judge, double rate, double traffic, Map<Double, Map<Outcome, Integer>> cell) {
        return String.format(Locale.ROOT, "| %s %% | %.0f | %s | %s | %s | %s | %s | %s | %s |%n", java.math.BigDecimal.valueOf(rate * 100).stripTrailingZeros().toPlainString(), traffic, judge.id(),
                percent(share(cell, 1, Outcome.FAIL)), percent(share(cell, 1, Outcome.PASS)), percent(share(cell, 2, Outcome.FAIL)), percent(share(cell, 3, Outcome.FAIL)),
                percent(share(cell, 5, Outcome.FAIL)), percent(share(cell, 10, Outcome.FAIL)));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, share > 0 && share < 0.1 ? "%.2f %%" : "%.1f %%", share * 100);
    }

    private Map<Outcome, Integer> rollouts(Judge judge, double rate, double traffic, double regression) {
        Random random = new Random(Arrays.hashCode(new Object[] {judge.id(), rate, traffic, regression}));
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        for (int i = 0; i < ROLLOUTS; i++) {
            outcomes.merge(rollout(judge, rate, traffic, regression, random), 1, Integer::sum);
        }
        return outcomes;
    }

    /** One rollout: on at a pass, back at a fail, and held, which is inconclusive, where too little was seen. */
    private Outcome rollout(Judge judge, double rate, double traffic, double regression, Random random) {
        Thresholds t = Thresholds.of(LADDER.length);
        int looks = judge.id().equals("naive") ? 1 : LOOKS;
        for (int step = 0; step < LADDER.length; step++) {
            double requests = traffic * LADDER[step][1] / looks;
            long canary = Math.max(1, Math.round(requests * LADDER[step][0]));
            long baseline = Math.round(requests) - canary;
            List<Interval> seen = new ArrayList<>();
            Outcome last = Outcome.INCONCLUSIVE;
            for (int look = 1; look <= looks && last != Outcome.FAIL; look++) {
                seen.add(new Interval(step, LADDER[step][1] / looks, counts(baseline, rate, random), counts(canary, Math.min(1, rate * regression), random)));
                last = judge.judge(seen, step, look == looks, t).outcome();
            }
            if (last != Outcome.PASS) {
                return last;
            }
        }
        return Outcome.PASS;
    }

    private Counts counts(long requests, double rate, Random random) {
        int[] cumulative = tables.computeIfAbsent(requests * rate, JudgeSimulationTest::quantiles);
        return new Counts(requests, Math.min(requests, cumulative[random.nextInt(cumulative.length)]));
    }

    /** A Poisson distribution as a million equally likely values: what it lacks in its tails is less likely than that. */
    private static int[] quantiles(double mean) {
        int[] values = new int[1_000_000];
        PoissonDistribution poisson = PoissonDistribution.of(mean);
        int value = poisson.inverseCumulativeProbability(0.5 / values.length);
        double below = poisson.cumulativeProbability(value);
        for (int i = 0; i < values.length; i++) {
            while (below < (i + 0.5) / values.length) {
                below = poisson.cumulativeProbability(++value);
            }
            values[i] = value;
        }
        return values;
    }
}
