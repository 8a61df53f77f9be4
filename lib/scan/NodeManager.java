package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The package manager of a package or of a whole workspace: which, which version, how it installs, runs scripts and calls
 * programs. Knows lock files and the fields that name a manager; knows no scripts' meaning. Corepack is never assumed.
 *
 * @param id {@code npm}, {@code yarn}, {@code yarn-berry}, {@code pnpm}, {@code bun}; {@code deno}, which {@link DenoLanguage} makes
 * @param locked is there a lock file that the manager reads?
 */
record NodeManager(String id, PackageManager facts, boolean locked, Evidence evidence) {
    /** Lock file to manager, in the order that decides where nothing else does: package-lock.json is the one made by accident. */
    private static final Map<String, String> LOCKS = new LinkedHashMap<>();
    private static final Pattern NAMED = Pattern.compile("(npm|yarn|pnpm|bun)@v?([0-9][^+]*)(?:\\+.*)?");
    private static final Pattern YARN_PATH = Pattern.compile("yarn-?[pP]ath\"?:?\\s+\"?\\S*?yarn-(\\d[0-9.]*\\d)");
    /** Scripts of these names would not be run: {@code pnpm ci} and {@code yarn check} are commands of the manager itself. */
    private static final Set<String> PNPM_OWN = Set.of("test", "start", "stop");
    private static final Set<String> YARN_OWN = Set.of("""
            add audit autoclean bin cache check config constraints create dedupe dlx exec explain generate-lock-entry global help import info init install
            licenses link list login logout node npm outdated owner pack patch plugin policies publish rebuild remove search set stage tag team unlink unplug
            up upgrade version versions why workspace workspaces
            """.strip().split("\\s+"));

    static {
        LOCKS.put("pnpm-lock.yaml", "pnpm");
        LOCKS.put("bun.lock", "bun");
        LOCKS.put("bun.lockb", "bun");
        LOCKS.put("yarn.lock", "yarn");
        LOCKS.put("npm-shrinkwrap.json", "npm");
        LOCKS.put("package-lock.json", "npm");
    }

    /** What names a manager, with its version where it has one. */
    private record Named(String id, String version, Evidence evidence) {}

    static NodeManager of(Project project, NodePackage of) {
        Map<String, String> locks = new LinkedHashMap<>();
        LOCKS.forEach((file, id) -> project.first(of.folder(), file).ifPresent(path -> locks.putIfAbsent(id, path)));
        Optional<Named> declared = declared(of);
        Optional<Named> hint = declared.or(() -> hint(project, of));
        String chosen = locks.size() == 1 ? locks.keySet().iterator().next()
                : locks.isEmpty() ? hint.map(Named::id).orElse("npm")
                : hint.map(Named::id).filter(locks::containsKey).orElseGet(() -> locks.keySet().iterator().next());
        contradictions(project, of, locks, declared, chosen);
        String lock = locks.get(chosen);
        Evidence evidence = lock != null ? Evidence.of(lock, "lock-file") : hint.map(Named::evidence).orElse(Evidence.of(of.file(), "manifest"));
        boolean berry = chosen.equals("yarn") && isBerry(project, of, lock, declared);
        String id = berry ? "yarn-berry" : chosen;
        Named version = version(project, of, id, lock, declared);
        // What pins the version says more than the lock file, which is listed anyway. Without a lock file there is nothing to key a cache on.
        Evidence place = version.evidence() != null ? version.evidence() : evidence;
        PackageManager facts = new PackageManager(id, version.version(), place, lock != null ? List.of(lock) : List.of());
        return new NodeManager(id, facts, lock != null, evidence);
    }

    /** The commands that install what the package needs; reports what a user should know of a missing lock file. */
    Command install(Project project, NodePackage of) {
        if (!locked) {
            reportMissingLock(project, of);
        }
        reportTokens(project, of);
        return Command.certain(switch (id) {
            case "pnpm" -> locked ? "pnpm install --frozen-lockfile" : "pnpm install --no-frozen-lockfile";
            case "yarn" -> locked ? "yarn install --frozen-lockfile" : "yarn install";
            // Berry refuses on CI to write a lock file, unless told to.
            case "yarn-berry" -> locked ? "yarn install --immutable" : "yarn install --no-immutable";
            case "bun" -> locked ? "bun install --frozen-lockfile" : "bun install";
            default -> locked ? "npm ci" : "npm install";
        }, evidence);
    }

