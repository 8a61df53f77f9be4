package lib.plan;

//DEPS org.semver4j:semver4j:6.0.0

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/**
 * The versions of a runtime that a project declares to work with, whatever the syntax of its ecosystem.
 *
 * <p>Every syntax is translated into plain npm comparators, which the library then judges. The translation checks the text wholly: the
 * library leaves out what it can't read, so that {@code >=20, <23} would lose its first half without a word.
 */
public final class VersionRange {
    /** What a version without an operator means, and which operators differ from npm's. */
    private enum Dialect {
        /** {@code 20} is {@code 20.x}, and {@code >20} begins at 21. */
        NPM,
        /** {@code 3.12} is {@code 3.12.*}, and {@code >3.12} begins at 3.12.1. */
        PLAIN,
        /** {@code 1.22} is the least that will do. */
        MINIMUM,
        /** {@code ~8.1} goes up to 9; {@code |} is an or. */
        COMPOSER
    }

    private static final Map<String, Dialect> DIALECTS = Map.of("node", Dialect.NPM, "bun", Dialect.NPM, "deno", Dialect.NPM,
            "php", Dialect.COMPOSER, "go", Dialect.MINIMUM, "rust", Dialect.MINIMUM, "java", Dialect.MINIMUM, "swift", Dialect.MINIMUM,
            "zig", Dialect.MINIMUM);
    /** Judging grows with the square of the length, and no range that somebody means is longer. */
    private static final int LONGEST = 500;
    private static final Pattern OR = Pattern.compile("\\s*(?:\\|\\|?|\\bor\\b)\\s*");
    private static final Pattern HYPHEN = Pattern.compile("v?(\\d[\\w.*-]*)\\s+-\\s+v?(\\d[\\w.*-]*)");
    private static final Pattern COMPARATOR = Pattern.compile(
            "\\s*(===|==|~=|~>|\\^>=|!=|>=|=>|<=|=<|[><=^~])?\\s*v?(\\d+(?:\\.\\d+)*)((?:\\.[*xX])*)([-+.]?[A-Za-z][\\w.+-]*|-\\d[\\w.-]*)?\\s*(?:,|&&|\\band\\b)?");
    private static final Pattern MAVEN = Pattern.compile("\\s*([\\[(])\\s*([\\d.]*)\\s*(,?)\\s*([\\d.]*)\\s*([\\])])\\s*,?");
    private static final Pattern NUMBERS = Pattern.compile("\\d+(?:\\.\\d+){0,2}");
    private static final int FAR = 9_999;

    private final String text;
    private final boolean understood;
    private final List<Group> groups;

    private VersionRange(String text, boolean understood, List<Group> groups) {
        this.text = text;
        this.understood = understood;
        this.groups = groups;
    }

    /** One alternative: what it allows, less what it shuts out. */
    private record Group(RangeList allowed, List<RangeList> excluded) {
        boolean allows(Semver version) {
            return allowed.isSatisfiedBy(version) && excluded.stream().noneMatch(range -> range.isSatisfiedBy(version));
        }
    }

    /**
     * @param runtime decides the meaning of a bare version: {@code 1.22} is Go's least version, {@code 20} is Node's 20.x
     * @param range in the syntax of its ecosystem; empty allows everything
     */
    public static VersionRange parse(String runtime, String range) {
        String text = range.strip();
        if (text.isEmpty() || text.matches("[*xX]|any|latest")) {
            return new VersionRange(range, true, List.of());
        }
        if (text.length() > LONGEST) {
            return new VersionRange(range, false, List.of());
        }
        Dialect dialect = DIALECTS.getOrDefault(runtime, Dialect.PLAIN);
        String plain = runtime.equals("java") ? text.replaceAll("\\b1\\.([5-8])\\b(?:\\.0)?", "$1") : text;
        List<Group> groups = new ArrayList<>();
        boolean maven = plain.startsWith("[") || plain.startsWith("(");
        for (String alternative : maven ? List.of(plain) : List.of(OR.split(plain, -1))) {
            Optional<List<Group>> parsed = maven ? maven(alternative) : group(dialect, alternative.strip());
            if (parsed.isEmpty()) {
                return new VersionRange(range, false, List.of());
            }
            groups.addAll(parsed.get());
        }
        return new VersionRange(range, true, groups);
    }

    /** False when the text could not be read: then everything is allowed. */
    public boolean isUnderstood() {
        return understood;
    }

    /** Whether any version of a line ({@code 22}, {@code 3.12}) or the exact version is allowed. */
    public boolean allows(String line) {
        if (groups.isEmpty()) {
            return true;
        }
        int[] wanted = numbers(line);
        List<Semver> candidates = new ArrayList<>(List.of(version(wanted, 0), version(wanted, FAR)));
        // If a line and a range meet at all, then they meet at the line's first version, at a bound, or right behind one.
        for (Matcher bound = NUMBERS.matcher(text); bound.find(); ) {
            int[] at = numbers(bound.group());
            Semver exact = version(at, 0);
            candidates.addAll(List.of(exact, exact.withIncPatch(), exact.nextMinor()));
        }
        return candidates.stream().filter(candidate -> isOf(candidate, wanted)).anyMatch(this::satisfies);
    }

    /** Whether the newest version of a line is allowed, which is what a set-up step installs when it is given the line alone. */
    public boolean allowsNewest(String line) {
        return groups.isEmpty() || satisfies(version(numbers(line), FAR));
    }

