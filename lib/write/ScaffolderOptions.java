package lib.write;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.cli.CommandLines.Names;
import lib.cli.Failure;
import lib.plan.Catalogue;
import lib.plan.Catalogue.Module;
import lib.plan.Infrastructure;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.EngineVersion;
import lib.plan.Infrastructure.Environment;
import lib.plan.Infrastructure.Feature;
import lib.plan.Infrastructure.Import;
import lib.plan.Infrastructure.Layout;
import lib.plan.Infrastructure.Request;
import lib.plan.InfrastructurePlanner.Choice;
import lib.render.TerraformCi;
import lib.scan.Document;
import lib.scan.Finding;
import lib.scan.Hcl;
import lib.scan.Project;
import picocli.CommandLine.Option;

/**
 * What a user asks of the scaffolder: on the command line, else in the file of {@code --config}, else when this tree was made before.
 *
 * <p>A tree only grows by being asked for more: an environment that isn't named stays, and of a module that is no longer wanted the
 * resources live on.
 */
public final class ScaffolderOptions {
    /** The keys of the file; each is also an option, but {@code tags} and {@code environments} say more than their options can. */
    public static final List<String> KEYS = List.of("provider", "environments", "modules", "name", "region", "team", "owner", "cost-center", "tags", "existing-cidrs", "layout",
            "engine", "target-version", "state-store", "ci");
    public static final String NO_CI = "none";
    private static final List<String> PROFILES = List.of("dev", "staging", "production");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--provider", split = ",", paramLabel = "CLOUD", description = "aws, gcp, azure; several with commas, or all: then each has a folder of its own.")
    public List<String> providers = List.of();

    @Option(names = "--env", split = ",", paramLabel = "NAME", description = "dev, staging, production (all three without it), or other names with --like.")
    public List<String> environments = List.of();

    @Option(names = "--like", paramLabel = "ENV", description = "Whose sizes environments of other names have: dev, staging or production.")
    public String like = "";

    @Option(names = "--modules", split = ",", paramLabel = "NAME", description = "By id, alias or capability, see --list-modules; or all. Without it a small useful set.")
    public List<String> modules = List.of();

    @Option(names = "--name", paramLabel = "NAME", description = "What all names begin with; without it that of the folder.")
    public String name = "";

    @Option(names = "--region", split = ",", paramLabel = "REGION", description = "A region, or with several providers aws=REGION,gcp=REGION.")
    public List<String> regions = List.of();

    @Option(names = "--team", paramLabel = "TAG", description = "The tag team.")
    public String team = "";

    @Option(names = "--owner", paramLabel = "TAG", description = "The tag owner.")
    public String owner = "";

    @Option(names = "--cost-center", paramLabel = "TAG", description = "The tag cost-center.")
    public String costCenter = "";

    @Option(names = "--existing-cidrs", split = ",", paramLabel = "CIDR", description = "Networks that are there already; planned ones keep clear of them.")
    public List<String> existingCidrs = List.of();

    @Option(names = "--layout", paramLabel = "KIND", description = "environment: one state each (the default); component: one state for each module of each.")
    public String layout = "";

    @Option(names = "--engine", paramLabel = "NAME", description = "terraform (the default) or tofu.")
    public String engine = "";

    @Option(names = "--target-version", paramLabel = "X.Y", description = "The oldest version of the engine that must read the files, from 1.5.")
    public String targetVersion = "";

    @Option(names = "--state-store", paramLabel = "NAME", description = "The bucket or storage account of the states; without it NAME-tfstate.")
    public String stateStore = "";

    @Option(names = "--ci", paramLabel = "PLATFORM", description = "github-actions, gitlab-ci or none; without it what the tree's own repository uses, and none inside another repository.")
    public String ci = "";

    @Option(names = "--config", paramLabel = "FILE", description = "All of the above in one YAML file; its schema is schemas/infra.schema.json.")
    public Path config;

