import Inspection
import Learning
import TestSupport

@testable import Checkpointing

/// Values for tests.
enum Sample {
    static let writer = WriterID(bits: 0x1234)
    static let fingerprint = LaneSample.fingerprint

    static func manifest(version: UInt64, pages: Int) -> Manifest {
        let references = (0..<pages).map { index in
            PageReference(
                index: UInt32(index), id: VersionID(version: version, writer: writer), digest: Digest128(high: UInt64(index), low: 7),
                offset: Int64(index))
        }
        let body = Manifest.Body(
            model: "sample", lane: 0, version: version, epoch: 1, writer: writer, parent: .init(version: 1, digest: fingerprint),
            fingerprint: fingerprint, specification: "{}", pageCount: pages, restoreFrom: 0,
            owners: [.init(epoch: 1, writer: writer, offset: 0)], ladder: [rung(version: 1, createdAt: 0)], pinned: false,
            state: LaneSample.state(next: 17), modelDigest: fingerprint, createdAt: 5, host: "test", build: "test")
        return Manifest(body: body, pages: references)
    }

    static func rung(version: UInt64, createdAt: Int64) -> Rung {
        Rung(
            version: version, epoch: 1, writer: writer, digest: fingerprint, offset: 0, restoreFrom: 0, createdAt: createdAt, learnt: 0,
            cleared: false, pinned: false, metrics: ProgressiveMetrics(task: .binary).summary, modelDigest: fingerprint)
    }
}
