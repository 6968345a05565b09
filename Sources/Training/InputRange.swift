/// A stretch of one input partition.
public struct InputRange: Codable, Equatable, Sendable, CustomStringConvertible {
    public var topic: String
    public var partition: Int32
    public var from: Int64
    /// The first offset past it.
    public var to: Int64

    public init(topic: String, partition: Int32, from: Int64, to: Int64) {
        self.topic = topic
        self.partition = partition
        self.from = from
        self.to = to
    }

    public var description: String { "offsets \(from) to \(to) of \(topic)[\(partition)]" }
}
