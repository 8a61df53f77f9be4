package lib.verify;

//SOURCES Check.java ShellWords.java ParsesBack.java CommandsProven.java FilesExist.java ForbiddenText.java GitHubRules.java

import java.util.ArrayList;
import java.util.List;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.render.Rendering;
import lib.scan.Finding;
import lib.scan.Project;
import lib.scan.ProjectFacts;

/** The list of the checks, and the JBang index of this package. To add one: a class that implements {@link Check}, and its name here, twice. */
public final class Checks {
    private static final List<Check> ALL = List.of(new ParsesBack(), new CommandsProven(), new FilesExist(), new ForbiddenText(), new GitHubRules());

    private Checks() {}

    public static List<Finding> check(List<Rendering> renderings, PipelinePlan plan, ProjectFacts facts, Project project, Pins pins) {
        Check.Subject subject = new Check.Subject(plan, facts.components(), project, pins);
        List<Finding> findings = new ArrayList<>();
        for (Rendering rendering : renderings) {
            ALL.forEach(check -> findings.addAll(check.check(rendering, subject)));
        }
        return findings.stream().distinct().toList();
    }
}
