package support;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells the comments of Java code from its strings, as far as rules about code need it. */
public final class JavaSource {
    private static final Pattern TOKEN = Pattern.compile("\"\"\".*?(?<!\\\\)\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])+'|//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    private JavaSource() {}

    /** The same lines, each without what is comment. */
    public static String withoutComments(String code) {
        return TOKEN.matcher(code).replaceAll(token -> Matcher.quoteReplacement(token.group().startsWith("/") ? token.group().replaceAll("[^\n]", " ") : token.group()));
    }

    /** What stands between the quotes of all string literals. */
    public static List<String> strings(String code) {
        List<String> strings = new ArrayList<>();
        Matcher token = TOKEN.matcher(code);
        while (token.find()) {
            String text = token.group();
            if (text.startsWith("\"\"\"")) {
                strings.add(text.substring(3, text.length() - 3));
            } else if (text.startsWith("\"")) {
                strings.add(text.substring(1, text.length() - 1));
            }
        }
        return strings;
    }
}
