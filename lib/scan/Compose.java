package lib.scan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One service of a compose file, with its variables put in.
 *
 * @param image without tag and registry digest; empty where it is built
 * @param tag or empty
 * @param ports host ports that it publishes
 * @param environment what its container gets
 * @param forTests the file lies among the tests, or says in its name that it is for them
 */
record Compose(String file, int line, String name, String image, String tag, List<Integer> ports, Map<String, String> environment, boolean forTests) {
    private static final Pattern FILE = Pattern.compile("(docker-)?compose([._-][\\w.-]+)?\\.ya?ml|[\\w.-]+[._-]compose\\.ya?ml");
    private static final Pattern FOR_TESTS = Pattern.compile("(?i)(^|.*/)(tests?|specs?|__tests__|e2e|ci|it|integration(-|_)?tests?|testing)/.*|.*[._-](test|tests|testing|ci|e2e|integration)\\.ya?ml");
    private static final Pattern ELSEWHERE = Pattern.compile("(?i)(^|.*/)(examples?|samples?|demos?|docs?|fixtures|testdata|templates?|node_modules|vendor|third_party)/.*");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_]\\w*)(?::?[-=]([^}]*))?(?::?[?+][^}]*)?}|\\$([A-Za-z_]\\w*)");
    private static final Pattern PORT = Pattern.compile("(?:[\\d.]+:)?(\\d+):\\d+(?:/\\w+)?");

    /** Those of test files first, those of development containers last: the first one that has a service says its image. */
    static List<Compose> in(Project project) {
        List<String> files = project.files().stream().filter(f -> f.contains("compose") && FILE.matcher(Project.nameOf(f)).matches() && !ELSEWHERE.matcher(f).matches())
                .sorted(Comparator.comparing((String f) -> FOR_TESTS.matcher(f).matches() ? 0 : f.startsWith(".") ? 2 : 1)
                        .thenComparing(f -> f.split("/").length).thenComparing(String::length).thenComparing(Comparator.naturalOrder())).toList();
        List<Compose> found = new ArrayList<>();
        for (String file : files) {
            project.yamlAll(file).stream().limit(1).filter(d -> d.root().isObject()).forEach(d -> found.addAll(services(project, d)));
        }
        return found;
    }

    private static List<Compose> services(Project project, Document d) {
        String folder = Project.folderOf(d.file());
        Map<String, String> known = new LinkedHashMap<>();
        for (String name : List.of(".env", ".env.example", ".env.sample", ".env.dist")) {
            ServiceVariables.file(project, Project.join(folder, name)).forEach(v -> known.putIfAbsent(v.name(), v.value()));
        }
        List<Compose> found = new ArrayList<>();
        for (String name : d.keys("services")) {
            String image = substitute(d.text("services", name, "image"), known).replaceFirst("@sha256:.*$", "");
            int colon = image.indexOf(':', image.lastIndexOf('/') + 1);
            List<Integer> ports = new ArrayList<>();
            for (String port : d.texts("services", name, "ports")) {
                Matcher published = PORT.matcher(substitute(port, known));
                if (published.matches() && published.group(1).length() < 6) {
                    ports.add(Integer.parseInt(published.group(1)));
                }
            }
            found.add(new Compose(d.file(), d.line("services", name), name, colon < 0 ? image : image.substring(0, colon), colon < 0 ? "" : image.substring(colon + 1),
                    ports, environment(project, d, name, known), FOR_TESTS.matcher(d.file()).matches()));
        }
        return found;
    }

    private static Map<String, String> environment(Project project, Document d, String name, Map<String, String> known) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String file : d.texts("services", name, "env_file")) {
            Project.resolve(Project.folderOf(d.file()), file).ifPresent(f -> ServiceVariables.file(project, f).forEach(v -> environment.put(v.name(), v.value())));
        }
        for (String key : d.keys("services", name, "environment")) {
            environment.put(key, substitute(d.text("services", name, "environment", key), known));
        }
        if (d.at("services", name, "environment").isArray()) {
            for (String pair : d.texts("services", name, "environment")) {
                int cut = pair.indexOf('=');
                if (cut > 0) {
                    environment.put(pair.substring(0, cut), substitute(pair.substring(cut + 1), known));
                }
            }
        }
        return environment;
    }

    /** Compose's own defaults, else what a file of examples says, else nothing. */
    private static String substitute(String text, Map<String, String> known) {
        Matcher variable = VARIABLE.matcher(text);
        StringBuilder out = new StringBuilder();
        while (variable.find()) {
            String name = variable.group(1) == null ? variable.group(3) : variable.group(1);
            String value = variable.group(2) != null ? variable.group(2) : known.getOrDefault(name, "");
            variable.appendReplacement(out, Matcher.quoteReplacement(value));
        }
        variable.appendTail(out);
        return out.toString();
    }

    Evidence evidence() {
        return new Evidence(file, line, "compose");
    }

    /** The kind of service that it runs: by its image, else by an image that tells by half together with the usual port. */
    boolean runs(ServiceCatalog.Kind kind) {
        boolean byHalf = image.contains(kind.name()) && ports.contains(kind.port());
        return kind.isImage(image) || byHalf && !image.matches(".*(exporter|admin|commander|ui|insight|express|web|gui|backup|operator).*");
    }
}
