package lib.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import lib.cli.Failure.Exit;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import picocli.CommandLine;

/** Parses a command line, runs a tool, and maps whatever happens to an exit code and one clear message. */
public final class CommandLines {
    private CommandLines() {}

    /** @param onFailure told what went wrong after it was said on the error stream; a tool with a report puts it there too */
    public static int run(CommandLine line, Console console, String[] args, Callable<Exit> tool, Consumer<Failure> onFailure, Exit... exits) {
        line.setOut(console.outWriter()).setErr(console.errWriter()).setCaseInsensitiveEnumValuesAllowed(true).setUsageHelpWidth(110).setUsageHelpLongOptionsMaxWidth(34);
        line.getCommandSpec().usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(exitCodes(exits));
        line.getCommandSpec().version();
        line.setParameterExceptionHandler((e, given) -> usage(e, console));
        line.setExecutionStrategy(parsed -> {
            Integer help = CommandLine.executeHelpRequest(parsed);
            if (help != null) {
                return help;
            }
            return parsed.hasSubcommand() ? new CommandLine.RunLast().execute(parsed) : call(tool, onFailure, console);
        });
        return line.execute(args);
    }

    private static java.util.Map<String, String> exitCodes(Exit... exits) {
        java.util.Map<String, String> codes = new java.util.LinkedHashMap<>();
        for (Exit exit : exits) {
            codes.put(String.valueOf(exit.code), exit.meaning);
        }
        return codes;
    }

    private static int call(Callable<Exit> tool, Consumer<Failure> onFailure, Console console) {
        Failure failure;
        try {
            return tool.call().code;
        } catch (Failure e) {
            failure = e;
        } catch (IOException e) {
            failure = Failure.cannotProceed("cannot read or write " + e.getMessage(), "check permissions and free space");
        } catch (Exception | StackOverflowError e) {
            console.bug(e);
            onFailure.accept(new Failure(Exit.BUG, e.getClass().getSimpleName() + ": " + e.getMessage(), "run again with --verbose and report the trace"));
            return Exit.BUG.code;
        }
        console.error(failure.getMessage(), failure.hint);
        onFailure.accept(failure);
        return failure.exit.code;
    }

    private static int usage(ParameterException e, Console console) {
        String near = "";
        if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
            near = Names.nearest(unmatched.getUnmatched().get(0).replaceFirst("=.*", ""), e.getCommandLine().getCommandSpec().optionsMap().keySet());
        }
        if (e.getMessage().contains("InvalidPathException")) {
            console.error("a path has characters that cannot be expressed in the locale of this process", "run this again with LC_ALL=C.UTF-8");
            return Exit.USAGE.code;
        }
        console.error(e.getMessage().lines().findFirst().orElse(""), near.isEmpty() ? "see --help" : "did you mean " + near + "? See --help");
        return Exit.USAGE.code;
    }

    /** Checks names that a user typed against the known ones, and proposes the nearest. */
    public static final class Names {
        private Names() {}

        /**
         * The names, each once, in the order given.
         *
         * @param what the word for one: {@code platform}
         * @throws Failure for all unknown names at once
         */
        public static List<String> check(String what, Collection<String> given, Collection<String> known) {
            Set<String> names = new LinkedHashSet<>();
            List<String> unknown = new ArrayList<>();
            for (String name : given) {
                String clean = name.strip();
                (known.contains(clean) ? names : unknown).add(clean);
            }
            if (!unknown.isEmpty()) {
                String near = nearest(unknown.get(0), known);
                throw Failure.usage("unknown " + what + " " + String.join(", ", unknown.stream().map(u -> "'" + u + "'").toList()),
                        (near.isEmpty() ? "" : "did you mean '" + near + "'? ") + "known: " + String.join(", ", known));
            }
            return List.copyOf(names);
        }

        /** The known name with the fewest edits, when these are few enough to be a typing error; else empty. */
        public static String nearest(String name, Collection<String> known) {
            String best = "";
            int least = Math.max(2, name.length() / 3) + 1;
            for (String candidate : known) {
                int distance = candidate.startsWith(name) && name.length() > 2 ? 0 : distance(name.toLowerCase(java.util.Locale.ROOT), candidate);
                if (distance < least) {
                    least = distance;
                    best = candidate;
                }
            }
            return best;
        }

        private static int distance(String a, String b) {
            int[] row = new int[b.length() + 1];
            for (int j = 0; j <= b.length(); j++) {
                row[j] = j;
            }
            for (int i = 1; i <= a.length(); i++) {
                int diagonal = row[0];
                row[0] = i;
                for (int j = 1; j <= b.length(); j++) {
                    int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                    diagonal = row[j];
                    row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
                }
            }
            return row[b.length()];
        }
    }
}
