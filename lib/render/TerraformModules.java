package lib.render;

//FILES templates/terraform/=../../templates/terraform/module.ftl
//FILES templates/terraform/aws/=../../templates/terraform/aws/aurora.ftl templates/terraform/aws/=../../templates/terraform/aws/dns.ftl
//FILES templates/terraform/aws/=../../templates/terraform/aws/ecs.ftl templates/terraform/aws/=../../templates/terraform/aws/eks.ftl
//FILES templates/terraform/aws/=../../templates/terraform/aws/iam.ftl templates/terraform/aws/=../../templates/terraform/aws/kms.ftl
//FILES templates/terraform/aws/=../../templates/terraform/aws/lambda.ftl templates/terraform/aws/=../../templates/terraform/aws/monitoring.ftl
//FILES templates/terraform/aws/=../../templates/terraform/aws/root.ftl templates/terraform/aws/=../../templates/terraform/aws/s3.ftl
//FILES templates/terraform/aws/=../../templates/terraform/aws/vpc.ftl
//FILES templates/terraform/aws/=../../templates/terraform/aws/budget.ftl templates/terraform/aws/=../../templates/terraform/aws/rds.ftl
//FILES templates/terraform/aws/=../../templates/terraform/aws/secrets.ftl templates/terraform/aws/=../../templates/terraform/aws/sqs.ftl
//FILES templates/terraform/aws/=../../templates/terraform/aws/state.ftl templates/terraform/aws/=../../templates/terraform/aws/cloudfront.ftl
//FILES templates/terraform/gcp/=../../templates/terraform/gcp/gcs.ftl templates/terraform/gcp/=../../templates/terraform/gcp/kms.ftl
//FILES templates/terraform/gcp/=../../templates/terraform/gcp/network.ftl templates/terraform/gcp/=../../templates/terraform/gcp/root.ftl
//FILES templates/terraform/gcp/=../../templates/terraform/gcp/state.ftl templates/terraform/gcp/=../../templates/terraform/gcp/cloudrun.ftl
//FILES templates/terraform/gcp/=../../templates/terraform/gcp/cloudsql.ftl templates/terraform/gcp/=../../templates/terraform/gcp/gke.ftl
//FILES templates/terraform/gcp/=../../templates/terraform/gcp/iam.ftl templates/terraform/gcp/=../../templates/terraform/gcp/pubsub.ftl
//FILES templates/terraform/gcp/=../../templates/terraform/gcp/secrets.ftl templates/terraform/gcp/=../../templates/terraform/gcp/budget.ftl
//FILES templates/terraform/gcp/=../../templates/terraform/gcp/cdn.ftl templates/terraform/gcp/=../../templates/terraform/gcp/dns.ftl
//FILES templates/terraform/gcp/=../../templates/terraform/gcp/functions.ftl templates/terraform/gcp/=../../templates/terraform/gcp/monitoring.ftl
//SOURCES HclFormat.java TerraformRoots.java TerraformTree.java

import freemarker.core.Environment;
import freemarker.template.TemplateDirectiveBody;
import freemarker.template.TemplateDirectiveModel;
import freemarker.template.TemplateException;
import freemarker.template.TemplateModel;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.plan.Catalogue;
import lib.plan.Catalogue.Module;
import lib.plan.Catalogue.Source;
import lib.plan.Catalogue.Variable;
import lib.plan.Infrastructure.Cloud;
import lib.plan.Infrastructure.Engine;
import lib.plan.Infrastructure.Feature;
import lib.plan.Infrastructure.Features;
import lib.plan.InfrastructurePlanner;
import lib.render.Rendering.GeneratedFile;

/**
 * The folder of one module: what its template says, and around it what its entry in the catalogue says. Also the JBang index of the
 * templates of all clouds.
 *
 * <p>A template knows neither the other modules nor the environments; that is what makes every subset of modules valid.
 */
public final class TerraformModules {
    private static final Pattern MOCK = Pattern.compile("(?ms)^  mock_(?:resource|data) \"([^\"]+)\" \\{\\n.*?^  \\}\\n\\n?");
    private final Parts parts;
    private final Cloud cloud;
    private final Features features;

    public TerraformModules(Parts parts, Cloud cloud, Features features) {
        this.parts = parts;
        this.cloud = cloud;
        this.features = features;
    }

    public List<GeneratedFile> files(Module module) {
        Catalogue catalogue = cloud.catalogue();
        List<Variable> variables = module.variables().stream().filter(v -> features.has(v.feature())).toList();
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("module", module);
        model.put("provider", catalogue.provider());
        model.put("features", features(features));
        model.put("tofu", features.engine() == Engine.TOFU);
        Parts.Filled own = parts.fill("terraform/" + catalogue.provider().id() + "/" + module.id(), model);

        model.put("variables", variables);
        model.put("validations", variables.stream().map(v -> InfrastructurePlanner.validations(v, features)).toList());
        model.put("examples", examples(variables));
        model.put("floor", features.floor(cloud.used(module.id())).toString());
        model.put("protects", own.protects() && features.engine() == Engine.TOFU);
        model.put("hasTests", features.has(Feature.MOCK_TESTS));
        String mocks = parts.fill("terraform/" + catalogue.provider().id() + "/root", rootModel()).files().getOrDefault("mocks", "");
        model.put("mocks", mocks(mocks, String.join("\n", own.files().values())));
        model.put("ownRuns", own.runs());
        Map<String, String> files = new LinkedHashMap<>(parts.fill("terraform/module", model).files());
        own.files().forEach((path, text) -> files.put(own.isProtecting(path) && features.engine() == Engine.TOFU ? path.replaceFirst("\\.tf$", ".tofu") : path, text));
        List<GeneratedFile> all = new ArrayList<>();
        files.forEach((path, text) -> {
            if (!text.isBlank()) {
                all.add(GeneratedFile.of("modules/" + module.id() + "/" + path, text));
            }
        });
        return all;
    }

