package lib.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import lib.plan.Rollout.Action;
import lib.plan.Rollout;
import lib.scan.Finding;

/**
 * A place that versions run in: a cluster, or this machine. It starts, looks and undoes; when and in which order is the engine's business.
 *
 * <p>All acts are idempotent, since after a crash the last one is done again. A snapshot holds what undo needs, resource versions included, and
 * no secret: it is journaled.
 */
public interface Target extends AutoCloseable {
    /** As in {@code --target}. */
    String id();

    /** What is there now; changes nothing. */
    Observation observe();

    /** Reasons not to begin: findings of severity error. */
    List<Finding> preflight(Rollout plan, Observation seen);

    /** Everything that {@link #undo} needs to bring back what is there now. */
    ObjectNode snapshot(Rollout plan);

    /** Begins START, SCALE, PROMOTE or RETIRE, and returns at once. */
    void begin(Action action, Rollout plan, JsonNode snapshot);

    /** How far that is. */
    Progress progress(Action action, Rollout plan, JsonNode snapshot);

    /** Where the new version can be asked without getting traffic, for smoke checks: base addresses, or none. */
    List<String> preview(Rollout plan);

    /** Begins to bring workloads back to the snapshot; traffic is back already. */
    void undo(Rollout plan, JsonNode snapshot);

    Progress undone(Rollout plan, JsonNode snapshot);

    /** The newest first. */
    List<Revision> revisions();

    /** Writes what would be lost: logs, events, answers of probes; names of secrets at most. Never fails because a part is not there. */
    void evidence(Rollout plan, Path folder) throws IOException;

    /** @param id of {@link Routers}, one of those that {@link #observe} found */
    Router router(String id, Rollout plan);

    Metrics metrics(Rollout plan);

    Journal.Store journal();

    Lock.Store lock();

    @Override
    void close();

    /**
     * @param version that serves, or empty; @param replicas wanted; @param ready of these
     * @param routers that could split traffic here, the best first; @param metrics that would be used, or empty
     * @param resourceVersions by name of object; a plan file is refused when these have moved
     * @param requestsPerSecond that the app serves now, or less than 0 when nobody knows
     * @param unchecked what could not be looked at, and why
     */
    record Observation(String app, String version, int replicas, int ready, List<String> routers, String metrics,
            SortedMap<String, String> resourceVersions, double requestsPerSecond, List<String> unchecked) {}

    record Revision(String id, String version, boolean isLive, String when, String why) {}

    /** How far an act is. */
    sealed interface Progress {
        record Done(String says) implements Progress {}

        record Waiting(String why) implements Progress {}

        /** It will never be done. @param cause in a word or two, as the platform calls it; @param detail logs and events for people */
        record Doomed(String cause, String detail) implements Progress {}
    }

    /** A fault that passes: time-out, 429, 5xx, a closed watch. The engine tries again until the deadline of the action. */
    final class Passing extends RuntimeException {
        public Passing(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
