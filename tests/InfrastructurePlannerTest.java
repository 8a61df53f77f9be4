import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lib.cli.Failure;
import lib.plan.Catalogue;
import lib.plan.Infrastructure;
import lib.plan.Infrastructure.Argument;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.EngineVersion;
import lib.plan.Infrastructure.Environment;
import lib.plan.Infrastructure.Layout;
import lib.plan.Infrastructure.Request;
import lib.plan.Infrastructure.Root;
import lib.plan.InfrastructurePlanner;
import lib.plan.InfrastructurePlanner.Choice;
import org.junit.jupiter.api.Test;
import support.Sample;

/** Where every value of every root comes from, which addresses it has, and which engine it needs. */
class InfrastructurePlannerTest {
    private static final List<Environment> ALL = List.of(new Environment("dev", "dev", ""), new Environment("staging", "staging", ""), new Environment("production", "production", ""));

    private static Request request(String name, Layout layout, Engine engine, String target, List<Environment> environments, String... cidrs) {
        return new Request(name, environments, Map.of(), new TreeMap<>(), List.of(cidrs), layout, engine, target.isEmpty() ? null : EngineVersion.of(target), "", List.of(), List.of(), "github");
    }

    private static Infrastructure plan(Request request, String... modules) {
        return InfrastructurePlanner.plan(request, List.of(new Choice(Sample.catalogue("aws").orElseThrow(), List.of(modules), Set.of())));
    }

    private static Root root(Layout layout, int place, String... modules) {
        return plan(request("shop", layout, Engine.TERRAFORM, "", ALL), modules).clouds().get(0).environments().get(0).roots().get(place);
    }

    private static String argument(Root root, String module, String name) {
        return root.calls().stream().filter(c -> c.module().id().equals(module)).flatMap(c -> c.arguments().stream()).filter(a -> a.name().equals(name)).map(Argument::expression).findFirst().orElse("(none)");
    }

    @Test
    void anEdgeIsTheOutputOfItsProducer() {
        assertEquals("module.kms.key_arn", argument(root(Layout.ENVIRONMENT, 0, "kms", "sqs"), "sqs", "key_arn"));
    }

    @Test
    void withoutItsProducerAnEdgeIsAVariableThatSomebodyFillsIn() {
        Root root = root(Layout.ENVIRONMENT, 0, "sqs");
        assertEquals("var.sqs_key_arn", argument(root, "sqs", "key_arn"));
        Infrastructure.RootVariable variable = root.variables().get(0);
        assertEquals("sqs_key_arn", variable.name());
        assertFalse(variable.isSet());
        assertEquals("\"key-1\"", variable.example());
    }

    @Test
    void anOptionalEdgeIsLeftOut() {
        assertEquals("(none)", argument(root(Layout.ENVIRONMENT, 0, "ecs"), "ecs", "queue_arn"));
        assertEquals("module.sqs.queue_arn", argument(root(Layout.ENVIRONMENT, 0, "ecs", "sqs"), "ecs", "queue_arn"));
    }

    @Test
    void whatIsCollectedIsAMapOfWhoIsThere() {
        assertEquals("{\necs = module.ecs.group_id\n}", argument(root(Layout.ENVIRONMENT, 0, "rds", "ecs"), "rds", "clients"));
        assertEquals("{}", argument(root(Layout.ENVIRONMENT, 0, "rds"), "rds", "clients"));
    }

    @Test
    void sizesComeFromTheProfileWithTheirReasonAndTheConditionSpeaksOfTheNewName() {
        Root root = root(Layout.ENVIRONMENT, 0, "kms");
        Infrastructure.RootVariable variable = root.variables().get(0);
        assertEquals("kms_deletion_window_days = 7", variable.name() + " = " + variable.value());
        assertEquals("Time to notice a mistaken deletion.", variable.reason());
        assertEquals("var.kms_deletion_window_days >= 7", variable.validations().get(0).condition());
    }

    @Test
    void componentsReadEachOthersStatesInOrder() {
        List<Root> roots = plan(request("shop", Layout.COMPONENT, Engine.TERRAFORM, "", ALL), "rds", "ecs", "sqs", "kms").clouds().get(0).environments().get(1).roots();
        assertEquals(List.of("kms", "sqs", "ecs", "rds"), roots.stream().map(Root::component).toList());
        assertEquals("environments/staging/sqs", roots.get(1).folder());
        assertEquals("data.terraform_remote_state.kms.outputs.kms_key_arn", argument(roots.get(1), "sqs", "key_arn"));
        assertEquals(Set.of("kms", "ecs"), roots.get(3).needs());
        assertTrue(roots.get(2).outputs().stream().anyMatch(o -> o.name().equals("ecs_group_id")), "what another reads is an output");
    }

    @Test
    void edgesThatGoRoundInACircleAreLeftOutWhereTheyMayBe() {
        String text = Sample.text().replace("name: queue_arn, type: string, description: \"What it listens to.\", from: [sqs.queue_arn], default: \"null\", optional: true",
                "name: queue_arn, type: string, description: \"What it listens to.\", from: [sqs.queue_arn]")
                .replace("common: cidr, example: '\"10.0.0.0/16\"'", "from: [ecs.group_id], optional: true, default: \"null\", example: '\"sg-1\"'");
        Choice choice = new Choice(Catalogue.of("aws.yaml", text), List.of("sqs", "ecs"), Set.of());
        List<Root> roots = InfrastructurePlanner.plan(request("shop", Layout.COMPONENT, Engine.TERRAFORM, "", ALL), List.of(choice)).clouds().get(0).environments().get(0).roots();
        assertEquals(List.of("sqs", "ecs"), roots.stream().map(Root::component).toList());
        assertEquals("(none)", argument(roots.get(0), "sqs", "cidr"));
    }

