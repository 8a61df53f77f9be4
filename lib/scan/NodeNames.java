package lib.scan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The names that scripts usually have for a purpose, best first. Knows nothing of what a script of that name really does. */
final class NodeNames {
    static final List<String> FORMAT = names("""
            format:check fmt:check check:format check:fmt format:ci fmt:ci prettier:check check:prettier prettier:ci lint:prettier:ci lint:format
            lint:prettier lint:fmt test:format test:prettier format:verify verify:format format:diff prettier:diff style:check check:style format:test
            ci:format formatcheck biome:format formatting:check check:formatting code:format:check format fmt prettier formatting style
            """);
    static final List<String> LINT = names("""
            lint:ci ci:lint lint:check check:lint lint eslint lint:all lint:code lint:src test:lint lint:test test:eslint eslint:check eslint:ci
            biome:check biome:ci biome code:lint lint:js lint:ts lint:eslint oxlint tslint xo standard linter quality check ci:check check:all
            """);
    static final List<String> TYPECHECK = names("""
            typecheck:ci typecheck type:check check:types check:type types:check typecheck:all ts:check check:ts tsc:check check:tsc typescript:check
            ci:typecheck ts:typecheck lint:types lint:type lint:tsc lint:ts test:typecheck typings:check compile:check build:check tsc types
            check:typescript svelte:check vue:tsc flow flow:check astro:check check
            """);
    /** Tests of the types that a package gives to others. */
    static final List<String> TYPE_TESTS = names("""
            test:types test:type types:test type:tests type:test test:tsd tsd test:typings test:typescript test:ts test:dts dtslint test:dtslint tstyche
            """);
    static final List<String> TEST = names("""
            test:ci ci:test test unit:ci test:unit unit unit:test unit:tests tests test:run run:tests test:node jest vitest mocha ava test:jest
            test:vitest test:mocha test:js test:lib test:src test:once test:coverage test:cov coverage cov test:all spec specs
            """);
    static final List<String> BROWSER_TESTS = names("test:ci test test:e2e e2e test:browser test:all e2e:ci test:e2e:ci");
    static final List<String> BUILD = names("""
            build:ci ci:build build build:prod build:production build:all build:lib build:dist build:release prod:build compile dist bundle build:js build:app
            """);

    private static final Pattern BY_HAND = Pattern.compile(
            ".*\\b(fix|write|watch|staged|debug|dev|update|updates|outdated|changed|affected|open|ui|inspect|report|local|browserslist)\\b.*");
    private static final Pattern NO_CHECK = Pattern.compile(".*\\b(links?|urls?|coverage|size|bundle|release|versions?|env|audit|security|vulnerabilities|build"
            + "|dist|package|exports|publish|pack|health|engine|node|commits?|pr|perf|e2e|tests?|unit)\\b.*");

    private final Map<String, String> plain = new HashMap<>();
    private final Map<String, List<String>> byPlain = new HashMap<>();

    NodeNames(Set<String> scripts) {
        for (String script : scripts) {
            String name = plainOf(script);
            plain.put(script, name);
            byPlain.computeIfAbsent(name, n -> new ArrayList<>()).add(script);
        }
    }

    /** The scripts that have one of these names, in the order of the names. */
    List<String> ordered(List<String> names) {
        return names.stream().flatMap(name -> byPlain.getOrDefault(name, List.of()).stream()).toList();
    }

    /** The name with colons for whatever divides its words. */
    String plain(String script) {
        return plain.get(script);
    }

    boolean is(String script, List<String> names) {
        return names.contains(plain(script));
    }

    /** What a developer runs by hand. */
    boolean isByHand(String script) {
        return BY_HAND.matcher(plain(script)).matches();
    }

    /** Run by the manager before or after another script. */
    boolean isHook(String script) {
        return plain(script).matches("(pre|post).*");
    }

    /** One of several checks by its name; not of the network, of the moment, or of what a build has made. */
    boolean isFurtherCheck(String script) {
        return plain(script).matches("(lint|check):.+|.+:lint") && !isByHand(script) && !NO_CHECK.matcher(plain(script)).matches()
                && !is(script, FORMAT) && !is(script, TYPECHECK);
    }

    /** {@code type-check}, {@code typeCheck} and {@code type_check} are one name. */
    private static String plainOf(String script) {
        return script.replaceAll("(?<=[a-z])(?=[A-Z])", ":").replaceAll("[-_./]+", ":").toLowerCase(Locale.ROOT);
    }

    private static List<String> names(String text) {
        return List.of(text.strip().split("\\s+"));
    }
}
