import Checkpointing
import Inspection
import Testing

@testable import Training

/// Broken input: where the lane stops, what it takes back, and that the model comes out as if it had never seen the damage.
@Suite struct FreezeTests {
    /// 600 good events, a version every 100, then broken ones.
    private func run(
        partitions: Int = 1, then kind: SampleRecord.Kind, _ count: Int = 60, batch: Int = 20, policy: EnginePolicy = EngineRun.policy
    ) throws -> EngineRun {
        var feed = SampleFeed(partitions: partitions, seed: 3)
        feed.append(600)
        let run = try EngineRun(feed, policy: policy)
        while run.state.counts.accounted < 600, !run.isFrozen, run.positions != run.feed.ends {
            try run.step(batch)
            if run.state.counts.accounted % 100 < UInt64(batch) { try run.commit() }
        }
        run.feed.append(count, kind)
        try run.drain(batch)
        return run
    }

    /// The first offset of each partition from which on the records are of a kind.
    private func firstOffsets(of kind: SampleRecord.Kind, in feed: SampleFeed) -> [Int64] {
        feed.partitions.map { partition in partition.records.first { $0.kind == kind }?.offset ?? partition.end }
    }

    private func changePoint(of run: EngineRun) -> [Int64] { run.state.frozen?.changePoint.map(\.offset) ?? [] }

    private func expectNeverSeen(_ run: EngineRun, _ comment: Comment? = nil) throws {
        try run.drain()
        run.engine.finish()
        #expect(!run.isFrozen && run.positions == run.feed.ends, comment)
        #expect(run.digest == digest(of: run.feed, without: run.state.skips), comment)
        run.checkAccounts(comment)
    }

    @Test(arguments: [1, 4]) func aVanishedFieldFreezesBeforeItsFirstEventIsLearnt(partitions: Int) throws {
        let run = try run(partitions: partitions, then: .noPrice)
        #expect(run.state.gate.causes.map(\.kind) == [.missingField])
        #expect(changePoint(of: run) == firstOffsets(of: .noPrice, in: run.feed))
        #expect(zip(run.positions, changePoint(of: run)).allSatisfy { $0 <= $1 })
        #expect(run.rolledBackTo.isEmpty)
        #expect(run.inspected == run.feed.ends)
    }

    @Test(arguments: [1, 4]) func skippingLearnsUpToTheChangePointAndPassesTheRestOver(partitions: Int) throws {
        let run = try run(partitions: partitions, then: .noPrice)
        let from = changePoint(of: run)
        run.feed.append(300)
        try run.resume(.skip)
        try expectNeverSeen(run)
        #expect(run.state.skips.map(\.from) == from)
        #expect(run.state.counts.skipped == 60)
        #expect(run.state.counts.learnt == 900)
    }

    @Test(arguments: [1, 4]) func replayingLearnsEverything(partitions: Int) throws {
        let run = try run(partitions: partitions, then: .noPrice)
        run.feed.append(300)
        try run.resume(.replay)
        try expectNeverSeen(run)
        #expect(run.state.skips.isEmpty && run.state.counts.learnt == 960)
    }

    /// A constant label shows itself only after events of it were learnt.
    @Test(arguments: [1, 4]) func damageThatWasLearntIsTakenBack(partitions: Int) throws {
        let run = try run(partitions: partitions, then: .labelled(1), 200)
        #expect(run.state.gate.causes.map(\.kind) == [.constantLabel])
        let target = try #require(run.rolledBackTo.first)
        #expect(run.rolledBackTo.count == 1 && run.versions.contains { $0.number == target })
        #expect(zip(run.positions, firstOffsets(of: .labelled(1), in: run.feed)).allSatisfy { $0 <= $1 })
        #expect(zip(changePoint(of: run), firstOffsets(of: .labelled(1), in: run.feed)).allSatisfy { $0 <= $1 })
        run.feed.append(300)
        try run.resume(.skip)
        try expectNeverSeen(run)
        // A run of labels may begin with good ones, but no earlier.
        #expect(run.state.counts.skipped >= 200 && run.state.counts.skipped < 220)
    }

    @Test(arguments: [1, 4]) func evidenceThatBeganBeforeARestartHasItsChangePoint(partitions: Int) throws {
        let run = try run(partitions: partitions, then: .labelled(1), 56)
        #expect(!run.isFrozen)
        try run.commit()
        try run.restart()
        run.feed.append(56, .labelled(1))
        try run.drain()
        #expect(run.isFrozen && run.rolledBackTo.count == 1)
        run.feed.append(300)
        try run.resume(.skip)
        try expectNeverSeen(run)
        #expect(run.state.counts.skipped >= 112 && run.state.counts.skipped < 132)
    }

