package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Publication;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/**
 * Scala with sbt. The build is a program: what is read of it is how projects, versions and plugins are usually written.
 *
 * <p>Scala built by Maven or Gradle is the {@link JvmLanguage}'s.
 */
final class ScalaLanguage implements Language {
    private static final Pattern PLUGIN = Pattern.compile("addSbtPlugin\\(\\s*\"([^\"]+)\"\\s*%+\\s*\"([^\"]+)\"");
    private static final Pattern VAL = Pattern.compile("(?m)^\\s*(?:lazy\\s+)?val\\s+`?([\\w-]+)`?\\s*(?::\\s*[\\w\\[\\]. ]+)?=\\s*");
    private static final Pattern FOLDER = Pattern.compile("\\bfile\\(\\s*\"([^\"]+)\"\\s*\\)");
    /** Large builds make their projects by a function of their own, with the folder's name. */
    private static final Pattern OWN_FUNCTION = Pattern.compile("^(?!crossProject|project\\b|Project\\b)\\w*(?:Project|Module)\\w*\\(\\s*\"([\\w./-]+)\"");
    private static final Pattern DEPENDS = Pattern.compile("\\.dependsOn\\(([^)]{0,500})\\)");
    private static final Pattern LIBRARY = Pattern.compile("\"([\\w.-]+)\"\\s*%{1,3}\\s*\"([\\w.-]+)\"");
    private static final Pattern ALIAS = Pattern.compile("addCommandAlias\\(\\s*\"([\\w-]+)\"\\s*,\\s*([^)]{0,500})\\)");
    private static final Pattern RELEASE = Pattern.compile("\"-?-(?:release|java-output-version|source|target)(?::|\"\\s*,\\s*\")(?:jvm-)?(1\\.\\d|\\d{1,2})\"");
    private static final Pattern SCALA = Pattern.compile("\\b(?:crossScalaVersions|scalaVersion)\\s*(?::=|\\+=|\\+\\+=)\\s*((?:Seq|List)\\s*\\([^)]{0,500}\\)|[^\\n,]{1,200})");

    /** A plugin, what it lets sbt check, and what has to be there so that the check means something; several plugins may bring one task. */
    private record Check(String task, Set<String> plugins, String file, String setting) {}

    private static final List<Check> CHECKS = List.of(
            new Check("scalafmtCheckAll", Set.of("sbt-scalafmt", "sbt-typelevel", "sbt-typelevel-scalafmt", "sbt-http4s-org",
                    "sbt-softwaremill-common"), ".scalafmt.conf", ""),
            new Check("scalafixAll --check", Set.of("sbt-scalafix", "sbt-typelevel-scalafix"), ".scalafix.conf", ""),
            new Check("headerCheckAll", Set.of("sbt-typelevel", "sbt-http4s-org"), "", ""),
            new Check("headerCheck", Set.of("sbt-header", "sbt-scala-module"), "", "headerLicense|startYear|scalaModuleSettings"),
            new Check("versionPolicyCheck", Set.of("sbt-version-policy", "sbt-scala-module"), "", "versionPolicyIntention"),
            new Check("mimaReportBinaryIssues", Set.of("sbt-mima-plugin"), "", "mimaPreviousArtifacts"),
            new Check("mimaReportBinaryIssues", Set.of("sbt-typelevel", "sbt-typelevel-mima", "sbt-http4s-org"), "", "tlBaseVersion|tlMimaPreviousVersions"),
            new Check("scalastyle", Set.of("scalastyle-sbt-plugin"), "scalastyle-config.xml", ""));

    /** Plugins that publish to Maven Central, and the command that each brings for it. */
    private static final Map<String, String> RELEASES = releases();
    private static final Pattern STAGING = Pattern.compile("\\blocalStaging\\b");

    private static Map<String, String> releases() {
        Map<String, String> releases = new LinkedHashMap<>();
        releases.put("sbt-ci-release", "ci-release");
        List.of("sbt-typelevel", "sbt-typelevel-ci-release", "sbt-http4s-org").forEach(plugin -> releases.put(plugin, "tlCiRelease"));
        return releases;
    }

    /** @param plugins artifact names with their places */
    private record Build(String folder, List<ScriptText> scripts, Map<String, Evidence> plugins, String sbtVersion, Evidence evidence) {

        boolean says(String regex) {
            Pattern pattern = Pattern.compile(regex);
            return scripts.stream().anyMatch(s -> pattern.matcher(s.code).find());
        }

