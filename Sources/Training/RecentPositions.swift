import Checkpointing

/// Where the last events lie, as runs, so that a change point (a sequence number of the inspector) can be told as offsets.
struct RecentPositions: Sendable {
    /// Runs kept in memory, and with a version: one run holds all events of a partition that is read alone and has no markers.
    private static let capacity = 65_536
    private static let capacityOfVersion = 128

    private var runs: [InspectedRun]
    /// The number of the event after the last one.
    private var next: UInt64

    init(_ runs: [InspectedRun] = [], through next: UInt64 = 0) {
        self.runs = runs
        self.next = next
    }

    mutating func append(input: Int, offset: Int64) {
        next += 1
        if let last = runs.last, last.input == input, last.offset + last.count == offset {
            runs[runs.count - 1].count += 1
            return
        }
        runs.append(InspectedRun(input: input, offset: offset, count: 1))
        if runs.count >= 2 * Self.capacity { runs.removeFirst(Self.capacity) }
    }

    /// The positions before the event `sequence`, given those now; nil when that is too long ago.
    func positions(before sequence: UInt64, now positions: [Int64]) -> [Int64]? {
        guard sequence <= next else { return nil }
        var positions = positions
        var left = next - sequence
        for run in runs.reversed() where left > 0 {
            let taken = min(left, UInt64(run.count))
            positions[run.input] = run.offset + run.count - Int64(taken)
            left -= taken
        }
        return left == 0 ? positions : nil
    }

    /// The newest runs of the events before `sequence`, for a version.
    func runs(before sequence: UInt64) -> [InspectedRun] {
        guard sequence <= next else { return [] }
        var kept = runs
        var left = next - sequence
        while left > 0, let last = kept.popLast() {
            let taken = min(left, UInt64(last.count))
            left -= taken
            if taken < last.count { kept.append(InspectedRun(input: last.input, offset: last.offset, count: last.count - Int64(taken))) }
        }
        return Array(kept.suffix(Self.capacityOfVersion))
    }
}
