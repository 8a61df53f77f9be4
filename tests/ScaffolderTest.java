import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lib.scan.Hcl;
import lib.write.ScaffolderOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import support.Checkout;
import support.Golden;
import support.Machine;
import support.Sample;
import support.Tree;

/** Trees written, written again, and changed: with a small catalogue, whose trees the engine really applies. */
class ScaffolderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private Cli run(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--templates", Sample.TEMPLATES.toString()));
        return Cli.scaffold(Sample::catalogue, dir, all.toArray(String[]::new));
    }

    private Cli written(String... args) {
        List<String> all = new ArrayList<>(List.of("infra", "--name", "shop"));
        all.addAll(List.of(args));
        Cli cli = run(all.toArray(String[]::new));
        assertEquals(0, cli.exit(), cli::all);
        return cli;
    }

    private String text(String path) {
        try {
            return Files.readString(dir.resolve("infra").resolve(path));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private boolean exists(String path) {
        return Files.exists(dir.resolve("infra").resolve(path));
    }

    private Hcl.Block hcl(String path) {
        Hcl.File file = Hcl.parse(text(path));
        assertEquals(List.of(), file.problems(), path);
        return file.body();
    }

    // --- what is written ---

    @Test
    void aTreeHasModulesEnvironmentsAndTheirPapers() {
        written("--provider", "aws", "--modules", "all");
        for (String path : List.of("modules/kms/main.tf", "modules/kms/tests/kms.tftest.hcl", "environments/dev/backend.tf", "environments/production/terraform.tfvars", "bootstrap/main.tf",
                "bootstrap/backend.tf.after", "Makefile", ".gitignore", ".tflint.hcl", ".checkov.yaml", "trivy.yaml", ".pre-commit-config.yaml", "README.md", "ENVIRONMENTS.md",
                "scripts/migrate-state", "scripts/destroy-dev", ".scaffold/manifest.json")) {
            assertTrue(exists(path), path);
        }
        assertFalse(exists("bootstrap/backend.tf"), "the bootstrap's state is local until it is moved");
        assertTrue(dir.resolve("infra/scripts/destroy-dev").toFile().canExecute());
    }

    @Test
    void everyEnvironmentHasAStateOfItsOwn() {
        written("--provider", "aws", "--layout", "component");
        Set<String> keys = new TreeSet<>();
        for (String environment : List.of("dev", "staging", "production")) {
            for (String component : List.of("kms", "sqs")) {
                keys.add(hcl("environments/" + environment + "/" + component + "/backend.tf").blocks("terraform").get(0).blocks("backend").get(0).text("key"));
            }
        }
        assertEquals(6, keys.size(), keys::toString);
    }

    @Test
    void theBootstrapMakesTheStoreThatTheBackendsUse() throws IOException {
        for (String cloud : lib.plan.Catalogue.CLOUDS) {
            if (lib.plan.Catalogue.shipped(cloud).isEmpty()) {
                continue;
            }
            Cli cli = Cli.scaffold(lib.plan.Catalogue::shipped, dir, cloud + "-store", "--provider", cloud, "--modules", "secrets", "--env", "dev", "--name", "shop", "--team", "t", "--cost-center", "c");
            assertEquals(0, cli.exit(), cli::err);
            java.util.regex.Matcher store = java.util.regex.Pattern.compile("(?m)^    bucket +=( \"[a-z0-9-]+\")$").matcher(Files.readString(dir.resolve(cloud + "-store/environments/dev/backend.tf")));
            assertTrue(store.find());
            assertTrue(Files.readString(dir.resolve(cloud + "-store/bootstrap/main.tf")).matches("(?s).*\n  name +=" + store.group(1) + "\n.*"), cloud);
            assertTrue(Files.readString(dir.resolve(cloud + "-store/modules/state/main.tf")).matches("(?s).*\n  (name|bucket) += var\\.name\n.*"), cloud);
        }
    }

    @Test
    void severalProvidersHaveAFolderEach() {
        Cli cli = Cli.scaffold(Sample::catalogue, dir, "infra", "--name", "shop", "--provider", "aws,gcp", "--modules", "kms", "--env", "dev", "--templates", templatesOfBoth());
        assertEquals(0, cli.exit(), cli::all);
        assertTrue(exists("aws/environments/dev/main.tf") && exists("gcp/environments/dev/main.tf") && !exists("environments"));
    }

    private String templatesOfBoth() {
        try {
            for (String cloud : List.of("aws", "gcp")) {
                for (Map.Entry<String, String> file : Golden.read(Sample.TEMPLATES.resolve("terraform/aws")).entrySet()) {
                    Tree.of(dir.resolve("both/terraform/" + cloud), file.getKey(), file.getValue());
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return dir.resolve("both").toString();
    }

    @Test
    void aSecondRunChangesNothing() throws IOException {
        written("--provider", "aws", "--modules", "all", "--team", "a,b=c", "--existing-cidrs", "10.0.0.0/16", "--layout", "component");
        Map<String, String> before = Golden.read(dir.resolve("infra"));
        Cli again = run("infra");
        assertEquals(0, again.exit(), again::all);
        assertTrue(again.err().contains("up to date"), again::all);
        assertEquals(before, Golden.read(dir.resolve("infra")));
        assertEquals(0, run("infra", "--check").exit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"${file(\"/etc/passwd\")}", "%{ if true }x%{ endif }", "a\"\n}\nresource \"x\" \"y\" {", "\\", "$${x}", "</script>", "$(id)", "`id`", "' || id; '"})
    void aHostileTagIsTextAndNothingElse(String tag) {
        written("--provider", "aws", "--modules", "all", "--env", "dev", "--team", tag, "--owner", tag, "--layout", "component");
        Object tags = hcl("environments/dev/kms/terraform.tfvars").attribute("tags").orElseThrow().value().constant();
        assertEquals(tag.strip(), String.valueOf(((Map<?, ?>) tags).get("team")));
        assertEquals(0, run("infra").exit());
        assertEquals(tag.strip(), ((Map<?, ?>) hcl("environments/dev/kms/terraform.tfvars").attribute("tags").orElseThrow().value().constant()).get("owner"));
    }

    @Test
    void anOlderEngineGetsWhatItCanReadAndIsToldWhatItMisses() throws IOException {
        Cli cli = written("--provider", "aws", "--modules", "all", "--env", "dev", "--target-version", "1.5", "--json");
        assertTrue(hcl("environments/dev/backend.tf").blocks("terraform").get(0).blocks("backend").get(0).attribute("dynamodb_table").isPresent());
        assertTrue(text("modules/ecs/main.tf").contains(":stored"));
        assertFalse(exists("modules/kms/tests"));
        assertEquals(">= 1.5", hcl("environments/dev/versions.tf").blocks("terraform").get(0).text("required_version"));
        List<String> messages = new ArrayList<>();
        JSON.readTree(cli.out()).path("findings").forEach(f -> messages.add(f.path("message").asText()));
        assertTrue(messages.contains("Terraform 1.5 has no locks in S3 itself, without DynamoDB (since 1.10): the files do without"), messages::toString);
    }

    @Test
    void whatOnlyOpenTofuReadsIsInFilesOfItsOwn() {
        written("--provider", "aws", "--modules", "kms", "--env", "dev,production", "--engine", "tofu");
        assertTrue(text("modules/kms/main.tofu").contains("prevent_destroy = var.prevent_destroy"));
        assertFalse(exists("modules/kms/main.tf"));
        assertTrue(text("environments/dev/encryption.tofu").contains("enforced = true"));
        assertEquals("false", String.valueOf(hcl("environments/dev/terraform.tfvars").attribute("prevent_destroy").orElseThrow().value().constant()));
        assertTrue(hcl("environments/production/terraform.tfvars").attribute("prevent_destroy").isEmpty());
    }

    @Test
    void theConfigurationFileSaysAllOfIt() throws IOException {
        Tree.of(dir, "infra.yaml", """
                provider: aws
                name: shop
                environments:
                  - dev
                  - {name: load-test, like: production, cidr: 10.200.0.0/16}
                modules: [kms, queue]
                region: south-1
                team: shop-team
                tags: {data: internal}
                engine: terraform
                """);
        assertEquals(0, run("infra", "--config", "infra.yaml").exit());
        Hcl.Block values = hcl("environments/load-test/terraform.tfvars");
        assertEquals("10.200.0.0/16", values.text("cidr"));
        assertEquals("30", String.valueOf(values.attribute("kms_deletion_window_days").orElseThrow().value().constant()));
        assertEquals("south-1", Hcl.parse(text("environments/load-test/backend.tf")).body().blocks("terraform").get(0).blocks("backend").get(0).text("region"));
        assertEquals("{cost-center=shared, data=internal, team=shop-team}", String.valueOf(values.attribute("tags").orElseThrow().value().constant()));
    }

    @Test
    void theSchemaOfTheConfigurationHasItsKeys() throws IOException {
        JsonNode properties = JSON.readTree(Checkout.root().resolve("schemas/infra.schema.json").toFile()).path("properties");
        Set<String> keys = new TreeSet<>();
        properties.fieldNames().forEachRemaining(keys::add);
        assertEquals(new TreeSet<>(ScaffolderOptions.KEYS), keys);
    }

    // --- its pipeline ---

    @Test
    void aProposalIsPlannedByARoleThatReadsAndTheGuardJudgesThePlan() throws IOException {
        written("--provider", "aws", "--modules", "kms,sqs", "--env", "dev,production", "--layout", "component", "--ci", "github-actions");
        String github = text(".github/workflows/ci.yml");
        String job = github.substring(github.indexOf("  plan-production:"), github.indexOf("  apply-dev-kms:"));
        assertTrue(job.contains("environment: production-plan") && job.contains("github.event.pull_request.head.repo.full_name == github.repository"), job);
        assertTrue(job.contains("python3 ../../../scripts/destroy-guard tfplan.json") && job.contains("GITHUB_STEP_SUMMARY") && !job.contains(" apply "), job);
        assertTrue(job.indexOf("Plan environments/production/kms") < job.indexOf("Plan environments/production/sqs"), job);

        assertEquals(0, Cli.scaffold(Sample::catalogue, dir, "gitlab", "--name", "shop", "--templates", Sample.TEMPLATES.toString(), "--provider", "aws", "--modules", "kms", "--env", "dev", "--ci", "gitlab-ci").exit());
        String gitlab = Golden.read(dir.resolve("gitlab")).get(".gitlab-ci.yml");
        String proposal = gitlab.substring(gitlab.indexOf("plan-dev:"), gitlab.indexOf("apply-dev:"));
        assertTrue(proposal.contains("CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID") && proposal.contains("terraform: [environments/dev/plan-counts.json]")
                || proposal.contains("- environments/dev/plan-counts.json"), proposal);
        assertTrue(proposal.contains("name: dev-plan") && proposal.contains("scripts/destroy-guard") && !proposal.contains(" apply "), proposal);
    }

    // --- what it tells ---

    @Test
    void modulesAreListedWithTheirNamesAndNeeds() throws IOException {
        JsonNode list = JSON.readTree(run("--list-modules", "--json", "--provider", "aws").out()).path("modules");
        assertEquals("{\"name\":\"sqs\",\"provider\":\"aws\",\"aliases\":[\"jobs\",\"queue\"],\"requires\":[\"kms\"]}", list.get(2).toString());
        assertTrue(run("--list-modules").out().contains("sqs            Queue (also jobs, queue); takes from kms"), () -> run("--list-modules").out());
    }

    @Test
    void aModuleIsExplained() {
        String text = run("--explain", "keyring", "--provider", "aws").out();
        assertTrue(text.contains("dev 7, staging 14, production 30: Time to notice a mistaken deletion."), text);
        assertTrue(text.contains("production 2; 1 key") && text.contains("apply needs keys:*"), text);
    }

    @Test
    void withoutAProviderACommandIsProposedAndNothingIsWritten() {
        Tree.of(dir.resolve("infra"), "Dockerfile", "FROM alpine\n", "compose.yaml", "services:\n  db:\n    image: postgres:17\n");
        Cli cli = run("infra");
        assertEquals(2, cli.exit(), cli::all);
        assertTrue(cli.err().contains("terraform_scaffolder infra --provider aws --modules "), cli::all);
        assertTrue(cli.err().contains("ecs: Dockerfile builds an image"), cli::all);
        assertFalse(exists("modules"));
    }

    @Test
    void aDryRunPrintsAndADiffAppliesAndNothingIsWritten() {
        assertTrue(written("--provider", "aws", "--dry-run").out().contains("==> modules/kms/main.tf (create) <=="));
        assertTrue(written("--provider", "aws", "--diff").out().contains("+++ b/modules/kms/main.tf"));
        assertFalse(exists("."));
    }

    // --- bad input ---

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "infra --provider awss|2|unknown provider 'awss'|did you mean 'aws'?",
        "infra --provider aws --modules kmss|2|unknown module 'kmss'|did you mean 'kms'?",
        "infra --provider aws --env prodution|2|unknown environment 'prodution'|did you mean 'production'?",
        "infra --provider aws --env qa|2|unknown environment 'qa'|another name needs --like",
        "infra --provider aws --env qa --like prod|2|unknown environment for --like 'prod'|did you mean 'production'?",
        "infra --provider aws --region nort-1|2|unknown region of aws 'nort-1'|did you mean 'north-1'?",
        "infra --provider aws --existing-cidrs 10.0.0.0/8|2|no free /16|--config",
        "infra --provider aws --existing-cidrs 10.0.0/8|2|no block of IPv4 addresses|10.20.0.0/16",
        "infra --provider aws --name a-name-that-is-too-long|2|sample_alias.name of module kms|shorter --name",
        "infra --provider aws --name 9lives|2|the name '9lives'|--name",
        "infra --provider aws --target-version 1.4|2|Terraform 1.4 is older|--target-version 1.5",
        "infra --provider aws --target-version new|2|not a version of an engine: 'new'|1.11",
        "infra --provider aws --engine pulumi|2|unknown engine 'pulumi'|terraform, tofu",
        "infra --provider aws --layout flat|2|unknown layout 'flat'|environment, component",
        "infra --provider azure|3|no modules for azure|another provider",
        "infra --add sqs|3|there is none in infra|make one first",
        "--explain kmz|2|unknown module 'kmz'|did you mean 'kms'?",
        "--provider aws|2|a folder is missing|infra",
        "infra --provider aws --config nowhere.yaml|3|cannot read the configuration nowhere.yaml|--config"})
    void wrongUsageIsSaidWithAHint(String args, int exit, String message, String hint) {
        Cli cli = run(args.split(" "));
        assertEquals(exit, cli.exit(), cli::all);
        assertTrue(cli.err().contains("error: ") && cli.err().contains(message), cli::all);
        assertTrue(cli.err().contains(hint), cli::all);
        assertEquals("", cli.out());
        assertFalse(exists("."), "nothing is written");
    }

    @Test
    void anUnknownKeyIsSaidWithItsLine() {
        Tree.of(dir, "infra.yaml", "provider: aws\nmodule: [kms]\nenvironments:\n  - {name: qa, lik: dev}\n");
        Cli cli = run("infra", "--config", "infra.yaml");
        assertEquals(2, cli.exit(), cli::all);
        assertTrue(cli.err().contains("infra.yaml:2: unknown key module, did you mean modules?"), cli::all);
        assertTrue(cli.err().contains("infra.yaml:4: unknown key lik, did you mean like?"), cli::all);
    }

    @Test
    void overlappingAddressesAreRefused() {
        Tree.of(dir, "infra.yaml", "provider: aws\nname: shop\nenvironments: [{name: dev, cidr: 10.1.0.0/16}]\nexisting-cidrs: [10.1.128.0/20]\n");
        Cli cli = run("infra", "--config", "infra.yaml");
        assertEquals(2, cli.exit(), cli::all);
        assertTrue(cli.err().contains("overlap with the existing 10.1.128.0/20"), cli::all);
    }

    @Test
    void terraformOfOthersIsNotTouched() throws IOException {
        Tree.of(dir.resolve("infra"), "main.tf", "resource \"x\" \"y\" {}\n", "net/vpc.tf", "# theirs\n");
        Map<String, String> before = Golden.read(dir.resolve("infra"));
        Cli cli = run("infra", "--provider", "aws", "--force");
        assertEquals(3, cli.exit(), cli::all);
        assertTrue(cli.err().contains("main.tf and 1 more; nothing was touched") && cli.err().contains("--import inventory.json"), cli::all);
        assertEquals(before, Golden.read(dir.resolve("infra")));
    }

    // --- a tree that changes ---

    @Test
    void handEditsStayAndAConflictWritesNothing() throws IOException {
        written("--provider", "aws", "--env", "dev");
        Path main = dir.resolve("infra/environments/dev/main.tf");
        Files.writeString(main, "module \"mine\" {\n  source = \"./mine\"\n}\n\n" + Files.readString(main));
        written("--add", "ecs");
        assertTrue(text("environments/dev/main.tf").contains("module \"mine\"") && text("environments/dev/main.tf").contains("module \"ecs\""));

        Files.writeString(main, Files.readString(main).replace("module \"ecs\"", "module \"ecs2\""));
        Map<String, String> before = Golden.read(dir.resolve("infra"));
        Cli conflict = run("infra", "--remove", "ecs");
        assertEquals(3, conflict.exit(), conflict::all);
        assertTrue(conflict.err().contains("environments/dev/main.tf"), conflict::all);
        assertEquals(before, Golden.read(dir.resolve("infra")));
    }

    @Test
    void anotherEnvironmentLeavesTheOthersAsTheyAre() {
        written("--provider", "aws", "--env", "production");
        String before = text("environments/production/terraform.tfvars");
        written("--env", "dev");
        assertEquals(before, text("environments/production/terraform.tfvars"));
        assertTrue(exists("environments/dev/main.tf"));
    }

    @Test
    void nameAndLayoutOfATreeStay() {
        written("--provider", "aws");
        assertTrue(run("infra", "--name", "other").err().contains("every resource would be made anew"));
        assertTrue(run("infra", "--layout", "component").err().contains("this tree has the layout environment"));
        assertTrue(run("infra", "--provider", "gcp").err().contains("this tree is for aws alone"));
    }

    @Test
    void whatIsImportedMustHaveAPlace() {
        Tree.of(dir, "inventory.json", "{\"resources\": [{\"environment\": \"dev\", \"address\": \"module.nope.x.y\", \"id\": \"1\"},\n"
                + "{\"environment\": \"qa\", \"address\": \"module.kms.terraform_data.this\", \"id\": \"1\"}, {\"environment\": \"dev\", \"address\": \"module.kms.x.y }\\n\", \"id\": \"1\"}]}");
        Cli cli = run("infra", "--provider", "aws", "--import", "inventory.json");
        assertEquals(2, cli.exit(), cli::all);
        assertTrue(cli.err().contains("resource 1: 'module.nope.x.y' is no address") && cli.err().contains("resource 2: no environment 'qa'") && cli.err().contains("resource 3: "), cli::all);
    }

    // --- really applied ---

    private String engine(int exit, Path root, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("terraform", "-chdir=" + root));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TF_IN_AUTOMATION", "1");
        builder.environment().put("CHECKPOINT_DISABLE", "1");
        builder.environment().remove("TF_CLI_CONFIG_FILE");
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes()).replaceAll("\u001B\\[[0-9;]*m", "");
        assertTrue(process.waitFor(2, TimeUnit.MINUTES), out);
        assertEquals(exit, process.exitValue(), out);
        return out;
    }

    /** The environment with a local state, and what somebody has to fill in. */
    private Path local(String environment) throws Exception {
        assumeTrue(Machine.has("terraform"), "terraform is not installed");
        Path root = dir.resolve("infra/environments/" + environment);
        Tree.of(root, "backend_override.tf", "terraform {\n  backend \"local\" {}\n}\n", "domain.auto.tfvars", exists("modules/ecs") ? "ecs_domain = \"a.example\"\n" : "");
        engine(0, root, "init", "-input=false");
        return root;
    }

    @Test
    void theFormatterHasNothingToDoAndTheOwnTestsPass() throws Exception {
        assumeTrue(Machine.has("terraform"), "terraform is not installed");
        for (String layout : List.of("environment", "component")) {
            Tree.of(dir, "infra/", "");
            try (Stream<Path> old = Files.walk(dir.resolve("infra"))) {
                old.sorted(java.util.Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
            }
            written("--provider", "aws", "--modules", "all", "--env", "dev", "--layout", layout);
            assertEquals("", engine(0, dir.resolve("infra"), "fmt", "-check", "-recursive"));
            List<Path> roots;
            try (Stream<Path> files = Files.walk(dir.resolve("infra"))) {
                roots = files.filter(f -> f.endsWith("versions.tf")).map(Path::getParent).toList();
            }
            for (Path root : roots) {
                engine(0, root, "init", "-backend=false", "-input=false");
                engine(0, root, "validate");
                assertTrue(engine(0, root, "test").contains("0 failed"), root::toString);
            }
        }
    }

    @Test
    void aModuleThatIsTakenOutIsForgottenAndNotDestroyed() throws Exception {
        written("--provider", "aws", "--modules", "kms,sqs", "--env", "dev");
        Path root = local("dev");
        engine(0, root, "apply", "-input=false", "-auto-approve");
        Cli removed = written("--remove", "queue");
        assertTrue(removed.err().contains("module-removed"), removed::all);
        engine(0, root, "init", "-input=false");
        String plan = engine(0, root, "plan", "-input=false");
        assertTrue(plan.contains("will no longer be managed by Terraform") && !plan.contains("to destroy.") || plan.contains("0 to destroy"), plan);
        assertFalse(exists("modules/sqs"));
        written();
        assertTrue(exists("environments/dev/removed.tf"), "it stays said");
        written("--add", "sqs");
        assertFalse(exists("environments/dev/removed.tf"));
    }

    @Test
    void aModuleThatTheCatalogueRenamedIsMovedAndNotMadeAnew() throws Exception {
        written("--provider", "aws", "--modules", "kms", "--env", "dev");
        Path root = local("dev");
        engine(0, root, "apply", "-input=false", "-auto-approve");
        String old = text("environments/dev/main.tf");
        // As an older version of the catalogue had it.
        Path manifest = dir.resolve("infra/.scaffold/manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"modules aws\": \"kms\"", "\"modules aws\": \"oldkeys\""));
        Path state = root.resolve("terraform.tfstate");
        Files.writeString(state, Files.readString(state).replace("\"module.kms\"", "\"module.oldkeys\""));
        written();
        assertEquals(old, text("environments/dev/main.tf"));
        String plan = engine(0, root, "plan", "-input=false");
        assertTrue(plan.contains("has moved to") && plan.contains("0 to add, 0 to change, 0 to destroy"), plan);
    }

    @Test
    void whatExistsIsTakenOver() throws Exception {
        Tree.of(dir, "inventory.json", "{\"resources\": [{\"environment\": \"dev\", \"address\": \"module.kms.terraform_data.this\", \"id\": \"there-${already}\"}]}");
        written("--provider", "aws", "--modules", "kms", "--env", "dev,production", "--import", "inventory.json");
        assertEquals("there-${already}", hcl("environments/dev/imports.tf").blocks("import").get(0).text("id"));
        assertFalse(exists("environments/production/imports.tf"));
        String plan = engine(0, local("dev"), "plan", "-input=false");
        assertTrue(plan.contains("1 to import, 0 to add"), plan);
        written();
        assertTrue(exists("environments/dev/imports.tf"));
    }

    @Test
    void componentsReadEachOthersEncryptedStates() throws Exception {
        assumeTrue(Machine.has("tofu"), "tofu is not installed");
        written("--provider", "aws", "--modules", "kms,sqs", "--env", "dev", "--layout", "component", "--engine", "tofu");
        String remote = text("environments/dev/sqs/main.tf");
        Path state = dir.resolve("kms.tfstate");
        Files.writeString(dir.resolve("infra/environments/dev/sqs/main.tf"), remote.replaceAll("backend = \"s3\"\n\n {2}config = \\{[^}]*}",
                "backend = \"local\"\n\n  config = {\n    path = \"" + state + "\"\n  }"));
        for (String component : List.of("kms", "sqs")) {
            Path root = dir.resolve("infra/environments/dev/" + component);
            Tree.of(root, "backend_override.tf", "terraform {\n  backend \"local\" {\n    path = \"" + dir.resolve(component + ".tfstate") + "\"\n  }\n}\n");
            tofu(root, "init", "-input=false");
            assertTrue(tofu(root, "apply", "-input=false", "-auto-approve").contains("1 added"));
            assertTrue(Files.readString(dir.resolve(component + ".tfstate")).contains("encrypted_data"));
        }
    }

    private static String tofu(Path root, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("tofu", "-chdir=" + root));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TF_VAR_state_passphrase", "only for this test");
        builder.environment().remove("TF_CLI_CONFIG_FILE");
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), out);
        return out;
    }

    @Test
    void theEngineJudgesBeforeAnythingIsWritten() throws Exception {
        assumeTrue(Machine.has("terraform"), "terraform is not installed");
        Cli cli = written("--provider", "aws", "--modules", "kms", "--env", "dev", "--verify", "--json");
        assertEquals("green", JSON.readTree(cli.out()).path("verify").path("verdict").asText(), cli::all);
        assertTrue(exists("modules/kms/main.tf"));

        Tree.of(dir.resolve("wrong/terraform/aws"), "kms.ftl", "[@file \"main.tf\"]\nresource \"terraform_data\" \"this\" {\n  input   = [var.name, var.tags, var.deletion_window_days]\n  nothing = 1\n}\n[/@file]\n",
                "state.ftl", Files.readString(Sample.TEMPLATES.resolve("terraform/aws/state.ftl")), "root.ftl", Files.readString(Sample.TEMPLATES.resolve("terraform/aws/root.ftl")));
        Cli red = Cli.scaffold(Sample::catalogue, dir, "other", "--name", "shop", "--provider", "aws", "--modules", "kms", "--env", "dev", "--verify", "--templates", dir.resolve("wrong").toString());
        assertEquals(1, red.exit(), red::all);
        assertTrue(red.err().contains("red: ") && red.err().contains("modules/kms"), red::all);
        assertFalse(Files.exists(dir.resolve("other")), "nothing is written");
    }

    @Test
    void aDevelopmentEnvironmentIsDestroyedFromAScratchCopyAndNoOther() throws Exception {
        written("--provider", "aws", "--modules", "kms", "--env", "dev,production");
        Path root = local("dev");
        Files.writeString(root.resolve("backend_override.tf"), "terraform {\n  backend \"local\" {\n    path = \"" + dir.resolve("dev.tfstate") + "\"\n  }\n}\n");
        engine(0, root, "init", "-input=false", "-reconfigure");
        engine(0, root, "apply", "-input=false", "-auto-approve");
        assertTrue(engine(1, root, "destroy", "-input=false", "-auto-approve").contains("Instance cannot be destroyed"));
        Map<String, String> before = Golden.read(dir.resolve("infra"));

        Process script = new ProcessBuilder("scripts/destroy-dev", "dev", "-input=false", "-auto-approve").directory(dir.resolve("infra").toFile()).redirectErrorStream(true).start();
        String out = new String(script.getInputStream().readAllBytes());
        assertEquals(0, script.waitFor(), out);
        assertTrue(out.contains("1 destroyed"), out);
        assertEquals(before, Golden.read(dir.resolve("infra")));

        Process refused = new ProcessBuilder("scripts/destroy-dev", "production").directory(dir.resolve("infra").toFile()).redirectErrorStream(true).start();
        assertTrue(new String(refused.getInputStream().readAllBytes()).contains("production is no development environment"));
        assertEquals(3, refused.waitFor());
    }
}
