package lib.render;

import java.util.List;
import java.util.Map;
import java.util.Set;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.Versions;
import lib.scan.Finding;
import lib.scan.ProjectFacts;

/**
 * What a platform made of a plan.
 *
 * @param parity what the platform cannot express, and what replaces it
 * @param settings what somebody must set up once outside of the files, with the exact names that these use
 */
public record Rendering(String platform, List<GeneratedFile> files, List<Parity> parity, List<Setting> settings, List<Finding> findings) {

    public record Parity(String feature, String replacement) {}

    /** @param kind one of {@link #KINDS} @param name exactly as the files use it, or as the platform calls it @param how what to do, or what the value is */
    public record Setting(String kind, String name, String how) {
        /** A closed set: whoever reads the report decides by it who must do what. {@code SKILL.md} says what each is. */
        public static final Set<String> KINDS = Set.of("secret", "credential", "variable", "environment", "context", "trust-policy", "branch-protection", "project-setting",
                "schedule", "runner", "agent", "registry", "webhook", "plugin", "job", "group");

        public Setting {
            if (!KINDS.contains(kind)) {
                throw new IllegalArgumentException("no such kind of setting: " + kind);
            }
        }
    }

    /** A rendered file in memory. @param path from the project's root; @param executable whether it is a script */
    public record GeneratedFile(String path, String content, boolean executable) {
        public static GeneratedFile of(String path, String content) {
            return new GeneratedFile(path, content, false);
        }
    }

    /** Renders the neutral plan as one platform's own files. Decides nothing that the plan should have decided. */
    public interface CiPlatform {

        /** {@code github-actions}, {@code gitlab-ci}, {@code jenkins}, {@code circleci}. */
        String id();

        Rendering render(PipelinePlan plan, Context context);

        /** @param facts for files that speak of the project itself, such as dependency updates; jobs come from the plan alone */
        record Context(Templates templates, Pins pins, Versions versions, ProjectFacts facts, RenderOptions options) {}

        /** @param dependencyUpdates a configuration for automatic dependency updates was asked for; @param author what wrote the files, and from what */
        record RenderOptions(boolean dependencyUpdates, String author) {}

        /** How the platform runs the script of a step, for who runs a plan elsewhere. @param command gets the script's file as its last word */
        record StepShell(List<String> command, Map<String, String> environment) {
            /** Stands for the folder that the code is checked out to. */
            public static final String WORKSPACE = "{workspace}";
        }

        /** The shell and the variables that every step finds. */
        default StepShell shell() {
            return new StepShell(List.of("bash", "-eo", "pipefail"), Map.of("CI", "true"));
        }
    }
}
