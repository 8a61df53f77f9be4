import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import lib.cli.Console;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.render.Rendering.GeneratedFile;
import lib.scan.Finding;
import lib.write.DiskSink;
import lib.write.FileSink;
import lib.write.Manifest;
import lib.write.PipelineReport;
import lib.write.PlannedWrite;
import lib.write.WritePlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

/** What happens to a user's files. The tests of kills and full disks are in {@link WriteFaultTest}. */
class WriteTest {
    static final String CI = ".gitlab-ci.yml";
    static final String MANIFEST = ".pipeline/manifest.json";
    static final String OLD = "stages: [test]\n\ntest:\n  image: node:22\n  script:\n    - npm ci\n    - npm test\n\nlint:\n  script:\n    - npm run lint\n";
    static final String NEW = OLD.replace("npm ci", "pnpm install").replace("node:22", "node:24");

    @TempDir
    Path dir;

    // --- the first run ---

    @Test
    void createsWhatIsNotThere() throws IOException {
        WritePlan plan = write(dir, Map.of(CI, OLD, ".github/workflows/ci.yml", "on: push\n"));
        assertEquals(List.of(".github/workflows/ci.yml create", CI + " create"), actions(plan));
        assertEquals(OLD, Files.readString(dir.resolve(CI)));
        assertEquals(List.of(".github/workflows/ci.yml", CI, MANIFEST), new ArrayList<>(snapshot(dir).keySet()));
    }

    @Test
    void aSecondRunWritesNothing() throws IOException {
        write(dir, Map.of(CI, OLD));
        long long_ago = 1_000_000_000_000L;
        for (String file : List.of(CI, MANIFEST)) {
            Files.setLastModifiedTime(dir.resolve(file), FileTime.fromMillis(long_ago));
        }
        WritePlan plan = write(dir, Map.of(CI, OLD));
        assertTrue(plan.isUpToDate());
        for (String file : List.of(CI, MANIFEST)) {
            assertEquals(long_ago, Files.getLastModifiedTime(dir.resolve(file)).toMillis(), file);
        }
    }

    @Test
    void aFactThatOnlyMovedIsNoChange() throws IOException {
        write(dir, Map.of(CI, OLD), Map.of("component . node manager", new Manifest.Fact("npm", "package.json:3")));
        String before = Files.readString(dir.resolve(MANIFEST));
        write(dir, Map.of(CI, OLD), Map.of("component . node manager", new Manifest.Fact("npm", "package.json:4")));
        assertEquals(before, Files.readString(dir.resolve(MANIFEST)));
    }

    @Test
    void theManifestIsTheSameForTheSameInput(@TempDir Path other) throws IOException {
        write(dir, Map.of(CI, OLD, "Jenkinsfile", "pipeline {}\n"));
        write(other, Map.of("Jenkinsfile", "pipeline {}\n", CI, OLD));
        assertEquals(Files.readString(dir.resolve(MANIFEST)), Files.readString(other.resolve(MANIFEST)));
        assertTrue(Files.readString(dir.resolve(MANIFEST)).startsWith("{\n  \"schema\": \"pipeline-manifest/1\",\n"));
    }

    /** Lists stand in one line where eighty columns allow it, as a formatter would have them. */
    @Test
    void theManifestIsWrittenAsAFormatterWouldHaveIt() throws IOException {
        Map<String, Manifest.Fact> facts = Map.of("component . node test", new Manifest.Fact("npm test", "package.json:7"),
                "component packages/a-rather-long-name node build", new Manifest.Fact("npm run build", "packages/a-rather-long-name/package.json:7"));
        write(dir, Map.of(CI, OLD), facts);
        String text = Files.readString(dir.resolve(MANIFEST));
        assertTrue(text.contains("    \"component . node test\": [\"npm test\", \"package.json:7\"],\n"), text);
        assertTrue(text.contains("node build\": [\n      \"npm run build\",\n      \"packages/a-rather-long-name/package.json:7\"\n    ]\n"), text);
        assertTrue(text.contains("  \"files\": [\n    {\n      \"path\": "), text);
    }

