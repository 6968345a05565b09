import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// A router on a port, with the limits every server of ours has.
struct HTTPListener: Sendable {
    var host: String
    var port: Int
    var limits: HTTPLimits
    var logger: Logger
    /// Called once with the port that was bound.
    var onListening: @Sendable (Int) async -> Void = { _ in }

    /// Serves until the task is cancelled or the service group it runs in is shut down; requests in progress are finished first.
    ///
    /// Cancellation is turned into a graceful shutdown, because Hummingbird's own way to be cancelled drops connections it has accepted
    /// and not begun to handle, and NIO ends the process over such a connection ("Deinited NIOAsyncWriter without calling finish()").
    func run(_ router: Router<BasicRequestContext>) async throws {
        var configuration = ServiceGroupConfiguration(services: [application(router)], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(limits.bodySeconds)
        let group = ServiceGroup(configuration: configuration)
        let serving = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await serving.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }

    func application(_ router: Router<BasicRequestContext>) -> Application<RouterResponder<BasicRequestContext>> {
        let addresses = AddressCounter()
        let limits = limits
        let onListening = onListening
        var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
        decoder.maxHeaderFieldSize = limits.headerBytes
        decoder.maxHeaderListSize = limits.headerBytes
        decoder.maxHeaderFieldCount = limits.headerFields
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(limits: limits, addresses: addresses)],
            idleTimeout: .seconds(limits.idleSeconds), httpDecoderConfiguration: decoder)
        var configuration = ApplicationConfiguration(address: .hostname(host, port: port))
        configuration.availableConnectionsDelegate = .maximum(limits.connections, logger: logger)
        return Application(
            router: router, server: .http1(configuration: channel), configuration: configuration,
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) }, logger: logger)
    }
}
