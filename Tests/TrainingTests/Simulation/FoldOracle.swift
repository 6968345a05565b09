import Checkpointing
import Learning

@testable import Training

/// What a learner comes to that takes the events of a feed one after the other and is never disturbed.
final class FoldOracle {
    struct Outcome: Equatable {
        var digest: Digest128
        var learnt: UInt64 = 0
        var quarantined: UInt64 = 0
        var skipped: UInt64 = 0
    }

    private struct Entry {
        var batch: Int
        var record: InputBatch.Record
    }

    private let specification: LearnerSpecification
    private let fingerprint: Digest128
    private var reader: SampleFeed
    private var batches: [InputBatch] = []
    private var entries: [Entry] = []
    /// The fold as far as it was asked for last: the next question is mostly about a later position.
    private var learner: Learner
    private var taken = 0
    private var skips: [SkipRange] = []
    private var outcome = Outcome(digest: Digest128(high: 0, low: 0))

    init(_ feed: SampleFeed, specification: LearnerSpecification, fingerprint: Digest128) {
        self.specification = specification
        self.fingerprint = fingerprint
        reader = feed
        _ = reader.assign(feed.inputs)
        learner = Learner(specification)
        look(at: feed)
    }

    /// Takes in what was written to the feed since.
    func look(at feed: SampleFeed) {
        reader.look(at: feed)
        let batch = reader.next(.max)
        entries += batch.records.map { Entry(batch: batches.count, record: $0) }
        batches.append(batch)
    }

    /// The model and the counts of all events below some positions, without the ranges set aside; nil when a record past a position comes
    /// before one below.
    func fold(to positions: [Int64], without skips: [SkipRange]) -> Outcome? {
        let relevant = skips.filter { $0.from < positions[Int($0.partition)] }
        let count = entries.count { $0.record.offset < positions[$0.record.input] }
        guard entries.prefix(count).allSatisfy({ $0.record.offset < positions[$0.record.input] }) else { return nil }
        if count < taken || relevant != self.skips { restart(without: relevant) }
        for entry in entries[taken..<count] { take(entry) }
        taken = count
        outcome.digest = learner.digest(fingerprint: fingerprint)
        return outcome
    }

    private func restart(without skips: [SkipRange]) {
        learner.reset()
        (taken, self.skips, outcome) = (0, skips, Outcome(digest: outcome.digest))
    }

    private func take(_ entry: Entry) {
        if skips.contains(where: { Int($0.partition) == entry.record.input && ($0.from..<$0.to).contains(entry.record.offset) }) {
            outcome.skipped += 1
            return
        }
        switch entry.record.content {
        case .rejected: outcome.quarantined += 1
        case .example(let row):
            learner.learn(row, of: batches[entry.batch].examples)
            outcome.learnt += 1
        }
    }
}
