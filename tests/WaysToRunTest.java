import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import support.Checkout;
import support.Machine;
import support.Machine.Result;
import support.Shipped;
import support.Tree;

/**
 * Every way in which a user can start the tool, as real processes on a machine of folders: its checkout and its web server have what is
 * shipped and nothing else. The order makes each source be compiled once, and shows that a second run fetches nothing.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WaysToRunTest {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final String SCRIPT = "pipeline_generator.java";
    private static final String ALIAS = "pipeline-generator";
    /** The other tools, each with what it is asked and what its report then has. */
    private static final Map<String, List<String>> OTHERS = new TreeMap<>(Map.of("terraform_scaffolder.java", List.of("--list-modules --json", "modules"),
            "deployment_manager.java", List.of("judge --counts " + Checkout.root().resolve("tests/rollouts/counts.csv") + " --judge naive --json", "verdict")));
    private static final List<String> ASKED = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    static Path temp;

    private static Machine machine;
    private static HttpServer server;
    private static String url;
    private static Path project;

    @BeforeAll
    static void setUp() throws Exception {
        machine = new Machine(temp);
        machine.warmCache();
        machine.install("sh", "env"); // what an installed command is written for
        Path root = Checkout.root();
        Set<String> shipped = new LinkedHashSet<>(Shipped.closure(root, root.resolve(SCRIPT)));
        for (String script : OTHERS.keySet()) {
            shipped.addAll(Shipped.closure(root, root.resolve(script)));
        }
        shipped.add("jbang-catalog.json");
        for (String file : shipped) {
            Path copy = machine.checkout.resolve(file);
            Files.createDirectories(copy.getParent());
            Files.copy(root.resolve(file), copy);
        }
        project = root.resolve("tests/examples/go-module/project");
        // The only thing that is shared with the real machine: the jars of dependencies, which need not be fetched again.
        machine.environment.put("JBANG_REPO", System.getenv().getOrDefault("JBANG_REPO", Path.of(System.getProperty("user.home"), ".m2/repository").toString()));
        machine.environment.put("JBANG_JAVA_OPTIONS", "-Duser.home=" + machine.home);
        serve();
    }

    /** A plain server of files, as any web host is one. */
    private static void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/tools/", exchange -> {
            String path = exchange.getRequestURI().getPath().substring("/tools/".length());
            ASKED.add(path);
            Path file = machine.checkout.resolve(path).normalize();
            byte[] body = file.startsWith(machine.checkout) && Files.isRegularFile(file) ? Files.readAllBytes(file) : null;
            exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
            if (body != null && !exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort() + "/tools/";
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    /** Runs the launcher somewhere else, with what every way gets: a project, and the wish for a report. */
    private static void works(Path folder, String... before) throws Exception {
        List<String> command = new ArrayList<>(List.of(machine.checkout.resolve("jbang").toString()));
        command.addAll(List.of(before));
        reports(folder, command);
    }

    private static void reports(Path folder, List<String> command) throws Exception {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(project.toString(), "--dry-run", "--json"));
        Result result = machine.run(folder, "", all.toArray(String[]::new));
        assertEquals(0, result.code(), () -> result.err() + result.out());
        JsonNode report = JSON.readTree(result.out());
        assertEquals("go", report.at("/facts/components/0/ecosystem").asText(), result.out());
        assertEquals(".github/workflows/ci.yml", report.at("/files/0/path").asText(), result.out());
        assertTrue(result.err().lines().noneMatch(l -> l.contains("[WARN]") || l.contains("[ERROR]")), result::err);
    }

    @Test
    @Order(1)
    void fromACheckout() throws Exception {
        works(machine.checkout, SCRIPT);
        works(machine.checkout, ALIAS);
    }

    @Test
    @Order(2)
    void fromAnotherFolder() throws Exception {
        works(machine.home, machine.checkout.resolve(SCRIPT).toString());
        works(Files.createDirectories(machine.checkout.resolve("some where/below")), "../../" + SCRIPT);
    }

    /** Names of folders and of the project that are no ASCII, where no locale is set, as in a container. */
    @Test
    @Order(2)
    void onAProjectWithAnyNameWithoutALocale() throws Exception {
        machine.install("locale");
        Path named = Tree.of(temp.resolve("größer ☕"), "go.mod", "module example.com/a\n\ngo 1.25\n", "a.go", "package a\n", "naïve/package.json", "{\"name\": \"b\", \"scripts\": {\"test\": \"node --test\"}}\n",
                "naïve/package-lock.json", "{\"lockfileVersion\": 3}\n");
        Result result = machine.run(temp, "", machine.checkout.resolve("jbang").toString(), machine.checkout.resolve(SCRIPT).toString(), named.getFileName().toString(), "--dry-run", "--json");
        assertEquals(0, result.code(), result::err);
        JsonNode report = JSON.readTree(result.out());
        assertEquals("größer ☕", report.path("target").asText());
        assertEquals("[\".\",\"naïve\"]", report.at("/facts/packages").toString());
        Files.delete(machine.bin.resolve("locale"));
    }

    @Test
    @Order(3)
    void byUrlFetchingEachFileOnce() throws Exception {
        Result trust = machine.launch("trust", "add", url);
        assertEquals(0, trust.code(), trust::err);
        ASKED.clear();
        works(machine.home, url + SCRIPT);
        List<String> fetched = ASKED.stream().filter(path -> !path.equals("jbang-catalog.json")).toList();
        assertEquals(Set.copyOf(fetched).size(), fetched.size(), () -> "fetched more than once: " + fetched);
        assertEquals(Shipped.closure(machine.checkout, machine.checkout.resolve(SCRIPT)), new LinkedHashSet<>(fetched).stream().filter(f -> Files.exists(machine.checkout.resolve(f)))
                .collect(Collectors.toSet()), "what was fetched is not what is listed");

        ASKED.clear();
        works(machine.home, url + SCRIPT);
        assertEquals(List.of(), ASKED, "the second run fetched again");
        assertTrue(fetched.size() <= 100, () -> fetched.size() + " requests: " + fetched);
    }

    @Test
    @Order(3)
    void theOtherToolsByUrlToo() throws Exception {
        for (Map.Entry<String, List<String>> tool : OTHERS.entrySet()) {
            ASKED.clear();
            List<String> command = new ArrayList<>(List.of(machine.checkout.resolve("jbang").toString(), url + tool.getKey()));
            command.addAll(List.of(tool.getValue().get(0).split(" ")));
            Result result = machine.run(machine.home, "", command.toArray(String[]::new));
            assertTrue(JSON.readTree(result.out()).has(tool.getValue().get(1)), () -> result.err() + result.out());
            assertTrue(ASKED.size() > 10 && ASKED.size() <= 140, () -> ASKED.size() + " requests: " + ASKED);
        }
    }

    @Test
    @Order(4)
    void byAliasOfARemoteCatalog() throws Exception {
        ASKED.clear();
        works(machine.home, ALIAS + "@" + url + "jbang-catalog.json");
        Result added = machine.launch("catalog", "add", "--name", "devops", url + "jbang-catalog.json");
        assertEquals(0, added.code(), added::err);
        works(machine.home, ALIAS + "@devops");
        assertTrue(ASKED.stream().allMatch(path -> path.equals("jbang-catalog.json")), () -> "fetched again: " + ASKED);
    }

    @Test
    @Order(5)
    void afterItWasInstalled() throws Exception {
        // Installing writes the PATH into the files that shells start with, so these must be this machine's own.
        Result installed = machine.launch("app", "install", "--name", "pipeline_generator", ALIAS + "@" + url + "jbang-catalog.json");
        assertEquals(0, installed.code(), installed::err);
        Path command = Path.of(machine.environment.get("JBANG_DIR"), "bin/pipeline_generator");
        assertTrue(Files.isExecutable(command), () -> installed.err() + installed.out());
        Files.createSymbolicLink(machine.bin.resolve("jbang"), machine.checkout.resolve("jbang"));
        ASKED.clear();
        reports(machine.home, List.of(command.toString()));
        assertTrue(ASKED.stream().allMatch(path -> path.equals("jbang-catalog.json")), () -> "fetched again: " + ASKED);
        try (Stream<Path> files = Files.list(machine.home)) {
            assertTrue(files.map(f -> f.getFileName().toString()).allMatch(f -> f.startsWith(".")), "something was left in the home folder");
        }
    }
}
