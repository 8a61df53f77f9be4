package lib.plan;

//FILES data/versions.yaml=../../data/versions.yaml

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.scan.Document;

/**
 * What is known of runtimes and services: their lines, until when each is supported, and the images that have them.
 *
 * <p>Support is judged on the day that the data names, never by the clock. Knows nothing of a project or of a CI platform's files.
 */
public final class Versions {
    private final Entries data;
    private final Map<String, Optional<RuntimeVersions>> runtimes = new HashMap<>();

    private Versions(Entries data) {
        this.data = data;
    }

    public static Versions shipped() {
        return new Versions(Entries.shipped("data/versions.yaml"));
    }

    /** The day on which support is judged. */
    public LocalDate asOf() {
        return LocalDate.parse(data.text("asOf"));
    }

    /** The day up to which releases are known. */
    public LocalDate seen() {
        return LocalDate.parse(data.text("seen"));
    }

    public List<String> runtimes() {
        return data.names("runtimes");
    }

    public Optional<RuntimeVersions> runtime(String name) {
        return runtimes.computeIfAbsent(name, key -> data.find("runtimes", key).map(node -> {
            String other = node.path("sameAs").asText("");
            return new RuntimeVersions(key, other.isEmpty() ? node : data.find("runtimes", other).orElseThrow(), asOf());
        }));
    }

    public List<String> services() {
        return data.names("services");
    }

    public Optional<ServiceDefaults> service(String name) {
        return data.find("services", name).map(node -> ServiceDefaults.of(name, node));
    }

    /**
     * One release line of a runtime.
     *
     * @param name {@code 22}, {@code 3.12}, {@code 1.26}
     * @param eol the first day without support; {@link LocalDate#MAX} while none is announced
     * @param more what else the data says: {@code otp}, {@code patch}, and by CI platform the x.y.z for which it has an image of its own
     */
    public record Line(String name, LocalDate released, LocalDate eol, Map<String, String> more) {
        public boolean isSupported(LocalDate day) {
            return !released.isAfter(day) && day.isBefore(eol);
        }

        /** Whether a version (22, 22.14.0, v22) is of this line. */
        public boolean contains(String version) {
            String plain = version.startsWith("v") ? version.substring(1) : version;
            return plain.equals(name) || plain.startsWith(name + ".") || plain.startsWith(name + "-");
        }
    }

    /** The lines of one runtime, oldest first. */
    public static final class RuntimeVersions {
        private final String name;
        private final JsonNode data;
        private final LocalDate asOf;
        private final List<Line> lines = new ArrayList<>();

        RuntimeVersions(String name, JsonNode data, LocalDate asOf) {
            this.name = name;
            this.data = data;
            this.asOf = asOf;
            for (JsonNode line : data.path("lines")) {
                Map<String, String> more = texts(line);
                LocalDate eol = more.containsKey("eol") ? LocalDate.parse(more.remove("eol")) : LocalDate.MAX;
                lines.add(new Line(more.remove("line"), LocalDate.parse(more.remove("released")), eol, more));
            }
        }

        public String name() {
            return name;
        }

        /** What to take when the project says nothing. */
        public String defaultLine() {
            return data.path("default").asText();
        }

        public List<Line> lines() {
            return List.copyOf(lines);
        }

        public List<Line> supported() {
            return lines.stream().filter(line -> line.isSupported(asOf)).toList();
        }

        /** The line that a version belongs to; of a part of one (8 of 8.0) the newest; none when this file doesn't know it. */
        public Optional<Line> line(String version) {
            return lines.stream().filter(line -> line.contains(version)).findFirst()
                    .or(() -> lines.stream().filter(line -> line.name().startsWith(version + ".")).reduce((older, newer) -> newer));
        }

        /** Whether the line is known and its support has ended; a line that is not known may be newer than this file. */
        public boolean hasEnded(String version) {
            return line(version).filter(line -> !line.isSupported(asOf)).isPresent();
        }

        /** The docker image of a line or of an exact version; none where there is no image of this runtime. */
        public Optional<String> image(String version) {
            Line line = line(version).orElse(null);
            boolean current = line != null && line.name().equals(version) && line.isSupported(asOf);
            if (!current && data.has("exact")) {
                return Optional.of(filled(data.path("exact").asText(), version, line));
            }
            String template = line == null ? data.path("image").asText("") : line.more().getOrDefault("image", data.path("image").asText(""));
            String image = filled(template, line == null ? version : line.name(), line);
            return image.isEmpty() || image.contains("{") ? Optional.empty() : Optional.of(image);
        }

        /** The docker image that has a build tool beside the runtime, as Maven beside Java. */
        public Optional<String> toolImage(String tool, String version) {
            Line line = line(version).orElse(null);
            String template = data.path("tools").path(tool).asText("");
            if (line != null) {
                template = line.more().getOrDefault(tool, template);
            }
            return template.isEmpty() ? Optional.empty() : Optional.of(filled(template, line == null ? version : line.name(), line));
        }

