import Events
import Learning
import Testing

@Suite struct TensorTests {
    private static func schema() throws -> EventSchema {
        try EventSchema(declared: [
            "title": DeclaredField(type: .text), "price": DeclaredField(type: .number, range: 0...10),
            "n/o": DeclaredField(type: .category),
        ])
    }

    @Test func equalValuesHaveEqualSlotsOnEitherWay() throws {
        let events = Decoding(try Self.schema())
        let event = """
            {"features": {"price": 2.75, "country": "Österreich", "": "", "vip": true, "new": false, "title": "Red wine, RED",
             "n": {"o": "p", "q": -1e-7}, "a/b~": 3, "s": [4, 5]}}
            """
        #expect(events.decode(event, .prediction) == nil)
        let tensors = Decoding(try Self.schema())
        let rejection = tensors.decoder.decode(
            fields: [
                ("price", .number(2.75)), ("country", .text("Österreich")), ("", .text("")), ("vip", .boolean(true)),
                ("new", .boolean(false)),
                ("title", .text("Red wine, RED")), ("n/o", .text("p")), ("n/q", .number(-1e-7)), ("a~1b~0", .number(3)),
                ("s/0", .number(4)),
                ("s/1", .number(5)),
            ], time: 77, into: &tensors.batch)
        #expect(rejection == nil)
        #expect(tensors.batch.contents == events.batch.contents)
    }

    @Test func tensorsAreCheckedAsEventsAre() throws {
        let cases: [(String, FieldValue, RejectReason)] = [
            ("price", .number(11), .numberOutOfRange), ("price", .number(.nan), .numberNotFinite),
            ("x", .number(.infinity), .numberNotFinite),
            ("x", .number(1e39), .numberNotFinite), ("price", .text("x"), .fieldMistyped), ("n/o", .number(1), .fieldMistyped),
            ("a~2", .number(1), .fieldMistyped), ("title", .text("..."), .nothingUsable),
        ]
        let decoding = Decoding(try Self.schema())
        for (path, value, reason) in cases {
            #expect(decoding.decoder.decode(fields: [(path, value)], into: &decoding.batch)?.reason == reason, "\(path) \(value)")
            #expect(decoding.batch.contents == ExampleBatch().contents)
        }
    }

    @Test func fieldNamesGoOnWhereAnotherDecoderEnded() throws {
        let first = Decoding(try EventSchema())
        #expect(first.decode(#"{"label": 1, "features": {"b": 1, "a": {"c/d": 1}, "": {"x": 1}}}"#) == nil)
        let second = Decoding(try EventSchema(), fieldNames: first.decoder.fieldNames)
        #expect(second.decode(#"{"label": 1, "features": {"": {"x": 1}, "a": {"c/d": 1}, "e": 1, "b": 1}}"#) == nil)
        #expect(second.batch.fieldNames == ["b", "a/c~1d", "/x", "e"])
        #expect(second.batch.fields == [2, 1, 3, 0])
    }
}
