package lib.scan;

//FILES data/=../../data/services.yaml

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Service;
import lib.scan.Finding.Evidence;

/**
 * Decides which services the tests of a component talk to.
 *
 * <p>A client library alone is no proof: compose, the tests' own configuration or the tests must say so too. Containers that tests start
 * themselves, fakes, and databases in memory take a service's place. Who runs no tests needs no services.
 */
final class Services {
    /** Where unit tests with fakes are the custom, a client and compose are no proof until the tests themselves say more. */
    private static final Set<String> DOUBTED = Set.of("node", "deno", "go", "rust");
    /** Folders that serve the whole project: what is composed there is as if it lay at the root. */
    private static final Pattern OPERATIONS = Pattern.compile("(\\.[\\w-]+|docker|deploy(ments?)?|ops|dev|scripts|build)(/.*)?");
    private static final Set<String> WITHOUT = Set.of("terraform", "helm", "docker", "mkdocs", "hugo", "antora");
    private static final Pattern PUBLIC_REGISTRY = Pattern.compile("(docker\\.io|ghcr\\.io|quay\\.io|mcr\\.microsoft\\.com|public\\.ecr\\.aws|docker\\.elastic\\.co)/.*");
    private static final Map<String, String> DRIVERS = Map.of("pgsql", "postgres", "postgres", "postgres", "postgresql", "postgres", "mysql", "mysql", "mariadb", "mariadb");

    private final Project project;
    private final List<Component> components;
    private static final Pattern OF_MINIO = Pattern.compile("minio/(minio|mc)");
    private final List<Compose> compose;
    private final Map<String, List<Compose>> near = new HashMap<>();
    private final NavigableSet<String> withTests = new TreeSet<>();
    private final ServiceCatalog catalog = ServiceCatalog.load();
    private final TestEvidence.Budget budget = new TestEvidence.Budget();

    private Services(Project project, List<Component> components) {
        this.project = project;
        this.components = components;
        this.compose = Compose.in(project);
        compose.forEach(c -> reportGone(project, c));
        components.stream().filter(c -> !c.proven(CommandKind.TEST).isEmpty()).forEach(c -> withTests.add(c.path()));
    }

    /** The components with their services, and the variables by which their tests find them. */
    static List<Component> attach(Project project, List<Component> components) {
        Services services = new Services(project, components);
        List<Component> attached = components.stream().map(services::with).toList();
        return new ArrayList<>(attached.stream().map(c -> withThoseOfMembers(c, attached)).toList());
    }

    /** The test command of a workspace's root may run its members' tests. */
    private static Component withThoseOfMembers(Component root, List<Component> all) {
        if (root.workspace() == null || root.isWorkspaceMember() || root.proven(CommandKind.TEST).isEmpty()) {
            return root;
        }
        Component.Builder b = root.but();
        Set<String> names = new LinkedHashSet<>(root.services().stream().map(Service::name).toList());
        for (Component member : all) {
            if (member.isWorkspaceMember() && member.workspace().root().equals(root.path()) && member.ecosystem().equals(root.ecosystem())) {
                member.services().stream().filter(s -> names.add(s.name())).forEach(b::service);
                if (!member.services().isEmpty()) {
                    member.environment().forEach(b::environment);
                }
            }
        }
        return b.build();
    }

    private Component with(Component c) {
        if (c.proven(CommandKind.TEST).isEmpty() || WITHOUT.contains(c.ecosystem())) {
            return c;
        }
        List<Component> tested = tested(c);
        Set<String> names = new LinkedHashSet<>();
        tested.forEach(m -> names.addAll(m.dependencies().keySet()));
        tested.forEach(m -> names.add(m.name()));
        Map<String, String> dependencies = ServiceCatalog.plain(names);
        Variables variables = new Variables(c);
        TestEvidence tests = new TestEvidence(project, c, nested(c), budget);
        Map<ServiceCatalog.Kind, Evidence> needed = new LinkedHashMap<>();
        for (ServiceCatalog.Kind kind : catalog.kinds()) {
            proof(c, kind, dependencies, variables, tests).filter(e -> !isReplaced(c, kind, dependencies, variables, tests, e)).ifPresent(e -> needed.put(kind, e));
        }
        Component.Builder b = c.but();
        needed.forEach((kind, evidence) -> add(b, c, kind, evidence, variables, tests, needed.keySet()));
        return b.build();
    }