    @Option(names = "--add", split = ",", paramLabel = "MODULE", description = "Add modules to the tree that is there.")
    public List<String> add = List.of();

    @Option(names = "--remove", split = ",", paramLabel = "MODULE", description = "Take modules out of the tree that is there; their resources live on, unmanaged.")
    public List<String> remove = List.of();

    @Option(names = "--import", paramLabel = "FILE", description = "Existing infrastructure, as JSON: {\"resources\": [{\"environment\", \"address\", \"id\"}]}.")
    public Path imports;

    /** What came of it. @param ci the platform whose CI the tree gets, or {@code none}; @param settings for the manifest */
    public record Resolved(Request request, String ci, List<Choice> choices, SortedMap<String, String> settings, List<Finding> findings) {}

    /** Whether it is said, anywhere, which cloud the tree is for, or else that there is a tree already. */
    public boolean namesProvider(Path cwd, Manifest manifest) {
        return !add.isEmpty() || !remove.isEmpty() || !providers.isEmpty() || !file(cwd).texts("provider").isEmpty() || manifest.settings().containsKey("provider");
    }

    /** Terraform that is not this tool's is never touched. */
    public static void requireOwn(Path root, Manifest manifest, String shown) throws IOException {
        if (manifest.origin().raw() != null || !Files.isDirectory(root)) {
            return;
        }
        Project there = Project.open(root);
        List<String> foreign = new ArrayList<>(there.ending(".tf"));
        foreign.addAll(there.ending(".tofu"));
        if (!foreign.isEmpty()) {
            throw Failure.cannotProceed("there is Terraform in " + shown + " that this tool did not write: " + foreign.get(0) + (foreign.size() > 1 ? " and " + (foreign.size() - 1) + " more" : "")
                    + "; nothing was touched", "write into an empty folder, and take over what exists with --import inventory.json");
        }
    }

    public Resolved resolve(Path cwd, Path root, Manifest manifest, Function<String, Catalogue> catalogues) {
        return new Resolver(file(cwd), cwd, root, manifest, catalogues).resolve();
    }

    private Document file(Path cwd) {
        if (config == null) {
            return empty();
        }
        Path path = cwd.resolve(config);
        try {
            Document document = Document.ofYaml(config.toString(), Files.readString(path));
            validate(document);
            return document;
        } catch (IOException e) {
            throw Failure.cannotProceed("cannot read the configuration " + config, "check the path given with --config");
        } catch (Document.Broken e) {
            throw Failure.usage(config + (e.line > 0 ? ":" + e.line : "") + ": " + e.getMessage(), "correct the file");
        }
    }

    private static Document empty() {
        try {
            return Document.ofYaml("", "{}\n");
        } catch (Document.Broken e) {
            throw new IllegalStateException(e);
        }
    }

    private static void validate(Document file) {
        List<String> wrong = new ArrayList<>();
        unknown(file, KEYS, wrong);
        for (int i = 0; i < file.at("environments").size(); i++) {
            String at = String.valueOf(i);
            if (file.at("environments", at).isObject()) {
                unknown(file, List.of("name", "like", "cidr"), wrong, "environments", at);
            }
        }
        for (String key : List.of("provider", "environments", "modules", "existing-cidrs")) {
            if (file.has(key) && file.at(key).isObject()) {
                wrong.add(file.evidence("config", key).place() + ": " + key + " is a list");
            }
        }
        for (String key : List.of("name", "team", "owner", "cost-center", "layout", "engine", "target-version", "state-store")) {
            if (file.has(key) && !file.at(key).isValueNode()) {
                wrong.add(file.evidence("config", key).place() + ": " + key + " is a text");
            }
        }
        if (!wrong.isEmpty()) {
            throw Failure.usage(String.join("\n  ", wrong), "see schemas/infra.schema.json");
        }
    }

