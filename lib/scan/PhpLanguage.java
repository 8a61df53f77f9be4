package lib.scan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Publication;
import lib.scan.Component.Runtime;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/** Knows Composer, Laravel and Symfony. Which tests and checks there are is for {@link PhpTools} to say. */
final class PhpLanguage implements Language {

    @Override
    public List<String> looksFor() {
        return List.of("composer.json");
    }

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        for (String file : project.named("composer.json")) {
            Optional<Document> composer = isToolFolder(project, Project.folderOf(file)) ? Optional.empty() : project.json(file);
            if (composer.isPresent() && !composer.get().root().isObject()) {
                project.report(Finding.warning("broken-manifest", file + " holds no object", "fix the file; until then what it says is not known", new Evidence(file, 1, "parse")));
            }
            composer.filter(c -> c.root().isObject()).ifPresent(c -> components.add(component(project, Project.folderOf(file), c)));
        }
        return components;
    }

    /** A folder below another composer.json that holds no PHP brings a tool to the project above it. */
    private static boolean isToolFolder(Project project, String folder) {
        boolean below = VersionFiles.upwards(folder).stream().skip(1).anyMatch(f -> project.exists(Project.join(f, "composer.json")));
        return below && (folder.matches("(.*/)?vendor-bin/[^/]+") || project.under(folder).stream().noneMatch(f -> f.endsWith(".php")));
    }

    private static Component component(Project project, String folder, Document composer) {
        String name = composer.text("name");
        Component.Builder b = Component.at(folder, "php").name(Shell.isPrintable(name) ? name : "").runtime(runtime(project, folder, composer));
        String lock = Project.join(folder, "composer.lock");
        Evidence evidence = Evidence.of(project.exists(lock) ? lock : composer.file(), project.exists(lock) ? "lock-file" : "manifest");
        b.packageManager(new PackageManager("composer", "", evidence, List.of(evidence.file())));
        b.command(CommandKind.INSTALL, Command.certain("composer install --no-interaction --no-progress", evidence));
        for (String group : List.of("require", "require-dev")) {
            composer.keys(group).stream().filter(k -> !k.equals("php") && Shell.isPrintable(k))
                    .forEach(k -> b.dependency(k, composer.evidence("composer-require", group, k)));
        }
        List<PhpTools.Installation> installations = installations(project, folder, composer, b);
        new PhpTools(project, folder, composer, installations).into(b);
        if (b.dependsOnPackage("laravel/framework") && project.exists(Project.join(folder, "artisan"))) {
            laravel(project, folder, b);
        }
        if (b.dependsOnPackage("symfony/framework-bundle") && project.exists(Project.join(folder, "bin/console"))) {
            symfony(project, folder, b);
        }
        if (b.dependsOnPackage("doctrine/doctrine-migrations-bundle") && project.exists(Project.join(folder, "bin/console"))
                && project.under(Project.join(folder, "migrations")).stream().anyMatch(f -> f.endsWith(".php"))) {
            b.migration(Command.likely("php bin/console doctrine:database:create --if-not-exists --env=test && "
                    + "php bin/console doctrine:migrations:migrate --no-interaction --env=test", Evidence.of(Project.join(folder, "migrations"), "doctrine-migrations")));
        }
        publication(project, folder, composer, b);
        return b.build();
    }

    // --- versions ---

    private static Runtime runtime(Project project, String folder, Document composer) {
        String range = composer.text("require", "php");
        Optional<VersionFiles.Pin> pin = VersionFiles.line(project, folder, ".php-version", "php-version").or(() -> VersionFiles.find(project, folder, "php"));
        if (pin.isPresent()) {
            return new Runtime("php", pin.get().version(), range, pin.get().file(), pin.get().evidence());
        }
        // The platform is what dependencies are resolved for: the lowest version that production runs. A library says a range with it.
        String platform = composer.text("config", "platform", "php");
        if (platform.matches("\\d+(\\.\\d+)*") && composer.text("type").equals("project")) {
            return new Runtime("php", platform.replaceFirst("^(\\d+\\.\\d+).*$", "$1"), range, "", composer.evidence("composer-platform", "config", "platform", "php"));
        }
        return new Runtime("php", "", range, "", range.isEmpty() ? Evidence.of(composer.file(), "manifest") : composer.evidence("composer-require", "require", "php"));
    }

    // --- where programs come from ---

    private static List<PhpTools.Installation> installations(Project project, String folder, Document composer, Component.Builder b) {
        String vendor = composer.text("config", "vendor-dir").isEmpty() ? "vendor" : composer.text("config", "vendor-dir");
        String bin = composer.text("config", "bin-dir").isEmpty() ? vendor + "/bin" : composer.text("config", "bin-dir");
        Map<String, Evidence> own = new LinkedHashMap<>();
        List.of("require", "require-dev").forEach(g -> composer.keys(g).forEach(k -> own.put(k, composer.evidence("composer-require", g, k))));
        List<PhpTools.Installation> installations = new ArrayList<>(List.of(new PhpTools.Installation(bin, Shell.isPrintable(bin) ? own : Map.of())));
        boolean bamarni = own.containsKey("bamarni/composer-bin-plugin");
        boolean linked = bamarni && (composer.has("extra", "bamarni-bin", "bin-links") ? composer.at("extra", "bamarni-bin", "bin-links").asBoolean()
                : composer.text("require-dev", "bamarni/composer-bin-plugin").contains("1."));
        boolean forwarded = composer.at("extra", "bamarni-bin", "forward-command").asBoolean();
        for (String file : project.under(folder)) {
            String tools = Project.folderOf(file);
            if (!Project.nameOf(file).equals("composer.json") || tools.equals(folder) || Project.isAside(tools) || !isToolFolder(project, tools) || !Shell.isPrintable(tools)) {
                continue;
            }
            String path = folder.equals(".") ? tools : tools.substring(folder.length() + 1);
            Map<String, Evidence> packages = new LinkedHashMap<>();
            project.json(file).ifPresent(d -> List.of("require", "require-dev").forEach(g -> d.keys(g).forEach(k -> packages.put(k, d.evidence("composer-require", g, k)))));
            packages.forEach(b::dependency);
            boolean plugin = bamarni && path.startsWith("vendor-bin/");
            installations.add(new PhpTools.Installation(plugin && linked ? bin : path + "/vendor/bin", packages));
            if (plugin && !forwarded) {
                b.command(CommandKind.INSTALL, Command.certain("composer bin all install --no-interaction --no-progress", Evidence.of(file, "composer-bin-plugin")));
            } else if (!plugin) {
                b.command(CommandKind.INSTALL, Command.likely("composer install --no-interaction --no-progress --working-dir=" + Shell.word(path), Evidence.of(file, "tool-folder")));
            }
        }
        return installations;
    }

    // --- frameworks ---

    /** Laravel refuses to start without an application key; a database that is no file needs its tables before the tests run. */
    private static void laravel(Project project, String folder, Component.Builder b) {
        String example = Project.join(folder, ".env.example");
        String phpunit = project.first(folder, "phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml").flatMap(project::text).orElse("");
        boolean keyed = phpunit.contains("\"APP_KEY\"") || project.lines(Project.join(folder, ".env.testing")).stream().anyMatch(l -> l.startsWith("APP_KEY=base64:"));
        if (!keyed && project.exists(example) && !project.exists(Project.join(folder, ".env"))) {
            b.command(CommandKind.INSTALL, Command.certain("cp .env.example .env", Evidence.of(example, "laravel-environment")));
            b.command(CommandKind.INSTALL, Command.certain("php artisan key:generate", Evidence.of(Project.join(folder, "artisan"), "artisan")));
        }
        boolean inMemory = phpunit.matches("(?s).*DB_CONNECTION\"\\s+value=\"(sqlite|testing)\".*") || phpunit.contains(":memory:");
        if (!inMemory && project.under(Project.join(folder, "database/migrations")).stream().anyMatch(f -> f.endsWith(".php"))) {
            b.migration(Command.likely("php artisan migrate --force", Evidence.of(Project.join(folder, "database/migrations"), "laravel-migrations")));
        }
    }

    /** The linters that the framework brings for what is no PHP: configuration, templates and the wiring of services. */
    private static void symfony(Project project, String folder, Component.Builder b) {
        String file = Project.join(folder, "bin/console");
        String console = project.isExecutable(file) ? "bin/console" : "php bin/console";
        Evidence evidence = Evidence.of(file, "symfony-console");
        if (b.dependsOnPackage("symfony/yaml") && project.isFolder(Project.join(folder, "config"))) {
            b.command(CommandKind.LINT, Command.likely(console + " lint:yaml config --parse-tags", evidence));
        }
        if (b.dependsOnPackage("symfony/twig-bundle") && project.isFolder(Project.join(folder, "templates"))) {
            b.command(CommandKind.LINT, Command.likely(console + " lint:twig templates", evidence));
        }
        b.command(CommandKind.LINT, Command.likely(console + " lint:container", evidence));
    }

    /** Packagist serves every public repository of a library; an application is no package of anyone. */
    private static void publication(Project project, String folder, Document composer, Component.Builder b) {
        String type = composer.text("type");
        boolean library = type.isEmpty() ? !project.exists(Project.join(folder, "composer.lock")) && composer.has("autoload") : !type.equals("project") && !type.equals("metapackage");
        if (folder.equals(".") && library && composer.text("name").matches("[a-z0-9]([_.-]?[a-z0-9]+)*/[a-z0-9](([_.]|-{1,2})?[a-z0-9]+)*")) {
            b.publication(new Publication("packagist", composer.text("name"), composer.evidence("composer-name", "name")));
        }
    }
}