    /** What the component's files give a value; read when the first one asks. */
    private final class Variables {
        private final Component component;
        private List<ServiceVariables.Variable> all;

        Variables(Component component) {
            this.component = component;
        }

        List<ServiceVariables.Variable> all() {
            all = all == null ? ServiceVariables.of(project, component.path(), near(component)) : all;
            return all;
        }
    }

    /** Whose tests the component's test command runs: its own and, of a workspace that is one unit, its members'. */
    private List<Component> tested(Component c) {
        if (c.workspace() == null || !c.workspace().root().equals(c.path())) {
            return List.of(c);
        }
        return components.stream().filter(m -> m == c || m.ecosystem().equals(c.ecosystem()) && m.workspace() != null && m.workspace().root().equals(c.path())).toList();
    }

    /** Folders of components inside this one that have tests of their own. */
    private NavigableSet<String> nested(Component c) {
        NavigableSet<String> inside = c.path().equals(".") ? new TreeSet<>(withTests) : withTests.subSet(c.path() + "/", true, c.path() + "0", false);
        inside.remove(".");
        return inside;
    }

    /** MinIO deleted its repositories on Docker Hub in September 2026; those on Quay are its own too, and nothing new comes there. */
    private static void reportGone(Project project, Compose service) {
        String repository = service.image().replaceFirst("^docker\\.io/", "");
        if (OF_MINIO.matcher(repository).matches()) {
            project.report(Finding.warning("image-gone", service.file() + " names " + repository + ", which is no longer on Docker Hub",
                    "name quay.io/" + repository + ", which has the same tags and gets no new ones", new Evidence(service.file(), service.line(), "compose-image")));
        }
    }

    /** Compose files of the component's own folder, of those above it, and those among its tests. */
    private List<Compose> near(Component c) {
        return compose.isEmpty() ? List.of() : near.computeIfAbsent(c.path(), p -> {
            NavigableSet<String> deeper = nested(c);
            return compose.stream().filter(s -> {
                String folder = Project.folderOf(s.file());
                String home = OPERATIONS.matcher(folder).matches() ? "." : folder;
                return Project.isInside(c.path(), home) || Project.isInside(folder, c.path()) && deeper.stream().noneMatch(d -> Project.isInside(folder, d));
            }).toList();
        });
    }

    // --- proof ---

    private Optional<Evidence> proof(Component c, ServiceCatalog.Kind kind, Map<String, String> dependencies, Variables variables, TestEvidence tests) {
        List<Compose> running = near(c).stream().filter(s -> s.runs(kind)).toList();
        Optional<Compose> ofTests = running.stream().filter(Compose::forTests).findFirst();
        boolean mariadb = near(c).stream().anyMatch(s -> s.runs(kind("mariadb"))) && near(c).stream().noneMatch(s -> s.runs(kind("mysql")));
        if (kind.name().equals("mysql") && mariadb) {
            return Optional.empty();    // The clients of both are the same.
        }
        List<String> clients = new ArrayList<>(kind.clients());
        clients.addAll(kind.name().equals("mariadb") && mariadb ? kind("mysql").clients() : List.of());
        Optional<ServiceVariables.Variable> driver = driver(c, kind, variables);
        boolean client = driver.isPresent() || ServiceCatalog.find(dependencies, clients).isPresent() || tests.declares(kind);
        if (ofTests.isPresent() && (client || isNearest(c, ofTests.get()))) {
            return ofTests.map(Compose::evidence);
        }
        if (client && !running.isEmpty() && (!DOUBTED.contains(c.ecosystem()) || tests.touches(kind))) {
            return Optional.of(running.get(0).evidence());
        }
        if (client && driver.isPresent()) {
            return driver.map(ServiceVariables.Variable::evidence);
        }
        if (client) {
            return tests.configured(kind).or(() -> tests.mentioned(kind));
        }
        // Where dependencies can't be read, compose and the tests together are proof.
        return running.isEmpty() || !c.dependencies().isEmpty() ? Optional.empty() : tests.mentioned(kind).map(e -> running.get(0).evidence());
    }

