import Hummingbird
public import Logging

/// The publisher's HTTP server.
///
/// Nothing it answers changes any state, here or in Kafka; what it serves is put into `box` by whoever reads the checkpoint topic.
public struct PublishingServer: Sendable {
    private let publisher: Publisher
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - now: the wall clock, in milliseconds since 1970; ages are measured with it. nil for the system's.
    ///   - onListening: called once with the port that was bound.
    public init(
        configuration: PublishingConfiguration,
        box: SnapshotBox,
        registry: PrometheusRegistry,
        logger: Logger,
        now: (@Sendable () -> Int64)? = nil,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        let now = now ?? { Timestamp.now() }
        publisher = Publisher(
            box: box, configuration: configuration, metrics: PublishingMetrics(registry: registry, box: box, now: now), registry: registry,
            now: now)
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until its task is cancelled, or its service group shut down; then finishes the requests it has and returns.
    public func run() async throws {
        try await listener.run(publisher.routes())
    }

    func application() -> Application<RouterResponder<BasicRequestContext>> { listener.application(publisher.routes()) }

    private var listener: HTTPListener {
        let configuration = publisher.configuration
        return HTTPListener(
            host: configuration.host, port: configuration.port, limits: configuration.limits, logger: logger, onListening: onListening)
    }
}
