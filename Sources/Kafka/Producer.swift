internal import CRDKafka
public import Logging

/// Writes records: idempotent by default, transactional when the properties name a `transactional.id`.
public actor Producer {
    private let executor: BlockingExecutor
    private let logger: Logger
    private var client: ClientHandle?
    private let isTransactional: Bool
    private var partitionCounts: [String: Int32] = [:]

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// - Parameter statistics: called on the producer's thread every `statistics.interval.ms`, if that is set.
    /// - Throws: `KafkaError` naming a property that is unknown or has a wrong value.
    public init(
        _ properties: [String: String], logger: Logger, statistics: (@Sendable (ClientStatistics) -> Void)? = nil
    ) throws {
        executor = BlockingExecutor(label: "kafka.producer")
        self.logger = logger
        isTransactional = properties["transactional.id"] != nil
        client = try ClientHandle(
            .producer, ClientProperties(.producer, properties, defaults: Producer.defaults(for: properties)),
            context: ClientContext(logger: logger, report: statistics), server: executor.queue)
    }

    private static func defaults(for properties: [String: String]) -> [String: String] {
        guard properties["transactional.id"] != nil else {
            // Five minutes is librdkafka's default, and how long `produce` would wait for a broker that is gone.
            return ["enable.idempotence": "true", "message.timeout.ms": "30000"]
        }
        // `transaction.timeout.ms` silently lowers the other two; set apart, a lost request is noticed and sent again, and a lost
        // message given up, while the transaction still lives.
        return [
            "enable.idempotence": "true", "socket.timeout.ms": "5000", "message.timeout.ms": "25000",
            "transaction.timeout.ms": "30000",
        ]
    }

    /// Learns where the topics' partitions are. Otherwise the first record of each topic waits a whole second (librdkafka #5032).
    public func warmUp(topics: [String], timeout: Duration = .seconds(10)) async throws {
        let client = try open("warmUp")
        for topic in topics { try await learnPartitions(of: topic, client, timeout: timeout) }
    }

    /// Hands all records over and waits for every delivery report; returns the offsets in the records' order.
    ///
    /// Calls may overlap. Waits no longer than `message.timeout.ms`. If a record fails, the first failure is thrown and the others may
    /// have been written or not.
    public func produce(_ records: [OutgoingRecord]) async throws -> [Int64] {
        let client = try open("produce")
        try await checkPartitions(of: records, client)
        let deliveries = client.context.deliveries
        let ticket = deliveries.open(count: records.count)
        let refusal = Producer.enqueue(records, ticket, client)
        do {
            return try await deliveries.outcome(of: ticket)
        } catch let error as KafkaError {
            let place = records.first.map { TopicPartition(topic: $0.topic, partition: $0.partition ?? -1) }
            throw judged(await cause(of: error, at: place), wasHandedOver: refusal == nil, client)
        }
    }

    /// What a record was given up for: where the transaction has failed before it, its report says only that it was. A commit is refused with
    /// the reason then, at once and whatever it is asked for.
    private func cause(of error: KafkaError, at place: TopicPartition?) async -> KafkaError {
        guard isTransactional, [KafkaError.Code.purgedFromQueue, KafkaError.Code.purgedInFlight].contains(error.code) else { return error }
        do {
            try await commitTransaction(timeout: .seconds(1))
            return error
        } catch let refusal {
            guard var cause = refusal as? KafkaError else { return error }
            (cause.operation, cause.topicPartition) = (error.operation, cause.topicPartition ?? error.topicPartition ?? place)
            return cause
        }
    }

    /// Enqueues all records, or those before the first that is refused: what a caller writes in order must not have holes.
    private static func enqueue(_ records: [OutgoingRecord], _ ticket: UInt32, _ client: ClientHandle) -> KafkaError? {
        var refusal: KafkaError?
        for (index, record) in records.enumerated() {
            do throws(KafkaError) {
                if let refusal { throw refusal }
                try enqueue(record, tag: Deliveries.tag(ticket, index), client)
            } catch {
                refusal = error
                client.context.deliveries.report(ticket, index: index, .failure(error))
            }
        }
        return refusal
    }

    /// A delivery report has a code only: what it means for the producer and its transaction is asked here.
    private func judged(_ error: KafkaError, wasHandedOver: Bool, _ client: ClientHandle) -> KafkaError {
        var error = error
        if let cause = client.fatalError {
            if error.disposition != .fenced { error.disposition = cause.disposition }
            error.reason = cause.reason
        } else if isTransactional, wasHandedOver, error.disposition != .fenced {
            error.disposition = .abortable
        }
        return error
    }

    /// Waits until everything handed over was delivered or given up.
    public func flush(timeout: Duration) async throws {
        let client = try open("flush")
        try await expendable("flush", deadline: timeout.withGrace) {
            try KafkaError.check(unsafe rd_kafka_flush(client.pointer, timeout.wholeMilliseconds), "flush")
        }
    }

    /// The error after which this producer does no more work, if there was one.
    public var fatalError: KafkaError? { client?.fatalError }

    public var isFatal: Bool { fatalError != nil }

    /// Waits for what is under way, gives up the rest, and releases the client; all of it no longer than `deadline`. An open
    /// transaction is left to the broker's time-out or the next `initTransactions`.
    public func close(within deadline: Duration) async {
        guard let parcel = ClientParcel(taking: &client) else { return }
        do {
            try await expendable("close", deadline: deadline) {
                parcel.open { client in
                    _ = unsafe rd_kafka_flush(client.pointer, deadline.wholeMilliseconds / 2)
                    _ = unsafe rd_kafka_purge(client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
                    client.serve()
                }
            }
        } catch {
            logger.warning("The Kafka producer was not closed in order", metadata: ["error": "\(error)"])
        }
    }

    func open(_ operation: String) throws(KafkaError) -> ClientHandle {
        guard let client else {
            throw KafkaError(
                code: KafkaError.Code.destroyed, reason: "The producer is closed.", operation: operation, disposition: .fatal)
        }
        return client
    }
}

// MARK: - Partitions

extension Producer {
    /// librdkafka frees a record's headers twice if the partition does not exist (#4627), so it is never asked to write to one.
    private func checkPartitions(of records: [OutgoingRecord], _ client: ClientHandle) async throws {
        var highest: [String: Int32] = [:]
        for record in records { highest[record.topic] = max(highest[record.topic] ?? 0, record.partition ?? 0) }
        for (topic, partition) in highest where partition >= partitionCounts[topic] ?? 0 {
            try await learnPartitions(of: topic, client, timeout: .seconds(10))
        }
        for record in records {
            guard let partition = record.partition, !(0..<(partitionCounts[record.topic] ?? 0)).contains(partition) else { continue }
            throw KafkaError(
                code: KafkaError.Code.unknownPartition, reason: "The topic has no such partition.", operation: "produce",
                topicPartition: TopicPartition(topic: record.topic, partition: partition))
        }
    }

    private func learnPartitions(of topic: String, _ client: ClientHandle, timeout: Duration) async throws {
        partitionCounts[topic] = try await expendable("metadata", deadline: timeout.withGrace) {
            try client.partitionCount(of: topic, timeout: timeout)
        }
    }
}
