package lib.verify;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.plan.Catalogue.Source;
import lib.plan.Catalogue.Value;
import lib.plan.Catalogue.Variable;
import lib.plan.Catalogue;
import lib.plan.Infrastructure;
import lib.plan.Infrastructure.Cloud;
import lib.render.HclFormat;
import lib.render.Rendering;
import lib.render.Rendering.GeneratedFile;
import lib.scan.Finding;
import lib.scan.Finding.Evidence;
import lib.scan.Hcl;

/**
 * Judges a rendered tree before it is written, without an engine: what the engine would refuse, and what it would not see. Knows folders
 * and blocks of Terraform; knows nothing of how they were made.
 */
public final class TerraformChecks {
    private static final List<TreeCheck> ALL = List.of(new Parses(), new ReferencesResolve(), new NothingHardCoded(), new Tagged(), new ValuesAllowed(), new BackendsSound(),
            new DataProtected());

    private TerraformChecks() {}

    /** An error keeps everything from being written. */
    public static List<Finding> check(Infrastructure plan, List<Rendering> renderings) {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < plan.clouds().size(); i++) {
            SourceTree tree = SourceTree.of(plan.clouds().get(i), renderings.get(i));
            ALL.forEach(check -> findings.addAll(check.check(tree)));
        }
        return findings;
    }
}

/** One rule, or a few of one kind. */
interface TreeCheck {
    List<Finding> check(SourceTree tree);

    static Finding broken(String rule, String message, String file, int line) {
        return Finding.error(rule, message, "report this: a template or its entry in the catalogue is wrong", new Evidence(file, line, rule));
    }
}

/** A rendered tree, parsed once: its files by folder. Tests and values are not part of what a folder declares. */
record SourceTree(Cloud cloud, List<GeneratedFile> files, Map<String, Folder> folders) {
    /** @param sources by path; @param tests and values likewise */
    record Folder(String path, Map<String, Hcl.File> sources, Map<String, Hcl.File> tests, Map<String, Hcl.File> values) {
        Stream<Place> blocks(String type) {
            return sources.entrySet().stream().flatMap(e -> e.getValue().body().blocks(type).stream().map(b -> new Place(e.getKey(), b)));
        }

        boolean isModule() {
            return path.matches("(.*/)?modules/[^/]+");
        }

        /** Names of blocks by their last label. */
        Set<String> names(String type) {
            return blocks(type).map(p -> p.block().labels().get(0)).collect(Collectors.toSet());
        }
    }

    record Place(String file, Hcl.Block block) {}

    static SourceTree of(Cloud cloud, Rendering rendering) {
        Map<String, Folder> folders = new TreeMap<>();
        for (GeneratedFile file : rendering.files()) {
            String path = file.path();
            boolean isTest = path.contains("/tests/");
            if (!path.matches(".*\\.(tf|tofu|tfvars|tftest\\.hcl)")) {
                continue;
            }
            String folder = path.substring(0, path.lastIndexOf(isTest ? "/tests/" : "/"));
            Folder of = folders.computeIfAbsent(folder, f -> new Folder(f, new TreeMap<>(), new TreeMap<>(), new TreeMap<>()));
            (isTest ? of.tests() : path.endsWith(".tfvars") ? of.values() : of.sources()).put(path, Hcl.parse(file.content()));
        }
        return new SourceTree(cloud, rendering.files(), folders);
    }
}

