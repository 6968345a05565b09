import Foundation
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
        let topics = [
            topic("checkpoint", checkpoint), topic("control", ["cleanup.policy": "compact"]),
            topic("quarantine", ["cleanup.policy": "delete"]), topic("audit", ["cleanup.policy": "delete"]),
        ]
        bench.own(topics.map(\.name))
        try await admin.createTopics(topics, timeout: .seconds(20))
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

    @Test func `partitions that are added while a trainer runs are learnt once, and stay learnt`() async throws {
        try await Bench.run(seconds: 120) { bench in
            let model = try await Model(bench, "grown", kafka: ["topic.metadata.refresh.interval.ms": "1000"].merging(Model.member) { $1 })
            let trainer = try model.start("train")
            let (feed, follower) = (try model.feed(), model.follow())
            var stream = EventStream(seed: 31)
            try await feed.produce(stream.next(1_000))
            try await follower.learned(1_000)
            await feed.close()

            let admin = try Admin(bench.properties, logger: quiet)
            try await admin.createPartitions(of: model.input, upTo: 3, timeout: .seconds(20))
            await admin.close(within: .seconds(3))
            let wide = try model.feed(partitions: 3)
            try await wide.produce(stream.next(3_000))
            let grown = try await follower.version("a version of three partitions") { $0.inputs == 3 && $0.learnt >= 4_000 }
            try #require(grown.learnt == 4_000 && grown.accounted == 4_000 && grown.gaps == 0, "\(grown)")
            try #require(trainer.errorText.contains("Input partitions were added"))
            try await bench.eventually("an exact account") { try await model.status().account.isExact }
            try await model.stop(trainer)
            let left = try #require(try await model.versions().last)
            try #require(left.events == 4_000)

            let again = try model.start("train")
            try await bench.eventually("the same model, with the same account") {
                // Until it has reported there is no status.
                guard let status = try? await model.status(), let now = status.trainers.first else { return false }
                try #require(now.modelDigest == left.modelDigest)
                return status.account.isExact && status.account.learned == 4_000 && now.positions?.map(\.learned) == [2_000, 1_000, 1_000]
            }
            try await wide.produce(stream.next(300))
            let last = try await follower.learned(4_300)
            try #require(last.learnt == 4_300 && last.accounted == 4_300)
            try await model.stop(again)
            await follower.close()
            await wide.close()
        }
    }

    @Test func `a topic that was made anew between two runs is refused, shorter or as long`() async throws {
        try await Bench.run(seconds: 120) { bench in
            let model = try await Model(bench, "remade", kafka: Model.member)
            var stream = EventStream(seed: 32)
            let (feed, follower) = (try model.feed(), model.follow())
            let trainer = try model.start("train")
            try await feed.produce(stream.next(500))
            try await follower.learned(500)
            try await model.stop(trainer)
            await feed.close()
            await follower.close()
            let before = try #require(try await model.versions().last)

            try await remake(model.input, bench)
            let other = try model.feed()
            try await other.produce(stream.next(100))
            let shorter = try await model.run("train")
            let ended = "\(model.input)[0] was read up to offset 500, but it ends at 100: the topic was truncated or created anew"
            try #require(shorter.exit == .code(1) && shorter.errors.contains(ended), "\(shorter)")
            try await other.produce(stream.next(400))
            let asLong = try await model.run("train")
            try #require(
                asLong.exit == .code(1) && asLong.errors.contains("\(model.input)[0] holds another event at offset 499 than the one"),
                "\(asLong)")
            let after = try #require(try await model.versions().last)
            try #require(after.modelDigest == before.modelDigest && after.events == 500)
            await other.close()
        }
    }

    @Test func `what retention took before it was learnt stops a trainer, or is counted and passed over`() async throws {
        try await Bench.run(seconds: 120) { bench in
            let model = try await Model(bench, "overtaken", kafka: Model.member)
            var stream = EventStream(seed: 34)
            let (feed, follower, admin) = (try model.feed(), model.follow(), try Admin(bench.properties, logger: quiet))
            func take(before offset: Int64) async throws {
                try await admin.deleteRecords(before: [TopicPartition(topic: model.input, partition: 0): offset], timeout: .seconds(10))
            }
            try await feed.produce(stream.next(500))
            try #require(try await model.run("train", "--until", "end").exit == .code(0))

            try await feed.produce(stream.next(300))
            try await take(before: 650)
            let stopped = try await model.run("train")
            let sentence = "retention took offsets 500 to 649 of \(model.input)[0] before they were learnt. Set input.gap: continue"
            try #require(stopped.exit == .code(1) && stopped.errors.contains(sentence), "\(stopped)")
            try #require(try await model.versions().last?.events == 500)

            let patient = try model.configuration(replacing: "label: /label", with: "gap: continue, label: /label")
            let trainer = try bench.start(["train", "--config", patient])
            let overtaken = try await follower.accounted(800)
            try #require(overtaken.learnt == 650 && overtaken.gaps == 150, "\(overtaken)")
            // The first of these may be on their way to it already; what comes after them is not.
            trainer.signal(SIGSTOP)
            try await feed.produce(stream.next(200))
            try await feed.produce(stream.next(400))
            try await take(before: 1_300)
            trainer.signal(SIGCONT)
            let last = try await follower.accounted(1_400)
            try #require(last.learnt + last.gaps == 1_400 && last.learnt >= 750 && last.gaps >= 450, "\(last)")
            try await bench.eventually("an account with the gap") {
                guard let account = try? await model.status().account else { return false }
                return account.isExact && account.gaps == last.gaps
            }
            try await model.stop(trainer)
            await admin.close(within: .seconds(3))
            await follower.close()
            await feed.close()
        }
    }

    private func remake(_ topic: String, _ bench: Bench) async throws {
        let admin = try Admin(bench.properties, logger: quiet)
        try await admin.deleteTopics([topic], timeout: .seconds(20))
        try await bench.eventually("the topic to be gone") { try await admin.cluster(timeout: .seconds(5)).topics[topic] == nil }
        try await bench.eventually("the topic made anew") { try await make(topic, admin) }
        await admin.close(within: .seconds(3))
    }

    /// Whether the topic is there. With ZooKeeper one that is deleted leaves the metadata at once, and until it is deleted whoever makes it is told
    /// that it exists: only the metadata tell that it does.
    private func make(_ topic: String, _ admin: Admin) async throws -> Bool {
        do {
            try await admin.createTopics([TopicSpecification(name: topic, partitions: 1, replicationFactor: -1)], timeout: .seconds(5))
            return try await admin.cluster(timeout: .seconds(5)).topics[topic].map { $0.error == nil } ?? false
        } catch let error as KafkaError where error.disposition == .retriable {
            return false
        }
    }
}
