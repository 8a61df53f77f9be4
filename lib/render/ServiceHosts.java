package lib.render;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.plan.Job.ServiceContainer;

/**
 * Where a job finds its services on a platform that gives each a host name of its own instead of a port of {@code localhost}.
 *
 * <p>Knows how addresses are written in variables. A local address that is not clearly one of the job's services stays as it is: it is
 * where the program under test itself listens.
 */
final class ServiceHosts {
    private static final Pattern LOCAL = Pattern.compile("(?<![\\w.-])(?:localhost|127\\.0\\.0\\.1)(?![\\w.-])(?::(\\d{1,5}))?");
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][\\w+]*)(?::[A-Za-z]\\w*)*://(?:[^\\s/]*@)?(?:[^\\s/]*,)?$");
    /** {@code host=localhost port=5432} and {@code Server=localhost;Port=5432}. */
    private static final Pattern HOST_KEY = Pattern.compile("(?i)\\b(?:host|server|data source|address)\\s*=\\s*(?:tcp:)?$");
    private static final Pattern PORT_KEY = Pattern.compile("(?i)\\bport\\s*=\\s*(\\d{1,5})");
    private static final List<String> DATABASES = List.of("postgres", "mysql", "mariadb", "mongo", "clickhouse");
    /** Schemes of its addresses, and beginnings of the words in names of its variables. */
    private static final Map<String, List<String>> NAMES = Map.ofEntries(
            Map.entry("postgres", List.of("postgres", "postgresql", "postgis", "pgsql", "psql", "pg")),
            Map.entry("mysql", List.of("mysql", "mysql2", "mariadb")),
            Map.entry("mariadb", List.of("mariadb", "mysql", "mysql2")),
            Map.entry("redis", List.of("redis", "rediss")),
            Map.entry("mongo", List.of("mongo", "mongodb")),
            Map.entry("rabbitmq", List.of("amqp", "amqps", "rabbitmq", "rabbit")),
            Map.entry("kafka", List.of("kafka")),
            Map.entry("elasticsearch", List.of("elasticsearch", "elastic", "es")),
            Map.entry("memcached", List.of("memcached", "memcache")),
            Map.entry("minio", List.of("minio", "s3")),
            Map.entry("nats", List.of("nats")),
            Map.entry("clickhouse", List.of("clickhouse", "ch")));

    private ServiceHosts() {}

    /** The variables, with the name of each service where they name this machine. */
    static Map<String, String> inEnvironment(Map<String, String> environment, List<ServiceContainer> services) {
        Map<String, String> rewritten = new LinkedHashMap<>();
        environment.forEach((key, value) -> rewritten.put(key, inValue(key, value, services)));
        return rewritten;
    }

    private static String inValue(String key, String value, List<ServiceContainer> services) {
        Matcher local = LOCAL.matcher(value);
        StringBuilder text = new StringBuilder();
        while (local.find()) {
            String before = value.substring(0, local.start());
            String port = local.group(1) == null ? "" : local.group(1);
            Optional<ServiceContainer> service = byScheme(before, services).or(() -> byPort(port, services))
                    .or(() -> port.isEmpty() && isHostOf(before, local.end() == value.length()) ? byPort(portIn(value), services).or(() -> byKey(key, services)) : Optional.empty());
            String host = service.map(s -> s.name() + (port.isEmpty() ? "" : ":" + s.port())).orElse(local.group());
            local.appendReplacement(text, Matcher.quoteReplacement(host));
        }
        return local.appendTail(text).toString();
    }

    /** {@code postgres://user@}, {@code jdbc:mysql://}, {@code redis://a,}: whatever port a compose file may have published it on. */
    private static Optional<ServiceContainer> byScheme(String before, List<ServiceContainer> services) {
        Matcher scheme = SCHEME.matcher(before);
        if (!scheme.find()) {
            return Optional.empty();
        }
        String address = before.substring(scheme.start()).toLowerCase(Locale.ROOT);
        List<String> words = List.of(address.substring(0, address.indexOf("://")).split("[:+]"));
        return services.stream().filter(s -> names(s).stream().anyMatch(words::contains)).findFirst();
    }

    private static Optional<ServiceContainer> byPort(String port, List<ServiceContainer> services) {
        return services.stream().filter(s -> String.valueOf(s.port()).equals(port)).findFirst();
    }

    /** Is the local name the whole value, or that of a host in a list of keys and values? */
    private static boolean isHostOf(String before, boolean isLast) {
        return before.isBlank() && isLast || HOST_KEY.matcher(before).find();
    }

    private static String portIn(String value) {
        Matcher port = PORT_KEY.matcher(value);
        return port.find() ? port.group(1) : "";
    }

    /** {@code REDIS_HOST}, {@code PGHOST}, and {@code DB_HOST} where there is one database. */
    private static Optional<ServiceContainer> byKey(String key, List<ServiceContainer> services) {
        List<String> words = List.of(key.toLowerCase(Locale.ROOT).split("[^a-z0-9]+"));
        Optional<ServiceContainer> named = services.stream()
                .filter(s -> names(s).stream().anyMatch(n -> words.contains(n) || words.contains(n + "host"))).findFirst();
        boolean isDatabase = words.stream().anyMatch(w -> w.matches("db|database|sql|datasource|connectionstrings?"));
        List<ServiceContainer> databases = services.stream().filter(s -> DATABASES.contains(s.name())).toList();
        return named.or(() -> isDatabase && databases.size() == 1 ? Optional.of(databases.get(0)) : Optional.empty());
    }

    private static List<String> names(ServiceContainer service) {
        return NAMES.getOrDefault(service.name(), List.of(service.name()));
    }
}
