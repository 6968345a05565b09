import ArgumentParser
import Foundation
import Kafka

/// Exit codes: 0 fine, 1 the work failed, 2 usage or configuration.
@main
enum Main {
    static func main() async {
        // The parser's own flag would stand beside the --version of commands that take a model's version.
        if CommandLine.arguments.dropFirst().elementsEqual(["--version"]) { return print(Build.version) }
        do {
            var command = try Freshet.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            Departure.leave(0)
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        switch error {
        case let code as ExitCode: Departure.leave(code.rawValue)
        case let refusal as SettingsError: fail("\(refusal)", code: 2)
        case let usage as UsageError: fail(usage.description, code: 2)
        case let refusal as KafkaError where refusal.isConfiguration: fail("the properties under kafka: \(refusal.reason)", code: 2)
        case let failure as WorkFailure: fail(failure.description, code: 1)
        default: endAsParserWould(error)
        }
    }

    private static func endAsParserWould(_ error: any Error) -> Never {
        let message = Freshet.fullMessage(for: error)
        if Freshet.exitCode(for: error) == .success {
            print(message)
            Departure.leave(0)
        }
        fail(message.isEmpty ? "\(error)" : message, code: Freshet.exitCode(for: error) == .validationFailure ? 2 : 1)
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data((message.hasPrefix("Error") ? message : "freshet: \(message)").utf8 + [10]))
        Departure.leave(code)
    }
}

/// The command line or the settings cannot be what was meant.
struct UsageError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// The work was understood and failed.
struct WorkFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

struct Freshet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freshet",
        abstract: "Keeps a model fresh: learns from a Kafka topic, checkpoints to another, serves over HTTP, freezes when it must.",
        discussion: "freshet --version says which build this is.",
        groupedSubcommands: [
            CommandGroup(name: "Services", subcommands: [TrainCommand.self, ServeCommand.self, WatchCommand.self]),
            CommandGroup(name: "Trying and measuring", subcommands: [DemoCommand.self, EvaluateCommand.self, BenchCommand.self]),
            CommandGroup(
                name: "Operations",
                subcommands: [
                    StatusCommand.self, VersionsCommand.self, FreezeCommand.self, ResumeCommand.self, RollbackCommand.self, PinCommand.self,
                    UnpinCommand.self, ExpectCommand.self, LanesCommand.self, ExportCommand.self, ImportCommand.self, TopicsCommand.self,
                    ConfigCommand.self,
                ]),
        ])
}

enum Build {
    static let version = "0.1.0"
}
