package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * .NET: solutions with their projects, and projects without a solution.
 *
 * <p>A solution is one unit: its root has the commands, its projects are members. Projects of tests and benchmarks are members too, for
 * what they depend on, but no packages.
 */
final class DotnetLanguage implements Language {
    private static final Pattern SOLUTION_ENTRY = Pattern.compile("^Project\\(\"[^\"]*\"\\)\\s*=\\s*\"[^\"]*\",\\s*\"([^\"]+\\.\\w+proj)\"");
    private static final Pattern PROJECT_FILE = Pattern.compile(".*\\.(?:cs|fs|vb)proj");

    /**
     * What one call of dotnet builds.
     *
     * @param target file name in the folder that dotnet has to be told; empty where it finds it by itself
     * @param evidence the solution or project file
     */
    record Unit(String folder, String name, String target, List<DotnetProject> projects, Evidence evidence) {

        List<DotnetProject> tests() {
            return projects.stream().filter(DotnetProject::isTest).toList();
        }
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, DotnetProject> all = new TreeMap<>();
        project.files().stream().filter(f -> PROJECT_FILE.matcher(f).matches() && !f.contains("/templates/") && !f.contains("/content/"))
                .forEach(f -> DotnetProject.read(project, f).ifPresent(p -> all.put(f, p)));
        List<Component> components = new ArrayList<>();
        Set<String> taken = new LinkedHashSet<>();
        for (Unit unit : solutions(project, all)) {
            if (unit.projects.stream().allMatch(p -> taken.contains(p.file))) {
                continue;
            }
            unit.projects.forEach(p -> taken.add(p.file));
            components.addAll(components(project, unit, all));
        }
        if (components.isEmpty()) {
            for (DotnetProject lone : all.values()) {
                if (!lone.isTraversal() && (lone.isTest() || !Project.isAside(lone.folder))) {
                    components.addAll(components(project, lone(project, lone), all));
                }
            }
        }
        return components;
    }

    @Override
    public List<String> looksFor() {
        return List.of("*.sln", "*.slnx", "*.csproj", "*.fsproj", "*.vbproj");
    }

    // --- units ---

    private static Unit lone(Project project, DotnetProject lone) {
        boolean alone = project.in(lone.folder).stream().filter(n -> n.matches(".*\\.\\w*proj")).count() == 1;
        return new Unit(lone.folder, lone.name(), alone ? "" : Project.nameOf(lone.file), List.of(lone), Evidence.of(lone.file, "project-file"));
    }

    /** The outer before the inner; of several in one folder, one. */
    private static List<Unit> solutions(Project project, Map<String, DotnetProject> all) {
        Map<String, List<String>> byFolder = new LinkedHashMap<>();
        List<String> files = new ArrayList<>(project.ending(".sln"));
        files.addAll(project.ending(".slnx"));
        files.sort(java.util.Comparator.<String>comparingLong(f -> f.chars().filter(c -> c == '/').count()).thenComparing(java.util.Comparator.naturalOrder()));
        files.forEach(f -> byFolder.computeIfAbsent(Project.folderOf(f), k -> new ArrayList<>()).add(f));
        List<Unit> units = new ArrayList<>();
        byFolder.forEach((folder, list) -> unit(project, folder, list, all).ifPresent(units::add));
        return units;
    }

