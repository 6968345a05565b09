import ArgumentParser
import Foundation
import Logging
import Metrics
import Publishing
import ServiceLifecycle
import Training

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Learns from the input topic and checkpoints; with --until, trains once and ends.",
        discussion: """
            SIGTERM drains, writes a last version and leaves. A second trainer of the same model stands by, or takes lanes where there are several.

              freshet train --config freshet.yaml
              freshet train --config freshet.yaml --until end                    every event there is now
              freshet train --config freshet.yaml --until 100000                 so many events
              freshet train --config freshet.yaml --until 2013-07-01T00:00:00Z   events before a time
            """)

    @OptionGroup var file: ConfigurationFile
    @Option(
        help: "Train on a bounded range, write and pin a version, and end: a number of events, an ISO 8601 event time, or 'end'.",
        transform: { text in
            guard let until = Until(argument: text) else {
                throw UsageError("--until takes a number of events, an ISO 8601 time, or 'end', not '\(text)'")
            }
            return until
        })
    var until: Until?
    @Flag var succession: SuccessionFlag?

    func run() async throws {
        let settings = try file.load()
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        try await TopicsCommand.Check.refuseToTrain(settings)
        let wiring = try TrainerWiring(settings: settings, until: until, succession: succession?.succession ?? .refuse)
        Departure.bound(by: wiring.watches, logger: wiring.logger)
        try await Process.run(
            MetricsService.make(settings, registry, port: 9464, logger: wiring.logger) + wiring.services, logger: wiring.logger)
    }
}

enum SuccessionFlag: String, EnumerableFlag {
    case reset, warmStart

    var succession: Succession { self == .reset ? .reset : .warmStart }

    static func help(for value: SuccessionFlag) -> ArgumentHelp? {
        switch value {
        case .reset: "Where the topic holds a model of another configuration: begin a new one."
        case .warmStart: "The same, with that model's slots, where they still mean the same."
        }
    }
}

extension Until {
    init?(argument: String) {
        if argument == "end" {
            self = .end
        } else if let count = UInt64(argument) {
            self = .count(count)
        } else if let date = try? Date(argument, strategy: .iso8601) {
            self = .time(Int64(date.timeIntervalSince1970 * 1_000))
        } else {
            return nil
        }
    }
}

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves the newest version that passed every gate over HTTP.",
        discussion: "With --version, serves that version for good: static serving.")

    @OptionGroup var file: ConfigurationFile
    @Option(help: "Serve this version and no other.") var version: UInt64?

    func run() async throws {
        let settings = try file.load(needs: .kafka)
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        let wiring = try PublisherWiring(settings: settings, pinned: version ?? settings.serve.version, registry: registry)
        let (logger, host) = (wiring.logger, settings.serve.listen.host)
        let services = wiring.services { port in logger.info("Listening", metadata: ["address": "http://\(host):\(port)"]) }
        try await Process.run(services, logger: logger)
    }
}

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Watches trainers, publishers and the feed from outside, and sends alerts.")

    @OptionGroup var file: ConfigurationFile

    func run() async throws {
        let settings = try file.load(needs: [.kafka, .topics])
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        let wiring = try WatchWiring(settings: settings, configurationFile: file.path)
        try await Process.run(
            MetricsService.make(settings, registry, port: 9465, logger: wiring.logger) + wiring.services, logger: wiring.logger)
    }
}

/// `/metrics` for the services that serve nothing else.
enum MetricsService {
    static func make(_ settings: Settings, _ registry: PrometheusRegistry, port: Int, logger: Logger) -> [any Service] {
        guard let address = settings.metricsListen.address(standard: .init(host: "127.0.0.1", port: port)) else { return [] }
        let server = MetricsServer(host: address.host, port: address.port, registry: registry, logger: logger)
        return [Running { try await server.run() }]
    }
}
