import Checkpointing
import Synchronization

@testable import Training

/// A `SampleFeed` as the trainer reads it.
final class MemoryInput: EventSource {
    struct State: Sendable {
        var feed: SampleFeed
        /// Records handed out at once.
        var batch = 20
        var secondsSinceAnswer = 0.0
    }

    let state: Mutex<State>

    init(_ feed: SampleFeed) { state = Mutex(State(feed: feed)) }

    /// Changes the topic.
    func write<Value: Sendable>(_ body: (inout SampleFeed) -> Value) -> Value { state.withLock { body(&$0.feed) } }

    /// The topic as it is.
    var contents: SampleFeed { state.withLock { $0.feed } }

    func assign(_ inputs: [InputPosition]) throws(LogFailure) -> UInt64 { state.withLock { $0.feed.assign(inputs) } }

    func next(wait: Duration) throws(LogFailure) -> InputBatch {
        guard let batch = state.withLock({ $0.feed.isOutOfRange ? nil : $0.feed.next($0.batch) }) else {
            throw LogFailure(.permanent, "a position is not in the topic")
        }
        return batch
    }

    func partitions() throws(LogFailure) -> [AvailableInput] { contents.available }

    func offsets(at time: Int64, for inputs: [InputPosition]) throws(LogFailure) -> [Int64] {
        let partitions = contents.partitions
        return inputs.map { input in
            let partition = partitions[Int(input.partition)]
            return partition.records.first { $0.order >= time }?.offset ?? partition.end
        }
    }

    func feed() -> FeedView { state.withLock { FeedView(ends: $0.feed.ends, secondsSinceAnswer: $0.secondsSinceAnswer) } }

    func close() {}
}