        Optional<Evidence> place(Pattern pattern, String rule) {
            return scripts.stream().flatMap(s -> pattern.matcher(s.code).results().map(m -> s.evidence(m.start(), rule))).findFirst();
        }
    }

    /** A project of the build that has a folder of its own. */
    private record Module(String folder, List<String> needs, Evidence evidence) {}

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        Set<String> roots = new LinkedHashSet<>();
        for (String file : project.named("build.sbt")) {
            String folder = Project.folderOf(file);
            boolean own = project.exists(Project.join(folder, "project/build.properties"));
            boolean inner = roots.stream().anyMatch(r -> Project.isInside(folder, r));
            if ((own || !inner) && !JvmLanguage.isResource(project, file) && roots.add(folder)) {
                components.addAll(components(project, build(project, folder)));
            }
        }
        return components;
    }

    @Override
    public List<String> looksFor() {
        return List.of("build.sbt");
    }

    private static Build build(Project project, String folder) {
        List<ScriptText> scripts = new ArrayList<>();
        Map<String, Evidence> plugins = new LinkedHashMap<>();
        String meta = Project.join(folder, "project");
        List<String> files = new ArrayList<>();
        project.in(folder).stream().filter(n -> n.endsWith(".sbt")).sorted().forEach(n -> files.add(Project.join(folder, n)));
        project.in(meta).stream().filter(n -> n.endsWith(".sbt") || n.endsWith(".scala")).sorted().forEach(n -> files.add(Project.join(meta, n)));
        for (String file : files) {
            project.text(file).ifPresent(text -> {
                ScriptText script = new ScriptText(file, text);
                scripts.add(script);
                Matcher m = PLUGIN.matcher(script.code);
                while (m.find()) {
                    plugins.putIfAbsent(m.group(2), script.evidence(m.start(), "sbt-plugin"));
                }
            });
        }
        String properties = Project.join(meta, "build.properties");
        String version = project.ini(properties).map(i -> i.text("", "sbt.version")).orElse("");
        Evidence evidence = version.isEmpty() ? Evidence.of(Project.join(folder, "build.sbt"), "sbt")
                : new Evidence(properties, project.lineOf(properties, "sbt.version"), "sbt-version");
        return new Build(folder, scripts, plugins, version, evidence);
    }

    // --- components ---

    private static List<Component> components(Project project, Build build) {
        Map<String, Module> modules = modules(project, build);
        Workspace workspace = modules.isEmpty() ? null : new Workspace(build.folder, "sbt", "", true);
        List<String> scala = scalaVersions(build);
        Runtime runtime = runtime(project, build, scala);
        Component.Builder root = Component.at(build.folder, JvmLanguage.ecosystem(project, build.folder, "scala")).name(setting(build, "name")).runtime(runtime).workspace(workspace);
        Set<String> keys = new TreeSet<>();
        build.scripts.forEach(s -> keys.add(s.file));
        project.first(build.folder, "project/build.properties").ifPresent(keys::add);
        root.packageManager(new PackageManager("sbt", build.sbtVersion, build.evidence, List.copyOf(keys)));
        for (ScriptText script : build.scripts) {
            Matcher m = LIBRARY.matcher(script.code);
            while (m.find()) {
                if (!script.lineAt(m.start()).contains("addSbtPlugin")) {
                    root.dependency(m.group(1) + ":" + m.group(2), script.evidence(m.start(), "sbt-dependency"));
                }
            }
        }
        if (!modules.isEmpty() && !JvmLanguage.hasSources(project, build.folder)) {
            root.notAPackage();
        }
        commands(project, build, scala, root);
        List<Component> components = new ArrayList<>(List.of(root.build()));
        Map<String, Module> byFolder = new java.util.TreeMap<>();
        modules.values().forEach(m -> byFolder.putIfAbsent(m.folder, m));
        for (Module module : byFolder.values()) {
            Component.Builder member = Component.at(module.folder, JvmLanguage.ecosystem(project, module.folder, "scala")).name(Project.nameOf(module.folder)).runtime(runtime).workspace(workspace)
                    .packageManager(new PackageManager("sbt", build.sbtVersion, module.evidence, List.of(module.evidence.file())));
            module.needs.stream().map(modules::get).filter(n -> n != null && !n.folder.equals(module.folder)).forEach(n -> member.dependsOn(n.folder));
            if (Project.isAside(module.folder)) {
                member.notAPackage();
            }
            components.add(member.build());
        }
        return components;
    }

    /** Projects by the names of their values; one whose folder is the build's own is the root's. */
    private static Map<String, Module> modules(Project project, Build build) {
        Map<String, Module> modules = new LinkedHashMap<>();
        for (ScriptText script : build.scripts) {
            if (!script.file.endsWith(".sbt") || script.file.contains("project/")) {
                continue;
            }
            List<int[]> starts = new ArrayList<>();
            Matcher val = VAL.matcher(script.code);
            while (val.find()) {
                starts.add(new int[] {val.start(1), val.end(1), val.end()});
            }
            for (int i = 0; i < starts.size(); i++) {
                String name = script.code.substring(starts.get(i)[0], starts.get(i)[1]);
                String body = script.code.substring(starts.get(i)[2], i + 1 < starts.size() ? starts.get(i + 1)[0] : script.code.length());
                int settings = body.indexOf(".settings");
                Matcher folder = FOLDER.matcher(settings > 0 ? body.substring(0, settings) : body);
                Matcher made = OWN_FUNCTION.matcher(body);
                boolean byFunction = made.find() && JvmLanguage.firstSource(project, Project.join(build.folder, made.group(1))).isPresent();
                if (!byFunction && !body.matches("(?s)\\(?\\s*(?:project|crossProject|projectMatrix|Project)\\b.*")) {
                    continue;
                }
                String relative = byFunction ? made.group(1) : folder.find() ? folder.group(1) : name;
                List<String> needs = new ArrayList<>();
                Matcher depends = DEPENDS.matcher(body);
                while (depends.find()) {
                    List.of(depends.group(1).split(",")).forEach(d -> needs.add(d.strip().split("[\\s.%(]")[0]));
                }
                Evidence evidence = script.evidence(starts.get(i)[0], "sbt-project");
                Project.resolve(build.folder, relative).filter(f -> !f.equals(build.folder) && project.isFolder(f)).ifPresent(f -> modules.put(name, new Module(f, needs, evidence)));
            }
        }
        return modules;
    }

    private static String coordinates(Project project, Build build) {
        String name = setting(build, "name").isEmpty() ? project.name() : setting(build, "name");
        return setting(build, "organization").isEmpty() ? name : setting(build, "organization") + ":" + name;
    }

    /** The setting at the top level of the build; one within a project counts when no other project says something else. */
    private static String setting(Build build, String key) {
        Pattern pattern = Pattern.compile("(?m)^( *)(?:ThisBuild\\s*/\\s*)?" + key + "\\s*:=\\s*\"([^\"]+)\"");
        Set<String> inner = new LinkedHashSet<>();
        for (ScriptText script : build.scripts) {
            Matcher m = pattern.matcher(script.code);
            while (m.find()) {
                if (m.group(1).isEmpty()) {
                    return m.group(2);
                }
                inner.add(m.group(2));
            }
        }
        boolean several = build.says("\\.aggregate\\(|\\.dependsOn\\(");
        return inner.size() == 1 && !several ? inner.iterator().next() : "";
    }

    // --- versions ---

    /** All versions of Scala that the build names; names of values are looked up. */
    private static List<String> scalaVersions(Build build) {
        Set<String> found = new LinkedHashSet<>();
        for (ScriptText script : build.scripts) {
            Matcher m = SCALA.matcher(script.code);
            for (int n = 0; n < 20 && m.find(); n++) {
                for (String word : m.group(1).replaceFirst("^(?:Seq|List)\\s*\\(", "").split("[,()\\s]+")) {
                    String text = word.startsWith("\"") ? word.replace("\"", "") : value(build, word.replaceFirst("^.*\\.", ""));
                    if (found.size() < 20 && text.matches("[23]\\.\\d+\\.\\d+.*")) {
                        found.add(text);
                    }
                }
            }
        }
        return List.copyOf(found);
    }

    private static String value(Build build, String name) {
        if (!name.matches("\\w+")) {
            return "";
        }
        Pattern pattern = Pattern.compile("\\bval\\s+" + name + "\\s*(?::\\s*String\\s*)?=\\s*\"([^\"]+)\"");
        return build.scripts.stream().map(s -> pattern.matcher(s.code)).filter(Matcher::find).map(m -> m.group(1)).findFirst().orElse("");
    }

    private static Runtime runtime(Project project, Build build, List<String> scala) {
        JdkVersion.Bounds tool = JdkVersion.sbt(build.sbtVersion);
        for (String version : scala) {
            tool = tool.and(JdkVersion.scala(version));
        }
        List<JdkVersion.Level> levels = new ArrayList<>();
        for (ScriptText script : build.scripts) {
            Matcher m = RELEASE.matcher(script.code);
            while (m.find()) {
                levels.add(new JdkVersion.Level(JdkVersion.major(m.group(1)), script.evidence(m.start(), "scalac-release")));
            }
        }
        return JdkVersion.of(project, build.folder, null, JdkVersion.Level.highest(levels).orElse(null), tool, build.evidence);
    }

    // --- commands ---

    private static void commands(Project project, Build build, List<String> scala, Component.Builder root) {
        boolean launcher = project.text(Project.join(build.folder, "sbt")).map(t -> t.startsWith("#!") && t.contains("sbt")).orElse(false)
                && project.isExecutable(Project.join(build.folder, "sbt"));
        String sbt = launcher ? "./sbt" : "sbt";
        boolean cross = build.says("\\bcrossScalaVersions\\b") && scala.size() > 1;
        TaskChoice tasks = new TaskChoice(project, build.folder, Set.of("sbt", "java"));
        if (!tasks.add(root, CommandKind.LINT, r -> r.calls(sbt))) {
            lint(project, build, sbt, root);
        }
        if (JvmLanguage.firstTest(project, build.folder).isPresent()) {
            if (!tasks.add(root, CommandKind.TEST, r -> r.calls(sbt + " test") || r.calls(sbt))) {
                root.command(CommandKind.TEST, Command.certain(sbt + (cross ? " +test" : " test"), build.evidence));
            }
            root.output(Output.Kind.JUNIT, (build.sbtVersion.startsWith("2") ? "target/out/**" : "**/target") + "/test-reports/*.xml", build.evidence);
        }
        String task = "package";
        boolean single = root.build().workspace() == null;
        if (single && build.plugins.containsKey("sbt-assembly") && build.says("\\bassembly\\b")) {
            task = "assembly";
        } else if (single && build.says("JavaAppPackaging|JavaServerAppPackaging|\\bPlayScala\\b|\\bPlayJava\\b|\\bPlayService\\b")) {
            task = "stage";
        }
        root.command(CommandKind.BUILD, Command.certain(sbt + (cross && task.equals("package") ? " +" : " ") + task, build.evidence));
        root.output(Output.Kind.BUILD, task.equals("stage") ? "**/target/universal/stage/**" : "**/target/scala-*/*.jar", build.evidence);
        publication(project, build, sbt, cross, root);
        if (build.plugins.containsKey("sbt-scala-native")) {
            root.systemPackage("clang", build.plugins.get("sbt-scala-native"));
        }
    }

    /** Only by a plugin whose way to Maven Central is known: what needs more than the plugin to be there is told to the user. */
    private static void publication(Project project, Build build, String sbt, boolean cross, Component.Builder root) {
        String coordinates = coordinates(project, build);
        for (Map.Entry<String, String> release : RELEASES.entrySet()) {
            Evidence plugin = build.plugins.get(release.getKey());
            if (plugin != null) {
                root.publication(new Publication("maven-central", coordinates, sbt + " " + release.getValue(), plugin));
                return;
            }
        }
        Optional<Evidence> staging = build.place(STAGING, "sbt-local-staging");
        if (build.plugins.containsKey("sbt-pgp") && staging.isPresent()) {
            // sbt's own, since 1.11.
            root.publication(new Publication("maven-central", coordinates, sbt + (cross ? " +" : " ") + "publishSigned sonaRelease", staging.get()));
            return;
        }
        for (String plugin : List.of("sbt-sonatype", "sbt-pgp", "sbt-scala-module")) {
            if (build.plugins.containsKey(plugin)) {
                project.report(Finding.warning("publication-without-a-task", plugin + " alone does not bring a release to Maven Central: no job publishes " + coordinates,
                        "add sbt-ci-release, or with sbt 1.11 or later sbt-pgp and publishTo := localStaging.value", build.plugins.get(plugin)));
                return;
            }
        }
    }

    /** An alias that only checks is the project's own word for it; else what the plugins bring. */
    private static void lint(Project project, Build build, String sbt, Component.Builder root) {
        for (ScriptText script : build.scripts) {
            Matcher m = ALIAS.matcher(script.code);
            while (m.find()) {
                boolean checks = m.group(2).matches("(?s).*(?:scalafmtCheck|scalafmtSbtCheck|--check|headerCheck).*");
                if (checks && !m.group(2).matches("(?s).*(?:\\btest\\b|[pP]ublish|[rR]elease).*")) {
                    root.command(CommandKind.LINT, Command.certain(sbt + " " + Shell.word(m.group(1)), script.evidence(m.start(), "sbt-alias")));
                    return;
                }
            }
        }
        for (Check check : CHECKS) {
            Optional<Evidence> plugin = build.plugins.entrySet().stream().filter(p -> check.plugins.contains(p.getKey())).map(Map.Entry::getValue).findFirst();
            boolean set = (check.file.isEmpty() || project.exists(Project.join(build.folder, check.file))) && (check.setting.isEmpty() || build.says(check.setting));
            if (plugin.isPresent() && set) {
                root.command(CommandKind.LINT, Command.likely(sbt + " " + (check.task.contains(" ") ? "'" + check.task + "'" : check.task), plugin.get()));
            }
        }
    }
}

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

