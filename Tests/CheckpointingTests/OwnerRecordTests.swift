import Learning
import TestSupport
import Testing

@testable import Checkpointing

@Suite struct OwnerRecordTests {
    static let record = OwnerRecord(epoch: 12, writer: WriterID(bits: 0xab), host: "node-3/ü", build: "0.1.0", time: 1_795_471_344_995)

    private func expectDamage(_ bytes: [UInt8], _ comment: Comment) {
        #expect(throws: CodecError.self, comment) { try OwnerRecord(decoding: bytes) }
    }

    @Test func aRecordReadsBackAsItselfWithItsDigest() throws {
        let decoded = try OwnerRecord(decoding: Self.record.encoded())
        #expect(decoded.epoch == 12 && decoded.writer == Self.record.writer && decoded.host == Self.record.host)
        #expect(decoded.build == "0.1.0" && decoded.time == Self.record.time && decoded.format == 2 && decoded.digest != nil)
        #expect(try decoded.encoded() == Self.record.encoded())
    }

    @Test func everyBitFlipIsDetected() throws {
        let bytes = try Self.record.encoded()
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            expectDamage(damaged, "bit \(bit)")
        }
    }

    @Test func everyTruncationIsDetected() throws {
        let bytes = try Self.record.encoded()
        for length in 0..<bytes.count { expectDamage(Array(bytes.prefix(length)), "length \(length)") }
        expectDamage(bytes + [32], "a space behind it")
    }

    @Test func aRecordOfTheFirstFormatHasNoDigestAndIsRead() throws {
        let old = #"{"build":"0.1.0","epoch":1,"format":1,"host":"node-3","time":5,"writer":"00000000000000ab"}"#
        let record = try OwnerRecord(decoding: Array(old.utf8))
        #expect(record.epoch == 1 && record.writer == WriterID(bits: 0xab) && record.digest == nil)
        let missing = old.replacing(#""format":1"#, with: #""format":2"#)
        #expect(throws: CodecError.self) { try OwnerRecord(decoding: Array(missing.utf8)) }
    }

    @Test func aNewerFormatIsToldByItsNumberAndADamagedOneAsDamage() throws {
        var newer = Self.record
        newer.format = 3
        #expect(throws: CodecError.newerFormat(3)) { try OwnerRecord(decoding: newer.encoded()) }
        var damaged = try newer.encoded()
        damaged[10] ^= 1
        #expect(throws: CodecError.digestMismatch) { try OwnerRecord(decoding: damaged) }
    }

    @Test func membersOfANewerBuildAreCovered() throws {
        let blank = String(repeating: "0", count: 32)
        let text =
            #"{"build":"9","digest":"\#(blank)","epoch":1,"format":2,"host":"h","rack":"r7","time":5,"writer":"00000000000000ab"}"#
        let whole = text.replacing(blank, with: Digest128(of: Array(text.utf8)).description)
        #expect(try OwnerRecord(decoding: Array(whole.utf8)).epoch == 1)
        #expect(throws: CodecError.digestMismatch) { try OwnerRecord(decoding: Array(whole.replacing("r7", with: "r8").utf8)) }
    }

    /// As any damaged record: told, and nobody's; the epoch in its key is never given out again.
    @Test func aDamagedRecordMakesNobodyAnOwner() throws {
        var view = LaneView(fingerprint: Sample.fingerprint, keepsSlots: true)
        let key = RecordKey.owner(epoch: 12, writer: Self.record.writer)
        var bytes = try Self.record.encoded()
        bytes[bytes.count / 2] ^= 4
        view.apply(LogRecord(offset: 3, key: key.bytes, value: bytes))
        #expect(view.owner(of: 12) == nil && view.highestEpoch == 12)
        #expect(view.damaged.map(\.key) == ["owner@12.00000000000000ab"])
        view.apply(LogRecord(offset: 4, key: key.bytes, value: try Self.record.encoded()))
        #expect(view.owner(of: 12) == Self.record.writer)
    }
}
