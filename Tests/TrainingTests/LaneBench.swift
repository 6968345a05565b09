import Events
import Inspection
import Learning
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Checkpointing
@testable import Training

/// One lane with everything around it: a log and an input in memory, a clock that only the test moves, and one who writes down what is said.
final class LaneBench: Sendable {
    let topic = MemoryTopic()
    let input: MemoryInputTopic
    let clock = ManualClock()
    let observer: RecordingObserver
    let configuration: LaneConfiguration

    static let retention = Retention(latest: 4, hourly: 0, daily: 0)

    init(_ feed: SampleFeed = SampleFeed(seed: 9), _ change: (inout LaneConfiguration) -> Void = { _ in }) throws {
        input = MemoryInputTopic(feed)
        observer = RecordingObserver(topic)
        let specification = ModelSpecification(learner: EngineRun.specification, events: try EventSchema())
        var configuration = LaneConfiguration(specification: specification, policy: EngineRun.policy)
        change(&configuration)
        self.configuration = configuration
    }

    /// A new trainer on the same lane, input and observer, as after a restart.
    func trainer(
        log: (any CheckpointLog)? = nil, specification: ModelSpecification? = nil, retention: Retention = retention,
        limits: WriteLimits = WriteLimits(), source: (any EventSource)? = nil, succession: Succession? = nil
    ) throws -> LaneTrainer {
        let specification = specification ?? configuration.specification
        var configuration = configuration
        configuration.specification = specification
        configuration.succession = succession ?? configuration.succession
        let identity = LaneIdentity(
            model: "sample", lane: 0, fingerprint: try specification.fingerprint(), specification: try specification.text(),
            pageCount: specification.learner.pageCount, host: "test", build: "test")
        let clock = clock
        return LaneTrainer(
            configuration: configuration,
            writer: LaneWriter(
                log: log ?? MemoryLog(topic), identity: identity, retention: retention, scrubVersions: 2, limits: limits,
                now: { clock.wall }),
            source: source ?? MemoryInput(input), observer: observer, clock: TrainerClock(monotonic: { clock.now }, wall: { clock.wall }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A trainer that has taken the lane and learnt all there is.
    func started(log: (any CheckpointLog)? = nil, retention: Retention = retention) async throws -> LaneTrainer {
        let trainer = try trainer(log: log, retention: retention)
        try await trainer.start()
        try await trainer.catchUp()
        return trainer
    }

    /// Runs a trainer until a status is out, and takes its lane away for a moment.
    func park(_ trainer: LaneTrainer) async throws {
        let tenure = Tenure()
        observer.notes.withLock { $0.onStatus = { tenure.end() } }
        clock.advance(by: 2)
        let end = try await trainer.run(during: tenure)
        #expect(end == .parked)
    }

    var fingerprint: Digest128 { get throws { try configuration.specification.fingerprint() } }

    /// What a reader of the log takes for the state.
    var view: LaneView {
        var view = LaneView(fingerprint: nil, keepsSlots: true)
        for record in topic.records { view.apply(record) }
        return view
    }

    var newest: Manifest? { view.newest?.manifest }
}

extension LaneTrainer {
    /// One step, and the end of whatever it began to write.
    func stepAndSettle() async throws {
        try await step()
        await writing?.value
        if let failure { throw failure }
    }

    /// Steps until all there is in the input has been inspected.
    func catchUp() async throws {
        repeat { try await stepAndSettle() } while zip(engine.inspected, await source.feed().ends).contains { $0 < $1 }
        try await stepAndSettle()
    }

    /// Writes a version now.
    @discardableResult
    func version() async throws -> Manifest {
        wantsVersion = true
        try await stepAndSettle()
        return try #require(current)
    }

    /// Asks for a version with the next step.
    func want() { wantsVersion = true }

    /// What a test looks at, at one moment.
    struct Look: Sendable {
        var state: LaneState
        var digest: Digest128
        var isFrozen: Bool
        var inspected: [Int64]
        var positions: [Int64] { state.inputs.map(\.next) }
    }

    var look: Look {
        Look(
            state: engine.state, digest: engine.learner.digest(fingerprint: writer.identity.fingerprint), isFrozen: engine.isFrozen,
            inspected: engine.inspected)
    }
}

/// A switch that a test turns.
final class Flag: Sendable {
    private let state = Mutex(false)

    var value: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Time that only a test moves.
final class ManualClock: Sendable {
    private let seconds = Mutex(100.0)

    var now: Double { seconds.withLock { $0 } }
    /// Milliseconds since 1970.
    var wall: Int64 { Int64(now * 1000) }

    func advance(by more: Double) { seconds.withLock { $0 += more } }
}

/// Writes down what leaves a lane, and hands commands in.
final class RecordingObserver: LaneObserver {
    struct Answered: Sendable {
        var answer: ControlAnswer
        /// Whether a version that holds the command's effect was in the log when the answer was given.
        var isInLog: Bool
    }

    struct Notes: Sendable {
        var statuses: [LaneStatus] = []
        var manifests: [Manifest] = []
        var audits: [LaneAudit] = []
        var alarms: [Alarm] = []
        var answers: [Answered] = []
        var commands: [ControlCommand] = []
        var unreadable: [UnreadableCommand] = []
        var onStatus: (@Sendable () -> Void)?
    }

    private let topic: MemoryTopic
    let notes = Mutex(Notes())

    init(_ topic: MemoryTopic) { self.topic = topic }

    func status(_ status: LaneStatus) {
        notes.withLock { notes in
            notes.statuses.append(status)
            notes.onStatus?()
        }
    }
    func wrote(_ manifest: Manifest, seconds: Double) { notes.withLock { $0.manifests.append(manifest) } }
    func audit(_ entry: LaneAudit, lane: UInt16) { notes.withLock { $0.audits.append(entry) } }
    func alert(_ alarm: Alarm, lane: UInt16) { notes.withLock { $0.alarms.append(alarm) } }

    func answer(_ answer: ControlAnswer) {
        var view = LaneView(fingerprint: nil, keepsSlots: false)
        for record in topic.records { view.apply(record) }
        let isInLog = view.newest?.manifest.body.state.commands.contains(answer.command) == true
        notes.withLock { $0.answers.append(Answered(answer: answer, isInLog: isInLog)) }
    }

    func commands(lane: UInt16) -> [ControlCommand] {
        notes.withLock { notes in
            notes.commands.filter { command in !notes.answers.contains { $0.answer.command == command.id } }
        }
    }

    func unreadable(lane: UInt16) -> [UnreadableCommand] { notes.withLock { $0.unreadable } }

    /// What was entered in the audit of changes of the gate, and of rollbacks.
    var changes: [GateChange] {
        notes.withLock { $0.audits.compactMap { if case .gate(let change) = $0 { change } else { nil } } }
    }
    var rollbacks: [LaneRollback] {
        notes.withLock { $0.audits.compactMap { if case .rollback(let rollback) = $0 { rollback } else { nil } } }
    }

    var lastStatus: LaneStatus? { notes.withLock { $0.statuses.last } }
    var answers: [Answered] { notes.withLock { $0.answers } }

    /// Puts a command into the control topic; returns its id.
    @discardableResult
    func order(
        _ action: ControlCommand.Action, version: UInt64? = nil, mode: ControlCommand.ResumeMode? = nil, ranges: [InputRange]? = nil,
        duration: Int64? = nil, expiresAt: Int64 = .max
    ) -> String {
        notes.withLock { notes in
            let id = "C\(100 + notes.commands.count)"
            notes.commands.append(
                ControlCommand(
                    id: id, action: action, version: version, mode: mode, ranges: ranges, duration: duration, author: "test",
                    reason: "a test", issuedAt: 0, expiresAt: expiresAt))
            return id
        }
    }
}
