package lib.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lib.plan.Job;
import lib.plan.Toolchain;
import lib.plan.VersionRange;

/** Knows which runtimes and programs this machine has, and which of them fits what a job needs. Installs nothing. */
final class Installed {
    private static final Pattern VERSION = Pattern.compile("\\d+(?:\\.\\d+)+");
    private static final Map<String, List<String>> ASK = Map.ofEntries(
            Map.entry("node", List.of("node", "--version")), Map.entry("bun", List.of("bun", "--version")), Map.entry("deno", List.of("deno", "--version")),
            Map.entry("go", List.of("go", "version")), Map.entry("rust", List.of("rustc", "--version")), Map.entry("ruby", List.of("ruby", "--version")),
            Map.entry("php", List.of("php", "--version")), Map.entry("dotnet", List.of("dotnet", "--version")), Map.entry("elixir", List.of("elixir", "--version")),
            Map.entry("dart", List.of("dart", "--version")), Map.entry("flutter", List.of("flutter", "--version")), Map.entry("ghc", List.of("ghc", "--numeric-version")),
            Map.entry("zig", List.of("zig", "version")), Map.entry("swift", List.of("swift", "--version")), Map.entry("terraform", List.of("terraform", "version")),
            Map.entry("tofu", List.of("tofu", "version")), Map.entry("helm", List.of("helm", "version", "--short")), Map.entry("hugo", List.of("hugo", "version")));
    /** Compilers of the system, without a version that a project asks for. */
    private static final List<String> UNVERSIONED = List.of("c", "cpp", "docker", "mkdocs", "antora", "");

    private final Map<String, List<Runtime>> found = new LinkedHashMap<>();

    /** @param environment what makes a job use this one and no other */
    record Runtime(String name, String version, Map<String, String> environment) {}

    /** The runtime for a toolchain, or why there is none. */
    record Choice(Runtime runtime, String missing) {}

    Choice choose(Toolchain toolchain, Job.Matrix matrix) {
        if (UNVERSIONED.contains(toolchain.runtime())) {
            return new Choice(new Runtime(toolchain.runtime(), "", Map.of()), "");
        }
        List<Runtime> candidates = found.computeIfAbsent(toolchain.runtime(), Installed::look);
        if (candidates.isEmpty()) {
            return new Choice(null, toolchain.runtime() + (toolchain.version().isEmpty() ? "" : " " + toolchain.version()) + " not installed");
        }
        boolean hasMatrix = matrix != null && matrix.runtime().equals(toolchain.runtime());
        Optional<Runtime> fits = candidates.stream().filter(c -> hasMatrix && isOneOf(c, matrix.nightly())).findFirst()
                .or(() -> candidates.stream().filter(c -> isLine(c.version(), toolchain.version())).findFirst())
                .or(() -> candidates.stream().filter(c -> !toolchain.pinned() && allows(toolchain, c)).findFirst());
        String versions = candidates.stream().map(Runtime::version).distinct().collect(Collectors.joining(", "));
        return fits.map(r -> new Choice(r, "")).orElse(new Choice(null,
                toolchain.runtime() + " " + (toolchain.range().isEmpty() ? toolchain.version() : toolchain.range()) + " not installed: found " + versions));
    }

    private static boolean isOneOf(Runtime runtime, List<String> versions) {
        return versions.stream().anyMatch(v -> isLine(runtime.version(), v));
    }

    /** 20.20.2 is of the line 20 and of the pin 20.11.0's line: patches are taken as equal. */
    private static boolean isLine(String installed, String wanted) {
        String[] have = installed.split("\\.");
        String[] want = wanted.replaceFirst("^v", "").split("\\.");
        int compared = want.length > 2 ? 2 : want.length;
        if (wanted.isEmpty() || have.length < compared) {
            return false;
        }
        for (int i = 0; i < compared; i++) {
            if (!want[i].equals(have[i]) && !(i == 1 && want.length > 2 && !isMinorALine(installed))) {
                return false;
            }
        }
        return true;
    }

    /** Languages whose second number is a release of its own start with a small first one: Python 3.12, Go 1.26, Ruby 3.4. */
    private static boolean isMinorALine(String version) {
        return Integer.parseInt(version.split("\\.")[0]) < 5;
    }

    private static boolean allows(Toolchain toolchain, Runtime runtime) {
        // Go fetches what go.mod asks for; the others must be what the project declares.
        return toolchain.runtime().equals("go") || VersionRange.parse(toolchain.runtime(), toolchain.range()).allows(runtime.version());
    }

    private static List<Runtime> look(String name) {
        return switch (name) {
            case "python" -> pythons();
            case "java" -> javas();
            default -> ASK.containsKey(name) ? ask(ASK.get(name)).map(v -> List.of(new Runtime(name, v, Map.of()))).orElse(List.of()) : List.of();
        };
    }

    private static List<Runtime> pythons() {
        List<Runtime> list = new ArrayList<>();
        for (String program : List.of("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3.9")) {
            ask(List.of(program, "--version")).ifPresent(v -> list.add(new Runtime("python", v, Map.of("PYTHON", program))));
        }
        return list;
    }

    /** The one of JAVA_HOME or of the PATH first, then what lies where Linux distributions put them. */
    private static List<Runtime> javas() {
        List<Runtime> list = new ArrayList<>();
        List<Path> homes = new ArrayList<>();
        if (System.getenv("JAVA_HOME") != null) {
            homes.add(Path.of(System.getenv("JAVA_HOME")));
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(Path.of("/usr/lib/jvm"))) {
            folders.forEach(homes::add);
        } catch (IOException e) {
            // No such folder: only JAVA_HOME and the PATH count.
        }
        homes.add(Path.of(System.getProperty("java.home")));
        for (Path home : homes) {
            release(home).ifPresent(v -> list.add(new Runtime("java", v, Map.of("JAVA_HOME", home.toString()))));
        }
        return list;
    }

    private static Optional<String> release(Path home) {
        try {
            boolean isJdk = Files.isExecutable(home.resolve("bin/javac"));
            return isJdk ? Files.readAllLines(home.resolve("release")).stream().filter(l -> l.startsWith("JAVA_VERSION="))
                    .map(l -> l.replaceAll("JAVA_VERSION=|\"", "").replaceFirst("^1\\.", "")).findFirst() : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The first version in what the program answers; nothing when it is not there. */
    static Optional<String> ask(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(ProcessBuilder.Redirect.from(devNull())).start();
            String answer = new String(process.getInputStream().readAllBytes());
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            Matcher version = VERSION.matcher(answer);
            return process.exitValue() == 0 && version.find() ? Optional.of(version.group()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    static java.io.File devNull() {
        return new java.io.File("/dev/null");
    }

    /** Is there a program of that name in one of these folders? */
    static boolean has(String program, String searchPath) {
        for (String folder : searchPath.split(":")) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program)) && !Files.isDirectory(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }
}
