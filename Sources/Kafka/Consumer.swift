internal import CRDKafka
public import Logging

/// Reads topics: by hand from positions of the caller's (`assign`), or as a member of a group (`subscribe`).
///
/// The caller owns its positions: nothing is committed or stored behind its back, an offset that is not in the log is an event and never
/// a silent jump, and what fails its checksum is fetched again before it is reported (``ConsumerEvent/corrupt(_:lastGoodOffset:)``).
/// The consumer must be polled steadily, even while nothing is wanted of it: logs, statistics and rebalances come that way too.
public actor Consumer {
    /// Positions that are not offsets.
    public static let beginning: Int64 = -2
    /// The end as it is when the broker is asked: what comes between two attempts to reach it may be passed over.
    public static let end: Int64 = -1
    /// What the group committed last.
    public static let stored: Int64 = -1000
    /// For `complete`: the partition is owned but not read. A group can so hand out work whose data is read elsewhere.
    public static let idle: Int64 = .min

    private let executor: BlockingExecutor
    private let logger: Logger
    private var client: ClientHandle?
    let readsCommittedOnly: Bool
    var ledger = DeliveryLedger()
    /// The rebalance that waits for its answer.
    var pending: Rebalance?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Settings that the caller's properties override.
    static let defaults = [
        // One flipped bit in flight is delivered silently without this; it is off by default.
        "check.crcs": "true",
        // Every other value turns a lost position into a jump over the backlog or a replay of the log.
        "auto.offset.reset": "error",
        "enable.auto.commit": "false",
        "enable.auto.offset.store": "false",
        "isolation.level": "read_committed",
        "enable.partition.eof": "true",
        // The cooperative protocol has lost assignments, looped and crashed up to 2.10 (#4059, #4381, #4527, #4783).
        "partition.assignment.strategy": "range",
        "queued.max.messages.kbytes": "32768",
        // librdkafka assigns nothing without a group's name. Nothing is joined or committed under this one.
        "group.id": "manual-assignment",
    ]

    /// - Parameters:
    ///   - statistics: told of them at each `statistics.interval.ms`.
    ///   - showsGauges: whether the statistics are metrics, too.
    /// - Throws: `KafkaError` naming a property that is unknown, has a wrong value, or breaks what this layer promises.
    public init(
        _ properties: [String: String], logger: Logger, showsGauges: Bool = true,
        statistics: (@Sendable (ClientStatistics) -> Void)? = nil
    ) throws {
        if let strategy = properties["partition.assignment.strategy"], strategy.contains("cooperative") {
            throw ClientProperties.refusal(
                "Property “partition.assignment.strategy” must be range or roundrobin: librdkafka 2.0.2 loses partitions with \(strategy)."
            )
        }
        let context = ClientContext(logger: logger, gauges: showsGauges ? StatisticsGauges() : nil, report: statistics)
        client = try ClientHandle(.consumer, ClientProperties(.consumer, properties, defaults: Consumer.defaults), context: context)
        readsCommittedOnly = (properties["isolation.level"] ?? Consumer.defaults["isolation.level"]) == "read_committed"
        executor = BlockingExecutor(label: "kafka.consumer")
        self.logger = logger
    }

    /// Reads these partitions from these positions, instead of what was read before; `[:]` stops reading.
    ///
    /// Everything fetched so far is dropped first: seeking fails after an offset was out of range (#2961), and pausing loses
    /// positions in batch calls (before 2.1.0), so a new assignment is the only way to move.
    public func assign(_ positions: [TopicPartition: Int64]) throws {
        guard pending == nil else {
            throw KafkaError(
                code: KafkaError.Code.state, reason: "A rebalance waits for its answer: use complete.", operation: "assign")
        }
        try replaceAssignment(by: positions, "assign")
        ledger = DeliveryLedger(positions)
    }

    /// Joins the group that `group.id` names. What is assigned comes as an event.
    public func subscribe(_ topics: [String]) throws {
        let list = PartitionList(topics: topics)
        let client = try open("subscribe")
        try KafkaError.check(unsafe rd_kafka_subscribe(client.pointer, list.pointer), "subscribe")
    }

    /// What is being read, with the position of the next record; partitions given up are not in it.
    public var assignment: [TopicPartition: Int64] {
        Dictionary(uniqueKeysWithValues: ledger.lanes.filter { $0.state != .halted }.map { ($0.partition, $0.resume) })
    }

    /// The error after which this consumer does no more work, if there was one.
    public var fatalError: KafkaError? { client?.fatalError }

    /// Leaves the group and releases the client. Waits no longer than `deadline`: closing hangs when a topic has disappeared (#4187).
    public func close(within deadline: Duration) async {
        guard let parcel = ClientParcel(taking: &client) else { return }
        do {
            try await expendable("close", deadline: deadline) {
                try parcel.open { client in
                    client.context.beginClosing()
                    try KafkaError.check(unsafe rd_kafka_consumer_close(client.pointer), "close")
                }
            }
        } catch {
            logger.warning("The Kafka consumer was not closed in order", metadata: ["error": "\(error)"])
        }
    }

    func open(_ operation: String) throws(KafkaError) -> ClientHandle {
        guard let client else {
            throw KafkaError(
                code: KafkaError.Code.destroyed, reason: "The consumer is closed.", operation: operation, disposition: .fatal)
        }
        return client
    }

    func replaceAssignment(by positions: [TopicPartition: Int64], _ operation: String) throws(KafkaError) {
        let client = try open(operation)
        try KafkaError.check(unsafe rd_kafka_assign(client.pointer, nil), operation)
        guard !positions.isEmpty else { return }
        let list = PartitionList(positions: positions)
        try KafkaError.check(unsafe rd_kafka_assign(client.pointer, list.pointer), operation)
    }
}
