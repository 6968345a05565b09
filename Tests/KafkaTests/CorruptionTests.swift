import EmbeddedBroker
import Kafka
import Testing

/// Bits flipped between broker and client.
struct CorruptionTests {
    let broker: EmbeddedBroker
    let partitions = [0, 1].map { TopicPartition(topic: "t", partition: $0) }

    init() async throws {
        broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        let producer = try Producer(["bootstrap.servers": broker.bootstrapServers], logger: quiet)
        // Three batches; the one in the middle carries the marker.
        for texts in [["a", "b", "c"], ["FLIP-ME", "d"], ["e", "f"]] {
            _ = try await producer.produce(texts.map { OutgoingRecord(topic: "t", partition: 0, value: bytes($0)) })
        }
        _ = try await producer.produce((0..<50).map { OutgoingRecord(topic: "t", partition: 1, value: [$0]) })
        await producer.close(within: .seconds(5))
    }

    private func consumer(flips: Int) throws -> (FlippingProxy, Consumer) {
        let proxy = try FlippingProxy(to: broker, marker: "FLIP-ME", flips: flips)
        let properties = ["bootstrap.servers": proxy.bootstrapServers, "fetch.wait.max.ms": "20"]
        return (proxy, try Consumer(properties, logger: quiet))
    }

    @Test(arguments: 1...3)
    func `a bit that flips now and then costs a fetch and no record`(flips: Int) async throws {
        let (proxy, consumer) = try consumer(flips: flips)
        try await consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, Consumer.beginning) }))
        let haul = try await consumer.gather { $0.records.count >= 57 }
        for (partition, count) in zip(partitions, [7, 50] as [Int64]) {
            #expect(haul.records.filter { $0.topicPartition == partition }.map(\.offset) == Array(0..<count))
        }
        #expect(
            haul.records.filter { $0.topicPartition == partitions[0] }.map { text($0.value) } == ["a", "b", "c", "FLIP-ME", "d", "e", "f"])
        #expect(!haul.events.contains { if case .corrupt = $0 { true } else { false } })
        #expect(proxy.remainingFlips == 0)
        await consumer.close(within: .seconds(5))
    }

    @Test func `a batch that is always corrupt is reported with the last good offset, and the other partition goes on`() async throws {
        let (proxy, consumer) = try consumer(flips: .max)
        try await consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, Consumer.beginning) }))
        let corrupt = ConsumerEvent.corrupt(partitions[0], lastGoodOffset: 2)
        let haul = try await consumer.gather { $0.events.contains(corrupt) && $0.records.count >= 53 }
        #expect(haul.records.filter { $0.topicPartition == partitions[0] }.map(\.offset) == [0, 1, 2])
        #expect(haul.records.filter { $0.topicPartition == partitions[1] }.map(\.offset) == Array(0..<50))
        #expect(await consumer.assignment == [partitions[1]: 50])

        // The owner decides to go on behind it.
        try await consumer.assign([partitions[0]: 5])
        #expect(try await consumer.gather { $0.records.count >= 2 }.records.map(\.offset) == [5, 6])
        await consumer.close(within: .seconds(5))
        #expect(proxy.remainingFlips > 0)
    }

    @Test func `a reader of the partition fails with its place`() async throws {
        let proxy = try FlippingProxy(to: broker, marker: "FLIP-ME", flips: .max)
        let reader = try CompactedReader(["bootstrap.servers": proxy.bootstrapServers, "fetch.wait.max.ms": "20"], logger: quiet)
        let error = await failure { _ = try await reader.read(partitions[0]) { _ in } }
        #expect(error?.code == KafkaError.Code.badMessage)
        #expect(error?.topicPartition == partitions[0] && error?.offset == 2)
        await reader.close(within: .seconds(5))
        #expect(proxy.remainingFlips > 0)
    }
}
