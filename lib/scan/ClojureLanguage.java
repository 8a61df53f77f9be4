package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Clojure with Leiningen (project.clj) or the Clojure CLI (deps.edn). */
final class ClojureLanguage implements Language {
    /** Aliases by which a project tests all that it supports, then the plain ones. */
    private static final List<String> TEST_ALIASES = List.of("test-all", "all-tests", "test-ci", "ci-test", "test-clj", "test");
    private static final List<String> LINT_ALIASES = List.of("lint", "lint-all", "check-all", "fmt-check", "format-check", "cljfmt-check");
    /** Plugins that run tests which {@code lein test} doesn't know, with their task. */
    private static final Map<String, String> TEST_PLUGINS = Map.of("lein-midje", "midje", "speclj", "spec", "lein-eftest", "eftest", "metosin/bat-test", "bat-test");
    private static final Set<String> UNSAFE = Set.of("deploy", "release", "uberjar", "install", "repl", "run");

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        Map<String, LeinProject> leins = new LinkedHashMap<>();
        for (String file : project.named("project.clj")) {
            if (isOwn(project, file)) {
                LeinProject.read(project, file).ifPresent(l -> leins.put(l.folder, l));
            }
        }
        Map<String, String> names = new LinkedHashMap<>();
        leins.values().forEach(l -> names.put(coordinates(l.name()), l.folder));
        leins.values().forEach(l -> components.add(lein(project, l, leins, names)));
        for (String file : project.named("deps.edn")) {
            if (isOwn(project, file)) {
                deps(project, file).filter(d -> fits(project, d, components)).ifPresent(components::add);
            }
        }
        return components;
    }

    @Override
    public List<String> looksFor() {
        return List.of("project.clj", "deps.edn");
    }

    /** Where another build is there too, deps.edn counts only when nothing else runs the tests and it does. */
    private static boolean fits(Project project, Component deps, List<Component> leins) {
        Optional<Component> lein = leins.stream().filter(c -> c.path().equals(deps.path())).findFirst();
        boolean tests = !deps.commands(CommandKind.TEST).isEmpty();
        if (lein.isPresent() && tests) {
            project.report(Finding.info("two-build-tools", "the tests can be run by Leiningen and by the Clojure CLI; Leiningen is taken", "remove the one that is no longer used",
                    lein.get().packageManager().evidence(), deps.packageManager().evidence()));
        }
        return lein.isEmpty();
    }

    private static boolean isOwn(Project project, String file) {
        return !JvmLanguage.isResource(project, file) && !JvmLanguage.isMavenForClojure(project, Project.folderOf(file));
    }

    // --- Leiningen ---

    private static Component lein(Project project, LeinProject lein, Map<String, LeinProject> all, Map<String, String> siblings) {
        Map<String, Evidence> plugins = lein.plugins();
        Optional<LeinProject> root = all.values().stream().filter(l -> !l.folder.equals(lein.folder) && Project.isInside(lein.folder, l.folder)
                && (l.goesThrough || !lein.hasTests())).findFirst();
        boolean hasMembers = all.values().stream().anyMatch(l -> !l.folder.equals(lein.folder) && Project.isInside(l.folder, lein.folder));
        String name = lein.name();
        Component.Builder component = Component.at(lein.folder, "clojure").name(name.substring(name.lastIndexOf('/') + 1));
        Set<String> keys = new TreeSet<>(List.of(lein.file));
        if (root.isEmpty()) {
            all.values().stream().filter(l -> Project.isInside(l.folder, lein.folder)).forEach(l -> keys.add(l.file));
        }
        component.packageManager(new PackageManager("lein", VersionFiles.find(project, lein.folder, "lein", "leiningen").map(VersionFiles.Pin::version).orElse(""), Evidence.of(lein.file, "project-clj"), List.copyOf(keys)));
        component.runtime(JdkVersion.of(project, lein.folder, null, JdkVersion.Level.highest(lein.levels()).orElse(null), JdkVersion.Bounds.NONE,
                Evidence.of(lein.file, "project-clj")));
        lein.dependencies().forEach((dependency, evidence) -> {
            String target = siblings.get(coordinates(dependency));
            if (target == null || target.equals(lein.folder)) {
                component.dependency(dependency.contains("/") ? dependency.replace('/', ':') : dependency + ":" + dependency, evidence);
            } else {
                component.dependsOn(target);
            }
        });
        if (root.isPresent() || hasMembers && lein.goesThrough) {
            component.workspace(new Workspace(root.map(r -> r.folder).orElse(lein.folder), "lein", "", true));
        }
        if (hasMembers && !lein.hasSources()) {
            component.notAPackage();
        }
        if (root.isEmpty()) {
            commands(project, lein, plugins, all, component);
        }
        return component.build();
    }

    private static String coordinates(String name) {
        return name.contains("/") ? name : name + "/" + name;
    }

    private static void commands(Project project, LeinProject lein, Map<String, Evidence> plugins, Map<String, LeinProject> all, Component.Builder component) {
        Map<String, List<String>> aliases = lein.aliases();
        TaskChoice tasks = new TaskChoice(project, lein.folder, Set.of("lein", "java"));
        if (lein.goesThrough) {
            install(lein, all, component);
        }
        if (!tasks.add(component, CommandKind.LINT, r -> r.calls("lein"))) {
            lint(lein, plugins, aliases, component);
        }
        boolean members = lein.goesThrough && lein.sub().stream().map(all::get).anyMatch(l -> l != null && l.hasTests());
        if ((members || lein.hasTests()) && !tasks.add(component, CommandKind.TEST, r -> r.calls("lein"))) {
            component.command(CommandKind.TEST, test(lein, plugins, aliases));
        }
        boolean app = lein.get(":main") != null || lein.get(":uberjar-name") != null || Edn.get(lein.get(":profiles"), ":uberjar") != null;
        if (app) {
            component.command(CommandKind.BUILD, Command.certain("lein uberjar", lein.evidence(":uberjar", "lein-uberjar")));
            component.output(Output.Kind.BUILD, "target/*.jar", lein.evidence(":uberjar", "lein-uberjar"));
        } else if (lein.hasSources() && !lein.goesThrough) {
            component.command(CommandKind.BUILD, Command.likely("lein jar", Evidence.of(lein.file, "project-clj")));
            component.output(Output.Kind.BUILD, "target/*.jar", Evidence.of(lein.file, "project-clj"));
        }
    }

    /**
     * Members that others depend on are installed first, in the order in which they need one another: lein looks for them in the local
     * repository only.
     */
    private static void install(LeinProject lein, Map<String, LeinProject> all, Component.Builder component) {
        Map<String, LeinProject> byName = new LinkedHashMap<>();
        all.values().stream().filter(l -> !l.folder.equals(lein.folder) && Project.isInside(l.folder, lein.folder)).forEach(l -> byName.put(coordinates(l.name()), l));
        Set<String> order = new LinkedHashSet<>();
        lein.sub().stream().map(all::get).filter(l -> l != null).forEach(l -> needs(l, byName, order, new LinkedHashSet<>()));
        if (order.isEmpty()) {
            return;
        }
        List<String> sub = lein.sub();
        boolean inOrder = sub.containsAll(order) && sub.stream().filter(order::contains).toList().equals(List.copyOf(order));
        String prefix = lein.folder.equals(".") ? "" : lein.folder + "/";
        String list = String.join(":", order.stream().map(f -> f.substring(prefix.length())).toList());
        if (!Shell.isPrintable(list)) {
            return;
        }
        component.command(CommandKind.INSTALL, Command.certain("lein sub" + (inOrder ? "" : " -s " + Shell.word(list)) + " install", lein.evidence(":sub", "lein-sub")));
    }

    private static void needs(LeinProject lein, Map<String, LeinProject> byName, Set<String> order, Set<String> open) {
        if (!open.add(lein.folder)) {
            return;
        }
        for (String dependency : lein.dependencies().keySet()) {
            LeinProject needed = byName.get(coordinates(dependency));
            if (needed != null && !order.contains(needed.folder) && !open.contains(needed.folder)) {
                needs(needed, byName, order, open);
                order.add(needed.folder);
            }
        }
    }

    private static Command test(LeinProject lein, Map<String, Evidence> plugins, Map<String, List<String>> aliases) {
        for (String alias : TEST_ALIASES) {
            List<String> words = aliases.get(alias);
            if (words != null && words.stream().noneMatch(UNSAFE::contains)) {
                return Command.certain("lein " + alias, lein.evidence("\"" + alias + "\"", "lein-alias"));
            }
        }
        if (lein.goesThrough) {
            return Command.certain("lein sub test", lein.evidence(":sub", "lein-sub"));
        }
        String task = "test";
        Evidence evidence = Evidence.of(lein.file, "project-clj");
        for (String plugin : new TreeSet<>(TEST_PLUGINS.keySet())) {
            if (plugins.containsKey(plugin)) {
                task = TEST_PLUGINS.get(plugin);
                evidence = plugins.get(plugin);
            }
        }
        // The usual way to run one task with each version of Clojure that a library supports.
        List<String> all = aliases.getOrDefault("all", List.of());
        boolean each = all.size() == 2 && all.get(0).equals("with-profile");
        return Command.certain("lein " + (each ? "all " : "") + task, each ? lein.evidence("\"all\"", "lein-alias") : evidence);
    }

    private static void lint(LeinProject lein, Map<String, Evidence> plugins, Map<String, List<String>> aliases, Component.Builder component) {
        for (String alias : LINT_ALIASES) {
            if (aliases.containsKey(alias) && aliases.get(alias).stream().noneMatch(w -> UNSAFE.contains(w) || w.equals("fix"))) {
                component.command(CommandKind.LINT, Command.certain("lein " + alias, lein.evidence("\"" + alias + "\"", "lein-alias")));
                return;
            }
        }
        plugins.forEach((plugin, evidence) -> {
            switch (plugin.substring(plugin.lastIndexOf('/') + 1)) {
                case "lein-cljfmt" -> component.command(CommandKind.LINT, Command.likely("lein cljfmt check", evidence));
                case "eastwood" -> component.command(CommandKind.LINT, set(lein, ":eastwood", "lein eastwood", evidence));
                case "lein-kibit" -> component.command(CommandKind.LINT, set(lein, ":kibit", "lein kibit", evidence));
                case "lein-bikeshed" -> component.command(CommandKind.LINT, set(lein, ":bikeshed", "lein bikeshed", evidence));
                default -> { }
            }
        });
    }

    /** Advice that most projects read now and then; it is a check where the project has set it up. */
    private static Command set(LeinProject lein, String key, String run, Evidence evidence) {
        return lein.get(key) == null ? Command.guess(run, evidence) : Command.likely(run, evidence);
    }

    // --- Clojure CLI ---

    private static Optional<Component> deps(Project project, String file) {
        List<Object> forms = project.text(file).map(Edn::parse).orElse(List.of());
        if (forms.isEmpty() || !(forms.get(0) instanceof Map<?, ?> deps)) {
            return Optional.empty();
        }
        return Optional.of(new ClojureDeps(project, file, deps).component());
    }
}
