/// One thing that is wrong with the settings: where it stands, which key it is, what is wrong and what would be right.
struct SettingsProblem: Equatable, Sendable, CustomStringConvertible {
    var origin: SettingsOrigin
    var path: String
    var what: String
    var fix: String

    var description: String { "\(origin): \(path.isEmpty ? "" : "\(path): ")\(what); \(fix)" }
}

/// Where a value was given.
enum SettingsOrigin: Hashable, Sendable, CustomStringConvertible {
    /// A line of the file, from 1.
    case line(file: String, Int)
    case file(String)
    case environment(String)

    var description: String {
        switch self {
        case .line(let file, let line): "\(file):\(line)"
        case .file(let file): file
        case .environment(let name): name
        }
    }

    /// The file comes first, from top to bottom; then what it lacks, then the environment.
    fileprivate var rank: (Int, Int, String) {
        switch self {
        case .line(_, let line): (0, line, "")
        case .file: (1, 0, "")
        case .environment(let name): (2, 0, name)
        }
    }
}

/// The settings are refused. All problems are listed, none of them with a secret's value.
struct SettingsError: Error, Equatable, CustomStringConvertible {
    let problems: [SettingsProblem]

    init(_ problems: [SettingsProblem]) {
        self.problems = problems.sorted { $0.origin.rank < $1.origin.rank }
    }

    var description: String { problems.map(\.description).joined(separator: "\n") }
}
