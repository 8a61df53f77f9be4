package support;

import static support.Hostile.bytes;
import static support.Hostile.json;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import support.Hostile.Choices;
import support.Hostile.Tree;

/**
 * The ecosystems of hostile projects: small ones that are written here, with a hostile value wherever their formats let one in, and the
 * examples of this checkout, moved into hostile folders and with values of theirs replaced.
 */
final class HostileEcosystems {
    /** By name of the example: what each file holds. */
    private static final Map<String, Map<String, String>> EXAMPLES = examples();
    private static final List<String> NAMES = List.copyOf(EXAMPLES.keySet());
    /** Written as JSON writes it, a text is right in these too. */
    private static final Pattern ESCAPED = Pattern.compile(".*\\.(json|jsonc|toml|ya?ml|lock)|.*/?Pipfile");
    private static final Pattern LITERAL = Pattern.compile("\"([^\"\\\\\\n]*)\"");
    private static final Pattern ELEMENT = Pattern.compile(">([^<>&]*[^<>&\\s][^<>&]*)<");
    private static final Pattern WORD = Pattern.compile("(?<=[\\s'\":(])[a-z][a-z0-9-]{2,}(?=[\\s'\":),])");

    private final Choices c;
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private boolean valid = true;

    HostileEcosystems(Choices choices) {
        c = choices;
    }

    Tree tree() {
        git();
        boolean isMany = c.next(5) == 4;
        StringBuilder kinds = new StringBuilder();
        for (int i = 0; i < (isMany ? 2 + c.next(2) : 1); i++) {
            kinds.append(kinds.isEmpty() ? "" : " + ").append(part(isMany || c.yes() ? folder() : ""));
        }
        if (c.yes()) {
            surroundings();
        }
        return new Tree(kinds.toString(), files, Map.of(), c.values, valid);
    }

    private String folder() {
        return switch (c.next(3)) {
            case 0 -> c.file() + "/";
            case 1 -> "packages/" + c.file() + "/";
            default -> "services/" + c.file() + "/" + c.file() + "/";
        };
    }

    private String part(String at) {
        int kind = c.next(24);
        switch (kind) {
            case 0 -> node(at);
            case 1 -> workspace(at);
            case 2 -> python(at);
            case 3 -> requirements(at);
            case 4 -> go(at);
            case 5 -> rust(at);
            case 6 -> maven(at);
            case 7 -> gradle(at);
            case 8 -> php(at);
            case 9 -> docker(at);
            case 10 -> helm(at);
            case 11 -> tasks(at);
            default -> {
                return example(at);
            }
        }
        return List.of("node", "workspace", "python", "requirements", "go", "rust", "maven", "gradle", "php", "docker", "helm", "tasks").get(kind);
    }

    private void put(String path, String text) {
        // What lies where another file would need a folder can't be written.
        boolean fits = files.keySet().stream().noneMatch(f -> f.startsWith(path + "/") || path.startsWith(f + "/"));
        if (fits && !path.contains("//") && !path.matches("(.*/)?\\.\\.?(/.*)?")) {
            files.put(path, bytes(text));
        }
    }

    private void git() {
        String branch = c.value();
        put(".git/HEAD", "ref: refs/heads/" + branch + "\n");
        if (c.yes()) {
            put(".git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/" + c.value() + "\n");
        }
        if (c.next(4) == 3) {
            put(".git/config", "[remote \"origin\"]\n\turl = https://" + c.line() + "/team/" + c.line() + ".git\n");
        }
    }

    // --- written here ---

    private static String list(Stream<String> items) {
        return String.join(",\n    ", items.map(Hostile::json).toList());
    }

