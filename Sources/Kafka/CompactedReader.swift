public import Logging

/// Reads a partition from a position to its stable end: how a compacted topic becomes state.
///
/// The end is where the partition reports to be read up under `read_committed`. The high watermark is never waited for: it counts
/// open transactions and control records, which nobody delivers. After a read the consumer stands at the end and may go on tailing.
public struct CompactedReader: Sendable {
    public let consumer: Consumer

    /// - Parameter properties: as for a consumer; what this reader's meaning hangs on is set in any case.
    public init(_ properties: [String: String], logger: Logger) throws {
        let needed = ["isolation.level": "read_committed", "enable.partition.eof": "true"]
        // A broker parks a fetch at the end for so long before it says that this is the end.
        let quick = ["fetch.wait.max.ms": "50"]
        consumer = try Consumer(quick.merging(properties) { $1 }.merging(needed) { $1 }, logger: logger)
    }

    /// Delivers the records from `offset` to the stable end in batches, and returns the offset after it.
    ///
    /// - Parameters:
    ///   - maximum: the most records of one batch.
    ///   - patience: how long to wait without hearing anything of the partition before the read fails as timed out.
    public nonisolated(nonsending) func read(
        _ partition: TopicPartition, from offset: Int64 = Consumer.beginning, maximum: Int = 500, patience: Duration = .seconds(30),
        _ deliver: ([ConsumedRecord]) async throws -> Void
    ) async throws -> Int64 {
        try await consumer.assign([partition: offset])
        var silence = Duration.zero
        var trouble: KafkaError?
        let wait = min(patience, .milliseconds(250))
        while silence < patience {
            try Task.checkCancellation()
            let step = try await consumer.poll(maximum: maximum, wait: wait) { batch in try Step(batch, of: partition) }
            if !step.records.isEmpty { try await deliver(step.records) }
            if let end = step.end { return end }
            silence = step.records.isEmpty ? silence + wait : .zero
            trouble = step.trouble ?? trouble
        }
        let cause = trouble.map { ": \($0.reason)" } ?? "."
        throw KafkaError(
            code: KafkaError.Code.timedOut, reason: "Nothing was heard of the partition for \(patience)\(cause)", operation: "read",
            topicPartition: partition)
    }

    public func close(within deadline: Duration) async {
        await consumer.close(within: deadline)
    }

    /// What one poll brought.
    private struct Step: Sendable {
        var records: [ConsumedRecord] = []
        var end: Int64?
        /// What may pass, and says why nothing comes; that all brokers are down says it of none.
        var trouble: KafkaError?

        init(_ batch: borrowing RecordBatch, of partition: TopicPartition) throws {
            records.reserveCapacity(batch.count)
            batch.forEach { records.append($0.detach()) }
            for event in batch.events {
                switch event {
                case .endOfPartition(partition, let offset): end = offset
                case .corrupt(partition, let offset): throw Step.failure(KafkaError.Code.badMessage, partition, offset)
                case .outOfRange(partition, let offset): throw Step.failure(KafkaError.Code.offsetOutOfRange, partition, offset)
                case .error(let error) where error.disposition != .retriable: throw error
                case .error(let error) where error.code != KafkaError.Code.allBrokersDown: trouble = error
                default: continue
                }
            }
        }

        private static func failure(_ code: Int32, _ partition: TopicPartition, _ offset: Int64?) -> KafkaError {
            KafkaError(code: code, operation: "read", topicPartition: partition, offset: offset)
        }
    }
}
