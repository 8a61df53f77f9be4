package lib.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lib.cli.CommandLines.Names;
import lib.cli.Failure;
import lib.plan.RolloutConfig;
import lib.scan.Document;
import lib.scan.Finding;
import lib.scan.Manifests.Resource;
import lib.scan.Manifests;

/**
 * What is to be deployed, as its folder says: the configuration, the manifests, the workload among them, and the version. Runs nothing of the
 * project; charts and kustomizations are rendered by their own tools.
 *
 * @param workload the object that runs the versions, or null for a target without manifests
 * @param version image with tag or digest, or whatever the target calls a version; empty when nobody says
 */
record Release(Path folder, String app, RolloutConfig config, Manifests manifests, Resource workload, String version, List<Finding> findings) {
    private static final List<String> FOLDERS = List.of("k8s", "kubernetes", "manifests", "deploy");
    private static final Set<String> MIGRATIONS = Set.of("db/migrate", "db/migrations", "migrations", "prisma/migrations", "alembic", "alembic.ini", "src/main/resources/db/migration", "flyway.conf", "liquibase.properties");

    /** Where the manifests come from; at most one is given. */
    record Source(Path manifests, Path chart, Path kustomize) {}

    static Release read(Path cwd, Path target, Path configFile, Source source, String image) {
        Path folder = cwd.resolve(target);
        if (!Files.exists(folder)) {
            throw Failure.cannotProceed("no such folder: " + target, "give the folder of what is to be deployed");
        }
        Path base = Files.isDirectory(folder) ? folder : folder.getParent();
        RolloutConfig config = config(cwd, base, configFile);
        Manifests manifests = manifests(cwd, folder, source, config);
        List<Finding> findings = new ArrayList<>();
        String wanted = config.text("kubernetes", "workload").isEmpty() ? config.text("app") : config.text("kubernetes", "workload");
        Resource workload = workload(manifests, wanted, base, findings);
        String app = !config.text("app").isEmpty() ? config.text("app") : workload != null ? workload.name() : base.toAbsolutePath().normalize().getFileName().toString();
        String said = !image.isEmpty() ? image : !config.text("image").isEmpty() ? config.text("image") : config.text("version");
        String version = !said.isEmpty() || workload == null ? said : workload.document().text("spec", "template", "spec", "containers", "0", "image");
        return new Release(base, app, config, manifests, workload, version, List.copyOf(findings));
    }

    int replicas() {
        if (workload == null) {
            return (int) config.number(2, "local", "replicas");
        }
        return workload.kind().equals("DaemonSet") ? 1 : workload.number(1, "spec", "replicas");
    }

    boolean isStateful() {
        return workload != null && !workload.kind().equals("Deployment");
    }

    boolean hasMigrations() {
        return MIGRATIONS.stream().anyMatch(m -> Files.exists(folder.resolve(m)))
                || manifests.of("Job").stream().anyMatch(j -> j.name().contains("migrat"));
    }

    /** The router that the manifests themselves show, the best first. */
    List<String> routers() {
        List<String> routers = new ArrayList<>();
        if (!manifests.of("HTTPRoute").isEmpty()) {
            routers.add("gateway-api");
        }
        if (!manifests.of("VirtualService").isEmpty()) {
            routers.add("istio");
        }
        if (manifests.of("Ingress").stream().anyMatch(i -> i.document().text("spec", "ingressClassName").equals("nginx")
                || i.document().text("metadata", "annotations", "kubernetes.io/ingress.class").equals("nginx"))) {
            routers.add("nginx");
        }
        routers.add("replicas");
        return routers;
    }

    private static RolloutConfig config(Path cwd, Path folder, Path given) {
        Path file = given != null ? cwd.resolve(given) : Stream.of("deployment.yaml", "deployment.yml").map(folder::resolve).filter(Files::isRegularFile).findFirst().orElse(null);
        if (file == null) {
            return RolloutConfig.empty();
        }
        String name = given != null ? given.toString() : file.getFileName().toString();
        try {
            Document document = Document.ofYaml(name, Files.readString(file));
            // A manifest of Kubernetes is often called deployment.yaml too.
            if (given == null && document.has("kind") && document.has("apiVersion")) {
                return RolloutConfig.empty();
            }
            return RolloutConfig.of(document, Names::nearest);
        } catch (Document.Broken e) {
            if (given == null && e.line == 0) {
                return RolloutConfig.empty();
            }
            throw Failure.cannotProceed(name + (e.line > 0 ? ":" + e.line : "") + ": " + e.getMessage(), "correct the file");
        } catch (IOException e) {
            throw Failure.cannotProceed("cannot read " + name, "check the path given with --config");
        }
    }

