package lib.scan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
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

/**
 * Builds with Maven: one unit for each pom that no other pom names as a module, with its modules as members.
 *
 * <p>Knows Maven's lifecycle: what {@code verify} runs by itself is not run a second time.
 */
final class MavenBuild {
    /** Plugins that judge sources: the goal that only checks, and what else has to be there so that the check means something. */
    private record Check(String artifactId, String goal, String before, String needs) {}

    private static final List<Check> CHECKS = List.of(
            new Check("spotless-maven-plugin", "spotless:check", "", ""),
            new Check("fmt-maven-plugin", "fmt:check", "", ""),
            new Check("formatter-maven-plugin", "formatter:validate", "", ""),
            new Check("spring-javaformat-maven-plugin", "spring-javaformat:validate", "", ""),
            new Check("sortpom-maven-plugin", "sortpom:verify", "", ""),
            // Without a configuration of its own it would apply Sun's rules, which nobody's code keeps.
            new Check("maven-checkstyle-plugin", "checkstyle:check", "", "configLocation"),
            new Check("ktlint-maven-plugin", "ktlint:check", "", ""),
            new Check("ktlint", "ktlint:check", "", "executions"),
            new Check("detekt-maven-plugin", "detekt:check", "", ""),
            new Check("maven-pmd-plugin", "pmd:check", "test-compile ", "rulesets"),
            new Check("spotbugs-maven-plugin", "spotbugs:check", "test-compile ", ""));
    private static final List<String> COMPILER_VALUES = List.of("release", "source", "target", "testRelease", "testSource", "jvmTarget");
    private static final List<String> LEVEL_PROPERTIES = List.of("maven.compiler.release", "maven.compiler.source", "maven.compiler.target",
            "maven.compiler.testRelease", "java.version", "kotlin.compiler.jvmTarget");

    private final Project project;
    private final Map<String, Pom> poms = new LinkedHashMap<>();

    MavenBuild(Project project) {
        this.project = project;
    }

    /** A pom at the root of a build, and the modules that it builds, in the order of their paths. */
    private record Unit(Pom root, List<Pom> modules) {
        List<Pom> all() {
            List<Pom> all = new ArrayList<>(List.of(root));
            all.addAll(modules);
            return all;
        }
    }

    List<Component> components() {
        List<Component> components = new ArrayList<>();
        Set<String> taken = new LinkedHashSet<>();
        for (String file : project.named("pom.xml")) {
            if (taken.contains(file) || JvmLanguage.isResource(project, file) || isNamedByAProfile(file) || isLeftover(file)) {
                continue;
            }
            Optional<Pom> root = pom(file);
            if (root.isEmpty()) {
                continue;
            }
            Set<String> modules = new LinkedHashSet<>();
            collect(root.get(), modules);
            taken.addAll(modules);
            taken.add(file);
            modules.remove(file);
            boolean nested = components.stream().anyMatch(c -> Project.isInside(root.get().folder, c.path()));
            if (nested && modules.isEmpty() && !JvmLanguage.hasSources(project, root.get().folder)) {
                continue;
            }
            Unit unit = new Unit(root.get(), modules.stream().sorted().flatMap(m -> pom(m).stream()).toList());
            components.addAll(components(unit));
        }
        return components;
    }

    private boolean isLeftover(String file) {
        String folder = Project.folderOf(file);
        return project.first(folder, "project.clj", "deps.edn").isPresent() && !JvmLanguage.isMavenForClojure(project, folder);
    }

    private Optional<Pom> pom(String file) {
        if (!poms.containsKey(file)) {
            Pom.read(project, file).ifPresent(p -> poms.put(file, p));
        }
        return Optional.ofNullable(poms.get(file));
    }

    private void collect(Pom pom, Set<String> modules) {
        for (String module : pom.modules()) {
            if (project.exists(module) && modules.add(module)) {
                pom(module).ifPresent(m -> collect(m, modules));
            }
        }
    }

    /** Shallow poms are read first, so that whoever names this one is known. */
    private boolean isNamedByAProfile(String file) {
        return poms.values().stream().anyMatch(p -> !p.file.equals(file) && p.isProfileModule(file));
    }

