import Checkpointing
import Kafka
import Logging
import Metrics
import Supervision
import Training

/// Once a second: what the processes say, what the brokers say, and what the supervisor makes of it.
///
/// Whatever asks a broker does so beside the loop: one that does not answer must not keep the watchdog from looking, and from saying that it
/// lives. Durations are taken from a clock that cannot be set; the wall's clock is only written and read.
actor WatchLoop {
    private let settings: Settings
    private let identity = ProcessIdentity()
    private let control: ControlTopic
    private let feed: FeedProbe
    private let delivery: AlertDelivery
    private let logger: Logger
    private var supervisor: Supervisor
    private var known: Set<String> = []
    private var unreadable: [String: CodecError] = [:]
    private var predecessors = Predecessors()
    private var heartbeat: UInt64 = 0
    /// The input's partitions, as a broker told them last.
    private var places: [TopicPartition] = []
    private var probing: Task<Void, Never>?
    private var measuring: Task<Void, Never>?
    private var speaking: Task<Void, Never>?

    init(settings: Settings, configurationFile: String, delivery: AlertDelivery, logger: Logger) throws {
        self.settings = settings
        self.delivery = delivery
        self.logger = logger
        control = ControlTopic(topic: settings.names.control, properties: settings.kafka.values, logger: logger)
        feed = try FeedProbe(settings: settings, logger: logger)
        supervisor = Supervisor(
            configuration: SupervisorConfiguration(settings, configurationFile: configurationFile), at: Self.now, wall: Clocks.wall())
    }

    /// Milliseconds of a clock that does not jump.
    private static var now: Int64 { Int64(Clocks.monotonic() * 1_000) }

    func run() async throws {
        try await feed.heedRefusal()
        let reading = Task {
            while !Task.isCancelled {
                await self.readControl()
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        while !Task.isCancelled {
            supervisor.tell(wall: Clocks.wall(), at: Self.now)
            probeFeed()
            judge()
            speak()
            heartbeat += 1
            try? await Task.sleep(for: .seconds(1))
        }
        reading.cancel()
        await reading.value
        await leave()
    }

    // MARK: - Judging

    private func judge() {
        let actions = supervisor.evaluate(at: Self.now)
        delivery.submit(actions)
        actions.forEach(note)
        Gauge(label: "freshet_watch_alerts_firing", dimensions: [("model", settings.model)]).record(supervisor.activeAlerts.count)
        Gauge(label: "freshet_heartbeat_seconds", dimensions: [("model", settings.model), ("lane", "watch")])
            .record(Double(Clocks.wall()) / 1_000)
    }

    private func note(_ action: AlertAction) {
        guard action.alert.isTrouble else { return }
        let what: Logger.Metadata = [
            "alert": "\(action.alert.name.rawValue)", "what": "\(action.alert.annotations["summary"] ?? "")",
            "command": "\(action.alert.annotations["command"] ?? "")",
        ]
        switch action {
        case .fire: logger.warning("An alert fires", metadata: what)
        case .resolve: logger.notice("An alert is over", metadata: what)
        case .resend: break
        }
    }

    // MARK: - Looking

    private func readControl() async {
        do {
            try await control.refresh(wait: .milliseconds(200))
        } catch {
            if !Task.isCancelled { tellFailure(error) }
            return
        }
        let view = await control.view
        tellUnreadable(view.unreadable)
        let documents = view.statuses
        for gone in known.subtracting(documents.keys) { forget(gone) }
        known = Set(documents.keys)
        let statuses = documents.processStatuses
        // Before the first judgement, and before this watchdog overwrites what one by its name had written.
        if let alerts = predecessors.alerts(in: statuses, of: settings.model) { supervisor.adopt(alerts, at: Self.now) }
        predecessors.look(at: statuses, but: identity.instance, at: Self.now)
        for status in statuses { observe(status) }
    }

    /// Once for each record: what a process of a newer build says is not judged.
    private func tellUnreadable(_ records: [String: CodecError]) {
        for (key, error) in records where unreadable[key] != error {
            logger.warning("A record of the control topic cannot be read", metadata: ["key": "\(key)", "why": "\(error)"])
        }
        unreadable = records
    }

    private func observe(_ status: ProcessStatus) {
        supervisor.observe(status, at: Self.now)
        guard status.process == .trainer, let lane = status.lane, let version = status.cleared, let created = status.versionCreatedAt else {
            return
        }
        supervisor.observe(VersionObservation(lane: lane, version: version, createdAt: created, isCleared: true), at: Self.now)
    }

    private func forget(_ key: String) {
        let pieces = key.split(separator: "/", maxSplits: 2).map(String.init)
        guard pieces.count == 3, let process = ProcessStatus.Process(rawValue: pieces[1]) else { return }
        supervisor.forget(process, instance: pieces[2])
    }

    private func tellFailure(_ error: any Error) {
        supervisor.observeBrokerFailure("\(error)", at: Self.now)
        logger.warning("The brokers cannot be asked", metadata: ["error": "\(error)"])
    }

    /// Whether any broker answers is asked apart from the partitions' ends: one without a leader keeps whoever asks waiting.
    private func probeFeed() {
        if probing == nil { probing = Task { await self.probePartitions() } }
        if measuring == nil { measuring = Task { await self.measureEnds() } }
    }

    private func probePartitions() async {
        do {
            let (places, gone) = try await feed.partitions()
            self.places = places
            supervisor.observeBrokerAnswer(at: Self.now)
            for topic in gone { supervisor.observeGone(topic: topic, at: Self.now) }
        } catch {
            tellFailure(error)
        }
        probing = nil
    }

    private func measureEnds() async {
        for ends in await feed.ends(of: places) {
            switch ends {
            case .told(let observation): supervisor.observe(observation, at: Self.now)
            case .unreachable(let place, let why):
                supervisor.observeUnreachable(topic: place.topic, partition: place.partition, why, at: Self.now)
            }
        }
        measuring = nil
    }

    // MARK: - Speaking

    /// Says what was told and is not over, for the watchdog that comes after this one; nothing before it is known what the one before told.
    private func speak() {
        guard speaking == nil, predecessors.wereRead else { return }
        var status = ProcessStatus(
            process: .watchdog, instance: identity.instance, host: identity.host, build: Build.version, model: settings.model,
            at: Clocks.wall(), heartbeat: heartbeat)
        let alerts = supervisor.activeAlerts.map { ProcessStatus.FiringAlert($0) }
        if !alerts.isEmpty { status.alerts = alerts }
        let over = predecessors.takeOver(at: Self.now)
        speaking = Task { [control, identity, status] in
            do {
                try await control.send(status: try RecordJSON.encode(status), process: "watchdog", instance: identity.instance)
                for instance in over { try await control.retire(status: "watchdog", instance: instance) }
            } catch {
                self.tellFailure(error)
            }
            self.speaking = nil
        }
    }

    /// What this watchdog had told stays in the topic as long as it is true: the next one ends it.
    private func leave() async {
        probing?.cancel()
        measuring?.cancel()
        // A word that is on its way would come after the one that takes it back.
        await speaking?.value
        if supervisor.activeAlerts.isEmpty { try? await control.retire(status: "watchdog", instance: identity.instance) }
        await control.close()
        await feed.close()
    }
}

extension SupervisorConfiguration {
    init(_ settings: Settings, configurationFile: String) {
        self.init(model: settings.model)
        self.configurationFile = configurationFile
        trainerSilentAfter = settings.watch.trainerSilentAfter.seconds
        publisherBehindAfter = settings.watch.publisherBehindAfter.seconds
        resendEvery = settings.watch.repeat.seconds
        if let runbooks = settings.watch.runbooks { runbookBase = runbooks }
        switch settings.watchdog.stall {
        case .after(let limit): feedStalledAfter = max(limit.seconds * 2, 10)
        case .off: feedStalledAfter = nil
        // The trainer has learnt what silence is; this is for when no trainer can say.
        case .auto: break
        }
    }
}
