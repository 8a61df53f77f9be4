package lib.deploy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import lib.cli.Failure;
import lib.judge.CountsFile;
import lib.judge.Judge.Interval;
import lib.judge.Judge.Outcome;
import lib.judge.Judge.Thresholds;
import lib.judge.Judges;
import lib.judge.Replay;
import lib.scan.Finding;

/** The verdict on counts that were recorded, without a rollout: what a judge would have said after each interval. Touches nothing. */
public final class Recorded {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Replay.Result result;

    private Recorded(Replay.Result result) {
        this.result = result;
    }

    public static Recorded judge(DeployOptions options, Path cwd) {
        Path file = cwd.resolve(options.counts);
        String shown = options.counts.toString();
        List<Interval> intervals;
        try {
            intervals = CountsFile.parse(shown, Files.readString(file));
        } catch (CountsFile.Malformed e) {
            throw Failure.cannotProceed(e.getMessage(), e.hint);
        } catch (NoSuchFileException e) {
            throw Failure.cannotProceed("there is no file " + shown, "judge --counts FILE takes recorded counts, a line an interval");
        } catch (MalformedInputException e) {
            throw Failure.cannotProceed(shown + " is no text", "it has a line an interval, with commas or as JSON");
        } catch (IOException e) {
            throw Failure.cannotProceed(shown + " cannot be read: " + e.getMessage(), "check its permissions");
        }
        String id = options.judge.isEmpty() ? Judges.DEFAULT : options.judge;
        int steps = intervals.stream().mapToInt(Interval::step).max().orElse(0) + 1;
        return new Recorded(Replay.run(Judges.of(id).orElseThrow(() -> Failure.usage("recorded counts can't be judged by " + id, "take one of " + String.join(", ", Judges.ids()))),
                intervals, Thresholds.of(steps)));
    }

    public boolean isPassed() {
        return result.outcome() == Outcome.PASS;
    }

    /** Why the release does not pass, if so. */
    public List<Finding> findings() {
        return switch (result.outcome()) {
            case PASS -> List.of();
            case FAIL -> List.of(Finding.error("worse-release", result.last().reason(), "roll it back"));
            case INCONCLUSIVE -> List.of(Finding.error("inconclusive", result.last().reason(), "record for longer, or at a greater share of the traffic"));
        };
    }

    /** A line an interval, and the verdict with its reason. */
    public String text() {
        return result.lines().stream().map(l -> l.text() + "\n").collect(Collectors.joining()) + result.outcome().name().toLowerCase(Locale.ROOT) + ": " + result.last().reason() + "\n";
    }

    public ObjectNode json() {
        ObjectNode json = JSON.valueToTree(result.last().toMap());
        ArrayNode intervals = json.putArray("intervals");
        for (Replay.Line line : result.lines()) {
            ObjectNode one = JSON.valueToTree(line.verdict().toMap());
            intervals.add(one.put("step", line.interval().step() + 1).put("decides", line.decides()));
        }
        return json;
    }
}