    /** Of the components around a compose file of tests, the innermost whose tests it can be for. */
    private boolean isNearest(Component c, Compose service) {
        String folder = Project.folderOf(service.file());
        return Project.isInside(folder, c.path()) && !c.isWorkspaceMember();
    }

    /** Frameworks of PHP name the database's driver in a variable and bring no client as a dependency. */
    private Optional<ServiceVariables.Variable> driver(Component c, ServiceCatalog.Kind kind, Variables variables) {
        if (!c.ecosystem().equals("php")) {
            return Optional.empty();
        }
        return variables.all().stream().filter(v -> v.name().matches("DB_(CONNECTION|DRIVER|ENGINE)") && kind.name().equals(DRIVERS.get(v.value()))
                || v.name().equals("DATABASE_URL") && kind.hasScheme(v.value())).findFirst();
    }

    private ServiceCatalog.Kind kind(String name) {
        return catalog.kinds().stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow();
    }

    // --- what takes its place ---

    private boolean isReplaced(Component c, ServiceCatalog.Kind kind, Map<String, String> dependencies, Variables variables, TestEvidence tests, Evidence proof) {
        Optional<String> by = ServiceCatalog.find(dependencies, catalog.containers()).or(() -> ServiceCatalog.find(dependencies, kind.embedded()))
                .or(() -> tests.mocked(kind));
        boolean ofTests = compose.stream().anyMatch(s -> s.forTests() && s.evidence().equals(proof));
        if (by.isEmpty() && kind.isSql() && !ofTests) {
            Optional<String> file = variables.all().stream().filter(v -> v.name().matches("DB_(CONNECTION|DRIVER|ENGINE)|DATABASE_URL") && v.value().startsWith("sqlite")).findFirst()
                    .map(ServiceVariables.Variable::name);
            // Ecto takes its adapter when it is compiled: who depends on several has tests for each.
            by = file.or(() -> tests.configuredForTests(kind) ? Optional.empty() : tests.inMemory())
                    .or(() -> tests.configured(kind).isPresent() || c.ecosystem().equals("elixir") ? Optional.empty() : ServiceCatalog.find(dependencies, catalog.sqlite()));
        }
        by.ifPresent(name -> project.report(Finding.info("service-replaced", "the tests of " + c.path() + " need no " + kind.name() + ": " + name + " takes its place", "", proof)));
        return by.isPresent();
    }

    // --- what the pipeline is told ---

    private void add(Component.Builder b, Component c, ServiceCatalog.Kind kind, Evidence evidence, Variables variables, TestEvidence tests,
            Set<ServiceCatalog.Kind> all) {
        boolean onlySql = kind.isSql() && all.stream().filter(ServiceCatalog.Kind::isSql).count() == 1;
        List<ServiceVariables.Variable> own = new ArrayList<>(variables.all().stream().filter(v -> ServiceVariables.leadsTo(v, kind, onlySql)).toList());
        Optional<Compose> running = near(c).stream().filter(s -> s.runs(kind)).findFirst();
        ServiceVariables.Account account = ServiceVariables.account(kind, own, running, tests.configuration());
        for (String name : tests.variables()) {
            ServiceVariables.Variable read = new ServiceVariables.Variable(name, "", evidence);
            if (own.stream().noneMatch(v -> v.name().equals(name)) && variables.all().stream().noneMatch(v -> v.name().equals(name)) && ServiceVariables.leadsTo(read, kind, onlySql)) {
                own.add(read);
            }
        }
        frameworkVariables(c, kind).forEach(name -> own.add(new ServiceVariables.Variable(name, "", evidence)));
        for (ServiceVariables.Variable variable : own) {
            if (!variable.name().matches(".*(PROD|STAGING).*")) {
                ServiceVariables.forJob(variable, kind, account, c).ifPresent(value -> b.environment(variable.name(), value));
            }
        }
        b.service(new Service(kind.name(), running.map(s -> image(s, kind)).orElse(""), ServiceVariables.forContainer(kind, account), evidence));
    }