/**
 * Knows the test runners and checkers of PHP: which Composer script runs one, and how it is called where no script does.
 *
 * <p>A script counts for what the programs in it do, not for its name; one that rewrites files is no check.
 */
final class PhpTools {

    /**
     * @param programs how scripts call it
     * @param checks what a call must hold to leave files alone; empty where it always does
     * @param fixes what makes a call rewrite files
     */
    private record Checker(CommandKind kind, List<String> packages, List<String> configs, List<String> programs, Pattern checks, Pattern fixes,
            String arguments) {
        boolean isCalledBy(String command) {
            return CALLED.computeIfAbsent(programs, names -> Pattern.compile("(^|[\\s/\"'])(" + String.join("|", names) + ")(\\.phar)?($|[\\s\"'])")).matcher(command).find();
        }

        boolean rewrites(String command) {
            return checks != null && !checks.matcher(command).find() || fixes != null && fixes.matcher(command).find();
        }
    }

    private static Checker checker(CommandKind kind, String packages, String configs, String programs, String checks, String fixes, String arguments) {
        return new Checker(kind, List.of(packages.split(" ")), List.of(configs.split(" ")), List.of(programs.split(",")),
                checks.isEmpty() ? null : Pattern.compile(checks), fixes.isEmpty() ? null : Pattern.compile(fixes), arguments);
    }

