package lib.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import lib.deploy.Engine.Rejected;
import lib.deploy.Journal.Sample;
import lib.deploy.Metrics.Counter;
import lib.deploy.Metrics.Reading;
import lib.deploy.Target.Passing;
import lib.deploy.Target.Progress;
import lib.plan.Rollout.Action;
import lib.plan.Rollout;

/**
 * One watched step: reads counters each interval, lets the judge look at all that was counted so far, and looks after the workload meanwhile.
 *
 * <p>No data is never success. Where the old version has no traffic beside the new one, after a cutover, it is compared with what was counted
 * of it before.
 */
final class Watch {
    /** Who judges. */
    interface Analyst {
        /** @param step number of the watched step from 0; @param isOver whether its time is up */
        Opinion judge(List<Sample> all, int step, boolean isOver, Rollout plan);
    }

    enum Outcome { PASS, FAIL, INCONCLUSIVE }

    record Opinion(Outcome outcome, String line) {}

    /** What the watch needs of whoever runs it. */
    interface Record {
        void sampled(List<Sample> all, String verdict);

        void pause(String why);

        void say(String text);
    }

    private final Target target;
    private final Analyst analyst;
    private final Pace pace;
    private final Rollout plan;
    private final Action action;
    private final int number;
    private final Record record;

    Watch(Target target, Analyst analyst, Pace pace, Rollout plan, Action action, int number, Record record) {
        this.target = target;
        this.analyst = analyst;
        this.pace = pace;
        this.plan = plan;
        this.action = action;
        this.number = number;
        this.record = record;
    }

    /** @throws Rejected when the new version must go */
    void run(List<Sample> known, JsonNode snapshot) {
        List<Sample> all = new ArrayList<>(known);
        boolean isJudged = !plan.judging().judge().equals("none");
        Metrics metrics = isJudged ? target.metrics(plan) : null;
        Reading last = isJudged ? read(metrics) : null;
        boolean needsPast = action.weight() >= 100;
        Instant end = pace.now().plusSeconds(action.seconds());
        Instant look = pace.now().plusSeconds(plan.judging().intervalSeconds());
        int extensions = plan.judging().extensions();
        Opinion opinion = new Opinion(isJudged ? Outcome.INCONCLUSIVE : Outcome.PASS, "");
        while (true) {
            health(snapshot);
            Instant now = pace.now();
            boolean isOver = !now.isBefore(end);
            if (isJudged && (isOver || !now.isBefore(look))) {
                look = now.plusSeconds(plan.judging().intervalSeconds());
                Reading reading = read(metrics);
                if (!reading.problem().isEmpty()) {
                    opinion = new Opinion(Outcome.INCONCLUSIVE, "no data: " + reading.problem());
                } else {
                    if (last.problem().isEmpty()) {
                        Sample sample = sample(last, reading, needsPast);
                        needsPast = false;
                        all.add(sample);
                    }
                    last = reading;
                    opinion = analyst.judge(List.copyOf(all), number, isOver, plan);
                }
                record.sampled(List.copyOf(all), opinion.line());
                if (opinion.outcome() == Outcome.FAIL) {
                    throw new Rejected("the new version is worse", opinion.line());
                }
            }
            if (isOver) {
                if (opinion.outcome() == Outcome.PASS) {
                    return;
                }
                if (extensions-- <= 0) {
                    throw new Rejected("inconclusive when the time was up", opinion.line());
                }
                end = pace.now().plusSeconds(action.seconds());
                record.say("inconclusive: watched for " + action.seconds() + " s more; " + opinion.line());
            }
            record.pause(opinion.line());
        }
    }

    /** Ready pods can die of the traffic. */
    private void health(JsonNode snapshot) {
        try {
            if (target.progress(action, plan, snapshot) instanceof Progress.Doomed doomed) {
                throw new Rejected(doomed.cause(), doomed.detail());
            }
        } catch (Passing e) {
            record.pause(e.getMessage());
        }
    }

    private Reading read(Metrics metrics) {
        try {
            return metrics.read();
        } catch (Passing e) {
            return Reading.none(0, e.getMessage());
        }
    }

    private Sample sample(Reading last, Reading now, boolean needsPast) {
        Counter stable = needsPast ? now.stable() : difference(last.stable(), now.stable());
        Counter canary = difference(last.canary(), now.canary());
        return new Sample(number, Math.max(0, now.seconds() - last.seconds()), stable.requests(), stable.errors(), canary.requests(), canary.errors());
    }

    /** A counter that fell began again from 0. */
    private static Counter difference(Counter before, Counter now) {
        boolean isReset = now.requests() < before.requests() || now.errors() < before.errors();
        return isReset ? now : new Counter(now.requests() - before.requests(), now.errors() - before.errors());
    }
}
