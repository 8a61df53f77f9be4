package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.scan.Command.CommandKind;
import lib.scan.Command.Shell;
import lib.scan.Component.Output;
import lib.scan.Component.PackageManager;
import lib.scan.Component.Publication;
import lib.scan.Component.Runtime;
import lib.scan.Component.Tool;
import lib.scan.Finding.Evidence;
import lib.scan.Project.VersionFiles;

/** Knows Bundler, Rake, Rails and the checkers of Ruby projects. What the manifests say is read by {@link Gems}. */
final class RubyLanguage implements Language {
    private static final Pattern GEM_NAME = Pattern.compile("(?:\\.name\\s*=\\s*|Specification\\.new[\\s(]+)[\"']([\\w.-]+)[\"']");
    private static final Pattern PATH_GEM = Pattern.compile("^\\s*gem[\\s(]+[\"'][^\"']+[\"'].*\\bpath(?::|\"?\\s*=>)\\s*[\"']([^\"']+)[\"']");
    private static final Pattern FORMATTER_OUT = Pattern.compile("RspecJunitFormatter\\s+(?:--out|-o)[= ]\\s*(\\S+)");
    /** Libraries that gems with C code are compiled against, and programs that gems call, by their Debian packages. */
    private static final Map<String, String> SYSTEM = new LinkedHashMap<>();

    static {
        SYSTEM.put("pg", "libpq-dev");
        SYSTEM.put("mysql2", "default-libmysqlclient-dev");
        SYSTEM.put("ruby-vips", "libvips");
        SYSTEM.put("rmagick", "libmagickwand-dev");
        SYSTEM.put("mini_magick", "imagemagick");
        SYSTEM.put("charlock_holmes", "libicu-dev");
        SYSTEM.put("idn-ruby", "libidn11-dev");
        SYSTEM.put("curb", "libcurl4-openssl-dev");
        SYSTEM.put("rugged", "cmake");
        SYSTEM.put("tiny_tds", "freetds-dev");
    }

    @Override
    public List<String> looksFor() {
        return List.of("Gemfile", "gems.rb", "*.gemspec");
    }

    @Override
    public List<Component> detect(Project project) {
        Set<String> folders = new TreeSet<>();
        List<String> manifests = new ArrayList<>(project.named("Gemfile"));
        manifests.addAll(project.named("gems.rb"));
        manifests.addAll(project.ending(".gemspec"));
        manifests.forEach(f -> folders.add(Project.folderOf(f)));
        Map<String, Gems> packages = new LinkedHashMap<>();
        for (String folder : folders) {
            Gems gems = Gems.read(project, folder);
            if (isProject(project, gems)) {
                packages.put(folder, gems);
            }
        }
        return packages.values().stream().map(g -> component(project, g, packages.keySet())).filter(c -> !isDemo(c)).toList();
    }

    /** A Gemfile beside no Ruby brings a tool to a project of another language: CocoaPods, fastlane. */
    private static boolean isProject(Project project, Gems gems) {
        return !gems.gemspec().isEmpty() || holds(project, gems.folder(), ".rb") || gems.has("jekyll")
                && project.exists(Project.join(gems.folder(), "_config.yml"));
    }

    /** An application without tests that uses the gem around it shows the gem, and is no package. */
    private static boolean isDemo(Component c) {
        return c.name().isEmpty() && c.commands(CommandKind.TEST).isEmpty()
                && c.dependsOn().stream().anyMatch(p -> !p.equals(c.path()) && Project.isInside(c.path(), p));
    }

    private static boolean holds(Project project, String folder, String ending) {
        return project.under(folder).stream().anyMatch(f -> f.endsWith(ending));
    }

