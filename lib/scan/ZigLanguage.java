package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Knows build.zig and build.zig.zon. */
final class ZigLanguage implements Language {
    private static final Pattern STEP = Pattern.compile("\\.step\\(\\s*\"([A-Za-z0-9_-]{1,40})\"");
    private static final Pattern ZON = Pattern.compile("\\.(minimum_zig_version|name)\\s*=\\s*(?:\"([^\"]{1,60})\"|\\.([A-Za-z0-9_]{1,60}))");

    @Override
    public List<String> looksFor() {
        return List.of("build.zig");
    }

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        for (String file : project.named("build.zig")) {
            String folder = Project.folderOf(file);
            boolean own = project.under(folder).stream().anyMatch(f -> f.endsWith(".zig") && !f.equals(file));
            boolean nested = components.stream().anyMatch(c -> Project.isInside(folder, c.path()));
            // Many libraries of C carry a build.zig beside their own build: it builds them for Zig's users, not for their developers.
            if (own && !nested) {
                components.add(component(project, folder, file));
            }
        }
        return components;
    }

    private static Component component(Project project, String folder, String file) {
        Component.Builder c = Component.at(folder, "zig");
        Evidence evidence = Evidence.of(file, "zig-build");
        String zon = Project.join(folder, "build.zig.zon");
        value(project, zon, "name").ifPresent(v -> c.name(v.text));
        c.runtime(runtime(project, folder, zon, evidence));
        c.packageManager(new PackageManager("zig", "", evidence, List.of(project.exists(zon) ? zon : file)));
        TaskChoice tasks = new TaskChoice(project, folder, Set.of("zig"));
        Optional<Evidence> test = step(project, file, "test");
        if (test.isPresent() && !tasks.add(c, CommandKind.TEST, r -> r.calls("zig build"))) {
            c.command(CommandKind.TEST, Command.certain("zig build test", test.get()));
        }
        if (!tasks.add(c, CommandKind.BUILD, List.of("build"), r -> r.calls("zig build"))) {
            c.command(CommandKind.BUILD, Command.certain("zig build", evidence));
        }
        if (!tasks.add(c, CommandKind.FORMAT, r -> r.calls("zig fmt"))) {
            Documentation.says(project, folder, "zig fmt").or(() -> tasks.anyCalls("zig fmt"))
                    .ifPresent(e -> c.command(CommandKind.FORMAT, Command.likely("zig fmt --check .", e)));
        }
        return c.build();
    }

    private static Runtime runtime(Project project, String folder, String zon, Evidence evidence) {
        Optional<Value> least = value(project, zon, "minimum_zig_version").filter(v -> v.text.matches("\\d+\\.\\d+(\\.\\d+)?(-dev[.\\w+]*)?"));
        String range = least.map(v -> ">=" + v.text).orElse("");
        Optional<VersionFiles.Pin> pin = VersionFiles.line(project, folder, ".zig-version", "zig-version")
                .or(() -> VersionFiles.line(project, folder, ".zigversion", "zig-version")).or(() -> VersionFiles.find(project, folder, "zig"))
                .filter(p -> p.version().matches("\\d+\\.\\d+(\\.\\d+)?(-dev[.\\w+]*)?"));
        if (pin.isPresent()) {
            return new Runtime("zig", pin.get().version(), range, pin.get().file(), pin.get().evidence());
        }
        // A release of Zig rarely compiles what was written for the one before: the least version is the one to take.
        return new Runtime("zig", least.map(Value::text).orElse(""), range, least.isPresent() ? zon : "", least.map(v -> new Evidence(zon, v.line, "zig-minimum")).orElse(evidence));
    }

    private record Value(String text, int line) {}

    private static Optional<Value> value(Project project, String zon, String key) {
        int number = 0;
        for (String line : project.lines(zon)) {
            number++;
            Matcher m = ZON.matcher(line.length() < 1_000 ? line : "");
            if (!line.strip().startsWith("//") && m.find() && m.group(1).equals(key)) {
                return Optional.of(new Value(m.group(2) == null ? m.group(3) : m.group(2), number));
            }
        }
        return Optional.empty();
    }

    private static Optional<Evidence> step(Project project, String file, String name) {
        String text = project.text(file).orElse("");
        Matcher m = STEP.matcher(text);
        while (m.find()) {
            if (m.group(1).equals(name)) {
                return Optional.of(new Evidence(file, (int) text.substring(0, m.start()).chars().filter(c -> c == '\n').count() + 1, "zig-step"));
            }
        }
        return Optional.empty();
    }
}
