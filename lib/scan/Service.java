package lib.scan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A service that the component's tests talk to.
 *
 * @param name one of the service ids of the README
 * @param image as the project's compose file says, or empty: the planner then takes its default
 * @param environment variables of the service's own container: account, database, settings; what the job needs to find the service is
 *                    in {@link Component#environment()}, and says the same
 */
public record Service(String name, String image, Map<String, String> environment, Evidence evidence) {

    public Service {
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));     // in an order that is the same for every run
    }
}
