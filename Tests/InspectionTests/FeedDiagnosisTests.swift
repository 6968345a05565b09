import Testing

@testable import Inspection

struct FeedDiagnosisTests {
    /// A feed in order.
    private let healthy = FeedSignals(
        secondsSinceBrokerAnswer: 0.1, brokerAnswerLimit: 11, secondsSinceHighWatermarkMoved: 0.2, secondsSinceStableOffsetMoved: 0.2,
        silenceThreshold: 2, lag: 12, partitions: 4)

    private func judge(_ change: (inout FeedSignals) -> Void) -> FeedDiagnosis {
        var signals = healthy
        change(&signals)
        return FeedDiagnosis.judge(signals)
    }

    @Test func healthyFeedFlows() { #expect(judge { _ in } == .flowing) }

    @Test func brokersThatAnswerNothingAreLostWhateverElseIsSeen() {
        #expect(
            judge {
                $0.secondsSinceBrokerAnswer = 12
                $0.topicExists = false
                $0.silentPartitions = 4
            } == .brokerLost)
    }

    @Test func topicThatIsNotThereIsGone() { #expect(judge { $0.topicExists = false } == .topicGone) }

    @Test func endThatStandsStillWithoutLagIsTheUpstreams() {
        #expect(
            judge {
                $0.secondsSinceHighWatermarkMoved = 3
                $0.secondsSinceStableOffsetMoved = 3
                $0.lag = 0
                $0.silentPartitions = 4
            } == .upstreamSilent)
    }

    @Test func onePartitionWithoutEventsIsNamedThoughOthersLag() {
        #expect(judge { $0.silentPartitions = 1 } == .partitionSilent)
    }

    @Test func stableOffsetThatStandsStillBeforeRecordsIsAHangingTransaction() {
        #expect(
            judge {
                $0.secondsSinceStableOffsetMoved = 30
                $0.recordsNotStable = 500
                $0.lag = 0
                $0.silentPartitions = 4
            } == .hangingTransaction)
    }

    @Test func openTransactionOfNormalLengthIsNone() {
        #expect(judge { $0.recordsNotStable = 500 } == .flowing)
    }

    @Test func lagThatGrowsIsOverload() { #expect(judge { $0.lagGrew = true } == .overload) }

    @Test func eventsThatWaitWhileWeTakeNoneAreNotTheUpstreams() {
        #expect(
            judge {
                $0.silentPartitions = 4
                $0.secondsSinceHighWatermarkMoved = 60
                $0.secondsSinceStableOffsetMoved = 60
            } == .overload)
    }

    /// Nobody writes any more, and what was written while we were away is still being read.
    @Test func aBacklogThatIsCaughtUpWithIsNotOurLag() {
        #expect(judge { $0.lag = 50_000 } == .flowing)
    }

    @Test func aTransactionMayBeOpenForAsLongAsIsUsual() {
        let open: (inout FeedSignals) -> Void = {
            $0.recordsNotStable = 500
            $0.secondsSinceStableOffsetMoved = 30
            $0.stableOffsetThreshold = 60
        }
        #expect(judge(open) == .flowing)
        #expect(
            judge {
                open(&$0)
                $0.secondsSinceStableOffsetMoved = 61
            } == .hangingTransaction)
    }

    @Test func everyDiagnosisHasASentence() {
        #expect(Set(FeedDiagnosis.allCases.map(\.sentence)).count == FeedDiagnosis.allCases.count)
    }
}
