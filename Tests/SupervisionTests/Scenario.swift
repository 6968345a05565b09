@testable import Supervision

/// A watchdog with a clock that is moved by hand, and processes that speak when told to.
struct Scenario {
    static let start: Int64 = 1_388_534_400_000

    var supervisor: Supervisor
    var now = start
    var trainer: ProcessStatus
    var publisher: ProcessStatus
    /// The end of the only input partition.
    var feedEnd: Int64 = 1_000
    var isTrainerSpeaking = true
    var isPublisherSpeaking = true
    var isBrokerAnswering = true
    /// Events a second, written and taken.
    var rate: Int64 = 10
    /// Whether the trainer takes what is written.
    var isTaking = true
    /// Whether a version is written and cleared every five seconds.
    var isCheckpointing = true
    /// Whether the publisher takes over cleared versions.
    var isAdopting = true

    init(configure: (inout SupervisorConfiguration) -> Void = { _ in }) {
        var configuration = SupervisorConfiguration(model: "flowers")
        configure(&configuration)
        supervisor = Supervisor(configuration: configuration, at: Self.start)
        trainer = Self.trainer("t1", lane: 0)
        publisher = ProcessStatus(
            process: .publisher, instance: "p1", host: "node-2", build: "1", model: "flowers", at: Self.start, heartbeat: 0,
            versionCreatedAt: Self.start, servedVersion: [1])
    }

    static func trainer(_ instance: String, lane: Int?) -> ProcessStatus {
        ProcessStatus(
            process: .trainer, instance: instance, host: "node-1", build: "1", model: "flowers", lane: lane, at: start, heartbeat: 0,
            version: 1, versionCreatedAt: start, gate: ProcessStatus.GateStatus(state: "open"),
            positions: [ProcessStatus.Position(topic: "purchases", partition: 0, learned: 1_000, inspected: 1_000, end: 1_000)],
            counts: ProcessStatus.Counts(learned: 1_000), feed: "flowing")
    }

    /// Lets seconds pass, one after the other.
    /// - Returns: everything that was to be told in them.
    mutating func pass(seconds: Int) -> [AlertAction] {
        (0..<seconds).flatMap { _ in second() }
    }

    /// Lets seconds pass.
    /// - Returns: the names of the alerts that began, in order.
    mutating func fired(in seconds: Int) -> [String] {
        pass(seconds: seconds).compactMap { action in
            if case .fire(let alert) = action { alert.name.rawValue } else { nil }
        }
    }

    mutating func resolved(in seconds: Int) -> [String] {
        pass(seconds: seconds).compactMap { action in
            if case .resolve(let alert) = action { alert.name.rawValue } else { nil }
        }
    }

    private mutating func second() -> [AlertAction] {
        now += 1_000
        feedEnd += rate
        if isBrokerAnswering { speak() }
        return supervisor.evaluate(at: now)
    }

    private mutating func speak() {
        supervisor.observe(FeedObservation(topic: "purchases", partition: 0, low: 0, high: feedEnd), at: now)
        if isTrainerSpeaking { speakAsTrainer() }
        if isPublisherSpeaking {
            publisher.heartbeat += 1
            publisher.at = now
            if isAdopting, let version = trainer.version { publisher.servedVersion = [version] }
            if isAdopting { publisher.versionCreatedAt = trainer.versionCreatedAt }
            supervisor.observe(publisher, at: now)
        }
    }

    private mutating func speakAsTrainer() {
        trainer.heartbeat += 1
        trainer.at = now
        if isTaking {
            trainer.positions![0].inspected = feedEnd
            if trainer.gate?.state != "frozen" {
                trainer.counts?.learned += UInt64(feedEnd - trainer.positions![0].learned)
                trainer.positions![0].learned = feedEnd
            }
        }
        trainer.positions![0].end = feedEnd
        if isCheckpointing, trainer.heartbeat % 5 == 0, let version = trainer.version {
            trainer.version = version + 1
            trainer.versionCreatedAt = now
            supervisor.observe(VersionObservation(lane: 0, version: version + 1, createdAt: now, isCleared: true), at: now)
        }
        supervisor.observe(trainer, at: now)
    }
}
