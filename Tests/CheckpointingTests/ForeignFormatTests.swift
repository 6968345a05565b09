import Learning
import TestSupport
import Testing

@testable import Checkpointing

/// Records that are whole and of a format this build does not read: of each kind, none is passed over in silence.
@Suite struct ForeignFormatTests {
    private let topic = MemoryTopic()
    private let writer: LaneWriter
    private let cleared: Manifest
    private let newest: Manifest

    /// A cleared version, and a newer one in parts.
    init() async throws {
        writer = Self.writer(topic)
        _ = try await writer.take()
        cleared = try await writer.write(LaneSample.cut(next: 10, [0: 1, 1: 1]))
        try await writer.clear(cleared.body.version)
        newest = try await writer.write(LaneSample.cut(next: 20, [1: 2, 5: 2]))
    }

    private static func writer(_ topic: MemoryTopic) -> LaneWriter {
        var limits = WriteLimits()
        limits.partBytes = 512
        return LaneWriter(log: MemoryLog(topic), identity: LaneSample.identity(), limits: limits, now: { 1 })
    }

    // MARK: - As another build writes it

    private func rewrite(_ key: RecordKey, _ change: ([UInt8]) -> [UInt8]) throws {
        let record = try #require(topic.records.first { $0.key == key.bytes })
        topic.damage(at: record.offset, change)
    }

    private static func page(_ bytes: [UInt8], format: UInt8) -> [UInt8] {
        var bytes = Array(bytes.dropLast(8))
        bytes[4] = format
        return bytes + Array(Digest128(of: bytes).bytes.suffix(8))
    }

    private static func manifest(_ bytes: [UInt8], format: UInt8) -> [UInt8] {
        var bytes = Array(bytes.dropLast(16))
        bytes[4] = format
        return bytes + Digest128(of: bytes).bytes
    }

    private func rewriteManifest(format: UInt8, parts isWritten: (Int) -> Bool = { _ in true }) throws {
        let parts = ManifestParts.split(Self.manifest(try newest.encoded().bytes, format: format), into: 512)
        #expect(parts.count > 2)
        for (index, part) in parts.enumerated() where isWritten(index) {
            try rewrite(.manifest(newest.id, part: UInt16(index))) { _ in part }
        }
    }

    // MARK: - What is said

