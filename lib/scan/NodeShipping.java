package lib.scan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.NodeCalls.Call;

/** What a package leaves behind and needs around it: reports, build results, registries, migrations, system packages. */
final class NodeShipping {
    /** What native modules are built against. */
    private static final Map<String, String> SYSTEM = table("""
            canvas=libcairo2-dev,libpango1.0-dev,libjpeg-dev,libgif-dev,librsvg2-dev pg-native=libpq-dev libpq=libpq-dev kerberos=libkrb5-dev
            keytar=libsecret-1-dev usb=libudev-dev speaker=libasound2-dev odbc=unixodbc-dev fluent-ffmpeg=ffmpeg gm=graphicsmagick
            """);
    /** Where a build's result goes if nothing says otherwise. */
    private static final Map<String, String> RESULTS = table("""
            next=.next nuxt=.output nuxi=.output vite=dist tsup=dist tsdown=dist unbuild=dist webpack=dist parcel=dist astro=dist ng=dist nest=dist
            react-scripts=build craco=build docusaurus=build gatsby=public remix=build react-router=build vue-cli-service=dist rsbuild=dist rslib=dist
            ncc=dist eleventy=_site
            """);
    /** Scripts that bring a database to its schema; what asks questions or makes migrations is for developers. */
    private static final List<String> MIGRATIONS = List.of("db:migrate:deploy", "migrate:deploy", "prisma:migrate:deploy", "db:deploy", "db:migrate", "db-migrate",
            "migrate:latest", "db:migrations:run", "migration:run", "migrations:run", "typeorm:migration:run", "migration:up", "migrate:up", "migrate");
    private static final String[] MIGRATORS = {"prisma", "drizzle-kit", "drizzle-orm", "knex", "sequelize", "typeorm", "node-pg-migrate", "db-migrate", "@mikro-orm/core",
            "@mikro-orm/cli", "kysely", "umzug", "@adonisjs/lucid", "postgrator", "migrate-mongo", "graphile-migrate", "pg"};
    private static final String[] VITEST_FILES = {"vitest.config.ts", "vitest.config.mts", "vitest.config.js", "vitest.config.mjs", "vite.config.ts",
            "vite.config.mts", "vite.config.js"};
    private static final Pattern VITEST_JUNIT = Pattern.compile("outputFile\\s*:\\s*(?:\\{[^}]*junit['\"]?\\s*:\\s*)?['\"]([^'\"]+\\.xml)['\"]");

    private final Project project;
    private final NodePackage of;
    private final NodeManager manager;
    private final NodeCommands chosen;
    private final Component.Builder component;

    NodeShipping(Project project, NodePackage of, NodeManager manager, NodeCommands chosen, Component.Builder component) {
        this.project = project;
        this.of = of;
        this.manager = manager;
        this.chosen = chosen;
        this.component = component;
    }

    void add() {
        reports();
        results();
        publication();
        migration();
        SYSTEM.forEach((dependency, packages) -> {
            if (of.installs(dependency)) {
                List.of(packages.split(",")).forEach(p -> component.systemPackage(p, of.dependency(dependency)));
            }
        });
        tools();
    }

    // --- reports that the tests write already ---

    private void reports() {
        List<Call> calls = chosen.calls(CommandKind.TEST);
        Evidence script = chosen.evidence(CommandKind.TEST).orElse(Evidence.of(of.file(), "manifest"));
        for (Call call : calls) {
            switch (call.tool()) {
                case "vitest" -> vitest(call, script);
                case "jest" -> jest(call, script);
                case "nyc", "c8" -> coverage(call, script);
                case "bun test" -> option(call, "--reporter-outfile").ifPresent(f -> component.output(Output.Kind.JUNIT, f, script));
                default -> {
                    // node --test --test-reporter=junit --test-reporter-destination=junit.xml; mocha --reporter xunit
                    if (call.args().stream().anyMatch(a -> a.contains("junit"))) {
                        option(call, "--test-reporter-destination").or(() -> option(call, "--outputFile")).filter(f -> f.endsWith(".xml"))
                                .ifPresent(f -> component.output(Output.Kind.JUNIT, f, script));
                    }
                }
            }
        }
    }

