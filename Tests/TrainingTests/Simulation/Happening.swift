import Checkpointing
import Inspection
import Learning

@testable import Training

/// What a simulation that is worth its time comes across.
enum Happening: CaseIterable, Sendable {
    case takenOver, takenOverByStandby, wentOnAfterRebalance, fencedOff, gaveUp, left
    /// A manifest by one who had lost the lane.
    case strayManifest
    case rolledBack, undoneVersionKept, pinned, twinScored
    case frozenByOrder, frozenByAlarm, frozenBySilence, rangeSkipped, eventQuarantined
    case secondPageWritten, damageFallenBackOn, servedByNewReader

    /// What a version tells.
    static func told(by manifest: Manifest) -> Set<Happening> {
        let (body, state) = (manifest.body, manifest.body.state)
        let kinds = Set(state.gate.causes.map(\.kind))
        let told: [(Happening, Bool)] = [
            (.takenOver, body.epoch > 1), (.rolledBack, body.restores != nil), (.undoneVersionKept, body.ladder.contains { $0.isUndone }),
            (.pinned, body.ladder.contains { $0.pinned }), (.twinScored, (state.twin?.twinMetrics.examples ?? 0) > 0),
            (.frozenByOrder, kinds.contains(.operatorOrder)), (.frozenBySilence, kinds.contains(.feedStalled)),
            (.frozenByAlarm, !kinds.subtracting([.operatorOrder, .feedStalled]).isEmpty), (.rangeSkipped, state.counts.skipped > 0),
            (.eventQuarantined, state.counts.quarantined > 0), (.secondPageWritten, manifest.pages.contains { $0.index > 0 }),
        ]
        return Set(told.filter(\.1).map(\.0))
    }
}
