package support;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project's own files lie, for tests that run them as a user would. */
public final class Checkout {
    private Checkout() {}

    /** The folder with the catalog: the working directory or one above it. */
    public static Path root() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("jbang-catalog.json"))) {
                return folder;
            }
        }
        throw new IllegalStateException("run the tests in a checkout: there is no jbang-catalog.json in " + Path.of("").toAbsolutePath() + " or above");
    }
}
