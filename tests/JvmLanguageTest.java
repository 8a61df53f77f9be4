import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Command.Confidence;
import lib.scan.Finding;
import lib.scan.Component.Output;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Component.Runtime;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import support.Tree;

class JvmLanguageTest {
    private static final String MVN_WRAPPER = ".mvn/wrapper/maven-wrapper.properties";
    private static final String GRADLE_WRAPPER = "gradle/wrapper/gradle-wrapper.properties";

    @TempDir
    Path dir;
    private Project project;

    private ProjectFacts scan(String... files) {
        try {
            project = Project.open(Tree.of(dir, files));
            return Scan.scan(project);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String pom(String inside) {
        return "<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version>" + inside + "</project>";
    }

    private static List<String> runs(Component c, CommandKind kind) {
        return c.proven(kind).stream().map(lib.scan.Command::run).toList();
    }

    private List<String> rules() {
        return project.findings().stream().map(Finding::rule).toList();
    }

    private Runtime mavenRuntime(String properties, String... more) {
        String[] files = new String[more.length + 2];
        files[0] = "pom.xml";
        files[1] = pom(properties);
        System.arraycopy(more, 0, files, 2, more.length);
        return scan(files).components().get(0).runtime();
    }

    private Runtime gradleRuntime(String version, String script, String... more) {
        String[] files = new String[more.length + 8];
        List<String> first = List.of("gradlew", "#!/bin/sh\n", GRADLE_WRAPPER, "distributionUrl=https\\://services.gradle.org/distributions/gradle-" + version + "-bin.zip\n",
                "gradle/wrapper/gradle-wrapper.jar", "", "build.gradle", script);
        for (int i = 0; i < 8; i++) {
            files[i] = first.get(i);
        }
        System.arraycopy(more, 0, files, 8, more.length);
        return scan(files).components().get(0).runtime();
    }

    // --- Maven ---

    @Test
    void mavenTestsOnceAndBuildsWithoutTests() {
        Component c = scan("pom.xml", pom(""), "src/main/java/A.java", "", "src/test/java/ATest.java", "").components().get(0);
        assertEquals("java", c.ecosystem());
        assertEquals(List.of("mvn -B -ntp verify"), runs(c, CommandKind.TEST));
        assertEquals(List.of("mvn -B -ntp -DskipTests package"), runs(c, CommandKind.BUILD));
        assertTrue(c.outputs().stream().anyMatch(o -> o.kind() == Output.Kind.JUNIT && o.path().equals("target/surefire-reports/TEST-*.xml")));
    }

    @Test
    void mavenWithoutTestsHasNoTestCommand() {
        Component c = scan("pom.xml", pom(""), "src/main/java/com/acme/test/A.java", "").components().get(0);
        assertEquals(List.of(), runs(c, CommandKind.TEST));
        assertEquals(List.of("mvn -B -ntp package"), runs(c, CommandKind.BUILD));
    }

    @Test
    void aWrapperNeedsItsPropertiesAndIsMadeExecutable() {
        Component half = scan("pom.xml", pom(""), "mvnw", "#!/bin/sh\n").components().get(0);
        assertEquals(List.of("mvn -B -ntp package"), runs(half, CommandKind.BUILD));
        Component whole = scan(MVN_WRAPPER, "distributionUrl=https://x/apache-maven-3.5.4-bin.zip\n").components().get(0);
        assertEquals(List.of("./mvnw -B package"), runs(whole, CommandKind.BUILD), "Maven before 3.6.1 doesn't know -ntp");
        assertEquals("3.5.4", whole.packageManager().version());
        assertEquals(List.of("chmod +x mvnw"), runs(whole, CommandKind.INSTALL));
        assertTrue(rules().contains("wrapper-not-executable"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "<properties><maven.compiler.release>17</maven.compiler.release></properties> | >=17",
            "<properties><maven.compiler.source>1.8</maven.compiler.source></properties> | >=8",
            "<properties><v>11</v><java.version>${v}</java.version></properties> | >=11",
            "<properties><maven.compiler.source>7</maven.compiler.source></properties> | >=7 <20",
            "<parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>3.5.8</version></parent> | >=17",
            "<properties><java.version>${nowhere}</java.version></properties> | ''"})
    void javaLevels(String inside, String range) {
        Runtime runtime = mavenRuntime(inside);
        assertEquals("", runtime.version());
        assertEquals(range, runtime.range());
    }

    @Test
    void theCompilersConfigurationIsALevel() {
        Runtime runtime = mavenRuntime("<properties><jdk>21</jdk></properties>\n<build><plugins><plugin>\n<artifactId>maven-compiler-plugin</artifactId>"
                + "<configuration>\n<release>${jdk}</release></configuration></plugin></plugins></build>");
        assertEquals(">=21", runtime.range());
        assertEquals("pom.xml:4", runtime.evidence().place());
    }

    @Test
    void theEnforcerBoundsTheJdk() {
        Runtime runtime = mavenRuntime("<properties><maven.compiler.release>8</maven.compiler.release></properties><build><plugins><plugin><artifactId>maven-enforcer-plugin</artifactId>"
                + "<executions><execution><configuration><rules><requireJavaVersion><version>[17,22)</version></requireJavaVersion></rules></configuration></execution></executions>"
                + "</plugin></plugins></build>");
        assertEquals(">=17 <22", runtime.range());
    }

    @ParameterizedTest
    @CsvSource({".java-version,temurin-21.0.5,21.0.5,.java-version", ".java-version,1.8,8,.java-version", ".sdkmanrc,java=17.0.13-tem,17.0.13,.sdkmanrc",
            ".sdkmanrc,java=22.3.r17-grl,17,.sdkmanrc", ".tool-versions,java corretto-11.0.24.8.1,11.0.24,.tool-versions", "mise.toml,tools.java = \"zulu-21\",21,''"})
    void versionFilesPin(String file, String content, String version, String readable) {
        Runtime runtime = mavenRuntime("<properties><maven.compiler.release>8</maven.compiler.release></properties>", file, content + "\n");
        assertEquals(version, runtime.version());
        assertEquals(readable, runtime.versionFile());
    }

    @Test
    void aPinBelowTheLevelIsAContradiction() {
        mavenRuntime("<properties><maven.compiler.release>21</maven.compiler.release></properties>", ".java-version", "17\n");
        assertTrue(rules().contains("jdk-contradiction"));
    }

    @Test
    void modulesAreMembersWithoutCommands() {
        ProjectFacts facts = scan("pom.xml", pom("<packaging>pom</packaging><modules><module>core</module><module>web/app</module></modules>"
                        + "<profiles><profile><id>x</id><modules><module>perf</module></modules></profile></profiles>"),
                "core/pom.xml", "<project><parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version></parent><artifactId>core</artifactId></project>",
                "core/src/test/java/CoreTest.java", "",
                "web/app/pom.xml", "<project><parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version><relativePath>../../pom.xml</relativePath></parent>"
                        + "<artifactId>app</artifactId><packaging>war</packaging><dependencies><dependency><groupId>g</groupId><artifactId>core</artifactId></dependency>"
                        + "<dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId></dependency></dependencies></project>",
                "perf/pom.xml", pom(""));
        assertEquals(List.of("core", "web/app"), facts.packages());
        assertTrue(facts.monorepo());
        Component root = facts.component(".", "java").orElseThrow();
        Component app = facts.component("web/app", "java").orElseThrow();
        assertTrue(root.workspace().oneUnit());
        assertEquals(List.of("mvn -B -ntp verify"), runs(root, CommandKind.TEST));
        assertTrue(app.commands().isEmpty());
        assertEquals(List.of("core"), app.dependsOn());
        assertEquals(List.of("org.postgresql:postgresql"), List.copyOf(app.dependencies().keySet()));
        assertTrue(root.outputs().stream().anyMatch(o -> o.path().equals("**/target/*.war")));
    }

    @Test
    void whatVerifyRunsIsNoLintCommand() {
        String plugin = "<plugin><artifactId>spotless-maven-plugin</artifactId>%s</plugin>";
        String bound = plugin.formatted("<executions><execution><goals><goal>check</goal></goals></execution></executions>");
        String apply = plugin.formatted("<executions><execution><goals><goal>apply</goal></goals></execution></executions>");
        assertEquals(List.of("mvn -B -ntp spotless:check"), lint("<build><plugins>" + plugin.formatted("") + "</plugins></build>"));
        assertEquals(List.of(), lint("<build><plugins>" + bound + "</plugins></build>"));
        assertEquals(List.of(), lint("<build><plugins>" + apply + "</plugins></build>"));
        assertEquals(List.of(), lint("<build><pluginManagement><plugins>" + plugin.formatted("") + "</plugins></pluginManagement></build>"));
        assertEquals(List.of(), lint("<build><plugins>" + plugin.formatted("") + "</plugins><pluginManagement><plugins>" + bound + "</plugins></pluginManagement></build>"));
    }

    private List<String> lint(String inside) {
        return runs(scan("pom.xml", pom(inside)).components().get(0), CommandKind.LINT);
    }

    @Test
    void theProjectsOwnTargetComesFirst() {
        Component c = scan("pom.xml", pom(""), "src/test/java/ATest.java", "", "Makefile", "lint:\n\tmvn -B checkstyle:check\n\ntest:\n\tmvn -q test\n").components().get(0);
        assertEquals(List.of("make lint"), runs(c, CommandKind.LINT));
        assertEquals(List.of("make test"), runs(c, CommandKind.TEST));
    }

    @Test
    void aParentCycleAndABrokenPomEndInFindings() {
        ProjectFacts facts = scan("pom.xml", pom("<parent><artifactId>a</artifactId><relativePath>pom.xml</relativePath></parent><modules><module>.</module><module>x</module></modules>"),
                "x/pom.xml", "<project><artifactId>");
        assertEquals(1, facts.components().size());
        assertTrue(rules().contains("broken-manifest"));
    }

    @Test
    void pomsOfTestsAndArchetypesAreNoComponents() {
        ProjectFacts facts = scan("pom.xml", pom(""), "src/main/resources/archetype-resources/pom.xml", pom(""), "src/it/one/pom.xml", pom(""), "examples/x/pom.xml", pom(""));
        assertEquals(List.of("."), facts.packages());
    }

    // --- Kotlin ---

    @Test
    void theSourcesDecideTheLanguage() {
        assertEquals("kotlin", scan("pom.xml", pom(""), "src/main/kotlin/A.kt", "", "src/main/kotlin/B.kt", "", "src/main/java/C.java", "").components().get(0).ecosystem());
        assertEquals("kotlin", scan("src/main/java/D.java", "", "src/test/kotlin/DTest.kt", "").components().get(0).ecosystem(), "tests decide ties");
    }

    @Test
    void kotlinScriptsMakeNoKotlinProject() {
        assertEquals("java", scan("build.gradle.kts", "plugins { java }\n", "settings.gradle.kts", "", "src/main/java/A.java", "").components().get(0).ecosystem());
    }

    // --- Gradle ---

    @Test
    void anOldGradleDoesNotRunOnANewJdk() {
        assertEquals(">=11 <18", gradleRuntime("7.4", "sourceCompatibility = '11'\ntargetCompatibility = '11'\n").range());
        assertEquals(">=17 <26", gradleRuntime("9.2.1", "java { sourceCompatibility = JavaVersion.VERSION_1_8 }\n").range());
    }

    @ParameterizedTest
    @CsvSource({"7.3,18", "7.6.4,20", "8.5,22", "8.7,22", "8.8,23", "8.10.2,24", "8.14,25", "9.0.0,25", "9.1.0,26", "9.4,27"})
    void theNewestJdkOfGradle(String version, int below) {
        assertTrue(gradleRuntime(version, "").range().endsWith(" <" + below), version);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "java { toolchain { languageVersion = JavaLanguageVersion.of(21) } } | 21",
            "kotlin { jvmToolchain(17) } | 17",
            "def v = '17'\\njava.toolchain.languageVersion = JavaLanguageVersion.of(v) | 17",
            "java.toolchain.languageVersion = JavaLanguageVersion.of(libs.versions.java.get()) | 21",
            "java.toolchain.languageVersion = JavaLanguageVersion.of(providers.gradleProperty('jdk').get()) | 17",
            "// JavaLanguageVersion.of(8)\\n/* jvmToolchain(8) */ java { toolchain { languageVersion.set(JavaLanguageVersion.of(17)) } } | 17"})
    void aToolchainIsTheJdkToInstall(String script, String version) {
        Runtime runtime = gradleRuntime("8.10", script.replace("\\n", "\n"), "gradle/libs.versions.toml", "[versions]\njava = \"21\"\n", "gradle.properties", "jdk=17\n");
        assertEquals(version, runtime.version());
    }

    @Test
    void aToolchainThatGradleCannotRunOnIsLeftToGradle() {
        Runtime runtime = gradleRuntime("9.1.0", "java { toolchain { languageVersion = JavaLanguageVersion.of(8) } }");
        assertEquals("", runtime.version());
        assertEquals(">=17 <26", runtime.range());
        assertTrue(rules().contains("gradle-toolchain"));
    }

    @Test
    void aQuestionAboutTheRunningJdkIsNoLevel() {
        assertEquals(">=8 <25", gradleRuntime("8.14", "if (JavaVersion.current() >= JavaVersion.VERSION_21) { println 'new' }\n").range());
    }

    @Test
    void aWrapperWithoutItsJarIsNotUsed() {
        Component c = scan("gradlew", "", GRADLE_WRAPPER, "distributionUrl=https://x/gradle-8.14-bin.zip\n", "build.gradle", "plugins { id 'java' }\n", "src/test/java/ATest.java", "").components().get(0);
        assertEquals(List.of("gradle test"), runs(c, CommandKind.TEST));
        assertTrue(rules().contains("wrapper-incomplete"));
    }

    @Test
    void includedProjectsAreMembers() {
        ProjectFacts facts = scan("settings.gradle.kts", "rootProject.name = \"shop\"\ninclude(\":core:data-store\", \":app\")\ninclude(\"gone\")\n",
                "core/data-store/build.gradle.kts", "plugins { `java-library` }\n", "core/data-store/src/main/java/A.java", "",
                "app/build.gradle.kts", "dependencies {\n implementation(projects.core.dataStore)\n testImplementation(libs.bundles.db)\n implementation(\"a.b:c:1\")\n}\n",
                "gradle/libs.versions.toml", "[libraries]\npg = { module = \"org.postgresql:postgresql\", version = \"42\" }\n[bundles]\ndb = [\"pg\"]\n",
                "buildSrc/build.gradle.kts", "");
        assertEquals(List.of("app", "core/data-store"), facts.packages());
        Component app = facts.components().stream().filter(c -> c.path().equals("app")).findFirst().orElseThrow();
        assertEquals(List.of("core/data-store"), app.dependsOn());
        assertEquals(List.of("org.postgresql:postgresql", "a.b:c"), app.dependencies().keySet().stream().sorted(java.util.Comparator.reverseOrder()).toList());
        assertEquals("shop", facts.component(".", "java").orElseThrow().name());
    }

    @Test
    void movedProjectsAreFound() {
        ProjectFacts facts = scan("settings.gradle", "include ':a', ':b'\nproject(':b').projectDir = file('tools/b')\n", "a/build.gradle", "", "tools/b/build.gradle", "");
        assertEquals(List.of("a", "tools/b"), facts.packages());
    }

    @Test
    void otherTestSuitesHangOnCheck() {
        Component c = scan("build.gradle", "plugins { id 'java' }\n", "src/test/java/ATest.java", "", "src/integrationTest/java/BTest.java", "").components().get(0);
        assertEquals(List.of("gradle check"), runs(c, CommandKind.TEST));
    }

    @Test
    void appliedCheckersAreLintCommandsAndDeclaredOnesAreNot() {
        Component c = scan("build.gradle", "plugins {\n id 'java'\n id 'com.diffplug.spotless' version '7.0.0'\n id 'checkstyle'\n id 'org.jlleitschuh.gradle.ktlint' version '13.1.0' apply false\n}\n"
                + "spotless { java { googleJavaFormat() } }\n").components().get(0);
        assertEquals(List.of("gradle spotlessCheck"), runs(c, CommandKind.LINT));
        assertTrue(c.commands(CommandKind.LINT).stream().anyMatch(l -> l.run().contains("checkstyleMain") && l.confidence() == Confidence.GUESS), "it has no rules of its own");
    }

    @Test
    void anAndroidAppIsBuiltByVariants() {
        Component c = scan("settings.gradle", "include ':app'\n", "app/build.gradle", "plugins { id 'com.android.application' version '8.7.0' }\nandroid { compileOptions { sourceCompatibility JavaVersion.VERSION_11 } }\n",
                "app/src/main/AndroidManifest.xml", "<manifest><action android:name=\"android.intent.action.MAIN\"/></manifest>", "app/src/main/java/A.kt", "", "app/src/test/java/ATest.kt", "").components().get(0);
        assertEquals(List.of("gradle testDebugUnitTest"), runs(c, CommandKind.TEST));
        assertEquals(List.of("gradle assembleDebug"), runs(c, CommandKind.BUILD));
        assertEquals(">=17", c.runtime().range(), "the Android plugin 8 needs 17");
        assertTrue(rules().contains("android-sdk"));
    }

    @Test
    void theAndroidFolderOfAFlutterAppIsNotABuildOfItsOwn() {
        assertTrue(scan("pubspec.yaml", "name: x\n", "android/settings.gradle", "include ':app'\n", "android/app/build.gradle", "").components().stream().noneMatch(c -> c.ecosystem().equals("java")));
    }

    // --- both ---

    @Test
    void ofTwoBuildsTheOneWithAWrapperIsTaken() {
        ProjectFacts facts = scan("pom.xml", pom(""), "src/main/java/A.java", "", "build.gradle", "plugins { id 'java' }\n", "gradlew", "",
                GRADLE_WRAPPER, "distributionUrl=https://x/gradle-8.14-bin.zip\n", "gradle/wrapper/gradle-wrapper.jar", "");
        assertEquals(List.of("gradle"), facts.components().stream().map(c -> c.packageManager().id()).toList());
        assertTrue(rules().contains("two-build-tools"));
        facts = scan("mvnw", "", MVN_WRAPPER, "distributionUrl=https://x/apache-maven-3.9.9-bin.zip\n");
        assertEquals(List.of("maven", "gradle"), facts.components().stream().map(c -> c.packageManager().id()).toList());
        assertFalse(facts.monorepo());
    }
}
