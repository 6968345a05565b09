internal import CRDKafka

extension Consumer {
    /// Answers a rebalance: until then the group waits for this member, no longer than `session.timeout.ms` and
    /// `max.poll.interval.ms` allow.
    ///
    /// An assignment is read from `positions`, and from the group's committed offsets where they say nothing; ``idle`` means that the
    /// partition is owned but not read. A revocation gives everything back.
    public func complete(_ rebalance: Rebalance, positions: [TopicPartition: Int64] = [:]) throws {
        guard pending == rebalance else {
            throw KafkaError(
                code: KafkaError.Code.state, reason: "The rebalance was answered already or is out of date.", operation: "complete")
        }
        let client = try open("complete")
        guard rebalance.kind == .assigned else {
            try KafkaError.check(unsafe rd_kafka_assign(client.pointer, nil), "complete")
            finish(DeliveryLedger())
            return
        }
        let all = Dictionary(rebalance.partitions.map { ($0, positions[$0] ?? Consumer.stored) }) { first, _ in first }
        let starts = all.filter { $0.value != Consumer.idle }
        // An empty list is an answer too: no list at all would be a refusal.
        let list = PartitionList(positions: starts)
        try KafkaError.check(unsafe rd_kafka_assign(client.pointer, list.pointer), "complete")
        finish(DeliveryLedger(starts))
    }

    private func finish(_ ledger: DeliveryLedger) {
        self.ledger = ledger
        pending = nil
    }
}
