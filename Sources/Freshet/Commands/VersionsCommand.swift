import ArgumentParser
import Checkpointing
import Foundation
import Learning

/// What `freshet versions` says of one version.
struct VersionDocument: Encodable {
    var lane: Int
    var version: UInt64
    var epoch: UInt64
    var createdAt: Int64
    var events: UInt64
    var watermark: Int64?
    var cleared: Bool
    var pinned: Bool
    var modelDigest: String
    var metrics: MetricsSummary
    var window: MetricsSummary?

    init(lane: Int, _ rung: Rung) {
        self.lane = lane
        version = rung.version
        epoch = rung.epoch
        createdAt = rung.createdAt
        events = rung.learnt
        watermark = rung.watermark
        cleared = rung.cleared
        pinned = rung.pinned
        modelDigest = rung.modelDigest.description
        metrics = rung.metrics
        window = rung.window
    }
}

struct VersionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions", abstract: "The retained versions: what can be served, pinned and rolled back to.")
    @OptionGroup var file: ConfigurationFile
    @OptionGroup var output: OutputOption

    func run() async throws {
        let settings = try file.load(needs: .kafka)
        var versions: [VersionDocument] = []
        let logger = Logs.logger("versions", settings)
        let lanes = try await LaneLogs.count(settings, logger: logger)
        let logs = LaneLogs(settings, lanes: lanes, logger: logger)
        for lane in 0..<lanes {
            let rungs = try await logs.read(UInt16(lane)) { reader throws(LogFailure) in try await reader.rungs() }
            versions += rungs.map { VersionDocument(lane: lane, $0) }
        }
        try output.write(versions) { Self.table($0) }
    }

    private static func table(_ versions: [VersionDocument]) -> String {
        guard !versions.isEmpty else { return "no version yet" }
        let rows = versions.map(row)
        return TextTable.render(["lane", "version", "epoch", "written", "events", "loss", "state", "model digest"], rows)
    }

    private static func row(_ version: VersionDocument) -> [String] {
        let recent = version.window ?? version.metrics
        let loss = (recent.logLoss ?? recent.rmse).map(Figures.four) ?? "-"
        let state = (version.cleared ? "cleared" : "held back") + (version.pinned ? ", pinned" : "")
        return [
            String(version.lane), String(version.version), String(version.epoch), time(version.createdAt), String(version.events), loss,
            state,
            version.modelDigest,
        ]
    }

    private static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
    }
}

/// Columns as wide as their widest cell.
enum TextTable {
    static func render(_ header: [String], _ rows: [[String]]) -> String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
