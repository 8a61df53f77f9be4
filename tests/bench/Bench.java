///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//COMPILE_OPTIONS -encoding UTF-8
//JAVA_OPTIONS -Dfile.encoding=UTF-8 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -Xlog:all=error:stderr
//SOURCES ../../lib/cli/CommonOptions.java ../../lib/scan/Languages.java

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;

/**
 * Measures the tool against a yardstick that runs in turn with it, so that the ratio holds on a slow or busy machine too.
 * Knows nothing of limits being met: it prints, and a person judges.
 */
class Bench {
    private static final int STARTS = 11;
    private static final int ROUNDS = 7;
    private static final String SMALL = "tests/examples/node-nextjs-docker/project";

    /** Seconds of the tool and of its yardstick, taken one after the other. */
    record Pair(double tool, double yardstick) {
        double ratio() {
            return tool / yardstick;
        }
    }

    record Tree(Path root, int files, int packages) {}

    /** @param components that were found, to see that the scan did its work */
    record Scanned(Tree tree, List<Pair> pairs, int components) {
        double ratio() {
            return median(pairs.stream().map(Pair::ratio).toList());
        }

        double seconds() {
            return pairs.stream().mapToDouble(Pair::tool).min().orElseThrow();
        }
    }

    interface Work {
        void run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        Path temporary = Files.createTempDirectory("bench-");
        try {
            start(temporary);
            List<Scanned> all = new ArrayList<>();
            for (int files : new int[] {1_000, 10_000, 100_000}) {
                Tree tree = generate(temporary.resolve("tree-" + files), files, files / 100);
                Scanned scanned = scan(tree, ROUNDS);
                all.add(scanned);
                print("scan of %,d files, %,d packages, against a plain walk with attributes | %.2f × (%.2f s) | 2 ×", files, files / 100, scanned.ratio(), scanned.seconds());
            }
            print("growth of the scan: the exponent from 1,000 to 100,000 files | %.2f | 1, linear", exponent(all));
            memory(all.get(all.size() - 1).tree);
        } finally {
            delete(temporary);
        }
    }

    private static void start(Path temporary) throws Exception {
        Path hello = Files.writeString(temporary.resolve("hello.java"), "class hello { public static void main(String[] args) { System.out.println(\"Hello\"); } }\n");
        List<Pair> pairs = inTurn(STARTS, () -> process(temporary, "pipeline_generator.java", SMALL, "--dry-run"), () -> process(temporary, hello.toString()));
        print("warm start on a small project, against a bare `hello.java` | %.2f × | 1.3 ×", median(pairs.stream().map(Pair::ratio).toList()));
    }

    /** The whole process, of which the operating system keeps the most memory that it ever had. */
    private static void memory(Tree tree) throws Exception {
        Path output = tree.root.resolveSibling("report.json");
        Process process = new ProcessBuilder("./jbang", "pipeline_generator.java", tree.root.toString(), "--dry-run", "--json")
                .redirectOutput(output.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        long peak = 0;
        while (process.isAlive() && Files.exists(status)) {
            peak = Math.max(peak, residentKilobytes(status));
            Thread.sleep(10);
        }
        process.waitFor();
        System.err.println("timings in seconds: " + new ObjectMapper().readTree(output.toFile()).path("timings"));
        print("memory of the whole run on %,d files (resident, at most) | %d MB | 300 MB", tree.files, peak * 1024 / 1_000_000);
    }

    private static long residentKilobytes(Path status) {
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(l -> l.startsWith("VmHWM:")).mapToLong(l -> Long.parseLong(l.replaceAll("\\D", ""))).findFirst().orElse(0);
        } catch (IOException | java.io.UncheckedIOException processEnded) {
            return 0;
        }
    }

    private static void process(Path temporary, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("./jbang"));
        command.addAll(List.of(arguments));
        Path log = temporary.resolve("output.txt");
        int code = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
        if (code != 0) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + code + ":\n" + Files.readString(log));
        }
    }

    /** A workspace of packages; their files lie ten to a folder. */
    static Tree generate(Path root, int files, int packages) throws IOException {
        write(root.resolve("package.json"), "{\"name\": \"bench\", \"private\": true, \"workspaces\": [\"packages/*\"]}\n");
        write(root.resolve("package-lock.json"), "{\"name\": \"bench\", \"lockfileVersion\": 3, \"packages\": {}}\n");
        write(root.resolve(".gitignore"), "node_modules/\ndist/\n*.log\n!keep.log\n");
        int perPackage = files / packages - 1;
        for (int p = 0; p < packages; p++) {
            Path folder = root.resolve("packages/p" + p);
            write(folder.resolve("package.json"), "{\"name\": \"p" + p + "\", \"version\": \"1.0.0\", \"scripts\": {\"test\": \"node --test\"}}\n");
            for (int f = 0; f < perPackage; f++) {
                write(folder.resolve("src/m" + f / 10 + "/f" + f + ".js"), "export {};\n");
            }
        }
        return new Tree(root, files, packages);
    }

    static Scanned scan(Tree tree, int rounds) throws Exception {
        ProjectFacts[] facts = new ProjectFacts[1];
        List<Pair> pairs = inTurn(rounds, () -> facts[0] = Scan.scan(Project.open(tree.root)), () -> walk(tree.root));
        return new Scanned(tree, pairs, facts[0].components().size());
    }

    private static void walk(Path root) throws IOException {
        long[] bytes = new long[1];
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }
        });
        if (bytes[0] == 0) {
            throw new IllegalStateException("nothing below " + root);
        }
    }

    /** Two rounds of each that do not count, then one of each in turn; who is first changes every time. */
    private static List<Pair> inTurn(int rounds, Work tool, Work yardstick) throws Exception {
        List<Pair> pairs = new ArrayList<>();
        for (int round = -2; round < rounds; round++) {
            boolean isToolFirst = round % 2 == 0;
            double first = seconds(isToolFirst ? tool : yardstick);
            double second = seconds(isToolFirst ? yardstick : tool);
            if (round >= 0) {
                pairs.add(isToolFirst ? new Pair(first, second) : new Pair(second, first));
            }
        }
        return pairs;
    }

    private static double seconds(Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** The slope of the line through the logarithms of size and time, by least squares. */
    private static double exponent(List<Scanned> all) {
        double meanX = all.stream().mapToDouble(s -> Math.log(s.tree.files)).average().orElseThrow();
        double meanY = all.stream().mapToDouble(s -> Math.log(s.seconds())).average().orElseThrow();
        double covariance = all.stream().mapToDouble(s -> (Math.log(s.tree.files) - meanX) * (Math.log(s.seconds()) - meanY)).sum();
        return covariance / all.stream().mapToDouble(s -> Math.pow(Math.log(s.tree.files) - meanX, 2)).sum();
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void print(String row, Object... values) {
        System.out.println("| " + String.format(Locale.ROOT, row, values) + " |");
    }
}
