import Foundation
import Testing

/// `Commands.md` names every command with every option, and no others; so do the commands that are shown anywhere for typing.
@Suite struct SurfaceCommandTests {
    /// What the program tells of its own commands: `freshet train` → `--config`, `--until`.
    private static let commands: [String: Set<String>] = (try? HelpTree.ofTheProgram().commands("")) ?? [:]

    private static let documented: [String: Set<String>] = {
        let page = Catalogue.page("Commands")
        let headings = page.elements.compactMap { if case .heading(let text) = $0, text.hasPrefix("freshet ") { text } else { nil } }
        return Dictionary(
            uniqueKeysWithValues: headings.map { heading in
                (heading, Set(page.table(under: heading)?.column("Option") ?? []))
            })
    }()

    @Test func everyCommandIsDocumentedWithItsOptions() {
        #expect(!Self.commands.isEmpty)
        #expect(Set(Self.documented.keys) == Set(Self.commands.keys))
        for (command, options) in Self.commands { #expect(Self.documented[command] == options, "\(command)") }
    }

    @Test func whatIsShownForTypingExists() {
        let pages = ["README.md"] + Catalogue.files(in: "Sources/Freshet/Documentation.docc") + Catalogue.files(in: "deploy/runbooks")
        for (name, text) in pages.map({ ($0, Catalogue.text($0)) }) {
            #expect(!text.isEmpty, "\(name)")
            for match in text.matches(of: /(?m)(?:^|`)\s*freshet ([a-z]+(?: (?:create|check|watchdog)\b)?)([^#`\n]*)/) {
                let command = "freshet \(match.1)"
                #expect(Self.commands[command] != nil, "\(name): \(match.0)")
                let options = match.2.matches(of: /--[a-z-]+/).map { String($0.0) }
                #expect(Set(options).subtracting(Self.commands[command] ?? []) == [], "\(name): \(match.0)")
            }
        }
    }
}

/// What `freshet --experimental-dump-help` prints, as far as it is wanted here.
private struct HelpTree: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }

        var kind: String
        var names: [Name]?
        var valueName: String?
    }

    private struct Dump: Decodable {
        var command: HelpTree
    }

    var commandName: String
    var arguments: [Argument]?
    var subcommands: [HelpTree]?

    static func ofTheProgram() throws -> HelpTree {
        let process = Foundation.Process()
        let output = Pipe()
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = tests.deletingLastPathComponent().appending(path: "freshet")
        process.arguments = ["--experimental-dump-help"]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Dump.self, from: data).command
    }

    /// The commands that do something, by what is typed for them; help is everybody's.
    func commands(_ prefix: String) -> [String: Set<String>] {
        let path = prefix.isEmpty ? commandName : "\(prefix) \(commandName)"
        let below = (subcommands ?? []).filter { $0.commandName != "help" }
        guard below.isEmpty else {
            return below.reduce(into: [:]) { $0.merge($1.commands(path)) { first, _ in first } }
        }
        return [path: Set((arguments ?? []).flatMap(\.spellings).filter { $0 != "--help" })]
    }
}

extension HelpTree.Argument {
    fileprivate var spellings: [String] {
        if kind == "positional" { return ["<\(valueName ?? "")>"] }
        return (names ?? []).filter { $0.kind == "long" }.map { "--\($0.name)" }
    }
}
