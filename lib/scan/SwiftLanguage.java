package lib.scan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/** Knows Package.swift. An Xcode project without one is a finding: only a Mac builds it. */
final class SwiftLanguage implements Language {
    private static final Pattern TOOLS = Pattern.compile("^//\\s*swift-tools-version\\s*:?\\s*(\\d{1,2}\\.\\d{1,2}(\\.\\d{1,2})?)", Pattern.MULTILINE);
    private static final Pattern NAME = Pattern.compile("Package\\s*\\(\\s*name\\s*:\\s*\"([^\"]{1,100})\"");
    private static final Pattern DEPENDENCY = Pattern.compile("\\.package\\s*\\([^)]{0,200}?url\\s*:\\s*\"([^\"]{1,200})\"");
    private static final Pattern TESTS = Pattern.compile("\\.testTarget\\s*\\(");
    private static final Pattern APPLE = Pattern.compile("(?m)^[ \\t]*(?:@\\w+[ \\t]+)*import[ \\t]+(UIKit|AppKit|SwiftUI|Combine|CoreData|WatchKit|ARKit|MapKit|AVFoundation|CoreGraphics"
            + "|WebKit|StoreKit|CloudKit|HealthKit|Metal|MetalKit|SceneKit|SpriteKit|Cocoa|Security|os|OSLog)\\b");
    private static final Pattern CONDITION = Pattern.compile("(?m)^[ \\t]*#if[ \\t][^\\n]{0,200}(canImport|os)[ \\t]*\\(");

