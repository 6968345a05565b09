import TestSupport
import Testing

/// Structural breakage is seen before its first event is learnt.
@Suite(.needsBroker, .scenario) struct MissingFieldTests {
    @Test func `a field that vanishes freezes before one such event is learnt, and a skip goes on without them`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "missing")
            let trainer = try model.start("train")
            let publisher = Publisher(try model.start("serve"), bench)
            let (feed, follower) = (try model.feed(), model.follow())
            var stream = EventStream(seed: 7)
            let good = stream.next(4_000)
            try await feed.produce(good)
            try await follower.learned(good.count)
            let served = try await publisher.answer(to: good[0].question)
            // In one write with the last good ones: the change lies within a batch.
            let turn = stream.next(300)
            let bad = stream.next(700).map { $0.replacing("country", by: nil) }
            try await feed.produce(turn + bad)
            let frozen = try await follower.version("a freeze for the missing field") { $0.isFrozen }
            try #require(frozen.causes == ["missing-field"])
            try #require(frozen.learnt <= good.count + turn.count)
            try await bench.eventually("a status that is frozen") { try await model.status().gate?.causes.first?.kind == "missing-field" }
            let again = stream.next(1_000)
            try await feed.produce(again)
            try await bench.eventually("everything inspected") {
                try await model.status().trainers.first?.positions?.first?.inspected == 6_000
            }
            let meanwhile = try await publisher.answer(to: good[0].question)
            try #require(UInt64(meanwhile.version) ?? 0 >= UInt64(served.version) ?? 0)
            let answers = try await model.report("resume", "--skip", "--reason", "the producer is repaired", as: [AnswerReport].self)
            try #require(answers.map(\.outcome) == ["applied"])
            let healed = stream.next(1_000)
            try await feed.produce(healed)
            let last = try await follower.accounted(7_000)
            try #require(!last.isFrozen)
            try #require(last.learnt + last.skipped == 7_000 && last.quarantined == 0 && last.gaps == 0)
            // What came before the change point is learnt in any case; what came after it, up to the resume, is set aside.
            try #require(last.skipped >= bad.count + again.count)
            try #require(last.learnt >= good.count + healed.count)
            try await model.stop(trainer, publisher.process)
            await follower.close()
            await feed.close()
        }
    }
}
