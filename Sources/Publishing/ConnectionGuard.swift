import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Synchronization

/// Holds every connection to the limits: time for a head, time for a body, requests, connections from one address.
///
/// Hummingbird's idle timeout ends connections on which nothing happens; this handler ends those on which something happens too slowly.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: HTTPLimits
    private let addresses: AddressCounter
    private var life: ConnectionLife
    private var timer: Scheduled<Void>?
    private var address: String?

    init(limits: HTTPLimits, addresses: AddressCounter) {
        self.limits = limits
        self.addresses = addresses
        life = ConnectionLife(requestLimit: limits.requestsPerConnection)
    }

    func channelActive(context: ChannelHandlerContext) {
        address = context.remoteAddress?.ipAddress
        if let address, !addresses.enter(address, limit: limits.connectionsPerAddress) {
            self.address = nil
            context.close(promise: nil)
            return
        }
        perform(life.opened(), context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let address { addresses.leave(address) }
        address = nil
        perform(life.closed(), context)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: perform(life.receivedHead(), context)
        case .body: break
        case .end: perform(life.receivedEnd(), context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            life.beganAnswer()
            if life.isLastRequest { head.headerFields[.connection] = "close" }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            perform(life.finishedAnswer(), context)
        }
    }

    private func perform(_ action: ConnectionLife.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none: break
        case .arm(let deadline): arm(deadline, context)
        case .disarm: timer?.cancel()
        case .close:
            context.flush()
            context.close(promise: nil)
        case .refuse: refuse(context)
        }
    }

    private func arm(_ deadline: ConnectionLife.Deadline, _ context: ChannelHandlerContext) {
        timer?.cancel()
        let seconds = deadline == .head ? limits.headSeconds : limits.bodySeconds
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(seconds)) {
            self.perform(self.life.expired(deadline), context)
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let head = HTTPResponse(status: .requestTimeout, headerFields: [.connection: "close", .contentLength: "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}

/// How many connections each address has open.
final class AddressCounter: Sendable {
    private let open = Mutex<[String: Int]>([:])

    /// - Returns: false if the address has as many as it may.
    func enter(_ address: String, limit: Int) -> Bool {
        if Self.isLoopback(address) { return true }
        return open.withLock { open in
            guard open[address, default: 0] < limit else { return false }
            open[address, default: 0] += 1
            return true
        }
    }

    func leave(_ address: String) {
        if Self.isLoopback(address) { return }
        open.withLock { open in
            let left = open[address, default: 1] - 1
            open[address] = left > 0 ? left : nil
        }
    }

    private static func isLoopback(_ address: String) -> Bool {
        address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }
}
