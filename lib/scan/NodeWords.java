package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Words of shell text: splits a script into simple commands, and tells a program's options from its words. Knows no program.
 */
final class NodeWords {
    final List<String> options = new ArrayList<>();
    final List<String> words = new ArrayList<>();
    private final List<String[]> values = new ArrayList<>();

    /** @param withValue options whose value is the next word */
    static NodeWords of(List<String> args, Set<String> withValue) {
        NodeWords o = new NodeWords();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            boolean early = o.words.isEmpty() || !withValue.isEmpty();
            if (early && arg.startsWith("-") && !arg.equals("--")) {
                String name = arg.contains("=") ? arg.substring(0, arg.indexOf('=')) : arg;
                o.options.add(name);
                if (withValue.contains(name)) {
                    String value = arg.contains("=") ? arg.substring(name.length() + 1) : i + 1 < args.size() ? args.get(++i) : "";
                    o.values.add(new String[] {name, value});
                    // nx run-many -t lint test: the option takes all words up to the next option.
                    while (name.equals("-t") && i + 1 < args.size() && !args.get(i + 1).startsWith("-")) {
                        o.values.add(new String[] {name, args.get(++i)});
                    }
                } else if (!o.words.isEmpty()) {
                    o.words.add(arg);
                }
            } else if (arg.equals("--") && o.words.isEmpty()) {
                o.words.addAll(args.subList(i + 1, args.size()));
                break;
            } else {
                o.words.add(arg);
            }
        }
        return o;
    }

    boolean has(String... names) {
        return options.stream().anyMatch(List.of(names)::contains);
    }

    String word(int at) {
        return at < words.size() ? words.get(at) : "";
    }

    List<String> from(int at) {
        return at < words.size() ? words.subList(at, words.size()) : List.of();
    }

    List<String> values(String... names) {
        return values.stream().filter(v -> List.of(names).contains(v[0])).flatMap(v -> List.of(v[1].split("[,\\s]+")).stream())
                .filter(v -> !v.isEmpty()).toList();
    }

    /** The simple commands of a line of shell, as words. Redirections are dropped. */
    static List<List<String>> split(String text) {
        List<List<String>> commands = new ArrayList<>();
        List<String> words = new ArrayList<>();
        StringBuilder word = null;
        char quote = 0;
        boolean redirect = false;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (quote != 0 && i < text.length()) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c == '\\' && quote == '"' && i + 1 < text.length() ? text.charAt(++i) : c);
                }
                continue;
            }
            // In 2>&1 the ampersand ends nothing.
            boolean ends = "&|;\n()".indexOf(c) >= 0 && !(c == '&' && redirect && word == null);
            if (ends || Character.isWhitespace(c) || c == '>' || c == '<') {
                if (word != null && !redirect && !(c == '>' && word.toString().matches("[012&]"))) {
                    words.add(word.toString());
                }
                redirect = redirect && word == null && !ends || c == '>' || c == '<';
                word = null;
                if (ends && !words.isEmpty()) {
                    commands.add(words);
                    words = new ArrayList<>();
                }
                continue;
            }
            word = word == null ? new StringBuilder() : word;
            if (c == '"' || c == '\'') {
                quote = c;
            } else {
                word.append(c == '\\' && i + 1 < text.length() ? text.charAt(++i) : c);
            }
        }
        return commands;
    }
}
