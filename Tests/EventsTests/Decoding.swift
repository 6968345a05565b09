import Events
import Learning

/// A decoder with the batch it fills.
final class Decoding {
    let decoder: EventDecoder
    var batch = ExampleBatch()

    init(_ schema: EventSchema, task: PredictionTask = .binary, bits: Int = 20, fieldNames: [String] = []) {
        decoder = EventDecoder(schema: schema, task: task, bits: bits, fieldNames: fieldNames)
    }

    func decode(_ text: String, _ purpose: EventDecoder.Purpose = .learning, fallbackTime: Int64 = 77) -> Rejection? {
        decode(bytes: Array(text.utf8), purpose, fallbackTime: fallbackTime)
    }

    func decode(bytes: [UInt8], _ purpose: EventDecoder.Purpose = .learning, fallbackTime: Int64 = 77) -> Rejection? {
        unsafe bytes.withUnsafeBytes { unsafe decoder.decode($0, purpose: purpose, fallbackTime: fallbackTime, into: &batch) }
    }

    /// The features of the last row: field path, slot and value.
    var lastFeatures: [Feature] {
        batch.features(of: batch.count - 1).map { index in
            Feature(field: batch.fieldNames[Int(batch.fields[index])], slot: batch.slots[index], value: batch.values[index])
        }
    }

    /// The features of an event whose `features` object is given, or why there are none.
    func features(_ object: String) -> Result<[Feature], Rejection> {
        if let rejection = decode(#"{"label": 1, "features": \#(object)}"#) { return .failure(rejection) }
        return .success(lastFeatures)
    }
}

struct Feature: Hashable {
    let field: String
    let slot: UInt32
    let value: Float
}

extension ExampleBatch {
    /// Everything a batch holds, to compare two of them by.
    var contents: [AnyHashable] {
        [starts, slots, values.map(\.bitPattern), fields, labels.map(\.bitPattern), weights.map(\.bitPattern), times, fieldNames]
    }

    /// Whether every column agrees with every other one, slots are below 2^bits and numbers finite.
    func isConsistent(bits: Int, namesMax: Int = 4_096) -> Bool {
        starts.count == count + 1 && starts.first == 0 && starts.last == slots.count && starts == starts.sorted()
            && values.count == slots.count && fields.count == slots.count && weights.count == count && times.count == count
            && slots.allSatisfy { UInt64($0) < 1 << UInt64(bits) } && values.allSatisfy(\.isFinite)
            && fields.allSatisfy { Int($0) < fieldNames.count } && fieldNames.count <= namesMax
            && labels.allSatisfy(\.isFinite) && weights.allSatisfy { $0.isFinite && $0 > 0 }
    }
}
