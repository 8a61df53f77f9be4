package lib.render;

import freemarker.core.CommonMarkupOutputFormat;
import freemarker.core.CommonTemplateMarkupOutputModel;
import freemarker.template.TemplateMethodModelEx;
import freemarker.template.TemplateModelException;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A stage as a Jenkinsfile has it; what the template prints. Empty means that the section is left out.
 *
 * <p>Lines of {@code when}, {@code options}, {@code cleanup} and of code steps are Groovy already.
 */
public final class JenkinsStage {
    private final String name;
    private String comment = "";
    private final List<String> when = new ArrayList<>();
    private Agent agent;
    private final List<String> options = new ArrayList<>();
    private final Map<String, Text> environment = new LinkedHashMap<>();
    private final Map<String, List<String>> axes = new LinkedHashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<JenkinsStage> stages = new ArrayList<>();
    private final List<JenkinsStage> parallel = new ArrayList<>();
    private final List<String> always = new ArrayList<>();
    private final List<String> cleanup = new ArrayList<>();

    /** @param code whether the text is Groovy already: a string in double quotes in which variables are meant */
    public record Text(String text, boolean code) {
        static Text of(String text) {
            return new Text(text, false);
        }

        static Text code(String text) {
            return new Text(text, true);
        }
    }

    /** @param image empty where the steps run on the agent itself; @param reuse it runs beside its parent, on the same agent */
    public record Agent(Text image, Text args, boolean reuse) {
        static final Agent NODE = new Agent(Text.of(""), Text.of(""), false);
    }

    /**
     * One step: a script, a line of Groovy, or a block around others.
     *
     * @param label for people, where the script does not speak for itself
     * @param code Groovy, in place of a script
     * @param block Groovy that opens the block, of one line or more; {@code inner} stands in it
     */
    public record Step(String label, String script, String code, List<String> block, List<Step> inner) {
        static Step sh(String label, String script) {
            return new Step(label, script, "", List.of(), List.of());
        }

        static Step code(String code) {
            return new Step("", "", code, List.of(), List.of());
        }

        static Step in(List<String> block, List<Step> inner) {
            return new Step("", "", "", block, inner);
        }

        public boolean isLong() {
            return script.strip().contains("\n");
        }
    }

    /** A step that several stages have. */
    public record Function(String name, Step step) {}

    JenkinsStage(String name) {
        this.name = name;
    }

    JenkinsStage comment(String text) {
        comment = text;
        return this;
    }

    JenkinsStage when(String line) {
        when.add(line);
        return this;
    }

    JenkinsStage agent(Agent value) {
        agent = value;
        return this;
    }

    JenkinsStage option(String line) {
        options.add(line);
        return this;
    }

    JenkinsStage env(String key, Text value) {
        environment.put(key, value);
        return this;
    }

    JenkinsStage axis(String key, List<String> values) {
        axes.put(key, values);
        return this;
    }

    JenkinsStage step(Step step) {
        steps.add(step);
        return this;
    }

    /** All steps so far, inside of a block. */
    void wrap(String block) {
        Step all = Step.in(List.of(block), List.copyOf(steps));
        steps.clear();
        steps.add(all);
    }

    JenkinsStage stage(JenkinsStage inner) {
        stages.add(inner);
        return this;
    }

    JenkinsStage parallel(List<JenkinsStage> branches) {
        parallel.addAll(branches);
        return this;
    }

    JenkinsStage always(String line) {
        always.add(line);
        return this;
    }

    JenkinsStage cleanup(String line) {
        cleanup.add(line);
        return this;
    }

    /** All of them with another in place of each. */
    void replace(UnaryOperator<Step> other) {
        steps.replaceAll(step -> replaced(step, other));
        stages.forEach(s -> s.replace(other));
        parallel.forEach(s -> s.replace(other));
    }

    private static Step replaced(Step step, UnaryOperator<Step> other) {
        return step.block().isEmpty() ? other.apply(step) : Step.in(step.block(), step.inner().stream().map(s -> replaced(s, other)).toList());
    }

    boolean isMatrix() {
        return !axes.isEmpty();
    }

    public String getName() {
        return name;
    }

