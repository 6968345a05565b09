import Checkpointing
import Kafka
import Logging
import Metrics
import ServiceLifecycle
import Supervision
import Training

/// Everything a watchdog process is made of.
struct WatchWiring {
    let settings: Settings
    let logger: Logger
    private let loop: WatchLoop
    private let delivery: AlertDelivery
    private let hasSinks: Bool

    /// - Parameter extraSinks: further receivers of alerts, such as the demo's screen.
    init(settings: Settings, configurationFile: String, extraSinks: [any AlertSink] = []) throws {
        self.settings = settings
        logger = Logs.logger("watch", settings)
        var sinks = extraSinks
        if let alertmanager = settings.watch.alertmanager { sinks.append(AlertmanagerSink(base: alertmanager.url)) }
        if let webhook = settings.watch.webhook { sinks.append(WebhookSink(url: webhook.url)) }
        hasSinks = !sinks.isEmpty
        delivery = AlertDelivery(sinks: sinks, logger: logger)
        loop = try WatchLoop(settings: settings, configurationFile: configurationFile, delivery: delivery, logger: logger)
    }

    var services: [any Service] {
        let (delivery, loop) = (delivery, loop)
        // With nowhere to deliver to, delivery would end at once, and the others with it.
        return (hasSinks ? [Running { await delivery.run() }] : []) + [Running { try await loop.run() }]
    }
}

/// Once a second: what the processes say, what the brokers say, and what the supervisor makes of it.
actor WatchLoop {
    private let settings: Settings
    private let identity = ProcessIdentity()
    private let control: ControlTopic
    private let admin: Admin
    private let delivery: AlertDelivery
    private let logger: Logger
    private var supervisor: Supervisor
    private var known: Set<String> = []
    private var heartbeat: UInt64 = 0

    init(settings: Settings, configurationFile: String, delivery: AlertDelivery, logger: Logger) throws {
        self.settings = settings
        self.delivery = delivery
        self.logger = logger
        control = ControlTopic(topic: settings.names.control, properties: settings.kafka.values, logger: logger)
        admin = try Admin(settings.kafka.values, logger: logger)
        var configuration = SupervisorConfiguration(model: settings.model)
        configuration.configurationFile = configurationFile
        configuration.trainerSilentAfter = settings.watch.trainerSilentAfter.seconds
        configuration.publisherBehindAfter = settings.watch.publisherBehindAfter.seconds
        configuration.resendEvery = settings.watch.repeat.seconds
        if let runbooks = settings.watch.runbooks { configuration.runbookBase = runbooks }
        switch settings.watchdog.stall {
        case .after(let limit): configuration.feedStalledAfter = max(limit.seconds * 2, 10)
        case .off: configuration.feedStalledAfter = nil
        // The trainer has learnt what silence is; this is for when no trainer can say.
        case .auto: break
        }
        supervisor = Supervisor(configuration: configuration, at: Clocks.wall())
    }

    func run() async throws {
        try await settings.heedRefusal(by: admin)
        while !Task.isCancelled {
            await look()
            let actions = supervisor.evaluate(at: Clocks.wall())
            delivery.submit(actions)
            actions.forEach(note)
            Gauge(label: "freshet_watch_alerts_firing", dimensions: [("model", settings.model)]).record(supervisor.activeAlerts.count)
            Gauge(label: "freshet_heartbeat_seconds", dimensions: [("model", settings.model), ("lane", "watch")])
                .record(Double(Clocks.wall()) / 1_000)
            heartbeat += 1
            try? await Task.sleep(for: .seconds(1))
        }
        try? await control.retire(status: "watchdog", instance: identity.instance)
        await control.close()
        await admin.close(within: .seconds(3))
    }

    private func note(_ action: AlertAction) {
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

    private func look() async {
        do {
            try await control.refresh(wait: .milliseconds(200))
            observeProcesses(await control.view.statuses)
            try await observeFeed()
            supervisor.observeBrokerAnswer(at: Clocks.wall())
            try await sayStatus()
        } catch {
            supervisor.observeBrokerFailure("\(error)", at: Clocks.wall())
            logger.warning("The brokers cannot be asked", metadata: ["error": "\(error)"])
        }
    }

    private func observeProcesses(_ documents: [String: [UInt8]]) {
        for gone in known.subtracting(documents.keys) { forget(gone) }
        known = Set(documents.keys)
        for status in documents.processStatuses {
            supervisor.observe(status, at: Clocks.wall())
            guard status.process == .trainer, let lane = status.lane, let version = status.cleared, let created = status.versionCreatedAt
            else { continue }
            supervisor.observe(VersionObservation(lane: lane, version: version, createdAt: created, isCleared: true), at: Clocks.wall())
        }
    }

    private func forget(_ key: String) {
        let pieces = key.split(separator: "/", maxSplits: 2).map(String.init)
        guard pieces.count == 3, let process = ProcessStatus.Process(rawValue: pieces[1]) else { return }
        supervisor.forget(process, instance: pieces[2])
    }

    private func observeFeed() async throws {
        let cluster = try await admin.cluster(timeout: .seconds(5))
        for topic in settings.input.topics {
            for partition in 0..<(cluster.topics[topic]?.partitions ?? 0) {
                let place = TopicPartition(topic: topic, partition: Int32(partition))
                let ends = try await admin.watermarks(of: place, timeout: .seconds(5))
                supervisor.observe(
                    FeedObservation(topic: topic, partition: place.partition, low: ends.low, high: ends.high), at: Clocks.wall())
            }
        }
    }

    private func sayStatus() async throws {
        let status = ProcessStatus(
            process: .watchdog, instance: identity.instance, host: identity.host, build: Build.version, model: settings.model,
            at: Clocks.wall(), heartbeat: heartbeat)
        try await control.send(status: try RecordJSON.encode(status), process: "watchdog", instance: identity.instance)
    }
}
