import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import lib.plan.Catalogue;
import lib.plan.Infrastructure;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.Environment;
import lib.plan.Infrastructure.Layout;
import lib.plan.Infrastructure.Request;
import lib.plan.InfrastructurePlanner;
import lib.plan.InfrastructurePlanner.Choice;
import lib.render.Rendering.GeneratedFile;
import lib.render.Rendering;
import lib.render.TerraformModules.Parts;
import lib.render.TerraformTree;
import lib.scan.Finding;
import lib.verify.TerraformChecks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import support.Sample;

/** A check that never fails checks nothing: each is shown a tree that is sound but for one thing. */
class TerraformChecksTest {
    private static final String KMS = "modules/kms/main.tf";
    private static final String DEV = "environments/dev/main.tf";

    private static Infrastructure plan(Catalogue catalogue) {
        Request request = new Request("shop", List.of(new Environment("dev", "dev", ""), new Environment("production", "production", "")), Map.of(), new TreeMap<>(), List.of(), Layout.ENVIRONMENT,
                Engine.TERRAFORM, null, "", List.of(), List.of(), "github");
        return InfrastructurePlanner.plan(request, List.of(new Choice(catalogue, List.of("kms", "sqs", "ecs", "rds"), Set.of())));
    }

    private static List<Finding> check(Catalogue catalogue, String path, UnaryOperator<String> change) {
        Infrastructure plan = plan(catalogue);
        Rendering whole = TerraformTree.render(plan, new Parts(Sample.TEMPLATES)).get(0);
        List<GeneratedFile> files = new ArrayList<>();
        boolean[] isFound = {false};
        for (GeneratedFile file : whole.files()) {
            boolean isIt = file.path().equals(path);
            isFound[0] |= isIt;
            files.add(isIt ? new GeneratedFile(path, change.apply(file.content()), false) : file);
        }
        assertTrue(path.isEmpty() || isFound[0], "no file " + path);
        return TerraformChecks.check(plan, List.of(new Rendering(whole.platform(), files, List.of(), List.of(), List.of())));
    }

    private static Catalogue sample() {
        return Sample.catalogue("aws").orElseThrow();
    }