    private static Component component(Project project, Gems gems, Set<String> packages) {
        String folder = gems.folder();
        Component.Builder b = Component.at(folder, "ruby").name(name(project, gems)).runtime(gems.runtime(project));
        gems.gems().forEach(b::dependency);
        gems.manager(project, b);
        tests(project, gems, b);
        checks(project, gems, b);
        if (isRails(project, gems) && project.first(folder, "db/schema.rb", "db/structure.sql").isPresent()) {
            b.migration(Command.likely("bin/rails db:test:prepare",
                    Evidence.of(project.first(folder, "db/schema.rb", "db/structure.sql").get(), "rails-schema")));
        }
        if (isRails(project, gems)) {
            // Without it, DATABASE_URL is taken for the development database and the tests connect elsewhere.
            b.environment("RAILS_ENV", "test");
        }
        SYSTEM.forEach((gem, library) -> {
            if (gems.has(gem)) {
                b.systemPackage(library, gems.evidence(gem));
            }
        });
        outputs(project, gems, b);
        publication(project, gems, b);
        for (String line : project.lines(gems.gemfile())) {
            Matcher path = PATH_GEM.matcher(line);
            if (path.find()) {
                Project.resolve(folder, path.group(1)).filter(p -> packages.contains(p) && !p.equals(folder)).ifPresent(b::dependsOn);
            }
        }
        return b.build();
    }

    private static String name(Project project, Gems gems) {
        if (gems.gemspec().isEmpty()) {
            return "";
        }
        Matcher name = GEM_NAME.matcher(project.text(gems.gemspec()).orElse(""));
        return name.find() ? name.group(1) : Project.nameOf(gems.gemspec()).replace(".gemspec", "");
    }

    // --- tests ---

    private static boolean isRails(Project project, Gems gems) {
        return (gems.has("rails") || gems.has("railties")) && project.exists(Project.join(gems.folder(), "bin/rails"))
                && project.exists(Project.join(gems.folder(), "config/application.rb"));
    }

    private static void tests(Project project, Gems gems, Component.Builder b) {
        String folder = gems.folder();
        boolean specs = holds(project, Project.join(folder, "spec"), "_spec.rb");
        boolean tests = holds(project, Project.join(folder, "test"), ".rb");
        if (isRails(project, gems)) {
            Evidence rails = Evidence.of(Project.join(folder, "bin/rails"), "rails-tests");
            if (specs && gems.firstOf("rspec-rails", "rspec").isPresent()) {
                b.command(CommandKind.TEST, binOrBundle(project, gems, "rspec", "rspec", "", gems.evidence(gems.firstOf("rspec-rails", "rspec").get())));
            }
            String system = Project.join(folder, "test/system");
            if (project.exists(Project.join(folder, "test/test_helper.rb")) && project.under(Project.join(folder, "test")).stream()
                    .anyMatch(f -> f.endsWith("_test.rb") && !Project.isInside(f, system))) {
                b.command(CommandKind.TEST, Command.certain("bin/rails test", rails));
            }
            if (project.exists(Project.join(folder, "test/application_system_test_case.rb")) && holds(project, system, "_test.rb")) {
                b.command(CommandKind.TEST, Command.certain("bin/rails test:system", rails)).tool(new Tool("chrome", "", rails));
            }
            return;
        }
        Optional<Gems.RakeTask> rake = rakeTest(gems);
        if (rake.isPresent() && (specs || tests || holds(project, Project.join(folder, "features"), ".feature"))) {
            String task = rake.get().name().equals("default") ? "" : " " + Shell.word(rake.get().name());
            b.command(CommandKind.TEST, Command.certain("bundle exec rake" + task, rake.get().evidence()));
        } else if (specs && gems.firstOf("rspec", "rspec-core").isPresent()) {
            b.command(CommandKind.TEST, Command.likely("bundle exec rspec", gems.evidence(gems.firstOf("rspec", "rspec-core").get())));
        } else if (tests && project.isExecutable(Project.join(folder, "bin/test"))) {
            b.command(CommandKind.TEST, Command.certain("bin/test", Evidence.of(Project.join(folder, "bin/test"), "script")));
        }
    }

