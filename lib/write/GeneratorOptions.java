package lib.write;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import lib.cli.Failure;
import lib.cli.CommandLines.Names;
import lib.plan.PipelinePlan.PlanOptions;
import lib.plan.Job.Stage;
import lib.render.Rendering.CiPlatform;
import lib.render.CiPlatforms;
import lib.scan.ProjectFacts;

/**
 * What a user asked of the pipeline generator: on the command line now, else when these files were generated before.
 *
 * <p>A manifest comes from the project, so what it says is checked like what a user types; there it is ignored instead of refused.
 */
public record GeneratorOptions(List<String> platformNames, PlanOptions plan, List<String> extras, Map<String, String> settings, String defaultBranch, Set<String> before) {
    private static final List<String> EXTRAS = List.of("dependency-updates", "scheduled-security");
    private static final List<String> CLOUDS = List.of("aws", "gcp", "azure");

    public static GeneratorOptions of(List<String> platforms, List<String> stages, List<String> extras, String deployTo, Manifest manifest) {
        List<String> names = platforms.contains("all") ? CiPlatforms.ids() : Names.check("platform", platforms, CiPlatforms.ids());
        List<String> chosen = Names.check("stage", stages.isEmpty() ? known(manifest, "stages", Stage.ids()) : stages, Stage.ids());
        List<String> with = Names.check("extra", extras.isEmpty() ? known(manifest, "with", EXTRAS) : extras, EXTRAS);
        List<String> cloud = Names.check("cloud", deployTo.isEmpty() ? known(manifest, "deploy-to", CLOUDS) : List.of(deployTo), CLOUDS);
        if (!deployTo.isEmpty() && !chosen.contains("deploy")) {
            throw Failure.usage("--deploy-to has no effect without the stage deploy", "add --stages " + String.join(",", chosen.isEmpty() ? Stage.ids() : chosen)
                    + (chosen.isEmpty() ? "" : ",deploy"));
        }
        Set<Stage> set = chosen.stream().map(Stage::of).collect(Collectors.toCollection(() -> EnumSet.noneOf(Stage.class)));
        PlanOptions plan = new PlanOptions(set.isEmpty() ? PlanOptions.defaults().stages() : set, !stages.isEmpty(), cloud.isEmpty() ? "" : cloud.get(0),
                with.contains("scheduled-security"));
        Map<String, String> settings = new TreeMap<>();
        put(settings, "stages", set.stream().map(Stage::id).toList());
        put(settings, "with", with);
        put(settings, "deploy-to", cloud);
        Manifest.Fact branch = manifest.facts().get("default branch");
        return new GeneratorOptions(names, plan, with, settings, branch == null ? "" : branch.value(), manifest.groups());
    }

    public boolean has(String extra) {
        return extras.contains(extra);
    }

    /** Those that were named, else those that were generated before, else the one that the project suggests. @param explain told why, if it was inferred */
    public List<CiPlatform> platforms(ProjectFacts facts, Consumer<CiPlatforms.Inferred> explain) {
        List<String> names = platformNames.isEmpty() ? before.stream().filter(CiPlatforms.ids()::contains).toList() : platformNames;
        if (names.isEmpty()) {
            CiPlatforms.Inferred inferred = CiPlatforms.infer(facts);
            explain.accept(inferred);
            names = List.of(inferred.platform());
        } else if (platformNames.isEmpty()) {
            explain.accept(new CiPlatforms.Inferred(String.join(", ", names), "generated before"));
        }
        List<String> chosen = names;
        return CiPlatforms.all().stream().filter(p -> chosen.contains(p.id())).toList();
    }

    private static List<String> known(Manifest manifest, String setting, List<String> valid) {
        return List.of(manifest.settings().getOrDefault(setting, "").split(",")).stream().filter(valid::contains).toList();
    }

    private static void put(Map<String, String> settings, String key, List<String> values) {
        if (!values.isEmpty()) {
            settings.put(key, String.join(",", values));
        }
    }
}
