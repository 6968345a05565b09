public import Learning

/// The value of a `page/…` record.
///
///     offset  bytes
///          0      4  magic "FRPG"
///          4      2  format, 1
///          6      2  lane
///          8      4  page index
///         12      4  length of the slots, in bytes
///         16      8  version
///         24     16  fingerprint of the model (high, low)
///         40     16  digest of index and slots (high, low)
///         56      …  slots, little-endian Floats
///        end      8  xxh3-64-sized checksum of all before it (the low half of xxh3-128)
///
/// The digest is over index and slots alone, so that a rewritten copy of the same content has the same digest.
public struct PageRecord: Equatable, Sendable {
    public static let magic: UInt32 = 0x4750_5246
    public static let format: UInt16 = 1
    /// A page is at most this large, whatever a record claims.
    public static let maximumBytes = 1 << 20

    public var lane: UInt16
    public var index: UInt32
    public var version: UInt64
    public var fingerprint: Digest128
    public var slots: [UInt8]
    public let digest: Digest128

    public init(lane: UInt16, index: UInt32, version: UInt64, fingerprint: Digest128, slots: [UInt8]) {
        self.lane = lane
        self.index = index
        self.version = version
        self.fingerprint = fingerprint
        self.slots = slots
        self.digest = Self.digest(index: index, slots: slots)
    }

    /// The digest of a page's content, whoever wrote it and when.
    public static func digest(index: UInt32, slots: [UInt8]) -> Digest128 {
        var writer = ByteWriter()
        writer.append(index)
        writer.append(slots)
        return Digest128(of: writer.bytes)
    }

    public func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(Self.magic)
        writer.append(Self.format)
        writer.append(lane)
        writer.append(index)
        writer.append(UInt32(slots.count))
        writer.append(version)
        writer.append(fingerprint)
        writer.append(digest)
        writer.append(slots)
        writer.append(Digest128(of: writer.bytes).low)
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt32.self) == Self.magic else { throw .notThisKind }
        let format = try reader.read(UInt16.self)
        // Every format ends in the checksum, so that a newer one can be told from a damaged one.
        let isWhole = Self.endsWithChecksum(bytes)
        guard format == Self.format else { throw isWhole ? .foreign(format, newest: Self.format) : .digestMismatch }
        lane = try reader.read()
        index = try reader.read()
        let length = Int(try reader.read(UInt32.self))
        guard length <= Self.maximumBytes else { throw .inconsistent("a page of \(length) bytes") }
        version = try reader.read()
        fingerprint = try reader.readDigest()
        digest = try reader.readDigest()
        slots = try reader.read(count: length)
        _ = try reader.read(UInt64.self)
        guard reader.remaining == 0 else { throw .inconsistent("\(reader.remaining) bytes after its end") }
        guard isWhole, digest == Self.digest(index: index, slots: slots) else { throw .digestMismatch }
    }

    private static func endsWithChecksum(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 8 else { return false }
        var reader = ByteReader(Array(bytes.suffix(8)))
        let checksum = try? reader.read(UInt64.self)
        return unsafe bytes.withUnsafeBytes { bytes in
            unsafe Digest128(of: UnsafeRawBufferPointer(rebasing: bytes.dropLast(8))).low == checksum
        }
    }
}

extension ByteWriter {
    mutating func append(_ digest: Digest128) {
        append(digest.high)
        append(digest.low)
    }
}

extension ByteReader {
    mutating func readDigest() throws(CodecError) -> Digest128 {
        let high = try read(UInt64.self)
        return Digest128(high: high, low: try read(UInt64.self))
    }
}
