package import Learning

extension RestoredVersion {
    /// A version that never was in a log: for whoever keeps cuts in memory.
    ///
    /// - Parameters:
    ///   - pages: all the pages that were ever cut up to here, not those of one cut alone.
    ///   - pageCount: of the model.
    package init(
        number: UInt64, state: LaneState, modelDigest: Digest128, pages: [Int: [UInt8]], isCleared: Bool, fingerprint: Digest128,
        pageCount: Int
    ) {
        let body = Manifest.Body(
            model: "kept in memory", lane: 0, version: number, epoch: 1, writer: WriterID(bits: 1), fingerprint: fingerprint,
            specification: "{}", pageCount: pageCount, restoreFrom: 0, owners: [], ladder: [], pinned: false, state: state,
            modelDigest: modelDigest, createdAt: 0, host: "", build: "")
        self.init(manifest: Manifest(body: body, pages: []), digest: modelDigest, cleared: isCleared, slots: pages)
    }
}
