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
    var isTopicThere = true
    /// Whether a second partition has a leader; nil while there is none.
    var isSecondPartitionLed: Bool?
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

    /// What the watchdog says of itself is left out, unless it is all that is asked for.
    private mutating func second() -> [AlertAction] { evaluation().filter(\.alert.isTrouble) }

    /// Lets a second pass.
    /// - Returns: everything that is to be told, signs of life too.
    mutating func evaluation() -> [AlertAction] {
        now += 1_000
        feedEnd += rate
        if isBrokerAnswering { speak() }
        return supervisor.evaluate(at: now)
    }

    /// The watchdog dies, and the next one reads what is in the control topic: its alerts, and the last word of everybody.
    mutating func restart(after seconds: Int = 0) {
        let left = supervisor.activeAlerts.map { ProcessStatus.FiringAlert($0) }
        now += Int64(seconds) * 1_000
        supervisor = Supervisor(configuration: supervisor.configuration, at: now)
        supervisor.adopt(left, at: now)
        supervisor.observe(trainer, at: now)
        supervisor.observe(publisher, at: now)
    }

    private mutating func speak() {
        if isTopicThere {
            supervisor.observe(FeedObservation(topic: "purchases", partition: 0, low: 0, high: feedEnd), at: now)
        } else {
            supervisor.observeGone(topic: "purchases", at: now)
        }
        switch isSecondPartitionLed {
        case true?: supervisor.observe(FeedObservation(topic: "purchases", partition: 1, low: 0, high: feedEnd), at: now)
        case false?: supervisor.observeUnreachable(topic: "purchases", partition: 1, "no leader", at: now)
        case nil: break
        }
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

extension ProcessStatus.GateStatus {
    /// A gate that is frozen for causes of these kinds, each with who may end it.
    static func frozen(_ causes: (kind: String, resume: String)...) -> ProcessStatus.GateStatus {
        ProcessStatus.GateStatus(
            state: "frozen",
            causes: causes.map { ProcessStatus.Cause(kind: $0.kind, detail: "It is so.", since: Scenario.start, resume: $0.resume) })
    }
}
