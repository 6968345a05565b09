internal import Metrics
internal import Synchronization

/// Shows a client's statistics as gauges. Each gauge is made once: the metrics system looks names up under a lock.
final class StatisticsGauges: Sendable {
    private struct Identity: Hashable {
        let label: String
        let dimensions: [String]
    }

    private let gauges = Mutex<[Identity: Gauge]>([:])

    func record(_ statistics: ClientStatistics) {
        let client = ("client", statistics.clientID)
        set("kafka_client_sent_bytes", [client], Double(statistics.bytesSent))
        set("kafka_client_received_bytes", [client], Double(statistics.bytesReceived))
        if let waiting = statistics.recordsWaiting { set("kafka_client_waiting_records", [client], Double(waiting)) }
        for broker in statistics.brokers.values where broker.id >= 0 {
            let dimensions = [client, ("broker", "\(broker.id)")]
            set("kafka_broker_up", dimensions, broker.state == "UP" ? 1 : 0)
            if let window = broker.roundTrip { set("kafka_broker_round_trip_seconds", dimensions, Double(window.average) / 1e6) }
        }
        for (topic, partitions) in statistics.topics {
            for partition in partitions.partitions.values where partition.partition >= 0 {
                record(partition, [client, ("topic", topic), ("partition", "\(partition.partition)")])
            }
        }
    }

    private func record(_ partition: ClientStatistics.Partition, _ dimensions: [(String, String)]) {
        let values = [
            ("kafka_partition_low_offset", partition.lowOffset), ("kafka_partition_high_offset", partition.highOffset),
            ("kafka_partition_stable_offset", partition.stableOffset), ("kafka_partition_lag_records", partition.lag ?? -1),
        ]
        for (label, value) in values where value >= 0 { set(label, dimensions, Double(value)) }
    }

    private func set(_ label: String, _ dimensions: [(String, String)], _ value: Double) {
        let identity = Identity(label: label, dimensions: dimensions.map(\.1))
        let gauge = gauges.withLock { gauges in
            if let gauge = gauges[identity] { return gauge }
            let gauge = Gauge(label: label, dimensions: dimensions)
            gauges[identity] = gauge
            return gauge
        }
        gauge.record(value)
    }
}
