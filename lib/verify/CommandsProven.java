package lib.verify;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lib.plan.Job;
import lib.plan.Step;
import lib.render.Rendering;
import lib.scan.Command.CommandKind;
import lib.scan.Component;
import lib.scan.Document;
import lib.scan.Finding.Evidence;
import lib.scan.Finding;
import lib.scan.Project.VersionFiles;
import lib.scan.Project;

/**
 * Proves a second time, from the files alone, that what each command calls is in the project: whoever planned it may have been wrong.
 *
 * <p>Knows how programs find scripts, targets and binaries; takes nothing from the scan but the components' dependencies and tools.
 */
final class CommandsProven implements Check {
    /** Brought by the toolchain of the job; they find their work by the manifest that made the component. */
    private static final Set<String> TOOLCHAINS = Set.of("go", "gofmt", "cargo", "rustup", "rustfmt", "mvn", "gradle", "sbt", "lein", "clojure", "clj", "dotnet", "mix", "elixir", "swift",
            "dart", "flutter", "cabal", "stack", "zig", "cmake", "ctest", "cpack", "meson", "ninja", "terraform", "tofu", "helm", "deno", "python", "python3", "pip", "pip3", "ruby",
            "gem", "php", "composer", "node", "npm", "pnpm", "yarn", "bun", "uv", "poetry", "pdm", "pipenv", "hatch", "hugo", "make", "autoreconf", "gcc", "g++", "cc", "ghc");
    private static final Set<String> SHELL = Set.of("cd", "cp", "chmod", "mkdir", "test", "set", "export", "echo", "printf", "sh", "bash", "[", "rm", "touch", "true", "mv", "cat", "git", "env", "if", "for", "then", "done", "fi", "do");
    /** Programs whose name tells nothing of the package that brings them. */
    private static final Map<String, Set<String>> BROUGHT_BY = Map.of("phpstan", Set.of("larastan/larastan", "nunomaduro/larastan"), "phpcs", Set.of("squizlabs/php-codesniffer"),
            "simple-phpunit", Set.of("symfony/phpunit-bridge"), "ecs", Set.of("symplify/easy-coding-standard"), "psalm.phar", Set.of("psalm/phar"), "srb", Set.of("sorbet"));
    private static final Map<String, List<String>> CONFIGURATION = Map.of("tox", List.of("tox.ini", "tox.toml", "setup.cfg"), "nox", List.of("noxfile.py"),
            "pre-commit", List.of(".pre-commit-config.yaml"), "golangci-lint", List.of(".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json"));
    private static final Map<String, String> BINARY_OF = Map.of("chart-testing", "ct", "ninja-build", "ninja", "leiningen", "lein");

    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (Job job : subject.plan().jobs()) {
            for (Step step : job.steps()) {
                if (step instanceof Step.Run run) {
                    for (String folder : folders(job, run)) {
                        unproven(subject, run.command(), folder).ifPresent(what -> findings.add(Finding.error("unproven-command",
                                "the command '" + run.command() + "' of job " + job.id() + " calls " + what + ", which nothing in the project proves",
                                "report this: such a command must not be planned", run.evidence())));
                    }
                }
            }
        }
        return findings.stream().distinct().toList();
    }

    private static List<String> folders(Job job, Step.Run run) {
        return run.folder().equals(Job.EACH) ? job.each().stream().map(Job.Each::path).toList() : List.of(run.folder());
    }

    /** What of the command is not proven, if anything. */
    private static Optional<String> unproven(Subject subject, String command, String folder) {
        for (List<String> words : ShellWords.commands(command)) {
            Proof proof = new Proof(subject, folder);
            if (!proof.of(words)) {
                return Optional.of(String.join(" ", words));
            }
        }
        return Optional.empty();
    }

    private record Proof(Subject subject, String folder) {

        boolean of(List<String> words) {
            if (words.isEmpty()) {
                return true;
            }
            String program = words.get(0);
            List<String> rest = words.subList(1, words.size());
            List<String> plain = rest.stream().filter(w -> !w.startsWith("-") && !w.startsWith("+")).toList();
            String first = plain.isEmpty() ? "" : plain.get(0);
            return switch (program) {
                case "npm", "pnpm", "yarn", "bun" -> nodeManager(program, plain, first) || isRecursive(rest) && inAnyMember(plain);
                case "npx", "bunx" -> nodeBinary(first);
                case "make", "just", "task", "mise" -> target(program, program.equals("mise") ? plain.subList(Math.min(1, plain.size()), plain.size()) : plain, rest);
                case "uv", "poetry", "pdm", "pipenv", "hatch" -> !first.equals("run") || plain.size() < 2 || runsIn(program, plain, rest);
                case "bundle" -> !first.equals("exec") || plain.size() < 2 || dependency(plain.get(1)) || Set.of("rake", "rails", "ruby").contains(plain.get(1)) || file(plain.get(1));
                case "composer" -> composer(first, plain);
                case "php" -> first.isEmpty() || file(first);
                case "cp" -> plain.isEmpty() || file(plain.get(0));
                case "chmod" -> plain.size() < 2 || file(plain.get(1));
                default -> SHELL.contains(program) || TOOLCHAINS.contains(program) || program.contains("/") && script(program) || tool(program) || dependency(program);
            };
        }

        private static boolean isRecursive(List<String> words) {
            return words.stream().anyMatch(Set.of("--workspaces", "--recursive", "-r", "--filter")::contains);
        }

        private boolean inAnyMember(List<String> plain) {
            return subject.components().stream().filter(c -> c.ecosystem().equals("node") && Project.isInside(c.path(), folder))
                    .anyMatch(c -> subject.project().json(Project.join(c.path(), "package.json")).map(d -> plain.stream().anyMatch(w -> d.has("scripts", w))).orElse(false));
        }

        private boolean nodeManager(String manager, List<String> plain, String first) {
            if (Set.of("", "install", "ci", "i", "audit", "publish", "pack", "pm", "exec", "dlx", "x", "config", "dedupe").contains(first)) {
                return !Set.of("exec", "dlx", "x").contains(first) || plain.size() < 2 || nodeBinary(plain.get(1));
            }
            if (first.equals("workspaces") || first.equals("workspace")) {
                return true;
            }
            String script = first.equals("run") || first.equals("run-script") ? plain.size() > 1 ? plain.get(1) : "" : first;
            if (manager.equals("bun") && Set.of("test", "build").contains(first)) {
                return true;
            }
            boolean isCalled = packages().stream().anyMatch(p -> p.has("scripts", script));
            return isCalled || !manager.equals("npm") && !first.startsWith("run") && nodeBinary(first);
        }

        /** A binary of a dependency here or at a root above: its name is mostly the package's, or the last part of it. */
        private boolean nodeBinary(String name) {
            return packages().stream().anyMatch(p -> List.of("dependencies", "devDependencies", "optionalDependencies", "peerDependencies").stream()
                    .anyMatch(d -> p.keys(d).stream().anyMatch(k -> k.equals(name) || brings(k, name))));
        }

        private static boolean brings(String packageName, String binary) {
            return switch (binary) {
                case "tsc", "tsserver" -> packageName.equals("typescript");
                case "vue-tsc" -> packageName.equals("vue-tsc");
                case "ng" -> packageName.equals("@angular/cli");
                case "biome" -> packageName.equals("@biomejs/biome");
                case "playwright" -> packageName.equals("@playwright/test");
                case "sequelize" -> packageName.equals("sequelize-cli");
                default -> packageName.startsWith("@") && (packageName.endsWith("/" + binary) || packageName.endsWith("/cli") && packageName.startsWith("@" + binary));
            };
        }

        /** package.json of the folder and of those above, nearest first. */
        private List<Document> packages() {
            List<Document> documents = new ArrayList<>();
            for (String at : VersionFiles.upwards(folder)) {
                String file = Project.join(at, "package.json");
                if (subject.project().exists(file)) {
                    subject.project().json(file).ifPresent(documents::add);
                }
            }
            return documents;
        }

        private boolean target(String runner, List<String> names, List<String> all) {
            String at = all.contains("-C") && all.indexOf("-C") + 1 < all.size() ? Project.join(folder, all.get(all.indexOf("-C") + 1)) : folder;
            List<String> wanted = names.stream().filter(n -> !n.contains("=") && !at.endsWith(n)).toList();
            return wanted.stream().allMatch(n -> subject.project().tasks(at).stream().anyMatch(t -> t.name().equals(n)))
                    // What a build generator or configure makes has its targets only later.
                    || runner.equals("make") && (subject.project().first(folder, "CMakeLists.txt", "configure.ac", "configure", "configure.in").isPresent() || at.startsWith("build"));
        }

        private boolean runsIn(String manager, List<String> plain, List<String> all) {
            String name = plain.get(1);
            if (all.stream().anyMatch(w -> w.equals("--with") || w.equals("--from"))) {
                return true;
            }
            String bare = name.contains(":") && manager.equals("hatch") ? name.substring(name.indexOf(':') + 1) : name;
            return manager.equals("hatch") || manager.equals("pdm") || Set.of("python", "python3").contains(bare)
                    || Set.of("bash", "sh").contains(bare) && plain.size() > 2 && file(plain.get(2)) || dependency(bare) || file(bare) || tool(bare) || ownScript(bare);
        }

        private boolean ownScript(String name) {
            String file = Project.join(folder, "pyproject.toml");
            Optional<Document> manifest = subject.project().exists(file) ? subject.project().toml(file) : Optional.empty();
            return manifest.map(d -> d.has("project", "scripts", name) || d.has("tool", "poetry", "scripts", name) || d.has("tool", "pdm", "scripts", name)).orElse(false)
                    || subject.project().exists(Project.join(folder, "Pipfile"));
        }

        private boolean composer(String first, List<String> plain) {
            if (Set.of("", "install", "update", "validate", "audit", "bin", "dump-autoload", "exec").contains(first)) {
                return true;
            }
            String script = first.equals("run") || first.equals("run-script") ? plain.size() > 1 ? plain.get(1) : "" : first;
            String file = Project.join(folder, "composer.json");
            return subject.project().exists(file) && subject.project().json(file).map(d -> d.has("scripts", script)).orElse(false);
        }

        /** A file of the project; or a binary that an installed dependency puts there. */
        private boolean script(String path) {
            return file(path) || (path.contains("vendor/bin/") || isComposerBin(Project.folderOf(path))) && dependency(path.substring(path.lastIndexOf('/') + 1))
                    || path.contains("vendor/bin/") && subject.project().exists(Project.join(folder, "vendor-bin/" + path.substring(path.lastIndexOf('/') + 1).replaceFirst("\\.phar$", "") + "/composer.json"))
                    || path.contains("node_modules/.bin/") && nodeBinary(path.substring(path.lastIndexOf('/') + 1))
                    || path.equals("./configure") && subject.project().first(folder, "configure.ac", "configure.in").isPresent();
        }

        private boolean isComposerBin(String bin) {
            String file = Project.join(folder, "composer.json");
            return subject.project().exists(file) && subject.project().json(file)
                    .map(d -> bin.equals(d.text("config", "bin-dir")) || bin.equals(d.text("config", "vendor-dir") + "/bin")).orElse(false);
        }

        private boolean file(String path) {
            String clean = path.startsWith("./") ? path.substring(2) : path;
            return Project.resolve(folder, clean).map(p -> subject.project().exists(p) || subject.project().isFolder(p)).orElse(false);
        }

        private boolean tool(String name) {
            // A tool whose own configuration is there is meant to be called; where it comes from, the install step says.
            List<String> configured = CONFIGURATION.getOrDefault(name, List.of());
            if (configured.stream().anyMatch(f -> subject.project().exists(Project.join(folder, f)) || subject.project().exists(f))
                    || components().stream().flatMap(c -> c.proven(CommandKind.INSTALL).stream()).anyMatch(c -> List.of(c.run().split("[\\s=]+")).contains(name))) {
                return true;
            }
            return components().stream().flatMap(c -> c.tools().stream()).anyMatch(t -> t.name().equals(name) || name.equals(BINARY_OF.get(t.name())));
        }

        /** Names of packages differ from those of their programs by case, by prefix or by vendor: what contains it is taken for it. */
        private boolean dependency(String program) {
            String wanted = program.toLowerCase(java.util.Locale.ROOT).replace('_', '-');
            Set<String> names = new LinkedHashSet<>();
            components().forEach(c -> names.addAll(c.dependencies().keySet()));
            return names.stream().map(n -> n.toLowerCase(java.util.Locale.ROOT).replace('_', '-')).anyMatch(n -> n.equals(wanted) || n.endsWith("/" + wanted)
                    || BROUGHT_BY.getOrDefault(wanted, Set.of()).contains(n) || lastPart(n).contains(wanted) || wanted.startsWith(lastPart(n)) && n.length() > 2);
        }

        private static String lastPart(String name) {
            return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1);
        }

        private List<Component> components() {
            return subject.components().stream().filter(c -> Project.isInside(folder, c.path()) || Project.isInside(c.path(), folder)).toList();
        }
    }
}

