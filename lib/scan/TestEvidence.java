package lib.scan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Finding.Evidence;

/**
 * What the tests of one component, and the configuration they run with, say about services.
 *
 * <p>Files are read only when somebody asks, and not more than {@link #MAX_FILES} of them.
 */
final class TestEvidence {
    private static final int MAX_FILES = 300;
    private static final int MAX_CHARACTERS = 200_000;
    private static final Set<String> CODE = Set.of("py", "js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx", "go", "java", "kt", "kts", "rb", "php", "ex", "exs", "rs", "cs", "fs", "scala", "clj",
            "groovy", "hs", "yml", "yaml", "properties", "conf", "xml", "dist", "ini", "cfg", "env", "sh", "test", "testing", "ci");
    private static final Set<String> TEST_FOLDERS = Set.of("test", "tests", "spec", "specs", "__tests__", "e2e", "it", "integration-tests", "integration_tests", "integrationtests",
            "integration-test", "testing", "testlib");
    private static final Pattern TEST_NAME = Pattern.compile("test_.*|.*[._-](test|tests|testing|spec|it)|conftest|.*(Tests?|Spec|IT|TestBase|TestCase)");
    /** Configuration with which a framework runs the tests, whether or not it is kept among them. */
    private static final Pattern CONFIGURATION = Pattern.compile("(.*/)?(settings[^/]*\\.py|settings/[^/]+\\.py|configuration_[^/]*\\.py|config/(test|database)\\.(exs|yml)|application(-test|-it|-integration|-ci)?\\.(properties|ya?ml)|"
            + "conftest\\.py|phpunit\\.xml(\\.dist)?|\\.env\\.(test|testing|ci)|config/packages/(test/)?doctrine\\.ya?ml)");
    private static final Pattern SQLITE = Pattern.compile("sqlite(\\+\\w+)?:|:memory:|backends\\.sqlite3|adapter:\\s*[\"']?sqlite3|jdbc:(h2|hsqldb|sqlite)|\"sqlite\"|'sqlite'");
    /** A file that fakes things proves nothing about the real ones. */
    private static final Pattern FAKES = Pattern.compile("\\b(unittest\\.mock|import mock|mocker|MagicMock|sinon|jest\\.(fn|mock)|vi\\.(fn|mock)|gomock|Mockito|webmock)\\b");
    private static final List<String> MAPPERS = List.of("@prisma/client", "typeorm", "knex", "sequelize", "drizzle-orm", "@mikro-orm/core", "kysely", "objection");
    private static final Map<String, Pattern> ADAPTERS = Map.of("postgres", Pattern.compile("adapter:.*\\b(postgresql|postgis)\\b"), "mysql", Pattern.compile("adapter:.*\\b(mysql2|trilogy)\\b"));
    /** What only the manifest of a library for many databases tells: the driver is a feature, no dependency. */
    private static final Map<String, Pattern> DECLARED = Map.of(
            "postgres", Pattern.compile("(?m)^(sqlx|diesel|diesel-async|sea-orm)\\b.*\"(postgres|runtime-.*-postgres|sqlx-postgres)\"|provider\\s*=\\s*\"postgresql\""),
            "mysql", Pattern.compile("(?m)^(sqlx|diesel|diesel-async|sea-orm)\\b.*\"(mysql|sqlx-mysql)\"|provider\\s*=\\s*\"mysql\""),
            "mongo", Pattern.compile("provider\\s*=\\s*\"mongodb\""));

    /** How many files of tests are read for the whole project: what shows in none of the first thousands is not looked for in the rest. */
    static final class Budget {
        private int files = 3_000;

        private List<String> of(List<String> wanted) {
            List<String> granted = wanted.subList(0, Math.min(files, wanted.size()));
            files -= granted.size();
            return granted;
        }
    }

    private final Project project;
    private final Component component;
    private final NavigableSet<String> nested;
    private final Budget budget;
    private final Map<String, Optional<Evidence>> mentions = new HashMap<>();
    private List<String> tests;
    private List<String> configurations;

    /** @param nested folders below the component whose tests are another's */
    TestEvidence(Project project, Component component, NavigableSet<String> nested, Budget budget) {
        this.project = project;
        this.component = component;
        this.nested = nested;
        this.budget = budget;
    }

