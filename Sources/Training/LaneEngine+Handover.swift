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
}
