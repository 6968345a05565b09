import Checkpointing
import Kafka
import Logging

/// The topics of a model with the settings the protocol needs, and what is wrong with those that are there.
struct TopicPlan {
    var names: Names
    var lanes: Int
    var replication: Int
    /// What a command that puts a topic right is given.
    var servers = "localhost:9092"

    struct Planned {
        var name: String
        var partitions: Int
        var configuration: [String: String]
        /// Settings that must be exactly so, or the protocol breaks.
        var needed: [String: String]
    }

    var topics: [Planned] {
        [
            Planned(
                name: names.checkpoint, partitions: lanes,
                configuration: [
                    // A tailing reader finds every page of what it has just read: nothing younger is compacted.
                    "min.compaction.lag.ms": "600000",
                    // The active segment is never compacted: small enough, so that the log is.
                    "segment.bytes": "67108864", "segment.ms": "1800000", "min.cleanable.dirty.ratio": "0.2",
                    "max.compaction.lag.ms": "3600000",
                ], needed: ["cleanup.policy": "compact"]),
            Planned(
                name: names.control, partitions: 1, configuration: ["segment.ms": "1800000", "max.compaction.lag.ms": "3600000"],
                needed: ["cleanup.policy": "compact"]),
            Planned(
                name: names.quarantine, partitions: 1, configuration: ["retention.ms": "2592000000"], needed: ["cleanup.policy": "delete"]),
            Planned(
                name: names.audit, partitions: 1, configuration: ["retention.ms": "31536000000"], needed: ["cleanup.policy": "delete"]),
        ]
    }

    var specifications: [TopicSpecification] {
        topics.map {
            TopicSpecification(
                name: $0.name, partitions: $0.partitions, replicationFactor: replication,
                configuration: $0.configuration.merging($0.needed) { $1 })
        }
    }

    /// What would break the protocol, one sentence each; empty when all is well.
    func problems(_ cluster: ClusterMetadata, _ settings: [String: [String: String]]) -> [String] {
        topics.flatMap { topic -> [String] in
            guard let found = cluster.topics[topic.name], found.error == nil else {
                return ["topic \(topic.name) does not exist; make it with: freshet topics create"]
            }
            var problems = topic.needed.sorted { $0.key < $1.key }.compactMap { key, value in
                complaint(topic.name, key, needs: value, has: settings[topic.name]?[key])
            }
            if let complaint = partitionComplaint(topic, has: found.partitions) { problems.append(complaint) }
            if topic.name == names.checkpoint { problems += lagComplaint(settings[topic.name]?["min.compaction.lag.ms"]) }
            problems += sizeComplaint(topic.name, settings[topic.name]?["max.message.bytes"])
            return problems
        }
    }

    private func partitionComplaint(_ topic: Planned, has partitions: Int) -> String? {
        guard topic.name == names.checkpoint else {
            guard partitions != topic.partitions else { return nil }
            return "topic \(topic.name) has \(partitions) partitions; it must have \(topic.partitions)"
        }
        // Lanes that were added are there to stay; the configuration says only how many a new model has.
        guard partitions < topic.partitions else { return nil }
        return "topic \(topic.name) has \(partitions) partitions where checkpoint.lanes asks for \(topic.partitions); add the others with: "
            + "freshet lanes --to \(topic.partitions)"
    }

    private func complaint(_ topic: String, _ key: String, needs: String, has: String?) -> String? {
        guard let has, has != needs else { return nil }
        return "topic \(topic) has \(key)=\(has); it must be \(needs); set it with: kafka-configs --bootstrap-server \(servers) --alter "
            + "--topic \(topic) --add-config \(key)=\(needs)"
    }

    private func lagComplaint(_ value: String?) -> [String] {
        guard let value, let milliseconds = Int64(value), milliseconds < 600_000 else { return [] }
        return [
            "topic \(names.checkpoint) has min.compaction.lag.ms=\(value); readers need at least 600000 (10 min) to find every page of what "
                + "they have just read"
        ]
    }

    /// librdkafka's `message.max.bytes`: larger records are not handed to the broker. Parts of manifests have half of it, quarantined events are
    /// cut to nine tenths.
    private static let recordBytes = 1_000_000

    private func sizeComplaint(_ topic: String, _ value: String?) -> [String] {
        guard topic == names.checkpoint || topic == names.quarantine, let value, let bytes = Int(value), bytes < Self.recordBytes else {
            return []
        }
        return [
            "topic \(topic) has max.message.bytes=\(value); versions and quarantined events need \(Self.recordBytes); set it with: kafka-configs "
                + "--bootstrap-server \(servers) --alter --topic \(topic) --add-config max.message.bytes=\(Self.recordBytes)"
        ]
    }
}
