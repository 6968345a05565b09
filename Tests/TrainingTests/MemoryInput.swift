import Checkpointing
import Synchronization

@testable import Training

/// The input topic of a lane, shared by all who read it.
final class MemoryInputTopic: Sendable {
    private let feed: Mutex<SampleFeed>

    init(_ feed: SampleFeed) { self.feed = Mutex(feed) }

    func write(_ body: (inout SampleFeed) -> Void) { feed.withLock { body(&$0) } }

    /// The topic as it is.
    var contents: SampleFeed { feed.withLock { $0 } }
}

/// One reader's place in a `MemoryInputTopic`.
final class MemoryInput: EventSource {
    private let topic: MemoryInputTopic
    private let reader: Mutex<SampleFeed>
    /// Records handed out at once.
    private let batch: Int
    private let share: LaneShare
    private let onPartitions: @Sendable () async -> Void

    /// - Parameter onPartitions: called whenever the partitions are asked for.
    init(
        _ topic: MemoryInputTopic, batch: Int = 20, share: LaneShare = LaneShare(lane: 0, of: 1),
        onPartitions: @escaping @Sendable () async -> Void = {}
    ) {
        self.topic = topic
        self.share = share
        self.batch = batch
        self.onPartitions = onPartitions
        reader = Mutex(topic.contents)
    }

    private func read<Value: Sendable>(_ body: (inout SampleFeed) -> Value) -> Value {
        let contents = topic.contents
        return reader.withLock { reader in
            reader.look(at: contents)
            return body(&reader)
        }
    }

    func assign(_ inputs: [InputPosition]) throws(LogFailure) -> UInt64 { read { $0.assign(inputs) } }

    func next(wait: Duration) throws(LogFailure) -> InputBatch {
        guard let batch = read({ $0.isOutOfRange ? nil : $0.next(batch) }) else {
            throw LogFailure(.permanent, "a position is not in the topic")
        }
        return batch
    }

    func partitions(besides held: [InputPosition]) async throws(LogFailure) -> [AvailableInput] {
        await onPartitions()
        return topic.contents.available.filter { input in
            share.contains(input.partition) || held.contains { $0.partition == input.partition }
        }
    }

    func offsets(at time: Int64, for inputs: [InputPosition]) throws(LogFailure) -> [Int64] {
        let partitions = topic.contents.partitions
        return inputs.map { input in
            let partition = partitions[Int(input.partition)]
            return partition.records.first { $0.order >= time }?.offset ?? partition.end
        }
    }

    func feed() -> FeedView { FeedView(ends: read { $0.ends }, secondsSinceAnswer: 0) }

    func close() {}
}