    /** Of the mocks of a cloud, laid out, those of types that the code has. */
    static String mocks(String all, String code) {
        return MOCK.matcher(all).replaceAll(m -> code.contains('"' + m.group(1) + '"') ? Matcher.quoteReplacement(m.group()) : "").replaceAll("\\n\\n(?=\\})", "\n").replaceAll("\\{\\n\\}", "{}");
    }

    /** What the templates of roots are filled with where only the mocks of tests are wanted. */
    private Map<String, Object> rootModel() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("name", "example");
        model.put("environment", "dev");
        model.put("profile", "dev");
        model.put("region", cloud.region());
        model.put("store", cloud.store());
        // A module alone runs by the one configuration that it is given, whatever the roots call that.
        model.put("aliases", List.of());
        model.put("tags", Map.of());
        model.put("layout", "environment");
        model.put("provider", cloud.catalogue().provider());
        model.put("features", features(features));
        model.put("tofu", features.engine() == Engine.TOFU);
        return model;
    }

    /** What tests set: what has no default. */
    private static Map<String, String> examples(List<Variable> variables) {
        Map<String, String> examples = new LinkedHashMap<>();
        for (Variable variable : variables) {
            boolean isSet = variable.isRequired() || variable.example() != null && variable.source() instanceof Source.Common;
            if (isSet) {
                examples.put(variable.name(), variable.example() != null ? variable.example()
                        : HclFormat.literal(((Source.Profile) variable.source()).values().get("production")));
            }
        }
        return examples;
    }

    /** The names that templates ask for. */
    static Map<String, Boolean> features(Features features) {
        return Map.of("writeOnly", features.has(Feature.WRITE_ONLY), "s3Lockfile", features.has(Feature.S3_LOCKFILE));
    }

    /**
     * Fills a template that makes several files, each of them laid out.
     *
     * <p>{@code [@file "main.tf"]…[/@file]} is a file, {@code [@runs]…[/@runs]} are runs for the module's tests,
     * {@code [@hcl]…[/@hcl]} is HCL within prose, laid out, and {@code [@protect /]} is what keeps a resource that holds data from being destroyed.
     */
    public static final class Parts {
        private static final String MACROS = "[#macro file path][@part path=path][#nested][/@part][/#macro]";
        private final Templates templates;

        /** @param overrides a user's folder of templates, or null */
        public Parts(Path overrides) {
            templates = Templates.withSquareTags(overrides, Map.of("macros", MACROS));
        }

        /** @param protecting the files with a resource that is kept from being destroyed */
        public record Filled(Map<String, String> files, String runs, Set<String> protecting) {
            public boolean protects() {
                return !protecting.isEmpty();
            }

            boolean isProtecting(String path) {
                return protecting.contains(path);
            }
        }

        public Filled fill(String path, Map<String, Object> values) {
            Map<String, String> files = new LinkedHashMap<>();
            Set<String> protecting = new LinkedHashSet<>();
            StringBuilder runs = new StringBuilder();
            String[] current = {""};
            boolean isTofu = Boolean.TRUE.equals(values.get("tofu"));
            Map<String, Object> model = new LinkedHashMap<>(values);
            model.put("part", (TemplateDirectiveModel) (environment, arguments, loop, body) -> {
                current[0] = String.valueOf(arguments.get("path"));
                String text = text(body);
                boolean isHcl = current[0].matches(".*\\.(tf|tofu|tfvars|hcl)") || current[0].equals("mocks");
                files.merge(current[0], isHcl ? HclFormat.layout(text) : trimmed(text, current[0].endsWith(".md")), String::concat);
            });
            model.put("hcl", (TemplateDirectiveModel) (environment, arguments, loop, body) -> environment.getOut().write(HclFormat.layout(text(body))));
            model.put("runs", (TemplateDirectiveModel) (environment, arguments, loop, body) -> runs.append(text(body)));
            model.put("protect", (TemplateDirectiveModel) (environment, arguments, loop, body) -> {
                protecting.add(current[0]);
                protect(environment, arguments, isTofu);
            });
            templates.fill(path, HclFormat.INSTANCE, model);
            return new Filled(files, runs.toString(), protecting);
        }

        private static void protect(Environment environment, Map<?, ?> arguments, boolean isTofu) throws IOException {
            TemplateModel ignored = (TemplateModel) arguments.get("ignore");
            environment.getOut().write("\nlifecycle {\nprevent_destroy = " + (isTofu ? "var.prevent_destroy" : "true") + "\n"
                    + (ignored == null ? "" : "ignore_changes = [" + ignored + "]\n") + "}\n");
        }

        private static String text(TemplateDirectiveBody body) throws TemplateException, IOException {
            StringWriter text = new StringWriter();
            if (body != null) {
                body.render(text);
            }
            return text.toString();
        }

        /** Without the blanks that tags leave. */
        private static String trimmed(String text, boolean isProse) {
            String lines = text.strip().replaceAll("[ \\t]+\n", "\n");
            return text.isBlank() ? "" : (isProse ? lines.replaceAll("\n{3,}", "\n\n") : lines) + "\n";
        }
    }
}
