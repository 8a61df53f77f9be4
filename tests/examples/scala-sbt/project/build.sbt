ThisBuild / organization := "com.example"
ThisBuild / scalaVersion := scala3
ThisBuild / crossScalaVersions := Seq(scala213, scala3)

val scala213 = "2.13.16"
val scala3 = "3.3.6"

lazy val root = (project in file("."))
  .aggregate(core, json)
  .settings(name := "shapes", publish / skip := true)

lazy val core = project
  .settings(
    name := "shapes-core",
    mimaPreviousArtifacts := Set("com.example" %% "shapes-core" % "1.0.0"),
    libraryDependencies += "org.scalameta" %% "munit" % "1.2.1" % Test
  )

lazy val json = (project in file("modules/json"))
  .dependsOn(core % "compile->compile;test->test")
  .settings(
    name := "shapes-json",
    libraryDependencies += "io.circe" %% "circe-core" % "0.14.15"
  )
