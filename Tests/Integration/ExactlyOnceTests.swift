import Foundation
import TestSupport
import Testing

/// Invariant 3: a run killed at any instant and restarted ends in the same bits as one never killed.
@Suite(.needsBroker, .scenario, .serialized) struct ExactlyOnceTests {
    private static let events = 12_000

    @Test func `a trainer killed at random progress ends in the bits of one never killed`() async throws {
        let seed = anySeed()
        print("killed at random progress: seed \(seed)")
        try await Bench.run { bench in
            var random = SplitMix64(seed: seed)
            let model = try await Model(bench, "killed", kafka: Model.member, ["checkpoint": "{interval: 100ms, holdBack: 300ms}"])
            let (feed, follower) = (try model.feed(), model.follow())
            var stream = EventStream(seed: seed)
            let events = stream.next(Self.events)
            var pour = Pour(events.map { Array($0.json.utf8) }, feed, follower, bench)
            for target in (0..<5).map({ _ in 1 + random.below(Self.events - 2_000) }).sorted() {
                let trainer = try model.start("train")
                try await pour.until(accounted: target)
                try await pour.pieces(random.below(8))
                try model.kill(trainer)
            }
            try await pour.rest()
            try await compare(model, events, follower, bench)
            await feed.close()
        } onFailure: {
            "seed \(seed)"
        }
    }

    @Test func `a trainer killed right after a version and while it starts ends in the same bits`() async throws {
        let seed = anySeed()
        print("killed at named points: seed \(seed)")
        try await Bench.run { bench in
            var random = SplitMix64(seed: seed)
            let model = try await Model(bench, "killed", kafka: Model.member)
            let (feed, follower) = (try model.feed(), model.follow())
            var stream = EventStream(seed: seed)
            let events = stream.next(6_000)
            for part in 0..<2 {
                let known = try await model.versions().last?.version ?? 0
                let trainer = try model.start("train")
                try await feed.produce(Array(events[part * 2_000..<(part + 1) * 2_000]))
                try await bench.eventually("a version after \(known)") {
                    try await model.versions().last.map { $0.version > known } ?? false
                }
                try model.kill(trainer)
                let starting = try model.start("train")
                // The point is a time here: somewhere between the first instruction and the lane's take.
                try await Task.sleep(for: .milliseconds(100 + random.below(200)))
                try model.kill(starting)
            }
            try await feed.produce(Array(events[4_000...]))
            try await compare(model, events, follower, bench)
            await feed.close()
        } onFailure: {
            "seed \(seed)"
        }
    }

    /// Lets the model learn the rest, and compares it with one that was never killed and with one that saw no Kafka.
    private func compare(_ model: Model, _ events: [LabelledEvent], _ follower: LaneFollower, _ bench: Bench) async throws {
        let trainer = try model.start("train")
        let learnt = try await follower.learned(events.count)
        try #require(learnt.accounted == events.count)
        try await model.stop(trainer)
        let calm = try await Model(bench, "calm", input: model.input)
        let training = try await calm.run("train", "--until", "end")
        try #require(training.exit == .code(0), "\(training.errors)")
        let uninterrupted = try #require(try await calm.versions().last)
        let evaluation = try await model.evaluate(events)
        try #require(evaluation.examples == events.count)
        try #require(uninterrupted.events == events.count)
        try #require(learnt.digest == evaluation.modelDigest)
        try #require(uninterrupted.modelDigest == evaluation.modelDigest)
        await follower.close()
    }
}