    private List<Component> components(Unit unit) {
        Pom root = unit.root;
        JvmLanguage.Wrapper wrapper = JvmLanguage.Wrapper.find(project, root.folder, "mvnw", ".mvn/wrapper/maven-wrapper.properties");
        Workspace workspace = unit.modules.isEmpty() ? null : new Workspace(root.folder, "maven", "", true);
        Runtime runtime = runtime(unit, wrapper);
        Map<String, String> folders = new LinkedHashMap<>();
        unit.all().forEach(p -> folders.putIfAbsent(p.coordinates(), p.folder));
        Set<String> all = new LinkedHashSet<>();
        unit.all().forEach(p -> all.add(p.file));
        List<Component> components = new ArrayList<>();
        for (Pom pom : unit.all()) {
            String place = JvmLanguage.ecosystem(project, pom.folder, "java");
            Component.Builder component = Component.at(pom.folder, place).name(pom.artifactId()).runtime(runtime).workspace(workspace);
            List<String> keys = pom == root ? all.stream().sorted().toList() : List.of(pom.file);
            component.packageManager(new PackageManager("maven", wrapper.version(project, root.folder, "maven"), wrapper.evidence(pom.file), keys));
            for (Pom.Value dependency : pom.dependencies()) {
                String target = folders.get(dependency.text());
                if (target != null && !target.equals(pom.folder)) {
                    component.dependsOn(target);
                } else {
                    component.dependency(dependency.text(), dependency.evidence());
                }
            }
            boolean gathers = pom.packaging().equals("pom") && !pom.modules().isEmpty() && !JvmLanguage.hasSources(project, pom.folder);
            if (gathers || pom != root && Project.isAside(pom.folder)) {
                component.notAPackage();
            }
            if (pom == root) {
                commands(unit, wrapper, component);
            }
            components.add(component.build());
        }
        return components;
    }

    // --- commands of the unit ---

    private void commands(Unit unit, JvmLanguage.Wrapper wrapper, Component.Builder component) {
        Pom root = unit.root;
        wrapper.prepare(project, component, "mvn", root.file);
        int[] version = JdkVersion.numbers(wrapper.version());
        boolean quiet = version[0] == 0 || version[0] > 3 || version[0] == 3 && (version[1] > 6 || version[1] == 6 && version[2] >= 1);
        String program = wrapper.command("mvn");
        String mvn = program + " -B" + (quiet ? " -ntp" : "");
        Evidence evidence = wrapper.evidence(root.file);
        TaskChoice tasks = new TaskChoice(project, root.folder, Set.of("mvn", "java"));
        boolean ownLint = tasks.add(component, CommandKind.LINT, r -> r.calls(program));
        for (Check check : ownLint ? List.<Check>of() : CHECKS) {
            root.plugin(check.artifactId).filter(p -> check.needs.isEmpty() || !p.element().descendants(check.needs).isEmpty())
                    .filter(p -> p.executed().stream().noneMatch(g -> check.goal.endsWith(":" + g)))
                    .ifPresent(p -> component.command(CommandKind.LINT, new Command(mvn + " " + check.before + check.goal, p.evidence(),
                            p.hasExecutions() ? Confidence.GUESS : Confidence.LIKELY)));
        }
        Optional<String> test = JvmLanguage.firstTest(project, root.folder);
        // A signature needs a key that no test job has.
        String unsigned = root.plugin("maven-gpg-plugin").isPresent() ? " -Dgpg.skip" : "";
        if (test.isPresent()) {
            if (!tasks.add(component, CommandKind.TEST, r -> r.calls(program + " test") || r.calls(program + " verify"))) {
                component.command(CommandKind.TEST, Command.certain(mvn + unsigned + " verify", evidence));
            }
            Evidence report = Evidence.of(root.file, "maven-surefire");
            String below = unit.modules.isEmpty() ? "" : "**/";
            component.output(Output.Kind.JUNIT, below + "target/surefire-reports/TEST-*.xml", report);
            if (unit.all().stream().anyMatch(p -> p.plugin("maven-failsafe-plugin").isPresent())) {
                component.output(Output.Kind.JUNIT, below + "target/failsafe-reports/TEST-*.xml", report);
            }
            jacoco(unit, below, component);
        }
        component.command(CommandKind.BUILD, Command.certain(mvn + (test.isPresent() ? " -DskipTests" : "") + " package", evidence));
        unit.all().stream().map(Pom::packaging).filter(p -> !p.equals("pom")).map(p -> p.matches("war|ear|hpi|nar|aar") ? p : "jar").distinct().sorted()
                .forEach(p -> component.output(Output.Kind.BUILD, (unit.modules.isEmpty() ? "" : "**/") + "target/*." + p, evidence));
        publication(unit, mvn).ifPresent(component::publication);
    }

