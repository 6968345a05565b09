import Yams

/// One key of the settings file: where it stands, what it takes, and how its value gets into `Settings`.
///
/// A part of the path in angle brackets stands for a name the user chooses (`features.declared.<field>.type`); `apply` is told which.
struct SettingKey: Sendable {
    let path: String
    let kind: String
    let meaning: String
    /// Must stand in every map that may hold it.
    var isRequired = false
    let isList: Bool
    let apply: @Sendable (_ node: Node, _ name: String, inout Settings) throws(Mistake) -> Void
    /// The value as it may be shown; nil where it has none yet, and for keys with a chosen name in them.
    let show: @Sendable (Settings) -> String?

    var parts: [String] { path.split(separator: ".").map(String.init) }

    var hasChosenName: Bool { path.contains("<") }

    /// The part of a path of this key that the user chose; empty when there is none.
    func chosenName(in path: [String]) -> String {
        parts.firstIndex { $0.hasPrefix("<") }.map { path[$0] } ?? ""
    }

    init<Value>(
        _ path: String, _ kind: SettingKind<Value>, _ place: any WritableKeyPath<Settings, Value> & Sendable, required: Bool = false,
        _ meaning: String
    ) {
        self.path = path
        self.kind = kind.name
        self.meaning = meaning
        self.isRequired = required
        self.isList = kind.isList
        self.apply = { node, _, settings throws(Mistake) in settings[keyPath: place] = try kind.read(node) }
        self.show = { kind.show($0[keyPath: place]) }
    }

    /// A value that may be absent.
    init<Value>(
        optional path: String, _ kind: SettingKind<Value>, _ place: any WritableKeyPath<Settings, Value?> & Sendable, _ meaning: String
    ) {
        self.path = path
        self.kind = kind.name
        self.meaning = meaning
        self.isList = kind.isList
        self.apply = { node, _, settings throws(Mistake) in settings[keyPath: place] = try kind.read(node) }
        self.show = { $0[keyPath: place].map(kind.show) }
    }

    /// A value under a name the user chooses.
    init<Value>(
        chosen path: String, _ kind: SettingKind<Value>, required: Bool = false, _ meaning: String,
        set: @escaping @Sendable (inout Settings, _ name: String, Value) -> Void
    ) {
        self.path = path
        self.kind = kind.name
        self.meaning = meaning
        self.isRequired = required
        self.isList = kind.isList
        self.apply = { node, name, settings throws(Mistake) in set(&settings, name, try kind.read(node)) }
        self.show = { _ in nil }
    }
}

/// The keys as the tree that the file's maps mirror.
struct SettingTree: Sendable {
    var key: SettingKey?
    var children: [String: SettingTree] = [:]

    static let root: SettingTree = {
        var root = SettingTree()
        for key in Settings.keys { root.insert(key, at: key.parts[...]) }
        return root
    }()

    /// What a map at this place may hold under this name.
    func child(_ name: String) -> SettingTree? { children[name] ?? chosenName }

    /// Set when the names in this map are the user's own.
    var chosenName: SettingTree? { children.first { $0.key.hasPrefix("<") }?.value }

    private mutating func insert(_ key: SettingKey, at parts: ArraySlice<String>) {
        guard let first = parts.first else {
            self.key = key
            return
        }
        children[first, default: SettingTree()].insert(key, at: parts.dropFirst())
    }
}
