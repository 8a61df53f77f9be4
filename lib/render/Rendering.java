package lib.render;

import java.util.List;
import lib.scan.Finding;

/**
 * What a platform made of a plan.
 *
 * @param parity what the platform cannot express, and what replaces it
 * @param settings what somebody must set up once outside of the files, with the exact names that these use
 */
public record Rendering(String platform, List<GeneratedFile> files, List<Parity> parity, List<Setting> settings, List<Finding> findings) {

    public record Parity(String feature, String replacement) {}

    /** @param kind {@code secret}, {@code variable}, {@code environment}, {@code trust-policy}, {@code branch-protection}, {@code plugin} */
    public record Setting(String kind, String name, String how) {}

    /** A rendered file in memory. @param path from the project's root; @param executable whether it is a script */
    public record GeneratedFile(String path, String content, boolean executable) {
        public static GeneratedFile of(String path, String content) {
            return new GeneratedFile(path, content, false);
        }
    }
}