    private static void unknown(Document file, List<String> known, List<String> wrong, String... at) {
        for (String key : file.keys(at)) {
            if (!known.contains(key)) {
                List<String> path = new ArrayList<>(List.of(at));
                path.add(key);
                String near = Names.nearest(key, known);
                wrong.add(file.evidence("config", path.toArray(String[]::new)).place() + ": unknown key " + key
                        + (near.isEmpty() ? "; known: " + String.join(", ", known) : ", did you mean " + near + "?"));
            }
        }
    }

    /** One run's worth of deciding. */
    private final class Resolver {
        private final Document file;
        private final Path cwd;
        private final Path root;
        private final Manifest manifest;
        private final Function<String, Catalogue> catalogues;
        private final List<Finding> findings = new ArrayList<>();
        private final SortedMap<String, String> settings = new TreeMap<>();

        Resolver(Document file, Path cwd, Path root, Manifest manifest, Function<String, Catalogue> catalogues) {
            this.file = file;
            this.cwd = cwd;
            this.root = root;
            this.manifest = manifest;
            this.catalogues = catalogues;
        }

        Resolved resolve() {
            requireTree();
            List<String> clouds = clouds();
            Engine chosenEngine = chosen("engine", engine, Engine.values(), Engine::id, Engine.TERRAFORM);
            Layout chosenLayout = chosen("layout", layout, Layout.values(), Layout::id, Layout.ENVIRONMENT);
            keep("layout", chosenLayout.id(), "the states of one layout can't be read by the other");
            EngineVersion target = target(chosenEngine);
            String prefix = name();
            List<Environment> named = environments();
            Map<String, String> where = regions(clouds);
            List<String> cidrs = list("existing-cidrs", existingCidrs);
            String store = text("state-store", stateStore);

            Set<String> removed = new TreeSet<>(split(manifest.settings().get("removed")));
            List<Choice> choices = new ArrayList<>();
            Set<String> known = new TreeSet<>();
            clouds.forEach(c -> known.addAll(catalogues.apply(c).names().keySet()));
            requireKnown(known);
            for (String cloud : clouds) {
                choices.add(choice(catalogues.apply(cloud), removed));
            }
            if (!removed.isEmpty() && target != null && !new Infrastructure.Features(chosenEngine, target).has(Feature.REMOVED_BLOCKS)) {
                throw Failure.usage("a module is taken out by a removed block, which " + chosenEngine.title() + " " + target + " can't read; without it the next apply would destroy "
                        + String.join(", ", removed), "give --target-version " + Feature.REMOVED_BLOCKS.since(chosenEngine) + " or a later one");
            }
            settings.put("removed", String.join(",", removed));
            String platform = platform();
            Request request = new Request(prefix, named, where, tags(), cidrs, chosenLayout, chosenEngine, target, store, List.copyOf(removed), imports(named, choices), TerraformCi.host(platform));
            settings.values().removeIf(String::isEmpty);
            return new Resolved(request, platform, List.copyOf(choices), settings, List.copyOf(findings));
        }

        /** CI belongs to the root of a repository. In a part of one, it is the project's whole pipeline that has to know the tree. */
        private String platform() {
            List<String> known = new ArrayList<>(TerraformCi.ids());
            known.add(NO_CI);
            String given = text("ci", ci);
            if (!given.isEmpty()) {
                return Names.check("platform", List.of(given), known).get(0);
            }
            Path above = root.getParent();
            while (above != null && !Files.exists(above.resolve(".git"))) {
                above = above.getParent();
            }
            boolean isPart = above != null && !Files.exists(root.resolve(".git"));
            if (isPart) {
                findings.add(Finding.info("no-ci", "the tree is a part of the repository " + above.getFileName() + ", whose CI is not changed here",
                        "let pipeline_generator.java write it, with --stages lint,test,deploy; or choose --ci github-actions or gitlab-ci"));
            }
            String chosen = isPart ? NO_CI : Files.exists(root.resolve(".gitlab-ci.yml")) ? "gitlab-ci" : "github-actions";
            settings.put("ci", chosen);
            return chosen;
        }

