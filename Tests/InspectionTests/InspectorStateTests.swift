import Foundation
import Learning
import Testing

@testable import Inspection

private func roundTrip<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
}

/// A seeded stream with everything in it: rejects, missing and new fields, a decoder that renumbers, a vanished field.
private struct MixedStream {
    let seed: UInt64
    private(set) var batches: [ExampleBatch] = []

    init(seed: UInt64, batches count: Int) {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        for index in 0..<count {
            var builder = EventBuilder(fields: index % 3 == 0 ? ["/b", "/a"] : ["/a", "/c"])
            for _ in 0..<100 {
                var fields = ["/a"]
                if !random.happens(0.002) && index < count - 1 { fields.append("/b") }
                if random.happens(0.5) { fields.append("/c") }
                if index > 5 { fields.append("/d") }
                builder.add(fields, label: random.happens(0.2) ? 1 : 0, value: Float(random.uniform() * 100))
            }
            batches.append(builder.batch)
        }
    }

    /// Feeds batches to the inspector; every tenth event is preceded by a rejected one in the later half.
    func feed(_ range: Range<Int>, to inspector: inout Inspector) -> [Alarm] {
        var alarms: [Alarm] = []
        for index in range {
            for row in 0..<batches[index].count {
                if index % 4 == 3 && row % 25 == 0 { alarms += inspector.observe(rejected: .notJSON) }
                alarms += inspector.observe(row, of: batches[index])
                inspector.profile.observe(prediction: Float(row) / 100)
            }
        }
        return alarms
    }
}

struct InspectorStateTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func writtenAndReadBackGoesOnIdentically(seed: UInt64) throws {
        let stream = MixedStream(seed: seed, batches: 24)
        var random = SeededGenerator(seed: seed &* 77)
        let cut = 1 + Int(random.next() % 22)
        var unbroken = Inspector(configuration: InspectionConfiguration(required: ["/a"]), task: .binary)
        _ = stream.feed(0..<cut, to: &unbroken)
        var restored = try roundTrip(unbroken)
        #expect(restored == unbroken, "seed \(seed), cut \(cut)")
        let expected = stream.feed(cut..<24, to: &unbroken)
        let actual = stream.feed(cut..<24, to: &restored)
        #expect(actual == expected, "seed \(seed), cut \(cut)")
        #expect(restored == unbroken, "seed \(seed), cut \(cut)")
        #expect(expected.contains { $0.detector == "missing/b" }, "seed \(seed), cut \(cut)")
    }

    @Test func copyIsAValueOfItsOwn() {
        let stream = MixedStream(seed: 3, batches: 10)
        var inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        _ = stream.feed(0..<5, to: &inspector)
        let saved = inspector
        var first = saved
        var second = saved
        _ = stream.feed(5..<10, to: &first)
        #expect(saved == inspector)
        _ = stream.feed(5..<10, to: &second)
        #expect(first == second)
    }

    @Test func writtenFormIsCompactAndHasOnlyFiniteNumbers() throws {
        var inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        var builder = EventBuilder()
        let names = (0..<50).map { "/features/field\($0)" }
        for number in 0..<70_000 {
            if number < 100 { builder.add(names, label: Float(number % 2), value: .greatestFiniteMagnitude) }
            _ = inspector.observe(number % 100, of: builder.batch)
        }
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .throw
        #expect(try encoder.encode(inspector).count < 60_000)
    }

    @Test func damagedStateIsRefusedAndNotTrappedOn() throws {
        let stream = MixedStream(seed: 5, batches: 8)
        var inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        _ = stream.feed(0..<8, to: &inspector)
        let text = String(decoding: try JSONEncoder().encode(inspector), as: UTF8.self)
        let damages = [(#""field":0"#, #""field":900"#), (#""tolerance":0.02"#, #""tolerance":2"#), (#""window":256"#, #""window":0"#)]
        for (good, bad) in damages {
            #expect(text.contains(good))
            let damaged = Data(text.replacingOccurrences(of: good, with: bad).utf8)
            #expect(throws: (any Error).self, "\(bad)") { try JSONDecoder().decode(Inspector.self, from: damaged) }
        }
        for counter in ["runLength", "repeats", "windows", "changes", "next", "greatestLateness"] {
            let expression = try Regex("\"\(counter)\":[0-9]+")
            #expect(try expression.firstMatch(in: text) != nil, "\(counter)")
            let damaged = Data(text.replacing(expression, with: "\"\(counter)\":9223372036854775807").utf8)
            #expect(throws: (any Error).self, "\(counter)") { try JSONDecoder().decode(Inspector.self, from: damaged) }
        }
    }
}
