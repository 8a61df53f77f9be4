package lib.scan;

/**
 * Where a fact was read and by which rule. A line of 0 stands for the whole file.
 *
 * @param file path from the project's root, with forward slashes
 * @param line counted from 1
 * @param rule the rule that read it, in dash-case: {@code lock-file}, {@code npm-script}
 */
public record Evidence(String file, int line, String rule) {

    public static Evidence of(String file, String rule) {
        return new Evidence(file, 0, rule);
    }

    /** {@code package.json:12}, as compilers write it. */
    public String place() {
        return line > 0 ? file + ":" + line : file;
    }
}
