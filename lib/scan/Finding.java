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

    /**
     * Where a fact was read and by which rule. A line of 0 stands for the whole file.
     *
     * @param file path from the project's root, with forward slashes
     * @param line counted from 1
     * @param rule the rule that read it, in dash-case: {@code lock-file}, {@code npm-script}
     */
    public record Evidence(String file, int line, String rule) {

        public static Evidence of(String file, String rule) {
            return new Evidence(file, 0, rule);
        }

        /** {@code package.json:12}, as compilers write it. */
        public String place() {
            return line > 0 ? file + ":" + line : file;
        }
    }
}
