package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Knows Dockerfiles and Kubernetes manifests. A helper's image, in tests, examples or a development container, is left out. */
final class Containers {
    private static final Pattern NAME = Pattern.compile("(Dockerfile|Containerfile)([._-][A-Za-z0-9._-]+)?|[A-Za-z0-9._-]+\\.([Dd]ockerfile|[Cc]ontainerfile)");
    private static final Pattern TEMPLATE = Pattern.compile(".*\\.(dockerignore|j2|tmpl|tpl|template|erb|in|mustache|md|sh|yml|yaml|json|bak|orig)");
    private static final Pattern FROM = Pattern.compile("(?i)FROM\\s+(?:--\\S+\\s+)*(\\S+)(?:\\s+AS\\s+(\\S+))?.*");
    private static final Pattern ARG = Pattern.compile("(?i)ARG\\s+([A-Za-z_][A-Za-z0-9_]*)\\s*");
    /** BuildKit gives these a value by itself. */
    private static final Pattern PREDEFINED = Pattern.compile("(TARGET|BUILD)(PLATFORM|OS|ARCH|VARIANT|STAGE)|BUILDKIT_.*|SOURCE_DATE_EPOCH|(?i:(https?|ftp|no|all)_proxy)");
    /** Folders in which manifests are looked for: reading every YAML file of a large project would take too long. */
    private static final Set<String> MANIFEST_FOLDERS = Set.of("k8s", "kubernetes", "kube", "manifests", "manifest", "deploy", "deployment", "deployments", "kustomize",
            "base", "overlays", "openshift", "argocd", "gitops", "infra", "infrastructure", "ops", "cluster", "clusters", "config", "install", "release");
    private static final Set<String> WORKLOADS = Set.of("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "Service", "Ingress", "Rollout", "HTTPRoute");
    private static final int MAX_MANIFESTS = 2_000;

    private Containers() {}

    static List<ProjectFacts.Dockerfile> dockerfiles(Project project) {
        List<ProjectFacts.Dockerfile> found = new ArrayList<>();
        for (String file : project.files()) {
            String name = Project.nameOf(file);
            if (!name.contains("ockerfile") && !name.contains("ontainerfile")) {
                continue;
            }
            // Go's standard layout keeps Dockerfiles in build/package: a folder build is not made by tools here.
            String folder = Stream.of(Project.folderOf(file).split("/")).filter(p -> !p.equals("build")).collect(Collectors.joining("/"));
            if (NAME.matcher(name).matches() && !TEMPLATE.matcher(name).matches() && !Project.isAside(folder.isEmpty() ? "." : folder)) {
                read(project, file).ifPresent(found::add);
            }
        }
        return found;
    }

    private static Optional<ProjectFacts.Dockerfile> read(Project project, String file) {
        List<String> stages = new ArrayList<>();
        Set<String> arguments = new LinkedHashSet<>();
        Set<String> defaults = new LinkedHashSet<>();
        int first = 0;
        int number = 0;
        boolean continued = false;
        for (String raw : project.lines(file)) {
            number++;
            String line = raw.strip();
            boolean begins = !continued;
            continued = line.endsWith("\\") || continued && line.startsWith("#");
            if (!begins || line.startsWith("#")) {
                continue;
            }
            Matcher from = FROM.matcher(line);
            Matcher argument = ARG.matcher(line);
            if (from.matches()) {
                first = first == 0 ? number : first;
                if (from.group(2) != null) {
                    stages.add(from.group(2));
                }
            } else if (argument.matches()) {
                arguments.add(argument.group(1));
            } else if (line.matches("(?i)ARG\\s+[A-Za-z_][A-Za-z0-9_]*=.*")) {
                defaults.add(line.replaceFirst("(?i)ARG\\s+", "").replaceFirst("=.*", ""));
            }
        }
        // An argument with a default above the first FROM is named again, bare, in the stages that use it.
        arguments.removeIf(a -> defaults.contains(a) || PREDEFINED.matcher(a).matches());
        return first == 0 ? Optional.empty()
                : Optional.of(new ProjectFacts.Dockerfile(file, List.copyOf(stages), List.copyOf(arguments), new Evidence(file, first, "dockerfile")));
    }

    /** A folder whose images are all that the project makes. */
    static Component component(Project project, String folder, List<ProjectFacts.Dockerfile> dockerfiles) {
        Component.Builder b = Component.at(folder, "docker");
        for (String above : VersionFiles.upwards(folder)) {
            Optional<String> config = project.first(above, ".hadolint.yaml", ".hadolint.yml");
            if (config.isEmpty()) {
                continue;
            }
            Evidence evidence = Evidence.of(config.get(), "hadolint");
            // hadolint looks for its configuration where it is started, not beside the Dockerfile.
            String option = above.equals(folder) ? "" : " --config " + Shell.word("../".repeat(folder.split("/").length - (above.equals(".") ? 0 : above.split("/").length))
                    + Project.nameOf(config.get()));
            dockerfiles.stream().filter(d -> Project.folderOf(d.path()).equals(folder) && Shell.isPrintable(d.path())).forEach(d -> b.command(CommandKind.LINT,
                    Command.likely("hadolint" + option + " " + Shell.word(Project.nameOf(d.path())), evidence)));
            b.tool(new Tool("hadolint", "", evidence));
            break;
        }
        return b.build();
    }

    // --- Kubernetes ---

    /** Folders with a kustomization, and folders with plain manifests of something that runs. */
    static List<ProjectFacts.Manifests> manifests(Project project, List<ProjectFacts.Chart> charts) {
        Map<String, ProjectFacts.Manifests> found = new LinkedHashMap<>();
        for (String name : List.of("kustomization.yaml", "kustomization.yml", "Kustomization")) {
            for (String file : project.named(name)) {
                // A kustomize component is a part for others, and can't be applied alone.
                if (project.yamlAll(file).stream().noneMatch(d -> d.text("kind").equals("Component"))) {
                    found.put(Project.folderOf(file), new ProjectFacts.Manifests(Project.folderOf(file), "kustomize", Evidence.of(file, "kustomization")));
                }
            }
        }
        int read = 0;
        for (String file : project.files()) {
            String folder = Project.folderOf(file);
            if (!file.endsWith(".yaml") && !file.endsWith(".yml") || found.containsKey(folder) || !Stream.of(folder.split("/")).anyMatch(MANIFEST_FOLDERS::contains)
                    || Project.isAside(folder) || charts.stream().anyMatch(c -> Project.isInside(folder, c.path())) || ++read > MAX_MANIFESTS) {
                continue;
            }
            workload(project, file).ifPresent(line -> found.put(folder, new ProjectFacts.Manifests(folder, "kubernetes", new Evidence(file, line, "manifest"))));
        }
        return found.values().stream().sorted(java.util.Comparator.comparing(ProjectFacts.Manifests::path)).toList();
    }

    private static Optional<Integer> workload(Project project, String file) {
        String text = project.text(file).orElse("");
        if (!text.contains("apiVersion:") || !text.contains("kind:")) {
            return Optional.empty();
        }
        return project.yamlAll(file).stream().filter(d -> d.has("apiVersion") && d.has("metadata") && WORKLOADS.contains(d.text("kind"))).findFirst()
                .map(d -> d.line("kind"));
    }
}
