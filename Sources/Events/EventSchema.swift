/// How the bytes of a record become an example: where its parts lie in the JSON document, and what its fields must be.
///
/// `label`, `time`, `id`, `weight` and `fields` are JSON Pointers (RFC 6901). Paths of fields are written below `fields` and without a
/// leading slash: `price`, `address/city`; a '/' in a name is written `~1`, a '~' is written `~0`.
public struct EventSchema: Codable, Hashable, Sendable {
    public let label: String
    /// Milliseconds since 1970 or an ISO-8601 string; the record's own timestamp when nil.
    public let time: String?
    public let id: String?
    public let weight: String?
    /// The object that holds the features; empty for the whole document, of which the four above are then no features.
    public let fields: String
    public let declared: [String: DeclaredField]
    public let undeclared: UndeclaredFields
    public let hashSeed: UInt64
    public let numbers: NumberTransform
    public let limits: EventLimits

    /// - Throws: `EventSchemaError` for a bad pointer or path, pointers that contain one another, and limits out of bounds.
    public init(
        label: String = "/label",
        time: String? = nil,
        id: String? = nil,
        weight: String? = nil,
        fields: String = "/features",
        declared: [String: DeclaredField] = [:],
        undeclared: UndeclaredFields = .learn,
        hashSeed: UInt64 = 0,
        numbers: NumberTransform = .raw,
        limits: EventLimits = EventLimits()
    ) throws(EventSchemaError) {
        self.label = label
        self.time = time
        self.id = id
        self.weight = weight
        self.fields = fields
        self.declared = declared
        self.undeclared = undeclared
        self.hashSeed = hashSeed
        self.numbers = numbers
        self.limits = limits
        _ = try CompiledSchema(self)
        try limits.check()
    }

    /// Members that are absent have the values `init` gives them.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            label: container.decodeIfPresent(String.self, forKey: .label) ?? "/label",
            time: container.decodeIfPresent(String.self, forKey: .time),
            id: container.decodeIfPresent(String.self, forKey: .id),
            weight: container.decodeIfPresent(String.self, forKey: .weight),
            fields: container.decodeIfPresent(String.self, forKey: .fields) ?? "/features",
            declared: container.decodeIfPresent([String: DeclaredField].self, forKey: .declared) ?? [:],
            undeclared: container.decodeIfPresent(UndeclaredFields.self, forKey: .undeclared) ?? .learn,
            hashSeed: container.decodeIfPresent(UInt64.self, forKey: .hashSeed) ?? 0,
            numbers: container.decodeIfPresent(NumberTransform.self, forKey: .numbers) ?? .raw,
            limits: container.decodeIfPresent(EventLimits.self, forKey: .limits) ?? EventLimits())
    }
}

extension EventLimits {
    fileprivate func check() throws(EventSchemaError) {
        try Self.check(documentBytes, 1...(64 << 20), "limits.documentBytes")
        try Self.check(depth, 1...256, "limits.depth")
        try Self.check(features, 1...1_000_000, "limits.features")
    }

    private static func check(_ limit: Int, _ bounds: ClosedRange<Int>, _ member: String) throws(EventSchemaError) {
        guard bounds.contains(limit) else {
            throw EventSchemaError(.badLimit, member, "\(limit) is not within \(bounds.lowerBound) to \(bounds.upperBound)")
        }
    }
}