    @Override
    public String toString() {
        return text;
    }

    private boolean satisfies(Semver version) {
        return groups.stream().anyMatch(group -> group.allows(version));
    }

    /** Comparators that must all hold; none when a part of the text is not one. */
    private static Optional<List<Group>> group(Dialect dialect, String text) {
        Matcher hyphen = HYPHEN.matcher(text);
        if (hyphen.matches()) {
            return Optional.of(List.of(new Group(range(hyphen.group(1) + " - " + hyphen.group(2)), List.of())));
        }
        if (text.matches("[*xX]")) {
            return Optional.of(List.of(new Group(range("*"), List.of())));
        }
        List<String> allowed = new ArrayList<>();
        List<RangeList> excluded = new ArrayList<>();
        Matcher comparator = COMPARATOR.matcher(text);
        int end = 0;
        for (; end < text.length() && comparator.find(end) && comparator.start() == end; end = comparator.end()) {
            String operator = comparator.group(1) == null ? "" : comparator.group(1);
            boolean wild = !comparator.group(3).isEmpty();
            if (operator.equals("!=")) {
                excluded.add(range(wild ? comparator.group(2) : full(comparator.group(2))));
            } else {
                allowed.add(plain(dialect, operator, comparator.group(2), wild));
            }
        }
        if (end < text.length() || text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(List.of(new Group(range(allowed.isEmpty() ? "*" : String.join(" ", allowed)), excluded)));
    }

    /** One comparator of any dialect in npm's words. A suffix such as rc1 is left out: lines are compared, not pre-releases. */
    private static String plain(Dialect dialect, String operator, String version, boolean wild) {
        boolean partial = wild || numbers(version).length < 3;
        return switch (operator) {
            case ">=", "=>" -> ">=" + full(version);
            case "<=", "=<" -> "<=" + (dialect == Dialect.NPM && partial ? short3(version) : full(version));
            case ">" -> ">" + (dialect == Dialect.NPM && partial ? short3(version) : full(version));
            case "<" -> "<" + full(version);
            case "~=", "~>" -> pessimistic(version);
            case "^>=" -> ">=" + full(version) + " <" + full(bumped(version, 1));
            case "^" -> "^" + short3(version);
            case "~" -> dialect == Dialect.COMPOSER ? pessimistic(version) : "~" + short3(version);
            case "==", "===" -> wild ? short3(version) : "=" + full(version);
            default -> operator.isEmpty() && dialect == Dialect.MINIMUM && !wild ? ">=" + full(version) : short3(version);
        };
    }

    /** {@code ~> 3.1} allows what is before 4, {@code ~> 3.1.0} what is before 3.2. */
    private static String pessimistic(String version) {
        int last = numbers(version).length - 1;
        return ">=" + full(version) + " <" + full(bumped(version, Math.max(0, last - 1)));
    }

    /** The version up to the part at the index, which is one higher. */
    private static String bumped(String version, int index) {
        int[] parts = numbers(full(version));
        StringBuilder bumped = new StringBuilder();
        for (int i = 0; i <= index; i++) {
            bumped.append(i == 0 ? "" : ".").append(i == index ? parts[i] + 1 : parts[i]);
        }
        return bumped.toString();
    }

    /** {@code [11,18)}, {@code [17,)}, and lists of those, of which one must hold. */
    private static Optional<List<Group>> maven(String text) {
        List<Group> groups = new ArrayList<>();
        Matcher interval = MAVEN.matcher(text);
        int end = 0;
        for (; end < text.length() && interval.find(end) && interval.start() == end; end = interval.end()) {
            String low = interval.group(2);
            String high = interval.group(4);
            if (interval.group(3).isEmpty()) {
                groups.add(new Group(range(short3(low)), List.of()));
                continue;
            }
            String from = low.isEmpty() ? "" : (interval.group(1).equals("[") ? ">=" : ">") + full(low);
            String to = high.isEmpty() ? "" : (interval.group(5).equals("]") ? "<=" : "<") + full(high);
            groups.add(new Group(range((from + " " + to).isBlank() ? "*" : (from + " " + to).strip()), List.of()));
        }
        return end < text.length() || groups.isEmpty() ? Optional.empty() : Optional.of(groups);
    }

    private static RangeList range(String npm) {
        return RangeListFactory.create(npm);
    }

    private static String full(String version) {
        int[] parts = numbers(version);
        return parts[0] + "." + (parts.length > 1 ? parts[1] : 0) + "." + (parts.length > 2 ? parts[2] : 0);
    }

    private static String short3(String version) {
        int[] parts = numbers(version);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(3, parts.length); i++) {
            text.append(i == 0 ? "" : ".").append(parts[i]);
        }
        return text.toString();
    }

    /** At most three numbers; what is not a number ends them. */
    private static int[] numbers(String version) {
        Matcher found = NUMBERS.matcher(version);
        if (!found.find()) {
            return new int[] {0};
        }
        return Arrays.stream(found.group().split("\\.")).mapToInt(n -> n.length() > 7 ? FAR : Integer.parseInt(n)).toArray();
    }

    private static Semver version(int[] parts, int filler) {
        return Semver.create(parts[0], parts.length > 1 ? parts[1] : filler, parts.length > 2 ? parts[2] : filler);
    }

    private static boolean isOf(Semver version, int[] line) {
        return version.getMajor() == line[0] && (line.length < 2 || version.getMinor() == line[1])
                && (line.length < 3 || version.getPatch() == line[2]);
    }
}
