package lib.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The only owner of the output streams. The product goes to {@code out}; talk, progress and findings go to {@code err}.
 *
 * <p>Each stream has colour only where it is itself a terminal, or where {@code CLICOLOR_FORCE} asks for it, and never with {@code NO_COLOR}
 * or {@code --no-color}. Text that comes from a project loses its control
 * characters first, so that a file name can't drive the terminal.
 */
public final class Console {
    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private boolean colour;
    private boolean talkColour;
    private boolean quiet;
    private boolean verbose;

    public Console(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
        this.terminal = out == System.out && isTerminal(1);
        this.colour = out == System.out && isColoured(terminal);
        this.talkColour = err == System.err && isColoured(isTerminal(2));
    }

    public void configure(boolean noColour, boolean isQuiet, boolean isVerbose) {
        colour = colour && !noColour;
        talkColour = talkColour && !noColour;
        quiet = isQuiet;
        verbose = isVerbose;
    }

    private static boolean isColoured(boolean isTerminal) {
        Map<String, String> environment = System.getenv();
        boolean isForced = !environment.getOrDefault("CLICOLOR_FORCE", "0").equals("0");
        boolean isWanted = isTerminal && !environment.getOrDefault("CLICOLOR", "1").equals("0") && !environment.getOrDefault("TERM", "").equals("dumb");
        return environment.getOrDefault("NO_COLOR", "").isEmpty() && (isForced || isWanted);
    }

    /**
     * Java tells only whether input and standard output are terminals both. Where files have modes, a stream is one when it is a device of
     * characters and none of those that stand for no data.
     */
    private static boolean isTerminal(int stream) {
        try {
            Path file = Path.of("/dev/fd/" + stream);
            boolean isCharacters = ((int) Files.getAttribute(file, "unix:mode") & 0170000) == 0020000;
            Object device = Files.getAttribute(file, "unix:rdev");
            for (String other : List.of("/dev/null", "/dev/zero", "/dev/full")) {
                isCharacters = isCharacters && !(Files.exists(Path.of(other)) && device.equals(Files.getAttribute(Path.of(other), "unix:rdev")));
            }
            return isCharacters;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return hasConsole();
        }
    }

    /** From Java 22 on there is a console without a terminal too, and a method that tells. */
    private static boolean hasConsole() {
        java.io.Console console = System.console();
        try {
            return console != null && (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException olderJava) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    public boolean isTerminal() {
        return terminal;
    }

    public boolean isVerbose() {
        return verbose;
    }

    public PrintWriter errWriter() {
        return new PrintWriter(err, true);
    }

    public PrintWriter outWriter() {
        return new PrintWriter(out, true);
    }

    /** The product, as it is. */
    public void product(String text) {
        out.print(text);
        out.flush();
    }

    /** A line of talk; silent with {@code --quiet}. */
    public void say(String line) {
        if (!quiet) {
            err.println(printable(line));
        }
    }

    /** Talk that only {@code --verbose} shows. */
    public void detail(String line) {
        if (verbose) {
            say(line);
        }
    }

    public void error(String message, String hint) {
        err.println(paint("31;1", "error:") + " " + printable(message));
        hint(hint);
    }

    public void warning(String message, String hint) {
        if (!quiet) {
            err.println(paint("33;1", "warning:") + " " + printable(message));
            hint(hint);
        }
    }

    public void note(String message, String hint) {
        if (!quiet) {
            err.println(paint("36", "note:") + " " + printable(message));
            hint(hint);
        }
    }

    private void hint(String hint) {
        if (!hint.isEmpty() && !quiet) {
            err.println(paint("2", "  hint: " + printable(hint)));
        }
    }

    /** A bug of ours: one line, and the stack trace for whoever asks for it. */
    public void bug(Throwable e) {
        err.println(paint("31;1", "bug:") + " " + printable(e.getClass().getSimpleName() + ": " + e.getMessage()));
        if (verbose) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            err.print(trace);
        } else {
            err.println("  hint: run again with --verbose and report the trace");
        }
    }

    /** A unified diff, with the colours that a terminal's user knows; elsewhere byte for byte, as {@code git apply} needs it. */
    public void diff(String text) {
        for (String raw : text.isEmpty() ? new String[0] : text.split("\n")) { // a carriage return is part of a line
            String line = terminal ? printable(raw.endsWith("\r") ? raw.substring(0, raw.length() - 1) : raw) : raw;
            out.print((line.startsWith("+++") || line.startsWith("---") ? painted(colour, "1", line)
                    : line.startsWith("+") ? painted(colour, "32", line)
                    : line.startsWith("-") ? painted(colour, "31", line)
                    : line.startsWith("@@") ? painted(colour, "36", line) : line) + "\n");
        }
        out.flush();
    }

    /** For talk: what goes to standard error. */
    public String paint(String code, String text) {
        return painted(talkColour, code, text);
    }

    private static String painted(boolean isColoured, String code, String text) {
        return isColoured ? "\u001B[" + code + "m" + text + "\u001B[0m" : text;
    }

    /** Without control characters, except line breaks and tabs. */
    public static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\\x{80}-\\x{9F}&&[^\n\t]]", "\uFFFD");
    }
}
