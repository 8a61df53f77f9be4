package support;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits Groovy into its strings and the code around them, as Groovy's own lexer does: escapes, triple quotes, comments, and characters
 * written as a backslash with a u anywhere. Knows no Jenkins.
 */
public final class GroovyText {

    /** @param code what stands before it since the string before; @param quote what it is in */
    public record Literal(String code, String text, String quote) {}

    /** @param rest the code after the last string */
    public record Parts(List<Literal> literals, String rest) {}

    private GroovyText() {}

    /** @throws IllegalStateException where a string does not end */
    public static Parts parts(String source) {
        String text = unescaped(source);
        List<Literal> literals = new ArrayList<>();
        StringBuilder code = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (text.startsWith("//", i)) {
                int end = text.indexOf('\n', i);
                i = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", i)) {
                i = text.indexOf("*/", i + 2) + 2;
            } else if (c == '\'' || c == '"') {
                String quote = text.startsWith(String.valueOf(c).repeat(3), i) ? String.valueOf(c).repeat(3) : String.valueOf(c);
                StringBuilder literal = new StringBuilder();
                i = literal(text, i + quote.length(), quote, literal);
                literals.add(new Literal(code.toString(), literal.toString(), quote));
                code.setLength(0);
            } else {
                code.append(c);
                i++;
            }
        }
        return new Parts(literals, code.toString());
    }

    private static int literal(String text, int from, String quote, StringBuilder literal) {
        int i = from;
        while (!text.startsWith(quote, i)) {
            if (i >= text.length() || text.charAt(i) == '\n' && quote.length() == 1) {
                throw new IllegalStateException("a string that does not end: " + quote + literal);
            }
            char c = text.charAt(i++);
            if (c != '\\') {
                literal.append(c);
                continue;
            }
            char escaped = text.charAt(i++);
            literal.append(switch (escaped) {
                case 'n' -> "\n";
                case 't' -> "\t";
                case 'r' -> "\r";
                case 'b' -> "\b";
                case 'f' -> "\f";
                case '\n' -> "";
                case '\\', '\'', '"', '$' -> String.valueOf(escaped);
                default -> throw new IllegalStateException("no such escape: \\" + escaped);
            });
        }
        return i + quote.length();
    }

    /** Before anything else a backslash with a u becomes the character, unless another backslash is before it. */
    private static String unescaped(String source) {
        StringBuilder text = new StringBuilder();
        int backslashes = 0;
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '\\' && backslashes % 2 == 0 && source.startsWith("u", i + 1)) {
                text.append((char) Integer.parseInt(source.substring(i + 2, i + 6), 16));
                i += 5;
                continue;
            }
            backslashes = c == '\\' ? backslashes + 1 : 0;
            text.append(c);
        }
        return text.toString();
    }
}
