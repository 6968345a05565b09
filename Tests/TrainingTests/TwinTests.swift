import Checkpointing
import Inspection
import Learning
import TestSupport
import Testing

@testable import Training

/// The frozen model that is scored beside the learner.
@Suite struct TwinTests {
    /// Event times are the numbers of the events, so an age of 100 is a hundred events.
    private func bench() throws -> LaneBench {
        var feed = SampleFeed(seed: 23)
        feed.append(100)
        return try LaneBench(feed) {
            $0.policy.twinAge = 100
            $0.policy.stall = .after(seconds: 1_000)
        }
    }

    private func goOn(_ bench: LaneBench, _ trainer: LaneTrainer, _ count: Int = 50) async throws -> Manifest {
        bench.input.write { $0.append(count) }
        try await trainer.catchUp()
        return try await trainer.version()
    }

    @Test func theScoredOneIsBetweenOneAndTwoAgesOld() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        let first = try await trainer.version()
        #expect(first.body.state.twin?.version == first.body.version && first.body.state.twin?.eventTime == 99)
        for _ in 0..<12 {
            let body = try await goOn(bench, trainer).body
            let twin = try #require(body.state.twin)
            let time = try #require(body.state.eventTimes?.upperBound)
            #expect(time - twin.eventTime <= 200 && time - twin.successorEventTime <= 100)
            #expect(twin.version <= twin.successor)
            #expect(twin.twinMetrics.summary.examples == twin.learnerMetrics.summary.examples)
        }
        let twin = try #require(bench.newest?.body.state.twin)
        #expect(bench.newest?.body.ladder.contains { $0.version == twin.version } == true)
        #expect(twin.twinMetrics.summary.examples == 600)
    }

    @Test func afterARestartTheSameTwinIsScored() async throws {
        let bench = try bench()
        let first = try await bench.started()
        for _ in 0..<7 { _ = try await goOn(bench, first) }
        bench.input.write { $0.append(50) }
        try await first.catchUp()
        let second = try await bench.started()
        let (before, after) = (await first.look.state.twin, await second.look.state.twin)
        #expect(before != nil && after == before)
    }

    @Test func aTwinWhoseVersionIsGoneBeginsAnew() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        for _ in 0..<7 { _ = try await goOn(bench, trainer) }
        let old = try #require(bench.newest?.body.state.twin)
        let offset = try #require(bench.view.manifests.values.first { $0.manifest.body.version == old.version }?.offset)
        bench.topic.damage(at: offset) { $0.map { $0 ^ 1 } }
        let next = try await bench.started()
        let version = try await goOn(bench, next)
        #expect(version.body.state.twin?.version ?? 0 > old.successor)
    }

    /// What a bad stretch did to the comparison goes with the bad stretch.
    @Test func aRollbackTakesTheTwinOfItsVersion() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        for _ in 0..<5 { _ = try await goOn(bench, trainer) }
        let good = try #require(bench.newest)
        for _ in 0..<2 { _ = try await goOn(bench, trainer) }
        bench.observer.order(.rollback, version: good.body.version)
        try await trainer.stepAndSettle()
        #expect(await trainer.look.state.twin == good.body.state.twin)
        bench.observer.order(.resume, mode: .replay)
        try await trainer.catchUp()
        #expect(await trainer.look.state.twin?.twinMetrics.summary.examples == 300)
    }
}
