import Events
import Foundation
import Inspection
import Learning
import Testing

@testable import Freshet

@Suite struct SettingsEnvironmentTests {
    /// A value for every key that differs from its default.
    private static let values: [String: String] = [
        "model": "roses", "allowPlaintext": "true", "input.topics": "purchases, refunds", "input.start": "latest", "input.format": "json",
        "input.label": "/y", "input.time": "/t", "input.id": "/i", "input.weight": "/w", "input.gap": "continue",
        "input.limits.bytes": "2MiB",
        "input.limits.features": "9", "input.limits.depth": "3", "features.fields": "/f", "features.undeclared": "learn",
        "features.numbers": "raw", "features.seed": "7",
        "learner.task": "regression", "learner.bits": "10", "learner.alpha": "0.5", "learner.beta": "0.25", "learner.lambda1": "2.0",
        "learner.lambda2": "3.0", "learner.influence": "4.0", "checkpoint.interval": "2s", "checkpoint.retain.latest": "3",
        "checkpoint.retain.hourly": "4", "checkpoint.retain.daily": "5", "checkpoint.lanes": "2", "checkpoint.holdBack": "3s",
        "checkpoint.holdBackEvents": "6", "checkpoint.scrub.versions": "7", "watchdog.stall": "9s", "watchdog.policy.reject-rate": "off",
        "watchdog.policy.missing": "alert", "watchdog.policy.constant-label": "alert", "watchdog.policy.label-rate": "off",
        "watchdog.policy.broken-events": "alert", "watchdog.policy.strange": "alert", "watchdog.policy.stuck": "alert",
        "watchdog.policy.shift": "freeze", "watchdog.policy.replaced": "alert", "watchdog.policy.duplicates": "freeze",
        "watchdog.policy.unseen": "freeze", "watchdog.policy.new-fields": "freeze", "watchdog.policy.clock": "off",
        "watchdog.policy.label-flip": "alert", "watchdog.policy.label-noise": "freeze", "watchdog.policy.calibration": "freeze",
        "watchdog.policy.predictions": "freeze", "watchdog.policy.updates": "freeze", "watchdog.policy.event-time": "alert",
        "watchdog.policy.loss": "alert", "watchdog.policy.non-finite": "alert",
        "watchdog.resume.reject-rate": "manual", "watchdog.resume.missing-field": "manual", "watchdog.resume.broken-events": "manual",
        "watchdog.resume.strange-values": "manual", "watchdog.resume.stuck-field": "manual", "watchdog.resume.replaced-values": "manual",
        "watchdog.resume.duplicates": "manual", "watchdog.resume.event-time": "manual",
        "watchdog.probation": "6s", "watchdog.rejectTolerance": "0.25", "twin.age": "1d", "serve.listen": "0.0.0.0:80",
        "serve.staleAfter": "1h", "serve.version": "12", "metrics.listen": "127.0.0.1:9999", "watch.alertmanager": "http://alerts:9093",
        "watch.webhook": "https://hooks.example.org", "watch.runbooks": "https://example.org/runbooks", "watch.trainerSilentAfter": "16s",
        "watch.publisherBehindAfter": "61s", "watch.repeat": "6m", "log.level": "debug", "log.format": "json",
    ]

    @Test func everyKeyCanBeOverridden() throws {
        for key in Settings.keys where !key.hasChosenName {
            let value = try #require(Self.values[key.path], "the test has no value for \(key.path)")
            var environment = [SettingsEnvironment.name(of: key): value]
            if key.path == "serve.version" { environment["FRESHET_CHECKPOINT_LANES"] = "1" }
            let settings = try parse(leastSettings, environment)
            let expected = key.isList ? "[\(value)]" : value
            #expect(key.show(settings) == expected, "\(key.path)")
            if key.path != "input.format" { #expect(key.show(settings) != key.show(Settings()), "\(key.path)") }
        }
    }

    @Test func theEnvironmentWinsOverTheFile() throws {
        let settings = try parse("\(leastSettings)\ncheckpoint: {interval: 1s, holdBack: 1s}", ["FRESHET_CHECKPOINT_HOLD_BACK": "4s"])
        #expect(settings.checkpoint.holdBack == .seconds(4))
        #expect(settings.checkpoint.interval == .seconds(1))
    }

    @Test func theEnvironmentAloneIsEnough() throws {
        let settings = try parse(
            "",
            [
                "FRESHET_MODEL": "m", "FRESHET_KAFKA_BOOTSTRAP_SERVERS": "localhost:1", "FRESHET_INPUT_TOPICS": "t",
                "FRESHET_INPUT_LABEL": "/y",
                "FRESHET_FEATURES_DECLARED": "{price: {type: number, range: [0, 5]}}",
            ])
        #expect(settings.kafka["bootstrap.servers"] == "localhost:1")
        #expect(settings.features.declared["price"]?.range == 0...5)
    }

    @Test func aProblemNamesItsVariable() {
        #expect(
            complaints(
                leastSettings,
                [
                    "FRESHET_CHECKPOINT_INTERVAL": "5", "FRESHET_CHECKPOINT_LANES": "", "FRESHET_FEATURES_DECLARED": "{a: {kind: text}}",
                    "FRESHET_LEARNER_BITS": "20", "FRESHET_LEARNER_BITS_FILE": "/dev/null",
                ]) == [
                    "FRESHET_CHECKPOINT_INTERVAL: checkpoint.interval: '5' is not a duration; "
                        + "write 100ms to 7d with a unit: 250ms, 5s, 10m, 1h, 7d",
                    "FRESHET_CHECKPOINT_LANES: checkpoint.lanes: is empty; give it a value or take it out",
                    "FRESHET_FEATURES_DECLARED: features.declared.a.kind: unknown key; known here: range, required, type",
                    "FRESHET_FEATURES_DECLARED: features.declared.a.type: is missing; write type: number | category | boolean | text",
                    "FRESHET_LEARNER_BITS_FILE: learner.bits: FRESHET_LEARNER_BITS is set as well; set one of them",
                ])
    }

