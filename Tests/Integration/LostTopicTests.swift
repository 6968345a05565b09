import Foundation
import Kafka
import TestSupport
import Testing

/// A checkpoint topic that was deleted and made anew is as empty as a new one, and no trainer takes it for one.
@Suite(.needsBroker, .scenario, .serialized) struct LostTopicTests {
    private static let sentence = "holds no version, but the model has committed input offsets before"

    @Test func `a checkpoint topic that was made anew between two runs is refused, until a reset begins a new model`() async throws {
        try await Bench.run(seconds: 120) { bench in
            let model = try await Model(bench, "lost", kafka: Model.member)
            let feed = try model.feed()
            var stream = EventStream(seed: 51)
            var events = stream.next(500)
            try await feed.produce(events)
            let first = try await model.run("train", "--until", "end")
            try #require(first.exit == .code(0), "\(first.errors)")

            try await loseVersions(of: model, bench)
            events += stream.next(200)
            try await feed.produce(Array(events[500...]))
            try await refuse(model)
            try await beginAnew(model, events)
            // From now on it is a model like any other.
            events += stream.next(100)
            try await feed.produce(Array(events[700...]))
            let last = try await model.run("train", "--until", "end")
            try #require(last.exit == .code(0), "\(last.errors)")
            try #require(try await model.versions().last?.events == 800)
            await feed.close()
        }
    }

    @Test func `a checkpoint topic that is made anew under a running trainer ends it, and what is served is served on`() async throws {
        try await Bench.run(seconds: 120) { bench in
            let model = try await Model(bench, "lost", kafka: Model.member)
            let trainer = try model.start("train")
            let publisher = Publisher(try model.start("serve"), bench)
            let (feed, follower) = (try model.feed(), model.follow())
            var stream = EventStream(seed: 52)
            var events = stream.next(1_000)
            let question = events[0].question
            try await feed.produce(events)
            let learnt = try await follower.learned(events.count)
            await follower.close()
            let served: PublisherAnswer = try await bench.eventually("version \(learnt.version) served") {
                let answer = try await publisher.predict(question, canWait: true)
                return answer?.version == "\(learnt.version)" ? answer : nil
            }

            try await loseVersions(of: model, bench)
            try await bench.eventually("an end of \(trainer.name)") {
                let more = stream.next(100)
                events += more
                try await feed.produce(more)
                try await serves(publisher, question, like: served)
                return trainer.exit != nil
            }
            // Either it found the topic empty, or it was told that there was none.
            try #require(trainer.exit == .code(1), "\(trainer.errorText)")
            let said = trainer.errorText.split(separator: "\n").last { $0.hasPrefix("Error: ") || $0.hasPrefix("freshet: ") } ?? ""
            try #require(said.contains(Self.sentence) || said.contains("\(model.name).checkpoint"), "\(trainer.errorText)")
            try await refuse(model)
            try await serves(publisher, question, like: served)
            try await beginAnew(model, events)
            _ = try #require(try await publisher.predict(question))
            try await model.stop(publisher.process)
            await feed.close()
        }
    }

    /// Deletes the checkpoint topic and makes it anew as it was.
    private func loseVersions(of model: Model, _ bench: Bench) async throws {
        let topic = TopicSpecification(
            name: "\(model.name).checkpoint", partitions: model.lanes, replicationFactor: -1,
            configuration: ["cleanup.policy": "compact", "min.compaction.lag.ms": "600000"])
        let admin = try Admin(bench.properties, logger: quiet)
        try await admin.deleteTopics([topic.name], timeout: .seconds(20))
        try await bench.eventually("\(topic.name) made anew") {
            if try await make(topic, admin) { return true }
            // It is on its way out, or a client that asked for it has brought it back with the broker's settings.
            try? await admin.deleteTopics([topic.name], timeout: .seconds(20))
            return false
        }
        await admin.close(within: .seconds(3))
    }

    /// Whether it is this call that has made the topic. With ZooKeeper one that is being deleted exists for whoever makes it, and for nobody else.
    private func make(_ topic: TopicSpecification, _ admin: Admin) async throws -> Bool {
        do {
            return try await admin.createTopics([topic], timeout: .seconds(5)).created.contains(topic.name)
        } catch let error as KafkaError where error.disposition == .retriable {
            return false
        }
    }

    private func refuse(_ model: Model) async throws {
        let refused = try await model.run("train")
        try #require(refused.exit == .code(1) && refused.errors.contains(Self.sentence), "\(refused)")
        try #require(refused.errors.contains("freshet import") && refused.errors.contains("--reset"), "\(refused.errors)")
    }

    /// A new model that learns everything from the start.
    private func beginAnew(_ model: Model, _ events: [LabelledEvent]) async throws {
        let reset = try await model.run("train", "--reset", "--until", "end")
        try #require(reset.exit == .code(0), "\(reset.errors)")
        let newest = try #require(try await model.versions().last)
        let evaluation = try await model.evaluate(events)
        try #require(newest.events == events.count && newest.modelDigest == evaluation.modelDigest, "\(newest)")
    }

    private func serves(_ publisher: Publisher, _ question: String, like before: PublisherAnswer) async throws {
        let answer = try #require(try await publisher.predict(question))
        try #require(answer.version == before.version && answer.predictions == before.predictions, "\(answer) after \(before)")
    }
}
