package lib.scan;

import java.util.regex.Pattern;

/** Knows how a POSIX shell reads a word, and which sequences CI platforms would replace before the shell sees them. */
public final class Shell {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

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