    @Test
    void everySubsetOfModulesHasAllItsArguments() {
        List<String> ids = List.of("kms", "sqs", "ecs", "rds");
        for (int bits = 1; bits < 1 << ids.size(); bits++) {
            List<String> subset = new ArrayList<>();
            for (int i = 0; i < ids.size(); i++) {
                if ((bits >> i & 1) == 1) {
                    subset.add(ids.get(i));
                }
            }
            for (Layout layout : Layout.values()) {
                Infrastructure plan = plan(request("shop", layout, Engine.TERRAFORM, "", ALL), subset.toArray(String[]::new));
                plan.clouds().get(0).environments().get(0).roots().forEach(r -> r.calls().forEach(c -> {
                    Set<String> given = new HashSet<>();
                    c.arguments().forEach(a -> given.add(a.name()));
                    c.module().variables().stream().filter(Catalogue.Variable::isRequired).forEach(v -> assertTrue(given.contains(v.name()), subset + " " + v.name()));
                }));
            }
        }
    }

    // --- addresses ---

    private static String cidr(Infrastructure plan, String environment) {
        return plan.clouds().get(0).environments().stream().filter(e -> e.environment().name().equals(environment)).findFirst().orElseThrow().cidr();
    }

    @Test
    void anEnvironmentsAddressesDoNotDependOnTheOthers() {
        Infrastructure all = plan(request("shop", Layout.ENVIRONMENT, Engine.TERRAFORM, "", ALL), "kms");
        Infrastructure one = plan(request("shop", Layout.ENVIRONMENT, Engine.TERRAFORM, "", List.of(ALL.get(2))), "kms");
        assertEquals("10.32.0.0/16", cidr(all, "production"));
        assertEquals(cidr(all, "production"), cidr(one, "production"));
    }

    @Test
    void plannedAddressesKeepClearOfExistingOnes() {
        assertEquals("10.1.0.0/16", cidr(plan(request("shop", Layout.ENVIRONMENT, Engine.TERRAFORM, "", ALL, "10.0.0.0/16"), "kms"), "dev"));
        assertEquals("10.128.0.0/16", cidr(plan(request("shop", Layout.ENVIRONMENT, Engine.TERRAFORM, "", ALL, "10.0.0.0/9"), "kms"), "dev"));
        Failure none = assertThrows(Failure.class, () -> plan(request("shop", Layout.ENVIRONMENT, Engine.TERRAFORM, "", ALL, "10.0.0.0/8"), "kms"));
        assertTrue(none.getMessage().contains("no free /16"), none.getMessage());
    }

    @Test
    void overlappingAddressesAreRefusedWithBothNames() {
        Failure overlap = assertThrows(Failure.class, () -> plan(request("shop", Layout.ENVIRONMENT, Engine.TERRAFORM, "", List.of(new Environment("dev", "dev", "10.1.0.0/16")), "10.1.128.0/20"), "kms"));
        assertEquals("the addresses of dev, 10.1.0.0/16, overlap with the existing 10.1.128.0/20 (10.1.128.0/20)", overlap.getMessage());
        Failure bits = assertThrows(Failure.class, () -> plan(request("shop", Layout.ENVIRONMENT, Engine.TERRAFORM, "", ALL, "10.1.2.0/16"), "kms"));
        assertEquals("did you mean 10.1.0.0/16?", bits.hint);
    }

    @Test
    void aNameThatIsTooLongIsSaidWithTheResourceAndItsLimit() {
        Failure tooLong = assertThrows(Failure.class, () -> plan(request("a-very-long-name", Layout.ENVIRONMENT, Engine.TERRAFORM, "", ALL), "kms"));
        assertTrue(tooLong.getMessage().contains("sample_alias.name of module kms would be a-very-long-name-production-key: 31 characters, and 24 are allowed"), tooLong.getMessage());
    }

    // --- versions ---

    @Test
    void aRootNeedsTheNewestOfWhatItUses() {
        assertEquals("1.10", floor("", "kms"));
        assertEquals("1.11", floor("", "kms", "ecs"));
        assertEquals("1.7", floor("1.9", "kms", "ecs"));
        assertEquals("1.5", floor("1.5", "kms", "ecs"));
    }

    private static String floor(String target, String... modules) {
        Request request = request("shop", Layout.ENVIRONMENT, Engine.TERRAFORM, target, ALL);
        return request.features().floor(plan(request, modules).clouds().get(0).environments().get(0).roots().get(0).used()).toString();
    }

    // --- the data ---

    @Test
    void aWrongEntryIsSaidWithItsLine() {
        String text = Sample.text().replace("from: [kms.key_arn]", "from: [kms.nothing]").replace("capability: queue", "capability: queues").replace("    diagram: {node: \"Key\"}", "    diagramm: {node: \"Key\"}");
        Failure wrong = assertThrows(Failure.class, () -> Catalogue.of("aws.yaml", text));
        assertTrue(wrong.getMessage().contains("aws.yaml:" + line(text, "diagramm") + ": unknown key diagramm"), wrong.getMessage());
        assertTrue(wrong.getMessage().contains("aws.yaml:" + line(text, "capability: queues") + ": unknown capability queues"), wrong.getMessage());
        assertTrue(wrong.getMessage().contains("there is no output kms.nothing"), wrong.getMessage());
    }

    private static int line(String text, String word) {
        return (int) text.substring(0, text.indexOf(word)).lines().count() + (text.charAt(text.indexOf(word) - 1) == '\n' ? 1 : 0);
    }
}
