import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import support.Tree;

class ScalaClojureTest {
    @TempDir
    Path dir;

    private ProjectFacts scan(String... files) {
        try {
            return Scan.scan(Project.open(Tree.of(dir, files)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> runs(Component c, CommandKind kind) {
        return c.proven(kind).stream().map(lib.scan.Command::run).toList();
    }

    // --- sbt ---

    @Test
    void crossBuildsTestEveryVersion() {
        Component c = scan("build.sbt", "scalaVersion := s3\nval s3 = \"3.3.6\"\n// crossScalaVersions := Seq()\ncrossScalaVersions := Seq(\"2.13.10\", s3)\n",
                "project/build.properties", "sbt.version=1.11.7\n", "src/test/scala/A.scala", "").components().get(0);
        assertEquals("scala", c.ecosystem());
        assertEquals(List.of("sbt +test"), runs(c, CommandKind.TEST));
        assertEquals(List.of("sbt +package"), runs(c, CommandKind.BUILD));
        assertEquals("1.11.7", c.packageManager().version());
        assertEquals(">=8 <21", c.runtime().range(), "Scala 2.13.10 can't read the classes of Java 21");
    }

    @Test
    void oneVersionIsTestedPlainly() {
        Component c = scan("build.sbt", "scalaVersion := \"3.7.3\"\nscalacOptions ++= Seq(\"-release\", \"17\")\n", "src/test/scala/A.scala", "").components().get(0);
        assertEquals(List.of("sbt test"), runs(c, CommandKind.TEST));
        assertEquals(">=17", c.runtime().range());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "'com.github.sbt' % 'sbt-ci-release' % '1.11.2' | scalaVersion := '3.7.3' | ci-release",
            "'org.typelevel' % 'sbt-typelevel' % '0.8.0' | scalaVersion := '3.7.3' | tlCiRelease",
            "'com.github.sbt' % 'sbt-pgp' % '2.3.1' | publishTo := localStaging.value | publishSigned sonaRelease",
    })
    void releasesGoByThePluginThatTheBuildHas(String plugin, String build, String task) {
        Component c = scan("build.sbt", build.replace('\'', '"') + "\n", "project/plugins.sbt", "addSbtPlugin(" + plugin.replace('\'', '"') + ")\n").components().get(0);
        assertEquals(List.of("maven-central"), c.publications().stream().map(Component.Publication::registry).toList());
        assertEquals("sbt " + task, c.publications().get(0).command());
    }

    @Test
    void aPluginThatDoesNotReachMavenCentralPublishesNothing() throws IOException {
        Project project = Project.open(Tree.of(dir, "build.sbt", "scalaVersion := \"3.7.3\"\n",
                "project/plugins.sbt", "addSbtPlugin(\"org.xerial.sbt\" % \"sbt-sonatype\" % \"3.12.2\")\n"));
        assertEquals(List.of(), Scan.scan(project).components().get(0).publications());
        assertEquals(List.of("publication-without-a-task"), project.findings().stream().map(lib.scan.Finding::rule).toList());
    }

    @Test
    void projectsWithFoldersAreMembers() {
        ProjectFacts facts = scan("build.sbt", """
                lazy val root = (project in file(".")).aggregate(core, jsonJVM)
                lazy val core = project.settings(name := "core")
                lazy val json = crossProject(JVMPlatform, JSPlatform).in(file("modules/json")).dependsOn(core % "test->test")
                lazy val jsonJVM = json.jvm
                lazy val bench = project.dependsOn(core)
                """, "core/src/main/scala/A.scala", "", "modules/json/shared/src/main/scala/B.scala", "", "bench/src/main/scala/C.scala", "");
        assertEquals(List.of("core", "modules/json"), facts.packages());
        assertEquals(List.of("core"), facts.component("modules/json", "scala").orElseThrow().dependsOn());
        assertTrue(facts.component("bench", "scala").isPresent());
    }

    @Test
    void checksNeedTheirPluginAndTheirSettings() {
        String plugins = "addSbtPlugin(\"org.scalameta\" % \"sbt-scalafmt\" % \"2.5.6\")\naddSbtPlugin(\"com.typesafe\" % \"sbt-mima-plugin\" % \"1.1.4\")\n";
        assertEquals(List.of(), runs(scan("build.sbt", "", "project/plugins.sbt", plugins).components().get(0), CommandKind.LINT));
        assertEquals(List.of("sbt scalafmtCheckAll", "sbt mimaReportBinaryIssues"), runs(scan("build.sbt", "mimaPreviousArtifacts := Set()\n", ".scalafmt.conf", "version = 3\n")
                .components().get(0), CommandKind.LINT));
    }

    @Test
    void anAliasThatChecksIsTheProjectsOwnWord() {
        assertEquals(List.of("sbt validateFormat"), runs(scan("build.sbt", "addCommandAlias(\"ci\", \"; scalafmtCheckAll; test\")\naddCommandAlias(\"validateFormat\", \"scalafmtCheckAll\")\n")
                .components().get(0), CommandKind.LINT));
    }

    @Test
    void anOldSbtBoundsTheJdk() {
        assertEquals(">=8 <18", scan("build.sbt", "", "project/build.properties", "sbt.version = 1.5.8\n").components().get(0).runtime().range());
    }

    // --- Leiningen ---

    @Test
    void leinRunsTheAliasForAllVersions() {
        Component c = scan("project.clj", """
                (defproject acme/rates "1.0" ; a comment
                  :dependencies [[org.clojure/clojure "1.12.3"] #_[ignored "1"]]
                  :javac-options ["-target" "11" "-source" "11"]
                  :plugins [[dev.weavejester/lein-cljfmt "0.15.4"] [jonase/eastwood "1.4.3"]]
                  :aliases {"test-all" ["with-profile" "default:+1.11" "test"]})
                """, "src/a.clj", "", "test/a_test.clj", "").components().get(0);
        assertEquals("rates", c.name());
        assertEquals(List.of("lein test-all"), runs(c, CommandKind.TEST));
        assertEquals(List.of("lein cljfmt check"), runs(c, CommandKind.LINT));
        assertEquals(List.of("org.clojure:clojure"), List.copyOf(c.dependencies().keySet()));
        assertEquals(">=11", c.runtime().range());
        assertEquals("project.clj:5", c.proven(CommandKind.TEST).get(0).evidence().place());
    }

    @Test
    void leinWithoutTestsHasNoTestCommand() {
        Component c = scan("project.clj", "(defproject a \"1\" :main a.core)", "src/a/core.clj", "").components().get(0);
        assertEquals(List.of(), runs(c, CommandKind.TEST));
        assertEquals(List.of("lein uberjar"), runs(c, CommandKind.BUILD));
    }

    @Test
    void leinSubInstallsWhatSiblingsNeedInOrder() {
        ProjectFacts facts = scan("project.clj", "(defproject all \"1\" :plugins [[lein-sub \"0.3.0\"]] :sub [\"web\" \"core\"])",
                "core/project.clj", "(defproject acme/core \"1\" :dependencies [[acme/base \"1\"]])", "core/src/c.clj", "", "core/test/c_test.clj", "",
                "base/project.clj", "(defproject acme/base \"1\")", "base/src/b.clj", "",
                "web/project.clj", "(defproject acme/web \"1\" :dependencies [[acme/core \"1\"]])", "web/src/w.clj", "");
        Component root = facts.component(".", "clojure").orElseThrow();
        assertEquals(List.of("lein sub -s base:core install"), runs(root, CommandKind.INSTALL));
        assertEquals(List.of("lein sub test"), runs(root, CommandKind.TEST));
        assertEquals(List.of("base", "core", "web"), facts.packages());
        assertEquals(List.of("base"), facts.component("core", "clojure").orElseThrow().dependsOn());
        assertTrue(facts.component("core", "clojure").orElseThrow().commands().isEmpty());
    }

    // --- Clojure CLI ---

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            ":test {:exec-fn t/test} | clojure -X:test",
            ":test {:main-opts [\"-m\" \"t\"]} | clojure -M:test",
            ":test {:extra-paths [\"test\"]} :runner {:main-opts [\"-m\" \"t\"]} | clojure -M:test:runner",
            ":dev {:extra-paths [\"dev\"]} | ''"})
    void theTestAliasIsCalledAsItRuns(String aliases, String run) {
        Component c = scan("deps.edn", "{:paths [\"src\"] :aliases {" + aliases + "}}", "src/a.clj", "", "test/a_test.clj", "").components().get(0);
        assertEquals(run.isEmpty() ? List.of() : List.of(run), runs(c, CommandKind.TEST));
        assertEquals("deps", c.packageManager().id());
    }

    @Test
    void buildTasksAreCalledByTheirFunctions() {
        Component c = scan("deps.edn", "{:aliases {:build {:deps {io.github.clojure/tools.build {:git/tag \"v0.10\"}} :ns-default build}}}", "build.clj", "(ns build)\n(defn uber [_])\n",
                "src/a.clj", "").components().get(0);
        assertEquals(List.of("clojure -T:build uber"), runs(c, CommandKind.BUILD));
        assertTrue(c.dependencies().containsKey("io.github.clojure:tools.build"));
    }

    @Test
    void brokenFilesOfClojureAreServedAsFarAsTheyGo() {
        assertEquals(1, scan("project.clj", "(defproject a \"1\" :aliases {\"x\" [", "deps.edn", "{:aliases }}}} \"").components().size());
    }
}
