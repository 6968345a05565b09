import Learning

/// A version as one file: what `export` writes and `import` reads.
///
///     offset  bytes
///          0      4  magic "FRVF"
///          4      2  format, 1
///          6      2  1 if the version was cleared, else 0
///          8      8  length of the file
///         16      4  length of the manifest
///         20      4  number of pages
///         24      …  manifest, as its record has it once its parts are joined
///          …      …  each page of the page table, in its order: length 4, slots
///        end     16  xxh3-128 of all before it
///
/// Three digests prove it: the file's, the manifest's, and each page's, which the manifest holds. Every format ends in the digest of all
/// before it, so that a newer one can be told from a damaged one.
public struct VersionFile: Equatable, Sendable {
    static let magic: UInt32 = 0x4656_5246
    static let format: UInt16 = 1
    private static let headerBytes = 24
    /// Larger than any version: 2^28 slots and the largest manifest.
    public static let maximumBytes = 3 << 30

    public var manifest: Manifest
    public var cleared: Bool
    /// Page index → slots; pages that are absent hold the initial state.
    public var slots: [Int: [UInt8]]

    public init(_ version: RestoredVersion) {
        manifest = version.manifest
        cleared = version.cleared
        slots = version.slots
    }

    // MARK: - Bytes

    public func encoded() throws -> [UInt8] {
        let manifestBytes = try manifest.encoded().bytes
        let pages = manifest.pages.map { slots[Int($0.index)] ?? [] }
        let length = Self.headerBytes + manifestBytes.count + pages.reduce(0) { $0 + 4 + $1.count } + 16
        var writer = ByteWriter()
        writer.append(Self.magic)
        writer.append(Self.format)
        writer.append(UInt16(cleared ? 1 : 0))
        writer.append(UInt64(length))
        writer.append(UInt32(manifestBytes.count))
        writer.append(UInt32(pages.count))
        writer.append(manifestBytes)
        for page in pages {
            writer.append(UInt32(page.count))
            writer.append(page)
        }
        writer.append(Digest128(of: writer.bytes))
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt32.self) == Self.magic else { throw .notThisKind }
        let format = try reader.read(UInt16.self)
        let isWhole = Digest128.endsWithDigest(bytes)
        guard format == Self.format else { throw isWhole ? .foreign(format, newest: Self.format) : .digestMismatch }
        let flags = try reader.read(UInt16.self)
        let length = try reader.read(UInt64.self)
        guard length == UInt64(bytes.count) else {
            throw length > UInt64(bytes.count) ? .truncated(at: bytes.count) : .inconsistent("\(bytes.count) bytes where it says \(length)")
        }
        guard isWhole else { throw .digestMismatch }
        guard flags <= 1 else { throw .inconsistent("unknown flags \(flags)") }
        cleared = flags == 1
        let manifestLength = Int(try reader.read(UInt32.self))
        let pageCount = Int(try reader.read(UInt32.self))
        guard manifestLength <= Manifest.maximumBytes else { throw .inconsistent("a manifest of \(manifestLength) bytes") }
        manifest = try Manifest.decode(try reader.read(count: manifestLength)).manifest
        guard pageCount == manifest.pages.count else {
            throw .inconsistent("\(pageCount) pages where its manifest has \(manifest.pages.count)")
        }
        slots = try Self.pages(of: manifest, &reader)
        guard reader.remaining == 16 else { throw .inconsistent("\(reader.remaining - 16) bytes after its pages") }
    }

    private static func pages(of manifest: Manifest, _ reader: inout ByteReader) throws(CodecError) -> [Int: [UInt8]] {
        var slots: [Int: [UInt8]] = [:]
        for reference in manifest.pages {
            let length = Int(try reader.read(UInt32.self))
            guard length <= PageRecord.maximumBytes else { throw .inconsistent("a page of \(length) bytes") }
            let bytes = try reader.read(count: length)
            guard PageRecord.digest(index: reference.index, slots: bytes) == reference.digest else { throw .digestMismatch }
            slots[Int(reference.index)] = bytes
        }
        return slots
    }
}

extension Digest128 {
    /// Whether the last 16 bytes are the digest of all before them.
    static func endsWithDigest(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 16 else { return false }
        var reader = ByteReader(Array(bytes.suffix(16)))
        let digest = try? reader.readDigest()
        return unsafe bytes.withUnsafeBytes { bytes in
            unsafe Digest128(of: UnsafeRawBufferPointer(rebasing: bytes.dropLast(16))) == digest
        }
    }
}
