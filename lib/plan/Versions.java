package lib.plan;

//FILES data/versions.yaml=../../data/versions.yaml

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.util.ArrayList;
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
    private final Document data;

    private Versions(Document data) {
        this.data = data;
    }

    public static Versions shipped() {
        return new Versions(Resources.yaml("data/versions.yaml"));
    }

    /** The day on which support is judged. */
    public LocalDate asOf() {
        return LocalDate.parse(data.text("asOf"));
    }

    public Optional<RuntimeVersions> runtime(String name) {
        return data.has("runtimes", name) ? Optional.of(new RuntimeVersions(name, data.at("runtimes", name), asOf())) : Optional.empty();
    }

    public List<String> runtimes() {
        return data.keys("runtimes");
    }

    public Optional<ServiceDefaults> service(String name) {
        return data.has("services", name) ? Optional.of(ServiceDefaults.of(name, data.at("services", name))) : Optional.empty();
    }

    public List<String> services() {
        return data.keys("services");
    }

    /**
     * One release line of a runtime.
     *
     * @param name {@code 22}, {@code 3.12}, {@code 1.26}
     * @param eol the first day without support; {@link LocalDate#MAX} while none is announced
     * @param exact by CI platform: the version x.y.z for which that platform has an image of its own
     */
    public record Line(String name, LocalDate released, LocalDate eol, Map<String, String> exact) {
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
                Map<String, String> exact = texts(line);
                exact.keySet().removeAll(List.of("line", "released", "eol"));
                lines.add(new Line(line.path("line").asText(), LocalDate.parse(line.path("released").asText()),
                        line.has("eol") ? LocalDate.parse(line.path("eol").asText()) : LocalDate.MAX, exact));
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

        /** The line that a version belongs to; none when this file doesn't know it. */
        public Optional<Line> line(String version) {
            return lines.stream().filter(line -> line.contains(version)).findFirst();
        }

        /** Whether the line is known and its support has ended; a line that is not known may be newer than this file. */
        public boolean hasEnded(String version) {
            return line(version).filter(line -> !line.isSupported(asOf)).isPresent();
        }

        /** The docker image of a line or of an exact version; none where there is no image of this runtime. */
        public Optional<String> image(String version) {
            Optional<Line> line = line(version);
            boolean current = line.isPresent() && line.get().name().equals(version) && !hasEnded(version);
            if (!current && data.has("exact")) {
                return filled("exact", version);
            }
            return filled("image", line.map(Line::name).orElse(version));
        }

        /** The docker image that has a build tool beside the runtime, as Maven beside Java. */
        public Optional<String> toolImage(String tool, String version) {
            String template = data.path("tools").path(tool).asText("");
            String line = line(version).map(Line::name).orElse(version);
            return template.isEmpty() ? Optional.empty() : Optional.of(template.replace("{version}", line));
        }

        /**
         * The image that a CI platform itself offers; none where the line has none, or where an exact version other than it is asked for.
         *
         * @param platform a key of the data, as {@code circleci}
         */
        public Optional<String> platformImage(String platform, String version) {
            Optional<Line> line = line(version);
            String exact = line.map(l -> l.exact().getOrDefault(platform, "")).orElse("");
            boolean fits = !exact.isEmpty() && (version.equals(exact) || version.equals(line.get().name()));
            return fits ? filled(platform, exact) : Optional.empty();
        }

        private Optional<String> filled(String key, String version) {
            String template = data.path(key).asText("");
            return template.isEmpty() ? Optional.empty() : Optional.of(template.replace("{version}", version));
        }
    }

    /**
     * How a service runs in CI when the project does not say.
     *
     * @param environment of the container
     * @param health a command that succeeds inside the container as soon as it serves
     * @param url variables for the job, with {@code {host}} for the platform's name of the service
     * @param images by CI platform: an image of that platform's own
     */
    public record ServiceDefaults(String name, String image, int port, Map<String, String> environment, String health, Map<String, String> url,
                                  Map<String, String> images) {

        static ServiceDefaults of(String name, JsonNode node) {
            return new ServiceDefaults(name, node.path("image").asText(), node.path("port").asInt(), texts(node.path("environment")),
                    node.path("health").asText(""), texts(node.path("url")), texts(node.path("images")));
        }

        /** The job's variables where the service answers at that host. */
        public Map<String, String> url(String host) {
            Map<String, String> filled = new LinkedHashMap<>();
            url.forEach((key, value) -> filled.put(key, value.replace("{host}", host)));
            return filled;
        }
    }

    private static Map<String, String> texts(JsonNode map) {
        Map<String, String> texts = new LinkedHashMap<>();
        map.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
        return texts;
    }
}
