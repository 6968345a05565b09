/// A whole record of a format that this build does not read: it may hold what a newer build has learnt.
public struct ForeignRecord: Equatable, Sendable {
    public var key: RecordKey
    public var format: UInt16

    /// The newest format of its kind that this build reads.
    private var newest: UInt16 {
        switch key {
        case .owner: UInt16(OwnerRecord.format)
        case .page: PageRecord.format
        case .manifest: Manifest.format
        case .cleared: 1
        }
    }

    private var name: String {
        switch key {
        case .owner(let epoch, _): "the owner record of epoch \(epoch)"
        case .page(let page): "page \(page.index) of version \(page.id.version)"
        case .manifest(let id, _): "version \(id.version)"
        case .cleared(let id): "the clearance of version \(id.version)"
        }
    }
}

extension ForeignRecord: CustomStringConvertible {
    public var description: String {
        "\(name) has format \(format), \(format > newest ? "newer" : "older") than this build reads (\(newest)): run the build that wrote it"
            + (format > newest ? ", or a newer one" : "")
    }
}

extension LaneView {
    /// A record that must not be passed over for `newest`: what it holds, or decides, comes after that. nil for a log without a version.
    func foreignRecord(past newest: Entry?) -> ForeignRecord? {
        guard !foreign.isEmpty else { return nil }
        let missed = foreign.filter { isMissed($0.key, past: newest) }.map { ForeignRecord(key: $0.key, format: $0.value) }
        // A version says more than its parts, and the last one the most.
        return missed.max { $0.weight < $1.weight }
    }

    private func isMissed(_ key: RecordKey, past newest: Entry?) -> Bool {
        switch key {
        case .manifest(let id, _): newest.map { $0.manifest.id.version < id.version } ?? true
        case .owner(let epoch, _): newest.map { $0.manifest.body.epoch <= epoch } ?? true
        case .cleared(let id): newestCleared.map { $0.manifest.id.version < id.version } ?? true
        // Pages without a version are what a writer left that did not come to its end.
        case .page(let page): isNeeded(page, past: newest)
        }
    }

    private func isNeeded(_ page: PageID, past newest: Entry?) -> Bool {
        manifests.values.contains { entry in
            guard newest.map({ $0.manifest.id.version < entry.manifest.id.version }) ?? true, isOwned(entry) else { return false }
            return entry.manifest.pages.contains { $0.page == page && copy(of: $0) == nil }
        }
    }
}

extension ForeignRecord {
    fileprivate var weight: (Int, UInt64, UInt32) {
        switch key {
        case .manifest(let id, _): (3, id.version, 0)
        case .page(let page): (2, page.id.version, page.index)
        case .cleared(let id): (1, id.version, 0)
        case .owner(let epoch, _): (0, epoch, 0)
        }
    }
}
