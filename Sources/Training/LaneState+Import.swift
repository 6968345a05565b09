import Checkpointing
import Inspection

/// The state that goes with the slots of a file.
extension LaneState {
    /// What the file's version was, in the lane it comes to.
    ///
    /// The gate, the ledger and the commands are those of the lane; where there is none yet, those of the file if its positions are kept. A
    /// twin is called by numbers of the lane it came from, so a new one begins.
    ///
    /// - Parameters:
    ///   - lane: the state the lane has, if it has any.
    ///   - inputs: where to begin, when the file's positions are not kept: then every count begins at zero.
    func imported(over lane: LaneState?, from inputs: [InputPosition]?) -> LaneState {
        var state = self
        state.twin = nil
        if let inputs {
            state.inputs = inputs
            state.counts = EventCounts()
            state.inspector.duplicates = 0
            state.recent = []
        }
        // Where the positions begin anew, the topic may have been made anew.
        for index in state.inputs.indices where inputs == nil {
            let here = lane?.inputs.first { $0.topic == state.inputs[index].topic && $0.partition == state.inputs[index].partition }
            state.inputs[index].quarantined = [here?.quarantined, state.inputs[index].quarantined].compactMap { $0 }.max()
        }
        let decided = lane ?? (inputs == nil ? self : nil)
        state.gate = decided?.gate ?? Gate()
        state.skips = decided?.skips ?? []
        state.commands = lane?.commands ?? []
        state.frozen = decided?.frozen.map { $0.moved(to: state.inputs) }
        state.recovery = decided?.recovery
        return state
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
