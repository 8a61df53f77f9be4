package lib.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The folder that files are written below: where a path really leads, what is there, and how our temporary files are called.
 * Reads and changes only what it is asked for; decides nothing.
 */
final class OutputFolder {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MAX_BACKUPS = 100;
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
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
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
