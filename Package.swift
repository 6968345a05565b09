// swift-tools-version: 6.2
import PackageDescription

/// One list of settings for every target: Swift 6 mode, every unsafe expression marked, no warning tolerated.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The rooms the simulation runs through, and its own: optimised in debug builds too, where it would take three times as long.
let simulated = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")

let package = Package(
    name: "freshet",
    products: [.executable(name: "freshet", targets: ["Freshet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries
        .systemLibrary(name: "CRDKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        // Pure rooms: the same answer for the same bytes, no clock
        .target(name: "Learning", dependencies: ["CXXHash"], swiftSettings: simulated),
        .target(name: "Inspection", dependencies: ["Learning"], swiftSettings: simulated),
        .target(name: "Events", dependencies: ["CSimdJSON", "CXXHash", "Learning"], swiftSettings: simulated),

        // Kafka, and what rests on it
        .target(name: "Kafka", dependencies: ["CRDKafka", logging, metrics], swiftSettings: settings),
        .target(name: "EmbeddedBroker", dependencies: ["CRDKafka"], swiftSettings: settings),
        .target(name: "Checkpointing", dependencies: ["Kafka", "Learning", "Inspection", logging], swiftSettings: simulated),
        .target(
            name: "Training", dependencies: ["Kafka", "Learning", "Inspection", "Events", "Checkpointing", logging],
            swiftSettings: simulated),

        // Measurements
        .target(
            name: "Benchmarks", dependencies: ["Learning", "Inspection", "Events", "Checkpointing", "Training"], swiftSettings: simulated),

        // HTTP, and what watches from outside
        .target(
            name: "Publishing",
            dependencies: [
                "Learning", "Inspection", "Events", logging, metrics, coreMetrics, hummingbird, httpTypes, nioCore,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: settings),
        .target(
            name: "Supervision",
            dependencies: [
                logging, metrics, coreMetrics, nioCore, .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ], swiftSettings: settings),

        // Commands, settings, wiring
        .executableTarget(
            name: "Freshet",
            dependencies: [
                "Kafka", "Learning", "Inspection", "Events", "Checkpointing", "Training", "Publishing", "Supervision", "EmbeddedBroker",
                "Benchmarks", "CMalloc", "CZlib", "Yams", logging, metrics,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: settings),

        // Tests, one folder a target
        .target(
            name: "TestSupport", dependencies: ["Checkpointing", "Inspection", "Kafka", "Learning", logging], path: "Tests/TestSupport",
            swiftSettings: simulated),
        // Sources/Freshet/Settings is linked into its folder: no target can depend on a program.
        .executableTarget(
            name: "fuzz",
            dependencies: ["Checkpointing", "Events", "Inspection", "Learning", "Publishing", "TestSupport", "Training", "Yams", logging],
            path: "Tests/Fuzzing", swiftSettings: settings),
        .testTarget(name: "FuzzingTests", dependencies: ["fuzz"], swiftSettings: settings),
        .testTarget(name: "LearningTests", dependencies: ["Learning"], swiftSettings: settings),
        .testTarget(name: "InspectionTests", dependencies: ["Inspection", "Learning"], swiftSettings: settings),
        .testTarget(name: "EventsTests", dependencies: ["Events", "Learning"], swiftSettings: settings),
        .testTarget(name: "KafkaTests", dependencies: ["Kafka", "EmbeddedBroker", "TestSupport", logging], swiftSettings: settings),
        .testTarget(
            name: "CheckpointingTests",
            dependencies: ["Checkpointing", "EmbeddedBroker", "Inspection", "Kafka", "Learning", "TestSupport", logging],
            exclude: ["Golden"], swiftSettings: settings),
        .testTarget(
            name: "PublishingTests",
            dependencies: [
                "Publishing", "Learning", "Events", logging, metrics, coreMetrics, hummingbird, httpTypes, nioCore,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ], swiftSettings: settings),
        .testTarget(
            name: "SupervisionTests",
            dependencies: [
                "Supervision", logging, metrics, coreMetrics, hummingbird, httpTypes, nioCore,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "FreshetTests",
            dependencies: [
                "Freshet", "Checkpointing", "Events", "Inspection", "Kafka", "Learning", "Publishing", "Supervision", "Training", logging,
            ], swiftSettings: settings),
        .testTarget(name: "BenchmarksTests", dependencies: ["Benchmarks", "Inspection"], swiftSettings: simulated),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Training", "Checkpointing", "EmbeddedBroker", "Events", "Inspection", "Kafka", "Learning", "TestSupport", logging,
            ],
            swiftSettings: simulated),
        .testTarget(
            name: "Integration",
            dependencies: [
                "Freshet", "Kafka", "Checkpointing", "Training", "Events", "Learning", "Inspection", "TestSupport", logging, hummingbird,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ], path: "Tests/Integration", swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx17
)
