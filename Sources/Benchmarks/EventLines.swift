/// The events of a stream as they are written, one after the other in one buffer.
///
/// Events without an `id` get their number as one: the detectors of repeated events need it.
public struct EventLines: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Whether the events have ids of their own, as the first one says.
    private var hasIDs = false

    public init() {}

    public var count: Int { ends.count }

    /// - Parameter line: one JSON object without a line's end.
    public mutating func append(_ line: [UInt8]) {
        if ends.isEmpty { hasIDs = JSONMembers(line[...])?["id"] != nil }
        if hasIDs || line.first != UInt8(ascii: "{") || line.count < 3 {
            bytes.append(contentsOf: line)
        } else {
            bytes.append(contentsOf: "{\"id\":\(ends.count),".utf8)
            bytes.append(contentsOf: line.dropFirst())
        }
        ends.append(bytes.count)
    }

    subscript(index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }
}
