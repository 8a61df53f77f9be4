package lib.scan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Confidence;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Publication;
import lib.scan.Component.Runtime;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/** Builds with Gradle: one unit for each settings file (or lone build script), with the projects that it includes as members. */
final class GradleBuild {
    private static final int MAX_SHARED_SCRIPTS = 200;

    private final Project project;

    private final Map<String, Optional<GradleScript>> scripts = new HashMap<>();

    GradleBuild(Project project) {
        this.project = project;
    }

    /**
     * @param members Gradle path ({@code :core:data}) to folder, without the root
     * @param scripts build scripts by folder, the root's with it
     * @param shared settings, script plugins, and the sources of the build's own plugins
     */
    record Unit(String folder, GradleScript settings, Map<String, String> members, Map<String, GradleScript> scripts, List<GradleScript> shared,
                GradleCatalog catalog, JvmLanguage.Wrapper wrapper) {

        List<GradleScript> all() {
            List<GradleScript> all = new ArrayList<>(scripts.values());
            all.addAll(shared);
            return all;
        }

        /** All plugins that some script applies: ids with the first place. */
        Map<String, Evidence> plugins() {
            Map<String, Evidence> plugins = new LinkedHashMap<>();
            all().forEach(s -> s.plugins(catalog).forEach(f -> plugins.putIfAbsent(f.text(), f.evidence())));
            return plugins;
        }

        String manifest() {
            return settings != null ? settings.file : scripts.get(folder).file;
        }
    }

    List<Component> components() {
        List<Component> components = new ArrayList<>();
        Set<String> taken = new LinkedHashSet<>();
        for (String folder : roots()) {
            if (taken.contains(folder)) {
                continue;
            }
            Unit unit = unit(folder);
            if (unit.scripts.isEmpty()) {
                continue;
            }
            taken.addAll(unit.members.values());
            if (unit.settings != null) {
                unit.settings.includedBuilds().forEach(b -> Project.resolve(folder, b).ifPresent(taken::add));
            }
            components.addAll(components(unit));
        }
        return components;
    }

    /** Folders that start a build, the outer before the inner: those of settings files, then those of build scripts that no settings cover. */
    private List<String> roots() {
        Set<String> settings = new LinkedHashSet<>();
        Set<String> lone = new LinkedHashSet<>();
        List.of("settings.gradle", "settings.gradle.kts").forEach(n -> project.named(n).stream().filter(this::isOwn).forEach(f -> settings.add(Project.folderOf(f))));
        List.of("build.gradle", "build.gradle.kts").forEach(n -> project.named(n).stream().filter(this::isOwn).map(Project::folderOf)
                .filter(f -> VersionFiles.upwards(f).stream().noneMatch(settings::contains)).forEach(lone::add));
        List<String> roots = new ArrayList<>(settings);
        // Without settings a build has no other projects than its own: a script below another lone script is not part of it.
        roots.addAll(lone);
        roots.sort(java.util.Comparator.<String>comparingLong(f -> f.equals(".") ? -1 : f.chars().filter(c -> c == '/').count())
                .thenComparing(java.util.Comparator.naturalOrder()));
        return roots;
    }

    /** The native shells of Flutter, React Native and Capacitor apps are built by those tools, and a build's own plugins by the build. */
    private boolean isOwn(String file) {
        for (String at : VersionFiles.upwards(Project.folderOf(file))) {
            String name = Project.nameOf(at);
            String above = Project.folderOf(at);
            if (name.equals("buildSrc") || name.equals("build-logic") || name.equals("buildLogic") || name.equals("build-plugins")) {
                return false;
            }
            if (name.equals("android") && !at.equals(".") && project.first(above, "pubspec.yaml", "package.json").isPresent()) {
                return false;
            }
        }
        return !JvmLanguage.isResource(project, file);
    }

    // --- reading one unit ---

    private Unit unit(String folder) {
        GradleScript settings = script(folder, "settings").orElse(null);
        Map<String, String> members = members(folder, settings);
        Map<String, GradleScript> scripts = new TreeMap<>();
        script(folder, "build").ifPresent(s -> scripts.put(folder, s));
        members.values().forEach(f -> buildScript(f).ifPresent(s -> scripts.put(f, s)));
        JvmLanguage.Wrapper wrapper = JvmLanguage.Wrapper.find(project, folder, "gradlew", "gradle/wrapper/gradle-wrapper.properties");
        if (wrapper.isThere() && !project.isOnDisk(Project.folderOf(wrapper.properties()) + "/gradle-wrapper.jar")) {
            project.report(Finding.warning("wrapper-incomplete", wrapper.script() + " needs gradle/wrapper/gradle-wrapper.jar, which is not there; an installed "
                    + "Gradle is called instead", "gradle wrapper, then commit the jar (an exception in .gitignore may be needed)",
                    Evidence.of(wrapper.properties(), "wrapper")));
            wrapper = new JvmLanguage.Wrapper("", wrapper.properties(), wrapper.version(), "");
        }
        return new Unit(folder, settings, members, scripts, shared(folder, settings), GradleCatalog.of(project, folder), wrapper);
    }

    private Optional<GradleScript> script(String folder, String name) {
        return project.first(folder, name + ".gradle.kts", name + ".gradle").flatMap(f -> scripts.computeIfAbsent(f, file -> GradleScript.read(project, file)));
    }

    /** Some builds call a project's script by the project's name: {@code core/core.gradle.kts}. */
    private Optional<GradleScript> buildScript(String folder) {
        return script(folder, "build").or(() -> script(folder, Project.nameOf(folder)));
    }

