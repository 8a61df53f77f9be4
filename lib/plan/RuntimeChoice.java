package lib.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import lib.plan.Versions.Line;
import lib.plan.Versions.RuntimeVersions;
import lib.scan.Component;
import lib.scan.Finding;
import lib.scan.Runtime;

/**
 * Which version of its runtime a component runs on, and on which others it is tested.
 *
 * @param version exact, or a line; empty where the runtime has no versions of its own here
 * @param versionFile the project's file that pins it, or empty
 * @param matrix null where one version is all there is to test
 */
record RuntimeChoice(String runtime, String version, String versionFile, Job.Matrix matrix, List<Finding> findings) {

    /** A pin is kept, whatever its age. Without one: what the declared range allows of the lines that are still supported. */
    static RuntimeChoice of(Component component, Versions versions) {
        Runtime runtime = component.runtime();
        String name = runtime == null ? usualRuntime(component.ecosystem()) : runtime.name();
        RuntimeVersions known = versions.runtime(name).orElse(null);
        List<Finding> findings = new ArrayList<>();
        if (runtime != null && runtime.isPinned()) {
            if (known != null && known.hasEnded(runtime.version())) {
                findings.add(Finding.warning("end-of-life-runtime", name + " " + runtime.version() + " gets no security fixes any more",
                        "move to " + name + " " + known.defaultLine(), runtime.evidence()));
            }
            return new RuntimeChoice(name, runtime.version(), runtime.versionFile(), null, findings);
        }
        if (known == null) {
            return new RuntimeChoice(name, "", runtime == null ? "" : runtime.versionFile(), null, findings);
        }
        List<String> lines = allowed(component, known);
        if (lines.isEmpty()) {
            String nearest = newestAllowed(component, known);
            findings.add(Finding.warning("end-of-life-runtime", "no supported " + name + " fits the declared range " + runtime.range()
                    + (nearest.isEmpty() ? "" : "; " + nearest + " is used"), "widen the range", runtime.evidence()));
            return new RuntimeChoice(name, nearest.isEmpty() ? known.defaultLine() : nearest, "", null, findings);
        }
        boolean ranged = runtime != null && !runtime.range().isEmpty() || !component.supported().isEmpty();
        String main = lines.contains(known.defaultLine()) ? known.defaultLine() : lines.get(lines.size() - 1);
        if (!ranged || lines.size() == 1) {
            return new RuntimeChoice(name, main, "", null, findings);
        }
        Set<String> ends = new LinkedHashSet<>(List.of(lines.get(0), lines.get(lines.size() - 1)));
        return new RuntimeChoice(name, main, "", new Job.Matrix(name, List.copyOf(ends), lines), findings);
    }

    private static List<String> allowed(Component component, RuntimeVersions known) {
        Runtime runtime = component.runtime();
        VersionRange range = VersionRange.parse(known.name(), runtime == null ? "" : runtime.range());
        List<String> lines = known.supported().stream().map(Line::name).filter(range::allows).toList();
        List<String> tested = lines.stream().filter(component.supported()::contains).toList();
        return tested.isEmpty() ? lines : tested;
    }

    private static String newestAllowed(Component component, RuntimeVersions known) {
        VersionRange range = VersionRange.parse(known.name(), component.runtime() == null ? "" : component.runtime().range());
        return known.lines().stream().map(Line::name).filter(range::allows).reduce("", (a, b) -> b);
    }

    /** The runtime of an ecosystem whose project says nothing of it. */
    private static String usualRuntime(String ecosystem) {
        return switch (ecosystem) {
            case "kotlin", "scala", "clojure" -> "java";
            case "haskell" -> "ghc";
            default -> ecosystem;
        };
    }
}
