package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        List<PhpTools.Installation> installations = new ArrayList<>(List.of(new PhpTools.Installation(bin, own)));
        boolean bamarni = own.containsKey("bamarni/composer-bin-plugin");
        boolean linked = bamarni && (composer.has("extra", "bamarni-bin", "bin-links") ? composer.at("extra", "bamarni-bin", "bin-links").asBoolean()
                : composer.text("require-dev", "bamarni/composer-bin-plugin").contains("1."));
        boolean forwarded = composer.at("extra", "bamarni-bin", "forward-command").asBoolean();
        for (String file : project.under(folder)) {
            String tools = Project.folderOf(file);
            if (!Project.nameOf(file).equals("composer.json") || tools.equals(folder) || Project.isAside(tools) || !isToolFolder(project, tools)) {
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

    /** Packagist serves every public repository of a library; an application is no package of anyone. */
    private static void publication(Project project, String folder, Document composer, Component.Builder b) {
        String type = composer.text("type");
        boolean library = type.isEmpty() ? !project.exists(Project.join(folder, "composer.lock")) && composer.has("autoload") : !type.equals("project") && !type.equals("metapackage");
        if (folder.equals(".") && library && composer.text("name").matches("[a-z0-9]([_.-]?[a-z0-9]+)*/[a-z0-9](([_.]|-{1,2})?[a-z0-9]+)*")) {
            b.publication(new Publication("packagist", composer.text("name"), composer.evidence("composer-name", "name")));
        }
    }
}