    private void node(String at) {
        String manager = c.of("npm", "pnpm", "yarn", "bun", "yarn-berry");
        String test = c.of("vitest run", "jest", "node --test", "mocha");
        List<String> scripts = new ArrayList<>(List.of("\"test\": " + json(c.next(3) == 2 ? "npm run " + json("test:" + c.value()) : test)));
        for (String prefix : List.of("test:", "lint:", "build:", "typecheck:", "")) {
            if (c.yes()) {
                scripts.add(json(prefix + c.value()) + ": " + json(c.of(test, "eslint .", "tsc --noEmit", "webpack", c.value())));
            }
        }
        put(at + "package.json", "{\n  \"name\": " + json(c.value()) + ",\n  \"version\": " + json(c.version("1.0.0")) + ",\n  \"packageManager\": "
                + json(manager.replace("-berry", "") + "@" + c.version("9.0.0")) + ",\n  \"engines\": {\"node\": " + json(c.version(">=20")) + "},\n  \"scripts\": {"
                + String.join(",\n    ", scripts) + "},\n  \"publishConfig\": {\"registry\": " + json(c.value()) + "},\n  \"dependencies\": {" + json(c.value()) + ": \"1\", \"pg\": "
                + json(c.version("^8")) + "},\n  \"devDependencies\": {\"vitest\": \"1\", \"jest\": \"29\", \"mocha\": \"10\", \"eslint\": \"9\", \"typescript\": \"5\", \"webpack\": \"5\", \"@playwright/test\": "
                + json(c.version("1.50.0")) + "}\n}\n");
        switch (manager) {
            case "npm" -> put(at + "package-lock.json", "{\"lockfileVersion\": 3, \"packages\": {}}\n");
            case "pnpm" -> put(at + "pnpm-lock.yaml", "lockfileVersion: '9.0'\n");
            case "bun" -> put(at + "bun.lock", "{}\n");
            case "yarn" -> put(at + "yarn.lock", "# yarn lockfile v1\n");
            default -> {
                put(at + "yarn.lock", "__metadata:\n  version: 8\n");
                put(at + ".yarnrc.yml", "nodeLinker: " + json(c.value()) + "\n");
            }
        }
        if (c.yes()) {
            put(at + c.of(".nvmrc", ".node-version"), c.version("22") + "\n");
        }
        put(at + "src/a.test.js", "");
    }

    private void workspace(String at) {
        List<String> members = new ArrayList<>();
        for (int i = 0; i < 2 + c.next(3); i++) {
            String folder = c.of("packages/", "apps/") + c.file() + (i == 0 ? "" : i);
            members.add(folder);
            put(at + folder + "/package.json", "{\"name\": " + json("@a/" + c.value()) + ", \"scripts\": {" + json(c.of("test", "test:" + c.value())) + ": \"vitest run\", \"build\": \"tsc\"},"
                    + " \"dependencies\": {" + json("@a/" + c.value()) + ": \"workspace:*\"}, \"devDependencies\": {\"vitest\": \"1\", \"typescript\": \"5\"}, \"main\": " + json(c.value()) + "}\n");
        }
        boolean isPnpm = c.yes();
        put(at + "package.json", "{\"name\": \"root\", \"private\": true, \"scripts\": {" + json(c.of("lint", "lint:" + c.value())) + ": \"eslint .\"}, \"devDependencies\": {\"eslint\": \"9\"}"
                + (isPnpm ? "" : ", \"workspaces\": [" + list(Stream.concat(Stream.of("packages/*", "apps/*"), c.yes() ? members.stream() : Stream.of(c.value()))) + "]") + "}\n");
        if (isPnpm) {
            put(at + "pnpm-workspace.yaml", "packages:\n  - 'packages/*'\n  - 'apps/*'\n  - " + json(c.value()) + "\n");
        }
        put(at + (isPnpm ? "pnpm-lock.yaml" : "package-lock.json"), isPnpm ? "lockfileVersion: '9.0'\n" : "{\"lockfileVersion\": 3}\n");
    }

