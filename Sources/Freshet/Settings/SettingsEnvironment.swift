import Foundation
import Yams

/// Overrides from the environment: `FRESHET_` and the key's path in capitals, as in `FRESHET_CHECKPOINT_HOLD_BACK`.
///
/// With `_FILE` behind it, the variable names a file that holds the value, which is how secrets come in. A list is written with commas,
/// `FRESHET_FEATURES_DECLARED` takes the map as YAML, and `FRESHET_KAFKA_SASL_PASSWORD` stands for the property `sasl.password`.
struct SettingsEnvironment {
    static let prefix = "FRESHET_"
    private static let declared = "FRESHET_FEATURES_DECLARED"
    private static let kafka = "FRESHET_KAFKA_"
    private static let keys = Dictionary(
        uniqueKeysWithValues: Settings.keys.filter { !$0.hasChosenName }.map { (name(of: $0), $0) })

    let environment: [String: String]

    static func name(of key: SettingKey) -> String {
        if key.path.hasPrefix("features.declared.") { return declared }
        let words = key.path.map { $0.isUppercase ? "_\($0)" : $0 == "." || $0 == "-" ? "_" : $0 == "<" || $0 == ">" ? "" : "\($0)" }
        return prefix + words.joined().uppercased()
    }

    func apply(to reader: inout SettingsReader) {
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.prefix) {
            apply(name, value, to: &reader)
        }
    }

    private func apply(_ name: String, _ value: String, to reader: inout SettingsReader) {
        let isFile = name.hasSuffix("_FILE") && name != "\(Self.prefix)FILE"
        let target = isFile ? String(name.dropLast("_FILE".count)) : name
        let origin = SettingsOrigin.environment(name)
        guard let path = path(of: target) else {
            reportUnknown(name, target: target, to: &reader)
            return
        }
        guard !isFile || environment[target] == nil else {
            reader.report(path, at: origin, "\(target) is set as well", "set one of them")
            return
        }
        guard let text = isFile ? contents(ofFile: value) : value else {
            reader.report(path, at: origin, "'\(value)' cannot be read as a text file", "name a file that this process may read")
            return
        }
        guard !text.isEmpty else {
            reader.report(path, at: origin, "is empty", "give it a value or take it out")
            return
        }
        apply(text, at: path, target: target, origin: origin, to: &reader)
    }

    private func apply(_ text: String, at path: [String], target: String, origin: SettingsOrigin, to reader: inout SettingsReader) {
        if target == Self.declared {
            reader.read(map: text, at: path, origin: origin)
        } else if let key = Self.keys[target] {
            let items = text.split(separator: ",").map { Node($0.trimmingCharacters(in: .whitespaces)) }
            reader.apply(key, key.isList ? Node(items) : Node(text), path: path, origin: origin)
        } else if let key = SettingTree.root.child(path[0])?.chosenName?.key {
            reader.apply(key, Node(text), path: path, origin: origin)
        }
    }

    private func path(of name: String) -> [String]? {
        if name == Self.declared { return ["features", "declared"] }
        if let key = Self.keys[name] { return key.parts }
        guard name.hasPrefix(Self.kafka), name.count > Self.kafka.count else { return nil }
        return ["kafka", name.dropFirst(Self.kafka.count).lowercased().replacing("_", with: ".")]
    }

    /// Names that look meant for us are refused; others that merely begin alike are left alone, as other programs' (an orchestrator adds
    /// `FRESHET_SERVE_SERVICE_HOST` and its like for a service of that name).
    private func reportUnknown(_ name: String, target: String, to reader: inout SettingsReader) {
        let near = nearest(
            String(target.dropFirst(Self.prefix.count)), among: Self.keys.keys.map { String($0.dropFirst(Self.prefix.count)) })
        let sections = SettingTree.root.children.keys.map { Self.prefix + $0.uppercased() + "_" }
        let isServiceLink = name.contains(/_SERVICE_(HOST|PORT)|_PORT(_[0-9]+_(TCP|UDP).*)?$/)
        guard !isServiceLink, near != nil || sections.contains(where: name.hasPrefix) else { return }
        reader.report(
            [], at: .environment(name), "unknown setting", near.map { "did you mean \(Self.prefix)\($0)?" } ?? "see the list of settings")
    }

    private func contents(ofFile path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else { return nil }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
