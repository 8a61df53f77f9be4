package support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Makes projects whose names, versions, paths and texts try to break out of the files that are generated of them.
 *
 * <p>A project is made of a list of choices, each a number: 0 is always the tame one and also what follows when the list ends, so that
 * whoever shrinks the list shrinks the project. Knows how manifests are written, and nothing of how they are read.
 */
public final class Hostile {
    /** Stands in every hostile value, and in nothing else: where it is found, the value has to be whole. As a command it must never run. */
    public static final String CANARY = "xCANARYx";

    private static final List<String> VALUES = List.of("plain", "unit", "lib-a", "$(C)", "`C`", "'; C; '", "\"; C #", "${{ C }}", "${{ github.token }}C", "a\n- run: C", "a\n      - run: C\n", "'\nC\n'",
            "#{C}", "%{C}", "a: C", "- C", "a #C", "&C", "*C", "!C", "|\n  C", ">C", "{C: 1}", "[C]", "@C", "%C", "? C", "~C", "C\\", "\\C", "a\\'; C; \\'", "\\u0027; C; \\u0027", "'''; C; '''",
            "\"\"\" + C + \"\"\"", "$C", "${C}", "$[[ C ]]", "<< C >>", "<< pipeline.id >>C", "\\<< C >>", "<<C", "<<'EOF'\nC", "$((C))", "a && C", "a|C", "a;C", "a>C", "a C b", "a\tC", "a\rC",
            "a\u2028C", "a\u0085C", "\uFEFFC", "\u202EC", "\uD83D\uDE00C", "\u00e9C", "--C", "-C", "=C", "C=1", "{package}C", "{host}C", "{{ C }}", "<%= C %>", "[=C]", "[#C]", "<#C>", "%s C", "$1C", "\\1C",
            "*C", "C?", "\\E.*C", "(C", ")C", "app'.5C", "a\"b'C", "true C", "\u0007C", "\u001b[31mC", "(C)", "C,b", "a:C", "C:", "C@1", "\"C\"", "'C'", "!!C", "^C", "\uD800C", "C!", "\u00a0C\u00a0", "# C");
    private static final String LONG = "a".repeat(10_000) + CANARY;
    private static final List<String> NUMBERS = List.of("22", "3.12", "1.24", "0", "-1", "99999999999999999999", "1.2.3.4.5.6", "v", "latest", "*", ">=", "^^", "||", ">=1 <0", "lts/*", "1e400", "");
    private static final ObjectMapper JSON = new ObjectMapper();

    private Hostile() {}

    /**
     * A project in memory.
     *
     * @param files what they hold, by path
     * @param links symbolic links and where they lead to, by path
     * @param values hostile texts that are in it somewhere
     * @param valid every manifest is right by the syntax of its format, so that something can be expected of it
     */
    public record Tree(String kind, Map<String, byte[]> files, Map<String, String> links, Set<String> values, boolean valid) {

        /** On disk, in the folder, which must not be there yet. */
        public Path write(Path folder) throws IOException {
            Files.createDirectories(folder);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Path path = folder.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
            }
            for (Map.Entry<String, String> link : links.entrySet()) {
                Path path = folder.resolve(link.getKey());
                Files.createDirectories(path.getParent());
                Files.createSymbolicLink(path, Path.of(link.getValue()));
            }
            return folder;
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(kind + (valid ? "" : ", broken"));
            files.forEach((path, content) -> {
                String start = new String(content, 0, Math.min(content.length, 1500), StandardCharsets.UTF_8);
                text.append("\n--- ").append(visible(path)).append(" (").append(content.length).append(" bytes)\n").append(visible(start));
            });
            links.forEach((path, to) -> text.append("\n--- ").append(visible(path)).append(" -> ").append(to));
            return text.toString();
        }