    private static Optional<Unit> unit(Project project, String folder, List<String> solutions, Map<String, DotnetProject> all) {
        Map<String, List<String>> entries = new LinkedHashMap<>();
        solutions.forEach(s -> entries.put(s, entries(project, s)));
        // A solution with projects that only an IDE builds (databases, installers, C++) fails in dotnet.
        Optional<String> chosen = solutions.stream().filter(s -> entries.get(s).stream().anyMatch(all::containsKey))
                .max(java.util.Comparator.<String>comparingInt(s -> entries.get(s).stream().allMatch(e -> PROJECT_FILE.matcher(e).matches() || e.endsWith(".dcproj")) ? 1 : 0)
                        .thenComparingInt(s -> isNamed(s, folder.equals(".") ? project.name() : Project.nameOf(folder)) ? 1 : 0)
                        .thenComparingInt(s -> entries.get(s).size()).thenComparing(java.util.Comparator.reverseOrder()));
        if (chosen.isEmpty()) {
            return Optional.empty();
        }
        List<DotnetProject> projects = entries.get(chosen.get()).stream().distinct().filter(all::containsKey).map(all::get).toList();
        if (solutions.size() > 1) {
            project.report(Finding.info("several-solutions", folder.equals(".") ? "several solutions at the root: " + Project.nameOf(chosen.get()) + " is built"
                    : "several solutions in " + folder + ": " + Project.nameOf(chosen.get()) + " is built", "", solutions.stream()
                    .map(s -> Evidence.of(s, "solution")).toArray(Evidence[]::new)));
        }
        Evidence evidence = Evidence.of(chosen.get(), "solution");
        String name = Project.nameOf(chosen.get()).replaceFirst("\\.slnx?$", "");
        List<String> beside = project.in(folder).stream().filter(n -> n.matches(".*\\.\\w*proj")).toList();
        // A traversal project is how a project says itself what is built, and in which order.
        Optional<String> traversal = beside.stream().filter(n -> Optional.ofNullable(all.get(Project.join(folder, n))).map(DotnetProject::isTraversal).orElse(false)).findFirst();
        if (traversal.isPresent()) {
            return Optional.of(new Unit(folder, name, traversal.get(), projects, Evidence.of(Project.join(folder, traversal.get()), "traversal-project")));
        }
        boolean found = solutions.size() == 1 && (beside.isEmpty() || beside.size() == 1 && beside.get(0).startsWith(name + "."));
        return Optional.of(new Unit(folder, name, found ? "" : Project.nameOf(chosen.get()), projects, evidence));
    }

    private static boolean isNamed(String solution, String folder) {
        String name = Project.nameOf(solution).replaceFirst("\\.slnx?$", "").toLowerCase(java.util.Locale.ROOT);
        return folder.toLowerCase(java.util.Locale.ROOT).matches("(?:.*[^a-z0-9])?" + Pattern.quote(name));
    }

    private static List<String> entries(Project project, String solution) {
        List<String> paths = new ArrayList<>();
        if (solution.endsWith(".slnx")) {
            project.xml(solution).ifPresent(x -> x.descendants("Project").forEach(p -> paths.add(p.attribute("Path"))));
        } else {
            for (String line : project.lines(solution)) {
                Matcher m = SOLUTION_ENTRY.matcher(line.strip());
                if (m.find()) {
                    paths.add(m.group(1));
                }
            }
        }
        return paths.stream().flatMap(p -> Project.resolve(Project.folderOf(solution), p).stream()).toList();
    }

    // --- components ---

