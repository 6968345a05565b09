public import Checkpointing
public import Learning

/// Records of the input topics, decoded, in the order they arrived.
public struct InputBatch: Sendable {
    /// One record: an example, an event to quarantine, or one that lies in a range set aside.
    public struct Record: Sendable {
        public enum Content: Sendable, Equatable {
            /// A row of `examples`.
            case example(row: Int)
            /// A position in `rejected`.
            case rejected(index: Int)
        }

        /// A position in the lane's list of inputs.
        public var input: Int
        public var offset: Int64
        /// Of key and value, so that another record at the same offset is noticed.
        public var checksum: UInt64
        public var content: Content
        /// The hash of an example's id; nil where the schema names none, or the event has none.
        public var identity: UInt64?
    }

    public var examples = ExampleBatch()
    public var records: [Record] = []
    public var rejected: [QuarantinedEvent] = []
    public var reasons: [RejectReason] = []
    /// Inputs whose end was reached, with the next offset there.
    public var ends: [(input: Int, offset: Int64)] = []
    /// Which assignment the records were read under; those of an older one are stale.
    public var assignment: UInt64 = 0

    public init() {}
}

/// Where a lane's events come from.
public protocol EventSource: Sendable {
    /// Reads on from these positions, in this order of inputs, and forgets the ones before; returns the number of the assignment. What was
    /// handed over to another lane keeps its place in the order and is not read.
    func assign(_ inputs: [InputPosition]) async throws(LogFailure) -> UInt64
    /// The next events, waiting at most `wait`; an empty batch when there were none.
    func next(wait: Duration) async throws(LogFailure) -> InputBatch
    /// The partitions that are a lane's share, and those of another's that it still holds, with the offsets that exist in each.
    func partitions(besides held: [InputPosition]) async throws(LogFailure) -> [AvailableInput]
    /// How many partitions are the lane's share, asked for while reading goes on.
    func partitionCount() async throws(LogFailure) -> Int
    /// The first offset per partition whose record is not older than a time (ms since 1970).
    func offsets(at time: Int64, for inputs: [InputPosition]) async throws(LogFailure) -> [Int64]
    /// The newest known ends of each assigned input (`InputPosition` order), and how long ago (s) the broker last answered.
    func feed() async -> FeedView
    func close() async
}

extension EventSource {
    public func partitionCount() async throws(LogFailure) -> Int { try await partitions(besides: []).count }
}

/// One partition as the broker has it.
public struct AvailableInput: Equatable, Sendable {
    public var topic: String
    public var partition: Int32
    /// First offset still there, and the last stable offset.
    public var low: Int64
    public var end: Int64

    public init(topic: String, partition: Int32, low: Int64, end: Int64) {
        self.topic = topic
        self.partition = partition
        self.low = low
        self.end = end
    }
}

/// What the source knows of its feed.
///
/// Offsets only: when they moved is for whoever looks at them to note, by a clock of its own.
public struct FeedView: Equatable, Sendable {
    /// One assigned input; −1 stands for what is not known yet.
    public struct Input: Equatable, Sendable {
        /// The last stable offset, up to which committed records can be read.
        public var stable: Int64
        /// The high watermark, where the next record will be written; never below the last stable offset.
        public var high: Int64
        /// Since the partition's broker last told anything.
        public var secondsSinceAnswer: Double
        /// The topic is in the metadata.
        public var topicExists: Bool

        public init(stable: Int64, high: Int64, secondsSinceAnswer: Double, topicExists: Bool = true) {
            self.stable = stable
            self.high = high
            self.secondsSinceAnswer = secondsSinceAnswer
            self.topicExists = topicExists
        }
    }

    /// In the order of the assignment.
    public var inputs: [Input]
    /// Seconds since a broker answered at all.
    public var secondsSinceAnswer: Double
    /// The number of the assignment.
    public var assignment: UInt64

    public init(inputs: [Input], secondsSinceAnswer: Double, assignment: UInt64) {
        self.inputs = inputs
        self.secondsSinceAnswer = secondsSinceAnswer
        self.assignment = assignment
    }

    /// Of a source without transactions.
    public init(ends: [Int64], secondsSinceAnswer: Double) {
        self.init(
            inputs: ends.map { Input(stable: $0, high: $0, secondsSinceAnswer: secondsSinceAnswer) },
            secondsSinceAnswer: secondsSinceAnswer, assignment: 0)
    }

    /// Where each input ends for one who reads committed records; −1 where it is not known yet.
    public var ends: [Int64] { inputs.map(\.stable) }
}
