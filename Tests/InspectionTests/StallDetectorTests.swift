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

    @Test func emptyPollIsNoArrival() {
        var detector = StallDetector(mode: .after(seconds: 5))
        detector.started(at: 0)
        detector.arrived(count: 0, at: 4)
        #expect(detector.verdict(at: 6).isSilent)
    }

    @Test func coldHistoryWaitsAMinuteOrTenGaps() {
        var detector = StallDetector()
        for second in 0..<100 { detector.arrived(count: 1, at: Double(second)) }
        #expect(detector.isCold)
        #expect(detector.threshold >= 60)
        detector.arrived(count: 1, at: 119)
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
        detector.arrived(count: 1, at: 700 + 3600)
        #expect(detector.history.longest <= 2)
        #expect(detector.threshold < 25)
    }

    @Test func pauseOfOurOwnTeachesNothing() {
        var detector = steadyFeed(gap: 0.01, seconds: 700)
        let before = detector.history
        detector.started(at: 5000)
        detector.arrived(count: 1, at: 5001)
        #expect(detector.history == before)
        #expect(detector.verdict(at: 5002) == .flowing)
    }

    @Test func timeThatStepsBackIsNoGap() {
        var detector = StallDetector()
        detector.arrived(count: 1, at: 100)
        detector.arrived(count: 1, at: 50)
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
            detector.arrived(count: 1, at: now)
        }
        return stalls
    }

    private func steadyFeed(gap: Double, seconds: Double) -> StallDetector {
        var detector = StallDetector()
        for step in 0...Int(seconds / gap) { detector.arrived(count: 10, at: Double(step) * gap) }
        return detector
    }
}
