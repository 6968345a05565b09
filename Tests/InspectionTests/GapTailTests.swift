import Foundation
import Testing

@testable import Inspection

/// The tail of the largest gaps, and what is expected of it.
@Suite struct GapTailTests {
    /// The excesses of exponential gaps over any threshold are exponential again: shape 0, scale 1.
    @Test func exponentialExcessesAreFittedAsSuch() throws {
        var random = SeededGenerator(seed: 1)
        let excesses = (0..<100_000).map { _ in -log(1 - random.uniform()) }.sorted()
        let tail = try #require(ParetoTail(ascending: excesses))
        #expect(abs(tail.shape) < 0.02 && abs(tail.scale - 1) < 0.02)
        #expect(abs(tail.excess(oneIn: 1e6) - log(1e6)) < 3)
    }

    /// Quantiles of the generalised Pareto distribution itself, by its inverse.
    @Test(arguments: [(-0.2, 1.0), (0.2, 3.0), (0.4, 0.5)])
    func paretoExcessesGiveTheirShapeAndScale(shape: Double, scale: Double) throws {
        let count = 50_000
        let excesses = (0..<count).map { index in
            let above = 1 - (Double(index) + 0.5) / Double(count)
            return scale / shape * (pow(above, -shape) - 1)
        }
        let tail = try #require(ParetoTail(ascending: excesses))
        #expect(abs(tail.shape - shape) < 0.02 && abs(tail.scale / scale - 1) < 0.02)
        #expect(abs(tail.excess(oneIn: 1e4) / (scale / shape * (pow(1e4, shape) - 1)) - 1) < 0.15)
    }

    @Test func aShapeOfZeroIsTheLimitOfTheOthers() {
        #expect(ParetoTail(shape: 0, scale: 2).excess(oneIn: exp(3)) == 6)
        for shape in [-1e-4, -1e-7, 1e-7, 1e-4] {
            #expect(abs(ParetoTail(shape: shape, scale: 2).excess(oneIn: exp(3)) - 6) < 2e-3, "\(shape)")
        }
        #expect(ParetoTail(shape: 0.3, scale: 2).excess(oneIn: 0.5) == 0)
    }

    @Test func whatExceedsNothingHasNoTail() {
        #expect(ParetoTail(ascending: [0, 0]) == nil)
        #expect(ParetoTail(ascending: []) == nil)
    }

    @Test func theLargestAreKeptWhateverTheOrder() {
        var (rising, falling) = (GapTail(capacity: 4), GapTail(capacity: 4))
        for gap in 1...10 { rising.record(Double(gap), lasting: 1) }
        for gap in (1...10).reversed() { falling.record(Double(gap), lasting: 1) }
        #expect(rising.running.largest == [7_000, 8_000, 9_000, 10_000])
        #expect(falling.running.largest == rising.running.largest && rising.running.count == 10)
    }

    @Test func whatIsOlderThanAWeekIsForgotten() {
        var tail = GapTail(capacity: 256)
        tail.record(5_000, lasting: 5_000)
        for _ in 0..<200_000 { tail.record(1, lasting: 1) }
        #expect(tail.running.largest.last == 5_000_000)
        for _ in 0..<200_000 { tail.record(1, lasting: 1) }
        #expect(tail.before.largest.last == 5_000_000)
        for _ in 0..<300_000 { tail.record(1, lasting: 1) }
        #expect(tail.before.largest.last == 1_000 && tail.running.largest.last == 1_000)
    }

    @Test func tooFewGapsAskForNothing() {
        var tail = GapTail(capacity: 256)
        for number in 1..<256 { tail.record(Double(number), lasting: 1) }
        #expect(tail.limit == 0)
    }

    /// One gap in a month's 2.6 million is ln(2.6e6) = 14.8 s long, one in twenty months' 17.8 s.
    @Test func exponentialGapsGiveTheirPoissonLimit() {
        var random = SeededGenerator(seed: 3)
        var tail = GapTail(capacity: 256)
        for _ in 0..<600_000 {
            let gap = -log(1 - random.uniform())
            tail.record(gap, lasting: gap)
        }
        #expect((13...26).contains(tail.limit), "\(tail.limit)")
    }

    @Test func readBackItIsTheSame() throws {
        var random = SeededGenerator(seed: 4)
        var tail = GapTail(capacity: 64)
        for _ in 0..<400_000 { tail.record(random.uniform(), lasting: 1) }
        let restored = try JSONDecoder().decode(GapTail.self, from: JSONEncoder().encode(tail))
        #expect(restored == tail && !tail.before.largest.isEmpty)
    }

    @Test(arguments: [
        #"{"capacity": 300, "running": {"largest": [], "count": 0, "seconds": 0}, "before": {"largest": [], "count": 0, "seconds": 0}, "limit": 0}"#,
        #"{"capacity": 2, "running": {"largest": [1,2,3], "count": 3, "seconds": 0}, "before": {"largest": [], "count": 0, "seconds": 0}, "limit": 0}"#,
        #"{"capacity": 4, "running": {"largest": [2,1], "count": 2, "seconds": 0}, "before": {"largest": [], "count": 0, "seconds": 0}, "limit": 0}"#,
        #"{"capacity": 4, "running": {"largest": [-1], "count": 1, "seconds": 0}, "before": {"largest": [], "count": 0, "seconds": 0}, "limit": 0}"#,
        #"{"capacity": 4, "running": {"largest": [1], "count": 0, "seconds": 0}, "before": {"largest": [], "count": 0, "seconds": 0}, "limit": 0}"#,
        #"{"capacity": 4, "running": {"largest": [1], "count": 1, "seconds": 0}, "before": {"largest": [], "count": 0, "seconds": 0}, "limit": -1}"#,
    ])
    func whatNoTailCanBeIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(GapTail.self, from: Data(text.utf8)) }
    }
}
