import TestSupport
import Testing

/// Trained once, verified, then served.
@Suite(.needsBroker, .scenario) struct StaticTests {
    @Test func `a static training ends with a pinned and cleared version that is served whatever comes`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "static")
            let feed = try model.feed()
            var stream = EventStream(seed: 12)
            let events = stream.next(4_000)
            try await feed.produce(events)
            let training = try await model.run("train", "--until", "3000")
            try #require(training.exit == .code(0), "\(training.errors)")
            let version = try #require(try await model.versions().last)
            try #require(version.events == 3_000 && version.pinned && version.cleared)
            try #require(version.modelDigest == (try await model.evaluate(Array(events[..<3_000]))).modelDigest)
            let publisher = Publisher(try model.start("serve", "--version", "\(version.version)"), bench)
            let answer = try await publisher.answer(to: events[0].question)
            try #require(answer.version == "\(version.version)")
            let rest = try await model.run("train", "--until", "end")
            try #require(rest.exit == .code(0), "\(rest.errors)")
            let newest = try #require(try await model.versions().last)
            try #require(newest.version > version.version && newest.events == 4_000 && newest.cleared)
            let later = try await publisher.answer(to: events[0].question)
            try #require(later.version == answer.version && later.predictions == answer.predictions)
            try await model.stop(publisher.process)
            await feed.close()
        }
    }
}
