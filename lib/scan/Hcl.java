package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The blocks and plain values of an HCL file: enough to tell what a Terraform folder is.
 *
 * <p>Nothing is evaluated. The HCL libraries for Java evaluate expressions and print while they do, which untrusted files must not cause.
 * A file that breaks off yields the blocks that were read.
 */
final class Hcl {
    private static final int MAX_DEPTH = 50;

    /** {@code type "label" "label" { … }}; @param line where it begins */
    record Block(String type, List<String> labels, List<Attribute> attributes, List<Block> blocks, int line) {
        /** The value of a plain string attribute, or an empty text. */
        String text(String name) {
            return attribute(name).map(Attribute::text).orElse("");
        }

        Optional<Attribute> attribute(String name) {
            return attributes.stream().filter(a -> a.name().equals(name)).findFirst();
        }

        List<Block> blocks(String type) {
            return blocks.stream().filter(b -> b.type().equals(type)).toList();
        }
    }

    /** @param text the value where it is one plain string, else empty */
    record Attribute(String name, String text, int line) {}

    private final String text;
    private int at;
    private int line = 1;

    private Hcl(String text) {
        this.text = text;
    }

    /** The whole file as a block without a type. */
    static Block parse(String text) {
        Hcl hcl = new Hcl(text);
        return hcl.body("", List.of(), 1, 0);
    }

    private Block body(String type, List<String> labels, int begin, int depth) {
        List<Attribute> attributes = new ArrayList<>();
        List<Block> blocks = new ArrayList<>();
        while (skipBlank() && text.charAt(at) != '}') {
            if (!isName(text.charAt(at))) {
                value();
                continue;
            }
            int start = line;
            String name = name();
            List<String> words = new ArrayList<>();
            while (skipSpaces() && (text.charAt(at) == '"' || isName(text.charAt(at)))) {
                words.add(text.charAt(at) == '"' ? string() : name());
            }
            if (at < text.length() && text.charAt(at) == '{' && depth < MAX_DEPTH) {
                at++;
                blocks.add(body(name, List.copyOf(words), start, depth + 1));
                at++;
            } else if (at < text.length() && text.charAt(at) == '=') {
                at++;
                attributes.add(new Attribute(name, value(), start));
            } else {
                value();
            }
        }
        return new Block(type, labels, List.copyOf(attributes), List.copyOf(blocks), begin);
    }

    /** Reads an expression up to the end of its line, brackets balanced; yields it where it is one plain string. */
    private String value() {
        skipSpaces();
        int open = 0;
        String only = null;
        boolean other = false;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n' && open == 0 || c == '}' && open == 0) {
                break;
            } else if (c == '"') {
                only = only == null ? string() : string();
            } else if (c == '<' && text.startsWith("<<", at)) {
                other = true;
                heredoc();
            } else if (c == '#' || text.startsWith("//", at) || text.startsWith("/*", at)) {
                comment();
            } else {
                open += c == '{' || c == '[' || c == '(' ? 1 : c == '}' || c == ']' || c == ')' ? -1 : 0;
                other |= !Character.isWhitespace(c);
                line += c == '\n' ? 1 : 0;
                at++;
            }
        }
        return only == null || other ? "" : only;
    }

    private String string() {
        return string(0);
    }

    private String string(int depth) {
        StringBuilder string = new StringBuilder();
        int nested = 0;
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"' && nested > 0 && depth < MAX_DEPTH) {
                string(depth + 1);      // A string in an expression in a string: its braces and quotes are its own.
                at--;
            } else if (c == '\\' && at + 1 < text.length()) {
                string.append(text.charAt(++at));
            } else if ((c == '$' || c == '%') && text.startsWith("{", at + 1)) {
                nested++;
                string.append(c);
            } else if (c == '}' && nested > 0) {
                nested--;
                string.append(c);
            } else if (c == '"' && nested == 0) {
                at++;
                break;
            } else if (c == '\n') {
                break;      // A string ends with its line: the file is broken here, and what follows may still be read.
            } else {
                string.append(c);
            }
        }
        return string.toString();
    }

    private void heredoc() {
        int end = text.indexOf('\n', at);
        String mark = end < 0 ? "" : text.substring(at + 2, end).replaceFirst("^-", "").strip();
        while (end >= 0) {
            int next = text.indexOf('\n', end + 1);
            line++;
            if (text.substring(end + 1, next < 0 ? text.length() : next).strip().equals(mark)) {
                at = next < 0 ? text.length() : next;
                return;
            }
            end = next;
        }
        at = text.length();
    }

    private void comment() {
        int end = text.startsWith("/*", at) ? text.indexOf("*/", at) : text.indexOf('\n', at);
        int stop = end < 0 ? text.length() : text.startsWith("/*", at) ? end + 2 : end;
        line += (int) text.substring(at, stop).chars().filter(c -> c == '\n').count();
        at = stop;
    }

    private String name() {
        int start = at;
        while (at < text.length() && isName(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private boolean skipSpaces() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t' || text.charAt(at) == '\r')) {
            at++;
        }
        return at < text.length();
    }

    /** Skips blanks, line ends and comments; false at the end of the text. */
    private boolean skipBlank() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#' || text.startsWith("//", at) || text.startsWith("/*", at)) {
                comment();
            } else if (Character.isWhitespace(c) || c == ',' || c == ']' || c == ')') {
                line += c == '\n' ? 1 : 0;
                at++;
            } else {
                return true;
            }
        }
        return false;
    }

    private static boolean isName(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.';
    }
}