        /** Nothing that a terminal would act on. */
        private static String visible(String text) {
            StringBuilder seen = new StringBuilder();
            text.chars().forEach(c -> seen.append(c == '\n' || c >= 0x20 && c < 0x7F ? String.valueOf((char) c) : String.format("\\u%04x", c)));
            return seen.toString();
        }
    }

    /** A project that is right by the syntax of its formats. */
    public static Tree valid(List<Integer> choices) {
        return new HostileEcosystems(new Choices(choices)).tree();
    }

    /** A project of which some file can't be read as what it should be, or takes long to. */
    public static Tree broken(List<Integer> choices) {
        Choices c = new Choices(choices);
        int how = c.next(Breakage.values().length);
        int which = c.next(1000);
        Tree whole = new HostileEcosystems(c).tree();
        return Breakage.values()[how].apply(whole, which);
    }

    /** Reads the choices one after the other. */
    static final class Choices {
        private final List<Integer> numbers;
        private int at;
        final Set<String> values = new LinkedHashSet<>();

        Choices(List<Integer> numbers) {
            this.numbers = numbers;
        }

        /** Below the bound. */
        int next(int bound) {
            return at < numbers.size() ? Math.floorMod(numbers.get(at++), bound) : 0;
        }

        boolean yes() {
            return next(2) == 1;
        }

        String of(String... texts) {
            return texts[next(texts.length)];
        }

        /** Any text but a NUL. */
        String value() {
            int number = next(VALUES.size() + 1);
            String value = number == VALUES.size() ? LONG : VALUES.get(number).replace("C", CANARY);
            if (value.contains(CANARY)) {
                values.add(value);
            }
            return value;
        }

        /** A text of one line, for formats that have no escape for more. */
        String line() {
            return kept(value(), v -> v.lines().count() > 1 || v.chars().anyMatch(c -> c < 0x20 || c == 0x85 || c == 0x2028) ? "plain" : v);
        }

        /** A part of a command, in which a shell would see one word: the command itself is the project's own. */
        String word() {
            return kept(line(), v -> v.matches(".*[\\s'\"\\\\].*") ? "plain" : v);
        }

        /** A name as a file or folder can have it: every second one is tame. */
        String file() {
            return !yes() ? "plain" : kept(value(), v -> v.length() > 200 || v.contains("/") || v.getBytes(StandardCharsets.UTF_8).length > 200 || v.startsWith("\uD800") || !isOfLocale(v) ? "plain" : v);
        }

        /** A version, mostly one that could be. */
        String version(String usual) {
            return switch (next(4)) {
                case 0, 1 -> usual;
                case 2 -> NUMBERS.get(next(NUMBERS.size()));
                default -> value();
            };
        }

        private String kept(String value, UnaryOperator<String> rule) {
            return rule.apply(value);
        }

        private static boolean isOfLocale(String name) {
            return System.getProperty("sun.jnu.encoding", "").equalsIgnoreCase("UTF-8") || name.chars().allMatch(c -> c < 0x80);
        }
    }

    /** What a broken project has been through. */
    enum Breakage {
        CUT {
            @Override
            byte[] change(String path, byte[] content, int number) {
                return java.util.Arrays.copyOf(content, number % (content.length + 1));
            }
        },
        EMPTY {
            @Override
            byte[] change(String path, byte[] content, int number) {
                return new byte[0];
            }
        },
        BINARY {
            @Override
            byte[] change(String path, byte[] content, int number) {
                byte[] bytes = new byte[5000];
                new java.util.Random(number).nextBytes(bytes);
                return bytes;
            }
        },
        INVALID_UTF_8 {
            @Override
            byte[] change(String path, byte[] content, int number) {
                byte[] changed = content.clone();
                for (int i = number % 7; i < changed.length; i += 11) {
                    changed[i] = (byte) (0xC0 | i & 0x3F);
                }
                return changed;
            }
        },
        ONE_LINE_OF_MEGABYTES {
            @Override
            byte[] change(String path, byte[] content, int number) {
                // Below what is read at all, and above.
                return bytes(text(content).replace("\n", " ") + " ".repeat(number % 2) + of(number).repeat((number % 3 == 0 ? 10 : 4) * 1024 * 1024 / of(number).length()));
            }

            private static String of(int number) {
                return List.of("a", "\"a\",", "(", "[{", "<a>", "a:\\", "$(", "\\\\", "a = b;").get(number % 9);
            }
        },
        DEEP {
            @Override
            byte[] change(String path, byte[] content, int number) {
                return bytes(nested(path, number % 2 == 0 ? 100_000 : 190));
            }
        },
        BILLION_LAUGHS {
            @Override
            byte[] change(String path, byte[] content, int number) {
                return bytes(path.matches(".*(xml|proj|\\.sln\\w?)") ? entities() : aliases());
            }
        },
        MANY_LINES {
            @Override
            byte[] change(String path, byte[] content, int number) {
                String text = text(content);
                return bytes(text.isEmpty() ? text : text.repeat(Math.max(1, 300_000 / text.length())));
            }
        },
        OTHER_TYPES {
            @Override
            byte[] change(String path, byte[] content, int number) {
                String text = text(content);
                return bytes(switch (number % 4) {
                    case 0 -> text.replaceAll("\"[^\"\\n]*\"(?=[,\\n}\\]])", "[1]");
                    case 1 -> text.replace('{', '[').replace('}', ']').replace(":", ",");
                    case 2 -> text.replaceAll("\\[[^\\]\\n]*\\]", "null");
                    default -> text.replaceAll("\"[^\"\\n]*\"(?=[,\\n}])", "{\"a\": {\"b\": null}}");
                });
            }
        },
        LINKS {
            @Override
            Tree apply(Tree tree, int number) {
                Map<String, String> links = new LinkedHashMap<>(Map.of("loop/self", "self", "loop/up", "..", "a-link", "b-link", "b-link", "a-link", "out", "/etc", "passwd.yml", "/etc/passwd",
                        "deep/x/y", "../../deep"));
                Map<String, byte[]> files = new LinkedHashMap<>(tree.files());
                List<String> paths = new ArrayList<>(files.keySet());
                String moved = paths.get(number % paths.size());
                files.remove(moved);
                links.put(moved, number % 2 == 0 ? fileName(moved) : "/etc/passwd");
                return new Tree(tree.kind() + " links", files, links, tree.values(), false);
            }
        },
        FOLDERS_IN_PLACE_OF_FILES {
            @Override
            Tree apply(Tree tree, int number) {
                Map<String, byte[]> files = new LinkedHashMap<>();
                int i = 0;
                for (Map.Entry<String, byte[]> file : tree.files().entrySet()) {
                    files.put((i++ + number) % 2 == 0 ? file.getKey() + "/" + fileName(file.getKey()) : file.getKey(), file.getValue());
                }
                return new Tree(tree.kind() + " folders", files, Map.of(), tree.values(), false);
            }
        },
        DEEP_FOLDERS {
            @Override
            Tree apply(Tree tree, int number) {
                String deep = "d/".repeat(1 + number % 400);
                Map<String, byte[]> files = new LinkedHashMap<>();
                tree.files().forEach((path, content) -> files.put(deep + path, content));
                return new Tree(tree.kind() + " deep", files, Map.of(), tree.values(), false);
            }
        };

        byte[] change(String path, byte[] content, int number) {
            return content;
        }

        /** One file of it, or all. */
        Tree apply(Tree tree, int number) {
            Map<String, byte[]> files = new LinkedHashMap<>();
            int wanted = number % (tree.files().size() + 1);
            int i = 0;
            for (Map.Entry<String, byte[]> file : tree.files().entrySet()) {
                boolean isChanged = i++ == wanted || wanted == tree.files().size() && this != ONE_LINE_OF_MEGABYTES;
                files.put(file.getKey(), isChanged ? change(file.getKey(), file.getValue(), number) : file.getValue());
            }
            return new Tree(tree.kind() + " " + this, files, tree.links(), tree.values(), false);
        }

        private static String fileName(String path) {
            return path.substring(path.lastIndexOf('/') + 1);
        }

        private static String nested(String path, int depth) {
            if (path.matches(".*(xml|proj)")) {
                return "<project>" + "<modules>".repeat(depth) + "</modules>".repeat(depth) + "</project>";
            }
            if (path.matches(".*(\\.toml|\\.lock|Pipfile)")) {
                return "a = " + "[".repeat(depth) + "]".repeat(depth) + "\n[" + "a.".repeat(depth) + "b]\n";
            }
            if (path.matches(".*(\\.gradle|\\.kts|Makefile|\\.tf|\\.hcl|\\.clj|\\.edn|\\.exs|\\.cabal|\\.sbt|\\.txt|\\.swift|\\.zig)")) {
                return ("(".repeat(depth) + "{".repeat(depth) + "[".repeat(depth) + "$(".repeat(depth) + "\"".repeat(depth));
            }
            return path.endsWith("json") ? "{\"workspaces\":".repeat(depth) + "1" + "}".repeat(depth) : "[".repeat(depth) + "]".repeat(depth);
        }

        private static String aliases() {
            StringBuilder text = new StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
            for (int i = 1; i < 40; i++) {
                text.append("a").append(i).append(": &a").append(i).append(" [*a").append(i - 1).append((", *a" + (i - 1)).repeat(8)).append("]\n");
            }
            return text.append("services: *a39\nself: &self {me: *self}\n").toString();
        }

        private static String entities() {
            StringBuilder text = new StringBuilder("<?xml version=\"1.0\"?>\n<!DOCTYPE project [\n<!ENTITY passwd SYSTEM \"file:///etc/passwd\">\n<!ENTITY a0 \"lol\">\n");
            for (int i = 1; i < 40; i++) {
                text.append("<!ENTITY a").append(i).append(" \"").append(("&a" + (i - 1) + ";").repeat(9)).append("\">\n");
            }
            return text.append("]>\n<project><artifactId>&a39;&passwd;</artifactId></project>\n").toString();
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** As JSON writes it, which YAML and TOML read too. */
    static String json(String text) {
        try {
            return JSON.writeValueAsString(text).replace("\u0085", "\\u0085").replace("\u2028", "\\u2028").replace("\uFEFF", "\\uFEFF").replace("\u007f", "\\u007f").replace("\uD800", "\\ud800");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
