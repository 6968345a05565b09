import Foundation
import Synchronization

/// One client's connection to one broker through the proxy.
final class Passage: Sendable {
    private let client: Wire
    private let upstream: Wire
    private let broker: String
    private let proxy: WeakProxy
    private let pending = Mutex<[Int32: ProxyMessage]>([:])

    private final class WeakProxy: Sendable {
        weak let value: KafkaProxy?

        init(_ value: KafkaProxy) { self.value = value }
    }

    /// As much of a request is kept as a fetch of some partitions needs.
    private static let kept = 8_192

    init(_ proxy: KafkaProxy, _ client: consuming Wire, _ upstream: consuming Wire, broker: String) {
        self.proxy = WeakProxy(proxy)
        self.client = client
        self.upstream = upstream
        self.broker = broker
    }

    func begin() {
        Thread.detachNewThread { self.passRequests() }
        Thread.detachNewThread { self.passResponses() }
    }

    func end() {
        client.end()
        upstream.end()
    }

    func reset() {
        client.reset()
        upstream.end()
    }

    // MARK: - Both ways

    private func passRequests() {
        while let bytes = client.receive() {
            let message = Self.request(bytes)
            // Noted first: the answer may come at once.
            note(message)
            guard pass(message, to: upstream) else { return }
        }
        // What was held on its way arrives although the client has gone.
        upstream.finish()
    }

    private func note(_ message: ProxyMessage) {
        var header = WireReader(message.bytes.dropFirst(4).prefix(4))
        let number = header.int32()
        var kept = message
        kept.bytes = []
        pending.withLock { $0[number] = kept }
    }

    private func passResponses() {
        while let bytes = upstream.receive() {
            guard let message = response(bytes) else { break }
            guard pass(message, to: client) else { return }
        }
        client.end()
    }

    /// False when the connection has ended.
    private func pass(_ message: ProxyMessage, to wire: borrowing Wire) -> Bool {
        linger(message.bytes.count)
        switch proxy.value?.verdict(on: message) ?? .drop {
        case .forward: return wire.send(message.bytes)
        case .replace(let bytes): return wire.send(bytes)
        case .swallow: return true
        case .drop: end()
        case .tear:
            wire.sendHalf(of: message.bytes)
            reset()
        }
        return false
    }

    /// As long as the link takes.
    private func linger(_ count: Int) {
        if case .slow(let latency, let rate) = proxy.value?.link {
            Thread.sleep(forTimeInterval: latency / .seconds(1) + Double(count) / Double(rate))
        }
        while proxy.value?.link == .halfOpen { Thread.sleep(forTimeInterval: 0.005) }
    }

    // MARK: - Frames

    private static func request(_ bytes: [UInt8]) -> ProxyMessage {
        var reader = WireReader(bytes.prefix(kept))
        let (api, version) = (reader.int16(), reader.int16())
        _ = reader.int32()
        return ProxyMessage(
            side: .request, api: KafkaAPI(rawValue: api), version: version, client: reader.string(), bytes: bytes,
            request: Array(bytes.prefix(kept)))
    }

    /// An answer as clients of the proxy get it.
    private func response(_ bytes: [UInt8]) -> ProxyMessage? {
        var header = WireReader(bytes.prefix(4))
        let number = header.int32()
        guard let request = pending.withLock({ $0.removeValue(forKey: number) }) else { return nil }
        let rewritten =
            switch request.api {
            case .metadata: try? BrokerAddresses.inMetadata(bytes, version: request.version, rewrite)
            case .findCoordinator: try? BrokerAddresses.inCoordinator(bytes, version: request.version, rewrite)
            case .fetch: try? proxy.value?.repair?.repaired(bytes, request, of: broker) ?? bytes
            default: bytes
            }
        guard let rewritten else { return nil }
        return ProxyMessage(
            side: .response, api: request.api, version: request.version, client: request.client, bytes: rewritten, request: request.request)
    }

    private func rewrite(_ host: String, _ port: Int32) throws -> (String, Int32) {
        // A coordinator that is not known has no address.
        guard let proxy = proxy.value, !host.isEmpty, port > 0 else { return (host, port) }
        return ("127.0.0.1", Int32(try proxy.port(for: "\(host):\(port)")))
    }
}

/// The answers that name brokers.
private enum BrokerAddresses {
    typealias Rewrite = (_ host: String, _ port: Int32) throws -> (String, Int32)

    /// Correlation id, throttle time (from version 3), brokers: node, host, port, rack (from 1); the rest.
    static func inMetadata(_ bytes: [UInt8], version: Int16, _ rewrite: Rewrite) throws -> [UInt8] {
        guard version <= 4 else { throw TestFailure("Metadata of version \(version) is not known to the proxy") }
        var (reader, writer) = (WireReader(bytes[...]), WireWriter())
        writer.append(contentsOf: reader.take(version >= 3 ? 8 : 4))
        let count = reader.int32()
        writer.append(count)
        for _ in 0..<count {
            try broker(&reader, &writer, rewrite)
            guard version >= 1 else { continue }
            let length = reader.int16()
            writer.append(length)
            writer.append(contentsOf: reader.take(max(0, Int(length))))
        }
        writer.append(contentsOf: reader.rest)
        return writer.bytes
    }

    /// Correlation id, throttle time, error, message (from version 1), node, host, port.
    static func inCoordinator(_ bytes: [UInt8], version: Int16, _ rewrite: Rewrite) throws -> [UInt8] {
        guard version <= 2 else { throw TestFailure("FindCoordinator of version \(version) is not known to the proxy") }
        var (reader, writer) = (WireReader(bytes[...]), WireWriter())
        writer.append(contentsOf: reader.take(version >= 1 ? 10 : 6))
        if version >= 1 {
            let length = reader.int16()
            writer.append(length)
            writer.append(contentsOf: reader.take(max(0, Int(length))))
        }
        try broker(&reader, &writer, rewrite)
        return writer.bytes
    }

    private static func broker(_ reader: inout WireReader, _ writer: inout WireWriter, _ rewrite: Rewrite) throws {
        writer.append(reader.int32())
        let (host, port) = try rewrite(reader.string(), reader.int32())
        writer.append(host)
        writer.append(port)
    }
}
