public import Learning

/// What a lane's log says, folded record by record. A value: it decides which version is the state, and no broker's behaviour enters the
/// decision, only digests, owners and order.
///
/// A manifest is *valid* when its digest holds, its writer owned its epoch, no higher epoch had taken the lane before it was written, and
/// for every entry of its page table a record of that page with the same digest is present. The valid one with the greatest
/// (epoch, version) is the state.
public struct LaneView: Sendable {
    /// A manifest as it stands in the log.
    public struct Entry: Sendable {
        public var manifest: Manifest
        public var digest: Digest128
        public var offset: Int64
    }

    struct PageEntry: Sendable {
        var offset: Int64
        var digest: Digest128
        var slots: [UInt8]?
    }

    public let fingerprint: Digest128?
    /// Whether the pages' slots are kept, or only that they were there and whole.
    var keepsSlots: Bool

    /// Epoch → who took it, in the order of the log: the first one owns it.
    private(set) var owners: [UInt64: [Owner]] = [:]
    var pages: [PageID: PageEntry] = [:]
    public internal(set) var manifests: [VersionID: Entry] = [:]
    /// How many parts the manifest of a version has, whole or not.
    private(set) var partCounts: [VersionID: UInt16] = [:]
    private(set) var cleared: Set<VersionID> = []
    private var parts = PartCollector()
    /// The greatest version number of any record, valid or not, and the greatest epoch.
    public private(set) var highestVersion: UInt64 = 0
    public private(set) var highestEpoch: UInt64 = 0
    /// Records that failed their check or are of a newer format; never loaded, never an end to reading.
    public private(set) var damaged: [(key: String, error: CodecError)] = []
    private(set) var hasDamagedManifest = false
    /// Whole records of formats that this build does not read; a version's by the key of its first part.
    private(set) var foreign: [RecordKey: UInt16] = [:]

    struct Owner: Sendable, Equatable {
        var writer: WriterID
        var offset: Int64
        /// How many lanes it counted, where its own record is in sight and says so.
        var lanes: UInt16?
    }

    /// - Parameter fingerprint: of the model whose versions count; nil takes those of any.
    public init(fingerprint: Digest128?, keepsSlots: Bool) {
        self.fingerprint = fingerprint
        self.keepsSlots = keepsSlots
    }

    public mutating func apply(_ record: LogRecord) {
        guard let key = RecordKey(record.key) else { return }
        enter(key)
        guard let value = record.value else { return remove(key) }
        guard !isKnown(key, at: record.offset) else { return }
        do throws(CodecError) {
            try insert(key, value, at: record.offset)
        } catch {
            if let format = error.foreignFormat { foreign[key.whole] = format }
            if case .manifest = key { hasDamagedManifest = true }
            if damaged.count < 100 { damaged.append((String(decoding: record.key, as: UTF8.self), error)) }
        }
    }

    /// Whether this very record was entered before: a writer reads its own again while it looks for a successor's.
    private func isKnown(_ key: RecordKey, at offset: Int64) -> Bool {
        switch key {
        case .page(let page): pages[page]?.offset == offset
        // One in parts has the offset of its last.
        case .manifest(let id, _): manifests[id] != nil
        case .owner, .cleared: false
        }
    }

    mutating func enter(_ key: RecordKey) {
        switch key {
        case .owner(let epoch, _): highestEpoch = max(highestEpoch, epoch)
        case .page(let page): highestVersion = max(highestVersion, page.id.version)
        case .cleared(let id): highestVersion = max(highestVersion, id.version)
        case .manifest(let id, let part):
            highestVersion = max(highestVersion, id.version)
            partCounts[id] = max(partCounts[id] ?? 0, part + 1)
        }
    }

    /// Every version with a manifest record, even one that is not whole.
    var knownManifests: Dictionary<VersionID, UInt16>.Keys { partCounts.keys }

    private mutating func remove(_ key: RecordKey) {
        foreign[key.whole] = nil
        switch key {
        case .owner(let epoch, let writer): owners[epoch]?.removeAll { $0.writer == writer }
        case .page(let page): pages[page] = nil
        case .cleared(let id): cleared.remove(id)
        case .manifest(let id, _):
            manifests[id] = nil
            partCounts[id] = nil
            parts.forget(id)
        }
    }

    private mutating func insert(_ key: RecordKey, _ value: [UInt8], at offset: Int64) throws(CodecError) {
        switch key {
        case .owner(let epoch, let writer):
            let record = try OwnerRecord(decoding: value)
            guard record.epoch == epoch, record.writer == writer else { throw .inconsistent("another owner's record") }
            addOwner(epoch: epoch, Owner(writer: writer, offset: offset, lanes: record.lanes))
        case .page(let page):
            let record = try PageRecord(decoding: value)
            guard record.index == page.index, record.version == page.id.version else { throw .inconsistent("another page's record") }
            pages[page] = PageEntry(offset: offset, digest: record.digest, slots: keepsSlots ? record.slots : nil)
        case .manifest(let id, let part):
            guard let bytes = try parts.add(value, of: id, part: part) else { return }
            let (manifest, digest) = try Manifest.decode(bytes)
            guard manifest.id == id else { throw .inconsistent("another version's manifest") }
            manifests[id] = Entry(manifest: manifest, digest: digest, offset: offset)
            for owner in manifest.body.owners {
                addOwner(epoch: owner.epoch, Owner(writer: owner.writer, offset: owner.offset))
            }
        case .cleared(let id):
            try RecordJSON.checkUnnumbered(value)
            cleared.insert(id)
        }
    }