    @Test func aMistypedVariableIsRefusedAndAForeignOneIsNot() {
        #expect(
            complaints(leastSettings, ["FRESHET_CHEKPOINT_INTERVAL": "2s", "FRESHET_LEARNER_SIZE": "2"]) == [
                "FRESHET_CHEKPOINT_INTERVAL: unknown setting; did you mean FRESHET_CHECKPOINT_INTERVAL?",
                "FRESHET_LEARNER_SIZE: unknown setting; see the list of settings",
            ])
        let foreign = [
            "FRESHET_SERVE_SERVICE_HOST": "10.0.0.1", "FRESHET_SERVE_PORT_8080_TCP": "tcp://10.0.0.1:8080", "FRESHET_SERVE_PORT": "tcp://x",
        ]
        #expect(complaints(leastSettings, foreign.merging(["FRESHET_HOME": "/", "PATH": "/bin", "LEARNER_BITS": "3"]) { $1 }) == [])
    }
}

@Suite struct SettingsSecretTests {
    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(component: "settings-secret-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path)
    }

    @Test func aSecretIsReadFromItsFile() throws {
        try withFile("hunter2\n") { path in
            let settings = try parse(leastSettings, ["FRESHET_KAFKA_SASL_PASSWORD_FILE": path])
            #expect(settings.kafka["sasl.password"] == "hunter2")
        }
    }

    @Test func aFileThatCannotBeReadIsNamed() {
        #expect(
            complaints(leastSettings, ["FRESHET_KAFKA_SASL_PASSWORD_FILE": "/nowhere/password"]) == [
                "FRESHET_KAFKA_SASL_PASSWORD_FILE: kafka.sasl.password: '/nowhere/password' cannot be read as a text file; "
                    + "name a file that this process may read"
            ])
    }

    @Test(arguments: [
        "sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
    ])
    func aSecretPropertyIsNeverShown(property: String) throws {
        let settings = try parse("model: m\nkafka: {bootstrap.servers: localhost, \(property): hunter2}\ninput: {topics: [t], label: /y}")
        #expect(settings.kafka[property] == "hunter2")
        expectHidden("hunter2", in: settings)
        #expect(settings.description.contains("kafka.\(property): (secret)"))
    }

    @Test(arguments: ["sasl.username", "ssl.ca.location", "ssl.key.location", "bootstrap.servers"])
    func whatIsNoSecretIsShown(property: String) {
        #expect(!Settings.KafkaProperties.isSecret(property))
    }

    @Test func ofAnAlertAddressOnlyTheOriginIsShown() throws {
        let settings = try parse("\(leastSettings)\nwatch: {webhook: \"https://user:hunter2@hooks.example.org:8443/hunter2?key=hunter2\"}")
        expectHidden("hunter2", in: settings)
        #expect(settings.watch.webhook?.description == "https://hooks.example.org:8443")
    }

    @Test(arguments: [
        "kafka: hunter2", "kafka: {sasl.password: [hunter2]}", "kafka: {sasl.password: hunter2: x}", "kafka: {sasl.password: \"hunter2}",
        "watch: {webhook: hunter2}", "watch: {alertmanager: \"ftp://hunter2\"}", "watch: hunter2",
        "kafka: {sasl.password: hunter2, sasl.password: hunter2}",
    ])
    func aRefusalNeverQuotesASecret(yaml: String) {
        let lines = complaints(yaml)
        #expect(!lines.isEmpty)
        #expect(!lines.joined().contains("hunter2"))
    }

    @Test func aRefusedVariableNeverQuotesASecret() {
        let lines = complaints(
            leastSettings,
            ["FRESHET_WATCH_WEBHOOK": "hunter2", "FRESHET_KAFKA_SASL_PASSWORD": "hunter2", "FRESHET_KAFKA_SASL_PASSWORD_FILE": "/x"])
        #expect(lines.count == 2)
        #expect(!lines.joined().contains("hunter2"))
    }

    private func expectHidden(_ secret: String, in settings: Settings) {
        var dumped = ""
        dump(settings, to: &dumped)
        for text in [settings.description, "\(settings)", String(reflecting: settings.kafka), String(reflecting: settings.watch), dumped] {
            #expect(!text.contains(secret))
        }
    }
}
