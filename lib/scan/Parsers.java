package lib.scan;

//DEPS com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.23.0
//DEPS com.fasterxml.jackson.dataformat:jackson-dataformat-toml:2.23.0

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Parses text of untrusted projects into {@link Document}s with line numbers.
 *
 * <p>Bounded: nesting, document size and the expansion of YAML aliases. No tag of a YAML file makes an object.
 */
final class Parsers {
    private static final int MAX_DEPTH = 200;
    private static final int MAX_NODES = 200_000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Parsers() {}

    /** What was wrong, on which line (0: unknown). */
    static final class Malformed extends Exception {
        final int line;

        Malformed(String message, int line) {
            super(message);
            this.line = line;
        }
    }

    // --- JSON; comments and trailing commas are let pass, as tsconfig.json, deno.jsonc and turbo.json have them ---

    static final class Json {
        private static final JsonFactory FACTORY = JsonFactory.builder()
                .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build()).build();
        private final Map<String, Integer> lines = new HashMap<>();

        static Document parse(String file, String text) throws Malformed {
            Json json = new Json();
            try (JsonParser parser = FACTORY.createParser(new StringReader(text.startsWith("\uFEFF") ? text.substring(1) : text))) {
                JsonToken first = parser.nextToken();
                if (first == null) {
                    throw new Malformed("the file is empty", 0);
                }
                JsonNode root = json.node(parser, "");
                if (parser.nextToken() != null) {
                    throw new Malformed("something follows the end of the document", parser.currentTokenLocation().getLineNr());
                }
                return new Document(file, root, json.lines);
            } catch (JsonProcessingException e) {
                throw malformed(e);
            } catch (IOException e) {
                throw new Malformed(e.getMessage(), 0);
            }
        }

