/// A record of a lane's log. A null value is a tombstone.
public struct LogRecord: Equatable, Sendable {
    public var offset: Int64
    public var key: [UInt8]
    public var value: [UInt8]?

    public init(offset: Int64, key: [UInt8], value: [UInt8]?) {
        self.offset = offset
        self.key = key
        self.value = value
    }
}

/// A record to append.
public struct LogEntry: Equatable, Sendable {
    public var key: RecordKey
    public var value: [UInt8]?

    public init(_ key: RecordKey, _ value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

/// An event that was set aside, as the quarantine topic gets it.
public struct QuarantinedEvent: Equatable, Sendable {
    public var topic: String
    public var partition: Int32
    public var offset: Int64
    /// Milliseconds since 1970.
    public var timestamp: Int64
    public var reason: String
    public var detail: String
    public var key: [UInt8]?
    /// The original bytes, truncated when too large for the topic; `originalLength` and `digest` are those of the whole.
    public var value: [UInt8]?
    public var originalLength: Int
    public var digest: String

    public init(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, reason: String, detail: String, key: [UInt8]?, value: [UInt8]?,
        originalLength: Int, digest: String
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.reason = reason
        self.detail = detail
        self.key = key
        self.value = value
        self.originalLength = originalLength
        self.digest = digest
    }
}

/// What the checkpoint protocol needs of one partition of a compacted topic.
///
/// The protocol never leans on more than this, and less may be true: a log may show aborted records, fence nobody or forget a record,
/// and what is loaded is still right (`LaneView` judges by digests and owners). Two implementations pass one suite of tests: `KafkaLog` and
/// `MemoryLog`.
public protocol CheckpointLog: Sendable {
    /// Shuts out whoever wrote before, with a new transactional producer. To be called again after any `LogFailure`.
    func fence() async throws(LogFailure)

    /// Opens a transaction.
    func begin() async throws(LogFailure)
    /// Appends to the open transaction and waits for the delivery reports: the offset of each record.
    func append(_ entries: [LogEntry]) async throws(LogFailure) -> [Int64]
    /// Adds quarantined events to the open transaction.
    func setAside(_ events: [QuarantinedEvent]) async throws(LogFailure)
    /// Commits the open transaction, with the input's positions as the group's offsets: a gauge for lag tools, and a sign that there was a version.
    func commit(_ inputs: [InputPosition]) async throws(LogFailure)
    /// Gives the open transaction up.
    func abandon() async

    /// Reads the committed records from an offset on until the last stable offset that is seen on the way; returns the offset to read on from.
    func read(from offset: Int64, _ body: @escaping @Sendable ([LogRecord]) -> Void) async throws(LogFailure) -> Int64
    /// Reads on at an offset whatever is there or comes within `wait`; returns the offset to read on from. Promises no end.
    func follow(from offset: Int64, wait: Duration, _ body: @escaping @Sendable ([LogRecord]) -> Void) async throws(LogFailure) -> Int64
    /// Whether the group has offsets of any of these inputs. That it has none says nothing: brokers forget them in time.
    func hasCommitted(_ inputs: [InputPosition]) async throws(LogFailure) -> Bool
    /// The low watermark and the last stable offset.
    func bounds() async throws(LogFailure) -> Range<Int64>
    func close() async
}

/// A call to the log that did not succeed. The producer's handle is then thrown away (a late EndTxn of librdkafka < 2.15 may otherwise
/// commit the next transaction, KAFKA-17754): fence anew, read the log, and believe what it says.
public struct LogFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// Another trainer has taken the lane: leave.
        case fenced
        /// It may or may not have happened: begin again.
        case indefinite
        /// Trying again cannot help: wrong settings, missing rights, no topic.
        case permanent
    }

    public var kind: Kind
    public var reason: String

    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    public var description: String { reason }
}
