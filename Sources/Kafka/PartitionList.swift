internal import CRDKafka

/// Owns an `rd_kafka_topic_partition_list_t`.
@safe struct PartitionList: ~Copyable {
    struct Element {
        var partition: TopicPartition
        var offset: Int64
        var error: Int32
    }

    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(positions: [TopicPartition: Int64]) {
        unsafe pointer = rd_kafka_topic_partition_list_new(Int32(clamping: positions.count))
        for (partition, offset) in positions.sorted(by: { $0.key < $1.key }) {
            let element = unsafe rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)
            unsafe element?.pointee.offset = offset
        }
    }

    init(topics: [String]) {
        unsafe pointer = rd_kafka_topic_partition_list_new(Int32(clamping: topics.count))
        for topic in topics { _ = unsafe rd_kafka_topic_partition_list_add(pointer, topic, RD_KAFKA_PARTITION_UA) }
    }

    /// Takes over a list that a call returned.
    init(taking list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        unsafe pointer = list
    }

    deinit {
        unsafe rd_kafka_topic_partition_list_destroy(pointer)
    }

    var elements: [Element] { unsafe PartitionList.elements(of: pointer) }

    /// The offsets by partition; throws the first error that a partition carries.
    func offsets(_ operation: String) throws(KafkaError) -> [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for element in elements {
            guard element.error == KafkaError.Code.none else {
                throw KafkaError(code: element.error, operation: operation, topicPartition: element.partition)
            }
            offsets[element.partition] = element.offset
        }
        return offsets
    }

    static func elements(of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> [Element] {
        guard let list = unsafe list, let first = unsafe list.pointee.elems else { return [] }
        return unsafe UnsafeBufferPointer(start: first, count: Int(list.pointee.cnt)).map { element in
            let partition = unsafe TopicPartition(topic: String(cString: element.topic), partition: element.partition)
            return unsafe Element(partition: partition, offset: element.offset, error: element.err.rawValue)
        }
    }
}