        private JsonNode node(JsonParser parser, String pointer) throws IOException {
            lines.put(pointer, parser.currentTokenLocation().getLineNr());
            switch (parser.currentToken()) {
                case START_OBJECT -> {
                    ObjectNode object = NODES.objectNode();
                    while (parser.nextToken() != JsonToken.END_OBJECT) {
                        String key = parser.currentName();
                        parser.nextToken();
                        object.set(key, node(parser, pointer + "/" + Document.escape(key)));
                    }
                    return object;
                }
                case START_ARRAY -> {
                    ArrayNode array = NODES.arrayNode();
                    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                        array.add(node(parser, pointer + "/" + i));
                    }
                    return array;
                }
                case VALUE_TRUE, VALUE_FALSE -> {
                    return NODES.booleanNode(parser.getBooleanValue());
                }
                case VALUE_NULL -> {
                    return NODES.nullNode();
                }
                default -> {
                    return NODES.textNode(parser.getText());
                }
            }
        }
    }

    // --- YAML ---

    static final class YamlReader {
        private final Map<String, Integer> lines = new HashMap<>();
        private final boolean strict;
        private int nodes;

        private YamlReader(boolean strict) {
            this.strict = strict;
        }

        static List<Document> parseAll(String file, String text) throws Malformed {
            return parseAll(file, text, false);
        }

        /** @param strict refuse a key that stands twice in a map, which readers of YAML take in different ways */
        static List<Document> parseAll(String file, String text, boolean strict) throws Malformed {
            LoaderOptions options = new LoaderOptions();
            options.setNestingDepthLimit(MAX_DEPTH);
            options.setCodePointLimit(Project.MAX_FILE_BYTES);
            options.setMaxAliasesForCollections(1_000);
            List<Document> documents = new ArrayList<>();
            try {
                for (Node node : new Yaml(new SafeConstructor(options)).composeAll(new StringReader(text))) {
                    YamlReader reader = new YamlReader(strict);
                    documents.add(new Document(file, reader.convert(node, "", 0), reader.lines));
                }
            } catch (MarkedYAMLException e) {
                throw new Malformed(e.getProblem(), e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1);
            } catch (YAMLException e) {
                throw new Malformed(e.getMessage() == null ? "not YAML" : e.getMessage().lines().findFirst().orElse("not YAML"), 0);
            }
            return documents;
        }

        private JsonNode convert(Node node, String pointer, int depth) throws Malformed {
            int line = node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
            // An alias points back to its anchor: expanding it again and again is how a small file becomes a huge one.
            if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
                throw new Malformed("its aliases expand to more than " + MAX_NODES + " values", line);
            }
            lines.put(pointer, line);
            if (node instanceof MappingNode mapping) {
                ObjectNode object = NODES.objectNode();
                for (NodeTuple tuple : mapping.getValue()) {
                    String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
                    JsonNode value = convert(tuple.getValueNode(), pointer + "/" + Document.escape(key), depth + 1);
                    if (strict && object.has(key)) {
                        throw new Malformed("the key " + key + " stands twice", tuple.getKeyNode().getStartMark().getLine() + 1);
                    }
                    if (key.equals("<<")) {
                        merge(object, value);
                    } else {
                        object.set(key, value);
                        lines.put(pointer + "/" + Document.escape(key), tuple.getKeyNode().getStartMark().getLine() + 1);
                    }
                }
                return object;
            }
            if (node instanceof SequenceNode sequence) {
                ArrayNode array = NODES.arrayNode();
                for (Node element : sequence.getValue()) {
                    array.add(convert(element, pointer + "/" + array.size(), depth + 1));
                }
                return array;
            }
            return node.getTag().equals(Tag.NULL) ? NODES.nullNode() : NODES.textNode(((ScalarNode) node).getValue());
        }

        private static void merge(ObjectNode into, JsonNode merged) {
            if (merged.isArray()) {
                merged.forEach(each -> merge(into, each));
            }
            merged.properties().forEach(field -> {
                if (!into.has(field.getKey())) {
                    into.set(field.getKey(), field.getValue());
                }
            });
        }
    }

    // --- TOML; Jackson's reader keeps no places of keys, so that lines are found by looking for headers and keys ---

    static final class Toml {
        static Document parse(String file, String text) throws Malformed {
            try {
                JsonNode root = new TomlMapper().readTree(text);
                return new Document(file, root, lines(text));
            } catch (JsonProcessingException e) {
                throw malformed(e);
            } catch (RuntimeException e) {
                throw new Malformed("not TOML: " + e.getMessage(), 0);
            }
        }

        private static Map<String, Integer> lines(String text) {
            Map<String, Integer> lines = new HashMap<>();
            Map<String, Integer> arrays = new HashMap<>();
            String table = "";
            int number = 0;
            for (String raw : text.split("\n", -1)) {
                number++;
                String line = raw.strip();
                if (line.startsWith("[[")) {
                    String name = key(line.substring(2, Math.max(2, line.lastIndexOf("]]"))));
                    table = name + "/" + arrays.merge(name, 1, Integer::sum).intValue();
                    table = name + "/" + (arrays.get(name) - 1);
                    lines.putIfAbsent(name, number);
                } else if (line.startsWith("[") && line.indexOf(']') > 0) {
                    table = key(line.substring(1, line.lastIndexOf(']')));
                } else if (line.indexOf('=') > 0 && !line.startsWith("#")) {
                    lines.putIfAbsent(table + key(line.substring(0, line.indexOf('='))), number);
                    continue;
                } else {
                    continue;
                }
                lines.putIfAbsent(table, number);
            }
            return lines;
        }

        /** {@code a."b.c".d} as a JSON pointer. */
        private static String key(String dotted) {
            StringBuilder pointer = new StringBuilder();
            StringBuilder part = new StringBuilder();
            char quote = 0;
            for (char c : (dotted.strip() + ".").toCharArray()) {
                if (quote != 0 ? c == quote : c == '"' || c == '\'') {
                    quote = quote == 0 ? c : 0;
                } else if (c == '.' && quote == 0) {
                    pointer.append('/').append(Document.escape(part.toString().strip()));
                    part.setLength(0);
                } else {
                    part.append(c);
                }
            }
            return pointer.toString();
        }
    }

    private static Malformed malformed(JsonProcessingException e) {
        JsonLocation location = e.getLocation();
        String message = e.getOriginalMessage() == null ? "cannot be parsed" : e.getOriginalMessage().lines().findFirst().orElse("");
        // The parser's way of naming places is of no use to anybody who has a file.
        message = message.replaceAll(" ?\\(?(start marker )?at \\[Source: [^\\]]*; line: (-?\\d+), column: -?\\d+\\]\\)?", " (opened in line $2)").replaceAll(" ?\\[Source:[^\\]]*\\]", "");
        return new Malformed(message, location == null ? 0 : Math.max(0, location.getLineNr()));
    }
}
