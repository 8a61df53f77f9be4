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
        for (int i = 0; i < chart.at("dependencies").size(); i++) {
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
        List<String> configs = project.files().stream().filter(f -> f.matches("(ct|chart[_-]testing|(\\.github|\\.ci|ci|hack|test|\\.circleci)/(.*/)?(ct|ct-.*|chart[_-]testing(-.*)?))\\.ya?ml"))
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
