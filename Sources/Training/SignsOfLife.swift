import Kafka
import Synchronization

/// When brokers last showed that they live, and where the partitions end, from the client's statistics.
final class SignsOfLife: Sendable {
    struct Signs: Sendable {
        /// Of any broker.
        var lastAnswer = ContinuousClock.now
        var partitions: [TopicPartition: Ends] = [:]

        fileprivate var answers: Int64 = 0
        /// Received from each broker so far.
        fileprivate var bytes: [Int32: Int64] = [:]
    }

    /// Of one partition, as the answer to the last fetch told them.
    struct Ends: Sendable {
        /// The high watermark.
        var high: Int64
        /// The last stable offset; negative where the broker does not tell it.
        var stable: Int64
        /// When the broker that is fetched from last sent anything.
        var answeredAt: ContinuousClock.Instant
    }

    private let state = Mutex(Signs())

    var signs: Signs { state.withLock { $0 } }

    func noteAnswer() { state.withLock { $0.lastAnswer = .now } }

    func note(_ statistics: ClientStatistics) {
        let now = ContinuousClock.now
        state.withLock { $0.note(statistics, at: now) }
    }
}

extension SignsOfLife.Signs {
    fileprivate mutating func note(_ statistics: ClientStatistics, at now: ContinuousClock.Instant) {
        if statistics.responsesReceived > answers { lastAnswer = now }
        answers = statistics.responsesReceived
        let heard = brokersHeard(statistics)
        for (topic, known) in statistics.topics {
            for partition in known.partitions.values where partition.partition >= 0 && partition.highOffset >= 0 {
                let place = TopicPartition(topic: topic, partition: partition.partition)
                let isHeard = heard.contains(partition.broker ?? partition.leader)
                let answeredAt = isHeard ? now : partitions[place]?.answeredAt ?? now
                partitions[place] = SignsOfLife.Ends(high: partition.highOffset, stable: partition.stableOffset, answeredAt: answeredAt)
            }
        }
    }

    /// The brokers that have sent something since the last statistics.
    private mutating func brokersHeard(_ statistics: ClientStatistics) -> Set<Int32> {
        var heard: Set<Int32> = []
        for broker in statistics.brokers.values where broker.id >= 0 {
            if broker.bytesReceived > bytes[broker.id] ?? 0 { heard.insert(broker.id) }
            bytes[broker.id] = broker.bytesReceived
        }
        return heard
    }
}
