import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Command;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import lib.scan.Component.Tool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class InfraLanguagesTest {
    private static final String VERSIONS = "terraform {\n  # the oldest that is tested\n  required_version = \">= 1.9\"\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n";
    private static final String CHART = "apiVersion: v2\nname: %s\nversion: 1.0.0\n";

    @TempDir
    Path dir;
    private Project project;

    private ProjectFacts scan(String... pathAndContent) throws IOException {
        project = Project.open(Tree.of(dir, pathAndContent));
        return Scan.scan(project);
    }

    private Component at(String path, String... pathAndContent) throws IOException {
        return scan(pathAndContent).components().stream().filter(c -> c.path().equals(path)).findFirst().orElseThrow();
    }

    private static List<String> runs(Component c, CommandKind kind) {
        return c.proven(kind).stream().map(Command::run).toList();
    }

    // --- Terraform ---

    @Test
    void aModuleIsFormattedInitialisedAndValidated() throws IOException {
        Component c = at(".", "versions.tf", VERSIONS, "main.tf", "resource \"aws_s3_bucket\" \"this\" {}\n");
        assertEquals(List.of("terraform init -backend=false -input=false"), runs(c, CommandKind.INSTALL));
        assertEquals(List.of("terraform fmt -check -recursive", "terraform validate"), runs(c, CommandKind.LINT));
        assertEquals(">= 1.9", c.runtime().range());
        assertEquals("versions.tf:3", c.runtime().evidence().place());
    }

    @Test
    void aModuleThatIsCalledIsValidatedWithItsCaller() throws IOException {
        ProjectFacts facts = scan("envs/prod/main.tf", "module \"net\" {\n  source = \"../../modules/net\"\n}\n", "modules/net/main.tf", VERSIONS, "modules/other/main.tf", VERSIONS,
                "examples/a/main.tf", "module \"o\" { source = \"../../modules/other\" }\n");
        assertEquals(List.of("envs/prod", "modules/net", "modules/other"), facts.packages());
        assertEquals(List.of("modules/net"), facts.component("envs/prod", "terraform").orElseThrow().dependsOn());
        assertEquals(List.of(), runs(facts.component("modules/net", "terraform").orElseThrow(), CommandKind.INSTALL));
        assertEquals(1, runs(facts.component("modules/other", "terraform").orElseThrow(), CommandKind.INSTALL).size());
    }

    @Test
    void pinsOfTerraformAndOpenTofu() throws IOException {
        assertEquals("1.12.2", at(".", "main.tf", VERSIONS, ".terraform-version", "1.12.2\n").runtime().version());
        assertEquals("", at(".", ".terraform-version", "latest:^1.9\n").runtime().version(), "that pins nothing");
        Component tofu = at(".", ".opentofu-version", "1.10.0\n");
        assertEquals("tofu", tofu.runtime().name());
        assertTrue(runs(tofu, CommandKind.LINT).contains("tofu validate"));
    }

    @Test
    void aLockFileIsReadOnlyWhereItHoldsForAllPlatforms() throws IOException {
        assertTrue(runs(at(".", "main.tf", VERSIONS, ".terraform.lock.hcl", "hashes = [\"zh:00\"]\n"), CommandKind.INSTALL).get(0).endsWith("-lockfile=readonly"));
        assertTrue(runs(at(".", ".terraform.lock.hcl", "hashes = [\"h1:00\"]\n"), CommandKind.INSTALL).get(0).endsWith("-input=false"));
    }

    @Test
    void testsThatNeedAnAccountAreAGuess() throws IOException {
        Component real = at(".", "main.tf", VERSIONS, "tests/a.tftest.hcl", "run \"x\" {\n  command = apply\n}\n");
        assertEquals(List.of(), runs(real, CommandKind.TEST));
        assertEquals(1, real.commands(CommandKind.TEST).size());
        assertEquals(List.of("terraform test"), runs(at(".", "tests/a.tftest.hcl", "mock_provider \"aws\" {}\nrun \"x\" {}\n"), CommandKind.TEST));
    }

    @Test
    void tflintByItsConfigurationOrByItsHook() throws IOException {
        Component own = at(".", "main.tf", VERSIONS, "modules/a/main.tf", VERSIONS, ".tflint.hcl", "");
        assertTrue(runs(own, CommandKind.LINT).containsAll(List.of("tflint --init", "tflint --recursive")), own::toString);
        assertEquals(List.of("tflint"), own.tools().stream().map(Tool::name).toList());
        Path other = dir.resolve("hook");
        Project hook = Project.open(Tree.of(other, "main.tf", VERSIONS, ".pre-commit-config.yaml", "repos:\n  - repo: x\n    hooks:\n      - id: terraform_tflint\n        args:\n          - --args=--only=terraform_required_version\n"));
        assertTrue(runs(Scan.scan(hook).components().get(0), CommandKind.LINT).contains("tflint --only=terraform_required_version"));
    }

    @Test
    void infrastructureBesideAnApplicationIsCheckedButIsNoPackage() throws IOException {
        ProjectFacts facts = scan("go.mod", "module example.com/a\n", "main.go", "package main\n", "infra/main.tf", VERSIONS);
        assertEquals(List.of("."), facts.packages());
        assertTrue(facts.component("infra", "terraform").isPresent());
        assertEquals("infra", facts.terraform().get(0).path());
    }

    @Test
    void brokenAndOddHclIsReadAsFarAsItGoes() throws IOException {
        String odd = "/* { */ locals {\n  a = \"${join(\"}\", [\"{\"])}\"\n  b = <<-EOT\n    terraform { required_version = \"0\" }\n  EOT\n  c = { for k, v in x : k => \"#\" } // }\n}\n" + VERSIONS;
        assertEquals(">= 1.9", at(".", "main.tf", odd).runtime().range());
        for (String broken : List.of("terraform {", "}}}} terraform {", "x = \"${", "a = <<EOF\n", "\"\"\"", "{".repeat(10_000), "a {\n".repeat(10_000), "= = =\n* & ^")) {
            assertEquals("terraform", at(".", "main.tf", broken).ecosystem());
        }
    }

    // --- Helm ---

    @Test
    void chartsAreLintedWithTheirDependencies() throws IOException {
        Component c = at("charts/a", "charts/a/Chart.yaml", CHART.formatted("a") + "dependencies:\n  - name: redis\n    version: 1.0.0\n    repository: https://charts.example.com/x\n", "charts/a/Chart.lock", "x",
                "charts/b/Chart.yaml", CHART.formatted("b"), "charts/a/charts/sub/Chart.yaml", CHART.formatted("sub"));
        assertEquals(List.of("helm repo add redis https://charts.example.com/x", "helm dependency build"), runs(c, CommandKind.INSTALL));
        assertEquals(List.of("helm lint"), runs(c, CommandKind.LINT));
        assertEquals(List.of("charts/a", "charts/b"), Scan.scan(project).packages());
    }

    @Test
    void withoutALockFileDependenciesAreResolvedAnew() throws IOException {
        assertEquals(List.of("helm dependency update"), runs(at(".", "Chart.yaml", CHART.formatted("a") + "dependencies:\n  - {name: x, version: 1, repository: 'oci://r/x'}\n"), CommandKind.INSTALL));
        assertEquals(List.of(), runs(at(".", "charts/x-1.tgz", ""), CommandKind.INSTALL), "it is there already");
    }

    @Test
    void chartTestingServesAllChartsOfARepository() throws IOException {
        ProjectFacts facts = scan("ct.yaml", "chart-dirs: [charts]\n", ".github/ct-install.yaml", "chart-dirs: [charts]\n", "charts/a/Chart.yaml", CHART.formatted("a"), "scripts/x/requirements.txt", "requests\n", "scripts/x/a.py", "");
        Component root = facts.component(".", "helm").orElseThrow();
        assertEquals(List.of("ct lint --config ct.yaml --all --check-version-increment=false"), runs(root, CommandKind.LINT));
        assertEquals(List.of("ct install --config .github/ct-install.yaml --all"), runs(root, CommandKind.TEST));
        assertEquals(List.of("chart-testing", "kind"), root.tools().stream().map(Tool::name).toList());
        assertTrue(facts.packages().contains("charts/a") && !facts.packages().contains("."), facts.packages()::toString);
        assertEquals(List.of(), runs(facts.component("charts/a", "helm").orElseThrow(), CommandKind.LINT));
    }

    @Test
    void anApplicationsChartIsAFactAndNoComponent() throws IOException {
        ProjectFacts facts = scan("go.mod", "module example.com/a\n", "main.go", "package main\n", "deploy/chart/Chart.yaml", CHART.formatted("a"));
        assertEquals(List.of("go"), facts.components().stream().map(Component::ecosystem).toList());
        assertEquals("deploy/chart", facts.helmCharts().get(0).path());
        assertEquals(false, facts.monorepo());
    }

    @Test
    void aTemplateOfAChartIsNoChart() throws IOException {
        assertEquals(List.of(), scan("x/Chart.yaml", "name: {{ .Name }}\n", "y/Chart.yaml", "- a\n").helmCharts());
    }
}
