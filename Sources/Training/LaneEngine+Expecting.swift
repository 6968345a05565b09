public import Checkpointing
import Inspection

/// Planned changes that an operator announces.
extension LaneEngine {
    /// From here on, until the announced change is over by the events' own time, the detectors of content alert where they would freeze.
    public mutating func expect(_ expectation: Expectation) {
        state.expectation = expectation
        changeInspectors { $0.expect(until: expectation.until) }
    }

    /// The announcement is taken back.
    public mutating func endExpectation() {
        state.expectation = nil
        changeInspectors { $0.endExpectation() }
    }

    /// At the learnt position, at the inspected one, and between the two.
    private mutating func changeInspectors(_ change: (inout Inspector) -> Void) {
        change(&state.inspector)
        change(&inspector)
        for index in pending.indices { change(&pending[index].inspectorAfter) }
        hasChanged = true
    }

    /// What is announced, and not over where the inspector has come to.
    public var activeExpectation: Expectation? { inspector.expectedUntil == nil ? nil : state.expectation }
}
