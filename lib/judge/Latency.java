package lib.judge;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import lib.judge.Judge.Outcome;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Compares times by ranks (Mann and Whitney 1947, corrected for ties).
 *
 * <p>With many requests a difference that nobody feels is beyond chance too, so the effect must be great as well: the chance that a request to
 * the new version is slower than one to the old, of which 0.64 is a medium effect (Vargha and Delaney 2000). What it can't see: a tail that
 * grows while the rest stays, for which there are limits on quantiles; and requests that are answered together are not independent.
 */
public final class Latency {
    /** Below, the normal approximation of the ranks is not good enough. */
    private static final long FEWEST = 20;
    private static final double MEDIUM = 0.64;

    private Latency() {}

    /** @param slower chance that a request to the new version takes longer, ties counted half */
    public record Result(Outcome outcome, double p, double slower, String reason) {}

    public static Result judge(double[] baseline, double[] canary, double alpha) {
        return judge(histogram(baseline), histogram(canary), alpha);
    }

    /** @param baseline requests by how long they took, or by the bound of their bucket */
    public static Result judge(Map<Double, Long> baseline, Map<Double, Long> canary, double alpha) {
        double ofBaseline = total(baseline);
        double ofCanary = total(canary);
        if (ofBaseline < FEWEST || ofCanary < FEWEST) {
            return new Result(Outcome.INCONCLUSIVE, 1, 0.5, "needs " + FEWEST + " timed requests to each version; there are " + (long) ofBaseline + " and " + (long) ofCanary);
        }
        SortedMap<Double, double[]> all = new TreeMap<>();
        baseline.forEach((time, count) -> all.computeIfAbsent(time, t -> new double[2])[0] += count);
        canary.forEach((time, count) -> all.computeIfAbsent(time, t -> new double[2])[1] += count);
        double wins = 0;
        double faster = 0;
        double ties = 0;
        for (double[] same : all.values()) {
            wins += same[1] * (faster + same[0] / 2);
            faster += same[0];
            double tied = same[0] + same[1];
            ties += tied * tied * tied - tied;
        }
        double both = ofBaseline + ofCanary;
        double variance = ofBaseline * ofCanary / 12 * (both + 1 - ties / (both * (both - 1)));
        double slower = wins / (ofBaseline * ofCanary);
        double p = variance <= 0 ? 1 : NormalDistribution.of(0, 1).survivalProbability((wins - ofBaseline * ofCanary / 2 - 0.5) / Math.sqrt(variance));
        boolean isWorse = p <= alpha && slower >= MEDIUM;
        return new Result(isWorse ? Outcome.FAIL : Outcome.PASS, p, slower, "a request to the new version is slower than one to the old in " + Verdict.percent(slower)
                + " of all pairs" + (isWorse ? ", and " + Verdict.percent(MEDIUM) + " is the limit" : ""));
    }

    private static Map<Double, Long> histogram(double[] times) {
        Map<Double, Long> histogram = new TreeMap<>();
        Arrays.stream(times).forEach(t -> histogram.merge(t, 1L, Long::sum));
        return histogram;
    }

    private static double total(Map<Double, Long> histogram) {
        return histogram.values().stream().mapToDouble(Long::doubleValue).sum();
    }
}
