package lib.scan;

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
import java.util.regex.Pattern;

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
    private final List<Compose> compose;
    private final Map<String, List<Compose>> near = new HashMap<>();
    private final NavigableSet<String> withTests = new TreeSet<>();
    private final ServiceCatalog catalog = ServiceCatalog.load();
    private final TestEvidence.Budget budget = new TestEvidence.Budget();

    private Services(Project project, List<Component> components) {
        this.project = project;
        this.components = components;
        this.compose = Compose.in(project);
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

    /** Variables that a framework reads without anybody writing so. */
    private List<String> frameworkVariables(Component c, ServiceCatalog.Kind kind) {
        boolean rails = c.environment().containsKey("RAILS_ENV");
        boolean spring = c.dependencies().keySet().stream().anyMatch(d -> d.startsWith("org.springframework.boot:"));
        if (kind.isSql() && rails) {
            return List.of("DATABASE_URL");
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
        boolean elsewhere = repository.matches("[^/]*[.:][^/]*/.*") && !PUBLIC_REGISTRY.matcher(repository).matches();
        // Bitnami's images take other variables, and their free tags are gone.
        if (elsewhere || repository.contains("bitnami")) {
            return tag.matches("\\d+.*") ? kind.images().get(0) + ":" + tag.replaceFirst("^(\\d+).*$", "$1") : "";
        }
        return repository.matches("[a-z0-9][a-z0-9._/-]*") ? repository + ":" + tag : "";
    }
}