    /** The default task where it tests and does nothing else, so that linting stays a job of its own; else the test task. */
    private static Optional<Gems.RakeTask> rakeTest(Gems gems) {
        Gems.RakeTask all = gems.tasks().get("default");
        if (all != null && !all.needs().isEmpty() && all.needs().stream().allMatch(n -> isTest(gems, n, 0))) {
            return Optional.of(all);
        }
        return List.of("test", "spec").stream().map(gems.tasks()::get).filter(t -> t != null && isTest(gems, t.name(), 0)).findFirst();
    }

    private static boolean isTest(Gems gems, String name, int depth) {
        Gems.RakeTask task = gems.tasks().get(name);
        if (task != null && !task.maker().isEmpty()) {
            return !task.maker().startsWith("RuboCop");
        }
        if (task != null && !task.needs().isEmpty() && depth < 5) {
            return task.needs().stream().allMatch(n -> isTest(gems, n, depth + 1));
        }
        return name.matches("(test|tests|spec|specs|features|cucumber|compile)(:\\w+)*");
    }

    // --- checks ---

    private static void checks(Project project, Gems gems, Component.Builder b) {
        String folder = gems.folder();
        Optional<String> rubocop = project.first(folder, ".rubocop.yml");
        if (rubocop.isPresent() && gems.firstOf("rubocop", "rubocop-rails-omakase", "rubocop-shopify").isPresent()) {
            b.command(CommandKind.LINT, binOrBundle(project, gems, "rubocop", "rubocop", "", Evidence.of(rubocop.get(), "rubocop")));
        } else if (gems.firstOf("standard", "standard-rails").isPresent() && rubocop.isEmpty()) {
            b.command(CommandKind.LINT, binOrBundle(project, gems, "standardrb", "standardrb", "", gems.evidence(gems.firstOf("standard", "standard-rails").get())));
        }
        Optional<String> erb = project.first(folder, ".erb_lint.yml", ".erb-lint.yml");
        if (erb.isPresent() && gems.has("erb_lint")) {
            b.command(CommandKind.LINT, binOrBundle(project, gems, "erb_lint", "erb_lint", " --lint-all", Evidence.of(erb.get(), "erb-lint")));
        }
        Optional<String> haml = project.first(folder, ".haml-lint.yml");
        if (haml.isPresent() && gems.firstOf("haml_lint", "haml-lint").isPresent()) {
            b.command(CommandKind.LINT, binOrBundle(project, gems, "haml-lint", "haml-lint", "", Evidence.of(haml.get(), "haml-lint")));
        }
        if (gems.has("brakeman") && isRails(project, gems)) {
            b.command(CommandKind.LINT, binOrBundle(project, gems, "brakeman", "brakeman", " --no-pager", gems.evidence("brakeman")));
        }
        if (project.exists(Project.join(folder, "bin/bundler-audit")) && gems.has("bundler-audit")) {
            b.command(CommandKind.LINT, Command.certain("bin/bundler-audit", Evidence.of(Project.join(folder, "bin/bundler-audit"), "binstub")));
        }
        if (project.exists(Project.join(folder, "bin/importmap")) && gems.has("importmap-rails")) {
            b.command(CommandKind.LINT, Command.certain("bin/importmap audit", Evidence.of(Project.join(folder, "bin/importmap"), "binstub")));
        }
        if (gems.has("sorbet") && project.exists(Project.join(folder, "sorbet/config"))) {
            b.command(CommandKind.TYPECHECK, binOrBundle(project, gems, "srb", "srb", " tc", Evidence.of(Project.join(folder, "sorbet/config"), "sorbet")));
        }
        if (gems.has("steep") && project.exists(Project.join(folder, "Steepfile"))) {
            b.command(CommandKind.TYPECHECK, binOrBundle(project, gems, "steep", "steep", " check", Evidence.of(Project.join(folder, "Steepfile"), "steep")));
        }
        if (gems.has("jekyll") && project.exists(Project.join(folder, "_config.yml"))) {
            b.command(CommandKind.BUILD, Command.likely("bundle exec jekyll build", Evidence.of(Project.join(folder, "_config.yml"), "jekyll")))
                    .output(Output.Kind.BUILD, "_site", Evidence.of(Project.join(folder, "_config.yml"), "jekyll"));
        }
    }