/** Every file is HCL, and is laid out as the engine's formatter has it. */
final class Parses implements TreeCheck {
    @Override
    public List<Finding> check(SourceTree tree) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : tree.files()) {
            if (file.path().matches(".*\\.(tf|tofu|tfvars|hcl)")) {
                Hcl.parse(file.content()).problems().forEach(p -> findings.add(TreeCheck.broken("parses-back", p.message(), file.path(), p.line())));
                needless(file, findings);
                if (!HclFormat.layout(file.content()).equals(file.content())) {
                    findings.add(TreeCheck.broken("laid-out", "the formatter would change it", file.path(), 0));
                }
            }
        }
        return findings;
    }

    /** {@code x = "${y}"}: the formatter takes the quotes away. */
    private static void needless(GeneratedFile file, List<Finding> findings) {
        List<Hcl.Token> tokens = Hcl.tokens(file.content());
        for (int i = 0; i + 4 < tokens.size(); i++) {
            boolean opens = tokens.get(i).is("=") && tokens.get(i + 1).kind() == Hcl.Kind.OPEN_QUOTE && tokens.get(i + 2).text().equals("${");
            if (!opens) {
                continue;
            }
            int end = i + 3;
            int depth = 1;
            while (depth > 0 && end < tokens.size()) {
                Hcl.Kind kind = tokens.get(end++).kind();
                depth += kind == Hcl.Kind.OPEN_TEMPLATE ? 1 : kind == Hcl.Kind.CLOSE_TEMPLATE ? -1 : 0;
            }
            if (end + 1 < tokens.size() && tokens.get(end).kind() == Hcl.Kind.CLOSE_QUOTE && tokens.get(end + 1).endsLine()) {
                findings.add(TreeCheck.broken("laid-out", "an interpolation alone needs no quotes", file.path(), tokens.get(i).line()));
            }
        }
    }
}

/** Whatever is named is declared: variables, locals, resources, data, modules with their outputs and arguments. And what is declared is used. */
final class ReferencesResolve implements TreeCheck {
    private static final Set<String> BUILT_IN = Set.of("each", "count", "self", "path", "terraform", "run", "output", "check", "key_provider", "method");
    /** Arguments that are no expressions of values. */
    private static final Set<String> META = Set.of("source", "version", "providers", "depends_on", "for_each", "count");

    @Override
    public List<Finding> check(SourceTree tree) {
        List<Finding> findings = new ArrayList<>();
        tree.folders().values().forEach(f -> folder(f, tree.folders(), findings));
        return findings;
    }

    private static void folder(SourceTree.Folder folder, Map<String, SourceTree.Folder> all, List<Finding> findings) {
        Map<String, SourceTree.Folder> called = new LinkedHashMap<>();
        folder.blocks("module").forEach(p -> {
            SourceTree.Folder source = all.get(resolve(folder.path(), p.block().text("source")));
            if (source == null) {
                findings.add(TreeCheck.broken("dangling-reference", "there is no module at " + p.block().text("source"), p.file(), p.block().line()));
                return;
            }
            called.put(p.block().labels().get(0), source);
            arguments(p, source, findings);
        });
        Set<String> declared = declared(folder);
        Set<String> used = new HashSet<>();
        Stream.of(folder.sources(), folder.tests()).flatMap(m -> m.entrySet().stream()).forEach(e -> {
            boolean isTest = folder.tests().containsKey(e.getKey());
            for (Hcl.Reference reference : references(e.getValue().body(), "")) {
                String problem = problem(reference, declared, called);
                if (!problem.isEmpty()) {
                    findings.add(TreeCheck.broken("dangling-reference", problem, e.getKey(), reference.line()));
                }
                if (!isTest && reference.parts().get(0).equals("var") && reference.parts().size() > 1) {
                    used.add(reference.parts().get(1));
                }
            }
        });
        Set<String> variables = folder.names("variable");
        folder.blocks("variable").filter(p -> !used.contains(p.block().labels().get(0)) || isOnlyInItself(folder, p.block().labels().get(0)))
                .forEach(p -> findings.add(TreeCheck.broken("unused-variable", "nothing uses the variable " + p.block().labels().get(0), p.file(), p.block().line())));
        Set<String> twice = new HashSet<>();
        Stream.of("variable", "output", "module").forEach(type -> folder.blocks(type).filter(p -> !twice.add(type + "." + p.block().labels().get(0)))
                .forEach(p -> findings.add(TreeCheck.broken("declared-twice", type + " " + p.block().labels().get(0) + " is declared twice", p.file(), p.block().line()))));
        folder.values().forEach((file, values) -> values.body().attributes().stream().filter(a -> !variables.contains(a.name()))
                .forEach(a -> findings.add(TreeCheck.broken("dangling-reference", "no variable has the name " + a.name(), file, a.line()))));
    }

