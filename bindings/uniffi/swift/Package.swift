// swift-tools-version:5.9
// The Swift face of ksef-offline. `generate.sh` fills Sources/ and the framework first.
import PackageDescription

let package = Package(
    name: "KsefOffline",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "KsefOffline", targets: ["KsefOffline"])],
    targets: [
        .binaryTarget(name: "KsefOfflineFFI", path: "KsefOfflineFFI.xcframework"),
        .target(name: "KsefOffline", dependencies: ["KsefOfflineFFI"]),
        .testTarget(name: "KsefOfflineTests", dependencies: ["KsefOffline"]),
    ]
)
