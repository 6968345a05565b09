internal import CRDKafka

/// Questions to the brokers. They run beside the consumer's thread, so polling goes on meanwhile.
extension Consumer {
    /// The partition's ends as this consumer may read it: under `read_committed` the high one is the last stable offset, under
    /// `read_uncommitted` the high watermark. ``Admin/watermarks(of:timeout:)`` gives the high watermark in any case.
    public func watermarks(of partition: TopicPartition, timeout: Duration) async throws -> Watermarks {
        try await open("watermarks").watermarks(of: partition, timeout: timeout)
    }

    /// The last stable offset: every transaction before it is decided, and records below it are all that `read_committed` will see.
    public func stableEnd(of partition: TopicPartition, timeout: Duration) async throws -> Int64 {
        guard readsCommittedOnly else {
            throw KafkaError(
                code: KafkaError.Code.state, reason: "Only a consumer with isolation.level=read_committed is told the stable end.",
                operation: "stableEnd", topicPartition: partition)
        }
        return try await watermarks(of: partition, timeout: timeout).high
    }

    /// For each partition the offset of the first record that is not older than `time` (milliseconds since 1970); the end if none is.
    public func offsets(
        at time: Int64, for partitions: [TopicPartition], timeout: Duration = .seconds(10)
    ) async throws -> [TopicPartition: Int64] {
        try await open("offsets").offsets(at: time, for: partitions, timeout: timeout)
    }

    /// What this consumer's group committed; partitions without a commit are missing.
    public func committed(_ partitions: [TopicPartition], timeout: Duration = .seconds(10)) async throws -> [TopicPartition: Int64] {
        let client = try open("committed")
        return try await expendable("committed", deadline: timeout.withGrace) {
            let list = PartitionList(positions: Dictionary(partitions.map { ($0, Consumer.stored) }) { first, _ in first })
            try KafkaError.check(unsafe rd_kafka_committed(client.pointer, list.pointer, timeout.wholeMilliseconds), "committed")
            return try list.offsets("committed").filter { $0.value >= 0 }
        }
    }

    /// The partitions of a topic, ascending.
    public func partitions(of topic: String, timeout: Duration) async throws -> [Int32] {
        let client = try open("partitions")
        return try await expendable("partitions", deadline: timeout.withGrace) {
            let count = try client.partitionCount(of: topic, timeout: timeout)
            return Array(0..<count)
        }
    }
}

extension ClientHandle {
    /// By a question each. `rd_kafka_query_watermark_offsets` asks both at once, and where only the first is answered with an error it takes the
    /// end for the start, too: whatever is in between would pass for taken by retention.
    func watermarks(of partition: TopicPartition, timeout: Duration) async throws -> Watermarks {
        let low = try await offsets(at: Consumer.beginning, for: [partition], timeout: timeout)
        let high = try await offsets(at: Consumer.end, for: [partition], timeout: timeout)
        guard let low = low[partition], let high = high[partition], low >= 0, high >= low else {
            throw KafkaError(
                code: KafkaError.Code.noOffset, reason: "No broker tells where the partition begins and ends.", operation: "watermarks",
                disposition: .retriable, topicPartition: partition)
        }
        return Watermarks(low: low, high: high)
    }

    /// - Parameter time: milliseconds since 1970, or one of the logical offsets (ListOffsets takes them as times).
    func offsets(at time: Int64, for partitions: [TopicPartition], timeout: Duration) async throws -> [TopicPartition: Int64] {
        try await expendable("offsets", deadline: timeout.withGrace) { [self] in
            let list = PartitionList(positions: Dictionary(partitions.map { ($0, time) }) { first, _ in first })
            do throws(KafkaError) {
                try KafkaError.check(unsafe rd_kafka_offsets_for_times(pointer, list.pointer, timeout.wholeMilliseconds), "offsets")
                return try list.offsets("offsets")
            } catch {
                throw error.withoutLeader(partitions.first)
            }
        }
    }

    /// Asks for one topic's metadata, which also brings its leaders into the client's cache.
    func partitionCount(of topic: String, timeout: Duration) throws(KafkaError) -> Int32 {
        let metadata = try Metadata(of: topic, client: self, timeout: timeout)
        guard let answer = metadata.topics[topic] else {
            throw KafkaError(
                code: KafkaError.Code.unknownTopic, operation: "metadata", topicPartition: TopicPartition(topic: topic, partition: -1))
        }
        if let error = answer.error { throw error }
        return Int32(clamping: answer.partitions)
    }
}

extension KafkaError {
    /// A partition that nobody leads for a moment is unknown to librdkafka, like one that there is not. That there is one was asked before.
    fileprivate func withoutLeader(_ partition: TopicPartition?) -> KafkaError {
        guard code == Code.unknownPartition else { return self }
        var error = self
        error.disposition = .retriable
        error.topicPartition = error.topicPartition ?? partition
        return error
    }
}
