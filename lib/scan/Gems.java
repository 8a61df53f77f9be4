package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
    private static final Pattern TASK = Pattern.compile("^\\s*(?:multi)?task[\\s(]+(?::[\"']?([\\w:]+)[\"']?|[\"']([\\w:]+)[\"']|(\\w+)(?=:(?!:)))(.*)");
    private static final Pattern MADE = Pattern.compile("^\\s*(Rake::TestTask|Minitest::TestTask|RSpec::Core::RakeTask|RuboCop::RakeTask|"
            + "Cucumber::Rake::Task)\\.(?:new|create)\\b[\\s(]*(?::[\"']?([\\w:]+)|[\"']([\\w:]+))?(.*)");
    private static final Pattern RUBY_LINE = Pattern.compile("^\\s*ruby[\\s(]+(.*)$");
    private static final Pattern REQUIRED_RUBY = Pattern.compile("\\.required_ruby_version\\s*=\\s*(.*)$");
    private static final Pattern QUOTED = Pattern.compile("[\"']([^\"']+)[\"']");
    private static final Pattern NAME = Pattern.compile("(?::|\\b)([a-z_][\\w:]*)");
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
            if (line.matches("^namespace\\b.*\\bdo\\s*$")) {
                namespaces++;
            } else if (line.matches("^end\\b.*")) {
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
            needs.add(name.group(1));
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
