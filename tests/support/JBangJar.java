package support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The jar that the launcher runs, and a place to fetch it from. Knows the pinned version, so it changes with the launcher. */
public final class JBangJar {
    public static final String VERSION = "0.132.1";
    public static final String NAME = "jbang-cli-" + VERSION + "-all.jar";
    public static final String IN_REPOSITORY = "dev/jbang/jbang-cli/" + VERSION + "/" + NAME;

    private JBangJar() {}

    /** The real jar: from this user's cache or local Maven repository; else the launcher fetches it, as it would for the user. */
    public static Path get() throws Exception {
        String userHome = System.getProperty("user.home");
        String cacheHome = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        Path cached = Path.of(cacheHome.isEmpty() ? userHome + "/.cache" : cacheHome, "devops-toolkit/jbang", NAME);
        Path inRepository = Path.of(userHome, ".m2/repository", IN_REPOSITORY);
        if (Files.exists(cached)) {
            return cached;
        }
        if (Files.exists(inRepository)) {
            return inRepository;
        }
        ProcessBuilder fetch = new ProcessBuilder(Checkout.root().resolve("jbang").toString(), "version").inheritIO();
        fetch.environment().computeIfPresent("PATH", (name, path) -> Stream.of(path.split(File.pathSeparator))
                .filter(folder -> !Files.exists(Path.of(folder, "jbang"))).collect(Collectors.joining(File.pathSeparator)));
        assumeTrue(fetch.start().waitFor() == 0 && Files.exists(cached), "the jar of JBang is in no cache and cannot be fetched");
        return cached;
    }

    /** Puts a copy there. */
    public static void copyTo(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        Files.copy(get(), file);
    }

    /** A Maven repository on loopback that has the jar, or nothing. */
    public static final class Repository implements AutoCloseable {
        private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
        private final HttpServer server;

        public Repository(boolean full) throws Exception {
            byte[] jar = full ? Files.readAllBytes(get()) : new byte[0];
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                asked.add(exchange.getRequestURI().getPath());
                exchange.sendResponseHeaders(full ? 200 : 404, full ? jar.length : -1);
                if (full) {
                    exchange.getResponseBody().write(jar);
                }
                exchange.close();
            });
            server.start();
        }

        public String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/maven";
        }

        /** The paths that it was asked for. */
        public List<String> asked() {
            return List.copyOf(asked);
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
