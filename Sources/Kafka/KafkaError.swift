/// What went wrong between this process and the brokers: a code to switch on, a sentence to read, and what may be done about it.
///
/// No property value that could be a secret ever enters `reason`.
public struct KafkaError: Error, Equatable, Sendable {
    /// What the caller may do next.
    ///
    /// For a transactional producer the one-strike rule is recommended whatever this says: librdkafka 2.0.2 sends `EndTxn` without
    /// the epoch bump of KIP-890, so a delayed one can end the *next* transaction (KAFKA-17754). After any error or time-out of a
    /// transaction call close the producer, make a new one, let `initTransactions` fence the old, and read from the log what happened.
    public enum Disposition: String, Codable, Sendable {
        /// The same call may be repeated; the client is intact.
        case retriable
        /// The current transaction must be aborted.
        case abortable
        /// This client is of no use any more.
        case fatal
        /// Somebody else has taken the transactional id over: leave the role. librdkafka calls a fenced `Produce` merely abortable, and
        /// aborting would bump the epoch and bring the zombie back, so this case comes before every other.
        case fenced
        /// Neither: bad arguments, missing permission, a topic that does not exist …
        case other
    }

    /// librdkafka's `rd_kafka_resp_err_t`: negative ones are the client's own, positive ones are the broker's. Names: ``Code``.
    public var code: Int32
    /// The code's name without prefix, such as `UNKNOWN_TOPIC_OR_PART` or `_TIMED_OUT`.
    public var name: String
    /// One sentence.
    public var reason: String
    /// The call that failed, such as `commitTransaction`.
    public var operation: String
    public var disposition: Disposition
    public var topicPartition: TopicPartition?
    public var offset: Int64?

    public init(
        code: Int32, reason: String? = nil, operation: String, disposition: Disposition? = nil, topicPartition: TopicPartition? = nil,
        offset: Int64? = nil
    ) {
        self.code = code
        self.name = KafkaError.name(of: code)
        self.reason = reason ?? KafkaError.sentence(for: code)
        self.operation = operation
        self.disposition = disposition ?? Disposition(code: code)
        self.topicPartition = topicPartition
        self.offset = offset
    }
}

extension KafkaError: CustomStringConvertible {
    public var description: String {
        var place = ""
        if let topicPartition { place += " at \(topicPartition)" }
        if let offset { place += " offset \(offset)" }
        return "\(operation) failed\(place): \(reason) (\(name), \(disposition.rawValue))"
    }
}

extension KafkaError {
    /// Names for the codes this layer and its callers switch on.
    public enum Code {
        public static let badMessage: Int32 = -199
        public static let badCompression: Int32 = -198
        public static let destroyed: Int32 = -197
        public static let transport: Int32 = -195
        public static let resolve: Int32 = -193
        public static let messageTimedOut: Int32 = -192
        public static let partitionEnd: Int32 = -191
        public static let unknownPartition: Int32 = -190
        public static let unknownTopic: Int32 = -188
        public static let allBrokersDown: Int32 = -187
        public static let invalidArgument: Int32 = -186
        public static let timedOut: Int32 = -185
        public static let queueFull: Int32 = -184
        public static let tls: Int32 = -181
        public static let waitingForCoordinator: Int32 = -180
        public static let assignPartitions: Int32 = -175
        public static let revokePartitions: Int32 = -174
        public static let state: Int32 = -172
        public static let notImplemented: Int32 = -170
        public static let authentication: Int32 = -169
        public static let noOffset: Int32 = -168
        public static let retry: Int32 = -153
        public static let purgedFromQueue: Int32 = -152
        public static let purgedInFlight: Int32 = -151
        public static let fatal: Int32 = -150
        public static let maximumPollExceeded: Int32 = -147
        public static let clientFenced: Int32 = -144
        public static let autoOffsetReset: Int32 = -140
        public static let unknown: Int32 = -1
        public static let none: Int32 = 0
        public static let offsetOutOfRange: Int32 = 1
        public static let unknownTopicOrPartition: Int32 = 3
        public static let leaderNotAvailable: Int32 = 5
        public static let notLeader: Int32 = 6
        public static let requestTimedOut: Int32 = 7
        public static let messageTooLarge: Int32 = 10
        public static let coordinatorLoading: Int32 = 14
        public static let coordinatorNotAvailable: Int32 = 15
        public static let notCoordinator: Int32 = 16
        public static let notEnoughReplicas: Int32 = 19
        public static let notEnoughReplicasAfterAppend: Int32 = 20
        public static let illegalGeneration: Int32 = 22
        public static let unknownMember: Int32 = 25
        public static let topicAuthorizationFailed: Int32 = 29
        public static let groupAuthorizationFailed: Int32 = 30
        public static let clusterAuthorizationFailed: Int32 = 31
        public static let unsupportedVersion: Int32 = 35
        public static let topicAlreadyExists: Int32 = 36
        public static let invalidConfiguration: Int32 = 40
        public static let notController: Int32 = 41
        public static let invalidProducerEpoch: Int32 = 47
        public static let invalidTransactionState: Int32 = 48
        public static let concurrentTransactions: Int32 = 51
        public static let transactionalIDAuthorizationFailed: Int32 = 53
        public static let fencedInstance: Int32 = 82
        public static let producerFenced: Int32 = 90
    }
}