    private static List<Component> components(Project project, Unit unit, Map<String, DotnetProject> all) {
        List<Component> components = new ArrayList<>();
        boolean isSolution = unit.evidence.file().matches(".*\\.(slnx?|proj)") || unit.projects.size() != 1 || !unit.projects.get(0).folder.equals(unit.folder);
        Workspace workspace = isSolution && unit.projects.size() > 1 ? new Workspace(unit.folder, "dotnet", "", true) : null;
        Runtime runtime = runtime(project, unit);
        Map<String, String> folders = new LinkedHashMap<>();
        all.values().forEach(p -> folders.put(p.file, p.folder));
        Set<String> done = new LinkedHashSet<>();
        List<DotnetProject> projects = new ArrayList<>(unit.projects);
        projects.sort(java.util.Comparator.comparing(p -> p.file));
        if (projects.stream().noneMatch(p -> p.folder.equals(unit.folder))) {
            Component.Builder root = Component.at(unit.folder, "dotnet").name(unit.name).notAPackage();
            components.add(finish(project, unit, root, runtime, workspace));
            done.add(unit.folder);
        }
        Map<String, List<DotnetProject>> byFolder = new LinkedHashMap<>();
        projects.forEach(p -> byFolder.computeIfAbsent(p.folder, f -> new ArrayList<>()).add(p));
        for (DotnetProject each : projects) {
            // Two projects may share a folder: their facts are one component's then.
            if (!done.add(each.folder)) {
                continue;
            }
            Component.Builder component = Component.at(each.folder, "dotnet").name(each.name());
            List<DotnetProject> here = byFolder.get(each.folder);
            here.forEach(p -> p.packages().forEach(component::dependency));
            here.forEach(p -> p.projectReferences().stream().map(folders::get).filter(f -> f != null && !f.equals(each.folder)).forEach(component::dependsOn));
            if (here.stream().allMatch(p -> p.isTest() || p.uses("benchmarkdotnet")) || !each.folder.equals(unit.folder) && Project.isAside(each.folder)) {
                component.notAPackage();
            } else if (each.isPacked() && !each.isTest()) {
                String id = each.property("PackageId");
                component.publication(new Publication("nuget", id.isEmpty() ? each.name() : id, Evidence.of(each.file, "package-properties")));
            }
            if (each.folder.equals(unit.folder)) {
                components.add(0, finish(project, unit, component, runtime, workspace));
            } else {
                components.add(component.runtime(runtime).workspace(workspace).packageManager(new PackageManager("nuget", "",
                        Evidence.of(each.file, "project-file"), List.of(each.file))).build());
            }
        }
        return components;
    }

    private static Component finish(Project project, Unit unit, Component.Builder root, Runtime runtime, Workspace workspace) {
        root.runtime(runtime).workspace(workspace);
        Set<String> locks = new TreeSet<>();
        Set<String> manifests = new TreeSet<>();
        for (DotnetProject each : unit.projects) {
            project.first(each.folder, "packages.lock.json").ifPresent(locks::add);
            manifests.add(each.file);
        }
        List<DotnetProject> tests = unit.tests();
        (tests.isEmpty() ? unit.projects : tests).forEach(t -> t.runtimes().keySet().forEach(root::supports));
        project.first(unit.folder, "Directory.Packages.props").ifPresent(manifests::add);
        project.first(unit.folder, "paket.lock").ifPresent(locks::add);
        root.packageManager(new PackageManager("nuget", "", unit.evidence, List.copyOf(locks.isEmpty() ? manifests : locks)));
        new DotnetCommands(project, unit).addTo(root);
        return root.build();
    }

    /** global.json pins the SDK; else the newest framework that a project targets says which SDK is the oldest that will do. */
    private static Runtime runtime(Project project, Unit unit) {
        for (String at : VersionFiles.upwards(unit.folder)) {
            String file = Project.join(at, "global.json");
            Optional<Document> global = project.exists(file) ? project.json(file) : Optional.empty();
            String version = global.map(d -> d.text("sdk", "version")).orElse("");
            if (!version.isEmpty()) {
                return new Runtime("dotnet", version, "", file, global.get().evidence("global-json", "sdk", "version"));
            }
        }
        Optional<VersionFiles.Pin> pin = VersionFiles.find(project, unit.folder, "dotnet", "dotnet-core");
        if (pin.isPresent()) {
            return new Runtime("dotnet", pin.get().version(), "", "", pin.get().evidence());
        }
        Map<String, Evidence> runtimes = new LinkedHashMap<>();
        unit.projects.forEach(p -> p.runtimes().forEach(runtimes::putIfAbsent));
        return runtimes.entrySet().stream().max(java.util.Comparator.comparingInt(e -> JdkVersion.numbers(e.getKey())[0] * 100 + JdkVersion.numbers(e.getKey())[1]))
                .map(e -> new Runtime("dotnet", e.getKey(), "", "", e.getValue())).orElse(new Runtime("dotnet", "", "", "", unit.evidence));
    }
}
