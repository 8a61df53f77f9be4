package lib.plan;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import lib.scan.Document;

/** Reads the data files that travel with the tool. A broken one is a bug of ours, which is why nothing here is a Failure. */
final class Resources {
    private Resources() {}

    static Document yaml(String name) {
        try (InputStream in = Resources.class.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            return Document.ofYaml(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (Document.Broken e) {
            throw new IllegalStateException(name + ":" + e.line + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