/** One project.clj of Leiningen. Knows the file, not what is to be done with it. */
final class LeinProject {
    final String file;
    final String folder;
    /** lein-sub runs its tasks in all members */
    final boolean goesThrough;
    private final Project project;
    private final List<?> form;

    private LeinProject(Project project, String file, List<?> form) {
        this.project = project;
        this.file = file;
        this.folder = Project.folderOf(file);
        this.form = form;
        this.goesThrough = plugins().containsKey("lein-sub") && !sub().isEmpty();
    }

    static Optional<LeinProject> read(Project project, String file) {
        return project.text(file).flatMap(text -> Edn.parse(text).stream().filter(f -> f instanceof List<?> list && list.size() > 2
                && list.get(0).toString().equals("defproject")).findFirst()).map(f -> new LeinProject(project, file, Edn.list(f)));
    }

    /** {@code group/artifact}; a lone name is group and artifact at once. */
    String name() {
        return form.get(1).toString();
    }

    Object get(String key) {
        return Edn.get(form, key);
    }

    /** Values of the key at the top and in profiles, the top's first. */
    private List<Object> everywhere(String key) {
        List<Object> found = new ArrayList<>(Edn.list(get(key)));
        Edn.map(get(":profiles")).values().forEach(p -> found.addAll(Edn.list(Edn.get(p, key))));
        return found;
    }

