import Foundation
import Testing

@testable import Inspection

/// What is seen of a feed beside its events.
@Suite struct FeedWatchTests {
    private func scene(rates: [Double] = [8, 8, 8], commitEvery: Double? = nil, seed: UInt64 = 1) -> FeedScene {
        var scene = FeedScene(rates: rates, commitEvery: commitEvery, seed: seed)
        scene.pass(1_400)
        return scene
    }

    private func sight(_ high: Int64, position: Int64? = nil, partition: Int32 = 0, answer: Double = 0) -> PartitionSight {
        PartitionSight(
            topic: "events", partition: partition, position: position ?? high, stable: high, high: high, secondsSinceAnswer: answer)
    }

    // MARK: - Gaps

    /// What lies in the topic for long comes one partition after the other, as fast as it is read.
    @Test func aBacklogTeachesNoGap() {
        var (watch, stall) = (FeedWatch(), StallDetector())
        for step in 0..<100 {
            let now = Double(step) * 0.1
            stall.arrived(count: 256, at: now)
            let sights = [sight(50_000, position: Int64(step) * 256), sight(70_000, position: 0, partition: 1)]
            watch.look(sights, under: 1, stall: &stall, at: now)
        }
        #expect(stall.history.count == 0)
        #expect(watch.partitions.allSatisfy { $0.arrivals.history.count == 0 })
        #expect(abs(stall.silence(at: 20) - 10.1) < 1e-9)
    }

    @Test func theEndsTeachTheGapsOfTheFeedAndOfEachPartition() {
        var (watch, stall) = (FeedWatch(), StallDetector())
        for second in 0...600 {
            let (fast, slow) = (Int64(second), Int64(second / 10))
            watch.look([sight(fast), sight(slow, partition: 1)], under: 1, stall: &stall, at: Double(second))
        }
        #expect(stall.history.count == 599 && stall.history.mean == 1)
        #expect(watch.partitions.map(\.arrivals.history.longest) == [1, 10])
    }

    @Test(arguments: [true, false])
    func aPauseOfOurOwnTeachesNoGap(isReassigned: Bool) {
        var (watch, stall) = (FeedWatch(), StallDetector())
        for second in 0...100 { watch.look([sight(Int64(second))], under: 1, stall: &stall, at: Double(second)) }
        let assignment: UInt64 = isReassigned ? 2 : 1
        watch.look([sight(100)], under: assignment, stall: &stall, at: 190)
        // One who reads anew counts from there; one who only looked away has still seen nothing move.
        #expect(stall.silence(at: 190) == (isReassigned ? 0 : 90))
        watch.look([sight(101)], under: assignment, stall: &stall, at: 191)
        watch.look([sight(102)], under: assignment, stall: &stall, at: 192)
        #expect(stall.history.longest == 1 && watch.partitions[0].arrivals.history.longest == 1)
    }

    @Test func aTimeWithoutAnyBrokerTeachesNoGap() {
        var (watch, stall) = (FeedWatch(), StallDetector())
        for second in 0...300 {
            let isAway = (100..<200).contains(second)
            let answer = isAway ? Double(second - 99) : 0
            watch.look([sight(Int64(isAway ? 99 : second), answer: answer)], under: 1, stall: &stall, at: Double(second))
            if answer > 15 {
                stall.started(at: Double(second))
                watch.heardNothing()
            }
        }
        #expect(stall.history.longest <= 1 && watch.partitions[0].arrivals.history.longest <= 1)
    }

    // MARK: - Partitions

    @Test func silenceOfOnePartitionIsTold() {
        var scene = scene()
        let limit = scene.limit(of: 1)
        scene.partitions[1].rate = 0
        scene.pass(limit / 2)
        #expect(scene.diagnosis == .flowing)
        scene.pass(limit / 2 + 3)
        #expect(scene.diagnosis == .partitionSilent)
        scene.partitions[1].rate = 8
        scene.pass(3)
        #expect(scene.diagnosis == .flowing)
    }

    @Test func aPartitionThatIsStillReadIsNotSilent() {
        var scene = scene()
        scene.capacity = 0
        scene.pass(2)
        scene.partitions[2].rate = 0
        scene.pass(scene.limit(of: 2) + 5)
        #expect(scene.signals.silentPartitions == 0)
    }

    @Test func whatAnOperatorCallsAStallHoldsForAPartitionToo() {
        var scene = scene()
        scene.stall.mode = .after(seconds: 300)
        scene.partitions[1].rate = 0
        scene.pass(280)
        #expect(scene.diagnosis == .flowing)
        scene.pass(25)
        #expect(scene.diagnosis == .partitionSilent)
    }

    @Test func silenceThatNoAnswerProvesIsNone() {
        var scene = scene(rates: [8, 8])
        scene.isAnswering = false
        scene.pass(14)
        #expect(scene.diagnosis == .flowing)
        scene.pass(3)
        #expect(scene.diagnosis == .brokerLost)
    }

    @Test func aTopicByTheSameNameBeginsAnew() {
        var (watch, stall) = (FeedWatch(), StallDetector())
        for second in 0...100 { watch.look([sight(Int64(second))], under: 1, stall: &stall, at: Double(second)) }
        watch.look([sight(3, position: 3)], under: 1, stall: &stall, at: 101)
        #expect(watch.partitions[0].arrivals.silence(at: 105) == 4)
        #expect(watch.signals(stall, secondsSinceAnswer: 0, limit: 15, at: 101).lag == 0)
    }

