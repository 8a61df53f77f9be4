package support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What JBang fetches for a script: the files that it and those that it lists name by {@code //SOURCES} and {@code //FILES}. */
public final class Shipped {
    private Shipped() {}

    /** @param written as it stands there; @param path from the root; @param target on the class path of a {@code //FILES} entry, else empty */
    public record Listed(String written, String path, String target) {}

    /** The tools: the scripts at the top of the checkout. */
    public static List<Path> scripts(Path root) {
        try (Stream<Path> files = Files.list(root)) {
            return files.filter(f -> f.toString().endsWith(".java")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<Listed> listed(Path root, Path file) {
        List<Listed> all = new ArrayList<>();
        for (String line : read(file).lines().toList()) {
            boolean isFiles = line.startsWith("//FILES ");
            if (!isFiles && !line.startsWith("//SOURCES ")) {
                continue;
            }
            for (String word : line.substring(line.indexOf(' ')).strip().split("[\\s,;]+")) {
                int equals = word.indexOf('=');
                String path = root.relativize(file.resolveSibling(word.substring(equals + 1)).normalize()).toString().replace('\\', '/');
                String target = !isFiles ? "" : equals < 0 ? fileName(path) : word.substring(0, equals) + (word.charAt(equals - 1) == '/' ? fileName(path) : "");
                all.add(new Listed(word, path, target));
            }
        }
        return all;
    }

    /** The script and all that it needs, from the root. */
    public static Set<String> closure(Path root, Path script) {
        Set<String> found = new LinkedHashSet<>();
        collect(root, script, found);
        return found;
    }

    private static void collect(Path root, Path file, Set<String> found) {
        boolean isNew = found.add(root.relativize(file).toString().replace('\\', '/'));
        if (isNew && file.toString().endsWith(".java") && Files.exists(file)) {
            listed(root, file).forEach(each -> collect(root, root.resolve(each.path()), found));
        }
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