    /** Runs a script of the package, in its folder. */
    String run(String script) {
        String word = Shell.word(script);
        return switch (id) {
            case "pnpm" -> PNPM_OWN.contains(script) ? "pnpm " + word : "pnpm run " + word;
            case "yarn", "yarn-berry" -> YARN_OWN.contains(script) ? "yarn run " + word : "yarn " + word;
            case "bun" -> "bun run " + word;
            case "deno" -> "deno task " + word;
            default -> script.equals("test") ? "npm test" : "npm run " + word;
        };
    }

    /** Calls a program that a dependency brings; never fetches one. */
    String exec(String command) {
        return switch (id) {
            case "pnpm" -> "pnpm exec " + command;
            case "yarn", "yarn-berry" -> "yarn " + command;
            case "bun" -> "bunx --no-install " + command;
            default -> "npx --no-install " + command;
        };
    }

    /** Is a package part of what the lock file holds, though no manifest asks for it? Hoisted programs can be called too. */
    boolean installs(Project project, String name) {
        if (!locked) {
            return false;
        }
        String lock = facts.lockFiles().get(0);
        return project.text(lock).map(text -> switch (id) {
            case "npm" -> text.contains("\"node_modules/" + name + "\"") || text.contains("\n    \"" + name + "\": {");
            case "pnpm" -> text.contains("\n  " + name + "@") || text.contains("\n  '" + name + "@") || text.contains("\n  /" + name + "@");
            default -> text.contains("\n" + name + "@") || text.contains("\n\"" + name + "@") || text.contains("\"" + name + "\"");
        // A binary or oversized lock file can't be looked into.
        }).orElse(true) || lock.endsWith(".lockb");
    }

    private static Optional<Named> declared(NodePackage of) {
        Document manifest = of.manifest();
        Matcher named = NAMED.matcher(manifest.text("packageManager"));
        if (named.matches()) {
            return Optional.of(new Named(named.group(1), named.group(2), manifest.evidence("package-manager-field", "packageManager")));
        }
        return of.engines("packageManager").stream().filter(e -> LOCKS.containsValue(e.name())).findFirst()
                .map(e -> new Named(e.name(), e.version(), manifest.evidence("dev-engines", "devEngines", "packageManager")));
    }

