/// Takes a message of the Kafka protocol apart: integers big-endian, texts and bytes behind their length (kafka.apache.org/protocol).
struct WireReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func int8() -> Int8 { Int8(bitPattern: take(1).first ?? 0) }
    mutating func int16() -> Int16 { take(2).reduce(0) { $0 << 8 | Int16($1) } }
    mutating func int32() -> Int32 { take(4).reduce(0) { $0 << 8 | Int32($1) } }
    mutating func int64() -> Int64 { take(8).reduce(0) { $0 << 8 | Int64($1) } }
    /// Null reads as empty.
    mutating func string() -> String { String(decoding: take(max(0, Int(int16()))), as: UTF8.self) }
    mutating func bytes() -> ArraySlice<UInt8> { take(max(0, Int(int32()))) }

    /// Reads a list: its length, then each element.
    mutating func list<Element>(_ element: (inout WireReader) -> Element) -> [Element] {
        (0..<max(0, int32())).map { _ in element(&self) }
    }
}

/// Puts one together.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func append(_ text: String) {
        append(Int16(text.utf8.count))
        bytes += text.utf8
    }

    mutating func append(contentsOf more: some Sequence<UInt8>) { bytes += more }

    /// A request's header of version 1.
    static func request(_ api: KafkaAPI, version: Int16) -> WireWriter {
        var writer = WireWriter()
        writer.append(api.rawValue)
        writer.append(version)
        writer.append(Int32(1))
        writer.append("test")
        return writer
    }
}

/// The requests that tests speak of, by their numbers in the protocol.
public enum KafkaAPI: Int16, Sendable, CaseIterable {
    case produce = 0, fetch, listOffsets, metadata
    case offsetCommit = 8, offsetFetch, findCoordinator, joinGroup, heartbeat, leaveGroup, syncGroup, describeGroups
    case initProducerId = 22
    case addPartitionsToTxn = 24, addOffsetsToTxn, endTxn
    case txnOffsetCommit = 28
}
