import Learning
import Testing

@testable import Checkpointing

@Suite struct RecordKeyTests {
    static let writer = WriterID(bits: 0xab)
    static let keys: [RecordKey] = [
        .owner(epoch: 7, writer: writer),
        .page(PageID(index: 12, id: VersionID(version: 34, writer: writer))),
        .manifest(VersionID(version: 5, writer: writer), part: 0),
        .manifest(VersionID(version: 5, writer: writer), part: 3),
        .cleared(VersionID(version: 5, writer: writer)),
    ]

    @Test(arguments: keys) func everyKeyReadsBackAsItself(key: RecordKey) {
        #expect(RecordKey(key.bytes) == key)
    }

    @Test func keysHaveTheDocumentedSpelling() {
        #expect(
            Self.keys.map { String(decoding: $0.bytes, as: UTF8.self) } == [
                "owner@7.00000000000000ab", "page/12@34.00000000000000ab", "manifest@5.00000000000000ab", "manifest@5.00000000000000ab/3",
                "cleared@5.00000000000000ab",
            ])
    }

    @Test(arguments: [
        "", "page", "page/@", "page/01@2.00000000000000ab", "owner@1.ab", "manifest@1.00000000000000ab/0", "page/-1@2.00000000000000ab",
        "owner@99999999999999999999999.00000000000000ab", "x@1.00000000000000ab", "owner@18446744073709551615.00000000000000ab",
        "cleared@4611686018427387904.00000000000000ab", "manifest@1.00000000000000ab/65535", "manifest@1.00000000000000ab/128",
    ])
    func foreignKeysAreNobodys(text: String) {
        #expect(RecordKey(Array(text.utf8)) == nil)
    }
}

@Suite struct PageRecordTests {
    static let record = PageRecord(
        lane: 1, index: 2, version: 3, fingerprint: Digest128(high: 4, low: 5), slots: (0..<640).map { UInt8(truncatingIfNeeded: $0) })

    @Test func aRecordReadsBackAsItself() throws {
        #expect(try PageRecord(decoding: Self.record.encoded()) == Self.record)
    }

    @Test func everyBitFlipIsDetected() {
        let bytes = Self.record.encoded()
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CodecError.self, "bit \(bit)") { try PageRecord(decoding: damaged) }
        }
    }

    @Test func everyTruncationIsDetected() {
        let bytes = Self.record.encoded()
        for length in 0..<bytes.count {
            #expect(throws: CodecError.self, "length \(length)") { try PageRecord(decoding: Array(bytes.prefix(length))) }
        }
        #expect(throws: CodecError.self) { try PageRecord(decoding: bytes + [0]) }
    }

    @Test func theDigestDependsOnIndexAndSlotsAlone() {
        var other = Self.record
        other.version = 99
        other.lane = 7
        #expect(PageRecord(lane: 7, index: 2, version: 99, fingerprint: other.fingerprint, slots: other.slots).digest == Self.record.digest)
        #expect(PageRecord.digest(index: 3, slots: other.slots) != Self.record.digest)
    }

    @Test func aNewerFormatIsRefusedByNumberAndADamagedOneAsDamage() {
        var bytes = Array(Self.record.encoded().dropLast(8))
        bytes[4] = 9
        var writer = ByteWriter()
        writer.append(bytes)
        #expect(throws: CodecError.digestMismatch) { try PageRecord(decoding: writer.bytes + [UInt8](repeating: 0, count: 8)) }
        writer.append(Digest128(of: bytes).low)
        #expect(throws: CodecError.newerFormat(9)) { try PageRecord(decoding: writer.bytes) }
    }
}

@Suite struct ManifestTests {
    @Test func aManifestReadsBackAsItselfAndKeepsItsDigest() throws {
        let manifest = Sample.manifest(version: 3, pages: 40)
        let (bytes, digest) = try manifest.encoded()
        let decoded = try Manifest.decode(bytes)
        #expect(decoded.manifest == manifest)
        #expect(decoded.digest == digest)
    }

    @Test func everyBitFlipAndTruncationIsDetected() throws {
        let (bytes, _) = try Sample.manifest(version: 3, pages: 2).encoded()
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CodecError.self, "bit \(bit)") { try Manifest.decode(damaged) }
        }
        for length in 0..<bytes.count {
            #expect(throws: CodecError.self, "length \(length)") { try Manifest.decode(Array(bytes.prefix(length))) }
        }
    }

    @Test func aLargeManifestTravelsInPartsInAnyOrder() throws {
        let (bytes, _) = try Sample.manifest(version: 3, pages: 20_000).encoded()
        let parts = ManifestParts.split(bytes)
        #expect(parts.count == (bytes.count + ManifestParts.bytesPerPart - 1) / ManifestParts.bytesPerPart)
        #expect(parts.count > 1)
        var collector = PartCollector()
        let id = VersionID(version: 3, writer: Sample.writer)
        var whole: [UInt8]?
        for index in parts.indices.reversed() {
            #expect(whole == nil)
            whole = try collector.add(parts[index], of: id, part: UInt16(index))
        }
        #expect(whole == bytes)
    }
}

@Suite struct RetentionTests {
    private func rungs(_ times: [Int64]) -> [Rung] {
        times.enumerated().map { index, time in Sample.rung(version: UInt64(index + 1), createdAt: time) }
    }

    @Test func theLatestAndTheFirstOfEachHourAndDayAreKept() {
        let minutes = rungs((0..<600).map { Int64($0) * 60_000 })
        let kept = Retention(latest: 3, hourly: 4, daily: 1).keep(minutes, needed: []).map(\.version)
        #expect(kept == [1, 361, 421, 481, 541, 598, 599, 600])
    }

    @Test func pinnedNeededAndTheLastClearedStayForEver() {
        var all = rungs((0..<100).map { Int64($0) })
        all[4].pinned = true
        all[9].cleared = true
        all[11].cleared = true
        let kept = Retention(latest: 2, hourly: 0, daily: 0).keep(all, needed: [21]).map(\.version)
        #expect(kept == [5, 12, 21, 99, 100])
    }
}
