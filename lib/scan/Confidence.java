package lib.scan;

/** How sure a fact is. Only what is more than a {@link #GUESS} reaches a pipeline. */
public enum Confidence {
    /** The project says so itself: a script, a target, a pin, a lock file. */
    CERTAIN,
    /** The project shows it: a documented command, or a tool's configuration together with its dependency. */
    LIKELY,
    /** What projects of this kind usually do. */
    GUESS;

    public String id() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
