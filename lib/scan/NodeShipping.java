package lib.scan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.NodeCalls.Call;

/** What a package leaves behind and needs around it: reports, build results, registries, migrations, system packages. */
final class NodeShipping {
    private static final Map<String, List<String>> SYSTEM = Map.of(
            "canvas", List.of("libcairo2-dev", "libpango1.0-dev", "libjpeg-dev", "libgif-dev", "librsvg2-dev"),
            "pg-native", List.of("libpq-dev"), "libpq", List.of("libpq-dev"), "kerberos", List.of("libkrb5-dev"), "keytar", List.of("libsecret-1-dev"), "usb", List.of("libudev-dev"),
            "speaker", List.of("libasound2-dev"), "odbc", List.of("unixodbc-dev"), "fluent-ffmpeg", List.of("ffmpeg"), "gm", List.of("graphicsmagick"));
    /** Where a build's result goes if nothing says otherwise. */
    private static final Map<String, String> RESULTS = Map.ofEntries(Map.entry("next", ".next"), Map.entry("nuxt", ".output"), Map.entry("nuxi", ".output"), Map.entry("vite", "dist"),
            Map.entry("tsup", "dist"), Map.entry("tsdown", "dist"), Map.entry("unbuild", "dist"), Map.entry("webpack", "dist"), Map.entry("parcel", "dist"), Map.entry("astro", "dist"),
            Map.entry("ng", "dist"), Map.entry("nest", "dist"), Map.entry("react-scripts", "build"), Map.entry("craco", "build"), Map.entry("docusaurus", "build"), Map.entry("gatsby", "public"),
            Map.entry("remix", "build"), Map.entry("react-router", "build"), Map.entry("vue-cli-service", "dist"), Map.entry("rsbuild", "dist"), Map.entry("rslib", "dist"), Map.entry("ncc", "dist"),
            Map.entry("eleventy", "_site"));
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
                packages.forEach(p -> component.systemPackage(p, of.dependency(dependency)));
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
        String text = config.flatMap(project::text).orElse("");
        Optional<String> onLine = option(call, "--outputFile").or(() -> option(call, "--outputFile.junit")).filter(f -> call.args().stream().anyMatch(a -> a.contains("junit")));
        Matcher inFile = VITEST_JUNIT.matcher(text);
        if (onLine.isPresent()) {
            component.output(Output.Kind.JUNIT, onLine.get(), script);
        } else if (text.contains("junit") && inFile.find()) {
            component.output(Output.Kind.JUNIT, clean(inFile.group(1)), new Evidence(config.get(), project.lineOf(config.get(), inFile.group(1)), "vitest-configuration"));
        }
        if (call.has("--coverage", "--coverage.enabled") || text.matches("(?s).*coverage\\s*:\\s*\\{[^}]*enabled\\s*:\\s*true.*")) {
            Matcher reporters = Pattern.compile("(?s)coverage\\s*:\\s*\\{.*?reporter\\s*:\\s*(\\[[^\\]]*\\]|'[^']*'|\"[^\"]*\")").matcher(text);
            String names = (reporters.find() ? reporters.group(1) : "") + String.join(" ", call.args().stream().filter(a -> a.contains("coverage.reporter")).toList());
            coverageFiles(names, "coverage", config.map(c -> Evidence.of(c, "vitest-configuration")).orElse(script));
        }
    }

    private void jest(Call call, Evidence script) {
        Optional<String> config = project.first(of.folder(), "jest.config.js", "jest.config.ts", "jest.config.mjs", "jest.config.cjs", "jest.config.json");
        String text = config.flatMap(project::text).orElse("") + of.manifest().at("jest");
        if (of.has("jest-junit") && (text.contains("jest-junit") || call.args().stream().anyMatch(a -> a.contains("jest-junit")))) {
            Matcher folder = Pattern.compile("outputDirectory['\"]?\\s*:\\s*['\"]([^'\"]+)").matcher(text);
            Matcher name = Pattern.compile("outputName['\"]?\\s*:\\s*['\"]([^'\"]+)").matcher(text);
            String own = of.manifest().text("jest-junit", "outputDirectory");
            String directory = !own.isEmpty() ? own : folder.find() ? folder.group(1) : ".";
            String ownName = of.manifest().text("jest-junit", "outputName");
            String file = !ownName.isEmpty() ? ownName : name.find() ? name.group(1) : "junit.xml";
            component.output(Output.Kind.JUNIT, Project.join(clean(directory), file), config.map(c -> Evidence.of(c, "jest-configuration")).orElse(of.dependency("jest-junit")));
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
            String folder = call.tool().equals("tsc") ? outDir() : option(call, "--outDir").or(() -> option(call, "--out-dir")).or(() -> option(call, "--outdir")).orElse(RESULTS.getOrDefault(call.tool(), ""));
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
        return project.first(of.folder(), "tsconfig.build.json", "tsconfig.json").flatMap(project::json).map(d -> d.text("compilerOptions", "outDir").replaceAll("/+$", "")).orElse("");
    }

    // --- where it goes ---

    private void publication() {
        Document manifest = of.manifest();
        String jsr = Project.join(of.folder(), "jsr.json");
        if (project.exists(jsr)) {
            project.json(jsr).filter(d -> d.has("name") && d.has("version")).ifPresent(d -> component.publication(new Publication("jsr", d.text("name"), d.evidence("jsr", "name"))));
        }
        boolean application = of.hasAny("next", "nuxt", "@angular/core", "react-scripts", "expo", "electron") && !manifest.has("publishConfig") && !manifest.has("exports") || manifest.has("engines", "vscode");
        if (application || !of.isPublishable() || !of.name().matches("(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*")) {
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
        for (String script : List.of("db:migrate:deploy", "migrate:deploy", "prisma:migrate:deploy", "db:deploy", "db:migrate", "db-migrate", "migrate:latest", "db:migrations:run", "migration:run",
                "migrations:run", "typeorm:migration:run", "migration:up", "migrate:up", "migrate")) {
            String text = of.scripts().getOrDefault(script, "");
            // prisma migrate dev asks questions and makes migrations: it is for developers.
            if (!text.isEmpty() && !text.contains("migrate dev") && !text.contains("create") && of.hasAny("prisma", "drizzle-kit", "drizzle-orm", "knex", "sequelize", "typeorm", "node-pg-migrate",
                    "db-migrate", "@mikro-orm/core", "@mikro-orm/cli", "kysely", "umzug", "@adonisjs/lucid", "postgrator", "migrate-mongo", "graphile-migrate", "pg")) {
                component.migration(Command.certain(manager.run(script), of.script(script)));
                return;
            }
        }
        Optional<String> prisma = project.first(of.folder(), "prisma/schema.prisma", "schema.prisma");
        if (of.has("prisma") && prisma.isPresent() && project.any(of.folder(), Project.nameOf(prisma.get()).equals(prisma.get()) ? "migrations/**" : "prisma/migrations/**")) {
            component.migration(Command.likely(manager.exec("prisma migrate deploy"), Evidence.of(prisma.get(), "prisma-schema")));
            return;
        }
        for (String[] tool : new String[][] {{"drizzle-kit", "drizzle.config.", "drizzle-kit migrate"}, {"knex", "knexfile.", "knex migrate:latest"}, {"sequelize-cli", ".sequelizerc", "sequelize-cli db:migrate"}}) {
            Optional<String> config = project.in(of.folder()).stream().filter(f -> f.startsWith(tool[1])).findFirst();
            if (of.has(tool[0]) && config.isPresent()) {
                component.migration(Command.likely(manager.exec(tool[2]), Evidence.of(Project.join(of.folder(), config.get()), "migration-configuration")));
                return;
            }
        }
    }

    private boolean browserIsOn() {
        return vitestConfig().flatMap(project::text).filter(t -> t.matches("(?s).*\\bbrowser\\s*:\\s*\\{[^}]*\\benabled\\s*:\\s*true.*")).isPresent();
    }

    private Optional<String> vitestConfig() {
        return project.first(of.folder(), "vitest.config.ts", "vitest.config.mts", "vitest.config.js", "vitest.config.mjs", "vite.config.ts", "vite.config.mts", "vite.config.js");
    }

    private void tools() {
        List<Call> calls = List.of(CommandKind.FORMAT, CommandKind.LINT, CommandKind.TYPECHECK, CommandKind.TEST, CommandKind.BUILD).stream().flatMap(k -> chosen.calls(k).stream()).toList();
        Evidence evidence = chosen.evidence(CommandKind.TEST).or(() -> chosen.evidence(CommandKind.BUILD)).orElse(Evidence.of(of.file(), "manifest"));
        boolean vitestBrowser = of.hasAny("@vitest/browser", "@vitest/browser-playwright") && of.hasAny("playwright", "@playwright/test", "@vitest/browser-playwright")
                && calls.stream().anyMatch(c -> c.tool().equals("vitest") && (c.has("--browser", "--browser.enabled") || browserIsOn()));
        if (vitestBrowser || calls.stream().anyMatch(c -> c.tool().equals("playwright"))) {
            component.tool(new Tool("playwright", "", of.dependency(of.has("@playwright/test") ? "@playwright/test" : of.has("playwright") ? "playwright" : "@vitest/browser-playwright")));
        }
        if (calls.stream().anyMatch(c -> Set.of("karma", "wtr", "web-test-runner").contains(c.tool()) || c.tool().equals("ng") && c.first().equals("test") && of.has("karma"))) {
            component.tool(new Tool("chrome", "", evidence));
        }
        for (String tool : List.of("bun", "deno", "pnpm", "yarn", "docker", "python", "python3", "go", "cargo")) {
            boolean called = calls.stream().anyMatch(c -> c.tool().equals(tool) || c.tool().startsWith(tool + " ") || tool.equals("docker") && c.tool().equals("docker-compose"));
            if (called && !manager.id().startsWith(tool)) {
                component.tool(new Tool(tool, "", evidence));
            }
        }
    }
}
