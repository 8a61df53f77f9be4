package lib.render;

//SOURCES GeneratedFile.java

/** The list of the CI platforms, and the JBang index of this package. */
final class CiPlatforms {
    private CiPlatforms() {}
}
