import Checkpointing
import Inspection
import Learning
import Testing

@testable import Training

@Suite struct EngineTests {
    @Test func eventsAreLearntInOrderAndAccountedFor() throws {
        var feed = SampleFeed(seed: 2)
        feed.append(100)
        feed.append(.rejected)
        feed.append(.marker)
        feed.append(50)
        feed.append(.marker)
        let run = try EngineRun(feed)
        try run.drain()
        #expect(run.positions == [153])
        #expect(run.state.counts.learnt == 150)
        #expect(run.state.counts.quarantined == 1 && run.state.counts.quarantinedByReason == ["not-json": 1])
        // The marker between the events, and the one that only the end of the partition tells of.
        #expect(run.state.counts.gaps == 2)
        #expect(run.digest == digest(of: feed))
        #expect(run.state.eventTimes == 0...151)
    }

    @Test func whatIsDeliveredTwiceIsLearntOnce() throws {
        var feed = SampleFeed(seed: 2)
        feed.append(60)
        let run = try EngineRun(feed)
        try run.drain()
        var start = feed.inputs
        start[0].next = 30
        _ = run.feed.assign(start)
        run.feed.append(10)
        try run.drain()
        #expect(run.state.counts.learnt == 70)
        #expect(run.digest == digest(of: run.feed))
    }

    @Test func polledEmptyUnderSuspicionNothingPilesUp() throws {
        var feed = SampleFeed(seed: 2)
        feed.append(300)
        let run = try EngineRun(feed)
        try run.drain()
        run.feed.append(4, .noPrice)
        for _ in 0..<500 { try run.step() }
        #expect(run.pendingChunks <= 1)
    }

    @Test func whatIsHeldBackIsLearntWhenTheFeedIsQuiet() throws {
        var feed = SampleFeed(seed: 2)
        feed.append(300)
        let run = try EngineRun(feed)
        try run.drain()
        run.feed.append(1, .noPrice)
        try run.drain()
        #expect(run.pendingCount == 1)
        try run.wait(0.4)
        #expect(run.pendingCount == 1)
        try run.wait(0.4)
        #expect(run.pendingCount == 0 && run.positions == [301])
    }

    @Test func aFewBrokenEventsAreLearntOnceGoodOnesFollow() throws {
        var feed = SampleFeed(seed: 2)
        feed.append(300)
        feed.append(1, .noPrice)
        feed.append(100)
        let run = try EngineRun(feed)
        try run.drain(7)
        #expect(!run.isFrozen && run.positions == [401])
        #expect(run.digest == digest(of: feed))
    }

    @Test func anotherEventAtTheLastOffsetIsNoticed() throws {
        var feed = SampleFeed(seed: 2)
        feed.append(100)
        let run = try EngineRun(feed)
        try run.drain()
        _ = run.feed.assign(run.engine.readingPositions)
        let same = run.engine.replacedInput(in: run.feed.next(10))
        #expect(same == nil)
        run.feed.recreate(with: 150)
        _ = run.feed.assign(run.engine.readingPositions)
        let replaced = run.engine.replacedInput(in: run.feed.next(10))
        #expect(replaced?.partition == 0 && replaced?.last?.offset == 99)
    }

    @Test func whatRetentionTookIsAGap() throws {
        var feed = SampleFeed(seed: 2)
        feed.append(100)
        let run = try EngineRun(feed)
        try run.drain()
        run.feed.append(100)
        run.feed.retain(from: 150)
        run.engine.passOver(to: [150])
        _ = run.feed.assign(
            run.engine.readingPositions.map { input in
                var input = input
                input.next = max(input.next, 150)
                return input
            })
        try run.drain()
        #expect(run.positions == [200] && run.state.counts.gaps == 50 && run.state.counts.learnt == 150)
    }

    @Test func manyRejectedBytesAskForAnEarlyVersion() throws {
        var policy = EngineRun.policy
        policy.quarantineBytes = 1_000
        var feed = SampleFeed(seed: 2)
        feed.append(100)
        feed.append(3, .rejected)
        let run = try EngineRun(feed, policy: policy)
        try run.drain()
        try run.wait(1)
        #expect(!run.mustWrite)
        run.feed.append(40)
        run.feed.append(1, .rejected)
        run.feed.append(100)
        try run.drain()
        #expect(run.mustWrite)
        try run.commit()
        #expect(!run.mustWrite && run.quarantined.count == 4)
    }

    @Test func aCommandIsRememberedByTheVersionThatHoldsIt() throws {
        let run = try EngineRun(SampleFeed(seed: 2))
        run.engine.noteApplied("a")
        let (isNoted, hasChanged) = (run.engine.hasApplied("a"), run.engine.hasChanged)
        #expect(isNoted && hasChanged)
        try run.commit()
        run.engine.noteApplied("b")
        try run.restart()
        let (first, second) = (run.engine.hasApplied("a"), run.engine.hasApplied("b"))
        #expect(first && !second)
    }
}

@Suite struct RecentPositionsTests {
    @Test func anEventIsFoundByItsNumberInAnyPartition() {
        var recent = RecentPositions()
        for offset in 0..<10 as Range<Int64> { recent.append(input: 0, offset: offset) }
        for offset in 5..<8 as Range<Int64> { recent.append(input: 1, offset: offset) }
        for offset in 12..<14 as Range<Int64> { recent.append(input: 0, offset: offset) }
        #expect(recent.positions(before: 15, now: [14, 8]) == [14, 8])
        #expect(recent.positions(before: 14, now: [14, 8]) == [13, 8])
        #expect(recent.positions(before: 12, now: [14, 8]) == [12, 7])
        #expect(recent.positions(before: 4, now: [14, 8]) == [4, 5])
        #expect(recent.positions(before: 0, now: [14, 8]) == [0, 5])
        #expect(recent.positions(before: 16, now: [14, 8]) == nil)
    }

    @Test func theRunsOfAVersionEndAtItsLastEvent() {
        var recent = RecentPositions()
        for offset in 0..<10 as Range<Int64> { recent.append(input: 0, offset: offset) }
        for offset in 5..<8 as Range<Int64> { recent.append(input: 1, offset: offset) }
        #expect(recent.runs(before: 11) == [InspectedRun(input: 0, offset: 0, count: 10), InspectedRun(input: 1, offset: 5, count: 1)])
        #expect(recent.runs(before: 4) == [InspectedRun(input: 0, offset: 0, count: 4)])
        let read = RecentPositions(recent.runs(before: 11), through: 11)
        #expect(read.positions(before: 8, now: [10, 6]) == [8, 5])
        #expect(read.positions(before: 12, now: [10, 6]) == nil)
    }

    @Test func whatIsTooLongAgoIsNotKnown() {
        let recent = RecentPositions([InspectedRun(input: 0, offset: 50, count: 10)], through: 100)
        #expect(recent.positions(before: 90, now: [60]) == [50])
        #expect(recent.positions(before: 89, now: [60]) == nil)
    }
}
