package lib.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import lib.scan.Component;
import lib.scan.Finding.Evidence;
import lib.scan.ProjectFacts;

/**
 * What a project seems to need, with the reasons: a proposal that somebody must accept. By capabilities, which are the same in all clouds.
 *
 * @param cloud the one that the project names, or empty
 */
public record InfrastructureProposal(String cloud, List<Need> needs, List<String> reasons) {
    private static final Map<String, String> SERVICES = Map.ofEntries(Map.entry("postgres", "database"), Map.entry("mysql", "database"), Map.entry("mariadb", "database"),
            Map.entry("rabbitmq", "queue"), Map.entry("kafka", "queue"), Map.entry("nats", "queue"), Map.entry("minio", "storage"));
    private static final Set<String> STATIC = Set.of("hugo", "mkdocs", "antora");

    /** @param reason why, with its place */
    public record Need(String capability, String reason) {}

    public static InfrastructureProposal of(ProjectFacts facts) {
        Map<String, Need> needs = new LinkedHashMap<>();
        List<String> reasons = new ArrayList<>();
        String cloud = "";
        for (ProjectFacts.TerraformFolder folder : facts.terraform()) {
            if (!folder.cloud().isEmpty() && cloud.isEmpty()) {
                cloud = folder.cloud();
                reasons.add("provider " + cloud + ": " + folder.evidence().place() + " uses it");
            }
        }
        boolean hasCharts = !facts.helmCharts().isEmpty() || !facts.manifests().isEmpty();
        if (hasCharts) {
            Evidence evidence = facts.helmCharts().isEmpty() ? facts.manifests().get(0).evidence() : facts.helmCharts().get(0).evidence();
            need(needs, "kubernetes", evidence.place() + " is for a cluster");
        } else if (!facts.dockerfiles().isEmpty()) {
            need(needs, "container", facts.dockerfiles().get(0).path() + " builds an image");
        }
        for (Component component : facts.components()) {
            for (Component.Service service : component.services()) {
                String capability = SERVICES.get(service.name());
                if (capability != null) {
                    need(needs, capability, service.evidence().place() + " needs " + service.name());
                }
            }
            if (STATIC.contains(component.ecosystem())) {
                need(needs, "storage", component.path() + " is a site of " + component.ecosystem());
                need(needs, "cdn", component.path() + " is a site of " + component.ecosystem());
            }
        }
        if (!needs.isEmpty()) {
            need(needs, "network", "what runs there has addresses");
            need(needs, "keys", "data is encrypted by keys of one's own");
            need(needs, "monitoring", "what runs there is watched");
            need(needs, "budget", "what runs there costs money");
        }
        return new InfrastructureProposal(cloud, List.copyOf(needs.values()), List.copyOf(reasons));
    }

    private static void need(Map<String, Need> needs, String capability, String reason) {
        needs.putIfAbsent(capability, new Need(capability, reason));
    }

    /** Its modules in a catalogue; the small useful set where nothing asks for more. */
    public List<String> modules(Catalogue catalogue) {
        Map<String, String> names = catalogue.names();
        List<String> found = needs.stream().map(n -> names.get(n.capability())).filter(Objects::nonNull).distinct().toList();
        return found.isEmpty() ? catalogue.defaults() : found;
    }

    /** The proposal for people, a line each. */
    public List<String> lines(Catalogue catalogue) {
        Map<String, String> names = catalogue.names();
        List<String> lines = new ArrayList<>(List.of("proposed, from what the project is:"));
        lines.add("  provider " + catalogue.provider().id() + ": " + (reasons.isEmpty() ? "nothing names a cloud; the others have modules for the same" : String.join("; ", reasons)));
        needs.stream().filter(n -> names.containsKey(n.capability())).forEach(n -> lines.add("  " + names.get(n.capability()) + ": " + n.reason()));
        if (needs.isEmpty()) {
            lines.add("  " + String.join(", ", modules(catalogue)) + ": nothing in the project asks for more than the small set");
        }
        return lines;
    }
}
