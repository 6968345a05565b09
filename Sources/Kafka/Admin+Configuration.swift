internal import CRDKafka

extension Admin {
    /// The settings of topics as the broker applies them, defaults included. Sensitive ones have no value and are left out.
    /// - Throws: the first error of a topic, with its name.
    public func describeTopics(_ names: [String], timeout: Duration = .seconds(10)) throws -> [String: [String: String]] {
        let client = try open("describeTopics")
        let request = AdminRequest(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout)
        var resources = unsafe names.map { unsafe rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
        defer { unsafe resources.forEach { unsafe rd_kafka_ConfigResource_destroy($0) } }
        unsafe rd_kafka_DescribeConfigs(client.pointer, &resources, resources.count, request.options, request.queue)
        let answer = try request.answer("describeTopics")
        var count = 0
        let results = unsafe rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer.event), &count)
        var topics: [String: [String: String]] = [:]
        for index in unsafe 0..<(results == nil ? 0 : count) {
            let resource = unsafe results?[index]
            let name = unsafe String(cString: rd_kafka_ConfigResource_name(resource))
            topics[name] = unsafe try Admin.entries(of: resource, topic: name)
        }
        return topics
    }

    private static func entries(of resource: OpaquePointer?, topic: String) throws(KafkaError) -> [String: String] {
        let code = unsafe rd_kafka_ConfigResource_error(resource).rawValue
        guard code == KafkaError.Code.none else {
            let reason = unsafe rd_kafka_ConfigResource_error_string(resource).map { unsafe String(cString: $0) }
            throw KafkaError(
                code: code, reason: reason, operation: "describeTopics", topicPartition: TopicPartition(topic: topic, partition: -1))
        }
        var count = 0
        let entries = unsafe rd_kafka_ConfigResource_configs(resource, &count)
        var settings: [String: String] = [:]
        for index in unsafe 0..<(entries == nil ? 0 : count) {
            let entry = unsafe entries?[index]
            guard let value = unsafe rd_kafka_ConfigEntry_value(entry), unsafe rd_kafka_ConfigEntry_is_sensitive(entry) == 0 else {
                continue
            }
            unsafe settings[String(cString: rd_kafka_ConfigEntry_name(entry))] = String(cString: value)
        }
        return settings
    }
}
