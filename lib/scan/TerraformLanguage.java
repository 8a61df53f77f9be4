package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/**
 * Knows folders of Terraform and OpenTofu, and how they are checked without credentials.
 *
 * <p>A module that another folder of the project calls is validated with its caller: alone, it may lack the providers that the caller
 * hands down.
 */
final class TerraformLanguage implements Language {
    /** Providers that talk to nothing: tests that use no other need no account. */
    private static final Set<String> LOCAL_PROVIDERS = Set.of("random", "null", "local", "tls", "time", "archive", "template", "external", "http", "terraform", "cloudinit");

    @Override
    public List<String> looksFor() {
        return List.of("*.tf", "*.tofu");
    }

    /** Folders with Terraform files of the project's own, parents before what is in them. */
    static Set<String> folders(Project project) {
        Set<String> folders = new TreeSet<>();
        for (String suffix : List.of(".tf", ".tofu")) {
            project.ending(suffix).forEach(f -> folders.add(Project.folderOf(f)));
        }
        return folders;
    }

    static List<ProjectFacts.TerraformFolder> places(Project project) {
        return folders(project).stream().map(f -> {
            Hcl.Block module = read(project, f);
            boolean hasState = module.blocks("terraform").stream().anyMatch(t -> !t.blocks("backend").isEmpty() || !t.blocks("cloud").isEmpty());
            return new ProjectFacts.TerraformFolder(f, hasState, cloud(module), guard(project, f), Evidence.of(firstFile(project, f), "terraform-files"));
        }).toList();
    }

    /** {@code scripts/destroy-guard} of the tree that the folder is in. */
    private static String guard(Project project, String folder) {
        return VersionFiles.upwards(folder).stream().map(f -> Project.join(f, "scripts/destroy-guard")).filter(project::exists).findFirst().orElse("");
    }

    /** The one cloud whose provider the folder configures or requires; empty for none or several. */
    private static String cloud(Hcl.Block module) {
        Set<String> providers = new TreeSet<>();
        module.blocks("provider").forEach(p -> providers.addAll(p.labels()));
        module.blocks("terraform").forEach(t -> t.blocks("required_providers").forEach(p -> p.attributes().forEach(a -> providers.add(a.name()))));
        List<String> clouds = Stream.of("aws", "google", "azurerm").filter(providers::contains).toList();
        return clouds.size() != 1 ? "" : clouds.get(0).equals("google") ? "gcp" : clouds.get(0).equals("azurerm") ? "azure" : "aws";
    }

    @Override
    public List<Component> detect(Project project) {
        Map<String, Hcl.Block> modules = new LinkedHashMap<>();
        folders(project).forEach(f -> modules.put(f, read(project, f)));
        Map<String, Set<String>> calls = new LinkedHashMap<>();
        Set<String> called = new LinkedHashSet<>();
        modules.forEach((folder, module) -> {
            Set<String> of = new LinkedHashSet<>();
            for (Hcl.Block call : module.blocks("module")) {
                String source = call.text("source");
                if (source.startsWith("./") || source.startsWith("../")) {
                    Project.resolve(folder, source).filter(p -> modules.containsKey(p) && !p.equals(folder)).ifPresent(of::add);
                }
            }
            calls.put(folder, of);
            // A wrapper or an example below a module calls it too, but doesn't make it a part of itself.
            of.stream().filter(p -> !Project.isInside(folder, p)).forEach(called::add);
        });
        return modules.keySet().stream().map(f -> component(project, f, modules, calls.get(f), called.contains(f))).toList();
    }

    /** The blocks of all files of the folder: to Terraform they are one text. */
    private static Hcl.Block read(Project project, String folder) {
        List<Hcl.Block> blocks = new ArrayList<>();
        for (String name : project.in(folder)) {
            if (name.endsWith(".tf") || name.endsWith(".tofu")) {
                blocks.addAll(Hcl.parse(project.text(Project.join(folder, name)).orElse("")).body().blocks());
            }
        }
        return new Hcl.Block("", List.of(), List.of(), blocks, 1);
    }