    private static Manifests manifests(Path cwd, Path folder, Source source, RolloutConfig config) {
        if (Stream.of(source.manifests(), source.chart(), source.kustomize()).filter(p -> p != null).count() > 1) {
            throw Failure.usage("--manifests, --chart and --kustomize each say where the manifests come from", "give one of them");
        }
        if (source.chart() != null) {
            Path chart = there(cwd, source.chart(), "--chart");
            return Manifests.of(source.chart().toString(), rendered("helm", List.of("helm", "template", chart.getFileName().toString(), chart.toString()), "install helm, or render the chart yourself and give --manifests"));
        }
        if (source.kustomize() != null) {
            Path base = there(cwd, source.kustomize(), "--kustomize");
            return Manifests.of(source.kustomize().toString(), rendered("kubectl", List.of("kubectl", "kustomize", base.toString()), "install kubectl, or render it yourself and give --manifests"));
        }
        if (source.manifests() != null) {
            Manifests manifests = Manifests.read(there(cwd, source.manifests(), "--manifests"));
            if (manifests.isEmpty()) {
                throw Failure.cannotProceed("no object of Kubernetes in " + source.manifests(), "give the folder with the YAML files of the application");
            }
            return manifests;
        }
        if (config.document().has("local") || Files.isRegularFile(folder)) {
            return Files.isRegularFile(folder) ? Manifests.read(folder) : Manifests.none();
        }
        for (String name : FOLDERS) {
            if (Files.isDirectory(folder.resolve(name))) {
                Manifests manifests = Manifests.read(folder.resolve(name));
                if (!manifests.isEmpty()) {
                    return manifests;
                }
            }
        }
        return Files.isDirectory(folder) ? Manifests.read(folder, 1) : Manifests.none();
    }

    private static Path there(Path cwd, Path given, String option) {
        Path path = cwd.resolve(given);
        if (!Files.exists(path)) {
            throw Failure.cannotProceed("no such file or folder: " + given, "check what " + option + " names");
        }
        return path;
    }

    private static Resource workload(Manifests manifests, String wanted, Path folder, List<Finding> findings) {
        List<Resource> all = manifests.workloads();
        if (all.isEmpty()) {
            return null;
        }
        Optional<Resource> named = all.stream().filter(w -> w.name().equals(wanted.isEmpty() ? String.valueOf(folder.getFileName()) : wanted)).findFirst();
        if (named.isEmpty() && !wanted.isEmpty()) {
            throw Failure.cannotProceed("no workload '" + wanted + "' in the manifests", "there are " + String.join(", ", all.stream().map(Resource::id).toList()));
        }
        Resource chosen = named.orElse(all.get(0));
        if (named.isEmpty() && all.size() > 1) {
            findings.add(Finding.warning("chosen-workload", chosen.id() + " is the first of " + all.size() + " workloads; the others are updated with it, and not judged",
                    "name another as kubernetes.workload in deployment.yaml", chosen.evidence("kind")));
        }
        return chosen;
    }

    private static String rendered(String tool, List<String> command, String hint) {
        try {
            Path errors = Files.createTempFile("render", ".txt");
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean isDone = process.waitFor(60, TimeUnit.SECONDS);
            String said = Files.readString(errors).strip();
            Files.delete(errors);
            if (!isDone || process.exitValue() != 0) {
                process.destroyForcibly();
                throw Failure.cannotProceed(String.join(" ", command) + " failed: " + said.lines().findFirst().orElse("no answer"), "run it by hand");
            }
            return text;
        } catch (IOException e) {
            throw Failure.cannotProceed(tool + " is not installed", hint);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.cannotProceed(tool + " was interrupted", "");
        }
    }
}
