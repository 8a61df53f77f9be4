package support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes small project trees for tests. Knows nothing of what the files mean. */
public final class Tree {
    private Tree() {}

    /**
     * Writes files below a folder and returns the folder.
     *
     * @param pathAndContent a path with forward slashes, then what the file holds, and so on; a path that ends in a slash is an
     *                       empty folder and has an (ignored) content too
     */
    public static Path of(Path dir, String... pathAndContent) {
        if (pathAndContent.length % 2 != 0) {
            throw new IllegalArgumentException("a path without content: " + pathAndContent[pathAndContent.length - 1]);
        }
        try {
            Files.createDirectories(dir);
            for (int i = 0; i < pathAndContent.length; i += 2) {
                Path file = dir.resolve(pathAndContent[i]);
                if (pathAndContent[i].endsWith("/")) {
                    Files.createDirectories(file);
                    continue;
                }
                Files.createDirectories(file.getParent());
                Files.writeString(file, pathAndContent[i + 1]);
            }
            return dir;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
