import Foundation
import Learning
import Testing

@testable import Inspection

struct InspectorPoisonTests {
    @Test func emptyBatchChangesNothing() {
        let inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        #expect(ExampleBatch().count == 0)
        #expect(inspector.holdFrom == nil)
        #expect(inspector.sequence == 0)
        #expect(inspector.profile.fields == [])
    }

    @Test func rowWithoutFeaturesIsAnEvent() {
        var inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        var builder = EventBuilder()
        builder.add([])
        #expect(inspector.observe(0, of: builder.batch) == [])
        #expect(inspector.profile.events == 1)
    }

    @Test func rejectsFromTheFirstEventOnFreezeFromTheFirstEvent() throws {
        var inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        var alarms: [Alarm] = []
        for _ in 0..<10_000 { alarms += inspector.observe(rejected: .notJSON) }
        #expect(alarms.count == 1)
        let alarm = try #require(alarms.first)
        #expect(alarm.changePoint == 0)
        #expect(alarm.sequence < 15)
        inspector.accept(["reject-rate"])
        for _ in 0..<1000 { #expect(inspector.observe(rejected: .notJSON) == []) }
    }

    @Test func oneClassOnlyIsNoAlarm() {
        var inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        var builder = EventBuilder()
        builder.add(["/a"], label: 1)
        var alarms: [Alarm] = []
        for _ in 0..<50_000 { alarms += inspector.observe(0, of: builder.batch) }
        #expect(alarms == [])
        #expect(inspector.holdFrom == nil)
    }

    @Test func explosionOfFieldNamesStaysBoundedAndKeepsTheUsualFieldWatched() throws {
        var inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        var alarms: [Alarm] = []
        // Two decoders' worth of names: a batch cannot number more than 65,536.
        for part in 0..<2 {
            var batch = ExampleBatch()
            batch.fieldNames = ["/usual"] + (0..<50_000).map { "/junk/\(part)/\($0)" }
            for junk in 0..<50_000 {
                batch.appendFeature(slot: 0, value: 1, field: 0)
                batch.appendFeature(slot: 1, value: 1, field: UInt16(1 + junk))
                batch.appendRow(label: Float(junk % 2), weight: 1, time: 0)
            }
            for row in 0..<50_000 { alarms += inspector.observe(row, of: batch) }
        }
        #expect(alarms == [])
        #expect(inspector.profile.fields.count == Profile.fieldLimit)
        #expect(inspector.profile.unprofiledFeatures == 100_000 - UInt64(Profile.fieldLimit) + 1)
        #expect(inspector.detectors.filter { $0.family == .missing }.map(\.name) == ["missing/usual"])
    }

    @Test func fieldWithAnEndlessNameIsNotProfiled() {
        var profile = Profile()
        var builder = EventBuilder()
        builder.add([String(repeating: "x", count: 10_000), "/short"])
        profile.observe(0, of: builder.batch)
        #expect(profile.fields.map(\.name) == ["/short"])
        #expect(profile.unprofiledFeatures == 1)
    }
}
