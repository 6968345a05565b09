import Foundation
import Testing

@testable import Inspection

/// Rates that collapse or swell.
@Suite struct FlowWatchTests {
    /// Counts of a second each, in batches of a size.
    private struct Stream {
        var random: SeededGenerator
        var batch = 1

        mutating func next(rate: Double) -> Int64 {
            let limit = exp(-rate / Double(batch))
            var (count, product) = (-1, 1.0)
            repeat {
                count += 1
                product *= 1 - random.uniform()
            } while product > limit
            return Int64(count * batch)
        }
    }

    private static let usual = 20.0...20.0

    /// A watch that has seen its memory full of usual seconds.
    private func calm(_ stream: inout Stream) -> FlowWatch {
        var watch = FlowWatch()
        for _ in 0..<1_000 { watch.count(stream.next(rate: 20), in: 1, usual: Self.usual) }
        #expect(watch.raised.isEmpty)
        return watch
    }

    /// The second in which a detector is raised, of at most an hour.
    private func found(_ detector: String, rate: Double, _ watch: inout FlowWatch, _ stream: inout Stream) -> Int? {
        for second in 1...3_600 {
            watch.count(stream.next(rate: rate), in: 1, usual: Self.usual)
            if watch.raised.map(\.detector) == [detector] { return second }
        }
        return nil
    }

    @Test(arguments: [1, 20])
    func aDayOfUsualSecondsRaisesNothing(batch: Int) {
        var stream = Stream(random: SeededGenerator(seed: 1), batch: batch)
        var watch = calm(&stream)
        var raised = 0
        for second in 0..<86_400 {
            // Slowly up and down, within the band.
            let rate = 20 * (1 + 0.3 * sin(Double(second) / 3_600))
            watch.count(stream.next(rate: rate), in: 1, usual: Self.usual)
            raised += watch.raised.count
        }
        #expect(raised == 0)
        #expect(abs(watch.fano / Double(batch) - 1) < 0.35, "\(watch.fano)")
    }

    /// 2·ln(c)/λ is 1.8 s here.
    @Test func aFullStopIsFoundInTime() {
        var stream = Stream(random: SeededGenerator(seed: 2))
        var watch = calm(&stream)
        #expect(found("rate-collapse", rate: 0, &watch, &stream).map { $0 <= 4 } == true)
    }

    @Test(arguments: [(0.2, 60), (0.3, 120)])
    func aCollapseIsFoundAndIsOverWhenTheRateIsBack(share: Double, limit: Int) {
        var stream = Stream(random: SeededGenerator(seed: 3))
        var watch = calm(&stream)
        let second = found("rate-collapse", rate: 20 * share, &watch, &stream)
        #expect(second.map { $0 <= limit } == true, "\(String(describing: second))")
        for _ in 0..<120 { watch.count(stream.next(rate: 20), in: 1, usual: Self.usual) }
        #expect(watch.raised.isEmpty)
    }

    @Test func aFloodIsFound() {
        var stream = Stream(random: SeededGenerator(seed: 4))
        var watch = calm(&stream)
        #expect(found("flood", rate: 80, &watch, &stream).map { $0 <= 30 } == true)
    }

    @Test func batchesTakeAsMuchLongerAsTheyVaryMore() {
        var stream = Stream(random: SeededGenerator(seed: 5), batch: 20)
        var watch = calm(&stream)
        let second = found("rate-collapse", rate: 0, &watch, &stream)
        #expect(second.map { (10...120).contains($0) } == true, "\(String(describing: second))")
    }

    @Test func whatIsNotUsualAnywhereIsNotJudged() {
        var stream = Stream(random: SeededGenerator(seed: 6))
        var watch = calm(&stream)
        #expect(found("rate-collapse", rate: 0, &watch, &stream) != nil)
        watch.count(0, in: 1, usual: nil)
        #expect(watch.raised.isEmpty, "an hour that was never watched")
        var young = FlowWatch()
        for _ in 0..<100 { young.count(0, in: 1, usual: Self.usual) }
        #expect(young.raised.isEmpty, "how much the counts vary is not known yet")
    }

    @Test func hoursThatBringNothingSayNothing() {
        var stream = Stream(random: SeededGenerator(seed: 7))
        var watch = calm(&stream)
        for _ in 0..<100_000 { watch.count(0, in: 1, usual: 0...20) }
        #expect(watch.raised.isEmpty)
    }

    @Test func readBackItKnowsHowMuchCountsVary() throws {
        var stream = Stream(random: SeededGenerator(seed: 8), batch: 20)
        var watch = calm(&stream)
        var restored = try JSONDecoder().decode(FlowWatch.self, from: JSONEncoder().encode(watch))
        #expect(restored.fano == watch.fano && restored.counts == watch.counts)
        #expect(found("rate-collapse", rate: 0, &restored, &stream) != nil)
        #expect(found("rate-collapse", rate: 0, &watch, &stream) != nil)
    }

    @Test(arguments: [
        #"{"counts": -1, "mean": 1, "variance": 1}"#, #"{"counts": 601, "mean": 1, "variance": 1}"#,
        #"{"counts": 1, "mean": -1, "variance": 1}"#, #"{"counts": 1, "mean": 1, "variance": 1e40}"#,
    ])
    func whatNoRateCanBeIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(FlowWatch.self, from: Data(text.utf8)) }
    }
}
