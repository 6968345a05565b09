import Learning
import Testing

@testable import Inspection

struct InspectorPolicyTests {
    @Test func detectorThatIsOffRaisesNothing() {
        let off = InspectionConfiguration(policy: [.missing: .off, .rejectRate: .off])
        var inspector = calmInspector(off)
        let alarm = firstAlarm(&inspector, of: "missing/price", limit: 100) { number, builder in
            builder.add(["/age"], label: Float(number % 2))
        }
        for _ in 0..<100 { #expect(inspector.observe(rejected: .notJSON) == []) }
        #expect(alarm == nil)
        #expect(inspector.holdFrom == nil)
        #expect(!inspector.isSuspect)
    }

    @Test func detectorThatOnlyAlertsHoldsNothingBack() throws {
        var inspector = calmInspector(InspectionConfiguration(policy: [.missing: .alert]))
        let alarm = try #require(
            firstAlarm(&inspector, of: "missing/price", limit: 100) { number, builder in
                builder.add(["/country", "/age"], label: Float(number % 2))
            })
        #expect(alarm.action == .alert)
        #expect(inspector.holdFrom == nil)
        #expect(!inspector.isSuspect)
    }

    @Test func labelRateOnlyAlertsByDefault() throws {
        var inspector = calmInspector(events: 5000)
        let alarm = try #require(
            firstAlarm(&inspector, of: "label-rate") { number, builder in builder.add(usualFields, label: number % 20 == 0 ? 0 : 1) })
        #expect(alarm.action == .alert)
        #expect(!inspector.isSuspect)
        #expect(alarm.sentence.contains("%"))
    }

    @Test func acceptedFieldIsLearntAnewAndAlarmsNoMoreForWhatIsUsualNow() {
        var inspector = calmInspector()
        let withoutPrice: (Int, inout EventBuilder) -> Void = { number, builder in
            builder.add(["/country", "/age"], label: Float(number % 2))
        }
        #expect(firstAlarm(&inspector, of: "missing/price", event: withoutPrice) != nil)
        inspector.accept(["missing/price", "no-such-detector"])
        #expect(inspector.holdFrom == nil)
        #expect(firstAlarm(&inspector, of: "missing/price", limit: 3000, event: withoutPrice) == nil)
    }

    @Test func forgottenEvidenceAlarmsAgainWhenItGoesOn() throws {
        var inspector = calmInspector()
        let withoutPrice: (Int, inout EventBuilder) -> Void = { number, builder in
            builder.add(["/country", "/age"], label: Float(number % 2))
        }
        _ = firstAlarm(&inspector, of: "missing/price", event: withoutPrice)
        let resumed = inspector.sequence
        inspector.forget(["missing/price"])
        #expect(!inspector.isSuspect)
        let again = try #require(firstAlarm(&inspector, of: "missing/price", event: withoutPrice))
        #expect(again.changePoint == resumed)
    }

    @Test func `fields that are new in a share of the events are told`() throws {
        var inspector = calmInspector()
        let alarm = try #require(
            firstAlarm(&inspector, of: "new-fields", limit: 2_000) { number, builder in
                builder.add(["/price", "/country", "/age"] + (number % 10 == 0 ? ["/field-\(number)"] : []), label: Float(number % 2))
            })
        #expect(alarm.action == .alert)
    }

    @Test func evidenceGatheredWhileOffIsRaisedAgainOnceItCanFreeze() throws {
        var inspector = calmInspector(InspectionConfiguration(policy: [.missing: .off]))
        let withoutPrice: (Int, inout EventBuilder) -> Void = { number, builder in
            builder.add(["/country", "/age"], label: Float(number % 2))
        }
        #expect(firstAlarm(&inspector, of: "missing/price", limit: 100, event: withoutPrice) == nil)
        inspector.configure(InspectionConfiguration())
        #expect(firstAlarm(&inspector, of: "missing/price", event: withoutPrice) != nil)
    }

    @Test(arguments: [
        (InspectionConfiguration(ratePerSecond: 0), "ratePerSecond"),
        (InspectionConfiguration(falseFreezesPerMonth: -1), "falseFreezesPerMonth"),
        (InspectionConfiguration(window: 0), "window"),
        (InspectionConfiguration(rejectTolerance: 1), "rejectTolerance"),
        (InspectionConfiguration(missingTolerance: .nan), "missingTolerance"),
        (InspectionConfiguration(learningEvents: 5), "learningEvents"),
    ])
    func impossibleSettingIsRefusedByName(configuration: InspectionConfiguration, setting: String) {
        let error = #expect(throws: InspectionConfigurationError.self) { try configuration.check() }
        #expect(error?.setting == setting)
    }
}
