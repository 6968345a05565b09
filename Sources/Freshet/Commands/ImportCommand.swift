import ArgumentParser
import Checkpointing
import Learning
import Logging
import Training

/// What `freshet import` says.
struct ImportDocument: Encodable {
    struct Origin: Encodable {
        var model: String
        var lane: Int
        var version: UInt64
    }

    var lane: Int
    var version: UInt64
    var from: Origin
    /// `file`, or what `--start` said.
    var positions: String
    var cleared: Bool
    var modelDigest: String

    init(_ outcome: LaneImporter.Outcome, from file: VersionFile, start: ImportCommand.Start?) {
        let (body, origin) = (outcome.manifest.body, file.manifest.body)
        lane = Int(body.lane)
        version = body.version
        from = Origin(model: origin.model, lane: Int(origin.lane), version: origin.version)
        positions = outcome.keptPositions ? "file" : start?.rawValue ?? ""
        cleared = outcome.cleared
        modelDigest = body.modelDigest.description
    }
}

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Writes the version in a file as the lane's next one.",
        discussion: """
            The lane comes from the group, as it does for train: a trainer that has it must be stopped first. The model goes on at the positions in \
            the file if the file is of this model and the input still has them; otherwise --start says where.
            """)
    @OptionGroup var file: ConfigurationFile
    @OptionGroup var output: OutputOption
    @Option(help: "Where to go on: earliest or latest; at the positions in the file if not given.") var start: Start?
    @Option(help: "The lane, where there are several.") var lane: UInt16?
    @Option(help: "Seconds to wait for the lane.") var timeout: Double = 30
    @Argument(help: "The file, as export wrote it.") var path: String

    enum Start: String, ExpressibleByArgument, CaseIterable {
        case earliest, latest

        var inputStart: InputStart { self == .earliest ? .earliest : .latest }
    }

    func run() async throws {
        let settings = try file.load()
        let version = try VersionFiles.read(path)
        try await settings.require(settings.names.checkpoint)
        let lane = try settings.lane(lane, of: try await LaneLogs.count(settings, logger: Logs.logger("import", settings)))
        let wiring = try ImportWiring(settings: settings, file: version, lane: lane, start: start?.inputStart)
        let outcome = try await wiring.run(patience: .seconds(timeout))
        try output.write(ImportDocument(outcome, from: version, start: start)) {
            "version \($0.from.version) of '\($0.from.model)' is version \($0.version) of lane \($0.lane) now, "
                + "\($0.cleared ? "cleared" : "not cleared"); training goes on at "
                + ($0.positions == "file" ? "the positions in the file" : "the \($0.positions) offsets")
        }
    }
}
