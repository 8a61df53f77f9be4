package lib.scan;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lib.scan.Hcl.Attribute;
import lib.scan.Hcl.Block;
import lib.scan.Hcl.Expression;
import lib.scan.Hcl.Kind;
import lib.scan.Hcl.Literal;
import lib.scan.Hcl.Problem;
import lib.scan.Hcl.Reference;
import lib.scan.Hcl.Token;

/**
 * HCL as blocks, attributes and the words that expressions use: enough to tell what a folder of Terraform is, and to judge one that was
 * generated. Knows the language; knows no block of Terraform's.
 *
 * <p>Nothing is evaluated: the HCL libraries for Java evaluate expressions, print while they do, and pass over what the engines refuse.
 * What is wrong is a {@link Problem} with its line, and reading goes on in the next line, so that a broken file yields what is whole in it.
 */
public final class Hcl {
    private Hcl() {}

    /** The whole file as a block without a type. @param problems why Terraform would refuse it; empty for a sound file */
    public record File(Block body, List<Problem> problems) {}

    public record Problem(String message, int line) {}

    /** {@code type "label" "label" { … }}; @param line where it begins */
    public record Block(String type, List<String> labels, List<Attribute> attributes, List<Block> blocks, int line) {
        /** The value of a plain string attribute, or an empty text. */
        public String text(String name) {
            return attribute(name).map(Attribute::text).orElse("");
        }

        public Optional<Attribute> attribute(String name) {
            return attributes.stream().filter(a -> a.name().equals(name)).findFirst();
        }

        public List<Block> blocks(String type) {
            return blocks.stream().filter(b -> b.type().equals(type)).toList();
        }
    }

    public record Attribute(String name, Expression value, int line) {
        /** The value where it is one plain string, else empty. */
        public String text() {
            return value.constant() instanceof String text ? text : "";
        }
    }

    /**
     * @param constant a text, number, boolean, list, map, or null, where nothing is to be computed; else {@link #COMPUTED}
     * @param references of the names that it uses, without those that it binds itself
     * @param literals the texts in it, also those between interpolations
     */
    public record Expression(Object constant, List<Reference> references, List<Literal> literals) {
        public static final Object COMPUTED = new Object();

        public boolean isConstant() {
            return constant != COMPUTED;
        }
    }

    /** {@code module.vpc.vpc_id}: the names up to the first index. */
    public record Reference(List<String> parts, int line) {
        @Override
        public String toString() {
            return String.join(".", parts);
        }
    }

    public record Literal(String text, int line) {}

    public static File parse(String text) {
        HclLexer lexer = new HclLexer(text);
        return new HclParser(lexer.tokens(), lexer.problems).file();
    }

    /** The tokens in order, which together with blanks are the text; what can't be one is left out and is a problem of {@link #parse}. */
    public static List<Token> tokens(String text) {
        return new HclLexer(text).tokens();
    }

    /** What HCL reads of an expression alone. */
    public static File expression(String text) {
        return parse("value = " + text + "\n");
    }

    public enum Kind {
        NEWLINE, COMMENT, NAME, NUMBER, OPEN_QUOTE, CLOSE_QUOTE, TEXT, OPEN_HEREDOC, CLOSE_HEREDOC, OPEN_TEMPLATE, CLOSE_TEMPLATE, OPEN, CLOSE, OPERATOR, END
    }

    /** @param text as it stands there; a comment that ends with its line has the line break too, and so has the opening of a heredoc */
    public record Token(Kind kind, String text, int line) {
        public boolean is(String word) {
            return text.equals(word) && kind != Kind.TEXT;
        }

        /** Whether a line ends with it. */
        public boolean endsLine() {
            return kind == Kind.NEWLINE || kind == Kind.END || kind == Kind.COMMENT && text.endsWith("\n");
        }
    }
}

/** Cuts a text into tokens. */
final class HclLexer {
    private static final int MAX_DEPTH = 60;
    private static final List<String> OPERATORS = List.of("...", "==", "!=", "<=", ">=", "&&", "||", "=>", "::", "=", "+", "-", "*", "/", "%", "<", ">", "!", "?", ":", ",", ".");
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    final List<Problem> problems = new ArrayList<>();
    private int at;
    private int line = 1;