    /// With runs of one event each the positions kept with a version do not reach back to the change point.
    @Test func aChangePointTooLongAgoIsTakenToBeTheVersionBroughtBack() throws {
        var policy = EngineRun.policy
        policy.inspection.falseFreezesPerMonth = 1e-30
        policy.inspection.window = 2
        let run = try run(partitions: 4, then: .labelled(1), 180, policy: policy)
        #expect(!run.isFrozen)
        try run.commit()
        try run.restart()
        run.feed.append(240, .labelled(1))
        try run.drain()
        #expect(run.isFrozen && run.rolledBackTo.count == 1)
        #expect(changePoint(of: run) == run.positions)
        run.feed.append(300)
        try run.resume(.skip)
        try expectNeverSeen(run)
        #expect(run.state.counts.skipped >= 420)
    }

    @Test func anAlarmWhileFrozenByHandMovesTheChangePointBack() throws {
        let run = try run(then: .labelled(1), 56)
        let learnt = run.positions[0]
        #expect(learnt > 600)
        try run.freeze()
        #expect(changePoint(of: run) == [learnt])
        run.feed.append(56, .labelled(1))
        try run.drain()
        #expect(run.state.gate.causes.map(\.kind) == [.operatorOrder, .constantLabel])
        #expect(run.rolledBackTo.count == 1 && changePoint(of: run)[0] <= 600)
        run.feed.append(100)
        try run.resume(.skip)
        try expectNeverSeen(run)
    }

    @Test func aLaterAlarmDoesNotMoveTheChangePointOfAnOperatorForward() throws {
        let run = try run(then: .good, 100)
        try run.freeze()
        let learnt = run.positions
        run.feed.append(100)
        run.feed.append(60, .noPrice)
        try run.drain()
        #expect(run.state.gate.causes.map(\.kind) == [.operatorOrder, .missingField])
        #expect(changePoint(of: run) == learnt)
    }

    @Test func aFreezeByHandSkipsWhatCameWhileItLasted() throws {
        let run = try run(then: .good, 100)
        try run.freeze()
        #expect(run.state.gate.causes.map(\.kind) == [.operatorOrder])
        let before = run.digest
        run.feed.append(50)
        try run.drain()
        #expect(run.digest == before && run.positions == [700] && run.inspected == [750])
        try run.resume(.skip)
        run.feed.append(50)
        try expectNeverSeen(run)
        #expect(run.state.skips.map { [$0.from, $0.to] } == [[700, 750]])
    }

    @Test func resumingWhatIsNotFrozenDoesNothing() throws {
        let run = try run(then: .good, 100)
        let orders = run.engine.resume(.skip, wall: 0)
        #expect(orders.isEmpty)
        #expect(run.state.skips.isEmpty && !run.isFrozen)
    }

    @Test func aFrozenLaneIsFrozenAfterARestart() throws {
        let run = try run(then: .noPrice)
        try run.commit()
        let (state, positions) = (run.state, run.inspected)
        try run.restart()
        #expect(run.state.gate == state.gate && run.state.frozen == state.frozen)
        #expect(run.inspected == positions && run.positions == state.inputs.map(\.next))
        run.feed.append(60, .noPrice)
        try run.drain()
        #expect(run.isFrozen && changePoint(of: run) == state.frozen?.changePoint.map(\.offset))
        run.feed.append(200)
        try run.resume(.skip)
        try expectNeverSeen(run)
        #expect(run.state.counts.skipped == 120)
    }

    @Test func anIncidentIsToldOnceAlsoOverARestart() throws {
        let run = try run(then: .noPrice)
        try run.commit()
        try run.restart()
        run.feed.append(200, .noPrice)
        try run.drain()
        #expect(run.inspector.isRaised("missing/price"))
        #expect(run.orders.count { if case .alert = $0 { true } else { false } } == 1)
        #expect(run.state.gate.causes.count == 1)
    }

    @Test func rangesSetAsideStaySoOverRestartsAndRollbacks() throws {
        let run = try run(then: .noPrice)
        try run.resume(.skip)
        try run.restart()
        run.feed.append(100)
        try run.drain()
        try run.rollBack(to: 2)
        try run.resume(.replay)
        try run.restart()
        try expectNeverSeen(run)
        #expect(run.state.skips.count == 1 && run.state.counts.skipped == 60)
    }

    @Test func theLedgerKeepsWhatIsStillToBePassedOver() throws {
        var policy = EngineRun.policy
        policy.ledgerEntries = 2
        let run = try run(partitions: 4, then: .noPrice, policy: policy)
        try run.resume(.skip)
        #expect(run.state.skips.count == 4)
        run.feed.append(100)
        try expectNeverSeen(run)
        try run.freeze()
        run.feed.append(20)
        try run.drain()
        try run.resume(.skip)
        #expect(run.state.skips.count == 4 && Set(run.state.skips.map(\.from)).count == 1)
        run.feed.append(100)
        try run.drain()
        #expect(run.state.counts.skipped == 80)
    }
}
