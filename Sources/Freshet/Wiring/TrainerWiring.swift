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
    private let control: ControlTopic
    private let audit: Producer

    init(settings: Settings, until: Until?) throws {
        self.settings = settings
        self.until = until
        logger = Logs.logger("train", settings)
        control = ControlTopic(topic: settings.names.control, properties: settings.kafka.values, logger: logger)
        audit = try Producer(settings.kafka.values, logger: logger)
        reporter = LaneReporter(settings: settings, identity: identity, control: control, audit: audit, logger: logger)
        trainer = try Self.service(settings, until, identity, reporter, logger)
    }

    private static func service(
        _ settings: Settings, _ until: Until?, _ identity: ProcessIdentity, _ reporter: LaneReporter, _ logger: Logger
    ) throws -> TrainerService {
        let lanes = try LaneFactory(settings: settings, until: until, identity: identity, reporter: reporter, logger: logger)
        return TrainerService(
            TrainerService.Configuration(
                checkpointTopic: settings.names.checkpoint, group: settings.names.lanesGroup, properties: settings.kafka.values,
                startedAt: identity.startedAt, endsWithLanes: until != nil), logger: logger
        ) { share in try lanes.make(share) }
    }

    /// The services, the one whose end ends the others last.
    var services: [any Service] {
        [
            Running { try await reporter.tail() },
            Running {
                try await control.load()
                try await trainer.run()
                await reporter.sayGoodbye()
                await control.close()
                await audit.close(within: .seconds(3))
            },
        ]
    }
}

/// Makes lanes: a log to write, an input to read, and the trainer between them.
struct LaneFactory: Sendable {
    private let settings: Settings
    private let identity: ProcessIdentity
    private let reporter: LaneReporter
    private let logger: Logger
    private let configuration: LaneConfiguration

    init(settings: Settings, until: Until?, identity: ProcessIdentity, reporter: LaneReporter, logger: Logger) throws {
        self.settings = settings
        self.identity = identity
        self.reporter = reporter
        self.logger = logger
        configuration = try settings.laneConfiguration(until: until)
    }

    func make(_ share: LaneShare) throws -> TrainerService.RunningLane {
        let lane = share.lane
        var configuration = configuration
        configuration.share = share
        let log = KafkaLog(
            KafkaLog.Configuration(
                partition: TopicPartition(topic: settings.names.checkpoint, partition: Int32(lane)),
                quarantineTopic: settings.names.quarantine, group: settings.names.group,
                transactionalID: settings.names.transactionalID(lane: lane), properties: settings.kafka.values), logger: logger)
        let specification = configuration.specification
        let writer = LaneWriter(
            log: log,
            identity: LaneIdentity(
                model: settings.model, lane: lane, fingerprint: try specification.fingerprint(), specification: try specification.text(),
                pageCount: specification.learner.pageCount, host: identity.host, build: Build.version),
            retention: settings.retention, scrubVersions: settings.checkpoint.scrubVersions, now: Clocks.wall)
        let input = try KafkaInput(
            KafkaInput.Configuration(
                topics: settings.input.topics, share: share, specification: specification, properties: settings.kafka.values),
            logger: logger)
        let trainer = LaneTrainer(
            configuration: configuration, writer: writer, source: input,
            others: LaneLogs(settings, but: share, logger: logger), observer: reporter,
            clock: TrainerClock(monotonic: Clocks.monotonic, wall: Clocks.wall), logger: logger)
        return TrainerService.RunningLane(
            trainer: trainer,
            close: {
                await input.close()
                await log.close()
            }, handOver: { [reporter] in await reporter.handedOver(lane) })
    }
}
