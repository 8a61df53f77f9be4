package support;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.render.Rendering.GeneratedFile;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Judges whether hostile values of a project stayed values in the files that were generated for it: read back by the parsers of the files'
 * formats, each stands somewhere as a whole, and nowhere in pieces.
 *
 * <p>All values have {@link Hostile#CANARY} in them, so that a piece of one that got out is seen by it.
 */
public final class Containment {
    private static final String LOWER = Hostile.CANARY.toLowerCase(Locale.ROOT);
    private static final Pattern GITHUB_EXPRESSION = Pattern.compile("\\$\\{\\{((?:'[^']*'|[^'}]|}(?!}))*)}}");
    /** Strings in an expression are what they say. */
    private static final Pattern GITHUB_STRING = Pattern.compile("\\$\\{\\{ '((?:[^']|'')*)' }}");
    private static final Pattern CIRCLE_EXPRESSION = Pattern.compile("(?<!\\\\)<<(?!<)(.*?)>>", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("[a-z0-9_.:/@*?,=+ ()'\"-]*");

    private final Set<String> values = new TreeSet<>(java.util.Comparator.comparingInt(String::length).reversed().thenComparing(java.util.Comparator.naturalOrder()));
    private final List<String> wrong = new ArrayList<>();
    private final List<String> scripts = new ArrayList<>();
    private String where = "";

    private Containment(Set<String> hostile) {
        for (String value : hostile) {
            values.add(value);
            values.add(value.strip());
            values.add(value.trim());
            // A backslash in the path of a workspace separates folders on some machines; half a character becomes a question mark in a file.
            values.add(value.replace('\\', '/'));
            values.add(value.replace("\uD800", "?"));
            // GitLab's patterns: what has a meaning in them stands for itself only as any character.
            values.add(value.replace('$', '?'));
            values.add(value.replaceAll("[$*?\\[\\]{}\\\\]", "?"));
        }
    }

    /** @param wrong what got out of its place; @param scripts those that have a hostile value in them */
    public record Verdict(List<String> wrong, List<String> scripts) {}

    public static Verdict of(List<GeneratedFile> files, Set<String> values) {
        Containment judge = new Containment(values);
        files.forEach(judge::file);
        return new Verdict(judge.wrong, judge.scripts);
    }

    private void file(GeneratedFile file) {
        where = file.path();
        if (!isMarked(file.content())) {
            return;
        }
        if (file.path().equals("Jenkinsfile")) {
            jenkins(file.content());
            return;
        }
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE);
        yaml(new Yaml(new SafeConstructor(options)).compose(new StringReader(file.content())), "");
    }

    private static boolean isMarked(String text) {
        return text.toLowerCase(Locale.ROOT).contains(LOWER);
    }

    // --- what stands where ---

    private void yaml(Node node, String path) {
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                String key = ((ScalarNode) tuple.getKeyNode()).getValue();
                value(key, path + "/<key>");
                yaml(tuple.getValueNode(), path + "/" + (isMarked(key) ? "*" : key));
            }
        } else if (node instanceof SequenceNode sequence) {
            sequence.getValue().forEach(each -> yaml(each, path + "/#"));
        } else {
            String text = ((ScalarNode) node).getValue();
            if (isMarked(text)) {
                scalar(text, path);
            }
        }
    }

    private void scalar(String text, String path) {
        boolean isGitHub = where.startsWith(".github/workflows/");
        boolean isCircle = where.startsWith(".circleci/");
        if (path.matches(".*/(env|environment|variables)/[^/]+") && NAME.matcher(text.toLowerCase(Locale.ROOT)).matches()) {
            // Part of an address, such as the user's name.
            return;
        }
        boolean isScript = isGitHub && path.endsWith("/steps/#/run") || isCircle && path.endsWith("/run/command")
                || where.equals(".gitlab-ci.yml") && path.matches("/[^/]+/(before_script|script|after_script)/#(/#)?");
        String plain = isGitHub ? evaluated(text, GITHUB_STRING, GITHUB_EXPRESSION, path) : isCircle ? evaluated(text, null, CIRCLE_EXPRESSION, path).replace("\\<<", "<<") : text;
        if (isScript) {
            script(plain, path);
        } else if (where.equals(".gitlab-ci.yml") && !path.matches("/[^/]+/(needs/#.*|cache/key/files/#)")) {
            value(dollars(plain, path), path);
        } else {
            value(plain, path);
        }
    }

    /** With what the platform puts in place of expressions; none may have a project's word in it. */
    private String evaluated(String text, Pattern string, Pattern expression, String path) {
        Matcher matcher = expression.matcher(text);
        StringBuilder plain = new StringBuilder();
        while (matcher.find()) {
            Matcher literal = string == null ? null : string.matcher(matcher.group());
            boolean isLiteral = literal != null && literal.matches();
            String code = string == null ? matcher.group(1) : matcher.group(1).replaceAll("'(?:[^']|'')*'", "''");
            if (!isLiteral && (isMarked(code) && !code.matches("[a-z0-9_. -]+") || code.contains("pipeline.id"))) {
                wrong.add(where + path + ": the expression " + matcher.group());
            }
            matcher.appendReplacement(plain, Matcher.quoteReplacement(isLiteral ? literal.group(1).replace("''", "'") : "…"));
        }
        return matcher.appendTail(plain).toString();
    }

    /** GitLab fills in variables in all texts but scripts. */
    private String dollars(String text, String path) {
        Matcher variable = Pattern.compile("\\$\\$|\\$\\{?" + LOWER, Pattern.CASE_INSENSITIVE).matcher(text);
        while (variable.find()) {
            if (!variable.group().equals("$$")) {
                wrong.add(where + path + ": the variable " + variable.group() + " in [" + text + "]");
            }
        }
        return text.replace("$$", "$");
    }

    private void jenkins(String text) {
        GroovyText.Parts parts;
        try {
            parts = GroovyText.parts(text);
        } catch (IllegalStateException e) {
            wrong.add("Jenkinsfile: " + e.getMessage());
            return;
        }
        StringBuilder code = new StringBuilder(parts.rest());
        for (GroovyText.Literal literal : parts.literals()) {
            code.append(literal.code());
            if (!isMarked(literal.text())) {
                continue;
            }
            if (literal.quote().startsWith("\"") && literal.text().contains(Hostile.CANARY)) {
                wrong.add("Jenkinsfile: Groovy would fill in what is in [" + literal.text() + "]");
            }
            boolean isScript = literal.code().matches("(?s).*(\\bsh\\s*\\(?|\\bscript:)\\s*");
            if (isScript) {
                script(literal.text(), " sh");
            } else {
                if (!NAME.matcher(literal.text().toLowerCase(Locale.ROOT)).matches()) {
                    value(literal.text(), " string");
                }
            }
        }
        if (!isWhole(code.toString(), false)) {
            wrong.add("Jenkinsfile: code with a word of the project");
        }
    }

    // --- whole or in pieces ---

    private void script(String text, String path) {
        scripts.add(text);
        ShellScript.escapes(text, Containment::isMarked, this::isWhole).forEach(w -> wrong.add(where + path + ": " + w + " of the script\n" + text));
    }

    private void value(String text, String path) {
        if (isMarked(text) && !isWhole(text, false)) {
            wrong.add(where + path + ": [" + text + "]");
        }
    }

    /** Is every mark in it one of a whole value, or of a name made of one, in which nothing but letters, digits and dashes is left? */
    private boolean isWhole(String text, boolean isCommand) {
        if (text.matches("[A-Z][A-Z_0-9]*=.*") && NAME.matcher(text.substring(text.indexOf('=')).toLowerCase(Locale.ROOT)).matches()) {
            // Part of an address in a variable.
            return true;
        }
        StringBuilder rest = new StringBuilder();
        int from = 0;
        for (int at = text.indexOf(Hostile.CANARY); at >= 0; at = text.indexOf(Hostile.CANARY, from)) {
            int mark = at;
            String value = values.stream().filter(v -> text.startsWith(v, mark - v.indexOf(Hostile.CANARY))).findFirst().orElse("");
            if (value.isEmpty()) {
                return false;
            }
            rest.append(text, from, Math.max(from, mark - value.indexOf(Hostile.CANARY)));
            from = mark - value.indexOf(Hostile.CANARY) + value.length();
        }
        rest.append(text.substring(from));
        return !isMarked(rest.toString()) || !isCommand && NAME.matcher(surroundings(rest.toString().toLowerCase(Locale.ROOT))).matches();
    }

    /** What stands close to the marks. */
    private static String surroundings(String text) {
        StringBuilder close = new StringBuilder();
        for (int at = text.indexOf(LOWER); at >= 0; at = text.indexOf(LOWER, at + 1)) {
            close.append(text, Math.max(0, at - 1), Math.min(text.length(), at + LOWER.length() + 1));
        }
        return close.toString();
    }
}