    @Test func partitionsThatAreReadNoMoreAreForgotten() {
        var (watch, stall) = (FeedWatch(), StallDetector())
        for second in 0...10 {
            watch.look([sight(Int64(second)), sight(0, partition: 1)], under: 1, stall: &stall, at: Double(second))
        }
        watch.look([sight(0, partition: 1), sight(11), sight(7, partition: 2)], under: 2, stall: &stall, at: 11)
        #expect(watch.partitions.map(\.partition) == [1, 0, 2])
        #expect(watch.partitions.map(\.arrivals.history.count) == [0, 9, 0])
    }

    // MARK: - Transactions

    @Test func transactionsOfUsualLengthAreNone() {
        var scene = scene(commitEvery: 20)
        for _ in 0..<60 {
            scene.pass(3)
            #expect(scene.diagnosis == .flowing)
        }
    }

    @Test func aTransactionThatHangsIsNotTheUpstreamsSilence() {
        var scene = scene(commitEvery: 3)
        scene.partitions.indices.forEach { scene.partitions[$0].commits = false }
        scene.pass(5)
        scene.partitions.indices.forEach { scene.partitions[$0].rate = 0 }
        scene.pass(scene.limit() + 3)
        #expect(scene.diagnosis == .hangingTransaction)
        // The broker aborts it.
        scene.partitions.indices.forEach { scene.partitions[$0].commits = true }
        scene.pass(scene.limit() + 10)
        #expect(scene.diagnosis == .upstreamSilent)
    }

    // MARK: - The rhythm of the week

    /// A shop that is open from 8 to 20 and closed on one day, for sixteen days: nothing that is usual would freeze after the first week, and
    /// what is not is found on a busy day within a minute.
    @Test func nightsAreNoOutagesAndOutagesAreFound() {
        var (watch, stall) = (FeedWatch(), StallDetector())
        var random = SeededGenerator(seed: 11)
        var (high, falseStalls, stop): (Int64, Int, Double?) = (0, 0, nil)
        let outage = 15 * 86_400 + 12 * 3_600
        for second in 1..<outage + 600 {
            let hour = second / 3_600
            let isOpen = (8..<20).contains(hour % 24) && hour / 24 % 7 != 3
            if isOpen, second < outage { high += random.poisson(1) }
            let now = Double(second)
            watch.tell(wall: Int64(second) * 1_000, at: now)
            watch.look([sight(high)], under: 1, stall: &stall, at: now)
            guard stall.mayFreeze, stall.verdict(at: now, usually: { watch.usual($0, at: now) }).isSilent else { continue }
            if second < outage { falseStalls += 1 } else if stop == nil { stop = now - Double(outage) }
        }
        #expect(falseStalls == 0)
        #expect(stop.map { $0 < 60 } == true, "\(String(describing: stop))")
    }

    @Test func aRateThatCollapsesIsRaisedInTheSecondWeek() {
        var (watch, stall) = (FeedWatch(), StallDetector())
        var random = SeededGenerator(seed: 12)
        var high: Int64 = 0
        func pass(_ seconds: Range<Int>, rate: Double) {
            for second in seconds {
                high += random.poisson(rate)
                watch.tell(wall: Int64(second) * 1_000, at: Double(second))
                watch.look([sight(high)], under: 1, stall: &stall, at: Double(second))
            }
        }
        pass(0..<86_400, rate: 20)
        pass(86_400..<90_000, rate: 2)
        #expect(watch.raised.isEmpty, "nobody knows yet what is usual on this day")
        // Six days in which nobody looked.
        pass(612_000..<640_000, rate: 20)
        #expect(watch.raised.isEmpty)
        pass(640_000..<640_060, rate: 2)
        #expect(watch.raised.map(\.detector) == ["rate-collapse"])
        pass(640_060..<640_400, rate: 20)
        #expect(watch.raised.isEmpty)
        pass(640_400..<640_460, rate: 200)
        #expect(watch.raised.map(\.detector) == ["flood"])
    }

    // MARK: - Restarts

    @Test func readBackItKnowsTheRhythmAndCountsFromTheFirstLook() throws {
        let scene = scene(commitEvery: 2)
        let restored = try JSONDecoder().decode(FeedWatch.self, from: JSONEncoder().encode(scene.watch))
        #expect(restored.partitions.map(\.arrivals.history) == scene.watch.partitions.map(\.arrivals.history))
        #expect(restored.partitions.map(\.waits) == scene.watch.partitions.map(\.waits))
        var (watch, stall) = (restored, scene.stall)
        watch.look([sight(1_000_000)], under: 1, stall: &stall, at: 5)
        #expect(stall.silence(at: 8) == 3)
        #expect(watch.partitions.count == 1 && !watch.partitions[0].arrivals.isCold)
    }

    @Test func itIsSmallEnoughForEveryManifest() throws {
        let scene = scene()
        let size = try JSONEncoder().encode(scene.watch).count
        #expect(size < 3 * 2_500 + 500, "\(size) bytes for three partitions")
    }
}