    private void vitest(Call call, Evidence script) {
        Optional<String> config = vitestConfig();
        String text = config.map(this::head).orElse("");
        boolean junit = call.args().stream().anyMatch(a -> a.contains("junit"));
        Optional<String> onLine = option(call, "--outputFile").or(() -> option(call, "--outputFile.junit")).filter(f -> junit);
        Matcher inFile = VITEST_JUNIT.matcher(text);
        if (onLine.isPresent()) {
            component.output(Output.Kind.JUNIT, onLine.get(), script);
        } else if (text.contains("junit") && inFile.find()) {
            component.output(Output.Kind.JUNIT, clean(inFile.group(1)),
                    new Evidence(config.get(), project.lineOf(config.get(), inFile.group(1)), "vitest-configuration"));
        }
        if (call.has("--coverage", "--coverage.enabled") || text.matches("(?s).*coverage\\s*:\\s*\\{[^}]*enabled\\s*:\\s*true.*")) {
            Matcher reporters = Pattern.compile("(?s)coverage\\s*:\\s*\\{.*?reporter\\s*:\\s*(\\[[^\\]]*\\]|'[^']*'|\"[^\"]*\")").matcher(text);
            String names = (reporters.find() ? reporters.group(1) : "")
                    + String.join(" ", call.args().stream().filter(a -> a.contains("coverage.reporter")).toList());
            coverageFiles(names, "coverage", config.map(c -> Evidence.of(c, "vitest-configuration")).orElse(script));
        }
    }

    private void jest(Call call, Evidence script) {
        Optional<String> config = project.first(of.folder(), "jest.config.js", "jest.config.ts", "jest.config.mjs", "jest.config.cjs", "jest.config.json");
        String text = config.map(this::head).orElse("") + of.manifest().at("jest");
        if (of.has("jest-junit") && (text.contains("jest-junit") || call.args().stream().anyMatch(a -> a.contains("jest-junit")))) {
            Matcher folder = Pattern.compile("outputDirectory['\"]?\\s*:\\s*['\"]([^'\"]+)").matcher(text);
            Matcher name = Pattern.compile("outputName['\"]?\\s*:\\s*['\"]([^'\"]+)").matcher(text);
            String own = of.manifest().text("jest-junit", "outputDirectory");
            String directory = !own.isEmpty() ? own : folder.find() ? folder.group(1) : ".";
            String ownName = of.manifest().text("jest-junit", "outputName");
            String file = !ownName.isEmpty() ? ownName : name.find() ? name.group(1) : "junit.xml";
            component.output(Output.Kind.JUNIT, Project.join(clean(directory), file),
                    config.map(c -> Evidence.of(c, "jest-configuration")).orElse(of.dependency("jest-junit")));
        }
        if (call.has("--coverage") || text.matches("(?s).*collectCoverage['\"]?\\s*:\\s*true.*")) {
            Matcher reporters = Pattern.compile("(?s)coverageReporters['\"]?\\s*:\\s*(\\[[^\\]]*\\])").matcher(text);
            coverageFiles(reporters.find() ? reporters.group(1) : "lcov", "coverage", script);
        }
    }

    private void coverage(Call call, Evidence script) {
        String names = String.join(" ", call.args()).replaceAll("(?s)\\s(npm|yarn|pnpm|mocha|node|tap|ava|jest)\\s.*", "");
        Optional<String> config = project.first(of.folder(), ".nycrc", ".nycrc.json", ".c8rc.json", ".c8rc");
        if (!names.contains("report") || names.contains("check-coverage") && !names.contains("--reporter")) {
            names = config.flatMap(project::text).filter(t -> t.contains("reporter")).orElse(of.manifest().at(call.tool()).path("reporter").toString());
        }
        coverageFiles(names, "coverage", config.map(c -> Evidence.of(c, "coverage-configuration")).orElse(script));
    }