    @Test
    void makesTheOutputFolder() throws IOException {
        Path deep = dir.resolve("out/deep");
        write(deep, Map.of(CI, OLD));
        assertEquals(OLD, Files.readString(deep.resolve(CI)));
        assertEquals(List.of("out/deep/" + CI, "out/deep/" + MANIFEST), new ArrayList<>(snapshot(dir).keySet()));
    }

    @Test
    void scriptsAreExecutableAndOtherFilesAreNot() {
        WritePlan plan = plan(dir, List.of(new GeneratedFile("ci/run.sh", "#!/bin/sh\n", true), GeneratedFile.of(CI, OLD)), Map.of(), false);
        new DiskSink(dir).write(plan);
        assertTrue(Files.isExecutable(dir.resolve("ci/run.sh")));
        assertFalse(Files.isExecutable(dir.resolve(CI)));
    }

    @Test
    void aScriptThatLostItsExecutableBitGetsItBack() throws IOException {
        Tree.of(dir, "run.sh", "#!/bin/sh\n");
        List<GeneratedFile> files = List.of(new GeneratedFile("run.sh", "#!/bin/sh\n", true));
        WritePlan plan = plan(dir, files, Map.of(), false);
        assertEquals(List.of("run.sh update"), actions(plan));
        StringBuilder diff = new StringBuilder();
        new FileSink.Diff(diff::append).write(plan);
        assertEquals("diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n", diff.toString());
        new DiskSink(dir).write(plan);
        assertTrue(Files.isExecutable(dir.resolve("run.sh")));
        assertTrue(plan(dir, files, Map.of(), false).isUpToDate());
    }

    // --- what is there already ---

    @Test
    void adoptsAFileThatIsAsRendered() throws IOException {
        Tree.of(dir, CI, OLD);
        assertEquals(List.of(CI + " unchanged"), actions(write(dir, Map.of(CI, OLD))));
        assertEquals(List.of(CI + " update"), actions(write(dir, Map.of(CI, NEW))), "it is ours from then on");
    }

    @Test
    void updatesAFileThatNobodyEdited() throws IOException {
        write(dir, Map.of(CI, OLD));
        WritePlan plan = write(dir, Map.of(CI, NEW));
        assertEquals(List.of(CI + " update"), actions(plan));
        assertEquals(NEW, Files.readString(dir.resolve(CI)));
        assertEquals(List.of(), plan.findings());
    }

    @Test
    void neverOverwritesWhatIsNotOurs() throws IOException {
        Tree.of(dir, CI, "their: own\n");
        WritePlan plan = plan(dir, Map.of(CI, OLD, "Jenkinsfile", "pipeline {}\n"));
        assertTrue(plan.isConflicted());
        assertEquals("not-ours", plan.findings().get(0).rule());
        assertEquals(Finding.Severity.ERROR, plan.findings().get(0).severity());
        Failure failure = assertThrows(Failure.class, () -> new DiskSink(dir).write(plan));
        assertEquals(Exit.CANNOT_PROCEED, failure.exit);
        assertTrue(failure.getMessage().contains(CI) && failure.hint.contains("--force"), failure.getMessage());
        assertEquals(Map.of(CI, "their: own\n"), snapshot(dir), "one conflict keeps every file from being written");
    }

    @Test
    void forceKeepsABackupAndNeverOverwritesOne() throws IOException {
        Tree.of(dir, CI, "theirs 1\n");
        WritePlan plan = plan(dir, Map.of(CI, OLD), true);
        assertEquals("backup-kept", plan.findings().get(0).rule());
        new DiskSink(dir).write(plan);
        assertEquals(OLD, Files.readString(dir.resolve(CI)));
        assertEquals("theirs 1\n", Files.readString(dir.resolve(CI + ".orig")));
        Tree.of(dir, CI, "theirs 2\n");
        new DiskSink(dir).write(plan(dir, Map.of(CI, OLD), true));
        assertEquals("theirs 2\n", Files.readString(dir.resolve(CI)), "as generated last time too: the edit stays");
        new DiskSink(dir).write(plan(dir, Map.of(CI, "quite: different\n"), true));
        assertEquals("quite: different\n", Files.readString(dir.resolve(CI)));
        assertEquals("theirs 1\n", Files.readString(dir.resolve(CI + ".orig")));
        assertEquals("theirs 2\n", Files.readString(dir.resolve(CI + ".orig.1")));
    }

