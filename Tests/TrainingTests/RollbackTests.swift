import Checkpointing
import Inspection
import Testing

@testable import Training

/// Going back to a version by hand.
@Suite struct RollbackTests {
    /// 400 events, a version after every 100.
    private func run() throws -> EngineRun {
        let run = try EngineRun(SampleFeed(seed: 5))
        for _ in 0..<4 {
            run.feed.append(100)
            try run.drain()
            run.engine.finish()
            try run.commit()
        }
        return run
    }

    @Test func theModelIsThatOfTheVersionAndFrozenThere() throws {
        let run = try run()
        let target = run.versions[2]
        try run.rollBack(to: target.number)
        #expect(run.digest == target.digest && run.positions == [200])
        #expect(run.state.gate.causes.map(\.kind) == [.operatorOrder])
        // Reading goes on where it was: what is undone was inspected already.
        #expect(run.inspected == [400])
        #expect(
            run.state.frozen
                == FrozenRange(
                    changePoint: [InputOffset(topic: SampleFeed.topic, partition: 0, offset: 200)],
                    inspected: [InputOffset(topic: SampleFeed.topic, partition: 0, offset: 400)]))
    }

    @Test func skippingAtOnceSetsEverythingUndoneAside() throws {
        let run = try run()
        try run.rollBack(to: run.versions[2].number)
        try run.resume(.skip)
        run.feed.append(100)
        try run.drain()
        run.engine.finish()
        #expect(run.state.skips.map { [$0.from, $0.to] } == [[200, 400]])
        #expect(run.state.counts.skipped == 200 && run.state.counts.learnt == 300)
        #expect(run.digest == digest(of: run.feed, without: run.state.skips))
    }

    @Test func replayingComesBackToTheSameBits() throws {
        let run = try run()
        let before = run.digest
        try run.rollBack(to: run.versions[1].number)
        try run.resume(.replay)
        try run.drain()
        run.engine.finish()
        #expect(run.digest == before && run.positions == [400])
    }

    @Test func whatWasNotWrittenYetIsNotPutAsideTwice() throws {
        let run = try run()
        run.feed.append(3, .rejected)
        run.feed.append(100)
        try run.drain()
        #expect(run.state.counts.quarantined == 3 && run.quarantined.isEmpty)
        try run.rollBack(to: run.versions[4].number)
        #expect(run.quarantined.isEmpty && run.state.counts.quarantined == 0)
        try run.resume(.replay)
        try run.drain()
        run.engine.finish()
        try run.commit()
        #expect(run.quarantined.map(\.offset) == [400, 401, 402])
    }

    @Test func whatIsInTheQuarantineIsNotPutThereAgain() throws {
        let run = try run()
        run.feed.append(3, .rejected)
        run.feed.append(40)
        try run.drain()
        run.engine.finish()
        try run.commit()
        #expect(run.quarantined.map(\.offset) == [400, 401, 402])
        // One more, that no version holds yet.
        run.feed.append(1, .rejected)
        try run.drain()
        try run.rollBack(to: run.versions[2].number)
        try run.resume(.replay)
        try run.drain()
        run.engine.finish()
        try run.commit()
        try run.restart()
        #expect(run.quarantined.map(\.offset) == [400, 401, 402, 443])
        #expect(run.state.counts.quarantined == 4)
        run.checkAccounts()
    }

    @Test func aPartitionThatCameAfterTheVersionBeginsAnew() throws {
        let run = try run()
        run.feed.addPartition()
        run.engine.add([InputPosition(topic: SampleFeed.topic, partition: 1, start: 0)])
        _ = run.feed.assign(run.engine.readingPositions)
        run.feed.append(40)
        try run.drain()
        run.engine.finish()
        try run.commit()
        #expect(run.positions == [420, 20])
        try run.rollBack(to: run.versions[3].number)
        #expect(run.positions == [300, 0])
        run.checkAccounts()
        try run.resume(.replay)
        try run.drain()
        run.engine.finish()
        #expect(run.positions == [420, 20])
        #expect(run.digest == digest(of: run.feed))
    }
}
