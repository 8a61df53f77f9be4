package lib.scan;

import java.util.List;
import java.util.Locale;

/**
 * One thing that a user should know: what, where, and what to do about it.
 *
 * @param rule in dash-case, stable: users and agents filter by it
 * @param hint one command or edit, or empty
 * @param evidence the places; for a contradiction, both
 */
public record Finding(Severity severity, String rule, String message, String hint, List<Evidence> evidence) {

    /** An error keeps anything from being written. */
    public enum Severity {
        ERROR, WARNING, INFO;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Finding {
        evidence = List.copyOf(evidence);
    }

    public static Finding error(String rule, String message, String hint, Evidence... evidence) {
        return new Finding(Severity.ERROR, rule, message, hint, List.of(evidence));
    }

    public static Finding warning(String rule, String message, String hint, Evidence... evidence) {
        return new Finding(Severity.WARNING, rule, message, hint, List.of(evidence));
    }

    public static Finding info(String rule, String message, String hint, Evidence... evidence) {
        return new Finding(Severity.INFO, rule, message, hint, List.of(evidence));
    }
}
