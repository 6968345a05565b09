import Testing

@testable import Inspection

/// A lag that grows, and others that only look so.
@Suite struct LagTraceTests {
    private func hasEverGrown(seconds: Int, _ lag: (Int) -> Int64) -> Bool {
        var trace = LagTrace()
        return (0..<seconds).contains { second in
            trace.note(lag(second), at: Double(second))
            return trace.hasGrown
        }
    }

    @Test func aLagThatGrowsIsSeenAfterHalfAMinute() {
        #expect(hasEverGrown(seconds: 40) { Int64($0 * 3) })
        #expect(!hasEverGrown(seconds: 20) { Int64($0 * 3) })
    }

    @Test func growthThatGoesUpAndDownIsGrowth() {
        #expect(hasEverGrown(seconds: 60) { Int64($0 * 30 + $0 % 4 * 100) })
    }

    @Test func whatComesInTransactionsIsNone() {
        #expect(!hasEverGrown(seconds: 600) { Int64($0 % 8 * 1_000) })
        #expect(!hasEverGrown(seconds: 600) { _ in 500 })
    }

    @Test func whatIsCaughtUpWithIsNone() {
        #expect(!hasEverGrown(seconds: 600) { Int64(max(0, 60_000 - $0 * 100)) })
    }

    @Test func aBurstIsNone() {
        #expect(!hasEverGrown(seconds: 300) { $0 < 100 ? 0 : Int64(max(0, 50_000 - ($0 - 100) * 300)) })
    }
}