    HclLexer(String text) {
        this.text = text;
    }

    List<Token> tokens() {
        while (at < text.length()) {
            code(0);
        }
        tokens.add(new Token(Kind.END, "", line));
        return tokens;
    }

    /** Up to the end of the text or, in a template, up to its closing brace. */
    private void code(int depth) {
        int braces = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean isEnd = depth > 0 && braces == 0 && (c == '}' || text.startsWith("~}", at));
            if (isEnd) {
                add(Kind.CLOSE_TEMPLATE, c == '}' ? 1 : 2);
                return;
            } else if (depth > 0 && c == '\n' && tokensOpenQuote()) {
                problems.add(new Problem("a string ends with its line", line));
                return;
            } else if (c == '\n') {
                add(Kind.NEWLINE, 1);
            } else if (Character.isWhitespace(c)) {
                at++;
            } else if (c == '#' || text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                add(Kind.COMMENT, (end < 0 ? text.length() : end + 1) - at);
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                add(Kind.COMMENT, (end < 0 ? text.length() : end + 2) - at);
            } else if (c == '"') {
                add(Kind.OPEN_QUOTE, 1);
                quoted(depth);
            } else if (text.startsWith("<<", at) && text.substring(at, Math.min(text.length(), at + 4)).matches("<<-?[\\p{L}_].?")) {
                heredoc(depth);
            } else if (Character.isLetter(c) || c == '_') {
                add(Kind.NAME, span(i -> Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_' || text.charAt(i) == '-'));
            } else if (Character.isDigit(c)) {
                number();
            } else if (c == '{' || c == '[' || c == '(') {
                braces += c == '{' ? 1 : 0;
                add(Kind.OPEN, 1);
            } else if (c == '}' || c == ']' || c == ')') {
                braces -= c == '}' ? 1 : 0;
                add(Kind.CLOSE, 1);
            } else {
                operator();
            }
        }
    }

    /** Within a quoted string no line ends, interpolations included. */
    private boolean tokensOpenQuote() {
        int open = 0;
        for (int i = tokens.size() - 1; i >= 0 && tokens.get(i).line() == line; i--) {
            Kind kind = tokens.get(i).kind();
            open += kind == Kind.OPEN_QUOTE ? 1 : kind == Kind.CLOSE_QUOTE ? -1 : 0;
        }
        return open > 0;
    }

    private void operator() {
        for (String operator : OPERATORS) {
            if (text.startsWith(operator, at)) {
                add(Kind.OPERATOR, operator.length());
                return;
            }
        }
        problems.add(new Problem("unexpected character '" + text.charAt(at) + "'", line));
        at++;
    }

    private void number() {
        int start = at;
        java.util.regex.Matcher number = java.util.regex.Pattern.compile("\\d+(\\.\\d+)?([eE][+-]?\\d+)?").matcher(text).region(at, text.length());
        number.lookingAt();
        add(Kind.NUMBER, number.end() - start);
    }

    private void quoted(int depth) {
        int start = at;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                literal(start);
                add(Kind.CLOSE_QUOTE, 1);
                return;
            } else if (c == '\n') {
                literal(start);
                problems.add(new Problem("a string ends with its line", line));
                tokens.add(new Token(Kind.CLOSE_QUOTE, "", line));
                return;
            } else if (c == '\\') {
                at += at + 1 < text.length() && text.charAt(at + 1) == '\n' ? 1 : 2;
            } else if (opensTemplate()) {
                literal(start);
                template(depth);
                start = at;
            } else {
                at += escapesTemplate() ? 3 : 1;
            }
        }
        at = text.length();
        literal(start);
        problems.add(new Problem("a string has no end", line));
        tokens.add(new Token(Kind.CLOSE_QUOTE, "", line));
    }

    private boolean opensTemplate() {
        return text.startsWith("${", at) || text.startsWith("%{", at);
    }

    private boolean escapesTemplate() {
        return text.startsWith("$${", at) || text.startsWith("%%{", at);
    }

    private void template(int depth) {
        if (depth >= MAX_DEPTH) {
            problems.add(new Problem("interpolations are nested too deeply", line));
            at = text.length();
            return;
        }
        add(Kind.OPEN_TEMPLATE, text.startsWith("~", at + 2) ? 3 : 2);
        code(depth + 1);
    }

    private void literal(int start) {
        int end = Math.min(at, text.length());
        if (end > start) {
            String part = text.substring(start, end);
            tokens.add(new Token(Kind.TEXT, part, line));
            line += (int) part.chars().filter(c -> c == '\n').count();
        }
    }

    private void heredoc(int depth) {
        int end = text.indexOf('\n', at);
        if (end < 0) {
            problems.add(new Problem("a heredoc has no text", line));
            at = text.length();
            return;
        }
        String mark = text.substring(at + 2, end).replaceFirst("^-", "").strip();
        add(Kind.OPEN_HEREDOC, end + 1 - at);
        int start = at;
        while (at < text.length()) {
            boolean atLine = at == 0 || text.charAt(at - 1) == '\n';
            int next = text.indexOf('\n', at);
            if (atLine && text.substring(at, next < 0 ? text.length() : next).strip().equals(mark)) {
                literal(start);
                add(Kind.CLOSE_HEREDOC, (next < 0 ? text.length() : next) - at);
                return;
            } else if (opensTemplate()) {
                literal(start);
                template(depth);
                start = at;
            } else {
                at += escapesTemplate() ? 3 : 1;
            }
        }
        literal(start);
        problems.add(new Problem("a heredoc has no end: " + mark, line));
    }

    private int span(java.util.function.IntPredicate isPart) {
        int end = at;
        while (end < text.length() && isPart.test(end)) {
            end++;
        }
        return end - at;
    }

    private void add(Kind kind, int length) {
        String part = text.substring(at, at + length);
        tokens.add(new Token(kind, part, line));
        line += (int) part.chars().filter(c -> c == '\n').count();
        at += length;
    }
}

