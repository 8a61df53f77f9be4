package lib.judge;

import java.util.List;
import lib.judge.Judge.Interval;
import lib.judge.Judge.Outcome;
import lib.judge.Judge.Thresholds;

/**
 * Valid at any time: it may look after every interval and stops as soon as the evidence is there.
 *
 * <p>The evidence is a mixture of likelihood ratios, each of a greater ratio of error rates against the greatest that is allowed. While the new
 * version is good, its expectation is 1 at most whenever one looks, so that it ever exceeds 1/α with probability α at most (Ville 1939).
 */
final class Sequential implements Judge {
    /** The regressions that the mixture looks for, as multiples of what is allowed. */
    private static final double[] WORSE = {1.25, 1.5, 2, 2.5, 3.5, 5, 7.5, 10, 25};

    @Override
    public String id() {
        return "sequential";
    }

    @Override
    public Verdict judge(List<Interval> all, int step, boolean isStepOver, Thresholds t) {
        Interval now = Judge.sum(all, step);
        double needed = t.steps() / t.alpha();
        double evidence = evidence(all, step, t.maxRatio());
        if (evidence >= needed) {
            return Verdict.of(Outcome.FAIL, id(), now, t, t.alpha(), "evidence of " + Verdict.short3(evidence) + " to 1 for more than " + Verdict.short3(t.maxRatio())
                    + " times the errors; " + Verdict.short3(needed) + " to 1 is enough");
        }
        return Exact.passing(id(), now, isStepOver, t);
    }

    /** For a ratio of more than {@code maxRatio} in this step, against at most that. 1 where nothing was seen. */
    static double evidence(List<Interval> all, int step, double maxRatio) {
        double[] logs = new double[WORSE.length];
        for (Interval each : all) {
            if (each.step() != step || each.baseline().requests() == 0 || each.canary().requests() == 0) {
                continue;
            }
            double allowed = RatioTest.share(each.baseline().requests(), each.canary().requests(), maxRatio);
            for (int i = 0; i < WORSE.length; i++) {
                double worse = RatioTest.share(each.baseline().requests(), each.canary().requests(), maxRatio * WORSE[i]);
                logs[i] += each.canary().errors() * Math.log(worse / allowed) + each.baseline().errors() * Math.log((1 - worse) / (1 - allowed));
            }
        }
        double sum = 0;
        for (double log : logs) {
            sum += Math.exp(Math.min(log, 700)) / logs.length;
        }
        return sum;
    }
}