    private static Optional<Named> hint(Project project, NodePackage of) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put(".yarnrc.yml", "yarn");
        files.put("pnpm-workspace.yaml", "pnpm");
        files.put(".pnpmfile.cjs", "pnpm");
        files.put("bunfig.toml", "bun");
        files.put(".yarnrc", "yarn");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Optional<String> path = project.first(of.folder(), file.getKey());
            if (path.isPresent()) {
                return Optional.of(new Named(file.getValue(), "", Evidence.of(path.get(), "manager-configuration")));
            }
        }
        for (String id : List.of("pnpm", "bun", "yarn")) {
            for (String section : List.of("engines", "volta")) {
                if (of.manifest().has(section, id)) {
                    return Optional.of(new Named(id, "", of.manifest().evidence(section, section, id)));
                }
            }
            for (Map.Entry<String, String> script : of.scripts().entrySet()) {
                if (script.getValue().matches("(?s)(.*[&|;]\\s*)?" + id + "x?\\s+[a-z].*")) {
                    return Optional.of(new Named(id, "", of.script(script.getKey())));
                }
            }
        }
        return Optional.empty();
    }

    private static void contradictions(Project project, NodePackage of, Map<String, String> locks, Optional<Named> declared, String chosen) {
        if (locks.size() > 1) {
            String why = declared.filter(d -> d.id().equals(chosen)).map(d -> ", as " + d.evidence().place() + " says").orElse("");
            project.report(Finding.warning("two-lock-files",
                    "there are lock files of " + String.join(" and ", locks.keySet()) + " side by side; " + chosen + " is taken" + why,
                    "delete the lock file of the package manager that the project does not use",
                    locks.values().stream().map(l -> Evidence.of(l, "lock-file")).toArray(Evidence[]::new)));
        }
        if (locks.size() == 1 && declared.isPresent() && !declared.get().id().equals(chosen)) {
            String other = declared.get().id();
            project.report(Finding.warning("package-manager-mismatch",
                    of.file() + " names " + other + ", but the only lock file is " + locks.get(chosen) + "; " + chosen + " is taken",
                    "commit the lock file of " + other + " or name " + chosen, declared.get().evidence(), Evidence.of(locks.get(chosen), "lock-file")));
        }
    }

    private static boolean isBerry(Project project, NodePackage of, String lock, Optional<Named> declared) {
        String text = lock == null ? "" : project.text(lock).orElse("");
        if (text.contains("__metadata:")) {
            return true;
        }
        if (text.contains("# yarn lockfile v1")) {
            return false;
        }
        return declared.filter(d -> d.id().equals("yarn")).map(d -> !d.version().matches("[\\^~>=v ]*1(\\..*)?")).orElse(false)
                || project.exists(Project.join(of.folder(), ".yarnrc.yml"));
    }

    private static Named version(Project project, NodePackage of, String id, String lock, Optional<Named> declared) {
        String name = id.equals("yarn-berry") ? "yarn" : id;
        if (declared.isPresent() && declared.get().id().equals(name) && declared.get().version().matches("[0-9].*")) {
            return declared.get();
        }
        if (of.manifest().text("volta", name).matches("[0-9].*")) {
            return new Named(id, of.manifest().text("volta", name), of.manifest().evidence("volta", "volta", name));
        }
        Optional<VersionFiles.Pin> pin = VersionFiles.find(project, of.folder(), name)
                .or(() -> name.equals("bun") ? VersionFiles.line(project, of.folder(), ".bun-version", "bun-version") : Optional.empty());
        if (pin.isPresent() && pin.get().version().matches("v?[0-9].*")) {
            return new Named(id, pin.get().version().replaceFirst("^v", ""), pin.get().evidence());
        }
        for (String file : List.of(".yarnrc.yml", ".yarnrc")) {
            String path = Project.join(of.folder(), file);
            Matcher release = YARN_PATH.matcher(name.equals("yarn") ? project.text(path).orElse("") : "");
            if (release.find()) {
                return new Named(id, release.group(1), new Evidence(path, project.lineOf(path, release.group()), "yarn-path"));
            }
        }
        return new Named(id, lock == null ? "" : NodeManager.ofLock(project, of, id, lock), null);
    }

    /** The major version that wrote the lock file; of several that could have, the newest that the project's own range lets pass. */
    private static String ofLock(Project project, NodePackage of, String id, String lock) {
        String text = project.text(lock).orElse("");
        Matcher format = Pattern.compile(id.equals("pnpm") ? "(?m)^lockfileVersion: '?\"?([0-9.]+)" : "__metadata:\\s+version: (\\d+)").matcher(text);
        if (!id.equals("pnpm") && !id.equals("yarn-berry") || !format.find()) {
            return "";
        }
        if (id.equals("yarn-berry")) {
            int version = Integer.parseInt(format.group(1).length() > 6 ? "0" : format.group(1));
            return version >= 7 ? "4" : version >= 5 ? "3" : "2";
        }
        String range = of.manifest().text("engines", "pnpm");
        return switch (format.group(1)) {
            case "5.3" -> "6";
            case "5.4" -> "7";
            case "6.0", "6.1" -> "8";
            // 9, 10 and 11 write the same format. 11 no longer reads settings in package.json.
            case "9.0" -> List.of("10", "9", "11").stream().filter(v -> range.isEmpty() || NodeRuntime.meets(v, range)).findFirst().orElse("10");
            default -> "";
        };
    }

    private static void reportTokens(Project project, NodePackage of) {
        String npmrc = Project.join(of.folder(), ".npmrc");
        int number = 0;
        for (String line : project.lines(npmrc)) {
            number++;
            Matcher variable = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\??}").matcher(line);
            if (!line.strip().matches("[#;].*") && variable.find()) {
                project.report(Finding.info("registry-token", npmrc + " reads " + variable.group(1)
                        + " from the environment: the installation may need it as a secret", "", new Evidence(npmrc, number, "npmrc")));
            }
        }
    }

    private void reportMissingLock(Project project, NodePackage of) {
        String npmrc = Project.join(of.folder(), ".npmrc");
        List<String> settings = new ArrayList<>(project.lines(npmrc));
        for (int i = 0; i < settings.size(); i++) {
            if (settings.get(i).replace(" ", "").matches("(package-)?lock(file)?=false")) {
                project.report(Finding.info("no-lock-file", "the project keeps no lock file on purpose:"
                        + " each install takes the newest versions that package.json allows", "", new Evidence(npmrc, i + 1, "npmrc")));
                return;
            }
        }
        project.report(Finding.warning("no-lock-file", of.file() + " has no lock file beside it: each install may take other versions", "run `"
                + (id.equals("yarn-berry") ? "yarn" : id) + " install` and commit the lock file", Evidence.of(of.file(), "manifest")));
    }
}
