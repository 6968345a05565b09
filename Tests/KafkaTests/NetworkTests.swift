import Foundation
import Kafka
import TestSupport
import Testing

/// What only a real broker can show.
@Suite(.enabled(if: NetworkBroker.isAvailable, "\(NetworkBroker.missing)"))
struct NetworkTests {
    let servers: [String: String]
    let topic: String
    let admin: Admin

    init() async throws {
        servers = ["bootstrap.servers": try await NetworkBroker.warmedUp().bootstrapServers]
        topic = NetworkBroker.uniqueName("topic")
        admin = try Admin(servers, logger: quiet)
        try await admin.createTopics([TopicSpecification(name: topic, partitions: 2, replicationFactor: 1)], timeout: .seconds(10))
    }

    private var partition: TopicPartition { TopicPartition(topic: topic, partition: 0) }

    private func consumer(_ more: [String: String] = [:]) throws -> Consumer {
        try Consumer(servers.merging(more) { $1 }, logger: quiet)
    }

    private func producer(_ id: String? = nil) throws -> Producer {
        try Producer(servers.merging(id.map { ["transactional.id": $0] } ?? [:]) { $1 }, logger: quiet)
    }

    private func record(_ text: String?, key: String? = nil, time: Int64? = nil) -> OutgoingRecord {
        OutgoingRecord(topic: topic, partition: 0, key: key.map(bytes), value: text.map(bytes), timestamp: time)
    }

    // MARK: Topics

    @Test func `a topic that exists is told apart from one that was made`() async throws {
        let other = NetworkBroker.uniqueName("other")
        let specifications = [topic, other].map { TopicSpecification(name: $0, partitions: 2, replicationFactor: 1) }
        let creation = try await admin.createTopics(specifications, timeout: .seconds(10))
        #expect(creation == TopicCreation(created: [other], existing: [topic]))
        try await admin.deleteTopics([other], timeout: .seconds(10))
    }

    @Test func `the cluster lists its topics and brokers`() async throws {
        let cluster = try await admin.cluster(timeout: .seconds(10))
        #expect(!cluster.brokers.isEmpty)
        #expect(cluster.topics[topic] == ClusterMetadata.Topic(partitions: 2, error: nil))
        let consumer = try consumer()
        #expect(try await consumer.partitions(of: topic, timeout: .seconds(10)) == [0, 1])
        await consumer.close(within: .seconds(5))
    }