    /** Does a manifest name the service by a feature or a provider? */
    boolean declares(ServiceCatalog.Kind kind) {
        Pattern pattern = DECLARED.get(kind.name());
        if (pattern == null) {
            return false;
        }
        List<String> manifests = new ArrayList<>(List.of(Project.join(component.path(), "Cargo.toml"), Project.join(component.path(), "prisma/schema.prisma"),
                Project.join(component.path(), "schema.prisma")));
        return manifests.stream().anyMatch(f -> pattern.matcher(project.text(f).orElse("")).find());
    }

    /** Does the configuration that the framework gives the tests lead to the service? */
    Optional<Evidence> configured(ServiceCatalog.Kind kind) {
        Optional<Evidence> ecto = component.ecosystem().equals("elixir") && kind.isSql() ? configurations().stream()
                .filter(f -> f.endsWith("config/test.exs") && project.text(f).orElse("").contains("Repo")).findFirst().map(f -> Evidence.of(f, "test-configuration")) : Optional.empty();
        return ecto.or(() -> configurations().stream().filter(f -> !Project.nameOf(f).equals("conftest.py")).map(f -> mention(f, kind, "test-configuration")
                .or(() -> ADAPTERS.containsKey(kind.name()) ? at(f, ADAPTERS.get(kind.name()), "test-configuration") : Optional.empty())).flatMap(Optional::stream).findFirst());
    }

    /** The first place in the tests where the service is talked to. */
    Optional<Evidence> mentioned(ServiceCatalog.Kind kind) {
        return mentions.computeIfAbsent(kind.name(), n -> tests().stream().map(f -> mention(f, kind, "tests")).flatMap(Optional::stream)
                .filter(e -> !FAKES.matcher(text(e.file())).find()).findFirst());
    }

    /** Do the tests talk to it, read a variable that leads to it, or load a library that does, be it the one that they test? */
    boolean touches(ServiceCatalog.Kind kind) {
        if (mentioned(kind).isPresent() || variables().stream().anyMatch(n -> ServiceVariables.leadsTo(new ServiceVariables.Variable(n, "", null), kind, true))) {
            return true;
        }
        List<String> libraries = new ArrayList<>(kind.clients());
        libraries.addAll(kind.isSql() ? MAPPERS : List.of());
        String itself = kind.clients().contains(component.name()) ? "|(\\.\\.?/)*\\.\\.?" : "";
        Pattern loaded = Pattern.compile("(?:from|require\\(|import)\\s*\\(?[\"'](" + String.join("|", libraries.stream().map(Pattern::quote).toList()) + itself + ")(/[^\"']*)?[\"']");
        return tests().stream().anyMatch(f -> !FAKES.matcher(text(f)).find() && loaded.matcher(text(f)).find());
    }

    /** Does the configuration that is for tests alone lead to it? */
    boolean configuredForTests(ServiceCatalog.Kind kind) {
        return configured(kind).filter(e -> Project.nameOf(e.file()).contains("test") || isTest(e.file())).isPresent();
    }

    /** A fake of the client library: {@code jest.mock("ioredis")}, {@code __mocks__/ioredis.js}. */
    Optional<String> mocked(ServiceCatalog.Kind kind) {
        if (!component.ecosystem().equals("node")) {
            return Optional.empty();
        }
        Pattern mock = Pattern.compile("\\b(?:jest|vi)\\.mock\\(\\s*[\"'](" + String.join("|", kind.clients().stream().map(Pattern::quote).toList()) + ")[\"']");
        return tests().stream().filter(f -> mock.matcher(text(f)).find()).findFirst().map(f -> "the mock in " + f);
    }

    /** Where the tests' own configuration uses a database in a file or in memory. */
    Optional<String> inMemory() {
        return configurations().stream().filter(f -> SQLITE.matcher(testPart(f)).find()).findFirst().map(f -> "the database in " + f);
    }

