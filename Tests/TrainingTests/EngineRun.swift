import Inspection
import Learning
import Testing

@testable import Checkpointing
@testable import Training

/// A lane engine driven by a feed, a clock and commands that the test hands in, with versions kept as a log would keep them.
final class EngineRun {
    static let specification = LearnerSpecification(task: .binary, bits: 4)
    static let fingerprint = Digest128(high: 1, low: 2)
    /// Detectors that have learnt their band after a hundred events, and a short window.
    static let policy = EnginePolicy(
        inspection: InspectionConfiguration(ratePerSecond: 1, window: 32, learningEvents: 100), stall: .after(seconds: 10), twinAge: nil)

    struct Version {
        var number: UInt64
        var state: [UInt8]
        var pages: [Int: [UInt8]]
        var digest: Digest128
    }

    let policy: EnginePolicy
    var engine: LaneEngine
    var feed: SampleFeed
    /// Seconds.
    var now = 0.0
    /// The newest at the end. Version 1 is written before anything is learnt, as the trainer does it.
    private(set) var versions: [Version] = []
    private var written: UInt64 = 0
    /// What the versions' transactions put aside.
    private(set) var quarantined: [QuarantinedEvent] = []
    /// Every order there was, in order.
    private(set) var orders: [LaneEngine.Order] = []
    private(set) var rolledBackTo: [UInt64] = []
    /// How long ago a broker answered.
    var secondsSinceAnswer = 0.0
    /// What the broker tells of the feed besides.
    var bend: (inout FeedView) -> Void = { _ in }
    private(set) var diagnosis = FeedDiagnosis.flowing

    init(_ feed: SampleFeed, policy: EnginePolicy = EngineRun.policy) throws {
        self.feed = feed
        self.policy = policy
        engine = LaneEngine(specification: Self.specification, policy: policy, inputs: [], now: 0)
        engine.begin(now: 0)
        engine.add(feed.inputs)
        read()
        try commit()
    }

    var isFrozen: Bool { engine.isFrozen }
    var isFinished: Bool { engine.isFinished }
    var mustWrite: Bool { engine.mustWrite }
    var state: LaneState { engine.state }
    var pendingCount: Int { engine.pendingCount }
    var pendingChunks: Int { engine.pending.count }
    var inspected: [Int64] { engine.inspected }
    var inspector: Inspector { engine.inspector }
    var digest: Digest128 { engine.learner.digest(fingerprint: Self.fingerprint) }

    /// The learnt position of each input.
    var positions: [Int64] { engine.state.inputs.map(\.next) }

    private func read() { _ = feed.assign(engine.readingPositions) }

    // MARK: - Time and events

    /// Takes one batch; time goes on by a tenth of a second.
    func step(_ count: Int = 20) throws {
        now += 0.1
        let batch = feed.next(count)
        #expect(engine.replacedInput(in: batch) == nil)
        try perform(engine.take(batch, now: now, wall: Int64(now * 1000)))
        try tick()
    }

    /// Takes batches until all there is has been inspected.
    func drain(_ count: Int = 20) throws {
        repeat { try step(count) } while zip(inspected, feed.ends).contains { $0 < $1 }
    }

    /// Time passes without events.
    func wait(_ seconds: Double) throws {
        now += seconds
        try tick()
    }

    private func tick() throws {
        var view = FeedView(ends: feed.ends, secondsSinceAnswer: secondsSinceAnswer)
        bend(&view)
        diagnosis = engine.diagnose(view, now: now)
        try perform(engine.tick(now: now, wall: Int64(now * 1000), feed: diagnosis))
        checkAccounts()
    }

    /// learnt + quarantined + skipped + gaps = Σ (next − start).
    func checkAccounts(_ comment: Comment? = nil) {
        let taken = engine.state.inputs.reduce(0) { $0 + UInt64($1.next - $1.start) }
        #expect(engine.state.counts.accounted == taken, comment)
        #expect(engine.learner.globals.examples == engine.state.counts.learnt, comment)
    }

    // MARK: - Commands

