import Events
import Foundation
import Testing

@Suite struct SchemaTests {
    @Test func defaultsStandInForAbsentMembers() throws {
        let schema = try JSONDecoder().decode(EventSchema.self, from: Data("{}".utf8))
        #expect(try schema == EventSchema())
        #expect(schema.fields == "/features")
        #expect(schema.limits == EventLimits(documentBytes: 1_048_576, depth: 32, features: 10_000))
    }

    @Test func codingKeepsEveryMember() throws {
        let schema = try EventSchema(
            label: "/y", time: "/t", id: "/i", weight: "/w", fields: "",
            declared: ["p": DeclaredField(type: .number, range: -1...2.5, required: true), "c/d": DeclaredField(type: .text)],
            undeclared: .ignore, hashSeed: .max, numbers: .raw, limits: EventLimits(documentBytes: 10, depth: 2, features: 3))
        let bytes = try JSONEncoder().encode(schema)
        #expect(try JSONDecoder().decode(EventSchema.self, from: bytes) == schema)
        let text = #"{"declared": {"price": {"type": "number", "range": [0, 10000], "required": true}, "country": {"type": "category"}}}"#
        let read = try JSONDecoder().decode(EventSchema.self, from: Data(text.utf8))
        #expect(read.declared["price"] == DeclaredField(type: .number, range: 0...10_000, required: true))
        #expect(read.declared["country"] == DeclaredField(type: .category))
    }

    @Test func badMembersAreRefusedByName() {
        expect("label", .badPointer) { try EventSchema(label: "label") }
        expect("label", .badPointer) { try EventSchema(label: "/a~2") }
        expect("label", .badPointer) { try EventSchema(label: "") }
        expect("time", .badPointer) { try EventSchema(time: "/a~") }
        expect("weight", .badPointer) { try EventSchema(weight: "/features") }
        expect("fields", .badPointer) { try EventSchema(fields: "features") }
        expect("id", .badPointer) { try EventSchema(id: "/" + String(repeating: "x", count: 257)) }
        expect("declared./a", .badPointer) { try EventSchema(declared: ["/a": DeclaredField(type: .text)]) }
        expect("declared.a~", .badPointer) { try EventSchema(declared: ["a~": DeclaredField(type: .text)]) }
        expect("declared.a", .badDeclaration) { try EventSchema(declared: ["a": DeclaredField(type: .text, range: 0...1)]) }
        expect("declared.a", .badDeclaration) { try EventSchema(declared: ["a": DeclaredField(type: .number, range: 0...(.infinity))]) }
        expect("declared", .badDeclaration) { try EventSchema(fields: "", declared: ["label": DeclaredField(type: .number)]) }
        expect("limits.documentBytes", .badLimit) { try EventSchema(limits: EventLimits(documentBytes: 0)) }
        expect("limits.depth", .badLimit) { try EventSchema(limits: EventLimits(depth: 257)) }
        expect("limits.features", .badLimit) { try EventSchema(limits: EventLimits(features: -1)) }
    }

    private func expect(
        _ member: String, _ code: EventSchemaError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ make: () throws -> EventSchema
    ) {
        let error = #expect(throws: EventSchemaError.self, sourceLocation: sourceLocation) { _ = try make() }
        #expect(error?.member == member, sourceLocation: sourceLocation)
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.description.hasPrefix("\(member): ") == true, sourceLocation: sourceLocation)
    }

    @Test func undeclaredFieldsCanBeIgnored() throws {
        let declared = ["a": DeclaredField(type: .number), "b/c": DeclaredField(type: .category), "s": DeclaredField(type: .number)]
        let decoding = Decoding(try EventSchema(declared: declared, undeclared: .ignore))
        let features = try decoding.features(#"{"x": 1e400, "a": 1, "b": {"d": 1, "c": "v"}, "y": [1, "t"], "s": [5]}"#).get()
        #expect(features.map(\.field) == ["a", "b/c", "s/0"])
    }
}
