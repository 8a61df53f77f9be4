package lib.write;

//SOURCES Report.java

import com.fasterxml.jackson.databind.JsonNode;

/** The JSON report of the deployment manager. */
public final class DeploymentReport extends Report {
    public static final String SCHEMA = "deployment-report/1";

    public DeploymentReport(String version) {
        super(SCHEMA, "deployment_manager", version);
    }

    /** One of its parts: {@code plan}, {@code observed}, {@code rollout}, {@code history}, {@code verdict}. */
    public void part(String name, JsonNode value) {
        json.set(name, value);
    }
}
