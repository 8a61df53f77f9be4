package lib.deploy;

import java.time.Instant;
import java.util.Optional;
import lib.cli.Failure;

/**
 * One operator at a time: a lease that must be renewed, changed by compare and swap only, and taken over only after it expired.
 *
 * <p>Two clocks may differ. A holder whose time lies ahead of ours is believed; one whose lease seems to be of the far future is told of.
 */
public final class Lock {
    /** How long a holder that says nothing is believed to be alive. */
    public static final int SECONDS = 60;

    public interface Store {
        Optional<Held> read();

        /**
         * @param expected version that was read, or empty when there was none; @param lease null releases
         * @return the new version
         * @throws Journal.Moved when somebody else was faster
         */
        String swap(String expected, Lease lease);
    }

    /** @param transitions how often it went from one holder to another */
    public record Lease(String holder, Instant acquired, Instant renewed, int seconds, int transitions) {
        public Instant expires() {
            return renewed.plusSeconds(seconds);
        }
    }

    public record Held(String version, Lease lease) {}

    private final Store store;
    private final Pace pace;
    private final String holder;
    private String version = "";
    private Lease lease;

    /** @param holder who and where, for people: {@code ann@laptop (4711)} */
    public Lock(Store store, Pace pace, String holder) {
        this.store = store;
        this.pace = pace;
        this.holder = holder;
    }

    /** @return what to tell when it was taken over from a holder whose lease had expired, else empty */
    public String acquire() {
        Instant now = pace.now();
        Optional<Held> held = store.read();
        String says = "";
        int transitions = 0;
        if (held.isPresent() && !held.get().lease().holder().equals(holder)) {
            Lease other = held.get().lease();
            transitions = other.transitions() + 1;
            if (other.renewed().isAfter(now.plusSeconds(other.seconds()))) {
                throw Failure.cannotProceed("the lock of " + other.holder() + " was renewed at " + other.renewed() + ", which lies ahead of this machine's clock (" + now + ")",
                        "set the clocks right; then try again");
            }
            if (now.isBefore(other.expires())) {
                throw Failure.cannotProceed("another rollout is in progress: " + other.holder() + " holds the lock since " + other.acquired() + ", until " + other.expires() + " unless renewed",
                        "wait for it, or look at it with status");
            }
            says = "took over the lock of " + other.holder() + ", which expired at " + other.expires();
        }
        lease = new Lease(holder, now, now, SECONDS, transitions);
        try {
            version = store.swap(held.map(Held::version).orElse(""), lease);
        } catch (Journal.Moved e) {
            throw Failure.cannotProceed("another rollout has just taken the lock", "look at it with status");
        }
        return says;
    }

    /** Called from the engine's loop; asks the store only when a third of the lease is over. */
    public void renew() {
        if (lease == null || pace.now().isBefore(lease.renewed().plusSeconds(SECONDS / 3))) {
            return;
        }
        lease = new Lease(holder, lease.acquired(), pace.now(), SECONDS, lease.transitions());
        try {
            version = store.swap(version, lease);
        } catch (Journal.Moved e) {
            throw new Lost();
        }
    }

    public void release() {
        if (lease != null) {
            lease = null;
            try {
                store.swap(version, null);
            } catch (Journal.Moved e) {
                // Somebody took it over: it is theirs, and nothing of ours is left to release.
                version = "";
            }
        }
    }

    /** Another operator took the lock over while this one slept: from here on nothing may be touched. */
    public static final class Lost extends RuntimeException {
        public Lost() {
            super("the lock was taken over by another operator");
        }
    }
}
