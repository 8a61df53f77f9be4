package lib.cli;

//DEPS info.picocli:picocli:4.7.7
//SOURCES Failure.java Console.java CommandLines.java

import java.nio.file.Path;
import lib.cli.CommandLines.Names;
import lib.cli.Failure.Exit;
import picocli.CommandLine.Option;

/** The options that mean the same in all three tools. */
public final class CommonOptions {
    @Option(names = {"-o", "--output"}, paramLabel = "DIR", description = "Write below this folder instead of into the project.")
    public Path output;

    @Option(names = "--dry-run", description = "Print what would be written; change nothing.")
    public boolean dryRun;

    @Option(names = "--diff", description = "Print a unified diff against what is there; change nothing.")
    public boolean diff;

    @Option(names = "--check", description = "Exit 1 when what is there differs from what would be written, and say which facts changed.")
    public boolean check;

    @Option(names = "--force", description = "Overwrite files that are not ours or were edited by hand; a backup stays beside each.")
    public boolean force;

    @Option(names = "--json", description = "Print one JSON report on standard output, and nothing else there.")
    public boolean json;

    @Option(names = {"-q", "--quiet"}, description = "Errors only.")
    public boolean quiet;

    @Option(names = {"-v", "--verbose"}, description = "Every fact with its evidence; stack traces of bugs.")
    public boolean verbose;

    @Option(names = "--no-color", description = "No colours, as with NO_COLOR set.")
    public boolean noColor;

    @Option(names = "--templates", paramLabel = "DIR", description = "Templates that override the built-in ones of the same relative path.")
    public Path templates;

    /** Refuses what contradicts itself. */
    public void validate() {
        if (check && (dryRun || diff || force)) {
            throw Failure.usage("--check changes nothing and compares only: it goes with neither --dry-run, --diff nor --force", "leave one of them out");
        }
        if (dryRun && diff) {
            throw Failure.usage("--dry-run and --diff both say how to show what would be written", "give one of them");
        }
        if (quiet && verbose) {
            throw Failure.usage("--quiet and --verbose contradict each other", "give one of them");
        }
    }
}
