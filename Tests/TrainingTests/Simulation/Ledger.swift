import Learning

@testable import Checkpointing

/// What a log says, by the rules of the protocol and by none of the code under test but its decoders: the judge of readers and writers.
struct Ledger {
    struct Version {
        var manifest: Manifest
        var digest: Digest128
        /// Of the record that made it whole.
        var offset: Int64
        /// How many records it is written in.
        var partCount: Int
        var id: VersionID { manifest.id }
        /// By which versions are newer than others.
        var rank: Rank { Rank(epoch: manifest.body.epoch, version: manifest.body.version) }
    }

    struct Rank: Comparable {
        var epoch: UInt64
        var version: UInt64
        static func < (left: Rank, right: Rank) -> Bool { (left.epoch, left.version) < (right.epoch, right.version) }
    }

    private struct Part {
        var number: UInt16
        var count: UInt16
        var bytes: [UInt8]
    }

    private enum Content {
        case owner(epoch: UInt64, WriterID)
        case page(PageID, PageRecord)
        case part(VersionID, Part)
        case cleared(VersionID)
        case tombstone(RecordKey)
        case rubbish
    }

    private var contents: [Int64: Content] = [:]
    /// By their numbers, with their offsets.
    private var parts: [VersionID: [UInt16: (offset: Int64, part: Part)]] = [:]
    /// What the parts at some offsets come to.
    private var joined: [[Int64]: (manifest: Manifest, digest: Digest128)] = [:]
    private(set) var owners: [UInt64: (writer: WriterID, offset: Int64)] = [:]
    private(set) var pages: [PageID: PageRecord] = [:]
    private(set) var versions: [VersionID: Version] = [:]
    private(set) var cleared: Set<VersionID> = []
    /// Whether a record is not what it was: then another one of the same content stands for a page, as the protocol has it. Without damage none has
    /// to.
    private var isDamaged = false

    /// Reads the whole log anew; what was decoded before is not decoded again.
    mutating func read(_ records: [LogRecord]) {
        (owners, pages, parts, versions, cleared) = ([:], [:], [:], [:], [])
        for record in records { enter(content(of: record), at: record.offset) }
    }

    /// A record is not what it was.
    mutating func forget(_ offset: Int64) {
        isDamaged = true
        contents[offset] = nil
        joined = joined.filter { !$0.key.contains(offset) }
    }

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
        case .manifest(let id, let number):
            guard let part = try? ManifestParts.decode(value), part.part == number else { return .rubbish }
            return .part(id, Part(number: number, count: part.count, bytes: part.bytes))
        case .cleared(let id): return .cleared(id)
        }
    }

    private mutating func enter(_ content: Content, at offset: Int64) {
        switch content {
        case .owner(let epoch, let writer): own(epoch, writer, offset)
        case .page(let page, let record): pages[page] = record
        case .part(let id, let part): enter(part, of: id, offset)
        case .cleared(let id): cleared.insert(id)
        case .tombstone(.page(let page)): pages[page] = nil
        case .tombstone(.manifest(let id, _)): (versions[id], parts[id]) = (nil, nil)
        case .tombstone(.cleared(let id)): cleared.remove(id)
        case .tombstone(.owner(let epoch, let writer)): if owners[epoch]?.writer == writer { owners[epoch] = nil }
        case .rubbish: break
        }
    }

    /// A manifest is one when its last part is there.
    private mutating func enter(_ part: Part, of id: VersionID, _ offset: Int64) {
        guard versions[id] == nil else { return }
        parts[id, default: [:]][part.number] = (offset, part)
        let known = (parts[id] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
        guard known.count == Int(part.count), let whole = join(known), whole.manifest.id == id else { return }
        versions[id] = Version(manifest: whole.manifest, digest: whole.digest, offset: offset, partCount: known.count)
        for owner in whole.manifest.body.owners { own(owner.epoch, owner.writer, owner.offset) }
    }

    private mutating func join(_ pieces: [(offset: Int64, part: Part)]) -> (manifest: Manifest, digest: Digest128)? {
        let offsets = pieces.map(\.offset)
        if let known = joined[offsets] { return known }
        guard let whole = try? Manifest.decode(pieces.flatMap(\.part.bytes)) else { return nil }
        joined[offsets] = whole
        return whole
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
            guard let record = record(of: page) else { return nil }
            slots[Int(page.index)] = record.slots
        }
        return slots
    }

    func isWhole(_ version: Version) -> Bool {
        version.manifest.pages.allSatisfy { record(of: $0) != nil }
    }

    private func record(of page: PageReference) -> PageRecord? {
        if let record = pages[page.page], record.digest == page.digest { return record }
        return isDamaged ? pages.values.first { $0.index == page.index && $0.digest == page.digest } : nil
    }

    var valid: [Version] { versions.values.filter { isOwned($0) && isWhole($0) }.sorted { $0.rank < $1.rank } }
}
