package lib.scan;

import java.util.Locale;

/** What a command is for, in the order in which a pipeline runs them. */
public enum CommandKind {
    INSTALL, FORMAT, LINT, TYPECHECK, TEST, BUILD;

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
