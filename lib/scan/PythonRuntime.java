package lib.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which Python a component runs on: what pins it, what range it declares, what it says it supports.
 *
 * <p>Compares by PEP 440 as far as versions of Python itself go ({@code 3.12}, {@code 3.12.4}); Poetry's {@code ^} and {@code ~} too.
 */
final class PythonRuntime {
    /** {@code 3.12}, {@code 3.12.4}; asdf's and pyenv's names of other implementations are no versions of CPython. */
    private static final Pattern VERSION = Pattern.compile("^(?:cpython[-@]|python[-@]?)?(3(?:\\.\\d+){0,2})(?:t|-dev)?$");
    private static final Pattern CLAUSE = Pattern.compile("(===|==|~=|!=|<=|>=|<|>|\\^|~)?\\s*v?(\\d+(?:\\.\\d+)*)((?:\\.\\*)?)[a-z0-9]*");
    private static final Pattern CLASSIFIER = Pattern.compile("^Programming Language :: Python :: (3\\.\\d+)$");
    private static final Pattern BASE_IMAGE = Pattern.compile(
            "(?i)^FROM\\s+(?:--platform=\\S+\\s+)?(?:docker\\.io/)?(?:library/)?python:(3\\.\\d+(?:\\.\\d+)?)(?:[-@\\s].*)?$");
    private static final Pattern TOX_FACTOR = Pattern.compile("(?<![a-z0-9])py(?:thon)?3?[.]?\\{([0-9,. -]+)\\}|(?<![a-z0-9])py(3)(?:\\.)?(\\d{1,2})(?![0-9])");

    private PythonRuntime() {}

    private record Found(String value, String file, Evidence evidence) {}

    /** Null where nothing tells it. */
    static Runtime of(Project project, PythonManifest manifest) {
        Optional<Found> pin = pin(project, manifest);
        Optional<Found> range = range(project, manifest);
        if (pin.isEmpty() && range.isEmpty()) {
            return baseImage(project, manifest).orElse(null);
        }
        if (pin.isPresent() && range.isPresent() && !allows(range.get().value, pin.get().value)) {
            project.report(Finding.warning("python-version-conflict",
                    pin.get().file + " pins Python " + pin.get().value + ", which " + range.get().file + " excludes (" + range.get().value + ")",
                    "change one of the two", pin.get().evidence, range.get().evidence));
        }
        // What actions/setup-python reads: .python-version, .tool-versions, Pipfile and pyproject.toml.
        String readable = pin.or(() -> range).map(Found::file)
                .filter(f -> List.of(".python-version", ".tool-versions", "Pipfile", "pyproject.toml").contains(Project.nameOf(f))).orElse("");
        return new Runtime("python", pin.map(Found::value).orElse(""), range.map(Found::value).orElse(""), readable, pin
                .or(() -> range).get().evidence);
    }

