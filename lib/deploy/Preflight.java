package lib.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import lib.plan.Rollout.Kind;
import lib.plan.Rollout.Strategy;
import lib.plan.Rollout;
import lib.scan.Finding;
import lib.scan.Manifests.Resource;
import lib.scan.Manifests;

/** What can be said against a rollout from its manifests alone. An error keeps it from beginning; nothing is asked of a cluster here. */
final class Preflight {
    private static final Set<String> MUTABLE = Set.of("latest", "stable", "main", "master", "edge", "nightly", "dev", "develop", "staging", "production", "prod", "release", "current");

    private final Release release;
    private final Rollout plan;
    private final List<Finding> findings = new ArrayList<>();

    private Preflight(Release release, Rollout plan) {
        this.release = release;
        this.plan = plan;
    }

    static List<Finding> check(Release release, Rollout plan) {
        Preflight preflight = new Preflight(release, plan);
        preflight.judging();
        if (release.workload() != null) {
            preflight.replicas();
            preflight.probes();
            preflight.images();
            preflight.budget();
            preflight.references();
            preflight.router();
        }
        return preflight.findings;
    }

    /** What nobody could look at without a cluster. */
    static List<String> unchecked(Release release) {
        List<String> list = new ArrayList<>(List.of("what is live now, its version and its resource versions", "quota and room on the nodes", "whether the images can be pulled",
                "admission: webhooks and server-side validation", "the present traffic", "locks, freezes and rollouts in progress"));
        if (release.manifests().of("HorizontalPodAutoscaler").isEmpty()) {
            list.add("an autoscaler that is not among the manifests");
        }
        return list;
    }

    private void replicas() {
        Resource workload = release.workload();
        if (plan.strategy() == Strategy.CANARY && release.replicas() < 2) {
            findings.add(Finding.error("canary-needs-replicas", workload.id() + " has " + release.replicas() + " replica: no step of a canary could show anything before all of it had changed",
                    "spec.replicas: 2 or more, or --strategy blue-green", workload.evidence("spec", "replicas")));
        }
        if (release.isStateful() && (plan.strategy() == Strategy.CANARY || plan.strategy() == Strategy.BLUE_GREEN)) {
            findings.add(Finding.error("stateful-side-by-side", "a " + workload.kind() + " can't stand beside another version of itself", "--strategy rolling", workload.evidence("kind")));
        }
        if (workload.document().text("spec", "strategy", "type").equals("Recreate") && plan.strategy() == Strategy.ROLLING) {
            findings.add(Finding.warning("recreate", workload.id() + " stops all pods before new ones start: nobody serves in between", "spec.strategy.type: RollingUpdate",
                    workload.evidence("spec", "strategy", "type")));
        }
    }

    private void probes() {
        Resource workload = release.workload();
        String[] place = {"spec", "template", "spec", "containers"};
        for (int i = 0; i < workload.document().at(place).size(); i++) {
            String index = String.valueOf(i);
            boolean isServing = workload.document().at("spec", "template", "spec", "containers", index, "ports").size() > 0 || workload.document().at(place).size() == 1;
            if (isServing && !workload.document().has("spec", "template", "spec", "containers", index, "readinessProbe")) {
                findings.add(Finding.error("no-readiness-probe", "container " + workload.document().text("spec", "template", "spec", "containers", index, "name")
                        + " has no readiness probe: it would get traffic before it can serve, and a broken release would look ready",
                        "give it a readinessProbe", workload.evidence("spec", "template", "spec", "containers", index)));
            }
        }
    }

    private void images() {
        Resource workload = release.workload();
        int size = workload.document().at("spec", "template", "spec", "containers").size();
        for (int i = 0; i < size; i++) {
            String[] place = {"spec", "template", "spec", "containers", String.valueOf(i), "image"};
            String image = i == 0 && !release.version().isEmpty() ? release.version() : workload.document().text(place);
            String problem = problemOf(image);
            if (!problem.isEmpty()) {
                findings.add(Finding.error("mutable-image", (image.isEmpty() ? "container " + (i + 1) : image) + " " + problem + ": what is tested, deployed and rolled back to may each be something else",
                        "name a version or a digest, in the manifest or with --image", workload.evidence(place)));
            }
        }
    }

    /** Why an image's name may mean another image tomorrow, or empty. */
    static String problemOf(String image) {
        if (image.isEmpty()) {
            return "has no image";
        }
        if (image.contains("@sha256:")) {
            return "";
        }
        String last = image.substring(image.lastIndexOf('/') + 1);
        int colon = last.lastIndexOf(':');
        if (colon < 0) {
            return "has no tag";
        }
        String tag = last.substring(colon + 1);
        return tag.isEmpty() ? "has no tag" : MUTABLE.contains(tag) ? "has a tag that moves" : "";
    }

