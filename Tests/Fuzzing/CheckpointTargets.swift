import Checkpointing
import Inspection
import Learning
import TestSupport

/// A small release of a lane.
enum SampleRelease {
    static let fingerprint = Digest128(high: 1, low: 2)

    static func page(_ index: UInt32) -> PageRecord {
        PageRecord(
            lane: 0, index: index, version: 46, fingerprint: fingerprint, slots: (0..<256).map { UInt8($0) &* UInt8(index + 3) })
    }

    /// A cleared version of so many pages, as a writer leaves it and a reader finds it.
    static func version(pages: Int) async throws -> RestoredVersion {
        guard let version = try await LaneReader(log: MemoryLog(try await log(pages: pages))).newestCleared(wait: .zero) else {
            throw FuzzFailure("a version that was just cleared is not there")
        }
        return version
    }

    /// A lane with two versions, the second of which is cleared.
    static func log(pages: Int) async throws -> MemoryTopic {
        let topic = MemoryTopic()
        let identity = LaneIdentity(
            model: "flowers", lane: 0, fingerprint: fingerprint, specification: "{}", pageCount: 8, host: "node-3", build: "0.1.0")
        let writer = LaneWriter(log: MemoryLog(topic), identity: identity, writer: WriterID(bits: 0xAB), now: { 9 })
        _ = try await writer.take()
        let cut = Cut(
            state: state, pages: (0..<pages).map { CutPage(index: $0, slots: page(UInt32($0)).slots) }, modelDigest: fingerprint)
        _ = try await writer.write(cut)
        try await writer.clear(try await writer.write(cut).body.version)
        return topic
    }

    private static var state: LaneState {
        var position = InputPosition(topic: "purchases", partition: 0, start: 0)
        position.next = 26_220
        position.last = InputPosition.LastEvent(offset: 26_219, checksum: "11a7006e6bf9ec53")
        return LaneState(
            inputs: [position], globals: LearnerGlobals(), metrics: WindowedMetrics(task: .binary),
            inspector: Inspector(configuration: InspectionConfiguration(), task: .binary), stall: StallDetector(), gate: Gate())
    }
}

/// Little-endian, as all that is checkpointed.
private func bytes(of value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } }

/// Ends bytes in the digest of what stands before the place it has.
private func seal(_ sealed: inout [UInt8], digestBytes: Int) {
    guard sealed.count >= digestBytes else { return }
    sealed.removeLast(digestBytes)
    let digest = Digest128(of: sealed)
    sealed += digestBytes == 16 ? bytes(of: digest.high) + bytes(of: digest.low) : bytes(of: digest.low)
}

struct PageTarget: FuzzTarget {
    let name = "page"
    let seeds = (0..<4).map { SampleRelease.page($0).encoded() }
    let pieces = ["FRPG", "FRMF", "FRMP", "FRVF"].asBytes
    let resealsOneIn = 3

    func reseal(_ bytes: inout [UInt8]) { seal(&bytes, digestBytes: 8) }

    func take(_ bytes: [UInt8]) throws -> Bool {
        guard let page = try? PageRecord(decoding: bytes) else { return false }
        guard page.encoded() == bytes else { throw FuzzFailure("a page was read that is written otherwise") }
        return true
    }
}

/// A manifest, and the parts it travels in.
struct ManifestTarget: FuzzTarget {
    let name = "manifest"
    let seeds: [[UInt8]]
    let pieces = jsonPieces + ["FRMF", "FRMP"].asBytes
    let resealsOneIn = 8

    init() async throws {
        seeds = [
            try await SampleRelease.version(pages: 0).manifest.encoded().bytes,
            try await SampleRelease.version(pages: 5).manifest.encoded().bytes,
        ]
    }

    func reseal(_ bytes: inout [UInt8]) { seal(&bytes, digestBytes: 16) }

