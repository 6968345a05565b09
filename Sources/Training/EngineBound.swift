public import Checkpointing
import Learning

/// Which records a training with an end still takes.
public struct EngineBound: Sendable {
    private let until: Until
    private let ends: [Int64]
    private var remaining: UInt64
    private var done: [Bool]

    /// - Parameters:
    ///   - ends: of each input when training started.
    ///   - taken: how many records were taken before, by an earlier run of the same training.
    public init(_ until: Until, inputs: [InputPosition], ends: [Int64], taken: UInt64) {
        self.until = until
        self.ends = ends
        (remaining, done) = (0, [])
        restart(inputs: inputs, taken: taken)
    }

    /// Counts anew from these positions: whatever was read past them is read again.
    mutating func restart(inputs: [InputPosition], taken: UInt64) {
        if case .count(let count) = until { remaining = count > taken ? count - taken : 0 } else { remaining = .max }
        done = zip(inputs, ends).map { $0.next >= $1 }
    }

    /// Whether nothing more will be taken.
    public var isReached: Bool { remaining == 0 || done.allSatisfy { $0 } }

    /// Drops what lies past the bound.
    public mutating func truncate(_ batch: inout InputBatch) {
        var kept: [InputBatch.Record] = []
        for record in batch.records where accepts(record, of: batch) {
            kept.append(record)
            remaining -= 1
        }
        batch.records = kept
        for end in batch.ends where end.offset >= ends[end.input] { done[end.input] = true }
        batch.ends.removeAll { $0.offset > ends[$0.input] }
    }

    private mutating func accepts(_ record: InputBatch.Record, of batch: InputBatch) -> Bool {
        guard remaining > 0, !done[record.input] else { return false }
        if record.offset >= ends[record.input] { done[record.input] = true }
        if case .time(let time) = until, case .example(let row) = record.content, batch.examples.times[row] >= time {
            done[record.input] = true
        }
        let isTaken = !done[record.input]
        if record.offset + 1 >= ends[record.input] { done[record.input] = true }
        return isTaken
    }
}
