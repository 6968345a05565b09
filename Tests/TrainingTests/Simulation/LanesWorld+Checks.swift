import Checkpointing
import Inspection
import Learning
import TestSupport

@testable import Training

/// Every event of a feed, in its order.
struct EventBook {
    private var reader: SampleFeed
    private var batches: [InputBatch] = []
    private var entries: [(batch: Int, record: InputBatch.Record)] = []

    init(_ feed: SampleFeed) {
        reader = feed
        _ = reader.assign(feed.inputs)
    }

    /// Takes in what was written to the feed since.
    mutating func look(at feed: SampleFeed) {
        reader.look(at: feed)
        let batch = reader.next(.max)
        entries += batch.records.map { (batches.count, $0) }
        batches.append(batch)
    }

    /// What lies in some ranges, in order: those that are no examples count as quarantined.
    func taking(_ ranges: [Int: Range<Int64>], without skips: [SkipRange], _ learn: (Int, ExampleBatch) -> Void) -> EventCounts {
        var counts = EventCounts()
        for (batch, record) in entries where ranges[record.input]?.contains(record.offset) == true {
            if skips.contains(where: { Int($0.partition) == record.input && ($0.from..<$0.to).contains(record.offset) }) {
                counts.skipped += 1
            } else if case .example(let row) = record.content {
                learn(row, batches[batch].examples)
                counts.learnt += 1
            } else {
                counts.quarantined += 1
            }
        }
        return counts
    }
}

/// A version's model, to learn on from.
struct KnownModel {
    var body: Manifest.Body
    var slots: [Int: [UInt8]]
}

extension LanesWorld {
    func expect(_ holds: Bool, _ invariant: Invariant, _ what: @autoclosure () -> String) throws(Violation) {
        if !holds { throw Violation(invariant: invariant, what: what()) }
    }

    func check() throws(Violation) {
        try checkEndings()
        var isNew = false
        for index in lanes.indices where lanes[index].topic.changes != lanes[index].lookedAt {
            isNew = true
            try look(at: index)
        }
        if isNew { try checkPartitions() }
    }

    private func checkEndings() throws(Violation) {
        for worker in workers {
            guard case .failed(let error) = worker.hand.end else { continue }
            // Whoever waits for a partition when its tenure is over.
            if error is CancellationError { continue }
            let failure = error as? LogFailure
            let mayEnd = failure.map { $0.kind != .permanent || $0 == Peril.corruption } ?? false
            try expect(mayEnd, .nobodyFailsForGood, "lane \(worker.lane): \(error)")
            if worker.lanes < count { happened.insert(.outdatedOwner) }
        }
        workers.removeAll { $0.hand.end != nil }
    }

    private func look(at index: Int) throws(Violation) {
        lanes[index].lookedAt = lanes[index].topic.changes
        lanes[index].ledger.read(lanes[index].topic.records)
        let valid = lanes[index].ledger.valid
        for version in valid where models[version.digest] == nil { try judge(version, lanes[index].ledger) }
        guard let newest = valid.last else { return }
        let former = lanes[index].newest?.rank ?? newest.rank
        try expect(newest.rank >= former, .theLoserCommitsNothing, "lane \(index): \(newest.rank) after \(former)")
        lanes[index].newest = newest
    }

    // MARK: - One version

    private func judge(_ version: Ledger.Version, _ ledger: Ledger) throws(Violation) {
        let body = version.manifest.body
        let name = "lane \(body.lane), version \(body.version)"
        trace.note(body.modelDigest.low ^ body.version)
        guard let slots = ledger.slots(of: version) else { return }
        models[version.digest] = KnownModel(body: body, slots: slots)
        for misfortune in Misfortune.told(by: version) { trace.count(misfortune) }
        let taken = body.state.inputs.reduce(0) { $0 + UInt64($1.next - $1.start) }
        try expect(body.state.counts.accounted == taken, .everyOffsetIsAccountedFor, "\(name): \(body.state.counts)")
        let isWhole = digest(of: slots, body.state.globals, among: body.state.globals.lanes) == body.modelDigest
        try expect(isWhole, .restoredIsTheFold, "\(name) has other slots than it says")
        note(body)
        if let restored = body.restores {
            let target = models.values.first { $0.body.lane == body.lane && $0.body.version == restored }
            return try expect(target?.body.modelDigest == body.modelDigest, .restoredIsTheFold, "\(name) does not bring back \(restored)")
        }
        if let parent = body.parent {
            guard let known = models[parent.digest] else {
                throw Violation(
                    invariant: .theLoserCommitsNothing, what: "\(name) is built on \(parent.version), which never was a version")
            }
            try checkStep(to: body, from: known, name)
        } else {
            try checkBeginning(of: body, name)
        }
    }

