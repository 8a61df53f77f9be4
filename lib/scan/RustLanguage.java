package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Knows Cargo.toml, Cargo.lock and rust-toolchain files. The root of a workspace has the commands of all its members. */
final class RustLanguage implements Language {
    private static final Set<String> PROTOC = Set.of("protobuf-src", "protoc-bin-vendored", "protox");
    /** A crate that links to a system library, and the one beside which it builds that library itself. */
    private static final Map<String, String> BUNDLED = Map.of("openssl-sys", "openssl-src", "pq-sys", "pq-src", "mysqlclient-sys", "mysqlclient-src",
            "zmq-sys", "zeromq-src");
    /** Build dependencies that a crate has only when it builds the library itself. */
    private static final Map<String, String> COMPILES = Map.of("libsqlite3-sys", "cc", "libdbus-sys", "cc", "sdl2-sys", "cmake");

    @Override
    public List<String> looksFor() {
        return List.of("Cargo.toml");
    }

    @Override
    public List<Component> detect(Project project) {
        List<Component> components = new ArrayList<>();
        for (CargoWorkspace workspace : CargoWorkspace.in(project)) {
            Optional<Runtime> runtime = toolchain(project, workspace);
            if (workspace.isVirtual() && !workspace.packages().isEmpty()) {
                components.add(root(project, workspace, runtime));
            }
            workspace.packages().forEach((folder, manifest) -> components.add(member(project, workspace, folder, manifest, runtime)));
        }
        return components;
    }

    /** The component of a root without a package: it has no name, and the commands. */
    private static Component root(Project project, CargoWorkspace workspace, Optional<Runtime> toolchain) {
        Component.Builder c = Component.at(workspace.root(), "rust").workspace(new Workspace(workspace.root(), "cargo", "", true));
        c.runtime(toolchain.orElseGet(() -> runtime(workspace, workspace.manifest())));
        common(project, workspace, c);
        workspace.packages().values().forEach(m -> workspace.dependencies(m).forEach(c::dependency));
        return withCommands(project, workspace, c).notAPackage().build();
    }

    private static Component member(Project project, CargoWorkspace workspace, String folder, Document manifest, Optional<Runtime> toolchain) {
        Component.Builder c = Component.at(folder, "rust");
        String name = manifest.text("package", "name");
        c.name(Shell.isPrintable(name) ? name : "");
        c.runtime(toolchain.orElseGet(() -> runtime(workspace, manifest)));
        common(project, workspace, c);
        workspace.dependencies(manifest).forEach(c::dependency);
        if (workspace.isWorkspace()) {
            c.workspace(new Workspace(workspace.root(), "cargo", "", true));
            workspace.links(folder, manifest).forEach(c::dependsOn);
        }
        publication(workspace, manifest, name).ifPresent(c::publication);
        return folder.equals(workspace.root()) ? withCommands(project, workspace, c).build() : c.build();
    }

    private static void common(Project project, CargoWorkspace workspace, Component.Builder c) {
        String lock = Project.join(workspace.root(), "Cargo.lock");
        c.packageManager(new PackageManager("cargo", "", new Evidence(workspace.manifest().file(), 0, "cargo-manifest"),
                List.of(project.exists(lock) ? lock : workspace.manifest().file())));
    }

    private static Component.Builder withCommands(Project project, CargoWorkspace workspace, Component.Builder c) {
        new RustCommands(project, workspace).add(c);
        systemPackages(project, workspace).forEach(c::systemPackage);
        return c;
    }

    // --- the version ---

    /** What rustup would take: the nearest toolchain file, or what asdf and mise pin. */
    private static Optional<Runtime> toolchain(Project project, CargoWorkspace workspace) {
        String least = least(workspace, workspace.manifest()).map(Runtime::range).orElse("");
        for (String folder : VersionFiles.upwards(workspace.root())) {
            for (String name : List.of("rust-toolchain.toml", "rust-toolchain")) {
                String file = Project.join(folder, name);
                String text = project.text(file).orElse("");
                boolean plain = name.equals("rust-toolchain") && !text.contains("[toolchain]");
                Optional<Document> toml = project.exists(file) && !plain ? project.toml(file) : Optional.empty();
                String channel = plain ? text.strip() : toml.map(d -> d.text("toolchain", "channel")).orElse("");
                if (channel.matches("\\d+\\.\\d+(\\.\\d+)?|stable|beta|nightly(-\\d{4}-\\d{2}-\\d{2})?")) {
                    Evidence evidence = toml.map(d -> d.evidence("rust-toolchain", "toolchain", "channel")).orElse(new Evidence(file, 1, "rust-toolchain"));
                    // "stable" moves with time: it is no pin.
                    return Optional.of(new Runtime("rust", channel.equals("stable") ? "" : channel, least, file, evidence));
                }
            }
        }
        return VersionFiles.find(project, workspace.root(), "rust").filter(p -> p.version().matches("\\d+\\.\\d+(\\.\\d+)?"))
                .map(p -> new Runtime("rust", p.version(), least, p.file(), p.evidence()));
    }

