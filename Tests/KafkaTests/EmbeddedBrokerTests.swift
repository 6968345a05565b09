import EmbeddedBroker
import Kafka
import Synchronization
import Testing

struct EmbeddedBrokerTests {
    let broker: EmbeddedBroker
    let properties: [String: String]
    let partition = TopicPartition(topic: "t", partition: 0)

    init() throws {
        broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        properties = ["bootstrap.servers": broker.bootstrapServers, "fetch.wait.max.ms": "20"]
    }

    private func written(_ records: [OutgoingRecord]) async throws -> [Int64] {
        let producer = try Producer(properties, logger: quiet)
        let offsets = try await producer.produce(records)
        await producer.close(within: .seconds(5))
        return offsets
    }

    private func read() async throws -> [ConsumedRecord] {
        let consumer = try Consumer(properties, logger: quiet)
        try await consumer.assign([partition: Consumer.beginning])
        let records = try await consumer.gatherToEnd().records
        await consumer.close(within: .seconds(5))
        return records
    }

    @Test func `null values, empty keys and large headers come back as they went`() async throws {
        let large = [UInt8](repeating: 7, count: 200 << 10)
        let records = [
            OutgoingRecord(topic: "t", partition: 0, key: bytes("k"), value: nil, timestamp: 1_600_000_000_123),
            OutgoingRecord(topic: "t", partition: 0, key: [], value: []),
            OutgoingRecord(topic: "t", partition: 0, value: bytes("v"), headers: [("large", large), ("empty", []), ("null", nil)]),
        ]
        #expect(try await written(records) == [0, 1, 2])
        let back = try await read()
        try #require(back.count == 3)
        #expect(text(back[0].key) == "k" && back[0].value == nil && back[0].timestamp == 1_600_000_000_123)
        #expect(back[1].key == [] && back[1].value == [])
        #expect(back[2].key == nil && text(back[2].value) == "v")
        #expect(back[2].headers.map(\.0) == ["large", "empty", "null"])
        #expect(back[2].headers.map(\.1) == [large, [], nil])
    }

    @Test func `a batch lends its records by index and in order`() async throws {
        _ = try await written((0..<100).map { OutgoingRecord(topic: "t", partition: 0, value: [UInt8($0)]) })
        let consumer = try Consumer(properties, logger: quiet)
        try await consumer.assign([partition: 40])
        var next: UInt8 = 40
        while next < 100 {
            let expected = next
            next = try await consumer.poll(maximum: 7, wait: .seconds(1)) { batch in
                #expect(batch.count <= 7)
                for index in 0..<batch.count {
                    let value = unsafe batch[index].value.map { unsafe Array($0) }
                    #expect(value == [expected + UInt8(index)])
                    #expect(batch[index].offset == Int64(expected) + Int64(index))
                    #expect(batch.partitions[batch[index].partitionIndex] == partition)
                }
                return expected + UInt8(batch.count)
            }
        }
        #expect(await consumer.assignment == [partition: 100])
        await consumer.close(within: .seconds(5))
    }

    @Test func `the end of each partition is an event, anew after more records`() async throws {
        let consumer = try Consumer(properties, logger: quiet)
        try await consumer.assign([partition: Consumer.beginning])
        #expect(try await consumer.gatherToEnd().events.contains(.endOfPartition(partition, offset: 0)))
        _ = try await written([OutgoingRecord(topic: "t", partition: 0, value: [1])])
        let haul = try await consumer.gatherToEnd()
        #expect(haul.records.count == 1)
        #expect(haul.events.contains(.endOfPartition(partition, offset: 1)))
        await consumer.close(within: .seconds(5))
    }

    @Test func `a position beyond the log is reported and not replaced`() async throws {
        _ = try await written([OutgoingRecord(topic: "t", partition: 0, value: [1])])
        let consumer = try Consumer(properties, logger: quiet)
        try await consumer.assign([partition: 1_000])
        let partition = partition
        let haul = try await consumer.gather { $0.events.contains(.outOfRange(partition, offset: 1_000)) }
        #expect(haul.records.isEmpty)
        #expect(await consumer.assignment.isEmpty)
        try await consumer.assign([partition: 0])
        #expect(try await consumer.gatherToEnd().records.count == 1)
        await consumer.close(within: .seconds(5))
    }

