/// Decoded events in the order they arrived, stored column by column.
///
/// Row `i` has the features `starts[i] ..< starts[i + 1]` of `slots`, `values` and `fields` (compressed sparse rows). A batch is
/// filled by a decoder, then read by the inspector and the learner; nothing is allocated per event once the columns have grown.
public struct ExampleBatch: Sendable {
    /// `count + 1` positions into the feature columns; `starts[0]` is 0.
    public private(set) var starts: [Int] = [0]
    /// The slot each feature was hashed to, below `2^bits`.
    public private(set) var slots: [UInt32] = []
    /// The value of each feature: 1 for a category, the (transformed) number for a number. Always finite.
    public private(set) var values: [Float] = []
    /// Which field each feature came from: an index into `fieldNames`.
    public private(set) var fields: [UInt16] = []
    /// One label per row: 0 or 1 for `binary`, any finite number for `regression`.
    public private(set) var labels: [Float] = []
    /// One importance weight per row, finite and above 0.
    public private(set) var weights: [Float] = []
    /// One event time per row, in milliseconds since 1970.
    public private(set) var times: [Int64] = []
    /// The field paths seen so far by the decoder that filled the batch; only ever appended to.
    public var fieldNames: [String] = []

    public init() {}

    public var count: Int { labels.count }

    public func features(of row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

    public mutating func appendFeature(slot: UInt32, value: Float, field: UInt16) {
        slots.append(slot)
        values.append(value)
        fields.append(field)
    }

    /// Closes the row whose features were appended since the last call.
    public mutating func appendRow(label: Float, weight: Float, time: Int64) {
        labels.append(label)
        weights.append(weight)
        times.append(time)
        starts.append(slots.count)
    }

    /// Forgets the features appended since the last `appendRow`: their event turned out to be no example.
    public mutating func discardOpenRow() {
        let end = starts[count]
        slots.removeSubrange(end...)
        values.removeSubrange(end...)
        fields.removeSubrange(end...)
    }

    public mutating func removeAll() {
        starts.removeSubrange(1...)
        slots.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        labels.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
    }
}
