package lib.write;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lib.cli.Exit;
import lib.cli.Failure;
import lib.write.PlannedWrite.Action;

/**
 * Writes a plan to the disk, all of it or nothing. Knows nothing of what the files mean.
 *
 * <p>The order is what makes a kill at any moment harmless. First every new content goes to a temporary file beside its target,
 * the manifest's before all others; these are the record of what is about to happen. Then the files are replaced by renames, then
 * the manifest. A run that finds a file which a killed run has replaced already knows it by the manifest that was left over. An
 * error (as against a kill) is undone at once: what was replaced gets its old bytes again, temporary files and new folders go.
 */
public final class DiskSink implements FileSink {
    private final OutputFolder folder;
    private final Steps steps;

    /** Told of every step before it is done; what it throws is as if the step had thrown it. For tests of kills and full disks. */
    public interface Steps {
        void next(String step, Path file) throws IOException;
    }

    /** @param root made when it is not there */
    public DiskSink(Path root) {
        this(root, (step, file) -> { });
    }

    public DiskSink(Path root, Steps steps) {
        this.folder = new OutputFolder(root);
        this.steps = steps;
    }

    /** @throws Failure for a conflict, and for what can't be written; then everything is as before */
    @Override
    public void write(WritePlan plan) {
        refuseConflicts(plan);
        List<PlannedWrite> changes = new ArrayList<>(plan.changes());
        if (plan.manifest().action() != Action.UNCHANGED) {
            changes.add(plan.manifest());
        }
        new Transaction(plan, changes).run();
    }

    private static void refuseConflicts(WritePlan plan) {
        List<PlannedWrite> conflicts = plan.writes().stream().filter(w -> w.action() == Action.CONFLICT).toList();
        if (!conflicts.isEmpty()) {
            throw Failure.cannotProceed(conflicts.stream().map(w -> w.path() + " " + w.conflict().reason()).collect(Collectors.joining("; "))
                    + ": nothing was written", conflicts.get(0).conflict().hint());
        }
    }

    /** A file that now holds something else. @param kept what it held, or null where there was none */
    private record Replaced(String path, Path target, Path kept) {}

    /** One attempt. Its fields are what has to be undone, latest first, and in which file it is just now. */
    private final class Transaction {
        private final WritePlan plan;
        private final List<PlannedWrite> changes;
        private final Map<String, Path> kept = new HashMap<>();
        private final Deque<Path> temporaries = new ArrayDeque<>();
        private final Deque<Path> folders = new ArrayDeque<>();
        private final Deque<Path> backups = new ArrayDeque<>();
        private final Deque<Replaced> replaced = new ArrayDeque<>();
        private final List<String> notUndone = new ArrayList<>();
        private String current;

        Transaction(WritePlan plan, List<PlannedWrite> changes) {
            this.plan = plan;
            this.changes = changes;
            this.current = plan.manifest().path();
        }

        void run() {
            boolean done = false;
            try {
                List<Path> leftovers = OutputFolder.leftovers(targets());
                Path lockFile = OutputFolder.lockOf(folder.locate(current));
                if (changes.isEmpty() && leftovers.isEmpty() && !Files.exists(lockFile)) {
                    done = true;
                    return;
                }
                makeFolders(lockFile.getParent());
                try (OutputFolder.Lock lock = OutputFolder.lock(lockFile)) {
                    if (lock != null) {
                        commitOrUndo();
                        leftovers.forEach(this::removeQuietly);
                    } else if (!changes.isEmpty()) {
                        throw new Failure(Exit.TRANSIENT, "another run is writing here: nothing was written", "wait for it and run again");
                    }
                }
                done = true;
            } catch (IOException e) {
                if (!changes.isEmpty()) { // to tidy up after others is no duty
                    throw failure(e);
                }
            } catch (OutputFolder.Blocked e) {
                throw Failure.cannotProceed(current + " " + e.getMessage() + ": nothing was changed", "");
            } finally {
                if (!done) {
                    folders.forEach(this::removeQuietly);
                }
            }
        }

        private Set<Path> targets() {
            Set<Path> targets = new TreeSet<>();
            for (String path : plan.touched()) {
                try {
                    targets.add(folder.locate(path));
                } catch (OutputFolder.Blocked e) {
                    continue; // then nothing of ours is beside it
                }
            }
            return targets;
        }

        private void commitOrUndo() throws IOException, OutputFolder.Blocked {
            try {
                commit(stage());
            } catch (IOException | OutputFolder.Blocked | Failure e) {
                replaced.forEach(this::putBack);
                backups.forEach(this::removeQuietly);
                temporaries.forEach(this::removeQuietly); // the manifest's, the record of what was done, is the last
                throw e;
            }
            temporaries.forEach(this::removeQuietly);
            changes.stream().filter(c -> c.action() == Action.DELETE).forEach(this::removeEmptyFolders);
        }