    @Test
    void aBackupThatIsThereAlreadyIsNotMadeAgain() throws IOException {
        Tree.of(dir, CI, "theirs\n", CI + ".orig", "theirs\n");
        new DiskSink(dir).write(plan(dir, Map.of(CI, OLD), true));
        assertEquals(List.of(CI, CI + ".orig", MANIFEST), new ArrayList<>(snapshot(dir).keySet()));
    }

    @Test
    void forceReplacesWhatIsNoTextAndKeepsItsBytes() throws IOException {
        byte[] odd = {(byte) 0xff, (byte) 0xfe, 0, 1, '\n'};
        Files.write(dir.resolve(CI), odd);
        assertTrue(plan(dir, Map.of(CI, OLD)).isConflicted());
        new DiskSink(dir).write(plan(dir, Map.of(CI, OLD), true));
        assertArrayEquals(odd, Files.readAllBytes(dir.resolve(CI + ".orig")));
    }

    // --- hand edits ---

    @Test
    void mergesHandEdits() throws IOException {
        write(dir, Map.of(CI, OLD));
        edit(CI, "    - npm run lint\n", "    - npm run lint\n    - ./ours.sh\n");
        WritePlan plan = plan(dir, Map.of(CI, NEW));
        String merged = NEW + "    - ./ours.sh\n";
        assertEquals(List.of(CI + " update"), actions(plan));
        assertEquals(List.of(merged), plan.merged().stream().map(PlannedWrite::content).toList());
        assertEquals("hand-edits-kept", plan.findings().get(0).rule());
        new DiskSink(dir).write(plan);
        assertEquals(merged, Files.readString(dir.resolve(CI)));
        assertTrue(plan(dir, Map.of(CI, NEW)).isUpToDate(), "a merged file is no drift");
        assertEquals(List.of(CI + " update"), actions(write(dir, Map.of(CI, OLD))), "and merges again");
        assertEquals(OLD + "    - ./ours.sh\n", Files.readString(dir.resolve(CI)));
    }

    @Test
    void anEditWithoutNewRenderingStays() throws IOException {
        write(dir, Map.of(CI, OLD));
        edit(CI, "npm test", "npm test -- --bail");
        WritePlan plan = write(dir, Map.of(CI, OLD));
        assertTrue(plan.isUpToDate());
        assertEquals(List.of(), plan.drift());
        assertTrue(Files.readString(dir.resolve(CI)).contains("--bail"));
    }

    @Test
    void showsTheConflictAndWritesNothing() throws IOException {
        write(dir, Map.of(CI, OLD, "Jenkinsfile", "old\n"));
        edit(CI, "    - npm ci\n", "    - npm ci --ignore-scripts\n");
        SortedMap<String, String> before = snapshot(dir);
        WritePlan plan = plan(dir, Map.of(CI, NEW, "Jenkinsfile", "new\n"));
        assertEquals(List.of(CI + " conflict", "Jenkinsfile update"), actions(plan));
        Finding finding = plan.findings().get(0);
        assertEquals("edited-by-hand", finding.rule());
        assertEquals(6, finding.evidence().get(0).line());
        assertTrue(finding.message().contains("line 6:\n  yours     |     - npm ci --ignore-scripts\n  generated |     - pnpm install"), finding.message());
        assertEquals(Exit.CANNOT_PROCEED, assertThrows(Failure.class, () -> new DiskSink(dir).write(plan)).exit);
        assertEquals(before, snapshot(dir));
    }

    @Test
    void showsWhereSomethingWasRemoved() throws IOException {
        write(dir, Map.of(CI, OLD));
        edit(CI, "    - npm ci\n", "");
        String message = plan(dir, Map.of(CI, NEW)).findings().get(0).message();
        assertTrue(message.contains("yours     | (removed)"), message);
    }