    private static Runtime runtime(CargoWorkspace workspace, Document manifest) {
        return least(workspace, manifest).orElse(new Runtime("rust", "", "", "", new Evidence(manifest.file(), 0, "cargo-manifest")));
    }

    /** The least version that compiles it: the package's own, else the highest that a package of the workspace asks for. */
    private static Optional<Runtime> least(CargoWorkspace workspace, Document manifest) {
        List<Document> asked = new ArrayList<>();
        if (manifest.has("package", "rust-version") && !workspace.packageText(manifest, "rust-version").isEmpty()) {
            asked.add(manifest);
        } else if (manifest == workspace.manifest()) {
            asked.addAll(workspace.packages().values());
        }
        Optional<Runtime> highest = Optional.empty();
        int[] best = {-1, -1, -1};
        for (Document each : asked) {
            String version = workspace.packageText(each, "rust-version");
            if (version.matches("\\d{1,3}(\\.\\d{1,4}){1,2}")) {
                int[] number = java.util.Arrays.copyOf(java.util.Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray(), 3);
                if (java.util.Arrays.compare(number, best) > 0) {
                    best = number;
                    boolean own = !each.text("package", "rust-version").isEmpty();
                    Evidence evidence = own ? each.evidence("rust-version", "package", "rust-version")
                            : workspace.manifest().evidence("rust-version", "workspace", "package", "rust-version");
                    highest = Optional.of(new Runtime("rust", "", ">=" + version, "", evidence));
                }
            }
        }
        return highest;
    }

    // --- what else the manifests say ---

    /** crates.io asks for a description and a licence; a package with {@code publish = false} is not meant for it. */
    private static Optional<Publication> publication(CargoWorkspace workspace, Document manifest, String name) {
        boolean inherited = manifest.at("package", "publish", "workspace").asBoolean();
        var publish = inherited ? workspace.manifest().at("workspace", "package", "publish") : manifest.at("package", "publish");
        boolean meant = publish.isMissingNode() || publish.isBoolean() && publish.asBoolean() || publish.isArray() && publish.toString().contains("\"crates-io\"");
        boolean ready = !workspace.packageText(manifest, "description").isEmpty() && !workspace.packageText(manifest, "repository").isEmpty()
                && (!workspace.packageText(manifest, "license").isEmpty() || !workspace.packageText(manifest, "license-file").isEmpty());
        return meant && ready && name.matches("[A-Za-z0-9_-]{1,64}")
                ? Optional.of(new Publication("crates", name, manifest.evidence("cargo-package", "package", "description"))) : Optional.empty();
    }

    /** From the lock file all crates count, else those that the packages name themselves. */
    private static Map<String, Evidence> systemPackages(Project project, CargoWorkspace workspace) {
        String lock = Project.join(workspace.root(), "Cargo.lock");
        Map<String, List<String>> crates = workspace.locked();
        Map<String, Evidence> places = new TreeMap<>();
        if (crates.isEmpty()) {
            workspace.packages().values().forEach(m -> places.putAll(workspace.dependencies(m)));
        } else {
            new TreeSet<>(crates.keySet()).forEach(c -> places.put(c, Evidence.of(lock, "cargo-lock")));
        }
        Map<String, Evidence> packages = new TreeMap<>();
        places.forEach((crate, evidence) -> {
            List<String> needs = crates.getOrDefault(crate, List.of());
            boolean bundled = places.containsKey(BUNDLED.getOrDefault(crate, "-")) || needs.contains(COMPILES.getOrDefault(crate, "-"))
                    || crate.matches("prost-build|tonic-build") && PROTOC.stream().anyMatch(places::containsKey)
                    || crate.equals("cmake") && users(crates, "cmake").stream().allMatch("aws-lc-sys"::equals);
            if (!bundled) {
                SystemPackages.ofCrate(crate).forEach(p -> packages.putIfAbsent(p, evidence));
            }
        });
        return packages;
    }

    private static List<String> users(Map<String, List<String>> crates, String of) {
        return crates.entrySet().stream().filter(e -> e.getValue().contains(of)).map(Map.Entry::getKey).toList();
    }
}
