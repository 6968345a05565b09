public import Checkpointing
import Events
import Kafka
import Learning
public import Logging
import Synchronization

/// A lane's share of the input topics, decoded on the consumer's own thread.
///
/// Nothing is committed: the positions live in the manifests.
public actor KafkaInput: EventSource {
    public struct Configuration: Sendable {
        public var topics: [String]
        public var share: LaneShare
        public var specification: ModelSpecification
        public var properties: [String: String]
        /// Records decoded at once; a batch is what the inspector is ahead of the learner by at least.
        public var batch = 256
        /// A quarantined event is cut to so many bytes, its key to an eighth of them.
        public var quarantineBytes = 900_000

        public init(topics: [String], share: LaneShare, specification: ModelSpecification, properties: [String: String]) {
            self.topics = topics
            self.share = share
            self.specification = specification
            self.properties = properties
        }
    }

    private let configuration: Configuration
    private let consumer: Consumer
    private let decoding: Decoding
    private let signs = SignsOfLife()
    private var inputs: [InputPosition] = []
    private var indexes: [TopicPartition: Int] = [:]
    private var ends: [Int64] = []
    private var assignment: UInt64 = 0
    private static let patience = Duration.seconds(20)

    public init(_ configuration: Configuration, logger: Logger) throws {
        self.configuration = configuration
        decoding = Decoding(configuration)
        let signs = signs
        let properties = configuration.properties.merging(["statistics.interval.ms": "1000"]) { given, _ in given }
        consumer = try Consumer(properties, logger: logger) { signs.note($0) }
    }

    public func assign(_ inputs: [InputPosition]) async throws(LogFailure) -> UInt64 {
        self.inputs = inputs
        indexes = Dictionary(
            inputs.enumerated().map { (TopicPartition(topic: $0.element.topic, partition: $0.element.partition), $0.offset) },
            uniquingKeysWith: { $1 })
        ends = inputs.map { $0.isHandedOver ? $0.next : -1 }
        assignment += 1
        let positions = Dictionary(
            inputs.filter { !$0.isHandedOver }.map { (TopicPartition(topic: $0.topic, partition: $0.partition), $0.next) },
            uniquingKeysWith: { $1 })
        do {
            try await consumer.assign(positions)
        } catch {
            throw LogFailure(error, while: "read the input from the model's positions")
        }
        return assignment
    }

    public func next(wait: Duration) async throws(LogFailure) -> InputBatch {
        let (indexes, decoding) = (indexes, decoding)
        var batch: (InputBatch, [ConsumerEvent])
        do {
            batch = try await consumer.poll(maximum: configuration.batch, wait: wait) { records in
                (decoding.decode(records, indexes), records.events)
            }
        } catch {
            throw LogFailure(error, while: "read the input")
        }
        for event in batch.1 { try heed(event, &batch.0) }
        if !batch.0.records.isEmpty { signs.noteAnswer() }
        batch.0.assignment = assignment
        return batch.0
    }

    private func heed(_ event: ConsumerEvent, _ batch: inout InputBatch) throws(LogFailure) {
        switch event {
        case .endOfPartition(let partition, let offset):
            guard let index = indexes[partition] else { return }
            ends[index] = max(ends[index], offset)
            batch.ends.append((index, offset))
            signs.noteAnswer()
        case .outOfRange(let partition, let offset):
            // Whoever takes the lane again compares its positions with what is there, and decides.
            throw LogFailure(
                .indefinite,
                "offset \(offset) of \(partition) is not in the topic any more: retention took it, or the topic was created anew")
        case .corrupt(let partition, let last):
            throw LogFailure(
                .permanent,
                "a batch of \(partition) after offset \(last ?? -1) fails its checksum however often it is fetched: it is damaged at rest. "
                    + "Repair or delete the records on the broker")
        case .error(let error) where error.endsClient: throw LogFailure(error, while: "read the input")
        case .error, .rebalance: break
        }
    }

    public func partitions(besides held: [InputPosition]) async throws(LogFailure) -> [AvailableInput] {
        let held = Set(held.map { TopicPartition(topic: $0.topic, partition: $0.partition) })
        var available: [AvailableInput] = []
        do {
            for topic in configuration.topics {
                for partition in try await consumer.partitions(of: topic, timeout: Self.patience) {
                    let place = TopicPartition(topic: topic, partition: partition)
                    guard configuration.share.contains(partition) || held.contains(place) else { continue }
                    let ends = try await consumer.watermarks(of: place, timeout: Self.patience)
                    available.append(AvailableInput(topic: topic, partition: partition, low: ends.low, end: ends.high))
                }
            }
        } catch {
            throw LogFailure(error, while: "find the partitions of \(configuration.topics.joined(separator: ", "))")
        }
        return available
    }

    public func partitionCount() async throws(LogFailure) -> Int {
        var count = 0
        do {
            for topic in configuration.topics {
                count += try await consumer.partitions(of: topic, timeout: .seconds(5)).count(where: configuration.share.contains)
            }
        } catch {
            throw LogFailure(error, while: "count the partitions of \(configuration.topics.joined(separator: ", "))")
        }
        return count
    }

    public func offsets(at time: Int64, for inputs: [InputPosition]) async throws(LogFailure) -> [Int64] {
        let partitions = inputs.map { TopicPartition(topic: $0.topic, partition: $0.partition) }
        do {
            let found = try await consumer.offsets(at: time, for: partitions)
            var offsets: [Int64] = []
            for partition in partitions {
                // No record is that young: begin with the next one.
                if let offset = found[partition], offset >= 0 {
                    offsets.append(offset)
                } else {
                    offsets.append(try await consumer.stableEnd(of: partition, timeout: Self.patience))
                }
            }
            return offsets
        } catch {
            throw LogFailure(error, while: "find the offsets at time \(time)")
        }
    }

    public func feed() -> FeedView {
        let known = signs.ends
        let newest = zip(inputs, ends).map { input, seen in
            input.isHandedOver ? seen : max(seen, known[TopicPartition(topic: input.topic, partition: input.partition)] ?? -1)
        }
        return FeedView(ends: newest, secondsSinceAnswer: signs.secondsSinceAnswer)
    }

    public func close() async { await consumer.close(within: .seconds(5)) }
}

/// The decoder and what it needs. Unchecked because a decoder belongs to one thread at a time and this one only ever runs inside
/// `Consumer.poll`, whose closure the consumer calls on its own thread, one call after the other.
private final class Decoding: @unchecked Sendable {
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

/// When a broker last showed that it lives, and where the partitions end, from the client's statistics.
private final class SignsOfLife: Sendable {
    private struct State {
        var lastAnswer = ContinuousClock.now
        var answers: Int64 = 0
        var ends: [TopicPartition: Int64] = [:]
    }

    private let state = Mutex(State())

    func noteAnswer() { state.withLock { $0.lastAnswer = .now } }

    func note(_ statistics: ClientStatistics) {
        state.withLock { state in
            if statistics.responsesReceived > state.answers { state.lastAnswer = .now }
            state.answers = statistics.responsesReceived
            for (topic, partitions) in statistics.topics {
                for partition in partitions.partitions.values where partition.partition >= 0 && partition.stableOffset >= 0 {
                    state.ends[TopicPartition(topic: topic, partition: partition.partition)] = partition.stableOffset
                }
            }
        }
    }

    var ends: [TopicPartition: Int64] { state.withLock { $0.ends } }

    var secondsSinceAnswer: Double { state.withLock { (ContinuousClock.now - $0.lastAnswer).inSeconds } }
}
