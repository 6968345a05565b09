import Events
import Inspection
import Learning
import Logging
import Testing

@testable import Freshet

/// The settings every test starts from: the least that a trainer needs.
let leastSettings = """
    model: flowers
    kafka: {bootstrap.servers: localhost:9092}
    input: {topics: [purchases], label: /label}
    """

func parse(_ yaml: String, _ environment: [String: String] = [:], needs: Settings.Needs = .all) throws(SettingsError) -> Settings {
    try Settings.parse(yaml: yaml, file: "freshet.yaml", environment: environment, needs: needs)
}

/// The refusal's lines; empty when the settings are accepted.
func complaints(_ yaml: String, _ environment: [String: String] = [:], needs: Settings.Needs = .all) -> [String] {
    do throws(SettingsError) {
        _ = try parse(yaml, environment, needs: needs)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

@Suite struct SettingsFileTests {
    @Test func theLeastFileLeavesEverythingElseAtItsDefault() throws {
        var expected = Settings()
        expected.model = "flowers"
        expected.kafka.values = ["bootstrap.servers": "localhost:9092"]
        expected.input.topics = ["purchases"]
        expected.input.label = "/label"
        #expect(try parse(leastSettings) == expected)
    }

    @Test func everySectionIsRead() throws {
        let settings = try parse(
            """
            model: flowers
            kafka:
              bootstrap.servers: kafka.example.org:9093
              security.protocol: sasl_ssl
              sasl.username: freshet
              socket.timeout.ms: 5000
            input:
              topics: [purchases, refunds]
              start: 2026-02-14T00:00:00Z
              label: /label
              time: /ts
              id: /id
              weight: /weight
              gap: continue
              limits: {bytes: 64KiB, depth: 8}
            features:
              fields: ""
              declared:
                price: {type: number, range: [0, 10000], required: true}
                country: {type: category}
              undeclared: learn
              numbers: raw
              seed: 18446744073709551615
            learner: {task: regression, bits: 18, alpha: 0.05, beta: 2, lambda1: 0.5, lambda2: 1e-3, influence: 0.25}
            checkpoint:
              interval: 250ms
              retain: {latest: 4, hourly: 2, daily: 1}
              lanes: 3
              holdBack: 0s
              holdBackEvents: 20000
              scrub: {versions: 3}
            watchdog:
              stall: 10m
              policy: {reject-rate: alert, missing: off, constant-label: freeze}
              probation: 1h
              rejectTolerance: 0.1
            twin: {age: off}
            serve: {listen: "[::1]:80", staleAfter: 7d}
            metrics: {listen: off}
            watch:
              alertmanager: http://localhost:9093
              webhook: https://hooks.example.org/T0/secret
              runbooks: https://example.org/runbooks/
              trainerSilentAfter: 20s
              publisherBehindAfter: 2m
              repeat: 1h
            log: {level: debug, format: json}
            """)
        #expect(settings.input.start == .time(1_771_027_200_000))
        #expect(settings.input.topics == ["purchases", "refunds"])
        #expect(settings.input.gap == .continue)
        #expect(settings.input.limits == EventLimits(documentBytes: 65_536, depth: 8, features: 10_000))
        #expect(settings.kafka["socket.timeout.ms"] == "5000")
        #expect(settings.features.fields.isEmpty)
        #expect(settings.features.declared["price"] == DeclaredField(type: .number, range: 0...10_000, required: true))
        #expect(settings.features.declared["country"] == DeclaredField(type: .category))
        #expect(settings.features.undeclared == .learn)
        #expect(settings.features.seed == .max)
        #expect(settings.learner.task == .regression)
        #expect(settings.learner.ftrl.lambda2 == 0.001)
        #expect(settings.checkpoint.interval == .milliseconds(250))
        #expect(settings.checkpoint.retain == Settings.Retain(latest: 4, hourly: 2, daily: 1))
        #expect(settings.watchdog.stall == .after(.seconds(600)))
        #expect(settings.watchdog.policy[.missing] == .off)
        #expect(settings.watchdog.policy[.labelRate] == .alert)
        #expect(settings.twinAge == nil)
        #expect(settings.serve.listen == Settings.Address(host: "::1", port: 80))
        #expect(settings.serve.staleAfter == .seconds(7 * 86_400))
        #expect(settings.metricsListen.address(standard: settings.serve.listen) == nil)
        #expect(settings.watch.webhook?.url == "https://hooks.example.org/T0/secret")
        #expect(settings.watch.repeat == .seconds(3_600))
        #expect(settings.log == Settings.Log(level: .debug, format: .json))
    }

    @Test func aSectionWithNothingInItIsAsGoodAsNone() {
        #expect(complaints(leastSettings + "\nwatch:\nlearner:\n") == [])
    }

    @Test func aCommandNeedsNoMoreThanItUses() throws {
        #expect(complaints("model: flowers\ninput: {label: /label}", needs: .label) == [])
        #expect(complaints("model: flowers\nkafka: {bootstrap.servers: localhost}", needs: .kafka) == [])
    }

    @Test(arguments: [
        ("2026-02-14", 1_771_027_200_000), ("2026-02-14T00:00:00Z", 1_771_027_200_000), ("2026-02-14T01:00:00+01:00", 1_771_027_200_000),
        ("2026-02-14T00:00:00.125Z", 1_771_027_200_125), ("1969-12-31T23:59:59Z", -1_000),
    ])
    func aStartTimeIsTheSameMomentEverywhere(text: String, milliseconds: Int64) {
        #expect(Times.milliseconds(text) == milliseconds)
    }

    @Test(arguments: ["2026-02-14T00:00:00", "2026-02-14T00:00:00Zx", "2026-02-30", "2026-02-14T24:00:00Z", "14.2.2026", "yesterday", ""])
    func aStartTimeThatIsNoMomentIsRefused(text: String) {
        #expect(Times.milliseconds(text) == nil)
    }

    @Test(arguments: ["0s", "250ms", "5s", "90s", "10m", "1h", "7d"])
    func aDurationIsShownAsItWasWritten(text: String) throws {
        let duration = try #require(Durations.parse(text))
        #expect(Durations.shown(duration) == text)
    }

    @Test(arguments: ["5", "s", "5 s", "1.5s", "-1s", "5S", "99999999999999999999s", "9223372036854775807d", ""])
    func aDurationThatIsNoneIsRefused(text: String) {
        #expect(Durations.parse(text) == nil)
    }

    @Test func sizesAreBinary() {
        #expect(Sizes.parse("16MiB") == 16 << 20)
        #expect(Sizes.shown(16 << 20) == "16MiB")
        #expect(["16MB", "16", "MiB", "9223372036854775807KiB"].compactMap(Sizes.parse) == [])
    }
}
