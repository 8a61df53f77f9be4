package lib.plan;

//SOURCES Rollout.java RolloutConfig.java

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lib.plan.Rollout.Action;
import lib.plan.Rollout.Hook;
import lib.plan.Rollout.Judging;
import lib.plan.Rollout.Kind;
import lib.plan.Rollout.Smoke;
import lib.plan.Rollout.Step;
import lib.plan.Rollout.Strategy;
import lib.scan.Finding;

/** Makes a rollout of what somebody asked for and what is there. Pure: the same request gives the same plan. */
public final class RolloutPlanner {
    /** The handbook's ladder: 10, 10 and 15 minutes. */
    public static final List<Rung> LADDER = List.of(new Rung(5, 600, false), new Rung(25, 600, false), new Rung(50, 900, false), new Rung(100, 0, false));
    public static final int BAKE = 900;

    private RolloutPlanner() {}

    /** @param weight percent; @param seconds watched; @param gate whether a person promotes before the next */
    public record Rung(double weight, int seconds, boolean gate) {}

    /**
     * @param strategy null lets the planner recommend one
     * @param isExact whether the router gives any percent; else shares follow numbers of pods
     * @param ladder empty for the default one
     * @param bake seconds that the whole new version is watched: after a cutover, or after a rolling update when there are metrics
     * @param retireDelay seconds that the old version is kept after a cutover
     */
    public record Request(String app, Strategy strategy, String target, String router, boolean isExact, String from, String to, int replicas, List<Rung> ladder,
            int bake, int retireDelay, Judging judging, List<Hook> hooks, List<Smoke> smokes, Facts facts) {}

    /** What a recommendation goes by. @param stateful whether the workload keeps an identity or data; @param requestsPerSecond less than 0 when unknown */
    public record Facts(boolean hasRouter, boolean hasMetrics, boolean isStateful, boolean hasMigrations, double requestsPerSecond) {
        public static final Facts NONE = new Facts(false, false, false, false, -1);
    }

    /** @param reason in a sentence, with the facts that it goes by */
    public record Recommendation(Strategy strategy, String reason) {}

    public record Planned(Rollout rollout, List<Finding> findings) {}

    public static Planned plan(Request given) {
        Recommendation chosen = given.strategy() != null ? new Recommendation(given.strategy(), "asked for") : recommend(given);
        Request request = given;
        List<Finding> findings = new ArrayList<>();
        if (given.strategy() == null) {
            findings.add(Finding.info("recommended-strategy", chosen.strategy().id() + ": " + chosen.reason(), "choose another with --strategy"));
        }
        List<Rung> ladder = request.ladder().isEmpty() ? LADDER : request.ladder();
        List<Action> actions = new ArrayList<>();
        hooks(request, "before", 0, actions);
        List<Step> steps = switch (chosen.strategy()) {
            case CANARY -> canary(request, ladder, actions, findings);
            case BLUE_GREEN -> blueGreen(request, actions);
            case ROLLING -> rolling(request, actions);
            case FEATURE_FLAG -> flag(request, ladder, actions);
        };
        hooks(request, "after", steps.size(), actions);
        boolean hasRouter = chosen.strategy() != Strategy.ROLLING;
        return new Planned(new Rollout(request.app(), chosen.strategy(), request.target(), hasRouter ? request.router() : "", request.from(), request.to(), request.replicas(),
                chosen.reason(), steps, actions, request.judging(), request.hooks(), request.smokes()), findings);
    }

    /** The handbook's selection table, from facts. */
    static Recommendation recommend(Request request) {
        Facts facts = request.facts();
        if (request.from().isEmpty()) {
            return new Recommendation(Strategy.ROLLING, "nothing serves yet, so there is nothing to compare with or to go back to");
        }
        if (facts.isStateful()) {
            return new Recommendation(Strategy.ROLLING, "the workload keeps an identity or data of its own, so that two versions of it can't stand side by side");
        }
        if (facts.hasMigrations()) {
            return new Recommendation(Strategy.BLUE_GREEN, "there are database migrations: smoke checks before any traffic, one moment of change, and a way back in seconds;"
                    + " the migration itself must leave the old version working");
        }
        if (facts.hasMetrics() && (facts.hasRouter() || request.replicas() >= 2) && (facts.requestsPerSecond() < 0 || facts.requestsPerSecond() >= 1)) {
            return new Recommendation(Strategy.CANARY, "there are metrics to judge by, and " + (facts.hasRouter() ? "a router that splits traffic" : request.replicas() + " replicas whose ratio splits traffic")
                    + ": few users meet a bad release");
        }
        if (facts.hasMetrics() || facts.hasRouter()) {
            return new Recommendation(Strategy.BLUE_GREEN, !facts.hasMetrics() ? "there are no metrics that a canary could be judged by" : facts.requestsPerSecond() >= 0 && facts.requestsPerSecond() < 1
                    ? "less than 1 request a second would tell a good canary from a bad one too late" : "with " + request.replicas() + " replica and no router a share of the traffic can't be given");
        }
        return new Recommendation(Strategy.ROLLING, "neither metrics nor a router that splits traffic are known: readiness is all that can be judged");
    }

