// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Slug",
    products: [.library(name: "Slug", targets: ["Slug"])],
    targets: [
        .target(name: "Slug"),
        .testTarget(name: "SlugTests", dependencies: ["Slug"]),
    ]
)
