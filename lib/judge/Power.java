package lib.judge;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lib.judge.Judge.Thresholds;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.PoissonDistribution;

/** How likely a regression is seen by the exact judge, before and during a rollout, and what it costs until then. */
public final class Power {
    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);
    /** From as many expected errors on, the logarithm of a ratio is normal enough. */
    private static final double MANY = 40;
    private static final long MOST_REQUESTS = 1_000_000_000_000L;

    private Power() {}

    /** One judged step that is planned. @param weight percent of the requests to the new version */
    public record Step(double weight, double seconds) {}

    /** What a rollout does with a regression, at one rate of requests. @param caught chance that it is rolled back; @param badRequests failed because of it, expected */
    public record Forecast(double caught, double badRequests) {}

    /** What was worked out lately: a rollout asks for the same again and again, and a simulation ten thousand times. */
    private static final Map<List<Object>, Double> KNOWN = Collections.synchronizedMap(new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Object>, Double> eldest) {
            return size() > 4096;
        }
    });

    /** Chance that one look refutes {@code maxRatio}, where the true ratio is {@code ratio}. */
    static double ofLook(double baselineRequests, double canaryRequests, double rate, double ratio, double maxRatio, double alpha) {
        List<Object> question = List.of(baselineRequests, canaryRequests, rate, ratio, maxRatio, alpha);
        Double known = KNOWN.get(question);
        if (known == null) {
            known = workedOut(baselineRequests, canaryRequests, rate, ratio, maxRatio, alpha);
            KNOWN.put(question, known);
        }
        return known;
    }

    private static double workedOut(double baselineRequests, double canaryRequests, double rate, double ratio, double maxRatio, double alpha) {
        if (baselineRequests <= 0 || canaryRequests <= 0) {
            return 0;
        }
        double expectedBaseline = baselineRequests * rate;
        double expectedCanary = canaryRequests * Math.min(1, rate * ratio);
        if (expectedBaseline >= MANY && expectedCanary >= MANY) {
            double spread = Math.sqrt(1 / expectedBaseline + 1 / expectedCanary);
            return NORMAL.cumulativeProbability(Math.log(expectedCanary / canaryRequests / rate / maxRatio) / spread + NORMAL.inverseCumulativeProbability(alpha));
        }
        if (expectedCanary <= 0) {
            return 0;
        }
        PoissonDistribution canary = PoissonDistribution.of(expectedCanary);
        if (expectedBaseline <= 0) {
            return beyond(canary, RatioTest.critical(baselineRequests, canaryRequests, 0, maxRatio, alpha));
        }
        PoissonDistribution baseline = PoissonDistribution.of(expectedBaseline);
        double width = Math.sqrt(expectedBaseline);
        int from = (int) Math.max(0, expectedBaseline - 8 * width);
        int to = (int) (expectedBaseline + 8 * width + 8);
        int stride = Math.max(1, (to - from) / 60);
        double power = 0;
        for (int errors = from; errors <= to; errors += stride) {
            double share = baseline.probability(errors - 1, errors - 1 + stride);
            if (share > 1e-9) {
                power += share * beyond(canary, RatioTest.critical(baselineRequests, canaryRequests, errors + stride / 2, maxRatio, alpha));
            }
        }
        return Math.min(1, power);
    }

    private static double beyond(PoissonDistribution errors, long critical) {
        return critical > Integer.MAX_VALUE ? 0 : errors.survivalProbability((int) critical - 1);
    }

    /** Requests to the new version in one step, at this share, from which on a regression of {@code thresholds.detect()} is seen with {@code thresholds.power()}. */
    public static long needed(double rate, double weight, Thresholds t) {
        double share = weight / 100;
        if (share <= 0 || share >= 1 || rate <= 0) {
            return MOST_REQUESTS;
        }
        long low = 0;
        long high = 16;
        while (power(high, share, rate, t) < t.power()) {
            low = high;
            high *= 2;
            if (high > MOST_REQUESTS) {
                return MOST_REQUESTS;
            }
        }
        while (high - low > Math.max(1, low / 100)) {
            long middle = (low + high) / 2;
            if (power(middle, share, rate, t) < t.power()) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private static double power(long canaryRequests, double share, double rate, Thresholds t) {
        return ofLook(canaryRequests / share * (1 - share), canaryRequests, rate, t.detect(), t.maxRatio(), t.lookAlpha());
    }

    /**
     * What becomes of a regression of {@code ratio} on a ladder. Bad requests are those that fail on the new version beyond what would have
     * failed on the old one, until the step that catches it is over.
     */
    public static Forecast forecast(List<Step> ladder, double requestsPerSecond, double rate, double ratio, Thresholds t) {
        double left = 1;
        double bad = 0;
        for (Step step : ladder) {
            double share = step.weight() / 100;
            double requests = requestsPerSecond * step.seconds();
            bad += left * requests * share * (Math.min(1, rate * ratio) - rate);
            left *= 1 - ofLook(requests * (1 - share), requests * share, rate, ratio, t.maxRatio(), t.lookAlpha());
        }
        return new Forecast(1 - left, bad);
    }
}
