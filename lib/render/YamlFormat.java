package lib.render;

import freemarker.core.CommonMarkupOutputFormat;
import freemarker.core.CommonTemplateMarkupOutputModel;
import freemarker.template.TemplateMethodModelEx;
import freemarker.template.TemplateModelException;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How a text becomes a YAML scalar: plain where every reader of YAML 1.1 and 1.2 takes it for this same text, else double-quoted.
 *
 * <p>An interpolation in a template stands for a whole scalar of a block collection, never for a part of one; in a flow collection
 * ({@code [a, b]}) only for names of letters, digits and dashes.
 */
public final class YamlFormat extends CommonMarkupOutputFormat<YamlFormat.Scalar> {
    public static final YamlFormat INSTANCE = new YamlFormat();

    /** What a plain text may start with: a word, a path or a variable. A dash stands only inside. */
    private static final String STARTS = "_./$(^";
    /** What some reader takes for something else than text, in any case: booleans, null, infinity, versions that look like numbers start with digits. */
    private static final Set<String> WORDS = Set.of("true", "false", "yes", "no", "on", "off", "y", "n", "null", "~", ".inf", ".nan");
    private static final Pattern NUMBER = Pattern.compile("[.][0-9].*");

    /** Of lines in blocks. */
    private static final int WIDTH = 140;

    private YamlFormat() {}

    /** Text that is YAML already. */
    public static final class Scalar extends CommonTemplateMarkupOutputModel<Scalar> {
        Scalar(String plain, String markup) {
            super(plain, markup);
        }

        @Override
        public YamlFormat getOutputFormat() {
            return INSTANCE;
        }
    }

    @Override
    public String getName() {
        return "YAML";
    }

    @Override
    public String getMimeType() {
        return "application/yaml";
    }

    @Override
    public void output(String text, Writer out) throws IOException {
        out.write(scalar(text));
    }

    @Override
    public String escapePlainText(String text) {
        return scalar(text);
    }

    @Override
    public boolean isLegacyBuiltInBypassed(String name) {
        return false;
    }

    @Override
    protected Scalar newTemplateMarkupOutputModel(String plain, String markup) {
        return new Scalar(plain, markup);
    }

    public static String scalar(String text) {
        return isPlain(text) ? text : quoted(text);
    }

    private static boolean isPlain(String text) {
        return !text.isEmpty() && isStart(text.charAt(0)) && text.codePoints().noneMatch(YamlFormat::isEscaped) && !endsPlain(text)
                && !WORDS.contains(text.toLowerCase(java.util.Locale.ROOT)) && !NUMBER.matcher(text).matches();
    }

    private static boolean isStart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || STARTS.indexOf(c) >= 0;
    }

    /** Would a reader see a key, a comment or nothing somewhere in it? No pattern: of a long text it would need more stack than there is. */
    private static boolean endsPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            boolean isBeforeSpace = i + 1 == text.length() || Character.isWhitespace(text.charAt(i + 1));
            boolean isBehindSpace = i > 0 && Character.isWhitespace(text.charAt(i - 1));
            if (text.charAt(i) == ':' && isBeforeSpace || text.charAt(i) == '#' && isBehindSpace) {
                return true;
            }
        }
        return Character.isWhitespace(text.charAt(text.length() - 1));
    }

    /** Has it no character of its own in a file, or one that readers take for a line break? Then it is lost or ends a text, in any language. */
    static boolean isEscaped(int c) {
        return c < 0x20 || c >= 0x7F && c < 0xA0 || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c >= 0xD800 && c < 0xE000 || c == 0xFFFE || c == 0xFFFF;
    }

    private static String quoted(String text) {
        if (text.contains("\"") && (!text.contains("'") || !text.contains("\\")) && text.codePoints().noneMatch(c -> c < 0x20 || c >= 0x7F)) {
            return "'" + text.replace("'", "''") + "'";
        }
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                case '\r' -> quoted.append("\\r");
                default -> {
                    if (isEscaped(c)) {
                        quoted.append(String.format("\\u%04x", c));
                    } else {
                        quoted.appendCodePoint(c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    /**
     * {@code [=block(text, 10)]}: a script as the value of a key: one line as a scalar, more as a literal block whose lines have that indent.
     * A text that a literal block can't hold faithfully is double-quoted.
     */
    static final class Block implements TemplateMethodModelEx {
        @Override
        public Object exec(List arguments) throws TemplateModelException {
            String text = arguments.get(0).toString();
            int indent = Integer.parseInt(arguments.get(1).toString());
            return INSTANCE.fromMarkup(block(text, indent));
        }
    }

    /** A line break in a folded block is read as a space: one line that is too long to read can be written as several. */
    private static boolean isFoldable(String text) {
        return !text.startsWith(" ") && !text.endsWith(" ") && !text.startsWith("#") && text.codePoints().noneMatch(c -> c < 0x20 || c >= 0x7F);
    }

    private static String folded(String text, int indent) {
        StringBuilder block = new StringBuilder(">-");
        int start = 0;
        while (start < text.length()) {
            int end = text.length();
            if (end - start + indent > WIDTH) {
                end = breakAt(text, start, start + WIDTH - indent);
            }
            block.append('\n').append(" ".repeat(indent)).append(text, start, end);
            start = end + 1;
        }
        return block.toString();
    }

    /** The last single space before the limit, else the first behind it; the end where there is none. */
    private static int breakAt(String text, int start, int limit) {
        for (int i = limit; i > start; i--) {
            if (isSingleSpace(text, i)) {
                return i;
            }
        }
        for (int i = limit; i < text.length() - 1; i++) {
            if (isSingleSpace(text, i)) {
                return i;
            }
        }
        return text.length();
    }

    private static boolean isSingleSpace(String text, int at) {
        return text.charAt(at) == ' ' && text.charAt(at - 1) != ' ' && text.charAt(at + 1) != ' ';
    }

    static String block(String text, int indent) {
        boolean isLiteral = text.contains("\n") && text.lines().noneMatch(l -> l.endsWith(" ") || l.endsWith("\t") || l.startsWith("\t"))
                && !text.startsWith(" ") && !text.startsWith("\n") && !text.endsWith("\n\n")
                && text.chars().noneMatch(c -> c < 0x20 && c != '\n' && c != '\t' || c == 0x7F || c >= 0x80 && c < 0xA0 || c == 0x2028 || c == 0x2029 || c == 0xFEFF
                        || Character.isSurrogate((char) c) || c >= 0xFFFE);
        if (text.length() + indent > WIDTH && isFoldable(text)) {
            return folded(text, indent);
        }
        if (!isLiteral) {
            return scalar(text);
        }
        StringBuilder block = new StringBuilder(text.endsWith("\n") ? "|" : "|-");
        String pad = " ".repeat(indent);
        text.lines().forEach(line -> block.append('\n').append(line.isEmpty() ? "" : pad + line));
        return block.toString();
    }
}
