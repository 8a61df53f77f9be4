package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;
import lib.scan.PythonTasks.Way;

/**
 * Knows sites made by Hugo, MkDocs and Antora.
 *
 * <p>The documentation of a program is part of that program: such a folder, or a site's configuration beside a package of code, makes no
 * component.
 */
final class DocsLanguage implements Language {
    private static final List<String> HUGO = List.of("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json");
    /** Names from before Hugo 0.110, which many tools use: only what is in them tells. */
    private static final List<String> HUGO_OLD = List.of("config.toml", "config.yaml", "config.yml");
    private static final List<String> CODE = List.of("go.mod", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "composer.json",
            "Gemfile", "mix.exs", "setup.py", "setup.cfg",
            "build.sbt", "Package.swift", "pubspec.yaml", "CMakeLists.txt", "deno.json");
    private static final Pattern HUGO_VERSION = Pattern.compile("(?i)HUGO_VERSION\\s*[:=]\\s*[\"']?v?(\\d+\\.\\d+(?:\\.\\d+)?)");
    private static final Pattern NPM_RUN = Pattern.compile("\\b(?:npm|yarn|pnpm) run ([\\w:.-]+)");
    private static final Pattern HUGO_IMAGE = Pattern.compile("(?i)^FROM\\s+\\S*hugo\\S*:(?:ext-|v)?(\\d+\\.\\d+(?:\\.\\d+)?)");