    /** Names of plugins, with their places. */
    Map<String, Evidence> plugins() {
        return coordinates(":plugins", "lein-plugin");
    }

    Map<String, Evidence> dependencies() {
        return coordinates(":dependencies", "lein-dependency");
    }

    private Map<String, Evidence> coordinates(String key, String rule) {
        Map<String, Evidence> found = new LinkedHashMap<>();
        for (Object each : everywhere(key)) {
            if (each instanceof List<?> coordinate && !coordinate.isEmpty()) {
                String name = coordinate.get(0).toString();
                found.putIfAbsent(name, evidence(name, rule));
            }
        }
        return found;
    }

    /** Aliases with the words that they stand for. */
    Map<String, List<String>> aliases() {
        Map<String, List<String>> found = new LinkedHashMap<>();
        List<Object> maps = new ArrayList<>(List.of(Edn.map(get(":aliases"))));
        Edn.map(get(":profiles")).values().forEach(p -> maps.add(Edn.map(Edn.get(p, ":aliases"))));
        maps.forEach(m -> Edn.map(m).forEach((name, words) -> {
            if (name instanceof String alias) {
                found.putIfAbsent(alias, words instanceof List<?> list ? list.stream().map(Object::toString).toList() : List.of(words.toString()));
            }
        }));
        return found;
    }

