import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Command;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Command.Confidence;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Component.Publication;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class RustLanguageTest {
    private static final String CRATE = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
    private static final String TESTED = "#[test]\nfn t() {}\n";

    @TempDir
    Path dir;
    private Project project;

    private ProjectFacts scan(String... pathAndContent) throws IOException {
        project = Project.open(Tree.of(dir, pathAndContent));
        return Scan.scan(project);
    }

    private Component root(String... pathAndContent) throws IOException {
        return scan(pathAndContent).component(".", "rust").orElseThrow();
    }

    private static List<String> runs(Component c, CommandKind kind) {
        return c.proven(kind).stream().map(Command::run).toList();
    }

    private static String member(String name, String more) {
        return "[package]\nname = \"" + name + "\"\nversion = \"0.1.0\"\n" + more;
    }

    @Test
    void aCrateAloneNeedsNoScope() throws IOException {
        Component c = root("Cargo.toml", CRATE, "src/lib.rs", TESTED);
        assertEquals(List.of("cargo test"), runs(c, CommandKind.TEST));
        assertEquals(List.of("cargo build"), runs(c, CommandKind.BUILD));
        assertEquals(List.of("Cargo.toml"), c.packageManager().lockFiles());
    }

    @Test
    void aLockFileIsKeptTo() throws IOException {
        Component c = root("Cargo.toml", CRATE, "Cargo.lock", "version = 4\n", "src/main.rs", TESTED);
        assertEquals(List.of("cargo test --locked"), runs(c, CommandKind.TEST));
        assertEquals(List.of("cargo build --release --locked"), runs(c, CommandKind.BUILD));
        assertEquals("target/release/a", c.outputs().get(0).path());
    }

    @Test
    void withoutATestThereIsNoTestCommand() throws IOException {
        assertEquals(List.of(), runs(root("Cargo.toml", CRATE, "src/lib.rs", "pub fn f() {}\n"), CommandKind.TEST));
    }

    @Test
    void aVirtualRootHasTheCommandsAndIsNoPackage() throws IOException {
        ProjectFacts facts = scan("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/old\"]\n", "crates/a/Cargo.toml", CRATE,
                "crates/a/src/lib.rs", TESTED, "crates/b/Cargo.toml", member("b", "[dependencies]\na = { path = \"../a\" }\n"), "crates/b/src/lib.rs", "",
                "crates/old/Cargo.toml", member("old", "[workspace]\n"), "crates/old/src/lib.rs", "");
        assertEquals(List.of("crates/a", "crates/b", "crates/old"), facts.packages());
        Component root = facts.component(".", "rust").orElseThrow();
        assertEquals(List.of("cargo test --workspace"), runs(root, CommandKind.TEST));
        Component b = facts.component("crates/b", "rust").orElseThrow();
        assertTrue(b.commands().isEmpty());
        assertTrue(b.workspace().oneUnit());
        assertEquals(List.of("crates/a"), b.dependsOn());
    }

    @Test
    void pathDependenciesBelowTheRootAreMembers() throws IOException {
        ProjectFacts facts = scan("Cargo.toml", CRATE + "[workspace]\n[dependencies]\nb = { path = \"lib/b\" }\n", "src/lib.rs", "", "lib/b/Cargo.toml", member("b", ""),
                "lib/b/src/lib.rs", "");
        assertEquals(List.of(".", "lib/b"), facts.packages());
        assertEquals(".", facts.component("lib/b", "rust").orElseThrow().workspace().root());
    }

    @Test
    void defaultMembersLimitTheScope() throws IOException {
        Component c = root("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\ndefault-members = [\"a\"]\n", "a/Cargo.toml", CRATE, "a/src/lib.rs", TESTED,
                "b/Cargo.toml", member("b", ""), "b/src/lib.rs", "");
        assertEquals(List.of("cargo test"), runs(c, CommandKind.TEST));
    }

    @Test
    void aMemberThatIsNotThereIsAFinding() throws IOException {
        scan("Cargo.toml", "[workspace]\nmembers = [\"a\", \"gone\"]\n", "a/Cargo.toml", CRATE, "a/src/lib.rs", "");
        assertTrue(project.findings().stream().anyMatch(f -> f.rule().equals("missing-member")));
    }

    @Test
    void theLeastVersionIsARangeAndIsInherited() throws IOException {
        ProjectFacts facts = scan("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nrust-version = \"1.80\"\n", "a/Cargo.toml",
                CRATE + "rust-version.workspace = true\n", "a/src/lib.rs", "");
        assertEquals(">=1.80", facts.component("a", "rust").orElseThrow().runtime().range());
        assertEquals(">=1.80", facts.component(".", "rust").orElseThrow().runtime().range());
        assertEquals("Cargo.toml:4", facts.component("a", "rust").orElseThrow().runtime().evidence().place());
    }

    @Test
    void theToolchainFileIsThePin() throws IOException {
        Component c = root("Cargo.toml", CRATE + "rust-version = \"1.70\"\n", "src/lib.rs", "", "rust-toolchain.toml",
                "[toolchain]\nchannel = \"1.85.0\"\ncomponents = [\"clippy\"]\n");
        assertEquals("1.85.0", c.runtime().version());
        assertEquals(">=1.70", c.runtime().range());
        assertEquals(List.of("cargo clippy --all-targets -- -D warnings"), runs(c, CommandKind.LINT));
    }

    @Test
    void stableIsNoPin() throws IOException {
        assertEquals("", root("Cargo.toml", CRATE, "src/lib.rs", "", "rust-toolchain", "stable\n").runtime().version());
    }

    @Test
    void clippyAndRustfmtNeedEvidence() throws IOException {
        Component c = root("Cargo.toml", CRATE, "src/lib.rs", "");
        assertEquals(List.of(), c.commands(CommandKind.LINT));
        assertEquals(Confidence.GUESS, c.commands(CommandKind.FORMAT).get(0).confidence());
        Component shown = root("src/lib.rs", "#![warn(clippy::pedantic)]\n", "rustfmt.toml", "max_width = 100\n");
        assertEquals(List.of("cargo clippy --all-targets -- -D warnings"), runs(shown, CommandKind.LINT));
        assertEquals(List.of("cargo fmt --all --check"), runs(shown, CommandKind.FORMAT));
    }

    @Test
    void optionsThatOnlyNightlyKnowsKeepTheFormatFromBeingChecked() throws IOException {
        Component c = root("Cargo.toml", CRATE, "src/lib.rs", "", "rustfmt.toml", "imports_granularity = \"Crate\"\n");
        assertEquals(List.of(), runs(c, CommandKind.FORMAT));
        assertTrue(project.findings().stream().anyMatch(f -> f.rule().equals("nightly-rustfmt")));
    }

    @Test
    void aJustRecipeOfOneCommandIsRunWithoutJust() throws IOException {
        Component c = root("Cargo.toml", CRATE, "src/lib.rs", TESTED, "justfile", "test:\n    cargo test --all-features\nlint: test\n    cargo hack clippy\n");
        assertEquals(List.of("cargo test --all-features"), runs(c, CommandKind.TEST));
        assertEquals(List.of(), runs(c, CommandKind.LINT));
        assertEquals(List.of(), c.tools());
    }

    @Test
    void nextestComesWithItsConfiguration() throws IOException {
        Component c = root("Cargo.toml", CRATE, "src/lib.rs", TESTED, ".config/nextest.toml", "[profile.ci.junit]\npath = \"junit.xml\"\n");
        assertEquals(List.of("cargo nextest run --profile ci"), runs(c, CommandKind.TEST));
        assertEquals("target/nextest/ci/junit.xml", c.outputs().get(0).path());
        assertEquals("cargo-nextest", c.tools().get(0).name());
    }

    @Test
    void lockedCratesNameSystemPackages() throws IOException {
        Component c = root("Cargo.toml", CRATE, "src/lib.rs", "", "Cargo.lock", "[[package]]\nname = \"openssl-sys\"\nversion = \"0.9.0\"\n[[package]]\nname = \"libsqlite3-sys\"\n"
                + "dependencies = [\n \"cc\",\n]\n[[package]]\nname = \"pq-sys\"\n");
        assertEquals(List.of("libpq-dev", "libssl-dev", "pkg-config"), List.copyOf(c.systemPackages().keySet()));
        assertEquals(List.of(), List.copyOf(root("Cargo.lock", "[[package]]\nname = \"openssl-sys\"\n[[package]]\nname = \"openssl-src\"\n").systemPackages().keySet()));
    }

    @Test
    void aForeignTargetIsAddedAndNotTested() throws IOException {
        Component c = root("Cargo.toml", CRATE, "src/lib.rs", TESTED, ".cargo/config.toml", "[build]\ntarget = \"thumbv7em-none-eabihf\"\n");
        assertEquals(List.of("rustup target add thumbv7em-none-eabihf"), runs(c, CommandKind.INSTALL));
        assertEquals(List.of(), runs(c, CommandKind.TEST));
    }

    @Test
    void onlyWhatIsMeantAndReadyForItIsPublished() throws IOException {
        String ready = CRATE + "description = \"d\"\nlicense = \"MIT\"\nrepository = \"https://example.com\"\n";
        assertEquals(List.of("crates"), root("Cargo.toml", ready, "src/lib.rs", "").publications().stream().map(Publication::registry).toList());
        assertEquals(List.of(), root("Cargo.toml", ready + "publish = false\n").publications());
        assertEquals(List.of(), root("Cargo.toml", CRATE).publications());
    }

    @Test
    void aTargetThatIsNoNameEntersNoCommand() throws IOException {
        Component c = root("Cargo.toml", CRATE, "src/lib.rs", "", ".cargo/config.toml", "[build]\ntarget = \"x; rm -rf /\"\n");
        assertEquals(List.of(), runs(c, CommandKind.INSTALL));
    }

    @Test
    void brokenManifestsDoNotHideTheOthers() throws IOException {
        ProjectFacts facts = scan("a/Cargo.toml", "[package\n", "b/Cargo.toml", CRATE, "b/src/lib.rs", "", "c/Cargo.toml", "[workspace]\nmembers = [\"[\", \"../..\", \"**\"]\n");
        assertEquals(List.of("b"), facts.packages());
        assertTrue(project.findings().stream().anyMatch(f -> f.rule().equals("broken-manifest")));
    }
}
