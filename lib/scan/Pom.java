package lib.scan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
