package lib.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The stages of a pipeline, in their order; what {@code --stages} selects from. */
public enum Stage {
    LINT, TEST, BUILD, SECURITY, PACKAGE, PUBLISH, DEPLOY;

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static List<String> ids() {
        return Arrays.stream(values()).map(Stage::id).toList();
    }

    public static Stage of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }
}
