package lib.scan;

//SOURCES Command.java Finding.java
//SOURCES Component.java Document.java Task.java
//SOURCES Project.java FileTree.java ProjectFacts.java Scan.java
//SOURCES Recipe.java
//SOURCES GoLanguage.java
//SOURCES JvmLanguage.java MavenBuild.java GradleBuild.java
//SOURCES ScalaLanguage.java
//SOURCES DotnetLanguage.java
//SOURCES RustLanguage.java
//SOURCES NativeLanguage.java
//SOURCES SwiftLanguage.java HaskellLanguage.java
//SOURCES RubyLanguage.java
//SOURCES PhpLanguage.java
//SOURCES ElixirLanguage.java
//SOURCES NodeLanguage.java
//SOURCES NodeScripts.java NodeCommands.java DenoLanguage.java
//SOURCES TerraformLanguage.java Hcl.java
//SOURCES Surroundings.java
//SOURCES PythonLanguage.java PythonManifest.java
//SOURCES PythonCommands.java DocsLanguage.java
//SOURCES Services.java TestEvidence.java

import java.util.List;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Confidence;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Publication;
import lib.scan.Component.Runtime;
import lib.scan.Component.Service;
import lib.scan.Component.Tool;
import lib.scan.Component.Workspace;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/**
 * The list of the languages, and the JBang index of this package.
 *
 * <p>To add one: a class that implements {@link Language}, its name in a {@code //SOURCES} line above and in the list below, and an
 * example in {@code tests/examples}.
 */
public final class Languages {
    private Languages() {}

    /** The files that tell of an ecosystem, for a user whose project was not recognised. */
    public static List<String> looksFor() {
        return all().stream().flatMap(l -> l.looksFor().stream()).distinct().toList();
    }

    /** All run; their order is the order of components with the same path in the report. */
    static List<Language> all() {
        return List.of(
                new NodeLanguage(),
                new DenoLanguage(),
                new PythonLanguage(),
                new GoLanguage(),
                new JvmLanguage(),
                new ScalaLanguage(),
                new ClojureLanguage(),
                new DotnetLanguage(),
                new RubyLanguage(),
                new PhpLanguage(),
                new ElixirLanguage(),
                new RustLanguage(),
                new NativeLanguage(),
                new ZigLanguage(),
                new SwiftLanguage(),
                new DartLanguage(),
                new HaskellLanguage(),
                new TerraformLanguage(),
                new HelmLanguage(),
                new DocsLanguage());
    }
}

/**
 * Recognises the components of one ecosystem. Knows its files; knows nothing of CI platforms.
 *
 * <p>An implementation has no state, reads through {@link Project} only, and never runs anything. It reports what a user must
 * know (contradictions, what is missing) by {@link Project#report}. An empty list means that the project has nothing of it.
 */
interface Language {

    /** One component for each package with a manifest of its own, workspace members included. */
    List<Component> detect(Project project);

    /** The files it looks for, to tell a user whose project was not recognised. */
    List<String> looksFor();
}