    private static Optional<Found> pin(Project project, PythonManifest manifest) {
        List<Optional<VersionFiles.Pin>> files = List.of(
                VersionFiles.line(project, manifest.folder, ".python-version", "python-version"),
                VersionFiles.find(project, manifest.folder, "python"),
                VersionFiles.line(project, manifest.folder, "runtime.txt", "runtime-txt"));
        for (Optional<VersionFiles.Pin> file : files) {
            Matcher version = VERSION.matcher(file.map(VersionFiles.Pin::version).orElse(""));
            if (version.matches()) {
                return Optional.of(new Found(version.group(1), file.get().file(), file.get().evidence()));
            }
        }
        if (manifest.pipfile != null) {
            for (String key : List.of("python_full_version", "python_version")) {
                Matcher version = VERSION.matcher(manifest.pipfile.text("requires", key));
                if (version.matches()) {
                    return Optional.of(new Found(version.group(1), manifest.pipfile.file(),
                            manifest.pipfile.evidence("pipfile-requires", "requires", key)));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Found> range(Project project, PythonManifest manifest) {
        for (String[] path : List.of(new String[] {"project", "requires-python"}, new String[] {"tool", "poetry", "dependencies", "python"})) {
            String range = manifest.text(path);
            if (!range.isEmpty() && !range.equals("*")) {
                return Optional.of(new Found(range, manifest.pyproject.file(), manifest.pyproject.evidence("requires-python", path)));
            }
        }
        if (manifest.setupCfg != null && !manifest.setupCfg.text("options", "python_requires").isEmpty()) {
            String file = manifest.at("setup.cfg");
            return Optional.of(new Found(manifest.setupCfg.text("options", "python_requires"), file,
                    new Evidence(file, manifest.setupCfg.line("options", "python_requires"), "python-requires")));
        }
        String range = PythonRequirements.setupText(manifest.setupPy, "python_requires");
        String file = manifest.at("setup.py");
        return range.isEmpty() ? Optional.empty()
                : Optional.of(new Found(range, file, new Evidence(file, project.lineOf(file, "python_requires"), "python-requires")));
    }

    /** An application that declares nothing still says in its Dockerfile what it runs on. */
    private static Optional<Runtime> baseImage(Project project, PythonManifest manifest) {
        String file = manifest.at("Dockerfile");
        List<String> lines = project.lines(file);
        for (int i = 0; i < lines.size(); i++) {
            Matcher from = BASE_IMAGE.matcher(lines.get(i).strip());
            if (from.matches()) {
                return Optional.of(new Runtime("python", from.group(1), "", "", new Evidence(file, i + 1, "base-image")));
            }
        }
        return Optional.empty();
    }

    /** Minor versions of the classifiers and of tox's list, oldest first. */
    static List<String> supported(PythonManifest manifest, String toxEnvironments) {
        TreeSet<Integer> minors = new TreeSet<>();
        for (String classifier : manifest.classifiers()) {
            Matcher version = CLASSIFIER.matcher(classifier.strip());
            if (version.matches()) {
                minors.add(Integer.parseInt(version.group(1).substring(2)));
            }
        }
        Matcher factor = TOX_FACTOR.matcher(toxEnvironments);
        while (factor.find()) {
            if (factor.group(1) == null) {
                minors.add(Integer.parseInt(factor.group(3)));
                continue;
            }
            for (String part : factor.group(1).split(",")) {
                String digits = part.strip().replaceFirst("^3\\.?", "");
                if (digits.matches("\\d{1,2}")) {
                    minors.add(Integer.parseInt(digits));
                }
            }
        }
        minors.removeIf(m -> m < 5 || m > 40);
        return minors.stream().map(m -> "3." + m).toList();
    }

    /** Does the range hold for some release of the version? {@code 3.12} stands for all of its patches. Unknown syntax excludes nothing. */
    static boolean allows(String range, String version) {
        for (String alternative : range.split("\\|\\|?")) {
            if (clauses(alternative).stream().allMatch(c -> holds(c[0], c[1], c[2], numbers(version)))) {
                return true;
            }
        }
        return false;
    }

    private static List<String[]> clauses(String text) {
        List<String[]> clauses = new ArrayList<>();
        Matcher clause = CLAUSE.matcher(text);
        while (clause.find()) {
            clauses.add(new String[] {clause.group(1) == null ? "" : clause.group(1), clause.group(2), clause.group(3)});
        }
        return clauses;
    }

    private static boolean holds(String operator, String wanted, String star, List<Integer> version) {
        List<Integer> bound = numbers(wanted);
        boolean prefix = !star.isEmpty() || operator.isEmpty();
        return switch (operator) {
            case ">=" -> compare(version, bound, 999) >= 0;
            case ">" -> compare(version, bound, 999) > 0;
            case "<=" -> compare(version, bound, 0) <= 0;
            case "<" -> compare(version, bound, 0) < 0;
            case "!=" -> prefix ? !startsWith(version, bound) : !version.equals(bound);
            case "~=" -> compare(version, bound, 999) >= 0 && startsWith(version, bound.subList(0, Math.max(1, bound.size() - 1)));
            case "^" -> compare(version, bound, 999) >= 0 && startsWith(version, bound.subList(0, 1));
            case "~" -> compare(version, bound, 999) >= 0 && startsWith(version, bound.subList(0, Math.min(2, bound.size())));
            default -> startsWith(version, bound) || !prefix && version.size() < bound.size() && startsWith(bound, version);
        };
    }

    private static boolean startsWith(List<Integer> version, List<Integer> prefix) {
        for (int i = 0; i < Math.min(version.size(), prefix.size()); i++) {
            if (!version.get(i).equals(prefix.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** @param missing what stands for the parts that the version leaves open */
    private static int compare(List<Integer> version, List<Integer> bound, int missing) {
        for (int i = 0; i < Math.max(version.size(), bound.size()); i++) {
            int left = i < version.size() ? version.get(i) : version.size() >= 3 ? 0 : missing;
            int right = i < bound.size() ? bound.get(i) : 0;
            if (left != right) {
                return Integer.compare(left, right);
            }
        }
        return 0;
    }

    private static List<Integer> numbers(String version) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : version.split("\\.")) {
            numbers.add(part.length() > 6 ? 999_999 : Integer.parseInt(part));
        }
        return numbers;
    }
}
