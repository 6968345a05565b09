import Checkpointing
import Inspection
import Learning
import TestSupport

@testable import Training

/// A model whose lanes become more while events flow, trainers die and brokers lie, from one seed.
///
/// Beside what `LaneWorld` asks of one lane it asks of all of them together that a partition which goes from lane to lane is read on where it
/// was let go of, and nowhere else: every event is learnt once.
final class LanesWorld {
    /// Something that is broken on purpose, to see that the checks notice.
    enum Mutation: CaseIterable, Sendable {
        /// A lane that sees nothing of the others.
        case deafToOthers
        /// A lane that reads on from where it thinks the partition begins.
        case beginsElsewhere
        /// A lane that does not ask whether others may still think that there are fewer.
        case trustsTheOutdated
    }

    /// What a simulation that is worth its time comes across.
    enum Happening: CaseIterable, Sendable {
        case handedOver, takenBack, begunWithAnothersModel, rolledBackPastHandover, frozenWithAnothersShare, grownToFour, outdatedOwner
    }

    struct Outcome: Sendable {
        var violation: Violation?
        var steps: Int
        var digest: UInt64
        var trace: [String]
        var happened: Set<Happening>
        var misfortunes: [Misfortune: Int]
    }

    /// A lane's log and what is known of it.
    struct Lane {
        let topic = MemoryTopic()
        let board = Board()
        var ledger = Ledger()
        var lookedAt = -1
        var newest: Ledger.Version?
    }

    struct Worker {
        let lane: Int
        /// As how many lanes the group told it that there are.
        let lanes: Int
        let hand: Hand
    }

    static let mostLanes = 4

    let thread: OneThread
    let trace: Trace
    let mutation: Mutation?
    var generator: SeededGenerator
    var lanes = (0..<mostLanes).map { _ in Lane() }
    /// How many of them there are so far.
    var count = 1
    var workers: [Worker] = []
    var workerCount = 0
    let input: MemoryInputTopic
    let clock = ManualClock()
    let kind: LaneWorld.Kind
    let retention: Retention
    let limits: WriteLimits
    var happened: Set<Happening> = []
    /// Whether nobody gave orders and nothing but good events came.
    var isUndisturbed = true

    // What the checks remember.
    var events: EventBook
    var models: [Digest128: KnownModel] = [:]

    init(seed: UInt64, mutation: Mutation?, thread: OneThread, keepsTrace: Bool) throws {
        self.thread = thread
        self.mutation = mutation
        thread.reseed(seed)
        trace = Trace(isKept: keepsTrace)
        generator = SeededGenerator(seed: seed)
        kind = try LaneWorld.Kind.all[0].get()
        // More than there are lanes, so that not every lane has as many.
        let feed = SampleFeed(partitions: 2 + generator.below(5), seed: seed, spread: kind.spread)
        input = MemoryInputTopic(feed)
        events = EventBook(feed)
        retention = Retention(latest: 2 + generator.below(3), hourly: 0, daily: 0)
        limits = .any(&generator)
        for lane in lanes {
            lane.topic.faults = .any(&generator)
            for lie in Misfortune.lies(of: lane.topic.faults) { trace.count(lie) }
        }
    }

    // MARK: - Running

    static func run(seed: UInt64, mutation: Mutation? = nil, on thread: OneThread, actions: Int = 120, keepsTrace: Bool = false) -> Outcome
    {
        do {
            let world = try LanesWorld(seed: seed, mutation: mutation, thread: thread, keepsTrace: keepsTrace)
            var violation: Violation?
            do throws(Violation) {
                for _ in 0..<actions { try world.act() }
                try world.end()
            } catch {
                violation = error
            }
            for worker in world.workers { worker.hand.die() }
            thread.settle()
            return Outcome(
                violation: violation, steps: world.trace.steps, digest: world.trace.digest, trace: world.trace.lines,
                happened: world.happened, misfortunes: world.trace.misfortunes)
        } catch {
            let violation = Violation(invariant: .nobodyFailsForGood, what: "no world: \(error)")
            return Outcome(violation: violation, steps: 0, digest: 0, trace: [], happened: [], misfortunes: [:])
        }
    }