    /** Folders, from the project's root, that lein-sub goes through. */
    List<String> sub() {
        return Edn.list(get(":sub")).stream().flatMap(s -> Project.resolve(folder, s.toString()).stream()).toList();
    }

    boolean hasTests() {
        List<String> paths = new ArrayList<>();
        everywhere(":test-paths").forEach(p -> paths.add(p.toString()));
        if (paths.isEmpty()) {
            paths.add("test");
        }
        return paths.stream().flatMap(p -> Project.resolve(folder, p).stream()).anyMatch(p -> project.under(p).stream().anyMatch(f -> f.matches(".*\\.cljc?")));
    }

    boolean hasSources() {
        return project.under(Project.join(folder, "src")).stream().anyMatch(f -> f.matches(".*\\.clj[cs]?"));
    }

    /** Levels of Java that it compiles Java sources for. */
    List<JdkVersion.Level> levels() {
        List<JdkVersion.Level> levels = new ArrayList<>();
        List<Object> options = everywhere(":javac-options");
        Set<String> names = new LinkedHashSet<>(List.of("-target", "-source", "--release"));
        for (int i = 0; i + 1 < options.size(); i++) {
            int major = names.contains(options.get(i).toString()) ? JdkVersion.major(options.get(i + 1).toString()) : 0;
            if (major > 0) {
                levels.add(new JdkVersion.Level(major, evidence(":javac-options", "javac-options")));
            }
        }
        return levels;
    }

