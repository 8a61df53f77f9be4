package lib.deploy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Journal and lock as files of one folder. A version is the hash of the text; each swap happens under a lock of the operating system, is
 * forced to disk, and replaces the file as a whole.
 */
final class FileStore implements Journal.Store {
    private final Path folder;

    FileStore(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<Journal.Versioned> read(String key) {
        Path file = folder.resolve(key + ".json");
        try {
            return Files.exists(file) ? Optional.of(new Journal.Versioned(hash(Files.readString(file)), Files.readString(file))) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String swap(String key, String expected, String text) {
        return alone(() -> {
            String there = read(key).map(Journal.Versioned::version).orElse("");
            if (!there.equals(expected)) {
                throw new Journal.Moved(key + " was written by somebody else");
            }
            try {
                if (text == null) {
                    Files.deleteIfExists(folder.resolve(key + ".json"));
                    return "";
                }
                write(folder.resolve(key + ".json"), text);
                return hash(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private <T> T alone(Supplier<T> act) {
        try {
            Files.createDirectories(folder);
            // Threads of one process may not lock a file twice.
            synchronized (FileStore.class) {
                try (RandomAccessFile file = new RandomAccessFile(folder.resolve(".guard").toFile(), "rw"); FileLock lock = file.getChannel().lock()) {
                    return act.get();
                }
            }
        } catch (IOException e) {
            throw lib.cli.Failure.cannotProceed("cannot write into " + folder + ": " + e.getMessage(), "check its permissions and free space");
        }
    }

    static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(next, text);
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        try {
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String hash(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The lease in a file of its own. */
    Lock.Store lock() {
        return new Lock.Store() {
            @Override
            public Optional<Lock.Held> read() {
                return FileStore.this.read("lock").map(v -> new Lock.Held(v.version(), Journal.parse(v.text(), Written.class).lease()));
            }

            @Override
            public String swap(String expected, Lock.Lease lease) {
                return FileStore.this.swap("lock", expected, lease == null ? null : Journal.text(Written.of(lease)));
            }
        };
    }

    /** A lease with instants as text. */
    private record Written(String holder, String acquired, String renewed, int seconds, int transitions) {
        static Written of(Lock.Lease lease) {
            return new Written(lease.holder(), lease.acquired().toString(), lease.renewed().toString(), lease.seconds(), lease.transitions());
        }

        Lock.Lease lease() {
            return new Lock.Lease(holder, Instant.parse(acquired), Instant.parse(renewed), seconds, transitions);
        }
    }
}