    @Test
    void anEditEqualToTheNewRenderingIsNoConflict() throws IOException {
        write(dir, Map.of(CI, OLD));
        Tree.of(dir, CI, NEW);
        assertEquals(List.of(CI + " unchanged"), actions(write(dir, Map.of(CI, NEW))));
    }

    @Test
    void forceOverwritesOnlyWhatCannotBeMerged() throws IOException {
        write(dir, Map.of(CI, OLD, "Jenkinsfile", "one\n"));
        edit(CI, "    - npm run lint\n", "    - npm run lint\n    - ./ours.sh\n");
        Tree.of(dir, "Jenkinsfile", "mine\n");
        new DiskSink(dir).write(plan(dir, Map.of(CI, NEW, "Jenkinsfile", "two\n"), true));
        assertEquals(NEW + "    - ./ours.sh\n", Files.readString(dir.resolve(CI)));
        assertEquals("two\n", Files.readString(dir.resolve("Jenkinsfile")));
        assertEquals("mine\n", Files.readString(dir.resolve("Jenkinsfile.orig")));
        assertFalse(Files.exists(dir.resolve(CI + ".orig")));
    }

    @Test
    void aMergeThatTurnsOutInvalidIsAConflict() throws IOException {
        write(dir, Map.of(CI, OLD));
        edit(CI, "    - npm run lint\n", "    - npm run lint\n  [\n");
        WritePlan plan = plan(dir, Map.of(CI, NEW)).reject(CI, "line 12: no YAML");
        assertEquals(List.of(CI + " conflict"), actions(plan));
        assertEquals("merge-invalid", plan.findings().get(0).rule());
        assertThrows(Failure.class, () -> new DiskSink(dir).write(plan));
        assertTrue(Files.readString(dir.resolve(CI)).contains("npm ci"));
    }

    @Test
    void crlfIsKeptAndNoEdit() throws IOException {
        write(dir, Map.of(CI, OLD));
        Files.writeString(dir.resolve(CI), OLD.replace("\n", "\r\n"));
        assertEquals(List.of(CI + " unchanged"), actions(plan(dir, Map.of(CI, OLD))));
        WritePlan plan = write(dir, Map.of(CI, NEW));
        assertEquals(List.of(), plan.findings(), "line ends are no hand edit");
        assertEquals(NEW.replace("\n", "\r\n"), Files.readString(dir.resolve(CI)));
        edit(CI, "    - npm run lint\r\n", "    - npm run lint\r\n    - ./ours.sh\r\n");
        write(dir, Map.of(CI, OLD));
        assertEquals((OLD + "    - ./ours.sh\n").replace("\n", "\r\n"), Files.readString(dir.resolve(CI)), "merged, with CRLF throughout");
    }

    @Test
    void aScriptIsWrittenWithLf() throws IOException {
        Tree.of(dir, "run.sh", "#!/bin/sh\r\nold\r\n");
        new DiskSink(dir).write(plan(dir, List.of(new GeneratedFile("run.sh", "#!/bin/sh\nnew\n", true)), Map.of(), true));
        assertEquals("#!/bin/sh\nnew\n", Files.readString(dir.resolve("run.sh")));
    }

