import Foundation
import Learning
import Testing

@testable import Inspection

/// When what froze a lane is over.
struct RecoveryWatchTests {
    private func watch(_ unrest: [Unrest], time: Int64? = 0) -> RecoveryWatch {
        var watch = RecoveryWatch()
        for unrest in unrest { watch.observe(unrest, time: time) }
        return watch
    }

    @Test func overAfterSoManyEventsWithoutTheEvidenceForAnAlarm() {
        #expect(!watch([.calm, .calm]).isOver(after: 3))
        #expect(watch([.calm, .uneasy, .calm]).isOver(after: 3))
        #expect(!watch([.calm, .calm, .uneasy]).isOver(after: 3), "something is still raised")
        #expect(watch([.calm, .calm, .uneasy, .calm]).isOver(after: 3))
    }

    @Test func theEvidenceForAnAlarmBeginsItAnew() {
        var watch = watch([.calm, .calm, .alarming])
        #expect(watch.run == 0)
        for _ in 0..<3 { watch.observe(.calm, time: 0) }
        #expect(watch.run == 3 && watch.isOver(after: 3))
    }

    /// A freeze that ends by itself at this time (hours), if it may.
    private func resume(_ watch: inout RecoveryWatch, atHour hour: Int64) -> Bool {
        watch.observe(.calm, time: hour * 3_600_000)
        guard watch.mayResume else { return false }
        watch.resumed()
        return true
    }

    @Test func threeADayEndByThemselves() {
        var watch = RecoveryWatch()
        let outcomes = [0, 1, 2, 3, 23, 24, 25, 26, 27].map { resume(&watch, atHour: $0) }
        #expect(outcomes == [true, true, true, false, false, true, true, true, false])
    }

    @Test func timesFromTheEndsOfTimeAreNoTrouble() throws {
        var watch = RecoveryWatch()
        for time in [Int64.min, .max, 0, .min] {
            watch.observe(.calm, time: time)
            if watch.mayResume { watch.resumed() }
        }
        let data = try JSONEncoder().encode(watch)
        #expect(try JSONDecoder().decode(RecoveryWatch.self, from: data) == watch)
    }

    /// The run begins a few events after the damage, though it takes many good ones until all evidence is gone.
    @Test func theRunBeginsWhereTheDamageEnds() {
        var inspector = calmInspector()
        var builder = EventBuilder(fields: usualFields)
        let kept = Array(usualFields.dropFirst())
        for number in 0..<4_200 { builder.add(number < 200 ? kept : usualFields, label: number.isMultiple(of: 3) ? 1 : 0) }
        var watch = RecoveryWatch()
        var (start, end) = (0, 0)
        for row in 0..<builder.batch.count where end == 0 {
            _ = inspector.observe(row, of: builder.batch)
            watch.observe(inspector.unrest, time: nil)
            if watch.run == 1 { start = row }
            if watch.isOver(after: 512) { end = row }
        }
        #expect((200...240).contains(start), "\(start)")
        #expect(end > start + 512, "the evidence is still there after so few")
        #expect(inspector.unrest == .calm)
    }
}
