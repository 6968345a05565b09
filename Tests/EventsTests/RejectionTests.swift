import Events
import Learning
import Testing

@Suite struct RejectionTests {
    struct Case: CustomTestStringConvertible {
        let event: String
        let reason: RejectReason
        let detail: String
        var task = PredictionTask.binary

        var testDescription: String { "\(reason.rawValue): \(event.prefix(60))" }
    }

    private static func schema() throws -> EventSchema {
        try EventSchema(
            time: "/ts", weight: "/w",
            declared: [
                "price": DeclaredField(type: .number, range: 0...100),
                "country": DeclaredField(type: .category),
                "vip": DeclaredField(type: .boolean),
                "title": DeclaredField(type: .text),
                "user/id": DeclaredField(type: .category, required: true),
            ],
            limits: EventLimits(documentBytes: 400, depth: 5, features: 6))
    }

    private static func event(_ features: String, head: String = #""label": 1, "ts": 5"#) -> String {
        #"{\#(head), "features": {"user": {"id": "u"}, \#(features)}}"#
    }

    static let cases: [Case] = [
        Case(event: "", reason: .notJSON, detail: "Empty: no JSON found"),
        Case(event: "[1]", reason: .notJSON, detail: #"not a JSON object: "[1]""#),
        Case(event: #"{"a": tru}"#, reason: .notJSON, detail: #"improper structure"#),
        Case(event: String(repeating: " ", count: 500), reason: .tooLarge, detail: "500 bytes, the limit is 400"),
        Case(event: event(#""x": [[[[1]]]]"#), reason: .tooLarge, detail: "nested deeper than 5 levels"),
        Case(event: event(#""x": [1,2,3,4,5,6]"#), reason: .tooLarge, detail: "x/5: more than 6 features"),
        Case(event: event(#""x": 1"#, head: #""ts": 5"#), reason: .labelMissing, detail: "/label: missing or null"),
        Case(event: event(#""x": 1"#, head: #""ts": 5, "label": null"#), reason: .labelMissing, detail: "/label: missing or null"),
        Case(
            event: event(#""x": 1"#, head: #""ts": 5, "label": -1"#), reason: .labelMistyped,
            detail: #"/label: found the number "-1", a binary label is 0, 1, true or false"#),
        Case(
            event: event(#""x": 1"#, head: #""ts": 5, "label": "1""#), reason: .labelMistyped,
            detail: #"/label: found the string "1", a binary label is 0, 1, true or false"#),
        Case(event: event(#""x": 1"#, head: #""ts": 5, "label": 0.5"#), reason: .labelMistyped, detail: #"found the number "0.5""#),
        Case(event: event(#""x": 1"#, head: #""ts": 5, "label": {}"#), reason: .labelMistyped, detail: "/label: found an object"),
        Case(
            event: event(#""x": 1"#, head: #""ts": 5, "label": true"#), reason: .labelMistyped,
            detail: "/label: found true, a label to regress on is a number that fits a Float", task: .regression),
        Case(
            event: event(#""x": 1"#, head: #""ts": 5, "label": 1e39"#), reason: .labelMistyped, detail: #"found the number "1e39""#,
            task: .regression),
        Case(event: event(#""x": 1"#, head: #""label": 1"#), reason: .timeInvalid, detail: "/ts: missing"),
        Case(
            event: event(#""x": 1"#, head: #""label": 1, "ts": "yesterday""#), reason: .timeInvalid,
            detail: #"/ts: found the string "yesterday", expected whole milliseconds since 1970 or an ISO-8601 time with its zone"#),
        Case(event: event(#""x": 1"#, head: #""label": 1, "ts": 1.5"#), reason: .timeInvalid, detail: #"/ts: found the number "1.5""#),
        Case(event: event(#""x": 1"#, head: #""label": 1, "ts": 5, "w": 0"#), reason: .weightInvalid, detail: #"/w: found the number "0""#),
        Case(event: event(#""x": 1"#, head: #""label": 1, "ts": 5, "w": 1e-60"#), reason: .weightInvalid, detail: "/w: found the number"),
        Case(event: event(#""x": 1"#, head: #""label": 1, "ts": 5, "w": "2""#), reason: .weightInvalid, detail: "/w: found the string"),
        Case(
            event: event(#""x": 1e400"#), reason: .numberNotFinite, detail: "x: found a number beyond every double, too large for a Float"),
        Case(event: event(#""y": {"x": -1e39}"#), reason: .numberNotFinite, detail: "y/x: found the number -1e+39, too large for a Float"),
        Case(event: event(#""price": 1e39"#), reason: .numberNotFinite, detail: "price: found"),
        Case(
            event: event(#""price": 100.5"#), reason: .numberOutOfRange,
            detail: "price: found the number 100.5, outside the declared range 0.0 to 100.0"),
        Case(event: event(#""price": [1, -2]"#), reason: .numberOutOfRange, detail: "price/1: found the number -2.0"),
        Case(event: event(#""price": "cheap""#), reason: .fieldMistyped, detail: #"price: found the string "cheap", declared is number"#),
        Case(event: event(#""price": {}"#), reason: .fieldMistyped, detail: "price: found an object, declared is number"),
        Case(event: event(#""country": 49"#), reason: .fieldMistyped, detail: "country: found the number 49.0, declared is category"),
        Case(event: event(#""country": ["DE", true]"#), reason: .fieldMistyped, detail: "country/1: found true, declared is category"),
        Case(event: event(#""vip": 1"#), reason: .fieldMistyped, detail: "vip: found the number 1.0, declared is boolean"),
        Case(event: event(#""vip": "true""#), reason: .fieldMistyped, detail: #"vip: found the string "true", declared is boolean"#),
        Case(event: event(#""title": false"#), reason: .fieldMistyped, detail: "title: found false, declared is text"),
        Case(
            event: #"{"label": 1, "ts": 5, "features": {"user": {"id": null}, "x": 1}}"#, reason: .requiredFieldMissing,
            detail: "user/id: required, and missing or null"),
        Case(event: #"{"label": 1, "ts": 5}"#, reason: .nothingUsable, detail: "the event has no features: missing"),
        Case(
            event: #"{"label": 1, "ts": 5, "features": [1]}"#, reason: .nothingUsable,
            detail: "the features are no object: found an array"),
    ]

    @Test(arguments: cases)
    func badEventIsRejectedWholeWithReasonAndDetail(_ bad: Case) throws {
        let decoding = Decoding(try Self.schema(), task: bad.task)
        let good = Self.event(#""x": 1"#)
        #expect(decoding.decode(good) == nil)
        let before = decoding.batch.contents
        let rejection = decoding.decode(bad.event)
        #expect(rejection?.reason == bad.reason)
        #expect(rejection?.detail.contains(bad.detail) == true, "\(rejection?.detail ?? "accepted")")
        #expect(decoding.batch.contents == before)
        #expect(decoding.decode(good) == nil)
        #expect(decoding.batch.count == 2)
    }

    @Test func everyReasonIsCovered() {
        let elsewhere: Set<RejectReason> = [.nullValue]
        #expect(elsewhere.union(Self.cases.map(\.reason)) == Set(RejectReason.allCases))
    }

    @Test func nullValueIsNoEmptyValue() throws {
        let decoding = Decoding(try EventSchema())
        let null = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        let rejection = unsafe decoding.decoder.decode(null, purpose: .learning, fallbackTime: 0, into: &decoding.batch)
        #expect(rejection == Rejection(reason: .nullValue, detail: "the record has no value"))
    }

    @Test func eventWithoutAnyValueIsUnusable() throws {
        let decoding = Decoding(try EventSchema())
        let rejection = decoding.decode(#"{"label": 1, "features": {"a": null, "b": []}}"#)
        #expect(rejection == Rejection(reason: .nothingUsable, detail: "no field of the event has a value"))
    }

    @Test func detailIsShortAndPrintable() throws {
        let decoding = Decoding(try EventSchema(declared: ["a": DeclaredField(type: .number)]))
        let found = String(repeating: "é\u{1B}[31m\\n", count: 1_000).replacing("\u{1B}", with: #"\u001b"#)
        let rejection = try #require(decoding.decode(#"{"label": 1, "features": {"a": "\#(found)"}}"#))
        #expect(rejection.detail.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 > 0x7F })
        #expect(rejection.detail.hasPrefix(#"a: found the string "\xC3\xA9\x1B[31m\x0A"#))
        #expect(rejection.detail.utf8.count < 300)
    }

    @Test func rejectedEventUsesUpNoFieldName() throws {
        let decoding = Decoding(try EventSchema())
        #expect(decoding.decode(#"{"label": 1, "features": {"a": 1}}"#) == nil)
        #expect(decoding.decode(#"{"label": 1, "features": {"b": {"c": 1}, "d": "x", "e": 1e40}}"#) != nil)
        #expect(decoding.decoder.fieldNames == ["a"])
        #expect(decoding.decode(#"{"label": 1, "features": {"d": 1, "b": {"c": 1, "f": 2}, "a": 2}}"#) == nil)
        #expect(decoding.batch.fieldNames == ["a", "d", "b/c", "b/f"])
    }
}
