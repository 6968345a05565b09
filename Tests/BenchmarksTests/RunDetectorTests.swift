import Inspection
import Testing

@testable import Benchmarks

struct RunDetectorTests {
    @Test(arguments: [0.02, 0.3, 0.995], [1, 2, 3])
    func runsGiveTheEvidenceOfTheirEventsOneByOne(tolerance: Double, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var single = EDetector(tolerance: tolerance, logRunLength: 28.14)
        var runs = RunDetector(tolerance: tolerance, logRunLength: 28.14)
        var alarms = 0
        for number in 0..<1_000 {
            let good = random.below(2 + Int(400 * (1 - tolerance)))
            for _ in 0..<good { _ = single.observe(isBad: false, at: UInt64(number)) }
            runs.good(good)
            #expect(abs(single.logEvidence - runs.logEvidence) < 1e-6, "run \(number)")
            let bad = 1 + random.below(1 + Int(480 * tolerance))
            var isRaised = false
            for _ in 0..<bad where single.observe(isBad: true, at: UInt64(number)) { isRaised = true }
            #expect(runs.bad(bad) == isRaised, "run \(number)")
            #expect(abs(single.logEvidence - runs.logEvidence) < 1e-6, "run \(number)")
            if isRaised { alarms += 1 }
        }
        #expect(alarms > 0 || tolerance != 0.02)
    }

    @Test func bandThatMovesMovesAsThatOfTheDetector() {
        var single = EDetector(tolerance: 0.02, logRunLength: 28.14)
        var runs = RunDetector(tolerance: 0.02, logRunLength: 28.14)
        for _ in 0..<3 { _ = (single.observe(isBad: true, at: 1), runs.bad()) }
        single.widen(to: 0.1)
        runs.widen(to: 0.1)
        for _ in 0..<3 { _ = (single.observe(isBad: true, at: 1), runs.bad()) }
        #expect(abs(single.logEvidence - runs.logEvidence) < 1e-9)
        #expect(single.logEvidence > 1)
    }
}

struct MonthSimulationTests {
    @Test(arguments: MonthSimulation.courses.indices)
    func minuteWithinTheBandGivesNoAlarm(course: Int) {
        var simulation = MonthSimulation(MonthSimulation.courses[course], seed: 1)
        simulation.run(seconds: 60)
        #expect(simulation.falseAlarms == 0)
    }

    @Test func rateBeyondTheBandGivesAlarms() {
        let course = MonthSimulation.Course(name: "broken", family: .rejectRate, rate: 0.3)
        var simulation = MonthSimulation(course, seed: 1)
        simulation.run(seconds: 1)
        #expect(simulation.falseAlarms > 0)
    }
}
