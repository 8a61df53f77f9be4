package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    private static final Pattern PHPUNIT = Pattern.compile("<(?:env|server)\\s+name=\"([A-Z_]\\w*)\"\\s+value=\"([^\"]*)\"");
    /** How languages read a variable: the name is the first group. */
    private static final Pattern READ = Pattern.compile("(?:environ(?:\\.get)?\\s*[\\[(]\\s*|getenv\\(\\s*|[Gg]et_?[Ee]nv(?:_OR_DEFAULT)?\\(\\s*|LookupEnv\\(\\s*|ENV(?:\\.fetch\\(|\\[)\\s*|env::var\\(\\s*"
            + "|\\benv(?:\\.\\w+)?\\(\\s*|config\\(\\s*|System\\.(?:get_env|fetch_env!?)\\(\\s*)[\"']([A-Z][A-Z0-9_]+)[\"']|process\\.env\\.([A-Z][A-Z0-9_]+)|import\\.meta\\.env\\.([A-Z][A-Z0-9_]+)"
            + "|\\$\\{([A-Z][A-Z0-9_]+)(?::[^}]*)?}");
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

    /** All variables that the component's own files give a value, what is for tests first. */
    static List<Variable> of(Project project, String folder, List<Compose> compose) {
        Map<String, Variable> found = new LinkedHashMap<>();
        Set<String> folders = new LinkedHashSet<>(List.of(folder, "."));
        for (String at : folders) {
            for (String name : List.of("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml")) {
                String file = Project.join(at, name);
                int number = 0;
                for (String line : project.lines(file)) {
                    number++;
                    Matcher variable = PHPUNIT.matcher(line);
                    while (variable.find()) {
                        found.putIfAbsent(variable.group(1), new Variable(variable.group(1), variable.group(2), new Evidence(file, number, "phpunit")));
                    }
                }
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