    private static final int MAX_COMMANDS = 200;
    private static final Map<List<String>, Pattern> CALLED = new ConcurrentHashMap<>();

    /** In the order in which a pipeline would run them; Pest before PHPUnit, which it brings. */
    private static final List<Checker> CHECKERS = List.of(
            checker(CommandKind.LINT, "friendsofphp/php-cs-fixer php-cs-fixer/shim", ".php-cs-fixer.dist.php .php-cs-fixer.php .php_cs.dist .php_cs",
                    "php-cs-fixer", "--dry-run|\\bcheck\\b", "", "fix --dry-run --diff"),
            checker(CommandKind.LINT, "squizlabs/php_codesniffer", "phpcs.xml phpcs.xml.dist .phpcs.xml .phpcs.xml.dist", "phpcs", "", "", ""),
            checker(CommandKind.LINT, "laravel/pint", "pint.json", "pint", "--test|--bail", "", "--test"),
            checker(CommandKind.LINT, "symplify/easy-coding-standard", "ecs.php", "ecs", "", "--fix", "check"),
            checker(CommandKind.LINT, "rector/rector", "rector.php", "rector", "--dry-run| -n\\b", "", "process --dry-run"),
            checker(CommandKind.LINT, "php-parallel-lint/php-parallel-lint", "", "parallel-lint", "", "", null),
            checker(CommandKind.TYPECHECK, "phpstan/phpstan larastan/larastan nunomaduro/larastan", "phpstan.neon phpstan.neon.dist phpstan.dist.neon",
                    "phpstan", "", "--generate-baseline", "analyse --no-progress"),
            checker(CommandKind.TYPECHECK, "vimeo/psalm psalm/phar", "psalm.xml psalm.xml.dist", "psalm", "", "--set-baseline|--alter", "--no-progress"),
            checker(CommandKind.TEST, "pestphp/pest", "tests/Pest.php phpunit.xml phpunit.xml.dist phpunit.dist.xml", "pest", "", "", ""),
            checker(CommandKind.TEST, "phpunit/phpunit symfony/phpunit-bridge", "phpunit.xml phpunit.xml.dist phpunit.dist.xml",
                    "phpunit,simple-phpunit,paratest,artisan test", "", "", ""),
            checker(CommandKind.TEST, "codeception/codeception", "codeception.yml codeception.dist.yml", "codecept", "", "", "run"),
            checker(CommandKind.TEST, "behat/behat", "behat.yml behat.yml.dist behat.dist.yml behat.php", "behat", "", "", ""),
            checker(CommandKind.TEST, "phpspec/phpspec", "phpspec.yml phpspec.yml.dist", "phpspec", "", "", "run"));

