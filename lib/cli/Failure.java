package lib.cli;

/** An expected failure: what a user did or what is wrong with the surroundings. Anything else that is thrown is a bug of ours. */
public final class Failure extends RuntimeException {
    public final Exit exit;
    /** One command or edit that helps, or empty. */
    public final String hint;

    public Failure(Exit exit, String message, String hint) {
        super(message);
        this.exit = exit;
        this.hint = hint;
    }

    public static Failure usage(String message, String hint) {
        return new Failure(Exit.USAGE, message, hint);
    }

    public static Failure cannotProceed(String message, String hint) {
        return new Failure(Exit.CANNOT_PROCEED, message, hint);
    }

    /** The exit codes of all three tools; what {@code --help} and the README print of them comes from here. */
    public enum Exit {
        OK(0, "done, or already up to date (warnings included)"),
        PROBLEMS(1, "ran and found problems: an error finding, drift with --check, a failed step with --run"),
        USAGE(2, "wrong usage: unknown option, platform or stage"),
        CANNOT_PROCEED(3, "cannot proceed: nothing recognised, a conflict, or something cannot be read or written"),
        BUG(4, "a bug of this tool"),
        ROLLED_BACK(5, "a deployment failed and was rolled back"),
        ROLLBACK_FAILED(6, "a deployment failed and its rollback failed too"),
        TRANSIENT(75, "a passing fault; try again"),
        INTERRUPTED(130, "interrupted");

        public final int code;
        public final String meaning;

        Exit(int code, String meaning) {
            this.code = code;
            this.meaning = meaning;
        }
    }
}
