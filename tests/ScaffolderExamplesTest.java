import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import lib.plan.Catalogue;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import support.Checkout;
import support.Golden;
import support.Sample;

/**
 * Every folder of {@code tests/scaffold/trees}: the options in {@code command.txt}, the tree in {@code expected}, byte for byte. Those called
 * {@code sample-…} are made from the small catalogue, the others from the tool's own.
 */
class ScaffolderExamplesTest {
    @TempDir
    Path dir;

    @TestFactory
    Stream<DynamicTest> trees() throws IOException {
        List<Path> trees;
        try (Stream<Path> folders = Files.list(Checkout.root().resolve("tests/scaffold/trees"))) {
            trees = folders.filter(Files::isDirectory).sorted().toList();
        }
        return trees.stream().map(tree -> DynamicTest.dynamicTest(tree.getFileName().toString(), () -> check(tree)));
    }

    private void check(Path tree) throws IOException {
        String name = tree.getFileName().toString();
        boolean isSample = name.startsWith("sample-");
        List<String> args = new ArrayList<>(List.of(name));
        args.addAll(List.of(Files.readString(tree.resolve("command.txt")).strip().split("\\s+")));
        if (isSample) {
            args.addAll(List.of("--templates", Sample.TEMPLATES.toString()));
        }
        Cli first = Cli.scaffold(isSample ? Sample::catalogue : Catalogue::shipped, dir, args.toArray(String[]::new));
        assertEquals(0, first.exit(), first::all);
        Map<String, String> written = Golden.read(dir.resolve(name));
        Map<String, String> files = new TreeMap<>(written);
        files.keySet().removeIf(f -> f.startsWith(".scaffold/")); // packed, and not by every machine alike
        Golden.check(tree.resolve("expected"), files);

        Cli second = Cli.scaffold(isSample ? Sample::catalogue : Catalogue::shipped, dir, args.toArray(String[]::new));
        assertTrue(second.exit() == 0 && second.err().contains("up to date"), second::all);
        assertEquals(written, Golden.read(dir.resolve(name)));
    }
}
