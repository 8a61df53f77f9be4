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
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;

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
        publication(project, build, cross, root);
        if (build.plugins.containsKey("sbt-scala-native")) {
            root.systemPackage("clang", build.plugins.get("sbt-scala-native"));
        }
    }

    /** Only by a plugin whose way to Maven Central is known: what needs more than the plugin to be there is told to the user. */
    private static void publication(Project project, Build build, boolean cross, Component.Builder root) {
        String coordinates = coordinates(project, build);
        for (Map.Entry<String, String> release : RELEASES.entrySet()) {
            Evidence plugin = build.plugins.get(release.getKey());
            if (plugin != null) {
                root.publication(new Publication("maven-central", coordinates, release.getValue(), plugin));
                return;
            }
        }
        Optional<Evidence> staging = build.place(STAGING, "sbt-local-staging");
        if (build.plugins.containsKey("sbt-pgp") && staging.isPresent()) {
            // sbt's own, since 1.11.
            root.publication(new Publication("maven-central", coordinates, (cross ? "+" : "") + "publishSigned sonaRelease", staging.get()));
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
