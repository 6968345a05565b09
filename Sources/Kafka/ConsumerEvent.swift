/// What a consumer met besides records.
public enum ConsumerEvent: Sendable, Equatable {
    /// Everything this consumer may read of the partition has been delivered; `offset` is where the next record will be, at least.
    /// Under `read_committed` this is the last stable offset. It is reported anew each time the consumer catches up.
    case endOfPartition(TopicPartition, offset: Int64)
    /// The group's assignment changes: answer with `Consumer.complete`.
    case rebalance(Rebalance)
    /// A batch fails its checksum, or is otherwise not what a broker may send, however often it is fetched. The partition is no longer
    /// read; everything up to `lastGoodOffset` (nil: nothing) was delivered.
    case corrupt(TopicPartition, lastGoodOffset: Int64?)
    /// The position is not, or no longer, in the log, or there is no committed offset to start from. The partition is no longer read;
    /// assign a position to go on.
    case outOfRange(TopicPartition, offset: Int64)
    case error(KafkaError)
}

/// The group gives or takes partitions (eager protocol: always all of them).
public struct Rebalance: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case assigned
        /// To be given back: finish what is under way, then answer.
        case revoked
        /// Taken away already (the member was thrown out of the group): whatever is under way may be somebody else's by now.
        case lost
    }

    public let kind: Kind
    public let partitions: [TopicPartition]
    /// Counts the rebalances of one consumer, so that an answer to an old one is recognised.
    let number: UInt64
}
