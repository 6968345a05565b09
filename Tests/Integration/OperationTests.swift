import TestSupport
import Testing

/// Commands through the control topic, as an operator gives them.
@Suite(.needsBroker, .scenario, .serialized) struct OperationTests {
    @Test func `freeze, resume, pin and rollback do what they say and say what they did`() async throws {
        try await Bench.run { bench in
            let model = try await Model(
                bench, "operations",
                [
                    "checkpoint":
                        "{interval: 300ms, holdBack: 300ms, retain: {latest: 4, hourly: 0, daily: 0}, scrub: {versions: 3}}"
                ])
            let trainer = try model.start("train")
            let (feed, follower) = (try model.feed(), model.follow())
            var stream = EventStream(seed: 8)
            try await feed.produce(stream.next(2_000))
            let target = try await follower.learned(2_000)
            try await expect(model, "pin", "\(target.version)", outcome: "applied")
            try await freezeAndResume(model, feed, &stream, follower, bench)
            try await growPast(target.version, feed, &stream, follower)
            try #require(try await model.versions().contains { $0.version == target.version && $0.pinned }, "the pinned version has gone")
            try await rollBack(to: target.version, digest: target.digest, model, follower, bench)
            try await expect(model, "resume", "--replay", outcome: "applied")
            try await follower.accounted(stream.count)
            try await expect(model, "unpin", "\(target.version)", outcome: "applied")
            try await refuseUnknown(model)
            try await model.stop(trainer)
            try await goUnanswered(model)
            await follower.close()
            await feed.close()
        }
    }

    private func expect(_ model: Model, _ command: String..., outcome: String) async throws {
        let arguments = command + ["--reason", "a test", "--config", model.configuration]
        let answers = try await model.bench.report(arguments, as: [AnswerReport].self)
        try #require(answers.map(\.outcome) == [outcome], "\(command): \(answers)")
    }

    private func freezeAndResume(
        _ model: Model, _ feed: Feed, _ stream: inout EventStream, _ follower: LaneFollower, _ bench: Bench
    ) async throws {
        try await expect(model, "freeze", outcome: "applied")
        try await feed.produce(stream.next(1_000))
        let total = stream.count
        try await bench.eventually("a frozen trainer that reads on") {
            let trainer = try await model.status().trainers.first
            guard let position = trainer?.positions?.first, position.inspected == total else { return false }
            try #require(position.learned == 2_000)
            try #require(trainer?.gate?.state == "frozen" && trainer?.gate?.causes.map(\.kind) == ["operator"])
            return true
        }
        try await expect(model, "resume", "--replay", outcome: "applied")
        let resumed = try await follower.learned(total)
        try #require(resumed.skipped == 0)
    }

    /// Writes versions until more than the ladder keeps lie past this one.
    private func growPast(_ version: UInt64, _ feed: Feed, _ stream: inout EventStream, _ follower: LaneFollower) async throws {
        var newest = try await follower.learned(stream.count).version
        while newest < version + 8 {
            try await feed.produce(stream.next(200))
            newest = try await follower.learned(stream.count).version
        }
    }

    private func rollBack(
        to version: UInt64, digest: String, _ model: Model, _ follower: LaneFollower, _ bench: Bench
    ) async throws {
        try await expect(model, "rollback", "--to", "\(version)", outcome: "applied")
        let back = try await follower.version("a version that brings \(version) back") { $0.restores == version }
        try #require(back.digest == digest)
        try #require(back.learnt == 2_000)
        try await bench.eventually("a status with the old digest, frozen") {
            let trainer = try await model.status().trainers.first
            return trainer?.modelDigest == digest && trainer?.gate?.state == "frozen"
        }
    }

    private func refuseUnknown(_ model: Model) async throws {
        let (exit, output, errors) = try await model.run("rollback", "--to", "999999", "--output", "json")
        try #require(exit == .code(1), "\(errors)")
        let retained = try await model.versions().map(\.version)
        try #require(output.contains("refused") && output.contains("not retained"), "\(output)")
        try #require(retained.contains { output.contains("\($0)") }, "\(output) names none of \(retained)")
    }

    private func goUnanswered(_ model: Model) async throws {
        let asked = ContinuousClock.now
        let (exit, _, errors) = try await model.run("freeze", "--timeout", "2")
        try #require(exit == .code(1))
        try #require(errors.contains("no answer from the trainer"), "\(errors)")
        try #require(ContinuousClock.now - asked < .seconds(20))
    }

    @Test func `a configuration that cannot be meant is refused with everything that is wrong`() async throws {
        try await Bench.run { bench in
            let text = "model: x\nkafka: {bootstrap.servers: \"\(bench.servers)\"}\nlearner: {bits: 99}\ninput: {topic: [a]}\n"
            let file = try bench.file("bad.yaml", text)
            let (exit, output, errors) = try await bench.run(["train", "--config", file])
            try #require(exit == .code(2))
            try #require(output.isEmpty)
            for problem in ["learner.bits", "input.topic", "input.label"] { try #require(errors.contains(problem), "\(errors)") }
        }
    }

    @Test func `a model of another configuration is refused with a sentence`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "other")
            let feed = try model.feed()
            var stream = EventStream(seed: 9)
            try await feed.produce(stream.next(500))
            try #require(try await model.run("train", "--until", "end").exit == .code(0))
            let before = try await model.versions().map(\.modelDigest)
            let other = try model.configuration(replacing: "bits: 14", with: "bits: 15")
            let (exit, _, errors) = try await bench.run(["train", "--config", other])
            try #require(exit == .code(1))
            try #require(errors.contains("a model of another configuration"), "\(errors)")
            try #require(try await model.versions().map(\.modelDigest) == before)
            await feed.close()
        }
    }

    @Test func `topics that are missing are told, and made`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "topics")
            try #require(try await model.report("topics", "check", as: CheckReport.self).ok)
            let absent = NetworkBroker.uniqueName("absent")
            let configuration = try model.configuration(replacing: "model: \(model.name)", with: "model: \(absent)")
            let (exit, output, _) = try await bench.run(["topics", "check", "--config", configuration, "--output", "json"])
            try #require(exit == .code(1))
            try #require(output.contains("\(absent).checkpoint does not exist"))
        }
    }
}
