package lib.scan;

import java.util.List;

/**
 * One shell command of a component, run in the component's own folder.
 *
 * <p>Whoever makes one has proved that what it calls is there, or says {@link Confidence#GUESS}. Words that come from the
 * project are put into {@code run} through {@link Shell#word} only.
 *
 * @param fansOut it only calls the same task in each member of the workspace ({@code turbo run test}, {@code lerna run test})
 */
public record Command(String run, Evidence evidence, Confidence confidence, boolean fansOut) {

    public Command(String run, Evidence evidence, Confidence confidence) {
        this(run, evidence, confidence, false);
    }

    public static Command certain(String run, Evidence evidence) {
        return new Command(run, evidence, Confidence.CERTAIN);
    }

    public static Command likely(String run, Evidence evidence) {
        return new Command(run, evidence, Confidence.LIKELY);
    }

    public static Command guess(String run, Evidence evidence) {
        return new Command(run, evidence, Confidence.GUESS);
    }

    public Command thatFansOut() {
        return new Command(run, evidence, confidence, true);
    }

    public boolean isProven() {
        return confidence != Confidence.GUESS;
    }

    /** Of several ways to do one thing, the first that is proven; else the first guess. */
    public static List<Command> best(List<Command> ways) {
        return ways.stream().filter(Command::isProven).findFirst().or(() -> ways.stream().findFirst()).map(List::of).orElse(List.of());
    }
}
