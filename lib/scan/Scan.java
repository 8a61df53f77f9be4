package lib.scan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The first stage: a project in, facts with evidence out. Findings stay with the {@link Project}. */
public final class Scan {
    private Scan() {}

    public static ProjectFacts scan(Project project) {
        List<Component> components = new ArrayList<>();
        for (Language language : Languages.all()) {
            components.addAll(language.detect(project));
        }
        // Stable: components of one folder keep the order of the list of languages.
        components.sort(Comparator.comparing(Component::path));
        Set<String> packages = new LinkedHashSet<>();
        components.stream().filter(Component::isPackage).forEach(c -> packages.add(c.path()));
        return new ProjectFacts(project.name(), List.copyOf(components), packages.size() > 1, List.copyOf(packages), List.of(), List.of(),
                List.of(), List.of(), List.of(), List.of(), "", "", "");
    }
}