    /// Whoever would take the lane is refused by name, and shuts nobody out; who reads it for another lane is, too.
    private func expectRefusal(_ name: String) async throws {
        let before = topic.records.count
        for taking in [true, false] {
            let failure = await #expect(throws: LogFailure.self) {
                let other = Self.writer(topic)
                if taking { _ = try await other.take() } else { _ = try await other.newest() }
            }
            #expect(failure?.kind == .permanent && failure?.reason.contains(name) == true, "\(failure?.reason ?? "")")
        }
        let failure = await #expect(throws: LogFailure.self) { _ = try await reader.sight(of: 0) }
        #expect(failure?.kind == .permanent && failure?.reason.contains(name) == true)
        #expect(topic.records.count == before)
        _ = try await writer.write(LaneSample.cut(next: 30, [0: 3]))
    }

    private var reader: LaneReader { LaneReader(log: MemoryLog(topic)) }

    /// Readers serve on what they can read, and know what they cannot.
    private func expectServed(_ version: UInt64?, besides name: String) async throws {
        let reader = reader
        #expect(try await reader.newestCleared(wait: .zero)?.manifest.body.version == version)
        #expect(await reader.unservedRecord?.description.contains(name) == true)
    }

    @Test(arguments: [(9, "newer"), (0, "older")] as [(UInt8, String)])
    func aManifestInPartsIsRefusedByName(format: UInt8, age: String) async throws {
        try rewriteManifest(format: format)
        let name = "version \(newest.body.version) has format \(format), \(age) than this build reads (1)"
        try await expectServed(cleared.body.version, besides: name)
        try await expectRefusal(name)
    }

    @Test func aManifestOfWhichPartsAreMissingIsNoVersionOfAnyFormat() async throws {
        try rewriteManifest(format: 9)
        for record in topic.records where record.key == RecordKey.manifest(newest.id, part: 1).bytes {
            topic.damage(at: record.offset) { _ in nil }
        }
        #expect(try await Self.writer(topic).take()?.manifest == cleared)
    }

    @Test(arguments: [(9, "newer"), (0, "older")] as [(UInt8, String)])
    func aPageThatAVersionNeedsIsRefusedByName(format: UInt8, age: String) async throws {
        try rewrite(.page(PageID(index: 5, id: newest.id))) { Self.page($0, format: format) }
        let name = "page 5 of version \(newest.body.version) has format \(format), \(age) than this build reads (1)"
        try await expectServed(cleared.body.version, besides: name)
        try await expectRefusal(name)
    }

    @Test func aPageThatNoVersionNeedsIsGarbageInEveryFormat() async throws {
        let id = VersionID(version: 90, writer: WriterID(bits: 7))
        let record = PageRecord(lane: 0, index: 5, version: 90, fingerprint: LaneSample.fingerprint, slots: [1, 2, 3, 4])
        let log = MemoryLog(topic)
        try log.fence()
        _ = try log.append([LogEntry(.page(PageID(index: 5, id: id)), Self.page(record.encoded(), format: 9))])
        try log.commit([])
        #expect(try await Self.writer(topic).take()?.manifest == newest)
    }

    @Test func anOwnerRecordIsRefusedByName() async throws {
        var record = OwnerRecord(epoch: 1, writer: writer.writer, host: "h", build: "9", time: 1)
        record.format = 3
        let bytes = try record.encoded()
        try rewrite(.owner(epoch: 1, writer: writer.writer)) { _ in bytes }
        try await expectRefusal("the owner record of epoch 1 has format 3, newer than this build reads (2)")
    }

    @Test func anOwnerWhoCameAfterAllVersionsIsRefusedByName() async throws {
        var record = OwnerRecord(epoch: 2, writer: WriterID(bits: 7), host: "h", build: "9", time: 1)
        record.format = 3
        let log = MemoryLog(topic)
        try log.fence()
        _ = try log.append([LogEntry(.owner(epoch: 2, writer: record.writer), try record.encoded())])
        try log.commit([])
        let failure = await #expect(throws: LogFailure.self) { _ = try await Self.writer(topic).take() }
        #expect(failure?.reason.contains("the owner record of epoch 2 has format 3") == true)
    }

    @Test func aClearanceIsRefusedByName() async throws {
        try rewrite(.cleared(cleared.id)) { _ in Array(#"{"format":2,"until":5}"#.utf8) }
        let name = "the clearance of version \(cleared.body.version) has format 2, newer than this build reads (1)"
        try await expectServed(nil, besides: name)
        try await expectRefusal(name)
    }

    @Test func whatATombstoneTookIsNoHindrance() async throws {
        try rewriteManifest(format: 9)
        var view = LaneView(fingerprint: nil, keepsSlots: false)
        for record in topic.records { view.apply(record) }
        #expect(view.foreignRecord(past: view.newest)?.format == 9)
        view.apply(LogRecord(offset: 900, key: RecordKey.manifest(newest.id, part: 0).bytes, value: nil))
        #expect(view.foreignRecord(past: view.newest) == nil)
    }

    /// A newer build may spell all but the format and the digest otherwise.
    @Test func anOwnerRecordOfOtherMembersIsToldByItsFormat() throws {
        let blank = String(repeating: "0", count: 32)
        let text = #"{"digest":"\#(blank)","era":1,"format":3}"#
        let whole = text.replacing(blank, with: Digest128(of: Array(text.utf8)).description)
        #expect(throws: CodecError.newerFormat(3)) { try OwnerRecord(decoding: Array(whole.utf8)) }
        #expect(throws: CodecError.digestMismatch) { try OwnerRecord(decoding: Array(whole.replacing("era", with: "ear").utf8)) }
    }

    @Test(arguments: [(7, CodecError.newerFormat(7)), (0, .olderFormat(0))] as [(UInt8, CodecError)])
    func aFileSaysItsFormatAndThatOfItsManifest(format: UInt8, error: CodecError) async throws {
        let version = try #require(try await writer.restore(version: newest.body.version))
        let file = try VersionFile(version).encoded()
        #expect(throws: error) { try VersionFile(decoding: Self.manifest(file, format: format)) }
        let manifest = try newest.encoded().bytes
        var bytes = Array(file.dropLast(16))
        bytes.replaceSubrange(24..<24 + manifest.count, with: Self.manifest(manifest, format: format))
        #expect(throws: error) { try VersionFile(decoding: bytes + Digest128(of: bytes).bytes) }
    }
}

extension Digest128 {
    /// As a record has it.
    fileprivate var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(self)
        return writer.bytes
    }
}
