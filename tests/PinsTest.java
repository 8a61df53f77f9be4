import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.plan.Pins;
import lib.plan.Pins.Pin;
import lib.plan.Pins.ToolPin;
import lib.plan.Versions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PinsTest {
    private static final String SHA = "0123456789abcdef0123456789abcdef01234567";
    private final Pins shipped = Pins.shipped();

    @TempDir
    Path folder;

    @Test
    void everyActionIsPinnedToAFullCommitWithItsVersion() {
        Set<String> shas = new HashSet<>();
        for (String name : shipped.names("actions")) {
            Pin pin = shipped.action(name).orElseThrow();
            assertTrue(pin.sha().matches("[0-9a-f]{40}"), name);
            assertTrue(pin.version().matches("v?\\d+\\.\\d+\\.\\d+"), name + " " + pin.version());
            assertTrue(shas.add(pin.sha()), name + " has the commit of another action");
        }
        assertTrue(shas.size() > 60);
        assertTrue(LocalDate.of(2026, 8, 1).isBefore(shipped.asOf()));
    }

    @Test
    void namesAreSortedAndThereOnce() {
        for (String section : List.of("actions", "orbs", "tools")) {
            List<String> names = shipped.names(section);
            assertEquals(names.stream().sorted(String.CASE_INSENSITIVE_ORDER).toList(), names, section);
            assertEquals(names.size(), names.stream().map(String::toLowerCase).distinct().count(), section);
        }
    }

    @Test
    void everyOrbIsExact() {
        for (String name : shipped.names("orbs")) {
            assertTrue(shipped.orb(name).orElseThrow().matches("\\d+\\.\\d+\\.\\d+"), name);
        }
    }

    @Test
    void everyToolCanBeHad() {
        for (String name : shipped.names("tools")) {
            ToolPin tool = shipped.tool(name).orElseThrow();
            assertTrue(tool.version().matches("\\d+(\\.\\d+)+"), name + " " + tool.version());
            assertEquals(tool.url().isEmpty(), tool.sha256().isEmpty(), name + ": a download is checked");
            assertTrue(tool.sha256().matches("([0-9a-f]{64})?"), name);
            assertFalse(tool.url().contains("{"), tool.url());
            String line = tool.version().substring(0, tool.version().lastIndexOf('.'));
            assertTrue(tool.url().isEmpty() || tool.url().contains(tool.version()), name);
            assertTrue(tool.image().isEmpty() || tool.image().contains(line), name + ": the image " + tool.image() + " is of another version");
            boolean byAction = List.of("clojure", "leiningen", "pnpm", "corepack", "npm").contains(name);
            assertTrue(byAction || !tool.image().isEmpty() || !tool.url().isEmpty() || !tool.packages().isEmpty(), name);
        }
        assertEquals("https://github.com/sigstore/cosign/releases/download/v3.1.2/cosign-linux-amd64", shipped.tool("cosign").orElseThrow().url());
        assertEquals("golang.org/x/vuln/cmd/govulncheck", shipped.tool("govulncheck").orElseThrow().packages().get("go"));
    }

    @Test
    void theImageWithUvHasThePinnedUv() {
        String image = Versions.shipped().runtime("python").orElseThrow().toolImage("uv", "3.13").orElseThrow();
        assertEquals("ghcr.io/astral-sh/uv:" + shipped.tool("uv").orElseThrow().version() + "-python3.13-trixie", image);
    }

    @Test
    void anActionInAFolderHasThePinOfItsRepository() {
        Pin init = shipped.action("github/codeql-action/init").orElseThrow();
        assertEquals("github/codeql-action/init@" + shipped.action("github/codeql-action").orElseThrow().sha(), init.uses());
        assertEquals(Optional.empty(), shipped.action("nobody/nothing"));
        assertEquals(Optional.empty(), shipped.action("actions"));
        assertEquals(Optional.empty(), shipped.orb("circleci/nothing"));
        assertEquals(Optional.empty(), shipped.tool("nothing"));
    }

    @Test
    void aUsersPinsWinAndTheShippedFillIn() throws IOException {
        Pins pins = pins("""
                asOf: 2027-01-02
                actions:
                  actions/checkout: {version: v9.9.9, sha: %s}
                  my-org/deploy: {version: v1, sha: %s}
                  Docker/Login-Action: {version: v2, sha: %s}
                tools:
                  trivy: {version: 1.2.3, image: "registry.example.com:5000/trivy:1.2.3"}
                """.formatted(SHA, SHA, SHA));
        assertEquals(LocalDate.of(2027, 1, 2), pins.asOf());
        assertEquals("docker/login-action@" + SHA, pins.action("docker/login-action").orElseThrow().uses());
        assertEquals("actions/checkout@" + SHA, pins.action("actions/checkout").orElseThrow().uses());
        assertEquals("v1", pins.action("my-org/deploy/prod").orElseThrow().version());
        assertEquals(shipped.action("actions/setup-node"), pins.action("actions/setup-node"));
        assertEquals(shipped.orb("circleci/node"), pins.orb("circleci/node"));
        assertEquals("1.2.3", pins.tool("trivy").orElseThrow().version());
        assertTrue(pins.names("actions").contains("my-org/deploy"));
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = ';', value = {
        "3; 'actions: {actions/checkout: {version: v1, sha: 3d3c42e}}'; sha is not a full commit",
        "3; 'actions: {actions/checkout: {sha: 0123456789abcdef0123456789abcdef01234567}}'; version is missing",
        "3; 'actions: {checkout: {version: v1, sha: 0123456789abcdef0123456789abcdef01234567}}'; named owner/repository",
        "3; 'actions: {a/b: {version: \"v1 # x\", sha: 0123456789abcdef0123456789abcdef01234567}}'; version is missing or is no tag",
        "3; 'orbs: {circleci/node: volatile}'; version is x.y.z",
        "3; 'orbs: {circleci/node: \"5\"}'; version is x.y.z",
        "3; 'tools: {trivy: {image: \"aquasec/trivy:1\"}}'; version is missing",
        "3; 'tools: {trivy: {version: v1.0}}'; not like 1.2.3",
        "3; 'tools: {trivy: {version: 1.0, image: \"aquasec/trivy:latest\"}}'; the tag latest",
        "3; 'tools: {trivy: {version: 1.0, image: aquasec/trivy}}'; no tag",
        "3; 'tools: {trivy: {version: 1.0, url: \"https://example.com/trivy\"}}'; a url needs a sha256",
        "3; 'tools: {trivy: {version: 1.0, url: \"http://example.com/trivy\", sha256: abc}}'; not an https address",
        "3; 'action: {}'; only asOf",
        "3; 'actions: [1]'; not a map",
        "4; 'actions: {'; ''"
    })
    void saysWhereAUsersFileIsBroken(int line, String text, String reason) {
        Failure failure = assertThrows(Failure.class, () -> pins("# ours\nasOf: 2027-01-02\n" + text + "\n"));
        assertEquals(Exit.CANNOT_PROCEED, failure.exit);
        assertTrue(failure.getMessage().startsWith("broken pins in my/pins.yaml:" + line + ": "), failure.getMessage());
        assertTrue(failure.getMessage().contains(reason), failure.getMessage());
        assertFalse(failure.hint.isEmpty());
    }

    @Test
    void refusesWhatIsNoPinsFile() {
        assertBroken("", "the file is empty");
        assertBroken("just text\n", "it is not a map");
        assertBroken("actions: {}\n", "asOf is not a day");
        assertBroken("asOf: yesterday\n", "my/pins.yaml:1: asOf is not a day");
        assertBroken("asOf: 2027-01-02\n---\nasOf: 2027-01-03\n", "more than one document");
    }

    @Test
    void refusesAnActionThatIsNamedTwice() {
        assertBroken("""
                asOf: 2027-01-02
                actions:
                  actions/checkout: {version: v1, sha: %s}
                  "actions/checkout": {version: v2, sha: %s}
                """.formatted(SHA, SHA), "my/pins.yaml:4: actions/checkout is named twice; first in line 3");
    }

    @Test
    void saysWhenThereIsNoSuchFile() {
        Failure none = assertThrows(Failure.class, () -> Pins.of(folder.resolve("none.yaml"), "none.yaml"));
        assertEquals("cannot read the pins in none.yaml: no such file", none.getMessage());
        Failure directory = assertThrows(Failure.class, () -> Pins.of(folder, "."));
        assertEquals("cannot read the pins in .: it is a folder", directory.getMessage());
    }

    @Test
    void saysWhenAFileIsNotText() throws IOException {
        Path binary = Files.write(folder.resolve("pins.yaml"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1});
        assertTrue(assertThrows(Failure.class, () -> Pins.of(binary, "pins.yaml")).getMessage().contains("not a readable text file"));
    }

    private void assertBroken(String text, String reason) {
        Failure failure = assertThrows(Failure.class, () -> pins(text));
        assertTrue(failure.getMessage().contains(reason), failure.getMessage());
    }

    private Pins pins(String text) throws IOException {
        return Pins.of(Files.writeString(folder.resolve("pins.yaml"), text), "my/pins.yaml");
    }
}
