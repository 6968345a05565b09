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
            let accounted = state.inputs[index].next - state.inputs[index].start
            state.inputs[index] = input
            state.inputs[index].start = input.next - accounted
            state.inputs[index].isHandedOver = false
            inspected[index] = input.next
        } else {
            var input = input
            input.start = input.next
            input.isHandedOver = false
            add([input])
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

    /// A rollback does not undo what was handed over or taken over: the other lane has gone on from there.
    mutating func keepHandovers(of old: LaneState) {
        for now in old.inputs {
            guard let index = state.inputs.firstIndex(where: { $0.place == now.place }) else { continue }
            let then = state.inputs[index]
            guard now.isHandedOver || then.isHandedOver else { continue }
            let undone = now.next - then.next
            if now.isHandedOver {
                state.inputs[index] = now
                // What it undoes of another's partition is not learnt again by anybody.
                state.counts.skipped += UInt64(max(0, undone))
            } else {
                state.inputs[index].start = now.start
                state.inputs[index].next = now.start + (then.next - then.start)
                state.inputs[index].isHandedOver = false
                state.inputs[index].last = nil
            }
        }
    }
}
