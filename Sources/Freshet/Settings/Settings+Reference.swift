import Events

extension Settings {
    /// A key as the documentation shows it.
    struct Reference: Equatable, Sendable {
        let key: String
        /// The environment variable that overrides it; the same name with `_FILE` reads the value from a file.
        let environment: String
        let type: String
        /// Nil where there is none.
        let defaultValue: String?
        let meaning: String
    }

    static let reference: [Reference] = keys.map { key in
        let shown = key.show(Settings()).flatMap { $0.isEmpty || $0 == "[]" ? nil : $0 }
        return Reference(
            key: key.path, environment: SettingsEnvironment.name(of: key), type: key.kind, defaultValue: shown, meaning: key.meaning)
    }
}

extension Settings: CustomStringConvertible {
    /// The settings in force, one `key: value` a line, without secrets.
    var description: String {
        var lines = Self.keys.compactMap { key in key.show(self).map { "\(key.path): \($0)" } }
        lines += kafka.redacted.map { "kafka.\($0.key): \($0.value)" }
        for (name, field) in features.declared {
            let range = field.range.map { ", range: [\($0.lowerBound), \($0.upperBound)]" } ?? ""
            lines.append("features.declared.\(name): {type: \(field.type.rawValue)\(range), required: \(field.required)}")
        }
        return lines.sorted().joined(separator: "\n")
    }
}
