package lib.write;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lib.cli.Failure.Exit;
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
                    OutputFolder.write(content, change.after());
                    staged.put(change.path(), content);
                }
                if (change.before() != null) {
                    Path old = temporary("keep", target);
                    OutputFolder.keep(target, old, change.before());
                    kept.put(change.path(), old);
                }
            }
            OutputFolder.syncFiles(staged.values());
            for (PlannedWrite change : changes) { // the rights last, since they may be not to write
                if (change.action() != Action.DELETE) {
                    OutputFolder.permit(at(change), staged.get(change.path()), change.executable());
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
            }
            OutputFolder.together(touched, OutputFolder::sync);
        }
    }
}

/**
 * The folder that files are written below: where a path really leads, what is there, and how our temporary files are called.
 * Reads and changes only what it is asked for; decides nothing.
 */
final class OutputFolder {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MAX_BACKUPS = 100;
    private static final int MAX_THREADS = 8;
    private static final Pattern TEMPORARY = Pattern.compile("\\.(.+)\\.[0-9a-f]{16}\\.tmp");

    private final Path root;

    /** @param root may not exist yet */
    OutputFolder(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Why a path can't be written, whatever is forced. */
    static final class Blocked extends Exception {
        Blocked(String reason) {
            super(reason);
        }
    }

    Path root() {
        return root;
    }

    /** Whether it is relative and stays where it is: paths of a manifest come from the project, so they are not trusted. */
    static boolean isPlain(String path) {
        return !path.isEmpty() && !path.startsWith("/") && path.chars().noneMatch(c -> c < ' ' || c == '\\' || c == ':' || c == 127)
                && Arrays.stream(path.split("/", -1)).noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    }

    /**
     * The real file behind a path. Links are followed as long as they stay below the root; a link is kept, and the file that it
     * leads to is what is written.
     */
    Path locate(String path) throws Blocked {
        if (!isPlain(path)) {
            throw new Blocked("is no plain path below the output folder");
        }
        try {
            Path file = root.resolve(path);
            Path there = deepest(file);
            Path real = there.toRealPath();
            Path missing = there.relativize(file);
            boolean whole = there.equals(file);
            if (there.startsWith(root) && !real.startsWith(root.toRealPath())) {
                throw new Blocked("leads out of the folder through the link " + show(there) + ", to " + real);
            }
            if (whole && !Files.isRegularFile(real)) {
                throw new Blocked(Files.isDirectory(real) ? "is a folder" : "is no regular file");
            }
            if (!whole && !Files.isDirectory(real)) {
                throw new Blocked("can't be there: " + show(there) + " is a file, not a folder");
            }
            return whole ? real : real.resolve(missing);
        } catch (NoSuchFileException e) {
            throw new Blocked("is a link to nothing");
        } catch (InvalidPathException e) {
            throw new Blocked("is no path that this machine can have");
        } catch (IOException e) {
            throw new Blocked("can't be reached: " + reason(e));
        }
    }

    /** The path itself, or the nearest folder above it that is there; a link counts as there, whatever it leads to. */
    private static Path deepest(Path file) {
        Path there = file;
        while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS) && there.getParent() != null) {
            there = there.getParent();
        }
        return there;
    }

    private String show(Path file) {
        return file.startsWith(root) && !file.equals(root) ? root.relativize(file).toString() : file.toString();
    }

    /** The bytes of the file, or null when there is none. */
    byte[] read(String path) throws Blocked {
        Path file = locate(path);
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new Blocked("can't be read: " + reason(e));
        }
    }

    /** True also where the file system has no such thing. */
    boolean isExecutable(String path) throws Blocked {
        return !root.getFileSystem().supportedFileAttributeViews().contains("posix") || Files.isExecutable(locate(path));
    }

    /** {@code ci.yml.orig}, then {@code ci.yml.orig.1}; one that holds the same bytes already is taken, none is ever overwritten. */
    String backupOf(String path, byte[] content) throws Blocked {
        for (int i = 0; i < MAX_BACKUPS; i++) {
            String name = path + ".orig" + (i == 0 ? "" : "." + i);
            if (isFreeFor(name, content)) {
                return name;
            }
        }
        throw new Blocked("has " + MAX_BACKUPS + " backups (.orig) beside it");
    }

    private boolean isFreeFor(String name, byte[] content) {
        try {
            byte[] there = read(name);
            return there == null || Arrays.equals(there, content);
        } catch (Blocked e) {
            return false; // a folder or a link: not ours to touch
        }
    }

    /** A new name beside a file, known as ours: {@code .ci.yml.0f3a….tmp}. */
    static Path temporary(Path target) {
        byte[] random = new byte[8];
        RANDOM.nextBytes(random);
        return target.resolveSibling("." + target.getFileName() + "." + HexFormat.of().formatHex(random) + ".tmp");
    }

    /** What a killed run left beside these files, sorted; names that only look alike are not among them. */
    static List<Path> leftovers(Collection<Path> targets) {
        List<Path> found = new ArrayList<>();
        for (Path folder : new TreeSet<>(targets.stream().map(Path::getParent).toList())) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, ".*.tmp")) {
                for (Path entry : entries) {
                    var name = TEMPORARY.matcher(entry.getFileName().toString());
                    if (name.matches() && targets.contains(folder.resolve(name.group(1))) && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                        found.add(entry);
                    }
                }
            } catch (IOException e) {
                continue; // no such folder yet
            }
        }
        found.sort(null);
        return found;
    }

    /** What the system says, without the path that Java puts before it. */
    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemLoopException) {
            return "its links go in a circle";
        }
        String text = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
        return text == null ? e.getClass().getSimpleName() : text;
    }

    // --- changing it ---

    static void writeNew(Path file, byte[] content) throws IOException {
        write(file, content);
        syncFiles(List.of(file));
    }

    /** Not safe from a power failure before {@link #syncFiles}. */
    static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        }
    }

    /** A full disk may show no sooner than here. */
    static void syncFiles(Collection<Path> files) throws IOException {
        together(files, file -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Side by side: a file system makes many things safe in hardly more time than one. */
    static void together(Collection<Path> files, Consumer<Path> sync) throws IOException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(MAX_THREADS, files.size())));
        try {
            List<Future<?>> all = new ArrayList<>();
            files.forEach(file -> all.add(threads.submit(() -> sync.accept(file))));
            for (Future<?> each : all) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof UncheckedIOException io ? io.getCause() : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** The rights of the file that it replaces, and its owner where we may; a new file has what the system gives. */
    static void permit(Path old, Path file, boolean executable) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null) {
            return;
        }
        PosixFileAttributes made = view.readAttributes();
        PosixFileAttributes was = Files.exists(old) ? Files.readAttributes(old, PosixFileAttributes.class) : made;
        try {
            if (!was.group().equals(made.group())) {
                view.setGroup(was.group());
            }
            if (!was.owner().equals(made.owner())) {
                view.setOwner(was.owner());
            }
        } catch (IOException e) {
            // Only root may give files away: then the file is the writer's, as with any editor.
        }
        Set<PosixFilePermission> rights = EnumSet.noneOf(PosixFilePermission.class);
        rights.addAll(was.permissions());
        if (executable) {
            was.permissions().forEach(right -> rights.add(switch (right) {
                case OWNER_READ -> PosixFilePermission.OWNER_EXECUTE;
                case GROUP_READ -> PosixFilePermission.GROUP_EXECUTE;
                case OTHERS_READ -> PosixFilePermission.OTHERS_EXECUTE;
                default -> right;
            }));
        }
        if (!rights.equals(made.permissions())) {
            view.setPermissions(rights);
        }
    }

    /** Makes renames last; some systems can't open a folder, and there it is the file system's own affair. */
    static void sync(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            return;
        }
    }

    static void replace(Path by, Path target) throws IOException {
        Files.move(by, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Another name for a file that is about to be replaced, so that to put it back takes no space; else a copy. */
    static void keep(Path target, Path name, byte[] content) throws IOException {
        try {
            Files.createLink(name, target);
        } catch (IOException | UnsupportedOperationException e) {
            writeNew(name, content);
            permit(target, name, false);
        }
    }

    static Path lockOf(Path manifest) {
        return manifest.resolveSibling("." + manifest.getFileName() + ".lock");
    }

    /** Null when another run has it. Two at once would take each other's temporary files for leftovers. */
    static Lock lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null && Files.exists(file)) {
                return new Lock(file, channel);
            }
        } catch (OverlappingFileLockException e) {
            // another thread of ours: busy all the same
        } catch (IOException e) {
            return new Lock(file, channel); // a file system without locks
        }
        channel.close();
        return null;
    }

    /** An empty file, locked while a run writes; a kill frees it, and the next run removes it. */
    record Lock(Path file, FileChannel channel) implements AutoCloseable {
        @Override
        public void close() {
            try (channel) {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                return; // where an open file can't be removed, an empty one stays
            }
        }
    }
}