/** Reads blocks, and of expressions what they use. */
final class HclParser {
    private static final int MAX_DEPTH = 100;
    private final List<Token> tokens;
    private final List<Problem> problems;
    private final Deque<Set<String>> bound = new ArrayDeque<>();
    private List<Reference> references = new ArrayList<>();
    private List<Literal> literals = new ArrayList<>();
    private int at;
    private int depth;
    private boolean ignoresNewlines;

    HclParser(List<Token> tokens, List<Problem> problems) {
        this.tokens = tokens;
        this.problems = problems;
    }

    /** Leaves the item that can't be read. */
    private static final class Unexpected extends RuntimeException {
        private final Token token;

        Unexpected(String message, Token token) {
            super(message, null, false, false);
            this.token = token;
        }
    }

    Hcl.File file() {
        List<Attribute> attributes = new ArrayList<>();
        List<Block> blocks = new ArrayList<>();
        while (peek().kind() != Kind.END) {
            items(attributes, blocks, 0);
            if (peek().kind() != Kind.END) {
                problems.add(new Problem("unexpected '" + peek().text().strip() + "'", next().line()));
            }
        }
        problems.sort(java.util.Comparator.comparingInt(Problem::line));
        return new Hcl.File(new Block("", List.of(), List.copyOf(attributes), List.copyOf(blocks), 1), List.copyOf(problems));
    }

    private void items(List<Attribute> attributes, List<Block> blocks, int level) {
        while (true) {
            while (peek().endsLine() && peek().kind() != Kind.END || peek().kind() == Kind.COMMENT) {
                at++;
            }
            if (peek().kind() == Kind.END || peek().is("}")) {
                return;
            }
            int before = at;
            try {
                item(attributes, blocks, level);
            } catch (Unexpected e) {
                problems.add(new Problem(e.getMessage(), e.token.line()));
                depth = 0;
                ignoresNewlines = false;
                bound.clear();
                at = Math.max(at, before + 1);
                while (!peek().endsLine() && !peek().is("}")) {
                    at++;
                }
            }
        }
    }

