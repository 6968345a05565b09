import Learning
import Testing

@testable import Inspection

struct ConstantLabelTests {
    @Test func labelsThatStarveFreezeFromTheirLastRun() throws {
        var inspector = calmInspector()
        let before = inspector.sequence
        let alarm = try #require(
            firstAlarm(&inspector, of: "constant-label") { number, builder in builder.add(usualFields, label: number == 0 ? 1 : 0) })
        #expect(alarm.changePoint == before + 1)
        #expect(alarm.action == .freeze)
        // Others at 30 % count as 15 %: 28.1 / −ln 0.85 = 174.
        #expect(alarm.sequence - alarm.changePoint < 190)
        #expect(inspector.isSuspect)
    }

    @Test func constantOneFreezesSooner() throws {
        var inspector = calmInspector()
        let alarm = try #require(
            firstAlarm(&inspector, of: "constant-label") { number, builder in builder.add(usualFields, label: number == 0 ? 0 : 1) })
        #expect(alarm.sequence - alarm.changePoint < 75)
    }

    @Test func stormsThatGrowNeverFreezeAndTheEndOfTheOtherLabelStillDoes() {
        var random = SeededGenerator(seed: 11)
        var watch = ConstantLabelWatch()
        var sequence: UInt64 = 0
        func see(_ label: Float) -> Bool {
            defer { sequence += 1 }
            return watch.observe(label, at: sequence, task: .binary, logRunLength: 28.14, learningEvents: 500)
        }
        for storm in [30, 60, 140, 160] {
            for _ in 0..<2_000 { #expect(!see(random.happens(0.24) ? 1 : 0)) }
            for _ in 0..<storm { #expect(!see(1)) }
            #expect(!see(0))
        }
        #expect((0..<3 * 165).contains { _ in see(1) })
    }

    @Test func rareClassAtItsOwnRateNeverFreezes() {
        var random = SeededGenerator(seed: 9)
        var watch = ConstantLabelWatch()
        var raised = 0
        for number in 0..<300_000 {
            let isRaised = watch.observe(
                random.happens(0.002) ? 1 : 0, at: UInt64(number), task: .binary, logRunLength: 28.14, learningEvents: 500)
            if isRaised { raised += 1 }
        }
        #expect(raised == 0)
        #expect(watch.isArmed(task: .binary, learningEvents: 500))
    }

    @Test func regressionFreezesWhenOneNumberRepeats() throws {
        var random = SeededGenerator(seed: 10)
        var inspector = Inspector(configuration: InspectionConfiguration(), task: .regression)
        let alarm = try #require(
            firstAlarm(&inspector, of: "constant-label") { number, builder in
                builder.add(usualFields, label: number < 1000 ? Float(random.uniform()) : 17.5)
            })
        #expect(alarm.changePoint == 1000)
        #expect(alarm.sequence < 1050)
        #expect(alarm.sentence.contains("17.5"))
        #expect(!inspector.detectors.contains { $0.name == "label-rate" })
    }

    @Test func regressionWithManyZerosNeverFreezes() {
        var random = SeededGenerator(seed: 12)
        var watch = ConstantLabelWatch()
        var raised = 0
        for number in 0..<300_000 {
            let label: Float = random.happens(0.95) ? 0 : Float(random.uniform())
            if watch.observe(label, at: UInt64(number), task: .regression, logRunLength: 28.14, learningEvents: 500) { raised += 1 }
        }
        #expect(raised == 0)
    }
}