    func freeze() throws {
        try perform(engine.freeze(by: "test", reason: "", id: "freeze-\(orders.count)", wall: 0))
    }

    func resume(_ mode: ControlCommand.ResumeMode, ranges: [InputRange]? = nil) throws {
        try perform(engine.resume(mode, ranges: ranges, wall: 0))
    }

    func rollBack(to number: UInt64) throws {
        try bringBack(number)
        try perform(engine.freezeAfterRollback(to: number, by: "test", reason: "", id: "rollback-\(orders.count)", wall: 0))
    }

    // MARK: - Orders

    func perform(_ given: [LaneEngine.Order]) throws {
        orders += given
        for order in given {
            switch order {
            case .rollBack(let sequence): try rollBack(before: sequence)
            case .reassign: read()
            case .write: try commit()
            case .audit, .alert: break
            }
        }
    }

    private func rollBack(before sequence: UInt64) throws {
        guard engine.isToUndo(from: sequence) else { return }
        let clean = try versions.last { try Self.state(of: $0).inspector.sequence <= sequence }
        let number = try #require(clean).number
        try bringBack(number)
        engine.noteRollback(before: sequence, to: number)
    }

    private func bringBack(_ number: UInt64) throws {
        let version = try #require(versions.first { $0.number == number })
        rolledBackTo.append(number)
        try engine.adopt(try Self.restored(version), keepingDecisions: true)
        // What was undone is none of the forebears of what follows.
        versions.removeAll { $0.number > number }
    }

    // MARK: - Versions

    /// Writes a version.
    func commit() throws {
        let cut = engine.cut(scrub: Array(0..<Self.specification.pageCount), fingerprint: Self.fingerprint)
        written += 1
        quarantined += cut.quarantined
        versions.append(
            Version(
                number: written, state: try RecordJSON.encode(cut.state),
                pages: Dictionary(uniqueKeysWithValues: cut.pages.map { ($0.index, $0.slots) }), digest: cut.modelDigest))
    }

    /// The process dies; another one begins where the newest version ends.
    func restart() throws {
        let newest = try #require(versions.last)
        engine = LaneEngine(specification: Self.specification, policy: policy, inputs: [], now: now)
        try engine.adopt(try Self.restored(newest), keepingDecisions: false)
        engine.begin(now: now)
        read()
        #expect(digest == newest.digest)
    }

    private static func state(of version: Version) throws -> LaneState { try RecordJSON.decode(LaneState.self, from: version.state) }

    private static func restored(_ version: Version) throws -> RestoredVersion {
        let body = Manifest.Body(
            model: "sample", lane: 0, version: version.number, epoch: 1, writer: WriterID(bits: 1), fingerprint: fingerprint,
            specification: "{}", pageCount: specification.pageCount, restoreFrom: 0, owners: [], ladder: [], pinned: false,
            state: try state(of: version), modelDigest: version.digest, createdAt: 0, host: "test", build: "test")
        return RestoredVersion(manifest: Manifest(body: body, pages: []), digest: version.digest, cleared: false, slots: version.pages)
    }
}

/// The model of one who learns a stream from beginning to end, or to the positions given, and never sees the ranges set aside.
func digest(
    of feed: SampleFeed, to positions: [Int64]? = nil, without skips: [SkipRange] = [], fingerprint: Digest128 = EngineRun.fingerprint,
    specification: LearnerSpecification = EngineRun.specification
) -> Digest128 {
    var learner = Learner(specification)
    var feed = feed
    _ = feed.assign(feed.inputs)
    while true {
        let batch = feed.next(100)
        for record in batch.records {
            let isSkipped = skips.contains { Int($0.partition) == record.input && ($0.from..<$0.to).contains(record.offset) }
            let isPast = positions.map { record.offset >= $0[record.input] } ?? false
            if case .example(let row) = record.content, !isSkipped, !isPast { learner.learn(row, of: batch.examples) }
        }
        if batch.records.isEmpty { return learner.digest(fingerprint: fingerprint) }
    }
}