    private void budget() {
        Resource workload = release.workload();
        for (Resource budget : release.manifests().of("PodDisruptionBudget")) {
            if (!selects(budget.document().at("spec", "selector", "matchLabels"), labels(workload))) {
                continue;
            }
            String least = budget.document().text("spec", "minAvailable");
            String most = budget.document().text("spec", "maxUnavailable");
            int replicas = release.replicas();
            boolean isBlocking = most.equals("0") || most.equals("0%") || least.equals("100%") || least.matches("\\d{1,6}") && Integer.parseInt(least) >= replicas;
            if (isBlocking) {
                findings.add(Finding.error("blocking-budget", budget.id() + " lets none of " + replicas + " pods go (" + (least.isEmpty() ? "maxUnavailable: " + most : "minAvailable: " + least)
                        + "): a node that must be drained during the rollout never would be", "allow one: maxUnavailable: 1", budget.evidence("spec", least.isEmpty() ? "maxUnavailable" : "minAvailable")));
            }
        }
    }

    private void references() {
        JsonNode template = release.workload().document().at("spec", "template", "spec");
        Set<String> wanted = new LinkedHashSet<>();
        collect(template, wanted);
        List<String> absent = new ArrayList<>();
        for (String each : wanted) {
            int slash = each.indexOf('/');
            if (release.manifests().named(each.substring(0, slash), each.substring(slash + 1)).isEmpty()) {
                absent.add(each);
            }
        }
        if (!absent.isEmpty()) {
            findings.add(Finding.warning("not-among-manifests", String.join(", ", absent) + (absent.size() == 1 ? " is" : " are") + " not among the manifests: without a cluster nobody can tell whether "
                    + (absent.size() == 1 ? "it is" : "they are") + " there", "look before you deploy: a pod that misses one never starts", release.workload().evidence("spec", "template", "spec")));
        }
    }

    private static void collect(JsonNode node, Set<String> wanted) {
        if (node.isArray()) {
            node.forEach(each -> collect(each, wanted));
            return;
        }
        for (String[] each : new String[][] {{"configMapRef", "ConfigMap", "name"}, {"configMapKeyRef", "ConfigMap", "name"}, {"configMap", "ConfigMap", "name"},
            {"secretRef", "Secret", "name"}, {"secretKeyRef", "Secret", "name"}, {"secret", "Secret", "secretName"}}) {
            JsonNode reference = node.path(each[0]);
            if (reference.isObject() && !reference.path(each[2]).asText().isEmpty() && !reference.path("optional").asText().equals("true")) {
                wanted.add(each[1] + "/" + reference.path(each[2]).asText());
            }
        }
        node.forEach(each -> collect(each, wanted));
    }

    private void router() {
        String router = plan.router();
        List<String> there = release.routers();
        boolean isShown = router.isEmpty() || router.equals("service") || router.equals("flag") || there.contains(router);
        if (!isShown) {
            findings.add(Finding.error("router-not-there", "the router " + router + " has nothing to work with: no " + (router.equals("gateway-api") ? "HTTPRoute" : router.equals("istio") ? "VirtualService" : "Ingress of the class nginx")
                    + " among the manifests", "add it, or use --router " + there.get(0)));
        }
        boolean isService = release.manifests().of("Service").stream().anyMatch(s -> selects(s.document().at("spec", "selector"), labels(release.workload())));
        if (!isService && (plan.strategy() == Strategy.BLUE_GREEN || plan.strategy() == Strategy.CANARY)) {
            findings.add(Finding.error("no-service", "no Service among the manifests selects the pods of " + release.workload().id() + ": there is no traffic that could be shifted",
                    "add the Service to the manifests", release.workload().evidence("spec", "selector")));
        }
    }

    private void judging() {
        boolean isWatched = plan.actions().stream().anyMatch(a -> a.kind() == Kind.WATCH);
        if (plan.strategy() == Strategy.BLUE_GREEN && release.hasMigrations()) {
            findings.add(Finding.info("database-migration", "there are database migrations: a person promotes after they are known to leave the old version working", "promote goes on"));
        }
        if (isWatched && plan.judging().judge().equals("none")) {
            findings.add(Finding.warning("not-judged", "the judge is none: only readiness keeps a bad release from going on", "leave --judge away"));
        }
    }

    private static JsonNode labels(Resource workload) {
        return workload.document().at("spec", "template", "metadata", "labels");
    }

    private static boolean selects(JsonNode selector, JsonNode labels) {
        if (!selector.isObject() || selector.isEmpty()) {
            return false;
        }
        TreeMap<String, String> wanted = new TreeMap<>();
        selector.fieldNames().forEachRemaining(key -> wanted.put(key, selector.path(key).asText()));
        return wanted.entrySet().stream().allMatch(e -> labels.path(e.getKey()).asText().equals(e.getValue()));
    }
}