    private void python(String at) {
        String tool = c.of("uv", "poetry", "pdm", "hatch", "pip");
        String group = c.value();
        StringBuilder toml = new StringBuilder("[project]\nname = " + json(c.value()) + "\nversion = " + json(c.version("1.0")) + "\nrequires-python = " + json(c.version(">=3.11"))
                + "\ndependencies = [" + list(Stream.of(c.value(), "psycopg>=3")) + "]\n\n[project.optional-dependencies]\n" + json(group) + " = [\"pytest\", \"ruff\"]\ntest = [\"pytest\"]\n"
                + "\n[project.scripts]\n" + json(c.value()) + " = \"a:main\"\n\n[tool.pytest.ini_options]\ntestpaths = [" + json(c.value()) + "]\n"
                + "\n[tool.ruff]\n\n[dependency-groups]\n" + json(c.value()) + " = [\"pytest\", \"mypy\"]\ndev = [\"pytest\", \"ruff\"]\n");
        switch (tool) {
            case "uv" -> put(at + "uv.lock", "version = 1\n");
            case "poetry" -> {
                toml.append("\n[tool.poetry]\nname = \"a\"\n\n[tool.poetry.group.").append(json(c.value())).append(".dependencies]\npytest = ").append(json(c.version("^8"))).append("\n")
                        .append("\n[tool.poetry.extras]\n").append(json(c.value())).append(" = [\"pytest\"]\n");
                put(at + "poetry.lock", "# generated by Poetry " + c.version("1.8.0").lines().findFirst().orElse("") + "\n");
            }
            case "pdm" -> {
                toml.append("\n[tool.pdm.scripts]\n").append(json("test-" + c.value())).append(" = \"pytest\"\n").append("lint = {composite = [").append(json(c.value())).append("]}\n");
                put(at + "pdm.lock", "");
            }
            case "hatch" -> toml.append("\n[tool.hatch.envs.").append(json(c.value())).append(".scripts]\n").append(json("test-" + c.value())).append(" = \"pytest\"\ntest = \"pytest\"\n");
            default -> { }
        }
        toml.append("\n[build-system]\nrequires = [").append(json(c.version("hatchling"))).append("]\nbuild-backend = ").append(json(c.version("hatchling.build"))).append("\n");
        put(at + "pyproject.toml", toml.toString());
        if (c.yes()) {
            put(at + "tox.ini", "[tox]\nenvlist = py311, " + c.line() + "\n\n[testenv:" + c.line().replace("]", "") + "]\ndeps = " + c.line() + "\ncommands = pytest {posargs}\n");
        }
        if (c.yes()) {
            put(at + "noxfile.py", "import nox\n\n@nox.session(name=" + json(c.value()) + ", python=[" + json(c.version("3.12")) + "])\ndef tests(session):\n    session.run(\"pytest\")\n");
        }
        put(at + ".python-version", c.version("3.12") + "\n");
        put(at + "tests/" + c.file() + "/test_a.py", "def test_a():\n    pass\n");
    }

    private void requirements(String at) {
        for (String name : List.of("requirements", "requirements-dev", "requirements/" + c.file(), "requirements-" + c.file(), "dev-requirements")) {
            if (name.equals("requirements") || c.yes()) {
                put(at + name + ".txt", "pytest==" + c.version("8.0").replace("\n", " ") + "\nflask\npsycopg2\n-r " + c.line() + ".txt\n" + c.line() + "\n");
            }
        }
        put(at + "setup.cfg", "[metadata]\nname = " + c.line() + "\n\n[options]\npython_requires = " + c.version(">=3.10").replace("\n", "\n  ") + "\n\n[options.extras_require]\n"
                + c.line() + " =\n  pytest\ntest =\n  pytest\n");
        put(at + "manage.py", "import django\n");
        put(at + "test_a.py", "def test_a():\n    pass\n");
    }

    private void go(String at) {
        put(at + "go.mod", "module example.com/" + c.line() + "\n\ngo " + c.version("1.24").replace("\n", " ") + "\n\ntoolchain " + c.line() + "\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.0.0\n\tgithub.com/"
                + c.line() + " v1.0.0\n)\n");
        put(at + "go.sum", "");
        put(at + c.file() + "/a.go", "package a\n");
        put(at + c.file() + "/a_test.go", "package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n");
        put(at + "cmd/" + c.file() + "/main.go", "package main\n\nfunc main() {}\n");
        if (c.yes()) {
            put(at + ".golangci.yml", "version: \"2\"\nrun:\n  build-tags: [" + json(c.value()) + "]\n");
            put(at + ".goreleaser.yaml", "builds:\n  - main: " + json(c.value()) + "\ndockers:\n  - image_templates: [" + json(c.value()) + "]\n");
        }
    }

    private void rust(String at) {
        String member = c.file();
        put(at + "Cargo.toml", "[package]\nname = " + json(c.value()) + "\nversion = " + json(c.version("0.1.0")) + "\nedition = \"2021\"\nrust-version = " + json(c.version("1.80"))
                + "\n\n[features]\n" + json(c.value()) + " = []\n\n[dependencies]\nsqlx = {version = \"0.8\", features = [" + json(c.value()) + "]}\n\n[workspace]\nmembers = [" + list(Stream.of(member, c.value())) + "]\n");
        put(at + member + "/Cargo.toml", "[package]\nname = " + json(c.value()) + "\nversion = \"0.1.0\"\n");
        put(at + member + "/src/lib.rs", "#[test]\nfn a() {}\n");
        put(at + "Cargo.lock", "version = 4\n");
        put(at + "src/lib.rs", "#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() {}\n}\n");
        put(at + "rust-toolchain.toml", "[toolchain]\nchannel = " + json(c.version("1.85")) + "\ncomponents = [" + json(c.value()) + "]\ntargets = [" + json(c.value()) + "]\n");
        put(at + ".config/nextest.toml", "[profile." + json(c.value()) + ".junit]\npath = " + json(c.value()) + "\n[profile.ci.junit]\npath = " + json(c.value()) + "\n");
    }

