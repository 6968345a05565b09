import ArgumentParser
import Checkpointing
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
        _ action: ControlCommand.Action, version: UInt64? = nil, mode: ControlCommand.ResumeMode? = nil, ranges: RangeOptions? = nil,
        duration: Duration? = nil
    ) async throws {
        let settings = try file.load(needs: .kafka)
        let ranges = try ranges?.ranges(topics: settings.input.topics)
        try await settings.require(settings.names.control)
        let now = Clocks.wall()
        let command = ControlCommand(
            id: ULID.make(at: now), action: action, lane: lane, version: version, mode: mode, ranges: ranges,
            duration: duration?.milliseconds, author: ProcessInfo.processInfo.environment["USER"] ?? "operator", reason: reason,
            issuedAt: now, expiresAt: now + Int64(timeout * 1_000))
        let desk = ControlDesk(settings, configurationFile: file.path)
        let lanes =
            if let lane { [lane] } else { Array(0..<UInt16(try await LaneLogs.count(settings, logger: Logs.logger("control", settings)))) }
        if ranges != nil, lanes.count > 1 {
            throw UsageError("--from and --to are for one of the \(lanes.count) lanes, and the others would learn everything; say --lane")
        }
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
    private let configurationFile: String
    private let control: ControlTopic
    /// Milliseconds for which answers are read on after a command was withdrawn.
    private static let lateness: Int64 = 3_000
    /// Milliseconds after which nobody waits for an answer whose command is gone.
    private static let oblivion: Int64 = 600_000

    init(_ settings: Settings, configurationFile: String = "freshet.yaml") {
        self.settings = settings
        self.configurationFile = configurationFile
        control = ControlTopic(topic: settings.names.control, properties: settings.kafka.values, logger: Logs.logger("control", settings))
    }

    func order(_ command: ControlCommand, lanes: [UInt16]) async throws -> [ControlAnswer] {
        do {
            try await control.load()
            try await control.send(command)
            let answers = try await answers(to: command, from: lanes)
            // Others' leftovers are no reason to say that this order failed.
            try? await sweep()
            await control.close()
            return answers
        } catch {
            await control.close()
            throw error
        }
    }

    private func answers(to command: ControlCommand, from lanes: [UInt16]) async throws -> [ControlAnswer] {
        var sheet = AnswerSheet(lanes: lanes)
        try await fill(&sheet, with: command.id, until: command.expiresAt)
        try await control.retire(command.id)
        guard !sheet.isComplete else { return sheet.answers }
        // A trainer answers when the version with the effect is written, so it may have applied what is withdrawn here.
        try await fill(&sheet, with: command.id, until: Clocks.wall() + Self.lateness)
        // What came after the first retirement was not taken out by it.
        if await control.view.answers[command.id] != nil { try await control.retire(command.id) }
        guard sheet.isComplete else { throw WorkFailure(silence(of: sheet.missing, command)) }
        return sheet.answers
    }

    private func fill(_ sheet: inout AnswerSheet, with command: String, until end: Int64) async throws {
        while !sheet.isComplete, Clocks.wall() < end {
            try await control.refresh(wait: .milliseconds(100))
            let view = await control.view
            sheet.note(view.answers[command] ?? [])
            for lane in sheet.missing { try refuseUnreadable(view.unreadable["answer/\(command)/\(lane)"], lane) }
        }
    }

    private func refuseUnreadable(_ error: CodecError?, _ lane: UInt16) throws {
        guard let error else { return }
        throw WorkFailure(
            "the trainer of lane \(lane) of '\(settings.model)' has answered, but the answer cannot be read: \(error). What became of the command "
                + "tells: freshet status --config \(configurationFile)")
    }

    private func silence(of lanes: [UInt16], _ command: ControlCommand) -> String {
        "no answer from the trainer of lane \(lanes.map(String.init).joined(separator: ", ")) of '\(settings.model)' in "
            + "\((command.expiresAt - command.issuedAt) / 1_000) s; the command was withdrawn, but may have been applied if a trainer had taken it "
            + "up just before. Look at: freshet status --config \(configurationFile)"
    }

    /// Answers that came when nobody read on any more: whoever comes next takes them out.
    private func sweep() async throws {
        for command in await control.view.forgotten(before: Clocks.wall() - Self.oblivion) { try await control.retire(command) }
    }
}

/// The answers to one command. An answer that was read stays, even when it is taken out of the topic.
struct AnswerSheet: Equatable {
    private let lanes: Set<UInt16>
    private var answersByLane: [UInt16: ControlAnswer] = [:]

    init(lanes: [UInt16]) {
        self.lanes = Set(lanes)
    }

    mutating func note(_ found: [ControlAnswer]) {
        for answer in found { answersByLane[answer.lane] = answer }
    }

    /// The lanes that have not answered.
    var missing: [UInt16] { lanes.subtracting(answersByLane.keys).sorted() }

    var isComplete: Bool { missing.isEmpty }

    /// By lane.
    var answers: [ControlAnswer] { answersByLane.values.sorted { $0.lane < $1.lane } }
}

extension ControlView {
    /// Commands that are gone and whose answers, all older than this, are still there.
    func forgotten(before time: Int64) -> [String] {
        answers.filter { command, answers in
            commands[command] == nil && unreadable["command/\(command)"] == nil && answers.allSatisfy { $0.at < time }
        }.keys.sorted()
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
            "What came before the change point is learnt in any case; what came after it is learnt with --replay, set aside with --skip. With "
            + "--from and --to only these events are set aside.")
    @OptionGroup var options: ControlOptions
    @OptionGroup var ranges: RangeOptions
    @Flag(help: "Whether the events of the freeze are learnt or set aside.") var mode: Mode = .replay

    enum Mode: String, EnumerableFlag {
        case replay, skip

        var order: ControlCommand.ResumeMode { self == .skip ? .skip : .replay }
    }

    func run() async throws {
        guard mode == .skip || ranges.isEmpty else { throw UsageError("--from and --to say what is set aside; add --skip") }
        try await options.order(.resume, mode: mode.order, ranges: ranges)
    }
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
