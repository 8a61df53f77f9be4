import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Command;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Component.Publication;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class RubyPhpElixirTest {
    @TempDir
    Path dir;
    private Project project;

    private ProjectFacts scan(String... pathAndContent) throws IOException {
        project = Project.open(Tree.of(dir, pathAndContent));
        return Scan.scan(project);
    }

    private Component only(String... pathAndContent) throws IOException {
        List<Component> components = scan(pathAndContent).components();
        assertEquals(1, components.size(), components::toString);
        return components.get(0);
    }

    private static List<String> runs(Component c, CommandKind kind) {
        return c.proven(kind).stream().map(Command::run).toList();
    }

    // --- Ruby ---

    @Test
    void aDefaultTaskThatOnlyTestsIsTheTestCommand() throws IOException {
        Component c = only("a.gemspec", "Gem::Specification.new do |s|\n  s.name = 'a'\n  s.required_ruby_version = Gem::Requirement.new('>= 3.1', '< 5')\nend\n", "Gemfile", "gemspec\ngem 'rake'\n",
                "Rakefile", "task(:spec) { ruby '-S rspec' }\ntask default: :spec\n", "spec/a_spec.rb", "", "lib/a.rb", "");
        assertEquals(List.of("bundle exec rake"), runs(c, CommandKind.TEST));
        assertEquals(">= 3.1, < 5", c.runtime().range());
        assertEquals("a", c.name());
    }

    @Test
    void aDefaultTaskThatAlsoLintsIsSplit() throws IOException {
        Component c = only("Gemfile", "gem 'rake'\ngem 'rubocop', require: false\n", ".rubocop.yml", "", "Rakefile",
                "RSpec::Core::RakeTask.new(:spec)\nRuboCop::RakeTask.new\ntask :default => [:spec, :rubocop]\n", "spec/a_spec.rb", "", "a.rb", "");
        assertEquals(List.of("bundle exec rake spec"), runs(c, CommandKind.TEST));
        assertEquals(List.of("bundle exec rubocop"), runs(c, CommandKind.LINT));
    }

    @Test
    void ofATaskOfRakeFilesThatAreMadeFirstDoNotCount() throws IOException {
        Component c = only("Gemfile", "gem 'rake'\n", "Rakefile", "task default: :test\nfile 'lib/parser.rb' do\nend\ntask spec: 'lib/parser.rb'\n"
                + "Rake::TestTask.new('test:regular')\ntask test: %w[spec test:regular]\n", "test/a_test.rb", "", "lib/a.rb", "");
        assertEquals(List.of("bundle exec rake"), runs(c, CommandKind.TEST));
    }

    @Test
    void tasksInANamespaceAreNotTheDefaultOnes() throws IOException {
        Component c = only("Gemfile", "gem 'rspec'\n", "Rakefile", "namespace :docs do\n  task :test do\n  end\nend\n", "spec/a_spec.rb", "", "a.rb", "");
        assertEquals(List.of("bundle exec rspec"), runs(c, CommandKind.TEST));
    }

    @Test
    void aConfigurationWithoutTheGemIsNoCheck() throws IOException {
        assertEquals(List.of(), runs(only("Gemfile", "gem 'rake'\n", ".rubocop.yml", "", "a.rb", ""), CommandKind.LINT));
    }

    @Test
    void railsRunsItsOwnTestsAndLoadsTheSchemaFirst() throws IOException {
        Component c = only("Gemfile", "ruby file: '.ruby-version'\ngem 'rails'\ngem 'mysql2'\n", ".ruby-version", "ruby-3.4.1\n", "bin/rails", "", "config/application.rb", "", "db/schema.rb", "",
                "test/test_helper.rb", "", "test/models/a_test.rb", "", "test/application_system_test_case.rb", "", "test/system/b_test.rb", "");
        assertEquals(List.of("bin/rails test", "bin/rails test:system"), runs(c, CommandKind.TEST));
        assertEquals("bin/rails db:test:prepare", c.migration().run());
        assertEquals("3.4.1", c.runtime().version());
        assertTrue(c.systemPackages().containsKey("default-libmysqlclient-dev"));
    }

    @Test
    void binstubsAreUsedOnlyWhereTheyCanRun() throws IOException {
        Tree.of(dir, "Gemfile", "gem 'rubocop'\n", ".rubocop.yml", "", "bin/rubocop", "#!/usr/bin/env ruby\n", "a.rb", "");
        assertEquals(List.of("bundle exec rubocop"), runs(only(), CommandKind.LINT));
        Files.setPosixFilePermissions(dir.resolve("bin/rubocop"), java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals(List.of("bin/rubocop"), runs(only(), CommandKind.LINT));
    }

    @Test
    void theLockFileFreezesOnlyWhereItHoldsForLinux() throws IOException {
        String lock = "GEM\n  specs:\n    rake (13.2.1)\n\nPLATFORMS\n  %s\n\nDEPENDENCIES\n  rake\n\nRUBY VERSION\n   ruby 3.3.6p108\n\nBUNDLED WITH\n   2.5.23\n";
        Component c = only("Gemfile", "gem 'rake'\n", "a.rb", "", "Gemfile.lock", lock.formatted("x86_64-linux"));
        assertEquals("true", c.environment().get("BUNDLE_FROZEN"));
        assertEquals("2.5.23", c.packageManager().version());
        assertEquals("3.3.6", c.runtime().version());
        assertEquals(null, only("Gemfile.lock", lock.formatted("arm64-darwin-23")).environment().get("BUNDLE_FROZEN"));
        assertTrue(project.findings().stream().anyMatch(f -> f.rule().equals("lock-file-without-linux")));
    }

    @Test
    void differentRubiesAreAContradictionWithBothPlaces() throws IOException {
        only("Gemfile", "ruby '3.2.2'\n", ".ruby-version", "3.3.0\n", "a.rb", "");
        assertTrue(project.findings().stream().anyMatch(f -> f.rule().equals("conflicting-versions") && f.evidence().size() == 2), project.findings()::toString);
    }

    @Test
    void aGemfileThatOnlyBringsAToolIsNoComponent() throws IOException {
        assertEquals(List.of(), scan("ios/Gemfile", "gem 'fastlane'\n", "ios/App.swift", "").components());
    }

    @Test
    void aGemForAPrivateHostIsNotPublished() throws IOException {
        String spec = "Gem::Specification.new do |s|\n  s.name = 'a'\n  s.metadata['allowed_push_host'] = '%s'\nend\n";
        assertEquals(List.of(), only("a.gemspec", spec.formatted("https://gems.example.com"), "Rakefile", "require 'bundler/gem_tasks'\n").publications());
        assertEquals(List.of("rubygems"), only("a.gemspec", spec.formatted("https://rubygems.org")).publications().stream().map(Publication::registry).toList());
    }

    // --- PHP ---

    @Test
    void aScriptCountsForWhatItRunsNotForItsName() throws IOException {
        Component c = only("composer.json", "{\"name\": \"a/b\", \"require\": {\"php\": \">=8.1\", \"ext-intl\": \"*\"}, \"scripts\": {\"fix\": \"php-cs-fixer fix\", \"style\": \"php-cs-fixer fix --dry-run\", "
                + "\"all\": [\"@style\", \"@unit\"], \"unit\": \"phpunit --testdox\", \"coverage\": \"phpunit --coverage-html x\", \"types\": \"@php vendor/bin/phpstan analyse\"}}", "a.php", "");
        assertEquals(List.of("composer style"), runs(c, CommandKind.LINT));
        assertEquals(List.of("composer unit"), runs(c, CommandKind.TEST));
        assertEquals(List.of("composer types"), runs(c, CommandKind.TYPECHECK));
        assertTrue(c.dependencies().containsKey("ext-intl"));
        assertEquals(">=8.1", c.runtime().range());
    }

    @Test
    void toolsAreCalledDirectlyWithDependencyAndConfiguration() throws IOException {
        Component c = only("composer.json", "{\"require-dev\": {\"phpunit/phpunit\": \"^11\", \"phpstan/phpstan\": \"^2\", \"laravel/pint\": \"^1\"}, \"config\": {\"bin-dir\": \"tools/bin\"}}",
                "phpunit.xml.dist", "<phpunit/>", "phpstan.neon", "", "a.php", "");
        assertEquals(List.of("tools/bin/phpunit"), runs(c, CommandKind.TEST));
        assertEquals(List.of("tools/bin/phpstan analyse --no-progress"), runs(c, CommandKind.TYPECHECK));
        assertEquals(List.of(), runs(c, CommandKind.LINT), "Pint has no configuration here");
    }

    @Test
    void toolsOfTheBinPluginAreInstalledAndFound() throws IOException {
        Component c = only("composer.json", "{\"require-dev\": {\"bamarni/composer-bin-plugin\": \"^1.8\"}}", "vendor-bin/psalm/composer.json", "{\"require\": {\"psalm/phar\": \"5.0\"}}", "psalm.xml", "<psalm/>", "a.php", "");
        assertEquals(List.of("composer install --no-interaction --no-progress", "composer bin all install --no-interaction --no-progress"), runs(c, CommandKind.INSTALL));
        assertEquals(List.of("vendor/bin/psalm.phar --no-progress"), runs(c, CommandKind.TYPECHECK));
    }

    @Test
    void aTargetThatStartsAServerForTheTestsIsKept() throws IOException {
        Component c = only("composer.json", "{\"require-dev\": {\"phpunit/phpunit\": \"^11\"}}", "phpunit.xml", "<phpunit/>", "a.php", "",
                "Makefile", "start:\n\tphp -S localhost:8000 &\n\ntest: start\n\tvendor/bin/phpunit\n");
        assertEquals(List.of("make test"), runs(c, CommandKind.TEST));
        assertEquals(List.of("vendor/bin/phpunit"), runs(only("Makefile", "test: vendor\n\tvendor/bin/phpunit\n\nvendor:\n\tcomposer install\n"), CommandKind.TEST));
    }

    @Test
    void hostileScriptNamesAreQuotedOrRefused() throws IOException {
        Component c = only("composer.json", "{\"scripts\": {\"te'st; rm -rf ~\": \"phpunit\", \"li\\nnt\": \"phpcs\"}}", "a.php", "");
        assertEquals(List.of("composer 'te'\\''st; rm -rf ~'"), runs(c, CommandKind.TEST));
        assertEquals(List.of(), runs(c, CommandKind.LINT));
    }

    @Test
    void anApplicationIsNotPublishedALibraryIs() throws IOException {
        assertEquals(List.of(), only("composer.json", "{\"name\": \"a/b\", \"type\": \"project\"}", "a.php", "").publications());
        assertEquals("packagist", only("composer.json", "{\"name\": \"a/b\", \"type\": \"library\"}").publications().get(0).registry());
    }

    // --- Elixir ---

    private static final String MIX = "defmodule A.MixProject do\n  @elixir \"~> 1.16\"\n  def project, do: [app: :a, elixir: @elixir, deps: deps(), aliases: aliases()]\n"
            + "  defp deps do\n    [\n      {:credo, \"~> 1.7\", only: :dev},\n      # {:sobelow, \"~> 0.13\"},\n      {:dialyxir, \"~> 1.4\"}\n    ]\n  end\n"
            + "  defp aliases do\n    [\n      test: [\"test\"],\n      ci: [\"compile --warnings-as-errors\"]\n    ]\n  end\nend\n";

    @Test
    void mixChecksTypesTestsAndBuilds() throws IOException {
        Component c = only("mix.exs", MIX, "mix.lock", "%{}\n", ".formatter.exs", "[]\n", "test/a_test.exs", "", ".sobelow-conf", "");
        assertEquals(List.of("mix deps.get --check-locked"), runs(c, CommandKind.INSTALL));
        assertEquals(List.of("mix format --check-formatted", "mix deps.unlock --check-unused", "mix credo"), runs(c, CommandKind.LINT));
        assertEquals(List.of("mix dialyzer"), runs(c, CommandKind.TYPECHECK));
        assertEquals(List.of("mix test"), runs(c, CommandKind.TEST));
        assertEquals(List.of("mix compile --warnings-as-errors"), runs(c, CommandKind.BUILD));
        assertEquals("~> 1.16", c.runtime().range());
    }

    @Test
    void oldElixirCannotEnforceTheLockFile() throws IOException {
        assertEquals(List.of("mix deps.get"), runs(only("mix.exs", MIX.replace("1.16", "1.12"), "mix.lock", "%{}\n"), CommandKind.INSTALL));
    }

    @Test
    void migrationsRunWhereNoAliasDoesIt() throws IOException {
        Component c = only("mix.exs", MIX, "priv/repo/migrations/1_a.exs", "", "test/a_test.exs", "");
        assertEquals("MIX_ENV=test mix do ecto.create, ecto.migrate", c.migration().run());
        assertEquals(null, only("mix.exs", MIX.replace("test: [\"test\"]", "test: [\"ecto.migrate\", \"test\"]")).migration());
    }

    @Test
    void anUmbrellaServesItsApplications() throws IOException {
        ProjectFacts facts = scan("mix.exs", "defmodule U do\n  def project, do: [apps_path: \"apps\"]\nend\n", "mix.lock", "%{}\n", "apps/a/mix.exs", MIX, "apps/a/test/a_test.exs", "",
                "apps/b/mix.exs", "defmodule B do\n  def project, do: [app: :b, deps: [{:a, in_umbrella: true}]]\nend\n");
        assertEquals(List.of("apps/a", "apps/b"), facts.packages());
        Component root = facts.component(".", "elixir").orElseThrow();
        assertEquals(List.of("mix test"), runs(root, CommandKind.TEST));
        assertEquals(List.of("mix dialyzer"), runs(root, CommandKind.TYPECHECK));
        assertEquals("~> 1.16", root.runtime().range());
        assertEquals(List.of(), runs(facts.component("apps/a", "elixir").orElseThrow(), CommandKind.TEST));
        assertEquals(List.of("apps/a"), facts.component("apps/b", "elixir").orElseThrow().dependsOn());
    }
}
