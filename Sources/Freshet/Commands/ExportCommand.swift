import ArgumentParser
import Checkpointing
import Foundation
import Kafka
import Learning
import Logging
import Training

/// What `freshet export` says.
struct ExportDocument: Encodable {
    var file: String
    var bytes: Int
    var model: String
    var lane: Int
    var version: UInt64
    var createdAt: Int64
    var events: UInt64
    var cleared: Bool
    var modelDigest: String

    init(_ version: VersionFile, file: String, bytes: Int) {
        let body = version.manifest.body
        self.file = file
        self.bytes = bytes
        model = body.model
        lane = Int(body.lane)
        self.version = body.version
        createdAt = body.createdAt
        events = body.state.counts.learnt
        cleared = version.cleared
        modelDigest = body.modelDigest.description
    }
}

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a retained version as one checksummed file.",
        discussion: "The newest cleared version, unless --version names another. What import reads.")
    @OptionGroup var file: ConfigurationFile
    @OptionGroup var output: OutputOption
    @Option(help: "The version; the newest cleared one if not given. See: freshet versions") var version: UInt64?
    @Option(help: "The lane, where there are several.") var lane: UInt16?
    @Flag(help: "Replace a file that is there.") var force = false
    @Argument(help: "The file to write.") var path: String

    func run() async throws {
        let settings = try file.load(needs: .kafka)
        try await settings.require(settings.names.checkpoint)
        let logger = Logs.logger("export", settings)
        let lanes = try await LaneLogs.count(settings, logger: logger)
        let lane = try settings.lane(lane, of: lanes)
        let found = try await LaneLogs(settings, lanes: lanes, logger: logger).read(lane) { try await find(in: $0, settings, lane) }
        let exported = VersionFile(found)
        let bytes = try exported.encoded()
        try VersionFiles.write(bytes, to: path, replacing: force)
        try output.write(ExportDocument(exported, file: path, bytes: bytes.count)) {
            "version \($0.version) of lane \($0.lane), \($0.cleared ? "cleared" : "not cleared"), \($0.events) events learnt → \($0.file), "
                + "\($0.bytes) bytes"
        }
    }

    private func find(in reader: LaneReader, _ settings: Settings, _ lane: UInt16) async throws -> RestoredVersion {
        let found: RestoredVersion?
        if let version { found = try await reader.version(version) } else { found = try await reader.newestCleared(wait: .zero) }
        if version == nil, let record = await reader.unservedRecord {
            throw WorkFailure("the newest version of lane \(lane) of '\(settings.model)' is not exported: \(record)")
        }
        let rungs = try await reader.rungs()
        let retained = rungs.map { String($0.version) }.joined(separator: ", ")
        guard let found else {
            throw WorkFailure(
                version.map { version in
                    "version \(version) of lane \(lane) of '\(settings.model)' "
                        + (rungs.contains { $0.version == version } ? "is damaged in the topic" : "is not retained; these are: \(retained)")
                } ?? "no version of lane \(lane) of '\(settings.model)' is cleared yet; --version takes one that is not: \(retained)")
        }
        return found
    }
}

extension Settings {
    /// The lane that a command is for, of so many.
    func lane(_ given: UInt16?, of lanes: Int) throws -> UInt16 {
        guard let lane = given ?? (lanes == 1 ? 0 : nil) else {
            throw UsageError("'\(model)' has \(lanes) lanes: name one of them with --lane 0 to \(lanes - 1)")
        }
        guard lane < lanes else { throw UsageError("'\(model)' has no lane \(lane), but \(lanes): see freshet lanes") }
        return lane
    }
}
