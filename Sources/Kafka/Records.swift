/// A record to be produced.
public struct OutgoingRecord: Sendable {
    public var topic: String
    /// Nil lets the client choose by key.
    public var partition: Int32?
    public var key: [UInt8]?
    /// Nil is a tombstone: a compacted topic forgets the key.
    public var value: [UInt8]?
    public var headers: [(String, [UInt8]?)]
    /// Milliseconds since 1970; nil means now.
    public var timestamp: Int64?

    public init(
        topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: [(String, [UInt8]?)] = [],
        timestamp: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }
}

/// A record that owns its bytes: what ``Record/detach()`` makes of a borrowed one.
public struct ConsumedRecord: Sendable {
    public var topicPartition: TopicPartition
    public var offset: Int64
    /// Milliseconds since 1970, or nil if the broker gave none.
    public var timestamp: Int64?
    public var key: [UInt8]?
    /// Nil is a tombstone, which is data like any other.
    public var value: [UInt8]?
    public var headers: [(String, [UInt8]?)]

    public init(
        topicPartition: TopicPartition, offset: Int64, timestamp: Int64? = nil, key: [UInt8]?, value: [UInt8]?,
        headers: [(String, [UInt8]?)] = []
    ) {
        self.topicPartition = topicPartition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}
