package lib.scan;

/**
 * The language runtime of a component.
 *
 * @param name {@code node}, {@code bun}, {@code deno}, {@code python}, {@code go}, {@code java}, {@code rust}, {@code dotnet}, {@code ruby},
 *             {@code php}, {@code elixir}, {@code swift}, {@code dart}, {@code flutter}, {@code ghc}, {@code terraform}, {@code zig}
 * @param version exact or partial version that the project pins ({@code 22.14.0}, {@code 3.12}), or empty
 * @param range the range that the project declares ({@code >=20}, {@code ^8.2}), in its own syntax, or empty; of Java:
 *              bounds that all hold, with a space between, in whole versions of the JDK: {@code >=11 <18}
 * @param versionFile path from the root of the file that a CI platform's set-up step can read itself, or empty
 */
public record Runtime(String name, String version, String range, String versionFile, Evidence evidence) {

    public boolean isPinned() {
        return !version.isEmpty();
    }
}
