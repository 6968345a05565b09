import Testing

@testable import Freshet

/// What is refused, word for word: these sentences are what a user has at three in the morning.
@Suite struct SettingsRefusalTests {
    @Test func allProblemsAreListedAtOnceInTheOrderOfTheFile() {
        let lines = complaints(
            """
            model: Flowers
            kafka: {bootstrap.servers: localhost:9092}
            input:
              topics: purchases
              label: label
            learner: {bits: "20", tusk: binary}
            checkpoint:
              intervall: 5s
              holdBack: 5
            """, ["FRESHET_LOG_LEVEL": "loud"])
        #expect(
            lines == [
                "freshet.yaml:1: model: 'Flowers' is not a name; "
                    + "use 1 to 200 of the characters a-z 0-9 . _ -, beginning with a letter or digit",
                "freshet.yaml:4: input.topics: found 'purchases'; write a list of topic names, as in [purchases, refunds]",
                "freshet.yaml:5: input.label: 'label' is not a JSON Pointer; "
                    + "begin with / and write ~0 for ~ and ~1 for /, as in /features/price",
                "freshet.yaml:6: learner.bits: found the text \"20\"; write a whole number from 4 to 28",
                "freshet.yaml:6: learner.tusk: unknown key; did you mean task?",
                "freshet.yaml:8: checkpoint.intervall: unknown key; did you mean interval?",
                "freshet.yaml:9: checkpoint.holdBack: '5' is not a duration; write 0s to 1d with a unit: 250ms, 5s, 10m, 1h, 7d",
                "FRESHET_LOG_LEVEL: log.level: found 'loud'; write one of trace, debug, info, notice, warning, error, critical",
            ])
    }

    @Test func whatIsMissingIsNamedWithAnExample() {
        #expect(
            complaints("") == [
                "freshet.yaml: model: is missing; write model: and its name",
                "freshet.yaml: kafka.bootstrap.servers: is missing; write the brokers, as in localhost:9092",
                "freshet.yaml: input.topics: is missing; write the topics of labelled events, as in [purchases]",
                "freshet.yaml: input.label: is missing; write where the label stands in an event, as in /label",
            ])
    }

    @Test(arguments: [
        ("lerner: {}", "freshet.yaml:4: lerner: unknown key; did you mean learner?"),
        ("bits: 20", "freshet.yaml:4: bits: unknown key; did you mean learner.bits?"),
        ("listen: x", "freshet.yaml:4: listen: unknown key; did you mean serve.listen or metrics.listen?"),
        ("checkpoint: {hold_back: 1s}", "freshet.yaml:4: checkpoint.hold_back: unknown key; did you mean holdBack?"),
        ("twin: {shoe: 44}", "freshet.yaml:4: twin.shoe: unknown key; known here: age"),
        (
            "learner: 3",
            "freshet.yaml:4: learner: found a single value; write a map with any of alpha, beta, bits, influence, lambda1, lambda2, task"
        ),
        ("learner: {bits: 29}", "freshet.yaml:4: learner.bits: '29' is not a whole number; write a whole number from 4 to 28"),
        ("learner: {alpha: nan}", "freshet.yaml:4: learner.alpha: 'nan' is not a number; write a number from 1e-06 to 1000.0"),
        ("learner: {task: binray}", "freshet.yaml:4: learner.task: found 'binray'; did you mean binary?"),
        ("learner: {task: }", "freshet.yaml:4: learner.task: found nothing; write one of binary, regression"),
        (
            "watchdog: {stall: sometimes}",
            "freshet.yaml:4: watchdog.stall: 'sometimes' is not a duration; "
                + "write 100ms to 365d with a unit: 250ms, 5s, 10m, 1h, 7d, or off, or auto"
        ),
        ("allowPlaintext: yes", "freshet.yaml:4: allowPlaintext: 'yes' is not a flag; write true or false"),
        (
            "serve: {listen: 8080}",
            "freshet.yaml:4: serve.listen: '8080' is not a listening address; write host:port, as in 127.0.0.1:8080 or [::1]:8080"
        ),
        (
            "features: {declared: {price: {range: [0, 1]}}}",
            "freshet.yaml:4: features.declared.price.type: is missing; write type: number | category | boolean | text"
        ),
        (
            "features: {declared: {price: }}",
            "freshet.yaml:4: features.declared.price.type: is missing; write type: number | category | boolean | text"
        ),
        (
            "features: {declared: {price: {type: number, range: [2, 1]}}}",
            "freshet.yaml:4: features.declared.price.range: 2.0 is not below 1.0; write two numbers, the lower first, as in [0, 10000]"
        ),
        (
            "features: {declared: {price: {type: number, min: 0}}}",
            "freshet.yaml:4: features.declared.price.min: unknown key; known here: range, required, type"
        ),
    ])
    func aWrongKeyOrValueSaysWhatWouldBeRight(line: String, complaint: String) {
        #expect(complaints("\(leastSettings)\n\(line)") == [complaint])
    }

    @Test(arguments: [
        (
            "features: {declared: {c: {type: text, range: [0, 1]}}}",
            "features.declared.c.range: a text has no range; take it out, or write type: number"
        ),
        (
            "features: {fields: \"\", declared: {label: {type: number}}}",
            "features.declared.label: is the label: the model would learn what it is asked; take the field out"
        ),
        (
            "checkpoint: {retain: {hourly: 0, daily: 0}}",
            "checkpoint.scrub.versions: 16 is not below the 8 versions that are kept; write at most 7, or keep more"
        ),
        (
            "serve: {staleAfter: 7s}",
            "serve.staleAfter: 7s is not above checkpoint.interval and holdBack together (7s); write more, or shorten those"
        ),
        ("{checkpoint: {lanes: 2}, serve: {version: 7}}", "serve.version: with 2 lanes a served version is no single number; take it out"),
        ("metrics: {listen: 127.0.0.1:8080}", "metrics.listen: is the same address as serve.listen; write another port, or off"),
        (
            "{learner: {task: regression}, watchdog: {policy: {label-rate: freeze}}}",
            "watchdog.policy.label-rate: a regression has no labels of two classes; take it out, or write off"
        ),
    ])
    func anImpossibleCombinationIsRefused(line: String, complaint: String) {
        let yaml =
            line.hasPrefix("{")
            ? "\(leastSettings)\n\(line.dropFirst().dropLast().replacing("}, ", with: "}\n"))" : "\(leastSettings)\n\(line)"
        #expect(complaints(yaml).map { String($0.drop { $0 != " " }.dropFirst()) } == [complaint])
    }

    @Test func aModelCannotLearnFromItsOwnTopics() {
        #expect(
            complaints("model: m\nkafka: {bootstrap.servers: localhost}\ninput: {topics: [m.quarantine], label: /y, time: /y}") == [
                "freshet.yaml:3: input.time: is the same place as input.label; point at a place of its own",
                "freshet.yaml:3: input.topics: m.quarantine is a topic the model writes itself; name the topics of labelled events",
            ])
    }

    @Test func aPropertyTheProtocolRestsOnIsNotForSetting() {
        #expect(
            complaints("model: m\nkafka: {bootstrap.servers: localhost, enable.auto.commit: true}\ninput: {topics: [t], label: /y}") == [
                "freshet.yaml:2: kafka.enable.auto.commit: Freshet sets this itself: the manifest holds the positions; take it out"
            ])
    }

    @Test(arguments: ["a: b: c", "model: [", "\tmodel: x", "model: x\n---\nmodel: y"])
    func whatIsNoYAMLIsRefusedWithItsLine(yaml: String) {
        let lines = complaints(yaml)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("freshet.yaml:") == true)
        #expect(lines.first?.contains("this is no YAML") == true)
    }

    @Test func aKeyWrittenTwiceIsRefused() {
        let lines = complaints("model: a\nlearner:\n  bits: 20\n  bits: 21\n")
        #expect(lines == ["freshet.yaml:3: written twice in this map: bits; keep one of each"])
    }
}

