import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import support.JBangJar;
import support.Machine;
import support.Machine.Result;

/**
 * The launcher as a real process, on a machine made of folders. Nothing is fetched from outside: the jar comes from a cache of this
 * user, or once through the launcher itself.
 */
class LauncherTest {
    private static final String SAYS_VERSION = JBangJar.VERSION + "\n";

    @TempDir Path temp;
    private Machine machine;

    @BeforeEach
    void setUp() throws Exception {
        machine = new Machine(temp);
    }

    // --- running a script ---

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "sh"})
    void runsAScriptFromAnyFolderWithItsArgumentsAndExitCode(String shell) throws Exception {
        assumeTrue(Machine.find(shell) != null, shell + " is not installed");
        machine.warmCache();
        Path elsewhere = Files.createDirectories(temp.resolve("some where"));
        Files.writeString(elsewhere.resolve("my script.java"), """
                class my_script {
                    public static void main(String[] args) throws Exception {
                        System.out.println(String.join("|", args) + new String(System.in.readAllBytes()));
                        System.exit(7);
                    }
                }
                """);
        Result result = machine.run(elsewhere, "from stdin", Machine.find(shell).toString(), machine.checkout.resolve("jbang").toString(),
                "my script.java", "a b", "it's", "$HOME", "*", "\"", "\\", "two\nlines");
        assertEquals("a b|it's|$HOME|*|\"|\\|two\nlinesfrom stdin\n", result.out());
        assertEquals(7, result.code(), result.err());
    }

    @Test
    void printsWhatJBangItselfSays() throws Exception {
        machine.warmCache();
        assertEquals(SAYS_VERSION, machine.launch("version").out());
        Result unknown = machine.launch("no-such-script.java");
        assertEquals(2, unknown.code());
        assertTrue(unknown.err().contains("no-such-script.java"), unknown.err());
    }

    @Test
    void worksThroughASymbolicLinkAndFromThePath() throws Exception {
        machine.warmCache();
        Files.createSymbolicLink(machine.bin.resolve("jbang"), machine.checkout.resolve("jbang"));
        Result result = machine.run(machine.home, "", Machine.find("sh").toString(), "-c", "jbang version");
        assertEquals(SAYS_VERSION, result.out(), result.err());
    }

    // --- which jbang ---

    @Test
    void prefersAnInstalledJBang() throws Exception {
        machine.command("jbang", "echo \"installed: $*\"; exit 5");
        Result result = machine.launch("x.java", "a b");
        assertEquals("installed: x.java a b\n", result.out());
        assertEquals(5, result.code());
    }

    @Test
    void doesNotTakeItselfOrItsCopyInAnotherCheckoutForAnInstalledJBang() throws Exception {
        machine.warmCache();
        Path other = Files.createDirectories(temp.resolve("other checkout"));
        Files.copy(machine.checkout.resolve("jbang"), other.resolve("jbang"), StandardCopyOption.COPY_ATTRIBUTES);
        machine.environment.put("PATH", machine.checkout + ":" + other + ":" + machine.bin);
        assertEquals(SAYS_VERSION, machine.launch("version").out());
    }

    @Test
    void anInstalledJBangBehindTheLauncherOnThePathIsFound() throws Exception {
        machine.command("jbang", "echo installed");
        machine.environment.put("PATH", machine.checkout + ":" + machine.bin);
        assertEquals("installed\n", machine.launch("version").out());
    }

    // --- Java ---

    @Test
    void withoutJavaItSaysSoInOneLine() throws Exception {
        machine.environment.remove("JAVA_HOME");
        assertFailure(machine.launch("version"), "error: no JDK found, neither by JAVA_HOME nor on the PATH: "
                + "install a JDK 17 or newer (a runtime without javac is not enough)\n");
    }

    @Test
    void aRuntimeWithoutACompilerIsNotEnough() throws Exception {
        machine.environment.remove("JAVA_HOME");
        machine.install("java");
        assertTrue(machine.launch("version").err().startsWith("error: no JDK found"));
    }

    @Test
    void aWrongJavaHomeIsReplacedByTheJavaOnThePath() throws Exception {
        machine.warmCache();
        machine.install("java", "javac");
        machine.environment.put("JAVA_HOME", "/no such place");
        Result result = machine.launch("version");
        assertEquals(SAYS_VERSION, result.out());
        assertEquals("warning: JAVA_HOME has no JDK: /no such place; using " + machine.bin.resolve("java") + "\n", result.err());
    }

    // --- where the jar comes from ---

    @Test
    void aWarmCacheNeedsNothingElse() throws Exception {
        machine.warmCache();
        machine.environment.put("JBANG_LAUNCHER_URL", "file:///gone");
        Result result = machine.launch("version");
        assertEquals(SAYS_VERSION, result.out());
        assertEquals("", result.err());
    }

    @Test
    void takesTheUrlOfTheEnvironmentWhetherFileUrlOrPath() throws Exception {
        Path folder = temp.resolve("a folder");
        JBangJar.copyTo(folder.resolve("it.jar"));
        for (String url : List.of(folder.toUri() + "it.jar", folder + "/it.jar")) {
            machine.environment.put("JBANG_LAUNCHER_URL", url);
            machine.environment.put("XDG_CACHE_HOME", Files.createTempDirectory(temp, "cache").toString());
            assertEquals(SAYS_VERSION, machine.launch("version").out(), url);
            assertTrue(Files.exists(Path.of(machine.environment.get("XDG_CACHE_HOME"), "devops-toolkit/jbang", JBangJar.NAME)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256sum", "java"})
    void refusesAJarWithAnotherChecksum(String by) throws Exception {
        if (by.equals("java")) {
            Files.delete(machine.bin.resolve("sha256sum"));
        }
        Path other = Files.writeString(temp.resolve("other.jar"), "not JBang");
        machine.environment.put("JBANG_LAUNCHER_URL", other.toUri().toString());
        Result result = machine.launch("version");
        assertFailure(result, "error: the SHA-256 of what came from " + other.toUri() + " is " + sha256(other) + ", not ");
        assertEquals(List.of(), machine.cached());
    }

    @Test
    void aUrlThatCannotBeFetchedIsNamed() throws Exception {
        machine.environment.put("JBANG_LAUNCHER_URL", "file:///no/such.jar");
        Result result = machine.launch("version");
        assertEquals(3, result.code());
        String error = "error: cannot fetch file:///no/such.jar\nhint: it is the value of JBANG_LAUNCHER_URL\n";
        assertTrue(result.err().endsWith(error), result.err());
        assertEquals(List.of(), machine.cached());
    }

    @Test
    void takesTheCopyInTheLocalMavenRepository() throws Exception {
        JBangJar.copyTo(machine.home.resolve(".m2/repository").resolve(JBangJar.IN_REPOSITORY));
        assertEquals(SAYS_VERSION, machine.launch("version").out());
    }

    @Test
    void takesTheLocalMavenRepositoryThatTheSettingsName() throws Exception {
        JBangJar.copyTo(temp.resolve("my repository").resolve(JBangJar.IN_REPOSITORY));
        machine.mavenSettings("<localRepository>" + temp.resolve("my repository") + "</localRepository>");
        assertEquals(SAYS_VERSION, machine.launch("version").out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"curl", "wget", "java"})
    void fetchesFromTheMirrorOfTheMavenSettings(String client) throws Exception {
        if (!client.equals("java")) {
            assumeTrue(Machine.find(client) != null, client + " is not installed");
            machine.install(client);
        }
        try (JBangJar.Repository mirror = new JBangJar.Repository(true)) {
            machine.mavenSettings("""
                    <!-- <mirrors><mirror><mirrorOf>*</mirrorOf><url>http://commented.invalid/</url></mirror></mirrors> -->
                    <mirrors>
                      <mirror><id>other</id><mirrorOf>*,!central</mirrorOf><url>http://not-central.invalid/</url></mirror>
                      <mirror>
                        <id>ours</id>
                        <url>
                          %s/
                        </url>
                        <mirrorOf>external:*, !internal</mirrorOf>
                      </mirror>
                    </mirrors>
                    """.formatted(mirror.url()));
            Result result = machine.launch("version");
            assertEquals(SAYS_VERSION, result.out(), result.err());
            assertEquals("Fetching JBang " + JBangJar.VERSION + ", once ...\n", result.err());
            assertEquals(List.of("/maven/" + JBangJar.IN_REPOSITORY), mirror.asked());
            assertEquals(List.of(JBangJar.NAME), machine.cached());
        }
    }

    @Test
    void aMirrorWithoutTheJarIsNamed() throws Exception {
        try (JBangJar.Repository empty = new JBangJar.Repository(false)) {
            machine.mavenSettings("<mirror><mirrorOf>*</mirrorOf><url>" + empty.url() + "</url></mirror>");
            Result result = machine.launch("version");
            assertEquals(3, result.code());
            String error = "error: cannot fetch " + empty.url() + "/" + JBangJar.IN_REPOSITORY + "\nhint: ";
            assertTrue(result.err().contains(error), result.err());
            assertEquals(List.of(), machine.cached());
        }
    }

    @Test
    void firstRunsAtTheSameTimeDoNotDisturbEachOther() throws Exception {
        machine.environment.put("JBANG_LAUNCHER_URL", JBangJar.get().toString());
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(machine.builder(machine.home, machine.checkout.resolve("jbang").toString(), "version").start());
        }
        for (Process process : processes) {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(SAYS_VERSION, new String(process.getInputStream().readAllBytes()));
        }
        assertEquals(List.of(JBangJar.NAME), machine.cached());
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws Exception {
        machine.environment.put("XDG_CACHE_HOME", Files.writeString(temp.resolve("file"), "").toString());
        Result result = machine.launch("version");
        assertEquals(3, result.code());
        assertTrue(result.err().contains("error: cannot write the cache folder " + temp.resolve("file")), result.err());
    }

    private static void assertFailure(Result result, String error) {
        assertAll(
                () -> assertEquals(3, result.code()),
                () -> assertEquals("", result.out()),
                () -> assertTrue(result.err().startsWith(error), result.err()));
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
