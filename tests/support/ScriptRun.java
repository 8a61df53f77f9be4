package support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Lets bash itself read scripts, on a machine without any command: each that a script calls is only written down, so that what hostile
 * words would have started can be seen. Knows nothing of what the scripts are for.
 */
public final class ScriptRun {
    private static final String DRIVER = """
            PATH=/nowhere
            command_not_found_handle() { printf '%s\\n' "called $1" >&9; }
            cd() { :; }
            exec() { :; }
            kill() { :; }
            wait() { :; }
            ulimit -t 20
            for script in "$SCRIPTS"/*; do
              ( source "$script" ) </dev/null >/dev/null 2>>"$SCRIPTS.err"
            done 9>"$SCRIPTS.log"
            """;

    private ScriptRun() {}

    /** @return what a script called or wrote that has the mark in its name, and what of them is no script at all */
    public static List<String> marked(Path folder, List<String> scripts, String mark) throws IOException, InterruptedException {
        Path all = Files.createDirectories(folder.resolve("scripts"));
        Path work = Files.createDirectories(folder.resolve("work"));
        for (int i = 0; i < scripts.size(); i++) {
            Files.writeString(all.resolve(String.format("%04d", i)), scripts.get(i));
        }
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", DRIVER).directory(work.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("SCRIPTS", all.toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        Stream.of("HOME", "WORKSPACE", "WORKSPACE_TMP", "RUNNER_TEMP", "CI_PROJECT_DIR", "GITHUB_WORKSPACE").forEach(v -> builder.environment().put(v, work.toString()));
        builder.environment().putAll(Map.of("GITHUB_OUTPUT", work + "/output", "GITHUB_ENV", work + "/env"));
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes());
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            return List.of("bash does not end");
        }
        List<String> found = new ArrayList<>();
        Files.readAllLines(Path.of(all + ".log")).stream().filter(l -> isMarked(l, mark)).forEach(found::add);
        Stream.concat(said.lines(), Files.readAllLines(Path.of(all + ".err")).stream()).filter(l -> l.contains("syntax error") || l.contains("unexpected EOF")).forEach(found::add);
        try (Stream<Path> written = Files.walk(work)) {
            written.map(p -> work.relativize(p).toString()).filter(p -> isMarked(p, mark)).forEach(p -> found.add("wrote " + p));
        }
        return found;
    }

    private static boolean isMarked(String text, String mark) {
        return text.toLowerCase(Locale.ROOT).contains(mark.toLowerCase(Locale.ROOT));
    }
}
