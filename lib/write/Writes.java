package lib.write;

//SOURCES FactsJson.java PlanJson.java PipelineReport.java

/** The JBang index of the last stage: reports, and the only code that writes files. */
final class Writes {
    private Writes() {}
}
