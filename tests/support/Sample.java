package support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import lib.plan.Catalogue;

/** The small catalogue of {@code tests/scaffold}, whose one resource is a part of the engine: what it writes can be applied anywhere. */
public final class Sample {
    public static final Path TEMPLATES = Checkout.root().resolve("tests/scaffold/templates");

    private Sample() {}

    public static String text() {
        try {
            return Files.readString(Checkout.root().resolve("tests/scaffold/aws.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Optional<Catalogue> catalogue(String cloud) {
        return cloud.equals("azure") ? Optional.empty() : Optional.of(Catalogue.of(cloud + ".yaml", text().replace("id: aws", "id: " + cloud)));
    }
}
