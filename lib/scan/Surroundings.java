package lib.scan;

//DEPS org.eclipse.jgit:org.eclipse.jgit:7.8.1.202611041320-r

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
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
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Publication;
import lib.scan.Component.Service;
import lib.scan.Component.Tool;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.transport.URIish;

/** What lies around the code of a project: CI configuration that is there already, and the licence. */
final class Surroundings {
    /** By a pattern of the file's path; what a platform reads only at the root is looked for there only. */
    private static final Map<Pattern, String> CI = new LinkedHashMap<>();
    /** What only the text of one licence says, in lower case with single blanks; the first that holds decides. */
    private static final Map<Pattern, String> LICENCES = new LinkedHashMap<>();
    private static final Pattern LICENCE_FILE = Pattern.compile("(?i)(licen[sc]e|copying|unlicen[sc]e)([._-].*)?");
    private static final int LICENCE_HEAD = 3_000;

    static {
        ci("\\.github/workflows/[^/]+\\.ya?ml", "github-actions");
        ci("\\.gitlab-ci\\.ya?ml", "gitlab-ci");
        ci("(.*/)?Jenkinsfile([._-][\\w-]+)?", "jenkins");
        ci("\\.circleci/config\\.ya?ml", "circleci");
        ci("\\.?azure-pipelines(-[\\w-]+)?\\.ya?ml|\\.azure-pipelines/.+\\.ya?ml", "azure-pipelines");
        ci("bitbucket-pipelines\\.ya?ml", "bitbucket-pipelines");
        ci("\\.travis\\.ya?ml", "travis-ci");
        ci("\\.?appveyor\\.ya?ml", "appveyor");
        ci("\\.drone\\.(ya?ml|jsonnet|star)", "drone");
        ci("\\.woodpecker(\\.ya?ml|/.+\\.ya?ml)", "woodpecker");
        ci("\\.buildkite/.*pipeline.*\\.(ya?ml|json)", "buildkite");
        ci("\\.cirrus\\.(ya?ml|star)", "cirrus-ci");
        ci("\\.semaphore/.+\\.ya?ml", "semaphore");
        ci("\\.teamcity/.+\\.(kts|xml)", "teamcity");
        ci("\\.builds?/[^/]+\\.ya?ml|\\.build\\.ya?ml", "sourcehut");
        ci("codefresh\\.ya?ml|\\.codefresh/.+\\.ya?ml", "codefresh");
        ci("buildspec\\.ya?ml", "aws-codebuild");
        ci("cloudbuild\\.(ya?ml|json)", "google-cloud-build");
        ci("bitrise\\.ya?ml", "bitrise");
        ci("\\.forgejo/workflows/[^/]+\\.ya?ml", "forgejo-actions");
        ci("\\.gitea/workflows/[^/]+\\.ya?ml", "gitea-actions");
        ci("\\.tekton/[^/]+\\.ya?ml", "tekton");

        licence("gnu affero general public license", "AGPL-3.0-only");
        licence("gnu lesser general public license.{0,40}version 2\\.1", "LGPL-2.1-only");
        licence("gnu lesser general public license", "LGPL-3.0-only");
        licence("gnu general public license.{0,40}version 2", "GPL-2.0-only");
        licence("gnu general public license", "GPL-3.0-only");
        licence("mozilla public license,? version 2\\.0|mozilla public license version 2\\.0", "MPL-2.0");
        licence("apache license,? version 2\\.0|licensed under the apache license", "Apache-2.0");
        licence("eclipse public license - v 2\\.0", "EPL-2.0");
        licence("business source license 1\\.1", "BUSL-1.1");
        licence("boost software license - version 1\\.0", "BSL-1.0");
        licence("this is free and unencumbered software", "Unlicense");
        licence("cc0 1\\.0 universal", "CC0-1.0");
        licence("attribution-sharealike 4\\.0 international", "CC-BY-SA-4.0");
        licence("attribution 4\\.0 international", "CC-BY-4.0");
        licence("permission is hereby granted, free of charge, to any person obtaining a copy", "MIT");
        licence("permission to use, copy, modify, and(/or)? distribute this software for any purpose with or without fee is hereby granted, provided", "ISC");
        licence("permission to use, copy, modify, and(/or)? distribute this software for any purpose with or without fee is hereby granted\\.", "0BSD");
        licence("redistribution and use in source and binary forms.*neither the name", "BSD-3-Clause");
        licence("redistribution and use in source and binary forms", "BSD-2-Clause");
        licence("this software is provided 'as-is', without any express or implied warranty", "Zlib");
    }