    /** Variables that a framework or a client reads without anybody writing so. */
    private List<String> frameworkVariables(Component c, ServiceCatalog.Kind kind) {
        boolean rails = c.environment().containsKey("RAILS_ENV");
        boolean spring = c.dependencies().keySet().stream().anyMatch(d -> d.startsWith("org.springframework.boot:"));
        if (kind.isSql() && rails) {
            return List.of("DATABASE_URL");
        }
        if (kind.name().equals("postgres") && kind.clients().contains(c.name())) {
            return List.of("PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE");    // libpq's own, which its clients' tests count on
        }
        return kind.isSql() && spring ? List.of("SPRING_DATASOURCE_URL", "SPRING_DATASOURCE_USERNAME", "SPRING_DATASOURCE_PASSWORD")
                : rails && kind.name().equals("redis") ? List.of("REDIS_URL") : List.of();
    }

    /** The image with its tag as compose has it; an official one where that one can't be pulled by everybody; empty where no tag pins it. */
    private static String image(Compose service, ServiceCatalog.Kind kind) {
        String repository = service.image().replaceFirst("^docker\\.io/(library/)?", "");
        String tag = service.tag();
        if (!tag.matches("[\\w][\\w.-]{0,100}") || !tag.matches(".*\\d.*") || !kind.isImage(repository)) {
            return "";
        }
        // MinIO's own do nothing without a command, which platforms have no place for, and are gone from Docker Hub.
        if (OF_MINIO.matcher(repository.replaceFirst("^quay\\.io/", "")).matches()) {
            return "";
        }
        boolean elsewhere = repository.matches("[^/]*[.:][^/]*/.*") && !PUBLIC_REGISTRY.matcher(repository).matches();
        // Bitnami's images take other variables, and their free tags are gone.
        if (elsewhere || repository.contains("bitnami")) {
            return tag.matches("\\d+.*") ? kind.images().get(0) + ":" + tag.replaceFirst("^(\\d+).*$", "$1") : "";
        }
        return repository.matches("[a-z0-9][a-z0-9._/-]*") ? repository + ":" + tag : "";
    }
}

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

/**
 * The environment variables through which a project finds a service, and the account that it expects there.
 *
 * <p>What a test reads literally decides, since no variable can change it; then the values of example files; then compose. Hosts become
 * {@code localhost}, where a pipeline publishes its services. A password that looks like a real one is never copied.
 */
final class ServiceVariables {
    private static final List<String> FILES = List.of(".env.test", ".env.testing", ".env.ci", ".env.test.example", ".env.test.local.example", ".env.testing.example",
            ".env.example", ".env.sample", ".env.template", ".env.dist", ".env.default", ".env.defaults", ".env.development", ".env.dev", ".env", "env.example", "example.env", "sample.env");
    private static final Pattern LINE = Pattern.compile("\\s*(?:export\\s+)?([A-Za-z_]\\w*)\\s*=\\s*(.*)");
    /** What PHPUnit sets variables of the environment by. */
    private static final Set<String> PHPUNIT = Set.of("env", "server");
    private static final Pattern NAME = Pattern.compile("[A-Z_]\\w*");
    /** How languages read a variable: the name is the first group. */
    private static final Pattern READ = Pattern.compile("(?:environ(?:\\.get)?\\s*[\\[(]\\s*|getenv\\(\\s*|[Gg]et_?[Ee]nv(?:_OR_DEFAULT)?\\(\\s*|LookupEnv\\(\\s*|ENV(?:\\.fetch\\(|\\[)\\s*|env::var\\(\\s*"
            + "|\\benv(?:\\.\\w+)?\\(\\s*|config\\(\\s*|System\\.(?:get_env|fetch_env!?)\\(\\s*)[\"']([A-Z][A-Z0-9_]+)[\"']|process\\.env\\.([A-Z][A-Z0-9_]+)|import\\.meta\\.env\\.([A-Z][A-Z0-9_]+)"
            + "|\\$\\{([A-Z][A-Z0-9_]+)(?::[^}\\n]{0,200})?}");
    private static final Pattern DATABASE = Pattern.compile("(\\w+_)?(DATABASE|DB)(_\\w+)?");
    private static final Pattern LITERAL = Pattern.compile("(?i)[\"']?\\b(user(?:name)?|password|database|name|dbname)[\"']?\\s*(?::|=>|=)\\s*[\"']([\\w.@-]+)(?:#\\{[^}]*})?[\"']");
    private static final Pattern SECRET = Pattern.compile("(?=.*[0-9])(?=.*[A-Za-z]).{16,}|[A-Fa-f0-9]{20,}|[A-Za-z0-9+/=]{24,}");
    private static final Pattern PLACEHOLDER = Pattern.compile("(?i).*[<>{}$\\s].*|x{3,}|your[_-].*|change[_-]?(me|this).*|\\*+|todo|replace.*|insert.*");