    private static String xml(String text) {
        StringBuilder xml = new StringBuilder();
        text.codePoints().filter(p -> p >= 0x20 && p != 0xFFFE && p != 0xFFFF || p == '\n' || p == '\t').forEach(p -> xml.append(switch (p) {
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '&' -> "&amp;";
            default -> Character.toString(p);
        }));
        return xml.toString();
    }

    private void maven(String at) {
        String module = c.file();
        put(at + "pom.xml", "<project>\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>" + xml(c.value()) + "</groupId>\n  <artifactId>" + xml(c.value()) + "</artifactId>\n  <version>" + xml(c.version("1.0"))
                + "</version>\n  <packaging>" + c.of("jar", "pom", xml(c.value())) + "</packaging>\n  <properties>\n    <java.version>" + xml(c.version("21")) + "</java.version>\n    <maven.compiler.release>" + xml(c.version("21"))
                + "</maven.compiler.release>\n  </properties>\n  <modules>\n    <module>" + xml(module) + "</module>\n    <module>" + xml(c.value()) + "</module>\n  </modules>\n  <profiles><profile><id>" + xml(c.value())
                + "</id></profile></profiles>\n  <distributionManagement><repository><id>" + xml(c.value()) + "</id><url>" + xml(c.value()) + "</url></repository></distributionManagement>\n  <dependencies>\n    <dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId></dependency>\n"
                + "    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId></dependency>\n  </dependencies>\n</project>\n");
        put(at + module + "/pom.xml", "<project>\n  <parent><artifactId>a</artifactId></parent>\n  <artifactId>" + xml(c.value()) + "</artifactId>\n</project>\n");
        put(at + module + "/src/test/java/ATest.java", "class ATest {}\n");
        put(at + "src/test/java/ATest.java", "class ATest {}\n");
        if (c.yes()) {
            put(at + "mvnw", "#!/bin/sh\n");
            put(at + ".mvn/wrapper/maven-wrapper.properties", "distributionUrl=" + c.line() + "\n");
            put(at + ".mvn/jvm.config", c.line() + "\n");
        }
    }

    private void gradle(String at) {
        String module = c.file();
        put(at + "settings.gradle", "rootProject.name = " + json(c.value()).replace("$", "\\$") + "\ninclude " + json(module).replace("$", "\\$") + "\n");
        put(at + "build.gradle", "plugins {\n    id 'java'\n    id 'com.diffplug.spotless' version " + json(c.version("6.0")) + "\n}\njava { toolchain { languageVersion = JavaLanguageVersion.of(" + c.of("21", "17", json(c.value()))
                + ") } }\ndependencies {\n    testImplementation " + json(c.value()) + "\n    testImplementation 'org.junit.jupiter:junit-jupiter:5.10.0'\n    runtimeOnly 'org.postgresql:postgresql'\n}\ntasks.register("
                + json(c.value()).replace("$", "\\$") + ", Test)\nsourceSets { integrationTest }\n");
        put(at + module + "/build.gradle", "plugins { id 'java-library' }\n");
        put(at + module + "/src/test/java/ATest.java", "class ATest {}\n");
        put(at + "src/test/java/ATest.java", "class ATest {}\n");
        if (c.yes()) {
            put(at + "gradlew", "#!/bin/sh\n");
            put(at + "gradle/wrapper/gradle-wrapper.properties", "distributionUrl=https\\://services.gradle.org/distributions/gradle-" + c.line() + "-bin.zip\n");
            put(at + "gradle/wrapper/gradle-wrapper.jar", "");
        }
    }

