package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Runtime;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/**
 * Knows Mix: projects, umbrellas, aliases, the checkers of the community.
 *
 * <p>{@code mix.exs} is a program; only the literals that people write in it are read. No MIX_ENV is set for a component: a checker that
 * is a dependency of {@code :dev} alone would be missing under {@code test}, and {@code mix test} sets its own.
 */
final class ElixirLanguage implements Language {
    /** Nobody writes a longer mix.exs: such a file is no project's. */
    private static final int MAX_CHARACTERS = 200_000;
    private static final Pattern DEPENDENCY = Pattern.compile("\\{\\s*:([a-z][a-z0-9_]*)\\s*,\\s*(?:\"|~|>|[a-z_]+(?:\\(\\))?\\s*[,}]|(?:path|git|github|in_umbrella|only|hex|branch|tag):)");
    private static final Pattern ELIXIR = Pattern.compile("\\belixir:\\s*(?:\"([^\"]+)\"|@(\\w+))");
    private static final Pattern APP = Pattern.compile("\\bapp:\\s*:([a-z][a-z0-9_]*)");
    private static final Pattern APPS_PATH = Pattern.compile("\\bapps_path:\\s*\"([^\"#]+)\"");
    private static final Pattern ALIASES = Pattern.compile("\\bdefp?\\s+aliases\\b");
    private static final Pattern ALIAS = Pattern.compile("(?m)^\\s*\"?([a-z][\\w.]*)\"?:\\s");
    private static final Pattern IN_UMBRELLA = Pattern.compile("\\{\\s*:([a-z][a-z0-9_]*)\\s*,\\s*in_umbrella:\\s*true");
    private static final Pattern NUMBER = Pattern.compile("(\\d+)\\.(\\d+)");

