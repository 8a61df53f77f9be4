package lib.scan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the lines of recipes and scripts as calls of programs, and knows what each program of the Python world is for.
 *
 * <p>It reads, it does not interpret: what it can't tell apart becomes {@link Use#OTHER}. Knows no project and chooses nothing.
 */
final class PythonCalls {

    /** What a call does, as far as a pipeline cares. */
    enum Use {
        FORMAT, LINT, TYPECHECK, TEST, BUILD, DOCS, INSTALL, OTHER,
        /** Changes sources, so that it passes where a check would fail. */
        REWRITE,
        /** Publishes, deploys, tags. */
        PUBLISH,
        /** Belongs to another toolchain, or wants a desktop, a daemon or a password. */
        FOREIGN,
        /** Lives in a virtual environment that the recipe makes or expects itself. */
        OWN_VENV
    }

    /**
     * @param tool name of the distribution that brings it as a rule: {@code pytest}, {@code ruff}, {@code build}
     * @param words its arguments
     * @param wrapped run through a manager ({@code uv run}) that finds it by itself
     * @param isolated the call brings the tool along: {@code uvx}, {@code uv run --group}
     */
    record Call(String tool, List<String> words, Use use, boolean wrapped, boolean isolated, String manager) {
        /** The arguments as they may stand in a command of ours: all plain, or none. */
        String plainWords() {
            return words.stream().allMatch(w -> PLAIN.matcher(w).matches()) ? String.join(" ", words) : "";
        }
    }

    private static final Pattern WITH_VALUE = Pattern.compile("-p|-e|-c|--(python|group|only-group|no-group|extra|with|with-requirements|with-editable"
            + "|from|package|directory|project|env-file|spec)");
    private static final int MAX_LINE = 5_000;
    private static final int MAX_EXPANSIONS = 300;
    private static final int MAX_CALLS = 500;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");
    private static final Pattern ASSIGNMENT = Pattern.compile("^(?:export\\s+)?([A-Za-z_]\\w*)=(?:\"([^\"`]*)\"|'([^']*)'|([^\\s\"'`]*))$");
    private static final Pattern VARIABLE = Pattern.compile(
            "\\$\\{\\{?\\s*([A-Za-z_]\\w*)\\s*\\}?\\}|\\$\\(([A-Za-z_]\\w*)\\)|\\$([A-Za-z_]\\w*)|\\{\\{\\s*([A-Za-z_]\\w*)\\s*\\}\\}");
    private static final Set<String> KEYWORDS = Set.of("fi", "done", "for", "case", "esac", "set", "export", "echo", "printf",
            "cd", "exit", "true", "false", "test", "[", "[[", "{", "}", "return", "local", "function", "unset", "trap", "shift", "read", "pushd",
                    "popd", "mkdir", "rm", "cp", "mv", "touch", "cat");
    /** Words that stand before a command and run it. */
    private static final Set<String> LEADS = Set.of("time", "exec", "env", "!", "if", "elif", "while", "until", "then", "else", "do", "command",
            "xvfb-run");
    private static final Set<String> LINTERS = Set.of("flake8", "pylint", "pydocstyle", "pycodestyle", "pyflakes", "bandit", "codespell",
            "prospector", "interrogate",
            "vulture", "doc8", "djlint", "curlylint", "yamllint", "deptry", "check-manifest", "semgrep", "refurb", "lint-imports", "typos",
                    "pyroma", "flakeheaven", "sqlfluff", "slotscheck", "pymarkdown");
    private static final Set<String> TYPECHECKERS = Set.of("mypy", "dmypy", "pyright", "basedpyright", "ty", "pyrefly", "pytype", "pyre", "zuban");
    private static final Set<String> TESTERS = Set.of("pytest", "py.test", "unittest", "nose2", "trial", "zope-testrunner", "stestr", "behave",
            "nox", "tox", "ward", "green");
    private static final Set<String> FOREIGN = Set.of("docker", "docker-compose", "podman", "npm", "npx", "yarn", "pnpm", "bun", "bunx", "node",
            "cargo", "go", "mvn", "gradle", "./gradlew",
            "terraform", "kubectl", "helm", "bundle", "gem", "vagrant", "ssh", "scp", "rsync", "open", "xdg-open", "sudo", "apt", "apt-get",
                    "brew", "watch", "ptw", "pytest-watch", "entr",
            "heroku", "gcloud", "aws", "az", "conda", "mamba", "micromamba", "watchmedo", "watchfiles", "sphinx-autobuild", "psql", "createdb",
                    "systemctl", "cmake", "dotnet", "php", "deno");
    private static final Map<String,
            String> PACKAGES = Map.of("py.test", "pytest", "lint-imports", "import-linter", "dmypy", "mypy", "sphinx-build", "sphinx",
            "pymarkdown", "pymarkdownlnt");

    private PythonCalls() {}

