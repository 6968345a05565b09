import TestSupport
import Testing

/// Producers that deliver at least once.
@Suite(.needsBroker, .scenario) struct RepeatedEventTests {
    @Test func `events that come twice are counted, and learnt as they came`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "repeated")
            let trainer = try model.start("train")
            let (feed, follower) = (try model.feed(), model.follow())
            var stream = EventStream(seed: 33)
            var events = stream.next(1_000)
            events += events[200..<250] + stream.next(200)
            try await feed.produce(events)
            let last = try await follower.learned(1_250)
            try #require(last.digest == (try await model.evaluate(events)).modelDigest)
            try await bench.eventually("a status that tells") {
                // A trainer that has not spoken for a while is none of them.
                guard let counts = try await model.status().trainers.first?.counts, counts.learned == 1_250 else { return false }
                try #require(counts.duplicates == 50)
                return true
            }
            let text = try await model.run("status").output
            try #require(text.contains("1250 learnt, 0 quarantined, 0 skipped, 0 gaps, 50 of those learnt duplicates"), "\(text)")
            try await model.stop(trainer)
            await follower.close()
            await feed.close()
        }
    }
}