        private void requireTree() {
            if ((!add.isEmpty() || !remove.isEmpty()) && !manifest.isPresent()) {
                throw Failure.cannotProceed("--add and --remove change a tree that this tool made, and there is none in " + root.getFileName(), "make one first, with --provider and --modules");
            }
            if (!modules.isEmpty() && (!add.isEmpty() || !remove.isEmpty())) {
                throw Failure.usage("--modules says the whole set, --add and --remove a change of it", "give one of them");
            }
        }

        private List<String> clouds() {
            List<String> asked = providers.isEmpty() ? file.texts("provider") : providers;
            asked = asked.contains("all") ? Catalogue.CLOUDS : Names.check("provider", asked, Catalogue.CLOUDS);
            List<String> before = split(manifest.settings().get("provider")).stream().filter(Catalogue.CLOUDS::contains).toList();
            Set<String> all = new LinkedHashSet<>(before);
            all.addAll(asked);
            if (before.size() == 1 && all.size() > 1) {
                throw Failure.cannotProceed("this tree is for " + before.get(0) + " alone; with another provider beside it all its files would move into " + before.get(0) + "/",
                        "give the other provider a folder of its own");
            }
            List<String> clouds = Catalogue.CLOUDS.stream().filter(all::contains).toList();
            settings.put("provider", String.join(",", clouds));
            return clouds;
        }

        private EngineVersion target(Engine chosen) {
            String text = text("target-version", targetVersion);
            if (text.isEmpty()) {
                return null;
            }
            EngineVersion target = EngineVersion.of(text);
            EngineVersion lowest = new Infrastructure.Features(chosen, null).floor(Set.of());
            if (target.compareTo(lowest) < 0) {
                throw Failure.usage(chosen.title() + " " + target + " is older than anything that can be written for: import blocks and validations need " + lowest, "give --target-version "
                        + lowest + " or a later one");
            }
            Infrastructure.Features features = new Infrastructure.Features(chosen, target);
            Arrays.stream(Feature.values()).filter(f -> f.since(chosen) != null && !features.has(f)).forEach(f -> findings.add(Finding.info("degraded",
                    chosen.title() + " " + target + " has no " + f.about + " (since " + f.since(chosen) + "): the files do without", "")));
            return target;
        }

        private String name() {
            String given = text("name", ScaffolderOptions.this.name);
            if (given.isEmpty()) {
                String folder = root.getFileName() == null ? "" : root.getFileName().toString().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^[^a-z]+|-+$", "");
                given = folder.length() > 20 ? folder.substring(0, 20).replaceAll("-+$", "") : folder;
                findings.add(Finding.info("name-chosen", "all names begin with that of the folder, " + given, "give another with --name"));
            }
            if (!given.matches("[a-z][a-z0-9-]{0,30}[a-z0-9]")) {
                throw Failure.usage("the name '" + given + "' can't begin names of resources", "give 2 to 32 lower-case letters, digits and dashes with --name, such as shop");
            }
            keep("name", given, "every resource would be made anew");
            return given;
        }

        /** What is there already can't be changed by an option. */
        private void keep(String setting, String value, String otherwise) {
            String before = manifest.settings().getOrDefault(setting, value);
            if (!before.equals(value)) {
                throw Failure.cannotProceed("this tree has the " + setting + " " + before + ", not " + value + ": " + otherwise, "make another tree elsewhere, and move states by hand");
            }
            settings.put(setting, value);
        }

