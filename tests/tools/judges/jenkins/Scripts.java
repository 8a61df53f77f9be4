package jenkinsfile;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.codehaus.groovy.ast.*;
import org.codehaus.groovy.ast.expr.*;
import org.codehaus.groovy.control.*;

/** The scripts that the `sh` steps of a Jenkinsfile run, wherever they stand in it. */
final class Scripts extends CodeVisitorSupport {
    private final Map<Integer, String> byLine = new LinkedHashMap<>();

    /** Writes each script to a file in the folder and prints JENKINSFILE TAB LINE TAB FILE. A file that is not Groovy has none: see Judge. */
    static void write(Path jenkinsfile, Path folder) throws Exception {
        Scripts scripts = new Scripts();
        try {
            CompilationUnit unit = new CompilationUnit();
            SourceUnit source = unit.addSource("Jenkinsfile", Files.readString(jenkinsfile));
            unit.compile(Phases.CONVERSION);
            source.getAST().getStatementBlock().visit(scripts);
            source.getAST().getMethods().forEach(method -> method.getCode().visit(scripts));
        } catch (MultipleCompilationErrorsException notGroovy) {
            return;
        }
        for (Map.Entry<Integer, String> script : scripts.byLine.entrySet()) {
            Path file = Files.createDirectories(folder).resolve(script.getKey() + ".sh");
            Files.writeString(file, script.getValue());
            System.out.println(jenkinsfile + "\t" + script.getKey() + "\t" + file);
        }
    }

    @Override
    public void visitMethodCallExpression(MethodCallExpression expression) {
        Call call = Call.of(expression);
        if (call != null && call.name().equals("sh")) {
            Expression script = call.named().containsKey("script") ? call.named().get("script") : call.values().isEmpty() ? null : call.values().get(0);
            if (script != null) byLine.merge(expression.getLineNumber(), text(script), (first, second) -> first + "\n" + second);
        }
        super.visitMethodCallExpression(expression);
    }

    /** The text that the shell gets; what Groovy computes only in the run is a plain word here. */
    private static String text(Expression script) {
        if (script instanceof ConstantExpression constant) return String.valueOf(constant.getValue());
        if (script instanceof GStringExpression mixed) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < mixed.getStrings().size(); i++) {
                text.append(mixed.getStrings().get(i).getValue());
                if (i < mixed.getValues().size()) text.append("value");
            }
            return text.toString();
        }
        return "";
    }
}
