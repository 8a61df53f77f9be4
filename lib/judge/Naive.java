package lib.judge;

import java.util.List;
import lib.judge.Judge.Interval;
import lib.judge.Judge.Outcome;
import lib.judge.Judge.Thresholds;

/** The rule of handbooks, literally: roll back when the error rate is more than twice the baseline's. States no chance of being wrong, which is great. */
final class Naive implements Judge {

    @Override
    public String id() {
        return "naive";
    }

    @Override
    public Verdict judge(List<Interval> all, int step, boolean isStepOver, Thresholds t) {
        Interval now = Judge.sum(all, step);
        if (Verdict.isBlind(now)) {
            return Verdict.blind(id(), now, t, Double.NaN);
        }
        boolean isAbove = now.canary().rate() > t.maxRatio() * now.baseline().rate();
        if (isAbove && isStepOver) {
            return Verdict.of(Outcome.FAIL, id(), now, t, Double.NaN, "the error rate is more than " + Verdict.short3(t.maxRatio()) + " times the baseline's");
        }
        return Verdict.of(isAbove ? Outcome.INCONCLUSIVE : Outcome.PASS, id(), now, t, Double.NaN, "the error rate is " + (isAbove ? "above" : "within") + " "
                + Verdict.short3(t.maxRatio()) + " times the baseline's so far");
    }
}
