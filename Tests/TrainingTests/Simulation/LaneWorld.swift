import Checkpointing
import Events
import Inspection
import Learning
import Logging
import TestSupport

@testable import Training

/// A lane, those who want it, those who read it, and everything that goes wrong, from one seed.
///
/// `run` lets things happen for a while (safety: anything may fail, and after every action the invariants are checked that hold at any
/// moment), then heals the broker, leaves one trainer, and sees that it gets where one comes to who was never disturbed (liveness).
final class LaneWorld {
    struct Outcome: Sendable {
        var violation: Violation?
        var steps: Int
        var digest: UInt64
        var trace: [String]
        var happened: Set<Happening>
        var misfortunes: [Misfortune: Int]
    }

    let seed: UInt64
    let mutation: Mutation?
    let thread: OneThread
    let trace: Trace
    var generator: SeededGenerator
    let topic = MemoryTopic()
    let input: MemoryInputTopic
    let clock = ManualClock()
    let board = Board()
    let configuration: LaneConfiguration
    let identity: LaneIdentity
    let retention: Retention
    let limits: WriteLimits
    /// In seconds.
    let holdBack: Double

    var hands: [Hand] = []
    var handCount = 0
    var reader: ReaderInTheWorld
    var damagedKey: RecordKey?
    /// Whether nobody but the seed's broker and processes bent the stream: no orders, no bad bursts.
    var isUndisturbed = true
    /// Whether the seed's broker does what Kafka promises.
    let isTruthful: Bool

    // What the checks remember.
    var fold: FoldOracle
    var ledger = Ledger()
    var lookedAt = -1
    var memory = Memory()

    init(seed: UInt64, mutation: Mutation?, thread: OneThread, keepsTrace: Bool) throws {
        self.seed = seed
        self.mutation = mutation
        self.thread = thread
        thread.reseed(seed)
        trace = Trace(isKept: keepsTrace)
        var generator = SeededGenerator(seed: seed)
        let kind = try Kind.all[generator.happens(10) ? 1 : 0].get()
        let feed = SampleFeed(partitions: 1 + generator.below(3), seed: seed, spread: kind.spread)
        input = MemoryInputTopic(feed)
        holdBack = kind.configuration.holdBack.holdBack
        var configuration = kind.configuration
        if mutation == .clearsAtOnce { configuration.holdBack = Clearance(holdBack: 0) }
        self.configuration = configuration
        identity = kind.identity
        let (latest, hourly) = mutation == .keepsOneVersion ? (0, 0) : (2 + generator.below(3), [0, 0, 1, 2][generator.below(4)])
        retention = Retention(latest: latest, hourly: hourly, daily: 0)
        // What is broken on purpose knows nothing of parts.
        limits = mutation == nil ? .any(&generator) : WriteLimits()
        fold = FoldOracle(feed, specification: configuration.specification.learner, fingerprint: identity.fingerprint)
        reader = ReaderInTheWorld(topic, number: 0, mutation: mutation, odds: Peril.Odds(), seed: seed, trace: trace)
        topic.faults = .any(&generator)
        isTruthful = Misfortune.lies(of: topic.faults).isEmpty
        self.generator = generator
        for lie in Misfortune.lies(of: topic.faults) { trace.count(lie) }
    }

    /// A model to be learnt; making its names takes longer than a world lasts.
    struct Kind: Sendable {
        var configuration: LaneConfiguration
        var identity: LaneIdentity
        var spread: UInt32

        /// One small page; two large ones.
        static let all = [Result { try Kind(bits: 4, spread: 1) }, Result { try Kind(bits: 13, spread: 1_000) }]

        init(bits: Int, spread: UInt32) throws {
            self.spread = spread
            var specification = ModelSpecification(learner: EngineRun.specification, events: try EventSchema())
            specification.learner.bits = bits
            var policy = EngineRun.policy
            policy.stall = .after(seconds: 400)
            policy.twinAge = 100
            configuration = LaneConfiguration(specification: specification, policy: policy)
            identity = LaneIdentity(
                model: "sample", lane: 0, fingerprint: try specification.fingerprint(), specification: try specification.text(),
                pageCount: specification.learner.pageCount, host: "test", build: "test")
        }
    }

    var fences: Bool { !topic.faults.fencesNobody }

    // MARK: - Running

    static func run(seed: UInt64, mutation: Mutation? = nil, on thread: OneThread, actions: Int = 60, keepsTrace: Bool = false) -> Outcome {
        do {
            let world = try LaneWorld(seed: seed, mutation: mutation, thread: thread, keepsTrace: keepsTrace)
            var violation: Violation?
            do throws(Violation) {
                for _ in 0..<actions { try world.act() }
                try world.end()
            } catch {
                violation = error
            }
            let portrait = keepsTrace ? world.portrait : []
            world.close()
            return Outcome(
                violation: violation, steps: world.trace.steps, digest: world.trace.digest, trace: world.trace.lines + portrait,
                happened: world.memory.happened, misfortunes: world.trace.misfortunes)
        } catch {
            let violation = Violation(invariant: .nobodyFailsForGood, what: "no world: \(error)")
            return Outcome(violation: violation, steps: 0, digest: 0, trace: [], happened: [], misfortunes: [:])
        }
    }

    /// The broker's faults and its log, for those who look for a reason.
    private var portrait: [String] {
        let records = topic.records.map { "\($0.offset) \(String(decoding: $0.key, as: UTF8.self))\($0.value == nil ? " deleted" : "")" }
        return ["\(topic.faults)", "damaged: \(String(describing: damagedKey))"] + records
    }

    /// Nobody is left waiting.
    private func close() {
        for hand in hands { hand.die() }
        reader.peril.die()
        thread.settle()
    }
}
