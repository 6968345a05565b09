import Checkpointing
import Inspection
import Learning
import Training

/// A version in memory.
struct KeptVersion: Sendable {
    let number: UInt64
    var state: LaneState
    let pages: [Int: [UInt8]]
    let digest: Digest128
    var isCleared = false

    func restored(_ settings: EngineSettings) -> RestoredVersion {
        RestoredVersion(
            number: number, state: state, modelDigest: digest, pages: pages, isCleared: isCleared, fingerprint: settings.fingerprint,
            pageCount: settings.model.learner.pageCount)
    }
}

/// Where a run can be taken up.
struct Snapshot: Sendable {
    /// The learnt position.
    let position: Int
    /// The newest at the end.
    let versions: [KeptVersion]
    let clearance: Clearance
    /// Seconds.
    let now: Double

    var newest: KeptVersion { versions[versions.count - 1] }
}
