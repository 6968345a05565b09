@testable import Checkpointing
import Inspection
import Learning
import Logging
import Synchronization
import TestSupport

@testable import Training

/// A trainer in the simulation: a member of the group as the product's is one, which stands still before every batch, before every look of a
/// standby and between two words of the group, until it is told to go on.
final class Hand: Sendable {
    let number: Int
    let peril: Peril
    let source: SteppedInput
    let trainer: LaneTrainer
    private let word: Mutex<Word>
    private let task = Shared<Task<Void, Never>?>(nil)
    private let ending = Shared<Ending?>(nil)
    private let experience = Shared<Set<Happening>>([])

    enum Ending: Sendable { case left, failed(any Error) }
    /// What the group hands to a member: the lane, nothing (then it follows the lane), or no place any more.
    enum Part: Sendable { case owner, follower, nobody }

    private struct Word {
        var part: Part
        var tenure = Tenure()
    }

    private init(peril: Peril, part: Part, source: SteppedInput, trainer: LaneTrainer) {
        number = peril.number
        self.peril = peril
        self.source = source
        self.trainer = trainer
        word = Mutex(Word(part: part))
    }

    /// - Parameters:
    ///   - piece: how many records one look at the log sees at most.
    ///   - batch: how many events it takes at a time.
    ///   - others: told where it may wait and what may befall it there.
    convenience init(
        _ peril: Peril, _ part: Part, topic: MemoryTopic, piece: Int, input: MemoryInputTopic, batch: Int, configuration: LaneConfiguration,
        identity: LaneIdentity, retention: Retention, limits: WriteLimits, writer id: WriterID, board: Board, clock: OwnClock,
        mutation: Mutation? = nil, others: (Turnstile) -> any OtherLanes = { _ in NoOtherLanes() }
    ) {
        let input = MemoryInput(input, batch: batch, share: configuration.share)
        let source = SteppedInput(input, peril: peril) { mutation?.spoil(&$0) }
        let watch = TransactionWatch()
        let log = HookedLog(topic, piece: piece) { call throws(LogFailure) in
            if let misfortune = watch.note(call) { peril.trace.count(misfortune) }
            if call == .await { await source.turnstile.wait() }
            try await peril.pass(call)
        }
        let writer = LaneWriter(
            log: mutation?.spoil(log) ?? log, identity: identity, retention: retention, scrubVersions: 2, limits: limits, writer: id,
            now: { clock.wall })
        let trainer = LaneTrainer(
            configuration: configuration, writer: writer, source: source, others: others(source.turnstile),
            observer: BoardObserver(board: board, peril: peril, clock: clock),
            clock: TrainerClock(monotonic: { clock.now }, wall: { clock.wall }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.init(peril: peril, part: part, source: source, trainer: trainer)
    }

    func start() {
        let running = Task {
            var result = Ending.left
            do { try await serve() } catch { result = .failed(error) }
            ending.state.withLock { $0 = result }
        }
        task.state.withLock { $0 = running }
    }

    /// Does what the group says, from one rebalance to the next.
    private func serve() async throws {
        while !Task.isCancelled {
            let (part, tenure) = word.withLock { ($0.part, $0.tenure) }
            switch part {
            case .owner: if try await own(during: tenure) == .left { return }
            case .follower: try await trainer.standBy(during: tenure)
            case .nobody: return
            }
            await source.turnstile.wait()
            guard !peril.isDead else { throw LogFailure(.indefinite, "died") }
        }
    }

    private func own(during tenure: Tenure) async throws -> LaneEnd {
        let goesOn = await trainer.isOwner
        let stoodBy = await trainer.writer.warm != nil
        let end = try await trainer.run(during: tenure)
        if goesOn { note(.wentOnAfterRebalance) }
        if stoodBy { note(.takenOverByStandby) }
        return end
    }

    private func note(_ happening: Happening) { experience.state.withLock { _ = $0.insert(happening) } }

    /// How it ended, if it did.
    var end: Ending? { ending.state.withLock { $0 } }
    var part: Part { word.withLock { $0.part } }
    var happened: Set<Happening> { experience.state.withLock { $0 } }
    /// Between two steps; a version may be on its way.
    var isIdle: Bool { source.turnstile.isWaiting }
    var isPaused: Bool { peril.turnstile.isWaiting }

    /// A rebalance: what it has heard so far holds until its step is over. Who owned the lane and gets it not again keeps nothing of it.
    func rebalance(to part: Part) {
        word.withLock { word in
            word.tenure.end()
            let isLetGo = word.part == .nobody || word.part == .owner && part == .follower
            word = Word(part: isLetGo ? .nobody : part)
        }
    }

    /// As SIGTERM does it: the batch it waits for is its last.
    func leave() {
        task.state.withLock { $0?.cancel() }
        source.turnstile.open()
    }

    func die() {
        peril.die()
        source.turnstile.open()
    }
}

/// An input that hands out a batch each time the simulation says so.
final class SteppedInput: EventSource {
    let turnstile = Turnstile()
    private let input: MemoryInput
    private let peril: Peril
    private let spoil: @Sendable (inout InputBatch) -> Void

    init(_ input: MemoryInput, peril: Peril, spoil: @escaping @Sendable (inout InputBatch) -> Void) {
        self.input = input
        self.peril = peril
        self.spoil = spoil
    }

    func next(wait: Duration) async throws(LogFailure) -> InputBatch {
        await turnstile.wait()
        guard !peril.isDead else { throw LogFailure(.indefinite, "died") }
        var batch = try input.next(wait: wait)
        // What was read is lost with it.
        try peril.passInput([.inputError, .outOfRange, .corruptInput])
        spoil(&batch)
        return batch
    }

    func assign(_ inputs: [InputPosition]) throws(LogFailure) -> UInt64 {
        try peril.passInput()
        return try input.assign(inputs)
    }

    func partitions(besides held: [InputPosition]) async throws(LogFailure) -> [AvailableInput] {
        try peril.passInput()
        return try await input.partitions(besides: held)
    }

    func offsets(at time: Int64, for inputs: [InputPosition]) throws(LogFailure) -> [Int64] { try input.offsets(at: time, for: inputs) }
    func feed() -> FeedView { input.feed() }
    func close() {}
}

/// What all trainers of a world say, and the commands they are given.
final class Board: Sendable {
    struct State: Sendable {
        var acknowledged: [Manifest] = []
        /// When the writer of a version was told that it is there, in seconds of the world's clock.
        var toldAt: [VersionID: Double] = [:]
        var answers: [ControlAnswer] = []
        var commands: [ControlCommand] = []
        var given = 0
    }

    let state = Mutex(State())

    func order(_ action: ControlCommand.Action, version: UInt64? = nil, mode: ControlCommand.ResumeMode? = nil) {
        state.withLock { state in
            state.given += 1
            state.commands.append(
                ControlCommand(
                    id: "C\(1000 + state.given)", action: action, version: version, mode: mode, author: "test", reason: "a test",
                    issuedAt: 0, expiresAt: .max))
        }
    }

    func toldAt(_ id: VersionID) -> Double? { state.withLock { $0.toldAt[id] } }

    /// What was said since the last call.
    func takeNews() -> (acknowledged: [Manifest], answers: [ControlAnswer]) {
        state.withLock { state in
            defer { (state.acknowledged, state.answers) = ([], []) }
            return (state.acknowledged, state.answers)
        }
    }
}

/// What one trainer says; the dead say nothing.
struct BoardObserver: LaneObserver {
    let board: Board
    let peril: Peril
    let clock: OwnClock

    func status(_ status: LaneStatus) {}
    func audit(_ entry: LaneAudit, lane: UInt16) {}
    func alert(_ alarm: Alarm, lane: UInt16) {}
    func commands(lane: UInt16) -> [ControlCommand] { board.state.withLock { $0.commands } }

    func wrote(_ manifest: Manifest, seconds: Double) {
        guard !peril.isDead else { return }
        board.state.withLock { state in
            state.acknowledged.append(manifest)
            state.toldAt[manifest.id] = clock.now
        }
    }

    func answer(_ answer: ControlAnswer) {
        guard !peril.isDead else { return }
        board.state.withLock { state in
            state.answers.append(answer)
            state.commands.removeAll { $0.id == answer.command }
        }
    }
}
