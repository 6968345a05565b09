import Foundation
import Synchronization

/// Stands between clients and brokers and does what networks and machines do to them, at a named message of the protocol.
///
/// Whatever address a broker tells (Metadata, FindCoordinator) is replaced by one of this proxy's, so that a cluster's clients stay on this
/// way whichever broker they turn to. Two threads a connection; a message is one frame. It parses what librdkafka 2.0.2 speaks: Metadata
/// up to version 4, FindCoordinator up to 2, Fetch from 4 to 11; other messages pass as they are.
public final class KafkaProxy: Sendable {
    public enum Link: Sendable, Equatable {
        case open
        /// Connections are reset, and new ones as soon as they are made.
        case down
        /// Connections are accepted and nothing passes. What is sent meanwhile arrives afterwards, as packets do that are sent again.
        case halfOpen
        case slow(latency: Duration, bytesPerSecond: Int)
    }

    private struct State {
        var link = Link.open
        var rules: [ArmedRule] = []
        /// By the address of the broker behind each.
        var doors: [String: Door] = [:]
        var passages: [WeakPassage] = []
        var requests: [KafkaAPI: Int] = [:]
    }

    private struct WeakPassage {
        weak var passage: Passage?
    }

    private let state = Mutex(State())
    private let upstream: String
    let repair: AbortRepair?

    /// - Parameters:
    ///   - upstream: a broker's `host:port`.
    ///   - repairsAborts: whether aborted transactions that are over before a fetch begins are taken out of its answer; see ``AbortRepair``.
    public init(to upstream: String, repairsAborts: Bool = false) throws {
        self.upstream = String(upstream.split(separator: ",").first ?? "")
        repair = repairsAborts ? AbortRepair() : nil
        _ = try port(for: self.upstream)
    }

    deinit {
        state.withLock { state in
            for door in state.doors.values { door.end() }
            for passage in state.passages { passage.passage?.end() }
        }
    }

    public var bootstrapServers: String {
        let port = state.withLock { $0.doors[upstream]?.port ?? 0 }
        return "127.0.0.1:\(port)"
    }

    // MARK: - Faults

    public var link: Link {
        get { state.withLock { $0.link } }
        set {
            let passages = state.withLock { state in
                state.link = newValue
                return newValue == .down ? state.passages.compactMap(\.passage) : []
            }
            passages.forEach { $0.reset() }
        }
    }

    /// The rule counts messages from now on.
    public func arm(_ rule: ProxyRule) { state.withLock { $0.rules.append(ArmedRule(rule)) } }

    public func disarm() { state.withLock { $0.rules = [] } }

    /// How many requests of a kind have come so far.
    public func requests(_ api: KafkaAPI) -> Int { state.withLock { $0.requests[api] ?? 0 } }

    /// What the rules say to a message. A verdict may take its time.
    func verdict(on message: ProxyMessage) -> ProxyVerdict {
        let rule: ProxyRule? = state.withLock { state in
            if message.side == .request, let api = message.api { state.requests[api, default: 0] += 1 }
            for index in state.rules.indices {
                if let rule = state.rules[index].heed(message) { return rule }
            }
            return nil
        }
        return rule?.verdict(message) ?? .forward
    }

    // MARK: - Connections

    /// The port that leads to a broker.
    func port(for broker: String) throws -> UInt16 {
        if let port = state.withLock({ $0.doors[broker]?.port }) { return port }
        let made = try Door()
        let door = state.withLock { state in
            if let other = state.doors[broker] { return other }
            state.doors[broker] = made
            return made
        }
        if door === made {
            Thread.detachNewThread { [weak self] in
                while let client = door.accept() { self?.admit(client, to: broker) }
            }
        }
        return door.port
    }

    private func admit(_ client: consuming Wire, to broker: String) {
        guard link != .down, let upstream = try? Wire.connected(to: broker) else { return client.reset() }
        let passage = Passage(self, client, upstream, broker: broker)
        let isLate = state.withLock { state in
            state.passages.removeAll { $0.passage == nil }
            state.passages.append(WeakPassage(passage: passage))
            return state.link == .down
        }
        if isLate { passage.reset() }
        passage.begin()
    }
}

/// Where clients come in.
final class Door: Sendable {
    private let listener: Listener

    init() throws { listener = try Listener() }

    var port: UInt16 { listener.port }

    func accept() -> Wire? { listener.accept() }

    func end() { listener.end() }
}
