public import Checkpointing
import Kafka
public import Logging

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

    let configuration: Configuration
    let consumer: Consumer
    /// Whether the topics still exist.
    var topics = TopicWatch()
    private let decoding: Decoding
    private let signs = SignsOfLife()
    private var inputs: [InputPosition] = []
    private var indexes: [TopicPartition: Int] = [:]
    private var ends: [SeenEnd] = []
    private var assignment: UInt64 = 0

    /// How far an input was seen to reach by what was delivered of it.
    private struct SeenEnd {
        /// −1 before anything.
        var offset: Int64
        var at: ContinuousClock.Instant?
    }

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
        ends = inputs.map { SeenEnd(offset: $0.isHandedOver ? $0.next : -1) }
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
        let (indexes, decoding, reading) = (indexes, decoding, assignment)
        var batch: (InputBatch, [ConsumerEvent])
        do {
            batch = try await consumer.poll(maximum: configuration.batch, wait: wait) { records in
                (decoding.decode(records, indexes), records.events)
            }
        } catch {
            throw LogFailure(error, while: "read the input")
        }
        for event in batch.1 { try heed(event, &batch.0) }
        if assignment == reading { noteEnds(of: batch.0) }
        try lookForTopics()
        batch.0.assignment = assignment
        return batch.0
    }

    private func noteEnds(of batch: InputBatch) {
        guard !batch.records.isEmpty else { return }
        let now = ContinuousClock.now
        for record in batch.records { reach(record.input, record.offset + 1, at: now) }
        signs.noteAnswer()
    }

    private func reach(_ input: Int, _ offset: Int64, at now: ContinuousClock.Instant) {
        ends[input].offset = max(ends[input].offset, offset)
        ends[input].at = now
    }

    private func heed(_ event: ConsumerEvent, _ batch: inout InputBatch) throws(LogFailure) {
        switch event {
        case .endOfPartition(let partition, let offset):
            guard let index = indexes[partition] else { return }
            reach(index, offset, at: .now)
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
        case .error(let error) where error.deniesTopic: topics.doubt(configuration.topics, because: error)
        case .error(let error) where error.endsClient: throw LogFailure(error, while: "read the input")
        case .error, .rebalance: break
        }
    }

    public func feed() -> FeedView {
        let (signs, now) = (signs.signs, ContinuousClock.now)
        let views = zip(inputs, ends).map { input, end in
            if input.isHandedOver { return FeedView.Input(stable: end.offset, high: end.offset, secondsSinceAnswer: 0) }
            let told = signs.partitions[TopicPartition(topic: input.topic, partition: input.partition)]
            let stable = max(end.offset, told?.stable ?? -1)
            let answer = [end.at, told?.answeredAt].compactMap(\.self).max() ?? signs.lastAnswer
            return FeedView.Input(
                stable: stable, high: max(stable, told?.high ?? -1), secondsSinceAnswer: (now - answer).inSeconds,
                topicExists: !topics.isGone(input.topic))
        }
        return FeedView(inputs: views, secondsSinceAnswer: (now - signs.lastAnswer).inSeconds, assignment: assignment)
    }

    public func close() async { await consumer.close(within: .seconds(5)) }
}
