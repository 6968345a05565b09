import ArgumentParser
import Checkpointing
import Foundation
import Learning
import Training

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
    var undone: Bool
    /// Of its slots; nil of a version that an older build wrote.
    var bytes: Int?
    /// Of those pages that were written with it; the others it shares with versions before.
    var bytesWritten: Int?
    var modelDigest: String
    var metrics: MetricsSummary
    var window: MetricsSummary?

    init(lane: Int, _ rung: Rung, pageBytes: Int) {
        self.lane = lane
        version = rung.version
        epoch = rung.epoch
        createdAt = rung.createdAt
        events = rung.learnt
        watermark = rung.watermark
        cleared = rung.cleared
        pinned = rung.pinned
        undone = rung.isUndone
        bytes = rung.pages.map { $0 * pageBytes }
        bytesWritten = rung.written.map { $0 * pageBytes }
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
        try await settings.require(settings.names.checkpoint)
        var versions: [VersionDocument] = []
        let logger = Logs.logger("versions", settings)
        let lanes = try await LaneLogs.count(settings, logger: logger)
        let logs = LaneLogs(settings, lanes: lanes, logger: logger)
        for lane in 0..<lanes { versions += try await logs.read(UInt16(lane)) { try await Self.versions($0, lane: lane) } }
        try output.write(versions) { Self.table($0) }
    }

    private static func versions(_ reader: LaneReader, lane: Int) async throws -> [VersionDocument] {
        let rungs = try await reader.rungs()
        if let record = await reader.foreignRecord { throw WorkFailure("the versions of lane \(lane) cannot be told: \(record)") }
        let specification = try await reader.newest().map { try ModelSpecification(text: $0.body.specification) }
        return rungs.map { VersionDocument(lane: lane, $0, pageBytes: specification?.learner.pageBytes ?? 0) }
    }

    private static func table(_ versions: [VersionDocument]) -> String {
        guard !versions.isEmpty else { return "no version yet" }
        let rows = versions.map(row)
        return TextTable.render(["lane", "version", "epoch", "written", "events", "loss", "KiB", "new KiB", "state", "model digest"], rows)
    }

    private static func row(_ version: VersionDocument) -> [String] {
        let recent = version.window ?? version.metrics
        let loss = (recent.logLoss ?? recent.rmse).map(Figures.four) ?? "-"
        let sizes = [version.bytes, version.bytesWritten].map { $0.map { String(($0 + 1_023) / 1_024) } ?? "-" }
        let states = [version.cleared ? "cleared" : "held back", version.pinned ? "pinned" : nil, version.undone ? "undone" : nil]
        return [
            String(version.lane), String(version.version), String(version.epoch), time(version.createdAt), String(version.events), loss,
        ] + sizes + [states.compactMap { $0 }.joined(separator: ", "), version.modelDigest]
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
