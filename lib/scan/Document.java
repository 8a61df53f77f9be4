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
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import lib.scan.Finding.Evidence;
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

    /** A file of which nothing is said. */
    public static Document empty(String file) {
        return new Document(file, JsonNodeFactory.instance.objectNode(), Map.of());
    }

    /** All documents of a YAML stream, the empty ones left out. */
    public static List<Document> allOfYaml(String file, String text) throws Broken {
        try {
            return Parsers.YamlReader.parseAll(file, text).stream().filter(d -> !d.root().isNull()).toList();
        } catch (Parsers.Malformed e) {
            throw new Broken(e.getMessage(), e.line);
        }
    }

    /** The same documents with the types that YAML gives to plain scalars, as a cluster's own reader takes them; times stay text. */
    static List<JsonNode> typedOfYaml(String file, String text) throws Broken {
        try {
            return Parsers.YamlReader.typed(file, text).stream().filter(n -> !n.isNull()).toList();
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

/**
 * Parses text of untrusted projects into {@link Document}s with line numbers.
 *
 * <p>Bounded: nesting, document size and the expansion of YAML aliases. No tag of a YAML file makes an object.
 */
final class Parsers {
    /** More is no file that a person wrote. */
    static final int MAX_BYTES = 5 * 1024 * 1024;
    private static final int MAX_DEPTH = 200;
    private static final int MAX_NODES = 200_000;
    private static final int MAX_LINE = 200_000;
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
        private boolean typed;
        private int nodes;

        private YamlReader(boolean strict) {
            this.strict = strict;
        }

        static List<JsonNode> typed(String file, String text) throws Malformed {
            parseAll(file, text);
            List<JsonNode> roots = new ArrayList<>();
            LoaderOptions options = new LoaderOptions();
            options.setNestingDepthLimit(MAX_DEPTH);
            options.setCodePointLimit(MAX_BYTES);
            for (Node node : new Yaml(new SafeConstructor(options)).composeAll(new StringReader(text))) {
                YamlReader reader = new YamlReader(false);
                reader.typed = true;
                roots.add(reader.convert(node, "", 0));
            }
            return roots;
        }

        private static JsonNode scalar(Tag tag, String text) {
            if (tag.equals(Tag.BOOL)) {
                return NODES.booleanNode(text.matches("(?i)true|yes|on"));
            }
            try {
                if (tag.equals(Tag.INT)) {
                    String digits = text.replace("_", "");
                    return NODES.numberNode(digits.matches("[-+]?0[0-7]+") ? Long.parseLong(digits, 8) : Long.decode(digits));
                }
                return tag.equals(Tag.FLOAT) ? NODES.numberNode(Double.parseDouble(text.replace("_", ""))) : NODES.textNode(text);
            } catch (NumberFormatException e) {
                return NODES.textNode(text);
            }
        }

        static List<Document> parseAll(String file, String text) throws Malformed {
            return parseAll(file, text, false);
        }

        /** @param strict refuse a key that stands twice in a map, which readers of YAML take in different ways */
        static List<Document> parseAll(String file, String text, boolean strict) throws Malformed {
            int start = 0;
            for (int end = text.indexOf('\n'), line = 1; start < text.length(); end = text.indexOf('\n', start), line++) {
                int stop = end < 0 ? text.length() : end;
                if (stop - start > MAX_LINE) {
                    // SnakeYAML copies what it has read of a scalar again for each piece of it: a line of megabytes takes minutes.
                    throw new Malformed("a line is longer than " + MAX_LINE + " characters", line);
                }
                start = stop + 1;
            }
            LoaderOptions options = new LoaderOptions();
            options.setNestingDepthLimit(MAX_DEPTH);
            options.setCodePointLimit(MAX_BYTES);
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
            String text = node.getTag().equals(Tag.NULL) ? "" : ((ScalarNode) node).getValue();
            return node.getTag().equals(Tag.NULL) ? NODES.nullNode() : typed ? scalar(node.getTag(), text) : NODES.textNode(text);
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

/** An XML element with its line. The reader knows no DTDs and no external entities, so that a file can't make it fetch or expand. */
final class Xml {
    private static final int MAX_DEPTH = 200;
    private final String name;
    private final Map<String, String> attributes = new HashMap<>();
    private final List<Xml> children = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final int line;

    private Xml(String name, int line) {
        this.name = name;
        this.line = line;
    }

    public String name() {
        return name;
    }

    public int line() {
        return line;
    }

    public String text() {
        return text.toString().strip();
    }

    /** The attribute, or an empty text. */
    public String attribute(String key) {
        return attributes.getOrDefault(key, "");
    }

    public List<Xml> children() {
        return children;
    }

    public List<Xml> children(String childName) {
        return children.stream().filter(c -> c.name.equals(childName)).toList();
    }

    /** The first element at {@code a/b/c}, or null. */
    public Xml find(String path) {
        Xml element = this;
        for (String step : path.split("/")) {
            element = element.children(step).stream().findFirst().orElse(null);
            if (element == null) {
                return null;
            }
        }
        return element;
    }

    /** The text of the first element at the path, or an empty text. */
    public String text(String path) {
        Xml element = find(path);
        return element == null ? "" : element.text();
    }

    /** All descendants of that name, in document order. */
    public List<Xml> descendants(String descendantName) {
        List<Xml> found = new ArrayList<>();
        for (Xml child : children) {
            if (child.name.equals(descendantName)) {
                found.add(child);
            }
            found.addAll(child.descendants(descendantName));
        }
        return found;
    }

    static Xml parse(String text) throws Parsers.Malformed {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
        Deque<Xml> open = new ArrayDeque<>();
        Xml root = null;
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(text.startsWith("\uFEFF") ? text.substring(1) : text));
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        Xml element = new Xml(reader.getLocalName(), reader.getLocation().getLineNumber());
                        for (int i = 0; i < reader.getAttributeCount(); i++) {
                            element.attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
                        }
                        if (open.isEmpty()) {
                            root = element;
                        } else {
                            open.peek().children.add(element);
                        }
                        open.push(element);
                        if (open.size() > MAX_DEPTH) {
                            throw new Parsers.Malformed("elements are nested more than " + MAX_DEPTH + " deep", element.line);
                        }
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                        if (!open.isEmpty()) {
                            open.peek().text.append(reader.getText());
                        }
                    }
                    case XMLStreamConstants.END_ELEMENT -> open.pop();
                    default -> { }
                }
            }
        } catch (XMLStreamException e) {
            String message = e.getMessage() == null ? "not XML" : e.getMessage().replaceFirst("(?s)^ParseError at.*?Message: ", "").strip();
            throw new Parsers.Malformed(message, e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNumber()));
        }
        if (root == null) {
            throw new Parsers.Malformed("the file is empty", 0);
        }
        return root;
    }
}

/**
 * {@code tox.ini}, {@code setup.cfg} and their like, by the rules of Python's configparser: indented lines go on with the value above.
 * What stands before the first header is in the section {@code ""}, so that plain properties can be read too.
 * Java's INI libraries read another dialect, without such lines.
 */
final class Ini {
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