    /** A variable with the value that the project's example gives it, which may be empty. */
    record Variable(String name, String value, Evidence evidence) {}

    /** Who the service is told to know: the same for its container and for the job. */
    record Account(String user, String password, String database) {}

    private ServiceVariables() {}

    // --- reading ---

    /** The variables of a {@code .env} file, in its order. */
    static List<Variable> file(Project project, String file) {
        List<Variable> found = new ArrayList<>();
        int number = 0;
        for (String line : project.exists(file) ? project.lines(file) : List.<String>of()) {
            number++;
            Matcher variable = LINE.matcher(line);
            if (variable.matches()) {
                found.add(new Variable(variable.group(1), value(variable.group(2)), new Evidence(file, number, "env-file")));
            }
        }
        return found;
    }

    private static String value(String text) {
        String value = text.strip();
        char quote = value.isEmpty() ? 0 : value.charAt(0);
        if ((quote == '"' || quote == '\'') && value.indexOf(quote, 1) > 0) {
            return value.substring(1, value.indexOf(quote, 1));
        }
        return value.replaceFirst("\\s+#.*$", "");
    }

    private static void phpunit(Xml php, String file, Map<String, Variable> found) {
        for (Xml each : php.children()) {
            String name = each.attribute("name");
            if (PHPUNIT.contains(each.name()) && NAME.matcher(name).matches()) {
                found.putIfAbsent(name, new Variable(name, each.attribute("value"), new Evidence(file, each.line(), "phpunit")));
            }
        }
    }

    /** All variables that the component's own files give a value, what is for tests first. */
    static List<Variable> of(Project project, String folder, List<Compose> compose) {
        Map<String, Variable> found = new LinkedHashMap<>();
        Set<String> folders = new LinkedHashSet<>(List.of(folder, "."));
        for (String at : folders) {
            for (String name : List.of("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml")) {
                String file = Project.join(at, name);
                project.xml(file).map(x -> x.find("php")).ifPresent(php -> phpunit(php, file, found));
            }
        }
        for (String name : FILES) {
            folders.forEach(at -> file(project, Project.join(at, name)).forEach(v -> found.putIfAbsent(v.name(), v)));
        }
        // A container that has an account but no address to go to is a service itself, built from its own Dockerfile.
        compose.stream().filter(c -> ServiceCatalog.load().kinds().stream().noneMatch(c::runs))
                .filter(c -> c.environment().keySet().stream().anyMatch(n -> role(n).matches("url|host|address")) && c.environment().keySet().stream().noneMatch(n -> n.matches(".*(ROOT_|ALLOW_EMPTY).*")))
                .forEach(c -> c.environment().forEach((name, value) -> found.putIfAbsent(name, new Variable(name, value, c.evidence()))));
        found.keySet().removeIf(n -> !n.matches("[A-Za-z_]\\w{0,99}"));
        return List.copyOf(found.values());
    }

    /** Names of the variables that a text of code or configuration reads. */
    static Set<String> readBy(String text) {
        Set<String> names = new LinkedHashSet<>();
        Matcher read = READ.matcher(text);
        while (read.find()) {
            for (int i = 1; i <= read.groupCount(); i++) {
                if (read.group(i) != null) {
                    names.add(read.group(i));
                }
            }
        }
        return names;
    }

