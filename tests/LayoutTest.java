import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import support.Checkout;
import support.JavaSource;
import support.Shipped;

/** The rules of the house, checked where they can be: what is listed where, who may import whom, who may print and who may run things. */
class LayoutTest {
    /** Without the catalog: what a first run by URL fetches, one after the other. The catalogue of three clouds is 50 files by itself. */
    private static final Map<String, Integer> MAX_FETCHED = Map.of("pipeline_generator.java", 100, "terraform_scaffolder.java", 140);
    private static final int MAX_LINES = 600;
    /** What each package may import besides itself: only stages before it. */
    private static final Map<String, Set<String>> BEFORE = Map.of(
            "cli", Set.of(),
            "scan", Set.of("cli"),
            "plan", Set.of("scan"),
            "render", Set.of("scan", "plan", "cli"),
            "verify", Set.of("scan", "plan", "render", "cli"),
            "write", Set.of("scan", "plan", "render", "verify", "judge", "cli"),
            "run", Set.of("scan", "plan", "render", "verify", "cli"),
            "judge", Set.of("scan", "plan", "cli"),
            "deploy", Set.of("scan", "plan", "judge", "cli"));
    /** A package has more than one where not every tool needs all of it. */
    private static final Map<String, List<String>> INDEX = Map.of("cli", List.of("CommonOptions"), "scan", List.of("Languages", "Manifests"),
            "plan", List.of("PipelinePlanner", "InfrastructurePlanner", "RolloutPlanner"), "render", List.of("CiPlatforms", "TerraformModules", "TerraformCi", "Templates"),
            "verify", List.of("Checks", "TerraformChecks"), "write", List.of("PipelineReport", "TerraformReport", "DeploymentReport", "WritePlan"), "run", List.of("LocalRun", "EngineRun", "RunResult"), "judge", List.of("Judges"), "deploy", List.of("Targets"));
    private static final String RECIPE = """

            add a language:  lib/scan/XLanguage.java (implements Language), its name twice in lib/scan/Languages.java, tests/examples/x-basic/project, ./jbang test --update
            add a platform:  lib/render/X.java (implements CiPlatform) and templates/pipeline/x/, its name twice in lib/render/CiPlatforms.java, ./jbang test --update
            add a check:     lib/verify/X.java (implements Check), its name twice in lib/verify/Checks.java, its rule's id in references/cicd_pipeline_guide.md
            add a module:    templates/terraform/<cloud>/x.ftl, its entry in data/terraform/<cloud>.yaml, a //FILES line in lib/render/TerraformModules.java
            the whole of each recipe, and the rules behind it: CONTRIBUTING.md
            """;

    private final Path root = Checkout.root();
    private final List<Path> lib = files("lib", ".java");
    private final List<Path> scripts = Shipped.scripts(root);

    // --- what is listed where ---

    @Test
    void everyShippedFileIsListedInOneIndex() {
        Map<String, List<String>> listedBy = new TreeMap<>();
        for (Path file : lib) {
            Shipped.listed(root, file).forEach(l -> listedBy.computeIfAbsent(l.path(), p -> new ArrayList<>()).add(name(file)));
        }
        Set<String> ofScripts = scripts.stream().flatMap(s -> Shipped.listed(root, s).stream()).map(Shipped.Listed::path).collect(Collectors.toSet());
        List<String> wrong = new ArrayList<>();
        for (Path file : Stream.of(lib, files("templates", ""), files("data", "")).flatMap(List::stream).toList()) {
            List<String> by = listedBy.getOrDefault(name(file), List.of());
            // Two tools may each have an index of what they share; no tool has both of these.
            boolean isTwice = scripts.stream().map(s -> Shipped.closure(root, s)).anyMatch(c -> by.stream().filter(c::contains).count() > 1);
            if (isTwice || by.isEmpty() && !ofScripts.contains(name(file))) {
                wrong.add(name(file) + ": " + (by.isEmpty() ? "in no index; " + recipe(file) : "listed by " + by));
            }
        }
        none(wrong, "each file is listed once: a lib file by a //SOURCES line of its package's index, a template or data file by a //FILES line of the class that reads it");
    }

