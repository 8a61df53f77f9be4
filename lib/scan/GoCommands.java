package lib.scan;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands of one Go module, from its task file, its linter's configuration, and the go command itself. */
final class GoCommands {
    private static final Pattern VERSION = Pattern.compile("v?(\\d+\\.\\d+\\.\\d+)");
    private static final String LAST_OF_V1 = "1.64.8";
    private static final String GOTESTSUM = "gotest.tools/gotestsum";

    private final Project project;
    private final String folder;
    private final GoModule module;
    private final GoLanguage.Sources sources;
    private final TaskChoice tasks;
    private final Optional<String> linterConfig;

    GoCommands(Project project, String folder, GoModule module, GoLanguage.Sources sources) {
        this.project = project;
        this.folder = folder;
        this.module = module;
        this.sources = sources;
        linterConfig = VersionFiles.upwards(folder).stream()
                .flatMap(f -> project.first(f, ".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json").stream()).findFirst();
        tasks = new TaskChoice(project, folder, Set.of("go", "gofmt")).bring("gotestsum", () -> pinned("gotestsum"))
                .bring("staticcheck", () -> pinned("staticcheck")).bring("gofumpt", () -> pinned("gofumpt")).bring("goimports");
        if (linterConfig.isPresent()) {
            tasks.bring("golangci-lint", this::linterVersion);
        }
    }

    void add(Component.Builder c) {
        lint(c);
        format(c);
        if (sources.hasTests()) {
            test(c);
        }
        build(c);
        release(c);
    }

    private void test(Component.Builder c) {
        Evidence evidence = Evidence.of(sources.files().stream().filter(f -> f.endsWith("_test.go")).findFirst().orElse(module.file()), "go-tests");
        boolean own = tasks.add(c, CommandKind.TEST, r -> r.calls("go test") || r.calls("gotestsum") || r.calls("go tool gotestsum"));
        if (!own && module.tools().containsKey(GOTESTSUM)) {
            c.command(CommandKind.TEST, Command.certain("go tool gotestsum --junitfile junit.xml -- -race ./...", module.tools().get(GOTESTSUM)));
            c.output(Output.Kind.JUNIT, "junit.xml", module.tools().get(GOTESTSUM));
        } else if (!own) {
            c.command(CommandKind.TEST, Command.certain("go test -race ./...", evidence));
        } else {
            reports(c);
        }
        integration(c);
    }

    /** What a target of its own writes: {@code gotestsum --junitfile x.xml}. */
    private void reports(Component.Builder c) {
        for (Task task : project.tasks(folder)) {
            for (List<String> command : Recipe.of(project, task).commands()) {
                int at = command.indexOf("--junitfile");
                String name = at > 0 && at + 1 < command.size() ? command.get(at + 1)
                        : command.stream().filter(w -> w.startsWith("--junitfile=")).map(w -> w.substring(12)).findFirst().orElse("");
                if (task.name().startsWith("test") && Shell.isPrintable(name)) {
                    c.output(Output.Kind.JUNIT, name, task.evidence());
                    return;
                }
            }
        }
    }

    /** Tests behind a build tag run only where the project has a target for them, and the tag is one of its own. */
    private void integration(Component.Builder c) {
        tasks.add(c, CommandKind.TEST, List.of("test-integration", "test:integration", "integration-test", "integration-tests", "integration"),
                r -> r.commands().stream().anyMatch(w -> w.get(0).equals("go") && w.contains("test") && tag(w).filter(this::isTagOfTests).isPresent()));
    }