    private static final List<String> FAVOURITES = List.of("test:ci", "test", "tests", "test:unit", "unit", "phpunit", "pest", "lint", "cs", "cs:check",
            "check-style", "check-cs", "style", "phpcs", "phpstan", "stan", "analyse", "analyze", "static", "types", "test:types", "psalm");
    private static final Pattern ASIDE = Pattern.compile("coverage|watch|filter|debug|profile|baseline|update|fix|docker|mutation|infection");
    /** Names that Composer keeps for itself; {@code composer run} tells the script from them. */
    private static final Set<String> BUILT_IN = Set.of("about", "archive", "audit", "browse", "bump", "check-platform-reqs", "clear-cache", "config",
            "create-project", "depends", "diagnose", "dump-autoload", "exec", "fund", "global", "init", "install", "licenses", "list", "outdated", "prohibits",
            "reinstall", "remove", "require", "run", "search", "self-update", "show", "status", "suggests", "update", "validate");

    /** @param bin folder of its programs, from the component's folder; @param packages what it requires */
    record Installation(String bin, Map<String, Evidence> packages) {}

    private final Project project;
    private final String folder;
    private final Document composer;
    private final List<Installation> installations;
    private final Map<String, List<String>> commands = new HashMap<>();

    PhpTools(Project project, String folder, Document composer, List<Installation> installations) {
        this.project = project;
        this.folder = folder;
        this.composer = composer;
        this.installations = installations;
    }

    void into(Component.Builder b) {
        Set<Checker> done = new HashSet<>();
        for (Checker checker : CHECKERS) {
            if (done.contains(checker)) {
                continue;
            }
            Optional<String> script = script(checker);
            if (script.isPresent()) {
                done.addAll(called(script.get()));
                b.command(checker.kind(), Command.certain(call(script.get()), composer.evidence("composer-script", "scripts", script.get())));
                continue;
            }
            direct(checker).ifPresent(command -> {
                b.command(checker.kind(), command);
                if (checker.packages().contains("pestphp/pest")) {
                    done.addAll(CHECKERS.stream().filter(c -> c.packages().contains("phpunit/phpunit")).toList());
                }
            });
        }
    }

    private static String call(String script) {
        return (BUILT_IN.contains(script) ? "composer run " : "composer ") + Shell.word(script);
    }

    // --- Composer scripts ---

    /** The script that runs the checker and nothing of another kind. */
    private Optional<String> script(Checker checker) {
        return composer.keys("scripts").stream().filter(s -> Shell.isPrintable(s) && isCheck(s, checker))
                .min(Comparator.<String, Boolean>comparing(s -> ASIDE.matcher(s).find()).thenComparing(s -> favourite(s)).thenComparing(s -> called(s).size())
                        .thenComparing(String::length));
    }

    private static int favourite(String script) {
        int at = FAVOURITES.indexOf(script);
        return at < 0 ? FAVOURITES.size() : at;
    }

