package lib.scan;

/**
 * A file or folder that the project's own commands write and that a pipeline keeps or shows.
 *
 * @param kind what it is
 * @param path glob from the component's folder
 */
public record Output(Kind kind, String path, Evidence evidence) {

    public enum Kind {
        /** JUnit XML of a test run. */
        JUNIT,
        /** Cobertura XML. */
        COBERTURA,
        /** lcov tracefile. */
        LCOV,
        /** JaCoCo XML. */
        JACOCO,
        /** What a build makes. */
        BUILD;

        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
