import Learning
import Testing

@testable import Inspection

struct InspectorRejectTests {
    @Test func steadyOnePercentOfBrokenRecordsNeverFreezes() {
        var random = SeededGenerator(seed: 6)
        var inspector = calmInspector(events: 0)
        var builder = EventBuilder(fields: usualFields)
        for _ in 0..<1000 { builder.add(usualFields, label: random.happens(0.3) ? 1 : 0) }
        var alarms: [Alarm] = []
        for number in 0..<100_000 {
            let isBroken = random.happens(0.01)
            alarms += isBroken ? inspector.observe(rejected: .notJSON) : inspector.observe(number % 1000, of: builder.batch)
        }
        #expect(alarms == [])
    }

    @Test func brokenRecordsAloneFreezeWithinTenEventsAndAccuseNoField() throws {
        var inspector = calmInspector()
        var alarms: [Alarm] = []
        for _ in 0..<10 { alarms += inspector.observe(rejected: .labelMissing) }
        let alarm = try #require(alarms.first)
        #expect(alarms.count == 1)
        #expect(alarm.detector == "reject-rate")
        #expect(alarm.changePoint == 1000)
        #expect(alarm.sentence.contains("label-missing"))
        #expect(inspector.detectors.filter { $0.family == .missing }.allSatisfy { $0.ratio == 0 })
    }

    @Test func steadyEightPercentFromTheStartIsLearntAsNormal() {
        var random = SeededGenerator(seed: 8)
        var inspector = calmInspector(events: 0)
        var builder = EventBuilder(fields: usualFields)
        for _ in 0..<1000 { builder.add(usualFields, label: random.happens(0.3) ? 1 : 0) }
        var alarms: [Alarm] = []
        for number in 0..<50_000 {
            let isBroken = random.happens(0.08)
            alarms += isBroken ? inspector.observe(rejected: .notJSON) : inspector.observe(number % 1000, of: builder.batch)
        }
        #expect(alarms == [])
    }
}
