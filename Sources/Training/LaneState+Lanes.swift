import Checkpointing
import Inspection

/// What a version that is brought back, by a rollback or from a file, has to leave as it is: other lanes have gone on from there.
extension LaneState {
    /// An input that went to another lane after this one had learnt less of it than `then` says, or that came back from one: with the version of
    /// `then` brought back, two lanes would learn the same events. Only one that a rollback went back past can be such a version.
    func learntElsewhere(_ then: [InputPosition]) -> InputPosition? {
        let known = Dictionary(then.map { ($0.place, $0) }) { $1 }
        return inputs.first { now in
            guard let then = known[now.place], now.hasChangedLanes(since: then) else { return false }
            return now.kept(since: then).accounted < then.accounted
        }
    }

    /// Partitions that appeared after the version begin where they began.
    mutating func addInputs(of old: LaneState) {
        let known = Set(inputs.map(\.place))
        let added = old.inputs.filter { !known.contains($0.place) }
        inputs += added.map { InputPosition(topic: $0.topic, partition: $0.partition, start: $0.start) }
    }

    /// What was handed over or taken over since is not undone.
    mutating func keepHandovers(of old: LaneState) {
        for now in old.inputs {
            guard let index = inputs.firstIndex(where: { $0.place == now.place }) else { continue }
            let then = inputs[index]
            guard now.hasChangedLanes(since: then) else { continue }
            let kept = now.kept(since: then)
            inputs[index] = kept
            // What it undoes of what is another's by now, or was meanwhile, is not learnt again by anybody.
            counts.skipped += UInt64(max(0, kept.accounted - then.accounted))
        }
    }

    /// What was announced since the version is kept, and what was taken back since.
    mutating func keepExpectation(of old: LaneState) {
        let isNew = old.expectation.map { !commands.contains($0.command) } ?? false
        expectation = old.expectation
        guard let expectation = old.expectation else { return inspector.endExpectation() }
        if isNew { inspector.expect(until: expectation.until) }
    }

    /// Below the version's positions the ledger says what the version did: it may have learnt what was set aside since. Past them holds what was
    /// decided since.
    func ledger(deciding decided: [SkipRange]) -> [SkipRange] {
        let taken = skips.compactMap { range -> SkipRange? in
            var taken = range
            if !decided.contains(range) { taken.to = min(range.to, position(of: range)) }
            return range.from < position(of: range) ? taken : nil
        }
        let ahead = decided.compactMap { range -> SkipRange? in
            var ahead = range
            ahead.from = max(range.from, position(of: range))
            return ahead.from < ahead.to && !taken.contains(range) ? ahead : nil
        }
        return taken + ahead
    }

    private func position(of range: SkipRange) -> Int64 {
        inputs.first { $0.topic == range.topic && $0.partition == range.partition }?.next ?? range.from
    }
}

extension InputPosition {
    /// The position of another lane, to read on from by one who accounts for so many offsets already.
    func takenOver(accounted: Int64) -> InputPosition {
        var input = self
        input.start = next - accounted
        input.taken = next
        input.isHandedOver = false
        return input
    }

    fileprivate func hasChangedLanes(since then: InputPosition) -> Bool {
        isHandedOver || then.isHandedOver || taken != then.taken
    }

    /// Where a rollback to `then` leaves a partition that has changed lanes since: where it was let go of, or where it was taken over again.
    fileprivate func kept(since then: InputPosition) -> InputPosition {
        guard !isHandedOver else { return self }
        var kept = self
        // Versions did not always say where.
        kept.next = taken ?? start + then.accounted
        kept.last = nil
        return kept
    }
}
