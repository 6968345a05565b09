extension Learner {
    public var pageCount: Int { specification.pageCount }

    /// The pages changed since the last call, ascending; their marks are cleared.
    public mutating func takeDirtyPages() -> [Int] {
        let dirty = dirtyPages.indices.filter { dirtyPages[$0] }
        for page in dirty { dirtyPages[page] = false }
        return dirty
    }

    /// The slots of a page as bytes (see `PageCodec`): 32 KiB, or 8 bytes a slot in a model of less than 4,096 slots.
    public borrowing func page(_ index: Int) -> [UInt8] {
        let start = index * specification.slotsInPage
        return PageCodec.bytes(of: slots[start..<start + specification.slotsInPage])
    }

    /// Replaces a page. Refuses a page of another size or with numbers that no learner writes, before anything is changed; marks
    /// nothing dirty.
    public mutating func load(page index: Int, from bytes: [UInt8]) throws(LearningError) {
        let loaded = try PageCodec.slots(page: index, from: bytes, of: specification)
        let start = index * specification.slotsInPage
        for offset in loaded.indices { slots[start + offset] = loaded[offset] }
    }

    /// The xxh3-128 of the fingerprint (16 bytes, high word first, little-endian), the globals, and the pages in order.
    public borrowing func digest(fingerprint: Digest128) -> Digest128 {
        var digest = RunningDigest(ofModel: fingerprint, globals)
        for index in 0..<pageCount { digest.update(page(index)) }
        return digest.finish()
    }

    /// The weights alone, as they are now.
    public borrowing func snapshot() -> LinearModel {
        LinearModel(specification: specification, globals: globals, slots: slots)
    }
}

extension LearnerSpecification {
    /// The digest (`Learner.digest`) of the model that has these globals and pages; a page that is absent holds the initial state.
    public func modelDigest(fingerprint: Digest128, globals: LearnerGlobals, pages: [Int: [UInt8]]) -> Digest128 {
        var digest = RunningDigest(ofModel: fingerprint, globals)
        let untouched = PageCodec.bytes(of: [Slot](repeating: Slot(), count: slotsInPage)[...])
        for index in 0..<pageCount { digest.update(pages[index] ?? untouched) }
        return digest.finish()
    }
}

extension RunningDigest {
    fileprivate init(ofModel fingerprint: Digest128, _ globals: LearnerGlobals) {
        self.init()
        update(
            [fingerprint.high, fingerprint.low].flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
            })
        update(globals.digestBytes)
    }
}
