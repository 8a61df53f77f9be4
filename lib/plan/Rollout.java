package lib.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;

/**
 * A whole deployment as data: what a person reads before it starts, what a plan file holds, and what the engine goes through. Everything in it
 * was decided by the planner; it knows no cluster, no process and no secret.
 *
 * @param app what is deployed, by name
 * @param router who splits the traffic, or empty where nobody does
 * @param from the version that serves now, or empty when there is none
 * @param replicas of the stable version when the rollout begins
 * @param reason why this strategy, in a sentence
 * @param steps the ladder, for people; @param actions what is done, in order
 */
public record Rollout(String app, Strategy strategy, String target, String router, String from, String to, int replicas, String reason,
        List<Step> steps, List<Action> actions, Judging judging, List<Hook> hooks, List<Smoke> smokes) {

    public Rollout {
        smokes = List.copyOf(smokes);
        steps = List.copyOf(steps);
        actions = List.copyOf(actions);
        hooks = List.copyOf(hooks);
    }

    public enum Strategy {
        @JsonProperty("rolling") ROLLING,
        @JsonProperty("blue-green") BLUE_GREEN,
        @JsonProperty("canary") CANARY,
        @JsonProperty("feature-flag") FEATURE_FLAG;

        public String id() {
            return Rollout.id(this);
        }
    }

    /**
     * One rung of the ladder.
     *
     * @param weight percent of the requests that was asked for; @param reachable the nearest that the router can do
     * @param pods of the new version; @param stablePods of the old one beside them; @param seconds that it is watched
     * @param gate whether a person promotes before the next one
     */
    public record Step(int number, double weight, double reachable, int pods, int stablePods, int seconds, boolean gate) {}

    /** What one action does; each can be done again after it was cut off, with the same result. */
    public enum Kind {
        /** Commands or requests of the user's own. */
        @JsonProperty("hook") HOOK,
        /** The new version beside the old one, without traffic, until it is ready. */
        @JsonProperty("start") START,
        /** Questions to the new version before it has traffic. */
        @JsonProperty("smoke") SMOKE,
        /** More or fewer of the new version. */
        @JsonProperty("scale") SCALE,
        /** A share of the traffic to the new version, until it is really there. */
        @JsonProperty("shift") SHIFT,
        /** Measures and judges. */
        @JsonProperty("watch") WATCH,
        /** Waits for a person. */
        @JsonProperty("gate") GATE,
        /** The stable workload itself becomes the new version. */
        @JsonProperty("promote") PROMOTE,
        /** Traffic to the stable workload alone; the router forgets the other. */
        @JsonProperty("settle") SETTLE,
        /** What is left over goes. */
        @JsonProperty("retire") RETIRE;

        public String id() {
            return Rollout.id(this);
        }
    }

    /**
     * @param step its rung, or 0 before the first; @param weight percent, of {@code SHIFT} and {@code WATCH}
     * @param pods of the new version; @param seconds of {@code WATCH}, and before {@code RETIRE}
     * @param name of a hook, or what else tells it from others
     */
    public record Action(Kind kind, int step, double weight, int pods, int seconds, String name) {
        public static Action of(Kind kind, int step, double weight, int pods) {
            return new Action(kind, step, weight, pods, 0, "");
        }

        public Action lasting(int newSeconds) {
            return new Action(kind, step, weight, pods, newSeconds, name);
        }

        public Action named(String newName) {
            return new Action(kind, step, weight, pods, seconds, newName);
        }

        /** For people: {@code shift to 25 %}. */
        public String says() {
            return switch (kind) {
                case HOOK -> "hook " + name;
                case START -> "start " + pods + " of the new version";
                case SMOKE -> "smoke checks";
                case SCALE -> "scale the new version to " + pods;
                case SHIFT -> "shift traffic to " + percent(weight);
                case WATCH -> "watch for " + seconds + " s at " + percent(weight);
                case GATE -> "wait for promotion by a person";
                case PROMOTE -> "make the new version the stable one";
                case SETTLE -> "settle traffic on the stable one";
                case RETIRE -> "retire what is left over";
            };
        }
    }

    /**
     * How the new version is judged.
     *
     * @param judge {@code exact}, {@code sequential}, {@code naive}, {@code latency} or {@code none}
     * @param maxRatio of error rates, new to old; @param alpha the chance, over the whole ladder, that a good release is rolled back
     * @param extensions how often a watch may be lengthened by its own time when the verdict is inconclusive
     * @param stopErrors of the new version, in absolute numbers, that stop at once together with {@code stopRatio}
     */
    public record Judging(String judge, double maxRatio, double alpha, int intervalSeconds, int extensions, long stopErrors, double stopRatio) {
        public static Judging standard(int intervalSeconds) {
            return new Judging("exact", 2, 0.01, intervalSeconds, 1, 20, 5);
        }
    }

    /** @param when {@code before}, {@code after-step}, {@code after}, {@code on-rollback}; one of command and url is given */
    public record Hook(String when, String name, List<String> command, String url, int timeoutSeconds) {
        public Hook {
            command = List.copyOf(command);
        }
    }

    /** A question to the new version before it has traffic. @param contains what the answer must have in it, or empty */
    public record Smoke(String path, int status, String contains) {}

    /** {@code 5 %}, {@code 33.3 %}. */
    public static String percent(double weight) {
        double rounded = Math.round(weight * 10) / 10.0;
        return (rounded == Math.rint(rounded) ? String.valueOf((long) rounded) : String.valueOf(rounded)) + " %";
    }

    /** The rung of an action, or null before the first. */
    public Step step(Action action) {
        return action.step() < 1 || action.step() > steps.size() ? null : steps.get(action.step() - 1);
    }

    private static String id(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