    private void jacoco(Unit unit, String below, Component.Builder component) {
        for (Pom pom : unit.all()) {
            Optional<Pom.Plugin> plugin = pom.plugin("jacoco-maven-plugin");
            if (plugin.isPresent() && plugin.get().executed().contains("report")) {
                component.output(Output.Kind.JACOCO, below + "target/site/jacoco/jacoco.xml", plugin.get().evidence());
                return;
            }
        }
    }

    private static Optional<Publication> publication(Unit unit, String mvn) {
        for (String plugin : List.of("central-publishing-maven-plugin", "nexus-staging-maven-plugin")) {
            for (Pom pom : unit.all()) {
                Optional<Pom.Plugin> found = pom.mentioned(plugin);
                if (found.isPresent()) {
                    return Optional.of(new Publication("maven-central", unit.root.coordinates(), mvn + " -DskipTests deploy", found.get().evidence()));
                }
            }
        }
        return Optional.empty();
    }

    // --- the JDK ---

    private Runtime runtime(Unit unit, JvmLanguage.Wrapper wrapper) {
        List<JdkVersion.Level> levels = new ArrayList<>();
        List<JdkVersion.Level> toolchains = new ArrayList<>();
        JdkVersion.Bounds tool = JdkVersion.numbers(wrapper.version())[0] >= 4 ? new JdkVersion.Bounds(17, 0) : JdkVersion.Bounds.NONE;
        for (Pom pom : unit.all()) {
            LEVEL_PROPERTIES.forEach(name -> pom.property(name).ifPresent(v -> add(levels, v.text(), v.evidence())));
            for (String name : List.of("maven-compiler-plugin", "kotlin-maven-plugin")) {
                pom.mentioned(name).ifPresent(p -> COMPILER_VALUES.forEach(value -> p.element().descendants(value).forEach(x ->
                        add(levels, pom.resolve(x.text()), new Evidence(p.evidence().file(), x.line(), "maven-compiler")))));
            }
            pom.plugin("maven-toolchains-plugin").ifPresent(p -> p.element().descendants("jdk").forEach(x -> add(toolchains,
                    pom.resolve(x.text("version")), new Evidence(p.evidence().file(), x.line(), "maven-toolchain"))));
            tool = tool.and(enforced(pom, levels));
        }
        if (levels.isEmpty()) {
            unit.root.outerParent().ifPresent(p -> bootDefault(p, levels));
        }
        return JdkVersion.of(project, unit.root.folder, JdkVersion.Level.highest(toolchains).orElse(null),
                JdkVersion.Level.highest(levels).orElse(null), tool, Evidence.of(unit.root.file, "maven"));
    }

    private static void add(List<JdkVersion.Level> levels, String text, Evidence evidence) {
        int major = JdkVersion.major(text);
        if (major > 0) {
            levels.add(new JdkVersion.Level(major, evidence));
        }
    }

    /** What the enforcer demands of the JDK that runs the build. Its lower bound is evidence like a level. */
    private static JdkVersion.Bounds enforced(Pom pom, List<JdkVersion.Level> levels) {
        Optional<Pom.Plugin> enforcer = pom.mentioned("maven-enforcer-plugin");
        List<Xml> rules = enforcer.map(p -> p.element().descendants("requireJavaVersion")).orElse(List.of());
        if (rules.isEmpty()) {
            return JdkVersion.Bounds.NONE;
        }
        JdkVersion.Bounds bounds = JdkVersion.mavenRange(pom.resolve(rules.get(0).text("version")));
        if (bounds.from() > 0) {
            levels.add(new JdkVersion.Level(bounds.from(), new Evidence(enforcer.get().evidence().file(), rules.get(0).line(), "maven-enforcer")));
        }
        return bounds;
    }

