package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.semver4j.Semver;

/**
 * The runtime of a package: Node.js or Bun, the version that is pinned and the range that is declared. Exact pin files come
 * before the range of {@code engines}; what contradicts is reported with both places.
 */
final class NodeRuntime {
    /** Of the long-term versions, in alphabetic order from Node.js 4 on, each two higher than the one before. */
    private static final List<String> CODE_NAMES = List.of("argon", "boron", "carbon", "dubnium", "erbium", "fermium", "gallium", "hydrogen", "iron", "jod", "krypton");
    private static final Pattern VERSION = Pattern.compile("\\d{1,4}(\\.(\\d{1,5}|x|\\*)){0,2}(-[0-9A-Za-z.-]+)?");

    private NodeRuntime() {}

    /** @param root the workspace's root, whose pins and range hold for its members; null where there is none */
    static Runtime of(Project project, NodePackage of, NodePackage root, NodeManager manager) {
        List<VersionFiles.Pin> pins = pins(project, of, root);
        // A member says what its users need; what installs and builds it is the root's to say.
        NodePackage ranged = root != null && root.manifest().has("engines", "node") ? root : of;
        String range = ranged.manifest().text("engines", "node");
        if (range.isEmpty()) {
            range = devEngine(of).filter(p -> !VERSION.matcher(p.version()).matches()).map(VersionFiles.Pin::version).orElse("");
        }
        if (manager.id().equals("bun") && pins.isEmpty() && range.isEmpty()) {
            return bun(project, of, manager);
        }
        report(project, pins, range, ranged);
        Optional<VersionFiles.Pin> exact = pins.stream().filter(p -> VERSION.matcher(p.version()).matches()).findFirst();
        VersionFiles.Pin file = exact.or(() -> pins.stream().findFirst()).orElse(null);
        Evidence declared = range.isEmpty() ? Evidence.of(of.file(), "manifest") : ranged.manifest().evidence("engines", "engines", "node");
        Evidence evidence = file != null ? file.evidence() : declared;
        return new Runtime("node", exact.map(p -> p.version().replaceAll("\\.[x*].*$", "")).orElse(""), range, file == null ? "" : file.file(), evidence);
    }

    /** Is there a version of this (partial) number in the range? {@code 20} meets {@code >=20.11}. */
    static boolean meets(String version, String range) {
        String[] parts = version.replaceAll("\\.[x*].*$", "").split("\\.");
        Semver low = Semver.coerce(version);
        if (low == null) {
            return true;
        }
        try {
            return low.satisfies(range) || parts.length < 3
                    && Semver.parse(parts[0] + "." + (parts.length > 1 ? parts[1] : "9999") + ".9999").satisfies(range);
        } catch (RuntimeException e) {
            // A range in a dialect of its own says nothing that could be contradicted.
            return true;
        }
    }

    private static List<VersionFiles.Pin> pins(Project project, NodePackage of, NodePackage root) {
        List<VersionFiles.Pin> pins = new ArrayList<>();
        VersionFiles.line(project, of.folder(), ".nvmrc", "nvmrc").ifPresent(pins::add);
        VersionFiles.line(project, of.folder(), ".node-version", "node-version").ifPresent(pins::add);
        VersionFiles.find(project, of.folder(), "nodejs", "node").ifPresent(pins::add);
        for (NodePackage each : root == null || root == of ? List.of(of) : List.of(of, root)) {
            if (each.manifest().has("volta", "node")) {
                pins.add(new VersionFiles.Pin(each.manifest().text("volta", "node"), each.file(), each.manifest().evidence("volta", "volta", "node")));
            }
            devEngine(each).filter(p -> VERSION.matcher(p.version()).matches()).ifPresent(pins::add);
        }
        return pins.stream().map(p -> new VersionFiles.Pin(plain(p.version()), p.file(), p.evidence())).toList();
    }

    private static Optional<VersionFiles.Pin> devEngine(NodePackage of) {
        return of.engines("runtime").stream().filter(e -> e.name().equals("node") && !e.version().isEmpty()).findFirst()
                .map(e -> new VersionFiles.Pin(e.version(), of.file(), of.manifest().evidence("dev-engines", "devEngines", "runtime")));
    }

    /** {@code v20.11} and {@code lts/iron} as numbers; {@code lts/*} and {@code node} stay what they are. */
    private static String plain(String version) {
        String text = version.strip().replaceFirst("\\s+#.*$", "").replaceFirst("^v(?=\\d)", "");
        int name = text.startsWith("lts/") ? CODE_NAMES.indexOf(text.substring(4).toLowerCase(Locale.ROOT)) : -1;
        return name < 0 ? text : String.valueOf(4 + 2 * name);
    }

    private static void report(Project project, List<VersionFiles.Pin> pins, String range, NodePackage ranged) {
        List<VersionFiles.Pin> exact = pins.stream().filter(p -> VERSION.matcher(p.version()).matches()).toList();
        for (VersionFiles.Pin pin : exact) {
            if (!range.isEmpty() && !meets(pin.version(), range)) {
                project.report(Finding.warning("runtime-contradiction",
                        pin.file() + " pins Node.js " + pin.version() + ", but " + ranged.file() + " asks for " + range, "pin a version that the range allows, or change the range", pin.evidence(), ranged.manifest().evidence("engines", "engines", "node")));
            }
            VersionFiles.Pin first = exact.get(0);
            if (!same(first.version(), pin.version())) {
                project.report(Finding.warning("runtime-contradiction",
                        first.file() + " pins Node.js " + first.version() + " and " + pin.file() + " pins " + pin.version() + "; the first is taken", "pin one version, in one place", first.evidence(), pin.evidence()));
            }
        }
    }

    private static boolean same(String one, String other) {
        String a = one.replaceAll("\\.[x*].*$", "") + ".";
        String b = other.replaceAll("\\.[x*].*$", "") + ".";
        return a.startsWith(b) || b.startsWith(a);
    }

    private static Runtime bun(Project project, NodePackage of, NodeManager manager) {
        String version = manager.facts().version();
        Optional<String> pin = VersionFiles.line(project, of.folder(), ".bun-version", "bun-version").or(() -> VersionFiles.find(project, of.folder(), "bun"))
                .map(VersionFiles.Pin::file);
        String file = of.manifest().text("packageManager").startsWith("bun@") ? of.file() : pin.orElse("");
        boolean ranged = of.manifest().has("engines", "bun");
        return new Runtime("bun", version, of.manifest().text("engines", "bun"), file,
                ranged ? of.manifest().evidence("engines", "engines", "bun") : version.isEmpty() ? manager.evidence() : manager.facts().evidence());
    }
}
