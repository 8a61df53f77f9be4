package lib.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import lib.judge.Judge.Interval;
import lib.judge.Judge.Outcome;
import lib.judge.Judge.Thresholds;

/** Goes through recorded intervals as a rollout would have: looks after each, decides at the end of each step, and stops where it would have. */
public final class Replay {
    private Replay() {}

    /** One interval. @param decides whether the rollout went on or ended by it */
    public record Line(int number, Interval interval, Verdict verdict, boolean decides) {
        public String text() {
            return String.format(Locale.ROOT, "%3d  step %d  %-12s %s", number, interval.step() + 1, decides ? verdict.outcome().name().toLowerCase(Locale.ROOT) : "watching", verdict.line());
        }
    }

    /** @param last the verdict that ended it */
    public record Result(List<Line> lines, Verdict last) {
        public Outcome outcome() {
            return last.outcome();
        }
    }

    /** @param intervals at least one, as {@link CountsFile} yields them */
    public static Result run(Judge judge, List<Interval> intervals, Thresholds given) {
        int steps = intervals.stream().mapToInt(Interval::step).max().orElseThrow() + 1;
        Thresholds t = new Thresholds(given.maxRatio(), given.alpha(), Math.max(given.steps(), steps), given.looks(), given.detect(), given.power(), given.objective(), given.hardErrors(),
                given.burnRate());
        List<Line> lines = new ArrayList<>();
        Verdict verdict = null;
        for (int i = 0; i < intervals.size(); i++) {
            Interval now = intervals.get(i);
            boolean isStepOver = i + 1 == intervals.size() || intervals.get(i + 1).step() != now.step();
            verdict = judge.judge(intervals.subList(0, i + 1), now.step(), isStepOver, t);
            boolean decides = isStepOver || verdict.outcome() == Outcome.FAIL;
            lines.add(new Line(i + 1, now, verdict, decides));
            if (decides && verdict.outcome() != Outcome.PASS) {
                break;
            }
        }
        return new Result(List.copyOf(lines), verdict);
    }
}
