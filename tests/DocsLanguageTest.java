import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import lib.scan.Command;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Project;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

/** Sites are components; the documentation of a program is not. */
class DocsLanguageTest {
    @TempDir
    Path dir;

    private List<Component> sites(String... pathAndContent) {
        try {
            return Scan.scan(Project.open(Tree.of(dir, pathAndContent))).components().stream().filter(c -> Set.of("hugo", "mkdocs", "antora").contains(c.ecosystem())).toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> runs(Component component, CommandKind kind) {
        return component.commands(kind).stream().filter(Command::isProven).map(Command::run).toList();
    }

    @Test
    void hugoInTheVersionOfNetlify() {
        Component c = sites("hugo.toml", "baseURL = 'https://example.org/'\n", "netlify.toml", "[build.environment]\nHUGO_VERSION = \"0.152.2\"\n", "content/_index.md", "# Hi\n").get(0);
        assertEquals(List.of("hugo --minify"), runs(c, CommandKind.BUILD));
        assertEquals("0.152.2", c.tools().get(0).version());
        assertEquals("public/**", c.outputs().get(0).path());
    }

    @Test
    void anOldNameCountsByWhatIsInIt() {
        assertEquals(1, sites("config.toml", "baseURL = 'https://example.org/'\ntheme = 'x'\n", "content/_index.md", "").size());
        assertEquals(0, sites("config.toml", "title = 'settings of some program'\n").size());
    }

    @Test
    void theConfigurationFolderIsNotTheSite() {
        List<Component> all = sites("config/_default/hugo.toml", "baseURL = '/'\n", "config/production/hugo.toml", "baseURL = 'https://example.org'\n", "content/_index.md", "");
        assertEquals(List.of("."), all.stream().map(Component::path).toList());
    }

    @Test
    void modulesOfHugoNeedGo() {
        Component c = sites("hugo.yaml", "baseURL: /\n", "go.mod", "module example.org/site\n\ngo 1.25\n", "content/_index.md", "").get(0);
        assertEquals("go", c.runtime().name());
        assertEquals("1.25", c.runtime().version());
    }

    @Test
    void aScriptOfNpmThatBuildsTheSiteIsLeftToNode() {
        Component c = sites("hugo.yaml", "baseURL: /\n", "package.json", "{\"scripts\":{\"build\":\"npm run _hugo -- -e dev\",\"_hugo\":\"hugo --cleanDestinationDir\"},\"devDependencies\":{\"hugo-extended\":\"0.150.0\"}}",
                "content/_index.md", "").get(0);
        assertEquals(List.of(), runs(c, CommandKind.BUILD));
        assertTrue(c.tools().isEmpty());
    }

    @Test
    void mkdocsWithItsRequirements() {
        Component c = sites("mkdocs.yml", "site_name: Handbook\ntheme:\n  name: material\n", "requirements.txt", "mkdocs-material==9.6\n", "docs/index.md", "# Hi\n").get(0);
        assertEquals("pip", c.packageManager().id());
        assertEquals(List.of("python -m pip install -r requirements.txt"), runs(c, CommandKind.INSTALL));
        assertEquals(List.of("mkdocs build"), runs(c, CommandKind.BUILD));
    }

    @Test
    void theTargetThatEndsInMkdocsBuild() {
        Component c = sites("mkdocs.yml", "site_name: Handbook\n", "requirements.txt", "mkdocs\n", "docs/index.md", "", "Makefile", "site: deps\n\t(cd scripts && bash make.sh)\ndeps:\n\tpip install -r requirements.txt\nserve:\n\tmkdocs serve\n",
                "scripts/make.sh", "if ! python -m mkdocs build; then\n  exit 1\nfi\n").get(0);
        assertEquals(List.of("make site"), runs(c, CommandKind.BUILD));
    }

    @Test
    void documentationOfAProgramIsNoSite() {
        assertEquals(List.of(), sites("mkdocs.yml", "site_name: Docs\n", "go.mod", "module example.org/x\n", "docs/index.md", "", "main.go", "package main\n"));
        assertEquals(List.of(), sites("docs/mkdocs.yml", "site_name: Docs\n", "docs/docs/index.md", ""));
        assertEquals(List.of(), sites("mkdocs.yml", "site_name: Docs\n", "pyproject.toml", "[build-system]\nrequires = []\n[project]\nname = 'x'\n", "docs/index.md", ""));
    }

    @Test
    void antoraThroughNpm() {
        Component c = sites("antora-playbook.yml", "site:\n  title: Manual\noutput:\n  dir: ./out/html\n", "package.json", "{\"devDependencies\":{\"antora\":\"3.1.10\"}}", "package-lock.json", "{\"lockfileVersion\": 3}").get(0);
        assertEquals(List.of("npm ci"), runs(c, CommandKind.INSTALL));
        assertEquals(List.of("npx antora antora-playbook.yml"), runs(c, CommandKind.BUILD));
        assertEquals("out/html/**", c.outputs().get(0).path());
    }
}
