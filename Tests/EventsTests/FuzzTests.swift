import Events
import Learning
import Testing

@Suite struct FuzzTests {
    /// splitmix64: the same numbers for the same seed everywhere.
    struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let seeds: [String] = [
        #"{"ts":1357035300000,"label":0,"id":"a1","w":1.5,"features":{"carrier":"UA","hour":"5","distance":1.4,"temp":39.02,"visib":10}}"#,
        #"{"label":true,"ts":"2013-01-01T05:15:00Z","features":{"a":{"b":{"c":[1,2,{"d":"e\u00e9\n"}]}},"tags":["x","y"],"n":null}}"#,
        #"{"label":1,"ts":5,"features":{"title":"Red Wine 2019","price":99.5,"vip":false,"":{"":0},"big":123456789012345678901}}"#,
        #"{"label":0,"ts":-1,"features":{"price":[1,2.5,-0.0],"deep":[[[["z"]]]],"u":"\ud83d\ude00","title":""},"extra":[{},{"a":1}]}"#,
    ]
    static let pieces: [String] = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "null", "true", "1e999", "-", "NaN", "\"features\":", "\"label\":", "{\"a\":", "0",
        "é",
        "\u{1}", "999999999999999999999",
    ]

    static func mutate(_ bytes: inout [UInt8], _ random: inout Random) {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            let to = min(at + Int.random(in: 0...8, using: &random), bytes.count)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeSubrange(at..<to)
            case 1: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random)!.utf8, at: at)
            case 2: bytes.insert(contentsOf: Array(bytes[at..<to]), at: Int.random(in: 0...bytes.count, using: &random))
            case 3: bytes.removeSubrange(at...)
            default: if at < bytes.count { bytes[at] = .random(in: 0...255, using: &random) }
            }
        }
    }

    static func schema() throws -> EventSchema {
        try EventSchema(
            time: "/ts", id: "/id", weight: "/w",
            declared: [
                "title": DeclaredField(type: .text), "price": DeclaredField(type: .number, range: 0...100),
                "vip": DeclaredField(type: .boolean),
            ], limits: EventLimits(documentBytes: 4_096, depth: 8, features: 32))
    }

    @Test func mutatedEventsNeverCrashAndLeaveTheBatchConsistent() throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = Random(state: seed)
        let decoding = Decoding(try Self.schema())
        var (accepted, rejected) = (0, 0)
        for round in 0..<100_000 {
            var bytes = Array(Self.seeds.randomElement(using: &random)!.utf8)
            Self.mutate(&bytes, &random)
            let (rows, features) = (decoding.batch.count, decoding.batch.slots.count)
            if let rejection = decoding.decode(bytes: bytes, Bool.random(using: &random) ? .learning : .prediction) {
                rejected += 1
                try #require(decoding.batch.count == rows && decoding.batch.slots.count == features, "seed \(seed), round \(round)")
                try #require(rejection.detail.utf8.count < 1_000, "seed \(seed), round \(round)")
            } else {
                accepted += 1
                try #require(decoding.batch.count == rows + 1 && decoding.batch.slots.count > features, "seed \(seed), round \(round)")
            }
            if round % 1_000 == 999 {
                try #require(decoding.batch.isConsistent(bits: 20), "seed \(seed), round \(round)")
                decoding.batch.removeAll()
            }
        }
        #expect(accepted > 1_000 && rejected > 1_000, "seed \(seed)")
    }

    /// A decoder that has seen everything, rejected events among it, makes the same rows as one that saw nothing.
    @Test func whatADecoderSawBeforeChangesNoRow() throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = Random(state: seed)
        let old = Decoding(try Self.schema())
        for round in 0..<2_000 {
            var bytes = Array(Self.seeds.randomElement(using: &random)!.utf8)
            Self.mutate(&bytes, &random)
            let new = Decoding(try Self.schema())
            old.batch = ExampleBatch()
            let (one, other) = (old.decode(bytes: bytes), new.decode(bytes: bytes))
            try #require(one == other, "seed \(seed), round \(round)")
            try #require(old.batch.count == new.batch.count && old.batch.slots == new.batch.slots, "seed \(seed), round \(round)")
            try #require(old.batch.values.map(\.bitPattern) == new.batch.values.map(\.bitPattern), "seed \(seed), round \(round)")
            guard one == nil else { continue }
            try #require(old.lastFeatures.map(\.field) == new.lastFeatures.map(\.field), "seed \(seed), round \(round)")
        }
    }

    @Test func writtenNumbersBecomeTheNearestFloat() throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = Random(state: seed)
        let decoding = Decoding(try EventSchema(numbers: .raw))
        for round in 0..<20_000 {
            let text = Self.number(&random)
            let expected = try #require(Double(text), "seed \(seed), round \(round)")
            let rejection = decoding.decode(#"{"features": {"x": \#(text)}}"#, .prediction)
            guard Float(expected).isFinite else {
                try #require(rejection?.reason == .numberNotFinite, "\(text), seed \(seed), round \(round)")
                continue
            }
            try #require(rejection == nil && decoding.batch.values.last == Float(expected), "\(text), seed \(seed), round \(round)")
        }
    }

    static func number(_ random: inout Random) -> String {
        func digits(_ count: Int) -> String { String((0..<count).map { _ in "0123456789".randomElement(using: &random)! }) }
        let whole =
            Bool.random(using: &random)
            ? "0"
            : "123456789".randomElement(using: &random)!.description + digits(.random(in: 0...22, using: &random))
        let fraction = Bool.random(using: &random) ? "" : "." + digits(.random(in: 1...25, using: &random))
        let exponent = Int.random(in: 0...3, using: &random) > 0 ? "" : "e\(Int.random(in: -60...60, using: &random))"
        return (Bool.random(using: &random) ? "-" : "") + whole + fraction + exponent
    }
}
