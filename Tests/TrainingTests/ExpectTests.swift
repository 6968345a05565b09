import Checkpointing
import Inspection
import Testing

@testable import Training

/// Planned changes that are announced. An event is a millisecond of the feed's own time.
@Suite struct ExpectTests {
    /// 600 good events, and the announcement of a change for so many more.
    private func run(expecting count: Int64) throws -> EngineRun {
        var feed = SampleFeed(seed: 3)
        feed.append(600)
        let run = try EngineRun(feed)
        try run.drain()
        expect(run, for: count)
        return run
    }

    private func expect(_ run: EngineRun, for count: Int64) {
        let until = (run.inspector.newestTime ?? 0) + count
        run.engine.expect(Expectation(command: "announced", author: "ada", reason: "a new shop", until: until))
        run.engine.noteApplied("announced")
    }

    private func alerts(_ run: EngineRun) -> Set<String> {
        Set(run.orders.compactMap { if case .alert(let alarm) = $0, alarm.action == .alert { alarm.detector } else { nil } })
    }

    @Test func whatIsAnnouncedAlertsAndIsLearnt() throws {
        let run = try run(expecting: 1_000)
        #expect(run.engine.activeExpectation?.reason == "a new shop")
        run.feed.append(200, .noPrice)
        run.feed.append(200)
        try run.drain()
        run.engine.finish()
        #expect(!run.isFrozen && alerts(run).contains("missing/price"))
        #expect(run.positions == run.feed.ends && run.digest == digest(of: run.feed))
    }

    @Test func aChangeThatLastsIsTheUsualAfterwards() throws {
        let run = try run(expecting: 400)
        run.feed.append(1_200, .noPrice)
        try run.drain()
        run.engine.finish()
        #expect(!run.isFrozen && run.engine.activeExpectation == nil && !run.inspector.isRaised("missing/price"))
        #expect(run.positions == run.feed.ends)
    }

    @Test func whenItIsOverDetectorsFreezeAgain() throws {
        let run = try run(expecting: 100)
        run.feed.append(200)
        run.feed.append(60, .noPrice)
        try run.drain()
        #expect(run.isFrozen && run.engine.frozenRanges.map(\.from) == [800])
    }

    @Test func recordsThatAreNoExamplesFreezeAsEver() throws {
        let run = try run(expecting: 1_000)
        run.feed.append(60, .rejected)
        try run.drain()
        #expect(run.state.gate.causes.map(\.kind) == [.rejectRate])
    }

    @Test func anAnnouncementThatIsTakenBackEndsAtOnce() throws {
        let run = try run(expecting: 1_000)
        run.engine.endExpectation()
        #expect(run.engine.activeExpectation == nil && run.state.expectation == nil)
        run.feed.append(60, .noPrice)
        try run.drain()
        #expect(run.isFrozen)
    }

    /// However often the process dies, and however the events are batched.
    @Test(arguments: 0..<6 as Range<UInt64>) func itEndsAtTheSameEvent(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func finished(_ isBroken: Bool) throws -> EngineRun {
            let run = try run(expecting: 500)
            try run.commit()
            run.feed.append(200, .noPrice)
            run.feed.append(800)
            for _ in 0..<2_000 where run.positions != run.feed.ends {
                try run.step(isBroken ? 1 + generator.below(60) : 256)
                if isBroken, generator.happens(20) { try run.commit() }
                if isBroken, generator.happens(10) { try run.restart() }
                if run.inspected == run.feed.ends { run.engine.finish() }
            }
            return run
        }
        let (whole, pieces) = (try finished(false), try finished(true))
        #expect(!whole.isFrozen && whole.digest == pieces.digest)
        #expect(whole.state.inspector == pieces.state.inspector)
    }

    @Test func aRollbackToBeforeItKeepsIt() throws {
        let run = try run(expecting: 1_000)
        run.feed.append(100, .noPrice)
        try run.drain()
        try run.rollBack(to: 1)
        try run.resume(.replay)
        #expect(run.engine.activeExpectation?.command == "announced")
        try run.drain()
        run.engine.finish()
        #expect(!run.isFrozen && run.positions == run.feed.ends)
    }

    @Test func theCommandIsRefusedWhereItMeansNothing() async throws {
        let bench = try LaneBench(SampleFeed(seed: 11))
        let trainer = try await bench.started()
        bench.observer.order(.expect)
        bench.observer.order(.expect, duration: 1_000)
        try await trainer.stepAndSettle()
        bench.input.write { $0.append(300) }
        try await trainer.catchUp()
        bench.observer.order(.expect, duration: Int64.max)
        bench.observer.order(.freeze)
        bench.observer.order(.expect, duration: 1_000)
        try await trainer.stepAndSettle()
        let details = bench.observer.answers.filter { $0.answer.outcome == .refused }.map(\.answer.detail)
        #expect(details.count == 4 && details[0].contains("for how long") && details[1].contains("no event"))
        #expect(details[2].contains("longer than time") && details[3].contains("frozen"))
    }

    @Test func theCommandIsInTheStatusAndInTheVersionThatAnswers() async throws {
        let bench = try LaneBench(SampleFeed(seed: 11))
        let trainer = try await bench.started()
        bench.input.write { $0.append(300) }
        try await trainer.catchUp()
        let command = bench.observer.order(.expect, duration: 5_000)
        try await trainer.stepAndSettle()
        let expectation = Expectation(command: command, author: "test", reason: "a test", until: 5_299)
        #expect(bench.newest?.body.state.expectation == expectation && bench.observer.answers.last?.answer.outcome == .applied)
        bench.clock.advance(by: 2)
        try await trainer.stepAndSettle()
        #expect(bench.observer.lastStatus?.expectation == expectation)
        #expect(try await bench.started().look.state.expectation == expectation)
    }
}
