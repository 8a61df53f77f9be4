//SOURCES bench/Bench.java

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the benchmarks still run and scan what they say; how fast is for {@code tests/bench/run} to tell. */
class BenchTest {
    @TempDir
    Path folder;

    @Test
    void theScanFindsEveryPackageOfTheGeneratedTree() throws Exception {
        Bench.Scanned scanned = Bench.scan(Bench.generate(folder.resolve("tree"), 200, 4), 1);
        assertEquals(5, scanned.components(), "four packages and the workspace itself");
        assertTrue(scanned.ratio() > 0);
    }
}
