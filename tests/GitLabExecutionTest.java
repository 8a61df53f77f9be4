import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import support.Checkout;

/**
 * Jobs that are really executed, by gitlab-ci-local: their shell, their order, their caches, and whether the project's own checks accept
 * what lies in the project because of us. The images are those of GitLab's runner, so that this machine's tools stand in for them.
 */
class GitLabExecutionTest {
    @TempDir
    Path dir;

    @ParameterizedTest(name = "{0}")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    @CsvSource(delimiter = '|', value = {
        "rust-crate               | cargo rustup    | lint test build",
        "java-maven-multimodule   | mvn             | test build",
        "python-pip-requirements  | python3         | lint test",
        "node-npm                 | npm             | lint",
        "monorepo-npm-workspaces  | npm             | lint-node test-libs-geo",
        "hostile-names            | npm             | test-node build-node packages:packages/-rf packages:packages/$(touch pwned)"})
    void runs(String example, String programs, String jobs) throws Exception {
        String tool = tool();
        assumeTrue(!tool.isEmpty(), "gitlab-ci-local is not installed: tests/tools/install brings it");
        for (String program : programs.split(" ")) {
            assumeTrue(find(program), program + " is not installed");
        }
        Path project = project(example);
        List<String> command = new ArrayList<>(List.of(tool, "--force-shell-executor", "--shell-isolation"));
        // Names of packages may have spaces; those of jobs that are asked for here do only in parentheses.
        Stream.of(jobs.split(" (?![^(]*\\))")).forEach(command::add);

        Result first = run(project, command);
        assertEquals(0, first.code(), first::output);
        assertTrue(first.output().contains(" PASS "), first::output);
        try (Stream<Path> files = Files.walk(project)) {
            assertTrue(files.noneMatch(f -> f.getFileName().toString().equals("pwned")), "a name of the project was run");
        }
    }

    /** What the first run cached must not be taken for a part of the project by the second. */
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void aCacheOfModulesHasNoSourcesThatAFormatterWouldRead() throws Exception {
        String tool = tool();
        assumeTrue(!tool.isEmpty(), "gitlab-ci-local is not installed: tests/tools/install brings it");
        assumeTrue(find("go") && find("make"), "go or make is not installed");
        Path project = project("go-make-golangci");
        for (String job : List.of("test", "build")) {
            Result result = run(project, List.of(tool, "--force-shell-executor", "--shell-isolation", job));
            assertEquals(0, result.code(), result::output);
            assertEquals(job.equals("build"), result.output().contains("imported cache"), result::output);
        }
        Path build = project.resolve(".gitlab-ci-local/builds/build");
        assertTrue(Files.isDirectory(build.resolve(".cache/go-mod")));
        try (Stream<Path> files = Files.walk(build.resolve(".cache"))) {
            assertTrue(files.noneMatch(f -> f.toString().endsWith(".go")));
        }
    }

    /** A git repository with the generated file, as GitLab would see it. */
    private Path project(String example) throws Exception {
        Path project = dir.resolve("project");
        copy(Checkout.root().resolve("tests/examples").resolve(example).resolve("project"), project);
        Cli generated = Cli.pipeline(dir, "project", "--platform", "gitlab-ci");
        assertEquals(0, generated.exit(), generated::all);
        Path file = project.resolve(".gitlab-ci.yml");
        Files.writeString(file, withoutImages(Files.readString(file)));
        for (String command : List.of("init -q -b main", "add -A", "-c user.name=x -c user.email=x@example.com commit -qm x",
                "remote add origin git@example.com:group/project.git", "update-ref refs/remotes/origin/main HEAD",
                "symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main")) {
            List<String> words = new ArrayList<>(List.of("git"));
            words.addAll(List.of(command.split(" ")));
            Result result = run(project, words);
            assertEquals(0, result.code(), result::output);
        }
        return project;
    }

    /** With an image in the file, the project folder would be that of a container. */
    private static String withoutImages(String yaml) {
        StringBuilder kept = new StringBuilder();
        boolean isImage = false;
        for (String line : yaml.split("\n", -1)) {
            isImage = line.startsWith("  image:") || isImage && line.startsWith("    ");
            if (!isImage) {
                kept.append(line).append('\n');
            }
        }
        return kept.toString().stripTrailing() + "\n";
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
    }

    // --- programs ---

    private record Result(int code, String output) {}

    private static String tool() throws Exception {
        if (find("gitlab-ci-local")) {
            return "gitlab-ci-local";
        }
        Result where = run(Checkout.root(), List.of("bash", "tests/tools/install", "--where"));
        Path tool = Path.of(where.output().strip(), "bin", "gitlab-ci-local");
        return where.code() == 0 && Files.isExecutable(tool) && find("rsync") ? tool.toString() : "";
    }

    private static boolean find(String program) {
        return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator)).anyMatch(f -> Files.isExecutable(Path.of(f, program)));
    }

    /** Python's own packages stay as they are: what jobs install goes into an environment of their own. */
    private static Result run(Path folder, List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        Path venv = folder.resolveSibling("venv");
        if (command.contains("--shell-isolation") && Files.exists(folder.resolve("requirements.txt"))) {
            if (!Files.exists(venv)) {
                assumeTrue(new ProcessBuilder("python3", "-m", "venv", venv.toString()).start().waitFor() == 0, "python3 cannot make environments");
            }
            builder.environment().put("PATH", venv.resolve("bin") + java.io.File.pathSeparator + System.getenv("PATH"));
        }
        Path output = Files.createTempFile("gitlab", ".log");
        Process process = builder.redirectOutput(output.toFile()).start();
        try {
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            return new Result(ended ? process.exitValue() : -1, Files.readString(output));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Files.delete(output);
        }
    }
}
