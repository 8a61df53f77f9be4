package lib.deploy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import lib.cli.CommandLines.Names;
import lib.cli.Failure;
import lib.plan.Rollout.Judging;
import lib.plan.Rollout.Strategy;
import lib.plan.RolloutConfig;
import lib.plan.RolloutPlanner.Facts;
import lib.plan.RolloutPlanner.Request;
import lib.plan.RolloutPlanner.Rung;
import lib.plan.RolloutPlanner;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options of the deployment manager, and what they mean together with the configuration: an option wins over the file. */
public final class DeployOptions {
    /** What each verb is given besides its options. */
    public static final Map<String, String> VERBS = Map.ofEntries(Map.entry("deploy", "TARGET"), Map.entry("plan", "TARGET"), Map.entry("apply", "PLAN.JSON"), Map.entry("status", "TARGET"),
            Map.entry("resume", "TARGET"), Map.entry("abort", "TARGET"), Map.entry("rollback", "TARGET"), Map.entry("history", "TARGET"), Map.entry("promote", "TARGET"), Map.entry("freeze", "TARGET"),
            Map.entry("unfreeze", "TARGET"), Map.entry("judge", "[TARGET]"), Map.entry("demo", "[good|bad]"), Map.entry("doctor", "[TARGET]"));
    private static final List<String> JUDGES = List.of("exact", "sequential", "naive", "latency", "none");

    @Parameters(index = "0..*", paramLabel = "[VERB] TARGET", description = {"The folder of what is deployed, after a verb or without one to deploy. Verbs: plan, apply PLAN.JSON, status, resume, abort,",
            "rollback, history, promote, freeze, unfreeze, judge, demo [good|bad], doctor."})
    List<String> words = new ArrayList<>();

    @Option(names = "--strategy", paramLabel = "NAME", description = "rolling, blue-green, canary, feature-flag; without it one is recommended, with reasons.")
    String strategy = "";

    @Option(names = "--target", paramLabel = "NAME", description = "kubernetes, or local: processes on this machine.")
    String target = "";

    @Option(names = "--router", paramLabel = "NAME", description = "Who splits the traffic: gateway-api, istio, nginx, replicas; haproxy, embedded; flag.")
    String router = "";

    @Option(names = "--image", paramLabel = "IMAGE", description = "The new version: an image with tag or digest; for the local target a version's name.")
    String image = "";

    @Option(names = "--manifests", paramLabel = "DIR", description = "Manifests of Kubernetes; without it those below TARGET.")
    Path manifests;

    @Option(names = "--chart", paramLabel = "DIR", description = "A chart, rendered by helm.")
    Path chart;

    @Option(names = "--kustomize", paramLabel = "DIR", description = "A kustomization, rendered by kubectl.")
    Path kustomize;

    @Option(names = "--config", paramLabel = "FILE", description = "Ladder, thresholds, hooks and the rest; without it TARGET/deployment.yaml where it is one.")
    Path config;

    @Option(names = "--context", paramLabel = "NAME", description = "Of the kubeconfig.")
    String context = "";

    @Option(names = {"-n", "--namespace"}, paramLabel = "NAME", description = "Of the cluster.")
    String namespace = "";

    @Option(names = "--timeout", paramLabel = "TIME", description = "How long one action may take: 90s, 10m. Default 10m.")
    String timeout = "10m";

    @Option(names = "--bake", paramLabel = "TIME", description = "How long the whole new version is watched after a cutover. Default 15m.")
    String bake = "";

    @Option(names = "--interval", paramLabel = "TIME", description = "Between two looks at the metrics. Default 60s.")
    String interval = "";

    @Option(names = "--step-duration", paramLabel = "TIME", description = "How long each step below 100 percent is watched, instead of what the ladder says.")
    String stepDuration = "";

    @Option(names = "--judge", paramLabel = "NAME", description = "exact, sequential, naive, latency, none.")
    String judge = "";

    @Option(names = "--traffic", paramLabel = "N", description = "Requests a second, for the forecast, where no metrics tell.")
    double traffic = -1;

