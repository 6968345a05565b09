internal import CRDKafka
public import Logging

/// Makes, describes and deletes topics, and asks for the cluster's state.
public actor Admin {
    private let executor: BlockingExecutor
    private let logger: Logger
    private var client: ClientHandle?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// - Throws: `KafkaError` naming a property that is unknown or has a wrong value.
    public init(_ properties: [String: String], logger: Logger) throws {
        executor = BlockingExecutor(label: "kafka.admin")
        self.logger = logger
        client = try ClientHandle(
            .admin, ClientProperties(.admin, properties.merging(Admin.needed) { $1 }, defaults: [:]),
            context: ClientContext(logger: logger), server: executor.queue)
    }

    /// Offsets are asked for with this level, and here the high watermark is wanted.
    private static let needed = ["isolation.level": "read_uncommitted"]

    /// Brokers, all topics this client may see, controller and id of the cluster.
    public func cluster(timeout: Duration) throws -> ClusterMetadata {
        let client = try open("cluster")
        let metadata = try metadata(of: nil, timeout: timeout)
        let controller = unsafe rd_kafka_controllerid(client.pointer, timeout.wholeMilliseconds)
        let id = unsafe rd_kafka_clusterid(client.pointer, timeout.wholeMilliseconds)
        defer { if let id = unsafe id { unsafe rd_kafka_mem_free(client.pointer, id) } }
        return ClusterMetadata(
            brokers: metadata.brokers, topics: metadata.topics, controller: controller < 0 ? nil : controller,
            clusterID: unsafe id.map { unsafe String(cString: $0) })
    }

    /// The first offset kept and the high watermark, which counts open and aborted transactions too.
    public func watermarks(of partition: TopicPartition, timeout: Duration) async throws -> Watermarks {
        try await open("watermarks").watermarks(of: partition, timeout: timeout)
    }

    public func close(within deadline: Duration) async {
        guard let parcel = ClientParcel(taking: &client) else { return }
        do {
            try await expendable("close", deadline: deadline) { parcel.open { _ in } }
        } catch {
            logger.warning("The Kafka admin client was not closed in order", metadata: ["error": "\(error)"])
        }
    }

    /// Why no broker is reached is told by callbacks, which wait for this thread as long as the question does.
    func metadata(of topic: String?, timeout: Duration) throws(KafkaError) -> Metadata {
        let client = try open("metadata")
        do throws(KafkaError) {
            let metadata = try Metadata(of: topic, client: client, timeout: timeout)
            client.context.brokerAnswered()
            return metadata
        } catch {
            client.serve()
            throw client.context.explained(error)
        }
    }

    func open(_ operation: String) throws(KafkaError) -> ClientHandle {
        guard let client else {
            throw KafkaError(
                code: KafkaError.Code.destroyed, reason: "The admin client is closed.", operation: operation, disposition: .fatal)
        }
        return client
    }
}