    /** The calls of all lines, in order. Assignments in the lines and in {@code variables} are put in. */
    static List<Call> of(List<String> lines, Map<String, String> variables) {
        Map<String, String> known = new HashMap<>(variables);
        List<Call> calls = new ArrayList<>();
        int[] budget = {MAX_EXPANSIONS};
        int branches = 0;
        for (String line : joined(lines)) {
            branches += line.startsWith("if ") ? 1 : line.equals("fi") && branches > 0 ? -1 : 0;
            Matcher assignment = ASSIGNMENT.matcher(line.strip());
            if (assignment.matches()) {
                String value = java.util.stream.IntStream.rangeClosed(2, 4).mapToObj(assignment::group).filter(java.util.Objects::nonNull)
                        .findFirst().orElse("");
                // "If there is a virtual environment, call its programs": in a pipeline there is none.
                if (branches == 0 || !value.contains("bin/")) {
                    known.put(assignment.group(1), value);
                }
                continue;
            }
            for (String piece : expanded(line.substring(0, Math.min(line.length(), MAX_LINE)), known, budget).split("&&|\\|\\||[;|()]")) {
                Call call = calls.size() < MAX_CALLS ? call(piece.strip()) : null;
                if (call != null) {
                    calls.add(call);
                }
            }
        }
        return calls;
    }

    /** Lines that end with a backslash go on with the next; comments are dropped. */
    static List<String> joined(List<String> lines) {
        List<String> all = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        for (String line : lines) {
            String stripped = line.strip();
            if (stripped.startsWith("#")) {
                continue;
            }
            if (stripped.endsWith("\\")) {
                open.append(stripped, 0, stripped.length() - 1).append(' ');
            } else {
                all.add(open + stripped);
                open.setLength(0);
            }
        }
        all.add(open.toString());
        return all;
    }

    /** @param budget how many more variables may be put in: those that contain one another could go on for ever */
    private static String expanded(String line, Map<String, String> known, int[] budget) {
        Matcher variable = VARIABLE.matcher(line);
        StringBuilder text = new StringBuilder();
        while (variable.find()) {
            String name = java.util.stream.IntStream.rangeClosed(1, 4).mapToObj(variable::group).filter(java.util.Objects::nonNull).findFirst()
                    .orElse("");
            String value = known.containsKey(name) ? --budget[0] > 0 && known.get(name).length() < MAX_LINE
                    ? expanded(known.get(name), known, budget) : ""
                    : name.equals("MAKE") ? "make" : name.matches("(?i)python3?|py") ? "python" : name.matches("(?i).*venv.*") ? "venv" : "";
            variable.appendReplacement(text, Matcher.quoteReplacement(text.length() + value.length() > MAX_LINE ? "" : value));
        }
        return variable.appendTail(text).toString();
    }

    private static Call call(String piece) {
        List<String> words = new ArrayList<>(List.of(piece.replaceFirst("^[@+-]+", "")
                .replaceAll("\\s\\d?>+\\s*\\S+|\\s2>&1", "").strip().split("\\s+")));
        boolean wrapped = false;
        boolean isolated = false;
        boolean ownVenv = false;
        String manager = "";
        for (int guard = 0; guard < 8 && !words.isEmpty(); guard++) {
            String word = words.get(0).replaceAll("^[\"']|[\"']$", "");
            String next = words.size() > 1 ? words.get(1) : "";
            if (word.isEmpty() || word.matches("[A-Za-z_]\\w*=.*") || LEADS.contains(word)) {
                words.remove(0);
            } else if (word.matches(".*(venv|env|\\.tox)/(bin|Scripts)/[\\w.-]+") || (word.equals(".") || word.equals("source")) && next
                    .contains("activate")) {
                ownVenv = true;
                words.set(0, word.substring(word.lastIndexOf('/') + 1));
            } else if (next.equals("run") && Set.of("poetry", "pdm", "pipenv", "rye", "hatch", "uv").contains(word) || word.equals("uvx") || word
                    .equals("pipx") && next.equals("run")
                    || word.equals("uv") && next.equals("tool") && words.size() > 2 && words.get(2).equals("run")) {
                wrapped = true;
                manager = word;
                words.subList(0, word.equals("uvx") ? 1 : next.equals("tool") ? 3 : 2).clear();
                isolated |= !word.equals("poetry") && !word.equals("pdm") && !word.equals("pipenv") && !next.equals("run") || word.equals("pipx");
                isolated |= options(words);
                if (word.equals("hatch") && !words.isEmpty()) {
                    words.set(0, words.get(0).replaceFirst("^[+\\w.-]+:(?=.)", ""));
                }
            } else if (word.matches("(.*/)?(python|python3|python3?\\.\\d+|pypy3?|py)") && module(words) > 0) {
                words.subList(0, module(words)).clear();
            } else if (word.equals("coverage") && next.equals("run")) {
                int module = words.indexOf("-m");
                if (module < 0) {
                    return new Call("coverage", rest(words, 2), Use.TEST, wrapped, isolated, manager);
                }
                words.subList(0, module + 1).clear();
            } else {
                break;
            }
        }
        if (words.isEmpty() || KEYWORDS.contains(words.get(0)) || words.get(0).startsWith("-")) {
            return null;
        }
        String tool = words.get(0).replaceAll("^[\"']|[\"']$", "");
        List<String> arguments = rest(words, 1);
        Use use = ownVenv ? Use.OWN_VENV : use(tool, arguments);
        return new Call(PACKAGES.getOrDefault(tool, tool), arguments, use, wrapped, isolated, manager);
    }

