package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Clojure data as values: lists and vectors as {@link List}, maps as {@link Map}, strings as {@link String}, all else as {@link Word}.
 *
 * <p>A reader for {@code project.clj}, {@code deps.edn} and {@code build.clj}, which runs nothing: what would be evaluated stays a word.
 */
final class Edn {
    private static final int MAX_DEPTH = 200;

    /** A symbol, a keyword with its colon, a number. */
    record Word(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    private static final Object END = new Object();
    private static final Object NOTHING = new Object();

    private final String text;
    private int at;

    private Edn(String text) {
        this.text = text;
    }

    /** All forms of the text; those before the place where it stops making sense. */
    static List<Object> parse(String text) {
        Edn reader = new Edn(text);
        List<Object> forms = new ArrayList<>();
        for (Object form = reader.next(0); form != END; form = reader.next(0)) {
            if (form != NOTHING) {
                forms.add(form);
            }
        }
        return forms;
    }

    /** The value of the key in a map, or of the keyword in a list of pairs such as {@code defproject}'s; null where there is none. */
    static Object get(Object from, String key) {
        if (from instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (entry.getKey().toString().equals(key)) {
                    return entry.getValue();
                }
            }
        } else if (from instanceof List<?> list) {
            for (int i = 0; i + 1 < list.size(); i++) {
                if (list.get(i) instanceof Word word && word.text.equals(key)) {
                    return list.get(i + 1);
                }
            }
        }
        return null;
    }

    static Map<?, ?> map(Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    static List<?> list(Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private Object next(int depth) {
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == ',')) {
            at++;
        }
        if (at >= text.length() || depth > MAX_DEPTH) {
            at = text.length();
            return END;
        }
        char c = text.charAt(at++);
        switch (c) {
            case ';' -> {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
                return NOTHING;
            }
            case '(', '[' -> {
                return list(c == '(' ? ')' : ']', depth);
            }
            case '{' -> {
                return map(list('}', depth));
            }
            case ')', ']', '}' -> {
                return END;
            }
            case '"' -> {
                return string();
            }
            case '#' -> {
                return dispatch(depth);
            }
            case '^' -> {
                value(depth);
                return NOTHING;
            }
            case '\'', '`', '~', '@' -> {
                return NOTHING;
            }
            default -> {
                return word(c);
            }
        }
    }

    private Object dispatch(int depth) {
        char c = at < text.length() ? text.charAt(at) : ' ';
        if (c == '_') {
            at++;
            value(depth);
            return NOTHING;
        }
        if (c == '{' || c == '(' || c == '"') {
            // A set, a function, a pattern: what stands in it is read as a list or a text.
            at++;
            return c == '"' ? string() : list(c == '{' ? '}' : ')', depth);
        }
        if (c == '?' || c == '^' || c == '\'' || c == '=') {
            at++;
            return NOTHING;
        }
        word('#');
        return NOTHING;
    }

    private Object value(int depth) {
        Object value = next(depth + 1);
        while (value == NOTHING) {
            value = next(depth + 1);
        }
        return value;
    }

    private List<Object> list(char close, int depth) {
        List<Object> list = new ArrayList<>();
        for (Object value = next(depth + 1); value != END; value = next(depth + 1)) {
            if (value != NOTHING) {
                list.add(value);
            }
        }
        return list;
    }

    private static Map<Object, Object> map(List<Object> pairs) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            map.put(pairs.get(i), pairs.get(i + 1));
        }
        return map;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
                string.append(text.charAt(at) == 'n' ? '\n' : text.charAt(at) == 't' ? '\t' : text.charAt(at));
            } else {
                string.append(text.charAt(at));
            }
            at++;
        }
        at++;
        return string.toString();
    }

    private Word word(char first) {
        int from = at - 1;
        if (first == '\\' && at < text.length()) {
            at++;
        }
        while (at < text.length() && !Character.isWhitespace(text.charAt(at)) && ",()[]{}\";".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return new Word(text.substring(from, at));
    }
}
