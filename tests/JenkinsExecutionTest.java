import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Checkout;
import support.Tree;

/** Runs generated Jenkinsfiles: what happens on a branch, on a change request, for a tag, at night; every script by a real shell. */
class JenkinsExecutionTest {
    private static final String LOCK = "{\"name\": \"shop\", \"lockfileVersion\": 3, \"packages\": {}}";
    private static final String NODE = """
            {"name": "shop", "version": "1.0.0", "engines": {"node": ">=22"}, "scripts": {"lint": "eslint .", "test": "node --test", "build": "tsc"},
             "devDependencies": {"eslint": "9.0.0", "typescript": "5.9.0", "redis": "5.0.0"}, "publishConfig": {"access": "public"}, "repository": "acme/shop", "files": ["dist"]}
            """;

    @TempDir
    Path temp;
    private Path project;
    private Path programs;

    @BeforeEach
    void stubs() throws IOException {
        project = temp.resolve("shop");
        programs = Files.createDirectories(temp.resolve("programs"));
        for (String program : List.of("npm", "docker", "trivy", "helm", "jq")) {
            stub(program, "echo \"" + program + " in $(basename \"$PWD\"): $*\"");
        }
        stub("sha256sum", "cat > /dev/null");
        stub("curl", "while [ $# -gt 0 ]; do if [ \"$1\" = --output ] && [ \"$2\" != /dev/null ]; then echo 'echo \"cosign: $*\"' > \"$2\"; fi; shift; done");
    }

    private void stub(String program, String script) throws IOException {
        Path stub = Files.writeString(programs.resolve(program), "#!/bin/sh\n" + script + "\n");
        assertTrue(stub.toFile().setExecutable(true));
    }