    // --- deciding ---

    /** Does the variable lead to this service? One named DATABASE_ or DB_ does where no other SQL service is there. */
    static boolean leadsTo(Variable variable, ServiceCatalog.Kind kind, boolean onlySql) {
        if (variable.value().contains("://")) {
            return kind.hasScheme(variable.value());
        }
        return kind.variables().matcher(variable.name()).matches() || kind.isSql() && onlySql && DATABASE.matcher(variable.name()).matches();
    }

    /** What a test's configuration says in plain text, else what the variables say, else what compose gives the container, else the usual. */
    static Account account(ServiceCatalog.Kind kind, List<Variable> variables, Optional<Compose> compose, String testConfiguration) {
        Map<String, String> said = new LinkedHashMap<>();
        Matcher literal = LITERAL.matcher(testConfiguration);
        while (kind.isSql() && literal.find()) {
            String key = literal.group(1).toLowerCase(java.util.Locale.ROOT);
            said.putIfAbsent(key.startsWith("user") ? "user" : key.equals("password") ? "password" : "database", literal.group(2));
        }
        for (Variable variable : variables) {
            Matcher url = URL.matcher(variable.value());
            if (url.matches()) {
                put(said, "user", url.group("user"));
                put(said, "password", url.group("password"));
                put(said, "database", kind.isSql() ? url.group("database") : null);
            } else {
                put(said, role(variable.name()), variable.value());
            }
        }
        compose.ifPresent(c -> kind.roles().forEach((role, name) -> put(said, role.equals("root") ? "password" : role, c.environment().get(name))));
        boolean open = compose.isPresent() && compose.get().environment().entrySet().stream().anyMatch(e -> e.getKey().contains("ALLOW_EMPTY") && !e.getValue().matches("(?i)|0|no|false"));
        if (open && !said.containsKey("password")) {
            said.put("password", "");
        }
        kind.defaults().forEach(said::putIfAbsent);
        // The name of somebody's database would do for tests too, but reads as if the pipeline went to production.
        said.computeIfPresent("database", (k, name) -> name.replaceFirst("(?i)([_-])(production|prod|development|dev|staging)$", "$1test"));
        return new Account(said.getOrDefault("user", ""), said.getOrDefault("password", ""), said.getOrDefault("database", ""));
    }

    private static void put(Map<String, String> said, String role, String value) {
        boolean fit = value != null && !value.isEmpty() && value.length() < 64 && Shell.isPrintable(value) && !PLACEHOLDER.matcher(value).matches() && !SECRET.matcher(value).matches();
        if (fit && !role.isEmpty()) {
            said.putIfAbsent(role, value);
        }
    }

    static final Pattern URL = Pattern.compile("(?<scheme>[a-z][a-z0-9+.:-]*)://(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<host>[^:/?,]*)(?::(?<port>\\d*))?(?:,[^/?]*)?"
            + "(?:/(?<database>[^?]*))?(?:\\?(?<query>.*))?");

    /** What a variable of that name gives: url, host, port, user, password, database, or an empty text. */
    static String role(String name) {
        if (name.matches("(.*_)?(URL|URI|DSN|CONNECTION_STRING|BROKER|CONN_STR)")) {
            return "url";
        }
        if (name.matches("(.*_|PG)?(HOST|HOSTNAME|SERVER)")) {
            return "host";
        }
        if (name.matches("(.*_)?(ADDR|ADDRESS|ENDPOINT|BROKERS|HOSTS|SERVERS|NODES|BOOTSTRAP_SERVERS)")) {
            return "address";
        }
        if (name.matches("(.*_|PG)?PORT")) {
            return "port";
        }
        if (name.matches("(.*_|PG)?(USER|USERNAME)")) {
            return "user";
        }
        if (name.matches("(.*_|PG)?(PASS|PASSWORD|PWD)") && !name.contains("ALLOW_EMPTY")) {
            return name.contains("ROOT") ? "root" : "password";
        }
        return name.matches("(.*_|PG)?(DB|NAME|DATABASE|DBNAME|DB_NAME)") ? "database" : "";
    }