    @Test func `a record for a partition that does not exist is refused before it is handed over`() async throws {
        let producer = try Producer(properties, logger: quiet)
        let record = OutgoingRecord(topic: "t", partition: 2, value: [1], headers: [("h", [1])])
        let error = await failure { _ = try await producer.produce([record]) }
        #expect(error?.code == KafkaError.Code.unknownPartition)
        #expect(error?.topicPartition == TopicPartition(topic: "t", partition: 2))
        #expect(try await producer.produce([OutgoingRecord(topic: "t", partition: 1, value: [1])]) == [0])
        await producer.close(within: .seconds(5))
    }

    @Test func `overlapping calls each get their own offsets`() async throws {
        let producer = try Producer(properties, logger: quiet)
        let offsets = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for call in 0..<20 {
                group.addTask {
                    try await producer.produce((0..<50).map { OutgoingRecord(topic: "t", partition: 0, value: [UInt8(call), UInt8($0)]) })
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(offsets.joined().sorted() == Array(0..<1_000))
        for call in offsets { #expect(call == call.sorted()) }
        await producer.close(within: .seconds(5))
    }

    @Test func `more records than the client's queue holds are written all the same`() async throws {
        let producer = try Producer(properties.merging(["queue.buffering.max.messages": "10"]) { $1 }, logger: quiet)
        let offsets = try await producer.produce((0..<500).map { _ in OutgoingRecord(topic: "t", partition: 0, value: [1]) })
        #expect(offsets == Array(0..<500))
        await producer.close(within: .seconds(5))
    }

    @Test func `closing a producer gives up what waits`() async throws {
        let producer = try Producer(properties, logger: quiet)
        try await producer.warmUp(topics: ["t"])
        try broker.setRoundTrip(broker: 1, milliseconds: 60_000)
        async let written = failure { _ = try await producer.produce([OutgoingRecord(topic: "t", partition: 0, value: [1])]) }
        while await failure({ try await producer.flush(timeout: .zero) }) == nil { await Task.yield() }
        await producer.close(within: .seconds(1))
        let error = await written
        #expect(error != nil && error?.code != KafkaError.Code.none)
    }

    /// Whether an error event comes while the broker is down is up to librdkafka (it keeps the end of an idle connection, and repetitions, to
    /// itself), so none is waited for. What is promised is that every error that comes is one that passes, and that reading goes on.
    @Test func `clients go on after the broker was down`() async throws {
        let diary = Diary()
        let consumer = try Consumer(properties.merging(Diary.properties) { $1 }, logger: diary.logger)
        let producer = try Producer(properties, logger: quiet)
        try await diary.kept {
            try await consumer.assign([partition: Consumer.beginning])
            _ = try await producer.produce([OutgoingRecord(topic: "t", partition: 0, value: [0])])
            #expect(try await consumer.gather { $0.records.count == 1 }.records.count == 1)
            diary.note("the broker goes down")
            try broker.down(broker: 1)
            for _ in 0..<5 {
                for case .error(let error) in try await consumer.poll(wait: .milliseconds(100), { $0.events }) {
                    #expect(error.disposition == .retriable, "\(error)")
                }
            }
            diary.note("the broker comes up")
            try broker.up(broker: 1)
            #expect(try await producer.produce([OutgoingRecord(topic: "t", partition: 0, value: [1])]) == [1])
            #expect(try await consumer.gather { $0.records.count == 1 }.records.first?.value == [1])
        }
        await producer.close(within: .seconds(5))
        await consumer.close(within: .seconds(5))
    }

    @Test func `statistics tell the brokers' state and the partitions' lag`() async throws {
        _ = try await written((0..<10).map { OutgoingRecord(topic: "t", partition: 0, value: [$0]) })
        let seen = Mutex<[ClientStatistics]>([])
        let consumer = try Consumer(properties.merging(["statistics.interval.ms": "50"]) { $1 }, logger: quiet) { statistics in
            seen.withLock { $0.append(statistics) }
        }
        try await consumer.assign([partition: Consumer.beginning])
        try await consumer.gather { _ in
            seen.withLock { $0.contains { $0.topics["t"]?.partitions["0"]?.lag == 0 && $0.brokers.values.contains { $0.state == "UP" } } }
        }
        let last = try #require(seen.withLock { $0.last })
        #expect(last.kind == "consumer")
        #expect(last.topics["t"]?.partitions["0"]?.highOffset == 10)
        #expect(last.bytesReceived > 0)
        await consumer.close(within: .seconds(5))
    }

    @Test func `a cancelled poll returns before its wait is over`() async throws {
        let consumer = try Consumer(properties, logger: quiet)
        let task = Task { try await consumer.poll(wait: .seconds(3_600)) { $0.count } }
        task.cancel()
        #expect(try await task.value == 0)
        await consumer.close(within: .seconds(5))
    }
}