    private Map<String, String> members(String folder, GradleScript settings) {
        Map<String, String> members = new LinkedHashMap<>();
        if (settings == null) {
            return members;
        }
        Map<String, String> moved = settings.projectFolders();
        for (GradleScript.Found include : settings.includes()) {
            String path = include.text();
            String relative = moved.getOrDefault(path, path.substring(1).replace(':', '/'));
            Project.resolve(folder, relative).filter(f -> !f.equals(folder) && project.isFolder(f))
                    .filter(f -> buildScript(f).isPresent() || JvmLanguage.hasSources(project, f)).ifPresent(f -> members.put(path, f));
        }
        // Settings that list folders by a loop: whatever has a build script belongs to the build.
        if (settings.says("listFiles|eachDir|fileTree|walkTopDown|eachFileRecurse|\\.walk\\(")) {
            for (String name : List.of("build.gradle.kts", "build.gradle")) {
                project.named(name).stream().map(Project::folderOf).filter(f -> Project.isInside(f, folder) && !f.equals(folder) && isOwn(Project.join(f, name)))
                        .filter(f -> !members.containsValue(f) && project.first(f, "settings.gradle", "settings.gradle.kts").isEmpty())
                        .forEach(f -> members.put(":" + (folder.equals(".") ? f : f.substring(folder.length() + 1)).replace('/', ':'), f));
            }
        }
        return members;
    }

    private List<GradleScript> shared(String folder, GradleScript settings) {
        List<String> files = new ArrayList<>();
        Set<String> plugins = new LinkedHashSet<>(List.of(Project.join(folder, "buildSrc"), Project.join(folder, "build-logic")));
        if (settings != null) {
            settings.includedBuilds().forEach(b -> Project.resolve(folder, b).filter(f -> !f.equals(folder)).ifPresent(plugins::add));
        }
        project.in(Project.join(folder, "gradle")).stream().filter(n -> n.endsWith(".gradle") || n.endsWith(".gradle.kts"))
                .forEach(n -> files.add(Project.join(folder, "gradle/" + n)));
        for (String at : plugins) {
            boolean isPlugin = !at.equals(Project.join(folder, "buildSrc")) || project.isFolder(at);
            project.under(at).stream().filter(f -> isPlugin && f.matches(".*\\.(gradle|gradle\\.kts|kt|groovy)") && !JvmLanguage.isTest(f)).forEach(files::add);
        }
        List<GradleScript> shared = new ArrayList<>();
        if (settings != null) {
            shared.add(settings);
        }
        files.stream().limit(MAX_SHARED_SCRIPTS).forEach(f -> GradleScript.read(project, f).ifPresent(shared::add));
        return shared;
    }

    // --- components ---

    private List<Component> components(Unit unit) {
        Map<String, Evidence> plugins = unit.plugins();
        Runtime runtime = new GradleJdk(project, unit, plugins).runtime();
        Workspace workspace = unit.members.isEmpty() ? null : new Workspace(unit.folder, "gradle", "", true);
        List<Component> components = new ArrayList<>();
        String fallback = JvmLanguage.ecosystem(project, unit.folder, plugins.keySet().stream().anyMatch(p -> p.startsWith("org.jetbrains.kotlin")) ? "kotlin" : "java");
        List<String> folders = new ArrayList<>(List.of(unit.folder));
        unit.members.values().stream().distinct().sorted().forEach(folders::add);
        for (String folder : folders) {
            boolean isRoot = folder.equals(unit.folder);
            GradleScript script = unit.scripts.get(folder);
            Component.Builder component = Component.at(folder, JvmLanguage.ecosystem(project, folder, fallback)).name(name(unit, folder)).runtime(runtime)
                    .workspace(workspace);
            String manifest = script == null ? unit.manifest() : script.file;
            component.packageManager(new PackageManager("gradle", unit.wrapper.version(project, unit.folder, "gradle"), unit.wrapper.evidence(manifest), keys(unit, folder)));
            if (script != null) {
                script.dependencies(unit.catalog).forEach(d -> component.dependency(d.text(), d.evidence()));
                script.projectDependencies().forEach(p -> target(unit, p).filter(f -> !f.equals(folder)).ifPresent(component::dependsOn));
                publication(unit, script, gradle(unit, folder), coordinates(unit, script, name(unit, folder))).ifPresent(component::publication);
            }
            boolean gathers = isRoot && workspace != null && !JvmLanguage.hasSources(project, folder);
            if (gathers || !isRoot && Project.isAside(folder)) {
                component.notAPackage();
            }
            if (isRoot) {
                new GradleCommands(project, unit, plugins).addTo(component);
            }
            components.add(component.build());
        }
        return components;
    }

    private String name(Unit unit, String folder) {
        if (!folder.equals(unit.folder)) {
            return Project.nameOf(folder);
        }
        return unit.settings == null ? "" : unit.settings.variable("rootProject.name").map(n -> n.replaceAll("[\"']", ""))
                .filter(n -> n.matches("[\\w. -]+")).orElse("");
    }

