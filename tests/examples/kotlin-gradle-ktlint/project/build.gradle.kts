plugins {
    kotlin("jvm") version "2.2.21"
    id("org.jlleitschuh.gradle.ktlint") version "13.1.0"
    application
}

repositories {
    mavenCentral()
}

kotlin {
    jvmToolchain(21)
}

dependencies {
    implementation("io.ktor:ktor-client-cio:3.3.2")
    testImplementation(kotlin("test"))
}

application {
    mainClass = "com.example.weather.MainKt"
}

tasks.test {
    useJUnitPlatform()
}
