package lib.render;

import freemarker.core.CommonMarkupOutputFormat;
import freemarker.core.CommonTemplateMarkupOutputModel;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import lib.scan.Hcl;
import lib.scan.Hcl.Kind;
import lib.scan.Hcl.Token;

/**
 * How a text becomes part of a quoted string of HCL, how a value becomes an expression, and how a file is laid out.
 *
 * <p>An interpolation in a template stands between double quotes. No character of it can end the string or begin an interpolation.
 */
public final class HclFormat extends CommonMarkupOutputFormat<HclFormat.Text> {
    public static final HclFormat INSTANCE = new HclFormat();

    private HclFormat() {}

    /** Text that is HCL already. */
    public static final class Text extends CommonTemplateMarkupOutputModel<Text> {
        Text(String plain, String markup) {
            super(plain, markup);
        }

        @Override
        public HclFormat getOutputFormat() {
            return INSTANCE;
        }
    }

    @Override
    public String getName() {
        return "HCL";
    }

    @Override
    public String getMimeType() {
        return "text/x-hcl";
    }

    @Override
    public void output(String text, Writer out) throws IOException {
        out.write(escaped(text));
    }

    @Override
    public String escapePlainText(String text) {
        return escaped(text);
    }

    @Override
    public boolean isLegacyBuiltInBypassed(String name) {
        return false;
    }

    @Override
    protected Text newTemplateMarkupOutputModel(String plain, String markup) {
        return new Text(plain, markup);
    }

