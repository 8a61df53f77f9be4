package lib.judge;

import java.util.List;
import java.util.Optional;

/**
 * Says of a new version, from counted requests and errors, whether it is worse than the old one.
 *
 * <p>Stateless: it is given all intervals of the rollout so far, so that whoever takes a rollout up again gets the same verdicts. It asks no
 * clock and no server.
 */
public interface Judge {
    String id();

    /**
     * @param all every interval since the rollout began
     * @param step the judged step that is watched now, counted from 0
     * @param isStepOver whether its time is up; before that, only {@link Outcome#FAIL} decides anything
     */
    Verdict judge(List<Interval> all, int step, boolean isStepOver, Thresholds thresholds);

    /** What a verdict says. Without data it is never a pass. */
    enum Outcome { PASS, FAIL, INCONCLUSIVE }

    /** One version's requests and those of them that failed. */
    record Counts(long requests, long errors) {
        public static final Counts NONE = new Counts(0, 0);

        public Counts {
            if (requests < 0 || errors < 0 || errors > requests) {
                throw new IllegalArgumentException(errors + " errors of " + requests + " requests");
            }
        }

        public Counts plus(Counts other) {
            return new Counts(Math.addExact(requests, other.requests), Math.addExact(errors, other.errors));
        }

        /** Errors for each request; 0 where there was none. */
        public double rate() {
            return requests == 0 ? 0 : (double) errors / requests;
        }
    }

    /** What was counted between two looks, as differences. @param step the judged step it belongs to, from 0 */
    record Interval(int step, double seconds, Counts baseline, Counts canary) {}

    /**
     * @param maxRatio of error rates, new to old, up to which a release counts as good
     * @param alpha chance, over the whole rollout, that a good release is rolled back because of its errors
     * @param steps judged steps of the ladder, and {@code looks} at the end of each: the chance is shared among all of them
     * @param detect the regression, as a ratio, that a step must have been able to see before it passes, with probability {@code power}
     * @param objective share of requests that must succeed; what is rarer than its budget is not looked for
     * @param hardErrors of the new version in one step, and {@code burnRate} of the budget, from which on the rollout may stop at once
     */
    record Thresholds(double maxRatio, double alpha, int steps, int looks, double detect, double power, double objective, long hardErrors, double burnRate) {
        /** Of the chance, what stops in the middle of a step may use. */
        private static final double HARD_SHARE = 0.1;

        /** Twice the errors, one in a hundred; the burn rate is the one that pages somebody (Google's SRE workbook, chapter 5). */
        public static Thresholds of(int steps) {
            return new Thresholds(2, 0.01, Math.max(1, steps), 1, 10, 0.9, 0.999, 20, 14.4);
        }

        public Thresholds with(double newMaxRatio, double newAlpha) {
            return new Thresholds(newMaxRatio, newAlpha, steps, looks, Math.max(detect, newMaxRatio * 1.5), power, objective, hardErrors, burnRate);
        }

        public Thresholds withLooks(int newLooks) {
            return new Thresholds(maxRatio, alpha, steps, Math.max(1, newLooks), detect, power, objective, hardErrors, burnRate);
        }

        public Thresholds withHardStop(long errors, double newBurnRate) {
            return new Thresholds(maxRatio, alpha, steps, looks, detect, power, objective, errors, newBurnRate);
        }

        public Thresholds withObjective(double newObjective) {
            return new Thresholds(maxRatio, alpha, steps, looks, detect, power, newObjective, hardErrors, burnRate);
        }

        /** What makes no sense, for a message. */
        public List<String> problems() {
            return java.util.stream.Stream.of(
                    maxRatio >= 1 ? "" : "the ratio must be 1 or more: below it, the new version would have to be better than the old one",
                    alpha > 0 && alpha <= 0.5 ? "" : "alpha must be above 0 and 0.5 at most: it is the chance that a good release is rolled back",
                    objective > 0 && objective < 1 ? "" : "the objective must be between 0 and 1: it is the share of requests that succeed",
                    detect > maxRatio ? "" : "the regression to be detected must be greater than the ratio that is allowed",
                    power > 0 && power < 1 ? "" : "power must be between 0 and 1").filter(p -> !p.isEmpty()).toList();
        }

        double hardAlpha() {
            return alpha * HARD_SHARE / steps;
        }

        double lookAlpha() {
            return alpha * (1 - HARD_SHARE) / steps / looks;
        }

        double budget() {
            return 1 - objective;
        }
    }

    /** All of a step's intervals as one. */
    static Interval sum(List<Interval> all, int step) {
        Counts baseline = Counts.NONE;
        Counts canary = Counts.NONE;
        double seconds = 0;
        for (Interval each : all) {
            if (each.step() == step) {
                baseline = baseline.plus(each.baseline());
                canary = canary.plus(each.canary());
                seconds += each.seconds();
            }
        }
        return new Interval(step, seconds, baseline, canary);
    }

    /**
     * Stops at once what is a disaster: enough errors, a budget that burns too fast, and evidence that it is not chance. May be asked at any time.
     *
     * @return why, if so
     */
    static Optional<String> disaster(List<Interval> all, int step, Thresholds t) {
        Interval now = sum(all, step);
        boolean isMuch = now.canary().errors() >= t.hardErrors() && now.canary().rate() >= t.burnRate() * t.budget();
        if (!isMuch || Sequential.evidence(all, step, t.maxRatio()) < 1 / t.hardAlpha()) {
            return Optional.empty();
        }
        return Optional.of("stopped at once: " + Verdict.number(now.canary().errors()) + " errors, and the budget of the objective " + Verdict.percent(t.objective()) + " burns "
                + Verdict.short3(now.canary().rate() / t.budget()) + " times as fast as it may");
    }
}
