import Learning
import TestSupport
import Testing

@testable import Checkpointing

@Suite struct VersionFileTests {
    /// A version of a lane, as a reader has it.
    private static func version() async throws -> RestoredVersion {
        let writer = LaneWriter(log: MemoryLog(MemoryTopic()), identity: LaneSample.identity(), now: { 1 })
        _ = try await writer.take()
        _ = try await writer.write(LaneSample.cut(next: 10, [0: 1, 1: 1]))
        let manifest = try await writer.write(LaneSample.cut(next: 20, [1: 2, 5: 2]))
        try await writer.clear(manifest.body.version)
        return try #require(try await writer.restore(version: manifest.body.version))
    }

    @Test func aVersionReadsBackAsItself() async throws {
        let version = try await Self.version()
        let file = try VersionFile(decoding: VersionFile(version).encoded())
        #expect(file == VersionFile(version))
        #expect(file.cleared && file.slots.mapValues { $0[0] } == [0: 1, 1: 2, 5: 2])
        // The same version has the same bytes, whoever writes the file.
        #expect(try file.encoded() == VersionFile(version).encoded())
    }

    @Test func everyTruncationAndBitFlipIsDetected() async throws {
        let bytes = try VersionFile(try await Self.version()).encoded()
        var damaged = bytes
        for bit in 0..<bytes.count * 8 {
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CodecError.self, "bit \(bit)") { try VersionFile(decoding: damaged) }
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        for length in 0..<bytes.count {
            #expect(throws: CodecError.self, "length \(length)") { try VersionFile(decoding: Array(bytes.prefix(length))) }
        }
        #expect(throws: CodecError.self) { try VersionFile(decoding: bytes + [0]) }
    }

    /// Whoever can write a digest can still not make lengths that are believed.
    @Test(arguments: [(16, UInt32.max), (16, 0), (20, UInt32.max), (20, 0), (20, 4)])
    func lengthsThatLieAreRefusedEvenUnderARightDigest(offset: Int, value: UInt32) async throws {
        var bytes = Array(try VersionFile(try await Self.version()).encoded().dropLast(16))
        for byte in 0..<4 { bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
        var writer = ByteWriter()
        writer.append(bytes)
        writer.append(Digest128(of: bytes))
        #expect(throws: CodecError.self) { try VersionFile(decoding: writer.bytes) }
    }

    @Test func aNewerFormatIsRefusedByNumberAndADamagedOneAsDamage() async throws {
        var bytes = Array(try VersionFile(try await Self.version()).encoded().dropLast(16))
        bytes[4] = 7
        var writer = ByteWriter()
        writer.append(bytes)
        #expect(throws: CodecError.digestMismatch) { try VersionFile(decoding: writer.bytes + [UInt8](repeating: 0, count: 16)) }
        writer.append(Digest128(of: bytes))
        #expect(throws: CodecError.newerFormat(7)) { try VersionFile(decoding: writer.bytes) }
    }

    @Test func anythingElseIsNoVersionFile() {
        #expect(throws: CodecError.notThisKind) { try VersionFile(decoding: Array("model: flowers\n".utf8)) }
        #expect(throws: CodecError.truncated(at: 0)) { try VersionFile(decoding: []) }
    }
}
