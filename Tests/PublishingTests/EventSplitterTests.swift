@testable import Publishing
import Testing

@Suite("Finding the events in a body")
struct EventSplitterTests {
    private func split(_ text: String, as format: EventSplitter.Format = .json, limit: Int = 100) throws -> [String] {
        let bytes = Array(text.utf8)
        return try EventSplitter.split(bytes.span, as: format, limit: limit).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test func singleObjectIsTheWholeBody() throws {
        #expect(try split(" {\"a\":[1,2]}\n") == ["{\"a\":[1,2]}\n"])
    }

    @Test func bracketsAndCommasInsideStringsAndNestedValuesDoNotCut() throws {
        let events = [#"{"a":"],[\"}{"}"#, #"{"b":[1,[2,{"c":3}],4]}"#, #"{"d":"\\"}"#]
        #expect(try split("[" + events.joined(separator: ",\n ") + "]") == events)
    }

    @Test func linesMayBeEmptyAndEndWithCarriageReturn() throws {
        #expect(try split("{}\r\n\n{\"a\":1}", as: .lines) == ["{}\r", "{\"a\":1}"])
    }

    @Test(arguments: [
        ("", EventSplitter.Problem.empty), (" \n", .empty), ("[]", .empty), ("[ ]", .empty), ("[", .unclosedArray),
        ("[{}", .unclosedArray), ("[{}, ", .unclosedArray), ("[\"", .unclosedArray), ("[\"\\", .unclosedArray), ("[,]", .notAList(at: 1)),
        ("[{},]", .notAList(at: 4)), ("[{},,{}]", .notAList(at: 4)), ("[{}]]", .notAList(at: 4)), ("[}]", .notAList(at: 1)),
        ("[1,2,3]", .tooMany(limit: 2)),
    ])
    func brokenArrayIsRefused(text: String, problem: EventSplitter.Problem) {
        #expect(throws: problem) { try split(text, limit: 2) }
    }

    @Test func anyBytesEitherSplitInsideTheirBoundsOrAreRefused() {
        for seed in UInt64(0)..<2_000 {
            var generator = SplitMix(state: seed)
            let alphabet = Array(#"[]{},"\a1 "#.utf8) + [UInt8(ascii: "\n"), 0, 255]
            let bytes = (0..<Int(generator.next() % 40)).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
            for format in [EventSplitter.Format.json, .lines] {
                guard let events = try? EventSplitter.split(bytes.span, as: format, limit: 100) else { continue }
                let isOrdered = zip(events, events.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
                let isInside = events.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= bytes.count && !$0.isEmpty }
                #expect(isOrdered && isInside && !events.isEmpty, "seed \(seed)")
            }
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
