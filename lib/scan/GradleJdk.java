package lib.scan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