        /**
         * The image that a CI platform itself offers; none where the line has none, or where an exact version other than it is asked for.
         *
         * @param platform a key of the data, as {@code circleci}
         */
        public Optional<String> platformImage(String platform, String version) {
            Line line = line(version).orElse(null);
            String exact = line == null ? "" : line.more().getOrDefault(platform, "");
            boolean fits = !exact.isEmpty() && (version.equals(exact) || version.equals(line.name()));
            return fits ? Optional.of(filled(data.path(platform).asText(), exact, line)) : Optional.empty();
        }

        private static String filled(String template, String version, Line line) {
            String filled = template.replace("{version}", version);
            if (line != null && filled.contains("{")) {
                for (Map.Entry<String, String> value : line.more().entrySet()) {
                    filled = filled.replace("{" + value.getKey() + "}", value.getValue());
                }
            }
            return filled;
        }
    }

    /**
     * How a service runs in CI when the project does not say.
     *
     * @param environment of the container; may hold {@code {host}}, for which see {@link #environment(String)}
     * @param health a command that succeeds inside the container of {@code image} as soon as it serves, or empty
     * @param url variables for the job, with {@code {host}} for the platform's name of the service
     * @param images by CI platform: an image of that platform's own
     * @param alike further repositories whose images have what {@code health} calls, from the major version {@code healthSince}
     */
    public record ServiceDefaults(String name, String image, int port, Map<String, String> environment, String health, Map<String, String> url,
                                  Map<String, String> images, List<String> alike, int healthSince) {

        static ServiceDefaults of(String name, JsonNode node) {
            List<String> alike = new ArrayList<>();
            node.path("alike").forEach(repository -> alike.add(repository.asText()));
            return new ServiceDefaults(name, node.path("image").asText(), node.path("port").asInt(), texts(node.path("environment")),
                    node.path("health").asText(""), texts(node.path("url")), texts(node.path("images")), alike, node.path("healthSince").asInt());
        }

        /** The health command for the image that the project itself names: empty when that image may not have what it calls. */
        public String health(String other) {
            String repository = repository(other);
            boolean known = repository.equals(repository(image)) || alike.contains(repository);
            String tag = other.substring(Math.min(other.length(), other.lastIndexOf('/') + 1)).replaceFirst("^[^:]*:?", "");
            String major = tag.replaceFirst("^v?(\\d{0,6}).*", "$1");
            return known && (major.isEmpty() || Integer.parseInt(major) >= healthSince) ? health : "";
        }

        /** The container's variables where the job finds the service at that host. */
        public Map<String, String> environment(String host) {
            return filled(environment, host);
        }

        /** The job's variables where the service answers at that host. */
        public Map<String, String> url(String host) {
            return filled(url, host);
        }

        private static Map<String, String> filled(Map<String, String> map, String host) {
            Map<String, String> filled = new LinkedHashMap<>();
            map.forEach((key, value) -> filled.put(key, value.replace("{host}", host)));
            return filled;
        }

        private static String repository(String image) {
            String plain = image.replaceFirst("@.*", "").replaceFirst("^(docker\\.io/)?(library/)?", "");
            int colon = plain.indexOf(':', plain.lastIndexOf('/') + 1);
            return colon < 0 ? plain : plain.substring(0, colon);
        }
    }

    private static Map<String, String> texts(JsonNode map) {
        Map<String, String> texts = new LinkedHashMap<>();
        map.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
        return texts;
    }
}

/**
 * A data file that travels with the tool: YAML of sections, each of named entries, of which an entry is parsed only when it is asked for.
 *
 * <p>A run needs a handful of the hundreds, and the parser would be a good part of the tool's start. The price is a fixed layout, which a
 * test holds: sections start in column 1, entries in column 3, and no anchor is used. A broken file is a bug of ours.
 */
final class Entries {
    private final String file;
    private final Map<String, String> scalars = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    /** Of a monorepo with a thousand packages each asks for the same few. */
    private final Map<String, Optional<JsonNode>> parsed = new HashMap<>();

    private Entries(String file) {
        this.file = file;
    }

    static Entries shipped(String file) {
        try (InputStream in = Entries.class.getClassLoader().getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not on the class path");
            }
            return of(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Entries of(String file, String text) {
        Entries entries = new Entries(file);
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
                entries.scalars.put(line.substring(0, colon), value);
                entries.sections.put(line.substring(0, colon), section);
            } else if (indent == 2 && line.charAt(2) != '#') {
                entry = line.substring(2, colon);
                section.put(entry, line + "\n");
            } else if (indent > 2) {
                section.put(entry, section.get(entry) + line + "\n");
            }
        }
        return entries;
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
