import Learning
import Testing

@testable import Inspection

struct PredictionWatchTests {
    private static let block = 2_048

    /// Blocks of events with label 1 of a share, predicted around it; the findings of each block.
    private func findings(
        _ blocks: [(share: Double, predicted: Double, spread: Double, limited: Double)], seed: UInt64 = 1
    ) -> [PredictionWatch.Findings] {
        var (random, watch) = (SeededGenerator(seed: seed), PredictionWatch())
        return blocks.enumerated().map { number, block in
            (0..<Self.block).reduce(into: PredictionWatch.Findings()) { findings, event in
                let prediction = block.predicted + block.spread * (2 * random.uniform() - 1)
                findings.formUnion(
                    watch.observe(
                        prediction: Float(prediction), label: random.happens(block.share) ? 1 : 0, isLimited: random.happens(block.limited),
                        task: .binary, at: UInt64(number * Self.block + event)))
            }
        }
    }

    private let usual = (share: 0.3, predicted: 0.3, spread: 0.1, limited: 0.01)

    @Test func `what is usual is no finding`() {
        #expect(findings(Array(repeating: usual, count: 50)).allSatisfy { $0.isEmpty })
    }

    @Test func `twice as many as predicted is told once`() {
        let off = (share: 0.7, predicted: 0.3, spread: 0.1, limited: 0.01)
        #expect(
            findings(Array(repeating: usual, count: 6) + [off, off, usual]) == Array(repeating: [], count: 6) + [.uncalibrated, [], []])
    }

    @Test func `predictions that hardly vary are a collapse`() {
        let flat = (share: 0.3, predicted: 0.3, spread: 0.001, limited: 0.01)
        #expect(findings(Array(repeating: usual, count: 6) + [flat]).last == .collapsed)
    }

    @Test func `gradients that have grown are told`() {
        let cut = (share: 0.3, predicted: 0.3, spread: 0.1, limited: 0.3)
        #expect(findings(Array(repeating: usual, count: 6) + [cut]).last == .limited)
    }

    @Test func `what lasts is usual in the end`() {
        let cut = (share: 0.3, predicted: 0.3, spread: 0.1, limited: 0.3)
        let found = findings(Array(repeating: usual, count: 6) + Array(repeating: cut, count: 20) + [usual, cut])
        #expect(found[6] == .limited && found[7...].allSatisfy { $0.isEmpty })
    }

    @Test func `nothing is said before there is anything usual`() {
        let off = (share: 0.7, predicted: 0.3, spread: 0.0, limited: 0.9)
        #expect(findings([usual, off, off]).allSatisfy { $0.isEmpty })
    }
}
