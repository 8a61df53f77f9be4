package support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Compares files with those kept under {@code expected}, byte for byte; with {@code --update} it rewrites these and says which. */
public final class Golden {
    private static final boolean UPDATE = Boolean.getBoolean("update");

    private Golden() {}

    public static void check(Path expected, Map<String, String> actual) throws IOException {
        if (UPDATE) {
            update(expected, actual);
            return;
        }
        assertTrue(Files.isDirectory(expected), "no goldens in " + expected + ": run the tests with --update, and read what it wrote");
        Map<String, String> kept = read(expected);
        assertEquals(kept.keySet(), actual.keySet(), "files of " + expected);
        for (Map.Entry<String, String> file : kept.entrySet()) {
            assertEquals(file.getValue(), actual.get(file.getKey()), expected.resolve(file.getKey()).toString());
        }
    }

    /** All files below the folder, by their path with forward slashes. */
    public static Map<String, String> read(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(path).toString().replace('\\', '/'), Files.readString(path));
            }
        }
        return files;
    }

    private static void update(Path expected, Map<String, String> actual) throws IOException {
        Map<String, String> kept = Files.isDirectory(expected) ? read(expected) : Map.of();
        for (String path : kept.keySet()) {
            if (!actual.containsKey(path)) {
                Files.delete(expected.resolve(path));
                System.out.println("removed " + expected.resolve(path));
            }
        }
        for (Map.Entry<String, String> file : actual.entrySet()) {
            if (!file.getValue().equals(kept.get(file.getKey()))) {
                Path path = expected.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.writeString(path, file.getValue());
                System.out.println("wrote " + path);
            }
        }
    }
}