/** Splits a command line into its simple commands and these into words, as far as generated commands go: quotes, {@code &&}, {@code ;}, pipes. */
final class ShellWords {
    private ShellWords() {}

    /** Each simple command without assignments before it and without redirections. */
    static List<List<String>> commands(String text) {
        List<List<String>> commands = new ArrayList<>();
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        boolean wasQuoted = false;
        char quote = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                inWord = true;
                wasQuoted |= word.isEmpty();
            } else if (c == '\\' && i + 1 < text.length()) {
                i++;
                if (text.charAt(i) != '\n') {
                    word.append(text.charAt(i));
                    inWord = true;
                }
            } else if (Character.isWhitespace(c) || c == ';' || c == '|' || c == '&' || c == '(' || c == ')') {
                if (inWord && (wasQuoted || !isAside(word.toString(), words.isEmpty()))) {
                    words.add(word.toString());
                }
                word.setLength(0);
                inWord = false;
                wasQuoted = false;
                if (c != ' ' && c != '\t' && !words.isEmpty()) {
                    commands.add(words);
                    words = new ArrayList<>();
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        return commands;
    }

    /** An assignment before a command, or a redirection; in quotes the same text is a word like any other. */
    private static boolean isAside(String word, boolean isFirst) {
        return isFirst && word.matches("(?s)[A-Za-z_][A-Za-z0-9_]*=.*") || word.matches("(?s)\\d?[<>].*");
    }
}
