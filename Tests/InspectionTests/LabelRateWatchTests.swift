import Testing

@testable import Inspection

struct LabelRateWatchTests {
    @Test(arguments: [0.2, 0.5])
    func swingInsideTheBandNeverAlarms(amplitude: Double) {
        let sine = swing(amplitude)
        var random = SeededGenerator(seed: 11)
        var watch = LabelRateWatch(learningEvents: 500, logRunLength: FalseAlarmBudget().logRunLength)
        var raised = 0
        for number in 0..<1_000_000 {
            let rate = 0.05 * sine[number % sine.count]
            if watch.observe(isOne: random.happens(rate), at: UInt64(number)) { raised += 1 }
        }
        #expect(raised == 0)
        #expect(watch.isArmed)
    }

    @Test(arguments: [(1.0, 14), (0.5, 80), (0.25, 400), (0.0, 1_200), (0.005, 2_600)])
    func jumpOutOfTheBandAlarmsWithinTheStatedEvents(rate: Double, within: Int) {
        var watch = calmWatch()
        var random = SeededGenerator(seed: 5)
        var number: UInt64 = 20_000
        while !watch.observe(isOne: random.happens(rate), at: number) { number += 1 }
        #expect(number - 20_000 < UInt64(within))
    }

    @Test func oneClassAloneNeverArms() {
        var watch = LabelRateWatch(learningEvents: 500, logRunLength: 28)
        var raised = 0
        for number in 0..<100_000 where watch.observe(isOne: false, at: UInt64(number)) { raised += 1 }
        #expect(raised == 0 && !watch.isArmed)
    }

    @Test func neitherClassMayDoubleOrHalve() {
        var random = SeededGenerator(seed: 3)
        var watch = LabelRateWatch(learningEvents: 500, logRunLength: 28)
        for number in 0..<50_000 { _ = watch.observe(isOne: random.happens(0.6), at: UInt64(number)) }
        #expect(abs(watch.band.lowerBound - 0.3) < 0.02)
        #expect(abs(watch.band.upperBound - 0.8) < 0.02)
    }

    /// A watch that has learnt a share of exactly 5 %.
    private func calmWatch() -> LabelRateWatch {
        var watch = LabelRateWatch(learningEvents: 500, logRunLength: FalseAlarmBudget().logRunLength)
        for number in 0..<20_000 { _ = watch.observe(isOne: number % 20 == 7, at: UInt64(number)) }
        return watch
    }

    /// One triangular swing around 1.
    private func swing(_ amplitude: Double) -> [Double] {
        let steps = 20_000
        return (0..<steps).map { step in
            let phase = Double(step) / Double(steps)
            return 1 + amplitude * (1 - 4 * abs(phase - 0.5))
        }
    }
}