        private List<Environment> environments() {
            Map<String, Environment> all = new LinkedHashMap<>();
            split(manifest.settings().get("environments")).forEach(text -> {
                String[] parts = text.split(":", -1);
                if (parts.length == 3 && isEnvironment(parts[0]) && PROFILES.contains(parts[1])) {
                    all.put(parts[0], new Environment(parts[0], parts[1], parts[2]));
                }
            });
            List<Environment> asked = environments.isEmpty() ? ofFile() : environments.stream().map(n -> environment(n, like, "")).toList();
            if (asked.isEmpty() && all.isEmpty()) {
                asked = PROFILES.stream().map(p -> new Environment(p, p, "")).toList();
            }
            for (Environment environment : asked) {
                Environment before = all.get(environment.name());
                if (before != null && !environment.cidr().isEmpty() && !before.cidr().equals(environment.cidr())) {
                    throw Failure.cannotProceed("the addresses of " + environment.name() + " are " + before.cidr() + "; a network can't change them", "leave them, or name another environment");
                }
                all.put(environment.name(), before == null ? environment : new Environment(environment.name(), environment.profile(), before.cidr()));
            }
            List<Environment> ordered = new ArrayList<>();
            PROFILES.stream().filter(all::containsKey).forEach(p -> ordered.add(all.remove(p)));
            ordered.addAll(new TreeMap<>(all).values());
            return ordered;
        }

        private List<Environment> ofFile() {
            List<Environment> named = new ArrayList<>();
            for (int i = 0; i < file.at("environments").size(); i++) {
                String at = String.valueOf(i);
                boolean isObject = file.at("environments", at).isObject();
                named.add(isObject ? environment(file.text("environments", at, "name"), file.text("environments", at, "like"), file.text("environments", at, "cidr"))
                        : environment(file.text("environments", at), like, ""));
            }
            return named;
        }

        private Environment environment(String given, String like, String cidr) {
            String clean = given.strip();
            if (PROFILES.contains(clean)) {
                return new Environment(clean, clean, cidr);
            }
            if (like.isEmpty() || !isEnvironment(clean)) {
                String near = Names.nearest(clean, PROFILES);
                throw Failure.usage("unknown environment '" + clean + "'", (near.isEmpty() ? "" : "did you mean '" + near + "'? ") + (isEnvironment(clean)
                        ? "another name needs --like dev, staging or production" : "a name has lower-case letters, digits and dashes, and at most 16"));
            }
            return new Environment(clean, Names.check("environment for --like", List.of(like), PROFILES).get(0), cidr);
        }

        private static boolean isEnvironment(String name) {
            return name.matches("[a-z][a-z0-9-]{0,14}[a-z0-9]") && !name.equals("bootstrap");
        }

        private Map<String, String> regions(List<String> clouds) {
            List<String> asked = new ArrayList<>(regions);
            if (asked.isEmpty() && file.at("region").isObject()) {
                file.keys("region").forEach(cloud -> asked.add(cloud + "=" + file.text("region", cloud)));
            } else if (asked.isEmpty() && file.has("region")) {
                asked.add(file.text("region"));
            } else if (asked.isEmpty()) {
                asked.addAll(split(manifest.settings().get("region")));
            }
            Map<String, String> chosen = new LinkedHashMap<>();
            for (String each : asked) {
                int equals = each.indexOf('=');
                String region = each.substring(equals + 1).strip();
                for (String cloud : equals < 0 ? clouds : Names.check("provider", List.of(each.substring(0, equals)), clouds)) {
                    Names.check("region of " + cloud, List.of(region), catalogues.apply(cloud).provider().regions());
                    chosen.put(cloud, region);
                }
            }
            clouds.forEach(c -> chosen.putIfAbsent(c, catalogues.apply(c).provider().defaultRegion()));
            settings.put("region", chosen.entrySet().stream().map(Object::toString).collect(Collectors.joining(",")));
            return chosen;
        }

        private void requireKnown(Set<String> known) {
            Stream.of(modules, add, remove, file.texts("modules")).forEach(names -> Names.check("module", names.stream().filter(n -> !n.equals("all")).toList(), known));
        }

