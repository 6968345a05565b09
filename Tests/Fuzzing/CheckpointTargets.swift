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
        let topic = MemoryTopic()
        let identity = LaneIdentity(
            model: "flowers", lane: 0, fingerprint: fingerprint, specification: "{}", pageCount: 8, host: "node-3", build: "0.1.0")
        let writer = LaneWriter(log: MemoryLog(topic), identity: identity, writer: WriterID(bits: 0xAB), now: { 9 })
        _ = try await writer.take()
        let cut = Cut(
            state: state, pages: (0..<pages).map { CutPage(index: $0, slots: page(UInt32($0)).slots) }, modelDigest: fingerprint)
        _ = try await writer.write(cut)
        try await writer.clear(try await writer.write(cut).body.version)
        guard let version = try await LaneReader(log: MemoryLog(topic)).newestCleared(wait: .zero) else {
            throw FuzzFailure("a version that was just cleared is not there")
        }
        return version
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