    /** Validations of a variable look at it too. */
    private static boolean isOnlyInItself(SourceTree.Folder folder, String variable) {
        return folder.sources().values().stream().flatMap(f -> references(f.body(), "variable").stream())
                .noneMatch(r -> r.parts().size() > 1 && r.parts().get(0).equals("var") && r.parts().get(1).equals(variable));
    }

    private static Set<String> declared(SourceTree.Folder folder) {
        Set<String> declared = new HashSet<>();
        folder.names("variable").forEach(n -> declared.add("var." + n));
        folder.blocks("locals").forEach(p -> p.block().attributes().forEach(a -> declared.add("local." + a.name())));
        folder.blocks("resource").forEach(p -> declared.add(String.join(".", p.block().labels())));
        folder.blocks("data").forEach(p -> declared.add("data." + String.join(".", p.block().labels())));
        folder.blocks("ephemeral").forEach(p -> declared.add("ephemeral." + String.join(".", p.block().labels())));
        return declared;
    }

    private static String problem(Hcl.Reference reference, Set<String> declared, Map<String, SourceTree.Folder> called) {
        List<String> parts = reference.parts();
        String first = parts.get(0);
        if (BUILT_IN.contains(first) || parts.size() == 1) {
            return "";
        }
        if (first.equals("module")) {
            SourceTree.Folder module = called.get(parts.get(1));
            boolean hasOutput = module != null && (parts.size() < 3 || module.names("output").contains(parts.get(2)));
            return module == null ? "no module is called " + parts.get(1) : hasOutput ? "" : "module " + parts.get(1) + " has no output " + parts.get(2);
        }
        int length = first.equals("data") || first.equals("ephemeral") ? 3 : 2;
        String name = String.join(".", parts.subList(0, Math.min(length, parts.size())));
        return declared.contains(name) ? "" : name + " is not declared";
    }

    private static void arguments(SourceTree.Place call, SourceTree.Folder source, List<Finding> findings) {
        Set<String> given = call.block().attributes().stream().map(Hcl.Attribute::name).filter(n -> !META.contains(n)).collect(Collectors.toSet());
        Set<String> variables = source.names("variable");
        given.stream().filter(n -> !variables.contains(n)).forEach(n -> findings.add(TreeCheck.broken("dangling-reference", "module " + call.block().labels().get(0) + " has no variable " + n,
                call.file(), call.block().line())));
        source.blocks("variable").filter(p -> p.block().attribute("default").isEmpty() && !given.contains(p.block().labels().get(0)))
                .forEach(p -> findings.add(TreeCheck.broken("missing-argument", "module " + call.block().labels().get(0) + " is not given its variable " + p.block().labels().get(0),
                        call.file(), call.block().line())));
    }

    /** Types, targets of moves and the like look as references do, and are none. */
    private static List<Hcl.Reference> references(Hcl.Block block, String without) {
        List<Hcl.Reference> references = new ArrayList<>();
        for (Hcl.Attribute attribute : block.attributes()) {
            boolean isNone = block.type().equals("variable") && attribute.name().equals("type") || block.type().equals("module") && attribute.name().equals("providers")
                    || Set.of("moved", "removed", "import", "override_data", "override_resource", "override_module").contains(block.type()) || attribute.name().equals("provider")
                    || attribute.name().equals("ignore_changes") || attribute.name().equals("configuration_aliases") || block.type().equals("required_providers");
            if (!isNone) {
                references.addAll(attribute.value().references());
            }
        }
        block.blocks().stream().filter(b -> without.isEmpty() || !b.type().equals(without)).filter(b -> !b.type().equals("mock_provider"))
                .forEach(b -> references.addAll(references(b, without)));
        if (block.type().equals("dynamic") && !block.labels().isEmpty()) {
            // Its blocks are made of one value after the other, which has the label's name, or one of its own.
            String iterator = block.attribute("iterator").map(a -> a.value().references()).filter(r -> !r.isEmpty()).map(r -> r.get(0).parts().get(0)).orElse(block.labels().get(0));
            references.removeIf(r -> r.parts().get(0).equals(iterator));
        }
        return references;
    }

