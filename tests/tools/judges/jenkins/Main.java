//JAVA 17+
//DEPS org.codehaus.groovy:groovy:2.4.21 // the version Jenkins embeds: its parser decides what is Groovy at all
//SOURCES Call.java Catalogue.java Judge.java Scripts.java
//FILES catalogue.txt

package jenkinsfile;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.codehaus.groovy.control.*;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;

/** Judges declarative Jenkinsfiles: one `FILE:LINE: message` for each finding; exit 1 if there is any, 2 for wrong usage. With --scripts: see {@link Scripts}. */
public final class Main {
    record Finding(int line, String message) {}

    public static void main(String[] files) throws Exception {
        if (files.length == 0) {
            System.err.println("usage: jenkinsfile-judge FILE... | --scripts FOLDER FILE...");
            System.exit(2);
        }
        if (files[0].equals("--scripts")) {
            for (int i = 2; i < files.length; i++) Scripts.write(Path.of(files[i]), Path.of(files[1], String.valueOf(i)));
            return;
        }
        Catalogue catalogue = Catalogue.load();
        boolean clean = true;
        for (String file : files) {
            for (Finding finding : judge(Files.readString(Path.of(file)), catalogue)) {
                System.out.println(file + ":" + finding.line() + ": " + finding.message());
                clean = false;
            }
        }
        System.exit(clean ? 0 : 1);
    }

    private static List<Finding> judge(String text, Catalogue catalogue) {
        List<Finding> findings = new ArrayList<>();
        try {
            CompilationUnit unit = new CompilationUnit();
            SourceUnit source = unit.addSource("Jenkinsfile", text);
            unit.compile(Phases.CONVERSION); // as far as the syntax tree: no class is looked up, nothing runs
            new Judge(catalogue, (node, message) -> findings.add(new Finding(Math.max(1, node.getLineNumber()), message))).file(source.getAST());
        } catch (MultipleCompilationErrorsException errors) {
            for (Object error : errors.getErrorCollector().getErrors()) {
                int line = error instanceof SyntaxErrorMessage syntax ? syntax.getCause().getLine() : 1;
                String message = error instanceof SyntaxErrorMessage syntax ? syntax.getCause().getOriginalMessage() : error.toString();
                findings.add(new Finding(line, "Groovy syntax: " + message.strip().replaceFirst("(?s) at line: \\d+ column.*", "")));
            }
        }
        findings.sort(Comparator.comparingInt(Finding::line));
        return findings;
    }
}
