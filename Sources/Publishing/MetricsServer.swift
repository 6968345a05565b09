import Hummingbird
public import Logging

/// `/metrics` and `/health/live` for the processes that serve nothing else: trainer and watchdog.
public struct MetricsServer: Sendable {
    private let listener: HTTPListener
    private let registry: PrometheusRegistry
    private let isLive: @Sendable () -> Bool

    /// - Parameters:
    ///   - port: 0 takes any free one.
    ///   - isLive: false makes `/health/live` answer 503, for an orchestrator to restart the process.
    ///   - onListening: called once with the port that was bound.
    public init(
        host: String,
        port: Int,
        limits: HTTPLimits = HTTPLimits(),
        registry: PrometheusRegistry,
        logger: Logger,
        isLive: @escaping @Sendable () -> Bool = { true },
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        listener = HTTPListener(host: host, port: port, limits: limits, logger: logger, onListening: onListening)
        self.registry = registry
        self.isLive = isLive
    }

    /// Serves until its task is cancelled, or its service group shut down; then finishes the requests it has and returns.
    public func run() async throws {
        try await listener.run(routes())
    }

    func application() -> Application<RouterResponder<BasicRequestContext>> { listener.application(routes()) }

    private func routes() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: SafetyMiddleware())
        router.read("/metrics") { _, _ in .text(registry.text(), contentType: PrometheusRegistry.contentType) }
        router.read("/health/live") { _, _ in
            guard isLive() else { throw HTTPError(.serviceUnavailable, message: "The process runs, but its work stands still.") }
            return try .json(["live": true])
        }
        return router
    }
}
