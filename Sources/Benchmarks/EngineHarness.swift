import Checkpointing
import Events
import Inspection
import Learning
import Training

/// A lane's engine with a topic, a clock and versions in memory: `LaneTrainer` without a broker.
///
/// The clock is that of a feed which brings an event every `1/rate` seconds; what lies behind is read at `catchUpRate`. Writing and clearing a
/// version take no time.
final class EngineHarness {
    /// Events a second that are read while there are more than the feed brings.
    private static let catchUpRate = 100_000.0
    private static let batchMost = 256
    private static let versionsMost = 24

    let settings: EngineSettings
    let topic: Topic
    private let decoder: EventDecoder
    private(set) var engine: LaneEngine
    private var clearance: Clearance
    /// Seconds.
    private(set) var now: Double
    /// The offset of the next record to be read.
    private(set) var next: Int
    private var wantsVersion = false
    private var lastVersionAt: Double

    /// The oldest first; the first of them holds nothing learnt.
    private var versions: [KeptVersion]
    private var written: UInt64
    /// Every page there is, as the newest version has it.
    private var pages: [Int: [UInt8]]
    /// The next version has the slots of one that was cleared.
    private var inheritsClearance = false

    /// Every alarm, in the order they were given.
    private(set) var alarms: [Alarm] = []
    /// Offsets read when the gate froze.
    private(set) var freezes: [Int] = []
    /// Freezes that ended by themselves.
    private(set) var endedByItself = 0
    /// A change point lay before every version.
    private(set) var isBeyondRepair = false
    private var poison: PoisonCount
    /// The most events touched by the fault that the model had learnt at any time, and that were in any version that could be served.
    private(set) var learntPoison = 0
    private(set) var servedPoison = 0

    /// A new model at the topic's start.
    init(_ topic: Topic, settings: EngineSettings) {
        (self.topic, self.settings) = (topic, settings)
        decoder = settings.decoder()
        clearance = settings.clearance
        (now, next, lastVersionAt, written) = (0, 0, 0, 0)
        (versions, pages) = ([], [:])
        poison = PoisonCount(from: topic.tailStart)
        engine = LaneEngine(specification: settings.model.learner, policy: settings.policy, inputs: [], now: 0)
        engine.begin(now: 0)
        engine.add([InputPosition(topic: Topic.name, partition: 0, start: 0)])
        commit()
    }

    /// One that goes on where a snapshot was made, after a restart.
    init(_ topic: Topic, settings: EngineSettings, from snapshot: Snapshot) throws {
        (self.topic, self.settings) = (topic, settings)
        decoder = settings.decoder()
        clearance = snapshot.clearance
        (now, next, lastVersionAt, written) = (snapshot.now, snapshot.position, snapshot.now, snapshot.newest.number)
        (versions, pages) = (snapshot.versions, snapshot.newest.pages)
        poison = PoisonCount(from: topic.tailStart)
        engine = LaneEngine(specification: settings.model.learner, policy: settings.policy, inputs: [], now: snapshot.now)
        try engine.adopt(snapshot.newest.restored(settings), keepingDecisions: false)
        engine.begin(now: snapshot.now)
        readOn()
    }

    var isFrozen: Bool { engine.isFrozen }
    var state: LaneState { engine.state }
    /// The learnt position.
    var position: Int { Int(engine.state.inputs[0].next) }
    var fieldNames: [String] { decoder.fieldNames }
    var digest: Digest128 { engine.learner.digest(fingerprint: settings.fingerprint) }

    // MARK: - Time and events

    /// One batch of events, and whatever is due.
    func step() throws {
        let batch = read()
        now = max(now + Double(batch.records.count) / Self.catchUpRate, Double(next) / settings.rate)
        let wall = Int64(now * 1000)
        var orders = engine.take(batch, now: now, wall: wall)
        orders += engine.tick(now: now, wall: wall, feed: .flowing)
        try perform(orders)
        learntPoison = max(learntPoison, poison(in: engine.state))
        writeWhatIsDue()
        clear()
    }

