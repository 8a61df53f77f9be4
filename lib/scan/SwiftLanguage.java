package lib.scan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Component.Workspace;
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

/** Knows pubspec.yaml: packages of Dart and applications of Flutter, alone or in a pub workspace. */
final class DartLanguage implements Language {
    private static final Pattern PART = Pattern.compile("(?m)^part '([\\w./-]{1,200}\\.(?:g|freezed|gr|mocks|config)\\.dart)';");

    @Override
    public List<String> looksFor() {
        return List.of("pubspec.yaml");
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, String> rootOf = new HashMap<>();
        Set<String> files = new LinkedHashSet<>();
        for (String file : project.named("pubspec.yaml")) {
            files.add(file);
            String folder = Project.folderOf(file);
            for (String member : project.yaml(file).map(d -> d.texts("workspace")).orElse(List.of())) {
                List<String> found = member.contains("*") ? project.namedAnywhere("pubspec.yaml").stream().map(Project::folderOf)
                        .filter(f -> Project.folderOf(f).equals(Project.resolve(folder, member.replaceFirst("/?\\*+$", "")).orElse("?"))).toList()
                        : Project.resolve(folder, member).filter(f -> project.exists(Project.join(f, "pubspec.yaml"))).map(List::of).orElse(List.of());
                if (found.isEmpty()) {
                    project.report(Finding.warning("missing-member", file + " names the member " + member + ", where no pubspec.yaml is",
                            "remove the member or add its pubspec.yaml", project.yaml(file).get().evidence("pub-workspace", "workspace")));
                }
                found.forEach(f -> {
                    rootOf.put(f, folder);
                    rootOf.put(folder, folder);
                    files.add(Project.join(f, "pubspec.yaml"));
                });
            }
        }
        Map<String, Document> manifests = new LinkedHashMap<>();
        files.forEach(f -> project.yaml(f).ifPresent(d -> manifests.put(Project.folderOf(f), d)));
        List<Component> components = new ArrayList<>();
        manifests.forEach((folder, manifest) -> components.add(component(project, folder, manifest, manifests, rootOf.getOrDefault(folder, ""))));
        return components;
    }

    private static Component component(Project project, String folder, Document manifest, Map<String, Document> all, String root) {
        boolean flutter = isFlutter(manifest);
        // One pub for the whole workspace: with one member of Flutter it has to be Flutter's.
        boolean flutterPub = flutter || folder.equals(root) && all.entrySet().stream().anyMatch(e -> Project.isInside(e.getKey(), root) && isFlutter(e.getValue()));
        Component.Builder c = Component.at(folder, "dart");
        String name = manifest.text("name");
        c.name(name.matches("[a-z0-9_]{1,100}") ? name : "");
        c.runtime(runtime(project, folder, manifest, flutterPub));
        String lock = Project.join(root.isEmpty() ? folder : root, "pubspec.lock");
        Evidence evidence = manifest.evidence("pubspec", "name");
        c.packageManager(new PackageManager("pub", "", evidence, List.of(project.exists(lock) ? lock : manifest.file())));
        for (String table : List.of("dependencies", "dev_dependencies")) {
            for (String dependency : manifest.keys(table)) {
                c.dependency(dependency, manifest.evidence("pub-dependency", table, dependency));
                String path = manifest.text(table, dependency, "path");
                Project.resolve(folder, path).filter(p -> !path.isEmpty() && all.containsKey(p)).ifPresent(c::dependsOn);
                all.forEach((other, m) -> {
                    if (!root.isEmpty() && !other.equals(folder) && m.text("name").equals(dependency)) {
                        c.dependsOn(other);
                    }
                });
            }
        }
        if (!root.isEmpty()) {
            c.workspace(new Workspace(root, "pub", "", false));
        }
        if (root.isEmpty() || root.equals(folder)) {
            boolean locked = project.exists(lock);
            c.command(CommandKind.INSTALL, Command.certain((flutterPub ? "flutter" : "dart") + " pub get" + (locked ? " --enforce-lockfile" : ""),
                    locked ? Evidence.of(lock, "lock-file") : evidence));
        }
        commands(project, folder, manifest, c, flutter);
        return c.build();
    }

    private static boolean isFlutter(Document manifest) {
        return manifest.text("dependencies", "flutter", "sdk").equals("flutter") || manifest.has("environment", "flutter") || manifest.has("flutter")
                || manifest.text("dev_dependencies", "flutter_test", "sdk").equals("flutter");
    }

    private static Runtime runtime(Project project, String folder, Document manifest, boolean flutter) {
        String name = flutter ? "flutter" : "dart";
        String key = flutter && manifest.has("environment", "flutter") ? "flutter" : "sdk";
        boolean told = manifest.has("environment", key) && (!flutter || key.equals("flutter"));
        String range = told ? manifest.text("environment", key) : "";
        range = Shell.isPrintable(range) && range.length() < 100 && !range.equals("any") ? range : "";
        Evidence evidence = manifest.evidence("pub-environment", "environment", key);
        Optional<VersionFiles.Pin> pin = flutter ? fvm(project, folder).or(() -> VersionFiles.find(project, folder, "flutter")) : VersionFiles.find(project, folder, "dart");
        Optional<VersionFiles.Pin> good = pin.map(p -> new VersionFiles.Pin(p.version().replaceFirst("-stable$", ""), p.file(), p.evidence()))
                .filter(p -> p.version().matches("\\d+\\.\\d+(\\.\\d+)?(-[\\w.]+)?"));
        if (good.isPresent()) {
            return new Runtime(name, good.get().version(), range, good.get().file(), good.get().evidence());
        }
        return new Runtime(name, "", range, flutter && told ? manifest.file() : "", evidence);
    }

