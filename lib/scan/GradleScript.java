package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One build or settings script of Gradle, in Groovy or Kotlin, read as text: it is a program, and only running it would tell all.
 *
 * <p>Knows how plugins, dependencies, included projects and JDKs are usually written, with the line of each.
 */
final class GradleScript {
    private static final Pattern PLUGIN_ID = Pattern.compile("\\bid\\s*\\(?\\s*[\"\']([\\w.-]+)[\"\'][ \\t]*\\)?([^\\n]*)");
    private static final Pattern PLUGIN_ALIAS = Pattern.compile("\\b(?:alias|id)\\s*\\(?\\s*(\\w+)\\.plugins\\.([\\w.]+?)(?:\\.get\\(\\)\\.pluginId)?[ \\t]*(?:\\)([^\\n]*)|\\n)");
    private static final Pattern PLUGIN_KOTLIN = Pattern.compile("\\bkotlin\\s*\\(\\s*\"([\\w.-]+)\"[ \\t]*\\)([^\\n]*)");
    private static final Pattern PLUGIN_BARE = Pattern.compile("(?m)^\\s*`?([a-z][a-z-]*)`?\\s*$");
    private static final Pattern PLUGIN_APPLY = Pattern.compile("\\bapply\\s*(?:plugin\\s*:|\\(\\s*plugin\\s*=|\\(|\\{\\s*plugin\\s*\\()\\s*[\"']([\\w.-]+)[\"']");
    private static final Pattern COORDINATES = Pattern.compile("[\"']([A-Za-z][\\w.-]*:[A-Za-z][\\w.-]*)(?::[^\"'\\s]*)?[\"']");
    private static final Pattern MAP_NOTATION = Pattern.compile("group\\s*[:=]\\s*[\"']([\\w.-]+)[\"']\\s*,\\s*(?:name\\s*[:=]\\s*)[\"']([\\w.-]+)[\"']");
    private static final Pattern CATALOG_ENTRY = Pattern.compile("\\b(\\w+)\\.((?!plugins\\b|versions\\b)[a-zA-Z][\\w.]*)");
    private static final Pattern PROJECT = Pattern.compile("\\bproject\\s*\\(\\s*(?:path\\s*[:=]\\s*)?[\"'](:[^\"']+)[\"']|\\bprojects\\.([\\w.]+)");
    private static final Pattern TOOLCHAIN = Pattern.compile("\\b(?:JavaLanguageVersion\\.of|jvmToolchain)\\s*\\(\\s*((?:[^()]|\\([^()]*\\)){0,200})\\)");
    private static final Pattern LEVEL = Pattern.compile("\\b(?:sourceCompatibility|targetCompatibility|options\\.release|jvmTarget)"
            + "\\s*(?:=|\\.set\\s*\\(|\\.convention\\s*\\(|\\s)\\s*((?:[^()\\n]|\\((?:[^()]|\\([^()]*\\)){0,100}\\)){1,100})");
    private static final Pattern LEVEL_CONSTANT = Pattern.compile("\\b(?:JavaVersion\\.VERSION_|JvmTarget\\.JVM_)(\\d+(?:_\\d+)?)");

    final String file;
    final String code;
    private final ScriptText text;

    /** Something that was found, and where. */
    record Found(String text, Evidence evidence) {}

    GradleScript(String file, String text) {
        this.file = file;
        this.text = new ScriptText(file, text);
        this.code = this.text.code;
    }

    static Optional<GradleScript> read(Project project, String file) {
        return project.text(file).map(text -> new GradleScript(file, text));
    }

    // --- plugins ---

    /** Ids of the plugins that the script applies, with their places; those that it only declares ({@code apply false}) are left out. */
    List<Found> plugins(GradleCatalog catalog) {
        List<Found> found = new ArrayList<>();
        for (int[] block : blocks("plugins")) {
            String inside = code.substring(block[0], block[1]);
            each(PLUGIN_ID, inside, block[0], (m, at) -> applied(found, m.group(1), m.group(2), at));
            each(PLUGIN_KOTLIN, inside, block[0], (m, at) -> applied(found, "org.jetbrains.kotlin." + m.group(1), m.group(2), at));
            each(PLUGIN_ALIAS, inside, block[0], (m, at) -> catalog.plugin(m.group(1), m.group(2)).ifPresent(id -> applied(found, id, m.group(3) == null ? "" : m.group(3), at)));
            each(PLUGIN_BARE, inside, block[0], (m, at) -> applied(found, m.group(1), "", at));
        }
        each(PLUGIN_APPLY, code, 0, (m, at) -> applied(found, m.group(1), "", at));
        return found;
    }

    private void applied(List<Found> found, String id, String rest, int at) {
        if (!rest.matches(".*\\bapply\\s*\\(?\\s*false.*")) {
            found.add(new Found(id, evidence(at, "gradle-plugin")));
        }
    }

    // --- dependencies ---

    /** {@code group:artifact} of what the script's dependency blocks name, tests included. */
    List<Found> dependencies(GradleCatalog catalog) {
        List<Found> found = new ArrayList<>();
        for (int[] block : blocks("dependencies")) {
            String inside = code.substring(block[0], block[1]);
            each(COORDINATES, inside, block[0], (m, at) -> found.add(new Found(m.group(1), evidence(at, "gradle-dependency"))));
            each(MAP_NOTATION, inside, block[0], (m, at) -> found.add(new Found(m.group(1) + ":" + m.group(2), evidence(at, "gradle-dependency"))));
            each(CATALOG_ENTRY, inside, block[0], (m, at) -> catalog.libraries(m.group(1), m.group(2))
                    .forEach(name -> found.add(new Found(name, evidence(at, "version-catalog")))));
        }
        return found;
    }

