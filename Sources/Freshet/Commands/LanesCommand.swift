import ArgumentParser
import Checkpointing
import Kafka
import Logging

/// What `freshet lanes` says of one lane.
struct LaneDocument: Codable {
    struct Input: Codable {
        var topic: String
        var partition: Int32
        /// The next offset to take.
        var next: Int64
    }

    var lane: Int
    /// Absent while it has none.
    var version: UInt64?
    var epoch: UInt64?
    /// What it reads.
    var inputs: [Input]

    init(lane: Int, _ manifest: Manifest?) {
        self.lane = lane
        version = manifest?.body.version
        epoch = manifest?.body.epoch
        inputs = (manifest?.body.state.inputs ?? []).filter { !$0.isHandedOver }
            .map { Input(topic: $0.topic, partition: $0.partition, next: $0.next) }
    }
}

struct LanesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lanes", abstract: "The lanes of a model and what each reads; more of them with --to.",
        discussion: """
            Lanes learn side by side, each its share of the input partitions, and their average is served. Growing is done on the running model: each \
            lane that has partitions to give lets go of them with a version, and the new lanes read on from there, beginning with the model of the \
            lane they came from. Nothing is learnt twice or lost, whoever dies in between. There is no way back to fewer.
            """)
    @OptionGroup var file: ConfigurationFile
    @OptionGroup var output: OutputOption
    @Option(help: "Grow to so many lanes, and wait until each reads its share.") var to: Int?
    @Option(help: "Seconds to wait for that.") var timeout: Double = 120

    func run() async throws {
        let settings = try file.load(needs: [.kafka, .topics])
        let admin = try Admin(settings.kafka.values, logger: Logs.logger("lanes", settings))
        do {
            try output.write(try await lanes(settings, admin)) { Self.table($0) }
            await admin.close(within: .seconds(2))
        } catch {
            await admin.close(within: .seconds(2))
            throw error
        }
    }

    private func lanes(_ settings: Settings, _ admin: Admin) async throws -> [LaneDocument] {
        let count = try await admin.partitions(of: settings.names.checkpoint, timeout: .seconds(10))
        let found = try await documents(settings, count)
        guard let to, to != count else { return found }
        try await check(to, found, settings, admin)
        try await admin.createPartitions(of: settings.names.checkpoint, upTo: to, timeout: .seconds(30))
        let deadline = Clocks.monotonic() + timeout
        while Clocks.monotonic() < deadline {
            let grown = try await documents(settings, to)
            if try await isSettled(grown, settings, admin) { return grown }
            try await Task.sleep(for: .milliseconds(500))
        }
        throw WorkFailure(
            "the checkpoint topic of '\(settings.model)' has \(to) partitions now, but not every lane reads its share after \(Int(timeout)) s. "
                + "It goes on by itself once a trainer runs and no lane is frozen. See: freshet lanes, freshet status")
    }

    private func documents(_ settings: Settings, _ count: Int) async throws -> [LaneDocument] {
        let logs = LaneLogs(settings, lanes: count, logger: Logs.logger("lanes", settings))
        var documents: [LaneDocument] = []
        for lane in 0..<count {
            let newest = try await logs.read(UInt16(lane)) { reader throws(LogFailure) in try await reader.sight(of: UInt16(lane)).newest }
            documents.append(LaneDocument(lane: lane, newest))
        }
        return documents
    }

    private func check(_ to: Int, _ lanes: [LaneDocument], _ settings: Settings, _ admin: Admin) async throws {
        guard to > lanes.count else {
            throw UsageError("'\(settings.model)' has \(lanes.count) lanes; there is no way back to \(to). Train a new model with fewer")
        }
        // A lane that has no version yet could not hand anything over.
        if let empty = lanes.first(where: { $0.version == nil }) {
            throw WorkFailure(
                "lane \(empty.lane) of '\(settings.model)' has no version yet; start a trainer, and grow when it has written one")
        }
        var partitions = 0
        for topic in settings.input.topics { partitions = max(partitions, try await admin.partitions(of: topic, timeout: .seconds(10))) }
        guard to <= partitions else {
            throw UsageError("\(to) lanes are more than the \(partitions) partitions of the input: some would have nothing to read")
        }
    }

    /// Whether every input partition is read by the lane whose share it is, and by no other.
    private func isSettled(_ lanes: [LaneDocument], _ settings: Settings, _ admin: Admin) async throws -> Bool {
        var expected = lanes.map { _ in Set<TopicPartition>() }
        for topic in settings.input.topics {
            for partition in 0..<Int32(try await admin.partitions(of: topic, timeout: .seconds(10))) {
                expected[Int(partition) % lanes.count].insert(TopicPartition(topic: topic, partition: partition))
            }
        }
        return zip(lanes, expected).allSatisfy { lane, expected in
            Set(lane.inputs.map { TopicPartition(topic: $0.topic, partition: $0.partition) }) == expected
        }
    }

    private static func table(_ lanes: [LaneDocument]) -> String {
        let rows = lanes.map { lane in
            [
                String(lane.lane), lane.version.map(String.init) ?? "-", lane.epoch.map(String.init) ?? "-",
                lane.inputs.map { "\($0.topic)[\($0.partition)] from \($0.next)" }.joined(separator: ", "),
            ]
        }
        return TextTable.render(["lane", "version", "epoch", "reads"], rows)
    }
}