    Evidence evidence(String text, String rule) {
        return new Evidence(file, project.lineOf(file, text), rule);
    }
}

/**
 * Clojure data as values: lists and vectors as {@link List}, maps as {@link Map}, strings as {@link String}, all else as {@link Word}.
 *
 * <p>A reader for {@code project.clj}, {@code deps.edn} and {@code build.clj}, which runs nothing: what would be evaluated stays a word.
 */
final class Edn {
    private static final int MAX_DEPTH = 200;

    /** A symbol, a keyword with its colon, a number. */
    record Word(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    private static final Object END = new Object();
    private static final Object NOTHING = new Object();

    private final String text;
    private int at;

    private Edn(String text) {
        this.text = text;
    }

    /** All forms of the text; those before the place where it stops making sense. */
    static List<Object> parse(String text) {
        Edn reader = new Edn(text);
        List<Object> forms = new ArrayList<>();
        for (Object form = reader.next(0); form != END; form = reader.next(0)) {
            if (form != NOTHING) {
                forms.add(form);
            }
        }
        return forms;
    }

    /** The value of the key in a map, or of the keyword in a list of pairs such as {@code defproject}'s; null where there is none. */
    static Object get(Object from, String key) {
        if (from instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (entry.getKey().toString().equals(key)) {
                    return entry.getValue();
                }
            }
        } else if (from instanceof List<?> list) {
            for (int i = 0; i + 1 < list.size(); i++) {
                if (list.get(i) instanceof Word word && word.text.equals(key)) {
                    return list.get(i + 1);
                }
            }
        }
        return null;
    }

    static Map<?, ?> map(Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    static List<?> list(Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private Object next(int depth) {
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == ',')) {
            at++;
        }
        if (at >= text.length() || depth > MAX_DEPTH) {
            at = text.length();
            return END;
        }
        char c = text.charAt(at++);
        switch (c) {
            case ';' -> {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
                return NOTHING;
            }
            case '(', '[' -> {
                return list(c == '(' ? ')' : ']', depth);
            }
            case '{' -> {
                return map(list('}', depth));
            }
            case ')', ']', '}' -> {
                return END;
            }
            case '"' -> {
                return string();
            }
            case '#' -> {
                return dispatch(depth);
            }
            case '^' -> {
                value(depth);
                return NOTHING;
            }
            case '\'', '`', '~', '@' -> {
                return NOTHING;
            }
            default -> {
                return word(c);
            }
        }
    }

    private Object dispatch(int depth) {
        char c = at < text.length() ? text.charAt(at) : ' ';
        if (c == '_') {
            at++;
            value(depth);
            return NOTHING;
        }
        if (c == '{' || c == '(' || c == '"') {
            // A set, a function, a pattern: what stands in it is read as a list or a text.
            at++;
            return c == '"' ? string() : list(c == '{' ? '}' : ')', depth);
        }
        if (c == '?' || c == '^' || c == '\'' || c == '=') {
            at++;
            return NOTHING;
        }
        word('#');
        return NOTHING;
    }

    private Object value(int depth) {
        Object value = next(depth + 1);
        while (value == NOTHING) {
            value = next(depth + 1);
        }
        return value;
    }

    private List<Object> list(char close, int depth) {
        List<Object> list = new ArrayList<>();
        for (Object value = next(depth + 1); value != END; value = next(depth + 1)) {
            if (value != NOTHING) {
                list.add(value);
            }
        }
        return list;
    }

    private static Map<Object, Object> map(List<Object> pairs) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            map.put(pairs.get(i), pairs.get(i + 1));
        }
        return map;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
                string.append(text.charAt(at) == 'n' ? '\n' : text.charAt(at) == 't' ? '\t' : text.charAt(at));
            } else {
                string.append(text.charAt(at));
            }
            at++;
        }
        at++;
        return string.toString();
    }

    private Word word(char first) {
        int from = at - 1;
        if (first == '\\' && at < text.length()) {
            at++;
        }
        while (at < text.length() && !Character.isWhitespace(text.charAt(at)) && ",()[]{}\";".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return new Word(text.substring(from, at));
    }
}
