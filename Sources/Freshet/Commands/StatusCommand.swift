import ArgumentParser
import Checkpointing
import Foundation
import Logging
import Supervision
import Training

/// What `freshet status` says.
struct StatusDocument: Encodable {
    struct Account: Encodable {
        var learned: UInt64 = 0
        var quarantined: UInt64 = 0
        var skipped: UInt64 = 0
        var gaps: UInt64 = 0
        /// Offsets between where the model began and the ends of the partitions.
        var produced: Int64 = 0
        var outstanding: Int64 = 0
    }

    struct Process: Encodable {
        var status: ProcessStatus
        var silentSeconds: Double
    }

    var model: String
    var at: Int64
    var account: Account
    var processes: [Process]

    init(model: String, statuses: [ProcessStatus], now: Int64) {
        self.model = model
        at = now
        account = Account()
        processes = statuses.map { Process(status: $0, silentSeconds: Double(max(0, now - $0.at)) / 1_000) }
        for owner in statuses.laneOwners { account.add(owner) }
    }
}

extension StatusDocument.Account {
    mutating func add(_ status: ProcessStatus) {
        learned += status.counts?.learned ?? 0
        quarantined += status.counts?.quarantined ?? 0
        skipped += status.counts?.skipped ?? 0
        gaps += status.counts?.gaps ?? 0
        for position in status.positions ?? [] {
            let end = max(position.end, position.learned)
            produced += end - (position.start ?? 0)
            outstanding += end - position.learned
        }
    }
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What every process of a model says of itself, and whether every event is accounted for.")
    @OptionGroup var file: ConfigurationFile
    @OptionGroup var output: OutputOption

    func run() async throws {
        let settings = try file.load(needs: .kafka)
        try await settings.require(settings.names.control)
        let control = ControlTopic(
            topic: settings.names.control, properties: settings.kafka.values, logger: Logs.logger("status", settings))
        try await control.load()
        let view = await control.view
        let statuses = view.statuses.processStatuses
        await control.close()
        Self.tellUnreadable(view, Logs.logger("status", settings))
        let document = StatusDocument(model: settings.model, statuses: statuses, now: Clocks.wall())
        try output.write(document) { StatusText.render($0) }
        if !statuses.contains(where: { $0.process == .trainer }) {
            if let (key, error) = view.unreadable.first(where: { $0.key.hasPrefix("status/trainer/") }) {
                throw WorkFailure("the status of the trainer of '\(settings.model)' (\(key)) cannot be read: \(error)")
            }
            throw WorkFailure("no trainer has reported for '\(settings.model)'; start one with: freshet train --config \(file.path)")
        }
    }
}

extension StatusCommand {
    private static func tellUnreadable(_ view: ControlView, _ logger: Logger) {
        for (key, error) in view.unreadable.sorted(by: { $0.key < $1.key }) {
            logger.warning("A record of the control topic cannot be read", metadata: ["key": "\(key)", "why": "\(error)"])
        }
    }
}

/// The status as a person reads it.
enum StatusText {
    static func render(_ document: StatusDocument) -> String {
        // Without a trainer there is nobody who accounts.
        let isAccounted = document.processes.contains { $0.status.process == .trainer }
        return (document.processes.map(process) + (isAccounted ? [account(document.account)] : [])).joined(separator: "\n")
    }

    private static func process(_ process: StatusDocument.Process) -> String {
        let status = process.status
        let silence = process.silentSeconds > 10 ? "  SILENT for \(Int(process.silentSeconds)) s" : ""
        var lines = ["\(status.process.rawValue) \(status.instance)\(silence)"]
        if let gate = status.gate { lines += GateText.lines(gate) }
        if let version = status.version {
            lines.append(
                "  version    \(version), cleared \(status.cleared.map(String.init) ?? "none"), digest \(status.modelDigest ?? "")")
        }
        if let served = status.servedVersion { lines.append("  serves     \(served.map(String.init).joined(separator: "."))") }
        if let counts = status.counts {
            let repeated = counts.duplicates.map { ", \($0) of those learnt duplicates" } ?? ""
            lines.append(
                "  events     \(counts.learned) learnt, \(counts.quarantined) quarantined, \(counts.skipped) skipped, \(counts.gaps) gaps"
                    + repeated)
        }
        if let feed = status.feed {
            lines.append("  feed       \(feed), lag \(status.lag ?? 0), waiting behind the inspector \(status.pending ?? 0)")
        }
        for raised in status.raised ?? [] { lines.append("  raised     \(raised.detector): \(raised.detail)") }
        for alert in status.alerts ?? [] { lines.append("  alert      \(alert.alert) (\(alert.severity)): \(alert.summary)") }
        if let metrics = status.metrics { lines.append("  quality    \(quality(metrics))") }
        if let window = status.window { lines.append("  window     \(quality(window))") }
        if let twin = status.twin { lines.append(self.twin(twin)) }
        return lines.joined(separator: "\n")
    }

    private static func twin(_ twin: ProcessStatus.Twin) -> String {
        "  twin       version \(twin.version), \(age(twin.ageSeconds)) older: \(quality(twin.metrics)); the learner on the same events: "
            + (twin.learner.map(quality) ?? "not scored")
    }

    private static func age(_ seconds: Double) -> String {
        seconds < 120 ? "\(Int(seconds)) s" : seconds < 7_200 ? "\(Int(seconds / 60)) min" : "\(Int(seconds / 3_600)) h"
    }

    static func quality(_ metrics: ProcessStatus.QualitySummary) -> String {
        let figures: [(String, Double?)] = [
            ("log loss", metrics.logLoss), ("NE", metrics.normalizedEntropy), ("AUC", metrics.auc), ("accuracy", metrics.accuracy),
            ("calibration", metrics.calibration), ("RMSE", metrics.rmse), ("MAE", metrics.mae),
        ]
        let shown = figures.compactMap { name, value in value.map { "\(name) \(Figures.four($0))" } }
        return shown.isEmpty ? "nothing scored yet" : shown.joined(separator: ", ")
    }

    private static func account(_ account: StatusDocument.Account) -> String {
        let sum = account.learned + account.quarantined + account.skipped + account.gaps
        return
            "account      \(account.learned) learnt + \(account.quarantined) quarantined + \(account.skipped) skipped + \(account.gaps) gaps = "
            + "\(sum); produced \(account.produced), outstanding \(account.outstanding)"
    }
}

enum Figures {
    /// Four digits after the point.
    static func four(_ value: Double) -> String { String(format: "%.4f", value) }
}
