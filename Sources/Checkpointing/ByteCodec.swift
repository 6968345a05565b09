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
    case digestMismatch
    case inconsistent(String)
}

extension CodecError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let position): "the record ends early, at byte \(position)"
        case .notThisKind: "the record does not begin with the mark of its kind"
        case .newerFormat(let format): "the record has format \(format), newer than this build reads: run a newer build"
        case .digestMismatch: "the record's digest does not match its bytes: it was damaged"
        case .inconsistent(let what): "the record contradicts itself: \(what)"
        }
    }
}