        /** The modules of one cloud; those that were there and are no longer wanted are added to the removed ones. */
        private Choice choice(Catalogue catalogue, Set<String> removed) {
            String setting = "modules " + catalogue.provider().id();
            Set<String> before = new LinkedHashSet<>(split(manifest.settings().get(setting)));
            Set<String> ids = new LinkedHashSet<>();
            List<String> asked = modules.isEmpty() ? file.texts("modules") : modules;
            if (!add.isEmpty() || !remove.isEmpty() || asked.isEmpty() && !before.isEmpty()) {
                before.stream().map(id -> current(catalogue, id)).filter(id -> !id.isEmpty()).forEach(ids::add);
            } else if (asked.isEmpty()) {
                ids.addAll(catalogue.defaults());
                findings.add(Finding.info("modules-chosen", "the small set of " + catalogue.provider().id() + ": " + String.join(", ", ids), "choose others with --modules, see --list-modules"));
            } else if (asked.contains("all")) {
                catalogue.modules().forEach(m -> ids.add(m.id()));
            } else {
                asked.forEach(n -> add(catalogue, n, ids));
            }
            add.forEach(n -> add(catalogue, n, ids));
            Map<String, String> names = catalogue.names();
            remove.stream().map(n -> names.getOrDefault(n.strip(), "")).forEach(ids::remove);
            catalogue.modules().stream().filter(m -> m.capability().equals("state")).forEach(m -> ids.remove(m.id()));
            if (ids.isEmpty()) {
                throw Failure.usage("no module of " + catalogue.provider().id() + " is left to write", "name one with --modules, see --list-modules");
            }
            for (String id : before) {
                if (!current(catalogue, id).isEmpty() && !ids.contains(current(catalogue, id)) && removed.add(id)) {
                    findings.add(Finding.warning("module-removed", "module " + id + " is taken out; a removed block in every environment keeps its resources from being destroyed",
                            "delete them by hand when nobody needs them"));
                }
            }
            removed.removeAll(ids);
            List<String> ordered = catalogue.modules().stream().map(Module::id).filter(ids::contains).toList();
            settings.put(setting, String.join(",", ordered));
            return new Choice(catalogue, ordered, before);
        }

        private static void add(Catalogue catalogue, String name, Set<String> ids) {
            String id = catalogue.names().get(name.strip());
            if (id != null) {
                ids.add(id); // a name that only another of the clouds knows is that one's
            }
        }

        /** The id that a module has now, or empty. */
        private static String current(Catalogue catalogue, String id) {
            return catalogue.modules().stream().filter(m -> m.id().equals(id) || m.formerly().contains(id)).map(Module::id).findFirst().orElse("");
        }

        private SortedMap<String, String> tags() {
            SortedMap<String, String> tags = new TreeMap<>();
            split(manifest.settings().get("tags")).forEach(text -> {
                int equals = text.indexOf('=');
                if (equals > 0) {
                    tags.put(unquoted(text.substring(0, equals)), unquoted(text.substring(equals + 1)));
                }
            });
            file.keys("tags").forEach(key -> tags.put(key, file.text("tags", key)));
            Map<String, String> given = new LinkedHashMap<>();
            given.put("team", team.isEmpty() ? file.text("team") : team);
            given.put("owner", owner.isEmpty() ? file.text("owner") : owner);
            given.put("cost-center", costCenter.isEmpty() ? file.text("cost-center") : costCenter);
            given.forEach((key, value) -> {
                if (!value.isEmpty()) {
                    tags.put(key, value);
                }
            });
            tags.keySet().removeAll(List.of("environment", "service"));
            Map.of("team", "platform", "cost-center", "shared").forEach((key, value) -> {
                if (tags.putIfAbsent(key, value) == null) {
                    findings.add(Finding.info("tag-chosen", "the tag " + key + " is " + value, "say whose it is with --" + key));
                }
            });
            settings.put("tags", tags.entrySet().stream().map(e -> quoted(e.getKey()) + "=" + quoted(e.getValue())).collect(Collectors.joining(",")));
            return tags;
        }

        private static String quoted(String text) {
            return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
        }

