import ArgumentParser
import Foundation

/// `--config FILE`, which nearly every command takes.
struct ConfigurationFile: ParsableArguments {
    @Option(name: [.customLong("config"), .customShort("c")], help: "The configuration file (YAML).")
    var path: String = "freshet.yaml"

    /// The settings, checked; everything that is wrong with them is told at once.
    func load(needs: Settings.Needs = .all) throws -> Settings {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UsageError(
                "cannot read the configuration file '\(path)'; name one with --config FILE (deploy/freshet.yaml is an example)")
        }
        let settings = try Settings.parse(
            yaml: String(decoding: data, as: UTF8.self), file: path, environment: ProcessInfo.processInfo.environment, needs: needs)
        Logs.start(settings.log)
        return settings
    }
}

/// How a reporting command prints.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}

struct OutputOption: ParsableArguments {
    @Option(help: "text, or json: one JSON document on stdout and nothing else.")
    var output: OutputFormat = .text

    /// Prints the document, or the text that is made of it.
    func write<Document: Encodable>(_ document: Document, text: (Document) -> String) throws {
        switch output {
        case .text: print(text(document))
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(document), as: UTF8.self))
        }
    }
}
