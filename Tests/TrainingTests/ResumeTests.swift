import Checkpointing
import Inspection
import Testing

@testable import Training

/// Resuming without some of what is in doubt, and what a freeze says of itself.
@Suite struct ResumeTests {
    /// 600 good events, then 60 without a price, and 300 good ones: frozen, everything inspected.
    private func run(partitions: Int = 1) throws -> EngineRun {
        var feed = SampleFeed(partitions: partitions, seed: 3)
        feed.append(600)
        feed.append(60, .noPrice)
        feed.append(300)
        let run = try EngineRun(feed)
        try run.drain()
        return run
    }

    private func range(_ partition: Int32 = 0, _ from: Int64, _ to: Int64) -> InputRange {
        InputRange(topic: SampleFeed.topic, partition: partition, from: from, to: to)
    }

    @Test func onlyTheRangesNamedAreSetAside() throws {
        let run = try run(partitions: 2)
        let ranges = [range(0, 300, 330), range(1, 300, 310), range(1, 310, 330)]
        #expect(ranges.allSatisfy { run.engine.refusal(of: $0) == nil })
        try run.resume(.skip, ranges: ranges)
        try run.drain()
        run.engine.finish()
        #expect(!run.isFrozen && run.positions == [480, 480])
        #expect(run.state.skips.map { [Int64($0.partition), $0.from, $0.to] } == [[0, 300, 330], [1, 300, 310], [1, 310, 330]])
        #expect(run.state.counts.skipped == 60 && run.state.counts.learnt == 900)
        #expect(run.digest == digest(of: run.feed, without: run.state.skips))
        run.checkAccounts()
    }

    @Test func damageThatIsLeftInFreezesAgain() throws {
        let run = try run()
        try run.resume(.skip, ranges: [range(0, 600, 610)])
        try run.drain()
        #expect(run.isFrozen && run.engine.frozenRanges.map(\.from) == [610])
    }

    @Test func aRangeThatIsNotHeldBackIsRefused() throws {
        let run = try run()
        let learnt = run.positions[0]
        #expect(run.engine.refusal(of: range(3, 600, 660))?.contains("events[3] is none of the partitions") == true)
        #expect(run.engine.refusal(of: range(0, 660, 660))?.contains("has to be below") == true)
        for (from, to) in [(learnt - 1, Int64(660)), (600, 961)] {
            #expect(run.engine.refusal(of: range(0, from, to))?.contains("holds back offsets \(learnt) to 960") == true)
        }
        #expect(run.engine.refusal(of: range(0, learnt, 960)) == nil)
    }

    @Test func aFreezeSaysWhatIsInDoubtAndThatNothingOfItWasLearnt() throws {
        let run = try run()
        #expect(run.engine.frozenRanges == [range(0, 600, 960)])
        #expect(run.state.gate.causes.allSatisfy { $0.did == .nothingLearnt && $0.rolledBackTo == nil && $0.evidence ?? 0 > 0 })
        try run.resume(.replay)
        #expect(run.engine.frozenRanges.isEmpty)
    }

    @Test func aFreezeSaysWhichVersionItBroughtBack() throws {
        let run = try run()
        try run.resume(.replay)
        try run.drain()
        run.engine.finish()
        try run.commit()
        run.feed.append(300, .labelled(1))
        try run.drain()
        let cause = try #require(run.state.gate.causes.first { $0.kind == .constantLabel })
        #expect(cause.did == .rolledBack && cause.rolledBackTo.map(run.rolledBackTo.contains) == true)
    }

    /// The newest version before the later change point is one that the rollback to before the earlier one has undone.
    @Test func aSecondRollbackDoesNotComeForwardAgain() throws {
        let run = try EngineRun(SampleFeed(seed: 5))
        for _ in 0..<4 {
            run.feed.append(100)
            try run.drain()
            run.engine.finish()
            try run.commit()
        }
        let causes = ["a", "b"].map { FreezeCause(id: $0, kind: .missingField, detail: "gone", since: 0) }
        let target = run.versions[1]
        try run.perform(run.engine.freeze(causes[0], changePoint: 150) + run.engine.freeze(causes[1], changePoint: 350))
        #expect(run.rolledBackTo == [target.number] && run.digest == target.digest && run.positions == [100])
        #expect(run.state.gate.causes.map(\.did) == [.rolledBack, .rolledBack])
        #expect(run.state.gate.causes.map(\.rolledBackTo) == [target.number, target.number])
        #expect(run.engine.frozenRanges.map(\.from) == [150])
    }
}
