import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lib.plan.Pins;
import lib.plan.Versions;
import lib.plan.Versions.Line;
import lib.plan.Versions.RuntimeVersions;
import lib.plan.Versions.ServiceDefaults;
import lib.scan.Document;
import org.junit.jupiter.api.Test;

class VersionsTest {
    private final Versions versions = Versions.shipped();

    @Test
    void theDefaultIsASupportedLineOfHalfAYear() {
        for (String name : versions.runtimes()) {
            RuntimeVersions runtime = versions.runtime(name).orElseThrow();
            Line line = runtime.line(runtime.defaultLine()).orElseThrow(() -> new AssertionError(name + " has no line " + runtime.defaultLine()));
            assertEquals(runtime.defaultLine(), line.name(), name);
            assertTrue(line.isSupported(versions.asOf()), name + " " + line.name() + " is not supported");
            boolean isNewest = line.equals(runtime.lines().get(runtime.lines().size() - 1));
            assertTrue(isNewest || line.released().plusMonths(6).isBefore(versions.asOf()), name + " " + line.name() + " is young");
        }
    }

    @Test
    void everyLineComesAfterTheOneBefore() {
        for (String name : versions.runtimes()) {
            Line before = null;
            for (Line line : versions.runtime(name).orElseThrow().lines()) {
                String what = name + " " + line.name();
                assertTrue(line.released().isBefore(line.eol()), what + " ends before it begins");
                assertFalse(line.released().isAfter(versions.seen()), what + " was released after the data was seen");
                assertTrue(before == null || before.released().isBefore(line.released()), what + " is older than the line before");
                assertTrue(before == null || compare(before.name(), line.name()) < 0, what + " is not in order");
                before = line;
            }
        }
    }

    @Test
    void everyImageHasATagThatIsNotLatest() {
        List<String> images = new ArrayList<>();
        for (String name : versions.runtimes()) {
            RuntimeVersions runtime = versions.runtime(name).orElseThrow();
            for (Line line : runtime.lines()) {
                runtime.image(line.name()).ifPresent(images::add);
                runtime.image(line.name() + ".1").ifPresent(images::add);
                runtime.platformImage("circleci", line.name()).ifPresent(images::add);
                List.of("maven", "gradle", "sbt", "lein", "clojure", "uv").forEach(tool -> runtime.toolImage(tool, line.name()).ifPresent(images::add));
            }
        }
        for (String name : versions.services()) {
            ServiceDefaults service = versions.service(name).orElseThrow();
            images.add(service.image());
            images.addAll(service.images().values());
        }
        assertTrue(images.size() > 200, "only " + images.size());
        for (String image : images) {
            assertTrue(image.matches("[a-z0-9./-]+:[A-Za-z0-9][A-Za-z0-9._-]*"), image);
            assertFalse(image.endsWith(":latest"), image);
        }
    }

    @Test
    void anEndedOrExactVersionTakesThePlainTag() {
        RuntimeVersions node = versions.runtime("node").orElseThrow();
        assertEquals(Optional.of("node:24-trixie"), node.image("24"));
        assertEquals(Optional.of("node:22.14.0"), node.image("22.14.0"));
        assertEquals(Optional.of("node:18"), node.image("18"));
        assertEquals(Optional.of("node:99"), node.image("99"));
        assertEquals(Optional.of("eclipse-temurin:21-jdk-noble"), versions.runtime("java").orElseThrow().image("21.0.5"));
        assertEquals(Optional.of("elixir:1.18-otp-27"), versions.runtime("elixir").orElseThrow().image("1.18"));
        assertEquals(Optional.empty(), versions.runtime("zig").orElseThrow().image("0.15"));
    }

    @Test
    void aPlatformsImageIsOnlyForTheVersionThatItHas() {
        RuntimeVersions node = versions.runtime("node").orElseThrow();
        assertEquals(Optional.of("cimg/node:24.18.0"), node.platformImage("circleci", "24"));
        assertEquals(Optional.of("cimg/node:24.18.0"), node.platformImage("circleci", "24.18.0"));
        assertEquals(Optional.empty(), node.platformImage("circleci", "24.1.0"));
        assertEquals(Optional.empty(), node.platformImage("github", "24"));
        assertEquals(Optional.empty(), versions.runtime("swift").orElseThrow().platformImage("circleci", "6.3"));
    }