    private void coverageFiles(String names, String folder, Evidence evidence) {
        if (names.contains("lcov")) {
            component.output(Output.Kind.LCOV, folder + "/lcov.info", evidence);
        }
        if (names.contains("cobertura")) {
            component.output(Output.Kind.COBERTURA, folder + "/cobertura-coverage.xml", evidence);
        }
    }

    private static Optional<String> option(Call call, String name) {
        for (int i = 0; i < call.args().size(); i++) {
            String arg = call.args().get(i);
            if (arg.startsWith(name + "=")) {
                return Optional.of(clean(arg.substring(name.length() + 1)));
            }
            if (arg.equals(name) && i + 1 < call.args().size()) {
                return Optional.of(clean(call.args().get(i + 1)));
            }
        }
        return Optional.empty();
    }

    private static String clean(String path) {
        return path.replaceFirst("^(\\./)+", "").replaceFirst("^<rootDir>/", "");
    }

    // --- what a build makes ---

    private void results() {
        for (Call call : chosen.calls(CommandKind.BUILD)) {
            if (!NodeTools.acts(call, project, of.folder()).contains(NodeTools.Act.BUILD)) {
                continue;
            }
            Optional<String> told = option(call, "--outDir").or(() -> option(call, "--out-dir")).or(() -> option(call, "--outdir"));
            String folder = told.orElseGet(() -> call.tool().equals("tsc") ? outDir() : RESULTS.getOrDefault(call.tool(), ""));
            if (!folder.isEmpty() && !clean(folder).startsWith("..") && Shell.isPrintable(folder)) {
                component.output(Output.Kind.BUILD, clean(folder), chosen.evidence(CommandKind.BUILD).orElseThrow());
                return;
            }
        }
        // An entry point that is not in the tree is made by the build.
        for (String field : List.of("main", "module", "types")) {
            String entry = clean(of.manifest().text(field));
            if (component.has(CommandKind.BUILD) && entry.indexOf('/') > 0 && !project.exists(Project.join(of.folder(), entry)) && !entry.contains("..")
                    && !project.isFolder(Project.join(of.folder(), entry.substring(0, entry.indexOf('/'))))) {
                component.output(Output.Kind.BUILD, entry.substring(0, entry.indexOf('/')), of.manifest().evidence("entry-point", field));
                return;
            }
        }
    }

    private String outDir() {
        return project.first(of.folder(), "tsconfig.build.json", "tsconfig.json").flatMap(project::json)
                .map(d -> d.text("compilerOptions", "outDir").replaceAll("/+$", "")).orElse("");
    }

    // --- where it goes ---

    private void publication() {
        Document manifest = of.manifest();
        String jsr = Project.join(of.folder(), "jsr.json");
        if (project.exists(jsr)) {
            project.json(jsr).filter(d -> d.has("name") && d.has("version"))
                    .ifPresent(d -> component.publication(new Publication("jsr", d.text("name"), d.evidence("jsr", "name"))));
        }
        boolean framework = of.hasAny("next", "nuxt", "@angular/core", "react-scripts", "expo", "electron");
        boolean application = framework && !manifest.has("publishConfig") && !manifest.has("exports");
        // Extensions of an editor go to its own market.
        if (application || manifest.has("engines", "vscode") || !of.isPublishable() || !of.name().matches("(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*")) {
            return;
        }
        for (String field : List.of("publishConfig", "files", "exports", "bin")) {
            if (manifest.has(field)) {
                component.publication(new Publication("npm", of.name(), manifest.evidence("npm-package", field)));
                return;
            }
        }
        for (String script : List.of("prepublishOnly", "prepack", "release", "prepublish")) {
            if (of.scripts().containsKey(script)) {
                component.publication(new Publication("npm", of.name(), of.script(script)));
                return;
            }
        }
    }

