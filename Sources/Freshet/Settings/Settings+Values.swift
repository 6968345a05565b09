extension Settings {
    /// Where a model that has no checkpoint begins to read.
    enum Start: Equatable, Sendable {
        case earliest
        case latest
        /// Milliseconds since 1970.
        case time(Int64)
    }

    enum Format: String, CaseIterable, Sendable { case json }

    /// What to do when retention took events before they were learnt.
    enum GapPolicy: String, CaseIterable, Sendable { case stop, `continue` }

    enum LogFormat: String, CaseIterable, Sendable { case text, json }

    /// How long the feed may be silent before it counts as stalled.
    enum StallLimit: Equatable, Sendable {
        /// Learnt from the stream's own rhythm.
        case auto
        case off
        case after(Duration)
    }

    /// Where a process offers its own metrics.
    enum MetricsListener: Equatable, Sendable {
        /// The command's own choice.
        case standard
        case off
        case at(Address)

        func address(standard: Address) -> Address? {
            switch self {
            case .standard: standard
            case .off: nil
            case .at(let address): address
            }
        }
    }

    struct Address: Equatable, Sendable, CustomStringConvertible {
        /// A name or an address; an IPv6 address stands without its brackets.
        var host: String
        var port: Int

        var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// A URL that may hold credentials: an alert webhook's path is its password. Only the origin is ever shown.
    struct Endpoint: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
        let url: String
        let origin: String

        var description: String { origin }
        var debugDescription: String { origin }
        var customMirror: Mirror { Mirror(self, children: ["origin": origin]) }
    }

    /// librdkafka's own properties. Values that are secrets never appear in a description or a dump.
    struct KafkaProperties: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
        /// As librdkafka takes them, secrets included.
        var values: [String: String] = [:]

        subscript(property: String) -> String? { values[property] }

        /// What may be shown.
        var redacted: [String: String] {
            Dictionary(uniqueKeysWithValues: values.map { ($0, Self.isSecret($0) ? "(secret)" : $1) })
        }

        var description: String { redacted.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(separator: ", ") }
        var debugDescription: String { description }
        var customMirror: Mirror { Mirror(self, children: ["properties": redacted]) }

        /// `sasl.oauthbearer.config` carries credentials in some set-ups, `ssl.key.pem` is the key itself, and a proxy or OAuth URL may
        /// have a password in it; so a name is judged by its parts and errs on the side of hiding.
        static func isSecret(_ property: String) -> Bool {
            let parts = [
                "password", "secret", "token", "credential", "ssl.key.pem", "ssl_key", "oauthbearer.config", "jaas", "private.key.pem",
                "assertion",
            ]
            return parts.contains { property.lowercased().contains($0) } && !property.lowercased().hasSuffix(".location")
        }
    }
}