    /** Of Rails' database.yml only what the tests use counts. */
    private String testPart(String file) {
        String text = text(file);
        if (!Project.nameOf(file).equals("database.yml")) {
            return text;
        }
        Matcher test = Pattern.compile("(?ms)^test:.*?(?=^\\w|\\z)").matcher(text);
        String part = test.find() ? test.group() : "";
        Matcher shared = Pattern.compile("(?ms)^default:.*?(?=^\\w|\\z)").matcher(text);
        return part.contains("adapter:") ? part : part.isEmpty() ? text : part + (shared.find() ? shared.group() : "");
    }

    /** The parts of the configuration in which an account is written in plain text. */
    String configuration() {
        StringBuilder parts = new StringBuilder();
        List<String> files = configurations().stream().sorted(java.util.Comparator.comparing(f -> isTest(f) || f.contains("test") ? 0 : 1)).toList();
        for (String file : files) {
            if (Project.nameOf(file).equals("database.yml")) {
                testPart(file).lines().filter(l -> l.matches("\\s*(username|password|database):\\s*[\\w.-]+\\s*"))
                        .forEach(l -> parts.append(l.replaceFirst(":\\s*([\\w.-]+)\\s*$", ": \"$1\"")).append('\n'));
            }
            Matcher part = Pattern.compile("(?s)(DATABASES\\s*=|\\b\\w*Repo\\w*,).{0,700}").matcher(text(file));
            while (part.find()) {
                parts.append(part.group()).append('\n');
            }
        }
        return parts.toString();
    }

    /** Names of environment variables that the tests and their configuration read. */
    Set<String> variables() {
        Set<String> names = new LinkedHashSet<>();
        configurations().forEach(f -> names.addAll(ServiceVariables.readBy(text(f))));
        tests().forEach(f -> names.addAll(ServiceVariables.readBy(text(f))));
        return names;
    }

    private List<String> tests() {
        if (tests == null) {
            tests = budget.of(files(TestEvidence::isTest));
        }
        return tests;
    }

    private List<String> configurations() {
        if (configurations == null) {
            configurations = files(f -> CONFIGURATION.matcher(f).matches());
        }
        return configurations;
    }

    private List<String> files(Predicate<String> wanted) {
        int prefix = component.path().equals(".") ? 0 : component.path().length() + 1;
        List<String> found = new ArrayList<>();
        for (String file : project.under(component.path())) {
            if (!file.startsWith(".") && CODE.contains(file.substring(file.lastIndexOf('.') + 1)) && wanted.test(file.substring(prefix))
                    && !file.contains("fixtures/") && !file.contains("testdata/") && !isNested(file)) {
                found.add(file);
                if (found.size() == MAX_FILES) {
                    break;
                }
            }
        }
        return found;
    }

    private static boolean isTest(String file) {
        int from = 0;
        for (int slash = file.indexOf('/'); slash >= 0; slash = file.indexOf('/', from)) {
            if (TEST_FOLDERS.contains(file.substring(from, slash).toLowerCase(java.util.Locale.ROOT))) {
                return true;
            }
            from = slash + 1;
        }
        int dot = file.lastIndexOf('.');
        return TEST_NAME.matcher(file.substring(from, Math.max(from, dot))).matches();
    }

    private boolean isNested(String file) {
        for (String folder = Project.folderOf(file); folder.length() > component.path().length(); folder = Project.folderOf(folder)) {
            if (nested.contains(folder)) {
                return true;
            }
        }
        return false;
    }

    private Optional<Evidence> mention(String file, ServiceCatalog.Kind kind, String rule) {
        String text = text(file);
        int at = kind.mention(text);
        return at < 0 ? Optional.empty() : Optional.of(new Evidence(file, (int) text.substring(0, at).chars().filter(c -> c == '\n').count() + 1, rule));
    }

    private Optional<Evidence> at(String file, Pattern pattern, String rule) {
        String text = text(file);
        Matcher found = pattern.matcher(text);
        return found.find() ? Optional.of(new Evidence(file, (int) text.substring(0, found.start()).chars().filter(c -> c == '\n').count() + 1, rule)) : Optional.empty();
    }

    private String text(String file) {
        return project.text(file).filter(t -> t.length() < MAX_CHARACTERS).orElse("");
    }
}

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
        List<String> files = project.under(".", ".yml", ".yaml").stream().filter(f -> FILE.matcher(Project.nameOf(f)).matches() && !ELSEWHERE.matcher(f).matches())
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