    // MARK: - What can happen

    private enum Action: Int {
        case produce, step, start, kill, killLater, rebalance, wake, waitAWhile, clean, bend, command, grow

        static let weights: [(Action, Int)] = [
            (.produce, 14), (.step, 40), (.start, 10), (.kill, 4), (.killLater, 3), (.rebalance, 4), (.wake, 8), (.waitAWhile, 5),
            (.clean, 5),
            (.bend, 4), (.command, 2), (.grow, 2),
        ]
        static let deck = weights.flatMap { [Action](repeating: $0.0, count: $0.1) }
    }

    private func act() throws(Violation) {
        let action = Action.deck[generator.below(Action.deck.count)]
        trace.step(0, action.rawValue, "— \(action)")
        switch action {
        case .produce: produce(generator.below(40))
        case .step: for _ in 0..<1 + generator.below(4) { anyWorker.map(go) }
        case .start: startAny()
        case .kill: anyWorker?.hand.die()
        case .killLater: anyWorker?.hand.peril.die(after: generator.below(12))
        case .rebalance: anyWorker?.hand.rebalance(to: .owner)
        case .wake: for worker in workers where worker.hand.isPaused { worker.hand.peril.turnstile.open() }
        case .waitAWhile: clock.advance(by: Double(generator.below(7)))
        case .clean: trace.count(lanes[generator.below(count)].topic.clean(&generator))
        case .bend: trace.count(lanes[generator.below(count)].topic.bend(generator.below(7)))
        case .command: command()
        case .grow: grow()
        }
        thread.settle()
        if workers.isEmpty { startAny() }
        try check()
    }

    private var anyWorker: Worker? { workers.isEmpty ? nil : workers[generator.below(workers.count)] }

    private func go(_ worker: Worker) {
        guard worker.hand.isIdle else { return }
        worker.hand.source.turnstile.open()
        thread.settle()
    }

    private func produce(_ count: Int) {
        input.write { feed in
            for _ in 0..<count {
                let kind: SampleRecord.Kind = generator.happens(3) ? .rejected : generator.happens(4) ? .marker : .good
                feed.append(kind, to: generator.below(feed.partitions.count))
            }
        }
        events.look(at: input.contents)
    }

    private func command() {
        isUndisturbed = false
        let lane = lanes[generator.below(count)]
        let rungs = lane.newest?.manifest.body.ladder ?? []
        switch generator.below(4) {
        case 0: lane.board.order(.freeze)
        case 1 where !rungs.isEmpty:
            let mode: ControlCommand.ResumeMode? = [nil, .replay, .skip][generator.below(3)]
            lane.board.order(.rollback, version: rungs[generator.below(rungs.count)].version, mode: mode)
        default: lane.board.order(.resume, mode: generator.happens(50) ? .skip : .replay)
        }
    }

    /// The group deals the lanes out anew. Not everybody hears of it, and one who had counted the lanes before goes on with what it counted.
    private func grow() {
        guard count < Self.mostLanes else { return }
        count = min(Self.mostLanes, count + 1 + generator.below(2))
        if count == Self.mostLanes { happened.insert(.grownToFour) }
        for worker in workers where generator.happens(70) { worker.hand.rebalance(to: .nobody) }
    }

    private func startAny() {
        guard workers.count < 2 * count else { return }
        // One who is slow may have counted the lanes long ago.
        let isLate = count > 1 && generator.happens(10)
        let known = isLate ? 1 + generator.below(count - 1) : count
        start(lane: generator.below(known), of: known, .any(&generator), batch: 1 + generator.below(40))
    }

