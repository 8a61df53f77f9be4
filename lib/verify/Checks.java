package lib.verify;

//SOURCES Check.java

import java.util.ArrayList;
import java.util.List;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.render.Rendering;
import lib.scan.Finding;
import lib.scan.Project;

/** The list of the checks, and the JBang index of this package. To add one: a class that implements {@link Check}, and its name here, twice. */
public final class Checks {
    private static final List<Check> ALL = List.of();

    private Checks() {}

    public static List<Finding> check(List<Rendering> renderings, PipelinePlan plan, Project project, Pins pins) {
        Check.Subject subject = new Check.Subject(plan, project, pins);
        List<Finding> findings = new ArrayList<>();
        for (Rendering rendering : renderings) {
            ALL.forEach(check -> findings.addAll(check.check(rendering, subject)));
        }
        return findings;
    }
}
