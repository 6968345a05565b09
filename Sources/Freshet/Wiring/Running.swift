import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Something that lives long, as a service: stopping is cancellation.
struct Running: Service {
    var body: @Sendable () async throws -> Void

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await body() }
    }
}

enum Process {
    /// Runs services until SIGTERM or SIGINT, or until one of them has done its work; all are then asked to drain. The process
    /// ends soon after.
    static func run(_ services: [any Service], logger: Logger) async throws {
        SpareMemory.keepReturning()
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
            Departure.bound(code: 0)
        } catch {
            Departure.bound(code: 1)
            throw error
        }
    }
}
