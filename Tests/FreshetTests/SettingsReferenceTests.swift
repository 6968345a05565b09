import Inspection
import Testing

@testable import Freshet

@Suite struct SettingsReferenceTests {
    /// A value that no key reaches could never be set; a key that reaches no value would be ignored.
    @Test func everyValueHasItsKey() {
        var count = 0
        func countLeaves(_ value: Any) {
            let mirror = Mirror(reflecting: value)
            let isTree = mirror.displayStyle == .struct && !mirror.children.isEmpty && !(value is Duration) && !(value is Settings.Address)
            guard isTree, !(value is Settings.KafkaProperties), !(value is Settings.Policy) else {
                count += 1
                return
            }
            for child in mirror.children { countLeaves(child.value) }
        }
        countLeaves(Settings())
        let declaredKeys = Settings.keys.filter { $0.path.hasPrefix("features.declared.") }.count
        let choices = DetectorFamily.allCases.count - 1 + Settings.kindsThatEnd.count - 1
        #expect(count == Settings.keys.count - declaredKeys - choices + 1)
    }

    @Test func pathsAndVariablesAreUnique() {
        #expect(Set(Settings.keys.map(\.path)).count == Settings.keys.count)
        let variables = Settings.keys.filter { !$0.path.hasPrefix("features.declared.") }.map(SettingsEnvironment.name(of:))
        #expect(Set(variables).count == variables.count)
    }

    @Test func everyKeyIsExplained() {
        for row in Settings.reference {
            #expect(!row.type.isEmpty && row.meaning.hasSuffix("."), "\(row.key)")
            #expect(row.environment.hasPrefix("FRESHET_"), "\(row.key)")
        }
    }

    @Test(arguments: [
        ("checkpoint.holdBack", "FRESHET_CHECKPOINT_HOLD_BACK", "duration", "2s"),
        ("watchdog.policy.reject-rate", "FRESHET_WATCHDOG_POLICY_REJECT_RATE", "off | alert | freeze", "freeze"),
        ("input.topics", "FRESHET_INPUT_TOPICS", "list of names", nil),
        ("kafka.<property>", "FRESHET_KAFKA_PROPERTY", "librdkafka property", nil),
        ("features.declared.<field>.type", "FRESHET_FEATURES_DECLARED", "number | category | boolean | text", nil),
        ("serve.staleAfter", "FRESHET_SERVE_STALE_AFTER", "duration", nil),
        ("twin.age", "FRESHET_TWIN_AGE", "duration or off", "1h"),
        ("input.limits.bytes", "FRESHET_INPUT_LIMITS_BYTES", "size", "1MiB"),
    ])
    func aRowSaysWhatTheKeyTakes(key: String, environment: String, type: String, defaultValue: String?) {
        let row = Settings.reference.first { $0.key == key }
        #expect(row?.environment == environment)
        #expect(row?.type == type)
        #expect(row?.defaultValue == defaultValue)
    }

    /// What the description shows can be written back as it stands.
    @Test func theDescriptionReadsBackAsTheSameSettings() throws {
        let settings = try parse("\(leastSettings)\nfeatures: {declared: {price: {type: number, range: [0, 5]}}}")
        let variables = Dictionary(
            uniqueKeysWithValues: Settings.keys.filter { !$0.hasChosenName }.map { ($0.path, SettingsEnvironment.name(of: $0)) })
        var environment = ["FRESHET_KAFKA_BOOTSTRAP_SERVERS": "localhost:9092"]
        for line in settings.description.split(separator: "\n") {
            guard let colon = line.firstRange(of: ": "), let variable = variables[String(line[..<colon.lowerBound])] else { continue }
            let value = line[colon.upperBound...]
            if !value.contains("own") { environment[variable] = String(value.hasPrefix("[") ? value.dropFirst().dropLast() : value) }
        }
        environment["FRESHET_FEATURES_DECLARED"] = "{price: {type: number, range: [0.0, 5.0], required: false}}"
        #expect(try parse("", environment) == settings)
    }

    @Test func aSuggestionIsNearOrNotMadeAtAll() {
        let keys = ["interval", "holdBack", "id", "lanes"]
        #expect(nearest("intreval", among: keys) == "interval")
        #expect(nearest("hold-back", among: keys) == "holdBack")
        #expect(nearest("idd", among: keys) == "id")
        #expect(nearest("zz", among: keys) == nil)
        #expect(nearest("", among: keys) == nil)
        #expect(nearest("interval", among: []) == nil)
    }
}
