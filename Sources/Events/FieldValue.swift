import Learning

/// The value of a field that comes typed, such as an element of a tensor of the Open Inference Protocol.
public enum FieldValue: Hashable, Sendable {
    /// As a JSON number.
    case number(Double)
    /// As a JSON string.
    case text(String)
    /// As `true` or `false`.
    case boolean(Bool)
}

extension FeatureBuilder {
    mutating func add(_ value: FieldValue, at path: String, into batch: inout ExampleBatch) throws(Rejection) {
        guard let pointer = try? JSONPointer(path: path) else {
            throw Rejection(reason: .fieldMistyped, detail: "\(Excerpt.path(path)): no path of a field")
        }
        let place = paths.place(of: pointer)
        if paths.isPart(place) { return }
        let declaration = paths.declaration(of: place)
        switch value {
        case .number(let number): try add(.number(number), at: place, declaration, into: &batch)
        case .boolean(let truth): try add(.boolean(truth), at: place, declaration, into: &batch)
        case .text(let text): try add(text: text, at: place, declaration, into: &batch)
        }
    }

    private mutating func add(
        text: String, at place: Place, _ declaration: Int32, into batch: inout ExampleBatch
    ) throws(Rejection) {
        var text = text
        let result = text.withUTF8 { bytes in
            Result { () throws(Rejection) in
                try unsafe add(.text(UnsafeRawBufferPointer(bytes)), at: place, declaration, into: &batch)
            }
        }
        try result.get()
    }
}
