internal import CRDKafka

/// What the brokers say of themselves and their topics.
public struct ClusterMetadata: Sendable, Equatable {
    public struct Broker: Sendable, Equatable {
        public var id: Int32
        public var host: String
        public var port: Int

        public init(id: Int32, host: String, port: Int) {
            self.id = id
            self.host = host
            self.port = port
        }
    }

    public struct Topic: Sendable, Equatable {
        public var partitions: Int
        /// Such as `TOPIC_AUTHORIZATION_FAILED`.
        public var error: KafkaError?

        public init(partitions: Int, error: KafkaError? = nil) {
            self.partitions = partitions
            self.error = error
        }
    }

    public var brokers: [Broker]
    public var topics: [String: Topic]
    public var controller: Int32?
    public var clusterID: String?

    public init(brokers: [Broker], topics: [String: Topic], controller: Int32? = nil, clusterID: String? = nil) {
        self.brokers = brokers
        self.topics = topics
        self.controller = controller
        self.clusterID = clusterID
    }
}

/// A metadata answer, copied into values.
struct Metadata {
    let brokers: [ClusterMetadata.Broker]
    let topics: [String: ClusterMetadata.Topic]

    /// - Parameter topic: nil asks for all topics.
    init(of topic: String?, client: ClientHandle, timeout: Duration) throws(KafkaError) {
        let handle = unsafe topic.flatMap { unsafe rd_kafka_topic_new(client.pointer, $0, nil) }
        defer { if let handle = unsafe handle { unsafe rd_kafka_topic_destroy(handle) } }
        var answer: UnsafePointer<rd_kafka_metadata>?
        let all: Int32 = topic == nil ? 1 : 0
        let code = unsafe rd_kafka_metadata(client.pointer, all, handle, &answer, timeout.wholeMilliseconds)
        try KafkaError.check(code, "metadata", at: topic.map { TopicPartition(topic: $0, partition: -1) })
        guard let answer = unsafe answer else { throw KafkaError(code: KafkaError.Code.unknown, operation: "metadata") }
        defer { unsafe rd_kafka_metadata_destroy(answer) }
        brokers = unsafe UnsafeBufferPointer(start: answer.pointee.brokers, count: Int(answer.pointee.broker_cnt)).map { broker in
            unsafe ClusterMetadata.Broker(id: broker.id, host: String(cString: broker.host), port: Int(broker.port))
        }
        var topics: [String: ClusterMetadata.Topic] = [:]
        for index in unsafe 0..<Int(answer.pointee.topic_cnt) {
            let topic = unsafe answer.pointee.topics[index]
            let name = unsafe String(cString: topic.topic)
            topics[name] = unsafe ClusterMetadata.Topic(partitions: Int(topic.partition_cnt), error: Metadata.error(topic, name))
        }
        self.topics = topics
    }

    private static func error(_ topic: rd_kafka_metadata_topic, _ name: String) -> KafkaError? {
        let code = unsafe topic.err.rawValue
        guard code != KafkaError.Code.none else { return nil }
        return KafkaError(code: code, operation: "metadata", topicPartition: TopicPartition(topic: name, partition: -1))
    }
}