    @Test
    void eachPackageHasOneIndexThatListsItsOwnFilesOnly() {
        List<String> wrong = new ArrayList<>();
        for (Path file : lib) {
            String folder = name(file.getParent());
            for (Shipped.Listed each : Shipped.listed(root, file)) {
                boolean isSource = each.path().endsWith(".java");
                List<String> indexes = INDEX.get(name(file.getParent().getFileName()));
                if (isSource && indexes.stream().noneMatch(i -> name(file).equals(folder + "/" + i + ".java"))) {
                    wrong.add(name(file) + " lists " + each.path() + ", which is the work of the index, " + String.join(" or ", indexes));
                }
                if (isSource && !name(Path.of(each.path()).getParent()).equals(folder)) {
                    wrong.add(name(file) + " lists " + each.path() + " of another package");
                }
            }
        }
        none(wrong, "the indexes are " + new TreeMap<>(INDEX));
    }

    @Test
    void listsNameSingleFilesByTheirPath() {
        List<String> wrong = new ArrayList<>();
        for (Path file : Stream.concat(scripts.stream(), lib.stream()).toList()) {
            for (Shipped.Listed each : Shipped.listed(root, file)) {
                if (each.written().matches(".*[*?{\\[].*") || !Files.isRegularFile(root.resolve(each.path()))) {
                    wrong.add(name(file) + " lists " + each.written() + ", which is no single file");
                } else if (!each.target().isEmpty() && !each.target().equals(each.path())) {
                    wrong.add(name(file) + " puts " + each.path() + " at " + each.target() + " of the class path");
                }
            }
        }
        none(wrong, "globs and folders work from a checkout and fail by URL; //FILES flattens, so write //FILES templates/x/=../../templates/x/a.ftl");
    }

    @Test
    void aToolIsFetchedWithFewFiles() {
        for (Path script : scripts) {
            Set<String> closure = Shipped.closure(root, script);
            int max = MAX_FETCHED.getOrDefault(name(script), 100);
            assertTrue(closure.size() <= max, () -> name(script) + " needs " + closure.size() + " files, of which a first run by URL fetches each by a request of"
                    + " its own; at most " + max + " are allowed: merge small ones that change together. By folder: "
                    + closure.stream().collect(Collectors.groupingBy(f -> f.contains("/") ? f.substring(0, f.lastIndexOf('/')) : ".", TreeMap::new, Collectors.counting())));
        }
    }

