import Kafka
import TestSupport
import Testing

/// Topics that are not what they should be, or not what they were, with real processes.
@Suite(.needsBroker, .scenario, .serialized) struct TopicTests {
    /// Topics of a model by hand: the checkpoint topic with these settings.
    private func topics(of name: String, checkpoint: [String: String], _ bench: Bench) async throws {
        let admin = try Admin(bench.properties, logger: quiet)
        func topic(_ stem: String, _ settings: [String: String]) -> TopicSpecification {
            TopicSpecification(name: "\(name).\(stem)", partitions: 1, replicationFactor: -1, configuration: settings)
        }
        _ = try await admin.createTopics(
            [
                topic("checkpoint", checkpoint), topic("control", ["cleanup.policy": "compact"]),
                topic("quarantine", ["cleanup.policy": "delete"]), topic("audit", ["cleanup.policy": "delete"]),
            ], timeout: .seconds(20))
        await admin.close(within: .seconds(3))
    }

    @Test func `a checkpoint topic that would lose versions is refused with the command that puts it right`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "right")
            let name = NetworkBroker.uniqueName("wrong")
            try await topics(of: name, checkpoint: ["cleanup.policy": "delete", "min.compaction.lag.ms": "1000"], bench)
            let configuration = try model.configuration(replacing: "model: \(model.name)", with: "model: \(name)")
            let (exit, output, errors) = try await bench.run(["train", "--config", configuration])
            try #require(exit == .code(1) && output.isEmpty, "\(exit): \(errors)\(output)")
            let sentences = [
                "'\(name)' cannot be trained", "topic \(name).checkpoint has cleanup.policy=delete; it must be compact",
                "kafka-configs --bootstrap-server \(bench.servers) --alter --topic \(name).checkpoint --add-config cleanup.policy=compact",
                "topic \(name).checkpoint has min.compaction.lag.ms=1000; readers need at least 600000",
            ]
            for sentence in sentences { try #require(errors.contains(sentence), "\(errors)") }
            // Nothing was written.
            let admin = try Admin(bench.properties, logger: quiet)
            let ends = try await admin.watermarks(of: TopicPartition(topic: "\(name).checkpoint", partition: 0), timeout: .seconds(10))
            try #require(ends.high == 0)
            await admin.close(within: .seconds(3))
        }
    }
}
