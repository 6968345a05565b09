import Foundation
import Yams

extension SettingKind where Value == String {
    static let property = scalar(
        "librdkafka property", fix: "write the property's whole name and one value, as in bootstrap.servers: localhost:9092", quoted: true
    ) { $0.isEmpty ? nil : $0 }

    static let name = scalar("name", fix: "use 1 to 200 of the characters a-z 0-9 . _ -, beginning with a letter or digit", quoted: true) {
        $0.wholeMatch(of: /[a-z0-9][a-z0-9._-]{0,199}/) == nil ? nil : $0
    }

    /// RFC 6901: the whole event (empty), or `/a/b` with `~0` for `~` and `~1` for `/`.
    static let pointer = scalar("JSON Pointer", fix: "begin with / and write ~0 for ~ and ~1 for /, as in /features/price", quoted: true) {
        $0.wholeMatch(of: /(\/([^~\/]|~[01])*)*/) == nil ? nil : $0
    }

    static let webAddress = scalar("web address", fix: "write it in full, as in https://example.org/runbooks", quoted: true) {
        origin(of: $0) == nil ? nil : $0
    }

    fileprivate static func origin(of url: String) -> String? {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty
        else { return nil }
        return "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")"
    }
}

extension SettingKind where Value == Settings.Endpoint {
    static let endpoint = scalar("web address", fix: "write it in full, as in http://localhost:9093", quoted: true) { url in
        SettingKind<String>.origin(of: url).map { Settings.Endpoint(url: url, origin: $0) }
    }
}

extension SettingKind where Value == Bool {
    static let flag = scalar("flag", fix: "write true or false") { ["true": true, "false": false][$0] }
}

extension SettingKind where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> SettingKind {
        scalar("whole number", fix: "write a whole number from \(range.lowerBound) to \(range.upperBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Bytes, as `512KiB` or `16MiB`.
    static func size(_ range: ClosedRange<Int>) -> SettingKind {
        let fix = "write a size from \(Sizes.shown(range.lowerBound)) to \(Sizes.shown(range.upperBound)), as in 16MiB"
        return scalar("size", fix: fix, show: Sizes.shown) { Sizes.parse($0).flatMap { range.contains($0) ? $0 : nil } }
    }
}

extension SettingKind where Value == UInt64 {
    static let unsigned = scalar("whole number", fix: "write a whole number, 0 or more") { UInt64($0) }
}

extension SettingKind where Value: BinaryFloatingPoint & LosslessStringConvertible {
    static func number(_ range: ClosedRange<Value>) -> SettingKind {
        scalar("number", fix: "write a number from \(range.lowerBound) to \(range.upperBound)") {
            Value($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingKind where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> SettingKind {
        let fix = "write \(Durations.shown(range.lowerBound)) to \(Durations.shown(range.upperBound)) with a unit: 250ms, 5s, 10m, 1h, 7d"
        return scalar("duration", fix: fix, show: Durations.shown) {
            Durations.parse($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingKind where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    static var choice: SettingKind {
        let words = Value.allCases.map(\.rawValue)
        return SettingKind(
            name: words.joined(separator: " | "),
            read: { node throws(Mistake) in
                if let word = node.scalar?.string, let value = Value(rawValue: word) { return value }
                let near = node.scalar.flatMap { nearest($0.string, among: words) }
                throw Mistake(
                    what: "found \(node.found)", fix: near.map { "did you mean \($0)?" } ?? "write one of \(words.joined(separator: ", "))")
            },
            show: { $0.rawValue })
    }
}

extension SettingKind where Value == Settings.Address {
    static let address = scalar("listening address", fix: "write host:port, as in 127.0.0.1:8080 or [::1]:8080", quoted: true) { text in
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty || host.contains(" ") ? nil : Settings.Address(host: host, port: Int(port))
    }
}

extension SettingKind where Value == Settings.MetricsListener {
    static let metricsListener = SettingKind(
        name: "listening address or off",
        read: { node throws(Mistake) in
            try SettingKind<Settings.Address>.address.orOff().read(node).map { .at($0) } ?? .off
        },
        show: {
            switch $0 {
            case .standard: "the command's own"
            case .off: "off"
            case .at(let address): address.description
            }
        })
}

extension SettingKind where Value == Settings.StallLimit {
    static let stallLimit = SettingKind(
        name: "duration, auto or off",
        read: { node throws(Mistake) in
            if node.scalar?.string == "auto" { return .auto }
            let duration = SettingKind<Duration>.duration(.milliseconds(100) ... .seconds(86_400 * 365)).orOff()
            do throws(Mistake) { return try duration.read(node).map { .after($0) } ?? .off } catch {
                throw Mistake(what: error.what, fix: "\(error.fix), or auto")
            }
        },
        show: {
            switch $0 {
            case .auto: "auto"
            case .off: "off"
            case .after(let duration): Durations.shown(duration)
            }
        })
}

extension SettingKind where Value == Settings.Start {
    static let start = scalar("start", fix: "write earliest, latest, or a time as 2026-02-14T00:00:00Z", quoted: true, show: shown) {
        text in
        switch text {
        case "earliest": .earliest
        case "latest": .latest
        default: Times.milliseconds(text).map { .time($0) }
        }
    }

    @Sendable private static func shown(_ start: Settings.Start) -> String {
        switch start {
        case .earliest: "earliest"
        case .latest: "latest"
        case .time(let milliseconds): Times.shown(milliseconds)
        }
    }
}

extension SettingKind where Value == [String] {
    /// Topic names, as Kafka allows them.
    static let topics = SettingKind(
        name: "list of names", isList: true,
        read: { node throws(Mistake) in
            let fix = "write a list of topic names, as in [purchases, refunds]"
            guard let items = node.sequence else { throw Mistake(what: "found \(node.found)", fix: fix) }
            var names: [String] = []
            for item in items {
                guard let name = item.scalar?.string, !item.isNothing, isTopicName(name) else {
                    throw Mistake(what: "\(item.found) is no topic name", fix: "use 1 to 249 of the characters a-z A-Z 0-9 . _ -")
                }
                if names.contains(name) { throw Mistake(what: "'\(name)' is listed twice", fix: "list it once") }
                names.append(name)
            }
            return names
        },
        show: { "[\($0.joined(separator: ", "))]" })

    private static func isTopicName(_ name: String) -> Bool {
        name.wholeMatch(of: /[a-zA-Z0-9._-]{1,249}/) != nil && name != "." && name != ".."
    }
}

extension SettingKind where Value == ClosedRange<Double> {
    static let range = SettingKind(
        name: "[lowest, highest]", isList: true,
        read: { node throws(Mistake) in
            let fix = "write two numbers, the lower first, as in [0, 10000]"
            guard let items = node.sequence, items.count == 2,
                let low = bound(items[0]), let high = bound(items[1])
            else { throw Mistake(what: "this is no range", fix: fix) }
            guard low < high else { throw Mistake(what: "\(low) is not below \(high)", fix: fix) }
            return low...high
        },
        show: { "[\($0.lowerBound), \($0.upperBound)]" })

    private static func bound(_ node: Node) -> Double? {
        guard let scalar = node.scalar, !scalar.isQuoted, let number = Double(scalar.string), number.isFinite else { return nil }
        return number
    }
}
