package lib.judge;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import lib.judge.Judge.Counts;
import lib.judge.Judge.Interval;
import lib.judge.Judge.Outcome;
import lib.judge.Judge.Thresholds;

/**
 * A verdict with the figures that it rests on.
 *
 * @param maxRatio of the error rates, new to old, that is allowed
 * @param bound chance, over the whole rollout, that a good release is rolled back; NaN where the judge states none
 * @param needRequests further requests to the new version until it can be told, and {@code needSeconds} that they take; 0 where nothing lacks
 */
public record Verdict(Outcome outcome, String judge, Counts canary, Counts baseline, double maxRatio, double bound, String reason, long needRequests, double needSeconds) {

    static Verdict of(Outcome outcome, String judge, Interval now, Thresholds t, double bound, String reason) {
        return new Verdict(outcome, judge, now.canary(), now.baseline(), t.maxRatio(), bound, reason, 0, 0);
    }

    /** Whether one of the versions had no request. */
    static boolean isBlind(Interval now) {
        return now.canary().requests() == 0 || now.baseline().requests() == 0;
    }

    static Verdict blind(String judge, Interval now, Thresholds t, double bound) {
        return of(Outcome.INCONCLUSIVE, judge, now, t, bound, "no requests to the " + (now.canary().requests() == 0 ? "new" : "old") + " version were counted: nothing can be said");
    }

    Verdict needing(long requests, double seconds) {
        return new Verdict(outcome, judge, canary, baseline, maxRatio, bound, reason, requests, seconds);
    }

    /** Of the error rates, new to old; infinite or NaN where it has no value. */
    public double ratio() {
        return test().ratio();
    }

    /** The ratio's 95 % interval, from here to {@link #high}. */
    public double low() {
        return test().low();
    }

    public double high() {
        return test().high();
    }

    /** Chance of as many errors, or more, if the new version were just as bad as is allowed. */
    public double p() {
        return test().p(maxRatio);
    }

    private RatioTest test() {
        return new RatioTest(baseline, canary);
    }

    /** In one line, as a report has it. */
    public String line() {
        String counts = "canary " + number(canary.errors()) + " of " + number(canary.requests()) + " vs baseline " + number(baseline.errors()) + " of " + number(baseline.requests());
        boolean isComparable = canary.requests() > 0 && baseline.requests() > 0 && canary.errors() + baseline.errors() > 0;
        String test = isComparable ? ": ratio " + short3(ratio()) + " [" + short3(low()) + ", " + short3(high()) + "], " + chance(p()) : "";
        return counts + test + (Double.isNaN(bound) ? ", no stated chance of rolling back a good release" : ", P(rollback of a good release) ≤ " + percent(bound));
    }

    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("outcome", outcome.name().toLowerCase(Locale.ROOT));
        map.put("judge", judge);
        map.put("canary", Map.of("requests", canary.requests(), "errors", canary.errors()));
        map.put("baseline", Map.of("requests", baseline.requests(), "errors", baseline.errors()));
        map.put("ratio", finite(ratio()));
        map.put("low", finite(low()));
        map.put("high", finite(high()));
        map.put("p", finite(p()));
        map.put("bound", finite(bound));
        map.put("reason", reason);
        map.put("needRequests", needRequests);
        map.put("needSeconds", needSeconds);
        map.put("line", line());
        return map;
    }

    /** JSON has no infinity. */
    private static Double finite(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Three digits that count. */
    static String short3(double value) {
        if (Double.isNaN(value)) {
            return "?";
        }
        if (Double.isInfinite(value)) {
            return "∞";
        }
        double size = Math.abs(value);
        return size >= 999.5 ? number(Math.round(value)) : String.format(Locale.ROOT, size >= 10 || size == 0 ? "%.1f" : "%.2f", value).replaceFirst("\\.0+$", "");
    }

    static String percent(double share) {
        return java.math.BigDecimal.valueOf(share * 100).round(new java.math.MathContext(4)).stripTrailingZeros().toPlainString() + " %";
    }

    private static String chance(double p) {
        return p < 1e-6 ? "p < 1e-6" : "p = " + (p < 0.001 ? String.format(Locale.ROOT, "%.1e", p) : java.math.BigDecimal.valueOf(p).round(new java.math.MathContext(2)).toPlainString());
    }

    static String time(double seconds) {
        return seconds < 90 ? Math.max(1, Math.round(seconds)) + " s" : seconds < 5400 ? Math.round(seconds / 60) + " min" : short3(seconds / 3600) + " h";
    }
}