    /** What stands between the quotes. */
    public static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean opens = (c == '$' || c == '%') && i + 1 < text.length() && text.charAt(i + 1) == '{';
            if (opens) {
                // Behind the same sign the doubled one would be read as text and the interpolation would begin after all.
                boolean isRun = i > 0 && text.charAt(i - 1) == c;
                escaped.append(isRun ? String.format("\\u%04x", c) : Character.toString(c).repeat(2));
            } else {
                switch (c) {
                    case '"' -> escaped.append("\\\"");
                    case '\\' -> escaped.append("\\\\");
                    case '\n' -> escaped.append("\\n");
                    case '\t' -> escaped.append("\\t");
                    case '\r' -> escaped.append("\\r");
                    default -> {
                        if (c < 0x20 || c >= 0x7F && c < 0xA0 || c == 0x2028 || c == 0x2029 || c == 0xFEFF) {
                            escaped.append(String.format("\\u%04x", c));
                        } else {
                            escaped.appendCodePoint(c >= 0xD800 && c < 0xE000 ? 0xFFFD : c); // half a pair is no character
                        }
                    }
                }
            }
            i += Character.charCount(c);
        }
        return escaped.toString();
    }

    /** A value of YAML or Java as an expression that computes nothing. */
    public static String literal(Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof Map<?, ?> map) {
            if (map.isEmpty()) {
                return "{}";
            }
            StringBuilder text = new StringBuilder("{\n");
            map.forEach((key, each) -> text.append(key(String.valueOf(key))).append(" = ").append(literal(each)).append('\n'));
            return text.append('}').toString();
        }
        if (value instanceof Collection<?> list) {
            boolean isNested = list.stream().anyMatch(e -> e instanceof Map || e instanceof Collection);
            List<String> each = list.stream().map(HclFormat::literal).toList();
            return isNested ? "[\n" + String.join(",\n", each) + ",\n]" : "[" + String.join(", ", each) + "]";
        }
        return value instanceof Boolean || value instanceof Number ? value.toString() : '"' + escaped(value.toString()) + '"';
    }

    private static String key(String name) {
        return name.matches("[A-Za-z_][\\w-]*") ? name : '"' + escaped(name) + '"';
    }

    /** The same file as {@code terraform fmt} has it; and no blank lines but single ones between what belongs apart. */
    public static String layout(String text) {
        return new Layout(text).text();
    }

    /**
     * The rules of HCL's own formatter, line by line: an indent for what is open, one space between most tokens, and the signs {@code =} of
     * neighbouring lines below each other, as well as the comments at their ends.
     */
    private static final class Layout {
        private final List<Line> lines = new ArrayList<>();
        private final Deque<Integer> open = new ArrayDeque<>();

        /** @param lead what stands before the sign of an assignment, or all; @param assign from that sign on; @param comment at the end */
        private record Line(List<Token> lead, List<Token> assign, Token comment, int indent) {
            boolean isBlank() {
                return lead.isEmpty();
            }

            boolean opens() {
                List<Token> code = assign.isEmpty() ? lead : assign;
                return !code.isEmpty() && code.get(code.size() - 1).kind() == Kind.OPEN;
            }

            boolean closes() {
                return !lead.isEmpty() && lead.get(0).kind() == Kind.CLOSE;
            }
        }

        Layout(String text) {
            List<Token> line = new ArrayList<>();
            for (Token token : Hcl.tokens(text)) {
                if (token.kind() != Kind.NEWLINE && token.kind() != Kind.END) {
                    line.add(token);
                }
                if (token.endsLine()) {
                    add(line);
                    line = new ArrayList<>();
                }
            }
        }

        private void add(List<Token> tokens) {
            boolean hasComment = tokens.size() > 1 && tokens.get(tokens.size() - 1).kind() == Kind.COMMENT;
            Token comment = hasComment ? tokens.get(tokens.size() - 1) : null;
            List<Token> lead = hasComment ? tokens.subList(0, tokens.size() - 1) : tokens;
            List<Token> assign = List.of();
            for (int i = 1; i < lead.size(); i++) {
                if (lead.get(i).is("=")) {
                    if (change(lead.subList(i, lead.size())) == 0) {
                        assign = lead.subList(i, lead.size());
                        lead = lead.subList(0, i);
                    }
                    break;
                }
            }
            lines.add(new Line(lead, assign, comment, indent(change(lead) + change(assign))));
        }

        /** How a line of that net of brackets is indented. */
        private int indent(int net) {
            if (net > 0) {
                open.push(net);
                return 2 * (open.size() - 1);
            }
            int closed = -net;
            while (closed > 0 && !open.isEmpty()) {
                int last = open.pop();
                if (closed < last) {
                    open.push(last - closed);
                }
                closed = Math.max(0, closed - last);
            }
            return 2 * open.size();
        }

        private static int change(List<Token> tokens) {
            int net = 0;
            for (Token token : tokens) {
                if (token.kind() == Kind.OPEN_HEREDOC) {
                    break;
                }
                net += change(token);
            }
            return net;
        }

        private static int change(Token token) {
            return switch (token.kind()) {
                case OPEN, OPEN_TEMPLATE -> 1;
                case CLOSE, CLOSE_TEMPLATE -> -1;
                default -> 0;
            };
        }

        String text() {
            tidy();
            List<String> leads = new ArrayList<>();
            List<String> assigns = new ArrayList<>();
            for (Line line : lines) {
                leads.add(" ".repeat(line.isBlank() ? 0 : line.indent()) + join(line.lead()));
                assigns.add(join(line.assign()));
            }
            pad(leads, i -> !lines.get(i).assign().isEmpty());
            List<String> codes = new ArrayList<>();
            for (int i = 0; i < leads.size(); i++) {
                codes.add(leads.get(i) + assigns.get(i));
            }
            pad(codes, i -> lines.get(i).comment() != null);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < codes.size(); i++) {
                Token comment = lines.get(i).comment();
                text.append(comment == null ? codes.get(i).stripTrailing() : codes.get(i) + comment.text().stripTrailing()).append('\n');
            }
            return text.toString();
        }

        /** What templates leave: blank lines in a row, behind an opening bracket, before a closing one, and at both ends. */
        private void tidy() {
            List<Line> kept = new ArrayList<>();
            for (Line line : lines) {
                boolean afterOpening = kept.isEmpty() || kept.get(kept.size() - 1).isBlank() || kept.get(kept.size() - 1).opens();
                if (line.isBlank() && afterOpening) {
                    continue;
                }
                while (line.closes() && !kept.isEmpty() && kept.get(kept.size() - 1).isBlank()) {
                    kept.remove(kept.size() - 1);
                }
                kept.add(line);
            }
            while (!kept.isEmpty() && kept.get(kept.size() - 1).isBlank()) {
                kept.remove(kept.size() - 1);
            }
            lines.clear();
            lines.addAll(kept);
        }

        /** Lines in a row that are in the chain get the same width, and one space. */
        private static void pad(List<String> texts, java.util.function.IntPredicate isChained) {
            int start = 0;
            while (start < texts.size()) {
                int end = start;
                int width = 0;
                while (end < texts.size() && isChained.test(end)) {
                    width = Math.max(width, columns(texts.get(end)));
                    end++;
                }
                for (int i = start; i < end; i++) {
                    texts.set(i, texts.get(i) + " ".repeat(width - columns(texts.get(i)) + 1));
                }
                start = end + 1;
            }
        }

        /** Of the last line, where a heredoc makes it several. */
        private static int columns(String text) {
            return text.codePointCount(0, text.length());
        }

        private static String join(List<Token> tokens) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < tokens.size(); i++) {
                Token token = tokens.get(i);
                text.append(token.kind() == Kind.COMMENT ? token.text().stripTrailing() : token.text());
                boolean isLast = i + 1 == tokens.size();
                if (!isLast && hasSpace(i > 0 ? tokens.get(i - 1) : null, token, tokens.get(i + 1))) {
                    text.append(' ');
                }
            }
            return text.toString();
        }

        private static boolean hasSpace(Token before, Token token, Token after) {
            boolean isName = token.kind() == Kind.NAME;
            if (isName && (after.is("(") || after.is("::")) || token.is("::") || token.is(".") || after.is(".") || after.is(",") || after.is("...")) {
                return false;
            }
            if (token.is(",")) {
                return true;
            }
            boolean isWithinTemplate = List.of(Kind.TEXT, Kind.OPEN_QUOTE, Kind.OPEN_HEREDOC).contains(token.kind())
                    || List.of(Kind.TEXT, Kind.CLOSE_QUOTE, Kind.CLOSE_HEREDOC).contains(after.kind());
            if (isWithinTemplate) {
                return false;
            }
            if (token.is("in") && before != null && before.kind() == Kind.NAME) {
                return true;
            }
            if (after.is("[") && (isName || token.kind() == Kind.NUMBER || change(token) < 0)) {
                return false;
            }
            if (token.is("!")) {
                return false;
            }
            if (token.is("-")) {
                return before != null && !before.text().matches("[(\\[{=:,?+*/%!<>-]|[=!<>]=|&&|\\|\\|"); // else it is a sign
            }
            boolean opens = token.kind() == Kind.OPEN && token.is("{");
            boolean closes = after.kind() == Kind.CLOSE && after.is("}");
            if (opens || closes) {
                return !(opens && closes);
            }
            return change(token) <= 0 && change(after) >= 0;
        }
    }
}
