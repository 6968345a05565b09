import EmbeddedBroker
import Foundation
import Kafka
import Logging
import Metrics
import Publishing
import ServiceLifecycle
import Supervision
import Training

/// All of Freshet in one process, on an embedded broker.
struct DemoWiring {
    private let broker: EmbeddedBroker
    private let settings: Settings
    private let trainer: TrainerWiring
    private let publisher: PublisherWiring
    private let watch: WatchWiring
    private let screen = DemoScreen()
    private let seconds: Double?
    private let logger: Logger

    init(port: Int, seconds: Double?) throws {
        self.seconds = seconds
        broker = try EmbeddedBroker()
        settings = try Self.settings(broker.bootstrapServers, port: port)
        let names = settings.names
        for topic in settings.input.topics + [names.checkpoint, names.control, names.quarantine, names.audit] {
            try broker.createTopic(topic, partitions: 1)
        }
        Logs.start(settings.log)
        logger = Logs.logger("demo", settings)
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        trainer = try TrainerWiring(settings: settings, until: nil)
        publisher = try PublisherWiring(settings: settings, pinned: nil, registry: registry)
        watch = try WatchWiring(settings: settings, configurationFile: "freshet.yaml", extraSinks: [screen])
    }

    /// Small and quick: the embedded broker keeps 5 MiB a partition.
    private static func settings(_ bootstrap: String, port: Int) throws -> Settings {
        let yaml = """
            model: flowers
            kafka:
              bootstrap.servers: \(bootstrap)
              fetch.wait.max.ms: 20
            input: {topics: [visits], label: /label, time: /ts}
            learner: {task: binary, bits: 12}
            checkpoint: {interval: 1s, holdBack: 1s, retain: {latest: 8, hourly: 0, daily: 0}, scrub: {versions: 4}}
            watchdog: {stall: 2s, probation: 1s}
            twin: {age: 15s}
            serve: {listen: "127.0.0.1:\(port)"}
            log: {level: error}
            """
        return try Settings.parse(yaml: yaml, file: "the demo's settings", environment: [:])
    }

    func run() async throws {
        let actor = DemoActor(
            settings: settings, reporter: trainer.reporter, box: publisher.box, screen: screen, seconds: seconds, logger: logger)
        let services =
            publisher.services { port in screen.say("Look at http://127.0.0.1:\(port) while this runs.") } + watch.services
            + trainer.services
            + [Running { try await actor.run() }]
        try await Process.run(services, logger: logger)
        withExtendedLifetime(broker) {}
        try await actor.conclude()
    }
}

/// Prints the story, the state and the alerts; an alert sink, so that what it shows is what a pager would get.
final class DemoScreen: AlertSink {
    let name = "screen"
    private let isTerminal = isatty(1) == 1

    func say(_ line: String) { write("\n» \(line)", colour: 36) }

    func tell(_ line: String) { write("  \(line)", colour: nil) }

    func deliver(_ action: AlertAction) async throws(AlertDeliveryError) {
        switch action {
        case .fire(let alert) where alert.isTrouble: write("  ALERT    \(alert.annotations["summary"] ?? alert.name.rawValue)", colour: 31)
        case .resolve(let alert): write("  RESOLVED \(alert.annotations["summary"] ?? alert.name.rawValue)", colour: 32)
        case .fire, .resend: break
        }
    }

    private func write(_ line: String, colour: Int?) {
        let text = if isTerminal, let colour { "\u{1B}[\(colour)m\(line)\u{1B}[0m" } else { line }
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
