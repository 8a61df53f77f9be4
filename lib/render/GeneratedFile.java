package lib.render;

/** A rendered file in memory. @param path from the project's root; @param executable whether it is a script */
public record GeneratedFile(String path, String content, boolean executable) {
    public static GeneratedFile of(String path, String content) {
        return new GeneratedFile(path, content, false);
    }
}
