import Checkpointing
import Inspection
import Testing

@testable import Training

/// Silence: whose it is, and that it never changes the bits.
@Suite struct StallTests {
    private func run(_ policy: EnginePolicy = EngineRun.policy) throws -> EngineRun {
        var feed = SampleFeed(seed: 7)
        feed.append(2_000)
        let run = try EngineRun(feed, policy: policy)
        try run.drain(100)
        return run
    }

    private func isStalled(_ run: EngineRun) -> Bool { run.state.gate.causes.map(\.kind) == [.feedStalled] }

    @Test func aSilentFeedFreezesAndAFlowingOneResumesByItself() throws {
        let run = try run()
        try run.wait(9)
        #expect(!run.isFrozen)
        try run.wait(2)
        #expect(isStalled(run))
        run.feed.append(40)
        try run.drain()
        #expect(isStalled(run))
        for _ in 0..<6 {
            run.feed.append(1)
            try run.wait(1)
            try run.step()
        }
        #expect(!run.isFrozen && run.state.skips.isEmpty)
        try run.drain()
        run.engine.finish()
        #expect(run.digest == digest(of: run.feed))
        #expect(run.state.counts.learnt == 2_046)
    }

    @Test func probationCountsTheEventsThatCameAfterTheSilence() throws {
        let run = try run()
        try run.wait(11)
        run.feed.append(1)
        try run.step()
        #expect(isStalled(run), "the two thousand events before the silence say nothing about the feed now")
        run.feed.append(1_000)
        try run.drain(100)
        #expect(!run.isFrozen)
    }

    @Test func silenceDuringTheProbationBeginsItAnew() throws {
        let run = try run()
        try run.wait(11)
        run.feed.append(1)
        try run.step()
        try run.wait(4)
        #expect(isStalled(run))
        try run.wait(11)
        run.feed.append(1)
        try run.step()
        try run.wait(4)
        #expect(isStalled(run))
        try run.wait(2)
        #expect(!run.isFrozen)
    }

    @Test func aLostBrokerIsNoStall() throws {
        let run = try run()
        for _ in 0..<20 {
            run.secondsSinceAnswer += 5
            try run.wait(5)
            #expect(!run.isFrozen)
        }
        // It answers again: from here on it has to show that nobody writes.
        run.secondsSinceAnswer = 0
        try run.wait(1)
        #expect(!run.isFrozen)
        try run.wait(10)
        #expect(isStalled(run))
    }

    @Test func silenceThatNoAnswerProvesIsNoStall() throws {
        let run = try run()
        run.secondsSinceAnswer = 8
        try run.wait(12)
        #expect(!run.isFrozen)
        run.secondsSinceAnswer = 0
        try run.wait(0)
        #expect(isStalled(run))
    }

    @Test func eventsThatWeDoNotReadAreNoStallOfTheFeed() throws {
        let run = try run()
        run.feed.append(10)
        try run.wait(20)
        #expect(!run.isFrozen)
    }

    @Test func theStallMayBeOff() throws {
        var policy = EngineRun.policy
        policy.stallFreezes = false
        let run = try run(policy)
        try run.wait(100)
        #expect(!run.isFrozen)
    }

    @Test func aStalledLaneThatAnOperatorFreezesStaysFrozenWhenTheFeedReturns() throws {
        let run = try run()
        try run.wait(11)
        try run.freeze()
        run.feed.append(2_000)
        try run.drain(100)
        #expect(run.state.gate.causes.map(\.kind) == [.operatorOrder])
        try run.resume(.replay)
        try run.drain(100)
        run.engine.finish()
        #expect(run.digest == digest(of: run.feed))
    }

