package lib.scan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A parsed JSON, YAML or TOML file that still knows on which line each value stands.
 *
 * <p>Values of YAML are all text, so that a version such as {@code 3.10} stays what it was.
 */
public final class Document {
    private final String file;
    private final JsonNode root;
    private final Map<String, Integer> lines;

    /** @param lines JSON pointer to line; what is absent takes its parent's line */
    Document(String file, JsonNode root, Map<String, Integer> lines) {
        this.file = file;
        this.root = root;
        this.lines = lines;
    }

    /** What is wrong with a text, and on which line (0: unknown). */
    public static final class Broken extends Exception {
        public final int line;

        Broken(String reason, int line) {
            super(reason);
            this.line = line;
        }
    }

    /** Parses the one YAML document of a file that is not the project's: of the tool's own data, or of the user's. */
    public static Document ofYaml(String file, String text) throws Broken {
        try {
            List<Document> documents = Parsers.YamlReader.parseAll(file, text);
            if (documents.size() != 1) {
                throw new Broken(documents.isEmpty() ? "the file is empty" : "it has more than one document", 0);
            }
            return documents.get(0);
        } catch (Parsers.Malformed e) {
            throw new Broken(e.getMessage(), e.line);
        }
    }

    public String file() {
        return file;
    }

    public JsonNode root() {
        return root;
    }

    /** The node at the path of keys; a missing node where there is none. */
    public JsonNode at(String... path) {
        JsonNode node = root;
        for (String key : path) {
            node = node.isArray() && key.matches("\\d{1,6}") ? node.path(Integer.parseInt(key)) : node.path(key);
        }
        return node == null ? MissingNode.getInstance() : node;
    }

    public boolean has(String... path) {
        JsonNode node = at(path);
        return !node.isMissingNode() && !node.isNull();
    }

    /** The scalar at the path, trimmed, or an empty text: also where a map or a list stands there. */
    public String text(String... path) {
        JsonNode node = at(path);
        return node.isValueNode() && !node.isNull() ? node.asText().trim() : "";
    }

    /** The keys of the map at the path, in the file's order; none where there is no map. */
    public List<String> keys(String... path) {
        List<String> keys = new ArrayList<>();
        at(path).fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    /** The scalars of the list at the path; a lone scalar counts as a list of one. */
    public List<String> texts(String... path) {
        JsonNode node = at(path);
        List<String> texts = new ArrayList<>();
        if (node.isArray()) {
            for (Iterator<JsonNode> i = node.elements(); i.hasNext(); ) {
                JsonNode element = i.next();
                if (element.isValueNode() && !element.isNull()) {
                    texts.add(element.asText().trim());
                }
            }
        } else if (node.isValueNode() && !node.isNull()) {
            texts.add(node.asText().trim());
        }
        return texts;
    }

    /** The line of the value at the path, or of its nearest parent that is there. */
    public int line(String... path) {
        for (int length = path.length; length > 0; length--) {
            Integer line = lines.get(pointer(List.of(path).subList(0, length)));
            if (line != null) {
                return line;
            }
        }
        return 0;
    }

    public Evidence evidence(String rule, String... path) {
        return new Evidence(file, line(path), rule);
    }

    /** What keeps a text from being one document of the format that its name tells. */
    public record Problem(String message, int line) {}

    /** Why the text of a {@code .yml}, {@code .yaml} or {@code .json} file can't be read, or nothing. */
    public static Optional<Problem> problem(String name, String text) {
        try {
            if (name.endsWith(".json")) {
                Parsers.Json.parse(name, text);
            } else if (Parsers.YamlReader.parseAll(name, text, true).size() != 1) {
                return Optional.of(new Problem("it is not one document", 0));
            }
            return Optional.empty();
        } catch (Parsers.Malformed e) {
            return Optional.of(new Problem(e.getMessage(), e.line));
        }
    }

    /** A text of one of these formats as a document; nothing where it can't be read. */
    public static Optional<Document> parse(String name, String text) {
        try {
            return name.endsWith(".json") ? Optional.of(Parsers.Json.parse(name, text)) : Parsers.YamlReader.parseAll(name, text).stream().findFirst();
        } catch (Parsers.Malformed e) {
            return Optional.empty();
        }
    }

    static String pointer(List<String> path) {
        StringBuilder pointer = new StringBuilder();
        for (String key : path) {
            pointer.append('/').append(escape(key));
        }
        return pointer.toString();
    }

    static String escape(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }
}
