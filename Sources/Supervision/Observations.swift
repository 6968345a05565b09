/// The ends of one input partition, as the broker tells the watchdog.
public struct FeedObservation: Equatable, Sendable {
    public var topic: String
    public var partition: Int32
    /// The oldest offset still there.
    public var low: Int64
    /// The next offset to be written.
    public var high: Int64

    public init(topic: String, partition: Int32, low: Int64, high: Int64) {
        self.topic = topic
        self.partition = partition
        self.low = low
        self.high = high
    }
}

/// A version the watchdog read from the checkpoint topic.
public struct VersionObservation: Equatable, Sendable {
    public var lane: Int
    public var version: UInt64
    /// Milliseconds since 1970.
    public var createdAt: Int64
    /// It may be served.
    public var isCleared: Bool

    public init(lane: Int, version: UInt64, createdAt: Int64, isCleared: Bool) {
        self.lane = lane
        self.version = version
        self.createdAt = createdAt
        self.isCleared = isCleared
    }
}