    private static String resolve(String folder, String source) {
        return java.nio.file.Path.of(folder).resolve(source).normalize().toString().replace('\\', '/');
    }
}

/** Modules have no value of one account, place or size: these are an environment's, and come by variables. */
final class NothingHardCoded implements TreeCheck {
    private static final Map<String, Pattern> RULES = new LinkedHashMap<>();

    static {
        RULES.put("a network", Pattern.compile("\\b(?!0\\.0\\.0\\.0/0)\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}\\b"));
        RULES.put("an image", Pattern.compile("\\bami-[0-9a-f]{8,}\\b"));
        RULES.put("an account", Pattern.compile("(?<![\\d.-])\\d{12}(?![\\d.-])"));
        RULES.put("a partition", Pattern.compile("\\barn:aws[a-z-]*:"));
        RULES.put("a size of machine", Pattern.compile("\\b((db|cache)\\.)?[a-z]{1,3}\\d[a-z]{0,3}\\.(nano|micro|small|medium|(\\d{0,2}x)?large)\\b"
                + "|\\b(e2|n1|n2|n2d|c2|c3|c4|n4|t2d)-(standard|highmem|highcpu|micro|small|medium)\\b|\\bdb-(f1-micro|g1-small|custom-\\d|perf-optimized)|\\bStandard_[A-Z]{1,3}\\d\\w*"));
        RULES.put("a project", Pattern.compile("\\bprojects/[a-z][a-z0-9-]{4,}"));
        RULES.put("a subscription or tenant", Pattern.compile("\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b"));
    }

    @Override
    public List<Finding> check(SourceTree tree) {
        Collection<String> regions = tree.cloud().catalogue().provider().regions();
        List<Finding> findings = new ArrayList<>();
        tree.folders().values().stream().filter(SourceTree.Folder::isModule)
                .forEach(f -> f.sources().forEach((file, source) -> block(file, source.body(), regions, findings)));
        return findings;
    }

    private static void block(String file, Hcl.Block block, Collection<String> regions, List<Finding> findings) {
        if (block.type().equals("validation")) {
            return;
        }
        for (Hcl.Attribute attribute : block.attributes()) {
            if (!attribute.name().equals("description")) {
                attribute.value().literals().forEach(l -> literal(file, l, regions, findings));
            }
        }
        block.blocks().forEach(b -> block(file, b, regions, findings));
    }

    private static void literal(String file, Hcl.Literal literal, Collection<String> regions, List<Finding> findings) {
        boolean isPlace = regions.stream().anyMatch(r -> literal.text().equals(r) || literal.text().matches(Pattern.quote(r) + "-?[a-f]"));
        if (isPlace) {
            findings.add(TreeCheck.broken("hard-coded", "a region or zone stands in a module: " + literal.text(), file, literal.line()));
        }
        RULES.forEach((what, pattern) -> {
            if (pattern.matcher(literal.text()).find()) {
                findings.add(TreeCheck.broken("hard-coded", what + " stands in a module: " + literal.text().strip(), file, literal.line()));
            }
        });
    }
}

/** All resources say whose they are: by the provider's own setting, or by every module where the provider has none. */
final class Tagged implements TreeCheck {
    private static final Map<String, String> DEFAULTS = Map.of("aws", "default_tags", "gcp", "default_labels");

