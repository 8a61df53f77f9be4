package lib.deploy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lib.cli.Failure;
import lib.plan.Rollout;

/**
 * The memory of a rollout that outlives the process: the intent is written before each act, so that whoever comes next knows what may have
 * happened. One document for the rollout, one for the history of those before it.
 */
public final class Journal {
    public static final String SCHEMA = "deployment-journal/1";
    static final String CURRENT = "current";
    static final String HISTORY = "history";
    static final String FREEZE = "freeze";
    private static final int KEPT = 50;
    private static final ObjectMapper JSON = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** Texts by key, with compare and swap. */
    public interface Store {
        Optional<Versioned> read(String key);

        /**
         * @param expected version that was read, or empty when there was none; @param text null removes
         * @return the new version
         * @throws Moved when somebody else wrote since
         */
        String swap(String key, String expected, String text);
    }

    public record Versioned(String version, String text) {}

    /** Somebody else wrote. */
    public static final class Moved extends RuntimeException {
        public Moved(String message) {
            super(message);
        }
    }

    /** Where a rollout is. */
    public enum Phase {
        /** On its way. */
        @JsonProperty("running") RUNNING,
        /** Traffic is safe; {@code resume} goes on. */
        @JsonProperty("interrupted") INTERRUPTED,
        @JsonProperty("waiting") WAITING,
        @JsonProperty("rolling-back") ROLLING_BACK,
        @JsonProperty("succeeded") SUCCEEDED,
        @JsonProperty("rolled-back") ROLLED_BACK,
        @JsonProperty("rollback-failed") ROLLBACK_FAILED;

        public boolean isOver() {
            return this == SUCCEEDED || this == ROLLED_BACK;
        }
    }

    /**
     * @param next the action that is done next, or may be half done when {@code intent} is set
     * @param gate whether a person has promoted past the gate that is next
     * @param snapshot of the target; @param route of the router
     * @param samples all that was counted so far, so that whoever resumes judges by the same
     * @param verdict the last words of the judge; @param cause why it was rolled back
     */
    public record Entry(String schema, String id, String by, String why, String startedAt, String endedAt, Rollout plan, JsonNode snapshot, JsonNode route,
            Phase phase, int next, boolean intent, boolean gate, String verdict, String cause, List<Sample> samples, List<String> events) {

        Entry with(Phase newPhase, int newNext, boolean newIntent) {
            return new Entry(schema, id, by, why, startedAt, endedAt, plan, snapshot, route, newPhase, newNext, newIntent, gate, verdict, cause, samples, events);
        }

        Entry opened(boolean newGate) {
            return new Entry(schema, id, by, why, startedAt, endedAt, plan, snapshot, route, phase, next, intent, newGate, verdict, cause, samples, events);
        }

        Entry saying(String newVerdict, String newCause) {
            return new Entry(schema, id, by, why, startedAt, endedAt, plan, snapshot, route, phase, next, intent, gate, newVerdict, newCause, samples, events);
        }

        Entry measuring(List<Sample> all) {
            return new Entry(schema, id, by, why, startedAt, endedAt, plan, snapshot, route, phase, next, intent, gate, verdict, cause, List.copyOf(all), events);
        }

        Entry ended(String at) {
            return new Entry(schema, id, by, why, startedAt, at, plan, snapshot, route, phase, next, intent, gate, verdict, cause, samples, events);
        }

        /** The last ones are kept: a ConfigMap has 1 MiB. */
        Entry plus(String event) {
            List<String> all = new ArrayList<>(events);
            all.add(event);
            return new Entry(schema, id, by, why, startedAt, endedAt, plan, snapshot, route, phase, next, intent, gate, verdict, cause, samples,
                    List.copyOf(all.subList(Math.max(0, all.size() - 200), all.size())));
        }
    }

    /** What was counted between two looks, of the watched step with this number from 0. */
    public record Sample(int step, double seconds, long stableRequests, long stableErrors, long canaryRequests, long canaryErrors) {}

    /** What is left of a rollout when it is over. */
    public record Past(String id, String app, String strategy, String from, String to, String by, String why, String startedAt, String endedAt, String outcome,
            String verdict, String cause) {
        static Past of(Entry e) {
            return new Past(e.id(), e.plan().app(), e.plan().strategy().id(), e.plan().from(), e.plan().to(), e.by(), e.why(), e.startedAt(), e.endedAt(),
                    JSON.convertValue(e.phase(), String.class), e.verdict(), e.cause());
        }
    }

    /** @param until an instant, or empty for as long as nobody thaws it */
    public record Freeze(String reason, String by, String since, String until) {}

    private final Store store;
    private String version = "";

    public Journal(Store store) {
        this.store = store;
    }

    /** The rollout that is not over, or the last one. */
    public Optional<Entry> read() {
        Optional<Versioned> found = store.read(CURRENT);
        version = found.map(Versioned::version).orElse("");
        return found.map(f -> parse(f.text(), Entry.class));
    }

    public void write(Entry entry) {
        version = store.swap(CURRENT, version, text(entry));
    }

    /** Into the history, for good. */
    public void close(Entry entry) {
        write(entry);
        Optional<Versioned> found = store.read(HISTORY);
        List<Past> all = new ArrayList<>(found.map(f -> List.of(parse(f.text(), Past[].class))).orElse(List.of()));
        if (all.stream().noneMatch(p -> p.id().equals(entry.id()) && p.outcome().equals(Past.of(entry).outcome()))) {
            all.add(0, Past.of(entry));
            store.swap(HISTORY, found.map(Versioned::version).orElse(""), text(all.subList(0, Math.min(KEPT, all.size()))));
        }
    }

    /** The newest first. */
    public List<Past> history() {
        return store.read(HISTORY).map(f -> List.of(parse(f.text(), Past[].class))).orElse(List.of());
    }

    public Optional<Freeze> freeze() {
        return store.read(FREEZE).map(f -> parse(f.text(), Freeze.class));
    }

    /** @param freeze null thaws */
    public void freeze(Freeze freeze) {
        String known = store.read(FREEZE).map(Versioned::version).orElse("");
        if (freeze != null || !known.isEmpty()) {
            store.swap(FREEZE, known, freeze == null ? null : text(freeze));
        }
    }

    static <T> T parse(String text, Class<T> type) {
        try {
            return JSON.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw Failure.cannotProceed("the journal cannot be read: " + e.getOriginalMessage(), "it was written by another version of this tool, or by hand; look at it before anything else");
        }
    }

    static String text(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
