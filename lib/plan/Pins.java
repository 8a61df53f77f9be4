package lib.plan;

//FILES data/pins.yaml=../../data/pins.yaml

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import lib.cli.Failure;
import lib.scan.Document;

/**
 * The versions of everything that a pipeline fetches by name: actions by commit, orbs, command line tools.
 *
 * <p>Knows the shipped file and a user's file of the same shape, whose entries win; the network is never asked.
 */
public final class Pins {
    private static final Pattern SHA = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern ACTION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]*");
    private static final Pattern ORB_VERSION = Pattern.compile("\\d+\\.\\d+\\.\\d+");

    /** The user's file first, where there is one. */
    private final List<Document> files;

    private Pins(List<Document> files) {
        this.files = files;
    }

    /** An action at a commit. {@code path} is what {@code uses:} names before the {@code @}. */
    public record Pin(String path, String version, String sha) {
        public String uses() {
            return path + "@" + sha;
        }
    }

    /** A tool at a version; the image is empty where none is published. */
    public record ToolPin(String name, String version, String image) {}

    public static Pins shipped() {
        return new Pins(List.of(Resources.yaml("data/pins.yaml")));
    }

    /** The user's pins; what their file doesn't name is taken from the shipped one. */
    public static Pins of(Path file, String shownAs) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw Failure.cannotProceed("cannot read the pins in " + shownAs + ": " + (Files.exists(file) ? "not a readable text file" : "no such file"),
                    "give a file with the shape of data/pins.yaml");
        }
        try {
            Document document = Document.ofYaml(shownAs, text);
            check(document);
            return new Pins(List.of(document, Resources.yaml("data/pins.yaml")));
        } catch (Document.Broken e) {
            throw broken(shownAs, e.line, e.getMessage());
        }
    }

    /** The day of the file in use: the user's, where there is one. */
    public LocalDate asOf() {
        return LocalDate.parse(files.get(0).text("asOf"));
    }

    /** The pin of {@code owner/name} or of an action in a folder of that repository, {@code owner/name/folder}. */
    public Optional<Pin> action(String path) {
        String[] parts = path.split("/");
        String repository = parts.length < 2 ? path : parts[0] + "/" + parts[1];
        return find("actions", repository).map(node -> new Pin(path, node.path("version").asText(), node.path("sha").asText()));
    }

    /** The version of {@code circleci/node}. */
    public Optional<String> orb(String name) {
        return find("orbs", name).map(JsonNode::asText);
    }

    public Optional<ToolPin> tool(String name) {
        return find("tools", name).map(node -> new ToolPin(name, node.path("version").asText(), node.path("image").asText("")));
    }

    private Optional<JsonNode> find(String section, String name) {
        return files.stream().filter(file -> file.has(section, name)).map(file -> file.at(section, name)).findFirst();
    }

    private static void check(Document file) {
        try {
            LocalDate.parse(file.text("asOf"));
        } catch (DateTimeParseException e) {
            throw broken(file.file(), file.line("asOf"), "asOf is not a day such as 2026-08-22");
        }
        for (String key : file.keys()) {
            if (!List.of("asOf", "actions", "orbs", "tools").contains(key)) {
                throw broken(file.file(), file.line(key), "unknown key " + key);
            }
        }
        for (String name : file.keys("actions")) {
            require(file, ACTION.matcher(name).matches(), "an action is named owner/repository", "actions", name);
            require(file, VERSION.matcher(file.text("actions", name, "version")).matches(), "the action has no version", "actions", name);
            require(file, SHA.matcher(file.text("actions", name, "sha")).matches(), "the sha is not a full commit of 40 hex digits", "actions", name);
        }
        for (String name : file.keys("orbs")) {
            require(file, ORB_VERSION.matcher(file.text("orbs", name)).matches(), "an orb's version is x.y.z", "orbs", name);
        }
        for (String name : file.keys("tools")) {
            require(file, VERSION.matcher(file.text("tools", name, "version")).matches(), "the tool has no version", "tools", name);
        }
    }

    private static void require(Document file, boolean holds, String reason, String... path) {
        if (!holds) {
            throw broken(file.file(), file.line(path), path[1] + ": " + reason);
        }
    }

    private static Failure broken(String file, int line, String reason) {
        return Failure.cannotProceed("broken pins: " + file + (line > 0 ? ":" + line : "") + ": " + reason, "compare it with data/pins.yaml");
    }
}
