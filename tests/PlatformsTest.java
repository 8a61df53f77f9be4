import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lib.plan.Job.Stage;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.PipelinePlan.PlanOptions;
import lib.plan.PipelinePlanner;
import lib.plan.Step;
import lib.plan.Versions;
import lib.render.CiPlatforms;
import lib.render.Rendering.CiPlatform;
import lib.render.Rendering;
import lib.render.Templates;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

/** What one project becomes on all platforms: rules that hold wherever a pipeline runs. */
class PlatformsTest {
    private static final List<String> OTHERS = List.of("gitlab-ci", "circleci", "jenkins");
    @TempDir
    Path dir;

    // --- tools by what the project is written for ---

    @Test
    void aLinterIsOfTheGenerationThatItsConfigurationIsWrittenFor() throws IOException {
        Map<String, String> old = render("go.mod", "module example.com/a\n\ngo 1.26\n", "a.go", "package a\n", ".golangci.yml", "linters: {}\n");
        assertFalse(old.get("github-actions").contains("golangci/golangci-lint-action"), "its present version refuses the first generation");
        old.forEach((platform, files) -> assertTrue(files.contains("1.64.8"), platform + files));
        Map<String, String> present = render(".golangci.yml", "version: \"2\"\n");
        assertTrue(present.get("github-actions").contains("golangci/golangci-lint-action"));
        present.forEach((platform, files) -> assertFalse(files.contains("1.64.8"), platform));
    }

    @Test
    void testsOfSeveralFrameworksHaveTheirRuntimesBesideThePinnedSdk() throws IOException {
        Map<String, String> files = render("global.json", "{\"sdk\": {\"version\": \"10.0.100\"}}\n", "A.Tests/A.Tests.csproj", """
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><TargetFrameworks>net8.0;net10.0</TargetFrameworks></PropertyGroup>
                  <ItemGroup><PackageReference Include="Microsoft.NET.Test.Sdk" Version="18.0.0" /><PackageReference Include="xunit" Version="2.9.3" /></ItemGroup>
                </Project>
                """, "A.Tests/ATest.cs", "");
        String github = files.get("github-actions");
        assertTrue(github.contains("global-json-file: global.json\n          dotnet-version: \"8.0\""), github);
        OTHERS.forEach(platform -> assertTrue(files.get(platform).matches("(?s).*DOTNET_ROLL_FORWARD[ :=\"']+Major.*"), platform + files.get(platform)));
    }

    // --- check-outs ---

    @Test
    void whatBuildsOrTestsHasTheSubmodules() throws IOException {
        String[] files = {".gitmodules", "[submodule \"cases\"]\n\tpath = tests/cases\n\turl = https://example.com/cases.git\n", "go.mod", "module example.com/a\n\ngo 1.26\n",
                "a.go", "package a\n", "a_test.go", "package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n"};
        Map<String, String> rendered = render(files);
        Map<String, String> marks = Map.of("github-actions", "submodules: recursive", "gitlab-ci", "GIT_SUBMODULE_STRATEGY: recursive",
                "circleci", "git submodule update --init --recursive", "jenkins", "submodule(parentCredentials: true, recursiveSubmodules: true)");
        marks.forEach((platform, mark) -> assertTrue(rendered.get(platform).contains(mark), platform + rendered.get(platform)));
        PipelinePlan plan = PipelinePlanner.plan(scan(), PlanOptions.defaults(), Versions.shipped(), Pins.shipped());
        assertTrue(plan.job("test").orElseThrow().hasSubmodules());
        assertFalse(plan.job("security").orElseThrow().hasSubmodules(), "others' code is scanned where it is developed");
    }

    @Test
    void aSubmoduleThatWantsAKeyIsToldOf() throws IOException {
        Project project = Project.open(Tree.of(dir, ".gitmodules", "[submodule \"a\"]\n\tpath = a\n\turl = git@example.com:team/a.git\n"));
        Scan.scan(project);
        assertTrue(project.findings().stream().anyMatch(f -> f.rule().equals("submodule-by-ssh") && f.evidence().get(0).line() == 3), project.findings()::toString);
    }

    // --- releases ---

    @Test
    void nothingIsPublishedThatWasNotScanned() throws IOException {
        PipelinePlan plan = PipelinePlanner.plan(scan("Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\ndescription = \"d\"\nlicense = \"MIT\"\nrepository = \"https://example.com/demo\"\n",
                "src/lib.rs", "", "Dockerfile", "FROM alpine:3.24\n"), PlanOptions.defaults(), Versions.shipped(), Pins.shipped());
        assertTrue(plan.job("publish-crates").orElseThrow().needs().contains("security"));
        assertTrue(plan.job("publish-image").orElseThrow().needs().contains("security"));
        assertEquals(List.of(), plan.job("image").orElseThrow().needs(), "a proposal gets all its answers at once");
    }

    @Test
    void theScanRunsInPipelinesOfTags() throws IOException {
        String gitlab = render("Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\ndescription = \"d\"\nlicense = \"MIT\"\nrepository = \"https://example.com/demo\"\n", "src/lib.rs", "").get("gitlab-ci");
        assertFalse(gitlab.contains("$CI_COMMIT_TAG == null"), gitlab);
    }

