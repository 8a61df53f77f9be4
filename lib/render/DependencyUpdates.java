package lib.render;

//FILES templates/pipeline/github-actions/.github/=../../templates/pipeline/github-actions/.github/dependabot.yml.ftl
//FILES templates/pipeline/=../../templates/pipeline/renovate.json.ftl

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Set;
import lib.scan.Component;
import lib.scan.Project;
import lib.scan.ProjectFacts;

/** Configuration of the services that propose dependency updates: Dependabot on GitHub, Renovate elsewhere. */
final class DependencyUpdates {
    private DependencyUpdates() {}

    /** One entry of dependabot.yml. */
    public record Update(String ecosystem, List<String> directories) {}

    static GeneratedFile dependabot(CiPlatform.Context context) {
        ProjectFacts facts = context.facts();
        Map<String, Set<String>> folders = new TreeMap<>();
        folders.put("github-actions", new TreeSet<>(Set.of("/")));
        for (Component component : facts.components()) {
            String ecosystem = ecosystem(component);
            boolean isCovered = component.isWorkspaceMember() && !List.of("go-modules").contains(component.packageManager() == null ? "" : component.packageManager().id());
            if (!ecosystem.isEmpty() && !isCovered) {
                folders.computeIfAbsent(ecosystem, e -> new TreeSet<>()).add(folder(component.path()));
            }
        }
        facts.dockerfiles().forEach(d -> folders.computeIfAbsent("docker", e -> new TreeSet<>()).add(folder(Project.folderOf(d.path()))));
        List<Update> updates = new ArrayList<>();
        folders.forEach((ecosystem, set) -> updates.add(new Update(ecosystem, List.copyOf(set))));
        return GeneratedFile.of(".github/dependabot.yml",
                context.templates().fill("pipeline/github-actions/.github/dependabot.yml", YamlFormat.INSTANCE, Map.of("updates", updates)));
    }

    static GeneratedFile renovate(CiPlatform.Context context) {
        return GeneratedFile.of("renovate.json", context.templates().fill("pipeline/renovate.json", YamlFormat.INSTANCE, Map.of()));
    }

    private static String folder(String path) {
        return path.equals(".") ? "/" : "/" + path;
    }

    private static String ecosystem(Component component) {
        String manager = component.packageManager() == null ? component.ecosystem() : component.packageManager().id();
        return switch (manager) {
            case "npm", "yarn", "yarn-berry", "pnpm" -> "npm";
            case "bun" -> "bun";
            case "pip", "pipenv", "poetry", "pdm", "hatch" -> "pip";
            case "uv" -> "uv";
            case "go-modules" -> "gomod";
            case "maven" -> "maven";
            case "gradle" -> "gradle";
            case "sbt" -> "sbt";
            case "cargo" -> "cargo";
            case "nuget" -> "nuget";
            case "bundler" -> "bundler";
            case "composer" -> "composer";
            case "mix" -> "mix";
            case "pub" -> "pub";
            case "swiftpm" -> "swift";
            case "terraform" -> "terraform";
            case "helm" -> "helm";
            default -> "";
        };
    }
}
