package lib.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import lib.judge.Judge.Counts;
import lib.judge.Judge.Interval;

/**
 * Recorded counts, one line an interval, from oldest to newest: either a table with commas whose first line names the columns, or an object of
 * JSON on each line with the same names.
 *
 * <p>{@code baseline_requests}, {@code baseline_errors}, {@code canary_requests}, {@code canary_errors} are what happened in the interval; with
 * {@code _total} behind a name it is a counter's reading, whose first line only says where it began. {@code step} (from 1) and {@code seconds}
 * may be there; without a step all is one. Empty lines and those that begin with # are passed over.
 */
public final class CountsFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> COUNTS = List.of("baseline_requests", "baseline_errors", "canary_requests", "canary_errors");
    private static final String HINT = "the first line names the columns: step,seconds,baseline_requests,baseline_errors,canary_requests,canary_errors";

    private final String name;
    private final Map<String, CounterDifferences> counters = new HashMap<>();
    private final List<Interval> intervals = new ArrayList<>();
    private boolean isCumulative;
    private boolean isFirst = true;

    private CountsFile(String name) {
        this.name = name;
    }

    /** What is wrong, where, and what would be right. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;
        public final String hint;

        Malformed(String message, String hint) {
            super(message);
            this.hint = hint;
        }
    }

    /** @param name of the file, for messages */
    public static List<Interval> parse(String name, String text) throws Malformed {
        CountsFile file = new CountsFile(name);
        List<String> header = null;
        int number = 0;
        for (String raw : text.lines().toList()) {
            number++;
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("{")) {
                file.json(line, number);
            } else if (header == null) {
                header = file.header(line, number);
            } else {
                file.row(header, line, number);
            }
        }
        if (file.intervals.isEmpty()) {
            throw new Malformed(name + " has no interval", file.isCumulative ? "readings of counters need two lines at least" : HINT);
        }
        return List.copyOf(file.intervals);
    }

    private List<String> header(String line, int number) throws Malformed {
        List<String> columns = List.of(line.toLowerCase(Locale.ROOT).split("\\s*,\\s*"));
        for (String count : COUNTS) {
            if (!columns.contains(count) && !columns.contains(count + "_total")) {
                throw new Malformed(name + ":" + number + " names no column " + count, HINT);
            }
        }
        return columns;
    }

    private void row(List<String> header, String line, int number) throws Malformed {
        String[] cells = line.split("\\s*,\\s*", -1);
        if (cells.length != header.size()) {
            throw new Malformed(name + ":" + number + " has " + cells.length + " cells, and there are " + header.size() + " columns", "give each line a cell for each column");
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < cells.length; i++) {
            values.put(header.get(i), cells[i].strip());
        }
        add(values::get, number);
    }

    private void json(String line, int number) throws Malformed {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new Malformed(name + ":" + number + " is no JSON: " + e.getOriginalMessage(), "write one object on each line");
        }
        add(key -> {
            JsonNode value = node.path(key);
            if (value.isMissingNode() && key.contains("_")) {    // {"canary": {"requests": 1, "errors": 0}} reads better, and is taken too.
                value = node.path(key.substring(0, key.indexOf('_'))).path(key.substring(key.indexOf('_') + 1));
            }
            return value.isMissingNode() || value.isNull() ? null : value.asText();
        }, number);
    }

    private void add(Function<String, String> values, int number) throws Malformed {
        Map<String, Long> counts = new HashMap<>();
        for (String count : COUNTS) {
            String total = values.apply(count + "_total");
            isCumulative |= total != null;
            String text = total != null ? total : values.apply(count);
            if (text == null) {
                throw new Malformed(name + ":" + number + " has no " + count, HINT);
            }
            double value = number(text, count, number);
            counts.put(count, Math.round(total == null ? value : counters.computeIfAbsent(count, c -> new CounterDifferences()).add(Map.of(count, value))));
        }
        boolean isStart = isCumulative && isFirst;
        isFirst = false;
        int step = (int) optional(values.apply("step"), 1, "step", number);
        if (step < 1) {
            throw new Malformed(name + ":" + number + " has step " + step, "steps are counted from 1");
        }
        double seconds = optional(values.apply("seconds"), 0, "seconds", number);
        if (!isStart) {
            intervals.add(new Interval(step - 1, seconds, side(counts, "baseline", number), side(counts, "canary", number)));
        }
    }

    private Counts side(Map<String, Long> counts, String side, int number) throws Malformed {
        long requests = counts.get(side + "_requests");
        long errors = counts.get(side + "_errors");
        if (errors > requests) {
            throw new Malformed(name + ":" + number + " has " + errors + " " + side + "_errors of " + requests + " " + side + "_requests", "errors are counted among the requests");
        }
        return new Counts(requests, errors);
    }

    private double optional(String text, double otherwise, String column, int number) throws Malformed {
        return text == null || text.isEmpty() ? otherwise : number(text, column, number);
    }

    private double number(String text, String column, int number) throws Malformed {
        try {
            double value = Double.parseDouble(text);
            if (value >= 0 && value < 1e15) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, as with a negative number.
        }
        throw new Malformed(name + ":" + number + " has '" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "' as " + column, "it is a number, 0 or more");
    }
}
