package support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Markdown file of this project: its fenced blocks, its tables and its generated parts, which {@code --update} rewrites. */
public final class Paper {
    private static final Pattern FENCE = Pattern.compile("(?m)^( *)```([^\\n`]*)\\n((?:.*\\n)*?)\\1```$");
    private static final boolean UPDATE = Boolean.getBoolean("update");

    public final Path file;
    private String text;

    private Paper(Path file, String text) {
        this.file = file;
        this.text = text;
    }

    /** @param info what stands after the opening fence; @param line of that fence */
    public record Block(String info, String body, int line) {}

    public static Paper of(Path file) throws IOException {
        return new Paper(file, Files.readString(file));
    }

    /** All that people and agents read about this project. */
    public static List<Paper> all() throws IOException {
        List<Paper> papers = new ArrayList<>();
        Path root = Checkout.root();
        try (Stream<Path> references = Files.list(root.resolve("references"))) {
            for (Path file : Stream.concat(Stream.of("README.md", "CONTRIBUTING.md", "SKILL.md").map(root::resolve), references.sorted()).toList()) {
                papers.add(of(file));
            }
        }
        return papers;
    }

    public String name() {
        return Checkout.root().relativize(file).toString();
    }

    public String text() {
        return text;
    }

    /** What is outside of fenced blocks. */
    public String prose() {
        return FENCE.matcher(text).replaceAll("");
    }

    public List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        Matcher fence = FENCE.matcher(text);
        while (fence.find()) {
            int line = (int) text.substring(0, fence.start()).chars().filter(c -> c == '\n').count() + 1;
            blocks.add(new Block(fence.group(2).strip(), fence.group(3), line));
        }
        return blocks;
    }

    /** The rows of the table below a heading, cells without code marks; without the table's head. */
    public List<List<String>> table(String heading) {
        Matcher section = Pattern.compile("(?ms)^#+ " + Pattern.quote(heading) + "$(.*?)(?=^#|\\z)").matcher(text);
        if (!section.find()) {
            throw new AssertionError(name() + " has no section '" + heading + "'");
        }
        return section.group(1).lines().filter(l -> l.startsWith("|")).skip(2)
                .map(l -> Stream.of(l.substring(1, l.lastIndexOf('|')).split("(?<!\\\\)\\|")).map(c -> c.strip().replace("`", "").replace("\\|", "|")).toList()).toList();
    }

    /** Is the block as it should be? With {@code --update} it is made so. @return what the block should hold, if it does not */
    public String differs(Block block, String wanted) throws IOException {
        String body = wanted.endsWith("\n") ? wanted : wanted + "\n";
        if (block.body().equals(body)) {
            return "";
        }
        return update("```" + block.info() + "\n" + block.body() + "```", "```" + block.info() + "\n" + body + "```") ? "" : body;
    }

    /** As {@link #differs}, for the text between {@code <!-- generated: NAME -->} and {@code <!-- end -->}. */
    public String differs(String name, String wanted) throws IOException {
        Matcher part = Pattern.compile("(?s)(<!-- generated: " + Pattern.quote(name) + " -->\n\n)(.*?)(\n<!-- end -->)").matcher(text);
        if (!part.find()) {
            throw new AssertionError(name() + " has no part <!-- generated: " + name + " -->");
        }
        return part.group(2).equals(wanted) || update(part.group(), part.group(1) + wanted + part.group(3)) ? "" : wanted;
    }

    private boolean update(String old, String now) throws IOException {
        if (UPDATE) {
            // Others may have rewritten another part of the file since it was read.
            text = Files.readString(file).replace(old, now);
            Files.writeString(file, text);
            System.out.println("wrote " + file);
        }
        return UPDATE;
    }

    /**
     * A part of a file of YAML, Groovy or Java: the line that each step of the path names, within the part that the step before named, with
     * what is indented below it; without its own indentation. A step names a key, the {@code name:} of a list's entry, or the start of a line.
     */
    public static String part(String content, List<String> path) {
        List<String> lines = content.lines().toList();
        int from = 0;
        int to = lines.size();
        for (String step : path) {
            int at = from;
            while (at < to && !isNamed(lines.get(at).strip(), step)) {
                at++;
            }
            if (at == to) {
                throw new AssertionError("there is no '" + step + "' of " + String.join(" > ", path) + " in\n" + content);
            }
            int end = at + 1;
            while (end < to && (lines.get(end).isBlank() || indent(lines.get(end)) > indent(lines.get(at)))) {
                end++;
            }
            boolean isClosed = end < to && lines.get(end).strip().matches("[})\\]].*") && indent(lines.get(end)) == indent(lines.get(at));
            from = at;
            to = isClosed ? end + 1 : end;
        }
        int own = path.isEmpty() ? 0 : indent(lines.get(from));
        List<String> part = lines.subList(from, to).stream().map(l -> l.isBlank() ? "" : l.substring(Math.min(own, indent(l)))).toList();
        return String.join("\n", part).stripTrailing() + "\n";
    }

    private static boolean isNamed(String line, String step) {
        return line.equals(step) || line.startsWith(step + ":") || line.equals("- name: " + step) || line.startsWith(step + " {") || line.startsWith(step + "(");
    }

    private static int indent(String line) {
        return line.length() - line.stripLeading().length();
    }
}
