public import Kafka

extension KafkaError {
    /// Whether trying again cannot help: rights, names or settings have to change first. A refused connection is not among them: it ends a
    /// process that starts (`isRefusedConnection`), and a running one tries on.
    public var isPermanent: Bool {
        switch code {
        case Code.topicAuthorizationFailed, Code.groupAuthorizationFailed, Code.clusterAuthorizationFailed,
            Code.transactionalIDAuthorizationFailed, Code.unknownTopicOrPartition, Code.unknownTopic, Code.unknownPartition,
            Code.messageTooLarge, Code.invalidConfiguration, Code.invalidArgument, Code.unsupportedVersion:
            true
        default: false
        }
    }

    /// Whether the broker refuses what is asked, and will refuse it in the next transaction too. That a topic is unknown may be a broker's that
    /// has just become its leader.
    public var isRefusal: Bool {
        switch code {
        case Code.topicAuthorizationFailed, Code.groupAuthorizationFailed, Code.clusterAuthorizationFailed,
            Code.transactionalIDAuthorizationFailed, Code.messageTooLarge:
            true
        default: false
        }
    }

    /// Whether a client that reports it is of no use any more.
    public var endsClient: Bool { disposition == .fatal || disposition == .fenced || isPermanent }
}
