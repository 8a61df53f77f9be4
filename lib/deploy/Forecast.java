package lib.deploy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import lib.plan.Rollout.Action;
import lib.plan.Rollout.Kind;
import lib.plan.Rollout.Step;
import lib.plan.Rollout.Strategy;
import lib.plan.Rollout;

/** Plays a rollout without touching anything: when each step comes, what runs then, how many requests meet the new version. Pure. */
final class Forecast {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Rollout plan;
    private final double rate;

    /** @param requestsPerSecond less than 0 when nobody knows */
    Forecast(Rollout plan, double requestsPerSecond) {
        this.plan = plan;
        this.rate = requestsPerSecond;
    }

    /** @param at seconds after the beginning, waits for readiness and people not counted; @param capacity percent of the pods that there were */
    record Row(Step step, int at, int pods, long capacity, double exposed, double worst) {}

    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        int at = 0;
        for (Step step : plan.steps()) {
            int all = step.pods() + step.stablePods();
            long capacity = plan.replicas() == 0 ? 0 : Math.round(100.0 * all / plan.replicas());
            double exposed = rate < 0 ? -1 : rate * step.seconds() * step.reachable() / 100;
            // A release that fails each request is stopped at the first look.
            double worst = rate < 0 ? -1 : rate * Math.min(step.seconds(), plan.judging().intervalSeconds()) * step.reachable() / 100;
            rows.add(new Row(step, at, all, capacity, exposed, worst));
            at += step.seconds();
        }
        return rows;
    }

    int seconds() {
        return plan.actions().stream().mapToInt(Action::seconds).sum();
    }

    int podsAtMost() {
        return Math.max(plan.replicas(), plan.steps().stream().mapToInt(s -> s.pods() + s.stablePods()).max().orElse(0));
    }

    ObjectNode json(List<String> unchecked) {
        ObjectNode json = JSON.valueToTree(plan);
        ArrayNode steps = json.putArray("steps");
        for (Row row : rows()) {
            Step step = row.step();
            ObjectNode one = steps.addObject();
            number(one, "weight", step.weight());
            number(one, "reachable", step.reachable());
            one.put("pods", step.pods()).put("stablePods", step.stablePods()).put("seconds", step.seconds()).put("gate", step.gate()).put("at", row.at()).put("capacity", row.capacity());
            if (rate >= 0) {
                one.put("requestsExposed", Math.round(row.exposed())).put("worstCaseBadRequests", Math.round(row.worst()));
            }
        }
        json.put("seconds", seconds()).put("podsAtMost", podsAtMost());
        if (rate >= 0) {
            number(json, "requestsPerSecond", rate);
        }
        ArrayNode list = json.putArray("unchecked");
        unchecked.forEach(list::add);
        return json;
    }

    /** Whole numbers as such: {@code 5}, not {@code 5.0}. */
    private static void number(ObjectNode into, String name, double value) {
        double rounded = Math.round(value * 100) / 100.0;
        if (rounded == Math.rint(rounded)) {
            into.put(name, (long) rounded);
        } else {
            into.put(name, rounded);
        }
    }

    /** The timeline for people. */
    String text(List<String> unchecked) {
        StringBuilder text = new StringBuilder();
        text.append(plan.app()).append(": ").append(plan.strategy().id()).append(" on ").append(plan.target()).append(plan.router().isEmpty() ? "" : ", traffic by " + plan.router()).append('\n');
        text.append("  ").append(plan.from().isEmpty() ? "nothing live" : plan.from()).append(" -> ").append(plan.to().isEmpty() ? "(no version named)" : plan.to()).append(", ").append(plan.replicas())
                .append(plan.replicas() == 1 ? " replica" : " replicas").append("; ").append(plan.reason()).append("\n\n");
        text.append(String.format(Locale.ROOT, "  %-4s %8s %8s %10s %6s %8s %9s %8s %10s%n", "step", "at", "asked", "reachable", "new", "old", "capacity", "watched", rate < 0 ? "" : "exposed"));
        for (Row row : rows()) {
            Step step = row.step();
            text.append(String.format(Locale.ROOT, "  %-4d %8s %8s %10s %6d %8d %9s %8s %10s%n", step.number(), time(row.at()), Rollout.percent(step.weight()), Rollout.percent(step.reachable()), step.pods(),
                    step.stablePods(), row.capacity() + " %", time(step.seconds()) + (step.gate() ? "+gate" : ""), rate < 0 ? "" : Math.round(row.exposed())).stripTrailing()).append('\n');
        }
        text.append("\n  takes ").append(time(seconds())).append(" and the time to get ready; at most ").append(podsAtMost()).append(" pods\n");
        if (rate < 0) {
            text.append("  how many requests meet the new version depends on the traffic, which is not known: --traffic N forecasts it\n");
        } else {
            rows().stream().filter(r -> r.step().seconds() > 0).findFirst().ifPresent(r -> text.append("  a release that fails every request fails about ").append(Math.round(r.worst()))
                    .append(" at the first step before it is stopped\n"));
        }
        for (Action action : plan.actions()) {
            if (action.kind() == Kind.HOOK || action.kind() == Kind.SMOKE || action.kind() == Kind.GATE && plan.strategy() != Strategy.CANARY) {
                text.append("  ").append(action.says()).append('\n');
            }
        }
        if (!unchecked.isEmpty()) {
            text.append("\n  not checked without a cluster:\n");
            unchecked.forEach(u -> text.append("    - ").append(u).append('\n'));
        }
        return text.toString();
    }

    static String time(int seconds) {
        return seconds < 60 ? seconds + "s" : seconds % 60 == 0 ? seconds / 60 + "m" : seconds / 60 + "m" + seconds % 60 + "s";
    }
}
