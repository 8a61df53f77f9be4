package lib.scan;

import java.util.List;

/** Knows go.mod and go.work. */
final class GoLanguage implements Language {
    @Override
    public List<Component> detect(Project project) {
        return project.named("go.mod").stream().map(file -> Component.at(Project.folderOf(file), "go").build()).toList();
    }

    @Override
    public List<String> looksFor() {
        return List.of("go.mod");
    }
}
