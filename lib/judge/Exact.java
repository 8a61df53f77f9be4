package lib.judge;

import java.util.List;
import java.util.Optional;
import lib.judge.Judge.Interval;
import lib.judge.Judge.Outcome;
import lib.judge.Judge.Thresholds;

/**
 * The exact test at the end of each step, on that step's own counts, since the share of the traffic is constant there.
 *
 * <p>The chance of an error is shared evenly among all looks, and a tenth of it is kept for what stops in the middle of a step.
 */
final class Exact implements Judge {

    @Override
    public String id() {
        return "exact";
    }

    @Override
    public Verdict judge(List<Interval> all, int step, boolean isStepOver, Thresholds t) {
        Interval now = Judge.sum(all, step);
        Optional<String> disaster = Judge.disaster(all, step, t);
        if (disaster.isPresent()) {
            return Verdict.of(Outcome.FAIL, id(), now, t, t.alpha(), disaster.get());
        }
        double p = new RatioTest(now.baseline(), now.canary()).p(t.maxRatio());
        if (isStepOver && p <= t.lookAlpha()) {
            return Verdict.of(Outcome.FAIL, id(), now, t, t.alpha(), "more than " + Verdict.short3(t.maxRatio()) + " times the errors of the old version, at the level "
                    + Verdict.percent(t.lookAlpha()) + " of this look");
        }
        return passing(id(), now, isStepOver, t);
    }

    /** Nothing was refuted: was there enough to see it? */
    static Verdict passing(String judge, Interval now, boolean isStepOver, Thresholds t) {
        long canary = now.canary().requests();
        long baseline = now.baseline().requests();
        if (Verdict.isBlind(now)) {
            return Verdict.blind(judge, now, t, t.alpha());
        }
        String allowed = "no sign of more than " + Verdict.short3(t.maxRatio()) + " times the errors";
        if (!isStepOver) {
            return Verdict.of(Outcome.INCONCLUSIVE, judge, now, t, t.alpha(), allowed + " so far");
        }
        // What is rarer than the objective's budget is not looked for, or releases of a service without errors would never pass.
        double rate = Math.min(0.5, Math.max(now.baseline().rate(), t.budget()));
        String sight = Verdict.short3(Math.min(t.detect(), 1 / rate)) + " times an error rate of " + Verdict.percent(rate);
        if (Power.ofLook(baseline, canary, rate, t.detect(), t.maxRatio(), t.lookAlpha()) >= t.power()) {
            return Verdict.of(Outcome.PASS, judge, now, t, t.alpha(), allowed + ", and " + sight + " would have shown");
        }
        long needed = Math.max(1, Power.needed(rate, 100.0 * canary / (canary + baseline), t) - canary);
        double seconds = now.seconds() > 0 ? needed / (canary / now.seconds()) : 0;
        String time = seconds > 0 ? ", about " + Verdict.time(seconds) + " at this rate" : "";
        return Verdict.of(Outcome.INCONCLUSIVE, judge, now, t, t.alpha(), "too few requests to see " + sight + ": needs about " + Verdict.number(needed) + " more requests to the new version" + time)
                .needing(needed, seconds);
    }
}
