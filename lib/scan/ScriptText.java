package lib.scan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The text of a build script (Groovy, Kotlin, Scala) without its comments, which still knows its lines. Knows no build tool. */
final class ScriptText {
    /** A script that people wrote is far shorter; what comes after is not read. */
    private static final int MAX_LENGTH = 300_000;

    final String file;
    final String code;
    private final List<Integer> starts = new ArrayList<>();

    ScriptText(String file, String text) {
        this.file = file;
        this.code = withoutComments(text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) : text);
        for (int at = 0; at >= 0; at = code.indexOf('\n', at) < 0 ? -1 : code.indexOf('\n', at) + 1) {
            starts.add(at);
        }
    }

    Evidence evidence(int offset, String rule) {
        int line = Collections.binarySearch(starts, offset);
        return new Evidence(file, line >= 0 ? line + 1 : -line - 1, rule);
    }

    /** The line around the offset. */
    String lineAt(int offset) {
        int from = code.lastIndexOf('\n', offset) + 1;
        int to = code.indexOf('\n', offset);
        return code.substring(from, to < 0 ? code.length() : to);
    }

    /** Comments become blanks, so that lines stay where they are. Strings are kept: a URL has slashes too. */
    private static String withoutComments(String text) {
        StringBuilder out = new StringBuilder(text);
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (text.startsWith("//", i) || text.startsWith("/*", i)) {
                int end = c == '/' && text.charAt(i + 1) == '/' ? text.indexOf('\n', i) : text.indexOf("*/", i + 2) + 2;
                end = end < i + 2 ? text.length() : end;
                for (; i < end; i++) {
                    if (text.charAt(i) != '\n') {
                        out.setCharAt(i, ' ');
                    }
                }
            } else if (c == '"' || c == '\'') {
                String quote = text.startsWith(String.valueOf(c).repeat(3), i) ? String.valueOf(c).repeat(3) : String.valueOf(c);
                i += quote.length();
                while (i < text.length() && !text.startsWith(quote, i) && (quote.length() == 3 || text.charAt(i) != '\n')) {
                    i += text.charAt(i) == '\\' ? 2 : 1;
                }
                i += quote.length();
            } else {
                i++;
            }
        }
        return out.toString();
    }
}
