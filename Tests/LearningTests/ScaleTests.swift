import Foundation
import Testing

@testable import Learning

struct ScaleTests {
    @Test(arguments: [(1012.0, 7.0), (0, 1e-6), (736_389, 300), (-4e9, 1e8)])
    func `After a thousand values mean and deviation are those of the stream, whatever the unit`(mean: Double, deviation: Double) {
        var scale = RunningScale()
        var generator = SeededGenerator(seed: 61)
        for _ in 0..<1_000 { scale.observe(Float(mean + deviation * generator.normal())) }
        #expect(abs(scale.mean - mean) < 0.15 * deviation)
        #expect(abs(scale.deviation / deviation - 1) < 0.1)
        #expect(abs(scale.standardised(Float(mean + 2 * deviation)) - 2) < 0.3)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 500], [1e20, -3e38] as [Float])
    func `One wild value, whenever it comes, leaves the scale near what it would have been`(position: Int, wild: Float) {
        var scale = RunningScale()
        var generator = SeededGenerator(seed: 62)
        for index in 0..<2_000 {
            if index == position { scale.observe(wild) }
            scale.observe(Float(50 + 4 * generator.normal()))
        }
        #expect(abs(scale.mean - 50) < 1)
        #expect(abs(scale.deviation - 4) < 1)
    }

    @Test func `A change of unit is followed within a hundred values`() {
        var scale = RunningScale()
        var generator = SeededGenerator(seed: 63)
        for _ in 0..<20_000 { scale.observe(Float(20 + generator.normal())) }
        for _ in 0..<100 { scale.observe(Float(20_000 + 1_000 * generator.normal())) }
        #expect(abs(scale.standardised(20_000)) < 2)
        #expect(scale.deviation > 500)
    }

    @Test func `A number that never varied counts as its sign, and takes its first deviation from the first other value`() {
        var scale = RunningScale()
        for _ in 0..<100 { scale.observe(5) }
        #expect(scale.standardised(5) == 1 && scale.standardised(-3) == -1 && scale.standardised(0) == 0)
        #expect(scale.observe(6) == false)
        #expect(scale.deviation > 0 && scale.deviation < 2)
    }

    @Test func `Standardised values are never beyond ten`() {
        var scale = RunningScale()
        for value in 0..<50 { scale.observe(Float(value)) }
        #expect(scale.standardised(.greatestFiniteMagnitude) == 10)
        #expect(scale.standardised(-.greatestFiniteMagnitude) == -10)
    }

    @Test(arguments: [0, 3, 8, 40])
    func `A scale comes back from JSON and goes on equally`(count: Int) throws {
        var scale = RunningScale()
        for value in 0..<count { scale.observe(Float(value * value) / 3) }
        var restored = try JSONDecoder().decode(RunningScale.self, from: JSONEncoder().encode(scale))
        #expect(restored == scale)
        for value in 0..<20 {
            scale.observe(Float(value))
            restored.observe(Float(value))
        }
        #expect(restored == scale)
    }

    @Test func `Numbers beyond the capacity fall back to the logarithm, and indicators need no scale`() {
        var numbers = NumberScales()
        for slot in 0..<UInt32(NumberScales.capacity + 50) {
            for value in 0..<20 { _ = numbers.observe(Float(value) + 0.5, slot: slot &* 7) }
        }
        #expect(numbers.entries.count == NumberScales.capacity)
        #expect(abs(numbers.scaled(10, slot: 7)) < 0.2)
        #expect(numbers.scaled(1, slot: 3) == 1)
        #expect(numbers.scaled(-9, slot: UInt32(NumberScales.capacity + 1) * 7) == -Float(log(10.0)))
        #expect(!numbers.isNumber(1, slot: 3) && numbers.isNumber(2, slot: 3) && numbers.isNumber(1, slot: 7))
    }

    @Test func `A stream of categories registers no scale`() {
        var learner = Learner(LearnerSpecification(task: .binary, bits: 8))
        for slot in 0..<UInt32(200) { learner.learn(0, of: ExampleBatch([TestEvent(features: [(slot, 1)], label: 1)])) }
        #expect(learner.globals.scaledNumbers == 0)
    }
}
