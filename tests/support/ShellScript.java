package support;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Reads a shell script word by word, as POSIX says and with bash's {@code $'…'} and {@code <<<}, and tells where a marked text is more
 * than a part of one literal word. Knows nothing of what the script is for.
 */
public final class ShellScript {
    /** What stands in a word in place of an expansion. */
    private static final char EXPANDED = '\1';

    private final String text;
    private final Predicate<String> marked;
    private final BiPredicate<String, Boolean> harmless;
    private final List<String> wrong = new ArrayList<>();
    private final List<String[]> documents = new ArrayList<>();
    private int at;

    private ShellScript(String text, Predicate<String> marked, BiPredicate<String, Boolean> harmless) {
        this.text = text;
        this.marked = marked;
        this.harmless = harmless;
    }

    /**
     * @param marked whether a text has the mark in it
     * @param harmless whether all marks of a literal word are where they belong; it is told too whether the word names a command
     * @return what is wrong; nothing where each mark is in a word, no command's name, which the shell takes as it is written
     */
    public static List<String> escapes(String script, Predicate<String> marked, BiPredicate<String, Boolean> harmless) {
        if (!marked.test(script)) {
            return List.of();
        }
        ShellScript reader = new ShellScript(script, marked, harmless);
        reader.list('\0');
        return reader.wrong;
    }

    /** Commands up to the character that ends them. */
    private void list(char end) {
        StringBuilder word = new StringBuilder();
        boolean isWord = false;
        boolean isFirst = true;
        boolean isTarget = false;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == end && c != '\0') {
                break;
            }
            boolean isBetween = Character.isWhitespace(c) && c < 0x80 || ";&|()<>".indexOf(c) >= 0;
            if (isBetween || c == '#' && !isWord) {
                if (isWord) {
                    word(word.toString(), isFirst, isTarget);
                    isFirst = isFirst && word.toString().matches("(?s)[A-Za-z_]\\w*\\+?=.*");
                    isTarget = false;
                }
                word.setLength(0);
                isWord = false;
                if (c == '#') {
                    int line = text.indexOf('\n', at);
                    at = line < 0 ? text.length() : line;
                } else if (c == '\n') {
                    documents();
                    isFirst = true;
                } else if (c == '<' && text.startsWith("<", at) && !text.startsWith("<<", at)) {
                    at++;
                    document();
                } else if (c == '<' || c == '>') {
                    isTarget = true;
                } else if (";&|(".indexOf(c) >= 0) {
                    isFirst = !(c == '&' && isTarget);
                }
            } else {
                isWord = true;
                part(c, word);
            }
        }
        if (isWord) {
            word(word.toString(), isFirst, isTarget);
        }
    }

    private void word(String word, boolean isCommand, boolean isTarget) {
        boolean isAssignment = isCommand && word.matches("(?s)[A-Za-z_]\\w*\\+?=.*");
        if (marked.test(word) && (!harmless.test(word, isCommand && !isAssignment) || isTarget && word.indexOf(EXPANDED) >= 0)) {
            wrong.add("the word [" + word + "]" + (isCommand && !isAssignment ? " in place of a command" : ""));
        }
    }

    private void part(char c, StringBuilder word) {
        switch (c) {
            case '\\' -> {
                char next = at < text.length() ? text.charAt(at++) : '\\';
                word.append(next == '\n' ? "" : String.valueOf(next));
            }
            case '\'' -> {
                int end = text.indexOf('\'', at);
                if (end < 0) {
                    wrong.add("a quote that nothing closes");
                    end = text.length();
                }
                word.append(text, at, end);
                at = end + 1;
            }
            case '"' -> quoted(word);
            case '$' -> dollar(word, false);
            case '`' -> backtick(word);
            default -> word.append(c);
        }
    }

    private void quoted(StringBuilder word) {
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return;
            } else if (c == '\\' && at < text.length() && "$`\"\\\n".indexOf(text.charAt(at)) >= 0) {
                char next = text.charAt(at++);
                word.append(next == '\n' ? "" : String.valueOf(next));
            } else if (c == '$') {
                dollar(word, true);
            } else if (c == '`') {
                backtick(word);
            } else {
                word.append(c);
            }
        }
        wrong.add("a double quote that nothing closes");
    }

    private void dollar(StringBuilder word, boolean isQuoted) {
        char next = at < text.length() ? text.charAt(at) : ' ';
        if (next == '(') {
            at++;
            int from = at;
            list(')');
            // Arithmetic ends in one more bracket, and holds no word of its own.
            if (text.startsWith("(", from)) {
                at = text.startsWith(")", at) ? at + 1 : at;
            }
            word.append(EXPANDED);
        } else if (next == '{') {
            int end = close(at);
            String inside = text.substring(at, Math.min(end + 1, text.length()));
            if (marked.test(inside)) {
                wrong.add("the expansion $" + inside);
            }
            at = end + 1;
            word.append(EXPANDED);
        } else if (next == '\'' && !isQuoted) {
            at++;
            while (at < text.length() && text.charAt(at) != '\'') {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            at++;
            word.append(EXPANDED);
        } else if (Character.isLetterOrDigit(next) && next < 0x80 || "_@*#?-$!".indexOf(next) >= 0) {
            int from = at++;
            while (Character.isLetter(next) && at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) && text.charAt(at) < 0x80 || text.charAt(at) == '_')) {
                at++;
            }
            if (marked.test(text.substring(from, at)) && !harmless.test(text.substring(from, at), false)) {
                wrong.add("the variable $" + text.substring(from, at));
            }
            word.append(EXPANDED);
        } else {
            word.append('$');
        }
    }

    private int close(int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return text.length();
    }

    private void backtick(StringBuilder word) {
        int end = at;
        while (end < text.length() && text.charAt(end) != '`') {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        String inside = text.substring(at, Math.min(end, text.length()));
        if (marked.test(inside)) {
            wrong.add("the command `" + inside + "`");
        }
        at = end + 1;
        word.append(EXPANDED);
    }

    // --- documents in the script ---

    private void document() {
        boolean isTabbed = text.startsWith("-", at);
        at += isTabbed ? 1 : 0;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        int from = at;
        while (at < text.length() && !Character.isWhitespace(text.charAt(at)) && ";&|()<>".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String delimiter = text.substring(from, at);
        documents.add(new String[] {delimiter.replaceAll("['\"\\\\]", ""), delimiter.matches(".*['\"\\\\].*") ? "literal" : "", isTabbed ? "tabbed" : ""});
    }

    private void documents() {
        for (String[] document : documents) {
            StringBuilder body = new StringBuilder();
            while (at < text.length()) {
                int end = text.indexOf('\n', at);
                end = end < 0 ? text.length() : end;
                String line = text.substring(at, end);
                at = Math.min(end + 1, text.length());
                if ((document[2].isEmpty() ? line : line.replaceFirst("^\t+", "")).equals(document[0])) {
                    break;
                }
                body.append(line).append('\n');
            }
            boolean isExpanded = document[1].isEmpty() && body.toString().matches("(?s).*[$`\\\\].*");
            if (marked.test(body.toString()) && (isExpanded || !harmless.test(body.toString(), false))) {
                wrong.add("the document " + body);
            }
        }
        documents.clear();
    }
}
