public import Learning

/// One line of a version's page table: which copy of the page belongs to it.
public struct PageReference: Equatable, Sendable {
    public var index: UInt32
    public var id: VersionID
    /// Over index and slots; what decides whether a record is this page.
    public var digest: Digest128
    /// Where the record was when the manifest was written: a hint for reading.
    public var offset: Int64

    public init(index: UInt32, id: VersionID, digest: Digest128, offset: Int64) {
        self.index = index
        self.id = id
        self.digest = digest
        self.offset = offset
    }

    public var page: PageID { PageID(index: index, id: id) }
}

/// The record that defines a version: an immutable, complete cut of one lane.
public struct Manifest: Equatable, Sendable {
    public struct Body: Codable, Equatable, Sendable {
        public var model: String
        public var lane: UInt16
        /// How many lanes the model had; nil of a version that an older build wrote.
        public var lanes: UInt16?
        public var version: UInt64
        public var epoch: UInt64
        public var writer: WriterID
        public var parent: Parent?
        /// Of `specification`: what a slot means. Versions of another fingerprint are another model.
        public var fingerprint: Digest128
        /// The model's configuration as JSON text, whole, so that a publisher needs none of its own.
        public var specification: String
        public var pageCount: Int
        public var restoreFrom: Int64
        /// Who owned the epochs of everything referred to.
        public var owners: [Owner]
        /// Every retained version but this one, oldest first.
        public var ladder: [Rung]
        public var pinned: Bool
        public var state: LaneState
        public var modelDigest: Digest128
        public var createdAt: Int64
        public var host: String
        public var build: String
        /// Set on a version made by a rollback: the version whose slots it has.
        public var restores: UInt64?
        /// Set on a version that came from a file.
        public var imported: Origin?
    }

    /// The version a file held.
    public struct Origin: Codable, Equatable, Sendable {
        public var model: String
        public var lane: UInt16
        public var version: UInt64
        /// When it was written (ms since 1970), by its writer's clock.
        public var createdAt: Int64

        public init(_ body: Body) {
            model = body.model
            lane = body.lane
            version = body.version
            createdAt = body.createdAt
        }
    }

    public struct Parent: Codable, Equatable, Sendable {
        public var version: UInt64
        public var digest: Digest128
    }

    public struct Owner: Codable, Equatable, Sendable {
        public var epoch: UInt64
        public var writer: WriterID
        public var offset: Int64
    }

    public var body: Body
    /// Ascending by index; pages never touched are absent and hold the initial state.
    public var pages: [PageReference]

    public init(body: Body, pages: [PageReference]) {
        self.body = body
        self.pages = pages
    }

    public var id: VersionID { VersionID(version: body.version, writer: body.writer) }
}

// MARK: - Bytes

/// A manifest's bytes, before they are cut into parts:
///
///     offset  bytes
///          0      4  magic "FRMF"
///          4      2  format, 1
///          6      2  0
///          8      4  length of the body (JSON)
///         12      4  number of page references
///         16      …  body
///          …     48  each page reference: index 4, zero 4, version 8, writer 8, digest 16, offset 8
///        end     16  xxh3-128 of all before it: the manifest's digest
///
/// Every format begins with the first six bytes and ends in the digest, so that a newer one can be told from a damaged one.
extension Manifest {
    static let magic: UInt32 = 0x464D_5246
    static let format: UInt16 = 1
    /// Larger than any manifest of 2^28 slots.
    public static let maximumBytes = 64 << 20

    public func encoded() throws -> (bytes: [UInt8], digest: Digest128) {
        let json = try RecordJSON.encode(body)
        var writer = ByteWriter()
        writer.append(Self.magic)
        writer.append(Self.format)
        writer.append(UInt16(0))
        writer.append(UInt32(json.count))
        writer.append(UInt32(pages.count))
        writer.append(json)
        for page in pages {
            writer.append(page.index)
            writer.append(UInt32(0))
            writer.append(page.id.version)
            writer.append(page.id.writer.bits)
            writer.append(page.digest)
            writer.append(page.offset)
        }
        let digest = Digest128(of: writer.bytes)
        writer.append(digest)
        return (writer.bytes, digest)
    }

    /// The manifest and its digest, or why the bytes are none.
    public static func decode(_ bytes: [UInt8]) throws(CodecError) -> (manifest: Manifest, digest: Digest128) {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt32.self) == magic else { throw .notThisKind }
        let format = try reader.read(UInt16.self)
        let isWhole = Digest128.endsWithDigest(bytes)
        guard format == Self.format else { throw isWhole ? .foreign(format, newest: Self.format) : .digestMismatch }
        _ = try reader.read(UInt16.self)
        let bodyLength = Int(try reader.read(UInt32.self))
        let pageCount = Int(try reader.read(UInt32.self))
        guard reader.remaining == bodyLength + pageCount * 48 + 16 else {
            throw .inconsistent("its lengths do not add up to its \(bytes.count) bytes")
        }
        guard isWhole else { throw .digestMismatch }
        let json = try reader.read(count: bodyLength)
        var pages: [PageReference] = []
        pages.reserveCapacity(pageCount)
        for _ in 0..<pageCount { pages.append(try decodeReference(&reader)) }
        let digest = try reader.readDigest()
        let body = try RecordJSON.decode(Body.self, from: json)
        try body.state.check()
        return (Manifest(body: body, pages: pages), digest)
    }

    private static func decodeReference(_ reader: inout ByteReader) throws(CodecError) -> PageReference {
        let index = try reader.read(UInt32.self)
        _ = try reader.read(UInt32.self)
        let version = try reader.read(UInt64.self)
        let writer = WriterID(bits: try reader.read(UInt64.self))
        let digest = try reader.readDigest()
        return PageReference(index: index, id: VersionID(version: version, writer: writer), digest: digest, offset: try reader.read())
    }
}
