package lib.scan;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import lib.scan.Finding.Evidence;

/**
 * A folder under analysis, and the only reader of it. Never changes or runs anything in it.
 *
 * <p>It is walked once. Links are not followed into folders, nor out of the project; ignored folders are not entered; a file over
 * {@link #MAX_FILE_BYTES} is not parsed. What can't be read or parsed becomes a finding and an empty answer, never an exception.
 * Paths are relative to the root, with forward slashes; the root is {@code .}.
 */
public final class Project {
    public static final int MAX_FILE_BYTES = Parsers.MAX_BYTES;

    /** Never entered, whatever {@code .gitignore} says: made by tools or brought from elsewhere. */
    private static final Set<String> NEVER = Set.of(".git", ".hg", ".svn", "node_modules", "bower_components", "jspm_packages", ".venv", "venv",
            "__pycache__", ".tox", ".nox", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".gradle", ".terraform", ".next", ".nuxt",
            ".svelte-kit", ".turbo", ".dart_tool", ".stack-work", "dist-newstyle", ".build", "Pods", "zig-cache", ".zig-cache", "zig-out",
            "elm-stuff", ".yarn", ".pnpm-store", "site-packages", ".bundle", ".cargo-cache", ".idea", ".vs");
    /** Never part of a checkout, even where nobody told git to ignore it. */
    private static final Set<String> INSTALLED = Set.of(".git", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".nox", ".gradle", ".terraform");
    /** Brought from elsewhere, but a project may call files of its own in there ({@code vendor/bin}). */
    private static final Set<String> VENDORED = Set.of("vendor", "third_party", "third-party", "thirdparty", "extern", "external", "deps");
    /** A manifest under one of these is no component of the project, unless a workspace names it. */
    private static final Set<String> ASIDE = Set.of("test", "tests", "__tests__", "spec", "specs", "testdata", "test-data", "test_data", "fixtures",
            "fixture", "__fixtures__", "e2e", "examples", "example", "_examples", "sample", "samples", "demo", "demos", "bench", "benches",
            "benchmark", "benchmarks", "docs", "doc", "documentation", "snippets", "website", "site", "playground", "playgrounds", "templates", "template", "snapshots",
            "integration-tests", "testing", "testcases", "dist", "build", "out", "target", "coverage", "generated", "sandbox", "fuzz");

    private static final Pattern PLAIN = Pattern.compile("[\\w.-]+");

    private final Path root;
    private FileTree files;
    private final Map<String, Optional<String>> texts = new HashMap<>();
    private final Map<String, Optional<Document>> documents = new HashMap<>();
    private final Map<String, Optional<Xml>> xmls = new HashMap<>();
    private final Map<String, Optional<Ini>> inis = new HashMap<>();
    private final Map<String, List<Task>> tasks = new HashMap<>();
    private final Map<String, Recipe.Makefile> makefiles = new HashMap<>();
    private final Map<String, List<ProjectFacts.Documented>> documented = new HashMap<>();
    private final Set<Finding> findings = new LinkedHashSet<>();

    private Project(Path root) {
        this.root = root;
    }

    /**
     * Walks the folder.
     *
     * @throws IOException if the folder itself can't be listed
     */
    public static Project open(Path folder) throws IOException {
        Project project = new Project(folder.toRealPath());
        project.files = FileTree.walk(project.root, NEVER, true, project::report);
        return project;
    }

    public Path root() {
        return root;
    }

    /** The folder's own name. */
    public String name() {
        return root.getFileName() == null ? "project" : root.getFileName().toString();
    }

    // --- paths ---

    public static String join(String folder, String name) {
        return folder.equals(".") || folder.isEmpty() ? name : folder + "/" + name;
    }

    /** The folder of a file; {@code .} at the root. */
    public static String folderOf(String file) {
        int slash = file.lastIndexOf('/');
        return slash < 0 ? "." : file.substring(0, slash);
    }

