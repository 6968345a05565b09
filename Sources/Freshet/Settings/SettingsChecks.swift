import Events
import Inspection
import Learning

/// What no single key can tell: missing keys and values that do not go together.
struct SettingsChecks {
    let settings: Settings
    let origins: [String: SettingsOrigin]
    let file: String

    func problems(needs: Settings.Needs) -> [SettingsProblem] {
        missing(needs) + kafka() + pointers() + topics() + timing() + retention() + features() + lanes() + listeners()
    }

    private func missing(_ needs: Settings.Needs) -> [SettingsProblem] {
        var missing: [(path: String, fix: String)] = [("model", "write model: and its name")]
        if needs.contains(.kafka) { missing.append(("kafka.bootstrap.servers", "write the brokers, as in localhost:9092")) }
        if needs.contains(.topics) { missing.append(("input.topics", "write the topics of labelled events, as in [purchases]")) }
        if needs.contains(.label) { missing.append(("input.label", "write where the label stands in an event, as in /label")) }
        return missing.filter { origins[$0.path] == nil }.map { problem($0.path, "is missing", $0.fix) }
    }

    private func kafka() -> [SettingsProblem] {
        let owned = settings.kafka.values.keys.sorted().compactMap { property in
            KafkaRules.owned[property].map { problem("kafka.\(property)", "Freshet sets this itself: \($0)", "take it out") }
        }
        return owned + encryption()
    }

    private func encryption() -> [SettingsProblem] {
        guard !settings.allowPlaintext, let servers = settings.kafka["bootstrap.servers"],
            let remote = KafkaRules.hosts(servers).first(where: { !KafkaRules.isLoopback($0) })
        else { return [] }
        let protocolName = settings.kafka["security.protocol"]?.lowercased() ?? "plaintext"
        guard ["ssl", "sasl_ssl"].contains(protocolName) else {
            let path = settings.kafka["security.protocol"] == nil ? "kafka.bootstrap.servers" : "kafka.security.protocol"
            return [
                problem(
                    path, "\(remote) is another machine, and \(protocolName) is not encrypted",
                    "write security.protocol: ssl or sasl_ssl (or allowPlaintext: true in a closed network)")
            ]
        }
        guard settings.kafka["enable.ssl.certificate.verification"]?.lowercased() == "false" else { return [] }
        return [
            problem(
                "kafka.enable.ssl.certificate.verification", "without it, encryption keeps nobody out",
                "give the authority's certificate as ssl.ca.location (or allowPlaintext: true in a closed network)")
        ]
    }

    private func pointers() -> [SettingsProblem] {
        let given: [(path: String, pointer: String?)] = [
            ("input.label", settings.input.label), ("input.time", settings.input.time), ("input.id", settings.input.id),
            ("input.weight", settings.input.weight),
        ]
        var problems: [SettingsProblem] = []
        for (index, later) in given.enumerated() where later.pointer != nil {
            for earlier in given[..<index] where earlier.pointer == later.pointer && earlier.pointer?.isEmpty == false {
                problems.append(problem(later.path, "is the same place as \(earlier.path)", "point at a place of its own"))
            }
        }
        for name in settings.features.declared.keys.sorted() where "\(settings.features.fields)/\(name)" == settings.input.label {
            problems.append(
                problem("features.declared.\(name)", "is the label: the model would learn what it is asked", "take the field out"))
        }
        return problems
    }

    private func topics() -> [SettingsProblem] {
        let own = ["checkpoint", "control", "quarantine", "audit"].map { "\(settings.model).\($0)" }
        return settings.input.topics.filter(own.contains).map {
            problem("input.topics", "\($0) is a topic the model writes itself", "name the topics of labelled events")
        }
    }

    /// A version is served `interval + holdBack` after its events at the earliest; a limit below that would always be passed.
    private func timing() -> [SettingsProblem] {
        let soonest = settings.checkpoint.interval + settings.checkpoint.holdBack
        let limits: [(path: String, limit: Duration?)] = [
            ("serve.staleAfter", settings.serve.staleAfter), ("watch.publisherBehindAfter", settings.watch.publisherBehindAfter),
        ]
        return limits.compactMap { path, limit in
            guard let limit, limit <= soonest else { return nil }
            return problem(
                path, "\(Durations.shown(limit)) is not above checkpoint.interval and holdBack together (\(Durations.shown(soonest)))",
                "write more, or shorten those")
        }
    }

    /// A page's older copies must not all leave the ladder before it is written again.
    private func retention() -> [SettingsProblem] {
        let retain = settings.checkpoint.retain
        // The first version of an hour or a day that has just begun is no old one: two of them are.
        guard retain.hourly < 2, retain.daily < 2, settings.checkpoint.scrubVersions >= retain.latest else { return [] }
        return [
            problem(
                "checkpoint.scrub.versions",
                "\(settings.checkpoint.scrubVersions) is not below the \(retain.latest) versions that are kept",
                "write at most \(retain.latest - 1), or keep more")
        ]
    }

    private func features() -> [SettingsProblem] {
        var problems: [SettingsProblem] = []
        for (name, field) in settings.features.declared.sorted(by: { $0.key < $1.key }) where field.range != nil && field.type != .number {
            problems.append(
                problem("features.declared.\(name).range", "a \(field.type.rawValue) has no range", "take it out, or write type: number"))
        }
        return problems + labelFamilies()
    }

    private func labelFamilies() -> [SettingsProblem] {
        guard settings.learner.task == .regression else { return [] }
        return [DetectorFamily.labelRate, .labelFlip, .labelNoise, .calibration].compactMap { family in
            let key = "watchdog.policy.\(family.rawValue)"
            guard origins[key] != nil, settings.watchdog.policy[family] != .off else { return nil }
            return problem(key, "a regression has no labels of two classes", "take it out, or write off")
        }
    }

    private func lanes() -> [SettingsProblem] {
        guard settings.serve.version != nil, settings.checkpoint.lanes > 1 else { return [] }
        return [problem("serve.version", "with \(settings.checkpoint.lanes) lanes a served version is no single number", "take it out")]
    }

    private func listeners() -> [SettingsProblem] {
        guard settings.metricsListen == .at(settings.serve.listen), settings.serve.listen.port != 0 else { return [] }
        return [problem("metrics.listen", "is the same address as serve.listen", "write another port, or off")]
    }

    /// At the line or variable that gave the key, or the nearest thing above it; at the file when nothing did.
    private func problem(_ path: String, _ what: String, _ fix: String) -> SettingsProblem {
        let origin = origins[path] ?? origins.filter { $0.key.hasPrefix("\(path).") }.min { $0.key < $1.key }?.value
        return SettingsProblem(origin: origin ?? .file(file), path: path, what: what, fix: fix)
    }
}