    func resume(_ mode: ControlCommand.ResumeMode) throws {
        try perform(engine.resume(mode, wall: Int64(now * 1000)))
        writeWhatIsDue()
    }

    /// The stream has ended: what is held back is learnt.
    func finish() { engine.finish() }

    private func read() -> InputBatch {
        var batch = InputBatch()
        let behind = Int(now * settings.rate) - next
        let paced = max(1, Int(settings.rate / 20))
        let count = min(behind > 0 ? behind : paced, Self.batchMost, topic.end - next)
        for offset in next..<next + max(0, count) {
            let isExample = batch.append(topic.value(at: offset), offset: Int64(offset), topic: Topic.name, by: decoder)
            if offset >= topic.tailStart { poison.note(offset, isPoison: isExample && topic.isTouched(offset)) }
        }
        next += max(0, count)
        return batch
    }

    private func readOn() { next = Int(engine.readingPositions[0].next) }

    private func poison(in state: LaneState) -> Int {
        poison.count(below: state.inputs[0].next, without: state.skips.map { $0.from..<$0.to })
    }

    // MARK: - Orders

    private func perform(_ orders: [LaneEngine.Order]) throws {
        for order in orders {
            switch order {
            case .rollBack(let changePoint): try rollBack(before: changePoint)
            case .reassign: readOn()
            case .write: wantsVersion = true
            case .alert(let alarm): alarms.append(alarm)
            default: note(order)
            }
        }
    }

    private func note(_ order: LaneEngine.Order) {
        guard case .audit(let transition) = order else { return }
        if transition.isFreeze, transition.from != .frozen { freezes.append(next) }
        // An operator's has none here.
        if transition.resumption != nil { endedByItself += 1 }
    }

    private func rollBack(before changePoint: UInt64) throws {
        guard engine.isToUndo(from: changePoint) else { return }
        clearance = settings.clearance
        wantsVersion = true
        let version = versions.last { $0.state.inspector.sequence <= changePoint }
        if let version {
            try engine.adopt(version.restored(settings), keepingDecisions: true)
            pages = version.pages
            inheritsClearance = version.isCleared
            // What was undone is none of the forebears of what follows.
            versions.removeAll { $0.number > version.number }
        } else {
            isBeyondRepair = true
        }
        engine.noteRollback(before: changePoint, to: version?.number)
    }

    // MARK: - Versions

    private func writeWhatIsDue() {
        guard now - lastVersionAt >= settings.interval || wantsVersion || engine.mustWrite else { return }
        lastVersionAt = now
        if engine.hasChanged || wantsVersion { commit() }
    }

    private func commit() {
        wantsVersion = false
        let cut = engine.cut(scrub: [], fingerprint: settings.fingerprint)
        for page in cut.pages { pages[page.index] = page.slots }
        written += 1
        versions.append(KeptVersion(number: written, state: cut.state, pages: pages, digest: cut.modelDigest))
        if versions.count > Self.versionsMost { versions.remove(at: 1) }
        if inheritsClearance {
            serve(written)
        } else {
            clearance.written(version: written, inspectedThrough: cut.state.inspector.sequence, at: now)
        }
        inheritsClearance = false
    }

    private func clear() {
        let judged = clearance.advance(
            inspected: engine.inspector.sequence, suspect: engine.isSuspect, evidence: engine.doubtedFrom,
            frozen: engine.state.gate.doubtsContent, changePoint: nil, at: now)
        if let judged { serve(judged) }
    }

    private func serve(_ number: UInt64) {
        guard let index = versions.firstIndex(where: { $0.number == number }) else { return }
        versions[index].isCleared = true
        servedPoison = max(servedPoison, poison(in: versions[index].state))
    }

    /// Writes a version and returns it with those before it, as they would come out of a log.
    func snapshot() throws -> Snapshot {
        commit()
        let last = versions.count - 1
        versions[last].state = try RecordJSON.decode(LaneState.self, from: RecordJSON.encode(versions[last].state))
        return Snapshot(position: position, versions: versions, clearance: clearance, now: now)
    }
}
