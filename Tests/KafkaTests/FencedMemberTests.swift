import EmbeddedBroker
import Kafka
import TestSupport
import Testing

/// A static member that its group has fenced does no more work (KIP-345), and its owner is to hear of it.
///
/// librdkafka tells it once, by a message. In version 2.0.2 the batch call takes the first message behind a rebalance out of the queue and
/// drops it, if the rebalance's callback has called `rd_kafka_yield` (`rd_kafka_q_serve_rkmessages`).
struct FencedMemberTests {
    /// What else its owner has to hear by then.
    enum Waiting: CaseIterable, Sendable {
        case nothing, assigned, revoked, lost

        /// The answers to heartbeats: that the group rebalances (27), that the member is unknown (25), and that it is fenced (82).
        fileprivate var answers: [Int32] {
            switch self {
            case .nothing, .assigned: [82]
            case .revoked: [27, 82]
            case .lost: [25, 82]
            }
        }

        fileprivate var rebalances: [Rebalance.Kind] {
            switch self {
            case .nothing: []
            case .assigned: [.assigned]
            case .revoked: [.revoked]
            case .lost: [.lost]
            }
        }
    }

    private let broker: EmbeddedBroker
    private let properties: [String: String]

    init() throws {
        broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        properties = [
            "bootstrap.servers": broker.bootstrapServers, "group.id": "g", "group.instance.id": "member-0", "session.timeout.ms": "6000",
            "heartbeat.interval.ms": "100",
        ]
    }

    @Test(arguments: Waiting.allCases)
    func `a member that is fenced hears of it at every poll, whatever else waits for it`(waiting: Waiting) async throws {
        let consumer = try await fencedMember(waiting)
        let events = try await consumer.events()
        #expect(events.contains { $0.tellsOfFencing }, "\(events)")
        #expect(events.compactMap(\.rebalance).map(\.kind) == waiting.rebalances)
        #expect(events.contains { $0.isMessage }, "the message itself is lost: \(events)")
        // Whoever throws has been told in vain.
        await #expect(throws: GaveUp.self) { _ = try await consumer.poll(wait: .zero) { _ -> Int in throw GaveUp() } }
        #expect(try await consumer.events().contains { $0.tellsOfFencing })
        for rebalance in events.compactMap(\.rebalance) { try await consumer.complete(rebalance) }
        #expect(try await consumer.events().contains { $0.tellsOfFencing })
        await consumer.close(within: .seconds(5))
    }

    /// A member that was fenced and has not been polled since, nor since what waits for it has come.
    private func fencedMember(_ waiting: Waiting) async throws -> Consumer {
        let consumer = try Consumer(properties, logger: quiet)
        if waiting == .assigned { fence(waiting) }
        try await consumer.subscribe(["t"])
        if waiting != .assigned {
            _ = try await consumer.settle(at: [TopicPartition(topic: "t", partition: 0): Consumer.idle])
            fence(waiting)
        }
        let fencing = try await eventually("a member that is fenced", by: .now + .seconds(60)) { await consumer.fatalError }
        #expect(fencing.code == KafkaError.Code.fencedInstance && fencing.disposition == .fenced)
        return consumer
    }

    private func fence(_ waiting: Waiting) {
        broker.pushErrors(apiKey: KafkaAPI.heartbeat.rawValue, errors: waiting.answers)
    }
}

extension Consumer {
    /// What one poll tells.
    fileprivate func events() async throws -> [ConsumerEvent] { try await poll(wait: .zero) { $0.events } }
}

extension ConsumerEvent {
    fileprivate var tellsOfFencing: Bool {
        if case .error(let error) = self { error.code == KafkaError.Code.fencedInstance } else { false }
    }

    /// Told by librdkafka's message, and not because it was asked.
    fileprivate var isMessage: Bool {
        if case .error(let error) = self { error.operation == "poll" } else { false }
    }

    fileprivate var rebalance: Rebalance? {
        if case .rebalance(let rebalance) = self { rebalance } else { nil }
    }
}