    /** The project's own binstub where there is one, else the program through Bundler. */
    private static Command binOrBundle(Project project, Gems gems, String stub, String program, String arguments, Evidence evidence) {
        String file = Project.join(gems.folder(), "bin/" + stub);
        return project.isExecutable(file) ? Command.certain("bin/" + stub + arguments, Evidence.of(file, "binstub"))
                : Command.likely("bundle exec " + program + arguments, evidence);
    }

    private static void outputs(Project project, Gems gems, Component.Builder b) {
        String options = Project.join(gems.folder(), ".rspec");
        Matcher out = FORMATTER_OUT.matcher(String.join(" ", project.lines(options)).replaceAll("\\s+", " "));
        if (gems.has("rspec_junit_formatter") && out.find()) {
            b.output(Output.Kind.JUNIT, out.group(1), Evidence.of(options, "rspec-options"));
        }
        if (gems.has("simplecov-cobertura")) {
            b.output(Output.Kind.COBERTURA, "coverage/coverage.xml", gems.evidence("simplecov-cobertura"));
        }
    }

    /** {@code bundler/gem_tasks} brings {@code rake release}; a push host other than rubygems.org keeps the gem private. */
    private static void publication(Project project, Gems gems, Component.Builder b) {
        String spec = project.text(gems.gemspec()).orElse("");
        String rakefile = project.first(gems.folder(), "Rakefile", "rakefile").orElse("");
        String tasks = project.text(rakefile).orElse("");
        Matcher host = Pattern.compile("allowed_push_host[\"'\\]]+\\s*=>?\\s*[\"']([^\"']+)").matcher(spec);
        boolean named = host.find();
        boolean isPublic = named && host.group(1).contains("rubygems.org");
        boolean released = tasks.contains("bundler/gem_tasks") || tasks.contains("GemHelper.install_tasks") || tasks.contains("gem push");
        if (!spec.isEmpty() && (isPublic || !named && released)) {
            b.publication(new Publication("rubygems", name(project, gems), isPublic
                    ? new Evidence(gems.gemspec(), project.lineOf(gems.gemspec(), "allowed_push_host"), "gemspec") : Evidence.of(rakefile, "rake-release")));
        }
    }
}

/**
 * What the Ruby manifests of one folder declare: Gemfile, gemspec, Gemfile.lock, Rakefile.
 *
 * <p>They are Ruby programs. Only the shapes in which people write them are read, line by line; nothing is evaluated.
 *
 * @param gemfile path, or empty where the folder has only a gemspec
 * @param gemspec path, or empty
 * @param lock path of Gemfile.lock, or empty
 * @param gems direct dependencies
 * @param locked every gem in the lock file, transitive ones too
 * @param tasks rake tasks with what they need
 */
