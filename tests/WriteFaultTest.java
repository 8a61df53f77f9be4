import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import lib.cli.Failure.Exit;
import lib.cli.Failure;
import lib.write.DiskSink;
import lib.write.WritePlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

/** Kills at every moment, full disks and folders that can't be written: the old or the new file, never half of one, and no litter. */
class WriteFaultTest {
    private static final String CI = WriteTest.CI;
    private static final String MANIFEST = WriteTest.MANIFEST;
    private static final Map<String, String> FIRST = Map.of(CI, "v1\n", ".github/workflows/ci.yml", "v1\n", ".circleci/config.yml", "v1\n");
    /** Updates two, creates one, removes one. */
    private static final Map<String, String> SECOND = Map.of(CI, "v2\n", ".github/workflows/ci.yml", "v2\n", ".github/workflows/new.yml", "v2\n");
    private static final Map<String, String> THIRD = Map.of(CI, "v3\n", ".github/workflows/new.yml", "v3\n");

    @TempDir
    Path dir;

    /** Nothing of ours catches it, as nothing catches a kill. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private static Path fresh(Path dir, String name) {
        Path root = dir.resolve(name);
        WriteTest.write(root, FIRST);
        return root;
    }

    /** Kills the second run before its nth step. @return false when it has no nth step */
    private static boolean killedAt(Path root, int n) {
        int[] step = {0};
        try {
            new DiskSink(root, (name, file) -> {
                if (step[0]++ == n) {
                    throw new Killed();
                }
            }).write(WriteTest.plan(root, SECOND));
            return false;
        } catch (Killed e) {
            return true;
        }
    }

    @Test
    void aKillBeforeAnyStepLeavesTheOldOrTheNewFile() throws IOException {
        int n = 0;
        for (; killedAt(fresh(dir, "kill" + n), n); n++) {
            Path root = dir.resolve("kill" + n);
            for (Map.Entry<String, String> file : visible(root).entrySet()) {
                assertTrue(Set.of("v1\n", "v2\n").contains(file.getValue()), "step " + n + ": " + file);
            }
            WriteTest.write(root, SECOND);
            assertEquals(SECOND, visible(root), "step " + n);
            assertEquals(List.of(MANIFEST), hidden(root), "step " + n + ": something stayed");
            assertTrue(WriteTest.plan(root, SECOND).isUpToDate());
        }
        assertTrue(n > 10, "only " + n + " steps");
    }

    /** The project changed between the kill and the next run: what the killed run wrote is neither a hand edit nor foreign. */
    @Test
    void theRunAfterAKillMayWantSomethingElse() throws IOException {
        for (int n = 0; killedAt(fresh(dir, "other" + n), n); n++) {
            Path root = dir.resolve("other" + n);
            WritePlan plan = WriteTest.write(root, THIRD);
            assertEquals(THIRD, visible(root), "step " + n);
            assertEquals(List.of(MANIFEST), hidden(root), "step " + n);
            assertTrue(plan.findings().stream().allMatch(f -> f.rule().equals("no-longer-generated")), "step " + n + plan.findings());
        }
    }

    @Test
    void theManifestIsPreparedFirstAndReplacedLast() {
        Path root = fresh(dir, "order");
        List<String> steps = new ArrayList<>();
        new DiskSink(root, (name, file) -> steps.add(name + " " + file.getFileName().toString().replaceAll("^\\.|\\.[0-9a-f]{16}\\.tmp$", "")))
                .write(WriteTest.plan(root, SECOND));
        assertEquals("stage manifest.json", steps.get(0));
        List<String> replaced = steps.stream().filter(step -> step.startsWith("replace")).toList();
        assertEquals("replace manifest.json", replaced.get(replaced.size() - 1));
        assertEquals(5, replaced.size());
        int synced = steps.indexOf("sync workflows");
        assertTrue(synced > steps.indexOf("replace new.yml") && synced < steps.indexOf("replace manifest.json"), steps.toString());
    }

    @Test
    void dryRunsAfterAKillSeeTheSameAndTouchNothing() throws IOException {
        assertTrue(killedAt(fresh(dir, "dry"), 12));
        Path root = dir.resolve("dry");
        SortedMap<String, String> before = WriteTest.snapshot(root);
        assertFalse(WriteTest.plan(root, THIRD).isConflicted());
        assertEquals(before, WriteTest.snapshot(root));
    }

