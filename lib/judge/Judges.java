package lib.judge;

//DEPS org.apache.commons:commons-statistics-distribution:1.2
//SOURCES CounterDifferences.java CountsFile.java Exact.java Judge.java Latency.java Naive.java Power.java RatioTest.java Replay.java Sequential.java Verdict.java

import java.util.List;
import java.util.Optional;

/** The judges that there are. Also the JBang index of this package, which knows counts and chances, and neither clusters nor clocks. */
public final class Judges {
    public static final String DEFAULT = "exact";
    public static final List<Judge> ALL = List.of(new Exact(), new Sequential(), new Naive());

    private Judges() {}

    public static List<String> ids() {
        return ALL.stream().map(Judge::id).toList();
    }

    public static Optional<Judge> of(String id) {
        return ALL.stream().filter(j -> j.id().equals(id)).findFirst();
    }
}
