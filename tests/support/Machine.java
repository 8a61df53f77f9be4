package support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A machine made of folders, with a checkout that holds the launcher: its PATH has only what a test installs, its home and cache
 * are empty. Processes that run on it see nothing of the real environment.
 */
public final class Machine {
    public final Path checkout;
    public final Path bin;
    public final Path home;
    public final Path cache;
    public final Map<String, String> environment = new TreeMap<>();

    /** What a process printed and ended with. */
    public record Result(int code, String out, String err) {}

    /** Is there such a program on the real machine? */
    public static boolean has(String program) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(f -> !f.isEmpty() && Files.isExecutable(Path.of(f, program)));
    }

    /** A machine with the commands that the launcher takes for granted, and a JDK by JAVA_HOME. */
    public Machine(Path folder) throws IOException {
        checkout = Files.createDirectories(folder.resolve("a checkout"));
        bin = Files.createDirectories(folder.resolve("bin"));
        home = Files.createDirectories(folder.resolve("home"));
        cache = home.resolve(".cache/devops-toolkit/jbang");
        Files.copy(Checkout.root().resolve("jbang"), checkout.resolve("jbang"), StandardCopyOption.COPY_ATTRIBUTES);
        install("cp", "mv", "rm", "mkdir", "mktemp", "grep", "awk", "tr", "cat", "sha256sum");
        environment.put("PATH", bin.toString());
        environment.put("HOME", home.toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("JBANG_DIR", folder.resolve("jbang").toString());
        environment.put("JBANG_NO_VERSION_CHECK", "true");
    }

    /** Where the real machine has the command; null if it has not. */
    public static Path find(String command) {
        return Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, command)).filter(Files::isExecutable).findFirst()
                .orElse(null);
    }

    /** Puts commands of the real machine on the PATH; the test is skipped if one is missing. */
    public void install(String... commands) throws IOException {
        for (String command : commands) {
            Path found = find(command);
            assumeTrue(found != null, command + " is not installed");
            command(command, "exec '" + found + "' \"$@\"");
        }
    }

    /** Puts a command of our own on the PATH. */
    public void command(String name, String script) throws IOException {
        Files.writeString(bin.resolve(name), "#!/bin/sh\n" + script + "\n").toFile().setExecutable(true);
    }

    public void mavenSettings(String content) throws IOException {
        Files.createDirectories(home.resolve(".m2"));
        Files.writeString(home.resolve(".m2/settings.xml"), "<settings>\n" + content + "\n</settings>\n");
    }

    public void warmCache() throws Exception {
        JBangJar.copyTo(cache.resolve(JBangJar.NAME));
    }

    /** The names of the files in the launcher's cache. */
    public List<String> cached() throws IOException {
        if (!Files.exists(cache)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(cache)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** Runs the launcher of the checkout, from the home folder. */
    public Result launch(String... arguments) throws Exception {
        return run(home, "", Stream.concat(Stream.of(checkout.resolve("jbang").toString()), Stream.of(arguments)).toArray(String[]::new));
    }

    public Result run(Path folder, String input, String... command) throws Exception {
        Path err = Files.createTempFile("err", ".txt");
        try {
            Process process = builder(folder, command).redirectError(err.toFile()).start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes());
            } catch (IOException ended) {
                // It ended without reading, as a failed start does.
            }
            String out = new String(process.getInputStream().readAllBytes());
            if (!process.waitFor(3, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException("does not end: " + String.join(" ", command));
            }
            return new Result(process.exitValue(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }

    /** A process of this machine, not started yet. */
    public ProcessBuilder builder(Path folder, String... command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder;
    }
}
