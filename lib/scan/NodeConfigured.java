package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import lib.scan.NodeTools.Act;

/**
 * Commands that no script of the package has, but that its configuration shows: a tool that is configured and a dependency, a task
 * of an orchestrator, a target of a Makefile. Such a command is likely, or a guess where nothing shows that it is kept green.
 */
final class NodeConfigured {
    private static final Set<String> PROGRAMS = Set.of("npm", "npx", "yarn", "pnpm", "bun", "node", "node_modules/.bin/jest", "node_modules/.bin/mocha",
            "node_modules/.bin/eslint", "node_modules/.bin/tsc", "./node_modules/.bin/jest", "./node_modules/.bin/mocha", "./node_modules/.bin/eslint",
            "./node_modules/.bin/tsc");
    /** Kind, then the names that its task may have. */
    private static final String[][] TASKS = {{"LINT", "lint"}, {"TYPECHECK", "typecheck", "type-check", "check-types", "tsc"}, {"TEST", "test"}, {"BUILD", "build"},
            {"FORMAT", "format:check"}};
    private static final String[] PRETTIER_FILES = {".prettierrc", ".prettierrc.json", ".prettierrc.json5", ".prettierrc.yml", ".prettierrc.yaml", ".prettierrc.js",
            ".prettierrc.cjs", ".prettierrc.mjs", ".prettierrc.toml", "prettier.config.js", "prettier.config.cjs", "prettier.config.mjs", "prettier.config.ts"};

    private final Project project;
    private final NodePackage of;
    private final NodeManager manager;
    private final NodeCommands chosen;
    private final Component.Builder component;

    NodeConfigured(Project project, NodePackage of, NodeManager manager, NodeCommands chosen, Component.Builder component) {
        this.project = project;
        this.of = of;
        this.manager = manager;
        this.chosen = chosen;
        this.component = component;
    }

    /** @param group the workspace that this package is the root of, or null; @param members its members' scripts */
    void addMissing(NodeWorkspaces.Group group, List<NodeScripts> members) {
        tasks();
        if (group != null) {
            orchestrated(group, members);
        }
        if (isMissing(CommandKind.LINT, Act.LINT)) {
            lint();
        }
        if (isMissing(CommandKind.FORMAT, Act.FORMAT)) {
            format();
        }
        if (isMissing(CommandKind.TYPECHECK, Act.TYPECHECK)) {
            typecheck();
        }
        if (isMissing(CommandKind.TEST, Act.TEST) && group == null) {
            test();
        }
    }

    private boolean isMissing(CommandKind kind, Act act) {
        return !component.has(kind) && !chosen.does(act);
    }

    /** Targets of a Makefile or its like that call Node's tools. */
    private void tasks() {
        TaskChoice choice = new TaskChoice(project, of.folder(), PROGRAMS);
        for (CommandKind kind : List.of(CommandKind.FORMAT, CommandKind.LINT, CommandKind.TEST, CommandKind.BUILD)) {
            if (isMissing(kind, Act.valueOf(kind.name()))) {
                choice.add(component, kind, r -> r.commands().stream().anyMatch(c -> PROGRAMS.contains(c.get(0)) && !c.contains("install") && !c.contains("ci")));
            }
        }
    }

    /** Turborepo and Nx run a task in all members that have it, also where no script of the root says so. */
    private void orchestrated(NodeWorkspaces.Group group, List<NodeScripts> members) {
        Set<String> tasks = new TreeSet<>();
        members.forEach(m -> m.names().stream().filter(n -> !m.isPlaceholder(n)).forEach(tasks::add));
        String file;
        if (group.orchestrator().equals("turbo")) {
            file = project.first(group.root(), "turbo.json", "turbo.jsonc").orElseThrow();
            Document turbo = project.json(file).orElse(null);
            Set<String> declared = new TreeSet<>();
            for (String key : turbo == null ? List.<String>of() : List.of("tasks", "pipeline")) {
                declared.addAll(turbo.keys(key));
            }
            tasks.retainAll(declared);
        } else if (group.orchestrator().equals("nx")) {
            file = Project.join(group.root(), "nx.json");
            group.members().forEach(m -> project.json(Project.join(m, "project.json")).ifPresent(d -> tasks.addAll(d.keys("targets"))));
            // Among the targets there are executors too: @nx/js:tsc.
            project.json(file).ifPresent(d -> tasks.addAll(d.keys("targetDefaults").stream().filter(t -> !t.matches(".*[@/:].*")).toList()));
        } else {
            return;
        }
        String run = group.orchestrator().equals("turbo") ? "turbo run " : "nx run-many -t ";
        Document turbo = group.orchestrator().equals("turbo") ? project.json(file).orElse(null) : null;
        for (String[] each : TASKS) {
            CommandKind kind = CommandKind.valueOf(each[0]);
            for (int i = 1; i < each.length && isMissing(kind, Act.valueOf(each[0])); i++) {
                if (tasks.contains(each[i])) {
                    Evidence evidence = turbo == null ? new Evidence(file, project.lineOf(file, "\"" + each[i] + "\""), "nx-target")
                            : turbo.evidence("turbo-task", turbo.has("tasks") ? "tasks" : "pipeline", each[i]);
                    component.command(kind, Command.likely(manager.exec(run + each[i]), evidence).thatFansOut());
                }
            }
        }
    }

