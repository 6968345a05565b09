import Checkpointing
import Inspection

/// The state that goes with the slots of a file.
extension LaneState {
    /// What the file's version was, in the lane it comes to.
    ///
    /// The gate, the ledger and the commands are those of the lane; where there is none yet, those of the file if its positions are kept. A
    /// twin is called by numbers of the lane it came from, so a new one begins. What changed lanes since stays as it is, as after a rollback.
    ///
    /// - Parameters:
    ///   - lane: the state the lane has, if it has any.
    ///   - inputs: where to begin, when the file's positions are not kept: then every count begins at zero.
    func imported(over lane: LaneState?, from inputs: [InputPosition]?) -> LaneState {
        var state = self
        state.twin = nil
        let decided = lane ?? (inputs == nil ? self : nil)
        if let lane { state.keepExpectation(of: lane) }
        if let inputs { state.begin(at: inputs, over: lane) } else if let lane { state.goOn(over: lane) }
        state.gate = decided?.gate ?? Gate()
        state.commands = lane?.commands ?? []
        state.frozen = decided?.frozen.map { $0.moved(to: state.inputs) }
        state.recovery = decided?.recovery
        return state
    }

    private mutating func goOn(over lane: LaneState) {
        addInputs(of: lane)
        for index in inputs.indices {
            let here = lane.inputs.first { $0.place == inputs[index].place }
            inputs[index].quarantined = [here?.quarantined, inputs[index].quarantined].compactMap { $0 }.max()
        }
        skips = ledger(deciding: lane.skips)
        keepHandovers(of: lane)
    }

    /// Where the positions begin anew, the topic may have been made anew. What the lane has let go of others read on from all the same.
    private mutating func begin(at positions: [InputPosition], over lane: LaneState?) {
        let places = Set(positions.map(\.place))
        let gone = (lane?.inputs ?? []).filter { $0.isHandedOver && !places.contains($0.place) }
        inputs =
            positions.map { position in
                let hasChangedLanes = lane?.inputs.contains { $0.place == position.place && ($0.isHandedOver || $0.taken != nil) } == true
                // No version before this one may be brought back to where another lane has learnt meanwhile.
                return hasChangedLanes ? position.takenOver(accounted: 0) : position
            } + gone
        skips = lane?.skips ?? []
        counts = EventCounts()
        counts.skipped = gone.reduce(0) { $0 + UInt64($1.accounted) }
        inspector.duplicates = 0
        recent = []
    }
}

extension FrozenRange {
    /// Nothing before a position is in doubt or was inspected in vain.
    fileprivate func moved(to inputs: [InputPosition]) -> FrozenRange {
        func moved(_ offsets: [InputOffset]) -> [InputOffset] {
            inputs.map { input in
                let known = offsets.first { $0.topic == input.topic && $0.partition == input.partition }
                return InputOffset(topic: input.topic, partition: input.partition, offset: max(known?.offset ?? input.next, input.next))
            }
        }
        return FrozenRange(changePoint: moved(changePoint), inspected: moved(inspected))
    }
}
