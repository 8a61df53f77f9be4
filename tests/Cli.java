import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Runs a tool in this JVM as a user would run it in a folder, and keeps what it prints. */
record Cli(int exit, String out, String err) {

    /** The {@code run} of a tool, without its folder and arguments. */
    private interface Tool {
        int run(InputStream in, PrintStream out, PrintStream err);
    }

    /** The scaffolder, with a catalogue of other modules than its own. */
    static Cli scaffold(java.util.function.Function<String, java.util.Optional<lib.plan.Catalogue>> catalogues, Path cwd, String... args) {
        return of((in, out, err) -> TerraformScaffolder.run(catalogues, in, out, err, cwd, args));
    }

    static Cli pipeline(Path cwd, String... args) {
        return of((in, out, err) -> PipelineGenerator.run(in, out, err, cwd, args));
    }

    static Cli deployment(Path cwd, String... args) {
        return of((in, out, err) -> DeploymentManager.run(in, out, err, cwd, args));
    }

    private static Cli of(Tool tool) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit = tool.run(InputStream.nullInputStream(), new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Cli(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** For messages of failed assertions: all that a user would have seen. */
    String all() {
        return "exit " + exit + "\n--- stdout\n" + out + "--- stderr\n" + err;
    }
}
