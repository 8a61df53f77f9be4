package lib.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.scan.Document;

/**
 * A data file that travels with the tool: YAML of sections, each of named entries, of which an entry is parsed only when it is asked for.
 *
 * <p>A run needs a handful of the hundreds, and the parser would be a good part of the tool's start. The price is a fixed layout, which a
 * test holds: sections start in column 1, entries in column 3, and no anchor is used. A broken file is a bug of ours.
 */
final class Catalogue {
    private final String file;
    private final Map<String, String> scalars = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    /** Of a monorepo with a thousand packages each asks for the same few. */
    private final Map<String, Optional<JsonNode>> parsed = new HashMap<>();

    private Catalogue(String file) {
        this.file = file;
    }

    static Catalogue shipped(String file) {
        try (InputStream in = Catalogue.class.getClassLoader().getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not on the class path");
            }
            return of(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Catalogue of(String file, String text) {
        Catalogue catalogue = new Catalogue(file);
        Map<String, String> section = Map.of();
        String entry = "";
        for (String line : text.lines().toList()) {
            if (line.isEmpty() || line.charAt(0) == '#') {
                continue;
            }
            int indent = line.length() - line.stripLeading().length();
            int colon = line.indexOf(':');
            if (indent == 0) {
                String value = line.substring(colon + 1).strip();
                section = new LinkedHashMap<>();
                catalogue.scalars.put(line.substring(0, colon), value);
                catalogue.sections.put(line.substring(0, colon), section);
            } else if (indent == 2 && line.charAt(2) != '#') {
                entry = line.substring(2, colon);
                section.put(entry, line + "\n");
            } else if (indent > 2) {
                section.put(entry, section.get(entry) + line + "\n");
            }
        }
        return catalogue;
    }

    String text(String key) {
        return scalars.getOrDefault(key, "");
    }

    List<String> names(String section) {
        return List.copyOf(sections.getOrDefault(section, Map.of()).keySet());
    }

    Optional<JsonNode> find(String section, String name) {
        return parsed.computeIfAbsent(section + "\n" + name, key -> parse(section, name));
    }

    private Optional<JsonNode> parse(String section, String name) {
        String text = sections.getOrDefault(section, Map.of()).get(name);
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Document.ofYaml(file, text).at(name));
        } catch (Document.Broken e) {
            throw new IllegalStateException(file + ": " + section + " " + name + ": " + e.getMessage(), e);
        }
    }
}
