import Yams

/// Walks YAML maps along the tree of keys and collects the settings and everything that is wrong with them.
struct SettingsReader {
    private(set) var settings = Settings()
    private(set) var problems: [SettingsProblem] = []
    /// Where each key was given, by its path.
    private(set) var origins: [String: SettingsOrigin] = [:]
    /// Whether the file was YAML at all; if not, nothing can be said about what it lacks.
    private(set) var isComplete = true
    let file: String

    init(file: String) {
        self.file = file
    }

    mutating func read(yaml: String) {
        do {
            guard let root = try compose(yaml: yaml) else { return }
            visit(root, SettingTree.root, path: [], origin: .file(file)) { [file] in .line(file: file, $0) }
        } catch {
            isComplete = false
            report(YAMLFault(error), at: .file(file), line: { [file] in .line(file: file, $0) }, path: [])
        }
    }

    /// Reads one key given as a node of its own.
    mutating func apply(_ key: SettingKey, _ node: Node, path: [String], origin: SettingsOrigin) {
        origins[path.joined(separator: ".")] = origin
        do {
            try key.apply(node, key.chosenName(in: path), &settings)
        } catch {
            report(path, at: origin, Self.isSecret(path) ? "the value cannot be used" : error.what, error.fix)
        }
    }

    /// Reads a map given as YAML text in the environment.
    mutating func read(map yaml: String, at path: [String], origin: SettingsOrigin) {
        do {
            let tree = path.reduce(SettingTree.root) { $0.child($1) ?? $0 }
            visit(try compose(yaml: yaml) ?? Node(""), tree, path: path, origin: origin) { _ in origin }
        } catch {
            report(YAMLFault(error), at: origin, line: { _ in origin }, path: path)
        }
    }

    mutating func report(_ path: [String], at origin: SettingsOrigin, _ what: String, _ fix: String) {
        problems.append(SettingsProblem(origin: origin, path: path.joined(separator: "."), what: what, fix: fix))
    }

    private mutating func report(_ fault: YAMLFault, at origin: SettingsOrigin, line: (Int) -> SettingsOrigin, path: [String]) {
        report(path, at: fault.line.map(line) ?? origin, fault.what, fault.fix)
    }

    private mutating func visit(
        _ node: Node, _ tree: SettingTree, path: [String], origin: SettingsOrigin, line: (Int) -> SettingsOrigin
    ) {
        if let key = tree.key {
            apply(key, node, path: path, origin: origin)
            return
        }
        guard let map = node.mapping else {
            if !node.isNothing { report(path, at: origin, "found \(node.sort)", "write a map with any of \(Self.listed(tree))") }
            return
        }
        for (nameNode, value) in map {
            let origin = nameNode.mark.map { line($0.line) } ?? origin
            guard let name = nameNode.scalar?.string else {
                report(path, at: origin, "a key that is \(nameNode.sort)", "write a name")
                continue
            }
            if let child = tree.child(name) {
                visit(value, child, path: path + [name], origin: origin, line: line)
                if child.key == nil { requireKeys(of: child, at: path + [name], origin: origin) }
            } else {
                report(path + [name], at: origin, "unknown key", Self.suggestion(for: name, in: tree))
            }
        }
    }

    private mutating func requireKeys(of tree: SettingTree, at path: [String], origin: SettingsOrigin) {
        for (name, child) in tree.children where child.key?.isRequired == true {
            let path = path + [name]
            if origins[path.joined(separator: ".")] == nil {
                report(path, at: origin, "is missing", "write \(name): \(child.key?.kind ?? "")")
            }
        }
    }

    private static func isSecret(_ path: [String]) -> Bool {
        switch path.first {
        case "kafka": Settings.KafkaProperties.isSecret(path.dropFirst().joined(separator: "."))
        case "watch": ["alertmanager", "webhook"].contains(path.last)
        default: false
        }
    }

    private static func listed(_ tree: SettingTree) -> String {
        tree.children.keys.sorted().joined(separator: ", ")
    }

    private static func suggestion(for name: String, in tree: SettingTree) -> String {
        if let near = nearest(name, among: tree.children.keys) { return "did you mean \(near)?" }
        let namesakes = Settings.keys.filter { $0.parts.last == name }.map(\.path)
        if !namesakes.isEmpty { return "did you mean \(namesakes.joined(separator: " or "))?" }
        return "known here: \(listed(tree))"
    }
}

/// What the YAML parser found, without the line of text it found it in: that may hold a secret.
private struct YAMLFault {
    var line: Int?
    var what: String
    var fix = "mend the YAML"

    init(_ error: any Error) {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            line = mark.line
            what = "this is no YAML: \(problem)"
        case YamlError.duplicatedKeysInMapping(let duplicates, let context):
            line = context.mark.line
            what = "written twice in this map: \(duplicates.sorted().joined(separator: ", "))"
            fix = "keep one of each"
        case YamlError.reader(let problem, _, _, _):
            what = "this is no text: \(problem)"
        default:
            what = "this is no YAML"
        }
    }
}