    @Option(names = {"-y", "--yes"}, description = "Don't ask before it begins.")
    boolean yes;

    @Option(names = "--to", paramLabel = "REVISION", description = "With rollback: a revision of history; without it the one before.")
    String to = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why: of a deployment, a freeze or an abort; kept in the history.")
    String reason = "";

    @Option(names = "--until", paramLabel = "TIME", description = "With freeze: for how long, as 8h; without it until unfreeze.")
    String until = "";

    @Option(names = "--counts", paramLabel = "FILE", description = "With judge: recorded counters, a line an interval.")
    Path counts;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the timeline or the rollout as one HTML file.")
    public Path report;

    @Option(names = "--rbac", description = "With doctor: print the Role that this tool needs.")
    boolean rbac;

    /** The verb and what it is about; a folder with the name of a verb is written {@code ./plan}. */
    public record Order(String verb, String subject) {}

    public Order order() {
        boolean hasVerb = !words.isEmpty() && VERBS.containsKey(words.get(0));
        String verb = hasVerb ? words.get(0) : "deploy";
        List<String> rest = hasVerb ? words.subList(1, words.size()) : words;
        boolean isOptional = VERBS.get(verb).startsWith("[");
        if (rest.size() > 1) {
            String near = Names.nearest(rest.get(0), VERBS.keySet());
            throw Failure.usage(hasVerb ? verb + " takes one " + VERBS.get(verb) + ", not " + String.join(" ", rest) : "'" + rest.get(0) + "' is no verb", near.isEmpty() || hasVerb ? "see --help" : "did you mean " + near + "?");
        }
        if (rest.isEmpty() && !isOptional) {
            throw Failure.usage(verb.equals("deploy") ? "Missing required parameter: 'TARGET'" : verb + " needs " + VERBS.get(verb), "deployment_manager.java " + (verb.equals("deploy") ? "" : verb + " ") + "./app");
        }
        String subject = rest.isEmpty() ? "" : rest.get(0);
        if (verb.equals("demo") && !List.of("", "good", "bad").contains(subject)) {
            throw Failure.usage("demo shows a 'good' or a 'bad' release, not '" + subject + "'", "deployment_manager.java demo bad");
        }
        return new Order(verb, subject);
    }

    /** Refuses words that nobody knows, before anything is read. */
    public void validate(Order order) {
        check("strategy", strategy, Arrays.stream(Strategy.values()).map(Strategy::id).toList());
        check("target", target, Targets.known());
        check("router", router, Routers.all().stream().map(Routers.Kind::id).toList());
        check("judge", judge, JUDGES);
        for (String[] each : new String[][] {{"--timeout", timeout}, {"--bake", bake}, {"--interval", interval}, {"--step-duration", stepDuration}, {"--until", until}}) {
            if (!each[1].isEmpty() && RolloutConfig.seconds(each[1]) < 0) {
                throw Failure.usage(each[0] + " '" + each[1] + "' is no time", "write 30s, 10m or 1h");
            }
        }
        if (order.verb().equals("freeze") && reason.isBlank()) {
            throw Failure.usage("freeze needs a reason, for those whom it stops", "freeze " + order.subject() + " --reason 'payment incident'");
        }
        if (order.verb().equals("judge") && counts == null) {
            throw Failure.usage("judge needs recorded counters", "judge --counts FILE");
        }
        if (!strategy.isEmpty() && strategy.equals(Strategy.FEATURE_FLAG.id()) && !router.isEmpty() && !router.equals("flag")) {
            throw Failure.usage("a feature flag is its own router: --router " + router + " does not go with it", "leave --router away");
        }
    }

    private static void check(String what, String given, List<String> known) {
        if (!given.isEmpty()) {
            Names.check(what, List.of(given), known);
        }
    }

    Release release(Path cwd, String subject) {
        return Release.read(cwd, Path.of(subject), config, new Release.Source(manifests, chart, kustomize), image);
    }

    /** The target that was asked for, or that the folder shows. */
    String targetOf(Release release) {
        String said = target.isEmpty() ? release.config().text("target") : target;
        if (!said.isEmpty()) {
            check("target", said, Targets.known());
            return said;
        }
        return release.config().document().has("local") ? "local" : "kubernetes";
    }