    /// 1 and 2: a version is the one before it and the events between their positions.
    private func checkStep(to body: Manifest.Body, from known: KnownModel, _ name: String) throws(Violation) {
        var learner = learner(known.slots, known.body.state.globals, among: body.state.globals.lanes)
        let before = known.body.state
        var ranges: [Int: Range<Int64>] = [:]
        for input in body.state.inputs {
            let held = before.inputs.first { $0.partition == input.partition }
            let from = input.start + (held.map { $0.next - $0.start } ?? 0)
            try expect(from <= input.next, .everyOffsetIsAccountedFor, "\(name) goes back in partition \(input.partition)")
            ranges[Int(input.partition)] = from..<input.next
            if held?.isHandedOver == true, !input.isHandedOver { happened.insert(.takenBack) }
        }
        let counts = events.taking(ranges, without: body.state.skips) { row, batch in learner.learn(row, of: batch) }
        let (old, new) = (before.counts, body.state.counts)
        let same =
            new.learnt - old.learnt == counts.learnt && new.quarantined - old.quarantined == counts.quarantined
            && new.skipped - old.skipped == counts.skipped
        try expect(same, .everyOffsetIsAccountedFor, "\(name): from \(old) to \(new), but \(counts) lie between")
        let digest = learner.digest(fingerprint: kind.identity.fingerprint)
        try expect(digest == body.modelDigest, .restoredIsTheFold, "\(name) is not the fold of \(ranges) over \(known.body.version)")
    }

    /// A lane begins with nothing, or with a model that another lane has had.
    private func checkBeginning(of body: Manifest.Body, _ name: String) throws(Violation) {
        try expect(body.state.counts.accounted == 0, .everyOffsetIsAccountedFor, "\(name) begins with \(body.state.counts)")
        var empty = Learner(kind.configuration.specification.learner)
        empty.divide(among: body.state.globals.lanes)
        let isNew = empty.digest(fingerprint: kind.identity.fingerprint) == body.modelDigest
        let isInherited = models.values.contains { model in
            model.body.lane != body.lane
                && digest(of: model.slots, model.body.state.globals, among: body.state.globals.lanes) == body.modelDigest
        }
        if isInherited, !isNew { happened.insert(.begunWithAnothersModel) }
        try expect(isNew || isInherited, .restoredIsTheFold, "\(name) begins with a model that nobody had")
    }

    private func note(_ body: Manifest.Body) {
        let state = body.state
        if state.inputs.contains(where: \.isHandedOver) {
            happened.insert(.handedOver)
            if body.restores != nil { happened.insert(.rolledBackPastHandover) }
        }
        if !state.gate.isLearning, state.inputs.contains(where: { !$0.isHandedOver && Int($0.partition) % count != Int(body.lane) }) {
            happened.insert(.frozenWithAnothersShare)
        }
    }

    private func learner(_ slots: [Int: [UInt8]], _ globals: LearnerGlobals, among lanes: UInt16) -> Learner {
        var learner = Learner(kind.configuration.specification.learner)
        for (index, bytes) in slots { try? learner.load(page: index, from: bytes) }
        learner.restore(globals)
        learner.divide(among: lanes)
        return learner
    }

    private func digest(of slots: [Int: [UInt8]], _ globals: LearnerGlobals, among lanes: UInt16) -> Digest128 {
        let learner = learner(slots, globals, among: lanes)
        return learner.digest(fingerprint: kind.identity.fingerprint)
    }

    // MARK: - All lanes together

    /// What the lanes have taken of a partition adds up to where the farthest of them is: it was read on where it was let go of.
    private func checkPartitions() throws(Violation) {
        let inputs = lanes.compactMap(\.newest).flatMap(\.manifest.body.state.inputs)
        for partition in input.contents.partitions.indices {
            let parts = inputs.filter { Int($0.partition) == partition }
            let taken = parts.reduce(0) { $0 + ($1.next - $1.start) }
            let farthest = parts.map(\.next).max() ?? 0
            try expect(taken == farthest, .everyOffsetIsAccountedFor, "partition \(partition): \(parts)")
            let holders = parts.count { !$0.isHandedOver }
            try expect(holders <= 1, .everyOffsetIsAccountedFor, "partition \(partition) is read by \(holders) lanes: \(parts)")
        }
    }

    /// At the end: every event once, by whichever lane.
    func checkWhole() throws(Violation) {
        let counts = lanes.compactMap(\.newest).map(\.manifest.body.state.counts)
        let all = input.contents.partitions.enumerated().map { ($0, 0..<$1.end) }
        let wanted = events.taking(Dictionary(all) { $1 }, without: []) { _, _ in }
        let (learnt, quarantined) = (counts.reduce(0) { $0 + $1.learnt }, counts.reduce(0) { $0 + $1.quarantined })
        let skipped = counts.reduce(0) { $0 + $1.skipped }
        let same = learnt == wanted.learnt && quarantined == wanted.quarantined && skipped == 0
        try expect(
            same || !isUndisturbed, .aKilledRunEndsInTheSameBits,
            "\(learnt) learnt, \(quarantined) quarantined, \(skipped) skipped of \(wanted)")
    }
}
