package lib.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A job as {@code .circleci/config.yml} has it; what the template prints. Empty means that the key is left out.
 *
 * @param executor name of a shared executor; where it is empty the job has one of its own in {@code docker} or {@code machine}
 * @param docker images: the first runs the steps, the others are services beside it
 * @param machine image of a virtual machine
 * @param parameters names; all are strings
 */
public record CircleCiJob(String id, String executor, List<Image> docker, String machine, boolean layerCaching, String resourceClass, List<String> parameters,
                          Map<String, String> environment, List<Step> steps) {

    CircleCiJob with(List<Step> others) {
        return new CircleCiJob(id, executor, docker, machine, layerCaching, resourceClass, parameters, environment, others);
    }

    /** @param name of the image, with a tag; @param environment of the container, and of the steps where it is the first */
    public record Image(String name, Map<String, String> environment) {}

    /** An environment that several jobs run in. */
    public record Executor(String name, Image image, String resourceClass) {}

    /** Steps that several jobs begin with. */
    public record Command(String name, String description, List<Step> steps) {}

    /**
     * A job in a workflow.
     *
     * @param filter an expression, or empty
     * @param branches {@code only} the default one, {@code other} than it, {@code none}, or empty for all
     * @param tags it runs on version tags too
     * @param matrix parameter to its values; with one value each it is a plain parameter
     */
    public record Invocation(String job, String name, boolean approval, List<String> requires, String filter, String branches, boolean tags,
                             Map<String, String> parameters, Map<String, List<String>> matrix, String context, String serialGroup) {
        static Invocation of(String job) {
            return new Invocation(job, "", false, List.of(), "", "", false, Map.of(), Map.of(), "", "");
        }

        Invocation requires(List<String> names) {
            return new Invocation(job, name, approval, names, filter, branches, tags, parameters, matrix, context, serialGroup);
        }

        Invocation named(String other, Map<String, String> values, String expression) {
            return new Invocation(job, other, approval, requires, expression, branches, tags, values, matrix, context, serialGroup);
        }

        Invocation matrix(Map<String, List<String>> values) {
            return new Invocation(job, name, approval, requires, filter, branches, tags, parameters, values, context, serialGroup);
        }

        Invocation filtered(String expression, String onBranches, boolean onTags) {
            return new Invocation(job, name, approval, requires, expression, onBranches, onTags, parameters, matrix, context, serialGroup);
        }

        Invocation delivering(String inContext, String alone) {
            return new Invocation(job, name, approval, requires, filter, branches, tags, parameters, matrix, inContext, alone);
        }

        Invocation approving() {
            return new Invocation(job, name, true, requires, filter, branches, tags, parameters, matrix, context, serialGroup);
        }

        /** What others require it by. */
        public String label() {
            return name.isEmpty() ? job : name;
        }

        /** Names where it runs; empty for all branches and no tags, and for an expression. */
        public String place() {
            String branch = switch (branches) {
                case "only" -> "default-branch";
                case "other" -> "other-branches";
                case "none" -> "";
                default -> tags ? "all-branches" : "";
            };
            return !filter.isEmpty() ? "" : branch + (tags ? (branch.isEmpty() ? "" : "-and-") + "version-tags" : "");
        }

        public boolean isPlain() {
            return equals(of(job));
        }
    }

    /** @param when an expression, or empty */
    public record Workflow(String name, String comment, String when, List<Invocation> jobs) {}

    /** One step: {@code run} has a script; any other is its name with parameters, of which a list is printed as one. */
    public static final class Step {
        private final String kind;
        private final String name;
        private String script = "";
        private String folder = "";
        private String when = "";
        private String patience = "";
        private String comment = "";
        private final Map<String, String> environment = new LinkedHashMap<>();
        private final Map<String, Object> parameters = new LinkedHashMap<>();

        private Step(String kind, String name) {
            this.kind = kind;
            this.name = name;
        }

        static Step of(String kind) {
            return new Step(kind, "");
        }

        static Step run(String name, String script) {
            Step step = new Step("run", text(name));
            step.script = text(script.strip().contains("\n") ? script : script.strip());
            return step;
        }

        Step with(String key, String value) {
            parameters.put(key, text(value));
            return this;
        }

        Step with(String key, List<String> values) {
            parameters.put(key, values.stream().map(Step::text).toList());
            return this;
        }

        /** A value in which {@code << >>} is meant. */
        Step withExpression(String key, String value) {
            parameters.put(key, value);
            return this;
        }

        Step withExpressions(String key, List<String> values) {
            parameters.put(key, values);
            return this;
        }

        Step envExpression(String key, String value) {
            environment.put(key, value);
            return this;
        }

        Step env(Map<String, String> values) {
            values.forEach((key, value) -> environment.put(key, text(value)));
            return this;
        }

        /** @param path in which {@code << >>} is meant already */
        Step in(String path) {
            folder = path.equals(".") ? "" : path;
            return this;
        }

        Step always() {
            when = "always";
            return this;
        }

        /** How long it may say nothing; ten minutes is the platform's own limit. */
        Step patience(String time) {
            patience = time;
            return this;
        }

        Step comment(String text) {
            comment = text;
            return this;
        }

        /** The platform would take {@code <<} for the beginning of an expression. */
        static String text(String plain) {
            return plain.replace("<<", "\\<<");
        }

        public String getKind() {
            return kind;
        }

        public String getName() {
            return name;
        }

        public String getScript() {
            return script;
        }

        public String getFolder() {
            return folder;
        }

        public String getWhen() {
            return when;
        }

        public String getPatience() {
            return patience;
        }

        public String getComment() {
            return comment;
        }

        public Map<String, String> getEnvironment() {
            return environment;
        }

        public Map<String, Object> getParameters() {
            return parameters;
        }

        boolean isLong() {
            return kind.equals("run") && script.strip().contains("\n") && !script.contains("<< ") && folder.isEmpty() && environment.values().stream().noneMatch(v -> v.contains("<< "));
        }

        Step withoutComment() {
            Step step = new Step(kind, name);
            step.script = script;
            step.when = when;
            step.patience = patience;
            step.environment.putAll(environment);
            return step;
        }

        private List<Object> all() {
            return List.of(kind, name, script, folder, when, patience, comment, new ArrayList<>(environment.entrySet()), new ArrayList<>(parameters.entrySet()));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Step step && all().equals(step.all());
        }

        @Override
        public int hashCode() {
            return all().hashCode();
        }
    }
}