    public String getComment() {
        return comment;
    }

    public List<String> getWhen() {
        return when;
    }

    public Agent getAgent() {
        return agent;
    }

    public List<String> getOptions() {
        return options;
    }

    public Map<String, Text> getEnvironment() {
        return environment;
    }

    public Map<String, List<String>> getAxes() {
        return axes;
    }

    public List<Step> getSteps() {
        return steps;
    }

    public List<JenkinsStage> getStages() {
        return stages;
    }

    public List<JenkinsStage> getParallel() {
        return parallel;
    }

    public List<String> getAlways() {
        return always;
    }

    public List<String> getCleanup() {
        return cleanup;
    }
}

/**
 * How a text becomes a Groovy string: always in single quotes, in which nothing is replaced but escapes.
 *
 * <p>An interpolation in a template stands for a whole string. Code is printed with {@code ?no_esc}, and never holds a word of a project
 * that did not go through {@link #string}.
 */
final class GroovyFormat extends CommonMarkupOutputFormat<GroovyFormat.Literal> {
    public static final GroovyFormat INSTANCE = new GroovyFormat();

    private GroovyFormat() {}

    /** Text that is Groovy already. */
    public static final class Literal extends CommonTemplateMarkupOutputModel<Literal> {
        Literal(String plain, String markup) {
            super(plain, markup);
        }

        @Override
        public GroovyFormat getOutputFormat() {
            return INSTANCE;
        }
    }

    @Override
    public String getName() {
        return "Groovy";
    }

    @Override
    public String getMimeType() {
        return "text/x-groovy";
    }

    @Override
    public void output(String text, Writer out) throws IOException {
        out.write(string(text));
    }

    @Override
    public String escapePlainText(String text) {
        return string(text);
    }

    @Override
    public boolean isLegacyBuiltInBypassed(String name) {
        return false;
    }

    @Override
    protected Literal newTemplateMarkupOutputModel(String plain, String markup) {
        return new Literal(plain, markup);
    }

    public static String string(String text) {
        return "'" + escaped(text).replace("\n", "\\n") + "'";
    }

    /** All but line breaks. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> escaped.append("\\\\");
                case '\'' -> escaped.append("\\'");
                case '\n' -> escaped.append('\n');
                case '\t' -> escaped.append("\\t");
                case '\r' -> escaped.append("\\r");
                default -> {
                    if (YamlFormat.isEscaped(c)) {
                        escaped.append(String.format("\\u%04x", c));
                    } else {
                        escaped.appendCodePoint(c);
                    }
                }
            }
        });
        return escaped.toString();
    }

    /**
     * {@code [=block(text, 20)]}: a script: one line as a string, more as a block in triple quotes whose lines have that indent, which the
     * shell does not mind. Where it would (a document in the script, a quoted text of several lines) the lines stand as they are.
     */
    static final class Block implements TemplateMethodModelEx {
        @Override
        public Object exec(List arguments) throws TemplateModelException {
            return INSTANCE.fromMarkup(block(arguments.get(0).toString(), Integer.parseInt(arguments.get(1).toString())));
        }
    }

    static String block(String text, int indent) {
        if (!text.strip().contains("\n")) {
            return string(text.strip());
        }
        boolean isIndented = !text.contains("<<") && text.lines().allMatch(GroovyFormat::isClosed);
        String pad = " ".repeat(isIndented ? indent : 0);
        StringBuilder block = new StringBuilder("'''");
        text.stripTrailing().lines().forEach(line -> block.append('\n').append(line.isEmpty() ? "" : pad + triple(line)));
        return block.append('\n').append(" ".repeat(Math.max(0, indent - 4))).append("'''").toString();
    }

    /** Are all quotes of the line closed at its end? */
    private static boolean isClosed(String line) {
        char open = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && open != '\'') {
                i++;
            } else if (open == 0 && (c == '\'' || c == '"')) {
                open = c;
            } else if (c == open) {
                open = 0;
            }
        }
        return open == 0;
    }

    /** Single quotes need no escape in a block but where three of them meet. */
    private static String triple(String line) {
        return escaped(line).replace("\\'", "'").replace("'''", "\\'\\'\\'");
    }
}
