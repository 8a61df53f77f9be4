package lib.scan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The first stage: a project in, facts with evidence out. Findings stay with the {@link Project}. */
public final class Scan {
    /** Ecosystems of what ships with an application or describes it, and is the project itself only where there is no application. */
    private static final Set<String> SHIPPED = Set.of("terraform", "helm", "docker", "mkdocs", "hugo", "antora");
    /** Folders of scripts: a program there serves the repository, which is not about it. */
    private static final Set<String> CHORES = Set.of("scripts", "script", "hack", "tools", "tool", "ci", "utils", "util", "dev");

    private static final Pattern SHARED = Pattern.compile("package\\.json|pnpm-workspace\\.yaml|turbo\\.json|nx\\.json|lerna\\.json|tsconfig(\\.\\w+)?\\.json|\\.npmrc|\\.yarnrc\\.yml"
            + "|babel\\.config\\.\\w+|jest\\.(config|preset)\\.\\w+|vitest\\.(config|workspace)\\.\\w+|go\\.work(\\.sum)?|deno\\.jsonc?|pyproject\\.toml");

    private Scan() {}

    public static ProjectFacts scan(Project project) {
        List<ProjectFacts.Dockerfile> dockerfiles = Containers.dockerfiles(project);
        List<ProjectFacts.Chart> charts = HelmLanguage.charts(project);

        List<Component> components = new ArrayList<>();
        for (Language language : Languages.all()) {
            components.addAll(language.detect(project));
        }
        components = Services.attach(project, withShipped(project, components, dockerfiles));
        // Stable: components of one folder keep the order of the list of languages.
        components.sort(Comparator.comparing(Component::path));

        Set<String> packages = new LinkedHashSet<>();
        components.stream().filter(Component::isPackage).forEach(c -> packages.add(c.path()));
        GitMetadata git = GitMetadata.of(project.root());
        return new ProjectFacts(project.name(), List.copyOf(components), packages.size() > 1, List.copyOf(packages), dockerfiles, charts,
                Containers.manifests(project, charts), TerraformLanguage.places(project), Surroundings.submodules(project), Surroundings.existingCi(project),
                project.documented("."), sharedFiles(project, components), Surroundings.licence(project), git.defaultBranch(), git.remote());
    }

    /**
     * Beside an application, its charts are facts and no components, and its infrastructure is checked but is no package of the project.
     * Where there is nothing but Dockerfiles, they are the project.
     */
    private static List<Component> withShipped(Project project, List<Component> found, List<ProjectFacts.Dockerfile> dockerfiles) {
        boolean code = found.stream().anyMatch(c -> !SHIPPED.contains(c.ecosystem()) && !isChore(c.path()));
        boolean ofCharts = found.stream().anyMatch(c -> c.ecosystem().equals("helm") && c.path().equals("."));
        List<Component> kept = new ArrayList<>();
        for (Component c : found) {
            if (!code || !SHIPPED.contains(c.ecosystem()) || ofCharts && c.ecosystem().equals("helm")) {
                kept.add(c);
            } else if (!c.ecosystem().equals("helm")) {
                kept.add(c.but().notAPackage().build());
            }
        }
        if (kept.isEmpty()) {
            Set<String> folders = new TreeSet<>();
            dockerfiles.forEach(d -> folders.add(Project.folderOf(d.path())));
            folders.forEach(f -> kept.add(Containers.component(project, f, dockerfiles)));
        }
        return kept;
    }

    /** Configuration at the root of a workspace that tools read for every member. */
    private static Map<String, List<String>> sharedFiles(Project project, List<Component> components) {
        Map<String, List<String>> shared = new TreeMap<>();
        for (Component c : components) {
            if (c.isWorkspaceMember()) {
                shared.computeIfAbsent(c.workspace().root(),
                        root -> project.in(root).stream().filter(n -> SHARED.matcher(n).matches()).map(n -> Project.join(root, n)).toList());
            }
        }
        return shared;
    }

    private static boolean isChore(String path) {
        return CHORES.contains(path.split("/")[0]);
    }
}
