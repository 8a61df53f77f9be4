package lib.scan;

import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** An XML element with its line. The reader knows no DTDs and no external entities, so that a file can't make it fetch or expand. */
public final class Xml {
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
