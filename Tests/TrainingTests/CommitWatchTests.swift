import Synchronization
import Testing

@testable import Training

@Suite struct CommitWatchTests {
    /// What the lane's loop does.
    private enum Loop {
        case stands
        /// Comes round with nothing to write.
        case idles
        /// Comes round with something to write.
        case waits
    }

    /// A watch, the seconds that have passed, and a broker that answers unless told otherwise; it is looked at once a second.
    private final class Passage {
        var watch: CommitWatch
        var now = 0.0
        var isAnswering = true

        func look() -> CommitWatch.Verdict { watch.look(at: now) }

        init(interval: Double = 30) { watch = CommitWatch(interval: interval, now: 0) }

        /// The first verdict in so many seconds that is not fine, and when.
        func pass(_ seconds: Int, _ loop: Loop, writingEach interval: Int? = nil) -> Double? {
            for _ in 0..<seconds {
                now += 1
                if isAnswering { watch.answered(at: now) }
                if loop != .stands { watch.cameRound(at: now, hasUnwritten: loop == .waits) }
                if let interval, Int(now).isMultiple(of: interval) { watch.wrote(at: now) }
                if case .overdue = watch.look(at: now) { return now }
            }
            return nil
        }
    }

    @Test func aLaneThatWritesIsFine() {
        let passage = Passage()
        #expect(passage.pass(10_000, .waits, writingEach: 30) == nil)
    }

    @Test func aLaneWithNothingToWriteIsFine() {
        let passage = Passage()
        #expect(passage.pass(10_000, .idles) == nil)
    }

    @Test(arguments: [(30.0, 120.0), (300, 1_200), (0.3, 60)])
    func fourIntervalsWithoutAVersionAreTooLong(interval: Double, limit: Double) {
        let passage = Passage(interval: interval)
        #expect(passage.pass(5_000, .waits) == 1 + limit)
        #expect(passage.look() == .overdue(seconds: limit))
    }

    @Test func aLoopThatStandsStillIsTooLongThoughNothingWasToBeWritten() {
        let passage = Passage()
        #expect(passage.pass(50, .idles) == nil)
        #expect(passage.pass(5_000, .stands) == 170)
    }

    @Test func aLaneThatCannotBeTakenAgainIsGivenTheTimeOfARestore() {
        let passage = Passage()
        _ = passage.pass(100, .idles)
        passage.watch.lost(at: passage.now)
        #expect(passage.pass(5_000, .stands) == 700)
    }

    @Test func aLongTimeSinceTheLastVersionIsNotHeldAgainstALaneThatIsLost() {
        let passage = Passage(interval: 1_800)
        #expect(passage.pass(1_200, .waits) == nil)
        passage.watch.lost(at: passage.now)
        #expect(passage.pass(5_000, .stands) == 1_800)
        // Nor does a loss while it is taken give more time.
        passage.watch.lost(at: passage.now)
        #expect(passage.look() != .fine)
    }

    @Test func takingALaneAgainBeginsAnew() {
        let passage = Passage()
        #expect(passage.pass(590, .stands) == nil)
        passage.watch.cameRound(at: passage.now, hasUnwritten: true)
        #expect(passage.pass(5_000, .waits) == 710)
    }

    @Test func withoutABrokerNoNewProcessHelps() {
        let passage = Passage()
        _ = passage.pass(10, .waits)
        passage.isAnswering = false
        #expect(passage.pass(10_000, .waits) == nil)
        // Time is counted from when one answers again.
        passage.isAnswering = true
        #expect(passage.pass(5_000, .waits) == 10_130)
    }

    @Test func aProcessThatStoodStillItselfHasTimeToGoOn() {
        let passage = Passage()
        _ = passage.pass(10, .waits)
        passage.now += 3_600
        passage.watch.answered(at: passage.now)
        #expect(passage.look() == .fine)
        #expect(passage.pass(119, .waits) == nil)
        #expect(passage.pass(2, .waits) != nil)
    }

    @Test func aLargeVersionMayTakeLonger() {
        let passage = Passage()
        _ = passage.pass(1, .waits)
        passage.watch.writes(bytes: 1_000 << 20)
        #expect(passage.pass(5_000, .waits) == 1_121)
        passage.watch.wrote(at: passage.now)
        #expect(passage.pass(5_000, .waits) == 1_241)
    }
}

@Suite struct CommitWatchesTests {
    private final class Hand: Sendable {
        private let time = Mutex(0.0)
        var now: Double { time.withLock { $0 } }
        func move(_ seconds: Double) { time.withLock { $0 += seconds } }
    }

    /// A second passes, in which a broker answers and somebody looks.
    private func tick(_ watches: CommitWatches, _ hand: Hand) -> CommitWatches.Overdue? {
        hand.move(1)
        watches.answered()
        return watches.look()
    }

    @Test func theLaneThatIsOverdueIsNamed() {
        let hand = Hand()
        let watches = CommitWatches(interval: .seconds(5), now: { hand.now })
        watches.begin(0)
        watches.begin(3)
        for _ in 0..<60 {
            for lane in [0, 3] as [UInt16] { watches.cameRound(lane, hasUnwritten: true) }
            watches.wrote(0)
            #expect(tick(watches, hand) == nil || hand.now == 60)
        }
        watches.wrote(0)
        let overdue = watches.look()
        #expect(overdue?.lane == 3 && overdue?.seconds == 60)
    }

    @Test func aLaneThatIsNotOursIsNobodysConcern() {
        let hand = Hand()
        let watches = CommitWatches(interval: .seconds(5), now: { hand.now })
        watches.cameRound(1, hasUnwritten: true)
        watches.begin(0)
        watches.end(0)
        for _ in 0..<5_000 { #expect(tick(watches, hand) == nil) }
    }

    /// A client that never finds its coordinator hears of no lane, and of no error.
    @Test func aProcessThatIsNoMemberForTenMinutesIsOverdue() {
        let hand = Hand()
        let watches = CommitWatches(interval: .seconds(5), now: { hand.now })
        watches.isMember(true)
        for _ in 0..<1_000 { #expect(tick(watches, hand) == nil) }
        for second in 0..<600 {
            watches.isMember(false)
            #expect(tick(watches, hand) == (second == 599 ? CommitWatches.Overdue(lane: nil, seconds: 600) : nil))
        }
        watches.isMember(true)
        #expect(tick(watches, hand) == nil)
        watches.isMember(false)
        watches.leave()
        for _ in 0..<1_000 { #expect(tick(watches, hand) == nil) }
    }

    @Test func aProcessThatStoodStillItselfWaitsAnewForALaneToLetGo() {
        var farewell = Farewell(now: 0)
        let looks = (1..<60).map(Double.init) + [1_000] + (1_001...1_060).map(Double.init)
        let verdicts = looks.map { farewell.isOver(at: $0, limit: 60) }
        #expect(verdicts.firstIndex(of: true) == looks.count - 1)
    }

    @Test func aLaneHasAsLongToLetGoAsWhatItIsInTheMidstOf() {
        let hand = Hand()
        let watches = CommitWatches(interval: .seconds(30), now: { hand.now })
        watches.begin(0)
        #expect(watches.timeToLetGo(of: 0) == 600 && watches.timeToLetGo(of: 7) == 600)
        watches.cameRound(0, hasUnwritten: true)
        #expect(watches.timeToLetGo(of: 0) == 120)
        watches.writes(0, bytes: 1_000 << 20)
        #expect(watches.timeToLetGo(of: 0) == 1_120)
    }
}