    private mutating func addOwner(epoch: UInt64, _ owner: Owner) {
        var known = owners[epoch] ?? []
        if let index = known.firstIndex(where: { $0.writer == owner.writer }) {
            known[index].lanes = known[index].lanes ?? owner.lanes
        } else {
            known.append(owner)
        }
        owners[epoch] = known
    }

    // MARK: - Judging

    /// The one who took an epoch first.
    public func owner(of epoch: UInt64) -> WriterID? {
        owners[epoch]?.min { $0.offset < $1.offset }?.writer
    }

    /// How many lanes there are as far as the lane's last owner knew; nil while nobody has ever taken it. One who did not say counts as one who
    /// knew.
    var countedLanes: UInt16? {
        let owner = owners[highestEpoch]?.min { $0.offset < $1.offset }
        guard owner != nil || newest != nil else { return nil }
        return owner?.lanes ?? newest?.manifest.body.lanes ?? .max
    }

    /// The most lanes that anybody counted who has ever written here.
    var mostLanes: UInt16 { (owners.values.joined().compactMap(\.lanes) + [newest?.manifest.body.lanes ?? 1]).max() ?? 1 }

    func isValid(_ entry: Entry) -> Bool {
        if let fingerprint, entry.manifest.body.fingerprint != fingerprint { return false }
        return isProved(entry)
    }

    /// Valid, whatever model it is of.
    private func isProved(_ entry: Entry) -> Bool {
        isOwned(entry) && entry.manifest.pages.allSatisfy { copy(of: $0) != nil }
    }

    /// A record of the page with equal digest: the one that the version names or, where that is lost or damaged, another of the same content.
    func copy(of reference: PageReference) -> PageID? {
        if pages[reference.page]?.digest == reference.digest { return reference.page }
        return pages.first { $0.key.index == reference.index && $0.value.digest == reference.digest }?.key
    }

    /// Whether its writer had the lane when it wrote the manifest. Where not, it never was a version, whole or not.
    func isOwned(_ entry: Entry) -> Bool {
        let body = entry.manifest.body
        return owner(of: body.epoch) == body.writer && !isSuperseded(epoch: body.epoch, at: entry.offset)
    }

    /// A manifest behind the owner record of a higher epoch was written by a trainer that had lost the lane, whatever the broker let it do.
    private func isSuperseded(epoch: UInt64, at offset: Int64) -> Bool {
        owners.contains { $0.key > epoch && $0.value.contains { $0.offset < offset } }
    }

    /// The valid versions, greatest (epoch, version) first.
    public var validEntries: [Entry] {
        manifests.values.filter(isValid).sorted {
            ($0.manifest.body.epoch, $0.manifest.body.version) > ($1.manifest.body.epoch, $1.manifest.body.version)
        }
    }

    /// The newest version of any model: where it is of another one than ours, the lane is that one's.
    var newestOfAnyModel: Entry? {
        manifests.values.filter(isProved).max {
            ($0.manifest.body.epoch, $0.manifest.body.version) < ($1.manifest.body.epoch, $1.manifest.body.version)
        }
    }

    /// The state of the lane.
    public var newest: Entry? { validEntries.first }

    /// The newest version that may be served.
    public var newestCleared: Entry? { validEntries.first { isCleared($0.manifest.id) } }

    public func isCleared(_ id: VersionID) -> Bool { cleared.contains(id) }

    /// Whether a manifest greater than every valid one is there, but not whole: reading on may complete it.
    public var hasIncompleteNewest: Bool {
        guard let greatest = manifests.values.max(by: { $0.manifest.id < $1.manifest.id }) else { return false }
        return !isValid(greatest)
    }

    /// The slots of a version's pages; nil unless every page is there and its slots were kept.
    public func slots(of manifest: Manifest) -> [Int: [UInt8]]? {
        var slots: [Int: [UInt8]] = [:]
        for page in manifest.pages {
            guard let copy = copy(of: page), let bytes = pages[copy]?.slots else { return nil }
            slots[Int(page.index)] = bytes
        }
        return slots
    }

    /// Forgets pages that only versions older than `manifest` refer to, so that a reader that tails the log holds two versions at the most.
    public mutating func forgetOlder(than manifest: Manifest) {
        let needed = Set(manifest.pages.compactMap(copy))
        pages = pages.filter { needed.contains($0.key) || $0.key.id.version > manifest.body.version }
        manifests = manifests.filter { $0.value.manifest.body.version >= manifest.body.version }
        foreign = foreign.filter { $0.key.version.map { $0 > manifest.body.version } ?? true }
    }
}
