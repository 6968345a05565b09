import Foundation
import Testing

@testable import Inspection

struct LabelWatchTests {
    /// A label, as it comes out for a chance.
    private enum Fault { case none, flipped, mixed }

    /// Chances that are drawn for each event, predicted with the log odds multiplied by `scale`; the first event of each finding.
    private func first(
        _ fault: Fault, share: Double = 1, from start: Int = 20_000, count: Int = 5_000, shift: Double = 0, scale: Double = 1, seed: UInt64
    ) -> (flip: Int?, noise: Int?) {
        var (random, watch) = (SeededGenerator(seed: seed), LabelWatch(logRunLength: 28))
        var found: (flip: Int?, noise: Int?)
        for number in 0..<start + count {
            let odds = shift + 3 * (2 * random.uniform() - 1)
            let prediction = 1 / (1 + exp(-scale * (odds - shift) - shift))
            var isOne = random.happens(1 / (1 + exp(-odds)))
            if number >= start, fault != .none, random.happens(share) {
                isOne = fault == .flipped ? !isOne : random.happens(1 / (1 + exp(-shift)))
            }
            let findings = watch.observe(
                prediction: Float(prediction), label: isOne ? 1 : 0, at: UInt64(number), learningEvents: 500)
            if findings.contains(.contradicted), found.flip == nil { found.flip = number - start }
            if findings.contains(.detached), found.noise == nil { found.noise = number - start }
        }
        return found
    }

    @Test(arguments: [(0.0, 1.0), (-3, 1), (0, 2), (0, 0.3), (2, 1.5)]) func `labels as they are predicted say nothing`(
        shift: Double, scale: Double
    ) {
        let found = first(.none, count: 180_000, shift: shift, scale: scale, seed: 1)
        // Predictions that hardly differ from the mean say little about labels that have nothing to do with them.
        #expect(found.flip == nil && (scale < 0.5 || found.noise == nil))
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `swapped labels contradict, at once`(seed: UInt64) throws {
        #expect((0..<400).contains(try #require(first(.flipped, seed: seed).flip)))
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `mixed-up labels are detached, and contradict nothing`(seed: UInt64) throws {
        let found = first(.mixed, seed: seed)
        let noise = try #require(found.noise)
        #expect(found.flip == nil && noise < 2_000)
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `half of the labels swapped is as good as mixed up`(seed: UInt64) throws {
        let found = first(.flipped, share: 0.5, seed: seed)
        #expect(found.flip == nil && found.noise != nil)
    }

    @Test func `rare labels that come in bursts are usual once one has ended, and a flood of them is not`() throws {
        var (random, watch) = (SeededGenerator(seed: 8), LabelWatch(logRunLength: 28))
        let told = (0..<60_000).filter { number in
            let isOne = number % 2_000 >= 1_900 || number >= 50_000 || random.happens(0.005)
            return watch.observe(prediction: 0.01, label: isOne ? 1 : 0, at: UInt64(number), learningEvents: 500).contains(.overturned)
        }
        let (first, last) = (try #require(told.first), try #require(told.last))
        #expect(told.count == 2 && (1_900..<2_000).contains(first) && (50_150..<50_300).contains(last))
    }

    @Test(arguments: [Float(0), 1]) func `predictions that are sure and wrong trap nothing`(label: Float) throws {
        var watch = LabelWatch(logRunLength: 28)
        for number in 0..<5_000 {
            _ = watch.observe(prediction: number.isMultiple(of: 2) ? 0 : 1, label: label, at: UInt64(number), learningEvents: 500)
        }
        #expect(try JSONDecoder().decode(LabelWatch.self, from: JSONEncoder().encode(watch)) == watch)
    }
}