    @Test func `a topic's settings are those it was made with`() async throws {
        let compacted = NetworkBroker.uniqueName("compacted")
        let settings = ["cleanup.policy": "compact", "min.compaction.lag.ms": "600000"]
        let specification = TopicSpecification(name: compacted, partitions: 1, replicationFactor: 1, configuration: settings)
        try await admin.createTopics([specification], timeout: .seconds(10))
        let described = try await admin.describeTopics([compacted])
        for (name, value) in settings { #expect(described[compacted]?[name] == value) }
    }

    @Test func `asking for a topic that does not exist is an error with its name`() async throws {
        let consumer = try consumer()
        let error = await failure { _ = try await consumer.partitions(of: NetworkBroker.uniqueName("none"), timeout: .seconds(5)) }
        #expect(error?.code == KafkaError.Code.unknownTopicOrPartition)
        await consumer.close(within: .seconds(5))
    }

    // MARK: Records

    @Test func `timestamps, tombstones and headers come back, and offsets are found by time`() async throws {
        let producer = try producer()
        // Recent ones: older than a week is older than the topic's retention.
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let times = [now - 3_000, now - 2_000, now - 1_000]
        let headers: [(String, [UInt8]?)] = [("h", bytes("1")), ("large", [UInt8](repeating: 1, count: 200 << 10))]
        var third = record("c", key: "", time: times[2])
        third.headers = headers
        let records = [record("a", key: "k", time: times[0]), record(nil, key: "k", time: times[1]), third]
        #expect(try await producer.produce(records) == [0, 1, 2])
        let consumer = try consumer()
        try await consumer.assign([partition: Consumer.beginning])
        let back = try await consumer.gatherToEnd().records
        #expect(back.map(\.timestamp) == times)
        #expect(back.map { text($0.value) } == ["a", nil, "c"])
        #expect(back.map { text($0.key) } == ["k", "k", ""])
        #expect(back.last?.headers.map(\.1) == headers.map(\.1))
        #expect(try await consumer.offsets(at: times[0] + 1, for: [partition]) == [partition: 1])
        #expect(try await consumer.watermarks(of: partition, timeout: .seconds(5)) == Watermarks(low: 0, high: 3))
        await producer.close(within: .seconds(5))
        await consumer.close(within: .seconds(5))
    }

    @Test func `a compacted reader reads to the stable end and no further`() async throws {
        let producer = try producer(NetworkBroker.uniqueName("id"))
        try await producer.initTransactions(timeout: .seconds(20))
        try await producer.beginTransaction()
        _ = try await producer.produce((0..<1_200).map { record("\($0)", key: "\($0 % 10)") })
        try await producer.commitTransaction(timeout: .seconds(20))
        try await producer.beginTransaction()
        _ = try await producer.produce([record("open")])

        let reader = try CompactedReader(servers, logger: quiet)
        let (values, end) = try await read(reader, from: Consumer.beginning)
        #expect(values == (0..<1_200).map { "\($0)" })
        #expect(try await reader.consumer.stableEnd(of: partition, timeout: .seconds(5)) == end)
        #expect(try await admin.watermarks(of: partition, timeout: .seconds(5)).high > end)

        try await producer.commitTransaction(timeout: .seconds(20))
        #expect(try await read(reader, from: end).values == ["open"])
        await producer.close(within: .seconds(5))
        await reader.close(within: .seconds(5))
    }

    private func read(_ reader: CompactedReader, from offset: Int64) async throws -> (values: [String?], end: Int64) {
        var values: [String?] = []
        let end = try await reader.read(partition, from: offset) { records in values += records.map { text($0.value) } }
        return (values, end)
    }

    // MARK: Transactions

    @Test func `aborted records stay hidden, and offsets sent in the transaction are committed with it`() async throws {
        let group = NetworkBroker.uniqueName("group")
        let producer = try producer(NetworkBroker.uniqueName("id"))
        try await producer.initTransactions(timeout: .seconds(20))
        for (value, isKept) in [("kept", true), ("dropped", false), ("kept too", true)] {
            try await producer.beginTransaction()
            _ = try await producer.produce([record(value)])
            let position = [TopicPartition(topic: topic, partition: 1): Int64(isKept ? 42 : 99)]
            try await producer.sendOffsets(position, group: group, timeout: .seconds(10))
            if isKept {
                try await producer.commitTransaction(timeout: .seconds(20))
            } else {
                try await producer.abortTransaction(timeout: .seconds(20))
            }
        }
        let consumer = try consumer(["group.id": group])
        try await consumer.assign([partition: Consumer.beginning])
        #expect(try await consumer.gatherToEnd().records.map { text($0.value) } == ["kept", "kept too"])
        let other = TopicPartition(topic: topic, partition: 1)
        #expect(try await consumer.committed([other, partition]) == [other: 42])
        await producer.close(within: .seconds(5))
        await consumer.close(within: .seconds(5))
    }

    @Test func `a producer whose place was taken is fenced at produce and at commit`() async throws {
        let id = NetworkBroker.uniqueName("id")
        let (old, new) = (try producer(id), try producer(id))
        try await old.initTransactions(timeout: .seconds(20))
        try await old.beginTransaction()
        _ = try await old.produce([record("zombie")])
        try await new.initTransactions(timeout: .seconds(20))
        let atProduce = await failure { _ = try await old.produce([record("zombie")]) }
        #expect(atProduce?.disposition == .fenced, "\(String(describing: atProduce))")
        let atCommit = await failure { try await old.commitTransaction(timeout: .seconds(10)) }
        #expect(atCommit != nil)

        try await new.beginTransaction()
        _ = try await new.produce([record("heir")])
        try await new.commitTransaction(timeout: .seconds(20))
        let consumer = try consumer()
        try await consumer.assign([partition: Consumer.beginning])
        #expect(try await consumer.gatherToEnd().records.map { text($0.value) } == ["heir"])
        for producer in [old, new] { await producer.close(within: .seconds(5)) }
        await consumer.close(within: .seconds(5))
    }

    @Test func `a commit by a producer whose place was taken is fenced`() async throws {
        let id = NetworkBroker.uniqueName("id")
        let (old, new) = (try producer(id), try producer(id))
        try await old.initTransactions(timeout: .seconds(20))
        try await old.beginTransaction()
        _ = try await old.produce([record("zombie")])
        try await new.initTransactions(timeout: .seconds(20))
        let error = await failure { try await old.commitTransaction(timeout: .seconds(10)) }
        #expect(error?.disposition == .fenced, "\(String(describing: error))")
        for producer in [old, new] { await producer.close(within: .seconds(5)) }
    }

    // MARK: Groups

    @Test func `two members share the partitions, and the first gets all back when the second leaves`() async throws {
        let group = ["group.id": NetworkBroker.uniqueName("group"), "session.timeout.ms": "6000", "heartbeat.interval.ms": "200"]
        let (first, second) = (try consumer(group), try consumer(group))
        try await first.subscribe([topic])
        let alone = try await first.settle()
        #expect(alone.map(\.kind) == [.assigned])
        #expect(alone.last?.partitions.map(\.partition) == [0, 1])

        try await second.subscribe([topic])
        async let joining = second.settle()
        let shared = try await first.settle()
        let joined = try await joining
        #expect(shared.map(\.kind) == [.revoked, .assigned])
        let all = (shared.last?.partitions ?? []) + (joined.last?.partitions ?? [])
        #expect(Set(all.map(\.partition)) == [0, 1] && all.count == 2)

        let producer = try producer()
        let own = shared.last?.partitions.first?.partition
        _ = try await producer.produce([OutgoingRecord(topic: topic, partition: own, value: bytes("x"))])
        #expect(try await first.gather { !$0.records.isEmpty }.records.map { text($0.value) } == ["x"])

        await second.close(within: .seconds(5))
        let again = try await first.settle()
        #expect(again.last?.partitions.map(\.partition) == [0, 1])
        await first.close(within: .seconds(5))
        await producer.close(within: .seconds(5))
    }

    @Test func `a partition that is owned idle is not read`() async throws {
        let producer = try producer()
        _ = try await producer.produce([record("x"), OutgoingRecord(topic: topic, partition: 1, value: bytes("y"))])
        let consumer = try consumer(["group.id": NetworkBroker.uniqueName("group")])
        try await consumer.subscribe([topic])
        let other = TopicPartition(topic: topic, partition: 1)
        _ = try await consumer.settle(at: [partition: Consumer.idle, other: Consumer.beginning])
        #expect(await Set(consumer.assignment.keys) == [other])
        #expect(try await consumer.gatherToEnd().records.map { text($0.value) } == ["y"])
        await consumer.close(within: .seconds(5))
        await producer.close(within: .seconds(5))
    }

    @Test func `an answer to a rebalance that was answered is refused`() async throws {
        let consumer = try consumer(["group.id": NetworkBroker.uniqueName("group")])
        try await consumer.subscribe([topic])
        let rebalance = try #require(try await consumer.settle().last)
        let error = await failure { try await consumer.complete(rebalance) }
        #expect(error?.code == KafkaError.Code.state)
        await consumer.close(within: .seconds(5))
    }
}

extension Consumer {
    /// Answers every rebalance until partitions are assigned; returns the rebalances.
    func settle(at positions: [TopicPartition: Int64] = [:]) async throws -> [Rebalance] {
        var rebalances: [Rebalance] = []
        while rebalances.last?.kind != .assigned || rebalances.last?.partitions.isEmpty == true {
            let haul = try await gather { haul in haul.events.contains { if case .rebalance = $0 { true } else { false } } }
            for case .rebalance(let rebalance) in haul.events {
                let starts = Dictionary(uniqueKeysWithValues: rebalance.partitions.map { ($0, positions[$0] ?? Consumer.beginning) })
                try complete(rebalance, positions: starts)
                rebalances.append(rebalance)
            }
        }
        return rebalances
    }
}