    @Override
    public List<String> looksFor() {
        return List.of("Package.swift");
    }

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        // A library of C may be offered to Swift by a manifest alone.
        List<String> manifests = project.named("Package.swift").stream().filter(f -> project.under(Project.folderOf(f)).stream()
                .anyMatch(s -> s.endsWith(".swift") && !Project.nameOf(s).startsWith("Package"))).toList();
        manifests.forEach(f -> components.add(component(project, Project.folderOf(f), f)));
        Optional<String> xcode = project.ending("/project.pbxproj").stream().filter(f -> f.contains(".xcodeproj/"))
                .filter(f -> project.namedAnywhere("pubspec.yaml").isEmpty() && project.namedAnywhere("package.json").isEmpty()).findFirst();
        if (manifests.isEmpty() && xcode.isPresent()) {
            project.report(Finding.warning("needs-mac", "an Xcode project without a Package.swift can only be built on macOS: no job is written for it",
                    "move the code that needs no Apple framework into a Swift package", Evidence.of(xcode.get(), "xcode-project")));
        }
        return components;
    }

    private static Component component(Project project, String folder, String file) {
        Component.Builder c = Component.at(folder, "swift");
        String text = project.text(file).orElse("");
        Evidence evidence = Evidence.of(file, "swift-package");
        Matcher name = NAME.matcher(text);
        c.name(name.find() && Shell.isPrintable(name.group(1)) ? name.group(1) : "");
        c.runtime(runtime(project, folder, file));
        String resolved = Project.join(folder, "Package.resolved");
        c.packageManager(new PackageManager("swiftpm", "", evidence, List.of(project.exists(resolved) ? resolved : file)));
        dependencies(file, text).forEach(c::dependency);
        Optional<Evidence> apple = onlyApple(project, folder, text);
        apple.ifPresent(e -> {
            project.report(Finding.warning("needs-mac", file + " uses Apple's frameworks without a condition: it can only be built on macOS",
                    "put the imports under `#if canImport(…)`, or build on a Mac", e));
            c.tool(new Tool("xcode", "", e));
        });
        TaskChoice tasks = new TaskChoice(project, folder, Set.of("swift", "swiftc")).bring("swiftlint").bring("swiftformat").bring("swift-format");
        Matcher tests = TESTS.matcher(text);
        if (tests.find() && !tasks.add(c, CommandKind.TEST, r -> r.calls("swift test"))) {
            Evidence place = new Evidence(file, lineAt(text, tests.start()), "swift-tests");
            c.command(CommandKind.TEST, apple.isPresent() ? Command.guess("swift test", place) : Command.certain("swift test", place));
        }
        if (!tasks.add(c, CommandKind.BUILD, List.of("build"), r -> r.calls("swift build"))) {
            c.command(CommandKind.BUILD, apple.isPresent() ? Command.guess("swift build", evidence) : Command.certain("swift build", evidence));
        }
        checks(project, folder, c, tasks, text);
        return c.build();
    }

    /** The least tools version of all manifests: {@code Package@swift-5.9.swift} stands in for older compilers. */
    private static Runtime runtime(Project project, String folder, String file) {
        Map<String, String> versions = new LinkedHashMap<>();
        for (String name : project.in(folder)) {
            if (name.equals("Package.swift") || name.matches("Package@swift-[\\d.]+\\.swift")) {
                Matcher m = TOOLS.matcher(project.text(Project.join(folder, name)).orElse(""));
                if (m.find()) {
                    versions.put(m.group(1), Project.join(folder, name));
                }
            }
        }
        String least = versions.keySet().stream().min((a, b) -> Arrays.compare(numbers(a), numbers(b))).orElse("");
        String range = least.isEmpty() ? "" : ">=" + least;
        Evidence evidence = new Evidence(versions.getOrDefault(least, file), 1, "swift-tools-version");
        Optional<VersionFiles.Pin> pin = VersionFiles.line(project, folder, ".swift-version", "swift-version").or(() -> VersionFiles.find(project, folder, "swift"))
                .filter(p -> p.version().matches("\\d{1,2}(\\.\\d{1,2}){0,2}"));
        return pin.map(p -> new Runtime("swift", p.version(), range, p.file(), p.evidence())).orElse(new Runtime("swift", "", range, "", evidence));
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
    }

    private static Map<String, Evidence> dependencies(String file, String text) {
        Map<String, Evidence> found = new LinkedHashMap<>();
        Matcher m = DEPENDENCY.matcher(text);
        while (m.find()) {
            found.putIfAbsent(m.group(1).replaceFirst("\\.git$", "").replaceFirst("^https://", ""), new Evidence(file, lineAt(text, m.start()), "swift-dependency"));
        }
        return found;
    }

    /** An import of an Apple framework in a file that knows no conditions; a package that names Linux anywhere is trusted. */
    private static Optional<Evidence> onlyApple(Project project, String folder, String manifest) {
        if (manifest.contains(".linux") || manifest.contains("os(Linux)")) {
            return Optional.empty();
        }
        for (String file : project.under(Project.join(folder, "Sources")).stream().filter(f -> f.endsWith(".swift")).limit(300).toList()) {
            String text = project.text(file).orElse("");
            Matcher m = APPLE.matcher(text);
            if (m.find() && !CONDITION.matcher(text).find()) {
                return Optional.of(new Evidence(file, lineAt(text, m.start(1)), "apple-framework"));
            }
        }
        return Optional.empty();
    }

    private static void checks(Project project, String folder, Component.Builder c, TaskChoice tasks, String manifest) {
        boolean linted = tasks.add(c, CommandKind.LINT, r -> r.calls("swiftlint") || r.calls("swift-format lint") || r.calls("swift format lint"));
        Optional<String> config = project.first(folder, ".swiftlint.yml", ".swiftlint.yaml");
        if (!linted && config.isPresent()) {
            Evidence evidence = Evidence.of(config.get(), "swiftlint-config");
            c.tool(new Tool("swiftlint", "", evidence)).command(CommandKind.LINT, Command.likely("swiftlint lint", evidence));
        }
        boolean formatted = tasks.add(c, CommandKind.FORMAT, r -> r.calls("swiftformat") || r.calls("swift-format lint") || r.calls("swift format lint"));
        Optional<Evidence> used = Documentation.says(project, folder, "swift format").or(() -> Documentation.says(project, folder, "swift-format"))
                .or(() -> tasks.anyCalls("swift format"));
        if (!formatted && used.isPresent() && project.exists(Project.join(folder, ".swift-format"))) {
            List<String> roots = java.util.stream.Stream.of("Package.swift", "Sources", "Tests").filter(n -> n.contains(".") || project.isFolder(Project.join(folder, n))).toList();
            c.command(CommandKind.FORMAT, Command.likely("swift format lint --strict --recursive " + String.join(" ", roots), used.get()));
        }
    }

    private static int lineAt(String text, int place) {
        return (int) text.substring(0, place).chars().filter(c -> c == '\n').count() + 1;
    }
}
