package lib.scan;

import java.util.Map;

/**
 * A service that the component's tests talk to.
 *
 * @param name one of the service ids of the README
 * @param image as the project's compose file says, or empty: the planner then takes its default
 * @param environment variables through which the project itself finds the service, with a value that fits; may be empty
 */
public record Service(String name, String image, Map<String, String> environment, Evidence evidence) {

    public Service {
        environment = Map.copyOf(environment);
    }
}
