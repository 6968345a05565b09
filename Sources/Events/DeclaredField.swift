/// What the values at a path must be.
public enum FieldType: String, Codable, Sendable, CaseIterable {
    /// A JSON number; one feature whose value is the (transformed) number.
    case number
    /// A JSON string; one feature of value 1 for each distinct string.
    case category
    /// `true` or `false`; a category of two values.
    case boolean
    /// A JSON string that is cut into words; one feature of value 1 for each word.
    case text
}

/// A promise about one field. An event that breaks it is rejected whole.
///
/// At an array the promise is about every element.
public struct DeclaredField: Codable, Hashable, Sendable {
    public var type: FieldType
    /// Inclusive bounds of a number, before it is transformed.
    public var range: ClosedRange<Double>?
    /// Whether an event without the field, or with `null` there, is rejected.
    public var required: Bool

    public init(type: FieldType, range: ClosedRange<Double>? = nil, required: Bool = false) {
        self.type = type
        self.range = range
        self.required = required
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(FieldType.self, forKey: .type)
        range = try container.decodeIfPresent(ClosedRange<Double>.self, forKey: .range)
        required = try container.decodeIfPresent(Bool.self, forKey: .required) ?? false
    }
}

/// What becomes of fields that are not declared.
public enum UndeclaredFields: String, Codable, Sendable, CaseIterable {
    /// They are features: numbers as numbers, strings as categories.
    case learn
    /// They are passed over.
    case ignore
}

/// How a number becomes a feature's value.
public enum NumberTransform: String, Codable, Sendable, CaseIterable {
    /// As it is.
    case raw
    /// sign(v) · ln(1 + |v|): keeps the order, tames the tails, and a price of 10,000 does not drown an age of 30.
    case log
}

/// How much one event may be. What goes beyond is rejected as `too-large` before it costs memory.
public struct EventLimits: Codable, Hashable, Sendable {
    /// Bytes of one record, 1 to 64 MiB.
    public var documentBytes: Int
    /// Nested objects and arrays, the document itself included, 1 to 256.
    public var depth: Int
    /// Features of one example, 1 to 1,000,000.
    public var features: Int

    public init(documentBytes: Int = 1 << 20, depth: Int = 32, features: Int = 10_000) {
        self.documentBytes = documentBytes
        self.depth = depth
        self.features = features
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let defaults = EventLimits()
        documentBytes = try container.decodeIfPresent(Int.self, forKey: .documentBytes) ?? defaults.documentBytes
        depth = try container.decodeIfPresent(Int.self, forKey: .depth) ?? defaults.depth
        features = try container.decodeIfPresent(Int.self, forKey: .features) ?? defaults.features
    }
}
