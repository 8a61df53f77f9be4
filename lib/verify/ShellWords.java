package lib.verify;

import java.util.ArrayList;
import java.util.List;

/** Splits a command line into its simple commands and these into words, as far as generated commands go: quotes, {@code &&}, {@code ;}, pipes. */
final class ShellWords {
    private ShellWords() {}

    /** Each simple command without assignments before it and without redirections. */
    static List<List<String>> commands(String text) {
        List<List<String>> commands = new ArrayList<>();
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                inWord = true;
            } else if (c == '\\' && i + 1 < text.length()) {
                i++;
                if (text.charAt(i) != '\n') {
                    word.append(text.charAt(i));
                    inWord = true;
                }
            } else if (Character.isWhitespace(c) || c == ';' || c == '|' || c == '&' || c == '(' || c == ')') {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
                if (c != ' ' && c != '\t' && !words.isEmpty()) {
                    commands.add(withoutAssignments(words));
                    words = new ArrayList<>();
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        return commands;
    }

    private static List<String> withoutAssignments(List<String> words) {
        int start = 0;
        while (start < words.size() && words.get(start).matches("[A-Za-z_][A-Za-z0-9_]*=.*")) {
            start++;
        }
        return words.subList(start, words.size()).stream().filter(w -> !w.matches("\\d?[<>].*")).toList();
    }
}
