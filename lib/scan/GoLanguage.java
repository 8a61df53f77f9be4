package lib.scan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Knows go.mod, go.work and the tools of Go.
 *
 * <p>Each module is a component with commands of its own: {@code ./...} never reaches into another module, in a workspace neither.
 */
final class GoLanguage implements Language {
    private static final Set<String> OWN = Set.of("go", "gofmt");
    private static final String TESTS = "_test.go";

    @Override
    public List<String> looksFor() {
        return List.of("go.mod", "go.work");
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, GoModule> workspaceOf = new HashMap<>();
        Set<String> files = new LinkedHashSet<>();
        List<GoModule> works = new ArrayList<>();
        for (String file : project.named("go.work")) {
            GoModule work = GoModule.read(project, file);
            works.add(work);
            for (GoModule.Value use : work.uses()) {
                Optional<String> member = Project.resolve(work.folder(), use.text()).map(f -> Project.join(f, "go.mod"));
                if (member.isPresent() && project.exists(member.get())) {
                    files.add(member.get());
                    workspaceOf.put(member.get(), work);
                } else {
                    project.report(Finding.warning("missing-member", file + " uses " + use.text() + ", where no go.mod is",
                            "remove the line or add the module", new Evidence(file, use.line(), "go-work")));
                }
            }
        }
        files.addAll(project.named("go.mod"));
        Map<String, GoModule> modules = new HashMap<>();
        files.forEach(f -> modules.put(f, GoModule.read(project, f)));
        Map<String, Sources> sources = sources(project, modules.keySet());
        Map<String, String> folderOf = new HashMap<>();
        files.forEach(f -> folderOf.putIfAbsent(modules.get(f).module().text(), Project.folderOf(f)));
        List<Component> components = new ArrayList<>();
        works.stream().filter(w -> workspaceOf.values().stream().anyMatch(x -> x == w)).filter(w -> !files.contains(Project.join(w.folder(), "go.mod")))
                .forEach(w -> components.add(root(project, w)));
        for (String file : files) {
            Sources own = sources.get(Project.folderOf(file));
            // A go.mod above no Go file only keeps ./... of the module around it out of the folder; a site's go.mod lists Hugo modules.
            boolean barrier = own.files.isEmpty() && (files.size() > 1 || hugo(project, Project.folderOf(file)));
            if (!barrier && !own.onlyTools(project)) {
                components.add(component(project, modules.get(file), workspaceOf, folderOf, own));
            }
        }
        return components;
    }

    /** The folder of a go.work that is no module itself: what is there concerns every member, and has no command. */
    private static Component root(Project project, GoModule work) {
        Component.Builder c = Component.at(work.folder(), "go").workspace(new Workspace(work.folder(), "go", "", false)).notAPackage();
        c.runtime(runtime(project, work, work));
        c.packageManager(new PackageManager("go-modules", "", Evidence.of(work.file(), "go-work"),
                project.first(work.folder(), "go.work.sum").map(List::of).orElse(List.of(work.file()))));
        return c.build();
    }

    private Component component(Project project, GoModule module, Map<String, GoModule> workspaceOf, Map<String, String> folderOf, Sources sources) {
        GoModule work = workspaceOf.get(module.file());
        String folder = module.folder();
        Component.Builder c = Component.at(folder, "go");
        c.name(Shell.isPrintable(module.module().text()) ? module.module().text() : "");
        c.runtime(runtime(project, module, work));
        List<String> locks = new ArrayList<>();
        project.first(folder, "go.sum").ifPresent(locks::add);
        if (work != null) {
            c.workspace(new Workspace(work.folder(), "go", "", false));
            project.first(work.folder(), "go.work.sum").ifPresent(locks::add);
        }
        c.packageManager(new PackageManager("go-modules", "", new Evidence(module.file(), module.module().line(), "go-module"),
                locks.isEmpty() ? List.of(module.file()) : locks));
        module.requires().forEach(c::dependency);
        module.tools().forEach(c::dependency);
        SystemPackages.ofGo(module.requires()).forEach(c::systemPackage);
        links(c, module, workspaceOf, folderOf);
        boolean vendored = project.exists(Project.join(folder, "vendor/modules.txt"));
        if (module.hasRequirements() && project.exists(Project.join(folder, "go.sum")) && !vendored) {
            c.command(CommandKind.INSTALL, Command.certain("go mod download", Evidence.of(Project.join(folder, "go.sum"), "lock-file")));
        }
        new GoCommands(project, folder, module, sources).add(c);
        return c.build();
    }

    /** Other modules of the project that stand in for a requirement: by a replacement, or in the same workspace. */
    private static void links(Component.Builder c, GoModule module, Map<String, GoModule> workspaceOf, Map<String, String> folderOf) {
        GoModule work = workspaceOf.get(module.file());
        new TreeMap<>(module.requires()).keySet().stream().filter(folderOf::containsKey).forEach(name -> {
            String folder = folderOf.get(name);
            boolean replaced = Project.resolve(module.folder(), module.replaces().getOrDefault(name, "/")).filter(folder::equals).isPresent();
            if (!folder.equals(module.folder()) && (replaced || work != null && work == workspaceOf.get(Project.join(folder, "go.mod")))) {
                c.dependsOn(folder);
            }
        });
    }

    // --- the version ---