    /** spring-boot-starter-parent sets java.version where a project doesn't. */
    private static void bootDefault(Pom.Value parent, List<JdkVersion.Level> levels) {
        String[] parts = parent.text().split(":", 3);
        if (parts[1].equals("spring-boot-starter-parent")) {
            levels.add(new JdkVersion.Level(JdkVersion.numbers(parts[2])[0] >= 3 ? 17 : 8, parent.evidence()));
        }
    }
}

/**
 * One pom.xml with what it inherits from parents that are in the project too. Knows the file, not what is to be done with it.
 *
 * <p>Parents that only a repository of artifacts has are not read: what they say is not known.
 */
final class Pom {
    private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)}");
    private static final int MAX_PARENTS = 20;

    final String file;
    final String folder;
    final Xml xml;
    /** null where the parent is not in the project */
    final Pom parent;

    /** A value and the line that it stands on. */
    record Value(String text, Evidence evidence) {}

    /** @param executed goals that its executions name; an execution without goals in the pom inherits them */
    record Plugin(String artifactId, Xml element, Evidence evidence, Set<String> executed, boolean hasExecutions) {}

    private Pom(String file, Xml xml, Pom parent) {
        this.file = file;
        this.folder = Project.folderOf(file);
        this.xml = xml;
        this.parent = parent;
    }

    static Optional<Pom> read(Project project, String file) {
        return read(project, file, new HashSet<>());
    }

    private static Optional<Pom> read(Project project, String file, Set<String> seen) {
        if (!project.exists(file) || !seen.add(file) || seen.size() > MAX_PARENTS) {
            return Optional.empty();
        }
        Optional<Xml> xml = project.xml(file).filter(x -> x.name().equals("project"));
        if (xml.isEmpty()) {
            return Optional.empty();
        }
        Xml parent = xml.get().find("parent");
        Pom above = null;
        if (parent != null) {
            Xml relative = parent.find("relativePath");
            String path = relative == null ? "../pom.xml" : relative.text();
            Optional<String> target = path.isEmpty() ? Optional.empty() : Project.resolve(Project.folderOf(file), path)
                    .map(p -> project.exists(p) ? p : Project.join(p, "pom.xml"));
            above = target.flatMap(t -> read(project, t, seen)).filter(p -> p.artifactId().equals(parent.text("artifactId"))).orElse(null);
        }
        return Optional.of(new Pom(file, xml.get(), above));
    }

    String artifactId() {
        return xml.text("artifactId");
    }

    String groupId() {
        String own = xml.text("groupId").isEmpty() ? xml.text("parent/groupId") : xml.text("groupId");
        return resolve(own);
    }

    String coordinates() {
        return groupId() + ":" + artifactId();
    }

    String packaging() {
        return xml.text("packaging").isEmpty() ? "jar" : resolve(xml.text("packaging"));
    }

    /** The parent that this pom or one above it takes from a repository. */
    Optional<Value> outerParent() {
        if (parent != null) {
            return parent.outerParent();
        }
        Xml element = xml.find("parent");
        return element == null ? Optional.empty() : Optional.of(new Value(element.text("groupId") + ":" + element.text("artifactId") + ":"
                + element.text("version"), at(element, "maven-parent")));
    }

    /** Paths of the poms of its modules; those of profiles that are off by default are left out. */
    List<String> modules() {
        Set<String> modules = new LinkedHashSet<>();
        for (Xml at : active()) {
            for (String list : List.of("modules/module", "subprojects/subproject")) {
                Xml holder = at.find(list.split("/")[0]);
                if (holder != null) {
                    holder.children(list.split("/")[1]).forEach(m -> modules.add(resolve(m.text())));
                }
            }
        }
        return modules.stream().map(m -> Project.resolve(folder, m).map(p -> p.endsWith(".xml") ? p : Project.join(p, "pom.xml")).orElse(""))
                .filter(p -> !p.isEmpty()).toList();
    }

    /** Modules that only a profile builds. */
    boolean isProfileModule(String pom) {
        return xml.descendants("module").stream().anyMatch(m -> Project.resolve(folder, resolve(m.text()))
                .map(p -> p.equals(pom) || Project.join(p, "pom.xml").equals(pom)).orElse(false));
    }

    /** The project itself and its profiles that are on without being asked for. */
    private List<Xml> active() {
        List<Xml> active = new ArrayList<>(List.of(xml));
        Xml profiles = xml.find("profiles");
        if (profiles != null) {
            profiles.children("profile").stream().filter(p -> p.text("activation/activeByDefault").equals("true")
                    || p.find("activation/jdk") != null).forEach(active::add);
        }
        return active;
    }

    /** The property with its place, from this pom or from those above it; references are resolved. */
    Optional<Value> property(String name) {
        for (Pom at = this; at != null; at = at.parent) {
            for (Xml holder : at.active()) {
                Xml properties = holder.find("properties");
                Xml value = properties == null ? null : properties.children(name).stream().findFirst().orElse(null);
                if (value != null && !value.text().isEmpty()) {
                    return Optional.of(new Value(resolve(value.text()), at.at(value, "maven-property")));
                }
            }
        }
        return Optional.empty();
    }

    /** The text with its {@code ${references}} replaced where the project tells them. */
    String resolve(String text) {
        String resolved = text;
        for (int round = 0; round < 8 && resolved.contains("${"); round++) {
            Matcher reference = PROPERTY.matcher(resolved);
            String before = resolved;
            resolved = reference.replaceAll(r -> Matcher.quoteReplacement(raw(r.group(1)).orElse(r.group())));
            if (resolved.equals(before) || resolved.length() > 10_000) {
                break;
            }
        }
        return resolved.strip();
    }

    private Optional<String> raw(String name) {
        for (Pom at = this; at != null; at = at.parent) {
            for (Xml holder : at.active()) {
                Xml properties = holder.find("properties");
                Optional<Xml> value = properties == null ? Optional.empty() : properties.children(name).stream().findFirst();
                if (value.isPresent()) {
                    return value.map(Xml::text);
                }
            }
        }
        return Optional.empty();
    }

    /** The plugin, when this pom or one above it runs it in every build: with what pluginManagement adds to it. */
    Optional<Plugin> plugin(String artifactId) {
        Optional<Plugin> used = find(artifactId, h -> children(h, "build/plugins"));
        Optional<Plugin> managed = find(artifactId, h -> children(h, "build/pluginManagement/plugins"));
        if (used.isEmpty() || managed.isEmpty()) {
            return used;
        }
        Set<String> goals = new LinkedHashSet<>(used.get().executed);
        goals.addAll(managed.get().executed);
        return used.map(u -> new Plugin(u.artifactId, u.element, u.evidence, goals, u.hasExecutions || managed.get().hasExecutions));
    }

    /** The plugin wherever it stands in this pom or in one above it: managed only, or in a profile that is off. */
    Optional<Plugin> mentioned(String artifactId) {
        for (Pom at = this; at != null; at = at.parent) {
            for (Xml plugin : at.xml.descendants("plugin")) {
                if (plugin.text("artifactId").equals(artifactId)) {
                    return Optional.of(at.plugin(plugin));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Plugin> find(String artifactId, Function<Xml, List<Xml>> where) {
        for (Pom at = this; at != null; at = at.parent) {
            for (Xml holder : at.active()) {
                for (Xml plugin : where.apply(holder)) {
                    if (plugin.text("artifactId").equals(artifactId)) {
                        return Optional.of(at.plugin(plugin));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private Plugin plugin(Xml element) {
        Set<String> goals = new LinkedHashSet<>();
        List<Xml> executions = children(element, "executions");
        executions.stream().filter(e -> !e.text("phase").equals("none")).forEach(e -> children(e, "goals").forEach(g -> goals.add(g.text())));
        return new Plugin(element.text("artifactId"), element, at(element, "maven-plugin"), goals, !executions.isEmpty());
    }

    /** Dependencies of this pom and of those above it, tests included. */
    List<Value> dependencies() {
        List<Value> found = new ArrayList<>();
        for (Pom at = this; at != null; at = at.parent) {
            for (Xml holder : at.active()) {
                for (Xml dependency : children(holder, "dependencies")) {
                    found.add(new Value(resolve(dependency.text("groupId")) + ":" + resolve(dependency.text("artifactId")),
                            at.at(dependency, "maven-dependency")));
                }
            }
        }
        return found;
    }

    Evidence at(Xml element, String rule) {
        return new Evidence(file, element.line(), rule);
    }

    private static List<Xml> children(Xml element, String path) {
        Xml holder = element.find(path);
        return holder == null ? List.of() : holder.children();
    }
}