        private static String unquoted(String text) {
            try {
                return java.net.URLDecoder.decode(text, java.nio.charset.StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return text;
            }
        }

        private List<Import> imports(List<Environment> named, List<Choice> choices) {
            String text = manifest.settings().getOrDefault("imports", "[]");
            if (imports != null) {
                try {
                    text = Files.readString(cwd.resolve(imports));
                } catch (IOException e) {
                    throw Failure.cannotProceed("cannot read the inventory " + imports, "check the path given with --import");
                }
            }
            JsonNode inventory;
            try {
                inventory = JSON.readTree(text);
            } catch (JsonProcessingException e) {
                throw Failure.usage(imports + ":" + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()) + ": " + e.getOriginalMessage(), "correct the file");
            }
            Set<String> ids = new LinkedHashSet<>();
            choices.forEach(c -> ids.addAll(c.modules()));
            List<Import> all = new ArrayList<>();
            List<String> wrong = new ArrayList<>();
            int number = 0;
            for (JsonNode each : inventory.isArray() ? inventory : inventory.path("resources")) {
                number++;
                Import found = new Import(each.path("environment").asText(), each.path("address").asText(), each.path("id").asText());
                List<Hcl.Reference> references = Hcl.expression(found.address()).body().attributes().stream().flatMap(a -> a.value().references().stream()).toList();
                boolean isAddress = Hcl.expression(found.address()).problems().isEmpty() && references.size() == 1 && !found.address().contains("\n")
                        && found.address().matches("module\\.[\\w-]+\\.[\\w.\\[\\]\"-]+");
                String module = isAddress ? references.get(0).parts().get(1) : "";
                if (!isAddress || !ids.contains(module)) {
                    wrong.add("resource " + number + ": '" + found.address() + "' is no address in " + ids.stream().map(i -> "module." + i).collect(Collectors.joining(", ")));
                } else if (named.stream().noneMatch(e -> e.name().equals(found.environment()))) {
                    wrong.add("resource " + number + ": no environment '" + found.environment() + "'");
                } else if (found.id().isEmpty()) {
                    wrong.add("resource " + number + ": an id is missing");
                } else {
                    all.add(found);
                }
            }
            if (!wrong.isEmpty() && imports != null) {
                throw Failure.usage("the inventory " + imports + " can't be imported\n  " + String.join("\n  ", wrong), "each needs environment, address and id");
            }
            ArrayNode kept = JsonNodeFactory.instance.arrayNode();
            all.forEach(i -> kept.addObject().put("environment", i.environment()).put("address", i.address()).put("id", i.id()));
            settings.put("imports", kept.isEmpty() ? "" : kept.toString());
            return all;
        }

        private <T> T chosen(String setting, String given, T[] all, Function<T, String> id, T otherwise) {
            String text = text(setting, given);
            Map<String, T> known = new LinkedHashMap<>();
            Arrays.stream(all).forEach(each -> known.put(id.apply(each), each));
            T value = text.isEmpty() ? otherwise : known.get(Names.check(setting, List.of(text), known.keySet()).get(0));
            settings.put(setting, id.apply(value));
            return value;
        }

        private String text(String setting, String given) {
            String text = !given.isEmpty() ? given : file.has(setting) ? file.text(setting) : manifest.settings().getOrDefault(setting, "");
            settings.put(setting, text);
            return text;
        }

        private List<String> list(String setting, List<String> given) {
            List<String> list = !given.isEmpty() ? given : file.has(setting) ? file.texts(setting) : split(manifest.settings().get(setting));
            settings.put(setting, String.join(",", list));
            return list;
        }

        private static List<String> split(String text) {
            return text == null || text.isEmpty() ? List.of() : List.of(text.split(","));
        }
    }

    /** The environments with the addresses that were planned, for the manifest: they stay what they are, whatever comes beside them. */
    public static String environments(Infrastructure plan) {
        return plan.request().environments().stream().map(e -> {
            boolean isShared = plan.clouds().size() == 1;
            String cidr = isShared ? plan.clouds().get(0).environments().stream().filter(p -> p.environment().equals(e)).findFirst().orElseThrow().cidr() : e.cidr();
            return e.name() + ":" + e.profile() + ":" + cidr;
        }).collect(Collectors.joining(","));
    }
}
