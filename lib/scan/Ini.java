package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code tox.ini}, {@code setup.cfg} and their like, by the rules of Python's configparser: indented lines go on with the value above.
 * What stands before the first header is in the section {@code ""}, so that plain properties can be read too.
 * Java's INI libraries read another dialect, without such lines.
 */
public final class Ini {
    private record Entry(String value, int line) {}

    private final Map<String, Map<String, Entry>> sections = new LinkedHashMap<>();

    public boolean has(String section) {
        return sections.containsKey(section);
    }

    public List<String> sections() {
        return List.copyOf(sections.keySet());
    }

    /** The keys of the section, in the file's order. */
    public List<String> keys(String section) {
        return List.copyOf(sections.getOrDefault(section, Map.of()).keySet());
    }

    /** The value with its lines joined by line breaks, or an empty text. */
    public String text(String section, String key) {
        Entry entry = sections.getOrDefault(section, Map.of()).get(key);
        return entry == null ? "" : entry.value;
    }

    /** The value's lines that hold something. */
    public List<String> lines(String section, String key) {
        return text(section, key).lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    }

    public int line(String section, String key) {
        Entry entry = sections.getOrDefault(section, Map.of()).get(key);
        return entry == null ? 0 : entry.line;
    }

    static Ini parse(String text) {
        Ini ini = new Ini();
        Map<String, Entry> top = new LinkedHashMap<>();
        Map<String, Entry> section = top;
        String key = null;
        int number = 0;
        for (String line : text.split("\r?\n", -1)) {
            number++;
            String stripped = line.strip();
            if (stripped.startsWith("#") || stripped.startsWith(";")) {
                continue;
            }
            if (stripped.startsWith("[") && stripped.endsWith("]")) {
                section = ini.sections.computeIfAbsent(stripped.substring(1, stripped.length() - 1).strip(), s -> new LinkedHashMap<>());
                key = null;
            } else if (key != null && !stripped.isEmpty() && Character.isWhitespace(line.charAt(0))) {
                Entry entry = section.get(key);
                section.put(key, new Entry(entry.value + "\n" + stripped, entry.line));
            } else if (!stripped.isEmpty()) {
                int cut = separator(stripped);
                key = (cut < 0 ? stripped : stripped.substring(0, cut)).strip();
                section.put(key, new Entry(cut < 0 ? "" : stripped.substring(cut + 1).strip(), number));
            }
        }
        if (!top.isEmpty()) {
            ini.sections.put("", top);
        }
        return ini;
    }

    private static int separator(String line) {
        List<Integer> cuts = new ArrayList<>();
        cuts.add(line.indexOf('='));
        cuts.add(line.indexOf(':'));
        return cuts.stream().filter(c -> c > 0).min(Integer::compare).orElse(-1);
    }
}
