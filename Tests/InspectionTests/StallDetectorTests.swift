import Foundation
import Testing

@testable import Inspection

struct StallDetectorTests {
    @Test func fixedThresholdIsSilentJustPastIt() {
        var detector = StallDetector(mode: .after(seconds: 5))
        detector.started(at: 100)
        detector.arrived(count: 3, at: 101)
        #expect(detector.verdict(at: 106) == .flowing)
        #expect(detector.verdict(at: 106.5) == .silent(for: 5.5, threshold: 5))
        detector.arrived(count: 1, at: 107)
        #expect(detector.verdict(at: 108) == .flowing)
    }

    @Test func feedThatIsDeadFromTheStartIsSilent() {
        var detector = StallDetector()
        #expect(detector.verdict(at: 1e9) == .flowing)
        detector.started(at: 1e9)
        #expect(detector.verdict(at: 1e9 + 59) == .flowing)
        #expect(detector.verdict(at: 1e9 + 61).isSilent)
    }

    @Test func recordsThatAreReadAreASignOfLifeAndTeachNoGap() {
        var detector = StallDetector(mode: .after(seconds: 5))
        detector.started(at: 0)
        for second in 1...10 { detector.arrived(count: 100, at: Double(second)) }
        #expect(detector.history.count == 0)
        #expect(detector.verdict(at: 14) == .flowing)
        #expect(detector.verdict(at: 16).isSilent)
    }

    @Test func emptyPollIsNoArrival() {
        var detector = StallDetector(mode: .after(seconds: 5))
        detector.started(at: 0)
        detector.arrived(count: 0, at: 4)
        #expect(detector.verdict(at: 6).isSilent)
    }

    @Test func coldHistoryWaitsAMinuteOrTenGaps() {
        var detector = StallDetector()
        for second in 0..<100 { detector.moved(at: Double(second)) }
        #expect(detector.isCold && !detector.mayFreeze)
        #expect(detector.threshold >= 60)
        detector.moved(at: 119)
        #expect(detector.threshold >= 200)
    }

    @Test func fastFeedIsFoundSilentAfterTwoSeconds() {
        let detector = steadyFeed(gap: 0.01, seconds: 700)
        #expect(!detector.isCold)
        #expect(detector.threshold == StallDetector.floor)
    }

    @Test func slowFeedGetsThePoissonLimitOfItsRate() {
        let detector = steadyFeed(gap: 1, seconds: 50_000)
        #expect(abs(detector.threshold - 17.8) < 0.1)
    }

    @Test func outageDoesNotRaiseTheThresholdToItsOwnLength() {
        var detector = steadyFeed(gap: 0.01, seconds: 700)
        detector.moved(at: 700 + 3600)
        #expect(detector.history.longest <= 2)
        #expect(detector.threshold < 25)
    }

    @Test func pauseOfOurOwnTeachesNothing() {
        var detector = steadyFeed(gap: 0.01, seconds: 700)
        let before = detector.history
        detector.started(at: 5000)
        detector.moved(at: 5001)
        #expect(detector.history == before)
        #expect(detector.verdict(at: 5002) == .flowing)
    }

    @Test func whoLooksAwayLearnsNoGapAndCountsTheSilenceOn() {
        var detector = steadyFeed(gap: 0.01, seconds: 700)
        let before = detector.history
        detector.lookedAway()
        #expect(detector.silence(at: 705) == 5)
        #expect(detector.verdict(at: 705).isSilent)
        detector.moved(at: 705)
        #expect(detector.history == before)
        #expect(detector.verdict(at: 706) == .flowing)
    }

    @Test func recordsThatCameTogetherAreOneArrival() {
        var detector = StallDetector()
        for _ in 0..<20 { detector.moved(at: 1) }
        detector.moved(at: 3)
        #expect(detector.history.count == 1 && detector.history.mean == 2)
    }

