import Checkpointing
import Events
import Kafka
import Learning

/// The decoder and what it needs. Unchecked because a decoder belongs to one thread at a time and this one only ever runs inside
/// `Consumer.poll`, whose closure the consumer calls on its own thread, one call after the other.
final class Decoding: @unchecked Sendable {
    private let decoder: EventDecoder
    private let quarantineBytes: Int

    init(_ configuration: KafkaInput.Configuration) {
        let specification = configuration.specification
        decoder = EventDecoder(schema: specification.events, task: specification.learner.task, bits: specification.learner.bits)
        quarantineBytes = configuration.quarantineBytes
    }

    func decode(_ records: borrowing RecordBatch, _ indexes: [TopicPartition: Int]) -> InputBatch {
        let inputs = records.partitions.map { indexes[$0] }
        var batch = InputBatch()
        batch.records.reserveCapacity(records.count)
        records.forEach { record in
            guard let input = inputs[record.partitionIndex] else { return }
            batch.append(record, input: input, decoder, quarantineBytes: quarantineBytes)
        }
        return batch
    }
}

extension InputBatch {
    fileprivate mutating func append(_ record: borrowing Kafka.Record, input: Int, _ decoder: EventDecoder, quarantineBytes: Int) {
        let rejection =
            unsafe record.value.map { value in
                unsafe decoder.decode(value, purpose: .learning, fallbackTime: record.timestamp ?? 0, into: &examples)
            } ?? Rejection(reason: .nullValue, detail: "the record has no value")
        let digest = unsafe record.value.map { unsafe Digest128(of: $0) } ?? Digest128(high: 0, low: 0)
        let content: Record.Content
        var identity: UInt64?
        if let rejection {
            content = .rejected(index: rejected.count)
            reasons.append(rejection.reason)
            rejected.append(QuarantinedEvent(record, rejection, digest: digest, limit: quarantineBytes))
        } else {
            content = .example(row: examples.count - 1)
            identity = decoder.lastEventIdentity
        }
        records.append(
            Record(
                input: input, offset: record.offset, checksum: digest.low ^ Self.sum(of: record), content: content, identity: identity))
    }

    /// The key's share of a record's checksum: nothing without a key. The odd factor keeps a key that equals the value from cancelling it.
    private static func sum(of record: borrowing Kafka.Record) -> UInt64 {
        guard let key = unsafe record.key else { return 0 }
        return unsafe Digest128(of: key).low &* 0x9E37_79B9_7F4A_7C15
    }
}

extension QuarantinedEvent {
    fileprivate init(_ record: borrowing Kafka.Record, _ rejection: Rejection, digest: Digest128, limit: Int) {
        // Both go into one record.
        let key = unsafe record.key.map { unsafe Array($0.prefix(limit / 8)) }
        let value = unsafe record.value.map { unsafe Array($0.prefix(limit - (key?.count ?? 0))) }
        self.init(
            topic: record.topicPartition.topic, partition: record.topicPartition.partition, offset: record.offset,
            timestamp: record.timestamp ?? 0, reason: rejection.reason.rawValue, detail: rejection.detail, key: key, value: value,
            originalLength: unsafe record.value?.count ?? 0, digest: digest.description)
    }
}
