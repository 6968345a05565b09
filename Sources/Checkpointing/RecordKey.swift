/// The random name of one writer: a trainer that took a lane once.
public struct WriterID: Hashable, Sendable, Comparable {
    public let bits: UInt64

    public init(bits: UInt64) { self.bits = bits }

    public static func random() -> WriterID { WriterID(bits: .random(in: 1 ... .max)) }

    public static func < (left: WriterID, right: WriterID) -> Bool { left.bits < right.bits }
}

extension WriterID: LosslessStringConvertible, Codable {
    public var description: String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    public init?(_ text: String) {
        guard text.utf8.count == 16, let bits = UInt64(text, radix: 16) else { return nil }
        self.init(bits: bits)
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let writer = WriterID(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "'\(text)' names no writer"))
        }
        self = writer
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A version as one writer wrote it. Two writers may have written the same number; at most one of them owned its epoch.
public struct VersionID: Hashable, Sendable, Comparable {
    public var version: UInt64
    public var writer: WriterID

    public init(version: UInt64, writer: WriterID) {
        self.version = version
        self.writer = writer
    }

    public static func < (left: VersionID, right: VersionID) -> Bool {
        (left.version, left.writer) < (right.version, right.writer)
    }
}

/// One copy of a page.
public struct PageID: Hashable, Sendable {
    public var index: UInt32
    public var id: VersionID

    public init(index: UInt32, id: VersionID) {
        self.index = index
        self.id = id
    }
}

/// The keys of a checkpoint topic.
///
///     owner@<epoch>.<writer>              a trainer took the lane
///     page/<index>@<version>.<writer>     a page as of a version
///     manifest@<version>.<writer>         a version; further parts of a large one end in /<part>
///     cleared@<version>.<writer>          the stream past the version was judged clean
///
/// Numbers are decimal and below 2^62, the writer is 16 hexadecimal digits. Keys of other shapes belong to nobody and are passed over.
public enum RecordKey: Hashable, Sendable {
    case owner(epoch: UInt64, writer: WriterID)
    case page(PageID)
    case manifest(VersionID, part: UInt16)
    case cleared(VersionID)

    public var bytes: [UInt8] { Array(text.utf8) }

    private var text: String {
        switch self {
        case .owner(let epoch, let writer): "owner@\(epoch).\(writer)"
        case .page(let page): "page/\(page.index)@\(page.id.version).\(page.id.writer)"
        case .manifest(let id, part: 0): "manifest@\(id.version).\(id.writer)"
        case .manifest(let id, let part): "manifest@\(id.version).\(id.writer)/\(part)"
        case .cleared(let id): "cleared@\(id.version).\(id.writer)"
        }
    }

    /// The key of what a part is a part of.
    var whole: RecordKey {
        if case .manifest(let id, _) = self { .manifest(id, part: 0) } else { self }
    }

    /// nil of an owner's.
    var version: UInt64? {
        switch self {
        case .owner: nil
        case .page(let page): page.id.version
        case .manifest(let id, _), .cleared(let id): id.version
        }
    }

    /// Whoever writes a version a nanosecond gets here after 146 years.
    static let numbersEnd: UInt64 = 1 << 62

    /// The number after one that was seen; nil when there is none that a reader would take.
    static func number(after number: UInt64) -> UInt64? { number + 1 < numbersEnd ? number + 1 : nil }

    public init?(_ bytes: [UInt8]) {
        guard bytes.count <= 96 else { return nil }
        let halves = String(decoding: bytes, as: UTF8.self).split(separator: "@", omittingEmptySubsequences: false)
        guard halves.count == 2, let key = Self.parse(kind: halves[0], name: halves[1]) else { return nil }
        // One record, one spelling: "page/007@…" is not ours.
        guard key.bytes == bytes else { return nil }
        self = key
    }

    private static func parse(kind: Substring, name: Substring) -> RecordKey? {
        let pieces = name.split(separator: ".", omittingEmptySubsequences: false)
        guard pieces.count == 2, let number = UInt64(pieces[0]), number < numbersEnd else { return nil }
        let tail = pieces[1].split(separator: "/", omittingEmptySubsequences: false)
        guard let writer = tail.first.flatMap({ WriterID(String($0)) }) else { return nil }
        let id = VersionID(version: number, writer: writer)
        switch kind {
        case "owner" where tail.count == 1: return .owner(epoch: number, writer: writer)
        case "cleared" where tail.count == 1: return .cleared(id)
        case "manifest" where tail.count == 1: return .manifest(id, part: 0)
        case "manifest" where tail.count == 2:
            return UInt16(tail[1]).flatMap { $0 < ManifestParts.countMost ? .manifest(id, part: $0) : nil }
        case _ where tail.count == 1 && kind.hasPrefix("page/"):
            return UInt32(kind.dropFirst(5)).map { .page(PageID(index: $0, id: id)) }
        default: return nil
        }
    }
}
