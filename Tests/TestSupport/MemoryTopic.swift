public import Checkpointing
import Synchronization

/// One partition of a compacted topic with its transaction coordinator, in memory: a broker for tests, with its lies as fields.
public final class MemoryTopic: Sendable {
    /// What this broker does wrong. As made, it does what Kafka promises.
    public struct Faults: Sendable {
        /// Never shuts a former writer out.
        public var fencesNobody = false
        /// Readers see records of aborted transactions. Such a broker keeps them, too: it has forgotten that they are none.
        public var showsAborted = false
        /// Readers see records of open transactions, and take the end of the log for its stable end.
        public var showsOpen = false
        /// A new writer's init leaves the former one's transaction open, until it is swept away.
        public var keepsOpen = false
        /// A commit also commits what former writers left open.
        public var commitsForeign = false
        /// Every record is stored twice.
        public var appendsTwice = false
        /// The offsets that go with a transaction are lost.
        public var losesInputs = false
        /// The next commits happen, but their callers are told that the outcome is unknown.
        public var lostCommitReplies = 0
        /// The next commits do not happen, and their callers are told that the outcome is unknown.
        public var lostCommits = 0
        /// The next commits are held on their way; their callers are told that the outcome is unknown. `deliverLate` lets them arrive: what
        /// their writer has open by then is committed, be it a part of its next transaction (KAFKA-17754).
        public var lateCommits = 0
        /// The next appends store only their first half before they fail.
        public var tornAppends = 0

        public init() {}
    }

    enum Fate { case open, committed, aborted, marker }

    struct Stored {
        var offset: Int64
        var key: [UInt8]
        var value: [UInt8]?
        var fate: Fate
        var producer: Int
    }

    struct State {
        var records: [Stored] = []
        var end: Int64 = 0
        var openCount = 0
        /// The newest writer.
        var fence = 0
        var lateCommits: [Int] = []
        /// Writers whose transaction was swept away.
        var swept: Set<Int> = []
        var setAside: [QuarantinedEvent] = []
        /// Of transactions that are not decided, by writer.
        var settingAside: [Int: [QuarantinedEvent]] = [:]
        var committedInputs: [InputPosition] = []
        var faults = Faults()
        var changes = 0
    }

    let state: Mutex<State>

    public init() { state = Mutex(State()) }

    /// A topic that holds these, committed, at their offsets.
    public init(_ records: [LogRecord]) {
        var held = State()
        held.records = records.map { Stored(offset: $0.offset, key: $0.key, value: $0.value, fate: .committed, producer: 0) }
        held.end = (records.last?.offset ?? -1) + 1
        state = Mutex(held)
    }

    public init(copying other: MemoryTopic) { state = Mutex(other.state.withLock { $0 }) }

    public var faults: Faults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    public var quarantined: [QuarantinedEvent] { state.withLock { $0.setAside } }
    public var committedInputs: [InputPosition] { state.withLock { $0.committedInputs } }
    /// Grows with everything that changes what readers see.
    public var changes: Int { state.withLock { $0.changes } }

    /// Every record a reader would see, in order.
    public var records: [LogRecord] { state.withLock { state in state.visible(from: 0, limit: .max).records } }

    /// Replaces or removes the value of a record, as damage at rest would.
    public func damage(at offset: Int64, _ change: ([UInt8]) -> [UInt8]?) {
        state.withLock { state in
            guard let index = state.records.firstIndex(where: { $0.offset == offset }), let value = state.records[index].value else {
                return
            }
            if let changed = change(value) { state.records[index].value = changed } else { state.records.remove(at: index) }
            state.changes += 1
        }
    }

    /// What a log cleaner does below an offset, and never past the first open transaction: of each key only the last record stays, aborted
    /// records go.
    public func compact(through limit: Int64 = .max) {
        state.withLock { $0.compact(through: limit) }
    }

    /// Tombstones below an offset that have outlived `delete.retention.ms` go; what they deleted has to be gone before.
    public func expireTombstones(through limit: Int64 = .max) {
        state.withLock { $0.expireTombstones(through: limit) }
    }

    /// Held commits arrive. The broker refuses them when a newer writer has shut theirs out.
    public func deliverLate() {
        state.withLock { $0.deliverLate() }
    }

    /// The coordinator aborts transactions that are open for too long, and hears no more of their writers.
    public func sweep() {
        state.withLock { $0.sweep() }
    }
}