    @Test
    void eachEventRunsItsOwnStages() throws Exception {
        Tree.of(project, "package.json", NODE, "package-lock.json", LOCK, "index.test.js", "", "Dockerfile", "FROM node:24\n", "chart/Chart.yaml",
                "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "chart/templates/deployment.yaml", "kind: Deployment\n");
        git("git init -q -b main && git config user.email a@b.c && git config user.name a && git add -A && git commit -qm one");
        Path file = generate("--stages", "lint,test,build,security,package,publish,deploy");

        List<String> change = run(file, "BRANCH_NAME=PR-1", "CHANGE_ID=1", "CHANGE_TARGET=main");
        assertTrue(change.containsAll(List.of("stage Lint", "stage Test (22)", "skip Test (24)", "stage Test (26)", "stage Build the image", "skip Build and push the image",
                "skip Publish to npm", "skip Approve production", "skip Deploy to production")), change::toString);
        assertFalse(change.toString().contains("secret-of"), change::toString);

        List<String> main = run(file, "BRANCH_NAME=main");
        assertTrue(main.containsAll(List.of("skip Build the image", "stage Build and push the image", "stage Deploy to staging", "stage Approve production", "skip Publish to npm")), main::toString);
        assertTrue(main.indexOf("stage Deploy to staging") < main.indexOf("stage Approve production")
                && main.indexOf("stage Approve production") < main.indexOf("stage Deploy to production"), main::toString);
        assertTrue(main.stream().anyMatch(l -> l.contains("docker in") && l.contains("login --username secret-of-registry --password-stdin secret-of-image")), main::toString);
        assertTrue(main.stream().anyMatch(l -> l.contains("helm in") && l.contains("upgrade --install shop chart") && l.contains("image.repository=secret-of-image")), main::toString);

        assertTrue(main.stream().anyMatch(l -> l.contains("cosign: sign --yes --key secret-of-cosign-key secret-of-image@jq in")), "signed is what was pushed: " + main);

        List<String> tag = run(file, "BRANCH_NAME=v1.0.0", "TAG_NAME=v1.0.0");
        assertTrue(tag.containsAll(List.of("stage Build and push the image", "stage Publish to npm", "skip Deploy to staging")), tag::toString);
        assertTrue(tag.stream().anyMatch(l -> l.matches("  npm in workspace\\d+: publish --access public \\./\\.packages/npm/\\*\\.tgz")), tag::toString);

        List<String> night = run(file, "BRANCH_NAME=main", "TIMER=yes");
        assertTrue(night.containsAll(List.of("stage Test (24)", "skip Build and push the image", "skip Deploy to production")), night::toString);
    }

    @Test
    void aReleaseThatDoesNotAnswerIsRolledBackAndGoesNoFurther() throws Exception {
        Tree.of(project, "package.json", NODE, "package-lock.json", LOCK, "index.test.js", "", "chart/Chart.yaml",
                "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "chart/templates/deployment.yaml", "kind: Deployment\n");
        stub("curl", "exit 22");
        List<String> lines = execute(1, command(generate("--stages", "test,deploy"), "BRANCH_NAME=main"), Map.of("PATH", programs + ":" + System.getenv("PATH")));
        int deployed = indexOf(lines, "helm in .*: upgrade --install shop chart .*");
        int back = indexOf(lines, "helm in .*: rollback shop .*");
        assertTrue(deployed >= 0 && back > deployed, lines::toString);
        assertFalse(lines.contains("stage Deploy to production"), lines::toString);
        assertTrue(lines.get(lines.size() - 1).contains("failed") || lines.toString().contains("failed: exit code 1"), lines::toString);
    }

    private static int indexOf(List<String> lines, String pattern) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().matches(pattern)) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void aChangeRequestChecksTheChangedPackages() throws Exception {
        for (String name : List.of("web", "it's \"$(touch pwned)\"")) {
            Tree.of(project, name + "/package.json", "{\"name\": \"" + name.charAt(0) + "\", \"scripts\": {\"test\": \"node --test\"}, \"devDependencies\": {\"a\": \"1.0.0\"}}",
                    name + "/package-lock.json", LOCK, name + "/index.test.js", "\n");
        }
        Path file = generate();
        git("git init -q -b main && git config user.email a@b.c && git config user.name a && git add -A && git commit -qm one && git update-ref refs/remotes/origin/main HEAD");
        git("git checkout -q -b feature && echo 1 >> \"it's \\\"\\$(touch pwned)\\\"/index.test.js\" && git commit -qam two");

        List<String> change = run(file, "BRANCH_NAME=PR-1", "CHANGE_ID=1", "CHANGE_TARGET=main");
        assertTrue(change.containsAll(List.of("skip Check (web)", "stage Check (it's \"$(touch pwned)\")", "  npm in it's \"$(touch pwned)\": test")), change::toString);
        List<String> main = run(file, "BRANCH_NAME=main");
        assertTrue(main.containsAll(List.of("skip Changes", "stage Check (web)", "  npm in web: test", "stage Check (it's \"$(touch pwned)\")")), main::toString);
        assertFalse(Files.exists(project.resolve("pwned")));
    }

    // --- helpers ---

    private Path generate(String... options) throws IOException {
        List<String> args = new ArrayList<>(List.of("shop", "--platform", "jenkins", "--output", "out"));
        args.addAll(List.of(options));
        Cli cli = Cli.pipeline(temp, args.toArray(String[]::new));
        assertEquals(0, cli.exit(), cli::all);
        return temp.resolve("out/Jenkinsfile");
    }

    private List<String> run(Path file, String... variables) throws Exception {
        return execute(0, command(file, variables), Map.of("PATH", programs + ":" + System.getenv("PATH")));
    }

    /** By a process of its own: the Groovy of Jenkins is too old for the JVM of the tests. */
    private List<String> command(Path file, String... variables) {
        List<String> command = new ArrayList<>(List.of(Checkout.root().resolve("jbang").toString(), "--quiet", Checkout.root().resolve("tests/tools/jenkins-run/JenkinsRun.java").toString(),
                file.toString(), project.toString()));
        command.addAll(List.of(variables));
        return command;
    }

    private void git(String script) throws Exception {
        execute(0, List.of("bash", "-ec", script), Map.of());
    }

    private List<String> execute(int exit, List<String> command, Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        List<String> lines = new String(process.getInputStream().readAllBytes()).lines().toList();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        assertEquals(exit, process.exitValue(), () -> String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size())));
        return lines;
    }
}