    private void migration() {
        for (String script : MIGRATIONS) {
            String text = of.scripts().getOrDefault(script, "");
            if (!text.isEmpty() && !text.contains("migrate dev") && !text.contains("create") && of.hasAny(MIGRATORS)) {
                component.migration(Command.certain(manager.run(script), of.script(script)));
                return;
            }
        }
        Optional<String> prisma = project.first(of.folder(), "prisma/schema.prisma", "schema.prisma");
        if (of.has("prisma") && prisma.isPresent() && project.isFolder(Project.join(Project.folderOf(prisma.get()), "migrations"))) {
            component.migration(Command.likely(manager.exec("prisma migrate deploy"), Evidence.of(prisma.get(), "prisma-schema")));
            return;
        }
        String[][] tools = {{"drizzle-kit", "drizzle.config.", "drizzle-kit migrate"}, {"knex", "knexfile.", "knex migrate:latest"},
                {"sequelize-cli", ".sequelizerc", "sequelize-cli db:migrate"}};
        for (String[] tool : tools) {
            Optional<String> config = project.in(of.folder()).stream().filter(f -> f.startsWith(tool[1])).findFirst();
            if (of.has(tool[0]) && config.isPresent()) {
                component.migration(Command.likely(manager.exec(tool[2]), Evidence.of(Project.join(of.folder(), config.get()), "migration-configuration")));
                return;
            }
        }
    }

    private boolean opensChrome(Call call) {
        return Set.of("karma", "wtr", "web-test-runner").contains(call.tool()) || call.tool().equals("ng") && call.first().equals("test") && of.has("karma");
    }

    private boolean browserIsOn() {
        return vitestConfig().map(this::head).filter(t -> t.matches("(?s).*\\bbrowser\\s*:\\s*\\{[^}]*\\benabled\\s*:\\s*true.*")).isPresent();
    }

    /** Configuration is program text, looked at by patterns: its beginning is enough. */
    private String head(String file) {
        return project.text(file).map(t -> t.length() > 50_000 ? t.substring(0, 50_000) : t).orElse("");
    }

    private Optional<String> vitestConfig() {
        return project.first(of.folder(), VITEST_FILES);
    }

    private void tools() {
        List<Call> calls = List.of(CommandKind.values()).stream().flatMap(k -> chosen.calls(k).stream()).toList();
        Evidence evidence = chosen.evidence(CommandKind.TEST).or(() -> chosen.evidence(CommandKind.BUILD)).orElse(Evidence.of(of.file(), "manifest"));
        Optional<String> playwright = List.of("@playwright/test", "playwright", "@vitest/browser-playwright").stream().filter(of::has).findFirst();
        boolean vitestBrowser = playwright.isPresent() && of.hasAny("@vitest/browser", "@vitest/browser-playwright")
                && calls.stream().anyMatch(c -> c.tool().equals("vitest") && (c.has("--browser", "--browser.enabled") || browserIsOn()));
        if (vitestBrowser || calls.stream().anyMatch(c -> c.tool().equals("playwright"))) {
            component.tool(new Tool("playwright", "", playwright.map(of::dependency).orElse(evidence)));
        }
        if (calls.stream().anyMatch(this::opensChrome)) {
            component.tool(new Tool("chrome", "", evidence));
        }
        for (String tool : List.of("bun", "deno", "pnpm", "yarn", "docker", "python", "python3", "go", "cargo")) {
            boolean called = calls.stream().anyMatch(c -> c.tool().equals(tool) || c.tool().startsWith(tool + " ") || c.tool().equals(tool + "-compose"));
            if (called && !manager.id().startsWith(tool)) {
                component.tool(new Tool(tool, "", evidence));
            }
        }
    }

    private static Map<String, String> table(String text) {
        Map<String, String> table = new TreeMap<>();
        for (String entry : text.strip().split("\\s+")) {
            table.put(entry.substring(0, entry.indexOf('=')), entry.substring(entry.indexOf('=') + 1));
        }
        return table;
    }
}