    private func start(lane: Int, of known: Int, _ odds: Peril.Odds, batch: Int) {
        workerCount += 1
        trace.step(workerCount, lane, "\(workerCount): lane \(lane) of \(known)")
        let peril = Peril(workerCount, seed: generator.next(), odds: odds, trace: trace)
        var configuration = kind.configuration
        configuration.share = LaneShare(lane: UInt16(lane), of: UInt16(known))
        var identity = kind.identity
        (identity.lane, identity.lanes) = (UInt16(lane), UInt16(known))
        let hand = Hand(
            peril, .owner, topic: lanes[lane].topic, piece: .max, input: input, batch: batch, configuration: configuration,
            identity: identity, retention: retention, limits: limits, writer: WriterID(bits: generator.next() | 1),
            board: lanes[lane].board, clock: .any(clock, &generator)
        ) { [mutation, topics = lanes.map(\.topic)] turnstile in
            LanesInTheWorld(topics: Array(topics.prefix(known)), lane: lane, peril: peril, turnstile: turnstile, mutation: mutation)
        }
        workers.append(Worker(lane: lane, lanes: known, hand: hand))
        hand.start()
        thread.settle()
    }

    // MARK: - The end

    /// Everybody dies, the brokers do what they should, each lane has one trainer, and every event is learnt.
    private func end() throws(Violation) {
        trace.step(0, 100, "the end")
        for worker in workers { worker.hand.die() }
        thread.settle()
        workers = []
        for lane in lanes { lane.topic.heal() }
        try check()
        produce(40)
        for lane in 0..<count { start(lane: lane, of: count, Peril.Odds(), batch: 40) }
        let ends = input.contents.partitions.map(\.end)
        for _ in 0..<200 where !isLearnt(ends) {
            clock.advance(by: 2)
            for worker in workers {
                go(worker)
                try expect(
                    worker.hand.end == nil, .aVersionWithinTwoIntervals, "lane \(worker.lane): \(String(describing: worker.hand.end))")
            }
            try check()
            for lane in lanes.prefix(count) where lane.newest?.manifest.body.state.gate.isLearning == false {
                lane.board.order(.resume, mode: .replay)
            }
        }
        try expect(isLearnt(ends), .aKilledRunEndsInTheSameBits, "\(positions) of \(ends)")
        try checkWhole()
    }

    /// Where the lane whose share it is stands in each partition.
    private var positions: [Int64] {
        input.contents.partitions.indices.map { partition in
            let inputs = lanes[partition % count].newest?.manifest.body.state.inputs ?? []
            return inputs.first { Int($0.partition) == partition && !$0.isHandedOver }?.next ?? -1
        }
    }

    private func isLearnt(_ ends: [Int64]) -> Bool { positions == ends }
}

/// The other lanes as one trainer sees them, whose looks at them go wrong as its other calls do.
private struct LanesInTheWorld: OtherLanes {
    let topics: [MemoryTopic]
    let lane: Int
    let peril: Peril
    let turnstile: Turnstile
    let mutation: LanesWorld.Mutation?

    private func reader(_ lane: Int) -> LaneReader {
        LaneReader(log: HookedLog(topics[lane]) { [peril] call throws(LogFailure) in try await peril.pass(call) })
    }

    func look() async throws(LogFailure) -> [LaneSight] {
        var sights: [LaneSight] = []
        for other in topics.indices where other != lane {
            var sight = try await reader(other).sight(of: UInt16(other))
            if mutation == .deafToOthers { sight.newest = nil }
            if mutation == .trustsTheOutdated { sight.counted = .max }
            if mutation == .beginsElsewhere, let inputs = sight.newest?.body.state.inputs {
                for index in inputs.indices { sight.newest?.body.state.inputs[index].next += 1 }
            }
            sights.append(sight)
        }
        return sights
    }

    func restore(version: UInt64, of lane: UInt16) async throws(LogFailure) -> RestoredVersion? {
        try await reader(Int(lane)).version(version)
    }

    func wait(_ time: Duration) async throws {
        await turnstile.wait()
        if peril.isDead { throw LogFailure(.indefinite, "died") }
    }
}
