package lib.write;

//SOURCES FactsJson.java PlanJson.java PipelineReport.java GeneratorOptions.java
//SOURCES WritePlan.java PlannedWrite.java Manifest.java OutputFolder.java FileSink.java DiskSink.java

/** The JBang index of the last stage: reports, and the only code that writes files. */
final class Writes {
    private Writes() {}
}