    private static List<Step> canary(Request request, List<Rung> ladder, List<Action> actions, List<Finding> findings) {
        List<Step> steps = new ArrayList<>();
        Map<Double, Double> far = new LinkedHashMap<>();
        for (Rung rung : ladder) {
            Split split = request.isExact() ? weighted(request.replicas(), rung.weight()) : ratio(request.replicas(), rung.weight());
            steps.add(new Step(steps.size() + 1, rung.weight(), split.percent(), split.pods(), split.stable(), rung.seconds(), rung.gate()));
            if (Math.abs(split.percent() - rung.weight()) >= 0.05) {
                far.put(rung.weight(), split.percent());
            }
        }
        far.forEach((asked, got) -> findings.add(Finding.warning("weight-not-reachable", Rollout.percent(asked) + " of " + request.replicas() + (request.replicas() == 1 ? " replica" : " replicas")
                + " can't be reached by the number of pods; the nearest is " + Rollout.percent(got), "use a router that splits by weight (--router), or more replicas")));
        actions.add(Action.of(Kind.START, 0, 0, steps.get(0).pods()));
        smoke(request, actions);
        for (Step step : steps) {
            if (step.number() > 1 && step.pods() != steps.get(step.number() - 2).pods() || !request.isExact()) {
                actions.add(Action.of(Kind.SCALE, step.number(), step.reachable(), step.pods()));
            }
            actions.add(Action.of(Kind.SHIFT, step.number(), step.reachable(), step.pods()));
            hooks(request, "after-step", step.number(), actions);
            if (step.seconds() > 0) {
                actions.add(Action.of(Kind.WATCH, step.number(), step.reachable(), step.pods()).lasting(step.seconds()));
            }
            if (step.gate()) {
                actions.add(Action.of(Kind.GATE, step.number(), step.reachable(), step.pods()));
            }
        }
        finish(request, steps.size(), 0, actions);
        return steps;
    }

    private static List<Step> blueGreen(Request request, List<Action> actions) {
        int pods = request.replicas();
        actions.add(Action.of(Kind.START, 0, 0, pods));
        smoke(request, actions);
        boolean gate = request.facts().hasMigrations();
        if (gate) {
            actions.add(Action.of(Kind.GATE, 0, 0, pods).named("database migration"));
        }
        actions.add(Action.of(Kind.SHIFT, 1, 100, pods));
        hooks(request, "after-step", 1, actions);
        if (request.bake() > 0) {
            actions.add(Action.of(Kind.WATCH, 1, 100, pods).lasting(request.bake()));
        }
        finish(request, 1, request.retireDelay(), actions);
        return List.of(new Step(1, 100, 100, pods, pods, request.bake(), gate));
    }

    private static List<Step> rolling(Request request, List<Action> actions) {
        actions.add(Action.of(Kind.PROMOTE, 1, 100, request.replicas()));
        hooks(request, "after-step", 1, actions);
        if (request.bake() > 0) {
            actions.add(Action.of(Kind.WATCH, 1, 100, request.replicas()).lasting(request.bake()));
        }
        return List.of(new Step(1, 100, 100, request.replicas(), 0, request.bake(), false));
    }

    private static List<Step> flag(Request request, List<Rung> ladder, List<Action> actions) {
        List<Step> steps = new ArrayList<>();
        for (Rung rung : ladder) {
            Step step = new Step(steps.size() + 1, rung.weight(), rung.weight(), 0, request.replicas(), rung.seconds(), rung.gate());
            steps.add(step);
            actions.add(Action.of(Kind.SHIFT, step.number(), step.weight(), 0));
            hooks(request, "after-step", step.number(), actions);
            if (step.seconds() > 0) {
                actions.add(Action.of(Kind.WATCH, step.number(), step.weight(), 0).lasting(step.seconds()));
            }
            if (step.gate()) {
                actions.add(Action.of(Kind.GATE, step.number(), step.weight(), 0));
            }
        }
        return steps;
    }

    private static void finish(Request request, int step, int delay, List<Action> actions) {
        actions.add(Action.of(Kind.PROMOTE, step, 100, request.replicas()));
        actions.add(Action.of(Kind.SETTLE, step, 0, request.replicas()));
        actions.add(Action.of(Kind.RETIRE, step, 0, 0).lasting(delay));
    }

    private static void smoke(Request request, List<Action> actions) {
        if (!request.smokes().isEmpty()) {
            actions.add(Action.of(Kind.SMOKE, 0, 0, 0));
        }
    }

    private static void hooks(Request request, String when, int step, List<Action> actions) {
        request.hooks().stream().filter(h -> h.when().equals(when)).forEach(h -> actions.add(Action.of(Kind.HOOK, step, 0, 0).named(h.name())));
    }

    /** @param percent that these numbers give */
    record Split(int pods, int stable, double percent) {}

    /** The router gives the share, and capacity follows it. */
    private static Split weighted(int replicas, double weight) {
        return new Split(Math.max(1, (int) Math.ceil(replicas * weight / 100 - 1e-9)), replicas, weight);
    }

    /**
     * The numbers of pods whose ratio is nearest to the share: never fewer in all than there were, never more of one version than that, and of
     * two ways the one with fewer pods.
     */
    static Split ratio(int replicas, double weight) {
        Split best = null;
        for (int pods = 1; pods <= replicas; pods++) {
            for (int stable = weight >= 100 ? 0 : 1; stable <= replicas; stable++) {
                if (pods + stable < replicas) {
                    continue;
                }
                Split split = new Split(pods, stable, 100.0 * pods / (pods + stable));
                double gain = best == null ? 1 : Math.abs(best.percent() - weight) - Math.abs(split.percent() - weight);
                if (gain > 1e-9 || gain > -1e-9 && pods + stable < best.pods() + best.stable()) {
                    best = split;
                }
            }
        }
        return best == null ? new Split(1, replicas, 100.0 / (1 + replicas)) : best;
    }
}
