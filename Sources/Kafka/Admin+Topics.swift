internal import CRDKafka
import Foundation

/// A topic to be made.
public struct TopicSpecification: Sendable, Equatable {
    public var name: String
    public var partitions: Int
    /// -1 lets the broker choose.
    public var replicationFactor: Int
    /// Topic properties, such as `cleanup.policy`.
    public var configuration: [String: String]

    public init(name: String, partitions: Int = 1, replicationFactor: Int = -1, configuration: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configuration = configuration
    }
}

/// What became of a request for several topics.
public struct TopicCreation: Sendable, Equatable {
    public var created: [String]
    /// Those that were there before; their settings may differ from the wanted ones.
    public var existing: [String]

    public init(created: [String] = [], existing: [String] = []) {
        self.created = created
        self.existing = existing
    }
}

extension Admin {
    /// Makes topics. One that exists already is no error, but told apart.
    /// - Throws: the first error of a topic, with its name; topics before it may have been made.
    @discardableResult
    public func createTopics(_ specifications: [TopicSpecification], timeout: Duration) throws -> TopicCreation {
        let client = try open("createTopics")
        let request = AdminRequest(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout)
        var topics: [OpaquePointer?] = unsafe []
        defer { unsafe topics.forEach { unsafe rd_kafka_NewTopic_destroy($0) } }
        for specification in specifications { unsafe topics.append(try Admin.newTopic(specification)) }
        unsafe rd_kafka_CreateTopics(client.pointer, &topics, topics.count, request.options, request.queue)
        let answer = try request.answer("createTopics")
        var count = 0
        let results = unsafe rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.event), &count)
        var creation = TopicCreation()
        for (name, error) in unsafe Admin.outcomes(results, count, "createTopics") {
            switch error?.code {
            case nil: creation.created.append(name)
            case KafkaError.Code.topicAlreadyExists: creation.existing.append(name)
            default: throw error!
            }
        }
        let made = specifications.filter { creation.created.contains($0.name) }
        try awaitPartitions(Dictionary(made.map { ($0.name, $0.partitions) }) { $1 }, timeout: timeout)
        return creation
    }

    /// A controller answers when it has decided (KRaft); the brokers hear of it a moment later, and until then deny that there is any such topic.
    func awaitPartitions(_ wanted: [String: Int], timeout: Duration) throws {
        let deadline = ContinuousClock.now + timeout
        for (topic, count) in wanted {
            while true {
                let known = try metadata(of: topic, timeout: timeout).topics[topic]
                if let known, known.error == nil, known.partitions >= count { break }
                guard ContinuousClock.now < deadline else {
                    throw KafkaError(
                        code: KafkaError.Code.timedOut, reason: "The topic was made, but no broker tells of its \(count) partitions.",
                        operation: "createTopics", topicPartition: TopicPartition(topic: topic, partition: -1))
                }
                // On this client's own thread, which blocks for every other call as well.
                usleep(20_000)
            }
        }
    }

    public func deleteTopics(_ names: [String], timeout: Duration) throws {
        let client = try open("deleteTopics")
        let request = AdminRequest(client, RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout)
        var topics = unsafe names.map { unsafe rd_kafka_DeleteTopic_new($0) }
        defer { unsafe topics.forEach { unsafe rd_kafka_DeleteTopic_destroy($0) } }
        unsafe rd_kafka_DeleteTopics(client.pointer, &topics, topics.count, request.options, request.queue)
        let answer = try request.answer("deleteTopics")
        var count = 0
        let results = unsafe rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(answer.event), &count)
        for (_, error) in unsafe Admin.outcomes(results, count, "deleteTopics") {
            if let error { throw error }
        }
    }

    private static func newTopic(_ specification: TopicSpecification) throws(KafkaError) -> OpaquePointer {
        let partitions = Int32(clamping: specification.partitions)
        let replicas = Int32(clamping: specification.replicationFactor)
        let (topic, text) = unsafe ErrorText.capture { buffer, size in
            unsafe rd_kafka_NewTopic_new(specification.name, partitions, replicas, buffer, size)
        }
        guard let topic = unsafe topic else {
            throw KafkaError(
                code: KafkaError.Code.invalidArgument, reason: "\(text).", operation: "createTopics",
                topicPartition: TopicPartition(topic: specification.name, partition: -1))
        }
        for (name, value) in specification.configuration { _ = unsafe rd_kafka_NewTopic_set_config(topic, name, value) }
        return unsafe topic
    }

    static func outcomes(
        _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ operation: String
    ) -> [(String, KafkaError?)] {
        unsafe UnsafeBufferPointer(start: results, count: results == nil ? 0 : count).map { result in
            let name = unsafe String(cString: rd_kafka_topic_result_name(result))
            let code = unsafe rd_kafka_topic_result_error(result).rawValue
            guard code != KafkaError.Code.none else { return (name, nil) }
            let error = unsafe KafkaError(
                code: code, reason: rd_kafka_topic_result_error_string(result).map { unsafe String(cString: $0) },
                operation: operation, topicPartition: TopicPartition(topic: name, partition: -1))
            return (name, error)
        }
    }
}

/// Owns what one admin request needs: its options and the queue its answer comes to.
@safe struct AdminRequest: ~Copyable {
    let options: OpaquePointer
    let queue: OpaquePointer
    private let timeout: Duration

    init(_ client: ClientHandle, _ operation: rd_kafka_admin_op_t, _ timeout: Duration) {
        unsafe options = rd_kafka_AdminOptions_new(client.pointer, operation)
        unsafe queue = rd_kafka_queue_new(client.pointer)
        self.timeout = timeout
        _ = unsafe ErrorText.capture { buffer, size in
            unsafe rd_kafka_AdminOptions_set_request_timeout(options, max(timeout.wholeMilliseconds, 1), buffer, size)
        }
    }

    deinit {
        unsafe rd_kafka_AdminOptions_destroy(options)
        unsafe rd_kafka_queue_destroy(queue)
    }

    /// Owns the event that carries the results.
    @safe struct Answer: ~Copyable {
        let event: OpaquePointer

        deinit { unsafe rd_kafka_event_destroy(event) }
    }

    func answer(_ operation: String) throws(KafkaError) -> Answer {
        guard let event = unsafe rd_kafka_queue_poll(queue, timeout.withGrace.wholeMilliseconds) else {
            throw KafkaError(code: KafkaError.Code.timedOut, operation: operation)
        }
        let answer = unsafe Answer(event: event)
        let code = unsafe rd_kafka_event_error(event).rawValue
        guard code == KafkaError.Code.none else {
            let reason = unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) }
            throw KafkaError(code: code, reason: reason, operation: operation)
        }
        return answer
    }
}
