import Kafka
import Testing

@testable import Training

/// Whether a topic is gone, or a broker only says so for a moment.
@Suite struct TopicWatchTests {
    private let start = ContinuousClock.now
    private let denial = KafkaError(code: KafkaError.Code.unknownTopicOrPartition, operation: "poll")

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func nothingIsAskedWithoutADoubt() {
        var watch = TopicWatch()
        #expect(watch.next(at: start) == nil && watch.verdict == nil && !watch.isGone("events"))
    }

    @Test func oneDenialIsNone() {
        var watch = TopicWatch()
        watch.doubt(["events"], because: denial)
        #expect(watch.next(at: at(0)) == "events")
        watch.denied("events", at: at(0.1))
        watch.answered()
        #expect(!watch.isGone("events") && watch.next(at: at(1)) == nil, "a moment has to pass")
        #expect(watch.next(at: at(3)) == "events")
        watch.found("events")
        watch.answered()
        #expect(!watch.isGone("events") && watch.next(at: at(10)) == nil && watch.verdict == nil)
    }

    @Test func aTopicThatStaysAwayIsGoneAndThenGivenUp() {
        var watch = TopicWatch()
        watch.doubt(["events"], because: denial)
        for second in [0.0, 3] {
            #expect(watch.next(at: at(second)) == "events")
            watch.denied("events", at: at(second))
            watch.answered()
        }
        #expect(watch.isGone("events") && watch.verdict == nil, "it is told first")
        _ = watch.next(at: at(6))
        watch.denied("events", at: at(6))
        #expect(watch.verdict == denial)
    }

    /// A look for new partitions notices it as well; the client, which has not, may go on when the topic is there again.
    @Test func withoutTheClientsWordNothingIsGivenUp() {
        var watch = TopicWatch()
        for second in [0.0, 10, 20] { watch.denied("events", at: at(second)) }
        #expect(watch.isGone("events") && watch.verdict == nil)
        watch.found("events")
        #expect(!watch.isGone("events"))
    }

    @Test func oneQuestionAtATime() {
        var watch = TopicWatch()
        watch.doubt(["a", "b"], because: denial)
        #expect(watch.next(at: at(0)) == "a")
        #expect(watch.next(at: at(30)) == nil)
        watch.found("a")
        watch.answered()
        #expect(watch.next(at: at(30)) == "b")
    }
}
