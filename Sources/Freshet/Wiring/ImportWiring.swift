import Checkpointing
import Kafka
import Logging
import Synchronization
import Training

/// An import, as a member of the group that hands out the lanes.
struct ImportWiring {
    private let settings: Settings
    private let lane: UInt16
    private let service: TrainerService
    private let handedOut = HandedOut()
    /// A broker that stays away is waited for no longer.
    private static let longest = Duration.seconds(600)

    init(settings: Settings, file: VersionFile, lane: UInt16, start: InputStart?) throws {
        self.settings = settings
        self.lane = lane
        let (logger, identity, handedOut) = (Logs.logger("import", settings), ProcessIdentity(), handedOut)
        let specification = try settings.specification()
        service = TrainerService(
            TrainerService.Configuration(
                checkpointTopic: settings.names.checkpoint, group: settings.names.lanesGroup, properties: settings.kafka.values,
                startedAt: identity.startedAt, endsWithLanes: true, isGuest: true),
            watches: CommitWatches(interval: settings.checkpoint.interval, now: Clocks.monotonic), logger: logger
        ) { share in
            guard share.lane == lane else { return TrainerService.RunningLane(owner: Bystander()) {} }
            let parts = try LaneParts(settings: settings, share: share, host: identity.host, logger: logger)
            let importer = LaneImporter(
                file: file, start: start, specification: specification, writer: parts.writer, source: parts.input,
                others: LaneLogs(settings, but: share, logger: logger), logger: logger)
            handedOut.importers.withLock { $0.append(importer) }
            return TrainerService.RunningLane(owner: importer, close: parts.close)
        }
    }

    func run(patience: Duration) async throws -> LaneImporter.Outcome {
        let (service, handedOut) = (service, handedOut)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask {
                try await Task.sleep(for: patience)
                guard await handedOut.hasBegun else { throw notHandedOut(within: patience) }
                try await Task.sleep(for: Self.longest)
                throw WorkFailure(
                    "the import did not end within \(Int(Self.longest.inSeconds)) s; its log says why. freshet versions shows whether the version "
                        + "was written")
            }
            // Once it is written, what the group says matters no more.
            group.addTask { while await handedOut.outcome == nil { try await Task.sleep(for: .milliseconds(100)) } }
            try await group.next()
            group.cancelAll()
        }
        guard let outcome = await handedOut.outcome else { throw notHandedOut(within: patience) }
        return outcome
    }

    private func notHandedOut(within patience: Duration) -> WorkFailure {
        WorkFailure(
            "lane \(lane) of '\(settings.model)' was not handed out within \(Int(patience.inSeconds)) s: a trainer has it. Stop the trainers of "
                + "'\(settings.model)' (freshet status names them), then import")
    }
}

/// Has a lane that is not asked for, and leaves it as it is.
private struct Bystander: LaneOwner {
    func run(during tenure: Tenure) async throws -> LaneEnd { .left }
}

/// Whoever was handed the lane: one importer, or more of them where the group changes meanwhile.
private final class HandedOut: Sendable {
    let importers = Mutex<[LaneImporter]>([])

    var hasBegun: Bool {
        get async {
            for importer in importers.withLock({ $0 }) {
                if await importer.hasBegun { return true }
            }
            return false
        }
    }

    var outcome: LaneImporter.Outcome? {
        get async {
            for importer in importers.withLock({ $0 }) {
                if let outcome = await importer.outcome { return outcome }
            }
            return nil
        }
    }
}
