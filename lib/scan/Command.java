package lib.scan;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import lib.scan.Finding.Evidence;

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

    /** What a command is for, in the order in which a pipeline runs them. */
    public enum CommandKind {
        INSTALL, FORMAT, LINT, TYPECHECK, TEST, BUILD;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

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

    /** Knows how a POSIX shell reads a word, and which sequences CI platforms would replace before the shell sees them. */
    public static final class Shell {
        private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");
        /** Control characters, whatever ends a line somewhere, halves of characters, and what turns the order of a line for who reads it. */
        private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\x{80}-\\x{9F}\\x{2028}\\x{2029}\\x{FEFF}\\p{Cs}\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}\\x{FFFE}\\x{FFFF}]");

        private Shell() {}

        /**
         * The text as one word of a command line, quoted where needed.
         *
         * <p>A dollar or a backtick stands outside of the quotes with a backslash, and {@code <<} is split by a pair of quotes, which the shell
         * joins again: CI platforms replace {@code ${{}, {@code $[[} and {@code <<} in the text of a script before any shell runs.
         */
        public static String word(String text) {
            if (PLAIN.matcher(text).matches() && !text.startsWith("-") && !text.startsWith("~") && !text.startsWith("=")) {
                return text;
            }
            return "'" + text.replace("'", "'\\''").replace("$", "'\\$'").replace("`", "'\\`'").replace("<<", "<''<") + "'";
        }

        /** Can it stand in a command at all? A line break or another control character in a name is refused, not quoted. */
        public static boolean isPrintable(String text) {
            return !text.isEmpty() && !CONTROL.matcher(text).find();
        }
    }
}