    private void lint() {
        Optional<String> flat = project.first(of.folder(), "eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts", "eslint.config.mts");
        Optional<String> legacy = project.first(of.folder(), ".eslintrc", ".eslintrc.js", ".eslintrc.cjs", ".eslintrc.json", ".eslintrc.yml", ".eslintrc.yaml");
        Optional<String> biome = project.first(of.folder(), "biome.json", "biome.jsonc");
        if (of.has("eslint") && (flat.isPresent() || legacy.isPresent() || of.manifest().has("eslintConfig"))) {
            // From version 9 on ESLint does not read the old form, so that such a configuration is a remainder.
            boolean reads = flat.isPresent() || NodeRuntime.meets("8", of.dependencies().get("eslint"));
            Evidence evidence = Evidence.of(flat.or(() -> legacy).orElse(of.file()), "eslint-configuration");
            component.command(CommandKind.LINT, shown(reads, "eslint .", evidence));
        } else if (of.has("@biomejs/biome") && biome.isPresent()) {
            component.command(CommandKind.LINT, Command.likely(manager.exec("biome ci ."), Evidence.of(biome.get(), "biome-configuration")));
        } else if (of.has("oxlint") && project.first(of.folder(), ".oxlintrc.json", "oxlintrc.json", "oxlint.config.ts").isPresent()) {
            component.command(CommandKind.LINT, Command.likely(manager.exec("oxlint"), of.dependency("oxlint")));
        }
    }

    private void format() {
        Optional<String> prettier = project.first(of.folder(), PRETTIER_FILES);
        boolean configured = prettier.isPresent() || of.manifest().has("prettier");
        if (of.has("prettier") && configured) {
            // That the whole tree is formatted is shown by nothing but a hook that formats each commit.
            boolean enforced = of.manifest().at("lint-staged").toString().contains("prettier");
            Evidence file = prettier.map(p -> Evidence.of(p, "prettier-configuration")).orElse(of.dependency("prettier"));
            component.command(CommandKind.FORMAT, shown(enforced, "prettier --check .", enforced ? of.manifest().evidence("lint-staged", "lint-staged") : file));
        }
    }

    private void typecheck() {
        String tsconfig = Project.join(of.folder(), "tsconfig.json");
        if (!of.has("typescript") || !project.exists(tsconfig) || chosen.calls(CommandKind.BUILD).stream().anyMatch(c -> c.tool().matches("tsc|vue-tsc|ng|next"))) {
            return;
        }
        // noEmit says that the compiler is there to check; without it the project may never have been checked as a whole.
        boolean checks = project.json(tsconfig).map(d -> d.at("compilerOptions", "noEmit").asBoolean()).orElse(false);
        component.command(CommandKind.TYPECHECK, shown(checks, "tsc --noEmit", Evidence.of(tsconfig, "tsconfig")));
    }

    /** Likely where the project shows that it keeps it green, else a guess. */
    private Command shown(boolean isShown, String call, Evidence evidence) {
        return isShown ? Command.likely(manager.exec(call), evidence) : Command.guess(manager.exec(call), evidence);
    }

    private void test() {
        List<String> tests = new ArrayList<>();
        for (String file : project.under(of.folder())) {
            if (file.matches("(.*/)?[^/]+[._-](test|spec)\\.[cm]?[jt]sx?|(.*/)?(test|tests|__tests__)/[^/]+\\.[cm]?[jt]sx?") && !file.contains("/fixtures/")) {
                tests.add(file);
                if (tests.size() > 50) {
                    break;
                }
            }
        }
        if (tests.isEmpty()) {
            return;
        }
        for (String[] tool : new String[][] {{"vitest", "vitest run"}, {"jest", "jest"}, {"mocha", "mocha"}, {"ava", "ava"}}) {
            if (of.has(tool[0])) {
                component.command(CommandKind.TEST, Command.likely(manager.exec(tool[1]), of.dependency(tool[0])));
                return;
            }
        }
        if (tests.stream().anyMatch(t -> project.text(t).map(x -> x.contains("bun:test")).orElse(false))) {
            component.command(CommandKind.TEST, Command.likely("bun test", Evidence.of(tests.get(0), "test-file")));
        } else if (tests.stream().anyMatch(t -> t.matches(".*\\.[cm]?js") && project.text(t).map(x -> x.contains("node:test")).orElse(false))) {
            component.command(CommandKind.TEST, Command.likely("node --test", Evidence.of(tests.get(0), "test-file")));
        }
    }
}
