package lib.scan;

/**
 * The workspace that a component is the root or a member of.
 *
 * @param root path of the folder whose lock file and install command serve all members
 * @param kind {@code npm}, {@code pnpm}, {@code yarn}, {@code bun}, {@code deno}, {@code cargo}, {@code go}, {@code gradle}, {@code maven},
 *             {@code uv}, {@code poetry}, {@code dotnet}, {@code sbt}, {@code mix}, {@code pub}
 * @param orchestrator {@code turbo}, {@code nx}, {@code lerna} where one runs the members' tasks in the order of their graph, else empty
 * @param oneUnit true where the root's commands build and test all members together, as Cargo, Gradle and Maven do
 */
public record Workspace(String root, String kind, String orchestrator, boolean oneUnit) {}
