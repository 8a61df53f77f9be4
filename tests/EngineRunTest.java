import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lib.cli.Console;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.EngineVersion;
import lib.render.Rendering.GeneratedFile;
import lib.render.TerraformModules.Parts;
import lib.render.TerraformRoots;
import lib.run.EngineRun.Verdict;
import lib.run.EngineRun;
import lib.run.RunResult.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Machine;

/** The engine as a judge, on trees that need no provider but the built-in one. Each kind of mistake must turn the verdict red. */
class EngineRunTest {
    private static final String MODULE = """
            variable "size" {
              type = number

              validation {
                condition     = var.size > 0
                error_message = "The size must be positive."
              }
            }

            resource "terraform_data" "this" {
              input = var.size
            }
            """;
    private static final String TEST = """
            variables {
              size = 1
            }

            run "plans" {
              command = plan

              assert {
                condition     = terraform_data.this.input == 1
                error_message = "The size must be passed on."
              }
            }
            """;
    private static final String ROOT = """
            module "data" {
              source = "../../modules/data"
              size   = 1
            }
            """;
    private static final String BACKEND = """
            terraform {
              backend "s3" {
                bucket       = "state"
                key          = "dev/terraform.tfstate"
                region       = "eu-west-1"
                use_lockfile = true
              }
            }
            """;
    private static final EngineVersion FLOOR = EngineVersion.of("1.7");

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private Verdict judge(String... changed) throws IOException {
        assumeTrue(Machine.has("terraform"), "terraform not installed");
        return judge(null, FLOOR, changed);
    }

    private Verdict judge(Path cache, EngineVersion floor, String... changed) throws IOException {
        List<GeneratedFile> files = new ArrayList<>(List.of(GeneratedFile.of("modules/data/main.tf", MODULE), GeneratedFile.of("modules/data/tests/data.tftest.hcl", TEST),
                GeneratedFile.of("environments/dev/main.tf", ROOT), GeneratedFile.of("environments/dev/backend.tf", BACKEND),
                TerraformRoots.guard(new Parts(null), List.of("aws_db_instance"))));
        for (int i = 0; i < changed.length; i += 2) {
            String path = changed[i];
            files.removeIf(f -> f.path().equals(path));
            files.add(GeneratedFile.of(path, changed[i + 1]));
        }
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new EngineRun(Engine.TERRAFORM, cache, new Console(out, out)).run(Map.of("aws", files), floor, Map.of("aws", "aws_db_instance"));
    }

    private static String failures(Verdict verdict) {
        return verdict.result().jobs().stream().filter(j -> j.status() == Status.FAILED).map(j -> j.title() + ": " + j.reason()).toList().toString();
    }

    @Test
    void aGoodTreeIsGreenAndEverythingWasLookedAt() throws IOException {
        assumeTrue(Machine.has("python3"), "python3 not installed");
        Verdict verdict = judge();
        assertTrue(verdict.isGreen(), () -> failures(verdict) + verdict.unchecked());
        assertEquals(List.of("format", "environments/dev", "modules/data", "backend of environments/dev", "the guard against destruction, scripts/destroy-guard"),
                verdict.result().jobs().stream().map(j -> j.title()).toList());
        assertEquals(List.of("init", "validate", "test"), verdict.result().jobs().get(2).steps().stream().map(s -> s.title()).toList());
        assertTrue(verdict.line().startsWith("green: 5 checks passed, 0 failed, 0 skipped, by Terraform 1."), verdict.line());
        assertEquals("green", verdict.json().get("verdict").asText());
    }

    @Test
    void eachKindOfMistakeIsRed() throws IOException {
        assertTrue(failures(judge("modules/data/main.tf", MODULE.replace("  input = ", "    input  = "))).contains("format: fmt"));
        assertTrue(failures(judge("environments/dev/main.tf", ROOT.replace("size   = 1", "size   = var.none"))).contains("environments/dev: validate: Reference to undeclared input variable"));
        assertTrue(failures(judge("modules/data/tests/data.tftest.hcl", TEST.replace("== 1", "== 2"))).contains("modules/data: test: Test assertion failed"));
        assertTrue(failures(judge("environments/dev/backend.tf", BACKEND.replace("use_lockfile", "use_lockfiles"))).contains("backend of environments/dev: arguments"));
        assertTrue(failures(judge("environments/dev/main.tf", "module {}\n")).contains("environments/dev: init"));
        assertTrue(failures(judge("scripts/destroy-guard", "import sys\nsys.exit(0)\n")).contains("the guard against destruction, scripts/destroy-guard: blocks a replacement: exit code 0 instead of 1"));
    }

    @Test
    void whatIsMissingIsSaidAndNothingIsCalledGreen(@TempDir Path empty) throws IOException {
        assumeTrue(Machine.has("terraform"), "terraform not installed");
        Verdict old = judge(null, EngineVersion.of("99.0"));
        assertFalse(old.isGreen() || old.isRed());
        assertTrue(old.unchecked().get(0).contains("is older than these files need: 99.0"), old.unchecked().toString());
        String wants = "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \">= 5.100\"\n    }\n  }\n}\n";
        Verdict without = judge(empty, FLOOR, "modules/data/versions.tf", wants);
        assertFalse(without.isGreen() || without.isRed(), () -> failures(without));
        assertTrue(without.unchecked().contains("modules/data: the engine has no such provider here: hashicorp/aws"), without.unchecked().toString());
    }
}
