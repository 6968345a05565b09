import Events
import Learning
import Testing

/// Inputs that broke parsers and learners elsewhere.
@Suite struct PoisonTests {
    private static func nested(_ open: String, _ close: String, _ depth: Int) -> String {
        #"{"label":1,"features":{"a":"# + String(repeating: open, count: depth) + String(repeating: close, count: depth) + "}}"
    }

    private static func feature(_ value: String) -> String {
        #"{"label":1,"features":{"a":\#(value)}}"#
    }

    /// Texts with the reason they are rejected for; nil: they are examples.
    static let texts: [(String, RejectReason?)] = [
        (" ", .notJSON), ("\n", .notJSON), ("null", .notJSON), ("true", .notJSON), ("5", .notJSON), ("\"x\"", .notJSON), ("[]", .notJSON),
        ("{", .notJSON), ("}", .notJSON), ("{}", .labelMissing), ("{}}", .notJSON), ("{}{}", .notJSON), ("{} x", .notJSON),
        ("{]", .notJSON),
        ("{{}}", .notJSON), ("{\"label\"}", .notJSON), ("{\"label\":}", .notJSON), ("{\"label\":1,}", .notJSON), ("{,}", .notJSON),
        ("{label:1}", .notJSON), ("{'label':1}", .notJSON), ("\u{FEFF}{}", .notJSON), ("{\"label\":1}\0", .notJSON), ("// x", .notJSON),
        ("<html>502 Bad Gateway</html>", .notJSON), (feature("NaN"), .notJSON), (feature("-Infinity"), .notJSON), (feature("01"), .notJSON),
        (feature("1."), .notJSON), (feature(".5"), .notJSON), (feature("+1"), .notJSON), (feature("-"), .notJSON),
        (feature("1e"), .notJSON),
        (feature("0x1p3"), .notJSON), (feature("1 2"), .notJSON), (feature("\"\\ud800\""), .notJSON), (feature("\"\\x\""), .notJSON),
        (feature("\"\t\""), .notJSON), (feature("\"unclosed"), .notJSON), (feature("tru"), .notJSON), (feature("nulll"), .notJSON),
        (feature("[1,]"), .notJSON), (feature("[,1]"), .notJSON), (feature("[1"), .notJSON), (feature("[1}"), .notJSON),
        (feature("\"x\" \"y\""), .notJSON), (feature("1e400"), .numberNotFinite), (feature("-1e400"), .numberNotFinite),
        (feature("1" + String(repeating: "0", count: 400)), .numberNotFinite),
        (feature("1e" + String(repeating: "9", count: 400)), .numberNotFinite),
        (feature("0e" + String(repeating: "9", count: 400)), nil), (feature("1e-" + String(repeating: "9", count: 400)), nil),
        (feature("18446744073709551616"), nil), (feature("0." + String(repeating: "0", count: 5_000) + "1"), nil),
        (feature("\"\\u0000\""), nil), (feature("\"\\ud83d\\ude00\""), nil), (feature("1") + " \n\t\r ", nil),
        (#"{"label":1,"label":0,"features":{"a":1,"a":2,"a":"x","a":[]}}"#, nil), (#"{"label":1,"features":{"":1}}"#, nil),
        (#"{"label":1,"features":{"a":1},"features":null}"#, .nothingUsable), (nested("[", "]", 10_000), .tooLarge),
        (nested("{\"b\":", "}", 10_000), .tooLarge), (nested("[", "", 10_000), .tooLarge),
        (String(repeating: "{\"b\":", count: 10_000), .notJSON),
        (nested("[", "]", 30), .nothingUsable), (nested("[", "]", 31), .tooLarge),
        (String(repeating: "{\"a\":", count: 10_000) + "1" + String(repeating: "}", count: 10_000), .tooLarge),
    ]

    @Test(arguments: texts.indices)
    func poisonChangesNothing(_ index: Int) throws {
        let (text, reason) = Self.texts[index]
        let decoding = Decoding(try EventSchema())
        #expect(decoding.decode(text)?.reason == reason, "\(text.prefix(80))")
        #expect(decoding.batch.count == (reason == nil ? 1 : 0))
        #expect(decoding.batch.isConsistent(bits: 20))
    }

    @Test(
        arguments: [
            [0xFF], [0x7B, 0x22, 0xC3, 0x22, 0x3A, 0x31, 0x7D], [0x7B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x3A, 0x31, 0x7D],
            [0x7B, 0x22, 0xC0, 0xAF, 0x22, 0x3A, 0x31, 0x7D], [0x7B, 0x22, 0xF5, 0x80, 0x80, 0x80, 0x22, 0x3A, 0x31, 0x7D], [0, 0, 0, 0],
            [0x1F, 0x8B, 0x08, 0], [0xFE, 0xFF, 0, 0x7B],
        ] as [[UInt8]])
    func bytesThatAreNoTextAreNotJSON(_ bytes: [UInt8]) throws {
        let decoding = Decoding(try EventSchema())
        #expect(decoding.decode(bytes: bytes)?.reason == .notJSON)
    }

    @Test func tenMegabytesAreRefusedUnreadOrReadWhole() throws {
        let digits = Self.feature(String(repeating: "7", count: 10_000_000))
        let string = Self.feature("\"" + String(repeating: "\\u00e9", count: 1_700_000) + "\"")
        let items = Self.feature("[" + String(repeating: "1,", count: 5_000_000) + "1]")
        let small = Decoding(try EventSchema())
        let large = Decoding(try EventSchema(limits: EventLimits(documentBytes: 16 << 20)))
        for text in [digits, string, items] { #expect(small.decode(text)?.reason == .tooLarge) }
        #expect(large.decode(digits)?.reason == .numberNotFinite)
        #expect(large.decode(string) == nil)
        #expect(large.decode(items)?.reason == .tooLarge)
        #expect(large.batch.isConsistent(bits: 20))
    }
}
