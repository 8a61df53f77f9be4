package lib.scan;

/**
 * Where the project shows that a component is published.
 *
 * @param registry {@code npm}, {@code jsr}, {@code pypi}, {@code crates}, {@code maven-central}, {@code nuget}, {@code rubygems}, {@code packagist},
 *                 {@code helm-oci}, {@code github-releases}
 * @param name the package's name there
 */
public record Publication(String registry, String name, Evidence evidence) {}
