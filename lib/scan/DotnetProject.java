package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One project file of MSBuild (C#, F#, Visual Basic) with the Directory.Build.props above it. Knows the files, not what to do with them. */
final class DotnetProject {
    private static final Pattern PROPERTY = Pattern.compile("\\$\\(([A-Za-z_][\\w.]*)\\)");
    private static final Pattern MODERN = Pattern.compile("(?:net|netcoreapp)(\\d{1,2}\\.\\d+)(?:-.*)?");
    private static final Pattern FRAMEWORK = Pattern.compile("net[1-4]\\d{1,2}");
    private static final Set<String> TEST_PACKAGES = Set.of("microsoft.net.test.sdk", "xunit", "xunit.v3", "nunit", "mstest", "mstest.testframework",
            "tunit", "expecto", "fixie");

    final String file;
    final String folder;
    final Xml xml;
    /** nearest first */
    private final List<Xml> above = new ArrayList<>();
    private final Map<String, Evidence> packages = new LinkedHashMap<>();

    private DotnetProject(String file, Xml xml) {
        this.file = file;
        this.folder = Project.folderOf(file);
        this.xml = xml;
    }

    static Optional<DotnetProject> read(Project project, String file) {
        return project.xml(file).filter(x -> x.name().equals("Project")).map(xml -> {
            DotnetProject read = new DotnetProject(file, xml);
            read.references(xml, file);
            for (String at : VersionFiles.upwards(read.folder)) {
                String props = Project.join(at, "Directory.Build.props");
                Optional<Xml> found = project.exists(props) ? project.xml(props) : Optional.empty();
                if (found.isPresent()) {
                    read.above.add(found.get());
                    read.references(found.get(), props);
                    // MSBuild reads the nearest only; that one has to import those above it.
                    if (found.get().descendants("Import").stream().noneMatch(i -> i.attribute("Project").contains("Directory.Build.props"))) {
                        break;
                    }
                }
            }
            VersionFiles.upwards(read.folder).stream().map(at -> Project.join(at, "Directory.Packages.props")).filter(project::exists).findFirst()
                    .flatMap(project::xml).ifPresent(read.above::add);
            for (String line : project.lines(Project.join(read.folder, "paket.references"))) {
                if (line.matches("[\\w.-]+(\\s.*)?")) {
                    read.packages.putIfAbsent(line.split("\\s")[0], Evidence.of(Project.join(read.folder, "paket.references"), "package-reference"));
                }
            }
            return read;
        });
    }

    private void references(Xml from, String at) {
        for (Xml reference : from.descendants("PackageReference")) {
            String name = reference.attribute("Include");
            if (!name.isEmpty()) {
                packages.putIfAbsent(name, new Evidence(at, reference.line(), "package-reference"));
            }
        }
    }

    String name() {
        String name = Project.nameOf(file);
        return name.substring(0, name.lastIndexOf('.'));
    }

    Map<String, Evidence> packages() {
        return packages;
    }

    boolean uses(String prefix) {
        return packages.keySet().stream().anyMatch(p -> p.toLowerCase(java.util.Locale.ROOT).startsWith(prefix));
    }

    /** The property's first value, of the project or of what is above it; references are resolved; empty where there is none. */
    String property(String name) {
        return resolve(raw(name).map(Xml::text).orElse(""), 0);
    }

    private Optional<Xml> raw(String name) {
        List<Xml> places = new ArrayList<>(List.of(xml));
        places.addAll(above);
        return places.stream().flatMap(x -> x.children("PropertyGroup").stream()).flatMap(g -> g.children(name).stream()).findFirst();
    }

    private String resolve(String text, int depth) {
        if (depth > 5 || !text.contains("$(")) {
            return text.strip();
        }
        return resolve(PROPERTY.matcher(text).replaceAll(m -> Matcher.quoteReplacement(m.group(1).matches("AssemblyName|MSBuildProjectName") && raw(m.group(1)).isEmpty()
                ? name() : raw(m.group(1)).map(Xml::text).orElse(""))), depth + 1);
    }

    /** Target frameworks, with the line that names them. Those under a condition for Windows are left out: pipelines run on Linux. */
    Map<String, Evidence> frameworks() {
        Map<String, Evidence> found = new LinkedHashMap<>();
        List<Xml> places = new ArrayList<>(List.of(xml));
        places.addAll(above);
        for (Xml place : places) {
            for (Xml group : place.children("PropertyGroup")) {
                for (Xml property : group.children()) {
                    boolean frameworks = property.name().matches("TargetFrameworks?");
                    if (frameworks && !onWindows(group.attribute("Condition")) && !onWindows(property.attribute("Condition"))) {
                        Evidence evidence = place == xml ? new Evidence(file, property.line(), "target-framework") : Evidence.of(file, "target-framework");
                        for (String framework : resolve(property.text().replaceAll("\\$\\(TargetFrameworks?\\)", ""), 0).split("[;\\s]+")) {
                            if (!framework.isBlank() && found.size() < 20) {
                                found.putIfAbsent(framework, evidence);
                            }
                        }
                    }
                }
            }
            if (!found.isEmpty()) {
                return found;
            }
        }
        return found;
    }

    private static boolean onWindows(String condition) {
        return condition.matches("(?i).*==\\s*'?Windows(_NT)?\\b.*|.*IsOSPlatform\\(.?Windows.*") && !condition.contains("!");
    }

    /** Versions of .NET that it runs on, such as {@code 8.0}. */
    Map<String, Evidence> runtimes() {
        Map<String, Evidence> found = new LinkedHashMap<>();
        frameworks().forEach((framework, evidence) -> {
            Matcher m = MODERN.matcher(framework);
            if (m.matches()) {
                found.putIfAbsent(m.group(1), evidence);
            }
        });
        return found;
    }

    /** The newest framework that runs on Linux, or empty: {@code net8.0} of {@code net48;net8.0;net8.0-windows}. */
    Optional<String> portable() {
        return frameworks().keySet().stream().filter(f -> MODERN.matcher(f).matches() && !f.contains("-"))
                .max(java.util.Comparator.comparingInt(f -> JdkVersion.numbers(f.replaceFirst("^[a-z]+", ""))[0] * 100 + JdkVersion.numbers(f.replaceFirst("^[a-z]+", ""))[1]));
    }

    /** Some of its frameworks are .NET Framework, whose programs Linux can't run. */
    boolean targetsFramework() {
        return frameworks().keySet().stream().anyMatch(f -> FRAMEWORK.matcher(f).matches());
    }

    /** It can't even be built elsewhere: the format of before .NET Core, or only Windows targets. */
    boolean isWindowsOnly() {
        boolean sdk = !xml.attribute("Sdk").isEmpty() || !xml.children("Sdk").isEmpty() || xml.children("Import").stream().anyMatch(i -> !i.attribute("Sdk").isEmpty());
        Set<String> frameworks = frameworks().keySet();
        return !sdk || !frameworks.isEmpty() && frameworks.stream().allMatch(f -> f.contains("-windows"));
    }

    /** Targets that need a workload beside the SDK: phones and such. */
    boolean needsWorkload() {
        return frameworks().keySet().stream().anyMatch(f -> f.matches(".*-(android|ios|maccatalyst|tvos|macos|tizen).*"));
    }

    boolean isTest() {
        String said = property("IsTestProject");
        if (!said.isEmpty()) {
            return said.equalsIgnoreCase("true");
        }
        return xml.attribute("Sdk").startsWith("MSTest.Sdk") || packages.keySet().stream().anyMatch(p -> TEST_PACKAGES.contains(p.toLowerCase(java.util.Locale.ROOT)));
    }

    boolean isTraversal() {
        return xml.attribute("Sdk").startsWith("Microsoft.Build.Traversal");
    }

    /** It says of itself, or all projects say, how it is packed. */
    boolean isPacked() {
        boolean described = List.of("PackageId", "GeneratePackageOnBuild", "PackageLicenseExpression", "PackageProjectUrl", "PackageTags").stream()
                .anyMatch(p -> !property(p).isEmpty() && !property(p).equalsIgnoreCase("false"));
        return described && !property("IsPackable").equalsIgnoreCase("false") && !property("IsPublishable").equalsIgnoreCase("false");
    }

    /** Paths of the project files that it refers to. */
    Set<String> projectReferences() {
        Set<String> found = new LinkedHashSet<>();
        for (Xml reference : xml.descendants("ProjectReference")) {
            String include = resolve(reference.attribute("Include"), 0);
            if (!include.isEmpty() && !include.contains("*")) {
                Project.resolve(folder, include).ifPresent(found::add);
            }
        }
        return found;
    }
}