    private Surroundings() {}

    private static void ci(String path, String platform) {
        CI.put(Pattern.compile(path), platform);
    }

    private static void licence(String text, String id) {
        LICENCES.put(Pattern.compile(text, Pattern.DOTALL), id);
    }

    private static final Pattern SSH = Pattern.compile("(?i)ssh://|[\\w.-]+@[\\w.-]+:");

    /** As git itself tracks them: what lies in such a folder here says nothing of what a check-out has. */
    static List<ProjectFacts.Submodule> submodules(Project project) {
        if (!project.exists(".gitmodules")) {
            return List.of();
        }
        List<ProjectFacts.Submodule> submodules = new ArrayList<>();
        Config modules = new Config();
        try {
            modules.fromText(project.text(".gitmodules").orElse(""));
        } catch (ConfigInvalidException e) {
            project.report(Finding.warning("broken-manifest", ".gitmodules cannot be parsed: " + e.getMessage(), "git config --file .gitmodules --list", Evidence.of(".gitmodules", "submodule")));
        }
        for (String name : modules.getSubsections("submodule")) {
            String path = modules.getString("submodule", name, "path");
            String url = modules.getString("submodule", name, "url");
            if (path != null && url != null) {
                Evidence evidence = new Evidence(".gitmodules", project.lineOf(".gitmodules", url), "submodule");
                submodules.add(new ProjectFacts.Submodule(path, url, evidence));
                if (SSH.matcher(url).lookingAt()) {
                    project.report(Finding.warning("submodule-by-ssh", "the submodule " + path + " is fetched by SSH, for which most jobs have no key",
                            "name it by https in .gitmodules, or relative to this repository where it lies beside it, as ../NAME.git", evidence));
                }
            }
        }
        return submodules;
    }

    static List<ProjectFacts.ExistingCi> existingCi(Project project) {
        List<ProjectFacts.ExistingCi> found = new ArrayList<>();
        for (String file : project.files()) {
            // Of the tens of thousands of files of a large project, only those in few and known places are worth a pattern.
            boolean possible = file.indexOf('/') < 0 || file.startsWith(".") || file.contains("Jenkinsfile");
            if (possible) {
                CI.entrySet().stream().filter(e -> e.getKey().matcher(file).matches()).findFirst()
                        .ifPresent(e -> found.add(new ProjectFacts.ExistingCi(e.getValue(), file)));
            }
        }
        return found;
    }

    /** The SPDX expression of the licence files at the root: two of them are a choice. */
    static String licence(Project project) {
        Set<String> ids = new LinkedHashSet<>();
        for (String name : project.in(".")) {
            if (LICENCE_FILE.matcher(name).matches()) {
                String text = project.text(name).orElse("");
                String head = text.substring(0, Math.min(LICENCE_HEAD, text.length())).toLowerCase(java.util.Locale.ROOT).replaceAll("[\\s*#>]+", " ");
                title(head).ifPresent(ids::add);
            }
        }
        return String.join(" OR ", ids.stream().sorted().toList());
    }

    /** The licence whose words come first: a file may name a second one further down, for its pictures. */
    private static Optional<String> title(String head) {
        Optional<String> found = Optional.empty();
        int first = Integer.MAX_VALUE;
        for (Map.Entry<Pattern, String> licence : LICENCES.entrySet()) {
            Matcher words = licence.getKey().matcher(head);
            if (words.find() && words.start() < first) {
                first = words.start();
                found = Optional.of(licence.getValue());
            }
        }
        return found;
    }
}

/**
 * What the metadata beside the project says: default branch and host of the remote. Reads three small files; runs no git.
 *
 * @param defaultBranch or empty
 * @param remote host of {@code origin}, or empty
 */
record GitMetadata(String defaultBranch, String remote) {
    private static final long MAX_BYTES = 1024 * 1024;
    private static final Pattern REF = Pattern.compile("ref: refs/(?:heads|remotes/origin)/(\\S+)\\s*");

    static GitMetadata of(Path root) {
        return folder(root).map(GitMetadata::read).orElse(new GitMetadata("", ""));
    }