    @Test
    void registriesListWhatThereIs() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String[] each : new String[][] {{"scan", "Languages", "Language"}, {"render", "CiPlatforms", "CiPlatform"}, {"verify", "Checks", "Check"},
            {"verify", "TerraformChecks", "TreeCheck"}}) {
            String registry = JavaSource.withoutComments(Files.readString(root.resolve("lib/" + each[0] + "/" + each[1] + ".java")));
            Pattern implementing = Pattern.compile("\\bclass (\\w+)(?: extends \\w+)? implements (?:\\w+, )*" + each[2] + "\\b");
            for (Path file : files("lib/" + each[0], ".java")) {
                Matcher found = implementing.matcher(JavaSource.withoutComments(Files.readString(file)));
                while (found.find()) {
                    if (!registry.contains("new " + found.group(1) + "(")) {
                        wrong.add(found.group(1) + " is not in the list of " + each[1]);
                    }
                }
            }
        }
        none(wrong, "a registry is the //SOURCES index of its package and the list at run time");
    }

    @Test
    void everyTemplateIsUsed() throws IOException {
        Set<String> words = new TreeSet<>();
        for (Path file : files("lib/render", ".java")) {
            words.addAll(JavaSource.strings(Files.readString(file)));
        }
        Set<String> included = new TreeSet<>();
        for (Path file : files("templates", ".ftl")) {
            Matcher include = Pattern.compile("<#(?:import|include) \"([^\"]+)\"").matcher(Files.readString(file));
            while (include.find()) {
                included.add(name(include.group(1).startsWith("/") ? root.resolve("templates" + include.group(1)) : file.resolveSibling(include.group(1)).normalize()));
            }
        }
        List<String> wrong = new ArrayList<>();
        for (Path file : files("templates", "")) {
            String path = name(root.resolve("templates").relativize(file)).replaceFirst("\\.ftl$", "");
            // The module's id is a value of the catalogue, and a test of the catalogue finds its template.
            boolean isOfCatalogue = path.matches("terraform/(aws|gcp|azure)/[\\w-]+");
            boolean isFilled = isOfCatalogue || words.stream().anyMatch(w -> w.length() > 4 && (path.equals(w) || path.endsWith("/" + w)));
            if (!isFilled && !included.contains(name(file))) {
                wrong.add(name(file));
            }
        }
        none(wrong, "a template is filled by a class of lib/render, or imported by one that is");
    }

    // --- who may know whom ---

    @Test
    void stagesImportOnlyThoseBeforeThem() throws IOException {
        List<String> wrong = new ArrayList<>();
        Pattern use = Pattern.compile("\\blib\\.([a-z]+)\\.(\\w+)");
        for (Path file : lib) {
            String own = name(file.getParent().getFileName());
            Set<String> allowed = BEFORE.get(own);
            assertTrue(allowed != null, () -> "lib/" + own + " is no stage: put it into LayoutTest.BEFORE and into the picture of the README");
            Matcher found = use.matcher(JavaSource.withoutComments(Files.readString(file)));
            while (found.find()) {
                // An expected failure is a word of every stage; what prints or parses a command line is not.
                boolean isFailure = found.group(1).equals("cli") && found.group(2).equals("Failure");
                if (!found.group(1).equals(own) && !allowed.contains(found.group(1)) && !isFailure) {
                    wrong.add(name(file) + " uses " + found.group());
                }
            }
        }
        none(wrong, "data goes one way: scan, plan, render, verify, then write or run; lib.cli may be used by all but plan");
    }

    /** Comments may speak of platforms, to say what differs between them. */
    @Test
    void plansKnowNoPlatform() throws IOException {
        // A registry that packages go to, as npm or pypi; that it has the name of a platform's owner is no knowledge of the platform.
        Set<String> registries = Set.of("github-releases");
        Pattern platform = Pattern.compile("(?i)github|gitlab|circle_?-?ci|jenkins|workflow");
        List<String> wrong = new ArrayList<>();
        for (Path file : files("lib/plan", ".java")) {
            int number = 0;
            for (String line : JavaSource.withoutComments(Files.readString(file)).lines().toList()) {
                number++;
                String rest = line;
                for (String registry : registries) {
                    rest = rest.replace("\"" + registry + "\"", "");
                }
                if (platform.matcher(rest).find()) {
                    wrong.add(name(file) + ":" + number + ": " + line.strip());
                }
            }
        }
        none(wrong, "a plan is in words that all platforms have; what one platform needs is decided in lib/render");
    }

    @Test
    void onlyTheConsolePrintsAndOnlyScriptsExit() throws IOException {
        List<String> wrong = new ArrayList<>();
        Pattern print = Pattern.compile("System\\s*\\.\\s*(out|err|exit|console)\\b|Runtime\\.getRuntime\\(\\)\\s*\\.\\s*(exit|halt)|\\.printStackTrace\\(\\)");
        for (Path file : lib) {
            if (!name(file).equals("lib/cli/Console.java")) {
                places(file, print).forEach(wrong::add);
            }
        }
        none(wrong, "output goes through lib.cli.Console, and an exit code is returned");
    }

    @Test
    void onlyLocalRunsStartProcesses() throws IOException {
        List<String> wrong = new ArrayList<>();
        Pattern start = Pattern.compile("ProcessBuilder|Runtime\\.getRuntime\\(\\)\\s*\\.\\s*exec|ScriptEngine|URLClassLoader|java\\.net\\.http|openConnection|openStream");
        for (Path file : lib) {
            if (!name(file.getParent()).equals("lib/run") && !name(file.getParent()).equals("lib/deploy")) {
                places(file, start).forEach(wrong::add);
            }
        }
        none(wrong, "nothing of a project is executed, and nothing is fetched, but by --run and by a deployment");
    }

    // --- the rest ---

    @Test
    void theCatalogSaysOnlyWhereAScriptIsAndWhatItDoes() throws IOException {
        JsonNode aliases = new ObjectMapper().readTree(root.resolve("jbang-catalog.json").toFile()).path("aliases");
        List<String> wrong = new ArrayList<>();
        Set<String> referred = new LinkedHashSet<>();
        for (var alias = aliases.fields(); alias.hasNext(); ) {
            var entry = alias.next();
            Set<String> keys = new TreeSet<>();
            entry.getValue().fieldNames().forEachRemaining(keys::add);
            assertEquals(Set.of("description", "script-ref"), keys, "sources and files of an alias would be looked for in the caller's folder: " + entry.getKey());
            Path script = root.resolve(entry.getValue().path("script-ref").asText());
            referred.add(name(script));
            String description = Files.readAllLines(script).stream().filter(l -> l.startsWith("//DESCRIPTION ")).map(l -> l.substring(14)).findFirst().orElse("");
            if (!entry.getValue().path("description").asText().equals(description)) {
                wrong.add(entry.getKey() + ": its description is not the //DESCRIPTION of " + name(script));
            }
            if (Files.exists(root.resolve(entry.getKey()))) {
                wrong.add(entry.getKey() + ": a file or folder of this name hides the alias");
            }
        }
        scripts.stream().map(this::name).filter(s -> !referred.contains(s)).forEach(s -> wrong.add(s + " has no alias"));
        none(wrong, "the aliases of jbang-catalog.json");
    }

    /** Few files are fetched, so that a file holds what changes together; each of its classes stays small. */
    @Test
    void classesStaySmall() throws IOException {
        List<String> wrong = new ArrayList<>();
        Pattern topLevel = Pattern.compile("^(?:public |final |abstract |sealed |non-sealed )*(?:class|record|enum|interface) (\\w+)");
        for (Path file : Stream.of(lib, scripts, files("tests", ".java")).flatMap(List::stream).filter(f -> !name(f).startsWith("tests/examples/")).toList()) {
            int start = 0;
            int number = 0;
            String open = "";
            for (String line : Files.readAllLines(file)) {
                number++;
                Matcher opening = topLevel.matcher(line);
                if (opening.find()) {
                    open = opening.group(1);
                    start = number;
                }
                if (line.equals("}") && number - start > MAX_LINES) {
                    wrong.add(open + " in " + name(file) + " has " + (number - start) + " lines");
                }
            }
        }
        none(wrong, "about 250 lines are a good size, and " + MAX_LINES + " are too many: split what changes for different reasons");
    }

    // --- parts ---

    private String recipe(Path file) {
        String folder = name(file.getParent());
        return folder.startsWith("lib/") ? "add it to a //SOURCES line of " + folder + "/" + String.join(" or ", INDEX.getOrDefault(name(file.getParent().getFileName()), List.of("its index"))) + ".java"
                : "add //FILES " + folder + "/=../../" + name(file) + " to the class that reads it";
    }

    private List<String> places(Path file, Pattern pattern) throws IOException {
        List<String> places = new ArrayList<>();
        int number = 0;
        for (String line : JavaSource.withoutComments(Files.readString(file)).lines().toList()) {
            number++;
            if (pattern.matcher(line).find()) {
                places.add(name(file) + ":" + number + ": " + line.strip());
            }
        }
        return places;
    }

    private static void none(List<String> wrong, String rule) {
        assertTrue(wrong.isEmpty(), () -> rule + "\n  " + String.join("\n  ", wrong) + RECIPE);
    }

    private List<Path> files(String folder, String suffix) {
        if (!Files.isDirectory(Checkout.root().resolve(folder))) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(Checkout.root().resolve(folder))) {
            return paths.filter(p -> Files.isRegularFile(p) && p.toString().endsWith(suffix)).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String name(Path file) {
        return (file.isAbsolute() ? root.relativize(file) : file).toString().replace('\\', '/');
    }
}