    private boolean isCheck(String script, Checker checker) {
        List<String> commands = commands(script);
        Set<Checker> called = called(script);
        return called.contains(checker) && called.stream().allMatch(c -> c.kind() == checker.kind())
                && commands.stream().noneMatch(c -> c.contains("docker") || CHECKERS.stream().anyMatch(k -> k.isCalledBy(c) && k.rewrites(c)))
                && commands.stream().noneMatch(c -> c.contains("phpcbf"));
    }

    private Set<Checker> called(String script) {
        Set<Checker> called = new LinkedHashSet<>();
        for (String command : commands(script)) {
            CHECKERS.stream().filter(c -> c.isCalledBy(command)).forEach(called::add);
        }
        return called;
    }

    /** The script's commands with what it refers to by {@code @name} put in place; of scripts that call one another, no more than some. */
    private List<String> commands(String script) {
        return commands.computeIfAbsent(script, s -> {
            List<String> found = new ArrayList<>();
            expand(s, "", 0, found);
            return found;
        });
    }

    private void expand(String script, String arguments, int depth, List<String> found) {
        for (String command : composer.texts("scripts", script)) {
            String name = command.startsWith("@composer ") ? command.substring("@composer ".length()).replaceFirst("^run(-script)? ", "") : command.replaceFirst("^@", "");
            String referred = name.split(" ", 2)[0];
            if (found.size() >= MAX_COMMANDS) {
                return;
            } else if (command.startsWith("@") && depth < 8 && composer.has("scripts", referred)) {
                expand(referred, name.substring(referred.length()) + arguments, depth + 1, found);
            } else {
                found.add(command + arguments);
            }
        }
    }

    // --- called directly ---

    private Optional<Command> direct(Checker checker) {
        Optional<String> config = project.first(folder, checker.configs().toArray(String[]::new));
        if (config.isEmpty() || checker.arguments() == null) {
            return Optional.empty();
        }
        for (Installation installation : installations) {
            for (String name : checker.packages()) {
                if (installation.packages().containsKey(name)) {
                    return Optional.of(command(checker, installation, name, config.get()));
                }
            }
        }
        return Optional.empty();
    }

    private Command command(Checker checker, Installation installation, String packageName, String config) {
        Evidence evidence = Evidence.of(config, "tool-configuration");
        if (checker.kind() == CommandKind.TEST) {
            Optional<Task> task = startsWhatTestsNeed(checker);
            if (task.isPresent()) {
                return Command.certain(task.get().run(), task.get().evidence());
            }
            if (checker.programs().contains("phpunit") && project.exists(Project.join(folder, "artisan")) && installation.packages().containsKey("laravel/framework")) {
                return Command.certain("php artisan test", Evidence.of(Project.join(folder, "artisan"), "artisan"));
            }
            String script = Project.join(folder, "bin/phpunit");
            if (packageName.equals("symfony/phpunit-bridge") && project.exists(script)) {
                return Command.certain(project.isExecutable(script) ? "bin/phpunit" : "php bin/phpunit", Evidence.of(script, "script"));
            }
        }
        String program = switch (packageName) {
            case "psalm/phar" -> "psalm.phar";
            case "symfony/phpunit-bridge" -> "simple-phpunit";
            default -> checker.programs().get(0);
        };
        return Command.likely((Shell.word(installation.bin() + "/" + program) + " " + checker.arguments()).strip(), evidence);
    }

    /** A task that runs the tests after one that leaves a server running: without it they fail. */
    private Optional<Task> startsWhatTestsNeed(Checker checker) {
        Map<String, Task> tasks = new LinkedHashMap<>();
        project.tasks(folder).forEach(t -> tasks.putIfAbsent(t.name(), t));
        return tasks.values().stream().filter(t -> t.name().matches("tests?|check|ci"))
                .filter(t -> t.recipe().stream().anyMatch(checker::isCalledBy) && t.recipe().stream().noneMatch(l -> l.contains("docker")))
                .filter(t -> t.needs().stream().map(tasks::get).anyMatch(n -> n != null && n.recipe().stream().anyMatch(l -> l.endsWith("&")))).findFirst();
    }
}