    private static GitMetadata read(Path git) {
        // A linked work tree has its own HEAD; branches and configuration are those of the repository it was made from.
        Path common = text(git.resolve("commondir")).flatMap(t -> path(git, t.strip())).filter(Files::isDirectory).orElse(git);
        String head = branch(common.resolve("refs/remotes/origin/HEAD"));
        if (head.isEmpty()) {
            String current = branch(git.resolve("HEAD"));
            // Somebody may be on a branch of a feature: a branch with a usual name is the default one then.
            head = current.equals("main") || current.equals("master") ? current
                    : hasBranch(common, "main") ? "main" : hasBranch(common, "master") ? "master" : current;
        }
        return new GitMetadata(head, remote(common.resolve("config")));
    }

    private static Optional<Path> folder(Path root) {
        Path git = root.resolve(".git");
        if (Files.isDirectory(git)) {
            return Optional.of(git);
        }
        // In a work tree or a submodule, .git is a file that says where the folder is.
        return text(git).filter(t -> t.startsWith("gitdir:")).flatMap(t -> path(root, t.substring("gitdir:".length()).strip()))
                .filter(p -> Files.isRegularFile(p.resolve("HEAD")) && (Files.isDirectory(p.resolve("objects")) || Files.isRegularFile(p.resolve("commondir"))));
    }