@Suite struct SettingsEncryptionTests {
    private func complaint(_ kafka: String, _ more: String = "") -> String? {
        complaints("model: m\nkafka: {\(kafka)}\ninput: {topics: [t], label: /y}\n\(more)").first
    }

    @Test(arguments: ["localhost:9092", "127.0.0.1:9092", "\"[::1]:9092\"", "\"127.0.0.1:1,localhost:2\"", "PLAINTEXT://localhost:9092"])
    func thisMachineMayBeTalkedToInTheClear(servers: String) {
        #expect(complaint("bootstrap.servers: \(servers)") == nil)
    }

    @Test(arguments: [
        "kafka:9092", "10.0.0.1:9092", "\"localhost:9092, kafka:9092\"", "localhost.example.org", "127.0.0.1.example.org",
        "PLAINTEXT://kafka:9092",
    ])
    func anotherMachineMayNot(servers: String) {
        #expect(complaint("bootstrap.servers: \(servers)")?.hasPrefix("freshet.yaml:2: kafka.bootstrap.servers: ") == true)
        #expect(complaint("bootstrap.servers: \(servers), security.protocol: sasl_plaintext")?.contains("security.protocol: ") == true)
        #expect(complaint("bootstrap.servers: \(servers), security.protocol: SSL") == nil)
        #expect(complaint("bootstrap.servers: \(servers), security.protocol: sasl_ssl") == nil)
        #expect(complaint("bootstrap.servers: \(servers)", "allowPlaintext: true") == nil)
    }

    @Test func encryptionWithoutAKnownPeerIsNone() {
        let unchecked = "bootstrap.servers: \"kafka:9093\", security.protocol: ssl, enable.ssl.certificate.verification: false"
        #expect(complaint(unchecked)?.contains("keeps nobody out") == true)
        #expect(complaint(unchecked, "allowPlaintext: true") == nil)
    }
}