    @Test
    void anErrorAtAnyStepIsUndone() throws IOException {
        for (int n = 0; ; n++) {
            Path root = dir.resolve("error" + n);
            Tree.of(root, CI, "theirs\n");
            WriteTest.plan(root, Map.of()); // no manifest yet: the first run makes all folders
            SortedMap<String, String> before = WriteTest.snapshot(root);
            int failing = n;
            int[] step = {0};
            List<String> names = new ArrayList<>();
            DiskSink sink = new DiskSink(root, (name, file) -> {
                names.add(name);
                if (step[0]++ == failing) {
                    throw new IOException("No space left on device");
                }
            });
            WritePlan plan = WriteTest.plan(root, SECOND, true);
            if (n > 200 || !fails(sink, plan)) {
                assertTrue(n > 10 && names.containsAll(List.of("folder", "stage", "keep", "backup", "replace", "sync")), n + " " + names);
                return;
            }
            assertEquals(before, WriteTest.snapshot(root), "step " + n + " " + names);
            assertEquals(Set.of(CI), names(root), "step " + n + ": a folder stayed");
        }
    }

    @Test
    void anErrorInAnUpdateIsUndone() throws IOException {
        for (int n = 0; ; n++) {
            Path root = fresh(dir, "update" + n);
            SortedMap<String, String> before = WriteTest.snapshot(root);
            int failing = n;
            int[] step = {0};
            DiskSink sink = new DiskSink(root, (name, file) -> {
                if (step[0]++ == failing) {
                    throw new IOException("Input/output error");
                }
            });
            if (!fails(sink, WriteTest.plan(root, SECOND))) {
                assertTrue(n > 10, "only " + n + " steps");
                return;
            }
            assertEquals(before, WriteTest.snapshot(root), "step " + n);
        }
    }

    private static boolean fails(DiskSink sink, WritePlan plan) {
        try {
            sink.write(plan);
            return false;
        } catch (Failure e) {
            assertEquals(Exit.CANNOT_PROCEED, e.exit);
            assertTrue(e.getMessage().startsWith("cannot write ") && e.getMessage().endsWith(": nothing was changed"), e.getMessage());
            return true;
        }
    }

    /** A real full disk where we may mount one; else what one throws. */
    @Test
    void aFullDiskLeavesEverythingAsItWas() throws Exception {
        Path root = Files.createDirectory(dir.resolve("full"));
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=64k", "none", root.toString());
        try {
            WriteTest.write(root, Map.of(CI, "v1\n"));
            SortedMap<String, String> before = WriteTest.snapshot(root);
            Map<String, String> large = Map.of(CI, "v2\n", "Jenkinsfile", "x".repeat(100_000) + "\n");
            DiskSink sink = new DiskSink(root, (step, file) -> {
                if (!mounted && step.equals("stage") && file.endsWith("Jenkinsfile")) {
                    throw new IOException("No space left on device");
                }
            });
            Failure failure = assertThrows(Failure.class, () -> sink.write(WriteTest.plan(root, large)));
            assertEquals("cannot write Jenkinsfile (No space left on device): nothing was changed", failure.getMessage());
            assertEquals(before, WriteTest.snapshot(root));
        } finally {
            if (mounted) {
                run("umount", root.toString());
            }
        }
    }

    @Test
    void aFolderThatCannotBeWritten() throws IOException {
        Tree.of(dir, "file", "");
        Failure failure = assertThrows(Failure.class, () -> WriteTest.write(dir.resolve("file/out"), FIRST));
        assertEquals(Exit.CANNOT_PROCEED, failure.exit);
        assertTrue(failure.getMessage().contains(dir.resolve("file") + " is a file, not a folder"), failure.getMessage());
        Path proc = Path.of("/proc/self"); // root may write anywhere, but not there
        if (Files.isDirectory(proc)) {
            WritePlan plan = WriteTest.plan(proc, FIRST);
            assertEquals(Exit.CANNOT_PROCEED, assertThrows(Failure.class, () -> new DiskSink(proc).write(plan)).exit);
        }
    }

