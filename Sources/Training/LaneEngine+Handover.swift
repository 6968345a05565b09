public import Checkpointing
public import Learning

/// Partitions that change lanes.
extension LaneEngine {
    /// The inputs that this lane reads.
    public var held: [InputPosition] { state.inputs.filter { !$0.isHandedOver } }

    /// Whether there are inputs that this lane reads and that are another's share.
    public func holds(beyond share: LaneShare) -> Bool { held.contains { !share.contains($0.partition) } }

    /// Learns on as one of so many lanes, with the same weights.
    public mutating func divide(among lanes: UInt16) {
        guard learner.globals.lanes != lanes else { return }
        learner.divide(among: lanes)
        state.globals = learner.globals
        hasChanged = true
    }

    /// Lets go of what is another lane's share, at the learnt position; the next version tells the others. What was read past it is forgotten.
    public mutating func handOver(beyond share: LaneShare) {
        for index in state.inputs.indices where !share.contains(state.inputs[index].partition) { state.inputs[index].isHandedOver = true }
        standAtLearntPosition()
        hasChanged = true
    }

    /// Reads on where another lane has let go, past what it had set aside.
    public mutating func takeOver(_ input: InputPosition, skips: [SkipRange]) {
        state.skips += skips.filter { !state.skips.contains($0) }
        if let index = state.inputs.firstIndex(where: { $0.place == input.place }) {
            // It was here before: what was accounted for then still is, and the others account for what came between.
            state.inputs[index] = input.takenOver(accounted: state.inputs[index].accounted)
            inspected[index] = input.next
        } else {
            add([input.takenOver(accounted: 0)])
        }
        standAtLearntPosition()
    }

    /// Begins with what another lane has learnt, instead of nothing. Its counts and metrics stay its own.
    public mutating func inherit(_ restored: RestoredVersion) throws(LearningError) {
        learner.reset()
        for (index, slots) in restored.slots.sorted(by: { $0.key < $1.key }) { try learner.load(page: index, from: slots) }
        let theirs = restored.manifest.body.state
        learner.restore(theirs.globals)
        state.globals = theirs.globals
        state.inspector = theirs.inspector
        standAtLearntPosition()
        hasChanged = true
    }

    /// An input that went to another lane after this one had learnt less of it than `then` says, or that came back from one: with the version of
    /// `then` brought back, two lanes would learn the same events. Only one that a rollback went back past can be such a version.
    func learntElsewhere(_ then: [InputPosition]) -> InputPosition? {
        let known = Dictionary(then.map { ($0.place, $0) }) { $1 }
        return state.inputs.first { now in
            guard let then = known[now.place], now.hasChangedLanes(since: then) else { return false }
            return now.kept(since: then).accounted < then.accounted
        }
    }

    /// A rollback does not undo what was handed over or taken over: the other lane has gone on from there.
    mutating func keepHandovers(of old: LaneState) {
        for now in old.inputs {
            guard let index = state.inputs.firstIndex(where: { $0.place == now.place }) else { continue }
            let then = state.inputs[index]
            guard now.hasChangedLanes(since: then) else { continue }
            let kept = now.kept(since: then)
            state.inputs[index] = kept
            // What it undoes of what is another's by now, or was meanwhile, is not learnt again by anybody.
            state.counts.skipped += UInt64(max(0, kept.accounted - then.accounted))
        }
    }
}

extension InputPosition {
    /// The position of another lane, to read on from by one who accounts for so many offsets already.
    fileprivate func takenOver(accounted: Int64) -> InputPosition {
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
