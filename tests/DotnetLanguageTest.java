import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Finding;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class DotnetLanguageTest {
    @TempDir
    Path dir;
    private Project project;

    private ProjectFacts scan(String... files) {
        try {
            project = Project.open(Tree.of(dir, files));
            return Scan.scan(project);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String csproj(String framework, String items) {
        return "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup>" + framework + "</PropertyGroup><ItemGroup>" + items + "</ItemGroup></Project>";
    }

    private static String frameworks(String names) {
        return "<TargetFrameworks>" + names + "</TargetFrameworks>";
    }

    private static final String XUNIT = "<PackageReference Include=\"Microsoft.NET.Test.Sdk\" /><PackageReference Include=\"xunit\" />";

    private static String slnx(String... projects) {
        StringBuilder text = new StringBuilder("<Solution>");
        for (String p : projects) {
            text.append("<Project Path=\"").append(p).append("\" />");
        }
        return text.append("</Solution>").toString();
    }

    private static List<String> runs(Component c, CommandKind kind) {
        return c.proven(kind).stream().map(lib.scan.Command::run).toList();
    }

    private List<String> rules() {
        return project.findings().stream().map(Finding::rule).toList();
    }

    private Component root() {
        return Scan.scan(project).component(".", "dotnet").orElseThrow();
    }

    @Test
    void aSolutionIsOneUnitAndTestsAreNoPackages() {
        ProjectFacts facts = scan("App.sln", "Project(\"{9A19103F}\") = \"Core\", \"src\\Core\\Core.csproj\", \"{1}\"\nEndProject\nProject(\"{9A19103F}\") = \"Web\", \"src\\Web\\Web.fsproj\", \"{2}\"\n"
                        + "Project(\"{9A19103F}\") = \"T\", \"test\\T\\T.csproj\", \"{3}\"\nProject(\"{2150E333}\") = \"src\", \"src\", \"{4}\"\n",
                "src/Core/Core.csproj", csproj(frameworks("netstandard2.0;net8.0"), "<PackageReference Include=\"Npgsql\" />"),
                "src/Web/Web.fsproj", csproj("<TargetFramework>net10.0</TargetFramework>", "<ProjectReference Include=\"..\\Core\\Core.csproj\" />"),
                "test/T/T.csproj", csproj(frameworks("net8.0;net10.0"), XUNIT));
        assertEquals(List.of("src/Core", "src/Web"), facts.packages());
        Component root = root();
        assertEquals(List.of("dotnet restore"), runs(root, CommandKind.INSTALL));
        assertEquals(List.of("dotnet test -c Release --no-restore"), runs(root, CommandKind.TEST));
        assertEquals(List.of("dotnet build -c Release --no-restore"), runs(root, CommandKind.BUILD));
        assertEquals("10.0", root.runtime().version());
        assertEquals(List.of("8.0", "10.0"), root.supported());
        assertEquals(List.of("src/Core"), facts.component("src/Web", "dotnet").orElseThrow().dependsOn());
        assertTrue(facts.component("src/Core", "dotnet").orElseThrow().dependencies().containsKey("Npgsql"));
        assertTrue(facts.component("test/T", "dotnet").orElseThrow().commands().isEmpty());
    }

    @Test
    void globalJsonPinsAndLockFilesLock() {
        scan("App.slnx", slnx("A/A.csproj"), "A/A.csproj", csproj(frameworks("net9.0"), ""), "A/packages.lock.json", "{}", "global.json", "{ \"sdk\": { \"version\": \"9.0.100\" } }");
        assertEquals("9.0.100", root().runtime().version());
        assertEquals("global.json", root().runtime().versionFile());
        assertEquals(List.of("dotnet restore --locked-mode"), runs(root(), CommandKind.INSTALL));
        assertEquals(List.of("A/packages.lock.json"), root().packageManager().lockFiles());
    }

    @Test
    void whereDotnetCannotChooseItIsTold() {
        scan("Small.sln", "Project(\"{9}\") = \"A\", \"A\\A.csproj\", \"{1}\"\n", "All the rest.sln", "Project(\"{9}\") = \"A\", \"A\\A.csproj\", \"{1}\"\nProject(\"{9}\") = \"T\", \"T\\T.csproj\", \"{2}\"\n"
                + "Project(\"{9}\") = \"U\", \"U\\U.csproj\", \"{3}\"\n", "A/A.csproj", csproj(frameworks("net8.0"), ""), "T/T.csproj", csproj(frameworks("net8.0"), XUNIT), "U/U.csproj", csproj(frameworks("net8.0"), XUNIT));
        assertEquals(List.of("dotnet test 'All the rest.sln' -c Release --no-restore"), runs(root(), CommandKind.TEST));
        assertTrue(rules().contains("several-solutions"));
    }

    @Test
    void aTraversalProjectIsWhatIsBuilt() {
        scan("App.slnx", slnx("A/A.csproj", "T/T.csproj"), "Build.csproj", "<Project Sdk=\"Microsoft.Build.Traversal/4\" />", "A/A.csproj", csproj(frameworks("net8.0"), ""),
                "T/T.csproj", csproj(frameworks("net481;net8.0"), XUNIT));
        assertEquals(List.of("dotnet build Build.csproj -c Release --no-restore"), runs(root(), CommandKind.BUILD));
        assertEquals(List.of("dotnet test T/T.csproj -c Release --no-restore -f net8.0"), runs(root(), CommandKind.TEST));
        assertTrue(rules().contains("dotnet-framework"));
    }

    @Test
    void frameworksOfWindowsAreNotForLinux() {
        scan("App.sln", "Project(\"{9}\") = \"T\", \"T\\T.csproj\", \"{1}\"\n", "T/T.csproj", csproj("<TargetFrameworks Condition=\"'$(OS)' == 'Windows_NT'\">net48</TargetFrameworks>"
                + frameworks("$(TargetFrameworks);net9.0"), XUNIT));
        assertEquals(List.of("dotnet test -c Release --no-restore"), runs(root(), CommandKind.TEST));
    }

    @Test
    void whatOnlyWindowsBuildsHasNoProvenCommand() {
        scan("App.sln", "Project(\"{9}\") = \"W\", \"W\\W.csproj\", \"{1}\"\n", "W/W.csproj", csproj("<TargetFramework>net8.0-windows</TargetFramework>", ""));
        assertEquals(List.of(), runs(root(), CommandKind.BUILD));
        assertEquals(1, root().commands(CommandKind.BUILD).size());
        assertTrue(rules().contains("windows-only"));
    }

    @Test
    void propertiesAboveCount() {
        ProjectFacts facts = scan("App.sln", "Project(\"{9}\") = \"A\", \"src\\A\\A.csproj\", \"{1}\"\nProject(\"{9}\") = \"B\", \"tests\\B\\B.csproj\", \"{2}\"\n",
                "Directory.Build.props", "<Project><PropertyGroup><Net>net9.0</Net><TargetFramework>$(Net)</TargetFramework><PackageLicenseExpression>MIT</PackageLicenseExpression></PropertyGroup></Project>",
                "tests/Directory.Build.props", "<Project><Import Project=\"../Directory.Build.props\" /><PropertyGroup><IsPackable>false</IsPackable></PropertyGroup><ItemGroup>" + XUNIT + "</ItemGroup></Project>",
                "src/A/A.csproj", csproj("", ""), "tests/B/B.csproj", csproj("", ""));
        assertEquals("9.0", root().runtime().version());
        assertEquals(List.of("src/A"), facts.packages());
        assertEquals("nuget", facts.component("src/A", "dotnet").orElseThrow().publications().get(0).registry());
        assertEquals(1, root().proven(CommandKind.TEST).size());
    }

    @Test
    void toolsOfTheManifestCheckTheLayout() {
        scan("App.slnx", slnx("A/A.csproj"), "A/A.csproj", csproj(frameworks("net8.0"), ""), ".config/dotnet-tools.json", "{\"tools\": {\"csharpier\": {\"version\": \"0.30.6\"}, \"fantomas\": {\"version\": \"7.0.0\"}}}");
        assertEquals(List.of("dotnet tool restore", "dotnet restore"), runs(root(), CommandKind.INSTALL));
        assertEquals(List.of("dotnet csharpier --check .", "dotnet fantomas --check ."), runs(root(), CommandKind.LINT));
    }

    @Test
    void formatIsTakenOnlyWhereTheProjectSaysSo() {
        scan("App.slnx", slnx("A/A.csproj"), "A/A.csproj", csproj(frameworks("net8.0"), ""), ".editorconfig", "root = true\n");
        assertEquals(List.of(), runs(root(), CommandKind.LINT));
        scan("CONTRIBUTING.md", "Run `dotnet format` before you push.\n");
        assertEquals(List.of("dotnet format --verify-no-changes --no-restore"), runs(root(), CommandKind.LINT));
    }

    @Test
    void projectsWithoutASolutionStandAlone() {
        ProjectFacts facts = scan("src/A/A.csproj", csproj(frameworks("net8.0"), ""), "tests/A.Tests/A.Tests.csproj", csproj(frameworks("net8.0"), XUNIT + "<ProjectReference Include=\"../../src/A/A.csproj\" />"));
        assertEquals(List.of("src/A"), facts.packages());
        Component tests = facts.component("tests/A.Tests", "dotnet").orElseThrow();
        assertEquals(List.of("dotnet test -c Release --no-restore"), runs(tests, CommandKind.TEST));
        assertEquals(List.of(), runs(tests, CommandKind.BUILD));
        assertEquals(List.of("src/A"), tests.dependsOn());
    }

    @Test
    void theNewTestPlatformTakesTheFileByAnOption() {
        scan("One.sln", "Project(\"{9}\") = \"T\", \"T\\T.csproj\", \"{1}\"\n", "Two.sln", "", "T/T.csproj", csproj(frameworks("net10.0"), XUNIT), "global.json", "{\"test\": {\"runner\": \"Microsoft.Testing.Platform\"}}");
        assertEquals(List.of("dotnet test --project T/T.csproj -c Release --no-restore"), runs(root(), CommandKind.TEST));
    }

    @Test
    void aNameWithAControlCharacterIsRefused() {
        ProjectFacts facts = scan("A\u0007.slnx", slnx("A/A.csproj"), "A/A.csproj", csproj(frameworks("net8.0"), ""));
        assertTrue(facts.component(".", "dotnet").isEmpty());
        assertTrue(rules().contains("unprintable-name"));
    }
}
