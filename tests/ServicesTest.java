import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lib.scan.Component;
import lib.scan.Project;
import lib.scan.Scan;
import lib.scan.Component.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class ServicesTest {
    private static final String POSTGRES = "services:\n  db:\n    image: postgres:16-alpine\n    environment:\n      POSTGRES_USER: shop\n      POSTGRES_PASSWORD: shop\n"
            + "      POSTGRES_DB: shop_development\n    ports: ['5432:5432']\n";
    private static final String GEMFILE = "source 'https://rubygems.org'\ngem 'rails'\ngem 'pg'\n";
    private static final String PACKAGE = "{\"name\": \"shop\", \"scripts\": {\"test\": \"node --test\"}, \"dependencies\": {\"pg\": \"^8.0.0\"%s}}";

    @TempDir
    Path dir;
    private Project project;

    private Component scan(String... pathAndContent) throws IOException {
        project = Project.open(Tree.of(dir, pathAndContent));
        return Scan.scan(project).components().stream().filter(c -> c.path().equals(".")).findFirst().orElseThrow();
    }

    private Component rails(String... more) throws IOException {
        List<String> files = new ArrayList<>(List.of("Gemfile", GEMFILE, "bin/rails", "#!/usr/bin/env ruby\n", "config/application.rb", "", "test/test_helper.rb", "",
                "test/models/a_test.rb", "class ATest; end\n"));
        files.addAll(List.of(more));
        return scan(files.toArray(String[]::new));
    }

    private static List<String> names(Component c) {
        return c.services().stream().map(Service::name).toList();
    }

    private static Service only(Component c) {
        assertEquals(1, c.services().size(), c.services()::toString);
        return c.services().get(0);
    }

    @Test
    void anImageThatIsGoneIsToldOfAndNotUsed() throws IOException {
        String[] files = {"package.json", "{\"name\": \"a\", \"scripts\": {\"test\": \"vitest run\"}, \"dependencies\": {\"minio\": \"8.0.0\", \"vitest\": \"4.0.0\"}}\n",
                "package-lock.json", "{\"lockfileVersion\": 3}\n", "compose.yml", "services:\n  storage:\n    image: minio/minio:RELEASE.2025-01-20T14-49-07Z\n    ports: [\"9000:9000\"]\n",
                "test/a.test.js", "const endpoint = process.env.MINIO_ENDPOINT\n"};
        Project project = Project.open(Tree.of(dir, files));
        Component c = Scan.scan(project).components().get(0);
        assertEquals(List.of(""), c.services().stream().map(Service::image).toList());
        assertEquals(List.of("compose.yml:2"), project.findings().stream().filter(f -> f.rule().equals("image-gone")).map(f -> f.evidence().get(0).place()).toList());
    }

    @Test
    void composeTogetherWithAClientIsProofAndGivesTheImage() throws IOException {
        Component c = rails("compose.yml", POSTGRES);
        Service service = only(c);
        assertEquals("postgres", service.name());
        assertEquals("postgres:16-alpine", service.image());
        assertEquals("compose.yml:2", service.evidence().place());
    }

    @Test
    void containerAndJobKnowTheSameAccountAndADatabaseThatIsForTests() throws IOException {
        Component c = rails("compose.yml", POSTGRES);
        assertEquals(Map.of("POSTGRES_USER", "shop", "POSTGRES_PASSWORD", "shop", "POSTGRES_DB", "shop_test"), only(c).environment());
        assertEquals("postgresql://shop:shop@localhost:5432/shop_test", c.environment().get("DATABASE_URL"));
        assertEquals("test", c.environment().get("RAILS_ENV"));
    }

    @Test
    void whatDatabaseYmlSaysOfTheTestsWinsOverCompose() throws IOException {
        Component c = rails("compose.yml", POSTGRES, "config/database.yml",
                "default: &default\n  adapter: postgresql\n  host: <%= ENV.fetch('DB_HOST') { 'localhost' } %>\ntest:\n  <<: *default\n  username: tester\n  password: tester\n  database: shop_ci\n");
        assertEquals("tester", only(c).environment().get("POSTGRES_USER"));
        assertEquals("shop_ci", only(c).environment().get("POSTGRES_DB"));
        assertEquals("localhost", c.environment().get("DB_HOST"));
    }

    @Test
    void aClientLibraryAloneIsNoProof() throws IOException {
        assertEquals(List.of(), scan("package.json", PACKAGE.formatted(""), "a.test.js", "test('x', () => {});\n").services());
    }

    @Test
    void unitTestsInNodeNeedMoreThanCompose() throws IOException {
        assertEquals(List.of(), scan("package.json", PACKAGE.formatted(""), "a.test.js", "test('x', () => {});\n", "compose.yml", POSTGRES).services());
        assertEquals(List.of("postgres"), names(scan("package.json", PACKAGE.formatted(""), "a.test.js", "const pg = require('pg');\n", "compose.yml", POSTGRES)));
    }

    @Test
    void aClientLibrarysOwnTestsLoadItselfAndGetWhatLibpqReads() throws IOException {
        String library = "{\"name\": \"pg-native\", \"scripts\": {\"test\": \"node --test\"}, \"dependencies\": {\"libpq\": \"^1.8.0\"}}";
        Component c = scan("package.json", library, "index.js", "module.exports = require('libpq');\n", "test/a.test.js", "const Client = require('../');\n", "compose.yml", POSTGRES);
        assertEquals(List.of("postgres"), names(c));
        assertEquals(Map.of("PGHOST", "localhost", "PGUSER", "shop", "PGPASSWORD", "shop", "PGDATABASE", "shop_test"), c.environment());
        assertEquals(List.of(), scan("package.json", library.replace("pg-native", "shop"), "index.js", "", "test/a.test.js", "const shop = require('../');\n", "compose.yml", POSTGRES).services());
    }

    @Test
    void aTestThatFakesTheClientProvesNothing() throws IOException {
        assertEquals(List.of(), scan("package.json", PACKAGE.formatted(""), "a.test.js", "jest.mock('pg');\nconst pg = require('pg');\n", "compose.yml", POSTGRES).services());
    }

    @Test
    void aDatabaseWithinTheTestsTakesTheServicesPlaceAndTheReportSaysSo() throws IOException {
        Component c = scan("package.json", PACKAGE.formatted(", \"@electric-sql/pglite\": \"1.0.0\""), "a.test.js", "process.env.PGHOST;\n", "compose.yml", POSTGRES);
        assertEquals(List.of(), c.services());
        assertTrue(project.findings().stream().anyMatch(f -> f.rule().equals("service-replaced") && f.message().contains("@electric-sql/pglite")), project.findings()::toString);
    }

    @Test
    void containersThatTestsStartThemselvesAreNoServices() throws IOException {
        Component c = scan("go.mod", "module example.com/a\n\ngo 1.24\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.7.0\n\tgithub.com/testcontainers/testcontainers-go v0.37.0\n)\n",
                "a_test.go", "package a\n// postgres://localhost:5432\n", "compose.yml", POSTGRES);
        assertEquals(List.of(), c.services());
    }

    @Test
    void sqliteInTheTestSectionCancelsOnlySql() throws IOException {
        Component c = rails("Gemfile", GEMFILE + "gem 'redis'\n", "compose.yml", POSTGRES + "  cache:\n    image: redis:7.4\n",
                "config/database.yml", "test:\n  adapter: sqlite3\nproduction:\n  adapter: postgresql\n");
        assertEquals(List.of("redis"), names(c));
        assertEquals("redis://localhost:6379", c.environment().get("REDIS_URL"));
    }

    @Test
    void theConfigurationOfPhpunitDecidesForLaravel() throws IOException {
        String composer = "{\"require\": {\"laravel/framework\": \"^12\"}, \"require-dev\": {\"phpunit/phpunit\": \"^11\"}}";
        String[] project = {"composer.json", composer, "artisan", "<?php\n", ".env.example", "DB_CONNECTION=mysql\nDB_HOST=db\nDB_DATABASE=shop\nDB_USERNAME=shop\nDB_PASSWORD=shop\n",
            "tests/ATest.php", "<?php\n", "phpunit.xml", "<phpunit/>"};
        Component c = scan(project);
        assertEquals("mysql", only(c).name());
        assertEquals("127.0.0.1", c.environment().get("DB_HOST"), "a client of MySQL would look for a socket at localhost");
        assertEquals(Map.of("MYSQL_ROOT_PASSWORD", "shop", "MYSQL_USER", "shop", "MYSQL_PASSWORD", "shop", "MYSQL_DATABASE", "shop"), only(c).environment());

        project[project.length - 1] = "<phpunit><php><env name=\"DB_CONNECTION\" value=\"sqlite\"/></php></phpunit>";
        assertEquals(List.of(), scan(project).services());
    }

    @Test
    void ectosTestConfigurationIsProofAndItsAccountIsTaken() throws IOException {
        Component c = scan("mix.exs", "defmodule A.MixProject do\n  def project, do: [app: :a, deps: deps()]\n  defp deps, do: [{:postgrex, \"~> 0.20\"}]\nend\n", "test/a_test.exs", "",
                "config/test.exs", "config :a, A.Repo,\n  username: \"joe\",\n  password: \"secret\",\n  database: \"a_test#{System.get_env(\"N\")}\"\n");
        assertEquals(Map.of("POSTGRES_USER", "joe", "POSTGRES_PASSWORD", "secret", "POSTGRES_DB", "a_test"), only(c).environment());
    }

    @Test
    void aComposeFileAmongTheTestsIsProofForTheComponentAroundIt() throws IOException {
        Component c = scan("app.sln", "Project(\"{FAE04EC0-301F-11D3-BF4B-00C04FD430C8}\") = \"T\", \"tests/T/T.csproj\", \"{11111111-1111-1111-1111-111111111111}\"\nEndProject\n", "tests/T/T.csproj",
                "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net8.0</TargetFramework><IsTestProject>true</IsTestProject></PropertyGroup><ItemGroup>"
                        + "<PackageReference Include=\"Microsoft.NET.Test.Sdk\" Version=\"17.0.0\"/><PackageReference Include=\"xunit\" Version=\"2.0.0\"/></ItemGroup></Project>",
                "tests/docker-compose.yml", POSTGRES + "  mysql:\n    image: mysql:8\n    environment: {MYSQL_ROOT_PASSWORD: root}\n  admin:\n    image: adminer:4\n");
        assertEquals(List.of("postgres", "mysql"), names(c));
    }

    @Test
    void whoRunsNoTestsNeedsNoServices() throws IOException {
        Component c = scan("package.json", "{\"name\": \"a\", \"dependencies\": {\"pg\": \"8\"}}", "compose.yml", POSTGRES, "x.test.js", "process.env.PGHOST\n");
        assertEquals(List.of(), c.services());
    }

    @Test
    void secretsAreNeverCopied() throws IOException {
        Component c = rails("compose.yml", "services:\n  db:\n    image: postgres:16\n", ".env.example",
                "DB_PASSWORD=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\nDB_USER=<your user>\nREDIS_URL=\nAPI_KEY=sk_live_123\n");
        assertEquals("postgres", c.environment().get("DB_PASSWORD"));
        assertEquals("postgres", c.environment().get("DB_USER"));
        assertFalse(c.environment().containsKey("API_KEY"));
    }

    @Test
    void urlsKeepTheirSchemeAndLeadToTheJobsOwnHost() throws IOException {
        Component c = scan("pyproject.toml", "[project]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"asyncpg>=0.30\", \"redis\", \"pytest\"]\n", "tests/test_a.py", "import asyncpg\n",
                "compose.yml", "services:\n  app:\n    build: .\n    environment:\n      - DATABASE_URL=postgresql+asyncpg://app:app@db/app?prepared=0\n      - CACHE_URL=redis://cache:6379/2\n"
                        + "  db: {image: 'docker.io/library/postgres:15.3'}\n  cache: {image: 'redis:latest'}\n");
        assertEquals("postgresql+asyncpg://app:app@localhost:5432/app?prepared=0", c.environment().get("DATABASE_URL"));
        assertEquals("redis://localhost:6379/2", c.environment().get("CACHE_URL"));
        assertEquals(List.of("postgres:15.3", ""), c.services().stream().map(Service::image).toList(), "latest pins nothing");
    }

    @Test
    void composeDefaultsAndLeftOverVariablesArePutIn() throws IOException {
        Component c = rails("compose.yml", "services:\n  db:\n    image: \"postgres:${PG_TAG:-14}\"\n    environment:\n      - POSTGRES_USER=${DB_USER:-rails}\n      - POSTGRES_PASSWORD=${DB_PASSWORD}\n",
                ".env.example", "DB_PASSWORD=railspw\n");
        assertEquals("postgres:14", only(c).image());
        assertEquals("rails", only(c).environment().get("POSTGRES_USER"));
        assertEquals("railspw", only(c).environment().get("POSTGRES_PASSWORD"));
    }

    @Test
    void imagesThatNotEverybodyCanPullBecomeOfficialOnes() throws IOException {
        assertEquals("postgres:15", only(rails("compose.yml", "services:\n  db:\n    image: registry.example.com/base/postgres:15.2-r3\n")).image());
        assertEquals("postgres:16", only(rails("compose.yml", "services:\n  db:\n    image: bitnami/postgresql:16.1.0\n")).image());
        assertEquals("pgvector/pgvector:pg17", only(rails("compose.yml", "services:\n  db:\n    image: pgvector/pgvector:pg17\n")).image());
    }

    @Test
    void hostileComposeFilesYieldNothingAndBreakNothing() throws IOException {
        Component c = rails("compose.yml", "services:\n  db:\n    image: \"postgres:16; touch pwned\"\n    environment:\n      \"POSTGRES_USER\": \"$(touch pwned)\"\n      \"A B\": c\n");
        assertEquals("", only(c).image());
        assertEquals("postgres", only(c).environment().get("POSTGRES_USER"));
        assertEquals(List.of(), rails("compose.yml", "services: [1, {2: 3}]\n").services());
        assertEquals(List.of(), rails("compose.yml", "services:\n  db:\n\timage: x\n").services());
    }
}
