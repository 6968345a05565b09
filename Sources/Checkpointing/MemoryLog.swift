import Synchronization

/// One partition of a compacted topic, in memory: the twin of a broker for tests, with its lies as fields.
public final class MemoryTopic: Sendable {
    /// What this broker does wrong. All false: it does what Kafka promises.
    public struct Faults: Sendable {
        /// Never shuts a former writer out.
        public var fencesNobody = false
        /// Readers see records of aborted transactions.
        public var showsAborted = false
        /// The next commits happen, but their callers are told that the outcome is unknown.
        public var lostCommitReplies = 0
        /// The next commits do not happen, and their callers are told that the outcome is unknown.
        public var lostCommits = 0

        public init() {}
    }

    enum Fate { case open, committed, aborted, marker }

    struct Stored {
        var key: [UInt8]
        var value: [UInt8]?
        var fate: Fate
        var producer: Int
    }

    struct State {
        var records: [Int64: Stored] = [:]
        var low: Int64 = 0
        var end: Int64 = 0
        var fence = 0
        var setAside: [QuarantinedEvent] = []
        var committedInputs: [InputPosition] = []
        var faults = Faults()
    }

    let state = Mutex(State())

    public init() {}

    public var faults: Faults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    public var quarantined: [QuarantinedEvent] { state.withLock { $0.setAside } }
    public var committedInputs: [InputPosition] { state.withLock { $0.committedInputs } }

    /// Every record a read-committed reader would see, in order.
    public var records: [LogRecord] { state.withLock { state in state.visible(from: state.low, to: state.end) } }

    /// Replaces or removes the value of a record, as damage at rest would.
    public func damage(at offset: Int64, _ change: ([UInt8]) -> [UInt8]?) {
        state.withLock { state in
            guard let value = state.records[offset]?.value else { return }
            if let changed = change(value) { state.records[offset]?.value = changed } else { state.records[offset] = nil }
        }
    }

    /// What a log cleaner does: of each key only the last committed record stays, tombstones and aborted records go.
    public func compact(through limit: Int64? = nil) {
        state.withLock { $0.compact(through: limit ?? $0.end) }
    }
}

extension MemoryTopic.State {
    /// The first offset that is not decided.
    var stableEnd: Int64 { records.filter { $0.value.fate == .open }.keys.min() ?? end }

    func visible(from offset: Int64, to stop: Int64) -> [LogRecord] {
        records.filter { $0.key >= offset && $0.key < stop && isVisible($0.value) }
            .sorted { $0.key < $1.key }
            .map { LogRecord(offset: $0.key, key: $0.value.key, value: $0.value.value) }
    }

    private func isVisible(_ record: MemoryTopic.Stored) -> Bool {
        record.fate == .committed || (record.fate == .aborted && faults.showsAborted)
    }

    mutating func append(key: [UInt8], value: [UInt8]?, _ fate: MemoryTopic.Fate, producer: Int) -> Int64 {
        defer { end += 1 }
        records[end] = MemoryTopic.Stored(key: key, value: value, fate: fate, producer: producer)
        return end
    }

    /// Ends the open transactions of every producer up to this one.
    mutating func decide(_ fate: MemoryTopic.Fate, through producer: Int) {
        for offset in records.keys where records[offset]?.fate == .open && (records[offset]?.producer ?? 0) <= producer {
            records[offset]?.fate = fate
        }
        _ = append(key: [], value: nil, .marker, producer: producer)
    }

    mutating func compact(through limit: Int64) {
        var last: [[UInt8]: Int64] = [:]
        for (offset, record) in records where record.fate == .committed { last[record.key] = max(last[record.key] ?? -1, offset) }
        records = records.filter { offset, record in
            guard offset < limit, record.fate != .open else { return true }
            return record.fate == .committed && record.value != nil && last[record.key] == offset
        }
    }
}

/// A writer's or reader's handle on a `MemoryTopic`.
public actor MemoryLog: CheckpointLog {
    private let topic: MemoryTopic
    private var producer = 0

    public init(_ topic: MemoryTopic) { self.topic = topic }

    public func fence() throws(LogFailure) {
        producer = topic.state.withLock { state in
            state.fence += 1
            if !state.faults.fencesNobody { state.decide(.aborted, through: state.fence - 1) }
            return state.fence
        }
    }

    public func begin() throws(LogFailure) { try checkFence() }

    public func append(_ entries: [LogEntry]) throws(LogFailure) -> [Int64] {
        try checkFence()
        return topic.state.withLock { state in
            entries.map { state.append(key: $0.key.bytes, value: $0.value, .open, producer: producer) }
        }
    }

    public func setAside(_ events: [QuarantinedEvent]) throws(LogFailure) {
        try checkFence()
        uncommitted += events
    }

    private var uncommitted: [QuarantinedEvent] = []

    public func commit(_ inputs: [InputPosition]) throws(LogFailure) {
        try checkFence()
        let events = uncommitted
        uncommitted = []
        let isKnown = topic.state.withLock { state in
            if state.faults.lostCommits > 0 {
                state.faults.lostCommits -= 1
                return false
            }
            state.decide(.committed, through: producer)
            state.setAside += events
            if !inputs.isEmpty { state.committedInputs = inputs }
            guard state.faults.lostCommitReplies > 0 else { return true }
            state.faults.lostCommitReplies -= 1
            return false
        }
        guard isKnown else { throw LogFailure(.indefinite, "no answer to the commit") }
    }

    public func abandon() {
        uncommitted = []
        topic.state.withLock { $0.decide(.aborted, through: producer) }
    }

    public func read(from offset: Int64, _ body: @escaping @Sendable ([LogRecord]) -> Void) throws(LogFailure) -> Int64 {
        let (records, end) = topic.state.withLock { ($0.visible(from: offset, to: $0.stableEnd), $0.stableEnd) }
        body(records)
        return max(end, offset)
    }

    public func follow(
        from offset: Int64, wait: Duration, _ body: @escaping @Sendable ([LogRecord]) -> Void
    ) async throws(LogFailure) -> Int64 {
        let next = try read(from: offset, body)
        if next == offset, wait > .zero { try? await Task.sleep(for: min(wait, .milliseconds(5))) }
        return next
    }

    public func bounds() throws(LogFailure) -> Range<Int64> { topic.state.withLock { $0.low..<$0.stableEnd } }

    public func close() {}

    private func checkFence() throws(LogFailure) {
        let isFenced = topic.state.withLock { !$0.faults.fencesNobody && $0.fence != producer }
        guard !isFenced else { throw LogFailure(.fenced, "a newer writer has taken the lane") }
    }
}