    private static Optional<VersionFiles.Pin> fvm(Project project, String folder) {
        for (String at : VersionFiles.upwards(folder)) {
            for (String name : List.of(".fvmrc", ".fvm/fvm_config.json")) {
                String file = Project.join(at, name);
                Optional<Document> config = project.exists(file) ? project.json(file) : Optional.empty();
                for (String key : List.of("flutter", "flutterSdkVersion")) {
                    if (config.isPresent() && !config.get().text(key).isEmpty()) {
                        return Optional.of(new VersionFiles.Pin(config.get().text(key), file, config.get().evidence("fvm", key)));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static void commands(Project project, String folder, Document manifest, Component.Builder c, boolean flutter) {
        TaskChoice tasks = new TaskChoice(project, folder, Set.of("dart", "flutter"));
        String tool = flutter ? "flutter" : "dart";
        generated(project, folder, manifest, c);
        Optional<String> analysis = VersionFiles.upwards(folder).stream().flatMap(f -> project.first(f, "analysis_options.yaml").stream()).findFirst();
        if (!tasks.add(c, CommandKind.LINT, r -> r.calls("dart analyze") || r.calls("flutter analyze")) && analysis.isPresent()) {
            c.command(CommandKind.LINT, Command.likely(tool + " analyze", Evidence.of(analysis.get(), "analysis-options")));
        }
        if (!tasks.add(c, CommandKind.FORMAT, r -> r.calls("dart format"))) {
            tasks.anyCalls("dart format").or(() -> Documentation.says(project, folder, "dart format"))
                    .ifPresent(e -> c.command(CommandKind.FORMAT, Command.likely("dart format --output=none --set-exit-if-changed .", e)));
        }
        Optional<String> test = project.under(Project.join(folder, "test")).stream().filter(f -> f.endsWith("_test.dart")).findFirst();
        boolean framework = flutter ? manifest.has("dev_dependencies", "flutter_test") : manifest.has("dev_dependencies", "test") || manifest.has("dependencies", "test");
        if (test.isPresent() && framework && !tasks.add(c, CommandKind.TEST, r -> r.calls("dart test") || r.calls("flutter test"))) {
            boolean browser = !flutter && project.under(Project.join(folder, "test")).stream().filter(f -> f.endsWith("_test.dart")).limit(200)
                    .allMatch(f -> project.text(f).map(t -> t.contains("@TestOn('browser')")).orElse(false));
            Evidence evidence = Evidence.of(test.get(), "dart-tests");
            c.command(CommandKind.TEST, Command.certain(tool + " test" + (browser ? " --platform chrome" : ""), evidence));
            if (browser) {
                c.tool(new Tool("chrome", "", evidence));
            }
        }
        if (flutter) {
            application(project, folder, c, tasks);
        }
    }

    /** Sources that are parts of the code but not in the repository have to be generated first. */
    private static void generated(Project project, String folder, Document manifest, Component.Builder c) {
        if (!manifest.has("dev_dependencies", "build_runner")) {
            return;
        }
        for (String file : project.under(Project.join(folder, "lib")).stream().filter(f -> f.endsWith(".dart")).limit(500).toList()) {
            var m = PART.matcher(project.text(file).orElse(""));
            while (m.find()) {
                if (Project.resolve(Project.folderOf(file), m.group(1)).filter(p -> !project.exists(p)).isPresent()) {
                    c.command(CommandKind.INSTALL, Command.certain("dart run build_runner build --delete-conflicting-outputs",
                            new Evidence(file, project.lineOf(file, m.group(1)), "generated-part")));
                    return;
                }
            }
        }
    }

    /** The web build needs no signing key and no other machine; an Android one is made for debugging. A plugin has no application to build. */
    private static void application(Project project, String folder, Component.Builder c, TaskChoice tasks) {
        if (!project.exists(Project.join(folder, "lib/main.dart")) || tasks.add(c, CommandKind.BUILD, List.of("build", "build-web"), r -> r.calls("flutter build"))) {
            return;
        }
        String web = Project.join(folder, "web/index.html");
        Optional<String> android = project.first(Project.join(folder, "android"), "build.gradle", "build.gradle.kts");
        if (project.exists(web)) {
            c.command(CommandKind.BUILD, Command.likely("flutter build web", Evidence.of(web, "flutter-web")));
            c.output(Output.Kind.BUILD, "build/web", Evidence.of(web, "flutter-web"));
        } else if (android.isPresent()) {
            c.command(CommandKind.BUILD, Command.likely("flutter build apk --debug", Evidence.of(android.get(), "flutter-android")));
            c.output(Output.Kind.BUILD, "build/app/outputs/flutter-apk/app-debug.apk", Evidence.of(android.get(), "flutter-android"));
        }
    }
}
