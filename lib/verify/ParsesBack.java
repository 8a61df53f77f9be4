package lib.verify;

import java.util.ArrayList;
import java.util.List;
import lib.render.GeneratedFile;
import lib.render.Rendering;
import lib.scan.Document;
import lib.scan.Evidence;
import lib.scan.Finding;

/** Every YAML and JSON file parses back, has no key twice, and holds something. */
final class ParsesBack implements Check {
    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (GeneratedFile file : rendering.files()) {
            if (file.path().matches(".*\\.(ya?ml|json)")) {
                Document.problem(file.path(), file.content()).ifPresent(p -> findings.add(Finding.error("unparsable-output",
                        file.path() + " would not parse: " + p.message(), "report this with the project's manifests", new Evidence(file.path(), p.line(), "parses-back"))));
            }
            if (file.content().isBlank() || !file.content().endsWith("\n") || file.content().contains("\r")) {
                findings.add(Finding.error("unparsable-output", file.path() + " would be empty or end without a line break", "", Evidence.of(file.path(), "parses-back")));
            }
        }
        return findings;
    }
}
