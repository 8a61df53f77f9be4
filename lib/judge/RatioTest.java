package lib.judge;

import lib.judge.Judge.Counts;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * The exact conditional test of two error rates (Przyborowski and Wilenski 1940): given how many errors there were in all, those of the new
 * version are binomial, with a probability that follows from the requests of both and the ratio of their rates.
 *
 * <p>Exact where errors are rare and independent of each other. Errors that come in bursts spread wider than it assumes.
 */
record RatioTest(Counts baseline, Counts canary) {

    /** Chance of this many errors of the new version or more, if its rate were {@code ratio} times the old one. 1 where there is nothing to compare. */
    double p(double ratio) {
        return p(baseline.requests(), canary.requests(), baseline.errors() + canary.errors(), canary.errors(), ratio);
    }

    static double p(double baselineRequests, double canaryRequests, long errors, long ofCanary, double ratio) {
        if (ofCanary <= 0 || baselineRequests <= 0 || canaryRequests <= 0) {
            return 1;
        }
        return BinomialDistribution.of(Math.toIntExact(errors), share(baselineRequests, canaryRequests, ratio)).survivalProbability(Math.toIntExact(ofCanary - 1));
    }

    /** Of all errors the new version's share, if its rate is {@code ratio} times the old one. */
    static double share(double baselineRequests, double canaryRequests, double ratio) {
        return ratio * canaryRequests / (ratio * canaryRequests + baselineRequests);
    }

    /** Of the rates; infinite where only the new version failed, NaN where nobody did or nobody was asked. */
    double ratio() {
        return baseline.requests() == 0 || canary.requests() == 0 ? Double.NaN : canary.rate() / baseline.rate();
    }

    /** The interval's ends by Clopper and Pearson, at 95 %. */
    double low() {
        return canary.errors() == 0 ? isEmpty() ? Double.NaN : 0 : odds(BetaDistribution.of(canary.errors(), baseline.errors() + 1.0).inverseCumulativeProbability(0.025));
    }

    double high() {
        return baseline.errors() == 0 ? isEmpty() ? Double.NaN : Double.POSITIVE_INFINITY
                : odds(BetaDistribution.of(canary.errors() + 1.0, baseline.errors()).inverseCumulativeProbability(0.975));
    }

    private boolean isEmpty() {
        return canary.errors() + baseline.errors() == 0 || canary.requests() == 0 || baseline.requests() == 0;
    }

    private double odds(double share) {
        return share / (1 - share) * baseline.requests() / canary.requests();
    }

    /** The fewest errors of the new version that refute {@code ratio} at {@code alpha}, beside as many of the old one. */
    static long critical(double baselineRequests, double canaryRequests, long baselineErrors, double ratio, double alpha) {
        long low = 0;
        long high = 1;
        while (p(baselineRequests, canaryRequests, baselineErrors + high, high, ratio) > alpha) {
            low = high;
            high *= 2;
            if (high > 1L << 29) {
                return Long.MAX_VALUE;
            }
        }
        while (high - low > 1) {
            long middle = (low + high) / 2;
            if (p(baselineRequests, canaryRequests, baselineErrors + middle, middle, ratio) > alpha) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }
}
