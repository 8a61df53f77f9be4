package lib.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import lib.render.GeneratedFile;
import lib.render.Rendering;
import lib.scan.Evidence;
import lib.scan.Finding;

/** What no platform's file may hold, whoever wrote it: swallowed failures, floating versions, scripts piped into a shell, placeholders, secrets in words. */
final class ForbiddenText implements Check {
    private static final Map<String, Pattern> RULES = new LinkedHashMap<>();

    static {
        RULES.put("swallowed-failure", Pattern.compile("\\|\\|\\s*(true|:|exit 0)\\s*(\"|'|$)|continue-on-error: true|allow_failure: true\\s*$"));
        RULES.put("floating-version", Pattern.compile("(image|uses|docker):? \\S+(:latest|@(main|master|volatile))\\b|^\\s+\\S+/\\S+@(volatile|dev:\\S+)"));
        RULES.put("unverified-script", Pattern.compile("(curl|wget)\\b[^|\\n]*\\|\\s*(sudo )?(ba|z|da)?sh\\b"));
        RULES.put("placeholder", Pattern.compile("(?i)echo .*(add your|your deploy|todo|placeholder|deploying\\.\\.\\.)"));
        RULES.put("password-on-command-line", Pattern.compile("docker login [^\\n]*(-p |--password )"));
        RULES.put("debug-trace", Pattern.compile("CI_DEBUG_TRACE|ACTIONS_STEP_DEBUG|ACTIONS_ALLOW_UNSECURE_COMMANDS"));
    }

    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : rendering.files()) {
            int number = 0;
            for (String line : file.content().lines().toList()) {
                number++;
                for (Map.Entry<String, Pattern> rule : RULES.entrySet()) {
                    if (rule.getValue().matcher(line).find()) {
                        findings.add(Finding.error(rule.getKey(), "must not be generated: " + line.strip(), "report this with the project's manifests",
                                new Evidence(file.path(), number, rule.getKey())));
                    }
                }
            }
        }
        return findings;
    }
}