    private void item(List<Attribute> attributes, List<Block> blocks, int level) {
        Token name = next();
        if (name.kind() != Kind.NAME) {
            throw new Unexpected("a name is expected, not '" + name.text().strip() + "'", name);
        }
        if (peek().is("=")) {
            at++;
            boolean isNew = attributes.stream().noneMatch(a -> a.name().equals(name.text()));
            attributes.add(new Attribute(name.text(), whole(), name.line()));
            if (!isNew) {
                problems.add(new Problem("the argument " + name.text() + " stands twice", name.line()));
            }
            endOfItem();
            return;
        }
        List<String> labels = new ArrayList<>();
        while (peek().kind() == Kind.OPEN_QUOTE || peek().kind() == Kind.NAME) {
            labels.add(peek().kind() == Kind.NAME ? next().text() : label());
        }
        if (!peek().is("{")) {
            throw new Unexpected("an argument or a block is expected after " + name.text(), name);
        }
        if (level >= MAX_DEPTH) {
            throw new Unexpected("blocks are nested too deeply", name);
        }
        at++;
        List<Attribute> inner = new ArrayList<>();
        List<Block> innerBlocks = new ArrayList<>();
        items(inner, innerBlocks, level + 1);
        blocks.add(new Block(name.text(), List.copyOf(labels), List.copyOf(inner), List.copyOf(innerBlocks), name.line()));
        if (!peek().is("}")) {
            throw new Unexpected("the block " + name.text() + " of line " + name.line() + " has no end", peek());
        }
        at++;
        endOfItem();
    }

    private void endOfItem() {
        boolean isEnd = peek().endsLine() || peek().kind() == Kind.COMMENT || peek().is("}");
        if (!isEnd) {
            throw new Unexpected("a new line is expected, not '" + peek().text().strip() + "'", peek());
        }
    }

    private String label() {
        at++;
        StringBuilder label = new StringBuilder();
        while (peek().kind() == Kind.TEXT) {
            label.append(unescaped(next().text()));
        }
        if (peek().kind() != Kind.CLOSE_QUOTE) {
            throw new Unexpected("a label is a plain string", peek());
        }
        at++;
        return label.toString();
    }

    // --- expressions ---

    private Expression whole() {
        references = new ArrayList<>();
        literals = new ArrayList<>();
        Object constant = expression();
        return new Expression(constant, List.copyOf(references), List.copyOf(literals));
    }

    private Object expression() {
        if (++depth > MAX_DEPTH) {
            throw new Unexpected("an expression is nested too deeply", peek());
        }
        Object value = operation();
        if (see().is("?")) {
            take();
            expression();
            expect(":");
            expression();
            value = Expression.COMPUTED;
        }
        depth--;
        return value;
    }

    private static final Set<String> BINARY = Set.of("+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||");

    private Object operation() {
        Object value = unary();
        while (see().kind() == Kind.OPERATOR && BINARY.contains(see().text())) {
            take();
            unary();
            value = Expression.COMPUTED;
        }
        return value;
    }

    private Object unary() {
        boolean isNegative = false;
        boolean isComputed = false;
        while (see().is("-") || see().is("!")) {
            isComputed |= see().is("!");
            isNegative ^= take().is("-");
        }
        Object value = postfix();
        return isComputed ? Expression.COMPUTED : !isNegative ? value : value instanceof BigDecimal number ? number.negate() : Expression.COMPUTED;
    }

    private Object postfix() {
        Token first = see();
        boolean isName = first.kind() == Kind.NAME && !Set.of("true", "false", "null").contains(first.text());
        if (!isName) {
            Object value = primary();
            return steps(null) ? Expression.COMPUTED : value;
        }
        take();
        if (see().is("(") || see().is("::")) {
            call();
            steps(null);
            return Expression.COMPUTED;
        }
        List<String> parts = new ArrayList<>(List.of(first.text()));
        steps(parts);
        if (bound.stream().noneMatch(b -> b.contains(first.text()))) {
            references.add(new Reference(List.copyOf(parts), first.line()));
        }
        return Expression.COMPUTED;
    }

    private void call() {
        while (see().is("::")) {
            take();
            take();
        }
        expect("(");
        boolean outer = ignoresNewlines;
        ignoresNewlines = true;
        while (!see().is(")")) {
            expression();
            if (see().is("...")) {
                take();
            }
            if (!see().is(")")) {
                expect(",");
            }
        }
        ignoresNewlines = outer;
        closing(")");
    }