    private static Optional<String> tag(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            Matcher m = Pattern.compile("--?tags=(\\w+)").matcher(words.get(i));
            if (m.matches()) {
                return Optional.of(m.group(1));
            }
            if (words.get(i).matches("--?tags") && i + 1 < words.size()) {
                return Optional.of(words.get(i + 1));
            }
        }
        return Optional.empty();
    }

    private boolean isTagOfTests(String tag) {
        return sources.files().stream().filter(f -> f.endsWith("_test.go")).limit(2_000)
                .anyMatch(f -> project.text(f).map(t -> t.startsWith("//go:build " + tag) || t.contains("\n//go:build " + tag)).orElse(false));
    }

    private void lint(Component.Builder c) {
        boolean own = tasks.add(c, CommandKind.LINT, r -> r.calls("golangci-lint run") || r.calls("go tool golangci-lint")
                || r.commands().stream().anyMatch(w -> w.get(0).equals("go") && w.stream().anyMatch(x -> x.contains("/golangci-lint")))
                || linterConfig.isEmpty() && (r.calls("go vet") || r.calls("staticcheck") || r.calls("go run")));
        if (own || linterConfig.isEmpty()) {
            return;
        }
        Evidence config = Evidence.of(linterConfig.get(), "golangci-config");
        Optional<String> tool = module.tools().keySet().stream().filter(t -> t.contains("/golangci-lint")).findFirst();
        if (tool.isPresent()) {
            c.command(CommandKind.LINT, Command.certain("go tool golangci-lint run", module.tools().get(tool.get())));
        } else {
            c.tool(new Tool("golangci-lint", linterVersion(), config));
            c.command(CommandKind.LINT, Command.likely("golangci-lint run", config));
        }
    }

    /** {@code golangci-lint run} reports the formatters of its own configuration too, so that nothing is added to them. */
    private void format(Component.Builder c) {
        boolean own = tasks.add(c, CommandKind.FORMAT, r -> r.calls("gofmt") || r.calls("go fmt") || r.calls("gofumpt") || r.calls("goimports")
                || r.calls("golangci-lint fmt"));
        boolean linted = c.has(CommandKind.LINT) && linterConfig.flatMap(project::text)
                .map(t -> t.contains("gofmt") || t.contains("gofumpt") || t.contains("formatters:")).orElse(false);
        boolean inLint = project.task(folder, "lint").map(t -> Recipe.of(project, t)).filter(r -> r.calls("gofmt")).isPresent();
        if (own || linted || inLint) {
            return;
        }
        tasks.anyCalls("gofmt").or(() -> tasks.anyCalls("go fmt")).or(() -> Documentation.says(project, folder, "gofmt"))
                .or(() -> Documentation.says(project, folder, "go fmt"))
                .ifPresent(e -> c.command(CommandKind.FORMAT, Command.likely("test -z \"$(go fmt ./... | tee /dev/stderr)\"", e)));
    }

    private void build(Component.Builder c) {
        Optional<String> program = sources.program(project);
        boolean own = program.isPresent() && tasks.add(c, CommandKind.BUILD, List.of("build", "compile"), this::isOneBuild);
        if (own || sources.files().stream().allMatch(f -> f.endsWith("_test.go"))) {
            return;
        }
        Evidence evidence = program.map(f -> Evidence.of(f, "go-main")).orElse(new Evidence(module.file(), module.module().line(), "go-module"));
        c.command(CommandKind.BUILD, Command.certain("go build ./...", evidence));
    }

    /** A target that builds for many systems at once belongs into a release, not into each change. */
    private boolean isOneBuild(Recipe recipe) {
        long builds = recipe.commands().stream().filter(w -> w.get(0).equals("go") && w.contains("build")).count();
        return builds == 1 || builds == 0 && recipe.calls("go install");
    }

    private void release(Component.Builder c) {
        project.first(folder, ".goreleaser.yaml", ".goreleaser.yml", ".goreleaser/config.yaml").ifPresent(file -> {
            String name = project.yaml(file).map(d -> d.text("project_name")).orElse("");
            c.publication(new Publication("github-releases", name.isEmpty() ? Project.nameOf(module.module().text()) : name, Evidence.of(file, "goreleaser-config")));
        });
    }

    // --- versions of tools ---

    /** As the project pins it. A configuration of the first format is understood by the first generation only, of which this is the last. */
    private String linterVersion() {
        String pinned = pinned("golangci-lint");
        if (!pinned.isEmpty()) {
            return pinned;
        }
        String file = linterConfig.orElse("");
        Optional<Document> config = file.endsWith(".toml") ? project.toml(file) : file.endsWith(".json") ? project.json(file) : project.yaml(file);
        return config.map(d -> d.text("version").equals("2") ? "" : LAST_OF_V1).orElse("");
    }

    private String pinned(String program) {
        Optional<VersionFiles.Pin> pin = VersionFiles.find(project, folder, program, "aqua:golangci/" + program);
        if (pin.isPresent() && VERSION.matcher(pin.get().version()).matches()) {
            return pin.get().version().replace("v", "");
        }
        String variable = program.toUpperCase(java.util.Locale.ROOT).replace('-', '_') + "_VERSION";
        for (String name : List.of("Makefile", "makefile", "GNUmakefile")) {
            for (String line : project.lines(Project.join(folder, name))) {
                if (line.length() < 500 && line.matches("\\s*(export\\s+)?" + variable + "\\s*[:?]?=.*")) {
                    Matcher m = VERSION.matcher(line.substring(line.indexOf('=') + 1).strip());
                    return m.matches() ? m.group(1) : "";
                }
            }
        }
        return "";
    }

}
