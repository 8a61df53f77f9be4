package lib.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Checks names that a user typed against the known ones, and proposes the nearest. */
public final class Names {
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
    static String nearest(String name, Collection<String> known) {
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
