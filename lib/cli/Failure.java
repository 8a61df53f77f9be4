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
}