    private String coordinates(Unit unit, GradleScript script, String name) {
        List<GradleScript> scripts = new ArrayList<>(List.of(script));
        Optional.ofNullable(unit.scripts.get(unit.folder)).ifPresent(scripts::add);
        Optional<String> group = scripts.stream().flatMap(s -> s.variable("group").stream()).filter(g -> g.matches("[\"'][\\w.-]+[\"']")).findFirst()
                .map(g -> g.substring(1, g.length() - 1));
        Optional<Ini> properties = project.ini(Project.join(unit.folder, "gradle.properties"));
        String fromProperties = properties.map(p -> p.text("", "GROUP").isEmpty() ? p.text("", "group") : p.text("", "GROUP")).orElse("");
        String known = group.orElse(fromProperties);
        return known.isEmpty() ? name : known + ":" + name;
    }

    private List<String> keys(Unit unit, String folder) {
        Set<String> keys = new java.util.TreeSet<>();
        if (folder.equals(unit.folder)) {
            unit.scripts.values().forEach(s -> keys.add(s.file));
            keys.addAll(unit.catalog.files());
            if (unit.settings != null) {
                keys.add(unit.settings.file);
            }
            if (unit.wrapper.isThere()) {
                keys.add(unit.wrapper.properties());
            }
        } else if (unit.scripts.containsKey(folder)) {
            keys.add(unit.scripts.get(folder).file);
        }
        project.first(folder, "gradle.lockfile").ifPresent(keys::add);
        return List.copyOf(keys);
    }

    /** The folder of {@code :core:data}, or of {@code .core.dataTest} as the typesafe accessors write {@code :core:data-test}. */
    private static Optional<String> target(Unit unit, String path) {
        if (path.startsWith(":")) {
            return Optional.ofNullable(unit.members.get(path));
        }
        return unit.members.entrySet().stream().filter(m -> accessor(m.getKey()).equals(path) || path.startsWith(accessor(m.getKey()) + ".dependencyProject"))
                .map(Map.Entry::getValue).findFirst();
    }

    private static String accessor(String path) {
        StringBuilder accessor = new StringBuilder();
        for (String part : path.replace(':', '.').split("[-_]")) {
            accessor.append(accessor.isEmpty() || part.isEmpty() ? part : Character.toUpperCase(part.charAt(0)) + part.substring(1));
        }
        return accessor.toString();
    }

    private String gradle(Unit unit, String folder) {
        return unit.wrapper.isThere() ? JvmLanguage.Wrapper.find(project, folder, "gradlew", "gradle/wrapper/gradle-wrapper.properties").command("gradle") : "gradle";
    }

    /** What each plugin calls the task that reaches Maven Central. */
    private static final Map<String, String> RELEASES = releases();

    private static Map<String, String> releases() {
        Map<String, String> releases = new LinkedHashMap<>();
        releases.put("com.vanniktech.maven.publish", "publishToMavenCentral");
        releases.put("com.vanniktech.maven.publish.base", "publishToMavenCentral");
        releases.put("io.github.gradle-nexus.publish-plugin", "publishToSonatype closeAndReleaseSonatypeStagingRepository");
        releases.put("com.gradleup.nmcp.aggregation", "publishAggregationToCentralPortal");
        releases.put("com.gradleup.nmcp", "publishAllPublicationsToCentralPortal");
        return releases;
    }

    private static Optional<Publication> publication(Unit unit, GradleScript script, String gradle, String name) {
        Map<String, Evidence> own = new LinkedHashMap<>();
        script.plugins(unit.catalog).forEach(f -> own.putIfAbsent(f.text(), f.evidence()));
        for (Map.Entry<String, String> release : RELEASES.entrySet()) {
            if (own.containsKey(release.getKey())) {
                return Optional.of(new Publication("maven-central", name, gradle + " " + release.getValue(), own.get(release.getKey())));
            }
        }
        return own.containsKey("maven-publish") && own.containsKey("signing")
                ? Optional.of(new Publication("maven-central", name, gradle + " publish", own.get("maven-publish"))) : Optional.empty();
    }
}

/** The version catalogs of a Gradle build ({@code gradle/libs.versions.toml}): which names stand for which libraries, plugins and versions. */
final class GradleCatalog {
    private final Map<String, Document> catalogs = new LinkedHashMap<>();

    static GradleCatalog of(Project project, String folder) {
        GradleCatalog catalog = new GradleCatalog();
        String gradle = Project.join(folder, "gradle");
        for (String name : project.in(gradle)) {
            if (name.endsWith(".versions.toml")) {
                project.toml(Project.join(gradle, name)).ifPresent(d -> catalog.catalogs.put(name.substring(0, name.indexOf('.')), d));
            }
        }
        return catalog;
    }

    List<String> files() {
        return catalogs.values().stream().map(Document::file).toList();
    }

    /** The id that {@code libs.plugins.<accessor>} stands for. */
    Optional<String> plugin(String catalog, String accessor) {
        Document d = catalogs.get(catalog);
        return key(d, "plugins", accessor).map(k -> {
            String id = d.text("plugins", k, "id");
            return (id.isEmpty() ? d.text("plugins", k) : id).split(":")[0];
        }).filter(id -> !id.isEmpty());
    }

    /** What {@code libs.<accessor>} or {@code libs.bundles.<accessor>} stands for, as {@code group:artifact}. */
    List<String> libraries(String catalog, String accessor) {
        Document d = catalogs.get(catalog);
        if (d == null) {
            return List.of();
        }
        if (accessor.startsWith("bundles.")) {
            List<String> names = new ArrayList<>();
            key(d, "bundles", accessor.substring(8)).ifPresent(k -> d.texts("bundles", k).forEach(l -> library(d, l).ifPresent(names::add)));
            return names;
        }
        return key(d, "libraries", accessor).flatMap(k -> library(d, k)).map(List::of).orElse(List.of());
    }