        /** Everything that can go wrong for want of space or rights goes wrong here, before anything is replaced. */
        private Map<String, Path> stage() throws IOException, OutputFolder.Blocked {
            Map<String, Path> staged = new HashMap<>();
            for (int i = changes.size() - 1; i >= 0; i--) { // from the manifest, which is last
                PlannedWrite change = changes.get(i);
                Path target = at(change);
                refuseLateEdit(change);
                if (change.action() != Action.DELETE) {
                    makeFolders(target.getParent());
                    Path content = temporary("stage", target);
                    OutputFolder.writeNew(content, change.after());
                    OutputFolder.permit(target, content, change.executable());
                    staged.put(change.path(), content);
                }
                if (change.before() != null) {
                    Path old = temporary("keep", target);
                    OutputFolder.keep(target, old, change.before());
                    kept.put(change.path(), old);
                }
            }
            return staged;
        }

        private Path temporary(String step, Path target) throws IOException {
            Path file = OutputFolder.temporary(target);
            steps.next(step, file);
            temporaries.push(file);
            return file;
        }

        private void commit(Map<String, Path> staged) throws IOException, OutputFolder.Blocked {
            Set<Path> touched = new TreeSet<>();
            folders.forEach(made -> touched.add(made.getParent()));
            for (PlannedWrite change : changes) {
                Path target = at(change);
                if (change.path().equals(plan.manifest().path())) {
                    sync(touched); // the files must be safe before the manifest says that they are there
                }
                backUp(change, target);
                steps.next("replace", target);
                if (change.action() == Action.DELETE) {
                    Files.delete(target);
                } else {
                    OutputFolder.replace(staged.get(change.path()), target);
                }
                replaced.push(new Replaced(change.path(), target, kept.get(change.path())));
                touched.add(target.getParent());
            }
            sync(touched);
        }

        private Path at(PlannedWrite change) throws OutputFolder.Blocked {
            current = change.path();
            return folder.locate(change.path());
        }

        private void refuseLateEdit(PlannedWrite change) throws OutputFolder.Blocked {
            if (!Arrays.equals(folder.read(change.path()), change.before())) {
                throw new Failure(Exit.TRANSIENT, change.path() + " was changed by someone else just now: nothing was written", "run it again");
            }
        }

        private void makeFolders(Path wanted) throws IOException {
            Deque<Path> missing = new ArrayDeque<>();
            for (Path each = wanted; each != null && !Files.exists(each); each = each.getParent()) {
                missing.push(each);
            }
            for (Path each : missing) {
                steps.next("folder", each);
                try {
                    Files.createDirectory(each);
                    folders.push(each);
                } catch (FileAlreadyExistsException e) {
                    continue; // someone else was faster; a file in its place will show when we write into it
                }
            }
        }

        private void backUp(PlannedWrite change, Path target) throws IOException, OutputFolder.Blocked {
            if (change.backup().isEmpty() || folder.read(change.backup()) != null) {
                return;
            }
            Path backup = folder.locate(change.backup());
            Path copy = temporary("backup", target);
            OutputFolder.writeNew(copy, change.before());
            OutputFolder.permit(target, copy, false);
            Files.move(copy, backup); // fails where a file is, unlike an atomic one
            backups.push(backup);
        }

        private void putBack(Replaced file) {
            try {
                if (file.kept() == null) {
                    Files.deleteIfExists(file.target());
                } else {
                    OutputFolder.replace(file.kept(), file.target());
                }
            } catch (IOException e) {
                notUndone.add(file.path() + (file.kept() == null ? "" : " (what it held is in " + file.kept() + ")"));
                temporaries.remove(file.kept());
            }
        }

        private Failure failure(IOException e) {
            String rest = notUndone.isEmpty() ? ": nothing was changed" : ": " + String.join(", ", notUndone) + " could not be put back";
            return Failure.cannotProceed("cannot write " + current + " (" + OutputFolder.reason(e) + ")" + rest,
                    notUndone.isEmpty() ? "see to space and rights there and run again, or write elsewhere with --output DIR"
                            : "put it back before you run again");
        }

        private void removeQuietly(Path file) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                return; // it stays until the next run, which knows it by its name
            }
        }

        /** As git does: a folder that only held what was deleted goes too. */
        private void removeEmptyFolders(PlannedWrite change) {
            Path each = folder.root().resolve(change.path()).getParent();
            try {
                for (; !each.equals(folder.root()); each = each.getParent()) {
                    Files.delete(each);
                }
            } catch (IOException e) {
                return; // it holds something else
            }
        }

        private void sync(Set<Path> touched) throws IOException {
            for (Path each : touched) {
                steps.next("sync", each);
                OutputFolder.sync(each);
            }
        }
    }
}