    @Test
    void knowsTheLineOfAVersionHoweverItIsWritten() {
        RuntimeVersions node = versions.runtime("node").orElseThrow();
        assertEquals("22", node.line("v22.14.0").orElseThrow().name());
        assertTrue(node.line("2").isEmpty());
        assertEquals("10.0", versions.runtime("dotnet").orElseThrow().line("10").orElseThrow().name());
        assertEquals("3.14", versions.runtime("python").orElseThrow().line("3").orElseThrow().name());
        assertTrue(versions.runtime("cobol").isEmpty());
        assertTrue(versions.service("oracle").isEmpty());
    }

    @Test
    void endOfLifeIsJudgedOnTheDayOfTheData() {
        assertTrue(versions.runtime("python").orElseThrow().hasEnded("3.10.4"));
        assertTrue(versions.runtime("dotnet").orElseThrow().hasEnded("8.0.100"));
        assertFalse(versions.runtime("node").orElseThrow().hasEnded("24"));
        assertFalse(versions.runtime("node").orElseThrow().hasEnded("99"), "what this file doesn't know may be newer than it");
        assertEquals(List.of("22", "24", "26"), versions.runtime("node").orElseThrow().supported().stream().map(Line::name).toList());
        Line line = new Line("1", LocalDate.of(2020, 1, 1), LocalDate.of(2021, 1, 1), Map.of());
        assertFalse(line.isSupported(LocalDate.of(2019, 12, 31)));
        assertTrue(line.isSupported(LocalDate.of(2020, 1, 1)));
        assertFalse(line.isSupported(LocalDate.of(2021, 1, 1)));
    }

    @Test
    void everyServiceSaysHowAJobReachesIt() {
        for (String name : versions.services()) {
            ServiceDefaults service = versions.service(name).orElseThrow();
            assertTrue(service.port() > 0, name);
            assertTrue(service.url().values().stream().anyMatch(value -> value.contains("{host}")), name);
            String reached = service.url("db.local").toString() + service.environment("db.local");
            assertTrue(reached.contains("db.local:") && !reached.contains("{host}"), name);
            assertFalse(service.health().matches(".*[|&;<>$`\"'*?].*"), name + ": the health command needs no shell");
            assertEquals(service.health(), service.health(service.image()), name);
        }
    }

    @Test
    void aHealthCommandIsUsedOnlyWhereTheImageHasIt() {
        ServiceDefaults postgres = versions.service("postgres").orElseThrow();
        assertEquals(postgres.health(), postgres.health("postgres"));
        assertEquals(postgres.health(), postgres.health("docker.io/library/postgres:12.3-alpine@sha256:abc"));
        assertEquals(postgres.health(), postgres.health("postgis/postgis:16-3.4"));
        assertEquals("", postgres.health("registry.example.com:5000/postgres:16"));
        assertEquals("", versions.service("mongo").orElseThrow().health("mongo:4.4"));
        assertFalse(versions.service("mongo").orElseThrow().health("mongo:7").isEmpty());
        assertEquals("", versions.service("kafka").orElseThrow().health("confluentinc/cp-kafka:7.6.0"));
    }

    @Test
    void readEntryByEntryItSaysWhatTheWholeFileSays() throws Exception {
        for (String file : List.of("data/versions.yaml", "data/pins.yaml")) {
            Document whole = document(file);
            for (String section : whole.keys()) {
                if (whole.at(section).isObject()) {
                    List<String> read = file.contains("pins") ? Pins.shipped().names(section)
                            : section.equals("runtimes") ? versions.runtimes() : versions.services();
                    assertEquals(whole.keys(section), read, file + " " + section);
                }
            }
        }
        Document whole = document("data/versions.yaml");
        assertEquals(whole.text("asOf"), versions.asOf().toString());
        for (String name : versions.runtimes()) {
            String same = whole.text("runtimes", name, "sameAs");
            JsonNode node = whole.at("runtimes", same.isEmpty() ? name : same);
            RuntimeVersions runtime = versions.runtime(name).orElseThrow();
            assertEquals(node.path("default").asText(), runtime.defaultLine(), name);
            assertEquals(node.path("lines").size(), runtime.lines().size(), name);
        }
        for (String name : versions.services()) {
            assertEquals(whole.text("services", name, "image"), versions.service(name).orElseThrow().image());
            assertEquals(whole.at("services", name, "environment").size(), versions.service(name).orElseThrow().environment().size());
        }
    }

    static Document document(String resource) throws Exception {
        try (InputStream in = VersionsTest.class.getClassLoader().getResourceAsStream(resource)) {
            return Document.ofYaml(resource, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static int compare(String older, String newer) {
        String[] a = older.split("\\.");
        String[] b = newer.split("\\.");
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            int order = Integer.compare(Integer.parseInt(a[i]), Integer.parseInt(b[i]));
            if (order != 0) {
                return order;
            }
        }
        return a.length - b.length;
    }
}
