import Testing

@testable import Benchmarks

/// The real engine, inspector and clearance on a short click stream.
struct TrialTests {
    private static let stream = Result {
        try PreparedStream(
            "clicks", ClickStream.lines(.stationary, events: 22_000, seed: 1), moments: 1, rate: 1_000, random: SplitMix64(seed: 1))
    }

    @Test func cleanStreamIsLearntAsByThePlainLearner() throws {
        let stream = try Self.stream.get()
        #expect(stream.isExact)
        #expect(stream.freezes == [])
        #expect(stream.starts.count == 1)
    }

    @Test(arguments: [FaultKind.notJSON, .fieldGone])
    func laneThatFrozeIsThatOfOneWhoNeverSawTheRange(kind: FaultKind) throws {
        let result = try #require(try Trial(kind: kind, share: 1, moment: 0, seed: 1).run(on: try Self.stream.get()))
        #expect(result.freeze != nil)
        #expect(result.isExact)
        #expect(!result.isBeyondRepair)
        #expect(result.poisonServed == 0)
        #expect(result.touched == (kind.grade == .gross ? Trial.rangeOfGross : Trial.range))
    }

    @Test func streamThatIsTooShortHasNoTrials() throws {
        let lines = ClickStream.lines(.stationary, events: 1_000, seed: 1)
        let stream = try PreparedStream("short", lines, moments: 1, rate: 1_000, random: SplitMix64(seed: 1))
        #expect(try Trial(kind: .notJSON, share: 1, moment: 0, seed: 1).run(on: stream) == nil)
    }
}

struct WatchdogCampaignTests {
    @Test func unknownFaultIsRefusedByName() {
        var configuration = WatchdogCampaign.Configuration()
        configuration.faults = ["sunspots"]
        let failure = #expect(throws: BenchmarkFailure.self) { try WatchdogCampaign(configuration) }
        #expect(failure?.description.contains("sunspots") == true)
    }

    @Test func percentilesAreOfTheSortedList() {
        #expect([Int]().percentile(0.95) == 0)
        #expect([7].percentile(0.5) == 7)
        #expect(Array(1...100).percentile(0.95) == 95)
        #expect(Array(1...100).percentile(0.5) == 50)
    }
}
