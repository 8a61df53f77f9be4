package lib.scan;

/**
 * A program that a command of the component calls and that neither its runtime nor its install step brings:
 * {@code golangci-lint}, {@code pre-commit}, {@code tflint}.
 *
 * @param version as the project pins it, or empty
 */
public record Tool(String name, String version, Evidence evidence) {}
