import Kafka
import TestSupport
import Testing

/// A trainer whose `group.instance.id` another member takes: the group fences the one that had it (KIP-345).
@Suite(.needsBroker, .scenario) struct NamesakeTests {
    @Test func `a trainer that is fenced joins anew and loses nothing, and one with a namesake says so`() async throws {
        try await Bench.run(seconds: 90) { bench in
            let model = try await Model(bench, "namesake", kafka: Model.member)
            let (feed, follower) = (try model.feed(), model.follow())
            var stream = EventStream(seed: 5)
            let events = stream.next(2_000)
            try await feed.produce(Array(events[..<1_000]))
            let trainer = try model.start("train")
            try await follower.learned(1_000)
            try await takeItsName(model, trainer)
            try await joinedAnew(1, bench, trainer)
            try await feed.produce(Array(events[1_000...]))
            let last = try await follower.learned(2_000)
            let evaluation = try await model.evaluate(events)
            try #require(last.accounted == 2_000 && last.digest == evaluation.modelDigest)
            try await takeItsName(model, trainer)
            try await joinedAnew(2, bench, trainer)
            try await takeItsName(model, trainer)
            let exit = try await trainer.ended(by: bench.deadline)
            try #require(exit == .code(1), "\(trainer.errorText)")
            try #require(trainer.errorText.contains("goes by kafka.group.instance.id 'trainer-0'"), "\(trainer.errorText)")
            try await LaneHistory(of: model, bench).check()
            await follower.close()
            await feed.close()
        }
    }

    /// Joins in the trainer's name, and leaves when that was heard of.
    private func takeItsName(_ model: Model, _ trainer: ChildProcess) async throws {
        let told = fencings(trainer)
        let properties = model.bench.properties.merging(Model.member) { $1 }
            .merging(["group.id": "\(model.name).lanes", "partition.assignment.strategy": "range", "session.timeout.ms": "6000"]) { $1 }
        let other = try Consumer(properties, logger: quiet)
        try await other.subscribe(["\(model.name).checkpoint"])
        try await model.bench.eventually("a trainer that is fenced") {
            _ = try await other.poll(maximum: 1, wait: .milliseconds(50)) { $0.events.count }
            return fencings(trainer) > told
        }
        await other.close(within: .seconds(2))
    }

    private func joinedAnew(_ times: Int, _ bench: Bench, _ trainer: ChildProcess) async throws {
        try await bench.eventually("a trainer that joins anew, for the \(times). time") {
            trainer.errorText.split(separator: "\n").count { $0.contains("joining anew") } == times
        }
    }

    private func fencings(_ trainer: ChildProcess) -> Int {
        trainer.errorText.split(separator: "\n").count { $0.contains("fenced") }
    }
}
