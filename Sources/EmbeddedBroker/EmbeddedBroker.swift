internal import CRDKafka

/// A Kafka cluster inside this process, with faults on demand: librdkafka's mock cluster.
///
/// For demonstrations and for the error paths of clients. It listens on 127.0.0.1 and forgets everything when released. It is no proof
/// of exactly-once, because version 2.0.2
/// - shows aborted and open records to `read_committed`, and its last stable offset is the high watermark;
/// - drops offsets sent in a transaction, fences no producer, and enforces no transaction time-out;
/// - keeps 5 MiB (or 100,000 batches) a partition and silently drops what is older;
/// - knows no CreateTopics, no topic settings, no compaction, no offsets by time, no TLS or SASL;
/// - answers a fetch that finds nothing only when the whole wait is over, even if data arrive meanwhile.
///
/// Topics that a client asks for come into being with four partitions, unless ``createTopic(_:partitions:replicationFactor:)`` made
/// them before.
@safe public final class EmbeddedBroker: @unchecked Sendable {
    /// The client that lends the cluster its threads.
    private let host: OpaquePointer
    /// Its functions hand every request to the cluster's own thread, so they may be called from anywhere.
    private let cluster: OpaquePointer
    public let brokers: Int
    public let bootstrapServers: String

    public init(brokers: Int = 1) throws {
        guard (1...32).contains(brokers) else {
            throw EmbeddedBrokerError(operation: "start", reason: "\(brokers) is not a number of brokers from 1 to 32.")
        }
        let properties = unsafe rd_kafka_conf_new()
        unsafe rd_kafka_conf_set_log_cb(properties, nil)
        guard let host = unsafe rd_kafka_new(RD_KAFKA_PRODUCER, properties, nil, 0) else {
            unsafe rd_kafka_conf_destroy(properties)
            throw EmbeddedBrokerError(operation: "start", reason: "librdkafka could not make a client for it.")
        }
        guard let cluster = unsafe rd_kafka_mock_cluster_new(host, Int32(brokers)) else {
            unsafe rd_kafka_destroy(host)
            throw EmbeddedBrokerError(operation: "start", reason: "librdkafka could not open its listening sockets.")
        }
        unsafe (self.host, self.cluster) = (host, cluster)
        self.brokers = brokers
        bootstrapServers = unsafe String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    }

    deinit {
        unsafe rd_kafka_mock_cluster_destroy(cluster)
        unsafe rd_kafka_destroy(host)
    }

    public func createTopic(_ name: String, partitions: Int, replicationFactor: Int = 1) throws {
        let answer = unsafe rd_kafka_mock_topic_create(cluster, name, Int32(clamping: partitions), Int32(clamping: replicationFactor))
        try EmbeddedBrokerError.check(answer, "createTopic")
    }
}

// MARK: - Faults

extension EmbeddedBroker {
    /// Who a coordinator works for.
    public enum Coordinated: Sendable, Equatable {
        case group(String)
        case transaction(String)
    }

    /// The next requests of this kind are answered with these errors, in order; then things are as before.
    /// - Parameters:
    ///   - apiKey: the request's number in the Kafka protocol, such as 0 for Produce or 26 for EndTxn.
    ///   - errors: error codes of the Kafka protocol; 0 is success, and -195 closes the connection.
    public func pushErrors(apiKey: Int16, errors: [Int32]) {
        let codes = errors.map { rd_kafka_resp_err_t($0) }
        unsafe rd_kafka_mock_push_request_errors_array(cluster, apiKey, codes.count, codes)
    }

    /// Forgets what was pushed for this kind of request.
    public func clearErrors(apiKey: Int16) {
        unsafe rd_kafka_mock_clear_request_errors(cluster, apiKey)
    }

    /// Every answer of the broker (numbered from 1) takes so long.
    public func setRoundTrip(broker: Int, milliseconds: Int) throws {
        let answer = unsafe rd_kafka_mock_broker_set_rtt(cluster, Int32(clamping: broker), Int32(clamping: milliseconds))
        try EmbeddedBrokerError.check(answer, "setRoundTrip")
    }

    /// Closes the broker's connections and refuses new ones.
    public func down(broker: Int) throws {
        try EmbeddedBrokerError.check(unsafe rd_kafka_mock_broker_set_down(cluster, Int32(clamping: broker)), "down")
    }

    public func up(broker: Int) throws {
        try EmbeddedBrokerError.check(unsafe rd_kafka_mock_broker_set_up(cluster, Int32(clamping: broker)), "up")
    }

    public func moveCoordinator(of coordinated: Coordinated, to broker: Int) throws {
        let (kind, key) =
            switch coordinated {
            case .group(let name): ("group", name)
            case .transaction(let name): ("transaction", name)
            }
        let answer = unsafe rd_kafka_mock_coordinator_set(cluster, kind, key, Int32(clamping: broker))
        try EmbeddedBrokerError.check(answer, "moveCoordinator")
    }

    public func moveLeader(of topic: String, partition: Int32, to broker: Int) throws {
        let answer = unsafe rd_kafka_mock_partition_set_leader(cluster, topic, partition, Int32(clamping: broker))
        try EmbeddedBrokerError.check(answer, "moveLeader")
    }

    /// Metadata requests for the topic are answered with this error code; 0 ends it.
    public func setTopicError(_ topic: String, code: Int32) {
        unsafe rd_kafka_mock_topic_set_error(cluster, topic, rd_kafka_resp_err_t(code))
    }
}

/// The embedded broker did not do what was asked.
public struct EmbeddedBrokerError: Error, Equatable, Sendable, CustomStringConvertible {
    public var operation: String
    public var reason: String

    public var description: String { "\(operation) failed: \(reason)" }

    static func check(_ answer: rd_kafka_resp_err_t, _ operation: String) throws(EmbeddedBrokerError) {
        guard answer != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw EmbeddedBrokerError(operation: operation, reason: unsafe String(cString: rd_kafka_err2str(answer)))
    }
}
