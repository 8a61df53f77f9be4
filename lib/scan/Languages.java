package lib.scan;

//SOURCES Evidence.java Confidence.java CommandKind.java Command.java Shell.java Finding.java PackageManager.java Runtime.java Service.java
//SOURCES Tool.java Output.java Workspace.java Publication.java Component.java Document.java Parsers.java Xml.java Ini.java Task.java Tasks.java
//SOURCES Project.java VersionFiles.java ProjectFacts.java Language.java Scan.java
//SOURCES Recipe.java TaskChoice.java Documentation.java SystemPackages.java
//SOURCES GoLanguage.java GoModule.java GoCommands.java
//SOURCES JdkVersion.java JvmLanguage.java Pom.java MavenBuild.java GradleScript.java GradleCatalog.java GradleBuild.java GradleCommands.java
//SOURCES GradleJdk.java ScriptText.java ScalaLanguage.java ClojureLanguage.java LeinProject.java ClojureDeps.java Edn.java
//SOURCES DotnetLanguage.java DotnetProject.java DotnetCommands.java
//SOURCES RustLanguage.java CargoWorkspace.java RustCommands.java
//SOURCES NativeLanguage.java CMakeFiles.java CMakeProject.java MesonProject.java
//SOURCES ZigLanguage.java SwiftLanguage.java DartLanguage.java HaskellLanguage.java
//SOURCES Gems.java RubyLanguage.java
//SOURCES PhpLanguage.java PhpTools.java
//SOURCES ElixirLanguage.java
//SOURCES NodeLanguage.java NodePackage.java NodeWorkspaces.java NodeManager.java NodeRuntime.java NodeWords.java NodeCalls.java NodeTools.java
//SOURCES NodeScripts.java NodeNames.java NodeCommands.java NodeConfigured.java NodeShipping.java DenoLanguage.java
//SOURCES TerraformLanguage.java Hcl.java HelmLanguage.java
//SOURCES Containers.java Surroundings.java GitMetadata.java
//SOURCES PythonLanguage.java PythonManifest.java PythonRequirements.java PythonManager.java PythonRuntime.java PythonCalls.java PythonTasks.java
//SOURCES PythonCommands.java PythonTools.java PythonTests.java DocsLanguage.java
//SOURCES Services.java ServiceCatalog.java ServiceVariables.java Compose.java TestEvidence.java

import java.util.List;

/**
 * The list of the languages, and the JBang index of this package.
 *
 * <p>To add one: a class that implements {@link Language}, its name in a {@code //SOURCES} line above and in the list below, and an
 * example in {@code tests/examples}.
 */
public final class Languages {
    private Languages() {}

    /** All run; their order is the order of components with the same path in the report. */
    public static List<Language> all() {
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
