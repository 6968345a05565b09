import Checkpointing
import Kafka
import Learning
import Logging
import Publishing
import ServiceLifecycle
import Supervision
import Training

/// Everything a trainer process is made of.
struct TrainerWiring {
    let settings: Settings
    let until: Until?
    let identity = ProcessIdentity()
    let logger: Logger
    let reporter: LaneReporter
    let trainer: TrainerService
    let watches: CommitWatches
    private let control: ControlTopic
    private let audit: Producer

    init(settings: Settings, until: Until?, succession: Succession = .refuse) throws {
        self.settings = settings
        self.until = until
        logger = Logs.logger("train", settings)
        control = ControlTopic(topic: settings.names.control, properties: settings.kafka.values, logger: logger)
        audit = try Producer(settings.kafka.values, logger: logger)
        reporter = LaneReporter(settings: settings, identity: identity, control: control, audit: audit, logger: logger)
        var lane = try settings.laneConfiguration(until: until)
        lane.succession = succession
        watches = CommitWatches(interval: lane.interval, now: Clocks.monotonic)
        trainer = Self.service(settings, lane, identity, reporter, watches, logger)
    }

    private static func service(
        _ settings: Settings, _ lane: LaneConfiguration, _ identity: ProcessIdentity, _ reporter: LaneReporter, _ watches: CommitWatches,
        _ logger: Logger
    ) -> TrainerService {
        let lanes = LaneFactory(
            settings: settings, configuration: lane, identity: identity, reporter: reporter, watches: watches, logger: logger)
        return TrainerService(
            TrainerService.Configuration(
                checkpointTopic: settings.names.checkpoint, group: settings.names.lanesGroup, properties: settings.kafka.values,
                startedAt: identity.startedAt, endsWithLanes: lane.until != nil), watches: watches, logger: logger
        ) { share in try lanes.make(share) }
    }

    /// The services, the one whose end ends the others last.
    var services: [any Service] {
        [
            Running { try await reporter.tail() },
            Running {
                try await control.load()
                do {
                    try await trainer.run()
                } catch {
                    // Its last words stay: this is no end in order, and whoever watches is to notice.
                    await reporter.finish()
                    throw error
                }
                await reporter.sayGoodbye()
                await control.close()
                await audit.close(within: .seconds(3))
            },
        ]
    }
}

/// Makes lanes: a log to write, an input to read, and the trainer between them.
struct LaneFactory: Sendable {
    let settings: Settings
    let configuration: LaneConfiguration
    let identity: ProcessIdentity
    let reporter: LaneReporter
    let watches: CommitWatches
    let logger: Logger

    func make(_ share: LaneShare) throws -> TrainerService.RunningLane {
        let parts = try LaneParts(settings: settings, share: share, host: identity.host, logger: logger)
        var configuration = configuration
        configuration.share = share
        let trainer = LaneTrainer(
            configuration: configuration, writer: parts.writer, source: parts.input,
            others: LaneLogs(settings, but: share, logger: logger), observer: reporter,
            clock: TrainerClock(monotonic: Clocks.monotonic, wall: Clocks.wall), watches: watches, logger: logger)
        return TrainerService.RunningLane(
            owner: trainer, close: parts.close, handOver: { [reporter] in await reporter.handedOver(share.lane) })
    }
}

/// What every owner of a lane writes and reads by.
struct LaneParts {
    let writer: LaneWriter
    let input: KafkaInput
    private let log: KafkaLog

    init(settings: Settings, share: LaneShare, host: String, logger: Logger) throws {
        let lane = share.lane
        log = KafkaLog(
            KafkaLog.Configuration(
                partition: TopicPartition(topic: settings.names.checkpoint, partition: Int32(lane)),
                quarantineTopic: settings.names.quarantine, group: settings.names.group,
                transactionalID: settings.names.transactionalID(lane: lane), properties: settings.kafka.values), logger: logger)
        let specification = try settings.specification()
        writer = LaneWriter(
            log: log,
            identity: LaneIdentity(
                model: settings.model, lane: lane, of: share.lanes, fingerprint: try specification.fingerprint(),
                specification: try specification.text(),
                pageCount: specification.learner.pageCount, host: host, build: Build.version),
            retention: settings.retention, scrubVersions: settings.checkpoint.scrubVersions, now: Clocks.wall)
        input = try KafkaInput(
            KafkaInput.Configuration(
                topics: settings.input.topics, share: share, specification: specification, properties: settings.kafka.values),
            logger: logger)
    }

    var close: @Sendable () async -> Void {
        let (input, log) = (input, log)
        return {
            await input.close()
            await log.close()
        }
    }
}