    private static Component component(Project project, String folder, Map<String, Hcl.Block> modules, Set<String> calls, boolean called) {
        Component.Builder b = Component.at(folder, "terraform");
        calls.forEach(b::dependsOn);
        Runtime runtime = runtime(project, folder, modules.get(folder));
        b.runtime(runtime);
        String tool = runtime.name().equals("tofu") ? "tofu" : "terraform";
        String lock = Project.join(folder, ".terraform.lock.hcl");
        boolean locked = project.exists(lock);
        Evidence evidence = locked ? Evidence.of(lock, "lock-file") : Evidence.of(firstFile(project, folder), "terraform-files");
        b.packageManager(new PackageManager("terraform", "", evidence, List.of(evidence.file())));
        boolean top = VersionFiles.upwards(folder).stream().skip(1).noneMatch(modules::containsKey);
        if (top) {
            b.command(CommandKind.LINT, Command.certain(tool + " fmt -check -recursive", evidence));
        }
        if (called) {
            return b.build();
        }
        boolean alone = modules.get(folder).blocks("terraform").stream().flatMap(t -> t.blocks("required_providers").stream())
                .noneMatch(p -> text(project, folder).contains("configuration_aliases"));
        // Only the zh hashes of a registry hold for every platform; with those of one alone, a read-only lock file fails on another.
        boolean frozen = locked && project.text(lock).orElse("").contains("\"zh:");
        if (alone) {
            b.command(CommandKind.INSTALL, Command.certain(tool + " init -backend=false -input=false" + (frozen ? " -lockfile=readonly" : ""), evidence));
            b.command(CommandKind.LINT, Command.certain(tool + " validate", evidence));
        }
        tflint(project, folder, modules.keySet(), top, b);
        tests(project, folder, tool, modules.get(folder), b);
        return b.build();
    }

    private static String firstFile(Project project, String folder) {
        return project.first(folder, "versions.tf", "terraform.tf", "main.tf", "providers.tf").orElseGet(() -> Project.join(folder,
                project.in(folder).stream().filter(n -> n.endsWith(".tf") || n.endsWith(".tofu")).findFirst().orElse("main.tf")));
    }

    private static String text(Project project, String folder) {
        StringBuilder text = new StringBuilder();
        project.in(folder).stream().filter(n -> n.endsWith(".tf")).forEach(n -> text.append(project.text(Project.join(folder, n)).orElse("")));
        return text.toString();
    }

    // --- versions ---

    private static Runtime runtime(Project project, String folder, Hcl.Block module) {
        String range = module.blocks("terraform").stream().map(t -> t.text("required_version")).filter(v -> !v.isEmpty()).findFirst().orElse("");
        Evidence evidence = Evidence.of(firstFile(project, folder), "terraform-files");
        if (!range.isEmpty()) {
            for (String name : project.in(folder)) {
                int line = name.endsWith(".tf") || name.endsWith(".tofu") ? project.lineOf(Project.join(folder, name), "required_version") : 0;
                evidence = line > 0 ? new Evidence(Project.join(folder, name), line, "required-version") : evidence;
            }
        }
        Optional<VersionFiles.Pin> tofu = VersionFiles.line(project, folder, ".opentofu-version", "opentofu-version")
                .or(() -> VersionFiles.find(project, folder, "opentofu", "tofu"));
        boolean isTofu = tofu.isPresent() || project.in(folder).stream().anyMatch(n -> n.endsWith(".tofu"));
        Optional<VersionFiles.Pin> pin = isTofu ? tofu : VersionFiles.line(project, folder, ".terraform-version", "terraform-version")
                .or(() -> VersionFiles.find(project, folder, "terraform"));
        String name = isTofu ? "tofu" : "terraform";
        // tfenv also knows latest and min-required: those pin nothing.
        if (pin.isPresent() && pin.get().version().matches("v?\\d.*")) {
            return new Runtime(name, pin.get().version().replaceFirst("^v", ""), range, pin.get().file(), pin.get().evidence());
        }
        return new Runtime(name, "", range, "", evidence);
    }

    // --- checks and tests ---

