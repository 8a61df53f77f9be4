package lib.scan;

//SOURCES Document.java Finding.java

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lib.cli.Failure;

/**
 * What is to be deployed: the objects of a folder of manifests, or of what a chart or a kustomization was rendered to. Knows how objects are
 * written down, and nothing of a cluster. Files are read only; templates of charts among them are not objects yet and are left out.
 */
public final class Manifests {
    /** Kinds that run the versions of an application. */
    public static final Set<String> WORKLOADS = Set.of("Deployment", "StatefulSet", "DaemonSet");
    private static final Set<String> NOT_OBJECTS = Set.of("kustomization.yaml", "kustomization.yml", "deployment.yaml.schema", "values.yaml", "Chart.yaml");
    private static final int MAX_FILES = 2_000;

    private final List<Resource> resources;

    private Manifests(List<Resource> resources) {
        this.resources = List.copyOf(resources);
    }

    /** @param object with YAML's own types, as a cluster wants it; @param document all as text, with lines */
    public record Resource(String kind, String name, String namespace, Document document, ObjectNode object) {
        public Finding.Evidence evidence(String... path) {
            return document.evidence("manifest", path);
        }

        public int number(int otherwise, String... path) {
            String text = document.text(path);
            return text.matches("\\d{1,6}") ? Integer.parseInt(text) : otherwise;
        }

        public String id() {
            return kind + "/" + name;
        }
    }

    /** @param source a file, or a folder with all that is below it */
    public static Manifests read(Path source) {
        return read(source, 8);
    }

    /** @param depth of folders that are looked into */
    public static Manifests read(Path source, int depth) {
        List<Resource> found = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(source, depth)) {
            List<Path> files = walk.filter(Files::isRegularFile).filter(f -> f.toString().matches("(?i).*\\.(ya?ml|json)")).filter(f -> isObject(source, f)).sorted().limit(MAX_FILES).toList();
            for (Path file : files) {
                String name = source.equals(file) ? file.getFileName().toString() : source.relativize(file).toString().replace('\\', '/');
                collect(name, text(file), found, problems);
            }
        } catch (IOException e) {
            throw Failure.cannotProceed("cannot read the manifests in " + source + ": " + e.getMessage(), "check the path and its permissions");
        }
        return checked(found, problems);
    }

    /** What another program rendered. */
    public static Manifests of(String name, String text) {
        List<Resource> found = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        collect(name, text, found, problems);
        return checked(found, problems);
    }

    public static Manifests none() {
        return new Manifests(List.of());
    }

    private static Manifests checked(List<Resource> found, List<String> problems) {
        if (!problems.isEmpty()) {
            throw Failure.cannotProceed("invalid manifests\n  " + String.join("\n  ", problems), "correct the files; nothing was touched");
        }
        return new Manifests(found);
    }

    private static boolean isObject(Path root, Path file) {
        String name = file.getFileName().toString();
        Path below = root.equals(file) ? file.getFileName() : root.relativize(file);
        boolean isAside = false;
        for (Path part : below) {
            isAside |= part.toString().startsWith(".") || Set.of("node_modules", "vendor", "target", "templates", "charts").contains(part.toString());
        }
        return !isAside && !NOT_OBJECTS.contains(name);
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) > Parsers.MAX_BYTES) {
            throw new IOException(file.getFileName() + " has more than " + Parsers.MAX_BYTES + " bytes");
        }
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** A file without any object (a configuration of something else) is passed over; an object that says half of what it is, is a problem. */
    private static void collect(String file, String text, List<Resource> found, List<String> problems) {
        try {
            List<JsonNode> objects = Document.typedOfYaml(file, text);
            int number = -1;
            for (Document document : Document.allOfYaml(file, text)) {
                number++;
                if (document.text("kind").equals("List")) {
                    continue;
                }
                String kind = document.text("kind");
                String version = document.text("apiVersion");
                if (kind.isEmpty() && version.isEmpty()) {
                    continue;
                }
                String name = document.text("metadata", "name");
                if (kind.isEmpty() || version.isEmpty() || name.isEmpty()) {
                    problems.add(file + ":" + Math.max(1, document.line("kind")) + ": an object needs apiVersion, kind and metadata.name; "
                            + (kind.isEmpty() ? "kind" : version.isEmpty() ? "apiVersion" : "metadata.name") + " is missing");
                    continue;
                }
                found.add(new Resource(kind, name, document.text("metadata", "namespace"), document, (ObjectNode) objects.get(number)));
            }
        } catch (Document.Broken e) {
            problems.add(file + (e.line > 0 ? ":" + e.line : "") + ": " + e.getMessage());
        }
    }

    public List<Resource> all() {
        return resources;
    }

    public List<Resource> of(String kind) {
        return resources.stream().filter(r -> r.kind().equals(kind)).toList();
    }

    public Optional<Resource> named(String kind, String name) {
        return of(kind).stream().filter(r -> r.name().equals(name)).findFirst();
    }

    public List<Resource> workloads() {
        return resources.stream().filter(r -> WORKLOADS.contains(r.kind())).toList();
    }

    public boolean isEmpty() {
        return resources.isEmpty();
    }
}