    private void php(String at) {
        put(at + "composer.json", "{\"name\": " + json("a/" + c.value()) + ", \"require\": {\"php\": " + json(c.version("^8.2")) + ", " + json("ext-" + c.value()) + ": \"*\", \"ext-pdo_mysql\": \"*\"}, \"require-dev\": {\"phpunit/phpunit\": \"^11\", \"phpstan/phpstan\": "
                + json(c.version("^2")) + "}, \"scripts\": {" + json(c.of("test", "test:" + c.value(), c.value())) + ": \"phpunit\", " + json(c.of("lint", "lint:" + c.value())) + ": [\"phpstan analyse\", " + json("@" + c.value()) + "]}, \"config\": {\"bin-dir\": "
                + json(c.value()) + ", \"platform\": {\"php\": " + json(c.version("8.3")) + "}}}\n");
        put(at + "composer.lock", "{\"packages\": []}\n");
        put(at + "phpunit.xml", "<phpunit><testsuites><testsuite name=\"" + xml(c.value()).replace("\"", "&quot;") + "\"><directory>tests</directory></testsuite></testsuites><php><env name=\"DB_DATABASE\" value=\"" + xml(c.value()).replace("\"", "&quot;")
                + "\"/></php></phpunit>\n");
        put(at + "tests/ATest.php", "<?php\n");
        put(at + "phpstan.neon", "parameters:\n");
    }

    private void docker(String at) {
        put(at + c.of("Dockerfile", "Dockerfile." + c.file(), c.file() + ".Dockerfile"), "ARG " + c.line() + "\nARG VERSION\nFROM alpine:" + c.version("3.20").replace("\n", " ") + " AS " + c.of("test", "build", c.line()) + "\nARG " + c.line()
                + "\nARG TOKEN\nRUN true\nFROM scratch AS " + c.line() + "\nCOPY --from=build " + c.line() + " /app\nENTRYPOINT [" + json(c.value()) + "]\n");
        if (c.yes()) {
            put(at + c.file() + "/Dockerfile", "FROM alpine:3.20\n");
        }
    }

    private void helm(String at) {
        String chart = at + c.of("", "charts/" + c.file() + "/", "charts/a/");
        put(chart + "Chart.yaml", "apiVersion: v2\nname: " + json(c.value()) + "\nversion: " + json(c.version("0.1.0")) + "\ndependencies:\n  - name: " + json(c.of("postgresql", c.value())) + "\n    repository: "
                + json(c.of("https://charts.example.com", "https://charts.example.com/" + c.value(), c.value())) + "\n    version: " + json(c.version("1")) + "\n");
        put(chart + "templates/a.yaml", "kind: Pod\n");
        put(chart + "ci/" + c.file() + "-values.yaml", "a: 1\n");
        put("kustomize/" + c.file() + "/kustomization.yaml", "resources: [a.yaml]\n");
        put("infra/" + c.file() + "/main.tf", "terraform {\n  required_version = \"" + c.version("1.9.0").replaceAll("[\"\\\\\\n]", "") + "\"\n  backend \"s3\" {}\n}\nprovider \"aws\" {}\n");
    }

    private void tasks(String at) {
        String name = c.line().replaceAll("[:#=\\s]", "");
        String shared = name.isEmpty() ? "unit" : name;
        put(at + "Makefile", ".PHONY: test lint\ntest-" + shared + ":\n\tgo test ./...\nlint-" + shared + ": test-" + shared + "\n\tgolangci-lint run\ntest:\n\tgo test ./" + c.line() + "\nbuild:\n\tgo build ./... # " + c.line() + "\n");
        if (c.yes()) {
            put(at + "justfile", "test:\n  go test ./" + c.word() + "\nlint:\n  golangci-lint run " + c.word() + "\n");
        }
        if (c.yes()) {
            put(at + "Taskfile.yml", "version: '3'\ntasks:\n  " + json("test:" + c.value()) + ":\n    cmds: [\"go test ./...\"]\n  test:\n    cmds: [" + json("go test " + c.word()) + "]\n");
        }
        if (c.yes()) {
            put(at + "mise.toml", "[tools]\ngo = " + json(c.version("1.24")) + "\nnode = " + json(c.version("22")) + "\n[tasks." + json("test:" + c.value()) + "]\nrun = \"go test ./...\"\n");
        }
        put(at + "go.mod", "module example.com/a\n\ngo 1.24\n");
        put(at + "a_test.go", "package a\n");
    }

    // --- beside any ecosystem ---

