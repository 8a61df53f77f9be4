package lib.verify;

import java.util.List;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.render.Rendering;
import lib.scan.Component;
import lib.scan.Finding;
import lib.scan.Project;

/** Judges rendered files before anything is written. A finding of severity error keeps them from being written. */
interface Check {
    List<Finding> check(Rendering rendering, Subject subject);

    /** What the files are judged against. */
    record Subject(PipelinePlan plan, List<Component> components, Project project, Pins pins) {}
}