    @Override
    public List<String> looksFor() {
        return List.of("mix.exs");
    }

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        Map<String, String> umbrellas = new LinkedHashMap<>();
        for (String file : project.named("mix.exs")) {
            String folder = Project.folderOf(file);
            String text = code(project.text(file).orElse(""));
            Matcher apps = APPS_PATH.matcher(text);
            if (apps.find()) {
                Project.resolve(folder, apps.group(1)).ifPresent(path -> umbrellas.put(path, folder));
            }
            String umbrella = umbrellas.getOrDefault(Project.folderOf(folder), "");
            components.add(component(project, file, text, folder, umbrella));
        }
        return components;
    }

    private static Component component(Project project, String file, String text, String folder, String umbrella) {
        Component.Builder b = Component.at(folder, "elixir");
        boolean isUmbrella = APPS_PATH.matcher(text).find();
        Matcher app = APP.matcher(text);
        if (app.find() && !isUmbrella) {
            b.name(app.group(1));
        }
        Runtime runtime = isUmbrella ? ofMembers(project, runtime(project, file, text), folder) : runtime(project, file, text);
        b.runtime(runtime);
        Matcher sibling = IN_UMBRELLA.matcher(text);
        while (!umbrella.isEmpty() && sibling.find()) {
            b.dependsOn(Project.join(Project.folderOf(folder), sibling.group(1)));
        }
        Matcher dependency = DEPENDENCY.matcher(text);
        while (dependency.find()) {
            b.dependency(dependency.group(1), new Evidence(file, lineOf(text, dependency.start()), "mix-deps"));
        }
        String home = umbrella.isEmpty() ? folder : umbrella;
        String lock = Project.join(home, "mix.lock");
        boolean locked = project.exists(lock);
        Evidence evidence = Evidence.of(locked ? lock : file, locked ? "lock-file" : "manifest");
        b.packageManager(new PackageManager("mix", "", evidence, List.of(evidence.file())));
        if (isUmbrella || !umbrella.isEmpty()) {
            b.workspace(new Workspace(home, "mix", "", true));
        }
        if (isUmbrella) {
            b.notAPackage();
        }
        if (!umbrella.isEmpty()) {
            return b.build();
        }
        // mix deps.get --check-locked came with Elixir 1.15; before it, the lock file can't be enforced.
        boolean frozen = locked && isAtLeast(runtime, 15);
        b.command(CommandKind.INSTALL, Command.certain(frozen ? "mix deps.get --check-locked" : "mix deps.get", evidence));
        checks(project, folder, text, file, locked, b);
        if (project.under(folder).stream().anyMatch(f -> f.endsWith("_test.exs"))) {
            b.command(CommandKind.TEST, Command.certain("mix test", Evidence.of(file, "mix-test")));
        }
        migration(project, folder, text, b);
        return b.build();
    }

    private static void checks(Project project, String folder, String text, String file, boolean locked, Component.Builder b) {
        String formatter = Project.join(folder, ".formatter.exs");
        if (project.exists(formatter)) {
            b.command(CommandKind.LINT, Command.certain("mix format --check-formatted", Evidence.of(formatter, "mix-format")));
        }
        if (locked) {
            b.command(CommandKind.LINT, Command.likely("mix deps.unlock --check-unused", Evidence.of(Project.join(folder, "mix.lock"), "lock-file")));
        }
        Map<String, Evidence> declared = new LinkedHashMap<>();
        declaredIn(project, folder, declared);
        if (declared.containsKey("credo")) {
            b.command(CommandKind.LINT, Command.likely("mix credo", declared.get("credo")));
        }
        String sobelow = Project.join(folder, ".sobelow-conf");
        if (declared.containsKey("sobelow") && project.exists(sobelow)) {
            b.command(CommandKind.LINT, Command.likely("mix sobelow --config", Evidence.of(sobelow, "sobelow")));
        }
        if (declared.containsKey("dialyxir")) {
            b.command(CommandKind.TYPECHECK, Command.likely("mix dialyzer", declared.get("dialyxir")));
        }
        Matcher strict = Pattern.compile("\"compile --warnings?-as-errors[^\"]*\"").matcher(text);
        b.command(CommandKind.BUILD, strict.find()
                ? Command.certain("mix compile --warnings-as-errors", new Evidence(file, lineOf(text, strict.start()), "mix-alias"))
                : Command.certain("mix compile", Evidence.of(file, "mix-compile")));
    }

    /** What the project and the applications below it depend on. */
    private static void declaredIn(Project project, String folder, Map<String, Evidence> declared) {
        for (String file : project.under(folder)) {
            if (!Project.nameOf(file).equals("mix.exs") || Project.isAside(Project.folderOf(file))) {
                continue;
            }
            String text = code(project.text(file).orElse(""));
            Matcher dependency = DEPENDENCY.matcher(text);
            while (dependency.find()) {
                declared.putIfAbsent(dependency.group(1), new Evidence(file, lineOf(text, dependency.start()), "mix-deps"));
            }
        }
    }

    /** Phoenix's own test alias makes and migrates the database; where there is none, somebody has to. */
    private static void migration(Project project, String folder, String text, Component.Builder b) {
        if (alias(text, "test.setup").contains("ecto.")) {
            b.migration(Command.certain("MIX_ENV=test mix test.setup", Evidence.of(Project.join(folder, "mix.exs"), "mix-alias")));
            return;
        }
        Optional<String> migrations = project.under(folder).stream().filter(f -> f.matches("(.*/)?priv/[^/]+/migrations/[^/]+\\.exs")).findFirst();
        if (migrations.isEmpty()) {
            return;
        }
        boolean aliased = project.under(folder).stream().filter(f -> Project.nameOf(f).equals("mix.exs"))
                .anyMatch(f -> alias(code(project.text(f).orElse("")), "test").matches("(?s).*ecto\\.(migrate|setup|reset|load).*"));
        if (!aliased) {
            b.migration(Command.likely("MIX_ENV=test mix do ecto.create, ecto.migrate", Evidence.of(Project.folderOf(migrations.get()), "ecto-migrations")));
        }
    }

    /** What the alias of that name holds, or an empty text. */
    private static String alias(String text, String name) {
        Matcher aliases = ALIASES.matcher(text);
        if (!aliases.find()) {
            return "";
        }
        int end = text.indexOf("\n  end", aliases.end());
        String list = text.substring(aliases.end(), end < 0 ? text.length() : end);
        Matcher alias = ALIAS.matcher(list);
        int from = -1;
        while (alias.find()) {
            if (from >= 0) {
                return list.substring(from, alias.start());
            }
            from = alias.group(1).equals(name) ? alias.end() : -1;
        }
        return from < 0 ? "" : list.substring(from);
    }

    // --- versions ---

    /** An umbrella may leave the version to its applications. */
    private static Runtime ofMembers(Project project, Runtime own, String folder) {
        return !own.range().isEmpty() ? own : project.under(folder).stream().filter(f -> Project.nameOf(f).equals("mix.exs") && !Project.isAside(Project.folderOf(f)))
                .map(f -> runtime(project, f, code(project.text(f).orElse("")))).filter(r -> !r.range().isEmpty()).findFirst()
                .map(r -> new Runtime(own.name(), own.version(), r.range(), own.versionFile(), own.isPinned() ? own.evidence() : r.evidence())).orElse(own);
    }

    private static Runtime runtime(Project project, String file, String text) {
        String folder = Project.folderOf(file);
        Matcher declared = ELIXIR.matcher(text);
        String range = "";
        Evidence evidence = Evidence.of(file, "manifest");
        if (declared.find()) {
            range = declared.group(1) != null ? declared.group(1) : attribute(text, declared.group(2));
            evidence = new Evidence(file, lineOf(text, declared.start()), "mix-elixir");
        }
        String pinnedRange = range;
        Evidence rangeEvidence = evidence;
        return VersionFiles.find(project, folder, "elixir").or(() -> VersionFiles.line(project, folder, ".elixir-version", "elixir-version"))
                .map(pin -> new Runtime("elixir", pin.version(), pinnedRange, pin.file(), pin.evidence()))
                .orElseGet(() -> new Runtime("elixir", "", pinnedRange, "", rangeEvidence));
    }

    /** {@code @name "value"}, or an empty text. */
    private static String attribute(String text, String name) {
        Matcher value = Pattern.compile("(?m)^\\s*@" + name + "\\s+\"([^\"]+)\"").matcher(text);
        return value.find() ? value.group(1) : "";
    }

    private static boolean isAtLeast(Runtime runtime, int minor) {
        Matcher number = NUMBER.matcher(runtime.isPinned() ? runtime.version() : runtime.range());
        return number.find() && (Integer.parseInt(number.group(1)) > 1 || Integer.parseInt(number.group(2)) >= minor);
    }

    /** The text with comments blanked, so that what is commented out isn't read and places stay what they are. */
    private static String code(String text) {
        StringBuilder code = new StringBuilder();
        if (text.length() > MAX_CHARACTERS) {
            return "";
        }
        for (String line : text.split("\n", -1)) {
            String stripped = line.strip();
            code.append(stripped.startsWith("#") ? "" : line).append('\n');
        }
        return code.toString();
    }

    private static int lineOf(String text, int offset) {
        return (int) text.substring(0, offset).chars().filter(c -> c == '\n').count() + 1;
    }
}