    /** What the planner is asked. @param seen what is live, or null where nobody could look */
    Request request(Release release, Target.Observation seen) {
        RolloutConfig file = release.config();
        Strategy wanted = strategy.isEmpty() ? file.strategy() : Arrays.stream(Strategy.values()).filter(s -> s.id().equals(strategy)).findFirst().orElseThrow();
        List<String> there = seen == null ? targetOf(release).equals("local") ? List.of("haproxy") : release.routers() : seen.routers();
        String asked = router.isEmpty() ? file.text("router") : router;
        check("router", asked, Routers.all().stream().map(Routers.Kind::id).toList());
        String by = wanted == Strategy.FEATURE_FLAG ? "flag" : !asked.isEmpty() ? asked : wanted == Strategy.BLUE_GREEN && targetOf(release).equals("kubernetes") ? "service" : there.isEmpty() ? "" : there.get(0);
        boolean isExact = !by.isEmpty() && Routers.of(by).isExact();
        boolean hasMetrics = seen == null ? file.document().has("metrics") || targetOf(release).equals("local") : !seen.metrics().isEmpty();
        double rate = seen != null && seen.requestsPerSecond() >= 0 ? seen.requestsPerSecond() : traffic;
        int bakeSeconds = bake.isEmpty() ? file.seconds(List.of("bake"), wanted == Strategy.ROLLING ? 0 : RolloutPlanner.BAKE) : RolloutConfig.seconds(bake);
        Facts facts = new Facts(isExact, hasMetrics, release.isStateful(), release.hasMigrations(), rate);
        int replicas = seen != null && seen.replicas() > 0 ? seen.replicas() : release.replicas();
        String from = seen != null ? seen.version() : "the version that is live";
        return new Request(release.app(), wanted, targetOf(release), by, isExact, from, release.version(), replicas, ladder(file), bakeSeconds, file.seconds(List.of("retire-delay"), 30), judging(file),
                file.hooks(), file.smokes(), facts);
    }

    private List<Rung> ladder(RolloutConfig file) {
        List<Rung> ladder = file.ladder().isEmpty() ? RolloutPlanner.LADDER : file.ladder();
        if (stepDuration.isEmpty()) {
            return ladder;
        }
        int seconds = RolloutConfig.seconds(stepDuration);
        return ladder.stream().map(r -> new Rung(r.weight(), r.weight() < 100 || r.seconds() > 0 ? seconds : 0, r.gate())).toList();
    }

    private Judging judging(RolloutConfig file) {
        Judging standard = Judging.standard(60);
        Judging said = file.judging(standard);
        int seconds = interval.isEmpty() ? said.intervalSeconds() : Math.max(1, RolloutConfig.seconds(interval));
        int shortest = ladder(file).stream().mapToInt(Rung::seconds).filter(s -> s > 0).min().orElse(seconds);
        return new Judging(judge.isEmpty() ? said.judge() : judge, said.maxRatio(), said.alpha(), Math.min(seconds, shortest), said.extensions(), said.stopErrors(), said.stopRatio());
    }

    int timeoutSeconds() {
        return Math.max(1, RolloutConfig.seconds(timeout));
    }

    /** Options of the other tools that mean nothing here go; of the rest some are said in the words of a deployment. */
    public static void describe(CommandSpec spec) {
        for (String name : List.of("--diff", "--force", "--templates")) {
            spec.remove(spec.findOption(name));
        }
        for (String[] each : new String[][] {{"--output", "With plan: the file that apply takes."}, {"--dry-run", "Play the rollout and print what would happen; touch nothing."},
            {"--check", "With rollback: prove that the version before still applies; change nothing."}, {"--verbose", "Every action and every reading; stack traces of bugs."}}) {
            OptionSpec old = spec.findOption(each[0]);
            spec.remove(old);
            spec.addOption(OptionSpec.builder(old).paramLabel(each[0].equals("--output") ? "FILE" : old.paramLabel()).description(each[1]).build());
        }
    }
}