    /// Some hours of the week were never seen before.
    @Test func aLearntThresholdFreezesOnlyAfterAWeek() {
        var detector = StallDetector()
        var now = 0.0
        while now < StallDetector.secondsBeforeFreeze {
            #expect(!detector.mayFreeze)
            detector.moved(at: now)
            now += 30
        }
        detector.moved(at: now)
        #expect(detector.mayFreeze && !detector.isCold)
        #expect(StallDetector(mode: .after(seconds: 5)).mayFreeze, "a fixed one is an order")
    }

    @Test func hoursThatUsuallyBringNothingAreNoSilence() {
        let detector = steadyFeed(gap: 0.01, seconds: 700)
        #expect(detector.verdict(at: 30_000, usually: { _ in 0 }) == .flowing)
        #expect(detector.verdict(at: 703, usually: { $0 / 4 }) == .flowing)
        #expect(detector.verdict(at: 709, usually: { $0 / 4 }) == .silent(for: 9, threshold: 8))
    }

    @Test func timeThatStepsBackIsNoGap() {
        var detector = StallDetector()
        detector.moved(at: 100)
        detector.moved(at: 50)
        #expect(detector.history.longest == 0)
        #expect(detector.silence(at: 60) == 0)
    }

    @Test func readBackItKnowsItsGapsAndWaitsForTheStart() throws {
        let detector = steadyFeed(gap: 0.01, seconds: 700)
        var restored = try JSONDecoder().decode(StallDetector.self, from: JSONEncoder().encode(detector))
        #expect(restored.history == detector.history)
        #expect(restored.threshold == detector.threshold)
        #expect(restored.verdict(at: 1e6) == .flowing)
        restored.started(at: 5)
        #expect(restored.verdict(at: 6) == .flowing)
        #expect(restored.verdict(at: 8).isSilent)
    }

    /// As a build wrote it that knew no tail.
    @Test func whatOlderBuildsWroteIsRead() throws {
        let text = #"""
            {"mode": {"auto": {}}, "history": {"count": 2000, "seconds": 2000.5, "mean": 1.0, "longestOfSpan": [7, 9.5], "secondsOfSpan": 12}}
            """#
        let detector = try JSONDecoder().decode(StallDetector.self, from: Data(text.utf8))
        #expect(detector.history.longest == 9.5 && detector.threshold > 9.5)
    }

    @Test(arguments: [
        #""count": -1, "seconds": 1, "mean": 1, "longestOfSpan": [1], "secondsOfSpan": 1"#,
        #""count": 9223372036854775807, "seconds": 1, "mean": 1, "longestOfSpan": [1], "secondsOfSpan": 1"#,
        #""count": 1, "seconds": 1, "mean": -1, "longestOfSpan": [1], "secondsOfSpan": 1"#,
        #""count": 1, "seconds": 1e300, "mean": 1, "longestOfSpan": [1], "secondsOfSpan": 1"#,
        #""count": 1, "seconds": 1, "mean": 1, "longestOfSpan": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1], "secondsOfSpan": 1"#,
    ])
    func whatNoHistoryCanBeIsRefused(members: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(GapHistory.self, from: Data("{\(members)}".utf8)) }
    }

    @Test(arguments: [0.5, 1.0, 1.5])
    func lognormalGapsAreNoStallOnceWarm(sigma: Double) {
        var falseStalls = 0
        for seed in 1...4 as ClosedRange<UInt64> {
            falseStalls += stalls(seed: seed, gaps: 100_000, sigma: sigma)
        }
        #expect(falseStalls == 0)
    }

    /// Verdicts of silence in a stream of lognormal gaps with mean 1 s, counted once the history is warm.
    private func stalls(seed: UInt64, gaps: Int, sigma: Double) -> Int {
        var random = SeededGenerator(seed: seed)
        var detector = StallDetector()
        var now = 0.0
        var stalls = 0
        for _ in 0..<gaps {
            let normal = (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
            now += exp(sigma * normal - sigma * sigma / 2)
            if !detector.isCold && detector.verdict(at: now).isSilent { stalls += 1 }
            detector.moved(at: now)
        }
        return stalls
    }

    private func steadyFeed(gap: Double, seconds: Double) -> StallDetector {
        var detector = StallDetector()
        for step in 0...Int(seconds / gap) { detector.moved(at: Double(step) * gap) }
        return detector
    }
}
