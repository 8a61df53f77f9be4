package lib.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Who splits traffic between the stable and the new version. All acts are idempotent. */
public interface Router {
    /** As in {@code --router}. */
    String id();

    /** The percent of the traffic that the new version is given now. */
    double share();

    /** Gives the new version this percent, as near as it can; returns at once. */
    void set(double percent);

    /** Why this share is not yet what clients get, or empty when it is. */
    Optional<String> pending(double percent);

    /** Traffic to the stable workload alone; nothing of the rollout is left in the route. */
    void settle();

    /** What {@link #restore} needs. */
    JsonNode snapshot();

    /** The route as it was; all traffic to the stable version. */
    void restore(JsonNode snapshot);

    /** Whether the route is as it was, really. */
    Optional<String> unrestored(JsonNode snapshot);
}
