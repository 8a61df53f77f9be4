import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lib.render.TerraformModules.Parts;
import lib.render.TerraformRoots;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Machine;

/** The script that keeps CI from destroying what holds data: run for real, on plans as the engine prints them. */
class DestroyGuardTest {
    private static final String ADDRESS = "module.rds.aws_db_instance.this[\\\"a: 1 #\\\"]";
    private static final String PLAIN = "module.rds.aws_db_instance.this[\"a: 1 #\"]";

    @TempDir
    Path folder;

    private record Answer(int code, String said) {}

    @BeforeEach
    void theGuard() throws IOException {
        assumeTrue(Machine.has("python3"), "python3 not installed");
        Files.writeString(folder.resolve("guard"), TerraformRoots.guard(new Parts(null), List.of("aws_db_instance", "terraform_data")).content());
    }

    private Answer ask(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", "guard"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Answer(process.waitFor(), said);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private Answer plan(String type, String actions, String approval) throws IOException {
        Files.writeString(folder.resolve("plan.json"), """
                {"format_version": "1.2", "planned_values": {}, "resource_changes": [
                  {"address": "%s", "mode": "managed", "type": "%s", "change": {"actions": %s}},
                  {"address": "module.rds.aws_security_group.this", "mode": "managed", "type": "aws_security_group", "change": {"actions": ["delete"]}}]}
                """.formatted(ADDRESS, type, actions));
        Files.writeString(folder.resolve("approval.yaml"), approval);
        return ask("plan.json", "approval.yaml");
    }

    private Answer approved(String approval) throws IOException {
        return plan("aws_db_instance", "[\"delete\", \"create\"]", approval);
    }

    @Test
    void whatHoldsDataIsKept() throws IOException {
        for (String actions : List.of("[\"delete\"]", "[\"delete\", \"create\"]", "[\"create\", \"delete\"]")) {
            Answer answer = plan("aws_db_instance", actions, "");
            assertEquals(1, answer.code(), answer.said());
            assertTrue(answer.said().contains("blocked: " + PLAIN + " would be " + (actions.contains("create") ? "replaced" : "deleted") + ": nobody approved it"), answer.said());
        }
    }

    @Test
    void everythingElseMayGo() throws IOException {
        for (String actions : List.of("[\"no-op\"]", "[\"create\"]", "[\"update\"]", "[\"read\"]", "[\"forget\"]")) {
            assertEquals(0, plan("aws_db_instance", actions, "").code(), actions);
        }
        assertEquals(0, plan("aws_instance", "[\"delete\"]", "").code());
    }

    @Test
    void anApprovalNamesTheExactAddressWithAReason() throws IOException {
        String address = "'" + PLAIN + "'";
        for (String good : List.of("approvals:\n  - address: " + address + "\n    reason: moved\n", "approvals:\n- reason: \"moved # not lost\"   # why\n  address: " + address + "\n  expires: 2999-12-31\n",
                "# who\n---\napprovals: [{address: " + address + ", reason: moved, to Aurora: x}]\n".replace(", to Aurora: x", ""), "approvals:\n  - {address: " + address + ", reason: moved}\n",
                "{\"approvals\": [{\"address\": \"" + ADDRESS + "\", \"reason\": \"moved\"}]}\n")) {
            Answer answer = approved(good);
            assertEquals(0, answer.code(), good + answer.said());
            assertTrue(answer.said().contains("approved: " + PLAIN + " will be replaced: moved"), answer.said());
        }
        for (String bad : List.of("", "approvals: []\n", "approvals:\n  - address: " + address + "\n", "approvals:\n  - address: " + address + "\n    reason: \"  \"\n",
                "approvals:\n  - address: module.rds\n    reason: all of it\n", "approvals:\n  - address: '*'\n    reason: all of it\n",
                "approvals:\n  - address: " + address + "\n    reason: moved\n    expires: 2020-01-01\n", "approvals:\n  - address: " + address + "\n    reason: moved\n    expires: soon\n",
                "approvals:\n  - address: " + address + "\n    reason: moved\n    expires: 2027-02-30\n", "approvals:\n  - &a\n    address: " + address + "\n    reason: moved\n",
                "approvals:\n  - address: " + address + "\n    reason: moved\n    reason: twice\n", "approved:\n  - address: " + address + "\n    reason: moved\n",
                "approvals:\n  - address: " + address + "\n    reason: 'moved\n", "\u0000\u0001", "[1, 2]")) {
            Answer answer = approved(bad);
            assertEquals(1, answer.code(), bad + answer.said());
            assertTrue(answer.said().contains("blocked: "), answer.said());
        }
    }

    @Test
    void aBrokenApprovalIsSaidWithItsLine() throws IOException {
        Answer answer = approved("approvals:\n  - address: x\n    why: moved\n");
        assertTrue(answer.said().contains("approval.yaml:3: the keys of an approval are address, reason, expires"), answer.said());
    }

    @Test
    void anApprovalThatIsLeftOverIsSaid() throws IOException {
        Answer answer = plan("aws_db_instance", "[\"no-op\"]", "approvals:\n  - address: gone\n    reason: moved\n");
        assertEquals(0, answer.code());
        assertTrue(answer.said().contains("approves 'gone', which this plan leaves alone"), answer.said());
    }

    @Test
    void whatIsNoPlanIsNeitherBlockedNorPassed() throws IOException {
        for (String no : List.of("", "no", "[]", "{}", "{\"format_version\": \"1.0\", \"values\": {}}", "{\"format_version\": \"1.2\", \"planned_values\": {}, \"errored\": true}",
                "{\"resource_changes\": {}}", "{\"resource_changes\": [1]}", "[".repeat(100_000))) {
            Files.writeString(folder.resolve("plan.json"), no);
            Answer answer = ask("plan.json");
            assertEquals(3, answer.code(), answer.said());
            assertTrue(answer.said().startsWith("error: "), answer.said());
        }
        assertEquals(3, ask("none.json").code());
        assertEquals(2, ask().code());
        assertEquals(0, ask("--help").code());
    }
}