    public static String nameOf(String file) {
        return file.substring(file.lastIndexOf('/') + 1);
    }

    /** Resolves {@code ../x} against a folder; empty where it leaves the project, or can be no path at all. */
    public static Optional<String> resolve(String folder, String relative) {
        Path path;
        try {
            path = Path.of(folder).resolve(relative.replace('\\', '/')).normalize();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
        // A backslash in the name of a folder is one, where it separates nothing.
        String text = path.toString().replace(File.separatorChar, '/');
        return path.isAbsolute() || text.startsWith("..") ? Optional.empty() : Optional.of(text.isEmpty() ? "." : text);
    }

    public static boolean isInside(String path, String folder) {
        return folder.equals(".") || path.startsWith(folder) && (path.length() == folder.length() || path.charAt(folder.length()) == '/');
    }

    // --- what is there ---

    public boolean exists(String file) {
        return files.exists(file);
    }

    /** As {@link #exists}, also for a file that {@code .gitignore} names: git keeps what was added in spite of it. */
    public boolean isOnDisk(String file) {
        try {
            return exists(file) || Files.isRegularFile(root.resolve(file));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    public boolean isFolder(String folder) {
        return folder.equals(".") || files.isFolder(folder);
    }

    /** Files that are not ignored, in the order of their paths. */
    public Set<String> files() {
        return files.under(".");
    }

    /** Names of the files directly in the folder. */
    public List<String> in(String folder) {
        return files.in(folder);
    }

    /** All files of exactly this name, shallowest first; those aside from the project's own code are left out. */
    public List<String> named(String name) {
        return files.named(name).stream().filter(f -> !isAside(folderOf(f))).toList();
    }

    /** As {@link #named}, and whatever lies in test, example or vendored folders too. */
    public List<String> namedAnywhere(String name) {
        return files.named(name);
    }

    /** All files whose name ends so, shallowest first; those aside are left out. */
    public List<String> ending(String suffix) {
        return files.ending(".", suffix).stream().filter(f -> !isAside(folderOf(f))).sorted(FileTree.SHALLOW_FIRST).toList();
    }

    /** The first of these files that is in the folder. */
    public Optional<String> first(String folder, String... names) {
        for (String name : names) {
            if (exists(join(folder, name))) {
                return Optional.of(join(folder, name));
            }
        }
        return Optional.empty();
    }

    /** Is there any file below the folder for which the glob (of the path from that folder) holds? */
    public boolean any(String folder, String glob) {
        return !matching(folder, glob).isEmpty();
    }

    /** Files below the folder for which the glob holds, such as {@code **}{@code /*_test.go}; {@code **}{@code /} also matches no folder. */
    public List<String> matching(String folder, String glob) {
        String name = glob.startsWith("**/") ? glob.substring(3) : "*";
        if (PLAIN.matcher(name.substring(1)).matches() && (name.startsWith("*") || PLAIN.matcher(name).matches())) {
            return files.ending(folder, name.replace("*", "")).stream().filter(f -> name.startsWith("*") || nameOf(f).equals(name)).toList();
        }
        List<PathMatcher> matchers = new ArrayList<>();
        matchers.add(FileSystems.getDefault().getPathMatcher("glob:" + glob));
        if (glob.startsWith("**/")) {
            matchers.add(FileSystems.getDefault().getPathMatcher("glob:" + glob.substring(3)));
        }
        String prefix = folder.equals(".") ? "" : folder + "/";
        return under(folder).stream()
                .filter(f -> matchers.stream().anyMatch(m -> m.matches(Path.of(f.substring(prefix.length()))))).toList();
    }

    /** The files in and below the folder whose path ends in one of these ways, in the order of their paths: quick also where there are very many others. */
    public List<String> under(String folder, String... endings) {
        return endings.length == 1 ? files.ending(folder, endings[0])
                : List.of(endings).stream().flatMap(ending -> files.ending(folder, ending).stream()).distinct().sorted().toList();
    }

    /** The files in and below the folder, in the order of their paths. */
    public Set<String> under(String folder) {
        return files.under(folder);
    }

    /** Folders that hold at least one file, directly or below, in the order of their paths. */
    public Set<String> folders() {
        return files.folders();
    }

    public boolean isExecutable(String file) {
        return exists(file) && Files.isExecutable(root.resolve(file));
    }

    /** Does the folder hold tests, examples, documentation, generated or vendored code? Its manifests make no component then. */
    public static boolean isAside(String folder) {
        for (String part : folder.split("/")) {
            if (ASIDE.contains(part.toLowerCase(java.util.Locale.ROOT)) || VENDORED.contains(part) || part.length() > 1 && part.startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    /** What a checkout of the project would have: whatever git doesn't ignore, folders of tools included. Walks the project once more. */
    public List<String> checkoutFiles() throws IOException {
        return List.copyOf(FileTree.walk(root, INSTALLED, false, this::report).under("."));
    }

    // --- reading ---

    /** The file's text; empty where it is not there, too large, or can't be read. */
    public Optional<String> text(String file) {
        return texts.computeIfAbsent(file, this::read);
    }

    public List<String> lines(String file) {
        return text(file).map(t -> t.lines().toList()).orElse(List.of());
    }

    /** The number of the first line in which the text stands, or 0. */
    public int lineOf(String file, String wanted) {
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (line.contains(wanted)) {
                return number;
            }
        }
        return 0;
    }

    public Optional<Document> json(String file) {
        return document(file, Parsers.Json::parse);
    }

    public Optional<Document> toml(String file) {
        return document(file, Parsers.Toml::parse);
    }

    /** The first document of the file. */
    public Optional<Document> yaml(String file) {
        return document(file, (name, text) -> Parsers.YamlReader.parseAll(name, text).stream().findFirst()
                .orElseThrow(() -> new Parsers.Malformed("the file is empty", 0)));
    }

    /** All documents of the file; none where it can't be parsed, without a finding: manifests with template marks are no YAML. */
    public List<Document> yamlAll(String file) {
        try {
            return text(file).isPresent() ? Parsers.YamlReader.parseAll(file, text(file).get()) : List.of();
        } catch (Parsers.Malformed e) {
            return List.of();
        }
    }

    Optional<Xml> xml(String file) {
        return xmls.computeIfAbsent(file, this::parseXml);
    }

    Optional<Ini> ini(String file) {
        return inis.computeIfAbsent(file, f -> text(f).map(Ini::parse));
    }

    /** Targets of the task files in the folder: Makefile, justfile, Taskfile, mise.toml. */
    public List<Task> tasks(String folder) {
        return tasks.computeIfAbsent(folder, f -> Tasks.in(this, f));
    }

    /** Variables and targets of the makefile. */
    Recipe.Makefile makefile(String file) {
        return makefiles.computeIfAbsent(file, f -> Recipe.Makefile.of(lines(f)));
    }

    /** Commands that the folder's README, CONTRIBUTING and their like tell people to run: hints, never proof. */
    public List<ProjectFacts.Documented> documented(String folder) {
        return documented.computeIfAbsent(folder, f -> Documentation.in(this, f));
    }

    /** The target of that name in the folder, whichever runner has it. */
    public Optional<Task> task(String folder, String name) {
        return tasks(folder).stream().filter(t -> t.name().equals(name)).findFirst();
    }

    // --- findings ---

    public void report(Finding finding) {
        findings.add(finding);
    }

    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    // --- inside ---

    @FunctionalInterface
    private interface Parser {
        Document parse(String file, String text) throws Parsers.Malformed;
    }

    private Optional<Document> document(String file, Parser parser) {
        Optional<Document> known = documents.get(file);
        if (known != null) {
            return known;
        }
        Optional<Document> document = Optional.empty();
        Optional<String> text = text(file);
        if (text.isPresent()) {
            try {
                document = Optional.of(parser.parse(file, text.get()));
            } catch (Parsers.Malformed e) {
                broken(file, e);
            }
        }
        documents.put(file, document);
        return document;
    }

    private Optional<Xml> parseXml(String file) {
        Optional<String> text = text(file);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Xml.parse(text.get()));
        } catch (Parsers.Malformed e) {
            broken(file, e);
            return Optional.empty();
        }
    }

    private void broken(String file, Parsers.Malformed e) {
        report(Finding.warning("broken-manifest", file + " cannot be parsed: " + e.getMessage(),
                "fix the file; until then what it says is not known", new Evidence(file, e.line, "parse")));
    }

    private Optional<String> read(String file) {
        if (!files.exists(file)) {
            return Optional.empty();
        }
        Path path = root.resolve(file);
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isSymbolicLink() && !path.toRealPath().startsWith(root)) {
                return Optional.empty();
            }
            if ((attributes.isSymbolicLink() ? Files.size(path) : attributes.size()) > MAX_FILE_BYTES) {
                report(Finding.warning("file-too-large", file + " is larger than 5 MB and was not parsed", "", Evidence.of(file, "size")));
                return Optional.empty();
            }
            // Decoding replaces what is no UTF-8 instead of failing.
            return Optional.of(new String(Files.readAllBytes(path), StandardCharsets.UTF_8));
        } catch (IOException | UncheckedIOException e) {
            report(Finding.warning("unreadable-file", file + " cannot be read: " + e.getClass().getSimpleName(), "check its permissions",
                    Evidence.of(file, "read")));
            return Optional.empty();
        }
    }

    /** Versions that {@code .tool-versions} (asdf) and {@code mise.toml} pin, in the component's folder or above it. */
    public static final class VersionFiles {

        /** @param file the path from the root that pins it */
        public record Pin(String version, String file, Evidence evidence) {}

        private VersionFiles() {}

        /** Nearest first, up to the root. @param keys as in the files: {@code nodejs}, {@code node} */
        public static Optional<Pin> find(Project project, String folder, String... keys) {
            for (String at : upwards(folder)) {
                String asdf = Project.join(at, ".tool-versions");
                List<String> lines = project.lines(asdf);
                for (int i = 0; i < lines.size(); i++) {
                    String[] words = lines.get(i).strip().split("\\s+");
                    if (words.length > 1 && List.of(keys).contains(words[0])) {
                        return Optional.of(new Pin(words[1], asdf, new Evidence(asdf, i + 1, "tool-versions")));
                    }
                }
                for (String name : List.of("mise.toml", ".mise.toml")) {
                    String file = Project.join(at, name);
                    Optional<Document> mise = project.exists(file) ? project.toml(file) : Optional.empty();
                    for (String key : keys) {
                        String version = mise.map(d -> d.texts("tools", key).stream().findFirst().orElse(d.text("tools", key, "version"))).orElse("");
                        if (!version.isEmpty()) {
                            return Optional.of(new Pin(version, file, mise.get().evidence("mise", "tools", key)));
                        }
                    }
                }
            }
            return Optional.empty();
        }

        /** The first line that says something of the nearest such file, from the folder up to the root. */
        public static Optional<Pin> line(Project project, String folder, String name, String rule) {
            for (String at : upwards(folder)) {
                String file = Project.join(at, name);
                List<String> lines = project.lines(file);
                for (int i = 0; i < lines.size(); i++) {
                    String line = lines.get(i).strip();
                    if (!line.isEmpty() && !line.startsWith("#")) {
                        return Optional.of(new Pin(line, file, new Evidence(file, i + 1, rule)));
                    }
                }
            }
            return Optional.empty();
        }

        /** The folder and its parents, up to {@code .}. */
        public static List<String> upwards(String folder) {
            List<String> folders = new ArrayList<>();
            for (String at = folder; ; at = Project.folderOf(at)) {
                folders.add(at);
                if (at.equals(".")) {
                    return folders;
                }
            }
        }
    }
}