    private static Optional<String> library(Document d, String key) {
        String module = d.text("libraries", key, "module");
        if (module.isEmpty()) {
            String group = d.text("libraries", key, "group");
            module = group.isEmpty() ? d.text("libraries", key) : group + ":" + d.text("libraries", key, "name");
        }
        String[] parts = module.split(":");
        return parts.length < 2 ? Optional.empty() : Optional.of(parts[0] + ":" + parts[1]);
    }

    /** The version that {@code libs.versions.<accessor>} stands for. */
    Optional<String> version(String catalog, String accessor) {
        Document d = catalogs.get(catalog);
        return key(d, "versions", accessor).map(k -> {
            for (String part : List.of("strictly", "require", "prefer")) {
                if (!d.text("versions", k, part).isEmpty()) {
                    return d.text("versions", k, part);
                }
            }
            return d.text("versions", k);
        }).filter(v -> !v.isEmpty());
    }

    /** The version of the plugin with this id, in any catalog; a plugin may also be there as the library that brings it. */
    Optional<String> pluginVersion(String idOrModule) {
        for (Document d : catalogs.values()) {
            for (String table : List.of("plugins", "libraries")) {
                for (String key : d.keys(table)) {
                    String name = table.equals("plugins") ? d.text(table, key, "id") : library(d, key).orElse("");
                    if (name.equals(idOrModule)) {
                        String reference = d.text(table, key, "version", "ref");
                        String version = reference.isEmpty() ? d.text(table, key, "version") : d.text("versions", reference);
                        return Optional.of(version).filter(v -> !v.isEmpty());
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Gradle writes dots where a catalog's keys have dashes, underscores or dots. */
    private static Optional<String> key(Document d, String table, String accessor) {
        return d == null ? Optional.empty() : d.keys(table).stream().filter(k -> accessor(k).equals(accessor)
                || accessor.startsWith(accessor(k) + ".get") || accessor.equals(accessor(k) + ".asProvider")).findFirst();
    }

    private static String accessor(String key) {
        return key.replace('-', '.').replace('_', '.');
    }
}

/** Which JDK a Gradle build needs: toolchains and levels of its scripts, and what Gradle and the Android plugin run on themselves. */
final class GradleJdk {
    private static final Pattern CONSTANT = Pattern.compile("(?:VERSION_|JVM_)(\\d+(?:_\\d+)?)");
    private static final Pattern CATALOG = Pattern.compile("(\\w+)\\.versions\\.([\\w.]+?)(?:\\.get\\b.*|\\.as\\w+.*|$)");
    private static final Pattern PROPERTY = Pattern.compile("(?:[pP]roperty|findProperty)\\s*\\(?\\s*[\"']([\\w.-]+)[\"']");
    private static final Pattern QUOTED = Pattern.compile("^\\W*[\"'](\\d[\\d.]*)[\"']|\\(\\s*[\"']?(\\d[\\d.]*)[\"']?\\s*\\)");
    private static final Pattern NAME = Pattern.compile("^[\"']?\\$?\\{?(?:\\w+\\.)*?(\\w+)(?:\\.(?:toInt|toString|get|majorVersion|toInteger|asInt|ordinal)\\b.*|[\"'}]*)$");
    /** What provisions toolchains that are not installed. */
    private static final Set<String> RESOLVERS = Set.of("org.gradle.toolchains.foojay-resolver-convention", "org.gradle.toolchains.foojay-resolver");

    private final Project project;
    private final GradleBuild.Unit unit;
    private final Map<String, Evidence> plugins;
    private final Optional<Ini> properties;

    GradleJdk(Project project, GradleBuild.Unit unit, Map<String, Evidence> plugins) {
        this.project = project;
        this.unit = unit;
        this.plugins = plugins;
        this.properties = project.ini(Project.join(unit.folder(), "gradle.properties"));
    }

    Runtime runtime() {
        Evidence fallback = unit.wrapper().evidence(unit.manifest());
        JdkVersion.Bounds tool = JdkVersion.gradle(unit.wrapper().version());
        Optional<JdkVersion.Level> daemon = daemon();
        if (daemon.isPresent()) {
            return JdkVersion.of(project, unit.folder(), daemon.get(), null, tool, fallback);
        }
        List<JdkVersion.Level> levels = new ArrayList<>();
        List<JdkVersion.Level> toolchains = new ArrayList<>();
        for (GradleScript script : unit.all()) {
            script.levels().forEach(f -> add(levels, script, f));
            script.toolchains().forEach(f -> add(toolchains, script, f));
        }
        int android = androidPlugin();
        tool = android >= 7 ? tool.and(new JdkVersion.Bounds(android >= 8 ? 17 : 11, 0)) : tool;
        JdkVersion.Level level = JdkVersion.Level.highest(levels).orElse(null);
        JdkVersion.Level toolchain = JdkVersion.Level.highest(toolchains).orElse(null);
        if (toolchain != null && JdkVersion.pinned(project, unit.folder()).isEmpty()) {
            toolchain = installed(toolchain, tool);
        }
        return JdkVersion.of(project, unit.folder(), toolchain, level, tool, fallback);
    }

    /**
     * A toolchain is the JDK to install, so that nothing has to be downloaded. An old one is left to Gradle where the build has a resolver
     * for it, since plugins need newer JDKs than sources do.
     */
    private JdkVersion.Level installed(JdkVersion.Level toolchain, JdkVersion.Bounds tool) {
        boolean resolves = plugins.keySet().stream().anyMatch(RESOLVERS::contains);
        if (!tool.allows(toolchain.major()) || resolves && toolchain.major() < 17) {
            project.report(Finding.info("gradle-toolchain", "the build compiles with JDK " + toolchain.major() + " and runs Gradle on another one ("
                    + (tool.range().isEmpty() ? "any" : tool.range()) + "); Gradle finds or " + (resolves ? "downloads" : "must find") + " the former",
                    resolves ? "" : "apply org.gradle.toolchains.foojay-resolver-convention in the settings, or install both JDKs",
                    toolchain.evidence()));
            // Out of any tool's bounds, so that the range of the tool is what remains.
            return tool.allows(toolchain.major()) ? null : toolchain;
        }
        return toolchain;
    }

    /** {@code gradle/gradle-daemon-jvm.properties} says on which JDK Gradle itself runs. */
    private Optional<JdkVersion.Level> daemon() {
        String file = Project.join(unit.folder(), "gradle/gradle-daemon-jvm.properties");
        return project.ini(file).map(i -> i.text("", "toolchainVersion")).map(JdkVersion::major).filter(m -> m > 0)
                .map(m -> new JdkVersion.Level(m, new Evidence(file, project.lineOf(file, "toolchainVersion"), "gradle-daemon-jvm")));
    }

    private int androidPlugin() {
        if (plugins.keySet().stream().noneMatch(p -> p.startsWith("com.android."))) {
            return 0;
        }
        for (String name : List.of("com.android.application", "com.android.library", "com.android.tools.build:gradle")) {
            Optional<String> version = unit.catalog().pluginVersion(name);
            if (version.isPresent()) {
                return JdkVersion.numbers(version.get())[0];
            }
        }
        Pattern literal = Pattern.compile("com\\.android\\.(?:application|library|tools\\.build:gradle)(?:[\"']\\)?\\s*version\\s*\\(?[\"']|:)(\\d+)");
        return unit.all().stream().map(s -> literal.matcher(s.code)).filter(Matcher::find).map(m -> Integer.parseInt(m.group(1))).findFirst().orElse(0);
    }

    private void add(List<JdkVersion.Level> levels, GradleScript script, GradleScript.Found found) {
        int major = evaluate(found.text(), script, new HashSet<>());
        if (major > 0 && major < 100) {
            levels.add(new JdkVersion.Level(major, found.evidence()));
        }
    }

    /** What an expression amounts to as a level of Java; 0 where only running the script would tell. */
    private int evaluate(String expression, GradleScript script, Set<String> seen) {
        if (expression.length() > 200) {
            return 0;
        }
        // A closing bracket without its opening one belongs to the call around the expression.
        String text = expression.contains("(") ? expression.strip() : expression.replace(")", "").strip();
        int plain = JdkVersion.major(text.replaceAll("^[\"']|[\"']$", ""));
        if (plain > 0 || !seen.add(text)) {
            return plain;
        }
        Matcher m = CONSTANT.matcher(text);
        if (m.find()) {
            return JdkVersion.major(m.group(1));
        }
        m = CATALOG.matcher(text);
        if (m.find()) {
            return unit.catalog().version(m.group(1), m.group(2)).map(JdkVersion::major).orElse(0);
        }
        m = PROPERTY.matcher(text);
        if (m.find()) {
            return named(m.group(1), script, seen);
        }
        m = QUOTED.matcher(text);
        if (m.find()) {
            return JdkVersion.major(m.group(1) == null ? m.group(2) : m.group(1));
        }
        m = NAME.matcher(text);
        return m.find() ? named(m.group(1), script, seen) : 0;
    }

    private int named(String name, GradleScript script, Set<String> seen) {
        Optional<String> property = properties.map(p -> p.text("", name)).filter(v -> !v.isEmpty());
        if (property.isPresent()) {
            return JdkVersion.major(property.get());
        }
        List<GradleScript> scripts = new ArrayList<>(List.of(script));
        scripts.addAll(unit.all());
        return scripts.stream().flatMap(s -> s.variable(name).stream().map(v -> evaluate(v, s, seen))).filter(v -> v > 0).findFirst().orElse(0);
    }
}

/**
 * One build or settings script of Gradle, in Groovy or Kotlin, read as text: it is a program, and only running it would tell all.
 *
 * <p>Knows how plugins, dependencies, included projects and JDKs are usually written, with the line of each.
 */
final class GradleScript {
    private static final Pattern PLUGIN_ID = Pattern.compile("\\bid\\s*\\(?\\s*[\"\']([\\w.-]+)[\"\'][ \\t]*\\)?([^\\n]*)");
    private static final Pattern PLUGIN_ALIAS = Pattern.compile("\\b(?:alias|id)\\s*\\(?\\s*(\\w+)\\.plugins\\.([\\w.]+?)(?:\\.get\\(\\)\\.pluginId)?[ \\t]*(?:\\)([^\\n]*)|\\n)");
    private static final Pattern PLUGIN_KOTLIN = Pattern.compile("\\bkotlin\\s*\\(\\s*\"([\\w.-]+)\"[ \\t]*\\)([^\\n]*)");
    private static final Pattern PLUGIN_BARE = Pattern.compile("(?m)^\\s*`?([a-z][a-z-]*)`?\\s*$");
    private static final Pattern PLUGIN_APPLY = Pattern.compile("\\bapply\\s*(?:plugin\\s*:|\\(\\s*plugin\\s*=|\\(|\\{\\s*plugin\\s*\\()\\s*[\"']([\\w.-]+)[\"']");
    private static final Pattern COORDINATES = Pattern.compile("[\"']([A-Za-z][\\w.-]*:[A-Za-z][\\w.-]*)(?::[^\"'\\s]*)?[\"']");
    private static final Pattern MAP_NOTATION = Pattern.compile("group\\s*[:=]\\s*[\"']([\\w.-]+)[\"']\\s*,\\s*(?:name\\s*[:=]\\s*)[\"']([\\w.-]+)[\"']");
    private static final Pattern CATALOG_ENTRY = Pattern.compile("\\b(\\w+)\\.((?!plugins\\b|versions\\b)[a-zA-Z][\\w.]*)");
    private static final Pattern PROJECT = Pattern.compile("\\bproject\\s*\\(\\s*(?:path\\s*[:=]\\s*)?[\"'](:[^\"']+)[\"']|\\bprojects\\.([\\w.]+)");
    private static final Pattern TOOLCHAIN = Pattern.compile("\\b(?:JavaLanguageVersion\\.of|jvmToolchain)\\s*\\(\\s*((?:[^()]|\\([^()]*\\)){0,200})\\)");
    private static final Pattern LEVEL = Pattern.compile("\\b(?:sourceCompatibility|targetCompatibility|options\\.release|jvmTarget)"
            + "\\s*(?:=|\\.set\\s*\\(|\\.convention\\s*\\(|\\s)\\s*((?:[^()\\n]|\\((?:[^()]|\\([^()]*\\)){0,100}\\)){1,100})");
    private static final Pattern LEVEL_CONSTANT = Pattern.compile("\\b(?:JavaVersion\\.VERSION_|JvmTarget\\.JVM_)(\\d+(?:_\\d+)?)");

    final String file;
    final String code;
    private final ScriptText text;

    /** Something that was found, and where. */
    record Found(String text, Evidence evidence) {}

    GradleScript(String file, String text) {
        this.file = file;
        this.text = new ScriptText(file, text);
        this.code = this.text.code;
    }

    static Optional<GradleScript> read(Project project, String file) {
        return project.text(file).map(text -> new GradleScript(file, text));
    }

    // --- plugins ---

    /** Ids of the plugins that the script applies, with their places; those that it only declares ({@code apply false}) are left out. */
    List<Found> plugins(GradleCatalog catalog) {
        List<Found> found = new ArrayList<>();
        for (int[] block : blocks("plugins")) {
            String inside = code.substring(block[0], block[1]);
            each(PLUGIN_ID, inside, block[0], (m, at) -> applied(found, m.group(1), m.group(2), at));
            each(PLUGIN_KOTLIN, inside, block[0], (m, at) -> applied(found, "org.jetbrains.kotlin." + m.group(1), m.group(2), at));
            each(PLUGIN_ALIAS, inside, block[0], (m, at) -> catalog.plugin(m.group(1), m.group(2)).ifPresent(id -> applied(found, id, m.group(3) == null ? "" : m.group(3), at)));
            each(PLUGIN_BARE, inside, block[0], (m, at) -> applied(found, m.group(1), "", at));
        }
        each(PLUGIN_APPLY, code, 0, (m, at) -> applied(found, m.group(1), "", at));
        return found;
    }

    private void applied(List<Found> found, String id, String rest, int at) {
        if (!rest.matches(".*\\bapply\\s*\\(?\\s*false.*")) {
            found.add(new Found(id, evidence(at, "gradle-plugin")));
        }
    }

    // --- dependencies ---

    /** {@code group:artifact} of what the script's dependency blocks name, tests included. */
    List<Found> dependencies(GradleCatalog catalog) {
        List<Found> found = new ArrayList<>();
        for (int[] block : blocks("dependencies")) {
            String inside = code.substring(block[0], block[1]);
            each(COORDINATES, inside, block[0], (m, at) -> found.add(new Found(m.group(1), evidence(at, "gradle-dependency"))));
            each(MAP_NOTATION, inside, block[0], (m, at) -> found.add(new Found(m.group(1) + ":" + m.group(2), evidence(at, "gradle-dependency"))));
            each(CATALOG_ENTRY, inside, block[0], (m, at) -> catalog.libraries(m.group(1), m.group(2))
                    .forEach(name -> found.add(new Found(name, evidence(at, "version-catalog")))));
        }
        return found;
    }

    /** Paths of the build's other projects that this one needs; {@code projects.a.b} with a leading dot instead of a colon. */
    List<String> projectDependencies() {
        List<String> found = new ArrayList<>();
        for (int[] block : blocks("dependencies")) {
            each(PROJECT, code.substring(block[0], block[1]), block[0], (m, at) -> found.add(m.group(1) == null ? "." + m.group(2) : m.group(1)));
        }
        return found;
    }

    // --- the JDK ---

    List<Found> toolchains() {
        List<Found> found = new ArrayList<>();
        each(TOOLCHAIN, code, 0, (m, at) -> found.add(new Found(m.group(1).strip(), evidence(at, "gradle-toolchain"))));
        return found;
    }

    /** Source and target levels, as written. What stands in a question about the running JDK is none. */
    List<Found> levels() {
        List<Found> found = new ArrayList<>();
        each(LEVEL, code, 0, (m, at) -> found.add(new Found(m.group(1).strip(), evidence(at, "gradle-level"))));
        each(LEVEL_CONSTANT, code, 0, (m, at) -> {
            String line = text.lineAt(at);
            if (!line.contains("current()") || line.matches(".*\\b(?:check|require)\\s*\\(.*")) {
                found.add(new Found(m.group(1), evidence(at, "gradle-level")));
            }
        });
        return found;
    }

    /** The value that the script gives a name: {@code def x = 17}, {@code val x = "17"}, {@code ext.x = 17}. */
    Optional<String> variable(String name) {
        Matcher m = Pattern.compile("(?:^|[\\s.;{(\\[])" + Pattern.quote(name) + "\\s*(?::\\s*\\w+\\s*)?[=:]\\s*([^\\n;,\\])]+)").matcher(code);
        return m.find() ? Optional.of(m.group(1).strip()) : Optional.empty();
    }

    // --- settings ---

    /** Paths of included projects, such as {@code :core:data}. */
    List<Found> includes() {
        List<Found> found = new ArrayList<>();
        Matcher include = Pattern.compile("(?m)\\binclude\\s*(\\(|(?=[\"'])|(?=\\n?\\s*[\"']))").matcher(code);
        while (include.find()) {
            boolean bracket = include.group(1).equals("(");
            Matcher name = Pattern.compile("\\G\\s*,?\\s*[\"']([^\"'$]+)[\"']").matcher(code);
            for (int at = include.end(); at < code.length() && name.find(at); at = name.end()) {
                found.add(new Found(name.group(1).startsWith(":") ? name.group(1) : ":" + name.group(1), evidence(name.start(1), "gradle-include")));
                if (!bracket && next(name.end()) != ',') {
                    break;
                }
            }
        }
        return found;
    }

    private char next(int from) {
        int at = from;
        while (at < code.length() && Character.isWhitespace(code.charAt(at))) {
            at++;
        }
        return at < code.length() ? code.charAt(at) : ' ';
    }

    /** Folders that {@code project(':a').projectDir = file('b')} gives to projects, by their paths. */
    Map<String, String> projectFolders() {
        Map<String, String> folders = new LinkedHashMap<>();
        Pattern moved = Pattern.compile("project\\s*\\(\\s*[\"'](:[^\"']+)[\"']\\s*\\)\\.projectDir\\s*=\\s*[^\\n\"']*[\"']([^\"'$]+)[\"']");
        each(moved, code, 0, (m, at) -> folders.put(m.group(1), m.group(2)));
        return folders;
    }

    /** Folders of included builds. */
    List<String> includedBuilds() {
        List<String> found = new ArrayList<>();
        each(Pattern.compile("\\bincludeBuild\\s*\\(?\\s*[\"']([^\"'$]+)[\"']"), code, 0, (m, at) -> found.add(m.group(1)));
        return found;
    }

    boolean says(String regex) {
        return Pattern.compile(regex).matcher(code).find();
    }

    // --- text ---

    @FunctionalInterface
    private interface Hit {
        void at(Matcher m, int offset);
    }

    private static void each(Pattern pattern, String text, int offset, Hit hit) {
        Matcher m = pattern.matcher(text);
        while (m.find()) {
            hit.at(m, offset + (m.groupCount() > 0 && m.start(1) >= 0 ? m.start(1) : m.start()));
        }
    }

    private Evidence evidence(int offset, String rule) {
        return text.evidence(offset, rule);
    }

    /** Insides of all blocks of that name, wherever they stand; a block within one already found is not given again. */
    private List<int[]> blocks(String name) {
        List<int[]> blocks = new ArrayList<>();
        Matcher open = Pattern.compile("\\b" + name + "\\s*(?:\\([^()]*\\)\\s*)?\\{").matcher(code);
        int from = 0;
        while (from < code.length() && open.find(from)) {
            int depth = 1;
            int at = open.end();
            for (; at < code.length() && depth > 0; at++) {
                depth += code.charAt(at) == '{' ? 1 : code.charAt(at) == '}' ? -1 : 0;
            }
            blocks.add(new int[] {open.end(), Math.max(open.end(), depth == 0 ? at - 1 : at)});
            from = at;
        }
        return blocks;
    }
}

/** What a Gradle build is called with: the tasks that its plugins bring. Knows plugins and tasks; reads no script itself. */
final class GradleCommands {
    /**
     * A plugin whose tasks judge sources.
     *
     * @param needs what a script has to say so that the tasks have something to go by; empty where the plugin has a standard of its own
     */
    private record Check(String plugin, String tasks, String needs) {}

    private static final List<Check> CHECKS = List.of(
            new Check("com.diffplug.spotless", "spotlessCheck", "spotless\\b|SpotlessExtension"),
            new Check("org.jlleitschuh.gradle.ktlint", "ktlintCheck", ""),
            new Check("org.jmailen.kotlinter", "lintKotlin", ""),
            new Check("com.ncorti.ktfmt.gradle", "ktfmtCheck", ""),
            new Check("io.spring.javaformat", "checkFormat", ""),
            new Check("com.github.sherter.google-java-format", "verifyGoogleJavaFormat", ""),
            new Check("io.gitlab.arturbosch.detekt", "detekt", ""),
            new Check("dev.detekt", "detekt", ""),
            new Check("checkstyle", "checkstyleMain checkstyleTest", "configFile|configDirectory"),
            new Check("pmd", "pmdMain pmdTest", "ruleSet"),
            new Check("com.github.spotbugs", "spotbugsMain", ""),
            new Check("org.jetbrains.kotlinx.binary-compatibility-validator", "apiCheck", ""));
    private static final String OTHER_TESTS = ".*/src/(?:integration-?[tT]est|intTest|functional-?[tT]est|it|acceptance-?[tT]est|componentTest|e2eTest)/.*";

    private final Project project;
    private final GradleBuild.Unit unit;
    private final Map<String, Evidence> plugins;
    private final String gradle;
    private final TaskChoice tasks;

    GradleCommands(Project project, GradleBuild.Unit unit, Map<String, Evidence> plugins) {
        this.project = project;
        this.unit = unit;
        this.plugins = plugins;
        this.gradle = unit.wrapper().command("gradle");
        this.tasks = new TaskChoice(project, unit.folder(), Set.of("gradle", "java"));
    }

    void addTo(Component.Builder component) {
        unit.wrapper().prepare(project, component, "gradle", unit.manifest());
        checks(component);
        Evidence evidence = unit.wrapper().evidence(unit.manifest());
        Optional<String> test = JvmLanguage.firstTest(project, unit.folder());
        Optional<String> app = androidApp();
        plugins.entrySet().stream().filter(p -> p.getKey().matches("com\\.android\\.(application|library)")).findFirst().ifPresent(p -> project.report(
                Finding.info("android-sdk", "the build needs an Android SDK on the runner", "use a runner or image that has one", p.getValue())));
        if (app.isPresent()) {
            android(component, Evidence.of(app.get(), "android-app"), test.isPresent());
        } else {
            if (test.isPresent() && !tasks.add(component, CommandKind.TEST, r -> r.calls(gradle + " test") || r.calls(gradle + " check"))) {
                component.command(CommandKind.TEST, Command.certain(gradle + " " + testTask(), evidence));
            }
            component.command(CommandKind.BUILD, Command.certain(gradle + " build" + (test.isPresent() || !component.has(CommandKind.LINT) ? " -x check" : ""),
                    evidence));
        }
        String below = unit.members().isEmpty() ? "" : "**/";
        if (test.isPresent()) {
            component.output(Output.Kind.JUNIT, below + "build/test-results/**/TEST-*.xml", evidence);
            if (unit.all().stream().anyMatch(s -> s.says("jacocoTestReport")) && unit.all().stream().anyMatch(s -> s.says("finalizedBy"))
                    && unit.all().stream().anyMatch(s -> s.says("xml\\.(?:required|enabled)"))) {
                component.output(Output.Kind.JACOCO, below + "build/reports/jacoco/test/jacocoTestReport.xml", evidence);
            }
        }
        component.output(Output.Kind.BUILD, below + (app.isPresent() ? "build/outputs/apk/**/*.apk" : "build/libs/*.jar"), evidence);
    }

    /** Test suites beside the unit tests hang on {@code check} only, as do all tests of a multiplatform project. */
    private String testTask() {
        boolean more = plugins.containsKey("org.jetbrains.kotlin.multiplatform") || plugins.containsKey("jvm-test-suite")
                || project.under(unit.folder()).stream().anyMatch(f -> ("/" + f).matches(OTHER_TESTS) && JvmLanguage.isSource(f));
        return more ? "check" : "test";
    }

    /** The manifest of an app that can be started; apps that only test or show a library don't make its build one for Android. */
    private Optional<String> androidApp() {
        if (plugins.keySet().stream().noneMatch(p -> p.startsWith("com.android."))) {
            return Optional.empty();
        }
        return project.under(unit.folder()).stream().filter(f -> f.endsWith("/AndroidManifest.xml") && f.contains("src/main/"))
                .filter(f -> !f.matches("(?i).*(?:test|sample|example|demo|benchmark|playground).*"))
                .filter(f -> project.text(f).orElse("").contains("android.intent.action.MAIN")).findFirst();
    }

    private void android(Component.Builder component, Evidence evidence, boolean hasTests) {
        boolean flavours = unit.all().stream().anyMatch(s -> s.says("productFlavors|flavorDimensions"));
        boolean plain = plugins.keySet().stream().noneMatch(p -> p.equals("org.jetbrains.kotlin.jvm") || p.equals("java-library") || p.equals("java"));
        component.command(CommandKind.LINT, Command.likely(gradle + " lint", evidence));
        if (hasTests) {
            component.command(CommandKind.TEST, Command.certain(gradle + (plain && !flavours ? " testDebugUnitTest" : " test"), evidence));
        }
        component.command(CommandKind.BUILD, Command.certain(gradle + " assembleDebug", evidence));
    }

    private void checks(Component.Builder component) {
        if (tasks.add(component, CommandKind.LINT, r -> r.calls(gradle))) {
            return;
        }
        Map<String, Evidence> found = new LinkedHashMap<>();
        List<String> guesses = new ArrayList<>();
        for (Check check : CHECKS) {
            Evidence evidence = plugins.get(check.plugin);
            if (evidence == null) {
                continue;
            }
            boolean set = check.needs.isEmpty() || unit.all().stream().anyMatch(s -> s.says(check.needs))
                    || project.isFolder(Project.join(unit.folder(), "config/" + check.plugin));
            found.putIfAbsent(check.tasks, evidence);
            if (!set) {
                guesses.add(check.tasks);
            }
        }
        found.forEach((task, evidence) -> component.command(CommandKind.LINT, new Command(gradle + " " + task, evidence,
                guesses.contains(task) ? Confidence.GUESS : Confidence.LIKELY)));
    }
}
