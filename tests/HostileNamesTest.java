import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import support.Checkout;
import support.Golden;
import support.Tree;

/** Names and texts of projects that once were more than values in what was written, or stopped the tool; see {@code HostileProperties}. */
class HostileNamesTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String SCRIPTS = "{\"scripts\": {\"test\": \"node --test\"}}\n";
    private static final String CARGO = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n";

    @TempDir
    Path dir;

    /** Writes the project, runs the tool in it, and returns what it made. */
    private Cli generate(String platform, String... pathAndContent) {
        Tree.of(dir.resolve("app"), pathAndContent);
        return Cli.pipeline(dir.resolve("app"), ".", "--platform", platform, "--output", dir.resolve("out").toString(), "--stages", "lint,test,build,security,package,publish,deploy");
    }

    private String file(String path) throws IOException {
        return Files.readString(dir.resolve("out").resolve(path));
    }

    private JsonNode yaml(String path) throws IOException {
        return YAML.readTree(file(path));
    }

    private static List<String> texts(JsonNode node, String key) {
        List<String> found = new ArrayList<>();
        node.findValues(key).forEach(v -> found.add(v.asText()));
        return found;
    }

    @Test
    void anExpressionInTheNameOfAFolderIsText() throws IOException {
        Cli cli = generate("github-actions", "${{ github.token }}/package.json", SCRIPTS, "${{ github.token }}/package-lock.json", "{}\n", "go.mod", "module example.com/a\n\ngo 1.25\n", "a_test.go", "package a\n");
        assertEquals(0, cli.exit(), cli::all);
        List<String> folders = texts(yaml(".github/workflows/ci.yml"), "working-directory");
        assertTrue(folders.contains("${{ '${{' }} github.token }}"), folders::toString);
        assertFalse(file(".github/workflows/ci.yml").contains("${{ github.token }}"), "the folder's name is nowhere an expression");
    }

    @Test
    void aPathInAnExpressionIsOneOfItsTexts() throws IOException {
        generate("github-actions", "it's ${{ a }}/composer.json", "{\"require-dev\": {\"phpunit/phpunit\": \"^11\"}}\n", "it's ${{ a }}/composer.lock", "{}\n", "it's ${{ a }}/phpunit.xml", "<phpunit/>\n");
        List<String> keys = texts(yaml(".github/workflows/ci.yml"), "key");
        assertTrue(keys.stream().anyMatch(k -> k.contains("${{ hashFiles('it''s ${{ a }}/composer.lock') }}")), keys::toString);
    }

    @Test
    void aFolderCannotBeTakenForThePlaceOfAPackage() throws IOException {
        Cli cli = generate("all", "{package}/package.json", SCRIPTS, "{package}/package-lock.json", "{}\n", "go.mod", "module example.com/a\n\ngo 1.25\n", "a_test.go", "package a\n");
        assertEquals(0, cli.exit(), cli::all);
        assertTrue(texts(yaml(".github/workflows/ci.yml"), "working-directory").contains("{package}"));
    }

    @Test
    void theNameOfAFolderIsNoMoreThanAComment() throws IOException {
        Cli cli = generate("github-actions", "a\u2028- run: b/Cargo.toml", CARGO, "a/Cargo.toml", CARGO, "a/Cargo.lock", "version = 4\n", "a/src/lib.rs", "#[test]\nfn a() {}\n",
                "a/rust-toolchain.toml", "[toolchain]\nchannel = \"1.85\"\n", "x\ny/Cargo.toml", CARGO);
        assertEquals(0, cli.exit(), cli::all);
        assertTrue(cli.err().contains("[unprintable-name]") && cli.err().contains("a?- run: b"), cli::all);
        assertFalse(file(".github/workflows/ci.yml").contains("run: b"));
    }

    @Test
    void aBackslashInTheNameOfAFolderSeparatesNothing() throws IOException {
        Cli cli = generate("all", "a\\b/build.gradle", "plugins { id 'java' }\n", "a\\b/gradlew", "#!/bin/sh\n", "a\\b/gradle/wrapper/gradle-wrapper.properties", "distributionUrl=gradle-9.0-bin.zip\n",
                "a\\b/gradle/wrapper/gradle-wrapper.jar", "", "a\\b/src/test/java/ATest.java", "class ATest {}\n");
        assertEquals(0, cli.exit(), cli::all);
        assertTrue(file(".github/workflows/ci.yml").contains("working-directory: \"a\\\\b\"") || texts(yaml(".github/workflows/ci.yml"), "working-directory").contains("a\\b"));
    }

    @Test
    void jobsOfFoldersWithOneSlugAreTold() {
        Cli cli = generate("all", "a b/Dockerfile", "FROM alpine:3.22\n", "a.b/Dockerfile", "FROM alpine:3.22\n", "infra/a b/main.tf", "terraform {\n  backend \"s3\" {}\n}\n", "infra/a.b/main.tf",
                "terraform {\n  backend \"s3\" {}\n}\n");
        assertEquals(0, cli.exit(), cli::all);
    }

    @Test
    void aReleaseIsCalledAsAClusterWouldTakeIt() throws IOException {
        Cli cli = generate("gitlab-ci", "Chart.yaml", "apiVersion: v2\nname: \"Shop\\n'; b\"\nversion: 1.0.0\n", "templates/a.yaml", "kind: Pod\n", "values.yaml", "a: 1\n");
        assertEquals(0, cli.exit(), cli::all);
        assertTrue(file(".gitlab-ci.yml").contains("helm upgrade --install shop-b . --namespace shop-b"), () -> String.join("\n", cli.all()));
    }

    @Test
    void circleCiSeesNoExpressionInTheFolderOfAPackage() throws IOException {
        Cli cli = generate("circleci", "<< pipeline.id >>/package.json", "{\"name\": \"a\", \"version\": \"1.0.0\", \"scripts\": {\"test\": \"node --test\"}, \"publishConfig\": {\"access\": \"public\"}}\n",
                "<< pipeline.id >>/package-lock.json", "{}\n");
        assertEquals(0, cli.exit(), cli::all);
        assertFalse(file(".circleci/config.yml").replace("\\<<", "").contains("<< pipeline.id >>"));
    }

    @Test
    void whatIsPackedInAFolderIsPublishedByOneWord() throws IOException {
        List<String> files = new ArrayList<>();
        Golden.read(Checkout.root().resolve("tests/examples/python-pdm/project")).forEach((path, text) -> files.addAll(List.of("a && b/" + path, text)));
        Cli cli = generate("all", files.toArray(String[]::new));
        assertEquals(0, cli.exit(), cli::all);
        for (String path : List.of(".circleci/config.yml", ".gitlab-ci.yml", "Jenkinsfile")) {
            assertFalse(file(path).contains("--non-interactive a && b"), path);
        }
        assertTrue(file(".circleci/config.yml").contains("twine upload --non-interactive 'a && b/dist'/*"));
    }

    /** A pattern with a group in it takes stack for each character. */
    @Test
    void aTextOfTenThousandCharactersIsWritten() {
        Cli cli = generate("all", "package.json", "{\"scripts\": {\"test\": \"npm run test:" + "a".repeat(10_000) + "\", \"test:" + "a".repeat(10_000) + "\": \"node --test\"}}\n", "package-lock.json", "{}\n");
        assertEquals(0, cli.exit(), cli::all);
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void thousandsOfTargetsAndProjectsAreReadOnce() {
        Cli cli = generate("all", "Makefile", "test:\n\tgo test ./...\nlint: test\n\tgolangci-lint run\n".repeat(6_000), "go.mod", "module example.com/a\n\ngo 1.25\n", "a_test.go", "package a\n",
                "b/settings.gradle", "include 'c'\n".repeat(10_000), "b/build.gradle", "plugins { id 'java' }\n".repeat(5_000), "b/c/build.gradle", "plugins { id 'java' }\n".repeat(5_000));
        assertEquals(0, cli.exit(), cli::all);
    }

    @Test
    void aProgramOfComposerMayLieWhereTheProjectSays() throws IOException {
        Cli cli = generate("github-actions", "composer.json", "{\"require-dev\": {\"phpunit/phpunit\": \"^11\"}, \"config\": {\"bin-dir\": \"<tools>\"}}\n", "composer.lock", "{}\n", "phpunit.xml",
                "<phpunit><php><env name=\"DB_DATABASE\" value=\"a&amp;b\"/></php></phpunit>\n", "tests/ATest.php", "<?php\n");
        assertEquals(0, cli.exit(), cli::all);
        assertTrue(texts(yaml(".github/workflows/ci.yml"), "run").contains("'<tools>/phpunit'"));
    }
}