    @Test
    void aSoundTreeHasNoFinding() {
        assertEquals(List.of(), check(sample(), "", t -> t));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        KMS + "|x = |parses-back|an expression is expected",
        KMS + "|locals {\\n  a   = 1\\n}|laid-out|the formatter",
        KMS + "|output \"x\" {\\n  value = \"${var.name}\"\\n}|laid-out|needs no quotes",
        KMS + "|output \"x\" {\\n  value = var.nothing\\n}|dangling-reference|var.nothing is not declared",
        KMS + "|output \"x\" {\\n  value = local.nothing\\n}|dangling-reference|local.nothing is not declared",
        KMS + "|output \"x\" {\\n  value = terraform_data.that.id\\n}|dangling-reference|terraform_data.that is not declared",
        KMS + "|output \"x\" {\\n  value = data.aws_region.current.name\\n}|dangling-reference|data.aws_region.current is not declared",
        KMS + "|variable \"unused\" {}|unused-variable|nothing uses the variable unused",
        KMS + "|variable \"name\" {}|declared-twice|variable name is declared twice",
        DEV + "|output \"x\" {\\n  value = module.nothing.x\\n}|dangling-reference|no module is called nothing",
        DEV + "|output \"x\" {\\n  value = module.kms.nothing\\n}|dangling-reference|module kms has no output nothing",
        DEV + "|module \"x\" {\\n  source = \"../../modules/x\"\\n}|dangling-reference|there is no module at ../../modules/x",
        DEV + "|module \"x\" {\\n  source = \"../../modules/state\"\\n}|missing-argument|module x is not given its variable name",
        DEV + "|module \"x\" {\\n  source = \"../../modules/state\"\\n  name   = \"x\"\\n  more   = 1\\n}|dangling-reference|module x has no variable more",
        "environments/dev/terraform.tfvars|nothing = 1|dangling-reference|no variable has the name nothing",
        KMS + "|locals {\\n  a = \"10.0.0.0/16\"\\n}|hard-coded|a network",
        KMS + "|locals {\\n  a = \"ami-0123456789abcdef0\"\\n}|hard-coded|an image",
        KMS + "|locals {\\n  a = \"id-123456789012\"\\n}||",
        KMS + "|locals {\\n  a = \"123456789012\"\\n}|hard-coded|an account",
        KMS + "|locals {\\n  a = \"arn:aws:iam::aws:policy/x\"\\n}|hard-coded|a partition",
        KMS + "|locals {\\n  a = \"north-1a\"\\n}|hard-coded|a region or zone",
        KMS + "|locals {\\n  a = [\"t4g.micro\"]\\n}|hard-coded|a size of machine",
        KMS + "|locals {\\n  a = \"projects/my-project/x\"\\n}|hard-coded|a project",
        KMS + "|locals {\\n  a = \"0a1b2c3d-0000-1111-2222-333344445555\"\\n}|hard-coded|a subscription",
        KMS + "|locals {\\n  a = \"0.0.0.0/0\"\\n}||",
        "environments/dev/outputs.tf|provider \"terraform\" {}|required-tags|no default_tags",
        "environments/dev/outputs.tf|terraform {\\n  backend \"s3\" {}\\n}|backend|one backend, not 2"})
    void whatIsWrongIsFound(String path, String more, String rule, String message) {
        List<Finding> findings = check(sample(), path, text -> text + "\n" + more.replace("\\n", "\n") + "\n");
        if (rule == null) {
            assertTrue(findings.isEmpty(), findings::toString);
            return;
        }
        assertTrue(findings.stream().anyMatch(f -> f.rule().equals(rule) && f.message().contains(message) && f.evidence().get(0).file().startsWith(path.substring(0, path.indexOf('/')))),
                () -> rule + " " + findings);
    }

    @Test
    void aBackendIsLookedInto() {
        String backend = "environments/dev/backend.tf";
        assertTrue(check(sample(), backend, t -> t.replace("use_lockfile", "use_lock_file")).toString().contains("the backend s3 has no argument use_lock_file"));
        assertTrue(check(sample(), backend, t -> t.replaceAll(" *encrypt .*\n", "")).toString().contains("the backend s3 needs encrypt"));
        assertTrue(check(sample(), backend, t -> t.replace("\"shop-tfstate\"", "var.name")).toString().contains("a backend takes no expressions: bucket"));
        assertTrue(check(sample(), backend, t -> t.replace("dev/", "production/")).toString().contains("has the same state as environments/dev/backend.tf"));
    }

    @Test
    void valuesThatASchemaCannotSeeAreJudgedInModulesAndProfiles() {
        Catalogue strict = Catalogue.of("aws.yaml", Sample.text().replace("pattern: \".*\"", "pattern: \"db-.*\""));
        assertTrue(check(strict, KMS, t -> t + "\nresource \"terraform_data\" \"x\" {\n  input = \"m5\"\n}\n").toString().contains("terraform_data.input does not take m5"));
        assertTrue(check(strict, KMS, t -> t + "\nresource \"terraform_data\" \"x\" {\n  input = var.deletion_window_days\n}\n").toString().contains("does not take 14 (variable deletion_window_days)"));
        assertTrue(check(strict, KMS, t -> t + "\nresource \"terraform_data\" \"x\" {\n  input = \"db-1\"\n}\n").stream().noneMatch(f -> f.message().contains("db-1")));
    }

    @Test
    void whatHoldsDataIsProtected() {
        Catalogue catalogue = sample();
        String type = catalogue.protectedTypes().stream().findFirst().orElse("");
        org.junit.jupiter.api.Assumptions.assumeTrue(!type.isEmpty(), "data/terraform/protected.yaml names no type of aws yet");
        String resource = "\nresource \"" + type + "\" \"x\" {}\n";
        assertTrue(check(catalogue, KMS, t -> t + resource).toString().contains(type + ".x holds data, and may be destroyed"));
        assertEquals(List.of(), check(catalogue, KMS, t -> t + resource.replace("{}", "{\n  lifecycle {\n    prevent_destroy = true\n  }\n}")));
    }
}
