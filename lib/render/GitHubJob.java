package lib.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A job as a workflow file has it; what the template prints.
 *
 * @param matrix key to a JSON list or an expression that gives one
 * @param comment above the job, or empty
 * @param uses the workflow that it calls instead of having steps, or empty
 */
public record GitHubJob(
        String id, String name, List<String> needs, String condition, String runner, int timeout, List<Permission> permissions, String environment,
        Map<String, String> matrix, List<Map<String, Object>> services, Map<String, String> env, Map<String, String> outputs, String comment,
        List<WorkflowStep> steps, String uses) {

    static GitHubJob calling(String id, String name, String workflow) {
        return new GitHubJob(id, name, List.of(), "", "", 0, List.of(new Permission("contents", "read", "check out the code")), "", Map.of(), List.of(), Map.of(), Map.of(),
                "", List.of(), workflow);
    }

    /** Do they stand in one line that formatters leave as it is? */
    public boolean hasShortNeeds() {
        return "    needs: []".length() + String.join(", ", needs).length() <= 80;
    }

    /** The same job in the workflow of version tags, whose event is its condition. */
    GitHubJob onTag(List<String> after) {
        return new GitHubJob(id, name, after, "", runner, timeout, permissions, environment, matrix, services, env, outputs, comment, steps, uses);
    }

    /** A text of the project as a value: the platform would take {@code ${{} in it for the beginning of an expression. */
    static String text(String plain) {
        return plain.replace("${{", "${{ '${{' }}");
    }

    /** @param reason a comment: whoever reads the file wants to know why the job may do this */
    public record Permission(String scope, String level, String reason) {}

    /** One step; exactly one of {@code uses} and {@code run}. */
    public static final class WorkflowStep {
        private final String name;
        private String id = "";
        private String condition = "";
        private String uses = "";
        private String version = "";
        private String run = "";
        private String folder = "";
        private String comment = "";
        private final List<Input> inputs = new ArrayList<>();
        private final Map<String, String> env = new LinkedHashMap<>();

        /** @param comment beside the value, or empty */
        public record Input(String key, String value, String comment) {
            /** Numbers and booleans are written as such, but a version is a text even where it looks like a number. */
            public boolean isPlain() {
                return value.matches("true|false") || value.matches("\\d{1,4}") && !key.contains("version");
            }
        }

        public WorkflowStep(String name) {
            this.name = text(name);
        }

        WorkflowStep id(String value) {
            id = value;
            return this;
        }

        WorkflowStep condition(String value) {
            condition = value;
            return this;
        }

        WorkflowStep uses(String action, String tag) {
            uses = action;
            version = tag;
            return this;
        }

        /** @param value in which expressions are meant */
        WorkflowStep with(String key, String value) {
            return with(key, value, "");
        }

        WorkflowStep with(String key, String value, String inputComment) {
            inputs.add(new Input(key, value, inputComment));
            return this;
        }

        /** @param value in which expressions are meant */
        WorkflowStep env(String key, String value) {
            env.put(key, value);
            return this;
        }

        WorkflowStep run(String script) {
            run = script;
            return this;
        }

        /** @param path in which expressions are meant */
        WorkflowStep folder(String path) {
            folder = path.equals(".") ? "" : path;
            return this;
        }

        WorkflowStep comment(String text) {
            comment = text;
            return this;
        }

        public String getName() {
            return name;
        }

        public String getId() {
            return id;
        }

        public String getCondition() {
            return condition;
        }

        public String getUses() {
            return uses;
        }

        public String getVersion() {
            return version;
        }

        public String getRun() {
            return run;
        }

        public String getFolder() {
            return folder;
        }

        public String getComment() {
            return comment;
        }

        public List<Input> getInputs() {
            return inputs;
        }

        public Map<String, String> getEnv() {
            return env;
        }
    }
}