    func take(_ bytes: [UInt8]) throws -> Bool {
        // The same bytes as a record of a log: whatever they are, folding them must end.
        var view = LaneView(fingerprint: nil, keepsSlots: true)
        let key = RecordKey.manifest(VersionID(version: 46, writer: WriterID(bits: 0xAB)), part: 0)
        view.apply(LogRecord(offset: 0, key: key.bytes, value: bytes))
        guard let (manifest, digest) = try? Manifest.decode(bytes) else { return false }
        for part in ManifestParts.split(bytes) { view.apply(LogRecord(offset: 1, key: key.bytes, value: part)) }
        let again = try Manifest.decode(try manifest.encoded().bytes).manifest
        guard again == manifest else { throw FuzzFailure("a manifest (\(digest)) is another one after it was written and read") }
        return true
    }
}

/// Records of a lane's log, keys and tombstones with them, as anybody might write them who may write to the topic.
///
/// An input is a row of records: length of the key, key, length of the value (2 bytes, 65,535 for a tombstone), value.
struct LogTarget: FuzzTarget {
    let name = "log"
    let seeds: [[UInt8]]
    let pieces =
        [
            "owner@", "page/", "manifest@", "cleared@", "@", ".", "/", "0", "1", "9", "65535", "127", "128", "4611686018427387903",
            "4611686018427387904", "18446744073709551615", ".00000000000000ab", "owner@18446744073709551615.00000000000000ab",
            "manifest@1.00000000000000ab/65535",
        ].asBytes + [[0xFF, 0xFF] as [UInt8]]

    init() async throws {
        let logs = [try await SampleRelease.log(pages: 0).records, try await SampleRelease.log(pages: 2).records]
        seeds = logs.map { $0.flatMap(Self.row) } + logs.joined().map(Self.row)
    }

    private static func row(of record: LogRecord) -> [UInt8] {
        let (key, value) = (record.key.prefix(255), record.value?.prefix(65_534))
        let length = value?.count ?? 65_535
        return [UInt8(key.count)] + key + [UInt8(length & 255), UInt8(length >> 8)] + (value ?? [])
    }

    private static func records(_ bytes: [UInt8]) -> [LogRecord] {
        var (rest, records) = (bytes[...], [LogRecord]())
        while let keyLength = rest.popFirst() {
            let key = Array(rest.prefix(Int(keyLength)))
            rest = rest.dropFirst(key.count)
            let length = rest.prefix(2).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(2)
            let value = length == 65_535 ? nil : Array(rest.prefix(length))
            rest = rest.dropFirst(value?.count ?? 0)
            records.append(LogRecord(offset: Int64(records.count), key: key, value: value))
        }
        return records
    }

    func take(_ bytes: [UInt8]) throws -> Bool {
        var view = LaneView(fingerprint: SampleRelease.fingerprint, keepsSlots: true)
        for record in Self.records(bytes) { view.apply(record) }
        _ = (view.hasIncompleteNewest, view.newestCleared)
        guard let newest = view.newest else { return false }
        let isOwned = view.owner(of: newest.manifest.body.epoch) == newest.manifest.body.writer
        guard isOwned, view.slots(of: newest.manifest) != nil else { throw FuzzFailure("\(newest.manifest.id) counts as a version") }
        view.forgetOlder(than: newest.manifest)
        return true
    }
}

struct VersionFileTarget: FuzzTarget {
    let name = "export"
    let seeds: [[UInt8]]
    let pieces = jsonPieces + ["FRVF", "FRMF"].asBytes
    let resealsOneIn = 8

    init() async throws {
        seeds = [
            try VersionFile(try await SampleRelease.version(pages: 0)).encoded(),
            try VersionFile(try await SampleRelease.version(pages: 3)).encoded(),
        ]
    }

    func reseal(_ bytes: inout [UInt8]) { seal(&bytes, digestBytes: 16) }

    func take(_ bytes: [UInt8]) throws -> Bool {
        guard let file = try? VersionFile(decoding: bytes) else { return false }
        guard try VersionFile(decoding: try file.encoded()) == file else {
            throw FuzzFailure("a file is another one after it was written and read")
        }
        return true
    }
}