    private void surroundings() {
        put(c.of("compose.yaml", "docker-compose.yml"), "services:\n  " + json(c.of("db", "postgres", c.value())) + ":\n    image: " + json(c.of("postgres:", "redis:", "mysql:", c.value() + "/postgres:") + c.version("17")) + "\n    environment:\n      POSTGRES_DB: "
                + json(c.value()) + "\n      POSTGRES_PASSWORD: " + json(c.value()) + "\n      " + json(c.value()) + ": " + json(c.value()) + "\n    ports: [" + json(c.value()) + ", \"5432:5432\"]\n    healthcheck: {test: [\"CMD\", " + json(c.value()) + "]}\n");
        put(".env.example", "DATABASE_URL=postgres://" + c.line() + ":secret@localhost:5432/" + c.line() + "\nAPP_NAME=" + c.line() + "\n" + c.line() + "=1\nREDIS_URL=" + c.line() + "\n");
        put(".tool-versions", "nodejs " + c.version("22.14.0").replace("\n", " ") + "\npython " + c.line() + "\ngolang " + c.line() + "\nruby 3.3.0\n");
        put("README.md", "# " + c.line() + "\n\n```sh\nnpm run " + c.line() + "\nmake " + c.line() + "\npytest " + c.line() + "\n" + c.value() + "\n```\n");
        put(".pre-commit-config.yaml", "repos:\n  - repo: local\n    hooks: [{id: " + json(c.value()) + ", entry: " + json(c.value()) + "}]\n");
        put(".gitignore", c.line() + "\n*.log\n");
        if (c.yes()) {
            put(".gitlab-ci.yml", "stages: [" + json(c.value()) + "]\n");
        }
    }

    // --- the checkout's examples ---

    private String example(String at) {
        String name = NAMES.get(c.next(NAMES.size()));
        Map<String, String> all = new TreeMap<>(EXAMPLES.get(name));
        List<String> paths = List.copyOf(all.keySet());
        for (int i = c.next(6); i > 0; i--) {
            String path = paths.get(c.next(paths.size()));
            all.put(path, replaced(path, all.get(path)));
        }
        List<String> folders = paths.stream().filter(p -> p.contains("/")).map(p -> p.substring(0, p.indexOf('/'))).distinct().toList();
        boolean isMoved = !folders.isEmpty() && c.next(3) == 2;
        String from = isMoved ? folders.get(c.next(folders.size())) : "";
        String to = isMoved ? c.file() : "";
        all.forEach((path, text) -> put(at + (isMoved && path.startsWith(from + "/") ? to + path.substring(from.length()) : path), text));
        return name + (isMoved ? ", " + from + " moved" : "");
    }

    /** One value of the file is another. */
    private String replaced(String path, String text) {
        boolean isXml = path.matches(".*(\\.xml|proj|\\.props|\\.slnx)");
        if (isXml) {
            return with(text, ELEMENT, xml(c.value()));
        }
        if (ESCAPED.matcher(path).matches() && LITERAL.matcher(text).find()) {
            String value = json(c.value());
            return with(text, LITERAL, value.substring(1, value.length() - 1));
        }
        // No escape is known: the file may be broken by it.
        valid = false;
        return with(text, WORD, c.line());
    }

    private String with(String text, Pattern pattern, String value) {
        List<MatchResult> places = pattern.matcher(text).results().toList();
        if (places.isEmpty()) {
            return text;
        }
        MatchResult place = places.get(c.next(places.size()));
        int group = place.groupCount() == 0 ? 0 : 1;
        return text.substring(0, place.start(group)) + value + text.substring(place.end(group));
    }

    private static Map<String, Map<String, String>> examples() {
        Path root = Checkout.root().resolve("tests/examples");
        Map<String, Map<String, String>> examples = new TreeMap<>();
        try (Stream<Path> folders = Files.list(root)) {
            for (Path folder : folders.map(f -> f.resolve("project")).filter(Files::isDirectory).sorted().toList()) {
                Map<String, String> files = new TreeMap<>();
                try (Stream<Path> paths = Files.walk(folder)) {
                    for (Path path : paths.filter(Files::isRegularFile).toList()) {
                        files.put(folder.relativize(path).toString(), new String(Files.readAllBytes(path), StandardCharsets.UTF_8));
                    }
                }
                examples.put(folder.getParent().getFileName().toString(), files);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // They are broken on purpose.
        examples.keySet().removeIf(n -> n.startsWith("hostile-"));
        return examples;
    }
}