    @Override
    public List<Finding> check(SourceTree tree) {
        List<Finding> findings = new ArrayList<>();
        String setting = DEFAULTS.get(tree.cloud().catalogue().provider().id());
        for (SourceTree.Folder folder : tree.folders().values()) {
            if (folder.isModule()) {
                continue;
            }
            if (setting != null) {
                folder.blocks("provider").filter(p -> p.block().blocks(setting).isEmpty() && p.block().attribute(setting).isEmpty())
                        .forEach(p -> findings.add(TreeCheck.broken("required-tags", "the provider has no " + setting, p.file(), p.block().line())));
            } else {
                folder.blocks("module").filter(p -> p.block().attribute("tags").isEmpty())
                        .forEach(p -> findings.add(TreeCheck.broken("required-tags", "module " + p.block().labels().get(0) + " gets no tags", p.file(), p.block().line())));
            }
        }
        return findings;
    }
}

/** What no schema can see: names of sizes, classes and policies, in the modules and in the values of environments. */
final class ValuesAllowed implements TreeCheck {
    @Override
    public List<Finding> check(SourceTree tree) {
        List<Finding> findings = new ArrayList<>();
        for (Value value : tree.cloud().catalogue().values()) {
            String[] path = value.attribute().split("\\.");
            tree.folders().values().stream().filter(SourceTree.Folder::isModule).forEach(f -> f.blocks("resource").filter(p -> p.block().labels().get(0).equals(path[0]))
                    .forEach(p -> find(p.block(), path, 1).forEach(a -> judge(tree, f, p.file(), a, value, findings))));
        }
        return findings;
    }

    private static List<Hcl.Attribute> find(Hcl.Block block, String[] path, int at) {
        if (at == path.length - 1) {
            return block.attribute(path[at]).map(List::of).orElse(List.of());
        }
        List<Hcl.Attribute> found = new ArrayList<>();
        block.blocks(path[at]).forEach(b -> found.addAll(find(b, path, at + 1)));
        block.blocks("dynamic").stream().filter(d -> d.labels().contains(path[at])).flatMap(d -> d.blocks("content").stream()).forEach(b -> found.addAll(find(b, path, at + 1)));
        return found;
    }

    private static void judge(SourceTree tree, SourceTree.Folder folder, String file, Hcl.Attribute attribute, Value value, List<Finding> findings) {
        if (attribute.value().isConstant()) {
            texts(attribute.value().constant()).filter(t -> !value.allows(t)).forEach(t -> findings.add(refused(value, t, file, attribute.line())));
            return;
        }
        boolean isPlain = attribute.value().references().size() == 1 && attribute.value().references().get(0).parts().get(0).equals("var")
                && attribute.value().references().get(0).parts().size() == 2 && attribute.value().literals().isEmpty();
        if (!isPlain) {
            return;
        }
        String name = attribute.value().references().get(0).parts().get(1);
        String module = folder.path().substring(folder.path().lastIndexOf('/') + 1);
        tree.cloud().catalogue().module(module).ifPresent(m -> m.variables().stream().filter(v -> v.name().equals(name))
                .forEach(v -> values(v).filter(t -> !value.allows(t)).forEach(t -> findings.add(refused(value, t + " (variable " + name + ")", file, attribute.line())))));
    }

    private static Stream<String> values(Variable variable) {
        Stream<String> ofProfiles = variable.source() instanceof Source.Profile profile ? profile.values().values().stream().flatMap(ValuesAllowed::texts) : Stream.empty();
        Stream<String> ofDefault = Stream.of(variable.defaultValue() == null ? "null" : variable.defaultValue(), variable.example() == null ? "null" : variable.example())
                .flatMap(e -> Hcl.expression(e).body().attributes().stream()).filter(a -> a.value().isConstant()).flatMap(a -> texts(a.value().constant()));
        return Stream.concat(ofProfiles, ofDefault);
    }

    private static Stream<String> texts(Object constant) {
        return constant == null ? Stream.empty() : constant instanceof Collection<?> list ? list.stream().flatMap(ValuesAllowed::texts)
                : constant instanceof Map<?, ?> map ? map.values().stream().flatMap(ValuesAllowed::texts) : Stream.of(constant.toString());
    }

