package lib.plan;

//SOURCES Stage.java Step.java Toolchain.java Job.java PipelinePlan.java PlanOptions.java
//SOURCES Catalogue.java Versions.java Pins.java VersionRange.java
//SOURCES RuntimeChoice.java Units.java CheckJobs.java DeliveryJobs.java PipelinePlanner.java

/** The JBang index of the second stage: neutral records and the planners that fill them. No platform's word in this package. */
final class Plans {
    private Plans() {}
}