    private static Runtime runtime(Project project, GoModule module, GoModule work) {
        String folder = module.folder();
        String least = GoModule.version(module.go().text());
        String range = least.isEmpty() ? "" : ">=" + least;
        Evidence goLine = new Evidence(module.file(), module.go().line(), "go-directive");
        Optional<VersionFiles.Pin> pin = VersionFiles.line(project, folder, ".go-version", "go-version")
                .or(() -> VersionFiles.find(project, folder, "golang", "go")).filter(p -> !GoModule.version(p.version()).isEmpty());
        if (pin.isPresent()) {
            if (isOlder(GoModule.version(pin.get().version()), least)) {
                project.report(Finding.warning("version-contradiction", pin.get().file() + " pins Go " + pin.get().version() + ", but " + module.file()
                        + " needs " + least + " or newer", "let both say the same", pin.get().evidence(), goLine));
            }
            return new Runtime("go", GoModule.version(pin.get().version()), range, pin.get().file(), pin.get().evidence());
        }
        for (GoModule file : work == null ? List.of(module) : List.of(work, module)) {
            String toolchain = GoModule.version(file.toolchain().text());
            if (!toolchain.isEmpty()) {
                return new Runtime("go", toolchain, range, file.file(), new Evidence(file.file(), file.toolchain().line(), "go-toolchain"));
            }
        }
        return new Runtime("go", "", range, least.isEmpty() ? "" : module.file(), goLine);
    }

    private static boolean isOlder(String version, String least) {
        String[] a = version.split("\\.");
        String[] b = least.replaceFirst("(rc|beta).*", "").split("\\.");
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            int x = number(a[i]);
            int y = number(b[i]);
            if (x != y) {
                return x < y;
            }
        }
        return false;
    }

    private static int number(String text) {
        return text.matches("\\d{1,4}") ? Integer.parseInt(text) : 0;
    }

    private static boolean hugo(Project project, String folder) {
        return project.first(folder, "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config/_default/hugo.toml", "config/_default/hugo.yaml",
                "config.toml", "theme.toml").isPresent();
    }

    // --- what is in a module ---

    /** The Go files of one module, without those of modules below it, of vendored code and of test data. */
    record Sources(String root, List<String> files) {
        boolean hasTests() {
            return files.stream().anyMatch(f -> f.endsWith(TESTS));
        }

        /** Only a list of programs that the developers install: nothing to build and nothing to test. */
        boolean onlyTools(Project project) {
            return !files.isEmpty() && files.stream().allMatch(f -> project.text(f).map(t -> t.matches("(?s).*(//go:build|// \\+build) tools\\b.*")).orElse(false));
        }

        /** The first file that is a program; looked for only where programs usually are, so that no large project is read through. */
        Optional<String> program(Project project) {
            Set<String> known = new HashSet<>();
            for (String file : files) {
                String folder = Project.folderOf(file);
                boolean usual = file.endsWith("/main.go") || !file.contains("/") || (folder + "/").contains("cmd/") || folder.equals(root);
                if (!file.endsWith(TESTS) && usual && !known.contains(folder) && known.size() < 200) {
                    Optional<String> clause = project.text(file).flatMap(Sources::packageClause);
                    if (clause.isPresent() && clause.get().equals("main")) {
                        return Optional.of(file);
                    }
                    // All files of a folder are of one package; one that is ignored tells nothing.
                    clause.ifPresent(c -> known.add(folder));
                }
            }
            return Optional.empty();
        }

        /** The name in the first line outside of comments that is a package clause; empty for a file that the go command ignores. */
        private static Optional<String> packageClause(String text) {
            boolean comment = false;
            for (String line : text.lines().limit(2_000).toList()) {
                String code = line.strip();
                if (code.startsWith("//go:build ignore")) {
                    return Optional.empty();
                }
                if (comment) {
                    comment = !code.contains("*/");
                } else if (code.startsWith("/*")) {
                    comment = !code.contains("*/");
                } else if (code.startsWith("package ")) {
                    return Optional.of(code.substring(8).strip().split("[\\s/;]")[0]);
                }
            }
            return Optional.empty();
        }
    }

    /** One pass over all files: each belongs to the nearest module above it. */
    private static Map<String, Sources> sources(Project project, Set<String> modules) {
        Map<String, Sources> found = new HashMap<>();
        modules.forEach(m -> found.put(Project.folderOf(m), new Sources(Project.folderOf(m), new ArrayList<>())));
        Set<String> boundaries = new LinkedHashSet<>();
        project.namedAnywhere("go.mod").forEach(m -> boundaries.add(Project.folderOf(m)));
        Map<String, String> owner = new HashMap<>();
        for (String file : project.files()) {
            if (file.endsWith(".go")) {
                String folder = Project.folderOf(file);
                String module = owner.computeIfAbsent(folder, f -> ownerOf(f, boundaries));
                if (found.containsKey(module)) {
                    found.get(module).files.add(file);
                }
            }
        }
        return found;
    }

    /** The nearest module, or an empty text where the go command would not look: vendor, testdata, names with _ or a dot before. */
    private static String ownerOf(String folder, Set<String> boundaries) {
        for (String at : VersionFiles.upwards(folder)) {
            if (boundaries.contains(at)) {
                return at;
            }
            String name = Project.nameOf(at);
            if (name.equals("vendor") || name.equals("testdata") || name.startsWith("_") || name.startsWith(".") && name.length() > 1) {
                return "";
            }
        }
        return "";
    }
}
