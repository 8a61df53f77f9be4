package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Builds with Gradle: one unit for each settings file (or lone build script), with the projects that it includes as members. */
final class GradleBuild {
    private static final int MAX_SHARED_SCRIPTS = 200;

    private final Project project;

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
        return project.first(folder, name + ".gradle.kts", name + ".gradle").flatMap(f -> GradleScript.read(project, f));
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
                publication(unit, script, coordinates(unit, script, name(unit, folder))).ifPresent(component::publication);
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

    private static Optional<Publication> publication(Unit unit, GradleScript script, String name) {
        Map<String, Evidence> own = new LinkedHashMap<>();
        script.plugins(unit.catalog).forEach(f -> own.putIfAbsent(f.text(), f.evidence()));
        for (String plugin : List.of("com.vanniktech.maven.publish", "com.vanniktech.maven.publish.base", "io.github.gradle-nexus.publish-plugin",
                "com.gradleup.nmcp", "com.gradleup.nmcp.aggregation")) {
            if (own.containsKey(plugin)) {
                return Optional.of(new Publication("maven-central", name, own.get(plugin)));
            }
        }
        return own.containsKey("maven-publish") && own.containsKey("signing") ? Optional.of(new Publication("maven-central", name, own.get("maven-publish")))
                : Optional.empty();
    }
}
