import Events
import Glibc
import Learning
import Testing

@Suite struct FeatureTests {
    @Test(arguments: [
        ("raw", NumberTransform.raw, Float(-12.5)),
        ("log", .log, Float(-log1p(12.5))),
    ])
    func numberBecomesOneTransformedFeature(_ name: String, _ transform: NumberTransform, _ expected: Float) throws {
        let decoding = Decoding(try EventSchema(numbers: transform))
        let features = try decoding.features(#"{"price": -12.5}"#).get()
        #expect(features.map(\.field) == ["price"])
        #expect(features.map(\.value) == [expected])
    }

    @Test func longNumbersAreTheNearestFloat() throws {
        let decoding = Decoding(try EventSchema(numbers: .raw))
        let numbers: [(String, Float)] = [
            ("0.12345678901234567890123456789", 0.123456789), ("123456789012345678901234567890", 1.2345679e29), ("1e-400", 0), ("-0.0", 0),
            ("18446744073709551615", 1.8446744e19), ("0.00000000000000000000000000012345678901234567890", 1.2345679e-28),
        ]
        for (text, expected) in numbers {
            #expect(try decoding.features(#"{"x": \#(text)}"#).get().map(\.value) == [expected], "\(text)")
        }
    }

    @Test func categoryBecomesOneFeatureOfValueOneForEachString() throws {
        let decoding = Decoding(try EventSchema())
        let one = try decoding.features(#"{"country": "DE"}"#).get()
        let same = try decoding.features(#"{"country": "D\u0045"}"#).get()
        let other = try decoding.features(#"{"country": "FR"}"#).get()
        #expect(one.map(\.value) == [1])
        #expect(one == same)
        #expect(one[0].slot != other[0].slot)
    }

    @Test func booleanIsTheCategoryOfItsName() throws {
        let decoding = Decoding(try EventSchema())
        #expect(try decoding.features(#"{"a": true}"#).get() == decoding.features(#"{"a": "true"}"#).get())
        #expect(try decoding.features(#"{"a": false}"#).get() == decoding.features(#"{"a": "false"}"#).get())
    }

    @Test func declaredTextIsABagOfLowercaseWords() throws {
        let decoding = Decoding(try EventSchema(declared: ["title": DeclaredField(type: .text)]))
        let words = try decoding.features(#"{"title": "Red-Wine, 2019 Crème (RED)"}"#).get()
        let plain = Decoding(try EventSchema())
        let expected = try plain.features(#"{"title": ["red", "wine", "2019", "crème", "red"]}"#).get()
        #expect(words == expected)
    }

    @Test func arrayOfStringsIsABagUnderItsPath() throws {
        let decoding = Decoding(try EventSchema())
        let bag = try decoding.features(#"{"tags": ["a", null, "b"]}"#).get()
        #expect(bag.map(\.field) == ["tags", "tags"])
        #expect(try bag[1] == decoding.features(#"{"tags": "b"}"#).get()[0])
    }

    @Test func arrayOfNumbersAndObjectsIsIndexed() throws {
        let decoding = Decoding(try EventSchema(numbers: .raw))
        let features = try decoding.features(#"{"s": [1.5, null, 2, {"x": 3}, [4], true]}"#).get()
        #expect(features.map(\.field) == ["s/0", "s/2", "s/3/x", "s/4/0", "s/5"])
        #expect(features.map(\.value) == [1.5, 2, 3, 4, 1])
    }

    @Test func indexesBeyondNineAreDecimal() throws {
        let decoding = Decoding(try EventSchema())
        let features = try decoding.features(#"{"s": [\#(Array(repeating: "1", count: 121).joined(separator: ","))]}"#).get()
        #expect(features[10].field == "s/10")
        #expect(features[120].field == "s/120")
    }

    @Test func nestedObjectsHavePathsWithEscapedNames() throws {
        let decoding = Decoding(try EventSchema())
        let features = try decoding.features(#"{"a": {"b/c": 1, "d~e": {"": 2}}, "a/b~1c": 3}"#).get()
        #expect(features.map(\.field) == ["a/b~1c", "a/d~0e/", "a~1b~01c"])
    }

    @Test func nullsAndEmptyContainersAreMissing() throws {
        let decoding = Decoding(try EventSchema())
        #expect(try decoding.features(#"{"a": null, "b": {}, "c": [], "d": [null], "e": 1}"#).get().map(\.field) == ["e"])
    }

    @Test func twoFeaturesOnOneSlotAreBothKept() throws {
        let decoding = Decoding(try EventSchema(), bits: 1)
        #expect(try decoding.features(#"{"a": 1, "b": 2, "c": 3, "c": 4}"#).get().count == 4)
    }

    @Test func categoryAndNestedNumberOfOneNameHaveDifferentSlots() throws {
        let decoding = Decoding(try EventSchema())
        #expect(try decoding.features(#"{"a": "b"}"#).get()[0].slot != decoding.features(#"{"a": {"b": 1}}"#).get()[0].slot)
    }

    /// Made with libxxhash from the scheme that FeatureHash documents. A change here makes every checkpoint unreadable.
    @Test func slotsNeverChange() throws {
        let event = """
            {"price": 1, "address": {"city": "Zürich"}, "scores": [null, 1], "country": "DE", "flag": true, "title": "RED", "": 1,
             "long": "\(String(repeating: "x", count: 300))"}
            """
        let schema = try EventSchema(declared: ["title": DeclaredField(type: .text)])
        let slots = try Decoding(schema).features(event).get().map(\.slot)
        #expect(slots == [33904, 149_620, 533_716, 413_783, 858_787, 159_592, 234_690, 891_824])
        let seeded = try Decoding(try EventSchema(hashSeed: 42)).features(#"{"price": 1, "country": "DE"}"#).get().map(\.slot)
        #expect(seeded == [800_408, 924_127])
        #expect(try Decoding(schema, bits: 28).features(#"{"country": "DE"}"#).get().map(\.slot) == [224_809_047])
    }

    @Test func sameBytesMakeTheSameBatchInAnyDecoder() throws {
        let events = [
            #"{"label": 1, "features": {"a": 1, "b": "x", "c": [1, 2], "d": {"e": true}}}"#,
            #"{"label": 0, "features": {"d": {"e": false, "f": 2}, "b": "x", "a": 1}}"#,
            #"{"label": 0, "features": {"a": 1, "b": "y", "a": 2, "c": ["t"]}}"#,
        ]
        let schema = try EventSchema()
        let (one, other) = (Decoding(schema), Decoding(schema))
        for event in events + events { #expect(one.decode(event) == nil) }
        for event in events + events { #expect(other.decode(event) == nil) }
        #expect(one.batch.contents == other.batch.contents)
        // What was met before changes nothing of a row but its field indexes.
        let warm = Decoding(schema)
        for event in events.reversed() { #expect(warm.decode(event) == nil) }
        warm.batch.removeAll()
        for event in events + events { #expect(warm.decode(event) == nil) }
        #expect(one.batch.slots == warm.batch.slots)
        #expect(one.batch.values == warm.batch.values)
    }
}
