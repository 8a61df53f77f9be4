import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import lib.plan.Catalogue;
import lib.plan.Infrastructure;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.EngineVersion;
import lib.plan.Infrastructure.Environment;
import lib.plan.Infrastructure.Layout;
import lib.plan.Infrastructure.Request;
import lib.plan.InfrastructurePlanner;
import lib.plan.InfrastructurePlanner.Choice;
import lib.render.Rendering;
import lib.render.TerraformModules.Parts;
import lib.render.TerraformTree;
import lib.verify.TerraformChecks;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import support.Sample;

/**
 * Whatever anybody may ask for passes our own checks: it parses, the formatter has nothing to do, no reference dangles, every required
 * argument is given, no state is shared. For every cloud whose catalogue is here, and for the small one.
 */
class ScaffolderPropertiesTest {
    private static final Map<Catalogue, Parts> CATALOGUES = catalogues();
    private static final List<String> HOSTILE = List.of("${var.x}", "%{ if true }", "\"", "\n}", "\\", "$${", "<<EOT", "é", "#", "*/", "a", " ", "=");

    private static Map<Catalogue, Parts> catalogues() {
        Map<Catalogue, Parts> all = new LinkedHashMap<>();
        all.put(Sample.catalogue("aws").orElseThrow(), new Parts(Sample.TEMPLATES));
        Catalogue.CLOUDS.stream().map(Catalogue::shipped).flatMap(Optional::stream).forEach(c -> all.put(c, new Parts(null)));
        return all;
    }

    @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
    void whateverIsAskedForIsSound(@ForAll long seed) {
        Random random = new Random(seed);
        List<Catalogue> all = List.copyOf(CATALOGUES.keySet());
        Catalogue catalogue = all.get(random.nextInt(all.size()));
        List<String> ids = new ArrayList<>();
        catalogue.modules().stream().filter(m -> random.nextInt(3) == 0).forEach(m -> ids.add(m.id()));
        ids.add(catalogue.modules().get(random.nextInt(catalogue.modules().size())).id());
        ids.removeIf(id -> catalogue.module(id).orElseThrow().capability().equals("state"));
        if (ids.isEmpty()) {
            ids.addAll(catalogue.defaults());
        }
        Request request = request(random, catalogue);
        Infrastructure plan = InfrastructurePlanner.plan(request, List.of(new Choice(catalogue, ids, Set.of())));
        List<Rendering> rendered = TerraformTree.render(plan, CATALOGUES.get(catalogue));
        assertEquals(List.of(), TerraformChecks.check(plan, rendered), () -> catalogue.provider().id() + " " + ids + " " + request);
    }

    private static Request request(Random random, Catalogue catalogue) {
        List<Environment> environments = new ArrayList<>(List.of(new Environment("dev", "dev", ""), new Environment("production", "production", ""), new Environment("qa", "staging", "")));
        while (environments.size() > 1 && random.nextBoolean()) {
            environments.remove(random.nextInt(environments.size()));
        }
        Map<String, String> tags = new TreeMap<>(Map.of("team", text(random), "cost-center", text(random), "owner", text(random)));
        List<String> regions = catalogue.provider().regions();
        Engine engine = Engine.values()[random.nextInt(2)];
        List<String> targets = List.of("1.6", "1.7", "1.9", "1.10", "1.11", "1.12");
        EngineVersion target = random.nextBoolean() ? null : EngineVersion.of(targets.get(random.nextInt(targets.size())));
        String name = (char) ('a' + random.nextInt(26)) + Integer.toString(random.nextInt(100_000), 36) + "x".repeat(random.nextInt(4));
        List<String> existing = random.nextBoolean() ? List.of() : List.of("10." + random.nextInt(256) + ".0.0/16", "192.168.0.0/16");
        return new Request(name, environments, Map.of(catalogue.provider().id(), regions.get(random.nextInt(regions.size()))), tags, existing,
                Layout.values()[random.nextInt(2)], engine, target, "", List.of(), List.of(), "github");
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.append(HOSTILE.get(random.nextInt(HOSTILE.size())));
        }
        return text.toString();
    }
}