record Gems(String folder, String gemfile, String gemspec, String lock, Map<String, Evidence> gems, Set<String> locked,
        Map<String, RakeTask> tasks) {
    private static final Pattern GEM = Pattern.compile("^\\s*gem[\\s(]+[\"']([A-Za-z0-9][\\w.-]*)[\"'].*");
    private static final Pattern DEPENDENCY = Pattern.compile("\\.add_(?:runtime_|development_)?dependency[\\s(]+(?:%q[<({\\[])?[\"']?([A-Za-z0-9][\\w.-]*)");
    private static final Pattern INCLUDED = Pattern.compile("^\\s*eval_gemfile[\\s(]+[\"']([^\"'#]+)[\"']");
    private static final Pattern LOCKED = Pattern.compile("^ {4}([A-Za-z0-9][\\w.-]*) \\(.*");
    private static final Pattern NAMESPACE = Pattern.compile("namespace\\b.*\\bdo\\s*");
    private static final Pattern TASK = Pattern.compile("^\\s*(?:multi)?task[\\s(]+(?::[\"']?([\\w:]+)[\"']?|[\"']([\\w:]+)[\"']|(\\w+)(?=:(?!:)))(.*)");
    private static final Pattern MADE = Pattern.compile("^\\s*(Rake::TestTask|Minitest::TestTask|RSpec::Core::RakeTask|RuboCop::RakeTask|"
            + "Cucumber::Rake::Task)\\.(?:new|create)\\b[\\s(]*(?::[\"']?([\\w:]+)|[\"']([\\w:]+))?(.*)");
    private static final Pattern RUBY_LINE = Pattern.compile("^\\s*ruby[\\s(]+(.*)$");
    private static final Pattern REQUIRED_RUBY = Pattern.compile("\\.required_ruby_version\\s*=\\s*(.*)$");
    private static final Pattern QUOTED = Pattern.compile("[\"']([^\"']+)[\"']");
    private static final Pattern NAME = Pattern.compile("(?::|\\b)([A-Za-z_][\\w:./-]*)");
    private static final Map<String, String> MADE_AS = Map.of("Rake::TestTask", "test", "Minitest::TestTask", "test", "RSpec::Core::RakeTask", "spec",
            "RuboCop::RakeTask", "rubocop", "Cucumber::Rake::Task", "cucumber");

    /** @param needs tasks that it runs first; @param maker the class that makes it, or empty */
    record RakeTask(String name, List<String> needs, String maker, Evidence evidence) {}

    static Gems read(Project project, String folder) {
        String gemfile = project.first(folder, "Gemfile", "gems.rb").orElse("");
        String gemspec = project.in(folder).stream().filter(f -> f.endsWith(".gemspec")).findFirst().map(f -> Project.join(folder, f)).orElse("");
        String lock = project.first(folder, "Gemfile.lock", "gems.locked").orElse("");
        Map<String, Evidence> gems = new LinkedHashMap<>();
        declared(project, gemfile, gems, 0);
        int number = 0;
        for (String line : project.lines(gemspec)) {
            number++;
            Matcher gem = DEPENDENCY.matcher(line);
            while (!line.strip().startsWith("#") && gem.find()) {
                gems.putIfAbsent(gem.group(1), new Evidence(gemspec, number, "gemspec"));
            }
        }
        Set<String> locked = new TreeSet<>();
        for (String line : project.lines(lock)) {
            Matcher gem = LOCKED.matcher(line);
            if (gem.matches()) {
                locked.add(gem.group(1));
            }
        }
        return new Gems(folder, gemfile, gemspec, lock, gems, locked, tasks(project, folder));
    }

    /** Is the gem in the bundle, directly or by another gem? {@code bundle exec} finds the programs of both. */
    boolean has(String gem) {
        return gems.containsKey(gem) || locked.contains(gem);
    }

    Optional<String> firstOf(String... names) {
        return List.of(names).stream().filter(this::has).findFirst();
    }

    Evidence evidence(String gem) {
        return gems.getOrDefault(gem, Evidence.of(lock.isEmpty() ? manifest() : lock, "lock-file"));
    }

    String manifest() {
        return gemfile.isEmpty() ? gemspec : gemfile;
    }

    private static void declared(Project project, String file, Map<String, Evidence> gems, int depth) {
        int number = 0;
        for (String line : project.lines(file)) {
            number++;
            Matcher gem = GEM.matcher(line);
            if (gem.matches()) {
                gems.putIfAbsent(gem.group(1), new Evidence(file, number, "gemfile"));
            }
            Matcher other = INCLUDED.matcher(line);
            if (other.find() && depth < 3) {
                Project.resolve(Project.folderOf(file), other.group(1)).ifPresent(f -> declared(project, f, gems, depth + 1));
            }
        }
    }

    private static Map<String, RakeTask> tasks(Project project, String folder) {
        Map<String, RakeTask> tasks = new LinkedHashMap<>();
        String rakefile = project.first(folder, "Rakefile", "rakefile", "Rakefile.rb", "rakefile.rb").orElse("");
        int namespaces = 0;
        int number = 0;
        for (String line : project.lines(rakefile)) {
            number++;
            // Only tasks outside a namespace can be called by their plain names; a namespace ends where its own indentation ends.
            if (NAMESPACE.matcher(line).matches()) {
                namespaces++;
            } else if (line.startsWith("end")) {
                namespaces = 0;
            }
            if (namespaces > 0) {
                continue;
            }
            Matcher made = MADE.matcher(line);
            Matcher task = TASK.matcher(line);
            if (made.matches()) {
                String name = made.group(2) != null ? made.group(2) : made.group(3) != null ? made.group(3) : MADE_AS.get(made.group(1));
                tasks.put(name, new RakeTask(name, List.of(), made.group(1), new Evidence(rakefile, number, "rake-task")));
            } else if (task.matches()) {
                String name = task.group(1) != null ? task.group(1) : task.group(2) != null ? task.group(2) : task.group(3);
                RakeTask known = tasks.get(name);
                List<String> needs = new ArrayList<>(known == null ? List.of() : known.needs());
                needs.addAll(needs(task.group(4)));
                tasks.put(name, new RakeTask(name, List.copyOf(needs), known == null ? "" : known.maker(),
                        known == null ? new Evidence(rakefile, number, "rake-task") : known.evidence()));
            }
        }
        return tasks;
    }

    /** {@code => [:spec, :rubocop]}, {@code : %i[test lint]}, {@code : :spec}. */
    private static List<String> needs(String rest) {
        String text = rest.replaceFirst("#.*$", "").replaceFirst("\\bdo\\b.*$", "").replaceFirst("\\{.*$", "");
        int arrow = text.indexOf("=>");
        String after = arrow >= 0 ? text.substring(arrow + 2) : text.startsWith(":") ? text.substring(1) : "";
        List<String> needs = new ArrayList<>();
        Matcher name = NAME.matcher(after.replace("%i", "").replace("%w", ""));
        while (name.find()) {
            // A file that is made first, such as "lib/parser.rb", says nothing about what the task is for.
            if (name.group(1).matches("[a-z_][\\w:]*")) {
                needs.add(name.group(1));
            }
        }
        return needs;
    }

    // --- versions ---

    /** Pin files before the Gemfile, the Gemfile before the lock file; the gemspec gives the range. */
    Runtime runtime(Project project) {
        Runtime declared = declaredRuntime(project);
        Optional<VersionFiles.Pin> pin = VersionFiles.line(project, folder, ".ruby-version", "ruby-version")
                .or(() -> VersionFiles.find(project, folder, "ruby"));
        if (pin.isPresent()) {
            String pinned = pin.get().version().replaceFirst("^ruby-", "");
            if (declared.isPinned() && !declared.version().equals(pinned)) {
                project.report(Finding.warning("conflicting-versions", "Ruby is " + pinned + " in " + pin.get().file() + " and "
                        + declared.version() + " in " + gemfile, "make them equal, or write ruby file: \".ruby-version\" in the Gemfile",
                        pin.get().evidence(), declared.evidence()));
            }
            return new Runtime("ruby", pinned, declared.range(), pin.get().file(), pin.get().evidence());
        }
        List<String> locked = project.lines(lock);
        int at = locked.indexOf("RUBY VERSION");
        if (!declared.isPinned() && at >= 0 && at + 1 < locked.size() && locked.get(at + 1).strip().startsWith("ruby ")) {
            String version = locked.get(at + 1).strip().replaceFirst("^ruby (\\d+(?:\\.\\d+)*).*$", "$1");
            return new Runtime("ruby", version, declared.range(), "", new Evidence(lock, at + 2, "lock-file"));
        }
        return declared;
    }

    /** What the gemspec requires, then what the Gemfile's own line says. */
    private Runtime declaredRuntime(Project project) {
        Runtime runtime = new Runtime("ruby", "", "", "", Evidence.of(manifest(), "manifest"));
        List<String> lines = project.lines(gemspec);
        for (int i = 0; i < lines.size(); i++) {
            Matcher required = REQUIRED_RUBY.matcher(lines.get(i));
            if (required.find() && !quoted(required.group(1)).isEmpty()) {
                runtime = new Runtime("ruby", "", String.join(", ", quoted(required.group(1))), "",
                        new Evidence(gemspec, i + 1, "required-ruby-version"));
                break;
            }
        }
        lines = project.lines(gemfile);
        for (int i = 0; i < lines.size(); i++) {
            Matcher ruby = RUBY_LINE.matcher(lines.get(i));
            // ruby file: ".ruby-version" names a file that is read anyway; engine: and patchlevel: are no versions of the language.
            List<String> said = ruby.matches() && !ruby.group(1).startsWith("file") ? quoted(ruby.group(1).replaceFirst(",\\s*:?\\w+:?.*$", "")) : List.of();
            if (!said.isEmpty()) {
                boolean exact = said.size() == 1 && said.get(0).matches("\\d.*");
                return new Runtime("ruby", exact ? said.get(0) : "", exact ? runtime.range() : String.join(", ", said), "",
                        new Evidence(gemfile, i + 1, "gemfile-ruby"));
            }
        }
        return runtime;
    }

    private static List<String> quoted(String text) {
        List<String> parts = new ArrayList<>();
        Matcher quoted = QUOTED.matcher(text);
        while (quoted.find()) {
            parts.add(quoted.group(1));
        }
        return parts;
    }

    /** Bundler, its lock file and its install command. */
    void manager(Project project, Component.Builder b) {
        List<String> lines = project.lines(lock);
        int bundled = lines.indexOf("BUNDLED WITH");
        String version = bundled >= 0 && bundled + 1 < lines.size() ? lines.get(bundled + 1).strip() : "";
        String lockFile = lock;
        // A gem without a Gemfile of its own is served by the Gemfile above it: Bundler looks upwards.
        for (String above : VersionFiles.upwards(folder)) {
            if (lockFile.isEmpty() && gemfile.isEmpty()) {
                lockFile = project.first(above, "Gemfile.lock", "gems.locked").orElse("");
            }
        }
        Evidence evidence = Evidence.of(lockFile.isEmpty() ? manifest() : lockFile, lockFile.isEmpty() ? "manifest" : "lock-file");
        List<String> keys = lockFile.isEmpty() ? Stream.of(gemfile, gemspec).filter(f -> !f.isEmpty()).toList() : List.of(lockFile);
        b.packageManager(new PackageManager("bundler", version, evidence, keys));
        b.command(CommandKind.INSTALL, Command.certain("bundle install", evidence));
        if (lock.isEmpty()) {
            return;
        }
        List<String> platforms = lines.subList(Math.max(0, lines.indexOf("PLATFORMS")), lines.size()).stream().skip(1).takeWhile(l -> l.startsWith("  "))
                .map(String::strip).toList();
        if (platforms.isEmpty() || platforms.stream().anyMatch(p -> p.equals("ruby") || p.startsWith("x86_64-linux"))) {
            b.environment("BUNDLE_FROZEN", "true");
        } else {
            project.report(Finding.warning("lock-file-without-linux", lock + " has no Linux platform: a frozen install would fail in CI",
                    "bundle lock --add-platform x86_64-linux", Evidence.of(lock, "lock-file")));
        }
    }
}
