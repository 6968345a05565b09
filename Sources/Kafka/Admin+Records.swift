internal import CRDKafka

extension Admin {
    /// Takes everything before an offset out of each partition, as retention does in time (KIP-107). Its start is there from now on.
    /// - Throws: the first error of a partition, with its name.
    public func deleteRecords(before offsets: [TopicPartition: Int64], timeout: Duration) throws {
        let client = try open("deleteRecords")
        let request = AdminRequest(client, RD_KAFKA_ADMIN_OP_DELETERECORDS, timeout)
        let positions = PartitionList(positions: offsets)
        var list: [OpaquePointer?] = unsafe [rd_kafka_DeleteRecords_new(positions.pointer)]
        defer { unsafe rd_kafka_DeleteRecords_destroy(list[0]) }
        unsafe rd_kafka_DeleteRecords(client.pointer, &list, 1, request.options, request.queue)
        let answer = try request.answer("deleteRecords")
        let result = unsafe rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(answer.event))
        let elements = unsafe PartitionList.elements(of: UnsafeMutablePointer(mutating: result))
        for element in elements where element.error != KafkaError.Code.none {
            throw KafkaError(code: element.error, operation: "deleteRecords", topicPartition: element.partition)
        }
    }
}
