package lib.plan;

//FILES data/pins.yaml=../../data/pins.yaml

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final List<String> SECTIONS = List.of("actions", "orbs", "tools");
    private static final Pattern SHA = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern SHA256 = Pattern.compile("([0-9a-f]{64})?");
    private static final Pattern ACTION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+");
    private static final Pattern ORB = Pattern.compile("[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*");
    private static final Pattern TOOL = Pattern.compile("[a-z0-9][a-z0-9-]*");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]*");
    private static final Pattern NUMBER = Pattern.compile("\\d[A-Za-z0-9._+-]*");
    private static final Pattern EXACT = Pattern.compile("\\d+\\.\\d+\\.\\d+");
    private static final Pattern IMAGE = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._/:-]*:(?!latest\\b)[A-Za-z0-9_][A-Za-z0-9._-]*(@sha256:[0-9a-f]{64})?)?");
    private static final Pattern URL = Pattern.compile("(https://[A-Za-z0-9._~/{}+-]+)?");

    private final Entries shipped = Entries.shipped("data/pins.yaml");
    /** The user's file, or null. */
    private final Document own;

    private Pins(Document own) {
        this.own = own;
    }

    /** An action at a commit. {@code path} is what {@code uses:} names before the {@code @}. */
    public record Pin(String path, String version, String sha) {
        public String uses() {
            return path + "@" + sha;
        }
    }

    /**
     * A tool at a version, and the ways to have it.
     *
     * @param version without a v
     * @param image docker image with the tool and a shell, or empty
     * @param url of its release for Linux on x86-64, or empty
     * @param sha256 of what is at the url, or empty
     * @param packages name of its package by installer: {@code pipx}, {@code go}, {@code cargo}
     */
    public record ToolPin(String name, String version, String image, String url, String sha256, Map<String, String> packages) {}

    public static Pins shipped() {
        return new Pins(null);
    }

    /**
     * The user's pins; what their file doesn't name is taken from the shipped one.
     *
     * @param shownAs the file as the user wrote it
     */
    public static Pins of(Path file, String shownAs) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            String reason = Files.notExists(file) ? "no such file" : Files.isDirectory(file) ? "it is a folder" : "it is not a readable text file";
            throw Failure.cannotProceed("cannot read the pins in " + shownAs + ": " + reason, "give a file of the shape of data/pins.yaml");
        }
        try {
            Document document = Document.ofYaml(shownAs, text);
            check(document, text);
            return new Pins(document);
        } catch (Document.Broken e) {
            throw broken(shownAs, e.line, e.getMessage());
        }
    }

    /** The day of the file in use: the user's, where there is one. */
    public LocalDate asOf() {
        return LocalDate.parse(own == null ? shipped.text("asOf") : own.text("asOf"));
    }

    /** The pin of {@code owner/name} or of an action in a folder of that repository, {@code owner/name/folder}. */
    public Optional<Pin> action(String path) {
        String[] parts = path.split("/");
        String repository = parts.length < 2 ? path : parts[0] + "/" + parts[1];
        // GitHub doesn't tell Azure/login from azure/login; a user's pin must not be passed over for a capital.
        String listed = names("actions").stream().filter(repository::equalsIgnoreCase).reduce((ours, users) -> users).orElse(repository);
        return find("actions", listed).map(node -> new Pin(path, node.path("version").asText(), node.path("sha").asText()));
    }

    /** The version of {@code circleci/node}. */
    public Optional<String> orb(String name) {
        return find("orbs", name).map(JsonNode::asText);
    }

    public Optional<ToolPin> tool(String name) {
        return find("tools", name).map(node -> {
            String version = node.path("version").asText();
            Map<String, String> packages = new LinkedHashMap<>();
            for (String installer : List.of("pipx", "go", "cargo")) {
                if (node.has(installer)) {
                    packages.put(installer, node.path(installer).asText());
                }
            }
            String url = node.path("url").asText("").replace("{version}", version);
            return new ToolPin(name, version, node.path("image").asText(""), url, node.path("sha256").asText(""), packages);
        });
    }

    /** All names of {@code actions}, {@code orbs} or {@code tools}; the user's last. */
    public List<String> names(String section) {
        List<String> names = new ArrayList<>(shipped.names(section));
        if (own != null) {
            own.keys(section).stream().filter(name -> !names.contains(name)).forEach(names::add);
        }
        return names;
    }

    private Optional<JsonNode> find(String section, String name) {
        return own != null && own.has(section, name) ? Optional.of(own.at(section, name)) : shipped.find(section, name);
    }

    /** A pin that is not one is worse than none: nobody looks at it again. */
    private static void check(Document file, String text) {
        require(file, file.root().isObject(), "it is not a map of asOf, actions, orbs and tools");
        try {
            LocalDate.parse(file.text("asOf"));
        } catch (DateTimeParseException e) {
            throw broken(file.file(), file.line("asOf"), "asOf is not a day such as 2026-08-22");
        }
        for (String key : file.keys()) {
            require(file, key.equals("asOf") || SECTIONS.contains(key), key + ": only asOf, actions, orbs and tools are known", key);
            require(file, key.equals("asOf") || file.at(key).isObject() || file.at(key).isNull(), key + " is not a map", key);
        }
        for (String name : file.keys("actions")) {
            require(file, ACTION.matcher(name).matches(), name + ": an action is named owner/repository", "actions", name);
            require(file, SHA.matcher(file.text("actions", name, "sha")).matches(), name + ": sha is not a full commit of 40 hex digits", "actions", name);
            require(file, VERSION.matcher(file.text("actions", name, "version")).matches(), name + ": version is missing or is no tag", "actions", name);
        }
        for (String name : file.keys("orbs")) {
            require(file, ORB.matcher(name).matches(), name + ": an orb is named namespace/orb", "orbs", name);
            require(file, EXACT.matcher(file.text("orbs", name)).matches(), name + ": an orb's version is x.y.z", "orbs", name);
        }
        for (String name : file.keys("tools")) {
            checkTool(file, name);
        }
        once(file, text);
    }

    private static void checkTool(Document file, String name) {
        require(file, TOOL.matcher(name).matches(), name + ": a tool is named in lower case", "tools", name);
        require(file, NUMBER.matcher(file.text("tools", name, "version")).matches(), name + ": version is missing, or not like 1.2.3", "tools", name);
        require(file, IMAGE.matcher(file.text("tools", name, "image")).matches(), name + ": image has no tag, or the tag latest", "tools", name);
        require(file, URL.matcher(file.text("tools", name, "url")).matches(), name + ": url is not an https address", "tools", name);
        require(file, SHA256.matcher(file.text("tools", name, "sha256")).matches(), name + ": sha256 is not 64 hex digits", "tools", name);
        require(file, file.text("tools", name, "url").isEmpty() || file.has("tools", name, "sha256"), name + ": a url needs a sha256", "tools", name);
    }

    /** The parser lets the last of two equal keys win, which would hide one of the pins. */
    private static void once(Document file, String text) {
        Map<String, Integer> seen = new LinkedHashMap<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            String key = line.strip().replaceFirst("^[\"']", "").replaceFirst("[\"']?\\s*:(\\s.*)?$", "");
            boolean name = key.contains("/") && (file.has("actions", key) || file.has("orbs", key));
            if (name && seen.putIfAbsent(key, number) != null) {
                throw broken(file.file(), number, key + " is named twice; first in line " + seen.get(key));
            }
        }
    }

    private static void require(Document file, boolean holds, String reason, String... path) {
        if (!holds) {
            throw broken(file.file(), file.line(path), reason);
        }
    }

    private static Failure broken(String file, int line, String reason) {
        return Failure.cannotProceed("broken pins in " + file + (line > 0 ? ":" + line : "") + ": " + reason, "compare it with data/pins.yaml");
    }
}