    /** By its own configuration file, or by the arguments of its pre-commit hook. */
    private static void tflint(Project project, String folder, Set<String> modules, boolean top, Component.Builder b) {
        String recursive = top && modules.stream().anyMatch(m -> !m.equals(folder) && Project.isInside(m, folder)) ? " --recursive" : "";
        for (String above : VersionFiles.upwards(folder)) {
            String config = Project.join(above, ".tflint.hcl");
            if (!above.equals(folder) && modules.contains(above)) {
                return;     // The component there runs it for this folder too.
            }
            if (project.exists(config)) {
                int depth = above.equals(folder) ? 0 : folder.split("/").length - (above.equals(".") ? 0 : above.split("/").length);
                String option = depth == 0 ? "" : " --config=" + "../".repeat(depth) + ".tflint.hcl";
                Evidence evidence = Evidence.of(config, "tflint");
                b.command(CommandKind.LINT, Command.likely("tflint --init" + option, evidence)).command(CommandKind.LINT, Command.likely("tflint" + recursive + option, evidence))
                        .tool(new Tool("tflint", "", evidence));
                return;
            }
        }
        if (!top || !folder.equals(".") || !project.exists(".pre-commit-config.yaml")) {
            return;
        }
        project.yaml(".pre-commit-config.yaml").ifPresent(d -> hook(d).ifPresent(arguments -> {
            Evidence evidence = new Evidence(d.file(), project.lineOf(d.file(), "terraform_tflint"), "pre-commit-hook");
            b.command(CommandKind.LINT, Command.likely("tflint" + recursive + arguments, evidence)).tool(new Tool("tflint", "", evidence));
        }));
    }

    /** The arguments that the hook terraform_tflint gives to tflint; those that only the hook understands make it unusable. */
    private static Optional<String> hook(Document preCommit) {
        for (int r = 0; r < preCommit.at("repos").size(); r++) {
            String repo = String.valueOf(r);
            for (int h = 0; h < preCommit.at("repos", repo, "hooks").size(); h++) {
                String hook = String.valueOf(h);
                if (!preCommit.text("repos", repo, "hooks", hook, "id").equals("terraform_tflint")) {
                    continue;
                }
                StringBuilder arguments = new StringBuilder();
                for (String argument : preCommit.texts("repos", repo, "hooks", hook, "args")) {
                    if (!argument.startsWith("--args=-") || argument.contains("__GIT_WORKING_DIR__") || !Shell.isPrintable(argument)) {
                        return Optional.empty();
                    }
                    String word = argument.substring("--args=".length());
                    arguments.append(' ').append(word.matches("[\\w=./-]+") ? word : Shell.word(word));
                }
                return Optional.of(arguments.toString());
            }
        }
        return Optional.empty();
    }

    /** {@code terraform test}, proven to run without an account where providers are mocked or local. */
    private static void tests(Project project, String folder, String tool, Hcl.Block module, Component.Builder b) {
        List<String> files = new ArrayList<>();
        for (String at : List.of(folder, Project.join(folder, "tests"))) {
            project.in(at).stream().filter(n -> n.endsWith(".tftest.hcl") || n.endsWith(".tofutest.hcl")).forEach(n -> files.add(Project.join(at, n)));
        }
        if (files.isEmpty()) {
            return;
        }
        Set<String> providers = new LinkedHashSet<>();
        module.blocks("terraform").forEach(t -> t.blocks("required_providers").forEach(p -> p.attributes().forEach(a -> providers.add(a.name()))));
        module.blocks("resource").forEach(r -> providers.add(r.labels().isEmpty() ? "" : r.labels().get(0).replaceFirst("_.*$", "")));
        module.blocks("data").forEach(r -> providers.add(r.labels().isEmpty() ? "" : r.labels().get(0).replaceFirst("_.*$", "")));
        boolean mocked = files.stream().allMatch(f -> !Hcl.parse(project.text(f).orElse("")).body().blocks("mock_provider").isEmpty());
        Evidence evidence = Evidence.of(files.get(0), "terraform-test");
        boolean local = LOCAL_PROVIDERS.containsAll(providers) && module.blocks("module").stream().allMatch(m -> m.text("source").startsWith("."));
        b.command(CommandKind.TEST, mocked || local ? Command.certain(tool + " test", evidence) : Command.guess(tool + " test", evidence));
        if (!mocked && !local) {
            project.report(Finding.info("tests-need-an-account", "the tests in " + evidence.file() + " use real providers, so no pipeline runs them without credentials",
                    "use mock_provider, or run them in a job with cloud credentials", evidence));
        }
    }
}
