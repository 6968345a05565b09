/// A schema's pointers and paths, parsed once and checked against each other.
struct CompiledSchema {
    /// The parts of an event beside its features, in the order in which they are looked up.
    enum Part: Int, CaseIterable {
        case label, time, id, weight

        var name: String { "\(self)" }
    }

    struct Field {
        let path: JSONPointer
        let declaration: DeclaredField
    }

    static let declaredNamesMax = 8_192

    /// By `Part`; nil where the schema has none.
    let parts: [JSONPointer?]
    let fields: JSONPointer
    /// In the order of their paths' text.
    let declared: [Field]

    init(_ schema: EventSchema) throws(EventSchemaError) {
        fields = try Self.pointer(schema.fields, "fields")
        parts = [
            try Self.part(.label, schema.label, fields: fields),
            try Self.part(.time, schema.time, fields: fields),
            try Self.part(.id, schema.id, fields: fields),
            try Self.part(.weight, schema.weight, fields: fields),
        ]
        var declared: [Field] = []
        for (path, declaration) in schema.declared.sorted(by: { $0.key < $1.key }) {
            declared.append(try Self.field(path, declaration))
        }
        self.declared = declared
        // So that every declared path finds its place in a `PathTable`, before any event fills it.
        guard declared.reduce(0, { $0 + $1.path.names.count }) <= Self.declaredNamesMax else {
            throw EventSchemaError(.badDeclaration, "declared", "more than \(Self.declaredNamesMax) names in the declared paths")
        }
        for field in declared { try check(field) }
    }

    /// The parts that lie among the features, as paths below `fields`: the walk over the features leaves them out.
    var partsAmongFields: [JSONPointer] {
        parts.compactMap { part in
            guard let part, part.hasPrefix(fields) else { return nil }
            return JSONPointer(names: Array(part.names.dropFirst(fields.names.count)))
        }
    }

    private static func pointer(_ text: String, _ member: String) throws(EventSchemaError) -> JSONPointer {
        do throws(InvalidPath) {
            return try JSONPointer(text)
        } catch {
            throw EventSchemaError(.badPointer, member, "'\(text)': \(error.problem)")
        }
    }

    private static func part(_ part: Part, _ text: String?, fields: JSONPointer) throws(EventSchemaError) -> JSONPointer? {
        guard let text else { return nil }
        let pointer = try pointer(text, part.name)
        // Whatever holds the features is an object and can be no label, time, id or weight.
        if fields.hasPrefix(pointer) {
            throw EventSchemaError(.badPointer, part.name, "'\(text)' holds the features; point at a value beside or below them")
        }
        return pointer
    }

    private static func field(_ path: String, _ declaration: DeclaredField) throws(EventSchemaError) -> Field {
        let member = "declared.\(path)"
        guard path.utf8.first != UInt8(ascii: "/") else {
            throw EventSchemaError(.badPointer, member, "a field's path is relative to `fields` and begins without '/'")
        }
        if let range = declaration.range {
            guard declaration.type == .number else {
                throw EventSchemaError(.badDeclaration, member, "a range is for numbers, not for type \(declaration.type)")
            }
            guard range.lowerBound.isFinite, range.upperBound.isFinite else {
                throw EventSchemaError(.badDeclaration, member, "the bounds of a range must be finite")
            }
        }
        do throws(InvalidPath) {
            return Field(path: try JSONPointer(path: path), declaration: declaration)
        } catch {
            throw EventSchemaError(.badPointer, member, error.problem)
        }
    }

    private func check(_ field: Field) throws(EventSchemaError) {
        for (part, path) in zip(Part.allCases, parts) {
            guard let path, path.hasPrefix(fields) else { continue }
            let below = JSONPointer(names: Array(path.names.dropFirst(fields.names.count)))
            if field.path.hasPrefix(below) {
                throw EventSchemaError(.badDeclaration, "declared", "the \(part.name) is declared as a field; it is never a feature")
            }
        }
    }
}
