import Checkpointing
import Inspection
import Testing

@testable import Training

/// Freezes that end by themselves: what is set aside, and that nothing but the events decides it.
@Suite struct RecoveryTests {
    private static let policy = {
        var policy = EngineRun.policy
        policy.cleanEvents = 200
        return policy
    }()

    /// 600 good events, then damage and good events in turn.
    private func run(
        partitions: Int = 1, _ kind: SampleRecord.Kind = .noPrice, bursts: Int = 1, good: Int = 1_600,
        policy: EnginePolicy = RecoveryTests.policy
    ) throws -> EngineRun {
        var feed = SampleFeed(partitions: partitions, seed: 3)
        feed.append(600)
        for _ in 0..<bursts {
            feed.append(60, kind)
            feed.append(good)
        }
        return try EngineRun(feed, policy: policy)
    }

    /// Takes batches until everything is learnt, or the lane stays frozen.
    private func finish(_ run: EngineRun, _ count: Int = 20) throws {
        for _ in 0..<100 {
            let orders = run.orders.count
            try run.drain(count)
            try run.step(count)
            run.engine.finish()
            if run.orders.count == orders, run.isFrozen || run.positions == run.feed.ends { return }
        }
        Issue.record("the stream did not come to its end")
    }

    private func firstOffsets(of kind: SampleRecord.Kind, in feed: SampleFeed) -> [Int64] {
        feed.partitions.map { partition in partition.records.first { $0.kind == kind }?.offset ?? partition.end }
    }

    private func resumptions(_ run: EngineRun) -> [Resumption] {
        run.orders.compactMap { if case .audit(let transition) = $0 { transition.resumption } else { nil } }
    }

    @Test(arguments: [1, 4], [SampleRecord.Kind.noPrice, .rejected])
    func cleanEventsEndTheFreezeAndTheDamageIsSetAside(partitions: Int, kind: SampleRecord.Kind) throws {
        let run = try run(partitions: partitions, kind)
        try finish(run)
        #expect(!run.isFrozen && run.positions == run.feed.ends)
        #expect(run.state.skips.map(\.from) == firstOffsets(of: kind, in: run.feed))
        #expect((60..<200).contains(run.state.counts.skipped), "\(run.state.counts.skipped)")
        #expect(run.digest == digest(of: run.feed, without: run.state.skips))
        #expect(resumptions(run).map(\.mode) == ["skip"] && resumptions(run).allSatisfy { $0.author == "freshet" && $0.command == nil })
    }

    /// However the events are batched, and however often the process dies.
    @Test(arguments: 0..<8 as Range<UInt64>) func nothingButTheEventsDecides(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let partitions = 1 + generator.below(3)
        let kind: SampleRecord.Kind = generator.happens(50) ? .noPrice : .rejected
        let whole = try run(partitions: partitions, kind, bursts: 2)
        try finish(whole, seed.isMultiple(of: 2) ? 10_000 : 256)
        try whole.commit()
        let pieces = try run(partitions: partitions, kind, bursts: 2)
        for _ in 0..<20_000 where pieces.positions != whole.positions || pieces.isFrozen {
            try pieces.step(1 + generator.below(60))
            if generator.happens(10) { try pieces.commit() }
            if generator.happens(5) { try pieces.restart() }
            if zip(pieces.inspected, pieces.feed.ends).allSatisfy({ $0 == $1 }) { pieces.engine.finish() }
        }
        try pieces.commit()
        #expect(!whole.isFrozen && whole.state.skips.count == 2 * partitions)
        #expect(pieces.state.skips == whole.state.skips)
        #expect(pieces.digest == whole.digest)
        #expect(pieces.state.inspector == whole.state.inspector)
        #expect(pieces.state.recovery == whole.state.recovery)
        #expect(pieces.state.counts == whole.state.counts)
    }

    @Test func damageThatComesAgainBeforeItIsOverBeginsTheRunAnew() throws {
        let run = try run(bursts: 0)
        for _ in 0..<3 {
            run.feed.append(60, .noPrice)
            run.feed.append(100)
        }
        try run.drain()
        #expect(run.isFrozen && run.engine.cleanRun ?? 200 < 200)
        run.feed.append(1_600)
        try finish(run)
        #expect(!run.isFrozen && run.state.skips.count == 1)
        #expect(run.state.counts.skipped >= 380 && run.state.counts.skipped < 520)
        #expect(run.digest == digest(of: run.feed, without: run.state.skips))
    }

    @Test func theFourthOfADayWaitsForAPerson() throws {
        let run = try run(bursts: 4)
        try finish(run)
        #expect(run.isFrozen && resumptions(run).count == 3 && run.state.skips.count == 3)
        #expect(run.state.gate.causes.allSatisfy { $0.resume == .manual && $0.detail.contains("ended by themselves") })
        #expect(run.inspected == run.feed.ends && run.engine.cleanRun == nil)
        try run.resume(.skip)
        run.feed.append(100)
        try finish(run)
        #expect(!run.isFrozen && run.digest == digest(of: run.feed, without: run.state.skips))
    }

    @Test func whatThePolicyLeavesToAPersonWaitsForOne() throws {
        var policy = Self.policy
        for kind in FreezeKind.allCases { policy.resumption[kind] = .manual }
        let run = try run(policy: policy)
        try finish(run)
        #expect(run.isFrozen && run.state.gate.causes.allSatisfy { $0.resume == .manual })
    }

    @Test func damageToLabelsWaitsForAPerson() throws {
        let run = try run(.labelled(1), bursts: 0)
        try run.commit()
        run.feed.append(200, .labelled(1))
        run.feed.append(1_600)
        try finish(run)
        #expect(run.isFrozen && run.state.gate.causes.contains { $0.kind == .constantLabel })
    }

    @Test func anOperatorsFreezeIsEndedByAnOperator() throws {
        let run = try run(bursts: 0)
        try run.drain()
        try run.freeze()
        run.feed.append(60, .noPrice)
        run.feed.append(1_600)
        try finish(run)
        #expect(run.isFrozen && run.engine.cleanRun == nil)
    }

    /// Silence that comes with it ends first, and by the clock; what is learnt is the same.
    @Test func aSilentFeedHasToComeBackFirst() throws {
        let run = try run(bursts: 0)
        run.feed.append(60, .noPrice)
        run.feed.append(900)
        try run.drain()
        try run.wait(11)
        #expect(run.state.gate.causes.contains { $0.kind == .feedStalled } && run.engine.cleanRun ?? 0 > 200)
        run.feed.append(700)
        try finish(run)
        let plain = try self.run()
        try finish(plain)
        #expect(!run.isFrozen && run.state.skips == plain.state.skips && run.digest == plain.digest)
    }

    @Test func damageThatStaysInTheModelWaitsForAPerson() throws {
        let run = try run(bursts: 0)
        try run.drain()
        let cause = FreezeCause(id: "missing/price", kind: .missingField, detail: "gone", since: 0)
        let orders = run.engine.freeze(cause, changePoint: 0)
        #expect(orders.first == .rollBack(before: 0) && run.engine.cleanRun == 0)
        #expect(run.engine.noteRollback(before: 0, to: nil).map(\.id) == ["missing/price"])
        #expect(run.state.gate.causes.map(\.did) == [.nothingRetained] && run.engine.cleanRun == nil)
    }
}
