import Checkpointing
import Learning

/// What a log says, by the rules of the protocol and by none of the code under test but its decoders: the judge of readers and writers.
struct Ledger {
    struct Version {
        var manifest: Manifest
        var digest: Digest128
        var offset: Int64
        var id: VersionID { manifest.id }
        /// By which versions are newer than others.
        var rank: Rank { Rank(epoch: manifest.body.epoch, version: manifest.body.version) }
    }

    struct Rank: Comparable {
        var epoch: UInt64
        var version: UInt64
        static func < (left: Rank, right: Rank) -> Bool { (left.epoch, left.version) < (right.epoch, right.version) }
    }

    private enum Content {
        case owner(epoch: UInt64, WriterID)
        case page(PageID, PageRecord)
        case manifest(Manifest, Digest128)
        case cleared(VersionID)
        case tombstone(RecordKey)
        case rubbish
    }

    private var contents: [Int64: Content] = [:]
    private(set) var owners: [UInt64: (writer: WriterID, offset: Int64)] = [:]
    private(set) var pages: [PageID: PageRecord] = [:]
    private(set) var versions: [VersionID: Version] = [:]
    private(set) var cleared: Set<VersionID> = []

    /// Reads the whole log anew; what was decoded before is not decoded again.
    mutating func read(_ records: [LogRecord]) {
        (owners, pages, versions, cleared) = ([:], [:], [:], [])
        for record in records { enter(content(of: record), at: record.offset) }
    }

    /// A record is not what it was.
    mutating func forget(_ offset: Int64) { contents[offset] = nil }

    private mutating func content(of record: LogRecord) -> Content {
        if let known = contents[record.offset] { return known }
        let content = Self.decode(record)
        contents[record.offset] = content
        return content
    }

    private static func decode(_ record: LogRecord) -> Content {
        guard let key = RecordKey(record.key) else { return .rubbish }
        guard let value = record.value else { return .tombstone(key) }
        switch key {
        case .owner(let epoch, let writer):
            let owner = try? RecordJSON.decode(OwnerRecord.self, from: value)
            return owner?.epoch == epoch && owner?.writer == writer ? .owner(epoch: epoch, writer) : .rubbish
        case .page(let page):
            guard let record = try? PageRecord(decoding: value), record.index == page.index else { return .rubbish }
            return .page(page, record)
        case .manifest(let id, _):
            // One part, behind a head of eight bytes.
            guard let decoded = try? Manifest.decode(Array(value.dropFirst(8))), decoded.manifest.id == id else { return .rubbish }
            return .manifest(decoded.manifest, decoded.digest)
        case .cleared(let id): return .cleared(id)
        }
    }

    private mutating func enter(_ content: Content, at offset: Int64) {
        switch content {
        case .owner(let epoch, let writer): own(epoch, writer, offset)
        case .page(let page, let record): pages[page] = record
        case .manifest(let manifest, let digest):
            versions[manifest.id] = versions[manifest.id] ?? Version(manifest: manifest, digest: digest, offset: offset)
            for owner in manifest.body.owners { own(owner.epoch, owner.writer, owner.offset) }
        case .cleared(let id): cleared.insert(id)
        case .tombstone(.page(let page)): pages[page] = nil
        case .tombstone(.manifest(let id, _)): versions[id] = nil
        case .tombstone(.cleared(let id)): cleared.remove(id)
        case .tombstone(.owner(let epoch, let writer)): if owners[epoch]?.writer == writer { owners[epoch] = nil }
        case .rubbish: break
        }
    }

    private mutating func own(_ epoch: UInt64, _ writer: WriterID, _ offset: Int64) {
        if offset < owners[epoch]?.offset ?? .max { owners[epoch] = (writer, offset) }
    }

    // MARK: - Judging

    /// Whether its writer had the lane when it wrote it.
    func isOwned(_ version: Version) -> Bool {
        let body = version.manifest.body
        return owners[body.epoch]?.writer == body.writer && !owners.contains { $0.key > body.epoch && $0.value.offset < version.offset }
    }

    /// The content of every page; nil when one is missing or another.
    func slots(of version: Version) -> [Int: [UInt8]]? {
        var slots: [Int: [UInt8]] = [:]
        for page in version.manifest.pages {
            guard let record = pages[page.page], record.digest == page.digest else { return nil }
            slots[Int(page.index)] = record.slots
        }
        return slots
    }

    func isWhole(_ version: Version) -> Bool {
        version.manifest.pages.allSatisfy { pages[$0.page]?.digest == $0.digest }
    }

    var valid: [Version] { versions.values.filter { isOwned($0) && isWhole($0) }.sorted { $0.rank < $1.rank } }
}