    /** Where the name of the module stands that Python is told to run by {@code -m}, behind options of its own; 0 if it runs a file. */
    private static int module(List<String> words) {
        for (int i = 1; i < words.size() && words.get(i).startsWith("-"); i++) {
            if (words.get(i).matches("-[bBdEiIOPqsSuv]*m")) {
                return i + 1 < words.size() ? i + 1 : 0;
            }
            i += words.get(i).matches("-[WX]") ? 1 : 0;
        }
        return 0;
    }

    /** Drops the options of {@code uv run}; true when they bring groups or packages along. */
    private static boolean options(List<String> words) {
        boolean brings = false;
        while (!words.isEmpty() && words.get(0).startsWith("-")) {
            String option = words.remove(0);
            if (option.equals("--")) {
                break;
            }
            brings |= option.matches("--(group|only-group|extra|with|with-requirements|from|all-extras|all-groups|dev)(=.*)?");
            if (WITH_VALUE.matcher(option).matches() && !words.isEmpty()) {
                words.remove(0);
            }
        }
        return brings;
    }

    private static List<String> rest(List<String> words, int from) {
        return List.copyOf(words.subList(Math.min(from, words.size()), words.size()));
    }

    private static Use use(String tool, List<String> words) {
        String first = words.stream().filter(w -> !w.startsWith("-")).findFirst().orElse("");
        Set<String> all = Set.copyOf(words);
        switch (tool) {
            case "ruff":
                if (first.equals("format")) {
                    return all.contains("--check") || all.contains("--diff") ? Use.FORMAT : Use.REWRITE;
                }
                return all.contains("--fix") && !all.contains("--exit-non-zero-on-fix") ? Use.REWRITE : Use.LINT;
            case "black", "isort", "yapf", "autopep8", "docformatter", "djhtml", "autoflake", "blacken-docs", "mdformat", "pyproject-fmt",
                    "usort", "ssort":
                return all.contains("--check") || all.contains("--check-only") || all.contains("--diff") || all.contains("-c") || all
                        .contains("-d") ? Use.FORMAT : Use.REWRITE;
            case "pyupgrade", "unify", "add-trailing-comma", "pycln":
                return Use.REWRITE;
            case "pre-commit", "prek":
                return first.equals("run") ? Use.LINT : Use.OTHER;
            case "uv", "poetry", "pdm", "hatch", "flit", "maturin", "pipenv", "pip", "pip3":
                return switch (first) {
                    case "build", "wheel" -> tool.startsWith("pip") ? Use.INSTALL : Use.BUILD;
                    case "publish" -> Use.PUBLISH;
                    case "test" -> Use.TEST;
                    case "fmt" -> all.contains("--check") ? Use.LINT : Use.REWRITE;
                    case "install", "sync", "lock", "update", "add", "pip", "develop" -> Use.INSTALL;
                    default -> Use.OTHER;
                };
            case "python", "python3":
                return first.endsWith("manage.py") && words.contains("test") || first.matches("(.*/)?run_?tests?\\.py") ? Use.TEST
                        : first.equals("setup.py") ? words.contains("upload") ? Use.PUBLISH
                        : words.contains("sdist") || words.contains("bdist_wheel") ? Use.BUILD : Use.INSTALL : Use.OTHER;
            case "django-admin", "django", "./manage.py", "manage.py":
                return first.equals("test") ? Use.TEST : Use.OTHER;
            case "build":
                return Use.BUILD;
            case "twine":
                return first.equals("upload") ? Use.PUBLISH : Use.OTHER;
            case "git":
                return Set.of("push", "commit", "tag").contains(first) ? Use.PUBLISH : Use.OTHER;
            case "venv", "virtualenv":
                return Use.OWN_VENV;
            case "mkdocs":
                return first.equals("build") ? Use.DOCS : first.equals("gh-deploy") ? Use.PUBLISH : Use.FOREIGN;
            case "sphinx-build":
                return Use.DOCS;
            default:
                return LINTERS.contains(tool) ? Use.LINT : TYPECHECKERS.contains(tool) ? Use.TYPECHECK : TESTERS.contains(tool) ? Use.TEST
                        : FOREIGN.contains(tool) ? Use.FOREIGN : Use.OTHER;
        }
    }
}
