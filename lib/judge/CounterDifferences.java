package lib.judge;

import java.util.HashMap;
import java.util.Map;

/**
 * Turns readings of counters into increases. A counter that fell was started again and counts from 0; a series that appears after the first reading
 * belongs to a process that began since, so that all it has counted is new; one that vanished adds nothing more.
 *
 * <p>Prometheus' {@code increase()} would guess between samples and give broken numbers, with which no exact test can be made.
 */
public final class CounterDifferences {
    private final Map<String, Double> last = new HashMap<>();
    private boolean isFirst = true;

    /** @param reading each series' value now; @return by how much all of them together rose since the last reading, 0 at the first */
    public double add(Map<String, Double> reading) {
        double rise = 0;
        for (Map.Entry<String, Double> series : reading.entrySet()) {
            double now = series.getValue();
            if (Double.isNaN(now) || now < 0) {
                continue;
            }
            Double before = last.put(series.getKey(), now);
            rise += before == null ? isFirst ? 0 : now : now >= before ? now - before : now;
        }
        isFirst = false;
        return rise;
    }
}