    /** Paths of the build's other projects that this one needs; {@code projects.a.b} with a leading dot instead of a colon. */
    List<String> projectDependencies() {
        List<String> found = new ArrayList<>();
        for (int[] block : blocks("dependencies")) {
            each(PROJECT, code.substring(block[0], block[1]), block[0], (m, at) -> found.add(m.group(1) == null ? "." + m.group(2) : m.group(1)));
        }
        return found;
    }

    // --- the JDK ---

    List<Found> toolchains() {
        List<Found> found = new ArrayList<>();
        each(TOOLCHAIN, code, 0, (m, at) -> found.add(new Found(m.group(1).strip(), evidence(at, "gradle-toolchain"))));
        return found;
    }

    /** Source and target levels, as written. What stands in a question about the running JDK is none. */
    List<Found> levels() {
        List<Found> found = new ArrayList<>();
        each(LEVEL, code, 0, (m, at) -> found.add(new Found(m.group(1).strip(), evidence(at, "gradle-level"))));
        each(LEVEL_CONSTANT, code, 0, (m, at) -> {
            String line = text.lineAt(at);
            if (!line.contains("current()") || line.matches(".*\\b(?:check|require)\\s*\\(.*")) {
                found.add(new Found(m.group(1), evidence(at, "gradle-level")));
            }
        });
        return found;
    }

    /** The value that the script gives a name: {@code def x = 17}, {@code val x = "17"}, {@code ext.x = 17}. */
    Optional<String> variable(String name) {
        Matcher m = Pattern.compile("(?:^|[\\s.;{(\\[])" + Pattern.quote(name) + "\\s*(?::\\s*\\w+\\s*)?[=:]\\s*([^\\n;,\\])]+)").matcher(code);
        return m.find() ? Optional.of(m.group(1).strip()) : Optional.empty();
    }

    // --- settings ---

    /** Paths of included projects, such as {@code :core:data}. */
    List<Found> includes() {
        List<Found> found = new ArrayList<>();
        Matcher include = Pattern.compile("(?m)\\binclude\\s*(\\(|(?=[\"'])|(?=\\n?\\s*[\"']))").matcher(code);
        while (include.find()) {
            boolean bracket = include.group(1).equals("(");
            Matcher name = Pattern.compile("\\G\\s*,?\\s*[\"']([^\"'$]+)[\"']").matcher(code);
            for (int at = include.end(); at < code.length() && name.find(at); at = name.end()) {
                found.add(new Found(name.group(1).startsWith(":") ? name.group(1) : ":" + name.group(1), evidence(name.start(1), "gradle-include")));
                if (!bracket && next(name.end()) != ',') {
                    break;
                }
            }
        }
        return found;
    }

    private char next(int from) {
        int at = from;
        while (at < code.length() && Character.isWhitespace(code.charAt(at))) {
            at++;
        }
        return at < code.length() ? code.charAt(at) : ' ';
    }

    /** Folders that {@code project(':a').projectDir = file('b')} gives to projects, by their paths. */
    Map<String, String> projectFolders() {
        Map<String, String> folders = new LinkedHashMap<>();
        Pattern moved = Pattern.compile("project\\s*\\(\\s*[\"'](:[^\"']+)[\"']\\s*\\)\\.projectDir\\s*=\\s*[^\\n\"']*[\"']([^\"'$]+)[\"']");
        each(moved, code, 0, (m, at) -> folders.put(m.group(1), m.group(2)));
        return folders;
    }

    /** Folders of included builds. */
    List<String> includedBuilds() {
        List<String> found = new ArrayList<>();
        each(Pattern.compile("\\bincludeBuild\\s*\\(?\\s*[\"']([^\"'$]+)[\"']"), code, 0, (m, at) -> found.add(m.group(1)));
        return found;
    }

    boolean says(String regex) {
        return Pattern.compile(regex).matcher(code).find();
    }

    // --- text ---

    @FunctionalInterface
    private interface Hit {
        void at(Matcher m, int offset);
    }

    private static void each(Pattern pattern, String text, int offset, Hit hit) {
        Matcher m = pattern.matcher(text);
        while (m.find()) {
            hit.at(m, offset + (m.groupCount() > 0 && m.start(1) >= 0 ? m.start(1) : m.start()));
        }
    }

    private Evidence evidence(int offset, String rule) {
        return text.evidence(offset, rule);
    }

    /** Insides of all blocks of that name, wherever they stand; a block within one already found is not given again. */
    private List<int[]> blocks(String name) {
        List<int[]> blocks = new ArrayList<>();
        Matcher open = Pattern.compile("\\b" + name + "\\s*(?:\\([^()]*\\)\\s*)?\\{").matcher(code);
        int from = 0;
        while (from < code.length() && open.find(from)) {
            int depth = 1;
            int at = open.end();
            for (; at < code.length() && depth > 0; at++) {
                depth += code.charAt(at) == '{' ? 1 : code.charAt(at) == '}' ? -1 : 0;
            }
            blocks.add(new int[] {open.end(), Math.max(open.end(), depth == 0 ? at - 1 : at)});
            from = at;
        }
        return blocks;
    }
}
