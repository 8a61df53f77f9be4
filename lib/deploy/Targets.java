package lib.deploy;

//DEPS com.fasterxml.jackson.core:jackson-databind:2.23.0
//SOURCES Target.java Router.java Metrics.java Journal.java Lock.java Pace.java Routers.java
//SOURCES DeployOptions.java Release.java Preflight.java Forecast.java Deployment.java Recorded.java
//SOURCES Engine.java Watch.java Evidence.java Outside.java FileStore.java

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import lib.plan.RolloutConfig;
import lib.scan.Manifests;

/** The targets that there are. A new one is a class that implements {@link Target}, an entry here, and its contract test. */
public final class Targets {
    private Targets() {}

    /**
     * What a target is opened with.
     *
     * @param folder of the project; @param app its name; @param image or version that is to be deployed, or empty
     * @param router that was asked for, or empty; @param timeoutSeconds of one action
     */
    public record Settings(Path folder, String app, String image, String context, String namespace, String router, int timeoutSeconds, Manifests manifests, RolloutConfig config, Pace pace) {}

    /** An entry is a lambda, so that the classes of a target that is not used, and its libraries, are never loaded. */
    private static final Map<String, Function<Settings, Target>> ALL = new LinkedHashMap<>();

    public static List<String> known() {
        return List.of("kubernetes", "local");
    }

    public static boolean isThere(String id) {
        return ALL.containsKey(id);
    }

    public static Target open(String id, Settings settings) {
        return ALL.get(id).apply(settings);
    }
}
