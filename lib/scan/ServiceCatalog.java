package lib.scan;

//FILES data/=../../data/services.yaml

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code data/services.yaml} says. Knows no project. */
record ServiceCatalog(List<String> containers, List<String> sqlite, List<Kind> kinds) {

    /** One service; the file explains the fields. */
    record Kind(String name, List<String> images, int port, boolean isSql, List<String> clients, List<String> embedded, List<String> words, Pattern mentions, Pattern variables,
            List<String> schemes, String scheme, Map<String, String> roles, Map<String, String> defaults, Map<String, String> settings) {

        /** Of a repository such as {@code docker.io/library/postgres} the last part. */
        boolean isImage(String repository) {
            return images.contains(Project.nameOf(repository).toLowerCase(java.util.Locale.ROOT));
        }

        /** Where the service is mentioned in the text, or -1. Most texts have none of its words, which is quickly told. */
        int mention(String text) {
            if (words.stream().noneMatch(text::contains)) {
                return -1;
            }
            Matcher found = mentions.matcher(text);
            return found.find() ? found.start() : -1;
        }

        boolean hasScheme(String url) {
            String scheme = url.replaceFirst("://.*$", "").replaceFirst("\\+.*$", "");
            return url.contains("://") && schemes.contains(scheme);
        }
    }

    private static final Pattern END = Pattern.compile("[\\[ <>=~!;].*$");
    private static ServiceCatalog loaded;

    static synchronized ServiceCatalog load() {
        if (loaded == null) {
            try (InputStream in = ServiceCatalog.class.getResourceAsStream("/data/services.yaml")) {
                loaded = parse(Parsers.YamlReader.parseAll("services.yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8)).get(0));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Parsers.Malformed e) {
                throw new IllegalStateException("data/services.yaml: " + e.getMessage(), e);
            }
        }
        return loaded;
    }

    private static ServiceCatalog parse(Document file) {
        List<Kind> kinds = new ArrayList<>();
        for (String name : file.keys("services")) {
            kinds.add(new Kind(name, file.texts("services", name, "images"), Integer.parseInt(file.text("services", name, "port")),
                    file.at("services", name, "sql").asBoolean(), file.texts("services", name, "clients"), file.texts("services", name, "embedded"), file.texts("services", name, "words"),
                    Pattern.compile(file.text("services", name, "mentions"), Pattern.MULTILINE), Pattern.compile(file.text("services", name, "variables")),
                    file.texts("services", name, "schemes"), file.text("services", name, "scheme"), map(file, name, "roles"), map(file, name, "defaults"),
                    map(file, name, "settings")));
        }
        return new ServiceCatalog(file.texts("containers"), file.texts("sqlite"), List.copyOf(kinds));
    }

    private static Map<String, String> map(Document file, String name, String key) {
        Map<String, String> map = new LinkedHashMap<>();
        file.keys("services", name, key).forEach(k -> map.put(k, file.text("services", name, key, k)));
        return map;
    }

    /** The dependency that one of the names stands for: as it is, with extras or a version behind it, or below a module path; {@code *} ends a prefix. */
    static Optional<String> find(Map<String, String> dependencies, List<String> names) {
        for (String name : names) {
            if (dependencies.containsKey(name)) {
                return Optional.of(dependencies.get(name));
            }
            String prefix = name.endsWith("*") ? name.substring(0, name.length() - 1) : name.contains("/") && name.contains(".") ? name + "/" : "";
            if (!prefix.isEmpty()) {
                Optional<String> found = dependencies.keySet().stream().filter(d -> d.startsWith(prefix)).findFirst().map(dependencies::get);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /** Names without extras and versions, with what they were. */
    static Map<String, String> plain(Iterable<String> dependencies) {
        Map<String, String> plain = new LinkedHashMap<>();
        for (String dependency : dependencies) {
            plain.putIfAbsent(END.matcher(dependency).replaceFirst(""), dependency);
        }
        return plain;
    }
}