    /** @param parts gets the names before the first index, where it isn't null; @return whether there was a step */
    private boolean steps(List<String> parts) {
        boolean isNamed = parts != null;
        boolean any = false;
        while (see().is(".") || see().is("[")) {
            any = true;
            if (take().is(".")) {
                Token step = take();
                if (step.kind() != Kind.NAME && step.kind() != Kind.NUMBER && !step.is("*")) {
                    throw new Unexpected("a name is expected after a dot", step);
                }
                isNamed &= step.kind() == Kind.NAME;
                if (isNamed) {
                    parts.add(step.text());
                }
                continue;
            }
            isNamed = false;
            boolean outer = ignoresNewlines;
            ignoresNewlines = true;
            if (see().is("*")) {
                take();
            } else {
                expression();
            }
            ignoresNewlines = outer;
            closing("]");
        }
        return any;
    }

    private Object primary() {
        Token token = take();
        switch (token.kind()) {
            case NUMBER:
                return new BigDecimal(token.text());
            case OPEN_QUOTE:
                return template(Kind.CLOSE_QUOTE, true);
            case OPEN_HEREDOC:
                return template(Kind.CLOSE_HEREDOC, false);
            case NAME:
                return token.text().equals("null") ? null : Boolean.valueOf(token.text());
            default:
        }
        if (token.is("(")) {
            boolean outer = ignoresNewlines;
            ignoresNewlines = true;
            Object value = expression();
            ignoresNewlines = outer;
            closing(")");
            return value;
        }
        if (token.is("[")) {
            return tuple();
        }
        if (token.is("{")) {
            return object();
        }
        throw new Unexpected(token.endsLine() ? "an expression is expected" : "an expression is expected, not '" + token.text().strip() + "'", token);
    }

    private Object tuple() {
        boolean outer = ignoresNewlines;
        ignoresNewlines = true;
        if (see().is("for")) {
            comprehension("]");
            ignoresNewlines = outer;
            closing("]");
            return Expression.COMPUTED;
        }
        List<Object> values = new ArrayList<>();
        while (!see().is("]")) {
            values.add(expression());
            if (!see().is("]")) {
                expect(",");
            }
        }
        ignoresNewlines = outer;
        closing("]");
        return values.contains(Expression.COMPUTED) ? Expression.COMPUTED : values;
    }

