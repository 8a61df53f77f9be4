package lib.render;

//SOURCES GitHubActions.java GitHubJob.java GitHubSteps.java GitHubDelivery.java
//SOURCES GitLabCi.java GitLabJob.java GitLabSetup.java GitLabDelivery.java
//SOURCES ContainerSetup.java DeliveryScripts.java YamlFormat.java

import java.util.List;
import java.util.Map;
import lib.plan.Infrastructure;
import lib.plan.InfrastructureJobs;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.Versions;
import lib.render.Rendering.CiPlatform;
import lib.scan.ProjectFacts;

/** The CI of a tree of infrastructure, by the renderers that write all pipelines. */
public final class TerraformCi {
    private static final List<CiPlatform> PLATFORMS = List.of(new GitHubActions(), new GitLabCi());

    private TerraformCi() {}

    public static List<String> ids() {
        return PLATFORMS.stream().map(CiPlatform::id).toList();
    }

    /** Whose tokens the pipeline's roles trust. Where no pipeline is written, most likely somebody has one of the first. @param id one of {@link #ids}, or another word */
    public static String host(String id) {
        return (ids().contains(id) ? id : ids().get(0)).replaceFirst("-.*", "");
    }

    /** @param id one of {@link #ids} */
    public static Rendering render(Infrastructure infrastructure, String id, Templates templates) {
        Versions versions = Versions.shipped();
        PipelinePlan plan = InfrastructureJobs.plan(infrastructure, versions, "main");
        ProjectFacts facts = new ProjectFacts(infrastructure.request().name(), List.of(), false, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), Map.of(), "", "main", "");
        CiPlatform.Context context = new CiPlatform.Context(templates, Pins.shipped(), versions, facts, new CiPlatform.RenderOptions(false, "terraform_scaffolder"));
        return PLATFORMS.stream().filter(p -> p.id().equals(id)).findFirst().orElseThrow().render(plan, context);
    }
}
