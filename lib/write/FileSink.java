package lib.write;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import lib.cli.CommonOptions;
import lib.cli.Console;
import lib.scan.Finding;
import lib.write.PlannedWrite.Action;
import org.eclipse.jgit.diff.DiffFormatter;
import org.eclipse.jgit.diff.EditList;
import org.eclipse.jgit.diff.HistogramDiff;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;
import org.eclipse.jgit.util.QuotedString;

/**
 * Where planned files go. A dry run is another sink, so that it can't differ from a real run in anything but this.
 *
 * <p>The manifest is part of what {@link DiskSink} writes; the others leave it out, since nobody reads it.
 */
public interface FileSink {
    /** All of it or nothing. */
    void write(WritePlan plan);

    /** What a user's options ask for. With {@code --json} standard output belongs to the report, so that nothing is printed here. */
    static FileSink chosen(CommonOptions options, Console console, Path root) {
        if (options.check || options.json && (options.diff || options.dryRun)) {
            return new Memory();
        }
        return options.diff ? new Diff(console::diff) : options.dryRun ? new Print(console::product) : new DiskSink(root);
    }

    /** Keeps in memory what the files would hold; where nothing can be written, what was rendered. */
    final class Memory implements FileSink {
        private final SortedMap<String, String> files = new TreeMap<>();

        @Override
        public void write(WritePlan plan) {
            plan.files().forEach(write -> files.put(write.path(), write.content()));
        }

        public SortedMap<String, String> files() {
            return files;
        }
    }

    /** Prints every file that would be written, under its name, as {@code head} does. */
    record Print(Consumer<String> out) implements FileSink {
        @Override
        public void write(WritePlan plan) {
            StringBuilder text = new StringBuilder();
            for (PlannedWrite write : plan.writes()) {
                text.append(text.isEmpty() ? "" : "\n").append("==> ").append(write.path()).append(" (").append(write.action().id()).append(") <==\n");
                boolean shown = write.action() != Action.UNCHANGED && write.action() != Action.DELETE;
                text.append(shown ? write.content() : "");
            }
            out.accept(text.toString());
        }
    }

    /**
     * A unified diff from what is there to what would be written, as {@code git apply} takes it. A file in conflict is shown too: what
     * {@code --force} would do to it.
     */
    record Diff(Consumer<String> out) implements FileSink {
        @Override
        public void write(WritePlan plan) {
            StringBuilder text = new StringBuilder();
            plan.changes().forEach(write -> text.append(diff(write)));
            out.accept(text.toString());
        }

        private static String diff(PlannedWrite write) {
            String from = QuotedString.GIT_PATH.quote("a/" + write.path());
            String to = QuotedString.GIT_PATH.quote("b/" + write.path());
            boolean isNew = write.before() == null;
            boolean isGone = write.action() == Action.DELETE;
            StringBuilder text = new StringBuilder();
            if (write.conflict() != null) {
                text.append("# conflict, nothing is written: ").append(write.path()).append(' ').append(write.conflict().reason()).append('\n');
            }
            text.append("diff --git ").append(from).append(' ').append(to).append('\n');
            if (isNew) {
                text.append("new file mode ").append(write.executable() ? "100755" : "100644").append('\n');
            } else if (isGone) {
                text.append("deleted file mode 100644\n");
            } else if (write.before() == write.after()) {
                text.append("old mode 100644\nnew mode 100755\n");
            }
            RawText before = new RawText(isNew ? new byte[0] : write.before());
            RawText after = new RawText(isGone ? new byte[0] : write.bytes());
            EditList edits = new HistogramDiff().diff(RawTextComparator.DEFAULT, before, after);
            if (!edits.isEmpty()) {
                text.append("--- ").append(isNew ? "/dev/null" : from).append("\n+++ ").append(isGone ? "/dev/null" : to).append('\n');
                text.append(hunks(edits, before, after));
            }
            return text.toString();
        }

        private static String hunks(EditList edits, RawText before, RawText after) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            try (DiffFormatter formatter = new DiffFormatter(text)) {
                formatter.format(edits, before, after);
                formatter.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return text.toString(StandardCharsets.UTF_8);
        }
    }
}

/** The reports of tools that write files. */
abstract class GeneratorReport extends Report {
    /** More files than anybody reads the names of. */
    private static final int MANY = 20;

    protected GeneratorReport(String schema, String tool, String version) {
        super(schema, tool, version);
    }

    /** Every file but the manifest, in the order of paths; a hash is of the bytes that the file holds after the run, or would hold. */
    public void files(WritePlan plan) {
        ArrayNode files = json.putArray("files");
        plan.files().forEach(file -> files.addObject().put("path", file.path()).put("action", file.action().id()).put("sha256", Manifest.sha256(file.bytes())));
    }

    /**
     * Writes, shows or compares, as the options ask for, and tells of it. What holds hand edits too is judged once more before it is written.
     *
     * @param problem why a merged file is not valid
     */
    public WritePlan settle(WritePlan whole, CommonOptions options, Console console, Path root, List<Finding> findings, Function<PlannedWrite, Optional<String>> problem) {
        WritePlan plan = whole;
        for (PlannedWrite merged : whole.merged()) {
            Optional<String> reason = problem.apply(merged);
            plan = reason.isEmpty() ? plan : plan.reject(merged.path(), reason.get());
        }
        files(plan);
        findings.addAll(options.check ? plan.drift() : plan.findings());
        FileSink sink = FileSink.chosen(options, console, root);
        boolean isReal = sink instanceof DiskSink;
        if (!isReal || !plan.isConflicted()) {
            sink.write(plan);
        }
        if (isReal && !plan.isConflicted()) {
            boolean isMany = plan.changes().size() > MANY;
            plan.changes().forEach(w -> {
                if (isMany) {
                    console.detail(w.line());
                } else {
                    console.say(w.line());
                }
            });
            if (plan.isUpToDate() || isMany) {
                console.say(isMany ? plan.changes().size() + " of " + plan.files().size() + " files written" : "up to date");
            }
        }
        return plan;
    }
}