    /** The value for the job, or empty where none would be harmless and right. */
    static Optional<String> forJob(Variable variable, ServiceCatalog.Kind kind, Account account, Component component) {
        // MySQL's clients take localhost for a socket file, which no service container offers.
        String host = kind.name().equals("mysql") || kind.name().equals("mariadb") ? "127.0.0.1" : "localhost";
        return Optional.ofNullable(switch (role(variable.name())) {
            case "url" -> variable.name().startsWith("SPRING_") ? "jdbc:" + kind.name().replace("postgres", "postgresql") + "://" + host + ":" + kind.port() + "/" + account.database()
                    : url(variable.value(), kind, account, host, component);
            case "host" -> host;
            case "address" -> host + ":" + kind.port();
            case "port" -> String.valueOf(kind.port());
            case "user" -> account.user().isEmpty() ? null : account.user();
            case "password", "root" -> account.password().isEmpty() ? null : account.password();
            case "database" -> kind.isSql() ? account.database() : null;
            default -> variable.name().matches("DB_(CONNECTION|ADAPTER|ENGINE|DRIVER)") && variable.value().matches("\\w+") ? variable.value() : null;
        });
    }

    /** The project's own URL with host, port and account replaced; where it shows none, a plain one. */
    private static String url(String example, ServiceCatalog.Kind kind, Account account, String host, Component component) {
        Matcher url = URL.matcher(example);
        boolean fits = url.matches() && kind.hasScheme(example);
        if (example.matches("[^@]*@tcp\\([^)]*\\)/.*")) {    // The driver of Go has a syntax of its own.
            return account.user() + ":" + account.password() + "@tcp(" + host + ":" + kind.port() + ")/" + account.database() + example.replaceFirst("^[^?]*", "");
        }
        if (!example.isEmpty() && !fits && example.contains("://") || !fits && kind.scheme().equals("kafka")) {
            return null;
        }
        String scheme = fits ? url.group("scheme") : kind.scheme();
        if (kind.isSql() && !fits && component.dependencies().containsKey("trilogy") || component.dependencies().containsKey("mysql2") && component.ecosystem().equals("ruby")) {
            scheme = component.dependencies().containsKey("trilogy") ? "trilogy" : "mysql2";    // Rails takes the adapter from the scheme.
        }
        boolean jdbc = scheme.startsWith("jdbc:") || scheme.startsWith("r2dbc:");
        String who = jdbc || account.user().isEmpty() ? "" : account.user() + (account.password().isEmpty() ? "" : ":" + account.password()) + "@";
        String path = kind.isSql() ? "/" + account.database() : fits && url.group("database") != null ? "/" + url.group("database") : "";
        String query = fits && url.group("query") != null && url.group("query").matches("[\\w=&.%-]+") ? "?" + url.group("query") : "";
        if (kind.name().equals("postgres") && component.ecosystem().equals("go") && !query.contains("sslmode")) {
            query = query.isEmpty() ? "?sslmode=disable" : query + "&sslmode=disable";     // lib/pq insists on TLS otherwise.
        }
        String value = scheme + "://" + who + host + ":" + kind.port() + path + query;
        return value.matches("[\\w:/@.?=&%+,-]+") ? value : null;
    }

    /** What the container of the service is told. */
    static Map<String, String> forContainer(ServiceCatalog.Kind kind, Account account) {
        Map<String, String> environment = new LinkedHashMap<>(kind.settings());
        String root = kind.roles().get("root");
        if (root != null && account.password().isEmpty()) {
            environment.put(root, "");
            environment.put(kind.name().toUpperCase(java.util.Locale.ROOT) + "_ALLOW_EMPTY_" + (kind.name().equals("mariadb") ? "ROOT_" : "") + "PASSWORD", "yes");
        } else if (root != null) {
            environment.put(root, account.password());
        }
        // The account of MySQL's administrator is there already and must not be made again.
        if (root == null || !account.user().equals("root")) {
            put(environment, kind.roles().getOrDefault("user", ""), account.user());
            put(environment, kind.roles().getOrDefault("password", ""), account.password());
        }
        put(environment, kind.roles().getOrDefault("database", ""), account.database());
        return environment;
    }
}