    @Test
    void rightsOfAFileAreKept() throws IOException {
        write(dir, Map.of(CI, OLD));
        Files.setPosixFilePermissions(dir.resolve(CI), PosixFilePermissions.fromString("rw-rw----"));
        write(dir, Map.of(CI, NEW));
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(CI))));
    }

    // --- what is no longer generated ---

    @Test
    void removesWhatIsNoLongerGenerated() throws IOException {
        write(dir, Map.of(CI, OLD, ".gitlab/deploy.yml", "deploy\n"));
        WritePlan plan = write(dir, Map.of(CI, OLD));
        assertEquals("no-longer-generated", plan.findings().get(0).rule());
        assertEquals(List.of(CI + " unchanged"), actions(plan));
        assertFalse(Files.exists(dir.resolve(".gitlab")), "nor does its empty folder stay");
        assertFalse(Files.readString(dir.resolve(MANIFEST)).contains("deploy.yml"));
    }

    @Test
    void leavesWhatIsNoLongerGeneratedButEdited() throws IOException {
        write(dir, Map.of(CI, OLD, ".gitlab/deploy.yml", "deploy\n"));
        Tree.of(dir, ".gitlab/deploy.yml", "mine\n");
        WritePlan plan = write(dir, Map.of(CI, OLD));
        assertEquals(List.of("no-longer-generated"), plan.findings().stream().map(Finding::rule).toList());
        assertEquals(Finding.Severity.WARNING, plan.findings().get(0).severity());
        assertEquals("mine\n", Files.readString(dir.resolve(".gitlab/deploy.yml")));
    }

    @Test
    void leavesWhatWasMadeForOtherPlatforms() throws IOException {
        new DiskSink(dir).write(plan(dir, "gitlab-ci", Map.of(CI, OLD, "ci/shared.sh", "x\n")));
        WritePlan plan = plan(dir, "jenkins", Map.of("Jenkinsfile", "pipeline {}\n", "ci/shared.sh", "x\n"));
        new DiskSink(dir).write(plan);
        assertEquals(OLD, Files.readString(dir.resolve(CI)));
        assertEquals(List.of("gitlab-ci", "jenkins"), List.copyOf(Manifest.read(dir, Manifest.PIPELINE).groups()));
        new DiskSink(dir).write(plan(dir, "jenkins", Map.of("Jenkinsfile", "pipeline {}\n")));
        assertTrue(Files.exists(dir.resolve("ci/shared.sh")), "still used by the other platform");
    }

    // --- the manifest ---

    @Test
    void aBrokenManifestIsAFindingAndNothingIsLost() throws IOException {
        write(dir, Map.of(CI, OLD, "Jenkinsfile", "x\n"));
        Files.writeString(dir.resolve(MANIFEST), "{\n<<<<<<< HEAD\n}");
        WritePlan plan = plan(dir, Map.of(CI, NEW, "Jenkinsfile", "x\n"));
        Finding finding = plan.findings().get(0);
        assertEquals("manifest-unreadable", finding.rule());
        assertEquals(2, finding.evidence().get(0).line());
        assertEquals(List.of(CI + " conflict", "Jenkinsfile unchanged"), actions(plan));
        write(dir, Map.of(CI, OLD, "Jenkinsfile", "x\n"));
        assertEquals(List.of(CI + " update", "Jenkinsfile unchanged"), actions(plan(dir, Map.of(CI, NEW, "Jenkinsfile", "x\n"))), "repaired");
    }

    @Test
    void aManifestOfANewerVersionIsLeftAlone() {
        Tree.of(dir, MANIFEST, "{\"schema\": \"pipeline-manifest/2\", \"tool\": \"pipeline_generator 9\"}");
        Failure failure = assertThrows(Failure.class, () -> Manifest.read(dir, Manifest.PIPELINE));
        assertEquals(Exit.CANNOT_PROCEED, failure.exit);
        assertTrue(failure.getMessage().contains("pipeline-manifest/2") && failure.hint.contains("pipeline_generator 9"), failure.getMessage());
    }

    @Test
    void aManifestCannotNameFilesElsewhere(@TempDir Path elsewhere) throws IOException {
        Tree.of(elsewhere, "precious", OLD);
        write(dir, Map.of(CI, OLD));
        String path = dir.relativize(elsewhere.resolve("precious")).toString();
        Files.writeString(dir.resolve(MANIFEST), Files.readString(dir.resolve(MANIFEST)).replace(CI, path));
        WritePlan plan = plan(dir, Map.of());
        assertEquals("manifest-unreadable", plan.findings().get(0).rule());
        new DiskSink(dir).write(plan);
        assertTrue(Files.exists(elsewhere.resolve("precious")));
    }

    @Test
    void anEditIsNotMergedFromATamperedBase() throws IOException {
        write(dir, Map.of(CI, OLD));
        Files.writeString(dir.resolve(MANIFEST), Files.readString(dir.resolve(MANIFEST)).replaceAll("\"base\": \"[^\"]*\"", "\"base\": \"eJwDAAAAAAE=\""));
        assertEquals(List.of(CI + " update"), actions(plan(dir, Map.of(CI, NEW))), "unedited: the hash is enough");
        edit(CI, "npm run lint", "npm run lint -- --fix");
        WritePlan plan = plan(dir, Map.of(CI, NEW));
        assertEquals(List.of(CI + " conflict"), actions(plan));
        assertTrue(plan.findings().get(0).message().contains("the manifest has lost"), plan.findings().get(0).message());
    }

    @Test
    void theManifestKeepsSettingsForTheNextRun() {
        write(dir, Map.of(CI, OLD));
        assertEquals("lint,test", Manifest.read(dir, Manifest.PIPELINE).settings().get("stages"));
    }

    // --- links ---

    @Test
    void aLinkOutOfTheFolderIsRefused(@TempDir Path elsewhere) throws IOException {
        Tree.of(elsewhere, "ci.yml", "precious\n");
        Files.createSymbolicLink(dir.resolve(CI), elsewhere.resolve("ci.yml"));
        Files.createSymbolicLink(dir.resolve(".github"), elsewhere);
        Files.createSymbolicLink(dir.resolve("Jenkinsfile"), elsewhere.resolve("not-there"));
        for (boolean force : List.of(false, true)) {
            WritePlan plan = plan(dir, Map.of(CI, OLD, ".github/workflows/ci.yml", OLD, "Jenkinsfile", OLD), force);
            assertEquals(List.of(".github/workflows/ci.yml conflict", CI + " conflict", "Jenkinsfile conflict"), actions(plan));
            assertTrue(plan.findings().get(0).message().contains("leads out of the folder through the link .github"), plan.findings().get(0).message());
            assertThrows(Failure.class, () -> new DiskSink(dir).write(plan));
        }
        assertEquals(Map.of("ci.yml", "precious\n"), snapshot(elsewhere));
    }

    @Test
    void aLinkWithinTheFolderIsKeptAndFollowed() throws IOException {
        Tree.of(dir, "ci/real.yml", OLD);
        Files.createSymbolicLink(dir.resolve(CI), Path.of("ci/real.yml"));
        assertEquals(List.of(CI + " unchanged"), actions(write(dir, Map.of(CI, OLD))));
        write(dir, Map.of(CI, NEW));
        assertTrue(Files.isSymbolicLink(dir.resolve(CI)));
        assertEquals(NEW, Files.readString(dir.resolve("ci/real.yml")));
        assertEquals(List.of(CI, MANIFEST, "ci/real.yml"), new ArrayList<>(snapshot(dir).keySet()));
    }

    @Test
    void aManifestFolderThatLeadsOutIsRefused(@TempDir Path elsewhere) throws IOException {
        Files.createSymbolicLink(dir.resolve(".pipeline"), elsewhere);
        assertEquals(Exit.CANNOT_PROCEED, assertThrows(Failure.class, () -> plan(dir, Map.of(CI, OLD))).exit);
        assertEquals(Map.of(), snapshot(elsewhere));
    }

    @Test
    void aFolderInPlaceOfTheFileAndAFileInPlaceOfTheFolder() {
        Tree.of(dir, "Jenkinsfile/", "", ".circleci", "a file\n");
        WritePlan plan = plan(dir, Map.of("Jenkinsfile", "x\n", ".circleci/config.yml", "x\n"), true);
        assertEquals(List.of("can't be there: .circleci is a file, not a folder", "is a folder"),
                plan.findings().stream().map(Finding::message).toList());
    }

    // --- other sinks, the report, --check ---

    @Test
    void drySinksChangeNothing() throws IOException {
        write(dir, Map.of(CI, OLD));
        SortedMap<String, String> before = snapshot(dir);
        WritePlan plan = plan(dir, Map.of(CI, NEW, "Jenkinsfile", "pipeline {}\n"));
        FileSink.Memory memory = new FileSink.Memory();
        memory.write(plan);
        assertEquals(Map.of(CI, NEW, "Jenkinsfile", "pipeline {}\n"), memory.files());
        StringBuilder printed = new StringBuilder();
        new FileSink.Print(printed::append).write(plan);
        assertEquals("==> " + CI + " (update) <==\n" + NEW + "\n==> Jenkinsfile (create) <==\npipeline {}\n", printed.toString());
        assertEquals(before, snapshot(dir));
    }

    @Test
    void diffIsUnifiedAsGitWritesIt() throws IOException {
        write(dir, Map.of(CI, OLD, ".gitlab/old.yml", "gone\n"));
        StringBuilder diff = new StringBuilder();
        new FileSink.Diff(diff::append).write(plan(dir, Map.of(CI, NEW, "Jenkinsfile", "pipeline {}")));
        assertEquals("""
                diff --git a/.gitlab-ci.yml b/.gitlab-ci.yml
                --- a/.gitlab-ci.yml
                +++ b/.gitlab-ci.yml
                @@ -1,9 +1,9 @@
                 stages: [test]
                \s
                 test:
                -  image: node:22
                +  image: node:24
                   script:
                -    - npm ci
                +    - pnpm install
                     - npm test
                \s
                 lint:
                diff --git a/.gitlab/old.yml b/.gitlab/old.yml
                deleted file mode 100644
                --- a/.gitlab/old.yml
                +++ /dev/null
                @@ -1 +0,0 @@
                -gone
                diff --git a/Jenkinsfile b/Jenkinsfile
                new file mode 100644
                --- /dev/null
                +++ b/Jenkinsfile
                @@ -0,0 +1 @@
                +pipeline {}
                \\ No newline at end of file
                """, diff.toString());
    }

    @Test
    void gitAppliesTheDiffThatIsPrinted() throws Exception {
        assumeTrue(Stream.of(System.getenv("PATH").split(":")).anyMatch(each -> Files.isExecutable(Path.of(each, "git"))), "git is not installed");
        write(dir, Map.of(CI, OLD, ".gitlab/old.yml", "gone\n"));
        Files.writeString(dir.resolve(CI), OLD.replace("\n", "\r\n"));
        WritePlan plan = plan(dir, List.of(GeneratedFile.of(CI, NEW), new GeneratedFile("a b/run.sh", "#!/bin/sh", true)), Map.of(), false);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        new FileSink.Diff(new Console(new PrintStream(printed, true, StandardCharsets.UTF_8), System.err)::diff).write(plan);
        Files.write(dir.resolve("patch"), printed.toByteArray());
        Process git = new ProcessBuilder("git", "apply", "patch").directory(dir.toFile()).redirectErrorStream(true).start();
        assertEquals("", new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(NEW.replace("\n", "\r\n"), Files.readString(dir.resolve(CI)));
        assertEquals("#!/bin/sh", Files.readString(dir.resolve("a b/run.sh")));
        assertTrue(Files.isExecutable(dir.resolve("a b/run.sh")));
        assertFalse(Files.exists(dir.resolve(".gitlab/old.yml")));
    }

    @Test
    void diffShowsWhatForceWouldDo() {
        Tree.of(dir, CI, "their: own\n");
        StringBuilder diff = new StringBuilder();
        new FileSink.Diff(diff::append).write(plan(dir, Map.of(CI, "ours: now\n")));
        assertTrue(diff.toString().startsWith("# conflict, nothing is written: " + CI) && diff.toString().contains("-their: own\n+ours: now\n"), diff.toString());
    }

    @Test
    void theReportListsEveryFileButTheManifest() throws IOException {
        write(dir, Map.of(CI, OLD));
        var report = new PipelineReport("1");
        report.files(plan(dir, Map.of(CI, OLD, "Jenkinsfile", "x\n")));
        var files = report.json().path("files");
        assertEquals("[{\"path\":\".gitlab-ci.yml\",\"action\":\"unchanged\",\"sha256\":\"" + sha256(OLD) + "\"},"
                + "{\"path\":\"Jenkinsfile\",\"action\":\"create\",\"sha256\":\"" + sha256("x\n") + "\"}]", files.toString());
    }

    @Test
    void checkNamesFilesAndTheFactThatChanged() {
        write(dir, Map.of(CI, OLD), Map.of("component . node manager", new Manifest.Fact("npm", "package-lock.json"), "same", new Manifest.Fact("x", "")));
        WritePlan plan = plan(dir, List.of(GeneratedFile.of(CI, NEW)),
                Map.of("component . node manager", new Manifest.Fact("pnpm", "pnpm-lock.yaml:1"), "same", new Manifest.Fact("x", "y:2")), false);
        assertEquals(List.of("drift is not what would be generated now",
                "fact-changed component . node manager: npm (package-lock.json) → pnpm (pnpm-lock.yaml:1)"),
                plan.drift().stream().map(f -> f.rule() + " " + f.message()).toList());
        assertEquals("pnpm-lock.yaml:1", plan.drift().get(1).evidence().get(0).place());
        assertEquals(1, plan.changedFacts().size());
    }

    @Test
    void checkPassesWhenAFactChangedThatNoFileUses() {
        write(dir, Map.of(CI, OLD), Map.of("licence", new Manifest.Fact("MIT", "")));
        WritePlan plan = plan(dir, List.of(GeneratedFile.of(CI, OLD)), Map.of("licence", new Manifest.Fact("ISC", "")), false);
        assertEquals(List.of(), plan.drift());
    }

    @Test
    void checkWithoutAManifestComparesFiles() {
        Tree.of(dir, CI, OLD);
        assertEquals(List.of(), plan(dir, Map.of(CI, OLD)).drift());
        assertEquals(List.of("exists and was not written by this tool", "is missing"),
                plan(dir, Map.of(CI, NEW, "Jenkinsfile", "x\n")).drift().stream().map(Finding::message).toList());
    }

    // --- shared ---

    static WritePlan write(Path root, Map<String, String> files) {
        return write(root, files, Map.of());
    }

    static WritePlan write(Path root, Map<String, String> files, Map<String, Manifest.Fact> facts) {
        WritePlan plan = plan(root, generated(files), facts, false);
        new DiskSink(root).write(plan);
        return plan;
    }

    static WritePlan plan(Path root, Map<String, String> files) {
        return plan(root, files, false);
    }

    static WritePlan plan(Path root, Map<String, String> files, boolean force) {
        return plan(root, generated(files), Map.of(), force);
    }

    static WritePlan plan(Path root, String platform, Map<String, String> files) {
        Manifest manifest = Manifest.read(root, Manifest.PIPELINE);
        return WritePlan.of(root, manifest, new WritePlan.Generation("tool 1", Map.of(), Map.of(), Map.of(platform, generated(files))), false);
    }

    static WritePlan plan(Path root, List<GeneratedFile> files, Map<String, Manifest.Fact> facts, boolean force) {
        Manifest manifest = Manifest.read(root, Manifest.PIPELINE);
        return WritePlan.of(root, manifest, new WritePlan.Generation("tool 1", Map.of("stages", "lint,test"), facts, Map.of("any", files)), force);
    }

    private static List<GeneratedFile> generated(Map<String, String> files) {
        return files.entrySet().stream().map(e -> GeneratedFile.of(e.getKey(), e.getValue())).toList();
    }

    static List<String> actions(WritePlan plan) {
        return plan.files().stream().map(w -> w.path() + " " + w.action().id()).toList();
    }

    /** Every file below a folder, temporary ones and locks too, with what it holds. */
    static SortedMap<String, String> snapshot(Path root) throws IOException {
        SortedMap<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(root.relativize(file).toString(), new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
            }
        }
        return files;
    }

    private void edit(String file, String old, String now) throws IOException {
        String text = Files.readString(dir.resolve(file));
        assertNotEquals(text, text.replace(old, now));
        Files.writeString(dir.resolve(file), text.replace(old, now));
    }

    private static String sha256(String text) {
        try {
            return java.util.HexFormat.of().formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
