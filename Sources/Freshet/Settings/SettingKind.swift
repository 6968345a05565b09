import Yams

/// Why a value cannot be read, and what would be right.
struct Mistake: Error, Equatable {
    var what: String
    var fix: String
}

/// A kind of value: its name in the reference, how it is read from a YAML node, how it is shown.
struct SettingKind<Value: Sendable>: Sendable {
    let name: String
    var isList = false
    let read: @Sendable (Node) throws(Mistake) -> Value
    let show: @Sendable (Value) -> String

    /// A kind written as one scalar. Numbers and the like must not stand in quotes: what is quoted is text.
    static func scalar(
        _ name: String, fix: String, quoted: Bool = false, show: @escaping @Sendable (Value) -> String = { "\($0)" },
        parse: @escaping @Sendable (String) -> Value?
    ) -> SettingKind {
        SettingKind(
            name: name,
            read: { node throws(Mistake) in
                guard let scalar = node.scalar, !node.isNothing else { throw Mistake(what: "found \(node.found)", fix: fix) }
                if !quoted && scalar.isQuoted { throw Mistake(what: "found the text \"\(scalar.string)\"", fix: fix) }
                guard let value = parse(scalar.string) else { throw Mistake(what: "'\(scalar.string)' is not \(article(name))", fix: fix) }
                return value
            },
            show: show)
    }

    /// The same kind, or the word `off`.
    func orOff() -> SettingKind<Value?> {
        SettingKind<Value?>(
            name: "\(name) or off",
            read: { node throws(Mistake) in
                if node.scalar?.string == "off" { return nil }
                do throws(Mistake) { return try read(node) } catch { throw Mistake(what: error.what, fix: "\(error.fix), or off") }
            },
            show: { $0.map(show) ?? "off" })
    }

    private static func article(_ name: String) -> String {
        "\("aeiou".contains(name.first ?? "x") ? "an" : "a") \(name)"
    }
}

extension Node {
    /// Written as nothing at all, or as null.
    var isNothing: Bool {
        guard let scalar, !scalar.isQuoted else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// What it is, without what it says: that may be a secret.
    var sort: String {
        switch self {
        case .mapping: "a map"
        case .sequence: "a list"
        case .alias: "an alias"
        case .scalar: isNothing ? "nothing" : "a single value"
        }
    }

    var found: String {
        guard let scalar, !isNothing else { return sort }
        return "'\(scalar.string)'"
    }
}

extension Node.Scalar {
    var isQuoted: Bool { style != .plain && style != .any }
}
