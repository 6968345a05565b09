public import Checkpointing
import Synchronization

/// A writer's or reader's handle on a `MemoryTopic`.
public final class MemoryLog: CheckpointLog {
    private let topic: MemoryTopic
    private let producer = Mutex(0)

    public init(_ topic: MemoryTopic) { self.topic = topic }

    public func fence() throws(LogFailure) {
        let new = topic.state.withLock { $0.newProducer() }
        producer.withLock { $0 = new }
    }

    public func begin() throws(LogFailure) { _ = try live() }

    public func append(_ entries: [LogEntry]) throws(LogFailure) -> [Int64] {
        let producer = try live()
        let (offsets, isWhole) = topic.state.withLock { state in
            guard state.faults.tornAppends > 0, !entries.isEmpty else { return (state.append(entries, producer: producer), true) }
            state.faults.tornAppends -= 1
            return (state.append(Array(entries.prefix(entries.count / 2)), producer: producer), false)
        }
        guard isWhole else { throw LogFailure(.indefinite, "only \(offsets.count) of \(entries.count) records were written") }
        return offsets
    }

    public func setAside(_ events: [QuarantinedEvent]) throws(LogFailure) {
        let producer = try live()
        topic.state.withLock { $0.settingAside[producer, default: []] += events }
    }

    public func commit(_ inputs: [InputPosition]) throws(LogFailure) {
        let producer = try live()
        let isKnown = topic.state.withLock { state in
            if state.faults.lostCommits > 0 {
                state.faults.lostCommits -= 1
                return false
            }
            if state.faults.lateCommits > 0 {
                state.faults.lateCommits -= 1
                state.lateCommits.append(producer)
                return false
            }
            state.commit(producer)
            if !inputs.isEmpty, !state.faults.losesInputs { state.committedInputs = inputs }
            guard state.faults.lostCommitReplies > 0 else { return true }
            state.faults.lostCommitReplies -= 1
            return false
        }
        guard isKnown else { throw LogFailure(.indefinite, "no answer to the commit") }
    }

    public func abandon() {
        let producer = producer.withLock { $0 }
        topic.state.withLock { state in
            if !state.isShutOut(producer) { state.abort(producer) }
        }
    }

    public func read(from offset: Int64, _ body: @escaping @Sendable ([LogRecord]) -> Void) throws(LogFailure) -> Int64 {
        read(from: offset, limit: .max, body)
    }

    /// Reads at most `limit` records; returns the offset to read on from.
    public func read(from offset: Int64, limit: Int, _ body: ([LogRecord]) -> Void) -> Int64 {
        let (records, next) = topic.state.withLock { $0.visible(from: offset, limit: limit) }
        body(records)
        return next
    }

    public func follow(
        from offset: Int64, wait: Duration, _ body: @escaping @Sendable ([LogRecord]) -> Void
    ) async throws(LogFailure) -> Int64 {
        let next = try read(from: offset, body)
        if next == offset, wait > .zero { try? await Task.sleep(for: min(wait, .milliseconds(5))) }
        return next
    }

    public func hasCommitted(_ inputs: [InputPosition]) throws(LogFailure) -> Bool {
        let committed = Set(topic.committedInputs.map { "\($0.topic)[\($0.partition)]" })
        return inputs.contains { committed.contains("\($0.topic)[\($0.partition)]") }
    }

    public func bounds() throws(LogFailure) -> Range<Int64> { topic.state.withLock { $0.low..<$0.stableEnd } }

    public func close() {}

    /// The number of this writer, unless a newer one has shut it out.
    private func live() throws(LogFailure) -> Int {
        let producer = producer.withLock { $0 }
        guard topic.state.withLock({ !$0.isShutOut(producer) }) else { throw LogFailure(.fenced, "a newer writer has taken the lane") }
        return producer
    }
}
