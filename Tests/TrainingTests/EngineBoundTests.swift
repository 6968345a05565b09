import Checkpointing
import Testing

@testable import Training

/// Where a training with an end stops.
@Suite struct EngineBoundTests {
    private func run(_ until: Until, _ feed: SampleFeed) throws -> EngineRun {
        let run = try EngineRun(feed)
        let ends = feed.available.map { until == .end ? $0.end : .max }
        run.engine.bound = EngineBound(until, inputs: run.state.inputs, ends: ends, taken: 0)
        return run
    }

    /// Until it is finished, at most so many steps.
    private func finish(_ run: EngineRun, steps: Int = 100, batch: Int = 30) throws {
        for _ in 0..<steps where !run.isFinished { try run.step(batch) }
        #expect(run.isFinished)
        run.engine.finish()
        run.checkAccounts()
    }

    @Test func aCountIsReachedExactly() throws {
        var feed = SampleFeed(partitions: 3, seed: 1)
        feed.append(500)
        let run = try run(.count(217), feed)
        try finish(run)
        #expect(run.state.counts.learnt == 217)
    }

    @Test func aCountGoesOnAfterARestart() throws {
        var feed = SampleFeed(seed: 1)
        feed.append(500)
        let run = try run(.count(200), feed)
        for _ in 0..<3 { try run.step(30) }
        try run.commit()
        try run.restart()
        let counts = run.state.counts
        run.engine.bound = EngineBound(.count(200), inputs: run.state.inputs, ends: [.max], taken: counts.learnt + counts.quarantined)
        try finish(run)
        #expect(run.positions == [200])
    }

    @Test func aTimeEndsEachPartitionBeforeItsFirstEventOfThatTime() throws {
        var feed = SampleFeed(partitions: 4, seed: 1)
        feed.append(400)
        let run = try run(.time(150), feed)
        try finish(run)
        #expect(run.positions == [38, 38, 37, 37] && run.state.counts.learnt == 150)
    }

    @Test func theEndIsThatOfTheStart() throws {
        var feed = SampleFeed(partitions: 2, seed: 1)
        feed.append(100)
        let run = try run(.end, feed)
        run.feed.append(100)
        try finish(run)
        #expect(run.positions == [50, 50])
        #expect(run.digest == digest(of: feed))
    }

    @Test func markersAtTheEndAreCounted() throws {
        var feed = SampleFeed(partitions: 2, seed: 1)
        feed.append(100)
        feed.append(.marker, to: 0)
        feed.append(.marker, to: 0)
        let run = try run(.end, feed)
        try finish(run)
        #expect(run.positions == [52, 50] && run.state.counts.gaps == 2)
    }

    @Test func markersAtTheEndDoNotHideTheEndWhenMoreFollow() throws {
        var feed = SampleFeed(seed: 1)
        feed.append(100)
        feed.append(.marker)
        let run = try run(.end, feed)
        run.feed.append(50)
        try finish(run)
        #expect(run.state.counts.learnt == 100)
    }

    @Test func anEmptyTopicIsAtItsEnd() throws {
        let run = try run(.end, SampleFeed(partitions: 3))
        #expect(run.isFinished)
        try finish(run)
        #expect(run.state.counts.accounted == 0)
    }

    @Test func aLaneWithoutPartitionsIsAtItsEnd() {
        #expect(EngineBound(.end, inputs: [], ends: [], taken: 0).isReached)
    }

    @Test(arguments: [(Until.count(700), Int64(700)), (.time(700), 700), (.end, 800)])
    func aFrozenTrainingIsNotFinished(until: Until, position: Int64) throws {
        var feed = SampleFeed(seed: 1)
        feed.append(500)
        feed.append(60, .noPrice)
        feed.append(240)
        let run = try run(until, feed)
        for _ in 0..<100 { try run.step(30) }
        #expect(run.isFrozen)
        #expect(!run.isFinished)
        try run.resume(.replay)
        try finish(run)
        // What was read while frozen was read again, and counted once.
        #expect(run.positions == [position] && run.state.counts.learnt == UInt64(position))
        run.feed.truncate(to: position)
        #expect(run.digest == digest(of: run.feed))
    }

    @Test func whatIsSetAsideCountsAsTaken() throws {
        var feed = SampleFeed(seed: 1)
        feed.append(500)
        feed.append(60, .noPrice)
        feed.append(500)
        let run = try run(.count(800), feed)
        for _ in 0..<20 { try run.step(30) }
        #expect(run.isFrozen)
        let inspected = run.inspected[0]
        try run.resume(.skip)
        try finish(run)
        #expect(run.positions == [800] && run.state.counts.skipped == UInt64(inspected - 500))
    }
}
