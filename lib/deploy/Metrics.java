package lib.deploy;

/** Counters of both versions, as they stand. The difference of two readings is what is judged. */
public interface Metrics {
    /** As the report names it: {@code prometheus http://…}, {@code router counters}. */
    String name();

    Reading read();

    /** Counts since some beginning; they may start again from 0 when a process does. @param seconds of the source's own clock */
    record Counter(long requests, long errors) {}

    /** @param problem why there is nothing to read, or empty; then both counters are those of the last reading or 0 */
    record Reading(double seconds, Counter stable, Counter canary, String problem) {
        public static Reading none(double seconds, String problem) {
            return new Reading(seconds, new Counter(0, 0), new Counter(0, 0), problem);
        }
    }
}