    private static Finding refused(Value value, String text, String file, int line) {
        return TreeCheck.broken("value-allowed", value.attribute() + " does not take " + text + " (" + value.source() + ")", file, line);
    }
}

/** Neither {@code init -backend=false} nor {@code validate} looks into a backend. And no two roots share a state. */
final class BackendsSound implements TreeCheck {
    private static final Map<String, Set<String>> KNOWN = Map.of("s3", Set.of("bucket", "key", "region", "encrypt", "use_lockfile", "dynamodb_table", "kms_key_id"),
            "gcs", Set.of("bucket", "prefix", "kms_encryption_key"),
            "azurerm", Set.of("storage_account_name", "container_name", "key", "use_azuread_auth", "resource_group_name", "subscription_id", "tenant_id"));
    private static final Map<String, Set<String>> NEEDED = Map.of("s3", Set.of("bucket", "key", "region", "encrypt"), "gcs", Set.of("bucket", "prefix"),
            "azurerm", Set.of("storage_account_name", "container_name", "key", "use_azuread_auth"));

    @Override
    public List<Finding> check(SourceTree tree) {
        List<Finding> findings = new ArrayList<>();
        Map<String, String> states = new LinkedHashMap<>();
        for (SourceTree.Folder folder : tree.folders().values()) {
            boolean isEnvironment = folder.path().matches("(.*/)?environments/.+");
            List<SourceTree.Place> backends = folder.blocks("terraform").flatMap(p -> p.block().blocks("backend").stream().map(b -> new SourceTree.Place(p.file(), b))).toList();
            if (isEnvironment && backends.size() != 1) {
                findings.add(TreeCheck.broken("backend", "an environment has one backend, not " + backends.size(), folder.path() + "/backend.tf", 0));
            }
            for (SourceTree.Place backend : backends) {
                String other = states.putIfAbsent(backend(backend, findings), backend.file());
                if (other != null) {
                    findings.add(TreeCheck.broken("backend", "has the same state as " + other, backend.file(), backend.block().line()));
                }
            }
        }
        return findings;
    }

    private static String backend(SourceTree.Place place, List<Finding> findings) {
        String type = place.block().labels().get(0);
        Set<String> given = place.block().attributes().stream().map(Hcl.Attribute::name).collect(Collectors.toSet());
        place.block().attributes().stream().filter(a -> !KNOWN.getOrDefault(type, Set.of()).contains(a.name()))
                .forEach(a -> findings.add(TreeCheck.broken("backend", "the backend " + type + " has no argument " + a.name(), place.file(), a.line())));
        place.block().attributes().stream().filter(a -> !a.value().isConstant())
                .forEach(a -> findings.add(TreeCheck.broken("backend", "a backend takes no expressions: " + a.name(), place.file(), a.line())));
        NEEDED.getOrDefault(type, Set.of()).stream().filter(n -> !given.contains(n)).sorted()
                .forEach(n -> findings.add(TreeCheck.broken("backend", "the backend " + type + " needs " + n, place.file(), place.block().line())));
        return place.block().text("bucket") + place.block().text("storage_account_name") + "/" + place.block().text("key") + place.block().text("prefix");
    }
}

/** What holds data refuses to be destroyed. */
final class DataProtected implements TreeCheck {
    @Override
    public List<Finding> check(SourceTree tree) {
        List<Finding> findings = new ArrayList<>();
        Set<String> types = tree.cloud().catalogue().protectedTypes();
        tree.folders().values().stream().filter(SourceTree.Folder::isModule).forEach(f -> f.blocks("resource").filter(p -> types.contains(p.block().labels().get(0)))
                .filter(p -> p.block().blocks("lifecycle").stream().noneMatch(l -> l.attribute("prevent_destroy").isPresent()))
                .forEach(p -> findings.add(TreeCheck.broken("data-protected", String.join(".", p.block().labels()) + " holds data, and may be destroyed", p.file(), p.block().line()))));
        return findings;
    }
}
