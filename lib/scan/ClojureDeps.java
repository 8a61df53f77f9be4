package lib.scan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One deps.edn of the Clojure CLI, with the tasks of a build.clj or bb.edn beside it. */
final class ClojureDeps {
    private final Project project;
    private final String file;
    private final String folder;
    private final Map<?, ?> deps;
    private final Map<?, ?> aliases;

    ClojureDeps(Project project, String file, Map<?, ?> deps) {
        this.project = project;
        this.file = file;
        this.folder = Project.folderOf(file);
        this.deps = deps;
        this.aliases = Edn.map(Edn.get(deps, ":aliases"));
    }

    Component component() {
        Component.Builder component = Component.at(folder, "clojure").packageManager(new PackageManager("deps", VersionFiles.find(project, folder, "clojure").map(VersionFiles.Pin::version).orElse(""), Evidence.of(file, "deps-edn"), List.of(file)));
        component.runtime(JdkVersion.of(project, folder, null, null, JdkVersion.Bounds.NONE, Evidence.of(file, "deps-edn")));
        libraries(Edn.get(deps, ":deps"), component);
        aliases.values().forEach(a -> List.of(":extra-deps", ":deps", ":replace-deps").forEach(k -> libraries(Edn.get(a, k), component)));
        TaskChoice tasks = new TaskChoice(project, folder, Set.of("clojure", "clj", "java"));
        if (!tasks.add(component, CommandKind.LINT, r -> r.calls("clojure") || r.calls("clj"))) {
            for (String name : List.of("lint", "clj-kondo", "kondo", "cljfmt", "fmt-check", "format-check", "eastwood")) {
                run(name).filter(c -> !name.equals("cljfmt") || words(name).contains("check")).ifPresent(c -> component.command(CommandKind.LINT, c));
            }
        }
        boolean hasTests = project.under(folder).stream().anyMatch(f -> f.matches("(?:.*/)?tests?/.*\\.cljc?"));
        if (hasTests && !tasks.add(component, CommandKind.TEST, r -> r.calls("clojure") || r.calls("clj"))) {
            test(component);
        }
        for (String task : List.of("uber", "uberjar", "jar")) {
            if (!component.has(CommandKind.BUILD)) {
                tool(task).ifPresent(c -> component.command(CommandKind.BUILD, c));
            }
        }
        if (component.has(CommandKind.BUILD)) {
            component.output(Output.Kind.BUILD, "target/*.jar", Evidence.of(Project.join(folder, "build.clj"), "build-clj"));
        }
        return component.build();
    }

    private void libraries(Object map, Component.Builder component) {
        Edn.map(map).forEach((name, version) -> {
            String library = name.toString();
            String root = Edn.get(version, ":local/root") instanceof String path ? path : null;
            Optional<String> target = root == null ? Optional.empty() : Project.resolve(folder, root);
            if (target.isPresent() && !target.get().equals(folder)) {
                component.dependsOn(target.get());
            } else {
                component.dependency(library.contains("/") ? library.replace('/', ':') : library + ":" + library,
                        new Evidence(file, project.lineOf(file, library), "deps-edn"));
            }
        });
    }

    /** An alias that runs something; an alias that only adds paths needs a runner beside it; else a task of build.clj or bb.edn. */
    private void test(Component.Builder component) {
        Optional<Command> command = run("test");
        for (String runner : List.of("runner", "run-tests", "kaocha", "test-runner", "cognitect", "test/run", "run", "unit-test")) {
            if (command.isEmpty() && run(runner).isPresent()) {
                boolean beside = aliases.containsKey(new Edn.Word(":test")) && !paths(runner);
                command = run(runner).map(c -> new Command(beside ? c.run().replaceFirst(":", ":test:") : c.run(), c.evidence(), c.confidence()));
            }
        }
        if (command.isEmpty()) {
            command = tool("test");
        }
        if (command.isEmpty() && project.exists(Project.join(folder, "bb.edn"))) {
            String bb = Project.join(folder, "bb.edn");
            Object tasks = project.text(bb).map(Edn::parse).filter(f -> !f.isEmpty()).map(f -> Edn.get(f.get(0), ":tasks")).orElse(null);
            if (Edn.get(tasks, "test") != null) {
                Evidence evidence = new Evidence(bb, project.lineOf(bb, "test"), "bb-task");
                component.tool(new Tool("babashka", "", evidence));
                command = Optional.of(Command.certain("bb test", evidence));
            }
        }
        command.ifPresent(c -> component.command(CommandKind.TEST, c));
    }

    private boolean paths(String alias) {
        return Edn.get(Edn.get(aliases, ":" + alias), ":extra-paths") != null;
    }

    private List<String> words(String alias) {
        return Edn.list(Edn.get(Edn.get(aliases, ":" + alias), ":main-opts")).stream().map(Object::toString).toList();
    }

    /** {@code -X} calls a function that the alias names, {@code -M} runs its main options. */
    private Optional<Command> run(String alias) {
        Object value = Edn.get(aliases, ":" + alias);
        Evidence evidence = new Evidence(file, project.lineOf(file, ":" + alias), "deps-alias");
        if (Edn.get(value, ":exec-fn") != null) {
            return Optional.of(Command.certain("clojure -X:" + alias, evidence));
        }
        return Edn.get(value, ":main-opts") == null ? Optional.empty() : Optional.of(Command.certain("clojure -M:" + alias, evidence));
    }

    /** A function of build.clj, by the alias {@code :build} that names it. */
    private Optional<Command> tool(String function) {
        String build = Project.join(folder, "build.clj");
        Object alias = Edn.get(aliases, ":build");
        boolean named = Edn.get(alias, ":ns-default") != null && Edn.get(alias, ":ns-default").toString().equals("build");
        int line = project.lineOf(build, "(defn " + function);
        return named && line > 0 && project.lines(build).get(line - 1).matches("\\(defn " + function + "\\b.*")
                ? Optional.of(Command.certain("clojure -T:build " + function, new Evidence(build, line, "build-clj"))) : Optional.empty();
    }
}
