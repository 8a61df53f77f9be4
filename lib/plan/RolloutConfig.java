package lib.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.plan.Rollout.Hook;
import lib.plan.Rollout.Judging;
import lib.plan.Rollout.Smoke;
import lib.plan.Rollout.Strategy;
import lib.plan.RolloutPlanner.Rung;
import lib.scan.Document;
import lib.scan.Finding;

/**
 * What {@code deployment.yaml} says, checked: each problem with its line, all at once. Knows the form of the file, and nothing of clusters.
 *
 * <p>Sections that belong to one target ({@code local}, {@code kubernetes}, {@code metrics}, {@code flag}) are read by its own code from
 * {@link #document}; their keys are known here too, so that a typing error in them is told as in the rest.
 */
public final class RolloutConfig {
    /** Keys by place; a list's entries stand under its name and {@code []}. A place that is not here may have any keys. */
    private static final Map<String, Set<String>> KEYS = keys();
    private static final Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|min|h)?");
    private static final List<String> JUDGES = List.of("exact", "sequential", "naive", "latency", "none");

    private final Document document;
    private final BiFunction<String, Collection<String>, String> nearest;
    private final List<Finding> problems = new ArrayList<>();

    private RolloutConfig(Document document, BiFunction<String, Collection<String>, String> nearest) {
        this.document = document;
        this.nearest = nearest;
    }

    /** @param nearest of the known names, the one that somebody must have meant, or an empty text */
    public static RolloutConfig of(Document document, BiFunction<String, Collection<String>, String> nearest) {
        RolloutConfig config = new RolloutConfig(document, nearest);
        config.unknownKeys("", List.of(), document.root());
        config.strategy();
        config.ladder();
        config.hooks();
        config.smokes();
        config.seconds(List.of("bake"), 0);
        config.seconds(List.of("retire-delay"), 0);
        config.judging(Judging.standard(60));
        return config;
    }

    public static RolloutConfig empty() {
        return new RolloutConfig(Document.empty("deployment.yaml"), (name, known) -> "");
    }

    private static Map<String, Set<String>> keys() {
        Map<String, Set<String>> keys = new LinkedHashMap<>();
        keys.put("", Set.of("app", "strategy", "target", "router", "image", "version", "steps", "bake", "retire-delay", "judge", "metrics", "hooks", "smoke", "notify", "local",
                "kubernetes", "flag", "slo"));
        keys.put("steps[]", Set.of("weight", "duration", "gate"));
        keys.put("judge", Set.of("method", "max-ratio", "alpha", "interval", "extensions", "stop-errors", "stop-ratio"));
        keys.put("metrics", Set.of("prometheus", "probe", "requests", "errors", "stable", "canary", "latency", "max-latency-ms"));
        keys.put("hooks", Set.of("before", "after-step", "after", "on-rollback"));
        for (String when : List.of("before", "after-step", "after", "on-rollback")) {
            keys.put("hooks." + when + "[]", Set.of("name", "run", "url", "timeout"));
        }
        keys.put("smoke[]", Set.of("path", "status", "contains"));
        keys.put("notify[]", Set.of("url", "format", "on"));
        keys.put("local", Set.of("port", "replicas", "start", "health", "environment", "stop-seconds", "drain-seconds"));
        keys.put("kubernetes", Set.of("namespace", "context", "workload", "service", "preview-service", "route", "host", "dead-man", "fresh-baseline"));
        keys.put("flag", Set.of("file", "key", "on", "off", "bucket-by", "config-map"));
        keys.put("slo", Set.of("objective", "window", "spent-query"));
        return keys;
    }

    public List<Finding> problems() {
        return problems;
    }

    public Document document() {
        return document;
    }

    public String text(String... path) {
        return document.text(path);
    }

    /** Null when the file does not say. */
    public Strategy strategy() {
        String text = document.text("strategy");
        for (Strategy each : Strategy.values()) {
            if (each.id().equals(text)) {
                return each;
            }
        }
        if (!text.isEmpty()) {
            problem("unknown strategy '" + text + "'", "known: rolling, blue-green, canary, feature-flag", "strategy");
        }
        return null;
    }

    /** Empty when the file does not say. */
    public List<Rung> ladder() {
        List<Rung> rungs = new ArrayList<>();
        double last = 0;
        int size = document.at("steps").size();
        for (int i = 0; i < size; i++) {
            String index = String.valueOf(i);
            double weight = number(0, "steps", index, "weight");
            if (!document.has("steps", index, "weight")) {
                problem("step " + (i + 1) + " has no weight", "give the percent of the traffic: weight: 25", "steps", index);
            } else if (weight <= 0 || weight > 100) {
                problem("a weight of " + text("steps", index, "weight") + " is not between 0 and 100", "weights are percent of the traffic", "steps", index, "weight");
            } else if (weight <= last) {
                problem("the ladder does not rise: " + Rollout.percent(weight) + " comes after " + Rollout.percent(last), "put the weights in rising order", "steps", index, "weight");
            }
            last = Math.max(last, weight);
            String gate = text("steps", index, "gate");
            if (!gate.isEmpty() && !gate.equals("manual") && !gate.equals("none")) {
                problem("a gate is 'manual' or 'none', not '" + gate + "'", "", "steps", index, "gate");
            }
            rungs.add(new Rung(weight, seconds(List.of("steps", index, "duration"), weight >= 100 ? 0 : 600), gate.equals("manual")));
        }
        if (size > 0 && last < 100) {
            problem("the ladder ends at " + Rollout.percent(last) + ", not at 100 %", "add a last step with weight: 100", "steps");
        }
        return rungs;
    }

    public Judging judging(Judging standard) {
        String judge = document.has("judge") && document.at("judge").isValueNode() ? text("judge") : text("judge", "method");
        if (!judge.isEmpty() && !JUDGES.contains(judge)) {
            problem("unknown judge '" + judge + "'", "known: " + String.join(", ", JUDGES), "judge");
        }
        double ratio = number(standard.maxRatio(), "judge", "max-ratio");
        double alpha = number(standard.alpha(), "judge", "alpha");
        double stopRatio = number(standard.stopRatio(), "judge", "stop-ratio");
        int extensions = (int) number(standard.extensions(), "judge", "extensions");
        long stop = (long) number(standard.stopErrors(), "judge", "stop-errors");
        if (ratio < 1 || ratio > 1000) {
            problem("max-ratio is how many times the baseline's error rate is too much; " + plain(ratio) + " makes no sense", "give a number above 1, such as 2", "judge", "max-ratio");
        }
        if (alpha <= 0 || alpha >= 0.5) {
            problem("alpha is the chance that a good release is rolled back; " + plain(alpha) + " makes no sense", "give a number between 0 and 0.5, such as 0.01", "judge", "alpha");
        }
        if (extensions < 0 || extensions > 20 || stop < 1 || stopRatio < 1) {
            problem("extensions is 0 to 20, stop-errors at least 1, stop-ratio at least 1", "", "judge");
        }
        return new Judging(judge.isEmpty() ? standard.judge() : judge, ratio, alpha, Math.max(1, seconds(List.of("judge", "interval"), standard.intervalSeconds())), extensions, stop, stopRatio);
    }

    public List<Hook> hooks() {
        List<Hook> hooks = new ArrayList<>();
        for (String when : List.of("before", "after-step", "after", "on-rollback")) {
            for (int i = 0; i < document.at("hooks", when).size(); i++) {
                String[] place = {"hooks", when, String.valueOf(i)};
                String url = text(with(place, "url"));
                List<String> run = document.at(with(place, "run")).isValueNode() ? List.of("sh", "-c", text(with(place, "run"))) : document.texts(with(place, "run"));
                if (run.isEmpty() == url.isEmpty()) {
                    problem("a hook has either run or url", "run: a command, url: an address that is posted to", place);
                }
                String name = text(with(place, "name"));
                hooks.add(new Hook(when, name.isEmpty() ? when + " " + (i + 1) : name, run, url, seconds(List.of("hooks", when, String.valueOf(i), "timeout"), 60)));
            }
        }
        return hooks;
    }

    public List<Smoke> smokes() {
        List<Smoke> smokes = new ArrayList<>();
        for (int i = 0; i < document.at("smoke").size(); i++) {
            String index = String.valueOf(i);
            String path = text("smoke", index, "path");
            int status = (int) number(200, "smoke", index, "status");
            if (!path.startsWith("/") || status < 100 || status > 599) {
                problem("a smoke check has a path that begins with / and a status of HTTP", "path: /healthz, status: 200", "smoke", index);
            }
            smokes.add(new Smoke(path, status, text("smoke", index, "contains")));
        }
        return smokes;
    }

    public int seconds(List<String> place, int otherwise) {
        String text = text(place.toArray(String[]::new));
        if (text.isEmpty()) {
            return otherwise;
        }
        int seconds = seconds(text);
        if (seconds < 0) {
            problem("'" + text + "' is no time", "write 30s, 10m or 1h", place.toArray(String[]::new));
            return otherwise;
        }
        return seconds;
    }

    /** {@code 90}, {@code 30s}, {@code 10m}, {@code 1h} in whole seconds, at least 1 where it is more than none; -1 when it is no time. */
    public static int seconds(String text) {
        Matcher time = TIME.matcher(text.strip());
        if (!time.matches()) {
            return -1;
        }
        double unit = switch (time.group(2) == null ? "s" : time.group(2)) {
            case "ms" -> 0.001;
            case "m", "min" -> 60;
            case "h" -> 3600;
            default -> 1;
        };
        double value = Double.parseDouble(time.group(1)) * unit;
        return value > 7 * 86_400 ? -1 : value > 0 ? Math.max(1, (int) Math.round(value)) : 0;
    }

    public double number(double otherwise, String... place) {
        String text = text(place);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            String bare = text.strip();
            double value = bare.endsWith("%") ? Double.parseDouble(bare.substring(0, bare.length() - 1).strip()) / (place[place.length - 1].equals("weight") ? 1 : 100) : Double.parseDouble(bare);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        problem("'" + text + "' is no number", "", place);
        return otherwise;
    }

    private void unknownKeys(String place, List<String> path, com.fasterxml.jackson.databind.JsonNode node) {
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                unknownKeys(place + "[]", plus(path, String.valueOf(i)), node.get(i));
            }
            return;
        }
        Set<String> known = KEYS.get(place);
        node.fieldNames().forEachRemaining(key -> {
            List<String> at = plus(path, key);
            if (known != null && !known.contains(key)) {
                String near = nearest.apply(key, known);
                problem("unknown key '" + key + "'" + (place.isEmpty() ? "" : " in " + place.replace("[]", "")), near.isEmpty() ? "known: " + String.join(", ", known.stream().sorted().toList()) : "did you mean '" + near + "'?",
                        at.toArray(String[]::new));
            } else {
                unknownKeys(place.isEmpty() ? key : place + "." + key, at, node.get(key));
            }
        });
    }

    private void problem(String message, String hint, String... path) {
        Finding finding = Finding.error("invalid-config", message, hint, document.evidence("config", path));
        if (!problems.contains(finding)) {
            problems.add(finding);
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }

    private static List<String> plus(List<String> path, String key) {
        List<String> all = new ArrayList<>(path);
        all.add(key);
        return all;
    }

    private static String[] with(String[] place, String key) {
        return plus(List.of(place), key).toArray(String[]::new);
    }
}
