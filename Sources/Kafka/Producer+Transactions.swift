internal import CRDKafka

/// Transactions. Every call has a deadline and runs on an expendable thread; librdkafka refuses calls that overlap.
///
/// **One strike**: after any error from one of these, a time-out included, close this producer and go on with a new one; see
/// ``KafkaError/Disposition-swift.enum``.
extension Producer {
    /// Fences whoever used the same `transactional.id` before, and ends their open transaction.
    public func initTransactions(timeout: Duration) async throws {
        unsafe try await transact("initTransactions", timeout) { unsafe rd_kafka_init_transactions($0.pointer, $1) }
    }

    public func beginTransaction() async throws {
        unsafe try await transact("beginTransaction", .seconds(5)) { client, _ in unsafe rd_kafka_begin_transaction(client.pointer) }
    }

    /// Commits offsets of a group as part of the transaction. The group is named without a member: nothing ties them to its generation.
    /// - Parameter positions: the *next* offset of each partition.
    public func sendOffsets(_ positions: [TopicPartition: Int64], group: String, timeout: Duration) async throws {
        unsafe try await transact("sendOffsets", timeout) { client, milliseconds in
            let list = PartitionList(positions: positions)
            let member = unsafe rd_kafka_consumer_group_metadata_new(group)
            defer { unsafe rd_kafka_consumer_group_metadata_destroy(member) }
            return unsafe rd_kafka_send_offsets_to_transaction(client.pointer, list.pointer, member, milliseconds)
        }
    }

    public func commitTransaction(timeout: Duration) async throws {
        unsafe try await transact("commitTransaction", timeout) { unsafe rd_kafka_commit_transaction($0.pointer, $1) }
    }

    public func abortTransaction(timeout: Duration) async throws {
        unsafe try await transact("abortTransaction", timeout) { unsafe rd_kafka_abort_transaction($0.pointer, $1) }
    }

    private func transact(
        _ operation: String, _ timeout: Duration, _ call: @escaping @Sendable (ClientHandle, Int32) -> OpaquePointer?
    ) async throws {
        let client = try open(operation)
        try await expendable(operation, deadline: timeout.withGrace) {
            unsafe try KafkaError.check(call(client, timeout.wholeMilliseconds), operation, client: client)
        }
    }
}
