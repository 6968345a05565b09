/// What the broker and the consumer say about a feed. Offsets are summed over the partitions that are read.
public struct FeedSignals: Codable, Equatable, Sendable {
    /// Since any broker answered anything.
    public var secondsSinceBrokerAnswer: Double
    /// Twice the longest wait for one answer: 2 × (fetch.wait.max.ms + socket.timeout.ms), in seconds.
    public var brokerAnswerLimit: Double
    /// The topic and its partitions are in the metadata.
    public var topicExists: Bool
    /// Since the end of the log (the high watermark) moved, or records were taken.
    public var secondsSinceHighWatermarkMoved: Double
    /// Since the last stable offset, up to which committed records can be read, moved; where several partitions have records past theirs, of
    /// the one that has stood still for the most unusual time.
    public var secondsSinceStableOffsetMoved: Double
    /// Records between the last stable offset and the high watermark: in open transactions.
    public var recordsNotStable: Int64
    /// The silence that is a stall (`StallDetector.limit`), in seconds.
    public var silenceThreshold: Double
    /// The same for a last stable offset that has records past it: how long transactions stay open, in seconds.
    public var stableOffsetThreshold: Double
    /// Records between our position and the last stable offset.
    public var lag: Int64
    /// The lag is growing, and does not merely go up and down (`LagTrace`).
    public var lagGrew: Bool
    /// Partitions that are read, at least 1.
    public var partitions: Int
    /// Partitions whose own stall detector says silent, and of which everything was read.
    public var silentPartitions: Int

    public init(
        secondsSinceBrokerAnswer: Double, brokerAnswerLimit: Double, topicExists: Bool = true, secondsSinceHighWatermarkMoved: Double,
        secondsSinceStableOffsetMoved: Double, recordsNotStable: Int64 = 0, silenceThreshold: Double,
        stableOffsetThreshold: Double? = nil, lag: Int64, lagGrew: Bool = false, partitions: Int = 1, silentPartitions: Int = 0
    ) {
        self.secondsSinceBrokerAnswer = secondsSinceBrokerAnswer
        self.brokerAnswerLimit = brokerAnswerLimit
        self.topicExists = topicExists
        self.secondsSinceHighWatermarkMoved = secondsSinceHighWatermarkMoved
        self.secondsSinceStableOffsetMoved = secondsSinceStableOffsetMoved
        self.recordsNotStable = recordsNotStable
        self.silenceThreshold = silenceThreshold
        self.stableOffsetThreshold = stableOffsetThreshold ?? silenceThreshold
        self.lag = lag
        self.lagGrew = lagGrew
        self.partitions = partitions
        self.silentPartitions = silentPartitions
    }

    /// Within the silence that is normal.
    public var highWatermarkMoved: Bool { secondsSinceHighWatermarkMoved <= silenceThreshold }
    public var stableOffsetMoved: Bool { secondsSinceStableOffsetMoved <= stableOffsetThreshold }
}

/// Whose fault it is that events do not come, or not fast enough.
public enum FeedDiagnosis: String, Codable, Equatable, Sendable, CaseIterable {
    case flowing
    /// All partitions: nobody writes.
    case upstreamSilent = "upstream-silent"
    /// Some partitions: one of the writers, or its key range.
    case partitionSilent = "partition-silent"
    /// Records are written but not committed: a producer's transaction hangs.
    case hangingTransaction = "hanging-transaction"
    /// Records are there and come faster than we take them, or we take none.
    case overload
    case brokerLost = "broker-lost"
    case topicGone = "topic-gone"

    /// The first cause that explains the signals, the outermost before the inner ones: without a broker nothing else is known, and
    /// without a topic there are no watermarks.
    public static func judge(_ signals: FeedSignals) -> FeedDiagnosis {
        if signals.secondsSinceBrokerAnswer > signals.brokerAnswerLimit { return .brokerLost }
        if !signals.topicExists { return .topicGone }
        if signals.recordsNotStable > 0 && !signals.stableOffsetMoved { return .hangingTransaction }
        if signals.lag > 0 {
            // While we take records there is a sign of life, be the writers silent: the lag of a time away is caught up with.
            if signals.lagGrew || !signals.highWatermarkMoved { return .overload }
        } else if signals.silentPartitions >= signals.partitions || !signals.highWatermarkMoved {
            return .upstreamSilent
        }
        return signals.silentPartitions > 0 ? .partitionSilent : .flowing
    }

    public var sentence: String {
        switch self {
        case .flowing: "Events flow."
        case .upstreamSilent: "The brokers answer, but nothing is written to the input topic. Look at what writes it."
        case .partitionSilent: "Some partitions of the input topic are silent while others flow. Look at the writers of those."
        case .hangingTransaction:
            "Records are written to the input topic but not committed. Find the producer with the open transaction, or abort it."
        case .overload: "Events are there, but they come faster than they are taken. The lag is our own."
        case .brokerLost: "No broker answers. Look at the brokers and the network between."
        case .topicGone: "The input topic does not exist any more. Another one of its name is learnt from only when an operator agrees."
        }
    }
}