    /// The stall doubts nothing: what arrived well before the damage is learnt, whatever becomes of the damage.
    @Test func damageThatComesWithTheReturningFeedHasItsOwnChangePoint() throws {
        let run = try run()
        try run.wait(11)
        #expect(isStalled(run))
        run.feed.append(100)
        run.feed.append(60, .noPrice)
        try run.drain()
        #expect(run.state.gate.causes.map(\.kind) == [.feedStalled, .missingField])
        #expect(run.state.frozen?.changePoint.map(\.offset) == [2_100])
        try run.resume(.skip)
        run.feed.append(100)
        try run.drain()
        run.engine.finish()
        #expect(run.state.skips.map { [$0.from, $0.to] } == [[2_100, 2_160]])
        #expect(run.digest == digest(of: run.feed, without: run.state.skips))
    }

    @Test func aStalledLaneIsStalledAfterARestartAndResumes() throws {
        let run = try run()
        try run.wait(11)
        try run.commit()
        try run.restart()
        #expect(isStalled(run))
        try run.wait(6)
        #expect(isStalled(run), "nothing has arrived yet")
        run.feed.append(1_000)
        try run.drain(100)
        #expect(!run.isFrozen)
        try run.drain(100)
        run.engine.finish()
        #expect(run.digest == digest(of: run.feed))
    }

    // MARK: - Whose fault it is

    /// A learnt threshold has to know the week before it stops anything: until then people are told.
    @Test func aFeedThatIsNewIsOnlyTold() throws {
        var policy = EngineRun.policy
        policy.stall = .auto
        let run = try run(policy)
        try run.wait(59)
        #expect(run.diagnosis == .flowing)
        try run.wait(3)
        #expect(run.diagnosis == .upstreamSilent && !run.isFrozen)
    }

    @Test func onlyTheSilenceOfTheUpstreamFreezes() throws {
        for feed in FeedDiagnosis.allCases where feed != .upstreamSilent {
            let run = try run()
            try run.perform(run.engine.tick(now: run.now + 60, wall: 0, feed: feed))
            #expect(!run.isFrozen, "\(feed)")
        }
    }

    @Test func aTransactionThatHangsIsToldAndNoStall() throws {
        let run = try run()
        run.bend = { $0.inputs[0].high += 5 }
        try run.wait(5)
        #expect(run.diagnosis == .flowing)
        try run.wait(12)
        #expect(run.diagnosis == .hangingTransaction && !run.isFrozen)
    }

    @Test func aTopicThatIsGoneIsToldAndNoStall() throws {
        let run = try run()
        run.bend = { $0.inputs[0].topicExists = false }
        try run.wait(60)
        #expect(run.diagnosis == .topicGone && !run.isFrozen)
    }

    @Test func eventsThatWaitWhileWeTakeNoneAreOurLag() throws {
        let run = try run()
        run.feed.append(10)
        try run.wait(20)
        try run.wait(20)
        #expect(run.diagnosis == .overload && !run.isFrozen)
    }

    @Test func aRollbackIsNoSilenceOfTheFeed() throws {
        let run = try run()
        try run.commit()
        try run.wait(9)
        try run.rollBack(to: run.versions.last?.number ?? 1)
        try run.wait(2)
        #expect(run.state.stall.silence(at: run.now) <= 2)
        #expect(run.state.gate.causes.map(\.kind) == [.operatorOrder])
    }

    /// What is learnt of the rhythm is learnt from when records were written, not from when they were read.
    @Test func aBacklogTeachesNothingOfTheRhythm() throws {
        let run = try run()
        #expect(run.state.stall.history.count == 0)
        for _ in 0..<10 {
            run.feed.append(1)
            try run.step()
        }
        #expect(run.state.stall.history.count == 9)
        #expect(run.state.feed?.raised.isEmpty == true)
    }

    @Test func detectorsThatOnlyAlertAreRaisedUntilItIsOver() throws {
        var policy = EngineRun.policy
        policy.inspection.policy[.missing] = .alert
        let run = try run(policy)
        #expect(run.engine.raised.isEmpty)
        run.feed.append(60, .noPrice)
        try run.drain()
        #expect(!run.isFrozen && run.engine.raised.map(\.detector).contains("missing/price"))
        run.feed.append(3_000)
        try run.drain(200)
        #expect(!run.engine.raised.map(\.detector).contains("missing/price"))
    }
}