    @Test
    void thePackageThatTheBuildMadeIsWhatIsPublished() throws IOException {
        String[] library = {"package.json", """
                {"name": "demo", "version": "1.0.0", "files": ["dist"], "scripts": {"build": "tsc"}, "devDependencies": {"typescript": "5.9.3"}}
                """, "package-lock.json", "{\"lockfileVersion\": 3}\n", "index.ts", ""};
        PipelinePlan plan = PipelinePlanner.plan(scan(library), PlanOptions.defaults(), Versions.shipped(), Pins.shipped());
        assertEquals(List.of("npm ci", "npm run build", "mkdir -p .packages/npm\nnpm pack --pack-destination .packages/npm\n"), commands(plan, "build"));
        assertFalse(plan.job("build").orElseThrow().cache(), "a cache may hold what less trusted code has put there");
        assertEquals(List.of(), commands(plan, "publish-npm"), "nothing is built where a token is");
        render().forEach((platform, files) -> assertTrue(files.contains("npm publish") && files.contains("./.packages/npm/*.tgz"), platform + files));
    }

    @Test
    void trustedPublishingHasAnNpmThatKnowsIt() throws IOException {
        String manifest = "{\"name\": \"demo\", \"version\": \"1.0.0\", \"files\": [\"lib\"]}\n";
        Map<String, String> old = render("package.json", manifest, "package-lock.json", "{\"lockfileVersion\": 3}\n", ".nvmrc", "22.14.0\n");
        List.of("github-actions", "gitlab-ci", "circleci").forEach(platform -> assertTrue(old.get(platform).contains("npm install --global npm@"), platform + old.get(platform)));
        assertFalse(render(".nvmrc", "24.11.0\n").get("github-actions").contains("npm install --global"));
    }

    @Test
    void aDistributionOfPythonIsTakenFromTheBuild() throws IOException {
        PipelinePlan plan = PipelinePlanner.plan(scan("pyproject.toml", """
                [build-system]
                requires = ["hatchling"]
                build-backend = "hatchling.build"
                [project]
                name = "demo"
                version = "1.0.0"
                classifiers = ["Programming Language :: Python :: 3"]
                urls = {Repository = "https://example.com/demo"}
                [dependency-groups]
                dev = ["pytest"]
                """, "uv.lock", "version = 1\n", "src/demo/__init__.py", "", "README.md", "```sh\npip install demo\n```\n"), PlanOptions.defaults(), Versions.shipped(), Pins.shipped());
        assertTrue(commands(plan, "build").contains("uv build"), plan::toString);
        assertEquals(List.of(), commands(plan, "publish-pypi"), plan::toString);
    }

    @Test
    void cratesOfAWorkspaceArePublishedInTheOrderOfTheirDependencies() throws IOException {
        String about = "version = \"0.1.0\"\ndescription = \"d\"\nlicense = \"MIT\"\nrepository = \"https://example.com/demo\"\n";
        PipelinePlan plan = PipelinePlanner.plan(scan("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\", \"c\"]\n",
                "a/Cargo.toml", "[package]\nname = \"a\"\n" + about + "[dependencies]\nb = { path = \"../b\", version = \"0.1.0\" }\n", "a/src/lib.rs", "",
                "b/Cargo.toml", "[package]\nname = \"b\"\n" + about + "[dependencies]\nc = { path = \"../c\", version = \"0.1.0\" }\n[dev-dependencies]\na = { path = \"../a\" }\n", "b/src/lib.rs", "",
                "c/Cargo.toml", "[package]\nname = \"c\"\n" + about, "c/src/lib.rs", ""), PlanOptions.defaults(), Versions.shipped(), Pins.shipped());
        Map<String, List<String>> after = new TreeMap<>();
        plan.jobs(Stage.PUBLISH).forEach(j -> after.put(((Step.Publish) j.steps().get(j.steps().size() - 1)).folder(), j.needs().stream()
                .filter(n -> n.startsWith("publish-")).map(n -> ((Step.Publish) plan.job(n).orElseThrow().steps().get(0)).folder()).toList()));
        assertEquals("{a=[b, c], b=[c], c=[]}", after.toString());
    }

    // --- the report ---

    @Test
    void everyKindOfSettingIsExplainedToAgents() throws IOException {
        String skill = java.nio.file.Files.readString(support.Checkout.root().resolve("SKILL.md"));
        Rendering.Setting.KINDS.forEach(kind -> assertTrue(skill.contains("`" + kind + "`"), kind));
    }

    // --- parts ---

    private static List<String> commands(PipelinePlan plan, String job) {
        return plan.job(job).orElseThrow().steps().stream().filter(Step.Run.class::isInstance).map(s -> ((Step.Run) s).command()).toList();
    }


    private ProjectFacts scan(String... files) throws IOException {
        return Scan.scan(Project.open(Tree.of(dir, files)));
    }

    private Map<String, Rendering> renderings(String... files) throws IOException {
        ProjectFacts facts = scan(files);
        PipelinePlan plan = PipelinePlanner.plan(facts, PlanOptions.defaults(), Versions.shipped(), Pins.shipped());
        Map<String, Rendering> renderings = new TreeMap<>();
        for (CiPlatform platform : CiPlatforms.all()) {
            renderings.put(platform.id(), platform.render(plan, new CiPlatform.Context(new Templates(null), Pins.shipped(), Versions.shipped(), facts, new CiPlatform.RenderOptions(false, "a test"))));
        }
        assertEquals(4, renderings.size());
        return renderings;
    }

    /** All files of each platform, one after the other. */
    private Map<String, String> render(String... files) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        renderings(files).forEach((platform, rendering) -> texts.put(platform, rendering.files().stream().map(Rendering.GeneratedFile::content).collect(Collectors.joining("\n"))));
        return texts;
    }
}
