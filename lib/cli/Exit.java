package lib.cli;

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
