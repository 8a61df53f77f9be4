package lib.write;

//DEPS com.fasterxml.jackson.core:jackson-databind:2.23.0

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import lib.cli.Failure;
import lib.scan.Finding.Evidence;
import lib.scan.Finding;

/**
 * What earlier runs wrote below a folder, with which settings and because of which facts: what tells a hand edit from an old
 * rendering, and what a three-way merge starts from. Knows the manifest's format; decides nothing.
 *
 * <p>The generated text itself is kept in the manifest, packed. Copies beside it ({@code .pipeline/base/.gitlab-ci.yml}) would show
 * every change twice in a review, and other tools take such copies for the real thing: update bots bump the versions in them,
 * scanners and {@code terraform fmt -recursive} judge them. In one file, hash and base can't fall apart either when a run is killed.
 *
 * @param files by path
 * @param origin what the file held from which this was read
 */
public record Manifest(
        Kind kind, String tool, SortedMap<String, String> settings, SortedMap<String, Fact> facts, SortedMap<String, Entry> files, Origin origin) {
    /** Of lines, as Prettier counts. */
    private static final int WIDTH = 80;
    private static final int MAX_BYTES = 20 * 1024 * 1024;
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    /** A tool's own manifest. @param schema id with a version that grows when old readers would misread */
    public record Kind(String path, String schema, String about) {}

    public static final Kind PIPELINE = new Kind(".pipeline/manifest.json", "pipeline-manifest/1",
            "Written by pipeline_generator. Commit it: it lets the next run tell your edits from its own text and keep them.");

    public static final Kind SCAFFOLD = new Kind(".scaffold/manifest.json", "scaffold-manifest/1",
            "Written by terraform_scaffolder. Commit it: it lets the next run tell your edits from its own text and keep them.");

    /** @param place {@code package.json:5}, or empty; a fact that only moved has not changed */
    public record Fact(String value, String place) {
        public static Fact of(String value, Evidence evidence) {
            return new Fact(value, evidence.place());
        }
    }

    /**
     * One generated file.
     *
     * @param groups what it was generated for, such as platforms: a run for others leaves it alone
     * @param sha256 of the text as generated, which after a merge is not what stands in the file
     * @param packed that text
     */
    public record Entry(String path, Set<String> groups, String sha256, String packed) {
        static Entry of(String path, Set<String> groups, String text) {
            return new Entry(path, groups, Manifest.sha256(PlannedWrite.utf8(text)), pack(text));
        }

        /** The text as it was generated, or null where the manifest was tampered with. */
        String base() {
            String text = unpack(packed);
            return text != null && Manifest.sha256(PlannedWrite.utf8(text)).equals(sha256) ? text : null;
        }
    }

    /**
     * @param raw what is there, or null
     * @param pending manifests of killed runs that may have replaced some files but never came to replace the manifest
     */
    public record Origin(byte[] raw, List<Manifest> pending, List<Finding> findings) {}

    /** What this manifest was generated for. */
    public Set<String> groups() {
        Set<String> groups = new TreeSet<>();
        files.values().forEach(entry -> groups.addAll(entry.groups()));
        return groups;
    }

    /** Whether there is one that could be read. */
    public boolean isPresent() {
        return origin.raw() != null && origin.findings().isEmpty();
    }

    /**
     * Reads the manifest below a folder. One that is broken (a merge by git may leave conflict marks) counts as none and is a
     * finding: without a manifest nothing is overwritten that differs.
     *
     * @throws Failure when it can't be read, or is of a newer version of the tool
     */
    public static Manifest read(Path root, Kind kind) {
        OutputFolder folder = new OutputFolder(root);
        try {
            byte[] raw = folder.read(kind.path());
            List<Manifest> pending = new ArrayList<>();
            for (Path leftover : OutputFolder.leftovers(Set.of(folder.locate(kind.path())))) {
                parsePending(kind, leftover, pending);
            }
            Origin origin = new Origin(raw, List.copyOf(pending), List.of());
            return raw == null ? none(kind, origin) : parse(kind, origin);
        } catch (OutputFolder.Blocked e) {
            throw Failure.cannotProceed("the manifest " + kind.path() + " " + e.getMessage(), "free that path, or write elsewhere with --output DIR");
        }
    }

    private static Manifest none(Kind kind, Origin origin) {
        return new Manifest(kind, "", new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), origin);
    }

    private static void parsePending(Kind kind, Path leftover, List<Manifest> pending) {
        try {
            Manifest manifest = parse(kind, new Origin(Files.readAllBytes(leftover), List.of(), List.of()));
            if (manifest.origin().findings().isEmpty()) {
                pending.add(manifest);
            }
        } catch (IOException | Failure e) {
            return; // half written: then no file was replaced yet
        }
    }

    private static Manifest parse(Kind kind, Origin origin) {
        int line = 0;
        String reason;
        try {
            JsonNode json = origin.raw().length > MAX_BYTES ? null : JSON.readTree(origin.raw());
            if (json != null && json.isObject()) {
                return parse(kind, origin, json);
            }
            reason = json == null ? "is too large" : "is no JSON object";
        } catch (JsonProcessingException e) {
            line = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNr());
            reason = e.getOriginalMessage();
        } catch (IOException | IllegalArgumentException e) {
            reason = e.getMessage();
        }
        Finding finding = Finding.warning("manifest-unreadable", "the manifest can't be read, so this run goes on without it: " + reason,
                "take either side of a merge, or remove it, and run again", new Evidence(kind.path(), line, "manifest"));
        return none(kind, new Origin(origin.raw(), origin.pending(), List.of(finding)));
    }

    private static Manifest parse(Kind kind, Origin origin, JsonNode json) {
        String schema = json.path("schema").asText();
        String family = kind.schema().substring(0, kind.schema().indexOf('/') + 1);
        if (schema.startsWith(family) && schema.substring(family.length()).matches("[0-9]{1,6}") && !schema.equals(kind.schema())) {
            throw Failure.cannotProceed("the manifest " + kind.path() + " has the schema " + schema + ", and this version of the tool knows "
                    + kind.schema(), "use the version that wrote it (" + json.path("tool").asText("unknown") + ") or a newer one");
        }
        check(schema.equals(kind.schema()), "its schema is not " + kind.schema());
        Manifest manifest = new Manifest(kind, json.path("tool").asText(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), origin);
        json.path("settings").properties().forEach(e -> manifest.settings.put(e.getKey(), e.getValue().asText()));
        json.path("facts").properties().forEach(e -> manifest.facts.put(e.getKey(),
                new Fact(e.getValue().path(0).asText(), e.getValue().path(1).asText())));
        for (JsonNode file : json.path("files")) {
            String path = file.path("path").asText();
            check(OutputFolder.isPlain(path), "a path in it is not a plain relative one");
            check(file.path("sha256").asText().matches("[0-9a-f]{64}"), "no sha256 for " + path);
            Set<String> groups = new TreeSet<>();
            file.path("for").forEach(group -> groups.add(group.asText()));
            manifest.files.put(path, new Entry(path, groups, file.path("sha256").asText(), file.path("base").asText()));
        }
        return manifest;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** The file: sorted, a fact a line, the packed texts last in each entry, where a reader passes over them. */
    String json() {
        ObjectNode json = JSON.createObjectNode().put("schema", kind.schema()).put("about", kind.about()).put("tool", tool);
        ObjectNode set = json.putObject("settings");
        settings.forEach(set::put);
        ObjectNode known = json.putObject("facts");
        facts.forEach((name, fact) -> known.putArray(name).add(fact.value()).add(fact.place()));
        ArrayNode list = json.putArray("files");
        for (Entry entry : files.values()) {
            ObjectNode file = list.addObject().put("path", entry.path());
            ArrayNode groups = file.putArray("for");
            entry.groups().forEach(groups::add);
            file.put("sha256", entry.sha256()).put("base", entry.packed());
        }
        StringBuilder text = new StringBuilder();
        print(json, 0, 0, "", text);
        return text.append('\n').toString();
    }

    /**
     * As Prettier has it: a project whose checks include {@code prettier --check .} must not fail over a file of ours.
     *
     * @param column where the value begins; @param after what follows it on its last line
     */
    private static void print(JsonNode node, int indent, int column, String after, StringBuilder out) {
        String flat = node.isObject() ? "{}" : node.isArray() ? "[" + values(node) + "]" : node.toString();
        boolean isNested = node.isObject() || !node.isEmpty() && node.get(0).isContainerNode();
        if (!node.isContainerNode() || node.isEmpty() || !isNested && column + flat.length() + after.length() <= WIDTH) {
            out.append(flat);
            return;
        }
        String pad = " ".repeat(indent + 2);
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        out.append(node.isObject() ? "{" : "[");
        for (int i = 0; i < node.size(); i++) {
            String key = node.isObject() ? JSON.getNodeFactory().textNode(keys.get(i)) + ": " : "";
            String comma = i + 1 < node.size() ? "," : "";
            out.append('\n').append(pad).append(key);
            print(node.isObject() ? node.get(keys.get(i)) : node.get(i), indent + 2, indent + 2 + key.length(), comma, out);
            out.append(comma);
        }
        out.append('\n').append(" ".repeat(indent)).append(node.isObject() ? "}" : "]");
    }

    private static String values(JsonNode array) {
        List<String> values = new ArrayList<>();
        array.forEach(value -> values.add(value.toString()));
        return String.join(", ", values);
    }

    /** Whether writing the other one instead would tell a reader anything new; moved facts and another version alone do not. */
    boolean saysTheSameAs(Manifest other) {
        return settings.equals(other.settings) && values().equals(other.values()) && files.keySet().equals(other.files.keySet())
                && files.values().stream().allMatch(e -> e.sha256().equals(other.files.get(e.path()).sha256())
                        && e.groups().equals(other.files.get(e.path()).groups()) && other.files.get(e.path()).base() != null);
    }

    private SortedMap<String, String> values() {
        SortedMap<String, String> values = new TreeMap<>();
        facts.forEach((name, fact) -> values.put(name, fact.value()));
        return values;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    // zlib without gzip's header, whose bytes differ between versions of Java.
    private static String pack(String text) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        try {
            byte[] input = PlannedWrite.utf8(text);
            deflater.setInput(input);
            deflater.finish();
            byte[] packed = new byte[input.length + 64 + input.length / 100];
            return Base64.getEncoder().encodeToString(Arrays.copyOf(packed, deflater.deflate(packed)));
        } finally {
            deflater.end();
        }
    }

    /** Null where it is no packed text, or more than any text of ours would be. */
    private static String unpack(String packed) {
        Inflater inflater = new Inflater();
        try {
            byte[] input = Base64.getDecoder().decode(packed);
            inflater.setInput(input);
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            byte[] part = new byte[8192];
            while (!inflater.finished() && text.size() < MAX_BYTES) {
                int length = inflater.inflate(part);
                if (length == 0 && !inflater.finished()) {
                    return null;
                }
                text.write(part, 0, length);
            }
            return inflater.finished() ? text.toString(StandardCharsets.UTF_8) : null;
        } catch (DataFormatException | IllegalArgumentException e) {
            return null;
        } finally {
            inflater.end();
        }
    }
}