    @Override
    public List<String> looksFor() {
        return List.of("hugo.toml", "mkdocs.yml", "antora-playbook.yml");
    }

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        Stream.concat(HUGO.stream(), HUGO_OLD.stream()).flatMap(n -> project.named(n).stream()).filter(f -> isHugo(project, f))
                .filter(f -> components.stream().noneMatch(c -> c.path().equals(siteOf(f)))).forEach(f -> components.add(hugo(project, f)));
        Stream.of("mkdocs.yml", "mkdocs.yaml").flatMap(n -> project.named(n).stream()).filter(f -> isSite(project, Project.folderOf(f)))
                .forEach(f -> mkdocs(project, f).ifPresent(components::add));
        project.named("antora-playbook.yml").stream().filter(f -> isSite(project, Project.folderOf(f)))
                .forEach(f -> components.add(antora(project, f)));
        return components;
    }

    /** Is the site what the folder is for, rather than the documentation of the code in it? */
    private static boolean isSite(Project project, String folder) {
        if (CODE.stream().anyMatch(c -> project.exists(Project.join(folder, c)))) {
            return false;
        }
        String pyproject = Project.join(folder, "pyproject.toml");
        boolean python = project.exists(pyproject) && project.toml(pyproject)
                .filter(d -> d.has("build-system") || d.has("project", "scripts")).isPresent();
        String node = Project.join(folder, "package.json");
        boolean program = project.exists(node) && project.json(node)
                .filter(d -> d.has("dependencies") && !dependsOn(d, "antora") && !dependsOn(d, "@antora/cli")
                || d.has("bin") || d.has("exports") || d.has("workspaces")).isPresent();
        return !python && !program;
    }

    private static boolean dependsOn(Document manifest, String name) {
        return manifest.has("dependencies", name) || manifest.has("devDependencies", name);
    }

    // --- Hugo ---

    private static boolean isHugo(Project project, String file) {
        // Beside config/_default lie the environments' own: production, staging.
        if (Project.folderOf(file).matches("(.*/)?config/(?!_default)[^/]+")) {
            return false;
        }
        if (HUGO.contains(Project.nameOf(file))) {
            return !isTheme(project, file);
        }
        Optional<Document> document = file.endsWith(".toml") ? project.toml(file) : project.yaml(file);
        String folder = siteOf(file);
        boolean keys = document.filter(d -> Stream.of("baseURL", "baseurl", "baseUrl").anyMatch(d::has)
                && Stream.of("theme", "languageCode", "module", "params", "markup", "taxonomies", "languages", "title").anyMatch(d::has)).isPresent();
        boolean folders = Stream.of("content", "layouts", "archetypes", "themes").anyMatch(f -> project.isFolder(Project.join(folder, f)));
        return keys && folders && !project.exists(Project.join(folder, "_config.yml"));
    }

    /** A theme has a configuration too, but nothing to build. */
    private static boolean isTheme(Project project, String file) {
        String folder = Project.folderOf(file);
        return project.exists(Project.join(folder, "theme.toml")) && !project.isFolder(Project.join(folder, "content"));
    }

    /** A site may keep its configuration in {@code config/_default}. */
    private static String siteOf(String file) {
        String folder = Project.folderOf(file);
        return folder.equals("config/_default") || folder.endsWith("/config/_default") ? Project.folderOf(Project.folderOf(folder)) : folder;
    }

    private static Component hugo(Project project, String file) {
        String folder = siteOf(file);
        Evidence evidence = Evidence.of(file, "hugo-configuration");
        Component.Builder builder = Component.at(folder, "hugo");
        String node = Project.join(folder, "package.json");
        Optional<Document> manifest = project.exists(node) ? project.json(node) : Optional.empty();
        if (manifest.filter(DocsLanguage::bringsHugo).isEmpty()) {
            builder.tool(hugo(project, folder, evidence));
        }
        // Asset pipelines (PostCSS, Tailwind) are programs of Node that Hugo calls.
        manifest.filter(d -> d.has("devDependencies") || d.has("dependencies")).ifPresent(d -> nodeInstall(project, folder, builder));
        String go = Project.join(folder, "go.mod");
        if (project.exists(go)) {
            int line = project.lineOf(go, "go 1");
            String version = project.lines(go).stream().filter(l -> l.matches("go \\d[\\d.]*\\s*")).map(l -> l.substring(3).strip()).findFirst()
                    .orElse("");
            builder.runtime(new Runtime("go", version, "", go, new Evidence(go, line, "go-mod")));
        }
        // A script of package.json that builds the site is a command of the component of Node in the same folder.
        if (manifest.filter(d -> buildsBy(d, "hugo")).isEmpty()) {
            builder.command(CommandKind.BUILD, task(project, folder, "hugo").map(t -> Command.certain(t.run(), t.evidence()))
                    .orElse(Command.certain("hugo --minify", evidence)));
        }
        builder.output(Output.Kind.BUILD, publishFolder(project, file) + "/**", evidence);
        return builder.build();
    }

    private static String publishFolder(Project project, String file) {
        Optional<Document> document = file.endsWith(".toml") ? project.toml(file) : file.endsWith(".json") ? project.json(file) : project.yaml(file);
        String set = document.map(d -> d.text("publishDir")).orElse("");
        return set.matches("[\\w./-]+") ? set : "public";
    }

    static boolean bringsHugo(Document manifest) {
        return dependsOn(manifest, "hugo-extended") || dependsOn(manifest, "hugo-bin");
    }

    /** Hugo in the version that the project names anywhere. */
    static Tool hugo(Project project, String folder, Evidence evidence) {
        return hugoVersion(project, folder).orElse(new Tool("hugo", "", evidence));
    }

    private static Optional<Tool> hugoVersion(Project project, String folder) {
        for (String at : VersionFiles.upwards(folder)) {
            for (String name : List.of("netlify.toml", "vercel.json", "Dockerfile", ".env", "Makefile", "docker-compose.yml",
                    "docker-compose.yaml", "compose.yaml")) {
                String file = Project.join(at, name);
                List<String> lines = project.lines(file);
                for (int i = 0; i < lines.size(); i++) {
                    Matcher version = (lines.get(i).toUpperCase(java.util.Locale.ROOT).startsWith("FROM") ? HUGO_IMAGE : HUGO_VERSION)
                            .matcher(lines.get(i).replace("\"HUGO_VERSION\"", "HUGO_VERSION"));
                    if (version.find()) {
                        return Optional.of(new Tool("hugo", version.group(1), new Evidence(file, i + 1, "hugo-version")));
                    }
                }
            }
        }
        return VersionFiles.line(project, folder, ".hugo-version", "hugo-version")
                .or(() -> VersionFiles.find(project, folder, "hugo", "hugo-extended", "gohugo"))
                .filter(p -> p.version().matches("(extended_)?v?\\d+(\\.\\d+)+"))
                        .map(p -> new Tool("hugo", p.version().replaceFirst("^(extended_)?v?", ""), p.evidence()));
    }

    // --- MkDocs ---

    private static Optional<Component> mkdocs(Project project, String file) {
        String folder = Project.folderOf(file);
        Evidence evidence = Evidence.of(file, "mkdocs-configuration");
        PythonManifest manifest = PythonManifest.read(project, folder);
        PythonManager manager = PythonManager.of(project, manifest, folder);
        PythonTasks tasks = new PythonTasks(project, manifest);
        List<Way> ways = tasks.own();
        Component.Builder builder = Component.at(folder, "mkdocs").runtime(PythonRuntime.of(project, manifest));
        boolean declared = manager.declares("mkdocs") || manager.declares("mkdocs-material") || manager.declares("zensical");
        if (!declared && !isMostlyText(project, folder)) {
            return Optional.empty();
        }
        String tool = manager.declares("mkdocs") || !manager.declares("mkdocs-material") ? "mkdocs" : "mkdocs-material";
        if (declared) {
            builder.commands(CommandKind.INSTALL, manager.install(Set.of(tool), ways, tasks, false)).packageManager(manager.facts());
        } else {
            builder.tool(new Tool(theme(project, file).equals("material") ? "mkdocs-material" : "mkdocs", "", evidence));
        }
        Optional<Way> own = ways.stream().filter(w -> PythonCommands.does(w, PythonCalls.Use.DOCS) && !PythonCommands.does(w, PythonCalls.Use.PUBLISH)
                && w.calls().stream().anyMatch(c -> c.tool().equals("mkdocs"))
                        && !w.name().matches("(?i).*(serve|deploy|publish|watch|clean).*")).findFirst();
        if (own.isPresent()) {
            boolean bare = own.get().calls().stream().anyMatch(c -> c.tool().equals("mkdocs") && !c.wrapped());
            builder.command(CommandKind.BUILD, Command.certain((bare ? manager.prefix : "") + own.get().run(), own.get().evidence()));
        } else {
            builder.command(CommandKind.BUILD, declared ? Command.certain(manager.run("mkdocs build", ""), evidence)
                    : plain(project, file) ? Command.likely("mkdocs build", evidence) : Command.guess("mkdocs build", evidence));
            builder.output(Output.Kind.BUILD, "site/**", evidence);
        }
        manifest.dependencies().forEach((name, requirement) -> builder.dependency(name, requirement.evidence()));
        return Optional.of(builder.build());
    }

    private static boolean isMostlyText(Project project, String folder) {
        long text = project.under(folder).stream().filter(f -> f.endsWith(".md")).count();
        return text * 2 >= project.under(folder).size();
    }

    private static String theme(Project project, String file) {
        return project.yaml(file).map(d -> d.text("theme").isEmpty() ? d.text("theme", "name") : d.text("theme")).orElse("");
    }

    /** Does it need nothing but MkDocs itself? */
    private static boolean plain(Project project, String file) {
        List<String> plugins = new ArrayList<>();
        project.yaml(file).ifPresent(d -> d.at("plugins")
                .forEach(p -> plugins.add(p.isTextual() ? p.asText() : p.fieldNames().hasNext() ? p.fieldNames().next() : "")));
        return List.of("", "mkdocs", "readthedocs", "material").contains(theme(project, file))
                && List.of("search", "tags", "blog", "offline").containsAll(plugins);
    }

    // --- Antora ---

    private static Component antora(Project project, String file) {
        String folder = Project.folderOf(file);
        Evidence evidence = Evidence.of(file, "antora-playbook");
        Component.Builder builder = Component.at(folder, "antora");
        String node = Project.join(folder, "package.json");
        Optional<Document> manifest = project.exists(node) ? project.json(node) : Optional.empty();
        boolean declared = manifest.filter(d -> dependsOn(d, "antora") || dependsOn(d, "@antora/cli")).isPresent();
        if (declared) {
            nodeInstall(project, folder, builder);
        } else {
            builder.tool(new Tool("antora", "", evidence));
        }
        if (!declared || !buildsBy(manifest.get(), "antora")) {
            builder.command(CommandKind.BUILD, Command.certain((declared ? "npx " : "") + "antora " + Project.nameOf(file), evidence));
        }
        String output = project.yaml(file).map(d -> d.text("output", "dir")).orElse("");
        builder.output(Output.Kind.BUILD, (output.matches("(\\./)?\\w[\\w./-]*") ? output.replaceFirst("^\\./", "") : "build/site") + "/**",
                evidence);
        return builder.build();
    }

    /** Does the npm script {@code build} run that program in the end? */
    private static boolean buildsBy(Document manifest, String program) {
        String text = manifest.text("scripts", "build");
        for (int depth = 0; depth < 5 && !text.isEmpty() && text.length() < 2_000; depth++) {
            if (text.matches("(?s)(.*[&;|]\\s*)?((cross-env\\s+)?\\w+=\\S+\\s+)*(npx\\s+)?" + program + "(\\s(?!.*\\b(serve|server)\\b).*)?")) {
                return true;
            }
            Matcher next = NPM_RUN.matcher(text);
            text = next.find() ? manifest.text("scripts", next.group(1)) : "";
        }
        return false;
    }

    private static void nodeInstall(Project project, String folder, Component.Builder builder) {
        record Way(String lock, String manager, String run) {}
        for (Way way : List.of(new Way("package-lock.json", "npm", "npm ci"), new Way("npm-shrinkwrap.json", "npm", "npm ci"),
                new Way("pnpm-lock.yaml", "pnpm", "pnpm install --frozen-lockfile"), new Way("yarn.lock", "yarn", "yarn install --frozen-lockfile"),
                new Way("package.json", "npm", "npm install"))) {
            String file = Project.join(folder, way.lock);
            if (project.exists(file)) {
                Evidence evidence = Evidence.of(file, way.lock.equals("package.json") ? "manifest" : "lock-file");
                builder.packageManager(new PackageManager(way.manager, "", evidence, List.of(file))).command(CommandKind.INSTALL,
                        Command.certain(way.run, evidence));
                return;
            }
        }
    }

    private static Optional<Task> task(Project project, String folder, String program) {
        return project.tasks(folder).stream()
                .filter(t -> Shell.isPrintable(t.name())
                && t.name().matches("(?i)(build|site|build-site|html|generate|public|all|production-build|release-build)"))
                .filter(t -> t.recipe().stream()
                        .anyMatch(l -> l.length() < 500 && l.strip().matches("@?-?(\\S+=\\S+\\s+)*" + program + "(\\s+(?!serve|server|new|mod)\\S+)*")))
                .filter(t -> t.recipe().stream()
                        .noneMatch(l -> l.matches(".*\\b(rsync|docker|aws|gsutil|firebase|netlify|git push|server)\\b.*"))).findFirst();
    }
}
