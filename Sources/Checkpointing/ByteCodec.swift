/// Appends little-endian integers and bytes.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append<Integer: FixedWidthInteger>(_ value: Integer) {
        var rest = value
        for _ in 0..<Integer.bitWidth / 8 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }
}

/// Reads little-endian integers and bytes; every read is checked against what is left, so a length read from a record can never make
/// us allocate more than the record itself holds.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    mutating func read<Integer: FixedWidthInteger>(_: Integer.Type = Integer.self) throws(CodecError) -> Integer {
        let width = Integer.bitWidth / 8
        guard remaining >= width else { throw .truncated(at: position) }
        var value: Integer = 0
        for index in stride(from: width - 1, through: 0, by: -1) {
            value = value << 8 | Integer(truncatingIfNeeded: bytes[position + index])
        }
        position += width
        return value
    }

    mutating func read(count: Int) throws(CodecError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw .truncated(at: position) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }
}

/// Why the bytes of a record are not what its key says.
public enum CodecError: Error, Equatable, Sendable {
    case truncated(at: Int)
    case notThisKind
    /// Written by a newer Freshet: the reader keeps what it has and says so.
    case newerFormat(UInt16)
    /// Written by an older Freshet, in a format that is not read any more.
    case olderFormat(UInt16)
    case digestMismatch
    case inconsistent(String)
}

extension CodecError {
    /// Why a whole record of another format than the newest one known is not read.
    static func foreign(_ format: UInt16, newest: UInt16) -> CodecError {
        format > newest ? .newerFormat(format) : .olderFormat(format)
    }

    /// The format of a record that is whole and not read for it.
    var foreignFormat: UInt16? {
        switch self {
        case .newerFormat(let format), .olderFormat(let format): format
        case .truncated, .notThisKind, .digestMismatch, .inconsistent: nil
        }
    }
}

extension CodecError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let position): "the record ends early, at byte \(position)"
        case .notThisKind: "the record does not begin with the mark of its kind"
        case .newerFormat(let format): "the record has format \(format), newer than this build reads: run a newer build"
        case .olderFormat(let format): "the record has format \(format), older than this build reads: run the build that wrote it"
        case .digestMismatch: "the record's digest does not match its bytes: it was damaged"
        case .inconsistent(let what): "the record contradicts itself: \(what)"
        }
    }
}
