package lib.scan;

import java.util.ArrayList;
import java.util.Comparator;
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
import lib.scan.Command.CommandKind;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/**
 * Knows .cabal files, cabal.project, stack.yaml and hpack's package.yaml.
 *
 * <p>Cabal where the project is set up for it or names several compilers; Stack where only Stack pins what is used.
 */
final class HaskellLanguage implements Language {
    private static final Pattern FIELD = Pattern.compile("^(\\s*)([A-Za-z-]+)\\s*:\\s*(.*)$");
    private static final Pattern SUITE = Pattern.compile("^test-suite\\s+(\\S+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern VERSION = Pattern.compile("([<>=^]{0,3})\\s{0,10}\\b(\\d{1,2}\\.\\d{1,2})(?:\\.[\\d.*]+)?");

    /** The compiler of each line of Stackage snapshots. */
    private static final Map<String, String> LTS = Map.ofEntries(Map.entry("24", "9.10"), Map.entry("23", "9.8"), Map.entry("22", "9.6"), Map.entry("21", "9.4"),
            Map.entry("20", "9.2"), Map.entry("19", "9.0"), Map.entry("18", "8.10"), Map.entry("17", "8.10"), Map.entry("16", "8.8"), Map.entry("14", "8.6"));

    @Override
    public List<String> looksFor() {
        return List.of("*.cabal", "cabal.project", "stack.yaml", "package.yaml");
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, Package> packages = new TreeMap<>();
        project.ending(".cabal").forEach(f -> packages.putIfAbsent(Project.folderOf(f), Package.read(project, f)));
        for (String file : project.named("package.yaml")) {
            boolean hpack = project.yaml(file).map(d -> d.has("dependencies") || d.has("library") || d.has("executables") || d.has("ghc-options")).orElse(false);
            boolean haskell = project.under(Project.folderOf(file)).stream().anyMatch(f -> f.endsWith(".hs"));
            if (hpack && haskell && !packages.containsKey(Project.folderOf(file))) {
                packages.put(Project.folderOf(file), Package.hpack(project, file));
            }
        }
        List<Component> components = new ArrayList<>();
        Set<String> taken = new LinkedHashSet<>();
        Set<String> roots = new TreeSet<>(Comparator.comparingInt((String f) -> f.equals(".") ? 0 : f.split("/").length).thenComparing(f -> f));
        List.of("cabal.project", "stack.yaml").forEach(n -> project.named(n).forEach(f -> roots.add(Project.folderOf(f))));
        roots.addAll(packages.keySet());
        for (String root : roots) {
            Map<String, Package> members = new LinkedHashMap<>();
            boolean opens = project.first(root, "cabal.project", "stack.yaml").isPresent();
            packages.forEach((folder, p) -> {
                if (!taken.contains(folder) && (folder.equals(root) || opens && Project.isInside(folder, root))) {
                    members.put(folder, p);
                }
            });
            if (!members.isEmpty()) {
                taken.addAll(members.keySet());
                components.addAll(unit(project, root, members));
            }
        }
        return components;
    }

    /** The packages that one cabal.project or stack.yaml builds together; the root has the commands. */
    private static List<Component> unit(Project project, String root, Map<String, Package> members) {
        List<Component> components = new ArrayList<>();
        boolean together = members.size() > 1 || !members.containsKey(root);
        boolean stack = usesStack(project, root, members);
        if (!members.containsKey(root)) {
            components.add(commands(project, root, members, stack, begin(project, root, members.values().iterator().next(), stack, root).name("")).notAPackage().build());
        }
        members.forEach((folder, p) -> {
            Component.Builder c = begin(project, folder, p, stack, root).name(p.name);
            if (together) {
                p.needs.stream().filter(n -> !n.equals(p.name)).forEach(n -> members.forEach((f, other) -> {
                    if (other.name.equals(n)) {
                        c.dependsOn(f);
                    }
                }));
            }
            components.add(folder.equals(root) ? commands(project, root, members, stack, c).build() : c.build());
        });
        if (together) {
            components.replaceAll(c -> c.but().workspace(new Workspace(root, stack ? "stack" : "cabal", "", true)).build());
        }
        return components;
    }

    private static boolean usesStack(Project project, String root, Map<String, Package> members) {
        boolean stack = project.exists(Project.join(root, "stack.yaml"));
        boolean onlyHpack = members.values().stream().allMatch(p -> p.file.endsWith("package.yaml"));
        boolean severalCompilers = members.values().stream().anyMatch(p -> p.tested.size() > 1);
        return stack && !project.exists(Project.join(root, "cabal.project")) && (onlyHpack || !severalCompilers);
    }

    private static Component.Builder begin(Project project, String folder, Package p, boolean stack, String root) {
        Component.Builder c = Component.at(folder, "haskell");
        List<String> locks = (stack ? project.first(root, "stack.yaml.lock", "stack.yaml") : project.first(root, "cabal.project.freeze", "cabal.project"))
                .map(List::of).orElse(List.of(p.file));
        c.packageManager(new PackageManager(stack ? "stack" : "cabal", "", Evidence.of(stack ? Project.join(root, "stack.yaml") : p.file, "haskell-package"), locks));
        c.runtime(runtime(project, root, p, stack));
        p.needs.forEach(n -> c.dependency(n, Evidence.of(p.file, "cabal-dependency")));
        p.libraries.forEach(l -> SystemPackages.ofLibrary(l).forEach(s -> c.systemPackage(s, Evidence.of(p.file, "extra-libraries"))));
        p.tested.forEach(c::supports);
        return c;
    }

    private static Component.Builder commands(Project project, String root, Map<String, Package> members, boolean stack, Component.Builder c) {
        TaskChoice tasks = new TaskChoice(project, root, Set.of("cabal", "stack", "ghc", "runhaskell")).bring("hlint").bring("ormolu").bring("fourmolu")
                .bring("stylish-haskell");
        Optional<Evidence> suite = members.values().stream().flatMap(p -> p.suite.stream()).findFirst();
        Evidence evidence = Evidence.of(stack ? Project.join(root, "stack.yaml") : members.values().iterator().next().file, "haskell-package");
        // In a folder with one package that package is meant already.
        String tests = (members.size() > 1 || !members.containsKey(root) ? " all" : "") + (suite.isPresent() ? " --enable-tests" : "");
        if (stack) {
            c.command(CommandKind.INSTALL, Command.certain("stack build" + (suite.isPresent() ? " --test" : "") + " --only-dependencies", evidence));
        } else {
            c.command(CommandKind.INSTALL, Command.certain("cabal update", evidence));
            c.command(CommandKind.INSTALL, Command.certain("cabal build" + tests + " --only-dependencies", evidence));
        }
        if (suite.isPresent() && !tasks.add(c, CommandKind.TEST, r -> r.calls("cabal test") || r.calls("stack test") || r.calls("cabal v2-test"))) {
            c.command(CommandKind.TEST, Command.certain(stack ? "stack test" : "cabal test" + tests, suite.get()));
        }
        if (!tasks.add(c, CommandKind.BUILD, List.of("build"), r -> r.calls("cabal build") || r.calls("stack build"))) {
            c.command(CommandKind.BUILD, Command.certain(stack ? "stack build" : "cabal build" + tests, evidence));
        }
        checks(project, root, c, tasks);
        return c;
    }

    private static void checks(Project project, String root, Component.Builder c, TaskChoice tasks) {
        boolean linted = tasks.add(c, CommandKind.LINT, r -> r.calls("hlint"));
        Optional<Evidence> hlint = Documentation.says(project, root, "hlint").or(() -> tasks.anyCalls("hlint"))
                .filter(e -> project.first(root, ".hlint.yaml", "HLint.hs").isPresent());
        if (!linted && hlint.isPresent()) {
            c.tool(new Tool("hlint", "", hlint.get())).command(CommandKind.LINT, Command.likely("hlint .", hlint.get()));
        }
        if (tasks.add(c, CommandKind.FORMAT, r -> r.calls("fourmolu") || r.calls("ormolu") || r.calls("stylish-haskell"))) {
            return;
        }
        for (String formatter : List.of("fourmolu", "ormolu")) {
            Optional<Evidence> used = Documentation.says(project, root, formatter).or(() -> tasks.anyCalls(formatter))
                    .filter(e -> formatter.equals("ormolu") || project.first(root, "fourmolu.yaml", ".fourmolu.yaml").isPresent());
            if (used.isPresent()) {
                c.tool(new Tool(formatter, "", used.get()));
                c.command(CommandKind.FORMAT, Command.likely(formatter + " --mode check $(git ls-files '*.hs')", used.get()));
                return;
            }
        }
    }

    private static Runtime runtime(Project project, String root, Package p, boolean stack) {
        String file = Project.join(root, stack ? "stack.yaml" : "cabal.project");
        Optional<VersionFiles.Pin> pin = VersionFiles.find(project, root, "ghc", "haskell").filter(x -> x.version().matches("\\d+\\.\\d+(\\.\\d+)?"));
        String range = p.tested.isEmpty() ? "" : ">=" + p.tested.get(0);
        if (pin.isPresent()) {
            return new Runtime("ghc", pin.get().version(), range, pin.get().file(), pin.get().evidence());
        }
        if (stack) {
            Optional<Document> config = project.yaml(file);
            String resolver = config.map(d -> d.text("resolver").isEmpty() ? d.text("snapshot") : d.text("resolver")).orElse("");
            Matcher m = Pattern.compile("(?:.*[/-])?(?:lts[-/](\\d{1,3})|ghc-(\\d+\\.\\d+(?:\\.\\d+)?))\\b.*").matcher(resolver);
            String version = !m.matches() ? "" : m.group(2) != null ? m.group(2) : LTS.getOrDefault(m.group(1), "");
            return new Runtime("ghc", version, range, "", config.map(d -> d.evidence("stack-resolver", d.has("resolver") ? "resolver" : "snapshot"))
                    .orElse(Evidence.of(file, "stack-resolver")));
        }
        int number = 0;
        for (String line : project.lines(file)) {
            number++;
            Matcher m = Pattern.compile("\\s*with-compiler\\s*:\\s*ghc-(\\d+\\.\\d+(?:\\.\\d+)?)\\s*").matcher(line);
            if (m.matches()) {
                return new Runtime("ghc", m.group(1), range, "", new Evidence(file, number, "with-compiler"));
            }
        }
        return new Runtime("ghc", "", range, "", new Evidence(p.file, p.testedLine, "tested-with"));
    }

    /**
     * @param tested compilers of {@code tested-with} as major versions, oldest first
     * @param suite the first test suite
     */
    private record Package(String file, String name, List<String> tested, int testedLine, Optional<Evidence> suite, Set<String> needs, Set<String> libraries) {

        static Package read(Project project, String file) {
            String name = "";
            StringBuilder tested = new StringBuilder();
            int testedLine = 0;
            Optional<Evidence> suite = Optional.empty();
            Set<String> needs = new TreeSet<>();
            Set<String> libraries = new TreeSet<>();
            String field = "";
            int indent = 0;
            int number = 0;
            for (String raw : project.lines(file)) {
                number++;
                String line = raw.length() > 2_000 || raw.strip().startsWith("--") ? "" : raw;
                Matcher section = SUITE.matcher(line);
                if (section.find() && suite.isEmpty()) {
                    suite = Optional.of(new Evidence(file, number, "test-suite"));
                }
                Matcher m = FIELD.matcher(line);
                String value = line.strip();
                if (m.matches()) {
                    field = m.group(2).toLowerCase(java.util.Locale.ROOT);
                    indent = m.group(1).length();
                    value = m.group(3).strip();
                } else if (line.isBlank() || line.length() - line.stripLeading().length() <= indent) {
                    field = line.isBlank() ? field : "";
                }
                switch (field) {
                    case "name" -> name = name.isEmpty() && value.matches("[A-Za-z0-9-]{1,100}") ? value : name;
                    case "tested-with" -> {
                        tested.append(' ').append(value);
                        testedLine = testedLine == 0 ? number : testedLine;
                    }
                    case "build-depends" -> words(value).forEach(needs::add);
                    case "extra-libraries" -> words(value).forEach(libraries::add);
                    default -> { }
                }
            }
            return new Package(file, name, compilers(tested.toString()), testedLine, suite, needs, libraries);
        }

        static Package hpack(Project project, String file) {
            Document d = project.yaml(file).orElseThrow();
            Optional<Evidence> suite = !d.keys("tests").isEmpty() ? Optional.of(d.evidence("hpack-tests", "tests")) : Optional.empty();
            Set<String> needs = new TreeSet<>();
            d.texts("dependencies").forEach(x -> words(x).forEach(needs::add));
            String name = d.text("name");
            return new Package(file, name.matches("[A-Za-z0-9-]{1,100}") ? name : "", compilers(String.join(" ", d.texts("tested-with"))), d.line("tested-with"), suite,
                    needs, new TreeSet<>(d.texts("extra-libraries")));
        }

        /** The name before each bound. */
        private static List<String> words(String value) {
            List<String> names = new ArrayList<>();
            for (String part : value.split(",")) {
                String name = part.strip().split("[\\s<>=^{]")[0];
                if (name.matches("[A-Za-z][A-Za-z0-9-]{0,60}")) {
                    names.add(name);
                }
            }
            return names;
        }

        /** Versions named one by one: {@code GHC ==9.6.7 || ==9.8.4}, {@code GHC == {9.6.7, 9.8.4}}. */
        private static List<String> compilers(String text) {
            Set<String> found = new TreeSet<>(Comparator.comparingInt((String v) -> part(v, 0)).thenComparingInt(v -> part(v, 1)));
            int ghc = text.toUpperCase(java.util.Locale.ROOT).indexOf("GHC");
            Matcher m = VERSION.matcher(ghc < 0 ? "" : text.substring(ghc).split("(?i)GHCJS")[0]);
            while (m.find()) {
                if (!m.group(1).startsWith("<")) {
                    found.add(m.group(2));
                }
            }
            return List.copyOf(found);
        }

        private static int part(String version, int index) {
            return Integer.parseInt(version.split("\\.")[index]);
        }
    }
}