    @Test
    void anEditWhileWeWorkIsNotOverwritten() throws IOException {
        Path root = fresh(dir, "late");
        WritePlan plan = WriteTest.plan(root, SECOND);
        Files.writeString(root.resolve(CI), "mine\n");
        SortedMap<String, String> before = WriteTest.snapshot(root);
        Failure failure = assertThrows(Failure.class, () -> new DiskSink(root).write(plan));
        assertEquals(Exit.TRANSIENT, failure.exit);
        assertEquals(before, WriteTest.snapshot(root));
    }

    @Test
    void twoRunsAtOnceDoNotMeet() throws IOException {
        Path root = fresh(dir, "two");
        Path lock = root.resolve(".pipeline/.manifest.json.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock held = channel.lock()) {
            assertTrue(held.isValid());
            Failure failure = assertThrows(Failure.class, () -> new DiskSink(root).write(WriteTest.plan(root, SECOND)));
            assertEquals(Exit.TRANSIENT, failure.exit);
            new DiskSink(root).write(WriteTest.plan(root, FIRST)); // has nothing to write, so it does not mind
        }
        assertEquals(FIRST, visible(root));
        WriteTest.write(root, SECOND);
        assertEquals(List.of(MANIFEST), hidden(root));
    }

    @Test
    void leftoversGoAndWhatOnlyLooksAlikeStays() throws IOException {
        Path root = fresh(dir, "left");
        String ours = "." + CI.substring(0) + ".0123456789abcdef.tmp";
        Tree.of(root, ours, "half", ".pipeline/.manifest.json.0123456789abcdef.tmp", "{ half", ".pipeline/.manifest.json.lock", "",
                ".other.yml.0123456789abcdef.tmp", "not ours", "." + CI + ".tmp", "not ours");
        WriteTest.write(root, FIRST);
        assertEquals(List.of("." + CI + ".tmp", ".other.yml.0123456789abcdef.tmp", MANIFEST), hidden(root));
    }

    /** The real thing: a process that does nothing but write is killed, again and again, and never leaves a mess. */
    @Test
    void realKills() throws Exception {
        Random random = new Random(1);
        Path root = dir.resolve("real");
        Process child = null;
        for (int i = 0; i < 12; i++) {
            child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC", "-Xshare:auto", "-cp", System.getProperty("java.class.path"), Writer.class.getName(), root.toString())
                    .redirectErrorStream(true).start();
            assertEquals('r', child.getInputStream().read(), "the child did not start");
            child.waitFor(random.nextInt(120), TimeUnit.MILLISECONDS);
            assertTrue(child.isAlive(), () -> "it stopped by itself");
            child.destroyForcibly().waitFor();
            visible(root).forEach((path, text) -> assertTrue(text.matches("(v[123]\n){400}"), path + " is half written"));
            WritePlan plan = WriteTest.write(root, large(FIRST)); // a conflict would throw
            assertEquals(large(FIRST), visible(root));
            assertEquals(List.of(MANIFEST), hidden(root));
            assertFalse(plan.isConflicted());
        }
    }

    private static Map<String, String> large(Map<String, String> files) {
        return files.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().repeat(400)));
    }

    /** Writes one version after the other until it is killed. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] args) {
            Path root = Path.of(args[0]);
            for (int i = 0; ; i++) {
                WriteTest.write(root, large(List.of(FIRST, SECOND, THIRD).get(i % 3)));
                if (i == 0) {
                    System.out.print("ready");
                    System.out.flush();
                }
            }
        }
    }

    /** The files that were generated, as they are. */
    private static SortedMap<String, String> visible(Path root) throws IOException {
        SortedMap<String, String> files = new TreeMap<>(WriteTest.snapshot(root));
        files.keySet().removeAll(hidden(root));
        return files;
    }

    /** The manifest, and whatever else is there that should not be. */
    private static List<String> hidden(Path root) throws IOException {
        Set<String> all = Set.of(CI, ".github/workflows/ci.yml", ".github/workflows/new.yml", ".circleci/config.yml");
        return WriteTest.snapshot(root).keySet().stream().filter(path -> !all.contains(path)).toList();
    }

    private static Set<String> names(Path root) throws IOException {
        try (var entries = Files.list(root)) {
            return entries.map(e -> e.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
