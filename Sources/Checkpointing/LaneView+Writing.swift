import Learning

/// What the writer of a lane asks of its view.
extension LaneView {
    /// Enters a page that was just committed, without decoding it again.
    mutating func note(_ record: PageRecord, id: VersionID, at offset: Int64) {
        let page = PageID(index: record.index, id: id)
        enter(.page(page))
        pages[page] = PageEntry(offset: offset, digest: record.digest, slots: nil)
    }

    /// Enters a manifest that was just committed.
    mutating func note(_ entry: Entry, parts: UInt16) {
        enter(.manifest(entry.manifest.id, part: parts - 1))
        manifests[entry.manifest.id] = entry
    }

    /// Lays the slots of a version beside its pages, where they are not there already.
    mutating func keep(_ slots: [Int: [UInt8]], of manifest: Manifest) {
        for reference in manifest.pages where pages[reference.page]?.digest == reference.digest {
            pages[reference.page]?.slots = slots[Int(reference.index)]
        }
    }

    /// Lets go of slots that neither `manifest` has nor a later version may have; of all without one.
    mutating func dropSlots(but manifest: Manifest?) {
        let needed = Set(manifest?.pages.compactMap(copy) ?? [])
        let newest = manifest?.body.version ?? .max
        for (page, entry) in pages where entry.slots != nil && page.id.version <= newest && !needed.contains(page) {
            pages[page]?.slots = nil
        }
    }

    /// The first owner of each epoch, for a manifest's own list.
    func owners(of epochs: Set<UInt64>) -> [Manifest.Owner] {
        epochs.sorted().compactMap { epoch in
            owners[epoch]?.min { $0.offset < $1.offset }.map { Manifest.Owner(epoch: epoch, writer: $0.writer, offset: $0.offset) }
        }
    }

    /// The keys nothing retained refers to: pages no retained version has (but for the two newest copies of each page, so that one damaged
    /// record leaves another), manifests and clearances that left the ladder, owners of epochs nothing is left of.
    func garbage(retained: Set<VersionID>, epochs: Set<UInt64>) -> [RecordKey] {
        var needed = twoNewestCopies
        for id in retained { needed.formUnion(manifests[id]?.manifest.pages.flatMap { [$0.page, copy(of: $0) ?? $0.page] } ?? []) }
        var keys: [RecordKey] = pages.keys.filter { !needed.contains($0) }.map { .page($0) }
        for id in knownManifests where !retained.contains(id) {
            keys += (0..<(partCounts[id] ?? 1)).map { .manifest(id, part: $0) }
        }
        keys += cleared.subtracting(retained).map { .cleared($0) }
        for (epoch, owners) in owners where !epochs.contains(epoch) {
            keys += owners.map { .owner(epoch: epoch, writer: $0.writer) }
        }
        // In one order, so that equal histories write equal logs.
        return keys.map { ($0.bytes, $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }

    private var twoNewestCopies: Set<PageID> {
        var newest: [UInt32: [PageID]] = [:]
        for page in pages.keys {
            let copies = (newest[page.index] ?? []) + [page]
            newest[page.index] = Array(copies.sorted { $1.id < $0.id }.prefix(2))
        }
        return Set(newest.values.joined())
    }
}
