import Testing

@testable import Inspection

/// 64 detectors, 10,000 events a second, one false alarm a month: ln c = 28.14.
private let budget = FalseAlarmBudget()

struct EDetectorTests {
    @Test func budgetOfSixtyFourDetectorsAtTenThousandEventsGivesTheStatedRunLength() {
        #expect(abs(budget.logRunLength - 28.14) < 0.01)
    }

    @Test func budgetOfAVerySlowStreamStillAsksForAThousandEvents() {
        let slow = FalseAlarmBudget(alarmsPerMonth: 100, eventsPerSecond: 1e-6, detectors: 1)
        #expect(slow.logRunLength > 6.9)
    }

    @Test(arguments: [(1.0, 8, 8), (0.5, 25, 40), (0.2, 102, 165), (0.1, 335, 500), (0.05, 1_750, 2_500)])
    func rateBeyondTheToleranceAlarmsWithinTheStatedEvents(rate: Double, mean: Int, percentile95: Int) {
        let delays = (1...400).map { delay(rate: rate, seed: $0) }.sorted()
        #expect(delays.reduce(0, +) / delays.count <= mean, "mean of \(delays)")
        #expect(delays[379] <= percentile95, "95th percentile of \(delays)")
    }

    @Test(arguments: 1...5)
    func rateAtTheEdgeOfTheBandNeverAlarms(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var detector = EDetector(tolerance: 0.02, logRunLength: budget.logRunLength)
        var raised = 0
        for number in 0..<200_000 where detector.observe(isBad: random.happens(0.02), at: UInt64(number)) { raised += 1 }
        #expect(raised == 0, "seed \(seed)")
    }

    @Test func shorterRunLengthIsKeptAtTheEdgeOfTheBand() {
        var random = SeededGenerator(seed: 7)
        let logRunLength = naturalLogarithm(1000)
        var events = 0
        for _ in 0..<200 {
            var detector = EDetector(tolerance: 0.02, logRunLength: logRunLength)
            repeat { events += 1 } while !detector.observe(isBad: random.happens(0.02), at: UInt64(events))
        }
        #expect(events / 200 >= 1000, "mean run length \(events / 200)")
    }

    @Test func changePointIsTheFirstBadEventAfterGoodOnes() {
        var detector = EDetector(tolerance: 0.02, logRunLength: budget.logRunLength)
        for number in 0..<1000 { #expect(detector.observe(isBad: false, at: UInt64(number)) == false) }
        #expect(detector.runningSince == nil)
        var number: UInt64 = 1000
        while !detector.observe(isBad: true, at: number) { number += 1 }
        #expect(detector.raisedFrom == 1000)
        #expect(number < 1010)
    }

    @Test func singleBadEventRunsUntilTwoGoodOnesFollow() {
        var detector = EDetector(tolerance: 0.02, logRunLength: budget.logRunLength)
        _ = detector.observe(isBad: true, at: 41)
        #expect(detector.runningSince == 41)
        _ = detector.observe(isBad: false, at: 42)
        _ = detector.observe(isBad: false, at: 43)
        #expect(detector.runningSince == nil)
        #expect(!detector.isSuspect)
    }

    @Test func incidentAlarmsOnceUntilTheEvidenceHasGone() {
        var detector = EDetector(tolerance: 0.02, logRunLength: budget.logRunLength)
        var raised = 0
        for number in 0..<5000 where detector.observe(isBad: true, at: UInt64(number)) { raised += 1 }
        #expect(raised == 1)
        #expect(detector.ratio == 1)
        for number in 5000..<9000 { _ = detector.observe(isBad: false, at: UInt64(number)) }
        #expect(!detector.isRaised)
        #expect(detector.isAtRest)
        for number in 9000..<9010 where detector.observe(isBad: true, at: UInt64(number)) { raised += 1 }
        #expect(raised == 2)
        #expect(detector.raisedFrom == 9000)
    }

    private func delay(rate: Double, seed: Int) -> Int {
        var random = SeededGenerator(seed: UInt64(seed))
        var detector = EDetector(tolerance: 0.02, logRunLength: budget.logRunLength)
        var number = 1
        while !detector.observe(isBad: random.happens(rate), at: UInt64(number)) { number += 1 }
        return number
    }

    @Test func `where few events are bad the change point has a margin, which reaches behind no decision`() throws {
        var detector = EDetector(tolerance: 0.02, logRunLength: 28)
        let alarm = try #require((1_000..<6_000).first { detector.observe(isBad: $0 % 18 == 0, at: UInt64($0)) })
        let start = try #require(detector.raisedFrom)
        #expect(alarm > 1_100 && (1_000...1_300).contains(start))
        #expect(detector.changePoint(decided: 0) == start - 512)
        #expect(detector.changePoint(decided: start - 100) == start - 100)
        #expect(detector.changePoint(decided: start + 100) == start)
    }
}
