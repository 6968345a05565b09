import ArgumentParser
import Foundation
import Logging
import Training

/// What every command that changes something takes.
struct ControlOptions: ParsableArguments {
    @OptionGroup var file: ConfigurationFile
    @OptionGroup var output: OutputOption
    @Option(help: "Why; it is kept in the audit topic.") var reason = ""
    @Option(help: "The lane; every lane if not given.") var lane: UInt16?
    @Option(help: "Seconds to wait for the trainer's answer.") var timeout: Double = 30

    /// Sends a command and waits until every lane it is for has answered.
    func order(
        _ action: ControlCommand.Action, version: UInt64? = nil, mode: ControlCommand.ResumeMode? = nil
    ) async throws {
        let settings = try file.load(needs: .kafka)
        try await settings.require(settings.names.control)
        let now = Clocks.wall()
        let command = ControlCommand(
            id: ULID.make(at: now), action: action, lane: lane, version: version, mode: mode,
            author: ProcessInfo.processInfo.environment["USER"] ?? "operator", reason: reason, issuedAt: now,
            expiresAt: now + Int64(timeout * 1_000))
        let desk = ControlDesk(settings)
        let lanes =
            if let lane { [lane] } else { Array(0..<UInt16(try await LaneLogs.count(settings, logger: Logs.logger("control", settings)))) }
        let answers = try await desk.order(command, lanes: lanes)
        try output.write(answers) { answers in
            answers.map { "lane \($0.lane): \($0.outcome.rawValue): \($0.detail) (version \($0.version ?? 0))" }.joined(separator: "\n")
        }
        if answers.contains(where: { $0.outcome == .refused }) { throw ExitCode(1) }
    }
}

/// One who gives orders through the control topic.
struct ControlDesk {
    private let settings: Settings
    private let control: ControlTopic

    init(_ settings: Settings) {
        self.settings = settings
        control = ControlTopic(topic: settings.names.control, properties: settings.kafka.values, logger: Logs.logger("control", settings))
    }

    func order(_ command: ControlCommand, lanes: [UInt16]) async throws -> [ControlAnswer] {
        do {
            try await control.load()
            try await control.send(command)
            let answers = try await answers(to: command, from: lanes)
            try await control.retire(command.id)
            await control.close()
            return answers
        } catch {
            await control.close()
            throw error
        }
    }

    private func answers(to command: ControlCommand, from lanes: [UInt16]) async throws -> [ControlAnswer] {
        while Clocks.wall() < command.expiresAt {
            try await control.refresh(wait: .milliseconds(100))
            let answers = await control.view.answers[command.id] ?? []
            if Set(answers.map(\.lane)).isSuperset(of: lanes) { return answers.sorted { $0.lane < $1.lane } }
        }
        try await control.retire(command.id)
        let missing = Set(lanes).subtracting(await control.view.answers[command.id]?.map(\.lane) ?? [])
        throw WorkFailure(
            "no answer from the trainer of lane \(missing.sorted().map(String.init).joined(separator: ", ")) of '\(settings.model)' in "
                + "\((command.expiresAt - command.issuedAt) / 1_000) s; the command was withdrawn. See: freshet status")
    }
}

struct FreezeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "Stops learning; reading, inspecting, scoring and serving go on.")
    @OptionGroup var options: ControlOptions

    func run() async throws { try await options.order(.freeze) }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Learns on after a freeze.",
        discussion:
            "What came before the change point is learnt in any case; what came after it is learnt with --replay, set aside with --skip.")
    @OptionGroup var options: ControlOptions
    @Flag(help: "Whether the events of the freeze are learnt or set aside.") var mode: Mode = .replay

    enum Mode: String, EnumerableFlag {
        case replay, skip

        var order: ControlCommand.ResumeMode { self == .skip ? .skip : .replay }
    }

    func run() async throws { try await options.order(.resume, mode: mode.order) }
}

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Brings a retained version back, bit for bit, and freezes.",
        discussion: """
            With --replay or --skip it learns on at once: what came after the version is learnt anew, or set aside. Like resume, either lifts every \
            cause of a freeze.
            """)
    @OptionGroup var options: ControlOptions
    @Option(name: .customLong("to"), help: "The version to bring back; see: freshet versions") var version: UInt64
    @Flag(help: "Learn on at once, with or without the events since that version.") var mode: ResumeCommand.Mode?

    func run() async throws { try await options.order(.rollback, version: version, mode: mode?.order) }
}

struct PinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pin", abstract: "Keeps a version until it is unpinned.")
    @OptionGroup var options: ControlOptions
    @Argument(help: "The version.") var version: UInt64

    func run() async throws { try await options.order(.pin, version: version) }
}

struct UnpinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unpin", abstract: "Lets a pinned version age out.")
    @OptionGroup var options: ControlOptions
    @Argument(help: "The version.") var version: UInt64

    func run() async throws { try await options.order(.unpin, version: version) }
}