    private Object object() {
        boolean outer = ignoresNewlines;
        ignoresNewlines = true;
        boolean isFor = see().is("for") && see(1).kind() == Kind.NAME;
        if (isFor) {
            comprehension("}");
            ignoresNewlines = outer;
            closing("}");
            return Expression.COMPUTED;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        boolean isComputed = false;
        while (!see().is("}")) {
            Token key = see();
            Object name;
            if (key.kind() == Kind.NAME && (see(1).is("=") || see(1).is(":"))) {
                name = take().text();
            } else {
                name = expression();
            }
            isComputed |= !(name instanceof String);
            if (!see().is("=") && !see().is(":")) {
                throw new Unexpected("'=' is expected after a key", see());
            }
            take();
            ignoresNewlines = false;
            skipComments();
            Object value = expression();
            isComputed |= value == Expression.COMPUTED;
            if (name instanceof String text && values.containsKey(text)) {
                problems.add(new Problem("the key " + text + " stands twice", key.line()));
            }
            values.put(String.valueOf(name), value);
            boolean isSeparated = peek().is(",") || peek().endsLine() || peek().is("}") || peek().kind() == Kind.COMMENT;
            if (!isSeparated) {
                throw new Unexpected("a new line or a comma is expected, not '" + peek().text().strip() + "'", peek());
            }
            if (peek().is(",")) {
                at++;
            }
            ignoresNewlines = true;
        }
        ignoresNewlines = outer;
        closing("}");
        return isComputed ? Expression.COMPUTED : values;
    }

    private void comprehension(String end) {
        take();
        Set<String> names = new HashSet<>(Set.of(take().text()));
        if (see().is(",")) {
            take();
            names.add(take().text());
        }
        expect("in");
        expression();
        expect(":");
        bound.push(names);
        expression();
        if (see().is("=>")) {
            take();
            expression();
        }
        if (see().is("...")) {
            take();
        }
        if (see().is("if")) {
            take();
            expression();
        }
        bound.pop();
        if (!see().is(end)) {
            throw new Unexpected("'" + end + "' is expected, not '" + see().text().strip() + "'", see());
        }
    }

    private Object template(Kind end, boolean hasEscapes) {
        StringBuilder text = new StringBuilder();
        boolean isComputed = false;
        int loops = 0;
        while (peek().kind() != end) {
            Token part = next();
            if (part.kind() == Kind.TEXT) {
                String literal = hasEscapes ? unescaped(part.text()) : unescapedTemplates(part.text());
                literals.add(new Literal(literal, part.line()));
                text.append(literal);
            } else if (part.kind() == Kind.OPEN_TEMPLATE) {
                isComputed = true;
                boolean outer = ignoresNewlines;
                ignoresNewlines = true;
                loops += part.text().startsWith("%") ? control() : interpolation();
                ignoresNewlines = outer;
                if (peek().kind() != Kind.CLOSE_TEMPLATE) {
                    at = skip();
                }
                if (peek().kind() != Kind.CLOSE_TEMPLATE) {
                    throw new Unexpected("'}' is expected, not '" + peek().text().strip() + "'", peek());
                }
                at++;
            } else {
                throw new Unexpected("a string has no end", part);
            }
        }
        at++;
        for (; loops > 0; loops--) {
            bound.pop();
        }
        return isComputed ? Expression.COMPUTED : text.toString();
    }

    private int interpolation() {
        expression();
        return 0;
    }

    /** {@code %{ if … }} and its kin. @return how many scopes of names it opened */
    private int control() {
        Token word = take();
        switch (word.text()) {
            case "if" -> expression();
            case "for" -> {
                Set<String> names = new HashSet<>(Set.of(take().text()));
                if (see().is(",")) {
                    take();
                    names.add(take().text());
                }
                expect("in");
                expression();
                bound.push(names);
                return 1;
            }
            case "else", "endif", "endfor" -> { }
            default -> throw new Unexpected("unknown template directive " + word.text(), word);
        }
        return 0;
    }

    private static String unescapedTemplates(String text) {
        return text.replace("$${", "${").replace("%%{", "%{");
    }

    private static String unescaped(String raw) {
        String text = unescapedTemplates(raw);
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char escaped = text.charAt(++i);
            int length = escaped == 'u' ? 4 : escaped == 'U' ? 8 : 0;
            if (length > 0 && i + length < text.length() && text.substring(i + 1, i + 1 + length).matches("[0-9a-fA-F]+")) {
                int point = (int) Long.parseLong(text.substring(i + 1, i + 1 + length), 16);
                plain.append(Character.isValidCodePoint(point) ? Character.toString(point) : "\uFFFD");
                i += length;
            } else {
                plain.append(escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == 'r' ? '\r' : escaped);
            }
        }
        return plain.toString();
    }

    // --- tokens ---

    private Token peek() {
        return tokens.get(Math.min(at, tokens.size() - 1));
    }

    private Token next() {
        Token token = peek();
        at++;
        return token;
    }

    /** The next token of an expression, which in brackets goes over lines. */
    private Token see() {
        return tokens.get(Math.min(skip(), tokens.size() - 1));
    }

    private Token see(int more) {
        int before = at;
        Token token = see();
        for (int i = 0; i < more; i++) {
            at = skip() + 1;
            token = see();
        }
        at = before;
        return token;
    }

    private int skip() {
        int i = at;
        while (i < tokens.size() - 1 && (tokens.get(i).kind() == Kind.COMMENT && (ignoresNewlines || !tokens.get(i).endsLine())
                || tokens.get(i).kind() == Kind.NEWLINE && ignoresNewlines)) {
            i++;
        }
        return i;
    }

    private void skipComments() {
        at = skip();
    }

    private Token take() {
        at = skip();
        return next();
    }

    private void expect(String word) {
        Token token = take();
        if (!token.is(word)) {
            throw new Unexpected("'" + word + "' is expected, not '" + token.text().strip() + "'", token);
        }
    }

    /** A bracket may be closed in another line than the one where what is in it ends. */
    private void closing(String bracket) {
        boolean outer = ignoresNewlines;
        ignoresNewlines = true;
        at = skip();
        ignoresNewlines = outer;
        expect(bracket);
    }
}
