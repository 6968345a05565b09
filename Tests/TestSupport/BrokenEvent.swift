public import Learning

extension LabelledEvent {
    /// What the models of the tests declare, so that every reason can occur: price is a number of 0 to 10,000 and required, an event has at
    /// most `bytesMax` bytes.
    public static let bytesMax = 4_096

    /// The event's bytes, spoilt so that it is rejected for this reason; nil for a record without a value.
    public func broken(for reason: RejectReason) -> [UInt8]? {
        var event = self
        switch reason {
        case .nullValue: return nil
        case .notJSON: return Array(json.utf8.dropLast(9))
        case .labelMissing: event.label = nil
        case .labelMistyped: event.label = "\"maybe\""
        case .timeInvalid: event.time = "\"yesterday\""
        case .weightInvalid: event.weight = "-1"
        case .numberNotFinite: event = replacing("quantity", by: "1e300")
        case .numberOutOfRange: event = replacing("price", by: "-5.5")
        case .requiredFieldMissing: event = replacing("price", by: nil)
        case .fieldMistyped: event = replacing("price", by: "\"free\"")
        case .tooLarge: event = replacing("note", by: "\"\(String(repeating: "x", count: Self.bytesMax))\"")
        case .nothingUsable: return Array("{\"id\":\"\(id)\",\"ts\":\(time),\"label\":1,\"features\":null}".utf8)
        }
        return Array(event.json.utf8)
    }
}
