internal import CRDKafka

extension Admin {
    /// How many partitions a topic has.
    public func partitions(of topic: String, timeout: Duration) throws -> Int {
        let metadata = try metadata(of: topic, timeout: timeout)
        guard let found = metadata.topics[topic] else {
            throw KafkaError(
                code: KafkaError.Code.unknownTopic, operation: "metadata", topicPartition: TopicPartition(topic: topic, partition: -1))
        }
        if let error = found.error { throw error }
        return found.partitions
    }

    /// Adds partitions to a topic until it has `count` (KIP-195). Kafka never takes any away.
    public func createPartitions(of topic: String, upTo count: Int, timeout: Duration) throws {
        let client = try open("createPartitions")
        let request = AdminRequest(client, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, timeout)
        let (wanted, text) = unsafe ErrorText.capture { buffer, size in
            unsafe rd_kafka_NewPartitions_new(topic, count, buffer, size)
        }
        guard let wanted = unsafe wanted else {
            throw KafkaError(
                code: KafkaError.Code.invalidArgument, reason: "\(text).", operation: "createPartitions",
                topicPartition: TopicPartition(topic: topic, partition: -1))
        }
        defer { unsafe rd_kafka_NewPartitions_destroy(wanted) }
        var list: [OpaquePointer?] = unsafe [wanted]
        unsafe rd_kafka_CreatePartitions(client.pointer, &list, 1, request.options, request.queue)
        let answer = try request.answer("createPartitions")
        var length = 0
        let results = unsafe rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(answer.event), &length)
        for (_, error) in unsafe Admin.outcomes(results, length, "createPartitions") {
            if let error { throw error }
        }
        try awaitPartitions([topic: count], timeout: timeout)
    }
}