    private static Optional<Path> path(Path root, String text) {
        try {
            return Optional.of(root.resolve(text).normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static String branch(Path file) {
        Matcher ref = REF.matcher(text(file).orElse(""));
        return ref.matches() && Shell.isPrintable(ref.group(1)) ? ref.group(1) : "";
    }

    private static boolean hasBranch(Path git, String name) {
        return Files.exists(git.resolve("refs/heads/" + name)) || Files.exists(git.resolve("refs/remotes/origin/" + name))
                || text(git.resolve("packed-refs")).orElse("").lines().anyMatch(l -> l.endsWith(" refs/heads/" + name) || l.endsWith(" refs/remotes/origin/" + name));
    }

    private static String remote(Path file) {
        Config config = new Config();
        try {
            config.fromText(text(file).orElse(""));
            String url = config.getString("remote", "origin", "url");
            String host = url == null ? null : new URIish(url).getHost();
            return host == null || !host.matches("[A-Za-z0-9.-]+") ? "" : host;
        } catch (ConfigInvalidException | URISyntaxException e) {
            return "";
        }
    }

    private static Optional<String> text(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES
                    ? Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}

/** Knows Dockerfiles and Kubernetes manifests. A helper's image, in tests, examples or a development container, is left out. */
final class Containers {
    private static final Pattern NAME = Pattern.compile("(Dockerfile|Containerfile)([._-][A-Za-z0-9._-]+)?|[A-Za-z0-9._-]+\\.([Dd]ockerfile|[Cc]ontainerfile)");
    private static final Pattern TEMPLATE = Pattern.compile(".*\\.(dockerignore|j2|tmpl|tpl|template|erb|in|mustache|md|sh|yml|yaml|json|bak|orig)");
    private static final Pattern FROM = Pattern.compile("(?i)FROM\\s+(?:--\\S+\\s+)*(\\S+)(?:\\s+AS\\s+(\\S+))?.*");
    private static final Pattern ARG = Pattern.compile("(?i)ARG\\s+([A-Za-z_][A-Za-z0-9_]*)\\s*");
    private static final Pattern DEFAULT = Pattern.compile("(?i)ARG\\s+[A-Za-z_][A-Za-z0-9_]*=");
    private static final Pattern COPY = Pattern.compile("(?i)(?:COPY|ADD)\\s+(.+?)\\\\?");
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
            String folder = Stream.of(Project.folderOf(file).split("/")).filter(p -> !p.equals("build") && !p.equals(".docker")).collect(Collectors.joining("/"));
            if (NAME.matcher(name).matches() && !TEMPLATE.matcher(name).matches() && !Project.isAside(folder.isEmpty() ? "." : folder)) {
                read(project, file).ifPresent(found::add);
            }
        }
        return found;
    }

    private static Optional<ProjectFacts.Dockerfile> read(Project project, String file) {
        List<String> stages = new ArrayList<>();
        Set<String> arguments = new LinkedHashSet<>();
        Map<String, String> defaults = new LinkedHashMap<>();
        Set<String> copied = new LinkedHashSet<>();
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
            Matcher copy = COPY.matcher(line);
            if (from.matches()) {
                first = first == 0 ? number : first;
                if (from.group(2) != null) {
                    stages.add(from.group(2));
                }
            } else if (argument.matches()) {
                arguments.add(argument.group(1));
            } else if (line.length() > 4 && DEFAULT.matcher(line).lookingAt()) {
                defaults.put(line.substring(3, line.indexOf('=')).strip(), line.substring(line.indexOf('=') + 1).strip().replaceAll("^[\"']|[\"']$", ""));
            } else if (copy.matches()) {
                copied.addAll(sources(copy.group(1), defaults));
            }
        }
        // An argument with a default above the first FROM is named again, bare, in the stages that use it.
        arguments.removeIf(a -> defaults.containsKey(a) || PREDEFINED.matcher(a).matches());
        return first == 0 ? Optional.empty()
                : Optional.of(new ProjectFacts.Dockerfile(file, List.copyOf(stages), List.copyOf(arguments), copied.stream().filter(c -> !isThere(project, file, c)).toList(),
                        new Evidence(file, first, "dockerfile")));
    }

    /** What a COPY takes from the build's context; its last word is where to. */
    private static List<String> sources(String words, Map<String, String> arguments) {
        String plain = words;
        for (Map.Entry<String, String> argument : arguments.entrySet()) {
            plain = plain.replace("${" + argument.getKey() + "}", argument.getValue()).replace("$" + argument.getKey(), argument.getValue());
        }
        List<String> list = Stream.of(plain.replaceAll("[\\[\\]\",]", " ").strip().split("\\s+")).filter(w -> !w.startsWith("--")).toList();
        boolean isElsewhere = words.contains("--from=") || plain.contains("<<") || plain.contains("$") || plain.contains("://");
        return isElsewhere || list.size() < 2 ? List.of() : list.subList(0, list.size() - 1).stream().map(w -> w.replaceFirst("^(\\./|/)+", "")).filter(w -> !w.isEmpty()).toList();
    }

    /** Below the Dockerfile's folder or below the root: which of them the context is, its users know. An optional file has a wildcard at its end. */
    private static boolean isThere(Project project, String dockerfile, String source) {
        String path = source.replaceAll("/+$", "");
        boolean isPattern = path.matches(".*[*?].*");
        return path.isEmpty() || path.equals(".") || Stream.of(Project.folderOf(dockerfile), ".").anyMatch(folder -> isPattern
                ? path.matches("[^/]*[*?]") || project.any(folder, path) : project.exists(Project.join(folder, path)) || project.isFolder(Project.join(folder, path)));
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
        for (String file : project.under(".", ".yaml", ".yml")) {
            String folder = Project.folderOf(file);
            if (found.containsKey(folder) || !Stream.of(folder.split("/")).anyMatch(MANIFEST_FOLDERS::contains)
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

/**
 * Commands that people are told to run: those in code blocks and code spans of README, CONTRIBUTING and their like.
 *
 * <p>A hint for choosing, never proof, and never copied into a pipeline: the text is anybody's.
 */
final class Documentation {
    private static final List<String> FILES = List.of("README.md", "CONTRIBUTING.md", "README.rst", "README", "DEVELOPMENT.md", "DEVELOPING.md", "HACKING.md",
            "BUILDING.md", "INSTALL.md", "AGENTS.md", "CLAUDE.md", "docs/CONTRIBUTING.md", "docs/contributing.md", "docs/development.md",
            "docs/DEVELOPMENT.md", ".github/CONTRIBUTING.md", ".github/PULL_REQUEST_TEMPLATE.md", ".github/pull_request_template.md");

    private Documentation() {}

    /** In the order of the files and their lines. */
    static List<ProjectFacts.Documented> in(Project project, String folder) {
        List<ProjectFacts.Documented> found = new ArrayList<>();
        for (String name : FILES) {
            String file = Project.join(folder, name);
            boolean fenced = false;
            int number = 0;
            for (String line : project.lines(file)) {
                number++;
                String text = line.strip();
                if (text.startsWith("```") || text.startsWith("~~~")) {
                    fenced = !fenced;
                } else if (fenced || line.startsWith("    ") || line.startsWith("\t")) {
                    add(found, text, file, number);
                } else if (text.length() < 2_000) {
                    String[] parts = text.split("`");
                    for (int i = 1; i < parts.length; i += 2) {
                        add(found, parts[i], file, number);
                    }
                }
            }
        }
        return found;
    }

    /**
     * Where a command that begins with these words is documented, for the folder or for the whole project. One word alone is the name of
     * a program, not a command.
     */
    static Optional<Evidence> says(Project project, String folder, String words) {
        for (String at : folder.equals(".") ? List.of(".") : List.of(folder, ".")) {
            Optional<Evidence> place = project.documented(at).stream().filter(d -> (d.command() + " ").startsWith(words + " "))
                    .filter(d -> words.contains(" ") || d.command().length() > words.length()).findFirst()
                    .map(ProjectFacts.Documented::evidence);
            if (place.isPresent()) {
                return place;
            }
        }
        return Optional.empty();
    }

    private static void add(List<ProjectFacts.Documented> found, String text, String file, int line) {
        String command = text.replaceFirst("^[$>#%]\\s+", "").strip();
        if (command.length() > 1 && command.length() < 300 && Shell.isPrintable(command)) {
            found.add(new ProjectFacts.Documented(command, new Evidence(file, line, "documented")));
        }
    }
}

/** Knows Helm charts, and chart-testing ({@code ct}) where a repository of charts has a configuration for it. */
final class HelmLanguage implements Language {
    private static final Pattern OCI = Pattern.compile("oci://[A-Za-z0-9._:/-]+");

    @Override
    public List<String> looksFor() {
        return List.of("Chart.yaml");
    }

    /** Charts of the project's own; those below another chart's folder are a part of that chart. */
    static List<ProjectFacts.Chart> charts(Project project) {
        List<ProjectFacts.Chart> charts = new ArrayList<>();
        for (String file : project.named("Chart.yaml")) {
            String folder = Project.folderOf(file);
            boolean nested = charts.stream().anyMatch(c -> !c.path().equals(folder) && Project.isInside(folder, Project.join(c.path(), "charts")));
            Optional<Document> chart = project.yamlAll(file).stream().findFirst().filter(d -> d.has("apiVersion") && d.has("name"));
            if (!nested && chart.isPresent()) {
                charts.add(new ProjectFacts.Chart(folder, chart.get().text("name"), chart.get().text("version"), chart.get().evidence("chart", "name")));
            }
        }
        return charts;
    }

    @Override
    public List<Component> detect(Project project) {
        List<ProjectFacts.Chart> charts = charts(project);
        List<Component> components = new ArrayList<>();
        Optional<Component> testing = charts.isEmpty() ? Optional.empty() : testing(project);
        testing.ifPresent(components::add);
        charts.forEach(c -> components.add(chart(project, c, testing.isPresent())));
        return components;
    }

    private static Component chart(Project project, ProjectFacts.Chart chart, boolean tested) {
        Component.Builder b = Component.at(chart.path(), "helm").name(chart.name());
        Document file = project.yamlAll(Project.join(chart.path(), "Chart.yaml")).get(0);
        String lock = Project.join(chart.path(), "Chart.lock");
        boolean locked = project.exists(lock);
        b.packageManager(new PackageManager("helm", "", Evidence.of(locked ? lock : file.file(), locked ? "lock-file" : "manifest"), List.of(locked ? lock : file.file())));
        publication(project, chart, b);
        if (tested) {
            // ct fetches dependencies and lints every chart itself.
            return b.workspace(new Workspace(".", "helm", "", true)).build();
        }
        dependencies(project, chart.path(), file, locked, b);
        b.command(CommandKind.LINT, Command.certain("helm lint", chart.evidence()));
        Optional<String> suite = project.under(Project.join(chart.path(), "tests")).stream().filter(f -> f.endsWith("_test.yaml"))
                .filter(f -> project.lines(f).stream().anyMatch(l -> l.startsWith("suite:") || l.startsWith("tests:"))).findFirst();
        suite.ifPresent(f -> b.command(CommandKind.TEST, Command.likely("helm unittest .", Evidence.of(f, "helm-unittest"))).tool(new Tool("helm-unittest", "", Evidence.of(f, "helm-unittest"))));
        return b.build();
    }

    /** A build from the lock file knows only repositories that were added by name; an update adds them itself and writes a lock. */
    private static void dependencies(Project project, String folder, Document chart, boolean locked, Component.Builder b) {
        Map<String, String> repositories = new LinkedHashMap<>();
        Set<String> missing = new LinkedHashSet<>();
        for (int i = 0; i < Math.min(100, chart.at("dependencies").size()); i++) {
            String name = chart.text("dependencies", String.valueOf(i), "name");
            String repository = chart.text("dependencies", String.valueOf(i), "repository");
            b.dependency(name, chart.evidence("chart-dependency", "dependencies", String.valueOf(i)));
            boolean vendored = project.under(Project.join(folder, "charts")).stream().anyMatch(f -> f.substring(folder.equals(".") ? 0 : folder.length() + 1).startsWith("charts/" + name));
            if (!vendored) {
                missing.add(name);
                if (repository.matches("https?://\\S+") && Shell.isPrintable(repository) && name.matches("[A-Za-z0-9][\\w.-]*")) {
                    repositories.putIfAbsent(repository, name);
                }
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        Evidence evidence = chart.evidence("chart-dependency", "dependencies");
        if (!locked) {
            b.command(CommandKind.INSTALL, Command.certain("helm dependency update", evidence));
            return;
        }
        repositories.forEach((url, name) -> b.command(CommandKind.INSTALL, Command.certain("helm repo add " + name + " " + Shell.word(url), evidence)));
        b.command(CommandKind.INSTALL, Command.certain("helm dependency build", Evidence.of(Project.join(folder, "Chart.lock"), "lock-file")));
    }

    private static void publication(Project project, ProjectFacts.Chart chart, Component.Builder b) {
        for (String file : List.of(Project.join(chart.path(), "README.md"), "README.md")) {
            Matcher oci = OCI.matcher(project.text(file).orElse(""));
            while (oci.find()) {
                if (oci.group().endsWith("/" + chart.name())) {
                    b.publication(new Publication("helm-oci", oci.group(), new Evidence(file, project.lineOf(file, oci.group()), "documented")));
                    return;
                }
            }
        }
    }

    // --- chart-testing ---

    /** One component at the root that lints (and installs) all charts, as ct finds them by its configuration. */
    private static Optional<Component> testing(Project project) {
        List<String> configs = project.under(".", ".yaml", ".yml").stream().filter(f -> f.matches("(ct|chart[_-]testing|(\\.github|\\.ci|ci|hack|test|\\.circleci)/(.*/)?(ct|ct-.*|chart[_-]testing(-.*)?))\\.ya?ml"))
                .filter(f -> project.yamlAll(f).stream().anyMatch(d -> d.root().isObject() && HelmLanguage.isConfig(d))).toList();
        Optional<String> lint = configs.stream().filter(f -> f.contains("lint")).findFirst().or(() -> configs.stream().filter(f -> !f.contains("install")).findFirst());
        Optional<String> install = configs.stream().filter(f -> f.contains("install")).findFirst();
        if (lint.isEmpty()) {
            return Optional.empty();
        }
        Evidence evidence = Evidence.of(lint.get(), "chart-testing");
        StringBuilder command = new StringBuilder("ct lint --config ").append(Shell.word(lint.get()));
        Document config = project.yamlAll(lint.get()).get(0);
        String rules = Project.join(Project.folderOf(lint.get()), "lintconf.yaml");
        if (project.exists(rules) && !config.has("lint-conf")) {
            command.append(" --lint-conf ").append(Shell.word(rules));
        }
        // All charts, compared with nothing: finding the changed ones needs the target branch, which a fresh clone doesn't have.
        command.append(" --all --check-version-increment=false");
        Component.Builder b = Component.at(".", "helm").notAPackage().workspace(new Workspace(".", "helm", "", true));
        b.packageManager(new PackageManager("helm", "", evidence, List.of(lint.get())));
        b.command(CommandKind.LINT, Command.certain(command.toString(), evidence)).tool(new Tool("chart-testing", "", evidence));
        if (config.texts("additional-commands").stream().anyMatch(c -> c.contains("helm unittest"))) {
            b.tool(new Tool("helm-unittest", "", evidence));
        }
        install.ifPresent(f -> {
            Evidence installed = Evidence.of(f, "chart-testing");
            b.command(CommandKind.TEST, Command.certain("ct install --config " + Shell.word(f) + " --all", installed)).tool(new Tool("kind", "", installed));
        });
        return Optional.of(b.build());
    }

    private static boolean isConfig(Document d) {
        return List.of("chart-dirs", "target-branch", "charts", "chart-repos", "validate-maintainers", "helm-extra-args", "lint-conf", "excluded-charts",
                "check-version-increment", "validate-chart-schema").stream().anyMatch(d::has);
    }
}
